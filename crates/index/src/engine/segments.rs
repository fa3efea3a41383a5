//! Work on each segment of an index, side by side where there is enough of it.

use rayon::prelude::*;
use tantivy::Searcher;
use tantivy::SegmentReader;

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
