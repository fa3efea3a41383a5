//! One printed header: a sequence of labels with their values, as a layout has them.

use super::columns;
use super::document::Document;
use super::document::indent;
use super::labels;
use super::labels::Label;
use super::tables::Arrangement;
use super::tables::LAYOUTS;
use super::tables::Layout;
use super::tables::Role;
use super::unlabelled;

/// Most lines of a header; a list of recipients may go over pages.
const MOST_LINES: usize = 2_000;
/// Fields of a header among which two of the sender, the date, the recipients and the subject stand: others may come
/// again and again, and each would be looked at as the start of a header.
const FIRST_FIELDS: usize = 32;
/// Most blank lines between two labels: some prints are double-spaced.
const MOST_BLANK: usize = 2;
/// Most lines that are neither label nor value in a header that only a label ends.
const MOST_STRAY: usize = 2;
/// Columns that a value's next line may begin before its column.
const JITTER: usize = 4;
/// Columns of white space after a label from which on values stand in a column of their own.
const COLUMN_GAP: usize = 2;
/// Fewest digits of a date.
const LEAST_DIGITS: usize = 4;
/// From this length on a line may have been broken at the margin.
pub(super) const FULL_LINE: usize = 60;

/// The fields of those to whom a message went.
const PEOPLE: [Role; 3] = [Role::To, Role::Cc, Role::Bcc];

/// The fields that make a header.
const BASIC: [Role; 5] = [Role::From, Role::Sent, Role::To, Role::Cc, Role::Subject];

/// A stretch of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) line: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A field of a printed header.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) label: Label,
    /// The line of its label.
    pub(super) line: usize,
    /// Its value, line by line.
    pub(super) value: Vec<Piece>,
}

/// A printed header.
pub(super) struct Block {
    pub(super) layout: &'static Layout,
    pub(super) fields: Vec<Field>,
    /// Its first line.
    pub(super) first: usize,
    /// The line after its last; on a line that says words of the message too, the column of the first.
    pub(super) end: usize,
    pub(super) words: Option<Piece>,
}

impl Block {
    pub(super) fn field(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|field| field.label.role == role)
    }

    /// How many of the fields that make a header it has.
    fn basic(&self) -> usize {
        BASIC.iter().filter(|role| self.has(**role)).count()
    }

    fn has(&self, role: Role) -> bool {
        self.field(role).is_some()
    }

    fn has_value(&self, role: Role) -> bool {
        self.fields
            .iter()
            .any(|field| field.label.role == role && !field.value.is_empty())
    }

    /// Labels that stand as the tables have them.
    pub(super) fn exact(&self) -> usize {
        self.fields.iter().filter(|field| field.label.exact).count()
    }

    /// Whether values stand in a column of their own, whatever the length of their labels.
    pub(super) fn is_aligned(&self) -> bool {
        let mut values = self.fields.iter().filter(|field| !field.value.is_empty());
        let Some(first) = values.next() else {
            return false;
        };
        let mut differ = false;
        for field in values {
            if field.label.value.abs_diff(first.label.value) > JITTER {
                return false;
            }
            differ |= field.label.end != first.label.end;
        }
        differ && first.label.value >= first.label.end + COLUMN_GAP
    }

    /// Whether something like a date stands behind its label.
    pub(super) fn says_when_sent(&self, document: &Document<'_>) -> bool {
        let values = self.field(Role::Sent).map_or(&[][..], |sent| &sent.value);
        let words = values
            .iter()
            .filter_map(|piece| document.line(piece.line).get(piece.start..piece.end));
        let digits = words.flat_map(str::bytes).filter(u8::is_ascii_digit);
        digits.count() >= LEAST_DIGITS
    }

    /// Whether these fields make a header: three of the sender, the date, the recipients and the subject,
    /// of them the sender and the date, or the sender, the recipients and the subject.
    fn is_header(&self, document: &Document<'_>) -> bool {
        let count = self.basic();
        let told = BASIC.iter().filter(|role| self.has_value(**role)).count();
        let sent = self.field(Role::Sent);
        let dated = self.says_when_sent(document);
        let certain = self.exact() == self.fields.len()
            || self.exact() >= 2
            || (self.exact() == 1 && count >= 4 && dated);
        let whole = if self.has(Role::From) {
            (sent.is_some() && (dated || self.has_value(Role::From)))
                || (self.has(Role::To) && self.has(Role::Subject))
        } else {
            dated
                && sent.is_some_and(|field| field.label.exact)
                && self.has(Role::To)
                && self.has(Role::Subject)
        };
        count >= 3 && told >= 1 && certain && whole
    }
}

