//! What the fuzz targets have in common: the checks, and alphabets to fold raw bytes into.

pub mod alphabets;
pub mod archives;
pub mod checks;

use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

/// A folder of this process, in memory where the system has such a place.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        tempfile::tempdir_in(parent).expect("a folder can be made")
    });
    FOLDER.path()
}
