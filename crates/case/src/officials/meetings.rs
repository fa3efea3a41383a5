//! How often strings meet in messages, as the ledger knows it, remembered from one resolution to the next.
//!
//! What is remembered goes by a hash over the sets of messages that were compared, so that it holds as long as these
//! are the same, whatever else has changed.

use super::settle::Written;
use super::store::Place;
use crate::CaseError;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::Meetings;
use rusqlite::params;
use sha2::Digest;
use sha2::Sha256;
use std::collections::HashMap;

/// Everywhere in a message.
const EVERYWHERE: [Place; 5] = [
    Place::From,
    Place::To,
    Place::Cc,
    Place::Bcc,
    Place::Elsewhere,
];
/// Where those stand who get a message.
const RECIPIENTS: [Place; 3] = [Place::To, Place::Cc, Place::Bcc];

/// The questions, as the hash tells them apart.
#[derive(Clone, Copy)]
enum Question {
    Beside = 1,
    BothWrittenTo = 2,
}

/// Meetings, asked of the ledger where they are not remembered.
pub(super) struct Remembered<'a> {
    ledger: &'a LedgerFile,
    /// A hash over the messages of each string.
    prints: HashMap<u32, u64>,
    known: HashMap<i64, u32>,
    asked: HashMap<i64, u32>,
}

impl<'a> Remembered<'a> {
    pub(super) fn new(ledger: &'a LedgerFile, written: &[Written]) -> Result<Self, CaseError> {
        let known = ledger.rows("SELECT print, count FROM meetings", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(Self {
            ledger,
            prints: written.iter().map(|one| (one.id, one.print)).collect(),
            known: known.into_iter().collect(),
            asked: HashMap::new(),
        })
    }

    /// What differs from what was remembered.
    pub(super) fn learned(self) -> Learned {
        let (known, asked) = (self.known, self.asked);
        Learned {
            stale: known
                .keys()
                .filter(|print| !asked.contains_key(print))
                .copied()
                .collect(),
            fresh: asked
                .into_iter()
                .filter(|(print, _)| !known.contains_key(print))
                .collect(),
        }
    }

    fn print(&self, question: Question, one: &[u32], other: &[u32]) -> i64 {
        let mut hasher = Sha256::new();
        hasher.update([question as u8]);
        for strings in [one, other] {
            let print = |string| self.prints.get(string).copied().unwrap_or_default();
            let mut prints: Vec<u64> = strings.iter().map(print).collect();
            prints.sort_unstable();
            hasher.update((prints.len() as u64).to_le_bytes());
            for print in prints {
                hasher.update(print.to_le_bytes());
            }
        }
        beginning(hasher).cast_signed()
    }

    fn in_common(
        &mut self,
        question: Question,
        places: &[Place],
        (one, other): (&[u32], &[u32]),
    ) -> Result<u32, CaseError> {
        let print = self.print(question, one, other);
        let known = self.known.get(&print).or_else(|| self.asked.get(&print));
        let count = match known {
            Some(count) => *count,
            None => {
                let one = self.ledger.seen(one, places)?;
                let other = self.ledger.seen(other, places)?;
                u32::try_from(one.intersection_len(&other)).unwrap_or(u32::MAX)
            }
        };
        self.asked.insert(print, count);
        Ok(count)
    }
}

impl Meetings for Remembered<'_> {
    type Error = CaseError;

    fn beside(&mut self, bare: &[u32], people: &[u32]) -> Result<u32, CaseError> {
        self.in_common(Question::Beside, &EVERYWHERE, (bare, people))
    }

    fn both_written_to(&mut self, one: &[u32], other: &[u32]) -> Result<u32, CaseError> {
        self.in_common(Question::BothWrittenTo, &RECIPIENTS, (one, other))
    }
}

/// The first eight bytes of a hash.
pub(super) fn beginning(hasher: Sha256) -> u64 {
    let mut beginning = [0; 8];
    beginning.copy_from_slice(&hasher.finalize()[..8]);
    u64::from_le_bytes(beginning)
}

/// What a resolution has asked and was not remembered, and what is remembered and was not asked.
#[derive(Default)]
pub(super) struct Learned {
    fresh: Vec<(i64, u32)>,
    stale: Vec<i64>,
}

impl Learned {
    pub(super) fn write(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        for print in &self.stale {
            ledger.change("DELETE FROM meetings WHERE print = ?1", [print])?;
        }
        for (print, count) in &self.fresh {
            ledger.change(
                "INSERT OR REPLACE INTO meetings VALUES (?1, ?2)",
                params![print, count],
            )?;
        }
        Ok(())
    }
}
