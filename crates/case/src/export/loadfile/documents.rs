//! The documents of a family and what the load file says of each.

use crate::CaseError;
use crate::Hit;
use crate::MessageView;
use crate::csv;
use crate::export::edrm;
use crate::export::names;
use crate::export::selection::Chosen;
use crate::export::work::Work;
use crate::read::sha256;
use crate::record;
use crate::search::people;
use muckrake_mail::AttachedMessage;
use muckrake_mail::Attachment;
use muckrake_mail::Flag;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::MessageKey;
use muckrake_mail::Parts;
use roaring::RoaringBitmap;
use rusqlite::OptionalExtension;

/// The fields of the load file in order.
pub(super) const FIELDS: &[&str] = &[
    "BEGBATES",
    "ENDBATES",
    "BEGATTACH",
    "ENDATTACH",
    "PARENTID",
    "CUSTODIAN",
    "ALLCUSTODIANS",
    "FROM",
    "TO",
    "CC",
    "BCC",
    "SUBJECT",
    "DATESENT",
    "TIMESENT",
    "TIMEZONE",
    "FILENAME",
    "FILEEXT",
    "FILESIZE",
    "MD5HASH",
    "SHA256HASH",
    "EDRM_MSGID",
    "MESSAGEID",
    "INREPLYTO",
    "REFERENCES",
    "CONVERSATIONINDEX",
    "THREADID",
    "ATTACHCOUNT",
    "ATTACHNAMES",
    "FOLDERPATH",
    "SOURCEFILE",
    "REDACTED",
    "HIT",
    "MUCKRAKEID",
    "NATIVELINK",
    "TEXTLINK",
];

/// One document of a production.
pub(super) struct Document {
    values: Vec<String>,
    /// Place of its parent in the family.
    pub(super) parent: Option<usize>,
    /// What it is, as bytes; `None` where the original cannot be read.
    pub(super) native: Option<Vec<u8>>,
    /// Ending of the native's name.
    pub(super) ending: String,
    pub(super) text: String,
    /// The message that it is.
    pub(super) message: Option<Known>,
    /// The message that it is a part of, and which part.
    pub(super) attachment: Option<(MessageKey, String)>,
}

/// A message of the case.
pub(super) struct Known {
    pub(super) ordinal: u32,
    pub(super) hit: Hit,
    /// Whether it was selected.
    pub(super) is_hit: bool,
}

impl Document {
    fn new(parent: Option<usize>, native: Option<Vec<u8>>, ending: &str, text: String) -> Self {
        let mut document = Self {
            values: vec![String::new(); FIELDS.len()],
            parent,
            ending: ending.to_owned(),
            text,
            native: None,
            message: None,
            attachment: None,
        };
        document.set("FILEEXT", ending.to_owned());
        if let Some(bytes) = &native {
            document.set("FILESIZE", bytes.len().to_string());
            document.set("MD5HASH", edrm::hex_md5(bytes));
            document.set("SHA256HASH", sha256(bytes).to_string());
        }
        document.native = native;
        document
    }

    /// Sets a field.
    pub(super) fn set(&mut self, field: &str, value: String) {
        let place = FIELDS.iter().position(|known| *known == field);
        if let Some(slot) = place.and_then(|place| self.values.get_mut(place)) {
            *slot = value;
        }
    }

    /// Lets go of what was written to files, and keeps the fields.
    fn forget_contents(&mut self) {
        self.native = None;
        self.text = String::new();
        self.message = None;
    }

    /// The fields in order, with their names.
    pub(super) fn record(&self) -> Vec<(&'static str, &str)> {
        FIELDS
            .iter()
            .copied()
            .zip(self.values.iter().map(String::as_str))
            .collect()
    }
}

