//! Invented mail by the standards and against them, each file with what is expected of it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use muckrake_mail::DateSource;
use muckrake_mail::Flag;
use muckrake_mail::KeyBasis;
use muckrake_mail::Limits;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::parse;

/// Flags that a fixture may expect; the others are the business of other tests.
const CHECKED_FLAGS: [Flag; 3] = [Flag::Bounce, Flag::Encrypted, Flag::Unreadable];

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name)
}

pub(crate) fn mails(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut mails: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect();
    mails.sort();
    assert!(!mails.is_empty(), "no mail in fixtures/{name}");
    mails
}

#[test]
fn fixtures_are_read_as_expected() {
    for path in [mails("rfc"), mails("malformed")].concat() {
        let raw = fs::read(&path).unwrap();
        let message = parse(&raw, &Limits::default());
        let expected = fs::read_to_string(path.with_extension("expected")).unwrap();
        assert_eq!(told(&message), expected, "{}", path.display());
    }
}

#[test]
fn line_ends_change_neither_id_nor_text() {
    for path in [mails("rfc"), mails("malformed")].concat() {
        let raw = fs::read(&path).unwrap();
        let text = raw.iter().flat_map(|byte| {
            if *byte == b'\n' {
                vec![b'\r', b'\n']
            } else {
                vec![*byte]
            }
        });
        let twin = parse(&text.collect::<Vec<u8>>(), &Limits::default());
        let message = parse(&raw, &Limits::default());
        assert_eq!(twin.body, message.body, "{}", path.display());
        // Files that are no text and came without encoding are other bytes with other line ends.
        let encoded = message
            .attachments
            .iter()
            .zip(&twin.attachments)
            .all(|(one, other)| one.sha256 == other.sha256);
        if encoded && message.key_basis == KeyBasis::Content {
            assert_eq!(twin.key, message.key, "{}", path.display());
            assert_eq!(twin.content_key, message.content_key, "{}", path.display());
        }
    }
}

/// What a message says, a line a fact, in the words of the `.expected` files.
fn told(message: &Message) -> String {
    let mut lines = Vec::new();
    if message.key_basis == KeyBasis::Bytes {
        lines.push("basis: bytes".to_owned());
    }
    if message
        .defects
        .iter()
        .any(|defect| format!("{:?}", defect.code) == "SeveralMessageIds")
    {
        lines.push(format!(
            "id: {}",
            message.message_id.as_deref().unwrap_or_default()
        ));
    }
    lines.extend(
        message
            .subject
            .iter()
            .map(|subject| format!("subject: {subject}")),
    );
    lines.extend(
        message
            .from
            .iter()
            .map(|mention| format!("from: {}", person(mention))),
    );
    lines.extend(
        message
            .to
            .iter()
            .map(|mention| format!("to: {}", person(mention))),
    );
    if let Some(date) = message.date {
        let (days, seconds) = (date.local.div_euclid(86_400), date.local.rem_euclid(86_400));
        // The fixtures are all of September 2017: the 1st is day 17,410.
        let clock = format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
        let source = if date.source == DateSource::Header {
            String::new()
        } else {
            format!(" {:?}", date.source)
        };
        lines.push(format!(
            "date: 2017-09-{:02}T{clock} {}{source}",
            days - 17_409,
            date.offset.unwrap()
        ));
    }
    lines.extend(
        message
            .flags
            .iter()
            .filter(|flag| CHECKED_FLAGS.contains(flag))
            .map(|flag| format!("flag: {flag:?}")),
    );
    for part in &message.body {
        let word = if part.alternative { "other" } else { "body" };
        lines.push(format!(
            "{word} {}: {}",
            part.part,
            part.text.trim_end().replace('\n', "|")
        ));
    }
    for file in &message.attachments {
        let name = file.name.as_deref().unwrap_or("-");
        lines.push(format!(
            "file {}: {name} {} {} {:?}",
            file.part, file.content_type, file.size, file.state
        ));
    }
    for attached in &message.attached {
        let subject = attached.message.subject.as_deref().unwrap_or_default();
        lines.push(format!("attached {}: {subject}", attached.part));
    }
    lines.extend(
        message
            .defects
            .iter()
            .map(|defect| format!("defect: {:?}", defect.code)),
    );
    lines.join("\n") + "\n"
}

fn person(mention: &Mention) -> String {
    match (&mention.name, &mention.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.clone().or(address.clone()).unwrap_or_default(),
    }
}
