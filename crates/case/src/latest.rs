//! The index as it was committed last and the ledger, kept open from one search to the next.

use crate::folder::Folder;
use crate::ledger::LedgerFile;
use crate::seal::Seal;
use crate::seal::Sound;
use muckrake_index::Index;
use muckrake_index::IndexError;
use muckrake_index::Reader;
use std::fmt;
#[cfg(unix)]
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Opening costs more than most searches; so what is open is used until there is a new commit.
#[derive(Clone, Default)]
pub(crate) struct LatestReader {
    open: Arc<Mutex<Latest>>,
}

#[derive(Default)]
struct Latest {
    reader: Option<Arc<Reader>>,
    /// The files that were found sound until now.
    sound: Sound,
}

impl LatestReader {
    /// A reader of what was committed last to the index of a case. Its files are sound: each is
    /// as the seal says, or has the checksum that it carries. None is read twice for that.
    pub(crate) fn get(&self, folder: &Folder) -> Result<Arc<Reader>, IndexError> {
        // A reader is put there whole or not at all, so that a panic elsewhere does no harm.
        let mut open = self.lock();
        if let Some(reader) = open.reader.as_ref().filter(|reader| reader.is_latest()) {
            return Ok(Arc::clone(reader));
        }
        let index = Index::open(&folder.index())?;
        let seal = Seal::read(folder);
        if let Some(damaged) = open.sound.check(folder, &index, &seal)?.into_iter().next() {
            return Err(damaged);
        }
        let reader = Arc::new(index.reader()?);
        open.reader = Some(Arc::clone(&reader));
        Ok(reader)
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the index: some systems do not move files that are open.
    pub(crate) fn close(&self) {
        self.lock().reader = None;
    }
}

impl fmt::Debug for LatestReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LatestReader")
            .finish_non_exhaustive()
    }
}

/// A ledger that is not being read at this moment. Opening one and preparing its statements
/// takes longer than most of what is asked of it.
#[derive(Clone, Default)]
pub(crate) struct IdleLedger {
    idle: Arc<Mutex<Option<Idle>>>,
}

struct Idle {
    ledger: LedgerFile,
    file: FileIdentity,
}

impl IdleLedger {
    /// Keeps a ledger that was opened for reading until it is wanted again. One is enough.
    /// `file` is what its path led to before it was opened.
    pub(crate) fn keep(&self, file: Option<FileIdentity>, ledger: LedgerFile) {
        if let Some(file) = file.filter(|_| ledger.sees_changes()) {
            self.slot().get_or_insert(Idle { ledger, file });
        }
    }

    /// The ledger that was kept, if it is that file.
    pub(crate) fn take(&self, file: Option<FileIdentity>) -> Option<LedgerFile> {
        let idle = self.slot().take()?;
        (file? == idle.file).then_some(idle.ledger)
    }

    /// Lets go of the ledger: some systems do not move files that are open.
    pub(crate) fn close(&self) {
        *self.slot() = None;
    }

    fn slot(&self) -> MutexGuard<'_, Option<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for IdleLedger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("IdleLedger").finish_non_exhaustive()
    }
}

/// Which file a path leads to. A rebuild puts another one in the place of the ledger.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity(u64, u64);

impl FileIdentity {
    /// `None` where the system does not tell; then a ledger is opened each time.
    #[cfg(unix)]
    pub(crate) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path).ok()?;
        Some(Self(metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &Path) -> Option<Self> {
        None
    }
}
