//! The `>` before lines that start with `From `.

use std::borrow::Cow;

use memchr::memmem;

/// Takes one `>` away from every line that starts with one or more of them and then
/// `From `: the message as it was before an mboxrd was written.
pub fn unescape_rd(message: &[u8]) -> Cow<'_, [u8]> {
    drop_marks(message, usize::MAX)
}

/// Takes the `>` away from every line that starts with `>From `: the likeliest
/// message before an mboxo was written (a `>From ` that was there already is lost).
pub fn unescape_o(message: &[u8]) -> Cow<'_, [u8]> {
    drop_marks(message, 1)
}

/// Puts one `>` before every line that starts with `From ` after none or any number
/// of `>`, as an mboxrd needs it.
pub fn escape_rd(message: &[u8]) -> Cow<'_, [u8]> {
    let mut escaped = Vec::new();
    let mut copied = 0;
    for (line_start, _) in guarded_lines(message) {
        escaped.extend_from_slice(&message[copied..line_start]);
        escaped.push(b'>');
        copied = line_start;
    }
    finish(message, escaped, copied)
}

fn drop_marks(message: &[u8], most: usize) -> Cow<'_, [u8]> {
    let mut plain = Vec::new();
    let mut copied = 0;
    for (line_start, marks) in guarded_lines(message) {
        if (1..=most).contains(&marks) {
            plain.extend_from_slice(&message[copied..line_start]);
            copied = line_start + 1;
        }
    }
    finish(message, plain, copied)
}

fn finish(message: &[u8], mut changed: Vec<u8>, copied: usize) -> Cow<'_, [u8]> {
    if changed.is_empty() && copied == 0 {
        return Cow::Borrowed(message);
    }
    changed.extend_from_slice(&message[copied..]);
    Cow::Owned(changed)
}

/// The lines `>*From `: where each starts and how many marks it has.
fn guarded_lines(message: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    memmem::find_iter(message, b"From ").filter_map(|from| {
        let before = &message[..from];
        let marks = before
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'>')
            .count();
        let line_start = from - marks;
        let at_line_start = matches!(message[..line_start].last(), None | Some(b'\n'));
        at_line_start.then_some((line_start, marks))
    })
}
