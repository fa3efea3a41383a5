//! From a place back to its bytes.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, SeekFrom};
use std::path::Path;

use muckrake_mail::{Sha256, mbox};
use sha2::Digest;
use tempfile::SpooledTempFile;

use crate::detect::{self, HEAD};
use crate::error::ReadError;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::record::Quoting;
use crate::scan::SPOOL;
use crate::store::SeekableStore;
use crate::unpack::compressed::{self, is_compressed};
use crate::unpack::names::JOIN;
use crate::unpack::{Member, ReadSeek, Stop, Visitor, sevenzip, skip, tar, zip};

/// Where the bytes of a copy lie.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Path of the source file.
    pub source: &'a Path,
    /// The item inside it; `None` for the file itself.
    pub path_inside: Option<&'a str>,
    /// First byte in the decoded item.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

/// What reading back may need beside the source.
#[derive(Clone, Copy)]
pub struct Aids<'a> {
    /// The seekable copies of this source: path inside it, SHA-256 of the decoded bytes.
    pub stored: &'a [(String, Sha256)],
    /// Where those copies lie.
    pub store: &'a SeekableStore,
    /// Passwords tried on encrypted archives, in order.
    pub passwords: &'a [String],
    /// How far and how much.
    pub limits: &'a Limits,
}

/// Reads the bytes of a copy exactly as they are stored.
///
/// The deepest seekable copy that holds them is used; without one, the source is unpacked again
/// as far as needed.
///
/// # Errors
/// The source is gone, shorter or changed, or what it holds cannot be unpacked.
pub fn read_back(place: Place<'_>, aids: Aids<'_>) -> Result<Vec<u8>, ReadError> {
    if place.length > aids.limits.message_bytes {
        return Err(ReadError::RangeTooLong {
            length: place.length,
            limit: aids.limits.message_bytes,
        });
    }
    // The copies are a help, no evidence: where one is gone or damaged, the source is unpacked.
    for (sha256, rest) in copies_around(&place, &aids) {
        if let Ok(Some(mut copy)) = aids.store.open(sha256)
            && let Ok(bytes) = search(&mut copy, rest, place, aids)
        {
            return Ok(bytes);
        }
    }
    let mut file = File::open(place.source).map_err(|source| ReadError::OpenSource {
        path: place.source.to_owned(),
        source,
    })?;
    search(&mut file, place.path_inside, place, aids)
}

/// Looks for the item below something that can be sought, and reads the range.
fn search(
    file: &mut dyn ReadSeek,
    path: Option<&str>,
    place: Place<'_>,
    aids: Aids<'_>,
) -> Result<Vec<u8>, ReadError> {
    let mut search = Search {
        passwords: aids.passwords,
        store: aids.store,
        offset: place.offset,
        length: place.length,
        found: None,
    };
    let read = search.in_file(file, path);
    finish(place, read, search.found)
}

fn finish(
    place: Place<'_>,
    read: io::Result<()>,
    found: Option<Vec<u8>>,
) -> Result<Vec<u8>, ReadError> {
    let path = place.source.to_owned();
    match (read, found) {
        (_, Some(bytes)) if bytes.len() as u64 == place.length => Ok(bytes),
        (Err(source), _) => Err(ReadError::ReadSource { path, source }),
        (Ok(()), Some(_)) => Err(ReadError::EndOfItem {
            path,
            end: place.offset.saturating_add(place.length),
        }),
        (Ok(()), None) => Err(ReadError::FindMember {
            path,
            path_inside: place.path_inside.unwrap_or_default().to_owned(),
        }),
    }
}

/// The seekable copies around an item, deepest first, and the rest of the path inside each.
fn copies_around<'a>(place: &Place<'a>, aids: &Aids<'a>) -> Vec<(&'a Sha256, Option<&'a str>)> {
    let Some(path_inside) = place.path_inside else {
        return Vec::new();
    };
    let mut around: Vec<(&Sha256, Option<&str>)> = aids
        .stored
        .iter()
        .filter_map(|(path, sha256)| Some((sha256, below(path_inside, path)?)))
        .collect();
    around.sort_by_key(|(_, rest)| rest.map_or(0, str::len));
    around
}

/// What is left of a path below another: `Some(None)` if they are the same.
fn below<'a>(path: &'a str, parent: &str) -> Option<Option<&'a str>> {
    match path.strip_prefix(parent)? {
        "" => Some(None),
        rest => rest.strip_prefix(JOIN).map(Some),
    }
}

/// Looks for an item in a container and reads a range of it.
struct Search<'a> {
    passwords: &'a [String],
    store: &'a SeekableStore,
    offset: u64,
    length: u64,
    found: Option<Vec<u8>>,
}

