//! The user's own work: tags, notes, saved queries.

use crate::common::Sandbox;
use crate::common::mail;
use crate::common::text;
use serde_json::Value;
use serde_json::json;

fn tag(sandbox: &Sandbox, line: &[&str]) -> String {
    let run = sandbox.run([&["tag"][..], line].concat()).expect(0);
    run.text().trim().to_owned()
}

fn lines(sandbox: &Sandbox, file: &str) -> Vec<String> {
    let bytes = sandbox.read(&format!("muckrake-case/{file}"));
    let text = String::from_utf8(bytes).expect("it is text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_tag_is_put_on_searched_for_and_taken_off() {
    let sandbox = Sandbox::with_harbour();
    assert_eq!(tag(&sandbox, &["+key", "pier"]), "2 messages tagged key");
    assert_eq!(
        tag(&sandbox, &["+key", "pier OR keys"]),
        "1 message tagged key; 2 had it already"
    );
    assert_eq!(
        tag(&sandbox, &["+to check", "from:anne"]),
        "1 message tagged to check"
    );
    assert_eq!(sandbox.count("tag:key"), 3);
    assert_eq!(sandbox.count("tag:key -tag:\"to check\""), 2);
    let hit = sandbox.hit("tag:\"to check\"");
    assert_eq!(hit["tags"], json!(["key", "to check"]));
    let list = sandbox.run(["search", "tag:\"to check\""]).expect(0);
    assert!(list.text().contains("#key; #to check"), "{}", list.text());
    let id = text(&hit["id"]);
    let shown = sandbox.run(["show", &id]).expect(0);
    assert!(
        shown.text().contains("Tags        key, to check"),
        "{}",
        shown.text()
    );
    let csv = sandbox
        .run(["search", "tag:\"to check\"", "--csv"])
        .expect(0);
    assert!(csv.text().contains("\"key; to check\""), "{}", csv.text());

    assert_eq!(tag(&sandbox, &["-key", "keys"]), "1 message untagged key");
    assert_eq!(
        tag(&sandbox, &["-key", "*"]),
        "2 messages untagged key; 2 did not have it"
    );
    let tags = sandbox.run(["tags", "list", "--json"]).expect(0).json();
    assert_eq!(
        tags,
        [json!({"schema": 1, "tag": "to check", "messages": 1, "absent": 0})]
    );
    assert_eq!(
        lines(&sandbox, "tags.csv"),
        ["id,tag".to_owned(), format!("{id},to check")]
    );
}

#[test]
fn a_tag_that_is_not_there_is_an_error_and_so_is_a_name_that_nobody_can_type() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox.run(["search", "pier tag:key"]).expect(2).says(&[
        "no message has the tag `key`",
        "         ^^^",
        "no message is tagged yet",
    ]);
    let _ = tag(&sandbox, &["+key", "pier"]);
    let _ = sandbox
        .run(["search", "tag:kye"])
        .expect(2)
        .says(&["did you mean `tag:key`?"]);
    let _ = sandbox
        .run(["tag", "key", "pier"])
        .expect(2)
        .says(&["`+key`"]);
    for name in ["+", "+ x", "+\u{1b}[2J", "++", "-"] {
        let _ = sandbox.run(["tag", name, "pier"]).expect(2);
    }
    let _ = sandbox.run(["tag", "+key", "zeppelin"]).expect(1);
    let _ = sandbox
        .run(["tag", "+key", "form:x"])
        .expect(2)
        .says(&["^^^^^"]);
    let _ = sandbox.run(["tag", "+key"]).expect(2);
}

