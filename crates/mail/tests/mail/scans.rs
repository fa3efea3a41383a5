//! Print-outs that scanning has damaged, and what stands in them where it should not.

use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::Sha256;
use muckrake_mail::print;

fn read(text: &str) -> Vec<Message> {
    let found = print::read(text.as_bytes(), &Sha256([7; 32]));
    found.into_iter().map(|found| found.message).collect()
}

fn only(text: &str) -> Message {
    let mut found = read(text);
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

/// Names, or addresses where there is no name.
fn told(mentions: &[Mention]) -> Vec<&str> {
    mentions
        .iter()
        .filter_map(|mention| mention.name.as_deref().or(mention.address.as_deref()))
        .collect()
}

/// Local seconds.
fn sent(message: &Message) -> Option<i64> {
    message.date.map(|date| date.local)
}

/// Computed with `date -u -d '2001-05-15 16:17' +%s`.
const MAY: i64 = 989_943_420;

#[test]
fn columns_whose_date_and_label_are_damaged() {
    let text = "From:\nSent:\nXq:\nCc:\nSubject:\n\nPier, Anne\nTuesday, Mao 15, 2001 04:17 PM\n\
                Quay, Bob;\nDemo, Carol\nTide, Eve\nDredging contract\n\nThe estimate is attached.\n";
    let message = only(text);
    assert_eq!(told(&message.from), ["Pier, Anne"]);
    assert_eq!(sent(&message), Some(MAY));
    assert_eq!(told(&message.to), ["Quay, Bob", "Demo, Carol"]);
    assert_eq!(told(&message.cc), ["Tide, Eve"]);
    assert_eq!(message.subject.as_deref(), Some("Dredging contract"));
    assert_eq!(message.body[0].text, "The estimate is attached.\n");
}

#[test]
fn columns_in_which_a_value_is_missing() {
    let without_copies = "From:\nSent:\nTo:\nCc:\nSubject:\n\nanne@pier.example\n5/15/2001 4:17 PM\n\
                          bob@dep.example\nDredging contract\n\nDone.\n";
    let message = only(without_copies);
    assert_eq!(told(&message.to), ["bob@dep.example"]);
    assert_eq!(told(&message.cc), [""; 0]);
    assert_eq!(message.subject.as_deref(), Some("Dredging contract"));
    let without_sender =
        "From:\nSent:\nTo:\nSubject:\n\n5/15/2001 4:17 PM\nbob@dep.example\nPiers\n\nDone.\n";
    let message = only(without_sender);
    assert_eq!(told(&message.from), [""; 0]);
    assert_eq!(sent(&message), Some(MAY));
    assert_eq!(message.subject.as_deref(), Some("Piers"));
}

#[test]
fn a_date_is_mended_only_to_what_it_can_be_alone() {
    let date = |words: &str| {
        sent(&only(&format!(
            "From: Anne Pier\nSent: {words}\nTo: Bob Quay\nSubject: Piers\n\nDone.\n"
        )))
    };
    // Computed with `date -u -d … +%s`.
    for (words, expected) in [
        ("Tuesday, Mao 15, 2001 04:17 PM", Some(MAY)),
        ("Mao 15, 2001 04:17 PM", None),
        ("Wednesday, Octobcr 24, 2001 06:55 AM", Some(1_003_906_500)),
        ("Monday, Septernber 24, 2001 02:42 PM", Some(1_001_342_520)),
    ] {
        assert_eq!(date(words), expected, "{words}");
    }
}

#[test]
fn names_whose_address_is_on_the_next_line() {
    let text = "From: Anne Pier <anne@pier.example>\nSent: Tuesday, May 15, 2001 4:17 PM\nTo: Bob Quay <bob@dep.example>; Carol Demo\n\
                <carol@dep.example>; Eve Tide\n<eve@dep.example>\nSubject: Piers\n\nDone.\n";
    let message = only(text);
    let addresses: Vec<_> = message
        .to
        .iter()
        .map(|one| one.address.as_deref())
        .collect();
    let expected = ["bob@dep.example", "carol@dep.example", "eve@dep.example"];
    assert_eq!(addresses, expected.map(Some));
    assert_eq!(message.subject.as_deref(), Some("Piers"));
}

#[test]
fn a_later_message_of_the_same_subject_is_not_quoted() {
    let print = |day: u32| {
        format!(
            "From: Anne Pier\nSent: May {day}, 2001 4:17 PM\nTo: Bob Quay\nSubject: Piers\n\n{}\n",
            "words\n".repeat(30)
        )
    };
    let first = print(15);
    assert_eq!(read(&format!("{first}\x0c{}", print(18))).len(), 2);
    // What is quoted was written before.
    assert_eq!(read(&format!("{first}\x0c{}", print(11))).len(), 1);
}

#[test]
fn whoever_writes_on_every_page_is_no_boilerplate() {
    let page = |subject: &str| {
        format!(
            "From:\nanne.pier.of.the.harbour@pier.example\nSent:\nMay 15, 2001 4:17 PM\nTo:\nBob Quay\nSubject:\n{subject}\n\nDone.\n\x0c"
        )
    };
    let found = read(&format!(
        "{}{}{}",
        page("Piers"),
        page("Dredging"),
        page("Boats")
    ));
    assert_eq!(found.len(), 3);
    for message in &found {
        assert_eq!(
            told(&message.from),
            ["anne.pier.of.the.harbour@pier.example"]
        );
    }
}

#[test]
fn a_file_that_starts_with_a_damaged_header_is_a_print() {
    let printed = "From: Anne Pier\nScnt: Tuesday, May 15, 2001 4:17 PM\nTo: Bob Quay\nSubject: Piers\n\nDone.\n";
    assert!(print::is_printed_header(printed.as_bytes()));
    let mail =
        "From: anne@pier.example\nTo: bob@dep.example\nSubject: Piers\n\nSent: 5/15/2001 4:17 PM\n";
    assert!(!print::is_printed_header(mail.as_bytes()));
}
