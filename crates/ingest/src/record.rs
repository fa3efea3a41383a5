//! What an ingest tells its sink.

use std::path::PathBuf;

use muckrake_mail::print::Found;
use muckrake_mail::{Message, Sha256};

use crate::error::SinkError;
use crate::kind::Kind;

/// Takes the records of a run in order.
pub trait Sink {
    /// Takes one record. An error ends the run.
    ///
    /// # Errors
    /// Whatever keeps the sink from keeping the record.
    fn accept(&mut self, record: Record) -> Result<(), SinkError>;
}

impl<F: FnMut(Record) -> Result<(), SinkError>> Sink for F {
    fn accept(&mut self, record: Record) -> Result<(), SinkError> {
        self(record)
    }
}

/// One fact about the sources. Those between a [`Record::SourceStart`] and the
/// [`Record::SourceEnd`] after it belong to that source; sources never interleave and come
/// in the order of the sorted walk.
#[derive(Debug)]
pub enum Record {
    /// A file was opened and is going to be read. If the run is interrupted, no `SourceEnd` follows.
    SourceStart(SourceStart),
    /// A message was read.
    Message(Box<FoundMessage>),
    /// A message that an interrupted run has given to the sink already: the caller's number of
    /// its copy, as given in [`crate::KeptCopies`].
    Kept(i64),
    /// A member, or the source itself, that is not mail, or is a container that cannot be opened.
    Item(Item),
    /// Bytes of an item that could not be read as mail.
    Unread(Unread),
    /// The byte tally of one mailbox.
    Mailbox(MailboxTally),
    /// The page tally of one document of print-outs.
    Pages(PageTally),
    /// A decompressed stream got a seekable copy in the store.
    Stored(Stored),
    /// The file has been read to its end.
    SourceEnd(SourceEnd),
    /// The file is a source that is known already; nothing was read from it.
    SourceSame(SourceSame),
    /// A symbolic link, recorded and not followed.
    Link(Link),
    /// A path that cannot be read.
    Unreadable(Unreadable),
}

/// A file that is going to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStart {
    /// Absolute path.
    pub path: PathBuf,
    /// Path relative to the root that the user gave, with `/` between the names;
    /// the file name where the root is the file itself.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Last modification: nanoseconds since the Unix epoch.
    pub modified_ns: i128,
}

/// A message, and where it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundMessage {
    /// The item inside the source, names of nested containers joined by `!/`; `None` for the source itself.
    pub path_inside: Option<String>,
    /// First byte of the message in the decoded item.
    pub offset: u64,
    /// Bytes of the message as stored.
    pub length: u64,
    /// SHA-256 over those bytes.
    pub sha256: Sha256,
    /// Mailbox or folder that holds it, `/` between the names; `None` at the top.
    pub folder: Option<String>,
    /// How `From ` lines inside it are escaped.
    pub quoting: Quoting,
    /// The message itself. Messages attached to it ride inside.
    pub message: Message,
}

/// How `From ` lines inside messages are escaped in the mailbox that holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quoting {
    /// Not at all: a file of its own, MMDF, a mailbox with `Content-Length`.
    None,
    /// `From ` became `>From `, and what was `>From ` before cannot be told.
    Mboxo,
    /// `>*From ` got one `>` more; it can be taken off again.
    Mboxrd,
    /// Not at all, and it is no mail but the text of a print-out.
    Printed,
}

/// A member or source that is not mail, or a container that cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The item inside the source; `None` for the source itself.
    pub path_inside: Option<String>,
    /// What it was recognised as.
    pub kind: Kind,
    /// Size of the decoded item in bytes, as far as it was read.
    pub size: u64,
    /// What became of it.
    pub state: ItemState,
}

/// What became of an item that is not mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// It has no text by nature.
    NoText,
    /// Recognised, and this version cannot read it.
    Unsupported {
        /// What the user can do meanwhile; empty where nothing is known to help.
        advice: String,
    },
    /// Damaged, encrypted or over a limit.
    Unread {
        /// Why, for people.
        reason: String,
    },
    /// It says again what is read elsewhere: a row of a load file, a text or an attachment beside its mail.
    Covered {
        /// Where that is read, for people.
        by: String,
    },
    /// It holds no bytes.
    Empty,
}

