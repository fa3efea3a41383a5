//! People whose names differ by a letter or two: only suggested. Print-outs read by machine are full of them.

use super::MOST_COMPARED;
use super::Meetings;
use super::Resolver;
use super::likeness::suffix_is_open;
use crate::officials::evidence::Reason;
use crate::officials::names::squeezed;
use crate::officials::nodes::Kind;
use std::collections::BTreeMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Fewest letters of a name of which a slip can be told from another name.
const SHORTEST_MISSPELT: usize = 9;
/// Most letters that a slip changes.
const MOST_SLIPS: usize = 2;

impl<M: Meetings> Resolver<'_, M> {
    pub(super) fn misspelt(&mut self) {
        let names = self.spelt();
        let mut alike: Vec<(u64, usize)> = Vec::with_capacity(names.len() * 4);
        for (at, name) in names.iter().enumerate() {
            alike.extend(name.keys.iter().map(|key| (*key, at)));
        }
        alike.sort_unstable();
        for group in alike.chunk_by(|one, other| one.0 == other.0) {
            if !(2..=MOST_COMPARED).contains(&group.len()) {
                continue;
            }
            for (at, (_, one)) in group.iter().enumerate() {
                for (_, other) in &group[at + 1..] {
                    let (one, other) = (&names[*one], &names[*other]);
                    if one.is_misspelt(other)
                        && !suffix_is_open(self.node(one.node), self.node(other.node))
                    {
                        self.suggest(one.node, other.node, Reason::Spelling, 60);
                    }
                }
            }
        }
    }

    /// The names of people, each once with the node that is seen most.
    fn spelt(&self) -> Vec<Spelt> {
        let mut names: BTreeMap<String, Spelt> = BTreeMap::new();
        for (index, node) in (0u32..).zip(&self.nodes.nodes) {
            let told = node.kind == Kind::Person && !node.guessed;
            let Some(name) = node.main.as_ref().filter(|_| told) else {
                continue;
            };
            let (given, family) = (squeezed(&name.given), squeezed(&name.family));
            let whole = format!("{given} {family}");
            if whole.chars().count() < SHORTEST_MISSPELT {
                continue;
            }
            let spelt = names
                .entry(whole)
                .or_insert_with_key(|whole| Spelt::new(whole, &given, &family, index));
            if self.node(spelt.node).seen < node.seen {
                spelt.node = index;
            }
        }
        names.into_values().collect()
    }
}

/// A name, letter by letter.
struct Spelt {
    node: u32,
    letters: Vec<char>,
    /// A bit for each letter that is in it.
    mask: u64,
    /// Names that differ by a slip or two have one of these in common.
    keys: [u64; 4],
}

impl Spelt {
    fn new(whole: &str, given: &str, family: &str, node: u32) -> Self {
        let start = |word: &str| word.chars().take(2).collect::<String>();
        let end = |word: &str| word.chars().rev().take(3).collect::<String>();
        let key = |which: u8, one: &str, part: String| {
            let mut hasher = DefaultHasher::new();
            (which, one, part).hash(&mut hasher);
            hasher.finish()
        };
        Self {
            node,
            letters: whole.chars().collect(),
            mask: whole
                .chars()
                .fold(0, |mask, letter| mask | 1 << (u32::from(letter) % 64)),
            keys: [
                key(1, given, start(family)),
                key(2, given, end(family)),
                key(3, family, start(given)),
                key(4, family, end(given)),
            ],
        }
    }

    /// Whether it differs from another name by one or two letters.
    fn is_misspelt(&self, other: &Self) -> bool {
        // A letter that is changed takes one letter away and adds one.
        let differing = (self.mask ^ other.mask).count_ones() as usize;
        if self.letters.len().abs_diff(other.letters.len()) > MOST_SLIPS
            || differing > 2 * MOST_SLIPS
        {
            return false;
        }
        let (one, other) = differing_part(&self.letters, &other.letters);
        slips(one, other) <= MOST_SLIPS
    }
}

/// Two texts without what both begin with and what both end with.
fn differing_part<'a>(one: &'a [char], other: &'a [char]) -> (&'a [char], &'a [char]) {
    let start = one
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other);
    let start = start.count();
    let (one, other) = (&one[start..], &other[start..]);
    let pairs = one.iter().rev().zip(other.iter().rev());
    let end = pairs.take_while(|(one, other)| one == other).count();
    (&one[..one.len() - end], &other[..other.len() - end])
}

/// How many letters are changed, added or left out.
fn slips(one: &[char], other: &[char]) -> usize {
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut line = above.clone();
    for (row, letter) in one.iter().enumerate() {
        line[0] = row + 1;
        for (column, (other, pair)) in other.iter().zip(above.windows(2)).enumerate() {
            let changed = pair[0] + usize::from(letter != other);
            line[column + 1] = changed.min(pair[1] + 1).min(line[column] + 1);
        }
        std::mem::swap(&mut above, &mut line);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_a_letter_or_two() {
        let spelt =
            |given: &str, family: &str| Spelt::new(&format!("{given} {family}"), given, family, 0);
        let name = spelt("anne", "example");
        for (given, family, expected) in [
            ("anne", "exarnple", true),
            ("anne", "exampel", true),
            ("ane", "exmple", true),
            ("anne", "simple", false),
            ("bob", "example", false),
            ("anne", "exarnqle", false),
        ] {
            let other = spelt(given, family);
            assert_eq!(name.is_misspelt(&other), expected, "{given} {family}");
            assert_eq!(other.is_misspelt(&name), expected);
        }
    }
}
