//! What hangs on the mail: tables, notes, invitations, pictures, documents.

use std::io::Cursor;
use std::io::Write;

use zip::CompressionMethod;
use zip::DateTime;
use zip::System;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::moment::Moment;
use crate::people::Person;

/// How the name of an attachment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `filename="…"`, with an encoded word in the quotes where it is not ASCII (against
    /// the standard, and what Outlook does).
    Quoted,
    /// `filename*=utf-8''…` (RFC 2231), in two continuations.
    Continued,
}

/// One attached file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
    /// The words in it, if it is text-like; else `None`.
    pub text: Option<String>,
    pub naming: Naming,
}

impl File {
    fn text_like(name: &str, content_type: &'static str, text: String) -> Self {
        let naming = if name.is_ascii() {
            Naming::Quoted
        } else {
            Naming::Continued
        };
        Self {
            name: name.to_owned(),
            content_type,
            bytes: text.clone().into_bytes(),
            text: Some(text),
            naming,
        }
    }

    fn binary(name: &str, content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            content_type,
            bytes,
            text: None,
            naming: Naming::Quoted,
        }
    }
}

/// A table as comma-separated values.
pub(crate) fn csv(name: &str, text: &str) -> File {
    File::text_like(name, "text/csv", text.to_owned())
}

/// A note.
pub(crate) fn note(name: &str, text: &str) -> File {
    File::text_like(name, "text/plain", text.to_owned())
}

/// A page of HTML; its words are those of `paragraphs`.
pub(crate) fn page(name: &str, title: &str, paragraphs: &[&str]) -> File {
    let body: String = paragraphs
        .iter()
        .map(|text| format!("<p>{}</p>\n", escape_html(text)))
        .collect();
    let html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{0}</title>\n<style>p {{ margin: 0 }}</style></head>\n\
         <body><h1>{0}</h1>\n{body}</body></html>\n",
        escape_html(title)
    );
    let mut file = File::text_like(name, "text/html", html);
    file.text = Some(format!("{title}\n{}", paragraphs.join("\n")));
    file
}

/// An invitation (RFC 5545), with its organiser and attendees.
pub(crate) fn invitation(
    summary: &str,
    place: &str,
    start: Moment,
    organizer: &Person,
    guests: &[&Person],
) -> File {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "PRODID:-//Rivermouth//Calendar//EN".to_owned(),
        "VERSION:2.0".to_owned(),
        "METHOD:REQUEST".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}-{}", start.calendar(), organizer.address),
        format!("DTSTAMP:{}", start.plus(-7 * 86_400).calendar()),
        format!("DTSTART:{}", start.calendar()),
        format!("DTEND:{}", start.plus(3600).calendar()),
        format!("SUMMARY:{summary}"),
        format!("LOCATION:{place}"),
        format!(
            "ORGANIZER;CN={}:mailto:{}",
            organizer.name(),
            organizer.address
        ),
    ];
    lines.extend(guests.iter().map(|guest| {
        format!(
            "ATTENDEE;ROLE=REQ-PARTICIPANT;CN={}:mailto:{}",
            guest.name(),
            guest.address
        )
    }));
    lines.extend([
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
        String::new(),
    ]);
    File::text_like("invite.ics", "text/calendar", lines.join("\r\n"))
}

/// A picture of one grey dot: a whole, valid PNG.
pub(crate) fn photo(name: &str) -> File {
    // An 8-bit greyscale image of one pixel; the compressed data is one stored block.
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    png_chunk(
        &mut bytes,
        b"IHDR",
        &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0],
    );
    // zlib header, stored block of 2 bytes (filter 0, grey 0x80), Adler-32 of them.
    png_chunk(
        &mut bytes,
        b"IDAT",
        &[
            0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0x80, 0x00, 0x82, 0x00, 0x81,
        ],
    );
    png_chunk(&mut bytes, b"IEND", &[]);
    File::binary(name, "image/png", bytes)
}

fn png_chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(kind);
    out.extend(data);
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    out.extend(crc.sum().to_be_bytes());
}

/// A document of one page with one line of text.
pub(crate) fn pdf(name: &str, line: &str) -> File {
    let escaped = line
        .replace('\\', "\\\\")
        .replace('(', "\\(")
        .replace(')', "\\)");
    let content = format!("BT /F1 11 Tf 72 720 Td ({escaped}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = out.len();
    out.push_str(&table);
    out.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    File::binary(name, "application/pdf", out.into_bytes())
}

/// A word-processor document with the parts that make it one.
pub(crate) fn docx(name: &str, paragraphs: &[&str]) -> File {
    let body: String = paragraphs
        .iter()
        .map(|text| format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", escape_html(text)))
        .collect();
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    let types = format!(
        "{declaration}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/document.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>"
    );
    let relations = format!(
        "{declaration}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
         Target=\"word/document.xml\"/></Relationships>"
    );
    let document = format!(
        "{declaration}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body></w:document>"
    );
    let members = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", relations),
        ("word/document.xml", document),
    ];
    let bytes = stored_zip(members.iter().map(|(name, text)| (*name, text.as_bytes())));
    File::binary(
        name,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        bytes,
    )
}

/// An archive of uncompressed members. Compressors differ between versions and processors;
/// stored members are the same bytes everywhere.
pub(crate) fn stored_zip<'a>(members: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .system(System::Unix);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        // Writing to memory fails only on names and sizes that no caller here has.
        writer
            .start_file(name, options)
            .expect("names here are short");
        writer.write_all(bytes).expect("memory takes every write");
    }
    writer
        .finish()
        .expect("memory takes every write")
        .into_inner()
}

/// Text as HTML content.
pub(crate) fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
