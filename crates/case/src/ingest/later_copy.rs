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
use crate::ledger::LedgerFile;
use crate::read::Originals;
use crate::record::Record;
use muckrake_index::Document;
use muckrake_mail::Attachment;
use muckrake_mail::AttachmentState;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use roaring::RoaringBitmap;
use rusqlite::params;
use sha2::Digest;

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
        if is_label(&header.name) {
            field(14, Some(&header.value));
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
        ledger.change("INSERT OR IGNORE INTO restate VALUES (?1)", [ordinal])?;
    }
    Ok(())
}

/// Indexes the messages that are noted again, each from all its copies. One with a copy
/// that cannot be read now keeps its document and its note.
pub(crate) fn restate(case: &Case, writing: &mut Writing) -> Result<(), CaseError> {
    let noted = writing.ledger.ordinals("SELECT message FROM restate", [])?;
    let aids = case.originals_aids();
    let mut originals = aids.originals(case.passwords());
    let mut done = Vec::new();
    for ordinal in noted {
        let Some(copies) = copies(case, &mut originals, &writing.ledger, ordinal)? else {
            continue;
        };
        let variants: Vec<i64> = copies.iter().map(variant).collect();
        let Some(message) = union(copies) else {
            continue;
        };
        put(writing, ordinal, &message)?;
        done.push((ordinal, variants));
    }
    if done.is_empty() {
        return Ok(());
    }
    let next = writing.ledger.next_ordinal()?;
    writing
        .writer
        .commit(&next.to_string())
        .map_err(CaseError::index("write"))?;
    let ledger = &writing.ledger;
    ledger.begin()?;
    for (ordinal, variants) in &done {
        settle(ledger, *ordinal, variants)?;
    }
    ledger.commit()
}

/// Puts a document in the place of the one that the index has.
fn put(writing: &mut Writing, ordinal: u32, message: &Message) -> Result<(), CaseError> {
    let dates = writing.ledger.rows(
        "SELECT date FROM messages WHERE ordinal = ?1",
        [ordinal],
        |row| row.get(0),
    )?;
    let failed = CaseError::index;
    writing
        .writer
        .delete(RoaringBitmap::from([ordinal]))
        .map_err(failed("write"))?;
    writing
        .writer
        .add(Document {
            ordinal,
            message,
            utc: dates.into_iter().next().flatten(),
            record: &Record::of(message).to_bytes(),
        })
        .map_err(failed("write"))
}

/// Records what the document of a message was made from; the note goes.
fn settle(ledger: &LedgerFile, ordinal: u32, variants: &[i64]) -> Result<(), CaseError> {
    ledger.change("DELETE FROM variants WHERE message = ?1", [ordinal])?;
    if let Some((first, others)) = variants.split_first() {
        ledger.change(
            "UPDATE messages SET variant = ?2 WHERE ordinal = ?1",
            params![ordinal, first],
        )?;
        for other in others.iter().filter(|other| *other != first) {
            ledger.change(
                "INSERT OR IGNORE INTO variants VALUES (?1, ?2)",
                params![ordinal, other],
            )?;
        }
    }
    ledger.change("DELETE FROM restate WHERE message = ?1", [ordinal])?;
    Ok(())
}

/// The copies of a message, read from their sources; `None` if one cannot be.
fn copies(
    case: &Case,
    originals: &mut Originals<'_>,
    ledger: &LedgerFile,
    ordinal: u32,
) -> Result<Option<Vec<Message>>, CaseError> {
    let originals = match originals.all(ledger, ordinal) {
        Ok(originals) => originals,
        Err(CaseError::OriginalUnreachable { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let key = ledger.key(ordinal)?;
    let limits = case.settings().limits().mail;
    let messages: Vec<Message> = originals
        .iter()
        .map(|raw| muckrake_mail::parse(raw, &limits))
        .collect();
    let same = messages.iter().all(|message| Some(message.key) == key);
    Ok(Some(messages).filter(|_| same))
}

/// The first copy with what the others say beyond it.
fn union(copies: Vec<Message>) -> Option<Message> {
    let mut copies = copies.into_iter();
    let mut first = copies.next()?;
    for later in copies {
        add(&mut first, later);
    }
    Some(first)
}

fn add(first: &mut Message, later: Message) {
    add_people(&mut first.from, later.from);
    add_people(&mut first.sender, later.sender);
    add_people(&mut first.reply_to, later.reply_to);
    add_people(&mut first.to, later.to);
    add_people(&mut first.cc, later.cc);
    add_people(&mut first.bcc, later.bcc);
    first.flags.extend(later.flags);
    first.flags.sort_unstable();
    first.flags.dedup();
    for attachment in later.attachments {
        add_attachment(&mut first.attachments, attachment);
    }
    for header in later.headers {
        let known = first.headers.iter().any(|other| {
            other.name.eq_ignore_ascii_case(&header.name) && other.value == header.value
        });
        if !known {
            first.headers.push(header);
        }
    }
}

/// A person whom one copy names and the other does not is one person, with that name.
fn add_people(first: &mut Vec<Mention>, later: Vec<Mention>) {
    for mention in later {
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
