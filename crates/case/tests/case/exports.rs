//! Exports: originals as they are, and nothing overwritten.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use muckrake_case::CaseError;
use muckrake_case::ExportFormat;

use crate::desk::Desk;
use crate::desk::carrier;
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

#[test]
fn a_folder_that_no_export_made_is_never_replaced() {
    let desk = Desk::new();
    desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    // Other programs write such files too.
    desk.put("out/manifest.jsonl", "{\"kind\":\"dataset\"}\n");
    let own = desk.put("out/thesis.txt", "years of work");
    let result = desk.export(desk.path("out"), ExportFormat::Eml, true);
    assert!(matches!(result, Err(CaseError::TargetForeign { .. })));
    assert_eq!(fs::read(own).unwrap(), b"years of work");
    // A manifest whose first line is long, since it lists ids.
    let ids = "\"0123456789\",".repeat(100_000);
    let head = format!(
        "{{\"schema\":1,\"kind\":\"export\",\"muckrake\":\"0.1.0\",\"ids\":[{ids}\"\"]}}\n"
    );
    desk.put("out/manifest.jsonl", head);
    assert!(
        desk.export(desk.path("out"), ExportFormat::Eml, true)
            .is_ok()
    );
}

#[test]
fn nothing_is_put_into_the_case() {
    let desk = Desk::new();
    desk.put("in/1.eml", mail(1, "one"));
    desk.ingest(&desk.path("in"), "one");
    for target in ["case/tags.csv", "case/new/out.csv"] {
        let result = desk.export(desk.path(target), ExportFormat::Csv, false);
        assert!(
            matches!(result, Err(CaseError::TargetForeign { .. })),
            "{target}"
        );
    }
}

/// The rows of a production by their subjects: each a table of its fields.
fn production(folder: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let dat = fs::read_to_string(folder.join("VOL001.dat")).unwrap();
    let mut rows = dat
        .trim_start_matches('\u{feff}')
        .split_terminator("\r\n")
        .map(|row| {
            row.split('\u{14}')
                .map(|cell| cell.trim_matches('þ').to_owned())
        });
    let names: Vec<String> = rows.next().unwrap().collect();
    rows.map(|row| {
        let row: BTreeMap<String, String> = names.iter().cloned().zip(row).collect();
        (row["SUBJECT"].clone(), row)
    })
    .collect()
}

#[test]
fn a_production_says_of_each_message_when_it_was_sent() {
    let desk = Desk::new();
    // What is attached is older than what it is attached to, and comes first by date.
    let attached = mail(2, "attached").replace(" -0500", "");
    let holder = carrier(&attached).replacen(
        "Subject:",
        "Date: Tue, 8 Mar 2016 10:00:00 +0000\r\nSubject:",
        1,
    );
    desk.put("in/1.eml", holder);
    desk.put("in/print.txt", PRINT);
    desk.ingest(&desk.path("in"), "one");
    desk.export(desk.path("out"), ExportFormat::Dat, false)
        .unwrap();
    let rows = production(&desk.path("out"));
    let sent = |subject: &str| rows[subject]["DATESENT"].as_str();
    assert_eq!(sent("Forwarded"), "2016-03-08 10:00:00");
    // It tells no zone; the case's is UTC.
    assert_eq!(sent("Dredging 2"), "2016-03-03 10:00:00");
    // Midnight is nothing that the page says.
    let print = &rows["Pilings"];
    assert_eq!(print["DATESENT"], "2014-03-05");
    assert_eq!(
        (print["TIMESENT"].as_str(), print["TIMEZONE"].as_str()),
        ("", "")
    );
    // A print-out is read as one, and is no file for a program for mail.
    assert_eq!(print["FROM"], "Anne Pier");
    assert_eq!(print["FILEEXT"], "txt");
    assert_eq!(desk.ids("subject:pilings"), [print["MUCKRAKEID"].clone()]);
}

/// The text of a printed page.
const PRINT: &str = "Pier, Anne\n\nFrom: Anne Pier\nSent: March 5, 2014\nTo: Bob Quay\nSubject: Pilings\n\nThey are in.\n";

#[test]
fn a_message_whose_holder_cannot_be_read_is_produced_by_itself() {
    let desk = Desk::new();
    let source = desk.put("in/1.eml", carrier(&mail(2, "attached")));
    desk.ingest(&desk.path("in"), "one");
    fs::remove_file(source).unwrap();
    let summary = desk
        .export(desk.path("out"), ExportFormat::Dat, false)
        .unwrap();
    assert_eq!((summary.messages, summary.missing.len()), (2, 2));
    let rows = production(&desk.path("out"));
    let subjects: Vec<&String> = rows.keys().collect();
    assert_eq!(subjects, ["Dredging 2", "Forwarded"]);
    let manifest = fs::read_to_string(desk.path("out/manifest.jsonl")).unwrap();
    assert_eq!(manifest.matches("\"kind\":\"message\"").count(), 2);
}

#[test]
fn a_print_out_is_exported_as_text() {
    let desk = Desk::new();
    desk.put("in/print.txt", PRINT);
    desk.ingest(&desk.path("in"), "one");
    desk.export(desk.path("out"), ExportFormat::Eml, false)
        .unwrap();
    let file = fs::read_dir(desk.path("out/2014"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert!(file.file_name().to_string_lossy().ends_with("_pilings.txt"));
    assert_eq!(fs::read(file.path()).unwrap(), PRINT.as_bytes());
}
