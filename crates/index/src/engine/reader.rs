//! A consistent view of the index, and all that is asked of it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use tantivy::DocAddress;
use tantivy::Searcher;
use tantivy::query::Query as Lowered;

use super::collect;
use super::collect::Kept;
use super::error::IndexError;
use super::lower::Lowering;
use super::lower::Originals;
use super::marks;
use super::ordinals;
use super::originals;
use super::originals::Known;
use super::request::Hit;
use super::request::Resolver;
use super::request::Results;
use super::request::SearchRequest;
use super::request::SnippetOrigin;
use super::request::Sort;
use super::request::StoredText;
use super::schema::Fields;
use super::segments::Absent;
use super::snippet::Highlighter;
use super::snippet::Piece;
use super::stored::Stored;
use super::suggest;

/// What was committed when it was made; later commits do not change it.
pub struct Reader {
    searcher: Searcher,
    absent: Absent,
    fields: Fields,
    payload: String,
    commit: Commit,
    /// Where each ordinal is, by ordinal; made when it is first asked for.
    places: OnceLock<Vec<(u32, DocAddress)>>,
}

/// A commit, known by the list of its segments: each has a name that is given once.
#[derive(PartialEq, Eq)]
pub(crate) struct Commit {
    path: PathBuf,
    list: Vec<u8>,
}

impl Commit {
    /// Reads what was committed last; `path` is the file that names it.
    pub(crate) fn read(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            list: fs::read(path)?,
        })
    }

    pub(crate) fn into_list(self) -> Vec<u8> {
        self.list
    }

    /// What was given with it. tantivy reads the whole list for that, as it does for each of its own questions.
    pub(crate) fn payload(&self) -> Option<String> {
        serde_json::from_slice::<Listed>(&self.list).ok()?.payload
    }
}

/// What is read of the list here.
#[derive(serde::Deserialize)]
struct Listed {
    payload: Option<String>,
}

/// Where the matches of a query are, in the order asked for.
pub struct Matches {
    count: u64,
    kept: Vec<Kept>,
    highlighter: Option<Highlighter>,
}

impl Matches {
    /// How many messages match, exactly.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many of them are in the list.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether none is in the list.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The ordinals of those in the list, in order.
    pub fn ordinals(&self) -> impl Iterator<Item = u32> {
        self.kept.iter().map(|kept| kept.ordinal)
    }
}

/// What was stored with a message, and its texts.
pub type RecordWithTexts = (Vec<u8>, Vec<StoredText>);

impl Reader {
    pub(crate) fn new(
        (searcher, absent): (Searcher, Absent),
        fields: Fields,
        payload: String,
        commit: Commit,
    ) -> Self {
        Self {
            searcher,
            absent,
            fields,
            payload,
            commit,
            places: OnceLock::new(),
        }
    }

    /// What it reads from.
    pub(crate) fn parts(&self) -> (&Searcher, &Fields) {
        (&self.searcher, &self.fields)
    }

    /// Whether nothing has been committed since it was made.
    pub fn is_latest(&self) -> bool {
        Commit::read(&self.commit.path).is_ok_and(|latest| latest == self.commit)
    }

    /// What was given with the last commit; empty before the first.
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// The bytes of the file that lists what the commit rests on: `meta.json`.
    pub fn commit_list(&self) -> &[u8] {
        &self.commit.list
    }

