//! Work on each segment of an index, side by side where there is enough of it.

use std::collections::HashSet;

use rayon::prelude::*;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::directory::CompositeFile;
use tantivy::directory::Directory;
use tantivy::index::SegmentId;
use tantivy::schema::Field;

/// Below so many messages one thread is done sooner than others are started.
const WORTH_THREADS: u64 = 50_000;

/// What `work` makes of each segment and its number, in their order.
pub(crate) fn map<T: Send>(
    searcher: &Searcher,
    work: impl Fn(usize, &SegmentReader) -> tantivy::Result<T> + Sync,
) -> tantivy::Result<Vec<T>> {
    let readers = searcher.segment_readers();
    let each = |(number, reader)| work(number, reader);
    if searcher.num_docs() < WORTH_THREADS {
        readers.iter().enumerate().map(each).collect()
    } else {
        readers.par_iter().enumerate().map(each).collect()
    }
}

/// Which fields have no words in which segments, as those of blind copies in most. tantivy answers for such a field
/// with an empty dictionary that it builds when it is first asked, and takes longer for that than most searches.
#[derive(Default)]
pub(crate) struct Absent(HashSet<(SegmentId, Field)>);

impl Absent {
    /// Looks at the tables of contents of the dictionaries. Where one cannot be read, it is left to the search to say so.
    pub(crate) fn of(index: &tantivy::Index, searcher: &Searcher, fields: &[Field]) -> Self {
        let mut absent = HashSet::new();
        for reader in searcher.segment_readers() {
            let segment = reader.segment_id();
            let name = format!("{}.term", segment.uuid_string());
            let file = index.directory().open_read(name.as_ref()).ok();
            let Some(Ok(dictionaries)) = file.map(|file| CompositeFile::open(&file)) else {
                continue;
            };
            let without = fields
                .iter()
                .filter(|field| dictionaries.open_read(**field).is_none());
            absent.extend(without.map(|field| (segment, *field)));
        }
        Self(absent)
    }

    /// Whether a field has no words in a segment.
    pub(crate) fn has(&self, reader: &SegmentReader, field: Field) -> bool {
        self.0.contains(&(reader.segment_id(), field))
    }
}
