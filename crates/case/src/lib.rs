//! One case: a folder with an index, a ledger and the user's settings.
//!
//! This is the interface that every front end stands on: plain types in, plain types
//! out. It joins the crates that read sources, index messages and answer queries with
//! the ledger, which knows what was delivered and what became of it.
//!
//! It never prints, and never asks for the date; the one clock it looks at is the
//! monotonic one that spaces its checkpoints.

mod answers;
pub mod body;
mod boxes;
mod changed;
mod columns;
pub mod csv;
mod deliveries;
mod dress;
mod durable;
mod error;
mod export;
mod folder;
mod footers;
mod forms;
mod ghosts;
mod ingest;
mod latest;
mod ledger;
mod officials;
mod read;
mod rebuild;
mod record;
mod releases;
mod resolver;
mod seal;
mod search;
mod settings;
mod table;
mod terms;
mod thread;
mod threads;
mod timeline;
mod verify;
mod view;
mod work;

pub use answers::*;
pub use body::BodyText;
pub use boxes::FieldBox;
pub use error::CaseError;
pub use error::ErrorKind;
pub use export::ControlPrefix;
pub use export::ExportFormat;
pub use export::ExportProgress;
pub use export::ExportRequest;
pub use export::ExportSummary;
pub use export::Extent;
pub use export::LoadFileEncoding;
pub use export::Selection;
pub use footers::Footer;
pub use footers::FooterChange;
pub use footers::FooterState;
pub use forms::DifferingText;
pub use forms::LinkDetail;
pub use forms::LinkPair;
pub use forms::MessageLink;
pub use ghosts::Ghost;
pub use ghosts::GhostPlace;
pub use ghosts::Ghosts;
pub use ingest::IngestRequest;
pub use ingest::IngestSummary;
pub use ledger::AttachmentStates;
pub use ledger::FORMAT;
pub use ledger::Ledger;
pub use ledger::LedgerSource;
pub use ledger::PrintedPages;
pub use ledger::Totals;
pub use ledger::UnreadItem;
pub use ledger::UnsupportedItem;
pub use muckrake_index::Sort;
pub use muckrake_index::language::Query;
pub use muckrake_index::language::QueryError;
pub use muckrake_ingest::Counters;
pub use muckrake_ingest::CoveredPage;
pub use muckrake_ingest::DoubtfulWord;
pub use muckrake_ingest::RecognisedPage;
pub use officials::*;
pub use releases::ForgetSummary;
pub use releases::Overlap;
pub use releases::ReleaseFacts;
pub use releases::ReleaseSummary;
pub use search::SearchOptions;
pub use settings::Settings;
pub use terms::BadTerm;
pub use terms::Correspondent;
pub use terms::HitTerm;
pub use terms::ReleaseCount;
pub use terms::Term;
pub use terms::TermCounts;
pub use terms::TermHit;
pub use terms::TermLine;
pub use terms::TermMessages;
pub use terms::TermOptions;
pub use terms::TermReport;
pub use terms::TermsError;
pub use terms::Whose;
pub use terms::read_terms;
pub use thread::AbsentMessage;
pub use thread::Thread;
pub use thread::ThreadMember;
pub use thread::ThreadNode;
pub use threads::Links;
pub use timeline::Event;
pub use timeline::Series;
pub use timeline::SeriesRequest;
pub use timeline::Step;
pub use timeline::Theme;
pub use timeline::Timeline;
pub use timeline::draw_timeline;
pub use verify::PartCheck;
pub use verify::RelocateSummary;
pub use verify::SourceCheck;
pub use verify::SourceState;
pub use verify::VerifyProgress;
pub use work::ImportSummary;
pub use work::Note;
pub use work::SavedQuery;
pub use work::TagChange;
pub use work::TagCount;

use folder::Folder;
use folder::WriteLock;
use latest::FileIdentity;
use latest::IdleLedger;
use latest::LatestReader;
use ledger::LedgerFile;
use std::path::Path;
use std::path::PathBuf;

/// An open case.
///
/// Opening costs little. Each operation looks at what was committed last, so that a case
/// can be kept open while others write to it.
#[derive(Clone, Debug)]
pub struct Case {
    folder: Folder,
    settings: Settings,
    passwords: Vec<String>,
    ocr: OcrChoice,
    reader: LatestReader,
    idle_ledger: IdleLedger,
}

