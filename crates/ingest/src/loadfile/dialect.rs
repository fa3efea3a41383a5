//! How a load file is written: its character set, what separates and quotes its fields.

use encoding_rs::WINDOWS_1252;

use super::columns::Columns;

/// Between the fields of a Concordance DAT.
const CONCORDANCE: char = '\u{14}';
/// What a Concordance DAT writes for a line break inside a field.
const NEWLINE: char = '\u{ae}';
/// Separators of other load files, each with its quotes.
const OTHERS: &[(char, &[char])] = &[
    ('|', &['^', '"']),
    ('\t', &['"']),
    (';', &['"']),
    (',', &['"', '^']),
];

/// The character set of a load file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

/// How a load file is written.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) charset: Charset,
    separator: char,
    quote: char,
    /// What stands for a line break inside a field.
    newline: Option<char>,
    pub(super) columns: Columns,
}

/// Tells from the first bytes of a file how it is written, if it is a load file.
pub(super) fn sniff(head: &[u8]) -> Option<Dialect> {
    let (charset, mark) = charset(head);
    let first = first_line(head.get(mark..)?, charset)?;
    if first.contains(CONCORDANCE) {
        return concordance(&first, charset);
    }
    OTHERS.iter().find_map(|(separator, quotes)| {
        if !first.contains(*separator) {
            return None;
        }
        let quote = quotes.iter().find(|quote| first.contains(**quote));
        let quote = *quote.or(quotes.first())?;
        let header = split(&first, *separator, quote);
        let columns = Columns::of(&header);
        columns.is_production().then_some(Dialect {
            charset,
            separator: *separator,
            quote,
            newline: None,
            columns,
        })
    })
}

/// A DAT whose fields are quoted by `þ`, as nearly all are, or by what stands first.
fn concordance(first: &str, charset: Charset) -> Option<Dialect> {
    let quote = first
        .chars()
        .next()
        .filter(|quote| !quote.is_alphanumeric() || *quote == '\u{fe}')
        .unwrap_or('\u{fe}');
    let header = split(first, CONCORDANCE, quote);
    let columns = Columns::of(&header);
    // The control character alone may stand in any file.
    let is_table = header.len() > 1 && (quote == '\u{fe}' && first.starts_with(quote))
        || columns.is_production();
    is_table.then_some(Dialect {
        charset,
        separator: CONCORDANCE,
        quote,
        newline: Some(NEWLINE),
        columns,
    })
}

impl Dialect {
    /// A line, or several that are one row, as text without its end.
    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        let text = decode(bytes, self.charset);
        text.trim_end_matches(['\r', '\n']).to_owned()
    }

    /// How many quotes a line has: an odd number leaves a field open.
    pub(super) fn quotes(&self, text: &str) -> usize {
        text.matches(self.quote).count()
    }

    /// The fields of a row. A separator at its end makes no field.
    pub(super) fn fields(&self, text: &str) -> Vec<String> {
        let mut fields = split(text, self.separator, self.quote);
        if fields.len() == self.columns.count() + 1 && fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        if let Some(newline) = self.newline {
            for field in &mut fields {
                if field.contains(newline) {
                    *field = field.replace(newline, "\n");
                }
            }
        }
        fields
    }
}

fn charset(head: &[u8]) -> (Charset, usize) {
    match head {
        [0xef, 0xbb, 0xbf, ..] => (Charset::Utf8, 3),
        [0xff, 0xfe, ..] => (Charset::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Charset::Utf16Be, 2),
        _ => match std::str::from_utf8(head) {
            // The head may end inside a character.
            Err(error) if error.error_len().is_some() => (Charset::Windows1252, 0),
            _ => (Charset::Utf8, 0),
        },
    }
}

/// The first line, if it ends among these bytes.
fn first_line(head: &[u8], charset: Charset) -> Option<String> {
    let end = match charset {
        Charset::Utf8 | Charset::Windows1252 => memchr::memchr(b'\n', head)?,
        Charset::Utf16Le | Charset::Utf16Be => {
            let newline = if charset == Charset::Utf16Le {
                [b'\n', 0]
            } else {
                [0, b'\n']
            };
            2 * head.chunks_exact(2).position(|unit| unit == newline)?
        }
    };
    let text = decode(head.get(..end)?, charset);
    Some(text.trim_end_matches('\r').to_owned())
}

