//! Names of 64 bits for what is compared and never shown.

/// 64 bits of a BLAKE3 hash; 0 stands for nothing.
pub type Name = u64;

/// Names some bytes; the same bytes of another kind have another name.
pub(crate) fn name(kind: &str, bytes: &[u8]) -> Name {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_bytes());
    hasher.update(&[0]);
    hasher.update(bytes);
    let hash = hasher.finalize();
    number(&hash.as_bytes()[..8]).max(1)
}

/// A number in little-endian order.
pub(crate) fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
