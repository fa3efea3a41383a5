//! Telling what an item is by its first bytes.

use std::io::{self, Read, SeekFrom};

use memchr::memmem;
use muckrake_mail::{emlx, mbox, print};

use crate::compound;
use crate::kind::Kind;
use crate::loadfile;
use crate::unpack::ReadSeek;

/// Bytes that are looked at. Enough for every signature, for the first messages of a mailbox,
/// and for the bytes before the `%PDF-` of a badly made PDF.
pub(crate) const HEAD: usize = 64 << 10;
/// Bytes in which nearly every header shows itself; the whole head is asked in the end.
const HEADERS: usize = 16 << 10;
/// Bytes that are looked at where those do not tell: see [`wants_more`].
pub(crate) const LONG_HEAD: usize = 4 << 20;

/// Signatures: offset, bytes, kind. The first that fits counts, so longer ones come first.
const SIGNATURES: &[(usize, &[u8], Kind)] = &[
    (0, b"PK\x03\x04", Kind::Zip),
    (0, b"PK\x05\x06", Kind::Zip),
    (0, b"PK\x07\x08PK\x03\x04", Kind::Zip),
    (0, b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
    (0, b"\x1f\x8b\x08", Kind::Gzip),
    (0, b"\xfd7zXZ\x00", Kind::Xz),
    (0, b"\x28\xb5\x2f\xfd", Kind::Zstd),
    (0, b"Rar!\x1a\x07", Kind::Rar),
    (0, b"MSCF\x00\x00\x00\x00", Kind::OtherArchive),
    (0, b"LZIP\x01", Kind::OtherArchive),
    (0, b"\x1f\x9d", Kind::OtherArchive),
    (0, b"\x1f\xa0", Kind::OtherArchive),
    (0, b"!<arch>\n", Kind::OtherArchive),
    (0, b"070701", Kind::OtherArchive),
    (0, b"070707", Kind::OtherArchive),
    (0, b"StuffIt", Kind::OtherArchive),
    (0, b"xar!\x00", Kind::OtherArchive),
    (0, b"!BDN", Kind::Pst),
    (0, b"\xcf\xad\x12\xfe", Kind::OtherStore),
    (4, b"\xef\xcd\xab\x89", Kind::OtherStore),
    (0, b"\x1a\x00\x00\x04\x00\x00", Kind::OtherStore),
    (0, b"\x78\x9f\x3e\x22", Kind::Tnef),
    (0, b"// <!-- <mdb:mork:z", Kind::MailIndex),
    (0, b"\x00\x00\x00\x01Bud1", Kind::System),
    (0, b"\x00\x05\x16\x07", Kind::System),
    (0, b"[.ShellClassInfo]", Kind::System),
    (0, b"{\\rtf", Kind::Document),
    (0, b"\xffWPC", Kind::Document),
    (0, b"\xdb\xa5-\x00", Kind::Document),
    (0, b"\x09\x08\x10\x00\x00\x06\x05\x00", Kind::Spreadsheet),
    (0, b"SQLite format 3\x00", Kind::Database),
    (4, b"Standard Jet DB", Kind::Database),
    (4, b"Standard ACE DB", Kind::Database),
    (0, b"\x89PNG\r\n\x1a\n", Kind::Image),
    (0, b"\xff\xd8\xff", Kind::Image),
    (0, b"GIF87a", Kind::Image),
    (0, b"GIF89a", Kind::Image),
    (0, b"II*\x00", Kind::Image),
    (0, b"MM\x00*", Kind::Image),
    (8, b"WEBP", Kind::Image),
    (4, b"ftypheic", Kind::Image),
    (4, b"ftypheix", Kind::Image),
    (4, b"ftypmif1", Kind::Image),
    (4, b"ftypavif", Kind::Image),
    (0, b"8BPS", Kind::Image),
    (0, b"\x00\x00\x01\x00", Kind::Image),
    (0, b"\xd7\xcd\xc6\x9a", Kind::Image),
    (40, b" EMF", Kind::Image),
    (0, b"\x00\x00\x00\x0cjP  ", Kind::Image),
    (4, b"ftypM4A", Kind::Audio),
    (4, b"ftyp", Kind::Video),
    (8, b"WAVEfmt", Kind::Audio),
    (8, b"AVI LIST", Kind::Video),
    (0, b"ID3", Kind::Audio),
    (0, b"OggS", Kind::Audio),
    (0, b"fLaC", Kind::Audio),
    (8, b"AIFF", Kind::Audio),
    (0, b"#!AMR", Kind::Audio),
    (0, b"MThd\x00\x00\x00\x06", Kind::Audio),
    (0, b"\x1aE\xdf\xa3", Kind::Video),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind::Video),
    (0, b"FLV\x01", Kind::Video),
    (0, b"\x00\x00\x01\xba", Kind::Video),
    (0, b"\x00\x00\x01\xb3", Kind::Video),
    (0, b"\x00\x01\x00\x00\x00", Kind::Font),
    (0, b"OTTO", Kind::Font),
    (0, b"wOFF", Kind::Font),
    (0, b"wOF2", Kind::Font),
    (0, b"\x7fELF", Kind::Program),
    (0, b"\xcf\xfa\xed\xfe", Kind::Program),
    (0, b"-----BEGIN PGP", Kind::Key),
    (0, b"-----BEGIN CERTIFICATE", Kind::Key),
    (0, b"-----BEGIN PKCS7", Kind::Key),
    (0, b"-----BEGIN PUBLIC KEY", Kind::Key),
    (0, b"BEGIN:VCALENDAR", Kind::Calendar),
    (0, b"BEGIN:VCARD", Kind::Contacts),
    (0, b"\x01\x01\x01\x01\n", Kind::Mmdf),
    (0, b"\x01\x01\x01\x01\r\n", Kind::Mmdf),
];

