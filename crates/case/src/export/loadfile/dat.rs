//! The bytes of Concordance DAT and Opticon OPT load files.

use crate::CaseError;
use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// Between two fields: the control character DC4.
const COLUMN: char = '\u{14}';
/// Around each field.
const QUOTE: char = '\u{fe}';
/// A line break inside a field.
const NEWLINE: char = '\u{ae}';
/// At the end of a record.
const END: &str = "\r\n";

/// How a DAT is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadFileEncoding {
    /// UTF-8 with a byte order mark, by which programs know it.
    #[default]
    Utf8,
    /// The code page of Western Windows; what it lacks is an error.
    Windows1252,
}

impl LoadFileEncoding {
    /// What comes before the first record.
    pub(super) fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xef\xbb\xbf",
            Self::Windows1252 => b"",
        }
    }

    /// A record as bytes. `fields` have their names, for errors; the first is the control number.
    pub(super) fn record(self, fields: &[(&'static str, &str)]) -> Result<Vec<u8>, CaseError> {
        let values = fields.iter().map(|(_, value)| *value);
        let line = line(values);
        match self {
            Self::Utf8 => Ok(line.into_bytes()),
            Self::Windows1252 => encode(&line).ok_or_else(|| unmappable(fields)),
        }
    }
}

/// A record: each field quoted, a quote in one doubled, line breaks as `®`. A `®` of the mail is written
/// `(R)`, since it could not be told from a line break; the separator and other control characters, at some of which
/// programs end a field or a file, become a space.
pub(super) fn line<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for value in values {
        if !line.is_empty() {
            line.push(COLUMN);
        }
        line.push(QUOTE);
        let mut characters = value.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                QUOTE => line.extend([QUOTE, QUOTE]),
                NEWLINE => line.push_str("(R)"),
                '\r' if characters.peek() == Some(&'\n') => {}
                '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                    line.push(NEWLINE);
                }
                control if control.is_control() => line.push(' '),
                other => line.push(other),
            }
        }
        line.push(QUOTE);
    }
    line.push_str(END);
    line
}

fn encode(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, replaced) = WINDOWS_1252.encode(text);
    (!replaced).then(|| bytes.into_owned())
}

/// Names the first character that the code page lacks.
fn unmappable(fields: &[(&'static str, &str)]) -> CaseError {
    let first = fields.iter().find_map(|(field, value)| {
        let mut characters = value.chars();
        let bad = characters.find(|one| encode(one.encode_utf8(&mut [0; 4])).is_none())?;
        Some((*field, bad))
    });
    let (field, character) = first.unwrap_or(("", char::REPLACEMENT_CHARACTER));
    CaseError::Unmappable {
        control_number: fields.first().map_or("", |(_, value)| *value).to_owned(),
        field,
        character,
    }
}

/// The lines of a document in an OPT: one a page, with what is of the whole document on the first.
pub(super) fn image_lines(volume: &str, pages: &[(Cow<'_, str>, Cow<'_, str>)]) -> String {
    let mut lines = String::new();
    for (place, (key, path)) in pages.iter().enumerate() {
        let rest = match place {
            0 => format!("Y,,,{}", pages.len()),
            _ => ",,,".to_owned(),
        };
        lines.push_str(&format!("{key},{volume},{path},{rest}{END}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    // The header row in both encodings, byte for byte as published.
    #[test]
    fn a_header_row_has_the_published_bytes() {
        let fields = [("BEGBATES", "BEGBATES"), ("ENDBATES", "ENDBATES")];
        let published = b"\xfe\x42\x45\x47\x42\x41\x54\x45\x53\xfe\x14\xfe\x45\x4e\x44\x42\x41\x54\x45\x53\xfe\x0d\x0a";
        let record = LoadFileEncoding::Windows1252.record(&fields);
        assert_eq!(record.expect("it can be written"), published);
        let record = LoadFileEncoding::Utf8.record(&fields);
        assert_eq!(
            record.expect("it can be written"),
            b"\xc3\xbeBEGBATES\xc3\xbe\x14\xc3\xbeENDBATES\xc3\xbe\r\n"
        );
        assert_eq!(LoadFileEncoding::Utf8.mark(), b"\xef\xbb\xbf");
    }

    #[test]
    fn what_would_be_taken_for_a_separator_is_written_otherwise() {
        let values = [
            "",
            "a\u{fe}b",
            "one\r\ntwo\nthree",
            "Acme\u{ae}",
            "x\u{14}y",
            "\0\u{1a}\u{1b}\u{7f}z\u{2028}\t",
        ];
        assert_eq!(
            line(values.into_iter()),
            "þþ\u{14}þaþþbþ\u{14}þone®two®threeþ\u{14}þAcme(R)þ\u{14}þx yþ\u{14}þ    z® þ\r\n"
        );
    }

    #[test]
    fn a_character_that_the_code_page_lacks_is_named() {
        let fields = [("BEGBATES", "MR1"), ("SUBJECT", "caf\u{e9} \u{5951}")];
        let error = LoadFileEncoding::Windows1252.record(&fields);
        let error = error.expect_err("it cannot be written").to_string();
        assert!(
            error.contains("SUBJECT") && error.contains("MR1") && error.contains("U+5951"),
            "{error}"
        );
    }

    // The example in the format's documentation.
    #[test]
    fn image_lines_have_the_published_bytes() {
        let page = |key: &'static str, path: &'static str| (Cow::from(key), Cow::from(path));
        let mut pages = vec![page(
            "SYM-00011001_REV",
            r".\VOL01\IMAGES\IMG001\SYM-00011001_REV.tif",
        )];
        pages.extend((1..5).map(|number| {
            let key = format!("SYM-00011001_{number:04}_REV");
            let path = format!(r".\VOL01\IMAGES\IMG001\{key}.tif");
            (Cow::from(key), Cow::from(path))
        }));
        let lines = image_lines("VOL01", &pages);
        let lines: Vec<&str> = lines.split_inclusive("\r\n").collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(
            lines[0],
            "SYM-00011001_REV,VOL01,.\\VOL01\\IMAGES\\IMG001\\SYM-00011001_REV.tif,Y,,,5\r\n"
        );
        assert_eq!(
            lines[1],
            "SYM-00011001_0001_REV,VOL01,.\\VOL01\\IMAGES\\IMG001\\SYM-00011001_0001_REV.tif,,,,\r\n"
        );
    }
}
