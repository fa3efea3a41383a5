//! What can go wrong with a case, and what to do about it.

use muckrake_index::IndexError;
use muckrake_index::language::QueryError;
use rusqlite::ErrorCode;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// Whose turn it is after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request was wrong: an unknown name, a query that does not parse.
    Usage,
    /// The request was right and names nothing in this case.
    NotFound,
    /// The machine or the data failed.
    Failed,
}

/// An operation on a case that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// There is no folder at this place.
    #[error("there is no case at `{}`", folder.display())]
    NoCase {
        /// Where a case was looked for.
        folder: PathBuf,
    },
    /// The folder exists and is not a case.
    #[error("`{}` is not a muckrake case", folder.display())]
    NotACase {
        /// Where a case was looked for.
        folder: PathBuf,
    },
    /// The case was made by a version that this one does not know.
    #[error("the case `{}` has format {found}; this version knows formats up to {known}", folder.display())]
    NewerCase {
        /// The case.
        folder: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The case was made by an older version and has to be made again.
    #[error("the case `{}` has format {found}; this version needs format {needed}", folder.display())]
    OlderCase {
        /// The case.
        folder: PathBuf,
        /// Its format.
        found: u32,
        /// The format of this version.
        needed: u32,
    },
    /// Another process writes to the case.
    #[error("the case `{}` is being written by {holder}", folder.display())]
    Locked {
        /// The case.
        folder: PathBuf,
        /// Who writes, and what.
        holder: String,
    },
    /// A writer died and left work half done, and in a folder that cannot be written nobody
    /// can finish it.
    #[error("a part of the case is still in `{}`, and the folder cannot be written", path.display())]
    ReadOnlyUnsettled {
        /// What was left.
        path: PathBuf,
    },
    /// Another process reads the ledger that a rebuild has made, so that it is not all in its file.
    #[error("another process reads `{}`, so what was made again cannot be put in place", path.display())]
    RebuildHeld {
        /// What it reads.
        path: PathBuf,
    },
    /// The query does not parse, or names something that is not there.
    #[error("{0}")]
    Query(QueryError),
    /// An id or its prefix is too short to mean one message.
    #[error("`{id}` is too short for an id: give at least 6 of its digits")]
    ShortId {
        /// What was given.
        id: String,
    },
    /// No message has this id.
    #[error("no message has the id `{id}`")]
    UnknownId {
        /// What was given.
        id: String,
    },
    /// No link between these two messages.
    #[error("`{one}` and `{other}` are not linked")]
    NotLinked {
        /// One of them, as it was given.
        one: String,
        /// The other.
        other: String,
    },
    /// Several messages have ids that start so.
    #[error("`{id}` is the start of {} ids: {}", candidates.len(), candidates.join(", "))]
    AmbiguousId {
        /// What was given.
        id: String,
        /// Some ids that start so.
        candidates: Vec<String>,
    },
    /// A message has no part of this number.
    #[error("the message `{id}` has no part `{part}`")]
    UnknownPart {
        /// The message.
        id: String,
        /// The part asked for.
        part: String,
    },
    /// No release has this name.
    #[error("no release is named `{name}`")]
    UnknownRelease {
        /// What was given.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A release has this name already.
    #[error("a release is named `{name}` already")]
    ReleaseExists {
        /// The name.
        name: String,
    },
    /// A time zone that is not in the IANA database.
    #[error("no time zone is named `{name}`")]
    UnknownTimeZone {
        /// What was given.
        name: String,
    },
    /// A fact about a release that cannot be read.
    #[error("{what} cannot be `{value}`")]
    BadValue {
        /// What it is for.
        what: &'static str,
        /// What was given.
        value: String,
    },
    /// The settings file cannot be understood.
    #[error("cannot understand `{}`", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: toml::de::Error,
    },
    /// No footer, or several, are meant by a fingerprint.
    #[error("`{print}` is the beginning of no footer's fingerprint, or of several")]
    UnknownFooter {
        /// What was given.
        print: String,
    },
    /// A table of the user's cannot be read.
    #[error("line {line} of `{}`: {message}", path.display())]
    BadTable {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// A name or a query that cannot be kept.
    #[error("{message}")]
    BadName {
        /// What is wrong.
        message: String,
    },
    /// A timeline that nobody could read.
    #[error("from {first} to {last} there are more periods by {by} than can be counted")]
    TooManyPeriods {
        /// The length of a period.
        by: &'static str,
        /// Day of the first message.
        first: String,
        /// Day of the last.
        last: String,
    },
    /// No query is saved under this name.
    #[error("no query is saved as `{name}`")]
    UnknownQuery {
        /// What was given.
        name: String,
    },
    /// No official is known by this name, or several are.
    #[error("{message}")]
    Official {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// No copy of a message can be read where it was.
    #[error("the original of `{id}` cannot be read: {reason}")]
    OriginalUnreachable {
        /// The message.
        id: String,
        /// Why, for each copy tried.
        reason: String,
    },
    /// Sources are not where they were, so that the index cannot be made again.
    #[error("{count} of the sources cannot be read where they were, the first is `{}`", first.display())]
    SourcesMissing {
        /// How many.
        count: usize,
        /// One of them.
        first: PathBuf,
    },
    /// The sources as they are now do not give all messages again.
    #[error(
        "{messages} messages and {sources} sources of the case could not be made again, so nothing was changed{}{}",
        named_sources(named),
        named_limits(limits)
    )]
    RebuildLoses {
        /// Messages that would be lost.
        messages: usize,
        /// Sources whose bytes are no longer what was recorded.
        sources: usize,
        /// Names of some of them, where `verify` cannot tell: the ledger is damaged.
        named: Vec<String>,
        /// Names of the limits that keep more out than when the case was made.
        limits: Vec<String>,
    },
    /// No source lies at or under this path.
    #[error("no source of this case lies at `{}`", path.display())]
    UnknownSource {
        /// What was given.
        path: PathBuf,
    },
    /// The target of an export exists.
    #[error("`{}` exists already", path.display())]
    TargetExists {
        /// The target.
        path: PathBuf,
    },
    /// The target of an export exists and is never replaced: a source, a part of the case,
    /// or a folder that no export made.
    #[error("`{}` is a source, a part of the case or a folder that no export made, and is not replaced", path.display())]
    TargetForeign {
        /// The target.
        path: PathBuf,
    },
    /// Another run builds an export for the same target.
    #[error("another export is being written in `{}`", path.display())]
    TargetBusy {
        /// Where it is built.
        path: PathBuf,
    },
    /// The disk has no room for an export.
    #[error("`{}` needs at least {} bytes, and its disk has {} left", path.display(), needed, available)]
    NoRoom {
        /// The target.
        path: PathBuf,
        /// Bytes that the export takes at least.
        needed: u64,
        /// Bytes that may still be written.
        available: u64,
    },
    /// A database that an export makes could not be written.
    #[error("cannot {operation} the database `{}`", path.display())]
    Database {
        /// What was tried.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: rusqlite::Error,
    },
    /// A load file cannot hold a character.
    #[error("the field {field} of `{control_number}` has a character that windows-1252 lacks: `{}` ({})", character.escape_default(), code_point(*character))]
    Unmappable {
        /// The document.
        control_number: String,
        /// The field.
        field: &'static str,
        /// The character.
        character: char,
    },
    /// A part of the case is not as it was written.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file operation failed.
    #[error("cannot {operation} `{}`", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The ledger could not be read or written.
    #[error("cannot {operation} the ledger")]
    Ledger {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        #[source]
        source: rusqlite::Error,
    },
    /// The index could not be read or written.
    #[error("cannot {operation} the index")]
    Index {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        #[source]
        source: muckrake_index::IndexError,
    },
    /// Sources could not be walked.
    #[error(transparent)]
    Ingest(muckrake_ingest::IngestError),
    /// The seekable copies of compressed streams could not be read or cleaned up.
    #[error("cannot use the seekable copies of the case")]
    Stream {
        /// Why.
        #[source]
        source: muckrake_ingest::StoreError,
    },
    /// A stored record is not what this version wrote.
    #[error("the index holds a record of message {ordinal} that cannot be read")]
    Record {
        /// Which message.
        ordinal: u32,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

fn named_sources(named: &[String]) -> String {
    match named {
        [] => String::new(),
        named => format!("; among the sources: `{}`", named.join("`, `")),
    }
}

fn named_limits(limits: &[String]) -> String {
    match limits {
        [] => String::new(),
        limits => format!(
            "; what is over the limit `{}` was not read",
            limits.join("` and `")
        ),
    }
}

impl CaseError {
    /// Whose turn it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Query(_)
            | Self::NoCase { .. }
            | Self::NotACase { .. }
            | Self::ShortId { .. }
            | Self::AmbiguousId { .. }
            | Self::UnknownRelease { .. }
            | Self::ReleaseExists { .. }
            | Self::UnknownTimeZone { .. }
            | Self::BadValue { .. }
            | Self::Official { .. }
            | Self::TargetExists { .. }
            | Self::TargetForeign { .. }
            | Self::TargetBusy { .. }
            | Self::Unmappable { .. }
            | Self::BadTable { .. }
            | Self::BadName { .. }
            | Self::TooManyPeriods { .. }
            | Self::Settings { .. } => ErrorKind::Usage,
            Self::UnknownId { .. }
            | Self::NotLinked { .. }
            | Self::UnknownPart { .. }
            | Self::UnknownSource { .. }
            | Self::UnknownQuery { .. }
            | Self::UnknownFooter { .. } => ErrorKind::NotFound,
            _ => ErrorKind::Failed,
        }
    }

    /// What to do about it, where there is something to say beyond the message.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotLinked { .. } => "`muckrake show ID` names the messages that one is linked with, `muckrake links list` all pairs".into(),
            Self::NoCase { .. } => "make one with `muckrake ingest PATH --release NAME`, or name another with `--case DIR`".into(),
            Self::NotACase { .. } => "name the case folder with `--case DIR`; the first `ingest` makes it".into(),
            Self::NewerCase { .. } => "use a newer muckrake, or make the case again from its sources".into(),
            Self::OlderCase { .. } => "make it again from its sources with `muckrake rebuild`; ids stay the same, but for mail with damaged headers that is read better now. Where sources are gone, the version that made it still reads it".into(),
            Self::Locked { .. } => "wait until it has finished; searching is possible meanwhile".into(),
            Self::ReadOnlyUnsettled { .. } => "copy the whole case folder to a place where you can write, and name the copy with `--case DIR`".into(),
            Self::RebuildHeld { .. } => "close what reads it (a backup, a database browser) and run `muckrake rebuild` again; the case is as it was".into(),
            Self::UnknownRelease { known, .. } if known.is_empty() => "this case holds no release yet".into(),
            Self::UnknownRelease { known, .. } => format!("this case holds {}", known.join(", ")),
            Self::UnknownTimeZone { .. } => "use a name such as `America/New_York` or `UTC`".into(),
            Self::Official { hint, .. } => hint.clone(),
            Self::BadValue { what, .. } if what.contains("date") => "write it as year, month and day: `2018-03-13`".into(),
            Self::AmbiguousId { .. } => "give more of its digits".into(),
            Self::OriginalUnreachable { .. } => {
                "if the sources have moved, say where with `muckrake relocate OLD NEW`; `muckrake verify` lists them".into()
            }
            Self::Damaged { .. } => {
                "`muckrake rebuild` makes ledger and index again from the sources; `muckrake verify` says what else is damaged".into()
            }
            Self::Index { source, .. } if is_refused(source) => {
                "this user may not read or write the index: see to the permissions of the case folder".into()
            }
            Self::Index { source: IndexError::Open { .. } | IndexError::File { .. } | IndexError::Format { .. }, .. } => {
                "`muckrake rebuild` makes the index again from the sources".into()
            }
            Self::SourcesMissing { .. } => {
                "say where they are now with `muckrake relocate OLD NEW`, or take the release out with `muckrake releases forget NAME`".into()
            }
            Self::RebuildLoses { limits, .. } if !limits.is_empty() => {
                "raise that limit in the case's `muckrake.toml`, at least to what it was when the case was made; where a source has changed as well, `muckrake verify` names it".into()
            }
            Self::RebuildLoses { named, .. } if !named.is_empty() => {
                "put the files back as they were delivered; an encrypted archive needs `--password-file`".into()
            }
            Self::RebuildLoses { .. } => {
                "`muckrake verify` names the sources that have changed; an encrypted archive needs `--password-file`".into()
            }
            Self::TooManyPeriods { .. } => "ask for longer periods with `--by`, or for a part of the time, as in `date:2016..2018`".into(),
            Self::UnknownQuery { .. } => "`muckrake queries list` shows those that are saved".into(),
            Self::BadTable { .. } => "mend that line; a cell with commas or quotes stands in quotes, and a quote in it is doubled".into(),
            Self::UnknownSource { .. } => "`muckrake ledger` lists the sources of the case".into(),
            Self::TargetExists { .. } => "choose another target, or replace it with `--force`".into(),
            Self::TargetForeign { .. } => "choose another target".into(),
            Self::TargetBusy { .. } => "wait until it has finished, or choose another target".into(),
            Self::NoRoom { .. } => "choose a target on another disk, or take out less".into(),
            Self::Unmappable { .. } => "write the load file in UTF-8".into(),
            Self::UnknownPart { .. } => "`muckrake show ID` lists the parts of a message".into(),
            _ => return None,
        })
    }

    /// Wraps a failed file operation.
    pub(crate) fn file(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            operation,
            path,
            source,
        }
    }

    /// Wraps a failed ledger operation.
    pub(crate) fn ledger(operation: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged {
                path: "ledger.sqlite".into(),
                reason: source.to_string(),
            },
            _ => Self::Ledger { operation, source },
        }
    }

    /// Wraps a failed index operation.
    pub(crate) fn index(
        operation: &'static str,
    ) -> impl FnOnce(muckrake_index::IndexError) -> Self {
        move |source| match source {
            IndexError::Damaged { path, reason } => Self::Damaged { path, reason },
            source => Self::Index { operation, source },
        }
    }
}

/// Whether the system does not let the user at the index; that is no damage.
fn is_refused(error: &IndexError) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let refused = error
            .downcast_ref::<io::Error>()
            .or_else(|| error.downcast_ref::<Arc<io::Error>>().map(AsRef::as_ref))
            .is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
        if refused {
            return true;
        }
        cause = error.source();
    }
    false
}
