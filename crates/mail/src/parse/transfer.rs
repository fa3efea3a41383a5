//! Transfer encodings (RFC 2045 §6): strict where the mail is, forgiving where not.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::uuencode;

/// A line this long that holds nothing but base64 is base64 and no chance.
const LONG_LINE: usize = 40;

/// Bytes after transfer decoding, and what was wrong on the way to them.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// The bytes.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Byte offset of the first fault in the encoded bytes, and what it is.
    pub(crate) problem: Option<(usize, &'static str)>,
    /// Text that stands after base64 and is none: list servers append it.
    pub(crate) trailing: &'a [u8],
}

impl<'a> Decoded<'a> {
    fn new(bytes: Cow<'a, [u8]>, problem: Option<(usize, &'static str)>) -> Self {
        Self {
            bytes,
            problem,
            trailing: b"",
        }
    }
}

/// The encoding that a value of `Content-Transfer-Encoding` names, in lower case.
fn encoding_name(encoding: Option<&[u8]>) -> Vec<u8> {
    let name = encoding.unwrap_or_default().trim_ascii();
    let end = name
        .iter()
        .position(|byte| matches!(byte, b';' | b' ' | b'\t' | b'\r' | b'\n' | b'('))
        .unwrap_or(name.len());
    let name = name.get(..end).unwrap_or_default().to_ascii_lowercase();
    let inside = name
        .strip_prefix(b"\"")
        .and_then(|name| name.strip_suffix(b"\""));
    inside.map_or(name.clone(), <[u8]>::to_vec)
}

/// Whether the bytes of a part stand in the mail as they are.
pub(crate) fn is_plain(encoding: Option<&[u8]>) -> bool {
    matches!(
        encoding_name(encoding).as_slice(),
        b"" | b"7bit" | b"8bit" | b"binary" | b"7-bit" | b"8-bit" | b"7bits" | b"8bits" | b"none"
    )
}

/// Decodes by the value of `Content-Transfer-Encoding`.
pub(crate) fn decode<'a>(encoding: Option<&[u8]>, raw: &'a [u8]) -> Decoded<'a> {
    if is_plain(encoding) {
        return Decoded::new(Cow::Borrowed(raw), None);
    }
    match encoding_name(encoding).as_slice() {
        b"base64" | b"x-base64" | b"b" => base64(raw),
        b"quoted-printable" | b"quoted_printable" | b"quotedprintable" | b"q" => {
            quoted_printable(raw)
        }
        b"uuencode" | b"x-uuencode" | b"x-uue" | b"uue" => match uuencode::decode_part(raw) {
            Some(bytes) => Decoded::new(Cow::Owned(bytes), None),
            None => Decoded::new(Cow::Borrowed(raw), Some((0, "uuencode that is none"))),
        },
        _ => Decoded::new(Cow::Borrowed(raw), Some((0, "unknown transfer encoding"))),
    }
}

/// Decodes a part of `mended`; what is not encoded comes from `sent`, the same
/// message with its line ends as they came, so that no byte of a file is changed.
pub(crate) fn decode_as_sent<'a>(
    encoding: Option<&[u8]>,
    mended: &'a [u8],
    sent: &'a [u8],
    body: Range<usize>,
) -> Decoded<'a> {
    let decoded = decode(encoding, mended.get(body.clone()).unwrap_or_default());
    match decoded.bytes {
        Cow::Borrowed(_) => Decoded {
            bytes: Cow::Borrowed(sent.get(body).unwrap_or_default()),
            ..decoded
        },
        Cow::Owned(_) => decoded,
    }
}

/// Base64 (RFC 2045 §6.8).
pub(crate) fn base64(raw: &[u8]) -> Decoded<'_> {
    if let Some(bytes) = mail_parser::decoders::base64::base64_decode(raw) {
        return Decoded::new(Cow::Owned(bytes), None);
    }
    let fault = raw
        .iter()
        .position(|byte| !is_base64_or_space(*byte))
        .unwrap_or(raw.len());
    let line = memchr::memrchr(b'\n', raw.get(..fault).unwrap_or_default()).map_or(0, |at| at + 1);
    let after = raw.get(line..).unwrap_or_default();
    if !after.split(|byte| *byte == b'\n').any(is_long_base64) {
        let head = raw.get(..line).unwrap_or_default();
        if head.trim_ascii().is_empty() {
            return Decoded::new(Cow::Borrowed(raw), Some((fault, "base64 that is none")));
        }
        let bytes = mail_parser::decoders::base64::base64_decode(head).unwrap_or_default();
        return Decoded {
            bytes: Cow::Owned(bytes),
            problem: Some((line, "text after base64")),
            trailing: after,
        };
    }
    let kept: Vec<u8> = raw
        .iter()
        .copied()
        .filter(|byte| is_base64_or_space(*byte))
        .collect();
    let bytes = mail_parser::decoders::base64::base64_decode(&kept).unwrap_or_default();
    Decoded::new(
        Cow::Owned(bytes),
        Some((fault, "base64 with stray characters")),
    )
}

fn is_base64_or_space(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'+' | b'/' | b'=' | b' ' | b'\t' | b'\r' | b'\n')
}

