//! `muckrake tags`

use super::Context;
use super::tables;
use super::tables::ImportFile;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::table::Align;
use crate::table::Table;
use clap::Args;
use clap::Subcommand;
use muckrake_case::Case;
use muckrake_case::TagCount;
use std::io;
use std::io::Write;

/// List the tags, take them out as text, or put some in
#[derive(Debug, Args)]
pub(crate) struct TagsArgs {
    #[command(subcommand)]
    command: TagsCommand,
}

#[derive(Debug, Subcommand)]
enum TagsCommand {
    List(ListArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

const LIST_HELP: &str = "\
Examples:
  muckrake tags list
  muckrake tags list --json | jq -r .tag";

/// List the tags with the number of messages that have them
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Print JSON Lines: an object for each tag
    #[arg(long)]
    json: bool,
}

const EXPORT_HELP: &str = "\
Examples:
  muckrake tags export > tags.csv";

/// Print all tags as CSV: id, tag
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
struct ExportArgs {}

const IMPORT_HELP: &str = "\
Examples:
  muckrake tags import tags.csv
  muckrake search pier --json | jq -r '[.id, \"pier\"] | @csv' | sed '1i id,tag' | muckrake tags import -";

/// Add the tags of a CSV file: id, tag
///
/// Ids are given in full. Those of messages that are not in the case are kept for when they are.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_HELP)]
struct ImportArgs {
    #[command(flatten)]
    file: ImportFile,
}

/// Lists, exports or imports tags.
pub(crate) fn run(args: &TagsArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = Case::open(&context.case)?;
    match &args.command {
        TagsCommand::List(args) => list(args, &case, context),
        TagsCommand::Export(_) => tables::print(&case.export_tags()?, context),
        TagsCommand::Import(args) => {
            let summary = case.import_tags(args.file.path(), &args.file.read()?)?;
            tables::say_imported(&summary, "tag", false, context)
        }
    }
}

fn list(args: &ListArgs, case: &Case, context: &Context) -> Result<ExitStatus, CommandError> {
    let (tags, notices) = case.tags()?;
    for notice in notices {
        context.terminal.note(&notice);
    }
    if tags.is_empty() {
        context
            .terminal
            .note("no message is tagged yet; `muckrake tag +NAME QUERY` tags some");
        return Ok(ExitStatus::NothingFound);
    }
    context.print(|out| {
        if args.json {
            tags.iter()
                .try_for_each(|tag| json::write_versioned(out, tag))
        } else {
            write_table(out, &tags, context)
        }
    })?;
    Ok(ExitStatus::Done)
}

fn write_table(out: &mut dyn Write, tags: &[TagCount], context: &Context) -> io::Result<()> {
    let layout = &context.terminal.stdout;
    let has_absent = tags.iter().any(|tag| tag.absent > 0);
    let headings = [
        ("Tag", Align::Left),
        ("Messages", Align::Right),
        ("not in the case", Align::Right),
    ];
    let mut table = Table::new(if has_absent {
        &headings
    } else {
        &headings[..2]
    });
    for tag in tags {
        let mut row = vec![
            layout.one_line(&tag.tag).into_owned(),
            format::count(tag.messages),
        ];
        if has_absent {
            row.push(format::count(tag.absent));
        }
        table.row(row);
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
