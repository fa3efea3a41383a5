//! The index in its folder.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use tantivy::IndexSettings;
use tantivy::ReloadPolicy;
use tantivy::Searcher;
use tantivy::TantivyError;
use tantivy::directory::Directory;
use tantivy::directory::error::OpenReadError;
use tantivy::index::SegmentComponent;
use tantivy::store::Compressor;
use tantivy::store::ZstdCompressor;
use tantivy::tokenizer::TextAnalyzer;

use super::analyzer::Analyzer;
use super::analyzer::Splitter;
use super::directory::Folder;
use super::error::IndexError;
use super::reader::Commit;
use super::reader::Reader;
use super::schema;
use super::schema::Fields;
use super::segments::Absent;
use super::writer::Writer;

/// Name of the file that tells the format of an index.
const FORMAT_FILE: &str = "muckrake-index-format";

/// Name of tantivy's file that lists the segments of the last commit.
const COMMIT_FILE: &str = "meta.json";

/// What each segment has a file of.
const SEGMENT_FILES: [SegmentComponent; 6] = [
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FastFields,
    SegmentComponent::FieldNorms,
    SegmentComponent::Terms,
    SegmentComponent::Store,
];

/// Bytes of text that are compressed together: larger saves space, smaller
/// makes reading one message faster.
const STORE_BLOCK: usize = 32 << 10;

/// The fastest level of zstd that still finds what mail repeats.
const STORE_LEVEL: i32 = 1;

/// How often one who reads begins again, because there was a commit meanwhile.
const ROUNDS: usize = 100;

fn changes_too_fast() -> IndexError {
    IndexError::Read(TantivyError::SystemError(
        "the index changes faster than it can be opened".to_owned(),
    ))
}

/// A full-text index in a folder.
#[derive(Clone)]
pub struct Index {
    inner: tantivy::Index,
    directory: Folder,
    fields: Fields,
    folder: PathBuf,
}

impl Index {
    /// Makes an empty index; the folder is made if it is not there.
    ///
    /// # Errors
    /// If the folder cannot be made or holds an index already.
    pub fn create(folder: &Path) -> Result<Self, IndexError> {
        let failed = |source: TantivyError| IndexError::Create {
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(|error| failed(error.into()))?;
        let directory = Folder::open(folder).map_err(|error| failed(error.into()))?;
        let exists = tantivy::Index::exists(&directory).map_err(|error| failed(error.into()))?;
        if exists {
            return Err(failed(TantivyError::IndexAlreadyExists));
        }
        // The format first: where there is a commit, there is all.
        directory
            .atomic_write(
                Path::new(FORMAT_FILE),
                schema::FORMAT_VERSION.to_string().as_bytes(),
            )
            .map_err(|error| failed(error.into()))?;
        let (schema, fields) = schema::build();
        let settings = IndexSettings {
            docstore_compression: Compressor::Zstd(ZstdCompressor {
                compression_level: Some(STORE_LEVEL),
            }),
            docstore_blocksize: STORE_BLOCK,
            ..IndexSettings::default()
        };
        let inner = tantivy::Index::builder()
            .schema(schema)
            .settings(settings)
            .open_or_create(directory.clone())
            .map_err(failed)?;
        Ok(Self::with(inner, directory, fields, folder))
    }

    /// Opens the index of a folder.
    ///
    /// # Errors
    /// [`IndexError::Format`] if it was made by a version of the program that
    /// indexed otherwise, and it has to be made again; [`IndexError::Open`] if
    /// it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let path = folder.join(FORMAT_FILE);
        let found =
            fs::read_to_string(&path).map_err(|source| IndexError::File { path, source })?;
        let wrong = |found: String| IndexError::Format {
            path: folder.to_owned(),
            found,
            expected: schema::FORMAT_VERSION,
        };
        if found.trim() != schema::FORMAT_VERSION.to_string() {
            return Err(wrong(found.trim().chars().take(20).collect()));
        }
        let failed = |source| IndexError::Open {
            path: folder.to_owned(),
            source,
        };
        let directory = Folder::open(folder).map_err(|error| failed(error.into()))?;
        let inner = tantivy::Index::open(directory.clone()).map_err(failed)?;
        let (schema, fields) = schema::build();
        if inner.schema() != schema {
            return Err(wrong("of another program".to_owned()));
        }
        Ok(Self::with(inner, directory, fields, folder))
    }

