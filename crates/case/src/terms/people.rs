//! Who wrote and who got the messages that are counted: officials where the case knows them, else addresses.

use crate::CaseError;
use crate::Person;
use crate::ledger::LedgerFile;
use crate::search::people;
use crate::view::View;
use muckrake_casework::officials::addresses::Address;
use muckrake_index::Roles;
use roaring::RoaringBitmap;
use serde::Serialize;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::HashMap;

/// A person with the number of counted messages that they wrote or got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correspondent {
    /// Address and name as one of these messages has them.
    #[serde(flatten)]
    pub person: Person,
    /// Messages.
    pub messages: u64,
}

/// The addresses of many messages in one role or some.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    names: Vec<String>,
    /// The place in `names` of the address that stands for the person: the first of an official's, else itself.
    persons: Vec<u32>,
    /// Officials by the place of the address that stands for them.
    officials: HashMap<u32, String>,
    places: HashMap<String, u32>,
    /// Pairs of a message and of the address that stands for a person, sorted, each once.
    pairs: Vec<(u32, u32)>,
}

/// Who wrote each of many messages, and who got it.
#[derive(Debug, Default)]
pub(crate) struct Correspondence {
    pub(crate) senders: Addresses,
    pub(crate) recipients: Addresses,
}

impl Correspondence {
    /// Reads the addresses of these messages from the index.
    pub(crate) fn of(view: &View<'_>, messages: &RoaringBitmap) -> Result<Self, CaseError> {
        let mut all = Self::default();
        view.reader
            .for_each_address(messages, |role, address, ordinals| match role {
                Roles::From => all.senders.add(address, ordinals),
                _ => all.recipients.add(address, ordinals),
            })
            .map_err(CaseError::index("read"))?;
        let officials = view.ledger.officials_by_address()?;
        for addresses in [&mut all.senders, &mut all.recipients] {
            addresses.join(|address| officials.get(&Address::read(address)?.key));
        }
        Ok(all)
    }
}

impl Addresses {
    fn add(&mut self, address: &str, ordinals: &[u32]) {
        let place = match self.places.get(address) {
            Some(place) => *place,
            None => {
                // There are never more addresses than a u32 counts: each is a term of the index.
                let place = self.names.len() as u32;
                self.names.push(address.to_owned());
                self.places.insert(address.to_owned(), place);
                place
            }
        };
        self.pairs
            .extend(ordinals.iter().map(|ordinal| (*ordinal, place)));
    }

    /// Makes the addresses of each official one person; to be called once, when all are there.
    fn join<'o>(&mut self, official: impl Fn(&str) -> Option<&'o (u32, String)>) {
        let mut order: Vec<u32> = self.places.values().copied().collect();
        order.sort_unstable_by_key(|place| self.names.get(*place as usize));
        let mut first_of: HashMap<u32, u32> = HashMap::new();
        self.persons = vec![0; self.names.len()];
        for place in order {
            let name = self.names.get(place as usize);
            let person = match name.and_then(|name| official(name)) {
                Some((identity, shown)) => {
                    let first = *first_of.entry(*identity).or_insert(place);
                    self.officials.insert(first, shown.clone());
                    first
                }
                None => place,
            };
            if let Some(slot) = self.persons.get_mut(place as usize) {
                *slot = person;
            }
        }
        for (_, place) in &mut self.pairs {
            *place = self.persons.get(*place as usize).copied().unwrap_or(*place);
        }
        self.pairs.sort_unstable();
        self.pairs.dedup();
    }

    /// The place of the address that stands for the person with this one.
    fn person_of(&self, address: &str) -> Option<u32> {
        let place = self.places.get(address)?;
        self.persons.get(*place as usize).copied()
    }

    /// The persons who are on most of some messages, at most so many of them: the most frequent first, then
    /// by address.
    pub(crate) fn top(&self, messages: &RoaringBitmap, most: usize) -> Vec<Frequent<'_>> {
        // By the place of each person: how many, and the first.
        let mut counts = vec![(0u32, 0u32); self.names.len()];
        let mut met = Vec::new();
        let mut rest = self.pairs.as_slice();
        for message in messages {
            // Both are in order: what lies before this message is done with.
            let start = gallop(rest, message);
            rest = rest.get(start..).unwrap_or_default();
            for (_, place) in rest.iter().take_while(|(other, _)| *other == message) {
                if let Some((count, first)) = counts.get_mut(*place as usize) {
                    if *count == 0 {
                        met.push(*place);
                        *first = message;
                    }
                    *count += 1;
                }
            }
        }
        let named = met.into_iter().filter_map(|place| {
            let (messages, first) = counts.get(place as usize).copied()?;
            Some(Frequent {
                place,
                address: self.names.get(place as usize)?,
                messages: u64::from(messages),
                first,
            })
        });
        let mut named: Vec<_> = named.collect();
        named.sort_unstable_by_key(|one| (Reverse(one.messages), one.address));
        named.truncate(most);
        named
    }
}

/// A person who is on some messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frequent<'a> {
    place: u32,
    /// The address that stands for the person.
    pub(crate) address: &'a str,
    /// How many.
    pub(crate) messages: u64,
    /// The first of them.
    first: u32,
}

