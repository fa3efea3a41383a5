//! One message to be read, and the proof of where it is from.

use crate::format;
use crate::render::hit;
use crate::table::Align;
use crate::table::Table;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::BodyText;
use muckrake_case::CopyPlace;
use muckrake_case::MessageLink;
use muckrake_case::MessageView;
use muckrake_case::Person;
use muckrake_case::RecognisedPage;
use muckrake_mail::AttachmentState;
use muckrake_mail::Redaction;
use muckrake_mail::TextKind;
use muckrake_mail::ZoneKind;
use std::io;
use std::io::Write;

/// Cells of the names in the header block and in the proof.
const LABEL: usize = 12;

/// Writes a message for a reader.
pub(crate) fn write_message(
    out: &mut dyn Write,
    view: &MessageView,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    write_header(out, view, layout, zone)?;
    for body in view.body.iter().filter(|body| !body.alternative) {
        writeln!(out)?;
        write_body(out, body, layout)?;
    }
    if view.body.is_empty() {
        writeln!(
            out,
            "\n{faint}(no text){faint:#}",
            faint = layout.palette.faint
        )?;
    }
    write_attachments(out, view, layout)?;
    write_defects(out, view, layout)?;
    write_places(out, &view.hit.copies, layout)
}

fn write_header(
    out: &mut dyn Write,
    view: &MessageView,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let found = &view.hit;
    let strong = layout.palette.strong;
    let subject = hit::subject(found.subject.as_deref(), layout);
    let date = format::full_date(
        found.date.as_deref(),
        found.date_precision.as_deref(),
        found.date_source.as_deref(),
        zone,
    );
    write_people(out, "From", &found.from, layout)?;
    write_people(out, "Sender", &view.sender, layout)?;
    write_people(out, "Reply to", &view.reply_to, layout)?;
    write_people(out, "To", &found.to, layout)?;
    write_people(out, "Cc", &found.cc, layout)?;
    write_people(out, "Bcc", &found.bcc, layout)?;
    write_field(out, "Date", &date, layout)?;
    write_field(
        out,
        "Subject",
        &format!("{strong}{subject}{strong:#}"),
        layout,
    )?;
    if !view.redactions.is_empty() {
        write_field(out, "Redactions", &redactions(&view.redactions), layout)?;
    }
    let covered: u64 = view.covered.iter().map(|page| u64::from(page.words)).sum();
    if covered > 0 {
        let text = format!("{} under black boxes", format::counted(covered, "word"));
        write_field(out, "Covered", &text, layout)?;
    }
    if !view.ocr.is_empty() {
        write_field(out, "Scanned", &recognised(&view.ocr), layout)?;
    }
    write_field(out, "Id", &found.id.to_string(), layout)?;
    write_field(out, "Thread", &found.thread.to_string(), layout)?;
    if let Some(message_id) = &found.message_id {
        write_field(out, "Message-ID", &layout.one_line(message_id), layout)?;
    }
    if !found.flags.is_empty() {
        let flags: Vec<String> = found.flags.iter().map(hit::flag_word).collect();
        write_field(out, "Flags", &flags.join(", "), layout)?;
    }
    if let Some(language) = &view.language {
        write_field(out, "Language", language, layout)?;
    }
    if !found.tags.is_empty() {
        write_field(
            out,
            "Tags",
            &layout.one_line(&found.tags.join(", ")),
            layout,
        )?;
    }
    if let Some(note) = &found.note {
        let indent = format!("\n{:LABEL$}", "");
        write_field(
            out,
            "Note",
            &layout.lines(note).replace('\n', &indent),
            layout,
        )?;
    }
    if let Some(parent) = &found.attached_to {
        write_field(out, "Attached to", &parent.to_string(), layout)?;
    }
    for link in &view.links {
        write_link(out, link, layout)?;
    }
    let unnamed = found.linked_count.saturating_sub(view.links.len() as u64);
    if unnamed > 0 {
        let more = format!("and {}", format::counted(unnamed, "more message"));
        write_field(out, "Same text", &more, layout)?;
    }
    Ok(())
}

