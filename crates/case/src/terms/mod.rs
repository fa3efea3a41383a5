//! Search-term reports: for each query of a list, how much it hits and what only it hits.
//!
//! The columns are those that lawyers know: messages with hits, the same with their families, and unique
//! hits, in the order of the list. Each query runs once for what it hits and twice more for whose words it
//! hits; all that is counted is counted on sets of ordinals.

mod families;
mod file;
mod people;
mod tally;

pub use file::BadTerm;
pub use file::Term;
pub use file::TermsError;
pub use file::read_terms;
pub use people::Correspondent;

use crate::Case;
use crate::CaseError;
use crate::Hit;
use crate::Links;
use crate::view::View;
use jiff::civil::Date;
use muckrake_index::WordScope;
use muckrake_index::language::Field;
use muckrake_index::language::Query;
use muckrake_index::language::Value;
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::HashMap;

/// Hits that are dressed at once.
const AT_ONCE: usize = 200;

/// How a report is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermOptions {
    /// What relative dates such as "last friday" count from.
    pub today: Date,
    /// Which links make a thread.
    pub links: Links,
    /// Most correspondents that are named for each term, by role.
    pub correspondents: usize,
}

/// What a set of messages comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TermCounts {
    /// Messages with hits.
    pub messages: u64,
    /// These, the messages that they are attached to, and the messages attached to any of them.
    pub with_families: u64,
    /// Threads that hold messages with hits.
    pub threads: u64,
    /// Messages that no other term of the list hits.
    pub unique: u64,
    /// Messages that match by the author's own words; `None` if no word is looked for in bodies.
    pub own_words: Option<u64>,
    /// Messages that match by subject, names or attachments as well, and not by the author's own words alone.
    pub elsewhere: Option<u64>,
    /// Messages that match only if quotes, signatures and footers are looked at.
    pub only_quoted: Option<u64>,
    /// Messages without a date.
    pub undated: u64,
    /// Date of the earliest dated message, as in search results.
    pub first: Option<String>,
    /// Date of the latest dated message.
    pub last: Option<String>,
    /// Who wrote most of them.
    pub senders: Vec<Correspondent>,
    /// Who got most of them, by To, Cc and Bcc.
    pub recipients: Vec<Correspondent>,
    /// Messages by release, in the order in which the releases came; all releases of the case.
    pub releases: Vec<ReleaseCount>,
}

/// Messages of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseCount {
    /// Name of the release.
    pub release: String,
    /// Messages that it holds.
    pub messages: u64,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermLine {
    /// A query that was run.
    Counted(Term, TermCounts),
    /// A line that was not.
    Bad(BadTerm),
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermReport {
    /// A line for each of the list, in its order.
    pub lines: Vec<TermLine>,
    /// What all terms together come to; `unique` are messages that one term alone hits.
    pub totals: TermCounts,
    /// What the user should know beside the counts.
    pub notices: Vec<String>,
}

/// By which words a message matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The author's own.
    OwnWords,
    /// Those of subject, names or attachments too.
    Elsewhere,
    /// Only with those of quotes, signatures and footers.
    OnlyQuoted,
}

/// A term that hits a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HitTerm {
    /// Its line in the file.
    pub line: u64,
    /// Its name.
    pub name: String,
    /// By which words; `None` if no word is looked for in bodies.
    pub words: Option<Whose>,
}

/// A message with the terms that hit it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TermHit {
    /// The message.
    #[serde(flatten)]
    pub hit: Hit,
    /// The terms that hit it, in the order of the list.
    pub terms: Vec<HitTerm>,
}

/// What a list of terms comes to, message by message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermMessages {
    /// Messages that any term hits.
    pub messages: u64,
    /// The lines that were not run.
    pub bad: Vec<BadTerm>,
    /// What the user should know beside it.
    pub notices: Vec<String>,
}

/// A term with all that it hits.
struct Searched {
    term: Term,
    hits: RoaringBitmap,
    words: Option<Words>,
}

/// By which words the hits match; what is in neither set matches only with quotes.
struct Words {
    own: RoaringBitmap,
    elsewhere: RoaringBitmap,
}

