//! Recipients that are listed at the bottom of a message, where its header says so.

use std::ops::Range;

use super::people;
use super::tables::PeopleForm;
use crate::model::Mention;

/// What stands in the place of recipients, letters alone and in lower case.
const POINTER: &str = "distributionlistatthebottom";
/// What stands above the lists: of those to whom it went, of those who got a copy.
const HEADS: [&str; 2] = ["messagesent", "messagecopied"];
/// Longest line of a list, in bytes.
const LONGEST: usize = 120;
/// Most lines of both lists together.
const MOST_LINES: usize = 2_000;
/// Messages that one list may be of.
const MOST_SHARED: u32 = 4;
/// Most blank lines between two recipients.
const MOST_BLANK: usize = 3;

/// A list with the bytes of its text in which it stands.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) people: Vec<Mention>,
    pub(super) place: Range<usize>,
}

/// Whether the value of a field says that its people are listed at the bottom.
pub(super) fn is_pointer(value: &str) -> bool {
    value.len() < 200 && letters(value).contains(POINTER)
}

/// Where in a text lists begin, and how many messages have been given each.
#[derive(Debug)]
pub(super) struct Heads(Vec<(usize, u32)>);

impl Heads {
    /// The heads of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut at = 0;
        let mut heads = Vec::new();
        for line in text.split_inclusive('\n') {
            if head(line).is_some() {
                heads.push((at, 0));
            }
            at += line.len();
        }
        Self(heads)
    }

    /// The lists at the bottom of a text, from a byte on: of recipients, and of those who got a copy. A list is of few messages:
    /// what more of them point to it is not told by it.
    pub(super) fn lists(&mut self, text: &str, from: usize) -> [List; 2] {
        let next = self.0.partition_point(|(at, _)| *at < from);
        match self.0.get_mut(next) {
            Some((at, given)) if *given < MOST_SHARED => {
                *given += 1;
                lists(text, *at)
            }
            _ => [List::default(), List::default()],
        }
    }
}

/// The lists of which the first begins at a byte.
fn lists(text: &str, from: usize) -> [List; 2] {
    let mut lists = [List::default(), List::default()];
    let mut at = from;
    let (mut list, mut blank) = (0, 0);
    for line in text
        .get(from..)
        .unwrap_or_default()
        .split_inclusive('\n')
        .take(MOST_LINES)
    {
        let start = at;
        at += line.len();
        let words = line.trim().trim_end_matches(['-', '_', '~', ' ']);
        if let Some(other) = head(line) {
            list = other;
            lists[list].place = start..start;
            blank = 0;
        } else if words.is_empty() || is_label(words) {
            blank += 1;
        } else if blank <= MOST_BLANK && names_somebody(words) {
            lists[list]
                .people
                .extend(people::read(words, PeopleForm::List));
            lists[list].place.end = start + line.trim_end().len();
            blank = 0;
        } else {
            break;
        }
    }
    lists
}

/// Which list begins under a line.
fn head(line: &str) -> Option<usize> {
    if line.len() > LONGEST || !line.trim_start().starts_with(['M', 'm']) {
        return None;
    }
    let letters = letters(line);
    HEADS.iter().position(|head| {
        letters
            .strip_prefix(head)
            .is_some_and(|rest| rest.len() <= 2)
    })
}

/// `To:` under the head of a list, with the rule that is drawn behind it.
fn is_label(words: &str) -> bool {
    matches!(letters(words).as_str(), "to" | "cc")
}

/// Whether a line is a name with a directory path or an address.
fn names_somebody(words: &str) -> bool {
    words.len() <= LONGEST && words.contains(['/', '@']) && !words.contains(": ")
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}
