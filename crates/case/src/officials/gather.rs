//! Gathering who is in each message.
//!
//! An ingest gathers from what it has in hand: the message that was just read, cut into its zones. Messages that a writer
//! of before left, that died or knew nothing of people, and those that were indexed again, are read back from the index.

use super::store::Changes;
use crate::CaseError;
use crate::ledger::LedgerFile;
use crate::record::Record;
use muckrake_casework::officials::mentions::Group;
use muckrake_casework::officials::mentions::Role;
use muckrake_casework::officials::names::PersonName;
use muckrake_index::Reader;
use muckrake_index::SnippetOrigin;
use muckrake_index::indexed_texts;
use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;
use muckrake_mail::print;
use muckrake_mail::zones;
use muckrake_mail::zones::QuotedMessage;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Who is in a message, role by role.
type InRoles<'a> = Vec<(Role, Cow<'a, [Mention]>)>;

/// Messages read back at once.
const AT_ONCE: usize = 512;
/// Most person strings whose numbers are remembered from one message to the next.
const MOST_REMEMBERED: usize = 500_000;
/// Most quoted messages of one message whose people are taken.
const MOST_QUOTED: usize = 200;
/// Most people taken of one quoted list.
const MOST_OF_A_LIST: usize = 2_000;

/// Gathers the people of messages that nobody has gathered them of. When `cancel` is set the rest is left to the
/// next run.
pub(crate) fn gather(
    ledger: &LedgerFile,
    reader: &Reader,
    cancel: &AtomicBool,
) -> Result<(), CaseError> {
    ledger.make_people()?;
    let next = ledger.next_ordinal()?;
    ledger.leave_ungathered(next)?;
    let open = ledger.ordinals("SELECT message FROM ungathered", [])?;
    if open.is_empty() {
        return Ok(());
    }
    let open: Vec<u32> = open.into_iter().collect();
    let mut gathering = Gathering::new(ledger)?;
    ledger.begin()?;
    for part in open.chunks(AT_ONCE) {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        let read: Vec<Result<InRoles<'_>, CaseError>> = part
            .par_iter()
            .map(|ordinal| read_back(reader, *ordinal))
            .collect();
        for (ordinal, named) in part.iter().zip(read) {
            gathering.put(ledger, *ordinal, named?)?;
            ledger.change("DELETE FROM ungathered WHERE message = ?1", [ordinal])?;
        }
        if gathering.is_heavy() {
            gathering.flush(ledger)?;
            ledger.commit()?;
            ledger.begin()?;
        }
    }
    gathering.flush(ledger)?;
    ledger.commit()
}

/// The people that a writer has met and not yet counted.
pub(crate) struct Gathering {
    /// Numbers of strings.
    numbers: HashMap<Mention, u32>,
    /// Whether the ledger may know a string that is not among them.
    others_known: bool,
    changes: Changes,
}

impl Gathering {
    pub(crate) fn new(ledger: &LedgerFile) -> Result<Self, CaseError> {
        Ok(Self {
            numbers: HashMap::new(),
            others_known: ledger.number("SELECT EXISTS (SELECT 1 FROM people)")?,
            changes: Changes::default(),
        })
    }

    /// Takes who is in a new message, in a transaction of the caller's.
    pub(crate) fn take(
        &mut self,
        ledger: &LedgerFile,
        ordinal: u32,
        record: &Record,
        message: &Message,
    ) -> Result<(), CaseError> {
        let mut named = in_headers(record);
        if reads_texts(record) {
            for part in indexed_texts(message) {
                add_named_in(&part.text, &part.zones, record, &mut named);
            }
        }
        self.put(ledger, ordinal, named)
    }

    fn put(
        &mut self,
        ledger: &LedgerFile,
        ordinal: u32,
        named: InRoles<'_>,
    ) -> Result<(), CaseError> {
        let mut groups = Vec::with_capacity(named.len());
        for (role, mentions) in named {
            let people = mentions
                .iter()
                .map(|mention| self.number(ledger, mention))
                .collect::<Result<_, _>>()?;
            groups.push(Group { role, people });
        }
        self.changes.add(ordinal, &groups);
        ledger.put_mentions(ordinal, &groups)
    }

