//! Links that the user says are none: pairs of messages that are two mails, however alike.

use super::OwnTable;
use super::bad_row;
use super::key_of;
use crate::CaseError;
use crate::folder::Folder;
use crate::table::BadRow;
use muckrake_mail::MessageKey;

const REJECTED: OwnTable = OwnTable {
    file: "rejected-links.csv",
    columns: &["one", "other"],
};

/// All rejected links of a case.
#[derive(Debug, Default)]
pub(crate) struct RejectedLinks {
    /// The smaller id first; sorted.
    pairs: Vec<(MessageKey, MessageKey)>,
    bad: Vec<BadRow>,
}

impl RejectedLinks {
    pub(crate) fn read(folder: &Folder) -> Result<Self, CaseError> {
        let read = REJECTED.read(folder)?;
        let mut rejected = Self {
            pairs: Vec::new(),
            bad: read.bad,
        };
        for (line, row) in read.rows {
            let [one, other] = row.as_slice() else {
                continue;
            };
            match key_of(one).and_then(|one| Ok((one, key_of(other)?))) {
                Ok((one, other)) => rejected.pairs.push(ordered(one, other)),
                Err(message) => rejected.bad.push(bad_row(line, message)),
            }
        }
        rejected.pairs.sort_unstable();
        rejected.pairs.dedup();
        Ok(rejected)
    }

    /// The pairs, the smaller id first.
    pub(crate) fn pairs(&self) -> &[(MessageKey, MessageKey)] {
        &self.pairs
    }

    /// Whether a link was rejected.
    pub(crate) fn holds(&self, one: MessageKey, other: MessageKey) -> bool {
        self.pairs.binary_search(&ordered(one, other)).is_ok()
    }

    /// What cannot be read of the file.
    pub(crate) fn notice(&self) -> Option<String> {
        super::notice(REJECTED.file, &self.bad)
    }

    /// Rejects a link in the file of a case, or takes that back; false if it was so before.
    pub(crate) fn change(
        folder: &Folder,
        one: MessageKey,
        other: MessageKey,
        reject: bool,
    ) -> Result<bool, CaseError> {
        let _lock = folder.work_lock()?;
        let mut rejected = Self::read(folder)?;
        REJECTED.expect_whole(&REJECTED.path(folder), &rejected.bad)?;
        let pair = ordered(one, other);
        match (rejected.pairs.binary_search(&pair), reject) {
            (Err(place), true) => rejected.pairs.insert(place, pair),
            (Ok(place), false) => drop(rejected.pairs.remove(place)),
            _ => return Ok(false),
        }
        let pairs = rejected.pairs.iter();
        let rows = pairs.map(|(one, other)| vec![one.to_string(), other.to_string()]);
        REJECTED.write(folder, rows)?;
        Ok(true)
    }
}

fn ordered(one: MessageKey, other: MessageKey) -> (MessageKey, MessageKey) {
    (one.min(other), one.max(other))
}
