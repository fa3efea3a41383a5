//! Reading one message: its text, its headers, its original bytes.

use crate::BodyText;
use crate::Case;
use crate::CaseError;
use crate::MessageView;
use crate::body;
use crate::ingest::quoting_of;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use crate::ledger::stored_path;
use crate::search::people;
use crate::view::View;
use muckrake_index::SnippetOrigin;
use muckrake_ingest::Aids;
use muckrake_ingest::Limits;
use muckrake_ingest::Place;
use muckrake_ingest::Quoting;
use muckrake_ingest::ReadBack;
use muckrake_ingest::Recognised;
use muckrake_ingest::SeekableStore;
use muckrake_mail::Headers;
use muckrake_mail::Message;
use muckrake_mail::MessageKey;
use muckrake_mail::Print;
use muckrake_mail::Sha256;
use muckrake_mail::print;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

/// What the text of a PDF is called as an item inside it.
const PDF_TEXT: &str = "text";

/// In which form original bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As they stand in the source.
    Stored,
    /// As the parser saw them: the escapes of an mboxrd undone, those of an mboxo, which
    /// cannot be told from the author's `>From `, left. Parts are cut from these.
    AsParsed,
    /// For reading: every escape undone.
    Unescaped,
}

/// Where the bytes of one copy lie, and how to get them.
pub(crate) struct CopyRow {
    id: i64,
    source: i64,
    path: PathBuf,
    path_inside: Option<String>,
    offset: u64,
    length: u64,
    pub(crate) sha256: Sha256,
    quoting: Quoting,
    parent: Option<i64>,
    part: Option<String>,
    /// What the mail program noted beside it, as `later_copy::noted_flags` numbers it.
    pub(crate) flags: Option<i64>,
}

const COPY_COLUMNS: &str =
    "SELECT c.id, c.source, s.path, c.path_inside, c.offset, c.length, c.sha256, c.quoting,
    c.parent, c.part, c.flags FROM copies c JOIN sources s ON s.id = c.source";

impl Case {
    /// One message, to be read. An id may be shortened to any unique prefix of 6 digits or more.
    ///
    /// # Errors
    /// An id that no message or several have.
    pub fn message(&self, id: &str) -> Result<MessageView, CaseError> {
        let view = self.view()?;
        let ordinal = view.ledger.find(id)?;
        let mut message = view.message(ordinal)?;
        view.note_originals(ordinal, &mut message)?;
        view.note_boxes(&mut message);
        Ok(message)
    }

    /// All header fields of a message, decoded, in order, from the original.
    ///
    /// # Errors
    /// As [`Case::message`]; [`CaseError::OriginalUnreachable`].
    pub fn headers(&self, id: &str) -> Result<Headers, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let ordinal = ledger.find(id)?;
        let aids = self.originals_aids();
        let mut originals = aids.originals(self.passwords());
        Ok(originals.message(&ledger, ordinal)?.headers)
    }

    /// The original bytes of a message. From a mailbox they are unescaped, unless `stored`.
    ///
    /// The copies are tried in order, and only bytes whose SHA-256 is the recorded one are given.
    ///
    /// # Errors
    /// As [`Case::message`]; [`CaseError::OriginalUnreachable`].
    pub fn raw(&self, id: &str, stored: bool) -> Result<Vec<u8>, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let ordinal = ledger.find(id)?;
        let form = if stored {
            Form::Stored
        } else {
            Form::Unescaped
        };
        self.original(&ledger, ordinal, form)
    }

    /// The decoded bytes of one part of a message.
    ///
    /// # Errors
    /// As [`Case::raw`]; [`CaseError::UnknownPart`].
    pub fn part(&self, id: &str, part: &str) -> Result<Vec<u8>, CaseError> {
        let ledger = LedgerFile::open(self.parts())?;
        let ordinal = ledger.find(id)?;
        let aids = self.originals_aids();
        let mut originals = aids.originals(self.passwords());
        let (raw, quoting) = originals.find(&ledger, ordinal, Form::AsParsed)?;
        let bytes = match quoting {
            // The parts of a print-out are its texts. What the pages of a document repeat is told by all of its pages, and
            // the message has a few of them: the index keeps what was seen then.
            Quoting::Printed => {
                let texts = self.view()?.message(ordinal)?.body.into_iter();
                let mut texts = texts.filter(|text| text.part == part);
                texts.next().map(|text| text.text.into_bytes())
            }
            _ => muckrake_mail::part_bytes(&raw, part, &self.settings().limits().mail),
        };
        bytes.ok_or_else(|| CaseError::UnknownPart {
            id: id.to_owned(),
            part: part.to_owned(),
        })
    }

    /// The original bytes of one message by its ordinal.
    pub(crate) fn original(
        &self,
        ledger: &LedgerFile,
        ordinal: u32,
        form: Form,
    ) -> Result<Vec<u8>, CaseError> {
        self.originals_aids()
            .originals(self.passwords())
            .read(ledger, ordinal, form)
    }

    /// What reading originals needs.
    pub(crate) fn originals_aids(&self) -> OriginalsAids {
        OriginalsAids {
            store: SeekableStore::new(&self.parts().streams()),
            limits: self.settings().limits(),
        }
    }
}

