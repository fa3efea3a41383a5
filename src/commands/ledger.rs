//! `muckrake ledger`

use super::Context;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::json;
use crate::render::ledger as render;
use crate::terminal::Layout;
use clap::Args;
use muckrake_case::Ledger;
use std::io;
use std::io::Write;

const AFTER_HELP: &str = "\
Examples:
  muckrake ledger
  muckrake ledger --unread
  muckrake ledger --json | jq 'select(.kind == \"totals\")'";

/// Show what was delivered and what became of it
///
/// Lists the sums of the case and whether they balance, and what could not be read, with its place
/// and what to do about it.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct LedgerArgs {
    /// Print JSON Lines: an object for each source, then the totals
    #[arg(long)]
    json: bool,

    /// List each item that was not read: damaged, encrypted, over a limit, or not yet readable
    #[arg(long)]
    unread: bool,
}

/// Shows the ledger.
pub(crate) fn run(args: &LedgerArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, _) = context.open()?;
    let ledger = case.ledger()?;
    let mut out = context.terminal.output();
    let layout = &context.terminal.stdout;
    if args.json && args.unread {
        let mut ledger = ledger;
        ledger
            .sources
            .retain(|source| !source.unread.is_empty() || !source.unsupported.is_empty());
        write_json(&mut out, &ledger).map_err(CommandError::output)?;
    } else if args.unread {
        let listed =
            render::write_unread(&mut out, &ledger, layout).map_err(CommandError::output)?;
        if listed == 0 {
            context.terminal.note("everything was read");
        }
    } else if args.json {
        write_json(&mut out, &ledger).map_err(CommandError::output)?;
    } else {
        write_text(&mut out, &ledger, layout).map_err(CommandError::output)?;
    }
    out.flush().map_err(CommandError::output)?;
    Ok(ExitStatus::Done)
}

fn write_json(out: &mut dyn Write, ledger: &Ledger) -> io::Result<()> {
    for source in &ledger.sources {
        json::write_line(out, source)?;
    }
    json::write_line(out, &ledger.totals)
}

fn write_text(out: &mut dyn Write, ledger: &Ledger, layout: &Layout) -> io::Result<()> {
    render::write_totals(out, &ledger.totals, layout)?;
    render::write_gaps(out, ledger, layout)
}
