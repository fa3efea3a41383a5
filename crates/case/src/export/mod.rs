//! Taking messages out: originals as mbox or EML, descriptions as CSV or JSON Lines,
//! each with a manifest that says where every byte is from.

mod manifest;
mod names;
mod own;
mod target;

use crate::Case;
use crate::CaseError;
use crate::Hit;
use crate::Links;
use crate::csv;
use crate::ledger::LedgerFile;
use crate::read::Form;
use crate::record::moment;
use crate::search::SearchOptions;
use crate::search::View;
pub(crate) use own::is_manifest;

use manifest::Manifest;
use muckrake_index::Sort;
use muckrake_index::language::Query;
use muckrake_mail::mbox;
use roaring::RoaringBitmap;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use target::Target;

/// In which form messages are taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One mailbox (mboxrd): originals, from which every byte can be had back.
    Mbox,
    /// A folder of EML files: originals, byte for byte.
    Eml,
    /// One row a message, for spreadsheets.
    Csv,
    /// One JSON object a line, schema 1 with bodies.
    Json,
}

/// Which messages to take out.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// Those that match a query; the text is kept in the manifest.
    Matching {
        /// The query.
        query: &'a Query,
        /// As the user wrote it.
        text: &'a str,
    },
    /// Those with these ids.
    Ids(&'a [String]),
}

/// What to take out, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRequest {
    /// The file, or for EML the folder, to make.
    pub to: PathBuf,
    /// The form.
    pub format: ExportFormat,
    /// Whether to take the whole threads of the messages selected.
    pub threads: bool,
    /// Which links make a thread.
    pub links: Links,
    /// Whether to replace an earlier export at the target.
    pub force: bool,
    /// What becomes of formulas in a table.
    pub cells: csv::Cells,
}

/// How far an export has come; read by a progress bar.
#[derive(Debug, Default)]
pub struct ExportProgress {
    /// Messages to take out.
    pub total: AtomicU64,
    /// Messages taken out so far.
    pub done: AtomicU64,
}

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Messages taken out.
    pub messages: u64,
    /// Bytes written, the manifest not included.
    pub bytes: u64,
    /// What was made: the target, and its manifest.
    pub made: Vec<PathBuf>,
    /// Messages whose original could not be read, and why; they are in the manifest.
    pub missing: Vec<String>,
    /// What the query could not be asked of, if anything: messages whose headers cannot be read.
    pub unjudged: Option<String>,
    /// Whether it was interrupted; then nothing was made.
    pub interrupted: bool,
}

/// What was written for one message.
struct Written {
    file: String,
    offset: u64,
    /// As it stands in the file.
    stored: Vec<u8>,
    /// The original, where escaping made the stored bytes differ from it.
    original: Option<Vec<u8>>,
}

impl Case {
    /// Takes messages out, by date. The target appears when it is whole, not before.
    ///
    /// # Errors
    /// [`CaseError::TargetExists`]; an id that no message has; a target that cannot be
    /// written. An original that cannot be read is said in the summary and the manifest.
    pub fn export(
        &self,
        selection: Selection<'_>,
        request: &ExportRequest,
        progress: &ExportProgress,
        cancel: &AtomicBool,
    ) -> Result<ExportSummary, CaseError> {
        let view = self.view()?;
        let ordinals = view.selected(selection, request)?;
        progress
            .total
            .store(ordinals.len() as u64, Ordering::Relaxed);
        self.refuse_evidence(&view, &request.to)?;
        let mut target = Target::make(request)?;
        let mut manifest = Manifest::make(&target, selection, request, ordinals.len())?;
        let mut summary = ExportSummary {
            unjudged: view.unjudged.borrow().notice(),
            ..ExportSummary::default()
        };
        let mut names = HashSet::new();
        let aids = self.originals_aids();
        let mut originals = aids.originals(self.passwords());
        if request.format == ExportFormat::Csv {
            target.line(&csv::header(), "\r\n")?;
        }
        for ordinal in ordinals {
            if cancel.load(Ordering::Relaxed) {
                summary.interrupted = true;
                return Ok(summary);
            }
            let record = view.record(ordinal)?;
            let hit = view.hit(ordinal, &record)?;
            let written = match request.format {
                ExportFormat::Csv => target
                    .line(&csv::row(&hit, request.cells), "\r\n")
                    .map(Some)?,
                ExportFormat::Json => target.json(&view.message(ordinal)?).map(Some)?,
                ExportFormat::Mbox | ExportFormat::Eml => {
                    match originals.read(&view.ledger, ordinal, Form::Unescaped) {
                        Ok(bytes) if request.format == ExportFormat::Mbox => {
                            Some(target.mbox(&hit, envelope_date(&record), bytes)?)
                        }
                        Ok(bytes) => Some(target.eml(&names::eml(&hit, &mut names), bytes)?),
                        Err(error) => {
                            summary.missing.push(error.to_string());
                            manifest.missing(&hit, &error.to_string())?;
                            None
                        }
                    }
                }
            };
            if let Some(written) = written {
                manifest.item(&hit, &written)?;
                summary.messages += 1;
            }
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
        if summary.messages == 0 {
            return Ok(summary);
        }
        summary.bytes = target.bytes();
        manifest.finish()?;
        summary.made = target.finish(request)?;
        Ok(summary)
    }
}

impl Case {
    /// Those of some ids that do not name one message, with the reason, each once.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn bad_ids(&self, ids: &[String]) -> Result<Vec<(String, CaseError)>, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let mut seen = HashSet::new();
        let mut bad = Vec::new();
        for id in ids.iter().filter(|id| seen.insert(*id)) {
            match ledger.find(id) {
                Ok(_) => {}
                Err(
                    error @ (CaseError::UnknownId { .. }
                    | CaseError::ShortId { .. }
                    | CaseError::AmbiguousId { .. }),
                ) => bad.push((id.clone(), error)),
                Err(other) => return Err(other),
            }
        }
        Ok(bad)
    }

