//! Threads by headers: messages joined by Message-ID, References and In-Reply-To.
//!
//! The evidence is that of RFC 5256 §2.2 (REFERENCES), without its last step: no two
//! messages are joined because their subjects are alike. A message that is referred to
//! and not in the case still joins those that refer to it.

use muckrake_mail::Message;
use std::collections::HashMap;

/// The name of one Message-ID in the thread tables: 64 bits of its BLAKE3 hash.
pub type Reference = u64;

/// What threading needs to know of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Its own Message-ID; `None` if it has none.
    pub own: Option<Reference>,
    /// The messages it answers, oldest first: References, or else the first In-Reply-To.
    pub ancestors: Vec<Reference>,
}

impl References {
    /// Takes the references out of a message.
    pub fn of(message: &Message) -> Self {
        let ancestors = if message.references.is_empty() {
            &message.in_reply_to[..message.in_reply_to.len().min(1)]
        } else {
            &message.references[..]
        };
        Self {
            own: message.message_id.as_deref().map(reference),
            ancestors: ancestors.iter().map(|id| reference(id)).collect(),
        }
    }

    /// Packs into bytes: eight for each id, little-endian, its own first (zero if it has none).
    pub fn to_bytes(&self) -> Vec<u8> {
        let own = self.own.unwrap_or(0);
        std::iter::once(own)
            .chain(self.ancestors.iter().copied())
            .flat_map(u64::to_le_bytes)
            .collect()
    }

    /// Reads what [`Self::to_bytes`] wrote; trailing bytes that make no id are dropped.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut ids = bytes.chunks_exact(8).map(|chunk| {
            chunk
                .iter()
                .rev()
                .fold(0, |id, byte| id << 8 | u64::from(*byte))
        });
        let own = ids.next().filter(|id| *id != 0);
        Self {
            own,
            ancestors: ids.collect(),
        }
    }
}

/// Names a Message-ID; `<"a"@x>` and `<a@x>` are the same (RFC 5256 §2.2).
pub fn reference(message_id: &str) -> Reference {
    let id = message_id
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>');
    let plain: String;
    let normal = match id.rsplit_once('@') {
        Some((local, domain))
            if local.len() >= 2 && local.starts_with('"') && local.ends_with('"') =>
        {
            plain = format!("{}@{domain}", &local[1..local.len() - 1]);
            plain.as_str()
        }
        _ => id,
    };
    let hash = blake3::hash(normal.as_bytes());
    // Zero means "no id" in the packed form.
    hash.as_bytes()[..8]
        .iter()
        .fold(0, |id, byte| id << 8 | u64::from(*byte))
        .max(1)
}

/// One message of the case, as [`threads`] sees it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its ordinal.
    pub ordinal: u32,
    /// Seconds since the Unix epoch, if it is dated.
    pub date: Option<i64>,
    /// A tie-break that is the same in every rebuild: the message's key.
    pub key: [u8; 20],
    /// What it refers to.
    pub references: References,
}

/// Joins messages into threads: for each member, in the order given, the ordinal of
/// its thread's head. The head is the earliest dated message (then the undated, then by
/// key), so it does not depend on the order of ingest.
pub fn threads(members: &[Member]) -> Vec<u32> {
    let mut forest = Forest::with_capacity(members.len());
    let mut named: HashMap<Reference, usize> = HashMap::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        let ids = member
            .references
            .own
            .iter()
            .chain(&member.references.ancestors);
        for id in ids {
            match named.get(id) {
                Some(other) => forest.join(index, *other),
                None => {
                    named.insert(*id, index);
                }
            }
        }
    }
    let mut heads: HashMap<usize, usize> = HashMap::new();
    for index in 0..members.len() {
        let root = forest.root(index);
        let head = heads.entry(root).or_insert(index);
        if rank(&members[index]) < rank(&members[*head]) {
            *head = index;
        }
    }
    (0..members.len())
        .map(|index| {
            let root = forest.root(index);
            members[heads.get(&root).copied().unwrap_or(index)].ordinal
        })
        .collect()
}

fn rank(member: &Member) -> (bool, i64, [u8; 20]) {
    (member.date.is_none(), member.date.unwrap_or(0), member.key)
}

/// One message's place in the tree of its thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The message, as its position in the list given; `None` for one that is
    /// referred to and not in the case.
    pub member: Option<usize>,
    /// The id by which it is referred to.
    pub reference: Option<Reference>,
    /// Position of its parent in the list of nodes.
    pub parent: Option<usize>,
    /// Generations above it.
    pub depth: usize,
}

