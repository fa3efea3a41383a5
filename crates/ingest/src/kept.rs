//! What an interrupted run has kept of a source that it did not read to its end.

use muckrake_mail::Sha256;
use sha2::Digest;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// The copies of messages that are kept of one source, each known by its place and its bytes:
/// 32 bytes a message. Such a message is found again by splitting and hashing alone; it is
/// neither parsed nor given to the sink a second time.
#[derive(Debug, Default)]
pub struct KeptCopies {
    /// Sorted.
    copies: Vec<Copy>,
}

#[derive(Debug)]
struct Copy {
    print: Print,
    number: i64,
    /// How many that look as this one were found, if it is the first of them. A container may
    /// hold two members of one name and with the same bytes: each copy is found once.
    found: AtomicUsize,
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
        self.copies.push(Copy {
            print: print(path_inside, offset, length, sha256),
            number: copy,
            found: AtomicUsize::new(0),
        });
    }

    /// To be called after the last [`Self::insert`].
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.copies
            .sort_unstable_by_key(|copy| (copy.print, copy.number));
        self
    }

    /// The number of a copy, which is given once.
    pub(crate) fn find(
        &self,
        path_inside: Option<&str>,
        offset: u64,
        length: u64,
        sha256: &Sha256,
    ) -> Option<i64> {
        let wanted = print(path_inside, offset, length, sha256);
        let first = self.copies.partition_point(|copy| copy.print < wanted);
        let alike = self.copies.get(first..)?;
        let head = alike.first().filter(|copy| copy.print == wanted)?;
        let place = head.found.fetch_add(1, Ordering::Relaxed);
        let copy = alike.get(place).filter(|copy| copy.print == wanted)?;
        Some(copy.number)
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

    #[test]
    fn each_of_several_that_are_alike_is_found_once() {
        let one = Sha256([1; 32]);
        let mut kept = KeptCopies::default();
        for copy in [7, 3, 5] {
            kept.insert(Some("in.mbox"), 0, 40, &one, copy);
        }
        let kept = kept.sorted();
        let find = || kept.find(Some("in.mbox"), 0, 40, &one);
        let mut found = [find(), find(), find()];
        found.sort();
        assert_eq!(found, [Some(3), Some(5), Some(7)]);
        assert_eq!((find(), find()), (None, None));
    }
}
