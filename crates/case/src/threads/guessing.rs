//! The second step: groups are read, compared, and the best guess of each message is kept.

use super::Line;
use super::letter;
use crate::CaseError;
use crate::ingest::Writing;
use crate::ledger::LedgerFile;
use crate::record::Authors;
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
use rayon::prelude::*;
use roaring::RoaringBitmap;
use rusqlite::params;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Messages whose texts are read at once, by all cores.
const AT_ONCE: usize = 1_024;
/// Runs of words that are kept of texts that have been read, in all; 8 bytes each.
const MOST_KEPT: usize = 4 << 20;

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
    let mut groups = groups.chunk_by(|one, other| (one.kind, one.name) == (other.kind, other.name));
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        let batch = batch(&mut source, &mut groups, &unsettled)?;
        if batch.is_empty() {
            break;
        }
        for (kind, letters) in &batch {
            found.extend(compare(&mut source, *kind, letters, &unsettled)?);
        }
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

/// The next groups, some thousand messages of them at once, of which the texts that are going to be compared have been read
/// by all cores.
fn batch<'g>(
    source: &mut Texts<'_>,
    groups: &mut impl Iterator<Item = &'g [Member]>,
    unsettled: &RoaringBitmap,
) -> Result<Vec<(Kind, Vec<Letter>)>, CaseError> {
    let mut batch = Vec::new();
    let (mut ahead, mut members) = (Vec::new(), 0);
    while members < AT_ONCE
        && let Some(group) = groups.next()
    {
        members += group.len();
        let letters = group
            .iter()
            .map(|member| source.letter(member.ordinal))
            .collect::<Result<Vec<_>, _>>()?;
        let kind = group[0].kind;
        let compared = |letter: &Letter| letter.facts.quotes && unsettled.contains(letter.ordinal);
        if kind != Kind::Series && letters.iter().any(compared) {
            ahead.extend(letters.iter().map(|letter| letter.ordinal));
        }
        batch.push((kind, letters));
    }
    ahead.truncate(AT_ONCE);
    source.read_ahead(&ahead)?;
    Ok(batch)
}

fn compare(
    source: &mut Texts<'_>,
    kind: Kind,
    letters: &[Letter],
    unsettled: &RoaringBitmap,
) -> Result<Vec<Guess>, CaseError> {
    let wanted = |ordinal| unsettled.contains(ordinal);
    match kind {
        Kind::Series => Ok(guesses::by_series(letters, wanted)),
        Kind::Subject | Kind::Alone => guesses::by_subject(letters, wanted, source),
    }
}

/// Messages as the ledger and the index have them.
struct Texts<'a> {
    ledger: &'a LedgerFile,
    reader: Reader,
    senders: Senders,
    /// What the messages read tell of those that they quote: for when these come.
    told: BTreeMap<u32, Vec<Told>>,
    /// What was read: a message may be in several groups, and named by many others.
    kept: HashMap<u32, Words>,
    /// How many runs of words are kept.
    runs: usize,
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
            kept: HashMap::new(),
            runs: 0,
        }
    }

    /// Reads the texts of messages with all cores.
    fn read_ahead(&mut self, ordinals: &[u32]) -> Result<(), CaseError> {
        let unread = |ordinal: &&u32| !self.kept.contains_key(*ordinal);
        let mut unread: Vec<u32> = ordinals.iter().filter(unread).copied().collect();
        // In the order in which they lie in the index.
        unread.sort_unstable();
        unread.dedup();
        let reader = &self.reader;
        let read = unread
            .par_iter()
            .map(|ordinal| Ok((*ordinal, words(reader, *ordinal)?)))
            .collect::<Result<Vec<_>, CaseError>>()?;
        for (ordinal, words) in read {
            self.keep(ordinal, words);
        }
        Ok(())
    }

    fn keep(&mut self, ordinal: u32, words: Words) {
        if !words.told.is_empty() {
            self.told.insert(ordinal, words.told.clone());
        }
        self.runs += words.own.len() + words.quoted.len() + words.deeper.len();
        if self.runs > MOST_KEPT {
            self.kept.clear();
            self.runs = 0;
        }
        self.kept.insert(ordinal, words);
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

    fn words(&mut self, ordinal: u32) -> Result<Words, CaseError> {
        if let Some(words) = self.kept.get(&ordinal) {
            return Ok(words.clone());
        }
        let read = words(&self.reader, ordinal)?;
        self.keep(ordinal, read.clone());
        Ok(read)
    }

    fn named(&mut self, told: &Told) -> Result<Vec<Letter>, CaseError> {
        let found = self.senders.find(told);
        found
            .into_iter()
            .map(|ordinal| self.letter(ordinal))
            .collect()
    }
}

/// What a message says and quotes, from the text that the index keeps.
fn words(reader: &Reader, ordinal: u32) -> Result<Words, CaseError> {
    let failed = CaseError::index;
    let stored = reader.record_with_texts(ordinal);
    let Some((record, texts)) = stored.map_err(failed("read"))? else {
        return Ok(Words::default());
    };
    let authors = Authors::from_bytes(ordinal, &record)?;
    let zoned: Vec<_> = texts
        .into_iter()
        .filter(|text| text.origin == SnippetOrigin::Body)
        .enumerate()
        .filter(|(index, _)| authors.wrote(*index))
        .map(|(_, text)| {
            let zones = muckrake_mail::zones::cut(&text.text, &authors.from);
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
