//! Officials: people of a case, not their addresses.
//!
//! Person strings are gathered from the index after each ingest (`gather.rs`) into tables of the ledger (`store.rs`),
//! resolved into people (`settle.rs`, with `muckrake_casework::officials`), and looked up by searches (`lookup.rs`).
//! What the user says lies in files of its own (`stated.rs`).

mod agencies;
mod gather;
mod lookup;
mod meetings;
mod named;
mod network;
mod private;
mod redactions;
mod report;
mod rows;
mod settle;
mod stated;
mod store;
mod wishes;

pub(crate) use gather::Gathering;
pub(crate) use gather::gather;
pub(crate) use named::Named;
pub use network::Ego;
pub use network::Network;
pub use network::NetworkEdge;
pub use network::NetworkNode;
pub use network::NetworkRequest;
pub use private::PrivateAccount;
pub use private::PrivateRequest;
pub use redactions::RedactionRow;
pub use redactions::Redactions;
pub use redactions::RedactionsBy;
pub use report::Alias;
pub use report::ExchangedWith;
pub use report::Join;
pub use report::Official;
pub use report::OfficialDetail;
pub use report::Officials;
pub use report::OfficialsRequest;
pub use report::SuggestedMerge;
pub(crate) use settle::Settlement;
pub(crate) use settle::settle;
pub use stated::Agency;
pub use stated::ConfirmedOfficial;
pub use stated::OfficialsFile;
pub use stated::Rejected;
pub use stated::Title;
pub(crate) use store::Place;
pub use wishes::OfficialChange;

use crate::Case;
use crate::CaseError;
use crate::folder::Folder;
use crate::ledger::LedgerFile;
use muckrake_index::Roles;
use roaring::RoaringBitmap;
use std::sync::atomic::AtomicBool;

/// Notes that the people of some messages have to be gathered again, since these were indexed again.
pub(crate) fn gather_again(ledger: &LedgerFile, messages: &RoaringBitmap) -> Result<(), CaseError> {
    if !ledger.has_people()? {
        return Ok(());
    }
    ledger.forget_people(messages)?;
    for message in messages {
        ledger.change("INSERT OR IGNORE INTO ungathered VALUES (?1)", [message])?;
    }
    Ok(())
}

/// Whether nothing that a writer has still to do changes who is in which message.
pub(crate) fn are_gathered(ledger: &LedgerFile) -> Result<bool, CaseError> {
    ledger.number(
        "SELECT NOT EXISTS (SELECT 1 FROM ungathered) AND NOT EXISTS (SELECT 1 FROM removed)
         AND NOT EXISTS (SELECT 1 FROM restate)",
    )
}

impl Case {
    /// Gathers the people of messages that nobody has looked through for people yet, and resolves them anew where
    /// they, or what the user says of them, have changed. Does nothing where that is done.
    ///
    /// # Errors
    /// [`CaseError::Locked`] while another process writes; files of the user that cannot be understood.
    pub fn refresh_officials(&self, cancel: &AtomicBool) -> Result<(), CaseError> {
        if self.view()?.officials_are_settled()? {
            return Ok(());
        }
        let (_lock, ledger) = self.writable_ledger("gathering of people")?;
        let reader = self
            .reader
            .get(self.parts())
            .map_err(CaseError::index("open"))?;
        gather(&ledger, &reader, cancel)?;
        settle(self.parts(), &ledger)
    }
}

impl crate::view::View<'_> {
    /// Whether all people are gathered and resolved by what the user says now.
    pub(crate) fn officials_are_settled(&self) -> Result<bool, CaseError> {
        Ok(self.ledger.has_people()?
            && self.ledger.people_word("people_changed")?.as_deref() == Some("0")
            && self.ledger.gathered_up_to()? >= self.ledger.next_ordinal()?
            && self.ledger.people_word("people_stated")?
                == Some(stated::Stated::read(self.case.parts())?.print))
    }
}

/// Whether what the user says of people can be understood: asked before long work, that would end with it.
pub(crate) fn check(folder: &Folder) -> Result<(), CaseError> {
    stated::Stated::read(folder).map(drop)
}

/// Says what is to do first where people were never gathered, or a file of the user has changed since.
pub(crate) fn expect_people(folder: &Folder, ledger: &LedgerFile) -> Result<(), CaseError> {
    let (message, what) = if !ledger.has_people()? {
        (
            "the people of this case were not gathered yet",
            "gathers them, once; so does the next ingest",
        )
    } else if ledger.people_word("people_stated")? != Some(stated::Stated::read(folder)?.print) {
        (
            "`officials.toml` or `agencies.toml` has changed since the people of this case were resolved",
            "takes the change in",
        )
    } else {
        return Ok(());
    };
    Err(CaseError::Official {
        message: message.to_owned(),
        hint: format!("`muckrake officials list` {what}"),
    })
}

/// The places that a role of a query means.
pub(crate) fn places(roles: Roles) -> &'static [Place] {
    match roles {
        Roles::From => &[Place::From],
        Roles::To => &[Place::To],
        Roles::Cc => &[Place::Cc],
        Roles::Bcc => &[Place::Bcc],
        Roles::Any => &Place::HEADER,
    }
}
