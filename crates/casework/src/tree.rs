//! The tree of one thread: RFC 5256 §2.2 (REFERENCES), steps 1, 2 and 6.
//!
//! Two of its steps are left out. Messages that are referred to and not in the case are not pruned: their
//! existence is a finding. And no messages are joined by their subjects alone; what is guessed comes in from outside,
//! with its evidence. Ancestors named by `Thread-Index` take part where a message has no references.

mod ghosts;

pub use ghosts::End;
pub use ghosts::Quotes;
pub use ghosts::with_ghosts;

use crate::guesses::Evidence;
use crate::guesses::Guess;
use crate::guesses::Letter;
use crate::names::Name;
use std::collections::HashMap;

/// One message's place in the tree of its thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The message, as its position in the list given; `None` for one that is
    /// referred to and not in the case.
    pub member: Option<usize>,
    /// The name by which others refer to it.
    pub reference: Option<Name>,
    /// When it was written, in seconds since 1970; of an absent message where a `Thread-Index` tells it.
    pub date: Option<i64>,
    /// Position of its parent in the list of nodes; always before its own.
    pub parent: Option<usize>,
    /// Generations above it.
    pub depth: usize,
    /// How its parent is known; `None` without one.
    pub evidence: Option<Evidence>,
    /// How sure that is, in percent.
    pub confidence: u8,
    /// Of an absent message the number of the ghost that tells of it, if one does.
    pub ghost: Option<usize>,
}

/// Arranges the messages of one thread as a tree, in reading order: parents before
/// children, siblings by date, the undated last. Absent messages keep their place.
pub fn tree(members: &[Letter], guesses: &[Guess]) -> Vec<Node> {
    let mut builder = Builder::of(members);
    for (place, member) in members.iter().enumerate() {
        builder.link_by_headers(place, member);
    }
    builder.link_by_guesses(members, guesses);
    in_reading_order(&builder.nodes)
}

struct Builder {
    nodes: Vec<Node>,
    /// The first node of each name: a second message of the same name has none.
    named: HashMap<Name, usize>,
    has_children: Vec<bool>,
}

impl Builder {
    fn of(members: &[Letter]) -> Self {
        let mut builder = Self {
            nodes: Vec::with_capacity(members.len()),
            named: HashMap::with_capacity(members.len()),
            has_children: Vec::new(),
        };
        for (place, member) in members.iter().enumerate() {
            builder.push(Some(place), None, member.date);
            let names = member.facts.own.into_iter();
            for name in names.chain(member.facts.index_names().pop()) {
                builder.named.entry(name).or_insert(place);
            }
        }
        builder
    }

    fn push(&mut self, member: Option<usize>, reference: Option<Name>, date: Option<i64>) -> usize {
        self.nodes.push(Node {
            member,
            reference,
            date,
            parent: None,
            depth: 0,
            evidence: None,
            confidence: 0,
            ghost: None,
        });
        self.has_children.push(false);
        self.nodes.len() - 1
    }

    /// Steps 1A and 1B for one message.
    fn link_by_headers(&mut self, place: usize, member: &Letter) {
        let facts = &member.facts;
        let above = if facts.ancestors.is_empty() {
            self.chain_of_index(member)
        } else {
            self.chain_of_references(&facts.ancestors)
        };
        if let Some((parent, evidence)) = above {
            // What the message says of itself goes before what others said of it.
            self.attach(place, parent, evidence, 100);
        }
    }

    fn chain_of_references(&mut self, ancestors: &[Name]) -> Option<(usize, Evidence)> {
        let mut above = None;
        for name in ancestors {
            let place = self.place_of(*name, None);
            self.link_chain(place, above, Evidence::References);
            above = Some(place);
        }
        above.map(|above| (above, Evidence::References))
    }

    fn chain_of_index(&mut self, member: &Letter) -> Option<(usize, Evidence)> {
        let index = member.facts.index.as_ref()?;
        let mut above = None;
        let names = member.facts.index_names();
        for (name, time) in names.iter().zip(index.times()).take(index.depth()) {
            let place = self.place_of(*name, Some(time));
            self.link_chain(place, above, Evidence::ThreadIndex);
            above = Some(place);
        }
        above.map(|above| (above, Evidence::ThreadIndex))
    }

