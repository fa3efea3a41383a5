//! The sink of an ingest: each record goes into the index and the ledger.
//!
//! Every few seconds both are committed, the index first. A process that dies in
//! between loses at most the work since then. The next one reads the last source again, and
//! what is still there at its place is neither parsed nor indexed a second time.
//!
//! After a failure nothing more is committed: what the failure left half done would be.

use super::IngestSummary;
use super::Writing;
use super::later_copy;
use crate::CaseError;
use crate::SourceState;
use crate::export;
use crate::footers;
use crate::ledger::StoredPath;
use crate::ledger::stored_path;
use crate::officials::Gathering;
use crate::record;
use crate::record::Record as StoredRecord;
use crate::verify;
use jiff::tz::TimeZone;
use muckrake_casework::facts::Facts;
use muckrake_index::Document;
use muckrake_ingest::FoundMessage;
use muckrake_ingest::Item;
use muckrake_ingest::ItemState;
use muckrake_ingest::Kind;
use muckrake_ingest::MailboxTally;
use muckrake_ingest::PageTally;
use muckrake_ingest::Quoting;
use muckrake_ingest::Record;
use muckrake_ingest::Sink;
use muckrake_ingest::SinkError;
use muckrake_ingest::SourceEnd;
use muckrake_ingest::SourceSame;
use muckrake_ingest::SourceStart;
use muckrake_ingest::Stored;
use muckrake_ingest::Unread;
use muckrake_mail::AttachmentState;
use muckrake_mail::DefectCode;
use muckrake_mail::Message;
use muckrake_mail::Sha256;
use roaring::RoaringBitmap;
use roaring::RoaringTreemap;
use rusqlite::OptionalExtension;
use rusqlite::params;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

/// How much work an interruption may cost.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(3);

/// A copy's state of quoting, as the ledger numbers it.
pub(crate) fn quoting_number(quoting: Quoting) -> i64 {
    match quoting {
        Quoting::None => 0,
        Quoting::Mboxo => 1,
        Quoting::Mboxrd => 2,
        Quoting::Printed => 3,
    }
}

/// Reads what [`quoting_number`] wrote.
pub(crate) fn quoting_of(number: i64) -> Quoting {
    match number {
        1 => Quoting::Mboxo,
        2 => Quoting::Mboxrd,
        3 => Quoting::Printed,
        _ => Quoting::None,
    }
}

/// Puts the records of one run into a case.
pub(crate) struct CaseSink<'a> {
    writing: &'a mut Writing,
    release: i64,
    zone: TimeZone,
    next_ordinal: u32,
    source: Option<OpenSource>,
    /// Sources with a higher number were read by a run that was interrupted before it said
    /// what it had found.
    told_up_to: i64,
    /// Of those, the ones that this run has counted.
    counted: RoaringTreemap,
    /// Messages that lost a copy and may have none left.
    unsettled: RoaringBitmap,
    /// Who is in the new messages.
    people: Gathering,
    summary: IngestSummary,
    last_checkpoint: Instant,
    failed: bool,
}

/// The source that is being read.
struct OpenSource {
    id: i64,
    path: PathBuf,
    /// Copies that an interrupted run has kept, and that were not met again yet.
    unclaimed: RoaringTreemap,
    /// The highest number of a copy that an interrupted run has kept; 0 without one.
    kept_up_to: i64,
}

/// Where one copy lies.
struct CopyRow<'a> {
    path_inside: Option<&'a str>,
    offset: u64,
    length: u64,
    sha256: Sha256,
    folder: Option<&'a str>,
    quoting: Quoting,
    parent: Option<(i64, &'a str)>,
}

impl Sink for CaseSink<'_> {
    fn accept(&mut self, record: Record) -> Result<(), SinkError> {
        let taken = self.take(record);
        self.failed |= taken.is_err();
        taken.map_err(|error| Box::new(error) as SinkError)
    }
}

