//! From a printed header and the lines under it to a message.

use std::borrow::Cow;
use std::ops::Range;

use super::block::Block;
use super::block::Field;
use super::block::Piece;
use super::dates;
use super::distribution;
use super::document::Document;
use super::find;
use super::model::Boilerplate;
use super::model::BoilerplateKind;
use super::model::FieldName;
use super::model::Print;
use super::model::PrintedField;
use super::people;
use super::tables;
use super::tables::Role;
use super::text;
use crate::flags;
use crate::flags::Seen;
use crate::identity;
use crate::language;
use crate::model::Defect;
use crate::model::DefectCode;
use crate::model::Flag;
use crate::model::KeyBasis;
use crate::model::Mention;
use crate::model::Message;
use crate::model::MessageKey;
use crate::model::TextKind;
use crate::model::TextPart;
use crate::model::Zone;
use crate::model::ZoneKind;
use crate::parse;
use crate::redactions::Counts;
use crate::zones;

/// Most lines of boilerplate that are kept; a document of thousands of pages repeats them.
const MOST_BOILERPLATE: usize = 64;
/// How sure a field is whose label stands as the tables have it, one whose label was mended, and one that cannot be read.
const SURE: u8 = 95;
const MENDED: u8 = 75;
const UNREAD: u8 = 25;

/// Reads the message on some lines of a document under its header.
pub(super) fn read(
    document: &Document<'_>,
    lines: Range<usize>,
    block: &Block,
    key: MessageKey,
    size: u64,
) -> Message {
    let mut message = parse::empty(key, KeyBasis::Bytes, size);
    let mut reading = Reading {
        document,
        first: lines.start,
        block,
        print: Print {
            layout: block.layout.name.to_owned(),
            ..Print::default()
        },
        counts: Counts::default(),
    };
    let owner = find::owner(document, block);
    reading.take_above(lines.start, owner);
    for field in in_place(document, block).iter() {
        reading.take_field(field, &mut message);
    }
    if message.date.is_none()
        && block
            .field(Role::Sent)
            .is_none_or(|sent| sent.value.is_empty())
    {
        message.defects.push(defect(DefectCode::NoDate, 0, ""));
    }
    let text = reading.body(block.end..lines.end);
    take_listed(&text, &mut message);
    reading.take_boilerplate(lines.clone());
    reading.take_headers(&mut message);
    reading.print.pages = document.has_pages.then(|| pages(document, &lines));
    reading.print.confidence = confidence(block, &message);
    message.body.push(TextPart {
        part: "1".to_owned(),
        kind: TextKind::Plain,
        zones: zones::cut(&text, &message.from),
        text,
        alternative: false,
    });
    message.redactions = reading.counts.into_list();
    message.print = Some(Box::new(reading.print));
    message.language = language::detect(&parse::author_sample(&message));
    message.content_key = identity::content_key(&message);
    message.body.extend(beside(document, &lines, block, owner));
    message.flags = flags::flags(&message, Seen::default());
    let has_attachment = block
        .field(Role::Attachments)
        .is_some_and(|field| !field.value.is_empty());
    for (flag, holds) in [
        (Flag::Redaction, !message.redactions.is_empty()),
        (Flag::Attachment, has_attachment),
    ] {
        if holds && !message.flags.contains(&flag) {
            message.flags.push(flag);
        }
    }
    message.flags.sort_unstable();
    message
}

/// The fields of a header. Where lines of a print do not stand level, the date may have come under the value of the
/// field before its label: it is put where it belongs.
fn in_place<'b>(document: &Document<'_>, block: &'b Block) -> Cow<'b, [Field]> {
    let sent = block
        .fields
        .iter()
        .position(|field| field.label.role == Role::Sent && field.value.is_empty());
    let Some((sent, before)) = sent.and_then(|sent| Some((sent, sent.checked_sub(1)?))) else {
        return Cow::Borrowed(&block.fields);
    };
    let [_, .., last] = block.fields[before].value.as_slice() else {
        return Cow::Borrowed(&block.fields);
    };
    let words = document.line(last.line).get(last.start..last.end);
    if words.and_then(|words| dates::read(words, true)).is_none() {
        return Cow::Borrowed(&block.fields);
    }
    let mut fields = block.fields.clone();
    let date = fields[before].value.pop();
    fields[sent].value.extend(date);
    Cow::Owned(fields)
}

/// Puts the people of a list at the bottom in the place of the words that say so.
fn take_listed(text: &str, message: &mut Message) {
    let says = |mentions: &[Mention]| {
        let mut names = mentions
            .iter()
            .filter_map(|mention| mention.name.as_deref());
        names.any(distribution::is_pointer)
    };
    let (to, cc) = (says(&message.to), says(&message.cc));
    if to || cc {
        let [sent, copied] = distribution::Heads::of(text).lists(text, 0);
        if to {
            message.to = sent.people;
        }
        if cc {
            message.cc = copied.people;
        }
    }
}