pub(super) fn decode(bytes: &[u8], charset: Charset) -> String {
    match charset {
        // A line of another character set in the middle costs that line and no more.
        Charset::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        },
        Charset::Windows1252 => WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        Charset::Utf16Le => encoding_rs::UTF_16LE
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        Charset::Utf16Be => encoding_rs::UTF_16BE
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

/// A whole text file: by its mark, else UTF-8 if it is that, else the code page of Western Windows.
pub(super) fn decode_text(bytes: &[u8]) -> String {
    let (charset, mark) = charset(bytes);
    decode(bytes.get(mark..).unwrap_or_default(), charset)
}

/// Cuts a row into its fields. A quote at the start of a field quotes it, two inside it are one.
fn split(text: &str, separator: char, quote: char) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut at_start = true;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if quoted {
            if character != quote {
                field.push(character);
            } else if characters.peek() == Some(&quote) {
                field.push(quote);
                characters.next();
            } else {
                quoted = false;
            }
        } else if character == separator {
            fields.push(std::mem::take(&mut field));
            at_start = true;
            continue;
        } else if at_start && character == quote {
            quoted = true;
        } else {
            field.push(character);
        }
        at_start = false;
    }
    fields.push(field);
    fields
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::loadfile::columns::Role;

    // The published header row in code page 1252, then in UTF-8 with a mark.
    #[test]
    fn tells_a_dat_by_its_first_bytes() {
        let published = b"\xfe\x42\x45\x47\x42\x41\x54\x45\x53\xfe\x14\xfe\x45\x4e\x44\x42\x41\x54\x45\x53\xfe\x0d\x0a";
        let dialect = sniff(published).unwrap();
        assert_eq!(
            (dialect.charset, dialect.columns.count()),
            (Charset::Windows1252, 2)
        );
        let marked = "\u{feff}þBEGBATESþ\u{14}þENDBATESþ\r\n";
        let dialect = sniff(marked.as_bytes()).unwrap();
        assert_eq!(dialect.charset, Charset::Utf8);
        assert_eq!(
            dialect
                .columns
                .get(&["1".to_owned(), "2".to_owned()], Role::Id),
            "1"
        );
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniff(&wide).unwrap().charset, Charset::Utf16Le);
        let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(sniff(&wide).unwrap().charset, Charset::Utf16Be);
    }

    #[test]
    fn fields_are_cut_as_they_were_written() {
        let dialect = sniff("þAþ\u{14}þBþ\u{14}þCþ\n".as_bytes()).unwrap();
        assert_eq!(
            dialect.fields("þaþ\u{14}þþ\u{14}þxþþy®zþ"),
            ["a", "", "xþy\nz"]
        );
        assert_eq!(
            dialect.fields("þaþ\u{14}þbþ\u{14}þcþ\u{14}"),
            ["a", "b", "c"]
        );
        // A vendor's published row: quoted only where needed.
        let dialect = sniff(b"Control Number|Custodian|From|To|FILE_PATH\n").unwrap();
        assert_eq!(
            dialect.fields("^Sample_|_00000013^|Sample Custodian|||x"),
            ["Sample_|_00000013", "Sample Custodian", "", "", "x"]
        );
        let dialect = sniff(b"\"DocID\",\"Subject\",\"Native Path\"\r\n").unwrap();
        assert_eq!(
            dialect.fields("1,\"a \"\"b\"\", c\",n.eml"),
            ["1", "a \"b\", c", "n.eml"]
        );
    }

    #[test]
    fn other_tables_are_no_load_files() {
        for text in [
            "a,b,c\n1,2,3\n",
            "From,To,Subject\n",
            "name|value\n",
            "no line end",
            "a\u{14}b\nc\n",
            "",
        ] {
            assert!(sniff(text.as_bytes()).is_none(), "{text:?}");
        }
    }
}