impl<'a> CaseSink<'a> {
    pub(crate) fn new(
        writing: &'a mut Writing,
        release: i64,
        told_up_to: i64,
        zone: TimeZone,
    ) -> Result<Self, CaseError> {
        let next_ordinal = writing.ledger.next_ordinal()?;
        writing.ledger.make_people()?;
        writing.ledger.leave_ungathered(next_ordinal)?;
        let people = Gathering::new(&writing.ledger)?;
        writing.ledger.begin()?;
        Ok(Self {
            writing,
            release,
            zone,
            next_ordinal,
            source: None,
            told_up_to,
            counted: RoaringTreemap::new(),
            unsettled: RoaringBitmap::new(),
            people,
            summary: IngestSummary::default(),
            last_checkpoint: Instant::now(),
            failed: false,
        })
    }

    /// Commits what is left and gives the sums of the run.
    pub(crate) fn finish(mut self) -> Result<IngestSummary, CaseError> {
        let committed = if self.failed {
            Ok(())
        } else {
            self.count_people().and_then(|()| self.commit())
        };
        if self.failed || committed.is_err() {
            self.writing.ledger.roll_back()?;
        }
        committed.map(|()| self.summary)
    }

    fn take(&mut self, record: Record) -> Result<(), CaseError> {
        match record {
            Record::SourceStart(start) => self.start_source(&start)?,
            Record::Message(mut found) => {
                footers::mark(&self.writing.footers, &mut found.message);
                self.message(&found)?;
            }
            Record::Kept(copy) => self.kept(copy),
            Record::Item(item) => self.item(&item)?,
            Record::Unread(unread) => self.unread(&unread, None)?,
            Record::Mailbox(tally) => self.mailbox(&tally)?,
            Record::Pages(tally) => self.pages(&tally)?,
            Record::Stored(stored) => self.stored(&stored)?,
            Record::SourceEnd(end) => self.end_source(&end)?,
            Record::SourceSame(same) => self.same_source(&same)?,
            Record::Link(link) => {
                self.summary.links += 1;
                let target = link.target.to_string_lossy().into_owned();
                self.put_bare_source(&link.path, &link.name, "link", &target)?;
            }
            Record::Unreadable(unreadable) => {
                self.summary.unread_new += 1;
                self.put_bare_source(
                    &unreadable.path,
                    &unreadable.name,
                    "unreadable",
                    &unreadable.reason,
                )?;
            }
        }
        if self.last_checkpoint.elapsed() >= CHECKPOINT_EVERY {
            if self.people.is_heavy() {
                self.count_people()?;
            }
            self.commit()?;
            self.writing.ledger.begin()?;
        }
        Ok(())
    }

    /// Counts the people met so far. Those of a run that dies before are gathered by the next one.
    fn count_people(&mut self) -> Result<(), CaseError> {
        let ledger = &self.writing.ledger;
        self.people.flush(ledger)?;
        ledger.set_gathered_up_to(self.next_ordinal)
    }

    /// The checkpoint: index first, then ledger. No message is left without a copy.
    fn commit(&mut self) -> Result<(), CaseError> {
        let unsettled = std::mem::take(&mut self.unsettled);
        self.summary.messages_removed += self.writing.ledger.remove_orphans(&unsettled)?;
        let next = self.next_ordinal;
        self.writing.commit_index(next)?;
        self.writing.ledger.change(
            "UPDATE meta SET value = ?1 WHERE name = 'next_ordinal'",
            [next],
        )?;
        self.writing.ledger.commit()?;
        self.last_checkpoint = Instant::now();
        Ok(())
    }

    fn start_source(&mut self, start: &SourceStart) -> Result<(), CaseError> {
        let ledger = &self.writing.ledger;
        let unfinished: Option<i64> = ledger
            .connection
            .query_row(
                "SELECT id FROM sources WHERE release = ?1 AND path = ?2 AND state IN ('reading', 'unreadable', 'link')",
                params![self.release, StoredPath(&start.path)],
                |row| row.get(0),
            )
            .optional()
            .map_err(CaseError::ledger("read"))?;
        // One that was not read to its end keeps its number, and its copies until that end.
        ledger.change(
            "INSERT OR REPLACE INTO sources (id, release, path, name, size, modified_ns, kind, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', 'reading')",
            params![
                unfinished,
                self.release,
                StoredPath(&start.path),
                start.name,
                start.size,
                start.modified_ns.to_string()
            ],
        )?;
        let id = ledger.connection.last_insert_rowid();
        let (unclaimed, kept_up_to) = match unfinished {
            Some(id) => ledger.reopen_source(id)?,
            None => (RoaringTreemap::new(), 0),
        };
        self.source = Some(OpenSource {
            id,
            path: start.path.clone(),
            unclaimed,
            kept_up_to,
        });
        Ok(())
    }

