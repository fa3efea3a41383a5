//! Runs of words: what a message says, and what it quotes, as numbers that can be compared.

use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;

/// Words of a run.
const RUN: usize = 6;
/// Lines above a quotation in which it may be introduced.
const MOST_INTRODUCTION_LINES: usize = 6;
/// Most runs kept of what a message says, and of what it quotes.
const MOST_RUNS: usize = 8_000;

/// The runs of six words of one message, sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Of the author's own words.
    pub own: Vec<u64>,
    /// Of what is quoted or passed on directly.
    pub quoted: Vec<u64>,
    /// Of what is quoted within that.
    pub deeper: Vec<u64>,
}

impl Words {
    /// Reads the texts of a body with their zones.
    pub fn of<'a>(texts: impl IntoIterator<Item = (&'a str, &'a [Zone])>) -> Self {
        let mut words = Self::default();
        for (text, zones) in texts {
            for zone in zones {
                let Some(stretch) = text.get(zone.start as usize..zone.end as usize) else {
                    continue;
                };
                let quoted = matches!(zone.kind, ZoneKind::Quoted | ZoneKind::Forwarded);
                // Who introduces a quotation says so in words of his own, which others quote.
                let marks = if quoted { first_mark(stretch) } else { 0 };
                let depth = zone.depth.saturating_sub(u16::from(marks > 0));
                words.push(&stretch[..marks], zone.kind, depth);
                words.push(&stretch[marks..], zone.kind, zone.depth);
            }
        }
        for runs in [&mut words.own, &mut words.quoted, &mut words.deeper] {
            runs.sort_unstable();
            runs.dedup();
        }
        words
    }

    fn push(&mut self, stretch: &str, kind: ZoneKind, depth: u16) {
        match (kind, depth) {
            (ZoneKind::Author, 0) | (ZoneKind::Quoted | ZoneKind::Forwarded, 0) => {
                push_runs(stretch, &mut self.own);
            }
            (ZoneKind::Quoted | ZoneKind::Forwarded, 1) => push_runs(stretch, &mut self.quoted),
            (ZoneKind::Quoted | ZoneKind::Forwarded, 2) => push_runs(stretch, &mut self.deeper),
            _ => {}
        }
    }
}

/// Where the first line with `>` before it begins; 0 if there is none.
fn first_mark(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(MOST_INTRODUCTION_LINES) {
        if line.trim_start().starts_with('>') {
            return at;
        }
        at += line.len();
    }
    0
}

/// Adds the runs of a stretch of text.
fn push_runs(text: &str, runs: &mut Vec<u64>) {
    let mut last = [0u64; RUN];
    let mut count = 0;
    for_each_word(text, |word| {
        last.rotate_left(1);
        last[RUN - 1] = word;
        count += 1;
        if count >= RUN {
            runs.push(last.iter().fold(SEED, |run, word| mix(run ^ word)));
        }
        runs.len() < MOST_RUNS
    });
}

/// Calls `take` with a number for each word, the same for the same word in any case, until it says stop.
fn for_each_word(text: &str, mut take: impl FnMut(u64) -> bool) {
    let mut word = SEED;
    let mut open = false;
    for character in text.chars() {
        if character.is_alphanumeric() {
            for lower in character.to_lowercase() {
                word = (word ^ u64::from(lower)).wrapping_mul(FACTOR);
            }
            open = true;
        } else if open {
            if !take(word) {
                return;
            }
            (word, open) = (SEED, false);
        }
    }
    if open {
        take(word);
    }
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

    fn words(text: &str) -> Words {
        Words::of([(text, muckrake_mail::zones::cut(text).as_slice())])
    }

    #[test]
    fn a_quotation_has_the_runs_of_what_it_quotes() {
        let said = words("The north pier needs new piles,\nsays the harbour master.\n");
        let quoted =
            words("Yes.\n\n> The North Pier needs new\n> piles, says the\n> harbour master.\n");
        assert_eq!(said.own.len(), 5);
        assert_eq!(quoted.quoted, said.own);
        assert!(quoted.own.is_empty());
    }

    #[test]
    fn runs_do_not_cross_from_one_stretch_into_another() {
        let text = "> one two three\nfour five six\n> seven eight nine\n";
        assert_eq!(words(text), Words::default());
    }

    #[test]
    fn a_body_without_end_is_read_to_the_limit() {
        let text = (0..200_000).map(|n| format!("w{n} ")).collect::<String>();
        assert_eq!(words(&text).own.len(), MOST_RUNS);
    }
}
