//! A condition on the words of one field, as a query for tantivy.

use std::fmt;
use std::sync::Arc;

use tantivy::BitSet;
use tantivy::DocId;
use tantivy::Score;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentId;
use tantivy::postings::SegmentPostings;
use tantivy::postings::TermInfo;
use tantivy::query::BitSetDocSet;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::query::Bm25Weight;
use tantivy::query::ConstScorer;
use tantivy::query::EmptyScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use super::condition::Condition;
use super::marks::GAP;
use super::marks::PART_MARK;
use super::marks::ZoneClass;
use super::matching::Shape;
use super::scorer::Borders;
use super::scorer::Marks;
use super::scorer::Scoring;
use super::scorer::WordScorer;
use super::segments;
use super::segments::Absent;
use super::union::Union;

/// From so many terms on, a word is read into a set of documents at once, and
/// every match scores the same.
const MANY_TERMS: usize = 64;

/// A word that more documents hold is not weighed by whose words it is in: it tells little, and reading
/// the places of its hits takes a millisecond for ten thousand documents.
const MOST_WEIGHED: u64 = 30_000;

/// Matches the documents whose field fulfils a condition.
#[derive(Clone)]
pub(crate) struct WordQuery {
    inner: Arc<Inner>,
}

struct Inner {
    field: Field,
    shape: Shape,
    zone: Option<ZoneClass>,
    /// For each segment the terms of each word.
    segments: Vec<(SegmentId, Vec<Vec<TermInfo>>)>,
    /// How many documents hold each word, at most.
    frequencies: Vec<u64>,
    scoring: Option<Bm25Weight>,
    /// Whether hits weigh by whose words they are.
    weighed: bool,
}

impl WordQuery {
    /// Looks up the terms of a condition in a field; in the header field those of one header.
    pub(crate) fn new(
        searcher: &Searcher,
        absent: &Absent,
        field: Field,
        header: Option<&str>,
        condition: &Condition,
        zone: Option<ZoneClass>,
    ) -> tantivy::Result<Self> {
        let segments = segments::map(searcher, |_, reader| {
            if absent.has(reader, field) {
                let nothing = vec![Vec::new(); condition.patterns.len()];
                return Ok((reader.segment_id(), nothing));
            }
            let index = reader.inverted_index(field)?;
            let patterns = condition.patterns.iter();
            let words: tantivy::Result<Vec<Vec<TermInfo>>> = patterns
                .map(|pattern| pattern.expand(index.terms(), header))
                .collect();
            Ok((reader.segment_id(), words?))
        })?;
        let mut frequencies = vec![0u64; condition.patterns.len()];
        for (_, words) in &segments {
            for (frequency, terms) in frequencies.iter_mut().zip(words) {
                let documents = terms.iter().map(|term| u64::from(term.doc_freq));
                *frequency += documents.sum::<u64>();
            }
        }
        Ok(Self {
            inner: Arc::new(Inner {
                field,
                shape: condition.shape.clone(),
                zone,
                segments,
                frequencies,
                scoring: None,
                weighed: false,
            }),
        })
    }

    /// How many documents hold each word of the condition, at most.
    pub(crate) fn frequencies(&self) -> &[u64] {
        &self.inner.frequencies
    }

    /// The same query with scores: words as rare as `frequencies` says, weighed with `boost`, and where the field has
    /// zones (`zoned`) by whose words they are.
    pub(crate) fn scored(
        self,
        searcher: &Searcher,
        frequencies: &[u64],
        boost: Score,
        zoned: bool,
    ) -> tantivy::Result<Self> {
        let documents = searcher.total_num_docs()?.max(1);
        let norms = searcher
            .schema()
            .get_field_entry(self.inner.field)
            .has_fieldnorms();
        let average = if norms {
            searcher.total_num_tokens(self.inner.field)? as Score / documents as Score
        } else {
            1.0
        };
        let rarest = frequencies
            .iter()
            .copied()
            .min()
            .unwrap_or(0)
            .min(documents);
        let rarity: Score = frequencies
            .iter()
            .map(|frequency| rarity((*frequency).min(documents), documents))
            .sum();
        let weight = Bm25Weight::for_one_term_without_explain(rarest, documents, average.max(1.0))
            .boost_by(boost * rarity / rarity_floor(rarest, documents));
        let inner = Inner {
            field: self.inner.field,
            shape: self.inner.shape.clone(),
            zone: self.inner.zone,
            segments: self.inner.segments.clone(),
            frequencies: self.inner.frequencies.clone(),
            scoring: Some(weight),
            weighed: zoned && self.inner.zone.is_none() && rarest <= MOST_WEIGHED,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }
}

/// Inverse document frequency as BM25 has it.
fn rarity(frequency: u64, documents: u64) -> Score {
    let (frequency, documents) = (frequency as Score, documents as Score);
    (1.0 + (documents - frequency + 0.5) / (frequency + 0.5)).ln()
}

fn rarity_floor(frequency: u64, documents: u64) -> Score {
    rarity(frequency, documents).max(Score::MIN_POSITIVE)
}

impl fmt::Debug for WordQuery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WordQuery")
            .field("field", &self.inner.field)
            .field("shape", &self.inner.shape)
            .field("zone", &self.inner.zone)
            .finish_non_exhaustive()
    }
}

