//! What a message is, once read: plain data, no behaviour beyond small accessors.
//!
//! Everything here is partial by nature. A field that the mail does not carry,
//! or that could not be read, is `None` or empty; it is never guessed.

use crate::header_list::Headers;
use crate::print::Print;
use crate::redactions::Redaction;
use serde::Deserialize;
use serde::Serialize;

/// The id of a message: 20 bytes, written as 40 lower-case hexadecimal digits.
///
/// Made from what the message says (see [`crate::identity`]), never from where
/// it was found, so that every copy in every release has the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey(pub [u8; 20]);

/// A SHA-256 digest, as courts and load files use it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

/// One person string in one role, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mention {
    /// Display name, decoded (RFC 2047) and unquoted.
    pub name: Option<String>,
    /// Address as written, without angle brackets or `mailto:`. Not lower-cased.
    pub address: Option<String>,
}

/// How exact a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePrecision {
    /// Known to the second.
    Second,
    /// Known to the minute, as on most print-outs.
    Minute,
    /// Only the day is known.
    Day,
}

/// Where a date was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSource {
    /// The `Date` field.
    Header,
    /// The topmost `Received` field with a readable date, the `Date` field being absent or unreadable.
    Received,
    /// The header block of a print-out.
    Printed,
}

/// A point in time, with what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MailDate {
    /// Wall-clock time where it was written: seconds since 1970-01-01T00:00:00 on that clock.
    pub local: i64,
    /// Offset of that clock from UTC in seconds, east positive; `None` if not told.
    pub offset: Option<i32>,
    /// How exact it is.
    pub precision: DatePrecision,
    /// Where it was read.
    pub source: DateSource,
}

impl MailDate {
    /// Seconds since the Unix epoch in UTC, where the offset is known.
    pub fn utc(&self) -> Option<i64> {
        self.offset.map(|offset| self.local - i64::from(offset))
    }
}

/// A stretch of a body and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// First byte in the text part.
    pub start: u32,
    /// One past the last byte in the text part.
    pub end: u32,
    /// What it is.
    pub kind: ZoneKind,
    /// Quotation depth: 0 for the author's own, 1 for what the author quotes, and so on.
    pub depth: u16,
}

/// What a zone holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// The author's own words.
    Author,
    /// Words of an earlier message, quoted in an answer, with the lines that introduce them.
    Quoted,
    /// Words of another message, passed on, with the lines that introduce them.
    Forwarded,
    /// A signature.
    Signature,
    /// A disclaimer or banner.
    Disclaimer,
}

/// The form in which a text came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextKind {
    /// `text/plain` or similar.
    Plain,
    /// Text taken out of HTML.
    Html,
}

/// One text of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPart {
    /// Which part of the message it is, numbered as in IMAP (RFC 3501 §6.4.5): `1`, `2.1`.
    pub part: String,
    /// The form in which it came.
    pub kind: TextKind,
    /// The text: UTF-8, line ends as `\n`.
    pub text: String,
    /// Zones in order, covering every byte of `text` once.
    pub zones: Vec<Zone>,
    /// True where another part says the same in another form (`multipart/alternative`)
    /// and is shown instead; it is still searched.
    pub alternative: bool,
}

/// What became of an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "why")]
pub enum AttachmentState {
    /// Its text is searched.
    Text,
    /// It is a message of its own (`message/rfc822`).
    Message,
    /// It has no text by nature: an image, sound, video, font, a key or signature.
    NoText,
    /// It is recognised, and this version cannot read its text; the string names the kind.
    Unsupported(String),
    /// It should be readable and is not: damaged, encrypted or over a limit; the string says why.
    Unread(String),
}

/// One attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which part of the message it is, numbered as in IMAP.
    pub part: String,
    /// File name as decoded; `None` if it has none. May be hostile: never use it as a path as it stands.
    pub name: Option<String>,
    /// Media type in lower case, `application/octet-stream` if it tells none.
    pub content_type: String,
    /// Bytes after transfer decoding.
    pub size: u64,
    /// SHA-256 of the bytes after transfer decoding.
    pub sha256: Sha256,
    /// Text, for text-like attachments.
    pub text: Option<String>,
    /// What became of it.
    pub state: AttachmentState,
}

/// A message inside a message.
#[derive(Clone, Debug, PartialEq)]
pub struct AttachedMessage {
    /// Which part of the parent it is, numbered as in IMAP.
    pub part: String,
    /// Length of its bytes after transfer decoding.
    pub length: u64,
    /// SHA-256 of those bytes.
    pub sha256: Sha256,
    /// The message itself.
    pub message: Message,
}

/// A yes-or-no property of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// Has an attachment or an attached message.
    Attachment,
    /// Quotes or forwards another message in its body.
    Quote,
    /// Carries a redaction mark.
    Redaction,
    /// Answers another message, by In-Reply-To, References or the subject.
    Reply,
    /// Forwards another message.
    Forward,
    /// Was never sent, as far as it says (`X-Unsent`, Thunderbird and Gmail drafts).
    Draft,
    /// A delivery or disposition report.
    Bounce,
    /// Came through a mailing list.
    List,
    /// Encrypted, wholly or in part.
    Encrypted,
    /// Some of it could not be read.
    Unreadable,
    /// Marked as deleted by its owner before the release (Thunderbird's expunged bit).
    Deleted,
}

