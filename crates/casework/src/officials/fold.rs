//! One form for letters that differ only in case or marks.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, without diacritics; typographic apostrophes and hyphens as the plain ones.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' => folded.push('\''),
            '\u{2010}'..='\u{2015}' => folded.push('-'),
            'ß' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'đ' | 'Đ' => folded.push('d'),
            'ı' => folded.push('i'),
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
            other => folded.extend(other.to_lowercase()),
        }
    }
    folded
}