/// The terms that ran, and all lines in the order of the list: a place among those, or what is wrong.
struct List {
    searched: Vec<Searched>,
    lines: Vec<Result<usize, BadTerm>>,
    /// What the user should know of the list.
    notices: Vec<String>,
}

impl List {
    fn new() -> Self {
        Self {
            searched: Vec::new(),
            lines: Vec::new(),
            notices: Vec::new(),
        }
    }
}

impl Case {
    /// Counts what each term of a list hits. A term that cannot be run is a line of its own; the others are.
    ///
    /// # Errors
    /// If the case cannot be read.
    pub fn term_report(
        &self,
        terms: &[Result<Term, BadTerm>],
        options: &TermOptions,
    ) -> Result<TermReport, CaseError> {
        let view = self.view()?;
        let list = view.search_terms(terms, options)?;
        let tally = tally::Tally::new(&view, &list.searched, options)?;
        let mut counts = Vec::with_capacity(list.searched.len());
        for searched in &list.searched {
            counts.push(tally.of_term(searched)?);
        }
        let totals = tally.of_all()?;
        let mut searched = list
            .searched
            .into_iter()
            .zip(counts)
            .map(|(searched, counts)| TermLine::Counted(searched.term, counts));
        let lines = list.lines.into_iter().filter_map(|line| match line {
            // The lines name the searched terms in their order.
            Ok(_) => searched.next(),
            Err(bad) => Some(TermLine::Bad(bad)),
        });
        let mut notices = list.notices;
        notices.extend(view.notices()?);
        Ok(TermReport {
            lines: lines.collect(),
            totals,
            notices,
        })
    }

    /// Calls `visit` with each message that any term hits, by date, the undated last; with the first `limit` of
    /// them, if there is one.
    ///
    /// # Errors
    /// If the case cannot be read, or the first error of `visit`.
    pub fn term_messages<E: From<CaseError>>(
        &self,
        terms: &[Result<Term, BadTerm>],
        options: &TermOptions,
        limit: Option<usize>,
        mut visit: impl FnMut(TermHit) -> Result<(), E>,
    ) -> Result<TermMessages, E> {
        let view = self.view()?;
        let list = view.search_terms(terms, options)?;
        let mut all = RoaringBitmap::new();
        for searched in &list.searched {
            all |= &searched.hits;
        }
        let dates = view.columns(options.links)?;
        let mut ordinals: Vec<u32> = all.iter().collect();
        ordinals.sort_by_key(|ordinal| {
            let date = dates.date(*ordinal);
            (date.is_none(), date, *ordinal)
        });
        ordinals.truncate(limit.unwrap_or(usize::MAX));
        for ordinals in ordinals.chunks(AT_ONCE) {
            for (ordinal, hit) in ordinals.iter().zip(view.dressed(ordinals, options.links)?) {
                let terms = list.searched.iter();
                let terms = terms.filter_map(|searched| searched.hit_term(*ordinal));
                visit(TermHit {
                    hit,
                    terms: terms.collect(),
                })?;
            }
        }
        let mut notices = list.notices;
        notices.extend(view.notices()?);
        Ok(TermMessages {
            messages: all.len(),
            bad: list.lines.into_iter().filter_map(Result::err).collect(),
            notices,
        })
    }
}

impl Searched {
    fn hit_term(&self, ordinal: u32) -> Option<HitTerm> {
        let words = self.words.as_ref();
        self.hits.contains(ordinal).then(|| HitTerm {
            line: self.term.line,
            name: self.term.name.clone(),
            words: words.map(|words| match ordinal {
                _ if words.own.contains(ordinal) => Whose::OwnWords,
                _ if words.elsewhere.contains(ordinal) => Whose::Elsewhere,
                _ => Whose::OnlyQuoted,
            }),
        })
    }
}

