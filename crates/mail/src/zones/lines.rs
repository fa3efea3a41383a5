//! A text as lines, each with what can be told from it alone.

use super::labels::Label;
use super::labels::label;
use crate::model::ZoneKind;

/// One line of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// First byte.
    pub(super) start: usize,
    /// First byte after the quote marks.
    pub(super) content: usize,
    /// One past its line end.
    pub(super) end: usize,
    /// How many `>` it starts with, or other marks that stand for them.
    pub(super) marks: u16,
    /// Whether nothing is on it but white space and marks.
    pub(super) empty: bool,
    /// The label of a header block with which it starts.
    pub(super) label: Option<Label>,
    pub(super) kind: ZoneKind,
    pub(super) depth: u16,
}

impl Line {
    /// The line without its end.
    pub(super) fn text<'a>(&self, text: &'a str) -> &'a str {
        without_end(&text[self.start..self.end])
    }

    /// The line without its end and the quote marks before it.
    pub(super) fn content<'a>(&self, text: &'a str) -> &'a str {
        without_end(&text[self.content..self.end])
    }

    /// Whether nothing at all is on it: a blank line that is quoted is text of its quote.
    pub(super) fn is_blank(&self) -> bool {
        self.empty && self.marks == 0
    }
}

fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// The first byte of a line that is no space or tab: by it most lines can be told from those looked for. What is not
/// graphic ASCII may be other white space.
pub(super) fn first_byte(line: &str) -> Option<u8> {
    let mut bytes = line.bytes();
    bytes.find(|byte| !matches!(byte, b' ' | b'\t'))
}

/// Most lines that are looked at one by one, so that memory is bounded; no letter has so many. The rest of the text is
/// as its first line is.
const MOST_LINES: usize = 1 << 20;

/// Cuts a text into lines.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity((text.len() / 32 + 1).min(MOST_LINES));
    let mut start = 0;
    while start < text.len() {
        if lines.len() + 1 == MOST_LINES {
            lines.push(line(text, start, text.len()));
            break;
        }
        let rest = &text.as_bytes()[start..];
        let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at + 1);
        lines.push(line(text, start, end));
        start = end;
    }
    lines
}

fn line(text: &str, start: usize, end: usize) -> Line {
    let line = &text[start..end];
    let (marks, length) = quote_marks(line.as_bytes());
    let rest = &line[length..];
    let empty = rest.trim_start().is_empty();
    Line {
        start,
        content: start + length,
        end,
        marks,
        empty,
        label: if empty { None } else { label(rest) },
        kind: ZoneKind::Author,
        depth: 0,
    }
}

/// How many `>` a line starts with, white space between them or not, and where they end. The first
/// may have one space before it.
pub(super) fn quote_marks(line: &[u8]) -> (u16, usize) {
    let first = usize::from(line.first() == Some(&b' '));
    if line.get(first) != Some(&b'>') {
        return (0, 0);
    }
    let mut marks: u16 = 0;
    let mut length = 0;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'>' => {
                marks = marks.saturating_add(1);
                length = at + 1;
            }
            b' ' | b'\t' => {}
            _ => break,
        }
    }
    (marks, length)
}
