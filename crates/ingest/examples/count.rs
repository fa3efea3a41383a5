//! Reads a folder and counts its mail: `cargo run -p muckrake-ingest --example count -- FOLDER`
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::{path::Path, sync::atomic::AtomicBool};

use muckrake_ingest::{Counters, Known, Limits, Record, Request, SeekableStore, SinkError, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    let (mut messages, mut unread) = (0, 0);
    let request = Request {
        roots: &[folder.into()],
        exclude: &[],
        known: &Known::new(),
        limits: &Limits::default(),
        passwords: &[],
        store: &SeekableStore::new(Path::new("seekable-copies")),
        ocr: None,
        cancel: &AtomicBool::new(false),
        counters: &Counters::new(),
    };
    run(&request, &mut |record| -> Result<(), SinkError> {
        messages += u64::from(matches!(record, Record::Message(_)));
        unread += u64::from(matches!(record, Record::Unread(_) | Record::Unreadable(_)));
        Ok(())
    })?;
    println!("{messages} messages, {unread} unread");
    Ok(())
}
