//! The words of a message without what is of its pages.

use std::borrow::Cow;
use std::ops::Range;

use super::block;
use super::block::Piece;
use super::boilerplate;
use super::document::Document;
use super::document::indent;
use super::tables;
use super::tables::Role;
use crate::redactions;
use crate::zones::labels::EN;

/// Columns of white space before what stands in the margin.
const MARGIN_GAP: &str = "   ";
/// Blank lines that are kept in a row.
const MOST_BLANK: u32 = 1;

/// Splits a line at the exemption codes and the agency's notes that stand in its margin; gives the words and the codes.
pub(super) fn without_margin(line: &str) -> (&str, Vec<String>) {
    let mut words = line.trim_end();
    let mut codes = Vec::new();
    if let Some(at) = note(words) {
        words = words.get(..at).unwrap_or_default().trim_end();
    }
    while let Some(gap) = words.rfind(MARGIN_GAP) {
        let margin = words.get(gap..).unwrap_or_default();
        if !boilerplate::is_codes(margin) {
            break;
        }
        codes.extend(self::codes(margin));
        words = words.get(..gap).unwrap_or_default().trim_end();
    }
    // A value that is nothing but a code was taken out whole.
    if boilerplate::is_codes(words) && codes.is_empty() && words.starts_with(['B', '1']) {
        codes.extend(self::codes(words));
        words = "";
    }
    (words, codes)
}

/// Where a note of the agency begins behind the words of a line.
fn note(line: &str) -> Option<usize> {
    let gap = line.find(MARGIN_GAP)?;
    let behind = line.get(gap..)?;
    let at = tables::MARGIN_NOTES
        .iter()
        .filter_map(|note| behind.find(note))
        .min()?;
    let before = behind.get(..at)?;
    before.ends_with(MARGIN_GAP).then_some(gap + at)
}

/// The exemption codes on a line, as they are compared.
pub(super) fn codes(line: &str) -> Vec<String> {
    let words = line.split([' ', ',', ';', '\t']);
    let codes = words.filter(|word| boilerplate::is_codes(word));
    codes.filter_map(redactions::code).collect()
}

/// The text of a message.
#[derive(Default)]
pub(super) struct Body {
    pub(super) text: String,
    /// Where its lines stand: see [`super::Print::lines`].
    pub(super) lines: Vec<(u32, u32)>,
    /// The codes in its margin.
    pub(super) codes: Vec<String>,
    /// Lines of the text so far.
    count: u32,
}

