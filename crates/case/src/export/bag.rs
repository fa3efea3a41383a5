//! An export as a BagIt bag (RFC 8493), whose wholeness anyone can check without this program.
//!
//! `Bagging-Date` is left out, which the standard allows: the same export is to be the same bag.

use crate::CaseError;
use sha2::Digest;
use sha2::Sha256;
use sha2::Sha512;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// The folder of the payload.
pub(super) const PAYLOAD: &str = "data";
/// The file by which a bag is known.
pub(super) const DECLARATION: &str = "bagit.txt";

const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const BUFFER: usize = 1 << 18;

/// A file of a bag with its digests.
struct Entry {
    path: String,
    size: u64,
    sha256: String,
    sha512: String,
}

/// Makes a bag of a folder whose payload is whole. Gives `false` if it was told to stop.
pub(super) fn seal(bag: &Path, description: &str, cancel: &AtomicBool) -> Result<bool, CaseError> {
    let mut payload = Vec::new();
    for path in files(bag, PAYLOAD)? {
        if cancel.load(Ordering::Relaxed) {
            return Ok(false);
        }
        payload.push(entry(bag, path)?);
    }
    let bytes: u64 = payload.iter().map(|entry| entry.size).sum();
    let about = format!(
        "Bag-Software-Agent: muckrake {}\nExternal-Description: {}\nBag-Size: {bytes} bytes\nPayload-Oxum: {bytes}.{}\n",
        env!("CARGO_PKG_VERSION"),
        one_line(description),
        payload.len()
    );
    let tags = [
        (DECLARATION, DECLARED.to_owned()),
        ("bag-info.txt", about),
        (
            "manifest-sha256.txt",
            lines(&payload, |entry| &entry.sha256),
        ),
        (
            "manifest-sha512.txt",
            lines(&payload, |entry| &entry.sha512),
        ),
    ];
    let mut listed = Vec::new();
    for (name, text) in &tags {
        write(bag, name, text)?;
        listed.push(entry(bag, (*name).to_owned())?);
    }
    write(
        bag,
        "tagmanifest-sha256.txt",
        &lines(&listed, |entry| &entry.sha256),
    )?;
    write(
        bag,
        "tagmanifest-sha512.txt",
        &lines(&listed, |entry| &entry.sha512),
    )?;
    Ok(true)
}

/// The lines of a manifest (RFC 8493 §2.1.3): digest, two spaces, path.
fn lines(entries: &[Entry], digest: impl Fn(&Entry) -> &String) -> String {
    let line = |entry: &Entry| format!("{}  {}\n", digest(entry), encoded(&entry.path));
    entries.iter().map(line).collect()
}

/// A path as manifests write it: line ends and `%` by their numbers, all else as it is.
fn encoded(path: &str) -> String {
    path.replace('%', "%25")
        .replace('\n', "%0A")
        .replace('\r', "%0D")
}

fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_control() || letter.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The files below a folder of the bag, by their paths from the bag, in order.
fn files(bag: &Path, folder: &str) -> Result<Vec<String>, CaseError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let path = bag.join(&folder);
        for entry in fs::read_dir(&path).map_err(CaseError::file("read", &path))? {
            let entry = entry.map_err(CaseError::file("read", &path))?;
            // Every name below is one that the program made.
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(CaseError::file("read", &path))?;
            match kind.is_dir() {
                true => folders.push(name),
                false => files.push(name),
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn entry(bag: &Path, name: String) -> Result<Entry, CaseError> {
    let path = bag.join(&name);
    let mut file = File::open(&path).map_err(CaseError::file("read", &path))?;
    let (mut sha256, mut sha512) = (Sha256::new(), Sha512::new());
    let mut buffer = vec![0; BUFFER];
    let mut size = 0;
    loop {
        let count = file
            .read(&mut buffer)
            .map_err(CaseError::file("read", &path))?;
        let read = buffer.get(..count).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        sha256.update(read);
        sha512.update(read);
        size += count as u64;
    }
    Ok(Entry {
        path: name,
        size,
        sha256: hex(&sha256.finalize()),
        sha512: hex(&sha512.finalize()),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(bag: &Path, name: &str, text: &str) -> Result<(), CaseError> {
    let path = bag.join(name);
    fs::write(&path, text).map_err(CaseError::file("write", &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8493 §2.1.1 and §2.1.3; the digests by sha256sum and sha512sum of coreutils.
    #[test]
    fn a_bag_has_the_bytes_of_the_standard() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let bag = place.path();
        fs::create_dir_all(bag.join("data/sub")).expect("it can be made");
        fs::write(bag.join("data/sub/100%.txt"), "hello\n").expect("it can be written");
        fs::write(bag.join("data/a.txt"), "").expect("it can be written");
        let sealed = seal(bag, "two\nfiles", &AtomicBool::new(false));
        assert!(sealed.expect("it can be sealed"));
        let read = |name: &str| fs::read_to_string(bag.join(name)).expect("it is there");
        assert_eq!(
            read("bagit.txt"),
            "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        );
        assert_eq!(
            read("manifest-sha256.txt"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  data/a.txt\n\
             5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  data/sub/100%25.txt\n"
        );
        assert!(read("manifest-sha512.txt").contains("e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629  data/sub/100%25.txt\n"));
        let about = read("bag-info.txt");
        assert!(about.contains("Payload-Oxum: 6.2\n"), "{about}");
        assert!(
            about.contains("External-Description: two files\n"),
            "{about}"
        );
        assert_eq!(read("tagmanifest-sha256.txt").lines().count(), 4);
    }
}
