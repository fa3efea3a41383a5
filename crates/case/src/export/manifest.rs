//! The manifest of an export: JSON Lines, one object about the export, one a message, then one for
//! each file that is more than one message.

use super::ExportRequest;
use super::Extent;
use super::Selection;
use super::edrm;
use super::stage::FileDigest;
use super::stage::Stage;
use super::stage::StagedFile;
use crate::CaseError;
use crate::CopyPlace;
use crate::FORMAT;
use crate::Hit;
use crate::SCHEMA;
use crate::read::sha256;
use crate::view::View;
use muckrake_mail::MessageKey;
use muckrake_mail::Sha256;
use serde::Serialize;

/// A manifest under construction.
pub(super) struct Manifest {
    file: StagedFile,
}

/// Where a message stands in an export.
pub(super) struct Written<'a> {
    /// File inside the export.
    pub(super) file: &'a str,
    /// First byte of the message in that file; `None` in a database.
    pub(super) offset: Option<u64>,
    /// What stands there; `None` in a database.
    pub(super) bytes: Option<&'a [u8]>,
    /// SHA-256 over the original, of an export that holds originals.
    pub(super) original: Option<Sha256>,
    /// Its number in a production.
    pub(super) control_number: Option<&'a str>,
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
    extent: &'static str,
    messages: usize,
    case: CaseFacts,
    sqlite: Option<&'static str>,
}

/// What the query was asked of.
#[derive(Serialize)]
struct CaseFacts {
    folder: String,
    format: u32,
    messages: u64,
    releases: Vec<ReleaseFacts>,
}

#[derive(Serialize)]
struct ReleaseFacts {
    name: String,
    agency: Option<String>,
    request: Option<String>,
    date_received: Option<String>,
    time_zone: Option<String>,
}

#[derive(Serialize)]
struct Item<'a> {
    schema: u32,
    kind: &'static str,
    id: MessageKey,
    message_id: Option<&'a str>,
    edrm_message_id_hash: Option<String>,
    hit: bool,
    control_number: Option<&'a str>,
    file: &'a str,
    offset: Option<u64>,
    length: Option<usize>,
    sha256: Option<Sha256>,
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

#[derive(Serialize)]
struct Attachment<'a> {
    schema: u32,
    kind: &'static str,
    message: MessageKey,
    part: &'a str,
    control_number: Option<&'a str>,
    file: &'a str,
    size: u64,
    sha256: Sha256,
}

#[derive(Serialize)]
struct File<'a> {
    schema: u32,
    kind: &'static str,
    file: &'a str,
    size: u64,
    sha256: Sha256,
}

impl Manifest {
    pub(super) fn make(
        stage: &mut Stage,
        view: &View<'_>,
        selection: Selection<'_>,
        request: &ExportRequest,
        messages: usize,
    ) -> Result<Self, CaseError> {
        let file = stage.open(&stage.manifest_name())?;
        let mut manifest = Self { file };
        let (query, ids) = match selection {
            Selection::Matching { text, .. } => (Some(text), None),
            Selection::Ids(ids) => (None, Some(ids)),
        };
        let is_database = request.format == super::ExportFormat::Sqlite;
        manifest.put(&Head {
            schema: SCHEMA,
            kind: "export",
            muckrake: env!("CARGO_PKG_VERSION"),
            format: request.format.word(),
            query,
            ids,
            threads: request.extent == Extent::Threads,
            extent: request.extent.word(),
            messages,
            case: CaseFacts::of(view)?,
            sqlite: is_database.then(rusqlite::version),
        })?;
        Ok(manifest)
    }

    /// Says what was written for a message.
    pub(super) fn item(
        &mut self,
        hit: &Hit,
        is_hit: bool,
        written: &Written<'_>,
    ) -> Result<(), CaseError> {
        self.put(&Item {
            schema: SCHEMA,
            kind: "message",
            id: hit.id,
            message_id: hit.message_id.as_deref(),
            edrm_message_id_hash: edrm::message_id_hash(hit.message_id.as_deref()),
            hit: is_hit,
            control_number: written.control_number,
            file: written.file,
            offset: written.offset,
            length: written.bytes.map(<[u8]>::len),
            sha256: written.bytes.map(sha256),
            original_sha256: written.original,
            copies: &hit.copies,
        })
    }

    /// Says that the original of a message could not be read, and why.
    pub(super) fn missing(&mut self, hit: &Hit, reason: &str) -> Result<(), CaseError> {
        self.put(&Missing {
            schema: SCHEMA,
            kind: "missing",
            id: hit.id,
            reason,
            copies: &hit.copies,
        })
    }

    /// Says where an attachment of a message was written.
    pub(super) fn attachment(
        &mut self,
        message: MessageKey,
        part: &str,
        control_number: Option<&str>,
        file: &str,
        (size, sha256): (u64, Sha256),
    ) -> Result<(), CaseError> {
        self.put(&Attachment {
            schema: SCHEMA,
            kind: "attachment",
            message,
            part,
            control_number,
            file,
            size,
            sha256,
        })
    }

    /// Says what a file is that holds more than one message.
    pub(super) fn file(&mut self, file: &FileDigest) -> Result<(), CaseError> {
        self.put(&File {
            schema: SCHEMA,
            kind: "file",
            file: &file.name,
            size: file.size,
            sha256: file.sha256,
        })
    }

    pub(super) fn finish(self) -> Result<(), CaseError> {
        self.file.finish().map(drop)
    }

    fn put(&mut self, value: &impl Serialize) -> Result<(), CaseError> {
        let mut line = serde_json::to_vec(value)
            .map_err(std::io::Error::other)
            .map_err(CaseError::file("write", self.file.name().as_ref()))?;
        line.push(b'\n');
        self.file.write(&line)
    }
}

impl CaseFacts {
    fn of(view: &View<'_>) -> Result<Self, CaseError> {
        let folder = view.case.folder();
        // Its name alone: the same case elsewhere gives the same export.
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let sql =
            "SELECT name, agency, request, date_received, time_zone FROM releases ORDER BY id";
        Ok(Self {
            folder: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            format: FORMAT,
            messages: view.ledger.number("SELECT count(*) FROM messages")?,
            releases: view.ledger.rows(sql, [], |row| {
                Ok(ReleaseFacts {
                    name: row.get(0)?,
                    agency: row.get(1)?,
                    request: row.get(2)?,
                    date_received: row.get(3)?,
                    time_zone: row.get(4)?,
                })
            })?,
        })
    }
}
