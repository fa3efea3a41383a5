//! Whether the delivered files are still what was indexed, and where they are now.

use crate::Case;
use crate::CaseError;
use crate::deliveries;
use crate::ingest::index_behind;
use crate::ledger::LedgerFile;
use crate::ledger::StoredPath;
use crate::ledger::digest;
use crate::ledger::stored_path;
use crate::read::with_causes;
use crate::rebuild;
use crate::seal::Seal;
use muckrake_index::Index;
use muckrake_ingest::SeekableStore;
use muckrake_ingest::hash_file;
use muckrake_mail::Sha256;
use rusqlite::params;
use serde::Serialize;
use sha2::Digest;
use std::fs;
use std::io::ErrorKind;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// What became of a source since it was indexed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SourceState {
    /// The same bytes.
    Same,
    /// Other bytes.
    Changed {
        /// SHA-256 of the file as it is now.
        found: Sha256,
    },
    /// Nothing at its path.
    Missing,
    /// Something at its path that cannot be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// One source, compared with its recorded hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceCheck {
    /// Always [`crate::SCHEMA`].
    pub schema: u32,
    /// Name of the release.
    pub release: String,
    /// Path as last seen.
    pub source: String,
    /// SHA-256 as recorded.
    pub sha256: Sha256,
    /// Bytes as recorded.
    pub size: u64,
    /// What became of it.
    #[serde(flatten)]
    pub state: SourceState,
}

/// A part of the case that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartCheck {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// How far a check has come; read by a progress bar.
#[derive(Debug, Default)]
pub struct VerifyProgress {
    /// Bytes to read in all.
    pub bytes_total: AtomicU64,
    /// Bytes read so far.
    pub bytes_done: AtomicU64,
}

/// What [`Case::relocate`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RelocateSummary {
    /// Sources whose new place is recorded.
    pub moved: u64,
    /// Where the ledger is damaged: files and folders that the user named, whose new place is
    /// recorded for a rebuild.
    pub named: u64,
    /// Sources of which nothing with the same bytes is at the new place.
    pub not_found: Vec<PathBuf>,
}

