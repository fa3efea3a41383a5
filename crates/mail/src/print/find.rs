//! Where in a document messages begin.

use std::ops::Range;

use super::block;
use super::block::Block;
use super::block::Field;
use super::boilerplate;
use super::dates;
use super::document::Document;
use super::labels;
use super::tables::Role;
use crate::subject;

/// Lines of a document, blank ones and boilerplate not counted, among which the first header has to begin.
const FIRST_WITHIN: usize = 400;
/// Lines of a message that may stand above a header on its page: the owner of the mailbox, a title, a fax line.
const ABOVE: usize = 10;
/// The same for a header after the first.
const ABOVE_NEXT: usize = 4;
/// Lines of a page from which on it may be told whether another ends early.
const LEAST_OF_PAGE: usize = 20;
/// Seconds by which clocks in two zones differ at most.
const ZONES: i64 = 26 * 3_600;
/// Longest name of a mailbox owner, in bytes.
const LONGEST_OWNER: usize = 60;

/// The first printed header of a document that is not quoted.
pub(super) fn first(document: &Document<'_>) -> Option<Block> {
    let mut page = None;
    let mut above = 0;
    let content = (0..document.lines.len()).filter(|at| document.is_content(*at));
    for at in content.take(FIRST_WITHIN) {
        let on = document.lines.get(at).map(|line| line.page);
        if page != on {
            (page, above) = (on, 0);
        }
        if above <= ABOVE
            && let Some(block) = block::read(document, at)
        {
            return (!is_quoted(document, at)).then_some(block);
        }
        above += 1;
    }
    None
}

/// Whether a line that parts a message from one that it quotes stands above a line.
fn is_quoted(document: &Document<'_>, at: usize) -> bool {
    let above = (at.saturating_sub(4)..at)
        .rev()
        .find(|above| document.is_content(*above));
    above.is_some_and(|above| {
        let words = document.line(above).trim();
        words.ends_with("--") || words.ends_with("Message") || words.ends_with("wrote:")
    })
}

/// All printed headers of a document that begin a message, each with the first line of its message: that of the
/// document, or of the page.
pub(super) fn all(document: &Document<'_>) -> Vec<(usize, Block)> {
    let Some(first) = first(document) else {
        return Vec::new();
    };
    if first.layout.begins_anywhere {
        return anywhere(document, first);
    }
    let mut blocks = vec![(0, first)];
    let pages = document.pages();
    let filled: Vec<usize> = pages.iter().map(|page| filled(document, page)).collect();
    let fullest = filled.iter().copied().max().unwrap_or(0);
    for (page, above) in pages.iter().skip(1).zip(filled) {
        let Some((_, current)) = blocks.last() else {
            break;
        };
        if page.start < current.end {
            continue;
        }
        let after_short = fullest >= LEAST_OF_PAGE && above * 2 < fullest;
        let content = page.clone().filter(|at| document.is_content(*at));
        let found = content
            .take(ABOVE_NEXT + 1)
            .find_map(|at| block::read(document, at));
        let begins =
            |block: &Block| begins_message(document, page.start, block, current, after_short);
        if let Some(block) = found.filter(begins) {
            blocks.push((page.start, block));
        }
    }
    blocks
}

/// All headers of a layout that is never quoted.
fn anywhere(document: &Document<'_>, first: Block) -> Vec<(usize, Block)> {
    let layout = first.layout;
    let mut end = first.end;
    let mut blocks = vec![(0, first)];
    for at in 0..document.lines.len() {
        if at < end
            || !document.is_content(at)
            || labels::label(document.line(at), layout).is_none()
        {
            continue;
        }
        if let Some(block) =
            block::read(document, at).filter(|block| block.layout.name == layout.name)
        {
            end = block.end;
            blocks.push((at, block));
        }
    }
    blocks
}

/// Whether a header near the top of a page begins another message, and is not one that the message before quotes.
/// `after_short` is whether the page before ends early.
fn begins_message(
    document: &Document<'_>,
    page: usize,
    block: &Block,
    current: &Block,
    after_short: bool,
) -> bool {
    if block.layout.name != current.layout.name || is_quoted(document, block.first) {
        return false;
    }
    if let Some((number, _)) = page_number(document, page) {
        return number == 1;
    }
    match (current.is_aligned(), block.is_aligned()) {
        (true, aligned) => aligned,
        (false, true) => true,
        // A message mostly has the subject of what it quotes, and quotes nothing that is written later.
        (false, false) => {
            after_short
                || is_later(document, block, current)
                || base_subject(document, block) != base_subject(document, current)
        }
    }
}

/// Whether the date of one header is later than that of another, in whatever zones they are printed.
fn is_later(document: &Document<'_>, block: &Block, than: &Block) -> bool {
    let sent = |block: &Block| {
        let field = block.field(Role::Sent)?;
        let date = dates::read(&value(document, field), true)?;
        Some(date.utc().unwrap_or(date.local))
    };
    sent(block)
        .zip(sent(than))
        .is_some_and(|(one, other)| one > other.saturating_add(ZONES))
}

/// The line on a page, from 1, of the last words on it.
fn filled(document: &Document<'_>, page: &Range<usize>) -> usize {
    let last = page.clone().rev().find(|at| document.is_content(*at));
    last.map_or(0, |last| last + 1 - page.start)
}

/// The words of a field as printed.
fn value(document: &Document<'_>, field: &Field) -> String {
    let words: Vec<&str> = field
        .value
        .iter()
        .filter_map(|piece| document.line(piece.line).get(piece.start..piece.end))
        .collect();
    words.join(" ")
}

/// What `Page 1 of 2` says at the top of the page that begins on a line.
pub(super) fn page_number(document: &Document<'_>, page: usize) -> Option<(u32, u32)> {
    let number = document.lines.get(page)?.page;
    let lines = (page..document.lines.len()).take_while(|at| document.lines[*at].page == number);
    let mut filled = lines.filter(|at| !document.lines[*at].blank);
    filled
        .by_ref()
        .take(6)
        .find_map(|at| boilerplate::page_of(document.line(at)))
}

fn base_subject(document: &Document<'_>, block: &Block) -> Option<String> {
    let words = value(document, block.field(Role::Subject)?);
    Some(subject::base(&words).base.to_lowercase())
}

/// The line above a header that names the owner of the mailbox, if one does.
pub(super) fn owner(document: &Document<'_>, block: &Block) -> Option<usize> {
    let page = document.lines.get(block.first)?.page;
    let above = (block.first.saturating_sub(4)..block.first)
        .rev()
        .find(|at| document.is_content(*at))?;
    let words = document.line(above).trim();
    let is_name = words.len() <= LONGEST_OWNER
        && words.split_whitespace().count() <= 6
        && words.starts_with(|c: char| c.is_uppercase())
        && !words.contains([':', '?', '!', '@'])
        && !words.contains("--");
    let on_page = document
        .lines
        .get(above)
        .is_some_and(|line| line.page == page);
    (on_page && is_name && block.is_aligned()).then_some(above)
}
