//! Which official each person of a hit is.

use crate::CaseError;
use crate::Person;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::mentions::Role;
use muckrake_casework::officials::mentions::unpack;
use muckrake_mail::Mention;
use std::collections::HashMap;
use std::collections::HashSet;

/// The officials of some messages: of each role in order, where one is known.
#[derive(Default)]
pub(crate) struct Named {
    messages: HashMap<u32, Vec<(Role, Vec<u32>)>>,
    names: HashMap<u32, String>,
}

impl Named {
    /// Reads who is in these messages; nobody in a case whose people were not gathered yet.
    pub(crate) fn of(ledger: &LedgerFile, ordinals: &str) -> Result<Self, CaseError> {
        let mut named = Self::default();
        if !ledger.has_people()? {
            return Ok(named);
        }
        let sql = "SELECT message, packed FROM mentions WHERE message IN (SELECT value FROM json_each(?1))";
        let rows = ledger.rows(sql, [ordinals], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        let mut people = HashSet::new();
        for (message, packed) in rows {
            let groups = unpack(&packed)
                .into_iter()
                .filter(|group| group.role <= Role::ReplyTo);
            let groups: Vec<_> = groups.map(|group| (group.role, group.people)).collect();
            people.extend(groups.iter().flat_map(|(_, people)| people).copied());
            named.messages.insert(message, groups);
        }
        let list: Vec<String> = people.iter().map(u32::to_string).collect();
        let sql = "SELECT i.person, n.name FROM identified i JOIN identities n ON n.id = i.identity
                   WHERE i.person IN (SELECT value FROM json_each(?1)) AND n.kind = 'person'";
        let rows = ledger.rows(sql, [format!("[{}]", list.join(","))], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        named.names = rows.into_iter().collect();
        Ok(named)
    }

    /// The people of one role of a message as schema 1 has them.
    pub(crate) fn people(&self, ordinal: u32, role: Role, mentions: &[Mention]) -> Vec<Person> {
        let groups = self
            .messages
            .get(&ordinal)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let numbers = groups
            .iter()
            .find(|(other, _)| *other == role)
            .map(|(_, people)| people.as_slice());
        // A message that was indexed again since may name others.
        let numbers = numbers
            .filter(|numbers| numbers.len() == mentions.len())
            .unwrap_or_default();
        let official = |at: usize| {
            numbers
                .get(at)
                .and_then(|number| self.names.get(number))
                .cloned()
        };
        let people = mentions.iter().enumerate();
        people
            .map(|(at, mention)| Person {
                name: mention.name.clone(),
                address: mention.address.clone(),
                official: official(at),
            })
            .collect()
    }
}
