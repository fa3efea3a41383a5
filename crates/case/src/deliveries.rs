//! What the user told of each release, beside the ledger.
//!
//! All else in the ledger can be read again from the sources; which files those are, and what
//! they are of, only the ledger knows. So a small file of its own says it too, and a rebuild can
//! do without a ledger that is damaged.

use crate::CaseError;
use crate::durable;
use crate::folder::Folder;
use crate::ledger::LedgerFile;
use crate::releases::ReleaseFacts;
use serde::Deserialize;
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The releases of a case.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    /// Messages in the case, when it was written.
    pub(crate) messages: u64,
    /// Sources that were read to their end.
    pub(crate) sources: u64,
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
            sources: self.number("SELECT count(*) FROM sources WHERE sha256 IS NOT NULL")?,
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
    let deliveries = ledger.deliveries()?;
    if read(folder).as_ref() == Some(&deliveries) {
        return Ok(());
    }
    let path = folder.deliveries();
    let content = serde_json::to_string(&deliveries).unwrap_or_default();
    let sum = crc32fast::hash(content.as_bytes());
    durable::write(&path, format!("{content}\n{sum:08x}\n").as_bytes())
        .map_err(CaseError::file("write", &path))
}
