//! Reports on people: who they are, what mail they have, and why they are taken for one.

use super::lookup;
use super::stated::Stated;
use super::stated::Title;
use super::store::Place;
use super::store::unpack_set;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::SCHEMA;
use crate::view::View;
use muckrake_casework::officials::Reason;
use muckrake_casework::officials::mentions::Role;
use muckrake_index::language::Query;
use muckrake_mail::MessageKey;
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::HashMap;

/// Which officials are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfficialsRequest<'a> {
    /// Only mail that matches counts; `None` counts all.
    pub query: Option<&'a Query>,
    /// Mailboxes of nobody in particular and single words are listed too.
    pub everything: bool,
    /// Most officials given; `None` gives all.
    pub limit: Option<usize>,
}

/// The answer to a request for officials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officials {
    /// All that there are.
    pub count: u64,
    /// Those asked for.
    pub officials: Vec<Official>,
}

/// One official with the mail of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Official {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// By which it is named in commands and queries; that of each of its addresses and names resolves too.
    pub id: String,
    /// Name to show; no two officials have the same.
    pub name: String,
    /// `person`, `mailbox` (an office, a list, a machine), `unclear` (a single word), `anonymous` (redacted).
    pub kind: String,
    /// Agency, or the domain where none is known.
    pub agency: Option<String>,
    /// Whether the user has confirmed it.
    pub confirmed: bool,
    /// Messages with it in From, To, Cc or Bcc, or as Sender.
    pub messages: u64,
    /// Of these, sent.
    pub sent: u64,
    /// Received as To.
    pub received: u64,
    /// Received as Cc or Bcc.
    pub copied: u64,
    /// Date of the earliest of these messages.
    pub first: Option<String>,
    /// Date of the latest.
    pub last: Option<String>,
    /// Those with whom it exchanged most messages.
    pub correspondents: Vec<ExchangedWith>,
    /// Addresses and names as mail writes them, the most frequent first.
    pub aliases: Vec<Alias>,
}

/// Somebody with whom an official exchanged mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExchangedWith {
    /// Who.
    pub name: String,
    /// Messages from one to the other, in both directions.
    pub messages: u64,
}

/// A person string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// Display name as written.
    pub name: Option<String>,
    /// Address as written.
    pub address: Option<String>,
    /// Messages with exactly this in a header.
    pub messages: u64,
    /// Messages that tell of it in quoted headers or otherwise.
    pub quoted: u64,
}

/// Why two addresses or names are taken for those of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Join {
    /// One.
    pub one: String,
    /// The other.
    pub other: String,
    /// Why, as a word.
    pub reason: String,
    /// Why, for people.
    pub why: String,
    /// How sure, in percent.
    pub confidence: u8,
}

/// Everything known of one official.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfficialDetail {
    /// As in a list, with all correspondents.
    #[serde(flatten)]
    pub official: Official,
    /// Titles, as the user has recorded them.
    pub titles: Vec<Title>,
    /// Why its addresses and names are taken for one person's.
    pub joins: Vec<Join>,
    /// Who may be the same, and is not taken for it.
    pub suggestions: Vec<SuggestedMerge>,
    /// Ids of the first messages.
    pub examples: Vec<MessageKey>,
}

/// Two officials that may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuggestedMerge {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// One official.
    pub one: String,
    /// Its id.
    pub one_id: String,
    /// The address or name of it that the suggestion rests on.
    pub one_alias: String,
    /// The other official.
    pub other: String,
    /// Its id.
    pub other_id: String,
    /// The address or name of it that the suggestion rests on.
    pub other_alias: String,
    /// Why, as a word.
    pub reason: String,
    /// Why, for people.
    pub why: String,
    /// How likely, in percent.
    pub confidence: u8,
    /// Mentions that it would bring to the one that has more.
    pub messages: u64,
}

/// Officials whose correspondents are counted in one pass.
const AT_ONCE: usize = 50_000;
/// Most correspondents in a list.
const MOST_CORRESPONDENTS: usize = 5;
/// Recipients of one message that count as correspondents; beyond that it is a broadcast.
const MOST_RECIPIENTS: usize = 1_000;
/// Messages named as examples.
const EXAMPLES: usize = 3;

