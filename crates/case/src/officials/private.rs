//! Private accounts: officials who wrote from or to addresses outside their agency.

use super::report::IdentityRow;
use super::report::moment_text;
use super::settle;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::SCHEMA;
use crate::view::View;
use muckrake_casework::officials::addresses::Address;
use muckrake_casework::officials::addresses::is_public_domain;
use muckrake_casework::officials::addresses::registered;
use muckrake_casework::officials::mentions::Role;
use muckrake_casework::officials::mentions::unpack;
use muckrake_index::language::Query;
use muckrake_mail::MessageKey;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

/// Which mail is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrivateRequest<'a> {
    /// Only messages that match; `None` looks at all.
    pub query: Option<&'a Query>,
    /// All addresses outside the agency count, not only those of mail services where anybody has one.
    pub everything: bool,
}

/// An official and an address outside the agency's domains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrivateAccount {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// The official.
    pub official: String,
    /// Its id.
    pub official_id: String,
    /// Its agency.
    pub agency: Option<String>,
    /// The address.
    pub address: String,
    /// Whether the address is the official's own.
    pub own: bool,
    /// Whose it is, where that is known.
    pub owner: Option<String>,
    /// `from`: wrote from it; `at`: got mail there; `to`: wrote to it.
    pub direction: String,
    /// In how many messages.
    pub messages: u64,
    /// Date of the earliest.
    pub first: Option<String>,
    /// Date of the latest.
    pub last: Option<String>,
    /// Id of one of them.
    pub example: Option<MessageKey>,
}

/// What a person string is to this report.
struct Held {
    identity: u32,
    /// Address as compared.
    key: String,
    domain: String,
}

#[derive(Default)]
struct Counts {
    messages: u64,
    first: Option<i64>,
    last: Option<i64>,
    example: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Direction {
    From,
    At,
    To,
}

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::At => "at",
            Self::To => "to",
        }
    }
}

impl Case {
    /// Officials who wrote from or to addresses outside their agency's domains, or got mail there. The domains of an
    /// agency are those that `agencies.toml` gives it; else that of most of the official's own mail counts.
    ///
    /// # Errors
    /// A query that cannot be answered; a ledger that cannot be read.
    pub fn private_accounts(
        &self,
        request: &PrivateRequest<'_>,
    ) -> Result<Vec<PrivateAccount>, CaseError> {
        let view = self.view()?;
        view.expect_officials()?;
        let within = request
            .query
            .map(|query| view.ordinals(query, Links::All))
            .transpose()?;
        let rows = view.identities()?;
        let held = view.held()?;
        let homes = self.homes(&view, &rows, &held)?;
        let dates = view.dates()?;
        let mut found: BTreeMap<(u32, Direction, String), Counts> = BTreeMap::new();
        let outside = |identity: u32, string: &Held| {
            homes.get(&identity).is_some_and(|home| {
                !string.domain.is_empty()
                    && !home.iter().any(|domain| is_within(&string.domain, domain))
            })
        };
        view.ledger.rows(
            "SELECT message, packed FROM mentions ORDER BY message",
            [],
            |row| {
                let message: u32 = row.get(0)?;
                if within
                    .as_ref()
                    .is_some_and(|within| !within.contains(message))
                {
                    return Ok(());
                }
                let groups = unpack(row.get_ref(1)?.as_blob().unwrap_or_default());
                let strings = |role: fn(Role) -> bool| -> Vec<&Held> {
                    groups
                        .iter()
                        .filter(|group| role(group.role))
                        .flat_map(|group| &group.people)
                        .filter_map(|person| held.get(person))
                        .collect()
                };
                let senders = strings(|role| role == Role::From);
                let recipients = strings(|role| matches!(role, Role::To | Role::Cc | Role::Bcc));
                let mut of_message: HashSet<(u32, Direction, &str)> = HashSet::new();
                for sender in &senders {
                    if outside(sender.identity, sender) {
                        of_message.insert((sender.identity, Direction::From, &sender.key));
                    }
                    for recipient in &recipients {
                        let counts = request.everything || is_public_domain(&recipient.domain);
                        if counts
                            && recipient.identity != sender.identity
                            && outside(sender.identity, recipient)
                        {
                            of_message.insert((sender.identity, Direction::To, &recipient.key));
                        }
                    }
                }
                for recipient in &recipients {
                    if outside(recipient.identity, recipient) {
                        of_message.insert((recipient.identity, Direction::At, &recipient.key));
                    }
                }
                let date = dates.get(message as usize).copied().flatten();
                for (identity, direction, key) in of_message {
                    let counts = found
                        .entry((identity, direction, key.to_owned()))
                        .or_default();
                    counts.messages += 1;
                    counts.first = counts.first.into_iter().chain(date).min();
                    counts.last = counts.last.into_iter().chain(date).max();
                    counts.example.get_or_insert(message);
                }
                Ok(())
            },
        )?;
        named(&view, &rows, &held, found)
    }

