//! What an interrupted run has kept of a source that it did not read to its end.

use muckrake_mail::Sha256;
use sha2::Digest;

/// The copies of messages that are kept of one source, each known by its place and its bytes:
/// 24 bytes a message. Such a message is found again by splitting and hashing alone; it is
/// neither parsed nor given to the sink a second time.
#[derive(Clone, Debug, Default)]
pub struct KeptCopies {
    /// Sorted.
    copies: Vec<(Print, i64)>,
}

/// A digest of place and bytes, long enough that no two of a source are the same.
type Print = [u8; 16];

impl KeptCopies {
    /// Adds a copy by the caller's number, with where it lies and the SHA-256 of its bytes.
    pub fn insert(
        &mut self,
        path_inside: Option<&str>,
        offset: u64,
        length: u64,
        sha256: &Sha256,
        copy: i64,
    ) {
        self.copies
            .push((print(path_inside, offset, length, sha256), copy));
    }

    /// To be called after the last [`Self::insert`].
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.copies.sort_unstable();
        self
    }

    pub(crate) fn find(
        &self,
        path_inside: Option<&str>,
        offset: u64,
        length: u64,
        sha256: &Sha256,
    ) -> Option<i64> {
        let wanted = print(path_inside, offset, length, sha256);
        let found = self
            .copies
            .binary_search_by_key(&wanted, |(print, _)| *print)
            .ok()?;
        self.copies.get(found).map(|(_, copy)| *copy)
    }
}

fn print(path_inside: Option<&str>, offset: u64, length: u64, sha256: &Sha256) -> Print {
    let mut hasher = sha2::Sha256::new();
    hasher.update(offset.to_le_bytes());
    hasher.update(length.to_le_bytes());
    hasher.update(sha256.0);
    hasher.update([u8::from(path_inside.is_some())]);
    hasher.update(path_inside.unwrap_or_default());
    let digest = hasher.finalize();
    let mut print = Print::default();
    print.copy_from_slice(&digest[..16]);
    print
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_found_only_at_its_place_and_with_its_bytes() {
        let (one, other) = (Sha256([1; 32]), Sha256([2; 32]));
        let mut kept = KeptCopies::default();
        kept.insert(None, 40, 10, &other, 8);
        kept.insert(None, 0, 40, &one, 7);
        kept.insert(Some(""), 0, 40, &one, 9);
        let kept = kept.sorted();
        assert_eq!(kept.find(None, 0, 40, &one), Some(7));
        assert_eq!(kept.find(Some(""), 0, 40, &one), Some(9));
        assert_eq!(kept.find(None, 40, 10, &other), Some(8));
        assert_eq!(kept.find(None, 0, 40, &other), None);
        assert_eq!(kept.find(None, 1, 40, &one), None);
        assert_eq!(kept.find(None, 0, 41, &one), None);
        assert_eq!(kept.find(Some("a"), 0, 40, &one), None);
    }
}
