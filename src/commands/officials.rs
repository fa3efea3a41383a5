//! `muckrake officials`

use super::Context;
use super::cells;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::render::officials as render;
use clap::Args;
use clap::Subcommand;
use jiff::tz::TimeZone;
use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::OfficialChange;
use muckrake_case::OfficialsRequest;
use muckrake_case::PrivateRequest;
use muckrake_case::Query;
use muckrake_case::csv::Cells;
use serde::Serialize;
use std::io;
use std::io::Write;
use std::path::PathBuf;

/// Rows on a terminal, unless `--limit` says otherwise.
const SCREEN: usize = 20;

/// List the people of the case, and say who is who
///
/// An official is one person with all addresses, directory names and spellings. Strings are joined by evidence, never by a
/// bare name alone; what is only likely is a suggestion that you confirm with `merge` or turn down with `reject`. Your
/// decisions lie in `officials.toml` in the case folder, and each can be taken back.
#[derive(Debug, Args)]
pub(crate) struct OfficialsArgs {
    #[command(subcommand)]
    command: OfficialsCommand,
}

#[derive(Debug, Subcommand)]
enum OfficialsCommand {
    List(ListArgs),
    Show(ShowArgs),
    Suggest(SuggestArgs),
    Private(PrivateArgs),
    Merge(MergeArgs),
    Split(SplitArgs),
    Reject(RejectArgs),
    Import(ImportArgs),
    Export(ExportArgs),
}

const LIST_HELP: &str = "\
Examples:
  muckrake officials list
  muckrake officials list 'pier contract before:2018'
  muckrake officials list --csv > officials.csv";

/// List the officials with what they sent and received, those with most mail first
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Count only messages that match
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// List offices, lists, machines and single words too
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    rows: RowsArgs,
}

const SHOW_HELP: &str = "\
Examples:
  muckrake officials show 'Anne Example'
  muckrake officials show anne@harbour.example --json";

/// Show everything known of one official, and why
#[derive(Debug, Args)]
#[command(after_long_help = SHOW_HELP)]
struct ShowArgs {
    /// A name, whole words of one, an address or an id
    #[arg(value_name = "NAME", required = true)]
    name: Vec<String>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const SUGGEST_HELP: &str = "\
Examples:
  muckrake officials suggest
  muckrake officials merge 3f2a9c1b0d4e 9a1b2c3d4e5f
  muckrake officials reject 3f2a9c1b0d4e 9a1b2c3d4e5f";

/// List who may be one person, those first that would bring most mail together
#[derive(Debug, Args)]
#[command(after_long_help = SUGGEST_HELP)]
struct SuggestArgs {
    #[command(flatten)]
    rows: RowsArgs,
}

const PRIVATE_HELP: &str = "\
Examples:
  muckrake officials private
  muckrake officials private 'contract' --all --csv > outside.csv";

/// List officials who wrote from or to private accounts
///
/// An address is private where it lies outside the domains of the official's agency, and, for those written to, with a mail
/// service where anybody may have one. Addresses of the official's own come first. Whether an address that is only suggested to
/// be the official's is theirs, `officials suggest` asks.
#[derive(Debug, Args)]
#[command(after_long_help = PRIVATE_HELP)]
struct PrivateArgs {
    /// Look only at messages that match
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Count all addresses outside the agency, other agencies and firms too
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    rows: RowsArgs,
}

const MERGE_HELP: &str = "\
Examples:
  muckrake officials merge 'Anne Example' anne99@mail.example
  muckrake officials merge 'Anne Example' --agency 'Harbour Authority'";

/// Confirm that officials are one person, or that one is as it is listed
///
/// Written to `officials.toml`; `officials split` takes it back.
#[derive(Debug, Args)]
#[command(after_long_help = MERGE_HELP)]
struct MergeArgs {
    /// Each a name, an address or an id
    #[arg(value_name = "OFFICIAL", required = true)]
    officials: Vec<String>,

    /// Name to show from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Agency
    #[arg(long, value_name = "NAME")]
    agency: Option<String>,
}

const SPLIT_HELP: &str = "\
Examples:
  muckrake officials split 'Anne Example' anne99@mail.example";

/// Take addresses or names away from an official: they are another's
///
/// Written to `officials.toml`, and never joined again by evidence; `officials merge` takes it back.
#[derive(Debug, Args)]
#[command(after_long_help = SPLIT_HELP)]
struct SplitArgs {
    /// A name, an address or an id
    #[arg(value_name = "OFFICIAL")]
    official: String,

