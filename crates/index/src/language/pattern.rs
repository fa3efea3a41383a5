//! Patterns for names of releases, sources and folders.

use unicode_normalization::UnicodeNormalization;

/// A name in which `*` stands for any text and `?` for one character.
///
/// Matching ignores case and the form in which accents are stored. Everything
/// else stands for itself, brackets too (`[Gmail]/Sent`); a backslash takes the
/// meaning from a following `*`, `?` or backslash. The pattern matches a whole
/// name or its end after a `/`: `inbox.mbox` finds `mail/inbox.mbox`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Literal(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern; any text is one.
    pub fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                '*' => pieces.push(Piece::Many),
                '?' => pieces.push(Piece::One),
                '\\' => {
                    let escaped = rest.next_if(|next| matches!(next, '*' | '?' | '\\'));
                    pieces.push(Piece::Literal(escaped.unwrap_or('\\')));
                }
                plain => pieces.extend(plain.to_lowercase().map(Piece::Literal)),
            }
        }
        // Literals are composed so that they compare with composed names.
        Self {
            pieces: composed(&pieces),
        }
    }

    /// Whether the pattern matches `name` as a whole or its end after a `/`.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.nfc().flat_map(char::to_lowercase).nfc().collect();
        let ends = name
            .iter()
            .enumerate()
            .filter(|(_, character)| **character == '/');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
        starts
            .into_iter()
            .any(|start| self.matches_whole(name.get(start..).unwrap_or_default()))
    }

    /// Goes back only to the last `*`, so the time is at most the product of the lengths.
    fn matches_whole(&self, name: &[char]) -> bool {
        let (mut piece, mut at) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while at < name.len() {
            match self.pieces.get(piece) {
                Some(Piece::Many) => {
                    retry = Some((piece + 1, at));
                    piece += 1;
                    continue;
                }
                Some(Piece::One) => {
                    piece += 1;
                    at += 1;
                    continue;
                }
                Some(Piece::Literal(wanted)) if name.get(at) == Some(wanted) => {
                    piece += 1;
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = retry else {
                return false;
            };
            piece = after;
            at = from + 1;
            retry = Some((after, at));
        }
        self.pieces
            .iter()
            .skip(piece)
            .all(|piece| *piece == Piece::Many)
    }
}

fn composed(pieces: &[Piece]) -> Vec<Piece> {
    let mut result = Vec::with_capacity(pieces.len());
    let mut literal = String::new();
    let flush = |literal: &mut String, result: &mut Vec<Piece>| {
        result.extend(literal.nfc().map(Piece::Literal));
        literal.clear();
    };
    for piece in pieces {
        match piece {
            Piece::Literal(character) => literal.push(*character),
            other => {
                flush(&mut literal, &mut result);
                result.push(*other);
            }
        }
    }
    flush(&mut literal, &mut result);
    result
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_names_and_their_ends() {
        let yes = [
            ("inbox.mbox", "Inbox.mbox"),
            ("inbox.mbox", "mail/2016/inbox.MBOX"),
            ("2016/inbox.mbox", "mail/2016/inbox.mbox"),
            ("*.mbox", "mail/inbox.mbox"),
            ("mail/*", "mail/2016/inbox.mbox"),
            ("in?ox", "inbox"),
            ("[Gmail]/Sent*", "[Gmail]/Sent Mail"),
            (r"what\?", "what?"),
            (r"C:\dump\x", r"c:\dump\x"),
            ("cafe\u{301}", "Café"),
            ("*", ""),
            ("a*b*c", "a-b-b-c"),
            ("", ""),
        ];
        for (pattern, name) in yes {
            assert!(Pattern::new(pattern).matches(name), "{pattern} {name}");
        }
        let no = [
            ("inbox", "inbox.mbox"),
            ("box.mbox", "inbox.mbox"),
            ("in?ox", "inox"),
            (r"what\?", "whatx"),
            ("a*b*c", "a-b-b"),
            ("[ab]", "a"),
        ];
        for (pattern, name) in no {
            assert!(!Pattern::new(pattern).matches(name), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = Pattern::new(&"a*".repeat(200));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(199))));
        assert!(Pattern::new(&"*a".repeat(200)).matches(&"a".repeat(5000)));
    }
}
