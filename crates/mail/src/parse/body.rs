//! The parts of a message: which are shown as its text, and what becomes of the others.

use std::borrow::Cow;

use super::Reader;
use super::flowed;
use super::read;
use super::structure::Leaf;
use super::structure::Structure;
use super::transfer;
use super::uuencode;
use crate::attachments;
use crate::attachments::Kind;
use crate::charset;
use crate::html;
use crate::identity;
use crate::identity::KeyBuilder;
use crate::model::AttachedMessage;
use crate::model::Attachment;
use crate::model::AttachmentState;
use crate::model::DefectCode;
use crate::model::Sha256;
use crate::model::TextKind;
use crate::model::TextPart;

/// The media type of what tells none.
const UNKNOWN_TYPE: &str = "application/octet-stream";

impl Reader<'_> {
    /// Reads one part.
    pub(super) fn take_leaf(
        &mut self,
        index: usize,
        leaf: &Leaf,
        key: &mut KeyBuilder,
        parts: &mut usize,
    ) {
        let encoding = leaf.encoding.clone().and_then(|range| self.raw.get(range));
        let decoded = transfer::decode_as_sent(encoding, self.raw, self.sent, leaf.body.clone());
        let damaged = decoded.problem.is_some();
        if let Some((offset, detail)) = decoded.problem {
            self.defect(
                DefectCode::BadTransferEncoding,
                leaf.body.start + offset,
                detail,
            );
        }
        let media_type = self.structure.media_type(leaf);
        self.note_report(leaf, &media_type);
        let bytes = decoded.bytes;
        let name = self.name(leaf);
        let is_text = media_type.is_empty() || media_type.starts_with("text/");
        let declared_message = matches!(media_type.as_str(), "message/rfc822" | "message/global")
            && !bytes.trim_ascii().is_empty();
        // How damage is mended may change, ids may not: they take damaged parts as they stand.
        if damaged {
            key.text(self.sent.get(leaf.body.clone()).unwrap_or_default(), None);
        } else if is_text {
            key.text(&bytes, leaf.content_type.word("charset").as_deref());
        }
        if declared_message {
            let key = if damaged { None } else { Some(key) };
            return self.take_message(leaf, name, media_type, &bytes, key, parts);
        }
        if is_text && self.is_body(leaf, &media_type, name.as_deref()) {
            return self.take_text(index, leaf, &media_type, &bytes, decoded.trailing);
        }
        let hash = identity::sha256(&bytes);
        if !damaged && !is_text {
            // Mailboxes change line ends and `From ` lines of what is not encoded.
            match transfer::is_plain(encoding) {
                true => key.text(&bytes, None),
                false => key.part(&hash, bytes.is_empty()),
            }
        }
        if attachments::may_be_message(&media_type, name.as_deref())
            && crate::looks_like_headers(head(&bytes))
        {
            return self.take_message(leaf, name, media_type, &bytes, None, parts);
        }
        self.take_attachment(leaf, name, media_type, &bytes, hash);
    }

    fn is_in(&self, leaf: &Leaf, media_type: &str) -> bool {
        leaf.path
            .iter()
            .any(|(parent, _)| self.structure.is(*parent, media_type))
    }

    fn name(&self, leaf: &Leaf) -> Option<String> {
        let name = leaf.disposition.text("filename", self.charset);
        let name = name.or_else(|| leaf.content_type.text("name", self.charset));
        name.or_else(|| leaf.disposition.text("name", self.charset))
    }

    fn note_report(&mut self, leaf: &Leaf, media_type: &str) {
        self.seen.report |= matches!(
            media_type,
            "message/delivery-status"
                | "message/disposition-notification"
                | "message/global-delivery-status"
        ) || self.structure.root_type == "multipart/report";
        self.seen.encrypted |= self.is_in(leaf, "multipart/encrypted");
    }

    /// Whether a text part is shown as text of the body.
    fn is_body(&self, leaf: &Leaf, media_type: &str, name: Option<&str>) -> bool {
        if leaf.disposition.value == "attachment" || self.is_in(leaf, "multipart/encrypted") {
            return false;
        }
        let alone = leaf.path.is_empty();
        match media_type {
            "" | "text/plain" | "text/html" | "text/enriched" | "text/richtext" => {
                alone
                    || name.is_none()
                    || self.structure.parent_type(leaf) == "multipart/alternative"
            }
            "text/calendar" | "text/vcard" | "text/x-vcard" | "text/directory" | "text/rtf"
            | "text/x-moz-deleted" => false,
            _ => alone,
        }
    }

    fn take_text(
        &mut self,
        index: usize,
        leaf: &Leaf,
        media_type: &str,
        bytes: &[u8],
        trailing: &[u8],
    ) {
        let is_html = matches!(media_type, "text/html" | "text/enriched" | "text/richtext");
        let mut text = with_trailing(self.text_of(leaf, bytes, is_html), trailing);
        if is_html {
            text = Cow::Owned(html::to_text(&text));
        } else if let Some((kept, files)) = uuencode::take_files(&text) {
            text = Cow::Owned(kept);
            for (number, file) in (1..).zip(files) {
                self.take_uuencoded(leaf, number, file);
            }
        }
        if leaf.content_type.word("format").as_deref() == Some("flowed") && !is_html {
            let delete_space = leaf.content_type.word("delsp").as_deref() == Some("yes");
            text = Cow::Owned(flowed::join(&text, delete_space));
        }
        if text.trim().is_empty() {
            return;
        }
        let text = self.body_text(text.into_owned(), leaf.body.start);
        if text.is_empty() {
            return;
        }
        let kind = if is_html {
            TextKind::Html
        } else {
            TextKind::Plain
        };
        self.body.push(TextPart {
            part: leaf.number.clone(),
            kind,
            text,
            // Cut when it is known who wrote.
            zones: Vec::new(),
            alternative: false,
        });
        self.body_leaves.push(index);
    }

    /// As much of a text as the body may still have.
    fn body_text(&mut self, mut text: String, offset: usize) -> String {
        let length = text.len();
        if length > self.body_room {
            text.truncate(text.floor_char_boundary(self.body_room));
            text.shrink_to_fit();
            let detail = format!(
                "of a text of {length} bytes only the first {} are searched, the limit `body_text_bytes`",
                text.len()
            );
            self.defect(DefectCode::BodyTooLong, offset, &detail);
            self.body_room = 0;
        } else {
            self.body_room -= length;
        }
        text
    }

    fn take_uuencoded(&mut self, leaf: &Leaf, index: usize, file: uuencode::File) {
        let hash = identity::sha256(&file.bytes);
        let part = format!("{}.{index}", leaf.number);
        let kind = attachments::kind(UNKNOWN_TYPE, Some(&file.name), &file.bytes);
        let text = matches!(kind, Kind::Text | Kind::Html | Kind::Folded)
            .then(|| self.attachment_text(kind, &file.bytes, None, leaf.body.start));
        self.push_attachment(
            part,
            Some(file.name),
            UNKNOWN_TYPE.to_owned(),
            file.bytes.len(),
            hash,
            kind,
            text,
        );
    }

    /// Text of a part by its character set, with the defect where that does not fit.
    fn text_of<'b>(&mut self, leaf: &Leaf, bytes: &'b [u8], is_html: bool) -> Cow<'b, str> {
        let label = leaf.content_type.word("charset");
        let label = match label {
            None if is_html => html::declared_charset(bytes),
            label => label,
        };
        let decoded = charset::decode(bytes, label.as_deref());
        if let Some((offset, detail)) = decoded.problem {
            // Past a transfer encoding the offset in the message is that of the part.
            let offset = if leaf.encoding.is_none() { offset } else { 0 };
            self.defect(DefectCode::BadCharset, leaf.body.start + offset, &detail);
        }
        decoded.text
    }

    fn take_attachment(
        &mut self,
        leaf: &Leaf,
        name: Option<String>,
        media_type: String,
        bytes: &[u8],
        hash: Sha256,
    ) {
        let media_type = if media_type.is_empty() {
            UNKNOWN_TYPE.to_owned()
        } else {
            media_type
        };
        let mut kind = attachments::kind(&media_type, name.as_deref(), bytes);
        if media_type == UNKNOWN_TYPE && self.is_in(leaf, "multipart/encrypted") {
            kind = Kind::Encrypted;
        }
        self.seen.encrypted |= kind == Kind::Encrypted;
        let text = matches!(kind, Kind::Text | Kind::Html | Kind::Folded)
            .then(|| self.attachment_text(kind, bytes, Some(leaf), leaf.body.start));
        self.push_attachment(
            leaf.number.clone(),
            name,
            media_type,
            bytes.len(),
            hash,
            kind,
            text,
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of one record, used twice"
    )]
    fn push_attachment(
        &mut self,
        part: String,
        name: Option<String>,
        content_type: String,
        size: usize,
        sha256: Sha256,
        kind: Kind,
        text: Option<(String, bool)>,
    ) {
        let cut = text.as_ref().is_some_and(|(_, cut)| *cut);
        let state = if cut {
            AttachmentState::Unread(format!(
                "only its first {} bytes are searched, the limit `attachment_text_bytes`",
                self.limits.attachment_text_bytes
            ))
        } else {
            kind.state()
        };
        let text = text.map(|(text, _)| text);
        self.attachments.push(Attachment {
            part,
            name,
            content_type,
            size: size as u64,
            sha256,
            text,
            state,
        });
    }

    /// Text of an attachment, and whether it was cut at the limit.
    fn attachment_text(
        &mut self,
        kind: Kind,
        bytes: &[u8],
        leaf: Option<&Leaf>,
        offset: usize,
    ) -> (String, bool) {
        let limit = self.limits.attachment_text_bytes;
        let kept = bytes.get(..limit).unwrap_or(bytes);
        let text = match leaf {
            Some(leaf) => self.text_of(leaf, kept, kind == Kind::Html),
            None => charset::decode(kept, None).text,
        };
        let mut text = match kind {
            Kind::Html => html::to_text(&text),
            Kind::Folded => unify_line_ends(text).replace("\n ", "").replace("\n\t", ""),
            _ => unify_line_ends(text).into_owned(),
        };
        let mut cut = kept.len() < bytes.len();
        if text.len() > limit {
            text.truncate(text.floor_char_boundary(limit));
            cut = true;
        }
        if cut {
            self.defect(
                DefectCode::TextTooLong,
                offset,
                &format!("{} bytes, cut to {limit}", bytes.len()),
            );
        }
        (text, cut)
    }

    /// Reads an attached message. `key` is there where the part says that it is one.
    fn take_message(
        &mut self,
        leaf: &Leaf,
        name: Option<String>,
        media_type: String,
        bytes: &[u8],
        key: Option<&mut KeyBuilder>,
        parts: &mut usize,
    ) {
        let sha256 = identity::sha256(bytes);
        let content_type = if media_type.is_empty() {
            "text/plain".to_owned()
        } else {
            media_type
        };
        let mut state = AttachmentState::Message;
        if leaf.path.len() + 1 > self.depth {
            self.complete &= key.is_none();
            state = AttachmentState::Unread("nested deeper than the limit `nesting`".to_owned());
        } else if *parts == 0 {
            self.complete &= key.is_none();
            state = AttachmentState::Unread("more parts than the limit `parts`".to_owned());
        } else {
            *parts -= 1;
            let message = read(bytes, self.limits, self.depth - leaf.path.len() - 1, parts);
            if let Some(key) = key {
                key.message(&message.key);
            }
            let length = bytes.len() as u64;
            self.attached.push(AttachedMessage {
                part: leaf.number.clone(),
                length,
                sha256,
                message,
            });
        }
        let size = bytes.len() as u64;
        self.attachments.push(Attachment {
            part: leaf.number.clone(),
            name,
            content_type,
            size,
            sha256,
            text: None,
            state,
        });
    }

    /// Tells for each text whether another one is shown in its place.
    pub(super) fn mark_alternatives(&mut self, leaves: &[Leaf]) {
        let mut shown: Vec<Option<(usize, TextKind)>> = vec![None; self.structure.multiparts.len()];
        let alternatives = |structure: &Structure, leaf: usize| -> Vec<(usize, usize)> {
            let path = leaves
                .get(leaf)
                .map(|leaf| leaf.path.as_slice())
                .unwrap_or_default();
            path.iter()
                .copied()
                .filter(|(parent, _)| structure.is(*parent, "multipart/alternative"))
                .collect()
        };
        for (part, leaf) in self.body.iter().zip(&self.body_leaves) {
            for (parent, child) in alternatives(&self.structure, *leaf) {
                let Some(shown) = shown.get_mut(parent) else {
                    continue;
                };
                // The first plain text is shown, else the last form, which RFC 2046 §5.1.4 calls the richest.
                if !matches!(shown, Some((_, TextKind::Plain))) {
                    *shown = Some((child, part.kind));
                }
            }
        }
        for (part, leaf) in self.body.iter_mut().zip(&self.body_leaves) {
            part.alternative =
                alternatives(&self.structure, *leaf)
                    .iter()
                    .any(|(parent, child)| {
                        shown
                            .get(*parent)
                            .copied()
                            .flatten()
                            .is_some_and(|(shown, _)| shown != *child)
                    });
        }
    }
}

/// As much of an attachment as is needed to tell a mail.
fn head(bytes: &[u8]) -> &[u8] {
    bytes.get(..16 << 10).unwrap_or(bytes)
}

/// A text with its line ends unified, and with what stands behind its transfer encoding.
pub(super) fn with_trailing<'a>(text: Cow<'a, str>, trailing: &[u8]) -> Cow<'a, str> {
    let mut text = unify_line_ends(text);
    if !trailing.is_empty() {
        text.to_mut().push('\n');
        text.to_mut()
            .push_str(&unify_line_ends(charset::decode(trailing, None).text));
    }
    text
}

/// CR LF and CR as LF.
pub(super) fn unify_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\r') {
        return text;
    }
    let mut unified = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some((line, after)) = rest.split_once('\r') {
        unified.push_str(line);
        unified.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    unified.push_str(rest);
    Cow::Owned(unified)
}
