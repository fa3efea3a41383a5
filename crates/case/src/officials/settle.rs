//! Resolving the people of a case and writing who is who into the ledger.

use super::agencies::Agencies;
use super::lookup;
use super::meetings::Learned;
use super::meetings::Remembered;
use super::meetings::beginning;
use super::rows::Former;
use super::rows::Plan;
use super::stated::Stated;
use crate::CaseError;
use crate::folder::Folder;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::Identity;
use muckrake_casework::officials::Kind;
use muckrake_casework::officials::Link;
use muckrake_casework::officials::Pair;
use muckrake_casework::officials::Resolution;
use muckrake_casework::officials::Spelling;
use muckrake_casework::officials::resolve;
use rayon::prelude::*;
use rusqlite::params;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeSet;
use std::collections::HashMap;

/// A person string with its number and how many messages have it.
pub(super) struct Written {
    pub(super) id: u32,
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    pub(super) seen: u32,
    /// A hash over the messages that have it, and where.
    pub(super) print: u64,
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
    /// What else is written of each identity.
    entries: Vec<Entry>,
    /// A hash over all that is written of each identity.
    prints: Vec<i64>,
    learned: Learned,
}

/// By what an identity is found, and why it is one.
#[derive(Default)]
struct Entry {
    /// The keys of lookups.
    keys: BTreeSet<String>,
    /// Agencies, each with a string that belongs to it.
    members: Vec<(String, u32)>,
    /// Its joins, by their place among all.
    joins: Vec<usize>,
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
        let (written, resolution, learned) = resolved?;
        Ok(Some(Self::new(stated, &written, resolution, learned)))
    }

    fn new(stated: Stated, written: &[Written], resolution: Resolution, learned: Learned) -> Self {
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
        let entry = |at: usize| Entry {
            keys: keys(
                &resolution.identities[at],
                &shown[at],
                &strings[at],
                &resolution,
            ),
            members: members(&agencies, &shown[at], &strings[at]),
            joins: Vec::new(),
        };
        let mut entries: Vec<Entry> = numbers().map(entry).collect();
        for (place, merge) in resolution.merges.iter().enumerate() {
            if let Some(identity) = resolution.of_node[merge.one as usize] {
                entries[identity as usize].joins.push(place);
            }
        }
        let numbers_of = |strings: Vec<&Written>| strings.iter().map(|one| one.id).collect();
        let mut settlement = Self {
            stated: stated.print,
            strings: strings.into_iter().map(numbers_of).collect(),
            resolution,
            shown,
            entries,
            prints: Vec::new(),
            learned,
        };
        let all = (0..settlement.entries.len()).into_par_iter();
        settlement.prints = all.map(|at| settlement.print(at)).collect();
        settlement
    }

    /// A hash over all that is written of an identity but its number.
    fn print(&self, at: usize) -> i64 {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        let (identity, shown, entry) = (
            &self.resolution.identities[at],
            &self.shown[at],
            &self.entries[at],
        );
        add(&shown.name);
        add(identity.kind.word());
        add(shown.agency.as_deref().unwrap_or_default());
        add(if identity.confirmed.is_some() {
            "1"
        } else {
            "0"
        });
        add(&self.first_key(identity));
        entry.keys.iter().for_each(|key| add(key));
        for (agency, _) in &entry.members {
            add(agency);
        }
        for join in &entry.joins {
            let merge = &self.resolution.merges[*join];
            for node in [merge.one, merge.other] {
                add(&self.resolution.keys[node as usize]);
            }
            add(merge.reason.word());
            add(&merge.confidence.to_string());
        }
        let members = entry.members.iter().map(|(_, string)| string);
        for string in members.chain(&self.strings[at]) {
            hasher.update(string.to_le_bytes());
        }
        beginning(hasher).cast_signed()
    }

    fn first_key(&self, identity: &Identity) -> String {
        let first = identity.nodes.first();
        let key = first.map_or("", |node| self.resolution.keys[*node as usize].as_str());
        lookup::print(key)
    }

    /// Puts it in the place of the former one, where they differ.
    pub(crate) fn write(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        ledger.begin()?;
        let plan = Former::read(ledger)?.compare(&self.strings, &self.prints);
        plan.clear(ledger)?;
        self.write_identities(ledger, &plan)?;
        self.write_entries(ledger, &plan)?;
        self.write_suggestions(ledger, &plan)?;
        self.learned.write(ledger)?;
        ledger.set_people_word("people_changed", "0")?;
        ledger.set_people_word("people_stated", &self.stated)?;
        ledger.commit()
    }

    fn write_identities(&self, ledger: &LedgerFile, plan: &Plan) -> Result<(), CaseError> {
        for &at in &plan.changed {
            let (identity, shown) = (&self.resolution.identities[at], &self.shown[at]);
            let number = plan.numbers[at];
            ledger.change(
                "INSERT INTO identities VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    number,
                    shown.name,
                    identity.kind.word(),
                    shown.agency,
                    identity.confirmed.is_some(),
                    self.first_key(identity)
                ],
            )?;
            ledger.change(
                "INSERT INTO settled VALUES (?1, ?2)",
                params![number, self.prints[at]],
            )?;
            for string in &self.strings[at] {
                ledger.change(
                    "INSERT INTO identified VALUES (?1, ?2)",
                    params![string, number],
                )?;
            }
            for join in &self.entries[at].joins {
                let merge = &self.resolution.merges[*join];
                ledger.change(
                    "INSERT INTO joins VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        number,
                        self.resolution.keys[merge.one as usize],
                        self.resolution.keys[merge.other as usize],
                        merge.reason.word(),
                        merge.confidence
                    ],
                )?;
            }
        }
        Ok(())
    }

    /// Writes lookups and agencies in the order of their tables, which is the fastest.
    fn write_entries(&self, ledger: &LedgerFile, plan: &Plan) -> Result<(), CaseError> {
        let entries = || {
            plan.changed
                .iter()
                .map(|&at| (&self.entries[at], plan.numbers[at]))
        };
        let mut keys: Vec<(&str, u32)> = entries()
            .flat_map(|(entry, number)| entry.keys.iter().map(move |key| (key.as_str(), number)))
            .collect();
        keys.par_sort_unstable();
        for (key, identity) in keys {
            ledger.change(
                "INSERT OR IGNORE INTO known_as VALUES (?1, ?2)",
                params![key, identity],
            )?;
        }
        let mut members: Vec<&(String, u32)> =
            entries().flat_map(|(entry, _)| &entry.members).collect();
        members.par_sort_unstable();
        for (agency, person) in members {
            ledger.change(
                "INSERT OR IGNORE INTO members VALUES (?1, ?2)",
                params![agency, person],
            )?;
        }
        Ok(())
    }

    fn write_suggestions(&self, ledger: &LedgerFile, plan: &Plan) -> Result<(), CaseError> {
        let mut former = if plan.anew {
            ledger.change("DELETE FROM suggestions", [])?;
            HashMap::new()
        } else {
            former_suggestions(ledger)?
        };
        let number = |node: u32| {
            let identity = self.resolution.of_node[node as usize].unwrap_or_default();
            plan.numbers[identity as usize]
        };
        for one in &self.resolution.suggestions {
            let row = SuggestionRow {
                one: number(one.one),
                other: number(one.other),
                one_key: self.resolution.keys[one.one as usize].clone(),
                other_key: self.resolution.keys[one.other as usize].clone(),
                reason: one.reason.word().to_owned(),
                confidence: one.confidence,
                messages: one.messages,
            };
            if former.remove(&row).is_none() {
                row.insert(ledger)?;
            }
        }
        for place in former.into_values() {
            ledger.change("DELETE FROM suggestions WHERE rowid = ?1", [place])?;
        }
        Ok(())
    }
}

