//! Text around the words that matched, wrapped, with the words marked.

use crate::terminal::Layout;
use muckrake_case::Snippet;
use unicode_width::UnicodeWidthStr;

/// Lines of text shown for one hit.
const LINES: usize = 2;

/// A word of a snippet, in pieces that are marked or not.
type Word = Vec<(String, bool)>;

/// At most two lines of at most `width` cells that hold the first marked word.
pub(crate) fn lines(snippet: &Snippet, layout: &Layout, width: usize) -> Vec<String> {
    let words = words(snippet, layout);
    let wrapped = wrap(words, width);
    let first_marked = wrapped
        .iter()
        .position(|line| line.iter().flatten().any(|(_, marked)| *marked))
        .unwrap_or(0);
    // The line before the first mark gives its context, where there is room for it.
    let start = if first_marked < LINES {
        0
    } else {
        first_marked - 1
    };
    wrapped
        .iter()
        .skip(start)
        .take(LINES)
        .map(|line| style(line, layout))
        .collect()
}

fn words(snippet: &Snippet, layout: &Layout) -> Vec<Word> {
    let mut words = vec![Word::new()];
    for (piece, marked) in pieces(snippet) {
        let piece = layout.one_line(piece);
        for (position, text) in piece.split(char::is_whitespace).enumerate() {
            if position > 0 {
                words.push(Word::new());
            }
            if !text.is_empty()
                && let Some(word) = words.last_mut()
            {
                word.push((text.to_owned(), marked));
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The text cut at the borders of its marks; marks that do not fit the text are left out.
fn pieces(snippet: &Snippet) -> Vec<(&str, bool)> {
    let mut pieces = Vec::with_capacity(snippet.marks.len() * 2 + 1);
    let mut at = 0;
    for mark in &snippet.marks {
        let before = snippet.text.get(at..mark.start);
        let marked = snippet.text.get(mark.clone());
        if let (Some(before), Some(marked)) = (before, marked) {
            pieces.push((before, false));
            pieces.push((marked, true));
            at = mark.end;
        }
    }
    pieces.push((snippet.text.get(at..).unwrap_or_default(), false));
    pieces
}

fn wrap(words: Vec<Word>, width: usize) -> Vec<Vec<Word>> {
    let mut lines: Vec<Vec<Word>> = Vec::new();
    let mut used = 0;
    for word in words.into_iter().flat_map(|word| split(word, width)) {
        let cells = cells(&word);
        match lines.last_mut() {
            Some(line) if used + 1 + cells <= width => {
                line.push(word);
                used += 1 + cells;
            }
            _ => {
                lines.push(vec![word]);
                used = cells;
            }
        }
    }
    lines
}

fn cells(word: &Word) -> usize {
    word.iter().map(|(text, _)| text.width()).sum()
}

/// A word that is wider than a line, such as an address of a web page, in several.
fn split(word: Word, width: usize) -> Vec<Word> {
    if cells(&word) <= width {
        return vec![word];
    }
    let mut parts = vec![Word::new()];
    let mut used = 0;
    for (text, marked) in word {
        for c in text.chars() {
            let cells = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
            if used + cells > width {
                parts.push(Word::new());
                used = 0;
            }
            used += cells;
            if let Some(part) = parts.last_mut() {
                match part.last_mut() {
                    Some((piece, same)) if *same == marked => piece.push(c),
                    _ => part.push((c.to_string(), marked)),
                }
            }
        }
    }
    parts
}

fn style(line: &[Word], layout: &Layout) -> String {
    let mark = layout.palette.mark;
    let mut styled = String::new();
    for (position, word) in line.iter().enumerate() {
        if position > 0 {
            styled.push(' ');
        }
        for (text, marked) in word {
            if *marked {
                styled.push_str(&format!("{mark}{text}{mark:#}"));
            } else {
                styled.push_str(text);
            }
        }
    }
    styled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::Target;
    use crate::terminal::Palette;

    fn snippet(text: &str, marked: &[&str]) -> Snippet {
        let marks = marked
            .iter()
            .map(|word| {
                let start = text.find(word).expect("the word is in the text");
                start..start + word.len()
            })
            .collect();
        Snippet {
            text: text.to_owned(),
            marks,
        }
    }

    #[test]
    fn wraps_and_keeps_the_marked_word_in_sight() {
        let text = "one two three four five six seven eight nine ten";
        let lines = lines(&snippet(text, &["nine"]), &Layout::plain(100), 14);
        // Wrapped: "one two three", "four five six", "seven eight", "nine ten".
        assert_eq!(lines, ["seven eight", "nine ten"]);
    }

    #[test]
    fn marks_are_styled_and_text_is_escaped() {
        let layout = Layout {
            target: Target::Terminal,
            width: 80,
            palette: Palette::coloured(),
        };
        let mark = layout.palette.mark;
        let lines = lines(&snippet("a \u{1b}[2J budget\n b", &["budget"]), &layout, 60);
        assert_eq!(lines, [format!("a \\x1b[2J {mark}budget{mark:#} b")]);
    }

    #[test]
    fn marks_outside_the_text_do_no_harm() {
        let wild = Snippet {
            text: "für".to_owned(),
            marks: vec![2..9, 2..3, 0..1],
        };
        assert_eq!(lines(&wild, &Layout::plain(80), 60), ["für"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_cut() {
        let lines = lines(&snippet(&"x".repeat(25), &[]), &Layout::plain(80), 10);
        assert_eq!(lines, ["x".repeat(10), "x".repeat(10)]);
    }
}
