//! What pages carry beside messages: found by its words, by its place on the page, and by repetition.

use std::collections::HashMap;
use std::ops::Range;

use super::document::Document;
use super::document::indent;
use super::labels;
use super::model::BoilerplateKind;
use super::tables;

/// Lines at the top and at the foot of a page among which boilerplate is looked for.
const TOP: usize = 8;
const FOOT: usize = 6;
/// Of them, those that are compared with other pages.
const COMPARED: usize = 3;
/// Share of the pages that repeat a line, in hundredths, for it to be boilerplate.
const REPEATED_SHARE: usize = 60;
/// Shortest line, in letters and digits, that counts as repeated; of two pages both must have a longer one.
const REPEATED_LEAST: usize = 12;
const REPEATED_LEAST_OF_TWO: usize = 20;
/// Longest line of boilerplate that is told by its form, in bytes.
const LONGEST: usize = 200;
/// From this column on, exemption codes alone on a line are notes in the margin.
const MARGIN: usize = 40;

/// Marks the lines that are of the pages.
pub(super) fn mark(document: &mut Document<'_>) {
    let pages = document.pages();
    mark_repeated(document, &pages);
    for page in &pages {
        for at in page.clone() {
            let line = document.line(at);
            if indent(line) >= MARGIN && is_codes(line) {
                set(document, at, BoilerplateKind::Exemption);
            }
        }
        let lines = filled(document, page);
        for &at in &lines {
            if let Some(kind) = by_words(document.line(at)) {
                set(document, at, kind);
            }
        }
        let foot = lines.len().saturating_sub(FOOT);
        mark_edge(document, lines.iter().copied().take(TOP));
        take_codes_of_stamp(document, &lines);
        mark_edge(
            document,
            lines.get(foot..).unwrap_or_default().iter().copied().rev(),
        );
    }
}

/// Codes on the line under a stamp belong to it.
fn take_codes_of_stamp(document: &mut Document<'_>, lines: &[usize]) {
    for pair in lines.windows(2) {
        let kind = |at: usize| document.lines.get(at).and_then(|line| line.boilerplate);
        if let [above, below] = *pair
            && kind(above) == Some(BoilerplateKind::Release)
            && kind(below) == Some(BoilerplateKind::Exemption)
            && let Some(line) = document.lines.get_mut(below)
        {
            line.boilerplate = Some(BoilerplateKind::Release);
        }
    }
}

fn set(document: &mut Document<'_>, at: usize, kind: BoilerplateKind) {
    if let Some(line) = document.lines.get_mut(at) {
        line.boilerplate.get_or_insert(kind);
    }
}

/// Marks lines from the edge of a page inwards, up to the first that is of a message.
fn mark_edge(document: &mut Document<'_>, lines: impl Iterator<Item = usize>) {
    for at in lines {
        if document.is_content(at) {
            match at_edge(document.line(at)) {
                Some(kind) => set(document, at, kind),
                None => return,
            }
        }
    }
}

/// The lines of a page that are not blank, as far as they are looked at.
fn filled(document: &Document<'_>, page: &Range<usize>) -> Vec<usize> {
    let is_filled = |at: &usize| document.lines.get(*at).is_some_and(|line| !line.blank);
    let mut lines: Vec<usize> = page.clone().filter(is_filled).take(TOP).collect();
    let from = lines.last().map_or(page.start, |last| last + 1);
    let mut foot: Vec<usize> = (from..page.end)
        .rev()
        .filter(is_filled)
        .take(FOOT)
        .collect();
    foot.reverse();
    lines.extend(foot);
    lines
}

/// What a line near an edge of a page is by its words.
fn by_words(line: &str) -> Option<BoilerplateKind> {
    if line.len() > LONGEST + MARGIN || !first_capital(line) {
        return None;
    }
    let compact = compact(line);
    let mut marks = tables::MARKS.iter();
    let mark = marks.find(|(_, words)| words.iter().all(|word| compact.contains(word)));
    mark.map(|(kind, _)| *kind)
        .or_else(|| is_release_mark(line, &compact).then_some(BoilerplateKind::Release))
}

/// Whether the first letter of a line is a capital: marks are.
fn first_capital(line: &str) -> bool {
    line.chars()
        .find(|c| c.is_alphabetic())
        .is_some_and(char::is_uppercase)
}

