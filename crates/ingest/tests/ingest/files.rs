//! Single files, mailboxes and folders.

use muckrake_ingest::{Kind, Quoting, Record};

use crate::support::{Bench, Records, bzip2, gzip, mail, mbox, sha256, xz, zstd};

#[test]
fn a_mail_is_one_message_over_the_whole_file() {
    let records = Bench::read("note", &mail(1));
    let message = records.messages().next().unwrap();
    assert_eq!(records.places(), [(None, 0, mail(1).len() as u64)]);
    assert_eq!(message.sha256, sha256(&mail(1)));
    assert_eq!(message.folder, None);
    assert_eq!(message.message.subject.as_deref(), Some("Contract 1"));
    let end = records.ends().next().unwrap();
    assert_eq!((end.kind, end.sha256), (Kind::Eml, sha256(&mail(1))));
    assert!(!end.modified_while_read);
}

#[test]
fn a_mailbox_is_covered_byte_for_byte() {
    let bytes = mbox(0..1500);
    let bench = Bench::new();
    bench.write("Inbox", &bytes);
    let records = bench.run();
    assert_eq!(records.messages().count(), 1500);
    for message in records.messages() {
        let range = message.offset as usize..(message.offset + message.length) as usize;
        assert_eq!(message.sha256, sha256(&bytes[range]));
        assert_eq!(message.folder.as_deref(), Some("Inbox"));
        assert_eq!(message.quoting, Quoting::Mboxo);
    }
    let tally = records.tallies().next().unwrap();
    assert_eq!(tally.bytes, bytes.len() as u64);
    assert_eq!(
        tally.message_bytes + tally.separator_bytes + tally.unread_bytes,
        tally.bytes
    );
    assert_eq!(records.ends().next().unwrap().sha256, sha256(&bytes));
    assert_eq!(bench.counters.messages(), 1500);
    assert_eq!(bench.counters.bytes_done(), bytes.len() as u64);
    assert_eq!(
        (bench.counters.files_found(), bench.counters.files_done()),
        (1, 1)
    );
}

#[test]
fn a_guarded_line_is_parsed_without_its_guard_and_hashed_with_it() {
    let mut bytes = mbox(0..1);
    bytes.pop();
    bytes.extend_from_slice(b">From here on\n>>From there\n\n");
    let records = Bench::read("box", &bytes);
    let message = records.messages().next().unwrap();
    let stored = &bytes[message.offset as usize..(message.offset + message.length) as usize];
    assert!(stored.ends_with(b">From here on\n>>From there\n"));
    assert_eq!(message.sha256, sha256(stored));
    assert_eq!(message.quoting, Quoting::Mboxrd);
    let text = &message.message.body[0].text;
    assert!(text.contains("\nFrom here on\n>From there"), "{text:?}");
}

#[test]
fn compression_changes_nothing_but_the_place() {
    let plain = mbox(0..40);
    for (name, bytes, kind) in [
        ("x.mbox.gz", gzip(&plain), Kind::Gzip),
        ("x.mbox.bz2", bzip2(&plain), Kind::Bzip2),
        ("x.mbox.xz", xz(&plain), Kind::Xz),
        ("x.mbox.zst", zstd(&plain), Kind::Zstd),
        ("x.mbox", gzip(&plain), Kind::Gzip),
    ] {
        let records = Bench::read(name, &bytes);
        assert_eq!(records.paths(), ["x.mbox"; 40], "{name}");
        assert_eq!(records.kinds(), [kind]);
        assert_eq!(
            records.messages().next().unwrap().folder.as_deref(),
            Some("x")
        );
        assert_eq!(records.ends().next().unwrap().sha256, sha256(&bytes));
        assert_eq!(records.stored().count(), 0, "a short stream gets no copy");
    }
}

#[test]
fn streams_of_several_parts_are_read_whole() {
    type Pack = fn(&[u8]) -> Vec<u8>;
    for pack in [gzip as Pack, bzip2, xz, zstd] {
        let mut bytes = pack(&mbox(0..2));
        bytes.extend(pack(&mbox(2..5)));
        assert_eq!(Bench::read("x", &bytes).messages().count(), 5);
    }
}

