//! One file, opened, hashed and read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use muckrake_mail::Sha256;
use sha2::Digest;

use crate::detect::{self, HEAD};
use crate::discover::{self, Stamp, io_reason};
use crate::kind::Kind;
use crate::loadfile::{self, Plan};
use crate::mail;
use crate::record::{Record, SourceEnd, SourceStart, Unread, Unreadable};
use crate::request::{Counters, Known};
use crate::scan::{At, Scan, Settings};
use crate::unpack::Stop;
use crate::unpack::compressed::is_compressed;
use crate::work::{Done, Job, Output, Work};

/// Bytes read at a time where a file is only hashed.
const HASH_BUFFER: usize = 1 << 20;

/// What all sources of a run need.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) settings: Settings<'a>,
    pub(crate) known: &'a Known,
    pub(crate) plan: &'a Plan,
    pub(crate) counters: &'a Counters,
}

impl Job {
    pub(crate) fn start(&self) -> Record {
        Record::SourceStart(SourceStart {
            path: self.path.clone(),
            name: self.name.clone(),
            size: self.stamp.size,
            modified_ns: self.stamp.modified_ns.into(),
        })
    }

    pub(crate) fn unreadable(&self, error: &io::Error) -> Record {
        Record::Unreadable(Unreadable {
            path: self.path.clone(),
            name: self.name.clone(),
            reason: io_reason(error),
        })
    }
}

impl<'a> Reading<'a> {
    /// Reads a file of any size as a stream.
    pub(crate) fn source(&self, job: &Job, output: &mut dyn Output) -> Result<(), Stop> {
        let mut file = match discover::open(&job.path) {
            Ok(file) => file,
            Err(error) => {
                self.counters.file_done();
                return output.record(job.unreadable(&error));
            }
        };
        output.record(job.start())?;
        let mut hashing = Hashing::new(&mut file, self.earlier_size(job), self.counters);
        let read = match peek(&mut hashing) {
            Ok(head) => self.content(job, &head, &mut hashing, output),
            Err(error) => self.failed(output, &error).map(|()| Kind::Unknown),
        };
        let kind = read?;
        // Whatever was not read for its content is read for the hash.
        if let Err(error) = self.drain(&mut hashing) {
            self.failed(output, &error?)?;
        }
        let (sha256, known_prefix, count) = hashing.finish();
        let now = file.metadata().map(|metadata| Stamp::of(&metadata));
        let modified_while_read = count != job.stamp.size || now.ok() != Some(job.stamp);
        output.record(Record::SourceEnd(SourceEnd {
            sha256,
            kind,
            known_prefix,
            modified_while_read,
        }))
    }

    fn content(
        &self,
        job: &Job,
        head: &[u8],
        file: &mut Hashing<'_>,
        output: &mut dyn Output,
    ) -> Result<Kind, Stop> {
        let mut kind = detect::detect(head);
        if detect::is_start_lost(head) && file.ends_as_zip().unwrap_or(false) {
            kind = Kind::Zip;
        }
        if let Some(by) = self.plan.covered(&job.path) {
            let read = |scan: &mut Scan<'_>, at: &At| scan.covered(at, kind, by, file);
            return self
                .guarded(job, output, |scan, at| read(scan, at).map(|()| kind))
                .map(|_| kind);
        }
        if kind == Kind::LoadFile {
            let (plan, path) = (self.plan, &job.path);
            let read = self.guarded(job, output, |scan, at| {
                loadfile::read(scan, at, path, plan, head, file).map(|()| kind)
            });
            return read.map(|_| kind);
        }
        if matches!(kind, Kind::Zip | Kind::SevenZip) {
            // Read by its directory, so out of order: hashed first.
            file.counting = false;
            if let Err(error) = self.drain(file) {
                return self.failed(output, &error?).map(|()| kind);
            }
            let mut file = Counting {
                file: &mut *file.file,
                counters: self.counters,
                left: job.stamp.size,
            };
            self.guarded(job, output, |scan, at| {
                scan.archive(at, kind, &mut file).map(|()| kind)
            })?;
            self.counters.add_bytes_done(file.left);
            return Ok(kind);
        }
        let read = self.guarded(job, output, |scan, at| scan.item(at, file, false));
        read.map(|told| told.unwrap_or(kind))
    }

