//! Originals: one mailbox, or a file for each message.

use super::manifest::Written;
use super::names;
use super::selection::Chosen;
use super::work::Stop;
use super::work::Work;
use crate::Hit;
use crate::read::sha256;
use muckrake_mail::mbox;
use std::collections::HashSet;

/// Writes one mailbox, escaped as mboxrd (LoC FDD 000385).
pub(super) fn mbox(work: &mut Work<'_>) -> Result<(), Stop> {
    let name = work.stage.main_name();
    let mut file = work.stage.open(&name)?;
    for one in work.chosen {
        work.check()?;
        let hit = work.hit(one)?;
        if let Some(original) = work.original(one, &hit)? {
            file.write(envelope(one, &hit).as_bytes())?;
            let offset = file.length();
            let stored = mbox::escape_rd(&original);
            file.write(&stored)?;
            // A blank line ends a message; without a line end of its own it needs one more.
            let is_ended = original.ends_with(b"\n");
            file.write(if is_ended { b"\n" } else { b"\n\n" })?;
            let written = Written {
                file: file.name(),
                offset: Some(offset),
                bytes: Some(&stored),
                original: Some(sha256(&original)),
                control_number: None,
            };
            work.manifest.item(&hit, one.hit, &written)?;
            work.summary.messages += 1;
        }
        work.done();
    }
    Ok(work.stage.close(file)?)
}

/// The line that begins a message in a mailbox.
fn envelope(one: &Chosen, hit: &Hit) -> String {
    let sender = hit
        .from
        .first()
        .and_then(|person| person.address.as_deref())
        .unwrap_or("MAILER-DAEMON");
    mbox::from_line(sender, one.date.unwrap_or(0))
}

/// Writes each message as a file of its own, byte for byte.
pub(super) fn eml(work: &mut Work<'_>) -> Result<(), Stop> {
    let mut given = HashSet::new();
    for one in work.chosen {
        work.check()?;
        let record = work.view.record(one.ordinal)?;
        let hit = work.view.hit(one.ordinal, &record)?;
        if let Some(original) = work.original(one, &hit)? {
            let ending = names::original_ending(record.print.is_some());
            let name = names::eml(&hit, ending, &mut given);
            work.stage.put(&name, &original)?;
            let written = Written {
                file: &name,
                offset: Some(0),
                bytes: Some(&original),
                original: Some(sha256(&original)),
                control_number: None,
            };
            work.manifest.item(&hit, one.hit, &written)?;
            work.summary.messages += 1;
        }
        work.done();
    }
    Ok(())
}
