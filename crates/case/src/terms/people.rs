//! Who wrote and who got the messages that are counted, by address.

use crate::CaseError;
use crate::Person;
use crate::search::View;
use crate::search::people;
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
    /// Pairs of a message and a place in `names`, sorted, each once.
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
        let mut known: [HashMap<String, u32>; 2] = Default::default();
        let [of_senders, of_recipients] = &mut known;
        view.reader
            .for_each_address(messages, |role, address, ordinals| match role {
                Roles::From => all.senders.add(of_senders, address, ordinals),
                _ => all.recipients.add(of_recipients, address, ordinals),
            })
            .map_err(CaseError::index("read"))?;
        for addresses in [&mut all.senders, &mut all.recipients] {
            addresses.pairs.sort_unstable();
            addresses.pairs.dedup();
        }
        Ok(all)
    }
}

impl Addresses {
    fn add(&mut self, known: &mut HashMap<String, u32>, address: &str, ordinals: &[u32]) {
        let place = match known.get(address) {
            Some(place) => *place,
            None => {
                // There are never more addresses than a u32 counts: each is a term of the index.
                let place = self.names.len() as u32;
                self.names.push(address.to_owned());
                known.insert(address.to_owned(), place);
                place
            }
        };
        self.pairs
            .extend(ordinals.iter().map(|ordinal| (*ordinal, place)));
    }

    /// The addresses that are on most of some messages, at most so many of them: the most frequent first, then
    /// by address.
    pub(crate) fn top(&self, messages: &RoaringBitmap, most: usize) -> Vec<Frequent<'_>> {
        let mut counts: HashMap<u32, (u64, u32)> = HashMap::new();
        let mut rest = self.pairs.as_slice();
        for message in messages {
            // Both are in order: what lies before this message is done with.
            let start = gallop(rest, message);
            rest = rest.get(start..).unwrap_or_default();
            for (_, place) in rest.iter().take_while(|(other, _)| *other == message) {
                counts.entry(*place).or_insert((0, message)).0 += 1;
            }
        }
        let named = counts.into_iter().filter_map(|(place, (messages, first))| {
            Some(Frequent {
                address: self.names.get(place as usize)?,
                messages,
                first,
            })
        });
        let mut named: Vec<_> = named.collect();
        named.sort_unstable_by_key(|one| (Reverse(one.messages), one.address));
        named.truncate(most);
        named
    }
}

/// An address that is on some messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frequent<'a> {
    pub(crate) address: &'a str,
    /// How many.
    pub(crate) messages: u64,
    /// The first of them.
    first: u32,
}

/// Gives addresses the names that mail writes beside them, the same name each time.
#[derive(Default)]
pub(crate) struct Names {
    known: RefCell<HashMap<String, Person>>,
}

impl Names {
    /// The persons of some addresses.
    pub(crate) fn named(
        &self,
        view: &View<'_>,
        frequent: &[Frequent<'_>],
    ) -> Result<Vec<Correspondent>, CaseError> {
        let mut named = Vec::with_capacity(frequent.len());
        for one in frequent {
            named.push(Correspondent {
                person: self.person(view, one)?,
                messages: one.messages,
            });
        }
        Ok(named)
    }

    fn person(&self, view: &View<'_>, one: &Frequent<'_>) -> Result<Person, CaseError> {
        if let Some(person) = self.known.borrow().get(one.address) {
            return Ok(person.clone());
        }
        let record = view.record(one.first)?;
        let mentions = [&record.from, &record.to, &record.cc, &record.bcc].into_iter();
        let person = mentions
            .flat_map(|mentions| people(mentions))
            .find(|person| {
                let address = person.address.as_deref().unwrap_or_default();
                address.trim().to_lowercase() == one.address
            })
            .unwrap_or_else(|| Person {
                address: Some(one.address.to_owned()),
                ..Person::default()
            });
        let mut known = self.known.borrow_mut();
        known.insert(one.address.to_owned(), person.clone());
        Ok(person)
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

    #[test]
    fn the_most_frequent_come_first_and_equals_by_address() {
        let mut addresses = Addresses::default();
        let mut known = HashMap::new();
        addresses.add(&mut known, "bob@city.example", &[0, 5, 9]);
        addresses.add(&mut known, "anne@harbour.example", &[0, 9, 70]);
        addresses.add(&mut known, "bob@city.example", &[70, 71, 9]);
        addresses.pairs.sort_unstable();
        addresses.pairs.dedup();
        let bob = |count| ("bob@city.example".to_owned(), count);
        let anne = |count| ("anne@harbour.example".to_owned(), count);
        assert_eq!(top(&addresses, &[0, 5, 9, 70, 71], 3), [bob(5), anne(3)]);
        assert_eq!(top(&addresses, &[0, 9, 70], 3), [anne(3), bob(3)]);
        assert_eq!(top(&addresses, &[5, 70], 1), [bob(2)]);
        assert_eq!(top(&addresses, &[1, 8, 100], 3), []);
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
