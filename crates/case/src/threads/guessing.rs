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
use muckrake_casework::guesses::Senders;
use muckrake_casework::guesses::Source;
use muckrake_casework::words::Told;
use muckrake_casework::words::Words;
use muckrake_index::Reader;
use muckrake_index::SnippetOrigin;
use roaring::RoaringBitmap;
use rusqlite::params;
use std::collections::BTreeMap;
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
    let mut source = Texts::of(ledger, writing.reader()?, lines);
    let mut found = Vec::new();
    let groups = groups(lines, &unsettled);
    for group in groups.chunk_by(|one, other| (one.kind, one.name) == (other.kind, other.name)) {
        if cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        found.extend(compare(&mut source, group, &unsettled)?);
    }
    keep(ledger, &unsettled, &guesses::best(found), &source.told)
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
    /// A message without a subject, by its ordinal.
    Alone,
}

/// The members of all groups that an unsettled message is in, group by group, in order of time.
fn groups(lines: &[Line], unsettled: &RoaringBitmap) -> Vec<Member> {
    let named = |line: &Line| {
        let [base, also, series] = line.groups;
        let alone = base == 0 && unsettled.contains(line.ordinal);
        // A message is in a group once, however its names are the same.
        let also = if also == base { 0 } else { also };
        [
            (Kind::Subject, base),
            (Kind::Subject, also),
            (Kind::Series, series),
            (
                Kind::Alone,
                if alone {
                    Name::from(line.ordinal) + 1
                } else {
                    0
                },
            ),
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
        .filter(|(_, kind, name)| *name != 0 && (*kind == Kind::Alone || wanted.contains(name)))
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
    source: &mut Texts<'_>,
    group: &[Member],
    unsettled: &RoaringBitmap,
) -> Result<Vec<Guess>, CaseError> {
    let wanted = |ordinal| unsettled.contains(ordinal);
    let letters = group
        .iter()
        .map(|member| source.letter(member.ordinal))
        .collect::<Result<Vec<_>, _>>()?;
    match group[0].kind {
        Kind::Series => Ok(guesses::by_series(&letters, wanted)),
        Kind::Subject | Kind::Alone => guesses::by_subject(&letters, wanted, source),
    }
}

/// Messages as the ledger and the index have them.
struct Texts<'a> {
    ledger: &'a LedgerFile,
    reader: Reader,
    senders: Senders,
    /// What the messages read tell of those that they quote: for when these come.
    told: BTreeMap<u32, Vec<Told>>,
}

impl<'a> Texts<'a> {
    fn of(ledger: &'a LedgerFile, reader: Reader, lines: &[Line]) -> Self {
        let dated = lines
            .iter()
            .filter_map(|line| Some((line.sender, line.date?, line.ordinal)));
        Self {
            ledger,
            reader,
            senders: Senders::of(dated),
            told: BTreeMap::new(),
        }
    }

    fn letter(&self, ordinal: u32) -> Result<Letter, CaseError> {
        let sql = "SELECT ordinal, date, threading FROM messages WHERE ordinal = ?1";
        let mut statement = self
            .ledger
            .connection
            .prepare_cached(sql)
            .map_err(CaseError::ledger("read"))?;
        statement
            .query_row([ordinal], letter)
            .map_err(CaseError::ledger("read"))
    }
}

impl Source for Texts<'_> {
    type Error = CaseError;

    /// What a message says and quotes, from the text that the index keeps.
    fn words(&mut self, ordinal: u32) -> Result<Words, CaseError> {
        let failed = CaseError::index;
        let Some(record) = self.reader.record(ordinal).map_err(failed("read"))? else {
            return Ok(Words::default());
        };
        let authors = Record::from_bytes(ordinal, &record)?.from;
        let texts = self.reader.texts(ordinal).map_err(failed("read"))?;
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
        let words = Words::of(texts);
        if !words.told.is_empty() {
            self.told.insert(ordinal, words.told.clone());
        }
        Ok(words)
    }

    fn named(&mut self, told: &Told) -> Result<Vec<Letter>, CaseError> {
        let found = self.senders.find(told);
        found
            .into_iter()
            .map(|ordinal| self.letter(ordinal))
            .collect()
    }
}

/// Puts the guesses in the place of earlier ones; the messages are settled.
fn keep(
    ledger: &LedgerFile,
    unsettled: &RoaringBitmap,
    guesses: &[Guess],
    told: &BTreeMap<u32, Vec<Told>>,
) -> Result<(), CaseError> {
    ledger.begin()?;
    for ordinal in unsettled {
        ledger.change("DELETE FROM guesses WHERE message = ?1", [ordinal])?;
        ledger.change("DELETE FROM told WHERE message = ?1", [ordinal])?;
        for told in told.get(&ordinal).into_iter().flatten() {
            let Some((moment, _)) = told.window() else {
                continue;
            };
            for name in told.sender.names().into_iter().filter(|name| *name != 0) {
                ledger.change(
                    "INSERT INTO told VALUES (?1, ?2, ?3)",
                    params![ordinal, name.cast_signed(), moment],
                )?;
            }
        }
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
