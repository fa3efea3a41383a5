//! Parts of a message by their numbers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::body::with_trailing;
use super::structure;
use super::structure::Leaf;
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

/// The parts of one message, found once: taking all its attachments is linear in its length.
pub struct Parts<'a> {
    sent: &'a [u8],
    mended: Option<Vec<u8>>,
    limits: Limits,
    leaves: HashMap<String, Leaf>,
    /// The uuencoded files of the text part that was asked for last.
    unpacked: Option<(String, Vec<uuencode::File>)>,
}

impl<'a> Parts<'a> {
    /// Finds the parts of a message.
    pub fn of(raw: &'a [u8], limits: &Limits) -> Self {
        let mended = headers::mend_line_ends(raw);
        let bytes = mended.as_deref().unwrap_or(raw);
        // What a panic of another hand's decoder costs is this message's parts.
        let leaves = catch_unwind(AssertUnwindSafe(|| {
            let blocks = limits.header_block_bytes;
            structure::walk(bytes, limits.nesting, blocks, &mut usize::MAX.clone()).leaves
        }))
        .unwrap_or_default();
        Self {
            sent: raw,
            limits: *limits,
            // Of two with one number the first is meant.
            leaves: leaves
                .into_iter()
                .rev()
                .map(|leaf| (leaf.number.clone(), leaf))
                .collect(),
            mended,
            unpacked: None,
        }
    }

    /// Decoded bytes of one part, as [`crate::part_bytes`] gives them.
    pub fn bytes(&mut self, part: &str) -> Option<Vec<u8>> {
        catch_unwind(AssertUnwindSafe(|| self.direct(part)))
            .ok()
            .flatten()
            .or_else(|| crate::part_bytes(self.sent, part, &self.limits))
    }

    fn direct(&mut self, part: &str) -> Option<Vec<u8>> {
        if let Some(leaf) = self.leaves.get(part) {
            return Some(self.decode(leaf).bytes.into_owned());
        }
        let (above, number) = part.rsplit_once('.')?;
        let index = number.parse::<usize>().ok()?.checked_sub(1)?;
        if self.unpacked.as_ref().is_none_or(|(of, _)| of != above) {
            let leaf = self.leaves.get(above)?;
            let decoded = self.decode(leaf);
            let label = leaf.content_type.word("charset");
            let text = charset::decode(&decoded.bytes, label.as_deref()).text;
            let text = with_trailing(text, decoded.trailing);
            let (_, files) = uuencode::take_files(&text)?;
            self.unpacked = Some((above.to_owned(), files));
        }
        let (_, files) = self.unpacked.as_mut()?;
        files.get(index).map(|file| file.bytes.clone())
    }

    fn decode(&self, leaf: &Leaf) -> Decoded<'_> {
        let mended = self.mended.as_deref().unwrap_or(self.sent);
        let encoding = leaf.encoding.clone().and_then(|range| mended.get(range));
        transfer::decode_as_sent(encoding, mended, self.sent, leaf.body.clone())
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
