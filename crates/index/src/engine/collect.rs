//! Picks the hits of one page and counts all matches in the same pass.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::Score;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::columnar::Column;
use tantivy::columnar::ColumnValues;
use tantivy::query::EnableScoring;
use tantivy::query::Query;
use tantivy::query::Weight;

use super::ordinals;
use super::request::Seen;
use super::request::Sort;
use super::schema::DATE;
use super::segments;

/// A match that is kept; the greatest is the first of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    /// What it is sorted by: greater comes first.
    key: Key,
    pub(crate) ordinal: u32,
    pub(crate) score: Score,
    pub(crate) address: DocAddress,
}

/// Greater comes first; what has no date comes after all dates.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Key {
    Score(Score),
    Date(Option<i64>),
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        // Scores are finite, so that they always compare.
        let by_key = self.key.partial_cmp(&other.key).unwrap_or(Ordering::Equal);
        by_key.then(other.ordinal.cmp(&self.ordinal))
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Kept {}

/// What one segment tells about its documents.
struct Segment<'a> {
    reader: &'a SegmentReader,
    number: u32,
    ordinals: Arc<dyn ColumnValues<u64>>,
    /// Only where some document may not be seen.
    seen: Option<Seen<'a>>,
    dates: Option<Column<i64>>,
}

impl<'a> Segment<'a> {
    fn new(
        reader: &'a SegmentReader,
        number: usize,
        seen: Seen<'a>,
        sort: Sort,
    ) -> tantivy::Result<Self> {
        let ordinals = ordinals::column(reader)?;
        let all_seen = ordinals.max_value() < u64::from(seen.below) && seen.hidden.is_empty();
        let dates = match sort {
            Sort::Relevance => None,
            Sort::DateAscending | Sort::DateDescending => Some(reader.fast_fields().i64(DATE)?),
        };
        Ok(Self {
            reader,
            // There are never more segments than a u32 counts.
            number: number as u32,
            ordinals,
            seen: (!all_seen).then_some(seen),
            dates,
        })
    }

    fn ordinal(&self, doc: DocId) -> u32 {
        // Ordinals are written from a u32.
        self.ordinals.get_val(doc) as u32
    }

    fn is_seen(&self, doc: DocId) -> bool {
        let alive = self
            .reader
            .alive_bitset()
            .is_none_or(|alive| alive.is_alive(doc));
        alive
            && self
                .seen
                .is_none_or(|seen| seen.contains(self.ordinal(doc)))
    }

    fn date(&self, doc: DocId) -> Option<i64> {
        self.dates.as_ref().and_then(|dates| dates.first(doc))
    }
}

/// The first `keep` matches in order, and how many there are altogether.
pub(crate) fn page(
    searcher: &Searcher,
    query: &dyn Query,
    sort: Sort,
    seen: Seen<'_>,
    keep: usize,
) -> tantivy::Result<(u64, Vec<Kept>)> {
    if keep == 0 {
        return Ok((count(searcher, query, seen)?, Vec::new()));
    }
    let scoring = match sort {
        Sort::Relevance => EnableScoring::enabled_from_searcher(searcher),
        _ => EnableScoring::disabled_from_searcher(searcher),
    };
    let weight = query.weight(scoring)?;
    let parts = segments::map(searcher, |number, reader| {
        let segment = Segment::new(reader, number, seen, sort)?;
        page_of(&segment, &*weight, sort, keep)
    })?;
    let mut best = Best::new(keep);
    let mut total = 0;
    for (count, kept) in parts {
        total += count;
        kept.heap.into_iter().for_each(|kept| best.take(kept.0));
    }
    Ok((total, best.into_list()))
}

/// The first `keep` matches of one segment, and how many there are in it.
fn page_of(
    segment: &Segment<'_>,
    weight: &dyn Weight,
    sort: Sort,
    keep: usize,
) -> tantivy::Result<(u64, Best)> {
    let mut total = 0;
    let mut best = Best::new(keep);
    let mut take = |doc: DocId, score: Score| {
        if !segment.is_seen(doc) {
            return;
        }
        total += 1;
        let key = match sort {
            Sort::Relevance => Key::Score(score),
            Sort::DateDescending => Key::Date(segment.date(doc)),
            // Greatest is first, and the largest date must be the least.
            Sort::DateAscending => Key::Date(segment.date(doc).map(|date| !date)),
        };
        if best.may_take(key) {
            best.take(Kept {
                key,
                ordinal: segment.ordinal(doc),
                score,
                address: DocAddress::new(segment.number, doc),
            });
        }
    };
    if sort == Sort::Relevance {
        weight.for_each(segment.reader, &mut take)?;
    } else {
        weight.for_each_no_score(segment.reader, &mut |docs| {
            docs.iter().for_each(|doc| take(*doc, 0.0));
        })?;
    }
    Ok((total, best))
}

/// How many documents match.
pub(crate) fn count(
    searcher: &Searcher,
    query: &dyn Query,
    seen: Seen<'_>,
) -> tantivy::Result<u64> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let counts = segments::map(searcher, |number, reader| {
        let segment = Segment::new(reader, number, seen, Sort::Relevance)?;
        if segment.seen.is_none() {
            return Ok(u64::from(weight.count(reader)?));
        }
        let mut total = 0;
        weight.for_each_no_score(reader, &mut |docs| {
            total += docs.iter().filter(|doc| segment.is_seen(**doc)).count() as u64;
        })?;
        Ok(total)
    })?;
    Ok(counts.iter().sum())
}

/// The ordinals of all matches.
pub(crate) fn set(
    searcher: &Searcher,
    query: &dyn Query,
    seen: Seen<'_>,
) -> tantivy::Result<RoaringBitmap> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let sets = segments::map(searcher, |number, reader| {
        let segment = Segment::new(reader, number, seen, Sort::Relevance)?;
        let mut set = RoaringBitmap::new();
        weight.for_each_no_score(reader, &mut |docs| {
            for doc in docs.iter().filter(|doc| segment.is_seen(**doc)) {
                set.insert(segment.ordinal(*doc));
            }
        })?;
        Ok(set)
    })?;
    Ok(sets
        .into_iter()
        .fold(RoaringBitmap::new(), |all, set| all | set))
}

/// The greatest so many.
struct Best {
    keep: usize,
    /// The least of those kept is on top.
    heap: BinaryHeap<std::cmp::Reverse<Kept>>,
}

impl Best {
    fn new(keep: usize) -> Self {
        Self {
            keep,
            heap: BinaryHeap::new(),
        }
    }

    /// Whether a match with this key has a chance.
    fn may_take(&self, key: Key) -> bool {
        self.heap.len() < self.keep || self.heap.peek().is_some_and(|least| key >= least.0.key)
    }

    fn take(&mut self, kept: Kept) {
        if self.heap.len() < self.keep {
            self.heap.push(std::cmp::Reverse(kept));
        } else if let Some(mut least) = self.heap.peek_mut()
            && kept > least.0
        {
            least.0 = kept;
        }
    }

    fn into_list(self) -> Vec<Kept> {
        let sorted = self.heap.into_sorted_vec();
        sorted.into_iter().map(|kept| kept.0).collect()
    }
}
