//! Making ledger and index again from the sources, and putting them in place.
//!
//! The new ones are made in a folder of their own (here), have to hold all that the old ones
//! did ([`loss`]), and are then put in place ([`swap`]).

mod loss;
mod swap;

pub(crate) use swap::clear;
pub(crate) use swap::finish_swap;
pub(crate) use swap::settle;

use crate::Case;
use crate::CaseError;
use crate::Totals;
use crate::deliveries;
use crate::deliveries::Deliveries;
use crate::folder::Folder;
use crate::footers;
use crate::ingest::IngestRequest;
use crate::ingest::IngestSummary;
use crate::ingest::Resolving;
use crate::ingest::Writing;
use crate::ledger;
use crate::ledger::LedgerFile;
use crate::ledger::SourceRow;
use crate::ledger::StoredPath;
use crate::make_index;
use crate::officials;
use crate::releases::ReleaseFacts;
use muckrake_index::Index;
use muckrake_ingest::Counters;
use rusqlite::params;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

impl Case {
    /// Makes ledger and index again from the sources, with the same ids.
    ///
    /// The old ones answer until the new ones are whole; interrupted, nothing changes. Where the
    /// ledger is damaged, the file beside it tells what there is to read.
    ///
    /// # Errors
    /// [`CaseError::SourcesMissing`] if a source is not where it was;
    /// [`CaseError::RebuildLoses`] if the sources do not give all messages again;
    /// [`CaseError::Damaged`] if nothing tells any more what was delivered;
    /// [`CaseError::Locked`] while another process writes.
    pub fn rebuild(
        &self,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<IngestSummary, CaseError> {
        let _lock = self.parts().write_lock("rebuild")?;
        finish_swap(self.parts())?;
        let before = Before::read(self.parts())?;

        let new = Folder::new(&self.parts().rebuilding());
        clear(new.root())?;
        let made = self.make_again(&before, &new, counters, cancel);
        if !made.as_ref().is_ok_and(|summary| !summary.interrupted) {
            // It is only in the way, on a full disk most of all. What cannot be removed now is
            // removed by the next writer.
            let _ = clear(new.root());
            return made;
        }
        drop(before);
        self.reader.close();
        self.idle_ledger.close();
        swap::put_in_place(&new, self.parts())?;
        made
    }

    /// Reads all sources again into a folder of their own.
    fn make_again(
        &self,
        before: &Before,
        new: &Folder,
        counters: &Counters,
        cancel: &AtomicBool,
    ) -> Result<IngestSummary, CaseError> {
        new.create()?;
        make_index(new)?;
        let part = self.at(new.clone());
        let mut writing = Writing::open(&part)?;
        writing.footers = footers::active(self.parts())?;
        officials::check(self.parts())?;
        writing.ledger.set_making(before.making + 1)?;
        writing.commit_index(0)?;
        let mut sum = IngestSummary::default();
        for delivery in &before.deliveries {
            let request = delivery.request(self.passwords());
            let summary =
                part.ingest_locked(&mut writing, &request, counters, cancel, Resolving::Later)?;
            if summary.interrupted {
                let totals = before.totals()?;
                return Ok(IngestSummary { totals, ..summary });
            }
            sum = added(sum, summary);
        }
        before.expect_nothing_lost(&writing.ledger)?;
        keep_names(&writing.ledger, &before.sources)?;
        officials::settle(self.parts(), &writing.ledger)?;
        let names = before.deliveries.iter().map(|one| one.release.as_str());
        Ok(IngestSummary {
            release: names.collect::<Vec<_>>().join(", "),
            totals: ledger::read_totals(&writing.ledger)?,
            ..sum
        })
    }
}

/// The case as it was, and what has to be read to make it again.
struct Before {
    /// `None` where it is damaged.
    ledger: Option<LedgerFile>,
    deliveries: Vec<Delivered>,
    sources: Vec<SourceRow>,
    /// How often the case was made again.
    making: u64,
    /// What is told apart from the ledger.
    told: Option<Deliveries>,
}

/// What to read for one release.
struct Delivered {
    release: String,
    facts: ReleaseFacts,
    paths: Vec<PathBuf>,
}

impl Delivered {
    fn request(&self, passwords: &[String]) -> IngestRequest {
        IngestRequest {
            paths: self.paths.clone(),
            release: self.release.clone(),
            facts: self.facts.clone(),
            passwords: passwords.to_vec(),
        }
    }
}

impl Before {
    fn read(folder: &Folder) -> Result<Self, CaseError> {
        let damage = match Self::of_ledger(folder) {
            Err(damage @ CaseError::Damaged { .. }) => damage,
            other => return other,
        };
        let told = deliveries::read(folder).ok_or(damage)?;
        let mut delivered = Vec::new();
        for release in &told.releases {
            let paths = release.roots();
            if let Some(missing) = paths.iter().find(|path| !path.exists()) {
                return Err(CaseError::SourcesMissing {
                    count: paths.iter().filter(|path| !path.exists()).count(),
                    first: missing.clone(),
                });
            }
            delivered.push(Delivered {
                release: release.name.clone(),
                facts: release.facts(),
                paths,
            });
        }
        Ok(Self {
            ledger: None,
            deliveries: delivered,
            sources: Vec::new(),
            making: making_of_index(folder),
            told: Some(told),
        })
    }

