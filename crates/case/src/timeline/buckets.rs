//! Periods of the calendar.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A civil day.
    Day,
    /// A week from Monday to Sunday (ISO 8601).
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Step {
    /// From the shortest to the longest.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The first day of the period that a day is in.
    pub fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let back = i64::from(day.weekday().since(Weekday::Monday));
                day.checked_sub(back.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// The first day of the next period; `None` at the end of the calendar.
    pub fn next(self, start: Date) -> Option<Date> {
        let span = match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        };
        start.checked_add(span).ok()
    }

    /// The last day of the period that begins so.
    pub fn end(self, start: Date) -> Date {
        let next = self.next(start);
        next.and_then(|next| next.yesterday().ok())
            .unwrap_or(Date::MAX)
    }

    /// How a period is written: `2016-05-11`, `2016-W19`, `2016-05`, `2016`.
    pub fn label(self, start: Date) -> String {
        match self {
            Self::Day => start.to_string(),
            Self::Week => {
                let week = start.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{:04}-{:02}", start.year(), start.month()),
            Self::Year => format!("{:04}", start.year()),
        }
    }

    /// How many periods there are from one day to another, or a few more.
    pub(super) fn between(self, first: Date, last: Date) -> usize {
        let days = days_between(first, last);
        let length = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 28,
            Self::Year => 365,
        };
        usize::try_from(days / length + 1).unwrap_or(usize::MAX)
    }

    /// The first days of all periods from one day to another.
    pub(super) fn periods(self, first: Date, last: Date) -> Vec<Date> {
        let start = self.start(first);
        let next = |start: &Date| self.next(*start);
        let all = std::iter::successors(Some(start), next);
        all.take_while(|start| *start <= last).collect()
    }
}

/// Days from one day to another.
pub(super) fn days_between(first: Date, last: Date) -> i64 {
    first
        .until(last)
        .map_or(0, |span| i64::from(span.get_days()))
}

/// The day of a moment in a zone.
fn day_of(seconds: i64, zone: &TimeZone) -> Option<Date> {
    let moment = Timestamp::from_second(seconds).ok()?;
    Some(moment.to_zoned(zone.clone()).date())
}

/// How many moments fall on each day; those that are not known are left out.
pub(super) fn by_day(
    moments: impl Iterator<Item = Option<i64>>,
    zone: &TimeZone,
) -> BTreeMap<Date, u64> {
    let mut days = BTreeMap::new();
    for day in moments.flatten().filter_map(|moment| day_of(moment, zone)) {
        *days.entry(day).or_insert(0) += 1;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    // By `cal` and `date +%G-W%V`.
    #[test]
    fn periods_are_those_of_the_calendar() {
        let label = |step: Step, day: Date| step.label(step.start(day));
        assert_eq!(label(Step::Day, date(2016, 5, 11)), "2016-05-11");
        assert_eq!(label(Step::Week, date(2016, 5, 11)), "2016-W19");
        assert_eq!(Step::Week.start(date(2016, 5, 11)), date(2016, 5, 9));
        assert_eq!(Step::Week.start(date(2016, 5, 9)), date(2016, 5, 9));
        assert_eq!(Step::Week.start(date(2016, 5, 15)), date(2016, 5, 9));
        // The first days of 2016 are of the last week of 2015.
        assert_eq!(label(Step::Week, date(2016, 1, 3)), "2015-W53");
        assert_eq!(label(Step::Month, date(2016, 2, 29)), "2016-02");
        assert_eq!(Step::Month.end(date(2016, 2, 1)), date(2016, 2, 29));
        assert_eq!(label(Step::Year, date(2016, 12, 31)), "2016");
        assert_eq!(Step::Year.end(date(9999, 1, 1)), Date::MAX);
    }

    #[test]
    fn periods_follow_one_another_without_a_gap() {
        let months = Step::Month.periods(date(2015, 11, 30), date(2016, 2, 1));
        let labels: Vec<String> = months
            .iter()
            .map(|start| Step::Month.label(*start))
            .collect();
        assert_eq!(labels, ["2015-11", "2015-12", "2016-01", "2016-02"]);
        for step in Step::ALL {
            let (first, last) = (date(2011, 3, 4), date(2013, 7, 1));
            let periods = step.periods(first, last);
            assert!(periods.len() <= step.between(first, last) + 1, "{step:?}");
            assert_eq!(periods.first().copied(), Some(step.start(first)));
            assert!(periods.last().is_some_and(|start| step.end(*start) >= last));
        }
        assert_eq!(Step::Year.periods(date(9998, 1, 1), Date::MAX).len(), 2);
    }

    #[test]
    fn a_day_is_that_of_the_zone() {
        let zone = TimeZone::get("America/New_York").expect("is in the database");
        // 2016-05-11 03:59:59 and 04:00:00 UTC, by `date -u +%s`.
        let days = by_day(
            [Some(1_462_939_199), Some(1_462_939_200), None].into_iter(),
            &zone,
        );
        let days: Vec<_> = days.into_iter().collect();
        assert_eq!(days, [(date(2016, 5, 10), 1), (date(2016, 5, 11), 1)]);
    }
}
