//! What the corpus means: statements about messages that no single message makes.
//!
//! Today: which messages answer one another ([`threads`], [`guesses`]), and who is who ([`officials`]). Ghosts
//! belong here too. Everything is computed from compact facts about every
//! message and kept beside the index, so that a later release can change it without
//! touching what was indexed.

pub mod facts;
pub mod footers;
mod forest;
pub mod forms;
pub mod guesses;
mod names;
pub mod officials;
pub mod threads;
pub mod tree;

pub mod words;

pub use names::Name;
