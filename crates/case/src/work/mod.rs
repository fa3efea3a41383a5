//! The user's own work on a case: tags, notes, saved queries.
//!
//! Each kind lies in a table of its own at the top of the case folder, which can be read and edited by
//! hand, kept under version control and given to a colleague. Messages are named by their ids, which never move; so the work
//! survives a rebuild, and what is said of a message that was taken out waits for its return.

mod notes;
mod queries;
mod rejected;
mod tags;

pub use notes::Note;
pub(crate) use notes::Notes;
pub(crate) use queries::Queries;
pub use queries::SavedQuery;
pub(crate) use rejected::RejectedLinks;
pub use tags::TagChange;
pub use tags::TagCount;
pub(crate) use tags::Tags;

use crate::CaseError;
use crate::csv::Cells;
use crate::csv::cell;
use crate::durable;
use crate::folder::Folder;
use crate::table::BadRow;
use crate::table::Table;
use crate::view::View;
use muckrake_mail::MessageKey;
use roaring::RoaringBitmap;
use std::collections::BTreeMap;
use std::collections::HashSet;
use std::collections::btree_map::Entry;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

/// Longest name of a tag or a saved query, in characters.
const LONGEST_NAME: usize = 100;

/// What an import changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Rows of the file that were new.
    pub added: u64,
    /// Rows that said what is there already.
    pub same: u64,
    /// Rows that said otherwise than what is there, which was replaced if that was asked for.
    pub differing: u64,
}

/// A file of the user's in a case.
pub(crate) struct OwnTable {
    pub(crate) file: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// The rows of one, as many cells as it has columns, in their order.
#[derive(Debug, Default)]
pub(crate) struct OwnRows {
    pub(crate) rows: Vec<(u64, Vec<String>)>,
    /// Rows that cannot be read, of which searches tell.
    pub(crate) bad: Vec<BadRow>,
}

impl OwnTable {
    pub(crate) fn path(&self, folder: &Folder) -> PathBuf {
        folder.root().join(self.file)
    }

    /// What is in the case; no rows where there is no file.
    pub(crate) fn read(&self, folder: &Folder) -> Result<OwnRows, CaseError> {
        let path = self.path(folder);
        match fs::read(&path) {
            Ok(bytes) => self.parse(&path, &bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(OwnRows::default()),
            Err(error) => Err(CaseError::file("read", &path)(error)),
        }
    }

    /// Reads a table of this kind. A column that is not known would be lost when it is written again.
    pub(crate) fn parse(&self, path: &Path, bytes: &[u8]) -> Result<OwnRows, CaseError> {
        let wrong = |line: u64, message: String| CaseError::BadTable {
            path: path.to_owned(),
            line,
            message,
        };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
            wrong(line, "not text in UTF-8".to_owned())
        })?;
        let table = Table::read(text);
        if table.names.is_empty() {
            return Ok(OwnRows::default());
        }
        let known = |name: &&String| !self.columns.contains(&name.as_str());
        if let Some(foreign) = table.names.iter().find(known) {
            return Err(wrong(
                1,
                format!(
                    "no column `{foreign}`; the columns are {}",
                    self.columns.join(",")
                ),
            ));
        }
        let places: Vec<Option<usize>> =
            self.columns.iter().map(|name| table.column(name)).collect();
        let mut read = OwnRows::default();
        for row in table.rows {
            match row {
                Ok(row) => {
                    let cell = |place: &Option<usize>| {
                        let cell = place.and_then(|place| row.cells.get(place));
                        cell.cloned().unwrap_or_default()
                    };
                    read.rows
                        .push((row.line, places.iter().map(cell).collect()));
                }
                Err(bad) => read.bad.push(bad),
            }
        }
        Ok(read)
    }

