//! Ids of messages: the recipe, so that anyone can make them again.
//!
//! # Message key
//!
//! 20 bytes: the beginning of a SHA-256 over *fields*. A field is its label, a zero
//! byte, the length of its value as eight bytes (little-endian), and the value.
//! The fields, in this order; one that the mail does not carry is left out:
//!
//! | label | value |
//! |---|---|
//! | `recipe` | `1` |
//! | `message-id` | the first Message-ID that is not blank: the text between `<` and `>` (all of it where there is no `<`), ASCII white space taken out |
//! | `from` | each person of the From fields in order (see below), a field each |
//! | `recipient` | each person of To and Cc, sorted by bytes, repetitions dropped, a field each |
//! | `date` | seconds since 1970 in decimal if the first Date that is not blank is `[day-name ","] day month year hour ":" minute [":" second] zone` with a four-digit year and a zone of sign and four digits, or `GMT`, `UT`, `UTC`, `Z` (a comment may follow); else its text, white space folded |
//! | `subject` | the first Subject that is not blank: encoded words decoded (RFC 2047; where the named character set does not fit: as raw bytes), raw bytes as UTF-8 if they are UTF-8 and else as windows-1252, white space folded |
//! | `text` | for each part of a media type `text/…` (also: of no type): see below |
//! | `message` | for each part of type `message/rfc822` or `message/global` (also: of no type in a `multipart/digest`) that is not blank: the key (20 bytes) of that message |
//! | `part` | for each other part: the SHA-256 (32 bytes) of its bytes after transfer decoding |
//!
//! The last three come in the order of the parts. *White space folded* means: runs of
//! space, tab, line feed, carriage return and form feed become one space, none at either end.
//!
//! **A person** is an item of the unfolded field, cut at `,` and `;` outside double
//! quotes, angle brackets and comments. If it has a `<`, and what is between its last
//! `<` and the next `>` holds an `@`, the person is that, else the whole item with encoded words
//! decoded and double quotes dropped. White space is taken out of the first and folded in
//! the second; A-Z become a-z. Empty persons are left out.
//!
//! A part whose transfer encoding is damaged (a character that is not of it, an encoding that is unknown)
//! is not decoded and counts as a text of no character set, whatever its type. So does a part that
//! is not encoded at all (`7bit`, `8bit`, `binary` or nothing told): mailboxes change its line ends and `From ` lines.
//!
//! **A text** is decoded by its transfer encoding and, where the declared character set
//! fits every byte, to UTF-8; otherwise it is the bytes as they are. Then CR LF and CR become LF, `>` marks before `From ` at the beginning of a line are dropped (mailboxes add
//! and remove them), and line feeds at the end are dropped.
//!
//! Not in it: Bcc, Received, labels, names of files, zones, text made from HTML, detected
//! character sets, and whatever else later code may judge better.
//!
//! If fewer than two of Message-ID, From, Date and Subject are there, or fewer than three and no
//! text or part that is not empty, or a limit kept parts from being read, the key is the beginning of
//! the SHA-256 of the raw bytes ([`KeyBasis::Bytes`]).
//!
//! # Print-outs
//!
//! The key of a message that is printed in a document is the beginning of a SHA-256 over the fields `recipe` (`print-1`),
//! `document` (the SHA-256 of all bytes of the document as delivered, 32 bytes) and `place` (in a text the offset in bytes at which the
//! message begins in it, in decimal, 0 for the first message; in a PDF `page` and the number of the page on which it begins, from 1, since programs
//! differ in the text that they read from one; for a further message that begins on that page, ` message ` and its number on the page, from 2).
//! What is read of the page is not in it, since that is a judgement: see [`crate::print`]. Which messages begin on a page of a PDF is one
//! too: where several do, and more or fewer of them are recognised, their ids go to one another.
//!
//! # Content key
//!
//! 16 bytes of BLAKE3 over what a message says whatever its Message-ID: fields as
//! above of `from` (address, else name, lower case, of each author), `minute` (decimal minutes since 1970 in UTC,
//! or on the clock of the sender where the zone is not known), `subject` (lower case, white
//! space folded, prefixes kept), `body` (letters and digits of the shown texts, lower case), and `part`
//! (attachment hashes, sorted; the key of an attached message). It exists only where body or attachments are not empty
//! and at least two of From, date and subject are there. Equal content keys are a reason
//! for a link between two ids, never for one id.

use std::borrow::Cow;

use sha2::Digest;
use sha2::Sha256 as Hasher;

use crate::charset;
use crate::headers::Block;
use crate::headers::unfold;
use crate::model::AttachmentState;
use crate::model::KeyBasis;
use crate::model::Message;
use crate::model::MessageKey;
use crate::model::Sha256;
use crate::parse::words;

