//! Pages to be read in a browser without a network: a list of threads, and a page for each.
//!
//! Mail is hostile and these pages are opened by colleagues, so nothing of a mail but its words gets
//! into them: no HTML of it, no image, no address that can be clicked. Each page carries a policy that
//! allows one style sheet and one script, ours, by their hashes, and nothing else. Attachments lie
//! beside as files, under names that no browser runs (see [`attachments`]).

mod attachments;
mod index;
mod message;
mod page;
mod thread;
mod words;

use super::selection::Chosen;
use super::work::Stop;
use super::work::Work;
use crate::CaseError;
use index::Index;
use muckrake_mail::MessageKey;
use page::Frame;

/// One thread of the export.
struct Group<'a> {
    key: MessageKey,
    chosen: &'a [Chosen],
}

impl Group<'_> {
    /// Its page, seen from the folder of the export.
    fn file(&self) -> String {
        format!("threads/{}.html", self.key)
    }
}

/// Writes the pages.
pub(super) fn write(work: &mut Work<'_>) -> Result<(), Stop> {
    let frame = Frame::new();
    let groups = groups(work)?;
    let mut index = Index::new(&frame, work, groups.len());
    for (place, group) in groups.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| groups.get(before));
        let row = thread::write(work, &frame, group, before, groups.get(place + 1))?;
        index.row(work, &row)?;
    }
    Ok(index.finish(work)?)
}

fn groups<'a>(work: &Work<'a>) -> Result<Vec<Group<'a>>, CaseError> {
    let mut groups = Vec::new();
    for chosen in work.chosen.chunk_by(|one, next| one.head == next.head) {
        let head = chosen.first().map_or(0, |one| one.head);
        groups.push(Group {
            key: work.view.ledger.key(head)?.unwrap_or(MessageKey([0; 20])),
            chosen,
        });
    }
    Ok(groups)
}
