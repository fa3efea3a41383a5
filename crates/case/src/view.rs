//! One consistent view of a case, also while others write to it.

use crate::Case;
use crate::CaseError;
use crate::Hit;
use crate::Links;
use crate::dress::Facts;
use crate::footers;
use crate::forms::Linked;
use crate::ingest::index_behind;
use crate::latest::FileIdentity;
use crate::ledger;
use crate::ledger::LedgerFile;
use crate::rebuild;
use crate::record::Record;
use crate::resolver::Unjudged;
use crate::seal::Seal;
use crate::work::Notes;
use crate::work::RejectedLinks;
use crate::work::Tags;
use muckrake_index::Reader;
use muckrake_mail::zones::Footers;
use roaring::RoaringBitmap;
use std::cell::OnceCell;
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// How often a look is taken while the case is changing, and the time between two.
const LOOKS: usize = 50;
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// One consistent view of a case: a ledger and the index that belongs to it.
pub(crate) struct View<'a> {
    pub(crate) case: &'a Case,
    pub(crate) ledger: Lent<'a>,
    pub(crate) reader: Arc<Reader>,
    pub(crate) below: u32,
    pub(crate) hidden: RoaringBitmap,
    /// The footers of the case, once asked for.
    footers: OnceCell<Footers>,
    /// The user's tags and notes, once asked for.
    tags: OnceCell<Tags>,
    notes: OnceCell<Notes>,
    /// The links that the user rejected, once asked for.
    rejected: OnceCell<RejectedLinks>,
    /// What the queries on this view could not judge.
    pub(crate) unjudged: RefCell<Unjudged>,
}

impl Case {
    /// What a user must know before trusting a count: what is unread, what is going on.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn notices(&self) -> Result<Vec<String>, CaseError> {
        self.view()?.notices()
    }

    /// Opens a consistent view. While others write or put a new index in place, a look may show
    /// the parts of two moments; then it is taken again.
    pub(crate) fn view(&self) -> Result<View<'_>, CaseError> {
        let mut failed = false;
        for _ in 0..LOOKS {
            rebuild::settle(self.parts())?;
            let looked = self.look();
            // A failure may come of a change that is over when it is asked for: one alone says nothing.
            let lasts = failed && !self.parts().is_changing();
            failed = looked.is_err();
            match looked {
                Ok(Some(view)) => return Ok(view),
                Err(error) if lasts || matches!(error, CaseError::OlderCase { .. }) => {
                    return Err(error);
                }
                Ok(None) | Err(_) => std::thread::sleep(LOOK_PAUSE),
            }
        }
        self.look()?
            .ok_or_else(|| index_behind(&self.parts().index()))
    }

    /// A view, or `None` if index and ledger are not of one moment. The ledger is read first:
    /// the index is never behind it.
    fn look(&self) -> Result<Option<View<'_>>, CaseError> {
        let ledger = self.lend_ledger()?;
        // One transaction, so that all that is read of the ledger is of one moment.
        ledger
            .connection
            .execute_batch("BEGIN")
            .map_err(CaseError::ledger("read"))?;
        let below = ledger.next_ordinal()?;
        let hidden = ledger.removed()?;
        let reader = self
            .reader
            .get(self.parts())
            .map_err(CaseError::index("open"))?;
        let (written, making) = ledger::read_payload(reader.payload());
        let view = View {
            case: self,
            ledger,
            reader,
            below,
            hidden,
            unjudged: RefCell::default(),
            footers: OnceCell::new(),
            tags: OnceCell::new(),
            notes: OnceCell::new(),
            rejected: OnceCell::new(),
        };
        let sound = written >= below
            && making == view.ledger.making()?
            && (Seal::read(self.parts()).vouches_for_commit(view.reader.commit_list())
                || view.holds_what_the_ledger_counts()?);
        Ok(sound.then_some(view))
    }
}

/// The ledger of a view, which goes back to the case when the view ends.
pub(crate) struct Lent<'a> {
    case: &'a Case,
    file: Option<FileIdentity>,
    ledger: Option<LedgerFile>,
}

impl Case {
    fn lend_ledger(&self) -> Result<Lent<'_>, CaseError> {
        let file = FileIdentity::of(&self.parts().ledger());
        let ledger = match self.idle_ledger.take(file) {
            Some(ledger) => {
                ledger::expect_sound(self.parts())?;
                ledger.expect_this_format(self.parts())?;
                ledger
            }
            None => LedgerFile::open(self.parts())?,
        };
        Ok(Lent {
            case: self,
            file,
            ledger: Some(ledger),
        })
    }
}

impl Deref for Lent<'_> {
    type Target = LedgerFile;

    #[expect(clippy::expect_used, reason = "only the end of a view takes it")]
    fn deref(&self) -> &LedgerFile {
        self.ledger.as_ref().expect("is there until it is dropped")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(ledger) = self.ledger.take()
            && ledger.connection.execute_batch("COMMIT").is_ok()
        {
            self.case.idle_ledger.keep(self.file, ledger);
        }
    }
}

