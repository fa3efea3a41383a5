//! Header blocks within a body, as mail programs put them before what they quote.

use super::lines::Line;
use super::tables::Role;

/// Most lines of a header block.
const MOST_LINES: usize = 30;
/// Most lines of one field's value: lists of people are long.
const MOST_VALUE_LINES: usize = 12;

/// The line after the header block that starts on a line, if one does: labels of three
/// fields in one language, of them the sender's and a date or the recipients and the subject. It starts with
/// the sender, unless a separator stands above it (`any_order`): a memorandum that the author wrote starts otherwise.
pub(super) fn block(lines: &[Line], at: usize, any_order: bool) -> Option<usize> {
    let first = lines.get(at)?.label?;
    let above = at.checked_sub(1).and_then(|above| lines[above].label);
    if !any_order && (first.role != Role::From || above.is_some()) {
        return None;
    }
    let (languages, end) = read(lines, at);
    let [from, sent, date, to, copy, subject] = languages;
    let when = sent | date;
    let enough = (from & when & (to | copy | subject)) | (from & to & subject);
    (enough != 0).then_some(end)
}

/// For each role the languages in which it was met, as bits, and the line after the last.
fn read(lines: &[Line], at: usize) -> ([u32; 6], usize) {
    let mut languages = [0u32; 6];
    let mut end = at;
    let mut value_lines = 0;
    let mut blank = false;
    for (index, line) in lines.iter().enumerate().skip(at).take(MOST_LINES) {
        match line.label {
            _ if line.marks > 0 => break,
            Some(label) => {
                let met = &mut languages[label.role as usize];
                // The same field again is the next block's, or a line of text.
                if *met & label.languages != 0 {
                    break;
                }
                *met |= label.languages;
                (end, value_lines, blank) = (index + 1, 0, false);
            }
            None if line.blank => {
                if blank {
                    break;
                }
                blank = true;
            }
            // After a blank line only another field goes on.
            None if blank || value_lines == MOST_VALUE_LINES => break,
            None => {
                value_lines += 1;
                end = index + 1;
            }
        }
    }
    (languages, end)
}

/// The block of Lotus Notes: `Name on 11/17/2000 04:20 PM` or the name and the date on lines of their own,
/// then `To:`, `cc:`, `Subject:`. `at` is the line of `To:`; gives the first line and the one after the last.
pub(super) fn notes_block(text: &str, lines: &[Line], at: usize) -> Option<(usize, usize)> {
    if lines.get(at)?.label?.role != Role::To {
        return None;
    }
    let date = at.checked_sub(1).filter(|&above| {
        let line = &lines[above];
        line.marks == 0 && !line.blank && ends_with_notes_date(line.text(text))
    })?;
    let ([.., to, copy, subject], end) = read(lines, at);
    if to & (copy | subject) == 0 {
        return None;
    }
    let alone = lines[date]
        .text(text)
        .trim()
        .starts_with(|c: char| c.is_ascii_digit());
    let name = date
        .checked_sub(1)
        .filter(|&above| alone && !lines[above].blank);
    Some((name.unwrap_or(date), end))
}

/// Whether a line ends with `11/17/2000 04:20:40 PM`, the hour's half and the seconds being optional.
fn ends_with_notes_date(line: &str) -> bool {
    let mut words = line.split_whitespace().rev();
    let mut word = words.next().unwrap_or_default();
    if matches!(word, "AM" | "PM") {
        word = words.next().unwrap_or_default();
    }
    let is_made_of = |word: &str, mark: u8, least: usize| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let marks = word.bytes().filter(|&byte| byte == mark).count();
        digits >= 3 && marks >= least && digits + marks == word.len() && word.len() <= 10
    };
    is_made_of(word, b':', 1) && words.next().is_some_and(|date| is_made_of(date, b'/', 2))
}
