//! Labels of printed headers, with what scanning makes of them.

use std::sync::LazyLock;

use super::tables::LAYOUTS;
use super::tables::LabelRow;
use super::tables::Layout;
use super::tables::Role;
use crate::zones::labels;

/// Longest label with what may stand around it, in bytes.
const LONGEST: usize = 32;
/// Longest name of a label with what scanning may have added, in bytes.
const LONGEST_NAME: usize = 26;
/// Shortest label, without white space and marks, in which one letter may be another.
const LEAST_FOR_ERRORS: usize = 4;
/// Columns of white space that part a label from its value where the colon is lost.
const GAP: usize = 3;
/// Longest specks before a label, in bytes.
const MOST_DIRT: usize = 3;
/// Marks that a scanned colon turns into, or that are added to it.
const COLON_LIKE: &[char] = &[
    ':', ';', '.', ',', '\'', '"', '\u{2019}', '-', '_', '*', '|', '!',
];

/// A label at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) role: Role,
    /// The languages that have it, as bits.
    pub(super) languages: u32,
    /// Whether it stands as the tables have it, with a colon.
    pub(super) exact: bool,
    /// Columns of the label's first byte and of the byte after its name and colon.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Column of the value's first byte; the line's end where it has none.
    pub(super) value: usize,
}

/// The label with which a line starts, by the labels of a layout.
pub(super) fn label(line: &str, layout: &Layout) -> Option<Label> {
    let edge = |c: char| c.is_whitespace() || c == '*';
    let start = line.len() - without_dirt(line.trim_start_matches(edge)).len();
    let rest = line.get(start..)?;
    let first = rest.chars().next()?;
    if !first.is_alphabetic() && !matches!(first, '5' | '|' | '1' | '0') {
        return None;
    }
    let head = rest.get(..rest.floor_char_boundary(LONGEST))?;
    let rows = rows(layout);
    ends(head)
        .into_iter()
        .flatten()
        .find_map(|(length, colon)| {
            let name = head.get(..length)?.trim_end_matches(edge);
            let (row, same) = find(rows, name)?;
            let after = head.get(length..)?;
            let marks = after.trim_start_matches(edge);
            let marks = marks.trim_start_matches(COLON_LIKE);
            let end = start + head.len() - marks.len();
            let rest = line.get(end..)?;
            // A label without a colon ends with a gap or the line.
            let parted = rest.trim_start().is_empty() || indent(rest) >= GAP || colon;
            let mended = end > start + length;
            (parted || mended).then(|| Label {
                role: row.1,
                languages: row.2,
                exact: same && colon,
                start,
                end: if mended { end } else { start + name.len() },
                value: line.len() - rest.trim_start_matches(edge).len(),
            })
        })
}

/// A label of two letters of which one is wrong (`Te:`, `ce:`), that may stand on a line of a header in some
/// languages, and for which a field is missing. So little tells nothing but in a header.
pub(super) fn short(
    line: &str,
    layout: &Layout,
    languages: u32,
    is_missing: impl Fn(Role) -> bool,
) -> Option<Label> {
    let start = indent(line);
    let (name, _) = line.get(start..)?.split_once(':')?;
    let mut letters = name.trim_end().chars();
    let name = [letters.next()?, letters.next()?];
    if letters.next().is_some() || !name.iter().all(|letter| letter.is_alphanumeric()) {
        return None;
    }
    let same = |(one, other): (&char, char)| one.to_lowercase().eq(other.to_lowercase());
    let row = rows(layout).iter().find(|row| {
        let (label, role, of) = row.row;
        of & languages != 0
            && matches!(role, Role::To | Role::Cc)
            && is_missing(role)
            && label.chars().count() == name.len()
            && name
                .iter()
                .zip(label.chars())
                .filter(|pair| same(*pair))
                .count()
                == 1
    })?;
    let end = start + line.get(start..)?.find(':')? + 1;
    Some(Label {
        role: row.row.1,
        languages: row.row.2,
        exact: false,
        start,
        end,
        value: line.len() - line.get(end..)?.trim_start().len(),
    })
}

