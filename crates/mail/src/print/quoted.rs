//! Fields of quoted messages, read as print-outs have them.

use super::dates;
use super::people;
use super::tables::PeopleForm;
use super::text;
use crate::date;
use crate::model::Mention;
use crate::zones::QuotedMessage;
use crate::zones::Stretch;
use crate::zones::Told;

/// Reads people, date and subject of a quoted message again. A sender who stands with the date on one line stays.
pub(super) fn mend(all: &str, message: &mut QuotedMessage) {
    let date = message.date.as_ref().map(|date| date.place);
    if let Some(from) = &mut message.from
        && date.is_none_or(|date| date.start >= from.place.end || date.end <= from.place.start)
    {
        match mentions(all, from.place).into_iter().next() {
            Some(mention) => from.value = mention,
            // Nothing is left of it but a code.
            None => message.from = None,
        }
    }
    mend_people(all, &mut message.to);
    mend_people(all, &mut message.cc);
    if let Some(subject) = &mut message.subject {
        subject.value = value(all, subject.place);
    }
    mend_date(all, message);
}

fn mend_people(all: &str, told: &mut Option<Told<Vec<Mention>>>) {
    if let Some(people) = told {
        people.value = mentions(all, people.place);
    }
}

/// A date that reads as it stands was read by those who know its language.
fn mend_date(all: &str, message: &mut QuotedMessage) {
    let Some(told) = &mut message.date else {
        return;
    };
    let words = value(all, told.place);
    if let Some(date) = dates::read(&words, true)
        && date::parse(&words).is_none_or(|plain| plain.precision != date.precision)
    {
        told.value = date;
    }
}

fn mentions(all: &str, place: Stretch) -> Vec<Mention> {
    let words = all.get(place.start as usize..place.end as usize);
    let lines = words.unwrap_or_default().lines();
    let value: Vec<&str> = lines
        .map(|line| text::without_margin(line.trim()).0)
        .collect();
    people::read(&value.join(" "), PeopleForm::List)
}

/// The words of a value without codes in the margin, white space in them as one.
fn value(all: &str, place: Stretch) -> String {
    let words = all.get(place.start as usize..place.end as usize);
    let mut value = String::new();
    for line in words.unwrap_or_default().lines() {
        for word in text::without_margin(line.trim()).0.split_whitespace() {
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(word);
        }
    }
    value
}
