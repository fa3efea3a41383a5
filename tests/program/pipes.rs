//! A reader that goes away is a normal end.

use crate::common::Sandbox;
use crate::common::many;
use crate::common::mbox;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::process::Stdio;

/// Starts the program, reads one line, closes the pipe; gives status and messages.
fn read_one_line(sandbox: &Sandbox, line: &[&str]) -> (Option<i32>, String) {
    let mut child = sandbox
        .command(line)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut reader = BufReader::with_capacity(64, child.stdout.take().expect("it is a pipe"));
    let mut first = String::new();
    reader.read_line(&mut first).expect("the program writes");
    assert!(!first.is_empty(), "{line:?} wrote nothing");
    drop(reader);
    let mut messages = String::new();
    child
        .stderr
        .take()
        .expect("it is a pipe")
        .read_to_string(&mut messages)
        .expect("messages are UTF-8");
    (child.wait().expect("it ends").code(), messages)
}

#[test]
fn a_closed_pipe_is_no_error() {
    let sandbox = Sandbox::new();
    // More than a pipe holds, in every form.
    sandbox.write("many.mbox", mbox(&many(1_500)));
    let _ = sandbox
        .run(["ingest", "many.mbox", "--release", "many"])
        .expect(0);
    for line in [
        &["search", "*"][..],
        &["search", "*", "--json"],
        &["search", "*", "--csv"],
        &["search", "*", "--threads", "--json"],
        &["completions", "zsh"],
        &["ledger"],
    ] {
        let (status, messages) = read_one_line(&sandbox, line);
        assert_eq!(status, Some(0), "{line:?}: {messages}");
        assert!(messages.is_empty(), "{line:?}: {messages}");
    }
}
