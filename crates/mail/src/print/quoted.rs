//! Fields of quoted messages, read as print-outs have them.

use super::block;
use super::dates;
use super::distribution;
use super::distribution::Heads;
use super::labels;
use super::people;
use super::tables::PeopleForm;
use super::text;
use crate::date;
use crate::model::Mention;
use crate::zones::QuotedMessage;
use crate::zones::Stretch;
use crate::zones::Told;

/// Reads people, date and subject of a quoted message again. A sender who stands with the date on one line stays.
pub(super) fn mend(all: &str, heads: &mut Heads, message: &mut QuotedMessage) {
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
    take_listed(all, heads, message);
    if let Some(subject) = &mut message.subject {
        subject.place = subject_place(all, subject.place);
        subject.value = value(all, subject.place);
    }
    mend_date(all, message);
}

/// Puts the people of a list at the bottom in the place of the words that say so; nobody where there is no list.
fn take_listed(all: &str, heads: &mut Heads, message: &mut QuotedMessage) {
    let says = |told: &Option<Told<Vec<Mention>>>| {
        told.as_ref()
            .is_some_and(|told| distribution::is_pointer(&value(all, told.place)))
    };
    let (to, cc) = (says(&message.to), says(&message.cc));
    if !to && !cc {
        return;
    }
    let lists = heads.lists(all, message.place.start as usize);
    let [sent, copied] = lists.map(|list| {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        (!list.people.is_empty()).then(|| Told {
            place: Stretch {
                start: place(list.place.start),
                end: place(list.place.end),
            },
            value: list.people,
        })
    });
    if to {
        message.to = sent;
    }
    if cc {
        message.cc = copied;
    }
}

fn mend_people(all: &str, told: &mut Option<Told<Vec<Mention>>>) {
    if let Some(people) = told {
        people.value = mentions(all, people.place);
    }
}

/// The lines of a subject: the next is of it only where the margin has broken the one before. What stands right under a
/// header is of the message.
fn subject_place(all: &str, place: Stretch) -> Stretch {
    let (start, end) = (place.start as usize, place.end as usize);
    let line_start = all
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let mut from = line_start;
    for line in all
        .get(line_start..end)
        .unwrap_or_default()
        .split_inclusive('\n')
    {
        from += line.len();
        if from >= end || line.trim_end().len() < block::FULL_LINE {
            break;
        }
    }
    let kept = all
        .get(start..from.min(end))
        .unwrap_or_default()
        .trim_end()
        .len();
    Stretch {
        end: u32::try_from(start + kept).unwrap_or(place.end),
        ..place
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
    let mut value = String::new();
    for (index, line) in words.unwrap_or_default().lines().enumerate() {
        let mut words = text::without_margin(line.trim()).0;
        // Where each person has a line, each but the first has its label too.
        if index > 0
            && let Some((_, behind)) = labels::of_people(words)
        {
            value.push(';');
            words = behind;
        }
        value.push(' ');
        value.push_str(words);
    }
    people::read(value.trim_start(), PeopleForm::List)
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
