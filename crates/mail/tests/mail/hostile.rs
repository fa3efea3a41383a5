//! Mail that was made to hurt: it is read up to the limits, in time, and says so.

use std::time::Duration;
use std::time::Instant;

use muckrake_mail::AttachmentState;
use muckrake_mail::DefectCode;
use muckrake_mail::Flag;
use muckrake_mail::KeyBasis;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::parse;

/// Far above what any of these takes, far below what quadratic work would.
const PATIENCE: Duration = Duration::from_secs(60);

const HEAD: &str = "Message-ID: <h@a.example>\nFrom: a@a.example\nDate: Tue, 12 Sep 2017 09:15:00 +0000\nSubject: x\n";

fn read(raw: impl AsRef<[u8]>) -> Message {
    let started = Instant::now();
    let message = parse(raw.as_ref(), &Limits::default());
    assert!(started.elapsed() < PATIENCE, "took {:?}", started.elapsed());
    message
}

fn codes(message: &Message) -> Vec<DefectCode> {
    message.defects.iter().map(|defect| defect.code).collect()
}

#[test]
fn twenty_thousand_nested_multiparts() {
    let mut raw = HEAD.to_owned();
    for level in 0..20_000 {
        raw.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        ));
    }
    raw.push_str("\nburied words\n");
    let message = read(&raw);
    assert!(codes(&message).contains(&DefectCode::TooDeep));
    assert!(
        message
            .body
            .iter()
            .any(|part| part.text.contains("buried words")),
        "the text is kept"
    );
    assert_eq!(message.key_basis, KeyBasis::Bytes);
}

#[test]
fn two_hundred_thousand_nested_messages() {
    let raw = HEAD.to_owned()
        + &"Content-Type: message/rfc822\n\n".repeat(200_000)
        + "Subject: inside\n\nburied\n";
    let message = read(&raw);
    let (mut depth, mut inner) = (0, &message);
    while let Some(attached) = inner.attached.first() {
        depth += 1;
        inner = &attached.message;
    }
    assert_eq!(depth, Limits::default().nesting);
    assert!(matches!(
        inner.attachments.first().unwrap().state,
        AttachmentState::Unread(_)
    ));
    assert!(inner.flags.contains(&Flag::Unreadable));
}

#[test]
fn a_million_parts() {
    let raw = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\nx\n".repeat(1_000_000)
    );
    let message = read(&raw);
    assert_eq!(message.body.len(), Limits::default().parts);
    assert!(codes(&message).contains(&DefectCode::TooManyParts));
    assert!(message.flags.contains(&Flag::Unreadable));
}

#[test]
fn multiparts_whose_boundary_never_comes() {
    let mut raw = HEAD.to_owned() + "Content-Type: multipart/mixed; boundary=b\n\n";
    for part in 0..9_000 {
        raw.push_str(&format!(
            "--b\nContent-Type: multipart/alternative; boundary=c{part}\n\nx\n"
        ));
    }
    let message = read(&raw);
    assert_eq!(message.body.len(), 9_000);
}

#[test]
fn a_header_of_ten_megabytes() {
    let raw = format!("{HEAD}X-Long: {}\n\nbody\n", "x".repeat(10_000_000));
    let message = read(&raw);
    let long = message
        .headers
        .iter()
        .find(|header| header.name == "X-Long")
        .unwrap();
    assert_eq!(long.value.len(), Limits::default().header_bytes - 1);
    assert!(codes(&message).contains(&DefectCode::HeaderTooLong));
    assert_eq!(message.subject.as_deref(), Some("x"));
}

#[test]
fn two_million_fields() {
    let raw = format!("{HEAD}{}\nbody\n", "A: b\n".repeat(2_000_000));
    let message = read(&raw);
    let within = Limits::default().header_block_bytes / "A: b\n".len();
    assert!((within - 100..within + 100).contains(&message.headers.len()));
    assert!(codes(&message).contains(&DefectCode::HeaderTooLong));
    assert_eq!(message.subject.as_deref(), Some("x"));
    assert_eq!(
        message.body[0].text, "body\n",
        "the body begins behind all fields"
    );
    assert_eq!(
        message.key_basis,
        KeyBasis::Bytes,
        "nothing is bound on fields that were passed over"
    );
}

#[test]
fn a_fold_behind_the_limit_belongs_to_no_field_before_it() {
    let raw = format!("{HEAD}X-One: 1\nX-Two: 2\n folded\nSubject: late\n\nbody\n");
    let limits = Limits {
        header_block_bytes: HEAD.len() + 5,
        ..Limits::default()
    };
    let message = parse(raw.as_bytes(), &limits);
    let last = message.headers.iter().last().unwrap();
    assert_eq!((last.name, last.value), ("X-One", "1"));
    assert_eq!(message.body[0].text, "body\n");
}

