//! Guesses what each message of a mailbox answers, and prints it: offsets of both, evidence, confidence.
//!
//! ```text
//! cargo run --release -p muckrake-casework --example guess -- MBOX
//! ```
#![allow(clippy::print_stdout, reason = "an example shows its result")]

use muckrake_casework::facts::Facts;
use muckrake_casework::guesses;
use muckrake_casework::guesses::Letter;
use muckrake_casework::guesses::Senders;
use muckrake_casework::guesses::Source;
use muckrake_casework::threads::Threads;
use muckrake_casework::words::Told;
use muckrake_casework::words::Words;
use muckrake_mail::Limits;
use muckrake_mail::mbox::Piece;
use muckrake_mail::mbox::unescape_rd;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: guess MBOX")?;
    let bytes = std::fs::read(path)?;
    let (mut letters, mut words, mut offsets) = (Vec::new(), Vec::new(), Vec::new());
    let mut threads = Threads::new();
    for piece in muckrake_mail::mbox::split(&bytes) {
        let Piece::Message { start, end } = piece else {
            continue;
        };
        let raw = &bytes[start as usize..end as usize];
        let message = muckrake_mail::parse(&unescape_rd(raw), &Limits::default());
        let facts = Facts::of(&message);
        let date = message.date.and_then(|date| date.utc());
        let ordinal = letters.len() as u32;
        threads.add(ordinal, date, message.key.0, &facts);
        let texts = message.body.iter().filter(|part| !part.alternative);
        words.push(Words::of(
            texts.map(|part| (part.text.as_str(), part.zones.as_slice())),
        ));
        offsets.push(start);
        letters.push(Letter {
            ordinal,
            date,
            facts,
        });
    }
    let started = std::time::Instant::now();
    let mut all = Vec::new();
    let mut subjects: BTreeMap<u64, Vec<Letter>> = BTreeMap::new();
    let mut series: BTreeMap<u64, Vec<Letter>> = BTreeMap::new();
    for letter in &letters {
        for name in [letter.facts.subject.base, letter.facts.subject.also] {
            if name != 0 {
                subjects.entry(name).or_default().push(letter.clone());
            }
        }
        if let Some(found) = letter.facts.subject.series {
            series.entry(found.name).or_default().push(letter.clone());
        }
    }
    let open = |ordinal: u32| letters[ordinal as usize].facts.is_open();
    let senders = letters
        .iter()
        .filter_map(|letter| Some((letter.facts.sender, letter.date?, letter.ordinal)));
    let mut source = Mailbox {
        letters: &letters,
        words: &words,
        senders: Senders::of(senders),
    };
    for group in subjects.values_mut() {
        guesses::sort(group);
        all.extend(guesses::by_subject(group, open, &mut source)?);
    }
    for group in series.values_mut() {
        guesses::sort(group);
        all.extend(guesses::by_series(group, open));
    }
    let held = threads.guess(guesses::best(all));
    eprintln_time(started);
    for guess in held {
        println!(
            "{}\t{}\t{}\t{}",
            offsets[guess.message as usize],
            offsets[guess.parent as usize],
            guess.evidence.word(),
            guess.confidence
        );
    }
    Ok(())
}

/// A mailbox that is wholly in memory.
struct Mailbox<'a> {
    letters: &'a [Letter],
    words: &'a [Words],
    senders: Senders,
}

impl Source for Mailbox<'_> {
    type Error = Infallible;

    fn words(&mut self, ordinal: u32) -> Result<Words, Infallible> {
        Ok(self.words[ordinal as usize].clone())
    }

    fn named(&mut self, told: &Told) -> Result<Vec<Letter>, Infallible> {
        let found = self.senders.find(told).into_iter();
        Ok(found
            .map(|ordinal| self.letters[ordinal as usize].clone())
            .collect())
    }
}

#[allow(clippy::print_stderr, reason = "beside the result")]
fn eprintln_time(started: std::time::Instant) {
    eprintln!("guessed in {:?}", started.elapsed());
}
