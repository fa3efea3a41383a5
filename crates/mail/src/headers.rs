//! Header fields: where they are, and what they say.
//!
//! Fields are kept as byte ranges of the raw message; text is made only of what
//! is asked for. A line that is no header field is never a reason to give up:
//! it is either taken into the field above it or begins the body.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;
use memchr::memrchr;

/// Most lines looked at to decide whether the header goes on after a line that is no field.
const LOOK_AHEAD_LINES: usize = 10;

/// Longest field name of which a part may be damaged.
const LONGEST_DAMAGED_NAME: usize = 64;

/// Most lines looked at where they are such as only headers have.
const FAR_LOOK_AHEAD_LINES: usize = 1_000;

/// One header field as it stands in the raw bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The name, without the colon and without the white space before it.
    pub(crate) name: Range<usize>,
    /// The value with its folds, without the last line break.
    pub(crate) value: Range<usize>,
}

/// A header block.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The fields in order.
    pub(crate) fields: Vec<Field>,
    /// First byte after the header and its empty line.
    pub(crate) body: usize,
    /// Where each run of lines begins that are no fields, within the header or at its end.
    pub(crate) bad_lines: Vec<usize>,
    /// Where the fields begin that were passed over, the header being longer than its limit.
    pub(crate) passed_over: Option<usize>,
}

impl Block {
    /// The values of every field of this name, in order.
    pub(crate) fn all<'a>(
        &'a self,
        raw: &'a [u8],
        name: &'a str,
    ) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.fields
            .iter()
            .filter(move |field| field.is(raw, name))
            .map(move |field| field.value(raw))
    }

    /// The value of the first field of this name that is not blank.
    pub(crate) fn first<'a>(&'a self, raw: &'a [u8], name: &'a str) -> Option<&'a [u8]> {
        self.all(raw, name)
            .find(|value| !value.trim_ascii().is_empty())
    }
}

impl Field {
    /// The name as written.
    pub(crate) fn name<'a>(&self, raw: &'a [u8]) -> &'a [u8] {
        raw.get(self.name.clone()).unwrap_or_default()
    }

    /// The value as written, folds included.
    pub(crate) fn value<'a>(&self, raw: &'a [u8]) -> &'a [u8] {
        raw.get(self.value.clone()).unwrap_or_default()
    }

    /// Whether this is the field of that name.
    pub(crate) fn is(&self, raw: &[u8], name: &str) -> bool {
        self.name.len() == name.len() && self.name(raw).eq_ignore_ascii_case(name.as_bytes())
    }
}

/// First byte of the header: past a byte order mark, empty lines and the `From `
/// line that some exports leave on top (RFC 4155 §2, `>From ` where it was escaped).
pub(crate) fn skip_preface(raw: &[u8]) -> usize {
    let mut at = if raw.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    while at < raw.len() {
        let (line, next) = line_at(raw, at);
        let pseudo = line.starts_with(b"From ") || line.starts_with(b">From ");
        if !line.trim_ascii().is_empty() && !pseudo {
            break;
        }
        at = next;
    }
    at
}

/// Reads the header block that begins at `start`, and keeps the fields that begin within its
/// first `most` bytes. `is_delimiter` tells lines that end the part whatever else they are
/// (multipart delimiters).
pub(crate) fn read_block(
    raw: &[u8],
    start: usize,
    most: usize,
    mut is_delimiter: impl FnMut(&[u8]) -> bool,
) -> Block {
    let mut block = Block {
        body: raw.len(),
        ..Block::default()
    };
    let mut at = start;
    // A field that is known to follow: up to there no line has to be judged again.
    let mut known_until = None;
    let mut broken = false;
    while at < raw.len() {
        let (line, next) = line_at(raw, at);
        if line.is_empty() || line == b"\r" {
            block.body = next;
            return block;
        }
        let end = at + line.len() - usize::from(line.ends_with(b"\r"));
        if matches!(line.first(), Some(b' ' | b'\t')) {
            match block.fields.last_mut() {
                Some(field) if block.passed_over.is_none() => field.value.end = end,
                Some(_) => {}
                // Only white space on top of a part is its empty line.
                None if line.trim_ascii().is_empty() => {
                    block.body = next;
                    return block;
                }
                None => {
                    block.body = at;
                    return block;
                }
            }
        } else if let Some(name) = field_name(line) {
            let value = at + name.colon + 1;
            broken = false;
            let field = Field {
                name: at..at + name.end,
                value: value.min(end)..end,
            };
            if at - start <= most {
                block.fields.push(field);
            } else {
                block.passed_over.get_or_insert(at);
            }
        } else if line.starts_with(b"--") && is_delimiter(line) {
            block.body = at;
            return block;
        } else if let Some(until) = known_until
            .filter(|until| at < *until)
            .or_else(|| header_goes_on(raw, next))
        {
            known_until = Some(until);
            // One fault, however many lines it has.
            let within = block.passed_over.is_none();
            if !broken && within {
                block.bad_lines.push(at);
            }
            broken = true;
            if let Some(field) = block.fields.last_mut().filter(|_| within) {
                field.value.end = end;
            }
        } else {
            if !block.fields.is_empty() {
                block.bad_lines.push(at);
            }
            block.body = at;
            return block;
        }
        at = next;
    }
    block
}

