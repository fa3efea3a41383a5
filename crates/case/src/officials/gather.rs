//! Gathering who is in each message: from the record and the texts that the index keeps, after the messages are in.
//!
//! Only what is new is read. Header fields come from the record; the people of quoted header blocks, and the name under
//! the words of an author whose address tells none, from the texts.

use super::store::Changes;
use crate::CaseError;
use crate::ledger::LedgerFile;
use crate::record::Record;
use muckrake_casework::officials::mentions::Group;
use muckrake_casework::officials::mentions::Role;
use muckrake_casework::officials::names::PersonName;
use muckrake_index::Reader;
use muckrake_index::SnippetOrigin;
use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;
use muckrake_mail::zones;
use rayon::prelude::*;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Who is in a message, role by role.
type InRoles = Vec<(Role, Vec<Mention>)>;

/// Messages read at once.
const AT_ONCE: usize = 512;
/// Most person strings whose numbers are remembered from one message to the next.
const MOST_REMEMBERED: usize = 500_000;
/// Most quoted messages of one message whose people are taken.
const MOST_QUOTED: usize = 200;
/// Most people taken of one quoted list.
const MOST_OF_A_LIST: usize = 2_000;

/// Gathers the people of messages that are new or were indexed again. When `cancel` is set the rest is left to the
/// next run. Gives whether anything changed.
pub(crate) fn gather(
    ledger: &LedgerFile,
    reader: &Reader,
    cancel: &AtomicBool,
) -> Result<bool, CaseError> {
    ledger.make_people()?;
    let up_to = ledger.gathered_up_to()?;
    let next = ledger.next_ordinal()?;
    let mut open = ledger.ordinals("SELECT message FROM ungathered", [])?;
    let again = !open.is_empty();
    if up_to >= next && !again {
        return Ok(false);
    }
    open |= ledger.ordinals("SELECT ordinal FROM messages WHERE ordinal >= ?1", [up_to])?;
    let open: Vec<u32> = open.into_iter().collect();
    let mut gathering = Gathering {
        ledger,
        known: HashMap::new(),
        changes: Changes::default(),
        done: RoaringBitmap::new(),
    };
    for part in open.chunks(AT_ONCE) {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        let named: Vec<Result<InRoles, CaseError>> = part
            .par_iter()
            .map(|ordinal| named_in(reader, *ordinal))
            .collect();
        if gathering.changes.is_heavy() {
            gathering.flush()?;
        }
        gathering.begin()?;
        for (ordinal, named) in part.iter().zip(named) {
            gathering.take(*ordinal, named?)?;
        }
    }
    gathering.flush()?;
    if !cancel.load(Ordering::Relaxed) {
        ledger.set_people_word("people_up_to", &next.to_string())?;
    }
    Ok(true)
}

struct Gathering<'a> {
    ledger: &'a LedgerFile,
    /// Numbers of strings.
    known: HashMap<Mention, u32>,
    changes: Changes,
    done: RoaringBitmap,
}

impl Gathering<'_> {
    /// Opens a transaction, if none is open.
    fn begin(&self) -> Result<(), CaseError> {
        if self.ledger.connection.is_autocommit() {
            self.ledger.begin()
        } else {
            Ok(())
        }
    }

    fn take(&mut self, ordinal: u32, named: InRoles) -> Result<(), CaseError> {
        let mut groups = Vec::with_capacity(named.len());
        for (role, mentions) in named {
            let people = mentions
                .into_iter()
                .map(|mention| self.number(mention))
                .collect::<Result<_, _>>()?;
            groups.push(Group { role, people });
        }
        self.changes.add(ordinal, &groups);
        self.done.insert(ordinal);
        Ok(())
    }

    fn number(&mut self, mention: Mention) -> Result<u32, CaseError> {
        if let Some(number) = self.known.get(&mention) {
            return Ok(*number);
        }
        let number = self.ledger.person(&mention)?;
        if self.known.len() >= MOST_REMEMBERED {
            self.known.clear();
        }
        self.known.insert(mention, number);
        Ok(number)
    }

    /// Writes what was gathered so far, and that it was.
    fn flush(&mut self) -> Result<(), CaseError> {
        self.begin()?;
        std::mem::take(&mut self.changes).write(self.ledger)?;
        let done = std::mem::take(&mut self.done);
        for ordinal in &done {
            self.ledger
                .change("DELETE FROM ungathered WHERE message = ?1", [ordinal])?;
        }
        if let Some(last) = done.max() {
            let next = self.ledger.gathered_up_to()?.max(last + 1);
            self.ledger
                .set_people_word("people_up_to", &next.to_string())?;
        }
        self.ledger.set_people_word("people_changed", "1")?;
        self.ledger.commit()
    }
}

