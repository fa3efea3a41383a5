//! What is left of an ingest that did not come to its end, and what the next one makes of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Counters;
use muckrake_case::IngestRequest;
use muckrake_case::IngestSummary;
use muckrake_case::ReleaseFacts;
use muckrake_case::SearchOptions;
use muckrake_case::Totals;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

/// A case that takes in one mailbox, or several.
struct Desk {
    folder: TempDir,
    case: Case,
    delivered: Vec<PathBuf>,
}

impl Desk {
    fn new(settings: &str, mailbox: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("case");
        drop(Case::open_or_create(&place).unwrap());
        fs::write(place.join("muckrake.toml"), settings).unwrap();
        let desk = Self {
            case: Case::open(&place).unwrap(),
            delivered: vec![folder.path().join("harbour.mbox")],
            folder,
        };
        desk.deliver(mailbox);
        desk
    }

    fn mailbox(&self) -> PathBuf {
        self.folder.path().join("harbour.mbox")
    }

    fn deliver(&self, mails: &[String]) {
        fs::write(self.mailbox(), mbox(mails)).unwrap();
    }

    /// Delivers a mailbox that is read before the other.
    fn deliver_first(&mut self, mails: &[String]) {
        let path = self.folder.path().join("earlier.mbox");
        fs::write(&path, mbox(mails)).unwrap();
        self.delivered.insert(0, path);
    }

    fn ingest(&self, counters: &Counters, cancel: &AtomicBool) -> IngestSummary {
        let request = IngestRequest {
            paths: self.delivered.clone(),
            release: "harbour".to_owned(),
            ..IngestRequest::default()
        };
        self.case.ingest(&request, counters, cancel).unwrap()
    }

    /// An ingest that somebody interrupts once so many messages have gone by.
    fn ingest_interrupted(&self, after: u64) -> IngestSummary {
        let (counters, cancel) = (Counters::default(), AtomicBool::new(false));
        let summary = std::thread::scope(|scope| {
            scope.spawn(|| {
                while counters.messages() < after {
                    std::thread::yield_now();
                }
                cancel.store(true, Ordering::Relaxed);
            });
            self.ingest(&counters, &cancel)
        });
        assert!(
            summary.interrupted,
            "it was done before it could be stopped"
        );
        assert!(summary.copies_kept + summary.copies_new >= after);
        summary
    }

    fn ingest_whole(&self) -> IngestSummary {
        self.ingest(&Counters::default(), &AtomicBool::new(false))
    }

    /// All that the case says of its messages and of what it holds.
    fn state(&self) -> (Vec<String>, Totals) {
        let query = self.case.query("*", jiff::civil::date(2026, 11, 23));
        let options = SearchOptions::default();
        let mut hits = self.case.search(&query.unwrap(), &options).unwrap().hits;
        hits.sort_by_key(|hit| hit.id.to_string());
        let copies = |hit: &muckrake_case::Hit| {
            let places = hit.copies.iter().map(|copy| {
                let source = Path::new(&copy.source).file_name().unwrap();
                format!(
                    "{source:?} {:?} {}+{} {}",
                    copy.path_inside, copy.offset, copy.length, copy.sha256
                )
            });
            places.collect::<Vec<_>>().join(", ")
        };
        let said = hits
            .iter()
            .map(|hit| {
                format!(
                    "{} {:?} {:?}: {}",
                    hit.id,
                    hit.thread,
                    hit.subject,
                    copies(hit)
                )
            })
            .collect();
        let totals = self.case.ledger().unwrap().totals;
        assert!(totals.balanced, "{totals:?}");
        (said, totals)
    }
}

fn mbox(mails: &[String]) -> String {
    let separated = mails
        .iter()
        .map(|mail| format!("From x@y.example Tue Mar  1 10:00:00 2016\n{mail}\n"));
    separated.collect()
}

