//! Nothing leaks: no file outside the case and the target, no connection, no name that does harm.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::mbox;
use crate::common::text;
use crate::timeline::elements;
use muckrake_sample::hostile;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// The program in a sandbox with a home and a folder for temporary files of its own, where it has no business.
fn command(sandbox: &Sandbox, line: &[String]) -> Command {
    let mut command = sandbox.command(line);
    for variable in [
        "HOME",
        "TMPDIR",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env(variable, sandbox.path("elsewhere"));
    }
    command
}

/// Sources that climb, nest, explode and lie, and a mailbox packed so that it needs a seekable copy.
fn sources(sandbox: &Sandbox) {
    for mail in hostile::small() {
        sandbox.write(&format!("in/{}", mail.name), mail.bytes);
    }
    sandbox.write("in/climb.zip", hostile::climbing_zip());
    sandbox.write("in/deep.zip", hostile::nested_zip(20));
    sandbox.write("in/cut.zip", hostile::truncated_zip());
    sandbox.write("in/harbour.mbox", mbox(&harbour()));
    sandbox.write("moved/harbour.mbox", mbox(&harbour()));
    sandbox.write("terms.txt", "pier\nquay\n");
    fs::create_dir_all(sandbox.path("elsewhere")).expect("a folder can be made");
}

/// Stands in the lines below for the id of a message.
const ID: &str = "ID";

/// Every command, with what may be written beside the case.
const LINES: &[&[&str]] = &[
    &["ingest", "in", "--release", "r"],
    &["show", ID],
    &["show", ID, "--thread"],
    &["show", ID, "--raw"],
    &["search", "pier OR invoice"],
    &["search", "*", "--json"],
    &["search", "*", "--threads", "--csv"],
    &["search", "header.received:x OR pier"],
    &["export", "*", "--to", "out", "--format", "eml"],
    &["export", "*", "--to", "out.mbox", "--format", "mbox"],
    &["export", "*", "--to", "out.csv", "--format", "csv"],
    &["export", "*", "--to", "out.jsonl", "--format", "json"],
    &["export", "*", "--to", "out.sqlite", "--format", "sqlite"],
    &["export", "*", "--to", "out-html", "--format", "html"],
    &["export", "*", "--to", "out-dat", "--format", "dat"],
    &[
        "export",
        "*",
        "--to",
        "out-bag",
        "--format",
        "attachments",
        "--bag",
    ],
    &["ledger", "--unread"],
    &["ledger", "--json"],
    &["tag", "+key", "pier"],
    &["tags", "list"],
    &["tags", "export"],
    &["notes", "set", ID, "see the quay"],
    &["notes", "export"],
    &["queries", "save", "q", "pier"],
    &["queries", "export"],
    &["terms", "terms.txt"],
    &["timeline", "pier", "--csv"],
    &["network", "*", "--svg"],
    &["redactions", "--csv"],
    &["officials", "list"],
    &["officials", "suggest"],
    &["officials", "merge", "anne@harbour.example"],
    &["officials", "export"],
    &["links", "list"],
    &["ghosts"],
    &["footers", "learn"],
    &["footers", "list"],
    &["releases", "set", "r", "--promised", "99"],
    &["releases", "rename", "r", "s"],
    &["releases", "list"],
    &["relocate", "in/harbour.mbox", "moved/harbour.mbox"],
    &["verify"],
    &["rebuild"],
    &["releases", "forget", "s"],
    &["demo", "out-demo"],
    &["completions", "bash"],
    &["man"],
];

/// A line with the id of a message in the place of [`ID`].
fn line_of(sandbox: &Sandbox, line: &[&str]) -> Vec<String> {
    let id = || text(&sandbox.hit("message-id:4.dan@city.example")["id"]);
    line.iter()
        .map(|word| {
            if *word == ID {
                id()
            } else {
                (*word).to_owned()
            }
        })
        .collect()
}