    /// A copy that an interrupted run has kept is still there.
    fn kept(&mut self, copy: i64) {
        self.summary.copies_kept += 1;
        if let (Some(source), Ok(copy)) = (&mut self.source, u64::try_from(copy)) {
            source.unclaimed.remove(copy);
        }
    }

    fn end_source(&mut self, end: &SourceEnd) -> Result<(), CaseError> {
        let Some(source) = self.source.take() else {
            return Ok(());
        };
        let ledger = &self.writing.ledger;
        for copy in &source.unclaimed {
            self.unsettled |= ledger.delete_copy(copy)?;
        }
        // What is new was counted as it came.
        let open = ledger.open_in_copies(source.id, source.kept_up_to)?;
        self.summary.unread_new += open.unread;
        self.summary.unsupported_new += open.unsupported;
        let reason = end
            .modified_while_read
            .then_some("changed while it was read");
        ledger.change(
            "UPDATE sources SET sha256 = ?2, kind = ?3, state = 'done', reason = ?4 WHERE id = ?1",
            params![source.id, end.sha256.0, end.kind.word(), reason],
        )?;
        self.summary.sources_new += 1;
        if export::is_manifest(&source.path) {
            self.summary.own_exports.push(source.path.clone());
        }
        for (earlier, sha256) in ledger.done_at(self.release, &source.path, source.id)? {
            let same = sha256 == end.sha256;
            // Only mailboxes grow by themselves; a file of one message that is longer
            // now is another message, and the evidence of both is kept.
            let grown =
                end.known_prefix == Some(sha256) && matches!(end.kind, Kind::Mbox | Kind::Mmdf);
            if same || grown {
                self.unsettled |= ledger.delete_source(earlier)?;
            }
            if grown {
                self.summary.sources_grown += 1;
            } else if !same {
                ledger.change(
                    "UPDATE sources SET state = 'replaced' WHERE id = ?1",
                    [earlier],
                )?;
                self.summary.sources_changed += 1;
            }
        }
        Ok(())
    }

    fn same_source(&mut self, same: &SourceSame) -> Result<(), CaseError> {
        self.summary.sources_same += 1;
        self.count_untold(same.source)?;
        let ledger = &self.writing.ledger;
        let modified = same.modified_ns.to_string();
        let recorded = ledger.rows(
            "SELECT path, modified_ns FROM sources WHERE id = ?1",
            [same.source],
            |row| Ok((stored_path(row, 0)?, row.get::<_, String>(1)?)),
        )?;
        let elsewhere = recorded
            .iter()
            .any(|(path, modified)| *path != same.path && is_still_at(path, modified, same));
        if elsewhere {
            ledger.change(
                "INSERT OR REPLACE INTO seen_elsewhere VALUES (?1, ?2, ?3, ?4)",
                params![same.source, StoredPath(&same.path), same.size, modified],
            )?;
        } else {
            // It is where it was, or has moved here: then another file at its former path may
            // have marked it as replaced.
            ledger.change(
                "UPDATE sources SET path = ?2, size = ?3, modified_ns = ?4, state = 'done' WHERE id = ?1",
                params![same.source, StoredPath(&same.path), same.size, modified],
            )?;
        }
        Ok(())
    }

    /// Counts what an interrupted run found in a source that it had read to its end: nobody has
    /// been told.
    fn count_untold(&mut self, source: i64) -> Result<(), CaseError> {
        let is_new = source > self.told_up_to
            && u64::try_from(source).is_ok_and(|source| self.counted.insert(source));
        if is_new {
            let open = self.writing.ledger.open_in_source(source)?;
            self.summary.unread_new += open.unread;
            self.summary.unsupported_new += open.unsupported;
        }
        Ok(())
    }

    fn put_bare_source(
        &mut self,
        path: &Path,
        name: &str,
        state: &str,
        reason: &str,
    ) -> Result<(), CaseError> {
        let ledger = &self.writing.ledger;
        ledger.change(
            "DELETE FROM sources WHERE release = ?1 AND path = ?2 AND state = ?3",
            params![self.release, StoredPath(path), state],
        )?;
        ledger.change(
            "INSERT INTO sources (release, path, name, size, kind, state, reason) VALUES (?1, ?2, ?3, 0, ?4, ?4, ?5)",
            params![self.release, StoredPath(path), name, state, reason],
        )?;
        Ok(())
    }

