//! What holds for any input, one function for each fuzz target. The tests of the program run
//! the same functions over the fixtures, so that they never fall behind the code.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use muckrake_casework::facts::{Facts, Subject};
use muckrake_casework::guesses::Letter;
use muckrake_casework::officials::addresses::Address;
use muckrake_casework::officials::names::{Likeness, PersonName};
use muckrake_casework::officials::{self, Link, Meetings, Pair, Spelling, Statements};
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
        body_text_bytes: 60,
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
    // As a text, or as the text of a PDF: only the ids differ.
    let read = [print::read, print::read_pages][bytes.len() % 2];
    let found = read(bytes, &Sha256([7; 32]));
    let keys: BTreeSet<_> = found.iter().map(|one| one.message.key).collect();
    assert_eq!(keys.len(), found.len(), "no two have one id");
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
    let people = muckrake_mail::people::parse_list(text);
    for mention in &people {
        assert!(mention.name.is_some() || mention.address.is_some());
        Address::of_string(mention.name.as_deref(), mention.address.as_deref());
    }
    let names = people.iter().filter_map(|mention| mention.name.as_deref());
    let names: Vec<PersonName> = [text]
        .into_iter()
        .chain(names)
        .map(PersonName::read)
        .collect();
    for (one, other) in names.iter().zip(names.iter().skip(1)) {
        assert_eq!(
            one.likeness(other),
            other.likeness(one),
            "{one:?} {other:?}"
        );
    }
    for name in &names {
        assert!(
            !name.is_full() || name.likeness(name) == Likeness::Same,
            "{name:?}"
        );
        name.written();
    }
    officials::natural(text);
}

/// Strings that meet as often as their numbers say.
struct Met;

impl Meetings for Met {
    type Error = Infallible;

    fn beside(&mut self, bare: &[u32], people: &[u32]) -> Result<u32, Infallible> {
        Ok(bare.iter().chain(people).sum::<u32>() % 3)
    }

    fn both_written_to(&mut self, one: &[u32], other: &[u32]) -> Result<u32, Infallible> {
        Ok(one.iter().chain(other).sum::<u32>() % 4)
    }
}

/// Person strings, a line each: a name, a tab, an address. `=` begins a line of what is of one official, `!` of two that
/// are two people, `@` of domains of one agency. Everybody is one person, and what the user says holds.
pub fn officials(text: &str) {
    let mut spellings = Vec::new();
    let mut statements = Statements::default();
    for line in text.lines().filter(|line| !line.is_empty()).take(200) {
        let told = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
        match line.split_at_checked(1) {
            Some(("=", rest)) => statements.officials.push(told(rest)),
            Some(("@", rest)) => statements.domains.push(told(rest)),
            Some(("!", rest)) => {
                if let Some((one, other)) = rest.split_once('\t') {
                    statements.apart.push((one.to_owned(), other.to_owned()));
                }
            }
            _ => {
                let (name, address) = line.split_once('\t').unwrap_or((line, ""));
                let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
                spellings.push(Spelling {
                    id: spellings.len() as u32,
                    name: some(name),
                    address: some(address),
                    seen: 1 + line.len() as u32 % 5,
                });
            }
        }
    }
    let pair = |one: &Spelling<'_>| Pair {
        link: Link::ALL[one.seen as usize % Link::ALL.len()],
        one: one.id,
        other: one.id + 1,
        seen: one.seen,
    };
    let pairs: Vec<Pair> = spellings.iter().step_by(3).map(pair).collect();
    let resolve = || {
        let spellings = spellings.iter().copied();
        officials::resolve(spellings, &pairs, &statements, &mut Met)
            .unwrap_or_else(|never| match never {})
    };
    let found = resolve();
    assert_eq!(found.of_spelling.len(), spellings.len());
    assert_eq!(found.keys.len(), found.of_node.len());
    let mut nodes: Vec<u32> = found
        .identities
        .iter()
        .flat_map(|one| one.nodes.clone())
        .collect();
    nodes.sort_unstable();
    assert!(
        nodes.iter().copied().eq(0..found.keys.len() as u32),
        "each node is of one person"
    );
    for merge in &found.merges {
        let of = |node: u32| found.of_node[node as usize];
        assert_eq!(of(merge.one), of(merge.other), "{merge:?}");
    }
    for likely in &found.suggestions {
        let of = |node: u32| found.of_node[node as usize];
        assert_ne!(of(likely.one), of(likely.other), "{likely:?}");
    }
    let again = resolve();
    assert_eq!(found.identities, again.identities);
    assert_eq!(found.merges, again.merges);
    assert_eq!(found.suggestions, again.suggestions);
    let confirmed: Vec<u32> = found
        .identities
        .iter()
        .filter_map(|one| one.confirmed)
        .collect();
    let distinct: BTreeSet<u32> = confirmed.iter().copied().collect();
    assert_eq!(
        confirmed.len(),
        distinct.len(),
        "a confirmed official is one person"
    );
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

