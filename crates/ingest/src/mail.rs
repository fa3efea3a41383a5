//! The calls into `muckrake-mail`, in one place.

use std::ops::Range;

use muckrake_mail::{Flag, Sha256, emlx};
use sha2::Digest;

pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

/// Where the message lies in an emlx file.
pub(crate) fn emlx_range(bytes: &[u8]) -> Range<usize> {
    emlx::message_range(bytes).unwrap_or(0..bytes.len())
}

/// What Apple Mail noted behind the message.
pub(crate) fn emlx_flags(bytes: &[u8]) -> Vec<Flag> {
    let noted = emlx::flags(bytes);
    let flags = [(noted.draft, Flag::Draft), (noted.deleted, Flag::Deleted)];
    flags
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, flag)| flag)
        .collect()
}
