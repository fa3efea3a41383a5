//! Tables that users write: comma-separated values with a row of names first, by RFC 4180, as spreadsheets
//! save them too (semicolons or tabs for commas, a byte order mark, either line end).
//!
//! What is wrong with one row is told with its line; the rows after it are read.

/// A table as it was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// The names of the columns, in lower case.
    pub(crate) names: Vec<String>,
    /// The other rows that are not blank, in order.
    pub(crate) rows: Vec<Result<Row, BadRow>>,
}

/// One row; as many cells as there are names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// Its cells.
    pub(crate) cells: Vec<String>,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// What is wrong, for people.
    pub(crate) message: String,
    /// The row as it is written, or the first line of it.
    pub(crate) text: String,
    /// Bytes of `text` that it is about.
    pub(crate) span: std::ops::Range<usize>,
    /// What would be right.
    pub(crate) hint: &'static str,
}

const QUOTING: &str = "a cell that holds quotes or the separator stands in quotes, and a quote in it is doubled: \"\"\"north pier\"\" contract\"";

/// Bytes of a table that may be read again because a quote before them is never closed: in a table made for it each
/// line opens one, and each would cost the whole rest.
const MOST_AGAIN: usize = 64 << 20;

/// What may stand between cells.
const SEPARATORS: [char; 3] = [',', ';', '\t'];

impl Table {
    /// Reads a table; one without a line has no names.
    pub(crate) fn read(text: &str) -> Self {
        let mut lines = Lines::new(text);
        let Some(first) = lines.next_text() else {
            return Self::default();
        };
        // What the names are separated by separates the rest.
        let separator = SEPARATORS
            .into_iter()
            .max_by_key(|separator| (first.matches(*separator).count(), *separator == ','))
            .unwrap_or(',');
        let mut table = Self::default();
        while let Some(row) = lines.row(separator) {
            match row {
                Ok(row) if row.cells.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(row) if table.names.is_empty() => {
                    let cells = row.cells.iter();
                    table.names = cells.map(|cell| cell.trim().to_lowercase()).collect();
                }
                Ok(mut row) => {
                    let width = table.names.len();
                    let has = row.cells.len();
                    let blank = |cell: &String| cell.trim().is_empty();
                    if row.cells.iter().skip(width).all(blank) {
                        row.cells.resize(width, String::new());
                        table.rows.push(Ok(row));
                    } else {
                        let text = lines.written(row.line);
                        table.rows.push(Err(BadRow {
                            line: row.line,
                            message: format!("{has} cells in a table of {width} columns"),
                            span: 0..text.len(),
                            text,
                            hint: QUOTING,
                        }));
                    }
                }
                Err(bad) => table.rows.push(Err(bad)),
            }
        }
        table
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

/// Reads rows out of a text and counts lines.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    /// Where each line met so far begins, by its number less 1.
    starts: Vec<usize>,
    /// Bytes read in vain so far.
    again: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
            at: 0,
            line: 1,
            starts: vec![0],
            again: 0,
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The first line that is not blank, not taken.
    fn next_text(&self) -> Option<&'t str> {
        self.rest().lines().find(|line| !line.trim().is_empty())
    }

    /// A line by its number.
    fn written(&self, line: u64) -> String {
        let start = self.starts.get(line as usize - 1).copied();
        let rest = self.text.get(start.unwrap_or(self.text.len())..);
        rest.and_then(|rest| rest.lines().next())
            .unwrap_or_default()
            .to_owned()
    }

    /// Goes on by a character that is there.
    fn step(&mut self, character: char) {
        self.at += character.len_utf8();
        if character == '\n' {
            self.line += 1;
            self.starts.push(self.at);
        }
    }

    /// The next row; `None` at the end.
    fn row(&mut self, separator: char) -> Option<Result<Row, BadRow>> {
        self.rest().chars().next()?;
        let (line, start) = (self.line, self.at);
        let mut cells = Vec::new();
        loop {
            let cell = match self.cell(separator) {
                Ok(cell) => cell,
                Err((mut message, place)) => {
                    let end = self.at;
                    self.back_to_line_after(line, start);
                    self.again += end.saturating_sub(self.at);
                    if self.again > MOST_AGAIN {
                        message = "one of many quotes that are never closed; the rest is not read";
                        self.at = self.text.len();
                    }
                    let text = self.written(line);
                    let at = place.saturating_sub(start).min(text.len());
                    return Some(Err(BadRow {
                        line,
                        message: message.to_owned(),
                        span: at..text.len(),
                        text,
                        hint: QUOTING,
                    }));
                }
            };
            cells.push(cell);
            match self.rest().chars().next() {
                Some(next) if next == separator => self.step(next),
                end => {
                    if end == Some('\r') {
                        self.step('\r');
                    }
                    if self.rest().starts_with('\n') {
                        self.step('\n');
                    }
                    return Some(Ok(Row { line, cells }));
                }
            }
        }
    }

