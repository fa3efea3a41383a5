//! Archives that are damaged, locked, bottomless, or climb.

use crate::common::Run;
use crate::common::Sandbox;
use crate::common::text;
use muckrake_sample::hostile;
use std::fs;
use std::fs::File;

/// Ingests one file into the case of a sandbox; what cannot be read of it makes it 3.
fn ingest(sandbox: &Sandbox, name: &str, bytes: &[u8], status: i32) -> Run {
    sandbox.write(name, bytes);
    let run = sandbox
        .run(["ingest", name, "--release", "r"])
        .expect(status);
    assert_eq!(sandbox.totals()["balanced"], true, "{name}");
    run
}

/// The one line of reasons that the ledger gives.
fn unread(sandbox: &Sandbox) -> String {
    sandbox
        .run(["ledger", "--unread"])
        .expect(0)
        .text()
        .to_owned()
}

#[test]
fn a_truncated_zip_gives_what_is_whole() {
    let sandbox = Sandbox::new();
    let _ = ingest(&sandbox, "cut.zip", &hostile::truncated_zip(), 3).says(&["could not be read"]);
    assert!(unread(&sandbox).contains("cut.zip"), "{}", unread(&sandbox));
}

#[test]
fn a_zip_in_a_zip_a_hundred_deep_stops_at_the_limit() {
    let sandbox = Sandbox::new();
    let _ = ingest(&sandbox, "deep.zip", &hostile::nested_zip(100), 3);
    assert!(
        unread(&sandbox).contains("deep.zip!/"),
        "{}",
        unread(&sandbox)
    );
    let other = Sandbox::new();
    let _ = ingest(&other, "deep.zip", &hostile::nested_zip(10), 0);
    assert_eq!(other.count("*"), 1);
}

#[test]
fn a_zip_that_explodes_stops_at_the_limit() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "muckrake-case/muckrake.toml",
        "[limits]\nunpacked_bytes = 1000000\n",
    );
    let bomb = File::create(sandbox.path("bomb.zip")).expect("a file can be made");
    hostile::write_zip_bomb(bomb, 50_000_000).expect("it can be written");
    let _ = sandbox
        .run(["ingest", "bomb.zip", "--release", "r"])
        .expect(3);
    assert!(
        unread(&sandbox).contains("bomb.zip"),
        "{}",
        unread(&sandbox)
    );
    assert_eq!(sandbox.totals()["balanced"], true);
}

#[test]
fn names_that_climb_write_nothing() {
    let sandbox = Sandbox::new();
    let run = {
        sandbox.write("box/climb.zip", hostile::climbing_zip());
        sandbox.run(["ingest", "box/climb.zip", "--release", "r"])
    };
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    let mut names: Vec<String> = fs::read_dir(sandbox.path("."))
        .expect("it is a folder")
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names, ["box", "muckrake-case"]);
    assert_eq!(
        fs::read_dir(sandbox.path("box"))
            .expect("it is a folder")
            .count(),
        1
    );
    let count = sandbox.count("*");
    assert!(count >= 1, "the sound member is read");
    let export = sandbox.run(["export", "*", "--to", "out", "--format", "eml"]);
    assert_eq!(export.status, 0, "{}", export.stderr);
}

#[test]
fn a_locked_zip_opens_with_its_password() {
    let sandbox = Sandbox::new();
    let zip = hostile::encrypted_zip("open sesame");
    let _ = ingest(&sandbox, "locked.zip", &zip, 3);
    assert!(
        unread(&sandbox).contains("password"),
        "{}",
        unread(&sandbox)
    );

    let other = Sandbox::new();
    other.write("locked.zip", &zip);
    other.write("passwords.txt", "wrong\nopen sesame\n");
    let with_password = ["--password-file", "passwords.txt"];
    let line = ["ingest", "locked.zip", "--release", "r"];
    let _ = other.run(line.iter().chain(&with_password)).expect(0);
    let ids = other.ids("*");
    assert_eq!(ids.len(), 1);
    let _ = other
        .run(["show", "--raw", &ids[0]])
        .expect(4)
        .says(&["password"]);
    let show = ["show", "--raw", &ids[0]];
    let raw = other.run(show.iter().chain(&with_password)).expect(0);
    assert!(!raw.stdout.is_empty());
    // A header that is not in the index is read from the original.
    let search = ["search", "--count", "header.message-id:locked"];
    let _ = other
        .run(search)
        .expect(1)
        .says(&["1 message could not be judged", "password"]);
    let found = other.run(search.iter().chain(&with_password)).expect(0);
    assert_eq!(found.text(), "1\n");
    let _ = other
        .run([
            "ingest",
            "locked.zip",
            "--release",
            "r",
            "--password-file",
            "none.txt",
        ])
        .expect(2)
        .says(&["none.txt"]);
}

#[test]
fn every_hostile_letter_is_read_and_shown_safely() {
    let sandbox = Sandbox::new();
    let letters = hostile::small();
    assert!(!letters.is_empty());
    for letter in &letters {
        sandbox.write(&format!("in/{}", letter.name), &letter.bytes);
    }
    let run = sandbox.run(["ingest", "in", "--release", "r"]);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    assert_eq!(sandbox.totals()["balanced"], true);
    assert_eq!(sandbox.totals()["sources"], letters.len());
    for hit in sandbox.run(["search", "*", "--json"]).expect(0).json() {
        let id = text(&hit["id"]);
        let shown = sandbox.run(["show", &id]).expect(0);
        let control = shown
            .text()
            .chars()
            .find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        assert_eq!(control, None, "{:?}", shown.text());
    }
}
