//! Zip, tar, 7z, and nests of them.

use muckrake_ingest::{ItemState, Kind};
use zip::unstable::write::FileOptionsExt;

use crate::support::{
    Bench, gzip, mail, mbox, seven_zip, sha256, tar, zip, zip_options, zip_with, zstd,
};

#[test]
fn members_of_every_kind_of_archive_are_read() {
    let members: &[(&str, &[u8])] = &[
        ("inbox/1.eml", &mail(1)),
        ("all.mbox", &mbox(2..4)),
        ("report.pdf", b"%PDF-1.4 text"),
        ("nothing", b""),
    ];
    for (name, bytes, kind) in [
        ("dump.zip", zip(members), Kind::Zip),
        ("dump.tar", tar(members), Kind::Tar),
        ("dump.7z", seven_zip(members, None), Kind::SevenZip),
    ] {
        let records = Bench::read(name, &bytes);
        assert_eq!(records.kinds(), [kind]);
        assert_eq!(
            records.paths(),
            ["inbox/1.eml", "all.mbox", "all.mbox"],
            "{name}"
        );
        let folders: Vec<_> = records
            .messages()
            .map(|message| message.folder.as_deref())
            .collect();
        assert_eq!(folders, [Some("inbox"), Some("all"), Some("all")]);
        let items: Vec<_> = records
            .items()
            .map(|item| (item.path_inside.as_deref(), item.kind))
            .collect();
        assert_eq!(
            items,
            [
                (Some("report.pdf"), Kind::Pdf),
                (Some("nothing"), Kind::Empty)
            ]
        );
        assert_eq!(records.reasons(), [""; 0]);
        assert_eq!(records.ends().next().unwrap().sha256, sha256(&bytes));
    }
}

#[test]
fn a_compressed_tar_is_two_names_deep() {
    let bytes = gzip(&tar(&[("a/1.eml", &mail(1))]));
    for name in ["dump.tgz", "dump.tar.gz"] {
        let records = Bench::read(name, &bytes);
        assert_eq!(records.paths(), ["dump.tar!/a/1.eml"]);
    }
}

#[test]
fn nests_are_followed() {
    let inner = zip(&[("x.mbox.zst", &zstd(&mbox(0..3)))]);
    let bytes = seven_zip(&[("deep/inner.zip", &gzip(&inner))], None);
    let records = Bench::read("outer", &bytes);
    assert_eq!(
        records.paths(),
        ["deep/inner.zip!/inner.zip!/x.mbox.zst!/x.mbox"; 3]
    );
}

#[test]
fn names_are_data_and_unique() {
    let (one, two) = (mail(1), mail(2));
    let mut bytes = zip(&[
        ("../../etc/passwd", &one),
        ("/abs.eml", &two),
        ("b.eml", &mail(3)),
        ("c.eml", &mail(4)),
    ]);
    // Two members of one name, which no honest program writes.
    for at in 0..bytes.len() - 5 {
        if &bytes[at..at + 5] == b"c.eml" {
            bytes[at] = b'b';
        }
    }
    let bench = Bench::new();
    let source = bench.write("dump.zip", &bytes);
    let records = bench.run();
    assert_eq!(
        records.paths(),
        ["../../etc/passwd", "/abs.eml", "b.eml", "b.eml#2"]
    );
    assert!(!bench.root().join("../../etc/passwd").exists());
    let last = records.messages().last().unwrap();
    assert_eq!(bench.read_back(&source, &records, last).unwrap(), mail(4));
}

#[test]
fn names_in_old_code_pages_are_read() {
    // 0x81 is ü in code page 437, and no UTF-8.
    let mut bytes = zip(&[("m_ll.eml", &mail(1))]);
    for at in 0..bytes.len() - 4 {
        if &bytes[at..at + 4] == b"m_ll" {
            bytes[at + 1] = 0x81;
        }
    }
    assert_eq!(Bench::read("dump.zip", &bytes).paths(), ["müll.eml"]);
}