/// What stands on the pages of a message and was taken for no part of it without being told by its form: what is above
/// its header, which may be another message that was not recognised, and what pages repeat; and the names of its
/// attachments, which are not in the document. It is searched and shown, as nobody's words.
fn beside(
    document: &Document<'_>,
    lines: &Range<usize>,
    block: &Block,
    owner: Option<usize>,
) -> Option<TextPart> {
    let is_beside = |at: &usize| match document.lines.get(*at).and_then(|line| line.boilerplate) {
        Some(kind) => kind == BoilerplateKind::Repeated,
        None => *at < block.first && document.is_content(*at) && owner != Some(*at),
    };
    let named = block.field(Role::Attachments);
    let names = named.into_iter().flat_map(|field| {
        let last = field.value.last().map_or(field.line, |piece| piece.line);
        field.line..last + 1
    });
    let mut text = String::new();
    for at in lines.clone().filter(is_beside).chain(names) {
        text.push_str(document.line(at).trim_end());
        text.push('\n');
    }
    let end = u32::try_from(text.len()).ok().filter(|end| *end > 0)?;
    Some(TextPart {
        part: super::BESIDE.to_owned(),
        kind: TextKind::Plain,
        text,
        zones: vec![Zone {
            start: 0,
            end,
            kind: ZoneKind::Disclaimer,
            depth: 0,
        }],
        alternative: false,
    })
}

/// A message being read.
struct Reading<'a> {
    document: &'a Document<'a>,
    /// The first line of the message.
    first: usize,
    block: &'a Block,
    print: Print,
    counts: Counts,
}

