//! The pages of a PDF: those with text, and those whose text is an image or cannot be told from its fonts.

use muckrake_mail::Sha256;

use crate::covered;
use crate::ocr::{self, Failed, Recognised};
use crate::pdf;
use crate::scan::Settings;

/// Fewer letters than this on a page tell nothing of its fonts.
const FEW_LETTERS: usize = 60;

/// The text of a PDF, page by page.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// All of it, a form feed behind each page.
    pub(crate) text: Vec<u8>,
    /// What is told of the pages that were recognised.
    pub(crate) recognised: Recognised,
    /// Pages whose text is not there or not readable, from 1.
    pub(crate) bare: Vec<u32>,
    /// What the user can do about these.
    pub(crate) advice: String,
    /// Pages that could not be looked at for black boxes, from 1.
    pub(crate) not_looked_at: Vec<u32>,
}

/// Puts blocks in the place of words that lie under black boxes, unless the user asks for these. Pages are drawn for that, so it is for
/// documents of which something is kept. Whether the text has changed.
pub(crate) fn cover(pdf: &[u8], pages: &mut Pages, settings: &Settings<'_>) -> bool {
    if !covered::may_cover(pdf) {
        return false;
    }
    let (mut found, not_looked_at) = covered::find(pdf, settings.limits, settings.store.folder());
    // What was recognised is what a page shows.
    let is_shown = |page: u32| {
        let shown = &pages.recognised.pages;
        shown.binary_search_by_key(&page, |told| told.page).is_ok()
    };
    found.retain(|covered| !is_shown(covered.told.page));
    pages.not_looked_at = not_looked_at;
    let is_changed = !found.is_empty() && !settings.limits.covered_text;
    if is_changed {
        let known = |page: u32| {
            let place = found.binary_search_by_key(&page, |covered| covered.told.page);
            place.ok().and_then(|place| found.get(place))
        };
        let mut whole = Vec::with_capacity(pages.text.len());
        for (page, own) in (1..).zip(split(&pages.text)) {
            whole.extend_from_slice(known(page).map_or(own, |page| page.text.as_bytes()));
            whole.push(b'\x0c');
        }
        pages.text = whole;
    }
    let told = found.into_iter().map(|covered| covered.told);
    pages.recognised.covered = told.collect();
    is_changed
}

/// The pages of a PDF with its text; those that have no text or none that can be read are recognised, as far as that is asked for or was
/// done before.
pub(crate) fn legible(
    pdf: &[u8],
    sha256: &Sha256,
    text: Vec<u8>,
    settings: &Settings<'_>,
) -> Pages {
    let lacking: Vec<(u32, Lack)> = (1..)
        .zip(split(&text))
        .filter_map(|(page, text)| Some((page, lack(text)?)))
        .collect();
    if lacking.is_empty() {
        return Pages {
            text,
            ..Pages::default()
        };
    }
    let wanted: Vec<u32> = lacking.iter().map(|(page, _)| *page).collect();
    let folder = settings.store.folder();
    let (read, failed) = settings.ocr.map_or((Vec::new(), None), |ocr| {
        ocr::pages(pdf, sha256, &wanted, ocr, folder, settings.cancel)
    });
    let is_garbled = lacking.iter().all(|(_, lack)| *lack == Lack::Letters);
    let advice = match failed {
        Some(Failed::Absent) => pdf::OCR_ABSENT.to_owned(),
        Some(Failed::Because(reason)) => reason,
        Some(Failed::Cancelled) | None if is_garbled => pdf::GARBLED.to_owned(),
        Some(Failed::Cancelled) | None => pdf::SCANNED.to_owned(),
    };
    let known = |page: &u32| {
        let place = read.binary_search_by_key(page, |read| read.told.page);
        place.ok().and_then(|place| read.get(place))
    };
    let mut whole = Vec::with_capacity(text.len());
    for (page, own) in (1..).zip(split(&text)) {
        whole.extend_from_slice(known(&page).map_or(own, |read| read.text.as_bytes()));
        whole.push(b'\x0c');
    }
    let bare = wanted.iter().filter(|page| known(page).is_none()).copied();
    Pages {
        bare: bare.collect(),
        text: whole,
        advice,
        not_looked_at: Vec::new(),
        recognised: Recognised {
            document: sha256.to_string(),
            pages: read.into_iter().map(|read| read.told).collect(),
            covered: Vec::new(),
        },
    }
}

/// Pages as people write them: `1-3, 7`.
pub(crate) fn written(pages: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for page in pages {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *page => *last = *page,
            _ => runs.push((*page, *page)),
        }
    }
    let one = |(first, last): (u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The pages of a text: each ends with a form feed.
fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\x0c").unwrap_or(text);
    text.split(|byte| *byte == b'\x0c')
}