fn is_long_base64(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() >= LONG_LINE
        && line
            .iter()
            .all(|byte| is_base64_or_space(*byte) && *byte != b' ')
}

/// Quoted-printable (RFC 2045 §6.7); an `=` that escapes nothing stays.
pub(crate) fn quoted_printable(raw: &[u8]) -> Decoded<'_> {
    if memchr(b'=', raw).is_none() && !has_trailing_space(raw) {
        return Decoded::new(Cow::Borrowed(raw), None);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut problem = None;
    let mut at = 0;
    while at < raw.len() {
        let rest = raw.get(at..).unwrap_or_default();
        let (line, line_break) = match memchr(b'\n', rest) {
            Some(length) if length > 0 && rest.get(length - 1) == Some(&b'\r') => (
                rest.get(..length - 1).unwrap_or_default(),
                b"\r\n".as_slice(),
            ),
            Some(length) => (rest.get(..length).unwrap_or_default(), b"\n".as_slice()),
            None => (rest, b"".as_slice()),
        };
        let text = line.trim_ascii_end();
        // White space at the end of a line is never the author's (RFC 2045 §6.7 rule 3), nor at the
        // end of the part: a mailbox gives its last line an end.
        let (text, soft) = match text.strip_suffix(b"=") {
            Some(text) => (text, true),
            None => (text, false),
        };
        if let Some(fault) = push_quoted_line(&mut bytes, text) {
            problem = problem.or(Some((at + fault, "an = that escapes nothing")));
        }
        if !soft {
            bytes.extend_from_slice(line_break);
        }
        at += line.len() + line_break.len().max(usize::from(line_break.is_empty()));
    }
    Decoded::new(Cow::Owned(bytes), problem)
}

fn has_trailing_space(raw: &[u8]) -> bool {
    if matches!(raw.last(), Some(b' ' | b'\t')) {
        return true;
    }
    memchr::memchr_iter(b'\n', raw).any(|at| {
        let before = raw.get(..at).unwrap_or_default();
        let before = before.strip_suffix(b"\r").unwrap_or(before);
        matches!(before.last(), Some(b' ' | b'\t'))
    })
}

/// Decodes one line; gives the place of the first `=` that escapes nothing.
fn push_quoted_line(bytes: &mut Vec<u8>, line: &[u8]) -> Option<usize> {
    let mut fault = None;
    let mut rest = line;
    while let Some(at) = memchr(b'=', rest) {
        bytes.extend_from_slice(rest.get(..at).unwrap_or_default());
        let after = rest.get(at + 1..).unwrap_or_default();
        match after.first_chunk::<2>().and_then(|pair| hex_pair(*pair)) {
            Some(value) => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                fault = fault.or(Some(line.len() - after.len() - 1));
                bytes.push(b'=');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest);
    fault
}

/// Two hexadecimal digits.
pub(crate) fn hex_pair([high, low]: [u8; 2]) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(raw: &[u8]) -> Vec<u8> {
        quoted_printable(raw).bytes.into_owned()
    }

    /// RFC 2045 §6.7: soft line breaks, trailing white space, and what is no escape.
    #[test]
    fn quoted_printable_lines() {
        assert_eq!(
            quoted(b"Now's the time =\r\nfor all folk to come=\r\n to the aid"),
            b"Now's the time for all folk to come to the aid"
        );
        assert_eq!(
            quoted(b"caf=C3=a9  \r\nend=20\r\n"),
            "caf\u{e9}\r\nend \r\n".as_bytes()
        );
        assert_eq!(quoted(b"soft= \t\nbreak"), b"softbreak");
        assert_eq!(quoted(b"1=2 and ="), b"1=2 and ");
        assert_eq!(
            quoted_printable(b"ok\na=b\n")
                .problem
                .map(|problem| problem.0),
            Some(4)
        );
        assert_eq!(quoted(b"trailing \t"), b"trailing");
        assert_eq!(quoted(b"a=3D \nb "), b"a=\nb");
    }

    #[test]
    fn base64_with_everything_wrong() {
        assert_eq!(base64(b"aGVs bG8=\r\n").bytes.as_ref(), b"hello");
        assert_eq!(base64(b"aGVsbG8").bytes.as_ref(), b"hello");
        let footer = base64(b"aGVsbG8=\n\n-- \nSent over the list!\n");
        assert_eq!(footer.bytes.as_ref(), b"hello");
        assert_eq!(footer.trailing, b"-- \nSent over the list!\n");
        let none = base64(b"This was never encoded.");
        assert_eq!(none.bytes.as_ref(), b"This was never encoded.");
        assert!(none.problem.is_some());
        let line = "QUFB".repeat(15);
        let stray = base64(format!("{line}\nQU*FB\n{line}\n").as_bytes())
            .bytes
            .into_owned();
        assert_eq!(stray, b"A".repeat(93));
    }

    #[test]
    fn names_with_noise() {
        assert_eq!(decode(Some(b" 8bit;"), b"x=20").bytes.as_ref(), b"x=20");
        assert_eq!(
            decode(Some(b" BASE64 (comment)"), b"QQ==").bytes.as_ref(),
            b"A"
        );
        assert!(decode(Some(b"rot13"), b"x").problem.is_some());
    }
}