/// A line without the specks that scanning has found before its first letter.
fn without_dirt(line: &str) -> &str {
    let rest = line.trim_start_matches(['.', ',', '\'', '-', '\u{b7}', '\u{2022}', '~']);
    if line.len() - rest.len() > MOST_DIRT {
        return line;
    }
    rest.trim_start()
}

/// Whether a line starts with a label of any layout.
pub(super) fn is_labelled(line: &str) -> bool {
    LAYOUTS.iter().any(|layout| label(line, layout).is_some())
}

/// The label of recipients with which a line starts, and what stands behind it.
pub(super) fn of_people(line: &str) -> Option<(Label, &str)> {
    let found = LAYOUTS.iter().find_map(|layout| label(line, layout))?;
    let of_people = found.exact && matches!(found.role, Role::To | Role::Cc | Role::Bcc);
    of_people
        .then(|| Some((found, line.get(found.value..)?)))
        .flatten()
}

/// Whether a line is a label of any layout with nothing behind it.
pub(super) fn is_alone(line: &str) -> bool {
    LAYOUTS.iter().any(|layout| alone(line, layout).is_some())
}

/// The label that stands on a line with nothing behind it.
pub(super) fn alone(line: &str, layout: &Layout) -> Option<Label> {
    label(line, layout).filter(|label| label.value >= line.trim_end().len())
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Where the name of a label may end, the likeliest first, and whether a colon stands there.
fn ends(head: &str) -> [Option<(usize, bool)>; 4] {
    let (mut colon, mut gap, mut mark) = (None, None, None);
    for (at, byte) in head.bytes().enumerate() {
        match byte {
            b':' if colon.is_none() => colon = Some((at, true)),
            b' ' if gap.is_none() && head.as_bytes().get(at + 1) == Some(&b' ') => {
                gap = Some((at, false));
            }
            // The first byte of a typographic apostrophe.
            b';' | b',' | b'.' | b'\'' | b'"' | b'_' | 0xe2 if mark.is_none() => {
                mark = Some((at, false));
            }
            _ => {}
        }
    }
    let whole = head.trim_end();
    let whole = (whole.len() < LONGEST - 4).then_some((whole.len(), false));
    let short = |end: &(usize, bool)| end.0 <= LONGEST_NAME;
    [colon, gap, mark, whole].map(|end| end.filter(short))
}

/// A label as scanning may have left it: letters that are taken for one another as one.
struct Row {
    row: LabelRow,
    folded: String,
}

/// The row of a name, and whether it is that letter for letter.
fn find<'r>(rows: &'r [Row], name: &str) -> Option<(&'r LabelRow, bool)> {
    if name.is_empty() {
        return None;
    }
    let exact = rows.iter().find(|row| row.row.0.eq_ignore_ascii_case(name));
    if let Some(row) = exact {
        return Some((&row.row, true));
    }
    let folded = fold(name);
    if folded.is_empty() {
        return None;
    }
    let long = |folded: &str| folded.len() >= LEAST_FOR_ERRORS;
    let near = |row: &&Row| {
        row.folded.len().abs_diff(folded.len()) <= 1
            && (row.folded == folded
                || (long(&folded) && long(&row.folded) && is_near(&row.folded, &folded)))
    };
    rows.iter().find(near).map(|row| (&row.row, false))
}

/// The rows of a layout, made ready.
fn rows(layout: &Layout) -> &'static [Row] {
    static ROWS: LazyLock<Vec<(&str, Vec<Row>)>> = LazyLock::new(|| {
        LAYOUTS
            .iter()
            .map(|layout| (layout.name, ready(layout)))
            .collect()
    });
    ROWS.iter()
        .find(|(name, _)| *name == layout.name)
        .map_or(&[], |(_, rows)| rows)
}

