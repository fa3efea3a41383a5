//! What holds for any input, one function for each fuzz target. The tests of the program run
//! the same functions over the fixtures, so that they never fall behind the code.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use muckrake_casework::facts::{Facts, Subject};
use muckrake_casework::guesses::Letter;
use muckrake_casework::threads::Threads;
use muckrake_casework::tree::tree;
use muckrake_casework::words::Words;
use muckrake_index::language;
use muckrake_ingest::{Aids, Counters, FoundMessage, Known, MailboxTally, Place, ReadBack};
use muckrake_ingest::{Record, Request, SeekableStore, SinkError};
use muckrake_mail::mbox::{self, Piece, Splitter};
use muckrake_mail::print;
use muckrake_mail::{DefectCode, Limits, Message, Sha256};
use sha2::Digest;

/// A mailbox: its pieces cover each byte once, wherever the stream is cut, and the escapes of
/// `From ` lines can be taken back.
pub fn mailbox(bytes: &[u8]) {
    let whole = mbox::split(bytes);
    covers(&whole, bytes.len());
    let step = 1 + bytes.len() / 7;
    assert_eq!(in_chunks(bytes, 1 << 30, step), whole, "chunks of {step}");
    for limit in [0, 64] {
        covers(&in_chunks(bytes, limit, 3), bytes.len());
    }
    mbox::looks_like_mbox(bytes);
    for piece in whole.iter().take(64) {
        if let Piece::Message { start, end } = *piece {
            let message = &bytes[start as usize..end as usize];
            assert_eq!(&*mbox::unescape_rd(&mbox::escape_rd(message)), message);
            mbox::unescape_o(message);
        }
    }
}

fn covers(pieces: &[Piece], length: usize) {
    let mut at = 0;
    for piece in pieces {
        assert_eq!(piece.range().start, at, "{pieces:?}");
        at = piece.range().end;
    }
    assert_eq!(at, length as u64, "{pieces:?}");
}

/// Splits as the ingest does: a buffer that never outgrows the room, filled bit by bit.
fn in_chunks(bytes: &[u8], limit: usize, step: usize) -> Vec<Piece> {
    let mut splitter = Splitter::new(limit);
    let mut pieces = Vec::new();
    let (mut start, mut end) = (0, 0);
    loop {
        let free = splitter.room().saturating_sub(end - start);
        assert!(free > 0 || end == bytes.len(), "the room is always enough");
        end = bytes.len().min(end + step.min(free));
        start += splitter.push(&bytes[start..end], end == bytes.len(), &mut pieces);
        if end == bytes.len() {
            assert_eq!(start, end, "a stream is used up at its end");
            return pieces;
        }
    }
}

/// One message, with its texts, zones, parts and attached messages.
pub fn message(bytes: &[u8]) {
    let limits = Limits::default();
    let message = muckrake_mail::parse(bytes, &limits);
    sound(&message);
    for part in message
        .attachments
        .iter()
        .map(|file| (&file.part, Some(file.size)))
        .take(8)
    {
        let read = muckrake_mail::part_bytes(bytes, part.0, &limits);
        let size = read.map(|bytes| bytes.len() as u64);
        assert_eq!(size, part.1, "part {}", part.0);
    }
    for part in message.body.iter().take(8) {
        assert!(muckrake_mail::part_bytes(bytes, &part.part, &limits).is_some());
    }
    let tight = Limits {
        header_bytes: 40,
        header_block_bytes: 200,
        nesting: 2,
        parts: 3,
        attachment_text_bytes: 50,
    };
    sound(&muckrake_mail::parse(bytes, &tight));
    muckrake_mail::looks_like_headers(bytes);
    muckrake_mail::emlx::looks_like_emlx(bytes);
    if let Some(range) = muckrake_mail::emlx::message_range(bytes) {
        assert!(bytes.get(range).is_some());
    }
    muckrake_mail::emlx::flags(bytes);
}

fn sound(message: &Message) {
    let mut messages = vec![message];
    while let Some(message) = messages.pop() {
        for defect in &message.defects {
            assert_ne!(defect.code, DefectCode::Unparsable);
        }
        for part in &message.body {
            let mut end = 0;
            for zone in &part.zones {
                assert_eq!(zone.start, end);
                end = zone.end;
                assert!(part.text.is_char_boundary(end as usize));
            }
            assert!(part.zones.is_empty() || end as usize == part.text.len());
        }
        messages.extend(message.attached.iter().map(|attached| &attached.message));
    }
}

