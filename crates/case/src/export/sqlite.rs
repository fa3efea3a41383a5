//! A SQLite database: messages, people, threads, copies, attachments, full text.
//!
//! It opens in Datasette as it is: foreign keys become links, and the full-text table is found since it
//! names the table that it is of. The same messages give the same bytes.

use super::edrm;
use super::manifest::Written;
use super::selection::Chosen;
use super::work::Stop;
use super::work::Work;
use crate::CaseError;
use crate::Hit;
use crate::MessageView;
use crate::Person;
use crate::csv;
use crate::ledger::digest;
use crate::ledger::stored_path;
use muckrake_index::SnippetOrigin;
use muckrake_mail::AttachmentState;
use muckrake_mail::MessageKey;
use muckrake_mail::Sha256;
use muckrake_mail::ZoneKind;
use rusqlite::Connection;
use rusqlite::params;
use rusqlite::params_from_iter;
use rusqlite::types::Value;
use rusqlite::types::ValueRef;
use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;

const TABLES: &str = include_str!("sqlite/tables.sql");
const AFTER: &str = include_str!("sqlite/after.sql");

/// Settings of the connection: the file is built aside and put in place when it is whole, so that
/// nothing has to be kept for a crash.
const SETTINGS: &str =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -65536; PRAGMA foreign_keys = OFF;";

/// Writes the database.
pub(super) fn write(work: &mut Work<'_>) -> Result<(), Stop> {
    let name = work.stage.main_name();
    let mut database = Database::make(work.stage.root().join(&name))?;
    for (place, one) in work.chosen.iter().enumerate() {
        work.check()?;
        let message = work.view.message(one.ordinal)?;
        let texts = attachment_texts(work, one)?;
        database.message(place + 1, one, &message, &texts)?;
        database.copies(work, one)?;
        let written = Written {
            file: &name,
            offset: None,
            bytes: None,
            original: None,
            control_number: None,
        };
        work.manifest.item(&message.hit, one.hit, &written)?;
        work.summary.messages += 1;
        work.done();
    }
    work.check()?;
    database.finish()?;
    Ok(work.stage.adopt(&name)?)
}

/// Names and texts of the attachments, as they are searched.
fn attachment_texts(work: &Work<'_>, one: &Chosen) -> Result<String, CaseError> {
    let texts = work
        .view
        .reader
        .texts(one.ordinal)
        .map_err(CaseError::index("read"))?;
    let texts: Vec<String> = texts
        .unwrap_or_default()
        .into_iter()
        .filter(|text| text.origin != SnippetOrigin::Body)
        .map(|text| text.text)
        .collect();
    Ok(texts.join("\n"))
}

/// A database under construction.
struct Database {
    path: PathBuf,
    connection: Connection,
    /// The number of each person string.
    people: HashMap<(Option<String>, Option<String>), usize>,
    sources: HashSet<i64>,
}

impl Database {
    fn make(path: PathBuf) -> Result<Self, CaseError> {
        let connection = Connection::open(&path).map_err(failed("make", &path))?;
        connection
            .execute_batch(&format!("{SETTINGS} BEGIN; {TABLES}"))
            .map_err(failed("make", &path))?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(Self {
            path,
            connection,
            people: HashMap::new(),
            sources: HashSet::new(),
        })
    }

    /// Writes what is made of all messages together, and closes the file.
    fn finish(self) -> Result<(), CaseError> {
        self.connection
            .execute_batch(&format!("{AFTER} COMMIT;"))
            .map_err(failed("write", &self.path))?;
        self.connection
            .close()
            .map_err(|(_, error)| failed("close", &self.path)(error))
    }

    fn message(
        &mut self,
        number: usize,
        one: &Chosen,
        message: &MessageView,
        attachment_texts: &str,
    ) -> Result<(), CaseError> {
        let hit = &message.hit;
        let (body, own_words) = bodies(message);
        let flags: Vec<&str> = hit.flags.iter().map(|flag| flag.word()).collect();
        let recipients = [&hit.to[..], &hit.cc, &hit.bcc].concat();
        self.change(
            "INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
            params![
                number,
                hit.id.to_string(),
                hit.thread.to_string(),
                one.hit,
                one.date.and_then(utc),
                hit.date,
                hit.date_precision,
                hit.zone_known,
                hit.subject,
                csv::people(&hit.from),
                csv::people(&recipients),
                body,
                own_words,
                attachment_texts,
                message.language,
                hit.size,
                flags.join(" "),
                hit.message_id,
                edrm::message_id_hash(hit.message_id.as_deref()),
                hit.attached_to.map(|id| id.to_string()),
            ],
        )?;
        self.roles(message)?;
        self.attachments(hit, &message.attachment_states)
    }

    fn roles(&mut self, message: &MessageView) -> Result<(), CaseError> {
        let hit = &message.hit;
        let roles = [
            ("from", &hit.from),
            ("sender", &message.sender),
            ("reply-to", &message.reply_to),
            ("to", &hit.to),
            ("cc", &hit.cc),
            ("bcc", &hit.bcc),
        ];
        for (role, people) in roles {
            for (place, person) in people.iter().enumerate() {
                let number = self.person(person)?;
                self.change(
                    "INSERT INTO message_people VALUES (?1, ?2, ?3, ?4)",
                    params![hit.id.to_string(), role, place + 1, number],
                )?;
            }
        }
        Ok(())
    }

