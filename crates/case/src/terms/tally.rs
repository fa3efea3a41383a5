//! Counts for sets of messages.

use super::ReleaseCount;
use super::Searched;
use super::TermCounts;
use super::TermOptions;
use super::families::Families;
use super::people::Correspondence;
use super::people::Names;
use crate::CaseError;
use crate::columns::Columns;
use crate::record;
use crate::view::View;
use roaring::RoaringBitmap;

/// All that is needed to count, read once for a whole list.
pub(super) struct Tally<'a> {
    view: &'a View<'a>,
    options: TermOptions,
    columns: Columns,
    families: Families,
    releases: Vec<(String, RoaringBitmap)>,
    correspondence: Correspondence,
    names: Names,
    together: Together,
}

/// What all terms hit together.
#[derive(Default)]
struct Together {
    hits: RoaringBitmap,
    /// Messages that one term alone hits.
    once: RoaringBitmap,
    own: RoaringBitmap,
    /// Messages of which it can be said that they match without quotes.
    not_only_quoted: RoaringBitmap,
    /// Whether any term looks for words in bodies.
    in_bodies: bool,
}

impl Together {
    fn of(searched: &[Searched]) -> Self {
        let mut together = Self::default();
        let mut often = RoaringBitmap::new();
        for one in searched {
            often |= &together.hits & &one.hits;
            together.hits |= &one.hits;
            match &one.words {
                Some(words) => {
                    together.in_bodies = true;
                    together.own |= &words.own;
                    together.not_only_quoted |= &words.elsewhere;
                }
                None => together.not_only_quoted |= &one.hits,
            }
        }
        together.not_only_quoted |= &together.own;
        together.once = &together.hits - often;
        together
    }
}

impl<'a> Tally<'a> {
    pub(super) fn new(
        view: &'a View<'a>,
        searched: &[Searched],
        options: &TermOptions,
    ) -> Result<Self, CaseError> {
        let together = Together::of(searched);
        let mut releases = Vec::new();
        for (id, name, _) in view.ledger.releases()? {
            releases.push((name, view.ledger.release_messages(id)?));
        }
        Ok(Self {
            view,
            options: *options,
            columns: view.columns(options.links)?,
            families: Families::read(&view.ledger)?,
            releases,
            correspondence: Correspondence::of(view, &together.hits)?,
            names: Names::default(),
            together,
        })
    }

    /// What one term comes to.
    pub(super) fn of_term(&self, searched: &Searched) -> Result<TermCounts, CaseError> {
        let words = searched.words.as_ref();
        let own = words.map(|words| words.own.len());
        let elsewhere = words.map(|words| words.elsewhere.len());
        Ok(TermCounts {
            unique: searched.hits.intersection_len(&self.together.once),
            own_words: own,
            elsewhere,
            only_quoted: own
                .zip(elsewhere)
                .map(|(own, elsewhere)| searched.hits.len() - own - elsewhere),
            ..self.of_set(&searched.hits)?
        })
    }

    /// What all terms together come to.
    pub(super) fn of_all(&self) -> Result<TermCounts, CaseError> {
        let together = &self.together;
        let told = |count: u64| together.in_bodies.then_some(count);
        let own = together.own.len();
        let not_only_quoted = together.not_only_quoted.len();
        Ok(TermCounts {
            unique: together.once.len(),
            own_words: told(own),
            elsewhere: told(not_only_quoted - own),
            only_quoted: told(together.hits.len() - not_only_quoted),
            ..self.of_set(&together.hits)?
        })
    }

    /// What can be said of any set of messages.
    fn of_set(&self, messages: &RoaringBitmap) -> Result<TermCounts, CaseError> {
        let heads: RoaringBitmap = messages.iter().map(|one| self.columns.head(one)).collect();
        let dated = messages
            .iter()
            .filter_map(|one| Some((self.columns.date(one)?, one)));
        let first = dated.clone().min();
        let last = dated.clone().max();
        let most = self.options.correspondents;
        let top = |addresses| self.names.top(self.view, addresses, messages, most);
        let releases = self.releases.iter().map(|(name, held)| ReleaseCount {
            release: name.clone(),
            messages: messages.intersection_len(held),
        });
        Ok(TermCounts {
            messages: messages.len(),
            with_families: self.families.around(messages).len(),
            threads: heads.len(),
            undated: messages.len() - dated.count() as u64,
            first: self.date_of(first)?,
            last: self.date_of(last)?,
            senders: top(&self.correspondence.senders)?,
            recipients: top(&self.correspondence.recipients)?,
            releases: releases.collect(),
            ..TermCounts::default()
        })
    }

    fn date_of(&self, dated: Option<(i64, u32)>) -> Result<Option<String>, CaseError> {
        let Some((_, ordinal)) = dated else {
            return Ok(None);
        };
        let record = self.view.record(ordinal)?;
        Ok(record.date.as_ref().map(record::date_text))
    }
}
