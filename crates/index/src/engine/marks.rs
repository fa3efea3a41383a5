//! Marks inside the text that is handed to the tokenizer.
//!
//! Zones, gaps between parts and header names have to reach the tokenizer in
//! the text itself, for tantivy hands it nothing else. They are written as
//! noncharacters, which are no part of any term; where a mail carries them
//! itself they are replaced by another noncharacter, which changes no term.
//!
//! In the index a zone border is a term of its own at the position of the
//! first word after it ([`ZoneClass::mark`]), and so is the beginning of a part ([`PART_MARK`]).

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;

/// Positions between two texts of one field, so that no phrase crosses.
pub(crate) const GAP: u32 = 100;

/// The term at the first word after a gap.
pub(crate) const PART_MARK: &str = "\u{1}p";

/// First byte of every term that is a mark and not a word.
pub(crate) const MARK_BYTE: u8 = 1;

/// Between the name of a header and a term of its value.
pub(crate) const HEADER_SEPARATOR: char = '\u{0}';

/// Whose words they are, as far as a query can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZoneClass {
    /// The author's own words.
    Author,
    /// Quoted or forwarded words.
    Quoted,
    /// Signatures and disclaimers.
    Other,
}

impl ZoneClass {
    /// All classes.
    pub(crate) const ALL: [Self; 3] = [Self::Author, Self::Quoted, Self::Other];

    /// The class of a zone: what is inside a quotation is quoted, whatever else it is.
    pub(crate) fn of(zone: &Zone) -> Self {
        match zone.kind {
            ZoneKind::Quoted | ZoneKind::Forwarded => Self::Quoted,
            _ if zone.depth > 0 => Self::Quoted,
            ZoneKind::Author => Self::Author,
            ZoneKind::Signature | ZoneKind::Disclaimer => Self::Other,
        }
    }

    /// The term at the first word of a zone of this class.
    pub(crate) fn mark(self) -> &'static str {
        match self {
            Self::Author => "\u{1}a",
            Self::Quoted => "\u{1}q",
            Self::Other => "\u{1}o",
        }
    }
}

/// A mark in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A zone begins.
    Zone(ZoneClass),
    /// A new text begins.
    Gap,
    /// A header begins: its name follows up to a line feed, then its value.
    Header,
}

impl Mark {
    fn character(self) -> char {
        match self {
            Self::Zone(ZoneClass::Author) => '\u{FDD0}',
            Self::Zone(ZoneClass::Quoted) => '\u{FDD1}',
            Self::Zone(ZoneClass::Other) => '\u{FDD2}',
            Self::Gap => '\u{FDD3}',
            Self::Header => '\u{FDD4}',
        }
    }

    fn of_last_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0x90 => Self::Zone(ZoneClass::Author),
            0x91 => Self::Zone(ZoneClass::Quoted),
            0x92 => Self::Zone(ZoneClass::Other),
            0x93 => Self::Gap,
            0x94 => Self::Header,
            _ => return None,
        })
    }

    /// Writes the mark.
    pub(crate) fn push(self, text: &mut String) {
        text.push(self.character());
    }
}

/// The first two bytes of every mark in UTF-8.
const LEAD: &[u8] = &[0xEF, 0xB7];

/// Finds them; made once, for it is asked for every header of every message.
static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(LEAD));

/// Replaces marks that a mail carries itself.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let mut marks = FINDER.find_iter(text.as_bytes());
    let carries = marks.any(|at| {
        let last = text.as_bytes().get(at + 2);
        last.is_some_and(|byte| Mark::of_last_byte(*byte).is_some())
    });
    if carries {
        Cow::Owned(text.replace(|c| ('\u{FDD0}'..='\u{FDD4}').contains(&c), "\u{FDD9}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The texts between gaps.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(Mark::Gap.character())
}

/// A text without its marks.
pub(crate) fn without_marks(text: &str) -> String {
    Stretches::new(text).map(|stretch| stretch.text).collect()
}

/// A stretch of a text between two marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch<'a> {
    /// The mark before it.
    pub(crate) mark: Option<Mark>,
    /// The text.
    pub(crate) text: &'a str,
    /// Where it begins, in bytes of the whole.
    pub(crate) offset: usize,
}

/// Cuts a text at its marks.
pub(crate) struct Stretches<'a> {
    rest: &'a str,
    offset: usize,
    mark: Option<Mark>,
    done: bool,
}

impl<'a> Stretches<'a> {
    /// The stretches of `text`; the first has no mark.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            offset: 0,
            mark: None,
            done: false,
        }
    }
}

impl<'a> Iterator for Stretches<'a> {
    type Item = Stretch<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let bytes = self.rest.as_bytes();
        let found = FINDER.find_iter(bytes).find_map(|at| {
            let mark = Mark::of_last_byte(*bytes.get(at + 2)?)?;
            Some((at, mark))
        });
        let (mark, offset, text) = (self.mark, self.offset, self.rest);
        let Some((at, next)) = found else {
            self.done = true;
            return Some(Stretch { mark, text, offset });
        };
        let (text, rest) = text.split_at(at);
        self.rest = rest.get(LEAD.len() + 1..).unwrap_or_default();
        self.offset += at + LEAD.len() + 1;
        self.mark = Some(next);
        Some(Stretch { mark, text, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_marks() {
        let mut text = String::from("one ﷺ");
        Mark::Zone(ZoneClass::Quoted).push(&mut text);
        text.push_str("two");
        Mark::Gap.push(&mut text);
        let stretch = |mark, text, offset| Stretch { mark, text, offset };
        let found: Vec<_> = Stretches::new(&text).collect();
        assert_eq!(
            found,
            [
                stretch(None, "one ﷺ", 0),
                stretch(Some(Mark::Zone(ZoneClass::Quoted)), "two", 10),
                stretch(Some(Mark::Gap), "", 16)
            ]
        );
        assert_eq!(without_marks(&text), "one ﷺtwo");
    }

    #[test]
    fn marks_of_the_mail_itself_mean_nothing() {
        assert_eq!(clean("a\u{FDD3}b"), "a\u{FDD9}b");
        assert_eq!(clean("ﷺ plain"), "ﷺ plain");
        assert_eq!(Stretches::new(&clean("a\u{FDD0}b")).count(), 1);
    }

    #[test]
    fn what_is_quoted_is_never_the_authors() {
        let zone = |kind, depth| Zone {
            start: 0,
            end: 1,
            kind,
            depth,
        };
        assert_eq!(ZoneClass::of(&zone(ZoneKind::Author, 0)), ZoneClass::Author);
        assert_eq!(ZoneClass::of(&zone(ZoneKind::Quoted, 0)), ZoneClass::Quoted);
        assert_eq!(
            ZoneClass::of(&zone(ZoneKind::Signature, 1)),
            ZoneClass::Quoted
        );
        assert_eq!(
            ZoneClass::of(&zone(ZoneKind::Disclaimer, 0)),
            ZoneClass::Other
        );
    }
}
