//! The messages that a body quotes or passes on, one by one, with what the text tells of each:
//! who wrote it, when, to whom, about what.
//!
//! It is told by the lines that introduce them (`On … wrote:`, header blocks) in the zones that the
//! text was cut into. Stretches of one depth belong to one message until another introduction or a
//! message around it begins: the author's own lines among quoted ones do not cut the quoted message in two.

mod fields;
mod words;

use std::ops::Range;

use super::Begin;
use super::Begins;
use super::Inner;
use super::begin;
use super::headers;
use super::introductions;
use super::lines::Line;
use super::read;
use crate::model::MailDate;
use crate::model::Mention;
use crate::model::Zone;
use crate::model::ZoneKind;

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First byte in the text part.
    pub start: u32,
    /// One past the last byte in the text part.
    pub end: u32,
}

/// What a text tells of a message, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<T> {
    /// What was read.
    pub value: T,
    /// Where it stands; line ends and marks of quotation may be inside.
    pub place: Stretch,
}

/// A message that a body quotes or passes on, as far as the text tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedMessage {
    /// [`ZoneKind::Quoted`] or [`ZoneKind::Forwarded`].
    pub kind: ZoneKind,
    /// How deep it is quoted, from 1.
    pub depth: u16,
    /// From its introduction, or its first words where it has none, to its last words. What it quotes
    /// itself may lie inside.
    pub place: Stretch,
    /// The lines that introduce it.
    pub introduction: Option<Stretch>,
    /// The stretches of its own words, in order: neither its introduction nor what it quotes. Marks of
    /// quotation are inside. Empty where it says nothing of its own.
    pub words: Vec<Stretch>,
    /// Who wrote it.
    pub from: Option<Told<Mention>>,
    /// When it was written; the source of the date is [`crate::DateSource::Printed`].
    pub date: Option<Told<MailDate>>,
    /// To whom it went.
    pub to: Option<Told<Vec<Mention>>>,
    /// Who got a copy.
    pub cc: Option<Told<Vec<Mention>>>,
    /// What it is about.
    pub subject: Option<Told<String>>,
}

/// Lists the messages that a text quotes or passes on, in the order in which they begin, by the zones that [`super::cut`]
/// has cut it into; none for zones that do not fit the text. Takes time in proportion to its length.
pub fn quoted_messages(text: &str, zones: &[Zone]) -> Vec<QuotedMessage> {
    if !fits(text, zones) || !zones.iter().any(is_quoted) {
        return Vec::new();
    }
    let mut lines = read(text);
    super::take_zones(&mut lines, zones);
    Lister::new(text, &lines).list()
}

fn fits(text: &str, zones: &[Zone]) -> bool {
    zones.windows(2).all(|pair| pair[0].end == pair[1].start)
        && zones
            .last()
            .is_some_and(|zone| zone.end as usize == text.len())
}

fn is_quoted(zone: &Zone) -> bool {
    matches!(zone.kind, ZoneKind::Quoted | ZoneKind::Forwarded) && zone.depth > 0
}

/// How a message is introduced.
enum Introduction {
    Separator,
    Header(usize),
    Notes { to: usize },
    Words,
}

struct Lister<'a> {
    text: &'a str,
    lines: &'a [Line],
    found: Vec<QuotedMessage>,
    /// The messages that may go on, with their depth, each deeper than the one before.
    open: Vec<(u16, usize)>,
    /// The message whose words came last, if nothing but empty lines has come since.
    last: Option<usize>,
}

impl<'a> Lister<'a> {
    fn new(text: &'a str, lines: &'a [Line]) -> Self {
        Self {
            text,
            lines,
            found: Vec::new(),
            open: Vec::new(),
            last: None,
        }
    }

    fn list(mut self) -> Vec<QuotedMessage> {
        let mut at = 0;
        while at < self.lines.len() {
            let line = &self.lines[at];
            let quoted = matches!(line.kind, ZoneKind::Quoted | ZoneKind::Forwarded);
            if line.empty {
                at += 1;
                continue;
            }
            if !quoted || line.depth == 0 {
                self.last = None;
                at += 1;
                continue;
            }
            match self.introduction(at) {
                Some((introduction, lines)) => {
                    let of = self.introduced(&introduction, &lines);
                    self.retract(lines.start);
                    self.introduce(&introduction, lines.clone(), of);
                    at = lines.end.max(at + 1);
                }
                None => {
                    self.take_words(at);
                    at += 1;
                }
            }
        }
        self.found
    }

    /// The introduction that begins on a line, with its lines.
    fn introduction(&self, at: usize) -> Option<(Introduction, Range<usize>)> {
        let (text, lines) = (self.text, self.lines);
        if let Some(quote) = self.quote_below(at) {
            let start = introductions::before_quote(text, lines, quote);
            if start == at {
                let last = (start..quote).rev().find(|&line| !lines[line].empty)?;
                return Some((Introduction::Words, start..last + 1));
            }
        }
        // Where nothing stands yet of a message, a header block may begin with any field.
        let fresh = self
            .current(lines[at].depth)
            .is_some_and(|message| message.words.is_empty());
        let inner = fresh.then_some(Inner {
            marks: lines[at].marks,
            kind: ZoneKind::Quoted,
            beyond: 0,
            content: None,
            may_shift: false,
        });
        match begin(text, lines, at, inner)? {
            Begins::Quotation(end) if lines[at].label.is_some() => {
                Some((Introduction::Header(at), at..end))
            }
            Begins::Quotation(end) => Some((Introduction::Words, at..end)),
            Begins::Message(Begin {
                start,
                end,
                is_header,
                ..
            }) => {
                let how = if !is_header {
                    match introductions::separator(text, lines, at) {
                        Some(_) => Introduction::Separator,
                        None => Introduction::Words,
                    }
                } else if headers::notes_block(text, lines, at).is_some() {
                    Introduction::Notes { to: at }
                } else if headers::wire_header(text, lines, at).is_some() {
                    Introduction::Separator
                } else {
                    Introduction::Header(at)
                };
                Some((how, start..end))
            }
        }
    }

