//! One case from first ingest to last export, on invented mail.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Counters;
use muckrake_case::ExportFormat;
use muckrake_case::ExportProgress;
use muckrake_case::ExportRequest;
use muckrake_case::IngestRequest;
use muckrake_case::IngestSummary;
use muckrake_case::Links;
use muckrake_case::ReleaseFacts;
use muckrake_case::SearchOptions;
use muckrake_case::Selection;
use muckrake_case::SourceState;
use muckrake_case::ThreadMember;
use muckrake_case::ThreadNode;
use muckrake_case::VerifyProgress;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// A case and a folder for what is delivered.
struct Desk {
    folder: TempDir,
    case: Case,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = Case::open_or_create(&folder.path().join("case")).unwrap();
        Self { folder, case }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn ingest(&self, path: &Path, release: &str) -> IngestSummary {
        let request = IngestRequest {
            paths: vec![path.to_owned()],
            release: release.to_owned(),
            ..IngestRequest::default()
        };
        self.case
            .ingest(&request, &Counters::default(), &AtomicBool::new(false))
            .unwrap()
    }

    fn count(&self, query: &str) -> u64 {
        self.case.count(&self.query(query)).unwrap()
    }

    fn query(&self, query: &str) -> muckrake_case::Query {
        self.case
            .query(query, jiff::civil::date(2026, 11, 23))
            .unwrap()
    }

    fn ids(&self, query: &str) -> Vec<String> {
        let results = self
            .case
            .search(&self.query(query), &SearchOptions::default())
            .unwrap();
        results.hits.iter().map(|hit| hit.id.to_string()).collect()
    }

    fn nodes(&self, id: &str) -> Vec<ThreadNode> {
        let thread = self.case.thread(id, Links::All).unwrap();
        thread.nodes().unwrap()
    }

    /// The ledger, to be changed by hand as no writer would.
    fn open_ledger(&self) -> rusqlite::Connection {
        fs::remove_file(self.path("case/seal")).unwrap();
        rusqlite::Connection::open(self.path("case/ledger.sqlite")).unwrap()
    }

    fn balanced(&self) {
        let totals = self.case.ledger().unwrap().totals;
        assert!(totals.balanced, "{totals:?}");
    }
}

fn mail(number: u32, body: &str) -> String {
    format!(
        "Message-ID: <m{number}@rivermouth.example>\r\nFrom: Ada Quill <aquill@rivermouth.example>\r\n\
         To: Bo Reed <breed@rivermouth.example>\r\nDate: Tue, {:02} Mar 2016 10:00:00 -0500\r\n\
         Subject: Dredging {number}\r\n\r\n{body}\r\n",
        number % 28 + 1
    )
}

fn mbox(messages: &[String]) -> String {
    messages
        .iter()
        .map(|message| {
            format!(
                "From x@y.example Tue Mar  1 10:00:00 2016\n{}\n",
                message.replace("\r\n", "\n")
            )
        })
        .collect()
}

#[test]
fn ingesting_again_adds_nothing() {
    let desk = Desk::new();
    let path = desk.put("in/a.eml", mail(1, "The harbour contract."));
    desk.put("in/b.eml", mail(2, "Lunch?"));
    let first = desk.ingest(&desk.path("in"), "one");
    assert_eq!(
        (first.sources_new, first.messages_new, first.duplicates_new),
        (2, 2, 0)
    );
    let again = desk.ingest(&desk.path("in"), "one");
    assert_eq!(
        (again.sources_new, again.sources_same, again.copies_new),
        (0, 2, 0)
    );

    // The same file under another path is the same source.
    let moved = desk.path("elsewhere.eml");
    fs::copy(path, &moved).unwrap();
    let elsewhere = desk.ingest(&moved, "one");
    assert_eq!(
        (
            elsewhere.sources_new,
            elsewhere.sources_same,
            elsewhere.totals.copies
        ),
        (0, 1, 2)
    );
    desk.balanced();
}

#[test]
fn identical_files_side_by_side_are_two_copies_of_one_message() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "The harbour contract."));
    desk.put("in/b.eml", mail(1, "The harbour contract."));
    let summary = desk.ingest(&desk.path("in"), "one");
    let totals = summary.totals;
    assert_eq!(
        (
            totals.sources,
            totals.copies,
            totals.messages,
            totals.duplicates
        ),
        (2, 2, 1, 1)
    );
    assert_eq!(desk.ingest(&desk.path("in"), "one").sources_same, 2);
    desk.balanced();
}

