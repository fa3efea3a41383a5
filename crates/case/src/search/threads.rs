//! Searching for threads: those that hold matching messages.

use super::people;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::Person;
use crate::SCHEMA;
use crate::SearchOptions;
use crate::ThreadHit;
use crate::ThreadResults;
use crate::record;
use crate::view::View;
use muckrake_index::Sort;
use muckrake_index::language::Query;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::collections::HashSet;

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

impl Case {
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
}

impl View<'_> {
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
