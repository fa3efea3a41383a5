//! What only some copies of a message say: Bcc, names of attachments, labels, flags.
//!
//! Such copies share an id, and the index has one document for an id. When a copy says
//! something that the document was not made from, the ledger notes the message in
//! `restate`, in the transaction that adds the copy; then the document is made again from
//! all copies, the index is committed, and the note goes. A process that dies in between
//! leaves the note, and the next writer does the same again. A message that loses a copy
//! is noted too, so that it says no more than the copies that are left.

use super::Writing;
use crate::Case;
use crate::CaseError;
use crate::footers;
use crate::ledger::LedgerFile;
use crate::officials;
use crate::read::Originals;
use crate::read::copies;
use crate::record::Record;
use muckrake_index::Document;
use muckrake_mail::Attachment;
use muckrake_mail::AttachmentState;
use muckrake_mail::Flag;
use muckrake_mail::Header;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::Sha256;
use roaring::RoaringBitmap;
use rusqlite::params;
use sha2::Digest;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Headers in which mail programs keep what users call labels. Other headers differ
/// between nearly all copies, with the way that each has gone.
const LABELS: [&str; 4] = ["keywords", "x-gmail-labels", "x-keywords", "x-label"];

/// A number for what copies may say differently; two copies that say the same have the same.
pub(crate) fn variant(message: &Message) -> i64 {
    let mut hasher = sha2::Sha256::new();
    let mut field = |label: u8, value: Option<&str>| {
        let length = value.map_or(u64::MAX, |value| value.len() as u64);
        hasher.update([label]);
        hasher.update(length.to_le_bytes());
        hasher.update(value.unwrap_or_default());
    };
    for (label, mentions) in (0..).zip(people(message)) {
        for mention in mentions {
            field(label, mention.name.as_deref());
            field(label, mention.address.as_deref());
        }
    }
    for flag in &message.flags {
        field(10, Some(flag.word()));
    }
    for attachment in &message.attachments {
        field(11, attachment.name.as_deref());
        field(12, Some(&attachment.content_type));
        let is_text = attachment.state == AttachmentState::Text;
        field(13, is_text.then_some(""));
    }
    for header in &message.headers {
        if is_label(header.name) {
            field(14, Some(header.value));
        }
    }
    let hash = hasher.finalize();
    i64::from_le_bytes(hash[..8].try_into().unwrap_or_default())
}

/// Notes that a copy says what the document of its message was not made from.
pub(crate) fn note(ledger: &LedgerFile, ordinal: u32, variant: i64) -> Result<(), CaseError> {
    let new = ledger.change(
        "INSERT OR IGNORE INTO variants VALUES (?1, ?2)",
        params![ordinal, variant],
    )?;
    if new > 0 {
        ledger.change(
            "INSERT OR IGNORE INTO restate (message) VALUES (?1)",
            [ordinal],
        )?;
    }
    Ok(())
}

impl LedgerFile {
    /// How many messages are noted of which a copy cannot be read, and how many others.
    pub(crate) fn restated(&self) -> Result<(u64, u64), CaseError> {
        let sql = "SELECT coalesce(sum(unreadable = 1), 0), coalesce(sum(unreadable = 0), 0) FROM restate";
        let counts = self.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }
}

/// Messages indexed again in one commit, at most.
const BATCH_MESSAGES: usize = 1_000;
/// Bytes of messages indexed again in one commit, about.
const BATCH_BYTES: u64 = 32 << 20;

/// A message as all its copies together say it.
struct Restated {
    ordinal: u32,
    message: Message,
    /// What its copies say, the first one's first.
    variants: Vec<i64>,
    /// The copy that texts and size are from.
    made_from: Sha256,
}

/// Indexes the messages that are noted again, each from all its copies, in batches. One with
/// a copy that cannot be read now keeps its document and its note. When `cancel` is set the
/// rest stays noted.
pub(crate) fn restate(
    case: &Case,
    writing: &mut Writing,
    cancel: &AtomicBool,
) -> Result<(), CaseError> {
    let noted = writing.ledger.ordinals("SELECT message FROM restate", [])?;
    let aids = case.originals_aids();
    let mut originals = aids.originals(case.passwords());
    let mut unreadable = Vec::new();
    let mut batch = Vec::new();
    let mut bytes = 0;
    for ordinal in noted {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        match together(&mut originals, &writing.ledger, ordinal)? {
            Some(mut restated) => {
                footers::mark(&writing.footers, &mut restated.message);
                bytes += restated.message.size;
                batch.push(restated);
            }
            None => unreadable.push(ordinal),
        }
        if batch.len() >= BATCH_MESSAGES || bytes >= BATCH_BYTES {
            put(writing, &std::mem::take(&mut batch))?;
            bytes = 0;
        }
    }
    put(writing, &batch)?;
    let ledger = &writing.ledger;
    ledger.begin()?;
    for ordinal in unreadable {
        ledger.change(
            "UPDATE restate SET unreadable = 1 WHERE message = ?1",
            [ordinal],
        )?;
    }
    ledger.commit()
}

