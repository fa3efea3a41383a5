//! A tree in words, for `--explain`.

use crate::terms;

use super::ast::DateRange;
use super::ast::Field;
use super::ast::Leaf;
use super::ast::Query;
use super::ast::SizeRange;
use super::ast::Value;
use super::error::escaped;

impl Query {
    /// What the query asks for, as an indented tree; lines end in `\n`.
    pub fn explain(&self) -> String {
        let mut text = String::new();
        explain(self, 0, &mut text);
        text
    }
}

fn explain(query: &Query, depth: usize, text: &mut String) {
    let (label, operands) = match query {
        Query::All => return line(depth, "every message", text),
        Query::Leaf(leaf) => return line(depth, &describe(leaf), text),
        Query::Not(operand) => ("not", std::slice::from_ref(&**operand)),
        Query::And(operands) => ("all of", operands.as_slice()),
        Query::Or(operands) => ("any of", operands.as_slice()),
    };
    line(depth, label, text);
    for operand in operands {
        explain(operand, depth + 1, text);
    }
}

fn line(depth: usize, words: &str, text: &mut String) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(words);
    text.push('\n');
}

fn describe(leaf: &Leaf) -> String {
    let place = match &leaf.field {
        Field::Any => "anywhere".to_owned(),
        Field::Property => {
            return match &leaf.value {
                Value::Property(property) => property.query(),
                _ => String::new(),
            };
        }
        field => field.name().into_owned(),
    };
    format!("{place}: {}", describe_value(leaf))
}

fn describe_value(leaf: &Leaf) -> String {
    match &leaf.value {
        Value::Word(word) if is_people(&leaf.field) => format!("the word {word}"),
        Value::Word(word) => format!("the word {word} in any inflection"),
        Value::Phrase { text, slop } => phrase(text, *slop),
        Value::Prefix(text) => format!("words that begin with {}", phrase_words(text)),
        Value::Fuzzy { word, edits: 1 } => format!("words within 1 edit of {word}"),
        Value::Fuzzy { word, edits } => format!("words within {edits} edits of {word}"),
        Value::Regex(pattern) => format!("words that match /{pattern}/"),
        Value::Address(address) => format!("the address {address}"),
        Value::Domain(domain) => format!("addresses at {domain} and its subdomains"),
        Value::Official(name) => format!("the official {}", shown(name)),
        Value::Text(text) => shown(text),
        Value::Dates(range) => days(range),
        Value::NoDate => "none".to_owned(),
        Value::Sizes(range) => sizes(range),
        Value::Property(property) => property.query(),
    }
}

fn is_people(field: &Field) -> bool {
    matches!(
        field,
        Field::From | Field::To | Field::Cc | Field::Bcc | Field::With
    )
}

fn phrase(text: &str, slop: Option<u32>) -> String {
    let words = phrase_words(text);
    match (slop, words.contains(' ')) {
        (None, false) => format!("exactly the word {words}"),
        (None, true) => format!("the phrase \"{words}\""),
        (Some(1), _) => format!("\"{words}\" in any order with at most 1 other word between"),
        (Some(slop), _) => {
            format!("\"{words}\" in any order with at most {slop} other words between")
        }
    }
}

fn phrase_words(text: &str) -> String {
    terms::terms(text).join(" ")
}

/// Text as written, safe on one line of a terminal.
fn shown(text: &str) -> String {
    text.chars().map(escaped).collect()
}

fn days(range: &DateRange) -> String {
    match (range.first, range.last) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (Some(first), None) => format!("{first} or later"),
        (None, Some(last)) => format!("{last} or earlier"),
        (None, None) => "any".to_owned(),
    }
}

fn sizes(range: &SizeRange) -> String {
    match (range.min, range.max) {
        (Some(min), Some(max)) if min == max => format!("{min} bytes"),
        (Some(min), Some(max)) => format!("{min} to {max} bytes"),
        (Some(min), None) => format!("{min} bytes or more"),
        (None, Some(max)) => format!("{max} bytes or fewer"),
        (None, None) => "any".to_owned(),
    }
}
