//! Signatures: what stands under a line of hyphens, what telephones add, and the block of name, title and
//! telephone at the end of what the author says.
//!
//! A block without a mark before it is taken for a signature only where it begins with the author's own name and
//! tells how to reach the author: an address that somebody else is sent to stays the author's words.

use std::ops::Range;

use super::headers;
use super::lines::Line;
use super::lines::first_byte;
use super::mark as mark_lines;
use super::tables;
use crate::model::Mention;
use crate::model::ZoneKind;

/// Most lines of a signature; what is longer is text.
const MOST_LINES: usize = 40;
/// Most lines of one with which a text starts.
const MOST_LINES_AT_TOP: usize = 4;
/// Most words of a line that is no prose.
const MOST_WORDS_IN_SIGNATURE: usize = 8;
/// Most lines of prose in a signature: a motto.
const MOST_PROSE: usize = 6;
/// Most lines with words on them of a block that has no mark before it.
const MOST_BLOCK_LINES: usize = 24;
/// Fewest lines of one that does not begin with the author's name.
const FEWEST_UNNAMED: usize = 5;
/// Most lines of a paragraph that tells of an office alone.
const MOST_LINES_OF_OFFICE: usize = 9;
/// Fewest of them that tell how to reach it.
const FEWEST_CONTACTS_OF_OFFICE: usize = 3;
/// Fewest words of what a gateway puts under a signature.
const FEWEST_WORDS_OF_FOOTER: usize = 12;
/// Fewest words of its first line.
const FEWEST_WORDS_OF_ITS_FIRST_LINE: usize = 8;
/// Most lines of it.
const MOST_LINES_OF_FOOTER: usize = 6;
/// Most lines of one between two lines that may be its first.
const NEAR: usize = 3;
/// Most lines of a paragraph of such a block.
const MOST_PARAGRAPH_LINES: usize = 16;
/// Longest line of such a block that tells no way to reach the author, in bytes.
const LONGEST_LINE: usize = 72;
/// Longest line of such a block, in bytes: links are long.
const LONGEST_CONTACT: usize = 600;
/// Most words of a line that begins with the author's name.
const MOST_NAME_WORDS: usize = 10;
/// Shortest word of a name by which an author is known.
const SHORTEST_NAME: usize = 3;
/// Most words of names that are looked for.
const MOST_NAMES: usize = 16;

/// Marks the signatures in the author's part of a text.
pub(super) fn mark(text: &str, lines: &mut [Line], authors: &[Mention]) {
    let names = names(authors);
    let mut start = 0;
    while start < lines.len() {
        if lines[start].kind != ZoneKind::Author {
            start += 1;
            continue;
        }
        let length = lines[start..]
            .iter()
            .take_while(|line| line.kind == ZoneKind::Author)
            .count();
        let own = start..start + length;
        start = own.end;
        let last = own.end == lines.len() || lines[own.end].marks == 0;
        mark_own(text, lines, own, last, &names);
    }
}

/// Marks the signatures of one stretch; a block without a mark only where the stretch is the `last` before a quotation
/// or the end.
fn mark_own(text: &str, lines: &mut [Line], own: Range<usize>, last: bool, names: &[String]) {
    let mut at = own.start;
    let mut under_hyphens = false;
    while at < own.end {
        let end = if lines[at].empty {
            at
        } else {
            under_mark(text, lines, at, own.end, names)
        };
        mark_lines(&mut lines[at..end], ZoneKind::Signature, 0);
        under_hyphens |= end > at && is_rule(lines[at].text(text)) && end == own.end;
        at = end.max(at + 1);
    }
    if !last || under_hyphens {
        return;
    }
    if let Some((start, footer)) = above_footer(text, lines, own.clone(), names) {
        mark_lines(&mut lines[start..footer], ZoneKind::Signature, 0);
        mark_lines(&mut lines[footer..own.end], ZoneKind::Disclaimer, 0);
    } else if let Some(start) = block(text, lines, own.clone(), names) {
        mark_lines(&mut lines[start..own.end], ZoneKind::Signature, 0);
    } else if let Some(start) = office(text, lines, own.clone()) {
        mark_lines(&mut lines[start..own.end], ZoneKind::Signature, 0);
    }
}

