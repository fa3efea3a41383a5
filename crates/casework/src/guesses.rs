//! Guesses: what a message answers where no header says so.
//!
//! Messages are looked at in groups that share something: a base subject, a numbered series. Within
//! a group each message that looks like an answer is compared with the others. The evidence, from the surest on: it
//! quotes another's words, it is a later number of a series, it answers a subject among the same people.

mod group;
mod named;
mod series;

pub use group::Source;
pub use group::by_subject;
pub use named::Senders;
pub use series::by_series;

use crate::facts::Facts;

/// How it is known that one message answers another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Message-ID, In-Reply-To, References.
    References,
    /// `Thread-Index`.
    ThreadIndex,
    /// A quotation names who wrote the other, and when.
    QuotedHeader,
    /// It quotes the other's own words.
    QuotedText,
    /// Both are of one numbered series, such as `[PATCH 2/3]`.
    Series,
    /// The same subject, shared people, near in time.
    Subject,
}

impl Evidence {
    /// All of them, the proofs first.
    pub const ALL: [Self; 6] = [
        Self::References,
        Self::ThreadIndex,
        Self::QuotedHeader,
        Self::QuotedText,
        Self::Series,
        Self::Subject,
    ];

    /// Its word in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::References => "references",
            Self::ThreadIndex => "thread-index",
            Self::QuotedHeader => "quoted-header",
            Self::QuotedText => "quoted-text",
            Self::Series => "series",
            Self::Subject => "subject",
        }
    }

    /// Whether headers say it.
    pub fn is_proof(self) -> bool {
        matches!(self, Self::References | Self::ThreadIndex)
    }
}

/// That one message seems to answer another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// Ordinal of the message that answers.
    pub message: u32,
    /// Ordinal of the one that it answers.
    pub parent: u32,
    /// Why it is thought so.
    pub evidence: Evidence,
    /// How sure it is, in percent.
    pub confidence: u8,
}

/// A message as guesses look at it.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its ordinal.
    pub ordinal: u32,
    /// Seconds since the Unix epoch, if it is dated.
    pub date: Option<i64>,
    /// The rest.
    pub facts: Facts,
}

/// Puts letters in order of time, the undated last.
pub fn sort(letters: &mut [Letter]) {
    letters.sort_by_key(|letter| (letter.date.is_none(), letter.date, letter.ordinal));
}

/// Of several guesses for one message the best: the surest, then by the better evidence.
pub fn best(mut guesses: Vec<Guess>) -> Vec<Guess> {
    guesses.sort_by_key(|guess| {
        (
            guess.message,
            std::cmp::Reverse(guess.confidence),
            guess.evidence,
            guess.parent,
        )
    });
    guesses.dedup_by_key(|guess| guess.message);
    guesses
}
