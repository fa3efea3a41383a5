//! Taking releases in: what is new, what is known, what is told of it.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::many;
use crate::common::mbox;
use crate::common::text;
use std::fs;

#[test]
fn the_summary_balances() {
    let sandbox = Sandbox::new();
    sandbox.write("harbour.mbox", mbox(&harbour()));
    let run = sandbox
        .run(["ingest", "harbour.mbox", "--release", "harbour"])
        .expect(0);
    assert!(
        run.text().starts_with("Release harbour: 1 source read\n"),
        "{}",
        run.text()
    );
    assert!(
        run.text()
            .ends_with("The sums balance: 4 copies = 4 messages + 0 duplicates\n"),
        "{}",
        run.text()
    );
    let totals = sandbox.totals();
    assert_eq!(totals["sources"], 1);
    assert_eq!(totals["copies"], 4);
    assert_eq!(totals["messages"], 4);
    assert_eq!(totals["duplicates"], 0);
    assert_eq!(totals["attachments"], 1);
    assert_eq!(totals["unread"], 0);
    assert_eq!(totals["balanced"], true);
}

#[test]
fn the_same_again_is_nothing_new() {
    let sandbox = Sandbox::with_harbour();
    let before = sandbox.totals();
    let run = sandbox
        .run(["ingest", "harbour.mbox", "--release", "harbour"])
        .expect(0);
    assert!(
        run.text()
            .starts_with("Release harbour: nothing new; 1 source known already\n"),
        "{}",
        run.text()
    );
    fs::create_dir(sandbox.path("elsewhere")).expect("a folder can be made");
    fs::copy(
        sandbox.path("harbour.mbox"),
        sandbox.path("elsewhere/copy.mbox"),
    )
    .expect("a file can be copied");
    let run = sandbox
        .run(["ingest", "elsewhere", "--release", "harbour"])
        .expect(0);
    assert!(run.text().contains("nothing new"), "{}", run.text());
    assert_eq!(sandbox.totals(), before);
}

#[test]
fn a_grown_mailbox_adds_what_is_new() {
    let sandbox = Sandbox::with_harbour();
    let before = sandbox.ids("*");
    let mut mailbox = sandbox.read("harbour.mbox");
    mailbox.extend(mbox(&many(1)).into_bytes());
    sandbox.write("harbour.mbox", mailbox);
    let run = sandbox
        .run(["ingest", "harbour.mbox", "--release", "harbour"])
        .expect(0);
    assert!(
        run.text().starts_with("Release harbour: 1 source grown\n"),
        "{}",
        run.text()
    );
    let after = sandbox.ids("*");
    assert_eq!(after.len(), 5);
    assert!(before.iter().all(|id| after.contains(id)), "an id moved");
    assert_eq!(sandbox.totals()["copies"], 5);
}

#[test]
fn a_second_release_adds_copies_not_messages() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("city.mbox", mbox(&harbour()[..2]));
    let _ = sandbox
        .run([
            "ingest",
            "city.mbox",
            "--release",
            "city",
            "--agency",
            "City",
        ])
        .expect(0);
    let totals = sandbox.totals();
    assert_eq!(
        (
            &totals["copies"],
            &totals["messages"],
            &totals["duplicates"]
        ),
        (&6.into(), &4.into(), &2.into())
    );
    assert_eq!(sandbox.count("is:multi-release"), 2);
    assert_eq!(sandbox.count("release:city"), 2);
    let hit = sandbox.hit("release:city subject:re");
    assert_eq!(hit["releases"], serde_json::json!(["harbour", "city"]));
    assert_eq!(hit["copies"].as_array().map(Vec::len), Some(2));
}

#[test]
fn ids_do_not_depend_on_where_mail_lies() {
    let sandbox = Sandbox::with_harbour();
    for (number, mail) in harbour().iter().enumerate() {
        sandbox.write(&format!("files/{number}.txt"), mail);
    }
    let _ = sandbox
        .run(["--case", "other", "ingest", "files", "--release", "r"])
        .expect(0);
    let other = sandbox
        .run(["--case", "other", "search", "--json", "*"])
        .expect(0)
        .json();
    let mut other: Vec<String> = other.iter().map(|hit| text(&hit["id"])).collect();
    other.sort();
    assert_eq!(other, sandbox.ids("*"));
}

#[test]
fn the_case_is_never_ingested() {
    let sandbox = Sandbox::with_harbour();
    let run = sandbox
        .run(["ingest", ".", "--release", "harbour"])
        .expect(0);
    assert!(run.text().contains("nothing new"), "{}", run.text());
    assert_eq!(sandbox.totals()["sources"], 1);
}

#[test]
fn what_is_not_mail_is_in_the_ledger_with_advice() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("more/mail.pst", [b"!BDN".as_slice(), &[0; 600]].concat());
    sandbox.write("more/scan.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let run = sandbox
        .run(["ingest", "more", "--release", "harbour"])
        .expect(0)
        .says(&["not yet readable"]);
    assert!(run.text().contains("The sums balance"), "{}", run.text());
    assert_eq!(sandbox.totals()["unsupported"], 1);
    assert_eq!(sandbox.totals()["no_text"], 1);
    let ledger = sandbox.run(["ledger"]).expect(0);
    assert!(ledger.text().contains("readpst"), "{}", ledger.text());
    let _ = sandbox
        .run(["search", "pier"])
        .expect(0)
        .says(&["note: not searched"]);
}

