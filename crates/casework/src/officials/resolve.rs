//! From person strings to people.
//!
//! A node is a mailbox or a bare name. Nodes are joined by evidence, the surest first; two that the user has parted, or
//! that are of two confirmed officials, are never joined. A bare name alone joins nothing: it needs the same agency
//! behind it, or messages that both it and the one address of that name are in.

use super::addresses::Address;
use super::addresses::AddressKind;
use super::addresses::Fit;
use super::addresses::is_public_domain;
use super::addresses::made_of;
use super::addresses::without_number;
use super::evidence::Merge;
use super::evidence::Reason;
use super::evidence::Suggestion;
use super::joined::Joined;
use super::names::Likeness;
use super::names::PersonName;
use super::names::squeezed;
use super::nodes::Kind;
use super::nodes::Node;
use super::nodes::Nodes;
use super::nodes::Spelling;
use super::nodes::bare_key;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

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

/// Who is who.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The identity of each string that has one, by the string's number.
    pub of_spelling: HashMap<u32, u32>,
    /// The identities.
    pub identities: Vec<Identity>,
    /// What a node is told from others by.
    pub keys: Vec<String>,
    /// The identity of each node.
    pub of_node: Vec<Option<u32>>,
    /// The joins that hold.
    pub merges: Vec<Merge>,
    /// What is only likely, those first that would bring most mail together.
    pub suggestions: Vec<Suggestion>,
}

/// One person, mailbox or unclear name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it is.
    pub kind: Kind,
    /// The name to show.
    pub name: String,
    /// Marks of agencies behind its names with how many messages have them, the most frequent first.
    pub marks: Vec<(String, u32)>,
    /// Its nodes, the most frequent first.
    pub nodes: Vec<u32>,
    /// Which of the confirmed officials it is.
    pub confirmed: Option<u32>,
    /// Mentions of all its strings.
    pub seen: u32,
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
    resolver.misspelt();
    resolver.made_of_names();
    Ok(resolver.finish())
}

/// Most mailboxes of one surname in one organisation that are compared each with each.
const MOST_COMPARED: usize = 200;
/// Most people of one full name among whom a suggestion is made.
const MOST_NAMESAKES: usize = 8;
/// People whose name and local part are alike in a directory and a domain, at least, before both are one organisation.
const FEWEST_VOTES: u32 = 2;
/// Messages that go to both of two addresses and show that they are of two people.
const BOTH_WRITTEN_TO: u32 = 2;

