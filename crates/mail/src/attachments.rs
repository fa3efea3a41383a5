//! What kind of thing an attachment is, by its bytes first, then by what it says of itself.

use crate::model::AttachmentState;

/// Bytes looked at to tell text from other things.
const SNIFFED_BYTES: usize = 8 << 10;

/// What an attachment turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text as it stands.
    Text,
    /// HTML.
    Html,
    /// Calendar or card: text whose long lines are folded (RFC 5545 §3.1, RFC 6350 §3.2).
    Folded,
    /// No text by nature.
    NoText,
    /// Encrypted.
    Encrypted,
    /// Taken out by a mail program before the release; only a note is left.
    Detached,
    /// Something that cannot be read yet; a short stable word for it.
    Unsupported(&'static str),
}

impl Kind {
    /// The state of an attachment of this kind, `Text` where its text can be had.
    pub(crate) fn state(self) -> AttachmentState {
        match self {
            Self::Text | Self::Html | Self::Folded => AttachmentState::Text,
            Self::NoText => AttachmentState::NoText,
            Self::Encrypted => AttachmentState::Unread("encrypted".to_owned()),
            Self::Detached => AttachmentState::Unread("detached by a mail program".to_owned()),
            Self::Unsupported(kind) => AttachmentState::Unsupported(kind.to_owned()),
        }
    }
}

/// Tells the kind of an attachment from its media type (lower case), name and bytes.
pub(crate) fn kind(content_type: &str, name: Option<&str>, bytes: &[u8]) -> Kind {
    let extension = name.and_then(extension_of).unwrap_or_default();
    if matches!(
        content_type,
        "application/pkcs7-mime" | "application/x-pkcs7-mime"
    ) {
        return cms_kind(bytes);
    }
    if let Some(kind) = by_magic(bytes, content_type, &extension) {
        return kind;
    }
    if let Some(kind) = by_type(content_type) {
        return kind;
    }
    if let Some(kind) = by_extension(&extension) {
        return kind;
    }
    if looks_like_text(bytes) {
        Kind::Text
    } else {
        Kind::Unsupported("binary")
    }
}

/// Whether a part of this type and name may be a message of its own.
pub(crate) fn may_be_message(content_type: &str, name: Option<&str>) -> bool {
    matches!(
        content_type,
        "message/rfc822" | "message/global" | "message/news"
    ) || name
        .and_then(extension_of)
        .is_some_and(|extension| extension == "eml")
}

/// The extension of a file name in lower case.
fn extension_of(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    (extension.len() <= 8).then(|| extension.trim().to_ascii_lowercase())
}

/// First bytes, and what they prove.
const MAGIC: [(&[u8], Kind); 33] = [
    (b"%PDF-", Kind::Unsupported("pdf")),
    (b"{\\rtf", Kind::Unsupported("rtf")),
    (b"\x78\x9f\x3e\x22", Kind::Unsupported("tnef")),
    (b"!BDN", Kind::Unsupported("pst")),
    (b"\x1f\x8b", Kind::Unsupported("gzip")),
    (b"BZh", Kind::Unsupported("bzip2")),
    (b"\xfd7zXZ\x00", Kind::Unsupported("xz")),
    (b"\x28\xb5\x2f\xfd", Kind::Unsupported("zstd")),
    (b"7z\xbc\xaf\x27\x1c", Kind::Unsupported("7z")),
    (b"Rar!\x1a\x07", Kind::Unsupported("rar")),
    (b"MSCF\x00\x00\x00\x00", Kind::Unsupported("cab")),
    (b"\xffWPC", Kind::Unsupported("wordperfect")),
    (b"SQLite format 3\x00", Kind::Unsupported("sqlite")),
    (b"%!PS", Kind::Unsupported("postscript")),
    (b"\x89PNG\r\n\x1a\n", Kind::NoText),
    (b"\xff\xd8\xff", Kind::NoText),
    (b"GIF87a", Kind::NoText),
    (b"GIF89a", Kind::NoText),
    (b"II*\x00", Kind::NoText),
    (b"MM\x00*", Kind::NoText),
    (b"\xd7\xcd\xc6\x9a", Kind::NoText),
    (b"8BPS\x00", Kind::NoText),
    (b"RIFF", Kind::NoText),
    (b"OggS", Kind::NoText),
    (b"ID3\x02", Kind::NoText),
    (b"ID3\x03", Kind::NoText),
    (b"ID3\x04", Kind::NoText),
    (b"fLaC", Kind::NoText),
    (b"wOFF", Kind::NoText),
    (b"wOF2", Kind::NoText),
    (b"OTTO", Kind::NoText),
    (b"\x00\x01\x00\x00\x00", Kind::NoText),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind::NoText),
];

