//! The folder of a case, and its ledger.

use std::fs;

use muckrake_case::Case;
use muckrake_case::CaseError;

use crate::desk::Desk;
use crate::desk::carrier;
use crate::desk::mail;
use crate::desk::mbox;
use crate::desk::tar;

#[test]
fn a_folder_that_is_no_case_is_left_alone() {
    let desk = Desk::new();
    desk.put("pictures/a.txt", "mine");
    let folder = desk.path("pictures");
    assert!(matches!(
        Case::open_or_create(&folder),
        Err(CaseError::NotACase { .. })
    ));
    assert!(matches!(
        Case::open(&desk.path("nowhere")),
        Err(CaseError::NoCase { .. })
    ));
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}

/// What a search leaves open must not hide what another process does to the case.
#[test]
fn a_case_that_stays_open_sees_what_others_change() {
    let desk = Desk::new();
    let path = desk.path("in");
    desk.put("in/1.eml", mail(1, "The harbour contract."));
    desk.ingest(&path, "one");
    let other = Case::open(&desk.path("case")).unwrap();
    let found = |case: &Case, text: &str| case.count(&desk.query(text)).unwrap();
    assert_eq!(found(&other, "harbour"), 1);
    desk.put("in/2.eml", mail(2, "Another harbour contract."));
    desk.ingest(&path, "one");
    assert_eq!(found(&other, "harbour"), 2);
    desk.rebuild().unwrap();
    assert_eq!(found(&other, "harbour"), 2);
    // The ledger is another file now; what goes on in it has to be seen.
    desk.put("in/3.eml", mail(3, "No contract."));
    desk.ingest(&path, "three");
    assert_eq!(found(&other, "release:three"), 3);
    desk.case.forget_release("one").unwrap();
    assert_eq!(found(&other, "*"), 3);
    assert!(other.count(&desk.query("release:one")).is_err());
}

#[test]
fn sums_that_do_not_hold_are_told() {
    let breaks = [
        // The message has other copies, so that only the mailbox misses this one.
        "DELETE FROM copies WHERE id = (SELECT min(id) FROM copies WHERE path_inside IS NULL)",
        "DELETE FROM copies WHERE id = (SELECT min(id) FROM copies WHERE path_inside IS NOT NULL)",
        "UPDATE copies SET path_inside = 'other' WHERE id = (SELECT min(id) FROM copies)",
        "UPDATE mailboxes SET messages = messages + 1 WHERE path_inside IS NOT NULL",
        "UPDATE mailboxes SET bytes = bytes + 1, separator_bytes = separator_bytes + 1
         WHERE path_inside IS NULL",
        "DELETE FROM mailboxes WHERE path_inside IS NULL",
        "UPDATE sources SET size = size - 1 WHERE kind = 'mbox'",
    ];
    for broken in breaks {
        let desk = Desk::new();
        let messages = [mail(1, "The harbour contract."), mail(2, "Lunch?")];
        let twice = mbox(&[
            messages[1].clone(),
            messages[0].clone(),
            messages[1].clone(),
        ]);
        desk.put("in/a.mbox", &twice);
        desk.put("in/b.tar", tar("in.mbox", twice.as_bytes()));
        let carrier = carrier(&messages[0]);
        desk.put("in/c.mbox", mbox(&[carrier]));
        desk.ingest(&desk.path("in"), "one");
        desk.balanced();
        let ledger = desk.open_ledger();
        assert!(ledger.execute(broken, []).unwrap() > 0, "{broken}");
        assert!(!desk.case.ledger().unwrap().totals.balanced, "{broken}");
    }
}
