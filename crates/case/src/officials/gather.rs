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
        let end = near.match_indices("on").map(|(at, _)| at);
        // The line may end before the word.
        let dated = |at: &usize| {
            near[..*at].ends_with(char::is_whitespace)
                && near[at + 2..]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Case;
    use crate::IngestRequest;
    use muckrake_ingest::Counters;

    const MAIL: [&str; 3] = [
        "From: \"Example, Anne (DEP)\" <aexample@dep.example>\nTo: Bob <bob@parks.example>, carl@parks.example\n\
         Cc: carl@parks.example\nReply-To: anne@mail.example\nX-From: Anne Example\nSubject: Pier\n\
         Date: Mon, 1 Mar 2021 10:00:00 +0000\n\nThe plan is here.\n",
        "From: bob@parks.example\nTo: aexample@dep.example\nSubject: Re: Pier\nDate: Mon, 1 Mar 2021 11:00:00 +0000\n\
         MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n\
         Thank you.\n\n-- \nBob Builder\n\n-----Original Message-----\nFrom: Example, Anne (DEP)\n\
         Sent: Monday, March 1, 2021 10:00 AM\nTo: Bob; Carl Carter\nSubject: Pier\n\nThe plan is here.\n\
         --x\nContent-Type: text/html\n\n<p>Thank you.</p><p>-- <br>Bob Builder</p>\
         <p>-----Original Message-----<br>From: Example, Anne (DEP)<br>Sent: Monday, March 1, 2021 10:00 AM<br>\
         To: Bob; Carl Carter<br>Subject: Pier</p><p>The plan is here.</p>\n--x--\n",
        "From: dora@harbour.example\nTo: bob@parks.example\nSubject: Fw: Pier\nDate: Mon, 1 Mar 2021 12:00:00 +0000\n\n\
         --- Forwarded by Emil Ender/DEP/CITY on 03/01/2021 11:30 AM ---\n\nThe plan is here.\n",
    ];

    type Gathered = (
        Vec<Vec<Group>>,
        Vec<(u32, u8, u32)>,
        Vec<(u8, u32, u32, i64)>,
    );

    fn gathered(ledger: &LedgerFile) -> Gathered {
        let mentions = (0..3).map(|message| ledger.mentions_of(message).expect("it is read"));
        let sightings = "SELECT person, place, count FROM sightings ORDER BY person, place";
        let sightings = ledger.rows(sightings, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        let pairs = "SELECT link, one, other, seen FROM pairs ORDER BY link, one, other";
        let pairs = ledger.rows(pairs, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        (
            mentions.collect(),
            sightings.expect("they are read"),
            pairs.expect("they are read"),
        )
    }

    #[test]
    fn who_passed_a_message_on_is_told_on_one_line_or_two() {
        for text in [
            "-- Forwarded by Anne Example/DEP/CITY on 11/17/2000 04:20 PM --",
            "-- Forwarded by Anne Example/DEP/CITY\non 11/17/2000 04:20 PM --",
        ] {
            let found = forwarders(text);
            let [anne] = found.as_slice() else {
                panic!("{text}: {found:?}")
            };
            assert_eq!(anne.name.as_deref(), Some("Anne Example/DEP/CITY"));
        }
        assert_eq!(forwarders("Forwarded by Anne Example, London 2000"), []);
    }

    #[test]
    fn what_an_ingest_gathers_is_what_the_index_gives_again() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let mail = place.path().join("mail");
        std::fs::create_dir(&mail).expect("it can be made");
        for (number, text) in MAIL.iter().enumerate() {
            std::fs::write(mail.join(format!("{number}.eml")), text).expect("it can be written");
        }
        let case = Case::open_or_create(&place.path().join("case")).expect("it can be made");
        let request = IngestRequest {
            paths: vec![mail],
            release: "pier".to_owned(),
            ..IngestRequest::default()
        };
        let cancel = AtomicBool::new(false);
        case.ingest(&request, &Counters::default(), &cancel)
            .expect("it is taken in");
        let at_ingest = {
            let ledger = LedgerFile::open(case.parts()).expect("it is there");
            assert_eq!(ledger.gathered_up_to().ok(), Some(3));
            gathered(&ledger)
        };
        let roles = |message: usize| at_ingest.0[message].iter().map(|group| group.role);
        let (anne, bob) = (roles(0).collect::<Vec<_>>(), roles(1).collect::<Vec<_>>());
        assert!(
            anne.contains(&Role::ReplyTo) && anne.contains(&Role::Same),
            "{anne:?}"
        );
        let quoted = bob.iter().filter(|role| **role == Role::QuotedFrom);
        assert_eq!(quoted.count(), 1, "{bob:?}");
        assert!(
            bob.contains(&Role::Signed) && bob.contains(&Role::QuotedTo),
            "{bob:?}"
        );

        // A writer that died before it counted them leaves this.
        let ledger = LedgerFile::open_for_writing(case.parts()).expect("it can be written");
        for table in ["sightings", "pairs"] {
            let sql = format!("DELETE FROM {table}");
            ledger.change(&sql, []).expect("it can be written");
        }
        ledger.set_gathered_up_to(0).expect("it can be written");
        drop(ledger);
        case.refresh_officials(&cancel).expect("they are gathered");
        let ledger = LedgerFile::open(case.parts()).expect("it is there");
        assert_eq!(gathered(&ledger), at_ingest);
        assert!(ledger.official("Anne Example").is_ok());
    }
}
