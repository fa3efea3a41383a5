//! `muckrake links`

use super::Context;
use super::query_or_all;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::render::hit::short_id;
use crate::table::Align;
use crate::table::Table;
use clap::Args;
use clap::Subcommand;
use muckrake_case::DifferingText;
use muckrake_case::LinkDetail;
use muckrake_case::LinkPair;
use std::io;
use std::io::Write;

/// Links shown on a terminal unless told otherwise.
const SCREEN: usize = 20;

/// List messages that are one mail in several forms, and say where that is wrong
///
/// A print-out and the mail that it was printed from, or two prints of one mail, are linked where the minute, the people, the
/// subject and the text say so. Lists show linked messages as one row; every id stays. What you reject lies in
/// rejected-links.csv in the case folder, holds at once, and survives a rebuild.
#[derive(Debug, Args)]
pub(crate) struct LinkedArgs {
    #[command(subcommand)]
    command: LinkedCommand,
}

#[derive(Debug, Subcommand)]
enum LinkedCommand {
    List(ListArgs),
    Show(ShowArgs),
    Reject(JudgeArgs),
    Restore(JudgeArgs),
}

const LIST_HELP: &str = "\
Examples:
  muckrake links list
  muckrake links list 'release:mayor dredging'
  muckrake links list --json | jq 'select(.confidence < 0.9)'";

/// List links with what they rest on
///
/// Links between a message that matches and any other. Messages that have the same content under two Message-IDs are linked
/// too and are not listed here: `muckrake show ID` names them.
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Which messages, as in search; all if none is given
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Show at most this many links
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Print JSON Lines: an object for each link
    #[arg(long)]
    json: bool,
}

const SHOW_HELP: &str = "\
Examples:
  muckrake links show 3f2a9c1b 77aa01c2
  muckrake links show 3f2a9c1b 77aa01c2 --json | jq -r '.text[].one'";

/// Show what a link rests on, and the text that differs
///
/// What the first says and the second does not is marked with -, the other way round with +.
#[derive(Debug, Args)]
#[command(after_long_help = SHOW_HELP)]
struct ShowArgs {
    /// Id of one message, or its first 6 digits or more
    one: String,

    /// Id of the other
    other: String,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const JUDGE_HELP: &str = "\
Examples:
  muckrake links reject 3f2a9c1b 77aa01c2
  muckrake links restore 3f2a9c1b 77aa01c2";

/// Say that two linked messages are two mails, or (restore) take that back
#[derive(Debug, Args)]
#[command(after_long_help = JUDGE_HELP)]
struct JudgeArgs {
    /// Id of one message, or its first 6 digits or more
    one: String,

