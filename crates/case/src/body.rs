//! The texts of a body as `show` gives them: with their zones and the messages that they quote.

use crate::Person;
use crate::record::date_text;
use crate::record::precision_word;
use muckrake_mail::Mention;
use muckrake_mail::MessageKey;
use muckrake_mail::Print;
use muckrake_mail::TextKind;
use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;
use muckrake_mail::print;
use muckrake_mail::zones;
use muckrake_mail::zones::Footers;
use muckrake_mail::zones::QuotedMessage;
use muckrake_mail::zones::Stretch;
use muckrake_mail::zones::Told;
use serde::Serialize;

/// One text of a body, as `show` gives it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BodyText {
    /// Part number.
    pub part: String,
    /// `plain` or `html`.
    pub kind: TextKind,
    /// Whether another part says the same and is shown instead.
    pub alternative: bool,
    /// The text.
    pub text: String,
    /// Its zones, in order, covering every byte once.
    pub zones: Vec<ZonePlace>,
    /// The messages that it quotes or passes on, in the order in which they begin.
    pub quoted: Vec<Quoted>,
}

/// A zone with the lines that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ZonePlace {
    /// The zone.
    #[serde(flatten)]
    pub zone: Zone,
    /// Its first line, from 1.
    pub first_line: usize,
    /// Its last line.
    pub last_line: usize,
}

/// A stretch of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value that a text tells of a message that it quotes, with its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field<T: Serialize> {
    /// The value.
    #[serde(flatten)]
    pub value: T,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// A date that a text tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotedDate {
    /// RFC 3339, without offset where the zone is not told.
    pub date: String,
    /// `second`, `minute` or `day`.
    pub date_precision: &'static str,
    /// Whether the offset is told.
    pub zone_known: bool,
}

/// People that a text tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotedPeople {
    /// In the order of the text.
    pub people: Vec<Person>,
}

/// A subject that a text tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotedSubject {
    /// Without line breaks.
    pub text: String,
}

/// A message that a text quotes or passes on, as far as it tells of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quoted {
    /// `quoted` or `forwarded`.
    pub kind: ZoneKind,
    /// How deep it is quoted, from 1.
    pub depth: u16,
    /// From its introduction to its last words.
    #[serde(flatten)]
    pub place: Place,
    /// In a print-out: its first and last line in the original, from 1.
    pub original_lines: Option<(u32, u32)>,
    /// The lines that introduce it.
    pub introduction: Option<Place>,
    /// The stretches of its own words.
    pub words: Vec<Place>,
    /// Who wrote it.
    pub from: Option<Field<Person>>,
    /// When.
    pub date: Option<Field<QuotedDate>>,
    /// To whom it went.
    pub to: Option<Field<QuotedPeople>>,
    /// Who got a copy.
    pub cc: Option<Field<QuotedPeople>>,
    /// What it is about.
    pub subject: Option<Field<QuotedSubject>>,
    /// Whether it is a message of the case; `None` where that was not looked for, or cannot be told.
    pub released: Option<bool>,
    /// Id of that message.
    pub original: Option<MessageKey>,
}

/// The zones of a text that is nobody's words, with their lines.
pub(crate) fn beside(text: &str) -> Vec<ZonePlace> {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let zone = Zone {
        start: 0,
        end,
        kind: ZoneKind::Disclaimer,
        depth: 0,
    };
    with_lines(text, &[zone])
}

/// The zones of a text with their lines, and the messages that it quotes.
pub(crate) fn read(
    text: &str,
    authors: &[Mention],
    footers: &Footers,
    printed: Option<&Print>,
) -> (Vec<ZonePlace>, Vec<Quoted>) {
    let (zones, quoted) = cut(text, authors, footers, printed.is_some());
    let mut quoted: Vec<Quoted> = quoted.iter().map(Quoted::of).collect();
    if let Some(printed) = printed {
        place_in_original(text, printed, &mut quoted);
    }
    (with_lines(text, &zones), quoted)
}