/// Months as dates of mail name them.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The SHA-256 of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(Hasher::digest(bytes).into())
}

/// A message key in the making.
pub(crate) struct KeyBuilder {
    hasher: Hasher,
    /// How many of Message-ID, From, Date and Subject are there.
    fields: usize,
    content: bool,
}

impl KeyBuilder {
    /// Takes the header of a message.
    pub(crate) fn new(raw: &[u8], header: &Block) -> Self {
        let mut builder = Self {
            hasher: Hasher::new(),
            fields: 0,
            content: false,
        };
        builder.field("recipe", b"1");
        if let Some(id) = header
            .first(raw, "message-id")
            .map(message_id)
            .filter(|id| !id.is_empty())
        {
            builder.field("message-id", &id);
            builder.fields += 1;
        }
        let authors: Vec<Vec<u8>> = header.all(raw, "from").flat_map(people).collect();
        builder.fields += usize::from(!authors.is_empty());
        for author in &authors {
            builder.field("from", author);
        }
        let mut recipients: Vec<Vec<u8>> = header
            .all(raw, "to")
            .chain(header.all(raw, "cc"))
            .flat_map(people)
            .collect();
        recipients.sort_unstable();
        recipients.dedup();
        for recipient in &recipients {
            builder.field("recipient", recipient);
        }
        if let Some(date) = header.first(raw, "date") {
            builder.field("date", &date_value(date));
            builder.fields += 1;
        }
        if let Some(subject) = header.first(raw, "subject") {
            builder.field(
                "subject",
                fold(&words::decode_stable(&unfold(subject))).as_bytes(),
            );
            builder.fields += 1;
        }
        builder
    }

    /// Takes a text part: bytes after transfer decoding, and the declared character set.
    pub(crate) fn text(&mut self, bytes: &[u8], charset: Option<&str>) {
        let text = charset.and_then(|label| charset::decode_stable(bytes, label));
        let text = text.as_deref().map_or(bytes, str::as_bytes);
        let text = normalise_lines(text);
        self.content |= !text.is_empty();
        self.field("text", &text);
    }

    /// Takes another part.
    pub(crate) fn part(&mut self, hash: &Sha256, empty: bool) {
        self.content |= !empty;
        self.field("part", &hash.0);
    }

    /// Takes an attached message.
    pub(crate) fn message(&mut self, key: &MessageKey) {
        self.content = true;
        self.field("message", &key.0);
    }

    /// The key of the message; `complete` tells that no limit hid a part.
    pub(crate) fn finish(self, raw: &[u8], complete: bool) -> (MessageKey, KeyBasis) {
        let enough = self.fields >= if self.content { 2 } else { 3 };
        if !enough || !complete {
            return bytes_key(raw);
        }
        (first_20(&self.hasher.finalize().into()), KeyBasis::Content)
    }

    fn field(&mut self, label: &str, value: &[u8]) {
        self.hasher.update(label.as_bytes());
        self.hasher.update([0]);
        self.hasher.update((value.len() as u64).to_le_bytes());
        self.hasher.update(value);
    }
}

/// The key of a message of which too little can be read.
pub(crate) fn bytes_key(raw: &[u8]) -> (MessageKey, KeyBasis) {
    (first_20(&sha256(raw).0), KeyBasis::Bytes)
}

/// The key of a message that is printed in a document, from `place` on.
pub(crate) fn print_key(document: &Sha256, place: &str) -> MessageKey {
    let mut builder = KeyBuilder {
        hasher: Hasher::new(),
        fields: 0,
        content: false,
    };
    builder.field("recipe", b"print-1");
    builder.field("document", &document.0);
    builder.field("place", place.as_bytes());
    first_20(&builder.hasher.finalize().into())
}

fn first_20(hash: &[u8; 32]) -> MessageKey {
    let mut key = [0; 20];
    for (to, from) in key.iter_mut().zip(hash) {
        *to = *from;
    }
    MessageKey(key)
}

fn message_id(value: &[u8]) -> Vec<u8> {
    let inside = match memchr::memchr(b'<', value) {
        Some(open) => {
            let inside = value.get(open + 1..).unwrap_or_default();
            let close = memchr::memchr(b'>', inside).unwrap_or(inside.len());
            inside.get(..close).unwrap_or_default()
        }
        None => value,
    };
    inside
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect()
}

/// The persons of a field by the recipe above.
fn people(value: &[u8]) -> Vec<Vec<u8>> {
    let value = unfold(value);
    let mut people = Vec::new();
    let (mut quoted, mut escaped, mut angle, mut comment) = (false, false, false, 0usize);
    let mut start = 0;
    for (at, &byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted || comment > 0 => escaped = true,
            b'"' if comment == 0 => quoted = !quoted,
            _ if quoted => {}
            b'(' => comment += 1,
            b')' => comment = comment.saturating_sub(1),
            _ if comment > 0 => {}
            b'<' => angle = true,
            b'>' => angle = false,
            b',' | b';' if !angle => {
                people.extend(person(value.get(start..at).unwrap_or_default()));
                start = at + 1;
            }
            _ => {}
        }
    }
    people.extend(person(value.get(start..).unwrap_or_default()));
    people
}

