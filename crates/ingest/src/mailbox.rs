//! Mailboxes, read as streams of any length.

use std::io::Read;
use std::sync::Arc;

use muckrake_mail::mbox::{Piece, Splitter, Variant};

use crate::folder;
use crate::kind::Kind;
use crate::record::{MailboxTally, Quoting, Record, Unread};
use crate::scan::{At, Scan};
use crate::unpack::Stop;
use crate::work::{Block, Place, Work};

/// Bytes read at a time, and so the unit of parallel work.
const BLOCK: usize = 1 << 20;

/// Reads a mailbox to its end.
pub(crate) fn read(
    scan: &mut Scan<'_>,
    at: &At,
    kind: Kind,
    data: &mut dyn Read,
) -> Result<(), Stop> {
    let most = usize::try_from(scan.limits().message_bytes).unwrap_or(usize::MAX);
    let mut mailbox = Mailbox {
        kind,
        at,
        folder: folder::of_mailbox(&at.logical),
        splitter: Splitter::new(most),
        tally: MailboxTally {
            path_inside: at.path_inside.clone(),
            ..MailboxTally::default()
        },
    };
    mailbox.read(scan, data)
}

struct Mailbox<'a> {
    kind: Kind,
    at: &'a At,
    folder: Option<String>,
    splitter: Splitter,
    tally: MailboxTally,
}

impl Mailbox<'_> {
    fn read(&mut self, scan: &mut Scan<'_>, data: &mut dyn Read) -> Result<(), Stop> {
        let mut buffer = Vec::with_capacity(BLOCK);
        let mut want = BLOCK;
        loop {
            scan.check()?;
            let room = want.saturating_sub(buffer.len()) as u64;
            let read = (&mut *data).take(room).read_to_end(&mut buffer);
            let at_end = read.is_err() || buffer.len() < want;
            let left = self.push(scan, buffer, at_end)?;
            if at_end {
                return self.end(scan, read.err());
            }
            // A message longer than the buffer needs a longer one, up to what the splitter takes.
            want = BLOCK
                .max(left.len().saturating_mul(2))
                .min(BLOCK.max(self.splitter.room()));
            buffer = left;
        }
    }

    /// Hands on what is complete in the buffer and gives back the rest.
    fn push(
        &mut self,
        scan: &mut Scan<'_>,
        mut buffer: Vec<u8>,
        at_end: bool,
    ) -> Result<Vec<u8>, Stop> {
        let base = self.splitter.offset();
        let mut pieces = Vec::new();
        let consumed = self
            .splitter
            .push(&buffer, at_end, &mut pieces)
            .min(buffer.len());
        self.tally.bytes += consumed as u64;
        let mut messages = Vec::new();
        let mut unread = Vec::new();
        for piece in &pieces {
            let bytes = piece.range().end - piece.range().start;
            match *piece {
                Piece::Message { start, end } => {
                    self.tally.messages += 1;
                    self.tally.message_bytes += bytes;
                    messages.push((start - base) as usize..(end - base) as usize);
                }
                Piece::Separator { .. } | Piece::FolderData { .. } => {
                    self.tally.separator_bytes += bytes;
                }
                Piece::Unread { start, reason, .. } => {
                    self.tally.unread_bytes += bytes;
                    unread.push(self.unread(start, bytes, reason.to_owned()));
                }
            }
        }
        let left = if messages.is_empty() {
            buffer.drain(..consumed);
            buffer
        } else {
            let rest = buffer.get(consumed..).unwrap_or_default();
            let mut left = Vec::with_capacity(BLOCK.max(rest.len() * 2));
            left.extend_from_slice(rest);
            scan.messages(self.block(buffer, base, messages))?;
            left
        };
        for record in unread {
            scan.take(Work::Record(record))?;
        }
        Ok(left)
    }

    fn block(&self, bytes: Vec<u8>, base: u64, messages: Vec<std::ops::Range<usize>>) -> Block {
        let quoting = match (self.kind, self.splitter.observed()) {
            (Kind::Mmdf, _) | (_, Variant::Cl2) => Quoting::None,
            (_, Variant::Rd) => Quoting::Mboxrd,
            (_, Variant::O | Variant::Cl) => Quoting::Mboxo,
        };
        let place = Place {
            path_inside: self.at.path_inside.clone(),
            folder: self.folder.clone(),
            quoting,
            kind: self.kind,
            flags: Vec::new(),
        };
        Block {
            place: Arc::new(place),
            bytes,
            base,
            messages,
            sha256: None,
            kept: None,
        }
    }

    fn unread(&self, offset: u64, length: u64, reason: String) -> Record {
        Record::Unread(Unread {
            path_inside: self.at.path_inside.clone(),
            offset,
            length,
            reason,
        })
    }

    fn end(&mut self, scan: &mut Scan<'_>, damage: Option<std::io::Error>) -> Result<(), Stop> {
        let bytes = self.tally.bytes;
        let tally = std::mem::take(&mut self.tally);
        scan.take(Work::Record(Record::Mailbox(tally)))?;
        if let Some(error) = damage {
            let record = self.unread(bytes, 0, format!("the rest cannot be read: {error}"));
            scan.take(Work::Record(record))?;
        }
        Ok(())
    }
}