/// A message with all that is attached to it, children after their parents. Each goes to `write` with its contents, and
/// only its fields are kept: a family may be many times as large as its mail, whose parts lie in one another.
pub(super) fn family(
    work: &mut Work<'_>,
    one: &Chosen,
    hits: &RoaringBitmap,
    mut write: impl FnMut(&mut Work<'_>, &mut Document) -> Result<(), CaseError>,
) -> Result<Vec<Document>, CaseError> {
    let hit = work.hit(one)?;
    let is_hit = hits.contains(one.ordinal);
    let Some((raw, message)) = work.original_message(one, &hit)? else {
        let view = work.view.message(one.ordinal)?;
        let mut document = without_native(view, one, is_hit);
        write(work, &mut document)?;
        return Ok(vec![document]);
    };
    let limits = work.view.case.settings().limits().mail;
    let mut root = of_message(&message, None, raw);
    put_date(&mut root, one.date, &hit);
    put_places(&mut root, &hit);
    root.set("MUCKRAKEID", hit.id.to_string());
    root.message = Some(Known {
        ordinal: one.ordinal,
        hit,
        is_hit,
    });
    put_message_hit(&mut root);
    let mut open = vec![Open::of(message, &root, 0, &limits)];
    write(work, &mut root)?;
    root.forget_contents();
    let mut documents = vec![root];
    while let Some(holder) = open.last_mut() {
        let Some((attachment, bytes)) = holder.next() else {
            open.pop();
            continue;
        };
        let (place, key) = (holder.place, holder.key);
        let attached = holder.attached(&attachment.part);
        let mut document = match (&attached, bytes) {
            (Some(attached), Some(bytes)) => of_message(&attached.message, Some(place), bytes),
            (_, bytes) => of_attachment(&attachment, place, bytes),
        };
        document.attachment = Some((key, attachment.part.clone()));
        inherit(&mut document, &documents[0]);
        if let Some(attached) = &attached {
            let known = known(work, attached.message.key, hits)?;
            if let Some((known, date)) = known {
                put_date(&mut document, date, &known.hit);
                document.message = Some(known);
            }
            put_message_hit(&mut document);
        }
        let inner = attached
            .map(|attached| Open::of(attached.message, &document, documents.len(), &limits));
        write(work, &mut document)?;
        document.forget_contents();
        documents.push(document);
        open.extend(inner);
    }
    Ok(documents)
}

/// A message whose attachments are being taken.
struct Open {
    key: MessageKey,
    place: usize,
    attachments: std::vec::IntoIter<(Attachment, Option<Vec<u8>>)>,
    attached: Vec<Option<AttachedMessage>>,
}

impl Open {
    fn of(message: Message, document: &Document, place: usize, limits: &Limits) -> Self {
        let raw = document.native.as_deref();
        let mut parts = Parts::of(raw.unwrap_or_default(), limits);
        let attachments: Vec<_> = message
            .attachments
            .into_iter()
            .map(|attachment| {
                let bytes = parts.bytes(&attachment.part);
                (attachment, bytes)
            })
            .collect();
        Self {
            key: message.key,
            place,
            attachments: attachments.into_iter(),
            attached: message.attached.into_iter().map(Some).collect(),
        }
    }

    fn next(&mut self) -> Option<(Attachment, Option<Vec<u8>>)> {
        self.attachments.next()
    }

    /// The message that a part is, if it is one.
    fn attached(&mut self, part: &str) -> Option<AttachedMessage> {
        let is_it = |slot: &&mut Option<AttachedMessage>| {
            slot.as_ref().is_some_and(|attached| attached.part == part)
        };
        self.attached.iter_mut().find(is_it)?.take()
    }
}

/// The message of a key, if the case knows it, and when it was sent.
fn known(
    work: &Work<'_>,
    key: MessageKey,
    hits: &RoaringBitmap,
) -> Result<Option<(Known, Option<i64>)>, CaseError> {
    let found: Option<(u32, Option<i64>)> = work
        .view
        .ledger
        .connection
        .prepare_cached("SELECT ordinal, date FROM messages WHERE key = ?1")
        .and_then(|mut statement| {
            let row = statement.query_row([key.0], |row| Ok((row.get(0)?, row.get(1)?)));
            row.optional()
        })
        .map_err(CaseError::ledger("read"))?;
    let Some((ordinal, date)) = found else {
        return Ok(None);
    };
    let record = work.view.record(ordinal)?;
    let known = Known {
        ordinal,
        hit: work.view.hit(ordinal, &record)?,
        is_hit: hits.contains(ordinal),
    };
    Ok(Some((known, date)))
}

fn of_message(message: &Message, parent: Option<usize>, raw: Vec<u8>) -> Document {
    let text = text_of(message);
    let ending = names::original_ending(message.print.is_some());
    let mut document = Document::new(parent, Some(raw), ending, text);
    document.set("FROM", csv::people(&people(&message.from)));
    document.set("TO", csv::people(&people(&message.to)));
    document.set("CC", csv::people(&people(&message.cc)));
    document.set("BCC", csv::people(&people(&message.bcc)));
    let subject = message.subject.clone().unwrap_or_default();
    document.set("FILENAME", format!("{}.{ending}", file_name(&subject)));
    document.set("SUBJECT", subject);
    put_ids(&mut document, message);
    let names = message.attachments.iter().map(|attachment| {
        let name = attachment.name.as_deref();
        name.unwrap_or(&attachment.content_type).to_owned()
    });
    document.set("ATTACHCOUNT", message.attachments.len().to_string());
    document.set("ATTACHNAMES", names.collect::<Vec<_>>().join("; "));
    document.set("MUCKRAKEID", message.key.to_string());
    let redacted = message.flags.contains(&Flag::Redaction);
    document.set("REDACTED", yes(redacted));
    document
}

fn put_ids(document: &mut Document, message: &Message) {
    let bracketed = |ids: &[String]| {
        let ids: Vec<String> = ids.iter().map(|id| format!("<{id}>")).collect();
        ids.join("; ")
    };
    let own: Vec<String> = message.message_id.iter().cloned().collect();
    let hash = edrm::message_id_hash(message.message_id.as_deref());
    document.set("MESSAGEID", bracketed(&own));
    document.set("EDRM_MSGID", hash.unwrap_or_default());
    document.set("INREPLYTO", bracketed(&message.in_reply_to));
    document.set("REFERENCES", bracketed(&message.references));
    let index = message.headers.values("thread-index").next();
    document.set(
        "CONVERSATIONINDEX",
        index.unwrap_or_default().trim().to_owned(),
    );
}

/// The moment of sending in UTC, day and time in one field and the time in another. Of a message that tells only its
/// day that is all that is said: in another zone it might be another.
fn put_date(document: &mut Document, date: Option<i64>, hit: &Hit) {
    if hit.date_precision.as_deref() == Some("day") {
        let day = hit.date.as_deref().and_then(|date| date.get(..10));
        document.set("DATESENT", day.unwrap_or_default().to_owned());
        return;
    }
    let moment = date.and_then(|date| jiff::Timestamp::from_second(date).ok());
    if let Some(moment) = moment {
        document.set("DATESENT", moment.strftime("%Y-%m-%d %H:%M:%S").to_string());
        document.set("TIMESENT", moment.strftime("%H:%M:%S").to_string());
        document.set("TIMEZONE", "UTC".to_owned());
    }
}

/// Where the copies of a message lie.
fn put_places(document: &mut Document, hit: &Hit) {
    let first = hit.copies.first();
    document.set(
        "CUSTODIAN",
        hit.releases.first().cloned().unwrap_or_default(),
    );
    document.set("ALLCUSTODIANS", hit.releases.join("; "));
    document.set("THREADID", hit.thread.to_string());
    let folder = first.and_then(|copy| copy.folder.clone());
    document.set("FOLDERPATH", folder.unwrap_or_default());
    let source = first.map(|copy| match &copy.path_inside {
        Some(inside) => format!("{}!/{inside}", copy.source),
        None => copy.source.clone(),
    });
    document.set("SOURCEFILE", source.unwrap_or_default());
}

/// What an attachment shares with the message at the top of its family.
fn inherit(document: &mut Document, top: &Document) {
    for field in [
        "CUSTODIAN",
        "ALLCUSTODIANS",
        "THREADID",
        "FOLDERPATH",
        "SOURCEFILE",
    ] {
        let value = FIELDS
            .iter()
            .position(|known| *known == field)
            .and_then(|place| top.values.get(place).cloned());
        document.set(field, value.unwrap_or_default());
    }
}

fn put_message_hit(document: &mut Document) {
    let message = document.message.as_ref();
    let is_hit = message.is_some_and(|message| message.is_hit);
    document.set("HIT", yes(is_hit));
}

fn of_attachment(attachment: &Attachment, parent: usize, bytes: Option<Vec<u8>>) -> Document {
    let named = attachment.name.as_deref().and_then(names::attachment);
    let ending = named.and_then(|(_, ending)| ending);
    let ending = ending.unwrap_or_else(|| usual_ending(&attachment.content_type).to_owned());
    let text = attachment.text.clone().unwrap_or_default();
    let mut document = Document::new(Some(parent), bytes, &ending, text);
    let name = attachment.name.clone();
    document.set(
        "FILENAME",
        name.unwrap_or_else(|| format!("attachment.{ending}")),
    );
    document
}

fn usual_ending(content_type: &str) -> &'static str {
    match content_type {
        "message/rfc822" | "message/global" => "eml",
        "application/pdf" => "pdf",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "text/html" => "html",
        "text/csv" => "csv",
        "text/calendar" => "ics",
        text if text.starts_with("text/") => "txt",
        _ => "bin",
    }
}

