//! Lines that introduce another message.

use memchr::memmem;

use super::lines::Line;
use super::tables;
use crate::model::ZoneKind;

/// Most lines of an introduction.
const MOST_LINES: usize = 3;
/// Most blank lines between an introduction and what it introduces.
const MOST_BLANK_LINES: usize = 12;
/// Longest introduction, in bytes.
const LONGEST: usize = 600;

/// The kind of message that a separator on line `at` begins, and the line after it.
pub(super) fn separator(text: &str, lines: &[Line], at: usize) -> Option<(ZoneKind, usize)> {
    let line = lines[at].text(text).trim();
    let ruled = line.starts_with("--") || line.starts_with("__") || line.starts_with("**");
    let last = line.as_bytes().last();
    if line.len() > LONGEST || !(ruled || last == Some(&b':')) {
        return None;
    }
    let is_rule = |character: char| matches!(character, '-' | '_' | '*' | ' ');
    let words = line.trim_matches(is_rule);
    let separator = tables::SEPARATORS
        .iter()
        .find(|separator| match separator.form {
            tables::Form::Ruled => ruled && tables::same(words, separator.words),
            tables::Form::RuledStart => ruled && tables::starts(words, separator.words),
            tables::Form::Bare => tables::same(words, separator.words),
        })?;
    let ends = |line: &str| line.trim_end().ends_with("--");
    let next_ends = || lines.get(at + 1).is_some_and(|next| ends(next.text(text)));
    let wrapped = matches!(separator.form, tables::Form::RuledStart) && !ends(line) && next_ends();
    Some((separator.kind, at + 1 + usize::from(wrapped)))
}

/// The line of underscores above a header block, if there is one, else the block's own line.
pub(super) fn rule_above(text: &str, lines: &[Line], at: usize) -> usize {
    let above = (at.saturating_sub(3)..at)
        .rev()
        .find(|&above| !lines[above].blank);
    let is_rule =
        |line: &str| line.len() >= 10 && line.bytes().all(|byte| matches!(byte, b'_' | b'-'));
    match above {
        Some(above) if lines[above].marks == 0 && is_rule(lines[above].text(text).trim()) => above,
        _ => at,
    }
}

/// Where the introduction starts of the quotation that starts at line `at`; `at` if
/// there is none, or if quoted lines are above.
pub(super) fn before_quote(text: &str, lines: &[Line], at: usize) -> usize {
    let Some(last) = (at.saturating_sub(2)..at)
        .rev()
        .find(|&above| !lines[above].blank)
    else {
        return at;
    };
    if lines[last].marks > 0 || !lines[last].text(text).trim_end().ends_with(':') {
        return at;
    }
    let first = last + 1 - MOST_LINES.min(last + 1);
    let mut start = last;
    while start > first && !lines[start - 1].blank && lines[start - 1].marks == 0 {
        start -= 1;
    }
    // The fewest lines that say who wrote and when, else those that say who wrote.
    let dated = (start..=last)
        .rev()
        .find(|&line| is_dated(passage(text, lines, line, last)));
    let said = (start..=last)
        .rev()
        .find(|&line| says_wrote(passage(text, lines, line, last)));
    match (dated, said) {
        (Some(dated), Some(_)) => dated,
        (None, Some(said)) => said,
        _ => at,
    }
}

/// The line after an introduction that starts on line `at` and has no line with `>` after it.
pub(super) fn without_marks(text: &str, lines: &[Line], at: usize) -> Option<usize> {
    if !tables::starts_introduction(lines[at].text(text)) {
        return None;
    }
    let last = (at..lines.len().min(at + MOST_LINES)).find(|&line| {
        let line = lines[line].text(text).trim_end();
        line.ends_with(':') || line.is_empty()
    })?;
    let passage = passage(text, lines, at, last);
    if !is_dated(passage) || !says_wrote(passage) {
        return None;
    }
    let next = lines[last + 1..]
        .iter()
        .take(MOST_BLANK_LINES)
        .find(|line| !line.blank)?;
    (next.marks == 0).then_some(last + 1)
}

fn passage<'a>(text: &'a str, lines: &[Line], first: usize, last: usize) -> &'a str {
    let passage = &text[lines[first].start..lines[last].end];
    &passage[..passage.floor_char_boundary(LONGEST)]
}

/// Whether a passage says when something was written: it starts as introductions do and has a year or
/// a time in it.
fn is_dated(passage: &str) -> bool {
    tables::starts_introduction(passage) && has_date(passage)
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

/// Whether a passage ends with a word for writing and a colon, as introductions do.
fn says_wrote(passage: &str) -> bool {
    let passage = passage.trim_end();
    let Some(words) = passage.strip_suffix(':') else {
        return false;
    };
    let words = words.trim_end();
    tables::VERBS.iter().any(|verb| words.ends_with(verb))
        || (tables::starts_introduction(passage)
            && tables::VERBS
                .iter()
                .any(|verb| memmem::find(words.as_bytes(), verb.as_bytes()).is_some()))
}
