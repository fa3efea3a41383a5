//! The user's own events, beside which messages are to be seen.

use crate::Case;
use crate::CaseError;
use crate::work::OwnRows;
use crate::work::OwnTable;
use crate::work::shown;
use jiff::civil::Date;
use std::path::Path;

const EVENTS: OwnTable = OwnTable {
    file: "events.csv",
    columns: &["date", "label"],
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub date: Date,
    /// What.
    pub label: String,
}

impl Case {
    /// The events of `events.csv` in the case folder; none where there is no such file.
    ///
    /// # Errors
    /// A file that cannot be read, or a row of it.
    pub fn events(&self) -> Result<Vec<Event>, CaseError> {
        of(&EVENTS.path(self.parts()), EVENTS.read(self.parts())?)
    }

    /// The events of a table: date, label. `path` is where it is from, for errors.
    ///
    /// # Errors
    /// A row that cannot be read.
    pub fn events_from(path: &Path, bytes: &[u8]) -> Result<Vec<Event>, CaseError> {
        of(path, EVENTS.parse(path, bytes)?)
    }
}

fn of(path: &Path, read: OwnRows) -> Result<Vec<Event>, CaseError> {
    EVENTS.expect_whole(path, &read.bad)?;
    let rows = read.rows.into_iter();
    rows.map(|(line, row)| {
        event(&row).map_err(|message| CaseError::BadTable {
            path: path.to_owned(),
            line,
            message,
        })
    })
    .collect()
}

fn event(row: &[String]) -> Result<Event, String> {
    let [date, label] = row else {
        return Err("no date and label".to_owned());
    };
    let date = date
        .trim()
        .parse()
        .map_err(|_| format!("`{}` is no date such as 2016-05-11", shown(date)))?;
    match label.trim() {
        "" => Err("the event has no label".to_owned()),
        label => Ok(Event {
            date,
            label: label.to_owned(),
        }),
    }
}
