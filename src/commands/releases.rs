//! `muckrake releases`

use super::Context;
use super::ingest::FactsArgs;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::render::summary;
use clap::Args;
use clap::Subcommand;
use muckrake_case::Case;

/// List the releases, or change what is known about them
#[derive(Debug, Args)]
pub(crate) struct ReleasesArgs {
    #[command(subcommand)]
    command: ReleasesCommand,
}

#[derive(Debug, Subcommand)]
enum ReleasesCommand {
    List(ListArgs),
    Set(SetArgs),
    Rename(RenameArgs),
    Forget(ForgetArgs),
}

const LIST_HELP: &str = "\
Examples:
  muckrake releases list
  muckrake releases list --json | jq .promised";

/// List the releases with their counts, date spans and overlaps
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Print JSON Lines: an object for each release
    #[arg(long)]
    json: bool,
}

const SET_HELP: &str = "\
Examples:
  muckrake releases set harbour --agency 'Harbour Authority' --promised 4294
  muckrake releases set city --date-received 2021-06-30 --time-zone America/New_York";

/// Record facts about a release
///
/// Facts that are not named stay as they are.
#[derive(Debug, Args)]
#[command(after_long_help = SET_HELP)]
#[group(id = "fact", required = true, multiple = true, args = ["agency", "request", "date_received", "promised", "time_zone"])]
struct SetArgs {
    /// Name of the release
    name: String,

    #[command(flatten)]
    facts: FactsArgs,
}

const RENAME_HELP: &str = "\
Examples:
  muckrake releases rename harbour harbour-2021";

/// Give a release another name
#[derive(Debug, Args)]
#[command(after_long_help = RENAME_HELP)]
struct RenameArgs {
    /// Its name so far
    old: String,

    /// Its new name
    new: String,
}

const FORGET_HELP: &str = "\
Examples:
  muckrake releases forget harbour";

/// Take a release out of the case again
///
/// Takes out its copies, and the messages that no other release holds. The released files
/// themselves are left alone, and can be ingested again.
#[derive(Debug, Args)]
#[command(after_long_help = FORGET_HELP)]
struct ForgetArgs {
    /// Name of the release
    name: String,
}

/// Lists or changes releases.
pub(crate) fn run(args: &ReleasesArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    match &args.command {
        ReleasesCommand::List(args) => list(args, context),
        ReleasesCommand::Set(args) => {
            Case::open(&context.case)?.set_release(&args.name, &args.facts.facts())?;
            say(context, &format!("Release {}: recorded", args.name))
        }
        ReleasesCommand::Rename(args) => {
            Case::open(&context.case)?.rename_release(&args.old, &args.new)?;
            say(
                context,
                &format!("Release {} is now {}", args.old, args.new),
            )
        }
        ReleasesCommand::Forget(args) => forget(args, context),
    }
}

fn list(args: &ListArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let releases = case.releases()?;
    if releases.is_empty() {
        context.terminal.note("this case holds no release yet");
        return Ok(ExitStatus::NothingFound);
    }
    context.print(|out| {
        if args.json {
            releases
                .iter()
                .try_for_each(|release| json::write_line(out, release))
        } else {
            summary::write_releases(out, &releases, &context.terminal.stdout, &zone)
        }
    })?;
    Ok(ExitStatus::Done)
}

fn forget(args: &ForgetArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let gone = Case::open(&context.case)?.forget_release(&args.name)?;
    let text = format!(
        "Release {} is forgotten: {}, {} and {} taken out",
        args.name,
        format::counted(gone.sources, "source"),
        format::counted(gone.copies, "copy"),
        format::counted(gone.messages, "message")
    );
    say(context, &text)
}

fn say(context: &Context, text: &str) -> Result<ExitStatus, CommandError> {
    context.say(text)?;
    Ok(ExitStatus::Done)
}
