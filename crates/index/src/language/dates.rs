//! `date:`, `before:` and `after:`: days as people write them.
//!
//! Everything is a whole number of civil days; the time zone is the engine's.
//! Relative days are counted from a day that the caller gives.

use jiff::Span;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::Weekday;

use super::ast::DateRange;
use super::ast::Value;
use super::error::quoted;
use super::fields::Side;

mod hints;

/// Why a date cannot be read, and what would be right.
pub(super) type Fault = (String, Option<String>);

/// First and last day of what a text names.
type Period = (Date, Date);

/// Reads the value of `date:` (`Side::On`), `before:` or `after:`.
pub(super) fn date_value(text: &str, side: Side, today: Date) -> Result<Value, Fault> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("none") {
        return match side {
            Side::On => Ok(Value::NoDate),
            Side::Before | Side::After => Err((
                "`none` is not a day".to_owned(),
                Some("`date:none`".to_owned()),
            )),
        };
    }
    if side == Side::On {
        return date_range(text, today).map(Value::Dates);
    }
    if text.contains("..") {
        let hint = format!("`date:{text}`");
        return Err((
            "`before:` and `after:` take one day or period".to_owned(),
            Some(hint),
        ));
    }
    let (first, _) = period(text, today)?;
    Ok(Value::Dates(match side {
        Side::Before => DateRange {
            first: None,
            last: Some(day_before(first)?),
        },
        _ => DateRange {
            first: Some(first),
            last: None,
        },
    }))
}

fn date_range(text: &str, today: Date) -> Result<DateRange, Fault> {
    let Some((left, right)) = text.split_once("..") else {
        let (first, last) = period(text, today)?;
        return Ok(DateRange {
            first: Some(first),
            last: Some(last),
        });
    };
    let end = |part: &str| {
        let part = part.trim();
        (!part.is_empty()).then(|| period(part, today)).transpose()
    };
    let (from, to) = (end(left)?, end(right)?);
    if from.is_none() && to.is_none() {
        let hint = "`date:2016..2018`, `date:2016..` or `date:..2018`".to_owned();
        return Err((
            "a range without a beginning and an end".to_owned(),
            Some(hint),
        ));
    }
    let range = DateRange {
        first: from.map(|(first, _)| first),
        last: to.map(|(_, last)| last),
    };
    match (range.first, range.last) {
        (Some(first), Some(last)) if first > last => Err((
            "the range ends before it begins".to_owned(),
            Some(format!("`{}..{}`", right.trim(), left.trim())),
        )),
        _ => Ok(range),
    }
}

fn period(text: &str, today: Date) -> Result<Period, Fault> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split([' ', '\t', ','])
        .filter(|word| !word.is_empty())
        .collect();
    if let Some(found) = numeric(&lower)? {
        return Ok(found);
    }
    if let Some(found) = named_month(&words)? {
        return Ok(found);
    }
    match relative(&words, today) {
        Some(Some(found)) => Ok(found),
        Some(None) => Err((format!("{} is outside the calendar", quoted(text)), None)),
        None => Err(hints::not_a_date(text)),
    }
}

/// `2016`, `2016-05`, `2016-05-11`, also `2016-5-1`.
fn numeric(text: &str) -> Result<Option<Period>, Fault> {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (Some(year), true) = (parts.first(), parts.len() <= 3) else {
        return Ok(None);
    };
    let rest_fits = parts.iter().skip(1).all(|part| digits(part, 2));
    if year.len() != 4 || !digits(year, 4) || !rest_fits {
        return Ok(None);
    }
    let number = |index: usize| parts.get(index).and_then(|part| part.parse::<i8>().ok());
    let year = year.parse::<i16>().unwrap_or_default();
    civil_period(year, number(1), number(2)).map(Some)
}

fn civil_period(year: i16, month: Option<i8>, day: Option<i8>) -> Result<Period, Fault> {
    if year < 1 {
        return Err(("there is no year 0".to_owned(), None));
    }
    let first = Date::new(year, month.unwrap_or(1), day.unwrap_or(1))
        .map_err(|_| hints::impossible(year, month, day))?;
    let last = match (month, day) {
        (None, _) => first.last_of_year(),
        (Some(_), None) => first.last_of_month(),
        (Some(_), Some(_)) => first,
    };
    Ok((first, last))
}