/// A signature above the last paragraph, and that paragraph: sentences with a link that a gateway has put under it.
fn above_footer(
    text: &str,
    lines: &[Line],
    own: Range<usize>,
    names: &[String],
) -> Option<(usize, usize)> {
    let footer = last_paragraph(lines, own.clone())?;
    if footer.len() > MOST_LINES_OF_FOOTER {
        return None;
    }
    let words = text[lines[footer.start].start..lines[footer.end - 1].end].trim();
    let first = lines[footer.start].text(text).split_whitespace();
    let reads = words.contains("://")
        && words.split_whitespace().count() >= FEWEST_WORDS_OF_FOOTER
        && first.count() >= FEWEST_WORDS_OF_ITS_FIRST_LINE
        && !words.contains('|')
        && !has_telephone(words)
        && !["P.S", "PS"].iter().any(|start| words.starts_with(start));
    let start = reads.then(|| block(text, lines, own.start..footer.start, names))??;
    Some((start, footer.start))
}

/// The last paragraph, where it tells of an office: several ways to reach it, in a few lines that are set apart by two
/// blank ones.
fn office(text: &str, lines: &[Line], own: Range<usize>) -> Option<usize> {
    let paragraph = last_paragraph(lines, own.clone())?;
    let start = paragraph.start;
    let apart = start >= own.start + 3 && lines[start - 2..start].iter().all(|line| line.empty);
    if !apart || !(FEWEST_UNNAMED..=MOST_LINES_OF_OFFICE).contains(&paragraph.len()) {
        return None;
    }
    let above = lines[own.start..start]
        .iter()
        .rev()
        .find(|line| !line.empty)?;
    let words = || lines[paragraph.clone()].iter().map(|line| line.text(text));
    let contacts = words().filter(|line| tells_contact(line)).count();
    let told = contacts >= FEWEST_CONTACTS_OF_OFFICE
        && words().any(has_telephone)
        && words().any(|line| line.contains('@') || line.contains("www."));
    let written = words().any(is_sentence) || above.text(text).trim_end().ends_with(':');
    (told && !written).then_some(start)
}

/// The line after the signature that a line of hyphens or a telephone's line on `at` begins; `at` if none does.
fn under_mark(text: &str, lines: &[Line], at: usize, end: usize, names: &[String]) -> usize {
    let line = lines[at].text(text);
    let next = at + 1;
    let rule = is_rule(line) && next < end && !lines[next].empty;
    let named = rule && end - at <= MOST_BLOCK_LINES && {
        let reached = || (next..end).any(|line| tells_contact(lines[line].text(text)));
        let name = lines[next].text(text);
        is_name(name, names) || (is_any_name(name) && reached())
    };
    if is_hyphens(line) || named {
        let end = (next..end.min(at + MOST_LINES + 1))
            .find(|&line| begins_patch(lines[line].text(text)))
            .unwrap_or(end);
        let is_text = end - at > MOST_LINES || reads_on(text, lines, at..end);
        return if is_text { at } else { end };
    }
    if tables::is_telephone_signature(line) {
        return next;
    }
    if rule && tables::is_telephone_signature(lines[next].text(text)) {
        return next + 1;
    }
    at
}

/// Whether a line begins what git writes below a signature: a patch, or the marks of one.
fn begins_patch(line: &str) -> bool {
    line.trim_end() == "---" || line.starts_with("diff --git ") || headers::is_patch_line(line)
}

/// Whether what stands under hyphens is text that goes on, and no signature: nothing stands above it, or
/// it is what a program has printed, or it has many lines of prose.
fn reads_on(text: &str, lines: &[Line], under: Range<usize>) -> bool {
    let below = &lines[under.start + 1..under.end];
    let written = below.iter().filter(|line| !line.empty).count();
    let above = &lines[under.start.saturating_sub(MOST_LINES)..under.start];
    let first = above.iter().all(|line| line.empty);
    let prose = below.iter().map(|line| line.text(text));
    let prose = prose.filter(|line| line.split_whitespace().count() > MOST_WORDS_IN_SIGNATURE);
    // Without a space behind them programs put hyphens between pieces of what they found.
    let is_bare = |line: &Line| line.text(text) == "--";
    let printed = is_bare(&lines[under.start])
        && (above.iter().chain(below).any(is_bare)
            || below
                .first()
                .is_some_and(|line| line.text(text).starts_with("     ")));
    (first && written > MOST_LINES_AT_TOP) || printed || prose.count() > MOST_PROSE
}