/// What mail an identity has.
#[derive(Default)]
struct Tally {
    number: u32,
    messages: u64,
    sent: u64,
    received: u64,
    copied: u64,
    first: Option<i64>,
    last: Option<i64>,
}

impl Tally {
    /// Counts the messages sent, received and got as a copy.
    fn of(
        number: u32,
        sets: [RoaringBitmap; 3],
        within: Option<&RoaringBitmap>,
        dates: &[Option<i64>],
    ) -> Self {
        let [sent, received, copied] = sets.map(|set| match within {
            Some(within) => set & within,
            None => set,
        });
        let all = &(&sent | &received) | &copied;
        let moments = || {
            all.iter()
                .filter_map(|ordinal| dates.get(ordinal as usize).copied().flatten())
        };
        Self {
            number,
            messages: all.len(),
            sent: sent.len(),
            received: received.len(),
            copied: copied.len(),
            first: moments().min(),
            last: moments().max(),
        }
    }
}

/// A row of the table of identities.
pub(super) struct IdentityRow {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) agency: Option<String>,
    pub(super) confirmed: bool,
    pub(super) print: String,
}

impl Case {
    /// The officials, those with most mail first.
    ///
    /// # Errors
    /// A query that cannot be answered; a ledger that cannot be read.
    pub fn officials(&self, request: &OfficialsRequest<'_>) -> Result<Officials, CaseError> {
        let view = self.view()?;
        view.expect_officials()?;
        let within = request
            .query
            .map(|query| view.ordinals(query, Links::All))
            .transpose()?;
        let rows = view.identities()?;
        let mut tallies = view.tallies(None, within.as_ref())?;
        let row = |tally: &Tally| {
            let at = rows.binary_search_by_key(&tally.number, |row| row.number);
            at.ok().and_then(|at| rows.get(at))
        };
        tallies.retain(|tally| {
            let counts = tally.messages > 0 || (within.is_none() && request.everything);
            counts && row(tally).is_some_and(|row| request.everything || row.kind == "person")
        });
        tallies.sort_by(|one, other| {
            let name = |tally| row(tally).map(|row| row.name.as_str());
            let messages = other.messages.cmp(&one.messages);
            messages.then_with(|| name(one).cmp(&name(other)))
        });
        let count = tallies.len() as u64;
        tallies.truncate(request.limit.unwrap_or(usize::MAX));
        let names = names(&rows);
        let mut officials = Vec::with_capacity(tallies.len());
        for part in tallies.chunks(AT_ONCE) {
            let wanted = part.iter().map(|tally| tally.number).collect();
            let correspondents = view.correspondents(within.as_ref(), &wanted)?;
            for tally in part {
                let with = correspondents.get(&tally.number).map(Vec::as_slice);
                let with = named(with.unwrap_or_default(), &names, MOST_CORRESPONDENTS);
                if let Some(row) = row(tally) {
                    officials.push(view.official(row, tally, with)?);
                }
            }
        }
        Ok(Officials { count, officials })
    }

