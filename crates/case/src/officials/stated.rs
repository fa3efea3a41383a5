//! What the user says of people: `officials.toml` and `agencies.toml` at the top of the case folder.
//!
//! They are the user's: written only on request and in one step, read by every resolution, untouched by a rebuild, and
//! fit for version control. An alias is an address, a directory name, or a name as mail writes it.

use crate::CaseError;
use crate::durable;
use crate::folder::Folder;
use muckrake_casework::officials::Statements;
use serde::Deserialize;
use serde::Serialize;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// An official whom the user has confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedOfficial {
    /// Name to show.
    pub name: String,
    /// Agency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agency: Option<String>,
    /// Addresses, directory names and spellings of names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Titles held.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub titles: Vec<Title>,
}

/// A title that an official held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// The title.
    pub title: String,
    /// First day, as `2016-05-11`, if known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// Last day, if known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
}

/// Two addresses or names that the user says are of two people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// One alias.
    pub one: String,
    /// The other.
    pub other: String,
}

/// `officials.toml` as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialsFile {
    /// Confirmed officials.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub official: Vec<ConfirmedOfficial>,
    /// Rejected pairs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub rejected: Vec<Rejected>,
}

/// An agency as the user names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its name.
    pub name: String,
    /// What stands behind names in mail, such as `DEP` in `Example, Anne (DEP)`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub marks: Vec<String>,
    /// Its domains; subdomains count too.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub domains: Vec<String>,
    /// Name of the agency that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<String>,
}

/// `agencies.toml` as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgenciesFile {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) agency: Vec<Agency>,
}

const OFFICIALS_TITLE: &str = "\
# Officials of this case whom somebody has confirmed, and pairs that somebody has rejected. `muckrake officials`
# lists and changes them; this file may also be edited, shared and put under version control.
#
# [[official]]
# name = \"Anne Example\"
# agency = \"Harbour Authority\"
# aliases = [\"anne@harbour.example\", \"Example, Anne (HARBOUR)\"]
# titles = [{ title = \"Director\", from = \"2016-01-01\", until = \"2018-06-30\" }]

";

/// What both files say, with a number that changes when they do.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    pub(crate) officials: OfficialsFile,
    pub(crate) agencies: AgenciesFile,
    /// Hash of both files.
    pub(crate) print: String,
}

impl Stated {
    pub(crate) fn read(folder: &Folder) -> Result<Self, CaseError> {
        let (officials, agencies) = (folder.officials(), folder.agencies());
        let (officials_text, agencies_text) = (text(&officials)?, text(&agencies)?);
        Ok(Self {
            officials: parse(&officials, &officials_text)?,
            agencies: parse(&agencies, &agencies_text)?,
            print: print(&[officials_text, agencies_text]),
        })
    }

    /// As a resolution takes it.
    pub(crate) fn statements(&self) -> Statements {
        let apart = self.officials.rejected.iter();
        Statements {
            officials: self
                .officials
                .official
                .iter()
                .map(|official| official.aliases.clone())
                .collect(),
            apart: apart
                .map(|pair| (pair.one.clone(), pair.other.clone()))
                .collect(),
            domains: self
                .agencies
                .agency
                .iter()
                .map(|agency| agency.domains.clone())
                .collect(),
        }
    }
}

impl OfficialsFile {
    /// Reads such a file from anywhere.
    pub(crate) fn read(path: &Path) -> Result<Self, CaseError> {
        parse(
            path,
            &fs::read_to_string(path).map_err(CaseError::file("read", path))?,
        )
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), CaseError> {
        durable::write(path, self.to_text()?.as_bytes()).map_err(CaseError::file("write", path))
    }

    /// The text of such a file.
    ///
    /// # Errors
    /// None, as long as its fields are texts and lists.
    pub fn to_text(&self) -> Result<String, CaseError> {
        let text = toml::to_string(self).map_err(std::io::Error::other);
        let text = text.map_err(CaseError::file("write", Path::new("officials.toml")))?;
        Ok(format!("{OFFICIALS_TITLE}{text}"))
    }
}

fn text(path: &Path) -> Result<String, CaseError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(CaseError::file("read", path)(error)),
    }
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, CaseError> {
    toml::from_str(text).map_err(|source| CaseError::Settings {
        path: path.to_owned(),
        source,
    })
}

fn print(texts: &[String]) -> String {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher
        .finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
