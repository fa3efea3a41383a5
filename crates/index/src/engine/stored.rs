//! The texts kept for snippets, as one run of bytes.
//!
//! Each text is one byte for its origin, its length as four bytes, least
//! significant first, and its bytes.

use super::request::SnippetOrigin;
use super::request::StoredText;

/// Appends a text.
pub(crate) fn push(bytes: &mut Vec<u8>, origin: SnippetOrigin, text: &str) {
    // Longer than a message may be; the guard keeps the length field honest.
    let Ok(length) = u32::try_from(text.len()) else {
        return;
    };
    bytes.push(match origin {
        SnippetOrigin::Body => 0,
        SnippetOrigin::Attached => 1,
        SnippetOrigin::AttachmentName => 2,
    });
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// Reads the texts back; `None` if the bytes are not what [`push`] writes.
pub(crate) fn read(mut bytes: &[u8]) -> Option<Vec<StoredText>> {
    let mut texts = Vec::new();
    while let Some((&origin, rest)) = bytes.split_first() {
        let origin = match origin {
            0 => SnippetOrigin::Body,
            1 => SnippetOrigin::Attached,
            2 => SnippetOrigin::AttachmentName,
            _ => return None,
        };
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let text = std::str::from_utf8(text).ok()?.to_owned();
        texts.push(StoredText { origin, text });
        bytes = rest;
    }
    Some(texts)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed expectation is the test's answer"
)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_in_order() {
        let mut bytes = Vec::new();
        push(&mut bytes, SnippetOrigin::Body, "café");
        push(&mut bytes, SnippetOrigin::Attached, "");
        push(&mut bytes, SnippetOrigin::AttachmentName, "a.pdf");
        let texts = read(&bytes).unwrap();
        let found: Vec<_> = texts
            .iter()
            .map(|text| (text.origin, text.text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (SnippetOrigin::Body, "café"),
                (SnippetOrigin::Attached, ""),
                (SnippetOrigin::AttachmentName, "a.pdf")
            ]
        );
    }

    #[test]
    fn damage_is_noticed() {
        let mut bytes = Vec::new();
        push(&mut bytes, SnippetOrigin::Body, "text");
        assert!(read(&bytes[..bytes.len() - 1]).is_none());
        assert!(read(&[9, 0, 0, 0, 0]).is_none());
    }
}
