//! Zones: who said which stretch of a body.
//!
//! A text is read line by line. A line with `>` before it is quoted, as deep as it has
//! of them, and the lines that introduce it (`On … wrote:`) with it; the author's lines between stay the author's.
//! After a separator (`-----Original Message-----`), a header block (`From: Sent: To:
//! Subject:`), or an introduction without `>` behind it, all that follows is another message, one level deeper
//! each time; inside a quotation that holds for the lines with as many marks or more. What is left to the author is
//! searched for a signature and for notices that nobody wrote for this message.
//!
//! It is a judgement, and wrong at times; nothing is hidden by it, since a search of the body looks in
//! all zones. The words that it goes by are tables, in `tables.rs`.

mod cues;
mod footers;
mod foreign;
mod headers;
mod introductions;
pub(crate) mod labels;
mod lines;
mod notices;
mod quoted;
mod run_on;
mod signatures;
mod tables;
mod transcripts;

pub use footers::EdgeParagraph;
pub use footers::Footers;
pub use footers::edge_paragraphs;
pub use quoted::QuotedMessage;
pub use quoted::Stretch;
pub use quoted::Told;
pub use quoted::quoted_messages;

use crate::model::Mention;
use crate::model::Zone;
use crate::model::ZoneKind;
use lines::Line;
use lines::lines;

/// Cuts a text into zones that cover every byte once, in order; none for an empty text.
/// Takes time in proportion to its length. Offsets are counted to `u32::MAX`.
///
/// `authors` are those who wrote the message, as far as is known: a signature without a mark before it is
/// told by the name in it.
pub fn cut(text: &str, authors: &[Mention]) -> Vec<Zone> {
    let mut lines = read(text);
    mark_messages(text, &mut lines);
    notices::mark(text, &mut lines);
    signatures::mark(text, &mut lines, authors);
    merge(text, &lines)
}

/// The lines of a text, with the marks of quotation that they have.
fn read(text: &str) -> Vec<Line> {
    let mut lines = lines(text);
    run_on::split(text, &mut lines);
    transcripts::unmark(text, &mut lines);
    foreign::mark(text, &mut lines);
    foreign::join_broken(text, &mut lines);
    lines
}

/// Another message that the present one holds from some line on, on lines with so many marks or more.
#[derive(Clone, Copy)]
struct Inner {
    marks: u16,
    kind: ZoneKind,
    /// How much deeper it is than its marks tell; less than nothing where the marks are those of its own text.
    beyond: i32,
    /// Its first line that is not of its introduction, once met.
    content: Option<usize>,
    /// Whether its own text may have more marks than its introduction.
    may_shift: bool,
}

/// The messages that are open, each with more marks than the one before.
#[derive(Default)]
struct Inners(Vec<Inner>);

impl Inners {
    /// The one that holds lines with so many marks.
    fn of(&mut self, marks: u16) -> Option<&mut Inner> {
        let end = self.0.partition_point(|inner| inner.marks <= marks);
        self.0[..end].last_mut()
    }

    fn open(&mut self, begin: &Begin, marks: u16) {
        let beyond = self.of(marks).map_or(0, |inner| inner.beyond) + 1;
        let end = self.0.partition_point(|inner| inner.marks < marks);
        self.0.truncate(end);
        self.0.push(Inner {
            marks,
            kind: begin.kind,
            beyond,
            content: None,
            may_shift: begin.may_shift,
        });
    }

    /// Where the first line of a message has more marks than its introduction, these are the marks of the
    /// message itself.
    fn settle(&mut self, at: usize, marks: u16) {
        let Some(inner) = self.of(marks) else { return };
        if inner.content.is_some() || !inner.may_shift || inner.marks == marks {
            return;
        }
        let shifted = Inner {
            marks,
            beyond: inner.beyond - i32::from(marks - inner.marks),
            ..*inner
        };
        inner.content = Some(at);
        let end = self.0.partition_point(|inner| inner.marks <= marks);
        self.0.insert(end, shifted);
    }

    /// Notes a line that is of no introduction.
    fn note_content(&mut self, at: usize, marks: u16) {
        if let Some(inner) = self.of(marks) {
            inner.content.get_or_insert(at);
        }
    }

    /// The zone of a line with so many marks.
    fn zone(&mut self, marks: u16) -> (ZoneKind, u16) {
        match self.of(marks) {
            Some(inner) => {
                let depth = (i32::from(marks) + inner.beyond).max(1);
                let depth = u16::try_from(depth).unwrap_or(u16::MAX);
                if inner.marks == marks {
                    (inner.kind, depth)
                } else {
                    (ZoneKind::Quoted, depth)
                }
            }
            None if marks == 0 => (ZoneKind::Author, 0),
            None => (ZoneKind::Quoted, marks),
        }
    }
}