/// First member of a zip that is the file of an office program or an e-book.
const ZIPPED_DOCUMENTS: &[(&[u8], Kind)] = &[
    (b"word/", Kind::Document),
    (b"xl/", Kind::Spreadsheet),
    (b"ppt/", Kind::Presentation),
    (b"opendocument.text", Kind::Document),
    (b"opendocument.spreadsheet", Kind::Spreadsheet),
    (b"opendocument.presentation", Kind::Presentation),
    (b"opendocument.graphics", Kind::Image),
    (b"application/epub+zip", Kind::Document),
];

/// Whether the first [`HEAD`] bytes do not tell what the first [`LONG_HEAD`] may: the directory
/// of a compound file lies anywhere in it, and the first field of a mail may be longer.
pub(crate) fn wants_more(head: &[u8]) -> bool {
    compound::is_compound(head) || (head.len() >= HEAD && muckrake_mail::is_open_header(head))
}

/// The first [`HEAD`] bytes of something that can be sought, which is then at its start again.
/// Damage among them ends them, and is met again by who reads on.
pub(crate) fn head_of(file: &mut dyn ReadSeek) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    let _ = (&mut *file).take(HEAD as u64).read_to_end(&mut head);
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// Tells the kind of an item by its first [`HEAD`] bytes, or all of them where it is shorter.
pub(crate) fn detect(head: &[u8]) -> Kind {
    if head.is_empty() {
        return Kind::Empty;
    }
    if compound::is_compound(head) {
        return compound::kind(head);
    }
    if let Some(kind) = by_signature(head) {
        return kind;
    }
    if is_tar(head) {
        return Kind::Tar;
    }
    // Mail is looked for before other text: a mail may be full of HTML.
    if emlx::looks_like_emlx(head) {
        return Kind::Emlx;
    }
    // Most files are single mails, so that is asked first where no `From ` line can come first.
    let headers = head.get(..HEADERS).unwrap_or(head);
    if !may_start_mailbox(head) && muckrake_mail::looks_like_headers(headers) {
        if print::is_printed_header(headers) {
            return Kind::Print;
        }
        return Kind::Eml;
    }
    if mbox::looks_like_mbox(head) {
        return Kind::Mbox;
    }
    if muckrake_mail::looks_like_headers(head) {
        return Kind::Eml;
    }
    if memmem::find(head.get(..1024).unwrap_or(head), b"%PDF-").is_some() {
        return Kind::Pdf;
    }
    if loadfile::looks_like(head) {
        return Kind::LoadFile;
    }
    past_damage(head).unwrap_or_else(|| match as_text(head) {
        Kind::Text if print::looks_like_print(head) => Kind::Print,
        kind => kind,
    })
}

