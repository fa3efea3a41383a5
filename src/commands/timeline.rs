//! `muckrake timeline`

use super::Context;
use super::cells;
use super::links::LinksArgs;
use super::passwords::PasswordArgs;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::render::timeline;
use clap::Args;
use clap::ValueEnum;
use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Event;
use muckrake_case::SeriesRequest;
use muckrake_case::Step;
use muckrake_case::Theme;
use muckrake_case::Timeline;
use std::io;
use std::io::Write;
use std::path::PathBuf;

/// More are not told apart on one drawing.
const MOST_QUERIES: usize = 28;

const AFTER_HELP: &str = "\
A saved query alone, as in --query query:pier, is drawn under its name. To look at a part of the time, ask
for it: 'pier date:2016..2018'.

Events are a CSV file with the columns date (2016-05-11) and label; events.csv in the case folder is taken
by itself.

Examples:
  muckrake timeline 'north pier'
  muckrake timeline --query said:pier --query quoted:pier --by month
  muckrake timeline 'change order' --svg > orders.svg
  muckrake timeline query:pier --events decisions.csv --svg --title 'Mail on the pier' > pier.svg
  muckrake timeline '*' --by year --csv > years.csv";

/// Draw how many messages match over time
///
/// Counts by day, week, month or year, in the days of the case's time zone. Messages without a date are in no
/// period, and are counted below.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct TimelineArgs {
    /// What to count; `*` counts every message
    #[arg(required_unless_present = "queries", value_name = "QUERY")]
    query: Vec<String>,

    /// Count this query too, in a line of its own (can be repeated)
    #[arg(long = "query", value_name = "QUERY")]
    queries: Vec<String>,

    /// Length of a period; without it the shortest of which at most 100 are needed
    #[arg(long, value_name = "STEP", value_enum)]
    by: Option<By>,

    /// Show the events in this CSV file: date, label
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,

    /// Print a drawing for print and screen
    #[arg(long, conflicts_with_all = ["csv", "json"])]
    svg: bool,

    /// With --svg: stand this above it
    #[arg(long, value_name = "TEXT", requires = "svg")]
    title: Option<String>,

    /// With --svg: draw for a light or a dark ground, or for what the screen asks for
    #[arg(
        long,
        value_name = "THEME",
        value_enum,
        requires = "svg",
        default_value = "auto"
    )]
    theme: Ground,

    /// Print a table for a spreadsheet, one row for each period
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// With --csv: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long, requires = "csv")]
    exact: bool,

    /// Print JSON Lines: an object for each period and event, then one with the totals
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    links: LinksArgs,

    #[command(flatten)]
    passwords: PasswordArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// Civil days
    Day,
    /// Weeks from Monday to Sunday
    Week,
    /// Months
    Month,
    /// Years
    Year,
}

impl From<By> for Step {
    fn from(by: By) -> Self {
        match by {
            By::Day => Self::Day,
            By::Week => Self::Week,
            By::Month => Self::Month,
            By::Year => Self::Year,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Ground {
    /// Light on paper, dark on dark screens
    Auto,
    /// Light everywhere
    Light,
    /// Dark everywhere
    Dark,
}

impl From<Ground> for Theme {
    fn from(ground: Ground) -> Self {
        match ground {
            Ground::Auto => Self::Auto,
            Ground::Light => Self::Light,
            Ground::Dark => Self::Dark,
        }
    }
}

/// Counts and draws.
pub(crate) fn run(args: &TimelineArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let case = case.with_passwords(args.passwords.read()?);
    let texts = args.texts()?;
    let mut requests = Vec::with_capacity(texts.len());
    for text in &texts {
        let query = case
            .query(text, today(&zone))
            .map_err(|error| CommandError::in_query(error, text))?;
        let name = name_of(text);
        requests.push(SeriesRequest { name, query });
    }
    let events = args.events(&case)?;
    let by = args.by.map(Step::from);
    let timeline = case
        .timeline(&requests, by, args.links.links(), events)
        .map_err(|error| in_which(&case, &requests, &texts, error))?;
    context.print(|out| args.write(out, &timeline, &texts, context))?;
    for notice in &timeline.notices {
        context.terminal.note(notice);
    }
    let found = timeline.series.iter().any(|series| series.messages > 0);
    if !found {
        context.terminal.note("no message matches");
        return Ok(ExitStatus::NothingFound);
    }
    Ok(ExitStatus::Done)
}

/// An error of a query shows the one that it is of.
fn in_which(
    case: &Case,
    requests: &[SeriesRequest],
    texts: &[String],
    error: CaseError,
) -> CommandError {
    if let CaseError::Query(_) = &error {
        for (request, text) in requests.iter().zip(texts) {
            if let Err(error) = case.count(&request.query) {
                return CommandError::in_query(error, text);
            }
        }
    }
    error.into()
}

/// What a query is called: its text, or the name under which it is saved.
fn name_of(text: &str) -> String {
    let text = text.trim();
    let saved = text
        .strip_prefix("query:")
        .map(|name| name.trim_matches('"'));
    let is_name =
        |name: &&str| !name.contains(['"', '(']) && (!name.contains(' ') || text.ends_with('"'));
    saved.filter(is_name).unwrap_or(text).to_owned()
}

impl TimelineArgs {
    fn texts(&self) -> Result<Vec<String>, CommandError> {
        let mut texts = Vec::new();
        if !self.query.is_empty() {
            texts.push(self.query.join(" "));
        }
        texts.extend(self.queries.iter().cloned());
        if texts.len() > MOST_QUERIES {
            let message = format!(
                "{} queries in one drawing; the most is {MOST_QUERIES}",
                texts.len()
            );
            let hint = "`muckrake terms FILE` counts long lists";
            return Err(CommandError::usage(message).with_hint(hint));
        }
        Ok(texts)
    }

    fn events(&self, case: &Case) -> Result<Vec<Event>, CommandError> {
        let Some(file) = &self.events else {
            return Ok(case.events()?);
        };
        let bytes = std::fs::read(file).map_err(|error| {
            let message = format!("cannot read the events in `{}`", format::path(file));
            CommandError::usage(message).because(error)
        })?;
        Ok(Case::events_from(file, &bytes)?)
    }

    fn write(
        &self,
        out: &mut dyn Write,
        timeline: &Timeline,
        texts: &[String],
        context: &Context,
    ) -> io::Result<()> {
        let layout = &context.terminal.stdout;
        if self.svg {
            let title = self.title.as_deref();
            let svg = muckrake_case::draw_timeline(timeline, title, self.theme.into());
            return out.write_all(svg.as_bytes());
        }
        if self.json {
            return timeline::json_lines(timeline, texts, |line| {
                json::write_line(&mut *out, &line)
            });
        }
        if self.csv {
            return timeline::write_csv(out, timeline, cells(self.exact), layout);
        }
        timeline::write_chart(out, timeline, layout)
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_saved_query_alone_goes_by_its_name() {
        assert_eq!(name_of("query:pier"), "pier");
        assert_eq!(name_of(" query:\"north pier\""), "north pier");
        for text in [
            "query:pier from:anne",
            "-query:pier",
            "query:(a OR b)",
            "query:\"a\" OR query:\"b\"",
        ] {
            assert_eq!(name_of(text), text);
        }
    }
}
