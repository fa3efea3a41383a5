//! From the place of a message back to its bytes.

use ::zip::unstable::write::FileOptionsExt;
use muckrake_ingest::{Limits, Quoting, ReadError, hash_file, unquote};

use crate::support::{
    Bench, Records, bzip2, gzip, long_mbox, mail, mbox, read_in, seven_zip, sha256, tar, xz, zip,
    zip_options, zip_with, zstd,
};

#[test]
fn every_message_comes_back_from_every_form() {
    let plain = mbox(0..30);
    let members: &[(&str, &[u8])] = &[
        ("a/1.eml", &mail(1)),
        ("x.mbox", &plain),
        ("y.mbox.gz", &gzip(&plain)),
    ];
    for bytes in [
        plain.clone(),
        gzip(&plain),
        bzip2(&plain),
        xz(&plain),
        zstd(&plain),
        zip(members),
        tar(members),
        seven_zip(members, None),
        gzip(&tar(members)),
        zip(&[
            ("in.zip", &zip(members)),
            ("in.7z", &seven_zip(members, None)),
        ]),
    ] {
        let bench = Bench::new();
        let source = bench.write("source", &bytes);
        let records = bench.run();
        assert!(records.messages().count() >= 30);
        for message in records.messages() {
            let read = bench.read_back(&source, &records, message).unwrap();
            assert_eq!(sha256(&read), message.sha256);
        }
        assert_eq!(
            hash_file(&source).unwrap(),
            records.ends().next().unwrap().sha256
        );
    }
}

/// What a read gives, an error as people read it.
fn told(read: Result<Vec<u8>, ReadError>) -> Result<Vec<u8>, String> {
    read.map_err(|error| {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        text
    })
}

/// Reads all messages in one go, forth and back, and each one alone. `found` are the places that
/// are asked for; the file may have changed since they were found.
fn one_go_reads_what_single_reads_do(bench: &Bench, source: &std::path::Path, found: &Records) {
    let store = bench.store();
    let mut reading = bench.reading(&store);
    let messages: Vec<_> = found.messages().collect();
    for message in messages.iter().chain(messages.iter().rev()) {
        assert_eq!(
            told(read_in(&mut reading, source, found, message)),
            told(bench.read_back(source, found, message)),
            "{:?} {}",
            message.path_inside,
            message.offset
        );
    }
}

#[test]
fn many_reads_in_one_go_give_what_single_reads_give() {
    let plain = mbox(0..30);
    let tarred = tar(&[("b.mbox", &mbox(40..50)), ("4.eml", &mail(4))]);
    let members: &[(&str, &[u8])] = &[
        ("a/1.eml", &mail(1)),
        ("x.mbox", &plain),
        ("y.mbox.gz", &gzip(&plain)),
        ("in.tar", &tarred),
        ("in.tgz", &gzip(&tarred)),
        (
            "in.zip",
            &zip(&[("2.eml", &mail(2)), ("z.mbox", &mbox(50..60))]),
        ),
        (
            "in.7z",
            &seven_zip(&[("3.eml", &mail(3)), ("w.mbox", &mbox(60..70))], None),
        ),
        ("a!", &mail(5)),
        ("", &mail(6)),
    ];
    let mut twice = zip(&[("b.eml", &mail(3)), ("c.eml", &mail(4))]);
    for at in 0..twice.len() - 5 {
        if &twice[at..at + 5] == b"c.eml" {
            twice[at] = b'b';
        }
    }
    let mut prefixed = b"a program that unpacks itself".to_vec();
    prefixed.extend(zip(members));
    for bytes in [
        plain.clone(),
        gzip(&plain),
        zip(members),
        tar(&members[..members.len() - 1]),
        seven_zip(members, None),
        gzip(&tar(&members[..members.len() - 1])),
        twice,
        zip(&[
            ("deep.zip", &zip(members)),
            ("deep.7z", &seven_zip(members, None)),
        ]),
    ] {
        let bench = Bench::new();
        let source = bench.write("source", &bytes);
        let records = bench.run();
        assert!(records.messages().count() >= 2);
        for message in records.messages() {
            let read = bench.read_back(&source, &records, message).unwrap();
            assert_eq!(sha256(&read), message.sha256);
        }
        one_go_reads_what_single_reads_do(&bench, &source, &records);
        // The same places in what is left of the file after damage of several kinds.
        for cut in [bytes.len() / 3, bytes.len() * 2 / 3, bytes.len() - 30] {
            bench.write("source", &bytes[..cut]);
            one_go_reads_what_single_reads_do(&bench, &source, &records);
        }
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 0x55;
        bench.write("source", &flipped);
        one_go_reads_what_single_reads_do(&bench, &source, &records);
        bench.write("source", &zip(&[("other.eml", &mail(1))]));
        one_go_reads_what_single_reads_do(&bench, &source, &records);
    }
    let bench = Bench::new();
    let source = bench.write("1.zip", &zip(members));
    let records = bench.run();
    bench.write("1.zip", &prefixed);
    one_go_reads_what_single_reads_do(&bench, &source, &records);
}

