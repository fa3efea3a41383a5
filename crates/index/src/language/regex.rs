//! Regular expressions on terms: folding their letters, and checking them.

use crate::terms;
use crate::terms::fold::is_term_char;

use super::error::quoted;

/// Longest pattern, as written and as folded, in bytes.
const LONGEST: usize = 1_000;

/// Folds the literal letters of a pattern as terms are folded and checks that
/// the result can be run and could match a term. Gives the reason and a hint if not.
pub(super) fn fold_regex(pattern: &str) -> Result<String, (String, Option<String>)> {
    if pattern.is_empty() {
        return Err(empty());
    }
    if pattern.len() > LONGEST {
        return Err(too_long());
    }
    let folded = Folder::default().fold(pattern)?;
    // `ß` is six bytes once it is folded, and what is printed is the folded one.
    if folded.len() > LONGEST {
        return Err(too_long());
    }
    // An accent alone is no letter.
    if folded.is_empty() {
        return Err(empty());
    }
    match tantivy_fst::Regex::new(&folded) {
        Ok(_) => Ok(folded),
        Err(error) => Err((
            format!("bad regular expression: {}", last_line(&error)),
            None,
        )),
    }
}

/// What is wrong, without the drawing that some errors put above it.
fn last_line(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let line = text
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default();
    line.trim().trim_start_matches("error: ").to_owned()
}

/// Where in a pattern the folding is.
#[derive(Default)]
struct Folder {
    folded: String,
    in_class: bool,
}

impl Folder {
    fn fold(mut self, pattern: &str) -> Result<String, (String, Option<String>)> {
        let mut at = 0;
        while let Some(character) = pattern.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = pattern.get(at..).unwrap_or_default();
            let verbatim = self.verbatim(rest, character)?;
            if verbatim > 0 {
                self.folded.push_str(rest.get(..verbatim).unwrap_or(rest));
                at += verbatim.min(rest.len());
                continue;
            }
            self.literal(character)?;
            at += character.len_utf8();
        }
        Ok(self.folded)
    }

    /// How many bytes at the start of `rest` are syntax, to be kept as they are.
    fn verbatim(&mut self, rest: &str, character: char) -> Result<usize, (String, Option<String>)> {
        let through = |end: char| rest.find(end).map_or(rest.len(), |at| at + end.len_utf8());
        Ok(match character {
            '\\' => return escape(rest, self.in_class),
            '[' => {
                self.in_class = true;
                1
            }
            ']' if self.in_class => {
                self.in_class = false;
                1
            }
            _ if self.in_class => usize::from(matches!(character, '^' | '-' | '&' | '~')),
            '^' | '$' => return Err(anchor()),
            '{' => through('}'),
            '(' if rest.starts_with("(?") => {
                rest.find([')', ':', '>']).map_or(rest.len(), |at| at + 1)
            }
            '(' | ')' | '|' | '*' | '+' | '?' | '.' | ']' | '}' => 1,
            _ => 0,
        })
    }

    fn literal(&mut self, character: char) -> Result<(), (String, Option<String>)> {
        if !is_term_char(character) {
            if self.in_class {
                self.folded.push(character);
                return Ok(());
            }
            return Err(never_in_a_term(character));
        }
        let folded = terms::terms(&character.to_string()).concat();
        if folded.chars().count() > 1 && !self.in_class {
            self.folded.push_str("(?:");
            self.folded.push_str(&folded);
            self.folded.push(')');
        } else {
            self.folded.push_str(&folded);
        }
        Ok(())
    }
}

fn empty() -> (String, Option<String>) {
    let hint = "write what whole terms look like, such as `/colou?r/`; quote a path";
    (
        "an empty regular expression".to_owned(),
        Some(hint.to_owned()),
    )
}

fn too_long() -> (String, Option<String>) {
    let message = "a regular expression of more than 1,000 bytes".to_owned();
    (message, None)
}

fn anchor() -> (String, Option<String>) {
    let message = "a regular expression matches whole terms: `^`, `$` and `\\b` have no use";
    let hint = "leave them out; `/contract.*/` matches the terms that begin with it";
    (message.to_owned(), Some(hint.to_owned()))
}

fn never_in_a_term(character: char) -> (String, Option<String>) {
    let message = format!(
        "no term holds {}, so this matches nothing",
        quoted(&character.to_string())
    );
    let hint = "a regular expression is matched against single terms, runs of letters and digits";
    (message, Some(hint.to_owned()))
}

/// Length of the escape that `rest` starts with.
fn escape(rest: &str, in_class: bool) -> Result<usize, (String, Option<String>)> {
    let Some(kind) = rest.chars().nth(1) else {
        return Err(("a regular expression ends in a backslash".to_owned(), None));
    };
    match kind {
        'b' | 'B' | 'A' | 'z' => Err(anchor()),
        'p' | 'P' | 'x' | 'u' | 'U' if rest.get(2..).is_some_and(|more| more.starts_with('{')) => {
            Ok(rest.find('}').map_or(rest.len(), |at| at + 1))
        }
        mark if mark.is_ascii_punctuation() && !in_class => Err(never_in_a_term(mark)),
        _ => Ok(1 + kind.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::fold_regex;

    #[test]
    fn letters_fold_and_syntax_stays() {
        for (pattern, folded) in [
            ("colou?r", "colou?r"),
            ("Contract.*", "contract.*"),
            ("naïve", "naive"),
            ("[A-F0-9]{3,8}", "[a-f0-9]{3,8}"),
            (r"\D\d+\S", r"\D\d+\S"),
            (r"\p{Greek}+X", r"\p{Greek}+x"),
            ("(Foo|BAR)z", "(foo|bar)z"),
            ("(?P<Name>A)", "(?P<Name>a)"),
            ("gro(ß|ss)e", "gro((?:ss)|ss)e"),
            ("[^A]b", "[^a]b"),
            ("契約", "契約"),
            ("[^/É]+", "[^/e]+"),
            (r"[\]\-a]x", r"[\]\-a]x"),
        ] {
            assert_eq!(fold_regex(pattern), Ok(folded.to_owned()), "{pattern}");
        }
    }

    #[test]
    fn what_cannot_match_or_run_is_an_error() {
        for (pattern, part) in [
            ("", "empty"),
            ("\u{301}", "empty"),
            ("[\u{301}]", "bad regular expression"),
            ("a b", "no term holds ` `"),
            ("foo-bar", "no term holds `-`"),
            (r"foo\.bar", "no term holds `.`"),
            ("^foo", "whole terms"),
            (r"foo\b", "whole terms"),
            ("(foo", "unclosed group"),
            ("[z-a]", "invalid character class range"),
            ("a**{", "bad regular expression"),
            ("foo\\", "backslash"),
        ] {
            let found = fold_regex(pattern);
            assert!(
                found
                    .as_ref()
                    .is_err_and(|(message, _)| message.contains(part)),
                "{pattern}: {found:?}"
            );
        }
    }

    #[test]
    fn a_pattern_that_explodes_is_refused_soon() {
        let start = std::time::Instant::now();
        assert!(fold_regex("(((a{0,90}){0,90}){0,90}){0,90}").is_err());
        assert!(fold_regex(&"(".repeat(999)).is_err());
        assert!(start.elapsed() < std::time::Duration::from_secs(20));
    }
}