#[test]
fn work_survives_a_rebuild_and_waits_for_messages_that_come_again() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "more.eml",
        mail(
            9,
            "eve@city.example",
            "anne@harbour.example",
            "Cranes",
            "Paint them.",
        ),
    );
    let _ = sandbox
        .run(["ingest", "more.eml", "--release", "more"])
        .expect(0);
    let _ = tag(&sandbox, &["+key", "pier OR cranes"]);
    let id = text(&sandbox.hit("cranes")["id"]);
    let _ = sandbox
        .run(["notes", "set", &id[..8], "ask", "Eve, \"today\""])
        .expect(0);
    let _ = sandbox
        .run(["queries", "save", "pier", "north", "pier"])
        .expect(0);
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.count("tag:key"), 3);
    assert_eq!(sandbox.hit("cranes")["note"], "ask Eve, \"today\"");
    assert_eq!(sandbox.count("query:pier"), 2);

    let _ = sandbox.run(["releases", "forget", "more"]).expect(0);
    assert_eq!(sandbox.count("tag:key"), 2);
    let tags = sandbox.run(["tags", "list", "--json"]).expect(0).json();
    assert_eq!(
        (&tags[0]["messages"], &tags[0]["absent"]),
        (&json!(2), &json!(1))
    );
    let notes = sandbox.run(["notes", "list", "--json"]).expect(0).json();
    assert_eq!(notes[0]["present"], false);
    let _ = sandbox
        .run(["ingest", "more.eml", "--release", "more"])
        .expect(0);
    assert_eq!(sandbox.count("tag:key"), 3);
}

/// Whatever becomes of ledger and index, what the user has made stays as it is, byte for byte.
#[test]
fn no_file_of_the_users_is_touched_when_a_damaged_case_is_made_again() {
    let sandbox = Sandbox::with_harbour();
    let _ = tag(&sandbox, &["+key", "pier"]);
    let id = text(&sandbox.hit("keys")["id"]);
    for line in [
        &["notes", "set", &id, "which shed?"][..],
        &["queries", "save", "pier", "north", "pier"],
        &[
            "officials",
            "merge",
            "anne@harbour.example",
            "--name",
            "Anne Pier",
        ],
        &["footers", "learn"],
    ] {
        let _ = sandbox.run(line).expect(0);
    }
    let own = [
        (
            "muckrake.toml",
            "# mine\ntime_zone = \"America/New_York\"\n",
        ),
        (
            "agencies.toml",
            "# mine\n[[agency]]\nname = \"Harbour\"\ndomains = [\"harbour.example\"]\n",
        ),
        ("events.csv", "date,label\n2021-03-02,Vote\n"),
    ];
    for (name, content) in own {
        sandbox.write(&format!("muckrake-case/{name}"), content);
    }
    let names = [
        "muckrake.toml",
        "footers.toml",
        "officials.toml",
        "agencies.toml",
        "tags.csv",
        "notes.csv",
        "queries.csv",
        "events.csv",
    ];
    let files = || names.map(|name| sandbox.read(&format!("muckrake-case/{name}")));
    let before = files();
    let ledger = sandbox.read("muckrake-case/ledger.sqlite");
    let mut damaged = ledger.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 512].fill(0xff);
    for bad in [&damaged, &ledger] {
        sandbox.write("muckrake-case/ledger.sqlite", bad);
        let _ = sandbox.run(["rebuild"]).expect(0);
        assert_eq!(files(), before);
        assert_eq!(sandbox.count("tag:key"), 2);
        assert_eq!(sandbox.count("query:pier"), 2);
        assert_eq!(sandbox.hit("keys")["note"], "which shed?");
        let official = &sandbox.hit("subject:estimate")["to"][0]["official"];
        assert_eq!(official, "Anne Pier");
    }
}

