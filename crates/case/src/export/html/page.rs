//! What all pages have: their head with the policy, their bar, and text made harmless.

use crate::read::sha256;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The parts that are the same on every page.
pub(super) struct Frame {
    policy: String,
}

impl Frame {
    pub(super) fn new() -> Self {
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            base64(&sha256(STYLE.as_bytes()).0),
            base64(&sha256(SCRIPT.as_bytes()).0)
        );
        Self { policy }
    }

    /// The beginning of a page up to its contents. `links` is made here and not from mail.
    pub(super) fn head(&self, title: &str, links: &str) -> String {
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <nav class=\"bar\"><div class=\"links\">{links}</div>\n\
             <div class=\"find\" id=\"find\" hidden><input type=\"search\" id=\"words\" placeholder=\"Search this page\" \
             aria-label=\"Search this page\" autocomplete=\"off\" spellcheck=\"false\">\
             <output id=\"found\"></output>\
             <button type=\"button\" id=\"up\" aria-label=\"Previous\">\u{2191}</button>\
             <button type=\"button\" id=\"down\" aria-label=\"Next\">\u{2193}</button></div></nav>\n<main>\n",
            policy = self.policy,
            title = escape(title),
        )
    }

    /// The end of a page.
    pub(super) fn end(&self) -> String {
        format!("</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")
    }
}

/// Text as HTML shows it, and as nothing else: in contents and in quoted attributes. Control characters are
/// shown by their symbols; those that turn the direction of writing around are spelt out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            '\r' => {}
            control @ '\0'..='\u{1f}' => {
                escaped.extend(char::from_u32(0x2400 + u32::from(control)));
            }
            '\u{7f}' => escaped.push('\u{2421}'),
            '\u{80}'..='\u{9f}' => escaped.push('\u{fffd}'),
            '\u{202d}' | '\u{202e}' => {
                escaped.push_str(&format!("[U+{:04X}]", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4648 §10.
    #[test]
    fn base64_equals_the_vectors_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escape("<script>alert('x')</script> & \"q\"\u{1b}[0m\u{202e}"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;\u{241b}[0m[U+202E]"
        );
    }

    #[test]
    fn nothing_in_style_or_script_ends_them() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("fetch"));
    }
}
