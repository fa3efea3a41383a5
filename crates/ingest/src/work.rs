//! What goes from the reading to the parsing stage, and on to the sink.

use std::borrow::Cow;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use muckrake_mail::{Flag, Sha256, mbox, print};

use crate::discover::Stamp;
use crate::kept::KeptCopies;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::mail;
use crate::pages::{self, Pages};
use crate::pdf::{self, PdfText};
use crate::record::{FoundMessage, Item, ItemState, PageTally, Quoting, Record, Stored, Unread};
use crate::scan::Settings;
use crate::store::Keeper;
use crate::unpack::{Stop, names};

/// What the text of a PDF, and what is told of its recognition, are called as items inside it.
const PDF_TEXT: &str = "text";
const PDF_OCR: &str = "ocr";

/// A file that is to be read.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) path: std::path::PathBuf,
    pub(crate) name: String,
    pub(crate) stamp: Stamp,
}

/// Where messages lie, told once for many.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) path_inside: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) quoting: Quoting,
    /// What the item is.
    pub(crate) kind: Kind,
    /// What the mail program noted beside the message, not in it.
    pub(crate) flags: Vec<Flag>,
}

/// Messages that were read and are to be parsed. Only ranges are kept of each, never a copy.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) place: Arc<Place>,
    pub(crate) bytes: Vec<u8>,
    /// Offset of the first byte in the item.
    pub(crate) base: u64,
    /// The messages in `bytes`.
    pub(crate) messages: Vec<Range<usize>>,
    /// Their hash, where it is known: that of a file that is one message.
    pub(crate) sha256: Option<Sha256>,
    /// What an interrupted run has kept of the source.
    pub(crate) kept: Option<Arc<KeptCopies>>,
}

/// A piece of work for the parsing stage.
#[derive(Debug)]
pub(crate) enum Work {
    /// Goes through as it is.
    Record(Record),
    /// To be hashed and parsed.
    Messages(Block),
    /// A small file, to be read, hashed and parsed.
    File(Job),
}

/// A piece of work done.
#[derive(Debug)]
pub(crate) enum Done {
    /// For the sink.
    Record(Record),
    /// A small file that has to be read in its turn: an archive, or (with its hash) one whose
    /// bytes are those of a known source.
    Later(Job, Option<Sha256>),
}

/// Takes what reading brings forth.
pub(crate) trait Output {
    fn take(&mut self, work: Work) -> Result<(), Stop>;

    fn record(&mut self, record: Record) -> Result<(), Stop> {
        self.take(Work::Record(record))
    }
}

