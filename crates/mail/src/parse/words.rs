//! Encoded words of header fields (RFC 2047).
//!
//! Adjacent words of one character set are joined as bytes before they are
//! decoded, for many mailers split a multi-byte character over two words.

use std::borrow::Cow;

use encoding_rs::Encoding;
use memchr::memmem;

use super::transfer;
use crate::charset;

/// Longest name of a character set taken for one.
const LONGEST_LABEL: usize = 60;

/// One encoded word.
struct Word<'a> {
    label: &'a str,
    quoted: bool,
    text: &'a [u8],
    /// Bytes of the whole word.
    length: usize,
}

/// Whether an encoded word may be in a value; nearly none has one.
pub(super) fn may_have_words(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|at| value.get(at + 1) == Some(&b'?'))
}

/// Decodes an unfolded header value. `body` is the character set of the body, for raw 8-bit.
pub(crate) fn decode<'a>(value: &'a [u8], body: Option<&'static Encoding>) -> Cow<'a, str> {
    if !may_have_words(value) {
        return charset::decode_header(value, body);
    }
    let mut text = String::with_capacity(value.len());
    decode_into(value, body, &mut text, |bytes, label, text| {
        text.push_str(&charset::decode_word(bytes, label));
    });
    Cow::Owned(text)
}

/// Decodes an unfolded header value for message ids, without any guess: what the named
/// character set does not fit is UTF-8 if it is valid, else windows-1252.
pub(crate) fn decode_stable(value: &[u8]) -> Cow<'_, str> {
    if !may_have_words(value) {
        return charset::decode_header(value, None);
    }
    let mut text = String::with_capacity(value.len());
    decode_into(value, None, &mut text, |bytes, label, text| {
        let word = charset::decode_stable(bytes, label);
        text.push_str(&word.unwrap_or_else(|| charset::decode_header(bytes, None)));
    });
    Cow::Owned(text)
}

/// Decodes an unfolded header value and calls `push` with the bytes and the character
/// set of encoded words.
pub(crate) fn decode_into(
    value: &[u8],
    body: Option<&'static Encoding>,
    text: &mut String,
    mut push: impl FnMut(&[u8], &str, &mut String),
) {
    // Where the value as a whole is not UTF-8 each piece between words must not be judged alone.
    let body = match std::str::from_utf8(value) {
        Ok(_) => body,
        Err(_) => Some(
            body.filter(|encoding| *encoding != encoding_rs::UTF_8)
                .unwrap_or(encoding_rs::WINDOWS_1252),
        ),
    };
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = value;
    let mut ends_left = true;
    loop {
        let found = if ends_left {
            memmem::find(rest, b"=?")
        } else {
            None
        };
        let Some(at) = found else { break };
        let candidate = rest.get(at..).unwrap_or_default();
        let Some(word) = read_word(candidate, &mut ends_left) else {
            flush(&mut pending, text, &mut push);
            text.push_str(&charset::decode_header(
                rest.get(..at + 2).unwrap_or_default(),
                body,
            ));
            rest = rest.get(at + 2..).unwrap_or_default();
            continue;
        };
        let between = rest.get(..at).unwrap_or_default();
        let adjacent = between.trim_ascii().is_empty() && pending.is_some();
        let joined = adjacent
            && pending
                .as_ref()
                .is_some_and(|(label, _)| label.eq_ignore_ascii_case(word.label));
        if !joined {
            flush(&mut pending, text, &mut push);
        }
        if !adjacent {
            text.push_str(&charset::decode_header(between, body));
        }
        let bytes = word_bytes(&word);
        match &mut pending {
            Some((_, joined)) => joined.extend_from_slice(&bytes),
            None => pending = Some((word.label.to_owned(), bytes)),
        }
        rest = candidate.get(word.length..).unwrap_or_default();
    }
    flush(&mut pending, text, &mut push);
    text.push_str(&charset::decode_header(rest, body));
}

fn flush(
    pending: &mut Option<(String, Vec<u8>)>,
    text: &mut String,
    push: &mut impl FnMut(&[u8], &str, &mut String),
) {
    if let Some((label, bytes)) = pending.take() {
        push(&bytes, &label, text);
    }
}

