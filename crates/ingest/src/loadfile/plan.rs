//! What the load files of a run say of the other files, found before any is read.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::columns::Role;
use super::dialect;
use super::judge::{self, Judge, Verdict};
use super::rows::Rows;
use crate::detect;
use crate::discover::{self, Walk};
use crate::limits::Limits;

/// Endings of files that are looked into before the run. A load file by another name is read without its
/// natives and texts being known.
const ENDINGS: &[&str] = &["dat", "csv"];

/// What is known of the files of a run. Empty where there is no load file.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    hasher: RandomState,
    /// All files of the run, by hashes of their paths.
    walked: HashSet<u64>,
    /// Files that say again what is read elsewhere.
    covered: HashMap<u64, Covered>,
    /// Files that a row has as its native: they are no texts, whatever another row says.
    natives: HashSet<u64>,
    files: Vec<PathBuf>,
    /// What each row of each load file is.
    verdicts: HashMap<PathBuf, Vec<Verdict>>,
}

#[derive(Clone, Copy, Debug)]
struct Covered {
    file: u32,
    row: u64,
    is_text: bool,
}

impl Plan {
    /// Looks into the load files of a walk.
    pub(crate) fn of(walk: &Walk, limits: &Limits, cancel: &AtomicBool) -> Self {
        let mut plan = Self::default();
        let load_files: Vec<PathBuf> = walk
            .files()
            .map(|(path, _)| path)
            .filter(|path| may_be_load_file(path))
            .collect();
        for path in load_files {
            if let Some(dialect) = open(&path) {
                if plan.walked.is_empty() {
                    let paths = walk.files().map(|(path, _)| plan.hasher.hash_one(&path));
                    plan.walked = paths.collect();
                }
                plan.look_into(&path, &dialect, limits, cancel);
            }
        }
        plan
    }

    fn look_into(
        &mut self,
        path: &Path,
        dialect: &dialect::Dialect,
        limits: &Limits,
        cancel: &AtomicBool,
    ) {
        let rows = discover::open(path).and_then(|file| Rows::new(dialect, file));
        let Ok(mut rows) = rows else { return };
        let file = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let mut judge = Judge::new(path, &dialect.columns, limits);
        let mut verdicts = Vec::new();
        while let Ok(Some(row)) = rows.next() {
            if cancel.load(Ordering::Relaxed) {
                return;
            }
            let Ok(fields) = &row.fields else {
                verdicts.push(Verdict::Document);
                continue;
            };
            let verdict = judge.verdict(fields, |path| self.is_walked(path));
            verdicts.push(verdict);
            let covered = Covered {
                file,
                row: row.number,
                is_text: false,
            };
            let native = judge.links.find(dialect.columns.get(fields, Role::Native));
            let key = native.as_ref().map(|native| self.hasher.hash_one(native));
            self.natives.extend(key);
            if verdict == Verdict::Held {
                self.cover(native, covered);
            }
            if verdict != Verdict::Document {
                let text = judge.links.find(dialect.columns.get(fields, Role::Text));
                self.cover(
                    // Whatever the load file calls it: a file that is passed over is one that nobody searches.
                    text.filter(|path| judge::is_text(path)),
                    Covered {
                        is_text: true,
                        ..covered
                    },
                );
            }
        }
        self.files.push(path.to_owned());
        self.verdicts.insert(path.to_owned(), verdicts);
    }

    fn cover(&mut self, path: Option<PathBuf>, covered: Covered) {
        if let Some(path) = path {
            let key = self.hasher.hash_one(&path);
            self.covered.entry(key).or_insert(covered);
        }
    }

    /// Where a file's content is read, if that is not in the file itself.
    pub(crate) fn covered(&self, path: &Path) -> Option<String> {
        if self.covered.is_empty() {
            return None;
        }
        let key = self.hasher.hash_one(path);
        let covered = self.covered.get(&key)?;
        if covered.is_text && self.natives.contains(&key) {
            return None;
        }
        let file = self.files.get(covered.file as usize)?;
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        let row = covered.row;
        Some(match covered.is_text {
            true => format!("the text of row {row} of `{file}`, which is read as mail"),
            false => format!("attached to a mail that is read, by row {row} of `{file}`"),
        })
    }

    /// Whether a file is read in this run.
    pub(super) fn is_walked(&self, path: &Path) -> bool {
        self.walked.contains(&self.hasher.hash_one(path))
    }

    /// Whether a file that exists is read in this run. Without a table of documents that is not known.
    pub(super) fn may_be_there(&self, path: &Path) -> bool {
        self.walked.is_empty() || self.is_walked(path)
    }

    /// What a row is.
    pub(super) fn verdict(&self, load_file: &Path, row: u64) -> Verdict {
        let place = usize::try_from(row.saturating_sub(1)).unwrap_or(usize::MAX);
        let verdicts = self.verdicts.get(load_file);
        let verdict = verdicts.and_then(|verdicts| verdicts.get(place));
        verdict.copied().unwrap_or(Verdict::Document)
    }
}

fn may_be_load_file(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| {
        ENDINGS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(ending))
    })
}

/// How a file is written, if it is a load file.
pub(super) fn open(path: &Path) -> Option<dialect::Dialect> {
    let mut head = Vec::new();
    let file: File = discover::open(path).ok()?;
    file.take(detect::HEAD as u64).read_to_end(&mut head).ok()?;
    dialect::sniff(&head)
}
