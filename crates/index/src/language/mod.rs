//! The query language: from what a person types to what it means.
//!
//! [`parse`] reads a query into a [`Query`], plain data that names no engine. It
//! is pure: what `"last friday"` means is told by [`ParseOptions::today`]. What
//! cannot be read is a [`QueryError`] that points at the place; nothing is ever
//! read as something it does not say.
//!
//! `docs/query-language.md` is the language as users see it, with its grammar.
//!
//! ```
//! use muckrake_index::language::{ParseOptions, parse};
//!
//! let options = ParseOptions { today: jiff::civil::date(2016, 5, 11) };
//! let query = parse("from:@parks.example budget -draft", &options).unwrap();
//! assert_eq!(query.to_string(), "from:@parks.example budget -draft");
//!
//! let error = parse("form:anne", &options).unwrap_err();
//! assert_eq!(error.message, "no field `form:`; did you mean `from:`?");
//! ```

mod ast;
mod dates;
mod error;
mod explain;
mod fields;
mod parser;
mod pattern;
mod print;
mod properties;
mod proximity;
mod regex;
mod saved;
mod scanner;
mod sizes;
mod suggest;
mod values;

pub use ast::*;
pub use error::QueryError;
pub use parser::MAX_DEPTH;
pub use parser::MAX_QUERY_BYTES;
pub use parser::ParseOptions;
pub use parser::parse;
pub use pattern::Pattern;
pub use saved::SavedQueries;
pub use suggest::nearest;

#[cfg(test)]
mod tests;
