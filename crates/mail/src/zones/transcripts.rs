//! `>>>` in what a mail server says of its talk with another one: it marks what was said, and nothing that is quoted.

use super::lines::Line;

/// How many marks stand before what was said to the other server.
const SAID: usize = 3;

/// Takes the marks back from such lines. They are believed next to an answer (`<<<`) or to the line that begins the talk.
pub(super) fn unmark(text: &str, lines: &mut [Line]) {
    for at in 0..lines.len() {
        let line = lines[at];
        if usize::from(line.marks) < SAID || !is_said(text, &line) {
            continue;
        }
        let marks = line.marks - SAID as u16;
        let is_talk = |other: &Line| {
            let words = other.content(text).trim_start();
            other.marks == marks && (words.starts_with("<<<") || words.starts_with("..."))
        };
        let above = at.checked_sub(1).map(|above| &lines[above]);
        if above.is_some_and(is_talk) || lines.get(at + 1).is_some_and(is_talk) {
            let line = &mut lines[at];
            line.marks = marks;
            line.content -= SAID;
        }
    }
}

/// Whether three marks right beside each other stand before a command of SMTP.
fn is_said(text: &str, line: &Line) -> bool {
    let marks = text.as_bytes().get(line.content - SAID..line.content);
    let command = line.content(text).strip_prefix(' ');
    marks == Some(b">>>")
        && command.is_some_and(|command| {
            let letters = command.bytes().take_while(u8::is_ascii_uppercase).count();
            letters == 4 && matches!(command.as_bytes().get(4), None | Some(b' ' | b':'))
        })
}
