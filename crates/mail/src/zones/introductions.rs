//! Lines that introduce another message.

use memchr::memmem;

use super::lines::Line;
use super::lines::first_byte;
use super::tables;
use crate::model::ZoneKind;

/// Most lines of an introduction.
const MOST_LINES: usize = 3;
/// Most blank lines between an introduction and what it introduces.
const MOST_BLANK_LINES: usize = 12;
/// Longest introduction, in bytes.
const LONGEST: usize = 600;
/// How far below an introduction lines with marks are looked for, where the author has put words between.
const FARTHEST_QUOTE: usize = 60;

/// The kind of message that a separator on line `at` begins, and the line after it.
pub(super) fn separator(text: &str, lines: &[Line], at: usize) -> Option<(ZoneKind, usize)> {
    let line = lines[at].content(text);
    let (first, last) = (first_byte(line)?, line.trim_ascii_end().as_bytes().last()?);
    let may_end = matches!(last, b':' | b'.') || !last.is_ascii_graphic();
    if first.is_ascii_graphic() && !matches!(first, b'-' | b'_' | b'*') && !may_end {
        return None;
    }
    let line = line.trim();
    let first = line.as_bytes().first();
    let ruled = matches!(first, Some(b'-' | b'_' | b'*')) && line.as_bytes().get(1) == first;
    let last = line.as_bytes().last();
    if line.len() > LONGEST || !(ruled || matches!(last, Some(b':' | b'.'))) {
        return None;
    }
    let words = without_rules(line);
    let may_be_bare = words.len() < 128 && tables::BARE_LENGTHS >> words.len() & 1 == 1;
    if words.is_empty() || !(ruled || may_be_bare) {
        return None;
    }
    let separator = tables::SEPARATORS
        .iter()
        .find(|separator| match separator.form {
            tables::Form::Ruled => ruled && tables::same(words, separator.words),
            tables::Form::RuledStart => ruled && tables::starts(words, separator.words),
            tables::Form::Bare => tables::same(words, separator.words),
        })?;
    let ends = |line: &str| line.trim_end().ends_with("--");
    let next_ends = || {
        lines
            .get(at + 1)
            .is_some_and(|next| ends(next.content(text)))
    };
    let wrapped = matches!(separator.form, tables::Form::RuledStart) && !ends(line) && next_ends();
    Some((separator.kind, at + 1 + usize::from(wrapped)))
}

/// The line after an introduction between rules (`---- On 4 March 2021 Anne Example wrote ---`), and whether lines with
/// more marks follow.
pub(super) fn ruled(text: &str, lines: &[Line], at: usize) -> Option<Introduction> {
    let line = lines[at].content(text);
    if first_byte(line) != Some(b'-') || line.len() > LONGEST {
        return None;
    }
    let line = line.trim();
    if !line.starts_with("--") {
        return None;
    }
    let words = without_rules(line);
    let wrote = || tables::VERBS.iter().any(|verb| words.ends_with(verb));
    if !tables::starts_introduction(words) || !wrote() {
        return None;
    }
    let mut below = lines[at + 1..].iter().take(MOST_BLANK_LINES);
    let next = below.find(|line| !line.empty);
    Some(Introduction {
        end: at + 1,
        marked: next.is_some_and(|next| next.marks > lines[at].marks),
    })
}

/// A line without the rule before and after its words.
fn without_rules(line: &str) -> &str {
    let is_word = |byte: &u8| !matches!(byte, b'-' | b'_' | b'*' | b' ');
    let bytes = line.as_bytes();
    let start = bytes.iter().position(is_word).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(is_word)
        .map_or(start, |last| last + 1);
    &line[start..end]
}

/// The rule above a header block, if there is one, else the block's own line. A short one counts only directly
/// above: it is what is left of the line that was drawn in HTML.
pub(super) fn rule_above(text: &str, lines: &[Line], at: usize) -> usize {
    let marks = lines[at].marks;
    let above = (at.saturating_sub(3)..at)
        .rev()
        .find(|&above| !lines[above].empty);
    let is_rule = |line: &str, least: usize| {
        line.len() >= least && line.bytes().all(|byte| matches!(byte, b'_' | b'-'))
    };
    match above {
        Some(above)
            if lines[above].marks == marks
                && is_rule(
                    lines[above].content(text).trim(),
                    if above + 2 >= at { 3 } else { 10 },
                ) =>
        {
            above
        }
        _ => at,
    }
}

/// Where the introduction starts of the quotation that starts at line `at`; `at` if
/// there is none, or if quoted lines are above.
pub(super) fn before_quote(text: &str, lines: &[Line], at: usize) -> usize {
    above(text, lines, at, lines[at].marks).unwrap_or(at)
}

/// Whether an introduction stands right above a line.
pub(super) fn is_above(text: &str, lines: &[Line], at: usize) -> bool {
    above(text, lines, at, lines[at].marks + 1).is_some()
}

