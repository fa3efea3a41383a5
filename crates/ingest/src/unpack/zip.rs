//! Zip archives, by their central directory.

use std::io::{BufReader, Read, Seek};

use zip::ZipReadOptions;
use zip::read::{Config, OwnedZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::names::Names;
use super::{Member, ReadSeek, Stop, Visitor, encrypted_reason, salvage, skip};

/// Walks the members in the order of the central directory. Without one, as in a truncated
/// archive, in the order of the local headers.
pub(crate) fn walk(
    archive: &mut dyn ReadSeek,
    passwords: &[String],
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    let Ok(directory) = directory(archive) else {
        return salvage::walk(archive, passwords, visitor);
    };
    let mut password = Passwords::new(passwords);
    each(directory, visitor, &mut |archive, entry, name, visitor| {
        open(archive, &entry, &name, &mut password, visitor)
    })
}

/// Lists the members of the central directory, to be read by [`member`]. Without a directory
/// there are none: the visitor is led through them, as by [`walk`].
pub(crate) fn list(
    archive: &mut dyn ReadSeek,
    passwords: &[String],
    visitor: &mut dyn Visitor,
) -> Result<Vec<(String, OwnedZipFileEntry)>, Stop> {
    let mut members = Vec::new();
    match directory(archive) {
        Ok(directory) => each(directory, visitor, &mut |_, entry, name, _| {
            members.push((name, entry));
            Ok(())
        })?,
        Err(_) => salvage::walk(archive, passwords, visitor)?,
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

fn directory(archive: &mut dyn ReadSeek) -> Result<ZipIterable<Buffered<'_>>, ZipError> {
    ZipIterable::try_new(BufReader::new(archive), Config::default())
}

/// Goes through the directory.
fn each<'r>(
    mut directory: ZipIterable<Buffered<'r>>,
    visitor: &mut dyn Visitor,
    take: &mut Take<'_, 'r>,
) -> Result<(), Stop> {
    let files = match directory.files() {
        Ok(files) => files,
        Err(error) => return visitor.trouble(None, error.to_string()),
    };
    let mut names = Names::default();
    while let Some(entry) = files.next() {
        let entry = match entry {
            Ok(entry) => OwnedZipFileEntry::from(entry),
            Err(error) => {
                return visitor.trouble(None, format!("damaged directory: {error}"));
            }
        };
        if entry.is_dir() {
            continue;
        }
        let name = match entry.name() {
            Ok(name) => names.unique(&name),
            Err(_) => names.unique(&String::from_utf8_lossy(entry.name_raw())),
        };
        if entry.is_symlink() {
            visitor.link(&name)?;
        } else if visitor.wants(&name) {
            take(files.reader_mut(), entry, name, visitor)?;
        }
    }
    Ok(())
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
        Ok(mut data) => {
            let member = Member {
                name,
                packed: Some(entry.compressed_size()),
                decoded: true,
                at: None,
            };
            visitor.member(member, &mut data)
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
