//! Searching a case: from a query to hits that say where they are from.

use crate::Case;
use crate::CaseError;
use crate::Hit;
use crate::Links;
use crate::Person;
use crate::SCHEMA;
use crate::SearchResults;
use crate::Snippet;
use crate::ThreadHit;
use crate::ThreadResults;
use crate::dress;
use crate::dress::Facts;
use crate::footers;
use crate::ingest::index_behind;
use crate::latest::FileIdentity;
use crate::ledger;
use crate::ledger::LedgerFile;
use crate::read::OriginalsAids;
use crate::rebuild;
use crate::record;
use crate::record::Record;
use crate::resolver::LedgerResolver;
use crate::resolver::Unjudged;
use crate::seal::Seal;
use crate::work::Notes;
use crate::work::Queries;
use crate::work::Tags;
use muckrake_index::IndexError;
use muckrake_index::Matches;
use muckrake_index::Reader;
use muckrake_index::SearchRequest;
use muckrake_index::Sort;
use muckrake_index::WordScope;
use muckrake_index::language;
use muckrake_index::language::Leaf;
use muckrake_index::language::ParseOptions;
use muckrake_index::language::Query;
use muckrake_index::language::Value;
use muckrake_mail::Mention;
use muckrake_mail::zones::Footers;
use roaring::RoaringBitmap;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

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

/// One consistent view of a case: a ledger and the index that belongs to it.
pub(crate) struct View<'a> {
    pub(crate) case: &'a Case,
    pub(crate) ledger: Lent<'a>,
    pub(crate) reader: Arc<Reader>,
    below: u32,
    hidden: RoaringBitmap,
    /// The footers of the case, once asked for.
    footers: OnceCell<Footers>,
    /// The user's tags and notes, once asked for.
    tags: OnceCell<Tags>,
    notes: OnceCell<Notes>,
    /// What the queries on this view could not judge.
    pub(crate) unjudged: RefCell<Unjudged>,
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

    /// What a user must know before trusting a count: what is unread, what is going on.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn notices(&self) -> Result<Vec<String>, CaseError> {
        self.view()?.notices()
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

    /// The threads that hold matching messages: how many in all, and the page asked for.
    ///
    /// By relevance, the thread with the most matching messages comes first; by date,
    /// threads are ordered by their latest message, or their earliest for ascending order.
    ///
    /// # Errors
    /// As [`Case::search`].
    pub fn search_threads(
        &self,
        query: &Query,
        options: &SearchOptions,
    ) -> Result<ThreadResults, CaseError> {
        let view = self.view()?;
        let matching = view.ordinals(query, options.links)?;
        let mut threads = view.threads_of(&matching, options.links)?;
        match options.sort {
            Sort::Relevance => {
                threads.sort_by_key(|thread| (std::cmp::Reverse(thread.hits.len()), thread.head))
            }
            Sort::DateAscending => {
                threads.sort_by_key(|thread| (thread.first.is_none(), thread.first, thread.head))
            }
            Sort::DateDescending => {
                threads.sort_by_key(|thread| {
                    (
                        thread.last.is_none(),
                        std::cmp::Reverse(thread.last),
                        thread.head,
                    )
                });
            }
        }
        let count = threads.len() as u64;
        let limit = options.limit.unwrap_or(usize::MAX);
        let page = threads.into_iter().skip(options.offset).take(limit);
        let threads = page
            .map(|thread| view.thread_hit(&thread))
            .collect::<Result<_, _>>()?;
        Ok(ThreadResults {
            count,
            threads,
            notices: view.notices()?,
        })
    }

    /// Opens a consistent view. While others write or put a new index in place, a look may show
    /// the parts of two moments; then it is taken again.
    pub(crate) fn view(&self) -> Result<View<'_>, CaseError> {
        let mut failed = false;
        for _ in 0..LOOKS {
            rebuild::settle(self.parts())?;
            let looked = self.look();
            // A failure may come of a change that is over when it is asked for: one alone says nothing.
            let lasts = failed && !self.parts().is_changing();
            failed = looked.is_err();
            match looked {
                Ok(Some(view)) => return Ok(view),
                Err(error) if lasts || matches!(error, CaseError::OlderCase { .. }) => {
                    return Err(error);
                }
                Ok(None) | Err(_) => std::thread::sleep(LOOK_PAUSE),
            }
        }
        self.look()?
            .ok_or_else(|| index_behind(&self.parts().index()))
    }

    /// A view, or `None` if index and ledger are not of one moment. The ledger is read first:
    /// the index is never behind it.
    fn look(&self) -> Result<Option<View<'_>>, CaseError> {
        let ledger = self.lend_ledger()?;
        // One transaction, so that all that is read of the ledger is of one moment.
        ledger
            .connection
            .execute_batch("BEGIN")
            .map_err(CaseError::ledger("read"))?;
        let below = ledger.next_ordinal()?;
        let hidden = ledger.removed()?;
        let reader = self
            .reader
            .get(self.parts())
            .map_err(CaseError::index("open"))?;
        let (written, making) = ledger::read_payload(reader.payload());
        let view = View {
            case: self,
            ledger,
            reader,
            below,
            hidden,
            unjudged: RefCell::default(),
            footers: OnceCell::new(),
            tags: OnceCell::new(),
            notes: OnceCell::new(),
        };
        let sound = written >= below
            && making == view.ledger.making()?
            && (Seal::read(self.parts()).vouches_for_commit(view.reader.commit_list())
                || view.holds_what_the_ledger_counts()?);
        Ok(sound.then_some(view))
    }
}

