//! Bytes to text: character sets by label, and by detection where the label is
//! missing or wrong.
//!
//! Labels mean what the WHATWG encoding standard says (`iso-8859-1` is
//! windows-1252, `gb2312` is GB 18030), plus the few that mail has and the web
//! does not: UTF-7 (RFC 2152), ISO-2022-KR (RFC 1557), HZ (RFC 1843), and the DOS
//! code pages that mail-parser knows.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use chardetng::Iso2022JpDetection;
use chardetng::Utf8Detection;
use encoding_rs::EUC_KR;
use encoding_rs::Encoding;
use encoding_rs::GBK;
use encoding_rs::ISO_2022_JP;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;
use encoding_rs::WINDOWS_1252;

/// Most bytes that detection looks at.
const DETECTION_BYTES: usize = 64 << 10;

/// What a label stands for.
#[derive(Clone, Copy)]
pub(crate) enum Charset {
    /// ASCII: says nothing about bytes above 127.
    Ascii,
    /// An encoding of the WHATWG standard.
    Web(&'static Encoding),
    /// UTF-7 (RFC 2152).
    Utf7,
    /// ISO-2022-KR (RFC 1557).
    Iso2022Kr,
    /// HZ (RFC 1843).
    Hz,
    /// Another one, with its decoder.
    Other(fn(&[u8]) -> String),
}

/// Text, and what was wrong on the way to it.
pub(crate) struct Decoded<'a> {
    /// The text.
    pub(crate) text: Cow<'a, str>,
    /// Byte offset of the first byte that does not fit, with what was done about it.
    pub(crate) problem: Option<(usize, String)>,
}

impl<'a> Decoded<'a> {
    fn sound(text: Cow<'a, str>) -> Self {
        Self {
            text,
            problem: None,
        }
    }
}

/// Finds what a label stands for; `None` for labels that say nothing.
pub(crate) fn lookup(label: &str) -> Option<Charset> {
    let label =
        label.trim_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ';'));
    let lower = label.to_ascii_lowercase();
    match lower.as_str() {
        "us-ascii" | "ascii" | "ansi_x3.4-1968" | "iso646-us" | "646" => {
            return Some(Charset::Ascii);
        }
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "csunicode11utf7" => return Some(Charset::Utf7),
        "utf8mb4" | "utf-8mb4" | "utf_8" => return Some(Charset::Web(UTF_8)),
        "utf-16be" => return Some(Charset::Web(UTF_16BE)),
        "iso-2022-kr" | "csiso2022kr" => return Some(Charset::Iso2022Kr),
        "hz-gb-2312" | "hz" => return Some(Charset::Hz),
        _ => {}
    }
    if let Some(encoding) = Encoding::for_label_no_replacement(lower.as_bytes()) {
        return Some(Charset::Web(encoding));
    }
    let short: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = short
        .strip_prefix("cp")
        .or_else(|| short.strip_prefix("win"));
    if let Some(digits) = digits
        && let Some(encoding) =
            Encoding::for_label_no_replacement(format!("windows-{digits}").as_bytes())
    {
        return Some(Charset::Web(encoding));
    }
    [lower, short]
        .iter()
        .filter(|label| (2..=45).contains(&label.len()))
        .find_map(|label| mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()))
        .map(Charset::Other)
}

/// Decodes a text part by its label, or by detection where the label fails.
pub(crate) fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Decoded<'a> {
    let charset = label.and_then(lookup);
    if let Some(text) = plain_ascii(bytes, charset) {
        return Decoded::sound(Cow::Borrowed(text));
    }
    match charset {
        Some(Charset::Ascii) => decode_undeclared(bytes, "us-ascii", Some(WINDOWS_1252)),
        Some(Charset::Web(encoding)) if is_wide(encoding) && is_narrow(bytes) => {
            decode_undeclared(bytes, encoding.name(), None)
        }
        Some(Charset::Web(encoding)) if encoding == UTF_8 => decode_utf8(bytes),
        Some(Charset::Web(encoding)) => decode_web(bytes, encoding),
        Some(Charset::Utf7) => Decoded::sound(Cow::Owned(decode_utf7(bytes))),
        Some(Charset::Iso2022Kr) => decode_web_owned(&iso_2022_kr_to_euc(bytes), EUC_KR),
        Some(Charset::Hz) => decode_web_owned(&hz_to_gbk(bytes), GBK),
        Some(Charset::Other(decoder)) => Decoded::sound(Cow::Owned(decoder(bytes))),
        None => decode_undeclared(bytes, label.unwrap_or_default(), None),
    }
}

