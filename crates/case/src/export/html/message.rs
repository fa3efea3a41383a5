//! One message as HTML: who, when, what; quotations folded, attachments beside, where it is from below.

use super::page::escape;
use super::words;
use crate::BodyText;
use crate::CopyPlace;
use crate::MessageView;
use crate::Person;
use crate::export::edrm;
use muckrake_mail::MessageKey;
use muckrake_mail::TextKind;
use muckrake_mail::ZoneKind;
use std::fmt::Write;
use std::path::Path;

/// What a page knows of a message beside the message.
pub(super) struct Place<'a> {
    /// The subject at the top of the page, which is not said again.
    pub(super) title: Option<&'a str>,
    /// Whether it is marked: it was selected, and others were not.
    pub(super) hit: bool,
    /// The message on the same page that it answers, and who wrote that.
    pub(super) answered: Option<(MessageKey, &'a str)>,
    /// Whether what it answers is a guess.
    pub(super) guessed: bool,
    /// The file of each attachment, from the folder of the export.
    pub(super) files: &'a [Option<String>],
}

/// A message as an article.
pub(super) fn html(view: &MessageView, place: &Place<'_>) -> String {
    let hit = &view.hit;
    let mut html = format!(
        "<article id=\"m{}\" class=\"message{}\">\n<header>\n",
        hit.id,
        if place.hit { " marked" } else { "" }
    );
    put_head(&mut html, view, place);
    html.push_str("</header>\n<div class=\"contents\">\n<div class=\"body\">\n");
    let shown: Vec<&BodyText> = view.body.iter().filter(|text| !text.alternative).collect();
    if shown.iter().all(|text| text.text.trim().is_empty()) {
        html.push_str("<p class=\"none\">No text</p>\n");
    }
    for text in shown {
        put_text(&mut html, text);
    }
    html.push_str("</div>\n");
    put_attachments(&mut html, view, place.files);
    html.push_str("</div>\n");
    put_origin(&mut html, view);
    html.push_str("</article>\n");
    html
}

// Writing to a string does not fail, here and below.
fn put_head(html: &mut String, view: &MessageView, place: &Place<'_>) {
    let hit = &view.hit;
    let date = match &hit.date {
        Some(date) => format!(
            "<time datetime=\"{}\">{}</time>",
            escape(date),
            words::date(date)
        ),
        None => "undated".to_owned(),
    };
    let from: Vec<String> = hit.from.iter().map(words::full).collect();
    let _ = writeln!(
        html,
        "<p class=\"from\"><span>{}</span><span class=\"date\">{date}</span></p>",
        match from.is_empty() {
            true => "<bdi class=\"name\">unknown sender</bdi>".to_owned(),
            false => from.join(", "),
        }
    );
    for (label, people) in [("To", &hit.to), ("Cc", &hit.cc), ("Bcc", &hit.bcc)] {
        put_people(html, label, people);
    }
    if hit.subject.as_deref() != place.title {
        let _ = writeln!(
            html,
            "<p class=\"about\" dir=\"auto\">{}</p>",
            escape(hit.subject.as_deref().unwrap_or("(no subject)"))
        );
    }
    if let Some((id, writer)) = place.answered {
        let guess = if place.guessed { " (a guess)" } else { "" };
        let _ = writeln!(
            html,
            "<p class=\"answers\"><a href=\"#m{id}\">answers <bdi>{}</bdi></a>{guess}</p>",
            escape(writer)
        );
    }
}

/// How many people of one role are shown without being asked for.
const PEOPLE: usize = 12;

fn put_people(html: &mut String, label: &str, people: &[Person]) {
    if people.is_empty() {
        return;
    }
    let people: Vec<String> = people.iter().map(words::full).collect();
    let (shown, folded) = people.split_at(PEOPLE.min(people.len()));
    let _ = write!(
        html,
        "<div class=\"people\"><span class=\"role\">{label}</span> {}",
        shown.join(", ")
    );
    if !folded.is_empty() {
        let _ = write!(
            html,
            "<details><summary>and {} more</summary>{}</details>",
            folded.len(),
            folded.join(", ")
        );
    }
    html.push_str("</div>\n");
}

/// A stretch of one kind as it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Own,
    Quoted,
    Forwarded,
    Signature,
    Footer,
}

impl Look {
    fn of(kind: ZoneKind) -> Self {
        match kind {
            ZoneKind::Author => Self::Own,
            ZoneKind::Quoted => Self::Quoted,
            ZoneKind::Forwarded => Self::Forwarded,
            ZoneKind::Signature => Self::Signature,
            ZoneKind::Disclaimer => Self::Footer,
        }
    }
}