struct Resolver<'m, M> {
    nodes: Nodes,
    joined: Joined,
    /// Of each head the node of its set whose name is told most often.
    named: Vec<Option<u32>>,
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
        let names =
            [self.joined.head(one), self.joined.head(other)].map(|head| self.named[head as usize]);
        if self.joined.join(one, other) {
            let best = names
                .into_iter()
                .flatten()
                .max_by_key(|&node| (self.node(node).seen, std::cmp::Reverse(node)));
            let head = self.joined.head(one);
            self.named[head as usize] = best;
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

    /// What headers and signatures say.
    fn by_pairs(&mut self, pairs: &[Pair]) {
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

    /// Mailboxes of one name in one organisation.
    fn in_organisations(&mut self) -> Result<(), M::Error> {
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
            let names = node.names.iter().map(|known| &known.name).chain(&node.main);
            let names: BTreeSet<String> = names
                .filter(|name| name.is_full())
                .map(|name| squeezed(&name.family))
                .collect();
            for family in names {
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
            _ => Verdict::Perhaps(Reason::NearName, 70),
        }
    }

    /// Names without addresses: to one another, and to the people of that name.
    fn bare_names(&mut self) -> Result<(), M::Error> {
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
            let names = node.names.iter().map(|known| &known.name).chain(&node.main);
            let names: BTreeSet<String> = names
                .filter(|name| name.is_full())
                .map(|name| squeezed(&name.family))
                .collect();
            for family in names {
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

    /// All strings of the person that a node is of.
    fn spellings_of(&mut self, node: u32) -> Vec<u32> {
        // Only the mailboxes: a bare name beside a bare name proves little.
        let head = self.joined.head(node);
        let mut all = self.node(node).spellings.clone();
        if head != node {
            all.extend(&self.node(head).spellings);
        }
        all
    }

    /// People of one name in different organisations: only suggested.
    fn elsewhere(&mut self) -> Result<(), M::Error> {
        let mut namesakes: BTreeMap<String, BTreeMap<u32, u32>> = BTreeMap::new();
        for index in 0..self.nodes.nodes.len() as u32 {
            let head = self.joined.head(index);
            let node = self.node(index);
            if node.kind != Kind::Person {
                continue;
            }
            let Some(key) = node.main.as_ref().and_then(PersonName::key) else {
                continue;
            };
            let best = namesakes
                .entry(key)
                .or_default()
                .entry(head)
                .or_insert(index);
            if self.nodes.nodes[*best as usize].seen < node.seen {
                *best = index;
            }
        }
        for people in namesakes
            .values()
            .filter(|people| (2..=MOST_NAMESAKES).contains(&people.len()))
        {
            let heads: Vec<u32> = people.values().copied().collect();
            for (at, &one) in heads.iter().enumerate() {
                for &other in &heads[at + 1..] {
                    let (first, second) = (self.node(one), self.node(other));
                    if likeness(first, second) != Some(Likeness::Same) {
                        continue;
                    }
                    let mut confidence = if heads.len() == 2 { 70 } else { 40 };
                    if suffix_is_open(first, second) || marks_differ(first, second) {
                        confidence = 30;
                    }
                    self.suggest(one, other, Reason::Name, confidence);
                }
            }
        }
        Ok(())
    }

    /// Addresses and accounts without a name that are made of one person's: only suggested.
    fn made_of_names(&mut self) {
        let mut makers: HashMap<String, BTreeSet<u32>> = HashMap::new();
        for index in 0..self.nodes.nodes.len() as u32 {
            let head = self.joined.head(index);
            let node = self.node(index);
            if node.guessed || node.kind != Kind::Person {
                continue;
            }
            for made in node.main.iter().flat_map(made_of) {
                makers.entry(made).or_default().insert(head);
            }
        }
        for index in 0..self.nodes.nodes.len() as u32 {
            let node = self.node(index);
            let nameless = node.main.is_none() || node.guessed;
            let local = match &node.address {
                Some(address) if nameless && node.kind == Kind::Person => {
                    squeezed(without_number(&address.local))
                }
                None if node.kind == Kind::Unclear => squeezed(&node.key),
                _ => continue,
            };
            let Some(people) = makers
                .get(&local)
                .filter(|people| people.len() == 1 && local.len() >= SHORTEST_MADE)
            else {
                continue;
            };
            let person = people.first().copied().unwrap_or(index);
            if self.joined.head(index) != person {
                let best = self.named[person as usize].unwrap_or(person);
                self.suggest(index, best, Reason::MadeOfName, 50);
            }
        }
    }

    /// People whose names differ by a letter or two: only suggested. Print-outs read by machine are full of them.
    fn misspelt(&mut self) {
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

    fn finish(mut self) -> Resolution {
        let count = self.nodes.nodes.len() as u32;
        let mut sets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for node in 0..count {
            let head = self.joined.head(node);
            sets.entry(head).or_default().push(node);
        }
        let mut resolution = Resolution {
            of_node: vec![None; count as usize],
            ..Resolution::default()
        };
        for (head, mut nodes) in sets {
            nodes.sort_by_key(|&node| (std::cmp::Reverse(self.node(node).seen), node));
            let number = resolution.identities.len() as u32;
            let confirmed = self.joined.owner(head);
            for &node in &nodes {
                resolution.of_node[node as usize] = Some(number);
                for spelling in &self.node(node).spellings {
                    resolution.of_spelling.insert(*spelling, number);
                }
            }
            let members: Vec<&Node> = nodes.iter().map(|&node| self.node(node)).collect();
            resolution
                .identities
                .push(identity(&members, &nodes, confirmed));
        }
        let suggestions = std::mem::take(&mut self.suggestions);
        for ((one, other), (reason, confidence)) in suggestions {
            if self.joined.head(one) == self.joined.head(other) || !self.joined.may_join(one, other)
            {
                continue;
            }
            let seen = |node: u32| {
                resolution.of_node[node as usize]
                    .map_or(0, |number| resolution.identities[number as usize].seen)
            };
            let messages = seen(one).min(seen(other));
            resolution.suggestions.push(Suggestion {
                one,
                other,
                reason,
                confidence,
                messages,
            });
        }
        once_each(&mut resolution);
        resolution.merges = self.merges;
        resolution.keys = self.nodes.nodes.into_iter().map(|node| node.key).collect();
        resolution
    }
}

/// Between two people one suggestion is enough: the likeliest.
fn once_each(resolution: &mut Resolution) {
    resolution
        .suggestions
        .sort_by_key(|one| (std::cmp::Reverse(one.confidence), one.one, one.other));
    let mut known = BTreeSet::new();
    let of_node = &resolution.of_node;
    resolution.suggestions.retain(|one| {
        let (first, second) = (of_node[one.one as usize], of_node[one.other as usize]);
        known.insert((first.min(second), first.max(second)))
    });
    resolution.suggestions.sort_by_key(|one| {
        (
            std::cmp::Reverse((one.messages, one.confidence)),
            one.one,
            one.other,
        )
    });
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

fn identity(members: &[&Node], nodes: &[u32], confirmed: Option<u32>) -> Identity {
    let kinds: Vec<Kind> = members.iter().map(|node| node.kind).collect();
    let kind = [Kind::Anonymous, Kind::Person, Kind::Mailbox]
        .into_iter()
        .find(|kind| kinds.contains(kind))
        .unwrap_or(Kind::Unclear);
    let mut marks: Vec<(String, u32)> = Vec::new();
    for known in members.iter().flat_map(|node| &node.names) {
        let Some(mark) = &known.name.mark else {
            continue;
        };
        match marks
            .iter_mut()
            .find(|(other, _)| other.eq_ignore_ascii_case(mark))
        {
            Some((_, seen)) => *seen += known.seen,
            None => marks.push((mark.clone(), known.seen)),
        }
    }
    marks.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Identity {
        kind,
        name: shown_name(members, kind),
        marks,
        nodes: nodes.to_vec(),
        confirmed,
        seen: members.iter().map(|node| node.seen).sum(),
    }
}

/// The name to show: the most frequent full one in its natural order, else one of several words, else the address.
fn shown_name(members: &[&Node], kind: Kind) -> String {
    if kind == Kind::Anonymous {
        return "(redacted)".to_owned();
    }
    let mut counts: BTreeMap<&str, (u32, bool, bool, &str)> = BTreeMap::new();
    for node in members {
        for known in &node.names {
            let fits = node
                .address
                .as_ref()
                .is_some_and(|address| address.fit(&known.name) >= Fit::Initial);
            let natural =
                counts
                    .entry(known.written.as_str())
                    .or_insert((0, false, false, &known.written));
            natural.0 += known.seen;
            natural.1 |= known.name.is_full();
            natural.2 |= fits;
        }
    }
    let best = counts.values().max_by_key(|(seen, full, fits, written)| {
        (*full, *fits, *seen, std::cmp::Reverse(*written))
    });
    let address = members.iter().find_map(|node| node.address.as_ref());
    match (best, address) {
        // A single word beside an address names nobody.
        (Some((_, false, _, word)), Some(address)) if !word.trim().contains(' ') => {
            address.key.clone()
        }
        (Some((.., written)), _) => natural(written),
        (None, address) => address
            .map(|address| address.key.clone())
            .unwrap_or_default(),
    }
}

/// `EXAMPLE, Anne B. (DEP)` as `Anne B. Example`.
pub fn natural(written: &str) -> String {
    let name = PersonName::read(written);
    if !name.is_full() {
        return written.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let plain = written.split(['(', '[']).next().unwrap_or_default();
    let plain = plain.trim_matches(|c: char| c.is_whitespace() || "\"'".contains(c));
    let plain = plain.split('/').next().unwrap_or_default();
    let ordered = match plain.split_once(',') {
        Some((before, after))
            if squeezed(&super::fold::fold(before)).contains(&squeezed(&name.family))
                && !after.trim().is_empty()
                && !squeezed(&super::fold::fold(before)).contains(&squeezed(&name.given)) =>
        {
            format!("{} {}", after.trim().trim_end_matches(','), before.trim())
        }
        _ => plain.to_owned(),
    };
    let words = ordered.split_whitespace().map(|word| {
        if is_shouted(word) {
            shown(word)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_shouted(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphabetic()).count() > 3 && !word.chars().any(char::is_lowercase)
}

fn shown(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().collect();
    first + &letters.as_str().to_lowercase()
}

/// The best that two nodes' names have in common; `None` where one has no full name.
fn likeness(one: &Node, other: &Node) -> Option<Likeness> {
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

fn suffix_is_open(one: &Node, other: &Node) -> bool {
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
fn marks_differ(one: &Node, other: &Node) -> bool {
    let (first, second) = (one.marks(), other.marks());
    !first.is_empty() && !second.is_empty() && !marks_meet(one, other)
}

fn marks_meet(one: &Node, other: &Node) -> bool {
    let second = other.marks();
    one.marks()
        .iter()
        .any(|(mark, _)| second.iter().any(|(other, _)| other == mark))
}

fn is_below(domain: &str, above: &str) -> bool {
    domain
        .strip_suffix(above)
        .is_some_and(|before| before.ends_with('.'))
}

/// Which domain is a directory's organisation: one that is called like it, or that several people of the same names and
/// local parts are in. The user's agencies join domains.
fn organisations(nodes: &[Node], domains: &[Vec<String>]) -> HashMap<String, String> {
    let mut places: HashMap<String, String> = HashMap::new();
    let mut by_person: HashMap<(String, String), BTreeSet<&str>> = HashMap::new();
    let mut labels: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for node in nodes {
        let (Some(address), Some(name)) = (&node.address, &node.main) else {
            continue;
        };
        if address.kind == AddressKind::Smtp && !address.is_public() {
            if let Some(key) = name.key() {
                by_person
                    .entry((key, squeezed(without_number(&address.local))))
                    .or_default()
                    .insert(&address.organisation);
            }
            let label = address.organisation.split('.').next().unwrap_or_default();
            labels
                .entry(label.to_owned())
                .or_default()
                .insert(&address.organisation);
        }
    }
    let mut votes: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for node in nodes {
        let (Some(address), Some(name)) = (&node.address, &node.main) else {
            continue;
        };
        if address.kind == AddressKind::Smtp {
            continue;
        }
        let called: Option<&BTreeSet<&str>> = labels.get(&squeezed(&address.organisation));
        if let Some([only]) = called
            .map(|set| set.iter().copied().collect::<Vec<_>>())
            .as_deref()
        {
            places.insert(address.organisation.clone(), (*only).to_owned());
        }
        let Some(key) = name.key() else { continue };
        let found = by_person.get(&(key, squeezed(without_number(&address.local))));
        for domain in found.into_iter().flatten() {
            *votes.entry((&address.organisation, domain)).or_default() += 1;
        }
    }
    let mut best: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    for ((organisation, domain), count) in votes {
        let known = best.entry(organisation).or_insert((0, domain));
        if count > known.0 {
            *known = (count, domain);
        }
    }
    for (organisation, (count, domain)) in best {
        if count >= FEWEST_VOTES {
            places
                .entry(organisation.to_owned())
                .or_insert_with(|| domain.to_owned());
        }
    }
    join_directories(nodes, &mut places);
    for group in domains {
        if let Some((first, rest)) = group.split_first() {
            for domain in rest {
                places.insert(domain.to_lowercase(), first.to_lowercase());
            }
        }
    }
    places
}

/// People of one name in two directories, at least, before these are of one organisation.
const FEWEST_SHARED: usize = 3;
/// Share of the people of the smaller directory that the larger has to have, in percent.
const LEAST_SHARED: usize = 25;

/// Directories that hold the same people are of one organisation: the smaller is taken for a part of the larger.
fn join_directories(nodes: &[Node], places: &mut HashMap<String, String>) {
    let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut holders: HashMap<String, BTreeSet<String>> = HashMap::new();
    for node in nodes {
        let (Some(address), Some(name)) = (&node.address, &node.main) else {
            continue;
        };
        let Some(key) = name.key().filter(|_| !address.is_public()) else {
            continue;
        };
        let place = places
            .get(&address.organisation)
            .unwrap_or(&address.organisation);
        people.entry(place.clone()).or_default().insert(key.clone());
        if address.kind != AddressKind::Smtp
            || address.domain.is_empty()
            || places.values().any(|known| known == place)
        {
            holders.entry(key).or_default().insert(place.clone());
        }
    }
    let directories: BTreeSet<String> = nodes
        .iter()
        .filter_map(|node| node.address.as_ref())
        .filter(|address| {
            address.kind != AddressKind::Smtp && !places.contains_key(&address.organisation)
        })
        .map(|address| address.organisation.clone())
        .collect();
    let mut found = Vec::new();
    for directory in &directories {
        let own = &people.get(directory).cloned().unwrap_or_default();
        let mut shared: BTreeMap<&String, usize> = BTreeMap::new();
        for place in own
            .iter()
            .filter_map(|key| holders.get(key))
            .flatten()
            .filter(|place| *place != directory)
        {
            *shared.entry(place).or_default() += 1;
        }
        let larger = shared.into_iter().filter(|(place, count)| {
            *count >= FEWEST_SHARED
                && count * 100 >= own.len() * LEAST_SHARED
                && people[*place].len() > own.len()
        });
        if let Some((place, _)) = larger.max_by_key(|(place, count)| (*count, people[*place].len()))
        {
            found.push((directory.clone(), place.clone()));
        }
    }
    for (directory, place) in &found {
        // The larger may be a part of a larger one itself; each is larger than the one before, so this ends.
        let mut whole = place;
        while let Some((_, above)) = found.iter().find(|(below, _)| below == whole) {
            whole = above;
        }
        places.insert(directory.clone(), whole.clone());
    }
}

/// Fewest letters of an address that is told to be made of a name.
const SHORTEST_MADE: usize = 5;
/// Fewest letters of a name of which a slip can be told from another name.
const SHORTEST_MISSPELT: usize = 9;
/// Most letters that a slip changes.
const MOST_SLIPS: usize = 2;

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
