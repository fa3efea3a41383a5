//! `muckrake search`

use super::Context;
use super::cells;
use super::links::LinksArgs;
use super::passwords::PasswordArgs;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::render::hit;
use crate::terminal::Layout;
use clap::Args;
use clap::ValueEnum;
use jiff::tz::TimeZone;
use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Hit;
use muckrake_case::Query;
use muckrake_case::SCHEMA;
use muckrake_case::SearchOptions;
use muckrake_case::Sort;
use muckrake_case::ThreadHit;
use serde::Serialize;
use std::io;
use std::io::Write;

/// Rows on a terminal, unless `--limit` says otherwise.
pub(super) const SCREEN: usize = 20;
/// Threads asked for at once.
const THREAD_PAGE: usize = 20_000;

const AFTER_HELP: &str = "\
The words of a query are joined with a space; put it in single quotes so that the shell leaves it alone.

  pier contract              both words, also as \"piers\", \"contracted\"
  '\"north pier\"'             the phrase, as written
  'pier OR harbour -budget'  either word, but not budget; (…) groups
  'contract* budgte~1'       beginnings; words with a slip in them
  'from:anne to:@city.example'
  'date:2016-05..2017 has:attachment'
  '*'                        every message

Examples:
  muckrake search '\"north pier\" before:2018'
  muckrake search from:@harbour.example --sort date --limit 50
  muckrake search pier --threads
  muckrake search pier --csv > pier.csv
  muckrake search --json 'subject:contract' | jq -r .id
  muckrake search -- -draft pier";

/// Find messages
///
/// Lists the messages that match, the best first, with the words that matched. The last line tells how
/// many there are. On a terminal 20 rows are shown, elsewhere all.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct SearchArgs {
    /// What to look for; `*` finds every message
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,

    /// Order of the rows: the best first, by date, or by date with the newest first
    #[arg(
        long,
        value_name = "ORDER",
        value_enum,
        default_value = "relevance",
        allow_hyphen_values = true
    )]
    sort: Order,

    /// Show at most this many rows
    #[arg(long, value_name = "N", value_parser = limit)]
    limit: Option<usize>,

    /// Leave out this many rows at the start
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,

    /// List the threads that hold matching messages
    #[arg(long)]
    threads: bool,

    /// Print only how many match
    #[arg(long, conflicts_with = "csv")]
    count: bool,

    /// Print a table for a spreadsheet, one row for each
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// With --csv: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long, requires = "csv")]
    exact: bool,

    /// Print JSON Lines: one object for each, schema 1
    #[arg(long)]
    pub(crate) json: bool,

    /// Print first how the query was understood
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    links: LinksArgs,

    #[command(flatten)]
    passwords: PasswordArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    /// The best first
    Relevance,
    /// By date
    Date,
    /// By date, the newest first
    #[value(name = "-date")]
    DateDescending,
}

/// Reads the number of rows that are wanted.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("the least is 1; `--count` prints only how many match".to_owned()),
        Ok(limit) => Ok(limit),
        Err(_) => Err("not a whole number".to_owned()),
    }
}

impl SearchArgs {
    /// Whether the output is for a program.
    fn is_machine(&self) -> bool {
        self.json || self.csv || self.count
    }

    /// How many rows to show; `None` for all.
    fn rows(&self, context: &Context) -> Option<usize> {
        let screen = context.terminal.is_interactive() && !self.is_machine();
        self.limit.or(screen.then_some(SCREEN))
    }

    fn options(&self, rows: Option<usize>) -> SearchOptions {
        SearchOptions {
            sort: match self.sort {
                Order::Relevance => Sort::Relevance,
                Order::Date => Sort::DateAscending,
                Order::DateDescending => Sort::DateDescending,
            },
            offset: self.offset,
            limit: rows,
            snippets: true,
            // Scripts get every message; so does a list of all of them.
            fold: rows.is_some() && !self.is_machine(),
            links: self.links.links(),
        }
    }
}

