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
use crate::make_index;
use crate::releases::ReleaseFacts;
use muckrake_ingest::Counters;
use rusqlite::params;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::AtomicBool;

impl Case {
    /// Makes ledger and index again from the sources, with the same ids.
    ///
    /// The old ones answer until the new ones are whole; interrupted, nothing changes.
    ///
    /// # Errors
    /// [`CaseError::SourcesMissing`] if a source is not where it was;
    /// [`CaseError::Locked`] while another process writes.
    pub fn rebuild(
        &self,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<IngestSummary, CaseError> {
        self.parts().check()?;
        let _lock = self.parts().write_lock("rebuild")?;
        finish_swap(self.parts())?;
        let old = LedgerFile::open(self.parts())?;
        let sources = old.sources()?;
        expect_all_there(&sources)?;

        let new = Folder::new(&self.parts().rebuilding());
        clear(new.root())?;
        new.create()?;
        make_index(&new)?;
        let part = self.at(new.clone());
        let mut writing = Writing::open(&part)?;
        let mut summary = IngestSummary::default();
        for (release, facts) in releases(&old)? {
            let paths = sources
                .iter()
                .filter(|source| source.release == release)
                .map(|source| source.path.clone());
            let request = IngestRequest {
                paths: paths.collect(),
                release,
                facts,
                passwords: self.passwords().to_vec(),
            };
            summary = part.ingest_locked(&mut writing, &request, counters, cancel)?;
            if summary.interrupted {
                drop(writing);
                clear(new.root())?;
                return Ok(summary);
            }
        }
        keep_names(&writing.ledger, &sources)?;
        summary.totals = ledger::read_totals(&writing.ledger)?;
        drop(writing);
        drop(old);
        let ready = new.root().join("ready");
        fs::write(&ready, b"").map_err(CaseError::file("write", &ready))?;
        finish_swap(self.parts())?;
        Ok(summary)
    }
}

/// The releases of a ledger with their facts.
fn releases(ledger: &LedgerFile) -> Result<Vec<(String, ReleaseFacts)>, CaseError> {
    let sql = "SELECT name, agency, request, date_received, promised, time_zone FROM releases ORDER BY id";
    ledger.rows(sql, [], |row| {
        let facts = ReleaseFacts {
            agency: row.get(1)?,
            request: row.get(2)?,
            date_received: row.get(3)?,
            promised: row.get(4)?,
            time_zone: row.get(5)?,
        };
        Ok((row.get(0)?, facts))
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
