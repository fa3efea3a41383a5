//! People whose names differ by a letter or two: only suggested. Print-outs read by machine are full of them.

use super::MOST_COMPARED;
use super::Meetings;
use super::Resolver;
use super::likeness::suffix_is_open;
use crate::officials::evidence::Reason;
use crate::officials::names::squeezed;
use crate::officials::nodes::Kind;
use std::collections::BTreeMap;

/// Fewest letters of a name of which a slip can be told from another name.
const SHORTEST_MISSPELT: usize = 9;
/// Most letters that a slip changes.
const MOST_SLIPS: usize = 2;

impl<M: Meetings> Resolver<'_, M> {
    /// People whose names differ by a letter or two: only suggested. Print-outs read by machine are full of them.
    pub(super) fn misspelt(&mut self) {
        let mut alike: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
        for (index, node) in (0u32..).zip(&self.nodes.nodes) {
            let Some(name) = node
                .main
                .as_ref()
                .filter(|_| node.kind == Kind::Person && !node.guessed)
            else {
                continue;
            };
            let (given, family) = (squeezed(&name.given), squeezed(&name.family));
            let whole = format!("{given} {family}");
            if whole.chars().count() < SHORTEST_MISSPELT {
                continue;
            }
            let start = |word: &str, count: usize| word.chars().take(count).collect::<String>();
            let end = |word: &str| word.chars().rev().take(3).collect::<String>();
            for key in [
                format!("1 {given} {}", start(&family, 2)),
                format!("2 {given} {}", end(&family)),
                format!("3 {family} {}", start(&given, 2)),
                format!("4 {family} {}", end(&given)),
            ] {
                alike.entry(key).or_default().push((index, whole.clone()));
            }
        }
        for group in alike
            .values()
            .filter(|group| (2..=MOST_COMPARED).contains(&group.len()))
        {
            let mut names: BTreeMap<&str, u32> = BTreeMap::new();
            for (index, whole) in group {
                let best = names.entry(whole).or_insert(*index);
                if self.nodes.nodes[*best as usize].seen < self.nodes.nodes[*index as usize].seen {
                    *best = *index;
                }
            }
            let names: Vec<(&str, u32)> = names.into_iter().collect();
            for (at, (one, first)) in names.iter().enumerate() {
                for (other, second) in &names[at + 1..] {
                    if is_misspelt(one, other)
                        && !suffix_is_open(self.node(*first), self.node(*second))
                    {
                        self.suggest(*first, *second, Reason::Spelling, 60);
                    }
                }
            }
        }
    }
}

/// Whether two names differ by one or two letters.
fn is_misspelt(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > MOST_SLIPS {
        return false;
    }
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, (other, pair)) in other.iter().zip(above.windows(2)).enumerate() {
            let changed = pair[0] + usize::from(letter != other);
            line.push(changed.min(pair[1] + 1).min(line[column] + 1));
        }
        above = line;
    }
    above.last().is_some_and(|slips| *slips <= MOST_SLIPS)
}
