//! `muckrake footers`

use super::Context;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use clap::Args;
use clap::Subcommand;
use muckrake_case::Case;
use muckrake_case::Footer;
use muckrake_case::FooterChange;
use muckrake_case::FooterState;
use std::io;
use std::io::Write;

/// Learn, list and judge the footers of the case
///
/// A footer is a paragraph at the start or the end of many messages that nobody wrote for them: a notice, a
/// banner, a slogan. `said:` does not look in footers, and hits in them come last; `body:` looks in them too.
#[derive(Debug, Args)]
pub(crate) struct FootersArgs {
    #[command(subcommand)]
    command: FootersCommand,
}

#[derive(Debug, Subcommand)]
enum FootersCommand {
    Learn(LearnArgs),
    List(ListArgs),
    Reject(JudgeArgs),
    Accept(JudgeArgs),
}

const LEARN_HELP: &str = "\
Examples:
  muckrake footers learn
  muckrake footers list";

/// Learn footers from the messages of the case
///
/// What stands at the edge of 5 messages or more, and of one in 200, is taken for a footer where it has words of
/// notices and is of two senders or in three threads, or where it ends messages of three senders. The messages
/// that have a new one are indexed again.
#[derive(Debug, Args)]
#[command(after_long_help = LEARN_HELP)]
struct LearnArgs {}

const LIST_HELP: &str = "\
Examples:
  muckrake footers list
  muckrake footers list --json | jq -r .text";

/// List the footers that were learned, the most frequent first
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Print JSON Lines: an object for each footer
    #[arg(long)]
    json: bool,
}

const JUDGE_HELP: &str = "\
Examples:
  muckrake footers reject 3f2a9c1b
  muckrake footers accept 3f2a9c1b";

/// Say that a paragraph is a footer, or (reject) that it is none
///
/// What is said here stays, whatever is learned later, and through a rebuild. The messages that have the paragraph are
/// indexed again.
#[derive(Debug, Args)]
#[command(after_long_help = JUDGE_HELP)]
struct JudgeArgs {
    /// Its fingerprint as `footers list` gives it, or the beginning of it
    print: String,
}

/// Learns, lists or judges footers.
pub(crate) fn run(args: &FootersArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    match &args.command {
        FootersCommand::List(args) => list(args, context),
        FootersCommand::Learn(_) => {
            let change = crate::platform::stoppable(|cancel| {
                Case::open(&context.case)?.learn_footers(cancel)
            })?;
            let new = format::counted(change.new as u64, "new footer");
            say(context, &new, change)
        }
        FootersCommand::Reject(args) => judge(&args.print, false, context),
        FootersCommand::Accept(args) => judge(&args.print, true, context),
    }
}

fn judge(print: &str, is_footer: bool, context: &Context) -> Result<ExitStatus, CommandError> {
    let change = crate::platform::stoppable(|cancel| {
        Case::open(&context.case)?.judge_footer(print, is_footer, cancel)
    })?;
    let what = if is_footer { "A footer" } else { "No footer" };
    say(context, what, change)
}

fn list(args: &ListArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let footers = Case::open(&context.case)?.footers()?;
    if footers.is_empty() {
        context
            .terminal
            .note("no footer was learned yet; `muckrake footers learn` looks for them");
        return Ok(ExitStatus::NothingFound);
    }
    context.print(|out| {
        footers.iter().try_for_each(|footer| {
            if args.json {
                json::write_versioned(out, footer)
            } else {
                write_footer(out, footer, context)
            }
        })
    })?;
    Ok(ExitStatus::Done)
}

fn write_footer(out: &mut dyn Write, footer: &Footer, context: &Context) -> io::Result<()> {
    let layout = &context.terminal.stdout;
    let faint = layout.palette.faint;
    let state = match footer.state {
        FooterState::Learned => "learned",
        FooterState::Accepted => "accepted",
        FooterState::Rejected => "rejected",
    };
    let count = format::counted(u64::from(footer.messages), "message");
    let senders = format::counted(footer.senders as u64, "sender");
    writeln!(
        out,
        "{}  {state:8}  {faint}{count}, {senders}{faint:#}",
        footer.print
    )?;
    let text = crate::table::shorten(
        &layout.one_line(&footer.text),
        layout.width.saturating_sub(2),
    );
    writeln!(out, "  {text}")
}

fn say(context: &Context, what: &str, change: FooterChange) -> Result<ExitStatus, CommandError> {
    let again = format::counted(change.messages, "message");
    context.print(|out| writeln!(out, "{what}; {again} indexed again"))?;
    if change.unreadable == 0 {
        return Ok(ExitStatus::Done);
    }
    let left = format::counted(change.unreadable, "message");
    context.terminal.note(&format!(
        "{left} cannot be read from the source now; the next ingest tries again"
    ));
    Ok(ExitStatus::Incomplete)
}
