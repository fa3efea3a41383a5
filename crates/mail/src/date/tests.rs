#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;

use super::*;
use DatePrecision::Day;
use DatePrecision::Minute;
use DatePrecision::Second;

/// Seconds on the local clock, offset, precision.
type Read = Option<(i64, Option<i32>, DatePrecision)>;

// The seconds were computed with Python's `datetime`.
#[rustfmt::skip]
const DATES: &[(&str, Read)] = &[
    ("Wed, 05 Mar 2014 15:23:45 -0500", Some((1394033025, Some(-18000), Second))),
    ("Wed, 5 Mar 2014 15:23:45 -0500 (EST)", Some((1394033025, Some(-18000), Second))),
    ("5 Mar 2014 15:23:45 +0530", Some((1394033025, Some(19800), Second))),
    ("Mon, 05 Mar 2014 15:23:45 +0000", Some((1394033025, Some(0), Second))),
    ("Wed, 05 Mar 2014 15:23 -0500", Some((1394032980, Some(-18000), Minute))),
    ("Wed, 05 Mar 2014 15:23:45 -0000", Some((1394033025, Some(0), Second))),
    ("Wed, 05 Mar 2014 15:23:45 GMT", Some((1394033025, Some(0), Second))),
    ("Wed, 05 Mar 2014 15:23:45 EST", Some((1394033025, Some(-18000), Second))),
    ("Wed, 05 Mar 2014 15:23:45 Z", Some((1394033025, Some(0), Second))),
    ("Wed, 05 Mar 2014 15:23:45 A", Some((1394033025, None, Second))),
    ("Wed, 05 Mar 2014 15:23:45 XYZ", Some((1394033025, None, Second))),
    ("Wed, 05 Mar 2014 15:23:45", Some((1394033025, None, Second))),
    ("Wed, 05 Mar 2014 15:23:45 GMT+2", Some((1394033025, Some(7200), Second))),
    ("Wed, 05 Mar 2014 15:23:45 (PST)", Some((1394033025, Some(-28800), Second))),
    ("Wed, 05 Mar 2014 15:23:45 +9900", Some((1394033025, None, Second))),
    ("Wed, 05 Mar 2014 15:23:45 MET DST", Some((1394033025, Some(7200), Second))),
    ("Wed,05 Mar 2014 15:23:45 -0500", Some((1394033025, Some(-18000), Second))),
    ("Wednesday, 05-Mar-14 15:23:45 GMT", Some((1394033025, Some(0), Second))),
    ("Wed , 5 (fifth (of)) Mar 2014 15:23:45 -0500", Some((1394033025, Some(-18000), Second))),
    ("Thu, 31 May 2001 02:37:00 -0700 (PDT)", Some((991276620, Some(-25200), Second))),
    ("Sat, 26 Jan 2002 07:58:40 -0800 (PST),Sat, 26 Jan 2002 07:58:41 -0800", Some((1012031920, Some(-28800), Second))),
    ("Wed, 05 Mar 99 15:23:45 -0500", Some((920647425, Some(-18000), Second))),
    ("Wed, 05 Mar 14 15:23:45 -0500", Some((1394033025, Some(-18000), Second))),
    ("Wed, 05 Mar 101 15:23:45 -0500", Some((983805825, Some(-18000), Second))),
    ("Wed, 05 Mar 1 15:23:45 -0500", Some((983805825, Some(-18000), Second))),
    ("Wed, 05 Mar 19101 15:23:45 -0500", Some((983805825, Some(-18000), Second))),
    ("Wed, 05 Mar 0101 15:23:45 -0500", None),
    ("Wed, 05 Mar 1601 15:23:45 -0500", None),
    ("Wed, 05 Mar 2101 15:23:45 -0500", None),
    ("Sat, 31 Feb 2014 15:23:45 -0500", None),
    ("Sat, 29 Feb 2014 15:23:45 -0500", None),
    ("Wed, 29 Feb 2012 15:23:45 -0500", Some((1330529025, Some(-18000), Second))),
    ("Wed, 05 Mar 2014 25:23:45 -0500", None),
    ("Wed, 05 Mar 2014 15:63:45 -0500", None),
    ("Wed, 00 Mar 2014 15:23:45 -0500", None),
    ("Thu, 31 Dec 1998 23:59:60 +0000", Some((915148800, Some(0), Second))),
    ("Sat Jan  3 01:05:34 1996", Some((820631134, None, Second))),
    ("Fri Mar 12 10:00:00 +0000 2021", Some((1615543200, Some(0), Second))),
    ("Sat Jan  3 01:05:34 EST 1996", Some((820631134, Some(-18000), Second))),
    ("Sat Jan  3 01:05:34 XYZ 1996", Some((820631134, None, Second))),
    ("Sat Jan  3 01:05:34 1996 +0100", Some((820631134, Some(3600), Second))),
    ("Wed Mar 05 2014 15:23:45 GMT-0500 (Eastern Standard Time)", Some((1394033025, Some(-18000), Second))),
    ("2014-03-05T15:23:45Z", Some((1394033025, Some(0), Second))),
    ("2014-03-05T15:23:45.123456+01:00", Some((1394033025, Some(3600), Second))),
    ("2014-03-05 15:23:45", Some((1394033025, None, Second))),
    ("2014-03-05 15:23", Some((1394032980, None, Minute))),
    ("20140305T152345Z", Some((1394033025, Some(0), Second))),
    ("2014-03-05", Some((1393977600, None, Day))),
    ("2014/03/05 15:23:45", Some((1394033025, None, Second))),
    ("5 Mar 2014", Some((1393977600, None, Day))),
    ("March 5, 2014", Some((1393977600, None, Day))),
    ("5/21/2001 3:48 PM", Some((990460080, None, Minute))),
    ("10/4/2010 05:42:01 PM", Some((1286214121, None, Second))),
    ("21/5/2001 15:48", Some((990460080, None, Minute))),
    ("5/6/01 12:05 AM", Some((989107500, None, Minute))),
    ("5/6/2001 12:05 PM", Some((989150700, None, Minute))),
    ("13/13/2001 12:05 PM", None),
    ("05.03.2014 15:23", Some((1394032980, None, Minute))),
    ("Wednesday, March 05, 2014 3:23 PM", Some((1394032980, None, Minute))),
    ("Wednesday, March 5, 2014 3:23:45 PM", Some((1394033025, None, Second))),
    ("Mon, Jan 2, 2017 at 3:04\u{202f}PM", Some((1483369440, None, Minute))),
    ("Mon, Jan 2, 2017 at 3:04 p.m.", Some((1483369440, None, Minute))),
    ("January 2nd, 2017 3 PM", Some((1483369200, None, Minute))),
    ("Wed, 5 Mar 2014 15:23 PM", Some((1394032980, None, Minute))),
    ("Wed, 5 Mar 2014 15:23 AM", None),
    ("Mittwoch, 5. März 2014 15:23", Some((1394032980, None, Minute))),
    ("mercredi 5 mars 2014 15:23", Some((1394032980, None, Minute))),
    ("miércoles, 5 de marzo de 2014 15:23", Some((1394032980, None, Minute))),
    ("Le 1 juillet 2014 à 15:23", Some((1404228180, None, Minute))),
    ("mar, 4 mar 2014 15:23:45 +0100", Some((1393946625, Some(3600), Second))),
    ("Sept 5 2014 15:23", Some((1409930580, None, Minute))),
    ("\"Wed, 05 Mar 2014 15:23:45 -0500\"", Some((1394033025, Some(-18000), Second))),
    ("Thu, 01 Jan 1970 00:00:00 +0000", Some((0, Some(0), Second))),
    ("Fri, 31 Dec 2100 23:59:59 +1400", Some((4133980799, Some(50400), Second))),
    ("", None),
    ("yesterday", None),
    ("12:30", None),
    ("5", None),
    ("Mar", None),
];