    /// The text of a table with these rows.
    pub(crate) fn text(&self, rows: impl IntoIterator<Item = Vec<String>>) -> String {
        let mut text = self.columns.join(",");
        text.push('\n');
        for row in rows {
            let cells: Vec<String> = row.iter().map(|text| cell(text, Cells::Exact)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    pub(crate) fn write(
        &self,
        folder: &Folder,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Result<(), CaseError> {
        let path = self.path(folder);
        durable::write(&path, self.text(rows).as_bytes()).map_err(CaseError::file("write", &path))
    }

    /// The first row that cannot be read, as an error: writing the file again would lose it.
    pub(crate) fn expect_whole(&self, path: &Path, bad: &[BadRow]) -> Result<(), CaseError> {
        match bad.first() {
            None => Ok(()),
            Some(bad) => Err(CaseError::BadTable {
                path: path.to_owned(),
                line: bad.line,
                message: bad.message.clone(),
            }),
        }
    }
}

/// A row that holds something else than it should.
fn bad_row(line: u64, message: String) -> BadRow {
    BadRow {
        line,
        message,
        text: String::new(),
        span: 0..0,
        hint: "",
    }
}

/// The id of a message, written in full.
fn key_of(text: &str) -> Result<MessageKey, String> {
    MessageKey::from_hex(text.trim())
        .ok_or_else(|| format!("`{}` is not the id of a message in full", shown(text)))
}

/// A name that can be seen and typed.
fn check_name(what: &str, name: &str) -> Result<(), String> {
    let wrong = if name.trim().is_empty() {
        "is empty"
    } else if name.trim() != name {
        "begins or ends with a blank"
    } else if name.starts_with(['-', '+']) {
        "begins with a sign"
    } else if name.chars().any(char::is_control) {
        "holds a control character"
    } else if name.chars().count() > LONGEST_NAME {
        "is longer than 100 characters"
    } else {
        return Ok(());
    };
    Err(format!("the name of the {what} `{}` {wrong}", shown(name)))
}

/// The beginning of a text, for a message.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// What is said where rows of a file cannot be read.
pub(crate) fn notice(file: &str, bad: &[BadRow]) -> Option<String> {
    let first = bad.first()?;
    let more = match bad.len() - 1 {
        0 => String::new(),
        more => format!("; {more} more cannot be read"),
    };
    Some(format!(
        "line {} of {file}: {}{more}",
        first.line, first.message
    ))
}

/// Puts what is new into a table; what is there and differs stays unless it is to be replaced.
fn merge<K: Ord, V: PartialEq>(
    into: &mut BTreeMap<K, V>,
    new: BTreeMap<K, V>,
    replace: bool,
) -> ImportSummary {
    let mut summary = ImportSummary::default();
    for (key, value) in new {
        match into.entry(key) {
            Entry::Vacant(free) => {
                summary.added += 1;
                free.insert(value);
            }
            Entry::Occupied(there) if *there.get() == value => summary.same += 1,
            Entry::Occupied(mut there) => {
                summary.differing += 1;
                if replace {
                    there.insert(value);
                }
            }
        }
    }
    summary
}

impl View<'_> {
    /// The ids of some messages.
    fn keys_of(&self, ordinals: &RoaringBitmap) -> Result<Vec<MessageKey>, CaseError> {
        let mut keys = Vec::new();
        for ordinal in ordinals {
            keys.extend(self.ledger.key(ordinal)?);
        }
        Ok(keys)
    }

    /// Those of some messages that are in the case.
    fn present(&self, keys: &[MessageKey]) -> Result<HashSet<MessageKey>, CaseError> {
        let ordinals = self.ledger.ordinals_of(keys.iter().copied())?;
        Ok(self.keys_of(&ordinals)?.into_iter().collect())
    }

    /// The message whose id is this or begins so.
    fn key_from(&self, id: &str) -> Result<MessageKey, CaseError> {
        let ordinal = self.ledger.find(id)?;
        let key = self.ledger.key(ordinal)?;
        key.ok_or_else(|| CaseError::UnknownId { id: id.to_owned() })
    }
}
