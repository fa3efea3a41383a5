//! Every limit that is hit is in the ledger, with its name and the place.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::mbox;
use muckrake_sample::hostile;

/// A sandbox whose case has these limits, and one release of the file `source`.
fn with_limits(limits: &str, source: &[u8]) -> Sandbox {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "muckrake-case/muckrake.toml",
        format!("[limits]\n{limits}\n"),
    );
    sandbox.write("source", source);
    let _ = sandbox
        .run(["ingest", "source", "--release", "r"])
        .expect(3);
    assert_eq!(sandbox.totals()["balanced"], true);
    sandbox
}

/// What `ledger --unread` says: lines of places and lines of reasons.
fn unread(sandbox: &Sandbox) -> String {
    sandbox
        .run(["ledger", "--unread"])
        .expect(0)
        .text()
        .to_owned()
}

const HEAD: &str = "From: anne@harbour.example\nTo: bob@city.example\nSubject: Limits\n\
    Date: Mon, 1 Mar 2021 10:30:00 -0500\nMessage-ID: <limits@harbour.example>\n";

#[test]
fn each_limit_that_is_hit_is_named() {
    let parts = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\nx\n".repeat(30)
    );
    let attached =
        format!("{HEAD}Content-Type: message/rfc822\n\n").repeat(6) + HEAD + "\nburied\n";
    let multiparts: String = (0..6)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"))
        .collect();
    let table = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/csv; name=a.csv\n\n{}--b--\n",
        "1,2\n".repeat(100)
    );
    let mut long_mbox = mbox(&harbour());
    long_mbox.push_str(&mbox(&[format!("{HEAD}\n{}", "a line\n".repeat(2000))]));
    let letter = hostile::nested_zip(1);
    for (limits, source, said) in [
        (
            "archive_depth = 2",
            hostile::nested_zip(4),
            "nested in more than 2 archives, the limit `archive_depth`",
        ),
        (
            "unpacked_bytes = 100",
            hostile::nested_zip(1),
            "more than 100 bytes, the limit `unpacked_bytes`",
        ),
        (
            "message_bytes = 100",
            letter,
            "message over the limit `message_bytes`",
        ),
        (
            "message_bytes = 5000",
            long_mbox.into_bytes(),
            "message over the limit `message_bytes`",
        ),
        (
            "header_bytes = 1000",
            hostile::huge_header(5000),
            "a field of 5001 bytes, cut to 1000, the limit `header_bytes`",
        ),
        (
            "header_block_bytes = 1000",
            format!("{HEAD}{}\nbody\n", "A: b\n".repeat(1000)).into_bytes(),
            "passed over, the limit `header_block_bytes`",
        ),
        (
            "parts = 10",
            parts.into_bytes(),
            "more parts than the limit `parts`: the rest",
        ),
        (
            "parts = 2",
            attached.clone().into_bytes(),
            "more parts than the limit `parts`",
        ),
        (
            "nesting = 3",
            attached.into_bytes(),
            "nested deeper than the limit `nesting`",
        ),
        (
            "nesting = 3",
            format!("{HEAD}{multiparts}\nburied\n").into_bytes(),
            "nested deeper than the limit `nesting`: a multipart is kept as text",
        ),
        (
            "body_text_bytes = 50",
            format!("{HEAD}\n{}", "a line\n".repeat(20)).into_bytes(),
            "body over a limit: of a text of 140 bytes only the first 50 are searched, the limit `body_text_bytes`",
        ),
        (
            "attachment_text_bytes = 50",
            table.into_bytes(),
            "only its first 50 bytes are searched, the limit `attachment_text_bytes`",
        ),
    ] {
        let sandbox = with_limits(limits, &source);
        let told = unread(&sandbox);
        assert!(told.contains(said), "{limits}: {told}");
        assert!(told.contains("source"), "the place is told: {told}");
        let rows = told.lines().filter(|line| line.starts_with(' ')).count();
        // The member that goes over what the source may unpack to, and what follows it.
        let wanted = if limits.starts_with("unpacked_bytes") {
            2
        } else {
            1
        };
        assert_eq!(rows, wanted, "{limits}: {told}");
    }
}

#[test]
fn a_bomb_names_the_ratio() {
    let mut bomb = std::io::Cursor::new(Vec::new());
    hostile::write_zip_bomb(&mut bomb, 80_000_000).expect("it is written to memory");
    let sandbox = with_limits("unpacked_ratio = 2", bomb.get_ref());
    assert!(
        unread(&sandbox).contains("the limit `unpacked_ratio`"),
        "{}",
        unread(&sandbox)
    );
}

#[test]
fn limits_that_meet_are_told_one_by_one() {
    let inner = format!(
        "{HEAD}X-Long: {}\nContent-Type: multipart/mixed; boundary=c\n\n{}",
        "y".repeat(2000),
        "--c\n\nx\n".repeat(30)
    );
    let outer = format!(
        "{HEAD}X-Long: {}\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n",
        "y".repeat(3000)
    );
    let sandbox = with_limits(
        "header_bytes = 1000\nparts = 20\nnesting = 5",
        outer.as_bytes(),
    );
    let told = unread(&sandbox);
    for said in [
        "a field of 3001 bytes",
        "a field of 2001 bytes",
        "more parts than the limit `parts`",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(told.contains("!/part 1"), "the part is told: {told}");
}

#[test]
fn what_a_limit_kept_out_is_read_once_it_is_raised() {
    let source = format!("{HEAD}\n{}the last line\n", "a line\n".repeat(1000));
    let sandbox = with_limits("message_bytes = 1000", source.as_bytes());
    assert_eq!(sandbox.count("subject:limits"), 0);
    sandbox.write("muckrake-case/muckrake.toml", "");
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.count("\"the last line\" subject:limits"), 1);
    assert_eq!(sandbox.totals()["unread"], 0);
}

/// The sources are as they were; it is the user's own limit that would lose something.
#[test]
fn a_limit_that_was_lowered_is_named_and_the_sources_are_not_blamed() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "muckrake-case/muckrake.toml",
        "[limits]\nmessage_bytes = 100\n",
    );
    let refused = sandbox.run(["rebuild"]).expect(4).says(&[
        "4 messages and 0 sources of the case could not be made again, so nothing was changed",
        "what is over the limit `message_bytes` was not read",
        "hint: raise that limit in the case's `muckrake.toml`",
    ]);
    assert!(!refused.stderr.contains("password"), "{}", refused.stderr);
    assert_eq!(sandbox.count("*"), 4);
    sandbox.write("muckrake-case/muckrake.toml", "");
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.count("*"), 4);
}
