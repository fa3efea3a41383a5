//! The limit of the machine: parse and index in memory, and nothing else.
//!
//! Measures what the whole program is compared with: mail-parser on all cores,
//! tantivy with two writer threads, input in memory, no ledger, no hashes, no files
//! but the index. The schema is fixed; it must not grow with the program.
//!
//! ```text
//! zstd -dc linux-man.mbox.zst > linux-man.mbox
//! cargo bench --bench roofline -- linux-man.mbox
//! ```
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use mail_parser::MessageParser;
use rayon::prelude::*;
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;
use tantivy::Index;
use tantivy::IndexSettings;
use tantivy::TantivyDocument;
use tantivy::schema::FAST;
use tantivy::schema::Field;
use tantivy::schema::STORED;
use tantivy::schema::Schema;
use tantivy::schema::TEXT;
use tantivy::store::Compressor;
use tantivy::store::ZstdCompressor;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds flags of its own.
    let Some(path) = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
        .map(PathBuf::from)
    else {
        println!("roofline: give an mbox to measure on");
        return Ok(());
    };
    let mailbox = std::fs::read(&path)?;
    let messages = split(&mailbox);
    let started = Instant::now();
    let size = index(&messages)?;
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{} messages, {:.1} MB: {seconds:.2} s, {:.1} MB/s, {:.0} messages/s, index {:.2} of raw",
        messages.len(),
        mailbox.len() as f64 / 1e6,
        mailbox.len() as f64 / 1e6 / seconds,
        messages.len() as f64 / seconds,
        size as f64 / mailbox.len() as f64,
    );
    Ok(())
}

/// Cuts a mailbox at its `From ` lines, by the simplest rule.
fn split(mailbox: &[u8]) -> Vec<&[u8]> {
    let mut starts: Vec<usize> = memchr::memmem::find_iter(mailbox, b"\n\nFrom ")
        .map(|at| at + 2)
        .collect();
    starts.insert(0, 0);
    starts.push(mailbox.len());
    starts
        .windows(2)
        .map(|pair| &mailbox[pair[0]..pair[1]])
        .collect()
}

struct Fields {
    subject: Field,
    people: Field,
    body: Field,
    date: Field,
}

fn index(messages: &[&[u8]]) -> Result<u64, Box<dyn Error>> {
    let mut schema = Schema::builder();
    let fields = Fields {
        subject: schema.add_text_field("subject", TEXT | STORED),
        people: schema.add_text_field("people", TEXT | STORED),
        body: schema.add_text_field("body", TEXT | STORED),
        date: schema.add_i64_field("date", FAST | STORED),
    };
    let folder = tempfile::tempdir()?;
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor::default()),
        ..IndexSettings::default()
    };
    let index = Index::builder()
        .schema(schema.build())
        .settings(settings)
        .create_in_dir(folder.path())?;
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(2, 240 << 20)?;
    messages.par_iter().try_for_each(|raw| {
        let raw = raw
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(*raw, |line| &raw[line + 1..]);
        writer.add_document(document(&fields, raw)).map(drop)
    })?;
    writer.commit()?;
    writer.wait_merging_threads()?;
    let mut size = 0;
    for entry in std::fs::read_dir(folder.path())? {
        size += entry?.metadata()?.len();
    }
    Ok(size)
}

fn document(fields: &Fields, raw: &[u8]) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    let Some(message) = MessageParser::default().parse(raw) else {
        return document;
    };
    document.add_text(fields.subject, message.subject().unwrap_or_default());
    for list in [message.from(), message.to(), message.cc()]
        .into_iter()
        .flatten()
    {
        for person in list.iter() {
            let text = format!(
                "{} {}",
                person.name().unwrap_or_default(),
                person.address().unwrap_or_default()
            );
            document.add_text(fields.people, text);
        }
    }
    for part in 0..message.text_body_count() {
        document.add_text(fields.body, message.body_text(part).unwrap_or_default());
    }
    if let Some(date) = message.date() {
        document.add_i64(fields.date, date.to_timestamp());
    }
    document
}
