//! Sources of every form, read into a `Vec`, and read back.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(
    clippy::print_stderr,
    reason = "tests on real mail say when they are skipped"
)]

mod archives;
mod corpora;
mod damage;
mod files;
mod known;
mod loadfiles;
mod readback;
mod salvage;
mod support;
