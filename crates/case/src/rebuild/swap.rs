//! Putting a new ledger and index in the place of the old ones.
//!
//! When the new ones are whole, a file named `ready` is written beside them; from then on the
//! swap is finished by whoever opens the case next, however often it is interrupted.

use crate::CaseError;
use crate::durable;
use crate::folder::Folder;
use crate::ledger;
use std::fs;
use std::io;
use std::io::ErrorKind;
use std::path::Path;

/// Says that the new ledger and index are whole, and puts them in place.
pub(super) fn put_in_place(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    // Only the one file is moved. Whoever reads the new ledger keeps a part of it beside.
    if ledger::expect_all_in_one_file(new).is_err() {
        return Err(CaseError::RebuildHeld { path: new.ledger() });
    }
    // All that is to be moved is on disk before the word that it is.
    for part in [&new.streams(), &new.index()] {
        durable::sync_folder(part).map_err(CaseError::file("write", part))?;
    }
    new.sync()?;
    let ready = new.ready();
    durable::write(&ready, b"").map_err(CaseError::file("write", &ready))?;
    folder.sync()?;
    finish_swap(folder)
}

/// Puts a whole new ledger and index in the place of the old ones, if there are any; what a
/// rebuild left that did not come so far goes. Each step can be repeated. Needs the write lock.
pub(crate) fn finish_swap(folder: &Folder) -> Result<(), CaseError> {
    let new = Folder::new(&folder.rebuilding());
    if !new.ready().exists() {
        // It is only in the way; where it cannot be removed now, the next rebuild says so.
        let _ = clear(new.root());
        return Ok(());
    }
    if new.index().exists() || new.ledger().exists() {
        // Until all is in place nothing vouches for what lies there.
        remove_file(&folder.seal())?;
    }
    swap_index(&new, folder)?;
    swap_ledger(&new, folder)?;
    if new.streams().exists() {
        adopt_streams(&new, folder)?;
    }
    for (from, to) in [
        (new.deliveries(), folder.deliveries()),
        (new.seal(), folder.seal()),
    ] {
        if from.exists() {
            rename(&from, &to)?;
        }
    }
    // What has moved is there to stay before the word that it has to move goes.
    folder.sync()?;
    // Readers wait for the word to go, not for the old index.
    remove_file(&new.ready())?;
    new.sync()?;
    clear(new.root())?;
    folder.sync()
}

fn swap_index(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    if !new.index().exists() {
        return Ok(());
    }
    // Moved aside, since removing may take a while and readers wait for the new one.
    let old = new.root().join("old-index");
    if folder.index().exists() {
        clear(&old)?;
        rename(&folder.index(), &old)?;
    }
    rename(&new.index(), &folder.index())
}

fn swap_ledger(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    if !new.ledger().exists() {
        return Ok(());
    }
    for suffix in ["-wal", "-shm"] {
        let mut side = folder.ledger().into_os_string();
        side.push(suffix);
        remove_file(Path::new(&side))?;
    }
    rename(&new.ledger(), &folder.ledger())
}

/// Finishes a swap that was interrupted before anything is read. While the process that
/// rebuilds is in the middle of it, it is waited for.
pub(crate) fn settle(folder: &Folder) -> Result<(), CaseError> {
    let ready = Folder::new(&folder.rebuilding()).ready();
    for _ in 0..SWAP_WAITS {
        if !ready.exists() {
            return Ok(());
        }
        match folder.write_lock("finishing a rebuild") {
            Ok(_lock) => return finish_swap(folder),
            Err(CaseError::File { source, .. }) if is_read_only(&source) => {
                return Err(CaseError::ReadOnlyUnsettled {
                    path: folder.rebuilding(),
                });
            }
            // The process that rebuilds is at it.
            Err(CaseError::Locked { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let _lock = folder.write_lock("finishing a rebuild")?;
    finish_swap(folder)
}

/// How often a reader waits for the end of a swap; each time about a tenth of a second.
const SWAP_WAITS: usize = 100;

fn is_read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Moves seekable copies that the case does not have yet.
fn adopt_streams(new: &Folder, folder: &Folder) -> Result<(), CaseError> {
    let (from, to) = (new.streams(), folder.streams());
    durable::make_folder(&to).map_err(CaseError::file("make the folder", &to))?;
    for entry in fs::read_dir(&from).map_err(CaseError::file("read", &from))? {
        let entry = entry.map_err(CaseError::file("read", &from))?;
        rename(&entry.path(), &to.join(entry.file_name()))?;
    }
    durable::sync_folder(&to).map_err(CaseError::file("write", &to))
}

fn rename(from: &Path, to: &Path) -> Result<(), CaseError> {
    fs::rename(from, to).map_err(CaseError::file("put in place", to))
}

fn remove_file(path: &Path) -> Result<(), CaseError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(CaseError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder, if it is there.
pub(crate) fn clear(path: &Path) -> Result<(), CaseError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(CaseError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}
