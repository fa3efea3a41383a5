//! Tags on messages.

use super::ImportSummary;
use super::OwnTable;
use super::bad_row;
use super::check_name;
use super::key_of;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::Query;
use crate::folder::Folder;
use crate::table::BadRow;
use muckrake_index::ResolveError;
use muckrake_index::language::nearest;
use muckrake_mail::MessageKey;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

const TAGS: OwnTable = OwnTable {
    file: "tags.csv",
    columns: &["id", "tag"],
};

/// All tags of a case.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    by_message: BTreeMap<MessageKey, BTreeSet<String>>,
    bad: Vec<BadRow>,
}

/// What a change of a tag came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// Messages that match.
    pub matching: u64,
    /// Messages that were given the tag, or lost it.
    pub changed: u64,
}

/// A tag and how often it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TagCount {
    /// The tag.
    pub tag: String,
    /// Messages of the case that have it.
    pub messages: u64,
    /// Messages that have it and are not in the case now.
    pub absent: u64,
}

impl Tags {
    pub(crate) fn read(folder: &Folder) -> Result<Self, CaseError> {
        Ok(Self::of(TAGS.read(folder)?))
    }

    fn of(read: super::OwnRows) -> Self {
        let mut tags = Self {
            bad: read.bad,
            ..Self::default()
        };
        for (line, row) in read.rows {
            let [id, tag] = row.as_slice() else {
                continue;
            };
            match key_of(id).and_then(|key| check_name("tag", tag).map(|()| key)) {
                Ok(key) => {
                    tags.by_message.entry(key).or_default().insert(tag.clone());
                }
                Err(message) => tags.bad.push(bad_row(line, message)),
            }
        }
        tags
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        self.by_message.iter().flat_map(|(key, tags)| {
            let id = key.to_string();
            tags.iter().map(move |tag| vec![id.clone(), tag.clone()])
        })
    }

    fn write(&self, folder: &Folder) -> Result<(), CaseError> {
        TAGS.write(folder, self.rows())
    }

    /// The tags of a message, in order.
    pub(crate) fn of_message(&self, key: MessageKey) -> Vec<String> {
        let tags = self.by_message.get(&key);
        tags.into_iter().flatten().cloned().collect()
    }

    /// What cannot be read of the file.
    pub(crate) fn notice(&self) -> Option<String> {
        super::notice(TAGS.file, &self.bad)
    }

    /// The messages with a tag, whether they are in the case or not; an error if no message has it.
    pub(crate) fn with(
        &self,
        name: &str,
    ) -> Result<impl Iterator<Item = MessageKey>, ResolveError> {
        let mut keys = self
            .by_message
            .iter()
            .filter(move |(_, tags)| tags.contains(name))
            .map(|(key, _)| *key)
            .peekable();
        if keys.peek().is_some() {
            return Ok(keys.collect::<Vec<_>>().into_iter());
        }
        let known: BTreeSet<&str> = self
            .by_message
            .values()
            .flatten()
            .map(String::as_str)
            .collect();
        Err(ResolveError {
            message: format!("no message has the tag `{name}`"),
            hint: Some(match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `tag:{near}`?"),
                None if known.is_empty() => {
                    "no message is tagged yet: `muckrake tag +NAME QUERY`".to_owned()
                }
                None => "`muckrake tags list` shows those that there are".to_owned(),
            }),
        })
    }

    /// Puts a tag on messages, or takes it off; gives how many that changed.
    fn change(&mut self, keys: &[MessageKey], name: &str, add: bool) -> u64 {
        let mut changed = 0;
        for key in keys {
            let tags = self.by_message.entry(*key).or_default();
            changed += u64::from(match add {
                true => tags.insert(name.to_owned()),
                false => tags.remove(name),
            });
        }
        self.by_message.retain(|_, tags| !tags.is_empty());
        changed
    }
}

impl Case {
    /// Puts a tag on all messages that match, or takes it off them.
    ///
    /// # Errors
    /// A name that nobody could see; as [`Case::search`]; a file that cannot be read or written.
    pub fn tag(&self, name: &str, add: bool, query: &Query) -> Result<TagChange, CaseError> {
        check_name("tag", name).map_err(|message| CaseError::BadName { message })?;
        let keys = {
            let view = self.view()?;
            let matching = view.ordinals(query, Links::All)?;
            view.keys_of(&matching)?
        };
        let _lock = self.parts().work_lock()?;
        let mut tags = Tags::read(self.parts())?;
        TAGS.expect_whole(&TAGS.path(self.parts()), &tags.bad)?;
        let changed = tags.change(&keys, name, add);
        if changed > 0 {
            tags.write(self.parts())?;
        }
        Ok(TagChange {
            matching: keys.len() as u64,
            changed,
        })
    }

    /// The tags, in order.
    ///
    /// # Errors
    /// A file or a ledger that cannot be read.
    pub fn tags(&self) -> Result<(Vec<TagCount>, Vec<String>), CaseError> {
        let view = self.view()?;
        let tags = Tags::read(self.parts())?;
        let keys: Vec<MessageKey> = tags.by_message.keys().copied().collect();
        let present = view.present(&keys)?;
        let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (key, names) in &tags.by_message {
            for name in names {
                let count = counts.entry(name).or_default();
                match present.contains(key) {
                    true => count.0 += 1,
                    false => count.1 += 1,
                }
            }
        }
        let counts = counts
            .into_iter()
            .map(|(tag, (messages, absent))| TagCount {
                tag: tag.to_owned(),
                messages,
                absent,
            });
        Ok((counts.collect(), tags.notice().into_iter().collect()))
    }

    /// All tags as a table: id, tag.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn export_tags(&self) -> Result<String, CaseError> {
        Ok(TAGS.text(Tags::read(self.parts())?.rows()))
    }

    /// Adds the tags of a table: id, tag. `path` is where it is from, for errors.
    ///
    /// # Errors
    /// A table that cannot be read, of which nothing is taken; a file that cannot be written.
    pub fn import_tags(&self, path: &Path, bytes: &[u8]) -> Result<ImportSummary, CaseError> {
        let new = Tags::of(TAGS.parse(path, bytes)?);
        TAGS.expect_whole(path, &new.bad)?;
        let _lock = self.parts().work_lock()?;
        let mut tags = Tags::read(self.parts())?;
        TAGS.expect_whole(&TAGS.path(self.parts()), &tags.bad)?;
        let mut summary = ImportSummary::default();
        for (key, names) in new.by_message {
            for name in names {
                match tags.by_message.entry(key).or_default().insert(name) {
                    true => summary.added += 1,
                    false => summary.same += 1,
                }
            }
        }
        if summary.added > 0 {
            tags.write(self.parts())?;
        }
        Ok(summary)
    }
}
