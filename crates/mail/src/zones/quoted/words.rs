//! Who wrote and when, from the words of an introduction: `On 4 March 2021, Anne Example wrote:`.
//!
//! The date is what stands up to the last word with a digit that is no address; the person is what is left of the
//! words between it and the word for writing, or after that.

use super::QuotedMessage;
use super::Stretch;
use super::Told;
use super::fields;
use crate::people;
use crate::zones::lines::Line;
use crate::zones::tables;

/// Words that follow a time and are no part of a name.
const AFTER_TIME: &[&str] = &[
    "AM", "PM", "A.M.", "P.M.", "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST",
    "PDT", "CET", "CEST", "BST", "IST", "JST", "Z", "UHR", "H", "OG", "À", "A", "LAS", "KL.", "O",
    "R.",
];

/// One word of an introduction, with its place in the text.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Reads an introduction that stands on some lines.
pub(super) fn read(text: &str, lines: &[Line], message: &mut QuotedMessage) {
    let words = words(text, lines);
    let Some(first) = words.first() else { return };
    let english = first.text.eq_ignore_ascii_case("on") || first.text.eq_ignore_ascii_case("at");
    let (before, after) = at_verb(&words);
    let (date, person) = apart(before);
    // The person after the verb, else after the date, else before it.
    let named = |words: &[Word<'_>]| {
        words
            .iter()
            .any(|word| word.text.contains(char::is_alphabetic))
    };
    let (date, person) = if named(after) && !after[0].text.eq_ignore_ascii_case("in") {
        let (late, person) = apart(after);
        let date = if has_digit(before) { before } else { late };
        (
            date,
            if has_digit(before) || late.is_empty() {
                after
            } else {
                person
            },
        )
    } else {
        (date, person)
    };
    if let (Some(place), true) = (place(date), has_digit(date)) {
        let joined: Vec<&str> = date.iter().map(|word| word.text).collect();
        message.date =
            fields::read_date(&joined.join(" "), english).map(|value| Told { value, place });
    }
    let person = without_start(person);
    if let Some(place) = place(person) {
        let joined: Vec<&str> = person.iter().map(|word| word.text).collect();
        let joined = joined.join(" ");
        let name = joined
            .trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '-' | '–') || c.is_whitespace());
        let mention = people::parse_list(name).into_iter().next();
        message.from = mention.map(|value| Told { value, place });
    }
}

fn words<'a>(text: &'a str, lines: &[Line]) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    for line in lines {
        let content = line.content(text);
        let mut at = 0;
        for word in content.split_whitespace() {
            at += content[at..].find(word).unwrap_or(0);
            words.push(Word {
                text: word,
                start: line.content + at,
            });
            at += word.len();
        }
    }
    if let Some(last) = words.last_mut() {
        last.text = last.text.trim_end_matches([':', '：']);
    }
    words.retain(|word| !word.text.is_empty());
    words
}

/// What stands before the word for writing and what after it.
fn at_verb<'w, 'a>(words: &'w [Word<'a>]) -> (&'w [Word<'a>], &'w [Word<'a>]) {
    let is_verb = |word: &Word<'_>| {
        let word = word
            .text
            .trim_matches(|c: char| !(c.is_alphanumeric() || c == ')'));
        tables::VERBS
            .iter()
            .any(|verb| verb.split(' ').next_back() == Some(word))
    };
    let Some(at) = words.iter().rposition(is_verb) else {
        return (words, &[]);
    };
    // `a écrit`, `ha scritto`, `heeft het volgende geschreven`
    let mut before = at;
    while before > 0
        && matches!(
            words[before - 1].text,
            "a" | "ha" | "heeft" | "het" | "volgende" | "şunu" | "ezt"
        )
    {
        before -= 1;
    }
    (&words[..before], &words[at + 1..])
}

/// Cuts words after the last that is of a date.
fn apart<'w, 'a>(words: &'w [Word<'a>]) -> (&'w [Word<'a>], &'w [Word<'a>]) {
    let Some(last) = words.iter().rposition(is_of_date) else {
        return (&[], words);
    };
    let mut end = last + 1;
    while words.get(end).is_some_and(|word| {
        let word = word.text.trim_matches([',', '(', ')']).to_uppercase();
        AFTER_TIME.contains(&word.as_str())
    }) {
        end += 1;
    }
    let (date, person) = words.split_at(end);
    if person.is_empty() {
        // `Anne Example <address>, 4 March 2021`: the date comes last.
        let first = words.iter().position(is_of_date).unwrap_or(0);
        return (&words[first..], &words[..first]);
    }
    (date, person)
}

fn has_digit(words: &[Word<'_>]) -> bool {
    words.iter().any(is_of_date)
}

fn is_of_date(word: &Word<'_>) -> bool {
    let word = word.text;
    word.contains(|c: char| c.is_ascii_digit()) && !word.contains(['@', '<', '>', '['])
}

/// A person's words without those that only begin an introduction.
fn without_start<'w, 'a>(words: &'w [Word<'a>]) -> &'w [Word<'a>] {
    match words.first() {
        Some(first) if matches!(first.text, "Quoting" | "On" | "At" | "," | "-") => &words[1..],
        _ => words,
    }
}

fn place(words: &[Word<'_>]) -> Option<Stretch> {
    Some(Stretch {
        start: u32::try_from(words.first()?.start).unwrap_or(u32::MAX),
        end: u32::try_from(words.last()?.end()).unwrap_or(u32::MAX),
    })
}