/// What [`Originals`] borrow.
pub(crate) struct OriginalsAids {
    store: SeekableStore,
    limits: Limits,
}

impl OriginalsAids {
    pub(crate) fn originals<'a>(&'a self, passwords: &'a [String]) -> Originals<'a> {
        Originals {
            reading: ReadBack::new(Aids {
                store: &self.store,
                passwords,
                limits: &self.limits,
            }),
            limits: &self.limits,
            streams: HashMap::new(),
        }
    }
}

/// Reads originals, many in one go: what one read opened serves the next.
pub(crate) struct Originals<'a> {
    reading: ReadBack<'a>,
    limits: &'a Limits,
    /// The seekable copies of each source that was read.
    streams: HashMap<i64, HashMap<String, Sha256>>,
}

impl Originals<'_> {
    /// The original bytes of a message by its ordinal.
    pub(crate) fn read(
        &mut self,
        ledger: &LedgerFile,
        ordinal: u32,
        form: Form,
    ) -> Result<Vec<u8>, CaseError> {
        self.find(ledger, ordinal, form).map(|(bytes, _)| bytes)
    }

    /// A message by its ordinal, read again from its original.
    pub(crate) fn message(
        &mut self,
        ledger: &LedgerFile,
        ordinal: u32,
    ) -> Result<Message, CaseError> {
        let (raw, quoting) = self.find(ledger, ordinal, Form::AsParsed)?;
        let key = ledger.key(ordinal)?;
        Ok(parse(&raw, quoting, key, &self.limits.mail))
    }

    /// The original bytes of a message by its ordinal, and how they lie in their source.
    fn find(
        &mut self,
        ledger: &LedgerFile,
        ordinal: u32,
        form: Form,
    ) -> Result<(Vec<u8>, Quoting), CaseError> {
        let rows = ledger.rows(
            &format!("{COPY_COLUMNS} WHERE c.message = ?1 ORDER BY c.id"),
            [ordinal],
            copy_row,
        )?;
        let mut reasons = Vec::new();
        for row in rows {
            let quoting = row.quoting;
            match self.copy_bytes(ledger, row, form) {
                Ok(bytes) => return Ok((bytes, quoting)),
                Err(reason) if !reasons.contains(&reason) => reasons.push(reason),
                Err(_) => {}
            }
        }
        let id = ledger
            .key(ordinal)?
            .map(|key| key.to_string())
            .unwrap_or_default();
        Err(CaseError::OriginalUnreachable {
            id,
            reason: reasons.join("; "),
        })
    }

    /// The message as one copy of it says it. The id of a print-out is not in its bytes, so it is given.
    ///
    /// # Errors
    /// The reason why there are none, for people.
    pub(crate) fn copy(
        &mut self,
        ledger: &LedgerFile,
        copy: CopyRow,
        key: Option<MessageKey>,
    ) -> Result<Message, String> {
        let quoting = copy.quoting;
        let raw = self.copy_bytes(ledger, copy, Form::AsParsed)?;
        Ok(parse(&raw, quoting, key, &self.limits.mail))
    }

    /// Bytes of one copy, or the reason why there are none. An attached message is cut
    /// out of the one that holds it, at any depth.
    fn copy_bytes(
        &mut self,
        ledger: &LedgerFile,
        row: CopyRow,
        form: Form,
    ) -> Result<Vec<u8>, String> {
        let mut chain = holders(ledger, row)?;
        let mut bytes: Option<Vec<u8>> = None;
        while let Some(row) = chain.pop() {
            let found = match (&bytes, &row.part) {
                (Some(parent), Some(part)) => {
                    let cut = muckrake_mail::part_bytes(parent, part, &self.limits.mail)
                        .ok_or_else(|| format!("no part {part} in the message that holds it"))?;
                    row.proved(cut)?
                }
                _ => self.item_bytes(ledger, &row)?,
            };
            let form = if chain.is_empty() {
                form
            } else {
                Form::AsParsed
            };
            bytes = Some(match (form, row.quoting) {
                (Form::Stored, _) | (Form::AsParsed, Quoting::Mboxo) => found,
                (_, quoting) => muckrake_ingest::unquote(&found, quoting).into_owned(),
            });
        }
        bytes.ok_or_else(|| "no copy".into())
    }

    /// The bytes of a copy that no other message holds.
    fn item_bytes(&mut self, ledger: &LedgerFile, row: &CopyRow) -> Result<Vec<u8>, String> {
        let streams = match self.streams.entry(row.source) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(streams(ledger, row.source)?),
        };
        let place = Place {
            source: &row.path,
            path_inside: row.path_inside.as_deref(),
            offset: row.offset,
            length: row.length,
        };
        let found = self.reading.read(place, streams);
        match found.map(|bytes| row.proved(bytes)) {
            Ok(Ok(bytes)) => Ok(bytes),
            // A seekable copy is a help, no evidence: it may hold other bytes.
            Ok(Err(_)) if !streams.is_empty() => {
                let found = self.reading.read(place, &HashMap::new());
                row.proved(found.map_err(|error| with_causes(&error))?)
            }
            Ok(changed) => changed,
            Err(error) => Err(with_causes(&error)),
        }
    }
}

