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
use unicode_width::UnicodeWidthStr;

/// Generations that are set in; deeper ones stand under the last.
const MOST_INDENTS: usize = 10;
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
                    node.depth == depth + 1 && last.date.is_none() && absent.date.is_none()
                });
                if !continues {
                    self.write_absent()?;
                }
                self.absent.push((node.depth, absent.clone()));
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
        for place in &body.zones {
            let zone = place.zone;
            let Some(text) = body.text.get(zone.start as usize..zone.end as usize) else {
                break;
            };
            at = zone.end as usize;
            match zone.kind {
                ZoneKind::Author => self.lines(indent, text)?,
                ZoneKind::Quoted => self.fold(indent, text, "quoted")?,
                ZoneKind::Forwarded => self.fold(indent, text, "passed on")?,
                ZoneKind::Signature => self.fold(indent, text, "of signature")?,
                ZoneKind::Disclaimer => self.fold(indent, text, "of notices")?,
            }
        }
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
            writeln!(self.out, "{indent}    {line}")?;
        }
        Ok(())
    }

    fn fold(&mut self, indent: &str, text: &str, what: &str) -> io::Result<()> {
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        if lines == 0 {
            return Ok(());
        }
        let faint = self.layout.palette.faint;
        let counted = format::counted(lines as u64, "line");
        writeln!(self.out, "{indent}    {faint}[{counted} {what}]{faint:#}")
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
            1 => "someone, not in this case".to_owned(),
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

fn indent(depth: usize) -> String {
    "  ".repeat(depth.min(MOST_INDENTS))
}
