//! From the place of a message back to its bytes.

use muckrake_ingest::{Limits, Quoting, ReadError, hash_file, unquote};

use crate::support::{
    Bench, bzip2, gzip, long_mbox, mail, mbox, seven_zip, sha256, tar, xz, zip, zstd,
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
