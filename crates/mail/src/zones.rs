//! Zones: who said which stretch of a body.
//!
//! A text is read line by line. A line with `>` before it is quoted, as deep as it has
//! of them, and the lines that introduce it (`On … wrote:`) with it; the author's lines between stay the author's.
//! After a separator (`-----Original Message-----`), a header block (`From: Sent: To:
//! Subject:`), or an introduction without `>` behind it, all that follows is another message, one level deeper
//! each time. What is left to the author is searched for a signature and for notices that nobody wrote
//! for this message.
//!
//! It is a judgement, and wrong at times; nothing is hidden by it, since a search of the body looks in
//! all zones. The words that it goes by are tables, in `tables.rs`.

mod headers;
mod introductions;
mod lines;
mod notices;
mod tables;

use crate::model::Zone;
use crate::model::ZoneKind;
use lines::Line;
use lines::lines;

/// Most lines of a signature; what is longer is text.
const MOST_SIGNATURE_LINES: usize = 40;

/// Cuts a text into zones that cover every byte once, in order; none for an empty text.
/// Takes time in proportion to its length. Offsets are counted to `u32::MAX`.
pub fn cut(text: &str) -> Vec<Zone> {
    let mut lines = lines(text);
    mark_messages(text, &mut lines);
    mark_signatures(text, &mut lines);
    notices::mark(text, &mut lines);
    merge(text, &lines)
}

/// Another message that the present one holds from some line on.
#[derive(Clone, Copy)]
struct Inner {
    kind: ZoneKind,
    depth: u16,
    /// Its first line that is not of its introduction, once met.
    content: Option<usize>,
}

/// Tells the author's lines from those of other messages.
fn mark_messages(text: &str, lines: &mut [Line]) {
    let mut inner: Option<Inner> = None;
    let mut after_header = 0;
    for at in 0..lines.len() {
        let line = lines[at];
        if line.marks == 0 && !line.blank && at >= after_header {
            if let Some(begin) = begin(text, lines, at, inner) {
                after_header = begin.end;
                // A header block right after a separator begins nothing new.
                let same = inner.is_some_and(|inner| inner.begins_with(&begin));
                if !same {
                    let depth = inner.map_or(0, |inner| inner.depth).saturating_add(1);
                    let kind = begin.kind;
                    inner = Some(Inner {
                        kind,
                        depth,
                        content: None,
                    });
                    mark(&mut lines[begin.start..at], kind, depth);
                }
            } else if let Some(inner) = &mut inner {
                inner.content.get_or_insert(at);
            }
        }
        let base = inner.map_or(0, |inner| inner.depth);
        let kind = match (inner, line.marks) {
            (Some(inner), _) => inner.kind,
            (None, 0) => ZoneKind::Author,
            (None, _) => ZoneKind::Quoted,
        };
        if line.marks > 0 {
            let start = introductions::before_quote(text, lines, at);
            mark(&mut lines[start..at], kind, base.saturating_add(1));
        }
        mark(&mut lines[at..=at], kind, base.saturating_add(line.marks));
    }
}

impl Inner {
    /// Whether a header block is the one of this message.
    fn begins_with(&self, begin: &Begin) -> bool {
        begin.is_header && self.content.is_none_or(|content| content >= begin.start)
    }
}

/// Where another message begins.
#[derive(Clone, Copy)]
struct Begin {
    /// The first line that belongs to it; before the one looked at where lines above introduce it.
    start: usize,
    kind: ZoneKind,
    /// The line after its introduction.
    end: usize,
    /// Whether it begins with a header block, which may have a separator before it.
    is_header: bool,
}

/// Whether another message begins on a line without `>`, within the message `inner` if there is one.
fn begin(text: &str, lines: &[Line], at: usize, inner: Option<Inner>) -> Option<Begin> {
    if let Some((kind, end)) = introductions::separator(text, lines, at) {
        return Some(Begin {
            start: at,
            kind,
            end,
            is_header: false,
        });
    }
    let kind = ZoneKind::Quoted;
    let separated = inner.is_some_and(|inner| inner.content.is_none());
    if let Some(end) = headers::block(lines, at, separated) {
        let start = introductions::rule_above(text, lines, at);
        return Some(Begin {
            start,
            kind,
            end,
            is_header: true,
        });
    }
    if let Some((start, end)) = headers::notes_block(text, lines, at) {
        return Some(Begin {
            start,
            kind,
            end,
            is_header: true,
        });
    }
    let end = introductions::without_marks(text, lines, at)?;
    Some(Begin {
        start: at,
        kind,
        end,
        is_header: false,
    })
}

fn mark(lines: &mut [Line], kind: ZoneKind, depth: u16) {
    for line in lines {
        line.kind = kind;
        line.depth = depth;
    }
}

/// Marks what follows a line of two hyphens, and the lines that telephones add.
fn mark_signatures(text: &str, lines: &mut [Line]) {
    let mut at = 0;
    while at < lines.len() {
        if lines[at].kind != ZoneKind::Author || lines[at].blank {
            at += 1;
            continue;
        }
        let line = lines[at].text(text);
        let end = if matches!(line, "-- " | "--") {
            let rest = &lines[at..];
            let length = rest
                .iter()
                .take(MOST_SIGNATURE_LINES + 1)
                .take_while(|line| line.kind == ZoneKind::Author)
                .count();
            if length > MOST_SIGNATURE_LINES {
                at
            } else {
                at + length
            }
        } else if tables::is_telephone_signature(line) {
            at + 1
        } else {
            at
        };
        mark(&mut lines[at..end], ZoneKind::Signature, 0);
        at = end.max(at + 1);
    }
}

/// Joins lines of one kind and depth; a blank line goes with what is before it.
fn merge(text: &str, lines: &[Line]) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    for line in lines {
        let end = u32::try_from(line.end).unwrap_or(u32::MAX);
        match zones.last_mut() {
            Some(last) if line.blank || (last.kind, last.depth) == (line.kind, line.depth) => {
                last.end = end;
            }
            last => {
                let start = last.map_or(0, |last| last.end);
                let (kind, depth) = (line.kind, line.depth);
                zones.push(Zone {
                    start,
                    end,
                    kind,
                    depth,
                });
            }
        }
    }
    debug_assert_eq!(zones.last().map_or(0, |zone| zone.end as usize), text.len());
    zones
}

#[cfg(test)]
mod tests;
