//! Tar archives: v7, ustar, GNU and pax.
//!
//! The crate `tar` reads the headers; the walk is our own, because a hostile archive may give a
//! name of gigabytes, and because a truncated member must be told from a short one.

use std::io::{self, Read, SeekFrom};

use tar::{EntryType, Header};

use super::names::Names;
use super::{Member, ReadSeek, Stop, Visitor, read_full, skip};

const BLOCK: u64 = 512;
/// What is told of a member that the end of the archive cuts.
pub(crate) const CUT_SHORT: &str = "the archive ends in the middle of this member";
/// Longest name or pax record that is read.
const LONGEST_NAME: u64 = 1 << 20;

/// Bytes that can be read and passed over.
pub(crate) trait Tape: Read {
    /// Passes over so many bytes, or as many as there are.
    fn pass(&mut self, count: u64) -> io::Result<()>;

    /// Where it stands, if it can be sought.
    fn position(&mut self) -> Option<u64>;
}

/// Passes over bytes by reading them.
pub(crate) struct Streamed<'r>(pub(crate) &'r mut dyn Read);

/// Passes over bytes by seeking.
pub(crate) struct Sought<'r>(pub(crate) &'r mut dyn ReadSeek);

impl Read for Streamed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Tape for Streamed<'_> {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        skip(self.0, count).map(|_| ())
    }

    fn position(&mut self) -> Option<u64> {
        None
    }
}

impl Read for Sought<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Tape for Sought<'_> {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        let count = i64::try_from(count).map_err(io::Error::other)?;
        self.0.seek(SeekFrom::Current(count)).map(|_| ())
    }

    fn position(&mut self) -> Option<u64> {
        self.0.stream_position().ok()
    }
}

/// What the headers before a member say of it.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

/// What is told of blocks in which no header could be made out.
const DAMAGED_HEADER: &str =
    "damaged header; what lay between it and the next sound one was not read";

/// Walks the members. Behind a damaged header the walk goes on with the next sound one.
pub(crate) fn walk(tape: &mut dyn Tape, visitor: &mut dyn Visitor) -> Result<(), Stop> {
    let mut names = Names::default();
    let mut extended = Extended::default();
    // Whether the last block was a damaged header, or one of those after it.
    let mut damaged = false;
    loop {
        let next = next_header(tape);
        let was_damaged = std::mem::replace(&mut damaged, matches!(next, Ok(Next::Bad)));
        match next {
            Ok(Next::Header(header)) => {
                if !walk_entry(tape, &header, &mut extended, &mut names, visitor)? {
                    return Ok(());
                }
            }
            // At the end of an archive; or a header of which nothing is left.
            Ok(Next::Zeros) => damaged = was_damaged,
            Ok(Next::End) => return Ok(()),
            Ok(Next::Bad) if was_damaged => {}
            Ok(Next::Bad) => visitor.trouble(None, DAMAGED_HEADER.to_owned())?,
            Ok(Next::CutShort) if was_damaged => return Ok(()),
            Ok(Next::CutShort) => {
                let reason = "the archive ends in the middle of a header";
                return visitor.trouble(None, reason.to_owned());
            }
            Err(error) => return visitor.trouble(None, error.to_string()),
        }
    }
}

enum Next {
    Header(Box<Header>),
    Zeros,
    End,
    CutShort,
    /// A block that is no header.
    Bad,
}

fn next_header(tape: &mut dyn Tape) -> io::Result<Next> {
    let mut header = Header::new_old();
    let count = read_full(&mut Streamed(&mut ByRef(tape)), header.as_mut_bytes())?;
    if count == 0 {
        return Ok(Next::End);
    }
    if count < BLOCK as usize {
        return Ok(Next::CutShort);
    }
    let bytes = header.as_bytes();
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(Next::Zeros);
    }
    let sum: u32 = bytes
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(*byte)
            }
        })
        .sum();
    match header.cksum() {
        Ok(told) if told == sum => Ok(Next::Header(Box::new(header))),
        _ => Ok(Next::Bad),
    }
}

/// Reads a tape through a reference to a trait object.
struct ByRef<'r>(&'r mut dyn Tape);

