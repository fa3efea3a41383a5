//! Finding the one official that a name, a part of it, an address or an id means.

use super::settle::Shown;
use super::settle::Written;
use super::store::Place;
use crate::CaseError;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::addresses::Address;
use muckrake_casework::officials::names::PersonName;
use muckrake_index::terms::terms as words;
use roaring::RoaringBitmap;
use rusqlite::params;
use std::collections::BTreeSet;

/// An official, as a lookup finds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) identity: u32,
    pub(crate) name: String,
    pub(crate) print: String,
    pub(crate) kind: String,
    pub(crate) confirmed: bool,
}

impl Found {
    /// Whether it is no more than a word that some message has in the place of a person.
    fn is_unclear(&self) -> bool {
        self.kind == "unclear" && !self.confirmed
    }
}

/// Fewest digits of an id.
const FEWEST_DIGITS: usize = 6;
/// Most candidates that an error names.
const MOST_NAMED: usize = 8;

/// The id that a node gives: 12 hexadecimal digits.
pub(super) fn print(key: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(key.as_bytes())
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Folded words with single blanks between.
pub(super) fn folded(text: &str) -> String {
    words(text).join(" ")
}

/// What a name is looked up by as a whole: in any order of its parts, with or without a mark.
fn whole(name: &str) -> String {
    let read = PersonName::read(name);
    if !read.is_full() {
        return folded(name);
    }
    let middle = read.middle.join(" ");
    folded(&format!(
        "{} {middle} {} {}",
        read.given,
        read.family,
        read.suffix.unwrap_or_default()
    ))
}

/// All keys under which an identity is found: `~` its shown name, `=` whole names, `@` addresses, `w` single words.
pub(super) fn keys(shown: &Shown, strings: &[&Written]) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([
        format!("~{}", folded(&shown.name)),
        format!("={}", whole(&shown.plain)),
    ]);
    let mut add_words = |text: &str| {
        keys.extend(
            words(text)
                .into_iter()
                .take(MOST_WORDS)
                .map(|word| format!("w{word}")),
        )
    };
    add_words(&shown.plain);
    for string in strings {
        string
            .name
            .iter()
            .for_each(|name| add_words(shortened(name)));
        if let Some(address) = string.address.as_deref() {
            add_words(shortened(
                address.rsplit_once('@').map_or(address, |(local, _)| local),
            ));
        }
    }
    for string in strings {
        if let Some(name) = &string.name {
            keys.insert(format!("={}", whole(shortened(name))));
        }
        let address = Address::of_string(string.name.as_deref(), string.address.as_deref());
        keys.extend(address.map(|address| format!("@{}", shortened(&address.key))));
    }
    keys
}

/// The one of them that the user has confirmed.
fn confirmed(found: &[Found]) -> Option<Found> {
    let mut confirmed = found.iter().filter(|one| one.confirmed);
    match (confirmed.next(), confirmed.next()) {
        (Some(one), None) => Some(one.clone()),
        _ => None,
    }
}

/// Words of one string that it is found by.
const MOST_WORDS: usize = 12;
/// Longest text that is looked up, in bytes.
const LONGEST: usize = 400;

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