impl Block {
    /// Hashes and parses the messages one by one.
    pub(crate) fn parse<'a>(
        &'a self,
        settings: &'a Settings<'a>,
    ) -> impl Iterator<Item = Record> + 'a {
        let limits = settings.limits;
        let printed = self.place.quoting == Quoting::Printed;
        let prints = if printed {
            self.prints(settings)
        } else {
            Vec::new()
        };
        let mails = if printed {
            &[]
        } else {
            self.messages.as_slice()
        };
        let mails = mails.iter().filter_map(move |range| {
            let stored = self.bytes.get(range.clone())?;
            let offset = self.base + range.start as u64;
            // The parser is made not to panic. Should it still, that costs one message, told as
            // unread, and not the run.
            let read = catch_unwind(AssertUnwindSafe(|| self.parse_one(offset, stored, limits)));
            Some(read.unwrap_or_else(|_| {
                Record::Unread(Unread {
                    path_inside: self.place.path_inside.clone(),
                    offset,
                    length: stored.len() as u64,
                    reason: "the reader failed on this message".to_owned(),
                })
            }))
        });
        mails.chain(prints)
    }

    /// The messages of a document of print-outs; the document as an item where none is found.
    fn prints(&self, settings: &Settings<'_>) -> Vec<Record> {
        let document = self.sha256.unwrap_or_else(|| mail::sha256(&self.bytes));
        if self.place.kind == Kind::Pdf {
            return self.pdf(&document, settings);
        }
        let found = print::read(&self.bytes, &document);
        if found.is_empty() {
            return vec![self.item(Kind::Text, Kind::Text.state())];
        }
        let path_inside = self.place.path_inside.as_deref();
        let tally = PageTally::of(path_inside, &self.bytes, &found);
        let printed = found
            .into_iter()
            .map(|found| self.printed(found, path_inside, &self.bytes));
        printed.chain(tally.map(Record::Pages)).collect()
    }

    /// The messages of a PDF. They lie in its text, of which a copy is kept: other versions of the
    /// program that reads PDFs may read it otherwise.
    fn pdf(&self, document: &Sha256, settings: &Settings<'_>) -> Vec<Record> {
        let advice = |advice: &str| ItemState::Unsupported {
            advice: advice.to_owned(),
        };
        let unread = |reason: String| ItemState::Unread { reason };
        if settings.limits.pdf_seconds == 0 {
            return vec![self.item(Kind::Pdf, advice(pdf::SWITCHED_OFF))];
        }
        let read = pdf::text(&self.bytes, settings.limits, settings.store.folder());
        let state = match read {
            Ok(PdfText::Text(text)) => {
                let mut pages = pages::legible(&self.bytes, document, text, settings);
                let mut found = print::read_pages(&pages.text, document);
                if !found.is_empty() {
                    if pages::cover(&self.bytes, &mut pages, settings) {
                        found = print::read_pages(&pages.text, document);
                    }
                    return self.pages(found, &pages, settings);
                }
                // Where most pages could not be read, that is why nothing was found.
                let all = pages.text.iter().filter(|byte| **byte == b'\x0c').count();
                advice(if 2 * pages.bare.len() > all {
                    &pages.advice
                } else {
                    pdf::NO_MAIL
                })
            }
            Ok(PdfText::Absent) => advice(pdf::ABSENT),
            Ok(PdfText::Failed(reason)) => unread(reason),
            Err(error) => unread(format!("it cannot be handed to pdftotext: {error}")),
        };
        vec![self.item(Kind::Pdf, state)]
    }

    /// The messages on the pages of a PDF, the copy of its text, what is told of the pages that were recognised, and
    /// those of which nothing could be read.
    fn pages(
        &self,
        found: Vec<print::Found>,
        pages: &Pages,
        settings: &Settings<'_>,
    ) -> Vec<Record> {
        let text = pages.text.as_slice();
        let path_inside = names::join(self.place.path_inside.as_deref(), PDF_TEXT);
        let mut copies = vec![(path_inside.clone(), text.to_vec())];
        let told = &pages.recognised;
        if !told.pages.is_empty() || !told.covered.is_empty() {
            let told = serde_json::to_vec(&pages.recognised).unwrap_or_default();
            copies.push((
                names::join(self.place.path_inside.as_deref(), PDF_OCR),
                told,
            ));
        }
        let mut records = Vec::new();
        for (path_inside, bytes) in copies {
            let mut keeper = Keeper::new(settings.store);
            keeper.push(&bytes);
            match keeper.finish() {
                Ok((sha256, size)) => records.push(Record::Stored(Stored {
                    path_inside,
                    sha256,
                    size,
                })),
                Err(error) => {
                    let reason = format!("the copy of its text cannot be written: {error}");
                    return vec![self.item(Kind::Pdf, ItemState::Unread { reason })];
                }
            }
        }
        if !told.covered.is_empty() && !settings.limits.covered_text {
            let numbers: Vec<u32> = told.covered.iter().map(|covered| covered.page).collect();
            let name = format!(
                "words under black boxes on pages {}",
                pages::written(&numbers)
            );
            records.push(Record::Item(Item {
                path_inside: Some(names::join(self.place.path_inside.as_deref(), &name)),
                kind: Kind::Text,
                size: 0,
                state: ItemState::Unsupported {
                    advice: pdf::COVERED.to_owned(),
                },
            }));
        }
        if !pages.not_looked_at.is_empty() && !settings.limits.covered_text {
            let numbers = pages::written(&pages.not_looked_at);
            let name = format!("black boxes on pages {numbers}");
            records.push(Record::Item(Item {
                path_inside: Some(names::join(self.place.path_inside.as_deref(), &name)),
                kind: Kind::Image,
                size: 0,
                state: ItemState::Unsupported {
                    advice: pdf::NOT_LOOKED_AT.to_owned(),
                },
            }));
        }
        if !pages.bare.is_empty() {
            let name = format!("pages {}", pages::written(&pages.bare));
            records.push(Record::Item(Item {
                path_inside: Some(names::join(self.place.path_inside.as_deref(), &name)),
                kind: Kind::Image,
                size: 0,
                state: ItemState::Unsupported {
                    advice: pages.advice.clone(),
                },
            }));
        }
        records.extend(PageTally::of(Some(&path_inside), text, &found).map(Record::Pages));
        let printed = found.into_iter();
        records.extend(printed.map(|found| self.printed(found, Some(&path_inside), text)));
        records
    }

    fn item(&self, kind: Kind, state: ItemState) -> Record {
        Record::Item(Item {
            path_inside: self.place.path_inside.clone(),
            kind,
            size: self.bytes.len() as u64,
            state,
        })
    }

    /// A message in the text of an item.
    fn printed(&self, found: print::Found, path_inside: Option<&str>, text: &[u8]) -> Record {
        let stored = text.get(found.range.clone()).unwrap_or_default();
        let sha256 = match self.sha256 {
            Some(whole) if self.place.kind != Kind::Pdf && stored.len() == text.len() => whole,
            _ => mail::sha256(stored),
        };
        let offset = self.base + found.range.start as u64;
        if let Some(kept) = &self.kept {
            let length = stored.len() as u64;
            if let Some(copy) = kept.find(path_inside, offset, length, &sha256) {
                return Record::Kept(copy);
            }
        }
        Record::Message(Box::new(FoundMessage {
            path_inside: path_inside.map(str::to_owned),
            offset,
            length: stored.len() as u64,
            sha256,
            folder: self.place.folder.clone(),
            quoting: self.place.quoting,
            message: found.message,
        }))
    }

    fn parse_one(&self, offset: u64, stored: &[u8], limits: &Limits) -> Record {
        let sha256 = self.sha256.unwrap_or_else(|| mail::sha256(stored));
        if let Some(kept) = &self.kept {
            let length = stored.len() as u64;
            let path_inside = self.place.path_inside.as_deref();
            if let Some(copy) = kept.find(path_inside, offset, length, &sha256) {
                return Record::Kept(copy);
            }
        }
        let raw = match self.place.quoting {
            Quoting::Mboxrd => mbox::unescape_rd(stored),
            // `>From ` may have been written so: it is left for the reader to judge.
            Quoting::Mboxo | Quoting::None | Quoting::Printed => Cow::Borrowed(stored),
        };
        let mut message = muckrake_mail::parse(&raw, &limits.mail);
        if !self.place.flags.is_empty() {
            message.flags.extend_from_slice(&self.place.flags);
            message.flags.sort_unstable();
            message.flags.dedup();
        }
        Record::Message(Box::new(FoundMessage {
            path_inside: self.place.path_inside.clone(),
            offset,
            length: stored.len() as u64,
            sha256,
            folder: self.place.folder.clone(),
            quoting: self.place.quoting,
            message,
        }))
    }
}
