//! Dates as print-outs have them.

use super::labels;
use crate::date;
use crate::date::civil;
use crate::model::DateSource;
use crate::model::MailDate;

/// Longest date, in bytes; what stands behind is no part of it.
const LONGEST: usize = 80;
/// Fewest digits of a date that cannot be read.
const LEAST_DIGITS: usize = 4;

/// Reads a printed date; with the faults that scanning makes, if it cannot be read as it stands. Only in English
/// the month may come first in `5/6/2001`.
pub(crate) fn read(text: &str, english: bool) -> Option<MailDate> {
    let text = text
        .get(..text.floor_char_boundary(LONGEST))
        .unwrap_or(text);
    let parse = |text: &str| {
        if english {
            date::parse(text)
        } else {
            date::parse(&text.replace('/', "."))
        }
    };
    let mended = mend(text);
    // A fault may hide the time of day: then what is mended says more.
    let date = match (parse(text), parse(&mended)) {
        (Some(plain), Some(mended)) if says_less(&plain, &mended) => Some(mended),
        (plain, mended) => plain.or(mended),
    };
    let date = date.or_else(|| with_month(&mended, parse));
    let date = date.filter(|date| says_year(&mended, date) || says_year(text, date))?;
    Some(MailDate {
        source: DateSource::Printed,
        ..date
    })
}

/// Whether a text is a date, if perhaps one that scanning has broken: digits with what parts them in dates and times.
pub(super) fn looks_like(text: &str) -> bool {
    if text.len() > LONGEST || text.contains('@') {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let parted = text
        .as_bytes()
        .windows(3)
        .any(|three| matches!(three, [b'0'..=b'9', b':' | b'/' | b'-', b'0'..=b'9']));
    (digits >= LEAST_DIGITS && parted) || read(text, true).is_some()
}

/// Reads a date in whose month's name one letter is another, if it can be one month alone: by its letters, or by
/// the weekday that is printed before it.
fn with_month(text: &str, parse: impl Fn(&str) -> Option<MailDate>) -> Option<MailDate> {
    let weekday = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .find_map(|word| civil::weekday(word.as_bytes()));
    let mut found: Option<MailDate> = None;
    for word in text.split(|c: char| !c.is_alphabetic()) {
        for month in may_be_months(word) {
            let date = parse(&text.replacen(word, month, 1));
            let fits = |date: &MailDate| {
                let day = civil::weekday_of(date.local.div_euclid(86_400));
                weekday.is_none_or(|weekday| weekday == day)
            };
            let Some(date) = date.filter(fits) else {
                continue;
            };
            if found.is_some_and(|other| other.local != date.local) {
                return None;
            }
            found = Some(date);
        }
    }
    found
}

/// The months of whose names, whole or three letters of it, a word differs by one letter or by letters that look alike.
fn may_be_months(word: &str) -> impl Iterator<Item = &'static str> {
    let is_time = word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm");
    let known =
        civil::month(word.as_bytes()).is_some() || civil::weekday(word.as_bytes()).is_some();
    let folded = if word.len() < 3 || is_time || known {
        String::new()
    } else {
        labels::fold(word)
    };
    civil::MONTHS
        .iter()
        .zip(civil::LONG_MONTHS)
        .filter(move |(short, long)| {
            let near = |name: &str| labels::is_near(&folded, &labels::fold(name));
            !folded.is_empty() && (near(long) || (folded.len() == 3 && near(short)))
        })
        .map(|(_, long)| long)
}

/// Whether a text has the year of a date as such: four digits, or two behind the sign that parts them from the month.
/// Where scanning has broken it (`199.8`, `2. 11`), any number might be taken for one: a date is rather missing than made up.
fn says_year(text: &str, date: &MailDate) -> bool {
    let (year, _, _) = civil::date(date.local.div_euclid(86_400));
    let bytes = text.as_bytes();
    let mut at = 0usize;
    for run in bytes.chunk_by(|one, other| one.is_ascii_digit() == other.is_ascii_digit()) {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let behind = bytes.get(at + run.len());
        at += run.len();
        let number = std::str::from_utf8(run)
            .ok()
            .and_then(|run| run.parse().ok());
        let is_year = match run.len() {
            4 => number == Some(year),
            2 => {
                number == Some(year.rem_euclid(100))
                    && matches!(before, Some(b'/' | b'-' | b'.' | b' ' | b'\''))
                    && !matches!(behind, Some(b'/' | b'-' | b'.' | b':'))
            }
            _ => false,
        };
        if is_year {
            return true;
        }
    }
    false
}

fn says_less(plain: &MailDate, mended: &MailDate) -> bool {
    use crate::model::DatePrecision::Day;
    use crate::model::DatePrecision::Second;
    let has_day = |date: &MailDate| date.precision == Day;
    let has_second = |date: &MailDate| date.precision == Second;
    (has_day(plain) && !has_day(mended)) || (!has_second(plain) && has_second(mended))
}