#[test]
fn encrypted_archives_need_their_password() {
    let members: &[(&str, &[u8])] = &[("1.eml", &mail(1)), ("2.eml", &mail(2))];
    let old = zip_options().with_deprecated_encryption(b"secret").unwrap();
    let aes = zip_options().with_aes_encryption(zip::AesMode::Aes256, "secret");
    for bytes in [
        zip_with(members, old),
        zip_with(members, aes),
        seven_zip(members, Some("secret")),
    ] {
        let mut bench = Bench::new();
        let source = bench.write("locked", &bytes);
        for (passwords, reason) in [
            (&[][..], "encrypted; give the password with --password-file"),
            (&["wrong", "other"], "encrypted, and no password given fits"),
        ] {
            bench.passwords = passwords.iter().map(|text| (*text).to_owned()).collect();
            let records = bench.run();
            let reasons: Vec<_> = records
                .items()
                .map(|item| {
                    (
                        item.path_inside.as_deref().unwrap_or("-"),
                        item.state.clone(),
                    )
                })
                .collect();
            let state = ItemState::Unread {
                reason: reason.to_owned(),
            };
            assert_eq!(reasons, [("1.eml", state.clone()), ("2.eml", state)]);
        }
        for passwords in [&["secret"][..], &["wrong", "secret", "other"]] {
            bench.passwords = passwords.iter().map(|text| (*text).to_owned()).collect();
            let records = bench.run();
            assert_eq!(records.paths(), ["1.eml", "2.eml"]);
            let last = records.messages().last().unwrap();
            assert_eq!(bench.read_back(&source, &records, last).unwrap(), mail(2));
        }
    }
}

#[test]
fn a_7z_may_hide_its_names_too() {
    let mut writer = sevenz_rust2::ArchiveWriter::new(std::io::Cursor::new(Vec::new())).unwrap();
    writer.set_encrypt_header(true);
    writer.set_content_methods(vec![
        sevenz_rust2::encoder_options::AesEncoderOptions::new("secret".into()).into(),
        sevenz_rust2::EncoderMethod::LZMA2.into(),
    ]);
    let entry = sevenz_rust2::ArchiveEntry::new_file("1.eml");
    writer
        .push_archive_entry(entry, Some(mail(1).as_slice()))
        .unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let mut bench = Bench::new();
    bench.write("locked", &bytes);
    assert_eq!(
        bench.run().reasons(),
        ["encrypted; give the password with --password-file"]
    );
    bench.passwords = vec!["wrong".to_owned(), "secret".to_owned()];
    assert_eq!(bench.run().paths(), ["1.eml"]);
}

#[test]
fn long_names_in_tars_are_read() {
    let name = format!("{}/1.eml", "folder".repeat(40));
    assert_eq!(Bench::read("a", &tar(&[(&name, &mail(1))])).paths(), [name]);
}

#[test]
fn links_in_archives_are_items() {
    let mut builder = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_gnu();
    header.set_entry_type(::tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "link.eml", "/etc/passwd")
        .unwrap();
    let records = Bench::read("a.tar", &builder.into_inner().unwrap());
    let item = records.items().next().unwrap();
    assert_eq!(
        (item.kind, item.path_inside.as_deref()),
        (Kind::Link, Some("link.eml"))
    );
}

#[test]
fn office_files_are_no_archives() {
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:document/>"),
    ]);
    let records = Bench::read("mail.zip", &bytes);
    assert_eq!(records.kinds(), [Kind::Document]);
    assert_eq!(records.items().count(), 1);
}

#[test]
fn an_archive_by_any_name_is_read_in_its_turn() {
    let bench = Bench::new();
    bench.write("1.eml", &mail(1));
    bench.write("2.eml", &zip(&[("in.eml", &mail(2))]));
    bench.write("3.eml", &mail(3));
    let offsets: Vec<u64> = bench
        .run()
        .messages()
        .map(|message| message.length)
        .collect();
    assert_eq!(offsets, [1, 2, 3].map(|number| mail(number).len() as u64));
    assert_eq!(bench.run().paths(), ["-", "in.eml", "-"]);
}
