//! What goes wrong gets a clear message, the right exit code, and nothing is lost.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::mail;
use crate::common::mbox;
use crate::common::text;
use std::fs;

#[test]
fn no_such_path() {
    let sandbox = Sandbox::new();
    let _ = sandbox
        .run(["ingest", "nowhere.mbox", "--release", "r"])
        .expect(2)
        .says(&["there is nothing at `nowhere.mbox`"]);
    assert!(
        !sandbox.path("muckrake-case").exists(),
        "a slip made a case"
    );
}

#[test]
fn an_empty_folder() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("empty")).expect("a folder can be made");
    let _ = sandbox
        .run(["ingest", "empty", "--release", "r"])
        .expect(1)
        .says(&["no file"]);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.write(
        "in/a.eml",
        mail(
            1,
            "anne@harbour.example",
            "bob@city.example",
            "Pier",
            "Hello",
        ),
    );
    sandbox.write("in/b.eml", "Subject: secret\n\nsecret\n");
    let secret = sandbox.path("in/b.eml");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("it is ours");
    if fs::read(&secret).is_ok() {
        eprintln!("skipped: this user reads everything");
        return;
    }
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(3);
    assert_eq!(sandbox.count("*"), 1);
    assert!(
        sandbox
            .run(["ledger", "--unread"])
            .expect(0)
            .text()
            .contains("b.eml")
    );
}

#[test]
fn a_folder_that_is_not_a_case() {
    let sandbox = Sandbox::new();
    sandbox.write("papers/letter.txt", "Dear Sir");
    sandbox.write(
        "a.eml",
        mail(
            1,
            "anne@harbour.example",
            "bob@city.example",
            "Pier",
            "Hello",
        ),
    );
    let _ = sandbox
        .run(["--case", "papers", "search", "pier"])
        .expect(2)
        .says(&["`papers` is not a muckrake case"]);
    let _ = sandbox
        .run(["--case", "papers", "ingest", "a.eml", "--release", "r"])
        .expect(2)
        .says(&["not a muckrake case"]);
    assert_eq!(
        fs::read_dir(sandbox.path("papers"))
            .expect("it is a folder")
            .count(),
        1,
        "it was written to"
    );
}

#[test]
fn a_case_of_a_newer_version() {
    let sandbox = Sandbox::with_harbour();
    fs::remove_file(sandbox.path("muckrake-case/seal")).expect("the case is sealed");
    let ledger = rusqlite::Connection::open(sandbox.path("muckrake-case/ledger.sqlite"))
        .expect("it is SQLite");
    ledger
        .execute("UPDATE meta SET value = 99 WHERE name = 'format'", [])
        .expect("it has a format");
    drop(ledger);
    for line in [
        &["search", "pier"][..],
        &["ingest", "harbour.mbox", "--release", "harbour"],
        &["ledger"],
    ] {
        let _ = sandbox
            .run(line)
            .expect(4)
            .says(&["has format 99", "newer"]);
    }
}

#[test]
fn bad_settings() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "muckrake-case/muckrake.toml",
        "time_zone = \"Mars/Olympus\"\n",
    );
    let _ = sandbox
        .run(["search", "pier"])
        .expect(2)
        .says(&["Mars/Olympus"]);
    sandbox.write("muckrake-case/muckrake.toml", "tyme_zone = 3\n");
    let _ = sandbox
        .run(["search", "pier"])
        .expect(2)
        .says(&["muckrake.toml", "tyme_zone"]);
}

#[test]
fn days_are_counted_in_the_zone_of_the_case() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "muckrake-case/muckrake.toml",
        "time_zone = \"America/New_York\"\n",
    );
    // 23:30 at −5 on the third of March.
    assert_eq!(sandbox.count("date:2021-03-03"), 1);
    assert_eq!(sandbox.count("date:2021-03-04"), 0);
    // Dates without a zone of their own were indexed in the zone of then.
    let _ = sandbox
        .run(["search", "estimate pilings"])
        .expect(0)
        .says(&["searched as UTC", "muckrake rebuild"]);
    let _ = sandbox.run(["rebuild"]).expect(0);
    let run = sandbox.run(["search", "estimate pilings"]).expect(0);
    assert!(!run.stderr.contains("searched as UTC"), "{}", run.stderr);
    assert!(run.text().starts_with("2021-03-03 23:30"), "{}", run.text());
    assert!(
        run.text().contains("times in America/New_York"),
        "{}",
        run.text()
    );
}

#[test]
fn one_message_id_with_two_contents_is_two_messages() {
    let sandbox = Sandbox::new();
    let one = mail(
        1,
        "anne@harbour.example",
        "bob@city.example",
        "Pier",
        "The price is 30.5 million.",
    );
    let other = one.replace("30.5", "29.5");
    sandbox.write("a.mbox", mbox(&[one, other]));
    let _ = sandbox
        .run(["ingest", "a.mbox", "--release", "r"])
        .expect(0);
    let hits = sandbox
        .run(["search", "--json", "message-id:1.anne@harbour.example"])
        .expect(0)
        .json();
    assert_eq!(hits.len(), 2);
    assert_ne!(hits[0]["id"], hits[1]["id"]);
}

