//! Threads: messages joined by what headers prove, then by what is guessed.
//!
//! The proof is that of RFC 5256 §2.2 (REFERENCES), without its last step: no two messages are joined
//! because their subjects are alike. A message that is referred to and not in the case still joins
//! those that refer to it. `Thread-Index` proves as much: who has the same first 22 bytes is in the same
//! conversation.
//!
//! A guess joins a message to a thread, and never two threads that headers prove.

use crate::facts::Facts;
use crate::forest::Forest;
use crate::guesses::Guess;
use crate::names::Name;
use std::collections::HashMap;

/// All messages of a case, joined step by step. Some 100 bytes for each, whatever they refer to.
pub struct Threads {
    members: Vec<Member>,
    forest: Forest,
    named: HashMap<Name, u32>,
}

/// What tells which message of a thread is its head: the same in every rebuild.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    undated: bool,
    date: i64,
    key: [u8; 20],
    ordinal: u32,
}

impl Default for Threads {
    fn default() -> Self {
        Self::new()
    }
}

impl Threads {
    /// No messages yet.
    pub fn new() -> Self {
        Self {
            members: Vec::new(),
            forest: Forest::new(),
            named: HashMap::new(),
        }
    }

    /// Adds a message and joins it by its headers. Messages are added by ascending ordinals.
    pub fn add(&mut self, ordinal: u32, date: Option<i64>, key: [u8; 20], facts: &Facts) {
        let place = self.forest.push();
        self.members.push(Member {
            undated: date.is_none(),
            date: date.unwrap_or_default(),
            key,
            ordinal,
        });
        let conversation = facts.index_names().into_iter().next();
        let ids = facts.own.iter().chain(&facts.ancestors);
        for id in ids.copied().chain(conversation) {
            let other = *self.named.entry(id).or_insert(place);
            self.forest.join(place, other);
        }
    }

    /// The head of each message's thread, in the order in which they were added: the ordinal of its earliest
    /// dated message (then the undated, then by id), so that it does not depend on the order of ingest.
    pub fn heads(&mut self) -> Vec<u32> {
        let mut heads: Vec<u32> = (0..self.members.len() as u32).collect();
        for place in 0..self.members.len() as u32 {
            let root = self.forest.root(place) as usize;
            let head = heads[root] as usize;
            // A root's entry is its own until a better one has come.
            if self.members[place as usize] < self.members[head] {
                heads[root] = place;
            }
        }
        (0..self.members.len() as u32)
            .map(|place| {
                let head = heads[self.forest.root(place) as usize];
                self.members[head as usize].ordinal
            })
            .collect()
    }

    /// Joins by guesses, the surest first; gives those that hold. One that would join two threads that
    /// headers prove does not, nor does one between messages that are joined already.
    pub fn guess(&mut self, mut guesses: Vec<Guess>) -> Vec<Guess> {
        let rank = |threads: &Self, ordinal: u32| {
            threads
                .place(ordinal)
                .map(|place| threads.members[place as usize])
        };
        guesses.sort_by_cached_key(|guess| {
            (
                std::cmp::Reverse(guess.confidence),
                rank(self, guess.message),
            )
        });
        let mut proved: Vec<bool> = (0..self.members.len() as u32)
            .map(|place| self.forest.size(place) > 1)
            .collect();
        guesses.retain(|guess| {
            let (Some(child), Some(parent)) = (self.place(guess.message), self.place(guess.parent))
            else {
                return false;
            };
            let (child, parent) = (self.forest.root(child), self.forest.root(parent));
            if child == parent || (proved[child as usize] && proved[parent as usize]) {
                return false;
            }
            let holds = proved[child as usize] || proved[parent as usize];
            let (root, _) = self.forest.join(child, parent);
            proved[root as usize] = holds;
            true
        });
        guesses
    }

    fn place(&self, ordinal: u32) -> Option<u32> {
        let found = self
            .members
            .binary_search_by_key(&ordinal, |member| member.ordinal);
        found.ok().map(|place| place as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::reference;
    use crate::guesses::Evidence;

    fn facts(own: &str, ancestors: &[&str]) -> Facts {
        Facts {
            own: Some(reference(own)),
            ancestors: ancestors.iter().map(|id| reference(id)).collect(),
            ..Facts::default()
        }
    }

    fn threads(messages: &[(i64, &str, &[&str])]) -> Threads {
        let mut threads = Threads::new();
        for (ordinal, (date, own, ancestors)) in (0..).zip(messages) {
            threads.add(
                ordinal,
                Some(*date),
                [ordinal as u8; 20],
                &facts(own, ancestors),
            );
        }
        threads
    }

    fn guess(message: u32, parent: u32, confidence: u8) -> Guess {
        Guess {
            message,
            parent,
            evidence: Evidence::QuotedText,
            confidence,
        }
    }

    #[test]
    fn joins_through_a_message_that_is_not_there() {
        let mut threads = threads(&[
            (30, "c@x", &["a@x", "missing@x"]),
            (10, "a@x", &[]),
            (20, "b@x", &["missing@x"]),
            (5, "other@x", &[]),
        ]);
        assert_eq!(threads.heads(), [1, 1, 1, 3]);
    }

    #[test]
    fn loops_and_references_to_oneself_are_no_matter() {
        let mut threads = threads(&[
            (1, "a@x", &["b@x"]),
            (2, "b@x", &["a@x"]),
            (3, "c@x", &["c@x"]),
        ]);
        assert_eq!(threads.heads(), [0, 0, 2]);
    }

    #[test]
    fn no_guess_joins_two_threads_that_headers_prove() {
        let mut threads = threads(&[
            (1, "a@x", &[]),
            (2, "b@x", &["a@x"]),
            (3, "c@x", &[]),
            (4, "d@x", &["c@x"]),
            (5, "e@x", &[]),
        ]);
        // Neither directly nor by way of a message that stands alone.
        let held = threads.guess(vec![guess(2, 1, 90), guess(2, 4, 80), guess(4, 1, 85)]);
        assert_eq!(held, [guess(4, 1, 85)]);
        assert_eq!(threads.heads(), [0, 0, 2, 2, 0]);
    }

    #[test]
    fn guesses_in_a_circle_do_not_close_it() {
        let mut threads = threads(&[(1, "a@x", &[]), (2, "b@x", &[]), (3, "c@x", &[])]);
        let held = threads.guess(vec![guess(0, 2, 60), guess(1, 0, 90), guess(2, 1, 80)]);
        assert_eq!(held, [guess(1, 0, 90), guess(2, 1, 80)]);
        assert_eq!(threads.heads(), [0, 0, 0]);
    }
}
