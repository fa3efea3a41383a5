//! One source, from its bytes to its messages, through whatever it is packed in.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use muckrake_mail::{Sha256, mbox};
use tempfile::SpooledTempFile;

use crate::detect;
use crate::error::{IngestError, StoreError};
use crate::folder;
use crate::kept::KeptCopies;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::mail;
use crate::mailbox;
use crate::ocr::Ocr;
use crate::peeked::Peeked;
use crate::record::{Item, ItemState, Quoting, Record, Stored, Unread};
use crate::store::{KEEP_FROM, Keeper, SeekableStore};
use crate::unpack::compressed::{self, is_compressed};
use crate::unpack::meter::{Budget, Counted, Packed};
use crate::unpack::{Member, ReadSeek, Stop, Visitor, embedded, names, sevenzip, tar, zip};
use crate::work::{Block, Output, Place, Work};

/// Nested archives up to here are held in memory while they are read, longer ones in a file.
pub(crate) const SPOOL: usize = 32 << 20;
/// Bytes skipped between two looks at whether the run was cancelled.
const SKIP: u64 = 4 << 20;

/// What holds for all sources of a run.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) passwords: &'a [String],
    pub(crate) store: &'a SeekableStore,
    /// How pages that are images are read; `None` leaves them alone.
    pub(crate) ocr: Option<&'a Ocr>,
    pub(crate) cancel: &'a AtomicBool,
    /// Set when the run ends early for another reason.
    pub(crate) abandoned: &'a AtomicBool,
}

impl Settings<'_> {
    /// An error once nobody wants more.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.cancel.load(Ordering::Relaxed) || self.abandoned.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

/// An item's place in its source.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) path_inside: Option<String>,
    /// Name of the source, or of the member as if the archive were a folder.
    pub(crate) logical: String,
    /// Containers around it.
    pub(crate) depth: usize,
}

impl At {
    pub(crate) fn source(name: &str) -> Self {
        Self {
            path_inside: None,
            logical: name.to_owned(),
            depth: 0,
        }
    }

    fn inside(&self, name: &str) -> Self {
        let logical = match self.logical.rsplit_once('/') {
            Some((parent, _)) => format!("{parent}/{name}"),
            None => name.to_owned(),
        };
        Self {
            path_inside: Some(names::join(self.path_inside.as_deref(), name)),
            logical,
            depth: self.depth + 1,
        }
    }
}