    /// The node of a name; a new one for a message that is not there.
    fn place_of(&mut self, name: Name, date: Option<i64>) -> usize {
        if let Some(place) = self.named.get(&name) {
            return *place;
        }
        let place = self.push(None, Some(name), date);
        self.named.insert(name, place);
        place
    }

    /// Makes one ancestor the parent of the next, unless that has a parent already.
    fn link_chain(&mut self, place: usize, above: Option<usize>, evidence: Evidence) {
        if let Some(parent) = above
            && self.nodes[place].parent.is_none()
        {
            self.attach(place, parent, evidence, 100);
        }
    }

    fn link_by_guesses(&mut self, members: &[Letter], guesses: &[Guess]) {
        let places: HashMap<u32, usize> = (0..)
            .zip(members)
            .map(|(place, member)| (member.ordinal, place))
            .collect();
        for guess in guesses {
            let ends = (places.get(&guess.message), places.get(&guess.parent));
            let (Some(&child), Some(&parent)) = ends else {
                continue;
            };
            if self.nodes[child].parent.is_none() {
                self.attach(child, parent, guess.evidence, guess.confidence);
            }
        }
    }

    /// Makes `parent` the parent of `child` unless that would close a loop.
    fn attach(&mut self, child: usize, parent: usize, evidence: Evidence, confidence: u8) {
        if child == parent || (self.has_children[child] && self.is_above(child, parent)) {
            return;
        }
        let node = &mut self.nodes[child];
        node.parent = Some(parent);
        node.evidence = Some(evidence);
        node.confidence = confidence;
        self.has_children[parent] = true;
    }

    fn is_above(&self, ancestor: usize, place: usize) -> bool {
        let mut above = Some(place);
        while let Some(place) = above {
            if place == ancestor {
                return true;
            }
            above = self.nodes[place].parent;
        }
        false
    }
}

fn in_reading_order(nodes: &[Node]) -> Vec<Node> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        match node.parent {
            Some(parent) => children[parent].push(place),
            None => roots.push(place),
        }
    }
    let dates = sort_dates(nodes);
    let order = |places: &mut Vec<usize>| {
        places.sort_by_key(|place| (dates[*place].is_none(), dates[*place], *place));
    };
    order(&mut roots);
    children.iter_mut().for_each(order);

    let mut ordered = Vec::with_capacity(nodes.len());
    let mut new_place = vec![0; nodes.len()];
    let mut pending: Vec<(usize, usize)> =
        roots.into_iter().rev().map(|place| (place, 0)).collect();
    while let Some((place, depth)) = pending.pop() {
        new_place[place] = ordered.len();
        let parent = nodes[place].parent.map(|parent| new_place[parent]);
        ordered.push(Node {
            parent,
            depth,
            ..nodes[place].clone()
        });
        pending.extend(
            children[place]
                .iter()
                .rev()
                .map(|child| (*child, depth + 1)),
        );
    }
    ordered
}

