//! Taking a release in: from the sources through index and ledger to a summary.

pub(crate) mod later_copy;
mod sink;

use sink::CaseSink;
pub(crate) use sink::quoting_number;
pub(crate) use sink::quoting_of;

use crate::Case;
use crate::CaseError;
use crate::Totals;
use crate::deliveries;
use crate::footers;
use crate::forms;
use crate::ledger;
use crate::ledger::LedgerFile;
use crate::officials;
use crate::officials::Settlement;
use crate::rebuild;
use crate::releases::ReleaseFacts;
use crate::seal::Vouching;
use crate::threads;
use jiff::tz::TimeZone;
use muckrake_index::Index;
use muckrake_index::Reader;
use muckrake_index::Writer;
use muckrake_ingest::Counters;
use muckrake_ingest::IngestError;
use muckrake_ingest::Outcome;
use muckrake_ingest::Request;
use muckrake_ingest::SeekableStore;
use muckrake_mail::zones::Footers;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Memory that the index writer may fill before it writes a segment, in bytes.
const WRITER_MEMORY: usize = 120 << 20;

/// What to take in.
#[derive(Clone, Debug, Default)]
pub struct IngestRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// Name of the release that they belong to; made if there is none of that name.
    pub release: String,
    /// What is known about the release; what is `None` stays as it is.
    pub facts: ReleaseFacts,
    /// Passwords to try on encrypted archives.
    pub passwords: Vec<String>,
}

/// What an ingest found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestSummary {
    /// Name of the release.
    pub release: String,
    /// Files found, known ones included.
    pub files: u64,
    /// Sources read.
    pub sources_new: u64,
    /// Sources that were in the ledger already.
    pub sources_same: u64,
    /// Sources that have grown at their end since they were read.
    pub sources_grown: u64,
    /// Sources whose file has changed otherwise; what was read before is kept.
    pub sources_changed: u64,
    /// Copies added, attached messages included.
    pub copies_new: u64,
    /// Copies that an interrupted run had added already, attached messages not counted.
    pub copies_kept: u64,
    /// Messages that no release held before.
    pub messages_new: u64,
    /// Copies of messages that the case held already.
    pub duplicates_new: u64,
    /// Attachments in the copies added.
    pub attachments_new: u64,
    /// Files, members and attachments found that are recognised and not yet readable.
    pub unsupported_new: u64,
    /// Files, members, attachments and byte ranges found that could not be read.
    pub unread_new: u64,
    /// Symbolic links met, recorded and not followed.
    pub links: u64,
    /// Messages taken out because no copy of them is left.
    pub messages_removed: u64,
    /// Manifests of exports of this program that were read: what is beside them is an export, and
    /// most likely was not delivered.
    pub own_exports: Vec<PathBuf>,
    /// Whether it was interrupted; what was read so far is kept.
    pub interrupted: bool,
    /// The sums of the whole case afterwards.
    pub totals: Totals,
}

/// When an ingest says who is who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolving {
    /// At its end.
    Now,
    /// The caller does when all ingests are done.
    Later,
}

/// The parts that an ingest writes to, opened and brought in step.
///
/// The writer of the index ends before the ledger, which seals both.
pub(crate) struct Writing {
    pub(crate) writer: Writer,
    index: Index,
    /// Paragraphs that are taken for footers in what is indexed.
    pub(crate) footers: Footers,
    pub(crate) ledger: LedgerFile,
    vouching: Vouching,
}

impl Writing {
    /// Opens ledger and index for writing. Needs the write lock. What an earlier run
    /// left half done is finished or undone here.
    pub(crate) fn open(case: &Case) -> Result<Self, CaseError> {
        rebuild::finish_swap(case.parts())?;
        let ledger = LedgerFile::open_for_writing(case.parts())?;
        let index = Index::open(&case.parts().index()).map_err(CaseError::index("open"))?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let writer = index
            .writer(WRITER_MEMORY, threads)
            .map_err(CaseError::index("open"))?;
        let mut writing = Self {
            writer,
            vouching: Vouching::new(case.parts(), index.clone())?,
            index,
            ledger,
            footers: footers::active(case.parts())?,
        };
        writing.bring_in_step()?;
        Ok(writing)
    }