    /// Everything known of one official, given by a name, a part of it, an address or an id.
    ///
    /// # Errors
    /// [`CaseError::Official`] if none or several are meant.
    pub fn official(&self, name: &str) -> Result<OfficialDetail, CaseError> {
        let view = self.view()?;
        view.expect_officials()?;
        let found = view.ledger.official(name)?;
        let rows = view.identities()?;
        let names = names(&rows);
        let Some(row) = rows.iter().find(|row| row.number == found.identity) else {
            return Err(super::wishes::unknown(name));
        };
        let tallies = view.tallies(Some(row.number), None)?;
        let correspondents = view.correspondents(None, &RoaringBitmap::from([row.number]))?;
        let with = correspondents.get(&row.number).map(Vec::as_slice);
        let with = named(with.unwrap_or_default(), &names, usize::MAX);
        let official = view.official(row, &tallies.into_iter().next().unwrap_or_default(), with)?;
        let stated = Stated::read(self.parts())?;
        let confirmed = stated
            .officials
            .official
            .iter()
            .find(|one| lookup::folded(&one.name) == lookup::folded(&official.name));
        let messages = view.ledger.seen_of(row.number, &Place::HEADER)?;
        let mut examples = Vec::new();
        for ordinal in messages.iter().take(EXAMPLES) {
            examples.extend(view.ledger.key(ordinal)?);
        }
        let mut suggestions = view.suggested()?;
        suggestions.retain(|one| one.one_id == row.print || one.other_id == row.print);
        Ok(OfficialDetail {
            official,
            titles: confirmed.map(|one| one.titles.clone()).unwrap_or_default(),
            joins: view.joins(row.number)?,
            suggestions,
            examples,
        })
    }

    /// Officials that may be one, those first that would bring most mail together.
    ///
    /// # Errors
    /// A ledger that cannot be read.
    pub fn suggested_officials(&self) -> Result<Vec<SuggestedMerge>, CaseError> {
        let view = self.view()?;
        view.expect_officials()?;
        view.suggested()
    }
}

/// Names by number; those whose name was taken out are nobody to have mail with.
fn names(rows: &[IdentityRow]) -> HashMap<u32, String> {
    let known = rows.iter().filter(|row| row.kind != "anonymous");
    known.map(|row| (row.number, row.name.clone())).collect()
}

/// The first of those with whom an official exchanged mail, the most messages first, then by name.
fn named(with: &[(u32, u64)], names: &HashMap<u32, String>, most: usize) -> Vec<ExchangedWith> {
    let mut with: Vec<(&String, u64)> = with
        .iter()
        .filter_map(|(number, messages)| Some((names.get(number)?, *messages)))
        .collect();
    with.sort_unstable_by(|(one, messages), (other, more)| {
        more.cmp(messages).then_with(|| one.cmp(other))
    });
    let with = with.into_iter().map(|(name, messages)| ExchangedWith {
        name: name.clone(),
        messages,
    });
    with.take(most).collect()
}

