//! The tables of people in the ledger: person strings, who is in which message, who is who.
//!
//! They are made when they are first needed, so that a case of before has them after its next writer. All of it can be
//! gathered again from the index; what the user says of people lies in files of its own.

use crate::CaseError;
use crate::ledger::LedgerFile;
use muckrake_casework::officials::Link;
use muckrake_casework::officials::mentions;
use muckrake_casework::officials::mentions::Group;
use muckrake_casework::officials::mentions::Role;
use muckrake_casework::officials::mentions::pack;
use muckrake_casework::officials::mentions::unpack;
use muckrake_mail::Mention;
use roaring::RoaringBitmap;
use rusqlite::OptionalExtension;
use rusqlite::params;
use std::collections::HashMap;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS people (
    id INTEGER PRIMARY KEY, print BLOB NOT NULL UNIQUE, name TEXT, address TEXT);
CREATE TABLE IF NOT EXISTS mentions (message INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sightings (
    person INTEGER NOT NULL, place INTEGER NOT NULL, count INTEGER NOT NULL, messages BLOB NOT NULL,
    PRIMARY KEY (person, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pairs (
    link INTEGER NOT NULL, one INTEGER NOT NULL, other INTEGER NOT NULL, seen INTEGER NOT NULL,
    PRIMARY KEY (link, one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ungathered (message INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS identities (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, agency TEXT, confirmed INTEGER NOT NULL,
    print TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS identified (person INTEGER PRIMARY KEY, identity INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS identified_identity ON identified (identity);
CREATE TABLE IF NOT EXISTS known_as (
    key TEXT NOT NULL, identity INTEGER NOT NULL, PRIMARY KEY (key, identity)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    agency TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (agency, person)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS joins (
    identity INTEGER NOT NULL, one TEXT NOT NULL, other TEXT NOT NULL, reason TEXT NOT NULL, confidence INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS joins_identity ON joins (identity);
CREATE TABLE IF NOT EXISTS suggestions (
    one INTEGER NOT NULL, other INTEGER NOT NULL, one_key TEXT NOT NULL, other_key TEXT NOT NULL,
    reason TEXT NOT NULL, confidence INTEGER NOT NULL, messages INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS settled (identity INTEGER PRIMARY KEY, print INTEGER NOT NULL);
CREATE TRIGGER IF NOT EXISTS unsettled_identity AFTER DELETE ON identities
    BEGIN DELETE FROM settled WHERE identity = OLD.id; END;
CREATE TABLE IF NOT EXISTS meetings (print INTEGER PRIMARY KEY, count INTEGER NOT NULL);
";

/// Where in messages a string was seen, as far as searches tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    /// Who wrote or sent it.
    From,
    /// To
    To,
    /// Cc
    Cc,
    /// Bcc
    Bcc,
    /// Reply-To, and what is told of others in the text.
    Elsewhere,
}

impl Place {
    pub(crate) const HEADER: [Place; 4] = [Place::From, Place::To, Place::Cc, Place::Bcc];

    pub(crate) fn of(role: Role) -> Self {
        match role {
            Role::From | Role::Sender => Self::From,
            Role::To => Self::To,
            Role::Cc => Self::Cc,
            Role::Bcc => Self::Bcc,
            _ => Self::Elsewhere,
        }
    }
}

/// What 128 bits of a hash tell a person string from others by.
pub(crate) fn print(mention: &Mention) -> [u8; 16] {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    for text in [&mention.name, &mention.address] {
        let length = text.as_ref().map_or(u64::MAX, |text| text.len() as u64);
        hasher.update(length.to_le_bytes());
        hasher.update(text.as_deref().unwrap_or_default());
    }
    let mut print = [0; 16];
    print.copy_from_slice(&hasher.finalize()[..16]);
    print
}

impl LedgerFile {
    /// Makes the tables of people where they are not there.
    pub(crate) fn make_people(&self) -> Result<(), CaseError> {
        self.connection
            .execute_batch(SCHEMA)
            .map_err(CaseError::ledger("make the tables of people in"))
    }

    /// Whether people were ever gathered in this case.
    pub(crate) fn has_people(&self) -> Result<bool, CaseError> {
        self.number("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'suggestions')")
    }

    /// A word that the tables of people keep of themselves.
    pub(crate) fn people_word(&self, name: &str) -> Result<Option<String>, CaseError> {
        self.connection
            .query_row(
                "SELECT CAST(value AS TEXT) FROM meta WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()
            .map_err(CaseError::ledger("read"))
    }

    pub(crate) fn set_people_word(&self, name: &str, word: &str) -> Result<(), CaseError> {
        self.change(
            "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
            params![name, word],
        )
        .map(drop)
    }

    /// The first ordinal that people were not gathered of.
    pub(crate) fn gathered_up_to(&self) -> Result<u32, CaseError> {
        Ok(self
            .people_word("people_up_to")?
            .and_then(|word| word.parse().ok())
            .unwrap_or(0))
    }

    /// Notes that all below an ordinal are gathered, but for those in `ungathered`.
    pub(crate) fn set_gathered_up_to(&self, next: u32) -> Result<(), CaseError> {
        self.set_people_word("people_up_to", &next.to_string())
    }

    /// Notes the messages below an ordinal that nobody has gathered people of.
    pub(crate) fn leave_ungathered(&self, next: u32) -> Result<(), CaseError> {
        let up_to = self.gathered_up_to()?;
        if up_to >= next {
            return Ok(());
        }
        self.change(
            "INSERT OR IGNORE INTO ungathered SELECT ordinal FROM messages WHERE ordinal BETWEEN ?1 AND ?2",
            [up_to, next - 1],
        )?;
        // A writer that died has met some of them, and counted nobody.
        self.change("DELETE FROM mentions WHERE message >= ?1", [up_to])?;
        self.set_gathered_up_to(next)
    }

    /// The number of a person string: a new one if it is not known, or cannot be.
    pub(crate) fn person(&self, mention: &Mention, may_be_known: bool) -> Result<u32, CaseError> {
        let print = print(mention);
        if may_be_known {
            let known: Option<u32> = self
                .connection
                .prepare_cached("SELECT id FROM people WHERE print = ?1")
                .and_then(|mut statement| statement.query_row([print], |row| row.get(0)).optional())
                .map_err(CaseError::ledger("read"))?;
            if let Some(known) = known {
                return Ok(known);
            }
        }
        self.change(
            "INSERT INTO people (print, name, address) VALUES (?1, ?2, ?3)",
            params![print, mention.name, mention.address],
        )?;
        Ok(u32::try_from(self.connection.last_insert_rowid()).unwrap_or(u32::MAX))
    }

    /// The messages in which any of some strings is in one of some places.
    pub(crate) fn seen(
        &self,
        people: &[u32],
        places: &[Place],
    ) -> Result<RoaringBitmap, CaseError> {
        let mut all = RoaringBitmap::new();
        for person in people {
            for place in places {
                if let Some(messages) = self.sightings(*person, *place)? {
                    all |= messages;
                }
            }
        }
        Ok(all)
    }

    fn sightings(&self, person: u32, place: Place) -> Result<Option<RoaringBitmap>, CaseError> {
        let sql = "SELECT messages FROM sightings WHERE person = ?1 AND place = ?2";
        let bytes: Option<Vec<u8>> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_row(params![person, place as u8], |row| row.get(0))
                    .optional()
            })
            .map_err(CaseError::ledger("read"))?;
        Ok(bytes.and_then(|bytes| unpack_set(&bytes)))
    }

    /// Who is in a message.
    pub(crate) fn mentions_of(&self, message: u32) -> Result<Vec<Group>, CaseError> {
        let packed: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT packed FROM mentions WHERE message = ?1")
            .and_then(|mut statement| statement.query_row([message], |row| row.get(0)).optional())
            .map_err(CaseError::ledger("read"))?;
        Ok(packed.map(|packed| unpack(&packed)).unwrap_or_default())
    }

    pub(crate) fn put_mentions(&self, message: u32, groups: &[Group]) -> Result<(), CaseError> {
        self.change(
            "INSERT OR REPLACE INTO mentions VALUES (?1, ?2)",
            params![message, pack(groups)],
        )
        .map(drop)
    }

    /// Forgets who is in some messages, which are gone or will be gathered again.
    pub(crate) fn forget_people(&self, messages: &RoaringBitmap) -> Result<(), CaseError> {
        if messages.is_empty() || !self.has_people()? {
            return Ok(());
        }
        self.set_people_word("people_changed", "1")?;
        let counted = self.gathered_up_to()?;
        let mut changes = Changes::default();
        for message in messages {
            // Those beyond were met and not counted, by a writer that died.
            if message < counted {
                changes.take_out(message, &self.mentions_of(message)?);
            }
            self.change("DELETE FROM mentions WHERE message = ?1", [message])?;
            self.change("DELETE FROM ungathered WHERE message = ?1", [message])?;
        }
        changes.write(self)
    }
}

/// What some messages add to or take from what is known of strings, before it is written.
#[derive(Default)]
pub(crate) struct Changes {
    places: HashMap<(u32, Place), Change>,
    pairs: HashMap<(Link, u32, u32), i64>,
    weight: usize,
}

/// Messages that a string is in, or is no longer in.
#[derive(Default)]
struct Change {
    added: Vec<u32>,
    removed: Vec<u32>,
}

impl Changes {
    /// Whether they should be written before more is taken in.
    pub(crate) fn is_heavy(&self) -> bool {
        self.weight > MOST_WEIGHT
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.pairs.is_empty()
    }

    pub(crate) fn add(&mut self, message: u32, groups: &[Group]) {
        for group in groups {
            for person in &group.people {
                let place = (*person, Place::of(group.role));
                let added = &mut self.places.entry(place).or_default().added;
                if added.last() != Some(&message) {
                    added.push(message);
                    self.weight += 1;
                }
            }
        }
        for pair in pairs(groups) {
            *self.pairs.entry(pair).or_default() += 1;
        }
    }

    fn take_out(&mut self, message: u32, groups: &[Group]) {
        for group in groups {
            for person in &group.people {
                let place = (*person, Place::of(group.role));
                self.places.entry(place).or_default().removed.push(message);
            }
        }
        for pair in pairs(groups) {
            *self.pairs.entry(pair).or_default() -= 1;
        }
    }

    /// Writes them, in a transaction of the caller's.
    pub(crate) fn write(self, ledger: &LedgerFile) -> Result<(), CaseError> {
        let any_known = ledger.number::<bool>("SELECT EXISTS (SELECT 1 FROM sightings)")?;
        let mut places: Vec<_> = self.places.into_iter().collect();
        places.sort_unstable_by_key(|(place, _)| *place);
        for ((person, place), change) in places {
            let mut messages = match any_known {
                true => ledger.sightings(person, place)?.unwrap_or_default(),
                false => RoaringBitmap::new(),
            };
            messages -= RoaringBitmap::from_iter(change.removed);
            messages.extend(change.added);
            put_sightings(ledger, person, place, &messages)?;
        }
        for ((link, one, other), seen) in self.pairs {
            ledger.change(
                "INSERT INTO pairs VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET seen = seen + excluded.seen",
                params![link.number(), one, other, seen],
            )?;
        }
        Ok(())
    }
}

fn put_sightings(
    ledger: &LedgerFile,
    person: u32,
    place: Place,
    messages: &RoaringBitmap,
) -> Result<(), CaseError> {
    if messages.is_empty() {
        ledger.change(
            "DELETE FROM sightings WHERE person = ?1 AND place = ?2",
            params![person, place as u8],
        )?;
        return Ok(());
    }
    ledger.change(
        "INSERT OR REPLACE INTO sightings VALUES (?1, ?2, ?3, ?4)",
        params![person, place as u8, messages.len(), pack_set(messages)],
    )?;
    Ok(())
}

/// First byte of a set that is written as the steps from one message to the next. A bitmap begins with another.
const STEPS: u8 = 1;

/// A set of messages as few bytes: a bitmap as roaring writes it, or where that is shorter, the steps from one message to
/// the next. Most strings are in a handful of messages, for which a bitmap's head alone takes 16 bytes.
fn pack_set(messages: &RoaringBitmap) -> Vec<u8> {
    let mut messages_as_bitmap = messages.clone();
    messages_as_bitmap.optimize();
    let as_bitmap = messages_as_bitmap.serialized_size();
    let mut bytes = vec![STEPS];
    let mut before = 0;
    // No step takes less than a byte.
    if messages.len() < as_bitmap as u64 {
        for message in messages {
            mentions::push(&mut bytes, u64::from(message - before));
            before = message;
        }
        if bytes.len() < as_bitmap {
            return bytes;
        }
    }
    bytes.clear();
    // Writing to memory does not fail.
    let _ = messages_as_bitmap.serialize_into(&mut bytes);
    bytes
}

/// Reads what [`pack_set`] wrote, or a bitmap alone, as cases of before have it. Bytes that are no set are damage that the
/// check of the file finds.
pub(super) fn unpack_set(bytes: &[u8]) -> Option<RoaringBitmap> {
    let Some(mut rest) = bytes.strip_prefix(&[STEPS]) else {
        return RoaringBitmap::deserialize_from(bytes).ok();
    };
    let mut messages = RoaringBitmap::new();
    let mut message = 0u32;
    while !rest.is_empty() {
        let step = u32::try_from(mentions::pop(&mut rest)?).ok()?;
        message = message.checked_add(step)?;
        messages.insert(message);
    }
    Some(messages)
}

/// Mentions kept in memory before they are written; each takes four bytes, and a string some 100.
const MOST_WEIGHT: usize = 2_000_000;

/// The pairs of strings that a message says to be of one person.
fn pairs(groups: &[Group]) -> Vec<(Link, u32, u32)> {
    let first = |wanted: Role| {
        groups
            .iter()
            .find(|group| group.role == wanted)
            .and_then(|group| group.people.first().copied())
    };
    let mut pairs = Vec::new();
    if let (Some(from), Some(answers)) = (first(Role::From), first(Role::ReplyTo))
        && from != answers
    {
        pairs.push((Link::ReplyTo, from, answers));
    }
    for group in groups {
        let link = match group.role {
            Role::Same => Link::Header,
            Role::Signed => Link::Signature,
            _ => continue,
        };
        pairs.extend(
            group
                .people
                .chunks_exact(2)
                .map(|two| (link, two[0], two[1])),
        );
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    fn set(messages: impl IntoIterator<Item = u32>) -> RoaringBitmap {
        messages.into_iter().collect()
    }

    #[test]
    fn sets_of_messages_come_back_and_small_ones_are_small() {
        let sets = [
            set([]),
            set([0]),
            set([u32::MAX]),
            set([3, 4, 300, 70_000, u32::MAX]),
            set(0..100_000),
            set((0..100_000).filter(|message| message % 3 == 0)),
        ];
        for messages in sets {
            assert_eq!(unpack_set(&pack_set(&messages)), Some(messages));
        }
        assert_eq!(pack_set(&set([5, 9, 9 + 128])), [STEPS, 5, 4, 0x80, 1]);
        assert!(pack_set(&set(0..100_000)).len() < 40);
    }

    #[test]
    fn what_a_dead_writer_met_and_never_counted_is_not_taken_out_of_the_counts() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = Folder::new(place.path());
        folder.create().expect("a case can be made");
        let ledger = LedgerFile::open_for_writing(&folder).expect("it opens");
        ledger.make_people().expect("tables can be made");
        let insert = "INSERT INTO messages (ordinal, key, threading, variant, made_from) VALUES (0, x'00', x'', 0, x'')";
        ledger.change(insert, []).expect("a message can be noted");
        let answers = [(Role::From, 1), (Role::ReplyTo, 2)].map(|(role, person)| Group {
            role,
            people: vec![person],
        });
        ledger.put_mentions(0, &answers).expect("it can be noted");
        // The next writer finds it not counted, and that its last copy is gone.
        ledger.leave_ungathered(1).expect("it can be noted");
        ledger
            .forget_people(&set([0]))
            .expect("it can be forgotten");
        let pairs: u64 = ledger
            .number("SELECT count(*) FROM pairs")
            .expect("it reads");
        assert_eq!(pairs, 0);
    }

    #[test]
    fn sets_of_earlier_cases_are_read_and_damage_is_no_set() {
        let messages = set([7, 70_007]);
        let mut bytes = Vec::new();
        messages
            .serialize_into(&mut bytes)
            .expect("memory takes it");
        assert_eq!(unpack_set(&bytes), Some(messages));
        assert_eq!(unpack_set(&[STEPS, 0x80]), None);
        assert_eq!(unpack_set(&[STEPS, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
        assert_eq!(unpack_set(&[9]), None);
    }
}