fn by_magic(bytes: &[u8], content_type: &str, extension: &str) -> Option<Kind> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(Kind::Unsupported(zip_kind(bytes, content_type, extension)));
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(Kind::Unsupported(compound_file_kind(
            bytes,
            content_type,
            extension,
        )));
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(Kind::NoText);
    }
    if bytes.starts_with(b"-----BEGIN PGP MESSAGE-----") {
        return Some(Kind::Encrypted);
    }
    // A key or signature in armour is text to look at, and none to search, unless it is called text.
    let armour: [&[u8]; 3] = [
        b"-----BEGIN PGP PUBLIC KEY",
        b"-----BEGIN PGP SIGNATURE",
        b"-----BEGIN CERTIFICATE-----",
    ];
    if !content_type.starts_with("text/") && armour.iter().any(|start| bytes.starts_with(start)) {
        return Some(Kind::NoText);
    }
    MAGIC
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, kind)| *kind)
}

/// What a CMS message holds (RFC 5652 §4, §5.1): the identifier of its content stands near its beginning.
fn cms_kind(bytes: &[u8]) -> Kind {
    let head = bytes.get(..64).unwrap_or(bytes);
    let signed = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
    if bytes.is_empty() {
        Kind::NoText
    } else if memchr::memmem::find(head, signed).is_some() {
        Kind::Unsupported("pkcs7")
    } else {
        Kind::Encrypted
    }
}

fn zip_kind(bytes: &[u8], content_type: &str, extension: &str) -> &'static str {
    if let Some(Kind::Unsupported(word)) =
        by_office_type(content_type).or_else(|| by_extension(extension))
    {
        return word;
    }
    let head = bytes.get(..4096).unwrap_or(bytes);
    let holds = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    if holds(b"word/") {
        "docx"
    } else if holds(b"xl/") {
        "xlsx"
    } else if holds(b"ppt/") {
        "pptx"
    } else if holds(b"application/vnd.oasis.opendocument.text") {
        "odt"
    } else {
        "zip"
    }
}

fn compound_file_kind(bytes: &[u8], content_type: &str, extension: &str) -> &'static str {
    if let Some(Kind::Unsupported(word)) =
        by_office_type(content_type).or_else(|| by_extension(extension))
    {
        return word;
    }
    let wide = |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let streams = [
        ("__properties_version1.0", "msg"),
        ("WordDocument", "doc"),
        ("Workbook", "xls"),
        ("PowerPoint Document", "ppt"),
    ];
    let found = streams
        .iter()
        .find(|(stream, _)| memchr::memmem::find(bytes, &wide(stream)).is_some());
    found.map_or("ole", |(_, word)| word)
}

fn by_type(content_type: &str) -> Option<Kind> {
    let (main, sub) = content_type.split_once('/').unwrap_or((content_type, ""));
    match (main, sub) {
        ("text", "html") => return Some(Kind::Html),
        ("text", "calendar" | "vcard" | "x-vcard" | "directory") => return Some(Kind::Folded),
        ("text", "rtf" | "richtext-ms") => return Some(Kind::Unsupported("rtf")),
        ("text", "x-moz-deleted") => return Some(Kind::Detached),
        ("text" | "message", _) => return Some(Kind::Text),
        // Drawings in XML are images, whatever they are made of.
        ("image" | "audio" | "video" | "font", _) => return Some(Kind::NoText),
        _ => {}
    }
    if let Some(kind) = by_office_type(content_type) {
        return Some(kind);
    }
    match sub {
        "pgp-signature" | "pgp-keys" | "pgp-encrypted" | "pkcs7-signature"
        | "x-pkcs7-signature" | "pkix-cert" | "x-x509-ca-cert" | "x-x509-user-cert"
        | "x-pkcs12" | "pkcs12" | "applefile" | "x-font-ttf" | "font-woff"
        | "vnd.ms-fontobject" => Some(Kind::NoText),
        "xhtml+xml" => Some(Kind::Html),
        "ics" => Some(Kind::Folded),
        "json" | "xml" | "javascript" | "x-javascript" | "x-sh" | "x-shellscript" | "x-perl"
        | "x-python" | "sql" | "x-sql" | "yaml" | "x-yaml" | "csv" | "x-patch" | "x-diff"
        | "x-tex" | "x-latex" | "x-httpd-php" => Some(Kind::Text),
        "x-microsoft-rpmsg-message" => Some(Kind::Encrypted),
        _ if sub.ends_with("+xml") || sub.ends_with("+json") => Some(Kind::Text),
        _ => None,
    }
}

