//! Damage to the files of the case itself.

use crate::desk::SMALL;
use crate::desk::mails;
use crate::desk::rebuild;
use crate::desk::small_desk;
use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Counters;
use muckrake_case::IngestRequest;
use muckrake_case::ReleaseFacts;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Files of a case below a folder, by their paths.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Files in which the case lies; the others are locks, settings and lists of what may be removed.
fn vital(folder: &Path) -> Vec<PathBuf> {
    let mut files = files(folder);
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        let kind = file.extension().unwrap_or_default().to_str().unwrap();
        ["fast", "fieldnorm", "idx", "pos", "store", "term"].contains(&kind)
            || ["ledger.sqlite", "meta.json"].contains(&name)
    });
    files
}

#[test]
fn a_damaged_file_is_named_and_a_rebuild_repairs_it() {
    let desk = small_desk();
    let before = desk.state();
    let settings = fs::read(desk.case.folder().join("muckrake.toml")).unwrap();
    type Damage = fn(&mut Vec<u8>);
    let damages: [Damage; 2] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x10;
        },
    ];
    let mut tried = 0;
    // A rebuild gives the files of the index other names, and as many.
    for number in 0..vital(desk.case.folder()).len() {
        for damage in damages {
            let file = vital(desk.case.folder()).swap_remove(number);
            let mut bytes = fs::read(&file).unwrap();
            damage(&mut bytes);
            fs::write(&file, bytes).unwrap();
            let case = Case::open(desk.case.folder()).unwrap();
            let query = case.query("*", jiff::civil::date(2026, 11, 23)).unwrap();
            let refused = case.count(&query).unwrap_err().to_string();
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(
                refused.contains(name) || name == "meta.json",
                "{name}: {refused}"
            );
            let cancel = AtomicBool::new(false);
            assert!(!case.verify_parts(&cancel).unwrap().is_empty(), "{name}");
            let _ = rebuild(&case).unwrap();
            assert_eq!(desk.state(), before, "{name}");
            assert_eq!(case.verify_parts(&cancel).unwrap(), [], "{name}");
            tried += 1;
        }
    }
    assert!(tried >= 2 * 8, "{tried}");
    let after = fs::read(desk.case.folder().join("muckrake.toml")).unwrap();
    assert_eq!(after, settings);
}

#[test]
fn damage_that_time_and_size_hide_is_found_by_verify() {
    let desk = small_desk();
    let before = desk.state();
    for number in 0..vital(desk.case.folder()).len() {
        let file = vital(desk.case.folder()).swap_remove(number);
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(&file, bytes).unwrap();
        let opened = fs::File::options().write(true).open(&file).unwrap();
        opened.set_modified(time).unwrap();
        let case = Case::open(desk.case.folder()).unwrap();
        let found = case.verify_parts(&AtomicBool::new(false)).unwrap();
        assert!(!found.is_empty(), "{}", file.display());
        let _ = rebuild(&case).unwrap();
        assert_eq!(desk.state(), before);
    }
}

/// An emptied ledger is not the beginning of a new case.
#[test]
fn a_ledger_that_is_gone_is_missed_and_made_again_with_what_the_user_told() {
    for emptied in [true, false] {
        let desk = small_desk();
        let facts = ReleaseFacts {
            promised: Some(41),
            ..ReleaseFacts::default()
        };
        desk.case.set_release("harbour", &facts).unwrap();
        let before = (desk.state(), desk.case.releases().unwrap());
        let ledger = desk.case.folder().join("ledger.sqlite");
        if emptied {
            fs::write(&ledger, "").unwrap();
        } else {
            fs::remove_file(&ledger).unwrap();
        }
        let case = Case::open_or_create(desk.case.folder()).unwrap();
        let request = IngestRequest {
            paths: vec![desk.mailbox()],
            release: "other".to_owned(),
            ..IngestRequest::default()
        };
        let refused = case.ingest(&request, &Counters::default(), &AtomicBool::new(false));
        assert!(
            matches!(refused, Err(CaseError::Damaged { .. })),
            "{refused:?}"
        );
        let _ = rebuild(&case).unwrap();
        assert_eq!((desk.state(), desk.case.releases().unwrap()), before);
    }
}

#[test]
fn without_its_ledger_a_case_is_not_made_again_with_less() {
    let desk = small_desk();
    fs::write(desk.case.folder().join("ledger.sqlite"), "").unwrap();
    let mut fewer = mails(SMALL);
    let _ = fewer.pop();
    desk.deliver(&fewer);
    let refused = rebuild(&desk.case);
    assert!(
        matches!(refused, Err(CaseError::RebuildLoses { messages: 1, .. })),
        "{refused:?}"
    );
    // As many messages, and one of them another.
    let mut others = mails(SMALL);
    others[3] = others[3].replace("The pier", "The quay");
    desk.deliver(&others);
    let refused = rebuild(&desk.case);
    let Err(CaseError::RebuildLoses {
        messages: 0,
        sources: 1,
        named,
        ..
    }) = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(named, &["harbour.mbox"]);
    fs::remove_file(desk.mailbox()).unwrap();
    let refused = rebuild(&desk.case);
    assert!(
        matches!(refused, Err(CaseError::SourcesMissing { count: 1, .. })),
        "{refused:?}"
    );
}

/// Each would otherwise say that the other has to come first.
#[test]
fn without_its_ledger_a_case_is_told_where_its_sources_are_now() {
    let desk = small_desk();
    let before = desk.state();
    let ledger = desk.case.folder().join("ledger.sqlite");
    let mut bytes = fs::read(&ledger).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&ledger, bytes).unwrap();
    let elsewhere = desk.folder.path().join("moved");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(desk.mailbox(), elsewhere.join("harbour.mbox")).unwrap();
    let refused = rebuild(&desk.case);
    assert!(
        matches!(refused, Err(CaseError::SourcesMissing { count: 1, .. })),
        "{refused:?}"
    );
    let unknown = desk
        .case
        .relocate(&desk.folder.path().join("nowhere"), &elsewhere);
    assert!(
        matches!(unknown, Err(CaseError::UnknownSource { .. })),
        "{unknown:?}"
    );
    let folder = desk.folder.path().canonicalize().unwrap();
    let moved = desk.case.relocate(&folder, &elsewhere).unwrap();
    assert_eq!((moved.moved, moved.named), (0, 1));
    let _ = rebuild(&desk.case).unwrap();
    assert_eq!(desk.state(), before);
}

#[test]
fn files_whose_names_only_begin_as_those_of_a_case_are_not_taken_for_one() {
    for name in ["sealed-exhibits.txt", "releases.json.bak", "ledger.sqlite2"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), "not yours").unwrap();
        let refused = Case::open_or_create(folder.path());
        assert!(matches!(refused, Err(CaseError::NotACase { .. })), "{name}");
    }
}