/// How often a look is taken while the case is changing, and the time between two.
const LOOKS: usize = 50;
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// The ledger of a view, which goes back to the case when the view ends.
pub(crate) struct Lent<'a> {
    case: &'a Case,
    file: Option<FileIdentity>,
    ledger: Option<LedgerFile>,
}

impl Case {
    fn lend_ledger(&self) -> Result<Lent<'_>, CaseError> {
        let file = FileIdentity::of(&self.parts().ledger());
        let ledger = match self.idle_ledger.take(file) {
            Some(ledger) => {
                ledger::expect_sound(self.parts())?;
                ledger.expect_this_format(self.parts())?;
                ledger
            }
            None => LedgerFile::open(self.parts())?,
        };
        Ok(Lent {
            case: self,
            file,
            ledger: Some(ledger),
        })
    }
}

impl Deref for Lent<'_> {
    type Target = LedgerFile;

    #[expect(clippy::expect_used, reason = "only the end of a view takes it")]
    fn deref(&self) -> &LedgerFile {
        self.ledger.as_ref().expect("is there until it is dropped")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(ledger) = self.ledger.take()
            && ledger.connection.execute_batch("COMMIT").is_ok()
        {
            self.case.idle_ledger.keep(self.file, ledger);
        }
    }
}

/// A thread with matching messages, before it is dressed for people.
struct MatchingThread {
    head: u32,
    members: Vec<(u32, Option<i64>)>,
    hits: Vec<u32>,
    first: Option<i64>,
    last: Option<i64>,
    /// The heads of what headers prove of it: each but one is joined by a guess.
    proved: HashSet<u32>,
}