/// Reads a message from its original bytes, a print-out as one.
fn parse(
    raw: &[u8],
    quoting: Quoting,
    key: Option<MessageKey>,
    limits: &muckrake_mail::Limits,
) -> Message {
    let printed = match quoting {
        Quoting::Printed => key.and_then(|key| print::reread(raw, key)),
        _ => None,
    };
    printed.unwrap_or_else(|| muckrake_mail::parse(raw, limits))
}

impl CopyRow {
    /// The bytes, if they are those that were read.
    fn proved(&self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        if sha256(&bytes) == self.sha256 {
            return Ok(bytes);
        }
        let path = self.path.display();
        Err(format!("`{path}` has changed since it was indexed"))
    }
}

/// A copy and the messages that hold it, from the inside out.
fn holders(ledger: &LedgerFile, row: CopyRow) -> Result<Vec<CopyRow>, String> {
    let sql = format!("{COPY_COLUMNS} WHERE c.id = ?1");
    let mut chain = vec![row];
    while let Some(parent) = chain.last().and_then(|row| row.parent) {
        let rows = ledger.rows(&sql, [parent], copy_row);
        let Some(row) = rows.map_err(|error| error.to_string())?.into_iter().next() else {
            return Err("the message that holds it is gone".into());
        };
        if chain.iter().any(|seen| seen.id == row.id) {
            return Err("the ledger is damaged: a message holds itself".into());
        }
        chain.push(row);
    }
    Ok(chain)
}

/// The seekable copies of a source by their paths inside it.
fn streams(ledger: &LedgerFile, source: i64) -> Result<HashMap<String, Sha256>, String> {
    let streams = ledger.rows(
        "SELECT path_inside, sha256 FROM streams WHERE source = ?1",
        [source],
        |stream| Ok((stream.get(0)?, Sha256(digest(stream, 1)?))),
    );
    streams
        .map(|streams| streams.into_iter().collect())
        .map_err(|error| error.to_string())
}

