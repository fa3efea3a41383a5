//! A case that takes in mailboxes, and invented mail.

use muckrake_case::Case;
use muckrake_case::CaseError;
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

/// A case that takes in one mailbox, or several.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) case: Case,
    pub(crate) delivered: Vec<PathBuf>,
}

impl Desk {
    pub(crate) fn new(settings: &str, mailbox: &[String]) -> Self {
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

    pub(crate) fn mailbox(&self) -> PathBuf {
        self.folder.path().join("harbour.mbox")
    }

    pub(crate) fn deliver(&self, mails: &[String]) {
        fs::write(self.mailbox(), mbox(mails)).unwrap();
    }

    /// Delivers a mailbox that is read before the other.
    pub(crate) fn deliver_first(&mut self, mails: &[String]) {
        let path = self.folder.path().join("earlier.mbox");
        fs::write(&path, mbox(mails)).unwrap();
        self.delivered.insert(0, path);
    }

    pub(crate) fn ingest(&self, counters: &Counters, cancel: &AtomicBool) -> IngestSummary {
        let request = IngestRequest {
            paths: self.delivered.clone(),
            release: "harbour".to_owned(),
            ..IngestRequest::default()
        };
        self.case.ingest(&request, counters, cancel).unwrap()
    }

    /// An ingest that somebody interrupts once so many messages have gone by.
    pub(crate) fn ingest_interrupted(&self, after: u64) -> IngestSummary {
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

    pub(crate) fn ingest_whole(&self) -> IngestSummary {
        self.ingest(&Counters::default(), &AtomicBool::new(false))
    }

    /// All that the case says of its messages and of what it holds.
    pub(crate) fn state(&self) -> (Vec<String>, Totals) {
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

pub(crate) fn mbox(mails: &[String]) -> String {
    let separated = mails
        .iter()
        .map(|mail| format!("From x@y.example Tue Mar  1 10:00:00 2016\n{mail}\n"));
    separated.collect()
}

/// A tar (POSIX ustar) of these members.
pub(crate) fn tar(members: &[(&str, &str)]) -> Vec<u8> {
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
pub(crate) fn mails(number: u32) -> Vec<String> {
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

pub(crate) const SMALL: u32 = 20;

pub(crate) fn small_desk() -> Desk {
    let desk = Desk::new("time_zone = \"America/New_York\"\n", &mails(SMALL));
    let _ = desk.ingest_whole();
    desk
}

pub(crate) fn rebuild(case: &Case) -> Result<IngestSummary, CaseError> {
    case.rebuild(&Counters::default(), &AtomicBool::new(false))
}
