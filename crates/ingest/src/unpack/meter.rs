//! Counting what a source unpacks to, so that a small file cannot fill the machine.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::limits::Limits;

/// Bytes that one source has unpacked to, all levels together.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    unpacked: Rc<Cell<u64>>,
    spent: Rc<Cell<bool>>,
    most: u64,
    /// Which limit that is.
    limit: &'static str,
    ratio: u64,
}

impl Budget {
    /// The budget of a source of `size` bytes.
    pub(crate) fn new(limits: &Limits, size: u64) -> Self {
        let by_ratio = size
            .saturating_mul(limits.unpacked_ratio)
            .max(Limits::RATIO_FROM);
        let (most, limit) = if limits.unpacked_bytes <= by_ratio {
            (limits.unpacked_bytes, "unpacked_bytes")
        } else {
            (by_ratio, "unpacked_ratio")
        };
        Self {
            unpacked: Rc::default(),
            spent: Rc::default(),
            most,
            limit,
            ratio: limits.unpacked_ratio,
        }
    }

    /// True once the source has unpacked to more than it may.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent.get()
    }

    /// Why the rest of the source is not read.
    pub(crate) fn reason(&self) -> String {
        self.over().to_string()
    }

    fn over(&self) -> OverLimit {
        OverLimit::Source(self.most, self.limit)
    }

    /// A stream that counts on this budget. `packed` counts its input, if that can be told.
    pub(crate) fn meter<R: Read>(&self, inner: R, packed: Packed) -> Meter<R> {
        Meter {
            inner,
            budget: self.clone(),
            packed,
            unpacked: 0,
        }
    }
}

/// How many bytes a stream is packed in.
#[derive(Clone, Debug)]
pub(crate) enum Packed {
    /// Told by the archive.
    Told(u64),
    /// Counted while it is read.
    Counted(Rc<Cell<u64>>),
    /// Not told.
    Unknown,
}

/// Which limit was met.
#[derive(Clone, Copy, Debug)]
enum OverLimit {
    Source(u64, &'static str),
    Stream(u64),
}

impl fmt::Display for OverLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(most, limit) => {
                write!(
                    formatter,
                    "the source unpacks to more than {most} bytes, the limit `{limit}`"
                )
            }
            Self::Stream(ratio) => {
                write!(
                    formatter,
                    "unpacks to more than {ratio} times its packed size, the limit `unpacked_ratio`"
                )
            }
        }
    }
}

impl std::error::Error for OverLimit {}

/// A decoded stream that ends in an error where it, or its source, goes over a limit.
pub(crate) struct Meter<R> {
    inner: R,
    budget: Budget,
    packed: Packed,
    unpacked: u64,
}

impl<R> Meter<R> {
    fn check(&self) -> Result<(), OverLimit> {
        if self.budget.unpacked.get() > self.budget.most {
            self.budget.spent.set(true);
            return Err(self.budget.over());
        }
        if self.unpacked <= Limits::RATIO_FROM {
            return Ok(());
        }
        let packed = match &self.packed {
            Packed::Told(packed) => *packed,
            Packed::Counted(count) => count.get(),
            Packed::Unknown => return Ok(()),
        };
        if self.unpacked / self.budget.ratio.max(1) > packed {
            return Err(OverLimit::Stream(self.budget.ratio));
        }
        Ok(())
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check().map_err(io::Error::other)?;
        let count = self.inner.read(buffer)?;
        self.unpacked += count as u64;
        self.budget
            .unpacked
            .set(self.budget.unpacked.get().saturating_add(count as u64));
        Ok(count)
    }
}

/// Counts the bytes that are read through it.
pub(crate) struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    pub(crate) fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let count = Rc::new(Cell::new(0));
        (Self::onto(inner, Rc::clone(&count)), count)
    }

    /// Adds to a count that is there.
    pub(crate) fn onto(inner: R, count: Rc<Cell<u64>>) -> Self {
        Self { inner, count }
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}
