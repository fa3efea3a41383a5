//! Which known source a file is. Each known source is taken once in a run.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use muckrake_mail::Sha256;

use crate::discover::{Stamp, Walk};
use crate::request::{Known, KnownFile};
use crate::unpack::Stop;

/// The known sources that are taken, and those kept for the file at their own path.
pub(crate) struct Claims<'a> {
    known: &'a Known,
    taken: HashSet<i64>,
    /// Paths of files that may still be the source: its size, another time.
    reserved: HashMap<i64, Vec<&'a Path>>,
}

impl<'a> Claims<'a> {
    /// Keeps a source for the file at its path, if that one may still be it: a match by path wins
    /// over one by content, wherever the walk comes first.
    pub(crate) fn new(known: &'a Known, walk: &Walk) -> Self {
        let mut claims = Self {
            known,
            taken: HashSet::new(),
            reserved: HashMap::new(),
        };
        if !known.is_empty() {
            for (path, stamp) in walk.files() {
                claims.reserve(&path, stamp);
            }
        }
        claims
    }

    fn reserve(&mut self, path: &Path, stamp: Stamp) {
        if let Some(file) = self.by_stamp(path, stamp) {
            self.taken.insert(file.source);
        } else if let Some((path, file)) = self.known.entry(path)
            && file.size == stamp.size
        {
            self.reserved.entry(file.source).or_default().push(path);
        }
    }

    /// The known source at this path with this size and time.
    pub(crate) fn by_stamp(&self, path: &Path, stamp: Stamp) -> Option<&'a KnownFile> {
        self.known.at(path).filter(|file| {
            file.size == stamp.size && file.modified_ns == i128::from(stamp.modified_ns)
        })
    }

    /// The known source with these bytes: the one at this path, else the first that is not taken
    /// and whose own file, read with `hash`, has become another.
    ///
    /// The answer depends on the files and on the order of the calls alone, so files of one size
    /// have to come in the order of the walk.
    pub(crate) fn by_hash(
        &mut self,
        path: &Path,
        sha256: &Sha256,
        hash: impl Fn(&Path) -> Result<Option<Sha256>, Stop>,
    ) -> Result<Option<i64>, Stop> {
        if let Some(file) = self.known.at(path).filter(|file| file.sha256 == *sha256) {
            self.reserved.remove(&file.source);
            self.taken.insert(file.source);
            return Ok(Some(file.source));
        }
        for source in self.known.with_hash(sha256) {
            if self.taken.contains(source) {
                continue;
            }
            let paths = self.reserved.remove(source).unwrap_or_default();
            self.taken.insert(*source);
            if !is_any(&paths, sha256, &hash)? {
                return Ok(Some(*source));
            }
        }
        Ok(None)
    }
}

/// Whether one of the files has these bytes.
fn is_any(
    paths: &[&Path],
    sha256: &Sha256,
    hash: &impl Fn(&Path) -> Result<Option<Sha256>, Stop>,
) -> Result<bool, Stop> {
    for path in paths {
        if hash(path)?.as_ref() == Some(sha256) {
            return Ok(true);
        }
    }
    Ok(false)
}