impl View<'_> {
    /// Says so if people were never gathered in this case, or not by what the user says now.
    pub(crate) fn expect_officials(&self) -> Result<(), CaseError> {
        super::expect_people(self.case.parts(), &self.ledger)
    }

    pub(super) fn identities(&self) -> Result<Vec<IdentityRow>, CaseError> {
        let sql = "SELECT id, name, kind, agency, confirmed, print FROM identities ORDER BY id";
        self.ledger.rows(sql, [], |row| {
            Ok(IdentityRow {
                number: row.get(0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                agency: row.get(3)?,
                confirmed: row.get(4)?,
                print: row.get(5)?,
            })
        })
    }

    /// The date of each message, by ordinal.
    pub(super) fn dates(&self) -> Result<Vec<Option<i64>>, CaseError> {
        let mut dates = vec![None; self.ledger.next_ordinal()? as usize];
        let rows = self.ledger.rows(
            "SELECT ordinal, date FROM messages WHERE date IS NOT NULL",
            [],
            |row| Ok((row.get::<_, usize>(0)?, row.get::<_, i64>(1)?)),
        )?;
        for (ordinal, date) in rows {
            if let Some(slot) = dates.get_mut(ordinal) {
                *slot = Some(date);
            }
        }
        Ok(dates)
    }

    /// What mail each identity has, or one of them. Reads the sets of one identity after the other.
    fn tallies(
        &self,
        one: Option<u32>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Vec<Tally>, CaseError> {
        let dates = self.dates()?;
        let sql = "SELECT i.identity, s.place, s.messages FROM identified i
                   LEFT JOIN sightings s ON s.person = i.person
                   WHERE ?1 IS NULL OR i.identity = ?1 ORDER BY i.identity";
        let mut tallies = Vec::new();
        let mut open: Option<(u32, [RoaringBitmap; 3])> = None;
        let mut close = |open: Option<(u32, [RoaringBitmap; 3])>| {
            if let Some((number, sets)) = open {
                tallies.push(Tally::of(number, sets, within, &dates));
            }
        };
        self.ledger.rows(sql, [one], |row| {
            let number: u32 = row.get(0)?;
            if open.as_ref().is_none_or(|(other, _)| *other != number) {
                close(open.replace((number, Default::default())));
            }
            let place: Option<usize> = row.get(1)?;
            let sets = open.as_mut().map(|(_, sets)| sets);
            let slot = match place {
                Some(0) => 0,
                Some(1) => 1,
                Some(2 | 3) => 2,
                _ => return Ok(()),
            };
            let bytes = row.get_ref(2)?.as_blob().unwrap_or_default();
            if let (Some(sets), Some(set)) = (sets, unpack_set(bytes)) {
                sets[slot] |= set;
            }
            Ok(())
        })?;
        close(open);
        Ok(tallies)
    }

    fn official(
        &self,
        row: &IdentityRow,
        tally: &Tally,
        correspondents: Vec<ExchangedWith>,
    ) -> Result<Official, CaseError> {
        Ok(Official {
            schema: SCHEMA,
            id: row.print.clone(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            agency: row.agency.clone(),
            confirmed: row.confirmed,
            messages: tally.messages,
            sent: tally.sent,
            received: tally.received,
            copied: tally.copied,
            first: tally.first.map(moment_text),
            last: tally.last.map(moment_text),
            correspondents,
            aliases: self.aliases(&self.ledger.strings_of(row.number)?)?,
        })
    }

    fn aliases(&self, strings: &[u32]) -> Result<Vec<Alias>, CaseError> {
        let mut aliases = Vec::new();
        for string in strings {
            let rows = self.ledger.rows(
                "SELECT name, address FROM people WHERE id = ?1",
                [string],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let messages = self.ledger.seen(&[*string], &Place::HEADER)?.len();
            let quoted = self.ledger.seen(&[*string], &[Place::Elsewhere])?.len();
            aliases.extend(rows.into_iter().map(|(name, address)| Alias {
                name,
                address,
                messages,
                quoted,
            }));
        }
        aliases.sort_by(|one, other| {
            (other.messages, other.quoted)
                .cmp(&(one.messages, one.quoted))
                .then_with(|| (&one.name, &one.address).cmp(&(&other.name, &other.address)))
        });
        Ok(aliases)
    }

    /// With whom each of the wanted exchanged how many messages.
    fn correspondents(
        &self,
        within: Option<&RoaringBitmap>,
        wanted: &RoaringBitmap,
    ) -> Result<HashMap<u32, Vec<(u32, u64)>>, CaseError> {
        let mut counts: HashMap<(u32, u32), u64> = HashMap::new();
        self.for_each_exchange(within, |exchange| {
            for from in &exchange.from {
                for to in exchange
                    .to
                    .iter()
                    .chain(&exchange.copied)
                    .take(MOST_RECIPIENTS)
                {
                    if from == to {
                        continue;
                    }
                    for (one, other) in [(*from, *to), (*to, *from)] {
                        if wanted.contains(one) {
                            *counts.entry((one, other)).or_default() += 1;
                        }
                    }
                }
            }
        })?;
        let mut with: HashMap<u32, Vec<(u32, u64)>> = HashMap::new();
        for ((one, other), count) in counts {
            with.entry(one).or_default().push((other, count));
        }
        Ok(with)
    }

    /// Calls `visit` for each message with those who sent it and those who got it, each once.
    pub(super) fn for_each_exchange(
        &self,
        within: Option<&RoaringBitmap>,
        mut visit: impl FnMut(&Exchange),
    ) -> Result<(), CaseError> {
        let identities: HashMap<u32, u32> = self
            .ledger
            .rows("SELECT person, identity FROM identified", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .into_iter()
            .collect();
        self.ledger.rows(
            "SELECT message, packed FROM mentions ORDER BY message",
            [],
            |row| {
                let message: u32 = row.get(0)?;
                if within.is_some_and(|within| !within.contains(message)) {
                    return Ok(());
                }
                let mut exchange = Exchange {
                    message,
                    ..Exchange::default()
                };
                for group in muckrake_casework::officials::mentions::unpack(
                    row.get_ref(1)?.as_blob().unwrap_or_default(),
                ) {
                    let list = match group.role {
                        Role::From => &mut exchange.from,
                        Role::To => &mut exchange.to,
                        Role::Cc | Role::Bcc => &mut exchange.copied,
                        _ => continue,
                    };
                    list.extend(
                        group
                            .people
                            .iter()
                            .filter_map(|person| identities.get(person)),
                    );
                }
                for list in [&mut exchange.from, &mut exchange.to, &mut exchange.copied] {
                    list.sort_unstable();
                    list.dedup();
                }
                exchange
                    .copied
                    .retain(|one| exchange.to.binary_search(one).is_err());
                visit(&exchange);
                Ok(())
            },
        )?;
        Ok(())
    }

    fn joins(&self, identity: u32) -> Result<Vec<Join>, CaseError> {
        let sql = "SELECT one, other, reason, confidence FROM joins WHERE identity = ?1 ORDER BY confidence DESC, one, other";
        self.ledger.rows(sql, [identity], |row| {
            let reason: String = row.get(2)?;
            Ok(Join {
                one: plain_key(row.get(0)?),
                other: plain_key(row.get(1)?),
                why: why(&reason),
                reason,
                confidence: row.get(3)?,
            })
        })
    }

    fn suggested(&self) -> Result<Vec<SuggestedMerge>, CaseError> {
        let sql = "SELECT a.name, a.print, s.one_key, b.name, b.print, s.other_key, s.reason, s.confidence, s.messages
                   FROM suggestions s JOIN identities a ON a.id = s.one JOIN identities b ON b.id = s.other
                   ORDER BY s.messages DESC, s.confidence DESC, s.one_key, s.other_key";
        self.ledger.rows(sql, [], |row| {
            let reason: String = row.get(6)?;
            Ok(SuggestedMerge {
                schema: SCHEMA,
                one: row.get(0)?,
                one_id: row.get(1)?,
                one_alias: plain_key(row.get(2)?),
                other: row.get(3)?,
                other_id: row.get(4)?,
                other_alias: plain_key(row.get(5)?),
                why: why(&reason),
                reason,
                confidence: row.get(7)?,
                messages: row.get(8)?,
            })
        })
    }
}

/// Who sent a message and who got it, by the numbers of their identities.
#[derive(Default)]
pub(super) struct Exchange {
    pub(super) message: u32,
    pub(super) from: Vec<u32>,
    pub(super) to: Vec<u32>,
    pub(super) copied: Vec<u32>,
}

fn why(reason: &str) -> String {
    let known = Reason::ALL.into_iter().find(|one| one.word() == reason);
    known.map_or_else(|| reason.to_owned(), |known| known.sentence().to_owned())
}

/// A key for people: `= family|given|middle|suffix|mark` as a name in its order.
pub(super) fn plain_key(key: String) -> String {
    let Some(name) = key.strip_prefix("= ") else {
        return key;
    };
    let parts: Vec<&str> = name.split('|').collect();
    match parts.as_slice() {
        [family, given, middle, suffix, mark] => {
            let words = [given, middle, family, suffix]
                .into_iter()
                .filter(|part| !part.is_empty());
            let plain = words.copied().collect::<Vec<_>>().join(" ");
            if mark.is_empty() {
                plain
            } else {
                format!("{plain} ({mark})")
            }
        }
        _ => name.to_owned(),
    }
}

/// A moment as RFC 3339 in UTC.
pub(super) fn moment_text(utc: i64) -> String {
    crate::record::date_text(&muckrake_mail::MailDate {
        local: utc,
        offset: Some(0),
        precision: muckrake_mail::DatePrecision::Second,
        source: muckrake_mail::DateSource::Header,
    })
}