/// `May 2016`, `11 May 2016`, `May 11, 2016`, `11th May 2016`.
fn named_month(words: &[&str]) -> Result<Option<Period>, Fault> {
    let (month, day, year) = match words {
        [month, year] => (month, None, year),
        [first, second, year] if month_number(first).is_some() => (first, Some(second), year),
        [day, month, year] => (month, Some(day), year),
        _ => return Ok(None),
    };
    let (Some(month), 4, Ok(year)) = (month_number(month), year.len(), year.parse::<i16>()) else {
        return Ok(None);
    };
    let Some(day) = day else {
        return civil_period(year, Some(month), None).map(Some);
    };
    let bare = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| day.strip_suffix(end));
    match bare.unwrap_or(day).parse::<i8>() {
        Ok(number) => civil_period(year, Some(month), Some(number)).map(Some),
        Err(_) => Ok(None),
    }
}

fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.');
    let number = MONTHS.iter().position(|month| {
        *month == word || month.get(..3) == Some(word) || (*month == "september" && word == "sept")
    })?;
    i8::try_from(number + 1).ok()
}

/// Days counted from today. `Some(None)` is a day outside the calendar.
fn relative(words: &[&str], today: Date) -> Option<Option<Period>> {
    let day = |date: Option<Date>| Some(date.filter(|date| date.year() >= 1).map(|day| (day, day)));
    match words {
        ["today"] => day(Some(today)),
        ["yesterday"] => day(today.yesterday().ok()),
        ["tomorrow"] => day(today.tomorrow().ok()),
        [count, unit, "ago"] => day(back(today, number(count)?, unit)?),
        ["last" | "past", count, unit] => {
            let first = back(today, number(count)?, unit)?.filter(|first| first.year() >= 1);
            Some(first.map(|first| (first, today)))
        }
        [which @ ("last" | "this" | "next"), name] => {
            let steps = match *which {
                "last" => -1,
                "this" => 0,
                _ => 1,
            };
            match weekday(name) {
                Some(weekday) if steps != 0 => day(today.nth_weekday(steps, weekday).ok()),
                Some(_) => None,
                None => around(today, steps, name),
            }
        }
        _ => None,
    }
}

/// The calendar week (Monday to Sunday), month or year so many steps from today's.
fn around(today: Date, steps: i32, unit: &str) -> Option<Option<Period>> {
    let moved = |span: Span| today.checked_add(span).ok().filter(|day| day.year() >= 1);
    Some(match unit {
        "week" => moved(steps.weeks()).and_then(|day| {
            let since_monday = i32::from(day.weekday().to_monday_zero_offset());
            let monday = day.checked_sub(since_monday.days()).ok()?;
            Some((monday, monday.checked_add(6.days()).ok()?))
        }),
        "month" => {
            let first = today.first_of_month().checked_add(steps.months()).ok();
            first.map(|first| (first, first.last_of_month()))
        }
        "year" => {
            let first = today.first_of_year().checked_add(steps.years()).ok();
            first
                .filter(|first| first.year() >= 1)
                .map(|first| (first, first.last_of_year()))
        }
        _ => return None,
    })
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// So many units before today; `Some(None)` outside the calendar, `None` for an unknown unit.
fn back(today: Date, count: i32, unit: &str) -> Option<Option<Date>> {
    let span = match unit.strip_suffix('s').unwrap_or(unit) {
        "day" => Span::new().try_days(count),
        "week" => Span::new().try_weeks(count),
        "month" => Span::new().try_months(count),
        "year" => Span::new().try_years(count),
        _ => return None,
    };
    Some(span.and_then(|span| today.checked_sub(span)).ok())
}

fn number(word: &str) -> Option<i32> {
    const WORDS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    let position = WORDS.iter().position(|known| *known == word);
    match position {
        Some(index) => i32::try_from(index + 1).ok(),
        None if word.bytes().all(|byte| byte.is_ascii_digit()) => word.parse().ok(),
        None => None,
    }
}

fn day_before(first: Date) -> Result<Date, Fault> {
    let before = first.yesterday().ok().filter(|day| day.year() >= 1);
    before.ok_or_else(|| (format!("no day is before {first}"), None))
}

#[cfg(test)]
mod tests;
