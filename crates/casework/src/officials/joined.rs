//! Sets of nodes that are joined one after the other, and that some pairs of must never be in together.

use std::collections::HashSet;

/// Joins nodes into sets.
#[derive(Clone, Debug)]
pub(super) struct Joined {
    parents: Vec<u32>,
    /// Of each head, the nodes that must not be in its set.
    enemies: Vec<Vec<u32>>,
    /// Of each head, the official that the user has confirmed it to be.
    owners: Vec<Option<u32>>,
}

impl Joined {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            parents: (0..nodes as u32).collect(),
            enemies: vec![Vec::new(); nodes],
            owners: vec![None; nodes],
        }
    }

    /// The head of the set that a node is in.
    pub(super) fn head(&mut self, node: u32) -> u32 {
        let mut head = node;
        while self.parents[head as usize] != head {
            let above = self.parents[self.parents[head as usize] as usize];
            self.parents[head as usize] = above;
            head = above;
        }
        head
    }

    /// Says that a node is of a confirmed official.
    pub(super) fn own(&mut self, node: u32, owner: u32) {
        let head = self.head(node);
        self.owners[head as usize].get_or_insert(owner);
    }

    /// The confirmed official of a node.
    pub(super) fn owner(&mut self, node: u32) -> Option<u32> {
        let head = self.head(node);
        self.owners[head as usize]
    }

    /// Says that two nodes must not come together.
    pub(super) fn part(&mut self, one: u32, other: u32) {
        let (one_head, other_head) = (self.head(one), self.head(other));
        if one_head != other_head {
            self.enemies[one_head as usize].push(other);
            self.enemies[other_head as usize].push(one);
        }
    }

    /// Whether two nodes may come together.
    pub(super) fn may_join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.head(one), self.head(other));
        if one == other {
            return true;
        }
        if let (Some(one), Some(other)) = (self.owners[one as usize], self.owners[other as usize])
            && one != other
        {
            return false;
        }
        let (few, many) = if self.enemies[one as usize].len() <= self.enemies[other as usize].len()
        {
            (one, other)
        } else {
            (other, one)
        };
        let enemies: Vec<u32> = self.enemies[few as usize].clone();
        enemies.into_iter().all(|enemy| self.head(enemy) != many)
    }

    /// Joins two sets; gives whether they were apart and may be joined. The smaller number is the head.
    pub(super) fn join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.head(one), self.head(other));
        if one == other || !self.may_join(one, other) {
            return false;
        }
        let (head, below) = (one.min(other), one.max(other));
        self.parents[below as usize] = head;
        let enemies = std::mem::take(&mut self.enemies[below as usize]);
        self.enemies[head as usize].extend(enemies);
        let known: HashSet<u32> = self.enemies[head as usize].drain(..).collect();
        self.enemies[head as usize] = known.into_iter().collect();
        self.enemies[head as usize].sort_unstable();
        self.owners[head as usize] = self.owners[head as usize].or(self.owners[below as usize]);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_stay_apart_is_not_joined_by_a_third() {
        let mut joined = Joined::new(5);
        joined.part(0, 2);
        assert!(joined.join(0, 1));
        assert!(!joined.join(1, 2));
        assert!(joined.join(2, 3));
        assert!(!joined.join(3, 0));
        joined.own(4, 7);
        joined.own(3, 8);
        assert!(!joined.may_join(2, 4), "two confirmed officials stay two");
        assert!(joined.join(4, 1));
        assert_eq!(joined.owner(0), Some(7));
        assert_eq!(joined.head(4), joined.head(0));
    }
}
