//! Writing who is who into the ledger: only what differs from what is there.
//!
//! An identity keeps its number as long as it keeps one of its strings. A hash over all that is written of it tells whether
//! any of that has changed. Where most has, all is written anew.

use crate::CaseError;
use crate::ledger::LedgerFile;
use std::collections::HashMap;
use std::collections::HashSet;

/// What was written last.
pub(super) struct Former {
    /// The identity of each string.
    identified: HashMap<u32, u32>,
    /// The hash of each identity.
    prints: HashMap<u32, i64>,
}

/// What is to be done.
pub(super) struct Plan {
    /// The number of each identity, old or new.
    pub(super) numbers: Vec<u32>,
    /// Which identities are to be written, by their place.
    pub(super) changed: Vec<usize>,
    /// Numbers of identities whose rows have to go first.
    gone: Vec<u32>,
    /// Whether all rows go.
    pub(super) anew: bool,
}

impl Former {
    pub(super) fn read(ledger: &LedgerFile) -> Result<Self, CaseError> {
        let pairs = |sql| {
            ledger.rows(sql, [], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?))
            })
        };
        let identified = pairs("SELECT person, identity FROM identified")?;
        // A version that keeps no hashes may have written last.
        let prints =
            "SELECT s.identity, s.print FROM settled s JOIN identities i ON i.id = s.identity";
        let number = |identity| u32::try_from(identity).unwrap_or_default();
        Ok(Self {
            identified: identified
                .into_iter()
                .map(|(person, identity)| (person, number(identity)))
                .collect(),
            prints: pairs(prints)?.into_iter().collect(),
        })
    }

    /// Compares with what is to be there: the strings and the hash of each identity.
    pub(super) fn compare(&self, strings: &[Vec<u32>], prints: &[i64]) -> Plan {
        let numbers = self.numbers(strings);
        let is_same = |at: &usize| self.prints.get(&numbers[*at]) == Some(&prints[*at]);
        let changed: Vec<usize> = (0..numbers.len()).filter(|at| !is_same(at)).collect();
        let kept: HashSet<u32> = (0..numbers.len())
            .filter(is_same)
            .map(|at| numbers[at])
            .collect();
        let former: HashSet<u32> = self.identified.values().copied().collect();
        let mut gone: Vec<u32> = former.difference(&kept).copied().collect();
        gone.sort_unstable();
        let anew = (changed.len() + gone.len()) * 2 > numbers.len() + former.len();
        Plan {
            changed: if anew {
                (0..numbers.len()).collect()
            } else {
                changed
            },
            numbers,
            gone,
            anew,
        }
    }

    /// Numbers for identities: that of one of their strings where no other has it, else one that was never given.
    fn numbers(&self, strings: &[Vec<u32>]) -> Vec<u32> {
        let mut taken = HashSet::new();
        let mut numbers: Vec<Option<u32>> = strings
            .iter()
            .map(|strings| {
                let mut former = strings.iter().filter_map(|one| self.identified.get(one));
                former.find(|number| taken.insert(**number)).copied()
            })
            .collect();
        let highest = self.identified.values().max();
        let next = highest.map_or(0, |highest| highest + 1);
        let without = numbers.iter_mut().filter(|number| number.is_none());
        for (next, number) in (next..).zip(without) {
            *number = Some(next);
        }
        numbers.into_iter().flatten().collect()
    }
}

impl Plan {
    /// Takes the rows out that are no longer true.
    pub(super) fn clear(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        if self.anew {
            for table in [
                "settled",
                "identities",
                "identified",
                "known_as",
                "members",
                "joins",
            ] {
                ledger.change(&format!("DELETE FROM {table}"), [])?;
            }
            return Ok(());
        }
        if self.gone.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = self.gone.iter().map(u32::to_string).collect();
        let list = format!("[{}]", list.join(","));
        let gone = "IN (SELECT value FROM json_each(?1))";
        for sql in [
            format!(
                "DELETE FROM members WHERE person IN (SELECT person FROM identified WHERE identity {gone})"
            ),
            format!("DELETE FROM known_as WHERE identity {gone}"),
            format!("DELETE FROM joins WHERE identity {gone}"),
            format!("DELETE FROM identified WHERE identity {gone}"),
            format!("DELETE FROM identities WHERE id {gone}"),
        ] {
            ledger.change(&sql, [&list])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn former() -> Former {
        Former {
            identified: HashMap::from([(1, 0), (2, 0), (3, 1), (4, 2), (5, 3)]),
            prints: HashMap::from([(0, 10), (1, 11), (2, 12), (3, 13)]),
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        // String 2 has left identity 0, 3 has not changed, 4 is joined with 6, 5 has gone.
        let strings = [vec![1], vec![2], vec![3], vec![4, 6]];
        let plan = former().compare(&strings, &[20, 21, 11, 22]);
        assert_eq!(plan.numbers, [0, 4, 1, 2]);
        assert!(plan.anew, "most has changed");
        assert_eq!(plan.changed, [0, 1, 2, 3]);
        let strings = [vec![1, 2], vec![3], vec![4], vec![7]];
        let plan = former().compare(&strings, &[10, 11, 12, 23]);
        assert_eq!(plan.numbers, [0, 1, 2, 4]);
        assert!(!plan.anew);
        assert_eq!((plan.changed, plan.gone), (vec![3], vec![3]));
    }

    #[test]
    fn a_former_that_kept_no_hashes_is_written_anew() {
        let mut former = former();
        former.prints.clear();
        let strings = [vec![1, 2], vec![3], vec![4], vec![5]];
        let plan = former.compare(&strings, &[10, 11, 12, 13]);
        assert!(plan.anew);
        assert_eq!(plan.gone, [0, 1, 2, 3]);
    }
}
