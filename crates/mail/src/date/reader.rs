//! Dates of any shape, read word by word.

use super::Day;
use super::Parts;
use super::Time;
use super::civil;
use super::tokens::Token;
use super::tokens::tokens;
use super::zone;
use crate::model::MailDate;

/// Words that stand between the parts of a date and say nothing.
const FILLERS: &[&str] = &[
    "at", "on", "the", "of", "de", "del", "a", "à", "às", "alle", "um", "kl", "om", "T", "las",
    "ore", "kello", "klo", "la", "v", "o", "u",
];

/// Names of months other than English, full; three letters or more of one are enough.
const MONTHS: &[(&str, u32)] = &[
    ("Januar", 1),
    ("janvier", 1),
    ("enero", 1),
    ("gennaio", 1),
    ("janeiro", 1),
    ("Februar", 2),
    ("février", 2),
    ("febrero", 2),
    ("febbraio", 2),
    ("fevereiro", 2),
    ("März", 3),
    ("mars", 3),
    ("marzo", 3),
    ("março", 3),
    ("maart", 3),
    ("mrt", 3),
    ("avril", 4),
    ("abril", 4),
    ("aprile", 4),
    ("Mai", 5),
    ("mayo", 5),
    ("maggio", 5),
    ("maio", 5),
    ("mei", 5),
    ("Juni", 6),
    ("juin", 6),
    ("junio", 6),
    ("giugno", 6),
    ("junho", 6),
    ("Juli", 7),
    ("juillet", 7),
    ("julio", 7),
    ("luglio", 7),
    ("julho", 7),
    ("août", 8),
    ("agosto", 8),
    ("augustus", 8),
    ("septembre", 9),
    ("septiembre", 9),
    ("settembre", 9),
    ("setembro", 9),
    ("Oktober", 10),
    ("octobre", 10),
    ("octubre", 10),
    ("ottobre", 10),
    ("outubro", 10),
    ("novembre", 11),
    ("noviembre", 11),
    ("novembro", 11),
    ("Dezember", 12),
    ("décembre", 12),
    ("diciembre", 12),
    ("dicembre", 12),
    ("dezembro", 12),
    ("desember", 12),
];

