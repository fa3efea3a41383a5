//! Families: a message as it was delivered, with all the messages attached to it, at any depth.
//!
//! A message that was delivered several times, alone and attached to others, is of several families.

use crate::CaseError;
use crate::ledger::LedgerFile;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::collections::HashSet;

/// The families of a case that have more than one member.
#[derive(Debug, Default)]
pub(crate) struct Families {
    members: Vec<Vec<u32>>,
    /// The places in `members` of the families that a message is of.
    of: HashMap<u32, Vec<usize>>,
    /// All messages that are of a family.
    all: RoaringBitmap,
}

impl Families {
    /// Reads which copies lie in which.
    pub(crate) fn read(ledger: &LedgerFile) -> Result<Self, CaseError> {
        let sql = "SELECT c.id, c.message, c.parent, p.message FROM copies c JOIN copies p ON p.id = c.parent
                   ORDER BY c.id";
        let attached = ledger.rows(sql, [], |row| {
            Ok(Attached {
                copy: row.get(0)?,
                message: row.get(1)?,
                parent: row.get(2)?,
                parent_message: row.get(3)?,
            })
        })?;
        Ok(Self::of(&attached))
    }

    /// Families from what lies in what.
    fn of(attached: &[Attached]) -> Self {
        let by_copy: HashMap<i64, &Attached> = attached.iter().map(|one| (one.copy, one)).collect();
        let mut tops: HashMap<i64, RoaringBitmap> = HashMap::new();
        let mut known: HashMap<i64, (i64, u32)> = HashMap::new();
        for one in attached {
            let (top, message) = top_of(one, &by_copy, &mut known);
            let family = tops.entry(top).or_default();
            family.insert(message);
            family.insert(one.message);
        }
        // Copies of one family make it once.
        let mut seen: HashSet<Vec<u32>> = HashSet::new();
        let mut families = Self::default();
        for family in tops.into_values() {
            families.all |= &family;
            let members: Vec<u32> = family.iter().collect();
            if seen.insert(members.clone()) {
                for member in &members {
                    let place = families.members.len();
                    families.of.entry(*member).or_default().push(place);
                }
                families.members.push(members);
            }
        }
        families
    }

    /// A set of messages with all the families that any of them is of.
    pub(crate) fn around(&self, messages: &RoaringBitmap) -> RoaringBitmap {
        let mut with = messages.clone();
        let mut taken = HashSet::new();
        for message in messages & &self.all {
            for place in self.of.get(&message).into_iter().flatten() {
                if taken.insert(*place) {
                    with.extend(self.members.get(*place).into_iter().flatten());
                }
            }
        }
        with
    }
}

/// A copy that lies in another.
#[derive(Clone, Copy, Debug)]
struct Attached {
    copy: i64,
    message: u32,
    parent: i64,
    parent_message: u32,
}

/// The copy at the top of what a copy lies in, and its message. Each way up is walked once.
fn top_of(
    one: &Attached,
    by_copy: &HashMap<i64, &Attached>,
    known: &mut HashMap<i64, (i64, u32)>,
) -> (i64, u32) {
    let mut way = Vec::new();
    let mut at = *one;
    let top = loop {
        if let Some(top) = known.get(&at.copy) {
            break *top;
        }
        way.push(at.copy);
        match by_copy.get(&at.parent) {
            // A copy has a smaller number than those in it, so that the way ends.
            Some(above) if above.copy < at.copy => at = **above,
            _ => break (at.parent, at.parent_message),
        }
    };
    known.extend(way.into_iter().map(|copy| (copy, top)));
    top
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Copies as (copy, message, parent, message of the parent).
    fn families(rows: &[(i64, u32, i64, u32)]) -> Families {
        let rows: Vec<Attached> = rows
            .iter()
            .map(|&(copy, message, parent, parent_message)| Attached {
                copy,
                message,
                parent,
                parent_message,
            })
            .collect();
        Families::of(&rows)
    }

    fn around(families: &Families, messages: &[u32]) -> Vec<u32> {
        let messages = messages.iter().copied().collect();
        families.around(&messages).iter().collect()
    }

    #[test]
    fn a_family_is_what_was_delivered_as_one() {
        // 1 holds 2, which holds 3, and 4. 5 holds 3 too. 9 is alone.
        let families = families(&[
            (11, 2, 10, 1),
            (12, 3, 11, 2),
            (13, 4, 10, 1),
            (21, 3, 20, 5),
        ]);
        assert_eq!(around(&families, &[4]), [1, 2, 3, 4]);
        // What is of two families brings both, and no family brings another in.
        assert_eq!(around(&families, &[3]), [1, 2, 3, 4, 5]);
        assert_eq!(around(&families, &[5]), [3, 5]);
        assert_eq!(around(&families, &[9]), [9]);
        assert_eq!(around(&families, &[]), [0; 0]);
    }

    #[test]
    fn a_deep_nest_is_walked_once() {
        let rows: Vec<_> = (1..50_000)
            .map(|n| (n, n as u32, n - 1, n as u32 - 1))
            .collect();
        assert_eq!(around(&families(&rows), &[7]).len(), 50_000);
    }
}
