//! Bytes as mail carries them: character sets and transfer encodings.

use encoding_rs::Encoding;

/// A character set that a sender may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Ascii,
    Utf8,
    Latin1,
    Windows1252,
    Windows1251,
    Koi8R,
    Iso2022Jp,
    ShiftJis,
    /// Labelled `gb2312`, as senders do; the bytes are GB18030.
    Gb18030,
    Utf7,
}

impl Charset {
    /// The label in a Content-Type.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Ascii => "us-ascii",
            Self::Utf8 => "utf-8",
            Self::Latin1 => "iso-8859-1",
            Self::Windows1252 => "windows-1252",
            Self::Windows1251 => "windows-1251",
            Self::Koi8R => "koi8-r",
            Self::Iso2022Jp => "iso-2022-jp",
            Self::ShiftJis => "shift_jis",
            Self::Gb18030 => "gb2312",
            Self::Utf7 => "utf-7",
        }
    }

    /// The text in this character set; `None` where a character has no place in it.
    pub(crate) fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Latin1 => text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).ok())
                .collect(),
            Self::Utf7 => Some(utf7(text)),
            Self::Windows1252 => with(encoding_rs::WINDOWS_1252, text),
            Self::Windows1251 => with(encoding_rs::WINDOWS_1251, text),
            Self::Koi8R => with(encoding_rs::KOI8_R, text),
            Self::Iso2022Jp => with(encoding_rs::ISO_2022_JP, text),
            Self::ShiftJis => with(encoding_rs::SHIFT_JIS, text),
            Self::Gb18030 => with(encoding_rs::GB18030, text),
        }
    }
}

fn with(encoding: &'static Encoding, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, unmappable) = encoding.encode(text);
    (!unmappable).then(|| bytes.into_owned())
}

/// UTF-7 (RFC 2152): runs of other characters as UTF-16 in unpadded base64 between `+` and `-`.
fn utf7(text: &str) -> Vec<u8> {
    let direct = |character: char| {
        character.is_ascii() && character != '+' && character != '\\' && character != '~'
    };
    let mut out = Vec::new();
    let mut run: Vec<u8> = Vec::new();
    let flush = |run: &mut Vec<u8>, out: &mut Vec<u8>| {
        if !run.is_empty() {
            out.push(b'+');
            out.extend(base64(run).trim_end_matches('=').bytes());
            out.push(b'-');
            run.clear();
        }
    };
    for character in text.chars() {
        if direct(character) {
            flush(&mut run, &mut out);
            out.push(character as u8);
        } else {
            let mut units = [0u16; 2];
            run.extend(
                character
                    .encode_utf16(&mut units)
                    .iter()
                    .flat_map(|unit| unit.to_be_bytes()),
            );
        }
    }
    flush(&mut run, &mut out);
    out
}

/// Base64 with padding, on one line (RFC 4648 §4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let padded = [
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ];
        let group = u32::from(padded[0]) << 16 | u32::from(padded[1]) << 8 | u32::from(padded[2]);
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(char::from(
                    DIGITS[(group >> (18 - 6 * place)) as usize & 63],
                ));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Base64 in lines of 76 characters (RFC 2045 §6.8).
pub(crate) fn base64_lines(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + bytes.len() / 50);
    for chunk in bytes.chunks(57) {
        out.push_str(&base64(chunk));
        out.push('\n');
    }
    out
}

/// Quoted-printable (RFC 2045 §6.7); `\n` is a line break.
pub(crate) fn quoted_printable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut column = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            out.push('\n');
            column = 0;
            continue;
        }
        let last = matches!(bytes.get(index + 1), None | Some(b'\n'));
        let plain =
            matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !last);
        let width = if plain { 1 } else { 3 };
        if column + width > 75 {
            out.push_str("=\n");
            column = 0;
        }
        if plain {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("={byte:02X}"));
        }
        column += width;
    }
    out
}

/// A header value as encoded words (RFC 2047) where it is not ASCII; each word holds whole characters.
pub(crate) fn encoded_words(text: &str, charset: Charset, base64_form: bool) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut chunk = String::new();
    for character in text.chars() {
        let mut longer = chunk.clone();
        longer.push(character);
        if encoded_word(&longer, charset, base64_form).len() > 72 {
            words.push(encoded_word(&chunk, charset, base64_form));
            chunk.clear();
        }
        chunk.push(character);
    }
    words.push(encoded_word(&chunk, charset, base64_form));
    words.join("\n ")
}

fn encoded_word(text: &str, charset: Charset, base64_form: bool) -> String {
    let (label, bytes) = match charset.encode(text) {
        Some(bytes) => (charset.label(), bytes),
        None => ("utf-8", text.as_bytes().to_vec()),
    };
    if base64_form {
        return format!("=?{label}?B?{}?=", base64(&bytes));
    }
    let mut word = format!("=?{label}?Q?");
    for byte in bytes {
        match byte {
            b' ' => word.push('_'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b',' | b'!' => {
                word.push(char::from(byte))
            }
            _ => word.push_str(&format!("={byte:02X}")),
        }
    }
    word.push_str("?=");
    word
}

/// A header field, folded at spaces to lines of 76 where it can be.
pub(crate) fn header(name: &str, value: &str) -> String {
    let mut out = format!("{name}:");
    let mut column = out.len();
    for (index, line) in value.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
            column = 0;
        }
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            if column + 1 + word.len() > 76 && column > name.len() + 1 {
                out.push('\n');
                column = 0;
            }
            out.push(' ');
            out.push_str(word);
            column += 1 + word.len();
        }
    }
    out.push('\n');
    out
}

/// Lines of at most `width` characters, broken at spaces; existing breaks stay.
pub(crate) fn wrap(text: &str, width: usize, soft: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let mut column = 0;
        for (place, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                out.push_str(soft);
                column = 0;
            } else if place > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_vectors_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn utf7_examples_of_rfc_2152() {
        assert_eq!(utf7("A\u{2262}\u{391}."), b"A+ImIDkQ-.");
        assert_eq!(utf7("\u{65E5}\u{672C}\u{8A9E}"), b"+ZeVnLIqe-");
    }

    #[test]
    fn quoted_printable_breaks_long_lines_and_guards_trailing_spaces() {
        assert_eq!(
            quoted_printable("a=b \né\n".as_bytes()),
            "a=3Db=20\n=C3=A9\n"
        );
        let long = quoted_printable(&[b'x'; 200]);
        assert!(long.lines().all(|line| line.len() <= 76));
        assert_eq!(long.replace("=\n", ""), "x".repeat(200));
    }

    #[test]
    fn encoded_words_keep_whole_characters() {
        let words = encoded_words(
            "Änderungsauftrag über fünfundzwanzig Prüfstände für Fluttore",
            Charset::Utf8,
            false,
        );
        assert!(words.contains("\n "));
        assert!(
            words
                .split("\n ")
                .all(|word| word.len() <= 75 && word.starts_with("=?utf-8?Q?"))
        );
        assert_eq!(
            encoded_words("ñ", Charset::Latin1, true),
            "=?iso-8859-1?B?8Q==?="
        );
    }

    #[test]
    fn headers_fold_at_spaces() {
        let folded = header("References", &"<a-rather-long-id@one.example> ".repeat(6));
        assert!(folded.lines().all(|line| line.len() <= 76));
        assert!(folded.lines().skip(1).all(|line| line.starts_with(' ')));
    }
}