/// Reads a date of any shape.
pub(super) fn read(text: &str) -> Option<MailDate> {
    Reader::new(text).date()
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut tokens = tokens(text);
        // Comments may stand anywhere; only one after the time can tell a zone.
        let colon = tokens.iter().position(|token| *token == Token::Mark(':'));
        let mut at = 0;
        tokens.retain(|token| {
            at += 1;
            !matches!(token, Token::Comment(_)) || colon.is_some_and(|colon| at > colon)
        });
        Self { tokens, at: 0 }
    }

    fn date(mut self) -> Option<MailDate> {
        self.skip_weekday();
        let (day, early) = match self.peek(0) {
            Some(Token::Word(_)) => self.month_first()?,
            _ => self.day_first()?,
        };
        let (time, offset) = match early {
            Some((time, offset)) => (Some(time), offset),
            None => (self.time()?, None),
        };
        let offset = offset.or_else(|| self.zone()).or_else(|| self.comment());
        Parts { day, time, offset }.date()
    }

    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).copied()
    }

    fn skip_mark(&mut self, marks: &[char]) {
        while matches!(self.peek(0), Some(Token::Mark(mark)) if marks.contains(&mark)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<(u32, usize)> {
        match self.peek(0) {
            Some(Token::Number(value, length)) => {
                self.at += 1;
                Some((value, length))
            }
            _ => None,
        }
    }

    /// Passes over words before the date: any that are not a month with its day.
    fn skip_weekday(&mut self) {
        loop {
            self.skip_mark(&[',', '.', '"', '\'']);
            match (self.peek(0), self.peek(1), self.peek(2)) {
                (Some(Token::Word(word)), Some(Token::Number(..)), _)
                | (Some(Token::Word(word)), Some(Token::Mark('.')), Some(Token::Number(..)))
                    if month(word).is_some() =>
                {
                    return;
                }
                (Some(Token::Word(_)), _, _) => self.at += 1,
                _ => return,
            }
        }
    }

    fn skip_fillers(&mut self) {
        loop {
            self.skip_mark(&[',']);
            match self.peek(0) {
                Some(Token::Word(word)) if FILLERS.contains(&word) => self.at += 1,
                Some(Token::Mark('-')) if self.time_follows(1) => self.at += 1,
                _ => return,
            }
        }
    }

    /// Whether `hour:` comes so many tokens ahead.
    fn time_follows(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), Some(Token::Number(_, 1 | 2)))
            && self.peek(ahead + 1) == Some(Token::Mark(':'))
    }

    /// `March 5, 2014` or, with the time before the year, asctime.
    fn month_first(&mut self) -> Option<(Day, Option<Early>)> {
        let month = self.month()?;
        self.skip_mark(&['.']);
        let (day, _) = self.number()?;
        self.skip_ordinal();
        self.skip_mark(&[',']);
        self.rest_of_day(month, day)
    }

    /// `5 March 2014`, `5/3/2014`, `2014-03-05` and the like.
    fn day_first(&mut self) -> Option<(Day, Option<Early>)> {
        let (first, length) = self.number()?;
        if length == 8 {
            let (year, month, day) = (i64::from(first / 10_000), first / 100 % 100, first % 100);
            return Some((Day { year, month, day }, None));
        }
        if let Some(day) = self.numeric(first, length) {
            return Some((day, None));
        }
        self.skip_ordinal();
        self.skip_mark(&['.', '-', '/']);
        self.skip_fillers();
        let month = self.month()?;
        self.skip_mark(&['.', '-', '/', ',']);
        self.rest_of_day(month, first)
    }

    /// The year after a month and a day, or the time before the year.
    fn rest_of_day(&mut self, month: u32, day: u32) -> Option<(Day, Option<Early>)> {
        if !self.time_follows(0) {
            self.skip_fillers();
            let year = self.year()?;
            return Some((Day { year, month, day }, None));
        }
        let time = self.time()??;
        let offset = self.zone();
        if offset.is_none() && matches!(self.peek(0), Some(Token::Word(_))) {
            self.at += 1;
        }
        let year = self.year()?;
        Some((Day { year, month, day }, Some((time, offset))))
    }

    /// Three numbers with one mark between them.
    fn numeric(&mut self, first: u32, length: usize) -> Option<Day> {
        let Some(Token::Mark(mark @ ('-' | '/' | '.'))) = self.peek(0) else {
            return None;
        };
        let (Some(Token::Number(second, _)), Some(Token::Number(third, third_length))) =
            (self.peek(1), self.peek(3))
        else {
            return None;
        };
        if self.peek(2) != Some(Token::Mark(mark)) {
            return None;
        }
        self.at += 4;
        let (year, month, day) = match mark {
            _ if length == 4 => (i64::from(first), second, third),
            '.' => (full_year(third, third_length), second, first),
            _ if first > 12 => (full_year(third, third_length), second, first),
            _ => (full_year(third, third_length), first, second),
        };
        Some(Day { year, month, day })
    }

    fn month(&mut self) -> Option<u32> {
        let Some(Token::Word(word)) = self.peek(0) else {
            return None;
        };
        self.at += 1;
        month(word)
    }

    fn year(&mut self) -> Option<i64> {
        let (value, length) = self.number()?;
        Some(full_year(value, length))
    }

    fn skip_ordinal(&mut self) {
        if let Some(Token::Word("st" | "nd" | "rd" | "th" | "er")) = self.peek(0) {
            self.at += 1;
        }
    }

    /// The time of day: `Some(None)` if there is none, `None` if it cannot be.
    #[expect(
        clippy::option_option,
        reason = "no time and an impossible one are not the same"
    )]
    fn time(&mut self) -> Option<Option<Time>> {
        self.skip_fillers();
        let Some(Token::Number(first, length)) = self.peek(0) else {
            return Some(None);
        };
        let mut time = Time {
            hour: first,
            minute: 0,
            second: None,
        };
        if self.time_follows(0) {
            self.at += 2;
            time.minute = self.number()?.0;
            if let (Some(Token::Mark(':')), Some(Token::Number(second, _))) =
                (self.peek(0), self.peek(1))
            {
                time.second = Some(second);
                self.at += 2;
            }
            self.skip_fraction();
        } else if length == 6 {
            self.at += 1;
            time.hour = first / 10_000;
            time.minute = first / 100 % 100;
            time.second = Some(first % 100);
        } else if matches!(self.peek(1), Some(Token::Word(word)) if half_of_day(word).is_some()) {
            self.at += 1;
        } else {
            return Some(None);
        }
        self.half_of_day(time).map(Some)
    }

    fn skip_fraction(&mut self) {
        if let (Some(Token::Mark('.')), Some(Token::Number(..))) = (self.peek(0), self.peek(1)) {
            self.at += 2;
        }
    }

    /// The time with the AM or PM after it taken in.
    fn half_of_day(&mut self, mut time: Time) -> Option<Time> {
        let Some(Token::Word(word)) = self.peek(0) else {
            return Some(time);
        };
        let dotted = self.peek(1) == Some(Token::Mark('.'))
            && matches!(self.peek(2), Some(Token::Word("m" | "M")));
        let afternoon = match half_of_day(word) {
            Some(afternoon) if word.len() == 2 || dotted => afternoon,
            _ => return Some(time),
        };
        self.at += if dotted { 3 } else { 1 };
        if dotted {
            self.skip_mark(&['.']);
        }
        time.hour = match (time.hour, afternoon) {
            (12, false) => 0,
            (1..=11, true) => time.hour + 12,
            // `15:23 PM`: the hour says more than the mark
            (13.., false) => return None,
            (hour, _) => hour,
        };
        Some(time)
    }

    fn zone(&mut self) -> Option<i32> {
        self.skip_mark(&['"', '\'']);
        match self.peek(0)? {
            Token::Mark(sign @ ('+' | '-')) => self.offset(sign, 1),
            Token::Word(name) => match self.peek(1) {
                Some(Token::Mark(sign @ ('+' | '-')))
                    if zone::is_utc(name) && matches!(self.peek(2), Some(Token::Number(..))) =>
                {
                    self.offset(sign, 2)
                }
                Some(Token::Word("DST")) => {
                    let summer = zone::named(name)?.checked_add(3600)?;
                    self.at += 2;
                    Some(summer)
                }
                _ => {
                    let offset = zone::named(name)?;
                    self.at += 1;
                    Some(offset)
                }
            },
            _ => None,
        }
    }

    /// The offset whose digits come `ahead` tokens after here.
    fn offset(&mut self, sign: char, ahead: usize) -> Option<i32> {
        let Some(Token::Number(value, length)) = self.peek(ahead) else {
            return None;
        };
        self.at += ahead + 1;
        let (hours, minutes) = match (length, self.peek(0), self.peek(1)) {
            (1 | 2, Some(Token::Mark(':')), Some(Token::Number(minutes, 2))) => {
                self.at += 2;
                (value, minutes)
            }
            (1 | 2, _, _) => (value, 0),
            (3 | 4, _, _) => (value / 100, value % 100),
            _ => return None,
        };
        zone::offset(if sign == '+' { 1 } else { -1 }, hours, minutes)
    }

    /// The zone in a comment, where nothing else tells it.
    fn comment(&self) -> Option<i32> {
        match self.peek(0)? {
            Token::Comment(comment) => Reader::new(comment).zone(),
            _ => None,
        }
    }
}

