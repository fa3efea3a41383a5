//! How much two texts share, and where they differ.

use std::collections::HashMap;

/// Words of a run.
const RUN: usize = 4;
/// Most words of a text that are compared.
const MOST_WORDS: usize = 20_000;
/// Most differing stretches that are kept of a pair.
const MOST_DIFFERING: usize = 100;

/// A stretch in which two texts differ, in bytes of each; empty in the one that lacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differing {
    /// In the first text.
    pub one: (u32, u32),
    /// In the second.
    pub other: (u32, u32),
}

/// The words of a text.
pub(super) struct Words {
    words: Vec<Word>,
}

#[derive(Clone, Copy)]
struct Word {
    hash: u64,
    start: u32,
    end: u32,
}

/// How much two texts share, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shared {
    /// Of the runs of words of the shorter.
    pub(super) of_shorter: u16,
    /// Of those of the longer.
    pub(super) of_longer: u16,
    /// Of the single words of the shorter.
    pub(super) words: u16,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let mut words = Vec::new();
        let mut open: Option<Word> = None;
        for (at, character) in text.char_indices() {
            if character.is_alphanumeric() {
                let word = open.get_or_insert(Word {
                    hash: SEED,
                    start: at as u32,
                    end: 0,
                });
                for lower in character.to_lowercase() {
                    word.hash = (word.hash ^ u64::from(lower)).wrapping_mul(FACTOR);
                }
                word.end = (at + character.len_utf8()) as u32;
            } else if let Some(word) = open.take() {
                words.push(word);
                if words.len() == MOST_WORDS {
                    break;
                }
            }
        }
        words.extend(open);
        Self { words }
    }

    pub(super) fn count(&self) -> usize {
        self.words.len()
    }

    /// The runs of words, sorted, each once.
    pub(super) fn runs(&self, length: usize) -> Vec<u64> {
        let mut runs: Vec<u64> = self.words.windows(length).map(run).collect();
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    pub(super) fn shared(&self, other: &Self) -> Shared {
        let length = RUN.min(self.count().min(other.count()) / 3).max(1);
        let (one, two) = (self.runs(length), other.runs(length));
        let shared = common(&one, &two);
        let (shorter, longer) = (one.len().min(two.len()), one.len().max(two.len()));
        let (one, two) = (self.runs(1), other.runs(1));
        Shared {
            of_shorter: share(shared, shorter),
            of_longer: share(shared, longer),
            words: share(common(&one, &two), one.len().min(two.len())),
        }
    }

    /// Where two texts differ, in order, and how many such stretches there are in all. Runs that each text has once are
    /// anchors; between two of them what is alike at both ends is taken off.
    pub(super) fn differing(&self, other: &Self) -> (Vec<Differing>, u32) {
        let mut found = Vec::new();
        let mut count = 0;
        let (mut one, mut two) = (0, 0);
        let ends = [(self.count(), other.count(), 0)];
        for (next_one, next_two, length) in
            anchors(&self.words, &other.words).into_iter().chain(ends)
        {
            // An anchor may begin inside the one before.
            if next_one >= one && next_two >= two {
                if let Some(gap) = self.gap(other, one..next_one, two..next_two) {
                    count += 1;
                    if found.len() < MOST_DIFFERING {
                        found.push(gap);
                    }
                }
                (one, two) = (next_one + length, next_two + length);
            } else if next_one + length > one
                && next_one + length - one == (next_two + length).saturating_sub(two)
            {
                (one, two) = (next_one + length, next_two + length);
            }
        }
        (found, count)
    }

    /// What differs between two anchors, without what is alike at its ends.
    fn gap(
        &self,
        other: &Self,
        one: std::ops::Range<usize>,
        two: std::ops::Range<usize>,
    ) -> Option<Differing> {
        let mine = self.words.get(one.clone()).unwrap_or_default();
        let theirs = other.words.get(two.clone()).unwrap_or_default();
        let alike = |(one, two): &(&Word, &Word)| one.hash == two.hash;
        let head = mine.iter().zip(theirs).take_while(alike).count();
        let (mine, theirs) = (&mine[head..], &theirs[head..]);
        let tail = mine.iter().rev().zip(theirs.iter().rev());
        let tail = tail.take_while(alike).count();
        let (mine, theirs) = (&mine[..mine.len() - tail], &theirs[..theirs.len() - tail]);
        if mine.is_empty() && theirs.is_empty() {
            return None;
        }
        Some(Differing {
            one: place(mine, &self.words, one.start + head),
            other: place(theirs, &other.words, two.start + head),
        })
    }
}

