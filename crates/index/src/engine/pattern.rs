//! What one word of a query stands for: a test on terms, and how to find the
//! terms that pass it in a dictionary.

use tantivy::postings::TermInfo;
use tantivy::query::DfaWrapper;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy_fst::Automaton;
use tantivy_fst::Regex;

use super::marks::HEADER_SEPARATOR;
use super::marks::MARK_BYTE;
use crate::terms::stem;

/// A test on folded terms.
pub(crate) enum Pattern {
    /// This term.
    Exact(String),
    /// Every term with this stem.
    Stem(String),
    /// Every term that begins so.
    Prefix(String),
    /// Every term within so many edits.
    Fuzzy(Box<DfaWrapper>),
    /// Every term that the expression matches from end to end.
    Regex(Box<Regex>),
}

/// The only words of Snowball English that do not begin with their stem less its
/// last letter.
const IRREGULAR: &[(&str, &str)] = &[("die", "dying"), ("lie", "lying"), ("tie", "tying")];

impl Pattern {
    /// A word and its inflections.
    pub(crate) fn word(word: &str) -> Self {
        if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            Self::Stem(stem(word).into_owned())
        } else {
            Self::Exact(word.to_owned())
        }
    }

    /// Terms within `edits` insertions, deletions, changes or swaps of neighbours.
    pub(crate) fn fuzzy(word: &str, edits: u8) -> tantivy::Result<Self> {
        // The term carries a field only because the constructor asks for one.
        let term = tantivy::Term::from_field_text(Field::from_field_id(0), word);
        let automaton = FuzzyTermQuery::new(term, edits, true).automaton()?;
        Ok(Self::Fuzzy(Box::new(automaton)))
    }

    /// Terms that a regular expression matches; the error is for people.
    pub(crate) fn regex(expression: &str) -> Result<Self, String> {
        match Regex::new(expression) {
            Ok(regex) => Ok(Self::Regex(Box::new(regex))),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether a term passes.
    pub(crate) fn matches(&self, term: &str) -> bool {
        match self {
            Self::Exact(exact) => term == exact,
            Self::Stem(wanted) => may_have_stem(term, wanted) && stem(term) == wanted.as_str(),
            Self::Prefix(start) => term.starts_with(start.as_str()),
            Self::Fuzzy(automaton) => accepts(&**automaton, term),
            Self::Regex(automaton) => accepts(&**automaton, term),
        }
    }

    /// The terms of a dictionary that pass; in the header field only those of
    /// the header `header`.
    pub(crate) fn expand(
        &self,
        dictionary: &TermDictionary,
        header: Option<&str>,
    ) -> tantivy::Result<Vec<TermInfo>> {
        let start = header.map(|name| format!("{name}{HEADER_SEPARATOR}"));
        let start = start.as_deref().unwrap_or_default();
        let mut found = Vec::new();
        match self {
            Self::Exact(exact) => found.extend(dictionary.get(format!("{start}{exact}"))?),
            Self::Stem(wanted) => {
                let known = known_beginning(wanted);
                let has_stem = |term: &str| stem(term) == wanted.as_str();
                range(dictionary, start, known, has_stem, &mut found)?;
                for (_, form) in IRREGULAR.iter().filter(|(stem, _)| stem == wanted) {
                    found.extend(dictionary.get(format!("{start}{form}"))?);
                }
            }
            Self::Prefix(beginning) => range(dictionary, start, beginning, |_| true, &mut found)?,
            Self::Fuzzy(automaton) => search(dictionary, start, &**automaton, &mut found)?,
            Self::Regex(automaton) => search(dictionary, start, &**automaton, &mut found)?,
        }
        Ok(found)
    }
}

/// What every regular inflection of a stem begins with: the last letter of a
/// stem may be the stemmer's (`hope` of `hoping`, `happi` of `happy`).
fn known_beginning(stem: &str) -> &str {
    if stem.len() <= 2 {
        return stem;
    }
    stem.get(..stem.len() - 1).unwrap_or(stem)
}

/// Whether a term is worth stemming.
fn may_have_stem(term: &str, wanted: &str) -> bool {
    term.starts_with(known_beginning(wanted))
        || IRREGULAR
            .iter()
            .any(|(stem, form)| *stem == wanted && *form == term)
}

fn range(
    dictionary: &TermDictionary,
    start: &str,
    beginning: &str,
    keep: impl Fn(&str) -> bool,
    found: &mut Vec<TermInfo>,
) -> tantivy::Result<()> {
    let lower = format!("{start}{beginning}");
    let mut builder = dictionary.range().ge(&lower);
    if let Some(upper) = after_all_with(lower.as_bytes()) {
        builder = builder.lt(upper);
    }
    let mut terms = builder.into_stream()?;
    while terms.advance() {
        let term = terms.key().get(start.len()..).unwrap_or_default();
        if is_word(term) && std::str::from_utf8(term).is_ok_and(&keep) {
            found.push(terms.value().clone());
        }
    }
    Ok(())
}

fn search<A>(
    dictionary: &TermDictionary,
    start: &str,
    automaton: &A,
    found: &mut Vec<TermInfo>,
) -> tantivy::Result<()>
where
    A: Automaton,
    A::State: Clone,
{
    let automaton = After {
        start: start.as_bytes(),
        then: automaton,
    };
    let mut terms = dictionary.search(&automaton).into_stream()?;
    while terms.advance() {
        if is_word(terms.key()) {
            found.push(terms.value().clone());
        }
    }
    Ok(())
}

/// Whether a term is a word and not a mark.
fn is_word(term: &[u8]) -> bool {
    term.first().is_some_and(|byte| *byte != MARK_BYTE)
}

/// The least string of bytes above all that begin with `beginning`.
fn after_all_with(beginning: &[u8]) -> Option<Vec<u8>> {
    let last = beginning.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = beginning.get(..=last)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

fn accepts<A: Automaton>(automaton: &A, term: &str) -> bool {
    let mut state = automaton.start();
    for byte in term.bytes() {
        if !automaton.can_match(&state) {
            return false;
        }
        state = automaton.accept(&state, byte);
    }
    automaton.is_match(&state)
}

/// Accepts `start`, then what another automaton accepts.
struct After<'a, A> {
    start: &'a [u8],
    then: &'a A,
}

#[derive(Clone)]
enum AfterState<S> {
    Start(usize),
    Then(S),
    Dead,
}

impl<A: Automaton> Automaton for After<'_, A> {
    type State = AfterState<A::State>;

    fn start(&self) -> Self::State {
        if self.start.is_empty() {
            AfterState::Then(self.then.start())
        } else {
            AfterState::Start(0)
        }
    }

    fn is_match(&self, state: &Self::State) -> bool {
        matches!(state, AfterState::Then(state) if self.then.is_match(state))
    }

    fn can_match(&self, state: &Self::State) -> bool {
        match state {
            AfterState::Start(_) => true,
            AfterState::Then(state) => self.then.can_match(state),
            AfterState::Dead => false,
        }
    }

    fn accept(&self, state: &Self::State, byte: u8) -> Self::State {
        match state {
            AfterState::Start(at) if self.start.get(*at) == Some(&byte) => {
                if at + 1 == self.start.len() {
                    AfterState::Then(self.then.start())
                } else {
                    AfterState::Start(at + 1)
                }
            }
            AfterState::Then(state) => AfterState::Then(self.then.accept(state, byte)),
            AfterState::Start(_) | AfterState::Dead => AfterState::Dead,
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a failed expectation is the test's answer"
)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_range_is_above_all_with_the_beginning() {
        assert_eq!(after_all_with(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(after_all_with(&[b'a', 0xFF]), Some(b"b".to_vec()));
        assert_eq!(after_all_with(&[0xFF]), None);
    }

    #[test]
    fn edits_count_as_people_count_typing_errors() {
        let one = Pattern::fuzzy("contract", 1).unwrap();
        for term in ["contract", "contracts", "ontract", "conrtact", "kontract"] {
            assert!(one.matches(term), "{term}");
        }
        for term in ["contractor", "kontrakt", "conttrac"] {
            assert!(!one.matches(term), "{term}");
        }
        assert!(Pattern::fuzzy("contract", 2).unwrap().matches("kontrakt"));
    }

    #[test]
    fn inflections_share_a_stem() {
        let word = Pattern::word("hoping");
        assert!(word.matches("hoped") && word.matches("hope") && !word.matches("hopping"));
        let word = Pattern::word("die");
        assert!(word.matches("dying") && word.matches("died"));
        assert!(!Pattern::word("2016s").matches("2016"));
    }

    #[test]
    fn an_expression_matches_whole_terms() {
        let regex = Pattern::regex("30[0-9]m?").unwrap();
        assert!(regex.matches("305m") && regex.matches("305") && !regex.matches("3051"));
        assert!(Pattern::regex("(").is_err());
    }
}