#[test]
fn notes_are_set_shown_and_taken_off() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("keys")["id"]);
    let run = sandbox
        .run(["notes", "set", &id[..8], "Which shed?"])
        .expect(0);
    assert_eq!(run.text(), format!("noted on {}\n", &id[..8]));
    let _ = sandbox
        .run(["notes", "set", &id, "The north shed.\nSee the map."])
        .expect(0)
        .says(&["it was: Which shed?"]);
    let shown = sandbox.run(["show", &id]).expect(0);
    let expected = "Note        The north shed.\n            See the map.\n";
    assert!(shown.text().contains(expected), "{}", shown.text());
    assert!(
        sandbox
            .run(["search", "keys"])
            .expect(0)
            .text()
            .contains("[noted]")
    );
    let exported = sandbox.run(["notes", "export"]).expect(0);
    assert_eq!(
        exported.text(),
        format!("id,note\n{id},\"The north shed.\nSee the map.\"\n")
    );
    let _ = sandbox.run(["notes", "remove", &id]).expect(0);
    let _ = sandbox.run(["notes", "remove", &id]).expect(1);
    assert_eq!(sandbox.hit("keys")["note"], Value::Null);
    let _ = sandbox.run(["notes", "list"]).expect(1);
    let _ = sandbox.run(["notes", "set", "ffffffff", "x"]).expect(1);
    let _ = sandbox.run(["notes", "set", &id, " "]).expect(2);

    sandbox.write("notes.csv", exported.text());
    let _ = sandbox.run(["notes", "import", "notes.csv"]).expect(0);
    let _ = sandbox.run(["notes", "set", &id, "Another."]).expect(0);
    let kept = sandbox.run(["notes", "import", "notes.csv"]).expect(3);
    assert_eq!(
        kept.text(),
        "0 notes added; 1 differing, left as they were\n"
    );
    assert_eq!(sandbox.hit("keys")["note"], "Another.");
    let _ = sandbox
        .run(["notes", "import", "notes.csv", "--replace"])
        .expect(0);
    assert_eq!(sandbox.hit("keys")["note"], "The north shed.\nSee the map.");
}

#[test]
fn saved_queries_stand_in_others_and_in_lists_of_terms() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["queries", "save", "pier", "\"north pier\" OR shed"])
        .expect(0);
    let _ = sandbox
        .run([
            "queries",
            "save",
            "dated pier",
            "query:pier -date:none",
            "--notes",
            "with a date",
        ])
        .expect(0);
    assert_eq!(sandbox.count("query:pier"), 3);
    assert_eq!(sandbox.count("query:\"dated pier\""), 2);
    let run = sandbox
        .run(["search", "--explain", "query:pier from:anne", "--count"])
        .expect(0);
    assert_eq!(run.text(), "1\n");
    let run = run.says(&["the phrase \"north pier\""]);
    drop(run);
    let report = sandbox
        .run(["terms", "muckrake-case/queries.csv", "--json"])
        .expect(0)
        .json();
    assert_eq!(report[0]["name"], "dated pier");
    assert_eq!(report[0]["notes"], "with a date");
    assert_eq!(report[1]["messages"], 3);

    let loops = sandbox
        .run(["queries", "save", "pier", "quay OR query:\"dated pier\""])
        .expect(2);
    let _ = loops.says(&[
        "leads back to itself: `dated pier`, `pier`, `dated pier`",
        "quay OR query",
    ]);
    assert_eq!(sandbox.count("query:pier"), 3);
    let _ = sandbox
        .run(["queries", "save", "bad", "form:x"])
        .expect(2)
        .says(&["^^^^^"]);
    let _ = sandbox
        .run(["search", "query:peir"])
        .expect(2)
        .says(&["did you mean `pier`?"]);
    let _ = sandbox.run(["queries", "remove", "bad"]).expect(1);

    let exported = sandbox.run(["queries", "export"]).expect(0);
    assert_eq!(
        exported.text(),
        "name,query,notes\ndated pier,query:pier -date:none,with a date\npier,\"\"\"north pier\"\" OR shed\",\n"
    );
    let other = Sandbox::with_harbour();
    other.write("queries.csv", exported.text());
    let _ = other.run(["queries", "import", "queries.csv"]).expect(0);
    assert_eq!(other.count("query:\"dated pier\""), 2);
    let replaced = sandbox.run(["queries", "save", "pier", "shed"]).expect(0);
    let _ = replaced.says(&["it was: \"north pier\" OR shed"]);
    let _ = sandbox
        .run(["queries", "remove", "pier"])
        .expect(0)
        .says(&["it was: shed"]);
    let _ = sandbox
        .run(["search", "query:\"dated pier\""])
        .expect(2)
        .says(&["no query is saved as `pier`"]);
}

