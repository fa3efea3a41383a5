//! What the pages of a document are: each is one thing.

use std::ops::Range;

use super::block::Block;
use super::document::Document;
use super::find;
use super::model::PageCounts;

/// Counts the pages that begin within the lines of a message.
pub(super) fn count(document: &Document<'_>, lines: &Range<usize>, block: &Block) -> PageCounts {
    let mut counts = PageCounts::default();
    let page = |at: usize| document.lines.get(at).map(|line| line.page);
    let header = page(block.first);
    // What `Page 1 of 2` says on the page of the header, and whether the last of these pages has come.
    let mut numbered = None;
    let mut ended = false;
    let mut at = lines.start;
    // A page that a message before has begun is counted there.
    if let Some(before) = at.checked_sub(1) {
        while at < lines.end && page(at) == page(before) {
            at += 1;
        }
    }
    while at < lines.end {
        let start = at;
        while at < lines.end && page(at) == page(start) {
            at += 1;
        }
        let is_blank = document
            .lines
            .get(start..at)
            .is_some_and(|lines| lines.iter().all(|line| line.blank));
        let number = find::page_number(document, start);
        if page(start) == header {
            numbered = number.filter(|(first, _)| *first == 1);
        }
        let of_message =
            number.is_some_and(|(_, last)| numbered.is_some_and(|(_, all)| all == last));
        let state = if is_blank {
            &mut counts.without_text
        } else if page(start) < header {
            &mut counts.without_header
        } else if ended && !of_message {
            &mut counts.attached
        } else {
            &mut counts.message
        };
        *state += 1;
        ended |= of_message && number.is_some_and(|(page, last)| page == last);
    }
    counts
}
