//! Whether anything in a PDF fills an area with a dark colour: told from its content streams (ISO 32000-1 §8.5.3), without
//! knowing which page they are of. A thing that can be a box is enough; what it covers is seen on the page.

use std::io::Read;

/// Most bytes that are unpacked of one stream, and of a file.
const MOST_OF_STREAM: u64 = 8 << 20;
const MOST_OF_FILE: u64 = 128 << 20;
/// Bytes before a stream in which its dictionary is looked for.
const DICTIONARY: usize = 1 << 10;
/// Shades up to this are dark, of 1.
const DARK: f64 = 0.3;
/// Rectangles up to this width or height are lines, in units of the page.
const LINE: f64 = 2.0;
/// Most saved states of colour.
const MOST_STATES: usize = 64;
/// Annotations that may be drawn as filled boxes.
const ANNOTATIONS: [&[u8]; 4] = [b"/Redact", b"/Square", b"/Stamp", b"/Polygon"];

/// Filters of streams that are not unpacked here (ISO 32000-1 §7.4): what is in them may be a box.
const PACKED_OTHERWISE: [&[u8]; 8] = [
    b"/ASCII85Decode",
    b"/A85",
    b"/ASCIIHexDecode",
    b"/AHx",
    b"/LZWDecode",
    b"/LZW",
    b"/RunLengthDecode",
    b"/Crypt",
];

/// Whether something in a PDF may cover text with a dark colour.
pub(crate) fn may_cover(pdf: &[u8]) -> bool {
    // What is encrypted cannot be looked into here, though readers may show it to everybody.
    if has_annotation(pdf) || memchr::memmem::find(pdf, b"/Encrypt").is_some() {
        return true;
    }
    let mut left = MOST_OF_FILE;
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(pdf.get(at..).unwrap_or_default(), b"stream") {
        let start = at + found + b"stream".len();
        at = start;
        let before = pdf.get(start.saturating_sub(b"endstream".len())..start);
        if before == Some(b"endstream") {
            continue;
        }
        let head = start.saturating_sub(b"stream".len());
        let dictionary = pdf
            .get(head.saturating_sub(DICTIONARY)..head)
            .unwrap_or_default();
        let own = memchr::memmem::rfind(dictionary, b" obj")
            .map_or(dictionary, |from| &dictionary[from..]);
        let names = |name: &[u8]| memchr::memmem::find(own, name).is_some();
        let is_other = [
            &b"/Image"[..],
            b"/FontFile",
            b"/Length1",
            b"/EmbeddedFile",
            b"/XRef",
        ];
        if is_other.into_iter().any(names) {
            continue;
        }
        if PACKED_OTHERWISE.into_iter().any(names) {
            return true;
        }
        let data = pdf.get(start..).unwrap_or_default();
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        let length = memchr::memmem::find(data, b"endstream").unwrap_or(data.len());
        let data = data.get(..length).unwrap_or_default();
        let mut unpacked = Vec::new();
        let most = MOST_OF_STREAM.min(left);
        if names(b"/FlateDecode") || names(b"/Fl ") {
            // What comes before damage is looked at too.
            let _ = flate2::read::ZlibDecoder::new(data)
                .take(most)
                .read_to_end(&mut unpacked);
        } else {
            let _ = data.take(most).read_to_end(&mut unpacked);
        }
        left = left.saturating_sub(unpacked.len() as u64);
        // Who fills a file with streams beyond measure may hide what he likes in them.
        if left == 0 || fills(&unpacked) || has_annotation(&unpacked) {
            return true;
        }
        at = start + length;
    }
    false
}

fn has_annotation(bytes: &[u8]) -> bool {
    let mut names = ANNOTATIONS.iter();
    names.any(|name| memchr::memmem::find(bytes, name).is_some())
}

