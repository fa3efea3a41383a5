//! A thread to be read: a tree of who wrote when, with each one's own words.

use crate::format;
use crate::render::hit;
use crate::table::shorten;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::AbsentMessage;
use muckrake_case::BodyText;
use muckrake_case::CopyPlace;
use muckrake_case::MessageView;
use muckrake_case::Thread;
use muckrake_case::ThreadMember;
use muckrake_case::ThreadNode;
use muckrake_mail::ZoneKind;
use muckrake_mail::subject;
use std::io;
use std::io::Write;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// Generations that are set in; deeper ones stand under the last.
const MOST_INDENTS: usize = 10;
/// Cells that a text is given however deep it stands.
const NARROWEST: usize = 30;
/// Cells of a date with the mark of an unknown zone.
const DATE_WIDTH: usize = 17;

/// What each kind of evidence is for people.
const EVIDENCE: [(&str, &str); 4] = [
    ("quoted-header", "names who wrote it and when"),
    ("quoted-text", "quotes its words"),
    ("series", "a later number of a series"),
    ("subject", "same subject, same people"),
];

/// Writes a thread place by place.
pub(crate) struct ThreadWriter<'a> {
    out: &'a mut dyn Write,
    layout: &'a Layout,
    zone: &'a TimeZone,
    /// The subject that was written last, without prefixes.
    subject: Option<String>,
    /// Absent messages that stand one under the other and are not written yet.
    absent: Vec<(usize, AbsentMessage)>,
    /// Where each message is from.
    places: Vec<(String, Vec<CopyPlace>)>,
}

