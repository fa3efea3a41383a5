//! "Did you mean": words of the index close to one that is not in it.

use std::collections::HashMap;

use tantivy::Searcher;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;

use super::marks::MARK_BYTE;
use super::schema::Fields;
use crate::terms::terms;

/// How many words are suggested at most.
const MOST: usize = 5;

/// The likeliest words for a mistyped one; none if the word is in the index or
/// is too short to guess at.
pub(crate) fn close_words(
    searcher: &Searcher,
    fields: &Fields,
    word: &str,
) -> tantivy::Result<Vec<String>> {
    let [word] = terms(word).try_into().unwrap_or_default();
    let [word]: [String; 1] = [word];
    let edits = match word.chars().count() {
        0..=3 => return Ok(Vec::new()),
        4..=5 => 1,
        _ => 2,
    };
    for distance in 0..=edits {
        let found = words_within(searcher, fields, &word, distance)?;
        if distance == 0 && !found.is_empty() {
            return Ok(Vec::new());
        }
        if !found.is_empty() {
            let mut found: Vec<_> = found.into_iter().collect();
            found.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
            found.truncate(MOST);
            return Ok(found.into_iter().map(|(word, _)| word).collect());
        }
    }
    Ok(Vec::new())
}

/// Words within so many edits and in how many messages they are, about.
fn words_within(
    searcher: &Searcher,
    fields: &Fields,
    word: &str,
    edits: u8,
) -> tantivy::Result<HashMap<String, u64>> {
    let mut places = vec![fields.subject, fields.body, fields.attached];
    places.extend(fields.people);
    let mut found = HashMap::new();
    // The term carries a field only because the constructor asks for one.
    let term = tantivy::Term::from_field_text(Field::from_field_id(0), word);
    let automaton = FuzzyTermQuery::new(term, edits, true).automaton()?;
    for reader in searcher.segment_readers() {
        for field in &places {
            let index = reader.inverted_index(*field)?;
            let mut terms = index.terms().search(&automaton).into_stream()?;
            while terms.advance() {
                if let Ok(term) = std::str::from_utf8(terms.key())
                    && term.as_bytes().first() != Some(&MARK_BYTE)
                {
                    let count = found.entry(term.to_owned()).or_insert(0);
                    *count += u64::from(terms.value().doc_freq);
                }
            }
        }
    }
    Ok(found)
}