    /// The domains in which each person is at work.
    fn homes(
        &self,
        view: &View<'_>,
        rows: &[IdentityRow],
        held: &HashMap<u32, Held>,
    ) -> Result<HashMap<u32, Vec<String>>, CaseError> {
        let stated = super::stated::Stated::read(self.parts())?;
        let mut counts: HashMap<u32, BTreeMap<&str, u32>> = HashMap::new();
        for string in settle::written(&view.ledger)? {
            let Some(one) = held.get(&string.id) else {
                continue;
            };
            if !one.domain.is_empty() && !is_public_domain(&one.domain) {
                *counts
                    .entry(one.identity)
                    .or_default()
                    .entry(registered(&one.domain))
                    .or_default() += string.seen;
            }
        }
        let mut homes = HashMap::new();
        for row in rows.iter().filter(|row| row.kind == "person") {
            let listed = stated
                .agencies
                .agency
                .iter()
                .find(|agency| row.agency.as_deref() == Some(&agency.name));
            let listed: Vec<String> = listed
                .map(|agency| {
                    agency
                        .domains
                        .iter()
                        .map(|domain| domain.to_lowercase())
                        .collect()
                })
                .unwrap_or_default();
            let main = counts.get(&row.number).and_then(|domains| {
                domains
                    .iter()
                    .max_by_key(|(domain, count)| (**count, std::cmp::Reverse(**domain)))
            });
            let home: Vec<String> = if listed.is_empty() {
                main.map(|(domain, _)| (*domain).to_owned())
                    .into_iter()
                    .collect()
            } else {
                listed
            };
            if !home.is_empty() {
                homes.insert(row.number, home);
            }
        }
        Ok(homes)
    }
}

fn is_within(domain: &str, home: &str) -> bool {
    domain == home
        || domain
            .strip_suffix(home)
            .is_some_and(|before| before.ends_with('.'))
}

fn named(
    view: &View<'_>,
    rows: &[IdentityRow],
    held: &HashMap<u32, Held>,
    found: BTreeMap<(u32, Direction, String), Counts>,
) -> Result<Vec<PrivateAccount>, CaseError> {
    let by_number: HashMap<u32, &IdentityRow> = rows.iter().map(|row| (row.number, row)).collect();
    let owners: HashMap<&str, u32> = held
        .values()
        .map(|one| (one.key.as_str(), one.identity))
        .collect();
    let mut accounts = Vec::new();
    for ((identity, direction, address), counts) in found {
        let Some(row) = by_number.get(&identity) else {
            continue;
        };
        let owner = owners.get(address.as_str()).copied();
        accounts.push(PrivateAccount {
            schema: SCHEMA,
            official: row.name.clone(),
            official_id: row.print.clone(),
            agency: row.agency.clone(),
            own: owner == Some(identity),
            owner: owner
                .and_then(|owner| by_number.get(&owner))
                .map(|row| row.name.clone()),
            address,
            direction: direction.word().to_owned(),
            messages: counts.messages,
            first: counts.first.map(moment_text),
            last: counts.last.map(moment_text),
            example: counts
                .example
                .map(|ordinal| view.ledger.key(ordinal))
                .transpose()?
                .flatten(),
        });
    }
    accounts.sort_by(|one, other| {
        other
            .own
            .cmp(&one.own)
            .then(other.messages.cmp(&one.messages))
            .then_with(|| (&one.official, &one.address).cmp(&(&other.official, &other.address)))
    });
    Ok(accounts)
}

impl View<'_> {
    /// The strings with an address, by number.
    fn held(&self) -> Result<HashMap<u32, Held>, CaseError> {
        let sql = "SELECT p.id, p.address, i.identity FROM people p JOIN identified i ON i.person = p.id WHERE p.address IS NOT NULL";
        let rows = self.ledger.rows(sql, [], |row| {
            Ok((
                row.get::<_, u32>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, u32>(2)?,
            ))
        })?;
        let held = rows.into_iter().filter_map(|(id, address, identity)| {
            let address = Address::read(&address)?;
            Some((
                id,
                Held {
                    identity,
                    key: address.key,
                    domain: address.domain,
                },
            ))
        });
        Ok(held.collect())
    }
}
