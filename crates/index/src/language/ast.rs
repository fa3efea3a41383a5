//! What a query means: a tree of plain data.
//!
//! The parser gives trees in one canonical shape, which [`Query::and`],
//! [`Query::or`] and [`Query::except`] keep: no `And` directly inside an `And`, no
//! `Or` directly inside an `Or`, each with two operands or more, and no `Not`
//! directly inside a `Not`.

use std::ops::Range;

use jiff::civil::Date;
use muckrake_mail::Flag;

/// A query, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// `*`: every message.
    All,
    /// One condition.
    Leaf(Leaf),
    /// Everything but.
    Not(Box<Query>),
    /// All of them; two or more.
    And(Vec<Query>),
    /// Any of them; two or more.
    Or(Vec<Query>),
}

/// One condition: a value in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Where to look.
    pub field: Field,
    /// What to look for; which kinds go with which field is told at [`Field`].
    pub value: Value,
    /// Bytes of the query text that the value was read from, for messages that
    /// point at it (see [`super::QueryError`]).
    pub span: Range<usize>,
}

/// Where a value is looked for.
///
/// - *Text fields* (`Any`, `Subject`, `Body`, `Said`, `Quoted`, `Attachment`,
///   `Attached`, `Header`) hold [`Value::Word`], [`Value::Phrase`],
///   [`Value::Prefix`], [`Value::Fuzzy`] and [`Value::Regex`].
/// - *People fields* (`From`, `To`, `Cc`, `Bcc`, `With`) hold the same and
///   [`Value::Address`], [`Value::Domain`] and [`Value::Official`]. Names do not
///   inflect: a `Word` there is a whole word and nothing else.
/// - *Exact fields* (`Agency`, `Official`, `FileType`, `Id`, `Thread`,
///   `MessageId`, `Lang`, `Redaction`, `Tag`, `Saved`) and *pattern fields* (`Release`, `Source`,
///   `Folder`) hold [`Value::Text`].
/// - `Date` holds [`Value::Dates`] or [`Value::NoDate`], `Size`
///   [`Value::Sizes`], `Property` [`Value::Property`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// No field: subject, body, names and addresses, attachment names and text.
    Any,
    /// `from:`
    From,
    /// `to:`
    To,
    /// `cc:`
    Cc,
    /// `bcc:`
    Bcc,
    /// `with:`, any of From, To, Cc and Bcc.
    With,
    /// `official:`, a person in any role through all their aliases.
    Official,
    /// `agency:`, any participant of that agency.
    Agency,
    /// `subject:`
    Subject,
    /// `body:`, all zones.
    Body,
    /// `said:`, only the author's own words.
    Said,
    /// `quoted:`, only quoted or forwarded text.
    Quoted,
    /// `attachment:`, the file name.
    Attachment,
    /// `filetype:`, the kind of an attachment, lower case, without a leading dot.
    FileType,
    /// `attached:`, the text of an attachment.
    Attached,
    /// `date:`, `before:` and `after:`.
    Date,
    /// `release:`, a pattern (see [`super::Pattern`]).
    Release,
    /// `source:`, a pattern.
    Source,
    /// `folder:`, a pattern.
    Folder,
    /// `id:`, 6 to 40 hexadecimal digits in lower case: the start of an id.
    Id,
    /// `thread:`, the start of the id of any member, or of a former thread id.
    Thread,
    /// `message-id:`, without angle brackets, as written.
    MessageId,
    /// `has:` and `is:`
    Property,
    /// `size:`, bytes of the message.
    Size,
    /// `lang:`, an ISO 639-1 code in lower case.
    Lang,
    /// Code of a redaction.
    Redaction,
    /// `tag:`, as written.
    Tag,
    /// `query:`, the name of a saved query, as written; [`Query::with_saved`] puts it in place.
    Saved,
    /// `header.NAME:`, with the name in lower case.
    Header(String),
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One folded term (see [`crate::terms`]). Written without quotes, so its
    /// inflections match too, except in people fields.
    Word(String),
    /// The terms of `text`, one or more. Without `slop`: next to one another in
    /// this order. With it: in any order, with at most that many other terms
    /// between the first and the last of them.
    Phrase {
        /// As written, not folded.
        text: String,
        /// Other terms allowed in between.
        slop: Option<u32>,
    },
    /// The terms of the text as a phrase, the last of them only a beginning.
    /// Folded terms joined by hyphens: cut it again with [`crate::terms`].
    Prefix(String),
    /// A folded term within so many edits.
    Fuzzy {
        /// One folded term.
        word: String,
        /// Letters that may be inserted, left out, changed, or swapped with the
        /// next: 1 or 2.
        edits: u8,
    },
    /// A regular expression that a whole folded term matches. Its literal letters
    /// are folded already, and `tantivy_fst::Regex` accepts it.
    Regex(String),
    /// A whole address, as written: one `@`, something on either side.
    Address(String),
    /// A domain and its subdomains, as written, without the `@`.
    Domain(String),
    /// An official in this role, by a name or alias, as written.
    Official(String),
    /// A name, id, code or pattern, as written unless [`Field`] says otherwise.
    Text(String),
    /// Civil days in the time zone of the case.
    Dates(DateRange),
    /// `date:none`: the message tells no date.
    NoDate,
    /// A range of sizes.
    Sizes(SizeRange),
    /// A yes-or-no property.
    Property(Property),
}

/// Days from `first` to `last`, both included; open where `None`, never on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// First day.
    pub first: Option<Date>,
    /// Last day, not before the first.
    pub last: Option<Date>,
}

/// Bytes from `min` to `max`, both included; open where `None`, never on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeRange {
    /// Fewest bytes.
    pub min: Option<u64>,
    /// Most bytes, not below `min`.
    pub max: Option<u64>,
}

/// A yes-or-no property that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// One that the mail tells of itself.
    Flag(Flag),
    /// `is:multi-release`: copies in more than one release.
    MultiRelease,
}

impl Query {
    /// All of `operands`; everything if there are none.
    pub fn and(operands: Vec<Query>) -> Query {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match operand {
                Query::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 | 1 => flat.pop().unwrap_or(Query::All),
            _ => Query::And(flat),
        }
    }

    /// Any of `operands`; nothing if there are none.
    pub fn or(operands: Vec<Query>) -> Query {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match operand {
                Query::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Query::except(Query::All),
            1 => flat.pop().unwrap_or(Query::All),
            _ => Query::Or(flat),
        }
    }

    /// Everything but `operand`.
    pub fn except(operand: Query) -> Query {
        match operand {
            Query::Not(inner) => *inner,
            other => Query::Not(Box::new(other)),
        }
    }
}
