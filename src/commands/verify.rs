//! `muckrake verify`

use super::Context;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::progress::Snapshot;
use crate::terminal::Layout;
use clap::Args;
use muckrake_case::Case;
use muckrake_case::PartCheck;
use muckrake_case::SourceCheck;
use muckrake_case::SourceState;
use muckrake_case::VerifyProgress;
use std::io;
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;

const AFTER_HELP: &str = "\
Examples:
  muckrake verify
  muckrake --case pier/case verify";

/// Compare every source with its recorded hash, and the case with its checksums
///
/// Reads every source again, and all of the case itself: ledger, index and the copies of large
/// compressed streams. Ends with exit code 3 where a source is changed, missing or unreadable or a
/// part of the case is damaged or cannot be told, and with 4 where the ledger is so that no source can be compared.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct VerifyArgs {}

/// Compares the sources with the ledger.
pub(crate) fn run(_args: &VerifyArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = Case::open(&context.case)?;
    let progress = VerifyProgress::default();
    let look = || Snapshot {
        bytes: (
            progress.bytes_total.load(Relaxed),
            progress.bytes_done.load(Relaxed),
        ),
        ..Snapshot::default()
    };
    let (damaged, checks, interrupted) = context.watch("verifying", look, |cancel| {
        let damaged = case.verify_parts(cancel);
        let checks = damaged.is_ok().then(|| case.verify(&progress, cancel));
        (damaged, checks, cancel.load(Relaxed))
    });
    let damaged = damaged?;
    context.print(|out| write_damage(out, &damaged, &context.terminal.stdout))?;
    let checks = checks.transpose()?.unwrap_or_default();
    let differing = context.print(|out| write_checks(out, &checks, &context.terminal.stdout))?;
    if !damaged.is_empty() {
        context
            .terminal
            .hint("`muckrake rebuild` makes ledger and index again from the sources");
    }
    if interrupted {
        context
            .terminal
            .note("interrupted; the rest of the sources was not compared");
        return Ok(ExitStatus::Interrupted);
    }
    let sealed = case.is_sealed();
    if !sealed {
        context.terminal.note(
            "the case holds no checksum of its ledger, since a writer is at work or did not come to its end: \
             what else was changed in the ledger cannot be told; the next `ingest` leaves one",
        );
    }
    if differing == 0 && damaged.is_empty() && sealed {
        return Ok(ExitStatus::Done);
    }
    if checks
        .iter()
        .any(|check| matches!(check.state, SourceState::Missing))
    {
        context
            .terminal
            .hint("if sources have moved, say where with `muckrake relocate OLD NEW`");
    }
    Ok(ExitStatus::Incomplete)
}

/// Lists what of the case is damaged.
fn write_damage(out: &mut dyn Write, damaged: &[PartCheck], layout: &Layout) -> io::Result<()> {
    for part in damaged {
        let path = part.path.to_string_lossy();
        writeln!(out, "{:<10}  {}", "damaged", layout.one_line(&path))?;
        writeln!(out, "{:<10}  {}", "", layout.one_line(&part.reason))?;
    }
    match damaged.len() as u64 {
        0 => Ok(()),
        count => writeln!(
            out,
            "{} of the case",
            format::counted(count, "damaged part")
        ),
    }
}

/// Lists what differs; returns how many.
fn write_checks(out: &mut dyn Write, checks: &[SourceCheck], layout: &Layout) -> io::Result<u64> {
    let mut differing = 0;
    for check in checks {
        let (word, detail) = match &check.state {
            SourceState::Same => continue,
            SourceState::Changed { found } => ("changed", format!("now SHA-256 {found}")),
            SourceState::Missing => ("missing", "nothing is there any more".to_owned()),
            SourceState::Unreadable { reason } => ("unreadable", reason.clone()),
        };
        differing += 1;
        writeln!(out, "{word:<10}  {}", layout.one_line(&check.source))?;
        writeln!(
            out,
            "{:<10}  release {}",
            "",
            layout.one_line(&check.release)
        )?;
        writeln!(out, "{:<10}  recorded as SHA-256 {}", "", check.sha256)?;
        writeln!(out, "{:<10}  {}", "", layout.one_line(&detail))?;
    }
    let same = checks.len() as u64 - differing;
    match (same, differing) {
        (same, 0) => writeln!(out, "{} as recorded", format::counted(same, "source"))?,
        (same, _) => writeln!(
            out,
            "{} as recorded, {} not",
            format::counted(same, "source"),
            format::count(differing)
        )?,
    }
    Ok(differing)
}
