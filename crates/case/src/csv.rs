//! Comma-separated values: one row a message, safe to open in a spreadsheet.
//!
//! RFC 4180 quoting. A cell that a spreadsheet would take for a formula gets a `'` in
//! front, since mail is written by strangers.

use crate::Hit;
use crate::Person;
use std::fmt::Write;

/// The names of the columns, as a line without its end.
pub fn header() -> String {
    COLUMNS.join(",")
}

const COLUMNS: &[&str] = &[
    "id",
    "thread",
    "date",
    "date_precision",
    "zone_known",
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "releases",
    "copies",
    "linked",
    "attached_to",
    "attachments",
    "size",
    "flags",
    "message_id",
    "source",
    "path_inside",
    "offset",
    "length",
    "sha256",
    "snippet",
    "linked_count",
    "tags",
    "note",
];

/// What becomes of cells that a spreadsheet would take for formulas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cells {
    /// They get a `'` in front and are text.
    #[default]
    Safe,
    /// They stay as they are, for programs that compare values.
    Exact,
}

/// One message as a line without its end. The place is that of its first copy.
pub fn row(hit: &Hit, as_they_are: Cells) -> String {
    let first = hit.copies.first();
    let cells = [
        hit.id.to_string(),
        hit.thread.to_string(),
        hit.date.clone().unwrap_or_default(),
        hit.date_precision.clone().unwrap_or_default(),
        hit.zone_known.to_string(),
        people(&hit.from),
        people(&hit.to),
        people(&hit.cc),
        people(&hit.bcc),
        hit.subject.clone().unwrap_or_default(),
        hit.releases.join("; "),
        hit.copies.len().to_string(),
        join(hit.linked.iter().map(ToString::to_string)),
        hit.attached_to.map(|id| id.to_string()).unwrap_or_default(),
        join(hit.attachments.iter().map(|attachment| {
            attachment
                .name
                .clone()
                .unwrap_or_else(|| attachment.content_type.clone())
        })),
        hit.size.to_string(),
        join(hit.flags.iter().map(|flag| flag.word().to_owned())),
        hit.message_id.clone().unwrap_or_default(),
        first.map(|copy| copy.source.clone()).unwrap_or_default(),
        first
            .and_then(|copy| copy.path_inside.clone())
            .unwrap_or_default(),
        first
            .map(|copy| copy.offset.to_string())
            .unwrap_or_default(),
        first
            .map(|copy| copy.length.to_string())
            .unwrap_or_default(),
        first
            .map(|copy| copy.sha256.to_string())
            .unwrap_or_default(),
        hit.snippet
            .as_ref()
            .map(|snippet| snippet.text.clone())
            .unwrap_or_default(),
        hit.linked_count.to_string(),
        hit.tags.join("; "),
        hit.note.clone().unwrap_or_default(),
    ];
    cells
        .iter()
        .map(|text| cell(text, as_they_are))
        .collect::<Vec<_>>()
        .join(",")
}

/// One cell: quoted where needed, and no formula unless it is to be exact.
pub fn cell(text: &str, cells: Cells) -> String {
    let formula = cells == Cells::Safe && is_formula(text);
    let mut cell = String::with_capacity(text.len() + 2);
    if formula {
        cell.push('\'');
    }
    cell.push_str(text);
    if cell.contains(['"', ',', '\n', '\r', ';']) || cell.starts_with(' ') {
        cell = format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}

/// Whether a spreadsheet may take a cell for a formula: what it acts on, in the wide forms too
/// that East Asian versions read as the narrow ones, past what is not seen.
fn is_formula(text: &str) -> bool {
    let unseen = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    text.starts_with(['\t', '\r', '\n'])
        || text
            .trim_start_matches(unseen)
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

fn join(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("; ")
}

pub(crate) fn people(people: &[Person]) -> String {
    let mut text = String::new();
    for person in people {
        if !text.is_empty() {
            text.push_str("; ");
        }
        // Writing to a string does not fail.
        let _ = match (&person.name, &person.address) {
            (Some(name), Some(address)) => write!(text, "{name} <{address}>"),
            (Some(name), None) => write!(text, "{name}"),
            (None, Some(address)) => write!(text, "{address}"),
            (None, None) => Ok(()),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Cells;

    fn cell(text: &str) -> String {
        super::cell(text, Cells::Safe)
    }

    // RFC 4180 §2 for the quoting; the formula starters are those that spreadsheets act on.
    #[test]
    fn quotes_and_disarms() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"");
        assert_eq!(cell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        for start in [
            "+1",
            "-1",
            "@x",
            "\t=1",
            " =1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\u{200b}@x",
            "\n=1",
            "\u{1}=1",
            "＝1",
            "＠x",
            "\r+1",
        ] {
            assert!(cell(start).trim_matches('"').starts_with('\''), "{start}");
            let exact = super::cell(start, Cells::Exact);
            assert_eq!(exact.trim_matches('"'), start);
        }
    }
}
