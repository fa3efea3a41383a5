//! Walks the documents that fulfil a condition on words.

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::Score;
use tantivy::TERMINATED;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::Bm25Weight;
use tantivy::query::Scorer;

use super::marks::ZoneClass;
use super::matching;
use super::matching::Shape;
use super::union::Union;

/// How matches are scored.
pub(crate) struct Scoring {
    pub(crate) weight: Bm25Weight,
    pub(crate) norms: FieldNormReader,
}

/// Where zones of each class begin.
pub(crate) type Borders = [(ZoneClass, Union); 3];

/// How much a hit weighs that is only in quoted words. So little that the author's words come first in whatever
/// length of text, and not nothing, so that such hits have an order among themselves.
const QUOTED: Score = 1.0 / 64.0;
/// How much a hit weighs that is only in signatures and footers.
const OTHER: Score = 1.0 / 256.0;

/// The marks that a condition has to look at.
pub(crate) struct Marks {
    /// The class of zone that words have to be in, and where zones begin.
    pub(crate) zones: Option<(ZoneClass, Borders)>,
    /// Where zones begin, if hits are to weigh by whose words they are.
    pub(crate) weighing: Option<Borders>,
    /// Where parts begin.
    pub(crate) parts: Option<Union>,
}

/// The documents in which the words stand as the condition wants them.
pub(crate) struct WordScorer {
    words: Vec<Union>,
    /// Words by how rare they are, the rarest first.
    order: Vec<usize>,
    shape: Shape,
    marks: Marks,
    scoring: Option<Scoring>,
    doc: DocId,
    frequency: u32,
    buffers: Buffers,
}

#[derive(Default)]
struct Buffers {
    lists: Vec<Vec<u32>>,
    starts: Vec<u32>,
    borders: Vec<(u32, ZoneClass)>,
    positions: Vec<u32>,
    parts: Vec<u32>,
    events: Vec<(u32, usize)>,
    windows: Vec<(u32, u32)>,
}

impl WordScorer {
    /// `words` has one union for each word, and at least one.
    pub(crate) fn new(
        words: Vec<Union>,
        shape: Shape,
        marks: Marks,
        scoring: Option<Scoring>,
    ) -> Self {
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_by_key(|index| words[*index].size());
        let lists = vec![Vec::new(); words.len()];
        let mut scorer = Self {
            words,
            order,
            shape,
            marks,
            scoring,
            doc: 0,
            frequency: 0,
            buffers: Buffers {
                lists,
                ..Buffers::default()
            },
        };
        scorer.find(0);
        scorer
    }

    /// Goes to the first match at or after `target`.
    fn find(&mut self, target: DocId) -> DocId {
        let mut target = target;
        self.doc = loop {
            let doc = self.candidate(target);
            if doc == TERMINATED || self.is_match(doc) {
                break doc;
            }
            target = doc + 1;
        };
        self.doc
    }

