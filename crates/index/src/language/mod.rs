//! The query language: from what a person types to what it means.

mod ast;

pub use ast::*;