fn ready(layout: &Layout) -> Vec<Row> {
    let shared = labels::LABELS.iter().filter(|_| layout.mail_labels);
    let shared =
        shared.filter_map(|&(name, role, languages)| Some((name, role_of(role)?, languages)));
    let rows = shared.chain(layout.labels.iter().copied());
    rows.map(|row| Row {
        folded: fold(row.0),
        row,
    })
    .collect()
}

/// What a label of quoted headers is for here; those that are passed over there are read here.
fn role_of(role: labels::Role) -> Option<Role> {
    Some(match role {
        labels::Role::From => Role::From,
        labels::Role::Sent | labels::Role::Date => Role::Sent,
        labels::Role::To => Role::To,
        labels::Role::Copy => Role::Cc,
        labels::Role::Subject => Role::Subject,
        labels::Role::Other => return None,
    })
}

/// Pairs of letters that scanning takes for one.
const JOINED: &[(&str, char)] = &[
    ("rn", 'm'),
    ("vv", 'w'),
    ("cl", 'd'),
    ("ii", 'u'),
    ("ri", 'n'),
];

/// A name without white space and marks, in lower case, letters that look alike as one.
pub(super) fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for letter in name
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '|' | '!' | '$'))
    {
        match letter {
            '0' => folded.push('o'),
            '1' | 'l' | 'I' | '|' | '!' => folded.push('i'),
            '5' | '$' => folded.push('s'),
            '8' => folded.push('b'),
            other => folded.extend(other.to_lowercase()),
        }
        for (pair, one) in JOINED {
            if folded.ends_with(pair) {
                folded.truncate(folded.len() - pair.len());
                folded.push(*one);
            }
        }
    }
    folded
}

/// Whether two names, folded, differ by at most one letter that is another, missing or too many.
pub(super) fn is_near(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    if same == long.len() {
        return true;
    }
    let rest = short.get(same + usize::from(short.len() == long.len())..);
    rest.unwrap_or_default() == long.get(same + 1..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memo() -> &'static Layout {
        LAYOUTS
            .iter()
            .find(|layout| layout.name == "memo")
            .expect("is there")
    }

    fn read(line: &str) -> Option<(Role, bool, &str)> {
        let label = label(line, memo())?;
        Some((label.role, label.exact, line.get(label.value..)?))
    }

    #[test]
    fn labels_as_printed_and_as_scanned() {
        for (line, expected) in [
            ("From: Anne", (Role::From, true, "Anne")),
            ("  *Sent:*  today", (Role::Sent, true, "today")),
            ("Frorn: Anne", (Role::From, false, "Anne")),
            ("Fram: Anne", (Role::From, false, "Anne")),
            ("5ubject: Pier", (Role::Subject, false, "Pier")),
            ("To.: Bob", (Role::To, false, "Bob")),
            ("T o: Bob", (Role::To, false, "Bob")),
            ("Sent; today", (Role::Sent, false, "today")),
            (
                "Subject      Pier: the plan",
                (Role::Subject, false, "Pier: the plan"),
            ),
            ("From", (Role::From, false, "")),
            ("From'", (Role::From, false, "")),
            ("Cc.,'", (Role::Cc, false, "")),
            ("To:", (Role::To, true, "")),
            (". To: Bob", (Role::To, true, "Bob")),
            ("Envoy\u{e9}\u{a0}: lundi", (Role::Sent, true, "lundi")),
            (
                "Attachments:   plan.doc",
                (Role::Attachments, true, "plan.doc"),
            ),
        ] {
            assert_eq!(read(line), Some(expected), "{line:?}");
        }
        for line in [
            "",
            "From the pier",
            "Send the plan to Bob",
            "Frame: x",
            "Subject to review",
            "10:30 today",
        ] {
            assert_eq!(read(line), None, "{line:?}");
        }
    }
}
