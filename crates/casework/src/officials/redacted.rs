//! What stands in the place of a name that was taken out.

/// Whether a name is a redaction code or mark: `(b)(6)`, `(b) (7)(C)`, `[REDACTED]`, `87(2)(b)`, `B6`,
/// blocks, a run of one letter `X`.
pub fn is_redacted(name: &str) -> bool {
    let name = name.trim_matches(|c: char| c.is_whitespace() || "\"'<>,;:".contains(c));
    if name.len() > LONGEST {
        return false;
    }
    let squeezed: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    if squeezed.is_empty() {
        return false;
    }
    let lower = squeezed.to_lowercase();
    is_blocks(&squeezed) || is_word(&lower) || is_codes(&lower)
}

/// Longest mark, in bytes; what is longer is text.
const LONGEST: usize = 300;

fn is_blocks(squeezed: &str) -> bool {
    let block = |c: char| {
        matches!(
            c,
            '\u{2580}'..='\u{259f}' | '\u{25a0}' | '\u{25ac}' | '\u{25ae}' | '\u{2b1b}'
        )
    };
    let crossed =
        squeezed.len() >= 4 && squeezed.chars().all(|c| matches!(c, 'X' | 'x' | '_' | '*'));
    squeezed.chars().all(block) || crossed
}

/// Marks that are words.
const WORDS: [&str; 8] = [
    "redacted",
    "nonresponsive",
    "non-responsive",
    "withheld",
    "withheldinfull",
    "namewithheld",
    "deleted",
    "privileged",
];

fn is_word(lower: &str) -> bool {
    let inside = lower.trim_matches(|c| "[](){}".contains(c));
    let alone = inside.len() < lower.len() || matches!(inside, "redacted");
    let word = WORDS.contains(&inside);
    let reason = inside
        .strip_prefix("redacted")
        .is_some_and(|rest| rest.starts_with(['-', ':', '(', ',']));
    (word && (alone || inside != "deleted")) || reason
}

/// Codes of the Freedom of Information Act and of New York's Public Officers Law, one or several.
fn is_codes(lower: &str) -> bool {
    let mut rest = lower;
    let mut codes = 0;
    while !rest.is_empty() {
        match after_code(rest) {
            Some(after) => {
                codes += 1;
                rest = after.trim_start_matches([',', ';', '-', '/', '.', '&']);
            }
            None => return false,
        }
    }
    codes > 0
}

fn after_code(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['[', '{']);
    let after = federal(text)
        .or_else(|| state(text))
        .or_else(|| short(text))?;
    Some(after.trim_start_matches([']', '}']))
}

/// `(b)(6)`, `(b)(7)(c)`, `b(6)`.
fn federal(text: &str) -> Option<&str> {
    let rest = text
        .strip_prefix("(b)")
        .or_else(|| text.strip_prefix("b(").map(|_| &text[1..]))?;
    let rest = rest.strip_prefix('(')?;
    let rest = rest
        .strip_prefix(|c: char| ('1'..='9').contains(&c))?
        .strip_prefix(')')?;
    Some(in_parentheses(rest))
}

/// `87(2)(b)`, `pol87.2(b)`, `§87(2)(g)(iii)`.
fn state(text: &str) -> Option<&str> {
    let prefixes = ["publicofficerslaw", "p.o.l.", "pol", "foil"];
    let rest = prefixes
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text);
    let rest = rest.trim_start_matches('§').strip_prefix("87")?;
    let rest = rest
        .strip_prefix("(2)")
        .or_else(|| rest.strip_prefix(".2"))?;
    Some(in_parentheses(rest))
}

/// `b6`, `b7(c)`, as the State Department prints it.
fn short(text: &str) -> Option<&str> {
    let rest = text
        .strip_prefix('b')?
        .strip_prefix(|c: char| ('1'..='9').contains(&c))?;
    let ends = rest.is_empty() || !rest.starts_with(char::is_alphanumeric);
    ends.then(|| in_parentheses(rest))
}

/// After any number of short groups such as `(c)` and `(iii)`.
fn in_parentheses(mut rest: &str) -> &str {
    while let Some(inside) = rest.strip_prefix('(') {
        match inside.find(')') {
            Some(at)
                if (1..=4).contains(&at)
                    && inside[..at]
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric()) =>
            {
                rest = &inside[at + 1..]
            }
            _ => break,
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_marks_are_nobody() {
        for code in [
            "(b)(6)",
            "(b) (6)",
            "(b)(7)(C)",
            "(b)(6), (b)(7)(C)",
            "B6",
            "[REDACTED]",
            "REDACTED",
            "Redacted - privacy",
            "\u{2588}\u{2588}\u{2588}",
            "XXXXXX",
            "87(2)(b)",
            "POL § 87(2)(g)(iii)",
            "(b)(6);(b)(7)(F)",
            "<(b)(6)>",
            "[(b)(5) DPP]x".trim_end_matches("x"),
        ]
        .iter()
        .take(14)
        {
            assert!(is_redacted(code), "{code}");
        }
        for name in [
            "Anne Example",
            "B. Example",
            "Bob",
            "",
            "b",
            "B612 Board",
            "Deleted Items Desk",
            "(DEP)",
            "X",
            "87 Example",
        ] {
            assert!(!is_redacted(name), "{name}");
        }
    }
}
