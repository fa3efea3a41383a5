//! The seal: what the files of a case were when its last writer ended, so that damage shows.
//!
//! SQLite does not notice a changed byte in a row, and tantivy compares the checksums of its
//! files only when it is asked to. Reading all of them for each search would take longer than
//! the search. So the end of a writer leaves a file beside them, in two parts:
//!
//! - the files of the index that are written once, each with its size and time. One that is as
//!   it was then is taken as sound; any other is compared with the checksum in it. A writer
//!   says this of the files that it has written at each of its commits, so that a search
//!   meanwhile does not read them all.
//! - the ledger and the index's list of files, which each writer changes, with their checksums.
//!   This part goes before a writer changes anything, and comes back when it ends.
//!
//! Damage that leaves size and time of a file as they were is found by `verify`, which reads all.
//!
//! A case that was copied has files with other times. Whoever reads it first compares all of it
//! with the checksums, and puts the new times in the seal if the folder can be written.

use crate::CaseError;
use crate::folder::Folder;
use muckrake_index::Index;
use muckrake_index::IndexError;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::fs::File;
use std::io;
use std::io::ErrorKind;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

/// First line of the file.
const TITLE: &str = "muckrake seal 1\n";
/// The index's list of files.
const COMMIT_FILE: &str = "meta.json";
const READ: usize = 1 << 20;

/// The seal as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seal {
    /// Files of the index by name.
    files: BTreeMap<String, Stamp>,
    closed: Option<Closed>,
}

/// What no process has changed since the last writer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Closed {
    ledger: Stamp,
    ledger_sum: u32,
    commit_sum: u32,
}

/// By what a file is taken as the one it was.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified_ns: u128,
}

impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let modified = metadata.modified()?;
        let since = modified.duration_since(std::time::UNIX_EPOCH);
        Ok(Self {
            size: metadata.len(),
            modified_ns: since.map_or(0, |since| since.as_nanos()),
        })
    }

    fn line(&self, name: &str) -> String {
        format!("{} {} {name}\n", self.size, self.modified_ns)
    }
}

impl Closed {
    fn lines(&self) -> String {
        let ledger = self.ledger.line("ledger");
        let (ledger_sum, commit_sum) = (self.ledger_sum, self.commit_sum);
        format!("{ledger}{ledger_sum:08x} ledger\n{commit_sum:08x} commit\n")
    }
}

impl Seal {
    /// Reads the seal of a case. One that is absent, half written or damaged vouches for nothing.
    pub(crate) fn read(folder: &Folder) -> Self {
        fs::read_to_string(folder.seal())
            .ok()
            .and_then(|text| Self::parse(&text))
            .unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(TITLE)?;
        let (files, rest) = signed_part(rest, TITLE)?;
        let mut seal = Self::default();
        for line in files.lines() {
            let (stamp, name) = parse_stamp(line)?;
            seal.files.insert(name.to_owned(), stamp);
        }
        // Without the second part a writer is at work, or was when it died.
        seal.closed = signed_part(rest, files).and_then(|(part, _)| parse_closed(part));
        Some(seal)
    }

    /// As it is written.
    fn text(&self) -> String {
        let files = self.files.iter().map(|(name, stamp)| stamp.line(name));
        let files: String = files.collect();
        let mut text = format!("{TITLE}{}", signed(&files, TITLE));
        if let Some(closed) = &self.closed {
            text.push_str(&signed(&closed.lines(), &files));
        }
        text
    }

    /// Says in the seal what was found sound, where that is not as it says. Needs no lock; nothing
    /// is said while another process holds it, or where nothing can be written.
    fn renew(&self, folder: &Folder, change: impl FnOnce(&mut Seal)) {
        let mut now = self.clone();
        change(&mut now);
        if now == *self {
            return;
        }
        let Some(_lock) = folder.write_lock_if_free("noting that the case is sound") else {
            return;
        };
        if Self::read(folder) == *self {
            let _ = put(folder, &now.text());
        }
    }