/// Reads one source.
pub(crate) struct Scan<'a> {
    settings: Settings<'a>,
    output: &'a mut dyn Output,
    budget: Budget,
    /// For each stream that may be kept as a copy, innermost last: whether mail was found in it.
    copies: Vec<bool>,
    /// Hash of the source, where it is known before it is read.
    pub(crate) sha256: Option<Sha256>,
    /// What an interrupted run has kept of the source.
    pub(crate) kept: Option<Arc<KeptCopies>>,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(settings: Settings<'a>, output: &'a mut dyn Output, size: u64) -> Self {
        Self {
            settings,
            output,
            budget: Budget::new(settings.limits, size),
            copies: Vec::new(),
            sha256: None,
            kept: None,
        }
    }

    pub(crate) fn limits(&self) -> &'a Limits {
        self.settings.limits
    }

    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.settings.check()
    }

    pub(crate) fn take(&mut self, work: Work) -> Result<(), Stop> {
        self.output.take(work)
    }

    pub(crate) fn messages(&mut self, mut block: Block) -> Result<(), Stop> {
        block.kept.clone_from(&self.kept);
        if let Some(innermost) = self.copies.last_mut() {
            *innermost = true;
        }
        self.output.take(Work::Messages(block))
    }

    /// Why the rest of the source was left alone.
    pub(crate) fn over_limit(&self) -> String {
        self.budget.reason()
    }

    /// Reads an item of any kind. `decoded` says that its bytes do not lie in the source as they
    /// are, so that a copy may be wanted.
    pub(crate) fn item(
        &mut self,
        at: &At,
        data: &mut dyn Read,
        decoded: bool,
    ) -> Result<Kind, Stop> {
        self.check()?;
        let mut data = Peeked::new(data);
        let kind = detect::detect(data.head());
        if decoded && may_hold_mail(kind) {
            self.item_with_copy(at, kind, &mut data)?;
        } else {
            self.item_of(at, kind, &mut data)?;
        }
        if self.budget.is_spent() {
            return Err(Stop::OverLimit);
        }
        Ok(kind)
    }

    fn item_with_copy(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let mut keeper = Keeper::new(self.settings.store);
        self.copies.push(false);
        let mut tee = Tee {
            data,
            keeper: &mut keeper,
        };
        let read = self.item_of(at, kind, &mut tee);
        let wanted = self.copies.pop().unwrap_or(false);
        read?;
        if wanted && keeper.size() > KEEP_FROM {
            let (sha256, size) = keeper.finish().map_err(store_failed)?;
            let path_inside = at.path_inside.clone().unwrap_or_default();
            self.output.record(Record::Stored(Stored {
                path_inside,
                sha256,
                size,
            }))?;
        } else if wanted && let Some(outer) = self.copies.last_mut() {
            // Short: it is unpacked again from the stream around it, if that one is kept.
            *outer = true;
        }
        Ok(())
    }

    fn item_of(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let is_container =
            is_compressed(kind) || matches!(kind, Kind::Tar | Kind::Zip | Kind::SevenZip);
        if is_container && at.depth >= self.limits().archive_depth {
            return self.too_deep(at, kind, data);
        }
        match kind {
            Kind::Eml | Kind::Emlx | Kind::Print | Kind::Pdf => self.single(at, kind, data),
            Kind::Mbox | Kind::Mmdf => mailbox::read(self, at, kind, data),
            Kind::Tar => self.tar(at, data),
            Kind::Zip | Kind::SevenZip => self.spooled(at, kind, data),
            kind if is_compressed(kind) => self.compressed(at, kind, data),
            kind => self.other(at, kind, data),
        }
    }

    fn too_deep(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let (size, _) = self.skip_rest(data)?;
        let reason = format!(
            "nested in more than {} archives, the limit `archive_depth`",
            self.limits().archive_depth
        );
        self.item_record(at, kind, size, ItemState::Unread { reason })
    }

    /// One message that is an item of its own.
    fn single(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let limit = self.limits().message_bytes;
        let mut bytes = Vec::new();
        let read = (&mut *data)
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes);
        if bytes.len() as u64 > limit {
            let held = bytes.len() as u64;
            drop(bytes);
            let (rest, _) = self.skip_rest(data)?;
            return self.unread(at, 0, held + rest, mbox::TOO_LONG.to_owned());
        }
        if kind == Kind::Pdf && embedded::may_be_in(&bytes) {
            self.embedded(at, &bytes)?;
        }
        let length = bytes.len();
        let (range, flags) = match kind {
            Kind::Emlx => (mail::emlx_range(&bytes), mail::emlx_flags(&bytes)),
            _ => (0..length, folder::maildir_flags(&at.logical)),
        };
        let place = Place {
            path_inside: at.path_inside.clone(),
            folder: folder::of_file(&at.logical),
            quoting: match kind {
                Kind::Print | Kind::Pdf => Quoting::Printed,
                _ => Quoting::None,
            },
            kind,
            flags,
        };
        if length > 0 {
            let is_whole = at.path_inside.is_none() && range == (0..length);
            self.messages(Block {
                place: Arc::new(place),
                bytes,
                base: 0,
                messages: vec![range],
                sha256: self.sha256.filter(|_| is_whole),
                kept: None,
            })?;
        }
        match read {
            Ok(_) => Ok(()),
            Err(error) => self.unread(at, length as u64, 0, rest_unread(&error)),
        }
    }

    /// The files embedded in a PDF.
    fn embedded(&mut self, at: &At, pdf: &[u8]) -> Result<(), Stop> {
        if at.depth >= self.limits().archive_depth {
            let limit = self.limits().archive_depth;
            let reason = format!(
                "the files in it are nested in more than {limit} archives, the limit `archive_depth`"
            );
            return self.unread(at, 0, 0, reason);
        }
        let (limits, store) = (self.settings.limits, self.settings.store);
        let mut members = Members { scan: self, at };
        embedded::walk(&mut io::Cursor::new(pdf), limits, store, &mut members)
    }

    fn compressed(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let inner = at.inside(&names::decompressed(
            at.path_inside.as_deref().unwrap_or(&at.logical),
        ));
        let (counted, packed) = Counted::new(&mut *data);
        let decoded = match compressed::decode(kind, counted) {
            Ok(decoded) => decoded,
            Err(error) => return self.unread(at, 0, 0, rest_unread(&error)),
        };
        let mut metered = self.budget.meter(decoded, Packed::Counted(packed));
        self.item(&inner, &mut metered, true)?;
        drop(metered);
        // Bytes after the end of the stream, so that the whole file is hashed.
        self.skip_rest(data).map(|_| ())
    }

    fn tar(&mut self, at: &At, data: &mut dyn Read) -> Result<(), Stop> {
        let mut members = Members { scan: self, at };
        tar::walk(&mut tar::Streamed(data), &mut members)?;
        self.skip_rest(data).map(|_| ())
    }

    /// An archive whose directory is at its end, inside something that cannot be sought.
    fn spooled(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let mut spool = SpooledTempFile::new_in(SPOOL, self.settings.store.folder());
        let mut damage = None;
        loop {
            self.check()?;
            match io::copy(
                &mut (&mut *data).take(SKIP),
                &mut Spool {
                    spool: &mut spool,
                    store: self.settings.store,
                },
            ) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => match error.downcast::<StoreError>() {
                    Ok(failed) => return Err(store_failed(failed)),
                    Err(error) => {
                        damage = Some(error);
                        break;
                    }
                },
            }
        }
        self.archive(at, kind, &mut spool)?;
        match damage {
            Some(error) => self.unread(at, 0, 0, rest_unread(&error)),
            None => Ok(()),
        }
    }

    /// A zip or 7z that can be sought.
    pub(crate) fn archive(
        &mut self,
        at: &At,
        kind: Kind,
        file: &mut dyn ReadSeek,
    ) -> Result<(), Stop> {
        if let Err(error) = file.seek(SeekFrom::Start(0)) {
            return self.unread(at, 0, 0, rest_unread(&error));
        }
        let passwords = self.settings.passwords;
        let mut members = Members { scan: self, at };
        match kind {
            Kind::SevenZip => sevenzip::walk(file, passwords, &mut members),
            _ => zip::walk(file, passwords, &mut members),
        }
    }

    /// An item that is not mail: its bytes are counted and let go.
    fn other(&mut self, at: &At, kind: Kind, data: &mut dyn Read) -> Result<(), Stop> {
        let (size, damage) = self.skip_rest(data)?;
        let state = match damage {
            Some(error) => ItemState::Unread {
                reason: rest_unread(&error),
            },
            None => kind.state(),
        };
        self.item_record(at, kind, size, state)
    }

    /// An item that says again what is read elsewhere: its bytes are counted and let go.
    pub(crate) fn covered(
        &mut self,
        at: &At,
        kind: Kind,
        by: String,
        data: &mut dyn Read,
    ) -> Result<(), Stop> {
        let (size, damage) = self.skip_rest(data)?;
        let state = match damage {
            Some(error) => ItemState::Unread {
                reason: rest_unread(&error),
            },
            None => ItemState::Covered { by },
        };
        self.item_record(at, kind, size, state)
    }

    /// Reads to the end and gives the number of bytes, and what ended them before their end.
    fn skip_rest(&mut self, data: &mut dyn Read) -> Result<(u64, Option<io::Error>), Stop> {
        let mut size = 0;
        loop {
            self.check()?;
            match crate::unpack::skip(data, SKIP) {
                Ok(0) => return Ok((size, None)),
                Ok(count) => size += count,
                Err(error) => return Ok((size, Some(error))),
            }
        }
    }

    fn item_record(
        &mut self,
        at: &At,
        kind: Kind,
        size: u64,
        state: ItemState,
    ) -> Result<(), Stop> {
        let path_inside = at.path_inside.clone();
        self.output.record(Record::Item(Item {
            path_inside,
            kind,
            size,
            state,
        }))
    }

    pub(crate) fn unread(
        &mut self,
        at: &At,
        offset: u64,
        length: u64,
        reason: String,
    ) -> Result<(), Stop> {
        let path_inside = at.path_inside.clone();
        self.output.record(Record::Unread(Unread {
            path_inside,
            offset,
            length,
            reason,
        }))
    }
}

