//! Random messages and random queries, each answer compared with [`crate::naive`].

use jiff::civil::date;
use jiff::tz::TimeZone;
use muckrake_index::SearchRequest;
use muckrake_index::language::DateRange;
use muckrake_index::language::Field;
use muckrake_index::language::Leaf;
use muckrake_index::language::Property;
use muckrake_index::language::Query;
use muckrake_index::language::SizeRange;
use muckrake_index::language::Value;
use muckrake_mail::Flag;
use muckrake_mail::ZoneKind;

use crate::mail::Indexed;
use crate::mail::Mail;
use crate::naive;

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.roll(list.len())]
    }

    fn words(&mut self, most: usize) -> String {
        let count = self.roll(most) + 1;
        let words: Vec<&str> = (0..count).map(|_| *self.pick::<&str>(WORDS)).collect();
        words.join(*self.pick(&[" ", ", ", "-", "\n", "  "]))
    }
}

/// Few enough that random queries find something, with inflections, typing
/// errors, accents, numbers, pairs.
const WORDS: &[&str] = &[
    "contract",
    "contracts",
    "Contracted",
    "contrcat",
    "contact",
    "hope",
    "hoping",
    "hopping",
    "die",
    "dying",
    "died",
    "the",
    "of",
    "a",
    "award",
    "awards",
    "café",
    "cafe",
    "Café",
    "strasse",
    "straße",
    "2016",
    "20160511",
    "契約書",
    "契約",
    "書",
    "x",
    "xy",
    "xyz",
    "budget",
    "budgets",
    "happy",
    "happiness",
    "über",
    "rationally",
    "rational",
    "news",
    "new",
];

const ZONES: &[ZoneKind] = &[
    ZoneKind::Author,
    ZoneKind::Author,
    ZoneKind::Quoted,
    ZoneKind::Forwarded,
    ZoneKind::Signature,
    ZoneKind::Disclaimer,
];

const NAMES: &[&str] = &["Anne Contract", "Award, Bob", "", "Café New", "Hope"];

const ADDRESSES: &[&str] = &[
    "anne@mail.agency.example",
    "Anne@agency.example",
    "bob@other.example",
    "",
    "/O=AGENCY/CN=HOPE",
];

const HEADERS: &[&str] = &["X-Label", "Received", "List-Id"];

fn mail(dice: &mut Dice) -> Mail {
    let mut mail = Mail::new();
    if dice.roll(3) > 0 {
        mail = mail.subject(&dice.words(4));
    }
    for _ in 0..dice.roll(3) {
        let zones: Vec<(ZoneKind, String)> = (0..dice.roll(4) + 1)
            .map(|_| (*dice.pick(ZONES), format!("{}\n", dice.words(12))))
            .collect();
        let zones: Vec<(ZoneKind, &str)> = zones
            .iter()
            .map(|(kind, text)| (*kind, text.as_str()))
            .collect();
        mail = mail.zones(&zones);
    }
    for _ in 0..dice.roll(3) {
        let (name, address) = (*dice.pick(NAMES), *dice.pick(ADDRESSES));
        mail = match dice.roll(4) {
            0 => mail.from(name, address),
            1 => mail.to(name, address),
            2 => mail.cc(name, address),
            _ => mail.edit(|message| message.bcc = message.to.clone()),
        };
    }
    for _ in 0..dice.roll(3) {
        let name = *dice.pick(HEADERS);
        mail = mail.header(name, &dice.words(5));
    }
    for _ in 0..dice.roll(3) {
        let text = dice.words(9);
        mail = mail.attachment(
            &dice.words(2),
            "text/plain",
            (dice.roll(2) > 0).then_some(&text),
        );
    }
    if dice.roll(4) > 0 {
        let (day, hour) = (dice.roll(4) + 1, dice.roll(24));
        mail = mail.at(&format!("2016-05-{day:02}T{hour:02}:30:00"));
    }
    let (size, flags, language) = (dice.roll(1000) as u64, dice.roll(4), dice.roll(3));
    mail.edit(|message| {
        message.size = size;
        message.flags = [Flag::Attachment, Flag::Reply][..flags / 2].to_vec();
        message.language = (language == 0).then(|| "es".to_owned());
    })
}

fn text_value(dice: &mut Dice) -> Value {
    let word = naive::words(dice.pick::<&str>(WORDS)).remove(0);
    let beginning = |dice: &mut Dice, text: &str| -> String {
        let letters: Vec<char> = text.chars().collect();
        letters[..dice.roll(letters.len()) + 1].iter().collect()
    };
    match dice.roll(9) {
        0 | 1 => Value::Word(word),
        2 => Value::Phrase {
            text: dice.words(1),
            slop: None,
        },
        3 => Value::Phrase {
            text: dice.words(3),
            slop: None,
        },
        4 | 5 => Value::Phrase {
            text: dice.words(3),
            slop: Some(dice.roll(8) as u32),
        },
        6 => {
            let last = beginning(dice, &word);
            Value::Prefix(match dice.roll(3) {
                0 => format!("{}-{last}", dice.words(1)),
                _ => last,
            })
        }
        7 => Value::Fuzzy {
            word,
            edits: dice.roll(2) as u8 + 1,
        },
        _ => Value::Regex(match dice.roll(4) {
            0 => format!("{}.*", beginning(dice, &word)),
            1 => format!(".*{}", word.chars().last().unwrap()),
            2 => format!("{}s?", word),
            _ => format!("{}.?", beginning(dice, &word)),
        }),
    }
}

