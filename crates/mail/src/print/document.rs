//! A document of print-outs as lines on pages.

use std::borrow::Cow;
use std::ops::Range;

use super::model::BoilerplateKind;
use super::model::PrintPlace;

/// Most lines that are looked at one by one, so that memory is bounded: the rest is taken as one.
const MOST_LINES: usize = 1 << 20;

/// One line of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// First byte in the text.
    pub(super) start: usize,
    /// One past its last byte, without the line end.
    pub(super) end: usize,
    /// First byte in the document.
    byte: usize,
    /// How many line feeds are before it: a form feed ends a line, and is counted by no other program.
    number: u32,
    /// The page that it is on, from 0.
    pub(super) page: u32,
    /// Whether nothing but white space is on it.
    pub(super) blank: bool,
    /// What it is if it is of the page and not of a message.
    pub(super) boilerplate: Option<BoilerplateKind>,
}

/// A document: its text, in lines.
pub(super) struct Document<'a> {
    /// The whole of it, in UTF-8.
    pub(super) text: Cow<'a, str>,
    pub(super) lines: Vec<Line>,
    /// Bytes of the document.
    pub(super) size: usize,
    /// Whether a form feed parts pages.
    pub(super) has_pages: bool,
    /// Pages that begin within the last line, where the document has more lines than are looked at.
    pub(super) pages_beyond: u32,
}

impl<'a> Document<'a> {
    /// Reads the bytes as UTF-8, or else as windows-1252, and cuts them into lines. A form feed ends a page.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                encoding_rs::WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0
            }
        };
        let mut document = Self {
            lines: Vec::with_capacity((bytes.len() / 32 + 1).min(MOST_LINES)),
            size: bytes.len(),
            has_pages: false,
            pages_beyond: 0,
            text,
        };
        document.cut(bytes);
        document
    }

    fn cut(&mut self, bytes: &[u8]) {
        let text = self.text.as_bytes();
        let same = text.len() == bytes.len();
        let (mut start, mut byte, mut page, mut number) = (0, 0, 0, 0);
        while start < text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let raw = bytes.get(byte..).unwrap_or_default();
            let last = self.lines.len() + 1 == MOST_LINES;
            // In windows-1252 each byte is a character, and line ends are themselves.
            let length = if last { None } else { line_end(rest) };
            let length = length.unwrap_or(rest.len());
            let raw_length = match same {
                true => length,
                false if last => raw.len(),
                false => line_end(raw).unwrap_or(raw.len()),
            };
            let line = rest.get(..length).unwrap_or_default();
            let end = start + line.strip_suffix(b"\r").unwrap_or(line).len();
            let line = self.text.get(start..end).unwrap_or_default();
            self.lines.push(Line {
                start,
                end,
                byte,
                number,
                page,
                blank: line.trim_start().is_empty(),
                boilerplate: None,
            });
            if last {
                let inside = rest.strip_suffix(b"\x0c").unwrap_or(rest);
                let beyond = memchr::memchr_iter(b'\x0c', inside).count();
                self.pages_beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
            }
            if rest.get(length) == Some(&b'\x0c') {
                page += 1;
                self.has_pages = true;
            } else {
                number += 1;
            }
            start += length + 1;
            byte += raw_length + 1;
        }
    }

    /// A line's text.
    pub(super) fn line(&self, at: usize) -> &str {
        self.lines
            .get(at)
            .and_then(|line| self.text.get(line.start..line.end))
            .unwrap_or_default()
    }

    /// Whether a line says something of a message.
    pub(super) fn is_content(&self, at: usize) -> bool {
        self.lines
            .get(at)
            .is_some_and(|line| !line.blank && line.boilerplate.is_none())
    }

    /// The first byte of a line in the document; the end of the document behind its last line.
    pub(super) fn byte(&self, at: usize) -> usize {
        self.lines.get(at).map_or(self.size, |line| line.byte)
    }

    /// The byte in the document at which a stretch of a line's text begins or ends.
    fn byte_within(&self, at: usize, column: usize) -> usize {
        let line = self.line(at);
        let head = line.get(..column).unwrap_or(line);
        let wide = self.text.len() != self.size;
        let length = if wide {
            head.chars().count()
        } else {
            head.len()
        };
        self.byte(at) + length
    }

    /// The number of a line, from 1, in a message that begins on line `first`.
    pub(super) fn number(&self, first: usize, at: usize) -> u32 {
        let number = |at: usize| self.lines.get(at).map_or(0, |line| line.number);
        number(at).saturating_sub(number(first)) + 1
    }

    /// The place from a column of one line to a column of another, in a message that begins on line `first`.
    pub(super) fn place(
        &self,
        first: usize,
        (start, start_column): (usize, usize),
        (end, end_column): (usize, usize),
    ) -> PrintPlace {
        let base = self.byte(first);
        PrintPlace {
            start: (self.byte_within(start, start_column) - base) as u64,
            end: (self.byte_within(end, end_column) - base) as u64,
            first_line: self.number(first, start),
            last_line: self.number(first, end),
            page: self.lines.get(start).map_or(0, |line| line.page) + 1,
        }
    }

    /// The lines of each page.
    pub(super) fn pages(&self) -> Vec<Range<usize>> {
        let mut pages: Vec<Range<usize>> = Vec::new();
        let mut page = None;
        for (at, line) in self.lines.iter().enumerate() {
            match pages.last_mut() {
                Some(last) if page == Some(line.page) => last.end = at + 1,
                _ => pages.push(at..at + 1),
            }
            page = Some(line.page);
        }
        pages
    }
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    memchr::memchr2(b'\n', b'\x0c', bytes)
}

/// How many columns of white space a line starts with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_page_and_byte() {
        let document = Document::read(b"a\r\nb\n\x0cc \xe9 d\ne");
        let lines: Vec<_> = (0..document.lines.len())
            .map(|at| {
                (
                    document.line(at),
                    document.lines[at].page,
                    document.byte(at),
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                ("a", 0, 0),
                ("b", 0, 3),
                ("", 0, 5),
                ("c \u{e9} d", 1, 6),
                ("e", 1, 12)
            ]
        );
        // The letter is one byte in the document and two in the text.
        let place = document.place(1, (3, 0), (3, 4));
        assert_eq!((place.start, place.end), (3, 6));
        // A form feed ends no line for other programs.
        assert_eq!((place.first_line, place.last_line, place.page), (2, 2, 2));
        assert_eq!(document.pages(), [0..3, 3..5]);
    }
}