/// The bytes of some words; where there are none, the place before the next.
fn place(words: &[Word], all: &[Word], at: usize) -> (u32, u32) {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => (first.start, last.end),
        _ => {
            let next = all.get(at).map(|word| word.start);
            let here = next.or(all.last().map(|word| word.end)).unwrap_or(0);
            (here, here)
        }
    }
}

/// Runs that both have once, in an order that both keep, as many as can be: first word in each, and length.
fn anchors(one: &[Word], other: &[Word]) -> Vec<(usize, usize, usize)> {
    let length = RUN.min(one.len().min(other.len()) / 3).max(1);
    let (mine, theirs) = (once(one, length), once(other, length));
    let mut pairs: Vec<(usize, usize)> = mine
        .iter()
        .filter_map(|(run, at)| Some((*at, *theirs.get(run)?)))
        .collect();
    pairs.sort_unstable();
    let places: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
    let kept = longest_rising(&places).into_iter();
    kept.map(|at| (pairs[at].0, pairs[at].1, length)).collect()
}

/// The runs that stand once in some words, with their places.
fn once(words: &[Word], length: usize) -> HashMap<u64, usize> {
    let mut places: HashMap<u64, Option<usize>> = HashMap::new();
    for (at, window) in words.windows(length).enumerate() {
        let place = places.entry(run(window));
        place.and_modify(|place| *place = None).or_insert(Some(at));
    }
    let single = places.into_iter();
    single
        .filter_map(|(run, place)| Some((run, place?)))
        .collect()
}

/// Places of the longest sequence of rising numbers: n log n.
fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; numbers.len()];
    for (at, number) in numbers.iter().enumerate() {
        let place = tails.partition_point(|tail| numbers[*tail] < *number);
        before[at] = place.checked_sub(1).map(|place| tails[place]);
        if place == tails.len() {
            tails.push(at);
        } else {
            tails[place] = at;
        }
    }
    let mut chain: Vec<usize> =
        std::iter::successors(tails.last().copied(), |at| before[*at]).collect();
    chain.reverse();
    chain
}

/// How many numbers two sorted lists share.
pub(super) fn common(one: &[u64], other: &[u64]) -> usize {
    let (mut at, mut count) = (0, 0);
    for number in one {
        at += other[at..].partition_point(|other| other < number);
        count += usize::from(other.get(at) == Some(number));
    }
    count
}

fn share(part: usize, whole: usize) -> u16 {
    match whole {
        0 => 0,
        _ => (part * 1_000 / whole) as u16,
    }
}

fn run(words: &[Word]) -> u64 {
    words.iter().fold(SEED, |run, word| mix(run ^ word.hash))
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u64 = 0x0000_0100_0000_01b3;

/// Spreads the bits of a number over all of it.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    number ^ (number >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differing<'a>(one: &'a str, other: &'a str) -> Vec<(&'a str, &'a str)> {
        let (found, count) = Words::of(one).differing(&Words::of(other));
        assert_eq!(found.len(), count as usize);
        let cut = |text: &'a str, place: (u32, u32)| &text[place.0 as usize..place.1 as usize];
        found
            .iter()
            .map(|gap| (cut(one, gap.one), cut(other, gap.other)))
            .collect()
    }

    #[test]
    fn what_is_taken_out_of_one_is_told() {
        let whole =
            "The estimate of 4.2 million was never shown to the board, Anne said on Friday.";
        let redacted =
            "The estimate of (b)(4) was never shown\nto the board, (b)(6) said on Friday.";
        assert_eq!(
            differing(whole, redacted),
            [("4.2 million", "b)(4"), ("Anne", "b)(6")]
        );
        assert_eq!(differing(whole, whole), []);
        assert_eq!(differing("a b c d e f", "a b c d e f g h"), [("", "g h")]);
        assert_eq!(differing("", "one"), [("", "one")]);
    }

    #[test]
    fn a_text_of_one_word_without_end_is_no_trouble() {
        let text = "pier ".repeat(60_000);
        let (one, other) = (Words::of(&text), Words::of(&text[..100_000]));
        assert!(one.count() <= MOST_WORDS + 1);
        assert_eq!(one.shared(&other).of_shorter, 1_000);
        let (_, count) = one.differing(&other);
        assert!(count <= 1);
    }

    #[test]
    fn shares_count_runs_of_the_shorter_and_the_longer() {
        // Seven words and ten: four runs of the shorter length are shared of four and of seven.
        let one = Words::of("the north pier needs new piles now");
        let other = Words::of("the north pier needs new piles now or it falls");
        let shared = one.shared(&other);
        // A third of seven words: runs of two, six and nine of them.
        assert_eq!((shared.of_shorter, shared.of_longer), (1_000, 666));
        assert_eq!(shared.words, 1_000);
    }
}
