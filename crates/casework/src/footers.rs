//! Learning which paragraphs are footers: what stands at the edge of many messages of several people.
//!
//! A paragraph is taken for one where it stands in five messages or more, and in one of two hundred of a release or of
//! all, of at least two senders or in at least three threads, and has words of notices; or without such words where it ends
//! messages of at least three senders and stands under five different paragraphs: one text that many send is theirs. What is wrong with that the user takes back; nothing is lost by it meanwhile, for a
//! search of the body looks in footers too.

use std::collections::HashMap;

/// Fewest messages in which a footer stands.
const FEWEST_MESSAGES: u32 = 5;
/// Of so many messages of a release one has to have it: what one agency puts under its mail is rare among that of all.
const ONE_OF: u32 = 200;
/// Fewest senders of one with words of notices.
const FEWEST_SENDERS: usize = 2;
/// Fewest threads, where the senders are fewer.
const FEWEST_THREADS: usize = 3;
/// Fewest senders of one without such words.
const FEWEST_SENDERS_WITHOUT_CUE: usize = 3;
/// Fewest different paragraphs above one without such words.
const FEWEST_ABOVE: usize = 5;
/// From so many paragraphs on those met once are forgotten, so that memory does not grow with the corpus.
const MOST_PARAGRAPHS: usize = 1 << 20;

/// A paragraph at the edge of a message.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Its fingerprint.
    pub print: u64,
    /// Whether it has words of notices.
    pub has_cue: bool,
    /// Whether it stands at the end.
    pub at_end: bool,
    /// Fingerprint of the paragraph above it.
    pub above: u64,
}

/// Where paragraphs stand: a message.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its number.
    pub number: u32,
    /// A release that it is in.
    pub release: u32,
    /// Who sent it, as any number that stands for one person.
    pub sender: u64,
    /// Its thread.
    pub thread: u64,
}

/// A paragraph that is taken for a footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// Its fingerprint.
    pub print: u64,
    /// In how many messages it stands.
    pub messages: u32,
    /// Of how many senders, counted to [`MOST_COUNTED`].
    pub senders: usize,
    /// A message that has it.
    pub example: u32,
}

/// Senders, threads, releases and paragraphs above are counted up to this many.
pub const MOST_COUNTED: usize = 8;

/// Counts paragraphs over the messages of a corpus.
#[derive(Debug, Default)]
pub struct Learning {
    messages: u32,
    /// How many messages each release has.
    releases: HashMap<u32, u32>,
    met: HashMap<u64, Met>,
}

#[derive(Debug)]
struct Met {
    messages: u32,
    /// How many of them each release has, for as many releases as are counted.
    releases: Vec<(u32, u32)>,
    at_end: u32,
    has_cue: bool,
    senders: Vec<u64>,
    threads: Vec<u64>,
    above: Vec<u64>,
    example: u32,
}

impl Learning {
    /// Takes one message.
    pub fn take(&mut self, message: &Source, edges: &[Edge]) {
        self.messages = self.messages.saturating_add(1);
        count(self.releases.entry(message.release).or_default());
        let mut seen = Vec::with_capacity(edges.len());
        for edge in edges {
            if seen.contains(&edge.print) {
                continue;
            }
            seen.push(edge.print);
            let met = self.met.entry(edge.print).or_insert_with(|| Met {
                messages: 0,
                releases: Vec::new(),
                at_end: 0,
                has_cue: edge.has_cue,
                senders: Vec::new(),
                threads: Vec::new(),
                above: Vec::new(),
                example: message.number,
            });
            count(&mut met.messages);
            met.note_release(message.release);
            met.at_end += u32::from(edge.at_end);
            note(&mut met.senders, message.sender);
            note(&mut met.threads, message.thread);
            note(&mut met.above, edge.above);
        }
        if self.met.len() > MOST_PARAGRAPHS {
            self.met.retain(|_, met| met.messages > 1);
        }
    }

    /// What is taken for footers, the most frequent first.
    pub fn finish(self) -> Vec<Learned> {
        let enough = |met: &Met| {
            let mut releases = met.releases.iter();
            is_share(met.messages, self.messages)
                || releases.any(|(release, count)| is_share(*count, self.releases[release]))
        };
        let mut learned: Vec<_> = self
            .met
            .into_iter()
            .filter(|(_, met)| enough(met) && met.is_footer())
            .map(|(print, met)| Learned {
                print,
                messages: met.messages,
                senders: met.senders.len(),
                example: met.example,
            })
            .collect();
        learned.sort_unstable_by_key(|one| (std::cmp::Reverse(one.messages), one.print));
        learned
    }
}