/// Where the introduction starts that stands above line `at` and has fewer marks than `below`.
fn above(text: &str, lines: &[Line], at: usize, below: u16) -> Option<usize> {
    let last = (at.saturating_sub(2)..at)
        .rev()
        .find(|&above| !lines[above].empty || lines[above].marks >= below)?;
    if lines[last].marks >= below || !ends_with_colon(lines[last].content(text)) {
        return None;
    }
    let marks = lines[last].marks;
    let first = last + 1 - MOST_LINES.min(last + 1);
    let mut start = last;
    while start > first && !lines[start - 1].empty && lines[start - 1].marks == marks {
        start -= 1;
    }
    // The fewest lines that say who wrote and when, else those that say who wrote.
    let words = |line| passage(text, lines, line, last);
    let dated = (start..=last).rev().find(|&line| is_dated(&words(line)));
    let said = (start..=last)
        .rev()
        .find(|&line| says_wrote(&words(line)) || names_and_dates(&words(line)));
    said.map(|said| dated.unwrap_or(said))
}

/// An introduction that does not stand right above lines with `>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Introduction {
    /// The line after it.
    pub(super) end: usize,
    /// Whether what it introduces comes further below, with `>`: then the lines between are the author's.
    pub(super) marked: bool,
}

/// The introduction that starts on line `at` and has no line with `>` right after it.
pub(super) fn apart(text: &str, lines: &[Line], at: usize) -> Option<Introduction> {
    let line = lines[at].content(text);
    if !tables::starts_introduction(line) && !tables::may_start_with_person(line) {
        return None;
    }
    let last = (at..lines.len().min(at + MOST_LINES)).find(|&line| {
        let line = lines[line].content(text).trim_end();
        ends_with_colon(line) || line.is_empty()
    })?;
    let words = passage(text, lines, at, last);
    if !(says_wrote(&words) && (is_dated(&words) || is_address_alone(&words))) {
        return None;
    }
    let below = &lines[last + 1..];
    let next = below
        .iter()
        .take(MOST_BLANK_LINES)
        .position(|line| !line.is_blank())?;
    if below[next].marks > 0 {
        return None;
    }
    let end = last + 1;
    let quote = below
        .iter()
        .take(FARTHEST_QUOTE)
        .position(|line| line.marks > 0);
    let marked = quote.is_some_and(|quote| before_quote(text, lines, end + quote) == end + quote);
    Some(Introduction { end, marked })
}

fn ends_with_colon(line: &str) -> bool {
    let line = line.trim_end();
    line.ends_with(':') || line.ends_with('：')
}

/// Lines joined, without the marks before them.
fn passage(text: &str, lines: &[Line], first: usize, last: usize) -> String {
    let mut words = String::new();
    for line in &lines[first..=last] {
        let content = line.content(text);
        let room = LONGEST.saturating_sub(words.len());
        words.push_str(&content[..content.floor_char_boundary(room)]);
        words.push('\n');
    }
    words
}

/// Whether a passage says when something was written, as introductions do: it has a year or a time in it, and starts
/// as they do or names an address.
fn is_dated(passage: &str) -> bool {
    has_date(passage) && (tables::starts_introduction(passage) || passage.contains('@'))
}

fn has_date(passage: &str) -> bool {
    let mut digits = 0;
    for byte in passage.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b':' | b'/' | b'-' | b'.' if digits > 0 && digits <= 2 => return true,
            _ if digits == 4 => return true,
            _ => digits = 0,
        }
    }
    false
}

/// Whether a passage is an address, named or not, and a word for writing: `anne@agency.example wrote:`.
fn is_address_alone(passage: &str) -> bool {
    let words = passage.trim();
    words.contains('@') && !words.contains('\n') && words.split_whitespace().count() <= 6
}

/// Whether a passage names somebody with an address, and a date: right above a quotation that introduces it without
/// a word for writing too.
fn names_and_dates(passage: &str) -> bool {
    passage.contains('<') && passage.contains('@') && has_date(passage)
}

/// Whether a passage ends with a word for writing and a colon, as introductions do.
fn says_wrote(passage: &str) -> bool {
    let passage = passage.trim_end();
    let Some(words) = passage.strip_suffix([':', '：']) else {
        return false;
    };
    let words = words.trim_end();
    if tables::VERBS.iter().any(|verb| words.ends_with(verb)) {
        return true;
    }
    let has_verb = || {
        tables::VERBS
            .iter()
            .any(|verb| memmem::find(words.as_bytes(), verb.as_bytes()).is_some())
    };
    // `Anne Example wrote in <id>:`, `2021-03-04 10:11 GMT+01:00 Anne Example <address>:`
    match words.strip_suffix('>').and_then(|words| words.rfind('<')) {
        Some(angle) => {
            tables::starts_with_date(words)
                || words[..angle].trim_end().ends_with(" wrote in")
                || (tables::starts_introduction(passage) && has_verb())
        }
        None => tables::starts_introduction(passage) && has_verb(),
    }
}