impl<'a> ThreadWriter<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, layout: &'a Layout, zone: &'a TimeZone) -> Self {
        Self {
            out,
            layout,
            zone,
            subject: None,
            absent: Vec::new(),
            places: Vec::new(),
        }
    }

    /// How large it is, and how much of it is a guess.
    pub(crate) fn head(&mut self, thread: &Thread<'_>) -> io::Result<()> {
        let faint = self.layout.palette.faint;
        let mut text = format::counted(thread.messages() as u64, "message");
        if thread.absent() > 0 {
            let absent = format::count(thread.absent() as u64);
            text.push_str(&format!(", {absent} more not in this case"));
        }
        if thread.guesses() > 0 {
            let guesses = format::counted(thread.guesses() as u64, "place");
            text.push_str(&format!("; {guesses} guessed (~)"));
        }
        writeln!(self.out, "{faint}{text}{faint:#}")
    }

    /// One place.
    pub(crate) fn node(&mut self, node: &ThreadNode) -> io::Result<()> {
        match &node.member {
            ThreadMember::Absent(absent) => {
                // A chain of them is one line: nothing is known but that they were.
                let continues = self.absent.last().is_some_and(|(depth, last)| {
                    node.depth == depth + 1
                        && last.date.is_none()
                        && absent.date.is_none()
                        && last.quoted_in.is_empty()
                        && absent.quoted_in.is_empty()
                });
                if !continues {
                    self.write_absent()?;
                }
                self.absent.push((node.depth, (**absent).clone()));
                Ok(())
            }
            ThreadMember::Message(view) => {
                self.write_absent()?;
                self.message(node, view)
            }
        }
    }

    /// What is left to say: where the messages are from.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.write_absent()?;
        let strong = self.layout.palette.strong;
        writeln!(self.out, "\n{strong}Where they are from{strong:#}")?;
        for (id, copies) in std::mem::take(&mut self.places) {
            for copy in &copies {
                self.place(&id, copy)?;
            }
        }
        let faint = self.layout.palette.faint;
        writeln!(
            self.out,
            "\n{faint}`muckrake show ID` gives a message whole, with what it quotes{faint:#}"
        )
    }

    fn message(&mut self, node: &ThreadNode, view: &MessageView) -> io::Result<()> {
        let found = &view.hit;
        let indent = indent(node.depth);
        let id = found.id.to_string();
        let id = hit::short_id(&id);
        let date = format::list_date(
            found.date.as_deref(),
            found.date_precision.as_deref(),
            self.zone,
        );
        let guess = if node.is_guess() { "~ " } else { "" };
        let head = format!("{indent}{guess}{date:<DATE_WIDTH$} {id}  ");
        let room = self.layout.width.saturating_sub(head.width());
        let people = shorten(&hit::people(found, self.layout, room), room);
        let (faint, strong) = (self.layout.palette.faint, self.layout.palette.strong);
        writeln!(
            self.out,
            "\n{faint}{head}{faint:#}{strong}{people}{strong:#}"
        )?;
        if node.is_guess() {
            let why = self.guess(node);
            writeln!(self.out, "{indent}    {faint}{why}{faint:#}")?;
        }
        self.changed_subject(&indent, found.subject.as_deref())?;
        for body in view.body.iter().filter(|body| !body.alternative) {
            self.body(&indent, body)?;
        }
        if view.body.is_empty() {
            writeln!(self.out, "{indent}    {faint}(no text){faint:#}")?;
        }
        for attachment in &found.attachments {
            let name = attachment.name.as_deref().unwrap_or("(no name)");
            let name = self.layout.one_line(name);
            let size = format::bytes(attachment.size);
            writeln!(
                self.out,
                "{indent}    {faint}[attachment {}: {name}, {size}]{faint:#}",
                attachment.part
            )?;
        }
        self.places.push((id.to_owned(), found.copies.clone()));
        Ok(())
    }

    fn guess(&self, node: &ThreadNode) -> String {
        let evidence = node.evidence.unwrap_or_default();
        let words = EVIDENCE.iter().find(|(word, _)| *word == evidence);
        let words = words.map_or(evidence, |(_, words)| words);
        let percent = node.confidence.unwrap_or_default() * 100.0;
        format!("guessed to answer the one above it: {words} ({percent:.0} %)")
    }

    /// The subject where it is not the one of the message before.
    fn changed_subject(&mut self, indent: &str, text: Option<&str>) -> io::Result<()> {
        let base = subject::base(text.unwrap_or_default()).base.to_lowercase();
        if self.subject.as_ref() == Some(&base) {
            return Ok(());
        }
        self.subject = Some(base);
        let text = hit::subject(text, self.layout);
        let room = self.layout.width.saturating_sub(indent.len() + 4);
        writeln!(
            self.out,
            "{indent}    Subject: {}",
            shorten(&text, room.saturating_sub(9))
        )
    }

    /// The author's own words; the rest is counted.
    fn body(&mut self, indent: &str, body: &BodyText) -> io::Result<()> {
        let mut at = 0;
        let mut folded = Folded::default();
        for place in &body.zones {
            let zone = place.zone;
            let Some(text) = body.text.get(zone.start as usize..zone.end as usize) else {
                break;
            };
            at = zone.end as usize;
            match FOLDED.iter().position(|(kind, _)| *kind == zone.kind) {
                Some(kind) => folded.add(kind, text),
                None if text.trim().is_empty() => {}
                None => {
                    self.fold(indent, &mut folded)?;
                    self.lines(indent, text)?;
                }
            }
        }
        self.fold(indent, &mut folded)?;
        // Whatever the zones leave over is shown all the same.
        self.lines(indent, body.text.get(at..).unwrap_or(&body.text))
    }

    fn lines(&mut self, indent: &str, text: &str) -> io::Result<()> {
        let text = self.layout.lines(text.trim_end()).into_owned();
        let mut blank = true;
        for line in text.lines() {
            let line = line.trim_end();
            if line.is_empty() {
                if !blank {
                    writeln!(self.out)?;
                }
                blank = true;
                continue;
            }
            blank = false;
            for piece in wrap(line, self.layout.width.saturating_sub(indent.len() + 4)) {
                writeln!(self.out, "{indent}    {piece}")?;
            }
        }
        Ok(())
    }

    /// Says how many lines are not shown.
    fn fold(&mut self, indent: &str, folded: &mut Folded) -> io::Result<()> {
        let counts = std::mem::take(&mut folded.lines);
        let told: Vec<String> = counts
            .into_iter()
            .zip(FOLDED)
            .filter(|(lines, _)| *lines > 0)
            .map(|(lines, (_, what))| format!("{} {what}", format::counted(lines, "line")))
            .collect();
        if told.is_empty() {
            return Ok(());
        }
        let faint = self.layout.palette.faint;
        writeln!(
            self.out,
            "{indent}    {faint}[{}]{faint:#}",
            told.join(", ")
        )
    }

    /// Who wrote an absent message and what about, as far as those that quote it tell.
    fn absent_one(&self, absent: &AbsentMessage) -> String {
        let from = absent.from.as_ref();
        let name = from.and_then(|from| from.name.as_deref().or(from.address.as_deref()));
        let mut text = format!("{}, not in this case", name.unwrap_or("someone"));
        if let Some(subject) = &absent.subject {
            text.push_str(&format!(": {subject}"));
        }
        if !absent.quoted_in.is_empty() {
            text.push_str(" (quoted below)");
        }
        self.layout.one_line(&text).into_owned()
    }

    fn write_absent(&mut self) -> io::Result<()> {
        let absent = std::mem::take(&mut self.absent);
        let Some((depth, first)) = absent.first() else {
            return Ok(());
        };
        let faint = self.layout.palette.faint;
        let indent = indent(*depth);
        let date = match &first.date {
            Some(date) => format::list_date(Some(date), Some("second"), self.zone),
            None => "no date".to_owned(),
        };
        let who = match absent.len() {
            1 => self.absent_one(first),
            several => format!(
                "{} one after the other, not in this case",
                format::counted(several as u64, "message")
            ),
        };
        let head = format!("{indent}{date:<DATE_WIDTH$} {:8}  {who}", "");
        let id = first.message_id.as_deref().filter(|_| absent.len() == 1);
        let id = id.map_or_else(String::new, |id| {
            format!("  <{}>", self.layout.one_line(id))
        });
        let line = shorten(&format!("{head}{id}"), self.layout.width.max(head.width()));
        writeln!(self.out, "\n{faint}{line}{faint:#}")
    }

    /// One copy on two lines: what is copied into other tools stays whole.
    fn place(&mut self, id: &str, copy: &CopyPlace) -> io::Result<()> {
        let faint = self.layout.palette.faint;
        let source = self.layout.one_line(&copy.source);
        let inside = copy.path_inside.as_deref().unwrap_or_default();
        let mark = if inside.is_empty() { "" } else { "!/" };
        let inside = self.layout.one_line(inside);
        let release = self.layout.one_line(&copy.release);
        writeln!(self.out, "  {id}  {release}: {source}{mark}{inside}")?;
        writeln!(
            self.out,
            "            {faint}{} bytes from byte {}, SHA-256 {}{faint:#}",
            copy.length, copy.offset, copy.sha256
        )
    }
}

