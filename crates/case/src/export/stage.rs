//! Where an export is built: beside the target under another name, and put in place when whole.
//!
//! A run that dies leaves the folder in which it built; the next export to the same target takes it
//! away, since nobody holds the lock in it.

use super::ExportRequest;
use super::bag;
use super::own;
use crate::CaseError;
use muckrake_mail::Sha256;
use sha2::Digest;
use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::io::BufWriter;
use std::io::ErrorKind;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// The manifest of an export that is a folder.
pub(super) const MANIFEST: &str = "manifest.jsonl";

/// An export under construction.
///
/// One that is dropped before it is finished takes what was built with it: what an export could
/// not write in full is only in the way, on a full disk most of all.
pub(super) struct Stage {
    target: PathBuf,
    building: PathBuf,
    /// What is put in the target's place.
    whole: PathBuf,
    /// Where the files of the export are built: that, or the payload of a bag in it.
    root: PathBuf,
    /// The name of the file, of an export that is one.
    main_name: String,
    is_folder: bool,
    is_bag: bool,
    lock: Option<File>,
    finished: bool,
    bytes: u64,
    files: Vec<FileDigest>,
}

/// A file of an export.
#[derive(Clone, Debug)]
pub(super) struct FileDigest {
    /// Path inside the export, with `/` between the names.
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: Sha256,
}

impl Stage {
    /// Makes the folder in which the export is built.
    pub(super) fn make(request: &ExportRequest) -> Result<Self, CaseError> {
        // Without a slash at its end, which would name what is inside.
        let target: PathBuf = request.to.components().collect();
        let is_bag = request.bag;
        let is_folder = request.format.is_folder() || is_bag;
        if target.file_name().is_none() {
            return Err(CaseError::TargetForeign { path: target });
        }
        refuse_existing(&target, is_folder, is_bag, request.force)?;
        let building = beside(&target, ".partial");
        let lock = make_building(&building)?;
        let whole = building.join("export");
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let stage = Self {
            main_name: match is_bag {
                true => request.format.file_name().to_owned(),
                false => name.into_owned(),
            },
            target,
            building,
            root: match is_bag {
                true => whole.join(bag::PAYLOAD),
                false => whole.clone(),
            },
            whole,
            is_folder,
            is_bag,
            lock: Some(lock),
            finished: false,
            bytes: 0,
            files: Vec::new(),
        };
        fs::create_dir_all(&stage.root).map_err(CaseError::file("make", &stage.root))?;
        Ok(stage)
    }

    /// The folder in which the files are built.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The name of the file, of an export that is one.
    pub(super) fn main_name(&self) -> String {
        self.main_name.clone()
    }

    /// Makes the bag whole, if it is to be one. Gives `false` if it was told to stop.
    pub(super) fn seal(&self, description: &str, cancel: &AtomicBool) -> Result<bool, CaseError> {
        match self.is_bag {
            true => bag::seal(&self.whole, description, cancel),
            false => Ok(true),
        }
    }

    /// The name of the manifest inside the folder where it is built.
    pub(super) fn manifest_name(&self) -> String {
        match self.is_folder {
            true => MANIFEST.to_owned(),
            false => format!("{}.{MANIFEST}", self.main_name()),
        }
    }

    /// Bytes written so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The files that have been written and are no items of their own.
    pub(super) fn files(&self) -> &[FileDigest] {
        &self.files
    }

    /// Makes a file that is written bit by bit; [`Self::close`] ends it. `name` is one that the
    /// program made, never one from a mail.
    pub(super) fn open(&self, name: &str) -> Result<StagedFile, CaseError> {
        let path = self.place(name)?;
        let file = File::create_new(&path).map_err(CaseError::file("make", &path))?;
        Ok(StagedFile {
            path,
            name: name.to_owned(),
            file: BufWriter::with_capacity(1 << 18, file),
            hash: sha2::Sha256::new(),
            length: 0,
        })
    }

    /// Ends a file, which the manifest then lists.
    pub(super) fn close(&mut self, file: StagedFile) -> Result<(), CaseError> {
        let digest = file.finish()?;
        self.bytes += digest.size;
        self.files.push(digest);
        Ok(())
    }

    /// Writes a file in one go.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), CaseError> {
        let path = self.place(name)?;
        File::create_new(&path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(CaseError::file("write", &path))?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Counts a file that another library has written, and has the manifest list it.
    pub(super) fn adopt(&mut self, name: &str) -> Result<(), CaseError> {
        let path = self.root.join(name);
        let mut hash = sha2::Sha256::new();
        let mut file = File::open(&path).map_err(CaseError::file("read", &path))?;
        let size = io::copy(&mut file, &mut HashWriter(&mut hash))
            .map_err(CaseError::file("read", &path))?;
        self.bytes += size;
        self.files.push(FileDigest {
            name: name.to_owned(),
            size,
            sha256: Sha256(hash.finalize().into()),
        });
        Ok(())
    }

    fn place(&self, name: &str) -> Result<PathBuf, CaseError> {
        let path = self.root.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(CaseError::file("make", parent))?;
        }
        Ok(path)
    }

    /// Puts the whole export in its place; gives what was made.
    pub(super) fn finish(mut self) -> Result<Vec<PathBuf>, CaseError> {
        let made = match self.is_folder {
            true => self.put_folder()?,
            false => self.put_files()?,
        };
        self.finished = true;
        self.clear();
        Ok(made)
    }

