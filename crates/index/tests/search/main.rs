//! The index as another crate sees it: messages in, answers out.

#![allow(
    clippy::unwrap_used,
    reason = "a failed expectation is the test's answer"
)]

mod constructs;
mod mail;
mod naive;
mod paging;
mod random;
mod ranking;
mod scope;
mod snippets;
mod writing;
