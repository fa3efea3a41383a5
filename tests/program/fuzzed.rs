//! The checks of the fuzz targets on the fixtures: they compile with the code that they are
//! about, and hold for the inputs from which the fuzzer starts.

use std::fs;
use std::path::Path;
use tempfile::TempDir;

#[allow(unreachable_pub, dead_code, reason = "a library to the fuzz targets")]
#[path = "../../fuzz/src/alphabets.rs"]
mod alphabets;
#[allow(unreachable_pub, reason = "a library to the fuzz targets")]
#[path = "../../fuzz/src/archives.rs"]
mod archives;
#[allow(unreachable_pub, reason = "a library to the fuzz targets")]
#[path = "../../fuzz/src/checks.rs"]
mod checks;

/// Every file below a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("it is a folder") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(fs::read(&path).expect("it can be read"));
            }
        }
    }
    files
}

#[test]
fn what_is_fuzzed_holds_for_the_fixtures() {
    let folder = TempDir::new().expect("a folder can be made");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for kind in ["hostile", "malformed", "prints", "rfc"] {
        for (number, bytes) in files(&fixtures.join(kind)).iter().enumerate() {
            checks::mailbox(bytes);
            checks::message(bytes);
            checks::body(bytes);
            checks::zones_and_threads(bytes);
            checks::print_out(bytes);
            let text = String::from_utf8_lossy(bytes);
            for line in text.lines().take(50) {
                checks::people_and_dates(line);
                checks::query(line);
            }
            checks::container(bytes, folder.path());
            let told = [
                &[number as u8, 8, 4, 0, 2, b'1', b'.', b'e', b'm'][..],
                bytes,
            ]
            .concat();
            checks::container(&archives::from_bytes(&told), folder.path());
            checks::officials(&text);
        }
    }
}

/// Each first byte chooses another header line and character set; what follows is every piece of the alphabet.
#[test]
fn what_is_fuzzed_holds_for_load_files_and_people_of_every_piece() {
    let folder = TempDir::new().expect("a folder can be made");
    for choice in 0..24 {
        let pieces: Vec<u8> = (0..=u8::MAX).map(|at| at.wrapping_mul(37)).collect();
        let table = alphabets::load_file(&[&[choice], &pieces[..]].concat());
        checks::production(&table, folder.path());
    }
    for step in [1u8, 7, 37, 91] {
        let pieces: Vec<u8> = (0..=u8::MAX).map(|at| at.wrapping_mul(step)).collect();
        checks::officials(&alphabets::people(&pieces));
        checks::print_out(alphabets::print(&pieces).as_bytes());
    }
}

/// What the fuzzer has found in queries; each could not be read again as it was printed.
#[test]
fn queries_that_were_found_to_break_hold() {
    for text in ["/\u{301}/", "subject:/\u{301}/", "/e\u{301}/"] {
        checks::query(text);
    }
    // Longer than an expression may be once it is folded.
    checks::query(&format!("/{}/", "\u{df}".repeat(400)));
}
