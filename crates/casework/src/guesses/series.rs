//! Numbered series: every number answers the letter that comes with them, else the first.

use super::Evidence;
use super::Guess;
use super::Letter;

/// Seconds from the first message of a series to its last, at most.
const MOST_SECONDS: i64 = 86_400;
/// How sure it is that a number belongs to the letter before it, in percent.
const CONFIDENCE: u8 = 90;

/// Guesses for the letters of one series that are `wanted`. They are in order of time.
pub fn by_series(letters: &[Letter], wanted: impl Fn(u32) -> bool) -> Vec<Guess> {
    let mut guesses = Vec::new();
    // Sent once more, a series has its letter again: the latest one counts.
    let mut first: Option<(&Letter, u16)> = None;
    for letter in letters {
        let Some(series) = letter.facts.subject.series else {
            continue;
        };
        let near = |(parent, _): &(&Letter, u16)| match (parent.date, letter.date) {
            (Some(before), Some(after)) => after - before <= MOST_SECONDS,
            (None, None) => true,
            _ => false,
        };
        let begins = first
            .as_ref()
            .is_none_or(|head| series.number <= head.1 || !near(head));
        if begins && series.number <= 1 {
            first = Some((letter, series.number));
        } else if let Some((parent, _)) = first.filter(near)
            && wanted(letter.ordinal)
        {
            guesses.push(Guess {
                message: letter.ordinal,
                parent: parent.ordinal,
                evidence: Evidence::Series,
                confidence: CONFIDENCE,
            });
        }
    }
    guesses
}
