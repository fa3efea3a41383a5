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
use crate::record::Record;
use muckrake_casework::facts::Facts;
use muckrake_casework::forms::Agreed;
use muckrake_casework::forms::Candidates;
use muckrake_casework::forms::Entry;
use muckrake_casework::forms::Header;
use muckrake_casework::forms::Likeness;
use muckrake_casework::forms::RECIPIENTS;
use muckrake_casework::forms::Text;
use muckrake_casework::forms::agree;
use muckrake_casework::forms::compare;
use muckrake_index::Reader;
use muckrake_index::SnippetOrigin;
use rayon::prelude::*;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Pairs compared at once.
const AT_ONCE: usize = 4_000;
/// Most messages of which what they tell beside their texts is remembered.
const MOST_HEADERS: usize = 200_000;
/// Print-outs whose pairs are looked for at once.
const PRINTS_AT_ONCE: usize = 5_000;

/// Compares what is new with what there is, and puts families together anew. When `cancel` is set the rest is left to the
/// next run.
pub(crate) fn update(writing: &Writing, cancel: &AtomicBool) -> Result<(), CaseError> {
    let ledger = &writing.ledger;
    let (from, next) = (ledger.compared_up_to()?, ledger.next_ordinal()?);
    if from >= next {
        return Ok(());
    }
    let printed = store::printed(ledger)?;
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
    let candidates = Candidates::new(&entries, from);
    let prints: Vec<&Entry> = entries.iter().filter(|entry| entry.printed).collect();
    let reader = writing.reader()?;
    let mut headers = HashMap::new();
    for prints in prints.chunks(PRINTS_AT_ONCE) {
        for pairs in candidates.of(prints).chunks(AT_ONCE) {
            if cancel.load(Ordering::Relaxed) {
                return Ok(());
            }
            let agreed = agreeing(&reader, pairs, &mut headers)?;
            // What a run that is ended leaves is not told before it is settled, and is found again by the next.
            ledger.begin()?;
            for ((one, other), likeness) in compare_all(&reader, &agreed, &printed)? {
                ledger.put_alike(one, other, &likeness)?;
            }
            ledger.commit()?;
        }
    }
    ledger.begin()?;
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

/// Those of some pairs that agree in what they tell beside their texts. What is known of messages serves the next pairs.
fn agreeing(
    reader: &Reader,
    pairs: &[Pair],
    headers: &mut HashMap<u32, Option<Header>>,
) -> Result<Vec<(Pair, Agreed)>, CaseError> {
    if headers.len() >= MOST_HEADERS {
        headers.clear();
    }
    let new = ordinals_of(pairs).filter(|ordinal| !headers.contains_key(ordinal));
    let new: Vec<u32> = new.collect();
    let read = new
        .par_iter()
        .map(|ordinal| Ok((*ordinal, header(reader, *ordinal)?)));
    headers.extend(read.collect::<Result<Vec<_>, CaseError>>()?);
    let header = |ordinal: &u32| headers.get(ordinal).and_then(Option::as_ref);
    let agreed = pairs.par_iter().filter_map(|pair| {
        let (one, other) = pair;
        Some((*pair, agree(header(one)?, header(other)?)?))
    });
    Ok(agreed.collect())
}

/// Those of some pairs that are one mail.
fn compare_all(
    reader: &Reader,
    pairs: &[(Pair, Agreed)],
    printed: &RoaringBitmap,
) -> Result<Vec<(Pair, Likeness)>, CaseError> {
    let plain: Vec<Pair> = pairs.iter().map(|(pair, _)| *pair).collect();
    let ordinals: Vec<u32> = ordinals_of(&plain).collect();
    let read = ordinals.par_iter().map(|ordinal| {
        let record = record(reader, *ordinal)?;
        let text = match &record {
            Some(record) => shown_text(reader, *ordinal, record)?,
            None => None,
        };
        let authors = record.map(|record| record.from).unwrap_or_default();
        let text = text.unwrap_or_default();
        Ok((*ordinal, Text::new(&text, &authors)))
    });
    let texts: HashMap<u32, Text> = read.collect::<Result<_, CaseError>>()?;
    let alike = pairs.par_iter().filter_map(|(pair, agreed)| {
        let (one, other) = pair;
        let both = printed.contains(*one) && printed.contains(*other);
        let likeness = compare(agreed, texts.get(one)?, texts.get(other)?, both);
        Some((*pair, likeness?))
    });
    Ok(alike.collect())
}

/// The messages of some pairs, each once.
fn ordinals_of(pairs: &[Pair]) -> impl Iterator<Item = u32> {
    let all = pairs.iter().flat_map(|(one, other)| [*one, *other]);
    all.collect::<RoaringBitmap>().into_iter()
}

fn record(reader: &Reader, ordinal: u32) -> Result<Option<Record>, CaseError> {
    let bytes = reader.record(ordinal).map_err(CaseError::index("read"))?;
    bytes
        .map(|bytes| Record::from_bytes(ordinal, &bytes))
        .transpose()
}

/// A message as it is compared, without its text.
fn header(reader: &Reader, ordinal: u32) -> Result<Option<Header>, CaseError> {
    let header = record(reader, ordinal)?.map(|record| {
        let recipients = [record.to.as_slice(), &record.cc];
        Header::new(
            record.date,
            &record.from,
            &recipients,
            record.subject.as_deref(),
        )
    });
    Ok(header)
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