    fn number(&mut self, ledger: &LedgerFile, mention: &Mention) -> Result<u32, CaseError> {
        if let Some(number) = self.numbers.get(mention) {
            return Ok(*number);
        }
        let number = ledger.person(mention, self.others_known)?;
        if self.numbers.len() >= MOST_REMEMBERED {
            self.numbers.clear();
            self.others_known = true;
        }
        self.numbers.insert(mention.clone(), number);
        Ok(number)
    }

    /// Whether so many wait that they should be written now.
    pub(crate) fn is_heavy(&self) -> bool {
        self.changes.is_heavy()
    }

    /// Counts those who wait, in a transaction of the caller's.
    pub(crate) fn flush(&mut self, ledger: &LedgerFile) -> Result<(), CaseError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        ledger.set_people_word("people_changed", "1")?;
        std::mem::take(&mut self.changes).write(ledger)
    }
}

/// Who is in a message that the index holds.
fn read_back(reader: &Reader, ordinal: u32) -> Result<InRoles<'static>, CaseError> {
    let failed = CaseError::index;
    let Some(bytes) = reader.record(ordinal).map_err(failed("read"))? else {
        return Ok(Vec::new());
    };
    let record = Record::from_bytes(ordinal, &bytes)?;
    let mut named = in_headers(&record);
    if reads_texts(&record) {
        let texts = reader.texts(ordinal).map_err(failed("read"))?;
        let bodies = texts.into_iter().flatten();
        for text in bodies.filter(|text| text.origin == SnippetOrigin::Body) {
            let zones = zones::cut(&text.text, &record.from);
            add_named_in(&text.text, &zones, &record, &mut named);
        }
    }
    let owned = named.into_iter();
    Ok(owned
        .map(|(role, mentions)| (role, Cow::Owned(mentions.into_owned())))
        .collect())
}

/// Who is named in header fields.
fn in_headers(record: &Record) -> InRoles<'_> {
    let lists = [
        (Role::From, &record.from),
        (Role::To, &record.to),
        (Role::Cc, &record.cc),
        (Role::Bcc, &record.bcc),
        (Role::Sender, &record.sender),
        (Role::ReplyTo, &record.reply_to),
    ];
    let mut named: InRoles<'_> = lists
        .into_iter()
        .map(|(role, mentions)| (role, Cow::Borrowed(mentions.as_slice())))
        .collect();
    if let Some(directory) = &record.directory {
        named.push((Role::Same, Cow::Owned(directory.pairs(record))));
        named.push((Role::Told, Cow::Owned(directory.people())));
    }
    named.retain(|(_, mentions)| !mentions.is_empty());
    named
}

/// The author whose address tells no name, but perhaps the words under what they wrote do.
fn nameless_author(record: &Record) -> Option<&Mention> {
    match record.from.as_slice() {
        [author] => {
            let is_named = |name: &str| PersonName::read(name).is_full();
            (!author.name.as_deref().is_some_and(is_named)).then_some(author)
        }
        _ => None,
    }
}

/// Whether the texts of a message may name people.
fn reads_texts(record: &Record) -> bool {
    record.flags.contains(&Flag::Quote) || nameless_author(record).is_some()
}

/// Adds the people of quoted header blocks, those who are told to have passed a message on, and the name under the words
/// of an author whose address tells none.
fn add_named_in(text: &str, zones: &[Zone], record: &Record, named: &mut InRoles<'_>) {
    let quoted = match &record.print {
        Some(_) => print::quoted_messages(text, zones),
        None => zones::quoted_messages(text, zones),
    };
    add_quoted(quoted, named);
    let forwarders = forwarders(text);
    if !forwarders.is_empty() {
        named.push((Role::Told, Cow::Owned(forwarders)));
    }
    let Some(author) = nameless_author(record) else {
        return;
    };
    if let Some(name) = signature(text, zones) {
        let signed = Mention {
            name: Some(name),
            address: None,
        };
        named.push((Role::Signed, Cow::Owned(vec![author.clone(), signed])));
    }
}

fn add_quoted(messages: Vec<QuotedMessage>, named: &mut InRoles<'_>) {
    for message in messages.into_iter().take(MOST_QUOTED) {
        if let Some(from) = message.from {
            named.push((Role::QuotedFrom, Cow::Owned(vec![from.value])));
        }
        for (role, list) in [(Role::QuotedTo, message.to), (Role::QuotedCc, message.cc)] {
            if let Some(list) = list {
                let mut people = list.value;
                people.truncate(MOST_OF_A_LIST);
                named.push((role, Cow::Owned(people)));
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
