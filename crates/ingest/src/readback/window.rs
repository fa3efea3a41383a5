//! A range of something that can be sought, read as if it were a file of its own.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::unpack::{ReadSeek, sought};

/// Something that can be sought, read by one at a time.
pub(super) type Shared = Rc<RefCell<dyn ReadSeek>>;

/// Where the bytes of an item lie.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) data: Shared,
    pub(super) start: u64,
    pub(super) length: u64,
    /// What stands behind the bytes in place of an end: the damage that ended them.
    pub(super) damage: Option<Damage>,
}

impl Piece {
    pub(super) fn window(self) -> Window {
        Window {
            piece: self,
            position: 0,
        }
    }
}

/// An error that is met each time that its place is read.
#[derive(Clone, Debug)]
pub(super) struct Damage(Rc<io::Error>);

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        Self(Rc::new(error))
    }
}

impl Damage {
    fn error(&self) -> io::Error {
        io::Error::new(self.0.kind(), self.to_string())
    }
}

impl fmt::Display for Damage {
    /// The error with its causes, since only its text goes on.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = std::error::Error::source(&*self.0);
        while let Some(inner) = cause {
            write!(formatter, ": {inner}")?;
            cause = inner.source();
        }
        Ok(())
    }
}

/// A piece, read.
pub(super) struct Window {
    piece: Piece,
    position: u64,
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.piece.length.saturating_sub(self.position);
        let most = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        if most == 0 {
            return match &self.piece.damage {
                Some(damage) if !buffer.is_empty() => Err(damage.error()),
                _ => Ok(0),
            };
        }
        let mut data = self.piece.data.borrow_mut();
        let place = self.piece.start.saturating_add(self.position);
        data.seek(SeekFrom::Start(place))?;
        let count = data.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = sought(to, self.position, self.piece.length)?;
        Ok(self.position)
    }
}
