//! The line that begins a message in a mailbox, and what must come after it.

use crate::date::civil;

/// How far after the start of a `From ` line its judgement looks.
pub(super) const WINDOW: usize = 8192;
/// Longest `From ` line.
const LONGEST_LINE: usize = 1024;
/// Longest name of a header field.
const LONGEST_NAME: usize = 128;
/// Most blank lines between the `From ` line and the header.
const MOST_BLANK_LINES: usize = 3;

/// A line that starts with `From `.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FromLine {
    /// Its length with its line end.
    pub(super) length: usize,
    pub(super) form: Form,
}

/// What a `From ` line says after `From `.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A sender, a date.
    Dated,
    /// The fixed date and 40 digits that git writes.
    Git,
    /// Only a hyphen, as early Netscape wrote it.
    Hyphen,
    /// Anything else.
    Undated,
}

/// What comes after a `From ` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follower {
    /// A header field; `known` if its name is a usual one or another field follows it.
    Header { known: bool, after_blank: bool },
    /// Nothing up to the end of the stream.
    Nothing,
    /// Another dated `From ` line.
    FromLine,
    /// Something else.
    Other,
}

/// Reads the `From ` line at the start of `window`, which ends at the end of the
/// stream or is [`WINDOW`] bytes long.
pub(super) fn read(window: &[u8]) -> Option<FromLine> {
    read_after(window.strip_prefix(b"From ")?)
}

/// Reads a line that starts with `From ` but for one letter.
pub(super) fn read_damaged(window: &[u8]) -> Option<FromLine> {
    let (start, after) = window.split_at_checked(5)?;
    let same = start.iter().zip(b"From ").filter(|(is, was)| is == was);
    (same.count() == 4).then(|| read_after(after))?
}

fn read_after(after: &[u8]) -> Option<FromLine> {
    let (text, length) = line(after, LONGEST_LINE)?;
    if text.len() == LONGEST_LINE && length == text.len() {
        return None;
    }
    Some(FromLine {
        length: length + 5,
        form: form(text),
    })
}

fn form(text: &[u8]) -> Form {
    let mut words = [&b""[..]; 24];
    let mut count = 0;
    for word in text
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
    {
        let Some(place) = words.get_mut(count) else {
            break;
        };
        *place = word;
        count += 1;
    }
    let words = &words[..count];
    match words {
        [b"-"] => Form::Hyphen,
        [id, b"Mon", b"Sep", b"17", b"00:00:00", b"2001", ..]
            if id.len() == 40 && id.iter().all(u8::is_ascii_hexdigit) =>
        {
            Form::Git
        }
        _ if (0..count).any(|at| is_date(&words[at..])) => Form::Dated,
        _ => Form::Undated,
    }
}

/// What follows the `From ` line that ends where `rest` starts.
pub(super) fn follower(rest: &[u8]) -> Follower {
    let mut rest = rest;
    let mut blank_lines = 0;
    loop {
        match line(rest, WINDOW) {
            None => return Follower::Nothing,
            Some((b"", length)) if blank_lines < MOST_BLANK_LINES => {
                blank_lines += 1;
                rest = &rest[length..];
            }
            // `>From ` lines among the header: an older From line, guarded by a mail system.
            Some((text, length)) if blank_lines == 0 && text.starts_with(b">From ") => {
                rest = &rest[length..];
                return match line(rest, WINDOW) {
                    Some((next, _)) if header_name(next).is_some() => Follower::Header {
                        known: true,
                        after_blank: false,
                    },
                    _ => Follower::Other,
                };
            }
            Some((text, length)) => return first_line(text, &rest[length..], blank_lines),
        }
    }
}

fn first_line(text: &[u8], rest: &[u8], blank_lines: usize) -> Follower {
    if let Some(name) = header_name(text) {
        let next_is_header = || match line(rest, WINDOW) {
            None | Some((b"", _)) => true,
            Some((next, _)) => next.starts_with(b"\t") || header_name(next).is_some(),
        };
        return Follower::Header {
            known: is_usual(name) || next_is_header(),
            after_blank: blank_lines > 0,
        };
    }
    match read(text).map(|from| from.form) {
        Some(Form::Dated) => Follower::FromLine,
        _ => Follower::Other,
    }
}

/// Whether text starts with two lines of a header.
pub(super) fn starts_with_header(text: &[u8]) -> bool {
    matches!(follower(text), Follower::Header { known: true, .. })
}

/// The first line without its end, and its length with it; `None` at the end of the text.
/// A line longer than `longest` is cut there.
fn line(text: &[u8], longest: usize) -> Option<(&[u8], usize)> {
    if text.is_empty() {
        return None;
    }
    let head = text.get(..longest).unwrap_or(text);
    let Some(end) = memchr::memchr2(b'\n', b'\r', head) else {
        return Some((head, head.len()));
    };
    let crlf = text.get(end..end + 2) == Some(b"\r\n");
    Some((&head[..end], end + 1 + usize::from(crlf)))
}

