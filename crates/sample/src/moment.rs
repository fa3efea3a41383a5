//! Points in time as mail programs write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::tz::TimeZone;

/// A point in time and the offset of the clock that its writer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    instant: Timestamp,
    offset: Offset,
}

impl Moment {
    /// Wall-clock time in Rivermouth, written `2021-03-02 09:14:05`.
    ///
    /// Panics if it is written otherwise: all of them are constants of this crate.
    pub(crate) fn city(text: &str) -> Self {
        let local: DateTime = text
            .parse()
            .expect("a constant of this crate, read in each test run");
        let instant = city_zone()
            .to_timestamp(local)
            .expect("years 2020 to 2030 are in range");
        Self {
            instant,
            offset: city_zone().to_offset(instant),
        }
    }

    /// Wall-clock time where clocks are `minutes` ahead of UTC.
    pub(crate) fn abroad(text: &str, minutes: i32) -> Self {
        let local: DateTime = text
            .parse()
            .expect("a constant of this crate, read in each test run");
        let offset = Offset::from_seconds(minutes * 60).expect("offsets here are below 15 hours");
        let instant = offset
            .to_timestamp(local)
            .expect("years 2020 to 2030 are in range");
        Self { instant, offset }
    }

    /// Later by so many seconds, on a clock in Rivermouth.
    pub(crate) fn plus(self, seconds: i64) -> Self {
        let moved = self.instant.as_second() + seconds;
        let instant = Timestamp::from_second(moved).expect("years 2020 to 2030 are in range");
        Self {
            instant,
            offset: city_zone().to_offset(instant),
        }
    }

    /// Seconds since the Unix epoch.
    pub(crate) fn unix(self) -> i64 {
        self.instant.as_second()
    }

    /// Wall-clock time, for weekday and hour.
    pub(crate) fn local(self) -> DateTime {
        self.offset.to_datetime(self.instant)
    }

    fn format(self, format: &str) -> String {
        self.instant
            .to_zoned(TimeZone::fixed(self.offset))
            .strftime(format)
            .to_string()
    }

    /// `Tue, 14 Jun 2022 16:52:10 -0400` (RFC 5322 §3.3).
    pub(crate) fn rfc5322(self) -> String {
        self.format("%a, %-d %b %Y %H:%M:%S %z")
    }

    /// `2022-06-14T16:52:10-04:00` (RFC 3339).
    pub(crate) fn rfc3339(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S%:z")
    }

    /// `Tuesday, June 14, 2022 4:52 PM`, as Outlook quotes.
    pub(crate) fn outlook(self) -> String {
        self.format("%A, %B %-d, %Y %-I:%M %p")
    }

    /// `Tue, Jun 14, 2022 at 4:52 PM`, as Gmail quotes.
    pub(crate) fn gmail(self) -> String {
        self.format("%a, %b %-d, %Y at %-I:%M %p")
    }

    /// `Jun 14, 2022, at 4:52 PM`, as Apple's phones quote.
    pub(crate) fn apple(self) -> String {
        self.format("%b %-d, %Y, at %-I:%M %p")
    }

    /// `6/14/2022 4:52 PM`, as Thunderbird quotes.
    pub(crate) fn numeric(self) -> String {
        self.format("%-m/%-d/%Y %-I:%M %p")
    }

    /// `June 14`, in running text.
    pub(crate) fn day(self) -> String {
        self.format("%B %-d")
    }

    /// `20220614T205210Z` (RFC 5545 §3.3.5, UTC).
    pub(crate) fn calendar(self) -> String {
        self.instant.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// `Tue Jun 14 20:52:10 2022` in UTC, as a `From ` line has it (RFC 4155).
    pub(crate) fn asctime(self) -> String {
        self.instant.strftime("%a %b %e %H:%M:%S %Y").to_string()
    }

    /// Moved forward to working hours where it falls on a night or a weekend.
    pub(crate) fn at_work(self) -> Self {
        let mut moment = self;
        loop {
            let local = moment.local();
            if local.weekday().to_monday_zero_offset() >= 5 || local.hour() >= 19 {
                moment = moment.plus(13 * 3600 + 7 * 60);
            } else if local.hour() < 7 {
                moment = moment.plus(2 * 3600 + 11 * 60);
            } else {
                return moment;
            }
        }
    }

    /// Hundreds of nanoseconds since 1601, as Windows counts.
    pub(crate) fn filetime(self) -> u64 {
        // All moments here are after 1970.
        (self.instant.as_second() + 11_644_473_600).unsigned_abs() * 10_000_000
    }
}

/// Eastern time by its rule, so that no machine's time zone database is asked.
fn city_zone() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a valid POSIX rule")
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn city_time_follows_summer_time() {
        let winter = Moment::city("2022-03-11 09:00:00");
        assert_eq!(winter.rfc5322(), "Fri, 11 Mar 2022 09:00:00 -0500");
        let summer = winter.plus(3 * 86_400);
        assert_eq!(summer.rfc3339(), "2022-03-14T10:00:00-04:00");
        assert_eq!(summer.asctime(), "Mon Mar 14 14:00:00 2022");
    }

    #[test]
    fn quoted_forms() {
        let moment = Moment::city("2022-06-14 16:52:10");
        assert_eq!(moment.outlook(), "Tuesday, June 14, 2022 4:52 PM");
        assert_eq!(moment.gmail(), "Tue, Jun 14, 2022 at 4:52 PM");
        assert_eq!(moment.apple(), "Jun 14, 2022, at 4:52 PM");
        assert_eq!(moment.numeric(), "6/14/2022 4:52 PM");
        assert_eq!(moment.calendar(), "20220614T205210Z");
    }

    #[test]
    fn working_hours() {
        let saturday = Moment::city("2022-06-18 23:00:00").at_work();
        assert!(saturday.local().weekday().to_monday_zero_offset() < 5);
        assert!((7..19).contains(&saturday.local().hour()));
    }
}
