//! The ledger: what was delivered, what was found in it, and what became of it.
//!
//! One SQLite file, in write-ahead mode, so that others read while one writes and
//! users can open it with tools they know. It is the truth about what was done: the
//! index commits first, the ledger after it, and index documents that the ledger does
//! not know do not count. Deletions go the other way: the ledger forgets first and
//! remembers in `removed` what the index still has to drop.

mod sources;
mod totals;

pub(crate) use sources::SourceRow;
pub use totals::AttachmentStates;
pub use totals::Ledger;
pub use totals::LedgerSource;
pub use totals::PrintedPages;
pub use totals::Totals;
pub use totals::UnreadItem;
pub use totals::UnsupportedItem;
pub(crate) use totals::not_searched;
pub(crate) use totals::read as read_totals;

use crate::CaseError;
use crate::deliveries;
use crate::folder::Folder;
use crate::releases::ReleaseFacts;
use crate::seal;
use crate::seal::Seal;
use muckrake_mail::AttachmentState;
use muckrake_mail::Message;
use roaring::RoaringBitmap;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OpenFlags;
use rusqlite::OptionalExtension;
use rusqlite::params;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// The format of ledger and index that this version writes.
pub const FORMAT: u32 = 3;

const SCHEMA: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE releases (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, agency TEXT, request TEXT,
    date_received TEXT, promised INTEGER, time_zone TEXT);
CREATE TABLE roots (release INTEGER NOT NULL, path NOT NULL, PRIMARY KEY (release, path)) WITHOUT ROWID;
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, release INTEGER NOT NULL, path NOT NULL, name TEXT NOT NULL,
    sha256 BLOB, size INTEGER NOT NULL, modified_ns TEXT, kind TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT);
CREATE INDEX sources_path ON sources (release, path);
CREATE INDEX sources_bare ON sources (state) WHERE state IN ('unreadable', 'reading');
CREATE INDEX sources_reason ON sources (state) WHERE reason IS NOT NULL;
CREATE TABLE seen_elsewhere (
    source INTEGER NOT NULL, path NOT NULL, size INTEGER NOT NULL, modified_ns TEXT,
    PRIMARY KEY (source, path)) WITHOUT ROWID;
CREATE TABLE items (
    source INTEGER NOT NULL, path_inside TEXT, kind TEXT NOT NULL, size INTEGER NOT NULL,
    state TEXT NOT NULL, why TEXT);
CREATE INDEX items_source ON items (source);
CREATE TABLE mailboxes (
    source INTEGER NOT NULL, path_inside TEXT, bytes INTEGER NOT NULL, messages INTEGER NOT NULL,
    message_bytes INTEGER NOT NULL, separator_bytes INTEGER NOT NULL, unread_bytes INTEGER NOT NULL);
CREATE INDEX mailboxes_source ON mailboxes (source);
CREATE TABLE streams (
    source INTEGER NOT NULL, path_inside TEXT NOT NULL, sha256 BLOB NOT NULL, size INTEGER NOT NULL);
CREATE INDEX streams_source ON streams (source);
CREATE TABLE unread (
    source INTEGER NOT NULL, path_inside TEXT, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    reason TEXT NOT NULL, copy INTEGER);
CREATE INDEX unread_source ON unread (source);
CREATE INDEX unread_copy ON unread (copy) WHERE copy IS NOT NULL;
CREATE TABLE messages (
    ordinal INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, content_key BLOB, threading BLOB NOT NULL,
    date INTEGER, thread INTEGER, proved INTEGER, variant INTEGER NOT NULL,
    made_from BLOB NOT NULL);
CREATE INDEX messages_content ON messages (content_key) WHERE content_key IS NOT NULL;
CREATE INDEX messages_thread ON messages (thread) WHERE thread IS NOT NULL;
CREATE TABLE copies (
    id INTEGER PRIMARY KEY, message INTEGER NOT NULL, source INTEGER NOT NULL, path_inside TEXT,
    offset INTEGER NOT NULL, length INTEGER NOT NULL, sha256 BLOB NOT NULL, folder TEXT,
    quoting INTEGER NOT NULL, parent INTEGER, part TEXT, flags INTEGER);
