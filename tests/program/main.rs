//! Drives the program as a user would: a fresh folder, an empty environment, the
//! built binary. One module a topic.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests stop where something is amiss, and say what they skip"
)]

mod archives;
mod bad_input;
mod common;
mod corpus;
mod demo;
mod docs;
mod export;
mod footers;
mod fuzzed;
mod hostile;
mod ingest;
mod interrupt;
mod leaks;
mod limits;
mod links;
mod officials;
#[cfg(unix)]
mod pdfs;
mod pipes;
mod prints;
#[cfg(unix)]
mod read_only;
mod releases;
mod resolved_again;
mod search;
mod show;
mod supply_chain;
mod terms;
mod threads;
mod timeline;
mod usage;
mod work;
