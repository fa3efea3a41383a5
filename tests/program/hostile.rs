//! Mail that wants to rule the terminal.

use crate::common::Sandbox;
use crate::common::text;

/// Subject, name, body, file name and folder full of escape sequences and controls.
fn hostile() -> String {
    "From: \"Anne =?utf-8?q?=1B=5D0=3Bowned=07?=\" <anne@harbour.example>\nTo: bob@city.example\n\
     Subject: =?utf-8?q?pier_=1B=5B2J=C2=9B31m_=E2=80=AEfdp=2Eexe?=\nMessage-ID: <1@harbour.example>\n\
     Date: Mon, 1 Mar 2021 10:30:00 -0500\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n\n\
     --cut\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
     pier =1B[31mred=1B[0m =1B]52;c;b3duZWQ=3D=07 over=0Dwritten =C2=9B2J\n\
     --cut\nContent-Type: text/plain; name=\"=?utf-8?q?x=1B=5B2J=2Etxt?=\"\nContent-Disposition: attachment\n\n\
     attached \u{1b}[2J text\n--cut--\n"
        .to_owned()
}

#[test]
fn no_escape_sequence_reaches_the_output() {
    let sandbox = Sandbox::new();
    sandbox.write("a.eml", hostile());
    let _ = sandbox
        .run(["ingest", "a.eml", "--release", "r\u{1b}[2J"])
        .expect(0);
    let id = text(&sandbox.hit("pier")["id"]);
    for line in [
        &["search", "pier"][..],
        &["search", "pier", "--csv"],
        &["search", "pier", "--json"],
        &["search", "pier", "--threads"],
        &["search", "pier", "--explain", "OR", "\u{1b}[2J"],
        &["show", &id],
        &["show", &id, "--headers"],
        &["show", &id, "--thread"],
        &["show", &id, "--json"],
        &["ledger"],
        &["ledger", "--json"],
        &["releases", "list"],
    ] {
        let run = sandbox.run(line).expect(0);
        for (stream, output) in [("stdout", run.text()), ("stderr", &run.stderr)] {
            let control = output
                .chars()
                .find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'));
            assert_eq!(control, None, "{stream} of {line:?}: {output:?}");
        }
    }
    let wrong = sandbox.run(["search", "form:\u{1b}[2J"]).expect(2);
    assert!(!wrong.stderr.contains('\u{1b}'), "{:?}", wrong.stderr);
    let raw = sandbox.run(["show", &id, "--raw"]).expect(0);
    assert_eq!(raw.text(), hostile(), "the original is exact all the same");
}

/// `script` gives the program a terminal; where it is absent the unit tests must do.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_hidden_text_is_shown_too() {
    let sandbox = Sandbox::new();
    sandbox.write("a.eml", hostile());
    let _ = sandbox.run(["ingest", "a.eml", "--release", "r"]).expect(0);
    let program = env!("CARGO_BIN_EXE_muckrake");
    let output = std::process::Command::new("script")
        .args(["-qec", &format!("{program} search pier"), "/dev/null"])
        .current_dir(sandbox.path("."))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .env_remove("MUCKRAKE_CASE")
        .stdin(std::process::Stdio::null())
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no `script` here");
        return;
    };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("\\u{202e}fdp.exe"), "{shown:?}");
    assert!(shown.contains("\\x1b[2J\\x9b31m"), "{shown:?}");
    // The colours are the program's own, and nothing else is an escape sequence.
    let foreign = shown.split('\u{1b}').skip(1).find(|rest| {
        let end = rest.find(|c: char| c != '[' && c != ';' && !c.is_ascii_digit());
        end.and_then(|end| rest[end..].chars().next()) != Some('m')
    });
    assert_eq!(foreign, None, "{shown:?}");
    assert!(
        shown.contains("\u{1b}["),
        "a terminal gets colour: {shown:?}"
    );
}