/// What is counted and not shown, with what it is for people.
const FOLDED: [(ZoneKind, &str); 4] = [
    (ZoneKind::Quoted, "quoted"),
    (ZoneKind::Forwarded, "passed on"),
    (ZoneKind::Signature, "of signature"),
    (ZoneKind::Disclaimer, "of notices"),
];

/// Lines not shown since the last that was, by their kind.
#[derive(Default)]
struct Folded {
    lines: [u64; FOLDED.len()],
}

impl Folded {
    fn add(&mut self, kind: usize, text: &str) {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        self.lines[kind] += lines.count() as u64;
    }
}

/// A line in pieces of so many cells, cut between words where it has any; the first piece's white space
/// is kept.
fn wrap(line: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let beyond = |text: &str| {
        let mut cells = 0;
        let over = text.char_indices().find(|(_, character)| {
            cells += character.width().unwrap_or(0);
            cells > width.max(NARROWEST)
        });
        over.map(|(over, _)| over)
    };
    while let Some(over) = beyond(rest) {
        let cut = rest[..over]
            .rfind(' ')
            .filter(|cut| *cut > 0)
            .unwrap_or(over);
        pieces.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    pieces.push(rest);
    pieces
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth.min(MOST_INDENTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_between_words_and_lose_nothing() {
        let line = "the north pier needs eleven new piles before the winter storms";
        assert_eq!(
            wrap(line, 30),
            [
                "the north pier needs eleven",
                "new piles before the winter",
                "storms"
            ]
        );
        let solid = "x".repeat(70);
        assert_eq!(wrap(&solid, 30).concat(), solid);
        assert_eq!(wrap("", 30), [""]);
        assert_eq!(
            wrap("   three spaces at the start, and more words", 30)[0],
            "   three spaces at the start,"
        );
    }

    #[test]
    fn a_line_without_end_takes_time_in_proportion() {
        assert!(wrap(&"a b ".repeat(200_000), 40).len() > 10_000);
    }
}
