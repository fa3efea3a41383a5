//! Footers that a case has learned: paragraphs at the edges of texts, known by their fingerprints.
//!
//! Which paragraphs are footers is for the case to say; here they are found and marked.

use std::collections::HashSet;
use std::ops::Range;

use super::cues;
use super::lines::Line;
use super::merge;
use super::quoted::Stretch;
use super::read;
use crate::model::Zone;
use crate::model::ZoneKind;

/// Most paragraphs at the end of a text that are looked at.
const MOST_AT_END: usize = 8;
/// Most paragraphs at its start.
const MOST_AT_START: usize = 2;
/// Most lines of a paragraph that can be a footer.
const MOST_LINES: usize = 40;
/// Fewest letters and digits of a paragraph that can be one: fewer may be anybody's words.
const FEWEST_LETTERS: usize = 40;

/// Fingerprints of paragraphs that are footers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footers(HashSet<u64>);

impl Footers {
    /// Whether no footer is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a paragraph with this fingerprint is a footer.
    pub fn contains(&self, print: u64) -> bool {
        self.0.contains(&print)
    }

    /// Marks the footers among the first and last paragraphs of a text as [`ZoneKind::Disclaimer`], whatever they were
    /// cut as. Takes time in proportion to the length of the text.
    pub fn mark(&self, text: &str, zones: &mut Vec<Zone>) {
        if self.is_empty() {
            return;
        }
        let mut lines = read(text);
        let edges = edges(&lines);
        let footers: Vec<_> = edges
            .into_iter()
            .filter(|paragraph| {
                print(text, &lines[paragraph.clone()]).is_some_and(|print| self.contains(print))
            })
            .collect();
        if footers.is_empty() {
            return;
        }
        super::take_zones(&mut lines, zones);
        for paragraph in footers {
            super::mark(&mut lines[paragraph], ZoneKind::Disclaimer, 0);
        }
        *zones = merge(text, &lines);
    }
}

impl FromIterator<u64> for Footers {
    fn from_iter<I: IntoIterator<Item = u64>>(prints: I) -> Self {
        Self(prints.into_iter().collect())
    }
}

/// A paragraph at the start or the end of a text that may be a footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeParagraph {
    /// By which it is known again, however its lines are broken: made of its letters and digits.
    pub print: u64,
    /// Where it stands.
    pub place: Stretch,
    /// Whether it has words of notices.
    pub has_cue: bool,
    /// Whether it stands at the end.
    pub at_end: bool,
    /// Fingerprint of the paragraph above it, however short; 0 if there is none.
    pub above: u64,
}

/// The first and last paragraphs of a text that no `>` marks and that are long enough to be told from words that
/// anybody may write.
pub fn edge_paragraphs(text: &str) -> Vec<EdgeParagraph> {
    let lines = read(text);
    let middle = lines.len() / 2;
    edges(&lines)
        .into_iter()
        .filter_map(|paragraph| {
            let print = print(text, &lines[paragraph.clone()])?;
            let (first, last) = (&lines[paragraph.start], &lines[paragraph.end - 1]);
            let words = text[first.start..last.end].to_lowercase();
            let has_cue = cues::FOOTER_CUES.iter().any(|cue| words.contains(cue));
            // Under hyphens is a signature, if it has no words of notices: one person writes from many addresses.
            let signed = first.text(text).trim_end() == "--";
            (has_cue || !signed).then_some(EdgeParagraph {
                print,
                place: super::quoted::stretch(first, last),
                has_cue,
                at_end: paragraph.start >= middle,
                above: above(text, &lines, paragraph.start),
            })
        })
        .collect()
}

/// The paragraphs at the edges, as ranges of lines, each once.
fn edges(lines: &[Line]) -> Vec<Range<usize>> {
    let mut edges = Vec::new();
    let mut start = 0;
    while edges.len() < MOST_AT_START {
        let Some(first) = (start..lines.len()).find(|&line| !lines[line].empty) else {
            break;
        };
        let end = (first..lines.len()).find(|&line| lines[line].empty || lines[line].marks > 0);
        let end = end.unwrap_or(lines.len());
        if end == first {
            break;
        }
        edges.push(first..end);
        start = end;
    }
    let from_start = edges.len();
    let mut end = lines.len();
    for _ in 0..MOST_AT_END {
        let Some(last) = (start..end).rev().find(|&line| !lines[line].empty) else {
            break;
        };
        if lines[last].marks > 0 {
            break;
        }
        let before = (start..last)
            .rev()
            .find(|&line| lines[line].empty || lines[line].marks > 0);
        let first = before.map_or(start, |before| before + 1);
        edges.insert(from_start, first..last + 1);
        end = first;
    }
    edges.retain(|paragraph| paragraph.len() <= MOST_LINES);
    edges
}