impl Case {
    /// Compares every source with its recorded hash. Stops early when `cancel` is set;
    /// then fewer sources are in the answer than in the ledger.
    ///
    /// # Errors
    /// If the ledger cannot be read. A source that cannot be read is an answer, not an error.
    pub fn verify(
        &self,
        progress: &VerifyProgress,
        cancel: &AtomicBool,
    ) -> Result<Vec<SourceCheck>, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let sources = ledger.sources()?;
        progress.bytes_total.store(
            sources.iter().map(|source| source.size).sum(),
            Ordering::Relaxed,
        );
        let mut checks = Vec::new();
        for source in sources {
            if cancel.load(Ordering::Relaxed) {
                break;
            }
            let Some(sha256) = source.sha256 else {
                continue;
            };
            checks.push(SourceCheck {
                schema: crate::SCHEMA,
                release: source.release,
                source: source.path.to_string_lossy().into_owned(),
                sha256,
                size: source.size,
                state: state(&source.path, sha256),
            });
            progress
                .bytes_done
                .fetch_add(source.size, Ordering::Relaxed);
        }
        Ok(checks)
    }

    /// Reads all of the case itself and compares it with its checksums: ledger, index, the
    /// seekable copies, and whether index and ledger hold the same messages. Gives what is
    /// damaged. Stops early when `cancel` is set, between two files.
    ///
    /// # Errors
    /// A case of another format; a disk that cannot be read.
    pub fn verify_parts(&self, cancel: &AtomicBool) -> Result<Vec<PartCheck>, CaseError> {
        rebuild::settle(self.parts())?;
        let mut damaged = Damage::default();
        let ledger = damaged.of(Seal::check_ledger(self.parts(), true))?;
        let ledger = match ledger {
            Some(()) => damaged.of(LedgerFile::open(self.parts()))?,
            None => None,
        };
        self.verify_index(&mut damaged, cancel)?;
        let Some(ledger) = ledger.filter(|_| !cancel.load(Ordering::Relaxed)) else {
            return Ok(damaged.parts);
        };
        let faults = ledger.rows("PRAGMA integrity_check(10)", [], |row| row.get(0));
        for fault in damaged.of(faults)?.unwrap_or_default() {
            if fault != "ok" {
                damaged.put_text(self.parts().ledger(), fault);
            }
        }
        if damaged.parts.is_empty() {
            let view = damaged.of(self.view())?;
            if let Some(view) = view
                && !view.holds_what_the_ledger_counts()?
                && !self.parts().is_changing()
            {
                damaged.of(Err::<(), _>(index_behind(&self.parts().index())))?;
            }
        }
        self.verify_streams(&ledger, &mut damaged, cancel)?;
        if deliveries::read(self.parts()).is_none() && !self.parts().is_changing() {
            let reason = "it cannot be read; the next ingest writes it again".to_owned();
            damaged.put_text(self.parts().deliveries(), reason);
        }
        Ok(damaged.parts)
    }

    /// Whether the last writer left the checksum of the ledger, so that [`Case::verify_parts`] can
    /// tell a row that was changed otherwise. Not so while one writes, or if it did not come to its end.
    pub fn is_sealed(&self) -> bool {
        Seal::read(self.parts()).is_closed()
    }

    /// Compares each file of the index with its checksum.
    fn verify_index(&self, damaged: &mut Damage, cancel: &AtomicBool) -> Result<(), CaseError> {
        let index = match Index::open(&self.parts().index()).map_err(CaseError::index("open")) {
            Ok(index) => index,
            Err(error) => {
                damaged.put(self.parts().index(), &error);
                return Ok(());
            }
        };
        // Once it is cancelled no more is read.
        let passed_over = |_: &Path| cancel.load(Ordering::Relaxed);
        for error in index.check(passed_over).map_err(CaseError::index("read"))? {
            damaged.of(Err::<(), _>(CaseError::index("read")(error)))?;
        }
        Ok(())
    }

    /// Compares each seekable copy with the hash that is its name.
    fn verify_streams(
        &self,
        ledger: &LedgerFile,
        damaged: &mut Damage,
        cancel: &AtomicBool,
    ) -> Result<(), CaseError> {
        let store = SeekableStore::new(&self.parts().streams());
        let named = ledger.rows("SELECT DISTINCT sha256 FROM streams", [], |row| {
            Ok(Sha256(digest(row, 0)?))
        });
        for sha256 in damaged.of(named)?.unwrap_or_default() {
            if cancel.load(Ordering::Relaxed) {
                break;
            }
            if let Err(reason) = check_stream(&store, &sha256) {
                damaged.put_text(store.path(&sha256), reason);
            }
        }
        Ok(())
    }

    /// Records where sources are that were at or under `old`: those whose bytes are
    /// found at the same place under `new`.
    ///
    /// Where the ledger is damaged, it records where the files and folders are that the user
    /// named, and [`Case::rebuild`] compares what lies there.
    ///
    /// # Errors
    /// [`CaseError::UnknownSource`] if no source lies at or under `old`;
    /// [`CaseError::Locked`] while another process writes.
    pub fn relocate(&self, old: &Path, new: &Path) -> Result<RelocateSummary, CaseError> {
        let _lock = self.parts().write_lock("relocate")?;
        rebuild::finish_swap(self.parts())?;
        let old = std::path::absolute(old).map_err(CaseError::file("find", old))?;
        let new = new.canonicalize().map_err(CaseError::file("find", new))?;
        // What a rebuild of an older case needs, if its sources have moved.
        match LedgerFile::open_any_format_for_writing(self.parts()) {
            Err(damage @ CaseError::Damaged { .. }) => self.relocate_told(old, &new, damage),
            ledger => relocate_sources(&ledger?, old, &new),
        }
    }

    /// Records the new place where a rebuild without the ledger looks for it.
    fn relocate_told(
        &self,
        old: PathBuf,
        new: &Path,
        damage: CaseError,
    ) -> Result<RelocateSummary, CaseError> {
        match deliveries::move_roots(self.parts(), &old, new)? {
            None => Err(damage),
            Some(0) => Err(CaseError::UnknownSource { path: old }),
            Some(named) => Ok(RelocateSummary {
                named,
                ..RelocateSummary::default()
            }),
        }
    }
}