#[test]
fn locked_archives_are_read_in_one_go_with_their_password_only() {
    let members: &[(&str, &[u8])] = &[
        ("1.eml", &mail(1)),
        ("2.eml", &mail(2)),
        ("x.mbox", &mbox(3..6)),
    ];
    let old = zip_options().with_deprecated_encryption(b"secret").unwrap();
    let aes = zip_options().with_aes_encryption(::zip::AesMode::Aes256, "secret");
    for bytes in [
        zip_with(members, old),
        zip_with(members, aes),
        seven_zip(members, Some("secret")),
    ] {
        let mut bench = Bench::new();
        let source = bench.write("locked", &bytes);
        bench.passwords = vec!["wrong".to_owned(), "secret".to_owned()];
        let records = bench.run();
        assert_eq!(records.messages().count(), 5);
        one_go_reads_what_single_reads_do(&bench, &source, &records);
        let last = records.messages().last().unwrap();
        assert!(bench.read_back(&source, &records, last).is_ok());
        for passwords in [&[][..], &["wrong"], &["wrong", "other"]] {
            bench.passwords = passwords.iter().map(|text| (*text).to_owned()).collect();
            assert!(bench.read_back(&source, &records, last).is_err());
            one_go_reads_what_single_reads_do(&bench, &source, &records);
        }
    }
}

/// A way to pack so many messages.
type Pack = fn(usize) -> Vec<u8>;

fn packed(count: usize, pack: impl Fn(&[(&str, &[u8])]) -> Vec<u8>) -> Vec<u8> {
    let mails: Vec<(String, Vec<u8>)> = (0..count)
        .map(|number| (format!("folder/{number}.eml"), mail(number)))
        .collect();
    let members: Vec<(&str, &[u8])> = mails
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    pack(&members)
}

/// Bytes read to get all messages of an archive in one go.
fn cost_of_reading_all(bytes: &[u8], count: usize) -> u64 {
    let bench = Bench::new();
    let source = bench.write("source", bytes);
    let records = bench.run();
    let messages: Vec<_> = records.messages().collect();
    assert!(messages.len() >= count - 1);
    let store = bench.store();
    let mut reading = bench.reading(&store);
    // From the last to the first, so that no read goes on where the one before it ended.
    for message in messages.iter().rev() {
        let read = read_in(&mut reading, &source, &records, message).unwrap();
        assert_eq!(sha256(&read), message.sha256);
    }
    reading.bytes_read()
}

#[test]
fn four_times_the_messages_cost_four_times_the_reading() {
    let packs: &[(&str, Pack)] = &[
        ("zip", |count| packed(count, zip)),
        ("tar", |count| packed(count, tar)),
        ("tar.gz", |count| gzip(&packed(count, tar))),
        ("7z", |count| {
            packed(count, |members| seven_zip(members, None))
        }),
        ("mbox.gz", |count| gzip(&mbox(0..count))),
        ("mbox in zip", |count| zip(&[("x.mbox", &mbox(0..count))])),
        ("zip in tar", |count| {
            tar(&[("in.zip", &packed(count, zip))])
        }),
        ("zip.gz", |count| gzip(&packed(count, zip))),
        ("cut zip", |count| {
            let mut bytes = packed(count, zip);
            bytes.truncate(bytes.len() - 30);
            bytes
        }),
    ];
    for (name, pack) in packs {
        let (few, many) = (100, 400);
        let cost_of_few = cost_of_reading_all(&pack(few), few);
        let cost_of_many = cost_of_reading_all(&pack(many), many);
        // A pass over the archive for each message would be sixteen times as much.
        assert!(
            cost_of_many < 6 * cost_of_few,
            "{name}: {cost_of_few} and {cost_of_many}"
        );
    }
}

