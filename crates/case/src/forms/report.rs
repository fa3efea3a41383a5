//! Links as they are told: with a message, as a list, and one with the text that differs.

use super::shown_text;
use super::store;
use super::store::AlikeRow;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::Query;
use crate::SCHEMA;
use crate::record::date_text;
use crate::view::View;
use crate::work::RejectedLinks;
use muckrake_casework::forms::Evidence;
use muckrake_mail::MessageKey;
use rusqlite::params;
use serde::Serialize;

/// The evidence of two messages that have the same content but for their Message-ID.
const SAME_CONTENT: &str = "content";

/// A message that is one with another, as that tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageLink {
    /// The other message.
    pub id: MessageKey,
    /// What both agree in.
    pub evidence: Vec<&'static str>,
    /// How sure it is, to 1 for the same content.
    pub confidence: f64,
    /// How much of the runs of words of the shorter text is in the longer, to 1.
    pub shared: f64,
    /// In how many stretches the texts differ.
    pub differing: u32,
}

/// A link between two messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkPair {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// One message: of a print-out and a mail the mail.
    pub one: MessageKey,
    /// The other.
    pub other: MessageKey,
    /// Date of the first, as in a hit.
    pub date: Option<String>,
    /// Subject of the first.
    pub subject: Option<String>,
    /// What both agree in.
    pub evidence: Vec<&'static str>,
    /// How sure it is, to 1.
    pub confidence: f64,
    /// How much of the runs of words of the shorter text, and of the longer, is in both, to 1.
    pub shared: [f64; 2],
    /// In how many stretches the texts differ.
    pub differing: u32,
    /// Whether the user has rejected it.
    pub rejected: bool,
}

/// A link with the text that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkDetail {
    /// The link.
    #[serde(flatten)]
    pub pair: LinkPair,
    /// The first hundred stretches that differ, in order.
    pub text: Vec<DifferingText>,
}

/// A stretch in which two texts differ. Places are bytes of the first text of the body that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DifferingText {
    /// What the first says there; empty if nothing.
    pub one: String,
    /// Its first byte, and one past the last.
    pub one_place: [u32; 2],
    /// What the second says there.
    pub other: String,
    /// Its first byte, and one past the last.
    pub other_place: [u32; 2],
}

impl Case {
    /// The links that comparison found between messages that match, or between one that matches and one that does not; those
    /// that the user rejected among them. Messages of the same content are linked too, and are not listed: hits name them.
    ///
    /// # Errors
    /// As [`Case::search`].
    pub fn links(&self, query: &Query) -> Result<(Vec<LinkPair>, Vec<String>), CaseError> {
        let view = self.view()?;
        let matching = view.ordinals(query, Links::All)?;
        let mut found = Vec::new();
        if view.ledger.has_forms()? {
            // A message may be gone while its links wait for a writer to forget them.
            let sql = format!(
                "SELECT {} FROM alike a JOIN messages m ON m.ordinal = a.one JOIN messages o ON o.ordinal = a.other
                 WHERE a.holds",
                store::COLUMNS
            );
            let rows = view.ledger.rows(&sql, [], store::alike_row)?;
            let wanted =
                |row: &&AlikeRow| matching.contains(row.one) || matching.contains(row.other);
            for row in rows.iter().filter(wanted) {
                found.push(view.link_pair(row)?);
            }
        }
        found.sort_by(|one, other| {
            (&one.date, one.one, one.other).cmp(&(&other.date, other.one, other.other))
        });
        let notice = view.rejected()?.notice();
        Ok((found, notice.into_iter().collect()))
    }

    /// One link that comparison found, with the text that differs.
    ///
    /// # Errors
    /// An id that no message or several have; [`CaseError::NotLinked`].
    pub fn link(&self, one: &str, other: &str) -> Result<LinkDetail, CaseError> {
        let view = self.view()?;
        let (first, second) = (view.ledger.find(one)?, view.ledger.find(other)?);
        let row = view.alike(first, second)?;
        let row = row.ok_or_else(|| not_linked(one, other))?;
        let pair = view.link_pair(&row)?;
        let mut texts = [String::new(), String::new()];
        for (text, ordinal) in texts.iter_mut().zip([row.one, row.other]) {
            let record = view.record(ordinal)?;
            *text = shown_text(&view.reader, ordinal, &record)?.unwrap_or_default();
        }
        let is_turned = view.ledger.key(row.one)? != Some(pair.one);
        let cut = |text: &str, place: (u32, u32)| {
            let cut = text.get(place.0 as usize..place.1 as usize);
            (cut.unwrap_or_default().to_owned(), [place.0, place.1])
        };
        let stretches = row.likeness.differing.iter().map(|gap| {
            let mut sides = [cut(&texts[0], gap.one), cut(&texts[1], gap.other)];
            if is_turned {
                sides.reverse();
            }
            let [(one, one_place), (other, other_place)] = sides;
            DifferingText {
                one,
                one_place,
                other,
                other_place,
            }
        });
        Ok(LinkDetail {
            text: stretches.collect(),
            pair,
        })
    }