/// Puts documents in the place of those that the index has: the index first, then the ledger.
fn put(writing: &mut Writing, batch: &[Restated]) -> Result<(), CaseError> {
    if batch.is_empty() {
        return Ok(());
    }
    let failed = CaseError::index;
    let ordinals: RoaringBitmap = batch.iter().map(|restated| restated.ordinal).collect();
    writing
        .writer
        .delete(ordinals.clone())
        .map_err(failed("write"))?;
    for restated in batch {
        let dates = writing.ledger.rows(
            "SELECT date FROM messages WHERE ordinal = ?1",
            [restated.ordinal],
            |row| row.get(0),
        )?;
        writing
            .writer
            .add(Document {
                ordinal: restated.ordinal,
                message: &restated.message,
                utc: dates.into_iter().next().flatten(),
                record: &Record::of(&restated.message).to_bytes(),
            })
            .map_err(failed("write"))?;
    }
    let next = writing.ledger.next_ordinal()?;
    writing.commit_index(next)?;
    let ledger = &writing.ledger;
    ledger.begin()?;
    for restated in batch {
        settle(ledger, restated)?;
    }
    officials::gather_again(ledger, &ordinals)?;
    ledger.commit()
}

/// Records what the document of a message was made from; the note goes.
fn settle(ledger: &LedgerFile, restated: &Restated) -> Result<(), CaseError> {
    let ordinal = restated.ordinal;
    ledger.change("DELETE FROM variants WHERE message = ?1", [ordinal])?;
    if let Some((first, others)) = restated.variants.split_first() {
        ledger.change(
            "UPDATE messages SET variant = ?2, made_from = ?3 WHERE ordinal = ?1",
            params![ordinal, first, restated.made_from.0],
        )?;
        for other in others.iter().filter(|other| *other != first) {
            ledger.change(
                "INSERT OR IGNORE INTO variants VALUES (?1, ?2)",
                params![ordinal, other],
            )?;
        }
    }
    ledger.change("DELETE FROM attachments WHERE message = ?1", [ordinal])?;
    ledger.put_attachments(ordinal, &restated.message)?;
    ledger.change("DELETE FROM restate WHERE message = ?1", [ordinal])?;
    Ok(())
}

/// A message as all its copies say it, read from their sources one after the other; `None`
/// if one cannot be read.
fn together(
    originals: &mut Originals<'_>,
    ledger: &LedgerFile,
    ordinal: u32,
) -> Result<Option<Restated>, CaseError> {
    let key = ledger.key(ordinal)?;
    let mut variants = Vec::new();
    let mut first: Option<(Union, Sha256)> = None;
    for copy in copies(ledger, ordinal)? {
        let (flags, sha256) = (copy.flags, copy.sha256);
        let Ok(mut message) = originals.copy(ledger, copy, key) else {
            return Ok(None);
        };
        // Read by other limits than when it was taken in, it may be another message.
        if Some(message.key) != key {
            continue;
        }
        add_noted_flags(&mut message, flags);
        variants.push(variant(&message));
        match &mut first {
            None => first = Some((Union::of(message), sha256)),
            Some((union, _)) => union.add(message),
        }
    }
    Ok(first.map(|(union, made_from)| Restated {
        ordinal,
        message: union.message,
        variants,
        made_from,
    }))
}

/// The flags that a mail program may keep beside a message and not in it, as a number.
pub(super) fn noted_flags(message: &Message) -> Option<i64> {
    let number: i64 = (0..)
        .zip(NOTED_FLAGS)
        .map(|(bit, flag)| i64::from(message.flags.contains(&flag)) << bit)
        .sum();
    (number != 0).then_some(number)
}

const NOTED_FLAGS: [Flag; 2] = [Flag::Draft, Flag::Deleted];

