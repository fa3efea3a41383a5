//! The folder of an index, as tantivy reads and writes it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tantivy::directory::Directory;
use tantivy::directory::DirectoryLock;
use tantivy::directory::FileHandle;
use tantivy::directory::Lock;
use tantivy::directory::META_LOCK;
use tantivy::directory::MmapDirectory;
use tantivy::directory::WatchCallback;
use tantivy::directory::WatchHandle;
use tantivy::directory::WritePtr;
use tantivy::directory::error::DeleteError;
use tantivy::directory::error::LockError;
use tantivy::directory::error::OpenDirectoryError;
use tantivy::directory::error::OpenReadError;
use tantivy::directory::error::OpenWriteError;

/// An index that can be read in a folder that cannot be written.
///
/// Tantivy locks a file of the folder while it opens the segments of a commit, so that a
/// writer does not remove them meanwhile. Where that file cannot be written, it opens them
/// without: [`super::index::Index::reader`] tries again if there was a commit in between.
///
/// What replaces a file is on disk when it is said to be, its name included: the ledger, which
/// commits after the index, must not outlive the commit that it speaks of.
#[derive(Clone, Debug)]
pub(crate) struct Folder(MmapDirectory);

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenDirectoryError> {
        MmapDirectory::open(path).map(Self)
    }
}

/// Does without the lock for reading where the folder cannot be written.
fn unless_read_only(lock: &Lock, refused: LockError) -> Result<DirectoryLock, LockError> {
    let read_only = matches!(
        &refused,
        LockError::IoError(error) if matches!(
            error.kind(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        )
    );
    if read_only && lock.filepath == META_LOCK.filepath {
        Ok(DirectoryLock::from(Box::new(())))
    } else {
        Err(refused)
    }
}

impl Directory for Folder {
    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.0
            .acquire_lock(lock)
            .or_else(|refused| unless_read_only(lock, refused))
    }

    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.0.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.0.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.0.atomic_write(path, data)?;
        self.0.sync_directory()
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.0.sync_directory()
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tantivy::directory::INDEX_WRITER_LOCK;

    fn refused(kind: io::ErrorKind) -> LockError {
        LockError::wrap_io_error(kind.into())
    }

    #[test]
    fn only_the_lock_for_reading_is_done_without_and_only_where_nothing_can_be_written() {
        use io::ErrorKind::*;
        for kind in [PermissionDenied, ReadOnlyFilesystem] {
            assert!(unless_read_only(&META_LOCK, refused(kind)).is_ok());
            assert!(unless_read_only(&INDEX_WRITER_LOCK, refused(kind)).is_err());
        }
        assert!(unless_read_only(&META_LOCK, refused(StorageFull)).is_err());
        assert!(unless_read_only(&META_LOCK, LockError::LockBusy).is_err());
    }

    #[test]
    fn where_the_folder_can_be_written_the_lock_is_taken() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let one = Folder::open(folder.path()).expect("it is there");
        let other = Folder::open(folder.path()).expect("it is there");
        let held = one.acquire_lock(&INDEX_WRITER_LOCK);
        assert!(held.is_ok());
        assert!(other.acquire_lock(&INDEX_WRITER_LOCK).is_err());
    }
}
