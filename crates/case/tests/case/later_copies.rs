//! Copies that say more than the first one of their message.

use std::fs;

use crate::desk::Desk;
use crate::desk::Write;
use crate::desk::blind;
use crate::desk::mail;

#[test]
fn what_only_one_copy_says_is_found_in_either_order() {
    let (plain, more): (Write, Write) = (mail, blind);
    for (first, second) in [(plain, more), (more, plain)] {
        let desk = Desk::new();
        desk.put("in/a.eml", first(1, "The harbour contract."));
        desk.put("in/b.eml", second(1, "The harbour contract."));
        desk.put("in/c.eml", mail(2, "Lunch?"));
        let summary = desk.ingest(&desk.path("in"), "one");
        assert_eq!((summary.messages_new, summary.duplicates_new), (2, 1));
        for query in [
            "bcc:cmarsh@upland.example",
            "bcc:marsh",
            "header.x-gmail-labels:weir",
        ] {
            assert_eq!(desk.count(query), 1, "{query}");
        }
        assert_eq!(desk.count("bcc:marsh harbour"), 1);
        assert_eq!(desk.count("*"), 2);
        let view = desk.case.message(&desk.ids("bcc:marsh")[0]).unwrap();
        assert_eq!(view.hit.bcc.len(), 1);
        assert_eq!(view.hit.from.len(), 1);
        assert_eq!(view.hit.copies.len(), 2);
        desk.balanced();
    }
}

#[test]
fn a_copy_that_is_forgotten_takes_what_only_it_said_with_it() {
    let desk = Desk::new();
    let plain = desk.put("one.eml", mail(1, "The harbour contract."));
    let more = desk.put("two.eml", blind(1, "The harbour contract."));
    desk.ingest(&plain, "one");
    assert_eq!(desk.count("bcc:marsh"), 0);
    desk.ingest(&more, "two");
    assert_eq!(desk.count("bcc:marsh"), 1);
    desk.case.forget_release("two").unwrap();
    assert_eq!(desk.count("bcc:marsh"), 0);
    assert_eq!(desk.count("harbour"), 1);
}

#[test]
fn a_note_that_a_dead_writer_left_is_worked_off_by_the_next() {
    let desk = Desk::new();
    let plain = desk.put("one.eml", mail(1, "The harbour contract."));
    let more = desk.put("two.eml", blind(1, "The harbour contract."));
    desk.ingest(&plain, "one");
    // As after a death between ledger and index: the copy is there, the document is not yet
    // made again, because its source could not be read at that time.
    let away = desk.path("away.eml");
    fs::rename(&plain, &away).unwrap();
    desk.ingest(&more, "two");
    assert_eq!(desk.count("bcc:marsh"), 0);
    let notices = desk.case.notices().unwrap();
    assert!(
        notices
            .iter()
            .any(|notice| notice.contains("of which one cannot be read: 1;")),
        "{notices:?}"
    );
    fs::rename(&away, &plain).unwrap();
    desk.ingest(&more, "two");
    assert_eq!(desk.count("bcc:marsh"), 1);
    assert_eq!(desk.count("*"), 1);
    assert!(desk.case.notices().unwrap().is_empty());
}

/// Draft and trash are in the name of a Maildir file and not in its bytes.
#[test]
fn what_a_file_name_says_outlives_what_a_later_copy_says() {
    for names in [
        ["in/a.eml", "box/cur/1.host:2,ST"],
        ["box/cur/1.host:2,ST", "in/a.eml"],
    ] {
        let desk = Desk::new();
        let trashed = |name: &str| name.contains("cur");
        for (number, name) in names.into_iter().enumerate() {
            for sibling in ["new", "tmp"] {
                fs::create_dir_all(desk.path("box").join(sibling)).unwrap();
            }
            let text = if trashed(name) {
                mail(1, "The harbour contract.")
            } else {
                blind(1, "The harbour contract.")
            };
            desk.put(name, text);
            let folder = if trashed(name) { "box" } else { "in" };
            desk.ingest(&desk.path(folder), &format!("release-{number}"));
        }
        assert_eq!(desk.count("*"), 1);
        assert_eq!(desk.count("is:deleted bcc:marsh"), 1, "{names:?}");
        desk.balanced();
    }
}

/// The document was made from the copy that goes, and nothing else told the two apart.
#[test]
fn a_message_says_no_more_than_the_copies_that_are_left() {
    let desk = Desk::new();
    let noted =
        mail(1, "The harbour contract.").replacen("Subject:", "X-Note: bollard\r\nSubject:", 1);
    let first = desk.put("one.eml", noted);
    let second = desk.put("two.eml", mail(1, "The harbour contract."));
    desk.ingest(&first, "one");
    desk.ingest(&second, "two");
    assert_eq!(desk.count("header.x-note:bollard"), 1);
    desk.case.forget_release("one").unwrap();
    assert_eq!(desk.count("*"), 1);
    assert_eq!(desk.count("header.x-note:bollard"), 0);
}

/// A death between the commit of the index and that of the ledger: the document is made
/// again already, its note is still there. And one before both.
#[test]
fn a_note_is_worked_off_whether_or_not_the_document_was_made() {
    for made in [true, false] {
        let desk = Desk::new();
        desk.put("in/a.eml", mail(1, "The harbour contract."));
        desk.put("in/b.eml", blind(1, "The harbour contract."));
        desk.put("in/c.eml", mail(2, "Lunch?"));
        if made {
            desk.ingest(&desk.path("in"), "one");
        } else {
            let away = desk.path("away.eml");
            desk.ingest(&desk.path("in/a.eml"), "one");
            fs::rename(desk.path("in/a.eml"), &away).unwrap();
            desk.ingest(&desk.path("in"), "one");
            fs::rename(&away, desk.path("in/a.eml")).unwrap();
            assert_eq!(desk.count("bcc:marsh"), 0);
        }
        let ledger = desk.open_ledger();
        ledger
            .execute(
                "INSERT OR IGNORE INTO restate (message) SELECT ordinal FROM messages",
                [],
            )
            .unwrap();
        drop(ledger);
        let notices = desk.case.notices().unwrap();
        let told = |text: &str| notices.iter().any(|notice| notice.contains(text));
        assert!(told("the next ingest finishes it"), "{notices:?}");
        desk.ingest(&desk.path("in"), "one");
        for (query, count) in [("bcc:marsh", 1), ("harbour", 1), ("*", 2)] {
            assert_eq!(desk.count(query), count, "{query}, {made}");
        }
        assert_eq!(desk.ids("*").len(), 2);
    }
}