/// A message whose original cannot be read: what the index holds of it.
fn without_native(view: MessageView, one: &Chosen, is_hit: bool) -> Document {
    let hit = view.hit;
    let body: Vec<&str> = view
        .body
        .iter()
        .filter(|text| !text.alternative)
        .map(|text| text.text.as_str())
        .collect();
    let head = [
        ("From", csv::people(&hit.from)),
        ("To", csv::people(&hit.to)),
        ("Cc", csv::people(&hit.cc)),
        ("Subject", hit.subject.clone().unwrap_or_default()),
    ];
    let ending = names::original_ending(view.print.is_some());
    let mut document = Document::new(None, None, ending, page(&head, hit.date.as_deref(), &body));
    document.set("FROM", csv::people(&hit.from));
    document.set("TO", csv::people(&hit.to));
    document.set("CC", csv::people(&hit.cc));
    document.set("BCC", csv::people(&hit.bcc));
    document.set("SUBJECT", hit.subject.clone().unwrap_or_default());
    put_date(&mut document, one.date, &hit);
    put_places(&mut document, &hit);
    let id = hit.message_id.as_ref().map(|id| format!("<{id}>"));
    document.set("MESSAGEID", id.unwrap_or_default());
    let hash = edrm::message_id_hash(hit.message_id.as_deref());
    document.set("EDRM_MSGID", hash.unwrap_or_default());
    document.set("MUCKRAKEID", hit.id.to_string());
    document.message = Some(Known {
        ordinal: one.ordinal,
        hit,
        is_hit,
    });
    put_message_hit(&mut document);
    document
}

