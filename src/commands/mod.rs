//! The commands: one file each, with its arguments, its help and what it does.

pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod export;
pub(crate) mod footers;
pub(crate) mod ghosts;
pub(crate) mod ingest;
pub(crate) mod ledger;
pub(crate) mod linked;
mod links;
pub(crate) mod man;
pub(crate) mod network;
pub(crate) mod notes;
pub(crate) mod officials;
pub(crate) mod passwords;
pub(crate) mod queries;
pub(crate) mod rebuild;
pub(crate) mod redactions;
pub(crate) mod releases;
pub(crate) mod relocate;
pub(crate) mod search;
pub(crate) mod show;
mod tables;
pub(crate) mod tag;
pub(crate) mod tags;
pub(crate) mod terms;
pub(crate) mod timeline;
pub(crate) mod verify;

use crate::cli::Command;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::progress;
use crate::progress::Snapshot;
use crate::terminal::Terminal;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use muckrake_case::Case;
use muckrake_case::Counters;
use muckrake_case::csv::Cells;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// What every command stands on.
#[derive(Debug)]
pub(crate) struct Context {
    /// The standard streams.
    pub(crate) terminal: Terminal,
    /// Folder of the case.
    pub(crate) case: PathBuf,
}

impl Context {
    /// Opens the case, and looks up the zone in which it counts days.
    fn open(&self) -> Result<(Case, TimeZone), CommandError> {
        let case = Case::open(&self.case)?;
        let zone = case.settings().zone()?;
        Ok((case, zone))
    }

    /// Writes the answer to standard output, to its end.
    fn print<T>(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, CommandError> {
        let mut out = self.terminal.output();
        write(&mut out)
            .and_then(|written| out.flush().map(|()| written))
            .map_err(CommandError::output)
    }

    /// Writes one line for people, with what was named in it made safe.
    fn say(&self, text: &str) -> Result<(), CommandError> {
        self.print(|out| writeln!(out, "{}", self.terminal.stdout.one_line(text)))
    }

    /// Runs a long job and shows how far it is; Ctrl-C asks it to stop.
    fn watch<T>(
        &self,
        label: &str,
        look: impl Fn() -> Snapshot + Sync,
        job: impl FnOnce(&AtomicBool) -> T,
    ) -> T {
        crate::platform::stoppable(|cancel| {
            progress::watch(&self.terminal, label, cancel, look, || job(cancel))
        })
    }

    /// Runs a job that reads sources.
    fn watch_reading<T>(&self, label: &str, job: impl FnOnce(&Counters, &AtomicBool) -> T) -> T {
        let counters = Counters::new();
        let look = || Snapshot {
            files: (counters.files_found(), counters.files_done()),
            bytes: (counters.bytes_found(), counters.bytes_done()),
            messages: (0, counters.messages()),
            current: counters.current(),
        };
        self.watch(label, look, |cancel| job(&counters, cancel))
    }
}

/// The day on which relative dates of a query are counted.
fn today(zone: &TimeZone) -> Date {
    Timestamp::now().to_zoned(zone.clone()).date()
}

/// The text of a query that may be left out; then it is that of all messages.
fn query_or_all(words: &[String]) -> String {
    match words {
        [] => "*".to_owned(),
        words => words.join(" "),
    }
}

/// What becomes of cells that a spreadsheet takes for formulas.
fn cells(exact: bool) -> Cells {
    if exact { Cells::Exact } else { Cells::Safe }
}

/// Runs a command.
pub(crate) fn run(command: &Command, context: &Context) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Ingest(args) => ingest::run(args, context),
        Command::Search(args) => search::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Export(args) => export::run(args, context),
        Command::Tag(args) => tag::run(args, context),
        Command::Tags(args) => tags::run(args, context),
        Command::Notes(args) => notes::run(args, context),
        Command::Queries(args) => queries::run(args, context),
        Command::Timeline(args) => timeline::run(args, context),
        Command::Terms(args) => terms::run(args, context),
        Command::Network(args) => network::run(args, context),
        Command::Redactions(args) => redactions::run(args, context),
        Command::Officials(args) => officials::run(args, context),
        Command::Releases(args) => releases::run(args, context),
        Command::Ghosts(args) => ghosts::run(args, context),
        Command::Links(args) => linked::run(args, context),
        Command::Footers(args) => footers::run(args, context),
        Command::Ledger(args) => ledger::run(args, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Relocate(args) => relocate::run(args, context),
        Command::Rebuild(args) => rebuild::run(args, context),
        Command::Demo(args) => demo::run(args, context),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args, context),
    }
}
