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
/// Most people of whose names an address may be made, before it says nothing of them.
const MOST_MAKERS: usize = 3;
/// Most people of one surname that are compared each with each.
const MOST_OF_A_FAMILY: usize = 60;
/// Most people of one surname of whom a name may be a short form.
const MOST_NEAR: usize = 3;

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

    /// People of one surname who go by the same name at times, or by a short form of it: only suggested.
    pub(super) fn in_families(&mut self) {
        let mut families: BTreeMap<String, BTreeMap<u32, Bearer>> = BTreeMap::new();
        for index in 0..self.nodes.nodes.len() as u32 {
            let head = self.joined.head(index);
            let node = self.node(index);
            if node.kind != Kind::Person {
                continue;
            }
            for name in node.full_names() {
                let family = families.entry(squeezed(&name.family)).or_default();
                let bearer = family.entry(head).or_insert_with(|| Bearer {
                    node: index,
                    seen: node.seen,
                    names: Vec::new(),
                });
                bearer.take(index, node.seen, name);
            }
        }
        for family in families.values() {
            if !(2..=MOST_OF_A_FAMILY).contains(&family.len()) {
                continue;
            }
            let bearers: Vec<&Bearer> = family.values().collect();
            for (one, other, likeness, few) in alike(&bearers) {
                let (first, second) = (bearers[one].node, bearers[other].node);
                let open = suffix_is_open(self.node(first), self.node(second))
                    || marks_differ(self.node(first), self.node(second));
                match likeness {
                    Likeness::Same => {
                        let confidence = if open { 30 } else { 45 };
                        self.suggest(first, second, Reason::Name, confidence);
                    }
                    Likeness::Near if few && !open => {
                        self.suggest(first, second, Reason::NearName, 35);
                    }
                    _ => {}
                }
            }
        }
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
                .filter(|people| people.len() <= MOST_MAKERS && local.len() >= SHORTEST_MADE)
            else {
                continue;
            };
            for &person in people {
                if self.joined.head(index) != person {
                    let best = self.named[person as usize].unwrap_or(person);
                    let confidence = if people.len() == 1 { 50 } else { 30 };
                    self.suggest(index, best, Reason::MadeOfName, confidence);
                }
            }
        }
    }
}

/// Somebody of a surname, with all the names of it.
struct Bearer {
    /// The node of it that is seen most.
    node: u32,
    seen: u32,
    names: Vec<PersonName>,
}

impl Bearer {
    fn take(&mut self, node: u32, seen: u32, name: &PersonName) {
        if seen > self.seen {
            (self.node, self.seen) = (node, seen);
        }
        if self.names.len() < MOST_NAMESAKES && !self.names.contains(name) {
            self.names.push(name.clone());
        }
    }

    fn likeness(&self, other: &Self) -> Likeness {
        let pairs = self
            .names
            .iter()
            .flat_map(|one| other.names.iter().map(move |other| one.likeness(other)));
        pairs.max().unwrap_or(Likeness::Apart)
    }
}

/// Pairs of people who go by the same name or a short form, and whether few others of the surname do as well.
fn alike(bearers: &[&Bearer]) -> Vec<(usize, usize, Likeness, bool)> {
    let mut pairs = Vec::new();
    let mut counts = vec![0usize; bearers.len()];
    for (one, first) in bearers.iter().enumerate() {
        for (other, second) in bearers.iter().enumerate().skip(one + 1) {
            let likeness = first.likeness(second);
            if likeness != Likeness::Apart {
                pairs.push((one, other, likeness));
                counts[one] += 1;
                counts[other] += 1;
            }
        }
    }
    let few = |one: usize, other: usize| counts[one].min(counts[other]) <= MOST_NEAR;
    let pairs = pairs.into_iter();
    pairs
        .map(|(one, other, likeness)| (one, other, likeness, few(one, other)))
        .collect()
}
