//! Which copy lies where: the two releases as files, as agencies deliver them.

use std::io::Write;

use flate2::Compression;
use flate2::GzBuilder;

use crate::attachment::pdf;
use crate::attachment::stored_zip;
use crate::mail::Held;
use crate::mail::Mail;
use crate::people::Agency;
use crate::people::PEOPLE;
use crate::people::Person;
use crate::random::Random;
use crate::render::Dress;
use crate::render::render;
use crate::render::slug;
use crate::story::MAYOR;
use crate::story::Mark;
use crate::story::PROCUREMENT;

/// One copy of a message at the top of a source.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// Place among all messages.
    pub place: usize,
    pub release: &'static str,
    /// File under the folder of the releases, `/` between names.
    pub path: String,
    /// Name inside the archive or compressed file, if it is one.
    pub inside: Option<String>,
    /// The message, without anything that the container adds; an mbox holds it with `>From ` escaped.
    pub bytes: Vec<u8>,
    /// True where its blind copies are shown.
    pub bcc: bool,
}

const MBOX: &str = "procurement/FOIL-2022-0193 part 1.mbox";
const ZIP: &str = "procurement/FOIL-2022-0193 part 2.zip";
const LIST: &str = "mayor/tidegate-coordination.mbox.gz";
const LIST_INSIDE: &str = "tidegate-coordination.mbox";
const MAILDIR: &str = "mayor/Correspondence Unit";
/// Maildir puts flags behind a colon; Windows allows none in a file name.
const FLAGS: &str = if cfg!(windows) { ";2,S" } else { ":2,S" };

/// The mail domain of a releasing agency.
pub(crate) fn domain(agency: Agency) -> &'static str {
    PEOPLE
        .iter()
        .find(|person| person.agency == agency)
        .map_or("", Person::domain)
}

fn holds(mail: &Mail, agency: Agency) -> bool {
    match mail.held {
        Held::Both => true,
        Held::Nowhere => false,
        Held::ProcurementOnly if agency != Agency::Procurement => false,
        Held::MayorOnly if agency != Agency::Mayor => false,
        _ => mail.touches(domain(agency)),
    }
}

/// All copies, in the order in which they lie in their sources.
pub(crate) fn deliver(mails: &[Mail], seed: u64) -> Vec<Delivery> {
    let mut order: Vec<usize> = (0..mails.len()).collect();
    order.sort_by_key(|place| (mails[*place].at, *place));
    let mut shelf = Shelf {
        mails,
        random: Random::fork(seed, "deliver"),
        numbers: 0,
        deliveries: Vec::new(),
    };
    for place in &order {
        if holds(&mails[*place], Agency::Procurement) {
            shelf.procurement(*place);
        }
    }
    for place in &order {
        if holds(&mails[*place], Agency::Mayor) {
            shelf.mayor(*place);
        }
    }
    shelf.deliveries
}

struct Shelf<'a> {
    mails: &'a [Mail],
    random: Random,
    numbers: usize,
    deliveries: Vec<Delivery>,
}

