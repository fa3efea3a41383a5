//! Reads files and folders, and prints how many records of which kind they give:
//! `cargo run --release -p muckrake-ingest --example list -- PATH…`
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use muckrake_ingest::{
    Counters, Known, Limits, Record, Request, SeekableStore, Sink, SinkError, run,
};

#[derive(Default)]
struct Counts(BTreeMap<String, u64>);

impl Sink for Counts {
    fn accept(&mut self, record: Record) -> Result<(), SinkError> {
        let what = match &record {
            Record::Item(item) => format!("item, {} ({:?})", item.kind, item.state),
            Record::SourceEnd(end) => format!("source, {}", end.kind),
            Record::Unread(unread) => format!("unread, {}", unread.reason),
            Record::Unreadable(unreadable) => format!("unreadable, {}", unreadable.reason),
            other => format!("{other:?}")
                .split('(')
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        *self.0.entry(what).or_default() += 1;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let roots: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let request = Request {
        roots: &roots,
        exclude: &[],
        known: &Known::new(),
        limits: &Limits::default(),
        passwords: &[],
        store: &SeekableStore::new(Path::new("seekable-copies")),
        ocr: None,
        cancel: &AtomicBool::new(false),
        counters: &Counters::new(),
    };
    let mut counts = Counts::default();
    let outcome = run(&request, &mut counts)?;
    for (what, count) in &counts.0 {
        println!("{count:8} {what}");
    }
    println!("{:8} files", outcome.files);
    Ok(())
}
