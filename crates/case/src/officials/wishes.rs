//! What the user decides: who is one person, who is two.
//!
//! Each decision is a change of `officials.toml`; nothing else is touched, and each can be taken back.

use super::lookup::folded;
use super::settle;
use super::stated::ConfirmedOfficial;
use super::stated::OfficialsFile;
use super::stated::Rejected;
use crate::Case;
use crate::CaseError;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::addresses::Address;
use muckrake_casework::officials::natural;
use std::path::Path;

/// What a decision changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfficialChange {
    /// Name of the official that it is about.
    pub name: String,
    /// Its aliases now.
    pub aliases: Vec<String>,
    /// Aliases that it lost.
    pub removed: Vec<String>,
    /// How to take it back, as a command line without the program's name.
    pub undo: Vec<Vec<String>>,
}

/// No official is meant.
pub(super) fn unknown(name: &str) -> CaseError {
    CaseError::Official {
        message: format!("no official of this case is known as `{name}`"),
        hint: "`muckrake officials list` names them".to_owned(),
    }
}

impl Case {
    /// Confirms that some officials are one person, or that one is as it is resolved. `name` and `agency` are what is
    /// shown from then on, if given.
    ///
    /// # Errors
    /// [`CaseError::Official`] for a name that means none or several; [`CaseError::Locked`] while another process writes.
    pub fn merge_officials(
        &self,
        names: &[String],
        name: Option<&str>,
        agency: Option<&str>,
    ) -> Result<OfficialChange, CaseError> {
        self.change_officials("officials merge", |ledger, file| {
            let mut aliases: Vec<String> = Vec::new();
            let mut kept: Option<ConfirmedOfficial> = None;
            let mut first_name = None;
            for one in names {
                let found = ledger.official(one)?;
                first_name.get_or_insert(found.name.clone());
                for alias in aliases_of(ledger, found.identity)? {
                    push_alias(&mut aliases, alias);
                }
            }
            // Confirmed officials among them become one; the first keeps its name and facts.
            let is_meant = |official: &ConfirmedOfficial| {
                official
                    .aliases
                    .iter()
                    .any(|alias| aliases.iter().any(|other| same_alias(alias, other)))
            };
            let (meant, others): (Vec<_>, Vec<_>) = file.official.drain(..).partition(is_meant);
            file.official = others;
            for official in meant {
                for alias in &official.aliases {
                    push_alias(&mut aliases, alias.clone());
                }
                match &mut kept {
                    None => kept = Some(official),
                    Some(kept) => kept.titles.extend(official.titles),
                }
            }
            let mut official = kept.unwrap_or_default();
            if let Some(name) = name {
                official.name = name.to_owned();
            } else if official.name.is_empty() {
                official.name = natural(first_name.as_deref().unwrap_or_default());
            }
            official.agency = agency.map(str::to_owned).or(official.agency);
            official.aliases = aliases;
            file.rejected.retain(|pair| {
                let holds = |alias: &str| {
                    official
                        .aliases
                        .iter()
                        .any(|other| same_alias(alias, other))
                };
                !(holds(&pair.one) && holds(&pair.other))
            });
            let undo = undo_of_merge(&official, names);
            let change = OfficialChange {
                name: official.name.clone(),
                aliases: official.aliases.clone(),
                removed: Vec::new(),
                undo,
            };
            file.official.push(official);
            file.official.sort_by_key(|one| folded(&one.name));
            Ok(change)
        })
    }

    /// Takes aliases away from an official: they are another's, whatever the evidence says.
    ///
    /// # Errors
    /// As [`Case::merge_officials`]; an alias that the official does not have.
    pub fn split_official(&self, name: &str, away: &[String]) -> Result<OfficialChange, CaseError> {
        self.change_officials("officials split", |ledger, file| {
            let found = ledger.official(name)?;
            let aliases = aliases_of(ledger, found.identity)?;
            let (removed, kept): (Vec<String>, Vec<String>) = aliases
                .iter()
                .cloned()
                .partition(|alias| away.iter().any(|other| same_alias(alias, other)));
            if removed.is_empty() || kept.is_empty() {
                return Err(CaseError::Official {
                    message: format!("`{}` cannot be split so", found.name),
                    hint: format!(
                        "its aliases are `{}`; name some of them, not all",
                        aliases.join("`, `")
                    ),
                });
            }
            for official in &mut file.official {
                let of_it = official
                    .aliases
                    .iter()
                    .any(|alias| kept.iter().any(|other| same_alias(alias, other)));
                if of_it {
                    official
                        .aliases
                        .retain(|alias| !removed.iter().any(|other| same_alias(alias, other)));
                }
            }
            file.official
                .retain(|official| !official.aliases.is_empty());
            for alias in &removed {
                for other in &kept {
                    push_rejected(file, alias, other);
                }
            }
            let undo = vec![
                ["officials", "merge"]
                    .into_iter()
                    .chain([kept[0].as_str(), removed[0].as_str()])
                    .map(str::to_owned)
                    .collect(),
            ];
            Ok(OfficialChange {
                name: found.name,
                aliases: kept,
                removed,
                undo,
            })
        })
    }

