//! Reading on to one item: what a single read costs least with, since it stops where it has the
//! bytes, and the way that works for whatever cannot be kept open.

use std::io::{self, Read, SeekFrom};

use tempfile::SpooledTempFile;
use zip::read::OwnedZipFileEntry;

use super::container::Container;
use super::window::Piece;
use super::{Aids, below};
use crate::detect;
use crate::kind::Kind;
use crate::peeked::Peeked;
use crate::scan::SPOOL;
use crate::unpack::compressed::{self, is_compressed};
use crate::unpack::names::JOIN;
use crate::unpack::{Member, ReadSeek, Stop, Visitor, embedded, sevenzip, skip, tar, zip as unzip};

/// Looks for an item in a container and reads a range of it.
pub(super) struct Search<'a> {
    pub(super) aids: Aids<'a>,
    /// First byte in the item.
    pub(super) offset: u64,
    /// Bytes.
    pub(super) length: u64,
    /// What was read: fewer bytes where the item ends before them.
    pub(super) found: Option<Vec<u8>>,
}

impl Search<'_> {
    /// Looks in something that can be sought.
    pub(super) fn in_file(
        &mut self,
        file: &mut dyn ReadSeek,
        path: Option<&str>,
    ) -> io::Result<()> {
        let Some(path) = path else {
            file.seek(SeekFrom::Start(self.offset))?;
            return self.take(file);
        };
        match detect::detect(&detect::head_of(file)?) {
            Kind::Tar => self.walk(path, |finder| tar::walk(&mut tar::Sought(file), finder)),
            Kind::SevenZip => {
                let passwords = self.aids.passwords;
                self.walk(path, |finder| sevenzip::walk(file, passwords, finder))
            }
            kind if is_compressed(kind) => self.in_compressed(kind, file, path),
            Kind::Pdf => {
                let aids = self.aids;
                self.walk(path, |finder| {
                    embedded::walk(file, aids.limits, aids.store, finder)
                })
            }
            // A zip may have anything before it.
            _ => {
                let passwords = self.aids.passwords;
                self.walk(path, |finder| unzip::walk(file, passwords, finder))
            }
        }
    }

    /// Looks in something that can only be read on.
    fn in_stream(&mut self, data: &mut dyn Read, path: Option<&str>) -> io::Result<()> {
        let Some(path) = path else {
            skip(data, self.offset)?;
            return self.take(data);
        };
        // Damage near the start counts only when it is reached.
        let mut data = Peeked::new(data);
        match detect::detect(data.head()) {
            Kind::Tar => self.walk(path, |finder| {
                tar::walk(&mut tar::Streamed(&mut data), finder)
            }),
            kind if is_compressed(kind) => self.in_compressed(kind, &mut data, path),
            Kind::Zip | Kind::SevenZip | Kind::Pdf => {
                std::fs::create_dir_all(self.aids.store.folder())?;
                let mut spool = SpooledTempFile::new_in(SPOOL, self.aids.store.folder());
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

    /// Looks in a piece that is the item.
    pub(super) fn in_piece(&mut self, piece: Piece) -> io::Result<()> {
        let mut window = piece.window();
        self.in_file(&mut window, None)
    }

    /// Looks in a member of a zip, which is or holds the item.
    pub(super) fn in_zip(
        &mut self,
        container: &Container,
        entry: &OwnedZipFileEntry,
        path: &str,
    ) -> io::Result<()> {
        let name = path.split_once(JOIN).map_or(path, |(name, _)| name);
        let passwords = self.aids.passwords;
        let mut data = container.data.borrow_mut();
        let read = self.walk(path, |finder| {
            unzip::member(&mut *data, entry, name, passwords, finder)
        });
        // What is told of the archive comes after what is told of its members.
        match (&self.found, container.trouble()) {
            (None, Some(trouble)) => Err(io::Error::other(trouble.to_owned())),
            _ => read,
        }
    }

    pub(super) fn walk(
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

    pub(super) fn take(&mut self, data: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        let read = data.take(self.length).read_to_end(&mut bytes);
        self.found = Some(bytes);
        read.map(|_| ())
    }
}

/// Goes through an archive up to the member that is, or holds, the item.
pub(super) struct Finder<'f, 'a> {
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
