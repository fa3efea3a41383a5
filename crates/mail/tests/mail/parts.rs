//! Parts by their numbers: what is listed can be taken out again, byte for byte.

use std::fs;

use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::parse;
use muckrake_mail::part_bytes;
use sha2::Digest;

use crate::fixtures::mails;

fn check(raw: &[u8], prefix: &str, message: &Message) {
    for file in &message.attachments {
        let number = format!("{prefix}{}", file.part);
        let bytes = part_bytes(raw, &number, &Limits::default())
            .unwrap_or_else(|| panic!("no part {number}"));
        assert_eq!(bytes.len() as u64, file.size, "part {number}");
        assert_eq!(
            sha2::Sha256::digest(&bytes).as_slice(),
            file.sha256.0,
            "part {number}"
        );
    }
    for part in &message.body {
        assert!(
            part_bytes(raw, &format!("{prefix}{}", part.part), &Limits::default()).is_some(),
            "part {prefix}{}",
            part.part
        );
    }
    for attached in &message.attached {
        let bytes = part_bytes(
            raw,
            &format!("{prefix}{}", attached.part),
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(bytes.len() as u64, attached.length);
        assert_eq!(parse(&bytes, &Limits::default()), attached.message);
        check(
            raw,
            &format!("{prefix}{}.", attached.part),
            &attached.message,
        );
    }
}

#[test]
fn a_uuencoded_file_behind_base64_can_be_taken_out() {
    let raw = b"From: a@a.example\nContent-Transfer-Encoding: base64\n\nYWJj\n====\n\nbegin 644 a.txt\n#0V%T\n`\nend\n";
    let message = parse(raw, &Limits::default());
    assert_eq!(message.attachments.len(), 1, "{message:?}");
    check(raw, "", &message);
}

#[test]
fn every_listed_part_can_be_taken_out() {
    for path in [mails("rfc"), mails("malformed"), mails("hostile")].concat() {
        let raw = fs::read(path).unwrap();
        check(&raw, "", &parse(&raw, &Limits::default()));
    }
}

#[test]
fn numbers_go_on_into_attached_messages() {
    let path = crate::fixtures::folder("rfc").join("forwarded.eml");
    let raw = fs::read(path).unwrap();
    assert_eq!(
        part_bytes(&raw, "2.1", &Limits::default()).as_deref(),
        Some(b"Deep text.\n".as_slice())
    );
    for number in ["3", "2.2", "1.1", "", "0", "x"] {
        assert_eq!(
            part_bytes(&raw, number, &Limits::default()),
            None,
            "part {number}"
        );
    }
}

#[test]
fn parts_are_found_as_deep_as_they_were_read() {
    let mut raw = b"Subject: inner\nFrom: a@agency.example\n\nDeep text.\n".to_vec();
    for level in 0..4 {
        let mut outer =
            format!("Subject: {level}\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n")
                .into_bytes();
        outer.append(&mut raw);
        raw = outer;
    }
    let shallow = Limits {
        nesting: 3,
        ..Limits::default()
    };
    let deep = "1.1.1.1.1";
    assert!(part_bytes(&raw, deep, &Limits::default()).is_some());
    assert_eq!(part_bytes(&raw, deep, &shallow), None);
    let wide = Limits {
        nesting: Limits::default().nesting + 60,
        ..Limits::default()
    };
    for _ in 0..Limits::default().nesting {
        let mut outer =
            b"Subject: more\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n".to_vec();
        outer.append(&mut raw);
        raw = outer;
    }
    let deepest = format!("{}{deep}", "1.".repeat(Limits::default().nesting));
    assert_eq!(part_bytes(&raw, &deepest, &Limits::default()), None);
    assert!(part_bytes(&raw, &deepest, &wide).is_some());
}
