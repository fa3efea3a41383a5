//! Resolving the people of a case and writing who is who into the ledger.

use super::agencies::Agencies;
use super::lookup;
use super::stated::Stated;
use super::store::Place;
use crate::CaseError;
use crate::folder::Folder;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::Identity;
use muckrake_casework::officials::Kind;
use muckrake_casework::officials::Link;
use muckrake_casework::officials::Meetings;
use muckrake_casework::officials::Pair;
use muckrake_casework::officials::Resolution;
use muckrake_casework::officials::Spelling;
use muckrake_casework::officials::resolve;
use rayon::prelude::*;
use rusqlite::params;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// A person string with its number and how many messages have it.
pub(super) struct Written {
    pub(super) id: u32,
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    pub(super) seen: u32,
}

/// Resolves anew if strings, or what the user says, have changed since.
pub(crate) fn settle(folder: &Folder, ledger: &LedgerFile) -> Result<(), CaseError> {
    ledger.make_people()?;
    match Settlement::of(folder, ledger)? {
        Some(settlement) => settlement.write(ledger),
        None => Ok(()),
    }
}

/// Who is who, worked out and not yet written.
pub(crate) struct Settlement {
    /// What the user says, by which it was worked out.
    stated: String,
    resolution: Resolution,
    shown: Vec<Shown>,
    /// The numbers of the strings of each identity.
    strings: Vec<Vec<u32>>,
    /// By what identities are found.
    keys: Vec<(String, u32)>,
    /// Which strings are of which agencies.
    members: Vec<(String, u32)>,
}

impl Settlement {
    /// Works it out from what the ledger holds; `None` where nothing has changed since it was written last.
    pub(crate) fn of(folder: &Folder, ledger: &LedgerFile) -> Result<Option<Self>, CaseError> {
        let stated = Stated::read(folder)?;
        let is_settled = ledger.people_word("people_changed")?.as_deref() == Some("0")
            && ledger.people_word("people_stated")?.as_deref() == Some(&stated.print);
        if is_settled {
            return Ok(None);
        }
        // One transaction: SQLite takes and gives back a lock for each statement outside of one.
        ledger.begin_reading()?;
        let resolved = resolved(ledger, &stated);
        ledger.roll_back()?;
        let (written, resolution) = resolved?;
        Ok(Some(Self::new(stated, &written, resolution)))
    }

    fn new(stated: Stated, written: &[Written], resolution: Resolution) -> Self {
        let by_id: HashMap<u32, &Written> = written.iter().map(|one| (one.id, one)).collect();
        let mut strings: Vec<Vec<&Written>> = vec![Vec::new(); resolution.identities.len()];
        for (spelling, identity) in &resolution.of_spelling {
            strings[*identity as usize].extend(by_id.get(spelling));
        }
        strings
            .par_iter_mut()
            .for_each(|strings| strings.sort_unstable_by_key(|one| one.id));
        let agencies = Agencies::of(&stated.agencies.agency, written);
        let shown = shown_names(&resolution, &stated, &agencies, &strings);
        let numbers = || (0..resolution.identities.len()).into_par_iter();
        let mut keys: Vec<(String, u32)> = numbers()
            .flat_map_iter(|at| {
                let identity = &resolution.identities[at];
                let keys = keys(identity, &shown[at], &strings[at], &resolution);
                keys.into_iter().map(move |key| (key, at as u32))
            })
            .collect();
        keys.par_sort_unstable();
        let mut members: Vec<(String, u32)> = numbers()
            .flat_map_iter(|at| {
                let agency = shown[at].agency.as_deref();
                let of = |string: &Written| agencies.of_string(string, agency);
                let strings = strings[at].iter();
                let members = strings.map(|string| (string.id, of(string)));
                let members: Vec<_> = members.collect();
                members
                    .into_iter()
                    .flat_map(|(id, of)| of.into_iter().map(move |agency| (agency, id)))
            })
            .collect();
        members.par_sort_unstable();
        let numbers_of = |strings: Vec<&Written>| strings.iter().map(|one| one.id).collect();
        Self {
            stated: stated.print,
            strings: strings.into_iter().map(numbers_of).collect(),
            resolution,
            shown,
            keys,
            members,
        }
    }

