//! Productions: load files with their natives and texts.

use muckrake_ingest::{ItemState, Kind};

use crate::support::{Bench, read_in};

const HEADER: &str = "DOCID|PARENTID|FROM|TO|SUBJECT|DATESENT|NATIVELINK|TEXTLINK";

fn mail(number: u32, attachment: Option<&str>) -> String {
    let head = format!(
        "From: anne@harbour.example\r\nTo: bob@city.example\r\nSubject: Pier {number}\r\n\
         Date: Mon, 1 Mar 2021 10:30:00 +0000\r\nMessage-ID: <{number}@harbour.example>\r\n"
    );
    match attachment {
        None => format!("{head}\r\nThe pier.\r\n"),
        Some(text) => format!(
            "{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nSee below.\r\n\
             --c\r\nContent-Type: application/octet-stream; name=a.eml\r\n\r\n{text}\r\n--c--\r\n"
        ),
    }
}

/// A table with `|` and `^` as a Concordance DAT.
fn dat(rows: &[&str]) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    for row in rows {
        let fields: Vec<String> = row
            .split('|')
            .map(|field| format!("\u{fe}{field}\u{fe}"))
            .collect();
        text.push_str(&fields.join("\u{14}"));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// Writes a production: a mail with an attached file that looks like a mail, one without a native, a file
/// that is no mail, one whose native was not delivered, and a bad row.
fn production(bench: &Bench, table: &[u8], name: &str) {
    let attached = mail(9, None);
    let attached = attached.trim_end();
    bench.write("VOL01/NATIVES/P-1.eml", mail(1, Some(attached)).as_bytes());
    bench.write("VOL01/NATIVES/P-2.eml", attached.as_bytes());
    bench.write("VOL01/NATIVES/P-4.xyz", b"\x00\x01\x02");
    bench.write("VOL01/TEXT/P-1.txt", b"The text of 1");
    bench.write("VOL01/TEXT/P-3.txt", "Ein Kai f\u{fc}r alle".as_bytes());
    bench.write(name, table);
}

const ROWS: [&str; 7] = [
    HEADER,
    r"P-1||anne@harbour.example|bob@city.example|Pier 1|2021-03-01 10:30|.\VOL01\NATIVES\P-1.eml|.\VOL01\TEXT\P-1.txt",
    r"P-2|P-1||||| .\vol01\natives\p-2.EML|",
    r"P-3||Carol Demo <carol@city.example>|anne@harbour.example|Quay|3/2/2021 9:15 AM||.\VOL01\TEXT\P-3.txt",
    r"P-4||||||.\VOL01\NATIVES\P-4.xyz|",
    r"P-5||dan@city.example||Keys||.\VOL01\NATIVES\P-5.msg|",
    r"P-6|too few",
];

#[test]
fn natives_are_preferred_and_rows_are_read_where_there_are_none() {
    let bench = Bench::new();
    production(&bench, &dat(&ROWS), "VOL01.dat");
    let records = bench.run();
    let mut subjects: Vec<_> = records
        .messages()
        .map(|found| {
            (
                found.path_inside.as_deref(),
                found.message.subject.as_deref().unwrap(),
            )
        })
        .collect();
    subjects.sort_unstable();
    assert_eq!(
        subjects,
        [
            (None, "Pier 1"),
            (Some("row 3 P-3.eml"), "Quay"),
            (Some("row 5 P-5.eml"), "Keys"),
        ]
    );
    let quay = records
        .messages()
        .find(|found| found.path_inside.as_deref() == Some("row 3 P-3.eml"))
        .unwrap();
    assert_eq!(quay.message.body[0].text, "Ein Kai f\u{fc}r alle");
    // By `date -u -d '2021-03-02 09:15' +%s`.
    assert_eq!(quay.message.date.unwrap().local, 1_614_676_500);
    let states: Vec<_> = records
        .items()
        .filter(|item| item.kind == Kind::LoadFileRow)
        .map(|item| (item.path_inside.as_deref().unwrap(), &item.state))
        .collect();
    let places: Vec<&str> = states.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, ["row 1 P-1", "row 2 P-2", "row 4 P-4"]);
    assert!(
        states
            .iter()
            .all(|(_, state)| matches!(state, ItemState::Covered { .. }))
    );
    let covered = records
        .items()
        .filter(|item| {
            item.path_inside.is_none() && matches!(item.state, ItemState::Covered { .. })
        })
        .count();
    assert_eq!(covered, 3, "two texts, and the native of P-2");
    let unread: Vec<&str> = records
        .unread()
        .map(|unread| unread.reason.as_str())
        .collect();
    assert_eq!(unread.len(), 2, "{unread:?}");
    assert!(
        unread[0].contains("row 5") && unread[0].contains("P-5.msg"),
        "{unread:?}"
    );
    assert!(
        unread[1].contains("row 6") && unread[1].contains("2 fields"),
        "{unread:?}"
    );
}

#[test]
fn letters_of_rows_come_back() {
    let bench = Bench::new();
    production(&bench, &dat(&ROWS), "VOL01.dat");
    let records = bench.run();
    let store = bench.store();
    let mut reading = bench.reading(&store);
    let source = bench.root().join("VOL01.dat");
    let mut letters = 0;
    for found in records
        .messages()
        .filter(|found| found.path_inside.is_some())
    {
        let bytes = read_in(&mut reading, &source, &records, found).unwrap();
        let message = muckrake_mail::parse(&bytes, &muckrake_mail::Limits::default());
        assert_eq!(message.key, found.message.key);
        letters += 1;
    }
    assert_eq!(letters, 2);
}

