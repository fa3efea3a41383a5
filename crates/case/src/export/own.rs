//! Exports of this program that come back as sources.

use serde::Deserialize;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

/// How the names of manifests end.
const NAME: &str = "manifest.jsonl";

/// Longest first line that is read as a whole, in bytes.
const LONGEST_HEAD: u64 = 1 << 20;

/// What stands near the beginning of one that is longer, since ids are listed in it one by one.
const BEGINNING: &[u8] = b"\"kind\":\"export\",\"muckrake\":\"";
const BEGINNING_WITHIN: usize = 64;

/// Whether a file is the manifest of an export of this program.
pub(crate) fn is_manifest(path: &Path) -> bool {
    #[derive(Deserialize)]
    struct Told {
        kind: String,
        muckrake: String,
    }
    let name = path.file_name().and_then(|name| name.to_str());
    if !name.is_some_and(|name| name.ends_with(NAME)) {
        return false;
    }
    let Ok(file) = File::open(path) else {
        return false;
    };
    let mut head = Vec::new();
    let read = BufReader::new(file.take(LONGEST_HEAD)).read_until(b'\n', &mut head);
    let told = serde_json::from_slice::<Told>(&head);
    if read.is_ok() && head.len() as u64 == LONGEST_HEAD {
        let mut beginning = head.windows(BEGINNING.len()).take(BEGINNING_WITHIN);
        return beginning.any(|stretch| stretch == BEGINNING);
    }
    read.is_ok() && told.is_ok_and(|told| told.kind == "export" && !told.muckrake.is_empty())
}
