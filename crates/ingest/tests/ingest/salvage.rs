//! What damage leaves whole is found, and comes back from its place.

use muckrake_ingest::Kind;

use crate::support::{
    Bench, Records, bzip2, gzip, mail, mbox, read_in, seven_zip, sha256, tar, xz, zip, zstd,
};

/// Reads a source and each of its messages back, alone and all in one go.
fn read(bytes: &[u8]) -> Records {
    let bench = Bench::new();
    let source = bench.write("source", bytes);
    let records = bench.run();
    let store = bench.store();
    let mut reading = bench.reading(&store);
    for message in records.messages() {
        let alone = bench.read_back(&source, &records, message).unwrap();
        assert_eq!(sha256(&alone), message.sha256, "{:?}", message.path_inside);
        for _ in 0..2 {
            let read = read_in(&mut reading, &source, &records, message).unwrap();
            assert_eq!(sha256(&read), message.sha256, "{:?}", message.path_inside);
        }
    }
    records
}

/// Makes an archive of names and contents.
type Pack = fn(&[(&str, &[u8])]) -> Vec<u8>;

fn archive(pack: Pack) -> Vec<u8> {
    pack(&[
        ("1.eml", &mail(1)),
        ("2.eml", &mail(2)),
        ("3.eml", &mail(3)),
    ])
}

/// Where the nth header of a tar of small members lies: each takes one block of 512 bytes, and its content one.
fn header(number: usize) -> std::ops::Range<usize> {
    number * 1024..number * 1024 + 512
}

#[test]
fn a_damaged_tar_header_costs_its_own_member() {
    assert!(mail(1).len() <= 512, "a member has one block");
    for filler in [0xff, 0] {
        let mut bytes = archive(tar);
        bytes[header(1)].fill(filler);
        let records = read(&bytes);
        assert_eq!(records.paths(), ["1.eml", "3.eml"], "{filler}");
        assert_eq!(records.reasons().len(), 1, "{:?}", records.reasons());
        assert!(records.reasons()[0].contains("damaged header"));
    }
}

#[test]
fn the_last_header_of_a_tar_is_not_lost_in_silence() {
    let mut bytes = archive(tar);
    bytes[header(2)].fill(0);
    let records = read(&bytes);
    assert_eq!(records.paths(), ["1.eml", "2.eml"]);
    assert_eq!(records.reasons().len(), 1, "{:?}", records.reasons());
}

#[test]
fn the_end_of_a_tar_is_no_damage() {
    let mut bytes = archive(tar);
    bytes.resize(bytes.len() + 20 * 512, 0);
    assert_eq!(read(&bytes).reasons(), [""; 0]);
}

#[test]
fn a_broken_directory_of_a_zip_costs_no_member() {
    for broken in 0..3 {
        let mut bytes = archive(zip);
        let entries: Vec<usize> = memchr::memmem::find_iter(&bytes, b"PK\x01\x02").collect();
        bytes[entries[broken]..entries[broken] + 40].fill(0xff);
        let records = read(&bytes);
        assert_eq!(records.paths(), ["1.eml", "2.eml", "3.eml"], "{broken}");
        assert_eq!(records.reasons().len(), 1, "{:?}", records.reasons());
        let found = format!("{} members were found", 3 - broken);
        assert!(
            records.reasons()[0].contains(&found),
            "{:?}",
            records.reasons()
        );
    }
}

#[test]
fn messages_before_the_damage_come_back() {
    let plain = mbox(0..30);
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() * 9 / 10].to_vec();
    for pack in [gzip, bzip2, zstd] {
        // A stream so short that its damage is met while its kind is told.
        let records = read(&cut(pack(&plain)));
        assert!(records.reasons()[0].starts_with("the rest cannot be read"));
        read(&tar(&[
            ("a.packed", &cut(pack(&plain))),
            ("1.eml", &mail(1)),
        ]));
        read(&zip(&[("in", &cut(pack(&plain))), ("1.eml", &mail(1))]));
        read(&seven_zip(&[("in", &cut(pack(&plain)))], None));
    }
    assert!(read(&cut(gzip(&plain))).messages().count() >= 20);
    read(&cut(xz(&plain)));
    for inner in [archive(tar), archive(zip)] {
        let records = read(&cut(gzip(&inner)));
        assert!(records.messages().count() >= 1);
        assert!(!records.reasons().is_empty());
        read(&gzip(&cut(inner)));
    }
}

