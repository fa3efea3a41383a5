//! Folding: what is made equal before terms are compared.
//!
//! Case, compatibility forms (NFKC), diacritics and optional vowel points are
//! dropped, and letters that have no decomposition are spelled out (`ß` is `ss`,
//! `ø` is `o`). Marks that carry meaning, such as the vowel signs of the scripts
//! of India or the voicing marks of kana, are kept.

use std::ops::Range;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a folded character does in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Part of a term.
    Letter,
    /// A combining mark: part of the term that it stands in.
    Mark,
    /// Part of a run that is cut into overlapping pairs.
    Paired,
    /// Not part of any term.
    Separator,
}

/// What a character is, kept for the basic plane once it was asked for: the tables of
/// Unicode properties are slow to ask for every character of a text, and asking for the
/// whole plane would cost a short search more than the search itself.
#[derive(Clone, Copy)]
struct Traits(u8);

impl Traits {
    const TERM: u8 = 1;
    const MARK: u8 = 2;
    const PAIRED: u8 = 4;

    fn of(character: char) -> Self {
        let code = u32::from(character);
        match BASIC_PLANE.get((code >> 8) as usize) {
            Some(row) => row.get_or_init(|| Self::row(code & !0xFF))[(code & 0xFF) as usize],
            None => Self::computed(character),
        }
    }

    /// The row that begins with the character of this code.
    fn row(first: u32) -> [Self; 256] {
        let mut row = [Self(0); 256];
        for (traits, code) in row.iter_mut().zip(first..) {
            *traits = char::from_u32(code).map_or(Self(0), Self::computed);
        }
        row
    }

    fn computed(character: char) -> Self {
        let mark = is_combining_mark(character);
        let letter = character.is_alphanumeric() && !is_apostrophe_letter(character);
        let bit = |condition: bool, bit: u8| if condition { bit } else { 0 };
        Self(
            bit(letter || mark, Self::TERM)
                | bit(mark, Self::MARK)
                | bit(is_paired(character), Self::PAIRED),
        )
    }

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// Rows of 256 characters.
static BASIC_PLANE: [OnceLock<[Traits; 256]>; 256] = [const { OnceLock::new() }; 256];

pub(super) fn class_of(folded: char) -> Class {
    if folded.is_ascii() {
        return if folded.is_ascii_alphanumeric() {
            Class::Letter
        } else {
            Class::Separator
        };
    }
    let traits = Traits::of(folded);
    if traits.has(Traits::PAIRED) {
        Class::Paired
    } else if traits.has(Traits::MARK) {
        Class::Mark
    } else if traits.has(Traits::TERM) {
        Class::Letter
    } else {
        Class::Separator
    }
}

/// Whether a character is part of a term as it stands in a text.
pub fn is_term_char(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    Traits::of(character).has(Traits::TERM)
}

/// Whether a character belongs to a script that is cut into overlapping pairs:
/// Han, kana, bopomofo and Hangul. A single one is a term only where it stands
/// alone; elsewhere it is one half of a pair.
pub fn is_paired(character: char) -> bool {
    matches!(
        u32::from(character),
        0x1100..=0x11FF
            | 0x3005..=0x3007
            | 0x3021..=0x3029
            | 0x3031..=0x3035
            | 0x303B
            | 0x3041..=0x3096
            | 0x309D..=0x309F
            | 0x30A1..=0x30FA
            | 0x30FC..=0x30FF
            | 0x3105..=0x312F
            | 0x3131..=0x318E
            | 0x31A0..=0x31BF
            | 0x31F0..=0x31FF
            | 0x3400..=0x4DBF
            | 0x4E00..=0x9FFF
            | 0xA960..=0xA97C
            | 0xAC00..=0xD7FB
            | 0xF900..=0xFAFF
            | 0xFF66..=0xFF9F
            | 0x1B000..=0x1B16F
            | 0x20000..=0x3FFFF
    )
}

/// Characters that steer layout and print nothing: left out, never a cut.
pub(super) fn is_layout_control(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{200C}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// Letters by category that stand for an apostrophe or a prime in practice.
fn is_apostrophe_letter(character: char) -> bool {
    matches!(
        character,
        '\u{2B9}'
            ..='\u{2BF}'
                | '\u{2C8}'
                | '\u{2CA}'
                | '\u{2CB}'
                | '\u{2EE}'
                | '\u{7F4}'
                | '\u{7F5}'
                | '\u{A78B}'
                | '\u{A78C}'
    )
}

/// Marks that matching ignores: diacritics of Latin, Greek and Cyrillic, vowel
/// points of Hebrew and Arabic, variation selectors, tone marks of Han.
fn is_dropped(character: char) -> bool {
    matches!(
        u32::from(character),
        0x0300..=0x036F
            | 0x0483..=0x0489
            | 0x0591..=0x05BD
            | 0x05BF
            | 0x05C1..=0x05C2
            | 0x05C4..=0x05C5
            | 0x05C7
            | 0x0610..=0x061A
            | 0x0640
            | 0x064B..=0x065F
            | 0x0670
            | 0x06D6..=0x06DC
            | 0x06DF..=0x06E4
            | 0x06E7..=0x06E8
            | 0x06EA..=0x06ED
            | 0x180B..=0x180F
            | 0x1AB0..=0x1AFF
            | 0x1DC0..=0x1DFF
            | 0x20D0..=0x20FF
            | 0x302A..=0x302F
            | 0xFE00..=0xFE0F
            | 0xFE20..=0xFE2F
            | 0xE0100..=0xE01EF
    )
}

/// Letters that Unicode does not decompose, as they are commonly spelled out.
fn spelled_out(lower: char) -> Option<&'static str> {
    Some(match lower {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ȷ' => "j",
        'ς' => "σ",
        _ => return None,
    })
}

/// Calls `visit` with each folded character of `run` and the bytes of `run` that
/// it comes from. One source character may give several, or none.
pub(super) fn for_each_folded_char(run: &str, mut visit: impl FnMut(char, Range<usize>)) {
    let mut rest = run.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if is_layout_control(first) {
            continue;
        }
        let mut end = start + first.len_utf8();
        let mut last = first;
        let mut alone = true;
        while let Some(&(at, next)) = rest.peek() {
            if !extends(last, next) {
                break;
            }
            alone = false;
            last = next;
            end = at + next.len_utf8();
            rest.next();
        }
        if alone {
            fold_char(first, |folded| visit(folded, start..end));
        } else {
            let cluster = run.get(start..end).unwrap_or_default();
            fold_cluster(cluster, |folded| visit(folded, start..end));
        }
    }
}

