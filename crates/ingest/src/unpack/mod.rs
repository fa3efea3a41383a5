//! Archives and compressed streams, each a walk over members in the order in which they lie.

pub(crate) mod bzip2;
pub(crate) mod compressed;
pub(crate) mod embedded;
pub(crate) mod gzip;
pub(crate) mod meter;
pub(crate) mod names;
pub(crate) mod salvage;
pub(crate) mod sevenzip;
pub(crate) mod tar;
pub(crate) mod zip;

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::error::IngestError;

/// Where a seek leads that starts at `position` of `length` bytes.
pub(crate) fn sought(to: SeekFrom, position: u64, length: u64) -> io::Result<u64> {
    let target = match to {
        SeekFrom::Start(offset) => Some(offset),
        SeekFrom::End(offset) => length.checked_add_signed(offset),
        SeekFrom::Current(offset) => position.checked_add_signed(offset),
    };
    Ok(target.ok_or(io::ErrorKind::InvalidInput)?)
}

/// A file, or what stands for one.
pub(crate) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek + ?Sized> ReadSeek for T {}

/// Why a walk ends before its end. Damage is no such reason: it is told to the visitor.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The run was cancelled, or nobody takes its records any more.
    Cancelled,
    /// The visitor has what it looked for.
    Found,
    /// The source unpacks to more than its limit; the rest of it is left alone.
    OverLimit,
    /// Something outside the sources failed.
    Failed(IngestError),
}

/// What is told of a member beside its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    /// Name, made unique within its archive.
    pub(crate) name: &'a str,
    /// Its packed bytes, where the archive tells them member by member.
    pub(crate) packed: Option<u64>,
    /// False where its bytes lie in the archive as they are, so that they can be sought.
    pub(crate) decoded: bool,
    /// Where they lie, if that is so and the archive itself can be sought.
    pub(crate) at: Option<Range<u64>>,
}

/// Takes the members of an archive. Names are data, never paths on this machine.
pub(crate) trait Visitor {
    /// Whether the member is to be opened at all.
    fn wants(&mut self, name: &str) -> bool;

    /// Takes a member. An error of `data` is damage of this member alone, unless the
    /// walk then tells more. Bytes left in `data` are skipped.
    fn member(&mut self, member: Member<'_>, data: &mut dyn Read) -> Result<(), Stop>;

    /// Takes a link, which has no bytes of its own.
    fn link(&mut self, name: &str) -> Result<(), Stop>;

    /// Takes word of a member (or, without a name, of the rest of the archive) that cannot be read.
    fn trouble(&mut self, name: Option<&str>, reason: String) -> Result<(), Stop>;
}

/// What encrypted members are told to lack.
pub(crate) const NEEDS_PASSWORD: &str = "encrypted; give the password with --password-file";
/// What is told where passwords were given and none fits.
pub(crate) const WRONG_PASSWORD: &str = "encrypted, and no password given fits";

pub(crate) fn encrypted_reason(passwords: &[String]) -> String {
    if passwords.is_empty() {
        NEEDS_PASSWORD
    } else {
        WRONG_PASSWORD
    }
    .to_owned()
}

/// Asks for little at a time. A decoder that meets damage gives an error instead of what it had
/// decoded for the same call, so this is all that damage costs before its place; and it costs the
/// same bytes each time, however much is asked for here.
pub(crate) struct SmallReads<R> {
    inner: R,
    block: Box<[u8; 4 << 10]>,
    given: usize,
    filled: usize,
}

impl<R> SmallReads<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            block: Box::new([0; 4 << 10]),
            given: 0,
            filled: 0,
        }
    }
}

impl<R: Read> Read for SmallReads<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.filled {
            self.given = 0;
            self.filled = 0;
            self.filled = self.inner.read(&mut *self.block)?;
        }
        let left = self.block.get(self.given..self.filled).unwrap_or_default();
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}

/// Reads until the buffer is full or the stream ends, and gives the number of bytes read.
pub(crate) fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads and drops up to `limit` bytes, and gives the number of bytes read.
pub(crate) fn skip(reader: &mut dyn Read, limit: u64) -> io::Result<u64> {
    io::copy(&mut reader.take(limit), &mut io::sink())
}