#[test]
fn headers_that_make_parsers_go_back() {
    read(format!("Subject: {}\n\nx", "=?utf-8?q?".repeat(500_000)));
    read(format!(
        "Subject: {}\n\nx",
        "=?utf-8?q?a?= ".repeat(300_000)
    ));
    read(format!("To: {}\n\nx", "\"<(".repeat(1_000_000)));
    read(format!("References: {}\n\nx", "<".repeat(3_000_000)));
    read(format!(
        "Content-Type: text/plain; {}\n\nx",
        "a*0*=b;".repeat(500_000)
    ));
    read(format!(
        "Subject: x\n{}\n\nx",
        "not a field\n".repeat(300_000)
    ));
    read("Subject: x\n".repeat(300_000));
}

#[test]
fn bodies_that_make_parsers_go_back() {
    let html = "Subject: x\nContent-Type: text/html\n\n";
    read(format!("{html}{}", "<div><blockquote>".repeat(200_000)));
    read(format!(
        "{html}{}",
        "<a href=http://x.example>".repeat(200_000)
    ));
    read(format!("{html}{}", "<!--<title>".repeat(200_000)));
    read(format!("{html}{}", "&#".repeat(500_000)));
    read(format!("Subject: x\n\n{}", "begin 644 x\n".repeat(300_000)));
    read(format!(
        "Subject: x\n\n{}",
        "begin 644 x\n#0V%T\n".repeat(200_000)
    ));
    read(format!("Subject: x\n\n{}", "--\n".repeat(1_000_000)));
    read(format!(
        "Subject: x\nContent-Type: text/plain; format=flowed\n\n{}",
        "> > a \n".repeat(300_000)
    ));
}

#[test]
fn text_of_an_attachment_beyond_the_limit() {
    let raw = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee file\n--b\nContent-Type: text/csv; name=a.csv\n\n{}\n--b--\n",
        "1,2\n".repeat(1000)
    );
    let limits = Limits {
        attachment_text_bytes: 1000,
        ..Limits::default()
    };
    let message = parse(raw.as_bytes(), &limits);
    let file = message.attachments.first().unwrap();
    assert_eq!(file.text.as_ref().map(String::len), Some(1000));
    assert_eq!(file.size, 4000);
    assert!(matches!(file.state, AttachmentState::Unread(_)));
    assert!(codes(&message).contains(&DefectCode::TextTooLong));
}

#[test]
fn text_of_a_body_beyond_the_limit() {
    let limits = Limits {
        body_text_bytes: 10,
        ..Limits::default()
    };
    let two = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1234567\n--b\nContent-Type: text/html\n\n<p>gr\u{fc}\u{df}e aus\n\
         --b\n\nthe rest\n--b--\n"
    );
    let message = parse(two.as_bytes(), &limits);
    let texts: Vec<&str> = message.body.iter().map(|part| part.text.as_str()).collect();
    // The third byte that is left is the first of two.
    assert_eq!(texts, ["1234567", "gr"]);
    let cut: Vec<&str> = message
        .defects
        .iter()
        .filter(|defect| defect.code == DefectCode::BodyTooLong)
        .map(|defect| defect.detail.as_str())
        .collect();
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(cut[1].contains("of 8 bytes only the first 0"), "{cut:?}");
    assert!(message.flags.contains(&Flag::Unreadable));
    let whole = parse(two.as_bytes(), &Limits::default());
    assert_eq!(whole.body.len(), 3);
    assert_eq!(message.key, whole.key, "an id does not depend on limits");
    assert_eq!(message.content_key, None, "what is cut is bound to nothing");
    let exact = parse(format!("{HEAD}\n1234567890").as_bytes(), &limits);
    assert_eq!(exact.body[0].text, "1234567890");
    assert!(!codes(&exact).contains(&DefectCode::BodyTooLong));
}

/// A file that stands as text behind what is cut off is an attachment all the same.
#[test]
fn a_file_beyond_the_limit_of_the_body_is_listed() {
    let limits = Limits {
        body_text_bytes: 10,
        ..Limits::default()
    };
    let raw = format!(
        "{HEAD}\n{}\nbegin 644 a.txt\n#0V%T\n`\nend\n",
        "words ".repeat(10)
    );
    let message = parse(raw.as_bytes(), &limits);
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(message.attachments[0].name.as_deref(), Some("a.txt"));
}

#[test]
fn next_to_nothing() {
    for raw in [
        "",
        "\n",
        "\r",
        "\r\n\r\n",
        "From ",
        ":",
        " ",
        "\u{feff}",
        "--",
        "From x\n>From y\n\n",
    ] {
        let message = read(raw);
        assert_eq!(message.key_basis, KeyBasis::Bytes, "{raw:?}");
        assert_eq!(message.content_key, None);
        assert_eq!(message.size, raw.len() as u64);
    }
}

#[test]
fn ten_thousand_references() {
    let mut raw = HEAD.to_owned() + "References:";
    for number in 0..10_000 {
        raw.push_str(&format!("\n <r{number}@a.example>"));
    }
    let message = read(raw + "\n\nwords\n");
    assert!(codes(&message).contains(&DefectCode::TooManyReferences));
    assert_eq!(message.references.len(), 1_000);
    assert_eq!(message.references[0], "r0@a.example");
    assert_eq!(message.references[1], "r9001@a.example");
    assert_eq!(message.references[999], "r9999@a.example");
}
