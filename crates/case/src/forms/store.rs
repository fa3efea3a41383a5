//! The tables of links: pairs that are alike, and the families that they make.

use crate::CaseError;
use crate::ingest::quoting_number;
use crate::ledger::LedgerFile;
use muckrake_casework::forms::Differing;
use muckrake_casework::forms::Evidence;
use muckrake_casework::forms::Families;
use muckrake_casework::forms::Likeness;
use muckrake_casework::forms::Pair;
use muckrake_casework::forms::holding;
use muckrake_ingest::Quoting;
use roaring::RoaringBitmap;
use rusqlite::params;
use std::collections::BTreeMap;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS alike (
    one INTEGER NOT NULL, other INTEGER NOT NULL, evidence TEXT NOT NULL, confidence INTEGER NOT NULL,
    of_shorter INTEGER NOT NULL, of_longer INTEGER NOT NULL, differing TEXT NOT NULL,
    differing_count INTEGER NOT NULL, holds INTEGER NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alike_other ON alike (other);
CREATE TABLE IF NOT EXISTS families (message INTEGER PRIMARY KEY, family INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS families_family ON families (family);
";

/// A row of the table of pairs.
pub(super) struct AlikeRow {
    pub(super) one: u32,
    pub(super) other: u32,
    pub(super) likeness: Likeness,
}

/// Columns of [`AlikeRow`], in order.
pub(super) const COLUMNS: &str = "a.one, a.other, a.evidence, a.confidence, a.of_shorter, a.of_longer, a.differing, a.differing_count";

/// Reads the columns [`COLUMNS`].
pub(super) fn alike_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<AlikeRow> {
    let words: String = row.get(2)?;
    let is_told = |evidence: &Evidence| words.split(' ').any(|word| word == evidence.word());
    Ok(AlikeRow {
        one: row.get(0)?,
        other: row.get(1)?,
        likeness: Likeness {
            evidence: Evidence::ALL.into_iter().filter(is_told).collect(),
            confidence: row.get(3)?,
            shared: (row.get(4)?, row.get(5)?),
            differing: differing_of(&row.get::<_, String>(6)?),
            differing_count: row.get(7)?,
        },
    })
}

/// Stretches as the table has them: four numbers each.
fn differing_text(differing: &[Differing]) -> String {
    let numbers = differing
        .iter()
        .flat_map(|gap| [gap.one.0, gap.one.1, gap.other.0, gap.other.1]);
    numbers
        .map(|number| number.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

fn differing_of(text: &str) -> Vec<Differing> {
    let numbers: Vec<u32> = text
        .split(' ')
        .filter_map(|number| number.parse().ok())
        .collect();
    let stretches = numbers.chunks_exact(4).map(|four| Differing {
        one: (four[0], four[1]),
        other: (four[2], four[3]),
    });
    stretches.collect()
}

/// Forgets the links of messages that are gone.
pub(crate) fn forget(ledger: &LedgerFile, gone: &RoaringBitmap) -> Result<(), CaseError> {
    if !ledger.has_forms()? || gone.is_empty() {
        return Ok(());
    }
    for message in gone {
        ledger.change("DELETE FROM alike WHERE one = ?1 OR other = ?1", [message])?;
    }
    ledger.settle_families(&printed(ledger)?)
}

/// The messages that are print-outs.
pub(super) fn printed(ledger: &LedgerFile) -> Result<RoaringBitmap, CaseError> {
    let sql = "SELECT DISTINCT message FROM copies WHERE quoting = ?1";
    ledger.ordinals(sql, [quoting_number(Quoting::Printed)])
}

impl LedgerFile {
    pub(super) fn make_forms(&self) -> Result<(), CaseError> {
        self.connection
            .execute_batch(SCHEMA)
            .map_err(CaseError::ledger("make the tables of links in"))
    }

    /// Whether messages were ever compared in this case.
    pub(crate) fn has_forms(&self) -> Result<bool, CaseError> {
        self.number("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'families_family')")
    }

    /// The first ordinal that was not compared with the others.
    pub(super) fn compared_up_to(&self) -> Result<u32, CaseError> {
        self.number("SELECT coalesce((SELECT value FROM meta WHERE name = 'compared_up_to'), 0)")
    }

    pub(super) fn set_compared_up_to(&self, next: u32) -> Result<(), CaseError> {
        let sql = "INSERT OR REPLACE INTO meta VALUES ('compared_up_to', ?1)";
        self.change(sql, [next]).map(drop)
    }

    pub(super) fn put_alike(
        &self,
        one: u32,
        other: u32,
        likeness: &Likeness,
    ) -> Result<(), CaseError> {
        let evidence: Vec<&str> = likeness.evidence.iter().map(|one| one.word()).collect();
        self.change(
            "INSERT OR REPLACE INTO alike VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
            params![
                one,
                other,
                evidence.join(" "),
                likeness.confidence,
                likeness.shared.0,
                likeness.shared.1,
                differing_text(&likeness.differing),
                likeness.differing_count
            ],
        )
        .map(drop)
    }

    /// Decides anew which pairs are told, and writes the families of the messages in them.
    pub(super) fn settle_families(&self, printed: &RoaringBitmap) -> Result<(), CaseError> {
        let sql = "SELECT one, other, confidence, of_shorter, of_longer FROM alike";
        let pairs = holding(&self.rows(sql, [], pair)?, |message| {
            printed.contains(message)
        });
        self.change("UPDATE alike SET holds = 0 WHERE holds", [])?;
        for pair in &pairs {
            let sql = "UPDATE alike SET holds = 1 WHERE one = ?1 AND other = ?2";
            self.change(sql, params![pair.one, pair.other])?;
        }
        let mut families = Families::default();
        let paired: RoaringBitmap = pairs
            .iter()
            .flat_map(|pair| [pair.one, pair.other])
            .collect();
        families.join_all(pairs);
        for twins in self.twins_of(&paired)? {
            families.join_group(&twins);
        }
        self.change("DELETE FROM families", [])?;
        for (family, members) in families.all() {
            for member in members {
                self.change("INSERT INTO families VALUES (?1, ?2)", [member, family])?;
            }
        }
        Ok(())
    }

    /// For each content that some messages have, all messages of the case that have it.
    fn twins_of(&self, messages: &RoaringBitmap) -> Result<Vec<Vec<u32>>, CaseError> {
        let mut by_content: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        let sql = "SELECT m.content_key, m.ordinal FROM messages m WHERE m.content_key =
                   (SELECT content_key FROM messages WHERE ordinal = ?1)";
        let mut known = RoaringBitmap::new();
        for message in messages {
            if known.contains(message) {
                continue;
            }
            self.rows(sql, [message], |row| {
                let ordinal: u32 = row.get(1)?;
                known.insert(ordinal);
                by_content.entry(row.get(0)?).or_default().push(ordinal);
                Ok(())
            })?;
        }
        Ok(by_content.into_values().collect())
    }
}

/// Reads the columns one, other, confidence, of_shorter, of_longer.
pub(super) fn pair(row: &rusqlite::Row<'_>) -> rusqlite::Result<Pair> {
    let (shorter, longer): (u16, u16) = (row.get(3)?, row.get(4)?);
    Ok(Pair {
        one: row.get(0)?,
        other: row.get(1)?,
        confidence: row.get(2)?,
        shared: shorter.midpoint(longer),
    })
}
