//! Indexes a folder of mail and asks it a question.
//!
//! ```text
//! cargo run -p muckrake-case --example search_folder -- FOLDER QUERY
//! ```
#![allow(clippy::print_stdout, reason = "an example shows its result")]

use muckrake_case::{Case, Counters, IngestRequest, SearchOptions};
use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(query)) = (arguments.next(), arguments.next()) else {
        return Err("usage: search_folder FOLDER QUERY".into());
    };
    let place = tempfile::tempdir()?;
    let case = Case::open_or_create(&place.path().join("case"))?;
    let request = IngestRequest {
        paths: vec![PathBuf::from(folder)],
        release: "example".into(),
        ..Default::default()
    };
    let summary = case.ingest(&request, &Counters::default(), &AtomicBool::new(false))?;
    println!("{} messages indexed", summary.messages_new);
    let query = case.query(&query, jiff::civil::date(2026, 1, 1))?;
    let results = case.search(
        &query,
        &SearchOptions {
            limit: Some(10),
            ..Default::default()
        },
    )?;
    println!("{} match", results.count);
    for hit in results.hits {
        println!(
            "{} {}",
            hit.date.unwrap_or_default(),
            hit.subject.unwrap_or_default()
        );
    }
    Ok(())
}
