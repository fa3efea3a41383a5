//! `muckrake terms`

use super::Context;
use super::cells;
use super::links::LinksArgs;
use super::passwords::PasswordArgs;
use super::search::SCREEN;
use super::search::limit;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::json;
use crate::render::terms;
use clap::Args;
use jiff::tz::TimeZone;
use muckrake_case::BadTerm;
use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::Term;
use muckrake_case::TermHit;
use muckrake_case::TermLine;
use muckrake_case::TermOptions;
use muckrake_case::TermReport;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
A text file has a query a line; lines that begin with # are comments. A CSV file names its columns in
its first row: query, and if wanted name and notes.

  north pier                 counted as `muckrake search 'north pier'` counts it
  \"change order\"~3
  from:@harbour.example said:urgent

The columns: messages that the query hits; with their families, that is with what they are attached to
and what is attached to them; threads; unique, hit by no other line of the file; own, where the author's
own words alone match; quoted, where they match only with quotes, signatures and footers.

Examples:
  muckrake terms counsel.txt
  muckrake terms counsel.csv --csv > report.csv
  muckrake terms counsel.txt --json | jq -r 'select(.kind==\"term\") | [.name, .messages] | @tsv'
  muckrake terms counsel.txt --messages --csv > review.csv";

/// Report what each query of a list finds
///
/// Runs the queries of a file in their order and counts what each hits, what only it hits, and by whose
/// words. A line that cannot be read is told with its place, and the others are run.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct TermsArgs {
    /// Text or CSV with the queries; - reads it from standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// List the messages with hits instead, by date, each with the terms that hit it
    #[arg(long)]
    messages: bool,

    /// With --messages: list at most this many; on a terminal 20 without it
    #[arg(long, value_name = "N", value_parser = limit, requires = "messages")]
    limit: Option<usize>,

    /// Name this many of those who wrote most, and of those who got most
    #[arg(long, value_name = "N", default_value_t = 3)]
    correspondents: usize,

    /// Print a table for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    csv: bool,

    /// With --csv: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long, requires = "csv")]
    exact: bool,

    /// Print JSON Lines: an object for each term, then one with the totals
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    links: LinksArgs,

    #[command(flatten)]
    passwords: PasswordArgs,
}

/// Reports on a list of terms.
pub(crate) fn run(args: &TermsArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let list = args.read()?;
    let report = Report {
        args,
        context,
        case: case.with_passwords(args.passwords.read()?),
        options: TermOptions {
            today: today(&zone),
            links: args.links.links(),
            correspondents: args.correspondents,
        },
        zone,
    };
    if args.messages {
        report.messages(&list)
    } else {
        report.counts(&list)
    }
}

impl TermsArgs {
    fn name(&self) -> String {
        match self.file.as_os_str() == "-" {
            true => "standard input".to_owned(),
            false => format::path(&self.file),
        }
    }

    fn read(&self) -> Result<Vec<Result<Term, BadTerm>>, CommandError> {
        let mut bytes = Vec::new();
        let read = match self.file.as_os_str() == "-" {
            true => io::stdin().lock().read_to_end(&mut bytes).map(drop),
            false => std::fs::read(&self.file).map(|read| bytes = read),
        };
        let name = self.name();
        read.map_err(|error| {
            CommandError::usage(format!("cannot read the terms in `{name}`")).because(error)
        })?;
        let extension = self.file.extension().unwrap_or_default();
        let is_table = extension.eq_ignore_ascii_case("csv");
        muckrake_case::read_terms(&bytes, is_table).map_err(|error| {
            CommandError::usage(format!("`{name}`: {error}")).with_hint(error.hint())
        })
    }
}

struct Report<'a> {
    args: &'a TermsArgs,
    context: &'a Context,
    case: Case,
    options: TermOptions,
    zone: TimeZone,
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

