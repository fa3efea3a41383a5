//! Ghosts: messages that others quote and that no release holds.
//!
//! Told from what the index keeps whenever somebody asks, for the messages that are asked about: an ingest pays nothing for
//! it, and what a later release brings is no ghost any more from then on. A ghost is never counted as a message or a copy.

use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::MessageView;
use crate::Person;
use crate::Query;
use crate::SCHEMA;
use crate::body;
use crate::record::Record;
use crate::record::date_text;
use crate::record::precision_word;
use crate::view::View;
use muckrake_casework::facts::Facts;
use muckrake_casework::facts::Sender;
use muckrake_casework::facts::Subject;
use muckrake_casework::ghosts::Known;
use muckrake_casework::ghosts::Quotation;
use muckrake_casework::ghosts::Unreleased;
use muckrake_casework::ghosts::contained;
use muckrake_casework::ghosts::telling;
use muckrake_casework::ghosts::together;
use muckrake_casework::words;
use muckrake_casework::words::Told;
use muckrake_index::SnippetOrigin;
use muckrake_mail::DatePrecision;
use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::MessageKey;
use muckrake_mail::ZoneKind;
use muckrake_mail::zones::QuotedMessage;
use muckrake_mail::zones::Stretch;
use rayon::prelude::*;
use roaring::RoaringBitmap;
use rusqlite::params;
use serde::Serialize;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Messages read at once.
const AT_ONCE: usize = 512;
/// Most messages whose own words are remembered.
const MOST_REMEMBERED: usize = 4_000;
/// How much of the words of a quotation a message has to say itself to be its original, in thousandths.
const SAYS_IT: usize = 600;
/// Most quotations of one message that are looked at.
const MOST_QUOTED: usize = 200;
/// Most messages that one ghost names.
const MOST_NAMED: usize = 100;
/// Longest text of a ghost, in bytes.
const LONGEST_TEXT: usize = 16 << 10;

/// A message that others quote and that no release holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ghost {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// When it was written; RFC 3339, without offset where the zone is not told.
    pub date: Option<String>,
    /// `second`, `minute` or `day`.
    pub date_precision: Option<&'static str>,
    /// Whether the date tells its zone.
    pub zone_known: bool,
    /// Who wrote it.
    pub from: Option<Person>,
    /// To whom it went.
    pub to: Vec<Person>,
    /// Who got a copy.
    pub cc: Vec<Person>,
    /// What it is about; null where no quotation tells.
    pub subject: Option<String>,
    /// Its words as the fullest quotation has them, at most 16 KiB.
    pub text: String,
    /// Where it is quoted; the first hundred.
    pub quoted_in: Vec<GhostPlace>,
    /// How often it is quoted.
    pub quoted_count: usize,
    /// Releases that hold messages which quote it.
    pub releases: Vec<String>,
}

/// A quotation of a ghost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GhostPlace {
    /// The message that quotes it.
    pub id: MessageKey,
    /// The part of its body.
    pub part: String,
    /// First byte in that text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How deep it is quoted, from 1.
    pub depth: u16,
}

/// The ghosts of some messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ghosts {
    /// By date, the undated last.
    pub ghosts: Vec<Ghost>,
    /// Quotations looked at.
    pub quotations: u64,
    /// Those of them whose original is in the case.
    pub released: u64,
    /// Those that tell too little to say whether it is.
    pub unclear: u64,
    /// What the user should know.
    pub notices: Vec<String>,
    /// Whether it was ended before its end.
    pub interrupted: bool,
}

/// One quotation with where it stands.
pub(crate) struct Found {
    pub(crate) ordinal: u32,
    pub(crate) part: usize,
    part_name: String,
    at: usize,
    pub(crate) message: QuotedMessage,
    /// Its words, marks of quotation taken off.
    text: String,
    /// The runs of its words, sorted.
    runs: Vec<u64>,
    pub(crate) unreleased: Unreleased,
}

/// What became of a quotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It tells too little.
    Unclear,
    /// Its original is this message of the case.
    Released(u32),
    /// No release holds it.
    Ghost,
}

