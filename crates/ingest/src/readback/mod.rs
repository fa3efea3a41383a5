//! From a place back to its bytes.

mod container;
mod search;
mod spool;
mod window;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use muckrake_mail::{Sha256, mbox};
use zip::read::OwnedZipFileEntry;

use container::{Container, Found};
use search::Search;
use spool::{Kept, Spool};
use window::{Piece, Shared};

use crate::detect;
use crate::error::ReadError;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::loadfile::RowsBack;
use crate::record::Quoting;
use crate::source::hash_rest;
use crate::store::SeekableStore;
use crate::unpack::meter::Counted;
use crate::unpack::names::JOIN;
use crate::unpack::{Member, ReadSeek, Stop, Visitor, zip as unzip};

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
    /// Where the seekable copies lie.
    pub store: &'a SeekableStore,
    /// Passwords tried on encrypted archives, in order.
    pub passwords: &'a [String],
    /// How far and how much.
    pub limits: &'a Limits,
}

/// How much is kept open at once.
#[derive(Clone, Copy)]
struct Bounds {
    /// Containers.
    containers: usize,
    /// Members whose places are known, in all containers.
    members: usize,
    /// Unpacked bytes, in memory and in files without a name, in all containers.
    spooled: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            containers: 64,
            members: 1 << 19,
            spooled: 4 << 30,
        }
    }
}

/// Reads messages back, one or a million.
///
/// What a container holds is looked up when it is read for the second time, and the containers
/// read last stay open: the members of a zip or tar are then read where they lie, and what cannot
/// be sought (7z, compressed streams, damaged zips) is unpacked once into files without a name
/// in the folder of the store. So reading all members of an archive costs a constant number of
/// passes over it, in any order. Not for long keeping: a file that is replaced meanwhile is still
/// read as it was.
pub struct ReadBack<'a> {
    aids: Aids<'a>,
    bounds: Bounds,
    /// The one read last comes last.
    open: Vec<(Key, Rc<RefCell<Container>>)>,
    rows: RowsBack,
    bytes_read: Rc<Cell<u64>>,
}

/// What an open container is: an item in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    base: Base,
    /// Path inside the base; `None` for the base itself.
    path: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Base {
    Source(PathBuf),
    Copy(Sha256),
}

impl<'a> ReadBack<'a> {
    /// Nothing is open yet.
    pub fn new(aids: Aids<'a>) -> Self {
        Self {
            aids,
            bounds: Bounds::default(),
            open: Vec::new(),
            rows: RowsBack::default(),
            bytes_read: Rc::default(),
        }
    }

