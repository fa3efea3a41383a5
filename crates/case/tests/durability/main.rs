//! What a case survives: interruptions, damage, and being made again while others look.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod damage;
mod desk;
mod interruptions;
mod rebuilds;