    /// Puts it in the place of the former one.
    pub(crate) fn write(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        ledger.begin()?;
        for table in [
            "identities",
            "identified",
            "known_as",
            "members",
            "joins",
            "suggestions",
        ] {
            ledger.change(&format!("DELETE FROM {table}"), [])?;
        }
        self.write_identities(ledger)?;
        for (key, identity) in &self.keys {
            ledger.change(
                "INSERT OR IGNORE INTO known_as VALUES (?1, ?2)",
                params![key, identity],
            )?;
        }
        for (agency, person) in &self.members {
            ledger.change(
                "INSERT OR IGNORE INTO members VALUES (?1, ?2)",
                params![agency, person],
            )?;
        }
        write_joins(ledger, &self.resolution)?;
        ledger.set_people_word("people_changed", "0")?;
        ledger.set_people_word("people_stated", &self.stated)?;
        ledger.commit()
    }

    fn write_identities(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        let identities = self.resolution.identities.iter();
        for (at, (identity, shown)) in identities.zip(&self.shown).enumerate() {
            let first = identity.nodes.first();
            let first = first.map_or("", |node| self.resolution.keys[*node as usize].as_str());
            ledger.change(
                "INSERT INTO identities VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    at,
                    shown.name,
                    identity.kind.word(),
                    shown.agency,
                    identity.confirmed.is_some(),
                    lookup::print(first)
                ],
            )?;
            for string in &self.strings[at] {
                ledger.change(
                    "INSERT INTO identified VALUES (?1, ?2)",
                    params![string, at],
                )?;
            }
        }
        Ok(())
    }
}

fn resolved(ledger: &LedgerFile, stated: &Stated) -> Result<(Vec<Written>, Resolution), CaseError> {
    let written = written(ledger)?;
    let spellings = written.iter().map(|one| Spelling {
        id: one.id,
        name: one.name.as_deref(),
        address: one.address.as_deref(),
        seen: one.seen,
    });
    let resolution = resolve(
        spellings,
        &pairs(ledger)?,
        &stated.statements(),
        &mut Ledgered(ledger),
    )?;
    Ok((written, resolution))
}

/// All strings that some message has.
pub(super) fn written(ledger: &LedgerFile) -> Result<Vec<Written>, CaseError> {
    let sql = "SELECT p.id, p.name, p.address, (SELECT sum(count) FROM sightings WHERE person = p.id) AS seen
               FROM people p WHERE seen > 0 ORDER BY p.id";
    ledger.rows(sql, [], |row| {
        Ok(Written {
            id: row.get(0)?,
            name: row.get(1)?,
            address: row.get(2)?,
            seen: row.get(3)?,
        })
    })
}

fn pairs(ledger: &LedgerFile) -> Result<Vec<Pair>, CaseError> {
    let sql = "SELECT link, one, other, seen FROM pairs WHERE seen > 0";
    let pairs = ledger.rows(sql, [], |row| {
        let link = Link::ALL.get(row.get::<_, usize>(0)?).copied();
        Ok(link.map(|link| (link, row.get(1), row.get(2), row.get(3))))
    })?;
    let read = pairs
        .into_iter()
        .flatten()
        .filter_map(|(link, one, other, seen)| {
            Some(Pair {
                link,
                one: one.ok()?,
                other: other.ok()?,
                seen: seen.ok()?,
            })
        });
    Ok(read.collect())
}

/// Meetings as the ledger knows them.
struct Ledgered<'a>(&'a LedgerFile);

impl Meetings for Ledgered<'_> {
    type Error = CaseError;

    fn beside(&mut self, bare: &[u32], people: &[u32]) -> Result<u32, CaseError> {
        let everywhere = [
            Place::From,
            Place::To,
            Place::Cc,
            Place::Bcc,
            Place::Elsewhere,
        ];
        let bare = self.0.seen(bare, &everywhere)?;
        if bare.is_empty() {
            return Ok(0);
        }
        let people = self.0.seen(people, &everywhere)?;
        Ok(u32::try_from(bare.intersection_len(&people)).unwrap_or(u32::MAX))
    }

    fn both_written_to(&mut self, one: &[u32], other: &[u32]) -> Result<u32, CaseError> {
        let to = [Place::To, Place::Cc, Place::Bcc];
        let one = self.0.seen(one, &to)?;
        let other = self.0.seen(other, &to)?;
        Ok(u32::try_from(one.intersection_len(&other)).unwrap_or(u32::MAX))
    }
}

