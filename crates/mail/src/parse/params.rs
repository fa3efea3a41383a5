//! Parameters of `Content-Type` and `Content-Disposition` (RFC 2045 §5.1, RFC 2183),
//! with continuations and character sets (RFC 2231).

use encoding_rs::Encoding;

use super::transfer;
use super::words;
use crate::charset;
use crate::headers::unfold;

/// Longest field read, in bytes; more has no use but to cost time.
const LONGEST_FIELD: usize = 64 << 10;

/// A value with its parameters.
#[derive(Debug, Default)]
pub(crate) struct Parameterised {
    /// The value itself in lower case: `text/plain`, `attachment`.
    pub(crate) value: String,
    parameters: Vec<Parameter>,
}

#[derive(Debug)]
struct Parameter {
    /// Name in lower case, without the marks of RFC 2231.
    name: String,
    /// Number of a continuation.
    section: Option<u32>,
    /// Whether the value is percent-encoded.
    extended: bool,
    value: Vec<u8>,
    /// Whether the value stood in quotes.
    quoted: bool,
}

impl Parameterised {
    /// Reads a field.
    pub(crate) fn read(field: &[u8]) -> Self {
        let unfolded = unfold(field.get(..LONGEST_FIELD).unwrap_or(field));
        let bytes: &[u8] = &unfolded;
        let end = bytes
            .iter()
            .position(|byte| matches!(byte, b';' | b' ' | b'\t' | b'('))
            .unwrap_or(bytes.len());
        let value = bytes.get(..end).unwrap_or_default().trim_ascii();
        let value = String::from_utf8_lossy(value)
            .trim_matches('"')
            .to_ascii_lowercase();
        let mut parameters = Vec::new();
        let mut rest = bytes.get(end..).unwrap_or_default();
        while let Some((parameter, after)) = read_parameter(rest) {
            parameters.extend(parameter);
            rest = after;
        }
        Self { value, parameters }
    }

    /// Bytes of a parameter as they stand; for a value without quotes only its first word.
    pub(crate) fn token(&self, name: &str) -> Option<&[u8]> {
        let parameter = self
            .parameters
            .iter()
            .find(|parameter| parameter.name == name)?;
        let value = parameter.value.as_slice();
        let end = value
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t' | b'('));
        match end {
            Some(end) if !parameter.quoted => value.get(..end),
            _ => Some(value.trim_ascii_end()),
        }
    }

    /// A parameter in lower case, for words that the standards define.
    pub(crate) fn word(&self, name: &str) -> Option<String> {
        let token = self.token(name)?;
        Some(String::from_utf8_lossy(token).trim().to_ascii_lowercase())
    }

    /// A parameter as text for people, decoded by RFC 2231 or RFC 2047.
    ///
    /// Where a parameter stands several times the extended form wins (RFC 6266 §4.3),
    /// then the first.
    pub(crate) fn text(&self, name: &str, body: Option<&'static Encoding>) -> Option<String> {
        let mut sections: Vec<&Parameter> = self
            .parameters
            .iter()
            .filter(|parameter| {
                parameter.name == name && (parameter.extended || parameter.section.is_some())
            })
            .collect();
        if sections.is_empty() {
            let plain = self
                .parameters
                .iter()
                .find(|parameter| parameter.name == name)?;
            return clean(&words::decode(&plain.value, body));
        }
        sections.sort_by_key(|parameter| parameter.section.unwrap_or(0));
        sections.dedup_by_key(|parameter| parameter.section.unwrap_or(0));
        let mut label = String::new();
        let mut bytes = Vec::new();
        for (index, section) in sections.iter().enumerate() {
            let mut value = section.value.as_slice();
            if !section.extended {
                bytes.extend_from_slice(value);
                continue;
            }
            if index == 0 {
                let mut pieces = value.splitn(3, |byte| *byte == b'\'');
                if let (Some(first), Some(_), Some(rest)) =
                    (pieces.next(), pieces.next(), pieces.next())
                {
                    label = String::from_utf8_lossy(first).into_owned();
                    value = rest;
                }
            }
            push_percent_decoded(&mut bytes, value);
        }
        if label.is_empty() {
            return clean(&words::decode(&bytes, body));
        }
        clean(&charset::decode_word(&bytes, &label))
    }
}

fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads one parameter behind its semicolon; `None` at the end of the field.
fn read_parameter(bytes: &[u8]) -> Option<(Option<Parameter>, &[u8])> {
    let start = bytes
        .iter()
        .position(|byte| !matches!(byte, b';' | b' ' | b'\t'))?;
    let bytes = bytes.get(start..)?;
    let end = bytes
        .iter()
        .position(|byte| matches!(byte, b'=' | b';'))
        .unwrap_or(bytes.len());
    let name = bytes.get(..end)?.trim_ascii();
    if bytes.get(end) != Some(&b'=') {
        return Some((None, bytes.get(end..)?));
    }
    // A comment or a missing semicolon before the name leaves words; the last is the name.
    let name = name
        .rsplit(|byte| matches!(byte, b' ' | b'\t' | b')'))
        .next()
        .unwrap_or(name);
    let (value, quoted, rest) = read_value(bytes.get(end + 1..)?);
    Some((name_parameter(name, value, quoted), rest))
}

fn name_parameter(name: &[u8], value: Vec<u8>, quoted: bool) -> Option<Parameter> {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let (name, extended) = match name.strip_suffix('*') {
        Some(name) => (name.to_owned(), true),
        None => (name, false),
    };
    let (name, section) = match name.split_once('*') {
        Some((base, number)) => (base.to_owned(), Some(number.parse().ok()?)),
        None => (name, None),
    };
    Some(Parameter {
        name,
        section,
        extended,
        value,
        quoted,
    })
}

/// Reads a value: a quoted string, or everything up to the next semicolon.
fn read_value(bytes: &[u8]) -> (Vec<u8>, bool, &[u8]) {
    let bytes = bytes.trim_ascii_start();
    let Some(inside) = bytes.strip_prefix(b"\"") else {
        let end = bytes
            .iter()
            .position(|byte| *byte == b';')
            .unwrap_or(bytes.len());
        let value = bytes.get(..end).unwrap_or_default().trim_ascii();
        return (value.to_vec(), false, bytes.get(end..).unwrap_or_default());
    };
    let mut value = Vec::new();
    let mut escaped = false;
    for (at, &byte) in inside.iter().enumerate() {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'"' if !escaped => return (value, true, inside.get(at + 1..).unwrap_or_default()),
            _ => {
                // Old mailers write Windows paths without doubling the backslash.
                if escaped && !matches!(byte, b'"' | b'\\') {
                    value.push(b'\\');
                }
                escaped = false;
                value.push(byte);
            }
        }
    }
    (value, true, b"")
}

