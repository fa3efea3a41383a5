//! The parts of the program one by one, on invented mail, so that anyone can repeat it:
//! mailbox splitting, parsing, zones, indexing, and each kind of query.
//!
//! ```text
//! cargo bench --bench parts
//! cargo bench --bench parts -- query
//! ```
#![allow(
    missing_docs,
    reason = "the macro of criterion makes a function without any"
)]

use criterion::BatchSize;
use criterion::Criterion;
use criterion::Throughput;
use criterion::criterion_group;
use criterion::criterion_main;
use muckrake_index::Document;
use muckrake_index::Index;
use muckrake_index::IndexError;
use muckrake_index::NothingElse;
use muckrake_index::Reader;
use muckrake_index::SearchRequest;
use muckrake_index::language;
use muckrake_index::language::ParseOptions;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::mbox;
use muckrake_mail::zones;
use std::error::Error;
use std::hint::black_box;

/// Messages in a batch.
const BATCH: usize = 2_000;
/// Messages in the index that is asked.
const ASKED: usize = 20_000;
/// Memory of the index writer, in bytes.
const MEMORY: usize = 120 << 20;

/// Each kind of query that the index answers by itself.
const QUERIES: &[(&str, &str)] = &[
    ("word, rare", "bollards"),
    ("word, common", "the"),
    ("two words", "pier contract"),
    ("phrase", "\"change order\""),
    ("loose phrase", "\"order change\"~3"),
    ("beginning", "contr*"),
    ("fuzzy 1", "contarct~1"),
    ("fuzzy 2", "contarct~2"),
    ("regex", "/contr.*s/"),
    ("leading wildcard", "/.*tract/"),
    ("or", "pier OR harbour"),
    ("not", "pier -contract"),
    ("subject", "subject:contract"),
    ("said", "said:contract"),
    ("quoted", "quoted:contract"),
    ("person", "with:ingrid"),
    ("domain", "from:@procurement.rivermouth.example"),
    ("attachment", "filetype:pdf"),
    ("date", "date:2016..2018 pier"),
    ("size", "size:>10k"),
    ("flag", "is:reply"),
    ("header", "header.accept-language:en"),
    ("everything", "*"),
];

fn mail(count: usize) -> Vec<Vec<u8>> {
    let release: Vec<Vec<u8>> = muckrake_sample::release()
        .messages()
        .map(|copy| copy.bytes.to_vec())
        .collect();
    muckrake_sample::multiply(&release, count, 1).collect()
}

fn mailbox(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for message in messages {
        bytes.extend_from_slice(b"From bench@sample.example Thu Jan  1 00:00:00 2026\n");
        bytes.extend_from_slice(message);
        bytes.extend_from_slice(b"\n\n");
    }
    bytes
}

fn parsed(messages: &[Vec<u8>]) -> Vec<Message> {
    let limits = Limits::default();
    messages
        .iter()
        .map(|raw| muckrake_mail::parse(raw, &limits))
        .collect()
}

fn size(messages: &[Vec<u8>]) -> Throughput {
    Throughput::Bytes(messages.iter().map(|raw| raw.len() as u64).sum())
}

fn split(criterion: &mut Criterion) {
    let bytes = mailbox(&mail(BATCH));
    let mut group = criterion.benchmark_group("mail");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("split a mailbox", |bencher| {
        bencher.iter(|| mbox::split(black_box(&bytes)));
    });
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    let messages = mail(BATCH);
    let mut group = criterion.benchmark_group("mail");
    group.throughput(size(&messages));
    group.bench_function("parse a batch", |bencher| {
        bencher.iter(|| parsed(black_box(&messages)));
    });
    if let Some(longest) = messages.iter().max_by_key(|raw| raw.len()) {
        group.throughput(Throughput::Bytes(longest.len() as u64));
        group.bench_function("parse the longest message", |bencher| {
            bencher.iter(|| muckrake_mail::parse(black_box(longest), &Limits::default()));
        });
    }
    group.finish();
}

fn cut_zones(criterion: &mut Criterion) {
    let texts: Vec<String> = parsed(&mail(BATCH))
        .into_iter()
        .flat_map(|message| message.body)
        .map(|part| part.text)
        .collect();
    let mut group = criterion.benchmark_group("mail");
    group.throughput(Throughput::Bytes(
        texts.iter().map(|text| text.len() as u64).sum(),
    ));
    group.bench_function("zones of a batch", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(zones::cut(text, &[]));
            }
        });
    });
    group.finish();
}

fn build(index: &Index, messages: &[Message]) -> Result<(), IndexError> {
    let mut writer = index.writer(MEMORY, 1)?;
    for (ordinal, message) in (0..).zip(messages) {
        writer.add(Document {
            ordinal,
            message,
            utc: message.date.and_then(|date| date.utc()),
            record: &[],
        })?;
    }
    writer.commit("")?;
    writer.wait_merges()
}

fn index(criterion: &mut Criterion) {
    let raw = mail(BATCH);
    let messages = parsed(&raw);
    let mut group = criterion.benchmark_group("index");
    group.throughput(size(&raw)).sample_size(10);
    let empty = || -> Result<_, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let index = Index::create(folder.path())?;
        Ok((folder, index))
    };
    group.bench_function("a batch, one thread", |bencher| {
        bencher.iter_batched_ref(
            || must(empty()),
            |(_, index)| must(build(index, &messages)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn ask(reader: &Reader, query: &str) -> Result<u64, Box<dyn Error>> {
    let options = ParseOptions {
        today: jiff::civil::date(2026, 1, 1),
    };
    let query = language::parse(query, &options)?;
    let request = SearchRequest {
        snippets: true,
        ..SearchRequest::new(&query)
    };
    Ok(reader.search(&request, &NothingElse)?.count)
}

/// Each query with its exact count, its first 20 hits, and their snippets.
fn query(criterion: &mut Criterion) {
    let folder = must(tempfile::tempdir());
    let index = must(Index::create(folder.path()));
    must(build(&index, &parsed(&mail(ASKED))));
    let reader = must(index.reader());
    let mut group = criterion.benchmark_group("query");
    for (name, query) in QUERIES {
        assert!(must(ask(&reader, query)) > 0, "{query} finds nothing");
        group.bench_function(*name, |bencher| {
            bencher.iter(|| must(ask(&reader, black_box(query))));
        });
    }
    group.finish();
}

/// A bench has nobody to give an error to.
#[allow(clippy::panic, reason = "a bench that cannot go on says why and ends")]
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

criterion_group!(benches, split, parse, cut_zones, index, query);
criterion_main!(benches);