fn person(item: &[u8]) -> Option<Vec<u8>> {
    let address = memchr::memrchr(b'<', item).and_then(|open| {
        let inside = item.get(open + 1..)?;
        let close = memchr::memchr(b'>', inside).unwrap_or(inside.len());
        inside.get(..close).filter(|inside| inside.contains(&b'@'))
    });
    let mut person: Vec<u8> = match address {
        Some(address) => address
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect(),
        None => fold(&words::decode_stable(item).replace('"', "")).into_bytes(),
    };
    person.make_ascii_lowercase();
    (!person.is_empty()).then_some(person)
}

/// Runs of white space as one space, none at either end.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn date_value(value: &[u8]) -> Vec<u8> {
    let text = fold(&words::decode_stable(&unfold(value)));
    match standard_date(&text) {
        Some(seconds) => seconds.to_string().into_bytes(),
        None => text.into_bytes(),
    }
}

/// A date of exactly the form that the recipe names, as seconds since 1970.
fn standard_date(text: &str) -> Option<i64> {
    let text = text.split('(').next()?.trim_end();
    let text = match text.split_once(',') {
        Some((day, rest))
            if day.len() == 3 && day.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            rest.trim_start()
        }
        Some(_) => return None,
        None => text,
    };
    let mut words = text.split(' ');
    let day = number(words.next()?, 1, 2)?;
    let month = words.next()?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let year = number(words.next()?, 4, 4)?;
    let mut clock = words.next()?.split(':');
    let hour = number(clock.next()?, 1, 2)?;
    let minute = number(clock.next()?, 2, 2)?;
    let second = clock
        .next()
        .map_or(Some(0), |second| number(second, 2, 2))?;
    let offset = zone_seconds(words.next()?)?;
    let ends = words.next().is_none() && clock.next().is_none();
    let sane = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    (ends && sane).then(|| {
        days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
    })
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if ["GMT", "UT", "UTC", "Z"]
        .iter()
        .any(|name| zone.eq_ignore_ascii_case(name))
    {
        return Some(0);
    }
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let value = number(digits, 4, 4)?;
    Some(sign * (value / 100 * 3_600 + value % 100 * 60))
}

fn number(text: &str, least: usize, most: usize) -> Option<i64> {
    let digits =
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Days since 1970 of a date of the Gregorian calendar, by counting from 1 March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Line ends as LF, marks before `From ` dropped, none of them at the end.
fn normalise_lines(text: &[u8]) -> Cow<'_, [u8]> {
    let marked = memchr::memmem::find(text, b">From ").is_some();
    if !marked && memchr::memchr(b'\r', text).is_none() {
        return Cow::Borrowed(trim_line_feeds(text));
    }
    let mut unified = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\r', rest) {
        unified.extend_from_slice(rest.get(..at).unwrap_or_default());
        unified.push(b'\n');
        rest = rest.get(at + 1..).unwrap_or_default();
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    unified.extend_from_slice(rest);
    if marked {
        unified = unmark_from(&unified);
    }
    unified.truncate(trim_line_feeds(&unified).len());
    Cow::Owned(unified)
}

fn unmark_from(text: &[u8]) -> Vec<u8> {
    let mut unmarked = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let bare = line.get(marks..).unwrap_or_default();
        unmarked.extend_from_slice(if bare.starts_with(b"From ") {
            bare
        } else {
            line
        });
    }
    unmarked
}