#[test]
fn a_mailbox_that_grows_adds_what_is_new() {
    let desk = Desk::new();
    let path = desk.put("all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.ingest(&path, "one");
    let before = desk.ids("*");
    desk.put(
        "all.mbox",
        mbox(&[mail(1, "one"), mail(2, "two"), mail(3, "three")]),
    );
    let summary = desk.ingest(&path, "one");
    assert_eq!(
        (
            summary.messages_new,
            summary.sources_grown,
            summary.messages_removed
        ),
        (1, 1, 0)
    );
    assert_eq!(
        (
            summary.totals.sources,
            summary.totals.copies,
            summary.totals.messages
        ),
        (1, 3, 3)
    );
    assert!(before.iter().all(|id| desk.ids("*").contains(id)));
    desk.balanced();
}

#[test]
fn a_mailbox_that_changes_otherwise_keeps_what_was_read() {
    let desk = Desk::new();
    let path = desk.put("all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.ingest(&path, "one");
    desk.put("all.mbox", mbox(&[mail(2, "two"), mail(3, "three")]));
    let checks = desk
        .case
        .verify(&VerifyProgress::default(), &AtomicBool::new(false))
        .unwrap();
    assert!(matches!(checks[0].state, SourceState::Changed { .. }));
    let summary = desk.ingest(&path, "one");
    assert_eq!((summary.sources_changed, summary.totals.messages), (1, 3));
    assert_eq!(desk.count("subject:dredging"), 3);
    desk.balanced();
}

#[test]
fn a_second_release_adds_copies_and_can_be_forgotten() {
    let desk = Desk::new();
    desk.put("one/all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.put("two/2.eml", mail(2, "two"));
    desk.put("two/3.eml", mail(3, "three"));
    desk.ingest(&desk.path("one"), "one");
    let second = desk.ingest(&desk.path("two"), "two");
    assert_eq!((second.messages_new, second.duplicates_new), (1, 1));
    assert_eq!(desk.count("is:multi-release"), 1);
    assert_eq!(desk.count("release:two -release:one"), 1);
    let releases = desk.case.releases().unwrap();
    assert_eq!(
        (
            releases[0].messages,
            releases[0].only_here,
            releases[0].overlaps[0].messages
        ),
        (2, 1, 1)
    );

    let forgotten = desk.case.forget_release("two").unwrap();
    assert_eq!(
        (forgotten.sources, forgotten.copies, forgotten.messages),
        (2, 2, 1)
    );
    assert_eq!((desk.count("*"), desk.count("three")), (2, 0));
    assert!(matches!(
        desk.case.forget_release("two"),
        Err(CaseError::UnknownRelease { .. })
    ));
    desk.balanced();
    assert_eq!(desk.ingest(&desk.path("two"), "two").messages_new, 1);
    assert_eq!(desk.count("three"), 1);
}

#[test]
fn originals_come_back_byte_for_byte() {
    let desk = Desk::new();
    let plain = mail(1, "plain\r\nFrom here on\r\n");
    desk.put("in/1.eml", &plain);
    let escaped = "From a@b.example Tue Mar  1 10:00:00 2016\nMessage-ID: <q@rivermouth.example>\nFrom: a@b.example\n\
                   Date: Tue, 1 Mar 2016 10:00:00 +0000\nSubject: quoting\n\n>From the mayor\n>>From the clerk\n\n";
    desk.put("in/2.mbox", escaped);
    desk.ingest(&desk.path("in"), "one");
    let id = &desk.ids("subject:dredging")[0];
    assert_eq!(desk.case.raw(id, false).unwrap(), plain.as_bytes());
    let id = &desk.ids("subject:quoting")[0];
    let stored = desk.case.raw(id, true).unwrap();
    assert!(escaped.ends_with(&format!("{}\n", std::str::from_utf8(&stored).unwrap())));
    let read = String::from_utf8(desk.case.raw(id, false).unwrap()).unwrap();
    assert!(
        read.ends_with("\nFrom the mayor\n>From the clerk\n"),
        "{read}"
    );
}

#[test]
fn attached_messages_are_messages_of_their_own() {
    let desk = Desk::new();
    let inner = mail(7, "the inner harbour");
    let outer = format!(
        "Message-ID: <outer@rivermouth.example>\r\nFrom: c@rivermouth.example\r\nSubject: forwarded as attachment\r\n\
         Date: Wed, 2 Mar 2016 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    );
    desk.put("in/outer.eml", outer);
    let totals = desk.ingest(&desk.path("in"), "one").totals;
    assert_eq!(
        (
            totals.copies,
            totals.attached,
            totals.messages,
            totals.attachments
        ),
        (2, 1, 2, 0)
    );
    let inside = desk.case.message(&desk.ids("inner")[0]).unwrap();
    let outside = desk
        .case
        .message(&desk.ids("subject:forwarded")[0])
        .unwrap();
    assert_eq!(inside.hit.attached_to, Some(outside.hit.id));
    assert_eq!(outside.attached, [inside.hit.id]);
    let raw = desk.case.raw(&inside.hit.id.to_string(), false).unwrap();
    assert_eq!(String::from_utf8(raw).unwrap().trim_end(), inner.trim_end());
}

#[test]
fn one_message_id_with_two_contents_is_two_messages() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "the real one"));
    desk.put("in/b.eml", mail(1, "the forged one"));
    desk.ingest(&desk.path("in"), "one");
    assert_eq!(desk.count("message-id:m1@rivermouth.example"), 2);
    assert_eq!((desk.count("forged"), desk.count("real")), (1, 1));
}

#[test]
fn one_text_under_two_ids_is_linked_and_folded_for_people_only() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "the same text"));
    desk.put(
        "in/b.eml",
        mail(1, "the same text").replace("<m1@", "<other@"),
    );
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("same");
    let all = desk.case.search(&query, &SearchOptions::default()).unwrap();
    assert_eq!((all.count, all.hits.len()), (2, 2));
    assert_eq!(all.hits[0].linked, [all.hits[1].id]);
    let options = SearchOptions {
        fold: true,
        snippets: true,
        ..SearchOptions::default()
    };
    let folded = desk.case.search(&query, &options).unwrap();
    assert_eq!((folded.count, folded.hits.len()), (2, 1));
    assert!(folded.hits[0].snippet.is_some());
}