/// A run of so many bytes 0x00 or 0xFF at the start of a file is what a disk gives for a sector
/// that it cannot read.
const LOST_SECTOR: usize = 64;
/// Length of the blocks of a tar.
const TAR_BLOCK: usize = 512;
/// The record at the end of a zip without a comment (APPNOTE.TXT §4.3.16), and the longest comment.
const ZIP_END: usize = 22;
pub(crate) const ZIP_TAIL: usize = ZIP_END + u16::MAX as usize;

/// Whether the start of a file is lost, and with it what tells its kind.
pub(crate) fn is_start_lost(head: &[u8]) -> bool {
    head.get(..LOST_SECTOR).is_some_and(|start| {
        matches!(start.first(), Some(0 | 0xff)) && start.iter().all(|byte| *byte == start[0])
    })
}

/// The kind of a file whose start is lost or damaged, if what lies behind it tells.
fn past_damage(head: &[u8]) -> Option<Kind> {
    // One changed byte in the header of its first member is enough for a tar not to be one by that.
    let is_member = |block: &[u8]| block.get(257..262) == Some(b"ustar") && is_tar(block);
    if head.chunks_exact(TAR_BLOCK).any(is_member) {
        return Some(Kind::Tar);
    }
    (is_start_lost(head) && mbox::holds_messages(head)).then_some(Kind::Mbox)
}

/// Whether the last [`ZIP_TAIL`] bytes of a file, or all of them, end in the record that closes a zip.
pub(crate) fn ends_as_zip(tail: &[u8]) -> bool {
    memmem::rfind(tail, b"PK\x05\x06").is_some_and(|at| {
        let comment = tail.get(at + ZIP_END - 2..at + ZIP_END);
        comment.is_some_and(|length| {
            let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
            at + ZIP_END + length == tail.len()
        })
    })
}

/// Whether a `From ` line comes first, past a byte order mark, blank lines and padding.
fn may_start_mailbox(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = text
        .iter()
        .position(|byte| !byte.is_ascii_whitespace() && *byte != 0)
        .unwrap_or(text.len());
    text.get(start..)
        .is_some_and(|text| text.starts_with(b"From "))
}

fn by_signature(head: &[u8]) -> Option<Kind> {
    if is_bzip2(head) {
        return Some(Kind::Bzip2);
    }
    let (_, _, kind) = SIGNATURES
        .iter()
        .find(|(offset, bytes, _)| head.get(*offset..).is_some_and(|at| at.starts_with(bytes)))?;
    match kind {
        Kind::Zip => Some(zipped_document(head).unwrap_or(Kind::Zip)),
        kind => Some(*kind),
    }
}

/// bzip2 has a short signature, so its first block's is looked at too.
fn is_bzip2(head: &[u8]) -> bool {
    head.starts_with(b"BZh")
        && head
            .get(3)
            .is_some_and(|level| (b'1'..=b'9').contains(level))
        && head.get(4..10).is_some_and(|block| {
            block == b"\x31\x41\x59\x26\x53\x59" || block == b"\x17\x72\x45\x38\x50\x90"
        })
}