/// Text of bytes by stable rules alone: the declared character set by the WHATWG
/// standard where it fits every byte, and `None` where anything would have to be guessed.
///
/// Message ids are made with this; it must not change.
pub(crate) fn decode_stable<'a>(bytes: &'a [u8], label: &str) -> Option<Cow<'a, str>> {
    Encoding::for_label(label.as_bytes())?
        .decode_without_bom_handling_and_without_replacement(bytes)
}

/// A header's bytes as text: encoded words are not decoded here.
///
/// Raw 8-bit is UTF-8 where it is valid, else the body's character set, else windows-1252.
pub(crate) fn decode_header<'a>(bytes: &'a [u8], body: Option<&'static Encoding>) -> Cow<'a, str> {
    if body == Some(ISO_2022_JP) && bytes.contains(&0x1b) {
        return ISO_2022_JP.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => body
            .filter(|encoding| *encoding != UTF_8)
            .and_then(|encoding| {
                encoding.decode_without_bom_handling_and_without_replacement(bytes)
            })
            .unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0),
    }
}

/// The bytes of an encoded word as text (RFC 2047), never failing.
pub(crate) fn decode_word<'a>(bytes: &'a [u8], label: &str) -> Cow<'a, str> {
    decode(bytes, Some(label)).text
}

/// Borrowed text where the bytes are ASCII and the character set leaves ASCII alone.
fn plain_ascii(bytes: &[u8], charset: Option<Charset>) -> Option<&str> {
    if !bytes.is_ascii() {
        return None;
    }
    let stateful = match charset {
        None | Some(Charset::Ascii) => memchr::memchr(0x1b, bytes).is_some(),
        Some(Charset::Web(encoding)) if encoding == ISO_2022_JP => true,
        // Mail that says UTF-16 and has not one zero byte is not UTF-16.
        Some(Charset::Web(encoding)) if is_wide(encoding) => memchr::memchr(0, bytes).is_some(),
        Some(Charset::Web(_)) => false,
        _ => true,
    };
    if stateful {
        None
    } else {
        std::str::from_utf8(bytes).ok()
    }
}

fn is_wide(encoding: &Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Whether bytes cannot be UTF-16: no zero byte, as every line end of it has, and hardly
/// anything that is not ASCII.
fn is_narrow(bytes: &[u8]) -> bool {
    let wide = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    memchr::memchr(0, bytes).is_none() && wide * 10 < bytes.len()
}

fn decode_web<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Decoded<'a> {
    // The standard makes a fault of a return to ASCII with nothing after it; joined encoded words have many.
    if encoding == ISO_2022_JP && memchr::memmem::find(bytes, b"\x1b(B\x1b").is_some() {
        return decode_web_owned(&without_empty_ascii(bytes), encoding);
    }
    let (text, used, had_errors) = encoding.decode(bytes);
    let problem = had_errors.then(|| (0, format!("bytes that are not {}", used.name())));
    Decoded { text, problem }
}

/// ISO-2022-JP without the escapes to ASCII that another escape follows at once.
fn without_empty_ascii(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, b"\x1b(B\x1b") {
        kept.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    kept.extend_from_slice(rest);
    kept
}

fn decode_web_owned<'a>(bytes: &[u8], encoding: &'static Encoding) -> Decoded<'a> {
    let decoded = decode_web(bytes, encoding);
    Decoded {
        text: Cow::Owned(decoded.text.into_owned()),
        problem: decoded.problem,
    }
}

/// Declared UTF-8: sound, or mostly sound with stray bytes, or something else altogether.
fn decode_utf8(bytes: &[u8]) -> Decoded<'_> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let valid_up_to = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded::sound(Cow::Borrowed(text)),
        Err(error) => error.valid_up_to(),
    };
    let (mut sound, mut stray) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        stray += usize::from(!chunk.invalid().is_empty());
    }
    if sound <= stray {
        let encoding = detect(bytes);
        let text = encoding.decode_without_bom_handling(bytes).0;
        return Decoded {
            text,
            problem: Some((
                valid_up_to,
                format!("utf-8 expected, read as {}", encoding.name()),
            )),
        };
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    let problem = Some((
        valid_up_to,
        "utf-8 with stray bytes, these read as windows-1252".to_owned(),
    ));
    Decoded {
        text: Cow::Owned(text),
        problem,
    }
}

