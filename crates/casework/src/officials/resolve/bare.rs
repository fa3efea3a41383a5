//! Names without addresses: to one another, and to the people of that name.

use super::MOST_COMPARED;
use super::MOST_NAMESAKES;
use super::Meetings;
use super::Resolver;
use super::likeness::likeness;
use super::likeness::marks_differ;
use super::likeness::marks_meet;
use super::likeness::suffix_is_open;
use crate::officials::addresses::AddressKind;
use crate::officials::evidence::Reason;
use crate::officials::names::Likeness;
use crate::officials::names::squeezed;
use crate::officials::nodes::Kind;
use crate::officials::nodes::Node;
use std::collections::BTreeMap;
use std::collections::HashMap;

impl<M: Meetings> Resolver<'_, M> {
    /// Names without addresses: to one another, and to the people of that name.
    pub(super) fn bare_names(&mut self) -> Result<(), M::Error> {
        let by_family = self.by_family();
        let mut bare: Vec<u32> = (0u32..)
            .zip(&self.nodes.nodes)
            .filter(|(_, node)| self.is_placeless(node) && node.kind == Kind::Person)
            .map(|(index, _)| index)
            .collect();
        bare.sort_by_key(|&index| (std::cmp::Reverse(self.node(index).seen), index));
        for index in bare {
            let Some(name) = self.node(index).main.clone() else {
                continue;
            };
            let others = by_family
                .get(&squeezed(&name.family))
                .cloned()
                .unwrap_or_default();
            if others.len() > MOST_COMPARED {
                continue;
            }
            self.place_bare(index, &others)?;
        }
        Ok(())
    }

    /// Whether a node has no address, or a directory name of which nobody knows where it is: a name is all it tells.
    fn is_placeless(&self, node: &Node) -> bool {
        node.address.as_ref().is_none_or(|address| {
            address.kind != AddressKind::Smtp
                && !self.organisations.contains_key(&address.organisation)
        })
    }

    fn by_family(&self) -> HashMap<String, Vec<u32>> {
        let mut families: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, node) in (0u32..).zip(&self.nodes.nodes) {
            if node.kind != Kind::Person {
                continue;
            }
            for family in node.families() {
                families.entry(family).or_default().push(index);
            }
        }
        families
    }

    /// Decides whose a bare name is. The people it may be of are sets of nodes.
    fn place_bare(&mut self, bare: u32, others: &[u32]) -> Result<(), M::Error> {
        let mut candidates: BTreeMap<u32, Candidate> = BTreeMap::new();
        for &other in others.iter().filter(|&&other| other != bare) {
            let Some(likeness) = likeness(self.node(bare), self.node(other))
                .filter(|likeness| *likeness != Likeness::Apart)
            else {
                continue;
            };
            let head = self.joined.head(other);
            if head == self.joined.head(bare) {
                return Ok(());
            }
            let agency = marks_meet(self.node(bare), self.node(other));
            let placeless = self.is_placeless(self.node(other));
            let shape = placeless
                && !marks_differ(self.node(bare), self.node(other))
                && self.node(bare).marks().is_empty() == self.node(other).marks().is_empty();
            let open = suffix_is_open(self.node(bare), self.node(other));
            let candidate = candidates.entry(head).or_insert(Candidate {
                node: other,
                likeness,
                agency: false,
                shape: false,
                open,
                mailbox: false,
            });
            if likeness > candidate.likeness {
                (candidate.likeness, candidate.node) = (likeness, other);
            }
            candidate.agency |= agency && likeness == Likeness::Same;
            candidate.shape |= shape && likeness == Likeness::Same;
            candidate.mailbox |= !placeless;
            candidate.open &= open;
        }
        let candidates: Vec<Candidate> = candidates
            .into_values()
            .filter(|candidate| self.joined.may_join(bare, candidate.node))
            .collect();
        let same: Vec<&Candidate> = candidates
            .iter()
            .filter(|candidate| candidate.likeness == Likeness::Same)
            .collect();
        if same.is_empty() {
            return self.near_names(bare, &candidates);
        }
        let agencies: Vec<&Candidate> = same
            .iter()
            .copied()
            .filter(|candidate| candidate.agency && !candidate.open)
            .collect();
        let of_agency = if agencies.iter().any(|one| one.mailbox) {
            mailboxes(&agencies)
        } else {
            agencies
        };
        if let [one] = of_agency.as_slice() {
            self.join(bare, one.node, Reason::NameAndAgency, 98);
            return Ok(());
        }
        if of_agency.len() > 1 {
            return self.by_conversation(bare, &of_agency);
        }
        self.by_conversation(bare, &same)
    }

    /// Joins a bare name with the one of that name that it stands beside in messages.
    fn by_conversation(&mut self, bare: u32, same: &[&Candidate]) -> Result<(), M::Error> {
        let mut met = Vec::new();
        let placed = mailboxes(same);
        // Where somebody of that name has an address, other bare names are no other people.
        let judged: &[&Candidate] = if placed.is_empty() { same } else { &placed };
        for candidate in judged {
            let people = self.spellings_of(candidate.node);
            let own = self.node(bare).spellings.clone();
            let count = self.meetings.beside(&own, &people)?;
            if count > 0 {
                met.push((count, candidate.node, candidate.open));
            }
        }
        match (met.as_slice(), judged) {
            (&[(count, node, false)], _) => self.join(
                bare,
                node,
                Reason::Conversation,
                if count > 1 { 97 } else { 95 },
            ),
            ([], [one]) if one.shape && !one.open => self.join(bare, one.node, Reason::Shape, 95),
            (_, few) if few.len() <= MOST_NAMESAKES => {
                let confidence = if few.len() == 1 { 75 } else { 40 };
                for one in few {
                    self.suggest(
                        bare,
                        one.node,
                        Reason::Name,
                        if one.open { 30 } else { confidence },
                    );
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A short form or an initial joins only beside the one address that it can be of.
    fn near_names(&mut self, bare: u32, candidates: &[Candidate]) -> Result<(), M::Error> {
        let mut met = Vec::new();
        for candidate in candidates {
            let people = self.spellings_of(candidate.node);
            let own = self.node(bare).spellings.clone();
            if self.meetings.beside(&own, &people)? > 0 {
                met.push(candidate.node);
            }
        }
        if let ([node], [only]) = (met.as_slice(), candidates)
            && !only.open
            && only.mailbox
        {
            self.join(bare, *node, Reason::Conversation, 93);
        } else if candidates.len() <= 3 {
            for candidate in candidates {
                self.suggest(
                    bare,
                    candidate.node,
                    Reason::NearName,
                    if candidates.len() == 1 { 65 } else { 35 },
                );
            }
        }
        Ok(())
    }

    /// The strings of all mailboxes of the person that a node is of: a bare name beside a bare name proves little. Its own
    /// where the person has none.
    fn spellings_of(&mut self, node: u32) -> Vec<u32> {
        let head = self.joined.head(node);
        let set = std::iter::once(&head).chain(&self.others[head as usize]);
        let mailboxes = set.filter(|&&one| !self.node(one).is_bare());
        let strings: Vec<u32> = mailboxes
            .flat_map(|&one| &self.node(one).spellings)
            .copied()
            .collect();
        if strings.is_empty() {
            return self.node(node).spellings.clone();
        }
        strings
    }
}

/// Those that have an address.
fn mailboxes<'a>(candidates: &[&'a Candidate]) -> Vec<&'a Candidate> {
    candidates
        .iter()
        .copied()
        .filter(|candidate| candidate.mailbox)
        .collect()
}

struct Candidate {
    node: u32,
    likeness: Likeness,
    /// Whether the same agency stands behind both names.
    agency: bool,
    /// Whether it is a bare name too, with nothing behind it.
    shape: bool,
    /// Whether one tells a suffix and the other none.
    open: bool,
    /// Whether it has an address.
    mailbox: bool,
}