/// Searches and lists what was found.
pub(crate) fn run(args: &SearchArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let case = case.with_passwords(args.passwords.read()?);
    let text = args.query.join(" ");
    let search = Search {
        args,
        context,
        case,
        zone,
        text,
    };
    let query = search
        .case
        .query(&search.text, today(&search.zone))
        .map_err(|error| CommandError::in_query(error, &search.text))?;
    if args.explain {
        search.explain(&query)?;
    }
    let found = match (args.count, args.threads) {
        (true, threads) => search.count(&query, threads)?,
        (false, true) => search.threads(&query)?,
        (false, false) => search.messages(&query)?,
    };
    // The system takes back at once what would be given back file by file.
    std::mem::forget(search);
    Ok(if found == 0 {
        ExitStatus::NothingFound
    } else {
        ExitStatus::Done
    })
}

struct Search<'a> {
    args: &'a SearchArgs,
    context: &'a Context,
    case: Case,
    zone: TimeZone,
    text: String,
}

/// Why a list ended before its end.
enum Ended {
    Search(CaseError),
    Output(io::Error),
}

impl From<CaseError> for Ended {
    fn from(error: CaseError) -> Self {
        Self::Search(error)
    }
}

/// What a list has shown when it ends.
#[derive(Default)]
struct Shown {
    count: u64,
    rows: usize,
    linked: bool,
    zone_unknown: bool,
}

impl Shown {
    fn add(&mut self, hit: &Hit) {
        self.rows += 1;
        self.linked |= !hit.linked.is_empty();
        self.zone_unknown |=
            !hit.zone_known && hit.date.is_some() && hit.date_precision.as_deref() != Some("day");
    }
}

/// `{"schema":1,"count":N}`
#[derive(Serialize)]
struct Count {
    schema: u32,
    count: u64,
}

