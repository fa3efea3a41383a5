//! Making ledger and index again from the sources, and putting them in place.
//!
//! The new ones are made in a folder of their own. When they are whole, a file named
//! `ready` is written there; from then on the swap is finished by whoever opens the
//! case for writing next, however often it is interrupted.

use crate::Case;
use crate::CaseError;
use crate::folder::Folder;
use crate::ingest::IngestRequest;
use crate::ingest::IngestSummary;
use crate::ingest::Writing;
use crate::ledger;
use crate::ledger::LedgerFile;
use crate::ledger::SourceRow;
use crate::ledger::StoredPath;
use crate::ledger::digest;
use crate::make_index;
use crate::releases::ReleaseFacts;
use muckrake_ingest::Counters;
use rusqlite::params;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

impl Case {
    /// Makes ledger and index again from the sources, with the same ids.
    ///
    /// The old ones answer until the new ones are whole; interrupted, nothing changes.
    ///
    /// # Errors
    /// [`CaseError::SourcesMissing`] if a source is not where it was;
    /// [`CaseError::RebuildLoses`] if the sources do not give all messages again;
    /// [`CaseError::Locked`] while another process writes.
    pub fn rebuild(
        &self,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<IngestSummary, CaseError> {
        self.parts().check()?;
        let _lock = self.parts().write_lock("rebuild")?;
        finish_swap(self.parts())?;
        let old = LedgerFile::open_any_format(self.parts())?;
        let sources = old.sources()?;
        expect_all_there(&sources)?;

        let new = Folder::new(&self.parts().rebuilding());
        clear(new.root())?;
        new.create()?;
        make_index(&new)?;
        let part = self.at(new.clone());
        let mut writing = Writing::open(&part)?;
        let mut sum = IngestSummary::default();
        let mut names = Vec::new();
        for (id, release, facts) in releases(&old)? {
            names.push(release.clone());
            let request = IngestRequest {
                paths: paths(&old, id, &release, &sources)?,
                release,
                facts,
                passwords: self.passwords().to_vec(),
            };
            let summary = part.ingest_locked(&mut writing, &request, counters, cancel)?;
            if summary.interrupted {
                drop(writing);
                clear(new.root())?;
                return Ok(IngestSummary {
                    totals: ledger::read_totals(&old)?,
                    ..summary
                });
            }
            sum = added(sum, summary);
        }
        let mut summary = IngestSummary {
            release: names.join(", "),
            ..sum
        };
        if let Err(error) = expect_nothing_lost(&old, &writing.ledger) {
            drop(writing);
            clear(new.root())?;
            return Err(error);
        }
        keep_names(&writing.ledger, &sources)?;
        summary.totals = ledger::read_totals(&writing.ledger)?;
        drop(writing);
        drop(old);
        self.reader.close();
        let ready = new.root().join("ready");
        fs::write(&ready, b"").map_err(CaseError::file("write", &ready))?;
        finish_swap(self.parts())?;
        Ok(summary)
    }
}

/// What to read for a release: the folders that the user named as far as they are there,
/// and the sources that lie outside them.
fn paths(
    ledger: &LedgerFile,
    id: i64,
    release: &str,
    sources: &[SourceRow],
) -> Result<Vec<PathBuf>, CaseError> {
    let mut paths = ledger.roots(id)?;
    paths.retain(|root| root.exists());
    let roots = paths.clone();
    let read = sources
        .iter()
        .filter(|source| source.release == release && source.sha256.is_some());
    let outside = read.filter(|source| !roots.iter().any(|root| source.path.starts_with(root)));
    paths.extend(outside.map(|source| source.path.clone()));
    Ok(paths)
}

/// The sums of two runs.
fn added(one: IngestSummary, other: IngestSummary) -> IngestSummary {
    IngestSummary {
        files: one.files + other.files,
        sources_new: one.sources_new + other.sources_new,
        sources_same: one.sources_same + other.sources_same,
        sources_grown: one.sources_grown + other.sources_grown,
        sources_changed: one.sources_changed + other.sources_changed,
        copies_new: one.copies_new + other.copies_new,
        copies_kept: one.copies_kept + other.copies_kept,
        messages_new: one.messages_new + other.messages_new,
        duplicates_new: one.duplicates_new + other.duplicates_new,
        attachments_new: one.attachments_new + other.attachments_new,
        unsupported_new: one.unsupported_new + other.unsupported_new,
        unread_new: one.unread_new + other.unread_new,
        messages_removed: one.messages_removed + other.messages_removed,
        ..other
    }
}

/// Refuses a rebuild after which a message could no longer be found or proved: the
/// sources have changed, or an archive needs a password. A message whose bytes are there
/// under another id is not lost: a newer version may read a damaged header better.
fn expect_nothing_lost(old: &LedgerFile, new: &LedgerFile) -> Result<(), CaseError> {
    let keys = |ledger: &LedgerFile| -> Result<HashSet<[u8; 20]>, CaseError> {
        let keys = ledger.rows("SELECT key FROM messages", [], |row| digest(row, 0))?;
        Ok(keys.into_iter().collect())
    };
    let hashes = |ledger: &LedgerFile, sql: &str| -> Result<HashSet<[u8; 32]>, CaseError> {
        Ok(ledger
            .rows(sql, [], |row| digest(row, 0))?
            .into_iter()
            .collect())
    };
    let known = keys(new)?;
    let mut missing = keys(old)?;
    missing.retain(|key| !known.contains(key));
    if !missing.is_empty() {
        let bytes = hashes(new, "SELECT sha256 FROM copies")?;
        for key in std::mem::take(&mut missing) {
            let copies: Vec<[u8; 32]> = old.rows(
                "SELECT c.sha256 FROM copies c JOIN messages m ON m.ordinal = c.message WHERE m.key = ?1",
                [key],
                |row| digest(row, 0),
            )?;
            if !copies.iter().any(|sha256| bytes.contains(sha256)) {
                missing.insert(key);
            }
        }
    }
    let sources_sql = "SELECT sha256 FROM sources WHERE sha256 IS NOT NULL";
    let sources = hashes(old, sources_sql)?
        .difference(&hashes(new, sources_sql)?)
        .count();
    match (missing.len(), sources) {
        (0, 0) => Ok(()),
        (messages, sources) => Err(CaseError::RebuildLoses { messages, sources }),
    }
}

/// The releases of a ledger with their facts.
fn releases(ledger: &LedgerFile) -> Result<Vec<(i64, String, ReleaseFacts)>, CaseError> {
    let sql = "SELECT id, name, agency, request, date_received, promised, time_zone FROM releases ORDER BY id";
    ledger.rows(sql, [], |row| {
        let facts = ReleaseFacts {
            agency: row.get(2)?,
            request: row.get(3)?,
            date_received: row.get(4)?,
            promised: row.get(5)?,
            time_zone: row.get(6)?,
        };
        Ok((row.get(0)?, row.get(1)?, facts))
    })
}

fn expect_all_there(sources: &[SourceRow]) -> Result<(), CaseError> {
    let missing: Vec<_> = sources
        .iter()
        .filter(|source| {
            source.sha256.is_some() && source.state != "replaced" && !source.path.is_file()
        })
        .collect();
    match missing.first() {
        Some(first) => Err(CaseError::SourcesMissing {
            count: missing.len(),
            first: first.path.clone(),
        }),
        None => Ok(()),
    }
}

/// Sources read one by one have lost the name they had in their folder; it is given back.
fn keep_names(ledger: &LedgerFile, sources: &[SourceRow]) -> Result<(), CaseError> {
    ledger.begin()?;
    for source in sources {
        ledger.change(
            "UPDATE sources SET name = ?3 WHERE path = ?1 AND release = (SELECT id FROM releases WHERE name = ?2)",
            params![StoredPath(&source.path), source.release, source.name],
        )?;
    }
    ledger.commit()
}

/// Puts a whole new ledger and index in the place of the old ones, if there are any.
/// Each step can be repeated. Needs the write lock.
pub(crate) fn finish_swap(folder: &Folder) -> Result<(), CaseError> {
    let new = Folder::new(&folder.rebuilding());
    if !new.root().join("ready").exists() {
        return Ok(());
    }
    if new.index().exists() {
        clear(&folder.index())?;
        rename(&new.index(), &folder.index())?;
    }
    if new.ledger().exists() {
        for suffix in ["-wal", "-shm"] {
            let mut side = folder.ledger().into_os_string();
            side.push(suffix);
            remove_file(Path::new(&side))?;
        }
        rename(&new.ledger(), &folder.ledger())?;
    }
    if new.streams().exists() {
        adopt_streams(&new, folder)?;
    }
    clear(new.root())
}

/// Finishes a swap that was interrupted before anything is read. While the process that
/// rebuilds is in the middle of it, it holds the lock and says so.
pub(crate) fn settle(folder: &Folder) -> Result<(), CaseError> {
    if !folder.rebuilding().join("ready").exists() {
        return Ok(());
    }
    let _lock = match folder.write_lock("finishing a rebuild") {
        Err(CaseError::File { source, .. }) if is_read_only(&source) => {
            return Err(CaseError::ReadOnlyUnsettled {
                path: folder.rebuilding(),
            });
        }
        other => other?,
    };
    finish_swap(folder)
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Moves seekable copies that the case does not have yet.
fn adopt_streams(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    let from = new.streams();
    for entry in fs::read_dir(&from).map_err(CaseError::file("read", &from))? {
        let entry = entry.map_err(CaseError::file("read", &from))?;
        rename(&entry.path(), &folder.streams().join(entry.file_name()))?;
    }
    Ok(())
}

fn rename(from: &Path, to: &Path) -> Result<(), CaseError> {
    fs::rename(from, to).map_err(CaseError::file("put in place", to))
}

fn remove_file(path: &Path) -> Result<(), CaseError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(CaseError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder, if it is there.
pub(crate) fn clear(path: &Path) -> Result<(), CaseError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(CaseError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}