#[test]
fn each_command_is_among_those_that_are_looked_at() {
    let help = Sandbox::new().run(["--help"]).expect(0);
    let commands = help
        .text()
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // What a command does may go over several lines.
        .filter_map(|line| {
            line.strip_prefix("  ")
                .filter(|line| !line.starts_with(' '))
        })
        .filter_map(|line| line.split(' ').next());
    let missing: Vec<&str> = commands
        .filter(|name| *name != "help" && !LINES.iter().any(|line| line[0] == *name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

/// Whether a path, relative to the sandbox, is one that the lines above may write.
fn may_be_written(path: &str) -> bool {
    path.starts_with("muckrake-case") || path.starts_with("out")
}

/// Every file below a folder: its bytes and its time.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("it is a folder") {
            let path = entry.expect("it can be listed").path();
            let relative = path.strip_prefix(folder).expect("it lies below").to_owned();
            let metadata = path.symlink_metadata().expect("it is there");
            if may_be_written(&relative.to_string_lossy()) {
                continue;
            }
            let bytes = if metadata.is_dir() {
                Vec::new()
            } else {
                fs::read(&path).expect("it can be read")
            };
            files.insert(
                relative,
                (bytes, metadata.modified().expect("it has a time")),
            );
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    files
}

#[test]
fn nothing_is_written_outside_the_case_and_the_target() {
    let sandbox = Sandbox::new();
    sources(&sandbox);
    let before = snapshot(&sandbox.path("."));
    for line in LINES {
        let line = line_of(&sandbox, line);
        let output = command(&sandbox, &line)
            .output()
            .expect("the program can be started");
        assert!(
            matches!(output.status.code(), Some(0 | 1 | 3)),
            "{line:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(snapshot(&sandbox.path(".")), before, "after {line:?}");
    }
}

/// System calls that open, make, move or remove something.
const WRITES: &[&str] = &[
    "openat",
    "open",
    "creat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "truncate",
    "mknod",
    "mknodat",
];

/// Calls that speak to a network, or to anybody else.
const CALLS_OUT: &[&str] = &["socket(", "connect(", "bind(", "sendto(", "sendmsg("];

#[cfg(target_os = "linux")]
#[test]
fn a_traced_run_opens_no_socket_and_writes_in_its_place() {
    let sandbox = Sandbox::new();
    sources(&sandbox);
    let root = sandbox.path(".").canonicalize().expect("it is there");
    let trace = root.join("elsewhere/trace");
    for line in LINES {
        let mut traced = Command::new("strace");
        traced.args(["-f", "-qq", "-y", "-s", "4096", "-e"]);
        traced.arg(format!("trace=%network,{}", WRITES.join(",")));
        traced
            .arg("-o")
            .arg(&trace)
            .arg(env!("CARGO_BIN_EXE_muckrake"))
            .args(line_of(&sandbox, line));
        traced
            .current_dir(&root)
            .env_clear()
            .env("HOME", root.join("elsewhere"))
            .env("TMPDIR", root.join("elsewhere"));
        let Ok(output) = traced.output() else {
            eprintln!("skipped: there is no `strace` here");
            return;
        };
        let calls = fs::read_to_string(&trace).unwrap_or_default();
        if calls.is_empty() {
            eprintln!(
                "skipped: `strace` may not trace here: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            return;
        }
        for call in calls.lines() {
            let out = CALLS_OUT.iter().find(|name| call.contains(**name));
            assert_eq!(out, None, "{line:?}: {call}");
            let reads = call.contains("open")
                && !["O_WRONLY", "O_RDWR", "O_CREAT"]
                    .iter()
                    .any(|flag| call.contains(flag));
            let failed = call.contains(" = -1 ");
            if reads || failed || !call.contains('"') {
                continue;
            }
            for path in call.split('"').skip(1).step_by(2) {
                let path = path
                    .strip_prefix(&*root.to_string_lossy())
                    .unwrap_or(path)
                    .trim_start_matches(['.', '/']);
                // A handle of the folder that is gone through, which `-y` shows, makes a name whole.
                let base = call
                    .split('<')
                    .nth(1)
                    .and_then(|rest| rest.split('>').next())
                    .unwrap_or_default();
                let within = base.starts_with(&*root.join("muckrake-case").to_string_lossy())
                    || base.starts_with(&*root.join("out").to_string_lossy());
                assert!(
                    may_be_written(path) || within || path == "/dev/null" || path == "/dev/tty",
                    "{line:?}: {call}"
                );
            }
        }
    }
}

/// Names that mean something else than a file to some system.
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "com1", "lpt1", "conin$", "conout$",
];

#[test]
fn no_subject_makes_a_harmful_file_name() {
    let subjects = [
        "../../../etc/passwd",
        "..\\..\\windows\\system32\\x",
        "C:\\x",
        "\\\\server\\share\\x",
        "CON",
        "con.txt",
        "NUL",
        "aux",
        "COM1",
        "LPT1.eml",
        "a:b:$DATA",
        "trailing dot.",
        "trailing space ",
        "-rf",
        "~",
        "$HOME",
        "`id`",
        "\u{202e}lme.exe",
        "\u{200b}",
        "\u{0}nul",
        "\u{1b}[2J",
        "契約 Договор عقد",
        "e\u{301}\u{301}\u{301}",
        "/",
        ".",
        "..",
        "",
        "?*<>|\"",
    ];
    let sandbox = Sandbox::new();
    for (number, subject) in subjects
        .iter()
        .chain([&*"x".repeat(5000), &*"契".repeat(5000)].iter())
        .enumerate()
    {
        let mail = format!(
            "From: anne@harbour.example\nTo: bob@city.example\nSubject: {subject}\nMessage-ID: <{number}@x>\nDate: Mon, 1 Mar 2021 10:30:{number:02} -0500\n\nbody {number}\n"
        );
        sandbox.write(&format!("in/{number}.eml"), mail);
    }
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(0);
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "eml"])
        .expect(0);
    let mut written = 0;
    for folder in fs::read_dir(sandbox.path("out")).expect("it was made") {
        let folder = folder.expect("it can be listed").path();
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder).expect("it is a folder") {
            let name = entry
                .expect("it can be listed")
                .file_name()
                .into_string()
                .expect("it is UTF-8");
            written += 1;
            let letters = name.chars().all(|letter| {
                letter.is_alphanumeric() && !letter.is_ascii_uppercase()
                    || "-_.".contains(letter)
                    || ('\u{300}'..='\u{36f}').contains(&letter)
            });
            assert!(letters && name.len() <= 120, "{name}");
            let stem = name.split('.').next().unwrap_or_default();
            assert!(
                !DEVICES.contains(&stem)
                    && name.matches('.').count() == 1
                    && name.ends_with(".eml"),
                "{name}"
            );
        }
    }
    assert_eq!(
        written,
        subjects.len() + 2,
        "each message has a file of its own"
    );
}

