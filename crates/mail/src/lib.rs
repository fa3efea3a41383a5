//! Bytes to messages: the part of muckrake that reads mail.
//!
//! Pure: no files, no threads, no clock, no environment. Every function takes
//! bytes or text and gives plain data back; nothing panics on any input, and
//! what is damaged is said in [`Defect`]s beside what could still be read.

mod attachments;
mod charset;
pub mod date;
#[cfg(test)]
mod effort;
pub mod emlx;
mod flags;
mod header_list;
mod headers;
mod html;
pub mod identity;
mod language;
pub mod limits;
pub mod mbox;
mod model;
mod parse;
pub mod people;
pub mod print;
pub mod redactions;
pub mod subject;
mod thread_index;
pub mod zones;

pub use header_list::Header;
pub use header_list::Headers;
pub use headers::is_open_header;
pub use headers::looks_like_headers;
pub use limits::Limits;
pub use model::*;
pub use parse::Parts;
pub use parse::parse;
pub use parse::part_bytes;
pub use print::Print;
pub use redactions::Redaction;
pub use thread_index::ThreadIndex;