/// Who is in a message, role by role.
fn named_in(reader: &Reader, ordinal: u32) -> Result<InRoles, CaseError> {
    let failed = CaseError::index;
    let Some(bytes) = reader.record(ordinal).map_err(failed("read"))? else {
        return Ok(Vec::new());
    };
    let record = Record::from_bytes(ordinal, &bytes)?;
    let mut named = Vec::new();
    let same = record
        .directory
        .as_ref()
        .map(|directory| directory.pairs(&record))
        .unwrap_or_default();
    let told = record
        .directory
        .as_ref()
        .map(|directory| directory.people())
        .unwrap_or_default();
    let is_signed = record.from.len() == 1
        && !record.from[0]
            .name
            .as_deref()
            .is_some_and(|name| PersonName::read(name).is_full());
    let author = record.from.first().cloned();
    let reads = record.flags.contains(&Flag::Quote) || is_signed;
    let from = record.from.clone();
    let lists = [
        (Role::From, record.from),
        (Role::To, record.to),
        (Role::Cc, record.cc),
        (Role::Bcc, record.bcc),
        (Role::Sender, record.sender),
        (Role::ReplyTo, record.reply_to),
    ];
    named.extend(
        lists
            .into_iter()
            .filter(|(_, mentions)| !mentions.is_empty()),
    );
    if !same.is_empty() {
        named.push((Role::Same, same));
    }
    if !told.is_empty() {
        named.push((Role::Told, told));
    }
    if !reads {
        return Ok(named);
    }
    let texts = reader
        .texts(ordinal)
        .map_err(failed("read"))?
        .unwrap_or_default();
    for text in texts
        .into_iter()
        .filter(|text| text.origin == SnippetOrigin::Body)
    {
        let zones = zones::cut(&text.text, &from);
        add_quoted(&text.text, &zones, &mut named);
        let forwarders = forwarders(&text.text);
        if !forwarders.is_empty() {
            named.push((Role::Told, forwarders));
        }
        if let (true, Some(author), Some(name)) =
            (is_signed, &author, signature(&text.text, &zones))
        {
            named.push((
                Role::Signed,
                vec![
                    author.clone(),
                    Mention {
                        name: Some(name),
                        address: None,
                    },
                ],
            ));
        }
    }
    Ok(named)
}

fn add_quoted(text: &str, zones: &[Zone], named: &mut InRoles) {
    for message in zones::quoted_messages(text, zones)
        .into_iter()
        .take(MOST_QUOTED)
    {
        if let Some(from) = message.from {
            named.push((Role::QuotedFrom, vec![from.value]));
        }
        for (role, list) in [(Role::QuotedTo, message.to), (Role::QuotedCc, message.cc)] {
            if let Some(list) = list {
                let mut people = list.value;
                people.truncate(MOST_OF_A_LIST);
                named.push((role, people));
            }
        }
    }
}

/// Those who are told to have passed a message on: `---- Forwarded by Anne Example/DEP/CITY on 11/17/2000 04:20 PM ----`.
fn forwarders(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(FORWARDED) {
        rest = &rest[at + FORWARDED.len()..];
        let near = &rest[..rest.floor_char_boundary(LONGEST_FORWARDER)];
        let end = near.match_indices(" on").map(|(at, _)| at);
        let dated = |at: &usize| {
            near[at + 3..]
                .trim_start()
                .starts_with(|c: char| c.is_ascii_digit())
        };
        if let Some(end) = end.into_iter().find(dated) {
            let name = near[..end].split_whitespace().collect::<Vec<_>>().join(" ");
            found.extend(muckrake_mail::people::parse_list(&name));
        }
        if found.len() >= MOST_QUOTED {
            break;
        }
    }
    found
}

const FORWARDED: &str = "Forwarded by ";
/// Longest name of one who passed a message on, in bytes.
const LONGEST_FORWARDER: usize = 160;

/// The name that the author signs with: the first line of the signature, if it is one.
fn signature(text: &str, zones: &[Zone]) -> Option<String> {
    let zone = zones
        .iter()
        .find(|zone| zone.kind == ZoneKind::Signature && zone.depth == 0)?;
    let lines = text.get(zone.start as usize..zone.end as usize)?.lines();
    let line = lines
        .map(str::trim)
        .find(|line| line.chars().any(char::is_alphanumeric))?;
    let line = line.trim_matches(|c: char| c == ',' || c == '*' || c == '-' || c.is_whitespace());
    let capital = line
        .split_whitespace()
        .all(|word| word.starts_with(|c: char| c.is_uppercase() || !c.is_alphabetic()));
    let few = (2..=4).contains(&line.split_whitespace().count());
    (few && capital && line.len() <= 60 && PersonName::read(line).is_full())
        .then(|| line.to_owned())
}