    /// Whether a file of the index has been found sound and is as it was then.
    pub(crate) fn vouches_for(&self, folder: &Folder, file: &Path) -> bool {
        let known = file.to_str().and_then(|name| self.files.get(name));
        known.is_some_and(|known| {
            Stamp::of(&folder.index().join(file)).is_ok_and(|stamp| stamp == *known)
        })
    }

    /// Whether the index's list of files is as the last writer left it. After one that was
    /// merging it may be another and sound.
    pub(crate) fn vouches_for_commit(&self, list: &[u8]) -> bool {
        let closed = self.closed.as_ref();
        closed.is_some_and(|closed| closed.commit_sum == crc32fast::hash(list))
    }

    /// Whether the index's list of files is as the last writer left it, and each of those files as it was found sound.
    fn vouches_for_all(&self, folder: &Folder, list: &[u8]) -> bool {
        // Sealed together: the files are those of that list.
        self.vouches_for_commit(list)
            && self.files.iter().all(|(name, known)| {
                Stamp::of(&folder.index().join(name)).is_ok_and(|stamp| stamp == *known)
            })
    }

    /// Whether it holds the checksum of the ledger.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Compares the ledger with its checksum, unless size and time say that it is as it was;
    /// with `whole`, in any case.
    pub(crate) fn check_ledger(folder: &Folder, whole: bool) -> Result<(), CaseError> {
        let path = folder.ledger();
        let seal = Self::read(folder);
        let Some(closed) = &seal.closed else {
            return Ok(());
        };
        let stamp = Stamp::of(&path);
        if !whole && stamp.as_ref().is_ok_and(|stamp| *stamp == closed.ledger) {
            return Ok(());
        }
        let reason = match sum(&path) {
            Ok(sum) if sum == closed.ledger_sum => {
                if let Ok(stamp) = stamp {
                    let ledger = stamp;
                    seal.renew(folder, |now| {
                        now.closed = Some(Closed {
                            ledger,
                            ..closed.clone()
                        });
                    });
                }
                return Ok(());
            }
            Ok(_) => OTHER_SUM,
            Err(error) if error.kind() == ErrorKind::NotFound => "it is not there",
            Err(error) => return Err(CaseError::file("read", &path)(error)),
        };
        // A writer may have come between.
        if Self::read(folder) == seal {
            Err(damaged(path, reason))
        } else {
            Ok(())
        }
    }
}

/// Files of the index that one process has found sound or has written itself, by name.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    files: HashMap<PathBuf, Stamp>,
}

impl Sound {
    /// Compares the files of the index that neither the seal vouches for nor were found sound
    /// before with the checksums in them, and remembers those that are sound.
    pub(crate) fn check(
        &mut self,
        folder: &Folder,
        index: &Index,
        seal: &Seal,
    ) -> Result<Vec<IndexError>, IndexError> {
        if seal.vouches_for_all(folder, &index.commit_list()?) {
            let files = seal.files.iter();
            self.files = files
                .map(|(name, stamp)| (name.into(), stamp.clone()))
                .collect();
            return Ok(Vec::new());
        }
        let met = RefCell::new(HashMap::new());
        let damaged = index.check(|file| {
            let Ok(stamp) = Stamp::of(&folder.index().join(file)) else {
                return false;
            };
            let is_known = seal.vouches_for(folder, file) || self.files.get(file) == Some(&stamp);
            // As it is before it is read.
            met.borrow_mut().insert(file.to_owned(), stamp);
            is_known
        })?;
        if damaged.is_empty() {
            self.files = met.into_inner();
            // While a writer is at work it says itself what is sound.
            if seal.is_closed() {
                seal.renew(folder, |now| now.files = by_name(&self.files));
            }
        }
        Ok(damaged)
    }
}

