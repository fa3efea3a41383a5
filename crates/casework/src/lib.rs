//! What the corpus means: statements about messages that no single message makes.
//!
//! Which messages answer one another ([`threads`], [`guesses`]), who is who ([`officials`]), which are one mail in several forms
//! ([`forms`]), and which are quoted and in no release ([`ghosts`]). Everything is computed from compact facts about every
//! message and kept beside the index, so that a later release can change it without
//! touching what was indexed.

pub mod facts;
pub mod footers;
mod forest;
pub mod forms;
pub mod ghosts;
pub mod guesses;
mod names;
pub mod officials;
pub mod threads;
pub mod tree;

pub mod words;

pub use names::Name;