fn is_hyphens(line: &str) -> bool {
    matches!(line, "-- " | "--")
}

/// The first line of the block with the author's name and how to reach the author with which a stretch ends.
fn block(text: &str, lines: &[Line], own: Range<usize>, names: &[String]) -> Option<usize> {
    let mut unnamed = Unnamed::default();
    let mut rest = own.start..own.end;
    let (mut taken, mut contacts) = (0, 0);
    while let Some(paragraph) = last_paragraph(lines, rest.clone()) {
        let length = paragraph.len();
        taken += length;
        if taken > MOST_BLOCK_LINES || length > MOST_PARAGRAPH_LINES {
            return unnamed.start;
        }
        let mut tells = [false; MOST_PARAGRAPH_LINES];
        for (tells, line) in tells.iter_mut().zip(&lines[paragraph.clone()]) {
            *tells = tells_contact(line.text(text));
        }
        let reach = tells.iter().filter(|tells| **tells).count();
        let mut below = contacts;
        for (at, tells) in paragraph.clone().zip(tells).rev() {
            let line = lines[at].text(text);
            below += usize::from(tells);
            if below > 0 && is_name(line, names) {
                let start = with_rule(text, lines, at, own.start);
                return Some(with_picture(text, lines, start, own.start));
            }
            // Within a paragraph that tells how to reach the author sentences may stand.
            if !belongs(line, tells || reach > 0) {
                return unnamed.start;
            }
            let above = lines[own.start..at].iter().rev().find(|above| !above.empty);
            unnamed.take(at, line, above.map(|above| above.text(text)));
        }
        contacts += reach;
        rest = own.start..paragraph.start;
    }
    unnamed.start
}

/// A block that begins with somebody's name, though not with that of the address it was sent from: an office's
/// mailbox. It has to tell more.
#[derive(Default)]
struct Unnamed {
    lines: usize,
    telephone: bool,
    address: bool,
    start: Option<usize>,
    /// How many lines were taken when `start` was found.
    found: usize,
}

impl Unnamed {
    /// Takes one more line, from below; `above` is the one above it.
    fn take(&mut self, at: usize, line: &str, above: Option<&str>) {
        self.lines += 1;
        self.telephone |= has_telephone(line);
        self.address |= line.contains('@');
        let told = self.telephone && self.address && self.lines >= FEWEST_UNNAMED;
        let led_to = above.is_none_or(|above| above.trim_end().ends_with(':'));
        // What stands right above the name of an office may be the person's.
        let near = self.start.is_none() || self.lines - self.found <= NEAR;
        if told && near && !led_to && is_any_name(line) {
            self.start = Some(at);
            self.found = self.lines;
        }
    }
}

/// Whether a line is two or three words that begin with a capital, with a degree after them or not.
fn is_any_name(line: &str) -> bool {
    let name = line.trim().split(',').next().unwrap_or_default();
    let words: Vec<&str> = name.split_whitespace().collect();
    (2..=3).contains(&words.len())
        && !tables::has_contact_word(name)
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                && word
                    .chars()
                    .all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'))
        })
}

/// The rule above a line, if there is one directly, else the line.
fn with_rule(text: &str, lines: &[Line], at: usize, first: usize) -> usize {
    if at > first && is_rule(lines[at - 1].text(text)) {
        at - 1
    } else {
        at
    }
}

/// The picture above a line, as mail programs write it in its place, if there is one within two lines, else the line.
fn with_picture(text: &str, lines: &[Line], at: usize, first: usize) -> usize {
    let above = (at.saturating_sub(3).max(first)..at)
        .rev()
        .find(|&above| !lines[above].empty);
    let is_picture = |line: &str| {
        let line = line.trim_start();
        ["cid:", "[cid:", "[image: "]
            .iter()
            .any(|start| line.starts_with(start))
    };
    above
        .filter(|&above| is_picture(lines[above].text(text)))
        .unwrap_or(at)
}

fn is_rule(line: &str) -> bool {
    let is_mark = |byte: u8| matches!(byte, b'-' | b'_' | b'*' | b'=' | b'~');
    if first_byte(line).is_none_or(|first| first.is_ascii_graphic() && !is_mark(first)) {
        return false;
    }
    let line = line.trim();
    line.len() >= 2 && line.bytes().all(is_mark)
}

