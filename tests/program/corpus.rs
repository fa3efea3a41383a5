//! The program on real mail, where there is any: one case, shared by the tests.

use crate::common::Run;
use crate::common::corpora;
use crate::common::program;
use crate::common::text;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;
use tempfile::TempDir;

/// A case with `linux-man` in it.
struct Shared {
    folder: TempDir,
}

impl Shared {
    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(
            program(self.folder.path(), arguments)
                .output()
                .expect("the program can be started"),
        )
    }
}

/// Made by the first test that asks, used by all.
fn linux_man() -> Option<&'static Shared> {
    static CASE: OnceLock<Option<Shared>> = OnceLock::new();
    CASE.get_or_init(|| {
        let source: PathBuf = corpora()?.join("linux-man.mbox.zst");
        if !source.is_file() {
            return None;
        }
        let shared = Shared {
            folder: TempDir::new().expect("a temporary folder can be made"),
        };
        let source = source.to_string_lossy().into_owned();
        let start = Instant::now();
        let run = shared.run(&["ingest", &source, "--release", "linux-man"]);
        assert!(run.status == 0 || run.status == 3, "{}", run.stderr);
        eprintln!(
            "linux-man was ingested in {:.1} s",
            start.elapsed().as_secs_f64()
        );
        Some(shared)
    })
    .as_ref()
}

macro_rules! real_mail {
    () => {
        match linux_man() {
            Some(shared) => shared,
            None => {
                eprintln!("skipped: no real mail (MUCKRAKE_CORPORA)");
                return;
            }
        }
    };
}

/// 17,885 `From ` separators after a blank line, counted by grep, and one attached message.
#[test]
fn every_message_of_the_list_is_there() {
    let shared = real_mail!();
    let totals = shared
        .run(&["ledger", "--json"])
        .expect(0)
        .json()
        .pop()
        .expect("totals come last");
    assert_eq!(
        totals["copies"].as_u64().zip(totals["attached"].as_u64()),
        Some((17_886, 1))
    );
    assert_eq!(totals["balanced"], true);
    let all = shared.run(&["search", "--count", "*"]).expect(0);
    assert_eq!(all.text().trim().parse().ok(), totals["messages"].as_u64());
}

#[test]
fn json_gives_each_message_once() {
    let shared = real_mail!();
    let hits = shared
        .run(&["search", "--json", "subject:patch"])
        .expect(0)
        .json();
    let ids: BTreeSet<String> = hits.iter().map(|hit| text(&hit["id"])).collect();
    assert_eq!(ids.len(), hits.len());
    let count = shared
        .run(&["search", "--count", "subject:patch"])
        .expect(0);
    assert_eq!(count.text().trim(), hits.len().to_string());
}

#[test]
fn rows_fit_a_hundred_columns() {
    let shared = real_mail!();
    let run = shared
        .run(&["search", "manual", "--limit", "200"])
        .expect(0);
    for line in run.text().lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 100, "{line}");
    }
}

#[test]
fn a_message_near_the_end_of_a_compressed_mailbox_is_read_back() {
    let shared = real_mail!();
    let last = shared
        .run(&["search", "*", "--sort", "-date", "--limit", "1", "--json"])
        .expect(0)
        .json();
    let start = Instant::now();
    let raw = shared
        .run(&["show", "--raw", "--stored", &text(&last[0]["id"])])
        .expect(0);
    eprintln!(
        "read back in {:.0} ms",
        start.elapsed().as_secs_f64() * 1000.0
    );
    assert_eq!(
        raw.stdout.len() as u64,
        last[0]["copies"][0]["length"].as_u64().expect("a number")
    );
}