#[test]
fn a_mail_without_any_readable_field() {
    let sandbox = Sandbox::new();
    // As a file of its own it would be a text; attached as a message it is one.
    let parent = "From: anne@harbour.example\nSubject: Passed on\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: message/rfc822\n\n\
        \nonly words about a zeppelin\n--cut--\n";
    sandbox.write("a.eml", parent);
    let run = sandbox.run(["ingest", "a.eml", "--release", "r"]);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    let hit = sandbox.hit("zeppelin");
    assert_eq!(hit["from"], serde_json::json!([]));
    let shown = sandbox.run(["show", &text(&hit["id"])]).expect(0);
    assert!(shown.text().contains("(no subject)"), "{}", shown.text());
}

#[test]
fn impossible_dates_are_none() {
    let sandbox = Sandbox::new();
    let year_101 =
        mail(1, "anne@harbour.example", "bob@city.example", "Pier", "x").replace("2021", "0101");
    sandbox.write("a.eml", year_101);
    let _ = sandbox.run(["ingest", "a.eml", "--release", "r"]).expect(0);
    assert_eq!(sandbox.hit("pier")["date"], serde_json::Value::Null);
    assert_eq!(sandbox.count("date:none"), 1);
}

#[test]
fn a_large_file_without_one_separator() {
    let sandbox = Sandbox::new();
    let line = "nothing here is mail, line after line after line of it\n";
    sandbox.write("in/notes.mbox", line.repeat((100 << 20) / line.len()));
    sandbox.write("in/a.mbox", mbox(&harbour()));
    let run = sandbox.run(["ingest", "in", "--release", "r"]);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    assert_eq!(sandbox.totals()["balanced"], true);
    assert_eq!(sandbox.totals()["sources"], 2);
    assert_eq!(sandbox.count("from:anne pier"), 1);
}

#[test]
fn a_header_of_ten_megabytes() {
    let sandbox = Sandbox::new();
    let long = format!("X-Long: {}\nMessage-ID", "pier ".repeat((10 << 20) / 5));
    let huge = mail(
        1,
        "anne@harbour.example",
        "bob@city.example",
        "Pier",
        "Hello harbour",
    );
    let huge = huge.replacen("Message-ID", &long, 1);
    sandbox.write("a.eml", &huge);
    let run = sandbox.run(["ingest", "a.eml", "--release", "r"]);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    let id = text(&sandbox.hit("harbour from:anne")["id"]);
    assert_eq!(
        sandbox.run(["show", "--raw", &id]).expect(0).stdout,
        huge.as_bytes()
    );
}

#[test]
fn parts_beyond_number_and_depth() {
    let sandbox = Sandbox::new();
    let mut deep = "Subject: deep pier\nFrom: anne@harbour.example\nMIME-Version: 1.0\n".to_owned();
    for level in 0..20_000 {
        deep.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        ));
    }
    deep.push_str("Content-Type: text/plain\n\nbottom\n");
    let mut wide = "Subject: wide pier\nFrom: anne@harbour.example\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=b\n\n"
        .to_owned();
    wide.push_str(&"--b\n\nx\n".repeat(1_000_000));
    sandbox.write("in/deep.eml", deep);
    sandbox.write("in/wide.eml", wide);
    let run = sandbox.run(["ingest", "in", "--release", "r"]);
    assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
    assert_eq!(sandbox.count("subject:pier"), 2);
    for hit in sandbox
        .run(["search", "--json", "subject:pier"])
        .expect(0)
        .json()
    {
        let view = sandbox
            .run(["show", "--json", &text(&hit["id"])])
            .expect(0)
            .json()
            .remove(0);
        assert!(
            view["defects"]
                .as_array()
                .is_some_and(|defects| !defects.is_empty()),
            "{}",
            hit["subject"]
        );
    }
}

/// A million parts, and a header field of megabytes: found as far as the limit, the rest told.
#[test]
fn what_a_limit_keeps_out_of_a_message_is_unread() {
    let sandbox = Sandbox::new();
    let mut parts = String::from(
        "From: anne@harbour.example\nSubject: Parts\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=q\n\n",
    );
    for number in 0..10_050 {
        parts.push_str(&format!("--q\nContent-Type: text/plain\n\nword{number}\n"));
    }
    parts.push_str("--q--\n");
    sandbox.write("in/parts.eml", &parts);
    let long = format!(
        "From: anne@harbour.example\nSubject: Header\nX-Long: {}\n\nbollard\n",
        "y".repeat(2 << 20)
    );
    sandbox.write("in/header.eml", long);
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(3);
    assert_eq!(sandbox.count("word9000"), 1);
    assert_eq!(sandbox.count("word10049"), 0);
    assert_eq!(sandbox.count("bollard"), 1);
    let unread = sandbox.run(["ledger", "--unread"]).expect(0);
    for told in [
        "parts.eml",
        "more parts than the limit `parts`",
        "header.eml",
        "header over a limit: a field of",
    ] {
        assert!(unread.text().contains(told), "{told}: {}", unread.text());
    }
    assert_eq!(sandbox.totals()["unread"], 2);
}