impl Search<'_> {
    /// Looks in something that can be sought.
    fn in_file(&mut self, file: &mut dyn ReadSeek, path: Option<&str>) -> io::Result<()> {
        let Some(path) = path else {
            file.seek(SeekFrom::Start(self.offset))?;
            return self.take(file);
        };
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        (&mut *file).take(HEAD as u64).read_to_end(&mut head)?;
        file.seek(SeekFrom::Start(0))?;
        match detect::detect(&head) {
            Kind::Tar => self.walk(path, |finder| tar::walk(&mut tar::Sought(file), finder)),
            Kind::SevenZip => {
                let passwords = self.passwords;
                self.walk(path, |finder| sevenzip::walk(file, passwords, finder))
            }
            kind if is_compressed(kind) => self.in_compressed(kind, file, path),
            // A zip may have anything before it.
            _ => {
                let passwords = self.passwords;
                self.walk(path, |finder| zip::walk(file, passwords, finder))
            }
        }
    }

    /// Looks in something that can only be read on.
    fn in_stream(&mut self, data: &mut dyn Read, path: Option<&str>) -> io::Result<()> {
        let Some(path) = path else {
            skip(data, self.offset)?;
            return self.take(data);
        };
        let mut head = Vec::new();
        (&mut *data).take(HEAD as u64).read_to_end(&mut head)?;
        let kind = detect::detect(&head);
        let mut data = head.as_slice().chain(data);
        match kind {
            Kind::Tar => self.walk(path, |finder| {
                tar::walk(&mut tar::Streamed(&mut data), finder)
            }),
            kind if is_compressed(kind) => self.in_compressed(kind, &mut data, path),
            Kind::Zip | Kind::SevenZip => {
                std::fs::create_dir_all(self.store.folder())?;
                let mut spool = SpooledTempFile::new_in(SPOOL, self.store.folder());
                // A damaged archive is read as far as it goes.
                let _ = io::copy(&mut data, &mut spool);
                self.in_file(&mut spool, Some(path))
            }
            _ => Ok(()),
        }
    }

    /// A compressed stream holds one item, whatever its name.
    fn in_compressed(&mut self, kind: Kind, packed: &mut dyn Read, path: &str) -> io::Result<()> {
        let rest = path.split_once(JOIN).map(|(_, rest)| rest);
        let mut decoded = compressed::decode(kind, packed)?;
        self.in_stream(&mut decoded, rest)
    }

    fn walk(
        &mut self,
        path: &str,
        walk: impl FnOnce(&mut Finder<'_, '_>) -> Result<(), Stop>,
    ) -> io::Result<()> {
        let mut finder = Finder {
            search: self,
            path,
            failed: None,
        };
        let _ = walk(&mut finder);
        match finder.failed {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn take(&mut self, data: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        let read = data.take(self.length).read_to_end(&mut bytes);
        self.found = Some(bytes);
        read.map(|_| ())
    }
}

/// Goes through an archive up to the member that is, or holds, the item.
struct Finder<'f, 'a> {
    search: &'f mut Search<'a>,
    path: &'f str,
    failed: Option<io::Error>,
}

impl Visitor for Finder<'_, '_> {
    fn wants(&mut self, name: &str) -> bool {
        below(self.path, name).is_some()
    }

    fn member(&mut self, member: Member<'_>, data: &mut dyn Read) -> Result<(), Stop> {
        if let Some(rest) = below(self.path, member.name) {
            self.failed = self.search.in_stream(data, rest).err();
        }
        Err(Stop::Found)
    }

    fn link(&mut self, _name: &str) -> Result<(), Stop> {
        Ok(())
    }

    fn trouble(&mut self, name: Option<&str>, reason: String) -> Result<(), Stop> {
        if name.is_none_or(|name| below(self.path, name).is_some()) {
            self.failed = Some(io::Error::other(reason));
        }
        Ok(())
    }
}

/// Undoes the escaping of `From ` lines, for reading; the stored bytes are the evidence.
pub fn unquote(bytes: &[u8], quoting: Quoting) -> Cow<'_, [u8]> {
    match quoting {
        Quoting::None => Cow::Borrowed(bytes),
        Quoting::Mboxo => mbox::unescape_o(bytes),
        Quoting::Mboxrd => mbox::unescape_rd(bytes),
    }
}

/// SHA-256 over a file.
///
/// # Errors
/// The file cannot be opened or read.
pub fn hash_file(path: &Path) -> Result<Sha256, ReadError> {
    let mut file = File::open(path).map_err(|source| ReadError::OpenSource {
        path: path.to_owned(),
        source,
    })?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Sha256(hasher.finalize().into())),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => {
                return Err(ReadError::ReadSource {
                    path: path.to_owned(),
                    source,
                });
            }
        }
    }
}
