//! Notes on messages.

use super::ImportSummary;
use super::OwnRows;
use super::OwnTable;
use super::bad_row;
use super::key_of;
use crate::Case;
use crate::CaseError;
use crate::folder::Folder;
use crate::table::BadRow;
use muckrake_mail::MessageKey;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

const NOTES: OwnTable = OwnTable {
    file: "notes.csv",
    columns: &["id", "note"],
};

/// A note on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The message.
    pub id: MessageKey,
    /// What is noted, as written.
    pub note: String,
    /// Whether the message is in the case now.
    pub present: bool,
}

/// All notes of a case.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    by_message: BTreeMap<MessageKey, String>,
    bad: Vec<BadRow>,
}

impl Notes {
    pub(crate) fn read(folder: &Folder) -> Result<Self, CaseError> {
        Ok(Self::of(NOTES.read(folder)?))
    }

    fn of(read: OwnRows) -> Self {
        let mut notes = Self {
            bad: read.bad,
            ..Self::default()
        };
        for (line, row) in read.rows {
            let [id, note] = row.as_slice() else {
                continue;
            };
            match key_of(id) {
                Ok(key) if notes.by_message.contains_key(&key) => {
                    let message = format!("a second note on `{key}`");
                    notes.bad.push(bad_row(line, message));
                }
                Ok(key) => {
                    notes.by_message.insert(key, note.clone());
                }
                Err(message) => notes.bad.push(bad_row(line, message)),
            }
        }
        notes
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let notes = self.by_message.iter();
        notes.map(|(key, note)| vec![key.to_string(), note.clone()])
    }

    fn write(&self, folder: &Folder) -> Result<(), CaseError> {
        NOTES.write(folder, self.rows())
    }

    /// The note on a message.
    pub(crate) fn of_message(&self, key: MessageKey) -> Option<String> {
        self.by_message.get(&key).cloned()
    }

    /// What cannot be read of the file.
    pub(crate) fn notice(&self) -> Option<String> {
        super::notice(NOTES.file, &self.bad)
    }

    fn read_whole(folder: &Folder) -> Result<Self, CaseError> {
        let notes = Self::read(folder)?;
        NOTES.expect_whole(&NOTES.path(folder), &notes.bad)?;
        Ok(notes)
    }
}

impl Case {
    /// Notes something on a message, in the place of an earlier note, which is given back; `None` takes it off.
    /// `id` is the message's id or the beginning of it.
    ///
    /// # Errors
    /// An id that means no message or several; a file that cannot be read or written.
    pub fn set_note(
        &self,
        id: &str,
        note: Option<&str>,
    ) -> Result<(MessageKey, Option<String>), CaseError> {
        let key = self.view()?.key_from(id)?;
        let _lock = self.parts().work_lock()?;
        let mut notes = Notes::read_whole(self.parts())?;
        let before = match note {
            Some(note) => notes.by_message.insert(key, note.to_owned()),
            None => notes.by_message.remove(&key),
        };
        if before.as_deref() != note {
            notes.write(self.parts())?;
        }
        Ok((key, before))
    }

    /// The notes, by id, and what is to be said of the file.
    ///
    /// # Errors
    /// A file or a ledger that cannot be read.
    pub fn notes(&self) -> Result<(Vec<Note>, Vec<String>), CaseError> {
        let view = self.view()?;
        let notes = Notes::read(self.parts())?;
        let keys: Vec<MessageKey> = notes.by_message.keys().copied().collect();
        let present = view.present(&keys)?;
        let notice = notes.notice().into_iter().collect();
        let notes = notes.by_message.into_iter().map(|(id, note)| Note {
            id,
            note,
            present: present.contains(&id),
        });
        Ok((notes.collect(), notice))
    }

    /// All notes as a table: id, note.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn export_notes(&self) -> Result<String, CaseError> {
        Ok(NOTES.text(Notes::read(self.parts())?.rows()))
    }

    /// Adds the notes of a table: id, note. Where another is there already it stays, unless `replace` is set.
    ///
    /// # Errors
    /// A table that cannot be read, of which nothing is taken; a file that cannot be written.
    pub fn import_notes(
        &self,
        path: &Path,
        bytes: &[u8],
        replace: bool,
    ) -> Result<ImportSummary, CaseError> {
        let new = Notes::of(NOTES.parse(path, bytes)?);
        NOTES.expect_whole(path, &new.bad)?;
        let _lock = self.parts().work_lock()?;
        let mut notes = Notes::read_whole(self.parts())?;
        let summary = super::merge(&mut notes.by_message, new.by_message, replace);
        notes.write(self.parts())?;
        Ok(summary)
    }
}
