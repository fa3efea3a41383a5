//! Redaction marks and exemption codes: what an agency took out, and why.
//!
//! The codes are those of 5 USC 552(b), of the classification order that `(b)(1)` stands for (`1.4(D)`), and of section 87(2)
//! of the New York Public Officers Law. A code is written as its letters and digits in lower case: `(b)(7)(C)` is `b7c`,
//! `87(2)(b)` is `872b`, `1.4(D)` is `14d`.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::Serialize;

use crate::model::Message;

/// How often a message says that something was taken out for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The exemption code, or the word of the mark where no code stands: `redacted`, `black`.
    pub code: String,
    /// How often.
    pub count: u32,
}

/// A code as it is compared: its letters and digits, in lower case. `None` for text that has none.
pub fn code(text: &str) -> Option<String> {
    let code: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    (!code.is_empty()).then_some(code)
}

/// Counts marks by their codes.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<String, u32>);

impl Counts {
    pub(crate) fn add(&mut self, code: &str) {
        let count = self.0.entry(code.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes in all marks of a text.
    pub(crate) fn add_text(&mut self, text: &str) {
        for mark in marks(text) {
            self.add(&mark.code);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_list(self) -> Vec<Redaction> {
        let counts = self.0.into_iter();
        counts
            .map(|(code, count)| Redaction { code, count })
            .collect()
    }
}

/// The marks in the subject, the people and the shown texts of a message.
pub(crate) fn of(message: &Message) -> Vec<Redaction> {
    let mut counts = Counts::default();
    counts.add_text(message.subject.as_deref().unwrap_or_default());
    let people = message.from.iter().chain(&message.to).chain(&message.cc);
    for mention in people {
        counts.add_text(mention.name.as_deref().unwrap_or_default());
    }
    for part in message.body.iter().filter(|part| !part.alternative) {
        counts.add_text(&part.text);
    }
    counts.into_list()
}

/// One mark in a text.
pub(crate) struct Mark {
    pub(crate) code: String,
    pub(crate) place: Range<usize>,
}

/// The marks of a text, in order.
pub(crate) fn marks(text: &str) -> Vec<Mark> {
    let bytes = text.as_bytes();
    let mut marks = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let found = match bytes[at] {
            b'(' => exemption(bytes, at),
            b'[' => bracketed_word(bytes, at),
            b'R' => redacted_word(bytes, at),
            b'P' => withheld(bytes, at),
            b'N' => phrase(bytes, at, b"Non-Responsive", "nonresponsive"),
            0xe2 => black(text, at),
            _ => None,
        };
        match found {
            Some(mark) => {
                at = mark.place.end.max(at + 1);
                marks.push(mark);
            }
            None => at += 1,
        }
    }
    marks
}

/// A text with a character in the place of each mark.
pub(crate) fn replace(text: &str, by: char) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut from = 0;
    for mark in marks(text) {
        rest.push_str(text.get(from..mark.place.start).unwrap_or_default());
        rest.push(by);
        from = mark.place.end;
    }
    rest.push_str(text.get(from..).unwrap_or_default());
    rest
}

/// `(b)(6)`, `(b)(7)(C)`, `87(2)(b)`, `87.2(g)`: the mark that has a bracket at `at`.
fn exemption(bytes: &[u8], at: usize) -> Option<Mark> {
    if !is_exemption_code(bytes, at) {
        return None;
    }
    let (first, mut end) = bracketed(bytes, at)?;
    let mut start = at;
    let mut code = String::new();
    if !first.eq_ignore_ascii_case(&b'b')
        || bytes
            .get(..at)
            .is_some_and(|before| before.ends_with(b"87.2"))
    {
        let before = bytes.get(..at)?;
        start = before.iter().rposition(|byte| *byte == b'8')?;
        code.push_str(if first == b'2' { "87" } else { "872" });
    }
    code.push(char::from(first.to_ascii_lowercase()));
    // Up to two brackets more belong to it: the exemption, and its part.
    for _ in 0..2 {
        match bracketed(bytes, end) {
            Some((next, after)) if next.is_ascii_alphanumeric() => {
                code.push(char::from(next.to_ascii_lowercase()));
                end = after;
            }
            _ => break,
        }
    }
    Some(Mark {
        code,
        place: start..end,
    })
}

fn bracketed_word(bytes: &[u8], at: usize) -> Option<Mark> {
    let after = bytes.get(at + 1..)?;
    let is_word = after.get(..8)?.eq_ignore_ascii_case(b"redacted");
    let end = at + 1 + memchr::memchr(b']', after.get(..40.min(after.len()))?)?;
    is_word.then(|| Mark {
        code: "redacted".to_owned(),
        place: at..end + 1,
    })
}

/// `REDACTED`, or `Redacted` at the end of its line.
fn redacted_word(bytes: &[u8], at: usize) -> Option<Mark> {
    let word = bytes.get(at..at + 8)?;
    let rest = bytes.get(at + 8..)?;
    let ends_line = || {
        let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
        line.is_some_and(|line| line.trim_ascii().is_empty())
    };
    let is_mark = word == b"REDACTED" || (word == b"Redacted" && ends_line());
    (is_mark && stands_alone(bytes, at, 8)).then(|| Mark {
        code: "redacted".to_owned(),
        place: at..at + 8,
    })
}

/// `Privileged or Personal Material Redacted`, the end of which may be lost over a list.
fn withheld(bytes: &[u8], at: usize) -> Option<Mark> {
    let mut mark = phrase(bytes, at, b"Privileged or Personal", "redacted")?;
    let rest = bytes.get(mark.place.end..)?;
    if rest.starts_with(b" Material Redacted") {
        mark.place.end += b" Material Redacted".len();
    }
    Some(mark)
}

fn phrase(bytes: &[u8], at: usize, words: &[u8], code: &str) -> Option<Mark> {
    let found = bytes.get(at..)?.starts_with(words) && stands_alone(bytes, at, words.len());
    found.then(|| Mark {
        code: code.to_owned(),
        place: at..at + words.len(),
    })
}

/// Two full blocks or more.
fn black(text: &str, at: usize) -> Option<Mark> {
    let rest = text.get(at..)?;
    let length = rest.len() - rest.trim_start_matches('\u{2588}').len();
    (length >= 2 * '\u{2588}'.len_utf8()).then(|| Mark {
        code: "black".to_owned(),
        place: at..at + length,
    })
}

/// Whether a text carries a redaction mark or an exemption code.
pub(crate) fn is_redacted(text: &str) -> bool {
    let bytes = text.as_bytes();
    let bracket = |at: usize| {
        let after = bytes.get(at..).unwrap_or_default();
        after.starts_with(b"[redacted") || after.starts_with(b"[Redacted")
    };
    memchr::memchr_iter(b'[', bytes).any(bracket)
        || memchr::memmem::find_iter(bytes, b"REDACTED").any(|at| stands_alone(bytes, at, 8))
        || memchr::memmem::find(bytes, "\u{2588}\u{2588}".as_bytes()).is_some()
        || memchr::memchr_iter(b'(', bytes).any(|at| is_exemption_code(bytes, at))
}

fn stands_alone(bytes: &[u8], at: usize, length: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let after = bytes.get(at + length);
    [before, after]
        .into_iter()
        .flatten()
        .all(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
}

/// `(b)(6)` of 5 USC 552, `87(2)(b)` and `87.2(b)` of the New York Public Officers Law.
fn is_exemption_code(bytes: &[u8], at: usize) -> bool {
    let Some((first, after)) = bracketed(bytes, at) else {
        return false;
    };
    let before = bytes.get(..at).unwrap_or_default().trim_ascii_end();
    let second = bracketed(bytes, after).map(|(second, _)| second);
    match (
        first.to_ascii_lowercase(),
        second.map(|second| second.to_ascii_lowercase()),
    ) {
        // In a program `f(b)(1)` is a call.
        (b'b', Some(b'1'..=b'9')) => !before
            .last()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() && before.len() == at),
        (b'2', Some(b'a'..=b't')) => before.ends_with(b"87"),
        (b'a'..=b't', _) => before.ends_with(b"87.2"),
        _ => false,
    }
}

/// The one character in brackets at `at` (white space aside), and where it goes on.
fn bracketed(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let skip = |mut at: usize| {
        let limit = at + 3;
        while at < limit && matches!(bytes.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    };
    let at = skip(at);
    if bytes.get(at) != Some(&b'(') {
        return None;
    }
    let at = skip(at + 1);
    let character = *bytes.get(at)?;
    let at = skip(at + 1);
    (bytes.get(at) == Some(&b')')).then_some((character, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redaction_marks() {
        for text in [
            "[REDACTED]",
            "see (b)(6)",
            "( b ) (5) DPP",
            "POL 87(2)(b)",
            "87.2(g)",
            "a \u{2588}\u{2588}\u{2588} b",
        ] {
            assert!(is_redacted(text), "{text}");
        }
        for text in [
            "UNREDACTED_NAME",
            "f(b)(1)",
            "(a)(1)",
            "section 7(2)(b)",
            "(b)",
            "(b",
        ] {
            assert!(!is_redacted(text), "{text}");
        }
    }

    #[test]
    fn marks_have_codes() {
        let codes =
            |text: &str| -> Vec<String> { marks(text).into_iter().map(|mark| mark.code).collect() };
        assert_eq!(
            codes(
                "see (b)(6), ( b ) (5) DPP and (b)(7)(C); POL 87(2)(b) 87.2(g) [REDACTED] \u{2588}\u{2588} x"
            ),
            ["b6", "b5", "b7c", "872b", "872g", "redacted", "black"]
        );
        assert_eq!(codes("f(b)(1), (a)(1), Redacted it"), Vec::<String>::new());
        assert_eq!(replace("Pier (b)(6) Anne [redacted]", '-'), "Pier - Anne -");
        assert_eq!(code("(b)(7)(C)"), code("b7c"));
        assert_eq!(code("87(2)(b)").as_deref(), Some("872b"));
    }
}
