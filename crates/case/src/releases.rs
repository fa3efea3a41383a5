//! Releases: what is known about each delivery, and how they overlap.

use crate::Case;
use crate::CaseError;
use crate::ingest::Writing;
use crate::ingest::later_copy;
use crate::ledger::LedgerFile;
use crate::officials;
use crate::record;
use crate::settings;
use crate::settings::Settings;
use crate::threads;
use jiff::tz::TimeZone;
use muckrake_ingest::Recognised;
use muckrake_ingest::SeekableStore;
use muckrake_mail::Sha256;
use rusqlite::OptionalExtension;
use rusqlite::params;
use serde::Serialize;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

/// Facts about a release that only the user knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseFacts {
    /// The agency that delivered it.
    pub agency: Option<String>,
    /// Number of the request that it answers.
    pub request: Option<String>,
    /// Day on which it came, `YYYY-MM-DD`.
    pub date_received: Option<String>,
    /// How many messages the agency said there are.
    pub promised: Option<u64>,
    /// IANA name of the zone of times that tell none.
    pub time_zone: Option<String>,
}

impl ReleaseFacts {
    /// Refuses facts that cannot be read later.
    pub(crate) fn check(&self) -> Result<(), CaseError> {
        if let Some(name) = &self.time_zone {
            settings::zone(name)?;
        }
        if let Some(day) = &self.date_received {
            let read: Result<jiff::civil::Date, _> = day.parse();
            read.map_err(|_| CaseError::BadValue {
                what: "the date received",
                value: day.clone(),
            })?;
        }
        Ok(())
    }
}

/// One release, with its sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseSummary {
    /// Always [`crate::SCHEMA`].
    pub schema: u32,
    /// Its name.
    pub name: String,
    /// The agency that delivered it.
    pub agency: Option<String>,
    /// Number of the request that it answers.
    pub request: Option<String>,
    /// Day on which it came.
    pub date_received: Option<String>,
    /// How many messages the agency said there are.
    pub promised: Option<u64>,
    /// Zone of times that tell none; null where that of the case holds.
    pub time_zone: Option<String>,
    /// Files.
    pub sources: u64,
    /// Occurrences of messages.
    pub copies: u64,
    /// Distinct messages.
    pub messages: u64,
    /// Distinct messages that no other release holds.
    pub only_here: u64,
    /// Date of its earliest dated message, UTC.
    pub first: Option<String>,
    /// Date of its latest dated message, UTC.
    pub last: Option<String>,
    /// Other releases that hold some of its messages, and how many.
    pub overlaps: Vec<Overlap>,
}

/// Messages that two releases share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// Name of the other release.
    pub release: String,
    /// Distinct messages in both.
    pub messages: u64,
}

/// What forgetting a release took out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ForgetSummary {
    /// Sources taken out.
    pub sources: u64,
    /// Copies taken out.
    pub copies: u64,
    /// Messages taken out, no other release holding them.
    pub messages: u64,
}

