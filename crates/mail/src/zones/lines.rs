//! A text as lines, each with what can be told from it alone.

use super::tables::Label;
use super::tables::label;
use crate::model::ZoneKind;

/// One line of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// First byte.
    pub(super) start: usize,
    /// One past its line end.
    pub(super) end: usize,
    /// How many `>` it starts with.
    pub(super) marks: u16,
    /// Whether nothing is on it but white space (and marks).
    pub(super) blank: bool,
    /// The label of a header block with which it starts.
    pub(super) label: Option<Label>,
    pub(super) kind: ZoneKind,
    pub(super) depth: u16,
}

impl Line {
    /// The line without its end.
    pub(super) fn text<'a>(&self, text: &'a str) -> &'a str {
        let line = &text[self.start..self.end];
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    }
}

/// Cuts a text into lines.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(text.len() / 32 + 1);
    let mut start = 0;
    while start < text.len() {
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
    let blank = rest.trim_start().is_empty();
    let label = if marks == 0 && !blank {
        label(rest)
    } else {
        None
    };
    // A blank line that is quoted is text of its quote.
    let blank = blank && marks == 0;
    Line {
        start,
        end,
        marks,
        blank,
        label,
        kind: ZoneKind::Author,
        depth: 0,
    }
}

/// How many `>` a line starts with, white space between them or not, and where they end. The first
/// may have one space before it.
fn quote_marks(line: &[u8]) -> (u16, usize) {
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
