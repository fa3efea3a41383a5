//! A container that is kept open, and where its members lie in it.

use std::collections::HashMap;
use std::io::{self, Read, SeekFrom};
use std::rc::Rc;

use zip::read::OwnedZipFileEntry;

use super::spool::{Kept, Spool};
use super::window::{Damage, Piece, Shared};
use super::{Aids, Bounds};
use crate::detect;
use crate::kind::Kind;
use crate::store::KEEP_FROM;
use crate::unpack::compressed::{self, is_compressed};
use crate::unpack::tar::CUT_SHORT;
use crate::unpack::{Member, ReadSeek, Stop, Visitor, embedded, sevenzip, skip, tar, zip as unzip};

/// An open container. What is in it is looked up when it is asked for a second time: the first
/// read only goes as far as it must.
pub(super) struct Container {
    pub(super) data: Shared,
    /// Whether it lies in no other container, so that a zip may have anything before it.
    is_top: bool,
    /// Bytes unpacked for it, and for what it holds.
    held: u64,
    members: Option<Members>,
}

/// What a container holds under a name.
pub(super) enum Found {
    /// Bytes that can be sought.
    Piece(Piece),
    /// A member of a zip, and whether it was asked for before.
    Zipped(Rc<OwnedZipFileEntry>, bool),
    /// Something that is not kept: it is read as if nothing were open.
    Passing,
    /// Nothing that could be read, and why.
    Bad(String),
    /// Nothing.
    Missing,
}

#[derive(Default)]
struct Members {
    /// The one item of a compressed stream, whatever its name.
    only: Option<Place>,
    named: HashMap<Box<str>, Place>,
    /// What was told of the archive as a whole, and how many troubles had been told by then.
    trouble: Option<(String, usize)>,
    troubles: usize,
    /// Whether members may be missing here that are there.
    is_partial: bool,
}

enum Place {
    Piece(Piece),
    Zipped(Rc<OwnedZipFileEntry>, bool),
    Passing,
    Bad(String, usize),
}

impl Container {
    pub(super) fn new(data: Shared, is_top: bool, held: u64) -> Self {
        Self {
            data,
            is_top,
            held,
            members: None,
        }
    }

    /// Members that are known, and bytes that are held for them.
    pub(super) fn weight(&self) -> (usize, u64) {
        let members = self.members.as_ref();
        (members.map_or(0, |members| members.named.len()), self.held)
    }

    /// What was told of the archive as a whole, if anything.
    pub(super) fn trouble(&self) -> Option<&str> {
        let (reason, _) = self.members.as_ref()?.trouble.as_ref()?;
        Some(reason)
    }

    /// What lies under a name.
    pub(super) fn find(
        &mut self,
        name: &str,
        aids: Aids<'_>,
        bounds: &Bounds,
    ) -> io::Result<Found> {
        if self.members.is_none() {
            let (members, held) = self.look_up(aids, bounds)?;
            self.held += held;
            self.members = Some(members);
        }
        Ok(self
            .members
            .as_mut()
            .map_or(Found::Missing, |members| members.find(name)))
    }

    fn look_up(&self, aids: Aids<'_>, bounds: &Bounds) -> io::Result<(Members, u64)> {
        let mut data = self.data.borrow_mut();
        let head = detect::head_of(&mut *data)?;
        let length = data.seek(SeekFrom::End(0))?;
        let damage = data.read(&mut [0]).err().map(Damage::from);
        data.seek(SeekFrom::Start(0))?;
        let mut lister = Lister {
            container: &self.data,
            length,
            damage,
            members: Members::default(),
            spool: Spool::new(aids.store),
            bounds,
            unpacked: 0,
            most_unpacked: aids.limits.unpacked_bytes,
        };
        match detect::detect(&head) {
            Kind::Tar => lister.walked(|lister| tar::walk(&mut tar::Sought(&mut *data), lister)),
            Kind::SevenZip => {
                lister.walked(|lister| sevenzip::walk(&mut *data, aids.passwords, lister));
            }
            kind if is_compressed(kind) => lister.stream(kind, &mut *data)?,
            Kind::Pdf => {
                lister.walked(|lister| embedded::walk(&mut *data, aids.limits, aids.store, lister));
            }
            kind if self.is_top || kind == Kind::Zip => lister.zip(&mut *data, aids.passwords),
            _ => {}
        }
        Ok((lister.members, lister.spool.length))
    }
}