fn put_text(html: &mut String, text: &BodyText) {
    let kind = match text.kind {
        TextKind::Plain => "plain",
        TextKind::Html => "prose",
    };
    let stretches = stretches(text);
    // A message that says nothing of its own is read for what it passes on.
    let says_something = stretches
        .iter()
        .any(|(look, words)| *look == Look::Own && !words.trim().is_empty());
    for (look, words) in stretches {
        let words = words.trim_matches('\n');
        if words.trim().is_empty() {
            continue;
        }
        let lines = words::counted(words.lines().count(), "line");
        let words = escape(words);
        let _ = match look {
            Look::Own => writeln!(html, "<div class=\"own {kind}\" dir=\"auto\">{words}</div>"),
            Look::Signature => {
                writeln!(
                    html,
                    "<div class=\"signature {kind}\" dir=\"auto\">{words}</div>"
                )
            }
            Look::Quoted | Look::Forwarded | Look::Footer => {
                let (class, label, open) = match look {
                    Look::Quoted => ("quoted", "Quoted", !says_something),
                    Look::Forwarded => ("forwarded", "Forwarded", true),
                    _ => ("footer", "Footer", false),
                };
                let open = if open { " open" } else { "" };
                writeln!(
                    html,
                    "<details class=\"{class}\"{open}><summary>{label}, {lines}</summary><div class=\"{kind}\" dir=\"auto\">{words}</div></details>"
                )
            }
        };
    }
}

/// The zones of a text; neighbours that look the same are one.
fn stretches(text: &BodyText) -> Vec<(Look, &str)> {
    let mut stretches: Vec<(Look, usize, usize)> = Vec::new();
    for place in &text.zones {
        let look = Look::of(place.zone.kind);
        let (start, end) = (place.zone.start as usize, place.zone.end as usize);
        match stretches.last_mut() {
            Some(last) if last.0 == look => last.2 = end,
            _ => stretches.push((look, start, end)),
        }
    }
    stretches
        .into_iter()
        .filter_map(|(look, start, end)| Some((look, text.text.get(start..end)?)))
        .collect()
}

fn put_attachments(html: &mut String, view: &MessageView, files: &[Option<String>]) {
    let attachments = &view.hit.attachments;
    if attachments.is_empty() {
        return;
    }
    let _ = writeln!(
        html,
        "<aside class=\"attachments\">\n<h2>{}</h2>\n<ul>",
        words::counted(attachments.len(), "attachment")
    );
    for (place, attachment) in attachments.iter().enumerate() {
        let name = escape(attachment.name.as_deref().unwrap_or("(without a name)"));
        let file = files.get(place).and_then(Option::as_deref);
        let name = match file {
            // The names of files are letters and digits of any script and `-_(),+.`.
            Some(file) => format!(
                "<a href=\"../{}\" download><bdi>{name}</bdi></a>",
                address(file)
            ),
            None => format!("<bdi>{name}</bdi> (its original cannot be read)"),
        };
        let _ = writeln!(
            html,
            "<li>{name}<br><span>{}, {}</span></li>",
            escape(&attachment.content_type),
            words::size(attachment.size)
        );
    }
    html.push_str("</ul>\n</aside>\n");
}

/// A path as an address (RFC 3986 §2): what is not plain ASCII is given by its bytes.
fn address(path: &str) -> String {
    let mut address = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                address.push(char::from(byte));
            }
            other => {
                let _ = write!(address, "%{other:02X}");
            }
        }
    }
    address
}

fn put_origin(html: &mut String, view: &MessageView) {
    let hit = &view.hit;
    let _ = writeln!(
        html,
        "<details class=\"origin\"><summary>Where it is from: {}</summary>\n<dl>",
        words::counted(hit.copies.len(), "place")
    );
    for copy in &hit.copies {
        let _ = writeln!(
            html,
            "<dt>{}</dt><dd>{}<br>bytes {} to {}, SHA-256 <code>{}</code></dd>",
            escape(&copy.release),
            escape(&place(copy)),
            copy.offset,
            copy.offset + copy.length,
            copy.sha256
        );
    }
    let _ = writeln!(html, "<dt>Id</dt><dd><code>{}</code></dd>", hit.id);
    if let Some(id) = &hit.message_id {
        let _ = writeln!(
            html,
            "<dt>Message-ID</dt><dd><code>{}</code></dd>",
            escape(id)
        );
    }
    if let Some(hash) = edrm::message_id_hash(hit.message_id.as_deref()) {
        let _ = writeln!(html, "<dt>EDRM hash</dt><dd><code>{hash}</code></dd>");
    }
    html.push_str("</dl>\n</details>\n");
}

/// The source by its name, without the folders of this machine, and the path inside it.
fn place(copy: &CopyPlace) -> String {
    let source = Path::new(&copy.source);
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    match &copy.path_inside {
        Some(inside) => format!("{name}!/{inside}"),
        None => name.into_owned(),
    }
}
