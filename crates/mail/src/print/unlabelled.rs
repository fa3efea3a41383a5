//! Headers whose first values stand on lines of their own, without labels, as the web view of a mail program prints
//! them: subject, sender, date, and then `To:`.

use super::block::Field;
use super::block::piece;
use super::dates;
use super::document::Document;
use super::document::indent;
use super::labels;
use super::labels::Label;
use super::tables::Layout;
use super::tables::Role;

/// Most lines, blank ones too, from the first value to the first label.
const MOST_LINES: usize = 14;
/// Longest date and longest name of a sender, in bytes.
const LONGEST: usize = 80;

/// The line on which the labels of a header begin that starts on a line without one, with the fields before it.
pub(super) fn read(
    document: &Document<'_>,
    first: usize,
    layout: &Layout,
) -> Option<(usize, Vec<Field>)> {
    let last = document.lines.len().min(first + MOST_LINES);
    let lines: Vec<usize> = (first..last)
        .filter(|at| document.is_content(*at))
        .take(layout.unlabelled.len() + 1)
        .collect();
    let (labelled, values) = lines.split_last()?;
    let label = labels::label(document.line(*labelled), layout)?;
    if values.len() < layout.unlabelled.len()
        || !label.exact
        || !layout.starts.contains(&label.role)
    {
        return None;
    }
    let mut fields = Vec::with_capacity(values.len());
    for (at, role) in values.iter().zip(layout.unlabelled) {
        if !may_be(document.line(*at).trim(), *role) {
            return None;
        }
        fields.push(field(document, *at, *role)?);
    }
    Some((*labelled, fields))
}

/// Whether a line may be the value of a field.
fn may_be(words: &str, role: Role) -> bool {
    let by_role = match role {
        Role::Sent => {
            words.len() <= LONGEST && !words.contains('@') && dates::read(words, true).is_some()
        }
        Role::From => {
            words.len() <= LONGEST
                && words.contains(char::is_alphabetic)
                && !words.ends_with(['.', ':', '?', '!', ';'])
        }
        _ => true,
    };
    by_role && !labels::is_labelled(words)
}

fn field(document: &Document<'_>, at: usize, role: Role) -> Option<Field> {
    let start = indent(document.line(at));
    let value = piece(document, at, start)?;
    Some(Field {
        label: Label {
            role,
            languages: u32::MAX,
            exact: false,
            start,
            end: start,
            value: start,
        },
        line: at,
        value: vec![value],
    })
}
