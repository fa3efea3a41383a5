//! Messages that are one mail in several forms: found after each ingest, kept in tables of their own, told with hits.
//!
//! A content key that two messages share links them at once. Beyond that, print-outs are compared with mail and with one another
//! (`muckrake_casework::forms`) by what the ledger and the index keep; a case without print-outs pays nothing. The tables are made when
//! they are first needed and can be made again at any time. What the user rejects lies in a file of its own and is heeded when links are
//! told, so that it needs neither a writer nor a rebuild.

mod linked;
mod report;
mod store;

pub(crate) use linked::Family;
pub(crate) use linked::Linked;
pub(crate) use linked::LinkedTo;
pub(crate) use linked::json_list;
pub use report::DifferingText;
pub use report::LinkDetail;
pub use report::LinkPair;
pub use report::MessageLink;
pub(crate) use store::forget;

use crate::CaseError;
use crate::ingest::Writing;
use crate::ingest::quoting_number;
use crate::record::Record;
use muckrake_casework::facts::Facts;
use muckrake_casework::forms::Entry;
use muckrake_casework::forms::Form;
use muckrake_casework::forms::Likeness;
use muckrake_casework::forms::RECIPIENTS;
use muckrake_casework::forms::candidates;
use muckrake_casework::forms::compare;
use muckrake_index::Reader;
use muckrake_index::SnippetOrigin;
use muckrake_ingest::Quoting;
use rayon::prelude::*;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Pairs compared at once.
const AT_ONCE: usize = 2_000;

/// Compares what is new with what there is, and puts families together anew. When `cancel` is set the rest is left to the
/// next run.
pub(crate) fn update(writing: &Writing, cancel: &AtomicBool) -> Result<(), CaseError> {
    let ledger = &writing.ledger;
    let (from, next) = (ledger.compared_up_to()?, ledger.next_ordinal()?);
    if from >= next {
        return Ok(());
    }
    let sql = "SELECT DISTINCT message FROM copies WHERE quoting = ?1";
    let printed = ledger.ordinals(sql, [quoting_number(Quoting::Printed)])?;
    if printed.is_empty() {
        return Ok(());
    }
    ledger.make_forms()?;
    let entries = ledger.rows(
        "SELECT ordinal, date, threading FROM messages ORDER BY ordinal",
        [],
        |row| {
            let facts = Facts::from_bytes(row.get_ref(2)?.as_blob().unwrap_or_default());
            let ordinal = row.get(0)?;
            Ok(Entry {
                ordinal,
                date: row.get(1)?,
                sender: facts.sender,
                subject: facts.subject.base,
                recipients: some_of(&facts.recipients),
                printed: printed.contains(ordinal),
            })
        },
    )?;
    let mut pairs = candidates(&entries);
    pairs.retain(|(one, other)| *one >= from || *other >= from);
    let reader = writing.reader()?;
    let mut found = Vec::new();
    for pairs in pairs.chunks(AT_ONCE) {
        if cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        found.extend(compare_all(&reader, pairs, &printed)?);
    }
    ledger.begin()?;
    for ((one, other), likeness) in &found {
        ledger.put_alike(*one, *other, likeness)?;
    }
    ledger.settle_families(&printed)?;
    ledger.set_compared_up_to(next)?;
    ledger.commit()
}

/// Two messages, by their ordinals.
type Pair = (u32, u32);

/// The first of a sorted list of recipients.
fn some_of(all: &[u32]) -> [u32; RECIPIENTS] {
    let mut some = [0; RECIPIENTS];
    some.iter_mut().zip(all).for_each(|(to, from)| *to = *from);
    some
}

/// Those of some pairs that are one mail.
fn compare_all(
    reader: &Reader,
    pairs: &[Pair],
    printed: &RoaringBitmap,
) -> Result<Vec<(Pair, Likeness)>, CaseError> {
    let ordinals: RoaringBitmap = pairs
        .iter()
        .flat_map(|(one, other)| [*one, *other])
        .collect();
    let ordinals: Vec<u32> = ordinals.into_iter().collect();
    let read = ordinals
        .par_iter()
        .map(|ordinal| Ok((*ordinal, form(reader, *ordinal)?)));
    let forms: HashMap<u32, Option<Form>> = read.collect::<Result<_, CaseError>>()?;
    let form = |ordinal: &u32| forms.get(ordinal).and_then(Option::as_ref);
    let alike = pairs.par_iter().filter_map(|pair| {
        let (one, other) = pair;
        let both = printed.contains(*one) && printed.contains(*other);
        Some((*pair, compare(form(one)?, form(other)?, both)?))
    });
    Ok(alike.collect())
}

/// A message as it is compared.
fn form(reader: &Reader, ordinal: u32) -> Result<Option<Form>, CaseError> {
    let Some(bytes) = reader.record(ordinal).map_err(CaseError::index("read"))? else {
        return Ok(None);
    };
    let record = Record::from_bytes(ordinal, &bytes)?;
    let text = shown_text(reader, ordinal, &record)?;
    Ok(Some(Form::new(
        record.date,
        &record.from,
        &[&record.to, &record.cc],
        record.subject.as_deref(),
        text.as_deref().unwrap_or_default(),
    )))
}

/// The first text of a body that is shown: the one that is compared.
pub(crate) fn shown_text(
    reader: &Reader,
    ordinal: u32,
    record: &Record,
) -> Result<Option<String>, CaseError> {
    let texts = reader.texts(ordinal).map_err(CaseError::index("read"))?;
    let texts = texts.unwrap_or_default().into_iter();
    let bodies = texts.filter(|text| text.origin == SnippetOrigin::Body);
    let mut shown = record
        .body
        .iter()
        .zip(bodies)
        .filter(|(part, _)| !part.alternative);
    Ok(shown.next().map(|(_, text)| text.text))
}