impl Case {
    /// The messages that those which match quote and that no release holds. `cancel` ends it early.
    ///
    /// # Errors
    /// As [`Case::search`].
    pub fn ghosts(&self, query: &Query, cancel: &AtomicBool) -> Result<Ghosts, CaseError> {
        let view = self.view()?;
        let matching = view.ordinals(query, Links::All)?;
        let mut search = view.ghost_search(None)?;
        let mut report = Ghosts {
            notices: view.notices()?,
            ..Ghosts::default()
        };
        let mut unreleased = Vec::new();
        let ordinals: Vec<u32> = matching.into_iter().collect();
        for ordinals in ordinals.chunks(AT_ONCE) {
            if cancel.load(Ordering::Relaxed) {
                report.interrupted = true;
                break;
            }
            for mut found in view.quotations(ordinals)? {
                report.quotations += 1;
                match search.fate(&found)? {
                    Fate::Unclear => report.unclear += 1,
                    Fate::Released(_) => report.released += 1,
                    Fate::Ghost => {
                        found.runs = Vec::new();
                        unreleased.push(found);
                    }
                }
            }
        }
        let unreleased: Vec<&Found> = unreleased.iter().collect();
        report.ghosts = view.ghosts_of(&unreleased)?.0;
        report.ghosts.sort_by(|one, other| {
            (one.date.is_none(), &one.date).cmp(&(other.date.is_none(), &other.date))
        });
        Ok(report)
    }
}

