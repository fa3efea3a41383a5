//! People of one name in different organisations, and addresses that are made of a name: only suggested.

use super::MOST_NAMESAKES;
use super::Meetings;
use super::Resolver;
use super::likeness::likeness;
use super::likeness::marks_differ;
use super::likeness::suffix_is_open;
use crate::officials::addresses::made_of;
use crate::officials::addresses::without_number;
use crate::officials::evidence::Reason;
use crate::officials::names::Likeness;
use crate::officials::names::PersonName;
use crate::officials::names::squeezed;
use crate::officials::nodes::Kind;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// Fewest letters of an address that is told to be made of a name.
const SHORTEST_MADE: usize = 5;

impl<M: Meetings> Resolver<'_, M> {
    /// People of one name in different organisations: only suggested.
    pub(super) fn elsewhere(&mut self) -> Result<(), M::Error> {
        let mut namesakes: BTreeMap<String, BTreeMap<u32, u32>> = BTreeMap::new();
        for index in 0..self.nodes.nodes.len() as u32 {
            let head = self.joined.head(index);
            let node = self.node(index);
            if node.kind != Kind::Person {
                continue;
            }
            let Some(key) = node.main.as_ref().and_then(PersonName::key) else {
                continue;
            };
            let best = namesakes
                .entry(key)
                .or_default()
                .entry(head)
                .or_insert(index);
            if self.nodes.nodes[*best as usize].seen < node.seen {
                *best = index;
            }
        }
        for people in namesakes
            .values()
            .filter(|people| (2..=MOST_NAMESAKES).contains(&people.len()))
        {
            let heads: Vec<u32> = people.values().copied().collect();
            for (at, &one) in heads.iter().enumerate() {
                for &other in &heads[at + 1..] {
                    let (first, second) = (self.node(one), self.node(other));
                    if likeness(first, second) != Some(Likeness::Same) {
                        continue;
                    }
                    let mut confidence = if heads.len() == 2 { 70 } else { 40 };
                    if suffix_is_open(first, second) || marks_differ(first, second) {
                        confidence = 30;
                    }
                    self.suggest(one, other, Reason::Name, confidence);
                }
            }
        }
        Ok(())
    }

    /// Addresses and accounts without a name that are made of one person's: only suggested.
    pub(super) fn made_of_names(&mut self) {
        let mut makers: HashMap<String, BTreeSet<u32>> = HashMap::new();
        for index in 0..self.nodes.nodes.len() as u32 {
            let head = self.joined.head(index);
            let node = self.node(index);
            if node.guessed || node.kind != Kind::Person {
                continue;
            }
            for made in node.main.iter().flat_map(made_of) {
                makers.entry(made).or_default().insert(head);
            }
        }
        for index in 0..self.nodes.nodes.len() as u32 {
            let node = self.node(index);
            let nameless = node.main.is_none() || node.guessed;
            let local = match &node.address {
                Some(address) if nameless && node.kind == Kind::Person => {
                    squeezed(without_number(&address.local))
                }
                None if node.kind == Kind::Unclear => squeezed(&node.key),
                _ => continue,
            };
            let Some(people) = makers
                .get(&local)
                .filter(|people| people.len() == 1 && local.len() >= SHORTEST_MADE)
            else {
                continue;
            };
            let person = people.first().copied().unwrap_or(index);
            if self.joined.head(index) != person {
                let best = self.named[person as usize].unwrap_or(person);
                self.suggest(index, best, Reason::MadeOfName, 50);
            }
        }
    }
}
