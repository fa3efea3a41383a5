//! What comes out of a resolution: identities with the names to show, and suggestions, each once.

use super::Meetings;
use super::Resolver;
use crate::officials::addresses::Fit;
use crate::officials::evidence::Merge;
use crate::officials::evidence::Suggestion;
use crate::officials::names::PersonName;
use crate::officials::names::squeezed;
use crate::officials::nodes::Kind;
use crate::officials::nodes::Node;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// Who is who.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The identity of each string that has one, by the string's number.
    pub of_spelling: HashMap<u32, u32>,
    /// The identities.
    pub identities: Vec<Identity>,
    /// What a node is told from others by.
    pub keys: Vec<String>,
    /// The identity of each node.
    pub of_node: Vec<Option<u32>>,
    /// The joins that hold.
    pub merges: Vec<Merge>,
    /// What is only likely, those first that would bring most mail together.
    pub suggestions: Vec<Suggestion>,
}

/// One person, mailbox or unclear name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it is.
    pub kind: Kind,
    /// The name to show.
    pub name: String,
    /// Marks of agencies behind its names with how many messages have them, the most frequent first.
    pub marks: Vec<(String, u32)>,
    /// Its nodes, the most frequent first.
    pub nodes: Vec<u32>,
    /// Which of the confirmed officials it is.
    pub confirmed: Option<u32>,
    /// Mentions of all its strings.
    pub seen: u32,
}

impl<M: Meetings> Resolver<'_, M> {
    pub(super) fn finish(mut self) -> Resolution {
        let count = self.nodes.nodes.len() as u32;
        let mut sets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for node in 0..count {
            let head = self.joined.head(node);
            sets.entry(head).or_default().push(node);
        }
        let mut resolution = Resolution {
            of_node: vec![None; count as usize],
            ..Resolution::default()
        };
        for (head, mut nodes) in sets {
            nodes.sort_by_key(|&node| (std::cmp::Reverse(self.node(node).seen), node));
            let number = resolution.identities.len() as u32;
            let confirmed = self.joined.owner(head);
            for &node in &nodes {
                resolution.of_node[node as usize] = Some(number);
                for spelling in &self.node(node).spellings {
                    resolution.of_spelling.insert(*spelling, number);
                }
            }
            let members: Vec<&Node> = nodes.iter().map(|&node| self.node(node)).collect();
            resolution
                .identities
                .push(identity(&members, &nodes, confirmed));
        }
        let suggestions = std::mem::take(&mut self.suggestions);
        for ((one, other), (reason, confidence)) in suggestions {
            if self.joined.head(one) == self.joined.head(other) || !self.joined.may_join(one, other)
            {
                continue;
            }
            let seen = |node: u32| {
                resolution.of_node[node as usize]
                    .map_or(0, |number| resolution.identities[number as usize].seen)
            };
            let messages = seen(one).min(seen(other));
            resolution.suggestions.push(Suggestion {
                one,
                other,
                reason,
                confidence,
                messages,
            });
        }
        once_each(&mut resolution);
        resolution.merges = self.merges;
        resolution.keys = self.nodes.nodes.into_iter().map(|node| node.key).collect();
        resolution
    }
}

/// Between two people one suggestion is enough: the likeliest.
fn once_each(resolution: &mut Resolution) {
    resolution
        .suggestions
        .sort_by_key(|one| (std::cmp::Reverse(one.confidence), one.one, one.other));
    let mut known = BTreeSet::new();
    let of_node = &resolution.of_node;
    resolution.suggestions.retain(|one| {
        let (first, second) = (of_node[one.one as usize], of_node[one.other as usize]);
        known.insert((first.min(second), first.max(second)))
    });
    resolution.suggestions.sort_by_key(|one| {
        (
            std::cmp::Reverse((one.messages, one.confidence)),
            one.one,
            one.other,
        )
    });
}

fn identity(members: &[&Node], nodes: &[u32], confirmed: Option<u32>) -> Identity {
    let kinds: Vec<Kind> = members.iter().map(|node| node.kind).collect();
    let kind = [Kind::Anonymous, Kind::Person, Kind::Mailbox]
        .into_iter()
        .find(|kind| kinds.contains(kind))
        .unwrap_or(Kind::Unclear);
    let mut marks: Vec<(String, u32)> = Vec::new();
    for known in members.iter().flat_map(|node| &node.names) {
        let Some(mark) = &known.name.mark else {
            continue;
        };
        match marks
            .iter_mut()
            .find(|(other, _)| other.eq_ignore_ascii_case(mark))
        {
            Some((_, seen)) => *seen += known.seen,
            None => marks.push((mark.clone(), known.seen)),
        }
    }
    marks.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Identity {
        kind,
        name: shown_name(members, kind),
        marks,
        nodes: nodes.to_vec(),
        confirmed,
        seen: members.iter().map(|node| node.seen).sum(),
    }
}

/// The name to show: the most frequent full one in its natural order, else one of several words, else the address.
fn shown_name(members: &[&Node], kind: Kind) -> String {
    if kind == Kind::Anonymous {
        return "(redacted)".to_owned();
    }
    let mut counts: BTreeMap<&str, (u32, bool, bool, &str)> = BTreeMap::new();
    for node in members {
        for known in &node.names {
            let fits = node
                .address
                .as_ref()
                .is_some_and(|address| address.fit(&known.name) >= Fit::Initial);
            let natural =
                counts
                    .entry(known.written.as_str())
                    .or_insert((0, false, false, &known.written));
            natural.0 += known.seen;
            natural.1 |= known.name.is_full();
            natural.2 |= fits;
        }
    }
    let best = counts.values().max_by_key(|(seen, full, fits, written)| {
        (*full, *fits, *seen, std::cmp::Reverse(*written))
    });
    let address = members.iter().find_map(|node| node.address.as_ref());
    match (best, address) {
        // A single word beside an address names nobody.
        (Some((_, false, _, word)), Some(address)) if !word.trim().contains(' ') => {
            address.key.clone()
        }
        (Some((.., written)), _) => natural(written),
        (None, address) => address
            .map(|address| address.key.clone())
            .unwrap_or_default(),
    }
}

/// `EXAMPLE, Anne B. (DEP)` as `Anne B. Example`.
pub fn natural(written: &str) -> String {
    let name = PersonName::read(written);
    if !name.is_full() {
        return written.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let plain = written.split(['(', '[']).next().unwrap_or_default();
    let plain = plain.trim_matches(|c: char| c.is_whitespace() || "\"'".contains(c));
    let plain = plain.split('/').next().unwrap_or_default();
    let ordered = match plain.split_once(',') {
        Some((before, after))
            if squeezed(&crate::officials::fold::fold(before))
                .contains(&squeezed(&name.family))
                && !after.trim().is_empty()
                && !squeezed(&crate::officials::fold::fold(before))
                    .contains(&squeezed(&name.given)) =>
        {
            format!("{} {}", after.trim().trim_end_matches(','), before.trim())
        }
        _ => plain.to_owned(),
    };
    let words = ordered.split_whitespace().map(|word| {
        if is_shouted(word) {
            shown(word)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_shouted(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphabetic()).count() > 3 && !word.chars().any(char::is_lowercase)
}

fn shown(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().collect();
    first + &letters.as_str().to_lowercase()
}