/// The zones of a text, and the messages that it quotes, in the same order as [`read`] gives them.
pub(crate) fn cut(
    text: &str,
    authors: &[Mention],
    footers: &Footers,
    is_printed: bool,
) -> (Vec<Zone>, Vec<QuotedMessage>) {
    let mut zones = zones::cut(text, authors);
    footers.mark(text, &mut zones);
    let quoted = match is_printed {
        true => print::quoted_messages(text, &zones),
        false => zones::quoted_messages(text, &zones),
    };
    (zones, quoted)
}

/// Says where quoted messages stand in the original of a print-out.
fn place_in_original(text: &str, print: &Print, quoted: &mut [Quoted]) {
    let breaks: Vec<usize> = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == b'\n')
        .map(|(at, _)| at)
        .collect();
    let line = |at: u32| {
        let before = breaks.partition_point(|end| *end < at as usize);
        print.original_line(u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
    };
    for message in quoted {
        let last = message.place.end.saturating_sub(1);
        message.original_lines = line(message.place.start).zip(line(last));
    }
}

fn with_lines(text: &str, zones: &[Zone]) -> Vec<ZonePlace> {
    let mut first_line = 1;
    let mut places = Vec::with_capacity(zones.len());
    for zone in zones {
        let text = text
            .get(zone.start as usize..zone.end as usize)
            .unwrap_or_default();
        let breaks = text.bytes().filter(|&byte| byte == b'\n').count();
        let last_line = first_line + breaks - usize::from(text.ends_with('\n'));
        places.push(ZonePlace {
            zone: *zone,
            first_line,
            last_line,
        });
        first_line += breaks;
    }
    places
}

impl From<Stretch> for Place {
    fn from(stretch: Stretch) -> Self {
        Self {
            start: stretch.start,
            end: stretch.end,
        }
    }
}

impl Quoted {
    fn of(message: &QuotedMessage) -> Self {
        Self {
            kind: message.kind,
            depth: message.depth,
            place: message.place.into(),
            original_lines: None,
            introduction: message.introduction.map(Place::from),
            words: message.words.iter().copied().map(Place::from).collect(),
            from: field(&message.from, person),
            date: field(&message.date, |date| QuotedDate {
                date: date_text(date),
                date_precision: precision_word(date.precision),
                zone_known: date.offset.is_some(),
            }),
            to: field(&message.to, |people| everyone(people)),
            cc: field(&message.cc, |people| everyone(people)),
            subject: field(&message.subject, |text| QuotedSubject {
                text: text.clone(),
            }),
            released: None,
            original: None,
        }
    }
}

fn field<T, U: Serialize>(told: &Option<Told<T>>, value: impl Fn(&T) -> U) -> Option<Field<U>> {
    told.as_ref().map(|told| Field {
        value: value(&told.value),
        place: told.place.into(),
    })
}

fn everyone(mentions: &[Mention]) -> QuotedPeople {
    QuotedPeople {
        people: mentions.iter().map(person).collect(),
    }
}

pub(crate) fn person(mention: &Mention) -> Person {
    Person {
        name: mention.name.clone(),
        address: mention.address.clone(),
        official: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_their_lines() {
        let text = "Yes.\n\nOn 4 March 2021, Anne wrote:\n> a\n> b\n\nSo\nbe it";
        let (zones, quoted) = read(text, &[], &Footers::default(), None);
        let lines: Vec<_> = zones
            .iter()
            .map(|place| (place.zone.kind, place.first_line, place.last_line))
            .collect();
        assert_eq!(
            lines,
            [
                (ZoneKind::Author, 1, 2),
                (ZoneKind::Quoted, 3, 6),
                (ZoneKind::Author, 7, 8)
            ]
        );
        let date = quoted[0].date.as_ref().expect("told");
        assert_eq!(date.value.date, "2021-03-04T00:00:00");
        assert_eq!(
            &text[date.place.start as usize..date.place.end as usize],
            "On 4 March 2021,"
        );
    }
}