    fn of_ledger(folder: &Folder) -> Result<Self, CaseError> {
        let ledger = LedgerFile::open_any_format(folder)?;
        let sources = ledger.sources()?;
        expect_all_there(&sources)?;
        let mut delivered = Vec::new();
        for (id, release, facts) in ledger.releases()? {
            delivered.push(Delivered {
                paths: paths(&ledger, id, &release, &sources)?,
                release,
                facts,
            });
        }
        Ok(Self {
            deliveries: delivered,
            sources,
            making: ledger.making()?,
            told: deliveries::read(folder),
            ledger: Some(ledger),
        })
    }

    fn totals(&self) -> Result<Totals, CaseError> {
        match &self.ledger {
            Some(ledger) => ledger::read_totals(ledger),
            None => Ok(Totals::default()),
        }
    }

    /// Refuses a rebuild that loses something. Where the ledger cannot say what there was, the
    /// file beside it does: the same sources give the same messages.
    fn expect_nothing_lost(&self, new: &LedgerFile) -> Result<(), CaseError> {
        let by_ledger = self
            .ledger
            .as_ref()
            .map(|old| loss::expect_nothing_lost(old, new));
        match (by_ledger, &self.told) {
            (None | Some(Err(CaseError::Damaged { .. })), Some(told)) => {
                loss::expect_what_is_told(told, new)
            }
            (Some(outcome), _) => outcome,
            (None, None) => Ok(()),
        }
    }
}

/// How often the case was made again, as far as its index can tell.
fn making_of_index(folder: &Folder) -> u64 {
    let reader = Index::open(&folder.index()).and_then(|index| index.reader());
    reader.map_or(0, |reader| ledger::read_payload(reader.payload()).1)
}

/// What to read for a release: the folders that the user named as far as they are there,
/// and the sources that lie outside them.
fn paths(
    ledger: &LedgerFile,
    id: i64,
    release: &str,
    sources: &[SourceRow],
) -> Result<Vec<PathBuf>, CaseError> {
    let mut paths = ledger.roots(id)?;
    paths.retain(|root| root.exists());
    let roots = paths.clone();
    let read = sources
        .iter()
        .filter(|source| source.release == release && source.sha256.is_some());
    let outside = read.filter(|source| !roots.iter().any(|root| source.path.starts_with(root)));
    paths.extend(outside.map(|source| source.path.clone()));
    Ok(paths)
}

/// The sums of two runs.
fn added(one: IngestSummary, other: IngestSummary) -> IngestSummary {
    IngestSummary {
        files: one.files + other.files,
        sources_new: one.sources_new + other.sources_new,
        sources_same: one.sources_same + other.sources_same,
        sources_grown: one.sources_grown + other.sources_grown,
        sources_changed: one.sources_changed + other.sources_changed,
        copies_new: one.copies_new + other.copies_new,
        copies_kept: one.copies_kept + other.copies_kept,
        messages_new: one.messages_new + other.messages_new,
        duplicates_new: one.duplicates_new + other.duplicates_new,
        links: one.links + other.links,
        attachments_new: one.attachments_new + other.attachments_new,
        unsupported_new: one.unsupported_new + other.unsupported_new,
        unread_new: one.unread_new + other.unread_new,
        messages_removed: one.messages_removed + other.messages_removed,
        own_exports: [one.own_exports, other.own_exports].concat(),
        ..other
    }
}

fn expect_all_there(sources: &[SourceRow]) -> Result<(), CaseError> {
    let missing: Vec<_> = sources
        .iter()
        .filter(|source| {
            source.sha256.is_some() && source.state != "replaced" && !source.path.is_file()
        })
        .collect();
    match missing.first() {
        Some(first) => Err(CaseError::SourcesMissing {
            count: missing.len(),
            first: first.path.clone(),
        }),
        None => Ok(()),
    }
}

/// Sources read one by one have lost the name they had in their folder; it is given back.
fn keep_names(ledger: &LedgerFile, sources: &[SourceRow]) -> Result<(), CaseError> {
    ledger.begin()?;
    for source in sources {
        ledger.change(
            "UPDATE sources SET name = ?3 WHERE path = ?1 AND release = (SELECT id FROM releases WHERE name = ?2)",
            params![StoredPath(&source.path), source.release, source.name],
        )?;
    }
    ledger.commit()
}