CREATE INDEX copies_message ON copies (message);
CREATE INDEX copies_source ON copies (source, message);
CREATE INDEX copies_parent ON copies (parent) WHERE parent IS NOT NULL;
CREATE TABLE attachments (
    message INTEGER NOT NULL, part TEXT NOT NULL, name TEXT, content_type TEXT NOT NULL,
    size INTEGER NOT NULL, sha256 BLOB NOT NULL, state TEXT NOT NULL, why TEXT,
    PRIMARY KEY (message, part)) WITHOUT ROWID;
CREATE INDEX attachments_open ON attachments (state) WHERE state IN ('unread', 'unsupported');
CREATE INDEX items_state ON items (state);
CREATE TABLE removed (ordinal INTEGER PRIMARY KEY);
CREATE TABLE variants (
    message INTEGER NOT NULL, variant INTEGER NOT NULL, PRIMARY KEY (message, variant)) WITHOUT ROWID;
CREATE TABLE guesses (
    message INTEGER PRIMARY KEY, parent INTEGER NOT NULL, evidence TEXT NOT NULL,
    confidence INTEGER NOT NULL, holds INTEGER NOT NULL);
CREATE TABLE unsettled (message INTEGER PRIMARY KEY);
CREATE TABLE told (message INTEGER NOT NULL, sender INTEGER NOT NULL, moment INTEGER NOT NULL);
CREATE INDEX told_message ON told (message);
CREATE TABLE restate (message INTEGER PRIMARY KEY, unreadable INTEGER NOT NULL DEFAULT 0);
";