    /// Addresses or names as `officials show` lists them
    #[arg(value_name = "ALIAS", required = true)]
    aliases: Vec<String>,
}

const REJECT_HELP: &str = "\
Examples:
  muckrake officials reject 'Anne Example (anne@city.example)' 'Anne Example (anne@harbour.example)'";

/// Say that two officials are two people, whatever a suggestion says
///
/// Written to `officials.toml`; `officials merge` takes it back.
#[derive(Debug, Args)]
#[command(after_long_help = REJECT_HELP)]
struct RejectArgs {
    /// One official
    #[arg(value_name = "OFFICIAL")]
    one: String,

    /// The other
    #[arg(value_name = "OTHER")]
    other: String,
}

const IMPORT_HELP: &str = "\
Examples:
  muckrake officials import ../other-case/officials.toml";

/// Take in the officials of another case's `officials.toml`
///
/// An official of the same name gets the aliases and facts of both.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_HELP)]
struct ImportArgs {
    /// A file as `officials export` writes it
    file: PathBuf,
}

const EXPORT_HELP: &str = "\
Examples:
  muckrake officials export > officials.toml
  muckrake officials export --all > everybody.toml";

/// Print what you have confirmed and rejected, for another case or to edit
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
struct ExportArgs {
    /// Print all people as they are resolved, not only those confirmed
    #[arg(long)]
    all: bool,
}

/// How rows are wanted.
#[derive(Debug, Args)]
struct RowsArgs {
    /// Show at most this many rows
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Print a table for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// With --csv: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long, requires = "csv")]
    exact: bool,

    /// Print JSON Lines: an object for each row
    #[arg(long)]
    json: bool,
}

impl RowsArgs {
    /// Most rows to print; on a terminal a screenful, unless told otherwise.
    fn limit(&self, context: &Context) -> Option<usize> {
        let screen = context.terminal.is_interactive() && !self.json && !self.csv;
        self.limit.or(screen.then_some(SCREEN))
    }

    /// The first of all rows, as many as are wanted.
    fn first<'a, T>(&self, all: &'a [T], context: &Context) -> &'a [T] {
        let limit = self.limit(context).unwrap_or(usize::MAX);
        &all[..all.len().min(limit)]
    }

    /// Prints rows as JSON, as CSV or for people.
    fn print<T: Serialize>(
        &self,
        rows: &[T],
        context: &Context,
        csv: impl FnOnce(&mut dyn Write, &[T], Cells) -> io::Result<()>,
        people: impl FnOnce(&mut dyn Write, &[T]) -> io::Result<()>,
    ) -> Result<ExitStatus, CommandError> {
        context.print(|out| {
            if self.json {
                rows.iter().try_for_each(|row| json::write_line(out, row))
            } else if self.csv {
                csv(out, rows, cells(self.exact))
            } else {
                people(out, rows)
            }
        })?;
        Ok(ExitStatus::Done)
    }
}

/// Lists officials or changes who is who.
pub(crate) fn run(args: &OfficialsArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    match &args.command {
        OfficialsCommand::List(args) => list(args, context),
        OfficialsCommand::Show(args) => show(args, context),
        OfficialsCommand::Suggest(args) => suggest(args, context),
        OfficialsCommand::Private(args) => private(args, context),
        OfficialsCommand::Merge(args) => {
            let change = refreshed(context)?.merge_officials(
                &args.officials,
                args.name.as_deref(),
                args.agency.as_deref(),
            )?;
            let aliases = format::counted(change.aliases.len() as u64, "address or name")
                .replace("address or names", "addresses or names");
            say(
                context,
                &format!("{} is confirmed, with {aliases}", change.name),
                &change,
            )
        }
        OfficialsCommand::Split(args) => {
            let change = refreshed(context)?.split_official(&args.official, &args.aliases)?;
            say(
                context,
                &format!("{} is not {}", change.name, change.removed.join(" nor ")),
                &change,
            )
        }
        OfficialsCommand::Reject(args) => {
            let change = refreshed(context)?.reject_officials(&args.one, &args.other)?;
            say(
                context,
                &format!("{} and {} are two people", args.one, args.other),
                &change,
            )
        }
        OfficialsCommand::Import(args) => {
            let count = refreshed(context)?.import_officials(&args.file)?;
            say(
                context,
                &format!("{} taken in", format::counted(count as u64, "official")),
                &OfficialChange::default(),
            )
        }
        OfficialsCommand::Export(args) => export(args, context),
    }
}

