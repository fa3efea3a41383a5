//! Bad input: nothing is lost in silence, and nothing fills the machine.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use muckrake_ingest::{
    Counters, Item, ItemState, Kind, Known, Limits, Outcome, Record, Request, Sink, SinkError, run,
};

use crate::support::{Bench, Records, bzip2, gzip, mail, mbox, seven_zip, tar, xz, zip, zstd};

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[test]
fn truncated_streams_give_what_comes_before() {
    type Pack = fn(&[u8]) -> Vec<u8>;
    // Attached noise, so that the packed stream is long and ends in the middle of mail.
    let mut plain = Vec::new();
    let noise = noise(200 * 3000);
    for (number, attached) in noise.chunks(3000).enumerate() {
        plain.extend(mbox(number..number + 1));
        plain.pop();
        for line in attached.chunks(60) {
            plain.extend(line.iter().map(|byte| b'a' + byte % 26));
            plain.push(b'\n');
        }
        plain.push(b'\n');
    }
    for (name, pack) in [
        ("gz", gzip as Pack),
        ("bz2", bzip2),
        ("xz", xz),
        ("zst", zstd),
    ] {
        let whole = pack(&plain);
        let records = Bench::read("x", &whole[..whole.len() / 2]);
        let count = records.messages().count();
        assert!((40..190).contains(&count), "{name}: {count}");
        assert_eq!(records.reasons().len(), 1, "{:?}", records.reasons());
        assert!(records.reasons()[0].starts_with("the rest cannot be read"));
        assert_eq!(records.ends().count(), 1);
    }
}

#[test]
fn truncated_archives_give_the_members_before() {
    let noise = noise(20 * 500);
    let bodies: Vec<Vec<u8>> = noise
        .chunks(500)
        .enumerate()
        .map(|(number, attached)| {
            [
                mail(number),
                attached.iter().map(|byte| b'a' + byte % 26).collect(),
            ]
            .concat()
        })
        .collect();
    let names: Vec<String> = (0..20).map(|number| format!("{number}.eml")).collect();
    let members: Vec<(&str, &[u8])> = names
        .iter()
        .zip(&bodies)
        .map(|(name, body)| (name.as_str(), body.as_slice()))
        .collect();
    for whole in [zip(&members), tar(&members)] {
        let records = Bench::read("x", &whole[..whole.len() / 2]);
        let count = records.messages().count();
        assert!((8..=12).contains(&count), "{count}");
        assert!(!records.reasons().is_empty());
    }
    // The directory of a 7z is at its end: nothing can be read, and that is said.
    let whole = seven_zip(&members, None);
    let records = Bench::read("x", &whole[..whole.len() / 2]);
    assert_eq!(records.messages().count(), 0);
    assert_eq!(records.reasons().len(), 1);
}

#[test]
fn a_zip_written_as_a_stream_is_salvaged() {
    let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
    for number in 0..3 {
        use std::io::Write;
        writer
            .start_file(format!("{number}.eml"), crate::support::zip_options())
            .unwrap();
        writer.write_all(&mail(number)).unwrap();
    }
    let whole = writer.finish().unwrap().into_inner();
    assert_eq!(Bench::read("x", &whole).messages().count(), 3);
    let directory = whole
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    let records = Bench::read("x", &whole[..directory]);
    assert_eq!(records.paths(), ["0.eml", "1.eml", "2.eml"]);
    assert_eq!(
        records.messages().last().unwrap().length,
        mail(2).len() as u64
    );
    assert!(
        records.reasons()[0].contains("3 members were found"),
        "{:?}",
        records.reasons()
    );
}

#[test]
fn a_damaged_member_costs_only_itself() {
    let (one, two, three) = (mail(1), mail(2), mail(3));
    let mut bytes = zip(&[("1.eml", &one), ("2.eml", &two), ("3.eml", &three)]);
    let second = bytes
        .windows(5)
        .position(|window| window == b"2.eml")
        .unwrap()
        + 5;
    for byte in &mut bytes[second + 10..second + 60] {
        *byte ^= 0x55;
    }
    let records = Bench::read("x.zip", &bytes);
    let paths = records.paths();
    assert!(paths.contains(&"1.eml") && paths.contains(&"3.eml"));
    assert!(!records.reasons().is_empty());
}

