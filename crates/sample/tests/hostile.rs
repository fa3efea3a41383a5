//! The files in `fixtures/hostile` are those that the functions make.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use muckrake_sample::hostile;

#[test]
fn fixtures_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hostile");
    let mut expected = BTreeSet::from([".gitattributes", "README.md"].map(str::to_owned));
    for hostile in hostile::small() {
        let stored = fs::read(folder.join(hostile.name)).unwrap_or_default();
        assert!(
            stored == hostile.bytes,
            "{}: run `cargo run -p muckrake-sample --example hostile -- fixtures/hostile`",
            hostile.name
        );
        expected.insert(hostile.name.to_owned());
    }
    assert_eq!(
        fs::read_to_string(folder.join("README.md")).unwrap(),
        hostile::readme()
    );
    let present: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(present, expected);
}

#[test]
fn the_long_subject_is_as_long_as_it_says() {
    let all = hostile::small();
    let long = all
        .iter()
        .find(|hostile| hostile.name == "long-subject.eml")
        .unwrap();
    let text = std::str::from_utf8(&long.bytes).unwrap();
    let subject = text
        .lines()
        .find_map(|line| line.strip_prefix("Subject: "))
        .unwrap();
    assert_eq!(subject.chars().count(), 10_000);
}
