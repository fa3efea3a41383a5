//! Dates and sizes as queries, read from their columns in one pass.
//!
//! tantivy's own range query walks lazily, and in 0.27 its arithmetic overflows
//! when a larger query seeks it backwards; a pass over the whole column is
//! simpler and takes about a millisecond for a million messages.

use std::ops::RangeInclusive;

use tantivy::BitSet;
use tantivy::DocId;
use tantivy::Score;
use tantivy::SegmentReader;
use tantivy::columnar::Column;
use tantivy::query::BitSetDocSet;
use tantivy::query::ConstScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;

use super::schema::DATE;
use super::schema::SIZE;

/// Matches by what a column holds; all matches score 0.
#[derive(Clone, Debug)]
pub(crate) enum ColumnQuery {
    /// Dated within these seconds.
    Dates(RangeInclusive<i64>),
    /// Without a date.
    Undated,
    /// So many bytes.
    Sizes(RangeInclusive<u64>),
}

impl ColumnQuery {
    fn documents(&self, reader: &SegmentReader) -> tantivy::Result<BitSet> {
        match self {
            Self::Dates(range) => {
                let column = reader.fast_fields().i64(DATE)?;
                Ok(within(reader, &column, range.clone()))
            }
            Self::Sizes(range) => {
                let column = reader.fast_fields().u64(SIZE)?;
                Ok(within(reader, &column, range.clone()))
            }
            Self::Undated => {
                let column = reader.fast_fields().i64(DATE)?;
                let mut documents = BitSet::with_max_value(reader.max_doc());
                for document in 0..reader.max_doc() {
                    if column.first(document).is_none() {
                        documents.insert(document);
                    }
                }
                Ok(documents)
            }
        }
    }
}

fn within<T>(reader: &SegmentReader, column: &Column<T>, range: RangeInclusive<T>) -> BitSet
where
    T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    let mut documents = BitSet::with_max_value(reader.max_doc());
    // tantivy takes a range that ends below the least value for that value alone.
    if *range.end() < column.min_value() || *range.start() > column.max_value() {
        return documents;
    }
    let mut found = Vec::new();
    column.get_docids_for_value_range(range, 0..reader.max_doc(), &mut found);
    for document in found {
        documents.insert(document);
    }
    documents
}

impl Query for ColumnQuery {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(ColumnWeight(self.clone())))
    }
}

struct ColumnWeight(ColumnQuery);

impl Weight for ColumnWeight {
    fn scorer(&self, reader: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let documents = BitSetDocSet::from(self.0.documents(reader)?);
        Ok(Box::new(ConstScorer::new(documents, 0.0)))
    }

    fn explain(&self, _reader: &SegmentReader, _doc: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("a condition on a column", 0.0))
    }
}
