//! The rows of a load file, one after the other, with their places.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use super::dialect::{Charset, Dialect};

/// Longest row, in bytes: longer ones are told and passed over.
const LONGEST: usize = 16 << 20;
/// Most lines that one row may go over.
const MOST_LINES: usize = 1000;

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    /// Counted from 1, the header not included.
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
    /// Its fields, one for each column, or why it has none.
    pub(super) fields: Result<Vec<String>, String>,
}

/// Reads the rows of a load file.
pub(super) struct Rows<'d, R> {
    dialect: &'d Dialect,
    lines: Lines<R>,
    /// Lines that were read to see whether they belong to the row before.
    ahead: VecDeque<Line>,
    /// Lines that begin before here are taken by themselves.
    alone_until: u64,
    number: u64,
}

impl<'d, R: Read> Rows<'d, R> {
    /// Takes a load file from its first byte.
    pub(super) fn new(dialect: &'d Dialect, data: R) -> io::Result<Self> {
        let mut lines = Lines {
            data: BufReader::with_capacity(1 << 16, data),
            charset: dialect.charset,
            offset: 0,
        };
        lines.next()?;
        Ok(Self {
            dialect,
            lines,
            ahead: VecDeque::new(),
            alone_until: 0,
            number: 0,
        })
    }

    /// The next row; blank lines are none.
    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        loop {
            let Some(line) = self.line()? else {
                return Ok(None);
            };
            let text = self.dialect.decode(&line.bytes);
            if text.trim_matches(['\u{1a}', ' ', '\t']).is_empty() && !line.is_cut {
                continue;
            }
            self.number += 1;
            return self.row(line, text).map(Some);
        }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    fn row(&mut self, line: Line, text: String) -> io::Result<Row> {
        let count = self.dialect.columns.count();
        let is_open = self.dialect.quotes(&text) % 2 == 1;
        if is_open && line.offset >= self.alone_until && !line.is_cut {
            if let Some((fields, length)) = self.over_lines(&line, &text)? {
                return Ok(self.made(&line, length, Ok(fields)));
            }
            self.alone_until = self.lines.offset;
        }
        let fields = self.dialect.fields(&text);
        let fields = match fields.len() {
            _ if line.is_cut => Err(format!("a row of more than {LONGEST} bytes")),
            found if found == count => Ok(fields),
            found => Err(format!(
                "a row with {found} fields; there are {count} columns"
            )),
        };
        Ok(self.made(&line, line.length, fields))
    }

    /// A row that goes over several lines: until each field is closed. Lines that do not make one go back.
    fn over_lines(&mut self, first: &Line, text: &str) -> io::Result<Option<(Vec<String>, u64)>> {
        let mut bytes = first.bytes.clone();
        let mut quotes = self.dialect.quotes(text);
        let mut length = first.length;
        let mut taken = 0;
        while taken < MOST_LINES && bytes.len() < LONGEST {
            if taken == self.ahead.len() {
                match self.lines.next()? {
                    Some(line) => self.ahead.push_back(line),
                    None => return Ok(None),
                }
            }
            let Some(line) = self.ahead.get(taken).filter(|line| !line.is_cut) else {
                return Ok(None);
            };
            taken += 1;
            bytes.extend_from_slice(&line.bytes);
            length += line.length;
            quotes += self.dialect.quotes(&self.dialect.decode(&line.bytes));
            if quotes.is_multiple_of(2) {
                let fields = self.dialect.fields(&self.dialect.decode(&bytes));
                if fields.len() != self.dialect.columns.count() {
                    return Ok(None);
                }
                self.ahead.drain(..taken);
                return Ok(Some((fields, length)));
            }
        }
        Ok(None)
    }

    fn made(&self, line: &Line, length: u64, fields: Result<Vec<String>, String>) -> Row {
        Row {
            number: self.number,
            offset: line.offset,
            length,
            fields,
        }
    }
}

/// One line with its end.
pub(super) struct Line {
    pub(super) offset: u64,
    pub(super) length: u64,
    /// Its bytes, of one that is too long the first.
    pub(super) bytes: Vec<u8>,
    is_cut: bool,
}