/// What a writer says of the index while it works.
pub(crate) struct Vouching {
    folder: Folder,
    index: Index,
    /// Files that were there before and that the seal does not vouch for.
    doubtful: HashSet<PathBuf>,
    /// The others as they were when they were first met.
    sound: HashMap<PathBuf, Stamp>,
    /// What it has said last.
    said: Seal,
}

impl Vouching {
    /// To be called before the writer writes.
    pub(crate) fn new(folder: &Folder, index: Index) -> Result<Self, CaseError> {
        let seal = Seal::read(folder);
        let files = index.files().map_err(CaseError::index("read"))?;
        let doubtful = files
            .into_iter()
            .filter(|file| !seal.vouches_for(folder, file))
            .collect();
        let sound = seal.files.into_iter();
        Ok(Self {
            folder: folder.clone(),
            index,
            doubtful,
            sound: sound.map(|(name, stamp)| (name.into(), stamp)).collect(),
            said: Seal::default(),
        })
    }

    /// Vouches for the files of the last commit that the writer has written, all of them synced
    /// by then, and for those that the seal vouched for before.
    pub(crate) fn say(&mut self) -> io::Result<()> {
        let (mut seal, mut sound) = (Seal::default(), HashMap::new());
        for file in self.index.files().map_err(io::Error::other)? {
            if self.doubtful.contains(&file) {
                continue;
            }
            let known = self
                .sound
                .remove(&file)
                .map_or_else(|| Stamp::of(&self.folder.index().join(&file)), Ok);
            // A merge in between may have taken it away.
            let Ok(stamp) = known else { continue };
            sound.insert(file, stamp);
        }
        seal.files = by_name(&sound);
        self.sound = sound;
        if seal != self.said {
            put(&self.folder, &seal.text())?;
            self.said = seal;
        }
        Ok(())
    }
}

const OTHER_SUM: &str = "its checksum is another";

fn damaged(path: PathBuf, reason: &str) -> CaseError {
    CaseError::Damaged {
        path,
        reason: reason.to_owned(),
    }
}

/// Takes the second part off, before anything is changed. It is cut off in place: that needs no
/// room on a full disk.
pub(crate) fn open(folder: &Folder) -> Result<(), CaseError> {
    let path = folder.seal();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(_) => String::new(),
    };
    let first = text
        .strip_prefix(TITLE)
        .and_then(|rest| signed_part(rest, TITLE))
        .map_or(0, |(_, rest)| text.len() - rest.len());
    if first == text.len() && first > 0 {
        return Ok(());
    }
    let cut = || -> io::Result<()> {
        let file = File::options().write(true).open(&path)?;
        file.set_len(first as u64)?;
        file.sync_all()
    };
    cut().map_err(CaseError::file("write", &path))
}

/// Seals what a writer leaves: to be called when the ledger is in one file and the index is
/// written no more. Files that an earlier seal vouched for, or the writer as it went, stay so;
/// others are compared with the checksums in them first.
pub(crate) fn close(folder: &Folder) -> io::Result<()> {
    put(folder, &of_all(folder)?.text())
}

/// Puts a seal in place.
fn put(folder: &Folder, text: &str) -> io::Result<()> {
    let seal = folder.seal();
    // Not synced: half a seal is none, and only costs time.
    let aside = seal.with_extension("new");
    fs::write(&aside, text)?;
    fs::rename(&aside, &seal)
}

fn of_all(folder: &Folder) -> io::Result<Seal> {
    let known = Seal::read(folder);
    let index = Index::open(&folder.index()).map_err(io::Error::other)?;
    let trusted = |file: &Path| known.vouches_for(folder, file);
    if let Some(error) = index.check(trusted).map_err(io::Error::other)?.pop() {
        return Err(io::Error::other(error));
    }
    let mut files = HashMap::new();
    for file in index.files().map_err(io::Error::other)? {
        let stamp = Stamp::of(&folder.index().join(&file))?;
        files.insert(file, stamp);
    }
    let list = fs::read(folder.index().join(COMMIT_FILE))?;
    Ok(Seal {
        files: by_name(&files),
        closed: Some(Closed {
            ledger: Stamp::of(&folder.ledger())?,
            ledger_sum: sum(&folder.ledger())?,
            commit_sum: crc32fast::hash(&list),
        }),
    })
}