    fn source_id(&self) -> i64 {
        // Records between sources are a fault of the producer; they are kept under no source.
        self.source.as_ref().map_or(0, |source| source.id)
    }

    fn item(&mut self, item: &Item) -> Result<(), CaseError> {
        let (state, why) = match &item.state {
            ItemState::NoText => ("no_text", None),
            ItemState::Unsupported { advice } => (
                "unsupported",
                Some(advice.as_str()).filter(|text| !text.is_empty()),
            ),
            ItemState::Unread { reason } => ("unread", Some(reason.as_str())),
            ItemState::Covered { by } => ("covered", Some(by.as_str())),
            ItemState::Empty => ("empty", None),
        };
        match state {
            "unsupported" => self.summary.unsupported_new += 1,
            "unread" => self.summary.unread_new += 1,
            _ => {}
        }
        self.writing.ledger.change(
            "INSERT INTO items VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.source_id(),
                item.path_inside,
                item.kind.word(),
                item.size,
                state,
                why
            ],
        )?;
        Ok(())
    }

    /// What cannot be read, in a source or in one copy of a message.
    fn unread(&mut self, unread: &Unread, copy: Option<i64>) -> Result<(), CaseError> {
        self.summary.unread_new += 1;
        self.writing.ledger.change(
            "INSERT INTO unread VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.source_id(),
                unread.path_inside,
                unread.offset,
                unread.length,
                unread.reason,
                copy
            ],
        )?;
        Ok(())
    }

    /// A mailbox that has been read to its end. What an interrupted run kept of it and that was
    /// not met again stays until the end of the source: another member may have the same name.
    fn mailbox(&mut self, tally: &MailboxTally) -> Result<(), CaseError> {
        self.writing.ledger.change(
            "INSERT INTO mailboxes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                self.source_id(),
                tally.path_inside,
                tally.bytes,
                tally.messages,
                tally.message_bytes,
                tally.separator_bytes,
                tally.unread_bytes
            ],
        )?;
        Ok(())
    }

    /// What the pages of a document of print-outs are.
    fn pages(&mut self, tally: &PageTally) -> Result<(), CaseError> {
        self.writing.ledger.change(
            "INSERT INTO pages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                self.source_id(),
                tally.path_inside,
                tally.pages,
                tally.messages,
                tally.message_pages,
                tally.attached,
                tally.without_header,
                tally.without_text
            ],
        )?;
        Ok(())
    }

    fn stored(&mut self, stored: &Stored) -> Result<(), CaseError> {
        self.writing.ledger.change(
            "INSERT INTO streams VALUES (?1, ?2, ?3, ?4)",
            params![
                self.source_id(),
                stored.path_inside,
                stored.sha256.0,
                stored.size
            ],
        )?;
        Ok(())
    }

    /// Keeps a message and those attached to it, at any depth.
    fn message(&mut self, found: &FoundMessage) -> Result<(), CaseError> {
        let place = CopyRow {
            path_inside: found.path_inside.as_deref(),
            offset: found.offset,
            length: found.length,
            sha256: found.sha256,
            folder: found.folder.as_deref(),
            quoting: found.quoting,
            parent: None,
        };
        let copy = self.put_copy(&found.message, &place)?;
        let inside = inside_message(found.path_inside.as_deref(), found.offset);
        let mut pending = vec![(&found.message, copy, inside)];
        while let Some((message, parent, inside)) = pending.pop() {
            for attached in &message.attached {
                let path = format!("{inside}!/part {}", attached.part);
                let place = CopyRow {
                    path_inside: Some(&path),
                    offset: 0,
                    length: attached.length,
                    sha256: attached.sha256,
                    folder: found.folder.as_deref(),
                    quoting: Quoting::None,
                    parent: Some((parent, &attached.part)),
                };
                let copy = self.put_copy(&attached.message, &place)?;
                pending.push((&attached.message, copy, inside_message(Some(&path), 0)));
            }
        }
        Ok(())
    }

    fn put_copy(&mut self, message: &Message, place: &CopyRow<'_>) -> Result<i64, CaseError> {
        let ordinal = self.put_message(message, place.sha256)?;
        self.summary.copies_new += 1;
        for attachment in &message.attachments {
            match attachment.state {
                AttachmentState::Message => continue,
                AttachmentState::Unread(_) => self.summary.unread_new += 1,
                AttachmentState::Unsupported(_) => self.summary.unsupported_new += 1,
                AttachmentState::Text | AttachmentState::NoText => {}
            }
            self.summary.attachments_new += 1;
        }
        let ledger = &self.writing.ledger;
        ledger.change(
            "INSERT INTO copies (message, source, path_inside, offset, length, sha256, folder, quoting, parent, part, flags)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                ordinal,
                self.source.as_ref().map_or(0, |source| source.id),
                place.path_inside,
                place.offset,
                place.length,
                place.sha256.0,
                place.folder,
                quoting_number(place.quoting),
                place.parent.map(|(copy, _)| copy),
                place.parent.map(|(_, part)| part),
                later_copy::noted_flags(message),
            ],
        )?;
        let copy = ledger.connection.last_insert_rowid();
        self.put_limits(message, place, copy)?;
        Ok(copy)
    }

    /// What a limit kept out of a message is unread.
    fn put_limits(
        &mut self,
        message: &Message,
        place: &CopyRow<'_>,
        copy: i64,
    ) -> Result<(), CaseError> {
        for defect in &message.defects {
            let what = match defect.code {
                DefectCode::HeaderTooLong => "header over a limit",
                DefectCode::TooManyParts => "more parts than the limit `parts`",
                DefectCode::BodyTooLong => "body over a limit",
                DefectCode::TooDeep => "nested deeper than the limit `nesting`",
                DefectCode::Unparsable => "the reader failed on this message",
                // Attachments tell of themselves.
                _ => continue,
            };
            let unread = Unread {
                path_inside: place.path_inside.map(str::to_owned),
                offset: place.offset + defect.offset,
                length: 0,
                reason: match defect.detail.as_str() {
                    "" => what.to_owned(),
                    detail => format!("{what}: {detail}"),
                },
            };
            self.unread(&unread, Some(copy))?;
        }
        Ok(())
    }

    /// Gives the ordinal of a message, indexing it if the case does not hold it yet.
    fn put_message(&mut self, message: &Message, made_from: Sha256) -> Result<u32, CaseError> {
        let variant = later_copy::variant(message);
        let known: Option<(u32, i64)> = self
            .writing
            .ledger
            .connection
            .prepare_cached("SELECT ordinal, variant FROM messages WHERE key = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([message.key.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .map_err(CaseError::ledger("read"))?;
        if let Some((ordinal, indexed)) = known {
            self.summary.duplicates_new += 1;
            if variant != indexed {
                later_copy::note(&self.writing.ledger, ordinal, variant)?;
            }
            return Ok(ordinal);
        }
        let ordinal = self.next_ordinal;
        self.next_ordinal += 1;
        self.summary.messages_new += 1;
        let utc = message
            .date
            .and_then(|date| record::moment(&date, &self.zone));
        let record = StoredRecord::of(message);
        self.people
            .take(&self.writing.ledger, ordinal, &record, message)?;
        let stored = record.to_bytes();
        self.writing
            .writer
            .add(Document {
                ordinal,
                message,
                utc,
                record: &stored,
            })
            .map_err(CaseError::index("write"))?;
        self.writing.ledger.change(
            "INSERT INTO messages (ordinal, key, content_key, threading, date, variant, made_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![ordinal, message.key.0, message.content_key, Facts::of(message).to_bytes(), utc, variant, made_from.0],
        )?;
        self.writing.ledger.put_attachments(ordinal, message)?;
        Ok(ordinal)
    }
}

/// Whether the file at a source's recorded path is still that source. Another one may have
/// come there, as when two files swap their names.
fn is_still_at(path: &Path, modified_ns: &str, same: &SourceSame) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == same.size)
        && (verify::modified_ns(path) == modified_ns
            || verify::state(path, same.sha256) == SourceState::Same)
}

/// The item that the parts of a message lie in.
fn inside_message(path_inside: Option<&str>, offset: u64) -> String {
    match path_inside {
        Some(path) => format!("{path}!/message@{offset}"),
        None => format!("message@{offset}"),
    }
}
