//! A case made again from its sources.

use std::fs;

use muckrake_case::CaseError;
use muckrake_case::ReleaseFacts;
use muckrake_case::SearchOptions;

use crate::desk::Desk;
use crate::desk::mail;
use crate::desk::mbox;

#[test]
fn a_rebuild_gives_the_same_ids_and_places() {
    let desk = Desk::new();
    desk.put("one/all.mbox", mbox(&[mail(1, "one"), mail(2, "two")]));
    desk.put("two/2.eml", mail(2, "two"));
    desk.ingest(&desk.path("one"), "one");
    desk.ingest(&desk.path("two"), "two");
    let facts = ReleaseFacts {
        agency: Some("Harbour Office".into()),
        ..ReleaseFacts::default()
    };
    desk.case.set_release("one", &facts).unwrap();
    let everything = |desk: &Desk| {
        let options = SearchOptions {
            sort: muckrake_case::Sort::DateAscending,
            ..SearchOptions::default()
        };
        let hits = desk.case.search(&desk.query("*"), &options).unwrap().hits;
        serde_json::to_string(&hits).unwrap()
    };
    let (before, ledger) = (everything(&desk), desk.case.ledger().unwrap());
    let summary = desk.rebuild().unwrap();
    assert_eq!(summary.totals, ledger.totals);
    assert_eq!(everything(&desk), before);
    assert_eq!(desk.case.ledger().unwrap(), ledger);
    assert_eq!(
        desk.case.releases().unwrap()[0].agency.as_deref(),
        Some("Harbour Office")
    );
}

#[test]
fn a_rebuild_refuses_to_lose_what_has_changed() {
    let desk = Desk::new();
    let source = desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    fs::write(&source, mail(1, "another text")).unwrap();
    let rebuilt = desk.rebuild();
    assert!(
        matches!(
            rebuilt,
            Err(CaseError::RebuildLoses {
                messages: 1,
                sources: 1,
                ..
            })
        ),
        "{rebuilt:?}"
    );
    assert_eq!((desk.count("one"), desk.count("another")), (1, 0));
}

#[test]
fn a_rebuild_keeps_folders_and_flags() {
    let desk = Desk::new();
    for sub in ["cur", "new", "tmp"] {
        fs::create_dir_all(desk.path(&format!("in/Box/{sub}"))).unwrap();
    }
    desk.put("in/Box/cur/1:2,D", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    let counts = |desk: &Desk| (desk.count("is:draft"), desk.count("folder:*Box"));
    assert_eq!(counts(&desk), (1, 1));
    desk.rebuild().unwrap();
    assert_eq!(counts(&desk), (1, 1));
}

/// A newer version may read a message better and give it another id; its bytes are not lost.
#[test]
fn a_rebuild_keeps_messages_that_have_another_id_now() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "The harbour contract."));
    desk.ingest(&desk.path("in"), "one");
    let ledger = desk.open_ledger();
    ledger
        .execute("UPDATE messages SET key = randomblob(20)", [])
        .unwrap();
    drop(ledger);
    desk.rebuild().unwrap();
    assert_eq!(desk.count("harbour"), 1);
    desk.balanced();
}