/// The third row opens a quote. It is a row by itself, since the one before has tried to close its own with it; read back
/// alone, it would take the line behind it along.
#[test]
fn a_row_comes_back_as_it_was_whatever_quotes_are_open() {
    let bench = Bench::new();
    let table =
        "DOCID,NATIVELINK,FROM,SUBJECT\n\"P-1,never closed\nP-2,,carol@city.example,5\" pipe\n\"\n";
    bench.write("VOL01.csv", table.as_bytes());
    let records = bench.run();
    let found = records.messages().next().unwrap();
    assert_eq!(found.message.subject.as_deref(), Some("5\" pipe"));
    let store = bench.store();
    let mut reading = bench.reading(&store);
    let source = bench.root().join("VOL01.csv");
    let bytes = read_in(&mut reading, &source, &records, found).unwrap();
    let message = muckrake_mail::parse(&bytes, &muckrake_mail::Limits::default());
    assert_eq!(message.key, found.message.key);
}

#[test]
fn other_dialects_say_the_same() {
    let quoted: Vec<String> = ROWS
        .iter()
        .map(|row| {
            let fields: Vec<String> = row.split('|').map(|field| format!("\"{field}\"")).collect();
            fields.join(",")
        })
        .collect();
    let carets: Vec<String> = ROWS
        .iter()
        .map(|row| row.replace("Quay", "^Quay^"))
        .collect();
    let text = String::from_utf8(dat(&ROWS)).unwrap();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let narrow: Vec<u8> = text
        .trim_start_matches('\u{feff}')
        .chars()
        .map(|letter| letter as u8)
        .collect();
    for (name, table) in [
        ("VOL01.csv", quoted.join("\r\n").into_bytes()),
        ("VOL01.dat", carets.join("\n").into_bytes()),
        ("VOL01.DAT", wide),
        ("vol01.dat", narrow),
    ] {
        let bench = Bench::new();
        production(&bench, &table, name);
        let records = bench.run();
        assert_eq!(records.messages().count(), 3, "{name}");
        assert_eq!(records.unread().count(), 2, "{name}");
    }
}

#[test]
fn what_a_load_file_says_of_an_attachment_is_not_taken_on_trust() {
    let bench = Bench::new();
    production(&bench, &dat(&ROWS), "VOL01.dat");
    // The same row, and another mail in the place of the attachment.
    bench.write("VOL01/NATIVES/P-2.eml", mail(77, None).as_bytes());
    let records = bench.run();
    let found = records
        .messages()
        .any(|found| found.message.subject.as_deref() == Some("Pier 77"));
    assert!(found, "it is in no other mail, so it is read");
}

#[test]
fn images_that_are_not_there_are_told() {
    let bench = Bench::new();
    bench.write("VOL01/IMAGES/1.tif", b"II*\0");
    let list = "P-1,VOL01,.\\VOL01\\IMAGES\\1.tif,Y,,,3\r\nP-2,VOL01,.\\VOL01\\IMAGES\\2.tif,,,,\r\n\
        P-3,VOL01,.\\VOL01\\IMAGES\\3.tif,,,,\r\nnonsense\r\n";
    bench.write("VOL01.opt", list.as_bytes());
    let records = bench.run();
    let first = list.find("P-2").unwrap() as u64;
    let unread: Vec<_> = records
        .unread()
        .map(|unread| (unread.offset, unread.reason.as_str()))
        .collect();
    assert_eq!(unread.len(), 2, "{unread:?}");
    assert!(
        unread
            .iter()
            .any(|(offset, reason)| *offset == first && reason.starts_with("2 images")),
        "{unread:?}"
    );
}

#[test]
fn a_load_file_in_an_archive_says_what_to_do() {
    let records = Bench::read("prod.tar", &tar_of("VOL01.dat", &dat(&ROWS)));
    let item = records
        .items()
        .find(|item| item.kind == Kind::LoadFile)
        .unwrap();
    assert!(matches!(&item.state, ItemState::Unsupported { advice } if advice.contains("unpack")));
}

fn tar_of(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append_data(&mut header, name, bytes).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn no_row_hides_a_mail() {
    let bench = Bench::new();
    for number in 1..=3 {
        bench.write(&format!("N/{number}.eml"), mail(number, None).as_bytes());
    }
    bench.write("N/4.txt", mail(4, None).as_bytes());
    // The mails of other rows, and of none, as texts.
    let rows = [
        "DOCID|NATIVELINK|TEXTLINK",
        "P-1|N/1.eml|N/2.eml",
        "P-2|N/2.eml|N/3.eml",
        "P-3|N/4.txt|N/4.txt",
    ];
    bench.write("load.dat", &dat(&rows));
    let records = bench.run();
    let mut subjects: Vec<_> = records
        .messages()
        .map(|found| found.message.subject.as_deref().unwrap())
        .collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["Pier 1", "Pier 2", "Pier 3", "Pier 4"]);
}

#[test]
fn a_native_that_is_a_printed_mail_is_read_once() {
    let bench = Bench::new();
    let print = "Pier, Anne\n\nFrom: Anne Pier\nSent: March 5, 2014\nTo: Bob Quay\nSubject: Pilings\n\nThey are in.\n";
    bench.write("N/1.txt", print.as_bytes());
    bench.write(
        "T/1.txt",
        b"From: Anne Pier\nSubject: Pilings\n\nThey are in.\n",
    );
    let rows = [
        HEADER,
        r"P-1||Anne Pier|Bob Quay|Pilings|2014-03-05|N\1.txt|T\1.txt",
    ];
    bench.write("load.dat", &dat(&rows));
    let records = bench.run();
    let found: Vec<_> = records
        .messages()
        .map(|found| (found.path_inside.as_deref(), found.message.print.is_some()))
        .collect();
    assert_eq!(found, [(None, true)]);
}