/// Whether a content stream fills an area with a dark colour.
fn fills(content: &[u8]) -> bool {
    let mut state = State::default();
    let mut at = 0;
    while let Some(byte) = content.get(at) {
        match byte {
            b'(' => at = after_string(content, at),
            b'%' => at += line_length(content, at),
            b'<' if content.get(at + 1) != Some(&b'<') => {
                let rest = content.get(at..).unwrap_or_default();
                at += memchr::memchr(b'>', rest).map_or(rest.len(), |end| end + 1);
            }
            byte if is_regular(*byte) => {
                let rest = content.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| is_regular(**byte)).count();
                if state.take(rest.get(..length).unwrap_or_default()) {
                    return true;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    false
}

fn is_regular(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && byte != 0 && !b"()<>[]{}/%".contains(&byte)
}

fn line_length(content: &[u8], at: usize) -> usize {
    let rest = content.get(at..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', rest).map_or(rest.len(), |end| end + 1)
}

/// The place behind a string in parentheses, which nest.
fn after_string(content: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = content.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// What a content stream has said so far. The first colour is black.
struct State {
    numbers: Vec<f64>,
    is_dark: bool,
    saved: Vec<bool>,
    has_area: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            numbers: Vec::new(),
            is_dark: true,
            saved: Vec::new(),
            has_area: false,
        }
    }
}

impl State {
    /// Takes the next word; whether it fills an area with a dark colour.
    fn take(&mut self, word: &[u8]) -> bool {
        if let Some(number) = std::str::from_utf8(word)
            .ok()
            .and_then(|word| word.parse().ok())
        {
            if self.numbers.len() < 16 {
                self.numbers.push(number);
            }
            return false;
        }
        let numbers = std::mem::take(&mut self.numbers);
        match word {
            b"g" | b"rg" | b"k" | b"sc" | b"scn" => self.is_dark = is_dark(&numbers),
            b"cs" => self.is_dark = true,
            b"q" if self.saved.len() < MOST_STATES => self.saved.push(self.is_dark),
            b"Q" => self.is_dark = self.saved.pop().unwrap_or(true),
            b"re" => {
                let sides = numbers.get(2).zip(numbers.get(3));
                self.has_area |=
                    sides.is_some_and(|(width, height)| width.abs().min(height.abs()) > LINE);
            }
            b"l" | b"c" | b"v" | b"y" => self.has_area = true,
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => {
                return std::mem::take(&mut self.has_area) && self.is_dark;
            }
            b"n" | b"S" | b"s" => self.has_area = false,
            _ => {}
        }
        false
    }
}

/// Whether a colour of one, three or four numbers is dark; any other may be.
fn is_dark(numbers: &[f64]) -> bool {
    match numbers {
        [grey] => *grey <= DARK,
        [red, green, blue] => red.max(*green).max(*blue) <= DARK,
        [cyan, magenta, yellow, black] => {
            *black >= 1.0 - DARK || cyan.min(*magenta).min(*yellow) >= 1.0 - DARK
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_areas_are_told_from_lines_and_light_ones() {
        for dark in [
            "0 g 10 10 100 20 re f",
            "10 10 100 20 re f*",
            "q 1 g Q 0 0 10 10 re B",
            "0.1 0.1 0.1 rg 0 0 m 10 0 l 10 10 l b",
            "0 0 0 1 k 1 1 5 -5 re\nf",
            "BT (1 g \\) ( ) f) Tj ET 0 0 9 9 re f",
        ] {
            assert!(fills(dark.as_bytes()), "{dark}");
        }
        for light in [
            "1 g 10 10 100 20 re f",
            "0 g 10 10 400 0.5 re f",
            "0 g 10 10 100 20 re S",
            "0 g 10 10 100 20 re W n (f) Tj f",
            "0 0 0 0 k 0 0 9 9 re f",
            "BT /F1 9 Tf (0 g 0 0 9 9 re f) Tj ET",
            "",
            "(",
        ] {
            assert!(!fills(light.as_bytes()), "{light}");
        }
    }

    #[test]
    fn packed_streams_are_looked_into_and_images_are_not() {
        use std::io::Write;
        let stream = |dictionary: &str, data: &[u8]| {
            let mut pdf = format!("4 0 obj\n<< {dictionary} >>\nstream\n").into_bytes();
            pdf.extend(data);
            pdf.extend(b"\nendstream\nendobj\n");
            pdf
        };
        let box_on_page = b"0 g 10 10 100 20 re f";
        let mut packed =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packed
            .write_all(box_on_page)
            .expect("a vector takes every byte");
        let packed = packed.finish().expect("a vector takes every byte");
        assert!(may_cover(&stream("/Length 21", box_on_page)));
        assert!(may_cover(&stream("/Filter /FlateDecode", &packed)));
        assert!(!may_cover(&stream("/Subtype /Image", box_on_page)));
        assert!(!may_cover(&stream("/Length 9", b"1 g 0 0 9 9 re f")));
        assert!(may_cover(b"<< /Type /Annot /Subtype /Redact >>"));
        assert!(!may_cover(b"stream") && !may_cover(b"endstream"));
    }
}