/// Kinds whose decoded bytes are worth a copy.
fn may_hold_mail(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Eml
            | Kind::Emlx
            | Kind::Print
            | Kind::Mbox
            | Kind::Mmdf
            | Kind::Tar
            | Kind::Zip
            | Kind::SevenZip
    )
}

fn store_failed(error: StoreError) -> Stop {
    Stop::Failed(IngestError::Store(error))
}

pub(crate) fn rest_unread(error: &io::Error) -> String {
    format!("the rest cannot be read: {error}")
}

/// The members of one archive, each read as an item.
struct Members<'s, 'a> {
    scan: &'s mut Scan<'a>,
    at: &'s At,
}

impl Visitor for Members<'_, '_> {
    fn wants(&mut self, _name: &str) -> bool {
        true
    }

    fn member(&mut self, member: Member<'_>, data: &mut dyn Read) -> Result<(), Stop> {
        let at = self.at.inside(member.name);
        if !member.decoded {
            return self.scan.item(&at, data, false).map(|_| ());
        }
        let packed = member.packed.map_or(Packed::Unknown, Packed::Told);
        let mut metered = self.scan.budget.meter(data, packed);
        self.scan.item(&at, &mut metered, true).map(|_| ())
    }

    fn link(&mut self, name: &str) -> Result<(), Stop> {
        let at = self.at.inside(name);
        self.scan.item_record(&at, Kind::Link, 0, ItemState::NoText)
    }

