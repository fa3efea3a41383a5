//! Taking messages out: originals byte for byte, manifests, ids, targets.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::text;
use mail_parser::MessageParser;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

fn lines(bytes: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(bytes)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a manifest is JSON Lines"))
        .collect()
}

/// The bytes of all EML files in a folder.
fn collect(folder: &Path, into: &mut BTreeSet<Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            into.insert(fs::read(path).expect("it can be read"));
        }
    }
}

#[test]
fn eml_files_are_the_originals() {
    let sandbox = Sandbox::new();
    let mails = harbour();
    for (number, mail) in mails.iter().enumerate() {
        sandbox.write(&format!("in/{number}.eml"), mail.replace('\n', "\r\n"));
    }
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(0);
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "eml"])
        .expect(0);
    let mut written = BTreeSet::new();
    collect(&sandbox.path("out"), &mut written);
    let originals: BTreeSet<Vec<u8>> = mails
        .iter()
        .map(|mail| mail.replace('\n', "\r\n").into_bytes())
        .collect();
    assert_eq!(written, originals);
    let manifest = lines(&sandbox.read("out/manifest.jsonl"));
    assert_eq!(manifest.len(), 1 + mails.len());
}

#[test]
fn a_mailbox_read_back_holds_the_same_messages() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--to", "out.mbox", "--format", "mbox"])
        .expect(0);
    assert!(sandbox.path("out.mbox.manifest.jsonl").is_file());
    let _ = sandbox
        .run([
            "--case",
            "again",
            "ingest",
            "out.mbox",
            "--release",
            "again",
        ])
        .expect(0);
    let again = sandbox
        .run(["--case", "again", "search", "*", "--json"])
        .expect(0)
        .json();
    let again: BTreeSet<String> = again.iter().map(|hit| text(&hit["id"])).collect();
    assert_eq!(again, sandbox.ids("*").into_iter().collect());
}

#[test]
fn json_and_csv_are_tables_of_the_same() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--to", "out.jsonl", "--format", "json"])
        .expect(0);
    let rows = lines(&sandbox.read("out.jsonl"));
    assert_eq!(rows.len(), 4);
    assert!(
        rows.iter()
            .all(|row| row["schema"] == 1 && row["body"].is_array())
    );
    let _ = sandbox
        .run(["export", "*", "--to", "out.csv", "--format", "csv"])
        .expect(0);
    assert!(sandbox.read("out.csv").starts_with(b"id,thread,date,"));
}

#[test]
fn whole_threads_and_lists_of_ids() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run([
            "export",
            "said:ready",
            "--threads",
            "--to",
            "thread",
            "--format",
            "eml",
        ])
        .expect(0);
    assert_eq!(lines(&sandbox.read("thread/manifest.jsonl")).len(), 1 + 2);

    let ids = sandbox.ids("*");
    sandbox.write("ids.txt", format!("{}\n\n  {}  \n", ids[0], &ids[1][..10]));
    let _ = sandbox
        .run([
            "export",
            "--ids",
            "ids.txt",
            "--to",
            "two.jsonl",
            "--format",
            "json",
        ])
        .expect(0);
    assert_eq!(lines(&sandbox.read("two.jsonl")).len(), 2);

    sandbox.write("bad.txt", format!("{}\nffffffffffff\nxyz\n", ids[0]));
    let _ = sandbox
        .run([
            "export",
            "--ids",
            "bad.txt",
            "--to",
            "bad.jsonl",
            "--format",
            "json",
        ])
        .expect(3)
        .says(&["left out: ", "`ffffffffffff`", "`xyz`"]);
    assert_eq!(lines(&sandbox.read("bad.jsonl")).len(), 1);
}

#[test]
fn ids_come_through_a_pipe() {
    let sandbox = Sandbox::with_harbour();
    let mut child = sandbox
        .command([
            "export", "--ids", "-", "--to", "all.mbox", "--format", "mbox",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let list = sandbox.ids("*").join("\n");
    child
        .stdin
        .take()
        .expect("it is a pipe")
        .write_all(list.as_bytes())
        .expect("the program reads");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let mailbox = sandbox.read("all.mbox");
    let separators = mailbox
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"From "))
        .count();
    assert_eq!(separators, 4);
    assert!(MessageParser::default().parse(&mailbox).is_some());
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("mine.csv", "precious");
    let export = ["export", "*", "--to", "mine.csv", "--format", "csv"];
    let _ = sandbox
        .run(export)
        .expect(2)
        .says(&["`mine.csv` exists already", "--force"]);
    assert_eq!(sandbox.read("mine.csv"), b"precious");
    let _ = sandbox.run(export.iter().chain(&["--force"])).expect(0);
    assert_ne!(sandbox.read("mine.csv"), b"precious");
    sandbox.write("folder/precious.txt", "precious");
    let _ = sandbox
        .run([
            "export", "*", "--to", "folder", "--format", "eml", "--force",
        ])
        .expect(2);
    assert_eq!(sandbox.read("folder/precious.txt"), b"precious");
}

#[test]
fn nothing_found_writes_nothing() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "zeppelin", "--to", "x.csv", "--format", "csv"])
        .expect(1);
    assert!(!sandbox.path("x.csv").exists());
    let _ = sandbox
        .run(["export", "form:anne", "--to", "x.csv", "--format", "csv"])
        .expect(2)
        .says(&["^^^^"]);
}

#[test]
fn an_export_to_standard_output_is_refused() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--format", "csv", "--to", "-"])
        .expect(2)
        .says(&["standard output", "hint: name a file"]);
    assert!(!sandbox.path("-").exists());
}