impl View<'_> {
    /// Whether each message of the ledger is in the index once.
    pub(crate) fn holds_what_the_ledger_counts(&self) -> Result<bool, CaseError> {
        let counted: u64 = self.ledger.number("SELECT count(*) FROM messages")?;
        let held = self
            .reader
            .count_below(self.below, &self.hidden)
            .map_err(CaseError::index("read"))?;
        Ok(held == counted)
    }

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
            let mut seen: HashSet<Vec<u8>> = HashSet::new();
            let mut rows = Vec::new();
            let ordinals: Vec<u32> = matches.ordinals().collect();
            let mut keys = dress::content_keys(&self.ledger, &ordinals)?;
            for (place, ordinal) in ordinals.iter().enumerate() {
                if rows.len() == wanted {
                    break;
                }
                let key = keys.remove(ordinal);
                if key.is_none_or(|key| seen.insert(key)) {
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
        let mut facts = Facts::of(&self.ledger, &ordinals, links)?;
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

    /// Messages dressed without a score and a snippet, in the order asked for.
    pub(crate) fn dressed(&self, ordinals: &[u32], links: Links) -> Result<Vec<Hit>, CaseError> {
        let mut facts = Facts::of(&self.ledger, ordinals, links)?;
        let dressed = ordinals.iter().map(|ordinal| {
            let record = self.record(*ordinal)?;
            self.annotated(facts.dress(*ordinal, &record, 0.0, None))
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

    /// What a user must know before trusting a count.
    pub(crate) fn notices(&self) -> Result<Vec<String>, CaseError> {
        let mut notices: Vec<String> = self.unjudged.borrow().notice().into_iter().collect();
        notices.extend(self.tags.get().and_then(Tags::notice));
        notices.extend(self.notes.get().and_then(Notes::notice));
        let (unread, unsupported) = ledger::not_searched(&self.ledger)?;
        if unread > 0 || unsupported > 0 {
            notices.push(format!(
                "not searched: {unread} unread and {unsupported} not yet readable items; `muckrake ledger` names them"
            ));
        }
        let changed = self.ledger.changed_zones(self.case.settings())?;
        notices.extend(changed.into_iter().map(|(release, indexed, told)| {
            format!(
                "dates without a zone in `{release}`, if it has any, are searched as {indexed} and shown as {told}; `muckrake rebuild` brings them in step"
            )
        }));
        let unreadable: u64 = self
            .ledger
            .number("SELECT count(*) FROM restate WHERE unreadable = 1")?;
        if unreadable > 0 {
            notices.push(format!(
                "messages with differing copies (Bcc, names of attachments, labels) of which one cannot be read: {unreadable}; what only that copy says may not be found, and what only a forgotten release said may still be shown; `muckrake verify` names the sources that are missing or changed"
            ));
        }
        match self.case.parts().writer() {
            Some(writer) => notices.push(format!(
                "{writer} is writing to this case; what it adds is found as it goes"
            )),
            None => {
                let unfinished = self.ledger.unfinished()?;
                let pending: u64 = self
                    .ledger
                    .number("SELECT count(*) FROM restate WHERE unreadable = 0")?;
                if unfinished.is_empty() && pending > 0 {
                    notices.push("a change of this case was interrupted, so what only some copies of a message say may not be found; the next ingest finishes it".to_owned());
                }
                notices.extend(unfinished.into_iter().map(|release| {
                    format!("the ingest of `{release}` was interrupted, so a part of it is not searched; run it again")
                }));
            }
        }
        Ok(notices)
    }

    /// Dresses a message with what the ledger knows of it.
    pub(crate) fn hit(&self, ordinal: u32, record: &Record) -> Result<Hit, CaseError> {
        let mut facts = Facts::of(&self.ledger, &[ordinal], Links::All)?;
        self.annotated(facts.dress(ordinal, record, 0.0, None))
    }

    /// A hit with what the user says of it.
    fn annotated(&self, hit: Hit) -> Result<Hit, CaseError> {
        Ok(Hit {
            tags: self.tags()?.of_message(hit.id),
            note: self.notes()?.of_message(hit.id),
            ..hit
        })
    }

    /// The user's tags.
    pub(crate) fn tags(&self) -> Result<&Tags, CaseError> {
        if let Some(tags) = self.tags.get() {
            return Ok(tags);
        }
        let tags = Tags::read(self.case.parts())?;
        Ok(self.tags.get_or_init(|| tags))
    }

    fn notes(&self) -> Result<&Notes, CaseError> {
        if let Some(notes) = self.notes.get() {
            return Ok(notes);
        }
        let notes = Notes::read(self.case.parts())?;
        Ok(self.notes.get_or_init(|| notes))
    }

    /// Reads what the index stores for a message.
    /// Paragraphs that are taken for footers in this case.
    pub(crate) fn footers(&self) -> Result<&Footers, CaseError> {
        if let Some(footers) = self.footers.get() {
            return Ok(footers);
        }
        let footers = footers::active(self.case.parts())?;
        Ok(self.footers.get_or_init(|| footers))
    }

    pub(crate) fn record(&self, ordinal: u32) -> Result<Record, CaseError> {
        let bytes = self
            .reader
            .record(ordinal)
            .map_err(CaseError::index("read"))?
            .unwrap_or_default();
        Record::from_bytes(ordinal, &bytes)
    }

    fn threads_of(
        &self,
        matching: &RoaringBitmap,
        links: Links,
    ) -> Result<Vec<MatchingThread>, CaseError> {
        let mut threads: HashMap<u32, MatchingThread> = HashMap::new();
        let column = links.column();
        let sql = format!(
            "SELECT ordinal, coalesce({column}, ordinal), date, coalesce(proved, ordinal)
             FROM messages ORDER BY date IS NULL, date, ordinal"
        );
        let rows = self.ledger.rows(&sql, [], |row| {
            Ok((
                row.get::<_, u32>(0)?,
                row.get::<_, u32>(1)?,
                row.get::<_, Option<i64>>(2)?,
                row.get::<_, u32>(3)?,
            ))
        })?;
        let heads: HashSet<u32> = rows
            .iter()
            .filter(|(ordinal, ..)| matching.contains(*ordinal))
            .map(|(_, head, ..)| *head)
            .collect();
        let wanted = rows
            .into_iter()
            .filter(|(_, head, ..)| heads.contains(head));
        for (ordinal, head, date, proved) in wanted {
            let thread = threads.entry(head).or_insert_with(|| MatchingThread {
                head,
                members: Vec::new(),
                hits: Vec::new(),
                first: None,
                last: None,
                proved: HashSet::new(),
            });
            thread.proved.insert(proved);
            thread.first = thread.first.or(date);
            thread.last = date.or(thread.last);
            thread.members.push((ordinal, date));
            if matching.contains(ordinal) {
                thread.hits.push(ordinal);
            }
        }
        let mut threads: Vec<_> = threads.into_values().collect();
        threads.sort_by_key(|thread| thread.head);
        Ok(threads)
    }

    fn thread_hit(&self, thread: &MatchingThread) -> Result<ThreadHit, CaseError> {
        let head = self.record(thread.head)?;
        let mut writers: Vec<Person> = Vec::new();
        let mut dates = Vec::new();
        for (ordinal, date) in &thread.members {
            let record = self.record(*ordinal)?;
            for person in people(&record.from) {
                if !writers.iter().any(|known| same_person(known, &person)) {
                    writers.push(person);
                }
            }
            if date.is_some() {
                dates.extend(record.date.as_ref().map(record::date_text));
            }
        }
        let mut ids = Vec::with_capacity(thread.hits.len());
        for ordinal in &thread.hits {
            ids.extend(self.ledger.key(*ordinal)?);
        }
        Ok(ThreadHit {
            schema: SCHEMA,
            thread: head.id,
            subject: head.subject,
            first: dates.first().cloned(),
            last: dates.last().cloned(),
            messages: thread.members.len() as u64,
            hits: thread.hits.len() as u64,
            guesses: thread.proved.len() as u64 - 1,
            people: writers,
            ids,
        })
    }
}

fn same_person(one: &Person, other: &Person) -> bool {
    match (&one.address, &other.address) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, None) => one.name == other.name,
        _ => false,
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
