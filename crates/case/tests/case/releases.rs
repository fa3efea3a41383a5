//! Releases: what a second one adds, and what goes when one is forgotten.

use std::fs;

use muckrake_case::CaseError;

use crate::desk::Desk;
use crate::desk::mail;
use crate::desk::mbox;

#[test]
fn a_second_release_adds_copies_and_can_be_forgotten() {
    let desk = Desk::new();
    desk.put("one/all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.put("two/2.eml", mail(2, "two"));
    desk.put("two/3.eml", mail(3, "three"));
    desk.ingest(&desk.path("one"), "one");
    let second = desk.ingest(&desk.path("two"), "two");
    assert_eq!((second.messages_new, second.duplicates_new), (1, 1));
    assert_eq!(desk.count("is:multi-release"), 1);
    assert_eq!(desk.count("release:two -release:one"), 1);
    let releases = desk.case.releases().unwrap();
    assert_eq!(
        (
            releases[0].messages,
            releases[0].only_here,
            releases[0].overlaps[0].messages
        ),
        (2, 1, 1)
    );

    let forgotten = desk.case.forget_release("two").unwrap();
    assert_eq!(
        (forgotten.sources, forgotten.copies, forgotten.messages),
        (2, 2, 1)
    );
    assert_eq!((desk.count("*"), desk.count("three")), (2, 0));
    assert!(matches!(
        desk.case.forget_release("two"),
        Err(CaseError::UnknownRelease { .. })
    ));
    desk.balanced();
    assert_eq!(desk.ingest(&desk.path("two"), "two").messages_new, 1);
    assert_eq!(desk.count("three"), 1);
}

#[test]
fn a_release_to_which_nothing_came_is_not_made() {
    let desk = Desk::new();
    fs::create_dir(desk.path("empty")).unwrap();
    assert_eq!(desk.ingest(&desk.path("empty"), "none").files, 0);
    // The case folder holds files, and none of them is ever read.
    assert_eq!(desk.ingest(&desk.path("case"), "none").files, 0);
    assert_eq!(desk.case.releases().unwrap(), []);
    desk.put("in/1.eml", mail(1, "The pier."));
    desk.ingest(&desk.path("in"), "one");
    desk.ingest(&desk.path("empty"), "one");
    assert_eq!(desk.case.releases().unwrap().len(), 1);
    desk.balanced();
}
