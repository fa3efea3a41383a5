//! Officials: which addresses, directory names and spellings are of one person.
//!
//! [`names`] and [`addresses`] take one person string apart, `nodes` gathers what all strings of a case say of a mailbox
//! or a bare name, [`resolve()`] joins these into people, with a reason for each join. All of it is pure: strings and
//! counts in, assignments out. [`mentions`] is the packed form of who is in a message.

pub mod addresses;
mod evidence;
mod fold;
mod joined;
pub mod mentions;
pub mod names;
mod nodes;
mod redacted;
mod resolve;
mod tables;

pub use evidence::Merge;
pub use evidence::Reason;
pub use evidence::Suggestion;
pub use nodes::Kind;
pub use nodes::Spelling;
pub use nodes::same_name;
pub use redacted::is_redacted;
pub use resolve::Identity;
pub use resolve::Link;
pub use resolve::Meetings;
pub use resolve::Pair;
pub use resolve::Resolution;
pub use resolve::Statements;
pub use resolve::natural;
pub use resolve::resolve;

#[cfg(test)]
mod tests;