impl Search<'_> {
    fn layout(&self) -> &Layout {
        &self.context.terminal.stdout
    }

    fn failed(&self, error: CaseError) -> CommandError {
        CommandError::in_query(error, &self.text)
    }

    /// The parsed query; beside the output where that is for a program.
    fn explain(&self, query: &Query) -> Result<(), CommandError> {
        let text = query.explain();
        let text = text.trim_end();
        if self.args.is_machine() {
            self.context.terminal.plain(text);
            return Ok(());
        }
        self.context
            .print(|out| writeln!(out, "{}\n", self.layout().lines(text)))
    }

    fn count(&self, query: &Query, threads: bool) -> Result<u64, CommandError> {
        let options = SearchOptions {
            limit: Some(0),
            links: self.args.links.links(),
            ..SearchOptions::default()
        };
        let found = if threads {
            let found = self.case.search_threads(query, &options);
            found.map(|found| (found.count, found.notices))
        } else {
            let found = self.case.search(query, &options);
            found.map(|found| (found.count, found.notices))
        };
        let (count, notices) = found.map_err(|error| self.failed(error))?;
        self.context.print(|out| {
            if self.args.json {
                json::write_line(
                    out,
                    &Count {
                        schema: SCHEMA,
                        count,
                    },
                )
            } else {
                writeln!(out, "{count}")
            }
        })?;
        self.say(notices);
        Ok(count)
    }

    /// What a user must know before trusting a count.
    fn say(&self, notices: Vec<String>) {
        for notice in notices {
            self.context.terminal.note(&notice);
        }
    }

    fn messages(&self, query: &Query) -> Result<u64, CommandError> {
        let rows = self.args.rows(self.context);
        let mut out = self.context.terminal.output();
        let mut shown = Shown::default();
        if self.args.csv {
            hit::write_csv_header(&mut out).map_err(CommandError::output)?;
        }
        let results = self
            .case
            .search_each(query, &self.args.options(rows), |hit| {
                self.write_hit(&mut out, &hit).map_err(Ended::Output)?;
                shown.add(&hit);
                Ok(())
            })
            .map_err(|ended| match ended {
                Ended::Search(error) => self.failed(error),
                Ended::Output(error) => CommandError::output(error),
            })?;
        shown.count = results.count;
        self.say_nothing_found(results.count, &results.suggestions);
        if !self.args.is_machine() {
            self.write_footer(&mut out, &shown, "message")
                .map_err(CommandError::output)?;
        }
        out.flush().map_err(CommandError::output)?;
        self.say(results.notices);
        Ok(shown.count)
    }

    fn write_hit(&self, out: &mut dyn Write, found: &Hit) -> io::Result<()> {
        if self.args.json {
            json::write_line(out, found)
        } else if self.args.csv {
            hit::write_csv_row(out, found, cells(self.args.exact), self.layout())
        } else {
            hit::write_hit(out, found, self.layout(), &self.zone)
        }
    }

    fn threads(&self, query: &Query) -> Result<u64, CommandError> {
        let rows = self.args.rows(self.context);
        let mut out = self.context.terminal.output();
        let mut shown = Shown::default();
        if self.args.csv {
            hit::write_thread_csv_header(&mut out).map_err(CommandError::output)?;
        }
        let notices = loop {
            let wanted = rows.map_or(THREAD_PAGE, |rows| (rows - shown.rows).min(THREAD_PAGE));
            let options = SearchOptions {
                offset: self.args.offset + shown.rows,
                limit: Some(wanted),
                ..self.args.options(rows)
            };
            let found = self
                .case
                .search_threads(query, &options)
                .map_err(|error| self.failed(error))?;
            shown.count = found.count;
            self.say_nothing_found(found.count, &[]);
            for thread in &found.threads {
                self.write_thread(&mut out, thread)
                    .map_err(CommandError::output)?;
            }
            shown.rows += found.threads.len();
            if found.threads.len() < wanted || Some(shown.rows) == rows {
                break found.notices;
            }
        };
        if !self.args.is_machine() {
            self.write_footer(&mut out, &shown, "thread")
                .map_err(CommandError::output)?;
        }
        out.flush().map_err(CommandError::output)?;
        self.say(notices);
        Ok(shown.count)
    }

    fn write_thread(&self, out: &mut dyn Write, thread: &ThreadHit) -> io::Result<()> {
        if self.args.json {
            json::write_line(out, thread)
        } else if self.args.csv {
            hit::write_thread_csv_row(out, thread, cells(self.args.exact), self.layout())
        } else {
            hit::write_thread(out, thread, self.layout(), &self.zone)
        }
    }

    /// How many there are, which of them were shown, and how to see more.
    fn write_footer(&self, out: &mut dyn Write, shown: &Shown, noun: &str) -> io::Result<()> {
        if shown.count == 0 {
            return Ok(());
        }
        let total = format::counted(shown.count, noun);
        let first = self.args.offset + 1;
        let last = self.args.offset + shown.rows;
        let mut text = match shown.rows {
            0 => format!("{total}, none of them after the first {}", self.args.offset),
            _ if shown.rows as u64 == shown.count => total,
            _ => format!(
                "{}–{} of {total}",
                format::count(first as u64),
                format::count(last as u64)
            ),
        };
        if shown.rows > 0 {
            text.push_str(&format!(", times in {}", self.case.settings().zone_name()));
        }
        if shown.zone_unknown {
            text.push_str("; ? where the message does not tell its zone");
        }
        let folds = self.args.options(self.args.rows(self.context)).fold;
        if shown.linked && folds && noun == "message" {
            text.push_str("; linked messages are one row");
        }
        let cut = self.args.rows(self.context) == Some(shown.rows);
        if cut && (last as u64) < shown.count {
            text.push_str(&format!("; more with --offset {last}"));
        }
        let faint = self.layout().palette.faint;
        writeln!(out, "{faint}{text}{faint:#}")
    }

    fn say_nothing_found(&self, count: u64, suggestions: &[String]) {
        if count > 0 {
            return;
        }
        self.context.terminal.note("no message matches");
        if !suggestions.is_empty() {
            self.context
                .terminal
                .hint(&format!("did you mean {}?", suggestions.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_whole_number_above_zero() {
        assert_eq!(limit("20"), Ok(20));
        for bad in ["0", "-1", "x", "1.5"] {
            assert!(limit(bad).is_err(), "{bad}");
        }
    }
}