    /// An earlier folder is moved aside and goes only when the new one stands.
    fn put_folder(&self) -> Result<Vec<PathBuf>, CaseError> {
        let aside = beside(&self.target, &format!(".replaced-{}", std::process::id()));
        let replacing = self.target.symlink_metadata().is_ok();
        if replacing {
            remove(&aside)?;
            fs::rename(&self.target, &aside)
                .map_err(CaseError::file("move aside", &self.target))?;
        }
        if let Err(error) = fs::rename(&self.whole, &self.target) {
            if replacing {
                // The earlier one goes back; if it cannot, it lies beside under the other name.
                let _ = fs::rename(&aside, &self.target);
            }
            return Err(CaseError::file("put in place", &self.target)(error));
        }
        if replacing {
            remove(&aside)?;
        }
        let manifest = manifest_in(&self.target, self.is_bag);
        Ok(vec![self.target.clone(), manifest])
    }

    /// The manifest first: where the target is, so is what it says of it.
    fn put_files(&self) -> Result<Vec<PathBuf>, CaseError> {
        let manifest = beside(&self.target, &format!(".{MANIFEST}"));
        for (built, place) in [
            (self.root.join(self.manifest_name()), &manifest),
            (self.root.join(self.main_name()), &self.target),
        ] {
            File::open(&built)
                .and_then(|file| file.sync_all())
                .map_err(CaseError::file("write", &built))?;
            fs::rename(&built, place).map_err(CaseError::file("put in place", place))?;
        }
        Ok(vec![self.target.clone(), manifest])
    }

    fn clear(&mut self) {
        drop(self.lock.take());
        // What cannot be removed is a `.partial` beside the target, and the next export takes it away.
        let _ = remove(&self.building);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.finished {
            self.clear();
        }
    }
}

/// A file of an export while it is written.
pub(super) struct StagedFile {
    path: PathBuf,
    name: String,
    file: BufWriter<File>,
    hash: sha2::Sha256,
    length: u64,
}

impl StagedFile {
    /// Path inside the export.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Bytes written so far.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Appends.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CaseError> {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        self.file
            .write_all(bytes)
            .map_err(CaseError::file("write", &self.path))
    }

    /// Writes what is still in memory, and gives what the file is.
    pub(super) fn finish(mut self) -> Result<FileDigest, CaseError> {
        self.file
            .flush()
            .map_err(CaseError::file("write", &self.path))?;
        Ok(FileDigest {
            name: self.name,
            size: self.length,
            sha256: Sha256(self.hash.finalize().into()),
        })
    }
}

/// What is written to it is hashed.
struct HashWriter<'a>(&'a mut sha2::Sha256);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn refuse_existing(
    target: &Path,
    is_folder: bool,
    is_bag: bool,
    force: bool,
) -> Result<(), CaseError> {
    let manifest = beside(target, &format!(".{MANIFEST}"));
    let in_the_way = [Some(target), (!is_folder).then_some(manifest.as_path())]
        .into_iter()
        .flatten()
        .find(|path| path.symlink_metadata().is_ok());
    match in_the_way {
        Some(path) if !force => Err(CaseError::TargetExists {
            path: path.to_owned(),
        }),
        Some(_)
            if target.symlink_metadata().is_ok() && !may_be_replaced(target, is_folder, is_bag) =>
        {
            Err(CaseError::TargetForeign {
                path: target.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// A file may be replaced when asked for; a folder only if an export made it.
fn may_be_replaced(target: &Path, is_folder: bool, is_bag: bool) -> bool {
    match is_folder {
        true => own::is_manifest(&manifest_in(target, is_bag)),
        false => target.is_file(),
    }
}

/// The manifest of an export that is a folder.
fn manifest_in(target: &Path, is_bag: bool) -> PathBuf {
    match is_bag {
        true => target.join(bag::PAYLOAD).join(MANIFEST),
        false => target.join(MANIFEST),
    }
}

/// Makes the folder in which an export is built and locks it. One that a dead run left goes first.
fn make_building(building: &Path) -> Result<File, CaseError> {
    match fs::create_dir(building) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            take_away_dead(building)?;
            fs::create_dir(building).map_err(CaseError::file("make", building))?;
        }
        made => made.map_err(CaseError::file("make", building))?,
    }
    let path = building.join(LOCK);
    let lock = File::create_new(&path).map_err(CaseError::file("make", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(busy(building)),
        Err(TryLockError::Error(error)) => Err(CaseError::file("lock", &path)(error)),
    }
}

const LOCK: &str = "muckrake-export.lock";

fn take_away_dead(building: &Path) -> Result<(), CaseError> {
    let foreign = || CaseError::TargetForeign {
        path: building.to_owned(),
    };
    let is_folder = building
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir());
    if !is_folder {
        return Err(foreign());
    }
    // One that died at once left an empty folder.
    if fs::remove_dir(building).is_ok() {
        return Ok(());
    }
    let lock = File::open(building.join(LOCK)).map_err(|_| foreign())?;
    match lock.try_lock() {
        Ok(()) => remove(building),
        Err(_) => Err(busy(building)),
    }
}

fn busy(building: &Path) -> CaseError {
    CaseError::TargetBusy {
        path: building.to_owned(),
    }
}

fn remove(path: &Path) -> Result<(), CaseError> {
    let removed = match path.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    };
    removed.map_err(CaseError::file("replace", path))
}
