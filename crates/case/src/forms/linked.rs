//! Which messages are told as one with some others: by their content, by comparison, and but for what the user rejected.

use super::store;
use crate::CaseError;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use muckrake_casework::forms::Families;
use muckrake_mail::MessageKey;
use rusqlite::params;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Most linked messages that one hit names. A mail-merge has thousands, each linked to all.
pub(crate) const MOST_LINKED: usize = 100;

/// Messages that say the same as one under other ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkedTo {
    /// The first of them by id.
    pub(crate) ids: Vec<MessageKey>,
    /// All of them.
    pub(crate) count: u64,
}

/// What messages are folded by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    /// One that comparison found, by its number.
    Compared(u32),
    /// A content that several messages may have.
    Content(Vec<u8>),
    /// The part of a family, from what the user rejected, that the message with this ordinal is the first of.
    Part(u32),
}

/// The links of a case, as far as they are told.
pub(crate) struct Linked<'a> {
    ledger: &'a LedgerFile,
    has_forms: bool,
    /// Pairs that the user rejected, of messages that are in the case.
    rejected: Vec<(u32, u32)>,
}

impl<'a> Linked<'a> {
    /// `rejected` are the pairs that the user says are two mails.
    pub(crate) fn new(
        ledger: &'a LedgerFile,
        rejected: &[(MessageKey, MessageKey)],
    ) -> Result<Self, CaseError> {
        let ordinal = |key: &MessageKey| -> Result<Option<u32>, CaseError> {
            Ok(ledger.ordinals_of([*key])?.min())
        };
        let mut pairs = Vec::new();
        for (one, other) in rejected {
            pairs.extend(ordinal(one)?.zip(ordinal(other)?));
        }
        Ok(Self {
            ledger,
            has_forms: ledger.has_forms()?,
            rejected: pairs,
        })
    }

    /// The families of those of some messages that may have one.
    pub(crate) fn families(&self, ordinals: &[u32]) -> Result<HashMap<u32, Family>, CaseError> {
        let mut families = self.whole_families(ordinals, false)?;
        self.take_apart(&mut families)?;
        Ok(families)
    }

    /// Puts the parts of families of which the user has rejected a link in their place.
    fn take_apart(&self, families: &mut HashMap<u32, Family>) -> Result<(), CaseError> {
        for family in self.parted_families()? {
            let mut parts = self.parts(&family)?;
            for (ordinal, of) in families.iter_mut().filter(|(_, of)| **of == family) {
                *of = Family::Part(parts.root(*ordinal));
            }
        }
        Ok(())
    }

