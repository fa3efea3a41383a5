//! Mailboxes of one name in one organisation.

use super::MOST_COMPARED;
use super::Meetings;
use super::Resolver;
use super::Verdict;
use super::likeness::likeness;
use super::likeness::marks_differ;
use super::likeness::suffix_is_open;
use crate::officials::addresses::Address;
use crate::officials::addresses::AddressKind;
use crate::officials::addresses::Fit;
use crate::officials::addresses::is_public_domain;
use crate::officials::addresses::without_number;
use crate::officials::evidence::Reason;
use crate::officials::names::Likeness;
use crate::officials::nodes::Kind;
use crate::officials::nodes::Node;
use std::collections::BTreeMap;

/// Messages that go to both of two addresses and show that they are of two people.
const BOTH_WRITTEN_TO: u32 = 2;

impl<M: Meetings> Resolver<'_, M> {
    /// Mailboxes of one name in one organisation.
    pub(super) fn in_organisations(&mut self) -> Result<(), M::Error> {
        let mut families: BTreeMap<(String, String), Vec<u32>> = BTreeMap::new();
        for (index, node) in (0u32..).zip(&self.nodes.nodes) {
            let Some(address) = node
                .address
                .as_ref()
                .filter(|_| node.kind != Kind::Anonymous)
            else {
                continue;
            };
            let place = self.place_of(address);
            if is_public_domain(&place) || place.is_empty() {
                continue;
            }
            let local = without_number(&address.local).to_owned();
            families
                .entry((place.clone(), format!("local {local}")))
                .or_default()
                .push(index);
            if node.kind != Kind::Person {
                continue;
            }
            for family in node.families() {
                families
                    .entry((place.clone(), family))
                    .or_default()
                    .push(index);
            }
        }
        let mut found = Vec::new();
        for group in families.values().filter(|group| group.len() > 1) {
            for (at, &one) in group.iter().enumerate().take(MOST_COMPARED) {
                for &other in group[at + 1..].iter().take(MOST_COMPARED) {
                    match self.judge_mailboxes(self.node(one), self.node(other)) {
                        Verdict::No => {}
                        verdict => found.push((one, other, verdict)),
                    }
                }
            }
        }
        let sureness = |verdict: &Verdict| match verdict {
            Verdict::One(_, confidence) => 200 + u16::from(*confidence),
            Verdict::Perhaps(_, confidence) => u16::from(*confidence),
            Verdict::No => 0,
        };
        found.sort_by_key(|(one, other, verdict)| {
            (std::cmp::Reverse(sureness(verdict)), *one, *other)
        });
        for (one, other, verdict) in found {
            let verdict = match verdict {
                Verdict::One(reason, confidence)
                    if reason != Reason::Subdomain && self.are_written_to(one, other)? =>
                {
                    Verdict::Perhaps(reason, confidence.min(60))
                }
                verdict => verdict,
            };
            self.take(one, other, verdict);
        }
        Ok(())
    }

    /// Whether people write to both at once: then they are two, as a rule.
    fn are_written_to(&mut self, one: u32, other: u32) -> Result<bool, M::Error> {
        let (one, other) = (
            &self.nodes.nodes[one as usize].spellings,
            &self.nodes.nodes[other as usize].spellings,
        );
        Ok(self.meetings.both_written_to(one, other)? >= BOTH_WRITTEN_TO)
    }

    /// The organisation of an address: of a directory name the domain that is its own, where one is known.
    fn place_of(&self, address: &Address) -> String {
        self.organisations
            .get(&address.organisation)
            .unwrap_or(&address.organisation)
            .clone()
    }

    /// Two mailboxes of one organisation.
    fn judge_mailboxes(&self, one: &Node, other: &Node) -> Verdict {
        let (Some(first), Some(second)) = (&one.address, &other.address) else {
            return Verdict::No;
        };
        let same_local = first.local == second.local;
        let smtp = first.kind == AddressKind::Smtp && second.kind == AddressKind::Smtp;
        let likeness = likeness(one, other);
        if same_local && smtp && first.domain != second.domain {
            return match likeness {
                Some(Likeness::Apart) => Verdict::No,
                None if one.main.is_none()
                    && other.main.is_none()
                    && one.kind == Kind::Person
                    && first.local.len() < 4 =>
                {
                    Verdict::No
                }
                _ if is_below(&first.domain, &second.domain)
                    || is_below(&second.domain, &first.domain) =>
                {
                    Verdict::One(Reason::Subdomain, 98)
                }
                Some(Likeness::Same) => Verdict::One(Reason::NameInOrganisation, 98),
                _ => Verdict::Perhaps(Reason::Subdomain, 75),
            };
        }
        if one.kind != Kind::Person || other.kind != Kind::Person {
            return Verdict::No;
        }
        let Some(likeness) = likeness.filter(|likeness| *likeness != Likeness::Apart) else {
            return Verdict::No;
        };
        let (Some(first_name), Some(second_name)) = (&one.main, &other.main) else {
            return Verdict::No;
        };
        let numbered = first.kind == second.kind
            && without_number(&first.local) == without_number(&second.local)
            && !same_local;
        if suffix_is_open(one, other) || numbered || marks_differ(one, other) {
            return match likeness {
                Likeness::Same => Verdict::Perhaps(Reason::NameInOrganisation, 40),
                _ => Verdict::No,
            };
        }
        let fits = |address: &Address| address.fit(first_name).max(address.fit(second_name));
        // A directory tells by name whose an entry is; an address has to be made of the name.
        let made =
            |address: &Address| address.kind != AddressKind::Smtp || fits(address) >= Fit::Initial;
        match likeness {
            Likeness::Same if made(first) && made(second) => Verdict::One(
                if smtp {
                    Reason::NameInOrganisation
                } else {
                    Reason::CommonName
                },
                97,
            ),
            Likeness::Same => Verdict::Perhaps(Reason::NameInOrganisation, 85),
            // One local part in a directory and in the domain that is its own: a short form of the name is the same name.
            _ if same_local && !smtp && made(first) && made(second) => {
                Verdict::One(Reason::CommonName, 95)
            }
            _ => Verdict::Perhaps(Reason::NearName, 70),
        }
    }
}

fn is_below(domain: &str, above: &str) -> bool {
    domain
        .strip_suffix(above)
        .is_some_and(|before| before.ends_with('.'))
}
