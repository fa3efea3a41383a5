//! Numbers, sizes, dates and people, as a reader wants them.

use crate::terminal::Layout;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use muckrake_case::Person;
use std::path::Path;

/// `1234567` as `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: `1 message`, `2 messages`.
pub(crate) fn counted(number: u64, singular: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    match singular.strip_suffix('y') {
        Some(stem) if number != 1 => format!("{} {stem}ies", count(number)),
        _ => format!("{} {singular}{plural}", count(number)),
    }
}

/// Bytes with a decimal unit: `139.2 MB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return format!("{number} B");
    }
    // Three digits are shown; what a double cannot hold is far below them.
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Seconds as `8 s`, `2 min 05 s`, `3 h 10 min`.
pub(crate) fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A date of an answer for a list: `2016-05-11 14:03` in the zone of the case;
/// with `?` behind it where it is not known which zone it was written in, and
/// without a time where only the day is known. Sixteen cells, one more with `?`.
pub(crate) fn list_date(date: Option<&str>, precision: Option<&str>, zone: &TimeZone) -> String {
    let Some(date) = date else {
        return "no date".to_owned();
    };
    if precision == Some("day") {
        return date.chars().take(10).collect();
    }
    if let Ok(at) = date.parse::<Timestamp>() {
        return at
            .to_zoned(zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string();
    }
    match date.parse::<DateTime>() {
        Ok(local) => format!("{}?", local.strftime("%Y-%m-%d %H:%M")),
        Err(_) => date.to_owned(),
    }
}

/// The day of a date of an answer, in the zone of the case.
pub(crate) fn list_day(date: Option<&str>, zone: &TimeZone) -> String {
    list_date(date, None, zone).chars().take(10).collect()
}

/// Everything that is known about a date, for one who quotes it.
pub(crate) fn full_date(
    date: Option<&str>,
    precision: Option<&str>,
    source: Option<&str>,
    zone: &TimeZone,
) -> String {
    let Some(date) = date else {
        return "none: the message tells no date that could be read".to_owned();
    };
    let mut text = match (precision, date.parse::<Timestamp>()) {
        (Some("day"), _) => format!(
            "{} (only the day is known)",
            list_date(Some(date), precision, zone)
        ),
        (_, Ok(at)) => {
            let local = at
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S %:z")
                .to_string();
            let written = date.replacen('T', " ", 1);
            if is_same_clock(&local, &written) {
                local
            } else {
                format!("{local} (written as {written})")
            }
        }
        (_, Err(_)) => format!("{} (time zone not told)", date.replacen('T', " ", 1)),
    };
    if precision == Some("minute") {
        text.push_str(" (to the minute)");
    }
    match source {
        Some("received") => text.push_str(" (from the Received field)"),
        Some("printed") => text.push_str(" (as printed)"),
        _ => {}
    }
    text
}

/// Whether two ways of writing one moment show the same clock.
fn is_same_clock(local: &str, written: &str) -> bool {
    let squeeze = |text: &str| text.replace(' ', "").replace("Z", "+00:00");
    squeeze(local) == squeeze(written)
}

/// A person in a list: the name, else the address.
pub(crate) fn short_person(person: &Person, layout: &Layout) -> String {
    // An official without a name goes by an address, which says less than the name in this mail.
    let named = |official: &&str| !official.contains('@');
    let text = person
        .official
        .as_deref()
        .filter(named)
        .or(person.name.as_deref())
        .filter(|name| !name.trim().is_empty())
        .or(person.address.as_deref())
        .unwrap_or("(no name)");
    layout.one_line(text).trim().to_owned()
}

/// A person in full: `Anne Example <anne@harbour.example>`.
pub(crate) fn full_person(person: &Person, layout: &Layout) -> String {
    let name = person.name.as_deref().map(|name| layout.one_line(name));
    let address = person
        .address
        .as_deref()
        .map(|address| layout.one_line(address));
    let mut text = match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.into_owned(),
        (None, None) => "(no name)".to_owned(),
    };
    let named = |official: &&String| !person.shows_official_name(official);
    if let Some(official) = person.official.as_ref().filter(named) {
        text.push_str(&format!(" [{}]", layout.one_line(official)));
    }
    text
}

