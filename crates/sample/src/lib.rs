//! Invented releases for the demonstration, the tests and the benches.
//!
//! [`release`] makes the mail of two invented city agencies about one invented contract, from a
//! seed and from nothing else: no clock, no system randomness, the same bytes on each machine.
//! [`story`] says what is planted in it; [`multiply()`] makes any amount of mail out of some;
//! [`hostile`] makes input that is meant to do harm.
//!
//! All people, agencies, firms and places are invented; all domains end in `.example`.
//!
//! ```
//! let sample = muckrake_sample::release();
//! let truth = sample.truth();
//! assert_eq!(sample.messages().count(), truth.copies());
//! ```

mod attachment;
mod desk;
mod encode;
mod filler;
pub mod hostile;
mod layout;
mod mail;
mod moment;
mod multiply;
mod odd;
mod people;
mod random;
mod render;
mod sample;
mod scenes;
pub mod story;
mod thread_index;
mod topics;

pub use multiply::multiply;
pub use sample::Copy;
pub use sample::Layout;
pub use sample::Sample;
pub use sample::release;
pub use story::truth;