#[test]
fn a_mail_merge_names_some_of_the_linked_and_counts_all() {
    let desk = Desk::new();
    let mails: Vec<String> = (0..250)
        .map(|number| mail(1, "the same text").replace("<m1@", &format!("<merged{number}@")))
        .collect();
    let path = desk.put("merge.mbox", mbox(&mails));
    desk.put("in/other.eml", mail(2, "another text"));
    desk.ingest(&path, "one");
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("text");
    let found = desk.case.search(&query, &SearchOptions::default()).unwrap();
    assert_eq!(found.hits.len(), 251);
    let mut ids = desk.ids("same");
    ids.sort();
    for hit in found.hits {
        let own = hit.id.to_string();
        if !ids.contains(&own) {
            assert_eq!((hit.linked.len(), hit.linked_count), (0, 0));
            continue;
        }
        let others = ids.iter().filter(|id| **id != own).take(100);
        let named: Vec<String> = hit.linked.iter().map(ToString::to_string).collect();
        assert!(others.eq(&named));
        assert_eq!(hit.linked_count, 249);
    }
    let options = SearchOptions {
        fold: true,
        limit: Some(20),
        ..SearchOptions::default()
    };
    let folded = desk.case.search(&query, &options).unwrap();
    assert_eq!((folded.count, folded.hits.len()), (251, 2));
}

#[test]
fn threads_keep_their_former_ids() {
    let desk = Desk::new();
    let answer = |number: u32, to: u32| {
        mail(number, "answer").replace(
            "\r\nSubject",
            &format!("\r\nIn-Reply-To: <m{to}@rivermouth.example>\r\nSubject"),
        )
    };
    desk.put("one/2.eml", answer(2, 1));
    desk.put("one/3.eml", answer(3, 2));
    desk.ingest(&desk.path("one"), "one");
    let former = desk
        .case
        .search(&desk.query("*"), &SearchOptions::default())
        .unwrap()
        .hits[0]
        .thread
        .to_string();
    assert_eq!(desk.count(&format!("thread:{former}")), 2);
    desk.put("two/1.eml", mail(1, "question"));
    desk.ingest(&desk.path("two"), "two");
    assert_eq!(desk.count(&format!("thread:{former}")), 3);
    let nodes = desk.nodes(&former);
    assert_eq!(
        nodes.iter().map(|node| node.depth).collect::<Vec<_>>(),
        [0, 1, 2]
    );
}

#[test]
fn undated_messages_of_a_thread_come_after_the_dated() {
    let desk = Desk::new();
    let answer = |number: u32, body: &str| {
        let head = "In-Reply-To: <m1@rivermouth.example>\r\nSubject:";
        mail(number, body).replace("Subject:", head)
    };
    let undated = |mail: String| {
        let lines = mail
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("Date:"));
        lines.collect::<String>()
    };
    // The undated ones are met first, and one of them has the Message-ID of the first.
    desk.put("in/a.eml", undated(mail(1, "undated twin")));
    desk.put("in/b.eml", undated(answer(2, "undated answer")));
    desk.put("in/c.eml", answer(4, "late answer"));
    desk.put("in/d.eml", answer(3, "early answer"));
    desk.put("in/e.eml", mail(1, "first"));
    desk.ingest(&desk.path("in"), "one");
    let id = desk.ids("first").remove(0);
    let order: Vec<(usize, String)> = desk
        .nodes(&id)
        .iter()
        .map(|node| {
            let message = node.message().expect("all are there");
            (node.depth, message.body[0].text.trim().to_owned())
        })
        .collect();
    let expected = [
        (0, "first"),
        (1, "early answer"),
        (1, "late answer"),
        (1, "undated answer"),
        (0, "undated twin"),
    ];
    let expected = expected.map(|(depth, text)| (depth, text.to_owned()));
    assert_eq!(order, expected);
    let query = desk.query("answer");
    let found = desk
        .case
        .search_threads(&query, &SearchOptions::default())
        .unwrap();
    let ids: Vec<String> = found.threads[0]
        .ids
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(ids.last(), desk.ids("\"undated answer\"").first());
}