fn add_noted_flags(message: &mut Message, number: Option<i64>) {
    let set = |bit: usize| number.unwrap_or(0) >> bit & 1 == 1;
    let noted = NOTED_FLAGS.into_iter().enumerate();
    message
        .flags
        .extend(noted.filter(|(bit, _)| set(*bit)).map(|(_, flag)| flag));
    message.flags.sort_unstable();
    message.flags.dedup();
}

/// A message that takes in what further copies say beyond it. What was seen is kept in sets:
/// thousands of copies with thousands of recipients are no more work than their reading.
struct Union {
    message: Message,
    people: HashSet<(usize, Mention)>,
    labels: HashSet<(String, String)>,
    attachments: HashSet<(Sha256, Option<String>, bool)>,
}

impl Union {
    fn of(message: Message) -> Self {
        let mut union = Self {
            people: HashSet::new(),
            labels: HashSet::new(),
            attachments: HashSet::new(),
            message,
        };
        for (role, mentions) in people(&union.message).into_iter().enumerate() {
            let mentions = mentions.iter().cloned();
            union.people.extend(mentions.map(|mention| (role, mention)));
        }
        let labels = union
            .message
            .headers
            .iter()
            .filter(|header| is_label(header.name));
        union.labels.extend(labels.map(label));
        union
            .attachments
            .extend(union.message.attachments.iter().map(face));
        union
    }

    fn add(&mut self, later: Message) {
        let Message {
            from,
            sender,
            reply_to,
            to,
            cc,
            bcc,
            ..
        } = later;
        let later_people = [from, sender, reply_to, to, cc, bcc];
        for (role, mentions) in later_people.into_iter().enumerate() {
            for mention in mentions {
                if self.people.insert((role, mention.clone())) {
                    add_person(people_mut(&mut self.message)[role], mention);
                }
            }
        }
        self.message.flags.extend(later.flags);
        self.message.flags.sort_unstable();
        self.message.flags.dedup();
        for attachment in later.attachments {
            if self.attachments.insert(face(&attachment)) {
                add_attachment(&mut self.message.attachments, attachment);
            }
        }
        for header in &later.headers {
            if is_label(header.name) && self.labels.insert(label(header)) {
                self.message.headers.push(header.name, header.value);
            }
        }
    }
}

/// What tells one attachment of a message from another.
fn face(attachment: &Attachment) -> (Sha256, Option<String>, bool) {
    let is_text = attachment.state == AttachmentState::Text;
    (attachment.sha256, attachment.name.clone(), is_text)
}

fn label(header: Header<'_>) -> (String, String) {
    (header.name.to_ascii_lowercase(), header.value.to_owned())
}

/// A person whom one copy names and the other does not is one person, with that name.
fn add_person(first: &mut Vec<Mention>, mention: Mention) {
    let same_address = |other: &&mut Mention| match (&other.address, &mention.address) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    };
    let same_name = |other: &Mention| {
        mention.name.is_none() || other.name.is_none() || other.name == mention.name
    };
    let known = first
        .iter_mut()
        .filter(same_address)
        .find(|other| same_name(other));
    match known {
        Some(known) if mention.address.is_some() || known.name == mention.name => {
            known.name = known.name.take().or(mention.name);
        }
        _ => first.push(mention),
    }
}

/// The same bytes under another name are listed once for each name.
fn add_attachment(first: &mut Vec<Attachment>, later: Attachment) {
    let known = first.iter_mut().find(|other| {
        let same_name = later.name.is_none() || other.name.is_none() || other.name == later.name;
        other.sha256 == later.sha256 && same_name
    });
    let Some(known) = known else {
        first.push(later);
        return;
    };
    known.name = known.name.take().or(later.name);
    if known.state != AttachmentState::Text && later.state == AttachmentState::Text {
        known.content_type = later.content_type;
        known.text = later.text;
        known.state = later.state;
    }
}

fn people_mut(message: &mut Message) -> [&mut Vec<Mention>; 6] {
    [
        &mut message.from,
        &mut message.sender,
        &mut message.reply_to,
        &mut message.to,
        &mut message.cc,
        &mut message.bcc,
    ]
}

fn people(message: &Message) -> [&[Mention]; 6] {
    [
        &message.from,
        &message.sender,
        &message.reply_to,
        &message.to,
        &message.cc,
        &message.bcc,
    ]
}

fn is_label(name: &str) -> bool {
    LABELS
        .iter()
        .any(|label| name.trim().eq_ignore_ascii_case(label))
}
