//! Which agency a person string belongs to: by what stands behind the name, by the domain, and by the user's own list.

use super::lookup::folded;
use super::settle::Written;
use super::stated::Agency;
use crate::CaseError;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::Identity;
use muckrake_casework::officials::addresses::Address;
use muckrake_casework::officials::addresses::is_public_domain;
use muckrake_casework::officials::names::PersonName;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// What is known of agencies in a case.
pub(super) struct Agencies {
    /// Name of an agency, by its folded names and marks.
    named: HashMap<String, String>,
    /// Name of an agency, by a domain of the user's list.
    domains: HashMap<String, String>,
    /// Name of an agency, by a domain most of whose names have its mark.
    learned: HashMap<String, String>,
    parents: HashMap<String, String>,
}

/// Strings with a mark in a domain, at least, before the domain is taken for the agency's.
const FEWEST_MARKED: u32 = 3;
/// Share of these that have the same mark, in percent.
const LEAST_SHARE: u32 = 80;
/// One mention in so many has to have a mark, before it counts more than the domain.
const LEAST_OF_PERSON: u32 = 10;
/// Most agencies that one is a part of, one above the other.
const MOST_ABOVE: usize = 16;

impl Agencies {
    pub(super) fn of(stated: &[Agency], written: &[Written]) -> Self {
        let mut agencies = Self {
            named: HashMap::new(),
            domains: HashMap::new(),
            learned: HashMap::new(),
            parents: HashMap::new(),
        };
        for agency in stated {
            for name in std::iter::once(&agency.name).chain(&agency.marks) {
                agencies.named.insert(folded(name), agency.name.clone());
            }
            for domain in &agency.domains {
                agencies.domains.insert(
                    domain.trim_start_matches('@').to_lowercase(),
                    agency.name.clone(),
                );
            }
            if let Some(parent) = &agency.parent {
                agencies
                    .parents
                    .insert(folded(&agency.name), parent.clone());
            }
        }
        agencies.learn(written);
        agencies
    }

    fn learn(&mut self, written: &[Written]) {
        let mut seen: BTreeMap<String, BTreeMap<String, (u32, String)>> = BTreeMap::new();
        for string in written {
            let (Some(mark), Some(domain)) = (mark(string), domain(string)) else {
                continue;
            };
            let marks = seen.entry(domain).or_default();
            let (count, written) = marks
                .entry(folded(&mark))
                .or_insert_with(|| (0, mark.clone()));
            *count += 1;
            // Of several ways to write it one counts, whichever came first.
            if mark < *written {
                *written = mark;
            }
        }
        for (domain, marks) in seen {
            let all: u32 = marks.values().map(|(count, _)| count).sum();
            let Some((count, mark)) = marks.into_values().max() else {
                continue;
            };
            if all >= FEWEST_MARKED && count * 100 >= all * LEAST_SHARE {
                let name = self.called(&mark);
                self.learned.insert(domain, name);
            }
        }
    }

    /// The agency that a mark or name stands for.
    fn called(&self, mark: &str) -> String {
        self.named
            .get(&folded(mark))
            .cloned()
            .unwrap_or_else(|| mark.to_owned())
    }

    /// The agency of a domain, or the domain where none is known; nothing of a public mail service.
    fn of_domain(&self, domain: &str) -> Option<String> {
        if is_public_domain(domain) || domain.is_empty() {
            return None;
        }
        let above = || {
            std::iter::successors(Some(domain), |part| {
                part.split_once('.').map(|(_, rest)| rest)
            })
        };
        let stated = above().find_map(|part| self.domains.get(part));
        stated
            .or_else(|| self.learned.get(domain))
            .cloned()
            .or_else(|| Some(domain.to_owned()))
    }

    /// The agency of a person: that which stands behind most of the names, else that of most of the addresses.
    pub(super) fn of_identity(&self, identity: &Identity, strings: &[&Written]) -> Option<String> {
        let mark = identity
            .marks
            .first()
            .filter(|(_, seen)| seen.saturating_mul(LEAST_OF_PERSON) >= identity.seen);
        if let Some((mark, _)) = mark {
            return Some(self.called(mark));
        }
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for string in strings {
            let of_domain = domain(string).and_then(|domain| self.of_domain(&domain));
            let of_directory = || directory(string).map(|name| self.called(&name));
            if let Some(agency) = of_domain.or_else(of_directory) {
                *counts.entry(agency).or_default() += string.seen.max(1);
            }
        }
        counts
            .into_iter()
            .max_by_key(|(agency, count)| (*count, std::cmp::Reverse(agency.clone())))
            .map(|(agency, _)| agency)
    }

    /// All by which `agency:` finds a string, folded: its own mark or else the person's agency, the domain with those
    /// above it, and the agencies that these belong to.
    pub(super) fn of_string(&self, string: &Written, person: Option<&str>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        match mark(string) {
            Some(mark) => {
                names.push(self.called(&mark));
                names.push(mark);
            }
            None => names.extend(person.map(str::to_owned)),
        }
        if let Some(domain) = domain(string).filter(|domain| !is_public_domain(domain)) {
            names.extend(self.of_domain(&domain));
            let above = std::iter::successors(Some(domain.as_str()), |part| {
                part.split_once('.').map(|(_, rest)| rest)
            });
            names.extend(above.filter(|part| part.contains('.')).map(str::to_owned));
        }
        names.extend(directory(string));
        let mut above: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let mut next = 0;
        while next < above.len() && next < MOST_ABOVE {
            if let Some(parent) = self.parents.get(&above[next]) {
                above.push(folded(parent));
            }
            next += 1;
        }
        above.sort_unstable();
        above.dedup();
        above
    }
}

fn mark(string: &Written) -> Option<String> {
    PersonName::read(string.name.as_deref()?).mark
}

/// The organisation of a directory name, in capitals as directories write it.
fn directory(string: &Written) -> Option<String> {
    let address = Address::of_string(string.name.as_deref(), string.address.as_deref())?;
    let known = address.domain.is_empty() && !address.organisation.is_empty();
    known.then(|| address.organisation.to_uppercase())
}

fn domain(string: &Written) -> Option<String> {
    let address = Address::read(string.address.as_deref()?)?;
    (!address.domain.is_empty()).then_some(address.domain)
}

/// Most agencies that an error names.
const MOST_NAMED: usize = 12;

impl LedgerFile {
    /// The person strings of an agency, given by its name, mark or domain.
    pub(crate) fn agency_members(&self, name: &str) -> Result<Vec<u32>, CaseError> {
        let name = folded(name.trim_start_matches('@'));
        self.rows(
            "SELECT person FROM members WHERE agency = ?1",
            [name],
            |row| row.get(0),
        )
    }

    /// The agencies with most people, for an error.
    pub(crate) fn known_agencies(&self) -> Result<String, CaseError> {
        let sql = "SELECT agency FROM identities WHERE agency IS NOT NULL GROUP BY agency ORDER BY count(*) DESC, agency LIMIT ?1";
        let names = self.rows(sql, [MOST_NAMED], |row| row.get::<_, String>(0))?;
        Ok(if names.is_empty() {
            "no agency is known in this case: name one in `agencies.toml`, or use `with:@domain`"
                .to_owned()
        } else {
            format!(
                "this case knows `{}`, and others by their domain; `agencies.toml` may name more",
                names.join("`, `")
            )
        })
    }
}
