//! Commits, deletions, locks, formats.

use std::fs;

use muckrake_index::Document;
use muckrake_index::Index;
use muckrake_index::IndexError;
use muckrake_index::SearchRequest;
use muckrake_index::Writer;

use crate::mail::Indexed;
use crate::mail::Known;
use crate::mail::Mail;
use crate::mail::query_of;

fn add(writer: &mut Writer, ordinal: u32, text: &str) {
    let mail = Mail::new().body(text);
    let document = Document {
        ordinal,
        message: &mail.message,
        utc: None,
        record: b"r",
    };
    writer.add(document).unwrap();
}

fn found(index: &Index) -> Vec<u32> {
    let query = query_of("word");
    let reader = index.reader().unwrap();
    let set = reader
        .ordinals(&SearchRequest::new(&query), &Known::default())
        .unwrap();
    set.iter().collect()
}

#[test]
fn nothing_is_seen_before_the_commit_and_all_of_it_after() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(folder.path()).unwrap();
    assert_eq!(index.reader().unwrap().payload(), "");
    let mut writer = index.writer(0, 2).unwrap();
    add(&mut writer, 0, "word");
    assert!(found(&index).is_empty());
    writer.commit("first").unwrap();
    let before = index.reader().unwrap();
    add(&mut writer, 1, "word");
    writer.rollback().unwrap();
    add(&mut writer, 2, "word");
    writer.commit("second").unwrap();
    assert_eq!(found(&index), [0, 2]);
    assert_eq!(index.reader().unwrap().payload(), "second");
    assert_eq!(before.payload(), "first");
    assert_eq!(before.message_count(), 1);
}

#[test]
fn a_writer_that_has_failed_keeps_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("index");
    let aside = folder.path().join("aside");
    let index = Index::create(&place).unwrap();
    let mut writer = index.writer(0, 2).unwrap();
    add(&mut writer, 0, "word");
    writer.commit("1").unwrap();
    // The folder is not there when the segment has to be written, and then it is again.
    fs::rename(&place, &aside).unwrap();
    add(&mut writer, 1, "word");
    let failed = writer.commit("2");
    assert!(matches!(failed, Err(IndexError::File { .. })), "{failed:?}");
    fs::rename(&aside, &place).unwrap();
    assert!(matches!(writer.commit("2"), Err(IndexError::Abandoned)));
    let reader = index.reader().unwrap();
    assert_eq!((reader.payload(), reader.message_count()), ("1", 1));
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// A writer died when it had written what is deleted, and not yet its commit.
#[test]
fn what_a_dead_writer_left_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let (place, aside) = (folder.path().join("index"), folder.path().join("aside"));
    let index = Index::create(&place).unwrap();
    let mut writer = index.writer(0, 1).unwrap();
    add(&mut writer, 0, "word");
    add(&mut writer, 1, "word");
    writer.commit("1").unwrap();
    drop(writer);
    fs::create_dir(&aside).unwrap();
    for name in names(&place) {
        let _ = fs::copy(place.join(&name), aside.join(&name)).unwrap();
    }
    let delete = |index: &Index| {
        let mut writer = index.writer(0, 1).unwrap();
        writer.delete_from(1).unwrap();
        writer.commit("2")
    };
    delete(&index).unwrap();
    let kept = names(&place);
    let left = kept.iter().find(|name| name.ends_with(".del")).unwrap();
    fs::write(aside.join(left), "half of").unwrap();
    let again = Index::open(&aside).unwrap();
    delete(&again).unwrap();
    assert_eq!(found(&again), [0]);
    assert_ne!(fs::read(aside.join(left)).unwrap(), b"half of");
}

#[test]
fn deleted_messages_never_show() {
    let mails: Vec<Mail> = (0..20).map(|_| Mail::new().body("word")).collect();
    let indexed = Indexed::in_batches(&mails, 6);
    let index = indexed.index;
    let mut writer = index.writer(0, 1).unwrap();
    writer.delete_from(15).unwrap();
    writer.delete([0, 7].into_iter().collect()).unwrap();
    add(&mut writer, 15, "word again");
    writer.commit("").unwrap();
    let expected: Vec<u32> = (1..16).filter(|ordinal| *ordinal != 7).collect();
    assert_eq!(found(&index), expected);
    writer.optimise().unwrap();
    assert_eq!(found(&index), expected);
    let reader = index.reader().unwrap();
    assert_eq!((reader.segment_count(), reader.message_count()), (1, 14));
    assert_eq!(reader.record(7).unwrap(), None);
    let query = query_of("*");
    assert_eq!(
        reader
            .count(&SearchRequest::new(&query), &Known::default())
            .unwrap(),
        14
    );
}

#[test]
fn there_is_one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(folder.path()).unwrap();
    let writer = index.writer(0, 1).unwrap();
    let other = Index::open(folder.path()).unwrap();
    assert!(matches!(other.writer(0, 1), Err(IndexError::Locked { .. })));
    drop(writer);
    assert!(other.writer(0, 1).is_ok());
}

#[test]
fn an_index_of_another_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Index::create(folder.path()).unwrap());
    assert!(Index::open(folder.path()).is_ok());
    assert!(Index::create(folder.path()).is_err());
    fs::write(folder.path().join("muckrake-index-format"), "999").unwrap();
    assert!(matches!(
        Index::open(folder.path()),
        Err(IndexError::Format { .. })
    ));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        Index::open(empty.path()),
        Err(IndexError::File { .. })
    ));
}

#[test]
fn hostile_texts_are_indexed_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::create(folder.path()).unwrap();
    let mut writer = index.writer(0, 1).unwrap();
    let long = "x".repeat(200_000);
    let mails = [
        Mail::new().body("word\u{FDD3}\u{FDD1}word \u{1}q \u{0}"),
        Mail::new()
            .body(&format!("word {long}"))
            .header(&long, "value"),
        Mail::new()
            .from(&long, &format!("{long}@{long}"))
            .subject("word\u{FDD4}a\nb"),
        Mail::new()
            .header("X\nY", "word")
            .header("", "word")
            .body("word"),
    ];
    for (ordinal, mail) in (0..).zip(&mails) {
        let document = Document {
            ordinal,
            message: &mail.message,
            utc: Some(i64::MIN),
            record: b"",
        };
        writer.add(document).unwrap();
    }
    writer.commit("").unwrap();
    assert_eq!(found(&index), [0, 1, 2, 3]);
}