    /// Says that two linked messages are two mails, or takes that back. Gives their ids, and whether anything changed. Kept in
    /// `rejected-links.csv` in the case folder; holds from now on and through a rebuild.
    ///
    /// # Errors
    /// An id that no message or several have; [`CaseError::NotLinked`] for a link that is not there; a file that cannot be read
    /// or written.
    pub fn reject_link(
        &self,
        one: &str,
        other: &str,
        reject: bool,
    ) -> Result<(MessageKey, MessageKey, bool), CaseError> {
        let view = self.view()?;
        let (first, second) = (view.ledger.find(one)?, view.ledger.find(other)?);
        let keys = (view.ledger.key(first)?, view.ledger.key(second)?);
        let (Some(first_key), Some(second_key)) = keys else {
            return Err(not_linked(one, other));
        };
        let is_rejected = view.rejected()?.holds(first_key, second_key);
        if reject && !is_rejected {
            let families = view.linked()?.families(&[first, second])?;
            let family = families.get(&first);
            let same = family.is_some() && family == families.get(&second);
            if !same || first == second {
                return Err(not_linked(one, other));
            }
        }
        drop(view);
        let changed = RejectedLinks::change(self.parts(), first_key, second_key, reject)?;
        Ok((first_key, second_key, changed))
    }
}

fn not_linked(one: &str, other: &str) -> CaseError {
    CaseError::NotLinked {
        one: one.to_owned(),
        other: other.to_owned(),
    }
}

fn thousandths(share: u16) -> f64 {
    f64::from(share) / 1_000.0
}

fn words(row: &AlikeRow) -> Vec<&'static str> {
    row.likeness
        .evidence
        .iter()
        .copied()
        .map(Evidence::word)
        .collect()
}

impl View<'_> {
    /// The pair of two messages, if comparison links them.
    fn alike(&self, one: u32, other: u32) -> Result<Option<AlikeRow>, CaseError> {
        if !self.ledger.has_forms()? {
            return Ok(None);
        }
        let sql = format!(
            "SELECT {} FROM alike a WHERE a.one = ?1 AND a.other = ?2 AND a.holds",
            store::COLUMNS
        );
        let pair = params![one.min(other), one.max(other)];
        Ok(self.ledger.rows(&sql, pair, store::alike_row)?.pop())
    }

    /// A pair as it is told: of a print-out and a mail the mail first.
    fn link_pair(&self, row: &AlikeRow) -> Result<LinkPair, CaseError> {
        let (mut one, mut other) = (self.record(row.one)?, self.record(row.other)?);
        if one.print.is_some() && other.print.is_none() {
            std::mem::swap(&mut one, &mut other);
        }
        Ok(LinkPair {
            schema: SCHEMA,
            rejected: self.rejected()?.holds(one.id, other.id),
            one: one.id,
            other: other.id,
            date: one.date.as_ref().map(date_text),
            subject: one.subject,
            evidence: words(row),
            confidence: f64::from(row.likeness.confidence) / 100.0,
            shared: [
                thousandths(row.likeness.shared.0),
                thousandths(row.likeness.shared.1),
            ],
            differing: row.likeness.differing_count,
        })
    }

    /// The messages that a message is one with, each with what that rests on: by comparison, then by content.
    pub(crate) fn links_of(&self, ordinal: u32) -> Result<Vec<MessageLink>, CaseError> {
        let linked = self.linked()?.of(&[ordinal])?.remove(&ordinal);
        let mut links = Vec::new();
        for id in linked.unwrap_or_default().ids {
            let Some(other) = self.ledger.ordinals_of([id])?.min() else {
                continue;
            };
            let same =
                "SELECT count(*) FROM messages m JOIN messages o ON m.content_key = o.content_key
                        WHERE m.ordinal = ?1 AND o.ordinal = ?2";
            let same = self
                .ledger
                .rows(same, [ordinal, other], |row| row.get::<_, u32>(0))?;
            if same != [0] {
                links.push(MessageLink {
                    id,
                    evidence: vec![SAME_CONTENT],
                    confidence: 1.0,
                    shared: 1.0,
                    differing: 0,
                });
            } else if let Some(row) = self.alike(ordinal, other)? {
                links.push(MessageLink {
                    id,
                    evidence: words(&row),
                    confidence: f64::from(row.likeness.confidence) / 100.0,
                    shared: thousandths(row.likeness.shared.0),
                    differing: row.likeness.differing_count,
                });
            }
        }
        Ok(links)
    }
}
