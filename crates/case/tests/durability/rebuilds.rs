//! A case that is made again while others look at it.

use crate::desk::Desk;
use crate::desk::mails;
use crate::desk::rebuild;
use crate::desk::small_desk;
use muckrake_case::Case;
use muckrake_case::CaseError;
use std::fs;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Whoever looks while a case is made again sees the old one or the new one, whole.
#[test]
fn readers_see_a_whole_case_while_it_is_made_again() {
    let desk = small_desk();
    let expected = desk.state();
    let done = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut looks = 0;
            let query = desk
                .case
                .query("*", jiff::civil::date(2026, 11, 23))
                .unwrap();
            while !done.load(Ordering::Relaxed) || looks == 0 {
                // One that stays open, and one that is opened now.
                let fresh = Case::open(desk.case.folder()).unwrap();
                for case in [&desk.case, &fresh] {
                    assert_eq!(case.count(&query).unwrap(), expected.1.messages);
                }
                looks += 1;
            }
            looks
        });
        for _ in 0..12 {
            let _ = rebuild(&desk.case).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(looks > 12, "{looks}");
    assert_eq!(desk.state(), expected);
}

/// A backup or a database browser that reads what a rebuild has made keeps a part of the new
/// ledger out of its file. Moving the file alone would lose it.
#[test]
fn what_others_read_of_a_rebuild_is_not_put_in_place_without_its_rest() {
    let desk = Desk::new("", &mails(1_500));
    desk.ingest_whole();
    let expected = desk.state();
    let made = desk.case.folder().join("rebuilding/ledger.sqlite");
    let done = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let opened = loop {
                assert!(
                    !done.load(Ordering::Relaxed),
                    "it was done before it could be read"
                );
                let opened =
                    rusqlite::Connection::open_with_flags(&made, flags).and_then(|ledger| {
                        ledger.execute_batch("BEGIN; SELECT count(*) FROM messages;")?;
                        Ok(ledger)
                    });
                match opened {
                    Ok(ledger) => break ledger,
                    Err(_) => std::thread::yield_now(),
                }
            };
            while !done.load(Ordering::Relaxed) {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            drop(opened);
        });
        let outcome = rebuild(&desk.case);
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        outcome
    });
    assert!(
        matches!(outcome, Err(CaseError::RebuildHeld { .. })),
        "{outcome:?}"
    );
    assert_eq!(desk.state(), expected);
    rebuild(&desk.case).unwrap();
    assert_eq!(desk.state(), expected);
}

/// Whatever is asked first of a case whose new index was only half put in place finishes that.
#[test]
fn whoever_opens_a_case_puts_in_place_what_a_rebuild_has_made() {
    for first in ["search", "ledger", "releases", "verify"] {
        let desk = small_desk();
        let expected = desk.state();
        let (folder, new) = (desk.case.folder(), desk.case.folder().join("rebuilding"));
        fs::create_dir_all(new.join("streams")).unwrap();
        for name in ["ledger.sqlite", "releases.json", "seal"] {
            fs::copy(folder.join(name), new.join(name)).unwrap();
        }
        // It died between the two: the old index is out of the way, the new one not yet in place.
        fs::rename(folder.join("index"), new.join("index")).unwrap();
        fs::write(new.join("ready"), "").unwrap();
        let case = Case::open(folder).unwrap();
        match first {
            "search" => drop(desk.state()),
            "ledger" => assert_eq!(case.ledger().unwrap().totals, expected.1),
            "releases" => assert_eq!(case.releases().unwrap().len(), 1),
            _ => assert_eq!(case.verify_parts(&AtomicBool::new(false)).unwrap(), []),
        }
        assert!(!new.exists(), "{first}");
        assert_eq!(desk.state(), expected, "{first}");
    }
}