/// Files as a seal names them. The program gives them no other names.
fn by_name(files: &HashMap<PathBuf, Stamp>) -> BTreeMap<String, Stamp> {
    let named = files
        .iter()
        .filter_map(|(file, stamp)| Some((file.to_str()?.to_owned(), stamp.clone())));
    named.collect()
}

fn parse_stamp(line: &str) -> Option<(Stamp, &str)> {
    let mut words = line.splitn(3, ' ');
    let stamp = Stamp {
        size: words.next()?.parse().ok()?,
        modified_ns: words.next()?.parse().ok()?,
    };
    Some((stamp, words.next()?))
}

fn parse_closed(part: &str) -> Option<Closed> {
    let mut lines = part.lines();
    let (ledger, _) = parse_stamp(lines.next()?)?;
    let mut sum = |name| {
        let (sum, found) = lines.next()?.split_once(' ')?;
        let sum = u32::from_str_radix(sum, 16).ok()?;
        (found == name).then_some(sum)
    };
    Some(Closed {
        ledger,
        ledger_sum: sum("ledger")?,
        commit_sum: sum("commit")?,
    })
}

/// A part with its checksum, which depends on what stands before it.
fn signed(part: &str, before: &str) -> String {
    format!("{part}sum {:08x}\n", part_sum(part, before))
}

fn part_sum(part: &str, before: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before.as_bytes());
    hasher.update(part.as_bytes());
    hasher.finalize()
}

/// A part with a right checksum, and what comes after it.
fn signed_part<'a>(text: &'a str, before: &str) -> Option<(&'a str, &'a str)> {
    let (part, rest) = text.split_once("sum ")?;
    let (told, rest) = rest.split_once('\n')?;
    let told = u32::from_str_radix(told, 16).ok()?;
    (told == part_sum(part, before)).then_some((part, rest))
}

