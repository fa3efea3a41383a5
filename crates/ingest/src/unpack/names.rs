//! Names of members: as they stand, and each once.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasher, BuildHasherDefault};

/// Joins the names of nested containers in a path inside a source.
pub(crate) const JOIN: &str = "!/";

/// Makes the names of an archive unique, the same way each time that it is walked.
///
/// Only hashes are kept, so that an archive of a million members costs little. Two names with
/// one hash would give the second a needless `#2`, and the same one on every walk.
#[derive(Default)]
pub(crate) struct Names {
    seen: HashSet<u64>,
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Names {
    /// The name by which the next member goes: its own, or with `#2`, `#3`… behind it.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        // A name with the separator in it would read as two nested names.
        let plain = name.replace(JOIN, "! /");
        if self.seen.insert(self.hasher.hash_one(&plain)) {
            return plain;
        }
        let mut number = 2u64;
        loop {
            let numbered = format!("{plain}#{number}");
            if self.seen.insert(self.hasher.hash_one(&numbered)) {
                return numbered;
            }
            number += 1;
        }
    }
}

/// The path inside a source of a member of the item at `parent`.
pub(crate) fn join(parent: Option<&str>, name: &str) -> String {
    match parent {
        Some(parent) => format!("{parent}{JOIN}{name}"),
        None => name.to_owned(),
    }
}

/// Endings of compressed files, and what is left without the compression.
const ENDINGS: &[(&str, &str)] = &[
    (".tgz", ".tar"),
    (".tbz2", ".tar"),
    (".tbz", ".tar"),
    (".txz", ".tar"),
    (".tzst", ".tar"),
    (".gz", ""),
    (".bz2", ""),
    (".xz", ""),
    (".zst", ""),
];

/// The name of a stream once decompressed: the last name of its path without the ending.
pub(crate) fn decompressed(path: &str) -> String {
    let last = path.rsplit(['/']).next().unwrap_or(path);
    for (ending, instead) in ENDINGS {
        if let Some(start) = last.len().checked_sub(ending.len())
            && start > 0
            && let (Some(stem), Some(tail)) = (last.get(..start), last.get(start..))
            && tail.eq_ignore_ascii_case(ending)
        {
            return format!("{stem}{instead}");
        }
    }
    last.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique_and_stay_so() {
        let given = ["a", "a", "a#2", "b!/c", "a", ""];
        let wanted = ["a", "a#2", "a#2#2", "b! /c", "a#3", ""];
        for _ in 0..2 {
            let mut names = Names::default();
            let got: Vec<String> = given.iter().map(|name| names.unique(name)).collect();
            assert_eq!(got, wanted);
        }
    }

    #[test]
    fn compression_endings_go() {
        let cases = [
            ("x.mbox.gz", "x.mbox"),
            ("a/b/x.TGZ", "x.tar"),
            ("x", "x"),
            (".gz", ".gz"),
            ("x.zst", "x"),
        ];
        for (path, name) in cases {
            assert_eq!(decompressed(path), name);
        }
    }
}