#[test]
fn a_table_runs_nothing_unless_its_cells_are_to_be_exact() {
    let sandbox = Sandbox::new();
    let mail = |number: usize, start: &str| {
        format!(
            "From: \"{start}cmd|' /C calc'!A0\" <anne@harbour.example>\nTo: bob@city.example\nSubject: {start}HYPERLINK(1) pier\nMessage-ID: <{number}@x>\nDate: Mon, 1 Mar 2021 10:30:00 -0500\n\npier\n"
        )
    };
    let starts = ["=", "+", "-", "@", "＝", "\u{a0}="];
    for (number, start) in starts.iter().enumerate() {
        sandbox.write(&format!("in/{number}.eml"), mail(number, start));
    }
    let _ = sandbox.run(["ingest", "in", "--release", "=r"]).expect(0);
    let _ = sandbox
        .run(["export", "*", "--to", "safe.csv", "--format", "csv"])
        .expect(0);
    let _ = sandbox
        .run([
            "export",
            "*",
            "--to",
            "exact.csv",
            "--format",
            "csv",
            "--exact",
        ])
        .expect(0);
    let read = |name: &str| String::from_utf8(sandbox.read(name)).expect("it is UTF-8");
    sandbox.write("terms.csv", "query,name,notes\npier,=1+1,@x\n");
    let tables: &[&[&str]] = &[
        &["search", "*"],
        &["search", "*", "--threads"],
        &["terms", "terms.csv"],
        &["terms", "terms.csv", "--messages"],
        &["timeline", "pier", "--query", "+pier"],
        &["network", "*"],
        &["officials", "list"],
        &["officials", "suggest"],
        &["officials", "private"],
    ];
    let mut written = vec![read("safe.csv")];
    for line in tables {
        let run = sandbox.run([line, &["--csv"][..]].concat());
        assert!(matches!(run.status, 0 | 1), "{line:?}: {}", run.stderr);
        written.push(run.text().to_owned());
    }
    for table in &written {
        for cell in table.lines().flat_map(|line| line.split(',')) {
            let cell = cell.trim_start_matches(['"', ' ', '\u{a0}']);
            assert!(!cell.starts_with(['=', '+', '-', '@', '＝']), "{cell}");
        }
    }
    let exact = sandbox.run(["search", "*", "--csv", "--exact"]).expect(0);
    let named = sandbox
        .run(["officials", "list", "--csv", "--exact"])
        .expect(0);
    assert!(named.text().contains(",=cmd|"), "{}", named.text());
    for table in [&read("exact.csv"), exact.text()] {
        assert!(
            table.contains(",=HYPERLINK(1) pier,") && table.contains(",@HYPERLINK(1) pier,"),
            "{table}"
        );
    }
    let _ = sandbox.run(["search", "*", "--exact"]).expect(2);
    let _ = sandbox
        .run(["export", "*", "--to", "x", "--format", "mbox", "--exact"])
        .expect(2);
}

