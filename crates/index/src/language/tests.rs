#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod documentation;
mod errors;
mod meaning;
mod random;

use super::*;

/// A Wednesday.
pub(super) const OPTIONS: ParseOptions = ParseOptions {
    today: jiff::civil::date(2016, 5, 11),
};

pub(super) fn read(text: &str) -> Query {
    match parse(text, &OPTIONS) {
        Ok(query) => query,
        Err(error) => panic!("{}", error.render(text)),
    }
}

/// The same tree with every span empty.
pub(super) fn without_spans(query: &Query) -> Query {
    match query {
        Query::All => Query::All,
        Query::Leaf(leaf) => Query::Leaf(Leaf {
            span: 0..0,
            ..leaf.clone()
        }),
        Query::Not(operand) => Query::Not(Box::new(without_spans(operand))),
        Query::And(operands) => Query::And(operands.iter().map(without_spans).collect()),
        Query::Or(operands) => Query::Or(operands.iter().map(without_spans).collect()),
    }
}
