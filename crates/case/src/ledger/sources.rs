//! Sources in the ledger: rows, and what an ingest needs to know of earlier ones.

use super::LedgerFile;
use super::StoredPath;
use super::digest;
use super::stored_path;
use crate::CaseError;
use muckrake_ingest::Known;
use muckrake_ingest::KnownFile;
use muckrake_mail::Sha256;
use rusqlite::params;
use std::path::Path;
use std::path::PathBuf;

/// One source, as the ledger has it.
#[derive(Clone, Debug)]
pub(crate) struct SourceRow {
    pub(crate) id: i64,
    pub(crate) release: String,
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) sha256: Option<Sha256>,
    pub(crate) size: u64,
    pub(crate) kind: String,
    /// `done`, `reading` (interrupted), `replaced` (the file at its path has changed
    /// since), `link`, `unreadable`.
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
}

impl LedgerFile {
    /// All sources, by release and in the order they were met.
    pub(crate) fn sources(&self) -> Result<Vec<SourceRow>, CaseError> {
        let sql = "SELECT s.id, r.name, s.path, s.name, s.sha256, s.size, s.kind, s.state, s.reason
                   FROM sources s JOIN releases r ON r.id = s.release ORDER BY r.id, s.id";
        self.rows(sql, [], |row| {
            Ok(SourceRow {
                id: row.get(0)?,
                release: row.get(1)?,
                path: stored_path(row, 2)?,
                name: row.get(3)?,
                sha256: row
                    .get_ref(4)?
                    .as_blob()
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok())
                    .map(Sha256),
                size: row.get(5)?,
                kind: row.get(6)?,
                state: row.get(7)?,
                reason: row.get(8)?,
            })
        })
    }

    /// What the ledger knows about the files of a release.
    pub(crate) fn known(&self, release: i64) -> Result<Known, CaseError> {
        let mut known = Known::default();
        let sql = "SELECT id, path, size, modified_ns, sha256 FROM sources
                   WHERE release = ?1 AND state = 'done'
                   UNION ALL
                   SELECT s.id, e.path, e.size, e.modified_ns, s.sha256
                   FROM seen_elsewhere e JOIN sources s ON s.id = e.source
                   WHERE s.release = ?1 AND s.state = 'done'";
        let files = self.rows(sql, [release], |row| {
            let file = KnownFile {
                source: row.get(0)?,
                size: row.get(2)?,
                modified_ns: row.get::<_, String>(3)?.parse().unwrap_or(0),
                sha256: Sha256(digest(row, 4)?),
            };
            Ok((stored_path(row, 1)?, file))
        })?;
        for (path, file) in files {
            known.insert(path, file);
        }
        Ok(known)
    }

    /// The finished sources of a release at one path, other than `except`.
    pub(crate) fn done_at(
        &self,
        release: i64,
        path: &Path,
        except: i64,
    ) -> Result<Vec<(i64, Sha256, u64)>, CaseError> {
        let sql = "SELECT id, sha256, size FROM sources
                   WHERE release = ?1 AND path = ?2 AND state = 'done' AND id <> ?3";
        self.rows(sql, params![release, StoredPath(path), except], |row| {
            Ok((row.get(0)?, Sha256(digest(row, 1)?), row.get(2)?))
        })
    }

    /// Clears everything that was found in a source; gives the messages that had a copy there.
    pub(crate) fn clear_source(&self, source: i64) -> Result<roaring::RoaringBitmap, CaseError> {
        let affected = self.ordinals(
            "SELECT DISTINCT message FROM copies WHERE source = ?1",
            [source],
        )?;
        for table in ["copies", "items", "mailboxes", "streams", "unread"] {
            self.change(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
        }
        Ok(affected)
    }

    /// Takes a source out, with everything that was found in it.
    pub(crate) fn delete_source(&self, source: i64) -> Result<roaring::RoaringBitmap, CaseError> {
        let affected = self.clear_source(source)?;
        self.change("DELETE FROM seen_elsewhere WHERE source = ?1", [source])?;
        self.change("DELETE FROM earlier_versions WHERE source = ?1", [source])?;
        self.change("DELETE FROM sources WHERE id = ?1", [source])?;
        Ok(affected)
    }

    /// Removes those of the messages that no copy is left of; gives how many.
    pub(crate) fn remove_orphans(
        &self,
        candidates: &roaring::RoaringBitmap,
    ) -> Result<u64, CaseError> {
        let mut removed = 0;
        for ordinal in candidates {
            let orphan: bool = self
                .connection
                .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM copies WHERE message = ?1)")
                .and_then(|mut statement| statement.query_row([ordinal], |row| row.get(0)))
                .map_err(CaseError::ledger("read"))?;
            if orphan {
                self.change("DELETE FROM attachments WHERE message = ?1", [ordinal])?;
                self.change("DELETE FROM messages WHERE ordinal = ?1", [ordinal])?;
                self.change("INSERT OR IGNORE INTO removed VALUES (?1)", [ordinal])?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