    /// The files that the last commit rests on, by their names in the folder. Each is written
    /// once and never changed.
    ///
    /// # Errors
    /// If the list of the commit cannot be read.
    pub fn files(&self) -> Result<Vec<PathBuf>, IndexError> {
        let segments =
            self.inner
                .searchable_segment_metas()
                .map_err(|source| IndexError::Open {
                    path: self.folder.clone(),
                    source,
                })?;
        let files = segments.iter().flat_map(|segment| {
            let deleted = segment.has_deletes().then_some(SegmentComponent::Delete);
            let parts = SEGMENT_FILES.into_iter().chain(deleted);
            parts.map(|part| segment.relative_path(part))
        });
        Ok(files.collect())
    }

    /// Compares those of its files that `trusted` does not vouch for with the checksums that
    /// they carry; gives an error for each that differs. `trusted` is asked just before a file
    /// is read, and no file that is sound is read twice.
    ///
    /// # Errors
    /// If the list of the commit cannot be read, or changes too often.
    pub fn check(&self, trusted: impl Fn(&Path) -> bool) -> Result<Vec<IndexError>, IndexError> {
        let mut sound = HashSet::new();
        for _ in 0..ROUNDS {
            let before = self.commit()?;
            let mut damaged = Vec::new();
            for file in self.files()? {
                if sound.contains(&file) || trusted(&file) {
                    continue;
                }
                match self.damage(&file) {
                    Some(damage) => damaged.push(damage),
                    None => {
                        sound.insert(file);
                    }
                }
            }
            // A commit in between may have taken files away.
            if damaged.is_empty() || before == self.commit()? {
                return Ok(damaged);
            }
        }
        Err(changes_too_fast())
    }

    fn damage(&self, file: &Path) -> Option<IndexError> {
        let reason = match self.inner.directory().validate_checksum(file) {
            Ok(true) => return None,
            Ok(false) => "its checksum is another".to_owned(),
            Err(OpenReadError::FileDoesNotExist(_)) => "it is not there".to_owned(),
            Err(error) => error.to_string(),
        };
        Some(IndexError::Damaged {
            path: self.folder.join(file),
            reason,
        })
    }

    /// The bytes of the file that lists what the last commit rests on, as [`Reader::commit_list`] has them.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn commit_list(&self) -> Result<Vec<u8>, IndexError> {
        Ok(self.commit()?.into_list())
    }

    fn commit(&self) -> Result<Commit, IndexError> {
        let path = self.folder.join(COMMIT_FILE);
        Commit::read(&path).map_err(|source| IndexError::File { path, source })
    }

    /// The format that this version writes; it changes with every change to what is indexed.
    pub fn format_version() -> u32 {
        schema::FORMAT_VERSION
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A writer; there can be one at a time.
    ///
    /// It uses about `memory_bytes` for what is not yet on disk (15 MB a thread at
    /// least), and `threads` threads beside the caller's.
    ///
    /// # Errors
    /// [`IndexError::Locked`] if there is a writer already, here or in another process.
    pub fn writer(&self, memory_bytes: usize, threads: usize) -> Result<Writer, IndexError> {
        Writer::new(
            &self.inner,
            self.directory.clone(),
            self.fields,
            &self.folder,
            memory_bytes,
            threads,
        )
    }

    /// A view of what has been committed, which later commits do not change.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn reader(&self) -> Result<Reader, IndexError> {
        // The payload and the segments are read one after the other; a commit
        // in between shows itself in its file.
        for _ in 0..ROUNDS {
            let before = self.commit()?;
            let opened = self.open_commit(&before);
            // Without the lock a segment may be gone before it is opened, then there is a commit.
            if before == self.commit()? {
                let (searcher, payload) = opened?;
                let absent = Absent::of(&self.inner, &searcher, &self.fields.words());
                return Ok(Reader::new(
                    (searcher, absent),
                    self.fields,
                    payload,
                    before,
                ));
            }
        }
        Err(changes_too_fast())
    }

    fn open_commit(&self, commit: &Commit) -> Result<(Searcher, String), TantivyError> {
        let payload = match commit.payload() {
            Some(payload) => payload,
            None => self.inner.load_metas()?.payload.unwrap_or_default(),
        };
        let reader = self
            .inner
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok((reader.searcher(), payload))
    }

    fn with(inner: tantivy::Index, directory: Folder, fields: Fields, folder: &Path) -> Self {
        let tokenizers = inner.tokenizers();
        tokenizers.register(schema::ANALYZER, TextAnalyzer::from(Analyzer::default()));
        tokenizers.register(schema::SPLITTER, TextAnalyzer::from(Splitter::default()));
        Self {
            inner,
            directory,
            fields,
            folder: folder.to_owned(),
        }
    }
}
