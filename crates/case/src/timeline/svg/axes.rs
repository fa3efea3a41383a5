//! Where the lines of the axes stand and what they are called.

use super::super::Step;
use super::super::buckets::days_between;
use jiff::civil::Date;

/// Lines of the value axis, at most.
const MOST_LINES: u64 = 6;
/// Room for a label of the date axis.
const LABEL: f64 = 58.0;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The step between two lines: 1, 2 or 5 times a power of ten.
pub(super) fn nice_step(most: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if most.div_ceil(step) <= MOST_LINES {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Days that have a line and a label.
pub(super) struct Ticks {
    pub(super) days: Vec<Date>,
    pub(super) unit: Unit,
    /// The step, if none of it is left out.
    pub(super) single: Option<Step>,
}

/// What a label tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Month,
    Year,
}

/// What may stand between two lines, the least first: every so many of a step.
const DISTANCES: [(Step, usize, Unit); 14] = [
    (Step::Day, 1, Unit::Day),
    (Step::Day, 2, Unit::Day),
    (Step::Week, 1, Unit::Day),
    (Step::Week, 2, Unit::Day),
    (Step::Month, 1, Unit::Month),
    (Step::Month, 3, Unit::Month),
    (Step::Month, 6, Unit::Month),
    (Step::Year, 1, Unit::Year),
    (Step::Year, 2, Unit::Year),
    (Step::Year, 5, Unit::Year),
    (Step::Year, 10, Unit::Year),
    (Step::Year, 50, Unit::Year),
    (Step::Year, 100, Unit::Year),
    (Step::Year, 1000, Unit::Year),
];

/// The lines for a span that is so wide.
pub(super) fn day_ticks(first: Date, end: Date, width: f64) -> Ticks {
    let days = days_between(first, end).max(1) as f64;
    let wide_enough = |(step, every, _): &&(Step, usize, Unit)| {
        let length = match step {
            Step::Day => 1.0,
            Step::Week => 7.0,
            Step::Month => 30.0,
            Step::Year => 365.0,
        };
        length * *every as f64 / days * width >= LABEL
    };
    let found = DISTANCES.iter().find(wide_enough);
    let (step, every, unit) = found.copied().unwrap_or((Step::Year, 1000, Unit::Year));
    let all = step.periods(first, end).into_iter().enumerate();
    let ticks = all.filter(|(number, day)| is_marked(*number, *day, step, every));
    let days = ticks.map(|(_, day)| day);
    Ticks {
        days: days.filter(|day| first <= *day && *day < end).collect(),
        unit,
        single: (every == 1).then_some(step),
    }
}

/// Months and years stand at round numbers; days and weeks are counted from the first.
fn is_marked(number: usize, day: Date, step: Step, every: usize) -> bool {
    let place = match step {
        Step::Day | Step::Week => number,
        Step::Month => usize::from(day.month().unsigned_abs()) - 1,
        Step::Year => usize::from(day.year().unsigned_abs()),
    };
    place.is_multiple_of(every)
}

impl Unit {
    /// The label of a day, and what stands below it where that is new: the year, or month and year.
    pub(super) fn label(self, day: Date, before: Option<Date>) -> (String, Option<String>) {
        let month = MONTHS
            .get(usize::from(day.month().unsigned_abs()) - 1)
            .copied()
            .unwrap_or_default();
        let same_year = before.is_some_and(|before| before.year() == day.year());
        let same_month = same_year && before.is_some_and(|before| before.month() == day.month());
        match self {
            Self::Day if same_month => (day.day().to_string(), None),
            Self::Day if same_year => (day.day().to_string(), Some(month.to_owned())),
            Self::Day => {
                let below = format!("{month} {}", day.year());
                (day.day().to_string(), Some(below))
            }
            Self::Month => {
                let year = (!same_year).then(|| day.year().to_string());
                (month.to_owned(), year)
            }
            Self::Year => (day.year().to_string(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn values_are_round_and_few() {
        for (most, step) in [
            (1, 1),
            (6, 1),
            (7, 2),
            (12, 2),
            (13, 5),
            (30, 5),
            (31, 10),
            (1_900, 500),
        ] {
            assert_eq!(nice_step(most), step, "{most}");
        }
        assert!(nice_step(u64::MAX) > 0);
    }

    #[test]
    fn dates_are_round_and_have_room() {
        let days = |first, end| day_ticks(first, end, 872.0).days;
        assert_eq!(
            days(date(2016, 1, 1), date(2017, 1, 1)).len(),
            12,
            "a year has its months"
        );
        let years = days(date(2009, 5, 1), date(2018, 2, 1));
        assert_eq!(years.first().copied(), Some(date(2010, 1, 1)));
        assert_eq!(days(date(2016, 5, 2), date(2016, 5, 9)).len(), 7);
        for (first, end) in [
            (date(2016, 5, 2), date(2016, 5, 3)),
            (date(2016, 5, 2), date(2016, 9, 3)),
            (date(1970, 1, 1), date(2038, 1, 1)),
            (date(1, 1, 1), Date::MAX),
        ] {
            let count = days(first, end).len();
            assert!((1..=15).contains(&count), "{first} {end}: {count}");
        }
    }

    #[test]
    fn labels_tell_what_is_new() {
        let label = |unit: Unit, day, before| unit.label(day, before);
        let may = date(2016, 5, 9);
        assert_eq!(
            label(Unit::Day, may, None),
            ("9".into(), Some("May 2016".into()))
        );
        assert_eq!(
            label(Unit::Day, date(2016, 5, 16), Some(may)),
            ("16".into(), None)
        );
        assert_eq!(
            label(Unit::Day, date(2016, 6, 6), Some(may)),
            ("6".into(), Some("Jun".into()))
        );
        assert_eq!(
            label(Unit::Month, date(2017, 1, 1), Some(may)),
            ("Jan".into(), Some("2017".into()))
        );
        assert_eq!(
            label(Unit::Year, date(2017, 1, 1), None),
            ("2017".into(), None)
        );
    }
}
