//! Writes a mailbox of any size, for benches: invented mail, or the mail of an mbox, with changed ids, dates and words.
//!
//! `cargo run --release -p muckrake-sample --example scale -- COUNT mbox|maildir FOLDER [MBOX]`
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::error::Error;
use std::fs;
use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

const USAGE: &str = "usage: scale COUNT mbox|maildir FOLDER [MBOX]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (count, form, folder) = match &arguments[..] {
        [count, form, folder, ..] => (count.parse::<usize>()?, form.as_str(), Path::new(folder)),
        _ => return Err(USAGE.into()),
    };
    let messages = match arguments.get(3) {
        Some(mbox) => split(&fs::read(mbox)?),
        None => muckrake_sample::release()
            .messages()
            .map(|copy| copy.bytes.to_vec())
            .collect(),
    };
    fs::create_dir_all(folder)?;
    let start = Instant::now();
    let made = muckrake_sample::multiply(&messages, count, 1);
    let bytes = match form {
        "mbox" => write_mbox(&folder.join("scale.mbox"), made)?,
        "maildir" => write_maildir(folder, made)?,
        _ => return Err(USAGE.into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{count} messages, {bytes} bytes, {:.0} MB/s",
        bytes as f64 / 1e6 / seconds
    );
    Ok(())
}

/// The messages of an mbox, with one `>` taken from lines that are `From ` behind some (mboxrd).
fn split(mbox: &[u8]) -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut blank = true;
    for line in mbox.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let from = line[marks..].starts_with(b"From ");
        match messages.last_mut() {
            _ if blank && from && marks == 0 => messages.push(Vec::new()),
            Some(message) => {
                message.extend_from_slice(if from && marks > 0 { &line[1..] } else { line })
            }
            None => {}
        }
        blank = line.trim_ascii().is_empty();
    }
    // The empty line before a separator belongs to it.
    for message in messages
        .iter_mut()
        .filter(|message| message.ends_with(b"\n\n"))
    {
        message.pop();
    }
    messages
}

fn write_mbox(path: &Path, messages: impl Iterator<Item = Vec<u8>>) -> std::io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut bytes = 0;
    for message in messages {
        out.write_all(b"From scale@sample.example Thu Jan  1 00:00:00 2026\n")?;
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            let quoted = line.trim_ascii_start();
            if matches!(quoted.first(), Some(b'>' | b'F')) {
                let marks = line.iter().take_while(|byte| **byte == b'>').count();
                if line[marks..].starts_with(b"From ") {
                    out.write_all(b">")?;
                }
            }
            out.write_all(line)?;
        }
        out.write_all(if message.ends_with(b"\n") {
            b"\n"
        } else {
            b"\n\n"
        })?;
        bytes += message.len() as u64;
    }
    out.flush()?;
    Ok(bytes)
}

fn write_maildir(folder: &Path, messages: impl Iterator<Item = Vec<u8>>) -> std::io::Result<u64> {
    for name in ["cur", "new", "tmp"] {
        fs::create_dir_all(folder.join(name))?;
    }
    let mut bytes = 0;
    for (number, message) in messages.enumerate() {
        fs::write(
            folder
                .join("new")
                .join(format!("{}.M{number}.scale", 1_767_225_600 + number)),
            &message,
        )?;
        bytes += message.len() as u64;
    }
    Ok(bytes)
}
