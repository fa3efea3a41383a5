//! Adding, deleting, committing.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use roaring::RoaringBitmap;
use tantivy::IndexWriter;
use tantivy::TantivyError;
use tantivy::directory::error::LockError;
use tantivy::indexer::IndexWriterOptions;
use tantivy::indexer::LogMergePolicy;
use tantivy::indexer::NoMergePolicy;

use super::directory;
use super::directory::Folder;
use super::document;
use super::error::IndexError;
use super::gate::Admitted;
use super::gate::Gate;
use super::ordinals::OrdinalQuery;
use super::request::Document;
use super::schema::Fields;

/// Least memory for one thread; tantivy takes no less than 15 MB.
const LEAST_THREAD_MEMORY: usize = 16_000_000;

/// Most memory for one thread; tantivy takes less than 4 GB.
const MOST_THREAD_MEMORY: usize = 2_000_000_000;

/// Bytes that may wait for the indexing threads.
const WAITING_BYTES: usize = 64 << 20;

/// Writes to an index. Nothing is seen by readers, or survives, before [`Writer::commit`].
pub struct Writer {
    inner: IndexWriter<Admitted>,
    directory: Folder,
    fields: Fields,
    gate: Arc<Gate>,
    folder: PathBuf,
    /// Set by the first failure. Documents that were on their way are lost with the thread that
    /// failed, and a commit after it would keep the others and say that all is well.
    failed: bool,
}

impl Writer {
    pub(crate) fn new(
        index: &tantivy::Index,
        directory: Folder,
        fields: Fields,
        folder: &Path,
        memory_bytes: usize,
        threads: usize,
    ) -> Result<Self, IndexError> {
        let threads = threads.max(1);
        let memory = (memory_bytes / threads).clamp(LEAST_THREAD_MEMORY, MOST_THREAD_MEMORY);
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(memory)
            .num_merge_threads(threads.min(4))
            .build();
        let inner = index
            .writer_with_options(options)
            .map_err(|source| match source {
                TantivyError::LockFailure(LockError::LockBusy, _) => IndexError::Locked {
                    path: folder.to_owned(),
                },
                source => IndexError::Write(source),
            })?;
        directory::remove_unfinished(folder).map_err(|source| IndexError::File {
            path: folder.to_owned(),
            source,
        })?;
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(0.3);
        inner.set_merge_policy(Box::new(policy));
        Ok(Self {
            inner,
            directory,
            fields,
            gate: Gate::new(WAITING_BYTES),
            folder: folder.to_owned(),
            failed: false,
        })
    }

    /// The folder of the index.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds a message. It waits while much is still to be indexed.
    ///
    /// # Errors
    /// If the indexing threads have failed (a full disk).
    pub fn add(&mut self, document: Document<'_>) -> Result<(), IndexError> {
        let values = document::build(&self.fields, &document);
        let admitted = self.gate.admit(values);
        self.attempt(|inner| inner.add_document(admitted).map(drop))
    }

    /// Does one thing to the index; after a failure nothing more.
    fn attempt(
        &mut self,
        operation: impl FnOnce(&mut IndexWriter<Admitted>) -> tantivy::Result<()>,
    ) -> Result<(), IndexError> {
        if self.failed {
            return Err(IndexError::Abandoned);
        }
        operation(&mut self.inner).map_err(|source| {
            self.failed = true;
            match self.directory.failure() {
                Some((path, source)) => IndexError::File { path, source },
                None => IndexError::Write(source),
            }
        })
    }

    /// Deletes every message with this ordinal or a higher one that was added so far.
    ///
    /// # Errors
    /// If the index cannot take it.
    pub fn delete_from(&mut self, ordinal: u32) -> Result<(), IndexError> {
        let mut ordinals = RoaringBitmap::new();
        ordinals.insert_range(ordinal..);
        self.delete(ordinals)
    }

    /// Deletes the messages with these ordinals that were added so far.
    ///
    /// # Errors
    /// If the index cannot take it.
    pub fn delete(&mut self, ordinals: RoaringBitmap) -> Result<(), IndexError> {
        self.attempt(|inner| {
            inner
                .delete_query(Box::new(OrdinalQuery::new(ordinals)))
                .map(drop)
        })
    }

    /// Makes everything so far durable and visible to new readers, with a
    /// payload that [`crate::Reader::payload`] gives back.
    ///
    /// # Errors
    /// If it cannot be written; then nothing since the last commit is kept, and the writer
    /// takes nothing more: [`IndexError::Abandoned`].
    pub fn commit(&mut self, payload: &str) -> Result<(), IndexError> {
        self.attempt(|inner| {
            let mut prepared = inner.prepare_commit()?;
            prepared.set_payload(payload);
            prepared.commit().map(drop)
        })
    }

    /// Forgets everything since the last commit.
    ///
    /// # Errors
    /// If the last commit cannot be read.
    pub fn rollback(&mut self) -> Result<(), IndexError> {
        self.attempt(|inner| inner.rollback().map(drop))
    }

    /// Waits for the merging of segments that goes on behind, and ends the writer.
    ///
    /// # Errors
    /// If a merge failed; the index is as it was before that merge.
    pub fn wait_merges(self) -> Result<(), IndexError> {
        self.inner.wait_merging_threads().map_err(IndexError::Write)
    }

    /// Waits for merges, then merges all committed segments into one, which
    /// makes the index smaller and queries faster; ends the writer. Takes
    /// about a third of the time of the ingest.
    ///
    /// # Errors
    /// If a merge failed; the index is as it was before.
    pub fn optimise(self) -> Result<(), IndexError> {
        // Segments that are being merged cannot be merged, and only ending a
        // writer waits for that.
        let index = self.inner.index().clone();
        self.wait_merges()?;
        let segments = index.searchable_segment_ids().map_err(IndexError::Write)?;
        if segments.len() < 2 {
            return Ok(());
        }
        let mut writer: IndexWriter<Admitted> = index
            .writer_with_num_threads(1, LEAST_THREAD_MEMORY)
            .map_err(IndexError::Write)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        writer.merge(&segments).wait().map_err(IndexError::Write)?;
        writer.wait_merging_threads().map_err(IndexError::Write)
    }
}