impl View<'_> {
    pub(crate) fn message(&self, ordinal: u32) -> Result<MessageView, CaseError> {
        let record = self.record(ordinal)?;
        let hit = self.hit(ordinal, &record)?;
        let footers = self.footers()?;
        let texts = self
            .reader
            .texts(ordinal)
            .map_err(CaseError::index("read"))?;
        let texts = texts
            .unwrap_or_default()
            .into_iter()
            .filter(|text| text.origin == SnippetOrigin::Body)
            .map(|text| text.text);
        let body = record
            .body
            .iter()
            .zip(texts)
            .map(|(part, text)| {
                let printed = record.print.as_deref();
                let (zones, quoted) = if printed.is_some() && part.part == print::BESIDE {
                    (body::beside(&text), Vec::new())
                } else {
                    body::read(&text, &record.from, footers, printed)
                };
                BodyText {
                    part: part.part.clone(),
                    kind: part.kind,
                    alternative: part.alternative,
                    text,
                    zones,
                    quoted,
                }
            })
            .collect();
        let attached = self.ledger.rows(
            "SELECT DISTINCT m.key FROM copies c JOIN copies p ON c.parent = p.id JOIN messages m ON m.ordinal = c.message
             WHERE p.message = ?1 ORDER BY c.id",
            [ordinal],
            |row| Ok(MessageKey(digest(row, 0)?)),
        )?;
        let told = self.told_of_pages(ordinal, record.print.as_deref())?;
        Ok(MessageView {
            hit,
            sender: people(&record.sender),
            reply_to: people(&record.reply_to),
            body,
            language: record.language,
            defects: record.defects,
            attachment_states: record.attachment_states,
            attached,
            links: self.links_of(ordinal)?,
            redactions: record.redactions,
            boxes: Vec::new(),
            ocr: told.pages,
            covered: told.covered,
            print: record.print,
        })
    }
}

impl View<'_> {
    /// Says where the fields of a message from a PDF stand.
    fn note_boxes(&self, message: &mut MessageView) {
        let Some(print) = &message.print else { return };
        let of_pdf = message.hit.copies.iter().find_map(|copy| {
            let inside = copy.path_inside.as_deref()?;
            let outer = inside.strip_suffix(PDF_TEXT)?;
            let outer = match outer {
                "" => None,
                outer => Some(outer.strip_suffix("!/")?),
            };
            Some((PathBuf::from(&copy.source), outer))
        });
        if let Some((source, inside)) = of_pdf {
            message.boxes = self.boxes(&source, inside, print);
        }
    }

    /// What is told of a message's pages beside their text; nothing where that cannot be read.
    fn told_of_pages(&self, ordinal: u32, print: Option<&Print>) -> Result<Recognised, CaseError> {
        let Some((first, last)) = print.and_then(|print| print.pages) else {
            return Ok(Recognised::default());
        };
        let sql = "SELECT s.sha256 FROM copies c JOIN streams s ON s.source = c.source
                   AND s.path_inside = substr(c.path_inside, 1, length(c.path_inside) - 4) || 'ocr'
                   WHERE c.message = ?1 AND c.path_inside LIKE '%text'";
        let told = self
            .ledger
            .rows(sql, [ordinal], |row| Ok(Sha256(digest(row, 0)?)))?;
        let store = SeekableStore::new(&self.case.parts().streams());
        let read = |sha256: &Sha256| {
            let copy = store.open(sha256).ok()??;
            serde_json::from_reader::<_, Recognised>(std::io::BufReader::new(copy)).ok()
        };
        let mut told = told.iter().find_map(read).unwrap_or_default();
        told.pages
            .retain(|page| (first..=last).contains(&page.page));
        told.covered
            .retain(|page| (first..=last).contains(&page.page));
        Ok(told)
    }
}

/// The copies of a message, in order; those that are the same only once.
pub(crate) fn copies(ledger: &LedgerFile, ordinal: u32) -> Result<Vec<CopyRow>, CaseError> {
    let mut rows = ledger.rows(
        &format!("{COPY_COLUMNS} WHERE c.message = ?1 ORDER BY c.id"),
        [ordinal],
        copy_row,
    )?;
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert((row.sha256, row.flags)));
    Ok(rows)
}

fn copy_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<CopyRow> {
    Ok(CopyRow {
        id: row.get(0)?,
        source: row.get(1)?,
        path: stored_path(row, 2)?,
        path_inside: row.get(3)?,
        offset: row.get(4)?,
        length: row.get(5)?,
        sha256: Sha256(digest(row, 6)?),
        quoting: quoting_of(row.get(7)?),
        parent: row.get(8)?,
        part: row.get(9)?,
        flags: row.get(10)?,
    })
}

/// An error with its causes, for people, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// The digest of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    use sha2::Digest;
    Sha256(sha2::Sha256::digest(bytes).into())
}