impl From<Ended> for CommandError {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Search(error) => error.into(),
            Ended::Output(error) => Self::output(error),
        }
    }
}

impl Report<'_> {
    fn counts(&self, list: &[Result<Term, BadTerm>]) -> Result<ExitStatus, CommandError> {
        let report = self.case.term_report(list, &self.options)?;
        let bad: Vec<&BadTerm> = report
            .lines
            .iter()
            .filter_map(|line| match line {
                TermLine::Bad(bad) => Some(bad),
                TermLine::Counted(..) => None,
            })
            .collect();
        self.say_bad(bad.iter().copied());
        self.context.print(|out| self.write(out, &report))?;
        self.say(&report.notices);
        Ok(status(bad.len(), report.totals.messages))
    }

    fn write(&self, out: &mut dyn Write, report: &TermReport) -> io::Result<()> {
        if self.args.json {
            return terms::json_lines(report, |line| json::write_line(&mut *out, &line));
        }
        let layout = &self.context.terminal.stdout;
        if self.args.csv {
            return terms::write_csv(out, report, cells(self.args.exact), layout);
        }
        terms::write_table(out, report, layout, &self.zone)?;
        let faint = layout.palette.faint;
        let zone = self.case.settings().zone_name();
        writeln!(out, "{faint}days in {zone}{faint:#}")
    }

    fn messages(&self, list: &[Result<Term, BadTerm>]) -> Result<ExitStatus, CommandError> {
        let mut out = self.context.terminal.output();
        if self.args.csv {
            terms::write_hits_header(&mut out).map_err(CommandError::output)?;
        }
        let is_machine = self.args.csv || self.args.json;
        let screen = self.context.terminal.is_interactive() && !is_machine;
        let limit = self.args.limit.or(screen.then_some(SCREEN));
        let mut shown = 0;
        let found = self.case.term_messages(list, &self.options, limit, |hit| {
            shown += 1;
            self.write_hit(&mut out, &hit).map_err(Ended::Output)
        })?;
        if !is_machine {
            self.write_footer(&mut out, shown, found.messages)
                .map_err(CommandError::output)?;
        }
        out.flush().map_err(CommandError::output)?;
        self.say_bad(found.bad.iter());
        self.say(&found.notices);
        Ok(status(found.bad.len(), found.messages))
    }

    /// How many messages there are, and how many of them were shown.
    fn write_footer(&self, out: &mut dyn Write, shown: u64, messages: u64) -> io::Result<()> {
        let total = format::counted(messages, "message");
        let text = match shown < messages {
            true => format!("{} of {total}; more with --limit", format::count(shown)),
            false => total,
        };
        let faint = self.context.terminal.stdout.palette.faint;
        let zone = self.case.settings().zone_name();
        writeln!(out, "{faint}{text}, times in {zone}{faint:#}")
    }

    fn write_hit(&self, out: &mut dyn Write, hit: &TermHit) -> io::Result<()> {
        let layout = &self.context.terminal.stdout;
        if self.args.json {
            json::write_line(out, hit)
        } else if self.args.csv {
            terms::write_hit_row(out, hit, cells(self.args.exact), layout)
        } else {
            terms::write_hit(out, hit, layout, &self.zone)
        }
    }

    fn say_bad<'b>(&self, bad: impl Iterator<Item = &'b BadTerm>) {
        for bad in bad {
            let told = bad.error.render(&bad.text);
            let text = format!(
                "line {} of {}: {}",
                bad.line,
                self.args.name(),
                told.trim_end()
            );
            self.context.terminal.error(&text);
        }
    }

    fn say(&self, notices: &[String]) {
        for notice in notices {
            self.context.terminal.note(notice);
        }
    }
}

fn status(bad: usize, messages: u64) -> ExitStatus {
    match (bad, messages) {
        (0, 0) => ExitStatus::NothingFound,
        (0, _) => ExitStatus::Done,
        _ => ExitStatus::Incomplete,
    }
}
