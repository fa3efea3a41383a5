//! Which pairs are worth comparing: told by the ledger alone, without reading a text.

use crate::facts::Sender;
use crate::names::Name;
use std::collections::HashMap;

/// Seconds of a minute, and of a quarter of an hour, by which zones differ.
const MINUTE: i64 = 60;
const QUARTER: i64 = 900;
/// Minutes of a quarter of an hour.
const MINUTES: i64 = QUARTER / MINUTE;
/// How far a clock without a zone may be off, in seconds.
const ZONES: i64 = 14 * 3_600;
/// Most pairs looked at for one name of one print-out, the nearest in time first: of what is sent by
/// machines thousands may share a minute.
const MOST: usize = 16;

/// Recipients of a message by whom its pairs are looked for: scanning may have hurt author and subject.
pub const RECIPIENTS: usize = 3;
/// What tells a recipient from other names.
const RECIPIENT: Name = 1 << 40;

/// A message as its pairs are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its ordinal.
    pub ordinal: u32,
    /// Seconds since the Unix epoch, if it is dated; on an assumed clock where the zone is not told.
    pub date: Option<i64>,
    /// Who wrote it.
    pub sender: Sender,
    /// Its base subject; 0 for none.
    pub subject: Name,
    /// Some of those who got it, the same for the same recipients in any order; 0 for none.
    pub recipients: [u32; RECIPIENTS],
    /// Whether it is a print-out.
    pub printed: bool,
}

/// Messages by a name and the minute of a quarter of an hour, each list sorted by time.
type ByName = HashMap<(Name, i64), Vec<(i64, u32)>>;

/// Pairs of a print-out and another message that may be one mail. A print-out without a date goes with what has its author, or one of its
/// recipients, and its base subject.
#[derive(Debug)]
pub struct Candidates {
    /// The first ordinal that was not compared before.
    from: u32,
    all: ByName,
    new: ByName,
    /// Messages by a person and a base subject, as far as a print-out without a date has both.
    undated: HashMap<(Name, Name), Vec<u32>>,
}

impl Candidates {
    /// Of messages with ordinals from `from` on all pairs are looked for, of others those with such a message.
    pub fn new(entries: &[Entry], from: u32) -> Self {
        Self {
            from,
            all: by_name(entries.iter()),
            new: by_name(entries.iter().filter(|entry| entry.ordinal >= from)),
            undated: by_person_and_subject(entries),
        }
    }

