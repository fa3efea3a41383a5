//! Searching a case: from a query to hits that say where they are from.

mod threads;

use crate::Case;
use crate::CaseError;
use crate::Hit;
use crate::Links;
use crate::Person;
use crate::SearchResults;
use crate::Snippet;
use crate::dress::Facts;
use crate::forms::Family;
use crate::read::OriginalsAids;
use crate::record::Record;
use crate::resolver::LedgerResolver;
use crate::view::View;
use crate::work::Queries;
use muckrake_index::IndexError;
use muckrake_index::Matches;
use muckrake_index::SearchRequest;
use muckrake_index::Sort;
use muckrake_index::WordScope;
use muckrake_index::language;
use muckrake_index::language::Leaf;
use muckrake_index::language::ParseOptions;
use muckrake_index::language::Query;
use muckrake_index::language::Value;
use muckrake_mail::Mention;
use roaring::RoaringBitmap;
use std::cell::RefCell;
use std::collections::HashSet;

/// Hits read from the index at once.
const AT_ONCE: usize = 200;

/// How the answer to a query is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchOptions {
    /// In which order.
    pub sort: Sort,
    /// Results left out at the start.
    pub offset: usize,
    /// Most results given; `None` gives all.
    pub limit: Option<usize>,
    /// Whether to cut snippets.
    pub snippets: bool,
    /// Whether messages linked as saying the same are folded into the first of them.
    /// The count stays that of messages.
    pub fold: bool,
    /// Which links make a thread, in `thread:` and in what is told of threads.
    pub links: Links,
}

impl Case {
    /// Reads a query. `today` is what relative dates such as "last friday" count from.
    ///
    /// # Errors
    /// [`CaseError::Query`], which says where the query is wrong and what would be right.
    pub fn query(&self, text: &str, today: jiff::civil::Date) -> Result<Query, CaseError> {
        let query = language::parse(text, &ParseOptions { today }).map_err(CaseError::Query)?;
        if !query.names_saved() {
            return Ok(query);
        }
        let saved = Queries::read_whole(self.parts())?;
        query
            .with_saved(&saved, &ParseOptions { today })
            .map_err(CaseError::Query)
    }

    /// Reads a query whose saved queries are those of `saved`.
    pub(crate) fn query_with(
        text: &str,
        today: jiff::civil::Date,
        saved: &Queries,
    ) -> Result<Query, CaseError> {
        let options = ParseOptions { today };
        let query = language::parse(text, &options).map_err(CaseError::Query)?;
        query.with_saved(saved, &options).map_err(CaseError::Query)
    }

    /// The messages that match.
    ///
    /// # Errors
    /// [`CaseError::Query`] for a name that is not in the case; failures of the disk.
    pub fn search(
        &self,
        query: &Query,
        options: &SearchOptions,
    ) -> Result<SearchResults, CaseError> {
        let mut hits = Vec::new();
        let results = self.search_each(query, options, |hit| {
            hits.push(hit);
            Ok::<(), CaseError>(())
        })?;
        Ok(SearchResults { hits, ..results })
    }

    /// Calls `visit` with each message that matches, in order, and gives what else there is
    /// to say. The query runs once, and no more than 200 hits are in memory at a time.
    /// `visit` ends it early by giving an error.
    ///
    /// # Errors
    /// As [`Case::search`], or the first error of `visit`.
    pub fn search_each<E: From<CaseError>>(
        &self,
        query: &Query,
        options: &SearchOptions,
        mut visit: impl FnMut(Hit) -> Result<(), E>,
    ) -> Result<SearchResults, E> {
        let view = self.view()?;
        let (matches, places) = if options.fold {
            view.find_folded(query, options)?
        } else {
            let matches = view.find(query, options)?;
            let places = (options.offset..matches.len()).collect();
            (matches, places)
        };
        for places in places.chunks(AT_ONCE) {
            for hit in view.hits_at(&matches, places, options.links)? {
                visit(hit)?;
            }
        }
        let suggestions = if matches.count() == 0 {
            view.suggestions(query)?
        } else {
            Vec::new()
        };
        Ok(SearchResults {
            count: matches.count(),
            hits: Vec::new(),
            notices: view.notices()?,
            suggestions,
        })
    }

    /// How many messages match, exactly. [`Case::search`] with a limit of 0 tells besides
    /// what could not be judged.
    ///
    /// # Errors
    /// As [`Case::search`].
    pub fn count(&self, query: &Query) -> Result<u64, CaseError> {
        let view = self.view()?;
        let request = view.request(query, &SearchOptions::default())?;
        let aids = self.originals_aids();
        view.reader
            .count(&request, &view.resolver(&aids, Links::All))
            .map_err(query_error)
    }
}