    /// A view of what was committed last to the index.
    pub(crate) fn reader(&self) -> Result<Reader, CaseError> {
        self.index.reader().map_err(CaseError::index("read"))
    }

    /// Drops what the index holds and the ledger does not.
    fn bring_in_step(&mut self) -> Result<(), CaseError> {
        let next = self.ledger.next_ordinal()?;
        let reader = self.reader()?;
        let (written, making) = ledger::read_payload(reader.payload());
        if written < next || making != self.ledger.making()? {
            return Err(index_behind(self.index.folder()));
        }
        // What the index holds is asked, not what its commit says: a merge may commit again,
        // with the word of the commit before, what came with a commit that failed.
        let ahead = reader.holds_from(next).map_err(CaseError::index("read"))?;
        drop(reader);
        if ahead {
            self.writer
                .delete_from(next)
                .map_err(CaseError::index("write"))?;
            self.commit_index(next)?;
        }
        // What an interrupted run has left to guess is guessed at the end of this one.
        threads::update(self, &AtomicBool::new(true))?;
        self.drop_removed()
    }

    /// Commits the index, up to an ordinal.
    pub(crate) fn commit_index(&mut self, next: u32) -> Result<(), CaseError> {
        let payload = self.ledger.payload(next)?;
        self.writer
            .commit(&payload)
            .map_err(CaseError::index("write"))?;
        // What nobody vouches for is read with more care, and no more than that.
        let _ = self.vouching.say();
        Ok(())
    }

    /// Deletes from the index what the ledger has removed.
    pub(crate) fn drop_removed(&mut self) -> Result<(), CaseError> {
        let removed = self.ledger.removed()?;
        if removed.is_empty() {
            return Ok(());
        }
        let next = self.ledger.next_ordinal()?;
        self.writer
            .delete(removed.clone())
            .map_err(CaseError::index("write"))?;
        self.commit_index(next)?;
        self.ledger.begin()?;
        self.ledger.forget_people(&removed)?;
        forms::forget(&self.ledger, &removed)?;
        self.ledger.change("DELETE FROM removed", [])?;
        self.ledger.commit()
    }
}

