//! Cuts a query into words, quotes and regular expressions.

use std::ops::Range;

use super::error::QueryError;

/// A place in a query.
pub(super) struct Scanner<'q> {
    text: &'q str,
    at: usize,
}

/// What could come next, without taking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    End,
    Space,
    Open,
    Close,
    Quote,
    /// `AND`, `OR` or `NOT` as a word of its own.
    Operator(&'static str),
    /// Anything else: the first character of a bare word.
    Word(char),
}

pub(super) fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\u{201C}'..='\u{201F}')
}

impl<'q> Scanner<'q> {
    pub(super) fn new(text: &'q str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The whole query.
    pub(super) fn text(&self) -> &'q str {
        self.text
    }

    pub(super) fn rest(&self) -> &'q str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn first(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes so many bytes, at most up to the end.
    pub(super) fn take(&mut self, bytes: usize) -> Range<usize> {
        let start = self.at;
        self.at = (start + bytes).min(self.text.len());
        start..self.at
    }

    /// The word from here to white space, a parenthesis or a quote; not taken.
    pub(super) fn word(&self) -> &'q str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    /// What stands here, right at this place.
    pub(super) fn next(&self) -> Next {
        match self.first() {
            None => Next::End,
            Some('(') => Next::Open,
            Some(')') => Next::Close,
            Some(quote) if is_quote(quote) => Next::Quote,
            Some(space) if space.is_whitespace() => Next::Space,
            Some(first) => match self.word() {
                "AND" => Next::Operator("AND"),
                "OR" => Next::Operator("OR"),
                "NOT" => Next::Operator("NOT"),
                _ => Next::Word(first),
            },
        }
    }

    /// Takes a quoted text, without its quotes and escapes.
    ///
    /// A straight quote ends at a straight one, a typographic one at any. `\"` is
    /// a quote and `\\` a backslash; before anything else a backslash is itself.
    pub(super) fn quoted(&mut self) -> Result<(String, Range<usize>), QueryError> {
        let mut rest = self.rest().char_indices().peekable();
        let straight = rest.next().is_some_and(|(_, open)| open == '"');
        let mut text = String::new();
        while let Some((offset, character)) = rest.next() {
            if character == '\\' {
                let escaped = rest.next_if(|(_, next)| *next == '\\' || is_quote(*next));
                text.push(escaped.map_or('\\', |(_, next)| next));
            } else if character == '"' || (!straight && is_quote(character)) {
                return Ok((text, self.take(offset + character.len_utf8())));
            } else {
                text.push(character);
            }
        }
        let open = self.first().map_or(1, char::len_utf8);
        Err(
            QueryError::new("this quote is never closed", self.at..self.at + open)
                .with_hint("close it with another `\"`; a quote inside a quote is written `\\\"`"),
        )
    }

    /// Takes `/…/`, without the slashes; `\/` is a slash.
    pub(super) fn regex(&mut self) -> Result<(String, Range<usize>), QueryError> {
        let mut rest = self.rest().char_indices().skip(1);
        let mut pattern = String::new();
        while let Some((offset, character)) = rest.next() {
            match character {
                '/' => return Ok((pattern, self.take(offset + 1))),
                '\\' => match rest.next() {
                    Some((_, '/')) => pattern.push('/'),
                    Some((_, escaped)) => pattern.extend(['\\', escaped]),
                    None => break,
                },
                plain => pattern.push(plain),
            }
        }
        let word = self.word();
        Err(QueryError::new(
            "this `/` opens a regular expression that is never closed",
            self.at..self.at + 1,
        )
        .with_hint(format!(
            "close it with another `/`, or quote a path: `\"{word}\"`"
        )))
    }
}
