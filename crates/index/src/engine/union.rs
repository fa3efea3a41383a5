//! Several terms read as one: the documents of any of them, with their positions.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::TERMINATED;
use tantivy::postings::Postings;
use tantivy::postings::SegmentPostings;

/// The postings of a word with all the terms that it stands for.
pub(crate) struct Union {
    postings: Vec<SegmentPostings>,
    /// Those that are past the current document.
    ahead: BinaryHeap<Reverse<(DocId, usize)>>,
    /// Those that are at the current document.
    here: Vec<usize>,
    doc: DocId,
    size: u32,
}

impl Union {
    pub(crate) fn new(postings: Vec<SegmentPostings>) -> Self {
        let size = postings
            .iter()
            .fold(0u32, |sum, list| sum.saturating_add(list.size_hint()));
        let ahead = postings
            .iter()
            .enumerate()
            .filter(|(_, list)| list.doc() != TERMINATED)
            .map(|(index, list)| Reverse((list.doc(), index)))
            .collect();
        let mut union = Self {
            postings,
            ahead,
            here: Vec::new(),
            doc: 0,
            size,
        };
        union.settle();
        union
    }

    /// Takes all lists at the lowest document.
    fn settle(&mut self) {
        let Some(Reverse((doc, _))) = self.ahead.peek() else {
            self.doc = TERMINATED;
            return;
        };
        self.doc = *doc;
        while let Some(Reverse((doc, index))) = self.ahead.peek().copied() {
            if doc != self.doc {
                break;
            }
            self.ahead.pop();
            self.here.push(index);
        }
    }

    fn leave(&mut self, go: impl Fn(&mut SegmentPostings) -> DocId) {
        while let Some(index) = self.here.pop() {
            let doc = go(&mut self.postings[index]);
            if doc != TERMINATED {
                self.ahead.push(Reverse((doc, index)));
            }
        }
    }

    /// About how many documents there are.
    pub(crate) fn size(&self) -> u32 {
        self.size
    }

    /// Goes to `target` or the first document after it; stays where it is if that is past it.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        if let [only] = self.postings.as_mut_slice() {
            self.doc = only.seek(target);
            return self.doc;
        }
        self.leave(|list| list.seek(target));
        while let Some(Reverse((doc, index))) = self.ahead.peek().copied() {
            if doc >= target {
                break;
            }
            self.ahead.pop();
            self.here.push(index);
        }
        self.leave(|list| list.seek(target));
        self.settle();
        self.doc
    }

    /// How often the word stands in the current document.
    pub(crate) fn frequency(&self) -> u32 {
        if let [only] = self.postings.as_slice() {
            return only.term_freq();
        }
        self.here
            .iter()
            .map(|index| self.postings[*index].term_freq())
            .sum()
    }

    /// Where the word stands in the current document, in order.
    pub(crate) fn positions(&mut self, list: &mut Vec<u32>) {
        list.clear();
        if let [only] = self.postings.as_mut_slice() {
            only.append_positions_with_offset(0, list);
            return;
        }
        for index in &self.here {
            self.postings[*index].append_positions_with_offset(0, list);
        }
        if self.here.len() > 1 {
            list.sort_unstable();
        }
    }
}
