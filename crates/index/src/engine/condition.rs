//! A condition on the words of a text, apart from where the text is.

use std::ops::Range;
use std::sync::Arc;

use super::matching;
use super::matching::Shape;
use super::pattern::Pattern;
use crate::language::Value;
use crate::terms::terms;

/// Words and how they have to stand to one another.
#[derive(Clone)]
pub(crate) struct Condition {
    /// One for each word; none means that nothing matches.
    pub(crate) patterns: Vec<Arc<Pattern>>,
    /// How they have to stand.
    pub(crate) shape: Shape,
}

/// A term of a text in memory.
pub(crate) struct Found {
    /// Which of the condition's words it is.
    pub(crate) word: usize,
    /// Its position.
    pub(crate) position: u32,
    /// Its bytes.
    pub(crate) range: Range<usize>,
}

impl Condition {
    /// The condition of a text value; `inflect` says whether a plain word stands for its
    /// inflections too. `None` for values that are not about words; the error is for people.
    pub(crate) fn of(value: &Value, inflect: bool) -> Result<Option<Self>, String> {
        let condition = match value {
            Value::Word(word) if inflect => Self::single(Pattern::word(word)),
            Value::Word(word) => Self::single(Pattern::Exact(word.clone())),
            Value::Phrase { text, slop } => Self::phrase(terms(text), *slop),
            Value::Prefix(text) => {
                let mut words = terms(text);
                let last = words.pop().map(Pattern::Prefix);
                let first = words.into_iter().map(Pattern::Exact);
                Self::in_order(first.chain(last).collect())
            }
            Value::Fuzzy { word, edits } => {
                let pattern = Pattern::fuzzy(word, *edits).map_err(|error| error.to_string())?;
                Self::single(pattern)
            }
            Value::Regex(expression) => Self::single(Pattern::regex(expression)?),
            _ => return Ok(None),
        };
        Ok(Some(condition))
    }

    fn single(pattern: Pattern) -> Self {
        Self::in_order(vec![pattern])
    }

    fn in_order(patterns: Vec<Pattern>) -> Self {
        let shape = if patterns.len() > 1 {
            Shape::Exact
        } else {
            Shape::Single
        };
        Self {
            patterns: patterns.into_iter().map(Arc::new).collect(),
            shape,
        }
    }

    fn phrase(words: Vec<String>, slop: Option<u32>) -> Self {
        let slop = match slop {
            Some(slop) if words.len() > 1 => slop,
            _ => return Self::in_order(words.into_iter().map(Pattern::Exact).collect()),
        };
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut different: Vec<String> = Vec::new();
        let mut needed: Vec<u32> = Vec::new();
        for word in words {
            match different.iter().position(|other| *other == word) {
                Some(at) => needed[at] += 1,
                None => {
                    different.push(word);
                    needed.push(1);
                }
            }
        }
        let patterns = different.into_iter().map(Pattern::Exact).map(Arc::new);
        Self {
            patterns: patterns.collect(),
            shape: Shape::Loose {
                window: count.saturating_add(slop),
                needed,
            },
        }
    }

    /// Of the terms found in a text, those that are part of a match, by their index in `found`.
    pub(crate) fn matches(&self, found: &[Found]) -> Vec<usize> {
        let mut lists = vec![Vec::new(); self.patterns.len()];
        for term in found {
            lists[term.word].push(term.position);
        }
        let mut spans = Vec::new();
        match &self.shape {
            Shape::Single => return (0..found.len()).collect(),
            Shape::Exact => {
                let mut starts = Vec::new();
                matching::exact(&lists, &mut starts);
                let words = u32::try_from(lists.len()).unwrap_or(u32::MAX);
                let ends = |start: &u32| (*start, start.saturating_add(words - 1));
                spans.extend(starts.iter().map(ends));
            }
            Shape::Loose { window, needed } => {
                matching::loose(&lists, *window, needed, &mut Vec::new(), &mut spans);
            }
        }
        let mut part_of_match = Vec::new();
        let mut next = 0;
        for (index, term) in found.iter().enumerate() {
            while spans
                .get(next)
                .is_some_and(|(_, last)| *last < term.position)
            {
                next += 1;
            }
            if spans
                .get(next)
                .is_some_and(|(first, _)| *first <= term.position)
            {
                part_of_match.push(index);
            }
        }
        part_of_match
    }
}
