//! Dates, people and sums as the pages say them.

use super::page::escape;
use crate::Person;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `4 March 2021, 14:40 (UTC-05:00)` from an RFC 3339 date.
pub(super) fn date(text: &str) -> String {
    let Some(day) = day(text) else {
        return escape(text);
    };
    let clock = text.get(11..16).unwrap_or_default();
    let zone = match text.get(19..) {
        None | Some("") => String::new(),
        Some("Z") => " (UTC)".to_owned(),
        Some(offset) => format!(" (UTC{offset})"),
    };
    escape(&format!("{day}, {clock}{zone}"))
}

/// `4 March 2021` from an RFC 3339 date.
pub(super) fn day(text: &str) -> Option<String> {
    let year = text.get(..4)?;
    let month: usize = text.get(5..7)?.parse().ok()?;
    let day: u8 = text.get(8..10)?.parse().ok()?;
    Some(format!(
        "{day} {} {year}",
        MONTHS.get(month.checked_sub(1)?)?
    ))
}

/// From one day to another, or the one day; what both have in common is said once.
pub(super) fn days(first: Option<&str>, last: Option<&str>) -> String {
    let (Some(first), Some(last)) = (first.and_then(day), last.and_then(day)) else {
        return "undated".to_owned();
    };
    if first == last {
        return first;
    }
    let common = |words: usize| {
        let end = |text: &str| -> Vec<String> {
            text.split(' ').skip(3 - words).map(str::to_owned).collect()
        };
        end(&first) == end(&last)
    };
    let kept = match (common(2), common(1)) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 3,
    };
    let start: Vec<&str> = first.split(' ').take(kept).collect();
    format!("{} to {last}", start.join(" "))
}

/// `3 messages`, `1 message`.
pub(super) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", grouped(count)),
    }
}

/// A number with its thousands set apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 kB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// The short name of a person.
pub(super) fn short(person: &Person) -> &str {
    let name = person
        .name
        .as_deref()
        .filter(|name| !name.trim().is_empty());
    name.or(person.address.as_deref()).unwrap_or("unknown")
}

/// A person with the address, as HTML.
pub(super) fn full(person: &Person) -> String {
    match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!(
            "<bdi class=\"name\">{}</bdi> <bdi class=\"address\">{}</bdi>",
            escape(name),
            escape(address)
        ),
        _ => format!("<bdi class=\"name\">{}</bdi>", escape(short(person))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_said_as_people_say_them() {
        assert_eq!(
            date("2021-03-04T14:40:09-05:00"),
            "4 March 2021, 14:40 (UTC-05:00)"
        );
        assert_eq!(date("2021-03-04T14:40:00Z"), "4 March 2021, 14:40 (UTC)");
        assert_eq!(date("2021-03-04T14:40:00"), "4 March 2021, 14:40");
        assert_eq!(
            days(Some("2021-03-04T1"), Some("2021-03-04T2")),
            "4 March 2021"
        );
        for (first, last, said) in [
            ("2021-03-04", "2021-03-05", "4 to 5 March 2021"),
            ("2021-03-04", "2021-04-05", "4 March to 5 April 2021"),
            ("2021-03-04", "2022-03-04", "4 March 2021 to 4 March 2022"),
        ] {
            assert_eq!(days(Some(first), Some(last)), said);
        }
        assert_eq!(days(None, None), "undated");
    }

    #[test]
    fn sums_are_said_as_people_say_them() {
        assert_eq!(counted(1, "message"), "1 message");
        assert_eq!(counted(1_234_567, "message"), "1,234,567 messages");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(12_345), "12.3 kB");
        assert_eq!(size(999_999), "1.0 MB");
    }
}
