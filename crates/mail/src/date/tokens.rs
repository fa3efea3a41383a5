//! A date as words, numbers and marks.

/// Longest text looked at, in bytes; dates are far shorter.
const LONGEST: usize = 256;

/// One token of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Digits: their value, saturating, and how many there are.
    Number(u32, usize),
    /// Letters.
    Word(&'a str),
    /// What stands in parentheses, nested ones included (RFC 5322 §3.2.2).
    Comment(&'a str),
    /// Any other character that is not white space.
    Mark(char),
}

/// Cuts a text into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut rest = &text[..text.floor_char_boundary(LONGEST)];
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return tokens;
        };
        let (token, length) = if first.is_ascii_digit() {
            number(rest)
        } else if first.is_alphabetic() {
            let length = rest.find(|c: char| !c.is_alphabetic());
            let length = length.unwrap_or(rest.len());
            (Token::Word(&rest[..length]), length)
        } else if first == '(' {
            comment(rest)
        } else {
            (Token::Mark(first), first.len_utf8())
        };
        tokens.push(token);
        rest = &rest[length..];
    }
}

fn number(rest: &str) -> (Token<'_>, usize) {
    let digits = rest.bytes().take_while(u8::is_ascii_digit);
    let (value, length) = digits.fold((0u32, 0), |(value, length), byte| {
        let value = value
            .saturating_mul(10)
            .saturating_add(u32::from(byte - b'0'));
        (value, length + 1)
    });
    (Token::Number(value, length), length)
}

fn comment(rest: &str) -> (Token<'_>, usize) {
    let mut depth = 0;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (Token::Comment(&rest[1..at]), at + 1);
        }
    }
    (Token::Comment(&rest[1..]), rest.len())
}