/// `RELEASE IN PART B6`: nothing but the mark and codes, in capitals.
fn is_release_mark(line: &str, compact: &str) -> bool {
    if line.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let mark = tables::RELEASE_MARKS
        .iter()
        .find(|mark| compact.starts_with(**mark));
    mark.is_some() && compact.len() <= 40
}

/// What a line is at the top or the foot of a page.
fn at_edge(line: &str) -> Option<BoilerplateKind> {
    let words = line.trim();
    if words.len() > LONGEST {
        return None;
    }
    if is_codes(words) {
        return Some(BoilerplateKind::Exemption);
    }
    if is_page_number(words) {
        return Some(BoilerplateKind::Page);
    }
    if is_day(words) {
        return Some(BoilerplateKind::Printed);
    }
    if is_bates(words) {
        return Some(BoilerplateKind::Bates);
    }
    // What scanning makes of dirt and punched holes.
    let noise = words.chars().all(|c| !c.is_alphanumeric()) && words.chars().count() <= 3;
    noise.then_some(BoilerplateKind::Repeated)
}

/// Whether a line has nothing but exemption codes: `B6`, `B5,B6`, `1.4(D)`, `(b)(6)`.
pub(super) fn is_codes(words: &str) -> bool {
    let words = words.trim();
    !words.is_empty()
        && words.len() <= 40
        && words
            .split([' ', ',', ';', '\t'])
            .filter(|code| !code.is_empty())
            .all(is_code)
}

fn is_code(code: &str) -> bool {
    let bytes = code.as_bytes();
    match bytes {
        [b'B' | b'b', b'1'..=b'9'] => true,
        [b'1', b'.', b'4', rest @ ..] => {
            rest.len() <= 3
                && rest
                    .iter()
                    .all(|byte| matches!(byte, b'(' | b')' | b'A'..=b'H'))
        }
        [b'(', b'b' | b'B', b')', b'(', b'1'..=b'9', b')', rest @ ..] => {
            matches!(rest, [] | [b'(', b'A'..=b'F' | b'a'..=b'f', b')'])
        }
        _ => false,
    }
}

/// `3`, or a line that ends with `Page 1 of 2`; a 1 may have become a letter.
fn is_page_number(words: &str) -> bool {
    if words.len() <= 4 && words.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    page_of(words).is_some()
}

/// The numbers of `Page 1 of 2` with which a line ends or that it is.
pub(super) fn page_of(line: &str) -> Option<(u32, u32)> {
    let mut words = line.split_whitespace().rev();
    let count = number(words.next()?)?;
    let of = words.next()?;
    let page = number(words.next()?)?;
    let label = words.next()?;
    (of.eq_ignore_ascii_case("of") && label.eq_ignore_ascii_case("page")).then_some((page, count))
}

fn number(word: &str) -> Option<u32> {
    let digits: String = word
        .chars()
        .map(|c| if matches!(c, 'I' | 'l' | '|') { '1' } else { c })
        .collect();
    if digits.len() > 5 {
        None
    } else {
        digits.parse().ok()
    }
}

