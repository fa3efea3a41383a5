//! `muckrake export`

use super::Context;
use super::cells;
use super::links::LinksArgs;
use super::passwords::PasswordArgs;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::progress::Snapshot;
use clap::Args;
use clap::ValueEnum;
use muckrake_case::Case;
use muckrake_case::CaseError;
use muckrake_case::ControlPrefix;
use muckrake_case::ExportFormat;
use muckrake_case::ExportProgress;
use muckrake_case::ExportRequest;
use muckrake_case::ExportSummary;
use muckrake_case::Extent;
use muckrake_case::LoadFileEncoding;
use muckrake_case::Query;
use muckrake_case::SearchOptions;
use muckrake_case::Selection;
use std::collections::HashSet;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;

const AFTER_HELP: &str = "\
Examples:
  muckrake export 'pier contract' --to pier.mbox --format mbox
  muckrake export from:@harbour.example --to harbour/ --format eml --threads
  muckrake export '*' --to all.csv --format csv
  muckrake search pier --json | jq -r .id | muckrake export --ids - --to pier/ --format eml";

/// Take messages out
///
/// Writes the matching messages, or their whole threads, and beside them a manifest with the SHA-256
/// and the place of each. Originals (mbox, eml) come back byte for byte. The target appears when it
/// is whole, not before.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct ExportArgs {
    /// What to take out; `*` takes every message
    #[arg(
        required_unless_present = "ids",
        conflicts_with = "ids",
        value_name = "QUERY"
    )]
    query: Vec<String>,

    /// File to make, or folder for eml, html, dat, attachments and bags
    #[arg(long, value_name = "PATH")]
    to: PathBuf,

    /// Form to write
    #[arg(long, value_enum)]
    format: Form,

    /// Take the whole threads of the messages, and mark the messages; with =hits the messages alone,
    /// thread by thread
    #[arg(
        long,
        value_enum,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "all"
    )]
    threads: Option<Threads>,

    /// Take the messages with the ids in this file, one a line; - reads them from standard input
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,

    /// Replace an earlier export at the target
    #[arg(long)]
    force: bool,

    /// Make it a BagIt bag (RFC 8493): a folder with checksums that anyone can check
    #[arg(long)]
    bag: bool,

    /// With csv and attachments: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long)]
    exact: bool,

    /// With csv and attachments: begin with a byte order mark, by which old spreadsheets know UTF-8
    #[arg(long)]
    bom: bool,

    /// With dat: what control numbers begin with
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,

    /// With dat: how the load file is written
    #[arg(long, value_enum, value_name = "ENCODING")]
    encoding: Option<Encoding>,

    #[command(flatten)]
    links: LinksArgs,

    #[command(flatten)]
    passwords: PasswordArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One mailbox (mboxrd) with the originals
    Mbox,
    /// A folder with each original as a file
    Eml,
    /// A table for a spreadsheet, one row for each message
    Csv,
    /// JSON Lines, one object for each message, schema 1 with bodies
    Json,
    /// A folder of pages to read in a browser without a network; index.html is the first
    Html,
    /// A SQLite database with full text, for Datasette and SQL
    Sqlite,
    /// A production for review platforms: Concordance DAT and Opticon OPT with natives, texts and images
    Dat,
    /// A folder of attachments, each content once, with a list of every place that it is in
    Attachments,
}

