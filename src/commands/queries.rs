//! `muckrake queries`

use super::Context;
use super::tables;
use super::tables::ImportFile;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::json;
use clap::Args;
use clap::Subcommand;
use muckrake_case::Case;
use muckrake_case::SavedQuery;
use std::io;
use std::io::Write;

/// Save queries under names, list them, take them out as text, or put some in
///
/// `query:NAME` in a query stands for the saved one. Saved queries are the user's own: they lie in queries.csv in the
/// case folder, which `muckrake terms` takes as it is.
#[derive(Debug, Args)]
pub(crate) struct QueriesArgs {
    #[command(subcommand)]
    command: QueriesCommand,
}

#[derive(Debug, Subcommand)]
enum QueriesCommand {
    Save(SaveArgs),
    Remove(RemoveArgs),
    List(ListArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

const SAVE_HELP: &str = "\
Examples:
  muckrake queries save pier '\"north pier\" OR quay'
  muckrake queries save late 'query:pier after:2018' --notes 'after the contract'
  muckrake search 'query:pier from:anne'";

/// Save a query under a name, in the place of an earlier one
#[derive(Debug, Args)]
#[command(after_long_help = SAVE_HELP)]
struct SaveArgs {
    /// Its name
    name: String,

    /// The query
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,

    /// What to say of it
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
}

const REMOVE_HELP: &str = "\
Examples:
  muckrake queries remove pier";

/// Take a saved query out
#[derive(Debug, Args)]
#[command(after_long_help = REMOVE_HELP)]
struct RemoveArgs {
    /// Its name
    name: String,
}

const LIST_HELP: &str = "\
Examples:
  muckrake queries list
  muckrake queries list --json | jq -r .query";

/// List the saved queries
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Print JSON Lines: an object for each query
    #[arg(long)]
    json: bool,
}

const EXPORT_HELP: &str = "\
Examples:
  muckrake queries export > queries.csv";

/// Print the saved queries as CSV: name, query, notes
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
struct ExportArgs {}

const IMPORT_HELP: &str = "\
Examples:
  muckrake queries import queries.csv
  muckrake queries import queries.csv --replace";

/// Add the queries of a CSV file: name, query, notes
///
/// A name that has another query keeps it, unless --replace is given.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_HELP)]
struct ImportArgs {
    #[command(flatten)]
    file: ImportFile,

    /// Take the file's query where a name has another
    #[arg(long)]
    replace: bool,
}

/// Saves, lists, exports or imports queries.
pub(crate) fn run(args: &QueriesArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    match &args.command {
        QueriesCommand::Save(args) => {
            let new = SavedQuery {
                name: args.name.clone(),
                query: args.query.join(" "),
                notes: args.notes.clone(),
            };
            let before = case
                .save_query(&new, today(&zone))
                .map_err(|error| CommandError::in_query(error, &new.query))?;
            context.say(&format!("saved as {}", new.name))?;
            say_before(
                before.as_ref().filter(|before| before.query != new.query),
                context,
            );
            Ok(ExitStatus::Done)
        }
        QueriesCommand::Remove(args) => {
            let gone = case.remove_query(&args.name)?;
            context.say(&format!("{} is gone", args.name))?;
            say_before(Some(&gone), context);
            Ok(ExitStatus::Done)
        }
        QueriesCommand::List(args) => list(args, &case, context),
        QueriesCommand::Export(_) => tables::print(&case.export_queries()?, context),
        QueriesCommand::Import(args) => {
            let bytes = args.file.read()?;
            let (path, today) = (args.file.path(), today(&zone));
            let summary = case.import_queries(path, &bytes, args.replace, today)?;
            tables::say_imported(&summary, "query", args.replace, context)
        }
    }
}

/// What was replaced, so that it can be saved again.
fn say_before(before: Option<&SavedQuery>, context: &Context) {
    if let Some(before) = before {
        context.terminal.note(&format!("it was: {}", before.query));
    }
}

fn list(args: &ListArgs, case: &Case, context: &Context) -> Result<ExitStatus, CommandError> {
    let (queries, notices) = case.saved_queries()?;
    for notice in notices {
        context.terminal.note(&notice);
    }
    if queries.is_empty() {
        context
            .terminal
            .note("no query is saved yet; `muckrake queries save NAME QUERY` saves one");
        return Ok(ExitStatus::NothingFound);
    }
    context.print(|out| {
        queries.iter().try_for_each(|query| {
            if args.json {
                json::write_versioned(out, query)
            } else {
                write_query(out, query, context)
            }
        })
    })?;
    Ok(ExitStatus::Done)
}

fn write_query(out: &mut dyn Write, query: &SavedQuery, context: &Context) -> io::Result<()> {
    let layout = &context.terminal.stdout;
    let (strong, faint) = (layout.palette.strong, layout.palette.faint);
    let name = layout.one_line(&query.name);
    writeln!(out, "{strong}{name}{strong:#}")?;
    writeln!(out, "    {}", layout.one_line(&query.query))?;
    if let Some(notes) = &query.notes {
        writeln!(out, "    {faint}{}{faint:#}", layout.one_line(notes))?;
    }
    Ok(())
}