/// `9/18/2009`, alone.
fn is_day(words: &str) -> bool {
    let mut parts = words.split('/');
    let mut part = |least: usize, most: usize| {
        parts.next().is_some_and(|part| {
            (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    part(1, 2) && part(1, 2) && (part(4, 4) || part(2, 2)) && parts.next().is_none()
}

/// A prefix in capitals and at least four digits at its end: `PRA_GSP01_0013499`, `DEP 000123`.
fn is_bates(words: &str) -> bool {
    let digits = words.bytes().rev().take_while(u8::is_ascii_digit).count();
    let prefix = words.get(..words.len() - digits).unwrap_or_default();
    let letters = prefix.bytes().filter(u8::is_ascii_uppercase).count();
    (4..=9).contains(&digits)
        && (2..=30).contains(&prefix.len())
        && letters >= 2
        && prefix.starts_with(|c: char| c.is_ascii_uppercase())
        && prefix.bytes().all(|byte| {
            byte.is_ascii_uppercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'_' | b'-' | b' ' | b'.')
        })
}

/// Letters and digits of a line, in lower case.
fn compact(line: &str) -> String {
    let mut compact = String::with_capacity(line.len());
    for letter in line.chars() {
        if letter.is_ascii_alphanumeric() {
            compact.push(letter.to_ascii_lowercase());
        } else if !letter.is_ascii() && letter.is_alphanumeric() {
            compact.extend(letter.to_lowercase());
        }
    }
    compact
}

/// The same with every digit as one.
fn masked(line: &str) -> String {
    let mut masked = compact(line);
    if let Some(digit) = masked.find(|c: char| c.is_ascii_digit()) {
        let rest = masked.split_off(digit);
        let mask = |c: char| if c.is_ascii_digit() { '9' } else { c };
        masked.extend(rest.chars().map(mask));
    }
    masked
}

/// Marks lines at the top and the foot of pages that most pages of the document have.
fn mark_repeated(document: &mut Document<'_>, pages: &[Range<usize>]) {
    let edges = edges(document, pages);
    let count = edges.len();
    if count < 2 {
        return;
    }
    let least = if count == 2 {
        REPEATED_LEAST_OF_TWO
    } else {
        REPEATED_LEAST
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut keys = Vec::new();
    for edge in &edges {
        let mut of_page: Vec<(usize, String)> = edge
            .iter()
            // The same people write again and again.
            .filter(|&&at| !is_of_header(document, at))
            .map(|&at| (at, masked(document.line(at))))
            .filter(|(_, key)| key.len() >= least)
            .collect();
        for (_, key) in &of_page {
            *seen.entry(key.clone()).or_default() += 1;
        }
        keys.append(&mut of_page);
    }
    for (at, key) in keys {
        let times = seen.get(&key).copied().unwrap_or(0);
        if times >= 2 && times * 100 >= count * REPEATED_SHARE {
            let kind = by_words(document.line(at)).unwrap_or(BoilerplateKind::Repeated);
            set(document, at, kind);
        }
    }
}

/// Whether a line starts with a label, or stands under one that has nothing behind it.
fn is_of_header(document: &Document<'_>, at: usize) -> bool {
    let above = (at.saturating_sub(2)..at)
        .rev()
        .find(|above| document.is_content(*above));
    labels::is_labelled(document.line(at))
        || above.is_some_and(|above| labels::is_alone(document.line(above)))
}

/// For each page that says something, the first and last of its lines.
fn edges(document: &Document<'_>, pages: &[Range<usize>]) -> Vec<Vec<usize>> {
    pages
        .iter()
        .map(|page| {
            let lines = filled(document, page);
            let foot = lines
                .len()
                .saturating_sub(COMPARED)
                .max(COMPARED.min(lines.len()));
            let top = lines.iter().take(COMPARED);
            top.chain(lines.get(foot..).unwrap_or_default())
                .copied()
                .collect::<Vec<_>>()
        })
        .filter(|lines| !lines.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Option<BoilerplateKind>> {
        let mut document = Document::read(text.as_bytes());
        mark(&mut document);
        let lines = document.lines.iter().filter(|line| !line.blank);
        lines.map(|line| line.boilerplate).collect()
    }

    #[test]
    fn marks_of_a_page() {
        use BoilerplateKind as Kind;
        let text = "UNCLASSIFIED Department of Piers Case No. F-2021-1 Doc No. C01 Date: 08/31/2021\n\
                    RELEASE IN PART B6\nFrom: Anne\n12 piers\nB6\n\
                    9/18/2021\nPIER_0001\n2";
        let expected = [
            Some(Kind::Banner),
            Some(Kind::Release),
            None,
            None,
            Some(Kind::Exemption),
            Some(Kind::Printed),
            Some(Kind::Bates),
            Some(Kind::Page),
        ];
        assert_eq!(kinds(text), expected);
        // In the midst of a page a number is a number.
        let middle = format!(
            "From: Anne\n{}9/18/2021\n{}end",
            "text\n".repeat(9),
            "text\n".repeat(9)
        );
        assert!(kinds(&middle).iter().all(Option::is_none));
    }

    #[test]
    fn lines_that_pages_repeat() {
        let page = |number: usize| {
            format!(
                "Harbour Office of the City, printed page {number}\ntext {number} of a page\nmore\nlast {number}\n\x0c"
            )
        };
        let text: String = (1..=4).map(page).collect();
        let found = kinds(&text);
        assert_eq!(
            found.iter().filter(|kind| kind.is_some()).count(),
            8,
            "{found:?}"
        );
    }

    #[test]
    fn page_numbers() {
        assert_eq!(page_of("Re: Pier     Page I of 12"), Some((1, 12)));
        assert_eq!(page_of("Page of 12"), None);
        assert!(!is_bates("Pier 2021") && !is_bates("2021") && is_bates("DEP 000123"));
    }
}
