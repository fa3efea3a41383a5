//! Where the fields of a printed header stand on their page: looked up in the PDF when somebody asks for one message.

use crate::read::with_causes;
use crate::view::View;
use muckrake_ingest::Aids;
use muckrake_ingest::ReadBack;
use muckrake_ingest::SeekableStore;
use muckrake_ingest::WordBox;
use muckrake_ingest::recognised_words;
use muckrake_ingest::word_boxes;
use muckrake_mail::Print;
use muckrake_mail::Sha256;
use muckrake_mail::print::PrintedField;
use serde::Serialize;
use sha2::Digest;
use std::collections::HashMap;
use std::path::Path;

/// A line of a field on its page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FieldBox {
    /// The page of the document, from 1.
    pub page: u32,
    /// Left, top, right and bottom in points from the top left of the page.
    pub r#box: [f64; 4],
}

/// A page as fields are looked for on it: its words row by row, and their letters.
struct PageWords {
    /// Words with the row that they are in.
    words: Vec<(WordBox, usize)>,
    letters: String,
    /// Where the letters of each word begin.
    starts: Vec<usize>,
}

impl View<'_> {
    /// For each field of a print-out from a PDF the lines on which it stands; none for one that is not found, and nothing at
    /// all where the PDF or the program that reads it is not there.
    pub(crate) fn boxes(
        &self,
        source: &Path,
        inside: Option<&str>,
        print: &Print,
    ) -> Vec<Vec<FieldBox>> {
        let Ok(pdf) = self.whole_item(source, inside) else {
            return Vec::new();
        };
        let mut pages: HashMap<u32, Option<PageWords>> = HashMap::new();
        let mut after: HashMap<u32, usize> = HashMap::new();
        let fields = print.fields.iter().map(|field| {
            let page = field.place.page;
            let words = pages
                .entry(page)
                .or_insert_with(|| self.page_words(&pdf, page));
            let Some(words) = words else {
                return Vec::new();
            };
            let from = after.entry(page).or_default();
            let (lines, end) = words.find(field, *from);
            *from = end;
            let place = |r#box| FieldBox { page, r#box };
            lines.into_iter().map(place).collect()
        });
        fields.collect()
    }

    /// All bytes of an item of a source.
    fn whole_item(&self, source: &Path, inside: Option<&str>) -> Result<Vec<u8>, String> {
        let store = SeekableStore::new(&self.case.parts().streams());
        let limits = self.case.settings().limits();
        let aids = Aids {
            store: &store,
            passwords: self.case.passwords(),
            limits: &limits,
        };
        let read = ReadBack::new(aids).whole(source, inside);
        read.map_err(|error| with_causes(&error))
    }

    /// The words of a page, from its text layer, or as they were recognised.
    fn page_words(&self, pdf: &[u8], page: u32) -> Option<PageWords> {
        let limits = self.case.settings().limits();
        let scratch = self.case.parts().streams();
        let mut words = word_boxes(pdf, page, &limits, &scratch).unwrap_or_default();
        let sha256 = Sha256(sha2::Sha256::digest(pdf).into());
        let recognised = recognised_words(&self.case.ocr.folder, &sha256, page);
        if let Some(recognised) = recognised {
            words = recognised;
        }
        (!words.is_empty()).then(|| PageWords::of(words))
    }
}

impl PageWords {
    /// Puts words in rows: those whose middles are less than half of their height apart.
    fn of(mut words: Vec<WordBox>) -> Self {
        let middle = |word: &WordBox| (word.place[1] + word.place[3]) / 2.0;
        words.sort_by(|one, other| middle(one).total_cmp(&middle(other)));
        let mut rows: Vec<(f64, Vec<WordBox>)> = Vec::new();
        for word in words {
            let height = word.place[3] - word.place[1];
            match rows.last_mut() {
                Some((at, row)) if (middle(&word) - *at).abs() < height / 2.0 => row.push(word),
                _ => rows.push((middle(&word), vec![word])),
            }
        }
        let mut page = Self {
            words: Vec::new(),
            letters: String::new(),
            starts: Vec::new(),
        };
        for (number, (_, mut row)) in rows.into_iter().enumerate() {
            row.sort_by(|one, other| one.place[0].total_cmp(&other.place[0]));
            for word in row {
                page.starts.push(page.letters.len());
                page.letters.push_str(&letters(&word.text));
                page.words.push((word, number));
            }
        }
        page
    }

    /// The boxes of a field, a line each, the first that is at or behind a place among the letters; and the place behind it.
    fn find(&self, field: &PrintedField, from: usize) -> (Vec<[f64; 4]>, usize) {
        let wanted = letters(&format!("{} {}", field.label, field.text));
        if wanted.is_empty() {
            return (Vec::new(), from);
        }
        let behind = self.letters.get(from..).and_then(|rest| rest.find(&wanted));
        let Some(start) = behind
            .map(|at| at + from)
            .or_else(|| self.letters.find(&wanted))
        else {
            return (Vec::new(), from);
        };
        let end = start + wanted.len();
        let first = self
            .starts
            .partition_point(|at| *at <= start)
            .saturating_sub(1);
        let last = self.starts.partition_point(|at| *at < end);
        let words = self.words.get(first..last).unwrap_or_default();
        let lines = words.chunk_by(|one, other| one.1 == other.1).map(around);
        (lines.collect(), end)
    }
}

/// The box around some words.
fn around(words: &[(WordBox, usize)]) -> [f64; 4] {
    let start = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    let round = |number: f64| (number * 10.0).round() / 10.0;
    words
        .iter()
        .fold(start, |[left, top, right, bottom], (word, _)| {
            let [a, b, c, d] = word.place;
            [left.min(a), top.min(b), right.max(c), bottom.max(d)]
        })
        .map(round)
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_mail::print::FieldName;

    fn word(text: &str, left: f64, top: f64) -> WordBox {
        WordBox {
            text: text.to_owned(),
            place: [left, top, left + 10.0, top + 10.0],
        }
    }

    fn field(label: &str, text: &str) -> PrintedField {
        PrintedField {
            field: FieldName::To,
            label: label.to_owned(),
            text: text.to_owned(),
            place: Default::default(),
            confidence: 95,
        }
    }

    #[test]
    fn a_field_is_found_over_its_lines() {
        // The layer has the labels first; a value goes on in the next row.
        let page = PageWords::of(vec![
            word("From:", 10.0, 10.0),
            word("To:", 10.0, 30.0),
            word("Anne", 50.0, 11.0),
            word("Bob;", 50.0, 30.0),
            word("Carol", 50.0, 45.0),
        ]);
        let (lines, after) = page.find(&field("From:", "Anne"), 0);
        assert_eq!(lines, [[10.0, 10.0, 60.0, 21.0]]);
        let (lines, _) = page.find(&field("To:", "Bob; Carol"), after);
        assert_eq!(lines, [[10.0, 30.0, 60.0, 40.0], [50.0, 45.0, 60.0, 55.0]]);
        assert_eq!(page.find(&field("Cc:", "Dan"), after), (vec![], after));
        assert_eq!(page.find(&field("", ""), 0).0, Vec::<[f64; 4]>::new());
    }
}