impl Reading<'_> {
    /// What stands above the header on its page: the owner of the mailbox, and lines that are nobody's words.
    fn take_above(&mut self, first: usize, owner: Option<usize>) {
        for at in (first..self.block.first).filter(|at| self.document.is_content(*at)) {
            let line = self.document.line(at);
            let place = self.place(
                at,
                line.len() - line.trim_start().len(),
                at,
                line.trim_end().len(),
            );
            if owner == Some(at) {
                self.print.fields.push(PrintedField {
                    field: FieldName::Owner,
                    label: String::new(),
                    text: line.trim().to_owned(),
                    place,
                    confidence: MENDED,
                });
            } else if self.print.boilerplate.len() < MOST_BOILERPLATE {
                self.print.boilerplate.push(Boilerplate {
                    kind: BoilerplateKind::Above,
                    text: line.trim().to_owned(),
                    place,
                });
            }
        }
    }

    fn place(&self, line: usize, start: usize, last: usize, end: usize) -> super::PrintPlace {
        self.document.place(self.first, (line, start), (last, end))
    }

    /// Takes one field: its value into the message, and itself as printed.
    fn take_field(&mut self, field: &Field, message: &mut Message) {
        let wide = self.value(field);
        let text = wide.split_whitespace().collect::<Vec<_>>().join(" ");
        let start = (field.line, field.label.start);
        let end = field.value.last();
        let (last, end) = end.map_or((field.line, field.label.end), |piece| {
            (piece.line, piece.end)
        });
        let place = self.place(start.0, start.1, last, end);
        let read = self.read_value(field, &wide, &text, message, place.start);
        let label = self.document.line(field.line);
        let label = label
            .get(field.label.start..field.label.end)
            .unwrap_or_default();
        let confidence = match (read, field.label.exact) {
            (false, _) => UNREAD,
            (true, true) => SURE,
            (true, false) => MENDED,
        };
        self.counts.add_text(&text);
        self.print.fields.push(PrintedField {
            field: name(field.label.role),
            label: label.trim().to_owned(),
            text,
            place,
            confidence,
        });
    }

    /// The value of a field, its lines joined, without what stands in the margin; gaps in it stay.
    fn value(&mut self, field: &Field) -> String {
        let mut value = String::new();
        for piece in &field.value {
            let words = self.words(piece);
            if !words.is_empty() && !value.is_empty() {
                value.push(' ');
            }
            value.push_str(&words);
        }
        value
    }

    /// A stretch of a line without exemption codes and notes in the margin; the codes are counted.
    fn words(&mut self, piece: &Piece) -> String {
        let words = self
            .document
            .line(piece.line)
            .get(piece.start..piece.end)
            .unwrap_or_default();
        let (words, codes) = text::without_margin(words);
        for code in codes {
            self.counts.add(&code);
        }
        words.to_owned()
    }

    /// Reads a value into the message; false if it says something that cannot be read.
    fn read_value(
        &self,
        field: &Field,
        wide: &str,
        text: &str,
        message: &mut Message,
        offset: u64,
    ) -> bool {
        let read = |mentions: &mut Vec<Mention>| {
            mentions.extend(people::read(wide, self.block.layout.people));
        };
        match field.label.role {
            Role::From => read(&mut message.from),
            Role::To => read(&mut message.to),
            Role::Cc => read(&mut message.cc),
            Role::Bcc => read(&mut message.bcc),
            Role::Subject => message.subject = (!text.is_empty()).then(|| text.to_owned()),
            Role::Sent if !text.is_empty() => {
                let english = self.languages(field) & crate::zones::labels::EN != 0;
                message.date = dates::read(text, english);
                if message.date.is_none() {
                    message
                        .defects
                        .push(defect(DefectCode::BadDate, offset, text));
                }
                return message.date.is_some();
            }
            Role::Sent | Role::Attachments | Role::Other | Role::Words => {}
        }
        true
    }

    /// The languages of a field: those of the whole header, since some have a label in common.
    fn languages(&self, field: &Field) -> u32 {
        let fields = self.block.fields.iter();
        match fields.fold(u32::MAX, |all, other| all & other.label.languages) {
            0 => field.label.languages,
            all => all,
        }
    }

    /// The text of the message, without what is of the pages.
    fn body(&mut self, lines: Range<usize>) -> String {
        let body = text::body(self.document, self.first, lines, self.block.words);
        for code in &body.codes {
            self.counts.add(code);
        }
        self.counts.add_text(&body.text);
        self.print.lines = body.lines;
        body.text
    }

    /// Keeps the lines that are of the pages, and counts their codes: those in the margin, or, where none are, those
    /// of the mark that says how the document was released.
    fn take_boilerplate(&mut self, lines: Range<usize>) {
        let mut released = Vec::new();
        for at in lines {
            let kind = self
                .document
                .lines
                .get(at)
                .and_then(|line| line.boilerplate);
            let Some(kind) = kind else { continue };
            let line = self.document.line(at);
            match kind {
                BoilerplateKind::Exemption => {
                    for code in text::codes(line) {
                        self.counts.add(&code);
                    }
                }
                BoilerplateKind::Release => released.extend(text::codes(line)),
                _ => {}
            }
            if self.print.boilerplate.len() < MOST_BOILERPLATE {
                let start = line.len() - line.trim_start().len();
                let place = self.place(at, start, at, line.trim_end().len());
                let text = line.split_whitespace().collect::<Vec<_>>().join(" ");
                self.print
                    .boilerplate
                    .push(Boilerplate { kind, text, place });
            }
        }
        if self.counts.is_empty() {
            for code in released {
                self.counts.add(&code);
            }
        }
    }

    /// Puts fields and marks among the headers, where a search finds them by name.
    fn take_headers(&self, message: &mut Message) {
        for field in &self.print.fields {
            let name = field.field.header();
            let label = field
                .label
                .trim_end_matches([':', ' '])
                .replace([' ', '/'], "-");
            message.headers.push(name.unwrap_or(&label), &field.text);
        }
        for line in &self.print.boilerplate {
            if let Some(name) = line.kind.header() {
                message.headers.push(name, &line.text);
            }
            if line.kind == BoilerplateKind::Banner {
                for (name, value) in text::numbers(&line.text, tables::BANNER_NUMBERS) {
                    message.headers.push(name, value);
                }
            }
        }
    }
}

/// How sure it is that this is a message, read right: by labels that stand as they should, and by what could be read.
fn confidence(block: &Block, message: &Message) -> u8 {
    let mut points = 40;
    points += 5 * block.exact().min(4);
    points += if message.date.is_some() { 20 } else { 0 };
    points += if message.from.is_empty() { 0 } else { 15 };
    u8::try_from(points).unwrap_or(SURE).min(SURE)
}

fn pages(document: &Document<'_>, lines: &Range<usize>) -> (u32, u32) {
    let page = |at: usize| document.lines.get(at).map_or(0, |line| line.page) + 1;
    let said = |at: &usize| document.lines.get(*at).is_some_and(|line| !line.blank);
    let last = lines.clone().rev().find(said).unwrap_or(lines.start);
    (page(lines.start), page(last))
}

fn name(role: Role) -> FieldName {
    match role {
        Role::From => FieldName::From,
        Role::Sent => FieldName::Sent,
        Role::To => FieldName::To,
        Role::Cc => FieldName::Cc,
        Role::Bcc => FieldName::Bcc,
        Role::Subject => FieldName::Subject,
        Role::Attachments => FieldName::Attachments,
        Role::Other | Role::Words => FieldName::Other,
    }
}

fn defect(code: DefectCode, offset: u64, text: &str) -> Defect {
    let end = text.floor_char_boundary(80);
    Defect {
        code,
        offset,
        detail: text.get(..end).unwrap_or_default().to_owned(),
    }
}
