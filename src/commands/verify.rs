//! `muckrake verify`

use super::Context;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::progress::Snapshot;
use crate::terminal::Layout;
use clap::Args;
use muckrake_case::Case;
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

/// Compare every source with its recorded hash
///
/// Reads every source again. Ends with exit code 3 where one is changed, missing or unreadable.
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
    let (checks, interrupted) = context.watch("verifying", look, |cancel| {
        (case.verify(&progress, cancel), cancel.load(Relaxed))
    });
    let checks = checks?;
    let mut out = context.terminal.output();
    let differing = write_checks(&mut out, &checks, &context.terminal.stdout)
        .and_then(|differing| out.flush().map(|()| differing))
        .map_err(CommandError::output)?;
    if interrupted {
        context
            .terminal
            .note("interrupted; the rest of the sources was not compared");
        return Ok(ExitStatus::Interrupted);
    }
    if differing == 0 {
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