impl Flag {
    /// Its word, as `has:`, `is:` and machine output write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Quote => "quote",
            Self::Redaction => "redaction",
            Self::Reply => "reply",
            Self::Forward => "forward",
            Self::Draft => "draft",
            Self::Bounce => "bounce",
            Self::List => "list",
            Self::Encrypted => "encrypted",
            Self::Unreadable => "unreadable",
            Self::Deleted => "deleted",
        }
    }
}

/// One fault of a message, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// What is wrong.
    pub code: DefectCode,
    /// Byte offset in the message where it was met.
    pub offset: u64,
    /// What was found, shortened; for people.
    pub detail: String,
}

/// What can be wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DefectCode {
    /// No header field could be read.
    NoHeader,
    /// A line among the header fields is not one.
    BadHeaderLine,
    /// A header field is longer than the limit and was cut.
    HeaderTooLong,
    /// No Message-ID.
    NoMessageId,
    /// More than one Message-ID.
    SeveralMessageIds,
    /// No date in any place.
    NoDate,
    /// The date could not be read, or is outside 1970 to 2100.
    BadDate,
    /// A character set that is unknown, or does not fit the bytes.
    BadCharset,
    /// A transfer encoding that is unknown, or does not fit the bytes.
    BadTransferEncoding,
    /// A multipart without a boundary, or one that never closes.
    BadMultipart,
    /// Nested deeper than the limit.
    TooDeep,
    /// More parts than the limit.
    TooManyParts,
    /// More references than are used: the first and the last of them are kept.
    TooManyReferences,
    /// The text of an attachment was longer than the limit and was cut.
    TextTooLong,
    /// The reader gave up on this message; it is kept by its bytes alone.
    Unparsable,
    /// The text of the body was longer than the limit and was cut.
    BodyTooLong,
}

/// Whether an id was made from what the message says or only from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyBasis {
    /// From Message-ID, people, date, subject, body and attachments.
    Content,
    /// From the bytes: too little of it could be read.
    Bytes,
}

/// One email, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id.
    pub key: MessageKey,
    /// What the id was made from.
    pub key_basis: KeyBasis,
    /// Hash over what it says without its Message-ID; equal for one text sent or
    /// exported under several ids. `None` where too little could be read to bind on.
    pub content_key: Option<[u8; 16]>,
    /// Message-ID, without angle brackets; the first if there are several.
    pub message_id: Option<String>,
    /// In-Reply-To, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// References, without angle brackets, in order.
    pub references: Vec<String>,
    /// When it was sent.
    pub date: Option<MailDate>,
    /// From.
    pub from: Vec<Mention>,
    /// Sender; where it differs from From, the one who sent on behalf of it.
    pub sender: Vec<Mention>,
    /// Reply-To.
    pub reply_to: Vec<Mention>,
    /// To.
    pub to: Vec<Mention>,
    /// Cc.
    pub cc: Vec<Mention>,
    /// Bcc.
    pub bcc: Vec<Mention>,
    /// Subject, decoded, white space folded to single spaces.
    pub subject: Option<String>,
    /// The texts of the body in reading order.
    pub body: Vec<TextPart>,
    /// Attachments in order, attached messages among them.
    pub attachments: Vec<Attachment>,
    /// Attached messages in order.
    pub attached: Vec<AttachedMessage>,
    /// All header fields in order.
    pub headers: Headers,
    /// Flags, sorted, each once.
    pub flags: Vec<Flag>,
    /// Language of the body as an ISO 639-1 code, where it is told reliably.
    pub language: Option<String>,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
    /// Bytes of the message as read.
    pub size: u64,
    /// What was taken out of it, as far as marks and codes in it tell, by code.
    pub redactions: Vec<Redaction>,
    /// What only a print-out tells; `None` for mail.
    pub print: Option<Box<Print>>,
}

const HEX_DIGITS: [u8; 16] = *b"0123456789abcdef";

macro_rules! hex_digest {
    ($name:ident, $length:literal) => {
        impl $name {
            /// Reads the hexadecimal form; `None` if it is not exactly that.
            pub fn from_hex(text: &str) -> Option<Self> {
                let digits = text.as_bytes();
                if digits.len() != $length * 2 {
                    return None;
                }
                let mut bytes = [0u8; $length];
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    let high = char::from(pair[0]).to_digit(16)?;
                    let low = char::from(pair[1]).to_digit(16)?;
                    *byte = (high * 16 + low) as u8;
                }
                Some(Self(bytes))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // A case names the hash of every source: this is not left to the machinery of formats.
                let mut digits = String::with_capacity($length * 2);
                for byte in self.0 {
                    for digit in [byte >> 4, byte & 0xF] {
                        digits.push(char::from(HEX_DIGITS[usize::from(digit)]));
                    }
                }
                formatter.write_str(&digits)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{self}")
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::from_hex(&text).ok_or_else(|| {
                    serde::de::Error::custom(concat!("expected ", $length, " bytes in hexadecimal"))
                })
            }
        }
    };
}

hex_digest!(MessageKey, 20);
hex_digest!(Sha256, 32);