fn trim_line_feeds(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .rposition(|byte| *byte != b'\n')
        .map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

/// The content key of a message that is otherwise complete.
pub(crate) fn content_key(message: &Message) -> Option<[u8; 16]> {
    let authors: Vec<String> = message
        .from
        .iter()
        .filter_map(|mention| mention.address.as_deref().or(mention.name.as_deref()))
        .map(str::to_lowercase)
        .collect();
    let subject = message
        .subject
        .as_deref()
        .map(|subject| fold(&subject.to_lowercase()))
        .filter(|subject| !subject.is_empty());
    let minute = message
        .date
        .map(|date| date.utc().unwrap_or(date.local).div_euclid(60));
    let readable = usize::from(!authors.is_empty())
        + usize::from(subject.is_some())
        + usize::from(minute.is_some());
    let mut hasher = blake3::Hasher::new();
    for author in &authors {
        content_field(&mut hasher, "from", author.as_bytes());
    }
    if let Some(minute) = minute {
        content_field(&mut hasher, "minute", minute.to_string().as_bytes());
    }
    if let Some(subject) = &subject {
        content_field(&mut hasher, "subject", subject.as_bytes());
    }
    let mut body = Vec::new();
    for part in message.body.iter().filter(|part| !part.alternative) {
        push_letters_and_digits(&mut body, &part.text);
    }
    content_field(&mut hasher, "body", &body);
    for part in part_values(message) {
        content_field(&mut hasher, "part", &part);
    }
    if readable < 2 || (body.is_empty() && message.attachments.is_empty()) {
        return None;
    }
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    Some(key)
}

/// Hashes of the attachments, and keys of attached messages, sorted.
fn part_values(message: &Message) -> Vec<Vec<u8>> {
    let files = message
        .attachments
        .iter()
        .filter(|attachment| attachment.state != AttachmentState::Message);
    let files = files.map(|attachment| attachment.sha256.0.to_vec());
    let messages = message
        .attached
        .iter()
        .map(|attached| attached.message.key.0.to_vec());
    let mut values: Vec<Vec<u8>> = files.chain(messages).collect();
    values.sort_unstable();
    values
}

fn content_field(hasher: &mut blake3::Hasher, label: &str, value: &[u8]) {
    hasher.update(label.as_bytes());
    hasher.update(&[0]);
    hasher.update(&(value.len() as u64).to_le_bytes());
    hasher.update(value);
}

/// ASCII letters in lower case and digits as themselves, every other byte as 0.
const LETTER_OR_DIGIT: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    while byte < 0x80 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

fn push_letters_and_digits(body: &mut Vec<u8>, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.bytes().position(|byte| !byte.is_ascii());
        let (ascii, after) = rest.split_at(plain.unwrap_or(rest.len()));
        push_ascii(body, ascii.as_bytes());
        let wide = after.bytes().position(|byte| byte.is_ascii());
        let (wide, after) = after.split_at(wide.unwrap_or(after.len()));
        for character in wide.chars().filter(|character| character.is_alphanumeric()) {
            let mut bytes = [0; 4];
            for lower in character.to_lowercase() {
                body.extend_from_slice(lower.encode_utf8(&mut bytes).as_bytes());
            }
        }
        rest = after;
    }
}

/// Every byte is written and only letters and digits move on: no branch to guess wrong, for
/// this goes over every byte of a mail.
fn push_ascii(body: &mut Vec<u8>, ascii: &[u8]) {
    let mut end = body.len();
    body.resize(end + ascii.len(), 0);
    for byte in ascii {
        let kept = LETTER_OR_DIGIT[usize::from(*byte)];
        if let Some(place) = body.get_mut(end) {
            *place = kept;
        }
        end += usize::from(kept != 0);
    }
    body.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_body_letters_and_digits_count() {
        let mut body = b"x".to_vec();
        push_letters_and_digits(&mut body, "\u{c4}rger, 1.2! \u{2014}\u{e9}\u{212a} Z");
        assert_eq!(body, "x\u{e4}rger12\u{e9}kz".as_bytes());
    }

    #[test]
    fn persons() {
        let texts = |value: &[u8]| -> Vec<String> {
            people(value)
                .into_iter()
                .map(|person| String::from_utf8_lossy(&person).into_owned())
                .collect()
        };
        assert_eq!(
            texts(b"\"Doe, Jane\" <Jane@A.example>, bob@b.example"),
            ["jane@a.example", "bob@b.example"]
        );
        assert_eq!(
            texts(b"Doe  Jane (Office, A); x"),
            ["doe jane (office, a)", "x"]
        );
        assert_eq!(texts(b"Jane </O=ORG/CN=JANE>"), ["jane </o=org/cn=jane>"]);
        assert_eq!(texts(b" ,, "), Vec::<String>::new());
    }

    /// Computed with `date -u -d … +%s`.
    #[test]
    fn dates() {
        assert_eq!(
            standard_date("Thu, 31 May 2001 02:37:00 -0700 (PDT)"),
            Some(991_301_820)
        );
        assert_eq!(standard_date("1 Jan 2000 00:00 GMT"), Some(946_684_800));
        assert_eq!(standard_date("Thu, 31 May 01 02:37:00 -0700"), None);
        assert_eq!(standard_date("Thu May 31 02:37:00 2001"), None);
    }

    #[test]
    fn lines() {
        assert_eq!(normalise_lines(b"a\r\nb\rc\n\r\n").as_ref(), b"a\nb\nc");
        assert_eq!(
            normalise_lines(b">From a\n>>From b\n> From c\nFrom d\n").as_ref(),
            b"From a\nFrom b\n> From c\nFrom d"
        );
        assert_eq!(normalise_lines(b"\n\n").as_ref(), b"");
    }
}
