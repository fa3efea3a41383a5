//! Rows of a list: messages and threads.

use crate::format;
use crate::render::snippet;
use crate::table::shorten;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::Hit;
use muckrake_case::Person;
use muckrake_case::ThreadHit;
use muckrake_case::csv;
use muckrake_case::csv::Cells;
use std::io;
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// How far the lines under the first one are set in.
const INDENT: usize = 4;
/// Digits of an id in a list: enough to be unique in a case of some ten thousand messages.
const SHORT_ID: usize = 8;
/// Recipients named before the rest is counted.
const NAMED: usize = 2;
/// Who wrote in a thread, named before the rest is counted.
const NAMED_IN_THREAD: usize = 4;
/// Cells of a date with the mark of an unknown zone.
const DATE_WIDTH: usize = 17;

/// Writes one message of a list: when, id, who to whom; subject; the words that matched.
pub(crate) fn write_hit(
    out: &mut dyn Write,
    hit: &Hit,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let palette = &layout.palette;
    let date = format::list_date(hit.date.as_deref(), hit.date_precision.as_deref(), zone);
    let head = format!("{date:<DATE_WIDTH$}  {}  ", short_id(&hit.id.to_string()));
    let people = people(hit, layout, layout.width.saturating_sub(head.width()));
    writeln!(out, "{faint}{head}{faint:#}{people}", faint = palette.faint)?;

    let remarks = remarks(hit, layout);
    let room = layout.width.saturating_sub(
        INDENT
            + if remarks.is_empty() {
                0
            } else {
                remarks.width() + 2
            },
    );
    let subject = shorten(&subject(hit.subject.as_deref(), layout), room.max(SHORT_ID));
    write!(
        out,
        "{:INDENT$}{strong}{subject}{strong:#}",
        "",
        strong = palette.strong
    )?;
    if !remarks.is_empty() {
        write!(out, "  {faint}{remarks}{faint:#}", faint = palette.faint)?;
    }
    writeln!(out)?;

    if let Some(snippet) = &hit.snippet {
        for line in snippet::lines(snippet, layout, layout.width - INDENT) {
            writeln!(out, "{:INDENT$}{line}", "")?;
        }
    }
    Ok(())
}

/// Writes one thread of a list: span, id, counts; subject; who wrote.
pub(crate) fn write_thread(
    out: &mut dyn Write,
    thread: &ThreadHit,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let palette = &layout.palette;
    let first = format::list_day(thread.first.as_deref(), zone);
    let last = format::list_day(thread.last.as_deref(), zone);
    let span = if first == last {
        first
    } else {
        format!("{first} – {last}")
    };
    let mut counts = format!(
        "{} of {}",
        format::count(thread.hits),
        format::counted(thread.messages, "message")
    );
    if thread.guesses > 0 {
        counts.push_str(&format!(", {} by guess", format::count(thread.guesses)));
    }
    writeln!(
        out,
        "{faint}{span:<23}  {}  {faint:#}{counts}",
        short_id(&thread.thread.to_string()),
        faint = palette.faint
    )?;
    let room = layout.width - INDENT;
    let subject = shorten(&subject(thread.subject.as_deref(), layout), room);
    writeln!(
        out,
        "{:INDENT$}{strong}{subject}{strong:#}",
        "",
        strong = palette.strong
    )?;
    let people = some_people(&thread.people, NAMED_IN_THREAD, layout);
    if !people.is_empty() {
        writeln!(out, "{:INDENT$}{}", "", shorten(&people, room))?;
    }
    Ok(())
}

/// An id as lists show it; `show`, `export --ids` and `id:` take it so.
pub(crate) fn short_id(id: &str) -> &str {
    id.get(..SHORT_ID).unwrap_or(id)
}

/// A subject for people.
pub(crate) fn subject(subject: Option<&str>, layout: &Layout) -> String {
    let subject = layout
        .one_line(subject.unwrap_or_default())
        .trim()
        .to_owned();
    if subject.is_empty() {
        "(no subject)".to_owned()
    } else {
        subject
    }
}