fn last_paragraph(lines: &[Line], own: Range<usize>) -> Option<Range<usize>> {
    let last = own.clone().rev().find(|&line| !lines[line].empty)?;
    let start = (own.start..last).rev().find(|&line| lines[line].empty);
    Some(start.map_or(own.start, |blank| blank + 1)..last + 1)
}

/// Whether a line can stand in a signature.
fn belongs(line: &str, among_contacts: bool) -> bool {
    let line = line.trim();
    if line.len() > LONGEST_CONTACT || is_footnote(line) {
        return false;
    }
    among_contacts || (line.len() <= LONGEST_LINE && !is_sentence(line))
}

/// `[1] https://pier.example`: what the author refers to.
fn is_footnote(line: &str) -> bool {
    line.strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .is_some_and(|(number, _)| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// Whether a line reads as a sentence, or as the last of one.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace().count();
    let ended = line.ends_with(['.', '?', '!', ',', ';', ':']);
    words > 8 || (ended && words > 4)
}

/// Whether a line begins as that of a signature does: with the author's name, in a few words.
fn is_name(line: &str, names: &[String]) -> bool {
    let line = line.split('|').next().unwrap_or_default().trim();
    let begins = line.starts_with(|first: char| first.is_uppercase());
    if !begins
        || is_sentence(line)
        || line.ends_with(':')
        || line.contains('@')
        || line.split_whitespace().count() > MOST_NAME_WORDS
    {
        return false;
    }
    let head: Vec<&str> = line
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .filter(|word| !word.is_empty())
        .take(4)
        .collect();
    head.first().is_some_and(|first| {
        is_one_of(first, names) || head.get(1).is_some_and(|next| is_one_of(next, names))
    })
}

fn is_one_of(word: &str, names: &[String]) -> bool {
    let word = word.to_lowercase();
    let long = word.chars().count() > SHORTEST_NAME;
    names
        .iter()
        .any(|name| *name == word || (long && (name.starts_with(&word) || name.ends_with(&word))))
}

/// Words of the names under which machines write: they also begin lines of their reports.
const MACHINES: &[&str] = &[
    "mail",
    "mailer",
    "daemon",
    "delivery",
    "postmaster",
    "system",
    "subsystem",
];

/// The words of the authors' names and of their addresses, in lower case.
fn names(authors: &[Mention]) -> Vec<String> {
    let mut names = Vec::new();
    for author in authors {
        let mailbox = author
            .address
            .as_deref()
            .and_then(|address| address.split('@').next());
        for words in [author.name.as_deref(), mailbox].into_iter().flatten() {
            // What stands in brackets is an agency's name.
            let words = words.split('(').next().unwrap_or_default();
            let words = words.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'));
            let words = words.filter(|word| word.chars().count() >= SHORTEST_NAME);
            let words = words.take(MOST_NAMES).map(str::to_lowercase);
            names.extend(words.filter(|word| !MACHINES.contains(&word.as_str())));
        }
        if names.len() >= MOST_NAMES {
            break;
        }
    }
    names
}

/// Whether a line tells how to reach somebody, or an office.
fn tells_contact(line: &str) -> bool {
    has_telephone(line) || tables::has_contact_word(line)
}

/// Whether a line has a telephone number: seven digits or more with a few marks among them, and none of a date's; or ten
/// in groups.
fn has_telephone(line: &str) -> bool {
    if line.bytes().filter(u8::is_ascii_digit).count() < 7 {
        return false;
    }
    let (mut digits, mut marks) = (0, 0);
    for byte in line.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'-' | b'.' | b'(' | b')' | b'+' => marks += 1,
            b' ' if digits > 0 => {}
            b'/' | b':' => (digits, marks) = (0, 0),
            _ if digits >= 7 && marks > 0 => return true,
            _ => (digits, marks) = (0, 0),
        }
    }
    (digits >= 7 && marks > 0 && digits <= 16) || has_spaced_telephone(line)
}

/// Whether a line has a telephone number with nothing but spaces in it: `555 010 0123`.
fn has_spaced_telephone(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let (mut first, mut second) = ("", "");
    words.any(|third| {
        let found = [(first, 3), (second, 3), (third, 4)]
            .iter()
            .all(|(word, length)| {
                word.len() == *length && word.bytes().all(|byte| byte.is_ascii_digit())
            });
        (first, second) = (second, third);
        found
    })
}
