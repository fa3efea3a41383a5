//! Bytes to messages: the part of muckrake that reads mail.
//!
//! Pure: no files, no threads, no clock, no environment. Every function takes
//! bytes or text and gives plain data back; nothing panics on any input, and
//! what is damaged is said in [`Defect`]s beside what could still be read.

pub mod date;
pub mod emlx;
pub mod limits;
pub mod mbox;
mod model;
pub mod people;
pub mod zones;

pub use limits::Limits;
pub use model::*;
