#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use jiff::civil::date;

use super::*;

/// A Wednesday.
const TODAY: Date = date(2016, 5, 11);

fn on(text: &str) -> Result<Value, Fault> {
    date_value(text, Side::On, TODAY)
}

fn days(first: (i16, i8, i8), last: (i16, i8, i8)) -> Result<Value, Fault> {
    let first = Some(date(first.0, first.1, first.2));
    let last = Some(date(last.0, last.1, last.2));
    Ok(Value::Dates(DateRange { first, last }))
}

#[test]
fn days_months_and_years_are_whole_periods() {
    assert_eq!(on("2016-05-11"), days((2016, 5, 11), (2016, 5, 11)));
    assert_eq!(on("2016-5-1"), days((2016, 5, 1), (2016, 5, 1)));
    assert_eq!(on("2016-05"), days((2016, 5, 1), (2016, 5, 31)));
    assert_eq!(on("2016-02"), days((2016, 2, 1), (2016, 2, 29)));
    assert_eq!(on("2016"), days((2016, 1, 1), (2016, 12, 31)));
    assert_eq!(on("May 2016"), days((2016, 5, 1), (2016, 5, 31)));
    assert_eq!(on("11 May 2016"), days((2016, 5, 11), (2016, 5, 11)));
    assert_eq!(on("may 11, 2016"), days((2016, 5, 11), (2016, 5, 11)));
    assert_eq!(on("3rd Sept. 2016"), days((2016, 9, 3), (2016, 9, 3)));
    assert_eq!(on("None"), Ok(Value::NoDate));
}

#[test]
fn ranges_include_both_ends() {
    assert_eq!(on("2016..2018"), days((2016, 1, 1), (2018, 12, 31)));
    assert_eq!(
        on("2016-05-11..2016-06"),
        days((2016, 5, 11), (2016, 6, 30))
    );
    let range = DateRange {
        first: Some(date(2016, 5, 11)),
        last: None,
    };
    assert_eq!(on("2016-05-11.."), Ok(Value::Dates(range)));
    let range = DateRange {
        first: None,
        last: Some(date(2016, 12, 31)),
    };
    assert_eq!(on("..2016"), Ok(Value::Dates(range)));
    assert_eq!(
        on("last monday .. yesterday"),
        days((2016, 5, 9), (2016, 5, 10))
    );
}

#[test]
fn relative_days_are_counted_from_the_given_day() {
    for (text, first, last) in [
        ("today", (2016, 5, 11), (2016, 5, 11)),
        ("Yesterday", (2016, 5, 10), (2016, 5, 10)),
        ("tomorrow", (2016, 5, 12), (2016, 5, 12)),
        ("last friday", (2016, 5, 6), (2016, 5, 6)),
        ("last wednesday", (2016, 5, 4), (2016, 5, 4)),
        ("next Monday", (2016, 5, 16), (2016, 5, 16)),
        ("3 weeks ago", (2016, 4, 20), (2016, 4, 20)),
        ("a month ago", (2016, 4, 11), (2016, 4, 11)),
        ("two years ago", (2014, 5, 11), (2014, 5, 11)),
        ("last 7 days", (2016, 5, 4), (2016, 5, 11)),
        ("past two weeks", (2016, 4, 27), (2016, 5, 11)),
        ("this week", (2016, 5, 9), (2016, 5, 15)),
        ("last week", (2016, 5, 2), (2016, 5, 8)),
        ("last month", (2016, 4, 1), (2016, 4, 30)),
        ("this month", (2016, 5, 1), (2016, 5, 31)),
        ("last year", (2015, 1, 1), (2015, 12, 31)),
    ] {
        assert_eq!(on(text), days(first, last), "{text}");
    }
    let end_of_march = date_value("last month", Side::On, date(2016, 3, 31));
    assert_eq!(end_of_march, days((2016, 2, 1), (2016, 2, 29)));
}

#[test]
fn before_excludes_and_after_includes() {
    let before = |text| date_value(text, Side::Before, TODAY);
    let after = |text| date_value(text, Side::After, TODAY);
    let until = |year, month, day| {
        Ok(Value::Dates(DateRange {
            first: None,
            last: Some(date(year, month, day)),
        }))
    };
    let since = |year, month, day| {
        Ok(Value::Dates(DateRange {
            first: Some(date(year, month, day)),
            last: None,
        }))
    };
    assert_eq!(before("2016-05-11"), until(2016, 5, 10));
    assert_eq!(before("2016-05"), until(2016, 4, 30));
    assert_eq!(before("2016"), until(2015, 12, 31));
    assert_eq!(after("2016-05-11"), since(2016, 5, 11));
    assert_eq!(after("2016-05"), since(2016, 5, 1));
    assert_eq!(after("last week"), since(2016, 5, 2));
    assert!(before("none").is_err() && after("2016..2018").is_err() && before("0001").is_err());
}

#[test]
fn what_is_no_date_is_an_error_with_a_hint() {
    for (text, message, hint) in [
        (
            "05/11/2016",
            "`05/11/2016` is not a date",
            "`2016-05-11` or `2016-11-05`",
        ),
        ("25.12.2016", "is not a date", "the month: `2016-12-25`"),
        ("11-11-2016", "is not a date", "the month: `2016-11-11`"),
        ("2016/05/11", "is not a date", "with hyphens: `2016-05-11`"),
        ("20160511", "is not a date", "`2016-05-11`"),
        ("2016-2018", "is not a date", "`2016..2018`"),
        ("2016–2018", "is not a date", "`2016..2018`"),
        (">2016", "is not a date", "`after:2016`"),
        ("<=2016-05", "is not a date", "`before:2016-05`"),
        ("2016-05-11T12:00", "is not a date", "`2016-05-11`"),
        ("friday", "is not a date", "\"last friday\""),
        ("may", "is not a date", "\"may 2016\""),
        ("last", "is not a date", "in quotes"),
        ("banana", "`banana` is not a date", "dates are written"),
        ("16", "is not a date", "dates are written"),
        ("02016", "is not a date", "dates are written"),
        ("2016...2018", "is not a date", "dates are written"),
        ("..", "without a beginning", "`date:2016..`"),
        ("2018..2016", "ends before it begins", "`2016..2018`"),
        ("2016-13", "there is no month 13", "year, month, day"),
        ("2016-00-01", "there is no month 0", "year, month, day"),
    ] {
        let (said, told) = on(text).unwrap_err();
        assert!(said.contains(message), "{text}: {said}");
        assert!(
            told.as_deref().unwrap_or_default().contains(hint),
            "{text}: {told:?}"
        );
    }
    assert_eq!(
        on("2016-02-30").unwrap_err().0,
        "2016-02 has 29 days, not 30"
    );
    assert_eq!(
        on("31 June 2016").unwrap_err().0,
        "2016-06 has 30 days, not 31"
    );
    assert!(on("0000").is_err() && on("").is_err() && on("9999 years ago").is_err());
    assert!(on("99999999999 days ago").is_err() && on("3 hours ago").is_err());
    assert!(date_value("tomorrow", Side::On, Date::MAX).is_err());
    assert!(date_value("this week", Side::On, Date::MAX).is_err());
}
