//! Calm tables: aligned columns, a heading, no borders.

use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// Blanks between two columns.
const GAP: usize = 2;
/// A column is not shortened below this many cells.
const NARROWEST: usize = 12;

/// On which side a column is flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Paths, whose end tells more than their start.
    Path,
    /// Numbers.
    Right,
}

/// Rows of cells under headings; cells are plain text, escaped already.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(headings: &[(&'static str, Align)]) -> Self {
        Self {
            headings: headings.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are blank.
    pub(crate) fn row(&mut self, mut cells: Vec<String>) {
        cells.resize(self.headings.len(), String::new());
        self.rows.push(cells);
    }

    /// The lines, the headings first, none wider than `width` where shortening
    /// the widest column of words can achieve it.
    pub(crate) fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths(width);
        let headings: Vec<String> = self
            .headings
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let has_headings = headings.iter().any(|heading| !heading.is_empty());
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        for cells in has_headings
            .then_some(&headings)
            .into_iter()
            .chain(&self.rows)
        {
            lines.push(self.line(cells, &widths));
        }
        lines
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headings.iter().map(|(name, _)| name.width()).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(cell.width());
            }
        }
        let total: usize = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        let widest = (0..widths.len())
            .filter(|&column| self.headings[column].1 != Align::Right)
            .max_by_key(|&column| widths[column]);
        if let Some(column) = widest
            && total > width
        {
            let shortened = widths[column].saturating_sub(total - width);
            widths[column] = shortened.max(NARROWEST).min(widths[column]);
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (column, (cell, &width)) in cells.iter().zip(widths).enumerate() {
            if column > 0 {
                line.push_str(&" ".repeat(GAP));
            }
            let align = self.headings[column].1;
            let cell = match align {
                Align::Path => shorten_start(cell, width),
                Align::Left | Align::Right => shorten(cell, width),
            };
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            match align {
                Align::Left | Align::Path => line.extend([cell.as_str(), &blanks]),
                Align::Right => line.extend([blanks.as_str(), &cell]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// Cuts a text to at most `width` cells, with `…` where something is missing.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut shortened = String::new();
    let mut used = 0;
    for c in text.chars() {
        let cells = c.width().unwrap_or(0);
        if used + cells + 1 > width {
            break;
        }
        used += cells;
        shortened.push(c);
    }
    shortened.truncate(shortened.trim_end().len());
    shortened.push('…');
    shortened
}

/// Cuts a text to at most `width` cells at its start.
fn shorten_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let tail = text.char_indices().rev().take_while(|(_, c)| {
        used += c.width().unwrap_or(0);
        used <= width
    });
    let start = tail.last().map_or(text.len(), |(at, _)| at);
    format!("…{}", &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("Release", Align::Left), ("Messages", Align::Right)]);
        table.row(vec!["harbour".into(), "1,204".into()]);
        table.row(vec!["港湾局".into(), "7".into()]);
        table
    }

    #[test]
    fn columns_are_aligned_by_cells_not_characters() {
        assert_eq!(
            table().lines(80),
            [
                "Release  Messages",
                "harbour     1,204",
                "港湾局          7"
            ]
        );
    }

    #[test]
    fn the_widest_words_give_way() {
        let mut table = table();
        table.row(vec!["a very long name of a release".into(), "1".into()]);
        let lines = table.lines(26);
        assert_eq!(lines[3], "a very long nam…         1");
        assert!(lines.iter().all(|line| line.width() <= 26));
    }

    #[test]
    fn paths_keep_their_end() {
        let mut table = Table::new(&[("Items", Align::Right), ("Source", Align::Path)]);
        table.row(vec!["1".into(), "/releases/harbour/2021/mail.mbox".into()]);
        assert_eq!(table.lines(25)[1], "    1  …ur/2021/mail.mbox");
        assert_eq!(shorten_start("港湾局", 5), "…湾局");
        assert_eq!(shorten_start("港湾局", 4), "…局");
    }

    #[test]
    fn shortening_never_splits_a_wide_character() {
        assert_eq!(shorten("港湾局", 6), "港湾局");
        assert_eq!(shorten("港湾局", 5), "港湾…");
        assert_eq!(shorten("港湾局", 4), "港…");
        assert_eq!(shorten("abc", 2), "a…");
    }
}