fn leaf(dice: &mut Dice) -> Query {
    let text_fields = [
        Field::Any,
        Field::Any,
        Field::Subject,
        Field::Body,
        Field::Said,
        Field::Quoted,
        Field::Attachment,
        Field::Attached,
        Field::From,
        Field::With,
        Field::Header("x-label".to_owned()),
        Field::Header("received".to_owned()),
    ];
    let day = |dice: &mut Dice| date(2016, 5, dice.roll(5) as i8 + 1);
    let (field, value) = match dice.roll(12) {
        0 => {
            let (first, last) = (day(dice), day(dice));
            let range = match dice.roll(4) {
                0 => DateRange {
                    first: Some(first),
                    last: None,
                },
                1 => DateRange {
                    first: None,
                    last: Some(last),
                },
                _ => DateRange {
                    first: Some(first.min(last)),
                    last: Some(first.max(last)),
                },
            };
            (Field::Date, Value::Dates(range))
        }
        1 => match dice.roll(4) {
            0 => (Field::Date, Value::NoDate),
            1 => (Field::Tag, Value::Text("key".to_owned())),
            2 => (Field::Lang, Value::Text("es".to_owned())),
            _ => (
                Field::Property,
                Value::Property(Property::Flag(Flag::Reply)),
            ),
        },
        2 => {
            let (min, max) = (dice.roll(500) as u64, dice.roll(500) as u64 + 500);
            (
                Field::Size,
                Value::Sizes(SizeRange {
                    min: Some(min),
                    max: Some(max),
                }),
            )
        }
        3 => {
            let field = dice.pick(&[Field::From, Field::To, Field::Cc, Field::Bcc, Field::With]);
            let value = match dice.roll(2) {
                0 => Value::Address("anne@AGENCY.example".to_owned()),
                _ => Value::Domain((*dice.pick(&["agency.example", "example"])).to_owned()),
            };
            (field.clone(), value)
        }
        _ => (dice.pick(&text_fields).clone(), text_value(dice)),
    };
    Query::Leaf(Leaf {
        field,
        value,
        span: 0..0,
    })
}

fn query(dice: &mut Dice, depth: usize) -> Query {
    match dice.roll(if depth == 0 { 1 } else { 6 }) {
        1 => Query::and(
            (0..dice.roll(2) + 2)
                .map(|_| query(dice, depth - 1))
                .collect(),
        ),
        2 | 3 => Query::or(
            (0..dice.roll(2) + 2)
                .map(|_| query(dice, depth - 1))
                .collect(),
        ),
        4 => Query::except(query(dice, depth - 1)),
        _ => leaf(dice),
    }
}

#[test]
fn every_answer_is_the_one_that_brute_force_gives() {
    let mut dice = Dice(20_160_511);
    let mails: Vec<Mail> = (0..150).map(|_| mail(&mut dice)).collect();
    let mut indexed = Indexed::in_batches(&mails, 40);
    let tagged = [2, 3, 5, 7, 11, 149];
    indexed.known.tags.insert("key".to_owned(), tagged.to_vec());
    let deleted = [0u32, 4, 50, 51, 140];
    let mut writer = indexed.index.writer(0, 1).unwrap();
    writer.delete(deleted.into_iter().collect()).unwrap();
    writer.commit("").unwrap();
    indexed.reader = indexed.index.reader().unwrap();
    let zones =
        ["UTC", "America/New_York", "Asia/Kathmandu"].map(|name| TimeZone::get(name).unwrap());
    let mut found_some = 0;
    for round in 0..1000 {
        let query = query(&mut dice, 3);
        let zone = zones[round % 3].clone();
        let below = if round % 5 == 0 { 120 } else { u32::MAX };
        let request = SearchRequest {
            zone: zone.clone(),
            below,
            limit: None,
            ..SearchRequest::new(&query)
        };
        let found = indexed.find_all(&request);
        let expected: Vec<u32> = (0..150u32)
            .filter(|ordinal| !deleted.contains(ordinal) && *ordinal < below)
            .filter(|ordinal| {
                let tagged = tagged.contains(ordinal);
                naive::matches(&query, &mails[*ordinal as usize], &zone, tagged)
            })
            .collect();
        assert_eq!(found, expected, "round {round}: {query:?}");
        found_some += usize::from(!found.is_empty() && found.len() < 145);
    }
    assert!(
        found_some > 500,
        "only {found_some} queries told messages apart"
    );
}
