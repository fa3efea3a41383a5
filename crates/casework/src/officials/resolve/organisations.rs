//! Which directory and which domain are of one organisation.

use crate::officials::addresses::AddressKind;
use crate::officials::addresses::without_number;
use crate::officials::names::squeezed;
use crate::officials::nodes::Node;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// People whose name and local part are alike in a directory and a domain, at least, before both are one organisation.
const FEWEST_VOTES: u32 = 2;

/// Which domain is a directory's organisation: one that is called like it, or that several people of the same names and
/// local parts are in. The user's agencies join domains.
pub(super) fn organisations(nodes: &[Node], domains: &[Vec<String>]) -> HashMap<String, String> {
    let mut places: HashMap<String, String> = HashMap::new();
    let mut by_person: HashMap<(String, String), BTreeSet<&str>> = HashMap::new();
    let mut labels: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for node in nodes {
        let (Some(address), Some(name)) = (&node.address, &node.main) else {
            continue;
        };
        if address.kind == AddressKind::Smtp && !address.is_public() {
            if let Some(key) = name.key() {
                by_person
                    .entry((key, squeezed(without_number(&address.local))))
                    .or_default()
                    .insert(&address.organisation);
            }
            let label = address.organisation.split('.').next().unwrap_or_default();
            labels
                .entry(label.to_owned())
                .or_default()
                .insert(&address.organisation);
        }
    }
    let mut votes: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for node in nodes {
        let (Some(address), Some(name)) = (&node.address, &node.main) else {
            continue;
        };
        if address.kind == AddressKind::Smtp {
            continue;
        }
        let called: Option<&BTreeSet<&str>> = labels.get(&squeezed(&address.organisation));
        if let Some([only]) = called
            .map(|set| set.iter().copied().collect::<Vec<_>>())
            .as_deref()
        {
            places.insert(address.organisation.clone(), (*only).to_owned());
        }
        let Some(key) = name.key() else { continue };
        let found = by_person.get(&(key, squeezed(without_number(&address.local))));
        for domain in found.into_iter().flatten() {
            *votes.entry((&address.organisation, domain)).or_default() += 1;
        }
    }
    let mut best: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    for ((organisation, domain), count) in votes {
        let known = best.entry(organisation).or_insert((0, domain));
        if count > known.0 {
            *known = (count, domain);
        }
    }
    for (organisation, (count, domain)) in best {
        if count >= FEWEST_VOTES {
            places
                .entry(organisation.to_owned())
                .or_insert_with(|| domain.to_owned());
        }
    }
    join_directories(nodes, &mut places);
    for group in domains {
        if let Some((first, rest)) = group.split_first() {
            for domain in rest {
                places.insert(domain.to_lowercase(), first.to_lowercase());
            }
        }
    }
    places
}

/// People of one name in two directories, at least, before these are of one organisation.
const FEWEST_SHARED: usize = 3;
/// Share of the people of the smaller directory that the larger has to have, in percent.
const LEAST_SHARED: usize = 25;

/// Directories that hold the same people are of one organisation: the smaller is taken for a part of the larger.
fn join_directories(nodes: &[Node], places: &mut HashMap<String, String>) {
    let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut holders: HashMap<String, BTreeSet<String>> = HashMap::new();
    for node in nodes {
        let (Some(address), Some(name)) = (&node.address, &node.main) else {
            continue;
        };
        let Some(key) = name.key().filter(|_| !address.is_public()) else {
            continue;
        };
        let place = places
            .get(&address.organisation)
            .unwrap_or(&address.organisation);
        people.entry(place.clone()).or_default().insert(key.clone());
        if address.kind != AddressKind::Smtp
            || address.domain.is_empty()
            || places.values().any(|known| known == place)
        {
            holders.entry(key).or_default().insert(place.clone());
        }
    }
    let directories: BTreeSet<String> = nodes
        .iter()
        .filter_map(|node| node.address.as_ref())
        .filter(|address| {
            address.kind != AddressKind::Smtp && !places.contains_key(&address.organisation)
        })
        .map(|address| address.organisation.clone())
        .collect();
    let mut found = Vec::new();
    for directory in &directories {
        let own = &people.get(directory).cloned().unwrap_or_default();
        let mut shared: BTreeMap<&String, usize> = BTreeMap::new();
        for place in own
            .iter()
            .filter_map(|key| holders.get(key))
            .flatten()
            .filter(|place| *place != directory)
        {
            *shared.entry(place).or_default() += 1;
        }
        let larger = shared.into_iter().filter(|(place, count)| {
            *count >= FEWEST_SHARED
                && count * 100 >= own.len() * LEAST_SHARED
                && people[*place].len() > own.len()
        });
        if let Some((place, _)) = larger.max_by_key(|(place, count)| (*count, people[*place].len()))
        {
            found.push((directory.clone(), place.clone()));
        }
    }
    for (directory, place) in &found {
        // The larger may be a part of a larger one itself; each is larger than the one before, so this ends.
        let mut whole = place;
        while let Some((_, above)) = found.iter().find(|(below, _)| below == whole) {
            whole = above;
        }
        places.insert(directory.clone(), whole.clone());
    }
}
