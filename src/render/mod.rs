//! Answers as text for people. Nothing here asks the case or prints.

pub(crate) mod graph;
pub(crate) mod hit;
pub(crate) mod ledger;
pub(crate) mod message;
pub(crate) mod network;
pub(crate) mod officials;
pub(crate) mod redactions;
pub(crate) mod snippet;
pub(crate) mod summary;
pub(crate) mod terms;
pub(crate) mod thread;
pub(crate) mod timeline;
