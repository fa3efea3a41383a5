//! Apple `.emlx` files: one message between a count of its bytes and a property list.

use std::ops::Range;

use memchr::memmem;

use crate::mbox::is_header_line;

/// Longest first line, padding included.
const LONGEST_COUNT: usize = 64;

/// What Apple Mail noted about a message, as far as it matters to a reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Its owner had deleted it.
    pub deleted: bool,
    /// It was a draft.
    pub draft: bool,
}

/// Whether a file that begins with `head` is an emlx file: a line with a number,
/// then a header. A few hundred bytes are enough.
pub fn looks_like_emlx(head: &[u8]) -> bool {
    count_line(head).is_some_and(|(_, start)| is_header_line(&head[start..]))
}

/// Where the message lies in an emlx file: the counted bytes after the first line.
/// Where the count does not lead to the property list or the end of the file, the message ends
/// at the property list, or at the end of the file if there is none.
/// `None` if the first line is not a number.
pub fn message_range(bytes: &[u8]) -> Option<Range<usize>> {
    let (count, start) = count_line(bytes)?;
    let counted = start
        .checked_add(count)
        .filter(|&end| bytes.get(end..).is_some_and(starts_property_list));
    let end = counted
        .or_else(|| last_property_list(bytes).filter(|&at| at >= start))
        .unwrap_or(bytes.len());
    Some(start..end)
}

/// The flags in the property list of an emlx file; none set where it has no list.
pub fn flags(bytes: &[u8]) -> Flags {
    let list = message_range(bytes).and_then(|message| bytes.get(message.end..));
    let value = list.and_then(flags_value).unwrap_or(0);
    // Apple Mail's bits: 0 read, 1 deleted, 2 answered, 3 encrypted, 4 flagged, 5 recent, 6 draft
    Flags {
        deleted: value & 1 << 1 != 0,
        draft: value & 1 << 6 != 0,
    }
}

/// The number on the first line and where the next line starts.
fn count_line(bytes: &[u8]) -> Option<(usize, usize)> {
    let head = bytes.get(..LONGEST_COUNT).unwrap_or(bytes);
    let end = memchr::memchr(b'\n', head)?;
    let digits = head[..end].trim_ascii();
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let count = digits.iter().try_fold(0, |sum: usize, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + usize::from(byte - b'0'))
    })?;
    Some((count, end + 1))
}

fn starts_property_list(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    rest.is_empty() || rest.starts_with(b"<?xml") || rest.starts_with(b"<plist")
}

/// Where the last line starts that begins a property list. It is the last, because a
/// message may carry one itself.
fn last_property_list(bytes: &[u8]) -> Option<usize> {
    memmem::rfind(bytes, b"\n<?xml version").map(|at| at + 1)
}

fn flags_value(list: &[u8]) -> Option<u64> {
    let key = memmem::find(list, b"<key>flags</key>")?;
    let value = &list[key + b"<key>flags</key>".len()..];
    let digits = value.trim_ascii_start().strip_prefix(b"<integer>")?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MESSAGE: &str = "From: Anne Example <anne@agency.example>\nSubject: gravel\n\nhello\n";
    const LIST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\
        \t<key>flags</key>\n\t<integer>8590195779</integer>\n</dict>\n</plist>\n";

    fn message_of(file: &str) -> Option<&str> {
        file.get(message_range(file.as_bytes())?)
    }

    #[test]
    fn the_counted_bytes_are_the_message() {
        let file = format!("{}      \n{MESSAGE}{LIST}", MESSAGE.len());
        assert!(looks_like_emlx(file.as_bytes()));
        assert_eq!(message_of(&file), Some(MESSAGE));
        // bits 0, 1, 6 and others
        assert!(flags(file.as_bytes()).deleted);
    }

    #[test]
    fn flags_are_single_bits() {
        for (value, deleted, draft) in [
            (0u64, false, false),
            (2, true, false),
            (64, false, true),
            (1 << 40 | 66, true, true),
        ] {
            let list = LIST.replace("8590195779", &value.to_string());
            let file = format!("{}\n{MESSAGE}{list}", MESSAGE.len());
            assert_eq!(flags(file.as_bytes()), Flags { deleted, draft });
        }
        assert_eq!(flags(MESSAGE.as_bytes()), Flags::default());
    }

    #[test]
    fn a_wrong_count_gives_way_to_the_property_list() {
        for count in [0, 3, MESSAGE.len() + 5, 999_999_999_999_999_999] {
            let file = format!("{count}\n{MESSAGE}{LIST}");
            assert_eq!(message_of(&file), Some(MESSAGE), "{count}");
            let cut_off = format!("{count}\n{MESSAGE}");
            assert_eq!(message_of(&cut_off), Some(MESSAGE), "{count}");
        }
    }

    #[test]
    fn other_files_are_not_emlx() {
        assert!(!looks_like_emlx(MESSAGE.as_bytes()));
        assert!(!looks_like_emlx(b"12\n13\n14\n"));
        assert!(!looks_like_emlx(b"\nSubject: x\n"));
        assert_eq!(message_range(b"twelve\n"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'1'), any::<u8>()], 0..200)) {
            if let Some(range) = message_range(&bytes) {
                prop_assert!(bytes.get(range).is_some());
            }
            flags(&bytes);
        }
    }
}