/// A tar (POSIX ustar) of these members.
fn tar(members: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, content) in members {
        let mut header = [0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tar.extend_from_slice(&header);
        tar.extend_from_slice(content.as_bytes());
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// Invented mail; every fifth has a mail attached, every seventh a header of some length.
fn mails(number: u32) -> Vec<String> {
    (0..number)
        .map(|number| {
            let long = if number % 7 == 0 { "long ".repeat(60) } else { String::new() };
            let head = format!(
                "Message-ID: <m{number}@rivermouth.example>\nFrom: Ada Quill <aquill@rivermouth.example>\n\
                 To: Bo Reed <breed@rivermouth.example>\nDate: Tue, {:02} Mar 2016 10:00:00 -0500\n\
                 Subject: Dredging {number}\nX-Note: {long}\n",
                number % 28 + 1
            );
            if number % 5 > 0 {
                return format!("{head}\nThe pier, report {number}.\n");
            }
            format!(
                "{head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n\n--cut\n\nSee below.\n\
                 --cut\nContent-Type: message/rfc822\n\nSubject: Inner {number}\n\
                 Message-ID: <i{number}@rivermouth.example>\n\nInside.\n--cut--\n"
            )
        })
        .collect()
}

/// Below this a header is not read, and every seventh mail says so in the ledger.
const SHORT_HEADERS: &str = "[limits]\nheader_bytes = 256\n";

#[test]
fn what_an_interrupted_ingest_has_read_is_not_read_into_the_case_again() {
    let mails = mails(4_000);
    let desk = Desk::new(SHORT_HEADERS, &mails);
    let (mut kept, mut copies) = (0, 0);
    for after in [700, 200, 900] {
        let summary = desk.ingest_interrupted(kept + after);
        assert_eq!(summary.copies_kept.min(kept), kept, "{summary:?}");
        assert_eq!((summary.duplicates_new, summary.messages_removed), (0, 0));
        let totals = desk.state().1;
        copies = totals.copies;
        kept = copies - totals.attached;
    }
    let last = desk.ingest_whole();
    assert_eq!(last.copies_kept, kept);
    assert_eq!((last.duplicates_new, last.messages_removed), (0, 0));
    assert_eq!(last.copies_new, 4_800 - copies);

    let straight = Desk::new(SHORT_HEADERS, &mails);
    let at_once = straight.ingest_whole();
    assert_eq!(desk.state(), straight.state());
    assert_eq!(straight.state().1.unread, 4_000_u64.div_ceil(7));
    assert_eq!(last.unread_new, at_once.unread_new);
}

/// Whether a run ends with exit code 3 hangs on what it could not read.
#[test]
fn what_an_interrupted_run_could_not_read_is_told_by_the_one_that_ends() {
    let head = "From: Ada Quill <aquill@rivermouth.example>\nSubject: Dredging\n";
    let with_part = |id: u32, part: &str| {
        format!(
            "Message-ID: <p{id}@rivermouth.example>\n{head}MIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=cut\n\n--cut\n\nSee below.\n--cut\n{part}\n--cut--\n"
        )
    };
    let pdf = "Content-Type: application/pdf\n\n%PDF-1.4 invented";
    let locked = "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\ninvented";
    let attached = format!(
        "Content-Type: message/rfc822\n\nSubject: Inner\nX-Note: {}\n\nInside.",
        "long ".repeat(60)
    );
    let open = [
        with_part(0, pdf),
        with_part(1, locked),
        with_part(2, &attached),
    ];
    let sound = |number| {
        mails(number)
            .into_iter()
            .filter(|mail| !mail.contains("long "))
    };
    let later: Vec<String> = open.iter().cloned().chain(sound(3_000)).collect();
    let make = || {
        let mut desk = Desk::new(SHORT_HEADERS, &later);
        desk.deliver_first(&open);
        desk
    };
    let (desk, straight) = (make(), make());
    let interrupted = desk.ingest_interrupted(600);
    assert_eq!((interrupted.sources_new, interrupted.unread_new), (1, 4));
    let (last, at_once) = (desk.ingest_whole(), straight.ingest_whole());
    assert_eq!(desk.state(), straight.state());
    for summary in [last, at_once] {
        // In each mailbox one attachment is encrypted and one header too long.
        assert_eq!((summary.unread_new, summary.unsupported_new), (4, 2));
    }
    let again = desk.ingest_whole();
    assert_eq!((again.unread_new, again.unsupported_new), (0, 0));
}

/// Members of one name in an archive are told apart by nothing but their place in it.
#[test]
fn an_interruption_loses_nothing_of_a_member_that_has_a_namesake() {
    let (first, second) = (mbox(&mails(800)), mbox(&mails(3_000)[800..]));
    // The third is the first once more.
    let archive = tar(&[
        ("in.mbox", &first),
        ("in.mbox", &second),
        ("in.mbox", &first),
    ]);
    let make = || {
        let desk = Desk::new("", &[]);
        fs::write(desk.mailbox(), &archive).unwrap();
        desk
    };
    let (desk, straight) = (make(), make());
    // In the middle of each of the three.
    for after in [400, 1_500, 3_100] {
        let _ = desk.ingest_interrupted(after);
        let _ = desk.state();
    }
    let last = desk.ingest_whole();
    assert!(last.copies_kept >= 3_100, "{last:?}");
    let _ = straight.ingest_whole();
    let (found, expected) = (desk.state(), straight.state());
    assert_eq!(found.1, expected.1);
    assert_eq!(found.1.copies, 3_800 + 3_800 / 5);
    assert_eq!(found.0, expected.0);
}

#[test]
fn what_is_no_longer_there_after_an_interruption_goes() {
    let mut mails = mails(4_000);
    let desk = Desk::new("", &mails);
    let _ = desk.ingest_interrupted(700);
    mails[3] = mails[3].replace("The pier", "The quay");
    let _ = mails.remove(20);
    desk.deliver(&mails);
    let _ = desk.ingest_whole();
    let straight = Desk::new("", &mails);
    let _ = straight.ingest_whole();
    assert_eq!(desk.state(), straight.state());
}

const SMALL: u32 = 20;

fn small_desk() -> Desk {
    let desk = Desk::new("time_zone = \"America/New_York\"\n", &mails(SMALL));
    let _ = desk.ingest_whole();
    desk
}

fn rebuild(case: &Case) -> Result<IngestSummary, CaseError> {
    case.rebuild(&Counters::default(), &AtomicBool::new(false))
}

/// Files of a case below a folder, by their paths.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Files in which the case lies; the others are locks, settings and lists of what may be removed.
fn vital(folder: &Path) -> Vec<PathBuf> {
    let mut files = files(folder);
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        let kind = file.extension().unwrap_or_default().to_str().unwrap();
        ["fast", "fieldnorm", "idx", "pos", "store", "term"].contains(&kind)
            || ["ledger.sqlite", "meta.json"].contains(&name)
    });
    files
}

