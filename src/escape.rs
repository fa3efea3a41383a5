//! Makes text out of mail safe to print.
//!
//! Subjects, names, bodies and file names are written by whoever sent the mail.
//! An escape sequence among them could rewrite the screen or the clipboard of
//! the reader, a bidirectional override could turn `exe.fdp` into a file name
//! that looks like a PDF, and a zero-width space could hide a word from the eye.
//! They are shown as what they are, never obeyed and never dropped.

use std::borrow::Cow;
use std::fmt::Write;

/// Where the text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A terminal, which obeys and reorders: control, bidirectional and invisible characters are escaped.
    Terminal,
    /// A file or another program: only control characters are escaped, so that no
    /// later `cat` hands them to a terminal; all other text stays as it is.
    Pipe,
}

/// Text of several lines: tabs and line feeds stay.
pub(crate) fn lines(text: &str, target: Target) -> Cow<'_, str> {
    escape_with(text, target, false)
}

/// Text that must stay on its line: tabs and line ends become single spaces.
pub(crate) fn one_line(text: &str, target: Target) -> Cow<'_, str> {
    escape_with(text, target, true)
}

fn escape_with(text: &str, target: Target, single: bool) -> Cow<'_, str> {
    let mut before = ' ';
    let clean = text.chars().all(|c| {
        let changed = is_escaped(c, before, target) || (single && is_break(c));
        before = c;
        !changed
    });
    if clean {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    for c in text.chars() {
        push(&mut escaped, c, before, target, single);
        before = c;
    }
    Cow::Owned(escaped)
}

fn push(into: &mut String, c: char, before: char, target: Target, single: bool) {
    match c {
        '\n' | '\t' if !single => into.push(c),
        // However many breaks stand together, they make one space.
        '\r' | '\n' | '\t' if single => {
            if !into.ends_with(' ') {
                into.push(' ');
            }
        }
        ' ' if single && is_break(before) => {}
        _ if is_escaped(c, before, target) => push_escape(into, c),
        _ => into.push(c),
    }
}

fn push_escape(into: &mut String, c: char) {
    let code = u32::from(c);
    // Writing to a string does not fail.
    let _ = if code < 0x100 {
        write!(into, "\\x{code:02x}")
    } else {
        write!(into, "\\u{{{code:x}}}")
    };
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\t')
}

fn is_escaped(c: char, before: char, target: Target) -> bool {
    match c {
        '\n' | '\t' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        _ => target == Target::Terminal && deceives(c, before),
    }
}

/// Characters that a terminal does not show, or that move others about.
fn deceives(c: char, before: char) -> bool {
    match c {
        // Joiners belong to Persian, to Indic scripts and to emoji; between Latin letters they only hide.
        '\u{200c}' | '\u{200d}' => before.is_ascii(),
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_not_obeyed() {
        for target in [Target::Terminal, Target::Pipe] {
            assert_eq!(lines("a\u{1b}[2Jb", target), "a\\x1b[2Jb");
            assert_eq!(lines("a\u{9b}2Jb", target), "a\\x9b2Jb");
            assert_eq!(
                lines("bell\u{7} del\u{7f} nul\0", target),
                "bell\\x07 del\\x7f nul\\x00"
            );
            assert_eq!(lines("over\rwritten", target), "over\\x0dwritten");
        }
    }

    #[test]
    fn plain_text_is_not_copied() {
        let text = "Grüße, 官方\n\tindented";
        assert!(matches!(lines(text, Target::Terminal), Cow::Borrowed(_)));
    }

    #[test]
    fn a_pipe_keeps_all_but_controls() {
        let text = "abc\u{202e}fdp.exe zero\u{200b}width";
        assert_eq!(lines(text, Target::Pipe), text);
        assert_eq!(
            lines(text, Target::Terminal),
            "abc\\u{202e}fdp.exe zero\\u{200b}width"
        );
    }

    #[test]
    fn joiners_stay_where_a_script_needs_them() {
        assert_eq!(
            lines("می\u{200c}خواهم", Target::Terminal),
            "می\u{200c}خواهم"
        );
        assert_eq!(lines("bud\u{200d}get", Target::Terminal), "bud\\u{200d}get");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(one_line("a\r\n\tb\nc", Target::Pipe), "a b c");
        assert_eq!(one_line("a\tb", Target::Terminal), "a b");
        assert_eq!(
            one_line("folded\r\n header", Target::Terminal),
            "folded header"
        );
    }
}