fn push_percent_decoded(bytes: &mut Vec<u8>, value: &[u8]) {
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let pair = (byte == b'%').then(|| after.first_chunk::<2>()).flatten();
        match pair.and_then(|pair| transfer::hex_pair(*pair)) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(field: &str) -> Option<String> {
        Parameterised::read(field.as_bytes()).text("filename", None)
    }

    /// The examples of RFC 2231 §3 and §4.1.
    #[test]
    fn continuations() {
        let field = "message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.example/pub\"";
        assert_eq!(
            Parameterised::read(field.as_bytes())
                .text("url", None)
                .as_deref(),
            Some("ftp://cs.utk.example/pub")
        );
        let field = "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"";
        assert_eq!(
            Parameterised::read(field.as_bytes())
                .text("title", None)
                .as_deref(),
            Some("This is even more ***fun*** isn't it!")
        );
    }

    #[test]
    fn file_names_as_mailers_write_them() {
        assert_eq!(
            name("attachment; filename=two words.pdf; size=3").as_deref(),
            Some("two words.pdf")
        );
        assert_eq!(
            name("attachment; filename=\"a;b.pdf\"").as_deref(),
            Some("a;b.pdf")
        );
        assert_eq!(
            name("attachment; filename=\"plain.pdf\"; filename*=utf-8''na%C3%AFve.pdf").as_deref(),
            Some("na\u{ef}ve.pdf")
        );
        assert_eq!(
            name("attachment; filename=\"=?utf-8?Q?caf=C3=A9=2Epdf?=\"").as_deref(),
            Some("caf\u{e9}.pdf")
        );
        assert_eq!(
            name("attachment; filename=one.pdf; filename=two.pdf").as_deref(),
            Some("one.pdf")
        );
        assert_eq!(
            name("attachment; filename=\"C:\\dir\\x.doc\"").as_deref(),
            Some("C:\\dir\\x.doc")
        );
        assert_eq!(name("attachment; filename=\"open").as_deref(), Some("open"));
        assert_eq!(name("attachment"), None);
    }

    #[test]
    fn tokens() {
        let field = Parameterised::read(
            b"Text/Plain (comment) ; charset=US-ASCII (Plain text); format=Flowed",
        );
        assert_eq!(field.value, "text/plain");
        assert_eq!(field.word("charset").as_deref(), Some("us-ascii"));
        assert_eq!(field.word("format").as_deref(), Some("flowed"));
        assert_eq!(
            Parameterised::read(b"text/html charset=utf-8")
                .word("charset")
                .as_deref(),
            Some("utf-8")
        );
        assert_eq!(
            Parameterised::read(b"multipart/mixed; boundary=\"a b \"").token("boundary"),
            Some(b"a b".as_slice())
        );
    }
}