impl View<'_> {
    /// Whether each message of the ledger is in the index once.
    pub(crate) fn holds_what_the_ledger_counts(&self) -> Result<bool, CaseError> {
        let counted: u64 = self.ledger.number("SELECT count(*) FROM messages")?;
        let held = self
            .reader
            .count_below(self.below, &self.hidden)
            .map_err(CaseError::index("read"))?;
        Ok(held == counted)
    }

    /// Reads what the index stores for a message.
    pub(crate) fn record(&self, ordinal: u32) -> Result<Record, CaseError> {
        let bytes = self
            .reader
            .record(ordinal)
            .map_err(CaseError::index("read"))?
            .unwrap_or_default();
        Record::from_bytes(ordinal, &bytes)
    }

    /// Messages dressed without a score and a snippet, in the order asked for.
    pub(crate) fn dressed(&self, ordinals: &[u32], links: Links) -> Result<Vec<Hit>, CaseError> {
        let mut facts = Facts::of(&self.ledger, ordinals, links, &self.linked()?)?;
        let dressed = ordinals.iter().map(|ordinal| {
            let record = self.record(*ordinal)?;
            self.annotated(facts.dress(*ordinal, &record, 0.0, None))
        });
        dressed.collect()
    }

    /// Dresses a message with what the ledger knows of it.
    pub(crate) fn hit(&self, ordinal: u32, record: &Record) -> Result<Hit, CaseError> {
        let mut facts = Facts::of(&self.ledger, &[ordinal], Links::All, &self.linked()?)?;
        self.annotated(facts.dress(ordinal, record, 0.0, None))
    }

    /// A hit with what the user says of it.
    pub(crate) fn annotated(&self, hit: Hit) -> Result<Hit, CaseError> {
        Ok(Hit {
            tags: self.tags()?.of_message(hit.id),
            note: self.notes()?.of_message(hit.id),
            ..hit
        })
    }

    /// The user's tags.
    pub(crate) fn tags(&self) -> Result<&Tags, CaseError> {
        if let Some(tags) = self.tags.get() {
            return Ok(tags);
        }
        let tags = Tags::read(self.case.parts())?;
        Ok(self.tags.get_or_init(|| tags))
    }

    /// The links that the user rejected.
    pub(crate) fn rejected(&self) -> Result<&RejectedLinks, CaseError> {
        if let Some(rejected) = self.rejected.get() {
            return Ok(rejected);
        }
        let rejected = RejectedLinks::read(self.case.parts())?;
        Ok(self.rejected.get_or_init(|| rejected))
    }

    /// Which messages are told as one.
    pub(crate) fn linked(&self) -> Result<Linked<'_>, CaseError> {
        Linked::new(&self.ledger, self.rejected()?.pairs())
    }

    fn notes(&self) -> Result<&Notes, CaseError> {
        if let Some(notes) = self.notes.get() {
            return Ok(notes);
        }
        let notes = Notes::read(self.case.parts())?;
        Ok(self.notes.get_or_init(|| notes))
    }

    /// Paragraphs that are taken for footers in this case.
    pub(crate) fn footers(&self) -> Result<&Footers, CaseError> {
        if let Some(footers) = self.footers.get() {
            return Ok(footers);
        }
        let footers = footers::active(self.case.parts())?;
        Ok(self.footers.get_or_init(|| footers))
    }

    /// What a user must know before trusting a count.
    pub(crate) fn notices(&self) -> Result<Vec<String>, CaseError> {
        let mut notices: Vec<String> = self.unjudged.borrow().notice().into_iter().collect();
        notices.extend(self.tags.get().and_then(Tags::notice));
        notices.extend(self.notes.get().and_then(Notes::notice));
        notices.extend(self.rejected.get().and_then(RejectedLinks::notice));
        let (unread, unsupported) = ledger::not_searched(&self.ledger)?;
        if unread > 0 || unsupported > 0 {
            notices.push(format!(
                "not searched: {unread} unread and {unsupported} not yet readable items; `muckrake ledger` names them"
            ));
        }
        let changed = self.ledger.changed_zones(self.case.settings())?;
        notices.extend(changed.into_iter().map(|(release, indexed, told)| {
            format!(
                "dates without a zone in `{release}`, if it has any, are searched as {indexed} and shown as {told}; `muckrake rebuild` brings them in step"
            )
        }));
        let (unreadable, pending): (u64, u64) = self.ledger.restated()?;
        if unreadable > 0 {
            notices.push(format!(
                "messages with differing copies (Bcc, names of attachments, labels) of which one cannot be read: {unreadable}; what only that copy says may not be found, and what only a forgotten release said may still be shown; `muckrake verify` names the sources that are missing or changed"
            ));
        }
        match self.case.parts().writer() {
            Some(writer) => notices.push(format!(
                "{writer} is writing to this case; what it adds is found as it goes"
            )),
            None => {
                let unfinished = self.ledger.unfinished()?;
                if unfinished.is_empty() && pending > 0 {
                    notices.push("a change of this case was interrupted, so what only some copies of a message say may not be found; the next ingest finishes it".to_owned());
                }
                notices.extend(unfinished.into_iter().map(|release| {
                    format!("the ingest of `{release}` was interrupted, so a part of it is not searched; run it again")
                }));
            }
        }
        Ok(notices)
    }
}
