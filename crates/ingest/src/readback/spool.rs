//! Unpacked bytes, kept for the reads that follow.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use tempfile::SpooledTempFile;

use super::window::{Damage, Piece, Shared};
use crate::store::SeekableStore;

/// Bytes held in memory; more go into a file without a name.
const IN_MEMORY: usize = 1 << 20;
/// Bytes read at a time.
const BUFFER: usize = 64 << 10;

/// What became of a stream.
pub(super) enum Kept {
    /// It is in the spool, up to its end or to damage.
    Whole(Piece),
    /// It is longer than may be kept, and was dropped.
    TooLong,
}

/// Takes one stream after the other.
pub(super) struct Spool {
    file: Rc<RefCell<SpooledTempFile>>,
    /// Bytes kept.
    pub(super) length: u64,
}

impl Spool {
    pub(super) fn new(store: &SeekableStore) -> Self {
        // Where there can be no folder, as on a medium that is read-only, what fits in memory is kept.
        let _ = std::fs::create_dir_all(store.folder());
        let file = SpooledTempFile::new_in(IN_MEMORY, store.folder());
        Self {
            file: Rc::new(RefCell::new(file)),
            length: 0,
        }
    }

    /// Takes a stream of at most `most` bytes.
    ///
    /// # Errors
    /// The spool cannot be written; what was in it before still is.
    pub(super) fn take(&mut self, stream: &mut dyn Read, most: u64) -> io::Result<Kept> {
        let start = self.length;
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(start))?;
        let mut buffer = vec![0; BUFFER];
        let mut length = 0;
        let damage = loop {
            match stream.read(&mut buffer) {
                Ok(0) => break None,
                Ok(count) => {
                    length += count as u64;
                    if length > most {
                        file.set_len(start)?;
                        return Ok(Kept::TooLong);
                    }
                    file.write_all(buffer.get(..count).unwrap_or_default())?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Some(Damage::from(error)),
            }
        };
        self.length += length;
        Ok(Kept::Whole(Piece {
            data: Rc::clone(&self.file) as Shared,
            start,
            length,
            damage,
        }))
    }
}