/// Tells the author's lines from those of other messages.
fn mark_messages(text: &str, lines: &mut [Line]) {
    let mut inners = Inners::default();
    let mut after_header = 0;
    for at in 0..lines.len() {
        let line = lines[at];
        if !line.empty {
            inners.settle(at, line.marks);
        }
        // What introduces lines with marks does not introduce the message that begins on them.
        let around = inners.zone(line.marks);
        if !line.empty && at >= after_header {
            match begin(text, lines, at, inners.of(line.marks).copied()) {
                Some(Begins::Message(begin)) => {
                    after_header = begin.end;
                    // A header block right after a separator begins nothing new.
                    let inner = inners.of(line.marks).copied();
                    if !inner.is_some_and(|inner| inner.begins_with(&begin, line.marks)) {
                        inners.open(&begin, line.marks);
                        let (kind, depth) = inners.zone(line.marks);
                        mark(&mut lines[begin.start..at], kind, depth);
                    }
                }
                Some(Begins::Quotation(end)) => {
                    let (_, depth) = inners.zone(line.marks);
                    mark(
                        &mut lines[at..end],
                        ZoneKind::Quoted,
                        depth.saturating_add(1),
                    );
                    after_header = end;
                    mark_introduction(text, lines, at, around);
                    continue;
                }
                None => inners.note_content(at, line.marks),
            }
        } else if at < after_header && line.kind == ZoneKind::Quoted {
            // The introduction of a quotation further below.
            continue;
        }
        let (kind, depth) = inners.zone(line.marks);
        mark_introduction(text, lines, at, around);
        mark(&mut lines[at..=at], kind, depth);
    }
}

/// Marks what introduces the quotation that starts on line `at`, if one does. Lines that have marks themselves are as deep
/// as these tell.
fn mark_introduction(text: &str, lines: &mut [Line], at: usize, zone: (ZoneKind, u16)) {
    if lines[at].marks > 0 {
        let start = introductions::before_quote(text, lines, at);
        if lines[start].marks == 0 {
            mark(&mut lines[start..at], zone.0, zone.1);
        }
    }
}

impl Inner {
    /// Whether a header block is the one of this message.
    fn begins_with(&self, begin: &Begin, marks: u16) -> bool {
        begin.is_header
            && self.marks == marks
            && self.content.is_none_or(|content| content >= begin.start)
    }
}

/// What begins on a line.
enum Begins {
    /// Another message.
    Message(Begin),
    /// An introduction up to a line, of what is quoted further below.
    Quotation(usize),
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
    may_shift: bool,
}

/// Whether another message begins on a line, within the message `inner` if there is one.
fn begin(text: &str, lines: &[Line], at: usize, inner: Option<Inner>) -> Option<Begins> {
    let message = |start, kind, end, is_header, may_shift| {
        Some(Begins::Message(Begin {
            start,
            kind,
            end,
            is_header,
            may_shift,
        }))
    };
    if let Some((kind, end)) = introductions::separator(text, lines, at) {
        return message(at, kind, end, false, true);
    }
    let kind = ZoneKind::Quoted;
    let marks = lines[at].marks;
    let separated = inner.is_some_and(|inner| inner.content.is_none() && inner.marks == marks);
    if lines[at].label.is_some() {
        if let Some((start, end)) = headers::notes_block(text, lines, at) {
            return message(start, kind, end, true, true);
        }
        if let Some(end) = headers::block(text, lines, at, separated) {
            let start = introductions::rule_above(text, lines, at);
            return message(start, kind, end, true, true);
        }
        if let Some(end) = headers::pair_above_quote(text, lines, at) {
            return Some(Begins::Quotation(end));
        }
    }
    if let Some(end) = headers::wire_header(text, lines, at) {
        return message(at, kind, end, true, true);
    }
    let ruled = introductions::ruled(text, lines, at);
    if marks > 0 && ruled.is_none() {
        return None;
    }
    let introduction = match ruled {
        Some(ruled) => ruled,
        None => introductions::apart(text, lines, at)?,
    };
    if introduction.marked {
        return Some(Begins::Quotation(introduction.end));
    }
    message(at, kind, introduction.end, false, false)
}

/// Gives lines the zones that their text was cut into.
fn take_zones(lines: &mut [Line], zones: &[Zone]) {
    let mut zone = zones.iter().peekable();
    for line in lines {
        while zone
            .next_if(|zone| (zone.end as usize) <= line.start)
            .is_some()
        {}
        if let Some(zone) = zone.peek() {
            (line.kind, line.depth) = (zone.kind, zone.depth);
        }
    }
}

fn mark(lines: &mut [Line], kind: ZoneKind, depth: u16) {
    for line in lines {
        line.kind = kind;
        line.depth = depth;
    }
}

/// Joins lines of one kind and depth; a blank line goes with what is before it.
fn merge(text: &str, lines: &[Line]) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    for line in lines {
        let end = u32::try_from(line.end).unwrap_or(u32::MAX);
        match zones.last_mut() {
            Some(last) if line.is_blank() || (last.kind, last.depth) == (line.kind, line.depth) => {
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