/// The fingerprint of what stands above a line, up to an empty line or so many lines.
fn above(text: &str, lines: &[Line], start: usize) -> u64 {
    let Some(last) = (0..start).rev().find(|&line| !lines[line].empty) else {
        return 0;
    };
    let first = (0..last)
        .rev()
        .take(MOST_LINES)
        .take_while(|&line| !lines[line].empty)
        .last();
    hash(&letters(text, &lines[first.unwrap_or(last)..=last]))
}

/// The fingerprint of a paragraph; `None` where it is too short to be a footer.
fn print(text: &str, lines: &[Line]) -> Option<u64> {
    let letters = letters(text, lines);
    (letters.chars().count() >= FEWEST_LETTERS).then(|| hash(&letters))
}

/// The letters and digits of some lines, in lower case.
fn letters(text: &str, lines: &[Line]) -> String {
    let mut letters = String::new();
    for line in lines {
        let content = line.content(text).chars();
        letters.extend(
            content
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase),
        );
    }
    letters
}

fn hash(letters: &str) -> u64 {
    let hash = blake3::hash(letters.as_bytes());
    let first = hash.as_bytes().first_chunk::<8>();
    first.map_or(0, |first| u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zones::cut;

    const FOOTER: &str =
        "The harbour is open on Sundays. Come and see what our pilots do all week long!";
    const WRAPPED: &str =
        "The harbour is open on Sundays. Come and see\nwhat our pilots do all week long!";

    #[test]
    fn footers_are_known_however_their_lines_are_broken() {
        let one = edge_paragraphs(&format!("Yes.\n\n{FOOTER}\n"));
        let other = edge_paragraphs(&format!("No.\n\nAnne\n\n{WRAPPED}\n\n"));
        assert_eq!(one.len(), 1, "short paragraphs are no footers");
        assert_eq!((one[0].print, one[0].at_end), (other[0].print, true));
        assert!(!one[0].has_cue);
        let notice = edge_paragraphs(
            "Hello\n\nThis message is confidential and meant for its recipient alone.\n",
        );
        assert!(notice[0].has_cue);
        assert_eq!(
            edge_paragraphs(&format!("> {FOOTER}\n")),
            [],
            "what is quoted is not looked at"
        );
    }

    #[test]
    fn a_signature_under_hyphens_is_no_footer() {
        let signature = format!("Yes.\n\n-- \n{FOOTER}\n");
        assert_eq!(edge_paragraphs(&signature), []);
        let list = "Yes.\n\n-- \nTo unsubscribe from this list send a word to pier@lists.example\n";
        assert_eq!(edge_paragraphs(list).len(), 1);
    }

    #[test]
    fn known_footers_are_marked_wherever_they_stand_at_the_end() {
        let footers: Footers = edge_paragraphs(FOOTER)
            .iter()
            .map(|edge| edge.print)
            .collect();
        let text = format!(
            "Yes.\n\nFrom: Anne\nSent: 4 March 2021\nTo: Bob\nSubject: x\n\nGravel.\n\n{WRAPPED}\n\n{FOOTER}\n"
        );
        let mut zones = cut(&text, &[]);
        footers.mark(&text, &mut zones);
        let found: Vec<_> = zones
            .iter()
            .map(|zone| {
                (
                    zone.kind,
                    text[zone.start as usize..zone.end as usize].trim(),
                )
            })
            .collect();
        let both = format!("{WRAPPED}\n\n{FOOTER}");
        assert_eq!(found[0], (ZoneKind::Author, "Yes."));
        assert_eq!(found[1].0, ZoneKind::Quoted);
        assert_eq!(found[2], (ZoneKind::Disclaimer, both.as_str()));
        assert_eq!(found.len(), 3);
        let mut unchanged = cut("Something else.\n", &[]);
        footers.mark("Something else.\n", &mut unchanged);
        assert_eq!(unchanged, cut("Something else.\n", &[]));
    }
}