    /// One cell, up to the separator or line end after it; or what is wrong and where.
    fn cell(&mut self, separator: char) -> Result<String, (&'static str, usize)> {
        let opening = self.at;
        let mut cell = String::new();
        if !self.rest().starts_with('"') {
            while let Some(next) = self.rest().chars().next() {
                if next == separator || next == '\n' || self.rest().starts_with("\r\n") {
                    break;
                }
                cell.push(next);
                self.step(next);
            }
            return Ok(cell);
        }
        self.step('"');
        loop {
            let Some(next) = self.rest().chars().next() else {
                return Err(("a quote that is never closed", opening));
            };
            self.step(next);
            if next != '"' {
                cell.push(next);
                continue;
            }
            let after = self.rest();
            if after.starts_with('"') {
                self.step('"');
                cell.push('"');
            } else if after.is_empty() || after.starts_with([separator, '\n', '\r']) {
                return Ok(cell);
            } else {
                return Err(("text after a closing quote", self.at));
            }
        }
    }

    /// Leaves the row that begins there and goes on with the line after its first: a quote that is not
    /// closed costs one line and not the rest of the table.
    fn back_to_line_after(&mut self, line: u64, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        self.at = rest
            .find('\n')
            .map_or(self.text.len(), |end| start + end + 1);
        self.line = line + 1;
        self.starts.truncate(line as usize);
        self.starts.push(self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let rows = Table::read(text).rows.into_iter();
        rows.map(|row| row.expect("it is a good row").cells)
            .collect()
    }

    fn bad(text: &str) -> Vec<(u64, String, String)> {
        let rows = Table::read(text).rows.into_iter();
        rows.filter_map(Result::err)
            .map(|bad| {
                let about = bad.text[bad.span.clone()].to_owned();
                (bad.line, bad.message, about)
            })
            .collect()
    }

    // RFC 4180 §2, and what spreadsheets make of it.
    #[test]
    fn cells_are_those_of_rfc_4180() {
        assert_eq!(
            cells("a,b\n1,\"two, \"\"2\"\"\"\n\"x\ny\",\n"),
            [["1", "two, \"2\""], ["x\ny", ""]]
        );
        assert_eq!(
            cells("\u{feff}A;B\r\n1;\"a;b\"\r\n\r\n;\r\n2\r\n"),
            [["1", "a;b"], ["2", ""]]
        );
        assert_eq!(cells("a\tb\nx, y\tz"), [["x, y", "z"]]);
        assert_eq!(Table::read("\u{feff}Name;QUERY\n").names, ["name", "query"]);
        assert_eq!(Table::read("").names, [""; 0]);
    }

    #[test]
    fn quotes_that_are_never_closed_are_read_in_bounded_time() {
        let text = format!("a,b\n{}", "x\",\"\n".repeat(20_000));
        let bad = bad(&text);
        // Each of the first rows costs the rest: 100 kB, of which 64 MiB hold 671.
        assert!((671..700).contains(&bad.len()), "{}", bad.len());
        assert!(
            bad.last()
                .is_some_and(|(_, message, _)| message.ends_with("the rest is not read"))
        );
    }

    #[test]
    fn a_bad_row_costs_its_line_and_no_other() {
        let text = "a,b\n\"north pier\" contract,x\n1,2,3\n\"open,1\n5,6\n";
        assert_eq!(
            bad(text),
            [
                (2, "text after a closing quote".into(), " contract,x".into()),
                (3, "3 cells in a table of 2 columns".into(), "1,2,3".into()),
                (4, "a quote that is never closed".into(), "\"open,1".into()),
            ]
        );
        let last = Table::read(text).rows.pop().expect("there are rows");
        assert_eq!(last.map(|row| row.line), Ok(5));
    }
}