impl LedgerFile {
    /// The one official that is meant.
    ///
    /// # Errors
    /// [`CaseError::Official`] if there is none, or several; the latter are named.
    pub(crate) fn official(&self, name: &str) -> Result<Found, CaseError> {
        let found = self.officials_like(name)?;
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(CaseError::Official {
                message: format!("no official of this case is known as `{name}`"),
                hint: "`muckrake officials list` names them; give a name, whole words of one, an address or an id, or use `with:` for words of names".to_owned(),
            }),
            several => Err(CaseError::Official {
                message: format!("`{name}` may be any of {} officials", several.len()),
                hint: self.candidates(several)?,
            }),
        }
    }

    fn candidates(&self, several: &[Found]) -> Result<String, CaseError> {
        let mut counted = Vec::new();
        for one in several {
            counted.push((self.seen_of(one.identity, &Place::HEADER)?.len(), one));
        }
        counted.sort_by(|one, other| {
            other
                .0
                .cmp(&one.0)
                .then_with(|| one.1.name.cmp(&other.1.name))
        });
        let named: Vec<String> = counted
            .iter()
            .take(MOST_NAMED)
            .map(|(count, one)| {
                format!(
                    "`{}` (id {}, {count} message{})",
                    one.name,
                    one.print,
                    if *count == 1 { "" } else { "s" }
                )
            })
            .collect();
        let more = if several.len() > MOST_NAMED {
            format!(" and {} more", several.len() - MOST_NAMED)
        } else {
            String::new()
        };
        Ok(format!(
            "name one of {}{more}; `muckrake officials merge` joins those that are one person",
            named.join(", ")
        ))
    }

    /// All that may be meant: by the shown name, an id, an address, a whole name, then by words of names. Whom the user has confirmed under
    /// a name is meant by it, and a string that is a surname alone is not where people have that name.
    pub(crate) fn officials_like(&self, name: &str) -> Result<Vec<Found>, CaseError> {
        let name = name.trim();
        let text = folded(name);
        let digits = name.trim_start_matches('#').to_ascii_lowercase();
        let is_id =
            digits.len() >= FEWEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let by_name = self.found(&self.known_as(&format!("~{text}"))?)?;
        if let Some(one) = confirmed(&by_name) {
            return Ok(vec![one]);
        }
        if let [one] = by_name.as_slice()
            && !one.is_unclear()
        {
            return Ok(by_name);
        }
        if is_id {
            let sql = "SELECT DISTINCT identity FROM known_as WHERE key >= ?1 AND key < ?2";
            let by_id = self.ordinals(sql, params![format!("#{digits}"), format!("#{digits}g")])?;
            if !by_id.is_empty() {
                return self.found(&by_id);
            }
        }
        if let Some(address) = Address::read(name) {
            return self.found(&self.known_as(&format!("@{}", address.key))?);
        }
        let whole = self.found(&self.known_as(&format!("={}", whole(name)))?)?;
        if let Some(one) = confirmed(&whole) {
            return Ok(vec![one]);
        }
        if !whole.iter().all(Found::is_unclear) {
            return Ok(whole);
        }
        let mut words = words(name).into_iter();
        let Some(first) = words.next() else {
            return Ok(Vec::new());
        };
        let mut all = self.known_as(&format!("w{first}"))?;
        for word in words {
            all &= self.known_as(&format!("w{word}"))?;
        }
        let found = self.found(&all)?;
        // People come before mailboxes and single words that are in the way of none.
        let people: Vec<Found> = found
            .iter()
            .filter(|one| one.kind == "person")
            .cloned()
            .collect();
        Ok(if people.is_empty() { found } else { people })
    }

    fn known_as(&self, key: &str) -> Result<RoaringBitmap, CaseError> {
        self.ordinals("SELECT identity FROM known_as WHERE key = ?1", [key])
    }

    fn found(&self, identities: &RoaringBitmap) -> Result<Vec<Found>, CaseError> {
        let mut found = Vec::new();
        for identity in identities {
            let sql = "SELECT id, name, print, kind, confirmed FROM identities WHERE id = ?1";
            found.extend(self.rows(sql, [identity], |row| {
                Ok(Found {
                    identity: row.get(0)?,
                    name: row.get(1)?,
                    print: row.get(2)?,
                    kind: row.get(3)?,
                    confirmed: row.get(4)?,
                })
            })?);
        }
        Ok(found)
    }

    /// The messages in which an identity is in one of some places.
    pub(crate) fn seen_of(
        &self,
        identity: u32,
        places: &[Place],
    ) -> Result<RoaringBitmap, CaseError> {
        let people = self.strings_of(identity)?;
        self.seen(&people, places)
    }

    /// The numbers of its strings.
    pub(crate) fn strings_of(&self, identity: u32) -> Result<Vec<u32>, CaseError> {
        self.rows(
            "SELECT person FROM identified WHERE identity = ?1",
            [identity],
            |row| row.get(0),
        )
    }
}