/// A row of the table of suggestions.
#[derive(PartialEq, Eq, Hash)]
struct SuggestionRow {
    one: u32,
    other: u32,
    one_key: String,
    other_key: String,
    reason: String,
    confidence: u8,
    messages: u32,
}

impl SuggestionRow {
    fn insert(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        ledger
            .change(
                "INSERT INTO suggestions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    self.one,
                    self.other,
                    self.one_key,
                    self.other_key,
                    self.reason,
                    self.confidence,
                    self.messages
                ],
            )
            .map(drop)
    }
}

/// The suggestions that were written last, each with its place in the table.
fn former_suggestions(ledger: &LedgerFile) -> Result<HashMap<SuggestionRow, i64>, CaseError> {
    let sql = "SELECT one, other, one_key, other_key, reason, confidence, messages, rowid FROM suggestions";
    let rows = ledger.rows(sql, [], |row| {
        let suggestion = SuggestionRow {
            one: row.get(0)?,
            other: row.get(1)?,
            one_key: row.get(2)?,
            other_key: row.get(3)?,
            reason: row.get(4)?,
            confidence: row.get(5)?,
            messages: row.get(6)?,
        };
        Ok((suggestion, row.get(7)?))
    })?;
    Ok(rows.into_iter().collect())
}

fn resolved(
    ledger: &LedgerFile,
    stated: &Stated,
) -> Result<(Vec<Written>, Resolution, Learned), CaseError> {
    let written = written(ledger)?;
    let spellings = written.iter().map(|one| Spelling {
        id: one.id,
        name: one.name.as_deref(),
        address: one.address.as_deref(),
        seen: one.seen,
    });
    let mut meetings = Remembered::new(ledger, &written)?;
    let resolution = resolve(
        spellings,
        &pairs(ledger)?,
        &stated.statements(),
        &mut meetings,
    )?;
    let learned = meetings.learned();
    Ok((written, resolution, learned))
}

/// All strings that some message has.
pub(super) fn written(ledger: &LedgerFile) -> Result<Vec<Written>, CaseError> {
    let mut sighted: HashMap<u32, (u32, Sha256)> = HashMap::new();
    let sql = "SELECT person, place, count, messages FROM sightings ORDER BY person, place";
    ledger.rows(sql, [], |row| {
        let (seen, print) = sighted.entry(row.get(0)?).or_default();
        *seen = seen.saturating_add(row.get(2)?);
        let messages = row.get_ref(3)?.as_blob().unwrap_or_default();
        print.update(row.get::<_, u8>(1)?.to_le_bytes());
        print.update((messages.len() as u64).to_le_bytes());
        print.update(messages);
        Ok(())
    })?;
    let sql = "SELECT id, name, address FROM people ORDER BY id";
    let strings = ledger.rows(sql, [], |row| {
        let id = row.get(0)?;
        let Some((seen, print)) = sighted.remove(&id) else {
            return Ok(None);
        };
        Ok(Some(Written {
            id,
            name: row.get(1)?,
            address: row.get(2)?,
            seen,
            print: beginning(print),
        }))
    })?;
    Ok(strings.into_iter().flatten().collect())
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

/// By which agencies the strings of an identity are found.
fn members(agencies: &Agencies, shown: &Shown, strings: &[&Written]) -> Vec<(String, u32)> {
    let of = |string: &Written| agencies.of_string(string, shown.agency.as_deref());
    let members = strings.iter().map(|string| (string.id, of(string)));
    members
        .flat_map(|(id, of)| of.into_iter().map(move |agency| (agency, id)))
        .collect()
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