/// A path for people.
pub(crate) fn path(path: &Path) -> String {
    path.display().to_string()
}

/// A word as a shell takes it, to be copied from the screen.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@=%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("America/New_York").expect("the zone data is built in")
    }

    #[test]
    fn numbers() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "message"), "1 message");
        assert_eq!(counted(0, "copy"), "0 copies");
        assert_eq!(counted(1, "copy"), "1 copy");
    }

    #[test]
    fn words_for_a_shell() {
        assert_eq!(shell_word("from:@city.example"), "from:@city.example");
        assert_eq!(shell_word("\"north pier\""), "'\"north pier\"'");
        assert_eq!(shell_word("it's"), "'it'\\''s'");
        assert_eq!(shell_word("*"), "'*'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_000), "1.0 kB");
        assert_eq!(bytes(139_211_004), "139.2 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18446.7 PB");
    }

    #[test]
    fn durations() {
        assert_eq!(duration(8), "8 s");
        assert_eq!(duration(125), "2 min 05 s");
        assert_eq!(duration(11_400), "3 h 10 min");
    }

    #[test]
    fn dates_in_lists_are_in_the_zone_of_the_case() {
        let zone = zone();
        let date = |text, precision| list_date(text, precision, &zone);
        // 2016-05-11 is daylight saving time in New York: UTC−4.
        assert_eq!(
            date(Some("2016-05-11T02:30:00+00:00"), Some("second")),
            "2016-05-10 22:30"
        );
        assert_eq!(
            date(Some("2016-05-11T02:30:00"), Some("minute")),
            "2016-05-11 02:30?"
        );
        assert_eq!(date(Some("2016-05-11"), Some("day")), "2016-05-11");
        assert_eq!(date(Some("2016-05-11T00:00:00"), Some("day")), "2016-05-11");
        assert_eq!(date(None, None), "no date");
        assert_eq!(list_day(Some("2016-05-11T02:30:00Z"), &zone), "2016-05-10");
    }

    #[test]
    fn dates_in_full_tell_what_is_known() {
        let zone = zone();
        let date =
            |text, precision, source| full_date(Some(text), Some(precision), Some(source), &zone);
        assert_eq!(
            date("2016-05-11T02:30:05+00:00", "second", "header"),
            "2016-05-10 22:30:05 -04:00 (written as 2016-05-11 02:30:05+00:00)"
        );
        assert_eq!(
            date("2016-05-11T02:30:05-04:00", "second", "header"),
            "2016-05-11 02:30:05 -04:00"
        );
        assert_eq!(
            date("2016-05-11T02:30:00", "minute", "printed"),
            "2016-05-11 02:30:00 (time zone not told) (to the minute) (as printed)"
        );
        assert_eq!(
            date("2016-05-11", "day", "header"),
            "2016-05-11 (only the day is known)"
        );
    }

    #[test]
    fn people_are_shown_by_what_is_known_of_them() {
        let layout = Layout::plain(100);
        let person = |name: Option<&str>, address: Option<&str>| Person {
            name: name.map(str::to_owned),
            address: address.map(str::to_owned),
            official: None,
        };
        let both = person(Some("Anne\r\n Example"), Some("anne@harbour.example"));
        assert_eq!(short_person(&both, &layout), "Anne Example");
        assert_eq!(
            full_person(&both, &layout),
            "Anne Example <anne@harbour.example>"
        );
        assert_eq!(
            short_person(&person(Some(" "), Some("a@b.example")), &layout),
            "a@b.example"
        );
        assert_eq!(full_person(&person(None, None), &layout), "(no name)");
    }
}
