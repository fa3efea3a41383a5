//! Sources that come again: the same, grown, changed, moved, or half read.

use std::fs;
use std::sync::atomic::AtomicBool;

use muckrake_case::CaseError;
use muckrake_case::Counters;
use muckrake_case::IngestRequest;
use muckrake_case::SourceState;

use crate::desk::Desk;
use crate::desk::mail;
use crate::desk::mbox;

#[test]
fn ingesting_again_adds_nothing() {
    let desk = Desk::new();
    let path = desk.put("in/a.eml", mail(1, "The harbour contract."));
    desk.put("in/b.eml", mail(2, "Lunch?"));
    let first = desk.ingest(&desk.path("in"), "one");
    assert_eq!(
        (first.sources_new, first.messages_new, first.duplicates_new),
        (2, 2, 0)
    );
    let again = desk.ingest(&desk.path("in"), "one");
    assert_eq!(
        (again.sources_new, again.sources_same, again.copies_new),
        (0, 2, 0)
    );

    // The same file under another path is the same source.
    let moved = desk.path("elsewhere.eml");
    fs::copy(path, &moved).unwrap();
    let elsewhere = desk.ingest(&moved, "one");
    assert_eq!(
        (
            elsewhere.sources_new,
            elsewhere.sources_same,
            elsewhere.totals.copies
        ),
        (0, 1, 2)
    );
    desk.balanced();
}

#[test]
fn identical_files_side_by_side_are_two_copies_of_one_message() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "The harbour contract."));
    desk.put("in/b.eml", mail(1, "The harbour contract."));
    let summary = desk.ingest(&desk.path("in"), "one");
    let totals = summary.totals;
    assert_eq!(
        (
            totals.sources,
            totals.copies,
            totals.messages,
            totals.duplicates
        ),
        (2, 2, 1, 1)
    );
    assert_eq!(desk.ingest(&desk.path("in"), "one").sources_same, 2);
    desk.balanced();
}

#[test]
fn a_mailbox_that_grows_adds_what_is_new() {
    let desk = Desk::new();
    let path = desk.put("all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.ingest(&path, "one");
    let before = desk.ids("*");
    desk.put(
        "all.mbox",
        mbox(&[mail(1, "one"), mail(2, "two"), mail(3, "three")]),
    );
    let summary = desk.ingest(&path, "one");
    assert_eq!(
        (
            summary.messages_new,
            summary.sources_grown,
            summary.messages_removed
        ),
        (1, 1, 0)
    );
    assert_eq!(
        (
            summary.totals.sources,
            summary.totals.copies,
            summary.totals.messages
        ),
        (1, 3, 3)
    );
    assert!(before.iter().all(|id| desk.ids("*").contains(id)));
    desk.balanced();
}

#[test]
fn a_mailbox_that_changes_otherwise_keeps_what_was_read() {
    let desk = Desk::new();
    let path = desk.put("all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.ingest(&path, "one");
    desk.put("all.mbox", mbox(&[mail(2, "two"), mail(3, "three")]));
    let checks = desk.verify();
    assert!(matches!(checks[0].state, SourceState::Changed { .. }));
    let summary = desk.ingest(&path, "one");
    assert_eq!((summary.sources_changed, summary.totals.messages), (1, 3));
    assert_eq!(desk.count("subject:dredging"), 3);
    desk.balanced();
}

#[test]
fn a_message_that_is_longer_now_is_another_message() {
    let desk = Desk::new();
    let path = desk.put("1.eml", mail(1, "one"));
    desk.ingest(&path, "one");
    fs::write(&path, mail(1, "one") + "more\r\n").unwrap();
    let summary = desk.ingest(&path, "one");
    assert_eq!(
        (
            summary.sources_changed,
            summary.sources_grown,
            summary.totals.messages
        ),
        (1, 0, 2)
    );
    desk.balanced();
}

#[test]
fn files_that_swap_names_are_where_they_went() {
    // Of one size, and of two.
    for text in ["The harbour contract.", "Lunch?"] {
        let desk = Desk::new();
        let contents = [mail(1, "The harbour lawsuits."), mail(2, text)];
        let paths = [
            desk.put("in/a.eml", &contents[0]),
            desk.put("in/b.eml", &contents[1]),
        ];
        for (path, seconds) in paths.iter().zip([1_500_000_000, 1_500_000_001]) {
            let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(modified).unwrap();
        }
        desk.ingest(&desk.path("in"), "one");
        let ids = [desk.ids("lawsuits"), desk.ids("subject:\"Dredging 2\"")];
        fs::rename(&paths[0], desk.path("aside")).unwrap();
        fs::rename(&paths[1], &paths[0]).unwrap();
        fs::rename(desk.path("aside"), &paths[1]).unwrap();
        let again = desk.ingest(&desk.path("in"), "one");
        assert_eq!(
            (again.sources_new, again.sources_same, again.copies_new),
            (0, 2, 0)
        );
        let checks = desk.verify();
        let states: Vec<_> = checks.iter().map(|check| check.state.clone()).collect();
        assert_eq!(states, [SourceState::Same, SourceState::Same]);
        for (id, content) in ids.iter().zip(&contents) {
            let raw = desk.case.raw(&id[0], false).unwrap();
            assert_eq!(raw, content.as_bytes());
        }
        desk.balanced();
    }
}

#[test]
fn sources_that_move_are_found_again() {
    let desk = Desk::new();
    desk.put("old/in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("old"), "one");
    fs::rename(desk.path("old"), desk.path("new")).unwrap();
    let id = desk.ids("*")[0].clone();
    assert!(matches!(
        desk.case.raw(&id, false),
        Err(CaseError::OriginalUnreachable { .. })
    ));
    let checks = desk.verify();
    assert_eq!(checks[0].state, SourceState::Missing);
    assert!(matches!(
        desk.rebuild(),
        Err(CaseError::SourcesMissing { .. })
    ));
    assert_eq!(
        desk.case
            .relocate(&desk.path("old"), &desk.path("new"))
            .unwrap()
            .moved,
        1
    );
    assert_eq!(
        desk.case.raw(&id, false).unwrap(),
        mail(1, "one").as_bytes()
    );
}

#[test]
fn an_interrupted_ingest_is_told_until_it_is_finished() {
    let desk = Desk::new();
    let path = desk.put("all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    let request = IngestRequest {
        paths: vec![path.clone()],
        release: "one".into(),
        ..IngestRequest::default()
    };
    desk.case
        .ingest(&request, &Counters::default(), &AtomicBool::new(true))
        .unwrap();
    assert!(
        desk.case
            .notices()
            .unwrap()
            .iter()
            .any(|notice| notice.contains("interrupted"))
    );
    desk.ingest(&path, "one");
    assert!(desk.case.notices().unwrap().is_empty());
    assert_eq!(desk.count("*"), 2);
}