    /// The first document at or after `target` that has all words.
    fn candidate(&mut self, target: DocId) -> DocId {
        let mut target = target;
        'next: loop {
            for index in &self.order {
                let doc = self.words[*index].seek(target);
                if doc > target {
                    if doc == TERMINATED {
                        return TERMINATED;
                    }
                    target = doc;
                    continue 'next;
                }
            }
            return target;
        }
    }

    /// Whether the words stand right in a document that has them all.
    fn is_match(&mut self, doc: DocId) -> bool {
        if self.shape == Shape::Single && self.marks.zones.is_none() {
            // Read when it is scored: most matches never are.
            self.frequency = 0;
            return true;
        }
        let Buffers {
            lists,
            borders,
            positions,
            ..
        } = &mut self.buffers;
        let mut zone = read_borders(&mut self.marks, doc, borders, positions);
        if borders.is_empty()
            && let Some(wanted) = zone.take()
        {
            // All of it is the author's: there is nothing to look up.
            if wanted != ZoneClass::Author {
                return false;
            }
            if self.shape == Shape::Single {
                self.frequency = 0;
                return true;
            }
        }
        for index in &self.order {
            self.words[*index].positions(&mut lists[*index]);
            if let Some(zone) = zone {
                keep_zone(&mut lists[*index], borders, zone);
            }
            if lists[*index].is_empty() {
                return false;
            }
        }
        self.frequency = self.count_matches(doc);
        self.frequency > 0
    }

    fn count_matches(&mut self, doc: DocId) -> u32 {
        let buffers = &mut self.buffers;
        let count = match &self.shape {
            Shape::Single => buffers.lists.first().map_or(0, Vec::len),
            Shape::Exact => {
                matching::exact(&buffers.lists, &mut buffers.starts);
                buffers.starts.len()
            }
            Shape::Loose { window, needed } => {
                if let Some(parts) = &mut self.marks.parts
                    && parts.seek(doc) == doc
                {
                    parts.positions(&mut buffers.parts);
                    for list in &mut buffers.lists {
                        matching::spread_parts(list, &buffers.parts, *window);
                    }
                }
                let (events, windows) = (&mut buffers.events, &mut buffers.windows);
                matching::loose(&buffers.lists, *window, needed, events, windows);
                windows.len()
            }
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// Reads where zones begin in a document; the class asked for, if any.
fn read_borders(
    marks: &mut Marks,
    doc: DocId,
    borders: &mut Vec<(u32, ZoneClass)>,
    positions: &mut Vec<u32>,
) -> Option<ZoneClass> {
    let (wanted, unions) = marks.zones.as_mut()?;
    collect_borders(unions, doc, borders, positions);
    Some(*wanted)
}

fn collect_borders(
    unions: &mut Borders,
    doc: DocId,
    borders: &mut Vec<(u32, ZoneClass)>,
    positions: &mut Vec<u32>,
) {
    borders.clear();
    for (class, union) in unions {
        if union.seek(doc) == doc {
            union.positions(positions);
            borders.extend(positions.iter().map(|position| (*position, *class)));
        }
    }
    borders.sort_unstable_by_key(|(position, _)| *position);
}

/// How much hits weigh of which some are in zones of each class, as the one that weighs most.
fn weight_of(hits: impl Iterator<Item = u32>, borders: &[(u32, ZoneClass)]) -> Score {
    let mut most = OTHER;
    for hit in hits {
        let before = borders.partition_point(|(start, _)| *start <= hit);
        let class = before.checked_sub(1).map(|last| borders[last].1);
        match class {
            None | Some(ZoneClass::Author) => return 1.0,
            Some(ZoneClass::Quoted) => most = QUOTED,
            Some(ZoneClass::Other) => {}
        }
    }
    most
}

/// Keeps the positions inside zones of a class; a text begins with the author's words.
fn keep_zone(list: &mut Vec<u32>, borders: &[(u32, ZoneClass)], wanted: ZoneClass) {
    let mut current = ZoneClass::Author;
    let mut next = 0;
    list.retain(|position| {
        while let Some((_, class)) = borders.get(next).filter(|(start, _)| start <= position) {
            current = *class;
            next += 1;
        }
        current == wanted
    });
}

impl WordScorer {
    /// How much the hits in the current document weigh by whose words they are.
    fn weight(&mut self) -> Score {
        let Some(unions) = &mut self.marks.weighing else {
            return 1.0;
        };
        // Most messages hold nothing but what their author says.
        let [_, quoted, other] = unions;
        let doc = self.doc;
        let mixed = [quoted, other].map(|(_, union)| union.seek(doc) == doc);
        if mixed == [false, false] {
            return 1.0;
        }
        let buffers = &mut self.buffers;
        collect_borders(unions, doc, &mut buffers.borders, &mut buffers.positions);
        match (&self.shape, self.words.first_mut()) {
            (Shape::Single, Some(word)) => {
                let list = &mut buffers.starts;
                word.positions(list);
                weight_of(list.iter().copied(), &buffers.borders)
            }
            (Shape::Loose { .. }, _) => {
                let starts = buffers.windows.iter().map(|(start, _)| *start);
                weight_of(starts, &buffers.borders)
            }
            _ => weight_of(buffers.starts.iter().copied(), &buffers.borders),
        }
    }
}

impl DocSet for WordScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        self.find(self.doc + 1)
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        if target >= TERMINATED {
            self.doc = TERMINATED;
            return TERMINATED;
        }
        self.find(target)
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let rarest = self
            .order
            .first()
            .map_or(0, |index| self.words[*index].size());
        match self.shape {
            Shape::Single => rarest,
            _ => rarest / 4,
        }
    }

    fn cost(&self) -> u64 {
        let documents = u64::from(self.size_hint());
        match self.shape {
            Shape::Single if self.marks.zones.is_none() => documents,
            _ => documents.saturating_mul(10 * self.words.len() as u64),
        }
    }
}

impl Scorer for WordScorer {
    fn score(&mut self) -> Score {
        if self.scoring.is_none() {
            return 0.0;
        }
        let weight = self.weight();
        let Some(scoring) = &self.scoring else {
            return 0.0;
        };
        let frequency = if self.frequency > 0 {
            self.frequency
        } else {
            self.words.first().map_or(1, Union::frequency)
        };
        let norm = scoring.norms.fieldnorm_id(self.doc);
        weight * scoring.weight.score(norm, frequency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_kept_by_the_zone_they_are_in() {
        let borders = [
            (3, ZoneClass::Quoted),
            (5, ZoneClass::Author),
            (7, ZoneClass::Other),
        ];
        let kept = |wanted| {
            let mut list = vec![0, 2, 3, 4, 5, 6, 7, 9];
            keep_zone(&mut list, &borders, wanted);
            list
        };
        assert_eq!(kept(ZoneClass::Author), [0, 2, 5, 6]);
        assert_eq!(kept(ZoneClass::Quoted), [3, 4]);
        assert_eq!(kept(ZoneClass::Other), [7, 9]);
    }

    #[test]
    fn hits_weigh_as_the_best_of_them() {
        let borders = [
            (3, ZoneClass::Quoted),
            (5, ZoneClass::Author),
            (7, ZoneClass::Other),
        ];
        let weight = |hits: &[u32]| weight_of(hits.iter().copied(), &borders);
        assert_eq!(weight(&[8, 4, 5]), 1.0);
        assert_eq!(weight(&[0]), 1.0, "a text begins with the author's words");
        assert_eq!(weight(&[3, 9]), QUOTED);
        assert_eq!(weight(&[7]), OTHER);
    }
}
