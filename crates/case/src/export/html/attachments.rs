//! Attachments beside the pages, under names that no browser runs.
//!
//! A browser opens a file by the ending of its name. Those that it only shows, or hands to a program
//! for documents, keep their ending. What it would run or render as a page (HTML, SVG, XML, mail) gets
//! `.txt` behind it and is shown as its own source; all else gets `.bin` and is only saved.

use crate::AttachmentSummary;
use crate::export::names;

/// Endings that are kept.
const INERT: &[&str] = &[
    "7z", "aac", "avi", "bmp", "bz2", "csv", "doc", "docx", "flac", "gif", "gz", "ics", "jpeg",
    "jpg", "log", "m4a", "mov", "mp3", "mp4", "odp", "ods", "odt", "ogg", "pdf", "png", "ppt",
    "pptx", "rar", "rtf", "tar", "tif", "tiff", "txt", "vcf", "wav", "webp", "xls", "xlsx", "xz",
    "zip", "zst",
];

/// Endings of text that a browser would render or run; it is shown as it stands.
const SOURCE: &[&str] = &[
    "asc", "c", "cc", "conf", "cpp", "css", "diff", "eml", "h", "htm", "html", "js", "json", "md",
    "mht", "mhtml", "patch", "pl", "py", "rs", "sh", "shtml", "sig", "svg", "vbs", "xht", "xhtml",
    "xml", "xsl", "xslt",
];

/// The file of an attachment, seen from the folder of the export. `number` counts from 1. The id is whole: two that begin
/// alike can be made.
pub(super) fn file(id: &str, number: usize, attachment: &AttachmentSummary) -> String {
    let named = attachment.name.as_deref().and_then(names::attachment);
    let (stem, ending) = named.unwrap_or_else(|| ("attachment".to_owned(), None));
    let ending = match ending.as_deref() {
        Some(kept) if INERT.contains(&kept) => format!(".{kept}"),
        Some(shown) if SOURCE.contains(&shown) => format!(".{shown}.txt"),
        Some(other) => format!(".{other}.bin"),
        None => match attachment.content_type.as_str() {
            "application/pdf" => ".pdf".to_owned(),
            "image/jpeg" => ".jpg".to_owned(),
            "image/png" => ".png".to_owned(),
            "message/rfc822" | "message/global" => ".eml.txt".to_owned(),
            text if text.starts_with("text/") => ".txt".to_owned(),
            _ => ".bin".to_owned(),
        },
    };
    format!("attachments/{id}/{number}-{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_mail::Sha256;

    fn named(name: &str, content_type: &str) -> String {
        let attachment = AttachmentSummary {
            name: (!name.is_empty()).then(|| name.to_owned()),
            content_type: content_type.to_owned(),
            size: 1,
            sha256: Sha256([0; 32]),
            part: "2".to_owned(),
        };
        file("0a1b2c3d4e5f", 2, &attachment).replace("attachments/0a1b2c3d4e5f/2-", "")
    }

    #[test]
    fn no_browser_runs_them() {
        for (name, content_type, safe) in [
            ("plan.pdf", "application/pdf", "plan.pdf"),
            ("page.HTML", "text/html", "page.html.txt"),
            ("logo.svg", "image/svg+xml", "logo.svg.txt"),
            ("run.exe", "application/octet-stream", "run.exe.bin"),
            ("noending", "text/html", "noending.txt"),
            ("", "application/octet-stream", "attachment.bin"),
            ("../../index.html", "text/html", "index.html.txt"),
            ("aux.pdf", "application/pdf", "_aux.pdf"),
        ] {
            assert_eq!(named(name, content_type), safe, "{name}");
        }
    }
}