    /// Whether it holds a message with this ordinal or a higher one.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn holds_from(&self, ordinal: u32) -> Result<bool, IndexError> {
        let mut holds = false;
        for reader in self.searcher.segment_readers() {
            if ordinals::column(reader)?.max_value() < u64::from(ordinal) {
                continue;
            }
            ordinals::for_each_ordinal(reader, |doc, found| {
                holds |= found >= ordinal && !reader.is_deleted(doc);
            })?;
        }
        Ok(holds)
    }

    /// How many messages with ordinals below one are not in a set.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn count_below(&self, ordinal: u32, hidden: &RoaringBitmap) -> Result<u64, IndexError> {
        let mut count = 0;
        for reader in self.searcher.segment_readers() {
            ordinals::for_each_ordinal(reader, |doc, found| {
                let counts = found < ordinal && !reader.is_deleted(doc) && !hidden.contains(found);
                count += u64::from(counts);
            })?;
        }
        Ok(count)
    }

    /// How many messages there are.
    pub fn message_count(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// How many segments the index is made of.
    pub fn segment_count(&self) -> usize {
        self.searcher.segment_readers().len()
    }

    /// Runs a query: an exact count and one page of hits.
    ///
    /// # Errors
    /// As [`Reader::find`].
    pub fn search(
        &self,
        request: &SearchRequest<'_>,
        resolver: &dyn Resolver,
    ) -> Result<Results, IndexError> {
        let matches = self.find(request, resolver)?;
        let places: Vec<usize> = (request.offset..matches.len()).collect();
        Ok(Results {
            count: matches.count(),
            hits: self.hits(&matches, &places)?,
        })
    }

    /// Runs a query and keeps where its best matches are, those that `offset` leaves
    /// out included: 32 bytes for each. [`Reader::hits`] reads what is wanted of them.
    ///
    /// # Errors
    /// [`IndexError::Query`] if a part of the query means nothing;
    /// [`IndexError::Headers`] if it needs an original that cannot be looked for.
    pub fn find(
        &self,
        request: &SearchRequest<'_>,
        resolver: &dyn Resolver,
    ) -> Result<Matches, IndexError> {
        let scored = request.sort == Sort::Relevance && request.limit != Some(0);
        let query = self.lower(request, resolver, scored)?;
        let keep = request.limit.map_or(usize::MAX, |limit| match limit {
            0 => 0,
            limit => request.offset.saturating_add(limit),
        });
        let (searcher, seen) = (&self.searcher, request.seen());
        let (count, kept) = collect::page(searcher, &*query, request.sort, seen, keep)?;
        let highlighter = match request.snippets {
            true => Some(Highlighter::new(request.query)?),
            false => None,
        };
        Ok(Matches {
            count,
            kept,
            highlighter,
        })
    }

    /// Reads the matches at some places of the list, the first being 0; there is nothing
    /// after its end. `matches` has to be of this reader.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn hits(&self, matches: &Matches, places: &[usize]) -> Result<Vec<Hit>, IndexError> {
        places
            .par_iter()
            .filter_map(|place| matches.kept.get(*place))
            .map(|kept| self.hit(kept, matches.highlighter.as_ref()))
            .collect()
    }

    fn hit(&self, kept: &Kept, highlighter: Option<&Highlighter>) -> Result<Hit, IndexError> {
        let stored: Stored = self.searcher.doc(kept.address)?;
        let snippet =
            highlighter.and_then(|highlighter| highlighter.snippet(&self.marked_texts(&stored)));
        Ok(Hit {
            ordinal: kept.ordinal,
            score: kept.score,
            snippet,
            record: stored.into_bytes(self.fields.record),
        })
    }

    /// How many messages match, exactly. Sort, offset, limit and snippets do not matter.
    ///
    /// # Errors
    /// As [`Reader::search`].
    pub fn count(
        &self,
        request: &SearchRequest<'_>,
        resolver: &dyn Resolver,
    ) -> Result<u64, IndexError> {
        let query = self.lower(request, resolver, false)?;
        Ok(collect::count(&self.searcher, &*query, request.seen())?)
    }

    /// The ordinals of all messages that match. Sort, offset, limit and snippets do not matter.
    ///
    /// # Errors
    /// As [`Reader::search`].
    pub fn ordinals(
        &self,
        request: &SearchRequest<'_>,
        resolver: &dyn Resolver,
    ) -> Result<RoaringBitmap, IndexError> {
        let query = self.lower(request, resolver, false)?;
        Ok(collect::set(&self.searcher, &*query, request.seen())?)
    }

    /// What was stored with a message; `None` if there is no such message.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn record(&self, ordinal: u32) -> Result<Option<Vec<u8>>, IndexError> {
        let stored = self.stored(ordinal)?;
        Ok(stored.map(|stored| stored.into_bytes(self.fields.record)))
    }

    /// What was stored with each message, in the order asked for.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn records(&self, ordinals: &[u32]) -> Result<Vec<Option<Vec<u8>>>, IndexError> {
        ordinals
            .iter()
            .map(|ordinal| self.record(*ordinal))
            .collect()
    }

    /// Calls `visit` with the record of each message of a set, in the order of
    /// ordinals. Memory does not grow with the set. Ordinals that are not in
    /// the index are left out. `visit` ends it early by giving an error.
    ///
    /// # Errors
    /// The first error of `visit`, or one of reading.
    pub fn for_each_record<E: From<IndexError>>(
        &self,
        ordinals: &RoaringBitmap,
        mut visit: impl FnMut(u32, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for ordinal in ordinals {
            if let Some(stored) = self.stored(ordinal)? {
                visit(ordinal, stored.bytes(self.fields.record))?;
            }
        }
        Ok(())
    }

    /// The texts that are kept of a message: body, names and texts of attachments;
    /// `None` if there is no such message.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn texts(&self, ordinal: u32) -> Result<Option<Vec<StoredText>>, IndexError> {
        Ok(self.record_with_texts(ordinal)?.map(|(_, texts)| texts))
    }

    /// What was stored with a message and its texts, in one reading; `None` if it is not in the index.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn record_with_texts(&self, ordinal: u32) -> Result<Option<RecordWithTexts>, IndexError> {
        let Some(stored) = self.stored(ordinal)? else {
            return Ok(None);
        };
        let texts = self.marked_texts(&stored).into_iter();
        let plain = texts.map(|piece| StoredText {
            origin: piece.origin,
            text: marks::without_marks(piece.text),
        });
        let plain = plain.collect();
        Ok(Some((stored.into_bytes(self.fields.record), plain)))
    }

    /// Words of the index that are close to one that finds nothing, the likeliest first.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn suggestions(&self, word: &str) -> Result<Vec<String>, IndexError> {
        Ok(suggest::close_words(&self.searcher, &self.fields, word)?)
    }

    /// The query for tantivy, after reading what only originals can answer.
    fn lower(
        &self,
        request: &SearchRequest<'_>,
        resolver: &dyn Resolver,
        scored: bool,
    ) -> Result<Box<dyn Lowered>, IndexError> {
        let lowering = |originals, scored| Lowering {
            searcher: &self.searcher,
            absent: &self.absent,
            fields: &self.fields,
            zone: &request.zone,
            resolver,
            originals,
            scored,
            scope: request.scope,
        };
        let leaves = originals::leaves(request.query);
        let mut known = Known::default();
        if !leaves.is_empty() {
            let widened = lowering(Originals::Widen, false).query(request.query)?;
            let candidates = collect::set(&self.searcher, &*widened, request.seen())?;
            known = originals::read(&leaves, &candidates, resolver)?;
        }
        lowering(Originals::Known(&known), scored).query(request.query)
    }

    fn stored(&self, ordinal: u32) -> Result<Option<Stored>, IndexError> {
        let places = self.places()?;
        let found = places.binary_search_by_key(&ordinal, |(ordinal, _)| *ordinal);
        let Some((_, address)) = found.ok().and_then(|index| places.get(index)) else {
            return Ok(None);
        };
        Ok(Some(self.searcher.doc(*address)?))
    }

    fn places(&self) -> Result<&[(u32, DocAddress)], IndexError> {
        if let Some(places) = self.places.get() {
            return Ok(places);
        }
        let mut places = Vec::new();
        for (number, reader) in (0u32..).zip(self.searcher.segment_readers()) {
            ordinals::for_each_ordinal(reader, |doc, ordinal| {
                if !reader.is_deleted(doc) {
                    places.push((ordinal, DocAddress::new(number, doc)));
                }
            })?;
        }
        // Segments are runs in order, which a stable sort merges.
        places.sort();
        Ok(self.places.get_or_init(|| places))
    }

    /// The stored texts with their marks: body, attached texts, attachment names.
    fn marked_texts<'s>(&self, stored: &'s Stored) -> Vec<Piece<'s>> {
        let places = [
            (self.fields.body, SnippetOrigin::Body),
            (self.fields.attached, SnippetOrigin::Attached),
            (self.fields.attachment, SnippetOrigin::AttachmentName),
        ];
        let mut texts = Vec::new();
        for (field, origin) in places {
            let text = stored.text(field);
            if !text.is_empty() {
                texts.extend(marks::parts(text).map(|text| Piece { origin, text }));
            }
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::super::index::Index;
    use super::super::request::Document;

    #[test]
    fn a_field_without_words_is_known_to_have_none() {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let index = Index::create(&place.path().join("index")).expect("it can be made");
        let mut writer = index.writer(16 << 20, 1).expect("nobody else writes");
        let mail = b"From: anne@pier.example\nSubject: Pier\nX-Mailer: none\n\nThe plan.\n";
        let message = muckrake_mail::parse(mail, &muckrake_mail::Limits::default());
        let document = Document {
            ordinal: 0,
            message: &message,
            utc: None,
            record: b"kept",
        };
        writer.add(document).expect("it is taken");
        writer.commit("1 0").expect("it is written");
        let reader = index.reader().expect("it can be read");
        assert_eq!(reader.payload(), "1 0");
        assert_eq!(
            reader.record(0).ok().flatten().as_deref(),
            Some(&b"kept"[..])
        );
        for segment in reader.searcher.segment_readers() {
            let is_empty = |field: &tantivy::schema::Field| {
                let index = segment.inverted_index(*field).expect("it can be read");
                index.terms().num_terms() == 0
            };
            let empty: Vec<_> = reader.fields.words().into_iter().filter(is_empty).collect();
            assert!(empty.contains(&reader.fields.people[3]) && empty.len() < 9);
            for field in reader.fields.words() {
                assert_eq!(reader.absent.has(segment, field), empty.contains(&field));
            }
        }
    }
}
