//! What can fail. A damaged source is not an error but a record; these end the call.

use std::io;
use std::path::PathBuf;

/// What a sink says when it cannot take a record.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Why an ingest ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// A path given by the user cannot be looked at.
    #[error("cannot read {}", path.display())]
    OpenRoot {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The sink refused a record.
    #[error("cannot keep what was read")]
    Sink(#[source] SinkError),
    /// A thread of the pipeline could not be started.
    #[error("cannot start a thread")]
    StartThread(#[source] io::Error),
    /// A seekable copy could not be written.
    #[error("cannot write a seekable copy")]
    Store(#[source] StoreError),
}

/// Why a seekable copy cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file of the store could not be written, renamed or removed.
    #[error("cannot write {}", path.display())]
    Write {
        /// File of the store.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of the store could not be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// File of the store.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of the store is not what was written.
    #[error("{} is not a sound seekable copy: {detail}", path.display())]
    Damaged {
        /// File of the store.
        path: PathBuf,
        /// What is wrong with it.
        detail: &'static str,
    },
}

/// Why bytes of a source cannot be read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The source cannot be opened.
    #[error("cannot open {}", path.display())]
    OpenSource {
        /// Path of the source.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The source, or what it unpacks to, cannot be read.
    #[error("cannot read {}", path.display())]
    ReadSource {
        /// Path of the source.
        path: PathBuf,
        /// What the system or the unpacker said.
        #[source]
        source: io::Error,
    },
    /// There is no such member in the archive.
    #[error("{} holds no {path_inside}", path.display())]
    FindMember {
        /// Path of the source.
        path: PathBuf,
        /// Path inside it, as asked for.
        path_inside: String,
    },
    /// The item ends before the range does.
    #[error("{} ends before byte {end}", path.display())]
    EndOfItem {
        /// Path of the source.
        path: PathBuf,
        /// One past the last byte asked for.
        end: u64,
    },
    /// The range is longer than a message may be.
    #[error("a range of {length} bytes is over the limit of {limit}")]
    RangeTooLong {
        /// Bytes asked for.
        length: u64,
        /// Longest range read.
        limit: u64,
    },
}