impl Query for WordQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let weight = self.inner.scoring.clone();
        Ok(Box::new(WordWeight {
            inner: Arc::clone(&self.inner),
            scoring: weight.filter(|_| scoring.is_scoring_enabled()),
        }))
    }
}

struct WordWeight {
    inner: Arc<Inner>,
    scoring: Option<Bm25Weight>,
}

impl WordWeight {
    /// All documents of a word with very many terms, in one pass over their postings.
    fn set_of_documents(
        &self,
        reader: &SegmentReader,
        terms: &[TermInfo],
        boost: Score,
    ) -> tantivy::Result<Box<dyn Scorer>> {
        let index = reader.inverted_index(self.inner.field)?;
        let mut documents = BitSet::with_max_value(reader.max_doc());
        for term in terms {
            let mut block =
                index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
            while !block.docs().is_empty() {
                for document in block.docs() {
                    documents.insert(*document);
                }
                block.advance();
            }
        }
        let score = self.scoring.as_ref().map_or(0.0, |weight| {
            let one = FieldNormReader::fieldnorm_to_id(1);
            weight.boost_by(boost).score(one, 1)
        });
        let documents = BitSetDocSet::from(documents);
        Ok(Box::new(ConstScorer::new(documents, score)))
    }

    fn union(
        &self,
        reader: &SegmentReader,
        terms: &[TermInfo],
        option: IndexRecordOption,
    ) -> tantivy::Result<Union> {
        let index = reader.inverted_index(self.inner.field)?;
        let postings: Result<Vec<SegmentPostings>, _> = terms
            .iter()
            .map(|term| index.read_postings_from_terminfo(term, option))
            .collect();
        Ok(Union::new(postings?))
    }

    fn mark(&self, reader: &SegmentReader, mark: &str) -> tantivy::Result<Union> {
        let term = reader.inverted_index(self.inner.field)?.terms().get(mark)?;
        self.union(
            reader,
            term.as_slice(),
            IndexRecordOption::WithFreqsAndPositions,
        )
    }

    fn marks(&self, reader: &SegmentReader) -> tantivy::Result<Marks> {
        let zones = match self.inner.zone {
            None => None,
            Some(wanted) => Some((wanted, self.borders(reader)?)),
        };
        let weighing = match self.is_weighed() {
            true => Some(self.borders(reader)?),
            false => None,
        };
        let parts = match &self.inner.shape {
            Shape::Loose { window, .. } if *window > GAP => Some(self.mark(reader, PART_MARK)?),
            _ => None,
        };
        Ok(Marks {
            zones,
            weighing,
            parts,
        })
    }

    fn borders(&self, reader: &SegmentReader) -> tantivy::Result<Borders> {
        let [author, quoted, other] = ZoneClass::ALL;
        Ok([
            (author, self.mark(reader, author.mark())?),
            (quoted, self.mark(reader, quoted.mark())?),
            (other, self.mark(reader, other.mark())?),
        ])
    }

    /// Whether hits are scored by whose words they are.
    fn is_weighed(&self) -> bool {
        self.inner.weighed && self.scoring.is_some()
    }

    fn needs_positions(&self) -> bool {
        self.inner.zone.is_some() || self.inner.shape != Shape::Single
    }
}

impl Weight for WordWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let id = reader.segment_id();
        let words = self
            .inner
            .segments
            .iter()
            .find(|(segment, _)| *segment == id);
        let Some((_, words)) = words else {
            return Ok(Box::new(EmptyScorer));
        };
        if words.is_empty() || words.iter().any(Vec::is_empty) {
            return Ok(Box::new(EmptyScorer));
        }
        if let ([terms], false) = (words.as_slice(), self.needs_positions())
            && terms.len() >= MANY_TERMS
        {
            return self.set_of_documents(reader, terms, boost);
        }
        let option = if self.needs_positions() || self.is_weighed() {
            IndexRecordOption::WithFreqsAndPositions
        } else if self.scoring.is_some() {
            IndexRecordOption::WithFreqs
        } else {
            IndexRecordOption::Basic
        };
        let unions: tantivy::Result<Vec<Union>> = words
            .iter()
            .map(|terms| self.union(reader, terms, option))
            .collect();
        let scoring = self.scoring.as_ref().map(|weight| {
            let norms = reader
                .fieldnorms_readers()
                .get_field(self.inner.field)
                .ok()
                .flatten()
                .unwrap_or_else(|| FieldNormReader::constant(reader.max_doc(), 1));
            Scoring {
                weight: weight.boost_by(boost),
                norms,
            }
        });
        let shape = self.inner.shape.clone();
        let marks = self.marks(reader)?;
        Ok(Box::new(WordScorer::new(unions?, shape, marks, scoring)))
    }

    fn explain(&self, _reader: &SegmentReader, _doc: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("a condition on words", 0.0))
    }
}
