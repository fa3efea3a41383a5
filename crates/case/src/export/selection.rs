//! Which messages an export takes, and in which order.

use super::ExportFormat;
use super::ExportRequest;
use super::Selection;
use crate::CaseError;
use crate::Links;
use crate::view::View;
use roaring::RoaringBitmap;
use std::collections::HashMap;

/// How much is taken around the messages selected, and how they are arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// The messages alone, by date.
    #[default]
    Messages,
    /// Their whole threads, one after the other; the messages selected are marked as hits.
    Threads,
    /// The messages alone, thread by thread.
    HitsByThread,
}

impl Extent {
    /// Its word, as the manifest writes it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Threads => "threads",
            Self::HitsByThread => "hits by thread",
        }
    }
}

/// One message that is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) ordinal: u32,
    /// Whether it was selected itself, and not only for its thread.
    pub(super) hit: bool,
    /// The head of its thread.
    pub(super) head: u32,
    /// When it was sent, in seconds since 1970, UTC.
    pub(super) date: Option<i64>,
}

impl View<'_> {
    /// What an export takes: by date, the undated last; where threads are asked for, thread by
    /// thread in the order of their first messages.
    pub(super) fn chosen(
        &self,
        selection: Selection<'_>,
        request: &ExportRequest,
    ) -> Result<Vec<Chosen>, CaseError> {
        let hits = self.hits(selection, request.links)?;
        let rows = self.by_date(request.links)?;
        let whole = request.extent == Extent::Threads;
        let heads: RoaringBitmap = rows
            .iter()
            .filter(|row| whole && hits.contains(row.ordinal))
            .map(|row| row.head)
            .collect();
        let mut chosen: Vec<Chosen> = rows
            .into_iter()
            .map(|row| Chosen {
                hit: hits.contains(row.ordinal),
                ..row
            })
            .filter(|row| row.hit || heads.contains(row.head))
            .collect();
        if request.extent != Extent::Messages || request.format == ExportFormat::Html {
            by_thread(&mut chosen);
        }
        Ok(chosen)
    }

    fn hits(&self, selection: Selection<'_>, links: Links) -> Result<RoaringBitmap, CaseError> {
        match selection {
            Selection::Matching { query, .. } => self.ordinals(query, links),
            Selection::Ids(ids) => ids.iter().map(|id| self.ledger.find(id)).collect(),
        }
    }

    fn by_date(&self, links: Links) -> Result<Vec<Chosen>, CaseError> {
        let column = links.column();
        let sql = format!(
            "SELECT ordinal, coalesce({column}, ordinal), date FROM messages
             ORDER BY date IS NULL, date, ordinal"
        );
        self.ledger.rows(&sql, [], |row| {
            Ok(Chosen {
                ordinal: row.get(0)?,
                hit: false,
                head: row.get(1)?,
                date: row.get(2)?,
            })
        })
    }
}

fn by_thread(chosen: &mut [Chosen]) {
    let mut ranks = HashMap::new();
    for one in chosen.iter() {
        let next = ranks.len();
        ranks.entry(one.head).or_insert(next);
    }
    chosen.sort_by_key(|one| ranks.get(&one.head).copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_stay_together_in_the_order_of_their_first_messages() {
        let one = |ordinal, head| Chosen {
            ordinal,
            hit: true,
            head,
            date: None,
        };
        let mut chosen = [one(5, 9), one(2, 1), one(7, 9), one(3, 1), one(4, 4)];
        by_thread(&mut chosen);
        let ordinals: Vec<u32> = chosen.iter().map(|one| one.ordinal).collect();
        assert_eq!(ordinals, [5, 7, 2, 3, 4]);
    }
}
