//! Zip archives without a whole central directory, as truncated downloads are: the members are read
//! by their local headers (APPNOTE.TXT §4.3.7), in the order in which they lie.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, SeekFrom};

use memchr::memmem;
use zip::ZipReadOptions;
use zip::read::read_zipfile_from_stream_with_options;

use super::names::Names;
use super::{Member, ReadSeek, SmallReads, Stop, Visitor, encrypted_reason, read_full};

/// What the header of a member begins with.
pub(crate) const LOCAL_HEADER: &[u8; 4] = b"PK\x03\x04";
const HEADER_BYTES: usize = 30;
const ENCRYPTED: u16 = 1;
/// The sizes follow the data instead of standing in the header.
const SIZES_AFTER: u16 = 1 << 3;
const DEFLATE: u16 = 8;
/// Id of the extra field with the sizes of a large member (§4.5.3).
const ZIP64: u16 = 1;

struct Header {
    flags: u16,
    method: u16,
    packed: u64,
    name: String,
    /// Bytes of the header itself.
    length: u64,
    /// Where the data begin.
    data: u64,
}

impl Header {
    fn start(&self) -> u64 {
        self.data.saturating_sub(self.length)
    }
}

/// What the directory has told before it broke off.
#[derive(Default)]
pub(crate) struct Listed {
    pub(crate) names: Names,
    /// Where the local headers of those members lie.
    pub(crate) headers: HashSet<u64>,
}

/// Walks the members that were not listed, as far as their headers go, and says that the
/// directory is missing or damaged.
pub(crate) fn walk(
    archive: &mut dyn ReadSeek,
    passwords: &[String],
    listed: Listed,
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    let Listed { mut names, headers } = listed;
    let mut members = 0u64;
    let mut at = 0;
    let failure = loop {
        let header = match next_header(archive, at) {
            Ok(Some(header)) => header,
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        };
        at = header.data;
        if headers.contains(&header.start()) {
            if header.flags & SIZES_AFTER == 0 {
                at = at.saturating_add(header.packed);
            }
            continue;
        }
        members += 1;
        if header.name.ends_with('/') {
            continue;
        }
        let name = names.unique(&header.name);
        let mut salvage = Salvage {
            archive,
            passwords,
            visitor,
        };
        match salvage.member(&header, &name)? {
            Ok(end) => at = end,
            Err(error) => break Some(error.to_string()),
        }
    };
    let mut reason = format!(
        "the archive is truncated or damaged: its directory is missing or broken; {members} members were found without it"
    );
    if let Some(failure) = failure {
        reason.push_str(": ");
        reason.push_str(&failure);
    }
    visitor.trouble(None, reason)
}

struct Salvage<'a, 'v> {
    archive: &'a mut dyn ReadSeek,
    passwords: &'a [String],
    visitor: &'v mut dyn Visitor,
}

impl Salvage<'_, '_> {
    /// Reads a member and gives the place where the next header may be.
    fn member(&mut self, header: &Header, name: &str) -> Result<io::Result<u64>, Stop> {
        if !self.visitor.wants(name) && header.flags & SIZES_AFTER == 0 {
            return Ok(Ok(header.data.saturating_add(header.packed)));
        }
        if header.flags & SIZES_AFTER == 0 {
            return self.sized(header, name);
        }
        if header.flags & ENCRYPTED != 0 || header.method != DEFLATE {
            self.visitor.trouble(
                Some(name),
                "its length is told only by the directory, which is missing".to_owned(),
            )?;
            return Ok(Ok(header.data));
        }
        self.deflated(header, name)
    }

