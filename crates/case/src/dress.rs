//! What the ledger knows of the messages of a page: where their copies lie, their threads,
//! what says the same. Asked for all of them at once.

use crate::CaseError;
use crate::CopyPlace;
use crate::Hit;
use crate::Links;
use crate::SCHEMA;
use crate::Snippet;
use crate::forms::Linked;
use crate::forms::LinkedTo;
use crate::forms::json_list;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use crate::ledger::stored_path;
use crate::officials::Named;
use crate::record;
use crate::record::Record;
use muckrake_casework::officials::mentions::Role;
use muckrake_mail::MessageKey;
use muckrake_mail::Sha256;
use rusqlite::types::ValueRef;
use std::collections::HashMap;

/// What the ledger knows of some messages, by ordinal.
pub(crate) struct Facts {
    copies: HashMap<u32, Vec<CopyPlace>>,
    threads: HashMap<u32, MessageKey>,
    linked: HashMap<u32, LinkedTo>,
    parents: HashMap<u32, MessageKey>,
    named: Named,
}

impl Facts {
    /// Reads what the ledger knows of these messages.
    pub(crate) fn of(
        ledger: &LedgerFile,
        ordinals: &[u32],
        links: Links,
        linked: &Linked<'_>,
    ) -> Result<Self, CaseError> {
        let linked = linked.of(ordinals)?;
        let ordinals = json_list(ordinals);
        Ok(Self {
            copies: copies(ledger, &ordinals)?,
            threads: threads(ledger, &ordinals, links)?,
            linked,
            parents: parents(ledger, &ordinals)?,
            named: Named::of(ledger, &ordinals)?,
        })
    }

    /// Dresses a message. Each can be dressed once.
    pub(crate) fn dress(
        &mut self,
        ordinal: u32,
        record: &Record,
        score: f32,
        snippet: Option<Snippet>,
    ) -> Hit {
        let mut copies = self.copies.remove(&ordinal).unwrap_or_default();
        // All copies of a print-out are of one document.
        let pages = record.print.as_ref().and_then(|print| print.pages);
        for copy in &mut copies {
            copy.pages = pages.map(record::pages_text);
        }
        let linked = self.linked.remove(&ordinal).unwrap_or_default();
        let mut releases: Vec<String> = Vec::new();
        for copy in &copies {
            if !releases.contains(&copy.release) {
                releases.push(copy.release.clone());
            }
        }
        Hit {
            schema: SCHEMA,
            id: record.id,
            thread: self.threads.get(&ordinal).copied().unwrap_or(record.id),
            date: record.date.as_ref().map(record::date_text),
            date_precision: record
                .date
                .map(|date| record::precision_word(date.precision).to_owned()),
            zone_known: record.date.is_some_and(|date| date.offset.is_some()),
            date_source: record
                .date
                .map(|date| record::source_word(date.source).to_owned()),
            from: self.named.people(ordinal, Role::From, &record.from),
            to: self.named.people(ordinal, Role::To, &record.to),
            cc: self.named.people(ordinal, Role::Cc, &record.cc),
            bcc: self.named.people(ordinal, Role::Bcc, &record.bcc),
            subject: record.subject.clone(),
            releases,
            copies,
            linked: linked.ids,
            linked_count: linked.count,
            attached_to: self.parents.get(&ordinal).copied(),
            attachments: record.attachments.clone(),
            size: record.size,
            flags: record.flags.clone(),
            score,
            snippet,
            message_id: record.message_id.clone(),
            tags: Vec::new(),
            note: None,
        }
    }
}

fn copies(ledger: &LedgerFile, ordinals: &str) -> Result<HashMap<u32, Vec<CopyPlace>>, CaseError> {
    let sql =
        "SELECT c.message, r.name, s.path, c.path_inside, c.offset, c.length, c.sha256, c.folder, s.sha256
               FROM copies c JOIN sources s ON s.id = c.source JOIN releases r ON r.id = s.release
               WHERE c.message IN (SELECT value FROM json_each(?1)) ORDER BY r.id, s.id, c.id";
    let rows = ledger.rows(sql, [ordinals], |row| {
        let place = CopyPlace {
            release: row.get(1)?,
            source: stored_path(row, 2)?.to_string_lossy().into_owned(),
            path_inside: row.get(3)?,
            offset: row.get(4)?,
            length: row.get(5)?,
            sha256: Sha256(digest(row, 6)?),
            source_sha256: match row.get_ref(8)? {
                ValueRef::Null => None,
                _ => Some(Sha256(digest(row, 8)?)),
            },
            pages: None,
            folder: row.get(7)?,
        };
        Ok((row.get::<_, u32>(0)?, place))
    })?;
    let mut copies: HashMap<u32, Vec<CopyPlace>> = HashMap::new();
    for (ordinal, place) in rows {
        copies.entry(ordinal).or_default().push(place);
    }
    Ok(copies)
}

/// Ids of the threads.
fn threads(
    ledger: &LedgerFile,
    ordinals: &str,
    links: Links,
) -> Result<HashMap<u32, MessageKey>, CaseError> {
    let column = links.column();
    let sql = format!(
        "SELECT m.ordinal, h.key FROM messages m JOIN messages h ON h.ordinal = coalesce(m.{column}, m.ordinal)
         WHERE m.ordinal IN (SELECT value FROM json_each(?1))"
    );
    let rows = ledger.rows(&sql, [ordinals], |row| {
        Ok((row.get(0)?, MessageKey(digest(row, 1)?)))
    })?;
    Ok(rows.into_iter().collect())
}

/// Ids of the messages that these were attached to.
fn parents(ledger: &LedgerFile, ordinals: &str) -> Result<HashMap<u32, MessageKey>, CaseError> {
    let sql = "SELECT c.message, m.key FROM copies c JOIN copies p ON p.id = c.parent JOIN messages m ON m.ordinal = p.message
               WHERE c.message IN (SELECT value FROM json_each(?1)) ORDER BY c.id";
    let rows = ledger.rows(sql, [ordinals], |row| {
        Ok((row.get(0)?, MessageKey(digest(row, 1)?)))
    })?;
    let mut parents = HashMap::new();
    for (ordinal, key) in rows {
        parents.entry(ordinal).or_insert(key);
    }
    Ok(parents)
}
