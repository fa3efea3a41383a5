//! What headers and signatures say: two strings of one person.

use super::Meetings;
use super::Resolver;
use super::Verdict;
use super::likeness::likeness;
use crate::officials::addresses::Fit;
use crate::officials::evidence::Reason;
use crate::officials::names::Likeness;
use crate::officials::nodes::Kind;
use crate::officials::nodes::Node;
use std::collections::BTreeMap;

/// What two strings were seen to have to do with one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What.
    pub link: Link,
    /// A string.
    pub one: u32,
    /// The other.
    pub other: u32,
    /// In how many messages.
    pub seen: u32,
}

/// What a pair of strings is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// Both for one person in one header.
    Header,
    /// From and Reply-To.
    ReplyTo,
    /// From and the name under the words.
    Signature,
}

impl Link {
    /// All links, in the order of their numbers.
    pub const ALL: [Link; 3] = [Link::Header, Link::ReplyTo, Link::Signature];

    /// Its number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl<M: Meetings> Resolver<'_, M> {
    /// What headers and signatures say.
    pub(super) fn by_pairs(&mut self, pairs: &[Pair]) {
        let mut best: BTreeMap<(u32, u32, Link), u32> = BTreeMap::new();
        for pair in pairs {
            let (Some(one), Some(other)) = (
                self.nodes.of_spelling.get(&pair.one),
                self.nodes.of_spelling.get(&pair.other),
            ) else {
                continue;
            };
            *best.entry((*one, *other, pair.link)).or_default() += pair.seen;
        }
        let mut best: Vec<_> = best
            .into_iter()
            .filter(|((one, other, _), _)| one != other)
            .collect();
        best.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        for ((one, other, link), seen) in best {
            let verdict = self.judge_pair(self.node(one), self.node(other), link, seen);
            self.take(one, other, verdict);
        }
    }

    fn judge_pair(&self, one: &Node, other: &Node, link: Link, seen: u32) -> Verdict {
        if one.kind != Kind::Person || other.kind != Kind::Person {
            return Verdict::No;
        }
        let likeness = likeness(one, other);
        // A name tells whose the address is, where the address says nothing against it.
        let made_of = match (&one.address, &other.main) {
            (Some(address), Some(name)) => address.fit(name),
            _ => Fit::None,
        };
        match link {
            Link::Header => match likeness {
                Some(Likeness::Same) => Verdict::One(Reason::Header, 99),
                Some(Likeness::Near) => Verdict::One(Reason::Header, 97),
                None if made_of >= Fit::Initial => Verdict::One(Reason::Header, 98),
                None if seen >= 2
                    && one
                        .address
                        .as_ref()
                        .is_none_or(|address| address.told_name().is_none()) =>
                {
                    Verdict::One(Reason::Header, 96)
                }
                _ => Verdict::No,
            },
            Link::ReplyTo => match likeness {
                Some(Likeness::Same) if !one.is_bare() && !other.is_bare() => {
                    Verdict::One(Reason::ReplyTo, 97)
                }
                Some(Likeness::Near) => Verdict::Perhaps(Reason::ReplyTo, 80),
                _ => Verdict::No,
            },
            Link::Signature => match likeness {
                Some(Likeness::Same) => Verdict::One(Reason::Signature, 97),
                Some(Likeness::Near) => Verdict::One(Reason::Signature, 95),
                None if made_of >= Fit::Initial => Verdict::One(Reason::Signature, 96),
                _ => Verdict::No,
            },
        }
    }
}