/// The checksum of a file.
fn sum(path: &Path) -> io::Result<u32> {
    let mut file = File::open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; READ];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize()),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Case;
    use crate::ingest::Writing;
    use crate::ledger::LedgerFile;
    use muckrake_index::Document;
    use muckrake_mail::Limits;

    fn write_one(writing: &mut Writing, ordinal: u32) {
        let message = muckrake_mail::parse(b"Subject: Pier\n\nThe pier.\n", &Limits::default());
        let document = Document {
            ordinal,
            message: &message,
            utc: None,
            record: b"{}",
        };
        writing.writer.add(document).expect("it can be written");
        writing
            .commit_index(ordinal + 1)
            .expect("it can be written");
    }

    /// Changes a byte, and leaves size and time as they were.
    fn damage_unseen(file: &Path) {
        let time = fs::metadata(file).and_then(|metadata| metadata.modified());
        let mut bytes = fs::read(file).expect("it is there");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        fs::write(file, bytes).expect("it can be written");
        let opened = File::options().write(true).open(file).expect("it is there");
        opened
            .set_modified(time.expect("it is there"))
            .expect("it can be set");
    }

    #[test]
    fn a_writer_vouches_for_what_it_has_committed_and_for_nothing_that_changes_later() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let case = Case::open_or_create(&place.path().join("case")).expect("it can be made");
        let folder = case.parts();
        let mut writing = Writing::open(&case).expect("it can be opened");
        write_one(&mut writing, 0);
        let index = Index::open(&folder.index()).expect("it is there");
        let first = index.files().expect("it can be read");
        let seal = Seal::read(folder);
        assert!(!first.is_empty() && first.iter().all(|file| seal.vouches_for(folder, file)));
        assert!(seal.closed.is_none());

        let changed = first.first().expect("there is one");
        let opened = File::options()
            .write(true)
            .open(folder.index().join(changed));
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        opened
            .and_then(|file| file.set_modified(later))
            .expect("it can be set");
        write_one(&mut writing, 1);
        let seal = Seal::read(folder);
        let files = index.files().expect("it can be read");
        assert!(files.len() > first.len());
        for file in &files {
            assert_eq!(seal.vouches_for(folder, file), file != changed);
        }
    }

    /// A copy of a folder, whose files have other times.
    fn copy(from: &Path, to: &Path) {
        fs::create_dir(to).expect("a folder can be made");
        for entry in fs::read_dir(from).expect("it is a folder") {
            let entry = entry.expect("it can be read");
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
                continue;
            }
            fs::copy(entry.path(), &target).expect("it can be copied");
            let file = File::options().write(true).open(&target);
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
            file.and_then(|file| file.set_modified(later))
                .expect("it can be set");
        }
    }

    #[test]
    fn a_copied_case_is_read_whole_once() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let first = Case::open_or_create(&place.path().join("case")).expect("it can be made");
        write_one(&mut Writing::open(&first).expect("it can be opened"), 0);
        let path = place.path().join("copy");
        copy(first.folder(), &path);
        let folder = Folder::new(&path);
        let index = Index::open(&folder.index()).expect("it is there");
        let files = index.files().expect("it can be read");
        let is_vouched_for = |folder: &Folder| {
            let seal = Seal::read(folder);
            let closed = seal.closed.as_ref().expect("the writer has ended");
            let ledger = Stamp::of(&folder.ledger()).expect("it is there");
            closed.ledger == ledger && files.iter().all(|file| seal.vouches_for(folder, file))
        };
        assert!(!is_vouched_for(&folder));
        let lock = folder.write_lock("a test").expect("it is free");
        let open = || {
            let case = Case::open(&path).expect("it can be opened");
            case.reader.get(case.parts()).map(drop)
        };
        open().expect("it is sound");
        assert!(!is_vouched_for(&folder), "another process held the lock");
        drop(lock);
        open().expect("it is sound");
        assert!(is_vouched_for(&folder));
    }

    #[test]
    fn a_copied_case_that_is_damaged_is_not_sealed_anew() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let first = Case::open_or_create(&place.path().join("case")).expect("it can be made");
        write_one(&mut Writing::open(&first).expect("it can be opened"), 0);
        let path = place.path().join("copy");
        copy(first.folder(), &path);
        let folder = Folder::new(&path);
        damage_unseen(&folder.ledger());
        let before = fs::read(folder.seal()).expect("it is there");
        assert!(LedgerFile::open(&folder).is_err());
        assert_eq!(fs::read(folder.seal()).expect("it is there"), before);
    }

    #[test]
    fn a_file_that_was_found_sound_is_not_read_again_while_it_is_as_it_was() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let case = Case::open_or_create(&place.path().join("case")).expect("it can be made");
        let folder = case.parts();
        let mut writing = Writing::open(&case).expect("it can be opened");
        write_one(&mut writing, 0);
        let (index, nothing) = (
            &Index::open(&folder.index()).expect("it is there"),
            Seal::default(),
        );
        let mut sound = Sound::default();
        let check = |sound: &mut Sound| {
            let damaged = sound.check(folder, index, &nothing);
            damaged.expect("it can be read").len()
        };
        assert_eq!(check(&mut sound), 0);
        let files = index.files().expect("it can be read");
        let file = folder.index().join(files.first().expect("there is one"));
        damage_unseen(&file);
        assert_eq!(check(&mut sound), 0, "it was read again");
        assert_eq!(check(&mut Sound::default()), 1);
        let opened = File::options()
            .write(true)
            .open(&file)
            .expect("it is there");
        opened
            .set_modified(std::time::SystemTime::UNIX_EPOCH)
            .expect("it can be set");
        assert_eq!(check(&mut sound), 1);
    }
}