/// Bytes whose character set is not told, or told in a word that says nothing.
fn decode_undeclared<'a>(
    bytes: &'a [u8],
    label: &str,
    otherwise: Option<&'static Encoding>,
) -> Decoded<'a> {
    let offset = Encoding::ascii_valid_up_to(bytes);
    let told = if label.is_empty() {
        "no charset"
    } else {
        label
    };
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.is_ascii()
    {
        let problem = Some((
            offset,
            format!("{} with 8-bit text, read as utf-8", shorten(told)),
        ));
        return Decoded {
            text: Cow::Borrowed(text),
            problem,
        };
    }
    if let Some(encoding) = Encoding::for_bom(bytes).map(|(encoding, _)| encoding) {
        return decode_web(bytes, encoding);
    }
    let encoding = otherwise.unwrap_or_else(|| detect(bytes));
    let text = encoding.decode_without_bom_handling(bytes).0;
    let problem = (encoding != ISO_2022_JP).then(|| {
        (
            offset,
            format!(
                "{} with 8-bit text, read as {}",
                shorten(told),
                encoding.name()
            ),
        )
    });
    Decoded { text, problem }
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    // What detection needs is where the first byte above 127 (or the first escape) is, not the head.
    let from =
        Encoding::ascii_valid_up_to(bytes).min(memchr::memchr(0x1b, bytes).unwrap_or(usize::MAX));
    let from = from.saturating_sub(256);
    let sample = bytes.get(from..).unwrap_or_default();
    let whole = sample.len() <= DETECTION_BYTES;
    let sample = sample.get(..DETECTION_BYTES).unwrap_or(sample);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, whole);
    detector.guess(None, Utf8Detection::Deny)
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

/// UTF-7 (RFC 2152); what is not UTF-7 stays as it stands.
fn decode_utf7(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'+', rest) {
        text.push_str(
            &WINDOWS_1252
                .decode_without_bom_handling(rest.get(..at).unwrap_or_default())
                .0,
        );
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix(b"-") {
            text.push('+');
            rest = after;
            continue;
        }
        let length = rest
            .iter()
            .position(|byte| base64_value(*byte).is_none())
            .unwrap_or(rest.len());
        if length == 0 {
            text.push('+');
            continue;
        }
        push_modified_base64(&mut text, rest.get(..length).unwrap_or_default());
        rest = rest.get(length..).unwrap_or_default();
        rest = rest.strip_prefix(b"-").unwrap_or(rest);
    }
    text.push_str(&WINDOWS_1252.decode_without_bom_handling(rest).0);
    text
}

/// UTF-16 in base64 without padding, as UTF-7 has it.
fn push_modified_base64(text: &mut String, digits: &[u8]) {
    let mut units = Vec::with_capacity(digits.len() * 3 / 8 + 1);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for value in digits.iter().filter_map(|byte| base64_value(*byte)) {
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 16 {
            bits -= 16;
            units.push((buffer >> bits) as u16);
            buffer &= (1 << bits) - 1;
        }
    }
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// ISO-2022-KR: between shift out and shift in, bytes are EUC-KR without the high bit.
fn iso_2022_kr_to_euc(bytes: &[u8]) -> Vec<u8> {
    let mut euc = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            0x1b if after.starts_with(b"$)C") => rest = after.get(3..).unwrap_or_default(),
            0x0e => shifted = true,
            0x0f => shifted = false,
            0x21..=0x7e if shifted => euc.push(byte | 0x80),
            b'\n' => {
                shifted = false;
                euc.push(byte);
            }
            _ => euc.push(byte),
        }
    }
    euc
}