impl Read for ByRef<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// False where the rest of the archive cannot be read.
fn walk_entry(
    tape: &mut dyn Tape,
    header: &Header,
    extended: &mut Extended,
    names: &mut Names,
    visitor: &mut dyn Visitor,
) -> Result<bool, Stop> {
    let entry_type = header.entry_type();
    let own_size = match header.entry_size() {
        Ok(size) => size,
        Err(_) => {
            visitor.trouble(None, DAMAGED_HEADER.to_owned())?;
            return Ok(true);
        }
    };
    let is_extension = entry_type.is_gnu_longname() || entry_type.is_pax_local_extensions();
    if is_extension {
        return read_extension(tape, entry_type, own_size, extended, visitor);
    }
    let Extended { name, size } = std::mem::take(extended);
    let raw_name = name.unwrap_or_else(|| header.path_bytes().into_owned());
    let size = size.unwrap_or(own_size);
    let result = match entry_type {
        EntryType::Regular | EntryType::Continuous => {
            let name = names.unique(&String::from_utf8_lossy(&raw_name));
            // v7 archives mark a folder by the slash alone.
            if !name.ends_with('/') {
                return walk_member(tape, &name, size, visitor);
            }
            tape.pass(padded(size))
        }
        EntryType::Link | EntryType::Symlink => {
            visitor.link(&names.unique(&String::from_utf8_lossy(&raw_name)))?;
            Ok(())
        }
        EntryType::GNUSparse => {
            let name = names.unique(&String::from_utf8_lossy(&raw_name));
            visitor.trouble(Some(&name), "a sparse member".to_owned())?;
            pass_sparse(tape, header, size)
        }
        EntryType::Directory | EntryType::Char | EntryType::Block | EntryType::Fifo => Ok(()),
        _ => tape.pass(padded(size)),
    };
    match result {
        Ok(()) => Ok(true),
        Err(error) => {
            visitor.trouble(None, error.to_string())?;
            Ok(false)
        }
    }
}

fn walk_member(
    tape: &mut dyn Tape,
    name: &str,
    size: u64,
    visitor: &mut dyn Visitor,
) -> Result<bool, Stop> {
    let at = tape
        .position()
        .map(|start| start..start.saturating_add(size));
    let mut data = Data { tape, left: size };
    if visitor.wants(name) {
        let member = Member {
            name,
            packed: None,
            decoded: false,
            at,
        };
        visitor.member(member, &mut data)?;
    }
    let rest = data.left + (padded(size) - size);
    match tape.pass(rest) {
        Ok(()) => Ok(true),
        Err(error) => {
            visitor.trouble(None, error.to_string())?;
            Ok(false)
        }
    }
}

/// The bytes of one member.
struct Data<'r> {
    tape: &'r mut dyn Tape,
    left: u64,
}

impl Read for Data<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let count = self.tape.read(buffer.get_mut(..most).unwrap_or_default())?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, CUT_SHORT));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

fn read_extension(
    tape: &mut dyn Tape,
    entry_type: EntryType,
    size: u64,
    extended: &mut Extended,
    visitor: &mut dyn Visitor,
) -> Result<bool, Stop> {
    let mut bytes = Vec::new();
    let kept = size.min(LONGEST_NAME);
    let read = ByRef(tape).take(kept).read_to_end(&mut bytes);
    if let Err(error) = read.and_then(|_| tape.pass(padded(size) - kept)) {
        visitor.trouble(None, error.to_string())?;
        return Ok(false);
    }
    if entry_type.is_gnu_longname() {
        let end = bytes
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(bytes.len());
        bytes.truncate(end);
        extended.name = Some(bytes);
    } else {
        read_pax(&bytes, extended);
    }
    Ok(true)
}

/// Reads pax records: `LENGTH KEY=VALUE\n`, the length counting the whole record (POSIX pax §).
fn read_pax(mut bytes: &[u8], extended: &mut Extended) {
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let Some(length) = std::str::from_utf8(bytes.get(..space).unwrap_or_default())
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok())
            .filter(|length| *length > space + 1 && *length <= bytes.len())
        else {
            return;
        };
        let record = bytes.get(space + 1..length - 1).unwrap_or_default();
        bytes = bytes.get(length..).unwrap_or_default();
        if let Some(path) = record.strip_prefix(b"path=") {
            extended.name = Some(path.to_vec());
        } else if let Some(size) = record.strip_prefix(b"size=") {
            extended.size = std::str::from_utf8(size)
                .ok()
                .and_then(|digits| digits.parse().ok());
        }
    }
}

fn pass_sparse(tape: &mut dyn Tape, header: &Header, size: u64) -> io::Result<()> {
    let mut more = header.as_gnu().is_some_and(tar::GnuHeader::is_extended);
    while more {
        let mut block = tar::GnuExtSparseHeader::new();
        if read_full(&mut ByRef(tape), block.as_mut_bytes())? < BLOCK as usize {
            return Ok(());
        }
        more = block.is_extended();
    }
    tape.pass(padded(size))
}

/// A size rounded up to whole blocks.
fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK).unwrap_or(size)
}
