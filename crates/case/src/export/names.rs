//! File names for messages: from their date, id and subject, safe on every system.
//!
//! Only ASCII letters, digits, `-` and `_` of the subject are kept, so that no subject
//! can name a device, climb out of the folder or drive a terminal.

use crate::Hit;
use std::collections::HashSet;

/// Longest part of a subject in a file name, in characters.
const SUBJECT: usize = 40;

/// Shortest part of the id in a file name, in digits.
const ID: usize = 12;

/// A name such as `2016/2016-05-11_1440_0a1b2c3d4e5f_budget-meeting.eml`; undated
/// messages are in `undated`. No name is given twice.
pub(super) fn eml(hit: &Hit, given: &mut HashSet<String>) -> String {
    let id = hit.id.to_string();
    let (folder, stamp) = match hit.date.as_deref().and_then(stamp) {
        Some(stamp) => (stamp[..4].to_owned(), stamp),
        None => ("undated".to_owned(), "undated".to_owned()),
    };
    let subject = slug(hit.subject.as_deref().unwrap_or_default());
    let name = |id: &str| match subject.is_empty() {
        true => format!("{folder}/{stamp}_{id}.eml"),
        false => format!("{folder}/{stamp}_{id}_{subject}.eml"),
    };
    let mut chosen = name(&id[..ID]);
    if !given.insert(chosen.clone()) {
        chosen = name(&id);
        given.insert(chosen.clone());
    }
    chosen
}

/// `2016-05-11_1440` from an RFC 3339 date.
fn stamp(date: &str) -> Option<String> {
    let day = date.get(..10)?;
    let hour = date.get(11..13)?;
    let minute = date.get(14..16)?;
    Some(format!("{day}_{hour}{minute}"))
}

fn slug(subject: &str) -> String {
    let mut slug = String::new();
    for character in subject.chars() {
        if slug.len() >= SUBJECT {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::slug;
    use super::stamp;

    #[test]
    fn keeps_only_what_is_safe() {
        assert_eq!(slug("RE: ../../etc/passwd\u{202e}"), "re-etc-passwd");
        assert_eq!(slug("契約"), "");
        assert_eq!(slug(&"x".repeat(300)).len(), 40);
        assert_eq!(
            stamp("2016-05-11T14:40:00-04:00").as_deref(),
            Some("2016-05-11_1440")
        );
    }
}