    /// The first line of a deeper quotation within the next lines, if the one at hand may introduce it.
    fn quote_below(&self, at: usize) -> Option<usize> {
        let marks = self.lines[at].marks;
        let below = self.lines.iter().enumerate().skip(at + 1).take(5);
        below
            .map(|(index, line)| (index, line.marks))
            .find(|&(_, other)| other > marks)
            .map(|(index, _)| index)
    }

    /// What a message is that is introduced on some lines: what they are, or what the deeper quotation under
    /// them is.
    fn introduced(&self, introduction: &Introduction, lines: &Range<usize>) -> (ZoneKind, u16) {
        let own = self.lines[lines.end - 1];
        let next = self.lines.get(lines.end..).unwrap_or_default();
        let next = next.iter().take(3).find(|line| !line.empty);
        match (introduction, next) {
            (Introduction::Words, Some(next)) if next.marks > own.marks => {
                (next.kind, next.depth.max(own.depth))
            }
            _ => (own.kind, own.depth),
        }
    }

    /// Takes back lines from `start` on that were taken for words before it was seen that they introduce a message.
    fn retract(&mut self, start: usize) {
        let start = stretch(&self.lines[start], &self.lines[start]).start;
        let Some((_, index)) = self.open.last().copied() else {
            return;
        };
        let message = &mut self.found[index];
        if let Some(words) = message.words.pop_if(|words| words.end > start) {
            message.place.end = start;
            if words.start < start {
                message.words.push(Stretch {
                    end: start,
                    ..words
                });
            }
        }
        let is_empty = message.words.is_empty() && message.introduction.is_none();
        if is_empty && index + 1 == self.found.len() {
            self.found.pop();
            self.open.pop();
        }
    }

    fn current(&self, depth: u16) -> Option<&QuotedMessage> {
        let (open, index) = self.open.last()?;
        (*open == depth).then(|| &self.found[*index])
    }

    fn introduce(
        &mut self,
        introduction: &Introduction,
        lines: Range<usize>,
        (kind, depth): (ZoneKind, u16),
    ) {
        // A header block right after a separator is of the same message.
        let goes_on = !matches!(introduction, Introduction::Words)
            && self.current(depth).is_some_and(|message| {
                message.words.is_empty() && message.from.is_none() && message.subject.is_none()
            });
        let index = if goes_on {
            self.open.last().map_or(0, |(_, index)| *index)
        } else {
            self.open(lines.start, kind, depth)
        };
        self.last = None;
        let place = stretch(&self.lines[lines.start], &self.lines[lines.end - 1]);
        let message = &mut self.found[index];
        message.place.end = message.place.end.max(place.end);
        message.introduction = Some(Stretch {
            start: message
                .introduction
                .map_or(place.start, |first| first.start),
            end: place.end,
        });
        match introduction {
            Introduction::Separator => {}
            Introduction::Header(at) => fields::read(self.text, self.lines, *at, message),
            Introduction::Notes { to } => {
                fields::read_notes(self.text, self.lines, lines.start..*to, message);
                fields::read(self.text, self.lines, *to, message);
            }
            Introduction::Words => words::read(self.text, &self.lines[lines], message),
        }
    }

    fn take_words(&mut self, at: usize) {
        let line = &self.lines[at];
        while self
            .open
            .last()
            .is_some_and(|(depth, _)| *depth > line.depth)
            && self.is_alone(line)
        {
            self.open.pop();
        }
        let end = self.open.partition_point(|(depth, _)| *depth <= line.depth);
        let index = match self.open[..end].last() {
            Some((depth, index)) if *depth == line.depth => *index,
            _ => self.open(at, line.kind, line.depth),
        };
        let place = stretch(line, line);
        let message = &mut self.found[index];
        message.place.end = place.end;
        let goes_on = self.last.replace(index) == Some(index);
        match message.words.last_mut().filter(|_| goes_on) {
            Some(last) => last.end = place.end,
            None => message.words.push(place),
        }
    }

    /// Whether what was deeper before cannot go on after a line: it has no marks by which to tell.
    fn is_alone(&self, line: &Line) -> bool {
        line.marks == 0
    }

    /// Opens a message whose first line is `at`, and closes all that are as deep or deeper.
    fn open(&mut self, at: usize, kind: ZoneKind, depth: u16) -> usize {
        let line = &self.lines[at];
        let end = self.open.partition_point(|(open, _)| *open < depth);
        self.open.truncate(end);
        let index = self.found.len();
        self.open.push((depth, index));
        self.found.push(QuotedMessage {
            kind,
            depth,
            place: stretch(line, line),
            introduction: None,
            words: Vec::new(),
            from: None,
            date: None,
            to: None,
            cc: None,
            subject: None,
        });
        index
    }
}

pub(super) fn stretch(first: &Line, last: &Line) -> Stretch {
    Stretch {
        start: u32::try_from(first.start).unwrap_or(u32::MAX),
        end: u32::try_from(last.end).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests;
