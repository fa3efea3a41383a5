//! Indexes a mailbox and prints what matches a query: `index_mbox FILE FOLDER QUERY…`.
#![allow(clippy::print_stdout, reason = "it is what an example does")]

use std::error::Error;

use muckrake_index::language::{ParseOptions, parse};
use muckrake_index::{Document, Index, NothingElse, SearchRequest};
use muckrake_mail::{Limits, mbox};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder, words @ ..] = arguments.as_slice() else {
        return Err("usage: index_mbox FILE FOLDER QUERY…".into());
    };
    let bytes = std::fs::read(file)?;
    let index = Index::create(folder.as_ref())?;
    let mut writer = index.writer(200_000_000, 2)?;
    let messages = mbox::split(&bytes)
        .into_iter()
        .filter_map(|piece| match piece {
            mbox::Piece::Message { start, end } => bytes.get(start as usize..end as usize),
            _ => None,
        });
    for (ordinal, raw) in (0..).zip(messages) {
        let message = muckrake_mail::parse(raw, &Limits::default());
        let utc = message.date.and_then(|date| date.utc());
        let record = message.subject.clone().unwrap_or_default().into_bytes();
        writer.add(Document {
            ordinal,
            message: &message,
            utc,
            record: &record,
        })?;
    }
    writer.commit("")?;
    let query = parse(
        &words.join(" "),
        &ParseOptions {
            today: jiff::civil::date(2026, 1, 1),
        },
    )?;
    let results = index
        .reader()?
        .search(&SearchRequest::new(&query), &NothingElse)?;
    println!("{} messages", results.count);
    for hit in results.hits {
        println!("{}", String::from_utf8_lossy(&hit.record));
    }
    Ok(())
}