#[test]
fn a_thread_names_the_messages_it_lacks() {
    let desk = Desk::new();
    desk.put(
        "2.eml",
        mail(2, "answer").replace(
            "\r\nSubject",
            "\r\nIn-Reply-To: <gone@rivermouth.example>\r\nSubject",
        ),
    );
    desk.ingest(&desk.path("2.eml"), "one");
    let nodes = desk.nodes(&desk.ids("*")[0]);
    let ThreadMember::Absent(absent) = &nodes[0].member else {
        panic!("{:?}", nodes[0]);
    };
    assert_eq!(
        absent.message_id.as_deref(),
        Some("gone@rivermouth.example")
    );
}

#[test]
fn sources_that_move_are_found_again() {
    let desk = Desk::new();
    desk.put("old/in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("old"), "one");
    fs::rename(desk.path("old"), desk.path("new")).unwrap();
    let id = desk.ids("*")[0].clone();
    assert!(matches!(
        desk.case.raw(&id, false),
        Err(CaseError::OriginalUnreachable { .. })
    ));
    let checks = desk
        .case
        .verify(&VerifyProgress::default(), &AtomicBool::new(false))
        .unwrap();
    assert_eq!(checks[0].state, SourceState::Missing);
    assert!(matches!(
        desk.case
            .rebuild(&Counters::default(), &AtomicBool::new(false)),
        Err(CaseError::SourcesMissing { .. })
    ));
    assert_eq!(
        desk.case
            .relocate(&desk.path("old"), &desk.path("new"))
            .unwrap()
            .moved,
        1
    );
    assert_eq!(
        desk.case.raw(&id, false).unwrap(),
        mail(1, "one").as_bytes()
    );
}

#[test]
fn a_rebuild_gives_the_same_ids_and_places() {
    let desk = Desk::new();
    desk.put("one/all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.put("two/2.eml", mail(2, "two"));
    desk.ingest(&desk.path("one"), "one");
    desk.ingest(&desk.path("two"), "two");
    let facts = ReleaseFacts {
        agency: Some("Harbour Office".into()),
        ..ReleaseFacts::default()
    };
    desk.case.set_release("one", &facts).unwrap();
    let everything = |desk: &Desk| {
        let options = SearchOptions {
            sort: muckrake_case::Sort::DateAscending,
            ..SearchOptions::default()
        };
        let hits = desk.case.search(&desk.query("*"), &options).unwrap().hits;
        serde_json::to_string(&hits).unwrap()
    };
    let (before, ledger) = (everything(&desk), desk.case.ledger().unwrap());
    let summary = desk
        .case
        .rebuild(&Counters::default(), &AtomicBool::new(false))
        .unwrap();
    assert_eq!(summary.totals, ledger.totals);
    assert_eq!(everything(&desk), before);
    assert_eq!(desk.case.ledger().unwrap(), ledger);
    assert_eq!(
        desk.case.releases().unwrap()[0].agency.as_deref(),
        Some("Harbour Office")
    );
}

#[test]
fn exports_give_the_originals_and_never_overwrite() {
    let desk = Desk::new();
    let sources = [mail(1, "one"), mail(2, "From the start\r\n>From the end")];
    for (number, source) in sources.iter().enumerate() {
        desk.put(&format!("in/{number}.eml"), source);
    }
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("*");
    let run = |format, to: &str| {
        let request = ExportRequest {
            to: desk.path(to),
            format,
            threads: false,
            links: Links::All,
            force: false,
            cells: Default::default(),
        };
        let selection = Selection::Matching {
            query: &query,
            text: "*",
        };
        desk.case.export(
            selection,
            &request,
            &ExportProgress::default(),
            &AtomicBool::new(false),
        )
    };
    assert_eq!(run(ExportFormat::Eml, "out").unwrap().messages, 2);
    let mut found = Vec::new();
    for entry in fs::read_dir(desk.path("out/2016")).unwrap() {
        found.push(fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    found.sort();
    assert_eq!(found, sources);
    assert_eq!(
        fs::read_to_string(desk.path("out/manifest.jsonl"))
            .unwrap()
            .lines()
            .count(),
        3
    );
    assert!(matches!(
        run(ExportFormat::Eml, "out"),
        Err(CaseError::TargetExists { .. })
    ));

    run(ExportFormat::Mbox, "out.mbox").unwrap();
    let other = Desk::new();
    let summary = other.ingest(&desk.path("out.mbox"), "again");
    assert_eq!(summary.messages_new, 2);
    let (mut ours, mut theirs) = (desk.ids("*"), other.ids("*"));
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
    for id in &ours {
        assert_eq!(
            desk.case.raw(id, false).unwrap(),
            other.case.raw(id, false).unwrap()
        );
    }
}

#[test]
fn a_release_to_which_nothing_came_is_not_made() {
    let desk = Desk::new();
    fs::create_dir(desk.path("empty")).unwrap();
    assert_eq!(desk.ingest(&desk.path("empty"), "none").files, 0);
    // The case folder holds files, and none of them is ever read.
    assert_eq!(desk.ingest(&desk.path("case"), "none").files, 0);
    assert_eq!(desk.case.releases().unwrap(), []);
    desk.put("in/1.eml", mail(1, "The pier."));
    desk.ingest(&desk.path("in"), "one");
    desk.ingest(&desk.path("empty"), "one");
    assert_eq!(desk.case.releases().unwrap().len(), 1);
    desk.balanced();
}

#[test]
fn a_folder_that_is_no_case_is_left_alone() {
    let desk = Desk::new();
    desk.put("pictures/a.txt", "mine");
    let folder = desk.path("pictures");
    assert!(matches!(
        Case::open_or_create(&folder),
        Err(CaseError::NotACase { .. })
    ));
    assert!(matches!(
        Case::open(&desk.path("nowhere")),
        Err(CaseError::NoCase { .. })
    ));
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}

#[test]
fn an_export_never_replaces_evidence() {
    let desk = Desk::new();
    let source = desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("*");
    for target in [
        source.clone(),
        desk.path("case/ledger.sqlite"),
        desk.path("in"),
    ] {
        let request = ExportRequest {
            to: target,
            format: ExportFormat::Csv,
            threads: false,
            links: Links::All,
            force: true,
            cells: Default::default(),
        };
        let selection = Selection::Matching {
            query: &query,
            text: "*",
        };
        let result = desk.case.export(
            selection,
            &request,
            &ExportProgress::default(),
            &AtomicBool::new(false),
        );
        assert!(matches!(result, Err(CaseError::TargetForeign { .. })));
    }
    assert_eq!(fs::read(source).unwrap(), mail(1, "one").as_bytes());
    desk.balanced();
}

#[test]
fn an_export_into_a_folder_named_with_a_slash_can_be_replaced() {
    let desk = Desk::new();
    desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("*");
    for force in [false, true] {
        let request = ExportRequest {
            to: desk.path("out/"),
            format: ExportFormat::Eml,
            threads: false,
            links: Links::All,
            force,
            cells: Default::default(),
        };
        let selection = Selection::Matching {
            query: &query,
            text: "*",
        };
        let summary = desk.case.export(
            selection,
            &request,
            &ExportProgress::default(),
            &AtomicBool::new(false),
        );
        assert_eq!(summary.unwrap().messages, 1);
    }
    let left: Vec<_> = fs::read_dir(desk.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

/// What a search leaves open must not hide what another process does to the case.
#[test]
fn a_case_that_stays_open_sees_what_others_change() {
    let desk = Desk::new();
    let path = desk.path("in");
    desk.put("in/1.eml", mail(1, "The harbour contract."));
    desk.ingest(&path, "one");
    let other = Case::open(&desk.path("case")).unwrap();
    let found = |case: &Case, text: &str| case.count(&desk.query(text)).unwrap();
    assert_eq!(found(&other, "harbour"), 1);
    desk.put("in/2.eml", mail(2, "Another harbour contract."));
    desk.ingest(&path, "one");
    assert_eq!(found(&other, "harbour"), 2);
    desk.case
        .rebuild(&Counters::default(), &AtomicBool::new(false))
        .unwrap();
    assert_eq!(found(&other, "harbour"), 2);
    // The ledger is another file now; what goes on in it has to be seen.
    desk.put("in/3.eml", mail(3, "No contract."));
    desk.ingest(&path, "three");
    assert_eq!(found(&other, "release:three"), 3);
    desk.case.forget_release("one").unwrap();
    assert_eq!(found(&other, "*"), 3);
    assert!(other.count(&desk.query("release:one")).is_err());
}

#[test]
fn a_rebuild_refuses_to_lose_what_has_changed() {
    let desk = Desk::new();
    let source = desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    fs::write(&source, mail(1, "another text")).unwrap();
    let rebuilt = desk
        .case
        .rebuild(&Counters::default(), &AtomicBool::new(false));
    assert!(
        matches!(
            rebuilt,
            Err(CaseError::RebuildLoses {
                messages: 1,
                sources: 1,
                ..
            })
        ),
        "{rebuilt:?}"
    );
    assert_eq!((desk.count("one"), desk.count("another")), (1, 0));
}

#[test]
fn a_rebuild_keeps_folders_and_flags() {
    let desk = Desk::new();
    for sub in ["cur", "new", "tmp"] {
        fs::create_dir_all(desk.path(&format!("in/Box/{sub}"))).unwrap();
    }
    desk.put("in/Box/cur/1:2,D", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    let counts = |desk: &Desk| (desk.count("is:draft"), desk.count("folder:*Box"));
    assert_eq!(counts(&desk), (1, 1));
    desk.case
        .rebuild(&Counters::default(), &AtomicBool::new(false))
        .unwrap();
    assert_eq!(counts(&desk), (1, 1));
}

#[test]
fn a_message_that_is_longer_now_is_another_message() {
    let desk = Desk::new();
    let path = desk.put("1.eml", mail(1, "one"));
    desk.ingest(&path, "one");
    fs::write(&path, mail(1, "one") + "more\r\n").unwrap();
    let summary = desk.ingest(&path, "one");
    assert_eq!(
        (
            summary.sources_changed,
            summary.sources_grown,
            summary.totals.messages
        ),
        (1, 0, 2)
    );
    desk.balanced();
}

#[test]
fn a_message_attached_inside_an_mboxo_is_read_back() {
    let desk = Desk::new();
    let inner = mail(7, ">From the desk").replace("\r\n", "\n");
    let outer = format!(
        "From x@y.example Tue Mar  1 10:00:00 2016\nMessage-ID: <outer@y.example>\nFrom: c@y.example\nSubject: outer\n\
         Date: Wed, 2 Mar 2016 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\n\nsee\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n\n"
    );
    let path = desk.put("all.mbox", outer);
    desk.ingest(&path, "one");
    let id = &desk.ids("subject:dredging")[0];
    assert!(desk.case.raw(id, false).is_ok());
}

#[test]
fn an_id_does_not_depend_on_how_a_mailbox_escapes() {
    let patch = |escaped: &str| {
        format!(
            "Message-ID: <p@y.example>\nFrom: c@y.example\nSubject: patch\nDate: Wed, 2 Mar 2016 10:00:00 +0000\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: application/x-patch\n\n\
             {escaped} 1234567890 Mon Sep 17 00:00:00 2001\n--b--\n"
        )
    };
    let desk = Desk::new();
    let line = "From x@y.example Tue Mar  1 10:00:00 2016\n";
    desk.put("in/o.mbox", format!("{line}{}\n", patch(">From")));
    desk.put(
        "in/rd.mbox",
        format!(
            "{line}{}\n{line}{}\n",
            mail(1, ">>From").replace("\r\n", "\n"),
            patch(">From")
        ),
    );
    desk.put("in/alone.eml", patch("From").replace('\n', "\r\n"));
    desk.ingest(&desk.path("in"), "one");
    assert_eq!(desk.count("subject:patch"), 1);
}

#[test]
fn an_interrupted_ingest_is_told_until_it_is_finished() {
    let desk = Desk::new();
    let path = desk.put("all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    let request = IngestRequest {
        paths: vec![path.clone()],
        release: "one".into(),
        ..IngestRequest::default()
    };
    desk.case
        .ingest(&request, &Counters::default(), &AtomicBool::new(true))
        .unwrap();
    assert!(
        desk.case
            .notices()
            .unwrap()
            .iter()
            .any(|notice| notice.contains("interrupted"))
    );
    desk.ingest(&path, "one");
    assert!(desk.case.notices().unwrap().is_empty());
    assert_eq!(desk.count("*"), 2);
}

type Write = fn(u32, &str) -> String;

/// The same message with a blind copy that only this copy tells.
fn blind(number: u32, body: &str) -> String {
    mail(number, body).replacen(
        "Subject:",
        "Bcc: Cy Marsh <cmarsh@upland.example>\r\nX-Gmail-Labels: Weir\r\nSubject:",
        1,
    )
}

#[test]
fn what_only_one_copy_says_is_found_in_either_order() {
    let (plain, more): (Write, Write) = (mail, blind);
    for (first, second) in [(plain, more), (more, plain)] {
        let desk = Desk::new();
        desk.put("in/a.eml", first(1, "The harbour contract."));
        desk.put("in/b.eml", second(1, "The harbour contract."));
        desk.put("in/c.eml", mail(2, "Lunch?"));
        let summary = desk.ingest(&desk.path("in"), "one");
        assert_eq!((summary.messages_new, summary.duplicates_new), (2, 1));
        for query in [
            "bcc:cmarsh@upland.example",
            "bcc:marsh",
            "header.x-gmail-labels:weir",
        ] {
            assert_eq!(desk.count(query), 1, "{query}");
        }
        assert_eq!(desk.count("bcc:marsh harbour"), 1);
        assert_eq!(desk.count("*"), 2);
        let view = desk.case.message(&desk.ids("bcc:marsh")[0]).unwrap();
        assert_eq!(view.hit.bcc.len(), 1);
        assert_eq!(view.hit.from.len(), 1);
        assert_eq!(view.hit.copies.len(), 2);
        desk.balanced();
    }
}

#[test]
fn a_copy_that_is_forgotten_takes_what_only_it_said_with_it() {
    let desk = Desk::new();
    let plain = desk.put("one.eml", mail(1, "The harbour contract."));
    let more = desk.put("two.eml", blind(1, "The harbour contract."));
    desk.ingest(&plain, "one");
    assert_eq!(desk.count("bcc:marsh"), 0);
    desk.ingest(&more, "two");
    assert_eq!(desk.count("bcc:marsh"), 1);
    desk.case.forget_release("two").unwrap();
    assert_eq!(desk.count("bcc:marsh"), 0);
    assert_eq!(desk.count("harbour"), 1);
}

#[test]
fn a_note_that_a_dead_writer_left_is_worked_off_by_the_next() {
    let desk = Desk::new();
    let plain = desk.put("one.eml", mail(1, "The harbour contract."));
    let more = desk.put("two.eml", blind(1, "The harbour contract."));
    desk.ingest(&plain, "one");
    // As after a death between ledger and index: the copy is there, the document is not yet
    // made again, because its source could not be read at that time.
    let away = desk.path("away.eml");
    fs::rename(&plain, &away).unwrap();
    desk.ingest(&more, "two");
    assert_eq!(desk.count("bcc:marsh"), 0);
    let notices = desk.case.notices().unwrap();
    assert!(
        notices
            .iter()
            .any(|notice| notice.contains("of which one cannot be read: 1;")),
        "{notices:?}"
    );
    fs::rename(&away, &plain).unwrap();
    desk.ingest(&more, "two");
    assert_eq!(desk.count("bcc:marsh"), 1);
    assert_eq!(desk.count("*"), 1);
    assert!(desk.case.notices().unwrap().is_empty());
}

#[test]
fn sums_that_do_not_hold_are_told() {
    let breaks = [
        // The message has other copies, so that only the mailbox misses this one.
        "DELETE FROM copies WHERE id = (SELECT min(id) FROM copies WHERE path_inside IS NULL)",
        "DELETE FROM copies WHERE id = (SELECT min(id) FROM copies WHERE path_inside IS NOT NULL)",
        "UPDATE copies SET path_inside = 'other' WHERE id = (SELECT min(id) FROM copies)",
        "UPDATE mailboxes SET messages = messages + 1 WHERE path_inside IS NOT NULL",
        "UPDATE mailboxes SET bytes = bytes + 1, separator_bytes = separator_bytes + 1
         WHERE path_inside IS NULL",
        "DELETE FROM mailboxes WHERE path_inside IS NULL",
        "UPDATE sources SET size = size - 1 WHERE kind = 'mbox'",
    ];
    for broken in breaks {
        let desk = Desk::new();
        let messages = [mail(1, "The harbour contract."), mail(2, "Lunch?")];
        let twice = mbox(&[
            messages[1].clone(),
            messages[0].clone(),
            messages[1].clone(),
        ]);
        desk.put("in/a.mbox", &twice);
        desk.put("in/b.tar", tar("in.mbox", twice.as_bytes()));
        let carrier = carrier(&messages[0]);
        desk.put("in/c.mbox", mbox(&[carrier]));
        desk.ingest(&desk.path("in"), "one");
        desk.balanced();
        let ledger = desk.open_ledger();
        assert!(ledger.execute(broken, []).unwrap() > 0, "{broken}");
        assert!(!desk.case.ledger().unwrap().totals.balanced, "{broken}");
    }
}

#[test]
fn files_that_swap_names_are_where_they_went() {
    // Of one size, and of two.
    for text in ["The harbour contract.", "Lunch?"] {
        let desk = Desk::new();
        let contents = [mail(1, "The harbour lawsuits."), mail(2, text)];
        let paths = [
            desk.put("in/a.eml", &contents[0]),
            desk.put("in/b.eml", &contents[1]),
        ];
        for (path, seconds) in paths.iter().zip([1_500_000_000, 1_500_000_001]) {
            let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(modified).unwrap();
        }
        desk.ingest(&desk.path("in"), "one");
        let ids = [desk.ids("lawsuits"), desk.ids("subject:\"Dredging 2\"")];
        fs::rename(&paths[0], desk.path("aside")).unwrap();
        fs::rename(&paths[1], &paths[0]).unwrap();
        fs::rename(desk.path("aside"), &paths[1]).unwrap();
        let again = desk.ingest(&desk.path("in"), "one");
        assert_eq!(
            (again.sources_new, again.sources_same, again.copies_new),
            (0, 2, 0)
        );
        let checks = desk
            .case
            .verify(&VerifyProgress::default(), &AtomicBool::new(false))
            .unwrap();
        let states: Vec<_> = checks.iter().map(|check| check.state.clone()).collect();
        assert_eq!(states, [SourceState::Same, SourceState::Same]);
        for (id, content) in ids.iter().zip(&contents) {
            let raw = desk.case.raw(&id[0], false).unwrap();
            assert_eq!(raw, content.as_bytes());
        }
        desk.balanced();
    }
}

/// A tar (POSIX ustar) of one member.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut tar = header.to_vec();
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    tar
}

/// A message with another one attached.
fn carrier(attached: &str) -> String {
    format!(
        "Message-ID: <carrier@rivermouth.example>\r\nFrom: Ada Quill <aquill@rivermouth.example>\r\n\
         Subject: Forwarded\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\n{attached}\r\n--b--\r\n"
    )
}

/// Draft and trash are in the name of a Maildir file and not in its bytes.
#[test]
fn what_a_file_name_says_outlives_what_a_later_copy_says() {
    for names in [
        ["in/a.eml", "box/cur/1.host:2,ST"],
        ["box/cur/1.host:2,ST", "in/a.eml"],
    ] {
        let desk = Desk::new();
        let trashed = |name: &str| name.contains("cur");
        for (number, name) in names.into_iter().enumerate() {
            for sibling in ["new", "tmp"] {
                fs::create_dir_all(desk.path("box").join(sibling)).unwrap();
            }
            let text = if trashed(name) {
                mail(1, "The harbour contract.")
            } else {
                blind(1, "The harbour contract.")
            };
            desk.put(name, text);
            let folder = if trashed(name) { "box" } else { "in" };
            desk.ingest(&desk.path(folder), &format!("release-{number}"));
        }
        assert_eq!(desk.count("*"), 1);
        assert_eq!(desk.count("is:deleted bcc:marsh"), 1, "{names:?}");
        desk.balanced();
    }
}

/// The document was made from the copy that goes, and nothing else told the two apart.
#[test]
fn a_message_says_no_more_than_the_copies_that_are_left() {
    let desk = Desk::new();
    let noted =
        mail(1, "The harbour contract.").replacen("Subject:", "X-Note: bollard\r\nSubject:", 1);
    let first = desk.put("one.eml", noted);
    let second = desk.put("two.eml", mail(1, "The harbour contract."));
    desk.ingest(&first, "one");
    desk.ingest(&second, "two");
    assert_eq!(desk.count("header.x-note:bollard"), 1);
    desk.case.forget_release("one").unwrap();
    assert_eq!(desk.count("*"), 1);
    assert_eq!(desk.count("header.x-note:bollard"), 0);
}

/// A death between the commit of the index and that of the ledger: the document is made
/// again already, its note is still there. And one before both.
#[test]
fn a_note_is_worked_off_whether_or_not_the_document_was_made() {
    for made in [true, false] {
        let desk = Desk::new();
        desk.put("in/a.eml", mail(1, "The harbour contract."));
        desk.put("in/b.eml", blind(1, "The harbour contract."));
        desk.put("in/c.eml", mail(2, "Lunch?"));
        if made {
            desk.ingest(&desk.path("in"), "one");
        } else {
            let away = desk.path("away.eml");
            desk.ingest(&desk.path("in/a.eml"), "one");
            fs::rename(desk.path("in/a.eml"), &away).unwrap();
            desk.ingest(&desk.path("in"), "one");
            fs::rename(&away, desk.path("in/a.eml")).unwrap();
            assert_eq!(desk.count("bcc:marsh"), 0);
        }
        let ledger = desk.open_ledger();
        ledger
            .execute(
                "INSERT OR IGNORE INTO restate (message) SELECT ordinal FROM messages",
                [],
            )
            .unwrap();
        drop(ledger);
        let notices = desk.case.notices().unwrap();
        let told = |text: &str| notices.iter().any(|notice| notice.contains(text));
        assert!(told("the next ingest finishes it"), "{notices:?}");
        desk.ingest(&desk.path("in"), "one");
        for (query, count) in [("bcc:marsh", 1), ("harbour", 1), ("*", 2)] {
            assert_eq!(desk.count(query), count, "{query}, {made}");
        }
        assert_eq!(desk.ids("*").len(), 2);
    }
}

/// A newer version may read a message better and give it another id; its bytes are not lost.
#[test]
fn a_rebuild_keeps_messages_that_have_another_id_now() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "The harbour contract."));
    desk.ingest(&desk.path("in"), "one");
    let ledger = desk.open_ledger();
    ledger
        .execute("UPDATE messages SET key = randomblob(20)", [])
        .unwrap();
    drop(ledger);
    desk.case
        .rebuild(&Counters::default(), &AtomicBool::new(false))
        .unwrap();
    assert_eq!(desk.count("harbour"), 1);
    desk.balanced();
}
