//! Header blocks within a body, as mail programs put them before what they quote.

use std::ops::Range;

use super::labels::Role;
use super::lines::Line;

/// Most lines of a header block.
const MOST_LINES: usize = 200;
/// Most lines of one field's value, but for lists of people, which are long.
const MOST_VALUE_LINES: usize = 12;
/// Most lines between the date of Lotus Notes and `To:`: a line to answer to, one for who sent it, blank ones.
const FARTHEST_DATE: usize = 8;
/// Most lines above the date of Lotus Notes that are indented like it.
const MOST_INDENTED: usize = 4;

/// The line after the header block that starts on a line, if one does: labels of three
/// fields in one language, of them the sender's and a date or the recipients and the subject. It starts with
/// the sender, unless a separator stands above it (`any_order`): a memorandum that the author wrote starts otherwise.
pub(super) fn block(text: &str, lines: &[Line], at: usize, any_order: bool) -> Option<usize> {
    let line = lines.get(at)?;
    let first = line.label?;
    let above = at.checked_sub(1).map(|above| &lines[above]);
    let above = above.filter(|above| above.marks == line.marks);
    let starts =
        first.role == Role::From || (first.role == Role::To && is_set_apart(text, lines, at));
    if !any_order && (!starts || above.is_some_and(|above| above.label.is_some())) {
        return None;
    }
    if above.is_some_and(|above| is_patch_line(above.content(text))) {
        return None;
    }
    let (languages, end) = read(text, lines, at, |_, _| {});
    let [from, sent, date, to, copy, subject, _] = languages;
    let when = sent | date;
    let mut enough = (from & when & (to | copy | subject)) | (from & to & subject);
    if first.role == Role::To && !any_order {
        enough = to & copy & subject;
    }
    let addressed = to | copy != 0;
    (enough != 0 && (addressed || any_order || !names_patch(text, lines, at..end))).then_some(end)
}

/// Whether a line of recipients may begin a block without a sender: two blank lines and something else stand above
/// it, and addresses on it. At the start of a text it is the author's memorandum.
fn is_set_apart(text: &str, lines: &[Line], at: usize) -> bool {
    let is_blank = |line: &Line| line.empty && line.marks == lines[at].marks;
    at > 2
        && lines[at - 2..at].iter().all(is_blank)
        && lines[..at].iter().rev().any(|line| !line.empty)
        && lines[at].content(text).contains(['@', '/'])
}

/// The line after a sender and a date that stand right above a quotation with more marks, as some programs introduce it.
pub(super) fn pair_above_quote(text: &str, lines: &[Line], at: usize) -> Option<usize> {
    let line = &lines[at];
    if line.label?.role != Role::From {
        return None;
    }
    let ([from, sent, date, ..], end) = read(text, lines, at, |_, _| {});
    let next = lines[end..].iter().take(3).find(|next| !next.empty)?;
    (from & (sent | date) != 0 && end == at + 2 && next.marks > line.marks).then_some(end)
}

/// The line after the header, as it went over the wire, that starts a paragraph on line `at`: what a bounce returns.
pub(super) fn wire_header(text: &str, lines: &[Line], at: usize) -> Option<usize> {
    let line = &lines[at];
    let first = line.content(text);
    if !matches!(first.as_bytes().first(), Some(b'R' | b'D' | b'X')) {
        return None;
    }
    let starts = [
        "Return-Path:",
        "Received: ",
        "Delivered-To:",
        "X-Original-To:",
    ];
    let above = at.checked_sub(1).map(|above| &lines[above]);
    if !starts.iter().any(|start| first.starts_with(start))
        || above.is_some_and(|above| !above.empty && above.marks == line.marks)
    {
        return None;
    }
    let length = lines[at..]
        .iter()
        .take(MOST_LINES)
        .take_while(|next| !next.empty && next.marks == line.marks)
        .count();
    let end = at + length;
    let has = |role| {
        let mut labels = lines[at..end].iter().filter_map(|line| line.label);
        labels.any(|label| label.role == role)
    };
    (has(Role::From) && (has(Role::Subject) || has(Role::Date))).then_some(end)
}