/// Reads the word at the beginning of `bytes`. `ends_left` turns false when there
/// is no `?=` in the rest of the field, so that it is never looked for again.
fn read_word<'a>(bytes: &'a [u8], ends_left: &mut bool) -> Option<Word<'a>> {
    let after = bytes.get(2..)?;
    let label_length = after
        .iter()
        .take(LONGEST_LABEL)
        .position(|byte| *byte == b'?')?;
    let label = std::str::from_utf8(after.get(..label_length)?).ok()?;
    if label.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    // RFC 2231 §5: a language may follow the character set.
    let label = label.split('*').next()?;
    let quoted = match after.get(label_length + 1)?.to_ascii_lowercase() {
        b'q' => true,
        b'b' => false,
        _ => return None,
    };
    if after.get(label_length + 2) != Some(&b'?') {
        return None;
    }
    let start = label_length + 3;
    let Some(length) = memmem::find(after.get(start..)?, b"?=") else {
        *ends_left = false;
        return None;
    };
    let text = after.get(start..start + length)?;
    Some(Word {
        label,
        quoted,
        text,
        length: 2 + start + length + 2,
    })
}

fn word_bytes(word: &Word<'_>) -> Vec<u8> {
    if !word.quoted {
        return transfer::base64(word.text).bytes.into_owned();
    }
    let mut bytes = Vec::with_capacity(word.text.len());
    let mut rest = word.text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'_' => bytes.push(b' '),
            b'=' => match after
                .first_chunk::<2>()
                .and_then(|pair| transfer::hex_pair(*pair))
            {
                Some(value) => {
                    bytes.push(value);
                    rest = after.get(2..).unwrap_or_default();
                }
                None => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &[u8]) -> String {
        decode(value, None).into_owned()
    }

    /// The examples of RFC 2047 §8.
    #[test]
    fn the_examples_of_the_standard() {
        assert_eq!(text(b"=?ISO-8859-1?Q?a?="), "a");
        assert_eq!(text(b"=?ISO-8859-1?Q?a?= b"), "a b");
        assert_eq!(text(b"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?="), "ab");
        assert_eq!(text(b"=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?="), "ab");
        assert_eq!(text(b"=?ISO-8859-1?Q?a_b?="), "a b");
        assert_eq!(text(b"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?="), "a b");
        assert_eq!(text(b"=?US-ASCII*EN?Q?Keith_Moore?="), "Keith Moore");
        assert_eq!(
            text(b"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
            "If you can read this you understand the example."
        );
    }

    #[test]
    fn a_character_split_over_two_words() {
        assert_eq!(text(b"=?utf-8?Q?caf=C3?= =?UTF-8?Q?=A9?="), "caf\u{e9}");
        assert_eq!(text(b"=?utf-8?B?Y2Fmww==?= =?utf-8?B?qQ==?="), "caf\u{e9}");
        // ISO-2022-JP, each word with its own escapes.
        assert_eq!(
            text(b"=?iso-2022-jp?B?GyRCJDMbKEI=?= =?iso-2022-jp?B?GyRCJHMbKEI=?="),
            "\u{3053}\u{3093}"
        );
    }

    #[test]
    fn raw_bytes_and_broken_words() {
        assert_eq!(text("caf\u{e9}".as_bytes()), "caf\u{e9}");
        assert_eq!(text(b"caf\xe9"), "caf\u{e9}");
        assert_eq!(
            decode(b"\xc4\xe3\xba\xc3", Some(encoding_rs::GBK)),
            "\u{4f60}\u{597d}"
        );
        assert_eq!(text(b"=?utf-8?Q?open"), "=?utf-8?Q?open");
        assert_eq!(
            text(b"\"=?utf-8?Q?J=C3=B6?=\" <a@b.example>"),
            "\"J\u{f6}\" <a@b.example>"
        );
        assert_eq!(text(b"a =?x y?= b"), "a =?x y?= b");
        assert_eq!(text(b"=??Q?caf=C3=A9?="), "caf\u{e9}");
    }

    #[test]
    fn many_open_words_take_linear_time() {
        let value = b"=?utf-8?q?".repeat(300_000);
        assert!(text(&value).len() > 1000);
    }
}
