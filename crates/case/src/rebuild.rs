//! Making ledger and index again from the sources, and putting them in place.
//!
//! The new ones are made in a folder of their own. When they are whole, a file named
//! `ready` is written there; from then on the swap is finished by whoever opens the
//! case for writing next, however often it is interrupted.

use crate::Case;
use crate::CaseError;
use crate::Totals;
use crate::deliveries;
use crate::deliveries::Deliveries;
use crate::durable;
use crate::folder::Folder;
use crate::footers;
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
use muckrake_index::Index;
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
    /// The old ones answer until the new ones are whole; interrupted, nothing changes. Where the
    /// ledger is damaged, the file beside it tells what there is to read.
    ///
    /// # Errors
    /// [`CaseError::SourcesMissing`] if a source is not where it was;
    /// [`CaseError::RebuildLoses`] if the sources do not give all messages again;
    /// [`CaseError::Damaged`] if nothing tells any more what was delivered;
    /// [`CaseError::Locked`] while another process writes.
    pub fn rebuild(
        &self,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<IngestSummary, CaseError> {
        let _lock = self.parts().write_lock("rebuild")?;
        finish_swap(self.parts())?;
        let before = Before::read(self.parts())?;

        let new = Folder::new(&self.parts().rebuilding());
        clear(new.root())?;
        new.create()?;
        make_index(&new)?;
        let part = self.at(new.clone());
        let mut writing = Writing::open(&part)?;
        writing.footers = footers::active(self.parts())?;
        writing.ledger.set_making(before.making + 1)?;
        writing.commit_index(0)?;
        let mut sum = IngestSummary::default();
        for delivery in &before.deliveries {
            let request = IngestRequest {
                paths: delivery.paths.clone(),
                release: delivery.release.clone(),
                facts: delivery.facts.clone(),
                passwords: self.passwords().to_vec(),
            };
            let summary = part.ingest_locked(&mut writing, &request, counters, cancel)?;
            if summary.interrupted {
                drop(writing);
                clear(new.root())?;
                return Ok(IngestSummary {
                    totals: before.totals()?,
                    ..summary
                });
            }
            sum = added(sum, summary);
        }
        if let Err(error) = before.expect_nothing_lost(&writing.ledger) {
            drop(writing);
            clear(new.root())?;
            return Err(error);
        }
        let names = before.deliveries.iter().map(|one| one.release.as_str());
        let mut summary = IngestSummary {
            release: names.collect::<Vec<_>>().join(", "),
            ..sum
        };
        keep_names(&writing.ledger, &before.sources)?;
        summary.totals = ledger::read_totals(&writing.ledger)?;
        drop(writing);
        drop(before);
        self.reader.close();
        self.idle_ledger.close();
        put_in_place(&new, self.parts())?;
        Ok(summary)
    }
}

/// The case as it was, and what has to be read to make it again.
struct Before {
    /// `None` where it is damaged.
    ledger: Option<LedgerFile>,
    deliveries: Vec<Delivered>,
    sources: Vec<SourceRow>,
    /// How often the case was made again.
    making: u64,
    /// What is told apart from the ledger.
    told: Option<Deliveries>,
}

/// What to read for one release.
struct Delivered {
    release: String,
    facts: ReleaseFacts,
    paths: Vec<PathBuf>,
}

impl Before {
    fn read(folder: &Folder) -> Result<Self, CaseError> {
        let damage = match Self::of_ledger(folder) {
            Err(damage @ CaseError::Damaged { .. }) => damage,
            other => return other,
        };
        let told = deliveries::read(folder).ok_or(damage)?;
        let mut delivered = Vec::new();
        for release in &told.releases {
            let paths = release.roots();
            if let Some(missing) = paths.iter().find(|path| !path.exists()) {
                return Err(CaseError::SourcesMissing {
                    count: paths.iter().filter(|path| !path.exists()).count(),
                    first: missing.clone(),
                });
            }
            delivered.push(Delivered {
                release: release.name.clone(),
                facts: release.facts(),
                paths,
            });
        }
        Ok(Self {
            ledger: None,
            deliveries: delivered,
            sources: Vec::new(),
            making: making_of_index(folder),
            told: Some(told),
        })
    }

    fn of_ledger(folder: &Folder) -> Result<Self, CaseError> {
        let ledger = LedgerFile::open_any_format(folder)?;
        let sources = ledger.sources()?;
        expect_all_there(&sources)?;
        let mut delivered = Vec::new();
        for (id, release, facts) in ledger.releases()? {
            delivered.push(Delivered {
                paths: paths(&ledger, id, &release, &sources)?,
                release,
                facts,
            });
        }
        Ok(Self {
            deliveries: delivered,
            sources,
            making: ledger.making()?,
            told: deliveries::read(folder),
            ledger: Some(ledger),
        })
    }

    fn totals(&self) -> Result<Totals, CaseError> {
        match &self.ledger {
            Some(ledger) => ledger::read_totals(ledger),
            None => Ok(Totals::default()),
        }
    }

