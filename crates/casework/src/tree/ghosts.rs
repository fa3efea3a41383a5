//! Ghosts in the tree of a thread.

use super::Node;
use super::in_reading_order;
use crate::guesses::Evidence;
use std::collections::HashMap;

/// How sure the place of a ghost is, in percent: it is quoted there.
const SURE: u8 = 95;

/// What stands at one end of what a quotation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A message of the thread, as its position in the list of members.
    Member(usize),
    /// A ghost, by its number.
    Ghost(usize),
}

/// That one message quotes another right away, so that it answers it or passes it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotes {
    /// The one that quotes.
    pub child: End,
    /// The one that is quoted.
    pub parent: End,
}

/// Puts ghosts in their places: above the messages that quote them, where nothing else is known to stand there. An absent
/// message that headers name is the ghost that is quoted in its place. `dates` are those of the ghosts, in seconds since 1970.
/// A quotation comes before those inside it.
pub fn with_ghosts(nodes: &[Node], quotes: &[Quotes], dates: &[Option<i64>]) -> Vec<Node> {
    let mut members: HashMap<usize, usize> = HashMap::new();
    for (place, node) in nodes.iter().enumerate() {
        members.extend(node.member.map(|member| (member, place)));
    }
    let mut placing = Placing {
        nodes: nodes.to_vec(),
        members,
        ghosts: HashMap::new(),
    };
    for quote in quotes {
        if let End::Ghost(ghost) = quote.parent {
            placing.put_above(quote.child, ghost, dates.get(ghost).copied().flatten());
        }
    }
    for quote in quotes {
        if let (End::Ghost(ghost), End::Member(member)) = (quote.child, quote.parent) {
            placing.put_under(ghost, member);
        }
    }
    in_reading_order(&placing.nodes)
}

struct Placing {
    nodes: Vec<Node>,
    /// Where the members are, and the ghosts that have a place.
    members: HashMap<usize, usize>,
    ghosts: HashMap<usize, usize>,
}

impl Placing {
    fn place(&self, end: End) -> Option<usize> {
        let place = match end {
            End::Member(member) => self.members.get(&member),
            End::Ghost(ghost) => self.ghosts.get(&ghost),
        };
        place.copied()
    }

    /// Puts a ghost above what quotes it.
    fn put_above(&mut self, child: End, ghost: usize, date: Option<i64>) {
        let Some(child) = self.place(child) else {
            return;
        };
        let known = self.ghosts.get(&ghost).copied();
        let Some(parent) = self.nodes[child].parent else {
            let place = known.unwrap_or_else(|| self.push(ghost, date));
            self.attach(child, place);
            return;
        };
        let node = &mut self.nodes[parent];
        // Headers name it and tell no more; the quotation does.
        if node.member.is_none() && node.ghost.is_none() && known.is_none() {
            node.ghost = Some(ghost);
            node.date = node.date.or(date);
            self.ghosts.insert(ghost, parent);
        }
    }

    fn push(&mut self, ghost: usize, date: Option<i64>) -> usize {
        let place = self.nodes.len();
        self.nodes.push(Node {
            member: None,
            reference: None,
            date,
            parent: None,
            depth: 0,
            evidence: None,
            confidence: 0,
            ghost: Some(ghost),
        });
        self.ghosts.insert(ghost, place);
        place
    }

    /// Puts a ghost under the message of the thread that it quotes itself.
    fn put_under(&mut self, ghost: usize, member: usize) {
        let ends = self
            .place(End::Ghost(ghost))
            .zip(self.place(End::Member(member)));
        if let Some((place, parent)) = ends
            && self.nodes[place].parent.is_none()
        {
            self.attach(place, parent);
        }
    }

    /// Makes `parent` the parent of `child` unless that would close a loop.
    fn attach(&mut self, child: usize, parent: usize) {
        let mut above = Some(parent);
        while let Some(place) = above {
            if place == child {
                return;
            }
            above = self.nodes[place].parent;
        }
        let node = &mut self.nodes[child];
        node.parent = Some(parent);
        node.evidence = Some(Evidence::QuotedHeader);
        node.confidence = SURE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(member: Option<usize>, date: i64, parent: Option<usize>) -> Node {
        Node {
            member,
            reference: None,
            date: member.is_some().then_some(date),
            parent,
            depth: usize::from(parent.is_some()),
            evidence: parent.map(|_| Evidence::References),
            confidence: 100,
            ghost: None,
        }
    }

    fn quotes(child: End, parent: End) -> Quotes {
        Quotes { child, parent }
    }

    /// Members, ghosts and depths in reading order.
    fn drawn(nodes: &[Node]) -> Vec<(Option<usize>, Option<usize>, usize)> {
        nodes
            .iter()
            .map(|node| (node.member, node.ghost, node.depth))
            .collect()
    }

    #[test]
    fn a_ghost_stands_above_what_quotes_it_and_under_what_it_quotes() {
        let nodes = [node(Some(0), 10, None), node(Some(1), 40, None)];
        let (first, last) = (End::Member(0), End::Member(1));
        let told = [
            quotes(last, End::Ghost(0)),
            quotes(End::Ghost(0), End::Ghost(1)),
            quotes(End::Ghost(1), first),
        ];
        assert_eq!(
            drawn(&with_ghosts(&nodes, &told, &[Some(30), Some(20)])),
            [
                (Some(0), None, 0),
                (None, Some(1), 1),
                (None, Some(0), 2),
                (Some(1), None, 3)
            ]
        );
    }

    #[test]
    fn an_absent_message_is_the_ghost_that_is_quoted_in_its_place() {
        let nodes = [node(None, 0, None), node(Some(0), 40, Some(0))];
        let told = [quotes(End::Member(0), End::Ghost(0))];
        let placed = with_ghosts(&nodes, &told, &[Some(30)]);
        assert_eq!(drawn(&placed), [(None, Some(0), 0), (Some(0), None, 1)]);
        assert_eq!(
            (placed[0].date, placed[1].evidence),
            (Some(30), Some(Evidence::References))
        );
    }

    #[test]
    fn what_headers_prove_stays_and_circles_are_not_closed() {
        let nodes = [node(Some(0), 10, None), node(Some(1), 40, Some(0))];
        let told = [
            quotes(End::Member(1), End::Ghost(0)),
            quotes(End::Member(0), End::Ghost(1)),
            quotes(End::Ghost(1), End::Member(1)),
        ];
        assert_eq!(
            drawn(&with_ghosts(&nodes, &told, &[None, None])),
            [(None, Some(1), 0), (Some(0), None, 1), (Some(1), None, 2)]
        );
    }
}
