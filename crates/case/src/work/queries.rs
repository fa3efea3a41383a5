//! Saved queries.

use super::ImportSummary;
use super::OwnRows;
use super::OwnTable;
use super::bad_row;
use super::check_name;
use crate::Case;
use crate::CaseError;
use crate::folder::Folder;
use crate::table::BadRow;
use muckrake_index::language::SavedQueries;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The columns are those of a list of terms, so that `muckrake terms` takes the file as it is.
const QUERIES: OwnTable = OwnTable {
    file: "queries.csv",
    columns: &["name", "query", "notes"],
};

/// A query under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedQuery {
    /// What `query:NAME` means it by.
    pub name: String,
    /// As written.
    pub query: String,
    /// What the user says of it.
    pub notes: Option<String>,
}

/// All saved queries of a case.
#[derive(Debug, Default)]
pub(crate) struct Queries {
    /// Query and notes by name.
    by_name: BTreeMap<String, (String, String)>,
    bad: Vec<BadRow>,
}

impl SavedQueries for Queries {
    fn text(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(|(query, _)| query.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.by_name.keys().map(String::as_str).collect()
    }
}

impl Queries {
    pub(crate) fn read(folder: &Folder) -> Result<Self, CaseError> {
        Ok(Self::of(QUERIES.read(folder)?))
    }

    fn of(read: OwnRows) -> Self {
        let mut queries = Self {
            bad: read.bad,
            ..Self::default()
        };
        for (line, row) in read.rows {
            let [name, query, notes] = row.as_slice() else {
                continue;
            };
            let wrong = match check_name("query", name) {
                Err(message) => message,
                Ok(()) if queries.by_name.contains_key(name) => {
                    format!("a second query named `{name}`")
                }
                Ok(()) if query.trim().is_empty() => format!("no query is saved as `{name}`"),
                Ok(()) => {
                    let query = (query.clone(), notes.clone());
                    queries.by_name.insert(name.clone(), query);
                    continue;
                }
            };
            queries.bad.push(bad_row(line, wrong));
        }
        queries
    }

    /// Every row can be read: else a name might mean what it does not.
    pub(crate) fn read_whole(folder: &Folder) -> Result<Self, CaseError> {
        let queries = Self::read(folder)?;
        QUERIES.expect_whole(&QUERIES.path(folder), &queries.bad)?;
        Ok(queries)
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let queries = self.by_name.iter();
        queries.map(|(name, (query, notes))| vec![name.clone(), query.clone(), notes.clone()])
    }

    fn write(&self, folder: &Folder) -> Result<(), CaseError> {
        QUERIES.write(folder, self.rows())
    }
}

impl Case {
    /// Saves a query under a name. One that had the name is replaced and given back.
    ///
    /// # Errors
    /// A query that cannot be read, or that would lead back to itself; a name that nobody could type.
    pub fn save_query(
        &self,
        new: &SavedQuery,
        today: jiff::civil::Date,
    ) -> Result<Option<SavedQuery>, CaseError> {
        check_name("query", &new.name).map_err(|message| CaseError::BadName { message })?;
        let _lock = self.parts().work_lock()?;
        let mut queries = Queries::read_whole(self.parts())?;
        let notes = new.notes.clone().unwrap_or_default();
        let before = queries
            .by_name
            .insert(new.name.clone(), (new.query.clone(), notes));
        // With itself in place, so that a loop shows now and not in the first search.
        Self::query_with(&new.query, today, &queries)?;
        queries.write(self.parts())?;
        Ok(before.map(|before| saved(&new.name, before)))
    }

    /// Takes a saved query out again.
    ///
    /// # Errors
    /// [`CaseError::UnknownQuery`]; a file that cannot be read or written.
    pub fn remove_query(&self, name: &str) -> Result<SavedQuery, CaseError> {
        let _lock = self.parts().work_lock()?;
        let mut queries = Queries::read_whole(self.parts())?;
        let Some(gone) = queries.by_name.remove(name) else {
            return Err(CaseError::UnknownQuery {
                name: name.to_owned(),
            });
        };
        queries.write(self.parts())?;
        Ok(saved(name, gone))
    }

    /// The saved queries, by name, and what is to be said of the file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn saved_queries(&self) -> Result<(Vec<SavedQuery>, Vec<String>), CaseError> {
        let queries = Queries::read(self.parts())?;
        let notice = super::notice(QUERIES.file, &queries.bad);
        let list = queries.by_name.into_iter();
        let list = list.map(|(name, query)| saved(&name, query)).collect();
        Ok((list, notice.into_iter().collect()))
    }

    /// All saved queries as a table: name, query, notes.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn export_queries(&self) -> Result<String, CaseError> {
        Ok(QUERIES.text(Queries::read(self.parts())?.rows()))
    }

    /// Adds the queries of a table: name, query, notes. Where another has the name it stays, unless `replace` is set.
    ///
    /// # Errors
    /// A table that cannot be read, or a query in it, of which nothing is taken; a file that cannot be written.
    pub fn import_queries(
        &self,
        path: &Path,
        bytes: &[u8],
        replace: bool,
        today: jiff::civil::Date,
    ) -> Result<ImportSummary, CaseError> {
        let new = Queries::of(QUERIES.parse(path, bytes)?);
        QUERIES.expect_whole(path, &new.bad)?;
        let _lock = self.parts().work_lock()?;
        let mut queries = Queries::read_whole(self.parts())?;
        let names: Vec<String> = new.by_name.keys().cloned().collect();
        let summary = super::merge(&mut queries.by_name, new.by_name, replace);
        for name in names {
            if let Some(text) = queries.text(&name) {
                Self::query_with(text, today, &queries).map_err(|error| CaseError::BadName {
                    message: format!("the query `{name}` cannot be taken: {error}"),
                })?;
            }
        }
        queries.write(self.parts())?;
        Ok(summary)
    }
}

fn saved(name: &str, (query, notes): (String, String)) -> SavedQuery {
    SavedQuery {
        name: name.to_owned(),
        query,
        notes: Some(notes).filter(|notes| !notes.is_empty()),
    }
}
