//! What a case answers with: plain types, the same for people, for `--json` and
//! for a program built on this crate. Field names and meanings are schema 1;
//! keys may be added under it, none changes meaning.

use muckrake_mail::Attachment;
use muckrake_mail::Defect;
use muckrake_mail::Flag;
use muckrake_mail::MessageKey;
use muckrake_mail::Sha256;
use serde::Deserialize;
use serde::Serialize;
use std::ops::Range;

/// The number of the output grammar.
pub const SCHEMA: u32 = 1;

/// One person string of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Display name.
    pub name: Option<String>,
    /// Address as written.
    pub address: Option<String>,
    /// The official it belongs to, once officials are known.
    pub official: Option<String>,
}

impl Person {
    /// Whether the display name says who it is as the official's name does, in whatever shape.
    pub fn shows_official_name(&self, official: &str) -> bool {
        let shown = self.name.as_deref().or(self.address.as_deref());
        shown.is_some_and(|name| {
            muckrake_casework::officials::natural(name).eq_ignore_ascii_case(official)
        })
    }
}

/// One occurrence of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopyPlace {
    /// Name of the release.
    pub release: String,
    /// Path of the source file, as last seen.
    pub source: String,
    /// Path inside archives, mailboxes and messages, joined with `!/`; null for the source itself.
    pub path_inside: Option<String>,
    /// First byte in the decoded item that `path_inside` names.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// SHA-256 over exactly those bytes.
    pub sha256: Sha256,
    /// SHA-256 over the source file; null if it was not read to its end.
    pub source_sha256: Option<Sha256>,
    /// Pages of a print-out; null where the original is bytes.
    pub pages: Option<String>,
    /// Mailbox or folder that it lay in, as far as paths tell.
    pub folder: Option<String>,
}

/// One attachment, as search results list it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentSummary {
    /// File name.
    pub name: Option<String>,
    /// Media type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Bytes after transfer decoding.
    pub size: u64,
    /// SHA-256 of the bytes after transfer decoding.
    pub sha256: Sha256,
    /// Which part of the message it is, for `show --part`.
    pub part: String,
}

impl From<&Attachment> for AttachmentSummary {
    fn from(attachment: &Attachment) -> Self {
        Self {
            name: attachment.name.clone(),
            content_type: attachment.content_type.clone(),
            size: attachment.size,
            sha256: attachment.sha256,
            part: attachment.part.clone(),
        }
    }
}

/// A stretch of text around the words that matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// Plain text; not escaped.
    pub text: String,
    /// Byte ranges of `text` that matched, in order.
    pub marks: Vec<Range<usize>>,
}

/// One message, as a search finds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// The message's id.
    pub id: MessageKey,
    /// Its thread: the id of the thread's earliest message.
    pub thread: MessageKey,
    /// RFC 3339; local date-time without offset where the zone is unknown; null if undated.
    pub date: Option<String>,
    /// `second`, `minute` or `day`; null if undated.
    pub date_precision: Option<String>,
    /// Whether the date tells its zone.
    pub zone_known: bool,
    /// `header`, `received`, `printed`; null if undated.
    pub date_source: Option<String>,
    /// From.
    pub from: Vec<Person>,
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// Bcc.
    pub bcc: Vec<Person>,
    /// Subject.
    pub subject: Option<String>,
    /// Names of the releases that hold it.
    pub releases: Vec<String>,
    /// Every occurrence.
    pub copies: Vec<CopyPlace>,
    /// Ids of messages that say the same under another id, the first 100 of them.
    pub linked: Vec<MessageKey>,
    /// How many messages say the same under another id.
    pub linked_count: u64,
    /// Id of the message that it was attached to.
    pub attached_to: Option<MessageKey>,
    /// Attachments.
    pub attachments: Vec<AttachmentSummary>,
    /// Bytes of the message.
    pub size: u64,
    /// Flags.
    pub flags: Vec<Flag>,
    /// Relevance; comparable within one answer only.
    pub score: f32,
    /// Text around the match; null if nothing to mark.
    pub snippet: Option<Snippet>,
    /// Message-ID.
    pub message_id: Option<String>,
    /// The user's tags on it, in order.
    pub tags: Vec<String>,
    /// The user's note on it.
    pub note: Option<String>,
}

/// The answer to a search.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchResults {
    /// All matches, exact.
    pub count: u64,
    /// The page that was asked for.
    pub hits: Vec<Hit>,
    /// What the user should know beside the hits: unread items, a running ingest.
    pub notices: Vec<String>,
    /// Terms near to a word that matches nothing.
    pub suggestions: Vec<String>,
}

/// The answer to a search for threads.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadResults {
    /// All threads that hold matching messages, exact.
    pub count: u64,
    /// The page that was asked for.
    pub threads: Vec<ThreadHit>,
    /// As [`SearchResults::notices`].
    pub notices: Vec<String>,
}

/// One thread, as a search finds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThreadHit {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Id of the thread.
    pub thread: MessageKey,
    /// Subject of its earliest message.
    pub subject: Option<String>,
    /// Date of its earliest dated message.
    pub first: Option<String>,
    /// Date of its latest dated message.
    pub last: Option<String>,
    /// Messages in the case.
    pub messages: u64,
    /// Messages that match.
    pub hits: u64,
    /// Links of the thread that are guesses.
    pub guesses: u64,
    /// Those who wrote in it, in order of their first message.
    pub people: Vec<Person>,
    /// Ids of the matching messages, by date.
    pub ids: Vec<MessageKey>,
}

/// One message, to be read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageView {
    /// All that a search gives.
    #[serde(flatten)]
    pub hit: Hit,
    /// Sender, where it differs from From: who sent on behalf of it.
    pub sender: Vec<Person>,
    /// Reply-To.
    pub reply_to: Vec<Person>,
    /// The texts of the body.
    pub body: Vec<crate::BodyText>,
    /// Language as ISO 639-1, where told reliably.
    pub language: Option<String>,
    /// What is wrong with it.
    pub defects: Vec<Defect>,
    /// What became of each attachment, in the order of `attachments`.
    pub attachment_states: Vec<muckrake_mail::AttachmentState>,
    /// Ids of messages attached to it.
    pub attached: Vec<MessageKey>,
    /// The messages that it is one with, and what that rests on; the first 100.
    pub links: Vec<crate::MessageLink>,
    /// What was taken out of it, as marks and codes tell, by code.
    pub redactions: Vec<muckrake_mail::Redaction>,
    /// What a print-out tells beside; null for mail.
    pub print: Option<Box<muckrake_mail::Print>>,
    /// For each field of `print`, in order, the lines on which it stands on its page; empty for mail and texts, and in exports and
    /// threads.
    pub boxes: Vec<Vec<crate::FieldBox>>,
    /// Its pages that were images and were recognised, and how sure that is.
    pub ocr: Vec<crate::RecognisedPage>,
    /// Its pages on which words lie under black boxes.
    pub covered: Vec<crate::CoveredPage>,
}
