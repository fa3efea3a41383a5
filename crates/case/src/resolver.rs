//! What a query asks that is not in the index: releases, sources, folders, ids, threads.

use crate::CaseError;
use crate::Links;
use crate::folder::Folder;
use crate::ledger::LedgerFile;
use crate::ledger::SourceRow;
use crate::officials;
use crate::read::Originals;
use crate::view::View;
use muckrake_index::HeaderFields;
use muckrake_index::Lookup;
use muckrake_index::ResolveError;
use muckrake_index::Resolver;
use muckrake_index::Roles;
use muckrake_index::language::Pattern;
use muckrake_mail::MessageKey;
use roaring::RoaringBitmap;
use rusqlite::OptionalExtension;
use std::cell::RefCell;
use std::error::Error;

/// Shortest prefix of an id that is taken for one.
const SHORTEST_ID: usize = 6;

/// Answers lookups from the ledger.
pub(crate) struct LedgerResolver<'a> {
    /// Where the user's own files lie.
    pub(crate) folder: &'a Folder,
    pub(crate) ledger: &'a LedgerFile,
    /// The view that asks, which knows the user's tags.
    pub(crate) view: &'a View<'a>,
    /// Which links make a thread.
    pub(crate) links: Links,
    /// One for all the headers that a query asks for.
    pub(crate) originals: RefCell<Originals<'a>>,
    /// Where it is noted what could not be read.
    pub(crate) unjudged: &'a RefCell<Unjudged>,
}

/// Messages that a query asked the originals about, and whose originals cannot be read.
#[derive(Debug, Default)]
pub(crate) struct Unjudged {
    messages: RoaringBitmap,
    first_cause: String,
}

impl Unjudged {
    fn add(&mut self, ordinal: u32, cause: &CaseError) {
        if self.messages.is_empty() {
            self.first_cause = cause.to_string();
        }
        self.messages.insert(ordinal);
    }

    /// What a user has to know of them, if there are any.
    pub(crate) fn notice(&self) -> Option<String> {
        let count = self.messages.len();
        (count > 0).then(|| {
            let noun = if count == 1 { "message" } else { "messages" };
            format!(
                "{count} {noun} could not be judged, for the headers asked for cannot be read; the first: {}",
                self.first_cause
            )
        })
    }
}

impl Resolver for LedgerResolver<'_> {
    fn resolve(&self, lookup: &Lookup<'_>) -> Result<RoaringBitmap, ResolveError> {
        match *lookup {
            Lookup::Release(pattern) => self.release(pattern),
            Lookup::Source(pattern) => self.source(pattern),
            Lookup::Folder(pattern) => self.folder(pattern),
            Lookup::Id(id) => self
                .ledger
                .find(id)
                .map(|ordinal| RoaringBitmap::from([ordinal]))
                .map_err(told),
            Lookup::Thread(id) => self.thread(id),
            Lookup::MultiRelease => self.multi_release(),
            Lookup::Tag(name) => self.tag(name),
            Lookup::Official { name, roles } => self.official(name, roles).map_err(told),
            Lookup::Agency(name) => self.agency(name),
        }
    }

    fn headers(&self, ordinal: u32) -> Result<Option<HeaderFields>, Box<dyn Error + Send + Sync>> {
        let read = self.originals.borrow_mut().message(self.ledger, ordinal);
        let message = match read {
            Ok(message) => message,
            Err(cause @ CaseError::OriginalUnreachable { .. }) => {
                self.unjudged.borrow_mut().add(ordinal, &cause);
                return Ok(None);
            }
            Err(other) => return Err(Box::new(other)),
        };
        let fields = message.headers.iter();
        Ok(Some(
            fields
                .map(|header| (header.name.to_owned(), header.value.to_owned()))
                .collect(),
        ))
    }
}

/// A failure of the ledger, or an id that is not there, as an error in the query.
fn told(error: CaseError) -> ResolveError {
    let hint = error.hint();
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.source();
    }
    ResolveError { message, hint }
}

