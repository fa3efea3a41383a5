//! Saved queries in the place of `query:NAME`.

use super::ast::Field;
use super::ast::Leaf;
use super::ast::Query;
use super::ast::Value;
use super::error::QueryError;
use super::error::quoted;
use super::parser::MAX_DEPTH;
use super::parser::ParseOptions;
use super::parser::parse;
use super::suggest::nearest;

/// Conditions that saved queries may bring into one query. Queries that name one another twice double at each step.
const MOST_LEAVES: usize = 100_000;

/// How many saved queries may stand in one another.
const MOST_NESTED: usize = 100;

/// How deep a query may be once saved ones are in their places: what parentheses can make of one alone.
const DEEPEST: usize = 3 * MAX_DEPTH;

/// The queries that somebody saved.
pub trait SavedQueries {
    /// The text of one.
    fn text(&self, name: &str) -> Option<&str>;

    /// The names of all.
    fn names(&self) -> Vec<&str>;
}

impl Query {
    /// Whether it names a saved query.
    pub fn names_saved(&self) -> bool {
        let mut open = vec![self];
        while let Some(part) = open.pop() {
            match part {
                Query::All => {}
                Query::Leaf(leaf) if leaf.field == Field::Saved => return true,
                Query::Leaf(_) => {}
                Query::Not(inner) => open.push(inner),
                Query::And(parts) | Query::Or(parts) => open.extend(parts),
            }
        }
        false
    }

    /// The same query with the saved ones that it names in their places. All that comes of one points
    /// at the place where it is named.
    ///
    /// # Errors
    /// A name that is not there, a saved query that cannot be read or leads back to itself.
    pub fn with_saved(
        self,
        saved: &dyn SavedQueries,
        options: &ParseOptions,
    ) -> Result<Query, QueryError> {
        let mut expansion = Expansion {
            saved,
            options,
            open: Vec::new(),
            leaves: 0,
        };
        expansion.tree(self, 0)
    }
}

struct Expansion<'a> {
    saved: &'a dyn SavedQueries,
    options: &'a ParseOptions,
    /// The names of the queries that are being put in place, the outermost first.
    open: Vec<String>,
    /// Conditions that came of saved queries.
    leaves: usize,
}

/// What is still to be done with a tree, the last first.
enum Step {
    /// Put what is saved in place, so deep in the whole.
    Expand(Query, usize),
    /// Join the last values.
    Not,
    And(usize),
    Or(usize),
}

impl Expansion<'_> {
    /// A tree is walked without recursion; only a saved query within a saved query is one.
    fn tree(&mut self, query: Query, depth: usize) -> Result<Query, QueryError> {
        let mut steps = vec![Step::Expand(query, depth)];
        let mut values = Vec::new();
        while let Some(step) = steps.pop() {
            match step {
                Step::Expand(Query::All, _) => values.push(Query::All),
                Step::Expand(Query::Leaf(leaf), depth) => values.push(self.leaf(leaf, depth)?),
                Step::Expand(Query::Not(inner), depth) => {
                    steps.push(Step::Not);
                    steps.push(Step::Expand(*inner, depth + 1));
                }
                Step::Expand(Query::And(parts), depth) => {
                    steps.push(Step::And(parts.len()));
                    steps.extend(each(parts, depth + 1));
                }
                Step::Expand(Query::Or(parts), depth) => {
                    steps.push(Step::Or(parts.len()));
                    steps.extend(each(parts, depth + 1));
                }
                Step::Not => {
                    let inner = values.pop().unwrap_or(Query::All);
                    values.push(Query::except(inner));
                }
                Step::And(count) => {
                    let parts = values.split_off(values.len().saturating_sub(count));
                    values.push(Query::and(parts));
                }
                Step::Or(count) => {
                    let parts = values.split_off(values.len().saturating_sub(count));
                    values.push(Query::or(parts));
                }
            }
        }
        Ok(values.pop().unwrap_or(Query::All))
    }

    fn leaf(&mut self, leaf: Leaf, depth: usize) -> Result<Query, QueryError> {
        let inside = !self.open.is_empty();
        self.leaves += usize::from(inside);
        let fail = |message: String| QueryError::new(message, leaf.span.clone());
        if inside && (self.leaves > MOST_LEAVES || depth > DEEPEST) {
            return Err(fail(
                "the saved queries that this names make it too large".to_owned(),
            ));
        }
        let name = match (&leaf.field, &leaf.value) {
            (Field::Saved, Value::Text(name)) => name.clone(),
            _ => return Ok(Query::Leaf(leaf)),
        };
        if self.open.contains(&name) {
            let way: Vec<String> = self
                .open
                .iter()
                .chain([&name])
                .map(|name| quoted(name))
                .collect();
            let message = format!("a saved query leads back to itself: {}", way.join(", "));
            return Err(fail(message));
        }
        if self.open.len() == MOST_NESTED {
            let message = format!("saved queries name one another more than {MOST_NESTED} deep");
            return Err(fail(message));
        }
        let Some(text) = self.saved.text(&name) else {
            return Err(self.unknown(
                &name,
                fail(format!("no query is saved as {}", quoted(&name))),
            ));
        };
        let told = |error: QueryError| QueryError {
            message: format!("in the saved query {}: {}", quoted(&name), error.message),
            span: leaf.span.clone(),
            hint: error.hint,
        };
        let query = parse(text, self.options).map_err(told)?;
        self.open.push(name.clone());
        let query = self.tree(query, depth + 1).map_err(|error| QueryError {
            span: leaf.span.clone(),
            ..error
        })?;
        self.open.pop();
        Ok(pointing_at(query, &leaf))
    }

    fn unknown(&self, name: &str, error: QueryError) -> QueryError {
        let names = self.saved.names();
        error.with_hint(match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None if names.is_empty() => {
                "none is saved yet: `muckrake queries save NAME QUERY`".to_owned()
            }
            None => "`muckrake queries list` shows those that are".to_owned(),
        })
    }
}