/// A name with markup, in a drawing and in a graph for other programs.
#[test]
fn a_drawing_of_who_wrote_to_whom_holds_nothing_of_a_mail_but_words() {
    let sandbox = Sandbox::new();
    let name =
        "</text></title><script>alert(1)</script><a href='http://x.example/'> ]]> &\u{1b}[2J";
    for (number, to) in ["bob@city.example", "\"x\"><image href=y>@city.example"]
        .iter()
        .enumerate()
    {
        sandbox.write(
            &format!("in/{number}.eml"),
            format!("From: \"{name}\" <anne@harbour.example>\nTo: {to}\nSubject: pier\nMessage-ID: <{number}@x>\nDate: Mon, 1 Mar 2021 10:30:00 -0500\n\npier\n"),
        );
    }
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(0);
    for (form, known) in [
        (
            "--svg",
            &["svg", "title", "rect", "line", "circle", "text"][..],
        ),
        (
            "--graphml",
            &["graphml", "key", "graph", "node", "edge", "data"],
        ),
    ] {
        let run = sandbox.run(["network", "pier OR </text>", form]).expect(0);
        assert!(run.text().contains("alert(1)"), "{form}: {}", run.text());
        let xml = run
            .text()
            .trim_start_matches("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        let strange: Vec<String> = elements(xml)
            .into_iter()
            .filter(|name| !known.contains(&name.as_str()))
            .collect();
        assert_eq!(strange, [""; 0], "{form}");
        assert!(!run.text().contains('\u{1b}'), "{form}");
    }
}

/// Names and reasons with everything that rules a terminal: C0, C1, bidirectional overrides.
const EVIL: &str = "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}\u{8}\u{2066}";

/// A tar and a zip whose members have hostile names, one of them damaged.
fn archives_with_evil_names(sandbox: &Sandbox) {
    let mail = "From: anne@harbour.example\nTo: bob@city.example\nSubject: quay\nDate: Mon, 1 Mar 2021 10:30:00 -0500\n\nquay\n";
    let name = format!("{EVIL}.eml");
    let bad = format!("{EVIL}.zip");
    let members = [
        (name.as_str(), mail.as_bytes()),
        (bad.as_str(), &b"PK\x03\x04 no archive at all"[..]),
    ];
    sandbox.write("in/members.zip", hostile::zip_of(&members));
    let mut cut = hostile::zip_of(&members);
    cut.truncate(cut.len() - 30);
    sandbox.write("in/cut.zip", cut);
}

#[cfg(unix)]
#[test]
fn no_name_of_a_file_or_member_rules_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("in/{EVIL}.eml"), "From: anne@harbour.example\nTo: bob@city.example\nSubject: pier\nDate: Mon, 1 Mar 2021 10:30:00 -0500\n\npier\n");
    sandbox.write(&format!("in/{EVIL}.dat"), b"\0\x01\x02");
    sandbox.write(
        &format!("in/{EVIL}.gz"),
        b"\x1f\x8b\x08\0\0\0\0\0\0\0damaged",
    );
    archives_with_evil_names(&sandbox);
    let _ = sandbox
        .run([
            "ingest",
            "in",
            "--release",
            EVIL,
            "--agency",
            EVIL,
            "--request",
            EVIL,
        ])
        .expect(3);
    let id = text(&sandbox.hit("subject:pier")["id"]);
    sandbox.write(&format!("in/{EVIL}.eml"), "changed");
    let query = format!("form:{EVIL}");
    let source = format!("source:{EVIL}");
    let folder = sandbox
        .path(&format!("in/{EVIL}"))
        .to_string_lossy()
        .into_owned();
    let lines: &[&[&str]] = &[
        &["search", "pier OR quay"],
        &["search", "*", "--json"],
        &["search", "*", "--csv"],
        &["search", "*", "--threads"],
        &["search", &query],
        &["search", &source],
        &["search", "--explain", &format!("\"{EVIL}\"")],
        &["search", "header.x:y"],
        &["show", &id],
        &["show", &id, "--thread"],
        &["show", &id, "--headers"],
        &["show", &id, "--json"],
        &["show", EVIL],
        &["show", &id, "--raw"],
        &["show", &id, "--part", EVIL],
        &["ledger"],
        &["ledger", "--unread"],
        &["ledger", "--json"],
        &["tag", "+key", "pier"],
        &["queries", "save", "q", "pier"],
        &["releases", "list"],
        &["releases", "list", "--json"],
        &["releases", "rename", EVIL, "x\u{1b}[2J"],
        &["releases", "forget", EVIL],
        &["verify"],
        &["relocate", &folder, EVIL],
        &["ingest", &folder, "--release", "x"],
        &["ingest", "in", "--release", EVIL, "--time-zone", EVIL],
        &["export", "*", "--to", &folder, "--format", "csv"],
        &["export", "*", "--ids", EVIL, "--to", "x", "--format", "eml"],
        &["rebuild"],
        &["--case", EVIL, "search", "pier"],
        &["export", "*", "--to", "in/members.zip", "--format", "csv"],
    ];
    for line in lines {
        let run = sandbox.run(*line);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        for (stream, output) in [
            ("stdout", String::from_utf8_lossy(&run.stdout)),
            ("stderr", run.stderr.as_str().into()),
        ] {
            let ruling = output
                .chars()
                .find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t' | '\r'));
            assert_eq!(ruling, None, "{stream} of {line:?}: {output:?}");
        }
        if line.contains(&"--json") && run.status == 0 {
            assert!(!run.json().is_empty(), "{line:?}");
        }
    }
}

