//! What is left of an ingest that did not come to its end, and what the next one makes of it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use muckrake_case::Case;
use muckrake_case::Counters;
use muckrake_case::IngestRequest;
use muckrake_case::IngestSummary;
use muckrake_case::SearchOptions;
use muckrake_case::Totals;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

/// A case that takes in one mailbox.
struct Desk {
    folder: TempDir,
    case: Case,
}

impl Desk {
    fn new(settings: &str, mailbox: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("case");
        drop(Case::open_or_create(&place).unwrap());
        fs::write(place.join("muckrake.toml"), settings).unwrap();
        let desk = Self {
            case: Case::open(&place).unwrap(),
            folder,
        };
        desk.deliver(mailbox);
        desk
    }

    fn mailbox(&self) -> PathBuf {
        self.folder.path().join("harbour.mbox")
    }

    fn deliver(&self, mails: &[String]) {
        let separated = mails
            .iter()
            .map(|mail| format!("From x@y.example Tue Mar  1 10:00:00 2016\n{mail}\n"));
        fs::write(self.mailbox(), separated.collect::<String>()).unwrap();
    }

    fn ingest(&self, counters: &Counters, cancel: &AtomicBool) -> IngestSummary {
        let request = IngestRequest {
            paths: vec![self.mailbox()],
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
    let _ = straight.ingest_whole();
    assert_eq!(desk.state(), straight.state());
    assert_eq!(straight.state().1.unread, 4_000_u64.div_ceil(7));
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