#[test]
fn a_table_edited_by_hand_is_read_and_a_bad_row_is_told_and_never_lost() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("keys")["id"]);
    let edited = format!("\u{feff}Tag;ID\r\nkey;{id}\r\nkey;3f2a\r\n");
    sandbox.write("muckrake-case/tags.csv", &edited);
    assert_eq!(sandbox.hit("tag:key")["id"], json!(id));
    let notice = "line 3 of tags.csv: `3f2a` is not the id of a message in full";
    let _ = sandbox.run(["search", "keys"]).expect(0).says(&[notice]);
    let _ = sandbox.run(["tags", "list"]).expect(0).says(&[notice]);
    // Writing the file again would lose the row.
    let _ = sandbox
        .run(["tag", "+key", "pier"])
        .expect(2)
        .says(&["line 3 of"]);
    assert_eq!(sandbox.read("muckrake-case/tags.csv"), edited.as_bytes());
    sandbox.write(
        "muckrake-case/tags.csv",
        format!("id,tag,why\n{id},key,x\n"),
    );
    let _ = sandbox
        .run(["search", "keys"])
        .expect(2)
        .says(&["line 1 of", "no column `why`; the columns are id,tag"]);
    sandbox.write("muckrake-case/tags.csv", b"id,tag\n\xff\n");
    let _ = sandbox
        .run(["search", "keys"])
        .expect(2)
        .says(&["line 2 of", "not text in UTF-8"]);
}

#[test]
fn an_import_with_a_bad_row_takes_nothing() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("keys")["id"]);
    let absent = "0".repeat(40);
    sandbox.write(
        "tags.csv",
        format!("id,tag\n{id},key\n{absent},key\n{id},\n"),
    );
    let _ = sandbox
        .run(["tags", "import", "tags.csv"])
        .expect(2)
        .says(&["line 4 of `tags.csv`", "is empty"]);
    let _ = sandbox.run(["tags", "list"]).expect(1);
    sandbox.write("tags.csv", format!("id,tag\n{id},key\n{absent},key\n"));
    let run = sandbox.run(["tags", "import", "tags.csv"]).expect(0);
    assert_eq!(run.text(), "2 tags added\n");
    let run = sandbox.run(["tags", "import", "tags.csv"]).expect(0);
    assert_eq!(run.text(), "0 tags added; 2 there already\n");
    assert_eq!(sandbox.count("tag:key"), 1);
    sandbox.write("queries.csv", "name,query\na,query:b\nb,query:a\n");
    let _ = sandbox
        .run(["queries", "import", "queries.csv"])
        .expect(2)
        .says(&["leads back to itself"]);
    let _ = sandbox.run(["queries", "list"]).expect(1);
}

#[test]
fn tags_may_be_put_on_while_another_writes_to_the_case() {
    let sandbox = Sandbox::with_harbour();
    let lock = std::fs::File::options()
        .write(true)
        .open(sandbox.path("muckrake-case/lock"))
        .expect("it is there");
    lock.lock().expect("nobody holds it");
    assert_eq!(tag(&sandbox, &["+key", "pier"]), "2 messages tagged key");
    drop(lock);
}

/// What is handed over does not say what the user thinks of it.
#[test]
fn exports_hold_neither_tags_nor_notes() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("from:anne")["id"]);
    tag(&sandbox, &["+zanzibar", "*"]);
    let _ = sandbox.run(["notes", "set", &id, "Madagascar"]).expect(0);
    for format in ["json", "csv", "html", "sqlite", "dat"] {
        let _ = sandbox
            .run(["export", "*", "--to", format, "--format", format])
            .expect(0);
        let mut open = vec![sandbox.path(format)];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).expect("it is a folder");
                open.extend(entries.map(|entry| entry.expect("it is there").path()));
                continue;
            }
            let bytes = std::fs::read(&path).expect("it was written");
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains("zanzibar") && !text.contains("Madagascar"),
                "{path:?}"
            );
        }
    }
}