/// The steps for the parts of a tree, the last first.
fn each(parts: Vec<Query>, depth: usize) -> impl Iterator<Item = Step> {
    let parts = parts.into_iter().rev();
    parts.map(move |part| Step::Expand(part, depth))
}

/// The query with every place in it that of the leaf it stands for.
fn pointing_at(mut query: Query, place: &Leaf) -> Query {
    let mut open = vec![&mut query];
    while let Some(part) = open.pop() {
        match part {
            Query::All => {}
            Query::Leaf(leaf) => leaf.span = place.span.clone(),
            Query::Not(inner) => open.push(inner),
            Query::And(parts) | Query::Or(parts) => open.extend(parts),
        }
    }
    query
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;
    use std::collections::BTreeMap;

    struct Saved(BTreeMap<String, String>);

    impl SavedQueries for Saved {
        fn text(&self, name: &str) -> Option<&str> {
            self.0.get(name).map(String::as_str)
        }

        fn names(&self) -> Vec<&str> {
            self.0.keys().map(String::as_str).collect()
        }
    }

    fn expanded(text: &str, saved: &[(&str, &str)]) -> Result<String, QueryError> {
        let saved = saved
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let saved = Saved(saved.collect());
        let options = ParseOptions {
            today: jiff::civil::date(2016, 5, 11),
        };
        let query = parse(text, &options)?.with_saved(&saved, &options)?;
        assert!(!query.names_saved());
        Ok(query.to_string())
    }

    #[test]
    fn a_saved_query_stands_where_it_is_named() {
        let saved = &[
            ("pier", "\"north pier\" OR quay"),
            ("two words", "query:pier budget"),
            ("none", "-query:pier"),
        ];
        let cases = [
            ("query:pier", "\"north pier\" OR quay"),
            ("query:pier draft", "(\"north pier\" OR quay) draft"),
            ("-query:pier", "-(\"north pier\" OR quay)"),
            ("query:\"two words\" x", "(\"north pier\" OR quay) budget x"),
            ("NOT query:none", "\"north pier\" OR quay"),
            (
                "query:(pier OR none)",
                "\"north pier\" OR quay OR -(\"north pier\" OR quay)",
            ),
            ("pier", "pier"),
        ];
        for (text, expected) in cases {
            assert_eq!(expanded(text, saved).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_point_at_the_name() {
        let saved = &[
            ("a", "query:b"),
            ("b", "x query:c"),
            ("c", "query:a"),
            ("self", "query:self"),
            ("bad", "pier form:anne"),
            ("outer", "query:bad"),
            ("lost", "query:gone"),
        ];
        let cases = [
            (
                "pier query:a",
                "a saved query leads back to itself: `a`, `b`, `c`, `a`",
            ),
            (
                "pier query:self",
                "a saved query leads back to itself: `self`, `self`",
            ),
            (
                "pier query:bad",
                "in the saved query `bad`: no field `form:`; did you mean `from:`?",
            ),
            (
                "pier query:outer",
                "in the saved query `bad`: no field `form:`; did you mean `from:`?",
            ),
            ("pier query:lost", "no query is saved as `gone`"),
            ("pier query:sefl", "no query is saved as `sefl`"),
        ];
        for (text, message) in cases {
            let error = expanded(text, saved).unwrap_err();
            assert_eq!(error.message, message);
            assert!(
                error.span.start >= 5 && error.span.end <= text.len(),
                "{text}: {error:?}"
            );
        }
        let error = expanded("query:sefl", saved).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `self`?"));
    }

    #[test]
    fn queries_that_double_at_each_step_are_refused() {
        let names: Vec<String> = (0..64).map(|n| format!("q{n}")).collect();
        let texts: Vec<String> = (0..64)
            .map(|n| format!("query:q{} OR -query:q{}", n + 1, n + 1))
            .collect();
        let mut saved: Vec<(&str, &str)> = names
            .iter()
            .zip(&texts)
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        saved.push(("q64", "pier"));
        let error = expanded("query:q0", &saved).unwrap_err();
        assert!(error.message.contains("too large"), "{}", error.message);
    }

    #[test]
    fn a_chain_as_deep_as_parentheses_may_be_is_no_deeper_than_the_limit() {
        let deep = format!("{}query:next{}", "-(a OR b ".repeat(150), ")".repeat(150));
        let saved = &[
            ("q", deep.as_str()),
            ("next", "query:more"),
            ("more", "pier"),
        ];
        assert!(expanded("query:q", saved).is_ok());
        let further = deep.replace("next", "q2");
        let saved = &[
            ("q", further.as_str()),
            ("q2", deep.as_str()),
            ("next", "pier"),
        ];
        let error = expanded("query:q", saved).unwrap_err();
        assert!(error.message.contains("too large"), "{}", error.message);
    }
}
