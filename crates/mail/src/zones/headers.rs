//! Header blocks within a body, as mail programs put them before what they quote.

use std::ops::Range;

use super::lines::Line;
use super::tables::Role;

/// Most lines of a header block.
const MOST_LINES: usize = 30;
/// Most lines of one field's value: lists of people are long.
const MOST_VALUE_LINES: usize = 12;

/// The line after the header block that starts on a line, if one does: labels of three
/// fields in one language, of them the sender's and a date or the recipients and the subject. It starts with
/// the sender, unless a separator stands above it (`any_order`): a memorandum that the author wrote starts otherwise.
pub(super) fn block(text: &str, lines: &[Line], at: usize, any_order: bool) -> Option<usize> {
    let line = lines.get(at)?;
    let first = line.label?;
    let above = at.checked_sub(1).map(|above| &lines[above]);
    let above = above.filter(|above| above.marks == line.marks);
    if !any_order && (first.role != Role::From || above.is_some_and(|above| above.label.is_some()))
    {
        return None;
    }
    if above.is_some_and(|above| is_patch_line(above.content(text))) {
        return None;
    }
    let (languages, end) = read(lines, at, |_, _| {});
    let [from, sent, date, to, copy, subject] = languages;
    let when = sent | date;
    let enough = (from & when & (to | copy | subject)) | (from & to & subject);
    let addressed = to | copy != 0;
    (enough != 0 && (addressed || any_order || !names_patch(text, lines, at..end))).then_some(end)
}

/// The fields of a header block that starts on a line, each with its lines.
pub(super) fn fields(lines: &[Line], at: usize) -> (Vec<(Role, Range<usize>)>, usize) {
    let mut fields = Vec::new();
    let (_, end) = read(lines, at, |role, line| fields.push((role, line..line + 1)));
    for field in 0..fields.len() {
        let next = fields.get(field + 1).map_or(end, |(_, next)| next.start);
        let (_, range): &mut (Role, Range<usize>) = &mut fields[field];
        // A value ends with the block, at the next field, or at a blank line.
        range.end = (range.end..next)
            .find(|&line| lines[line].empty)
            .unwrap_or(next);
    }
    (fields, end)
}

/// For each role the languages in which it was met, as bits, and the line after the last. Tells of each field.
fn read(lines: &[Line], at: usize, mut met_field: impl FnMut(Role, usize)) -> ([u32; 6], usize) {
    let mut languages = [0u32; 6];
    let mut end = at;
    let mut value_lines = 0;
    let mut blank = false;
    let marks = lines[at].marks;
    for (index, line) in lines.iter().enumerate().skip(at).take(MOST_LINES) {
        match line.label {
            _ if line.marks != marks => break,
            Some(label) => {
                let met = &mut languages[label.role as usize];
                // The same field again is the next block's, or a line of text.
                if *met & label.languages != 0 {
                    break;
                }
                *met |= label.languages;
                met_field(label.role, index);
                (end, value_lines, blank) = (index + 1, 0, false);
            }
            None if line.empty => {
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

/// The line that git writes above the header of a patch.
fn is_patch_line(line: &str) -> bool {
    let line = line.trim_start().as_bytes();
    line.starts_with(b"From ")
        && line
            .get(5..45)
            .is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit))
}

/// Whether the subject in a header is a patch's: then it is no mail, but a file that the author made.
fn names_patch(text: &str, lines: &[Line], block: Range<usize>) -> bool {
    lines[block].iter().any(|line| {
        line.label.is_some_and(|label| label.role == Role::Subject)
            && line
                .content(text)
                .split_once(':')
                .is_some_and(|(_, subject)| subject.trim_start().starts_with("[PATCH"))
    })
}

/// The block of Lotus Notes: `Name on 11/17/2000 04:20 PM` or the name and the date on lines of their own,
/// then `To:`, `cc:`, `Subject:`. `at` is the line of `To:`; gives the first line and the one after the last.
pub(super) fn notes_block(text: &str, lines: &[Line], at: usize) -> Option<(usize, usize)> {
    let line = lines.get(at)?;
    if line.label?.role != Role::To {
        return None;
    }
    // A line to answer to, or a blank one, may stand between.
    let date = (at.saturating_sub(3)..at)
        .rev()
        .find(|&above| !lines[above].empty && !is_answer_to(lines[above].content(text)))
        .filter(|&above| {
            lines[above].marks == line.marks && ends_with_notes_date(lines[above].content(text))
        })?;
    let ([.., to, copy, subject], end) = read(lines, at, |_, _| {});
    if to & (copy | subject) == 0 {
        return None;
    }
    let alone = lines[date]
        .content(text)
        .trim()
        .starts_with(|c: char| c.is_ascii_digit());
    let mut first = date;
    // The name, and below it who sent it in that name.
    while alone && date - first < 2 && first > 0 {
        let above = &lines[first - 1];
        if above.empty || above.marks != line.marks {
            break;
        }
        first -= 1;
        if first + 1 == date && !above.content(text).trim().starts_with("Sent by:") {
            break;
        }
    }
    Some((first, end))
}

fn is_answer_to(line: &str) -> bool {
    line.trim_start().starts_with("Please respond to")
}

/// Whether a line ends with `11/17/2000 04:20:40 PM`, the hour's half and the seconds being optional.
pub(super) fn ends_with_notes_date(line: &str) -> bool {
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