impl Case {
    /// Takes files and folders in as part of a release.
    ///
    /// Incremental: a file that the release holds already is not read again, one that
    /// has grown adds only what is new. When `cancel` is set the run ends between two
    /// messages and keeps what it has.
    ///
    /// # Errors
    /// [`CaseError::Locked`] while another process writes; a path that does not exist;
    /// a disk that cannot be written. Damage in a source is no error: it is in the ledger.
    pub fn ingest(
        &self,
        request: &IngestRequest,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<IngestSummary, CaseError> {
        request.facts.check()?;
        officials::check(self.parts())?;
        let _lock = self
            .parts()
            .write_lock(&format!("ingest of `{}`", request.release))?;
        let mut writing = Writing::open(self)?;
        self.ingest_locked(&mut writing, request, counters, cancel, Resolving::Now)
    }

    /// The ingest itself, for callers that hold the lock.
    pub(crate) fn ingest_locked(
        &self,
        writing: &mut Writing,
        request: &IngestRequest,
        counters: &Counters,
        cancel: &AtomicBool,
        resolving: Resolving,
    ) -> Result<IngestSummary, CaseError> {
        let begun = self.begin(&writing.ledger, request)?;
        let release = begun.release;
        let (outcome, mut summary) =
            self.read_sources(writing, request, &begun, counters, cancel)?;
        let settlement = match resolving {
            Resolving::Now if officials::are_gathered(&writing.ledger)? => {
                self.join_and_resolve(writing, cancel)?
            }
            Resolving::Now | Resolving::Later => {
                threads::update(writing, cancel)?;
                None
            }
        };
        forms::update(writing, cancel)?;
        writing.drop_removed()?;
        let reading = self.clone().with_passwords(request.passwords.clone());
        later_copy::restate(&reading, writing, cancel)?;
        officials::gather(&writing.ledger, &writing.reader()?, cancel)?;
        // Cancelled before the first file was found, the walk does not tell it.
        summary.interrupted = outcome.interrupted || cancel.load(Ordering::Relaxed);
        if !summary.interrupted {
            writing.ledger.mark_finished(release)?;
        }
        if begun.is_new && outcome.files == 0 && !summary.interrupted {
            writing.ledger.drop_if_empty(release)?;
        }
        summary.files = outcome.files;
        summary.release = request.release.clone();
        summary.totals = ledger::read_totals(&writing.ledger)?;
        match (settlement, resolving) {
            (Some(settlement), _) => settlement.write(&writing.ledger)?,
            (None, Resolving::Now) => officials::settle(self.parts(), &writing.ledger)?,
            (None, Resolving::Later) => {}
        }
        Ok(summary)
    }

    /// Computes threads and, at the same time, who is who: neither needs what the other finds. `None` where the latter has
    /// to be done once more, or need not be done.
    fn join_and_resolve(
        &self,
        writing: &Writing,
        cancel: &AtomicBool,
    ) -> Result<Option<Settlement>, CaseError> {
        let folder = self.parts();
        std::thread::scope(|scope| {
            let people = scope.spawn(move || Settlement::of(folder, &LedgerFile::open(folder)?));
            threads::update(writing, cancel)?;
            // What has failed there is done again in its turn, and fails with its cause.
            Ok(people.join().ok().and_then(Result::ok).flatten())
        })
    }

    /// Writes down what the user told of the release, before anything is read.
    fn begin(&self, ledger: &LedgerFile, request: &IngestRequest) -> Result<Begun, CaseError> {
        let is_new = !ledger.release_names()?.contains(&request.release);
        let release = ledger.put_release(&request.release, &request.facts)?;
        let zone = ledger.release_zone(release, self.settings())?;
        ledger.note_zone(release, is_new, self.settings())?;
        let roots: Vec<PathBuf> = request.paths.iter().map(|path| absolute(path)).collect();
        ledger.forget_bare_sources(release, &roots)?;
        let told_up_to = ledger.mark_unfinished(release)?;
        ledger.keep_roots(release, &roots)?;
        deliveries::keep(self.parts(), ledger)?;
        Ok(Begun {
            release,
            is_new,
            zone,
            told_up_to,
        })
    }

    /// Reads what the release does not hold yet into index and ledger.
    fn read_sources(
        &self,
        writing: &mut Writing,
        request: &IngestRequest,
        begun: &Begun,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<(Outcome, IngestSummary), CaseError> {
        let known = writing
            .ledger
            .known(begun.release, !request.passwords.is_empty())?;
        let limits = self.settings().limits();
        let store = SeekableStore::new(&self.parts().streams());
        store
            .remove_unfinished()
            .map_err(|source| CaseError::Stream { source })?;
        let ocr = self.settings().ocr(self.ocr.run, self.ocr.folder.clone());
        let exclude = [absolute(self.parts().root())];
        let run = Request {
            roots: &request.paths,
            exclude: &exclude,
            known: &known,
            limits: &limits,
            passwords: &request.passwords,
            store: &store,
            ocr: Some(&ocr),
            cancel,
            counters,
        };
        let zone = begun.zone.clone();
        let mut sink = CaseSink::new(writing, begun.release, begun.told_up_to, zone)?;
        let outcome = muckrake_ingest::run(&run, &mut sink);
        // What was read before an error of a source is kept, as at any checkpoint.
        let kept = sink.finish();
        Ok((outcome.map_err(case_error)?, kept?))
    }
}

/// A release that is being taken in.
struct Begun {
    release: i64,
    is_new: bool,
    zone: TimeZone,
    told_up_to: i64,
}

/// The index lacks what the ledger says it holds.
pub(crate) fn index_behind(index: &Path) -> CaseError {
    CaseError::Damaged {
        path: index.to_owned(),
        reason: "it does not hold the messages that the ledger counts".to_owned(),
    }
}

/// An error of the case that went through the ingest crate comes out as itself.
fn case_error(error: IngestError) -> CaseError {
    match error {
        IngestError::Sink(inner) => match inner.downcast::<CaseError>() {
            Ok(own) => *own,
            Err(other) => CaseError::Ingest(IngestError::Sink(other)),
        },
        other => CaseError::Ingest(other),
    }
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