/// `script` gives the program a terminal, and so a progress line and colours.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_no_name_is_obeyed_either() {
    let sandbox = Sandbox::new();
    sandbox.write(&format!("in/{EVIL}.eml"), "From: anne@harbour.example\nTo: bob@city.example\nSubject: pier\nDate: Mon, 1 Mar 2021 10:30:00 -0500\n\npier\n");
    archives_with_evil_names(&sandbox);
    let program = env!("CARGO_BIN_EXE_muckrake");
    for line in [
        "ingest in --release r",
        "search pier",
        "ledger --unread",
        "ledger",
        "verify",
        "rebuild",
        "search form:pier",
        "releases list",
    ] {
        let output = Command::new("script")
            .args(["-qec", &format!("{program} {line}"), "/dev/null"])
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
        let bad = ['\u{7}', '\u{8}', '\u{9b}', '\u{202e}', '\u{2066}']
            .iter()
            .find(|letter| shown.contains(**letter));
        assert_eq!(bad, None, "{line}: {shown:?}");
        // What moves the cursor or colours is the program's own: no sequence that sets titles or more.
        let foreign = shown
            .split('\u{1b}')
            .skip(1)
            .find(|rest| !rest.starts_with('['));
        assert_eq!(foreign, None, "{line}: {shown:?}");
    }
}