impl Shelf<'_> {
    /// Most lies in the mbox, some in the zip, a little in both.
    fn procurement(&mut self, place: usize) {
        let mail = &self.mails[place];
        let own = mail.from.address.ends_with(domain(Agency::Procurement));
        let roll = self.random.below(100);
        if roll < 84 {
            let dress = self.dress(
                mail,
                own,
                &format!(
                    "X-Export-Custodian: {}",
                    custodian(mail, Agency::Procurement)
                ),
            );
            let bytes = render(self.mails, place, &dress);
            self.put(place, PROCUREMENT, (MBOX, None), bytes, dress.bcc);
        }
        if roll >= 78 {
            self.numbers += 1;
            let folder = if own { "Sent" } else { "Received" };
            let inside = format!("{folder}/{:04} {}.eml", self.numbers, slug(&mail.subject));
            let dress = self.dress(mail, own, "X-Export-Format: EML");
            let bytes = with_crlf(&render(self.mails, place, &dress));
            self.put(place, PROCUREMENT, (ZIP, Some(inside)), bytes, dress.bcc);
        }
    }

    fn mayor(&mut self, place: usize) {
        let mail = &self.mails[place];
        if mail.marks.contains(&Mark::List) {
            let dress = self.dress(mail, false, "X-Mailman-Version: 2.1.39");
            let bytes = render(self.mails, place, &dress);
            return self.put(
                place,
                MAYOR,
                (LIST, Some(LIST_INSIDE.to_owned())),
                bytes,
                dress.bcc,
            );
        }
        if mail.touches_person("thorold") || mail.touches_person("quintanar") {
            self.numbers += 1;
            let dress = self.dress(
                mail,
                mail.from.address.ends_with(domain(Agency::Mayor)),
                "X-Folder: Correspondence",
            );
            let bytes = render(self.mails, place, &dress);
            let path = format!(
                "{MAILDIR}/cur/{}.M{:06}.mail1{FLAGS}",
                mail.at.unix(),
                self.numbers
            );
            return self.put(place, MAYOR, (&path, None), bytes, dress.bcc);
        }
        for (person, folder) in self.mailboxes(mail) {
            self.numbers += 1;
            let mut dress = self.dress(mail, folder != "Inbox", &format!("X-Folder: {folder}"));
            dress.repacked = mail.raw.is_none() && self.random.chance(30);
            let bytes = with_crlf(&render(self.mails, place, &dress));
            let path = format!(
                "mayor/{}, {}/{folder}/{:04} {}.eml",
                person.last,
                person.first,
                self.numbers,
                slug(&mail.subject)
            );
            self.put(place, MAYOR, (&path, None), bytes, dress.bcc);
        }
    }

    /// The sender's own copy, else that of one recipient; now and then of two.
    fn mailboxes(&mut self, mail: &Mail) -> Vec<(&'static Person, &'static str)> {
        let staff: Vec<&'static Person> = mail
            .parties()
            .filter_map(|party| PEOPLE.iter().find(|person| person.address == party.address))
            .filter(|person| person.agency == Agency::Mayor)
            .collect();
        let Some(first) = staff.first().copied() else {
            // Hidden recipients: the counsel's own copy stands for all.
            return vec![(crate::people::person("ashgrove"), "Inbox")];
        };
        let folder = match () {
            () if mail.marks.contains(&Mark::Draft) => "Drafts",
            () if mail.from.address == first.address => "Sent Items",
            () => "Inbox",
        };
        let mut copies = vec![(first, folder)];
        if let Some(second) = staff.get(1).filter(|second| **second != first)
            && folder != "Drafts"
            && self.random.chance(35)
        {
            copies.push((second, "Inbox"));
        }
        copies
    }

    fn dress(&mut self, mail: &Mail, own: bool, label: &str) -> Dress {
        let mut trace = Vec::new();
        if !own {
            let host = mail.from.address.rsplit('@').next().unwrap_or_default();
            trace.push(format!(
                "Received: from edge{}.rivermouth.example (192.0.2.{}) by mbx{}.rivermouth.example\n with Microsoft SMTP Server id {}; {}",
                self.random.below(4),
                self.random.below(250) + 1,
                self.random.below(9),
                self.random.hex(8),
                mail.at.plus(self.random.between(2, 9)).rfc5322()
            ));
            trace.push(format!(
                "Received: from mail.{host} (198.51.100.{}) by edge.rivermouth.example\n with ESMTPS id {}; {}",
                self.random.below(250) + 1,
                self.random.hex(12),
                mail.at.plus(1).rfc5322()
            ));
        }
        Dress {
            trace,
            labels: vec![label.to_owned()],
            bcc: own,
            repacked: false,
        }
    }

    fn put(
        &mut self,
        place: usize,
        release: &'static str,
        to: (&str, Option<String>),
        bytes: Vec<u8>,
        bcc: bool,
    ) {
        let (path, inside) = to;
        self.deliveries.push(Delivery {
            place,
            release,
            path: path.to_owned(),
            inside,
            bytes,
            bcc,
        });
    }
}

