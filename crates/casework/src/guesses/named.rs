//! Finding the message that a quotation names, whatever its subject: by who wrote it, and when.

use super::Letter;
use crate::facts::Sender;
use crate::names::Name;
use crate::words::Told;
use muckrake_mail::DatePrecision;

/// Seconds by which two tellings of one minute may differ.
const SAME_MINUTE: i64 = 90;
/// Seconds of a quarter of an hour, by which zones differ.
const QUARTER: i64 = 900;
/// How far a clock without a zone may be off, in seconds.
pub(super) const ZONES: i64 = 14 * 3_600;
/// How far a day without a time may be off, in seconds.
const DAY: i64 = 36 * 3_600;
/// Messages that one quotation may name and that are looked at.
const MOST: usize = 8;

/// Who wrote when: of all messages of a case, 24 bytes for each name that a writer goes by.
#[derive(Clone, Debug, Default)]
pub struct Senders {
    entries: Vec<(Name, i64, u32)>,
}

impl Senders {
    /// Takes writers with the moment and the ordinal of each message.
    pub fn of(messages: impl IntoIterator<Item = (Sender, i64, u32)>) -> Self {
        let mut entries: Vec<(Name, i64, u32)> = messages
            .into_iter()
            .flat_map(|(sender, date, ordinal)| {
                sender.names().map(move |name| (name, date, ordinal))
            })
            .filter(|(name, ..)| *name != 0)
            .collect();
        entries.sort_unstable();
        Self { entries }
    }

    /// The messages that a quotation may name, at most a handful, the nearest in time first.
    pub fn find(&self, told: &Told) -> Vec<u32> {
        let Some((moment, reach)) = told.window() else {
            return Vec::new();
        };
        let mut found: Vec<(i64, u32)> = Vec::new();
        for name in told.sender.names().into_iter().filter(|name| *name != 0) {
            let start = self
                .entries
                .partition_point(|entry| *entry < (name, moment - reach, 0));
            let within = self.entries[start..]
                .iter()
                .take_while(|entry| (entry.0, entry.1) <= (name, moment + reach));
            let fitting = within.filter(|(_, date, _)| told.fits(*date));
            found.extend(fitting.map(|(_, date, ordinal)| ((date - moment).abs(), *ordinal)));
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(MOST);
        found.into_iter().map(|(_, ordinal)| ordinal).collect()
    }
}

impl Sender {
    /// The names that it goes by; 0 for none.
    pub fn names(self) -> [Name; 2] {
        [self.address, self.name]
    }
}

impl Told {
    /// The moment that is told, and how far the true one may be from it, in seconds.
    pub fn window(&self) -> Option<(i64, i64)> {
        let date = self.date?;
        let moment = date.utc().unwrap_or(date.local);
        let reach = match (date.precision, date.offset) {
            (DatePrecision::Day, _) => DAY,
            (_, Some(_)) => SAME_MINUTE,
            (_, None) => ZONES + SAME_MINUTE,
        };
        Some((moment, reach))
    }

    /// Whether a moment is the one that is told, as exactly as it is told. A clock whose zone is not told
    /// may be off by any number of quarters of an hour.
    pub fn fits(&self, moment: i64) -> bool {
        let (Some((told, reach)), Some(date)) = (self.window(), self.date) else {
            return false;
        };
        let off = moment - told;
        let any_zone = date.offset.is_none() && date.precision != DatePrecision::Day;
        let within = (off + SAME_MINUTE).rem_euclid(QUARTER) <= 2 * SAME_MINUTE;
        off.abs() <= reach && (within || !any_zone)
    }

    /// Whether it is told of this letter.
    pub fn names(&self, letter: &Letter) -> bool {
        self.sender.is(letter.facts.sender) && letter.date.is_some_and(|date| self.fits(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_mail::DateSource;
    use muckrake_mail::MailDate;

    // 2021-03-01T10:30:00 on some clock.
    const LOCAL: i64 = 1_614_594_600;

    fn told(offset: Option<i32>, precision: DatePrecision) -> Told {
        Told {
            sender: Sender {
                address: 7,
                name: 0,
            },
            date: Some(MailDate {
                local: LOCAL,
                offset,
                precision,
                source: DateSource::Printed,
            }),
        }
    }

    #[test]
    fn a_printed_minute_is_met_in_any_zone_and_at_no_other_minute() {
        let printed = told(None, DatePrecision::Minute);
        // Written at 10:30:42 in New York, 15:30:42 UTC; and in Kolkata, 05:00:42 UTC.
        assert!(printed.fits(LOCAL + 5 * 3_600 + 42) && printed.fits(LOCAL - 19_800 + 42));
        assert!(!printed.fits(LOCAL + 5 * 3_600 + 400) && !printed.fits(LOCAL + 15 * 3_600));
        let zoned = told(Some(-18_000), DatePrecision::Minute);
        assert!(zoned.fits(LOCAL + 18_000 + 59) && !zoned.fits(LOCAL + 59));
        assert!(told(None, DatePrecision::Day).fits(LOCAL + 80_000));
    }

    #[test]
    fn whoever_is_named_is_found_by_address_or_name() {
        let sender = |address, name| Sender { address, name };
        let senders = Senders::of([
            (sender(7, 1), LOCAL + 30, 4),
            (sender(9, 7), LOCAL + 30, 5),
            (sender(7, 1), LOCAL + 300, 6),
            (sender(8, 0), LOCAL + 30, 7),
        ]);
        assert_eq!(senders.find(&told(Some(0), DatePrecision::Second)), [4, 5]);
        assert_eq!(
            Senders::default().find(&told(None, DatePrecision::Day)),
            [0; 0]
        );
    }
}