#[test]
fn nests_deeper_than_the_limit_are_told() {
    let mut bytes = mail(1);
    for level in 0..100 {
        bytes = zip(&[(&format!("{level}"), &bytes)]);
    }
    let records = Bench::read("deep.zip", &bytes);
    assert_eq!(records.messages().count(), 0);
    assert_eq!(
        records.reasons(),
        ["nested in more than 16 archives, the limit `archive_depth`"]
    );

    let mut bytes = mail(1);
    for level in 0..16 {
        bytes = zip(&[(&format!("{level}"), &bytes)]);
    }
    assert_eq!(Bench::read("deep.zip", &bytes).messages().count(), 1);
}

#[test]
fn a_bomb_is_cut() {
    // 200 MB of one byte: a thousand times its packed size.
    let bomb = vec![b'a'; 200 << 20];
    for bytes in [
        zip(&[("bomb", &bomb), ("1.eml", &mail(1))]),
        zstd(&bomb),
        zip(&[("in.zip", &zip(&[("bomb", &bomb)])), ("1.eml", &mail(1))]),
    ] {
        let records = Bench::read("bomb", &bytes);
        assert!(
            records
                .reasons()
                .iter()
                .any(|reason| reason.contains("unpacks to more than")),
            "{:?}",
            records.reasons()
        );
        assert_eq!(records.ends().count(), 1);
    }
}

#[test]
fn a_source_that_unpacks_to_too_much_is_left() {
    let mut bench = Bench::new();
    bench.limits.unpacked_bytes = 3_000_000;
    let noise = noise(1_000_000);
    bench.write(
        "x.zip",
        &zip(&[
            ("1", &noise),
            ("2", &noise),
            ("3", &noise),
            ("4", &noise),
            ("5.eml", &mail(1)),
        ]),
    );
    bench.write("y.eml", &mail(2));
    let records = bench.run();
    assert!(
        records
            .reasons()
            .iter()
            .any(|reason| reason.contains("what follows was not read"))
    );
    assert_eq!(records.paths(), ["-"], "the next source is read");
}

#[test]
fn a_large_file_without_a_from_line_is_no_mailbox() {
    let mut text = b"no header at all\n".to_vec();
    while text.len() < 100 << 20 {
        text.extend_from_within(..text.len().min(1 << 20));
    }
    let records = Bench::read("fake.mbox", &text);
    let item = records.items().next().unwrap();
    assert_eq!((item.kind, item.size), (Kind::Text, text.len() as u64));
    assert_eq!(records.messages().count(), 0);
}

#[test]
fn a_message_over_the_limit_is_unread() {
    let mut bench = Bench::new();
    bench.limits.message_bytes = 10_000;
    let long = [mail(1), vec![b'x'; 50_000]].concat();
    bench.write("1.eml", &long);
    let mut mailbox = mbox(0..1);
    mailbox.pop();
    mailbox.extend(std::iter::repeat_n(b"line\n", 10_000).flatten());
    mailbox.push(b'\n');
    mailbox.extend(mbox(1..3));
    bench.write("2.mbox", &mailbox);
    let records = bench.run();
    let unread: Vec<_> = records
        .unread()
        .map(|unread| (unread.offset, unread.length > 40_000))
        .collect();
    assert_eq!(unread, [(0, true), (50, true)]);
    assert_eq!(records.messages().count(), 2);
    let tally = records.tallies().next().unwrap();
    assert_eq!(tally.bytes, mailbox.len() as u64);
    assert_eq!(
        tally.message_bytes + tally.separator_bytes + tally.unread_bytes,
        tally.bytes
    );
}

#[test]
fn what_may_not_be_read_is_told() {
    let bench = Bench::new();
    let path = bench.write("locked/secret.eml", &mail(1));
    bench.write("open.eml", &mail(2));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let records = bench.run();
    assert_eq!(records.messages().count(), 1);
    let Some(Record::Unreadable(unreadable)) = records.0.first() else {
        panic!("{records:?}");
    };
    assert_eq!(
        (unreadable.name.as_str(), unreadable.reason.as_str()),
        ("locked/secret.eml", "permission denied")
    );
}

