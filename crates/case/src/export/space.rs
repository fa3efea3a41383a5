//! Whether there is room for an export, asked before it begins.

use super::ExportFormat;
use super::ExportRequest;
use super::selection::Chosen;
use crate::CaseError;
use crate::view::View;
use roaring::RoaringBitmap;
use std::path::Path;

/// Bytes that the manifest, and the row of a table or database, take at least for a message.
const ROW: u64 = 400;

/// Refuses an export that surely does not fit. What is counted is what it needs at least, so that
/// none is refused that would fit; a disk that fills up later is an error then.
pub(super) fn expect_room(
    view: &View<'_>,
    request: &ExportRequest,
    chosen: &[Chosen],
    place: &Path,
) -> Result<(), CaseError> {
    let Some(available) = available(place) else {
        return Ok(());
    };
    let chosen: RoaringBitmap = chosen.iter().map(|one| one.ordinal).collect();
    let originals = match request.format {
        ExportFormat::Mbox | ExportFormat::Eml | ExportFormat::Dat => originals(view, &chosen)?,
        ExportFormat::Html => attachments(view, &chosen)?,
        ExportFormat::Csv
        | ExportFormat::Json
        | ExportFormat::Sqlite
        | ExportFormat::Attachments => 0,
    };
    let needed = originals + chosen.len() * ROW;
    if needed > available {
        return Err(CaseError::NoRoom {
            path: request.to.clone(),
            needed,
            available,
        });
    }
    Ok(())
}

/// Bytes of the originals: of the shortest copy of each.
fn originals(view: &View<'_>, chosen: &RoaringBitmap) -> Result<u64, CaseError> {
    sum(
        view,
        chosen,
        "SELECT message, min(length) FROM copies GROUP BY message",
    )
}

fn attachments(view: &View<'_>, chosen: &RoaringBitmap) -> Result<u64, CaseError> {
    sum(
        view,
        chosen,
        "SELECT message, sum(size) FROM attachments GROUP BY message",
    )
}

fn sum(view: &View<'_>, chosen: &RoaringBitmap, sql: &str) -> Result<u64, CaseError> {
    let mut bytes: u64 = 0;
    view.ledger.rows(sql, [], |row| {
        if chosen.contains(row.get(0)?) {
            bytes = bytes.saturating_add(row.get(1)?);
        }
        Ok(())
    })?;
    Ok(bytes)
}

/// Bytes that this user may still write on the disk of a folder; `None` where the system does not tell.
#[cfg(unix)]
fn available(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn available(_folder: &Path) -> Option<u64> {
    None
}
