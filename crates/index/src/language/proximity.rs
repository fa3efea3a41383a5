//! Operators for nearness that other programs have and this language does not.
//!
//! Read as words they would find nothing, for nobody writes `w/5`; so they are errors that say what is
//! written here instead.

use super::error::QueryError;
use super::error::quoted;
use crate::terms::fold::is_term_char;

/// Before a slash and a number, or the `s` of a sentence and the `p` of a paragraph.
const BEFORE_SLASH: [&str; 9] = ["", "w", "n", "p", "pre", "near", "onear", "adj", "within"];

/// Words that are operators elsewhere, in upper case alone or with a number.
const ALONE: [&str; 3] = ["NEAR", "ONEAR", "ADJ"];

/// Other words that a sentence and a paragraph are taken for.
const SENTENCE: u32 = 15;
const PARAGRAPH: u32 = 50;
const UNSAID: u32 = 5;

/// How many other words a word that is such an operator allows between others.
pub(super) fn allowed(word: &str) -> Option<u32> {
    if let Some((name, reach)) = word.split_once('/') {
        let name = name.to_ascii_lowercase();
        return BEFORE_SLASH
            .contains(&name.as_str())
            .then(|| reach_of(reach))
            .flatten();
    }
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.get(name.len()..).unwrap_or_default();
    match (ALONE.contains(&name), digits) {
        // `ADJ` without a number is a word too.
        (true, "") => (name != "ADJ").then_some(UNSAID),
        (true, digits) => digits.parse().ok(),
        _ => None,
    }
}

fn reach_of(reach: &str) -> Option<u32> {
    match reach.to_ascii_lowercase().as_str() {
        "s" | "sent" => Some(SENTENCE),
        "p" | "para" | "seg" => Some(PARAGRAPH),
        digits if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok()
        }
        _ => None,
    }
}

/// The error for such a word at a place of a query.
pub(super) fn error(query: &str, word: &str, at: usize, allowed: u32) -> QueryError {
    let span = at..at + word.len();
    let plain = |word: &str| !word.is_empty() && word.chars().all(is_term_char);
    let before = query.get(..at).unwrap_or_default();
    let before = before.split_whitespace().next_back().unwrap_or_default();
    let after = query.get(span.end..).unwrap_or_default();
    let after = after.split_whitespace().next().unwrap_or_default();
    let phrase = match plain(before) && plain(after) {
        true => format!("`\"{before} {after}\"~{allowed}`"),
        false => format!("`\"a b\"~{allowed}`"),
    };
    QueryError::new(format!("{} is no operator here", quoted(word)), span).with_hint(format!(
        "words near one another are a loose phrase: {phrase}, in any order with at most {allowed} other words between; \
         to find the text itself, quote it: {}",
        quoted(&format!("\"{word}\""))
    ))
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn operators_of_other_programs_are_known() {
        for (word, reach) in [
            ("w/5", 5),
            ("W/10", 10),
            ("/3", 3),
            ("/s", 15),
            ("w/p", 50),
            ("pre/2", 2),
            ("NEAR/4", 4),
            ("near/4", 4),
            ("NEAR", 5),
            ("NEAR8", 8),
            ("ADJ3", 3),
            ("ONEAR/1", 1),
        ] {
            assert_eq!(allowed(word), Some(reach), "{word}");
        }
        for word in [
            "near",
            "adj",
            "ADJ",
            "w/o",
            "w",
            "n/a",
            "24/7",
            "5",
            "/",
            "/usr",
            "w/5a",
            "and/or",
            "W2",
            "N95",
            "near8",
            "w/99999999999",
        ] {
            assert_eq!(allowed(word), None, "{word}");
        }
    }
}