impl From<Form> for ExportFormat {
    fn from(form: Form) -> Self {
        match form {
            Form::Mbox => Self::Mbox,
            Form::Eml => Self::Eml,
            Form::Csv => Self::Csv,
            Form::Json => Self::Json,
            Form::Html => Self::Html,
            Form::Sqlite => Self::Sqlite,
            Form::Dat => Self::Dat,
            Form::Attachments => Self::Attachments,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Threads {
    /// Whole threads, with the messages marked
    All,
    /// The messages alone, thread by thread
    Hits,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Encoding {
    /// UTF-8 with a byte order mark
    #[value(name = "utf-8")]
    Utf8,
    /// Windows-1252; a character that it lacks is an error
    #[value(name = "cp1252")]
    Windows1252,
}

/// Takes messages out.
pub(crate) fn run(args: &ExportArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    if args.to.as_os_str() == "-" {
        let message = "an export makes files, it cannot be written to standard output";
        let hint =
            "name a file or folder; `muckrake search --json` and `--csv` write to standard output";
        return Err(CommandError::usage(message).with_hint(hint));
    }
    args.check()?;
    let (case, zone) = context.open()?;
    let export = Export {
        args,
        context,
        case: case.with_passwords(args.passwords.read()?),
    };
    match &args.ids {
        Some(file) => export.ids(read_ids(file)?),
        None => {
            let text = args.query.join(" ");
            let wrong = |error| CommandError::in_query(error, &text);
            let query = export.case.query(&text, today(&zone)).map_err(wrong)?;
            export.matching(&query, &text)
        }
    }
}

impl ExportArgs {
    /// Refuses options that say nothing about the form that is written.
    fn check(&self) -> Result<(), CommandError> {
        let is_table = matches!(self.format, Form::Csv | Form::Attachments);
        let is_production = self.format == Form::Dat;
        let misplaced = [
            (self.exact && !is_table, "--exact", "csv"),
            (self.bom && !is_table, "--bom", "csv"),
            (self.prefix.is_some() && !is_production, "--prefix", "dat"),
            (
                self.encoding.is_some() && !is_production,
                "--encoding",
                "dat",
            ),
        ]
        .into_iter()
        .find_map(|(is_misplaced, option, word)| is_misplaced.then_some((option, word)));
        match misplaced {
            None => Ok(()),
            Some((option, word)) => {
                let message = format!("`{option}` says how `--format {word}` is written");
                let hint = format!("leave it out, or write `--format {word}`");
                Err(CommandError::usage(message).with_hint(hint))
            }
        }
    }

    fn request(&self) -> Result<ExportRequest, CaseError> {
        Ok(ExportRequest {
            to: self.to.clone(),
            format: self.format.into(),
            extent: match self.threads {
                None => Extent::Messages,
                Some(Threads::All) => Extent::Threads,
                Some(Threads::Hits) => Extent::HitsByThread,
            },
            links: self.links.links(),
            force: self.force,
            cells: cells(self.exact),
            byte_order_mark: self.bom,
            prefix: match &self.prefix {
                Some(prefix) => ControlPrefix::new(prefix)?,
                None => ControlPrefix::default(),
            },
            encoding: match self.encoding {
                None | Some(Encoding::Utf8) => LoadFileEncoding::Utf8,
                Some(Encoding::Windows1252) => LoadFileEncoding::Windows1252,
            },
            bag: self.bag,
        })
    }
}

struct Export<'a> {
    args: &'a ExportArgs,
    context: &'a Context,
    case: Case,
}

impl Export<'_> {
    fn matching(&self, query: &Query, text: &str) -> Result<ExitStatus, CommandError> {
        let wrong = |error| CommandError::in_query(error, text);
        let none = SearchOptions {
            limit: Some(0),
            links: self.args.links.links(),
            ..SearchOptions::default()
        };
        let found = self.case.search(query, &none).map_err(wrong)?;
        if found.count == 0 {
            let terminal = &self.context.terminal;
            terminal.note("no message matches; nothing was written");
            for notice in found.notices {
                terminal.note(&notice);
            }
            return Ok(ExitStatus::NothingFound);
        }
        let summary = self
            .write(Selection::Matching { query, text })
            .map_err(wrong)?;
        self.finish(&summary, false)
    }

    /// Bad lines are told and left out; the rest is taken.
    fn ids(&self, mut ids: Vec<String>) -> Result<ExitStatus, CommandError> {
        let terminal = &self.context.terminal;
        let bad = self.case.bad_ids(&ids)?;
        let mut left_out = HashSet::new();
        for (id, error) in &bad {
            terminal.note(&format!("left out: {error}"));
            left_out.insert(id.as_str());
        }
        ids.retain(|id| !left_out.contains(id.as_str()));
        if ids.is_empty() {
            terminal.note("no message has such an id; nothing was written");
            return Ok(ExitStatus::NothingFound);
        }
        let summary = self.write(Selection::Ids(&ids))?;
        self.finish(&summary, !bad.is_empty())
    }

    fn write(&self, selection: Selection<'_>) -> Result<ExportSummary, CaseError> {
        let request = self.args.request()?;
        let progress = ExportProgress::default();
        let look = || Snapshot {
            messages: (progress.total.load(Relaxed), progress.done.load(Relaxed)),
            ..Snapshot::default()
        };
        self.context.watch("exporting", look, |cancel| {
            self.case.export(selection, &request, &progress, cancel)
        })
    }

    fn finish(&self, summary: &ExportSummary, bad_lines: bool) -> Result<ExitStatus, CommandError> {
        let terminal = &self.context.terminal;
        if summary.interrupted {
            terminal.note("interrupted; nothing was written");
            return Ok(ExitStatus::Interrupted);
        }
        if summary.made.is_empty() && summary.missing.is_empty() {
            terminal.note("no message has an attachment; nothing was written");
            return Ok(ExitStatus::NothingFound);
        }
        let mut out = terminal.output();
        let mut text = format!(
            "{}, {}\n",
            format::counted(summary.messages, "message"),
            format::bytes(summary.bytes)
        );
        for path in &summary.made {
            text.push_str(&terminal.stdout.one_line(&format::path(path)));
            text.push('\n');
        }
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(CommandError::output)?;
        for missing in &summary.missing {
            terminal.note(&format!("not written: {missing}"));
        }
        if let Some(unjudged) = &summary.unjudged {
            terminal.note(unjudged);
        }
        let whole = summary.missing.is_empty() && summary.unjudged.is_none() && !bad_lines;
        Ok(if whole {
            ExitStatus::Done
        } else {
            ExitStatus::Incomplete
        })
    }
}

/// The ids in a file, one a line; blank lines and white space around them do not count.
fn read_ids(file: &Path) -> Result<Vec<String>, CommandError> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| {
        CommandError::usage(format!("cannot read the ids in `{}`", format::path(file)))
            .because(error)
    })?;
    let ids: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    if ids.is_empty() {
        return Err(CommandError::usage(format!(
            "there is no id in `{}`",
            format::path(file)
        )));
    }
    Ok(ids)
}