    /// Scans with the limits of the source, and with a net under the unpackers: a panic in one
    /// of them costs the rest of this source, told as such, and not the run. `None` where the
    /// source was not read to its end.
    fn guarded(
        &self,
        job: &Job,
        output: &mut dyn Output,
        read: impl FnOnce(&mut Scan<'_>, &At) -> Result<Kind, Stop>,
    ) -> Result<Option<Kind>, Stop> {
        let at = At::source(&job.name);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut scan = Scan::new(self.settings, output, job.stamp.size);
            scan.kept = self.known.unfinished(&job.path).cloned();
            match read(&mut scan, &at) {
                Err(Stop::OverLimit) => {
                    let reason = format!("{}; what follows was not read", scan.over_limit());
                    scan.unread(&at, 0, 0, reason)?;
                    Ok(None)
                }
                other => other.map(Some),
            }
        }));
        result.unwrap_or_else(|_| {
            let reason = "the reader of this format failed; what follows was not read".to_owned();
            output.record(Record::Unread(Unread {
                path_inside: None,
                offset: 0,
                length: 0,
                reason,
            }))?;
            Ok(None)
        })
    }

    fn failed(&self, output: &mut dyn Output, error: &io::Error) -> Result<(), Stop> {
        let reason = format!("the file cannot be read: {}", io_reason(error));
        output.record(Record::Unread(Unread {
            path_inside: None,
            offset: 0,
            length: 0,
            reason,
        }))
    }

    /// Reads to the end. The outer error is the run's, the inner one the file's.
    fn drain(&self, file: &mut Hashing<'_>) -> Result<(), Result<io::Error, Stop>> {
        let mut buffer = vec![0; HASH_BUFFER];
        loop {
            self.settings.check().map_err(Err)?;
            match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Ok(error)),
            }
        }
    }

    fn earlier_size(&self, job: &Job) -> Option<u64> {
        self.known
            .at(&job.path)
            .map(|known| known.size)
            .filter(|size| *size <= job.stamp.size)
    }

    /// Reads a small file whole, in the parsing stage. What has to wait for its turn comes back
    /// as [`Done::Later`].
    pub(crate) fn small(&self, job: Job, most: u64) -> Vec<Done> {
        let (bytes, stamp) = match read_small(&job, most) {
            Ok(Some(read)) => read,
            Ok(None) => return vec![Done::Later(job, None)],
            Err(error) => {
                self.counters.file_done();
                return vec![Done::Record(job.unreadable(&error))];
            }
        };
        let sha256 = mail::sha256(&bytes);
        if !self.known.with_hash(&sha256).is_empty() {
            return vec![Done::Later(job, Some(sha256))];
        }
        let kind = detect::detect(
            bytes
                .get(..detect::LONG_HEAD.min(bytes.len()))
                .unwrap_or(&bytes),
        );
        let covered = self.plan.covered(&job.path);
        let is_container = is_compressed(kind)
            || matches!(
                kind,
                Kind::Tar | Kind::Zip | Kind::SevenZip | Kind::LoadFile
            );
        if covered.is_none() && (is_container || detect::is_start_lost(&bytes)) {
            return vec![Done::Later(job, None)];
        }
        let mut output = Parsed {
            reading: self,
            done: vec![Done::Record(job.start())],
        };
        let read = self.guarded(&job, &mut output, |scan, at| {
            scan.sha256 = Some(sha256);
            match covered {
                Some(by) => {
                    scan.covered(at, kind, by, &mut bytes.as_slice())?;
                    Ok(kind)
                }
                None => scan.item(at, &mut bytes.as_slice(), false),
            }
        });
        let mut done = output.done;
        let Ok(told) = read else {
            return done;
        };
        let kind = told.unwrap_or(kind);
        self.counters.add_bytes_done(bytes.len() as u64);
        let known_prefix = self
            .earlier_size(&job)
            .and_then(|size| bytes.get(..usize::try_from(size).ok()?))
            .map(mail::sha256);
        let modified_while_read = stamp != Some(job.stamp) || bytes.len() as u64 != job.stamp.size;
        let end = SourceEnd {
            sha256,
            kind,
            known_prefix,
            modified_while_read,
        };
        done.push(Done::Record(Record::SourceEnd(end)));
        done
    }
}

/// The bytes and the stamp after reading; `None` where the file is no longer small.
fn read_small(job: &Job, most: u64) -> io::Result<Option<(Vec<u8>, Option<Stamp>)>> {
    let mut file = discover::open(&job.path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(job.stamp.size).unwrap_or(0) + 1);
    (&mut file).take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Ok(None);
    }
    let stamp = file.metadata().map(|metadata| Stamp::of(&metadata)).ok();
    Ok(Some((bytes, stamp)))
}