/// The date by which each node is sorted; that of an absent message without one is its earliest child's.
fn sort_dates(nodes: &[Node]) -> Vec<Option<i64>> {
    let mut dates: Vec<Option<i64>> = nodes.iter().map(|node| node.date).collect();
    let told = dates.clone();
    for (place, node) in nodes.iter().enumerate() {
        let Some(date) = told[place] else { continue };
        let mut above = node.parent;
        while let Some(parent) = above {
            if told[parent].is_some() || dates[parent].is_some_and(|known| known <= date) {
                break;
            }
            dates[parent] = Some(date);
            above = nodes[parent].parent;
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::facts::reference;
    use muckrake_mail::ThreadIndex;

    fn letter(ordinal: u32, date: i64, own: &str, ancestors: &[&str]) -> Letter {
        Letter {
            ordinal,
            date: Some(date),
            facts: Facts {
                own: Some(reference(own)),
                ancestors: ancestors.iter().map(|id| reference(id)).collect(),
                ..Facts::default()
            },
        }
    }

    /// Members and depths in reading order; `None` for those not in the case.
    fn drawn(members: &[Letter], guesses: &[Guess]) -> Vec<(Option<usize>, usize)> {
        let nodes = tree(members, guesses);
        nodes.iter().map(|node| (node.member, node.depth)).collect()
    }

    #[test]
    fn absent_messages_keep_their_place() {
        let members = [
            letter(0, 10, "a@x", &[]),
            letter(1, 30, "c@x", &["a@x", "b@x"]),
        ];
        assert_eq!(
            drawn(&members, &[]),
            [(Some(0), 0), (None, 1), (Some(1), 2)]
        );
    }

    // RFC 5256 §2.2 step 1A: the references of one message tell the parents of others.
    #[test]
    fn references_of_an_answer_place_a_message_that_has_none() {
        let members = [
            letter(0, 10, "a@x", &[]),
            letter(1, 20, "b@x", &[]),
            letter(2, 30, "c@x", &["a@x", "b@x"]),
        ];
        assert_eq!(
            drawn(&members, &[]),
            [(Some(0), 0), (Some(1), 1), (Some(2), 2)]
        );
    }

    // Step 1B: what a message says of itself goes before.
    #[test]
    fn a_message_is_believed_before_those_that_answer_it() {
        let members = [
            letter(0, 10, "a@x", &[]),
            letter(1, 15, "b@x", &[]),
            letter(2, 20, "d@x", &["b@x", "c@x"]),
            letter(3, 30, "c@x", &["a@x"]),
        ];
        assert_eq!(
            drawn(&members, &[]),
            [(Some(0), 0), (Some(3), 1), (Some(2), 2), (Some(1), 0)]
        );
    }

    #[test]
    fn loops_and_second_messages_of_one_id_are_drawn_once() {
        let members = [
            letter(0, 1, "a@x", &["b@x"]),
            letter(1, 2, "b@x", &["a@x"]),
            letter(2, 3, "b@x", &["a@x"]),
            letter(3, 4, "c@x", &["c@x"]),
        ];
        let nodes = drawn(&members, &[]);
        let mut seen: Vec<_> = nodes.iter().filter_map(|(member, _)| *member).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3]);
        assert_eq!(nodes.len(), 4);
    }

    #[test]
    fn a_conversation_index_names_ancestors_and_their_times() {
        let bytes = {
            let index = ThreadIndex::parse("AdQc2DN7rLoS3hgnE/O76rpFzxN/EwAddF4A");
            index.expect("it is one").as_bytes().to_vec()
        };
        let mut answer = letter(0, 1_531_800_000, "c@x", &[]);
        answer.facts.index = ThreadIndex::from_bytes(&[&bytes[..], &[0, 0, 0, 1, 0]].concat());
        let mut question = letter(1, 1_531_777_000, "b@x", &[]);
        question.facts.index = ThreadIndex::from_bytes(&bytes);
        let nodes = tree(&[question, answer], &[]);
        let drawn: Vec<_> = nodes
            .iter()
            .map(|node| (node.member, node.depth, node.evidence))
            .collect();
        let proof = Some(Evidence::ThreadIndex);
        assert_eq!(
            drawn,
            [(None, 0, None), (Some(0), 1, proof), (Some(1), 2, proof)]
        );
        // 2018-07-16T07:40:00Z
        assert_eq!(nodes[0].date, Some(1_531_726_800));
    }

    #[test]
    fn guesses_are_drawn_with_their_evidence_and_never_against_headers() {
        let members = [
            letter(0, 1, "a@x", &[]),
            letter(1, 2, "b@x", &["a@x"]),
            letter(2, 3, "c@x", &[]),
        ];
        let guess = |message, parent| Guess {
            message,
            parent,
            evidence: Evidence::QuotedText,
            confidence: 80,
        };
        let nodes = tree(&members, &[guess(1, 2), guess(2, 1)]);
        let last = &nodes[2];
        assert_eq!((last.member, last.depth), (Some(2), 2));
        assert_eq!(
            (last.evidence, last.confidence),
            (Some(Evidence::QuotedText), 80)
        );
    }

    #[test]
    fn a_conversation_two_hundred_thousand_deep_is_drawn_in_time() {
        let members: Vec<Letter> = (0..200_000)
            .map(|number| {
                let above = format!("m{}@x", number.max(1) - 1);
                let above = [above.as_str()];
                let ancestors = if number == 0 { &[][..] } else { &above[..] };
                letter(
                    number,
                    i64::from(number),
                    &format!("m{number}@x"),
                    ancestors,
                )
            })
            .collect();
        let nodes = tree(&members, &[]);
        assert_eq!(nodes.last().map(|node| node.depth), Some(199_999));
    }
}