/// Whether pages that are images are recognised, and where what was recognised is kept: for a rebuild too that of the case itself.
#[derive(Clone, Debug)]
pub(crate) struct OcrChoice {
    pub(crate) run: bool,
    pub(crate) folder: PathBuf,
}

impl Case {
    /// Opens an existing case.
    ///
    /// # Errors
    /// [`CaseError::NoCase`], [`CaseError::NotACase`], [`CaseError::NewerCase`], or
    /// settings that cannot be understood.
    pub fn open(folder: &Path) -> Result<Self, CaseError> {
        let folder = Folder::new(folder);
        rebuild::settle(&folder)?;
        let file = FileIdentity::of(&folder.ledger());
        // One of an older format opens too, and one that is damaged, so that it can be made again.
        let ledger = match LedgerFile::open_any_format(&folder) {
            Ok(ledger) => Some(ledger),
            Err(CaseError::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
        let case = Self::with(folder)?;
        if let Some(ledger) = ledger {
            case.idle_ledger.keep(file, ledger);
        }
        Ok(case)
    }

    /// Opens a case, making its folder if there is none.
    ///
    /// # Errors
    /// As [`Case::open`]; a folder that holds other things is not made into a case.
    pub fn open_or_create(folder: &Path) -> Result<Self, CaseError> {
        let parts = Folder::new(folder);
        match Self::open(folder) {
            Err(CaseError::NoCase { .. } | CaseError::NotACase { .. }) => {}
            other => return other,
        }
        parts.create()?;
        let lock = parts.write_lock("making the case")?;
        // The ledger is made last: where there is one, there is a whole case.
        if !parts.ledger().exists() {
            make_index(&parts)?;
            drop(LedgerFile::open_for_writing(&parts)?);
            parts.sync()?;
        }
        drop(lock);
        Self::with(parts)
    }

    fn with(folder: Folder) -> Result<Self, CaseError> {
        let settings = Settings::read(&folder.settings())?;
        Ok(Self {
            ocr: OcrChoice {
                run: false,
                folder: folder.ocr(),
            },
            folder,
            settings,
            passwords: Vec::new(),
            reader: LatestReader::default(),
            idle_ledger: IdleLedger::default(),
        })
    }

    /// Gives passwords to try when originals are read out of encrypted archives.
    #[must_use]
    pub fn with_passwords(mut self, passwords: Vec<String>) -> Self {
        self.passwords = passwords;
        self
    }

    /// Lets ingests and rebuilds recognise pages of PDFs that are images, where tesseract is installed. What was recognised once
    /// is kept in the case and used without this too.
    pub fn with_ocr(mut self, run: bool) -> Self {
        self.ocr.run = run;
        self
    }

    /// The case folder.
    pub fn folder(&self) -> &Path {
        self.folder.root()
    }

    /// The user's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What was delivered and what became of it.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn ledger(&self) -> Result<Ledger, CaseError> {
        LedgerFile::open(&self.folder)?.view()
    }

    pub(crate) fn parts(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn passwords(&self) -> &[String] {
        &self.passwords
    }

    /// The same case with its parts in another folder.
    pub(crate) fn at(&self, folder: Folder) -> Self {
        Self {
            folder,
            reader: LatestReader::default(),
            idle_ledger: IdleLedger::default(),
            ..self.clone()
        }
    }

    /// Takes the write lock and opens the ledger for a change that does not touch the index.
    pub(crate) fn writable_ledger(
        &self,
        purpose: &str,
    ) -> Result<(WriteLock, LedgerFile), CaseError> {
        self.folder.check()?;
        let lock = self.folder.write_lock(purpose)?;
        rebuild::finish_swap(&self.folder)?;
        let ledger = LedgerFile::open_for_writing(&self.folder)?;
        Ok((lock, ledger))
    }
}

/// Makes an empty index in the place of one that an interrupted start may have left.
fn make_index(parts: &Folder) -> Result<(), CaseError> {
    rebuild::clear(&parts.index())?;
    muckrake_index::Index::create(&parts.index())
        .map(drop)
        .map_err(CaseError::index("make"))?;
    parts.sync()
}