    /// Bytes read so far of sources and seekable copies: what the reads have cost.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.get()
    }

    /// Reads the bytes of a copy exactly as they are stored.
    ///
    /// `stored` are the seekable copies of this source: SHA-256 of the decoded bytes by the path
    /// inside it. The deepest one that holds the bytes is used; without one, the source is
    /// unpacked again as far as needed.
    ///
    /// # Errors
    /// The source is gone, shorter or changed, or what it holds cannot be unpacked.
    pub fn read(
        &mut self,
        place: Place<'_>,
        stored: &HashMap<String, Sha256>,
    ) -> Result<Vec<u8>, ReadError> {
        if place.length > self.aids.limits.message_bytes {
            return Err(ReadError::RangeTooLong {
                length: place.length,
                limit: self.aids.limits.message_bytes,
            });
        }
        if let Some(read) = self.rows.read(place, self.aids.limits.message_bytes) {
            return read;
        }
        // The copies are a help, no evidence: where one is gone or damaged, the source is unpacked.
        for (sha256, rest) in copies_around(place.path_inside, stored) {
            if let Ok(bytes) = self.read_in(Base::Copy(sha256), rest, place) {
                return Ok(bytes);
            }
        }
        let source = Base::Source(place.source.to_owned());
        self.read_in(source, place.path_inside, place)
    }

    /// Reads all bytes of an item of a source, as many as one message may have.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn whole(
        &mut self,
        source: &Path,
        path_inside: Option<&str>,
    ) -> Result<Vec<u8>, ReadError> {
        let place = Place {
            source,
            path_inside,
            offset: 0,
            length: self.aids.limits.message_bytes,
        };
        let base = Base::Source(source.to_owned());
        let (read, found) = self.look_in(base, path_inside, place)?;
        match found {
            Some(bytes) if read.is_ok() => Ok(bytes),
            found => finish(place, read, found),
        }
    }

    fn read_in(
        &mut self,
        base: Base,
        path: Option<&str>,
        place: Place<'_>,
    ) -> Result<Vec<u8>, ReadError> {
        let (read, found) = self.look_in(base, path, place)?;
        finish(place, read, found)
    }

    /// Looks a place up; what was found, and what went wrong on the way.
    fn look_in(
        &mut self,
        base: Base,
        path: Option<&str>,
        place: Place<'_>,
    ) -> Result<(io::Result<()>, Option<Vec<u8>>), ReadError> {
        let mut search = Search {
            aids: self.aids,
            offset: place.offset,
            length: place.length,
            found: None,
        };
        let key = Key { base, path: None };
        let read = match (self.find(&key), path) {
            (Some(top), Some(path)) => self.descend(&key.base, top, path, &mut search),
            (Some(top), None) => search.in_file(&mut *top.borrow().data.borrow_mut(), None),
            (None, _) => {
                let data = self.open_base(&key.base)?;
                let read = search.in_file(&mut *data.borrow_mut(), path);
                // A plain file is opened as fast again.
                if path.is_some() || matches!(key.base, Base::Copy(_)) {
                    self.keep(key, data, 0);
                }
                read
            }
        };
        self.trim();
        Ok((read, search.found))
    }

    /// Reads below a file that was read before.
    fn descend(
        &mut self,
        base: &Base,
        top: Rc<RefCell<Container>>,
        path: &str,
        search: &mut Search<'_>,
    ) -> io::Result<()> {
        let (mut container, mut rest) = self.deepest(base, top, path);
        loop {
            let Some(inside) = rest else {
                let data = Rc::clone(&container.borrow().data);
                return search.in_file(&mut *data.borrow_mut(), None);
            };
            let (name, below) = match inside.split_once(JOIN) {
                Some((name, below)) => (name, Some(below)),
                None => (inside, None),
            };
            let found = container.borrow_mut().find(name, self.aids, &self.bounds)?;
            let mut held = 0;
            let data = match (found, below) {
                (Found::Piece(piece), None) => return search.in_piece(piece),
                (Found::Piece(piece), Some(_)) => nested(piece)?,
                (Found::Zipped(entry, asked), _) => {
                    let is_whole = search.length == entry.size();
                    if below.is_none() && (!asked || is_whole) {
                        return search.in_zip(&container.borrow(), &entry, name);
                    }
                    let Some(piece) = self.unpack(&container.borrow(), &entry, name) else {
                        return search.in_zip(&container.borrow(), &entry, inside);
                    };
                    held = piece.length;
                    match below {
                        Some(_) => nested(piece)?,
                        None => shared(piece.window()),
                    }
                }
                (Found::Passing, _) => {
                    let data = Rc::clone(&container.borrow().data);
                    return search.in_file(&mut *data.borrow_mut(), Some(inside));
                }
                (Found::Bad(reason), _) => return Err(io::Error::other(reason)),
                (Found::Missing, _) => return Ok(()),
            };
            let done = path.len() - below.map_or(0, |below| below.len() + JOIN.len());
            let key = Key {
                base: base.clone(),
                path: path.get(..done).map(str::to_owned),
            };
            container = self.keep(key, data, held);
            rest = below;
        }
    }

    /// A member of a zip, unpacked; `None` where it cannot be kept.
    fn unpack(
        &self,
        container: &Container,
        entry: &OwnedZipFileEntry,
        name: &str,
    ) -> Option<Piece> {
        let mut keeper = Keeper {
            spool: Spool::new(self.aids.store),
            most: self.bounds.spooled,
            piece: None,
        };
        let mut data = container.data.borrow_mut();
        let passwords = self.aids.passwords;
        let _ = unzip::member(&mut *data, entry, name, passwords, &mut keeper);
        keeper.piece
    }

    /// The deepest open container around an item, and the path of the item in it.
    fn deepest<'p>(
        &mut self,
        base: &Base,
        top: Rc<RefCell<Container>>,
        path: &'p str,
    ) -> (Rc<RefCell<Container>>, Option<&'p str>) {
        for end in ends(path) {
            let key = Key {
                base: base.clone(),
                path: path.get(..end).map(str::to_owned),
            };
            if let Some(container) = self.find(&key) {
                return (container, path.get(end + JOIN.len()..));
            }
        }
        (top, Some(path))
    }

    fn open_base(&self, base: &Base) -> Result<Shared, ReadError> {
        let count = Rc::clone(&self.bytes_read);
        match base {
            Base::Source(path) => {
                let file = File::open(path).map_err(|source| ReadError::OpenSource {
                    path: path.clone(),
                    source,
                })?;
                Ok(shared(Counted::onto(file, count)))
            }
            Base::Copy(sha256) => {
                let path = self.aids.store.path(sha256);
                let opened = self.aids.store.open(sha256).map_err(io::Error::other);
                match opened.and_then(|copy| copy.ok_or(io::ErrorKind::NotFound.into())) {
                    Ok(copy) => Ok(shared(Counted::onto(copy, count))),
                    Err(source) => Err(ReadError::OpenSource { path, source }),
                }
            }
        }
    }

    /// An open container, which becomes the one read last.
    fn find(&mut self, key: &Key) -> Option<Rc<RefCell<Container>>> {
        let at = self.open.iter().position(|(open, _)| open == key)?;
        let found = self.open.remove(at);
        let container = Rc::clone(&found.1);
        self.open.push(found);
        Some(container)
    }

    /// `held` bytes were unpacked for it.
    fn keep(&mut self, key: Key, data: Shared, held: u64) -> Rc<RefCell<Container>> {
        let is_top = key.path.is_none();
        let container = Rc::new(RefCell::new(Container::new(data, is_top, held)));
        self.open.push((key, Rc::clone(&container)));
        container
    }

    /// Closes what was not read for longest, until the rest is within the bounds.
    fn trim(&mut self) {
        let mut left = self.bounds;
        let mut kept = 0;
        for (_, container) in self.open.iter().rev() {
            let (members, spooled) = container.borrow().weight();
            let fits = left.containers > 0 && left.members >= members && left.spooled >= spooled;
            // The last one is within the bounds by itself.
            if !fits && kept > 0 {
                break;
            }
            left.containers = left.containers.saturating_sub(1);
            left.members = left.members.saturating_sub(members);
            left.spooled = left.spooled.saturating_sub(spooled);
            kept += 1;
        }
        self.open.drain(..self.open.len() - kept);
    }
}