/// What the pages of print-outs are, a row for each document that has pages. Made where it is absent: ledgers of this format
/// that were made before there was such a table have none.
const PAGES: &str = "
CREATE TABLE IF NOT EXISTS pages (
    source INTEGER NOT NULL, path_inside TEXT, pages INTEGER NOT NULL, messages INTEGER NOT NULL,
    message_pages INTEGER NOT NULL, attached INTEGER NOT NULL, without_header INTEGER NOT NULL,
    without_text INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS pages_source ON pages (source);
";

/// An open ledger.
#[derive(Debug)]
pub(crate) struct LedgerFile {
    pub(crate) connection: Connection,
    /// Where it was opened for writing.
    written: Option<Folder>,
    /// Whether it was opened as a file that nobody changes, as on a read-only medium.
    frozen: bool,
}

/// Pages that a writer keeps in memory: a negative number counts KiB. Keys and hashes go into
/// their indices in no order; with SQLite's own 2 MiB nearly each one would have its page
/// read and written again once a case has some hundred thousand messages.
const WRITER_CACHE_KIB: i64 = -32 << 10;

/// How long the end of a writer waits for those who read an earlier state.
const LAST_WAIT: Duration = Duration::from_millis(500);

impl Drop for LedgerFile {
    /// Leaves all in the one file, so that it can be read where nothing can be written, and
    /// seals it. The index's writer has to have ended.
    fn drop(&mut self) {
        let Some(folder) = self.written.take() else {
            return;
        };
        // What was not committed is no part of the case, nor of what is told beside it.
        let _ = self.roll_back();
        // Each of these does without the others. What stays in the write-ahead file for those
        // who still read it is not lost: the next to open the ledger reads it too. A case that
        // is not sealed is read with more care.
        let _ = deliveries::keep(&folder, self);
        let _ = self.connection.busy_timeout(LAST_WAIT).and_then(|()| {
            self.connection
                .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        });
        if expect_all_in_one_file(&folder).is_ok() {
            let _ = seal::close(&folder);
        }
    }
}

impl LedgerFile {
    /// Opens the ledger for reading.
    pub(crate) fn open(folder: &Folder) -> Result<Self, CaseError> {
        let ledger = Self::open_any_format(folder)?;
        ledger.expect_this_format(folder)?;
        Ok(ledger)
    }

    /// Opens the ledger of an older format too. Releases, their roots, sources and the keys
    /// of messages lie in it as they do now; a rebuild needs no more.
    pub(crate) fn open_any_format(folder: &Folder) -> Result<Self, CaseError> {
        expect_sound(folder)?;
        let path = folder.ledger();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&path, flags).map_err(CaseError::ledger("open"))?;
        let (connection, frozen) =
            match connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())) {
                Err(error) if needs_writing(&error) => {
                    expect_all_in_one_file(folder)?;
                    let uri = immutable_uri(&path);
                    let connection = Connection::open_with_flags(uri, flags)
                        .map_err(CaseError::ledger("open"))?;
                    (connection, true)
                }
                _ => (connection, false),
            };
        let mut ledger = Self::prepared(connection)?;
        ledger.frozen = frozen;
        ledger.format(folder)?;
        Ok(ledger)
    }

    /// Opens the ledger for writing, making it if there is none. Needs the write lock.
    pub(crate) fn open_for_writing(folder: &Folder) -> Result<Self, CaseError> {
        let ledger = Self::open_any_format_for_writing(folder)?;
        ledger.expect_this_format(folder)?;
        Ok(ledger)
    }

    /// As [`Self::open_for_writing`], of an older format too.
    pub(crate) fn open_any_format_for_writing(folder: &Folder) -> Result<Self, CaseError> {
        let path = folder.ledger();
        if is_told_of(folder) {
            expect_sound(folder)?;
        }
        let connection = Connection::open(&path).map_err(CaseError::ledger("open"))?;
        // Not kept in the file: each commit is on disk before it counts as done.
        connection
            .execute_batch("PRAGMA synchronous = FULL")
            .map_err(CaseError::ledger("open"))?;
        let mut ledger = Self::prepared(connection)?;
        ledger
            .connection
            .pragma_update(None, "cache_size", WRITER_CACHE_KIB)
            .map_err(CaseError::ledger("open"))?;
        let tables: i64 = ledger.number("SELECT count(*) FROM sqlite_master")?;
        if tables == 0 && !is_told_of(folder) {
            ledger.create()?;
        }
        ledger.format(folder)?;
        seal::open(folder)?;
        ledger
            .connection
            .execute_batch(PAGES)
            .map_err(CaseError::ledger("make a table in"))?;
        ledger.written = Some(folder.clone());
        Ok(ledger)
    }

    fn prepared(connection: Connection) -> Result<Self, CaseError> {
        connection
            .busy_timeout(Duration::from_secs(30))
            .map_err(CaseError::ledger("open"))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            connection,
            written: None,
            frozen: false,
        })
    }

    fn create(&self) -> Result<(), CaseError> {
        let batch = format!(
            "PRAGMA journal_mode = WAL; BEGIN; {SCHEMA}
             INSERT INTO meta VALUES ('format', {FORMAT}), ('next_ordinal', 0); COMMIT;"
        );
        self.connection
            .execute_batch(&batch)
            .map_err(CaseError::ledger("make"))
    }

    /// Whether it can be kept open for later: it is only read, and shows what others write.
    pub(crate) fn sees_changes(&self) -> bool {
        self.written.is_none() && !self.frozen
    }

    pub(crate) fn expect_this_format(&self, folder: &Folder) -> Result<(), CaseError> {
        match self.format(folder)? {
            FORMAT => Ok(()),
            found => Err(CaseError::OlderCase {
                folder: folder.root().to_owned(),
                found,
                needed: FORMAT,
            }),
        }
    }

    /// The format, which this version knows.
    fn format(&self, folder: &Folder) -> Result<u32, CaseError> {
        let read = || {
            let sql = "SELECT value FROM meta WHERE name = 'format'";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row([], |row| row.get(0)).optional()
        };
        let found: Option<u32> = read().map_err(|source| not_a_ledger(folder, &source))?;
        match found {
            Some(found) if found > FORMAT => Err(CaseError::NewerCase {
                folder: folder.root().to_owned(),
                found,
                known: FORMAT,
            }),
            Some(found) => Ok(found),
            None => Err(CaseError::NotACase {
                folder: folder.root().to_owned(),
            }),
        }
    }

    /// What the index is told with a commit: the first ordinal that it does not hold, and which
    /// making of the case it belongs to.
    pub(crate) fn payload(&self, next: u32) -> Result<String, CaseError> {
        Ok(format!("{next} {}", self.making()?))
    }

    /// How often the case has been made again. Index and ledger of one making belong together.
    pub(crate) fn making(&self) -> Result<u64, CaseError> {
        self.number("SELECT coalesce((SELECT value FROM meta WHERE name = 'making'), 0)")
    }

    pub(crate) fn set_making(&self, making: u64) -> Result<(), CaseError> {
        self.change(
            "INSERT OR REPLACE INTO meta VALUES ('making', ?1)",
            [making],
        )?;
        Ok(())
    }

    /// The first ordinal that no committed message has.
    pub(crate) fn next_ordinal(&self) -> Result<u32, CaseError> {
        self.number("SELECT value FROM meta WHERE name = 'next_ordinal'")
    }

    /// Ordinals that the index may still hold and the case no longer does.
    pub(crate) fn removed(&self) -> Result<RoaringBitmap, CaseError> {
        self.ordinals("SELECT ordinal FROM removed", [])
    }

    /// Records the attachments of a message.
    pub(crate) fn put_attachments(&self, ordinal: u32, message: &Message) -> Result<(), CaseError> {
        for attachment in &message.attachments {
            let (state, why) = match &attachment.state {
                AttachmentState::Text => ("text", None),
                AttachmentState::Message => ("message", None),
                AttachmentState::NoText => ("no_text", None),
                AttachmentState::Unsupported(kind) => ("unsupported", Some(kind)),
                AttachmentState::Unread(reason) => ("unread", Some(reason)),
            };
            self.change(
                "INSERT OR IGNORE INTO attachments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    ordinal,
                    attachment.part,
                    attachment.name,
                    attachment.content_type,
                    attachment.size,
                    attachment.sha256.0,
                    state,
                    why
                ],
            )?;
        }
        Ok(())
    }

    /// Wraps a failed operation; of damage it says in which file.
    pub(crate) fn failed(
        &self,
        operation: &'static str,
    ) -> impl FnOnce(rusqlite::Error) -> CaseError + '_ {
        move |source| match CaseError::ledger(operation)(source) {
            CaseError::Damaged { path, reason } => CaseError::Damaged {
                path: self.connection.path().map_or(path, PathBuf::from),
                reason,
            },
            other => other,
        }
    }

    /// Runs a query that gives one number.
    pub(crate) fn number<T: rusqlite::types::FromSql>(&self, sql: &str) -> Result<T, CaseError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row([], |row| row.get(0))
        };
        read().map_err(self.failed("read"))
    }

    /// Runs a query whose first column is an ordinal.
    pub(crate) fn ordinals(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<RoaringBitmap, CaseError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map(parameters, |row| row.get::<_, u32>(0))?;
            rows.collect::<Result<RoaringBitmap, _>>()
        };
        read().map_err(self.failed("read"))
    }

    /// Runs a query and collects what `take` makes of each row.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        take: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, CaseError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement
                .query_map(parameters, take)?
                .collect::<Result<Vec<_>, _>>()
        };
        read().map_err(self.failed("read"))
    }

    /// Runs a statement that changes rows; gives how many.
    pub(crate) fn change(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<usize, CaseError> {
        let change = || self.connection.prepare_cached(sql)?.execute(parameters);
        change().map_err(self.failed("write"))
    }

    /// The releases with their facts, in the order they came.
    pub(crate) fn releases(&self) -> Result<Vec<(i64, String, ReleaseFacts)>, CaseError> {
        let sql = "SELECT id, name, agency, request, date_received, promised, time_zone FROM releases ORDER BY id";
        self.rows(sql, [], |row| {
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

    /// Begins a transaction that shows one moment, which [`Self::roll_back`] ends.
    pub(crate) fn begin_reading(&self) -> Result<(), CaseError> {
        self.connection
            .execute_batch("BEGIN")
            .map_err(self.failed("read"))
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> Result<(), CaseError> {
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(self.failed("write"))
    }

    /// Gives up the transaction, if one is open.
    pub(crate) fn roll_back(&self) -> Result<(), CaseError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection
            .execute_batch("ROLLBACK")
            .map_err(self.failed("write"))
    }

    /// Ends the transaction and makes it last.
    pub(crate) fn commit(&self) -> Result<(), CaseError> {
        self.connection
            .execute_batch("COMMIT")
            .map_err(self.failed("write"))
    }
}

/// Whether the ledger could not be opened as usual because the folder cannot be written:
/// readers share a file of their own there.
fn needs_writing(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

/// Refuses a ledger of which a part is still in the write-ahead file: as it lies, the one
/// file says what was true before.
pub(crate) fn expect_all_in_one_file(folder: &Folder) -> Result<(), CaseError> {
    let rest = folder.ledger_rest();
    match fs::metadata(&rest) {
        Ok(found) if found.len() > 0 => Err(CaseError::ReadOnlyUnsettled { path: rest }),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(CaseError::file("read", &rest)(error))
        }
        _ => Ok(()),
    }
}

/// Whether files beside the ledger say that there was one.
fn is_told_of(folder: &Folder) -> bool {
    folder.deliveries().exists() || folder.seal().exists()
}

/// Whether this is a case, and its ledger the one that the last writer left.
pub(crate) fn expect_sound(folder: &Folder) -> Result<(), CaseError> {
    match folder.check() {
        Err(CaseError::NotACase { .. }) if is_told_of(folder) => Err(CaseError::Damaged {
            path: folder.ledger(),
            reason: "it is not there".to_owned(),
        }),
        other => other,
    }?;
    Seal::check_ledger(folder, false)
}

/// A file that SQLite cannot read is the ledger all the same, if other files say so.
fn not_a_ledger(folder: &Folder, source: &rusqlite::Error) -> CaseError {
    if is_told_of(folder) {
        CaseError::Damaged {
            path: folder.ledger(),
            reason: source.to_string(),
        }
    } else {
        CaseError::NotACase {
            folder: folder.root().to_owned(),
        }
    }
}

/// What a commit of the index says, as [`LedgerFile::payload`] wrote it: next ordinal and making.
pub(crate) fn read_payload(payload: &str) -> (u32, u64) {
    let mut words = payload.split(' ');
    let mut word = || words.next().unwrap_or_default();
    (word().parse().unwrap_or(0), word().parse().unwrap_or(0))
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// A path as the ledger keeps it: text where it is UTF-8, else its bytes.
pub(crate) struct StoredPath<'a>(pub(crate) &'a Path);

impl rusqlite::ToSql for StoredPath<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ToSqlOutput;
        use rusqlite::types::ValueRef;
        Ok(ToSqlOutput::Borrowed(match self.0.to_str() {
            Some(text) => ValueRef::Text(text.as_bytes()),
            None => ValueRef::Blob(self.0.as_os_str().as_encoded_bytes()),
        }))
    }
}

/// Reads a path that [`StoredPath`] wrote.
pub(crate) fn stored_path(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(bytes) => path_from_bytes(bytes),
        other => PathBuf::from(other.as_str().unwrap_or_default()),
    })
}

#[cfg(unix)]
pub(crate) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(crate) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Reads a digest of exactly `N` bytes; what is not that reads as zeros.
pub(crate) fn digest<const N: usize>(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<[u8; N]> {
    let bytes = row.get_ref(column)?.as_blob().unwrap_or_default();
    Ok(bytes.try_into().unwrap_or([0; N]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_writer_leaves_all_in_one_file_although_others_read() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = Folder::new(place.path());
        let writer = LedgerFile::open_for_writing(&folder).expect("it can be made");
        let reader = LedgerFile::open(&folder).expect("it is there");
        writer
            .change("UPDATE meta SET value = 7 WHERE name = 'next_ordinal'", [])
            .expect("it can be written");
        assert_eq!(reader.next_ordinal().ok(), Some(7));
        drop(writer);
        expect_all_in_one_file(&folder).expect("nothing is in the write-ahead file");
        let uri = immutable_uri(&folder.ledger());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let lying = Connection::open_with_flags(uri, flags).expect("it can be opened");
        let lying = LedgerFile::prepared(lying).expect("it can be read");
        assert_eq!(lying.next_ordinal().ok(), Some(7));
    }
}
