//! Mailboxes: many messages in one stream of bytes.
//!
//! [`Splitter`] cuts a stream of any length into [`Piece`]s without copying or
//! keeping a byte of it. The caller owns the buffer:
//!
//! 1. Read until the buffer holds something new; call [`Splitter::push`] with
//!    the whole buffer and whether the stream ends with it.
//! 2. Every [`Piece::Message`] handed out lies wholly within that buffer: its
//!    first byte is at `start - base`, where `base` is [`Splitter::offset`]
//!    as it was *before* the call. (An [`Piece::Unread`] may have begun in an
//!    earlier buffer, whose bytes are gone.)
//! 3. Drop as many bytes from the front of the buffer as `push` says, keep the
//!    others, and read more behind them. A buffer of [`Splitter::room`] bytes is
//!    always enough: given that many, `push` consumes some of them.
//!
//! The pieces of a stream, in order, cover each of its bytes exactly once, and
//! they do not depend on how the stream was cut into buffers. [`split`] does all
//! of this for bytes that are in memory.
//!
//! # What is a message
//!
//! The bytes after its `From ` line, up to and without the one blank line that
//! ends it (the last message of a stream too), `>From ` as it stands. What lies
//! between two messages is one [`Piece::Separator`]: that blank line, NUL padding,
//! the `From ` line; in MMDF the lines of four Control-A.
//!
//! # What is a boundary
//!
//! A line that starts with `From `, carries a date, and is followed by a header
//! field. The blank line that should come before it may be missing when the
//! header that follows is beyond doubt. A `From ` line without a date counts
//! only where the mailbox writes them so. `Content-Length` decides only when it
//! leads exactly to another boundary or to the end of the stream. The first line
//! of a patch made by git (`From <40 digits> Mon Sep 17 00:00:00 2001`) is text,
//! unless the whole mailbox was written by git.

mod escape;
mod from_line;
mod splitter;

use std::borrow::Cow;
use std::ops::Range;

pub use escape::escape_rd;
pub use escape::unescape_o;
pub use escape::unescape_rd;
pub use from_line::from_line;
pub use splitter::Splitter;
pub use splitter::TOO_LONG;

/// One range of the stream: bytes from `start` up to but without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A message. Empty (`start == end`) where a `From ` line has none after it.
    Message {
        /// Offset of its first byte in the stream.
        start: u64,
        /// Offset after its last byte.
        end: u64,
    },
    /// What the mailbox puts between messages; nothing that anybody wrote.
    Separator {
        /// Offset of its first byte in the stream.
        start: u64,
        /// Offset after its last byte.
        end: u64,
    },
    /// The pseudo message in which IMAP servers keep their own records
    /// (`DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA`). To be counted as
    /// a separator: it is neither a message nor unread.
    FolderData {
        /// Offset of its first byte in the stream.
        start: u64,
        /// Offset after its last byte.
        end: u64,
    },
    /// Bytes in which no message could be made out.
    Unread {
        /// Offset of its first byte in the stream.
        start: u64,
        /// Offset after its last byte.
        end: u64,
        /// Why, for people.
        reason: &'static str,
    },
}

impl Piece {
    /// The bytes of the stream that it covers.
    pub fn range(&self) -> Range<u64> {
        match *self {
            Self::Message { start, end }
            | Self::Separator { start, end }
            | Self::FolderData { start, end }
            | Self::Unread { start, end, .. } => start..end,
        }
    }
}

/// How a mailbox guards lines of a body that start with `From `.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// mboxo: `From ` was written `>From `; whether a `>From ` was one before cannot be known.
    #[default]
    O,
    /// mboxrd: one `>` was put before every `From `, `>From `, `>>From ` and so on; reversible.
    Rd,
    /// mboxcl: as mboxo, and each message has a `Content-Length`.
    Cl,
    /// mboxcl2: nothing is guarded, `Content-Length` alone tells where a message ends.
    Cl2,
}

impl Variant {
    /// The message as it was before the mailbox guarded its lines, as far as that can be known.
    pub fn unescape<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        match self {
            Self::O | Self::Cl => unescape_o(message),
            Self::Rd => unescape_rd(message),
            Self::Cl2 => Cow::Borrowed(message),
        }
    }
}

/// Cuts a mailbox that is wholly in memory.
pub fn split(bytes: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let _ = Splitter::new(usize::MAX).push(bytes, true, &mut pieces);
    pieces
}

/// Whether text starts with a line of a header (RFC 5322 §2.2).
pub(crate) fn is_header_line(text: &[u8]) -> bool {
    from_line::header_name(text).is_some()
}

/// Most bytes of other text before the first `From ` line of what is still taken for a mailbox.
const JUNK_BEFORE_FIRST: u64 = 4096;

/// Whether a stream that begins with `head` is a mailbox. `head` should be its
/// first 64 kB, or all of it if it is shorter.
pub fn looks_like_mbox(head: &[u8]) -> bool {
    let mut pieces = Vec::new();
    let _ = Splitter::new(usize::MAX).push(head, true, &mut pieces);
    for piece in pieces {
        match piece {
            Piece::Message { .. } | Piece::FolderData { .. } => return true,
            Piece::Unread { start, end, .. } => {
                let junk = head.get(start as usize..end as usize).unwrap_or_default();
                // A file that starts with a header is a single message, whatever it quotes.
                if end - start > JUNK_BEFORE_FIRST || from_line::starts_with_header(junk) {
                    return false;
                }
            }
            Piece::Separator { .. } => {}
        }
    }
    false
}

/// Whether messages begin somewhere in bytes that begin with something else: those of a mailbox
/// whose start is damaged. Says yes of any file that quotes a mailbox.
pub fn holds_messages(head: &[u8]) -> bool {
    split(head)
        .iter()
        .any(|piece| matches!(piece, Piece::Message { .. }))
}

#[cfg(test)]
mod tests;
