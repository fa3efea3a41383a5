//! Sources to messages: finds files, unpacks archives, splits mailboxes, parses in parallel
//! and gives everything found, in order, to a [`Sink`].
//!
//! Nothing is lost in silence: each file, each member and each byte of a mailbox ends in one
//! [`Record`]. Sources are opened for reading only, and archives are never unpacked to disk
//! under names that they bring along.

mod bounded;
mod boxes;
mod claims;
mod compound;
mod covered;
mod detect;
mod discover;
mod error;
mod folder;
mod kept;
mod kind;
mod limits;
mod loadfile;
mod mail;
mod mailbox;
mod ocr;
mod pages;
mod pdf;
mod peeked;
mod pipeline;
mod readback;
mod record;
mod request;
mod scan;
mod source;
mod store;
mod unpack;
mod window;
mod work;

pub use boxes::{WordBox, word_boxes};
pub use covered::CoveredPage;
pub use error::{IngestError, ReadError, SinkError, StoreError};
pub use kept::KeptCopies;
pub use kind::{Kind, UnknownKind};
pub use limits::Limits;
pub use ocr::{DoubtfulWord, Ocr, Recognised, RecognisedPage, recognised_words};
pub use pipeline::run;
pub use readback::{Aids, Place, ReadBack, hash_file, unquote};
pub use record::{
    FoundMessage, Item, ItemState, Link, MailboxTally, PageTally, Quoting, Record, Sink, SourceEnd,
    SourceSame, SourceStart, Stored, Unread, Unreadable,
};
pub use request::{Counters, Known, KnownFile, Outcome, Request};
pub use store::{SeekableReader, SeekableStore};
