//! Disjoint sets.

/// Disjoint sets of the numbers below a count, with path halving and union by size.
pub(crate) struct Forest {
    above: Vec<u32>,
    size: Vec<u32>,
}

impl Forest {
    pub(crate) fn new() -> Self {
        Self {
            above: Vec::new(),
            size: Vec::new(),
        }
    }

    /// Adds a set of one; gives its number.
    pub(crate) fn push(&mut self) -> u32 {
        let place = self.above.len() as u32;
        self.above.push(place);
        self.size.push(1);
        place
    }

    pub(crate) fn root(&mut self, mut place: u32) -> u32 {
        while self.above[place as usize] != place {
            let above = self.above[place as usize];
            self.above[place as usize] = self.above[above as usize];
            place = above;
        }
        place
    }

    /// Members of the set that a number is in.
    pub(crate) fn size(&mut self, place: u32) -> u32 {
        let root = self.root(place);
        self.size[root as usize]
    }

    /// Joins two sets; gives the root of both, and whether they were two.
    pub(crate) fn join(&mut self, one: u32, other: u32) -> (u32, bool) {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return (one, false);
        }
        let (small, large) = if self.size[one as usize] < self.size[other as usize] {
            (one, other)
        } else {
            (other, one)
        };
        self.above[small as usize] = large;
        self.size[large as usize] += self.size[small as usize];
        (large, true)
    }
}