/// Another form of the message: its id, and unless the content is the same what that rests on.
fn write_link(out: &mut dyn Write, link: &MessageLink, layout: &Layout) -> io::Result<()> {
    if link.evidence == ["content"] {
        return write_field(out, "Same text", &link.id.to_string(), layout);
    }
    let faint = layout.palette.faint;
    let differing = match link.differing {
        0 => "the same words".to_owned(),
        count => format!("differs in {}", format::counted(u64::from(count), "place")),
    };
    let why = format!(
        "{:.0} %: {}; {differing}",
        link.confidence * 100.0,
        link.evidence.join(", ")
    );
    write_field(
        out,
        "Same mail",
        &format!("{} {faint}({why}){faint:#}", link.id),
        layout,
    )
}

fn write_people(
    out: &mut dyn Write,
    label: &str,
    people: &[Person],
    layout: &Layout,
) -> io::Result<()> {
    for (position, person) in people.iter().enumerate() {
        let label = if position == 0 { label } else { "" };
        write_field(out, label, &format::full_person(person, layout), layout)?;
    }
    Ok(())
}

fn write_field(out: &mut dyn Write, label: &str, value: &str, layout: &Layout) -> io::Result<()> {
    let faint = layout.palette.faint;
    writeln!(out, "{faint}{label:<LABEL$}{faint:#}{value}")
}

/// Writes a text; what is not the author's own is faint where there is colour.
fn write_body(out: &mut dyn Write, body: &BodyText, layout: &Layout) -> io::Result<()> {
    let faint = layout.palette.faint;
    if body.kind == TextKind::Html {
        writeln!(
            out,
            "{faint}(text of part {}, taken out of HTML){faint:#}",
            body.part
        )?;
    }
    let mut at = 0;
    let mut lines = Lines::default();
    for zone in &body.zones {
        let zone = zone.zone;
        let (start, end) = (zone.start as usize, zone.end as usize);
        let Some(text) = body.text.get(start..end) else {
            break;
        };
        let own = zone.kind == ZoneKind::Author;
        if own {
            write!(out, "{}", layout.lines(&lines.calm(text)))?;
        } else {
            let text = lines.calm(text);
            write!(out, "{faint}{}{faint:#}", layout.lines(&text))?;
        }
        at = end;
    }
    // Whatever the zones leave over is shown all the same.
    let rest = body.text.get(at..).unwrap_or(&body.text);
    write!(out, "{}", layout.lines(&lines.calm(rest)))?;
    if !body.text.ends_with('\n') {
        writeln!(out)?;
    }
    Ok(())
}

/// The lines of a text that is written piece by piece.
#[derive(Default)]
struct Lines {
    /// Whether the last line was blank.
    blank: bool,
    /// Whether the last piece ended within a line.
    open: bool,
}

impl Lines {
    /// The next piece, with one blank line where the text has several.
    fn calm(&mut self, piece: &str) -> String {
        let mut calm = String::with_capacity(piece.len());
        for line in piece.split_inclusive('\n') {
            let whole = !self.open && line.ends_with('\n');
            let blank = whole && line.trim().is_empty();
            if !(blank && self.blank) {
                calm.push_str(line);
            }
            self.blank = blank;
            self.open = !line.ends_with('\n');
        }
        calm
    }
}

