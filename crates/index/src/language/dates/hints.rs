//! What to say of a date that cannot be read.

use jiff::civil::Date;

use super::super::error::quoted;
use super::Fault;
use super::month_number;
use super::weekday;

const FORMS: &str = "dates are written `2016-05-11`, `2016-05`, `2016`, `2016..2018`, `2016-05-11..`, \
     `none`, or quoted: `\"last friday\"`, `\"3 weeks ago\"`, `\"11 May 2016\"`";

/// A date of the right form that the calendar does not have.
pub(super) fn impossible(year: i16, month: Option<i8>, day: Option<i8>) -> Fault {
    let month = month.unwrap_or(1);
    match Date::new(year, month, 1) {
        Ok(first) => {
            let day = day.unwrap_or(1);
            let days = first.days_in_month();
            (
                format!("{year:04}-{month:02} has {days} days, not {day}"),
                None,
            )
        }
        Err(_) => (
            format!("there is no month {month}"),
            Some("dates are written year, month, day: `2016-05-11`".to_owned()),
        ),
    }
}

/// A text that is no date at all.
pub(super) fn not_a_date(text: &str) -> Fault {
    (format!("{} is not a date", quoted(text)), Some(hint(text)))
}

fn hint(text: &str) -> String {
    let lower = text.to_lowercase();
    let parts: Vec<&str> = lower.split(['/', '.', '-', '–', '—']).collect();
    if let Some(hint) = other_order(&parts).or_else(|| year_first(&parts)) {
        return hint;
    }
    if let [from, to] = parts.as_slice()
        && is_year(from)
        && is_year(to)
    {
        return format!("a range is written with two dots: `{from}..{to}`");
    }
    if let Some(day) = lower.strip_prefix(['>', '<']) {
        let field = if lower.starts_with('>') {
            "after"
        } else {
            "before"
        };
        return format!("`{field}:{}`", day.trim_start_matches('='));
    }
    if lower.contains('–') || lower.contains('—') {
        return "a range is written with two dots: `2016..2018`".to_owned();
    }
    if lower.len() == 8 && lower.bytes().all(|byte| byte.is_ascii_digit()) {
        let part = |range: std::ops::Range<usize>| lower.get(range).unwrap_or_default();
        return format!("`{}-{}-{}`", part(0..4), part(4..6), part(6..8));
    }
    if let Some((day, _)) = lower.split_once(['t', ' '])
        && day.len() == 10
        && day.starts_with(|first: char| first.is_ascii_digit())
    {
        return format!("days are the smallest unit: `{day}`");
    }
    if weekday(&lower).is_some() {
        return format!("`\"last {lower}\"`");
    }
    if month_number(&lower).is_some() {
        return format!("name the year too, in quotes: `\"{lower} 2016\"`");
    }
    if matches!(lower.as_str(), "last" | "this" | "next" | "past") {
        return format!("put a relative date in quotes: `\"{lower} week\"`");
    }
    FORMS.to_owned()
}

fn is_year(part: &str) -> bool {
    part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn small(part: &str) -> Option<i8> {
    let fits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| part.parse().ok()).flatten()
}

/// `05/11/2016`: say both readings where both are days.
fn other_order(parts: &[&str]) -> Option<String> {
    let [first, second, year] = parts else {
        return None;
    };
    if !is_year(year) {
        return None;
    }
    let (first, second) = (small(first)?, small(second)?);
    let year = year.parse().ok()?;
    let month_first = Date::new(year, first, second).ok();
    let day_first = Date::new(year, second, first).ok();
    let readings: Vec<String> = [
        month_first,
        day_first.filter(|day| Some(*day) != month_first),
    ]
    .into_iter()
    .flatten()
    .map(|day| format!("`{day}`"))
    .collect();
    (!readings.is_empty()).then(|| {
        format!(
            "write the year first, then the month: {}",
            readings.join(" or ")
        )
    })
}

/// `2016/05/11`, `2016.05.11`.
fn year_first(parts: &[&str]) -> Option<String> {
    let [year, month, day] = parts else {
        return None;
    };
    if !is_year(year) {
        return None;
    }
    let date = Date::new(year.parse().ok()?, small(month)?, small(day)?).ok()?;
    Some(format!("write it with hyphens: `{date}`"))
}
