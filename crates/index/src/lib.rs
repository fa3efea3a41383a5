//! Messages to answers: the full-text index and the query language.
//!
//! A [`Document`] is one message with its ordinal; [`Index::writer`] adds
//! documents, [`Index::reader`] gives a consistent view that answers a
//! [`SearchRequest`]. What can change without the mail changing (releases,
//! tags, threads, officials) is not in the index: a [`Resolver`] turns such
//! parts of a query into sets of ordinals when it is asked.

mod engine;
pub mod language;
pub mod terms;

pub use engine::*;