/// Gives persons the names that mail writes beside their addresses, the same name each time.
#[derive(Default)]
pub(crate) struct Names {
    known: RefCell<HashMap<String, Person>>,
}

impl Names {
    /// The persons who are on most of some messages.
    pub(crate) fn top(
        &self,
        view: &View<'_>,
        addresses: &Addresses,
        messages: &RoaringBitmap,
        most: usize,
    ) -> Result<Vec<Correspondent>, CaseError> {
        let mut named = Vec::new();
        for one in addresses.top(messages, most) {
            named.push(Correspondent {
                person: self.person(view, addresses, &one)?,
                messages: one.messages,
            });
        }
        Ok(named)
    }

    fn person(
        &self,
        view: &View<'_>,
        addresses: &Addresses,
        one: &Frequent<'_>,
    ) -> Result<Person, CaseError> {
        if let Some(person) = self.known.borrow().get(one.address) {
            return Ok(person.clone());
        }
        let record = view.record(one.first)?;
        let mentions = [&record.from, &record.to, &record.cc, &record.bcc].into_iter();
        let written = mentions
            .flat_map(|mentions| people(mentions))
            .find(|person| {
                let address = person.address.as_deref().unwrap_or_default();
                addresses.person_of(&address.trim().to_lowercase()) == Some(one.place)
            });
        let written = written.unwrap_or_else(|| Person {
            address: Some(one.address.to_owned()),
            ..Person::default()
        });
        let person = Person {
            official: addresses.officials.get(&one.place).cloned(),
            ..written
        };
        let mut known = self.known.borrow_mut();
        known.insert(one.address.to_owned(), person.clone());
        Ok(person)
    }
}

impl LedgerFile {
    /// Which official an address is of, by its key, where it is of one person.
    fn officials_by_address(&self) -> Result<HashMap<String, (u32, String)>, CaseError> {
        if !self.has_people()? {
            return Ok(HashMap::new());
        }
        let sql = "SELECT substr(k.key, 2), min(n.id), min(n.name) FROM known_as k JOIN identities n ON n.id = k.identity
                   WHERE k.key >= '@' AND k.key < 'A' AND n.kind = 'person' GROUP BY k.key HAVING count(*) = 1";
        let rows = self.rows(sql, [], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(rows.into_iter().collect())
    }
}

/// The first place of a sorted list that is of this message or a later one, looked for near its start first.
fn gallop(pairs: &[(u32, u32)], message: u32) -> usize {
    let mut bound = 1;
    while pairs.get(bound).is_some_and(|(other, _)| *other < message) {
        bound *= 2;
    }
    let low = bound / 2;
    let near = pairs.get(low..pairs.len().min(bound + 1));
    low + near
        .unwrap_or_default()
        .partition_point(|(other, _)| *other < message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top(addresses: &Addresses, messages: &[u32], most: usize) -> Vec<(String, u64)> {
        let messages = messages.iter().copied().collect();
        let top = addresses.top(&messages, most).into_iter();
        top.map(|one| (one.address.to_owned(), one.messages))
            .collect()
    }

    fn addresses() -> Addresses {
        let mut addresses = Addresses::default();
        addresses.add("bob@city.example", &[0, 5, 9]);
        addresses.add("anne@harbour.example", &[0, 9, 70]);
        addresses.add("bob@city.example", &[70, 71, 9]);
        addresses.add("a.example@harbour.example", &[9, 71, 72]);
        addresses
    }

    #[test]
    fn the_most_frequent_come_first_and_equals_by_address() {
        let mut addresses = addresses();
        addresses.join(|_| None);
        let bob = |count| ("bob@city.example".to_owned(), count);
        let anne = |count| ("anne@harbour.example".to_owned(), count);
        assert_eq!(top(&addresses, &[0, 5, 9, 70, 71], 2), [bob(5), anne(3)]);
        assert_eq!(top(&addresses, &[0, 70], 3), [anne(2), bob(2)]);
        assert_eq!(top(&addresses, &[5, 70], 1), [bob(2)]);
        assert_eq!(top(&addresses, &[1, 8, 100], 3), []);
    }

    #[test]
    fn an_official_with_two_addresses_counts_once_for_each_message() {
        let mut addresses = addresses();
        let anne = (7, "Anne Example".to_owned());
        addresses.join(|address| address.ends_with("@harbour.example").then_some(&anne));
        let expected = [
            ("a.example@harbour.example".to_owned(), 5),
            ("bob@city.example".to_owned(), 5),
        ];
        // Messages 0, 9, 70, 71 and 72 are hers, 9 by both addresses.
        assert_eq!(top(&addresses, &[0, 5, 9, 70, 71, 72], 3), expected);
        assert_eq!(
            addresses.person_of("anne@harbour.example"),
            addresses.person_of("a.example@harbour.example")
        );
    }

    #[test]
    fn a_place_is_found_from_anywhere_before_it() {
        let pairs: Vec<(u32, u32)> = (0..100).map(|n| (n * 2, 0)).collect();
        for message in 0..210 {
            let place = gallop(&pairs, message);
            // Counted by hand: every second number is there.
            assert_eq!(place, (message as usize).div_ceil(2).min(100), "{message}");
        }
        assert_eq!(gallop(&[], 3), 0);
    }
}