/// The line that begins at `at` without its `\n`, and where the next one begins.
pub(crate) fn line_at(raw: &[u8], at: usize) -> (&[u8], usize) {
    let rest = raw.get(at..).unwrap_or_default();
    match memchr(b'\n', rest) {
        Some(length) => (rest.get(..length).unwrap_or_default(), at + length + 1),
        None => (rest, raw.len()),
    }
}

/// Where the name of a field ends, and its colon.
struct FieldName {
    end: usize,
    colon: usize,
}

/// Reads a field name (RFC 5322 §3.6.8); white space before the colon is tolerated (§4.5.8).
fn field_name(line: &[u8]) -> Option<FieldName> {
    let end = line
        .iter()
        .position(|byte| !matches!(byte, b'!'..=b'9' | b';'..=b'~'))?;
    if end == 0 {
        return None;
    }
    let spaces = line
        .get(end..)?
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t'))?;
    let colon = end + spaces;
    (line.get(colon) == Some(&b':')).then_some(FieldName { end, colon })
}

/// Where a well-known field follows before the next empty line: then the line above is a
/// broken fold and not the beginning of the body.
///
/// Far on only through lines that prose does not have: fields, folds, and runs without a
/// blank, as the long values of trace fields are when their folds lost their white space.
fn header_goes_on(raw: &[u8], mut at: usize) -> Option<usize> {
    for number in 0..FAR_LOOK_AHEAD_LINES {
        if at >= raw.len() {
            return None;
        }
        let (line, next) = line_at(raw, at);
        if line.trim_ascii().is_empty() || line.starts_with(b"--") {
            return None;
        }
        let field = field_name(line);
        if field
            .as_ref()
            .is_some_and(|name| is_well_known(line.get(..name.end).unwrap_or_default()))
        {
            return Some(at);
        }
        let is_fold = matches!(line.first(), Some(b' ' | b'\t'));
        let has_blank = line.trim_ascii_end().contains(&b' ');
        if number >= LOOK_AHEAD_LINES && field.is_none() && !is_fold && has_blank {
            return None;
        }
        at = next;
    }
    None
}

/// Names that a text's own lines rarely have before a colon by chance.
const WELL_KNOWN: [&str; 30] = [
    "authentication-results",
    "bcc",
    "cc",
    "content-disposition",
    "content-transfer-encoding",
    "content-type",
    "date",
    "delivered-to",
    "dkim-signature",
    "errors-to",
    "from",
    "in-reply-to",
    "list-id",
    "message-id",
    "mime-version",
    "precedence",
    "received",
    "references",
    "reply-to",
    "resent-from",
    "return-path",
    "sender",
    "subject",
    "thread-index",
    "thread-topic",
    "to",
    "user-agent",
    "x-mailer",
    "x-originating-ip",
    "x-priority",
];

