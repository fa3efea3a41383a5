//! What all formats share while an export is written.

use super::ExportProgress;
use super::ExportRequest;
use super::ExportSummary;
use super::manifest::Manifest;
use super::selection::Chosen;
use super::stage::Stage;
use crate::CaseError;
use crate::Hit;
use crate::MessageView;
use crate::read::Form;
use crate::read::Originals;
use crate::view::View;
use muckrake_mail::Message;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// An export at work.
pub(super) struct Work<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) request: &'a ExportRequest,
    /// The query as the user wrote it, if there was one.
    pub(super) query: Option<&'a str>,
    pub(super) chosen: &'a [Chosen],
    pub(super) stage: Stage,
    pub(super) manifest: Manifest,
    pub(super) originals: Originals<'a>,
    pub(super) summary: ExportSummary,
    pub(super) progress: &'a ExportProgress,
    pub(super) cancel: &'a AtomicBool,
}

fn unmarked(hit: Hit) -> Hit {
    Hit {
        tags: Vec::new(),
        note: None,
        ..hit
    }
}

/// Why an export ends before its end.
pub(super) enum Stop {
    Interrupted,
    Failed(CaseError),
}

impl From<CaseError> for Stop {
    fn from(error: CaseError) -> Self {
        Self::Failed(error)
    }
}

impl Work<'_> {
    /// An error once the user wants it to end.
    pub(super) fn check(&self) -> Result<(), Stop> {
        match self.cancel.load(Ordering::Relaxed) {
            true => Err(Stop::Interrupted),
            false => Ok(()),
        }
    }

    /// One more of the chosen messages is done with.
    pub(super) fn done(&self) {
        self.progress.done.fetch_add(1, Ordering::Relaxed);
    }

    /// A message as a search gives it, without what the user says of it: exports go to others, and tags and notes may be
    /// privileged.
    pub(super) fn hit(&self, one: &Chosen) -> Result<Hit, CaseError> {
        let record = self.view.record(one.ordinal)?;
        Ok(unmarked(self.view.hit(one.ordinal, &record)?))
    }

    /// A message with its texts, also without what the user says of it.
    pub(super) fn message(&self, one: &Chosen) -> Result<MessageView, CaseError> {
        let message = self.view.message(one.ordinal)?;
        Ok(MessageView {
            hit: unmarked(message.hit),
            ..message
        })
    }

    /// The original bytes of a message; where they cannot be read, that is noted.
    pub(super) fn original(
        &mut self,
        one: &Chosen,
        hit: &Hit,
    ) -> Result<Option<Vec<u8>>, CaseError> {
        self.read(one, hit, Form::Unescaped)
    }

    /// The original bytes of a message, and the message as they are read; a print-out is not read as mail.
    pub(super) fn original_message(
        &mut self,
        one: &Chosen,
        hit: &Hit,
    ) -> Result<Option<(Vec<u8>, Message)>, CaseError> {
        let Some(raw) = self.original(one, hit)? else {
            return Ok(None);
        };
        let limits = self.view.case.settings().limits().mail;
        let mut message = muckrake_mail::parse(&raw, &limits);
        if message.key != hit.id {
            message = self.originals.message(&self.view.ledger, one.ordinal)?;
        }
        Ok(Some((raw, message)))
    }

    /// As [`Self::original`], as the parser saw it, so that part numbers mean the same parts.
    pub(super) fn original_as_parsed(
        &mut self,
        one: &Chosen,
        hit: &Hit,
    ) -> Result<Option<Vec<u8>>, CaseError> {
        self.read(one, hit, Form::AsParsed)
    }

    fn read(&mut self, one: &Chosen, hit: &Hit, form: Form) -> Result<Option<Vec<u8>>, CaseError> {
        match self.originals.read(&self.view.ledger, one.ordinal, form) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error @ CaseError::OriginalUnreachable { .. }) => {
                let reason = error.to_string();
                self.manifest.missing(hit, &reason)?;
                self.summary.missing.push(reason);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts what was written in its place, if there is anything.
    pub(super) fn finish(mut self) -> Result<ExportSummary, CaseError> {
        if self.summary.messages == 0 {
            return Ok(self.summary);
        }
        self.summary.bytes = self.stage.bytes();
        for file in self.stage.files() {
            self.manifest.file(file)?;
        }
        self.manifest.finish()?;
        let description = format!(
            "{} messages of a muckrake case as {}{}",
            self.summary.messages,
            self.request.format.word(),
            self.query
                .map(|query| format!(", found with: {query}"))
                .unwrap_or_default()
        );
        if !self.stage.seal(&description, self.cancel)? {
            self.summary.interrupted = true;
            return Ok(self.summary);
        }
        self.summary.made = self.stage.finish()?;
        Ok(self.summary)
    }
}
