//! What the user told of each release, and what was delivered, beside the ledger.
//!
//! All else in the ledger can be read again from the sources; which files those are, what they
//! are of and that they are still the same, only the ledger knows. So a file of its own says it
//! too, about 100 bytes a source, and a rebuild can do without a ledger that is damaged.

use crate::CaseError;
use crate::durable;
use crate::folder::Folder;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use crate::releases::ReleaseFacts;
use muckrake_mail::Sha256;
use serde::Deserialize;
use serde::Serialize;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// The releases of a case.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    /// Messages in the case, when it was written.
    pub(crate) messages: u64,
    /// Sources that were read to their end, each with its name and the SHA-256 of its bytes.
    pub(crate) sources: Vec<(String, String)>,
    pub(crate) releases: Vec<Delivery>,
}

/// One release.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) name: String,
    agency: Option<String>,
    request: Option<String>,
    date_received: Option<String>,
    promised: Option<u64>,
    time_zone: Option<String>,
    roots: Vec<StoredRoot>,
}

/// A path: text where it is UTF-8, else its bytes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum StoredRoot {
    Text(String),
    Bytes(Vec<u8>),
}

impl Delivery {
    pub(crate) fn facts(&self) -> ReleaseFacts {
        ReleaseFacts {
            agency: self.agency.clone(),
            request: self.request.clone(),
            date_received: self.date_received.clone(),
            promised: self.promised,
            time_zone: self.time_zone.clone(),
        }
    }

    /// The files and folders that the user named.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        self.roots.iter().map(StoredRoot::path).collect()
    }
}

impl StoredRoot {
    fn of(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(path.as_os_str().as_encoded_bytes().to_vec()),
        }
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Text(text) => PathBuf::from(text),
            Self::Bytes(bytes) => crate::ledger::path_from_bytes(bytes),
        }
    }
}

impl LedgerFile {
    /// What is kept beside the ledger.
    pub(crate) fn deliveries(&self) -> Result<Deliveries, CaseError> {
        let mut releases = Vec::new();
        for (id, name, facts) in self.releases()? {
            releases.push(Delivery {
                name,
                agency: facts.agency,
                request: facts.request,
                date_received: facts.date_received,
                promised: facts.promised,
                time_zone: facts.time_zone,
                roots: self
                    .roots(id)?
                    .iter()
                    .map(|root| StoredRoot::of(root))
                    .collect(),
            });
        }
        Ok(Deliveries {
            messages: self.number("SELECT count(*) FROM messages")?,
            sources: self.rows(
                "SELECT name, sha256 FROM sources WHERE sha256 IS NOT NULL ORDER BY id",
                [],
                |row| Ok((row.get(0)?, Sha256(digest(row, 1)?).to_string())),
            )?,
            releases,
        })
    }
}

/// Reads the file; `None` if there is none or it is damaged.
pub(crate) fn read(folder: &Folder) -> Option<Deliveries> {
    let text = fs::read_to_string(folder.deliveries()).ok()?;
    let (content, sum) = text.trim_end().rsplit_once('\n')?;
    let told = u32::from_str_radix(sum, 16).ok()?;
    (told == crc32fast::hash(content.as_bytes()))
        .then(|| serde_json::from_str(content).ok())
        .flatten()
}

/// Writes the file, if it says other than the ledger.
pub(crate) fn keep(folder: &Folder, ledger: &LedgerFile) -> Result<(), CaseError> {
    write(folder, &ledger.deliveries()?)
}

fn write(folder: &Folder, deliveries: &Deliveries) -> Result<(), CaseError> {
    let path = folder.deliveries();
    let content = serde_json::to_string(deliveries)
        .map_err(io::Error::from)
        .map_err(CaseError::file("write", &path))?;
    let sum = crc32fast::hash(content.as_bytes());
    let text = format!("{content}\n{sum:08x}\n");
    if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    durable::write(&path, text.as_bytes()).map_err(CaseError::file("write", &path))
}

/// Changes what the user named, where the ledger is damaged and cannot tell it: what lay at or
/// under `old` lies under `new`. Needs the write lock. Gives how many paths are others now;
/// `None` if the file is damaged too.
pub(crate) fn move_roots(
    folder: &Folder,
    old: &Path,
    new: &Path,
) -> Result<Option<u64>, CaseError> {
    let Some(mut deliveries) = read(folder) else {
        return Ok(None);
    };
    let mut moved = 0;
    for delivery in &mut deliveries.releases {
        for root in &mut delivery.roots {
            if let Some(path) = moved_path(&root.path(), old, new) {
                *root = StoredRoot::of(&path);
                moved += 1;
            }
        }
    }
    write(folder, &deliveries)?;
    Ok(Some(moved))
}

/// Where a path is that lay at or under `old`.
pub(crate) fn moved_path(path: &Path, old: &Path, new: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix(old).ok()?;
    // Joined with nothing a path gets a slash at its end.
    Some(if rest.as_os_str().is_empty() {
        new.to_owned()
    } else {
        new.join(rest)
    })
}
