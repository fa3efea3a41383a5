//! Whole messages, from bytes to what is known of them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its input has failed"
)]
#![allow(clippy::print_stderr, reason = "a test says that it was skipped")]

mod corpora;
mod facts;
mod fixtures;
mod hostile;
mod identity;
mod mutated;
mod parts;
mod prints;
mod scans;
