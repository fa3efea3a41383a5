//! Kinds of attachments, as `filetype:` asks for them.

use std::collections::BTreeSet;

use muckrake_mail::Attachment;
use muckrake_mail::AttachmentState;

/// Kind words by ending of the name or by subtype of the media type.
const KINDS: &[(&str, &[&str])] = &[
    (
        "archive",
        &[
            "7z",
            "bz2",
            "gz",
            "gzip",
            "rar",
            "tar",
            "tgz",
            "txz",
            "x-7z-compressed",
            "x-bzip2",
            "x-gzip",
            "x-rar-compressed",
            "x-tar",
            "x-xz",
            "x-zip-compressed",
            "xz",
            "zip",
            "zst",
            "zstd",
        ],
    ),
    ("calendar", &["calendar", "ics", "vcs"]),
    ("contact", &["directory", "vcard", "vcf", "x-vcard"]),
    (
        "document",
        &[
            "abw",
            "doc",
            "docm",
            "docx",
            "dot",
            "dotx",
            "ms-word",
            "msword",
            "odt",
            "pages",
            "pdf",
            "rtf",
            "vnd.ms-word",
            "vnd.oasis.opendocument.text",
            "vnd.openxmlformats-officedocument.wordprocessingml.document",
            "wpd",
            "wps",
        ],
    ),
    (
        "image",
        &[
            "bmp", "gif", "heic", "ico", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp", "wmf",
            "emf",
        ],
    ),
    ("message", &["eml", "emlx", "msg", "vnd.ms-outlook"]),
    ("pdf", &["pdf", "x-pdf"]),
    (
        "presentation",
        &[
            "key",
            "odp",
            "pot",
            "pps",
            "ppsx",
            "ppt",
            "pptm",
            "pptx",
            "vnd.ms-powerpoint",
            "vnd.oasis.opendocument.presentation",
            "vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
    ),
    (
        "signature",
        &[
            "asc",
            "p7m",
            "p7s",
            "pgp",
            "pgp-signature",
            "pkcs7-signature",
            "sig",
            "x-pkcs7-signature",
        ],
    ),
    (
        "spreadsheet",
        &[
            "csv",
            "numbers",
            "ods",
            "tsv",
            "vnd.ms-excel",
            "vnd.oasis.opendocument.spreadsheet",
            "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xls",
            "xlsb",
            "xlsm",
            "xlsx",
        ],
    ),
    (
        "text",
        &[
            "csv", "diff", "htm", "html", "log", "md", "patch", "txt", "x-diff", "x-patch",
        ],
    ),
    ("audio", &["aac", "m4a", "mp3", "ogg", "wav", "wma"]),
    (
        "video",
        &["avi", "m4v", "mkv", "mov", "mp4", "mpg", "webm", "wmv"],
    ),
];

/// All names under which an attachment's kind can be asked for, in lower case:
/// the ending of its name, its media type, its subtype, and kind words.
pub(crate) fn of(attachment: &Attachment) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let content_type = attachment.content_type.trim().to_lowercase();
    let ending = attachment.name.as_deref().and_then(ending_of);
    let (main, subtype) = content_type.split_once('/').unwrap_or((&content_type, ""));
    for (kind, members) in KINDS {
        let is_member = |name: &str| members.contains(&name);
        if is_member(subtype) || ending.as_deref().is_some_and(is_member) {
            names.insert((*kind).to_owned());
        }
    }
    if ["image", "audio", "video", "text"].contains(&main) {
        names.insert(main.to_owned());
    }
    if main == "message" || attachment.state == AttachmentState::Message {
        names.insert("message".to_owned());
    }
    names.extend(ending);
    if !subtype.is_empty() {
        names.insert(subtype.to_owned());
    }
    names.insert(content_type);
    names
}

/// What follows the last point of a name, in lower case.
fn ending_of(name: &str) -> Option<String> {
    let (_, ending) = name.trim().rsplit_once('.')?;
    let ending = ending.trim().to_lowercase();
    (!ending.is_empty()).then_some(ending)
}

#[cfg(test)]
mod tests {
    use muckrake_mail::Sha256;

    use super::*;

    fn kinds(name: Option<&str>, content_type: &str) -> Vec<String> {
        let attachment = Attachment {
            part: "2".to_owned(),
            name: name.map(str::to_owned),
            content_type: content_type.to_owned(),
            size: 1,
            sha256: Sha256([0; 32]),
            text: None,
            state: AttachmentState::NoText,
        };
        of(&attachment).into_iter().collect()
    }

    #[test]
    fn kinds_come_from_the_ending_and_from_the_type() {
        assert_eq!(
            kinds(Some("Budget.XLSX"), "application/octet-stream"),
            [
                "application/octet-stream",
                "octet-stream",
                "spreadsheet",
                "xlsx"
            ]
        );
        assert_eq!(
            kinds(None, "application/pdf"),
            ["application/pdf", "document", "pdf"]
        );
        assert_eq!(
            kinds(Some("a.b.JPG"), "image/jpeg"),
            ["image", "image/jpeg", "jpeg", "jpg"]
        );
        assert_eq!(
            kinds(None, "message/rfc822"),
            ["message", "message/rfc822", "rfc822"]
        );
    }
}