/// Bytes of an item that could not be read as mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The item inside the source; `None` for the source itself.
    pub path_inside: Option<String>,
    /// First byte in the decoded item.
    pub offset: u64,
    /// Bytes; 0 where it is not known how many are missing.
    pub length: u64,
    /// Why, for people.
    pub reason: String,
}

/// The byte tally of one mailbox: messages, separators and unread ranges cover each byte once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxTally {
    /// The item inside the source; `None` for the source itself.
    pub path_inside: Option<String>,
    /// Bytes of the decoded mailbox.
    pub bytes: u64,
    /// Messages in it.
    pub messages: u64,
    /// Bytes of those messages.
    pub message_bytes: u64,
    /// Bytes of `From ` lines, of blank lines between messages, and of padding.
    pub separator_bytes: u64,
    /// Bytes in [`Record::Unread`] ranges.
    pub unread_bytes: u64,
}

/// The page tally of one document of print-outs: each page is one of the four things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageTally {
    /// The document as an item inside the source, as its messages have it; `None` for the source itself.
    pub path_inside: Option<String>,
    /// Pages of the document.
    pub pages: u64,
    /// Messages in it.
    pub messages: u64,
    /// Pages on which a message begins or goes on.
    pub message_pages: u64,
    /// Pages behind a message that its own numbering leaves out.
    pub attached: u64,
    /// Pages with text before the first printed header.
    pub without_header: u64,
    /// Pages without text: blank, or an image.
    pub without_text: u64,
}

impl PageTally {
    /// That of a document in whose text messages were found; `None` where it has no pages.
    pub(crate) fn of(path_inside: Option<&str>, text: &[u8], found: &[Found]) -> Option<Self> {
        let last = memchr::memrchr(PAGE_END, text)?;
        let mut tally = Self {
            path_inside: path_inside.map(str::to_owned),
            pages: (memchr::memchr_iter(PAGE_END, text).count()
                + usize::from(last + 1 < text.len())) as u64,
            messages: found.len() as u64,
            ..Self::default()
        };
        for pages in found.iter().filter_map(|found| found.pages) {
            tally.message_pages += u64::from(pages.message);
            tally.attached += u64::from(pages.attached);
            tally.without_header += u64::from(pages.without_header);
            tally.without_text += u64::from(pages.without_text);
        }
        Some(tally)
    }
}

/// A form feed stands behind each page.
const PAGE_END: u8 = b'\x0c';

/// A seekable copy of a decompressed stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The stream as an item inside the source.
    pub path_inside: String,
    /// SHA-256 over the decoded bytes; names the copy in the store.
    pub sha256: Sha256,
    /// Decoded bytes.
    pub size: u64,
}

/// A file read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEnd {
    /// SHA-256 over the file.
    pub sha256: Sha256,
    /// What it was recognised as.
    pub kind: Kind,
    /// SHA-256 over its first N bytes, N being the size that an earlier version at this path
    /// had; `None` if there is no earlier version or the file is now shorter. Tells an appended
    /// mailbox from a changed one.
    pub known_prefix: Option<Sha256>,
    /// True if its size or modification time changed while it was read.
    pub modified_while_read: bool,
}

/// A file that is a known source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSame {
    /// Absolute path, as found now.
    pub path: PathBuf,
    /// Path relative to the root, as in [`SourceStart`].
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Last modification: nanoseconds since the Unix epoch.
    pub modified_ns: i128,
    /// SHA-256 over the file: as known where the stamp is the same, else computed.
    pub sha256: Sha256,
    /// The source that it is, as given in [`crate::KnownFile`].
    pub source: i64,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Absolute path of the link.
    pub path: PathBuf,
    /// Path relative to the root.
    pub name: String,
    /// What it points to, as it stands.
    pub target: PathBuf,
}

/// A path that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Absolute path.
    pub path: PathBuf,
    /// Path relative to the root.
    pub name: String,
    /// Why, for people.
    pub reason: String,
}