/// Parses at once what a small file brings forth.
struct Parsed<'r, 'a> {
    reading: &'r Reading<'a>,
    done: Vec<Done>,
}

impl Output for Parsed<'_, '_> {
    fn take(&mut self, work: Work) -> Result<(), Stop> {
        self.reading.settings.check()?;
        match work {
            Work::Record(record) => self.done.push(Done::Record(record)),
            Work::Messages(block) => {
                let parsed = block.parse(&self.reading.settings);
                self.done.extend(parsed.map(Done::Record));
            }
            Work::File(job) => self.done.push(Done::Later(job, None)),
        }
        Ok(())
    }
}

/// The first bytes of a file, which is then at its start again.
fn peek(file: &mut Hashing<'_>) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    (&mut file.file).take(HEAD as u64).read_to_end(&mut head)?;
    file.file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// A file that is hashed while it is read from start to end.
struct Hashing<'f> {
    file: &'f mut File,
    hasher: sha2::Sha256,
    count: u64,
    /// The end was met once; what reads the file out of order afterwards is not hashed.
    ended: bool,
    /// Whether what is read is progress.
    counting: bool,
    prefix_size: Option<u64>,
    prefix: Option<Sha256>,
    counters: &'f Counters,
}

impl<'f> Hashing<'f> {
    fn new(file: &'f mut File, prefix_size: Option<u64>, counters: &'f Counters) -> Self {
        let mut hashing = Self {
            file,
            hasher: sha2::Sha256::new(),
            count: 0,
            ended: false,
            counting: true,
            prefix_size,
            prefix: None,
            counters,
        };
        hashing.note_prefix();
        hashing
    }

    fn note_prefix(&mut self) {
        if self.prefix_size == Some(self.count) {
            self.prefix = Some(Sha256(self.hasher.clone().finalize().into()));
        }
    }

    /// Looks at the end of the file, which is then at its start again.
    fn ends_as_zip(&mut self) -> io::Result<bool> {
        let length = self.file.seek(SeekFrom::End(0))?;
        let from = length.saturating_sub(detect::ZIP_TAIL as u64);
        self.file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        (&mut *self.file)
            .take(detect::ZIP_TAIL as u64)
            .read_to_end(&mut tail)?;
        self.file.seek(SeekFrom::Start(0))?;
        Ok(detect::ends_as_zip(&tail))
    }

    fn finish(self) -> (Sha256, Option<Sha256>, u64) {
        (
            Sha256(self.hasher.finalize().into()),
            self.prefix,
            self.count,
        )
    }
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let count = self.file.read(buffer)?;
        self.ended = count == 0 && !buffer.is_empty();
        let mut bytes = buffer.get(..count).unwrap_or_default();
        if self.counting {
            self.counters.add_bytes_done(count as u64);
        }
        if let Some(size) = self.prefix_size
            && self.count < size
            && self.count + bytes.len() as u64 >= size
        {
            let (before, after) = bytes.split_at((size - self.count) as usize);
            self.hasher.update(before);
            self.count = size;
            self.note_prefix();
            bytes = after;
        }
        self.hasher.update(bytes);
        self.count += bytes.len() as u64;
        Ok(count)
    }
}

/// A file that is read out of order, its bytes counted as progress up to its size.
struct Counting<'f> {
    file: &'f mut File,
    counters: &'f Counters,
    left: u64,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let counted = self.left.min(count as u64);
        self.left -= counted;
        self.counters.add_bytes_done(counted);
        Ok(count)
    }
}

impl Seek for Counting<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// SHA-256 over a file that may be a known source; `None` where it cannot be read.
pub(crate) fn hash(
    path: &std::path::Path,
    settings: &Settings<'_>,
) -> Result<Option<Sha256>, Stop> {
    let Ok(mut file) = discover::open(path) else {
        return Ok(None);
    };
    Ok(hash_rest(&mut file, || settings.check())?.ok())
}

/// SHA-256 over what is left of a file. The outer error is that of `check`, which is asked
/// before each read, the inner one the file's.
pub(crate) fn hash_rest<E>(
    file: &mut File,
    check: impl Fn() -> Result<(), E>,
) -> Result<io::Result<Sha256>, E> {
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; HASH_BUFFER];
    loop {
        check()?;
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Ok(Sha256(hasher.finalize().into()))),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}
