//! Threads of a case: computed from the references in the ledger, kept in it.

use crate::CaseError;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use muckrake_casework::threads::Member;
use muckrake_casework::threads::References;
use muckrake_casework::threads::threads;
use rusqlite::params;

/// Computes the threads anew and writes what has changed.
pub(crate) fn update(ledger: &LedgerFile) -> Result<(), CaseError> {
    let unsettled: bool =
        ledger.number("SELECT EXISTS (SELECT 1 FROM messages WHERE thread IS NULL)")?;
    let stale: bool = ledger.number("SELECT EXISTS (SELECT 1 FROM removed)")?;
    if !unsettled && !stale {
        return Ok(());
    }
    let mut before = Vec::new();
    let members = ledger.rows(
        "SELECT ordinal, date, key, refs, thread FROM messages",
        [],
        |row| {
            before.push(row.get::<_, Option<u32>>(4)?);
            member(row)
        },
    )?;
    let heads = threads(&members);
    ledger.begin()?;
    for ((member, head), before) in members.iter().zip(heads).zip(before) {
        if before != Some(head) {
            ledger.change(
                "UPDATE messages SET thread = ?2 WHERE ordinal = ?1",
                params![member.ordinal, head],
            )?;
        }
    }
    ledger.commit()
}

/// Reads a member from the columns ordinal, date, key, refs.
pub(crate) fn member(row: &rusqlite::Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        ordinal: row.get(0)?,
        date: row.get(1)?,
        key: digest(row, 2)?,
        references: References::from_bytes(row.get_ref(3)?.as_blob().unwrap_or_default()),
    })
}