    /// Id of the other
    other: String,
}

/// Lists, shows or judges links.
pub(crate) fn run(args: &LinkedArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    match &args.command {
        LinkedCommand::List(args) => list(args, context),
        LinkedCommand::Show(args) => show(args, context),
        LinkedCommand::Reject(args) => judge(args, true, context),
        LinkedCommand::Restore(args) => judge(args, false, context),
    }
}

fn list(args: &ListArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let text = query_or_all(&args.query);
    let failed = |error| CommandError::in_query(error, &text);
    let query = case.query(&text, today(&zone)).map_err(failed)?;
    let (pairs, notices) = case.links(&query).map_err(failed)?;
    for notice in notices {
        context.terminal.note(&notice);
    }
    if pairs.is_empty() {
        context.terminal.note("no message is linked with another");
        return Ok(ExitStatus::NothingFound);
    }
    let screen = context.terminal.is_interactive() && !args.json;
    let limit = args.limit.or(screen.then_some(SCREEN));
    let count = pairs.len();
    let pairs = &pairs[..count.min(limit.unwrap_or(count))];
    context.print(|out| {
        if args.json {
            return pairs
                .iter()
                .try_for_each(|pair| json::write_line(out, pair));
        }
        let mut table = Table::new(&[
            ("Sure", Align::Right),
            ("One", Align::Left),
            ("Other", Align::Left),
            ("Differs", Align::Right),
            ("Date", Align::Left),
            ("Subject", Align::Left),
        ]);
        for pair in pairs {
            let layout = &context.terminal.stdout;
            let subject = pair.subject.as_deref().unwrap_or_default();
            let rejected = if pair.rejected { "(rejected) " } else { "" };
            table.row(vec![
                format!("{:.0} %", pair.confidence * 100.0),
                short_id(&pair.one.to_string()).to_owned(),
                short_id(&pair.other.to_string()).to_owned(),
                format::count(u64::from(pair.differing)),
                format::list_date(pair.date.as_deref(), None, &zone),
                format!("{rejected}{}", layout.one_line(subject)),
            ]);
        }
        for line in table.lines(context.terminal.stdout.width) {
            writeln!(out, "{line}")?;
        }
        let left = (count - pairs.len()) as u64;
        if left > 0 {
            writeln!(
                out,
                "and {}; --limit shows more",
                format::counted(left, "more link")
            )?;
        }
        Ok(())
    })?;
    Ok(ExitStatus::Done)
}

fn show(args: &ShowArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, _) = context.open()?;
    let link = case.link(&args.one, &args.other)?;
    context.print(|out| {
        if args.json {
            return json::write_line(out, &link);
        }
        write_link(out, &link, context)
    })?;
    Ok(ExitStatus::Done)
}

fn write_link(out: &mut dyn Write, link: &LinkDetail, context: &Context) -> io::Result<()> {
    let faint = context.terminal.stdout.palette.faint;
    let LinkPair {
        one,
        other,
        evidence,
        confidence,
        shared,
        differing,
        rejected,
        ..
    } = &link.pair;
    let fields = [
        ("One", one.to_string()),
        ("Other", other.to_string()),
        ("Sure", format!("{:.0} %", confidence * 100.0)),
        ("Evidence", evidence.join(", ")),
        (
            "Shared text",
            format!(
                "{:.1} % of the shorter, {:.1} % of the longer",
                shared[0] * 100.0,
                shared[1] * 100.0
            ),
        ),
    ];
    for (label, value) in fields {
        writeln!(out, "{faint}{label:<12}{faint:#}{value}")?;
    }
    if *rejected {
        writeln!(out, "{faint}{:<12}{faint:#}rejected", "")?;
    }
    for text in &link.text {
        writeln!(out)?;
        write_differing(out, text, context)?;
    }
    let left = u64::from(*differing).saturating_sub(link.text.len() as u64);
    if left > 0 {
        writeln!(
            out,
            "\n{faint}and in {}{faint:#}",
            format::counted(left, "more place")
        )?;
    }
    Ok(())
}

fn write_differing(out: &mut dyn Write, text: &DifferingText, context: &Context) -> io::Result<()> {
    let layout = &context.terminal.stdout;
    for (mark, side) in [("-", &text.one), ("+", &text.other)] {
        for line in side.lines().filter(|line| !line.trim().is_empty()) {
            writeln!(out, "{mark} {}", layout.one_line(line.trim()))?;
        }
    }
    Ok(())
}

fn judge(args: &JudgeArgs, reject: bool, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, _) = context.open()?;
    let (one, other, changed) = case.reject_link(&args.one, &args.other, reject)?;
    let (one, other) = (one.to_string(), other.to_string());
    let pair = format!("{} and {}", short_id(&one), short_id(&other));
    let text = match (reject, changed) {
        (true, true) => format!("{pair} are told as two mails"),
        (true, false) => format!("{pair} were rejected before"),
        (false, true) => format!("{pair} are linked again, as far as they are alike"),
        (false, false) => format!("{pair} were not rejected"),
    };
    context.say(&text)?;
    if reject && changed {
        context.terminal.hint(&format!(
            "`muckrake links restore {one} {other}` takes it back"
        ));
    }
    Ok(if changed || reject {
        ExitStatus::Done
    } else {
        ExitStatus::NothingFound
    })
}