#[test]
fn a_damaged_file_is_named_and_a_rebuild_repairs_it() {
    let desk = small_desk();
    let before = desk.state();
    let settings = fs::read(desk.case.folder().join("muckrake.toml")).unwrap();
    type Damage = fn(&mut Vec<u8>);
    let damages: [Damage; 2] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
        },
    ];
    let mut tried = 0;
    // A rebuild gives the files of the index other names, and as many.
    for number in 0..vital(desk.case.folder()).len() {
        for damage in damages {
            let file = vital(desk.case.folder()).swap_remove(number);
            let mut bytes = fs::read(&file).unwrap();
            damage(&mut bytes);
            fs::write(&file, bytes).unwrap();
            let case = Case::open(desk.case.folder()).unwrap();
            let query = case.query("*", jiff::civil::date(2026, 11, 23)).unwrap();
            let refused = case.count(&query).unwrap_err().to_string();
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(
                refused.contains(name) || name == "meta.json",
                "{name}: {refused}"
            );
            let cancel = AtomicBool::new(false);
            assert!(!case.verify_parts(&cancel).unwrap().is_empty(), "{name}");
            let _ = rebuild(&case).unwrap();
            assert_eq!(desk.state(), before, "{name}");
            assert_eq!(case.verify_parts(&cancel).unwrap(), [], "{name}");
            tried += 1;
        }
    }
    assert!(tried >= 2 * 8, "{tried}");
    let after = fs::read(desk.case.folder().join("muckrake.toml")).unwrap();
    assert_eq!(after, settings);
}

