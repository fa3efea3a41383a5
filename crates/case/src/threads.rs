//! Threads of a case: computed from the facts in the ledger, kept in it.
//!
//! Three steps follow each change of the case. Headers join messages; then those that look like answers and
//! that no header places are compared with what shares a subject or a series with them; then the guesses that
//! hold join what they can. The first and the last look at every message's facts, some 100 bytes each. The
//! second reads texts, and only those of groups that something new came to: what was guessed before
//! is kept. A guess depends on nothing but the messages of the case, so that a rebuild gives the same threads.

mod guessing;

use crate::CaseError;
use crate::ingest::Writing;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use muckrake_casework::Name;
use muckrake_casework::facts::Facts;
use muckrake_casework::facts::Sender;
use muckrake_casework::guesses::Evidence;
use muckrake_casework::guesses::Guess;
use muckrake_casework::guesses::Letter;
use muckrake_casework::threads::Threads;
use rusqlite::params;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

/// How far from what a quotation tells a message may have been written that it names, in seconds: a day
/// and a half.
const FARTHEST: i64 = 129_600;

/// Which links make a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// What headers prove, and what is guessed where they say nothing.
    #[default]
    All,
    /// Only what headers prove.
    Proved,
}

impl Links {
    /// The column of the ledger that names the head of a message's thread.
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::All => "thread",
            Self::Proved => "proved",
        }
    }
}

/// What the joining needs to know of each message while it runs.
struct Line {
    ordinal: u32,
    date: Option<i64>,
    /// Its head by all links and by headers as the ledger has them; `None` for a new message.
    before: (Option<u32>, Option<u32>),
    /// Who wrote it.
    sender: Sender,
    /// What it may be compared by: base subject, what else that goes by, series. 0 for none.
    groups: [Name; 3],
    /// Whether it looks like an answer that no header places.
    open: bool,
}

/// Computes the threads anew and writes what has changed. When `cancel` is set, what is not
/// guessed yet is left to the next run.
pub(crate) fn update(writing: &Writing, cancel: &AtomicBool) -> Result<(), CaseError> {
    let ledger = &writing.ledger;
    let sql = "SELECT EXISTS (SELECT 1 FROM messages WHERE thread IS NULL)
               OR EXISTS (SELECT 1 FROM removed) OR EXISTS (SELECT 1 FROM unsettled)";
    if !ledger.number::<bool>(sql)? {
        return Ok(());
    }
    let mut threads = Threads::new();
    let lines = read_lines(ledger, &mut threads)?;
    let proved = threads.heads();
    mark_unsettled(ledger, &lines)?;
    guessing::settle(writing, &lines, cancel)?;
    let guesses = threads.guess(read_guesses(ledger)?);
    let heads = threads.heads();
    ledger.begin()?;
    ledger.change("UPDATE guesses SET holds = 0 WHERE holds", [])?;
    for guess in guesses {
        ledger.change(
            "UPDATE guesses SET holds = 1 WHERE message = ?1",
            [guess.message],
        )?;
    }
    for ((line, head), proved) in lines.iter().zip(heads).zip(proved) {
        if line.before != (Some(head), Some(proved)) {
            ledger.change(
                "UPDATE messages SET thread = ?2, proved = ?3 WHERE ordinal = ?1",
                params![line.ordinal, head, proved],
            )?;
        }
    }
    ledger.commit()
}

/// Reads every message's facts once, joins by headers, and keeps what the rest needs.
fn read_lines(ledger: &LedgerFile, threads: &mut Threads) -> Result<Vec<Line>, CaseError> {
    let sql = "SELECT ordinal, date, key, threading, thread, proved FROM messages ORDER BY ordinal";
    ledger.rows(sql, [], |row| {
        let facts = facts(row, 3)?;
        let (ordinal, date) = (row.get(0)?, row.get(1)?);
        threads.add(ordinal, date, digest(row, 2)?, &facts);
        let subject = facts.subject;
        let series = subject.series.map_or(0, |series| series.name);
        Ok(Line {
            ordinal,
            date,
            before: (row.get(4)?, row.get(5)?),
            sender: facts.sender,
            groups: [subject.base, subject.also, series],
            open: facts.is_open(),
        })
    })
}

