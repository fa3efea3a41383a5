//! Any amount of mail out of some: for benches at scale.

use std::collections::HashMap;
use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::random::Random;

/// Dates of one pass move together by at most so many days either way.
const SHIFT: i64 = 1000;
/// Words of that many letters are changed.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=12;
/// Words kept of each length, to change others into.
const KEPT: usize = 4096;

/// Yields `count` messages: `messages` again and again, each pass with its own Message-IDs, dates and words.
///
/// Within one pass ids are changed alike in Message-ID, In-Reply-To, References and the GUID of
/// Thread-Index, so that its threads stay together and apart from those of other passes; dates move
/// by one number of days; a word is changed into the same other word wherever it stands (an eighth of
/// all words, into words of the same length as common as they are in `messages`, a few into
/// words never seen), so that quotations and the two halves of `multipart/alternative` still agree.
/// Bodies keep their length. Text in base64, encoded words, `Received` and `Content-Type`
/// are left as they are, and messages without Message-ID and Date may repeat.
///
/// The same arguments yield the same bytes.
pub fn multiply(messages: &[Vec<u8>], count: usize, seed: u64) -> impl Iterator<Item = Vec<u8>> {
    let templates: Vec<Template<'_>> = messages.iter().map(|bytes| Template::new(bytes)).collect();
    let words = Words::collect(&templates, seed);
    let mut pass = Pass::new(seed, 0);
    (0..count.min(if messages.is_empty() { 0 } else { count })).map(move |number| {
        let turn = number / templates.len();
        if turn != pass.number {
            pass = Pass::new(seed, turn);
        }
        templates[number % templates.len()].fill(&pass, &words)
    })
}

/// What one pass does.
struct Pass {
    number: usize,
    /// Put before each id.
    prefix: String,
    /// Put over the first characters of each GUID.
    guid: String,
    days: i64,
    salt: u64,
}

impl Pass {
    fn new(seed: u64, number: usize) -> Self {
        let mut random = Random::fork(seed ^ (number as u64).rotate_left(32), "pass");
        let salt = random.next();
        let days = random.between(-SHIFT, SHIFT);
        Self {
            number,
            prefix: format!("{number:x}.{:08x}.", salt as u32),
            guid: random.hex(8),
            days,
            salt,
        }
    }
}

/// What stands at a place that each pass changes.
enum Slot {
    /// Behind the `<` of an id; nothing stands there yet.
    Id,
    /// The first part of a Thread-Index GUID, in base64.
    Guid,
    Date {
        date: Date,
        weekday: bool,
    },
    /// A word, by the hash of its letters.
    Word(u64),
}

/// One message and the places in it that change.
struct Template<'a> {
    bytes: &'a [u8],
    slots: Vec<(Range<usize>, Slot)>,
}

impl<'a> Template<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut slots = Vec::new();
        let mut reader = Reader {
            in_header: true,
            in_id: false,
            soft_break: false,
        };
        let mut start = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            reader.line(line, start, &mut slots);
            start += line.len();
        }
        Self { bytes, slots }
    }

    fn fill(&self, pass: &Pass, words: &Words) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + 32 * 8 + self.slots.len());
        let mut done = 0;
        for (range, slot) in &self.slots {
            out.extend_from_slice(&self.bytes[done..range.start]);
            let old = &self.bytes[range.clone()];
            match slot {
                Slot::Id => out.extend_from_slice(pass.prefix.as_bytes()),
                Slot::Guid => out.extend_from_slice(pass.guid.as_bytes()),
                Slot::Date { date, weekday } => push_date(&mut out, *date, *weekday, pass.days),
                Slot::Word(hash) => words.push_other(&mut out, old, *hash, pass.salt),
            }
            done = range.end;
        }
        out.extend_from_slice(&self.bytes[done..]);
        out
    }
}

/// Reads a message line by line and finds what changes.
struct Reader {
    in_header: bool,
    /// True in the continuation lines of a field that holds ids.
    in_id: bool,
    /// True where the line before ended in `=`, so that its last word may go on here.
    soft_break: bool,
}

impl Reader {
    fn line(&mut self, line: &[u8], start: usize, slots: &mut Vec<(Range<usize>, Slot)>) {
        let content = line.trim_ascii_end();
        if self.in_header && content.is_empty() {
            self.in_header = false;
            return;
        }
        let continued = line
            .first()
            .is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        // Also in the body: attached messages have ids too.
        let names_ids = [
            "message-id:",
            "in-reply-to:",
            "references:",
            "resent-message-id:",
        ]
        .iter()
        .any(|name| starts_with_name(content, name));
        self.in_id = names_ids || (self.in_id && continued);
        if self.in_id {
            let places = memchr::memchr_iter(b'<', content).map(|place| start + place + 1);
            slots.extend(places.map(|place| (place..place, Slot::Id)));
        } else if self.in_header {
            header_line(content, start, slots);
        } else if content.contains(&b' ')
            && !content.starts_with(b"--")
            && !starts_with_name(content, "content-")
        {
            find_words(content, start, self.soft_break, slots);
        }
        self.soft_break = content.ends_with(b"=");
    }
}