impl View<'_> {
    /// What is needed to look for originals; of a span of time, those dated in it or not at all.
    pub(crate) fn ghost_search(
        &self,
        span: Option<(i64, i64)>,
    ) -> Result<GhostSearch<'_>, CaseError> {
        let sql = "SELECT ordinal, date, threading FROM messages
                   WHERE ?1 IS NULL OR date IS NULL OR date BETWEEN ?1 AND ?2";
        let span = params![span.map(|span| span.0), span.map(|span| span.1)];
        let known = self.ledger.rows(sql, span, |row| {
            let facts = Facts::from_bytes(row.get_ref(2)?.as_blob().unwrap_or_default());
            Ok((facts.sender, facts.subject.base, row.get(1)?, row.get(0)?))
        })?;
        Ok(GhostSearch {
            view: self,
            known: Known::of(known),
            own: HashMap::new(),
        })
    }

    /// The quotations in some messages, in order.
    pub(crate) fn quotations(&self, ordinals: &[u32]) -> Result<Vec<Found>, CaseError> {
        let dates = self.dates_of(ordinals)?;
        let footers = self.footers()?;
        let reader = &self.reader;
        let read = ordinals.par_iter().map(|ordinal| {
            let failed = CaseError::index;
            let bytes = reader.record(*ordinal).map_err(failed("read"))?;
            let record = Record::from_bytes(*ordinal, &bytes.unwrap_or_default())?;
            if !record.flags.contains(&Flag::Quote) {
                return Ok(Vec::new());
            }
            let texts = reader
                .texts(*ordinal)
                .map_err(failed("read"))?
                .unwrap_or_default();
            let bodies = texts
                .into_iter()
                .filter(|text| text.origin == SnippetOrigin::Body);
            let mut found = Vec::new();
            for (part, (told, text)) in record.body.iter().zip(bodies).enumerate() {
                // What another part says too would be quoted twice.
                if told.alternative {
                    continue;
                }
                let is_printed = record.print.is_some();
                let (_, quoted) = body::cut(&text.text, &record.from, footers, is_printed);
                let quoted = quoted.into_iter().take(MOST_QUOTED).enumerate();
                found.extend(quoted.map(|(at, message)| {
                    let runs = words::runs(&text.text, &message.words);
                    Found {
                        ordinal: *ordinal,
                        part,
                        part_name: told.part.clone(),
                        at,
                        text: said(&text.text, &message.words),
                        unreleased: Unreleased {
                            quotation: quotation(&message, &record, dates.get(ordinal).copied()),
                            words: telling(&runs),
                        },
                        runs,
                        message,
                    }
                }));
            }
            Ok(found)
        });
        let found: Vec<Vec<Found>> = read.collect::<Result<_, CaseError>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    fn dates_of(&self, ordinals: &[u32]) -> Result<HashMap<u32, i64>, CaseError> {
        let sql = "SELECT ordinal, date FROM messages
                   WHERE ordinal IN (SELECT value FROM json_each(?1)) AND date IS NOT NULL";
        let list = crate::forms::json_list(ordinals);
        let dates = self
            .ledger
            .rows(sql, [list], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(dates.into_iter().collect())
    }

    /// Says with each message that one quotes whether it is in the case.
    pub(crate) fn note_originals(
        &self,
        ordinal: u32,
        view: &mut MessageView,
    ) -> Result<(), CaseError> {
        if view.body.iter().all(|text| text.quoted.is_empty()) {
            return Ok(());
        }
        let quotations = self.quotations(&[ordinal])?;
        let spans = quotations
            .iter()
            .filter_map(|found| found.unreleased.quotation.span());
        let Some(span) = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1))) else {
            return Ok(());
        };
        let mut search = self.ghost_search(Some(span))?;
        for found in quotations {
            let fate = search.fate(&found)?;
            self.note_fate(&found, fate, view)?;
        }
        Ok(())
    }

    /// Says with a quoted message what became of it.
    pub(crate) fn note_fate(
        &self,
        found: &Found,
        fate: Fate,
        view: &mut MessageView,
    ) -> Result<(), CaseError> {
        let text = view.body.get_mut(found.part);
        let Some(quoted) = text.and_then(|text| text.quoted.get_mut(found.at)) else {
            return Ok(());
        };
        match fate {
            Fate::Unclear => {}
            Fate::Ghost => quoted.released = Some(false),
            Fate::Released(original) => {
                quoted.released = Some(true);
                quoted.original = self.ledger.key(original)?;
            }
        }
        Ok(())
    }

    /// Puts the quotations of each ghost together; gives the ghosts, and for each quotation which of them it is of.
    pub(crate) fn ghosts_of(
        &self,
        found: &[&Found],
    ) -> Result<(Vec<Ghost>, Vec<usize>), CaseError> {
        let unreleased: Vec<Unreleased> =
            found.iter().map(|found| found.unreleased.clone()).collect();
        let groups = together(&unreleased);
        let mut by_group: Vec<Vec<&Found>> = Vec::new();
        for (found, group) in found.iter().zip(&groups) {
            if by_group.len() <= *group {
                by_group.resize_with(group + 1, Vec::new);
            }
            by_group[*group].push(found);
        }
        let ghosts = by_group.iter().map(|group| self.ghost(group));
        Ok((ghosts.collect::<Result<_, _>>()?, groups))
    }

    fn ghost(&self, group: &[&Found]) -> Result<Ghost, CaseError> {
        let told =
            |field: fn(&QuotedMessage) -> bool| group.iter().find(|found| field(&found.message));
        let dated = group.iter().filter_map(|found| found.message.date.as_ref());
        let date = dated
            .map(|date| date.value)
            .max_by_key(|date| (date.precision != DatePrecision::Day, date.offset.is_some()));
        let named = group.iter().filter_map(|found| found.message.from.as_ref());
        let from = named
            .map(|from| &from.value)
            .max_by_key(|from| told_of(from));
        let everyone = |mentions: Option<&Vec<Mention>>| -> Vec<Person> {
            mentions.into_iter().flatten().map(body::person).collect()
        };
        let to = told(|message| message.to.is_some()).and_then(|found| found.message.to.as_ref());
        let cc = told(|message| message.cc.is_some()).and_then(|found| found.message.cc.as_ref());
        let subject = told(|message| message.subject.is_some());
        let longest = group
            .iter()
            .map(|found| &found.text)
            .max_by_key(|text| text.len());
        let mut releases = BTreeSet::new();
        let mut quoted_in = Vec::new();
        let ordinals: RoaringBitmap = group.iter().map(|found| found.ordinal).collect();
        for ordinal in &ordinals {
            let sql = "SELECT DISTINCT r.name FROM copies c JOIN sources s ON s.id = c.source
                       JOIN releases r ON r.id = s.release WHERE c.message = ?1";
            releases.extend(
                self.ledger
                    .rows(sql, [ordinal], |row| row.get::<_, String>(0))?,
            );
        }
        for found in group.iter().take(MOST_NAMED) {
            if let Some(id) = self.ledger.key(found.ordinal)? {
                quoted_in.push(GhostPlace {
                    id,
                    part: found.part_name.clone(),
                    start: found.message.place.start,
                    end: found.message.place.end,
                    depth: found.message.depth,
                });
            }
        }
        Ok(Ghost {
            schema: SCHEMA,
            date: date.as_ref().map(date_text),
            date_precision: date.map(|date| precision_word(date.precision)),
            zone_known: date.is_some_and(|date| date.offset.is_some()),
            from: from.map(body::person),
            to: everyone(to.map(|to| &to.value)),
            cc: everyone(cc.map(|cc| &cc.value)),
            subject: subject.and_then(|found| Some(found.message.subject.as_ref()?.value.clone())),
            text: longest.cloned().unwrap_or_default(),
            quoted_in,
            quoted_count: group.len(),
            releases: releases.into_iter().collect(),
        })
    }
}

