//! What lies under the roots: a sorted walk that follows nothing and opens nothing.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{File, FileType, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use crate::error::IngestError;
use crate::request::Request;

/// Everything found, in the order in which it is read. Kept small, since a release may have
/// a million files: each folder's path is held once.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    folders: Vec<Folder>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    name: String,
}

#[derive(Debug)]
struct Entry {
    folder: u32,
    file_name: Box<OsStr>,
    what: What,
}

#[derive(Debug)]
enum What {
    File { size: u64, modified_ns: i64 },
    Link { target: Box<OsStr> },
    Unreadable { reason: Box<str> },
}

/// One thing found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) name: String,
    pub(crate) what: FoundKind,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum FoundKind {
    File(Stamp),
    Link { target: PathBuf },
    Unreadable { reason: String },
}

/// Size and time of a file, by which an unchanged one is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified_ns: modified_ns(metadata),
        }
    }
}

impl Walk {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Found> + '_ {
        self.entries.iter().filter_map(|entry| {
            let folder = self.folders.get(entry.folder as usize)?;
            Some(Found {
                path: folder.path.join(&*entry.file_name),
                name: join_name(&folder.name, &entry.file_name.to_string_lossy()),
                what: entry.what.to_found(),
            })
        })
    }

    /// Files with their stamps, without making names.
    pub(crate) fn files(&self) -> impl Iterator<Item = (PathBuf, Stamp)> + '_ {
        self.entries.iter().filter_map(|entry| match entry.what {
            What::File { size, modified_ns } => {
                let folder = self.folders.get(entry.folder as usize)?;
                Some((
                    folder.path.join(&*entry.file_name),
                    Stamp { size, modified_ns },
                ))
            }
            _ => None,
        })
    }

    fn add(&mut self, root: &Path, path: &Path, what: What) {
        let parent = path.parent().unwrap_or(path);
        if self.folders.last().is_none_or(|last| last.path != parent) {
            self.folders.push(Folder {
                path: parent.to_owned(),
                name: name_below(root, parent),
            });
        }
        // Four thousand million folders do not fit in memory; the walk ends long before.
        let folder = u32::try_from(self.folders.len() - 1).unwrap_or(u32::MAX);
        let file_name = path.file_name().unwrap_or_default().into();
        self.entries.push(Entry {
            folder,
            file_name,
            what,
        });
    }
}

impl What {
    fn to_found(&self) -> FoundKind {
        match self {
            What::File { size, modified_ns } => FoundKind::File(Stamp {
                size: *size,
                modified_ns: *modified_ns,
            }),
            What::Link { target } => FoundKind::Link {
                target: PathBuf::from(target),
            },
            What::Unreadable { reason } => FoundKind::Unreadable {
                reason: reason.to_string(),
            },
        }
    }
}

/// Walks all roots. Each path is taken once, even where roots overlap.
pub(crate) fn walk(request: &Request<'_>) -> Result<Walk, IngestError> {
    let excluded: Vec<PathBuf> = request
        .exclude
        .iter()
        .map(|path| path.canonicalize().unwrap_or_else(|_| path.clone()))
        .collect();
    let mut walk = Walk::default();
    // A set that is asked for each path above, since there may be as many roots as files.
    let mut done: HashSet<PathBuf> = HashSet::new();
    for given in request.roots {
        let open = |source| IngestError::OpenRoot {
            path: given.clone(),
            source,
        };
        let root = given.canonicalize().map_err(open)?;
        let is_folder = root.metadata().map_err(open)?.is_dir();
        if root.ancestors().any(|above| done.contains(above)) {
            continue;
        }
        let base = if is_folder {
            root.as_path()
        } else {
            root.parent().unwrap_or(&root)
        };
        walk_root(request, &root, base, &excluded, &done, &mut walk)?;
        done.insert(root);
    }
    Ok(walk)
}

fn walk_root(
    request: &Request<'_>,
    root: &Path,
    base: &Path,
    excluded: &[PathBuf],
    done: &HashSet<PathBuf>,
    walk: &mut Walk,
) -> Result<(), IngestError> {
    let skipped = |path: &Path| excluded.iter().any(|other| path == other) || done.contains(path);
    let entries = WalkDir::new(root)
        .follow_links(false)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !skipped(entry.path()));
    for entry in entries {
        if request.cancel.load(std::sync::atomic::Ordering::Relaxed) {
            return Ok(());
        }
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                let what = look_at(&entry);
                if let What::File { size, .. } = what {
                    request.counters.found(size);
                }
                walk.add(base, entry.path(), what);
            }
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let reason = unreadable_reason(error);
                walk.add(base, &path, reason);
            }
        }
    }
    Ok(())
}

fn look_at(entry: &walkdir::DirEntry) -> What {
    let file_type = entry.file_type();
    if file_type.is_symlink() {
        return match std::fs::read_link(entry.path()) {
            Ok(target) => What::Link {
                target: OsString::from(target).into_boxed_os_str(),
            },
            Err(error) => unreadable(&error),
        };
    }
    if !file_type.is_file() {
        return What::Unreadable {
            reason: special_file(&file_type).into(),
        };
    }
    match entry.metadata() {
        Ok(metadata) => What::File {
            size: metadata.len(),
            modified_ns: modified_ns(&metadata),
        },
        Err(error) => unreadable_reason(error),
    }
}

/// Opens what the walk found as a file. It may have become something else since: opening a pipe
/// would wait for a writer, and a link is not followed.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if path.symlink_metadata()?.is_file() {
        return File::open(path);
    }
    Err(io::Error::other("no longer a regular file"))
}

fn unreadable_reason(error: walkdir::Error) -> What {
    match error.into_io_error() {
        Some(error) => unreadable(&error),
        None => What::Unreadable {
            reason: "a folder that contains itself".into(),
        },
    }
}

fn unreadable(error: &io::Error) -> What {
    What::Unreadable {
        reason: io_reason(error).into(),
    }
}

/// An error of the system in words that do not depend on its language or numbers.
pub(crate) fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "no longer there".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(unix)]
fn special_file(file_type: &FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if file_type.is_fifo() {
        "not a regular file (a named pipe)"
    } else if file_type.is_socket() {
        "not a regular file (a socket)"
    } else {
        "not a regular file (a device)"
    }
}

#[cfg(not(unix))]
fn special_file(_: &FileType) -> &'static str {
    "not a regular file"
}

/// Nanoseconds since the Unix epoch; 0 where the system does not tell.
fn modified_ns(metadata: &Metadata) -> i64 {
    let Ok(modified) = metadata.modified() else {
        return 0;
    };
    match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |ns| -ns),
    }
}

/// The path below a root with `/` between the names, whatever the system uses.
fn name_below(root: &Path, path: &Path) -> String {
    let mut name = String::new();
    for component in path.strip_prefix(root).unwrap_or(path).components() {
        if let Component::Normal(part) = component {
            name = join_name(&name, &part.to_string_lossy());
        }
    }
    name
}

/// Joins two names with `/`; the first may be empty.
pub(crate) fn join_name(folder: &str, file_name: &str) -> String {
    if folder.is_empty() {
        return file_name.to_owned();
    }
    format!("{folder}/{file_name}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(open(&file).is_ok());
        let missing = open(&folder.path().join("missing")).unwrap_err();
        assert_eq!(io_reason(&missing), "no longer there");
        let error = open(folder.path()).unwrap_err();
        assert_eq!(io_reason(&error), "no longer a regular file");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let error = open(&link).unwrap_err();
        assert_eq!(io_reason(&error), "no longer a regular file");
    }
}