/// Who to whom: as many recipients by name as there is room for, the rest counted.
pub(crate) fn people(hit: &Hit, layout: &Layout, width: usize) -> String {
    let from = some_people(&hit.from, NAMED, layout);
    let from = if from.is_empty() {
        "(no sender)".to_owned()
    } else {
        from
    };
    let recipients: Vec<Person> = hit
        .to
        .iter()
        .chain(&hit.cc)
        .chain(&hit.bcc)
        .cloned()
        .collect();
    if recipients.is_empty() {
        return shorten(&from, width);
    }
    let text = |named| format!("{from} → {}", some_people(&recipients, named, layout));
    let fitting = (1..=NAMED)
        .rev()
        .map(text)
        .find(|text| text.width() <= width);
    fitting.unwrap_or_else(|| shorten(&text(1), width))
}

/// Names, with `;` between them: many directories write `Family, Given`.
fn some_people(people: &[Person], named: usize, layout: &Layout) -> String {
    let names: Vec<String> = people
        .iter()
        .take(named)
        .map(|person| format::short_person(person, layout))
        .collect();
    let mut text = names.join("; ");
    if people.len() > named {
        text.push_str(&format!(" +{}", people.len() - named));
    }
    text
}

fn remarks(hit: &Hit, layout: &Layout) -> String {
    let mut remarks: Vec<String> = hit
        .tags
        .iter()
        .map(|tag| format!("#{}", layout.one_line(tag)))
        .collect();
    if hit.note.is_some() {
        remarks.push("noted".to_owned());
    }
    if hit.releases.len() > 1 {
        remarks.push(format!("in {} releases", hit.releases.len()));
    }
    if !hit.attachments.is_empty() {
        remarks.push(format::counted(hit.attachments.len() as u64, "attachment"));
    }
    if hit.attached_to.is_some() {
        remarks.push("attached to another message".to_owned());
    }
    if hit.linked_count > 0 {
        remarks.push(format!("+{} linked", format::count(hit.linked_count)));
    }
    if remarks.is_empty() {
        return String::new();
    }
    format!("[{}]", remarks.join("; "))
}

/// Writes the header row of the list of messages.
pub(crate) fn write_csv_header(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}\r\n", csv::header())
}

/// Writes one message as a row; its place is that of its first copy.
pub(crate) fn write_csv_row(
    out: &mut dyn Write,
    hit: &Hit,
    cells: Cells,
    layout: &Layout,
) -> io::Result<()> {
    write!(out, "{}\r\n", layout.lines(&csv::row(hit, cells)))
}

/// Writes the header row of the list of threads.
pub(crate) fn write_thread_csv_header(out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "thread,subject,first,last,messages,hits,people,ids\r\n"
    )
}

/// Writes one thread as a row.
pub(crate) fn write_thread_csv_row(
    out: &mut dyn Write,
    thread: &ThreadHit,
    cells: Cells,
    layout: &Layout,
) -> io::Result<()> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields = [
        thread.thread.to_string(),
        text(&thread.subject),
        text(&thread.first),
        text(&thread.last),
        thread.messages.to_string(),
        thread.hits.to_string(),
        join(
            thread
                .people
                .iter()
                .map(|person| format::full_person(person, layout)),
        ),
        join(thread.ids.iter().map(ToString::to_string)),
    ];
    let row = fields.map(|field| csv::cell(&field, cells)).join(",");
    write!(out, "{}\r\n", layout.lines(&row))
}

fn join(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join("; ")
}

