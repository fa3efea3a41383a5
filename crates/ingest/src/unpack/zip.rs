//! Zip archives, by their central directory.

use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipReadOptions;
use zip::read::{Config, OwnedZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::salvage::Listed;
use super::{Member, ReadSeek, SmallReads, Stop, Visitor, encrypted_reason, salvage, skip};

/// Walks the members in the order of the central directory. Without one, as in a truncated
/// archive, in the order of the local headers.
pub(crate) fn walk(
    archive: &mut dyn ReadSeek,
    passwords: &[String],
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    let Some(directory) = directory(archive) else {
        return salvage::walk(archive, passwords, Listed::default(), visitor);
    };
    let mut password = Passwords::new(passwords);
    let broken = each(directory, visitor, &mut |archive, entry, name, visitor| {
        open(archive, &entry, &name, &mut password, visitor)
    })?;
    match broken {
        Some(listed) => salvage::walk(archive, passwords, listed, visitor),
        None => Ok(()),
    }
}

/// Lists the members of the central directory, to be read by [`member`]. Through those that a
/// broken directory does not tell the visitor is led, as by [`walk`].
pub(crate) fn list(
    archive: &mut dyn ReadSeek,
    passwords: &[String],
    visitor: &mut dyn Visitor,
) -> Result<Vec<(String, OwnedZipFileEntry)>, Stop> {
    let mut members = Vec::new();
    let broken = match directory(archive) {
        Some(directory) => each(directory, visitor, &mut |_, entry, name, _| {
            members.push((name, entry));
            Ok(())
        })?,
        None => Some(Listed::default()),
    };
    if let Some(listed) = broken {
        salvage::walk(archive, passwords, listed, visitor)?;
    }
    Ok(members)
}

/// Gives one member of a list to the visitor.
pub(crate) fn member(
    archive: &mut dyn ReadSeek,
    entry: &OwnedZipFileEntry,
    name: &str,
    passwords: &[String],
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    let mut archive = BufReader::new(archive);
    open(
        &mut archive,
        entry,
        name,
        &mut Passwords::new(passwords),
        visitor,
    )
}

type Buffered<'r> = BufReader<&'r mut dyn ReadSeek>;

/// What is done with a member: archive, entry, name, visitor.
type Take<'t, 'r> = dyn FnMut(&mut Buffered<'r>, OwnedZipFileEntry, String, &mut dyn Visitor) -> Result<(), Stop>
    + 't;

/// The directory; `None` where there is none, or where it is so broken that it leads astray.
fn directory(archive: &mut dyn ReadSeek) -> Option<ZipIterable<Buffered<'_>>> {
    if leads_astray(archive) {
        return None;
    }
    ZipIterable::try_new(BufReader::new(archive), Config::default()).ok()
}

/// Whether no member lies where the directory says, judged by its first two: its own beginning is
/// lost then, and with it what all places are counted from.
fn leads_astray(archive: &mut dyn ReadSeek) -> bool {
    let config = Config::default();
    let Ok(mut directory) = ZipIterable::try_new(BufReader::new(&mut *archive), config) else {
        return true;
    };
    let Ok(entries) = directory.files() else {
        return true;
    };
    let headers: Vec<u64> = std::iter::from_fn(|| entries.next()?.ok())
        .take(2)
        .map(|entry| OwnedZipFileEntry::from(entry).header_start())
        .collect();
    headers.len() > 1 && !headers.iter().any(|at| is_header(archive, *at))
}

/// Whether the header of a member is at this place.
fn is_header(archive: &mut dyn ReadSeek, at: u64) -> bool {
    let mut signature = [0; 4];
    archive.seek(SeekFrom::Start(at)).is_ok()
        && archive.read_exact(&mut signature).is_ok()
        && signature == *salvage::LOCAL_HEADER
}

/// Goes through the directory; gives what it has told where it breaks off.
fn each<'r>(
    mut directory: ZipIterable<Buffered<'r>>,
    visitor: &mut dyn Visitor,
    take: &mut Take<'_, 'r>,
) -> Result<Option<Listed>, Stop> {
    let mut listed = Listed::default();
    let Ok(files) = directory.files() else {
        return Ok(Some(listed));
    };
    while let Some(entry) = files.next() {
        let entry = match entry {
            Ok(entry) => OwnedZipFileEntry::from(entry),
            Err(_) => return Ok(Some(listed)),
        };
        listed.headers.insert(entry.header_start());
        if entry.is_dir() {
            continue;
        }
        let name = match entry.name() {
            Ok(name) => listed.names.unique(&name),
            Err(_) => listed
                .names
                .unique(&String::from_utf8_lossy(entry.name_raw())),
        };
        if entry.is_symlink() {
            visitor.link(&name)?;
        } else if visitor.wants(&name) {
            take(files.reader_mut(), entry, name, visitor)?;
        }
    }
    Ok(None)
}

fn open<R: Read + Seek>(
    archive: &mut R,
    entry: &OwnedZipFileEntry,
    name: &str,
    passwords: &mut Passwords<'_>,
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    let mut options = ZipReadOptions::new();
    if entry.encrypted() {
        match passwords.find(archive, entry) {
            Some(password) => options = options.password(Some(password)),
            None => return visitor.trouble(Some(name), encrypted_reason(passwords.given)),
        }
    }
    match entry.as_ref().with_reader(archive, options) {
        Ok(data) => {
            let member = Member {
                name,
                packed: Some(entry.compressed_size()),
                decoded: true,
                at: None,
            };
            visitor.member(member, &mut SmallReads::new(data))
        }
        Err(ZipError::CompressionMethodNotSupported(method)) => visitor.trouble(
            Some(name),
            format!("packed with method {method}, which is not supported"),
        ),
        Err(error) => visitor.trouble(Some(name), error.to_string()),
    }
}

/// The passwords given, and the one that fitted last.
struct Passwords<'a> {
    given: &'a [String],
    last: usize,
}

impl<'a> Passwords<'a> {
    fn new(given: &'a [String]) -> Self {
        Self { given, last: 0 }
    }

    /// The first password that opens a member. The old encryption lets one in 256 wrong ones
    /// pass at first, so where there is a choice the member is read through.
    fn find<R: Read + Seek>(
        &mut self,
        archive: &mut R,
        entry: &OwnedZipFileEntry,
    ) -> Option<&'a [u8]> {
        let order = (self.last..self.given.len()).chain(0..self.last.min(self.given.len()));
        for index in order {
            let Some(password) = self.given.get(index) else {
                continue;
            };
            let options = ZipReadOptions::new().password(Some(password.as_bytes()));
            let Ok(mut data) = entry.as_ref().with_reader(archive, options) else {
                continue;
            };
            if self.given.len() == 1 || skip(&mut data, u64::MAX).is_ok() {
                self.last = index;
                return Some(password.as_bytes());
            }
        }
        None
    }
}
