//! Uuencoded files in the middle of a text, as mail had them before MIME.

/// One file found in a text.
pub(crate) struct File {
    /// Its name.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Takes the uuencoded files out of a text; `None` where there is none.
pub(crate) fn take_files(text: &str) -> Option<(String, Vec<File>)> {
    memchr::memmem::find(text.as_bytes(), b"begin ")?;
    let mut files = Vec::new();
    let mut kept = String::new();
    let mut rest = text;
    let mut copied_from = text;
    while !rest.is_empty() {
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let after = rest.get(line.len()..).unwrap_or_default();
        if let Some(name) = begin_line(line)
            && let Some((bytes, length)) = decode_lines(after)
        {
            kept.push_str(
                copied_from
                    .get(..copied_from.len() - rest.len())
                    .unwrap_or_default(),
            );
            files.push(File {
                name: name.to_owned(),
                bytes,
            });
            rest = after.get(length..).unwrap_or_default();
            copied_from = rest;
        } else {
            rest = after;
        }
    }
    if files.is_empty() {
        return None;
    }
    kept.push_str(copied_from);
    Some((kept, files))
}

/// A whole part in uuencode.
pub(crate) fn decode_part(raw: &[u8]) -> Option<Vec<u8>> {
    let text: String = raw.iter().map(|byte| char::from(*byte)).collect();
    take_files(&text)?
        .1
        .into_iter()
        .next()
        .map(|file| file.bytes)
}

/// `begin 644 name`
fn begin_line(line: &str) -> Option<&str> {
    let (mode, name) = line.strip_prefix("begin ")?.trim_start().split_once(' ')?;
    let digits =
        (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let name = name.trim();
    (digits && !name.is_empty()).then_some(name)
}

/// Decodes up to `end`; gives the bytes and the length of the text read.
fn decode_lines(text: &str) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        let content = line.trim_end_matches(['\n', '\r']);
        if content.trim_end() == "end" {
            return Some((bytes, length));
        }
        decode_line(content.as_bytes(), &mut bytes)?;
    }
    None
}

fn decode_line(line: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let Some((&count, digits)) = line.split_first() else {
        return Some(());
    };
    let count = usize::from(value(count)?);
    let start = bytes.len();
    // Mailers strip the trailing spaces that stand for zero; a line may be longer than its count by a check.
    let needed = count.div_ceil(3) * 4;
    if digits.len() > needed + 2 || digits.iter().any(|digit| value(*digit).is_none()) {
        return None;
    }
    for group in 0..count.div_ceil(3) {
        let digit = |index: usize| {
            digits
                .get(group * 4 + index)
                .and_then(|digit| value(*digit))
                .unwrap_or(0)
        };
        let joined = (0..4).fold(0u32, |joined, index| {
            (joined << 6) | u32::from(digit(index))
        });
        bytes.extend_from_slice(joined.to_be_bytes().get(1..).unwrap_or_default());
    }
    bytes.truncate(start + count);
    Some(())
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'`' => Some(0),
        b' '..=b'_' => Some(digit - b' '),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Cat`, as the usual worked example has it.
    #[test]
    fn a_file_in_a_text() {
        let text = "Here it is:\nbegin 644 cat.txt\n#0V%T\n`\nend\nRegards\n";
        let (kept, files) = take_files(text).unwrap_or_default();
        assert_eq!(kept, "Here it is:\nRegards\n");
        assert_eq!(files.len(), 1);
        assert_eq!(
            files
                .first()
                .map(|file| (file.name.as_str(), file.bytes.as_slice())),
            Some(("cat.txt", b"Cat".as_slice()))
        );
    }

    #[test]
    fn prose_is_left_alone() {
        assert!(take_files("begin 644 things\nand then say so\nend\n").is_none());
        assert!(take_files("We begin 100 days\n").is_none());
        assert!(take_files("begin 644 open.txt\n#0V%T\n").is_none());
    }
}
