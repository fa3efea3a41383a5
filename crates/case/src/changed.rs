//! Whether the sources of a message are still what they were when it was read.

use crate::Case;
use crate::CaseError;
use crate::ledger::LedgerFile;
use crate::ledger::stored_path;
use crate::read::Form;
use crate::verify::modified_ns;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Most sources of one message that are named.
const NAMED: usize = 3;

impl Case {
    /// What has become of the sources of a message since they were read, as far as size and time
    /// tell, and whether it can still be read from them; for people. Nothing, if all are as they
    /// were.
    ///
    /// # Errors
    /// As [`Case::message`].
    pub fn source_notices(&self, id: &str) -> Result<Vec<String>, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let ordinal = ledger.find(id)?;
        let mut notices = changes(&ledger, ordinal)?;
        if notices.is_empty() {
            return Ok(notices);
        }
        let more = notices.len().saturating_sub(NAMED);
        notices.truncate(NAMED);
        if more > 0 {
            notices.push(format!("so are {more} more sources of this message"));
        }
        notices.push(match self.original(&ledger, ordinal, Form::Stored) {
            Ok(_) => "this message can still be given byte for byte".to_owned(),
            Err(error @ CaseError::OriginalUnreachable { .. }) => error.to_string(),
            Err(error) => return Err(error),
        });
        Ok(notices)
    }
}

/// What has become of each source of a message that is not as it was.
fn changes(ledger: &LedgerFile, ordinal: u32) -> Result<Vec<String>, CaseError> {
    let sources = ledger.rows(
        "SELECT DISTINCT s.path, s.size, s.modified_ns FROM copies c JOIN sources s ON s.id = c.source
         WHERE c.message = ?1 ORDER BY s.id",
        [ordinal],
        |row| {
            let modified: Option<String> = row.get(2)?;
            Ok((stored_path(row, 0)?, row.get::<_, u64>(1)?, modified))
        },
    )?;
    let changed = sources.into_iter().filter_map(|(path, size, modified)| {
        let what = change(&path, size, &modified.unwrap_or_default())?;
        Some(format!("`{}` {what}", path.display()))
    });
    Ok(changed.collect())
}

/// What is other about a file than when it was read.
fn change(path: &Path, size: u64, modified: &str) -> Option<&'static str> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Some("is not there any more"),
        Err(_) => Some("cannot be looked at"),
        Ok(now) if now.len() != size => Some("has changed since it was read: its size is another"),
        Ok(_) if modified_ns(path) != modified => {
            Some("may have changed since it was read: its time is another")
        }
        Ok(_) => None,
    }
}
