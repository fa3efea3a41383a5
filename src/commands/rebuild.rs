//! `muckrake rebuild`

use super::Context;
use super::ingest;
use super::passwords::PasswordArgs;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use clap::Args;
use muckrake_case::Case;

const AFTER_HELP: &str = "\
Examples:
  muckrake rebuild
  muckrake rebuild --ocr
  muckrake --case pier/case rebuild";

/// Make the index again from the sources
///
/// Needed after a change of the case's time zone or after damage to the index. Ids stay the same, and
/// what is known about the releases is kept. The old index serves until the new one is complete.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct RebuildArgs {
    /// Read pages of PDFs that are images with tesseract, if it is installed; what was read before is kept
    #[arg(long)]
    ocr: bool,

    #[command(flatten)]
    passwords: PasswordArgs,
}

/// Makes the index again.
pub(crate) fn run(args: &RebuildArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = Case::open(&context.case)?
        .with_ocr(args.ocr)
        .with_passwords(args.passwords.read()?);
    let summary = context.watch_reading("rebuilding", |counters, cancel| {
        case.rebuild(counters, cancel)
    })?;
    if summary.interrupted {
        context.terminal.note(
            "interrupted; the case is as it was, and a rebuild begins at its beginning again",
        );
        return Ok(ExitStatus::Interrupted);
    }
    ingest::finish(&summary, context)
}
