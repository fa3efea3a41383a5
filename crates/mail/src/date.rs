//! Dates of mail, in every shape that real mail has them.
//!
//! The standard's shape (RFC 5322 §3.3) is read on a fast path, all others word by
//! word: obsolete forms (§4.3), asctime, ISO 8601, `5/21/2001 3:48 PM`, the long forms of Outlook
//! and webmail, and month names of the larger European languages. What a date
//! does not tell is not guessed: without a zone the offset is `None`, without a time the precision is
//! [`DatePrecision::Day`]. A day, time or year that cannot be (31 February, 25 o'clock, a year
//! outside 1970 to 2100) makes the whole date `None`.

pub(crate) mod civil;
mod reader;
mod tokens;
mod zone;

use std::ops::RangeInclusive;

use crate::model::DatePrecision;
use crate::model::DateSource;
use crate::model::MailDate;

/// Years that a date of mail can have.
const YEARS: RangeInclusive<i64> = 1970..=2100;

/// Reads a date as it stands in a `Date` field. The weekday is not looked at, since it is
/// often wrong; of several dates in one value the first is taken.
///
/// `5/6/2001` is read month first, as in the United States, unless only day first is
/// possible; `5.6.2001` is read day first. A year of two digits is from 1950 to 2049, one of three counts
/// from 1900 (RFC 5322 §4.3). Zones `-0000` and `GMT` are offset 0; the military letters other than `Z`, and
/// names that are unknown or mean several zones, leave the offset `None`.
/// The source is always [`DateSource::Header`].
pub fn parse(text: &str) -> Option<MailDate> {
    standard(text.trim_ascii().as_bytes()).or_else(|| reader::read(text))
}

/// The common shape `[Wed, ]5 Mar 2014 15:23:45 -0500[ …]`; `None` says only that the text is not of it.
fn standard(text: &[u8]) -> Option<MailDate> {
    let text = match text {
        [_, _, _, b',', b' ', rest @ ..] => rest,
        _ => text,
    };
    let (day, text) = match text {
        [ten, one, b' ', rest @ ..] => (digits(&[*ten, *one])?, rest),
        [one, b' ', rest @ ..] => (digits(&[*one])?, rest),
        _ => return None,
    };
    let month = civil::month(text.get(..3)?)?;
    let year = i64::from(digits(text.get(4..8)?)?);
    let [hour, minute, second] = [9, 12, 15].map(|at| text.get(at..at + 2).and_then(digits));
    let separators = [(3, b' '), (8, b' '), (11, b':'), (14, b':'), (17, b' ')];
    if separators
        .iter()
        .any(|&(at, byte)| text.get(at) != Some(&byte))
    {
        return None;
    }
    let zone = text.get(18..23)?;
    if !matches!(text.get(23), None | Some(b' ')) {
        return None;
    }
    let sign = match zone[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    Parts {
        day: Day { year, month, day },
        time: Some(Time {
            hour: hour?,
            minute: minute?,
            second: Some(second?),
        }),
        offset: zone::offset(sign, digits(&zone[1..3])?, digits(&zone[3..])?),
    }
    .date()
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// What was read, not yet checked.
struct Parts {
    day: Day,
    time: Option<Time>,
    offset: Option<i32>,
}

#[derive(Clone, Copy)]
struct Day {
    year: i64,
    month: u32,
    day: u32,
}

#[derive(Clone, Copy)]
struct Time {
    hour: u32,
    minute: u32,
    second: Option<u32>,
}

impl Parts {
    fn date(self) -> Option<MailDate> {
        let Day { year, month, day } = self.day;
        let possible = YEARS.contains(&year)
            && (1..=12).contains(&month)
            && (1..=civil::days_of_month(year, month)).contains(&day);
        if !possible {
            return None;
        }
        let (seconds, precision) = match self.time {
            None => (0, DatePrecision::Day),
            Some(time) => time.seconds()?,
        };
        Some(MailDate {
            local: civil::days(year, month, day) * 86_400 + seconds,
            offset: self.offset,
            precision,
            source: DateSource::Header,
        })
    }
}

impl Time {
    /// Seconds since midnight. The second may be 60, a leap second (RFC 5322 §3.3).
    fn seconds(self) -> Option<(i64, DatePrecision)> {
        let second = self.second.unwrap_or(0);
        let possible = self.hour < 24 && self.minute < 60 && second <= 60;
        let precision = match self.second {
            Some(_) => DatePrecision::Second,
            None => DatePrecision::Minute,
        };
        // Only what is possible fits.
        possible.then(|| {
            let seconds = i64::from(self.hour * 3600 + self.minute * 60 + second);
            (seconds, precision)
        })
    }
}

#[cfg(test)]
mod tests;
