//! Reads every message of a mailbox, or of a folder of single messages, and says
//! what it found: how many, how fast, and what was wrong with them.
//!
//! `cargo run --release -p muckrake-mail --example parse_mbox -- PATH [--show]`

#![allow(clippy::print_stdout, reason = "an example speaks to its reader")]

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use muckrake_mail::DefectCode;
use muckrake_mail::KeyBasis;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::MessageKey;
use muckrake_mail::mbox;
use muckrake_mail::mbox::Piece;
use muckrake_mail::parse;

#[derive(Default)]
struct Totals {
    messages: usize,
    attached: usize,
    attachments: usize,
    text_bytes: usize,
    by_bytes: usize,
    defects: BTreeMap<DefectCode, usize>,
    keys: HashMap<MessageKey, usize>,
    contents: HashMap<[u8; 16], Vec<MessageKey>>,
}

impl Totals {
    fn take(&mut self, message: &Message) {
        self.messages += 1;
        self.by_bytes += usize::from(message.key_basis == KeyBasis::Bytes);
        *self.keys.entry(message.key).or_default() += 1;
        if let Some(content) = message.content_key {
            self.contents.entry(content).or_default().push(message.key);
        }
        self.take_parts(message);
    }

    fn take_parts(&mut self, message: &Message) {
        self.attachments += message.attachments.len();
        self.text_bytes += message
            .body
            .iter()
            .map(|part| part.text.len())
            .sum::<usize>();
        for defect in &message.defects {
            *self.defects.entry(defect.code).or_default() += 1;
        }
        for attached in &message.attached {
            self.attached += 1;
            self.take_parts(&attached.message);
        }
    }

    fn print(&self, bytes: usize, seconds: f64) {
        let several = self.contents.values().filter(|keys| {
            let mut keys = (*keys).clone();
            keys.sort_unstable();
            keys.dedup();
            keys.len() > 1
        });
        println!(
            "{} messages, {} attached, {} attachments",
            self.messages, self.attached, self.attachments
        );
        println!(
            "{} ids, {} of them by bytes alone",
            self.keys.len(),
            self.by_bytes
        );
        println!(
            "{} contents, {} of them under several ids",
            self.contents.len(),
            several.count()
        );
        println!("{} bytes of body text", self.text_bytes);
        println!(
            "{:.1} MB in {seconds:.2} s: {:.1} MB/s",
            bytes as f64 / 1e6,
            bytes as f64 / 1e6 / seconds
        );
        for (code, count) in &self.defects {
            println!("  {count:6} {code:?}");
        }
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        println!("give a mailbox, a message or a folder of messages");
        return Ok(());
    };
    let show = arguments.next().is_some();
    let mut files = Vec::new();
    collect(Path::new(&path), &mut files)?;
    let mut totals = Totals::default();
    let (mut bytes, mut seconds) = (0, 0.0);
    for file in files {
        let content = std::fs::read(&file)?;
        let started = Instant::now();
        let messages = messages_of(&content);
        bytes += content.len();
        seconds += started.elapsed().as_secs_f64();
        for message in &messages {
            if show {
                println!("{}", file.display());
                print_message(message, 1);
            }
            totals.take(message);
        }
    }
    totals.print(bytes, seconds);
    Ok(())
}

fn messages_of(content: &[u8]) -> Vec<Message> {
    let limits = Limits::default();
    if !mbox::looks_like_mbox(content) {
        return vec![parse(content, &limits)];
    }
    let pieces = mbox::split(content);
    let slices = pieces.iter().filter_map(|piece| match piece {
        Piece::Message { start, end } => content.get(*start as usize..*end as usize),
        _ => None,
    });
    slices.map(|raw| parse(raw, &limits)).collect()
}

fn collect(path: &Path, files: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(path)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    entries
        .iter()
        .try_for_each(|entry| collect(&entry.path(), files))
}

fn print_message(message: &Message, depth: usize) {
    let indent = "  ".repeat(depth);
    println!(
        "{indent}{} {:?} {:?}",
        message.key, message.message_id, message.subject
    );
    println!(
        "{indent}date {:?} language {:?} flags {:?}",
        message.date, message.language, message.flags
    );
    println!(
        "{indent}from {:?} to {:?} cc {:?}",
        message.from, message.to, message.cc
    );
    for part in &message.body {
        let start: String = part.text.chars().take(300).collect();
        println!(
            "{indent}{} {:?} {} bytes, alternative {}: {start:?}",
            part.part,
            part.kind,
            part.text.len(),
            part.alternative
        );
    }
    for file in &message.attachments {
        println!(
            "{indent}{} {:?} {} {} {} {:?}",
            file.part, file.name, file.content_type, file.size, file.sha256, file.state
        );
    }
    for defect in &message.defects {
        println!(
            "{indent}{:?} at {}: {}",
            defect.code, defect.offset, defect.detail
        );
    }
    for attached in &message.attached {
        print_message(&attached.message, depth + 1);
    }
}