/// Lines of a file, with their places.
pub(super) struct Lines<R> {
    data: BufReader<R>,
    charset: Charset,
    pub(super) offset: u64,
}

impl<R: Read> Lines<R> {
    /// Lines of text of one byte a character.
    pub(super) fn plain(data: R) -> Self {
        Self {
            data: BufReader::with_capacity(1 << 16, data),
            charset: Charset::Utf8,
            offset: 0,
        }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line {
            offset: self.offset,
            length: 0,
            bytes: Vec::new(),
            is_cut: false,
        };
        loop {
            let buffer = match self.data.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.map_or(buffer.len(), |end| end + 1));
            let part = part.unwrap_or_default();
            let room = LONGEST.saturating_sub(line.bytes.len());
            line.is_cut |= part.len() > room;
            line.bytes
                .extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            let count = part.len();
            let is_last = count == 0;
            self.data.consume(count);
            line.length += count as u64;
            self.offset += count as u64;
            if is_last || (end.is_some() && self.is_end(&mut line)?) {
                return Ok((line.length > 0).then_some(line));
            }
        }
    }

    /// Whether a byte 0x0A is the end of a line: in two-byte characters it may be half of one.
    fn is_end(&mut self, line: &mut Line) -> io::Result<bool> {
        let at = line.length as usize - 1;
        match self.charset {
            Charset::Utf8 | Charset::Windows1252 => Ok(true),
            Charset::Utf16Be => {
                let high = at.checked_sub(1).and_then(|high| line.bytes.get(high));
                Ok(at % 2 == 1 && (high == Some(&0) || line.is_cut))
            }
            Charset::Utf16Le => {
                // Lines begin at even places: of the file, and so of the line.
                if at % 2 == 1 {
                    return Ok(false);
                }
                let next = self.data.fill_buf()?.first().copied();
                if let Some(high) = next {
                    self.data.consume(1);
                    self.offset += 1;
                    line.length += 1;
                    if line.bytes.len() < LONGEST {
                        line.bytes.push(high);
                    }
                }
                Ok(next.is_none_or(|high| high == 0))
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::loadfile::dialect::sniff;

    fn rows(bytes: &[u8]) -> Vec<(u64, u64, u64, Option<Vec<String>>)> {
        let dialect = sniff(bytes).unwrap();
        let mut rows = Rows::new(&dialect, bytes).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            found.push((row.number, row.offset, row.length, row.fields.ok()));
        }
        found
    }

    fn fields(values: [&str; 2]) -> Option<Vec<String>> {
        Some(values.map(str::to_owned).to_vec())
    }

    #[test]
    fn rows_tell_where_they_lie() {
        let text = "DocID,Text Path\n1,a\r\n\n\"2\nx\",b\n3\n4,c";
        let found = rows(text.as_bytes());
        assert_eq!(
            found,
            [
                (1, 16, 5, fields(["1", "a"])),
                (2, 22, 8, fields(["2\nx", "b"])),
                (3, 30, 2, None),
                (4, 32, 3, fields(["4", "c"])),
            ]
        );
        for (_, offset, length, _) in found {
            let end = (offset + length) as usize;
            assert!(end == text.len() || text.as_bytes()[end - 1] == b'\n');
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_row() {
        let found = rows(b"DocID,Text Path\n\"1,a\n2,b\n3,c\n");
        let numbers: Vec<_> = found.iter().map(|row| row.3.is_some()).collect();
        assert_eq!(numbers, [false, true, true]);
    }

    #[test]
    fn two_byte_characters_that_hold_a_line_end_are_none() {
        let text = "\u{feff}þAþ\u{14}þBþ\r\nþ\u{0a0a}\u{010a}\u{0a41}þ\u{14}þxþ\r\n";
        for bytes in [
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ] {
            let found = rows(&bytes);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].3, fields(["\u{0a0a}\u{010a}\u{0a41}", "x"]));
        }
    }
}