/// How much a person string tells.
fn told_of(mention: &Mention) -> (bool, bool, usize) {
    let length = mention.name.as_ref().map_or(0, String::len);
    (mention.address.is_some(), mention.name.is_some(), length)
}

/// What a quotation tells, for looking for its original.
fn quotation(message: &QuotedMessage, record: &Record, before: Option<i64>) -> Quotation {
    let sender = message.from.as_ref().map(|from| Sender::of(&from.value));
    let told = message
        .subject
        .as_ref()
        .map(|subject| subject.value.as_str());
    let subject = told.or(record.subject.as_deref()).unwrap_or_default();
    Quotation {
        told: Told {
            sender: sender.unwrap_or_default(),
            date: message.date.as_ref().map(|date| date.value),
        },
        subject: Subject::of(subject, Sender::default()).base,
        before,
        clock: clock(record, before).unwrap_or_default(),
    }
}

/// Seconds from the clock of a message without a zone to UTC, as its release's zone has made its moment; its date tells a time.
fn clock(record: &Record, moment: Option<i64>) -> Option<i64> {
    let date = record.date?;
    let is_known = date.offset.is_some() || date.precision == DatePrecision::Day;
    (!is_known).then_some(moment?.saturating_sub(date.local))
}

/// The words of a quoted message without the marks of quotation.
fn said(text: &str, words: &[Stretch]) -> String {
    let mut said = String::new();
    for stretch in words {
        let cut = text.get(stretch.start as usize..stretch.end as usize);
        for line in cut.unwrap_or_default().lines() {
            let line = line.trim_start_matches(['>', ' ', '\t', '|']).trim_end();
            if said.len() + line.len() > LONGEST_TEXT {
                return said.trim().to_owned();
            }
            said.push_str(line);
            said.push('\n');
        }
    }
    said.trim().to_owned()
}

/// Looks for the originals of quotations.
pub(crate) struct GhostSearch<'a> {
    view: &'a View<'a>,
    known: Known,
    /// The runs of words that messages say themselves.
    own: HashMap<u32, Vec<u64>>,
}

impl GhostSearch<'_> {
    /// What became of a quotation: named beyond doubt, told by its words, or nowhere.
    pub(crate) fn fate(&mut self, found: &Found) -> Result<Fate, CaseError> {
        let quotation = &found.unreleased.quotation;
        if !quotation.is_told() {
            return Ok(Fate::Unclear);
        }
        if let Some(original) = self.known.original(quotation) {
            return Ok(Fate::Released(original));
        }
        let mut best = (0, 0);
        for ordinal in self.known.perhaps(quotation) {
            if ordinal == found.ordinal {
                continue;
            }
            let own = self.own(ordinal)?;
            best = best.max((contained(&found.runs, own), ordinal));
        }
        Ok(match best {
            (share, original) if share >= SAYS_IT => Fate::Released(original),
            _ => Fate::Ghost,
        })
    }

    fn own(&mut self, ordinal: u32) -> Result<&[u64], CaseError> {
        if self.own.len() >= MOST_REMEMBERED && !self.own.contains_key(&ordinal) {
            self.own.clear();
        }
        if !self.own.contains_key(&ordinal) {
            let own = self.view.own_runs(ordinal)?;
            self.own.insert(ordinal, own);
        }
        Ok(self.own.get(&ordinal).map_or(&[], Vec::as_slice))
    }
}

impl View<'_> {
    /// The runs of words that a message says itself.
    fn own_runs(&self, ordinal: u32) -> Result<Vec<u64>, CaseError> {
        let record = self.record(ordinal)?;
        let texts = self
            .reader
            .texts(ordinal)
            .map_err(CaseError::index("read"))?;
        let mut runs = Vec::new();
        for text in texts.unwrap_or_default() {
            if text.origin != SnippetOrigin::Body {
                continue;
            }
            let zones = muckrake_mail::zones::cut(&text.text, &record.from);
            let own = zones
                .iter()
                .filter(|zone| zone.depth == 0 && zone.kind != ZoneKind::Disclaimer);
            let own: Vec<Stretch> = own
                .map(|zone| Stretch {
                    start: zone.start,
                    end: zone.end,
                })
                .collect();
            runs.extend(words::runs(&text.text, &own));
        }
        runs.sort_unstable();
        Ok(runs)
    }
}
