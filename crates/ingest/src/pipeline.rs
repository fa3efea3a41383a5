//! Reading, parsing and sinking, overlapped.
//!
//! One thread walks and reads; what it reads goes in batches of about 1 MiB to rayon's threads,
//! which hash and parse; the calling thread gives the results to the sink in the order of the
//! walk. Small files are opened and read by the parsing threads themselves. The bytes between
//! reader and sink are bounded by a [`Window`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};
use muckrake_mail::Sha256;

use crate::claims::Claims;
use crate::discover::{self, Found, FoundKind, Walk};
use crate::error::IngestError;
use crate::loadfile::Plan;
use crate::record::{Link, Record, Sink, SourceSame, Unreadable};
use crate::request::{Outcome, Request};
use crate::scan::Settings;
use crate::source::{self, Reading};
use crate::unpack::Stop;
use crate::window::Window;
use crate::work::{Done, Job, Output, Work};

/// Files up to here are read whole by the parsing threads.
const SMALL: u64 = 1 << 20;
/// Bytes after which a batch goes off.
const BATCH_BYTES: usize = 1 << 20;
/// Pieces of work after which a batch goes off.
const BATCH_WORKS: usize = 512;
/// What a piece of work counts beside its bytes.
const WORK_BYTES: usize = 1 << 10;
/// Bytes in flight for each thread, and the bounds of the whole.
const WINDOW_PER_THREAD: usize = 4 << 20;
const WINDOW: std::ops::RangeInclusive<usize> = (16 << 20)..=(64 << 20);
/// Batches in flight at most.
const SLOTS: usize = 64;
/// The reader goes through nested unpackers on its stack.
const READER_STACK: usize = 16 << 20;

/// Endings that send a small file through the reader at once. Only a matter of speed: what a file
/// is, is told by its bytes, and an archive by another name is read in its turn.
const PACKED_ENDINGS: &[&str] = &[
    "zip", "7z", "tar", "gz", "tgz", "bz2", "tbz2", "tbz", "xz", "txz", "zst", "tzst",
];

/// Reads everything under the roots and gives it to the sink in order.
///
/// Parsing runs on rayon's threads, the sink on the calling one. Not to be called from a rayon
/// task: it would wait for work on a thread that the work needs.
///
/// # Errors
/// A root cannot be looked at, a seekable copy cannot be written, or the sink refused a record.
/// Whatever is wrong with a single source is a record and no error.
pub fn run(request: &Request<'_>, sink: &mut dyn Sink) -> Result<Outcome, IngestError> {
    let walk = discover::walk(request)?;
    let plan = Plan::of(&walk, request.limits, request.cancel);
    let abandoned = AtomicBool::new(false);
    let run = Run {
        reading: Reading {
            settings: Settings {
                limits: request.limits,
                passwords: request.passwords,
                store: request.store,
                ocr: request.ocr,
                cancel: request.cancel,
                abandoned: &abandoned,
            },
            known: request.known,
            plan: &plan,
            counters: request.counters,
        },
        claims: Mutex::new(Claims::new(request.known, &walk)),
        window: Window::new(
            (rayon::current_num_threads() * WINDOW_PER_THREAD)
                .clamp(*WINDOW.start(), *WINDOW.end()),
        ),
    };
    let result = run.go(&walk, sink);
    let files = walk.files().count() as u64;
    match result {
        Ok(()) => Ok(Outcome {
            interrupted: false,
            files,
        }),
        Err(Stop::Failed(error)) => Err(error),
        Err(_) => Ok(Outcome {
            interrupted: true,
            files,
        }),
    }
}

struct Run<'a> {
    reading: Reading<'a>,
    claims: Mutex<Claims<'a>>,
    window: Window,
}

/// A batch on its way: its results come when it is done.
struct Slot {
    results: Receiver<Vec<Done>>,
    bytes: usize,
}

impl<'a> Run<'a> {
    fn go(&self, walk: &Walk, sink: &mut dyn Sink) -> Result<(), Stop> {
        let (slots, arriving) = bounded(SLOTS);
        rayon::in_place_scope(|pool| {
            std::thread::scope(|threads| {
                let reader = std::thread::Builder::new()
                    .name("reader".to_owned())
                    .stack_size(READER_STACK)
                    .spawn_scoped(threads, || {
                        let mut feeder = Feeder {
                            run: self,
                            pool,
                            slots,
                            batch: Vec::new(),
                            bytes: 0,
                        };
                        self.read(walk, &mut feeder)
                    })
                    .map_err(|error| Stop::Failed(IngestError::StartThread(error)))?;
                let sunk = self.sink(&arriving, sink);
                if sunk.is_err() {
                    self.reading
                        .settings
                        .abandoned
                        .store(true, Ordering::Relaxed);
                }
                self.window.close();
                drop(arriving);
                let read = reader.join().unwrap_or(Err(Stop::Cancelled));
                sunk.and(read)
            })
        })
    }

    /// The reader: walks, and reads what is not left to the parsing threads.
    fn read(&self, walk: &Walk, feeder: &mut Feeder<'_, '_, '_>) -> Result<(), Stop> {
        for found in walk.iter() {
            self.reading.settings.check()?;
            let Found { path, name, what } = found;
            match what {
                FoundKind::Link { target } => {
                    feeder.record(Record::Link(Link { path, name, target }))?
                }
                FoundKind::Unreadable { reason } => {
                    feeder.record(Record::Unreadable(Unreadable { path, name, reason }))?;
                }
                FoundKind::File(stamp) => self.read_file(Job { path, name, stamp }, feeder)?,
            }
        }
        feeder.flush()
    }

