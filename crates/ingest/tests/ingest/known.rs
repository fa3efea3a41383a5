//! Re-ingesting: what is known is not read again, and nothing is taken twice.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use muckrake_ingest::{Known, KnownFile, Record};

use crate::support::{Bench, Records, mail, mbox, sha256, zip};

/// What a case would remember of a run.
fn remember(records: &Records) -> Known {
    let mut known = Known::new();
    let mut source = 0;
    let mut start = None;
    for record in &records.0 {
        match record {
            Record::SourceStart(begun) => start = Some(begun.clone()),
            Record::SourceEnd(end) => {
                let begun = start.take().unwrap();
                source += 1;
                known.insert(
                    begun.path,
                    KnownFile {
                        size: begun.size,
                        modified_ns: begun.modified_ns,
                        sha256: end.sha256,
                        source,
                    },
                );
            }
            _ => {}
        }
    }
    known
}

fn same(records: &Records) -> Vec<(String, i64)> {
    records
        .0
        .iter()
        .filter_map(|record| match record {
            Record::SourceSame(same) => Some((same.name.clone(), same.source)),
            _ => None,
        })
        .collect()
}

fn started(records: &Records) -> Vec<String> {
    records
        .0
        .iter()
        .filter_map(|record| match record {
            Record::SourceStart(start) => Some(start.name.clone()),
            _ => None,
        })
        .collect()
}

fn touch(path: &PathBuf, seconds: u64) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .unwrap();
}

/// A large file and a small one, so that both ways are gone.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("a.eml", &mail(1));
    bench.write("b.mbox", &mbox(0..4000));
    bench.write("c.zip", &zip(&[("1.eml", &mail(2))]));
    bench
}

#[test]
fn unchanged_files_are_not_opened() {
    let mut bench = bench();
    bench.known = remember(&bench.run());
    // Other bytes under the same stamp: only one that opens the file would see them.
    let path = bench.root().join("a.eml");
    let modified = path.metadata().unwrap().modified().unwrap();
    bench.write("a.eml", &mail(3));
    std::fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let again = bench.run();
    assert_eq!(
        same(&again),
        [
            ("a.eml".to_owned(), 1),
            ("b.mbox".to_owned(), 2),
            ("c.zip".to_owned(), 3)
        ]
    );
    assert_eq!(started(&again), [""; 0]);
}

#[test]
fn touched_and_moved_files_are_known_by_their_bytes() {
    let mut bench = bench();
    bench.known = remember(&bench.run());
    for name in ["a.eml", "b.mbox"] {
        touch(&bench.root().join(name), 1_500_000_000);
    }
    std::fs::create_dir(bench.root().join("moved")).unwrap();
    for name in ["b.mbox", "c.zip"] {
        std::fs::rename(
            bench.root().join(name),
            bench.root().join("moved").join(name),
        )
        .unwrap();
    }
    let again = bench.run();
    assert_eq!(
        same(&again),
        [
            ("a.eml".to_owned(), 1),
            ("moved/b.mbox".to_owned(), 2),
            ("moved/c.zip".to_owned(), 3)
        ]
    );
}

#[test]
fn each_known_source_is_taken_once_and_by_its_path_first() {
    let mut bench = Bench::new();
    bench.write("m.eml", &mail(1));
    bench.known = remember(&bench.run());
    touch(&bench.root().join("m.eml"), 1_500_000_000);
    bench.write("a.eml", &mail(1));
    bench.write("z.eml", &mail(1));
    let again = bench.run();
    assert_eq!(same(&again), [("m.eml".to_owned(), 1)]);
    assert_eq!(started(&again), ["a.eml", "z.eml"]);
}

#[test]
fn two_identical_files_in_one_run_are_two_sources() {
    let mut bench = Bench::new();
    bench.write("a.eml", &mail(1));
    bench.write("b.eml", &mail(1));
    let first = bench.run();
    assert_eq!(started(&first), ["a.eml", "b.eml"]);
    bench.known = remember(&first);
    std::fs::rename(bench.root().join("a.eml"), bench.root().join("x.eml")).unwrap();
    std::fs::rename(bench.root().join("b.eml"), bench.root().join("y.eml")).unwrap();
    assert_eq!(
        same(&bench.run()),
        [("x.eml".to_owned(), 1), ("y.eml".to_owned(), 2)]
    );
}

#[test]
fn an_appended_file_tells_the_hash_of_what_it_was() {
    for count in [3, 4000] {
        let mut bench = Bench::new();
        let before = mbox(0..count);
        bench.write("a.mbox", &before);
        bench.known = remember(&bench.run());
        bench.write("a.mbox", &mbox(0..count + 1));
        let again = bench.run();
        assert_eq!(again.messages().count(), count + 1);
        assert_eq!(
            again.ends().next().unwrap().known_prefix,
            Some(sha256(&before))
        );
        bench.write("a.mbox", &mbox(0..1));
        assert_eq!(bench.run().ends().next().unwrap().known_prefix, None);
    }
}

fn swap(bench: &Bench, one: &str, other: &str) {
    let [one, other, aside] = [one, other, "aside"].map(|name| bench.root().join(name));
    std::fs::rename(&one, &aside).unwrap();
    std::fs::rename(&other, &one).unwrap();
    std::fs::rename(&aside, &other).unwrap();
}

#[test]
fn files_of_one_size_that_swap_names_are_known() {
    let small = [mail(1), mail(2)];
    let large = [mbox(1000..5000), mbox(5000..9000)];
    for [one, other] in [small, large] {
        assert_eq!(one.len(), other.len());
        let mut bench = Bench::new();
        touch(&bench.write("a", &one), 1_500_000_000);
        touch(&bench.write("b", &other), 1_500_000_001);
        bench.known = remember(&bench.run());
        swap(&bench, "a", "b");
        let again = bench.run();
        assert_eq!(started(&again), [""; 0]);
        assert_eq!(same(&again), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    }
}

#[test]
fn a_source_is_free_only_if_its_own_file_has_become_another() {
    let mut bench = Bench::new();
    for (name, number) in [("b", 1), ("c", 2)] {
        touch(&bench.write(name, &mail(number)), 1_500_000_000);
    }
    bench.known = remember(&bench.run());
    // `c` was only touched and is still itself, `b` has become another.
    bench.write("a", &mail(1));
    bench.write("aa", &mail(2));
    bench.write("b", &mail(3));
    touch(&bench.root().join("c"), 1_500_000_005);
    let again = bench.run();
    assert_eq!(same(&again), [("a".to_owned(), 1), ("c".to_owned(), 2)]);
    assert_eq!(started(&again), ["aa", "b"]);
}