/// A message as a text to read: its head and its body.
fn text_of(message: &Message) -> String {
    let body: Vec<&str> = message
        .body
        .iter()
        .filter(|text| !text.alternative)
        .map(|text| text.text.as_str())
        .collect();
    let head = [
        ("From", csv::people(&people(&message.from))),
        ("To", csv::people(&people(&message.to))),
        ("Cc", csv::people(&people(&message.cc))),
        ("Subject", message.subject.clone().unwrap_or_default()),
    ];
    let date = message.date.as_ref().map(record::date_text);
    page(&head, date.as_deref(), &body)
}

fn page(head: &[(&str, String)], date: Option<&str>, body: &[&str]) -> String {
    let mut text = String::new();
    for (label, value) in head {
        if *label == "Subject" {
            text.push_str(&format!("Date: {}\n", date.unwrap_or_default()));
        }
        if !value.is_empty() {
            text.push_str(&format!("{label}: {value}\n"));
        }
    }
    text.push('\n');
    text.push_str(&body.join("\n"));
    text
}

fn file_name(subject: &str) -> String {
    match names::slug(subject) {
        slug if slug.is_empty() => "message".to_owned(),
        slug => slug,
    }
}

fn yes(value: bool) -> String {
    if value { "Y" } else { "" }.to_owned()
}
