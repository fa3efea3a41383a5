//! Marks of quotation other than `>`: `|`, `:` and initials (`AE>`), and what is left of long lines.
//!
//! All of them also stand in text that nobody quotes: tables, prompts, lists. They are believed
//! where a line that introduces a message stands right above the first of them.

use super::introductions;
use super::labels;
use super::lines::Line;
use super::lines::quote_marks;

/// Most lines between marked ones that may be ends of the line above.
const MOST_ENDS: usize = 2;
/// A line that is shorter than this, with the next word, would not have been broken.
const NARROWEST: usize = 68;
/// Most words of an end that starts with a capital.
const MOST_WORDS: usize = 3;

/// A mark that stands for `>`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark<'a> {
    Bar,
    Colon,
    /// Letters before `>`.
    Initials(&'a str),
}

/// Counts the foreign marks that lines begin with as marks.
pub(super) fn mark(text: &str, lines: &mut [Line]) {
    let mut believed: Option<Mark> = None;
    for at in 0..lines.len() {
        if lines[at].marks > 0 || lines[at].empty {
            continue;
        }
        let line = lines[at].text(text);
        let Some((mark, length)) = foreign(line) else {
            continue;
        };
        if believed.is_none() && introductions::is_above(text, lines, at) {
            believed = Some(mark);
        }
        if believed == Some(mark) {
            let line = &mut lines[at];
            let (more, rest) = quote_marks(&text.as_bytes()[line.start + length..line.end]);
            line.marks = more + 1;
            line.content = line.start + length + rest;
            line.empty = text[line.content..line.end].trim_start().is_empty();
            line.label = if line.empty {
                None
            } else {
                labels::label(&text[line.content..line.end])
            };
        }
    }
}

/// The foreign mark with which a line begins, and where it ends.
fn foreign(line: &str) -> Option<(Mark<'_>, usize)> {
    let start = line.len() - line.trim_start_matches(' ').len();
    if start > 2 {
        return None;
    }
    let bytes = line.as_bytes();
    match bytes.get(start)? {
        b'|' => Some((Mark::Bar, start + 1)),
        b':' if bytes.get(start + 1) == Some(&b' ') => Some((Mark::Colon, start + 1)),
        b'A'..=b'Z' => {
            let rest = line.get(start..)?;
            let length = rest
                .bytes()
                .take(5)
                .take_while(u8::is_ascii_alphabetic)
                .count();
            let initials = (2..=4).contains(&length) && rest.as_bytes().get(length) == Some(&b'>');
            initials.then(|| (Mark::Initials(&rest[..length]), start + length + 1))
        }
        _ => None,
    }
}

/// Gives the ends of lines that a mail program broke after it had marked them the marks of the line above.
pub(super) fn join_broken(text: &str, lines: &mut [Line]) {
    for at in 1..lines.len() {
        let above = lines[at - 1];
        if lines[at].marks > 0 || lines[at].empty || above.marks == 0 || above.empty {
            continue;
        }
        let end = (at + 1..lines.len().min(at + 1 + MOST_ENDS))
            .find(|&next| lines[next].marks > 0 || lines[next].empty);
        let Some(end) = end.filter(|&end| lines[end].marks > 0) else {
            continue;
        };
        if is_broken(above.text(text), lines[at].text(text)) {
            for line in &mut lines[at..end] {
                line.marks = above.marks;
            }
        }
    }
}

/// Whether a line goes on on the next one.
fn is_broken(above: &str, line: &str) -> bool {
    let above = above.trim_end();
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let small = !first.starts_with(char::is_uppercase) || words.count() < MOST_WORDS;
    small
        && !line.starts_with([' ', '\t'])
        && line.len() < NARROWEST
        && !above.ends_with(['.', '!', '?', ':'])
        && above.len() + 1 + first.len() > NARROWEST
}
