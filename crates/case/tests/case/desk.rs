//! A case, a folder for what is delivered, and invented mail.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Counters;
use muckrake_case::ExportFormat;
use muckrake_case::ExportProgress;
use muckrake_case::ExportRequest;
use muckrake_case::ExportSummary;
use muckrake_case::IngestRequest;
use muckrake_case::IngestSummary;
use muckrake_case::Links;
use muckrake_case::SearchOptions;
use muckrake_case::Selection;
use muckrake_case::SourceCheck;
use muckrake_case::ThreadNode;
use muckrake_case::VerifyProgress;
use tempfile::TempDir;

/// A case and a folder for what is delivered.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) case: Case,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case = Case::open_or_create(&folder.path().join("case")).unwrap();
        Self { folder, case }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn ingest(&self, path: &Path, release: &str) -> IngestSummary {
        let request = IngestRequest {
            paths: vec![path.to_owned()],
            release: release.to_owned(),
            ..IngestRequest::default()
        };
        self.case
            .ingest(&request, &Counters::default(), &AtomicBool::new(false))
            .unwrap()
    }

    pub(crate) fn rebuild(&self) -> Result<IngestSummary, CaseError> {
        let interrupt = AtomicBool::new(false);
        self.case.rebuild(&Counters::default(), &interrupt)
    }

    pub(crate) fn verify(&self) -> Vec<SourceCheck> {
        let interrupt = AtomicBool::new(false);
        let checks = self.case.verify(&VerifyProgress::default(), &interrupt);
        checks.unwrap()
    }

    /// Exports every message.
    pub(crate) fn export(
        &self,
        to: PathBuf,
        format: ExportFormat,
        force: bool,
    ) -> Result<ExportSummary, CaseError> {
        let request = ExportRequest {
            to,
            format,
            force,
            ..ExportRequest::default()
        };
        let selection = Selection::Matching {
            query: &self.query("*"),
            text: "*",
        };
        let (progress, interrupt) = (ExportProgress::default(), AtomicBool::new(false));
        self.case.export(selection, &request, &progress, &interrupt)
    }

    pub(crate) fn count(&self, query: &str) -> u64 {
        self.case.count(&self.query(query)).unwrap()
    }

    pub(crate) fn query(&self, query: &str) -> muckrake_case::Query {
        self.case
            .query(query, jiff::civil::date(2026, 11, 23))
            .unwrap()
    }

    pub(crate) fn ids(&self, query: &str) -> Vec<String> {
        let results = self
            .case
            .search(&self.query(query), &SearchOptions::default())
            .unwrap();
        results.hits.iter().map(|hit| hit.id.to_string()).collect()
    }

    pub(crate) fn nodes(&self, id: &str) -> Vec<ThreadNode> {
        let thread = self.case.thread(id, Links::All).unwrap();
        thread.nodes().unwrap()
    }

    /// The ledger, to be changed by hand as no writer would.
    pub(crate) fn open_ledger(&self) -> rusqlite::Connection {
        fs::remove_file(self.path("case/seal")).unwrap();
        rusqlite::Connection::open(self.path("case/ledger.sqlite")).unwrap()
    }

    pub(crate) fn balanced(&self) {
        let totals = self.case.ledger().unwrap().totals;
        assert!(totals.balanced, "{totals:?}");
    }
}

pub(crate) fn mail(number: u32, body: &str) -> String {
    format!(
        "Message-ID: <m{number}@rivermouth.example>\r\nFrom: Ada Quill <aquill@rivermouth.example>\r\n\
         To: Bo Reed <breed@rivermouth.example>\r\nDate: Tue, {:02} Mar 2016 10:00:00 -0500\r\n\
         Subject: Dredging {number}\r\n\r\n{body}\r\n",
        number % 28 + 1
    )
}

pub(crate) fn mbox(messages: &[String]) -> String {
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

pub(crate) type Write = fn(u32, &str) -> String;

/// The same message with a blind copy that only this copy tells.
pub(crate) fn blind(number: u32, body: &str) -> String {
    mail(number, body).replacen(
        "Subject:",
        "Bcc: Cy Marsh <cmarsh@upland.example>\r\nX-Gmail-Labels: Weir\r\nSubject:",
        1,
    )
}

/// A tar (POSIX ustar) of one member.
pub(crate) fn tar(name: &str, content: &[u8]) -> Vec<u8> {
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
pub(crate) fn carrier(attached: &str) -> String {
    format!(
        "Message-ID: <carrier@rivermouth.example>\r\nFrom: Ada Quill <aquill@rivermouth.example>\r\n\
         Subject: Forwarded\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\n{attached}\r\n--b--\r\n"
    )
}