/// The name of the header field that a line starts (RFC 5322 §2.2).
pub(super) fn header_name(line: &[u8]) -> Option<&[u8]> {
    let head = line.get(..LONGEST_NAME).unwrap_or(line);
    let length = head
        .iter()
        .position(|byte| !matches!(byte, b'!'..=b'9' | b';'..=b'~'))?;
    let after = head.get(length..)?.trim_ascii_start();
    (length > 0 && after.first() == Some(&b':')).then(|| &head[..length])
}

/// Names with which the header of a real message starts.
const USUAL_NAMES: [&str; 26] = [
    "Return-Path",
    "Received",
    "Delivered-To",
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Status",
    "Sender",
    "Reply-To",
    "References",
    "In-Reply-To",
    "Content-Type",
    "Content-Length",
    "Content-Transfer-Encoding",
    "DKIM-Signature",
    "ARC-Seal",
    "Authentication-Results",
    "Envelope-To",
    "Delivery-Date",
    "List-Id",
    "Lines",
    "Path",
];

fn is_usual(name: &[u8]) -> bool {
    let extension = matches!(name, [b'X' | b'x', b'-', _, ..]);
    extension
        || USUAL_NAMES
            .iter()
            .any(|usual| name.eq_ignore_ascii_case(usual.as_bytes()))
}

/// Whether words start with a date as a `From ` line has it.
fn is_date(words: &[&[u8]]) -> bool {
    let words = match words {
        [weekday, rest @ ..] if civil::weekday(weekday).is_some() => rest,
        _ => words,
    };
    match words {
        // asctime, with a zone before the year where Takeout and others put one
        [month, day, time, rest @ ..] if is_month(month) && is_day(day) && is_time(time) => {
            let zones = rest.iter().take(2).take_while(|word| is_zone(word)).count();
            rest.get(zones).is_some_and(|word| is_year(word))
        }
        // as RFC 5322 §3.3 has it, or day before month
        [day, month, one, two, ..] if is_day(day) && is_month(month) => {
            (is_year(one) && is_time(two)) || (is_time(one) && is_year(two))
        }
        [date, time, ..] if is_iso_date(date) => is_time(time),
        _ => false,
    }
}

fn is_month(word: &[u8]) -> bool {
    civil::month(word).is_some()
}

fn is_day(word: &[u8]) -> bool {
    matches!(number(word), Some(1..=31)) && word.len() <= 2
}

fn is_year(word: &[u8]) -> bool {
    word.len() == 4 && matches!(number(word), Some(1970..=2100))
}

fn is_time(word: &[u8]) -> bool {
    let mut parts = word.split(|&byte| byte == b':');
    let hour = parts.next().and_then(number);
    let minute = parts.next().and_then(number);
    let second = parts.next().map(number);
    matches!(hour, Some(0..=24))
        && matches!(minute, Some(0..=59))
        && matches!(second, None | Some(Some(0..=60)))
        && parts.next().is_none()
}

fn is_zone(word: &[u8]) -> bool {
    match word {
        [b'+' | b'-', digits @ ..] => digits.len() == 4 && number(digits).is_some(),
        _ => (1..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_alphabetic),
    }
}

fn is_iso_date(word: &[u8]) -> bool {
    let mut parts = word.split(|&byte| byte == b'-');
    parts.next().is_some_and(is_year)
        && matches!(parts.next().and_then(number), Some(1..=12))
        && parts.next().is_some_and(is_day)
        && parts.next().is_none()
}

fn number(word: &[u8]) -> Option<u32> {
    if word.is_empty() || word.len() > 4 {
        return None;
    }
    word.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// The line that begins a message in a mailbox, with its line end: the sender and the
/// date in UTC (RFC 4155). White space and control characters in the address become
/// hyphens, an empty one `MAILER-DAEMON`; a date before 1970 becomes 1970-01-01, one after 9999
/// the last second of it.
pub fn from_line(address: &str, utc_seconds: i64) -> String {
    let last = civil::days(9999, 12, 31) * 86_400 + 86_399;
    let seconds = utc_seconds.clamp(0, last);
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil::date(days);
    let sender: String = address
        .trim()
        .chars()
        .map(|character| match character {
            character if character.is_whitespace() || character.is_control() => '-',
            character => character,
        })
        .collect();
    let sender = if sender.is_empty() {
        "MAILER-DAEMON"
    } else {
        &sender
    };
    format!(
        "From {sender} {} {} {day:2} {:02}:{:02}:{:02} {year:04}\n",
        civil::WEEKDAYS[civil::weekday_of(days)],
        civil::MONTHS[month as usize - 1],
        time / 3600,
        time / 60 % 60,
        time % 60,
    )
}