/// Whether a zip is the file of an office program, told by its first member.
fn zipped_document(head: &[u8]) -> Option<Kind> {
    let name_length = usize::from(u16::from_le_bytes([*head.get(26)?, *head.get(27)?]));
    let name = head.get(30..30 + name_length)?;
    let is_office = [
        &b"[Content_Types].xml"[..],
        b"_rels/",
        b"docProps/",
        b"word/",
        b"xl/",
        b"ppt/",
    ]
    .iter()
    .any(|first| name.starts_with(first));
    if !is_office && name != b"mimetype" {
        return None;
    }
    ZIPPED_DOCUMENTS
        .iter()
        .find(|(mark, _)| memmem::find(head, mark).is_some())
        .map(|(_, kind)| *kind)
        .or(Some(Kind::Document))
}

/// A tar has a checksum over its first block, whatever its variant.
fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else {
        return false;
    };
    let mut header = tar::Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    let Ok(told) = header.cksum() else {
        return false;
    };
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(*byte)
            }
        })
        .sum();
    // The name comes first; a block of zeros is no header.
    sum == told && block.first() != Some(&0)
}

fn as_text(head: &[u8]) -> Kind {
    let text = match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return utf16_text(head),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest,
        _ => head,
    };
    if !is_text(text) {
        return Kind::Unknown;
    }
    let start = text.trim_ascii_start();
    let first = start
        .get(..1024.min(start.len()))
        .unwrap_or(start)
        .to_ascii_lowercase();
    if first.starts_with(b"<!doctype html") || memmem::find(&first, b"<html").is_some() {
        return Kind::Html;
    }
    if first.starts_with(b"<?xml") || first.starts_with(b"<!doctype") {
        return Kind::Xml;
    }
    if [
        &b"<head"[..],
        b"<body",
        b"<table",
        b"<div",
        b"<p>",
        b"<meta",
    ]
    .iter()
    .any(|tag| first.starts_with(tag))
    {
        return Kind::Html;
    }
    if is_json(start) {
        return Kind::Json;
    }
    if is_csv(text) {
        return Kind::Csv;
    }
    Kind::Text
}

fn utf16_text(head: &[u8]) -> Kind {
    let letters: Vec<u8> = head
        .iter()
        .skip(2)
        .take(512)
        .copied()
        .filter(|byte| *byte != 0)
        .collect();
    match memmem::find(&letters.to_ascii_lowercase(), b"<html") {
        Some(_) => Kind::Html,
        None => Kind::Text,
    }
}

/// Text has no control bytes but white space and escapes, whatever its character set, and no zeros but those of sectors that a
/// disk has lost, of which it is not the most.
fn is_text(head: &[u8]) -> bool {
    let (mut odd, mut lost) = (0, 0);
    for run in head.chunk_by(|one, next| (*one == 0) == (*next == 0)) {
        if run.first() != Some(&0) {
            odd += run.iter().filter(|byte| is_odd(**byte)).count();
        } else if run.len() >= LOST_SECTOR {
            lost += run.len();
        } else {
            return false;
        }
    }
    odd * 500 < head.len() && lost * 2 < head.len()
}

fn is_odd(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x08)
}

fn is_json(start: &[u8]) -> bool {
    let Some((open, rest)) = start.split_first() else {
        return false;
    };
    let next = rest.trim_ascii_start().first();
    match open {
        b'{' => matches!(next, Some(b'"' | b'}')),
        b'[' => matches!(next, Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9')),
        _ => false,
    }
}

/// Separated values: the same number of separators, more than one, in each of the first lines.
fn is_csv(text: &[u8]) -> bool {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').take(5).collect();
    let whole = lines
        .get(..lines.len().saturating_sub(1))
        .unwrap_or_default();
    [b',', b';', b'\t'].iter().any(|separator| {
        let mut counts = whole.iter().map(|line| separators(line, *separator));
        let Some(first) = counts.next() else {
            return false;
        };
        whole.len() > 1 && first > 1 && counts.all(|count| count == first)
    })
}

/// Separators of a line that are not inside quotes.
fn separators(line: &[u8], separator: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for byte in line {
        if *byte == b'"' {
            quoted = !quoted;
        } else if *byte == separator && !quoted {
            count += 1;
        }
    }
    count
}
