//! A place to run the program in, and invented mail to run it on.

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use tempfile::TempDir;

/// A folder of its own in which the program runs with nothing else around it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder can be made"),
        }
    }

    /// A sandbox whose case holds one release, `harbour`, of four mails in `harbour.mbox`.
    pub(crate) fn with_harbour() -> Self {
        let sandbox = Self::new();
        sandbox.write("harbour.mbox", mbox(&harbour()));
        let _ = sandbox
            .run(["ingest", "harbour.mbox", "--release", "harbour"])
            .expect(0);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in the sandbox"))
            .expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the file is there")
    }

    /// The program, not yet started: no variable of this environment reaches it.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        program(self.folder.path(), arguments)
    }

    /// Runs the program to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::of(
            self.command(arguments)
                .output()
                .expect("the program can be started"),
        )
    }

    /// How many messages match.
    pub(crate) fn count(&self, query: &str) -> u64 {
        let run = self.run(["search", "--count", "--", query]);
        assert!(run.status <= 1, "{}", run.stderr);
        run.text().trim().parse().expect("it is a number")
    }

    /// Ids of all messages that match, sorted.
    pub(crate) fn ids(&self, query: &str) -> Vec<String> {
        let hits = self.run(["search", "--json", "--", query]).json();
        let mut ids: Vec<String> = hits.iter().map(|hit| text(&hit["id"])).collect();
        ids.sort();
        ids
    }

    /// The one message that matches.
    pub(crate) fn hit(&self, query: &str) -> Value {
        let mut hits = self.run(["search", "--json", "--", query]).expect(0).json();
        assert_eq!(hits.len(), 1, "{query} finds {} messages", hits.len());
        hits.remove(0)
    }

    /// The totals of the ledger.
    pub(crate) fn totals(&self) -> Value {
        self.run(["ledger", "--json"])
            .expect(0)
            .json()
            .pop()
            .expect("the totals come last")
    }
}

/// The program in a folder, in an empty environment.
pub(crate) fn program<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muckrake"));
    command.args(arguments).current_dir(folder).env_clear();
    // Windows programs do not start without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// What a run of the program came to.
#[must_use = "a run that nobody looks at tests nothing"]
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("no signal ended it"),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// The run, if it ended so.
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(
            self.status,
            status,
            "stdout: {}\nstderr: {}",
            String::from_utf8_lossy(&self.stdout),
            self.stderr
        );
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("the output is UTF-8")
    }

    /// The output as JSON Lines.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// Fails unless the messages for people hold each of these.
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "`{part}` is not said in: {}",
                self.stderr
            );
        }
        self
    }
}

/// A JSON string.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no string"))
        .to_owned()
}

/// A mail by and to invented people. `day` is one of March 2021.
pub(crate) fn mail(day: u32, from: &str, to: &str, subject: &str, body: &str) -> String {
    let name = from.split('@').next().unwrap_or_default();
    format!(
        "From: {name} <{from}>\nTo: {to}\nSubject: {subject}\nDate: {day} Mar 2021 10:30:00 -0500\n\
         Message-ID: <{day}.{name}@harbour.example>\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

/// Four mails of the harbour authority: a thread of two, one with an attachment, one undated.
pub(crate) fn harbour() -> Vec<String> {
    let first = mail(
        1,
        "anne@harbour.example",
        "bob@city.example",
        "North pier contract",
        "The contract for the north pier is ready.",
    );
    let answer = mail(
        2,
        "bob@city.example",
        "anne@harbour.example",
        "Re: North pier contract",
        "Send it over.\n\n> The contract for the north pier is ready.",
    )
    .replacen(
        "Message-ID",
        "In-Reply-To: <1.anne@harbour.example>\nMessage-ID",
        1,
    );
    let attached = "From: Carol Demo <carol@city.example>\nTo: anne@harbour.example\nSubject: Estimate\n\
        Date: Wed, 3 Mar 2021 23:30:00 -0500\nMessage-ID: <3.carol@city.example>\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: text/plain\n\nSee the table.\n\
        --cut\nContent-Type: text/csv; name=estimate.csv\nContent-Disposition: attachment; filename=estimate.csv\n\n\
        item,price\npilings,30500000\n--cut--\n"
        .to_owned();
    let undated = "From: Dan Trial <dan@city.example>\nTo: anne@harbour.example\nSubject: Keys\n\
        Message-ID: <4.dan@city.example>\n\nThe keys to the shed.\n"
        .to_owned();
    vec![first, answer, attached, undated]
}

/// Mails as a mailbox (mboxrd).
pub(crate) fn mbox(mails: &[String]) -> String {
    let mut mailbox = String::new();
    for mail in mails {
        mailbox.push_str("From sender@harbour.example Mon Mar  1 10:30:00 2021\n");
        for line in mail.lines() {
            if line.trim_start_matches('>').starts_with("From ") {
                mailbox.push('>');
            }
            mailbox.push_str(line);
            mailbox.push('\n');
        }
        mailbox.push('\n');
    }
    mailbox
}

/// So many different mails.
pub(crate) fn many(number: usize) -> Vec<String> {
    (0..number)
        .map(|position| {
            format!(
                "From: Anne Example <anne@harbour.example>\nTo: bob@city.example\nSubject: Daily report {position}\n\
                 Date: Mon, 1 Mar 2021 10:30:00 -0500\nMessage-ID: <report.{position}@harbour.example>\n\n\
                 Report number {position}: all pilings of the north pier stand.\n"
            )
        })
        .collect()
}

/// The folder of real mail, if there is one.
pub(crate) fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("MUCKRAKE_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        PathBuf::from,
    );
    folder.is_dir().then_some(folder)
}