impl View<'_> {
    /// Runs each term. Terms that are one query run once.
    fn search_terms(
        &self,
        terms: &[Result<Term, BadTerm>],
        options: &TermOptions,
    ) -> Result<List, CaseError> {
        let mut list = List::new();
        // By what a query means, however it is written.
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut names: HashMap<String, u64> = HashMap::new();
        for term in terms {
            let searched = match term {
                Ok(term) => self.search_term(term, options, &mut known, &list.searched),
                Err(bad) => Ok(Err(bad.clone())),
            }?;
            match searched {
                Ok((searched, twin)) => {
                    let term = &searched.term;
                    let namesake = names.insert(term.name.to_lowercase(), term.line);
                    list.notices.extend(match (twin, namesake) {
                        (Some(twin), _) => Some(format!(
                            "lines {twin} and {} ask the same, so that no hit of theirs is unique",
                            term.line
                        )),
                        (None, Some(first)) => Some(format!(
                            "lines {first} and {} have one name and ask for different things",
                            term.line
                        )),
                        (None, None) => None,
                    });
                    list.lines.push(Ok(list.searched.len()));
                    list.searched.push(searched);
                }
                Err(bad) => list.lines.push(Err(bad)),
            }
        }
        Ok(list)
    }

    /// Runs a term, or takes what an earlier line found that asks the same; gives the number of that line too.
    fn search_term(
        &self,
        term: &Term,
        options: &TermOptions,
        known: &mut HashMap<String, usize>,
        searched: &[Searched],
    ) -> Result<Result<(Searched, Option<u64>), BadTerm>, CaseError> {
        let mut run = || {
            let query = self.case.query(&term.query, options.today)?;
            let meaning = query.to_string();
            if let Some(twin) = known.get(&meaning).and_then(|place| searched.get(*place)) {
                return Ok((twin.again(term), Some(twin.term.line)));
            }
            let found = self.search_query(term, &query, options)?;
            known.insert(meaning, searched.len());
            Ok((found, None))
        };
        match run() {
            Ok(found) => Ok(Ok(found)),
            Err(CaseError::Query(error)) => Ok(Err(BadTerm {
                line: term.line,
                name: (term.name != term.query).then(|| term.name.clone()),
                text: term.query.clone(),
                error,
            })),
            Err(other) => Err(other),
        }
    }

    fn search_query(
        &self,
        term: &Term,
        query: &Query,
        options: &TermOptions,
    ) -> Result<Searched, CaseError> {
        let hits = self.ordinals(query, options.links)?;
        let words = match looks_in_bodies(query) {
            true if hits.is_empty() => Some(Words {
                own: RoaringBitmap::new(),
                elsewhere: RoaringBitmap::new(),
            }),
            true => Some(self.words_of(query, &hits, options.links)?),
            false => None,
        };
        Ok(Searched {
            term: term.clone(),
            hits,
            words,
        })
    }

    fn words_of(
        &self,
        query: &Query,
        hits: &RoaringBitmap,
        links: Links,
    ) -> Result<Words, CaseError> {
        let own = self.ordinals_in(query, WordScope::OwnWords, links)? & hits;
        let elsewhere = (self.ordinals_in(query, WordScope::NotQuoted, links)? & hits) - &own;
        Ok(Words { own, elsewhere })
    }
}

impl Searched {
    /// The same query under another name.
    fn again(&self, term: &Term) -> Self {
        Self {
            term: term.clone(),
            hits: self.hits.clone(),
            words: self.words.as_ref().map(|words| Words {
                own: words.own.clone(),
                elsewhere: words.elsewhere.clone(),
            }),
        }
    }
}

/// Whether a query looks for words in bodies that are not excluded: only then can it be told whose they are.
fn looks_in_bodies(query: &Query) -> bool {
    let mut open = vec![(query, true)];
    while let Some((part, positive)) = open.pop() {
        match part {
            Query::All => {}
            Query::Leaf(leaf) => {
                let is_words = !matches!(leaf.value, Value::Text(_));
                let in_body = matches!(
                    leaf.field,
                    Field::Any | Field::Body | Field::Said | Field::Quoted
                );
                if positive && in_body && is_words {
                    return true;
                }
            }
            Query::Not(inner) => open.push((inner, !positive)),
            Query::And(parts) | Query::Or(parts) => {
                open.extend(parts.iter().map(|part| (part, positive)));
            }
        }
    }
    false
}
