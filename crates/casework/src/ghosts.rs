//! Ghosts: messages that others quote and that no release holds.
//!
//! A quotation that tells who wrote it, or what about, and when, is looked for among the messages of the case. That something was
//! never released is a grave thing to say, so the original is looked for in every way that there is: on any clock, under any
//! subject of its author, and by its words. Quotations of one message are one ghost.

use crate::facts::Sender;
use crate::forest::Forest;
use crate::names::Name;
use crate::words::Told;
use muckrake_mail::DatePrecision;
use muckrake_mail::MailDate;
use std::collections::HashMap;

/// Seconds by which two tellings of one minute may differ.
const SAME_MINUTE: i64 = 90;
/// Seconds of a minute, and of a day and a half.
const MINUTE: i64 = 60;
const NEAR: i64 = 129_600;
/// How long before its quotation a message of the same subject is looked at, in seconds.
const EARLIER: i64 = 60 * 86_400;
/// How long after it, by its clock.
const LATER: i64 = 14 * 3_600;
/// Most messages of a subject, of a sender, and of a minute on any clock whose words are compared with one quotation.
const MOST_OF_SUBJECT: usize = 64;
const MOST_OF_SENDER: usize = 16;
const MOST_OF_MINUTE: usize = 32;
/// Most messages of all clocks that are looked at for those of the minute.
const MOST_OF_CLOCKS: usize = 4_096;
/// Most messages of a name on either side of a moment among which the original is looked for without their words.
const MOST_NEAR: usize = 256;
/// Runs of words that tell whether two quotations are of one message.
const TELLING_RUNS: usize = 3;

/// A quotation as its original is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotation {
    /// Who wrote it, and when.
    pub told: Told,
    /// The base subject that it tells, or that of the message that quotes it; 0 for none.
    pub subject: Name,
    /// Seconds since the Unix epoch at which the message that quotes it was written.
    pub before: Option<i64>,
    /// Seconds from the clock of the message that quotes it to UTC, where that clock is known by its release's zone alone: a date
    /// without a zone is likely told by the same clock.
    pub clock: i64,
}

impl Quotation {
    /// The moments that its date may be: as it is told, and by the clock of the message that quotes it.
    fn moments(&self) -> Option<[i64; 2]> {
        let (moment, _) = self.told.window()?;
        let is_zoned = self.told.date?.offset.is_some();
        let clock = if is_zoned { 0 } else { self.clock };
        Some([moment, moment.saturating_add(clock)])
    }

    /// The first and the last moment at which a message that may be its original is dated.
    pub fn span(&self) -> Option<(i64, i64)> {
        let told = self.told.window().map(|(moment, reach)| {
            let reach = reach.max(NEAR);
            (moment.saturating_sub(reach), moment.saturating_add(reach))
        });
        let before = self
            .before
            .map(|before| (before.saturating_sub(EARLIER), before.saturating_add(LATER)));
        told.into_iter()
            .chain(before)
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Whether it tells enough to be looked for: when, and who or what about; of a day alone, who.
    pub fn is_told(&self) -> bool {
        let is_someone = self.told.sender != Sender::default();
        match self.told.date.map(|date| date.precision) {
            Some(DatePrecision::Day) => is_someone,
            Some(_) => is_someone || self.subject != 0,
            None => false,
        }
    }
}

/// All messages of a case, as originals are looked for among them: some 100 bytes for each.
#[derive(Debug, Default)]
pub struct Known {
    by_sender: Vec<Entry>,
    by_subject: Vec<Entry>,
    by_date: Vec<(i64, u32)>,
    /// Messages without a date, by subject.
    undated: HashMap<Name, Vec<u32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: Name,
    date: i64,
    ordinal: u32,
    subject: Name,
}

impl Known {
    /// Takes each message's writer, base subject, date and ordinal.
    pub fn of(messages: impl IntoIterator<Item = (Sender, Name, Option<i64>, u32)>) -> Self {
        let mut known = Self::default();
        for (sender, subject, date, ordinal) in messages {
            let Some(date) = date else {
                if subject != 0 {
                    known.undated.entry(subject).or_default().push(ordinal);
                }
                continue;
            };
            known.by_date.push((date, ordinal));
            let entry = |name| Entry {
                name,
                date,
                ordinal,
                subject,
            };
            let names = sender.names().into_iter().filter(|name| *name != 0);
            known.by_sender.extend(names.map(entry));
            known
                .by_subject
                .extend((subject != 0).then(|| entry(subject)));
        }
        known.by_sender.sort_unstable();
        known.by_subject.sort_unstable();
        known.by_date.sort_unstable();
        known
    }

