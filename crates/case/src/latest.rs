//! The index as it was committed last, kept open from one search to the next.

use crate::folder::Folder;
use crate::seal::Seal;
use muckrake_index::Index;
use muckrake_index::IndexError;
use muckrake_index::Reader;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Opening costs more than most searches; so what is open is used until there is a new commit.
#[derive(Clone, Default)]
pub(crate) struct LatestReader {
    open: Arc<Mutex<Option<Arc<Reader>>>>,
}

impl LatestReader {
    /// A reader of what was committed last to the index of a case. Its files are sound: each is
    /// as the seal says, or has the checksum that it carries.
    pub(crate) fn get(&self, folder: &Folder) -> Result<Arc<Reader>, IndexError> {
        // A reader is put there whole or not at all, so that a panic elsewhere does no harm.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = open.as_ref().filter(|reader| reader.is_latest()) {
            return Ok(Arc::clone(reader));
        }
        let index = Index::open(&folder.index())?;
        let seal = Seal::read(folder);
        let trusted = |file: &Path| seal.vouches_for(folder, file);
        if let Some(damaged) = index.check(trusted)?.into_iter().next() {
            return Err(damaged);
        }
        let reader = Arc::new(index.reader()?);
        *open = Some(Arc::clone(&reader));
        Ok(reader)
    }

    /// Lets go of the index: some systems do not move files that are open.
    pub(crate) fn close(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for LatestReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LatestReader")
            .finish_non_exhaustive()
    }
}
