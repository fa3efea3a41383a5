//! One case from first ingest to last export, on invented mail.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod desk;
mod exports;
mod folder;
mod ids;
mod later_copies;
mod originals;
mod rebuild;
mod releases;
mod sources;
mod threads;