    /// A member whose header tells its size.
    fn sized(&mut self, header: &Header, name: &str) -> Result<io::Result<u64>, Stop> {
        let end = header.data.saturating_add(header.packed);
        let encrypted = header.flags & ENCRYPTED != 0;
        let candidates: Vec<Option<&[u8]>> = if encrypted {
            self.passwords
                .iter()
                .map(|text| Some(text.as_bytes()))
                .collect()
        } else {
            vec![None]
        };
        let start = header.start();
        for password in candidates {
            if let Err(error) = self.archive.seek(SeekFrom::Start(start)) {
                return Ok(Err(error));
            }
            let mut stream = BufReader::new(&mut *self.archive);
            let options = ZipReadOptions::new().password(password);
            if let Ok(Some(data)) = read_zipfile_from_stream_with_options(&mut stream, options) {
                let packed = Some(header.packed);
                self.visitor.member(
                    Member {
                        name,
                        packed,
                        decoded: true,
                        at: None,
                    },
                    &mut SmallReads::new(data),
                )?;
                return Ok(Ok(end));
            }
        }
        let reason = if encrypted {
            encrypted_reason(self.passwords)
        } else {
            "damaged header, or packed in a way that is not supported".to_owned()
        };
        self.visitor.trouble(Some(name), reason)?;
        Ok(Ok(end))
    }

    /// A deflated member of unknown size: the stream itself says where it ends.
    fn deflated(&mut self, header: &Header, name: &str) -> Result<io::Result<u64>, Stop> {
        if let Err(error) = self.archive.seek(SeekFrom::Start(header.data)) {
            return Ok(Err(error));
        }
        let mut data = flate2::bufread::DeflateDecoder::new(BufReader::new(&mut *self.archive));
        let member = Member {
            name,
            packed: None,
            decoded: true,
            at: None,
        };
        if self.visitor.wants(name) {
            self.visitor
                .member(member, &mut SmallReads::new(&mut data))?;
        }
        let _ = super::skip(&mut data, u64::MAX);
        Ok(Ok(header.data.saturating_add(data.total_in())))
    }
}

/// Finds the next local header at or after a place.
fn next_header(archive: &mut dyn ReadSeek, at: u64) -> io::Result<Option<Header>> {
    let Some(start) = find_signature(archive, at)? else {
        return Ok(None);
    };
    archive.seek(SeekFrom::Start(start))?;
    let mut fixed = [0; HEADER_BYTES];
    if read_full(&mut *archive, &mut fixed)? < HEADER_BYTES {
        return Ok(None);
    }
    let u16_at = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let u32_at =
        |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let mut name = vec![0; usize::from(u16_at(26))];
    let mut extra = vec![0; usize::from(u16_at(28))];
    if read_full(&mut *archive, &mut name)? < name.len()
        || read_full(&mut *archive, &mut extra)? < extra.len()
    {
        return Ok(None);
    }
    let length = (HEADER_BYTES + name.len() + extra.len()) as u64;
    let packed = match u32_at(18) {
        u32::MAX => zip64_packed(&extra).unwrap_or(u64::from(u32::MAX)),
        told => u64::from(told),
    };
    Ok(Some(Header {
        flags: u16_at(6),
        method: u16_at(8),
        packed,
        name: String::from_utf8_lossy(&name).into_owned(),
        length,
        data: start + length,
    }))
}

/// The packed size in the extra field of a large member: unpacked size, then packed size.
fn zip64_packed(mut extra: &[u8]) -> Option<u64> {
    while let [id0, id1, len0, len1, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*len0, *len1]));
        if u16::from_le_bytes([*id0, *id1]) == ZIP64 {
            return Some(u64::from_le_bytes(rest.get(8..16)?.try_into().ok()?));
        }
        extra = rest.get(length..)?;
    }
    None
}

/// The next place at or after `from` where the signature of a local header stands.
fn find_signature(archive: &mut dyn ReadSeek, from: u64) -> io::Result<Option<u64>> {
    archive.seek(SeekFrom::Start(from))?;
    let mut reader = BufReader::new(archive);
    let mut window: Vec<u8> = Vec::new();
    let mut base = from;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(None);
        }
        window.extend_from_slice(chunk);
        let read = chunk.len();
        reader.consume(read);
        if let Some(found) = memmem::find(&window, LOCAL_HEADER) {
            return Ok(Some(base + found as u64));
        }
        let keep = window.len().min(LOCAL_HEADER.len() - 1);
        let dropped = window.len() - keep;
        window.drain(..dropped);
        base += dropped as u64;
    }
}