fn read(text: &str) -> Read {
    parse(text).map(|date| (date.local, date.offset, date.precision))
}

#[test]
fn dates_of_every_shape() {
    for (text, expected) in DATES {
        assert_eq!(read(text), *expected, "{text}");
    }
}

#[test]
fn the_fast_path_takes_the_standard_shape_alone() {
    assert!(standard(b"Wed, 05 Mar 2014 15:23:45 -0500 (EST)").is_some());
    assert!(standard(b"5 Mar 2014 15:23:45 -0500").is_some());
    assert!(standard(b"Wed, 05 Mar 2014 15:23 -0500").is_none());
    assert!(standard(b"Wed, 05 Mar 2014 15:23:45 -05001").is_none());
}

#[test]
fn long_junk_costs_nothing() {
    assert_eq!(parse(&"(".repeat(10_000_000)), None);
    assert_eq!(parse(&"Mar ".repeat(1_000_000)), None);
    assert_eq!(parse(&"9".repeat(1_000_000)), None);
    assert_eq!(parse("Tue, 1 Sep 2017 09:15:4294967295 +0000"), None);
    // No clock has such an hour; the day is told all the same.
    let day = parse("Tue, 1 Sep 2017 4294967295:15:05 +0000").map(|date| date.precision);
    assert_eq!(day, Some(Day));
    assert_eq!(parse("Tue, 4294967295 Sep 4294967295 09:15:05 +0000"), None);
}

proptest! {
    #[test]
    fn both_paths_agree(day in 0u32..=33, month in 0usize..12, year in 1960i64..=2110, hour in 0u32..=25, minute in 0u32..=61, second in 0u32..=62, zone in -2500i32..=2500) {
        let month = civil::MONTHS[month];
        let text = format!("Tue, {day} {month} {year} {hour:02}:{minute:02}:{second:02} {zone:+05}");
        prop_assert_eq!(standard(text.as_bytes()), reader::read(&text));
    }

    #[test]
    fn days_are_those_of_another_calendar(days in -800_000i64..800_000) {
        let (year, month, day) = civil::date(days);
        prop_assert_eq!(civil::days(year, month, day), days);
        let start = jiff::civil::date(1970, 1, 1);
        let other = start.checked_add(jiff::Span::new().days(days)).unwrap();
        prop_assert_eq!((year, month, day), (i64::from(other.year()), other.month() as u32, other.day() as u32));
        prop_assert_eq!(civil::weekday_of(days), other.weekday().to_sunday_zero_offset() as usize);
        prop_assert_eq!(civil::days_of_month(year, month), other.days_in_month() as u32);
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,60}", words in prop::collection::vec("Mar|5|2014|:|15|[+-]|0500|AM|PM|Mon,|/|T|[(]|[)]|GMT|DST|[.]|st", 0..14)) {
        parse(&text);
        parse(&words.join(" "));
        parse(&words.concat());
    }
}