#[test]
fn what_is_unread_makes_it_3_once() {
    let sandbox = Sandbox::new();
    let mut mailbox = b"no mail at all before the first separator\n\n".to_vec();
    mailbox.extend(mbox(&harbour()).into_bytes());
    sandbox.write("bad/harbour.mbox", &mailbox);
    sandbox.write("bad/cut.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut");
    let run = sandbox
        .run(["ingest", "bad", "--release", "r"])
        .expect(3)
        .says(&["could not be read", "ledger --unread"]);
    assert!(run.text().contains("The sums balance"), "{}", run.text());
    assert!(sandbox.totals()["unread"].as_u64() >= Some(1));
    let unread = sandbox.run(["ledger", "--unread"]).expect(0);
    assert!(unread.text().contains("cut.gz"), "{}", unread.text());
    let _ = sandbox.run(["ingest", "bad", "--release", "r"]).expect(0);
}

#[test]
fn ledger_json_is_the_contract() {
    let sandbox = Sandbox::with_harbour();
    let lines = sandbox.run(["ledger", "--json"]).expect(0).json();
    assert_eq!(lines.len(), 2);
    for key in [
        "schema",
        "kind",
        "release",
        "source",
        "sha256",
        "size",
        "detected",
        "copies",
        "attachments",
        "unread",
    ] {
        assert!(
            lines[0].get(key).is_some(),
            "{key} is missing in {}",
            lines[0]
        );
    }
    assert_eq!(lines[0]["kind"], "source");
    assert_eq!(lines[0]["detected"], "mbox");
    for key in [
        "schema",
        "kind",
        "sources",
        "copies",
        "attached",
        "messages",
        "duplicates",
        "attachments",
        "no_text",
        "unsupported",
        "unread",
        "balanced",
    ] {
        assert!(
            lines[1].get(key).is_some(),
            "{key} is missing in {}",
            lines[1]
        );
    }
    assert_eq!(lines[1]["kind"], "totals");
}

#[test]
fn facts_about_a_release_are_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("harbour.mbox", mbox(&harbour()));
    let _ = sandbox
        .run([
            "ingest",
            "harbour.mbox",
            "--release",
            "harbour",
            "--agency",
            "Harbour Authority",
            "--request",
            "2021-17",
            "--date-received",
            "2021-06-30",
            "--promised",
            "4294",
            "--time-zone",
            "America/New_York",
        ])
        .expect(0);
    let release = sandbox
        .run(["releases", "list", "--json"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(release["agency"], "Harbour Authority");
    assert_eq!(release["request"], "2021-17");
    assert_eq!(release["date_received"], "2021-06-30");
    assert_eq!(release["promised"], 4294);
    assert_eq!(release["time_zone"], "America/New_York");
    for (flag, bad) in [
        ("--date-received", "June"),
        ("--time-zone", "Mars/Olympus"),
        ("--promised", "many"),
    ] {
        let _ = sandbox
            .run(["ingest", "harbour.mbox", "--release", "harbour", flag, bad])
            .expect(2)
            .says(&[bad]);
    }
}

/// A user exports into the folder of a release, and ingests that folder again.
#[test]
fn an_own_export_that_lies_among_what_was_delivered_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("city/harbour.mbox", mbox(&harbour()));
    let first = sandbox
        .run(["ingest", "city", "--release", "city"])
        .expect(0);
    assert!(!first.stderr.contains("export"), "{}", first.stderr);
    for (format, target, manifest) in [
        ("mbox", "city/found.mbox", "found.mbox.manifest.jsonl"),
        ("eml", "city/found", "found/manifest.jsonl"),
    ] {
        let export = ["export", "from:anne", "--format", format, "--to", target];
        let _ = sandbox.run(export).expect(0);
        let _ = sandbox
            .run(["ingest", "city", "--release", "city"])
            .expect(0)
            .says(&[
                manifest,
                "an export of muckrake lies beside it",
                "releases forget",
            ]);
        let again = sandbox
            .run(["ingest", "city", "--release", "city"])
            .expect(0);
        assert!(!again.stderr.contains("export"), "told once");
    }
    sandbox.write("other/manifest.jsonl", "{\"kind\":\"export\"}\n");
    let other = sandbox
        .run(["ingest", "other", "--release", "other"])
        .expect(0);
    assert!(!other.stderr.contains("export"), "{}", other.stderr);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_told_and_not_followed() {
    let sandbox = Sandbox::new();
    sandbox.write("delivery/harbour.mbox", mbox(&harbour()));
    sandbox.write("elsewhere/more.mbox", mbox(&many(3)));
    std::os::unix::fs::symlink(
        sandbox.path("elsewhere/more.mbox"),
        sandbox.path("delivery/more.mbox"),
    )
    .expect("a link can be made");
    let run = sandbox
        .run(["ingest", "delivery", "--release", "harbour"])
        .expect(0);
    assert!(
        run.stderr
            .contains("1 symbolic link recorded and not followed"),
        "{}",
        run.stderr
    );
    let totals = sandbox.totals();
    assert_eq!(totals["links"], 1);
    assert_eq!(totals["messages"], 4);
}
