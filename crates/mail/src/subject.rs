//! What is left of a subject when prefixes of answers and list names are taken off: RFC 5256 §2.1.
//!
//! To the prefixes of the standard (`Re:`, `Fw:`, `Fwd:`) those of other languages are added, and the
//! counting forms `Re[2]:` and `Re(2):`. What stands in brackets before the subject (`[list-name]`,
//! `[EXTERNAL]`) goes as the standard has it.

/// Prefixes of answers, in lower case.
const REPLY_PREFIXES: [&str; 12] = [
    "re",
    "aw",
    "sv",
    "antw",
    "antwort",
    "odp",
    "r",
    "rif",
    "ynt",
    "\u{7b54}\u{590d}",
    "\u{56de}\u{590d}",
    "res",
];

/// Prefixes of messages passed on, in lower case.
const FORWARD_PREFIXES: [&str; 17] = [
    "fw",
    "fwd",
    "wg",
    "rv",
    "tr",
    "i",
    "vs",
    "pd",
    "enc",
    "redir.",
    "vb",
    "vl",
    "videresend",
    "ilt",
    "i\u{307}lt",
    "doorst",
    "\u{8f6c}\u{53d1}",
];

/// Longest prefix with its count, in bytes.
const LONGEST_PREFIX: usize = 48;
/// Most names in brackets before one prefix.
const MOST_BLOBS: usize = 16;

/// A subject without what answering and forwarding added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseSubject<'a> {
    /// The base subject of RFC 5256 §2.1; white space in it as it was given. Compare without case.
    pub base: &'a str,
    /// The subject without the prefixes of answers alone: what stands in brackets stays, such as the
    /// number of a patch.
    pub bracketed: &'a str,
    /// Whether it says that it answers.
    pub reply: bool,
    /// Whether it says that it passes something on.
    pub forward: bool,
}

/// Cuts a decoded subject in which white space is single spaces. Takes time in proportion to its length.
pub fn base(subject: &str) -> BaseSubject<'_> {
    let mut seen = Seen::default();
    let mut text = subject.trim();
    let mut bracketed = None;
    loop {
        while let Some(rest) = strip_end(text, "(fwd)") {
            seen.forward = true;
            text = rest.trim_end();
        }
        while let Some(rest) = leader(text, &mut seen) {
            text = rest;
        }
        bracketed.get_or_insert(text);
        text = without_leaders_and_blobs(text, &mut seen);
        let inside = strip_start(text, "[fwd:").and_then(|rest| rest.strip_suffix(']'));
        let Some(inside) = inside else { break };
        seen.forward = true;
        bracketed = None;
        text = inside.trim();
    }
    BaseSubject {
        base: text,
        bracketed: bracketed.unwrap_or(text),
        reply: seen.reply,
        forward: seen.forward,
    }
}

/// What prefixes have said.
#[derive(Default)]
struct Seen {
    reply: bool,
    forward: bool,
}

/// Steps 3 to 5: prefixes and what stands in brackets, as long as there is something left.
fn without_leaders_and_blobs<'a>(mut text: &'a str, seen: &mut Seen) -> &'a str {
    loop {
        if let Some(rest) = leader(text, seen) {
            text = rest;
            continue;
        }
        match blob(text) {
            Some(rest) if !rest.is_empty() => text = rest,
            _ => return text,
        }
    }
}

/// The rest after a `subj-leader`: what stands in brackets, then a prefix with its colon.
fn leader<'a>(text: &'a str, seen: &mut Seen) -> Option<&'a str> {
    let mut at = text;
    for _ in 0..MOST_BLOBS {
        match blob(at) {
            Some(rest) => at = rest,
            None => break,
        }
    }
    let head = &at[..at.floor_char_boundary(LONGEST_PREFIX)];
    let (word, _) = head.split_once([':', '\u{ff1a}'])?;
    let rest = at[word.len()..].trim_start_matches([':', '\u{ff1a}']);
    let name = word.trim_end();
    let name = match name.split_once(['[', '(']) {
        Some((name, count)) if count.ends_with([']', ')']) => name.trim_end(),
        Some(_) => return None,
        None => name,
    };
    let name = name
        .trim_end_matches(|character: char| character.is_ascii_digit())
        .to_lowercase();
    if REPLY_PREFIXES.contains(&name.as_str()) {
        seen.reply = true;
    } else if FORWARD_PREFIXES.contains(&name.as_str()) {
        seen.forward = true;
    } else {
        return None;
    }
    Some(rest.trim_start())
}

/// The rest after a `subj-blob`: brackets without brackets in them, and white space.
fn blob(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('[')?;
    let end = inside.find(['[', ']'])?;
    let rest = inside[end..].strip_prefix(']')?;
    Some(rest.trim_start())
}

fn strip_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let head = text.get(..start.len())?;
    head.eq_ignore_ascii_case(start)
        .then(|| &text[start.len()..])
}

fn strip_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(end.len())?;
    let tail = text.get(at..)?;
    tail.eq_ignore_ascii_case(end).then(|| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each worked by hand from the grammar and the steps of RFC 5256 §2.1.
    #[test]
    fn base_subjects_of_the_standard() {
        let cases = [
            ("North pier", "North pier", false, false),
            ("Re: North pier", "North pier", true, false),
            ("RE : re: Fwd:North pier", "North pier", true, true),
            ("Re [note]: North pier", "North pier", true, false),
            ("[board] Re: North pier", "North pier", true, false),
            ("[board] [a] North pier", "North pier", false, false),
            ("North pier (fwd) (FWD)", "North pier", false, true),
            ("[Fwd: Re: North pier]", "North pier", true, true),
            ("[fwd: [board] North pier (fwd)]", "North pier", false, true),
            ("[board]", "[board]", false, false),
            ("Re: [board]", "[board]", true, false),
            ("Re:", "", true, false),
            ("", "", false, false),
            ("[a [b] Re: pier", "[a [b] Re: pier", false, false),
            ("Report: pier", "Report: pier", false, false),
            ("Re North pier", "Re North pier", false, false),
        ];
        for (subject, expected, reply, forward) in cases {
            let found = base(subject);
            assert_eq!(
                (found.base, found.reply, found.forward),
                (expected, reply, forward),
                "{subject}"
            );
        }
    }

    #[test]
    fn prefixes_of_other_languages_and_counts() {
        for subject in [
            "AW: WG: Pier",
            "Re[2]: Pier",
            "Re(3): Pier",
            "RE2: Pier",
            "Antw: [EXTERNAL] Pier",
            "答复：Pier",
            "İLT: Pier",
        ] {
            assert_eq!(base(subject).base, "Pier", "{subject}");
        }
        assert!(base("WG: Pier").forward && base("Sv: Pier").reply);
    }

    #[test]
    fn what_is_in_brackets_stays_beside_the_base() {
        let subject = base("Re: [PATCH v2 1/3] pier.7: mend");
        assert_eq!(subject.bracketed, "[PATCH v2 1/3] pier.7: mend");
        assert_eq!(subject.base, "pier.7: mend");
        assert_eq!(base("[list] Re: [PATCH] a").bracketed, "[PATCH] a");
        assert_eq!(base("[Fwd: [PATCH] a]").bracketed, "[PATCH] a");
    }

    #[test]
    fn a_long_subject_takes_no_longer_for_its_shape() {
        for piece in ["re:", "[", "[]", "[fwd:", "(fwd)", "] ", "Re[", "答复："] {
            let subject = piece.repeat(200_000);
            assert!(base(&subject).base.len() <= subject.len());
        }
    }
}