#[test]
fn damage_that_time_and_size_hide_is_found_by_verify() {
    let desk = small_desk();
    let before = desk.state();
    for number in 0..vital(desk.case.folder()).len() {
        let file = vital(desk.case.folder()).swap_remove(number);
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(&file, bytes).unwrap();
        let opened = fs::File::options().write(true).open(&file).unwrap();
        opened.set_modified(time).unwrap();
        let case = Case::open(desk.case.folder()).unwrap();
        let found = case.verify_parts(&AtomicBool::new(false)).unwrap();
        assert!(!found.is_empty(), "{}", file.display());
        let _ = rebuild(&case).unwrap();
        assert_eq!(desk.state(), before);
    }
}

/// An emptied ledger is not the beginning of a new case.
#[test]
fn a_ledger_that_is_gone_is_missed_and_made_again_with_what_the_user_told() {
    for emptied in [true, false] {
        let desk = small_desk();
        let facts = ReleaseFacts {
            promised: Some(41),
            ..ReleaseFacts::default()
        };
        desk.case.set_release("harbour", &facts).unwrap();
        let before = (desk.state(), desk.case.releases().unwrap());
        let ledger = desk.case.folder().join("ledger.sqlite");
        if emptied {
            fs::write(&ledger, "").unwrap();
        } else {
            fs::remove_file(&ledger).unwrap();
        }
        let case = Case::open_or_create(desk.case.folder()).unwrap();
        let request = IngestRequest {
            paths: vec![desk.mailbox()],
            release: "other".to_owned(),
            ..IngestRequest::default()
        };
        let refused = case.ingest(&request, &Counters::default(), &AtomicBool::new(false));
        assert!(
            matches!(refused, Err(CaseError::Damaged { .. })),
            "{refused:?}"
        );
        let _ = rebuild(&case).unwrap();
        assert_eq!((desk.state(), desk.case.releases().unwrap()), before);
    }
}

#[test]
fn without_its_ledger_a_case_is_not_made_again_with_less() {
    let desk = small_desk();
    fs::write(desk.case.folder().join("ledger.sqlite"), "").unwrap();
    let mut fewer = mails(SMALL);
    let _ = fewer.pop();
    desk.deliver(&fewer);
    let refused = rebuild(&desk.case);
    assert!(
        matches!(refused, Err(CaseError::RebuildLoses { messages: 1, .. })),
        "{refused:?}"
    );
    // As many messages, and one of them another.
    let mut others = mails(SMALL);
    others[3] = others[3].replace("The pier", "The quay");
    desk.deliver(&others);
    let refused = rebuild(&desk.case);
    let Err(CaseError::RebuildLoses {
        messages: 0,
        sources: 1,
        named,
        ..
    }) = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(named, &["harbour.mbox"]);
    fs::remove_file(desk.mailbox()).unwrap();
    let refused = rebuild(&desk.case);
    assert!(
        matches!(refused, Err(CaseError::SourcesMissing { count: 1, .. })),
        "{refused:?}"
    );
}

/// Each would otherwise say that the other has to come first.
#[test]
fn without_its_ledger_a_case_is_told_where_its_sources_are_now() {
    let desk = small_desk();
    let before = desk.state();
    let ledger = desk.case.folder().join("ledger.sqlite");
    let mut bytes = fs::read(&ledger).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&ledger, bytes).unwrap();
    let elsewhere = desk.folder.path().join("moved");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(desk.mailbox(), elsewhere.join("harbour.mbox")).unwrap();
    let refused = rebuild(&desk.case);
    assert!(
        matches!(refused, Err(CaseError::SourcesMissing { count: 1, .. })),
        "{refused:?}"
    );
    let unknown = desk
        .case
        .relocate(&desk.folder.path().join("nowhere"), &elsewhere);
    assert!(
        matches!(unknown, Err(CaseError::UnknownSource { .. })),
        "{unknown:?}"
    );
    let folder = desk.folder.path().canonicalize().unwrap();
    let moved = desk.case.relocate(&folder, &elsewhere).unwrap();
    assert_eq!((moved.moved, moved.named), (0, 1));
    let _ = rebuild(&desk.case).unwrap();
    assert_eq!(desk.state(), before);
}

