//! What the ledger says of every message, read in one pass: dates and threads, by ordinal.

use crate::CaseError;
use crate::Links;
use crate::view::View;

/// Twelve bytes a message.
#[derive(Debug)]
pub(crate) struct Columns {
    /// Seconds since the epoch in UTC, as the index has them.
    dates: Vec<Option<i64>>,
    /// The head of the thread.
    heads: Vec<u32>,
}

impl Columns {
    /// When a message was sent.
    pub(crate) fn date(&self, ordinal: u32) -> Option<i64> {
        self.dates.get(ordinal as usize).copied().flatten()
    }

    /// The head of the thread that a message is in.
    pub(crate) fn head(&self, ordinal: u32) -> u32 {
        self.heads.get(ordinal as usize).copied().unwrap_or(ordinal)
    }
}

impl View<'_> {
    /// Reads dates and threads of all messages.
    pub(crate) fn columns(&self, links: Links) -> Result<Columns, CaseError> {
        let end = self.ledger.next_ordinal()?;
        let mut columns = Columns {
            dates: vec![None; end as usize],
            heads: (0..end).collect(),
        };
        let column = links.column();
        let sql = format!("SELECT ordinal, date, coalesce({column}, ordinal) FROM messages");
        self.ledger.rows(&sql, [], |row| {
            let place = row.get::<_, u32>(0)? as usize;
            if let (Some(date), Some(head)) =
                (columns.dates.get_mut(place), columns.heads.get_mut(place))
            {
                *date = row.get(1)?;
                *head = row.get(2)?;
            }
            Ok(())
        })?;
        Ok(columns)
    }
}
