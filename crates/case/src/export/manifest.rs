//! The manifest of an export: JSON Lines, one object about the export, then one a message.

use super::ExportFormat;
use super::ExportRequest;
use super::Selection;
use super::Target;
use super::Written;
use crate::CaseError;
use crate::CopyPlace;
use crate::Hit;
use crate::SCHEMA;
use crate::read::sha256;
use muckrake_mail::MessageKey;
use muckrake_mail::Sha256;
use serde::Serialize;
use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::PathBuf;

/// A manifest under construction.
pub(super) struct Manifest {
    path: PathBuf,
    file: BufWriter<File>,
    /// Whether the export holds originals.
    originals: bool,
}

#[derive(Serialize)]
struct Head<'a> {
    schema: u32,
    kind: &'static str,
    muckrake: &'static str,
    format: &'static str,
    query: Option<&'a str>,
    ids: Option<&'a [String]>,
    threads: bool,
    messages: usize,
}

#[derive(Serialize)]
struct Item<'a> {
    schema: u32,
    kind: &'static str,
    id: MessageKey,
    message_id: Option<&'a str>,
    /// File inside the export.
    file: &'a str,
    /// First byte of the message in that file.
    offset: u64,
    /// Bytes of the message in that file.
    length: usize,
    /// SHA-256 over those bytes.
    sha256: Sha256,
    /// SHA-256 over the original, which differs where a mailbox escapes `From ` lines.
    /// `None` where the export holds descriptions and no originals.
    original_sha256: Option<Sha256>,
    copies: &'a [CopyPlace],
}

#[derive(Serialize)]
struct Missing<'a> {
    schema: u32,
    kind: &'static str,
    id: MessageKey,
    reason: &'a str,
    copies: &'a [CopyPlace],
}

impl Manifest {
    pub(super) fn make(
        target: &Target,
        selection: Selection<'_>,
        request: &ExportRequest,
        messages: usize,
    ) -> Result<Self, CaseError> {
        let path = target.partial_manifest(request.format);
        let file = File::create(&path).map_err(CaseError::file("make", &path))?;
        let mut manifest = Self {
            path,
            file: BufWriter::new(file),
            originals: matches!(request.format, ExportFormat::Mbox | ExportFormat::Eml),
        };
        let (query, ids) = match selection {
            Selection::Matching { text, .. } => (Some(text), None),
            Selection::Ids(ids) => (None, Some(ids)),
        };
        manifest.put(&Head {
            schema: SCHEMA,
            kind: "export",
            muckrake: env!("CARGO_PKG_VERSION"),
            format: match request.format {
                ExportFormat::Mbox => "mbox",
                ExportFormat::Eml => "eml",
                ExportFormat::Csv => "csv",
                ExportFormat::Json => "json",
            },
            query,
            ids,
            threads: request.threads,
            messages,
        })?;
        Ok(manifest)
    }

    /// Says what was written for a message.
    pub(super) fn item(&mut self, hit: &Hit, written: &Written) -> Result<(), CaseError> {
        let stored = sha256(&written.stored);
        self.put(&Item {
            schema: SCHEMA,
            kind: "message",
            id: hit.id,
            message_id: hit.message_id.as_deref(),
            file: &written.file,
            offset: written.offset,
            length: written.stored.len(),
            sha256: stored,
            original_sha256: self
                .originals
                .then(|| written.original.as_deref().map_or(stored, sha256)),
            copies: &hit.copies,
        })
    }

    /// Says that a message is not in the export, and why.
    pub(super) fn missing(&mut self, hit: &Hit, reason: &str) -> Result<(), CaseError> {
        self.put(&Missing {
            schema: SCHEMA,
            kind: "missing",
            id: hit.id,
            reason,
            copies: &hit.copies,
        })
    }

    pub(super) fn finish(mut self) -> Result<(), CaseError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(CaseError::file("write", &self.path))
    }

    fn put(&mut self, value: &impl Serialize) -> Result<(), CaseError> {
        let mut line = serde_json::to_vec(value)
            .map_err(std::io::Error::other)
            .map_err(CaseError::file("write", &self.path))?;
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(CaseError::file("write", &self.path))
    }
}