    /// The families as they are without what the user rejected. With `shared`, contents that only one message has are left out.
    fn whole_families(
        &self,
        ordinals: &[u32],
        shared: bool,
    ) -> Result<HashMap<u32, Family>, CaseError> {
        let list = json_list(ordinals);
        let mut sql = "SELECT ordinal, content_key FROM messages m
                       WHERE ordinal IN (SELECT value FROM json_each(?1)) AND content_key IS NOT NULL"
            .to_owned();
        if shared {
            sql.push_str(
                " AND EXISTS (SELECT 1 FROM messages other
                 WHERE other.content_key = m.content_key AND other.ordinal <> m.ordinal)",
            );
        }
        let contents = self.ledger.rows(&sql, [&list], |row| {
            Ok((row.get(0)?, Family::Content(row.get(1)?)))
        })?;
        let mut families: HashMap<u32, Family> = contents.into_iter().collect();
        if self.has_forms {
            let sql = "SELECT message, family FROM families
                       WHERE message IN (SELECT value FROM json_each(?1))";
            let compared = self.ledger.rows(sql, [&list], |row| {
                Ok((row.get(0)?, Family::Compared(row.get(1)?)))
            })?;
            families.extend(compared);
        }
        Ok(families)
    }

    /// The families of which the user has rejected a link.
    fn parted_families(&self) -> Result<Vec<Family>, CaseError> {
        if self.rejected.is_empty() {
            return Ok(Vec::new());
        }
        let all: Vec<u32> = self
            .rejected
            .iter()
            .flat_map(|(one, other)| [*one, *other])
            .collect();
        let families = self.whole_families(&all, true)?;
        let mut parted: Vec<Family> = Vec::new();
        for (one, other) in &self.rejected {
            if let (Some(one), Some(other)) = (families.get(one), families.get(other))
                && one == other
                && !parted.contains(one)
            {
                parted.push(one.clone());
            }
        }
        Ok(parted)
    }

    /// A family put together again without the links that the user rejected.
    fn parts(&self, family: &Family) -> Result<Families, CaseError> {
        let members = self.members(family, i64::MAX)?.0;
        let mut by_content: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
        let sql = "SELECT content_key FROM messages WHERE ordinal = ?1 AND content_key IS NOT NULL";
        for (ordinal, _) in &members {
            for content in self.ledger.rows(sql, [ordinal], |row| row.get(0))? {
                by_content.entry(content).or_default().push(*ordinal);
            }
        }
        let mut groups: Vec<Vec<u32>> = by_content.into_values().collect();
        groups.iter_mut().for_each(|group| group.sort_unstable());
        groups.sort_unstable();
        let mut parts = Families::new(self.rejected.iter().copied());
        groups.iter().for_each(|group| parts.join_group(group));
        if let Family::Compared(number) = family {
            let sql = "SELECT a.one, a.other, a.confidence, a.of_shorter, a.of_longer FROM alike a
                       JOIN families f ON f.message = a.one WHERE f.family = ?1 AND a.holds";
            parts.join_all(self.ledger.rows(sql, [number], store::pair)?);
        }
        Ok(parts)
    }

    /// The first members of a family by id, and how many there are in all.
    fn members(
        &self,
        family: &Family,
        limit: i64,
    ) -> Result<(Vec<(u32, MessageKey)>, u64), CaseError> {
        let mut count = 0;
        let mut take = |row: &rusqlite::Row<'_>| {
            count = row.get(2)?;
            Ok((row.get(0)?, MessageKey(digest(row, 1)?)))
        };
        let members = match family {
            Family::Compared(number) => {
                let sql = "SELECT m.ordinal, m.key, count(*) OVER () FROM families f
                           JOIN messages m ON m.ordinal = f.message WHERE f.family = ?1 ORDER BY m.key LIMIT ?2";
                self.ledger.rows(sql, params![number, limit], &mut take)?
            }
            Family::Content(content) => {
                let sql = "SELECT ordinal, key, count(*) OVER () FROM messages WHERE content_key = ?1 ORDER BY key LIMIT ?2";
                self.ledger.rows(sql, params![content, limit], &mut take)?
            }
            Family::Part(_) => Vec::new(),
        };
        Ok((members, count))
    }

    /// The messages told as one with each of some messages; those that have none are left out. A family that many are of is
    /// read once.
    pub(crate) fn of(&self, ordinals: &[u32]) -> Result<HashMap<u32, LinkedTo>, CaseError> {
        let mut known: HashMap<Family, (Vec<(u32, MessageKey)>, u64)> = HashMap::new();
        for family in self.parted_families()? {
            let mut parts = self.parts(&family)?;
            for (ordinal, key) in self.members(&family, i64::MAX)?.0 {
                let part = known.entry(Family::Part(parts.root(ordinal))).or_default();
                part.0.push((ordinal, key));
                part.1 += 1;
            }
        }
        let mut families = self.whole_families(ordinals, true)?;
        self.take_apart(&mut families)?;
        let mut linked = HashMap::new();
        for (ordinal, family) in families {
            let (members, count) = match known.entry(family) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let members = self.members(new.key(), MOST_LINKED as i64 + 1)?;
                    new.insert(members)
                }
            };
            if *count > 1 {
                let others = members.iter().filter(|(other, _)| *other != ordinal);
                linked.insert(
                    ordinal,
                    LinkedTo {
                        ids: others.take(MOST_LINKED).map(|(_, key)| *key).collect(),
                        count: *count - 1,
                    },
                );
            }
        }
        Ok(linked)
    }
}

/// Numbers as SQLite's `json_each` takes them.
pub(crate) fn json_list(ordinals: &[u32]) -> String {
    let numbers: Vec<String> = ordinals.iter().map(u32::to_string).collect();
    format!("[{}]", numbers.join(","))
}