/// Whether so many messages of all are enough for a footer.
fn is_share(messages: u32, all: u32) -> bool {
    messages >= FEWEST_MESSAGES.max(all.div_ceil(ONE_OF))
}

fn count(number: &mut u32) {
    *number = number.saturating_add(1);
}

impl Met {
    fn note_release(&mut self, release: u32) {
        let known = self
            .releases
            .iter()
            .position(|(known, _)| *known == release);
        match known {
            Some(at) => count(&mut self.releases[at].1),
            None if self.releases.len() < MOST_COUNTED => self.releases.push((release, 1)),
            None => {}
        }
    }

    fn is_footer(&self) -> bool {
        let several = self.senders.len() >= FEWEST_SENDERS || self.threads.len() >= FEWEST_THREADS;
        let ends = self.at_end == self.messages
            && self.senders.len() >= FEWEST_SENDERS_WITHOUT_CUE
            && self.above.len() >= FEWEST_ABOVE;
        (self.has_cue && several) || ends
    }
}

fn note(counted: &mut Vec<u64>, one: u64) {
    if counted.len() < MOST_COUNTED && !counted.contains(&one) {
        counted.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(messages: &[(u64, u64, Edge)]) -> Vec<u64> {
        let mut learning = Learning::default();
        for (number, (sender, thread, edge)) in (0..).zip(messages) {
            let edge = Edge {
                above: edge.above.max(u64::from(number)),
                ..*edge
            };
            learning.take(&source(number, 0, *sender, *thread), &[edge, edge]);
        }
        learning.finish().iter().map(|one| one.print).collect()
    }

    fn source(number: u32, release: u32, sender: u64, thread: u64) -> Source {
        Source {
            number,
            release,
            sender,
            thread,
        }
    }

    fn edge(has_cue: bool, at_end: bool) -> Edge {
        Edge {
            print: 7,
            has_cue,
            at_end,
            above: 0,
        }
    }

    #[test]
    fn what_several_people_put_under_many_messages_is_a_footer() {
        let notice = edge(true, true);
        let of = |senders: &[u64], edge| -> Vec<(u64, u64, Edge)> {
            senders.iter().map(|sender| (*sender, 1, edge)).collect()
        };
        assert_eq!(learn(&of(&[1, 1, 1, 2, 2], notice)), [7]);
        assert_eq!(learn(&of(&[1, 1, 2, 2], notice)), [], "too few messages");
        assert_eq!(
            learn(&of(&[1, 1, 1, 1, 1], notice)),
            [],
            "one sender, one thread"
        );
        let threads: Vec<_> = (0..5).map(|thread| (1, thread, notice)).collect();
        assert_eq!(learn(&threads), [7], "one sender in several threads");
        let banner = edge(false, true);
        assert_eq!(
            learn(&of(&[1, 1, 1, 2, 2], banner)),
            [],
            "no word of a notice"
        );
        assert_eq!(learn(&of(&[1, 1, 3, 2, 2], banner)), [7]);
        assert_eq!(
            learn(&of(&[1, 1, 3, 2, 2], edge(false, false))),
            [],
            "not at the end"
        );
    }

    #[test]
    fn one_text_that_many_send_is_no_footer() {
        let letter = Edge {
            above: 100,
            ..edge(false, true)
        };
        let sent: Vec<_> = (0..20).map(|sender| (sender, sender, letter)).collect();
        assert_eq!(learn(&sent), []);
    }

    #[test]
    fn in_a_large_corpus_a_footer_is_in_one_message_of_two_hundred() {
        let mut learning = Learning::default();
        for message in 0..2_000 {
            let edges = [edge(true, true)];
            let edges = if message < 9 { edges.as_slice() } else { &[] };
            learning.take(&source(message, 0, u64::from(message), 0), edges);
        }
        assert_eq!(learning.finish(), []);
    }

    #[test]
    fn in_a_small_release_beside_a_large_one_fewer_are_enough() {
        let learned = |release: u32| {
            let mut learning = Learning::default();
            for message in 0..2_000 {
                learning.take(&source(message, 0, 0, 0), &[]);
            }
            for message in 2_000..2_005 {
                let one = source(message, release, u64::from(message), 0);
                learning.take(&one, &[edge(true, true)]);
            }
            learning.finish().len()
        };
        assert_eq!((learned(0), learned(1)), (0, 1));
    }
}