/// What a page lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    Text,
    /// It has text, in letters that nobody can read: its fonts do not say which they are.
    Letters,
}

fn lack(page: &[u8]) -> Option<Lack> {
    let text = String::from_utf8_lossy(page);
    let mut marks = text.chars().filter(|letter| !letter.is_whitespace());
    if marks.clone().next().is_none() {
        return Some(Lack::Text);
    }
    let is_odd = |letter: &char| {
        letter.is_control() || *letter == '\u{fffd}' || matches!(letter, '\u{e000}'..='\u{f8ff}')
    };
    let (count, odd) = marks.by_ref().fold((0, 0), |(count, odd), letter| {
        (count + 1, odd + usize::from(is_odd(&letter)))
    });
    let is_garbled =
        count >= FEW_LETTERS && (5 * odd > count || has_no_vowels(&text) || is_moved(&text));
    is_garbled.then_some(Lack::Letters)
}

/// Whether most words of ASCII letters have no vowel: glyphs that were taken for letters by their numbers. Of other alphabets
/// nothing is said.
fn has_no_vowels(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic());
    let (count, ascii) = letters.fold((0, 0), |(count, ascii), letter| {
        (count + 1, ascii + usize::from(letter.is_ascii()))
    });
    if count < FEW_LETTERS || 10 * ascii < 9 * count {
        return false;
    }
    let words = text
        .split(|letter: char| !letter.is_ascii_alphabetic())
        .filter(|word| word.len() >= 4);
    let (count, with) = words.fold((0, 0), |(count, with), word| {
        (count + 1, with + usize::from(word.bytes().any(is_vowel)))
    });
    count >= 8 && 5 * with < 2 * count
}

/// Whether words stand as the numbers of their glyphs: in the common order of a TrueType font, 29 places before the letters. So moved, English is
/// capitals and signs, of which many words lack a vowel; moved back, nearly all have one.
fn is_moved(text: &str) -> bool {
    let words = text.split_ascii_whitespace().filter(|word| word.len() >= 4);
    let (mut count, mut movable, mut with, mut with_moved) = (0, 0, 0, 0);
    for word in words {
        count += 1;
        if word.bytes().all(|byte| (b'$'..=b']').contains(&byte)) {
            movable += 1;
            with += usize::from(word.bytes().any(is_vowel));
            with_moved += usize::from(word.bytes().any(|byte| is_vowel(byte + MOVED)));
        }
    }
    movable >= 8
        && 5 * movable > 4 * count
        && 4 * with < 3 * movable
        && 10 * with_moved > 9 * movable
}

/// Places by which glyphs stand before their letters.
const MOVED: u8 = 29;

fn is_vowel(byte: u8) -> bool {
    matches!(
        byte.to_ascii_lowercase(),
        b'a' | b'e' | b'i' | b'o' | b'u' | b'y'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_lack_text_are_told_from_those_that_have_some() {
        let english = "From: Pier, Anne\nThe estimate for the north pier is attached; please answer by Friday.\n";
        // Each letter 29 places on, as a font without a map to Unicode gives them.
        let moved: String = english
            .chars()
            .map(|letter| match letter {
                'A'..='z' => char::from_u32(u32::from(letter) - 29).unwrap_or(' '),
                other => other,
            })
            .collect();
        let capitals = "ATTACHED IS THE DRAFT LETTER FROM THE HARBOUR BOARD, FOR REVIEW BEFORE THE HEARING ON THURSDAY. PLEASE CALL.";
        let consonants =
            "bcdfg hjklm npqrs tvwxz bcdfg hjklm npqrs tvwxz bcdfg hjklm npqrs tvwxz bcdfg";
        let cases = [
            (" \n\n", Some(Lack::Text)),
            (english, None),
            (&moved, Some(Lack::Letters)),
            (capitals, None),
            (consonants, Some(Lack::Letters)),
            (&"\u{1}\u{2}\u{3}a".repeat(20), Some(Lack::Letters)),
            ("x", None),
            (
                "Смета на северный причал приложена; прошу ответить до пятницы, так как времени мало.",
                None,
            ),
            (
                "12 345 678 901 234 567 890 123 456 789 012 345 678 901 234 567 890 123 456 789 012 345 678",
                None,
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(lack(text.as_bytes()), wanted, "{text:?}");
        }
    }

    #[test]
    fn pages_are_written_as_runs() {
        assert_eq!(written(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(written(&[]), "");
    }
}
