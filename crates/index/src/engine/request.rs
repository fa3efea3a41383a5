//! What is asked of the index and what it answers: plain data.

use std::ops::Range;

use roaring::RoaringBitmap;

use crate::language::Query;

/// One message, on its way into the index.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its number in the case: dense, given once, never used again.
    pub ordinal: u32,
    /// The message.
    pub message: &'a muckrake_mail::Message,
    /// When it was sent, in seconds since the Unix epoch in UTC; a date without
    /// a zone has been given one by the caller. `None` if it has no date.
    pub utc: Option<i64>,
    /// Whatever the caller wants back with a hit; stored as it is.
    pub record: &'a [u8],
}

/// In which order hits come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best first; equally good ones by ordinal.
    #[default]
    Relevance,
    /// Oldest first, undated last; equal ones by ordinal.
    DateAscending,
    /// Newest first, undated last; equal ones by ordinal.
    DateDescending,
}

/// Where words without a field, and those of `body:`, are looked for. What is excluded (under a `NOT`) is
/// always looked for everywhere, so that a narrower scope never finds more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordScope {
    /// In all that the query names.
    #[default]
    Everywhere,
    /// Of a body only in its author's own words. `quoted:` finds nothing.
    NotQuoted,
    /// In the author's own words and nowhere else: not in subject, names and attachments
    /// either, unless the query names them. `quoted:` finds nothing.
    OwnWords,
}

/// A question.
#[derive(Clone, Debug)]
pub struct SearchRequest<'a> {
    /// What to look for.
    pub query: &'a Query,
    /// In which order.
    pub sort: Sort,
    /// How many hits to leave out at the beginning.
    pub offset: usize,
    /// How many hits to give at most; `None` gives all.
    pub limit: Option<usize>,
    /// Only messages with an ordinal below this are seen.
    pub below: u32,
    /// Messages that are not seen although the index still has them.
    pub hidden: RoaringBitmap,
    /// The zone in which days are counted.
    pub zone: jiff::tz::TimeZone,
    /// Whether to make snippets.
    pub snippets: bool,
    /// Where words are looked for.
    pub scope: WordScope,
}

impl<'a> SearchRequest<'a> {
    /// A request for the first 20 hits by relevance, without snippets, days counted in UTC.
    pub fn new(query: &'a Query) -> Self {
        Self {
            query,
            sort: Sort::Relevance,
            offset: 0,
            limit: Some(20),
            below: u32::MAX,
            hidden: RoaringBitmap::new(),
            zone: jiff::tz::TimeZone::UTC,
            snippets: false,
            scope: WordScope::Everywhere,
        }
    }
}

impl SearchRequest<'_> {
    pub(crate) fn seen(&self) -> Seen<'_> {
        Seen {
            below: self.below,
            hidden: &self.hidden,
        }
    }
}

/// Which messages an answer may be made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) below: u32,
    pub(crate) hidden: &'a RoaringBitmap,
}

impl Seen<'_> {
    pub(crate) fn contains(self, ordinal: u32) -> bool {
        ordinal < self.below && !self.hidden.contains(ordinal)
    }
}

/// The answer to a [`SearchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// How many messages match, exactly.
    pub count: u64,
    /// The hits asked for, in order.
    pub hits: Vec<Hit>,
}

/// One matching message.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its ordinal.
    pub ordinal: u32,
    /// How well it matches; 0 where hits are not sorted by relevance.
    pub score: f32,
    /// What was stored with it.
    pub record: Vec<u8>,
    /// Where it matches, if snippets were asked for and it has any text.
    pub snippet: Option<Snippet>,
}

/// A stretch of a text around the best hits in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// Plain text, white space folded to single spaces, with `…` where it was cut.
    pub text: String,
    /// The hits: byte ranges of `text`, in order, not overlapping.
    pub marks: Vec<Range<usize>>,
    /// What was cut from.
    pub origin: SnippetOrigin,
}

/// What a snippet was cut from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SnippetOrigin {
    /// The body.
    #[default]
    Body,
    /// The text of an attachment.
    Attached,
    /// The name of an attachment.
    AttachmentName,
}

/// A text kept in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredText {
    /// Where it is from.
    pub origin: SnippetOrigin,
    /// The text.
    pub text: String,
}

/// A part of a query that the index cannot answer by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Messages with a copy in a release whose name matches the glob.
    Release(&'a str),
    /// Messages with a copy in a source whose name matches the glob.
    Source(&'a str),
    /// Messages with a copy in a mail folder whose name matches the glob.
    Folder(&'a str),
    /// The message whose id begins so.
    Id(&'a str),
    /// The messages of a thread: a thread id or the id of any member, or the beginning of one.
    Thread(&'a str),
    /// Messages with a tag.
    Tag(&'a str),
    /// Messages with copies in more than one release.
    MultiRelease,
    /// Messages with an official in one of the roles.
    Official {
        /// Name or address of the official.
        name: &'a str,
        /// In which roles.
        roles: Roles,
    },
    /// Messages with any participant of an agency.
    Agency(&'a str),
}

/// In which role a person has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// From.
    From,
    /// To.
    To,
    /// Cc.
    Cc,
    /// Bcc.
    Bcc,
    /// Any of the four.
    Any,
}

/// Why a [`Resolver`] has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ResolveError {
    /// What is wrong, for people: "no official is called …".
    pub message: String,
    /// What would be right, where that is known.
    pub hint: Option<String>,
}

/// Header fields of a message, name and decoded value, in order.
pub type HeaderFields = Vec<(String, String)>;

/// Answers what is not in the index.
pub trait Resolver {
    /// The ordinals of the messages that `lookup` means.
    ///
    /// # Errors
    /// If it means nothing, or several things; that becomes an error at the place in the query.
    fn resolve(&self, lookup: &Lookup<'_>) -> Result<RoaringBitmap, ResolveError>;

    /// All header fields of a message, name and decoded value, in order.
    ///
    /// Asked for trace and signature fields, which are not in the index. `None` where the
    /// original cannot be read: such a message fulfils neither a condition on these headers
    /// nor its opposite, and it is the resolver that has to tell of it.
    ///
    /// # Errors
    /// If no original can be looked for.
    fn headers(
        &self,
        ordinal: u32,
    ) -> Result<Option<HeaderFields>, Box<dyn std::error::Error + Send + Sync>>;
}

/// A [`Resolver`] that knows nothing beside the index: no releases, tags,
/// threads or officials, and no originals.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingElse;

impl Resolver for NothingElse {
    fn resolve(&self, _lookup: &Lookup<'_>) -> Result<RoaringBitmap, ResolveError> {
        Err(ResolveError {
            message: "this cannot be asked here".to_owned(),
            hint: None,
        })
    }

    fn headers(
        &self,
        _ordinal: u32,
    ) -> Result<Option<HeaderFields>, Box<dyn std::error::Error + Send + Sync>> {
        Err("the originals are not at hand".into())
    }
}