/// Keeps the bytes of one member.
struct Keeper {
    spool: Spool,
    most: u64,
    piece: Option<Piece>,
}

impl Visitor for Keeper {
    fn wants(&mut self, _name: &str) -> bool {
        true
    }

    fn member(&mut self, _member: Member<'_>, data: &mut dyn Read) -> Result<(), Stop> {
        if let Ok(Kept::Whole(piece)) = self.spool.take(data, self.most) {
            self.piece = Some(piece);
        }
        Ok(())
    }

    fn link(&mut self, _name: &str) -> Result<(), Stop> {
        Ok(())
    }

    fn trouble(&mut self, _name: Option<&str>, _reason: String) -> Result<(), Stop> {
        Ok(())
    }
}

fn shared(data: impl ReadSeek + 'static) -> Shared {
    Rc::new(RefCell::new(data))
}

/// A container inside another, as something that can be sought.
fn nested(mut piece: Piece) -> io::Result<Shared> {
    let head = detect::head_of(&mut piece.clone().window())?;
    // A damaged archive is read as far as it goes.
    if matches!(
        detect::detect(&head),
        Kind::Zip | Kind::SevenZip | Kind::Pdf
    ) {
        piece.damage = None;
    }
    Ok(shared(piece.window()))
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
fn copies_around<'p>(
    path: Option<&'p str>,
    stored: &HashMap<String, Sha256>,
) -> Vec<(Sha256, Option<&'p str>)> {
    let Some(path) = path.filter(|_| !stored.is_empty()) else {
        return Vec::new();
    };
    ends(path)
        .filter_map(|end| {
            let sha256 = stored.get(path.get(..end)?)?;
            Some((*sha256, path.get(end + JOIN.len()..)))
        })
        .collect()
}

/// Where the paths of an item and of the containers around it end in its own, deepest first.
fn ends(path: &str) -> impl Iterator<Item = usize> {
    let joins = path.rmatch_indices(JOIN).map(|(at, _)| at);
    std::iter::once(path.len()).chain(joins)
}

/// What is left of a path below another: `Some(None)` if they are the same.
fn below<'a>(path: &'a str, parent: &str) -> Option<Option<&'a str>> {
    match path.strip_prefix(parent)? {
        "" => Some(None),
        rest => rest.strip_prefix(JOIN).map(Some),
    }
}

/// Undoes the escaping of `From ` lines, for reading; the stored bytes are the evidence.
pub fn unquote(bytes: &[u8], quoting: Quoting) -> Cow<'_, [u8]> {
    match quoting {
        Quoting::None | Quoting::Printed => Cow::Borrowed(bytes),
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
    let read = match hash_rest(&mut file, || Ok::<(), Infallible>(())) {
        Ok(read) => read,
        Err(never) => match never {},
    };
    read.map_err(|source| ReadError::ReadSource {
        path: path.to_owned(),
        source,
    })
}
