//! One part of a message by its number.

use std::borrow::Cow;

use super::body::with_trailing;
use super::structure;
use super::transfer;
use super::transfer::Decoded;
use super::uuencode;
use crate::charset;
use crate::headers;
use crate::limits::Limits;

/// Decoded bytes of the part of this number.
pub(super) fn part_bytes(raw: &[u8], part: &str, limits: &Limits) -> Option<Vec<u8>> {
    let mut depth = limits.nesting;
    let mut message = Cow::Borrowed(raw);
    let mut part = part;
    loop {
        let mended = headers::mend_line_ends(&message);
        let bytes = mended.as_deref().unwrap_or(&message);
        let structure = structure::walk(
            bytes,
            depth,
            limits.header_block_bytes,
            &mut usize::MAX.clone(),
        );
        // The part itself, or the one that it is in.
        let leaf = structure.leaves.iter().find(|leaf| {
            part == leaf.number
                || part
                    .strip_prefix(leaf.number.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        })?;
        let encoding = leaf.encoding.clone().and_then(|range| bytes.get(range));
        let decoded = transfer::decode_as_sent(encoding, bytes, &message, leaf.body.clone());
        let rest = part.strip_prefix(leaf.number.as_str())?;
        let Some(rest) = rest.strip_prefix('.') else {
            return Some(decoded.bytes.into_owned());
        };
        let label = leaf.content_type.word("charset");
        if let Some(file) = uuencoded_file(&decoded, label.as_deref(), rest) {
            return Some(file);
        }
        let declared = matches!(
            structure.media_type(leaf).as_str(),
            "message/rfc822" | "message/global"
        );
        if !declared && !headers::looks_like_headers(&decoded.bytes) {
            return None;
        }
        depth = depth.checked_sub(leaf.path.len() + 1)?;
        part = rest;
        message = Cow::Owned(decoded.bytes.into_owned());
    }
}

/// A uuencoded file in a text part; they are numbered below it.
fn uuencoded_file(part: &Decoded<'_>, label: Option<&str>, number: &str) -> Option<Vec<u8>> {
    let index = number.parse::<usize>().ok()?.checked_sub(1)?;
    let text = with_trailing(charset::decode(&part.bytes, label).text, part.trailing);
    uuencode::take_files(&text)?
        .1
        .into_iter()
        .nth(index)
        .map(|file| file.bytes)
}