/// All keys under which an identity is found; an anonymous one is not.
fn keys(
    identity: &Identity,
    shown: &Shown,
    strings: &[&Written],
    resolution: &Resolution,
) -> BTreeSet<String> {
    if identity.kind == Kind::Anonymous {
        return BTreeSet::new();
    }
    let mut keys = lookup::keys(shown, strings);
    let nodes = identity.nodes.iter();
    keys.extend(nodes.map(|node| format!("#{}", lookup::print(&resolution.keys[*node as usize]))));
    keys
}

fn write_joins(ledger: &LedgerFile, resolution: &Resolution) -> Result<(), CaseError> {
    let key = |node: u32| resolution.keys[node as usize].as_str();
    let of = |node: u32| resolution.of_node[node as usize].unwrap_or_default();
    for merge in &resolution.merges {
        ledger.change(
            "INSERT INTO joins VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                of(merge.one),
                key(merge.one),
                key(merge.other),
                merge.reason.word(),
                merge.confidence
            ],
        )?;
    }
    for one in &resolution.suggestions {
        ledger.change(
            "INSERT INTO suggestions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                of(one.one),
                of(one.other),
                key(one.one),
                key(one.other),
                one.reason.word(),
                one.confidence,
                one.messages
            ],
        )?;
    }
    Ok(())
}

/// The name and agency under which an identity is shown.
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) plain: String,
    pub(super) agency: Option<String>,
}

/// Names that are each of one identity: where several have one, the agency, the address or a word stands behind it.
fn shown_names(
    resolution: &Resolution,
    stated: &Stated,
    agencies: &Agencies,
    of_identity: &[Vec<&Written>],
) -> Vec<Shown> {
    let mut shown: Vec<Shown> = resolution
        .identities
        .par_iter()
        .zip(of_identity)
        .map(|(identity, strings)| {
            let confirmed = identity
                .confirmed
                .and_then(|at| stated.officials.official.get(at as usize));
            let plain = confirmed
                .map_or(&identity.name, |official| &official.name)
                .clone();
            let agency = confirmed.and_then(|official| official.agency.clone());
            Shown {
                name: plain.clone(),
                plain,
                agency: agency.or_else(|| agencies.of_identity(identity, strings)),
            }
        })
        .collect();
    let mut counts: HashMap<String, u32> = HashMap::new();
    for one in &shown {
        *counts.entry(lookup::folded(&one.plain)).or_default() += 1;
    }
    let mut taken: HashMap<String, u32> = HashMap::new();
    for (one, identity) in shown.iter_mut().zip(&resolution.identities) {
        if counts[&lookup::folded(&one.plain)] > 1 && identity.kind != Kind::Anonymous {
            one.name = format!("{} ({})", one.plain, qualifier(identity, one, resolution));
        }
        let count = taken.entry(lookup::folded(&one.name)).or_default();
        *count += 1;
        if *count > 1 {
            one.name = format!("{} [{}]", one.name, count);
        }
    }
    shown
}

fn qualifier(identity: &Identity, shown: &Shown, resolution: &Resolution) -> String {
    let mut keys = identity
        .nodes
        .iter()
        .map(|node| resolution.keys[*node as usize].as_str());
    let address = keys.find(|key| key.contains('@'));
    let alone = identity
        .nodes
        .iter()
        .all(|node| resolution.keys[*node as usize].starts_with("= "));
    match (address, &shown.agency) {
        (Some(address), _) => address.to_owned(),
        (None, Some(agency)) if alone => format!("{agency}, name alone"),
        (None, Some(agency)) => agency.clone(),
        (None, None) => "name alone".to_owned(),
    }
}