#[test]
fn the_walk_is_sorted_and_tells_folders() {
    let bench = Bench::new();
    for (number, name) in [
        "b.eml",
        "a/2",
        "a/10",
        "box/cur/1:2,S",
        "box/new/2",
        "Sent.mbox/Messages/1.emlx",
        "Local.sbd/Old",
    ]
    .iter()
    .enumerate()
    {
        let mut bytes = mail(number);
        if name.ends_with(".emlx") {
            bytes = [
                format!("{}\n", bytes.len()).as_bytes(),
                &bytes,
                b"<?xml version=\"1.0\"?>\n<plist></plist>\n",
            ]
            .concat();
        }
        if name.starts_with("Local") {
            bytes = mbox(0..1);
        }
        bench.write(name, &bytes);
    }
    bench.write(
        "Local.sbd/Old.msf",
        b"// <!-- <mdb:mork:z v=\"1.4\"/> -->\n",
    );
    let records = bench.run();
    let names: Vec<&str> = records
        .0
        .iter()
        .filter_map(|record| match record {
            Record::SourceStart(start) => Some(start.name.as_str()),
            _ => None,
        })
        .collect();
    let mut sorted = names.clone();
    sorted.sort_by(|left, right| left.split('/').cmp(right.split('/')));
    assert_eq!(names, sorted);
    assert_eq!(names.len(), 8);
    let folders: Vec<Option<&str>> = records
        .messages()
        .map(|message| message.folder.as_deref())
        .collect();
    assert_eq!(
        folders,
        [
            Some("Local/Old"),
            Some("Sent"),
            Some("a"),
            Some("a"),
            None,
            Some("box"),
            Some("box")
        ]
    );
    assert_eq!(
        records.items().map(|item| item.kind).collect::<Vec<_>>(),
        [Kind::MailIndex]
    );
}

#[test]
fn an_emlx_is_its_counted_bytes() {
    let message = mail(7);
    let bytes = [
        format!("{}      \n", message.len()).as_bytes(),
        &message,
        b"<?xml version=\"1.0\"?>\n<plist></plist>\n",
    ]
    .concat();
    let records = Bench::read("7.emlx", &bytes);
    let offset = bytes.iter().position(|byte| *byte == b'\n').unwrap() as u64 + 1;
    assert_eq!(records.places(), [(None, offset, message.len() as u64)]);
    assert_eq!(records.messages().next().unwrap().sha256, sha256(&message));
}

