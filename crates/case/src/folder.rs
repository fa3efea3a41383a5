//! The case folder: what lies where in it, its format, and who may write.
//!
//! ```text
//! muckrake-case/
//!   muckrake.toml   the user's settings
//!   ledger.sqlite   what was delivered and what became of it
//!   index/          full-text index; can be made again from the sources
//!   streams/        seekable copies of compressed streams, by their SHA-256
//!   lock            held while a process writes
//! ```

use crate::CaseError;
use crate::settings;
use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Paths of the parts of one case.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.root.join("muckrake.toml")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.root.join("ledger.sqlite")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    pub(crate) fn streams(&self) -> PathBuf {
        self.root.join("streams")
    }

    /// Where `rebuild` makes the new ledger and index before they take their place.
    pub(crate) fn rebuilding(&self) -> PathBuf {
        self.root.join("rebuilding")
    }

    fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Says whether this is a case, with the reason if it is not.
    pub(crate) fn check(&self) -> Result<(), CaseError> {
        match fs::metadata(&self.root) {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(CaseError::NoCase {
                folder: self.root.clone(),
            }),
            Err(error) => Err(CaseError::file("open the case", &self.root)(error)),
            Ok(_) if self.ledger().is_file() => Ok(()),
            Ok(_) => Err(CaseError::NotACase {
                folder: self.root.clone(),
            }),
        }
    }

    /// Makes the folder and the settings file. A folder that holds other things is refused.
    pub(crate) fn create(&self) -> Result<(), CaseError> {
        fs::create_dir_all(&self.root)
            .map_err(CaseError::file("make the case folder", &self.root))?;
        let mut entries = fs::read_dir(&self.root)
            .map_err(CaseError::file("read the case folder", &self.root))?;
        let own = ["muckrake.toml", "lock", "index", "streams", "rebuilding"];
        let foreign = entries.any(|entry| {
            entry.is_ok_and(|entry| {
                let name = entry.file_name();
                !own.iter().any(|own| name == *own)
                    && !name.to_string_lossy().starts_with("ledger.sqlite")
            })
        });
        if foreign {
            return Err(CaseError::NotACase {
                folder: self.root.clone(),
            });
        }
        let settings = self.settings();
        if !settings.exists() {
            fs::write(&settings, settings::TEMPLATE)
                .map_err(CaseError::file("write the settings", &settings))?;
        }
        let streams = self.streams();
        fs::create_dir_all(&streams).map_err(CaseError::file("make the folder", &streams))
    }

    /// Takes the write lock, or says who holds it.
    pub(crate) fn write_lock(&self, purpose: &str) -> Result<WriteLock, CaseError> {
        let path = self.lock();
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(CaseError::file("open the lock", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CaseError::Locked {
                    folder: self.root.clone(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(CaseError::file("lock", &path)(error)),
        }
        let note = format!("process {} ({purpose})\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(note.as_bytes()))
            .map_err(CaseError::file("write the lock", &path))?;
        Ok(WriteLock { file })
    }

    /// Who writes to the case at this moment, if anyone.
    pub(crate) fn writer(&self) -> Option<String> {
        let mut file = File::open(self.lock()).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(holder(&mut file)),
            _ => None,
        }
    }
}

/// Reads the note that a writer leaves in the lock file.
fn holder(file: &mut File) -> String {
    let mut note = String::new();
    let read = file
        .rewind()
        .and_then(|()| file.take(200).read_to_string(&mut note));
    match note.trim() {
        "" => "another process".to_owned(),
        _ if read.is_err() => "another process".to_owned(),
        note => note.to_owned(),
    }
}

/// The right to write to the case; given up when dropped, or by the system when the process dies.
#[derive(Debug)]
pub(crate) struct WriteLock {
    file: File,
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        // The note is for people only; the lock itself ends with the file.
        let _ = self.file.set_len(0);
    }
}