/// Whether `next` may combine with what stands before it.
fn extends(last: char, next: char) -> bool {
    if next < '\u{300}' {
        return false;
    }
    let is_jamo = |character: char| matches!(u32::from(character), 0x1100..=0x11FF);
    let is_syllable = |character: char| matches!(u32::from(character), 0xAC00..=0xD7A3);
    Traits::of(next).has(Traits::MARK)
        || matches!(next, '\u{FF9E}' | '\u{FF9F}')
        || (is_jamo(next) && (is_jamo(last) || is_syllable(last)))
        || (is_half_width_jamo(next) && is_half_width_jamo(last))
        || (is_compatibility_jamo(next) && is_compatibility_jamo(last))
}

fn is_half_width_jamo(character: char) -> bool {
    matches!(u32::from(character), 0xFFA0..=0xFFDC)
}

fn is_compatibility_jamo(character: char) -> bool {
    matches!(u32::from(character), 0x3131..=0x318E)
}

fn fold_char(character: char, mut visit: impl FnMut(char)) {
    let code = u32::from(character) as usize;
    if character.is_ascii() {
        visit(character.to_ascii_lowercase());
    } else if let Some(row) = SMALL.get(code / SMALL_ROW) {
        let first = (code / SMALL_ROW * SMALL_ROW) as u32;
        row.get_or_init(|| small_row(first))[code % SMALL_ROW]
            .chars()
            .for_each(visit);
    } else if matches!(code, 0x3041..=0x3096 | 0x30A1..=0x30FA | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3)
    {
        visit(character);
    } else {
        let mut buffer = [0u8; 4];
        fold_cluster(character.encode_utf8(&mut buffer), visit);
    }
}

/// Characters of one row of [`SMALL`].
const SMALL_ROW: usize = 0x10;

/// Folded forms of the characters below Hebrew, which is nearly all that European mail holds, each row made when it
/// is asked for: a short search meets one or two.
static SMALL: [OnceLock<[Box<str>; SMALL_ROW]>; 0x590 / SMALL_ROW] =
    [const { OnceLock::new() }; 0x590 / SMALL_ROW];

/// The row that begins with the character of this code.
fn small_row(first: u32) -> [Box<str>; SMALL_ROW] {
    std::array::from_fn(|at| {
        let mut folded = String::new();
        let mut buffer = [0u8; 4];
        if let Some(character) = char::from_u32(first + at as u32) {
            fold_cluster(character.encode_utf8(&mut buffer), |part| folded.push(part));
        }
        folded.into_boxed_str()
    })
}

/// A base character with all that combines with it.
fn fold_cluster(cluster: &str, visit: impl FnMut(char)) {
    cluster
        .nfkd()
        .filter(|&part| !is_dropped(part))
        .flat_map(char::to_lowercase)
        .filter(|&part| !is_dropped(part))
        .flat_map(Spelled::new)
        .nfc()
        .for_each(visit);
}

/// A character, or what it is spelled out as.
struct Spelled {
    single: Option<char>,
    several: std::str::Chars<'static>,
}

impl Spelled {
    fn new(lower: char) -> Self {
        match spelled_out(lower) {
            Some(letters) => Self {
                single: None,
                several: letters.chars(),
            },
            None => Self {
                single: Some(lower),
                several: "".chars(),
            },
        }
    }
}

impl Iterator for Spelled {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.single.take().or_else(|| self.several.next())
    }
}