/// The word of a value that serialises to one, such as a flag.
pub(crate) fn flag_word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use muckrake_case::AttachmentSummary;
    use muckrake_case::CopyPlace;
    use muckrake_case::SCHEMA;
    use muckrake_case::Snippet;
    use muckrake_mail::Flag;
    use muckrake_mail::MessageKey;
    use muckrake_mail::Sha256;

    pub(crate) fn person(name: &str, address: &str) -> Person {
        Person {
            name: Some(name.to_owned()),
            address: Some(address.to_owned()),
            official: None,
        }
    }

    pub(crate) fn hit() -> Hit {
        Hit {
            schema: SCHEMA,
            id: MessageKey([0xab; 20]),
            thread: MessageKey([0xcd; 20]),
            date: Some("2016-05-11T14:03:22+00:00".to_owned()),
            date_precision: Some("second".to_owned()),
            zone_known: true,
            date_source: Some("header".to_owned()),
            from: vec![person("Anne Example", "anne@harbour.example")],
            to: vec![
                person("Bob Sample", "bob@city.example"),
                person("Carol Demo", "carol@city.example"),
                person("Dan Trial", "dan@city.example"),
            ],
            cc: vec![],
            bcc: vec![],
            subject: Some("=Budget \u{1b}[31mfor the north pier".to_owned()),
            releases: vec!["harbour".to_owned(), "city".to_owned()],
            copies: vec![CopyPlace {
                release: "harbour".to_owned(),
                source: "/releases/harbour.mbox".to_owned(),
                path_inside: None,
                offset: 117,
                length: 2048,
                sha256: Sha256([0x11; 32]),
                source_sha256: None,
                pages: None,
                folder: None,
            }],
            linked: vec![MessageKey([1; 20]), MessageKey([2; 20])],
            linked_count: 2,
            attached_to: None,
            attachments: vec![AttachmentSummary {
                name: Some("plan.pdf".to_owned()),
                content_type: "application/pdf".to_owned(),
                size: 1_234_567,
                sha256: Sha256([0x22; 32]),
                part: "2".to_owned(),
            }],
            size: 2048,
            flags: vec![Flag::Attachment, Flag::Reply],
            score: 1.5,
            snippet: Some(Snippet {
                text: "the amended budget was sent".to_owned(),
                marks: std::iter::once(12..18).collect(),
            }),
            message_id: Some("m1@harbour.example".to_owned()),
            tags: vec![],
            note: None,
        }
    }

    #[test]
    fn a_hit_is_three_calm_lines() {
        let mut out = Vec::new();
        write_hit(&mut out, &hit(), &Layout::plain(100), &TimeZone::UTC)
            .expect("a vector takes every byte");
        assert_eq!(
            String::from_utf8(out).expect("only UTF-8 was written"),
            "2016-05-11 14:03   abababab  Anne Example → Bob Sample; Carol Demo +1\n    \
             =Budget \\x1b[31mfor the north pier  [in 2 releases; 1 attachment; +2 linked]\n    \
             the amended budget was sent\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut hit = hit();
        hit.subject = Some("港湾局 ".repeat(60));
        hit.from = vec![person(&"very long name ".repeat(20), "a@b.example")];
        let mut out = Vec::new();
        write_hit(&mut out, &hit, &Layout::plain(80), &TimeZone::UTC)
            .expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("only UTF-8 was written");
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut hit = hit();
        (hit.date, hit.subject, hit.snippet) = (None, None, None);
        (hit.from, hit.to) = (vec![], vec![]);
        let mut out = Vec::new();
        write_hit(&mut out, &hit, &Layout::plain(100), &TimeZone::UTC)
            .expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("only UTF-8 was written");
        assert!(
            text.starts_with("no date            abababab  (no sender)\n    (no subject)"),
            "{text}"
        );
    }

    #[test]
    fn a_csv_row_is_safe_and_cites_the_first_copy() {
        let mut out = Vec::new();
        write_csv_row(&mut out, &hit(), Cells::Safe, &Layout::plain(100))
            .expect("a vector takes every byte");
        let row = String::from_utf8(out).expect("only UTF-8 was written");
        assert!(
            row.contains(",'=Budget \\x1b[31mfor the north pier,"),
            "{row}"
        );
        assert!(
            row.contains(&format!(
                ",/releases/harbour.mbox,,117,2048,{}",
                "11".repeat(32)
            )),
            "{row}"
        );
        assert!(row.ends_with("\r\n") && row.lines().count() == 1, "{row}");
    }

    #[test]
    fn a_thread_is_one_block() {
        let thread = ThreadHit {
            schema: SCHEMA,
            thread: MessageKey([0xcd; 20]),
            subject: Some("North pier".to_owned()),
            first: Some("2016-05-11T14:03:22Z".to_owned()),
            last: Some("2016-06-01T08:00:00Z".to_owned()),
            messages: 12,
            hits: 3,
            guesses: 2,
            people: vec![person("Anne Example", "anne@harbour.example")],
            ids: vec![],
        };
        let mut out = Vec::new();
        write_thread(&mut out, &thread, &Layout::plain(100), &TimeZone::UTC)
            .expect("a vector takes every byte");
        assert_eq!(
            String::from_utf8(out).expect("only UTF-8 was written"),
            "2016-05-11 – 2016-06-01  cdcdcdcd  3 of 12 messages, 2 by guess\n    North pier\n    Anne Example\n"
        );
    }
}
