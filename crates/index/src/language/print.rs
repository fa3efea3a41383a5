//! A tree as a query: canonical text that is read as the same tree.

use std::fmt;

use super::ast::DateRange;
use super::ast::Field;
use super::ast::Leaf;
use super::ast::Query;
use super::ast::SizeRange;
use super::ast::Value;

/// How tightly the place that a part is printed in binds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    InOr,
    InAnd,
    InNot,
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_query(self, Place::Top, formatter)
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Value::Property(property) = &self.value {
            return formatter.write_str(&property.query());
        }
        if self.field != Field::Any {
            write!(formatter, "{}:", self.field.name())?;
        }
        write_value(&self.value, formatter)
    }
}

fn write_query(query: &Query, place: Place, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (operands, separator, inner, bare) = match query {
        Query::All => return f.write_str("*"),
        Query::Leaf(leaf) => return write!(f, "{leaf}"),
        Query::Not(operand) => {
            f.write_str("-")?;
            return write_query(operand, Place::InNot, f);
        }
        Query::And(operands) => (
            operands,
            " ",
            Place::InAnd,
            matches!(place, Place::Top | Place::InOr),
        ),
        Query::Or(operands) => (operands, " OR ", Place::InOr, place == Place::Top),
    };
    if !bare {
        f.write_str("(")?;
    }
    for (index, operand) in operands.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        write_query(operand, inner, f)?;
    }
    if bare { Ok(()) } else { f.write_str(")") }
}

fn write_value(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Word(word) => f.write_str(word),
        Value::Phrase { text, slop } => {
            write_quoted(text, f)?;
            slop.map_or(Ok(()), |slop| write!(f, "~{slop}"))
        }
        Value::Prefix(text) => write!(f, "{text}*"),
        Value::Fuzzy { word, edits } => write!(f, "{word}~{edits}"),
        Value::Regex(pattern) => write!(f, "/{}/", pattern.replace('/', "\\/")),
        Value::Address(address) => f.write_str(address),
        Value::Domain(domain) => write!(f, "@{domain}"),
        Value::Official(name) => {
            f.write_str("official:")?;
            write_text(name, f)
        }
        Value::Text(text) => write_text(text, f),
        Value::Dates(range) => write_dates(range, f),
        Value::NoDate => f.write_str("none"),
        Value::Sizes(range) => write_sizes(range, f),
        Value::Property(property) => f.write_str(&property.query()),
    }
}

/// Quotes only where they are needed.
fn write_text(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@*?/+".contains(&byte);
    let is_plain = !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain);
    if is_plain {
        f.write_str(text)
    } else {
        write_quoted(text, f)
    }
}

fn write_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn write_dates(range: &DateRange, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (range.first, range.last) {
        (Some(first), Some(last)) if first == last => write!(f, "{first}"),
        (first, last) => {
            first.map_or(Ok(()), |day| write!(f, "{day}"))?;
            f.write_str("..")?;
            last.map_or(Ok(()), |day| write!(f, "{day}"))
        }
    }
}

fn write_sizes(range: &SizeRange, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (range.min, range.max) {
        (Some(min), Some(max)) if min == max => write!(f, "{min}"),
        (min, max) => {
            min.map_or(Ok(()), |bytes| write!(f, "{bytes}"))?;
            f.write_str("..")?;
            max.map_or(Ok(()), |bytes| write!(f, "{bytes}"))
        }
    }
}
