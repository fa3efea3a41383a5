//! Taking messages out: originals as mbox or EML, descriptions as CSV or JSON Lines, a database,
//! pages to read offline, load files for review platforms, attachments; each with a manifest that
//! says where every byte is from, and each the same byte for byte when it is made again.

mod attachments;
mod bag;
mod edrm;
mod html;
mod loadfile;
mod manifest;
mod names;
mod originals;
mod own;
mod selection;
mod space;
mod sqlite;
mod stage;
mod tables;
mod work;

pub use loadfile::ControlPrefix;
pub use loadfile::LoadFileEncoding;
pub(crate) use own::is_manifest;
pub use selection::Extent;

use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::csv;
use crate::ledger::LedgerFile;
use crate::view::View;
use manifest::Manifest;
use muckrake_index::language::Query;
use stage::Stage;
use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use work::Stop;
use work::Work;

/// In which form messages are taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportFormat {
    /// One mailbox (mboxrd): originals, from which every byte can be had back.
    Mbox,
    /// A folder of EML files: originals, byte for byte.
    #[default]
    Eml,
    /// One row a message, for spreadsheets.
    Csv,
    /// One JSON object a line, schema 1 with bodies.
    Json,
    /// A folder of pages to be read in a browser without a network.
    Html,
    /// A SQLite database with full text.
    Sqlite,
    /// A production: Concordance DAT and Opticon OPT with natives, texts and images.
    Dat,
    /// A folder of attachments, each content once, with a list of every place that it is in.
    Attachments,
}

impl ExportFormat {
    /// Its word, as the manifest writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mbox => "mbox",
            Self::Eml => "eml",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Html => "html",
            Self::Sqlite => "sqlite",
            Self::Dat => "dat",
            Self::Attachments => "attachments",
        }
    }

    /// The name of its file in a bag.
    pub(crate) fn file_name(self) -> &'static str {
        match self {
            Self::Mbox => "messages.mbox",
            Self::Csv => "messages.csv",
            Self::Json => "messages.jsonl",
            Self::Sqlite => "messages.sqlite",
            Self::Eml | Self::Html | Self::Dat | Self::Attachments => "",
        }
    }

    /// Whether it is a folder of files, and not one file.
    pub(crate) fn is_folder(self) -> bool {
        matches!(self, Self::Eml | Self::Html | Self::Dat | Self::Attachments)
    }
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportRequest {
    /// The file or folder to make.
    pub to: PathBuf,
    /// The form.
    pub format: ExportFormat,
    /// How much around the messages selected.
    pub extent: Extent,
    /// Which links make a thread.
    pub links: Links,
    /// Whether to replace an earlier export at the target.
    pub force: bool,
    /// What becomes of formulas in a table.
    pub cells: csv::Cells,
    /// Whether a table begins with a byte order mark, by which old spreadsheets know UTF-8.
    pub byte_order_mark: bool,
    /// What control numbers begin with.
    pub prefix: ControlPrefix,
    /// How the load file is written.
    pub encoding: LoadFileEncoding,
    /// Whether to make it a BagIt bag (RFC 8493).
    pub bag: bool,
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
        let chosen = view.chosen(selection, request)?;
        progress.total.store(chosen.len() as u64, Ordering::Relaxed);
        self.refuse_evidence(&view, &request.to)?;
        let mut stage = Stage::make(request)?;
        space::expect_room(&view, request, &chosen, stage.root())?;
        let manifest = Manifest::make(&mut stage, &view, selection, request, chosen.len())?;
        let aids = self.originals_aids();
        let mut work = Work {
            view: &view,
            request,
            query: match selection {
                Selection::Matching { text, .. } => Some(text),
                Selection::Ids(_) => None,
            },
            chosen: &chosen,
            stage,
            manifest,
            originals: aids.originals(self.passwords()),
            summary: ExportSummary {
                unjudged: view.unjudged.borrow().notice(),
                ..ExportSummary::default()
            },
            progress,
            cancel,
        };
        let written = match request.format {
            ExportFormat::Mbox => originals::mbox(&mut work),
            ExportFormat::Eml => originals::eml(&mut work),
            ExportFormat::Csv => tables::csv(&mut work),
            ExportFormat::Json => tables::json(&mut work),
            ExportFormat::Html => html::write(&mut work),
            ExportFormat::Sqlite => sqlite::write(&mut work),
            ExportFormat::Dat => loadfile::write(&mut work),
            ExportFormat::Attachments => attachments::write(&mut work),
        };
        match written {
            Ok(()) => work.finish(),
            Err(Stop::Interrupted) => Ok(ExportSummary {
                interrupted: true,
                ..work.summary
            }),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

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

    /// No export takes the place of a source, or is put anywhere in the case, where it might be taken for the user's work.
    fn refuse_evidence(&self, view: &View<'_>, target: &Path) -> Result<(), CaseError> {
        // Of a target that is not there yet, what is there of the way to it.
        let way = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
        let found = way
            .ancestors()
            .find_map(|above| Some((above == way, above.canonicalize().ok()?)));
        let Some((is_whole, existing)) = found else {
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
        if inside(self.folder()) || (is_whole && is_source()?) {
            return Err(CaseError::TargetForeign {
                path: target.to_owned(),
            });
        }
        Ok(())
    }
}
