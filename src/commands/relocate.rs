//! `muckrake relocate`

use super::Context;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use clap::Args;
use muckrake_case::Case;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  muckrake relocate /media/old-disk/releases ~/releases
  muckrake relocate harbour.mbox archive/harbour.mbox";

/// Say where moved sources are now
///
/// OLD is a source or a folder of sources as the case knows it, NEW where it is now. Every file is
/// compared with its recorded hash first; one that differs is left as it was.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct RelocateArgs {
    /// Where the case looks for them
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// Where they are now
    #[arg(value_name = "NEW")]
    new: PathBuf,
}

/// Follows moved sources.
pub(crate) fn run(args: &RelocateArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = Case::open(&context.case)?;
    let summary = case.relocate(&args.old, &args.new)?;
    context.print(|out| {
        writeln!(
            out,
            "{} found in the new place",
            format::counted(summary.moved, "source")
        )
    })?;
    if summary.named > 0 {
        context.terminal.note(&format!(
            "the ledger is damaged, so the new place of {} is recorded for `muckrake rebuild`, which compares what lies there",
            format::counted(summary.named, "path")
        ));
    }
    for path in &summary.not_found {
        context.terminal.note(&format!(
            "left as it was, nothing with the same bytes is in the new place: {}",
            format::path(path)
        ));
    }
    Ok(if summary.not_found.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Incomplete
    })
}
