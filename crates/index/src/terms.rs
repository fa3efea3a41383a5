//! Terms: how text is cut and folded, the same for mail and for queries.
//!
//! A term is a run of letters, digits and combining marks; everything else
//! separates. Runs are folded (see [`fold`]) and cut:
//!
//! - Han, kana and Hangul, which are written without spaces or with endings
//!   glued on, become overlapping pairs: `契約書` is `契約`, `約書`. A character
//!   that stands alone is a term of its own. Where such a run meets letters of
//!   another script or digits, a new term starts: `2016年` is `2016`, `年`.
//! - A run of more than [`MAX_TERM_BYTES`] is cut into pieces at consecutive
//!   positions. A query word is cut in the same way and asks for the phrase of
//!   its pieces, so a long run is still found exactly, and by its start.
//!
//! Invisible characters that only steer layout (soft hyphen, joiners, direction
//! marks) are left out and do not cut a word: `infor\u{AD}mation` is one term.
//! Apostrophes separate in all their forms, also the letter-like `ʼ`.

pub mod fold;

use std::borrow::Cow;
use std::ops::Range;

use rust_stemmers::Algorithm;
use rust_stemmers::Stemmer;

use fold::Class;
use fold::class_of;
use fold::for_each_folded_char;
use fold::is_layout_control;
use fold::is_term_char;

/// Longest term in bytes of folded UTF-8; a longer run is cut into several.
pub const MAX_TERM_BYTES: usize = 255;

/// One term of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// Folded text, never empty, at most [`MAX_TERM_BYTES`] long.
    pub text: &'a str,
    /// Bytes of the source that it was made from. Pairs overlap.
    pub range: Range<usize>,
    /// Number of terms before it in the text.
    pub position: u32,
}

/// Calls `visit` with each term of `text` in order.
///
/// Pure ASCII words cost no allocation. Positions count up by one and stay at
/// `u32::MAX` should a text ever hold more terms than that.
pub fn for_each_term(text: &str, visit: impl FnMut(Term<'_>)) {
    let mut cutter = Cutter::new(visit);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match BYTE_CLASS[usize::from(byte)] {
            ByteClass::Separator => at += 1,
            ByteClass::Lower | ByteClass::Upper => at = cut_run(text, at, &mut cutter),
            ByteClass::Wide => match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(letter) if is_term_char(letter) => at = cut_run(text, at, &mut cutter),
                Some(other) => at += other.len_utf8(),
                None => at += 1,
            },
        }
    }
}

/// The terms of `text` in order.
pub fn terms(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for_each_term(text, |term| found.push(term.text.to_owned()));
    found
}

/// The stem of a folded term by Snowball English; terms that are not wholly
/// ASCII letters (numbers, codes, other scripts) are their own stem.
pub fn stem(term: &str) -> Cow<'_, str> {
    if !term.is_empty() && term.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Stemmer::create(Algorithm::English).stem(term)
    } else {
        Cow::Borrowed(term)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteClass {
    Separator,
    Lower,
    Upper,
    Wide,
}

/// What a byte of UTF-8 means where a character starts; one look-up a byte
/// is what makes plain text fast.
const BYTE_CLASS: [ByteClass; 256] = {
    let mut table = [ByteClass::Separator; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' => ByteClass::Lower,
            b'A'..=b'Z' => ByteClass::Upper,
            0x80.. => ByteClass::Wide,
            _ => ByteClass::Separator,
        };
        byte += 1;
    }
    table
};

/// Cuts the run of term characters that starts at `start`; gives its end.
fn cut_run<F: FnMut(Term<'_>)>(text: &str, start: usize, cutter: &mut Cutter<F>) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut any_upper = false;
    let mut any_wide = false;
    while let Some(&byte) = bytes.get(at) {
        match BYTE_CLASS[usize::from(byte)] {
            ByteClass::Lower => at += 1,
            ByteClass::Upper => {
                any_upper = true;
                at += 1;
            }
            ByteClass::Separator => break,
            ByteClass::Wide => match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(letter) if is_term_char(letter) || is_layout_control(letter) => {
                    any_wide = true;
                    at += letter.len_utf8();
                }
                _ => break,
            },
        }
    }
    let run = text.get(start..at).unwrap_or_default();
    if any_wide {
        for_each_folded_char(run, |folded, range| {
            cutter.feed(folded, range.start + start..range.end + start);
        });
        cutter.finish();
    } else {
        cutter.ascii(run, start, any_upper);
    }
    at
}

/// Collects folded characters into terms and hands them out.
struct Cutter<F> {
    visit: F,
    position: u32,
    text: String,
    range: Range<usize>,
    /// The last character of a run that is cut into pairs.
    previous: Option<(char, Range<usize>)>,
    /// Whether that run has given a pair yet.
    paired: bool,
}

impl<F: FnMut(Term<'_>)> Cutter<F> {
    fn new(visit: F) -> Self {
        Self {
            visit,
            position: 0,
            text: String::new(),
            range: 0..0,
            previous: None,
            paired: false,
        }
    }

    fn ascii(&mut self, run: &str, start: usize, any_upper: bool) {
        let mut offset = start;
        for piece in run.as_bytes().chunks(MAX_TERM_BYTES) {
            let end = offset + piece.len();
            let source = run.get(offset - start..end - start).unwrap_or_default();
            if any_upper {
                self.text.clear();
                self.text.push_str(source);
                self.text.make_ascii_lowercase();
                self.range = offset..end;
                self.emit();
            } else {
                (self.visit)(Term {
                    text: source,
                    range: offset..end,
                    position: self.position,
                });
                self.position = self.position.saturating_add(1);
            }
            offset = end;
        }
    }

    fn feed(&mut self, folded: char, range: Range<usize>) {
        match class_of(folded) {
            Class::Separator => self.finish(),
            Class::Mark if self.previous.is_some() => {}
            Class::Letter | Class::Mark => self.feed_letter(folded, range),
            Class::Paired => self.feed_paired(folded, range),
        }
    }

    fn feed_letter(&mut self, folded: char, range: Range<usize>) {
        self.finish_pairs();
        if self.text.len() + folded.len_utf8() > MAX_TERM_BYTES {
            self.emit();
        }
        if self.text.is_empty() {
            self.range.start = range.start;
        }
        self.text.push(folded);
        self.range.end = range.end;
    }

    fn feed_paired(&mut self, folded: char, range: Range<usize>) {
        if self.previous.is_none() {
            self.emit();
        }
        if let Some((first, first_range)) = self.previous.take() {
            self.text.push(first);
            self.text.push(folded);
            self.range = first_range.start..range.end;
            self.emit();
            self.paired = true;
        }
        self.previous = Some((folded, range));
    }

    fn finish(&mut self) {
        self.finish_pairs();
        self.emit();
    }

    fn finish_pairs(&mut self) {
        if let Some((only, range)) = self.previous.take() {
            if !self.paired {
                self.text.push(only);
                self.range = range;
                self.emit();
            }
            self.paired = false;
        }
    }

    fn emit(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let position = self.position;
        (self.visit)(Term {
            text: &self.text,
            range: self.range.clone(),
            position,
        });
        self.position = self.position.saturating_add(1);
        self.text.clear();
    }
}

#[cfg(test)]
mod tests;