#[test]
fn other_files_are_items_of_their_kind() {
    for (name, bytes, kind) in [
        ("a.eml", &b"%PDF-1.4\n1 0 obj"[..], Kind::Pdf),
        ("a.pdf", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Image),
        ("b", b"!BDN\0\0\0\0SM\x17\0", Kind::Pst),
        (
            "c",
            b"<!DOCTYPE html>\n<html><body>hello</body></html>",
            Kind::Html,
        ),
        ("d", b"name,sent,about\nAnne,1,x\nBob,2,y\n", Kind::Csv),
        ("e", b"Dear all,\n\nplease see below.\n", Kind::Text),
        ("f", b"\x01\x02\x03\x00\xff\xfe\xfd\x00rest", Kind::Unknown),
        ("g", b"", Kind::Empty),
        ("h", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", Kind::Calendar),
        ("i", b"Rar!\x1a\x07\x01\x00", Kind::Rar),
        ("j", b"{\\rtf1\\ansi hello}", Kind::Document),
        ("k", b"{\"from\": \"anne\"}", Kind::Json),
    ] {
        let bench = Bench::new();
        bench.write(name, bytes);
        let records = bench.run();
        assert_eq!(records.kinds(), [kind], "{name}");
        let item = records.items().next().unwrap();
        assert_eq!((item.kind, item.size), (kind, bytes.len() as u64));
        assert_eq!(records.messages().count(), 0);
    }
}

#[test]
fn links_are_recorded_and_not_followed() {
    let bench = Bench::new();
    bench.write("a/mail.eml", &mail(1));
    std::os::unix::fs::symlink(bench.root(), bench.root().join("a/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", bench.root().join("dangling")).unwrap();
    let records = bench.run();
    assert_eq!(records.messages().count(), 1);
    let targets: Vec<String> = records
        .0
        .iter()
        .filter_map(|record| match record {
            Record::Link(link) => Some(format!("{} {}", link.name, link.target.display())),
            _ => None,
        })
        .collect();
    assert_eq!(
        targets,
        [
            format!("a/loop {}", bench.root().display()),
            "dangling nowhere".to_owned()
        ]
    );
}

#[test]
fn a_socket_is_never_opened() {
    let bench = Bench::new();
    let _socket = std::os::unix::net::UnixListener::bind(bench.root().join("socket")).unwrap();
    let records = bench.run();
    let Some(Record::Unreadable(unreadable)) = records.0.first() else {
        panic!("{records:?}");
    };
    assert_eq!(unreadable.reason, "not a regular file (a socket)");
}

#[test]
fn a_missing_path_is_an_error_that_names_it() {
    let bench = Bench::new();
    let missing = bench.root().join("missing");
    let error = bench
        .try_run(&[missing], &mut crate::support::Records::default())
        .unwrap_err();
    assert!(error.to_string().ends_with("missing"), "{error}");
}

#[test]
fn an_empty_folder_is_no_error() {
    let bench = Bench::new();
    let outcome = bench
        .try_run(&[bench.root()], &mut crate::support::Records::default())
        .unwrap();
    assert_eq!((outcome.files, outcome.interrupted), (0, false));
}

#[test]
fn overlapping_roots_are_read_once() {
    let bench = Bench::new();
    let inner = bench.write("a/1.eml", &mail(1));
    bench.write("b.eml", &mail(2));
    for roots in [
        [inner.clone(), bench.root()],
        [bench.root(), inner.clone()],
        [bench.root().join("a"), bench.root()],
    ] {
        let mut records = crate::support::Records::default();
        bench.try_run(&roots, &mut records).unwrap();
        assert_eq!(records.messages().count(), 2);
    }
}

/// Names of the records of a run over some roots, in order.
fn names_under(bench: &Bench, roots: &[&str]) -> Vec<String> {
    let roots: Vec<_> = roots.iter().map(|root| bench.root().join(root)).collect();
    let mut records = Records::default();
    bench.try_run(&roots, &mut records).unwrap();
    records
        .0
        .into_iter()
        .filter_map(|record| match record {
            Record::SourceStart(start) => Some(start.name),
            Record::Link(link) => Some(link.name),
            _ => None,
        })
        .collect()
}

#[test]
fn roots_that_overlap_are_read_once() {
    let bench = Bench::new();
    for (name, number) in [("a/b/1.eml", 1), ("a/2.eml", 2), ("ab/3.eml", 3)] {
        bench.write(name, &mail(number));
    }
    assert_eq!(names_under(&bench, &["a", "a"]), ["2.eml", "b/1.eml"]);
    assert_eq!(names_under(&bench, &["a", "a/b"]), ["2.eml", "b/1.eml"]);
    assert_eq!(
        names_under(&bench, &["a", "a/b/1.eml"]),
        ["2.eml", "b/1.eml"]
    );
    // What was read as a root of its own keeps the name that it has there.
    assert_eq!(names_under(&bench, &["a/b", "a"]), ["1.eml", "2.eml"]);
    assert_eq!(
        names_under(&bench, &["a/2.eml", "a", "a/2.eml"]),
        ["2.eml", "b/1.eml"]
    );
    // `ab` begins with `a` and does not lie in it.
    assert_eq!(
        names_under(&bench, &["a", "ab"]),
        ["2.eml", "b/1.eml", "3.eml"]
    );
}

#[test]
fn a_root_that_is_a_link_is_where_it_leads() {
    let bench = Bench::new();
    bench.write("a/b/1.eml", &mail(1));
    bench.write("a/2.eml", &mail(2));
    std::os::unix::fs::symlink("a/b", bench.root().join("link")).unwrap();
    assert_eq!(names_under(&bench, &["a", "link"]), ["2.eml", "b/1.eml"]);
    assert_eq!(names_under(&bench, &["link", "a"]), ["1.eml", "2.eml"]);
    assert_eq!(names_under(&bench, &["link", "a/b"]), ["1.eml"]);
    assert_eq!(
        names_under(&bench, &["link", ""]),
        ["1.eml", "a/2.eml", "link"]
    );
}

#[test]
fn a_mail_whose_first_field_is_long_is_a_mail() {
    for lines in [1_500, 30_000] {
        let mut bytes = b"X-Gateway-Trace: begin\r\n".to_vec();
        for line in 0..lines {
            bytes.extend_from_slice(
                format!(" passed the gate of the agency, number {line}; nothing was found\r\n")
                    .as_bytes(),
            );
        }
        // Over the first bytes that are looked at, and of either way that files are read.
        assert_eq!(bytes.len() > 1 << 20, lines == 30_000);
        assert!(bytes.len() > 64 << 10);
        bytes.extend(mail(1));
        for packed in [bytes.clone(), gzip(&bytes)] {
            let records = Bench::read("file", &packed);
            assert_eq!(records.messages().count(), 1);
            let message = records.messages().next().unwrap();
            assert_eq!(message.length, bytes.len() as u64);
            assert_eq!(message.message.subject.as_deref(), Some("Contract 1"));
        }
    }
}

#[test]
fn a_long_text_that_starts_like_a_field_is_text() {
    let bytes = format!("Minutes: {}", "the board met and agreed ".repeat(10_000));
    let records = Bench::read("file", bytes.as_bytes());
    assert_eq!(records.kinds(), [Kind::Text]);
}