/// The printed header that starts on a line, if one does.
pub(super) fn read(document: &Document<'_>, at: usize) -> Option<Block> {
    LAYOUTS.iter().find_map(|layout| {
        if !layout.unlabelled.is_empty() {
            let (labelled, fields) = unlabelled::read(document, at, layout)?;
            let mut block = beside(document, labelled, layout);
            if layout.unlabelled.iter().any(|role| block.has(*role)) {
                return None;
            }
            block.fields.splice(0..0, fields);
            block.first = at;
            return Some(block);
        }
        let label = labels::label(document.line(at), layout)?;
        if !layout.starts.contains(&label.role) {
            return None;
        }
        let block = match layout.arrangement {
            Arrangement::Beside => beside(document, at, layout),
            Arrangement::Columns => columns::read(document, at, layout)?,
        };
        block.is_header(document).then_some(block)
    })
}

/// Reads labels with their values behind them or on the lines under them.
fn beside(document: &Document<'_>, first: usize, layout: &'static Layout) -> Block {
    let mut block = Block {
        layout,
        fields: Vec::new(),
        first,
        end: first,
        words: None,
    };
    let mut languages = u32::MAX;
    let (mut blank, mut stray) = (0, 0);
    let mut page = document.lines.get(first).map_or(0, |line| line.page);
    let last = document.lines.len().min(first + MOST_LINES);
    for at in first..last {
        let Some(line) = document.lines.get(at) else {
            break;
        };
        if line.boilerplate.is_some() {
            continue;
        }
        if line.blank {
            blank += 1;
            continue;
        }
        // What scanning makes of dirt.
        if !document.line(at).contains(char::is_alphanumeric) {
            continue;
        }
        // What is left blank at the end of a page says nothing.
        if line.page != page {
            (blank, page) = (blank.min(1), line.page);
        }
        if blank > MOST_BLANK && !layout.labelled_end {
            break;
        }
        let label = labels::label(document.line(at), layout)
            .filter(|label| label.languages & languages != 0)
            .or_else(|| short(document, &block, at, languages));
        if let Some(label) = label {
            if label.role == Role::Words {
                block.words = piece(document, at, label.value);
                block.end = at + 1;
                break;
            }
            let listed = PEOPLE.contains(&label.role)
                && block
                    .fields
                    .last()
                    .is_some_and(|field| field.label.role == label.role);
            let again = block.has(label.role) && !layout.repeats.contains(&label.role) && !listed;
            // After a blank line a word that is only like a label is one of the message.
            let unsure = blank > 0 && !label.exact && label.value > label.end + COLUMN_GAP;
            if again || (unsure && !layout.labelled_end) {
                break;
            }
            languages &= label.languages;
            block.fields.push(Field {
                label,
                line: at,
                value: piece(document, at, label.value).into_iter().collect(),
            });
            if block.fields.len() == FIRST_FIELDS && block.basic() < 2 {
                break;
            }
        } else if (blank == 0 || is_open(document, &block, at)) && continues(document, &block, at) {
            let start = indent(document.line(at));
            if let (Some(field), Some(piece)) =
                (block.fields.last_mut(), piece(document, at, start))
            {
                field.value.push(piece);
            }
        } else if layout.labelled_end && stray < MOST_STRAY {
            stray += 1;
            continue;
        } else {
            break;
        }
        blank = 0;
        block.end = at + 1;
    }
    block
}

