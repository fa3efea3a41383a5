//! One writer at a time; Ctrl-C leaves a sound case. Unix only: elsewhere a test
//! cannot send a Ctrl-C to one process.
#![cfg(unix)]

use crate::common::Sandbox;
use crate::common::many;
use crate::common::mbox;
use std::fs;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// Enough that an ingest takes some seconds.
const MESSAGES: usize = 60_000;

fn start(sandbox: &Sandbox) -> Child {
    let child = sandbox
        .command(["ingest", "many.mbox", "--release", "many"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let lock = sandbox.path("muckrake-case/lock");
    let start = Instant::now();
    while !fs::read_to_string(&lock).is_ok_and(|note| note.contains("ingest")) {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it never took the lock"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.expect("there is a kill").success());
}

#[test]
fn a_second_writer_waits_its_turn_and_ctrl_c_leaves_a_sound_case() {
    let sandbox = Sandbox::new();
    sandbox.write("many.mbox", mbox(&many(MESSAGES)));
    sandbox.write("one.mbox", mbox(&many(1)));
    let child = start(&sandbox);

    let second = sandbox
        .run(["ingest", "one.mbox", "--release", "one"])
        .expect(4);
    let writer = format!(
        "is being written by process {} (ingest of `many`, since 20",
        child.id()
    );
    let _ = second.says(&[&writer, "UTC)", "hint: "]);
    let meanwhile = sandbox.run(["search", "--count", "*"]);
    assert!(
        meanwhile.status <= 1,
        "searching is possible meanwhile: {}",
        meanwhile.stderr
    );

    interrupt(&child);
    let output = child.wait_with_output().expect("it ends");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{messages}");
    assert!(messages.contains("interrupted"), "{messages}");

    let totals = sandbox.totals();
    assert_eq!(totals["balanced"], true);
    assert_eq!(totals["messages"].as_u64(), Some(sandbox.count("*")));

    let _ = sandbox
        .run(["ingest", "many.mbox", "--release", "many"])
        .expect(0);
    assert_eq!(sandbox.count("*"), MESSAGES as u64);
    assert_eq!(sandbox.totals()["balanced"], true);
    assert_eq!(sandbox.totals()["duplicates"], 0);
}

/// An ingest commits every three seconds; one that runs so much longer, on a machine that has much
/// else to do, must have shown something.
const SURELY_COMMITTED: Duration = Duration::from_secs(60);

#[test]
fn the_lock_of_a_killed_process_keeps_nobody_out() {
    let sandbox = Sandbox::new();
    sandbox.write("many.mbox", mbox(&many(MESSAGES)));
    let mut child = start(&sandbox);
    child.kill().expect("it runs");
    let _ = child.wait().expect("it ends");
    assert!(!sandbox.read("muckrake-case/lock").is_empty());
    sandbox.write("one.mbox", mbox(&many(1)));
    let _ = sandbox
        .run(["ingest", "one.mbox", "--release", "one"])
        .expect(0);
    assert_eq!(sandbox.totals()["balanced"], true);
}

/// A kill in the middle of a mailbox costs what came after the last checkpoint and no more.
#[test]
fn an_ingest_that_was_killed_goes_on_inside_its_mailbox() {
    let sandbox = Sandbox::new();
    sandbox.write("many.mbox", mbox(&many(MESSAGES)));
    let mut child = start(&sandbox);
    let started = Instant::now();
    while sandbox.run(["search", "--count", "*"]).text().trim() == "0" {
        assert!(started.elapsed() < SURELY_COMMITTED, "nothing is committed");
        assert!(
            child.try_wait().expect("it can be asked").is_none(),
            "it is done"
        );
    }
    child.kill().expect("it runs");
    let _ = child.wait().expect("it ends");
    let kept = sandbox.count("*");
    let totals = sandbox.totals();
    assert_eq!(
        (&totals["balanced"], totals["messages"].as_u64()),
        (&true.into(), Some(kept))
    );
    let looked = sandbox.run(["search", "--limit", "1", "*"]);
    let _ = looked.says(&["the ingest of `many` was interrupted"]);

    let again = sandbox
        .run(["ingest", "many.mbox", "--release", "many"])
        .expect(0);
    let said = format!(
        "{} messages kept from a run that was interrupted",
        grouped(kept)
    );
    assert!(again.text().contains(&said), "{said}: {}", again.text());
    assert_eq!(sandbox.count("*"), MESSAGES as u64);
    let totals = sandbox.totals();
    assert_eq!(
        (&totals["balanced"], &totals["duplicates"]),
        (&true.into(), &0.into())
    );
    let _ = sandbox.run(["verify"]).expect(0);
}

/// A number as people read it, below a million.
fn grouped(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

#[test]
fn what_an_ingest_has_read_is_found_while_it_goes_on() {
    let sandbox = Sandbox::new();
    sandbox.write("many.mbox", mbox(&many(MESSAGES)));
    let mut child = start(&sandbox);
    let started = Instant::now();
    let (mut said, mut found) = (false, false);
    while !(said && found) {
        let search = sandbox.run(["search", "--json", "--limit", "1", "*"]);
        if child.try_wait().expect("it can be asked").is_some() {
            break;
        }
        assert!(search.status <= 1, "{}", search.stderr);
        said |= search.stderr.contains("is writing to this case");
        found |= search.status == 0;
        assert!(
            found || started.elapsed() < SURELY_COMMITTED,
            "nothing is found after {SURELY_COMMITTED:?}"
        );
    }
    assert!(said, "a search says that an ingest is under way");
    interrupt(&child);
    let _ = child.wait_with_output().expect("it ends");
}

/// A limit on the size of a file stands for a disk that is full: a write fails, in whatever file
/// grows first. What was committed before stays, and the same command does the rest.
#[test]
fn a_write_that_fails_ends_the_run_and_nothing_half_done_is_kept() {
    let mail = mbox(&many(1_000));
    let whole = Sandbox::new();
    whole.write("many.mbox", &mail);
    let _ = whole
        .run(["ingest", "many.mbox", "--release", "many"])
        .expect(0);
    let mut expected = whole.ids("*");
    expected.sort();
    // In blocks of 512 bytes: when the case is made, in the ledger, in the index.
    for blocks in [8, 200, 400] {
        let sandbox = Sandbox::new();
        sandbox.write("many.mbox", &mail);
        let program = env!("CARGO_BIN_EXE_muckrake");
        let limited = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec {program} ingest many.mbox --release many"
        );
        let output = Command::new("sh")
            .args(["-c", &limited])
            .current_dir(sandbox.path("."))
            .env_remove("MUCKRAKE_CASE")
            .stdin(Stdio::null())
            .output();
        let failed = crate::common::Run::of(output.expect("there is a shell")).expect(4);
        assert!(failed.stderr.contains("error: "), "{}", failed.stderr);
        let _ = sandbox
            .run(["ingest", "many.mbox", "--release", "many"])
            .expect(0);
        let mut ids = sandbox.ids("*");
        ids.sort();
        assert!(ids == expected, "{blocks}: {} messages", ids.len());
        assert_eq!(sandbox.totals()["balanced"], true);
        let _ = sandbox.run(["verify"]).expect(0);
    }
}