/// HZ: between `~{` and `~}`, bytes are GB 2312 without the high bit.
fn hz_to_gbk(bytes: &[u8]) -> Vec<u8> {
    let mut gbk = Vec::with_capacity(bytes.len());
    let mut shifted = false;
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'~' {
            let taken = match after.first() {
                Some(b'{') => {
                    shifted = true;
                    1
                }
                Some(b'}') => {
                    shifted = false;
                    1
                }
                Some(b'~') => {
                    gbk.push(b'~');
                    1
                }
                Some(b'\n') => 1,
                _ => {
                    gbk.push(b'~');
                    0
                }
            };
            rest = after.get(taken..).unwrap_or_default();
        } else if shifted && (0x21..=0x7e).contains(&byte) {
            gbk.push(byte | 0x80);
        } else {
            shifted &= byte != b'\n';
            gbk.push(byte);
        }
    }
    gbk
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], label: &str) -> String {
        decode(bytes, Some(label)).text.into_owned()
    }

    #[test]
    fn labels_follow_the_web_standard() {
        assert_eq!(
            text(b"\x93smart\x94", "iso-8859-1"),
            "\u{201c}smart\u{201d}"
        );
        assert_eq!(text(b"\xc4\xe3\xba\xc3", "gb2312"), "\u{4f60}\u{597d}");
        assert_eq!(text(b"\xb0\xa1", "ks_c_5601-1987"), "\u{ac00}");
        assert_eq!(text(b"\x83\x65", "shift_jis"), "\u{30c6}");
        assert_eq!(text(b"caf\x82", "cp-850"), "caf\u{e9}");
        assert_eq!(text(b"caf\xe9", "cp-1252"), "caf\u{e9}");
        assert_eq!(text("caf\u{e9}".as_bytes(), "utf8mb4"), "caf\u{e9}");
    }

    /// The examples of RFC 2152.
    #[test]
    fn utf7_examples() {
        assert_eq!(text(b"A+ImIDkQ.", "utf-7"), "A\u{2262}\u{391}.");
        assert_eq!(
            text(b"Hi Mom -+Jjo--!", "unicode-1-1-utf-7"),
            "Hi Mom -\u{263a}-!"
        );
        assert_eq!(text(b"+ZeVnLIqe-", "utf-7"), "\u{65e5}\u{672c}\u{8a9e}");
        assert_eq!(text(b"1 +- 1 +AKM", "utf-7"), "1 + 1 \u{a3}");
    }

    /// The example of RFC 1843, and one by the rules of RFC 1557.
    #[test]
    fn seven_bit_asian_sets() {
        let expected =
            "\u{5df1}\u{6240}\u{4e0d}\u{6b32}\u{ff0c}\u{52ff}\u{65bd}\u{65bc}\u{4eba}\u{3002}";
        assert_eq!(text(b"~{<:Ky2;S{#,NpJ)l6HK!#~}", "hz-gb-2312"), expected);
        assert_eq!(text(b"\x1b$)C\x0e0!\x0f!", "iso-2022-kr"), "\u{ac00}!");
    }

    #[test]
    fn undeclared_and_wrong() {
        let decoded = decode("na\u{ef}ve".as_bytes(), None);
        assert_eq!(decoded.text, "na\u{ef}ve");
        assert_eq!(decoded.problem.map(|problem| problem.0), Some(2));
        assert_eq!(text(b"It\x92s", "us-ascii"), "It\u{2019}s");
        let wrong = decode(b"caf\xe9 cr\xe8me", Some("utf-8"));
        assert_eq!(wrong.text, "caf\u{e9} cr\u{e8}me");
        assert_eq!(wrong.problem.map(|problem| problem.0), Some(3));
        let stray = decode(b"\xc3\xa9\xc3\xa9\xc3\xa9 \x92", Some("utf-8"));
        assert_eq!(stray.text, "\u{e9}\u{e9}\u{e9} \u{2019}");
        assert_eq!(text(b"plain", "utf-16"), "plain");
        assert_eq!(
            text(b"plain caf\xe9 and text", "utf-16be"),
            "plain caf\u{e9} and text"
        );
        assert_eq!(text(b"\x59\x27\x96\x2a", "utf-16be"), "\u{5927}\u{962a}");
        assert_eq!(
            text(b"caf\xe9 au lait, d\xe9j\xe0 vu", "x-unknown"),
            "caf\u{e9} au lait, d\u{e9}j\u{e0} vu"
        );
    }

    #[test]
    fn stable_text_never_guesses() {
        assert_eq!(decode_stable(b"caf\xe9", ""), None);
        assert_eq!(decode_stable(b"caf\xe9", "x-unknown"), None);
        assert_eq!(decode_stable(b"caf\xe9", "utf-8"), None);
        assert_eq!(
            decode_stable(b"caf\xe9", "latin1").as_deref(),
            Some("caf\u{e9}")
        );
    }
}
