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
        let bytes = part_bytes(raw, &number).unwrap_or_else(|| panic!("no part {number}"));
        assert_eq!(bytes.len() as u64, file.size, "part {number}");
        assert_eq!(
            sha2::Sha256::digest(&bytes).as_slice(),
            file.sha256.0,
            "part {number}"
        );
    }
    for part in &message.body {
        assert!(
            part_bytes(raw, &format!("{prefix}{}", part.part)).is_some(),
            "part {prefix}{}",
            part.part
        );
    }
    for attached in &message.attached {
        let bytes = part_bytes(raw, &format!("{prefix}{}", attached.part)).unwrap();
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
        part_bytes(&raw, "2.1").as_deref(),
        Some(b"Deep text.\n".as_slice())
    );
    for number in ["3", "2.2", "1.1", "", "0", "x"] {
        assert_eq!(part_bytes(&raw, number), None, "part {number}");
    }
}