impl Body {
    fn push(&mut self, line: &str, number: u32) {
        self.count += 1;
        let goes_on = self
            .lines
            .last()
            .is_some_and(|(first, original)| original + (self.count - first) == number);
        if !goes_on {
            self.lines.push((self.count, number));
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn push_blank(&mut self, count: u32) {
        self.count += count;
        self.text.extend((0..count).map(|_| '\n'));
    }
}

/// The text of a message on some lines, words on the last line of its header first: lines of the pages left out,
/// the indentation of the print taken off. `start` is the first line of the message.
pub(super) fn body(
    document: &Document<'_>,
    start: usize,
    lines: Range<usize>,
    first: Option<Piece>,
) -> Body {
    let shift = shift(document, lines.clone());
    let mut body = Body::default();
    if let Some(piece) = first {
        let line = document.line(piece.line);
        let words = line.get(piece.start..piece.end).unwrap_or_default();
        body.push(words, document.number(start, piece.line));
    }
    let (repairs, headers) = quoted_headers(document, lines.clone());
    let mut repairs = repairs.iter().peekable();
    let mut headers = headers.iter().peekable();
    let mut blank = 0;
    let mut page = document.lines.get(lines.start).map_or(0, |line| line.page);
    for at in lines {
        let Some(line) = document.lines.get(at) else {
            break;
        };
        if line.boilerplate.is_some() {
            continue;
        }
        if line.blank {
            blank += 1;
            continue;
        }
        while headers.next_if(|header| header.end <= at).is_some() {}
        // A header stands together, however the lines of the print are spaced.
        let in_header = headers
            .peek()
            .is_some_and(|header| header.start < at && at < header.end);
        if !body.text.is_empty() && !in_header {
            // A page that ends says nothing of the text.
            let most = if line.page == page { MOST_BLANK } else { 1 };
            body.push_blank(blank.min(most));
        }
        (blank, page) = (0, line.page);
        let line = match repairs.next_if(|repair| repair.line == at) {
            Some(repair) => Cow::Owned(repair.apply(document.line(at))),
            None => Cow::Borrowed(document.line(at)),
        };
        let line = line
            .get(indent(&line).min(shift)..)
            .unwrap_or(&line)
            .trim_end();
        body.codes.extend(without_margin(line).1);
        body.push(line, document.number(start, at));
    }
    body
}

/// A label of a quoted header that scanning has damaged.
struct Repair {
    line: usize,
    columns: Range<usize>,
    label: &'static str,
}

impl Repair {
    fn apply(&self, line: &str) -> String {
        let before = line.get(..self.columns.start).unwrap_or_default();
        let after = line.get(self.columns.end..).unwrap_or_default();
        let space = if after.starts_with(' ') { "" } else { " " };
        format!("{before}{}:{space}{after}", self.label)
    }
}

/// The headers that a message quotes, and the damaged labels in them: only where enough others of the header stand as
/// they should, so that nothing of the author's is changed.
fn quoted_headers(
    document: &Document<'_>,
    lines: Range<usize>,
) -> (Vec<Repair>, Vec<Range<usize>>) {
    let (mut repairs, mut headers) = (Vec::new(), Vec::new());
    let mut from = lines.start;
    for at in lines.clone() {
        let may_start = document
            .line(at)
            .trim_start()
            .starts_with(['F', 'f', '*', '|']);
        if at < from || !may_start || !document.is_content(at) {
            continue;
        }
        let block = block::read(document, at).filter(|block| block.end <= lines.end);
        let Some(block) = block else { continue };
        from = block.end;
        headers.push(block.first..block.end);
        for field in &block.fields {
            let label = match field.label.role {
                Role::From => "From",
                Role::Sent => "Sent",
                Role::To => "To",
                Role::Cc => "Cc",
                Role::Subject => "Subject",
                _ => continue,
            };
            if !field.label.exact && field.label.languages & EN != 0 {
                repairs.push(Repair {
                    line: field.line,
                    columns: field.label.start..field.label.end,
                    label,
                });
            }
        }
    }
    (repairs, headers)
}

/// How far nine of ten lines are indented at least.
fn shift(document: &Document<'_>, lines: Range<usize>) -> usize {
    const WIDEST: usize = 64;
    let mut counts = [0usize; WIDEST + 1];
    let mut total = 0;
    for at in lines.filter(|at| document.is_content(*at)) {
        counts[indent(document.line(at)).min(WIDEST)] += 1;
        total += 1;
    }
    let mut below = 0;
    for (width, count) in counts.iter().enumerate() {
        below += count;
        if below * 10 > total {
            return width;
        }
    }
    0
}

/// Values behind their labels in one line: case and document numbers of a banner.
pub(super) fn numbers<'a>(
    line: &'a str,
    labels: &'static [(&'static str, &'static str)],
) -> Vec<(&'static str, &'a str)> {
    let mut found = Vec::new();
    for (label, name) in labels {
        let Some(at) = line.find(label) else { continue };
        let after = line.get(at + label.len()..).unwrap_or_default();
        let after = after.trim_start_matches([' ', '.', ',', ':']);
        let value = after.split(' ').next().unwrap_or_default();
        if value.chars().any(|c| c.is_ascii_digit()) {
            found.push((*name, value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins() {
        let (words, codes) = without_margin("Pier, Anne; Quay, Bob        B6");
        assert_eq!(
            (words, codes.as_slice()),
            ("Pier, Anne; Quay, Bob", &["b6".to_owned()][..])
        );
        let (words, codes) =
            without_margin("H <h@a.example>      Classified by DAS on 09/30/2015 - Class: X");
        assert_eq!((words, codes.len()), ("H <h@a.example>", 0));
        assert_eq!(without_margin("vitamin B6").0, "vitamin B6");
        assert_eq!(without_margin("B6").0, "");
    }

    #[test]
    fn numbers_of_a_banner() {
        let line =
            "UNCLASSIFIED Department of Piers Case No. F-2021-1 Doc No. C01 Date: 08/31/2021";
        assert_eq!(
            numbers(line, tables::BANNER_NUMBERS),
            [
                ("Case-No", "F-2021-1"),
                ("Doc-No", "C01"),
                ("Release-Date", "08/31/2021")
            ]
        );
    }
}