/// Notes the messages of which it has to be guessed what they answer: those that are new, those that
/// something new may have come for, and those whose answer has gone.
fn mark_unsettled(ledger: &LedgerFile, lines: &[Line]) -> Result<(), CaseError> {
    let is_new = |line: &&Line| line.before.0.is_none();
    let touched: HashSet<Name> = lines
        .iter()
        .filter(is_new)
        .flat_map(|line| line.groups)
        .collect();
    let is_touched = |line: &&Line| {
        let mut groups = line.groups.iter();
        is_new(line) || groups.any(|group| *group != 0 && touched.contains(group))
    };
    let named = named_by_earlier(ledger, lines)?;
    ledger.begin()?;
    let open = lines.iter().filter(|line| line.open).filter(is_touched);
    for ordinal in open.map(|line| line.ordinal).chain(named) {
        ledger.change("INSERT OR IGNORE INTO unsettled VALUES (?1)", [ordinal])?;
    }
    let gone = "SELECT ordinal FROM removed";
    for table in ["guesses", "unsettled", "told"] {
        ledger.change(
            &format!("DELETE FROM {table} WHERE message IN ({gone})"),
            [],
        )?;
    }
    ledger.change(
        &format!(
            "INSERT OR IGNORE INTO unsettled SELECT message FROM guesses WHERE parent IN ({gone})"
        ),
        [],
    )?;
    ledger.commit()
}

/// Earlier messages that quote what a new message may have said, by who is told to have written it and about when.
fn named_by_earlier(ledger: &LedgerFile, lines: &[Line]) -> Result<Vec<u32>, CaseError> {
    let mut told: HashMap<Name, Vec<(i64, u32)>> = HashMap::new();
    let mut count = 0;
    ledger.rows("SELECT sender, moment, message FROM told", [], |row| {
        let sender = row.get::<_, i64>(0)?.cast_unsigned();
        told.entry(sender)
            .or_default()
            .push((row.get(1)?, row.get(2)?));
        count += 1;
        Ok(())
    })?;
    if count == 0 {
        return Ok(Vec::new());
    }
    told.values_mut()
        .for_each(|moments| moments.sort_unstable());
    let mut named = Vec::new();
    for line in lines.iter().filter(|line| line.before.0.is_none()) {
        let Some(date) = line.date else { continue };
        for name in line.sender.names() {
            let moments = told.get(&name).map_or(&[][..], Vec::as_slice);
            let start = moments.partition_point(|(moment, _)| *moment < date - FARTHEST);
            let near = moments[start..]
                .iter()
                .take_while(|(moment, _)| *moment <= date + FARTHEST);
            named.extend(near.map(|(_, message)| *message));
        }
    }
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

fn read_guesses(ledger: &LedgerFile) -> Result<Vec<Guess>, CaseError> {
    let sql = "SELECT message, parent, evidence, confidence FROM guesses ORDER BY message";
    ledger.rows(sql, [], guess)
}

/// Reads a guess from the columns message, parent, evidence, confidence.
pub(crate) fn guess(row: &rusqlite::Row<'_>) -> rusqlite::Result<Guess> {
    let word = row.get_ref(2)?.as_str().unwrap_or_default().to_owned();
    let evidence = Evidence::ALL.into_iter().find(|one| one.word() == word);
    Ok(Guess {
        message: row.get(0)?,
        parent: row.get(1)?,
        evidence: evidence.unwrap_or(Evidence::Subject),
        confidence: row.get(3)?,
    })
}

fn facts(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Facts> {
    let bytes = row.get_ref(column)?.as_blob().unwrap_or_default();
    Ok(Facts::from_bytes(bytes))
}

/// Reads a letter from the columns ordinal, date, threading.
pub(crate) fn letter(row: &rusqlite::Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        ordinal: row.get(0)?,
        date: row.get(1)?,
        facts: facts(row, 2)?,
    })
}
