//! `muckrake ghosts`

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
use muckrake_case::Ghost;
use muckrake_case::Ghosts;
use std::io;
use std::io::Write;

const AFTER_HELP: &str = "\
Examples:
  muckrake ghosts
  muckrake ghosts 'release:mayor date:2021'
  muckrake ghosts dredging --json | jq -r '[.date, .from.name, .subject] | @tsv'";

/// Rows shown on a terminal unless told otherwise.
const SCREEN: usize = 20;

/// List messages that others quote and that no release holds
///
/// Mail that was answered or passed on and not released: who wrote it, when, to whom and what about, as far as those that
/// quote it tell. Only quotations that tell when, and who or what about, are looked at; an original is looked for by time on any clock,
/// people, subject and words. A ghost is not counted as a message. That it is in no release has innocent causes too.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct GhostsArgs {
    /// Which messages to look for quotations in, as in search; all if none is given
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Show at most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Print JSON Lines: an object for each ghost
    #[arg(long)]
    json: bool,
}

/// Lists ghosts.
pub(crate) fn run(args: &GhostsArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let text = query_or_all(&args.query);
    let failed = |error| CommandError::in_query(error, &text);
    let query = case.query(&text, today(&zone)).map_err(failed)?;
    let found = crate::platform::stoppable(|cancel| case.ghosts(&query, cancel)).map_err(failed)?;
    let screen = context.terminal.is_interactive() && !args.json;
    let count = found.ghosts.len();
    let limit = args.limit.or(screen.then_some(SCREEN)).unwrap_or(count);
    let shown = &found.ghosts[..count.min(limit)];
    context.print(|out| {
        if args.json {
            return shown
                .iter()
                .try_for_each(|ghost| json::write_line(out, ghost));
        }
        write_table(out, shown, &zone, context)?;
        let left = (count - shown.len()) as u64;
        if left > 0 {
            writeln!(out, "and {} more; --limit shows them", format::count(left))?;
        }
        Ok(())
    })?;
    say(&found, context);
    Ok(match (found.interrupted, count) {
        (true, _) => ExitStatus::Interrupted,
        (false, 0) => ExitStatus::NothingFound,
        _ => ExitStatus::Done,
    })
}

fn write_table(
    out: &mut dyn Write,
    ghosts: &[Ghost],
    zone: &jiff::tz::TimeZone,
    context: &Context,
) -> io::Result<()> {
    if ghosts.is_empty() {
        return Ok(());
    }
    let layout = &context.terminal.stdout;
    let mut table = Table::new(&[
        ("Date", Align::Left),
        ("From", Align::Left),
        ("Subject", Align::Left),
        ("Quoted", Align::Right),
        ("in", Align::Left),
    ]);
    for ghost in ghosts {
        let from = ghost.from.as_ref();
        let from = from.and_then(|from| from.name.as_deref().or(from.address.as_deref()));
        let first = ghost.quoted_in.first().map(|place| place.id.to_string());
        table.row(vec![
            format::list_date(ghost.date.as_deref(), ghost.date_precision, zone),
            layout.one_line(from.unwrap_or("(no name)")).into_owned(),
            layout
                .one_line(ghost.subject.as_deref().unwrap_or_default())
                .into_owned(),
            format::count(ghost.quoted_count as u64),
            first.map_or_else(String::new, |id| short_id(&id).to_owned()),
        ]);
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What the list rests on, beside it.
fn say(found: &Ghosts, context: &Context) {
    for notice in &found.notices {
        context.terminal.note(notice);
    }
    if found.interrupted {
        let note = "interrupted; what is told is of the messages looked at so far";
        context.terminal.note(note);
    }
    context.terminal.note(&format!(
        "{}: {} of messages in the case, {} of {} that no release holds, {} that tell too little",
        format::counted(found.quotations, "quotation"),
        format::count(found.released),
        format::count(found.quotations - found.released - found.unclear),
        format::counted(found.ghosts.len() as u64, "message"),
        format::count(found.unclear),
    ));
}
