//! What an ingest is asked to do, and how it is watched.

use std::collections::HashMap;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use muckrake_mail::Sha256;

use crate::kept::KeptCopies;
use crate::limits::Limits;
use crate::ocr::Ocr;
use crate::store::SeekableStore;

/// One run.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Files and folders to read. A root that is a symbolic link is followed; links below it are not.
    pub roots: &'a [PathBuf],
    /// Folders and files that are left out without a record: the case itself.
    pub exclude: &'a [PathBuf],
    /// What earlier runs know.
    pub known: &'a Known,
    /// How far and how much.
    pub limits: &'a Limits,
    /// Passwords tried on encrypted archives, in order.
    pub passwords: &'a [String],
    /// Where seekable copies go. Its folder is made when the first copy is written.
    pub store: &'a SeekableStore,
    /// How pages that are images are read; `None` leaves them alone.
    pub ocr: Option<&'a Ocr>,
    /// Set to end the run between two messages.
    pub cancel: &'a AtomicBool,
    /// Progress, for a bar.
    pub counters: &'a Counters,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// True if it was cancelled; the last source may then have no end.
    pub interrupted: bool,
    /// Regular files found, known ones included; 0 means that there was nothing in the roots.
    pub files: u64,
}

/// A file as an earlier run left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// Size in bytes.
    pub size: u64,
    /// Last modification: nanoseconds since the Unix epoch.
    pub modified_ns: i128,
    /// SHA-256 over the file.
    pub sha256: Sha256,
    /// The caller's number of the source.
    pub source: i64,
}

/// What earlier ingests of the same release know about files.
///
/// A source may be known under several paths. A path that is known with the same size and
/// modification time is that source; else a file with the same bytes is, but each known source
/// is taken once in a run, so that two identical files delivered side by side stay two sources.
#[derive(Clone, Debug, Default)]
pub struct Known {
    by_path: HashMap<PathBuf, KnownFile>,
    by_hash: HashMap<Sha256, Vec<i64>>,
    sizes: HashSet<u64>,
    unfinished: HashMap<PathBuf, Arc<KeptCopies>>,
}

impl Known {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file by its absolute path.
    pub fn insert(&mut self, path: PathBuf, file: KnownFile) {
        let sources = self.by_hash.entry(file.sha256).or_default();
        if !sources.contains(&file.source) {
            sources.push(file.source);
        }
        self.sizes.insert(file.size);
        self.by_path.insert(path, file);
    }

    /// Adds what an interrupted run has kept of the file at a path.
    pub fn insert_unfinished(&mut self, path: PathBuf, kept: KeptCopies) {
        self.unfinished.insert(path, Arc::new(kept.sorted()));
    }

    /// What an interrupted run has kept of the file at a path.
    pub(crate) fn unfinished(&self, path: &Path) -> Option<&Arc<KeptCopies>> {
        self.unfinished.get(path)
    }

    /// True if no file is known as read to its end.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The file known at a path.
    pub fn at(&self, path: &Path) -> Option<&KnownFile> {
        self.by_path.get(path)
    }

    /// The file known at a path, with the path as it is kept here.
    pub(crate) fn entry(&self, path: &Path) -> Option<(&Path, &KnownFile)> {
        self.by_path
            .get_key_value(path)
            .map(|(path, file)| (path.as_path(), file))
    }

    /// Sources with these bytes, in the order in which they were added.
    pub fn with_hash(&self, sha256: &Sha256) -> &[i64] {
        self.by_hash.get(sha256).map_or(&[], Vec::as_slice)
    }

    /// True if some known file has this size, so that its bytes are worth comparing.
    pub fn has_size(&self, size: u64) -> bool {
        self.sizes.contains(&size)
    }
}

/// Counts that another thread may read while the run goes on.
#[derive(Debug, Default)]
pub struct Counters {
    files_found: AtomicU64,
    files_done: AtomicU64,
    bytes_found: AtomicU64,
    bytes_done: AtomicU64,
    messages: AtomicU64,
    current: Mutex<String>,
}

impl Counters {
    /// All at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Regular files found so far.
    pub fn files_found(&self) -> u64 {
        self.files_found.load(Ordering::Relaxed)
    }

    /// Files done with, known ones included.
    pub fn files_done(&self) -> u64 {
        self.files_done.load(Ordering::Relaxed)
    }

    /// Bytes of the files found so far.
    pub fn bytes_found(&self) -> u64 {
        self.bytes_found.load(Ordering::Relaxed)
    }

    /// Bytes of those files that were read or need not be.
    pub fn bytes_done(&self) -> u64 {
        self.bytes_done.load(Ordering::Relaxed)
    }

    /// Messages given to the sink, attached ones not counted.
    pub fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// Name of the file that is being read.
    pub fn current(&self) -> String {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn found(&self, bytes: u64) {
        self.files_found.fetch_add(1, Ordering::Relaxed);
        self.bytes_found.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_bytes_done(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn message_done(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_current(&self, name: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clear();
        current.push_str(name);
    }
}