/// Media types of documents with a reader of their own, one day.
fn by_office_type(content_type: &str) -> Option<Kind> {
    let sub = content_type.strip_prefix("application/")?;
    let word = match sub {
        "pdf" | "x-pdf" | "acrobat" => "pdf",
        "msword" | "vnd.ms-word" => "doc",
        "vnd.ms-excel" | "msexcel" | "x-msexcel" | "excel" => "xls",
        "vnd.ms-powerpoint" | "mspowerpoint" | "powerpoint" => "ppt",
        "vnd.ms-outlook" => "msg",
        "vnd.visio" | "x-visio" => "visio",
        "vnd.ms-project" => "project",
        "rtf" | "x-rtf" => "rtf",
        "ms-tnef" | "vnd.ms-tnef" => "tnef",
        "zip" | "x-zip" | "x-zip-compressed" => "zip",
        "gzip" | "x-gzip" => "gzip",
        "x-tar" => "tar",
        "postscript" => "postscript",
        "wordperfect" | "vnd.wordperfect" => "wordperfect",
        "mbox" => "mbox",
        _ => return by_open_document(sub),
    };
    Some(Kind::Unsupported(word))
}

fn by_open_document(sub: &str) -> Option<Kind> {
    let word = if let Some(kind) = sub.strip_prefix("vnd.openxmlformats-officedocument.") {
        match kind.split('.').next()? {
            "wordprocessingml" => "docx",
            "spreadsheetml" => "xlsx",
            "presentationml" => "pptx",
            _ => return None,
        }
    } else {
        match sub.strip_prefix("vnd.oasis.opendocument.")? {
            "text" => "odt",
            "spreadsheet" => "ods",
            "presentation" => "odp",
            _ => return None,
        }
    };
    Some(Kind::Unsupported(word))
}

fn by_extension(extension: &str) -> Option<Kind> {
    let kind = match extension {
        "txt" | "csv" | "tsv" | "log" | "md" | "json" | "xml" | "yaml" | "yml" | "ini" | "cfg"
        | "conf" | "patch" | "diff" | "sql" | "tex" | "c" | "h" | "cpp" | "cc" | "hpp" | "py"
        | "rs" | "java" | "js" | "sh" | "pl" | "php" | "rb" | "bat" | "asc" => Kind::Text,
        "htm" | "html" | "xhtml" => Kind::Html,
        "ics" | "vcf" | "vcs" => Kind::Folded,
        "png" | "jpg" | "jpeg" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "svg" | "ico"
        | "emf" | "wmf" | "heic" | "mp3" | "wav" | "ogg" | "m4a" | "wma" | "amr" | "mp4"
        | "mov" | "avi" | "wmv" | "mkv" | "mpg" | "mpeg" | "ttf" | "otf" | "woff" | "woff2"
        | "p7s" | "sig" | "cer" | "crt" | "key" => Kind::NoText,
        "rpmsg" => Kind::Encrypted,
        "pdf" => Kind::Unsupported("pdf"),
        "doc" | "dot" => Kind::Unsupported("doc"),
        "docx" | "docm" | "dotx" => Kind::Unsupported("docx"),
        "xls" | "xlt" => Kind::Unsupported("xls"),
        "xlsx" | "xlsm" | "xltx" | "xlsb" => Kind::Unsupported("xlsx"),
        "ppt" | "pps" => Kind::Unsupported("ppt"),
        "pptx" | "pptm" | "ppsx" => Kind::Unsupported("pptx"),
        "odt" => Kind::Unsupported("odt"),
        "ods" => Kind::Unsupported("ods"),
        "odp" => Kind::Unsupported("odp"),
        "rtf" => Kind::Unsupported("rtf"),
        "msg" => Kind::Unsupported("msg"),
        "pst" | "ost" => Kind::Unsupported("pst"),
        "mbox" => Kind::Unsupported("mbox"),
        "zip" => Kind::Unsupported("zip"),
        "gz" | "tgz" => Kind::Unsupported("gzip"),
        "tar" => Kind::Unsupported("tar"),
        "7z" => Kind::Unsupported("7z"),
        "rar" => Kind::Unsupported("rar"),
        "wpd" => Kind::Unsupported("wordperfect"),
        "vsd" | "vsdx" => Kind::Unsupported("visio"),
        "mpp" => Kind::Unsupported("project"),
        _ => return None,
    };
    Some(kind)
}

