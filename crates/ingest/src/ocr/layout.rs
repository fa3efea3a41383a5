//! From words with places to lines of text in which what stood side by side stands side by side.

/// Most columns of a line.
const MOST_COLUMNS: usize = 250;

/// A word as tesseract's table has it; places in dots from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    /// How sure it is, in percent.
    pub(super) confidence: u8,
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) width: i64,
    pub(super) height: i64,
    /// Block, paragraph and line: words of one line have the same.
    line: [i64; 3],
}

/// The words of a table as `tesseract … tsv` writes it: level, page, block, paragraph, line, word, left, top, width, height,
/// confidence, text. Rows of level 5 are words.
pub(super) fn words(table: &str) -> Vec<Word<'_>> {
    table.lines().filter_map(word).collect()
}

fn word(row: &str) -> Option<Word<'_>> {
    let mut cells = row.split('\t');
    let mut numbers = [0; 10];
    for number in &mut numbers {
        *number = cells.next()?.parse().ok()?;
    }
    let [
        level,
        _,
        block,
        paragraph,
        line,
        _,
        left,
        top,
        width,
        height,
    ] = numbers;
    let confidence: f64 = cells.next()?.parse().ok()?;
    let text = cells.next()?.trim();
    let is_word = level == 5 && !text.is_empty() && confidence >= 0.0 && width > 0 && height > 0;
    is_word.then_some(Word {
        text,
        confidence: confidence.min(100.0) as u8,
        left,
        top,
        width,
        height,
        line: [block, paragraph, line],
    })
}

/// The text of a page whose words have places in points: left, top, right, bottom.
pub(crate) fn text_of_places<'a>(words: impl Iterator<Item = (&'a str, [f64; 4])>) -> String {
    let tenths = |points: f64| (points * 10.0) as i64;
    let mut placed: Vec<Word<'a>> = words
        .map(|(text, [left, top, right, bottom])| Word {
            text,
            confidence: 100,
            left: tenths(left),
            top: tenths(top),
            width: tenths(right - left).max(1),
            height: tenths(bottom - top).max(1),
            line: [0; 3],
        })
        .collect();
    let middle = |word: &Word<'_>| word.top + word.height / 2;
    placed.sort_by_key(|word| middle(word));
    let (mut row, mut at) = (0, i64::MIN / 2);
    for word in &mut placed {
        if middle(word) - at > word.height / 2 {
            row += 1;
            at = middle(word);
        }
        word.line = [row, 0, 0];
    }
    text(&placed)
}

/// The text of a page: words of one height on one line, each in about the column in which it stands.
pub(super) fn text(words: &[Word<'_>]) -> String {
    let mut lines: Vec<Vec<Word<'_>>> = Vec::new();
    for line in words.chunk_by(|one, other| one.line == other.line) {
        lines.push(line.to_vec());
    }
    lines.sort_by_key(|line| middle(line));
    let mut rows: Vec<Vec<Word<'_>>> = Vec::new();
    for line in lines {
        match rows.last_mut() {
            // What the program took for two columns is one line if it is of one height.
            Some(row) if stands_beside(row, &line) => row.extend(line),
            _ => rows.push(line),
        }
    }
    let column = column_width(words);
    let first = words.iter().map(|word| word.left).min().unwrap_or(0);
    let mut text = String::new();
    let mut below = None;
    for row in &mut rows {
        row.sort_by_key(|word| word.left);
        let top = row.iter().map(|word| word.top).min().unwrap_or(0);
        let height = height(row);
        if below.is_some_and(|below| top - below > height) {
            text.push('\n');
        }
        below = row.iter().map(|word| word.top + word.height).max();
        push_row(row, first, column, &mut text);
    }
    text
}

fn push_row(row: &[Word<'_>], first: i64, column: i64, text: &mut String) {
    let mut at: usize = 0;
    let mut right: Option<i64> = None;
    for word in row {
        let wanted = usize::try_from((word.left - first) / column)
            .unwrap_or(0)
            .min(MOST_COLUMNS);
        // Words of one sentence stand one blank apart; what is far away keeps its column.
        let is_near = right.is_some_and(|right| word.left - right < 2 * column);
        let blanks = match right {
            None => wanted,
            Some(_) if is_near => 1,
            Some(_) => wanted.saturating_sub(at).max(2),
        };
        text.extend(std::iter::repeat_n(' ', blanks));
        text.push_str(word.text);
        at += blanks + word.text.chars().count();
        right = Some(word.left + word.width);
    }
    text.push('\n');
}

fn middle(line: &[Word<'_>]) -> i64 {
    let sum: i64 = line.iter().map(|word| 2 * word.top + word.height).sum();
    sum / (2 * line.len().max(1) as i64)
}

/// The height of most words of a line.
fn height(line: &[Word<'_>]) -> i64 {
    let mut heights: Vec<i64> = line.iter().map(|word| word.height).collect();
    heights.sort_unstable();
    heights.get(heights.len() / 2).copied().unwrap_or(0)
}

/// Whether a line stands beside what is in a row, and not under it.
fn stands_beside(row: &[Word<'_>], line: &[Word<'_>]) -> bool {
    let apart = (middle(row) - middle(line)).abs();
    let is_free = |word: &Word<'_>| {
        row.iter().all(|other| {
            word.left >= other.left + other.width || other.left >= word.left + word.width
        })
    };
    2 * apart < height(row).min(height(line)) && line.iter().all(is_free)
}

/// The width of a letter: that of half of the words is smaller.
fn column_width(words: &[Word<'_>]) -> i64 {
    let mut widths: Vec<i64> = words
        .iter()
        .map(|word| word.width / word.text.chars().count().max(1) as i64)
        .collect();
    widths.sort_unstable();
    widths.get(widths.len() / 2).copied().unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: i64, left: i64, top: i64, text: &str, confidence: &str) -> String {
        let width = 20 * text.len();
        format!("5\t1\t{line}\t1\t1\t1\t{left}\t{top}\t{width}\t30\t{confidence}\t{text}\n")
    }

    #[test]
    fn what_stands_side_by_side_is_one_line() {
        // Labels and values were taken for two columns.
        let table = [
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n".to_owned(),
            row(1, 100, 100, "From:", "96.5"),
            row(2, 100, 150, "Sent:", "91"),
            row(3, 400, 102, "Pier,", "88.2"),
            row(3, 520, 101, "Anne", "40.7"),
            row(4, 400, 149, "Monday", "95"),
            row(5, 100, 300, "Words.", "99"),
            "4\t1\t5\t1\t1\t0\t100\t300\t120\t30\t-1\t\n".to_owned(),
        ]
        .concat();
        let words = words(&table);
        assert_eq!(words.len(), 6);
        assert_eq!((words[3].text, words[3].confidence), ("Anne", 40));
        assert_eq!(
            text(&words),
            "From:          Pier, Anne\nSent:          Monday\n\nWords.\n"
        );
    }

    #[test]
    fn odd_tables_are_no_words() {
        for table in [
            "",
            "5\t1",
            "5\ta\t1\t1\t1\t1\t0\t0\t1\t1\t90\tx",
            "5\t1\t1\t1\t1\t1\t0\t0\t0\t1\t90\tx",
        ] {
            assert_eq!(words(table), []);
            assert_eq!(text(&words(table)), "");
        }
    }
}