impl LedgerResolver<'_> {
    fn tag(&self, name: &str) -> Result<RoaringBitmap, ResolveError> {
        let keys = self.view.tags().map_err(told)?.with(name)?;
        self.ledger.ordinals_of(keys).map_err(told)
    }

    fn release(&self, pattern: &str) -> Result<RoaringBitmap, ResolveError> {
        let names = self.ledger.release_names().map_err(told)?;
        let wanted = Pattern::new(pattern);
        let matching: Vec<&String> = names.iter().filter(|name| wanted.matches(name)).collect();
        if matching.is_empty() {
            let known = names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ");
            return Err(ResolveError {
                message: format!("no release is named `{pattern}`"),
                hint: Some(if known.is_empty() {
                    "this case holds no release yet".into()
                } else {
                    format!("this case holds {known}")
                }),
            });
        }
        if matching.len() == names.len() {
            return self.all_messages();
        }
        let mut all = RoaringBitmap::new();
        for name in matching {
            let id = self.ledger.expect_release(name).map_err(told)?;
            all |= self.ledger.release_messages(id).map_err(told)?;
        }
        Ok(all)
    }

    /// Every message is of some release and of some source.
    fn all_messages(&self) -> Result<RoaringBitmap, ResolveError> {
        let mut all = RoaringBitmap::new();
        all.insert_range(..self.ledger.next_ordinal().map_err(told)?);
        Ok(all)
    }

    /// A source matches by its path or the end of it, the file name alone included.
    fn source(&self, pattern: &str) -> Result<RoaringBitmap, ResolveError> {
        let wanted = Pattern::new(pattern);
        let sources = self.ledger.sources().map_err(told)?;
        let is_wanted = |source: &SourceRow| {
            wanted.matches(&source.path.to_string_lossy()) || wanted.matches(&source.name)
        };
        if !sources.is_empty() && sources.iter().all(is_wanted) {
            return self.all_messages();
        }
        let mut all = RoaringBitmap::new();
        let mut found = false;
        for source in sources {
            if is_wanted(&source) {
                found = true;
                let sql = "SELECT message FROM copies WHERE source = ?1";
                all |= self.ledger.ordinals(sql, [source.id]).map_err(told)?;
            }
        }
        match found {
            true => Ok(all),
            false => Err(ResolveError {
                message: format!("no source matches `{pattern}`"),
                hint: Some("`muckrake ledger` lists the sources; `*` stands for any characters, as in `source:\"*.mbox\"`".into()),
            }),
        }
    }

    /// A folder matches by its path or the end of it.
    fn folder(&self, pattern: &str) -> Result<RoaringBitmap, ResolveError> {
        let wanted = Pattern::new(pattern);
        let folders = self
            .ledger
            .rows(
                "SELECT DISTINCT folder FROM copies WHERE folder IS NOT NULL",
                [],
                |row| row.get::<_, String>(0),
            )
            .map_err(told)?;
        let mut all = RoaringBitmap::new();
        let mut found = false;
        for folder in folders {
            if wanted.matches(&folder) {
                found = true;
                let sql = "SELECT message FROM copies WHERE folder = ?1";
                all |= self.ledger.ordinals(sql, [&folder]).map_err(told)?;
            }
        }
        match found {
            true => Ok(all),
            false => Err(ResolveError {
                message: format!("no mail folder matches `{pattern}`"),
                hint: Some("`*` stands for any characters, as in `folder:\"*sent*\"`".into()),
            }),
        }
    }

    fn official(&self, name: &str, roles: Roles) -> Result<RoaringBitmap, CaseError> {
        self.expect_people()?;
        let found = self.ledger.official(name)?;
        self.ledger
            .seen_of(found.identity, officials::places(roles))
    }

    /// People were gathered, and what the user says of them has been taken in.
    fn expect_people(&self) -> Result<(), CaseError> {
        officials::expect_people(self.folder, self.ledger)
    }

    fn agency(&self, name: &str) -> Result<RoaringBitmap, ResolveError> {
        self.expect_people().map_err(told)?;
        let people = self.ledger.agency_members(name).map_err(told)?;
        if people.is_empty() {
            return Err(ResolveError {
                message: format!("no agency of this case is known as `{name}`"),
                hint: Some(self.ledger.known_agencies().map_err(told)?),
            });
        }
        self.ledger
            .seen(&people, officials::places(Roles::Any))
            .map_err(told)
    }

    fn thread(&self, id: &str) -> Result<RoaringBitmap, ResolveError> {
        let ordinal = self.ledger.find(id).map_err(told)?;
        self.ledger
            .thread_members(ordinal, self.links)
            .map_err(told)
    }

    fn multi_release(&self) -> Result<RoaringBitmap, ResolveError> {
        let releases = self
            .ledger
            .rows("SELECT id FROM releases", [], |row| row.get::<_, i64>(0))
            .map_err(told)?;
        if releases.len() < 2 {
            return Ok(RoaringBitmap::new());
        }
        let mut once = RoaringBitmap::new();
        let mut often = RoaringBitmap::new();
        for release in releases {
            let messages = self.ledger.release_messages(release).map_err(told)?;
            often |= &once & &messages;
            once |= messages;
        }
        Ok(often)
    }
}