    /// The message that a quotation names beyond doubt: by its author or subject the same minute; the same author and subject on another
    /// clock; of a day alone, the same author on it.
    pub fn original(&self, quotation: &Quotation) -> Option<u32> {
        let [told, by_clock] = quotation.moments()?;
        self.original_at(quotation, by_clock)
            .or_else(|| self.original_at(quotation, told))
    }

    fn original_at(&self, quotation: &Quotation, moment: i64) -> Option<u32> {
        let (_, reach) = quotation.told.window()?;
        let is_day = quotation.told.date?.precision == DatePrecision::Day;
        let names = quotation.told.sender.names().into_iter();
        let by_sender =
            names.flat_map(|name| nearest(&self.by_sender, name, moment, reach, MOST_NEAR));
        let by_sender = by_sender.filter(|entry| {
            let same_subject = entry.subject == quotation.subject && entry.subject != 0;
            let exact = !is_day && (entry.date - moment).abs() <= SAME_MINUTE;
            let fits = quotation.told.fits(entry.date);
            exact || (fits && (same_subject || (is_day && quotation.subject == 0)))
        });
        let by_subject = nearest(
            &self.by_subject,
            quotation.subject,
            moment,
            SAME_MINUTE,
            MOST_NEAR,
        );
        let by_subject = by_subject.filter(|_| !is_day);
        let found = by_sender.chain(by_subject);
        found
            .min_by_key(|entry| ((entry.date - moment).abs(), entry.ordinal))
            .map(|entry| entry.ordinal)
    }

