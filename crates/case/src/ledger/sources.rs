//! Sources in the ledger: rows, and what an ingest needs to know of earlier ones.

use super::LedgerFile;
use super::StoredPath;
use super::digest;
use super::stored_path;
use crate::CaseError;
use muckrake_ingest::KeptCopies;
use muckrake_ingest::Known;
use muckrake_ingest::KnownFile;
use muckrake_mail::Sha256;
use roaring::RoaringBitmap;
use roaring::RoaringTreemap;
use rusqlite::params;
use std::collections::HashSet;
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

/// How much of something could not be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    /// Damaged, encrypted or over a limit.
    pub(crate) unread: u64,
    /// Recognised and not yet readable.
    pub(crate) unsupported: u64,
}

fn unfinished_mark(release: i64) -> String {
    format!("unfinished:{release}")
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

    /// What the ledger knows about the files of a release. With `retry_locked`, sources
    /// that hold something encrypted are left out, so that they are read again.
    pub(crate) fn known(&self, release: i64, retry_locked: bool) -> Result<Known, CaseError> {
        let locked = if retry_locked {
            let sql = "SELECT source FROM items WHERE state = 'unread' AND why LIKE '%encrypted%'
                       UNION SELECT source FROM unread WHERE reason LIKE '%encrypted%'";
            self.rows(sql, [], |row| row.get::<_, i64>(0))?
        } else {
            Vec::new()
        };
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
            if locked.contains(&file.source) {
                continue;
            }
            known.insert(path, file);
        }
        let unfinished = self.rows(
            "SELECT id, path FROM sources WHERE release = ?1 AND state = 'reading'",
            [release],
            |row| Ok((row.get::<_, i64>(0)?, stored_path(row, 1)?)),
        )?;
        for (source, path) in unfinished {
            known.insert_unfinished(path, self.kept_copies(source)?);
        }
        Ok(known)
    }

    /// The copies that an interrupted run has kept of a source.
    fn kept_copies(&self, source: i64) -> Result<KeptCopies, CaseError> {
        let mut kept = KeptCopies::default();
        self.rows(
            "SELECT id, path_inside, offset, length, sha256 FROM copies
             WHERE source = ?1 AND parent IS NULL",
            [source],
            |row| {
                let path_inside = row.get_ref(1)?.as_str_or_null()?;
                let sha256 = Sha256(digest(row, 4)?);
                kept.insert(path_inside, row.get(2)?, row.get(3)?, &sha256, row.get(0)?);
                Ok(())
            },
        )?;
        Ok(kept)
    }

    /// The finished sources of a release at one path, other than `except`.
    pub(crate) fn done_at(
        &self,
        release: i64,
        path: &Path,
        except: i64,
    ) -> Result<Vec<(i64, Sha256)>, CaseError> {
        let sql = "SELECT id, sha256 FROM sources
                   WHERE release = ?1 AND path = ?2 AND state = 'done' AND id <> ?3";
        self.rows(sql, params![release, StoredPath(path), except], |row| {
            Ok((row.get(0)?, Sha256(digest(row, 1)?)))
        })
    }

    /// Forgets which paths at or under `roots` could not be read or are links; a run over
    /// them says it again where it still holds.
    pub(crate) fn forget_bare_sources(
        &self,
        release: i64,
        roots: &[PathBuf],
    ) -> Result<(), CaseError> {
        let roots: HashSet<&Path> = roots.iter().map(PathBuf::as_path).collect();
        let sql =
            "SELECT id, path FROM sources WHERE release = ?1 AND state IN ('unreadable', 'link')";
        let bare = self.rows(sql, [release], |row| {
            Ok((row.get::<_, i64>(0)?, stored_path(row, 1)?))
        })?;
        for (id, path) in bare {
            if path.ancestors().any(|above| roots.contains(above)) {
                self.change("DELETE FROM sources WHERE id = ?1", [id])?;
            }
        }
        Ok(())
    }

    /// Remembers what the user named, so that a rebuild walks the same folders.
    pub(crate) fn keep_roots(&self, release: i64, roots: &[PathBuf]) -> Result<(), CaseError> {
        for root in roots {
            self.change(
                "INSERT OR IGNORE INTO roots VALUES (?1, ?2)",
                params![release, StoredPath(root)],
            )?;
        }
        Ok(())
    }

    /// What the user named for a release.
    pub(crate) fn roots(&self, release: i64) -> Result<Vec<PathBuf>, CaseError> {
        self.rows(
            "SELECT path FROM roots WHERE release = ?1",
            [release],
            |row| stored_path(row, 0),
        )
    }

    /// Marks a release as being read; the mark outlives a run that does not end. Gives the
    /// highest number that a source had when it was made: the user was told what is in those.
    pub(crate) fn mark_unfinished(&self, release: i64) -> Result<i64, CaseError> {
        let name = unfinished_mark(release);
        self.change(
            "INSERT OR IGNORE INTO meta SELECT ?1, coalesce(max(id), 0) FROM sources",
            [&name],
        )?;
        self.connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .map_err(self.failed("read"))
    }

    /// Takes the mark off again.
    pub(crate) fn mark_finished(&self, release: i64) -> Result<(), CaseError> {
        let name = unfinished_mark(release);
        self.change("DELETE FROM meta WHERE name = ?1", [name])?;
        Ok(())
    }

    /// Names of the releases of which an ingest did not come to its end.
    pub(crate) fn unfinished(&self) -> Result<Vec<String>, CaseError> {
        let sql = "SELECT r.name FROM releases r JOIN meta m ON m.name = 'unfinished:' || r.id ORDER BY r.id";
        self.rows(sql, [], |row| row.get(0))
    }

    /// Clears everything that was found in a source; gives the messages that had a copy there.
    pub(crate) fn clear_source(&self, source: i64) -> Result<RoaringBitmap, CaseError> {
        let affected = self.ordinals(
            "SELECT DISTINCT message FROM copies WHERE source = ?1",
            [source],
        )?;
        for table in ["copies", "items", "mailboxes", "pages", "streams", "unread"] {
            self.change(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
        }
        Ok(affected)
    }

    /// Begins an unfinished source again: its copies stay, with what a limit kept out of each.
    /// Gives those copies that are not inside another message, and the highest number of any.
    pub(crate) fn reopen_source(&self, source: i64) -> Result<(RoaringTreemap, i64), CaseError> {
        for table in ["items", "mailboxes", "pages", "streams"] {
            self.change(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
        }
        self.change(
            "DELETE FROM unread WHERE source = ?1 AND copy IS NULL",
            [source],
        )?;
        let copies = self.rows(
            "SELECT id FROM copies WHERE source = ?1 AND parent IS NULL",
            [source],
            |row| row.get::<_, u64>(0),
        )?;
        let highest = self
            .connection
            .query_row(
                "SELECT coalesce(max(id), 0) FROM copies WHERE source = ?1",
                [source],
                |row| row.get(0),
            )
            .map_err(self.failed("read"))?;
        Ok((copies.into_iter().collect(), highest))
    }

    /// What could not be searched in the copies of a source up to a number.
    pub(crate) fn open_in_copies(&self, source: i64, up_to: i64) -> Result<Open, CaseError> {
        let attachments =
            "(SELECT count(*) FROM copies c CROSS JOIN attachments a ON a.message = c.message
            WHERE c.source = ?1 AND c.id <= ?2 AND a.state";
        self.open_counts(
            &format!(
                "SELECT (SELECT count(*) FROM unread WHERE source = ?1 AND copy <= ?2)
                     + {attachments} = 'unread'), {attachments} = 'unsupported')"
            ),
            params![source, up_to],
        )
    }

    /// What could not be searched in a source, as an ingest counts it.
    pub(crate) fn open_in_source(&self, source: i64) -> Result<Open, CaseError> {
        let copies = self.open_in_copies(source, i64::MAX)?;
        let items = "(SELECT count(*) FROM items WHERE source = ?1 AND state";
        let others = self.open_counts(
            &format!(
                "SELECT (SELECT count(*) FROM unread WHERE source = ?1 AND copy IS NULL)
                     + {items} = 'unread'), {items} = 'unsupported')"
            ),
            [source],
        )?;
        Ok(Open {
            unread: copies.unread + others.unread,
            unsupported: copies.unsupported + others.unsupported,
        })
    }

    fn open_counts(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Open, CaseError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row(parameters, |row| {
                Ok(Open {
                    unread: row.get(0)?,
                    unsupported: row.get(1)?,
                })
            })
        };
        read().map_err(self.failed("read"))
    }

    /// Takes a copy out, with those of the messages inside it; gives the messages.
    pub(crate) fn delete_copy(&self, copy: u64) -> Result<RoaringBitmap, CaseError> {
        let inside = "WITH RECURSIVE inside(id) AS (
            VALUES (?1) UNION SELECT c.id FROM copies c JOIN inside i ON c.parent = i.id)";
        let affected = self.ordinals(
            &format!("{inside} SELECT message FROM copies WHERE id IN inside"),
            [copy],
        )?;
        for (table, column) in [("unread", "copy"), ("copies", "id")] {
            self.change(
                &format!("{inside} DELETE FROM {table} WHERE {column} IN inside"),
                [copy],
            )?;
        }
        Ok(affected)
    }

    /// Takes a source out, with everything that was found in it.
    pub(crate) fn delete_source(&self, source: i64) -> Result<RoaringBitmap, CaseError> {
        let affected = self.clear_source(source)?;
        self.change("DELETE FROM seen_elsewhere WHERE source = ?1", [source])?;
        self.change("DELETE FROM sources WHERE id = ?1", [source])?;
        Ok(affected)
    }

    /// Removes those of the messages that no copy is left of; gives how many.
    pub(crate) fn remove_orphans(&self, candidates: &RoaringBitmap) -> Result<u64, CaseError> {
        let mut removed = 0;
        for ordinal in candidates {
            let orphan: bool = self
                .connection
                .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM copies WHERE message = ?1)")
                .and_then(|mut statement| statement.query_row([ordinal], |row| row.get(0)))
                .map_err(self.failed("read"))?;
            if orphan {
                self.change("DELETE FROM attachments WHERE message = ?1", [ordinal])?;
                self.change("DELETE FROM messages WHERE ordinal = ?1", [ordinal])?;
                self.change("DELETE FROM variants WHERE message = ?1", [ordinal])?;
                self.change("DELETE FROM restate WHERE message = ?1", [ordinal])?;
                self.change("INSERT OR IGNORE INTO removed VALUES (?1)", [ordinal])?;
                removed += 1;
            } else {
                // The copy that is gone may be the one that said more, or the one that the
                // document was made from.
                self.change(
                    "INSERT OR IGNORE INTO restate (message) SELECT ordinal FROM messages m
                     WHERE ordinal = ?1 AND (EXISTS (SELECT 1 FROM variants WHERE message = ?1)
                        OR NOT EXISTS (SELECT 1 FROM copies WHERE message = ?1 AND sha256 = m.made_from))",
                    [ordinal],
                )?;
            }
        }
        Ok(removed)
    }
}
