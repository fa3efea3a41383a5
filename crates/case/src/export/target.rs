//! Where an export goes: built under another name beside the target, renamed when whole.

use super::ExportFormat;
use super::ExportRequest;
use super::manifest_path;
use crate::CaseError;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// A target under construction.
///
/// One that is dropped before it is finished takes what was built with it: what an export could
/// not write in full is only in the way, on a full disk most of all.
pub(super) struct Target {
    format: ExportFormat,
    finished: bool,
    path: PathBuf,
    partial: PathBuf,
    file: Option<BufWriter<File>>,
    bytes: u64,
}

impl Target {
    /// Makes the file or folder in which the export is built.
    pub(super) fn make(request: &ExportRequest) -> Result<Self, CaseError> {
        // Without a slash at its end, which would name what is inside.
        let path: PathBuf = request.to.components().collect();
        let request = &ExportRequest {
            to: path.clone(),
            ..request.clone()
        };
        if path.symlink_metadata().is_ok() {
            if !request.force {
                return Err(CaseError::TargetExists { path });
            }
            if !may_be_replaced(request) {
                return Err(CaseError::TargetForeign { path });
            }
        }
        if !request.force
            && manifest_path(&path, request.format)
                .symlink_metadata()
                .is_ok()
        {
            let path = manifest_path(&path, request.format);
            return Err(CaseError::TargetExists { path });
        }
        // A name of its own for each process: nothing that is there is touched.
        let mut partial = path.clone().into_os_string();
        partial.push(format!(".partial-{}", std::process::id()));
        let partial = PathBuf::from(partial);
        let file = if request.format == ExportFormat::Eml {
            fs::create_dir(&partial).map_err(CaseError::file("make", &partial))?;
            None
        } else {
            let file = File::create_new(&partial).map_err(CaseError::file("make", &partial))?;
            Some(BufWriter::with_capacity(1 << 20, file))
        };
        Ok(Self {
            format: request.format,
            finished: false,
            path,
            partial,
            file,
            bytes: 0,
        })
    }

    /// The name of the target file.
    pub(super) fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// Where the export is to be.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the manifest is built.
    pub(super) fn partial_manifest(&self, format: ExportFormat) -> PathBuf {
        manifest_path(&self.partial, format)
    }

    /// Bytes written so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Counts bytes written to a file of their own.
    pub(super) fn count(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Appends to the target file.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CaseError> {
        if let Some(file) = &mut self.file {
            file.write_all(bytes)
                .map_err(CaseError::file("write", &self.partial))?;
            self.bytes += bytes.len() as u64;
        }
        Ok(())
    }

    /// Makes a file inside the target folder; `name` is one that [`super::names`] made.
    pub(super) fn file(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), CaseError> {
        let path = self.partial.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(CaseError::file("make", parent))?;
        }
        File::create_new(&path)
            .and_then(|mut file| write(&mut file))
            .map_err(CaseError::file("write", &path))
    }

    /// Puts the whole export in its place; gives what was made.
    pub(super) fn finish(mut self, request: &ExportRequest) -> Result<Vec<PathBuf>, CaseError> {
        if let Some(mut file) = self.file.take() {
            file.flush()
                .and_then(|()| file.get_ref().sync_all())
                .map_err(CaseError::file("write", &self.partial))?;
        }
        let manifest = manifest_path(&self.path, self.format);
        // An earlier export is moved aside and goes only when the new one stands.
        let mut aside = self.path.clone().into_os_string();
        aside.push(format!(".replaced-{}", std::process::id()));
        let aside = PathBuf::from(aside);
        let replacing = request.force && self.path.symlink_metadata().is_ok();
        if replacing {
            remove(&aside)?;
            fs::rename(&self.path, &aside).map_err(CaseError::file("move aside", &self.path))?;
        }
        if self.format != ExportFormat::Eml {
            let built = manifest_path(&self.partial, self.format);
            fs::rename(&built, &manifest).map_err(CaseError::file("put in place", &manifest))?;
        }
        fs::rename(&self.partial, &self.path)
            .map_err(CaseError::file("put in place", &self.path))?;
        self.finished = true;
        if replacing {
            remove(&aside)?;
        }
        Ok(vec![self.path.clone(), manifest])
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        drop(self.file.take());
        // What cannot be removed is a `.partial` beside the target.
        let _ = remove(&self.partial);
        let _ = remove(&self.partial_manifest(self.format));
    }
}

/// A file may be replaced when asked for; a folder only if an export made it.
fn may_be_replaced(request: &ExportRequest) -> bool {
    match request.format {
        ExportFormat::Eml => manifest_path(&request.to, request.format).is_file(),
        _ => request.to.is_file(),
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