fn is_well_known(name: &[u8]) -> bool {
    WELL_KNOWN
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// Where the header begins, if the first line past the preface is a field, and whether that
/// field's name is sound.
fn first_field(head: &[u8]) -> Option<(usize, bool)> {
    let start = skip_preface(head);
    let (first, _) = line_at(head, start);
    match field_name(first) {
        Some(_) => Some((start, true)),
        None => is_damaged_field(first).then_some((start, false)),
    }
}

/// Whether a line starts with a field name in which some bytes are none of a name: a disk or a
/// transfer changed them.
fn is_damaged_field(line: &[u8]) -> bool {
    let head = line.get(..LONGEST_DAMAGED_NAME).unwrap_or(line);
    let Some(name) = memchr(b':', head).and_then(|colon| head.get(..colon)) else {
        return false;
    };
    let sound = name.iter().filter(|byte| byte.is_ascii_graphic()).count();
    !name.contains(&b' ') && !name.contains(&b'\t') && sound < name.len() && sound * 2 > name.len()
}

/// Whether these first bytes of a file are the header of a mail.
///
/// Content alone decides: the first line (past a byte order mark, empty lines and
/// a `From ` line) is a header field, and among the fields there are two different
/// well-known ones, or only such if there is just one line.
pub fn looks_like_headers(head: &[u8]) -> bool {
    let mended = mend_line_ends(head);
    let head = mended.as_deref().unwrap_or(head);
    let Some((start, sound)) = first_field(head) else {
        return false;
    };
    let block = read_block(head, start, usize::MAX, |_| false);
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for field in &block.fields {
        let name = field.name(head).to_ascii_lowercase();
        if is_well_known(&name) && !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen.len() >= 2 || (sound && seen.len() == 1 && block.fields.len() == 1)
}

/// Whether these first bytes of a file are a header that goes on past them, so that
/// [`looks_like_headers`] may judge otherwise of more bytes: some programs put fields of
/// their own before all others, and those may be long.
pub fn is_open_header(head: &[u8]) -> bool {
    let mended = mend_line_ends(head);
    let head = mended.as_deref().unwrap_or(head);
    let Some((start, _)) = first_field(head) else {
        return false;
    };
    // The last line may have been cut off.
    let whole = memrchr(b'\n', head).map_or(0, |at| at + 1).max(start);
    let head = head.get(..whole).unwrap_or(head);
    let is_ended = head.ends_with(b"\n\n") || head.ends_with(b"\n\r\n");
    !is_ended && read_block(head, start, usize::MAX, |_| false).body == head.len()
}

/// Line ends of a message that has only carriage returns; `None` where it needs nothing.
/// Offsets stay as they are.
pub(crate) fn mend_line_ends(raw: &[u8]) -> Option<Vec<u8>> {
    if memchr(b'\n', raw).is_some() || memchr(b'\r', raw).is_none() {
        return None;
    }
    Some(
        raw.iter()
            .map(|byte| if *byte == b'\r' { b'\n' } else { *byte })
            .collect(),
    )
}

/// A value without its folds (RFC 5322 §2.2.3): line breaks go, the white space stays.
pub(crate) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    if memchr(b'\n', value).is_none() && memchr(b'\r', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut unfolded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr(b'\n', rest) {
        let line = rest.get(..at).unwrap_or_default();
        unfolded.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        rest = rest.get(at + 1..).unwrap_or_default();
        // A fold that lost its white space (a broken line taken into the field) still parts words.
        if !matches!(rest.first(), Some(b' ' | b'\t')) {
            unfolded.push(b' ');
        }
    }
    unfolded.extend_from_slice(rest);
    Cow::Owned(unfolded)
}

/// The ids in a field of message ids (RFC 5322 §3.6.4), without brackets.
///
/// Ids that lost their brackets are taken where no bracket is in the field.
pub(crate) fn message_ids(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let inside = rest.get(open + 1..).unwrap_or_default();
        let Some(close) = inside.find('>') else {
            push_id(&mut ids, inside);
            return ids;
        };
        push_id(&mut ids, inside.get(..close).unwrap_or_default());
        rest = inside.get(close + 1..).unwrap_or_default();
    }
    if ids.is_empty() {
        for word in text
            .split_ascii_whitespace()
            .filter(|word| word.contains('@'))
        {
            push_id(&mut ids, word);
        }
    }
    ids
}

fn push_id(ids: &mut Vec<String>, text: &str) {
    let id: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    if !id.is_empty() {
        ids.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &[u8]) -> (Vec<String>, usize, usize) {
        let block = read_block(raw, skip_preface(raw), usize::MAX, |_| false);
        let names = block
            .fields
            .iter()
            .map(|field| String::from_utf8_lossy(field.name(raw)).into_owned());
        (names.collect(), block.body, block.bad_lines.len())
    }

    #[test]
    fn fields_and_folds() {
        let raw = b"Subject: one\r\n two\r\nTo : a@b.example\r\n\r\nbody";
        let block = read_block(raw, 0, usize::MAX, |_| false);
        assert_eq!(block.fields.len(), 2);
        assert_eq!(
            unfold(block.first(raw, "subject").unwrap_or_default()).as_ref(),
            b"one two"
        );
        assert_eq!(block.first(raw, "To"), Some(b" a@b.example".as_ref()));
        assert_eq!(block.body, raw.len() - 4);
    }

    #[test]
    fn a_broken_fold_does_not_end_the_header() {
        let raw = b"To: a@b.example,\nc@d.example\nSubject: x\n\nbody";
        assert_eq!(
            names(raw),
            (vec!["To".into(), "Subject".into()], raw.len() - 4, 1)
        );
    }

    #[test]
    fn a_long_value_whose_folds_lost_their_white_space_does_not_end_the_header() {
        let value = "loxSGCyipVkuyeEDb0yTkaJnPVKTvWEWL4W4yH1v/+=\n".repeat(60);
        let raw =
            format!("X-Diagnostics: 1;\n{value}X-Other: 1 2\nContent-Type: text/html\n\nbody");
        let raw = raw.as_bytes();
        let expected = ["X-Diagnostics", "X-Other", "Content-Type"].map(str::to_owned);
        assert_eq!(names(raw), (expected.to_vec(), raw.len() - 4, 1));
        // Prose between is a body, whatever stands further down.
        let prose = "Dear colleagues, see below\n".repeat(12);
        let raw = format!("Subject: x\n{prose}From: a@b.example\n\nquoted");
        assert_eq!(names(raw.as_bytes()), (vec!["Subject".into()], 11, 1));
    }

    #[test]
    fn a_missing_empty_line_begins_the_body() {
        let raw = b"Subject: x\nHello there\nno header here\n";
        assert_eq!(names(raw), (vec!["Subject".into()], 11, 1));
    }

    #[test]
    fn preface_is_skipped() {
        let raw = b"\xef\xbb\xbf\r\n>From someone Sat Jan  3 01:05:34 1996\r\nSubject: x\r\n\r\n";
        assert_eq!(names(raw).0, vec!["Subject".to_owned()]);
    }

    #[test]
    fn mail_is_told_from_other_text() {
        assert!(looks_like_headers(b"From: a@b.example\nSubject: x\n\nhi"));
        assert!(looks_like_headers(
            b"From - Tue Oct 10\nX-Mozilla-Status: 0001\nX: y\nDate: x\nTo: y\n"
        ));
        assert!(looks_like_headers(b"Subject: only"));
        assert!(!looks_like_headers(b"Dear all,\nDate: tomorrow\nTo: you\n"));
        assert!(!looks_like_headers(b"key: value\nother: value\n"));
        assert!(looks_like_headers(
            b"Subject: old Macintosh\rTo: x\r\rtext\r"
        ));
        assert!(!looks_like_headers(b""));
        assert!(!looks_like_headers(b"%PDF-1.4\n"));
    }

    #[test]
    fn a_header_is_open_until_its_empty_line() {
        for open in [
            "X-Own: a",
            "X-Own: a\n b\n c",
            "X-Own: a\r\n b\r\nX-Oth",
            "From x@y.example Tue Mar  1 10:00:00 2016\nX-Own: a\n b\n",
            "X-Own: a\r b\r",
        ] {
            assert!(is_open_header(open.as_bytes()), "{open:?}");
        }
        for closed in [
            "",
            "\n\n",
            "X-Own: a\n\n",
            "X-Own: a\r\n\r\n",
            "X-Own: a\r\n\r\nbody: x\r\n",
            "Note: a\nwords without a name\nmore words\n",
            "words without a name\n",
            " X-Own: a\n",
        ] {
            assert!(!is_open_header(closed.as_bytes()), "{closed:?}");
        }
    }

    #[test]
    fn ids_with_and_without_brackets() {
        assert_eq!(message_ids("<a@b> <c@\td>"), ["a@b", "c@d"]);
        assert_eq!(message_ids("Your message of Monday <x@y>"), ["x@y"]);
        assert_eq!(message_ids("a@b c@d"), ["a@b", "c@d"]);
        assert_eq!(message_ids("<unclosed@id"), ["unclosed@id"]);
        assert!(message_ids("   ").is_empty());
    }
}