impl Members {
    fn find(&mut self, name: &str) -> Found {
        let place = match &mut self.only {
            Some(only) => Some(only),
            None => self.named.get_mut(name),
        };
        match place {
            Some(Place::Piece(piece)) => Found::Piece(piece.clone()),
            Some(Place::Zipped(entry, asked)) => {
                Found::Zipped(Rc::clone(entry), std::mem::replace(asked, true))
            }
            Some(Place::Passing) => Found::Passing,
            // Where more was told of the archive afterwards, that was the last word.
            Some(Place::Bad(reason, at)) => match &self.trouble {
                Some((trouble, later)) if later > at => Found::Bad(trouble.clone()),
                _ => Found::Bad(reason.clone()),
            },
            None if self.is_partial => Found::Passing,
            None => match &self.trouble {
                Some((trouble, _)) => Found::Bad(trouble.clone()),
                None => Found::Missing,
            },
        }
    }
}

/// Notes where each member lies, and keeps the bytes of those that cannot be sought.
struct Lister<'a> {
    container: &'a Shared,
    /// Bytes of the container.
    length: u64,
    /// What ended it before its end.
    damage: Option<Damage>,
    members: Members,
    spool: Spool,
    bounds: &'a Bounds,
    unpacked: u64,
    most_unpacked: u64,
}

impl Lister<'_> {
    fn walked(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), Stop>) {
        if walk(self).is_err() {
            self.members.is_partial = true;
        }
    }

    fn zip(&mut self, data: &mut dyn ReadSeek, passwords: &[String]) {
        let Ok(listed) = unzip::list(data, passwords, self) else {
            self.members.is_partial = true;
            return;
        };
        for (name, entry) in listed {
            if self.members.named.len() >= self.bounds.members {
                self.members.is_partial = true;
                return;
            }
            self.put(&name, Place::Zipped(Rc::new(entry), false));
        }
    }

    fn stream(&mut self, kind: Kind, packed: &mut dyn ReadSeek) -> io::Result<()> {
        let mut decoded = compressed::decode(kind, packed)?;
        let kept = self.spool.take(&mut decoded, self.bounds.spooled);
        self.members.only = Some(match kept {
            Ok(Kept::Whole(piece)) => Place::Piece(piece),
            Ok(Kept::TooLong) | Err(_) => Place::Passing,
        });
        Ok(())
    }

    fn put(&mut self, name: &str, place: Place) {
        self.members.named.entry(name.into()).or_insert(place);
    }

    /// A member whose bytes lie in the container as they are.
    fn lying(&self, at: std::ops::Range<u64>) -> Piece {
        let there = at.end.min(self.length).saturating_sub(at.start);
        let is_cut = there < at.end - at.start;
        Piece {
            data: Rc::clone(self.container),
            start: at.start,
            length: there,
            damage: is_cut.then(|| {
                let cut_short = || io::Error::new(io::ErrorKind::UnexpectedEof, CUT_SHORT);
                let damage = self.damage.clone();
                damage.unwrap_or_else(|| Damage::from(cut_short()))
            }),
        }
    }
}

impl Visitor for Lister<'_> {
    fn wants(&mut self, _name: &str) -> bool {
        true
    }

    fn member(&mut self, member: Member<'_>, data: &mut dyn Read) -> Result<(), Stop> {
        if self.members.named.len() >= self.bounds.members {
            return Err(Stop::OverLimit);
        }
        if let Some(at) = member.at {
            let piece = self.lying(at);
            self.put(member.name, Place::Piece(piece));
            return Ok(());
        }
        // Longer members have a copy of their own if there is mail in them.
        let room = self.bounds.spooled.saturating_sub(self.spool.length);
        let before = self.spool.length;
        let place = match self.spool.take(data, room.min(KEEP_FROM)) {
            Ok(Kept::Whole(piece)) => Place::Piece(piece),
            Ok(Kept::TooLong) => {
                self.unpacked += skip(data, self.most_unpacked).unwrap_or(0);
                Place::Passing
            }
            // The spool cannot be written: what comes after has no place either.
            Err(_) => return Err(Stop::OverLimit),
        };
        self.put(member.name, place);
        self.unpacked += self.spool.length - before;
        if self.unpacked > self.most_unpacked {
            return Err(Stop::OverLimit);
        }
        Ok(())
    }

    fn link(&mut self, _name: &str) -> Result<(), Stop> {
        Ok(())
    }

    fn trouble(&mut self, name: Option<&str>, reason: String) -> Result<(), Stop> {
        self.members.troubles += 1;
        let at = self.members.troubles;
        match name {
            Some(name) => self.put(name, Place::Bad(reason, at)),
            None => self.members.trouble = Some((reason, at)),
        }
        Ok(())
    }
}