    fn trouble(&mut self, name: Option<&str>, reason: String) -> Result<(), Stop> {
        self.scan.check()?;
        match name {
            Some(name) => {
                let at = self.at.inside(name);
                self.scan
                    .item_record(&at, Kind::Unknown, 0, ItemState::Unread { reason })
            }
            None => self.scan.unread(self.at, 0, 0, reason),
        }
    }
}

/// A stream that is copied while it is read.
struct Tee<'r, 'k, 'a> {
    data: &'r mut dyn Read,
    keeper: &'k mut Keeper<'a>,
}

impl Read for Tee<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.data.read(buffer)?;
        self.keeper.push(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Writes to a spool, with failures of the disk told from damage of what is read.
struct Spool<'s> {
    spool: &'s mut SpooledTempFile,
    store: &'s SeekableStore,
}

impl io::Write for Spool<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let write = |source| {
            io::Error::other(StoreError::Write {
                path: self.store.folder().to_owned(),
                source,
            })
        };
        if !self.spool.is_rolled() {
            // The folder is made in time for the spool to become a file in it.
            let after = self.spool.stream_position().map_err(write)? + buffer.len() as u64;
            if after > SPOOL as u64 {
                std::fs::create_dir_all(self.store.folder()).map_err(write)?;
            }
        }
        self.spool.write(buffer).map_err(write)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}