    /// Says that two officials are two people: they are never joined nor suggested.
    ///
    /// # Errors
    /// As [`Case::merge_officials`].
    pub fn reject_officials(&self, one: &str, other: &str) -> Result<OfficialChange, CaseError> {
        self.change_officials("officials reject", |ledger, file| {
            let (first, second) = (ledger.official(one)?, ledger.official(other)?);
            if first.identity == second.identity {
                return Err(CaseError::Official {
                    message: format!("`{one}` and `{other}` are one official: `{}`", first.name),
                    hint: "`muckrake officials split` takes addresses or names away from it"
                        .to_owned(),
                });
            }
            let (aliases, others) = (
                aliases_of(ledger, first.identity)?,
                aliases_of(ledger, second.identity)?,
            );
            for alias in &aliases {
                for other in &others {
                    push_rejected(file, alias, other);
                }
            }
            let undo = vec![vec![
                "officials".to_owned(),
                "merge".to_owned(),
                first.name.clone(),
                second.name,
            ]];
            Ok(OfficialChange {
                name: first.name,
                aliases,
                removed: others,
                undo,
            })
        })
    }

    /// Takes in the officials of a file: those of the same name get its aliases and facts too. Gives how many there were.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn import_officials(&self, path: &Path) -> Result<usize, CaseError> {
        let imported = OfficialsFile::read(path)?;
        let count = imported.official.len();
        self.change_officials("officials import", |_, file| {
            for official in imported.official {
                take_in(file, official);
            }
            for pair in imported.rejected {
                push_rejected(file, &pair.one, &pair.other);
            }
            Ok(OfficialChange::default())
        })?;
        Ok(count)
    }

    /// What the user has confirmed and rejected, as a file that [`Case::import_officials`] reads; with `everything`
    /// all people as they are resolved too.
    ///
    /// # Errors
    /// A ledger or file that cannot be read.
    pub fn export_officials(&self, everything: bool) -> Result<OfficialsFile, CaseError> {
        let mut file = super::stated::Stated::read(self.parts())?.officials;
        if !everything {
            return Ok(file);
        }
        let view = self.view()?;
        view.expect_officials()?;
        for row in view
            .identities()?
            .into_iter()
            .filter(|row| row.kind == "person" && !row.confirmed)
        {
            file.official.push(ConfirmedOfficial {
                aliases: aliases_of(&view.ledger, row.number)?,
                name: row.name,
                agency: row.agency,
                titles: Vec::new(),
            });
        }
        Ok(file)
    }

    /// Changes `officials.toml` and resolves anew.
    fn change_officials(
        &self,
        purpose: &str,
        change: impl FnOnce(&LedgerFile, &mut OfficialsFile) -> Result<OfficialChange, CaseError>,
    ) -> Result<OfficialChange, CaseError> {
        let (_lock, ledger) = self.writable_ledger(purpose)?;
        settle(self.parts(), &ledger)?;
        let mut file = super::stated::Stated::read(self.parts())?.officials;
        let change = change(&ledger, &mut file)?;
        file.write(&self.parts().officials())?;
        settle(self.parts(), &ledger)?;
        Ok(change)
    }
}

/// The addresses of an identity, and the names that stand alone, each in one form.
fn aliases_of(ledger: &LedgerFile, identity: u32) -> Result<Vec<String>, CaseError> {
    let sql = "SELECT p.name, p.address FROM people p JOIN identified i ON i.person = p.id WHERE i.identity = ?1
               ORDER BY (SELECT sum(count) FROM sightings WHERE person = p.id) DESC, p.id";
    let strings = ledger.rows(sql, [identity], |row| {
        Ok((
            row.get::<_, Option<String>>(0)?,
            row.get::<_, Option<String>>(1)?,
        ))
    })?;
    let mut aliases = Vec::new();
    for (name, address) in strings {
        let key = address
            .as_deref()
            .and_then(Address::read)
            .map(|address| address.key);
        if let Some(alias) = key.or(name).or(address) {
            push_alias(&mut aliases, alias);
        }
    }
    Ok(aliases)
}

fn push_alias(aliases: &mut Vec<String>, alias: String) {
    if !aliases.iter().any(|other| same_alias(other, &alias)) {
        aliases.push(alias);
    }
}

/// Whether two aliases mean one address, or one name in any shape.
fn same_alias(one: &str, other: &str) -> bool {
    match (Address::read(one), Address::read(other)) {
        (Some(one), Some(other)) => one.key == other.key,
        (None, None) => muckrake_casework::officials::same_name(one, other),
        _ => false,
    }
}

fn push_rejected(file: &mut OfficialsFile, one: &str, other: &str) {
    let is_known = file.rejected.iter().any(|pair| {
        (same_alias(&pair.one, one) && same_alias(&pair.other, other))
            || (same_alias(&pair.one, other) && same_alias(&pair.other, one))
    });
    if !is_known {
        file.rejected.push(Rejected {
            one: one.to_owned(),
            other: other.to_owned(),
        });
    }
}

/// Adds an official to those of a file, or to the one of its name.
fn take_in(file: &mut OfficialsFile, official: ConfirmedOfficial) {
    match file
        .official
        .iter_mut()
        .find(|known| folded(&known.name) == folded(&official.name))
    {
        Some(known) => {
            for alias in official.aliases {
                push_alias(&mut known.aliases, alias);
            }
            known.agency = official.agency.or(known.agency.take());
            for title in official.titles {
                if !known.titles.contains(&title) {
                    known.titles.push(title);
                }
            }
        }
        None => file.official.push(official),
    }
}

/// The aliases that came from the second and later of the names go again.
fn undo_of_merge(official: &ConfirmedOfficial, names: &[String]) -> Vec<Vec<String>> {
    if names.len() < 2 {
        return Vec::new();
    }
    let mut undo = vec![
        "officials".to_owned(),
        "split".to_owned(),
        official.name.clone(),
    ];
    undo.extend(official.aliases.last().cloned());
    vec![undo]
}
