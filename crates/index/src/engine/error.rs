//! What can go wrong between a message and an answer.

use std::io;
use std::path::PathBuf;

use crate::language::QueryError;

/// An error of the index.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The folder of the index could not be made or written.
    #[error("cannot make an index in {}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: tantivy::TantivyError,
    },
    /// The index could not be opened.
    #[error("cannot open the index in {}", path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: tantivy::TantivyError,
    },
    /// A file of the index could not be read or written.
    #[error("cannot read or write {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The index was made by another version of the program and has to be made again.
    #[error("the index in {} has format {found}, and this program reads format {expected}", path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// The format found there.
        found: String,
        /// The format that this program reads and writes.
        expected: u32,
    },
    /// Another process or another [`crate::Writer`] is writing to the index.
    #[error("the index in {} is being written to by another process", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// Documents could not be added, deleted or committed.
    #[error("cannot write to the index")]
    Write(#[source] tantivy::TantivyError),
    /// A file of the index is not as it was written.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing more is written after a failure.
    #[error("writing to the index has failed before, and nothing more is written")]
    Abandoned,
    /// The index could not be read.
    #[error("cannot read the index")]
    Read(#[source] tantivy::TantivyError),
    /// A part of the query cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The original of a message could not be looked for, and the query needs it.
    #[error("cannot look for the original of the message with ordinal {ordinal}")]
    Headers {
        /// Ordinal of the message.
        ordinal: u32,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<tantivy::TantivyError> for IndexError {
    fn from(source: tantivy::TantivyError) -> Self {
        Self::Read(source)
    }
}

impl From<io::Error> for IndexError {
    fn from(source: io::Error) -> Self {
        Self::Read(source.into())
    }
}
