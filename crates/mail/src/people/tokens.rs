//! An address list as tokens.

/// Longest comment, encoded word or name in single quotes.
const LONGEST: usize = 2048;

/// One token of an address list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Anything that is not one of the others, with the white space in and around it.
    Text(&'a str),
    /// What stands in quotes, backslashes and all.
    Quoted(&'a str),
    /// What stands in parentheses.
    Comment(&'a str),
    /// What stands in angle brackets.
    Angle(&'a str),
    Comma,
    Semicolon,
    Colon,
}

/// Cuts an address list into tokens.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        text_start: 0,
        quotes_end: false,
        patience: 64 * LONGEST,
        tokens: Vec::new(),
    };
    lexer.run();
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Where the present stretch of plain text starts.
    text_start: usize,
    /// Whether it is known that no quote closes from here on.
    quotes_end: bool,
    /// Bytes that may still be searched in vain, so that the work stays in proportion.
    patience: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn run(&mut self) {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b',' => self.push(Token::Comma, self.at + 1),
                b';' => self.push(Token::Semicolon, self.at + 1),
                b':' => self.push(Token::Colon, self.at + 1),
                b'"' => self.quoted(),
                b'\'' if self.at_word_start() => self.single_quoted(),
                b'(' => self.comment(),
                b'<' => self.angle(),
                b'=' => self.at = self.encoded_word_end(self.at).unwrap_or(self.at + 1),
                b'[' => self.bracket(),
                _ => self.at += 1,
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        if self.text_start < self.at {
            let text = &self.text[self.text_start..self.at];
            self.tokens.push(Token::Text(text));
        }
        self.text_start = self.at;
    }

    /// Ends the plain text here, adds a token and goes on at `next`.
    fn push(&mut self, token: Token<'a>, next: usize) {
        self.flush();
        self.tokens.push(token);
        self.at = next;
        self.text_start = next;
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Whether only white space lies between the last separator and here.
    fn at_word_start(&self) -> bool {
        self.text[self.text_start..self.at].trim_ascii().is_empty()
            && matches!(
                self.tokens.last(),
                None | Some(Token::Comma | Token::Semicolon | Token::Colon)
            )
    }

    fn quoted(&mut self) {
        match self.closing_quote() {
            Some(end) => self.push(Token::Quoted(&self.text[self.at + 1..end]), end + 1),
            None => {
                self.quotes_end = true;
                self.at += 1;
            }
        }
    }

    fn closing_quote(&mut self) -> Option<usize> {
        if self.quotes_end {
            return None;
        }
        let mut at = self.at + 1;
        loop {
            at += memchr::memchr3(b'"', b'\\', b'=', self.bytes().get(at..)?)?;
            match self.bytes()[at] {
                b'"' => return Some(at),
                b'\\' => at += 2,
                _ => at = self.encoded_word_end(at).unwrap_or(at + 1),
            }
        }
    }

    /// A name in single quotes that a separator or an address follows.
    fn single_quoted(&mut self) {
        let start = self.at + 1;
        let rest = &self.bytes()[start..];
        let head = rest.get(..LONGEST).unwrap_or(rest);
        let mut searched = 0;
        for (at, &byte) in head.iter().enumerate() {
            searched = at;
            match byte {
                b'\'' if at > 0 => {
                    let next = rest[at + 1..].trim_ascii_start().first();
                    if matches!(next, None | Some(b'<' | b',' | b';' | b'(' | b'[')) {
                        let name = &self.text[start..start + at];
                        return self.push(Token::Quoted(name), start + at + 1);
                    }
                }
                b'<' | b'"' | b';' => break,
                _ => {}
            }
            if at >= self.patience {
                break;
            }
        }
        self.patience = self.patience.saturating_sub(searched);
        self.at += 1;
    }

    fn comment(&mut self) {
        let rest = &self.bytes()[self.at..];
        let head = rest.get(..LONGEST.min(self.patience)).unwrap_or(rest);
        let mut depth = 0;
        let mut escaped = false;
        for (at, &byte) in head.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let comment = &self.text[self.at + 1..self.at + at];
                return self.push(Token::Comment(comment), self.at + at + 1);
            }
        }
        self.patience = self.patience.saturating_sub(head.len());
        self.at += 1;
    }

    /// What stands in angle brackets: up to the closing one; where another opens before,
    /// or none closes, up to the next separator.
    fn angle(&mut self) {
        let start = self.at + 1;
        let rest = &self.text[start..];
        let close = memchr::memchr2(b'<', b'>', rest.as_bytes());
        let (length, after) = match close {
            Some(at) if rest.as_bytes()[at] == b'>' => (at, at + 1),
            Some(at) if starts_mailto(&rest[at + 1..]) => match nested_end(rest, at + 1) {
                Some(end) => (at, end),
                None => (at, rest.len()),
            },
            _ => {
                let within = &rest[..close.unwrap_or(rest.len())];
                let end = match close {
                    Some(_) => within.rfind([',', ';']),
                    None => within.find([',', ';']),
                };
                let end = end.unwrap_or(within.len());
                (end, end)
            }
        };
        self.push(Token::Angle(&rest[..length]), start + after);
    }

    /// `[mailto:address]` and `[address]` are as angle brackets; other brackets are text.
    fn bracket(&mut self) {
        let start = self.at + 1;
        let rest = &self.text[start..];
        let ends = |byte: &u8| matches!(byte, b']' | b'[' | b' ' | b',' | b';' | b'<');
        let end = rest
            .bytes()
            .position(|byte| ends(&byte))
            .unwrap_or(rest.len());
        let inner = &rest[..end];
        let after_at = self.bytes()[..self.at].last() == Some(&b'@');
        let is_address = inner.contains('@') || starts_mailto(inner);
        if after_at || !is_address || rest.as_bytes().get(end) != Some(&b']') {
            self.at += 1;
            return;
        }
        self.push(Token::Angle(inner), start + end + 1);
    }

    /// Where the encoded word ends that starts at `start` (RFC 2047 §2), though it may
    /// be longer than the standard allows and hold characters that it forbids.
    fn encoded_word_end(&mut self, start: usize) -> Option<usize> {
        let word = self.bytes()[start..].strip_prefix(b"=?")?;
        let charset = word
            .iter()
            .take(64)
            .position(|byte| !byte.is_ascii_alphanumeric() && !b"-_.:*+".contains(byte))?;
        let [b'?', b'b' | b'B' | b'q' | b'Q', b'?', encoded @ ..] = &word[charset..] else {
            return None;
        };
        let head = encoded.get(..LONGEST.min(self.patience)).unwrap_or(encoded);
        match memchr::memmem::find(head, b"?=") {
            Some(at) => Some(start + 2 + charset + 3 + at + 2),
            None => {
                self.patience = self.patience.saturating_sub(head.len());
                None
            }
        }
    }
}

fn starts_mailto(text: &str) -> bool {
    let head = text.as_bytes().get(..7);
    head.is_some_and(|head| head.eq_ignore_ascii_case(b"mailto:"))
}

/// Where `>>` or `>` ends after a bracket within a bracket.
fn nested_end(rest: &str, from: usize) -> Option<usize> {
    let close = from + memchr::memchr(b'>', rest.as_bytes().get(from..)?)?;
    let second = rest.as_bytes().get(close + 1) == Some(&b'>');
    Some(close + 1 + usize::from(second))
}
