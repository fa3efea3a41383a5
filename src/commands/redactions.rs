//! `muckrake redactions`

use super::Context;
use super::cells;
use super::officials;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::json;
use crate::render::redactions as render;
use clap::Args;
use clap::ValueEnum;
use muckrake_case::Case;
use muckrake_case::RedactionsBy;
use std::io::Write;

/// Rows on a terminal, unless `--limit` says otherwise.
const SCREEN: usize = 20;

const AFTER_HELP: &str = "\
A code is written as `redaction:` takes it: b6, b7c, 872b, 14d; where a mark has no code, the word of the mark stands.
Counts are of messages that have the code, and of marks in them. A message of several officials or in several releases
counts for each.

Examples:
  muckrake redactions
  muckrake redactions 'date:2011' --by release
  muckrake redactions 'redaction:b5' --by official --csv > b5.csv";

/// Count what was taken out, by exemption code, official or release
///
/// Lists how many messages have redactions of each code, and how many marks there are.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct RedactionsArgs {
    /// Messages to look at; all if none is given
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Count each code by this too
    #[arg(long, value_name = "WHAT", value_enum, default_value = "code")]
    by: By,

    /// Show at most this many rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Print JSON Lines: one object for each row
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print a table for a spreadsheet
    #[arg(long)]
    csv: bool,

    /// With --csv: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long, requires = "csv")]
    exact: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// Nothing else
    Code,
    /// Each official who wrote or got the message
    Official,
    /// Each release that the message lies in
    Release,
}

impl From<By> for RedactionsBy {
    fn from(by: By) -> Self {
        match by {
            By::Code => Self::Code,
            By::Official => Self::Official,
            By::Release => Self::Release,
        }
    }
}

/// Counts redactions.
pub(crate) fn run(args: &RedactionsArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = match args.by {
        By::Official => officials::refreshed(context)?,
        By::Code | By::Release => Case::open(&context.case)?,
    };
    let zone = case.settings().zone()?;
    let text = args.query.join(" ");
    let query = officials::query(&case, &text, &zone)?;
    let mut found = case
        .redactions(query.as_ref(), args.by.into(), today(&zone))
        .map_err(|error| CommandError::in_query(error, &text))?;
    if found.rows.is_empty() {
        context
            .terminal
            .note("these messages have no marks of redaction");
        return Ok(ExitStatus::NothingFound);
    }
    let mut out = context.terminal.output();
    let table = !args.json && !args.csv;
    let screen = (table && context.terminal.is_interactive()).then_some(SCREEN);
    let limit = args.limit.or(screen).unwrap_or(usize::MAX);
    let rows = found.rows.len();
    found.rows.truncate(limit);
    let written = if args.json {
        found
            .rows
            .iter()
            .try_for_each(|row| json::write_line(&mut out, row))
    } else if args.csv {
        render::write_csv(&mut out, &found, cells(args.exact))
    } else {
        render::write_table(&mut out, &found, rows, &context.terminal.stdout)
    };
    written
        .and_then(|()| out.flush())
        .map_err(CommandError::output)?;
    Ok(ExitStatus::Done)
}