fn relocate_sources(
    ledger: &LedgerFile,
    old: PathBuf,
    new: &Path,
) -> Result<RelocateSummary, CaseError> {
    let mut summary = RelocateSummary::default();
    let mut any = false;
    ledger.begin()?;
    for source in ledger.sources()? {
        let Some(path) = deliveries::moved_path(&source.path, &old, new) else {
            continue;
        };
        let Some(sha256) = source.sha256 else {
            continue;
        };
        any = true;
        if state(&path, sha256) != SourceState::Same {
            summary.not_found.push(source.path);
            continue;
        }
        let modified = modified_ns(&path);
        ledger.change(
            "UPDATE sources SET path = ?2, modified_ns = ?3, state = 'done' WHERE id = ?1",
            params![source.id, StoredPath(&path), modified],
        )?;
        summary.moved += 1;
    }
    move_roots(ledger, &old, new)?;
    ledger.commit()?;
    if any {
        Ok(summary)
    } else {
        Err(CaseError::UnknownSource { path: old })
    }
}

/// Collects what is damaged.
#[derive(Default)]
struct Damage {
    parts: Vec<PartCheck>,
}

impl Damage {
    /// Takes damage out of a result; another error stays one.
    fn of<T>(&mut self, result: Result<T, CaseError>) -> Result<Option<T>, CaseError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(CaseError::Damaged { path, reason }) => {
                self.put_text(path, reason);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn put(&mut self, path: PathBuf, error: &CaseError) {
        self.put_text(path, with_causes(error));
    }

    fn put_text(&mut self, path: PathBuf, reason: String) {
        self.parts.push(PartCheck { path, reason });
    }
}

/// Reads a seekable copy to its end; the reason if it is not what its name says.
fn check_stream(store: &SeekableStore, sha256: &Sha256) -> Result<(), String> {
    let opened = store.open(sha256).map_err(|error| with_causes(&error))?;
    let mut stream = opened.ok_or("it is not there")?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) => return Err(error.to_string()),
        }
    }
    let found = Sha256(hasher.finalize().into());
    (found == *sha256)
        .then_some(())
        .ok_or_else(|| format!("it holds a stream with SHA-256 {found}"))
}

/// A folder that the user named moves with what is in it.
fn move_roots(ledger: &LedgerFile, old: &Path, new: &Path) -> Result<(), CaseError> {
    let roots = ledger.rows("SELECT release, path FROM roots", [], |row| {
        Ok((row.get::<_, i64>(0)?, stored_path(row, 1)?))
    })?;
    for (release, root) in roots {
        if let Some(moved) = deliveries::moved_path(&root, old, new) {
            ledger.change(
                "DELETE FROM roots WHERE release = ?1 AND path = ?2",
                params![release, StoredPath(&root)],
            )?;
            ledger.keep_roots(release, &[moved])?;
        } else if old.starts_with(&root) {
            ledger.keep_roots(release, &[new.to_owned()])?;
        }
    }
    Ok(())
}

pub(crate) fn state(path: &Path, recorded: Sha256) -> SourceState {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return SourceState::Missing,
        Err(error) => {
            return SourceState::Unreadable {
                reason: error.to_string(),
            };
        }
        Ok(metadata) if !metadata.is_file() => {
            return SourceState::Unreadable {
                reason: "not a regular file".into(),
            };
        }
        Ok(_) => {}
    }
    match hash_file(path) {
        Ok(found) if found == recorded => SourceState::Same,
        Ok(found) => SourceState::Changed { found },
        Err(error) => SourceState::Unreadable {
            reason: error.to_string(),
        },
    }
}

/// The modification time as the ledger keeps it; empty where the system tells none.
pub(crate) fn modified_ns(path: &Path) -> String {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map(|since| since.as_nanos().to_string())
        .unwrap_or_default()
}
