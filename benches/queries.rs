//! The query mix: each construct of the language on rare, middling and very common words,
//! in process, each answered with the exact count, the first 20 hits, and snippets.
//!
//! Needs a case of `linux-man.mbox`, multiplied to any size:
//!
//! ```text
//! cargo run --release -p muckrake-sample --example scale -- 100000 mbox DIR linux-man.mbox
//! muckrake --case CASE ingest DIR/scale.mbox --release scale
//! cargo bench --bench queries -- CASE [ROUNDS]
//! ```
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use jiff::civil::date;
use muckrake_case::Case;
use muckrake_case::SearchOptions;
use muckrake_case::Sort;
use std::error::Error;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

/// Rounds through the whole mix, unless the command line says otherwise.
const ROUNDS: usize = 15;
/// A leading wildcard has to walk the whole dictionary, and has a target of its own.
const LEADING_WILDCARD: &str = "leading wildcard";

/// Constructs of the language, each with queries. Words are of the list `linux-man`: `mremap` is
/// in one of 200 messages, `memory` in one of 7, `the` in nearly all.
const MIX: &[(&str, &[&str])] = &[
    ("word", &["mremap", "memory", "the"]),
    ("exact word", &["\"mremap\"", "\"memory\"", "\"the\""]),
    ("two words", &["mremap flag", "memory barrier", "the page"]),
    (
        "phrase",
        &["\"memory barrier\"", "\"man pages\"", "\"in the\""],
    ),
    (
        "loose phrase",
        &["\"barrier memory\"~3", "\"pages man\"~3", "\"the of\"~2"],
    ),
    ("beginning", &["mrema*", "memor*", "th*"]),
    ("fuzzy 1", &["mremep~1", "memroy~1", "teh~1"]),
    ("fuzzy 2", &["mremapp~2", "memmoryy~2", "three~2"]),
    ("regex", &["/mrem.p/", "/mem.*y/", "/t[a-h]e/"]),
    (LEADING_WILDCARD, &["/.*remap/", "/.*emory/", "/.*he/"]),
    (
        "or",
        &["mremap OR madvise", "memory OR thread", "the OR a OR of"],
    ),
    (
        "not",
        &["mremap -flag", "memory -thread", "the -page", "-the"],
    ),
    (
        "group",
        &[
            "(mremap OR madvise) flag",
            "(memory OR thread) -(barrier OR lock)",
        ],
    ),
    (
        "subject",
        &["subject:mremap", "subject:memory", "subject:patch"],
    ),
    (
        "said, quoted, body",
        &["said:mremap", "quoted:memory", "body:the", "said:the"],
    ),
    (
        "people",
        &[
            "from:florian",
            "with:alejandro",
            "from:@gmail.com",
            "to:linux-man@vger.kernel.org",
        ],
    ),
    (
        "attachments",
        &["has:attachment", "filetype:text", "attachment:patch*"],
    ),
    (
        "dates",
        &[
            "date:2020",
            "date:2020-03..2020-04 memory",
            "before:2018 the",
            "after:2021-06-15 patch",
            "date:none",
        ],
    ),
    (
        "sizes, flags, languages",
        &[
            "size:>100k",
            "is:reply memory",
            "lang:en mremap",
            "has:quote the",
        ],
    ),
    (
        "delivery",
        &[
            "release:* mremap",
            "source:*.mbox memory",
            "is:multi-release",
        ],
    ),
    (
        "header",
        &["header.x-mailer:git", "header.list-id:vger the"],
    ),
    ("everything", &["*"]),
];

/// Queries that are also asked in the order of dates.
const BY_DATE: &[&str] = &["mremap", "memory", "the", "*"];

struct Timed {
    construct: &'static str,
    query: &'static str,
    count: u64,
    times: Vec<Duration>,
}

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds flags of its own.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let Some(folder) = arguments.first() else {
        println!("queries: give a case to measure on");
        return Ok(());
    };
    let rounds = arguments
        .get(1)
        .map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let case = Case::open(Path::new(folder))?;
    let mut all = mix();
    for round in 0..=rounds {
        for timed in &mut all {
            let (time, count) = ask(&case, timed)?;
            timed.count = count;
            // The first round brings the files into memory.
            if round > 0 {
                timed.times.push(time);
            }
        }
    }
    report(&mut all);
    Ok(())
}

fn mix() -> Vec<Timed> {
    let timed = |construct, query: &&'static str| Timed {
        construct,
        query,
        count: 0,
        times: Vec::new(),
    };
    let constructs = MIX
        .iter()
        .flat_map(|(construct, queries)| queries.iter().map(move |query| timed(*construct, query)));
    constructs
        .chain(BY_DATE.iter().map(|query| timed("by date", query)))
        .collect()
}

fn ask(case: &Case, timed: &Timed) -> Result<(Duration, u64), Box<dyn Error>> {
    let sort = match timed.construct {
        "by date" => Sort::DateDescending,
        _ => Sort::Relevance,
    };
    let options = SearchOptions {
        sort,
        limit: Some(20),
        snippets: true,
        ..SearchOptions::default()
    };
    let started = Instant::now();
    let query = case.query(timed.query, date(2026, 1, 1))?;
    let results = case.search(&query, &options)?;
    Ok((started.elapsed(), results.count))
}

/// One line for each query, then the whole mix.
fn report(all: &mut [Timed]) {
    println!("| construct | query | matches | median ms | worst ms |");
    println!("|---|---|---:|---:|---:|");
    for timed in &mut *all {
        timed.times.sort_unstable();
        println!(
            "| {} | `{}` | {} | {:.2} | {:.2} |",
            timed.construct,
            timed.query.replace('|', "\\|"),
            timed.count,
            milliseconds(&timed.times, 0.5),
            milliseconds(&timed.times, 1.0),
        );
    }
    let wild = |timed: &&Timed| timed.construct == LEADING_WILDCARD;
    say("leading wildcard", all.iter().filter(wild));
    say("all others", all.iter().filter(|timed| !wild(timed)));
}

fn say<'a>(name: &str, timed: impl Iterator<Item = &'a Timed>) {
    let mut times: Vec<Duration> = timed.flat_map(|timed| timed.times.clone()).collect();
    times.sort_unstable();
    println!(
        "{name}: {} searches, median {:.2} ms, 99th percentile {:.2} ms",
        times.len(),
        milliseconds(&times, 0.5),
        milliseconds(&times, 0.99),
    );
}

/// The value below which so great a part of sorted times lies.
fn milliseconds(sorted: &[Duration], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = (last as f64 * part).round() as usize;
    sorted
        .get(place)
        .map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
