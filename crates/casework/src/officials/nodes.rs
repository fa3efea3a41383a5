//! The mailboxes and bare names of a case: what is told of each by all the strings that name it.

use super::addresses::Address;
use super::addresses::Fit;
use super::names::Likeness;
use super::names::NameKind;
use super::names::PersonName;
use super::names::squeezed;
use super::redacted::is_redacted;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// A person string of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling<'a> {
    /// Its number.
    pub id: u32,
    /// The display name.
    pub name: Option<&'a str>,
    /// The address as written.
    pub address: Option<&'a str>,
    /// How many messages have it.
    pub seen: u32,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody.
    Person,
    /// An office, a list, a machine, or an address that several people use.
    Mailbox,
    /// A name by which nobody can be told: a single word.
    Unclear,
    /// A redaction: somebody whose name was taken out.
    Anonymous,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Mailbox => "mailbox",
            Self::Unclear => "unclear",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A name that a node goes by.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: PersonName,
    pub(super) written: String,
    pub(super) seen: u32,
}

/// A mailbox, or a name without an address.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Address in the form it is compared by, or the folded name.
    pub(super) key: String,
    pub(super) address: Option<Address>,
    pub(super) kind: Kind,
    /// Names, the most frequent first.
    pub(super) names: Vec<Known>,
    /// The name to compare by: the most frequent full one, or the one that the address tells.
    pub(super) main: Option<PersonName>,
    /// Whether only the address tells it.
    pub(super) guessed: bool,
    pub(super) seen: u32,
    pub(super) spellings: Vec<u32>,
}

impl Node {
    /// Its full names.
    pub(super) fn full_names(&self) -> impl Iterator<Item = &PersonName> {
        let names = self.names.iter().map(|known| &known.name);
        names.chain(&self.main).filter(|name| name.is_full())
    }

    /// Its family names as they are compared, each once.
    pub(super) fn families(&self) -> BTreeSet<String> {
        let families = self.full_names().map(|name| squeezed(&name.family));
        families.collect()
    }

    fn new(key: String, address: Option<Address>) -> Self {
        Self {
            key,
            address,
            kind: Kind::Person,
            names: Vec::new(),
            main: None,
            guessed: false,
            seen: 0,
            spellings: Vec::new(),
        }
    }

    fn add(&mut self, spelling: &Spelling<'_>, name: Option<(PersonName, String)>) {
        let seen = spelling.seen.max(1);
        self.spellings.push(spelling.id);
        self.seen = self.seen.saturating_add(seen);
        self.names.extend(name.map(|(name, written)| Known {
            name,
            written,
            seen,
        }));
    }

    /// Takes another way to write the same address: the one with most blanks and dots tells most, and which string came
    /// first must not matter.
    fn also_written(&mut self, address: Address) {
        let signs = |address: &Address| {
            let signs = address.local.chars().filter(|c| !c.is_alphanumeric());
            std::cmp::Reverse(signs.count())
        };
        let rank = |address: &Address| {
            let Address {
                local,
                domain,
                organisation,
                ..
            } = address.clone();
            (signs(address), local, domain, organisation)
        };
        if let Some(known) = &mut self.address
            && *known != address
            && rank(&address) < rank(known)
        {
            *known = address;
        }
    }

    /// Each name once, the most frequent first. One address with thousands of names is a list; a few tell that.
    fn count_names(&mut self) {
        self.names
            .sort_by(|one, other| one.written.cmp(&other.written));
        self.names.dedup_by(|same, kept| {
            let is_same = same.written == kept.written;
            if is_same {
                kept.seen = kept.seen.saturating_add(same.seen);
            }
            is_same
        });
        self.names.sort_by(|one, other| {
            other
                .seen
                .cmp(&one.seen)
                .then_with(|| one.written.cmp(&other.written))
        });
        self.names.truncate(MOST_NAMES);
    }

    /// Decides what the node is and which name it is compared by.
    fn settle(&mut self) {
        self.count_names();
        if self.kind == Kind::Anonymous {
            return;
        }
        let fitting = |address: &Address, known: &Known| address.fit(&known.name);
        let full = self.names.iter().filter(|known| known.name.is_full());
        self.main = match &self.address {
            // The name that the address is made of, were another more frequent: a list or a helper may show its own.
            Some(address) => full
                .clone()
                .filter(|known| fitting(address, known) >= Fit::Initial)
                .max_by_key(|known| (fitting(address, known) == Fit::Whole, known.seen))
                .or_else(|| full.clone().next())
                .map(|known| known.name.clone())
                .or_else(|| address.told_name()),
            None => full.clone().next().map(|known| known.name.clone()),
        };
        self.guessed = !full.clone().any(|_| true);
        self.kind = self.judged();
    }

    fn judged(&self) -> Kind {
        let roles: u32 = self
            .names
            .iter()
            .filter(|known| known.name.kind == NameKind::Role)
            .map(|known| known.seen)
            .sum();
        let named: u32 = self
            .names
            .iter()
            .filter(|known| known.name.is_full())
            .map(|known| known.seen)
            .sum();
        match &self.address {
            Some(address)
                if address.is_role()
                    || (roles > 0 && roles >= named)
                    || self.is_shared(address) =>
            {
                Kind::Mailbox
            }
            Some(_) => Kind::Person,
            None if roles > 0 => Kind::Mailbox,
            None if self.main.is_some() => Kind::Person,
            None => Kind::Unclear,
        }
    }

