//! Real mail, where it is at hand: counts that were taken without this program.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use muckrake_mail::DefectCode;
use muckrake_mail::KeyBasis;
use muckrake_mail::Limits;
use muckrake_mail::MessageKey;
use muckrake_mail::looks_like_headers;
use muckrake_mail::parse;
use muckrake_mail::part_bytes;

fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MUCKRAKE_CORPORA").map(PathBuf::from);
    let root = root
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"));
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no {}", path.display());
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Bytes of every file that looks like a mail.
fn mails(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    let read = paths.into_iter().map(|path| {
        let raw = fs::read(&path).unwrap();
        (path, raw)
    });
    read.filter(|(_, raw)| looks_like_headers(raw.get(..65_536).unwrap_or(raw)))
        .collect()
}

/// 4,139 messages, each with an id of its own; 888 contents under several ids.
#[test]
fn one_custodian() {
    let Some(folder) = corpus("enron-skilling") else {
        return;
    };
    let mails = mails(&folder);
    assert_eq!(mails.len(), 4139);
    let mut keys = HashSet::new();
    let mut contents: HashMap<[u8; 16], HashSet<MessageKey>> = HashMap::new();
    for (path, raw) in &mails {
        let message = parse(raw, &Limits::default());
        assert_eq!(message.key_basis, KeyBasis::Content, "{}", path.display());
        keys.insert(message.key);
        if let Some(content) = message.content_key {
            contents.entry(content).or_default().insert(message.key);
        }
    }
    assert_eq!(keys.len(), 4139);
    assert_eq!(contents.values().filter(|keys| keys.len() > 1).count(), 888);
}

/// 345 messages of two releases.
#[test]
fn two_releases() {
    let Some(folder) = corpus("dc-bega") else {
        return;
    };
    let mails = mails(&folder);
    assert_eq!(mails.len(), 345);
    for (path, raw) in &mails {
        let message = parse(raw, &Limits::default());
        assert!(
            message.subject.is_some() || message.message_id.is_some(),
            "{}",
            path.display()
        );
        for file in &message.attachments {
            assert_eq!(
                part_bytes(raw, &file.part, &Limits::default())
                    .unwrap()
                    .len() as u64,
                file.size,
                "{}",
                path.display()
            );
        }
    }
}

/// Test mail of other projects, whatever it is: nothing stops the reader.
#[test]
fn hard_cases_of_others() {
    let Some(folder) = corpus("zoo") else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    for path in &paths {
        let raw = fs::read(path).unwrap();
        let message = parse(&raw, &Limits::default());
        assert!(
            message
                .defects
                .iter()
                .all(|defect| defect.code != DefectCode::Unparsable),
            "{}",
            path.display()
        );
    }
}
