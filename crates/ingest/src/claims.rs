//! Which known source a file is. Each known source is taken once in a run.

use std::collections::HashSet;
use std::path::Path;

use muckrake_mail::Sha256;

use crate::discover::{Stamp, Walk};
use crate::request::{Known, KnownFile};

/// The known sources that are taken, or kept for the file at their own path.
pub(crate) struct Claims<'a> {
    known: &'a Known,
    taken: HashSet<i64>,
}

impl<'a> Claims<'a> {
    /// Keeps a source for the file at its path, if that one may still be it: a match by path wins
    /// over one by content, wherever the walk comes first.
    pub(crate) fn new(known: &'a Known, walk: &Walk) -> Self {
        let mut taken = HashSet::new();
        if !known.is_empty() {
            for (path, stamp) in walk.files() {
                if let Some(file) = known.at(&path).filter(|file| file.size == stamp.size) {
                    taken.insert(file.source);
                }
            }
        }
        Self { known, taken }
    }

    /// The known source at this path with this size and time.
    pub(crate) fn by_stamp(&self, path: &Path, stamp: Stamp) -> Option<&'a KnownFile> {
        self.known.at(path).filter(|file| {
            file.size == stamp.size && file.modified_ns == i128::from(stamp.modified_ns)
        })
    }

    /// The known source with these bytes: the one at this path, else the first not taken.
    pub(crate) fn by_hash(&mut self, path: &Path, sha256: &Sha256) -> Option<i64> {
        if let Some(file) = self.known.at(path).filter(|file| file.sha256 == *sha256) {
            return Some(file.source);
        }
        let sources = self.known.with_hash(sha256).iter().copied();
        sources
            .into_iter()
            .find(|source| self.taken.insert(*source))
    }
}