    /// Whether people of different names write from it, and it is made of none of their names.
    fn is_shared(&self, address: &Address) -> bool {
        let Some(main) = &self.main else { return false };
        if address.fit(main) >= Fit::Half {
            return false;
        }
        let others = self
            .names
            .iter()
            .filter(|known| known.name.is_full() && known.name.likeness(main) == Likeness::Apart);
        let turned = |name: &PersonName| {
            name.given == main.family || name.family.split(' ').any(|word| word == main.given)
        };
        let (given, family) = (&main.given, &main.family);
        let mut others = others.filter(|known| !turned(&known.name));
        others.any(|known| known.name.given != *given && known.name.family != *family)
    }

    pub(super) fn is_bare(&self) -> bool {
        self.address.is_none()
    }

    /// Marks of agencies behind its names, in lower case.
    pub(super) fn marks(&self) -> Vec<(String, u32)> {
        let mut marks: Vec<(String, u32)> = Vec::new();
        for known in &self.names {
            let Some(mark) = &known.name.mark else {
                continue;
            };
            let mark = mark.to_lowercase();
            match marks.iter_mut().find(|(other, _)| *other == mark) {
                Some((_, seen)) => *seen += known.seen,
                None => marks.push((mark, known.seen)),
            }
        }
        marks
    }
}

/// Most different names kept of one address.
const MOST_NAMES: usize = 64;

/// The nodes of a case, and the node of each spelling.
pub(super) struct Nodes {
    pub(super) nodes: Vec<Node>,
    pub(super) of_spelling: HashMap<u32, u32>,
    pub(super) of_key: HashMap<String, u32>,
}

impl Nodes {
    pub(super) fn of<'a>(spellings: impl IntoIterator<Item = Spelling<'a>>) -> Self {
        let mut nodes = Self {
            nodes: Vec::new(),
            of_spelling: HashMap::new(),
            of_key: HashMap::new(),
        };
        for spelling in spellings {
            nodes.add(&spelling);
        }
        nodes.sort();
        nodes.nodes.iter_mut().for_each(Node::settle);
        nodes
    }

    /// Numbers the nodes in the order of their keys, so that nothing depends on which string came first.
    fn sort(&mut self) {
        let mut order: Vec<u32> = (0..self.nodes.len() as u32).collect();
        order.sort_unstable_by(|one, other| {
            let key = |node: u32| &self.nodes[node as usize].key;
            key(*one).cmp(key(*other))
        });
        let mut places = vec![0; order.len()];
        for (place, node) in (0u32..).zip(&order) {
            places[*node as usize] = place;
        }
        let mut unsorted: Vec<Option<Node>> = self.nodes.drain(..).map(Some).collect();
        let sorted = order
            .iter()
            .filter_map(|node| unsorted[*node as usize].take());
        self.nodes = sorted.collect();
        let numbers = self
            .of_spelling
            .values_mut()
            .chain(self.of_key.values_mut());
        numbers.for_each(|node| *node = places[*node as usize]);
    }

    fn add(&mut self, spelling: &Spelling<'_>) {
        let name = spelling.name.map(str::trim).filter(|name| !name.is_empty());
        let address = Address::of_string(name, spelling.address);
        let written = name.or(spelling.address).unwrap_or_default();
        let redacted = spelling.address.is_some_and(is_redacted)
            || (address.is_none() && is_redacted(written));
        let (key, kind) = match &address {
            _ if redacted => ("(redacted)".to_owned(), Kind::Anonymous),
            Some(address) => (shortened(&address.key), Kind::Person),
            None => (bare_key(written), Kind::Person),
        };
        let next = self.nodes.len() as u32;
        let node = *self.of_key.entry(key.clone()).or_insert(next);
        let address = address.filter(|_| !redacted);
        if node == next {
            self.nodes.push(Node {
                kind,
                ..Node::new(key, address)
            });
        } else if let Some(address) = address {
            self.nodes[node as usize].also_written(address);
        }
        self.of_spelling.insert(spelling.id, node);
        let name = name.filter(|name| redacted || !is_redacted(name));
        let name = name.map(|name| (PersonName::read(name), name.to_owned()));
        let name = match (name, &self.nodes[node as usize].address) {
            (None, None) => Some((PersonName::read(written), written.to_owned())),
            (name, _) => name,
        };
        self.nodes[node as usize].add(spelling, name);
    }
}

/// What a bare name is told from others by: its words in order of a full name, and its mark.
pub(super) fn bare_key(written: &str) -> String {
    let name = PersonName::read(written);
    if !name.is_full() {
        return format!(
            "= {}",
            shortened(
                &super::fold::fold(written)
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            )
        );
    }
    let mark = name.mark.as_deref().unwrap_or_default().to_lowercase();
    let suffix = name.suffix.unwrap_or_default();
    format!(
        "= {}|{}|{}|{suffix}|{mark}",
        name.family,
        name.given,
        name.middle.join(" ")
    )
}

/// Longest key kept as it is, in bytes.
const LONGEST_KEY: usize = 400;

/// A key that is too long to compare whole, by its beginning and a hash.
fn shortened(key: &str) -> String {
    if key.len() <= LONGEST_KEY {
        return key.to_owned();
    }
    let start = &key[..key.floor_char_boundary(100)];
    format!("{start}…{}", blake3::hash(key.as_bytes()).to_hex())
}

/// Whether two names as written are one without an address: in any shape, with the same mark.
pub fn same_name(one: &str, other: &str) -> bool {
    bare_key(one) == bare_key(other)
}