/// What an ingest tells.
#[derive(Default)]
struct Told {
    sources: Vec<PathBuf>,
    messages: Vec<(usize, FoundMessage)>,
    tallies: Vec<MailboxTally>,
    stored: HashMap<String, Sha256>,
    ends: usize,
    faults: Vec<String>,
    /// Rows of load files, by their numbers.
    rows: BTreeSet<u64>,
}

impl Told {
    fn take(&mut self, record: Record) {
        match record {
            Record::SourceStart(start) => self.sources.push(start.path),
            Record::Message(message) => {
                sound(&message.message);
                self.row(message.path_inside.as_deref());
                self.messages.push((self.sources.len() - 1, *message));
            }
            Record::Mailbox(tally) => self.tallies.push(tally),
            Record::Stored(stored) => {
                self.stored.insert(stored.path_inside, stored.sha256);
            }
            Record::SourceEnd(_) => self.ends += 1,
            Record::Item(item) => self.row(item.path_inside.as_deref()),
            Record::Unread(unread) => {
                self.row(Some(&unread.reason));
                self.faults.push(unread.reason);
            }
            _ => {}
        }
    }

    /// Takes what is told of a row of a load file.
    fn row(&mut self, told: Option<&str>) {
        let number = told.and_then(|told| told.strip_prefix("row "));
        let number: Option<u64> =
            number.and_then(|rest| rest.split([' ', ':']).next()?.parse().ok());
        self.rows.extend(number);
    }
}

/// A file as delivered, in a folder that may be written to: an ingest with small limits ends with
/// sums that balance, and each message is read back from its place as the bytes that were hashed.
pub fn container(bytes: &[u8], folder: &Path) {
    let path = folder.join("source");
    std::fs::write(&path, bytes).expect("the folder can be written to");
    let told = ingested(&path, folder);
    assert_eq!(told.ends, 1, "the source is read to its end");
}

/// A load file with natives and a text beside it: what holds for any source holds, and each row is told of.
pub fn production(table: &[u8], folder: &Path) {
    let root = folder.join("production");
    if !root.exists() {
        let attached = "From: bob@city.example\nSubject: Quay\n\nThe quay.\n";
        let mail = format!(
            "From: anne@harbour.example\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nSee below.\n\
             --c\nContent-Type: application/octet-stream; name=a.eml\n\n{attached}\n--c--\n"
        );
        for (name, content) in [
            ("N/1.eml", mail.as_str()),
            ("N/2.eml", attached),
            ("T/1.txt", "The text of 1"),
        ] {
            let path = root.join(name);
            let parent = path.parent().expect("it is in a folder");
            std::fs::create_dir_all(parent).expect("the folder can be written to");
            std::fs::write(&path, content).expect("the folder can be written to");
        }
    }
    let path = root.join("P.dat");
    std::fs::write(&path, table).expect("the folder can be written to");
    let told = ingested(&root, folder);
    assert_eq!(told.ends, 4, "each file is read to its end");
    let last = told.rows.last().copied().unwrap_or_default();
    assert!((1..=last).eq(told.rows.iter().copied()), "{:?}", told.rows);
}

/// Reads what lies at a path, and looks whether the sums balance and the messages come back.
fn ingested(root: &Path, folder: &Path) -> Told {
    let limits = muckrake_ingest::Limits {
        archive_depth: 4,
        unpacked_bytes: 8 << 20,
        unpacked_ratio: 1000,
        pdf_seconds: 0,
        covered_text: false,
        message_bytes: 1 << 20,
        mail: Limits::default(),
    };
    let store = SeekableStore::new(&folder.join("store"));
    let passwords = ["pier".to_owned()];
    let mut told = Told::default();
    let request = Request {
        roots: &[root.to_owned()],
        exclude: &[],
        known: &Known::new(),
        limits: &limits,
        passwords: &passwords,
        store: &store,
        ocr: None,
        cancel: &AtomicBool::new(false),
        counters: &Counters::new(),
    };
    muckrake_ingest::run(&request, &mut |record| -> Result<(), SinkError> {
        told.take(record);
        Ok(())
    })
    .expect("whatever is in a source is no error of the run");
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
    for (source, message) in told.messages.iter().take(6) {
        let place = Place {
            source: &told.sources[*source],
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
    told
}
