//! The folder of an index, as tantivy reads and writes it.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use tantivy::directory::AntiCallToken;
use tantivy::directory::Directory;
use tantivy::directory::DirectoryLock;
use tantivy::directory::FileHandle;
use tantivy::directory::Lock;
use tantivy::directory::META_LOCK;
use tantivy::directory::MmapDirectory;
use tantivy::directory::TerminatingWrite;
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
pub(crate) struct Folder {
    inner: MmapDirectory,
    path: PathBuf,
    failure: Failure,
}

/// The first write that failed, and why. Tantivy's threads only say that one of them has died.
#[derive(Clone, Debug, Default)]
struct Failure(Arc<OnceLock<(PathBuf, io::Error)>>);

impl Failure {
    /// Keeps the failure of a write to a file; gives it back.
    fn note<T>(&self, path: &Path, done: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &done {
            let _ = self.0.set((path.to_owned(), copy_of(error)));
        }
        done
    }
}

fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// A file of the index that is being written.
struct Noting {
    path: PathBuf,
    inner: WritePtr,
    failure: Failure,
}

impl Write for Noting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.failure.note(&self.path, self.inner.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.failure.note(&self.path, self.inner.flush())
    }
}

impl TerminatingWrite for Noting {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.failure
            .note(&self.path, self.inner.terminate_ref(token))
    }
}

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self {
            inner: MmapDirectory::open(path)?,
            path: path.to_owned(),
            failure: Failure::default(),
        })
    }

    /// The first write that failed: on which file, and why.
    pub(crate) fn failure(&self) -> Option<(PathBuf, io::Error)> {
        let (path, error) = self.failure.0.get()?;
        Some((path.clone(), copy_of(error)))
    }

    fn replace(&self, name: &Path, data: &[u8]) -> io::Result<()> {
        let number = REPLACED.fetch_add(1, Ordering::Relaxed);
        let aside = format!("{ASIDE}{}-{number}", std::process::id());
        let aside = self.path.join(aside);
        let mut file = File::create(&aside)?;
        file.write_all(data)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&aside, self.path.join(name))?;
        self.inner.sync_directory()
    }
}

/// What takes a file's place has a name that begins so, until it is whole.
const ASIDE: &str = "replacing-";

/// Files replaced by this process: no two have one name meanwhile.
static REPLACED: AtomicU64 = AtomicU64::new(0);

/// Removes what processes that died left half written. To be called by the one that writes.
pub(crate) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(ASIDE) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
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
        self.inner
            .acquire_lock(lock)
            .or_else(|refused| unless_read_only(lock, refused))
    }

    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let full = self.path.join(path);
        let opened = match self.inner.open_write(path) {
            // Left by a writer that died before its commit: the next one counts on from the
            // same commit, and so comes to the same name for what is deleted.
            Err(OpenWriteError::FileAlreadyExists(_)) => {
                let _ = self.inner.delete(path);
                self.inner.open_write(path)
            }
            opened => opened,
        };
        let inner = opened.inspect_err(|error| {
            if let OpenWriteError::IoError { io_error, .. } = error {
                let _ = self.failure.0.set((full.clone(), copy_of(io_error)));
            }
        })?;
        Ok(WritePtr::new(Box::new(Noting {
            path: full,
            inner,
            failure: self.failure.clone(),
        })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.failure
            .note(&self.path.join(path), self.replace(path, data))
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.inner.sync_directory()
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
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
