//! The second step: groups are read, compared, and the best guess of each message is kept.

use super::Line;
use super::letter;
use crate::CaseError;
use crate::ingest::Writing;
use crate::ledger::LedgerFile;
use crate::record::Record;
use muckrake_casework::Name;
use muckrake_casework::guesses;
use muckrake_casework::guesses::Guess;
use muckrake_casework::guesses::Letter;
use muckrake_casework::words::Words;
use muckrake_index::Reader;
use muckrake_index::SnippetOrigin;
use roaring::RoaringBitmap;
use rusqlite::params;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Guesses what the messages noted as unsettled answer.
pub(super) fn settle(
    writing: &Writing,
    lines: &[Line],
    cancel: &AtomicBool,
) -> Result<(), CaseError> {
    let ledger = &writing.ledger;
    let unsettled = ledger.ordinals("SELECT message FROM unsettled", [])?;
    if unsettled.is_empty() {
        return Ok(());
    }
    let reader = writing.reader()?;
    let mut found = Vec::new();
    let groups = groups(lines, &unsettled);
    for group in groups.chunk_by(|one, other| (one.kind, one.name) == (other.kind, other.name)) {
        if cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        if group.len() > 1 {
            found.extend(compare(ledger, &reader, group, &unsettled)?);
        }
    }
    keep(ledger, &unsettled, &guesses::best(found))
}

/// One message in one group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    kind: Kind,
    name: Name,
    undated: bool,
    date: i64,
    ordinal: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Subject,
    Series,
}

/// The members of all groups that an unsettled message is in, group by group, in order of time.
fn groups(lines: &[Line], unsettled: &RoaringBitmap) -> Vec<Member> {
    let named = |line: &Line| {
        let [base, also, series] = line.groups;
        // A message is in a group once, however its names are the same.
        let also = if also == base { 0 } else { also };
        [
            (Kind::Subject, base),
            (Kind::Subject, also),
            (Kind::Series, series),
        ]
    };
    let is_unsettled = |line: &&Line| unsettled.contains(line.ordinal);
    let wanted: HashSet<Name> = lines
        .iter()
        .filter(is_unsettled)
        .flat_map(|line| line.groups)
        .collect();
    let mut members: Vec<Member> = lines
        .iter()
        .flat_map(|line| named(line).map(|(kind, name)| (line, kind, name)))
        .filter(|(_, _, name)| *name != 0 && wanted.contains(name))
        .map(|(line, kind, name)| Member {
            kind,
            name,
            undated: line.date.is_none(),
            date: line.date.unwrap_or_default(),
            ordinal: line.ordinal,
        })
        .collect();
    members.sort_unstable();
    members
}

fn compare(
    ledger: &LedgerFile,
    reader: &Reader,
    group: &[Member],
    unsettled: &RoaringBitmap,
) -> Result<Vec<Guess>, CaseError> {
    let ordinals: Vec<u32> = group.iter().map(|member| member.ordinal).collect();
    let letters = letters(ledger, &ordinals)?;
    let wanted = |ordinal| unsettled.contains(ordinal);
    match group[0].kind {
        Kind::Series => Ok(guesses::by_series(&letters, wanted)),
        Kind::Subject => guesses::by_subject(&letters, wanted, |ordinal| words(reader, ordinal)),
    }
}

/// The letters of a group in its order.
fn letters(ledger: &LedgerFile, ordinals: &[u32]) -> Result<Vec<Letter>, CaseError> {
    let sql = "SELECT ordinal, date, threading FROM messages WHERE ordinal = ?1";
    let mut letters = Vec::with_capacity(ordinals.len());
    for ordinal in ordinals {
        letters.extend(ledger.rows(sql, [ordinal], letter)?);
    }
    Ok(letters)
}

/// What a message says and quotes, from the text that the index keeps.
fn words(reader: &Reader, ordinal: u32) -> Result<Words, CaseError> {
    let failed = CaseError::index("read");
    let Some(record) = reader.record(ordinal).map_err(failed)? else {
        return Ok(Words::default());
    };
    let authors = Record::from_bytes(ordinal, &record)?.from;
    let texts = reader.texts(ordinal).map_err(CaseError::index("read"))?;
    let zoned: Vec<_> = texts
        .unwrap_or_default()
        .into_iter()
        .filter(|text| text.origin == SnippetOrigin::Body)
        .map(|text| {
            let zones = muckrake_mail::zones::cut(&text.text, &authors);
            (text.text, zones)
        })
        .collect();
    let texts = zoned
        .iter()
        .map(|(text, zones)| (text.as_str(), zones.as_slice()));
    Ok(Words::of(texts))
}

/// Puts the guesses in the place of earlier ones; the messages are settled.
fn keep(
    ledger: &LedgerFile,
    unsettled: &RoaringBitmap,
    guesses: &[Guess],
) -> Result<(), CaseError> {
    ledger.begin()?;
    for ordinal in unsettled {
        ledger.change("DELETE FROM guesses WHERE message = ?1", [ordinal])?;
    }
    for guess in guesses {
        ledger.change(
            "INSERT OR REPLACE INTO guesses VALUES (?1, ?2, ?3, ?4, 0)",
            params![
                guess.message,
                guess.parent,
                guess.evidence.word(),
                guess.confidence
            ],
        )?;
    }
    ledger.change("DELETE FROM unsettled", [])?;
    ledger.commit()
}