    fn read_file(&self, job: Job, feeder: &mut Feeder<'_, '_, '_>) -> Result<(), Stop> {
        let same = self.claims().by_stamp(&job.path, job.stamp).copied();
        if let Some(known) = same {
            return feeder.record(self.same(job, known.sha256, known.source));
        }
        let size_known = self.reading.known.has_size(job.stamp.size);
        // Files of one size go one way, so that claims are made in the order of the walk.
        if job.stamp.size <= SMALL && (size_known || !is_packed_by_name(&job)) {
            return feeder.take(Work::File(job));
        }
        if size_known
            && let Some(sha256) = source::hash(&job.path, &self.reading.settings)?
            && let Some(source) = self.by_hash(&job, &sha256)?
        {
            return feeder.record(self.same(job, sha256, source));
        }
        self.reading.source(&job, feeder)
    }

    /// The known source that a file with these bytes is.
    fn by_hash(&self, job: &Job, sha256: &Sha256) -> Result<Option<i64>, Stop> {
        let settings = &self.reading.settings;
        self.claims()
            .by_hash(&job.path, sha256, |path| source::hash(path, settings))
    }

    fn claims(&self) -> std::sync::MutexGuard<'_, Claims<'a>> {
        // Claims are plain sets, sound after any panic.
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn same(&self, job: Job, sha256: Sha256, source: i64) -> Record {
        self.reading.counters.add_bytes_done(job.stamp.size);
        Record::SourceSame(SourceSame {
            path: job.path,
            name: job.name,
            size: job.stamp.size,
            modified_ns: job.stamp.modified_ns.into(),
            sha256,
            source,
        })
    }

    /// The parsing threads' part.
    fn work(&self, work: Work) -> Vec<Done> {
        match work {
            Work::Record(record) => vec![Done::Record(record)],
            Work::Messages(block) => block
                .parse(&self.reading.settings)
                .map(Done::Record)
                .collect(),
            Work::File(job) => self.reading.small(job, SMALL),
        }
    }

    /// The calling thread's part: gives results to the sink as they come due.
    fn sink(&self, arriving: &Receiver<Slot>, sink: &mut dyn Sink) -> Result<(), Stop> {
        let mut drain = Drain { run: self, sink };
        for slot in arriving {
            // A batch whose thread died has nothing; the pool passes its panic on at the end.
            for done in slot.results.recv().unwrap_or_default() {
                self.reading.settings.check()?;
                drain.done(done)?;
            }
            self.window.release(slot.bytes);
        }
        Ok(())
    }
}

/// Collects work into batches and sends them off.
struct Feeder<'r, 'scope, 'p> {
    run: &'scope Run<'r>,
    pool: &'p rayon::Scope<'scope>,
    slots: Sender<Slot>,
    batch: Vec<Work>,
    bytes: usize,
}

impl Feeder<'_, '_, '_> {
    fn flush(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        let batch = std::mem::take(&mut self.batch);
        if !self.run.window.acquire(bytes) {
            return Err(Stop::Cancelled);
        }
        let (sender, results) = bounded(1);
        self.slots
            .send(Slot { results, bytes })
            .map_err(|_| Stop::Cancelled)?;
        let run = self.run;
        self.pool.spawn(move |_| {
            let done = batch.into_iter().flat_map(|work| run.work(work)).collect();
            // Nobody waits where the run was ended early.
            let _ = sender.send(done);
        });
        Ok(())
    }
}

impl Output for Feeder<'_, '_, '_> {
    fn take(&mut self, work: Work) -> Result<(), Stop> {
        self.bytes += WORK_BYTES
            + match &work {
                Work::Record(_) => 0,
                Work::Messages(block) => block.bytes.len(),
                Work::File(job) => usize::try_from(job.stamp.size).unwrap_or(0),
            };
        self.batch.push(work);
        if self.bytes >= BATCH_BYTES || self.batch.len() >= BATCH_WORKS {
            self.flush()?;
        }
        Ok(())
    }
}

/// Gives records to the sink, and reads in its turn what had to wait for it.
struct Drain<'d, 'r> {
    run: &'d Run<'r>,
    sink: &'d mut dyn Sink,
}

impl Drain<'_, '_> {
    fn done(&mut self, done: Done) -> Result<(), Stop> {
        match done {
            Done::Record(record) => self.accept(record),
            Done::Later(job, sha256) => {
                if let Some(sha256) = sha256
                    && let Some(source) = self.run.by_hash(&job, &sha256)?
                {
                    return self.accept(self.run.same(job, sha256, source));
                }
                self.run.reading.source(&job, self)
            }
        }
    }

    fn accept(&mut self, record: Record) -> Result<(), Stop> {
        let counters = self.run.reading.counters;
        match &record {
            Record::SourceStart(start) => counters.set_current(&start.name),
            Record::Message(_) | Record::Kept(_) => counters.message_done(),
            Record::SourceEnd(_) | Record::SourceSame(_) => counters.file_done(),
            _ => {}
        }
        self.sink
            .accept(record)
            .map_err(|error| Stop::Failed(IngestError::Sink(error)))
    }
}

impl Output for Drain<'_, '_> {
    fn take(&mut self, work: Work) -> Result<(), Stop> {
        self.run.reading.settings.check()?;
        match work {
            Work::Record(record) => self.accept(record),
            work => {
                for done in self.run.work(work) {
                    self.done(done)?;
                }
                Ok(())
            }
        }
    }
}

fn is_packed_by_name(job: &Job) -> bool {
    job.path
        .extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| {
            PACKED_ENDINGS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(ending))
        })
}
