//! Notices that nobody wrote for this message: confidentiality notices at the end of what
//! the author says, warnings of outside mail at its start.

use std::ops::Range;

use super::lines::Line;
use super::mark as mark_lines;
use super::tables;
use crate::model::ZoneKind;

/// Longest part of a paragraph that is searched, in bytes.
const LONGEST: usize = 4096;
/// Most cue words that a notice must have.
const ENOUGH_CUES: usize = 3;
/// Most lines of a heading or rule between notices.
const MOST_HEADINGS: usize = 3;

/// Marks the notices in the author's part of a text.
pub(super) fn mark(text: &str, lines: &mut [Line]) {
    let mut start = 0;
    let mut first = true;
    while start < lines.len() {
        if !is_own(&lines[start]) {
            start += 1;
            continue;
        }
        let length = lines[start..]
            .iter()
            .take_while(|line| is_own(line))
            .count();
        let end = start + length;
        if first {
            mark_banner(text, lines, start..end);
            first = false;
        }
        // Between two quotations the author is still speaking.
        let between = lines.get(end).is_some_and(|next| next.marks > 0);
        if !between {
            mark_end(text, lines, start..end);
        }
        start = end;
    }
}

fn is_own(line: &Line) -> bool {
    matches!(line.kind, ZoneKind::Author | ZoneKind::Signature)
}

fn mark_banner(text: &str, lines: &mut [Line], own: Range<usize>) {
    let Some(paragraph) = first_paragraph(lines, own) else {
        return;
    };
    let words = words(text, lines, &paragraph);
    if tables::BANNERS
        .iter()
        .any(|cues| cues.iter().all(|cue| words.contains(cue)))
    {
        mark_lines(&mut lines[paragraph], ZoneKind::Disclaimer, 0);
    }
}

fn first_paragraph(lines: &[Line], own: Range<usize>) -> Option<Range<usize>> {
    let start = own.clone().find(|&line| !lines[line].blank)?;
    let end = (start..own.end)
        .find(|&line| lines[line].blank)
        .unwrap_or(own.end);
    Some(start..end)
}

/// Marks the last paragraphs of a stretch as far as they are notices, with their headings.
fn mark_end(text: &str, lines: &mut [Line], own: Range<usize>) {
    let mut headings = 0;
    let mut rest = own.clone();
    // The first line of the notices found so far.
    let mut found = None;
    while let Some(paragraph) = last_paragraph(lines, rest) {
        let words = words(text, lines, &paragraph);
        if is_notice(&words) {
            found = Some(notice_start(text, lines, &paragraph));
        } else if is_heading(&words) && headings < MOST_HEADINGS {
            headings += 1;
            if found.is_some() && !is_rule(&words) {
                found = Some(paragraph.start);
            }
        } else {
            break;
        }
        rest = own.start..paragraph.start;
    }
    if let Some(start) = found {
        mark_lines(&mut lines[start..own.end], ZoneKind::Disclaimer, 0);
    }
}

fn last_paragraph(lines: &[Line], own: Range<usize>) -> Option<Range<usize>> {
    let last = own.clone().rev().find(|&line| !lines[line].blank)?;
    let start = (own.start..last).rev().find(|&line| lines[line].blank);
    Some(start.map_or(own.start, |blank| blank + 1)..last + 1)
}

/// The line of a paragraph on which its notice starts, where the author's last words stand
/// above it without a blank line.
fn notice_start(text: &str, lines: &[Line], paragraph: &Range<usize>) -> usize {
    paragraph
        .clone()
        .find(|&line| {
            let words = words(text, lines, &(line..line + 1));
            tables::NOTICE_STARTS
                .iter()
                .any(|start| words.trim_start().starts_with(start))
        })
        .unwrap_or(paragraph.start)
}

fn is_notice(words: &str) -> bool {
    let cues = tables::NOTICE_CUES.iter();
    cues.filter(|cue| words.contains(*cue)).count() >= ENOUGH_CUES
}

/// A line of a few words that tells of a notice, or a rule.
fn is_heading(words: &str) -> bool {
    let words = words.trim();
    is_rule(words)
        || (words.len() <= 60
            && tables::NOTICE_STARTS
                .iter()
                .any(|start| words.starts_with(start)))
}

fn is_rule(words: &str) -> bool {
    let words = words.trim();
    words.len() >= 3
        && words
            .bytes()
            .all(|byte| matches!(byte, b'*' | b'-' | b'_' | b'='))
}

/// A paragraph in lower case, line breaks as spaces.
fn words(text: &str, lines: &[Line], paragraph: &Range<usize>) -> String {
    let (Some(first), Some(last)) = (lines.get(paragraph.start), lines.get(paragraph.end - 1))
    else {
        return String::new();
    };
    let passage = &text[first.start..last.end];
    let passage = &passage[..passage.floor_char_boundary(LONGEST)];
    let mut words = String::with_capacity(passage.len());
    for word in passage.split_ascii_whitespace() {
        words.push_str(word);
        words.push(' ');
    }
    words.make_ascii_lowercase();
    words
}