fn starts_with_name(line: &[u8], name: &str) -> bool {
    line.get(..name.len())
        .is_some_and(|front| front.eq_ignore_ascii_case(name.as_bytes()))
}

fn header_line(line: &[u8], start: usize, slots: &mut Vec<(Range<usize>, Slot)>) {
    if starts_with_name(line, "date:") {
        slots.extend(find_date(line, start));
    } else if starts_with_name(line, "subject:") {
        find_words(&line[8..], start + 8, false, slots);
    } else if starts_with_name(line, "thread-index:") {
        // Six bytes of time are eight characters; the GUID follows.
        let front = line.len() - line[13..].trim_ascii_start().len();
        if line.len() >= front + 30 {
            slots.push((start + front + 8..start + front + 16, Slot::Guid));
        }
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `Tue, 14 Jun 2022` of a Date field on one line.
fn find_date(line: &[u8], start: usize) -> Option<(Range<usize>, Slot)> {
    let text = std::str::from_utf8(line).ok()?;
    let value = text.get(5..)?;
    let front = 5 + value.len() - value.trim_start().len();
    let mut tokens = text[front..].split(' ').filter(|token| !token.is_empty());
    let mut token = tokens.next()?;
    let weekday = token.ends_with(',');
    if weekday {
        token = tokens.next()?;
    }
    let day: i8 = token.parse().ok()?;
    let month = tokens.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i8 + 1;
    let year = tokens.next().filter(|year| year.len() == 4)?;
    let date = Date::new(year.parse().ok()?, month, day).ok()?;
    let end = year.as_ptr() as usize + year.len() - text.as_ptr() as usize;
    Some((start + front..start + end, Slot::Date { date, weekday }))
}

fn push_date(out: &mut Vec<u8>, date: Date, weekday: bool, days: i64) {
    // Only years near 1 or 9999 cannot be moved, and keep their date.
    let moved = date.checked_add(days.days()).unwrap_or(date);
    if weekday {
        out.extend_from_slice(
            WEEKDAYS[moved.weekday().to_monday_zero_offset() as usize].as_bytes(),
        );
        out.extend_from_slice(b", ");
    }
    let text = format!(
        "{} {} {:04}",
        moved.day(),
        MONTHS[moved.month() as usize - 1],
        moved.year()
    );
    out.extend_from_slice(text.as_bytes());
}

/// Whole words of small letters, of which every eighth is changed, by its hash.
fn find_words(line: &[u8], start: usize, cut: bool, slots: &mut Vec<(Range<usize>, Slot)>) {
    let mut place = 0;
    while place < line.len() {
        if !line[place].is_ascii_lowercase() {
            place += 1;
            continue;
        }
        let length = line[place..]
            .iter()
            .take_while(|byte| byte.is_ascii_lowercase())
            .count();
        let end = place + length;
        let before = place.checked_sub(1).map(|before| line[before]);
        let opens = before.map_or(!cut, |byte| b" >(\"\t".contains(&byte));
        let closes = line
            .get(end)
            .is_none_or(|byte| b" .,;:!?)<\"".contains(byte));
        if opens && closes && LENGTHS.contains(&length) {
            let hash = hash_word(&line[place..end]);
            if hash.is_multiple_of(8) {
                slots.push((start + place..start + end, Slot::Word(hash)));
            }
        }
        place = end;
    }
}

fn hash_word(word: &[u8]) -> u64 {
    let hash = word.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

/// Words by their length, as often as they are in the mail.
struct Words(HashMap<usize, Vec<Vec<u8>>>);

impl Words {
    /// A random choice of all occurrences (Vitter's algorithm R), so that common words stay common.
    fn collect(templates: &[Template<'_>], seed: u64) -> Self {
        let mut random = Random::fork(seed, "words");
        let mut kept: HashMap<usize, Vec<Vec<u8>>> = HashMap::new();
        let mut seen: HashMap<usize, usize> = HashMap::new();
        for template in templates {
            for (range, slot) in &template.slots {
                if !matches!(slot, Slot::Word(_)) {
                    continue;
                }
                let words = kept.entry(range.len()).or_default();
                let count = seen.entry(range.len()).or_default();
                *count += 1;
                let word = || template.bytes[range.clone()].to_vec();
                if words.len() < KEPT {
                    words.push(word());
                } else if let Some(place) = words.get_mut(random.below(*count)) {
                    *place = word();
                }
            }
        }
        Self(kept)
    }

    /// The word that stands for `old` in this pass.
    fn push_other(&self, out: &mut Vec<u8>, old: &[u8], hash: u64, salt: u64) {
        let mut random = Random::fork(hash ^ salt, "");
        let known = self.0.get(&old.len()).filter(|words| !words.is_empty());
        match known {
            // One in eight is new, as vocabularies grow with the mail.
            Some(words) if !(hash / 8).is_multiple_of(8) => {
                out.extend_from_slice(random.pick::<Vec<u8>>(words))
            }
            _ => out.extend(old.iter().map(|_| b'a' + random.below(26) as u8)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn some() -> Vec<Vec<u8>> {
        crate::release()
            .messages()
            .map(|copy| copy.bytes.to_vec())
            .collect()
    }

    fn field(message: &[u8], name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(message);
        let head = text.split("\n\n").next()?.replace("\n ", " ");
        head.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|value| value.trim().to_owned())
    }

    #[test]
    fn yields_the_count_and_the_same_bytes_again() {
        let messages = some();
        let one: Vec<_> = multiply(&messages, 1500, 3).collect();
        assert_eq!(one.len(), 1500);
        assert!(
            one.iter()
                .eq(multiply(&messages, 1500, 3).collect::<Vec<_>>().iter())
        );
        assert_eq!(multiply(&[], 10, 3).count(), 0);
    }

    #[test]
    fn ids_change_alike_within_a_pass_and_differ_between_passes() {
        let messages = vec![
            b"Message-ID: <a@x.example>\nDate: Tue, 14 Jun 2022 16:52:10 -0400\n\nhello\n".to_vec(),
            b"Message-ID:\n <b@x.example>\nReferences: <z@x.example>\n <a@x.example>\nDate: 1 Jan 2021 00:00:00 +0000\n\nhello\n".to_vec(),
        ];
        let made: Vec<_> = multiply(&messages, 4, 9).collect();
        let ids: Vec<String> = made
            .iter()
            .map(|message| field(message, "Message-ID:").unwrap())
            .collect();
        assert!(ids.iter().all(|id| id.starts_with('<')
            && (id.ends_with(".a@x.example>") || id.ends_with(".b@x.example>"))));
        assert!(field(&made[1], "References:").unwrap().ends_with(&ids[0]));
        assert!(field(&made[3], "References:").unwrap().ends_with(&ids[2]));
        assert_ne!(ids[0], ids[2]);
        assert_eq!(
            field(&made[0], "Date:").unwrap().len(),
            "Tue, 14 Jun 2022 16:52:10 -0400".len()
        );
    }

    #[test]
    fn dates_move_by_whole_days_with_their_weekday() {
        let (range, slot) = find_date(b"Date:  Tue, 14 Jun 2022 16:52:10 -0400", 100).unwrap();
        assert_eq!(range, 107..123);
        let Slot::Date { date, weekday } = slot else {
            panic!("a date")
        };
        let mut out = Vec::new();
        push_date(&mut out, date, weekday, 17);
        assert_eq!(out, b"Fri, 1 Jul 2022");
        assert!(find_date(b"Date: 14 Foo 2022", 0).is_none());
        assert!(find_date(b"Date:", 0).is_none());
    }

    #[test]
    fn a_word_becomes_the_same_word_everywhere_and_bodies_keep_their_length() {
        let spell = |number: usize| {
            format!("{number:05}")
                .bytes()
                .map(|digit| char::from(digit + 49))
                .collect()
        };
        let words: Vec<String> = (0..800).map(spell).collect();
        let text = words.join(" ");
        let message = format!("Message-ID: <a@x.example>\n\n{text}\n<p>{text}</p>\n").into_bytes();
        let made = multiply(std::slice::from_ref(&message), 5, 1)
            .last()
            .unwrap();
        let made = String::from_utf8(made).unwrap();
        let (_, body) = made.split_once("\n\n").unwrap();
        let (plain, html) = body.split_once('\n').unwrap();
        assert_eq!(html.trim_end(), format!("<p>{plain}</p>"));
        assert_eq!(plain.len(), text.len());
        let changed = plain
            .split(' ')
            .zip(&words)
            .filter(|(new, old)| new != old)
            .count();
        assert!(
            (50..150).contains(&changed),
            "an eighth of 800 words: {changed}"
        );
    }

    #[test]
    fn words_cut_by_soft_breaks_stay() {
        let mut slots = Vec::new();
        for number in 0..200 {
            let word: String = format!("{number:04}")
                .bytes()
                .map(|digit| char::from(digit - b'0' + b'a'))
                .collect();
            find_words(format!("{word} ends").as_bytes(), 0, true, &mut slots);
        }
        assert!(slots.iter().all(|(range, _)| range.start > 0));
    }
}