impl LedgerFile {
    /// Finds the one message whose id starts so.
    pub(crate) fn find(&self, id: &str) -> Result<u32, CaseError> {
        let digits = id.trim().to_ascii_lowercase();
        if digits.len() < SHORTEST_ID {
            return Err(CaseError::ShortId { id: id.to_owned() });
        }
        let Some((low, high)) = key_range(&digits) else {
            return Err(CaseError::UnknownId { id: id.to_owned() });
        };
        let sql =
            "SELECT ordinal, key FROM messages WHERE key BETWEEN ?1 AND ?2 ORDER BY key LIMIT 6";
        let found = self.rows(sql, [low.0, high.0], |row| {
            Ok((
                row.get::<_, u32>(0)?,
                MessageKey(crate::ledger::digest(row, 1)?),
            ))
        })?;
        match found.as_slice() {
            [] => Err(CaseError::UnknownId { id: id.to_owned() }),
            [(ordinal, _)] => Ok(*ordinal),
            several => Err(CaseError::AmbiguousId {
                id: id.to_owned(),
                candidates: several.iter().map(|(_, key)| key.to_string()).collect(),
            }),
        }
    }

    /// The ordinals of those of some messages that are in the case.
    pub(crate) fn ordinals_of(
        &self,
        keys: impl IntoIterator<Item = MessageKey>,
    ) -> Result<RoaringBitmap, CaseError> {
        let mut ordinals = RoaringBitmap::new();
        for key in keys {
            let sql = "SELECT ordinal FROM messages WHERE key = ?1";
            ordinals |= self.ordinals(sql, [key.0])?;
        }
        Ok(ordinals)
    }

    /// The id of a message.
    pub(crate) fn key(&self, ordinal: u32) -> Result<Option<MessageKey>, CaseError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT key FROM messages WHERE ordinal = ?1")?;
            statement
                .query_row([ordinal], |row| {
                    Ok(MessageKey(crate::ledger::digest(row, 0)?))
                })
                .optional()
        };
        read().map_err(CaseError::ledger("read"))
    }

    /// All messages of the thread that a message is in.
    pub(crate) fn thread_members(
        &self,
        ordinal: u32,
        links: Links,
    ) -> Result<RoaringBitmap, CaseError> {
        // What headers prove is a part of the whole thread, which has an index.
        let proved = match links {
            Links::All => "",
            Links::Proved => "AND proved = (SELECT proved FROM messages WHERE ordinal = ?1)",
        };
        let sql = format!(
            "SELECT ordinal FROM messages WHERE (thread =
                 (SELECT coalesce(thread, ordinal) FROM messages WHERE ordinal = ?1) {proved}) OR ordinal = ?1"
        );
        self.ordinals(&sql, [ordinal])
    }
}

/// The least and the greatest id that start with these hexadecimal digits.
fn key_range(digits: &str) -> Option<(MessageKey, MessageKey)> {
    let width = 2 * std::mem::size_of::<MessageKey>();
    let fill = |with: &str| {
        MessageKey::from_hex(&format!(
            "{digits}{}",
            with.repeat(width.checked_sub(digits.len())?)
        ))
    };
    Some((fill("0")?, fill("f")?))
}
