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
pub(super) struct Target {
    folder: bool,
    path: PathBuf,
    partial: PathBuf,
    file: Option<BufWriter<File>>,
    bytes: u64,
}

impl Target {
    /// Makes the file or folder in which the export is built.
    pub(super) fn make(request: &ExportRequest) -> Result<Self, CaseError> {
        let path = request.to.clone();
        if path.symlink_metadata().is_ok() && !(request.force && is_earlier_export(request)) {
            return Err(CaseError::TargetExists { path });
        }
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        remove(&partial)?;
        let folder = request.format == ExportFormat::Eml;
        let file = if folder {
            fs::create_dir_all(&partial).map_err(CaseError::file("make", &partial))?;
            None
        } else {
            let file = File::create_new(&partial).map_err(CaseError::file("make", &partial))?;
            Some(BufWriter::with_capacity(1 << 20, file))
        };
        Ok(Self {
            folder,
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

    /// Takes back what was built; the target is as it was.
    pub(super) fn abandon(self) {
        drop(self.file);
        let manifest = manifest_path(
            &self.partial,
            if self.folder {
                ExportFormat::Eml
            } else {
                ExportFormat::Mbox
            },
        );
        // What cannot be removed is a `.partial` beside the target that the next export replaces.
        let _ = remove(&self.partial);
        let _ = remove(&manifest);
    }

    /// Puts the whole export in its place; gives what was made.
    pub(super) fn finish(mut self, request: &ExportRequest) -> Result<Vec<PathBuf>, CaseError> {
        if let Some(mut file) = self.file.take() {
            file.flush()
                .and_then(|()| file.get_ref().sync_all())
                .map_err(CaseError::file("write", &self.partial))?;
        }
        let manifest = manifest_path(&self.path, request.format);
        if request.force {
            remove(&self.path)?;
            remove(&manifest)?;
        }
        if !self.folder {
            let built = manifest_path(&self.partial, request.format);
            fs::rename(&built, &manifest).map_err(CaseError::file("put in place", &manifest))?;
        }
        fs::rename(&self.partial, &self.path)
            .map_err(CaseError::file("put in place", &self.path))?;
        Ok(vec![self.path, manifest])
    }
}

/// Only what an export made is ever replaced: a file, or a folder with a manifest.
fn is_earlier_export(request: &ExportRequest) -> bool {
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
