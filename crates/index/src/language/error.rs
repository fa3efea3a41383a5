//! What is wrong with a query, and where.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// A query that cannot be read, or that names something unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What is wrong; lower case, one line, no full stop.
    pub message: String,
    /// Bytes of the query that it is about; empty where something is missing.
    pub span: Range<usize>,
    /// What would be right.
    pub hint: Option<String>,
}

/// Columns of the query that are shown; a longer one is cut around the place.
const COLUMNS: usize = 100;
/// Columns shown before the place in a query that is cut.
const LEAD: usize = 40;

impl QueryError {
    /// An error without a hint.
    pub fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            message: message.into(),
            span,
            hint: None,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The message, the query with carets under the place, and the hint; lines
    /// end in `\n`. `query` is the text that was parsed. Control and direction
    /// characters are shown as escapes, so that the result is safe on a terminal.
    pub fn render(&self, query: &str) -> String {
        let line = Line::new(query, &self.span);
        let mut text = format!(
            "{}\n  {}\n  {}{}\n",
            self.message,
            line.text,
            " ".repeat(line.before),
            "^".repeat(line.under.max(1))
        );
        if let Some(hint) = &self.hint {
            text.push_str("hint: ");
            text.push_str(hint);
            text.push('\n');
        }
        text
    }
}

/// The part of a query that is shown, and the columns of the place in it.
struct Line {
    text: String,
    before: usize,
    under: usize,
}

impl Line {
    fn new(query: &str, span: &Range<usize>) -> Self {
        let mut cells = Vec::new();
        let (mut before, mut under) = (0, 0);
        for (at, character) in query.char_indices() {
            let shown = escaped(character);
            let width = shown.chars().filter_map(UnicodeWidthChar::width).sum();
            if at < span.start {
                before += width;
            } else if at < span.end {
                under += width;
            }
            cells.push((shown, width));
        }
        let total: usize = cells.iter().map(|(_, width)| width).sum();
        let (first, last) = if total <= COLUMNS {
            (0, total)
        } else {
            let first = before.saturating_sub(LEAD);
            (first, (first + COLUMNS).min(total))
        };
        let mut line = Self {
            text: String::new(),
            before: 0,
            under: 0,
        };
        line.fill(&cells, first, last);
        let cut = if first > 0 { first - 1 } else { 0 };
        line.before = before.min(last) - cut.min(before);
        line.under = under.min(last.saturating_sub(before));
        line
    }

    /// Writes the cells between two columns, with an ellipsis in the place of
    /// the column before and after where something is left out.
    fn fill(&mut self, cells: &[(String, usize)], first: usize, last: usize) {
        if first > 0 {
            self.text.push('…');
        }
        let mut column = 0;
        for (shown, width) in cells {
            let end = column + width;
            if column >= first && end <= last {
                self.text.push_str(shown);
            } else if end > first && column < first {
                // Half of a wide character: keep the columns right.
                self.text.push_str(&" ".repeat(end - first));
            }
            column = end;
        }
        if last < column {
            self.text.push('…');
        }
    }
}

/// A character as it is shown on one line of a terminal.
pub(super) fn escaped(character: char) -> String {
    match character {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\u{61C}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{200B}'..='\u{200F}' => {
            character.escape_unicode().to_string()
        }
        '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => character.escape_unicode().to_string(),
        control if control.is_control() => control.escape_unicode().to_string(),
        plain => plain.to_string(),
    }
}

/// A part of a query inside a message: shortened, on one line, in backticks.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        shown.push_str(&escaped(character));
    }
    shown.push('`');
    shown
}