/// Arranges the messages of one thread as a tree, in reading order: parents before
/// children, siblings by date. Absent messages that have a child here keep their place.
pub fn tree(members: &[Member]) -> Vec<Node> {
    let mut places: HashMap<Reference, usize> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        let reference = member.references.own;
        nodes.push(Node {
            member: Some(index),
            reference,
            parent: None,
            depth: 0,
        });
        if let Some(reference) = reference {
            places.entry(reference).or_insert(index);
        }
    }
    for (index, member) in members.iter().enumerate() {
        let mut above: Option<usize> = None;
        for id in &member.references.ancestors {
            let place = *places.entry(*id).or_insert_with(|| {
                nodes.push(Node {
                    member: None,
                    reference: Some(*id),
                    parent: None,
                    depth: 0,
                });
                nodes.len() - 1
            });
            if let Some(parent) = above
                && nodes[place].parent.is_none()
                && nodes[place].member.is_none()
            {
                attach(&mut nodes, place, parent);
            }
            above = Some(place);
        }
        if let Some(parent) = above {
            attach(&mut nodes, index, parent);
        }
    }
    reading_order(&nodes, members)
}

/// Makes `parent` the parent of `child` unless that would close a loop.
fn attach(nodes: &mut [Node], child: usize, parent: usize) {
    let mut ancestor = Some(parent);
    while let Some(place) = ancestor {
        if place == child {
            return;
        }
        ancestor = nodes[place].parent;
    }
    nodes[child].parent = Some(parent);
}

fn reading_order(nodes: &[Node], members: &[Member]) -> Vec<Node> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        match node.parent {
            Some(parent) => children[parent].push(place),
            None => roots.push(place),
        }
    }
    let dates = subtree_dates(nodes, members);
    let order = |places: &mut Vec<usize>| {
        places.sort_by_key(|place| (dates[*place].is_none(), dates[*place], *place))
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

/// The date of each node; that of an absent message is its earliest child's.
fn subtree_dates(nodes: &[Node], members: &[Member]) -> Vec<Option<i64>> {
    let mut dates: Vec<Option<i64>> = nodes
        .iter()
        .map(|node| node.member.and_then(|member| members[member].date))
        .collect();
    for (place, node) in nodes.iter().enumerate() {
        let (Some(_), Some(date)) = (node.member, dates[place]) else {
            continue;
        };
        let mut above = node.parent;
        while let Some(parent) = above {
            if nodes[parent].member.is_some() || dates[parent].is_some_and(|known| known <= date) {
                break;
            }
            dates[parent] = Some(date);
            above = nodes[parent].parent;
        }
    }
    dates
}

/// Disjoint sets with path halving and union by size.
struct Forest {
    above: Vec<usize>,
    size: Vec<usize>,
}

impl Forest {
    fn with_capacity(count: usize) -> Self {
        Self {
            above: (0..count).collect(),
            size: vec![1; count],
        }
    }

    fn root(&mut self, mut place: usize) -> usize {
        while self.above[place] != place {
            self.above[place] = self.above[self.above[place]];
            place = self.above[place];
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return;
        }
        let (small, large) = if self.size[one] < self.size[other] {
            (one, other)
        } else {
            (other, one)
        };
        self.above[small] = large;
        self.size[large] += self.size[small];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(ordinal: u32, date: i64, own: &str, ancestors: &[&str]) -> Member {
        Member {
            ordinal,
            date: Some(date),
            key: [ordinal as u8; 20],
            references: References {
                own: Some(reference(own)),
                ancestors: ancestors.iter().map(|id| reference(id)).collect(),
            },
        }
    }

    #[test]
    fn joins_through_a_message_that_is_not_there() {
        let members = [
            member(0, 30, "c@x", &["a@x", "missing@x"]),
            member(1, 10, "a@x", &[]),
            member(2, 20, "b@x", &["missing@x"]),
            member(3, 5, "other@x", &[]),
        ];
        assert_eq!(threads(&members), [1, 1, 1, 3]);
    }

    #[test]
    fn draws_absent_messages_in_their_place() {
        let members = [
            member(0, 10, "a@x", &[]),
            member(1, 30, "c@x", &["a@x", "b@x"]),
        ];
        let nodes = tree(&members);
        let drawn: Vec<_> = nodes.iter().map(|node| (node.member, node.depth)).collect();
        assert_eq!(drawn, [(Some(0), 0), (None, 1), (Some(1), 2)]);
    }

    #[test]
    fn survives_loops_and_self_references() {
        let members = [
            member(0, 1, "a@x", &["b@x"]),
            member(1, 2, "b@x", &["a@x"]),
            member(2, 3, "c@x", &["c@x"]),
        ];
        assert_eq!(threads(&members), [0, 0, 2]);
        assert_eq!(tree(&members).len(), 3);
    }

    #[test]
    fn packs_and_unpacks() {
        let references = References {
            own: None,
            ancestors: vec![reference("a@x"), reference("b@x")],
        };
        assert_eq!(References::from_bytes(&references.to_bytes()), references);
        assert_eq!(reference("<\"a\"@x>"), reference("a@x"));
    }
}
