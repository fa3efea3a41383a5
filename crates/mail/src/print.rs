//! Print-outs: mail that comes as the text of its printed pages.
//!
//! A document is recognised by its content: a *printed header*, that is a sequence of labels with values as one of the layouts
//! in `tables.rs` has them, near the top of a page. What pages carry beside the message is told first and kept as data. A
//! document may hold several messages; then each but the first begins at the top of a page.
//!
//! # What is not pretended
//!
//! A field that is not printed is missing, and so is one that cannot be read; a name without an address is a name. Every field
//! keeps its text as printed, its place and how sure it is.
//!
//! # Ids
//!
//! The original of a printed message is the document: what can be read of it depends on layouts, labels and on what is known of
//! scanning errors, and all of that will get better. So its id is a hash over the bytes of the whole document as delivered and
//! the place of the message in it (`identity::print_key`), and over nothing that was judged but where in the document it begins; that of the
//! first message is the beginning of the document, wherever its header stands. The same document in two releases has the same ids;
//! two prints of one message have two, and are matter for a link.

mod block;
mod boilerplate;
mod columns;
pub(crate) mod dates;
mod distribution;
mod document;
mod find;
mod labels;
mod message;
mod model;
mod pages;
mod people;
mod quoted;
mod tables;
mod text;
mod unlabelled;

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

pub use model::Boilerplate;
pub use model::BoilerplateKind;
pub use model::FieldName;
pub use model::PageCounts;
pub use model::Print;
pub use model::PrintPlace;
pub use model::PrintedField;

use crate::identity;
use crate::model::Message;
use crate::model::MessageKey;
use crate::model::Sha256;
use crate::model::Zone;
use crate::zones;
use crate::zones::QuotedMessage;
use document::Document;
use tables::Role;

/// Bytes of a document in which its first printed header has to begin.
pub const HEAD: usize = 64 << 10;

/// The part of a printed message that is nobody's words: what stands on its pages and was taken for no part of it. It has one
/// zone, a disclaimer.
pub const BESIDE: &str = "2";

/// A message of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its bytes in the document. Those of all messages of a document cover each byte once.
    pub range: Range<usize>,
    /// The message.
    pub message: Message,
    /// The pages that begin in it; `None` where the document has no pages.
    pub pages: Option<PageCounts>,
}

/// Whether a document holds a printed message, told by its first [`HEAD`] bytes.
pub fn looks_like_print(head: &[u8]) -> bool {
    let head = head.get(..HEAD).unwrap_or(head);
    let head = whole_characters(head);
    catch_unwind(AssertUnwindSafe(|| {
        let mut document = Document::read(head);
        boilerplate::mark(&mut document);
        find::first(&document).is_some()
    }))
    .unwrap_or(false)
}

/// Fields of which every mail has one, and no print-out in which `Sent:` stands.
const FIELDS_OF_MAIL: [&[u8]; 5] = [
    b"date:",
    b"received:",
    b"message-id:",
    b"mime-version:",
    b"return-path:",
];

/// Whether what looks like the header of a mail is a printed one: it says `Sent:` where a mail says `Date:`, in whatever
/// way scanning has left that.
pub fn is_printed_header(head: &[u8]) -> bool {
    let head = head.get(..HEADER).unwrap_or(head);
    let of_mail = |line: &[u8]| {
        FIELDS_OF_MAIL.iter().any(|field| {
            line.get(..field.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(field))
        })
    };
    let lines = head.split(|byte| *byte == b'\n');
    let mut header = lines.take_while(|line| !line.trim_ascii().is_empty());
    !header.any(of_mail) && catch_unwind(AssertUnwindSafe(|| starts_printed(head))).unwrap_or(false)
}

/// Whether a document starts with a printed header in whose first paragraph it is said when the message was sent.
fn starts_printed(head: &[u8]) -> bool {
    let mut document = Document::read(whole_characters(head));
    boilerplate::mark(&mut document);
    let Some(block) = find::first(&document) else {
        return false;
    };
    let at_start = !(0..block.first).any(|at| document.is_content(at));
    let sent = block
        .field(Role::Sent)
        .map_or(block.first, |sent| sent.line);
    let in_header = document
        .lines
        .get(block.first..sent)
        .is_some_and(|lines| lines.iter().all(|line| !line.blank));
    at_start && in_header && block.says_when_sent(&document)
}

/// Bytes of a file among which its printed header lies if it starts with one.
const HEADER: usize = 4 << 10;

/// Reads the messages of a document of print-outs, in order; none where no printed header is found. `sha256` is that of
/// the document. Never panics; time and memory are in proportion to its length.
pub fn read(document: &[u8], sha256: &Sha256) -> Vec<Found> {
    catch_unwind(AssertUnwindSafe(|| {
        read_with(document, |byte, _| {
            identity::print_key(sha256, &byte.to_string())
        })
    }))
    .unwrap_or_default()
}

/// The same of the text of a PDF, a form feed behind each page. `sha256` is that of the PDF.
pub fn read_pages(text: &[u8], sha256: &Sha256) -> Vec<Found> {
    catch_unwind(AssertUnwindSafe(|| {
        // The page of the message before, and how many have begun on it.
        let mut last = (0, 0);
        read_with(text, |_, page| {
            last = (page, if last.0 == page { last.1 + 1 } else { 1 });
            let place = match last.1 {
                1 => format!("page {page}"),
                number => format!("page {page} message {number}"),
            };
            identity::print_key(sha256, &place)
        })
    }))
    .unwrap_or_default()
}

/// Reads one message again from its bytes alone, as [`Found::range`] gives them.
pub fn reread(raw: &[u8], key: MessageKey) -> Option<Message> {
    let found = catch_unwind(AssertUnwindSafe(|| read_with(raw, |_, _| key))).ok()?;
    found.into_iter().next().map(|found| found.message)
}

/// `key` makes the id of a message from its first byte and the page on which that is, from 1.
fn read_with(bytes: &[u8], mut key: impl FnMut(usize, u32) -> MessageKey) -> Vec<Found> {
    let mut document = Document::read(bytes);
    boilerplate::mark(&mut document);
    let blocks = find::all(&document);
    let mut found = Vec::with_capacity(blocks.len());
    for (index, (first_line, block)) in blocks.iter().enumerate() {
        let next = blocks.get(index + 1);
        let lines = *first_line..next.map_or(document.lines.len(), |(line, _)| *line);
        let range = document.byte(lines.start)..document.byte(lines.end);
        let page = document.lines.get(lines.start).map_or(0, |line| line.page);
        let key = key(range.start, page + 1);
        let mut pages = document
            .has_pages
            .then(|| pages::count(&document, &lines, block));
        if let Some(pages) = pages.as_mut().filter(|_| next.is_none()) {
            pages.message = pages.message.saturating_add(document.pages_beyond);
        }
        found.push(Found {
            message: message::read(&document, lines, block, key, range.len() as u64),
            range,
            pages,
        });
    }
    found
}

/// The messages that the text of a print-out quotes, as [`zones::quoted_messages`] lists them, their people and dates
/// read as print-outs have them.
pub fn quoted_messages(text: &str, zones: &[Zone]) -> Vec<QuotedMessage> {
    let mut messages = zones::quoted_messages(text, zones);
    let mut heads = distribution::Heads::of(text);
    for message in &mut messages {
        quoted::mend(text, &mut heads, message);
    }
    messages
}

/// Bytes without a character of UTF-8 that is cut off at their end.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).unwrap_or(bytes)
        }
        _ => bytes,
    }
}