/// The first of an agency's people on the message: whose mailbox it was taken from.
fn custodian(mail: &Mail, agency: Agency) -> String {
    let address = mail
        .parties()
        .map(|party| party.address.as_str())
        .find(|address| address.ends_with(domain(agency)));
    address
        .and_then(|address| address.split('@').next())
        .unwrap_or("shared")
        .to_owned()
}

/// The files of the two releases: path and bytes, in the order of their paths.
pub(crate) fn files(mails: &[Mail], deliveries: &[Delivery]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("procurement/FOIL-2022-0193 response letter.txt".to_owned(), LETTER.as_bytes().to_vec()),
        (MBOX.to_owned(), mbox(mails, deliveries, MBOX)),
        (ZIP.to_owned(), zip(deliveries)),
        (
            "mayor/Determination on appeal.pdf".to_owned(),
            pdf("", "Office of the Mayor - determination on appeal, FOIL-2022-0193: records located, see enclosure").bytes,
        ),
        (LIST.to_owned(), gzip(&mbox(mails, deliveries, LIST))),
    ];
    let single = deliveries
        .iter()
        .filter(|delivery| ![MBOX, ZIP, LIST].contains(&delivery.path.as_str()));
    files.extend(single.map(|delivery| (delivery.path.clone(), delivery.bytes.clone())));
    files.sort();
    files
}

/// Folders that would be empty, and are part of a Maildir.
pub(crate) const EMPTY_FOLDERS: [&str; 2] = [
    "mayor/Correspondence Unit/new",
    "mayor/Correspondence Unit/tmp",
];

/// Files of a release that hold no mail.
pub(crate) const SOURCES_WITHOUT_MAIL: usize = 1;

const LETTER: &str = "City of Rivermouth - Bureau of Procurement\nRecords Access Office\n\nFOIL-2022-0193\n\n\
    Dear Ms. Ordway,\n\nOn appeal, enclosed please find the responsive e-mail of the Bureau in two parts. Part 1 is a mailbox file, part 2 an \
    archive of single messages that could not be written to it. Nothing has been withheld.\n\nRosalind Achterberg\nRecords Access Officer\n";

fn zip(deliveries: &[Delivery]) -> Vec<u8> {
    let members = deliveries.iter().filter(|delivery| delivery.path == ZIP);
    stored_zip(members.map(|delivery| {
        (
            delivery.inside.as_deref().unwrap_or_default(),
            delivery.bytes.as_slice(),
        )
    }))
}

/// An mbox with `>` put before each line that is `From ` behind any number of `>` (mboxrd).
fn mbox(mails: &[Mail], deliveries: &[Delivery], path: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.path == path) {
        let mail = &mails[delivery.place];
        append_to_mbox(
            &mut out,
            &mail.from.address,
            &mail.at.asctime(),
            &delivery.bytes,
        );
    }
    out
}

/// Appends one message with `\n` line ends to an mbox.
pub(crate) fn append_to_mbox(out: &mut Vec<u8>, sender: &str, asctime: &str, message: &[u8]) {
    out.extend(format!("From {sender} {asctime}\n").bytes());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        if line[marks..].starts_with(b"From ") {
            out.push(b'>');
        }
        out.extend(line);
    }
    if message.last() != Some(&b'\n') {
        out.push(b'\n');
    }
    out.push(b'\n');
}

/// Stored blocks: what a compressor writes differs between versions and processors.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new()
        .operating_system(255)
        .write(Vec::new(), Compression::none());
    // Memory takes every write.
    writer
        .write_all(bytes)
        .and_then(|()| writer.finish())
        .expect("memory takes every write")
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 30);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(content) => {
                out.extend(content.strip_suffix(b"\r").unwrap_or(content));
                out.extend(b"\r\n");
            }
            None => out.extend(line),
        }
    }
    out
}