#[test]
fn long_streams_get_a_copy_that_serves_alone() {
    let plain = long_mbox();
    let members: &[(&str, &[u8])] = &[("1.eml", &mail(1)), ("x.mbox", &plain)];
    for (bytes, stored) in [
        (gzip(&plain), vec!["source"]),
        (zip(members), vec!["x.mbox"]),
        (gzip(&tar(members)), vec!["source"]),
        (zip(&[("in.zip", &zip(members))]), vec!["in.zip!/x.mbox"]),
    ] {
        let bench = Bench::new();
        let source = bench.write("source", &bytes);
        let records = bench.run();
        let paths: Vec<&str> = records
            .stored()
            .map(|stored| stored.path_inside.as_str())
            .collect();
        assert_eq!(paths, stored);
        let copy = records.stored().next().unwrap();
        let listed = bench.store().list().unwrap();
        assert_eq!(
            listed.iter().map(|(sha256, _)| *sha256).collect::<Vec<_>>(),
            [copy.sha256]
        );
        if copy.path_inside.ends_with("x.mbox") {
            assert_eq!(
                (copy.size, copy.sha256),
                (plain.len() as u64, sha256(&plain))
            );
        }
        let last = records.messages().last().unwrap();
        assert_eq!(
            sha256(&bench.read_back(&source, &records, last).unwrap()),
            last.sha256
        );
        // With a copy the source is not even opened; without, it is unpacked again.
        std::fs::rename(&source, source.with_extension("away")).unwrap();
        assert_eq!(
            sha256(&bench.read_back(&source, &records, last).unwrap()),
            last.sha256
        );
        std::fs::rename(source.with_extension("away"), &source).unwrap();
        let path = bench.store().path(&copy.sha256);
        let mut damaged = std::fs::read(&path).unwrap();
        damaged.iter_mut().step_by(99).for_each(|byte| *byte ^= 1);
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(
            sha256(&bench.read_back(&source, &records, last).unwrap()),
            last.sha256
        );
        assert!(bench.store().remove(&copy.sha256).unwrap());
        assert!(!bench.store().remove(&copy.sha256).unwrap());
        assert_eq!(
            sha256(&bench.read_back(&source, &records, last).unwrap()),
            last.sha256
        );
    }
}

#[test]
fn a_copy_reads_as_its_stream_from_any_place() {
    use std::io::{Read, Seek, SeekFrom};
    let plain = long_mbox();
    let bench = Bench::new();
    bench.write("x.gz", &gzip(&plain));
    let records = bench.run();
    let copy = records.stored().next().unwrap();
    let mut reader = bench.store().open(&copy.sha256).unwrap().unwrap();
    assert_eq!(reader.size(), plain.len() as u64);
    for start in [
        0,
        1,
        (1 << 20) - 1,
        1 << 20,
        plain.len() - 5,
        plain.len(),
        plain.len() + 9,
    ] {
        reader.seek(SeekFrom::Start(start as u64)).unwrap();
        let mut bytes = Vec::new();
        (&mut reader).take(3 << 20).read_to_end(&mut bytes).unwrap();
        let end = plain.len().min(start + (3 << 20));
        assert_eq!(bytes, plain.get(start..end).unwrap_or_default());
    }
    // A cut copy is told from a sound one.
    let path = bench.store().path(&copy.sha256);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    assert!(bench.store().open(&copy.sha256).is_err());
}

#[test]
fn unfinished_copies_are_removed() {
    let bench = Bench::new();
    let folder = bench.store().folder().to_owned();
    bench.store().remove_unfinished().unwrap();
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("unfinished-x"), b"half").unwrap();
    std::fs::write(folder.join("other"), b"stays").unwrap();
    bench.store().remove_unfinished().unwrap();
    assert!(!folder.join("unfinished-x").exists());
    assert!(folder.join("other").exists());
    assert_eq!(bench.store().list().unwrap(), []);
}

#[test]
fn what_is_gone_or_changed_is_told() {
    let bench = Bench::new();
    let source = bench.write("x.mbox", &mbox(0..2));
    let records = bench.run();
    let last = records.messages().last().unwrap();
    bench.write("x.mbox", &mbox(0..1));
    assert!(matches!(
        bench.read_back(&source, &records, last),
        Err(ReadError::EndOfItem { .. })
    ));
    std::fs::remove_file(&source).unwrap();
    assert!(matches!(
        bench.read_back(&source, &records, last),
        Err(ReadError::OpenSource { .. })
    ));
    let source = bench.write("x.mbox", &zip(&[("other.eml", &mail(1))]));
    let mut gone = last.clone();
    gone.path_inside = Some("this.eml".to_owned());
    assert!(matches!(
        bench.read_back(&source, &records, &gone),
        Err(ReadError::FindMember { .. })
    ));
    gone.length = Limits::default().message_bytes + 1;
    assert!(matches!(
        bench.read_back(&source, &records, &gone),
        Err(ReadError::RangeTooLong { .. })
    ));
}

#[test]
fn guards_come_off_as_the_mailbox_put_them_on() {
    let stored = b"From x\n>From y\n>>From z\n";
    assert_eq!(&*unquote(stored, Quoting::None), &stored[..]);
    assert_eq!(
        &*unquote(stored, Quoting::Mboxo),
        b"From x\nFrom y\n>>From z\n"
    );
    assert_eq!(
        &*unquote(stored, Quoting::Mboxrd),
        b"From x\nFrom y\n>From z\n"
    );
}
