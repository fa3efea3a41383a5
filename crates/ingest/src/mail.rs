//! The calls into `muckrake-mail`, in one place.

use std::borrow::Cow;

use muckrake_mail::{KeyBasis, Message, MessageKey, Sha256, mbox};
use sha2::Digest;

pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

pub(crate) fn looks_like_mbox(head: &[u8]) -> bool {
    mbox::looks_like_mbox(head)
}

// SHIM until the mail crate has its own.
pub(crate) fn looks_like_emlx(head: &[u8]) -> bool {
    emlx_range(head).is_some()
}

/// Byte range of the message in an emlx.
pub(crate) fn emlx_range(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let line = bytes
        .get(..24.min(bytes.len()))?
        .split(|b| *b == b'\n')
        .next()?;
    let count = std::str::from_utf8(line)
        .ok()?
        .trim()
        .parse::<usize>()
        .ok()?;
    let start = line.len() + 1;
    let rest = bytes.get(start..)?;
    looks_like_headers(rest.get(..4096.min(rest.len()))?)
        .then_some(start..start.checked_add(count)?.min(bytes.len()))
}

pub(crate) fn looks_like_headers(head: &[u8]) -> bool {
    const NAMES: &[&str] = &[
        "from",
        "to",
        "subject",
        "date",
        "received",
        "return-path",
        "message-id",
        "mime-version",
        "delivered-to",
        "x-mozilla-status",
        "content-type",
        "reply-to",
        "sender",
        "cc",
    ];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut known = 0;
    let mut fields = 0;
    for (at, line) in head.split(|b| *b == b'\n').take(60).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line[0] == b' ' || line[0] == b'\t' {
            if at == 0 {
                return false;
            }
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            if at == 0 {
                return false;
            }
            continue;
        };
        let name = &line[..colon];
        if name.is_empty() || !name.iter().all(|b| (33..127).contains(b)) {
            if at == 0 {
                return false;
            }
            continue;
        }
        fields += 1;
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if NAMES.contains(&name.as_str()) {
            known += 1;
        }
    }
    known >= 1 && fields >= 1
}

pub(crate) fn parse(raw: &[u8], _limits: &muckrake_mail::Limits) -> Message {
    let digest = sha256(raw);
    let mut key = [0; 20];
    key.copy_from_slice(&digest.0[..20]);
    Message {
        key: MessageKey(key),
        key_basis: KeyBasis::Bytes,
        content_key: None,
        message_id: None,
        in_reply_to: vec![],
        references: vec![],
        date: None,
        from: vec![],
        sender: vec![],
        reply_to: vec![],
        to: vec![],
        cc: vec![],
        bcc: vec![],
        subject: None,
        body: vec![],
        attachments: vec![],
        attached: vec![],
        headers: vec![],
        flags: vec![],
        language: None,
        defects: vec![],
        size: raw.len() as u64,
    }
}

pub(crate) fn unescape_rd(bytes: &[u8]) -> Cow<'_, [u8]> {
    mbox::unescape_rd(bytes)
}
