//! What two mailboxes or bare names have in common.

use crate::officials::addresses::Fit;
use crate::officials::names::Likeness;
use crate::officials::names::PersonName;
use crate::officials::nodes::Node;
use std::collections::BTreeSet;

/// The best that two nodes' names have in common; `None` where one has no full name.
pub(super) fn likeness(one: &Node, other: &Node) -> Option<Likeness> {
    let (first, second) = (one.main.as_ref()?, other.main.as_ref()?);
    let main = first.likeness(second);
    if main == Likeness::Same {
        return Some(main);
    }
    // What a local part tells is a guess: it may have the surname first.
    let fits = |node: &Node, name: &PersonName| {
        node.guessed
            && node
                .address
                .as_ref()
                .is_some_and(|address| address.fit(name) == Fit::Whole)
    };
    if (fits(one, second) && !other.guessed) || (fits(other, first) && !one.guessed) {
        return Some(Likeness::Same);
    }
    // A change of name shows in one address with both.
    let all = |node: &Node| -> Vec<PersonName> {
        let fits = |name: &PersonName| {
            node.address
                .as_ref()
                .is_none_or(|address| address.fit(name) >= Fit::Initial)
        };
        node.names
            .iter()
            .map(|known| &known.name)
            .filter(|name| name.is_full() && fits(name))
            .cloned()
            .collect()
    };
    let (ones, others) = (all(one), all(other));
    let best = ones
        .iter()
        .flat_map(|one| others.iter().map(move |other| one.likeness(other)))
        .max();
    Some(best.unwrap_or(main).max(main))
}

pub(super) fn suffix_is_open(one: &Node, other: &Node) -> bool {
    let suffixes = |node: &Node| -> BTreeSet<&'static str> {
        let names = node.names.iter().map(|known| &known.name);
        names
            .chain(&node.main)
            .filter_map(|name| name.suffix)
            .collect()
    };
    suffixes(one) != suffixes(other)
}

/// Whether agencies stand behind both and none behind both.
pub(super) fn marks_differ(one: &Node, other: &Node) -> bool {
    let (first, second) = (one.marks(), other.marks());
    !first.is_empty() && !second.is_empty() && !marks_meet(one, other)
}

pub(super) fn marks_meet(one: &Node, other: &Node) -> bool {
    let second = other.marks();
    one.marks()
        .iter()
        .any(|(mark, _)| second.iter().any(|(other, _)| other == mark))
}
