//! What the author of a message says himself, without what he quotes: it tells the mails of a thread apart.

use super::text::Words;
use super::text::common;
use muckrake_mail::Mention;
use muckrake_mail::ZoneKind;
use muckrake_mail::zones;

/// With fewer words than this on one side, nothing is said that could differ.
const SOME_WORDS: usize = 3;
/// Characters that printers put over what is taken out.
const BLOCKS: std::ops::RangeInclusive<char> = '\u{2580}'..='\u{25a0}';
/// Words of a code that stands for what is taken out, beside single letters and numbers: `(b)(5)`, `B6`.
const CODES: [&str; 8] = ["b1", "b2", "b3", "b4", "b5", "b6", "b7", "redacted"];

/// The words that an author says himself.
pub(super) struct Own {
    /// Each once, sorted, without codes of what is taken out.
    words: Vec<u64>,
    /// Whether most of it is taken out.
    is_redacted: bool,
}

impl Own {
    pub(super) fn of(text: &str, authors: &[Mention]) -> Self {
        let mut own = String::new();
        let mut marks = 0;
        for zone in zones::cut(text, authors) {
            if zone.depth > 0 || zone.kind == ZoneKind::Disclaimer {
                continue;
            }
            let said = text.get(zone.start as usize..zone.end as usize);
            for piece in said.unwrap_or_default().split_whitespace() {
                if is_taken_out(piece) {
                    marks += 1;
                } else {
                    own.push_str(piece);
                    own.push(' ');
                }
            }
        }
        let words = Words::of(&own).runs(1);
        Self {
            is_redacted: marks > 0 && marks >= words.len(),
            words,
        }
    }
}

/// Whether a piece of text between spaces is a block or a code that stands for what is taken out.
fn is_taken_out(piece: &str) -> bool {
    if piece.chars().any(|character| BLOCKS.contains(&character)) {
        return true;
    }
    let mut parts = piece
        .split(|character: char| !character.is_alphanumeric())
        .filter(|part| !part.is_empty());
    let is_bracketed = piece.starts_with('(') && parts.clone().nth(1).is_some();
    if is_bracketed {
        return parts.all(|part| part.len() == 1);
    }
    let first = parts.next().map(str::to_lowercase);
    first.is_some_and(|word| CODES.contains(&word.as_str()))
}

/// Whether two authors' own words let two messages be one mail. At two times they must be nearly the same; in one minute
/// they must not be others.
pub(super) fn agree(one: &Own, other: &Own, is_one_minute: bool) -> bool {
    let shared = common(&one.words, &other.words);
    let (one_count, other_count) = (one.words.len(), other.words.len());
    let (few, many) = (one_count.min(other_count), one_count.max(other_count));
    if is_one_minute {
        let is_bare = few < SOME_WORDS || one.is_redacted || other.is_redacted;
        return is_bare || shared * 2 >= few;
    }
    many > 0 && shared * 5 >= many * 4
}
