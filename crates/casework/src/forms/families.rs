//! From pairs to families: the messages that are one mail.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

/// A pair that was found alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The smaller ordinal.
    pub one: u32,
    /// The greater.
    pub other: u32,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// How much of both texts is shared, in thousandths.
    pub shared: u16,
}

/// By how much a second mail may share less with a print-out than the best does, in thousandths, to be told as one
/// with it too.
const AS_GOOD: u16 = 20;

/// Of the pairs those that are told: a print-out is of one mail, the one that it shares most with (or of several that are as
/// good, since one text may go out several times); two print-outs are told whenever they are alike.
pub fn holding(pairs: &[Pair], is_printed: impl Fn(u32) -> bool) -> Vec<Pair> {
    let mail_of = |pair: &Pair| match (is_printed(pair.one), is_printed(pair.other)) {
        (true, false) => Some(pair.one),
        (false, true) => Some(pair.other),
        _ => None,
    };
    let mut best: HashMap<u32, (u8, u16)> = HashMap::new();
    for pair in pairs {
        if let Some(print) = mail_of(pair) {
            let best = best.entry(print).or_default();
            *best = (*best).max((pair.confidence, pair.shared));
        }
    }
    let holds = |pair: &&Pair| {
        let Some(best) = mail_of(pair).and_then(|print| best.get(&print)) else {
            return true;
        };
        pair.confidence.saturating_add(2) >= best.0 && pair.shared.saturating_add(AS_GOOD) >= best.1
    };
    pairs.iter().filter(holds).copied().collect()
}

/// Messages put together link by link. Two that somebody said are two mails are never in one family.
#[derive(Default)]
pub struct Families {
    above: HashMap<u32, u32>,
    /// For the root of a family those of the families that it must not be joined with.
    apart: HashMap<u32, HashSet<u32>>,
}

impl Families {
    /// No links yet. `rejected` are pairs of messages that are two mails.
    pub fn new(rejected: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut apart: HashMap<u32, HashSet<u32>> = HashMap::new();
        for (one, other) in rejected {
            apart.entry(one).or_default().insert(other);
            apart.entry(other).or_default().insert(one);
        }
        Self {
            above: HashMap::new(),
            apart,
        }
    }

    /// Joins by pairs, the surest first. The order of the list does not matter.
    pub fn join_all(&mut self, mut pairs: Vec<Pair>) {
        pairs.sort_unstable_by_key(|pair| {
            (
                Reverse((pair.confidence, pair.shared)),
                pair.one,
                pair.other,
            )
        });
        for pair in pairs {
            self.join(pair.one, pair.other);
        }
    }

    /// Joins messages that all say the same: each with the first family among them that nobody has rejected.
    pub fn join_group(&mut self, messages: &[u32]) {
        let mut families: Vec<u32> = Vec::new();
        for message in messages {
            let joined = families.iter().any(|first| self.join(*first, *message));
            if !joined {
                families.push(*message);
            }
        }
    }

    /// Joins the families of two messages; false if somebody has said that they are two.
    pub fn join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return true;
        }
        if self
            .apart
            .get(&one)
            .is_some_and(|apart| apart.contains(&other))
        {
            return false;
        }
        let (root, leaf) = (one.min(other), one.max(other));
        self.above.insert(leaf, root);
        for far in self.apart.remove(&leaf).unwrap_or_default() {
            if let Some(of_far) = self.apart.get_mut(&far) {
                of_far.remove(&leaf);
                of_far.insert(root);
            }
            self.apart.entry(root).or_default().insert(far);
        }
        true
    }

    /// The family of a message, named by the smallest ordinal in it.
    pub fn root(&mut self, message: u32) -> u32 {
        let mut root = message;
        while let Some(above) = self.above.get(&root) {
            root = *above;
        }
        let mut place = message;
        while let Some(above) = self.above.get_mut(&place) {
            place = std::mem::replace(above, root);
            if place == root {
                break;
            }
        }
        root
    }

    /// The families of more than one of these messages' joins, by their names.
    pub fn all(&mut self) -> BTreeMap<u32, Vec<u32>> {
        let mut members: Vec<u32> = self
            .above
            .iter()
            .flat_map(|(leaf, root)| [*leaf, *root])
            .collect();
        members.sort_unstable();
        members.dedup();
        let mut families: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for member in members {
            families.entry(self.root(member)).or_default().push(member);
        }
        families
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(one: u32, other: u32, confidence: u8, shared: u16) -> Pair {
        Pair {
            one,
            other,
            confidence,
            shared,
        }
    }

    #[test]
    fn a_print_is_of_the_mail_that_it_shares_most_with() {
        // 0 and 1 are mails, 2 and 3 print-outs.
        let pairs = [
            pair(0, 2, 95, 990),
            pair(1, 2, 94, 900),
            pair(2, 3, 80, 700),
        ];
        let told = holding(&pairs, |ordinal| ordinal >= 2);
        assert_eq!(told, [pairs[0], pairs[2]]);
        let twins = [pair(0, 2, 95, 990), pair(1, 2, 95, 990)];
        assert_eq!(holding(&twins, |ordinal| ordinal >= 2), twins);
    }

    #[test]
    fn what_somebody_rejected_is_kept_apart_by_every_way() {
        let mut families = Families::new([(1, 4)]);
        families.join_all(vec![
            pair(1, 2, 90, 0),
            pair(3, 4, 85, 0),
            pair(2, 3, 99, 0),
        ]);
        // 2 and 3 first, then 1 to them; 4 stays out.
        assert_eq!(families.all(), BTreeMap::from([(1, vec![1, 2, 3])]));
        let mut families = Families::new([(5, 7)]);
        families.join_group(&[5, 6, 7, 8]);
        assert_eq!(families.all(), BTreeMap::from([(5, vec![5, 6, 8])]));
    }
}
