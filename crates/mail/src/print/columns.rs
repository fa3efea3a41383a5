//! Headers whose labels come first and whose values come after them, in the same order: two columns that were read
//! one after the other.
//!
//! A label that scanning has damaged beyond reading still has its line, and so its place among the others. Values are
//! aligned by the one that cannot be mistaken, the date; where there are fewer than labels, by what may be empty.

use super::block::Block;
use super::block::Field;
use super::block::piece;
use super::dates;
use super::document::Document;
use super::document::indent;
use super::labels;
use super::labels::Label;
use super::tables::Layout;
use super::tables::Role;

/// Fewest labels that make a column.
const LEAST_LABELS: usize = 3;
/// Labels of a column that may be damaged beyond reading.
const MOST_UNREADABLE: usize = 1;
/// Lines that the values before the date may be longer than one a label.
const MOST_WRAPPED: usize = 2;
/// Most lines of a header.
const MOST_LINES: usize = 400;
/// The order of the fields in mail programs, by which an unreadable label is told.
const ORDER: [Role; 5] = [Role::From, Role::Sent, Role::To, Role::Cc, Role::Subject];

/// Reads the header whose first label stands on a line.
pub(super) fn read(
    document: &Document<'_>,
    first: usize,
    layout: &'static Layout,
) -> Option<Block> {
    labels::alone(document.line(first), layout)?;
    let last = document.lines.len().min(first + MOST_LINES);
    let content: Vec<usize> = (first..last)
        .filter(|at| document.is_content(*at))
        .collect();
    let mut fields = column(document, &content, layout);
    if fields.len() < LEAST_LABELS {
        return None;
    }
    let lines = content.get(fields.len()..)?;
    let sent = fields
        .iter()
        .position(|field| field.label.role == Role::Sent)?;
    let reach = lines.iter().take(sent + MOST_WRAPPED + 1);
    let dated = reach
        .clone()
        .position(|at| dates::looks_like(document.line(*at).trim()))?;
    let (before, after) = (lines.get(..dated)?, lines.get(dated + 1..)?);
    let mut end = lines[dated] + 1;
    give(document, &mut fields[sent], &[lines[dated]]);
    for (field, values) in fields[..sent].iter_mut().zip(before_date(sent, before)) {
        give(document, field, values);
    }
    let (_, rest) = fields.split_at_mut(sent + 1);
    for (field, values) in after_date(document, rest, lines[dated], after) {
        end = values.last().map_or(end, |last| last + 1);
        give(document, &mut rest[field], values);
    }
    Some(Block {
        layout,
        fields,
        first,
        end,
        words: None,
    })
}

/// The labels that stand alone on the first lines.
fn column(document: &Document<'_>, content: &[usize], layout: &'static Layout) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut unreadable = 0;
    for &at in content {
        let line = document.line(at);
        let has = |role: Role| fields.iter().any(|field| field.label.role == role);
        let label = match labels::alone(line, layout).filter(|label| !has(label.role)) {
            Some(label) => label,
            None if unreadable < MOST_UNREADABLE && !fields.is_empty() && is_like_label(line) => {
                unreadable += 1;
                unread(line)
            }
            None => break,
        };
        fields.push(Field {
            label,
            line: at,
            value: Vec::new(),
        });
    }
    // One at the end may be the first value as well.
    if fields
        .last()
        .is_some_and(|field| field.label.role == Role::Words)
    {
        fields.pop();
    }
    tell_unread(&mut fields);
    fields
}

/// Whether a line is one short word with a colon, as labels are.
fn is_like_label(line: &str) -> bool {
    let word = line.trim();
    let name = word.trim_end_matches([':', ';', '.']);
    (2..=12).contains(&name.len())
        && word.len() > name.len()
        && name.chars().all(char::is_alphanumeric)
}

/// The label of a line that cannot be read; [`Role::Words`] until it is told by its place.
fn unread(line: &str) -> Label {
    let end = line.trim_end().len();
    Label {
        role: Role::Words,
        languages: u32::MAX,
        exact: false,
        start: indent(line),
        end,
        value: end,
    }
}

/// Tells what an unreadable label is for by those around it.
fn tell_unread(fields: &mut [Field]) {
    let roles: Vec<Role> = fields.iter().map(|field| field.label.role).collect();
    let Some(at) = roles.iter().position(|role| *role == Role::Words) else {
        return;
    };
    let place = |role: &Role| ORDER.iter().position(|other| other == role);
    let above = roles[..at].iter().filter_map(place).max();
    let below = roles[at + 1..].iter().filter_map(place).min();
    let within = above.map_or(0, |above| above + 1)..below.unwrap_or(ORDER.len());
    let missing = ORDER.get(within).unwrap_or_default();
    let role = missing.iter().find(|role| !roles.contains(role));
    fields[at].label.role = role.copied().unwrap_or(Role::Other);
}

fn give(document: &Document<'_>, field: &mut Field, lines: &[usize]) {
    let pieces = lines
        .iter()
        .filter_map(|at| piece(document, *at, indent(document.line(*at))));
    field.value.extend(pieces);
}

/// The lines before the date for each label before that of the date: one a label, what is too much to the last.
fn before_date(labels: usize, lines: &[usize]) -> impl Iterator<Item = &[usize]> {
    (0..labels).map(move |label| {
        let start = label.min(lines.len());
        let end = if label + 1 == labels {
            lines.len()
        } else {
            (start + 1).min(lines.len())
        };
        &lines[start..end]
    })
}

/// The lines after the date for the labels after that of the date, by the place of the label.
fn after_date<'l>(
    document: &Document<'_>,
    fields: &[Field],
    dated: usize,
    lines: &'l [usize],
) -> Vec<(usize, &'l [usize])> {
    // Where values stand close together, a blank line ends them.
    let close = lines.first().is_some_and(|next| next - dated == 1);
    let paragraph = lines
        .iter()
        .enumerate()
        .take_while(|(index, at)| **at - dated == index + 1)
        .count();
    let lines = if close { &lines[..paragraph] } else { lines };
    let values = values(document, fields, lines);
    let mut empty = fields.len().saturating_sub(values.len());
    let mut given = Vec::new();
    let mut values = values.into_iter();
    for (place, field) in fields.iter().enumerate() {
        let next = values.as_slice().first();
        let is_copies = matches!(field.label.role, Role::Cc | Role::Bcc);
        let names = next.is_some_and(|lines| names_people(document.line(lines[0])));
        if empty > 0 && is_copies && !names {
            empty -= 1;
            continue;
        }
        given.extend(values.next().map(|lines| (place, lines)));
    }
    given
}

/// Lines as values: a list of people goes on where a line ends with a separator.
fn values<'l>(document: &Document<'_>, fields: &[Field], lines: &'l [usize]) -> Vec<&'l [usize]> {
    let mut values: Vec<&[usize]> = Vec::new();
    let mut rest = lines;
    while values.len() < fields.len() && !rest.is_empty() {
        let goes_on = |at: &usize| document.line(*at).trim_end().ends_with([';', ',']);
        let role = fields[values.len()].label.role;
        let people = matches!(role, Role::To | Role::Cc | Role::Bcc);
        let open = rest.iter().take_while(|at| people && goes_on(at)).count();
        let (value, after) = rest.split_at((open + 1).min(rest.len()));
        values.push(value);
        rest = after;
    }
    values
}

/// Whether a line names people rather than a subject.
fn names_people(line: &str) -> bool {
    line.contains(['@', ';'])
        || line
            .split_once(", ")
            .is_some_and(|(surname, _)| !surname.trim().contains(' '))
}
