//! Sets of ordinals as a query: everything that the index itself does not know.

use std::sync::Arc;

use roaring::RoaringBitmap;
use tantivy::COLLECT_BLOCK_BUFFER_LEN;
use tantivy::DocId;
use tantivy::Score;
use tantivy::SegmentReader;
use tantivy::columnar::ColumnValues;
use tantivy::query::BitSetDocSet;
use tantivy::query::ConstScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;

use super::schema::ORDINAL;

/// Matches the documents whose ordinal is in the set; all score 0.
#[derive(Clone, Debug)]
pub(crate) struct OrdinalQuery {
    set: Arc<RoaringBitmap>,
}

impl OrdinalQuery {
    pub(crate) fn new(set: RoaringBitmap) -> Self {
        Self { set: Arc::new(set) }
    }
}

impl Query for OrdinalQuery {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(OrdinalWeight {
            set: Arc::clone(&self.set),
        }))
    }
}

struct OrdinalWeight {
    set: Arc<RoaringBitmap>,
}

impl Weight for OrdinalWeight {
    fn scorer(&self, reader: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut docs = tantivy::BitSet::with_max_value(reader.max_doc());
        if !self.set.is_empty() {
            for_each_ordinal(reader, |doc, ordinal| {
                if self.set.contains(ordinal) {
                    docs.insert(doc);
                }
            })?;
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(docs), 0.0)))
    }

    fn explain(&self, _reader: &SegmentReader, _doc: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("in the set of ordinals", 0.0))
    }
}

/// The ordinals of a segment by document.
pub(crate) fn column(reader: &SegmentReader) -> tantivy::Result<Arc<dyn ColumnValues<u64>>> {
    reader.fast_fields().column_first_or_default::<u64>(ORDINAL)
}

/// Calls `visit` with every document of a segment, deleted ones too, and its ordinal.
pub(crate) fn for_each_ordinal(
    reader: &SegmentReader,
    mut visit: impl FnMut(DocId, u32),
) -> tantivy::Result<()> {
    let column = column(reader)?;
    let mut block = [0u64; COLLECT_BLOCK_BUFFER_LEN];
    let end = reader.max_doc();
    let mut start = 0;
    while start < end {
        let length = (end - start).min(COLLECT_BLOCK_BUFFER_LEN as u32);
        let values = &mut block[..length as usize];
        column.get_range(u64::from(start), values);
        for (doc, value) in (start..).zip(values.iter()) {
            // Ordinals are written from a u32.
            visit(doc, *value as u32);
        }
        start += length;
    }
    Ok(())
}