/// A body on its own: the first three bytes choose its kind, character set and encoding.
pub fn body(bytes: &[u8]) {
    const KINDS: [&str; 5] = [
        "text/html",
        "text/plain",
        "text/plain; format=flowed; delsp=yes",
        "text/enriched",
        "message/rfc822",
    ];
    const CHARSETS: [&str; 16] = [
        "utf-8",
        "us-ascii",
        "windows-1252",
        "utf-7",
        "iso-2022-jp",
        "gb18030",
        "utf-16",
        "utf-16le",
        "utf-32",
        "shift_jis",
        "euc-kr",
        "big5",
        "koi8-r",
        "hz-gb-2312",
        "imap-utf-7",
        "iso-2022-kr",
    ];
    const ENCODINGS: [&str; 4] = ["8bit", "quoted-printable", "base64", "x-uuencode"];
    let Some((choice, body)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let pick = |from: &[&'static str], byte: u8| from[usize::from(byte) % from.len()];
    let kind = pick(&KINDS, choice[0]);
    let charset = pick(&CHARSETS, choice[1]);
    let encoding = pick(&ENCODINGS, choice[2]);
    let header = format!(
        "From: anne@agency.example\nContent-Type: {kind}; charset={charset}\n\
         Content-Transfer-Encoding: {encoding}\n\n"
    );
    message(&[header.as_bytes(), body].concat());
}

/// A document of print-outs: its messages cover each byte once, what is told of a place lies in the
/// message, and each can be read again from its own bytes.
pub fn print_out(bytes: &[u8]) {
    print::looks_like_print(bytes);
    let found = print::read(bytes, &Sha256([7; 32]));
    let mut end = 0;
    for one in &found {
        assert_eq!(one.range.start, end);
        end = one.range.end;
        sound(&one.message);
        let told = one.message.print.as_ref().expect("it is a print-out");
        let fields = told.fields.iter().map(|field| field.place);
        for place in fields.chain(told.boilerplate.iter().map(|line| line.place)) {
            assert!(place.start <= place.end, "{place:?}");
            assert!(place.end <= one.range.len() as u64, "{place:?}");
            assert!(place.first_line >= 1 && place.first_line <= place.last_line);
        }
        let key = one.message.key;
        let raw = bytes
            .get(one.range.clone())
            .expect("it lies in the document");
        if let Some(again) = print::reread(raw, key) {
            assert_eq!(again.key, key);
        }
    }
    assert!(found.is_empty() || end == bytes.len());
}

/// A date and a list of people, as the values of header fields.
pub fn people_and_dates(text: &str) {
    if let Some(date) = muckrake_mail::date::parse(text) {
        // Years 1 to 9999, and no clock is more than a day from UTC.
        assert!(
            (-62_135_596_800..=253_402_300_799).contains(&date.local),
            "{date:?}"
        );
        assert!(
            date.offset.is_none_or(|offset| offset.abs() <= 86_400),
            "{date:?}"
        );
    }
    for mention in muckrake_mail::people::parse_list(text) {
        assert!(mention.name.is_some() || mention.address.is_some());
    }
}

/// The zones of a text, and threads of whatever its bytes name as references.
pub fn zones_and_threads(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    let authors = muckrake_mail::people::parse_list(text.lines().next().unwrap_or_default());
    let zones = muckrake_mail::zones::cut(&text, &authors);
    for zone in &zones {
        assert_eq!(zone.start, end);
        end = zone.end;
        assert!(text.is_char_boundary(end as usize));
    }
    muckrake_mail::zones::quoted_messages(&text, &zones);
    assert_eq!(end as usize, text.len());
    Words::of([(text.as_ref(), zones.as_slice())]);
    Subject::of(&text, Facts::from_bytes(bytes).sender);
    muckrake_mail::ThreadIndex::from_bytes(bytes).map(|index| index.filetimes());
    let members: Vec<Letter> = bytes.chunks(6).take(200).enumerate().map(member).collect();
    let mut threads = Threads::new();
    for member in &members {
        let key = [member.ordinal as u8; 20];
        threads.add(member.ordinal, member.date, key, &member.facts);
    }
    let heads = threads.heads();
    assert_eq!(heads.len(), members.len());
    assert!(heads.iter().all(|head| (*head as usize) < members.len()));
    let nodes = tree(&members, &[]);
    for (at, node) in nodes.iter().enumerate() {
        assert!(
            node.parent.is_none_or(|parent| parent < at),
            "parents come before children"
        );
    }
    let placed = nodes.iter().filter(|node| node.member.is_some()).count();
    assert_eq!(placed, members.len(), "every message has its place");
}

/// A message that refers to others by small numbers, so that they meet and go in circles.
fn member((at, bytes): (usize, &[u8])) -> Letter {
    let mut names = bytes.iter().skip(1).map(|byte| u64::from(byte % 24));
    Letter {
        ordinal: at as u32,
        date: bytes
            .first()
            .filter(|byte| **byte > 16)
            .map(|byte| i64::from(*byte)),
        facts: Facts {
            own: names.next().filter(|name| *name != 0),
            ancestors: names.collect(),
            ..Facts::default()
        },
    }
}

/// A query: read and printed and read again, it is the same; an error points into the text.
pub fn query(text: &str) {
    let options = language::ParseOptions {
        today: jiff::civil::date(2016, 5, 11),
    };
    match language::parse(text, &options) {
        Ok(query) => {
            let printed = query.to_string();
            let again = language::parse(&printed, &options);
            let again =
                again.unwrap_or_else(|error| panic!("{text:?}: {}", error.render(&printed)));
            assert_eq!(again.to_string(), printed, "{text:?}");
            assert_eq!(again.explain(), query.explain(), "{text:?}");
        }
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            assert!(error.render(text).contains('^'));
        }
    }
    muckrake_index::terms::for_each_term(text, |term| {
        assert!(text.get(term.range.clone()).is_some());
        assert!(!term.text.is_empty() && term.text.len() <= muckrake_index::terms::MAX_TERM_BYTES);
    });
}

/// What an ingest of one file tells.
#[derive(Default)]
struct Told {
    messages: Vec<FoundMessage>,
    tallies: Vec<MailboxTally>,
    stored: HashMap<String, Sha256>,
    ends: usize,
    faults: Vec<String>,
}

impl Told {
    fn take(&mut self, record: Record) {
        match record {
            Record::Message(message) => {
                sound(&message.message);
                self.messages.push(*message);
            }
            Record::Mailbox(tally) => self.tallies.push(tally),
            Record::Stored(stored) => {
                self.stored.insert(stored.path_inside, stored.sha256);
            }
            Record::SourceEnd(_) => self.ends += 1,
            Record::Unread(unread) => self.faults.push(unread.reason),
            _ => {}
        }
    }
}

/// A file as delivered, in a folder that may be written to: an ingest with small limits ends with
/// sums that balance, and each message is read back from its place as the bytes that were hashed.
pub fn container(bytes: &[u8], folder: &Path) {
    let path = folder.join("source");
    std::fs::write(&path, bytes).expect("the folder can be written to");
    let limits = muckrake_ingest::Limits {
        archive_depth: 4,
        unpacked_bytes: 8 << 20,
        unpacked_ratio: 1000,
        pdf_seconds: 0,
        message_bytes: 1 << 20,
        mail: Limits::default(),
    };
    let store = SeekableStore::new(&folder.join("store"));
    let passwords = ["pier".to_owned()];
    let mut told = Told::default();
    let request = Request {
        roots: std::slice::from_ref(&path),
        exclude: &[],
        known: &Known::new(),
        limits: &limits,
        passwords: &passwords,
        store: &store,
        cancel: &AtomicBool::new(false),
        counters: &Counters::new(),
    };
    muckrake_ingest::run(&request, &mut |record| -> Result<(), SinkError> {
        told.take(record);
        Ok(())
    })
    .expect("whatever is in a source is no error of the run");
    assert_eq!(told.ends, 1, "the source is read to its end");
    for tally in &told.tallies {
        let sum = tally.message_bytes + tally.separator_bytes + tally.unread_bytes;
        assert_eq!(sum, tally.bytes, "{tally:?}");
    }
    // The nets under the readers are for what nobody has thought of, not for what is found here.
    assert!(
        !told.faults.iter().any(|reason| reason.contains("failed")),
        "{:?}",
        told.faults
    );
    let mut read_back = ReadBack::new(Aids {
        store: &store,
        passwords: &passwords,
        limits: &limits,
    });
    for message in told.messages.iter().take(6) {
        let place = Place {
            source: &path,
            path_inside: message.path_inside.as_deref(),
            offset: message.offset,
            length: message.length,
        };
        let read = read_back
            .read(place, &told.stored)
            .expect("what was read can be read again");
        assert_eq!(
            Sha256(sha2::Sha256::digest(&read).into()),
            message.sha256,
            "{place:?}"
        );
    }
}