/// Letters taken for digits, lost and added spaces.
fn mend(text: &str) -> String {
    let digits = with_digits(text);
    let characters: Vec<char> = digits.chars().collect();
    let at = |index: usize| characters.get(index).copied().unwrap_or(' ');
    let mut mended = String::with_capacity(text.len() + 4);
    let mut run = 0;
    for (index, &character) in characters.iter().enumerate() {
        let next = characters[index + 1..]
            .iter()
            .find(|c| **c != ' ')
            .copied()
            .unwrap_or(' ');
        let before = mended.chars().last().unwrap_or(' ');
        // `10: 09`, `10 :09`
        let around_colon = character == ' '
            && ((before == ':' && next.is_ascii_digit())
                || (next == ':' && before.is_ascii_digit()));
        if around_colon {
            continue;
        }
        // `05:42.:22`
        if character == '.' && before.is_ascii_digit() && next == ':' {
            continue;
        }
        // `03/12798`
        let before_year = run == 2 && matches!(character, '7' | '1') && after_slash(&mended, run);
        let two_more = [1, 2].iter().all(|more| at(index + more).is_ascii_digit());
        if before_year && two_more && !at(index + 3).is_ascii_digit() {
            mended.push('/');
            run = 0;
            continue;
        }
        // `20:37:142010`
        let ends_second = run == 2
            && mended.len() > run
            && mended.as_bytes().get(mended.len() - run - 1) == Some(&b':')
            && (0..4).all(|more| at(index + more).is_ascii_digit())
            && !at(index + 4).is_ascii_digit();
        if ends_second {
            mended.push(' ');
            run = 0;
        }
        // `201110:36 AM`, `20108:27 AM`
        let ends_year = run == 4
            && character.is_ascii_digit()
            && (at(index + 1) == ':' || (at(index + 1).is_ascii_digit() && at(index + 2) == ':'));
        // `10:36AM` reads as it stands; `2010at` and `19,2008` do not.
        if ends_year {
            mended.push(' ');
        }
        run = if character.is_ascii_digit() {
            if ends_year { 1 } else { run + 1 }
        } else {
            0
        };
        mended.push(character);
    }
    mended
}

/// Whether a slash stands before the last digits of a text.
fn after_slash(text: &str, digits: usize) -> bool {
    let before = text.len().checked_sub(digits + 1);
    before.and_then(|before| text.as_bytes().get(before)) == Some(&b'/')
}

/// Months in whose names scanning may have made a digit of a letter: `0CT`.
const MONTHS_WITH_O: &[&str] = &["oct", "nov", "october", "november"];

/// Words of digits and letters like them, with the letters as digits: `II`, `I0`, `2O08`; and months the other way round.
fn with_digits(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '|') {
        let core = word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '|');
        let alike = |c: char| {
            c.is_ascii_digit() || matches!(c, 'I' | 'l' | 'O' | 'o' | 'S' | 'B' | '|' | 'i')
        };
        let month = core.replace('0', "O");
        if MONTHS_WITH_O
            .iter()
            .any(|name| month.eq_ignore_ascii_case(name))
        {
            mended.push_str(&month);
            mended.push_str(word.get(core.len()..).unwrap_or_default());
            continue;
        }
        let may_be = !core.is_empty() && core.chars().all(alike) && core.len() <= 4;
        if !may_be {
            mended.push_str(word);
            continue;
        }
        mended.extend(core.chars().map(|c| match c {
            'I' | 'l' | '|' | 'i' => '1',
            'O' | 'o' => '0',
            'S' => '5',
            'B' => '8',
            other => other,
        }));
        mended.push_str(word.get(core.len()..).unwrap_or_default());
    }
    mended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DatePrecision;

    /// Seconds computed with `date -u -d … +%s`.
    #[test]
    fn printed_dates() {
        let minute = DatePrecision::Minute;
        let second = DatePrecision::Second;
        for (text, local, precision) in [
            ("Wednesday, March 05, 2014 3:23 PM", 1_394_032_980, minute),
            ("Saturday, January 29, 201110:36 AM", 1_296_297_360, minute),
            ("Monday, April 18 2011 9:00 AM", 1_303_117_200, minute),
            ("II-DEC-1997 15:18:32.00", 881_853_512, second),
            ("6-MAR-1998 12:59:45.00", 889_189_185, second),
            ("Sun Mar 16 08:24 :29 2008", 1_205_655_869, second),
            ("Tuesday, August 19,2008 12:47 PM.", 1_219_150_020, minute),
            ("Thursday, July 03, 2O08 9: 09 PM", 1_215_119_340, minute),
            ("Wed Oct 07 19:51:142009", 1_254_945_074, second),
            ("03/12798 01:54:46 PM", 889_710_886, second),
            ("01/12/98 05:42.:22 PM", 884_626_942, second),
        ] {
            let date = read(text, true).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((date.local, date.precision), (local, precision), "{text}");
            assert_eq!(date.source, DateSource::Printed);
        }
        assert_eq!(
            read("4/3/2021 10:00", false).map(|date| date.local),
            Some(1_614_852_000)
        );
        assert_eq!(read("soon", true), None);
        let october = read("14-0CT-1998 15:18:32.00", true).map(|date| date.local);
        assert_eq!(october, Some(908_378_312));
        let two_digits = read("5/6/08 3:23 PM", true).map(|date| date.local);
        assert_eq!(two_digits, Some(1_210_087_380));
        // A broken year is none.
        for text in [
            "13-MAR-199.8",
            "March 9, 2. 11 10:28 AM",
            "Janua 30 S S 0 PM",
        ] {
            assert_eq!(read(text, true), None, "{text}");
        }
    }
}