#[test]
fn bytes_after_a_stream_are_hashed_and_told() {
    let mut bytes = gzip(&mbox(0..2));
    bytes.extend_from_slice(b"something else");
    let records = Bench::read("x.gz", &bytes);
    assert_eq!(records.messages().count(), 2);
    assert_eq!(records.reasons().len(), 1);
    assert_eq!(
        records.ends().next().unwrap().sha256,
        crate::support::sha256(&bytes)
    );
}

#[test]
fn mutated_archives_never_stop_a_run() {
    let members: &[(&str, &[u8])] = &[("1.eml", &mail(1)), ("x.mbox", &mbox(0..3))];
    let noise = noise(4 * 600);
    for whole in [
        zip(members),
        tar(members),
        seven_zip(members, None),
        gzip(&mbox(0..9)),
        xz(&mbox(0..9)),
        zstd(&mbox(0..9)),
        bzip2(&mbox(0..9)),
    ] {
        let bench = Bench::new();
        for (round, change) in noise.chunks(8).enumerate() {
            let mut bytes = whole.clone();
            for pair in change.chunks(4) {
                let at = usize::from(u16::from_le_bytes([pair[0], pair[1]])) % bytes.len();
                bytes[at] = pair[2];
            }
            bench.write(&format!("{round}"), &bytes);
        }
        let records = bench.run();
        assert_eq!(records.ends().count(), noise.chunks(8).count());
    }
}

/// Cancels after so many messages.
struct Cancelling<'a> {
    cancel: &'a AtomicBool,
    left: usize,
    records: Records,
}

impl Sink for Cancelling<'_> {
    fn accept(&mut self, record: Record) -> Result<(), SinkError> {
        if matches!(record, Record::Message(_)) {
            self.left -= 1;
            if self.left == 0 {
                self.cancel.store(true, Ordering::Relaxed);
            }
        }
        self.records.accept(record)
    }
}

#[test]
fn a_cancelled_run_ends_between_messages() {
    let bench = Bench::new();
    bench.write("a.mbox", &mbox(0..2000));
    bench.write("b.eml", &mail(1));
    let cancel = AtomicBool::new(false);
    let mut sink = Cancelling {
        cancel: &cancel,
        left: 100,
        records: Records::default(),
    };
    let outcome = run(
        &Request {
            roots: &[bench.root()],
            exclude: &[],
            known: &Known::new(),
            limits: &Limits::default(),
            passwords: &[],
            store: &bench.store(),
            ocr: None,
            cancel: &cancel,
            counters: &Counters::new(),
        },
        &mut sink,
    )
    .unwrap();
    assert_eq!(
        outcome,
        Outcome {
            interrupted: true,
            files: 2
        }
    );
    assert_eq!(sink.records.messages().count(), 100);
    assert_eq!(sink.records.ends().count(), 0);
}

/// Refuses the second record.
struct Refusing(usize);

impl Sink for Refusing {
    fn accept(&mut self, _record: Record) -> Result<(), SinkError> {
        self.0 += 1;
        if self.0 > 1 {
            Err("full".into())
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_refusing_sink_ends_the_run() {
    let bench = Bench::new();
    for number in 0..300 {
        bench.write(&format!("{number}.eml"), &mail(number));
    }
    bench.write("z.mbox", &mbox(0..3000));
    let error = bench
        .try_run(&[bench.root()], &mut Refusing(0))
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot keep what was read");
}

#[test]
fn states_say_why() {
    let records = Bench::read(
        "x.7z",
        b"7z\xbc\xaf\x27\x1c\x00\x04 and then nothing of use",
    );
    assert_eq!(
        records
            .items()
            .filter(|item| matches!(
                item,
                Item {
                    state: ItemState::Unread { .. },
                    ..
                }
            ))
            .count()
            + records.unread().count(),
        1
    );
}
