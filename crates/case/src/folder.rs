//! The case folder: what lies where in it, its format, and who may write.
//!
//! ```text
//! muckrake-case/
//!   muckrake.toml   the user's settings
//!   footers.toml    footers that were learned, and what the user says of them
//!   tags.csv        the user's tags on messages; with notes.csv and queries.csv the user's own work
//!   rejected-links.csv  pairs of messages that the user says are two mails
//!   events.csv      the user's own events, for timelines
//!   officials.toml  officials whom the user has confirmed, and pairs that the user has rejected
//!   agencies.toml   agencies with their domains, as the user names them
//!   ledger.sqlite   what was delivered and what became of it
//!   index/          full-text index; can be made again from the sources
//!   streams/        seekable copies of compressed streams, by their SHA-256
//!   ocr/            what was recognised on pages that are images, by the SHA-256 of the PDF
//!   releases.json   the releases and what the user named for each, should the ledger be damaged
//!   seal            by which damage to ledger and index shows
//!   rebuilding/     a new ledger and index, while they are made
//!   lock            held while a process writes
//!   work.lock       held while a process changes tags, notes or saved queries
//! ```

use crate::CaseError;
use crate::durable;
use crate::settings;
use jiff::Timestamp;
use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

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

    /// What was recognised on pages that are images, by the SHA-256 of the PDF.
    pub(crate) fn ocr(&self) -> PathBuf {
        self.root.join("ocr")
    }

    /// Where `rebuild` makes the new ledger and index before they take their place.
    pub(crate) fn rebuilding(&self) -> PathBuf {
        self.root.join("rebuilding")
    }

    /// The releases and what the user named for each, beside the ledger.
    pub(crate) fn deliveries(&self) -> PathBuf {
        self.root.join("releases.json")
    }

    pub(crate) fn footers(&self) -> PathBuf {
        self.root.join("footers.toml")
    }

    pub(crate) fn officials(&self) -> PathBuf {
        self.root.join("officials.toml")
    }

    pub(crate) fn agencies(&self) -> PathBuf {
        self.root.join("agencies.toml")
    }

    pub(crate) fn seal(&self) -> PathBuf {
        self.root.join("seal")
    }

    /// What SQLite has committed and not yet put into the ledger.
    pub(crate) fn ledger_rest(&self) -> PathBuf {
        let mut rest = self.ledger().into_os_string();
        rest.push("-wal");
        PathBuf::from(rest)
    }

    /// In the folder of a rebuild: all in it is whole and may take its place.
    pub(crate) fn ready(&self) -> PathBuf {
        self.root.join("ready")
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
        durable::make_folder(&self.root)
            .map_err(CaseError::file("make the case folder", &self.root))?;
        let mut entries = fs::read_dir(&self.root)
            .map_err(CaseError::file("read the case folder", &self.root))?;
        let foreign = entries.any(|entry| entry.is_ok_and(|entry| !is_own(&entry.file_name())));
        if foreign {
            return Err(CaseError::NotACase {
                folder: self.root.clone(),
            });
        }
        let settings = self.settings();
        if !settings.exists() {
            durable::write(&settings, settings::TEMPLATE.as_bytes())
                .map_err(CaseError::file("write the settings", &settings))?;
        }
        let streams = self.streams();
        durable::make_folder(&streams).map_err(CaseError::file("make the folder", &streams))
    }

    /// Makes the names in the case folder last.
    pub(crate) fn sync(&self) -> Result<(), CaseError> {
        durable::sync_folder(&self.root).map_err(CaseError::file("write", &self.root))
    }

    /// Takes the write lock, or says who holds it.
    pub(crate) fn write_lock(&self, purpose: &str) -> Result<WriteLock, CaseError> {
        let (path, mut file) = self.open_lock()?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => return self.locked(file, purpose),
                Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => {
                    tries += 1;
                    std::thread::sleep(LOCK_PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(CaseError::Locked {
                        folder: self.root.clone(),
                        holder: holder(&mut file),
                    });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(CaseError::file("lock", &path)(error));
                }
            }
        }
    }

    /// Takes the lock on the user's own work, which no ingest holds: one that takes hours keeps
    /// nobody from tagging.
    pub(crate) fn work_lock(&self) -> Result<WorkLock, CaseError> {
        let path = self.root.join("work.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(CaseError::file("open the lock", &path))?;
        // Others hold it for as long as it takes to write one table.
        file.lock().map_err(CaseError::file("lock", &path))?;
        Ok(WorkLock { _file: file })
    }

    /// Takes the write lock if nobody holds it and the folder can be written.
    pub(crate) fn write_lock_if_free(&self, purpose: &str) -> Option<WriteLock> {
        let (_, file) = self.open_lock().ok()?;
        file.try_lock().ok()?;
        self.locked(file, purpose).ok()
    }

    fn open_lock(&self) -> Result<(PathBuf, File), CaseError> {
        let path = self.lock();
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(CaseError::file("open the lock", &path))?;
        Ok((path, file))
    }

    /// The lock, with a note of who holds it.
    fn locked(&self, mut file: File, purpose: &str) -> Result<WriteLock, CaseError> {
        // A note of a process that died is still there, its lock is not.
        let note = format!("{} {purpose}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(note.as_bytes()))
            .map_err(CaseError::file("write the lock", &self.lock()))?;
        Ok(WriteLock { file })
    }

    /// Whether what lies in the folder may be of two moments: somebody writes, or a new index is
    /// being put in place.
    pub(crate) fn is_changing(&self) -> bool {
        self.writer().is_some() || Self::new(&self.rebuilding()).ready().exists()
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

/// Whether a name in the case folder is one that the program gives.
fn is_own(name: &OsStr) -> bool {
    const FOLDERS: [&str; 6] = ["lock", "work.lock", "index", "streams", "ocr", "rebuilding"];
    const FILES: [&str; 12] = [
        "ledger.sqlite",
        "muckrake.toml",
        "footers.toml",
        "officials.toml",
        "agencies.toml",
        "releases.json",
        "seal",
        "tags.csv",
        "notes.csv",
        "queries.csv",
        "rejected-links.csv",
        "events.csv",
    ];
    // With what SQLite and a write that was interrupted leave beside a file.
    const ENDINGS: [&str; 5] = ["", "-wal", "-shm", "-journal", durable::ASIDE];
    let Some(name) = name.to_str() else {
        return false;
    };
    let files = FILES.iter().filter_map(|file| name.strip_prefix(file));
    FOLDERS.contains(&name) || files.into_iter().any(|ending| ENDINGS.contains(&ending))
}

/// How often a lock is tried: a search that asks who writes holds it for a moment.
const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Who holds the lock, what for and since when: from the note that a writer leaves in the
/// file, and when it was left.
fn holder(file: &mut File) -> String {
    let unknown = || "another process".to_owned();
    let mut note = Vec::new();
    if file
        .rewind()
        .and_then(|()| file.take(200).read_to_end(&mut note))
        .is_err()
    {
        return unknown();
    }
    let note = String::from_utf8_lossy(&note);
    let Some((process, purpose)) = note.trim().split_once(' ') else {
        return unknown();
    };
    let left = file.metadata().and_then(|metadata| metadata.modified());
    let since = left.ok().and_then(|left| Timestamp::try_from(left).ok());
    let since = since.map(|since| since.strftime(", since %Y-%m-%d %H:%M:%S UTC").to_string());
    format!("process {process} ({purpose}{})", since.unwrap_or_default())
}

/// The right to change the user's own work; given up when dropped.
#[derive(Debug)]
pub(crate) struct WorkLock {
    _file: File,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn refusal(folder: &Folder) -> String {
        let refused = folder.write_lock("releases set");
        refused.expect_err("another holds it").to_string()
    }

    #[test]
    fn a_second_writer_is_told_who_writes_what_and_since_when() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = Folder::new(place.path());
        let lock = folder.write_lock("ingest of `pier`").expect("it is free");
        // 2021-03-01 10:30:00 UTC, by `date -d @1614594600 -u`.
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_614_594_600);
        lock.file.set_modified(since).expect("it can be set");
        let holder = format!(
            "process {} (ingest of `pier`, since 2021-03-01 10:30:00 UTC)",
            std::process::id()
        );
        assert!(refusal(&folder).ends_with(&holder), "{}", refusal(&folder));
        assert_eq!(folder.writer(), Some(holder));
        drop(lock);
        assert_eq!(folder.writer(), None);
    }

    #[test]
    fn what_a_dead_process_left_is_no_lock() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = Folder::new(place.path());
        fs::write(folder.lock(), "4194999 ingest of `pier`\n").expect("it can be written");
        assert_eq!(folder.writer(), None);
        let lock = folder.write_lock("rebuild").expect("it is free");
        let holder = folder.writer().expect("it is held");
        let own = format!("process {} (rebuild", std::process::id());
        assert!(holder.starts_with(&own), "{holder}");
        drop(lock);
    }

    #[test]
    fn a_note_that_cannot_be_read_names_nobody() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = Folder::new(place.path());
        let lock = folder.write_lock("rebuild").expect("it is free");
        lock.file.set_len(0).expect("it can be written");
        assert_eq!(folder.writer().as_deref(), Some("another process"));
    }
}