/// The label of two letters on a line of a header that has begun, if it has one with a wrong letter.
fn short(document: &Document<'_>, block: &Block, at: usize, languages: u32) -> Option<Label> {
    let begun = block.exact() >= 2 || (block.layout.labelled_end && block.exact() >= 1);
    let is_missing = |role| !block.has(role) || block.layout.repeats.contains(&role);
    begun
        .then(|| labels::short(document.line(at), block.layout, languages, is_missing))
        .flatten()
}

/// Whether the last field of a header is a list of people that goes on after a blank line: since it ends with a separator,
/// or since the page has ended.
fn is_open(document: &Document<'_>, block: &Block, at: usize) -> bool {
    let Some(field) = block.fields.last() else {
        return false;
    };
    let Some(last) = field.value.last() else {
        return false;
    };
    let page = |at: usize| document.lines.get(at).map(|line| line.page);
    if !PEOPLE.contains(&field.label.role) || !block.layout.unlabelled.is_empty() {
        return false;
    }
    let wide = match block.fields.as_slice() {
        [.., above, field] => document
            .lines
            .get(above.line..field.line)
            .is_some_and(|lines| lines.iter().any(|line| line.blank)),
        _ => false,
    };
    page(last.line) != page(at)
        || (document.line(last.line).trim_end().ends_with(';')
            && (wide || document.line(at).contains(['@', ';'])))
}

/// Whether a line without a label goes on with the value above it.
fn continues(document: &Document<'_>, block: &Block, at: usize) -> bool {
    let Some(field) = block.fields.last() else {
        return false;
    };
    let line = document.line(at);
    if block.layout.labelled_end {
        return true;
    }
    let column = block
        .fields
        .iter()
        .filter(|field| {
            !field.value.is_empty() && field.label.value >= field.label.end + COLUMN_GAP
        })
        .map(|field| field.label.value)
        .min();
    if let Some(column) = column
        && indent(line) + JITTER >= column
        && column > field.label.start + COLUMN_GAP
    {
        return true;
    }
    let Some(last) = field.value.last() else {
        // A value under its label; an empty subject has the message under it where other values stand beside.
        let stacked = block.fields.iter().all(|field| {
            field
                .value
                .first()
                .is_none_or(|piece| piece.line > field.line)
        });
        return stacked || matches!(field.label.role, Role::To | Role::Cc);
    };
    let value = document
        .line(last.line)
        .get(last.start..last.end)
        .unwrap_or_default();
    let full = document.line(last.line).trim_end().len() >= FULL_LINE;
    if field.label.role == Role::From || PEOPLE.contains(&field.label.role) {
        let open = |bracket: char| value.matches(bracket).count();
        return value.ends_with([';', ','])
            || is_address(line)
            || open('[') > open(']')
            || open('<') > open('>')
            || (full && line.contains([';', ',', '@', ')']));
    }
    full && matches!(field.label.role, Role::Subject | Role::Attachments)
        && line.trim().len() < FULL_LINE
}

/// Whether a line starts with an address in brackets: that of a name on the line above.
fn is_address(line: &str) -> bool {
    let line = line.trim_start();
    let inside = line.strip_prefix('<').or_else(|| line.strip_prefix('['));
    let word = inside.and_then(|inside| inside.split(['>', ']', ' ']).next());
    word.is_some_and(|word| word.contains('@'))
}

/// What stands on a line from a column on, without the white space at its end.
pub(super) fn piece(document: &Document<'_>, line: usize, start: usize) -> Option<Piece> {
    let text = document.line(line);
    let end = text.trim_end().len();
    (start < end).then_some(Piece { line, start, end })
}