    /// Messages that may be the original of a quotation if their words say so, at most some hundred.
    pub fn perhaps(&self, quotation: &Quotation) -> Vec<u32> {
        let mut found = Vec::new();
        if let Some((moment, _)) = quotation.told.window() {
            for name in quotation.told.sender.names() {
                let near = nearest(&self.by_sender, name, moment, NEAR, MOST_OF_SENDER);
                found.extend(near.map(|entry| entry.ordinal));
            }
        }
        if let Some(before) = quotation.before {
            // Clocks differ: what a message quotes may seem to be later than it.
            let near = between(
                &self.by_subject,
                quotation.subject,
                before.saturating_sub(EARLIER),
                before.saturating_add(LATER),
            );
            let latest = near.iter().rev().take(MOST_OF_SUBJECT);
            found.extend(latest.map(|entry| entry.ordinal));
        }
        if let Some((moment, reach)) = quotation.told.window() {
            let start = self
                .by_date
                .partition_point(|(date, _)| *date < moment.saturating_sub(reach));
            let rest = self.by_date.get(start..).unwrap_or_default().iter();
            let near = rest.take_while(|(date, _)| *date <= moment.saturating_add(reach));
            let near = near.take(MOST_OF_CLOCKS);
            let near = near.filter(|(date, _)| quotation.told.fits(*date));
            found.extend(near.take(MOST_OF_MINUTE).map(|(_, ordinal)| *ordinal));
        }
        let undated = self.undated.get(&quotation.subject);
        found.extend(undated.into_iter().flatten().take(MOST_OF_SENDER));
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The entries of a name between two moments, both included; none for the name 0.
fn between(entries: &[Entry], name: Name, first: i64, last: i64) -> &[Entry] {
    if name == 0 {
        return &[];
    }
    let start = entries.partition_point(|entry| (entry.name, entry.date) < (name, first));
    let end = entries.partition_point(|entry| (entry.name, entry.date) <= (name, last));
    entries.get(start..end).unwrap_or_default()
}

/// The entries of a name within a time of a moment: of those before it the last `most`, of those after it the first.
fn nearest(
    entries: &[Entry],
    name: Name,
    moment: i64,
    reach: i64,
    most: usize,
) -> impl Iterator<Item = &Entry> {
    let (first, last) = (moment.saturating_sub(reach), moment.saturating_add(reach));
    let near = between(entries, name, first, last);
    let (before, after) = near.split_at(near.partition_point(|entry| entry.date < moment));
    before
        .iter()
        .rev()
        .take(most)
        .chain(after.iter().take(most))
}

/// A quotation without an original, as it is put together with others of the same message.
#[derive(Clone, Debug, Default)]
pub struct Unreleased {
    /// What it tells.
    pub quotation: Quotation,
    /// What its words are told by, where it has enough of them.
    pub words: Option<u64>,
}

/// Puts the quotations of one message together: those that tell the same minute and the same author or subject, and those of one author
/// or subject with the same words. Gives the number of a group for each, from 0 in order.
pub fn together(quotations: &[Unreleased]) -> Vec<usize> {
    let mut forest = Forest::new();
    let mut named: HashMap<(u8, Name, u64), u32> = HashMap::new();
    for one in quotations {
        let place = forest.push();
        let sender = one.quotation.told.sender;
        let names = [
            (0, sender.address),
            (1, sender.name),
            (2, one.quotation.subject),
        ];
        let minute = one.quotation.told.date.and_then(minute);
        for (kind, name) in names.into_iter().filter(|(_, name)| *name != 0) {
            let by_minute = minute.map(|minute| (kind, name, minute.cast_unsigned()));
            let by_words = one.words.map(|words| (kind + 3, name, words));
            for key in by_minute.into_iter().chain(by_words) {
                let other = *named.entry(key).or_insert(place);
                forest.join(place, other);
            }
        }
    }
    let mut numbers: HashMap<u32, usize> = HashMap::new();
    let mut groups = Vec::with_capacity(quotations.len());
    for place in 0..quotations.len() as u32 {
        let next = numbers.len();
        groups.push(*numbers.entry(forest.root(place)).or_insert(next));
    }
    groups
}

/// The minute of a date that tells one, on its own clock.
fn minute(date: MailDate) -> Option<i64> {
    (date.precision != DatePrecision::Day).then(|| date.local.div_euclid(MINUTE))
}

/// The smallest of the sorted runs of a text, as one number: the same for the same words.
pub fn telling(runs: &[u64]) -> Option<u64> {
    let first = runs.get(..TELLING_RUNS)?;
    Some(first.iter().fold(0, |sum, run| sum.rotate_left(21) ^ run))
}

/// How much of some runs is among others, in thousandths; both sorted.
pub fn contained(runs: &[u64], among: &[u64]) -> usize {
    if runs.is_empty() {
        return 0;
    }
    let held = runs.iter().filter(|run| among.binary_search(run).is_ok());
    held.count() * 1_000 / runs.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_mail::DateSource;

    // 2021-03-01T10:30:00 on some clock.
    const LOCAL: i64 = 1_614_594_600;
    const ANNE: Sender = Sender {
        address: 7,
        name: 70,
    };

    fn quotation(sender: Sender, local: i64, precision: DatePrecision, subject: Name) -> Quotation {
        Quotation {
            told: Told {
                sender,
                date: Some(MailDate {
                    local,
                    offset: None,
                    precision,
                    source: DateSource::Printed,
                }),
            },
            subject,
            before: Some(LOCAL + 86_400),
            clock: 0,
        }
    }

    #[test]
    fn a_date_without_a_zone_is_also_told_by_the_clock_of_whoever_quotes() {
        // New York in winter is five hours behind UTC; the message itself was dated by that zone.
        let known = Known::of([(ANNE, 5, Some(LOCAL + 5 * 3_600), 1)]);
        let printed = Quotation {
            clock: 5 * 3_600,
            ..quotation(ANNE, LOCAL, DatePrecision::Minute, 4)
        };
        assert_eq!(known.original(&printed), Some(1));
        let nobody = Sender::default();
        let told_by = |subject, clock| Quotation {
            clock,
            ..quotation(nobody, LOCAL, DatePrecision::Minute, subject)
        };
        assert_eq!(known.original(&told_by(5, 5 * 3_600)), Some(1));
        assert_eq!(known.original(&told_by(5, 4 * 3_600)), None);
        assert_eq!(known.original(&told_by(4, 5 * 3_600)), None);
    }

    #[test]
    fn the_original_is_found_on_any_clock_if_two_things_agree() {
        let minute = DatePrecision::Minute;
        let known = Known::of([
            (ANNE, 5, Some(LOCAL + 5 * 3_600 + 20), 1),
            (
                Sender {
                    address: 8,
                    name: 80,
                },
                6,
                Some(LOCAL + 10),
                2,
            ),
            (ANNE, 9, Some(LOCAL + 3 * 86_400), 3),
        ]);
        assert_eq!(known.original(&quotation(ANNE, LOCAL, minute, 5)), Some(1));
        // The author alone, on another clock, is no proof: there words have to decide.
        assert_eq!(known.original(&quotation(ANNE, LOCAL, minute, 4)), None);
        assert_eq!(known.perhaps(&quotation(ANNE, LOCAL, minute, 4)), [1, 2]);
        // The same minute: by the subject alone, by the author alone.
        assert_eq!(known.original(&quotation(ANNE, LOCAL, minute, 6)), Some(2));
        let bob = Sender {
            address: 0,
            name: 80,
        };
        assert_eq!(known.original(&quotation(bob, LOCAL, minute, 0)), Some(2));
        assert_eq!(
            known.original(&quotation(ANNE, LOCAL, DatePrecision::Day, 0)),
            Some(1)
        );
        let carol = Sender {
            address: 1,
            name: 0,
        };
        assert_eq!(
            known.original(&quotation(carol, LOCAL, DatePrecision::Day, 0)),
            None
        );
    }

    #[test]
    fn quotations_of_one_message_are_one_ghost() {
        let minute = DatePrecision::Minute;
        let one = |sender, local, subject, runs: &[u64]| Unreleased {
            quotation: quotation(sender, local, minute, subject),
            words: telling(runs),
        };
        let named = Sender {
            address: 0,
            name: 70,
        };
        let nobody = Sender::default();
        let groups = together(&[
            one(ANNE, LOCAL, 5, &[]),
            one(named, LOCAL + 20, 0, &[1, 2, 3, 4]),
            // Another clock, the same words of the same author.
            one(named, LOCAL + 3_600, 0, &[1, 2, 3, 9]),
            one(nobody, LOCAL, 5, &[]),
            one(ANNE, LOCAL + 600, 5, &[5, 6, 7]),
            one(nobody, LOCAL, 6, &[1, 2, 3]),
        ]);
        assert_eq!(groups, [0, 0, 0, 0, 1, 2]);
    }

    #[test]
    fn what_tells_nothing_is_no_ghost() {
        let told = quotation(Sender::default(), LOCAL, DatePrecision::Minute, 0);
        assert!(!told.is_told() && !Quotation::default().is_told());
        assert!(quotation(ANNE, LOCAL, DatePrecision::Day, 0).is_told());
        assert!(!quotation(Sender::default(), LOCAL, DatePrecision::Day, 5).is_told());
    }
}
