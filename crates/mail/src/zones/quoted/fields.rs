//! The fields of a header block in a body.

use std::ops::Range;

use super::QuotedMessage;
use super::Stretch;
use super::Told;
use crate::date;
use crate::model::DateSource;
use crate::model::MailDate;
use crate::model::Mention;
use crate::people;
use crate::print;
use crate::zones::headers;
use crate::zones::labels;
use crate::zones::labels::Role;
use crate::zones::lines::Line;

/// A value as it stands on one or more lines, without their ends and marks.
struct Value {
    words: String,
    place: Stretch,
}

/// Reads the header block that starts on a line; what an introduction before it has told stays.
pub(super) fn read(text: &str, lines: &[Line], at: usize, message: &mut QuotedMessage) {
    let (fields, _) = headers::fields(text, lines, at);
    let english = fields
        .iter()
        .filter_map(|(_, range)| lines[range.start].label)
        .all(|label| label.languages & labels::EN != 0);
    for (role, range) in fields {
        let Some(value) = value(text, &lines[range]) else {
            continue;
        };
        match role {
            Role::From => take_sender(value, english, message),
            Role::Sent | Role::Date => {
                let date = read_date(&value.words, english)
                    .or_else(|| print::dates::read(&value.words, english));
                message.date = message.date.take().or(date.map(|date| value.told(date)));
            }
            Role::To => take_people(value, &mut message.to),
            Role::Copy => take_people(value, &mut message.cc),
            Role::Other => {}
            Role::Subject => {
                let words = value.words.clone();
                message.subject.get_or_insert_with(|| value.told(words));
            }
        }
    }
}

/// Reads the lines above the `To:` of Lotus Notes: the name and the date, on one line or on their own.
pub(super) fn read_notes(
    text: &str,
    lines: &[Line],
    above: Range<usize>,
    message: &mut QuotedMessage,
) {
    let is_named = |line: &&Line| !headers::is_date_alone(line.content(text));
    let named = lines[above.clone()].iter().find(is_named);
    let Some(first) = named.and_then(|line| sender_of_line(text, line)) else {
        return;
    };
    take_sender(first, true, message);
    for line in &lines[above] {
        let Some(value) = value_of_line(text, line) else {
            continue;
        };
        if message.date.is_none() && value.words.starts_with(|c: char| c.is_ascii_digit()) {
            message.date = read_date(&value.words, true)
                .or_else(|| print::dates::read(&value.words, true))
                .map(|date| value.told(date));
        }
    }
}

/// Takes who wrote; Lotus Notes writes when on the same line (`Anne Example on 11/17/2000 04:20 PM`).
fn take_sender(value: Value, english: bool, message: &mut QuotedMessage) {
    let dated = value
        .words
        .rsplit_once(" on ")
        .filter(|_| headers::ends_with_notes_date(&value.words));
    let name = match dated {
        Some((name, date)) => {
            if let (None, Some(date)) = (&message.date, read_date(date, english)) {
                message.date = Some(value.told(date));
            }
            name
        }
        None => value.words.as_str(),
    };
    if message.from.is_none() {
        let mention = people::parse_list(name).into_iter().next();
        message.from = mention.map(|mention| value.told(mention));
    }
}

/// Takes people to those that a field above has told: some programs give each a line.
fn take_people(value: Value, told: &mut Option<Told<Vec<Mention>>>) {
    let people = people::parse_list(&value.words);
    match told {
        _ if people.is_empty() => {}
        Some(told) => {
            told.value.extend(people);
            told.place.end = value.place.end;
        }
        None => *told = Some(value.told(people)),
    }
}

/// Reads a date of a header block or an introduction. Only in English the month may come first.
pub(super) fn read_date(words: &str, english: bool) -> Option<MailDate> {
    let date = if english {
        date::parse(words)
    } else {
        date::parse(&day_first(words))
    };
    date.map(|date| MailDate {
        source: DateSource::Printed,
        ..date
    })
}

/// `4/3/2021` as `4.3.2021`, which is read day first.
fn day_first(words: &str) -> String {
    words.replace('/', ".")
}

impl Value {
    fn told<T>(&self, value: T) -> Told<T> {
        Told {
            value,
            place: self.place,
        }
    }
}

fn value_of_line(text: &str, line: &Line) -> Option<Value> {
    joined(text, std::slice::from_ref(line), 0)
}

/// Who wrote, as the line above a date of Lotus Notes has it, with a label before it at times.
fn sender_of_line(text: &str, line: &Line) -> Option<Value> {
    match line.label {
        Some(_) => value(text, std::slice::from_ref(line)),
        None => value_of_line(text, line),
    }
}

/// The value of a field whose label stands on the first of some lines; `None` if it is empty.
fn value(text: &str, lines: &[Line]) -> Option<Value> {
    let colon = lines.first()?.content(text).find(':')? + 1;
    joined(text, lines, colon)
}

fn joined(text: &str, lines: &[Line], skipped: usize) -> Option<Value> {
    let edge = |c: char| c.is_whitespace() || c == '*';
    let mut words = String::new();
    let (mut first, mut last) = (None, 0);
    for (index, line) in lines.iter().enumerate() {
        let skipped = if index == 0 { skipped } else { 0 };
        let content = line.content(text).get(skipped..).unwrap_or_default();
        let trimmed = content.trim_start_matches(edge);
        let start = line.content + skipped + content.len() - trimmed.len();
        let trimmed = trimmed.trim_end_matches(edge);
        if trimmed.is_empty() {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(trimmed);
        first = first.or(Some(start));
        last = start + trimmed.len();
    }
    Some(Value {
        words,
        place: Stretch {
            start: u32::try_from(first?).unwrap_or(u32::MAX),
            end: u32::try_from(last).unwrap_or(u32::MAX),
        },
    })
}
