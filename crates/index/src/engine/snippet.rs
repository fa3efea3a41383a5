//! Snippets: the stretch of a text where most of a query stands together.

use std::ops::Range;

use super::condition::Condition;
use super::condition::Found;
use super::error::IndexError;
use super::lower::condition;
use super::marks::Mark;
use super::marks::Stretches;
use super::marks::ZoneClass;
use super::request::Snippet;
use super::request::SnippetOrigin;
use crate::language::Field;
use crate::language::Query;
use crate::terms::for_each_term;

/// About how long a snippet is, in characters.
const LENGTH: usize = 160;

/// Finds what a query looks for in texts.
pub(crate) struct Highlighter {
    wanted: Vec<Wanted>,
}

/// One condition of the query that texts may fulfil.
struct Wanted {
    condition: Condition,
    /// Where it looks; `None` is everywhere.
    origin: Option<SnippetOrigin>,
    zone: Option<ZoneClass>,
}

/// A stored text with its marks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    /// Where it is from.
    pub(crate) origin: SnippetOrigin,
    /// The text.
    pub(crate) text: &'a str,
}

/// A hit in a text: its bytes, and which condition it belongs to.
type Marked = (Range<usize>, usize);

impl Highlighter {
    /// Takes from a query what it wants to find in texts, not what it excludes.
    pub(crate) fn new(query: &Query) -> Result<Self, IndexError> {
        let mut wanted = Vec::new();
        let mut open = vec![query];
        while let Some(part) = open.pop() {
            match part {
                Query::All | Query::Not(_) => {}
                Query::And(parts) | Query::Or(parts) => open.extend(parts),
                Query::Leaf(leaf) => {
                    let (origin, zone) = match leaf.field {
                        Field::Any => (None, None),
                        Field::Body => (Some(SnippetOrigin::Body), None),
                        Field::Said => (Some(SnippetOrigin::Body), Some(ZoneClass::Author)),
                        Field::Quoted => (Some(SnippetOrigin::Body), Some(ZoneClass::Quoted)),
                        Field::Attached => (Some(SnippetOrigin::Attached), None),
                        Field::Attachment => (Some(SnippetOrigin::AttachmentName), None),
                        _ => continue,
                    };
                    wanted.push(Wanted {
                        condition: condition(leaf)?,
                        origin,
                        zone,
                    });
                }
            }
        }
        Ok(Self { wanted })
    }

    /// The best snippet of some texts; without hits, the beginning of the first.
    pub(crate) fn snippet(&self, texts: &[Piece<'_>]) -> Option<Snippet> {
        let mut best: Option<(usize, usize, Snippet)> = None;
        for text in texts {
            let marked = self.marked(text);
            let Some((hits, conditions)) = cluster(&marked) else {
                continue;
            };
            let count = hits.len();
            let better = best.as_ref().is_none_or(|(most, hits, _)| {
                conditions > *most || (conditions == *most && count > *hits)
            });
            if better {
                best = Some((conditions, count, cut(text, &marked[hits])));
            }
        }
        let (_, _, snippet) = match best {
            Some(best) => best,
            None => (0, 0, cut(texts.iter().find(|text| !is_blank(text))?, &[])),
        };
        Some(snippet)
    }

    /// All hits in a text, in order.
    fn marked(&self, text: &Piece<'_>) -> Vec<Marked> {
        let mut marked = Vec::new();
        for (number, wanted) in self.wanted.iter().enumerate() {
            if wanted.origin.is_some_and(|origin| origin != text.origin) {
                continue;
            }
            let found = wanted.find(text.text);
            let hits = wanted.condition.matches(&found);
            marked.extend(hits.iter().map(|hit| (found[*hit].range.clone(), number)));
        }
        marked.sort_by_key(|(range, _)| (range.start, range.end));
        marked
    }
}

impl Wanted {
    /// The terms of a text that are words of the condition.
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        let mut zone = ZoneClass::Author;
        let mut next = 0;
        for stretch in Stretches::new(text) {
            if let Some(Mark::Zone(class)) = stretch.mark {
                zone = class;
            }
            let first = next;
            let seen = self.zone.is_none_or(|wanted| wanted == zone);
            for_each_term(stretch.text, |term| {
                next = first + term.position + 1;
                let patterns = self.condition.patterns.iter().enumerate();
                for (word, pattern) in patterns.filter(|_| seen) {
                    if pattern.matches(term.text) {
                        found.push(Found {
                            word,
                            position: first + term.position,
                            range: term.range.start + stretch.offset
                                ..term.range.end + stretch.offset,
                        });
                    }
                }
            });
        }
        found
    }
}

