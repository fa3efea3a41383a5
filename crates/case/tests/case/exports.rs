//! Exports: originals as they are, and nothing overwritten.

use std::fs;

use muckrake_case::CaseError;
use muckrake_case::ExportFormat;

use crate::desk::Desk;
use crate::desk::mail;

#[test]
fn exports_give_the_originals_and_never_overwrite() {
    let desk = Desk::new();
    let sources = [mail(1, "one"), mail(2, "From the start\r\n>From the end")];
    for (number, source) in sources.iter().enumerate() {
        desk.put(&format!("in/{number}.eml"), source);
    }
    desk.ingest(&desk.path("in"), "one");
    let run = |format, to: &str| desk.export(desk.path(to), format, false);
    assert_eq!(run(ExportFormat::Eml, "out").unwrap().messages, 2);
    let mut found = Vec::new();
    for entry in fs::read_dir(desk.path("out/2016")).unwrap() {
        found.push(fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    found.sort();
    assert_eq!(found, sources);
    assert_eq!(
        fs::read_to_string(desk.path("out/manifest.jsonl"))
            .unwrap()
            .lines()
            .count(),
        3
    );
    assert!(matches!(
        run(ExportFormat::Eml, "out"),
        Err(CaseError::TargetExists { .. })
    ));

    run(ExportFormat::Mbox, "out.mbox").unwrap();
    let other = Desk::new();
    let summary = other.ingest(&desk.path("out.mbox"), "again");
    assert_eq!(summary.messages_new, 2);
    let (mut ours, mut theirs) = (desk.ids("*"), other.ids("*"));
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
    for id in &ours {
        assert_eq!(
            desk.case.raw(id, false).unwrap(),
            other.case.raw(id, false).unwrap()
        );
    }
}

#[test]
fn an_export_never_replaces_evidence() {
    let desk = Desk::new();
    let source = desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    for target in [
        source.clone(),
        desk.path("case/ledger.sqlite"),
        desk.path("in"),
    ] {
        let result = desk.export(target, ExportFormat::Csv, true);
        assert!(matches!(result, Err(CaseError::TargetForeign { .. })));
    }
    assert_eq!(fs::read(source).unwrap(), mail(1, "one").as_bytes());
    desk.balanced();
}

#[test]
fn an_export_into_a_folder_named_with_a_slash_can_be_replaced() {
    let desk = Desk::new();
    desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    for force in [false, true] {
        let summary = desk.export(desk.path("out/"), ExportFormat::Eml, force);
        assert_eq!(summary.unwrap().messages, 1);
    }
    let left: Vec<_> = fs::read_dir(desk.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "{left:?}");
}