    /// The number of a person string; one that is new is written.
    fn person(&mut self, person: &Person) -> Result<usize, CaseError> {
        let key = (person.name.clone(), person.address.clone());
        if let Some(number) = self.people.get(&key) {
            return Ok(*number);
        }
        let number = self.people.len() + 1;
        self.people.insert(key, number);
        self.change(
            "INSERT INTO people VALUES (?1, ?2, ?3)",
            params![number, person.name, person.address],
        )?;
        Ok(number)
    }

    fn attachments(&self, hit: &Hit, states: &[AttachmentState]) -> Result<(), CaseError> {
        for (place, attachment) in hit.attachments.iter().enumerate() {
            self.change(
                "INSERT INTO attachments (message, part, name, type, size, sha256, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    hit.id.to_string(),
                    attachment.part,
                    attachment.name,
                    attachment.content_type,
                    attachment.size,
                    attachment.sha256.to_string(),
                    states.get(place).map(state),
                ],
            )?;
        }
        Ok(())
    }

    /// Writes where the copies of a message lie, with their sources and releases.
    fn copies(&mut self, work: &Work<'_>, one: &Chosen) -> Result<(), CaseError> {
        let sql = "SELECT m.key, c.source, c.path_inside, c.offset, c.length, c.sha256, c.folder
                   FROM copies c JOIN messages m ON m.ordinal = c.message
                   WHERE c.message = ?1 ORDER BY c.source, c.id";
        let copies = work.view.ledger.rows(sql, [one.ordinal], |row| {
            Ok(CopyRow {
                message: MessageKey(digest(row, 0)?),
                source: row.get(1)?,
                path_inside: row.get(2)?,
                offset: row.get(3)?,
                length: row.get(4)?,
                sha256: Sha256(digest(row, 5)?),
                folder: row.get(6)?,
            })
        })?;
        for copy in copies {
            if self.sources.insert(copy.source) {
                self.source(work, copy.source)?;
            }
            self.change(
                "INSERT INTO copies (message, source, path_inside, \"offset\", length, sha256, folder)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    copy.message.to_string(),
                    copy.source,
                    copy.path_inside,
                    copy.offset,
                    copy.length,
                    copy.sha256.to_string(),
                    copy.folder
                ],
            )?;
        }
        Ok(())
    }

    /// Writes a source, and its release if that is new.
    fn source(&self, work: &Work<'_>, source: i64) -> Result<(), CaseError> {
        let sql = "SELECT r.name, r.agency, r.request, r.date_received, r.promised, r.time_zone,
                          s.name, s.path, s.size, s.sha256, s.kind
                   FROM sources s JOIN releases r ON r.id = s.release WHERE s.id = ?1";
        let rows = work.view.ledger.rows(sql, [source], |row| {
            let release: Vec<Value> = (0..6)
                .map(|column| row.get(column))
                .collect::<Result<_, _>>()?;
            let path = stored_path(row, 7)?.to_string_lossy().into_owned();
            let sha256 = match row.get_ref(9)? {
                ValueRef::Null => None,
                _ => Some(Sha256(digest(row, 9)?).to_string()),
            };
            let source: Vec<Value> = vec![
                source.into(),
                row.get(6)?,
                row.get(0)?,
                path.into(),
                row.get(8)?,
                sha256.into(),
                row.get(10)?,
            ];
            Ok((release, source))
        })?;
        for (release, source) in rows {
            self.change(
                "INSERT OR IGNORE INTO releases VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params_from_iter(release),
            )?;
            self.change(
                "INSERT INTO sources VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params_from_iter(source),
            )?;
        }
        Ok(())
    }

    fn change(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<(), CaseError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(parameters))
            .map(drop)
            .map_err(failed("write", &self.path))
    }
}

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> CaseError {
    let path = path.to_owned();
    move |source| CaseError::Database {
        operation,
        path,
        source,
    }
}

struct CopyRow {
    message: MessageKey,
    source: i64,
    path_inside: Option<String>,
    offset: i64,
    length: i64,
    sha256: Sha256,
    folder: Option<String>,
}

/// The texts of a body that are shown, and of those the author's own words.
fn bodies(message: &MessageView) -> (String, String) {
    let mut body = Vec::new();
    let mut own = String::new();
    for text in message.body.iter().filter(|text| !text.alternative) {
        body.push(text.text.as_str());
        for place in &text.zones {
            let zone = place.zone;
            if zone.kind == ZoneKind::Author {
                own.push_str(
                    text.text
                        .get(zone.start as usize..zone.end as usize)
                        .unwrap_or_default(),
                );
            }
        }
    }
    (body.join("\n"), own)
}

fn state(state: &AttachmentState) -> &'static str {
    match state {
        AttachmentState::Text => "text",
        AttachmentState::Message => "message",
        AttachmentState::NoText => "no text",
        AttachmentState::Unsupported(_) => "not yet readable",
        AttachmentState::Unread(_) => "unread",
    }
}

/// A moment as `YYYY-MM-DD HH:MM:SS` in UTC, which sorts and which SQLite's functions understand.
fn utc(seconds: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    Some(moment.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