impl View<'_> {
    fn request<'q>(
        &self,
        query: &'q Query,
        options: &SearchOptions,
    ) -> Result<SearchRequest<'q>, CaseError> {
        Ok(SearchRequest {
            query,
            sort: options.sort,
            offset: options.offset,
            limit: options.limit,
            below: self.below,
            hidden: self.hidden.clone(),
            zone: self.case.settings().zone()?,
            snippets: options.snippets,
            scope: WordScope::Everywhere,
        })
    }

    fn resolver<'a>(&'a self, aids: &'a OriginalsAids, links: Links) -> LedgerResolver<'a> {
        LedgerResolver {
            folder: self.case.parts(),
            ledger: &self.ledger,
            view: self,
            links,
            originals: RefCell::new(aids.originals(self.case.passwords())),
            unjudged: &self.unjudged,
        }
    }

    pub(crate) fn find(
        &self,
        query: &Query,
        options: &SearchOptions,
    ) -> Result<Matches, CaseError> {
        let request = self.request(query, options)?;
        let aids = self.case.originals_aids();
        self.reader
            .find(&request, &self.resolver(&aids, options.links))
            .map_err(query_error)
    }

    /// All matching messages.
    pub(crate) fn ordinals(&self, query: &Query, links: Links) -> Result<RoaringBitmap, CaseError> {
        self.ordinals_in(query, WordScope::Everywhere, links)
    }

    /// All messages that match where words are looked for in that scope.
    pub(crate) fn ordinals_in(
        &self,
        query: &Query,
        scope: WordScope,
        links: Links,
    ) -> Result<RoaringBitmap, CaseError> {
        let request = SearchRequest {
            scope,
            ..self.request(query, &SearchOptions::default())?
        };
        let aids = self.case.originals_aids();
        self.reader
            .ordinals(&request, &self.resolver(&aids, links))
            .map_err(query_error)
    }

    /// The matches, and the places of a page of them in which messages that say the same
    /// are one row: the first of them.
    fn find_folded(
        &self,
        query: &Query,
        options: &SearchOptions,
    ) -> Result<(Matches, Vec<usize>), CaseError> {
        let limit = options.limit.unwrap_or(usize::MAX);
        let wanted = options.offset.saturating_add(limit);
        let mut reach = wanted.saturating_mul(2);
        loop {
            let all = SearchOptions {
                offset: 0,
                limit: Some(reach),
                ..options.clone()
            };
            let matches = self.find(query, &all)?;
            let mut seen: HashSet<Family> = HashSet::new();
            let mut rows = Vec::new();
            let ordinals: Vec<u32> = matches.ordinals().collect();
            let mut families = self.linked()?.families(&ordinals)?;
            for (place, ordinal) in ordinals.iter().enumerate() {
                if rows.len() == wanted {
                    break;
                }
                let family = families.remove(ordinal);
                if family.is_none_or(|family| seen.insert(family)) {
                    rows.push(place);
                }
            }
            if rows.len() == wanted || matches.len() < reach {
                rows.drain(..options.offset.min(rows.len()));
                return Ok((matches, rows));
            }
            reach = reach.saturating_mul(2);
        }
    }

    /// The matches at some places of the list, dressed.
    fn hits_at(
        &self,
        matches: &Matches,
        places: &[usize],
        links: Links,
    ) -> Result<Vec<Hit>, CaseError> {
        let found = self
            .reader
            .hits(matches, places)
            .map_err(CaseError::index("read"))?;
        let ordinals: Vec<u32> = found.iter().map(|found| found.ordinal).collect();
        let mut facts = Facts::of(&self.ledger, &ordinals, links, &self.linked()?)?;
        let dressed = found.into_iter().map(|found| {
            let record = Record::from_bytes(found.ordinal, &found.record)?;
            let snippet = found.snippet.map(|cut| Snippet {
                text: cut.text,
                marks: cut.marks,
            });
            let hit = facts.dress(found.ordinal, &record, found.score, snippet);
            self.annotated(hit)
        });
        dressed.collect()
    }

    fn suggestions(&self, query: &Query) -> Result<Vec<String>, CaseError> {
        let mut suggestions = Vec::new();
        let mut pending = vec![query];
        while let Some(part) = pending.pop() {
            match part {
                Query::And(parts) | Query::Or(parts) => pending.extend(parts.iter().rev()),
                Query::Leaf(Leaf {
                    value: Value::Word(word),
                    ..
                }) => {
                    suggestions.extend(
                        self.reader
                            .suggestions(word)
                            .map_err(CaseError::index("read"))?,
                    );
                }
                _ => {}
            }
        }
        Ok(suggestions)
    }
}

/// Mentions as schema 1 has them.
pub(crate) fn people(mentions: &[Mention]) -> Vec<Person> {
    mentions
        .iter()
        .map(|mention| Person {
            name: mention.name.clone(),
            address: mention.address.clone(),
            official: None,
        })
        .collect()
}

/// A part of the query that cannot be answered is an error of the query.
pub(crate) fn query_error(error: IndexError) -> CaseError {
    match error {
        IndexError::Query(error) => CaseError::Query(error),
        source => CaseError::Index {
            operation: "search",
            source,
        },
    }
}