/// Whether bytes of no known kind are text: no zero byte, few control characters, UTF-8.
fn looks_like_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED_BYTES).unwrap_or(bytes);
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    if head.is_empty() || head.iter().any(control) {
        return false;
    }
    match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character that the end of the head cuts is no fault.
        Err(error) => error.error_len().is_none() && head.len() < bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_more_than_names() {
        assert_eq!(
            kind("text/plain", Some("x.txt"), b"%PDF-1.4\n"),
            Kind::Unsupported("pdf")
        );
        assert_eq!(
            kind(
                "application/octet-stream",
                Some("x.dat"),
                b"\x89PNG\r\n\x1a\n"
            ),
            Kind::NoText
        );
        assert_eq!(
            kind(
                "application/octet-stream",
                None,
                b"PK\x03\x04....word/document.xml"
            ),
            Kind::Unsupported("docx")
        );
        assert_eq!(
            kind("application/octet-stream", None, b"PK\x03\x04....a.txt"),
            Kind::Unsupported("zip")
        );
    }

    #[test]
    fn types_and_extensions() {
        assert_eq!(kind("text/x-patch", None, b"diff"), Kind::Text);
        assert_eq!(
            kind("message/delivery-status", None, b"Action: failed"),
            Kind::Text
        );
        assert_eq!(
            kind("text/calendar", None, b"BEGIN:VCALENDAR"),
            Kind::Folded
        );
        assert_eq!(kind("image/svg+xml", None, b"<svg/>"), Kind::NoText);
        assert_eq!(kind("application/pgp-signature", None, b"x"), Kind::NoText);
        let key = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: spare key\n";
        assert_eq!(kind("application/octet-stream", None, key), Kind::NoText);
        assert_eq!(kind("text/plain", Some("key.asc"), key), Kind::Text);
        assert_eq!(
            kind(
                "application/octet-stream",
                None,
                b"-----BEGIN PGP SIGNED MESSAGE-----\nwords"
            ),
            Kind::Text
        );
        assert_eq!(
            kind("application/octet-stream", Some("Budget.XLSX"), b"\x01\x02"),
            Kind::Unsupported("xlsx")
        );
        assert_eq!(
            kind("application/octet-stream", Some("notes.csv"), b"a,b"),
            Kind::Text
        );
        assert_eq!(
            kind("application/ms-tnef", Some("winmail.dat"), b""),
            Kind::Unsupported("tnef")
        );
        assert_eq!(
            kind("application/octet-stream", None, b"just words"),
            Kind::Text
        );
        assert_eq!(
            kind("application/octet-stream", None, b"\x00\x01\x02"),
            Kind::Unsupported("binary")
        );
        let signed = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80";
        assert_eq!(
            kind("application/pkcs7-mime", Some("smime.p7m"), signed),
            Kind::Unsupported("pkcs7")
        );
        let enveloped = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80";
        assert_eq!(
            kind("application/pkcs7-mime", Some("smime.p7m"), enveloped),
            Kind::Encrypted
        );
        assert_eq!(kind("text/x-moz-deleted", None, b""), Kind::Detached);
    }
}