/// The fields of a header block that starts on a line, each with its lines.
pub(super) fn fields(text: &str, lines: &[Line], at: usize) -> (Vec<(Role, Range<usize>)>, usize) {
    let mut fields = Vec::new();
    let (_, end) = read(text, lines, at, |role, line| {
        fields.push((role, line..line + 1));
    });
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
fn read(
    text: &str,
    lines: &[Line],
    at: usize,
    mut met_field: impl FnMut(Role, usize),
) -> ([u32; 7], usize) {
    let mut languages = [0u32; 7];
    let mut end = at;
    let mut value_lines = 0;
    let mut blank = false;
    let mut in_list = false;
    let mut last = None;
    let marks = lines[at].marks;
    for (index, line) in lines.iter().enumerate().skip(at).take(MOST_LINES) {
        match line.label {
            _ if line.marks != marks => break,
            Some(label) => {
                let met = &mut languages[label.role as usize];
                // The same field again is the next block's, or a line of text.
                let again = *met & label.languages != 0 && label.role != Role::Other;
                // Some programs give each person a line.
                let listed =
                    matches!(label.role, Role::To | Role::Copy) && last == Some(label.role);
                if again && !listed {
                    break;
                }
                last = Some(label.role);
                *met |= label.languages;
                met_field(label.role, index);
                in_list = matches!(label.role, Role::To | Role::Copy);
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
                let goes_on = |line: &str| line.trim_end().ends_with([',', ';']);
                let content = line.content(text);
                let listed = content.contains('@')
                    || (in_list && content.contains(';'))
                    || goes_on(lines[index - 1].content(text));
                value_lines += usize::from(!listed);
                end = index + 1;
            }
        }
    }
    (languages, end)
}

/// The line that git writes above the header of a patch.
pub(super) fn is_patch_line(line: &str) -> bool {
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
    let date = (at.saturating_sub(FARTHEST_DATE)..at)
        .rev()
        .find(|&above| !lines[above].empty && !stands_between(lines[above].content(text)))
        .filter(|&above| {
            lines[above].marks == line.marks && ends_with_notes_date(lines[above].content(text))
        })?;
    let ([.., to, copy, subject, _], end) = read(text, lines, at, |_, _| {});
    if to & (copy | subject) == 0 {
        return None;
    }
    let alone = lines[date]
        .content(text)
        .trim()
        .starts_with(|c: char| c.is_ascii_digit());
    let mut first = date;
    if lines[date].content(text).starts_with('\t') {
        // The name of the company.
        first = (date.saturating_sub(MOST_INDENTED)..date)
            .rev()
            .take_while(|&above| lines[above].content(text).starts_with('\t'))
            .filter(|&above| !lines[above].empty)
            .last()
            .unwrap_or(date);
    }
    // In an archive a blank line may part the name from the date.
    let filed =
        (date + 1..at).any(|line| lines[line].content(text).trim_start().starts_with(FILED));
    if filed && alone && first > 1 && lines[first - 1].empty && !lines[first - 2].empty {
        first -= 1;
    }
    let is_date = |line: &Line| is_date_alone(line.content(text));
    // Some programs write name and date several times, one below the other.
    while alone && first > 0 && date - first < MOST_REPEATED && is_date(&lines[first - 1]) {
        first -= 1;
    }
    // The name, and below it who sent it in that name.
    let last = first;
    while alone && last - first < 2 && first > 0 {
        let above = &lines[first - 1];
        if above.empty || above.marks != line.marks {
            break;
        }
        first -= 1;
        if first + 1 == last && !above.content(text).trim().starts_with("Sent by:") {
            break;
        }
    }
    let repeats = |above: &Line, name: &Line| {
        above.content(text).trim() == name.content(text).trim() || is_date(above)
    };
    let name = lines[first];
    while alone
        && first > 0
        && first < last
        && date - first < MOST_REPEATED
        && repeats(&lines[first - 1], &name)
    {
        first -= 1;
    }
    Some((first, end))
}

/// Most lines over which name and date are repeated.
const MOST_REPEATED: usize = 12;

/// Whether nothing but a date of Lotus Notes is on a line.
pub(super) fn is_date_alone(line: &str) -> bool {
    line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && ends_with_notes_date(line)
}

/// The label that an archive puts under the date.
const FILED: &str = "Record Type:";

/// Whether a line says whom to answer, who sent it in another's name, or how it is filed.
fn stands_between(line: &str) -> bool {
    let line = line.trim_start();
    ["Please respond to", "Sent by:", FILED]
        .iter()
        .any(|start| line.starts_with(start))
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
        // A speck of the scanner's.
        let dots = word.bytes().filter(|&byte| byte == b'.').count();
        let whole = digits + marks + dots.min(1) == word.len();
        digits >= 3 && marks >= least && whole && word.len() <= 10
    };
    is_made_of(word, b':', 1) && words.next().is_some_and(|date| is_made_of(date, b'/', 2))
}