    /// Refuses a rebuild that loses something. Where the ledger cannot say what there was, the
    /// file beside it does: the same sources give the same messages.
    fn expect_nothing_lost(&self, new: &LedgerFile) -> Result<(), CaseError> {
        let by_ledger = self
            .ledger
            .as_ref()
            .map(|old| expect_nothing_lost(old, new));
        match (by_ledger, &self.told) {
            (None | Some(Err(CaseError::Damaged { .. })), Some(told)) => {
                expect_what_is_told(told, &new.deliveries()?)
            }
            (Some(outcome), _) => outcome,
            (None, None) => Ok(()),
        }
    }
}

/// How often the case was made again, as far as its index can tell.
fn making_of_index(folder: &Folder) -> u64 {
    let reader = Index::open(&folder.index()).and_then(|index| index.reader());
    reader.map_or(0, |reader| ledger::read_payload(reader.payload()).1)
}

/// Refuses a rebuild in which a source does not come again with the bytes that it had, or
/// that gives fewer messages.
fn expect_what_is_told(told: &Deliveries, now: &Deliveries) -> Result<(), CaseError> {
    let found: HashSet<&str> = now.sources.iter().map(|(_, sha256)| &**sha256).collect();
    let lost = told.sources.iter();
    let lost: Vec<&str> = lost
        .filter(|(_, sha256)| !found.contains(&**sha256))
        .map(|(name, _)| &**name)
        .collect();
    let messages = told.messages.saturating_sub(now.messages) as usize;
    if lost.is_empty() && messages == 0 {
        return Ok(());
    }
    Err(CaseError::RebuildLoses {
        messages,
        sources: lost.len(),
        named: lost
            .into_iter()
            .take(LOST_NAMED)
            .map(str::to_owned)
            .collect(),
    })
}

/// Most sources named that did not come again.
const LOST_NAMED: usize = 10;

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
        (messages, sources) => Err(CaseError::RebuildLoses {
            messages,
            sources,
            named: Vec::new(),
        }),
    }
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

/// Says that the new ledger and index are whole, and puts them in place.
fn put_in_place(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    // Only the one file is moved. Whoever reads the new ledger keeps a part of it beside.
    if ledger::expect_all_in_one_file(new).is_err() {
        return Err(CaseError::RebuildHeld { path: new.ledger() });
    }
    // All that is to be moved is on disk before the word that it is.
    for part in [&new.streams(), &new.index()] {
        durable::sync_folder(part).map_err(CaseError::file("write", part))?;
    }
    new.sync()?;
    let ready = new.ready();
    durable::write(&ready, b"").map_err(CaseError::file("write", &ready))?;
    folder.sync()?;
    finish_swap(folder)
}

/// Puts a whole new ledger and index in the place of the old ones, if there are any; what a
/// rebuild left that did not come so far goes. Each step can be repeated. Needs the write lock.
pub(crate) fn finish_swap(folder: &Folder) -> Result<(), CaseError> {
    let new = Folder::new(&folder.rebuilding());
    if !new.ready().exists() {
        // It is only in the way; where it cannot be removed now, the next rebuild says so.
        let _ = clear(new.root());
        return Ok(());
    }
    if new.index().exists() || new.ledger().exists() {
        // Until all is in place nothing vouches for what lies there.
        remove_file(&folder.seal())?;
    }
    if new.index().exists() {
        // Moved aside, since removing may take a while and readers wait for the new one.
        let old = new.root().join("old-index");
        if folder.index().exists() {
            clear(&old)?;
            rename(&folder.index(), &old)?;
        }
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
    for (from, to) in [
        (new.deliveries(), folder.deliveries()),
        (new.seal(), folder.seal()),
    ] {
        if from.exists() {
            rename(&from, &to)?;
        }
    }
    // What has moved is there to stay before the word that it has to move goes.
    folder.sync()?;
    // Readers wait for the word to go, not for the old index.
    remove_file(&new.ready())?;
    new.sync()?;
    clear(new.root())?;
    folder.sync()
}

/// Finishes a swap that was interrupted before anything is read. While the process that
/// rebuilds is in the middle of it, it is waited for.
pub(crate) fn settle(folder: &Folder) -> Result<(), CaseError> {
    let ready = Folder::new(&folder.rebuilding()).ready();
    for _ in 0..SWAP_WAITS {
        if !ready.exists() {
            return Ok(());
        }
        match folder.write_lock("finishing a rebuild") {
            Ok(_lock) => return finish_swap(folder),
            Err(CaseError::File { source, .. }) if is_read_only(&source) => {
                return Err(CaseError::ReadOnlyUnsettled {
                    path: folder.rebuilding(),
                });
            }
            // The process that rebuilds is at it.
            Err(CaseError::Locked { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let _lock = folder.write_lock("finishing a rebuild")?;
    finish_swap(folder)
}

/// How often a reader waits for the end of a swap; each time about a tenth of a second.
const SWAP_WAITS: usize = 100;

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Moves seekable copies that the case does not have yet.
fn adopt_streams(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    let (from, to) = (new.streams(), folder.streams());
    durable::make_folder(&to).map_err(CaseError::file("make the folder", &to))?;
    for entry in fs::read_dir(&from).map_err(CaseError::file("read", &from))? {
        let entry = entry.map_err(CaseError::file("read", &from))?;
        rename(&entry.path(), &to.join(entry.file_name()))?;
    }
    durable::sync_folder(&to).map_err(CaseError::file("write", &to))
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
