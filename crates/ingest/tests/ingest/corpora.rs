//! Real mail, where it is at hand.

use std::path::{Path, PathBuf};

use muckrake_ingest::{Kind, Record};

use crate::support::{Bench, Records};

/// A file or folder of the corpora; `None`, and a word about it, where it is absent.
fn corpus(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("MUCKRAKE_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

fn read(name: &str) -> Option<Records> {
    let root = corpus(name)?;
    let mut records = Records::default();
    Bench::new().try_run(&[root], &mut records).unwrap();
    records.check_order();
    Some(records)
}

#[test]
fn linux_man_from_its_compressed_form() {
    let Some(records) = read("linux-man.mbox.zst") else {
        return;
    };
    assert_eq!(records.messages().count(), 17_885);
    assert_eq!(records.reasons(), [""; 0]);
    let tally = records.tallies().next().unwrap();
    assert_eq!(
        tally.message_bytes + tally.separator_bytes + tally.unread_bytes,
        tally.bytes
    );
    assert_eq!(records.stored().next().unwrap().size, tally.bytes);
}

#[test]
fn enron_and_bega_are_one_message_a_file() {
    if let Some(records) = read("enron-skilling") {
        assert_eq!(records.messages().count(), 4_139);
        // Two of the 4,141 files are folder settings of macOS.
        assert_eq!(
            records.count(|record| matches!(record, Record::SourceEnd(_))),
            4_141
        );
        assert_eq!(
            records
                .items()
                .filter(|item| item.kind == Kind::System)
                .count(),
            2
        );
    }
    if let Some(records) = read("dc-bega") {
        assert_eq!(records.messages().count(), 345);
        assert_eq!(
            records
                .items()
                .filter(|item| item.kind == Kind::Pdf)
                .count(),
            17
        );
    }
}

#[test]
fn every_file_of_the_zoo_is_told_of() {
    let Some(records) = read("zoo") else {
        return;
    };
    assert_eq!(records.ends().count(), 2_434);
    assert_eq!(records.reasons(), [""; 0]);
}