/// Whoever looks while a case is made again sees the old one or the new one, whole.
#[test]
fn readers_see_a_whole_case_while_it_is_made_again() {
    let desk = small_desk();
    let expected = desk.state();
    let done = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut looks = 0;
            let query = desk
                .case
                .query("*", jiff::civil::date(2026, 11, 23))
                .unwrap();
            while !done.load(Ordering::Relaxed) || looks == 0 {
                // One that stays open, and one that is opened now.
                let fresh = Case::open(desk.case.folder()).unwrap();
                for case in [&desk.case, &fresh] {
                    assert_eq!(case.count(&query).unwrap(), expected.1.messages);
                }
                looks += 1;
            }
            looks
        });
        for _ in 0..12 {
            let _ = rebuild(&desk.case).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(looks > 12, "{looks}");
    assert_eq!(desk.state(), expected);
}

/// A backup or a database browser that reads what a rebuild has made keeps a part of the new
/// ledger out of its file. Moving the file alone would lose it.
#[test]
fn what_others_read_of_a_rebuild_is_not_put_in_place_without_its_rest() {
    let desk = Desk::new("", &mails(1_500));
    desk.ingest_whole();
    let expected = desk.state();
    let made = desk.case.folder().join("rebuilding/ledger.sqlite");
    let done = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let opened = loop {
                assert!(
                    !done.load(Ordering::Relaxed),
                    "it was done before it could be read"
                );
                let opened =
                    rusqlite::Connection::open_with_flags(&made, flags).and_then(|ledger| {
                        ledger.execute_batch("BEGIN; SELECT count(*) FROM messages;")?;
                        Ok(ledger)
                    });
                match opened {
                    Ok(ledger) => break ledger,
                    Err(_) => std::thread::yield_now(),
                }
            };
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            drop(opened);
        });
        let outcome = rebuild(&desk.case);
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        outcome
    });
    assert!(
        matches!(outcome, Err(CaseError::RebuildHeld { .. })),
        "{outcome:?}"
    );
    assert_eq!(desk.state(), expected);
    rebuild(&desk.case).unwrap();
    assert_eq!(desk.state(), expected);
}

/// Whatever is asked first of a case whose new index was only half put in place finishes that.
#[test]
fn whoever_opens_a_case_puts_in_place_what_a_rebuild_has_made() {
    for first in ["search", "ledger", "releases", "verify"] {
        let desk = small_desk();
        let expected = desk.state();
        let (folder, new) = (desk.case.folder(), desk.case.folder().join("rebuilding"));
        fs::create_dir_all(new.join("streams")).unwrap();
        for name in ["ledger.sqlite", "releases.json", "seal"] {
            fs::copy(folder.join(name), new.join(name)).unwrap();
        }
        // It died between the two: the old index is out of the way, the new one not yet in place.
        fs::rename(folder.join("index"), new.join("index")).unwrap();
        fs::write(new.join("ready"), "").unwrap();
        let case = Case::open(folder).unwrap();
        match first {
            "search" => drop(desk.state()),
            "ledger" => assert_eq!(case.ledger().unwrap().totals, expected.1),
            "releases" => assert_eq!(case.releases().unwrap().len(), 1),
            _ => assert_eq!(case.verify_parts(&AtomicBool::new(false)).unwrap(), []),
        }
        assert!(!new.exists(), "{first}");
        assert_eq!(desk.state(), expected, "{first}");
    }
}

#[test]
fn files_whose_names_only_begin_as_those_of_a_case_are_not_taken_for_one() {
    for name in ["sealed-exhibits.txt", "releases.json.bak", "ledger.sqlite2"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), "not yours").unwrap();
        let refused = Case::open_or_create(folder.path());
        assert!(matches!(refused, Err(CaseError::NotACase { .. })), "{name}");
    }
}
