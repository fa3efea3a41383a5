//! From person strings to people.
//!
//! A node is a mailbox or a bare name. Nodes are joined by evidence, the surest first; two that the user has parted, or
//! that are of two confirmed officials, are never joined. A bare name alone joins nothing: it needs the same agency
//! behind it, or messages that both it and the one address of that name are in.

mod bare;
mod likeness;
mod mailboxes;
mod misspelt;
mod namesakes;
mod organisations;
mod outcome;
mod pairs;

pub use outcome::Identity;
pub use outcome::Resolution;
pub use outcome::natural;
pub use pairs::Link;
pub use pairs::Pair;

use super::addresses::Address;
use super::evidence::Merge;
use super::evidence::Reason;
use super::joined::Joined;
use super::names::Likeness;
use super::nodes::Node;
use super::nodes::Nodes;
use super::nodes::Spelling;
use super::nodes::bare_key;
use likeness::likeness;
use organisations::organisations;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// What the user says of people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statements {
    /// Of each confirmed official the addresses and names as written.
    pub officials: Vec<Vec<String>>,
    /// Addresses or names that are of two people.
    pub apart: Vec<(String, String)>,
    /// Domains that are of one agency, each group.
    pub domains: Vec<Vec<String>>,
}

/// How often strings meet in messages; the ledger knows.
pub trait Meetings {
    /// What can go wrong.
    type Error;

    /// In how many messages any of some strings is anywhere, and any of others in a header.
    fn beside(&mut self, bare: &[u32], people: &[u32]) -> Result<u32, Self::Error>;

    /// How many messages went to both.
    fn both_written_to(&mut self, one: &[u32], other: &[u32]) -> Result<u32, Self::Error>;
}

/// Resolves the person strings of a case. Takes time in proportion to them as long as no name is everybody's.
///
/// # Errors
/// The first error of `meetings`.
pub fn resolve<'a, M: Meetings>(
    spellings: impl IntoIterator<Item = Spelling<'a>>,
    pairs: &[Pair],
    statements: &Statements,
    meetings: &mut M,
) -> Result<Resolution, M::Error> {
    let nodes = Nodes::of(spellings);
    let mut resolver = Resolver {
        joined: Joined::new(nodes.nodes.len()),
        others: vec![Vec::new(); nodes.nodes.len()],
        named: (0u32..)
            .zip(&nodes.nodes)
            .map(|(index, node)| node.main.as_ref().map(|_| index))
            .collect(),
        organisations: organisations(&nodes.nodes, &statements.domains),
        nodes,
        merges: Vec::new(),
        suggestions: BTreeMap::new(),
        meetings,
    };
    resolver.state(statements);
    resolver.by_pairs(pairs);
    resolver.in_organisations()?;
    resolver.bare_names()?;
    resolver.elsewhere()?;
    resolver.in_families();
    resolver.misspelt();
    resolver.made_of_names();
    Ok(resolver.finish())
}

/// Most mailboxes of one surname in one organisation that are compared each with each.
const MOST_COMPARED: usize = 200;
/// Most people of one full name among whom a suggestion is made.
const MOST_NAMESAKES: usize = 8;

struct Resolver<'m, M> {
    nodes: Nodes,
    joined: Joined,
    /// Of each head the node of its set whose name is told most often.
    named: Vec<Option<u32>>,
    /// Of each head the other nodes of its set.
    others: Vec<Vec<u32>>,
    /// Of each organisation of a directory the domain that is its own, if one is.
    organisations: HashMap<String, String>,
    merges: Vec<Merge>,
    suggestions: BTreeMap<(u32, u32), (Reason, u8)>,
    meetings: &'m mut M,
}

/// What is thought of two nodes.
enum Verdict {
    One(Reason, u8),
    Perhaps(Reason, u8),
    No,
}

impl<M: Meetings> Resolver<'_, M> {
    /// Takes what the user says: it comes before all evidence.
    fn state(&mut self, statements: &Statements) {
        for (owner, aliases) in (0u32..).zip(&statements.officials) {
            let mut first = None;
            for alias in aliases {
                for node in self.named(alias) {
                    self.joined.own(node, owner);
                    match first {
                        Some(first) => self.join(first, node, Reason::Confirmed, 100),
                        None => first = Some(node),
                    }
                }
            }
        }
        for (one, other) in &statements.apart {
            for one in self.named(one) {
                for other in self.named(other) {
                    self.joined.part(one, other);
                }
            }
        }
    }

    /// The nodes that an alias of the user names.
    fn named(&self, alias: &str) -> Vec<u32> {
        let key = Address::read(alias).map_or_else(|| bare_key(alias), |address| address.key);
        self.nodes.of_key.get(&key).copied().into_iter().collect()
    }

    fn node(&self, node: u32) -> &Node {
        &self.nodes.nodes[node as usize]
    }

    fn join(&mut self, one: u32, other: u32, reason: Reason, confidence: u8) {
        if reason != Reason::Confirmed && !self.names_agree(one, other) {
            return;
        }
        let heads = [self.joined.head(one), self.joined.head(other)];
        let names = heads.map(|head| self.named[head as usize]);
        if self.joined.join(one, other) {
            let best = names
                .into_iter()
                .flatten()
                .max_by_key(|&node| (self.node(node).seen, std::cmp::Reverse(node)));
            let head = self.joined.head(one);
            self.named[head as usize] = best;
            let below = if heads[0] == head { heads[1] } else { heads[0] };
            let moved = std::mem::take(&mut self.others[below as usize]);
            self.others[head as usize].push(below);
            self.others[head as usize].extend(moved);
            self.merges.push(Merge {
                one,
                other,
                reason,
                confidence,
            });
        }
    }

    /// Whether the names of two sets may be one person's: evidence that leads from one node to the next must not end
    /// at another name.
    fn names_agree(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.joined.head(one), self.joined.head(other));
        match (self.named[one as usize], self.named[other as usize]) {
            (Some(one), Some(other)) => {
                likeness(self.node(one), self.node(other)) != Some(Likeness::Apart)
            }
            _ => true,
        }
    }

    fn suggest(&mut self, one: u32, other: u32, reason: Reason, confidence: u8) {
        let pair = (one.min(other), one.max(other));
        let known = self.suggestions.entry(pair).or_insert((reason, confidence));
        if known.1 < confidence {
            *known = (reason, confidence);
        }
    }

    fn take(&mut self, one: u32, other: u32, verdict: Verdict) {
        match verdict {
            Verdict::One(reason, confidence) => self.join(one, other, reason, confidence),
            Verdict::Perhaps(reason, confidence) => self.suggest(one, other, reason, confidence),
            Verdict::No => {}
        }
    }
}
