//! The tokenizer that tantivy calls: terms as [`crate::terms`] cuts them, with
//! zone marks, gaps and header names taken from the marks in the text.

use tantivy::tokenizer::Token;
use tantivy::tokenizer::TokenStream;
use tantivy::tokenizer::Tokenizer;

use super::marks::GAP;
use super::marks::HEADER_SEPARATOR;
use super::marks::Mark;
use super::marks::PART_MARK;
use super::marks::Stretches;
use super::marks::ZoneClass;
use super::schema::EXACT_SEPARATOR;
use crate::terms::for_each_term;

/// Cuts the texts of all word fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Analyzer {
    token: Token,
}

impl Tokenizer for Analyzer {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        self.token.reset();
        Stream {
            text,
            token: &mut self.token,
            waiting: None,
        }
    }
}

/// Cuts the text of the field with whole values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Splitter {
    token: Token,
}

impl Tokenizer for Splitter {
    type TokenStream<'a> = Wholes<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Wholes<'a> {
        self.token.reset();
        Wholes {
            rest: text,
            token: &mut self.token,
        }
    }
}

/// The whole values of one text.
pub(crate) struct Wholes<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl TokenStream for Wholes<'_> {
    fn advance(&mut self) -> bool {
        let Some((value, rest)) = self.rest.split_once(EXACT_SEPARATOR) else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(value);
        self.token.position = 0;
        self.rest = rest;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// The terms of one text.
///
/// tantivy calls [`TokenStream::process`], which makes no list of them;
/// [`TokenStream::advance`] is there because the trait asks for it.
pub(crate) struct Stream<'a> {
    text: &'a str,
    token: &'a mut Token,
    waiting: Option<std::vec::IntoIter<(String, usize)>>,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        let waiting = self.waiting.get_or_insert_with(|| {
            let mut list = Vec::new();
            for_each_token(self.text, &mut |term, position| {
                list.push((term.to_owned(), position));
            });
            list.into_iter()
        });
        let Some((text, position)) = waiting.next() else {
            return false;
        };
        self.token.text = text;
        self.token.position = position;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }

    fn process(&mut self, sink: &mut dyn FnMut(&Token)) {
        let token = &mut *self.token;
        for_each_token(self.text, &mut |term, position| {
            token.text.clear();
            token.text.push_str(term);
            token.position = position;
            sink(token);
        });
    }
}

/// Calls `visit` with every term and mark of a marked text and its position.
fn for_each_token(text: &str, visit: &mut dyn FnMut(&str, usize)) {
    let mut position = 0;
    let mut written = ZoneClass::Author;
    let mut zone = ZoneClass::Author;
    let mut part = false;
    let mut prefixed = Prefixed::default();
    for stretch in Stretches::new(text) {
        let mut words = stretch.text;
        match stretch.mark {
            None => {}
            Some(Mark::Zone(class)) => zone = class,
            // A gap before the first word would only waste positions.
            Some(Mark::Gap) if position > 0 && !part => {
                position += GAP as usize;
                part = true;
            }
            Some(Mark::Gap) => {}
            Some(Mark::Header) => words = prefixed.start(words),
        }
        let first = position;
        for_each_term(words, |term| {
            position = first + term.position as usize;
            if part {
                visit(PART_MARK, position);
                part = false;
            }
            if zone != written {
                visit(zone.mark(), position);
                written = zone;
            }
            visit(prefixed.with(term.text), position);
            position += 1;
        });
    }
}

/// Terms with the name of their header before them, where they have one.
#[derive(Default)]
struct Prefixed {
    buffer: String,
    name: usize,
}

impl Prefixed {
    /// Takes the name from the beginning of a stretch; gives what follows.
    fn start<'a>(&mut self, stretch: &'a str) -> &'a str {
        let (name, value) = stretch.split_once('\n').unwrap_or((stretch, ""));
        self.buffer.clear();
        self.buffer.push_str(name);
        self.buffer.push(HEADER_SEPARATOR);
        self.name = self.buffer.len();
        value
    }

    fn with<'a>(&'a mut self, term: &'a str) -> &'a str {
        if self.name == 0 {
            return term;
        }
        self.buffer.truncate(self.name);
        self.buffer.push_str(term);
        &self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        for_each_token(text, &mut |term, position| {
            found.push((term.to_owned(), position));
        });
        found
    }

    fn owned(list: &[(&str, usize)]) -> Vec<(String, usize)> {
        list.iter()
            .map(|(term, position)| ((*term).to_owned(), *position))
            .collect()
    }

    #[test]
    fn zones_and_gaps_become_marks_at_the_next_word() {
        let text = "One two\u{FDD1} three\u{FDD0}\u{FDD1} four \u{FDD3}\u{FDD0}five";
        assert_eq!(
            tokens(text),
            owned(&[
                ("one", 0),
                ("two", 1),
                ("\u{1}q", 2),
                ("three", 2),
                ("four", 3),
                ("\u{1}p", 104),
                ("\u{1}a", 104),
                ("five", 104),
            ])
        );
    }

    #[test]
    fn header_words_carry_the_name() {
        assert_eq!(
            tokens("\u{FDD4}list-id\nFoo bar\u{FDD3}\u{FDD4}x-a\nbaz"),
            owned(&[
                ("list-id\u{0}foo", 0),
                ("list-id\u{0}bar", 1),
                ("\u{1}p", 102),
                ("x-a\u{0}baz", 102),
            ])
        );
    }

    #[test]
    fn both_ways_of_reading_a_stream_agree() {
        let text = "A b\u{FDD3}c";
        let mut analyzer = Analyzer::default();
        let mut walked = Vec::new();
        let mut stream = analyzer.token_stream(text);
        while stream.advance() {
            walked.push((stream.token().text.clone(), stream.token().position));
        }
        assert_eq!(walked, tokens(text));
    }
}