/// A time and its zone that stand before the year.
type Early = (Time, Option<i32>);

/// The month of a name in any of the languages known.
fn month(word: &str) -> Option<u32> {
    civil::month(word.as_bytes()).or_else(|| {
        let word = word.to_lowercase();
        if word.chars().count() < 3 {
            return None;
        }
        let mut months = MONTHS
            .iter()
            .filter(|(name, _)| name.to_lowercase().starts_with(&word))
            .map(|&(_, month)| month);
        let first = months.next()?;
        months.all(|month| month == first).then_some(first)
    })
}

/// Whether a word says the second half of the day (`PM`) or the first (`AM`).
fn half_of_day(word: &str) -> Option<bool> {
    match word {
        "AM" | "am" | "Am" | "a" | "A" => Some(false),
        "PM" | "pm" | "Pm" | "p" | "P" => Some(true),
        _ => None,
    }
}

/// The year that digits of a date mean (RFC 5322 §4.3).
fn full_year(value: u32, length: usize) -> i64 {
    let value = i64::from(value);
    match (length, value) {
        (1 | 2, 0..=49) => 2000 + value,
        (1..=3, _) => 1900 + value,
        // programs that wrote `19` before the years since 1900
        (5, 19_100..=19_199) => value - 17_100,
        _ => value,
    }
}
