//! How often was what taken out, and for which reason: by exemption code, by official and by release.

use super::report::IdentityRow;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::SCHEMA;
use jiff::civil::Date;
use muckrake_index::language::Query;
use roaring::RoaringBitmap;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// The query that finds messages with redactions.
const WITH_REDACTIONS: &str = "has:redaction";

/// What redactions are counted by, each together with the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedactionsBy {
    /// The code alone.
    #[default]
    Code,
    /// Each official who wrote or got a message.
    Official,
    /// Each release that a message lies in.
    Release,
}

/// Redactions of one code, and of one official or release where they are counted by these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RedactionRow {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Always `redactions`.
    pub kind: &'static str,
    /// Name of the official; null unless counted by officials.
    pub official: Option<String>,
    /// Id of the official.
    pub official_id: Option<String>,
    /// Name of the release; null unless counted by releases.
    pub release: Option<String>,
    /// The exemption code as `redaction:` takes it, or the word of the mark where no code stands.
    pub code: String,
    /// Messages with that code.
    pub messages: u64,
    /// Marks in them.
    pub marks: u64,
}

/// Redactions of the messages that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redactions {
    /// Messages that match and have redactions.
    pub messages: u64,
    /// Marks in them.
    pub marks: u64,
    /// The counts: officials and releases with most marks first, their codes likewise.
    pub rows: Vec<RedactionRow>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    messages: u64,
    marks: u64,
}

impl Counts {
    fn add(&mut self, marks: u64) {
        self.messages += 1;
        self.marks += marks;
    }
}

/// Which official or release, by its number; 0 where all are counted together.
type Groups = BTreeMap<(u32, String), Counts>;

impl Case {
    /// Counts the redactions of the messages that match.
    ///
    /// # Errors
    /// A query that cannot be answered; an index or a ledger that cannot be read; people that were never resolved, where
    /// they are asked for.
    pub fn redactions(
        &self,
        query: Option<&Query>,
        by: RedactionsBy,
        today: Date,
    ) -> Result<Redactions, CaseError> {
        let view = self.view()?;
        let mut within = view.ordinals(&self.query(WITH_REDACTIONS, today)?, Links::All)?;
        if let Some(query) = query {
            within &= view.ordinals(query, Links::All)?;
        }
        let mut codes: BTreeMap<u32, Vec<(String, u64)>> = BTreeMap::new();
        for ordinal in &within {
            let redactions = view.record(ordinal)?.redactions.into_iter();
            let counted = redactions.map(|one| (one.code, u64::from(one.count)));
            codes.insert(ordinal, counted.collect());
        }
        let mut groups = Groups::new();
        let mut add = |group: u32, ordinal: u32| {
            for (code, marks) in codes.get(&ordinal).into_iter().flatten() {
                groups.entry((group, code.clone())).or_default().add(*marks);
            }
        };
        let (mut officials, mut releases) = (Vec::new(), Vec::new());
        match by {
            RedactionsBy::Code => within.iter().for_each(|ordinal| add(0, ordinal)),
            RedactionsBy::Release => {
                releases = view.ledger.release_names()?;
                for (number, name) in (0..).zip(&releases) {
                    let release = view.ledger.expect_release(name)?;
                    let messages: RoaringBitmap = view.ledger.release_messages(release)? & &within;
                    messages.iter().for_each(|ordinal| add(number, ordinal));
                }
            }
            RedactionsBy::Official => {
                view.expect_officials()?;
                officials = view.identities()?;
                view.for_each_exchange(Some(&within), |exchange| {
                    let mut people: Vec<u32> = [&exchange.from, &exchange.to, &exchange.copied]
                        .into_iter()
                        .flatten()
                        .copied()
                        .collect();
                    people.sort_unstable();
                    people.dedup();
                    for one in people {
                        add(one, exchange.message);
                    }
                })?;
            }
        }
        let marks = codes.values().flatten().map(|(_, marks)| marks).sum();
        Ok(Redactions {
            messages: within.len(),
            marks,
            rows: rows(groups, by, &officials, &releases),
        })
    }
}

/// The counts as rows. Those whose name was taken out are nobody to be counted by.
fn rows(
    groups: Groups,
    by: RedactionsBy,
    officials: &[IdentityRow],
    releases: &[String],
) -> Vec<RedactionRow> {
    let mut all: BTreeMap<u32, u64> = BTreeMap::new();
    for ((group, _), counts) in &groups {
        *all.entry(*group).or_default() += counts.marks;
    }
    let mut ordered: Vec<((u32, String), Counts)> = groups.into_iter().collect();
    ordered.sort_by_key(|((group, code), counts)| {
        let of_group = all.get(group).copied().unwrap_or(0);
        (
            Reverse(of_group),
            *group,
            Reverse(counts.marks),
            code.clone(),
        )
    });
    let officials: HashMap<u32, &IdentityRow> =
        officials.iter().map(|row| (row.number, row)).collect();
    let row = |((group, code), counts): ((u32, String), Counts)| {
        let official = officials.get(&group);
        if by == RedactionsBy::Official && official.is_none_or(|row| row.kind == "anonymous") {
            return None;
        }
        let release = releases.get(group as usize);
        Some(RedactionRow {
            schema: SCHEMA,
            kind: "redactions",
            official: official.map(|row| row.name.clone()),
            official_id: official.map(|row| row.print.clone()),
            release: release.cloned(),
            code,
            messages: counts.messages,
            marks: counts.marks,
        })
    };
    ordered.into_iter().filter_map(row).collect()
}
