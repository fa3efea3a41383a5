//! Conditions on headers that are not in the index, answered from the originals.

use roaring::RoaringBitmap;

use super::condition::Condition;
use super::condition::Found;
use super::error::IndexError;
use super::lower::condition;
use super::lower::read_from_original;
use super::request::Resolver;
use crate::language::Field;
use crate::language::Leaf;
use crate::language::Query;
use crate::terms::for_each_term;

/// The conditions of a query that only originals can answer.
pub(crate) fn leaves(query: &Query) -> Vec<&Leaf> {
    let mut found = Vec::new();
    let mut open = vec![query];
    while let Some(part) = open.pop() {
        match part {
            Query::All => {}
            Query::Leaf(leaf) if read_from_original(leaf) => found.push(leaf),
            Query::Leaf(_) => {}
            Query::Not(inner) => open.push(inner),
            Query::And(parts) | Query::Or(parts) => open.extend(parts),
        }
    }
    found
}

/// What originals have said.
#[derive(Default)]
pub(crate) struct Known<'a> {
    /// For each condition the messages that fulfil it.
    fulfilled: Vec<(&'a Leaf, RoaringBitmap)>,
    /// Messages whose original cannot be read.
    unreadable: RoaringBitmap,
}

impl Known<'_> {
    /// The messages that fulfil a condition: for `certain`, or as far as is known.
    pub(crate) fn messages(&self, leaf: &Leaf, certain: bool) -> RoaringBitmap {
        let known = self.fulfilled.iter().find(|(other, _)| *other == leaf);
        let set = known.map(|(_, set)| set.clone()).unwrap_or_default();
        if certain { set } else { set | &self.unreadable }
    }
}

/// Reads the headers of the candidates once.
pub(crate) fn read<'a>(
    leaves: &[&'a Leaf],
    candidates: &RoaringBitmap,
    resolver: &dyn Resolver,
) -> Result<Known<'a>, IndexError> {
    let mut unreadable = RoaringBitmap::new();
    let mut conditions = Vec::new();
    for leaf in leaves {
        if let Field::Header(name) = &leaf.field {
            let set = RoaringBitmap::new();
            conditions.push((name.as_str(), condition(leaf)?, *leaf, set));
        }
    }
    for ordinal in candidates {
        let headers = resolver
            .headers(ordinal)
            .map_err(|source| IndexError::Headers { ordinal, source })?;
        let Some(headers) = headers else {
            unreadable.insert(ordinal);
            continue;
        };
        for (name, condition, _, set) in &mut conditions {
            let fulfilled = headers.iter().any(|(other, value)| {
                other.trim().eq_ignore_ascii_case(name) && is_fulfilled(condition, value)
            });
            if fulfilled {
                set.insert(ordinal);
            }
        }
    }
    let fulfilled = conditions
        .into_iter()
        .map(|(_, _, leaf, set)| (leaf, set))
        .collect();
    Ok(Known {
        fulfilled,
        unreadable,
    })
}

/// Whether a text in memory fulfils a condition.
fn is_fulfilled(condition: &Condition, text: &str) -> bool {
    let mut found = Vec::new();
    for_each_term(text, |term| {
        for (word, pattern) in condition.patterns.iter().enumerate() {
            if pattern.matches(term.text) {
                found.push(Found {
                    word,
                    position: term.position,
                    range: term.range.clone(),
                });
            }
        }
    });
    !condition.matches(&found).is_empty()
}