    /// The pairs of some print-outs, each once, the smaller ordinal first.
    pub fn of(&self, prints: &[&Entry]) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for entry in prints {
            match entry.date {
                Some(date) => self.add_dated(entry, date, &mut pairs),
                None => self.add_undated(entry, &mut pairs),
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn add_dated(&self, entry: &Entry, date: i64, pairs: &mut Vec<(u32, u32)>) {
        let by_name = match entry.ordinal >= self.from {
            true => &self.all,
            false => &self.new,
        };
        for name in names(entry) {
            // Clocks that tell seconds and those that do not may part at the end of a minute.
            for off in [-1, 0, 1] {
                if let Some(near) = by_name.get(&(name, part(date + off * MINUTE))) {
                    add_nearest(near, date, entry.ordinal, pairs);
                }
            }
        }
    }

    fn add_undated(&self, entry: &Entry, pairs: &mut Vec<(u32, u32)>) {
        let keys = people_and_subject(entry);
        for other in keys
            .iter()
            .filter_map(|key| self.undated.get(key))
            .flatten()
        {
            let is_new = entry.ordinal >= self.from || *other >= self.from;
            if *other != entry.ordinal && is_new {
                pairs.push((entry.ordinal.min(*other), entry.ordinal.max(*other)));
            }
        }
    }
}

fn by_name<'a>(entries: impl Iterator<Item = &'a Entry>) -> ByName {
    let mut by_name = ByName::new();
    for entry in entries {
        let Some(date) = entry.date else { continue };
        for name in names(entry) {
            let place = by_name.entry((name, part(date))).or_default();
            place.push((date, entry.ordinal));
        }
    }
    by_name.values_mut().for_each(|list| list.sort_unstable());
    by_name
}

/// For each person and base subject of a print-out without a date, the messages that have both.
fn by_person_and_subject(entries: &[Entry]) -> HashMap<(Name, Name), Vec<u32>> {
    let mut wanted: HashMap<(Name, Name), Vec<u32>> = HashMap::new();
    for entry in entries
        .iter()
        .filter(|entry| entry.printed && entry.date.is_none())
    {
        let keys = people_and_subject(entry).into_iter();
        wanted.extend(keys.map(|key| (key, Vec::new())));
    }
    if wanted.is_empty() {
        return wanted;
    }
    for entry in entries {
        for key in people_and_subject(entry) {
            let list = wanted.get_mut(&key).filter(|list| list.len() < MOST);
            list.into_iter().for_each(|list| list.push(entry.ordinal));
        }
    }
    wanted
}

/// What an entry without a date is found by: each of its people with its base subject. Nothing where it has none.
fn people_and_subject(entry: &Entry) -> Vec<(Name, Name)> {
    let subject = entry.subject;
    if subject == 0 {
        return Vec::new();
    }
    let people = names(entry).filter(|name| *name != subject);
    people.map(|name| (name, subject)).collect()
}

/// What an entry is found by.
fn names(entry: &Entry) -> impl Iterator<Item = Name> {
    let recipients = entry.recipients.into_iter().filter(|name| *name != 0);
    let recipients = recipients.map(|name| RECIPIENT | Name::from(name));
    let told = entry.sender.names().into_iter().chain([entry.subject]);
    told.filter(|name| *name != 0).chain(recipients)
}

/// Which minute of a quarter of an hour a moment is in.
fn part(date: i64) -> i64 {
    date.div_euclid(MINUTE).rem_euclid(MINUTES)
}

/// Adds the pairs of a message with those of a list, sorted by time, that are nearest to it.
fn add_nearest(list: &[(i64, u32)], date: i64, ordinal: u32, pairs: &mut Vec<(u32, u32)>) {
    let middle = list.partition_point(|(other, _)| *other < date);
    let (mut before, mut after) = (middle, middle);
    let mut taken = 0;
    while taken < MOST {
        let earlier = before.checked_sub(1).and_then(|at| list.get(at));
        let later = list.get(after);
        let distance = |found: Option<&(i64, u32)>| found.map(|(other, _)| (other - date).abs());
        let nearest = match (distance(earlier), distance(later)) {
            (Some(one), Some(other)) if one < other => (one, earlier, true),
            (_, Some(other)) => (other, later, false),
            (Some(one), None) => (one, earlier, true),
            (None, None) => return,
        };
        let (off, Some((_, other)), is_earlier) = nearest else {
            return;
        };
        if off > ZONES + 2 * MINUTE {
            return;
        }
        if is_earlier {
            before -= 1;
        } else {
            after += 1;
        }
        if *other != ordinal {
            taken += 1;
            pairs.push((ordinal.min(*other), ordinal.max(*other)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(entries: &[Entry], from: u32) -> Vec<(u32, u32)> {
        let prints: Vec<&Entry> = entries.iter().filter(|entry| entry.printed).collect();
        Candidates::new(entries, from).of(&prints)
    }

    // 2021-03-03T15:23:00 on some clock.
    const SENT: i64 = 1_614_784_980;

    fn entry(ordinal: u32, date: i64, name: Name, subject: Name, printed: bool) -> Entry {
        Entry {
            ordinal,
            date: Some(date),
            sender: Sender { address: 0, name },
            subject,
            recipients: [0; RECIPIENTS],
            printed,
        }
    }

    #[test]
    fn a_recipient_makes_up_for_author_and_subject() {
        let to = |recipient: u32, entry: Entry| Entry {
            recipients: [recipient, 0, 0],
            ..entry
        };
        let entries = [
            to(5, entry(0, SENT, 7, 70, true)),
            to(5, entry(1, SENT, 8, 71, false)),
            to(6, entry(2, SENT, 8, 71, false)),
        ];
        assert_eq!(pairs(&entries, 0), [(0, 1)]);
    }

    #[test]
    fn a_print_is_looked_for_on_any_clock_and_by_either_field() {
        let entries = [
            entry(0, SENT, 7, 70, true),
            // Five hours later, with seconds: the same minute in New York.
            entry(1, SENT + 5 * 3_600 + 41, 7, 70, false),
            // The sender is damaged, then the subject.
            entry(2, SENT + 3_600, 8, 70, false),
            entry(3, SENT - 1, 7, 71, false),
            // Another minute; a day away; two mails.
            entry(4, SENT + 300, 7, 70, false),
            entry(5, SENT + 86_400, 7, 70, false),
        ];
        assert_eq!(pairs(&entries, 0), [(0, 1), (0, 2), (0, 3)]);
    }

    #[test]
    fn a_print_without_a_date_goes_with_its_author_and_subject() {
        let undated = |ordinal, printed| Entry {
            date: None,
            ..entry(ordinal, 0, 7, 70, printed)
        };
        let entries = [
            undated(0, true),
            entry(1, SENT, 7, 70, false),
            entry(2, SENT, 7, 71, false),
            entry(3, SENT, 8, 70, false),
            undated(4, false),
        ];
        assert_eq!(pairs(&entries, 0), [(0, 1), (0, 4)]);
    }

    #[test]
    fn what_machines_send_is_bounded() {
        let mut entries: Vec<Entry> = (0..5_000)
            .map(|ordinal| entry(ordinal, SENT, 7, 70, false))
            .collect();
        entries.push(entry(9_000, SENT, 7, 70, true));
        let pairs = super::tests::pairs(&entries, 0);
        assert!(pairs.len() <= 6 * MOST, "{}", pairs.len());
        assert!(pairs.iter().all(|pair| pair.1 == 9_000));
    }

    #[test]
    fn only_what_is_new_is_looked_for_again() {
        let entries = [
            entry(0, SENT, 7, 70, true),
            entry(1, SENT, 7, 70, false),
            entry(2, SENT, 7, 70, false),
            entry(3, SENT, 7, 70, true),
        ];
        assert_eq!(pairs(&entries, 0), [(0, 1), (0, 2), (0, 3), (1, 3), (2, 3)]);
        assert_eq!(pairs(&entries, 2), [(0, 2), (0, 3), (1, 3), (2, 3)]);
        assert_eq!(pairs(&entries, 4), []);
    }
}
