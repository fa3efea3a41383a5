//! File names for messages and attachments, safe on every system.
//!
//! Of what strangers wrote only letters and digits of any script are kept, with a few harmless marks,
//! so that no name can be a device, climb out of the folder, hide its ending or drive a terminal.

use crate::Hit;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest part of a subject in a file name, in characters and in bytes.
const SUBJECT: usize = 40;
const SUBJECT_BYTES: usize = 80;

/// Longest name of an attachment without its ending, in bytes. File systems take 255, with what
/// stands before it.
const STEM_BYTES: usize = 80;

/// Longest ending of a file name.
const ENDING: usize = 10;

/// Shortest part of the id in a file name, in digits.
const ID: usize = 12;

/// What Windows takes for a device, whatever ending follows.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin", "conout"];

/// A name such as `2016/2016-05-11_1440_0a1b2c3d4e5f_budget-meeting.eml`; undated
/// messages are in `undated`. No name is given twice.
pub(super) fn eml(hit: &Hit, ending: &str, given: &mut HashSet<String>) -> String {
    let id = hit.id.to_string();
    let (folder, stamp) = match hit.date.as_deref().and_then(stamp) {
        Some(stamp) => (stamp[..4].to_owned(), stamp),
        None => ("undated".to_owned(), "undated".to_owned()),
    };
    let subject = slug(hit.subject.as_deref().unwrap_or_default());
    let name = |id: &str| match subject.is_empty() {
        true => format!("{folder}/{stamp}_{id}.{ending}"),
        false => format!("{folder}/{stamp}_{id}_{subject}.{ending}"),
    };
    let mut chosen = name(&id[..ID]);
    if !given.insert(chosen.clone()) {
        chosen = name(&id);
        given.insert(chosen.clone());
    }
    chosen
}

/// How the name of an original ends: a print-out is text, and no program for mail reads it.
pub(super) fn original_ending(is_print: bool) -> &'static str {
    if is_print { "txt" } else { "eml" }
}

/// `2016-05-11_1440` from an RFC 3339 date.
fn stamp(date: &str) -> Option<String> {
    let day = date.get(..10)?;
    let hour = date.get(11..13)?;
    let minute = date.get(14..16)?;
    Some(format!("{day}_{hour}{minute}"))
}

/// A subject as a part of a file name: its letters and digits, `-` for all else.
pub(super) fn slug(subject: &str) -> String {
    let mut slug = String::new();
    for (length, character) in subject.nfc().flat_map(char::to_lowercase).enumerate() {
        if length >= SUBJECT || slug.len() + character.len_utf8() > SUBJECT_BYTES {
            break;
        }
        if is_plain(character) {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The name of an attachment, made harmless: its last part, without what is no letter, digit or one
/// of a few marks, cut to a length that every file system takes. `None` where nothing is left.
pub(super) fn attachment(name: &str) -> Option<(String, Option<String>)> {
    let name: String = name.nfc().collect();
    let last = name
        .rsplit(['/', '\\'])
        .find(|part| !part.trim().is_empty())?;
    let (stem, ending) = match last.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) && !stem.is_empty() => {
            (stem, Some(ending.to_ascii_lowercase()))
        }
        _ => (last, None),
    };
    let mut kept = String::new();
    for character in stem.chars() {
        let character = match character {
            '-' | '_' | '(' | ')' | '+' | ',' => character,
            other if is_plain(other) => other,
            _ => '_',
        };
        if kept.len() + character.len_utf8() > STEM_BYTES {
            break;
        }
        if !(character == '_' && kept.ends_with('_')) {
            kept.push(character);
        }
    }
    let kept = kept.trim_matches('_');
    if kept.is_empty() && ending.is_none() {
        return None;
    }
    let kept = match is_device(kept) {
        true => format!("_{kept}"),
        false => kept.to_owned(),
    };
    Some((
        if kept.is_empty() {
            "file".to_owned()
        } else {
            kept
        },
        ending,
    ))
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character)
}

fn is_ending(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= ENDING
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|number| {
            number.chars().count() == 1 && number.chars().all(|one| one.is_numeric())
        })
    });
    numbered || DEVICES.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_what_is_safe() {
        assert_eq!(slug("RE: ../../etc/passwd\u{202e}"), "re-etc-passwd");
        assert_eq!(slug("契約 2021"), "契約-2021");
        assert_eq!(slug("Τιμολόγιο № 7"), "τιμολόγιο-7");
        assert_eq!(slug(&"x".repeat(300)).len(), 40);
        assert!(slug(&"契".repeat(300)).len() <= 80);
        assert_eq!(slug("\u{1f600}\u{0}\n"), "");
        assert_eq!(
            stamp("2016-05-11T14:40:00-04:00").as_deref(),
            Some("2016-05-11_1440")
        );
    }

    fn whole(name: &str) -> Option<String> {
        attachment(name).map(|(stem, ending)| match ending {
            Some(ending) => format!("{stem}.{ending}"),
            None => stem,
        })
    }

    #[test]
    fn names_of_attachments_lose_what_is_dangerous() {
        for (written, safe) in [
            ("plan.pdf", "plan.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system.ini", "system.ini"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1.csv", "_com1.csv"),
            ("lpt\u{b9}.csv", "_lpt\u{b9}.csv"),
            ("..", "file"),
            (".htaccess", "htaccess"),
            ("invoice\u{202e}fdp.exe", "invoice_fdp.exe"),
            ("a\u{0}b\nc.txt", "a_b_c.txt"),
            ("договор №7.docx", "договор_7.docx"),
            ("trailing. ", "trailing"),
            ("a.tar.gz", "a_tar.gz"),
        ] {
            let expected = (safe != "file").then(|| safe.to_owned());
            assert_eq!(whole(written), expected, "{written:?}");
        }
        let long = whole(&format!("{}.pdf", "д".repeat(400))).expect("something is left");
        assert!(long.len() <= 84 && long.ends_with(".pdf"));
    }
}