/// The case with its people gathered and resolved. Where another process writes, or nothing can be written, what is
/// there has to do.
pub(super) fn refreshed(context: &Context) -> Result<Case, CommandError> {
    let case = Case::open(&context.case)?;
    match crate::platform::stoppable(|cancel| case.refresh_officials(cancel)) {
        Ok(()) => {}
        Err(CaseError::Locked { holder, .. }) => {
            context.terminal.note(&format!("{holder} is writing to this case; people of what it adds are known when it has finished"));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(case)
}

fn list(args: &ListArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = refreshed(context)?;
    let zone = case.settings().zone()?;
    let text = args.query.join(" ");
    let query = query(&case, &text, &zone)?;
    let request = OfficialsRequest {
        query: query.as_ref(),
        everything: args.all,
        limit: args.rows.limit(context),
    };
    let found = case
        .officials(&request)
        .map_err(|error| CommandError::in_query(error, &text))?;
    if found.officials.is_empty() {
        context.terminal.note("no official was found");
        return Ok(ExitStatus::NothingFound);
    }
    let layout = &context.terminal.stdout;
    args.rows
        .print(&found.officials, context, render::write_csv, |out, rows| {
            render::write_list(out, rows, found.count, layout, &zone)
        })
}

fn show(args: &ShowArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = refreshed(context)?;
    let zone = case.settings().zone()?;
    let detail = case.official(&args.name.join(" "))?;
    context.print(|out| {
        if args.json {
            json::write_line(out, &detail)
        } else {
            render::write_detail(out, &detail, &context.terminal.stdout, &zone)
        }
    })?;
    Ok(ExitStatus::Done)
}

fn suggest(args: &SuggestArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let suggestions = refreshed(context)?.suggested_officials()?;
    if suggestions.is_empty() {
        context.terminal.note("nobody looks like somebody else");
        return Ok(ExitStatus::NothingFound);
    }
    let shown = args.rows.first(&suggestions, context);
    let (count, layout) = (suggestions.len(), &context.terminal.stdout);
    args.rows.print(
        shown,
        context,
        render::write_suggestions_csv,
        |out, rows| render::write_suggestions(out, rows, count, layout),
    )
}

fn private(args: &PrivateArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = refreshed(context)?;
    let zone = case.settings().zone()?;
    let text = args.query.join(" ");
    let query = query(&case, &text, &zone)?;
    let request = PrivateRequest {
        query: query.as_ref(),
        everything: args.all,
    };
    let accounts = case
        .private_accounts(&request)
        .map_err(|error| CommandError::in_query(error, &text))?;
    if accounts.is_empty() {
        context
            .terminal
            .note("no official wrote from or to a private account");
        return Ok(ExitStatus::NothingFound);
    }
    let shown = args.rows.first(&accounts, context);
    let (count, layout) = (accounts.len(), &context.terminal.stdout);
    args.rows
        .print(shown, context, render::write_private_csv, |out, rows| {
            render::write_private(out, rows, count, layout, &zone)
        })
}

/// A query that may be left out.
pub(super) fn query(
    case: &Case,
    text: &str,
    zone: &TimeZone,
) -> Result<Option<Query>, CommandError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let query = case
        .query(text, today(zone))
        .map_err(|error| CommandError::in_query(error, text))?;
    Ok(Some(query))
}

fn export(args: &ExportArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let text = refreshed(context)?.export_officials(args.all)?.to_text()?;
    context.print(|out| out.write_all(text.as_bytes()))?;
    Ok(ExitStatus::Done)
}

/// Says what was changed and how to take it back.
fn say(context: &Context, text: &str, change: &OfficialChange) -> Result<ExitStatus, CommandError> {
    context.say(text)?;
    for line in &change.undo {
        let words: Vec<String> = line.iter().map(|word| format::shell_word(word)).collect();
        context
            .terminal
            .hint(&format!("take it back with `muckrake {}`", words.join(" ")));
    }
    Ok(ExitStatus::Done)
}