    /// No export takes the place of a source, or of anything in the case.
    fn refuse_evidence(&self, view: &View<'_>, target: &Path) -> Result<(), CaseError> {
        let Ok(existing) = target.canonicalize() else {
            return Ok(());
        };
        let inside = |folder: &Path| {
            folder
                .canonicalize()
                .is_ok_and(|folder| existing.starts_with(folder))
        };
        let is_source = || {
            let sources = view.ledger.sources()?;
            Ok(sources
                .iter()
                .any(|source| source.path.starts_with(&existing)))
        };
        if inside(self.folder()) || is_source()? {
            return Err(CaseError::TargetForeign {
                path: target.to_owned(),
            });
        }
        Ok(())
    }
}

fn envelope_date(record: &crate::record::Record) -> i64 {
    record
        .date
        .as_ref()
        .and_then(|date| moment(date, &jiff::tz::TimeZone::UTC))
        .unwrap_or(0)
}

impl View<'_> {
    /// The selected messages by date, undated last.
    fn selected(
        &self,
        selection: Selection<'_>,
        request: &ExportRequest,
    ) -> Result<Vec<u32>, CaseError> {
        let (threads, links) = (request.threads, request.links);
        let mut chosen = match selection {
            Selection::Matching { query, .. } if !threads => {
                let options = SearchOptions {
                    sort: Sort::DateAscending,
                    links,
                    ..SearchOptions::default()
                };
                return Ok(self.find(query, &options)?.ordinals().collect());
            }
            Selection::Matching { query, .. } => self.ordinals(query, links)?,
            Selection::Ids(ids) => ids
                .iter()
                .map(|id| self.ledger.find(id))
                .collect::<Result<RoaringBitmap, _>>()?,
        };
        if threads {
            let mut whole = RoaringBitmap::new();
            for ordinal in &chosen {
                if !whole.contains(ordinal) {
                    whole |= self.ledger.thread_members(ordinal, links)?;
                }
            }
            chosen = whole;
        }
        let by_date = self.ledger.rows(
            "SELECT ordinal FROM messages ORDER BY date IS NULL, date, ordinal",
            [],
            |row| row.get::<_, u32>(0),
        )?;
        Ok(by_date
            .into_iter()
            .filter(|ordinal| chosen.contains(*ordinal))
            .collect())
    }
}

impl Target {
    /// Writes one line of text.
    fn line(&mut self, line: &str, end: &str) -> Result<Written, CaseError> {
        let offset = self.bytes();
        let bytes = format!("{line}{end}").into_bytes();
        self.write(&bytes)?;
        Ok(Written {
            file: self.name(),
            offset,
            stored: bytes,
            original: None,
        })
    }

    /// Writes one JSON object on a line.
    fn json(&mut self, value: &impl serde::Serialize) -> Result<Written, CaseError> {
        let path = self.path().to_owned();
        let line = serde_json::to_string(value)
            .map_err(std::io::Error::other)
            .map_err(CaseError::file("write", &path))?;
        self.line(&line, "\n")
    }

    /// Writes one message into the mailbox, escaped as mboxrd (LoC FDD 000385).
    fn mbox(&mut self, hit: &Hit, date: i64, original: Vec<u8>) -> Result<Written, CaseError> {
        let sender = hit
            .from
            .first()
            .and_then(|person| person.address.as_deref())
            .unwrap_or("MAILER-DAEMON");
        self.write(mbox::from_line(sender, date).as_bytes())?;
        let offset = self.bytes();
        let stored = mbox::escape_rd(&original).into_owned();
        self.write(&stored)?;
        // A blank line ends a message; without a line end of its own it needs one more.
        self.write(if original.ends_with(b"\n") {
            b"\n"
        } else {
            b"\n\n"
        })?;
        let original = (stored != original).then_some(original);
        Ok(Written {
            file: self.name(),
            offset,
            stored,
            original,
        })
    }

    /// Writes one message as a file.
    fn eml(&mut self, name: &str, original: Vec<u8>) -> Result<Written, CaseError> {
        self.file(name, |file| file.write_all(&original))?;
        self.count(original.len() as u64);
        Ok(Written {
            file: name.to_owned(),
            offset: 0,
            stored: original,
            original: None,
        })
    }
}

/// The place of the manifest of an export.
fn manifest_path(target: &Path, format: ExportFormat) -> PathBuf {
    match format {
        ExportFormat::Eml => target.join("manifest.jsonl"),
        _ => {
            let mut name = target.as_os_str().to_owned();
            name.push(".manifest.jsonl");
            PathBuf::from(name)
        }
    }
}