#[test]
fn a_lost_first_sector_costs_what_lay_in_it() {
    for filler in [0xff, 0] {
        let long = [mail(0), b"a line of text\n".repeat(900)].concat();
        let first = b"From anne@agency.example Tue Mar  4 03:33:20 2003\n";
        let mut mailbox = [first, &*long, b"\n", &mbox(1..4)].concat();
        mailbox[..4096].fill(filler);
        let records = read(&mailbox);
        assert_eq!(records.messages().count(), 3, "{filler}");
        assert_eq!(records.ends().next().unwrap().kind, Kind::Mbox);

        for (pack, kind) in [(tar as Pack, Kind::Tar), (zip, Kind::Zip)] {
            let mut bytes = archive(pack);
            bytes[..100].fill(filler);
            let records = read(&bytes);
            assert_eq!(records.paths(), ["2.eml", "3.eml"], "{filler} {kind:?}");
            assert_eq!(records.reasons().len(), 1, "{:?}", records.reasons());
            assert_eq!(records.ends().next().unwrap().kind, kind);
        }
    }
}

#[test]
fn one_wrong_byte_in_its_first_header_costs_a_tar_that_member_alone() {
    // In the name, the time, the checksum and the padding of the header.
    for at in [0, 140, 150, 400] {
        let mut bytes = archive(tar);
        bytes[at] ^= 0x15;
        let records = read(&bytes);
        assert_eq!(records.paths(), ["2.eml", "3.eml"], "{at}");
        assert_eq!(records.ends().next().unwrap().kind, Kind::Tar);
        assert_eq!(records.reasons().len(), 1, "{:?}", records.reasons());
    }
}

#[test]
fn a_lost_sector_inside_a_print_out_does_not_hide_it() {
    let page = b"City of Example\n\nFrom: Anne Example\nSent: Monday, March 01, 2021 10:30 AM\nTo: Bob Sample\nSubject: North pier\n\nThe pier is ready.\n";
    let text = [&page[..], &b"A line about the pilings.\n".repeat(300)].concat();
    for filler in [0, 0xff] {
        let mut document = text.clone();
        document[4096..4096 + 512].fill(filler);
        let records = read(&document);
        assert_eq!(records.ends().next().unwrap().kind, Kind::Print, "{filler}");
        let message = &records.messages().next().unwrap().message;
        assert_eq!(message.subject.as_deref(), Some("North pier"));
    }
    // A few zeros are no lost sector, and what is mostly zeros is no text.
    for zeros in [40, text.len() + 1] {
        let mut document = text.clone();
        document.splice(4096..4096, std::iter::repeat_n(0, zeros));
        assert_eq!(read(&document).ends().next().unwrap().kind, Kind::Unknown);
    }
}

#[test]
fn one_wrong_byte_at_the_start_costs_no_message() {
    let long = [mail(0), b"a line of text\n".repeat(900)].concat();
    for at in 0..5 {
        let first = b"From anne@agency.example Tue Mar  4 03:33:20 2003\n";
        let mut mailbox = [first, &*long, b"\n", &mbox(1..4)].concat();
        mailbox[at] = 0x8a;
        let records = read(&mailbox);
        assert_eq!(records.messages().count(), 4, "{at}");
        assert_eq!(
            records.messages().next().unwrap().offset,
            first.len() as u64
        );
    }
    let mut single = mail(1);
    single[1] = 0x8a;
    let records = read(&single);
    assert_eq!(records.messages().count(), 1);
}

#[test]
fn damage_costs_the_same_bytes_each_time() {
    let text = [
        mail(1),
        (0..9000)
            .flat_map(|n: u32| format!("{n} ").into_bytes())
            .collect(),
    ]
    .concat();
    for (at, pack) in [gzip, zstd, xz].iter().enumerate() {
        for damaged in (100..2000).step_by(97) {
            let mut bytes = pack(&text);
            let end = bytes.len();
            bytes[end - damaged..end - damaged + 20].fill(0xff);
            read(&bytes);
            if at == 0 {
                read(&zip(&[("in.gz", &bytes), ("1.eml", &mail(2))]));
            }
        }
    }
    for damaged in (300..2000).step_by(97) {
        let mut bytes = zip(&[("1.eml", &text)]);
        let end = bytes.len();
        bytes[end - damaged..end - damaged + 20].fill(0xff);
        read(&bytes);
    }
}