impl LedgerFile {
    /// Finds a release by name.
    pub(crate) fn release(&self, name: &str) -> Result<Option<i64>, CaseError> {
        self.connection
            .query_row("SELECT id FROM releases WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(CaseError::ledger("read"))
    }

    /// Finds a release by name, or says which there are.
    pub(crate) fn expect_release(&self, name: &str) -> Result<i64, CaseError> {
        match self.release(name)? {
            Some(id) => Ok(id),
            None => Err(CaseError::UnknownRelease {
                name: name.to_owned(),
                known: self.release_names()?,
            }),
        }
    }

    /// Takes out a release to which nothing came.
    pub(crate) fn drop_if_empty(&self, release: i64) -> Result<(), CaseError> {
        let gone = self.change(
            "DELETE FROM releases WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM sources WHERE release = ?1)",
            [release],
        )?;
        if gone > 0 {
            self.mark_finished(release)?;
            self.change("DELETE FROM roots WHERE release = ?1", [release])?;
        }
        Ok(())
    }

    /// Names of all releases, in the order they were made.
    pub(crate) fn release_names(&self) -> Result<Vec<String>, CaseError> {
        self.rows("SELECT name FROM releases ORDER BY id", [], |row| {
            row.get(0)
        })
    }

    /// Makes a release or changes the facts that are given.
    pub(crate) fn put_release(&self, name: &str, facts: &ReleaseFacts) -> Result<i64, CaseError> {
        check_name(name)?;
        self.change("INSERT OR IGNORE INTO releases (name) VALUES (?1)", [name])?;
        self.change(
            "UPDATE releases SET agency = coalesce(?2, agency), request = coalesce(?3, request),
                 date_received = coalesce(?4, date_received), promised = coalesce(?5, promised),
                 time_zone = coalesce(?6, time_zone) WHERE name = ?1",
            params![
                name,
                facts.agency,
                facts.request,
                facts.date_received,
                facts.promised,
                facts.time_zone
            ],
        )?;
        self.expect_release(name)
    }

    /// The zone of times in a release that tell none.
    pub(crate) fn release_zone(
        &self,
        release: i64,
        settings: &Settings,
    ) -> Result<TimeZone, CaseError> {
        let name: Option<String> = self
            .connection
            .query_row(
                "SELECT time_zone FROM releases WHERE id = ?1",
                [release],
                |row| row.get(0),
            )
            .map_err(CaseError::ledger("read"))?;
        match name {
            Some(name) => settings::zone(&name),
            None => settings.zone(),
        }
    }

    /// Notes in which zone dates without one are indexed from now on: once for a release, since what is indexed stays so
    /// until a rebuild.
    pub(crate) fn note_zone(
        &self,
        release: i64,
        is_new: bool,
        settings: &Settings,
    ) -> Result<(), CaseError> {
        let or = if is_new { "REPLACE" } else { "IGNORE" };
        self.change(
            &format!(
                "INSERT OR {or} INTO meta SELECT 'zone ' || id, coalesce(time_zone, ?2) FROM releases WHERE id = ?1"
            ),
            params![release, settings.zone_name()],
        )?;
        Ok(())
    }

    /// Releases whose dates without a zone are indexed in another zone than is told now: name, zone then, zone now.
    pub(crate) fn changed_zones(
        &self,
        settings: &Settings,
    ) -> Result<Vec<(String, String, String)>, CaseError> {
        self.rows(
            "SELECT name, indexed, told FROM (
                 SELECT r.name, m.value AS indexed, coalesce(r.time_zone, ?1) AS told
                 FROM releases r JOIN meta m ON m.name = 'zone ' || r.id ORDER BY r.id)
             WHERE indexed <> told",
            [settings.zone_name()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }
}

impl Case {
    /// The releases of the case, in the order they came.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn releases(&self) -> Result<Vec<ReleaseSummary>, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let sql = "SELECT r.id, r.name, agency, request, date_received, promised, time_zone,
                       (SELECT count(*) FROM sources WHERE release = r.id AND state <> 'link')
                   FROM releases r ORDER BY r.id";
        let mut summaries = ledger.rows(sql, [], |row| {
            let summary = ReleaseSummary {
                schema: crate::SCHEMA,
                name: row.get(1)?,
                agency: row.get(2)?,
                request: row.get(3)?,
                date_received: row.get(4)?,
                promised: row.get(5)?,
                time_zone: row.get(6)?,
                sources: row.get(7)?,
                copies: 0,
                messages: 0,
                only_here: 0,
                first: None,
                last: None,
                overlaps: Vec::new(),
            };
            Ok((row.get::<_, i64>(0)?, summary))
        })?;
        let mut held = Vec::new();
        for (id, summary) in &mut summaries {
            let sql = "SELECT count(*), min(m.date), max(m.date) FROM copies c JOIN sources s ON s.id = c.source
                       JOIN messages m ON m.ordinal = c.message WHERE s.release = ?1";
            let (copies, first, last) = ledger
                .connection
                .query_row(sql, [*id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .map_err(CaseError::ledger("read"))?;
            summary.copies = copies;
            summary.first = day_text(first);
            summary.last = day_text(last);
            let messages = ledger.release_messages(*id)?;
            summary.messages = messages.len();
            held.push(messages);
        }
        for (index, messages) in held.iter().enumerate() {
            let mut elsewhere = roaring::RoaringBitmap::new();
            for (other, others) in held.iter().enumerate().filter(|(other, _)| *other != index) {
                let shared = messages & others;
                if !shared.is_empty() {
                    let release = summaries[other].1.name.clone();
                    summaries[index].1.overlaps.push(Overlap {
                        release,
                        messages: shared.len(),
                    });
                    elsewhere |= shared;
                }
            }
            summaries[index].1.only_here = messages.len() - elsewhere.len();
        }
        Ok(summaries.into_iter().map(|(_, summary)| summary).collect())
    }

    /// Changes the facts about a release that are given.
    ///
    /// A new time zone counts for what is read from then on; for what is in the case
    /// already, after [`Case::rebuild`].
    ///
    /// # Errors
    /// An unknown release, a time zone or date that cannot be read.
    pub fn set_release(&self, name: &str, facts: &ReleaseFacts) -> Result<(), CaseError> {
        facts.check()?;
        let (_lock, ledger) = self.writable_ledger("releases set")?;
        ledger.expect_release(name)?;
        ledger.put_release(name, facts)?;
        Ok(())
    }

    /// Gives a release another name.
    ///
    /// # Errors
    /// An unknown release, or a name that is taken.
    pub fn rename_release(&self, name: &str, new: &str) -> Result<(), CaseError> {
        check_name(new)?;
        let (_lock, ledger) = self.writable_ledger("releases rename")?;
        let id = ledger.expect_release(name)?;
        if ledger.release(new)?.is_some() {
            return Err(CaseError::ReleaseExists {
                name: new.to_owned(),
            });
        }
        ledger.change(
            "UPDATE releases SET name = ?2 WHERE id = ?1",
            params![id, new],
        )?;
        Ok(())
    }

    /// Takes a release out again: its sources, its copies, and the messages that no
    /// other release holds. The delivered files are not touched.
    ///
    /// # Errors
    /// An unknown release; [`CaseError::Locked`] while another process writes.
    pub fn forget_release(&self, name: &str) -> Result<ForgetSummary, CaseError> {
        let _lock = self
            .parts()
            .write_lock(&format!("releases forget `{name}`"))?;
        self.parts().check()?;
        let mut writing = Writing::open(self)?;
        let ledger = &writing.ledger;
        let release = ledger.expect_release(name)?;
        let sources = ledger.rows(
            "SELECT id FROM sources WHERE release = ?1",
            [release],
            |row| row.get::<_, i64>(0),
        )?;
        let mut summary = ForgetSummary {
            sources: sources.len() as u64,
            ..ForgetSummary::default()
        };
        let before: u64 = ledger.number("SELECT count(*) FROM copies")?;
        let mut affected = roaring::RoaringBitmap::new();
        ledger.begin()?;
        for source in sources {
            affected |= ledger.delete_source(source)?;
        }
        summary.messages = ledger.remove_orphans(&affected)?;
        ledger.mark_finished(release)?;
        ledger.change("DELETE FROM roots WHERE release = ?1", [release])?;
        ledger.change("DELETE FROM releases WHERE id = ?1", [release])?;
        ledger.commit()?;
        summary.copies = before - ledger.number::<u64>("SELECT count(*) FROM copies")?;
        threads::update(&writing, &AtomicBool::new(false))?;
        writing.drop_removed()?;
        later_copy::restate(self, &mut writing, &AtomicBool::new(false))?;
        officials::gather(&writing.ledger, &writing.reader()?, &AtomicBool::new(false))?;
        officials::settle(self.parts(), &writing.ledger)?;
        self.drop_unused_recognised(&writing.ledger)?;
        self.drop_unused_streams(&writing.ledger)?;
        Ok(summary)
    }

    /// Deletes what was recognised on pages of documents that no source has any more. Where one of the others does not tell which document it
    /// is of, nothing is deleted: it may be its pages.
    fn drop_unused_recognised(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        let folder = self.parts().ocr();
        let Ok(entries) = std::fs::read_dir(&folder) else {
            return Ok(());
        };
        let mut used: HashSet<String> = ledger
            .rows(
                "SELECT DISTINCT sha256 FROM sources WHERE sha256 IS NOT NULL",
                [],
                |row| Ok(Sha256(crate::ledger::digest(row, 0)?).to_string()),
            )?
            .into_iter()
            .collect();
        let store = SeekableStore::new(&self.parts().streams());
        let told = "SELECT DISTINCT sha256 FROM streams WHERE path_inside = 'ocr' OR path_inside LIKE '%!/ocr'";
        for sha256 in ledger.rows(told, [], |row| Ok(Sha256(crate::ledger::digest(row, 0)?)))? {
            let copy = store.open(&sha256).ok().flatten();
            let told = copy.and_then(|copy| {
                serde_json::from_reader::<_, Recognised>(std::io::BufReader::new(copy)).ok()
            });
            match told
                .map(|told| told.document)
                .filter(|document| !document.is_empty())
            {
                Some(document) => used.insert(document),
                None => return Ok(()),
            };
        }
        for entry in entries.flatten() {
            let is_used = entry
                .file_name()
                .to_str()
                .is_some_and(|name| used.contains(name));
            if !is_used {
                let path = entry.path();
                std::fs::remove_dir_all(&path).map_err(|source| CaseError::File {
                    operation: "remove",
                    path,
                    source,
                })?;
            }
        }
        Ok(())
    }

    /// Deletes seekable copies that no source has any more.
    fn drop_unused_streams(&self, ledger: &LedgerFile) -> Result<(), CaseError> {
        let store = SeekableStore::new(&self.parts().streams());
        let used = ledger.rows("SELECT DISTINCT sha256 FROM streams", [], |row| {
            Ok(Sha256(crate::ledger::digest(row, 0)?))
        })?;
        let failed = |source| CaseError::Stream { source };
        for (sha256, _) in store.list().map_err(failed)? {
            if !used.contains(&sha256) {
                store.remove(&sha256).map_err(failed)?;
            }
        }
        Ok(())
    }
}

impl LedgerFile {
    /// The messages that a release holds.
    pub(crate) fn release_messages(
        &self,
        release: i64,
    ) -> Result<roaring::RoaringBitmap, CaseError> {
        let sql =
            "SELECT c.message FROM sources s JOIN copies c ON c.source = s.id WHERE s.release = ?1";
        self.ordinals(sql, [release])
    }
}

/// Refuses a name that nobody could see.
fn check_name(name: &str) -> Result<(), CaseError> {
    if name.trim().is_empty() {
        return Err(CaseError::BadValue {
            what: "the name of a release",
            value: name.to_owned(),
        });
    }
    Ok(())
}

fn day_text(utc: Option<i64>) -> Option<String> {
    let date = muckrake_mail::MailDate {
        local: utc?,
        offset: Some(0),
        precision: muckrake_mail::DatePrecision::Second,
        source: muckrake_mail::DateSource::Header,
    };
    Some(record::date_text(&date))
}
