//! Ids: the recipe of the documentation, checked against another hand's reading of it.

use std::fs;

use muckrake_mail::KeyBasis;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::parse;

use crate::fixtures::folder;

/// Computed by a program of its own, in another language, from the recipe in the
/// documentation of `muckrake_mail::identity` alone.
const KEYS: [(&str, &str); 14] = [
    (
        "rfc/alternative",
        "632da68043b49f258ef19d8d0c5114d598c9d6b2",
    ),
    ("rfc/digest", "8dd438f0ffc571607efe922f340127f612df23af"),
    (
        "rfc/encoded-words",
        "db3edca13d5a29f3f7c0f0ef76254a924acb55ef",
    ),
    ("rfc/file-names", "58ccbc309c59290bbff7d767b0089b66c2bbbc0b"),
    ("rfc/flowed", "1ffa2754e21f080bc9fc08020f16013d8b7370ca"),
    ("rfc/forwarded", "4d1fda2d6a31e95710ce58b094edc659a8500d30"),
    ("rfc/report", "c8a1b9f477f25fe0d9cf39f0ebee4b53e432626b"),
    (
        "malformed/raw-bytes",
        "3575783202360155cbf68fd62682d57b46220000",
    ),
    (
        "malformed/several-ids",
        "22a55c3ec2bbcff1a06ce5ded139debe0544d0aa",
    ),
    (
        "malformed/header-only",
        "6380ca4d503f6640b636f6d1653e025795922f2a",
    ),
    (
        "malformed/uuencode",
        "5c80ad426947696320af70b966fd28b42151608a",
    ),
    (
        "malformed/year-101",
        "455eaf4aedbe35e8548aad16ef47939197c90959",
    ),
    (
        "malformed/charset-nobody-knows",
        "21e0baae7a369afbaf8b01001e5dfa0e8424d3e0",
    ),
    (
        "malformed/sealed",
        "a9519eb9c082c755e64f6bdbe4318e39338a104b",
    ),
];

fn read(raw: &str) -> Message {
    parse(raw.as_bytes(), &Limits::default())
}

#[test]
fn keys_follow_the_recipe() {
    for (name, key) in KEYS {
        let raw = fs::read(folder(&format!("{name}.eml"))).unwrap();
        let message = parse(&raw, &Limits::default());
        assert_eq!(message.key_basis, KeyBasis::Content, "{name}");
        assert_eq!(message.key.to_string(), key, "{name}");
    }
}

const MAIL: &str = "Message-ID: <1@a.example>\nFrom: Ada <ada@a.example>\nTo: b@b.example\nCc: c@c.example\n\
    Date: Tue, 12 Sep 2017 09:15:10 +0000\nSubject: The quay\n\nText, with words.\n>From here on too.\n";

#[test]
fn what_a_copy_may_differ_in_moves_no_key() {
    let message = read(MAIL);
    let same = [
        MAIL.replace('\n', "\r\n"),
        MAIL.replace(">From here", "From here"),
        MAIL.replace("To: b@b.example\nCc: c@c.example", "To: c@c.example\nCc: B@b.example"),
        MAIL.replace("Ada <ada", "\"Ada Q.\" <ADA"),
        MAIL.replace("09:15:10 +0000", "11:15:10 +0200 (CEST)"),
        MAIL.replace("Subject: The quay", "Bcc: d@d.example\nReceived: x; y\nX-Gmail-Labels: Inbox\nSubject: =?utf-8?Q?The_quay?="),
        MAIL.to_owned() + "\n\n",
        format!("From a@b Sat Jan  3 01:05:34 1996\n{MAIL}"),
    ];
    for copy in same {
        assert_eq!(read(&copy).key, message.key, "{copy}");
    }
}

#[test]
fn what_makes_another_message_moves_the_key() {
    let message = read(MAIL);
    let others = [
        MAIL.replace("<1@", "<2@"),
        MAIL.replace("words", "Words"),
        MAIL.replace("Text, with", "Text,  with"),
        MAIL.replace("c@c.example", "d@c.example"),
        MAIL.replace("09:15:10", "09:15:11"),
        MAIL.replace("The quay", "the quay"),
    ];
    for other in others {
        assert_ne!(read(&other).key, message.key, "{other}");
    }
}

#[test]
fn too_little_is_a_key_by_bytes() {
    for raw in [
        "Subject: x\n\nbody",
        "Subject: x\nFrom: a@a.example\n\n",
        "Subject: \nFrom:\n\nbody",
        "body",
    ] {
        assert_eq!(read(raw).key_basis, KeyBasis::Bytes, "{raw:?}");
    }
    assert_eq!(
        read("Subject: x\nFrom: a@a.example\n\nbody").key_basis,
        KeyBasis::Content
    );
    assert_eq!(
        read("Subject: x\nFrom: a@a.example\nDate: y\n\n").key_basis,
        KeyBasis::Content
    );
    // SHA-256 of `body`, its first 20 bytes (sha256sum).
    assert_eq!(
        read("body").key.to_string(),
        "230d8358dc8e8890b4c58deeb62912ee2f20357a"
    );
}

#[test]
fn the_content_key_looks_past_id_and_spacing() {
    let content = read(MAIL).content_key;
    assert!(content.is_some());
    for same in [
        MAIL.replace("<1@a.example>", "<2@b.example>"),
        MAIL.replace("09:15:10", "09:15:50"),
        MAIL.replace("Text, with words.", "TEXT with\n words"),
        MAIL.replace("The quay", "the  QUAY"),
    ] {
        assert_eq!(read(&same).content_key, content, "{same}");
    }
    for other in [
        MAIL.replace("09:15", "09:16"),
        MAIL.replace("words", "swords"),
        MAIL.replace("The quay", "Re: The quay"),
        MAIL.replace("ada@", "eda@"),
    ] {
        assert_ne!(read(&other).content_key, content, "{other}");
    }
    assert_eq!(read("Subject: x\n\nbody").content_key, None);
    assert_eq!(read("Subject: x\nFrom: a@a.example\n\n").content_key, None);
}
