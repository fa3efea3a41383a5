//! JSON Lines: one object a line, safe to print.

use muckrake_case::SCHEMA;
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::ser::Serializer;
use std::io;
use std::io::Write;

/// Writes a value as one line.
pub(crate) fn write_line<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Printable))?;
    out.write_all(b"\n")
}

/// Writes a value as one line, with the number of its schema first.
pub(crate) fn write_versioned<T: Serialize>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    let schema = SCHEMA;
    write_line(out, &Versioned { schema, value })
}

#[derive(Serialize)]
struct Versioned<'a, T> {
    schema: u32,
    #[serde(flatten)]
    value: &'a T,
}

/// Compact JSON in which DEL, C1 controls and characters that reorder or hide
/// text are escaped too: RFC 8259 leaves them alone, a terminal obeys them, and a
/// reader of JSON gets the same string either way.
struct Printable;

impl Formatter for Printable {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_escaped) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = tail.chars();
            if let Some(c) = characters.next() {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

fn is_escaped(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped_and_means_the_same() {
        let text = "a\u{1b}[2J\u{9b}2J\u{202e}b\u{e0041}ü \"quoted\"";
        let mut out = Vec::new();
        write_line(&mut out, &text).expect("a vector takes every byte");
        let line = String::from_utf8(out).expect("only UTF-8 was written");
        assert_eq!(
            line,
            "\"a\\u001b[2J\\u009b2J\\u202eb\\udb40\\udc41ü \\\"quoted\\\"\"\n"
        );
        let back: String = serde_json::from_str(&line).expect("it is JSON");
        assert_eq!(back, text);
    }
}