fn write_attachments(out: &mut dyn Write, view: &MessageView, layout: &Layout) -> io::Result<()> {
    if view.hit.attachments.is_empty() && view.attached.is_empty() {
        return Ok(());
    }
    write_title(out, "Attachments", layout)?;
    let mut table = Table::new(&[
        ("Part", Align::Left),
        ("Name", Align::Left),
        ("Type", Align::Left),
        ("Size", Align::Right),
        ("Text", Align::Left),
    ]);
    for (position, attachment) in view.hit.attachments.iter().enumerate() {
        let name = attachment.name.as_deref().unwrap_or("(no name)");
        table.row(vec![
            attachment.part.clone(),
            layout.one_line(name).into_owned(),
            layout.one_line(&attachment.content_type).into_owned(),
            format::bytes(attachment.size),
            layout
                .one_line(&state(view.attachment_states.get(position)))
                .into_owned(),
        ]);
    }
    for line in table.lines(layout.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    for id in &view.attached {
        writeln!(out, "  message of its own: {id}")?;
    }
    Ok(())
}

fn state(state: Option<&AttachmentState>) -> String {
    match state {
        Some(AttachmentState::Text) => "searched".to_owned(),
        Some(AttachmentState::Message) => "a message of its own".to_owned(),
        Some(AttachmentState::NoText) => "none by nature".to_owned(),
        Some(AttachmentState::Unsupported(kind)) => format!("not yet readable: {kind}"),
        Some(AttachmentState::Unread(reason)) => format!("unread: {reason}"),
        None => String::new(),
    }
}

fn write_defects(out: &mut dyn Write, view: &MessageView, layout: &Layout) -> io::Result<()> {
    if view.defects.is_empty() {
        return Ok(());
    }
    write_title(out, "What is wrong with it", layout)?;
    for defect in &view.defects {
        let code = hit::flag_word(&defect.code);
        let place = format::count(defect.offset);
        let detail = layout.one_line(&defect.detail);
        let colon = if detail.is_empty() { "" } else { ": " };
        writeln!(out, "  {code} at byte {place}{colon}{detail}")?;
    }
    Ok(())
}

/// Writes where every copy lies, so that anyone can check it with other tools.
fn write_places(out: &mut dyn Write, copies: &[CopyPlace], layout: &Layout) -> io::Result<()> {
    write_title(out, "Where it is from", layout)?;
    for (position, copy) in copies.iter().enumerate() {
        if position > 0 {
            writeln!(out)?;
        }
        write_place(out, copy, layout)?;
    }
    Ok(())
}

fn write_place(out: &mut dyn Write, copy: &CopyPlace, layout: &Layout) -> io::Result<()> {
    let field = |out: &mut dyn Write, label: &str, value: &str| {
        write!(out, "  ")?;
        write_field(out, label, value, layout)
    };
    field(out, "Release", &layout.one_line(&copy.release))?;
    field(out, "Source", &layout.one_line(&copy.source))?;
    if let Some(inside) = &copy.path_inside {
        field(out, "Inside", &layout.one_line(inside))?;
    }
    if let Some(folder) = &copy.folder {
        field(out, "Folder", &layout.one_line(folder))?;
    }
    if let Some(pages) = &copy.pages {
        field(out, "Pages", &layout.one_line(pages))?;
    }
    // Not grouped: these are copied into other tools.
    field(
        out,
        "Bytes",
        &format!("{} from byte {}", copy.length, copy.offset),
    )?;
    field(out, "SHA-256", &copy.sha256.to_string())
}

/// Codes with how often each stands: `b5, b6 (3)`.
fn redactions(list: &[Redaction]) -> String {
    let one = |redaction: &Redaction| match redaction.count {
        1 => redaction.code.clone(),
        count => format!("{} ({count})", redaction.code),
    };
    list.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// How sure the text of pages is that were images: `2 pages read by tesseract 5.3.0, eng: 91 % sure, 14 of 230 words doubtful`.
fn recognised(pages: &[RecognisedPage]) -> String {
    let sum =
        |of: fn(&RecognisedPage) -> u32| pages.iter().map(|page| u64::from(of(page))).sum::<u64>();
    let words = sum(|page| page.words);
    let sure: u64 = pages
        .iter()
        .map(|page| u64::from(page.confidence) * u64::from(page.words))
        .sum();
    format!(
        "{} read by {}: {} % sure, {} of {} doubtful",
        format::counted(pages.len() as u64, "page"),
        pages.first().map_or("", |page| page.by.as_str()),
        sure / words.max(1),
        format::count(sum(|page| page.doubtful_count)),
        format::counted(words, "word"),
    )
}

fn write_title(out: &mut dyn Write, title: &str, layout: &Layout) -> io::Result<()> {
    let strong = layout.palette.strong;
    writeln!(out, "\n{strong}{title}{strong:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::Target;
    use crate::render::hit::tests::hit;
    use crate::terminal::Palette;
    use muckrake_case::body::ZonePlace;
    use muckrake_mail::Defect;
    use muckrake_mail::DefectCode;
    use muckrake_mail::Zone;

    fn view() -> MessageView {
        let text = "Agreed.\n\n> shall we?\n".to_owned();
        let zone = |start, end, kind, depth, line| ZonePlace {
            zone: Zone {
                start,
                end,
                kind,
                depth,
            },
            first_line: line,
            last_line: line + 1,
        };
        MessageView {
            hit: hit(),
            sender: vec![],
            reply_to: vec![],
            body: vec![BodyText {
                part: "1".to_owned(),
                kind: TextKind::Plain,
                alternative: false,
                zones: vec![
                    zone(0, 9, ZoneKind::Author, 0, 1),
                    zone(9, 21, ZoneKind::Quoted, 1, 3),
                ],
                quoted: vec![],
                text,
            }],
            language: Some("en".to_owned()),
            defects: vec![Defect {
                code: DefectCode::BadCharset,
                offset: 1204,
                detail: "x-unknown".to_owned(),
            }],
            attachment_states: vec![AttachmentState::Unsupported("pdf".to_owned())],
            attached: vec![],
            links: vec![],
            redactions: vec![],
            print: None,
            boxes: vec![],
            ocr: vec![],
            covered: vec![],
        }
    }

    fn render(view: &MessageView, layout: &Layout) -> String {
        let mut out = Vec::new();
        write_message(&mut out, view, layout, &TimeZone::UTC).expect("a vector takes every byte");
        String::from_utf8(out).expect("only UTF-8 was written")
    }

    #[test]
    fn a_message_ends_with_where_it_is_from() {
        let text = render(&view(), &Layout::plain(100));
        let sha = "11".repeat(32);
        let expected_end = format!(
            "Attachments\n  Part  Name      Type               Size  Text\n  \
             2     plan.pdf  application/pdf  1.2 MB  not yet readable: pdf\n\n\
             What is wrong with it\n  bad-charset at byte 1,204: x-unknown\n\n\
             Where it is from\n  Release     harbour\n  Source      /releases/harbour.mbox\n  \
             Bytes       2048 from byte 117\n  SHA-256     {sha}\n"
        );
        assert!(text.ends_with(&expected_end), "{text}");
        assert!(
            text.starts_with(
                "From        Anne Example <anne@harbour.example>\nTo          Bob Sample"
            ),
            "{text}"
        );
        assert!(text.contains("\n\nAgreed.\n\n> shall we?\n\n"), "{text}");
    }

    #[test]
    fn several_blank_lines_are_one() {
        let mut lines = Lines::default();
        assert_eq!(
            lines.calm("one\n\n \n\t\r\n\n  two\n\n"),
            "one\n\n  two\n\n"
        );
        assert_eq!(lines.calm("\n\n> three\n>\n>\n"), "> three\n>\n>\n");
        assert_eq!(lines.calm("\nfour"), "\nfour");
        assert_eq!(lines.calm("\n\n\nfive"), "\n\nfive");
    }

    #[test]
    fn quotes_are_faint_on_a_terminal() {
        let layout = Layout {
            target: Target::Terminal,
            width: 80,
            palette: Palette::coloured(),
        };
        let faint = layout.palette.faint;
        let text = render(&view(), &layout);
        assert!(
            text.contains(&format!("Agreed.\n\n{faint}> shall we?\n{faint:#}")),
            "{text:?}"
        );
    }

    #[test]
    fn zones_that_do_not_fit_hide_nothing() {
        let mut view = view();
        view.body[0].zones[1].zone.start = 15;
        view.body[0].zones[1].zone.end = 4000;
        assert!(render(&view, &Layout::plain(80)).contains("> shall we?"));
    }
}