fn is_blank(text: &Piece<'_>) -> bool {
    text.text
        .chars()
        .all(|character| skipped(character).is_some())
}

/// The hits that stand together with most conditions among them, then with most
/// hits, then first; and how many conditions those are.
fn cluster(marked: &[Marked]) -> Option<(Range<usize>, usize)> {
    let kinds = marked.iter().map(|(_, number)| number + 1).max()?;
    let mut counts = vec![0usize; kinds];
    let mut conditions = 0;
    let mut left = 0;
    let mut best = (0..0, 0);
    for (right, (range, number)) in marked.iter().enumerate() {
        counts[*number] += 1;
        conditions += usize::from(counts[*number] == 1);
        while left < right && range.end - marked[left].0.start > LENGTH {
            let number = marked[left].1;
            counts[number] -= 1;
            conditions -= usize::from(counts[number] == 0);
            left += 1;
        }
        let hits = left..right + 1;
        if (conditions, hits.len()) > (best.1, best.0.len()) {
            best = (hits, conditions);
        }
    }
    Some(best)
}

/// Cuts a text around some hits.
fn cut(text: &Piece<'_>, hits: &[Marked]) -> Snippet {
    let source = text.text;
    let first = hits.first().map_or(0, |(range, _)| range.start);
    let last = hits.iter().map(|(range, _)| range.end).max().unwrap_or(0);
    let core = source.get(first..last).unwrap_or_default().chars().count();
    let around = LENGTH.saturating_sub(core);
    let start = back(source, first, around / 3);
    let end = forward(source, last, around - around / 3);
    let mut snippet = Snippet {
        origin: text.origin,
        ..Snippet::default()
    };
    if start > 0 {
        snippet.text.push('…');
    }
    let merged = merge(hits);
    let mut marks = merged.iter().peekable();
    let mut open = None;
    let mut space = false;
    for (offset, character) in source.get(start..end).unwrap_or_default().char_indices() {
        let at = start + offset;
        if let Some(mark) = marks.peek().filter(|mark| open.is_some() && mark.end <= at) {
            close(&mut snippet, &mut open, mark);
            marks.next();
        }
        if let Some(is_space) = skipped(character) {
            space |= is_space;
            continue;
        }
        if space && !snippet.text.is_empty() {
            snippet.text.push(' ');
        }
        space = false;
        if open.is_none() && marks.peek().is_some_and(|mark| mark.start <= at) {
            open = Some(snippet.text.len());
        }
        snippet.text.push(character);
    }
    if let Some(mark) = marks.peek() {
        close(&mut snippet, &mut open, mark);
    }
    if source
        .get(end..)
        .unwrap_or_default()
        .chars()
        .any(|rest| skipped(rest).is_none())
    {
        snippet.text.push('…');
    }
    snippet
}

fn close(snippet: &mut Snippet, open: &mut Option<usize>, _mark: &Range<usize>) {
    if let Some(start) = open.take() {
        snippet.marks.push(start..snippet.text.len());
    }
}

/// What a snippet leaves out: white space and control characters, which
/// become a space, and marks, which become nothing.
fn skipped(character: char) -> Option<bool> {
    if ('\u{FDD0}'..='\u{FDD4}').contains(&character) {
        Some(false)
    } else if character.is_whitespace() || character.is_control() {
        Some(true)
    } else {
        None
    }
}

/// Joins hits that overlap or touch.
fn merge(hits: &[Marked]) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for (range, _) in hits {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range.clone()),
        }
    }
    merged
}

/// About so many characters before a place, at the beginning of a word.
fn back(source: &str, from: usize, characters: usize) -> usize {
    let before = source.get(..from).unwrap_or_default();
    let mut reached = before.char_indices().rev().take(characters);
    let Some((start, _)) = reached.by_ref().last() else {
        return from;
    };
    if start == 0 {
        return 0;
    }
    let slice = before.get(start..).unwrap_or_default();
    let space = slice.find(char::is_whitespace);
    space.map_or(start, |space| start + space)
}

/// About so many characters after a place, at the end of a word.
fn forward(source: &str, from: usize, characters: usize) -> usize {
    let after = source.get(from..).unwrap_or_default();
    let Some((end, _)) = after.char_indices().nth(characters) else {
        return source.len();
    };
    let slice = after.get(..end).unwrap_or_default();
    let space = slice.rfind(char::is_whitespace);
    from + space.unwrap_or(end)
}
