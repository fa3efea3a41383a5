//! `muckrake ingest`

use super::Context;
use super::passwords::PasswordArgs;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use crate::render::summary;
use clap::Args;
use muckrake_case::Case;
use muckrake_case::IngestRequest;
use muckrake_case::IngestSummary;
use muckrake_case::ReleaseFacts;
use std::io::Write;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  muckrake ingest harbour.mbox --release harbour --agency 'Harbour Authority'
  muckrake ingest ~/releases/city/ --release city --request 2021-17 --date-received 2021-06-30
  muckrake ingest prints.zip --release city --password-file passwords.txt
  muckrake --case pier/case ingest pier/*.zip --release pier --time-zone America/New_York";

/// Index files, folders and archives of a release
///
/// Reads mail of every kind (EML, mbox, Maildir, MH, emlx; plain, compressed, in zip, tar and 7z
/// archives, nested), told by content, not by name. The first ingest makes the case. Running it again
/// reads only what is new. Whatever cannot be read is in the ledger with its place and the reason.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct IngestArgs {
    /// Files and folders to read; they are never written to
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Name of the release that they belong to
    #[arg(long, value_name = "NAME")]
    release: String,

    #[command(flatten)]
    facts: FactsArgs,

    /// Read pages of PDFs that are images with tesseract, if it is installed: a second a page or so
    #[arg(long)]
    ocr: bool,

    #[command(flatten)]
    passwords: PasswordArgs,
}

/// What only the user knows about a release.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FactsArgs {
    /// Agency that delivered it
    #[arg(long, value_name = "NAME")]
    agency: Option<String>,

    /// Number of the request that it answers
    #[arg(long, value_name = "NO")]
    request: Option<String>,

    /// Day on which it came, as YYYY-MM-DD
    #[arg(long, value_name = "D")]
    date_received: Option<String>,

    /// How many messages the agency said there are
    #[arg(long, value_name = "N")]
    promised: Option<u64>,

    /// Time zone of dates that tell none, such as America/New_York
    #[arg(long, value_name = "TZ")]
    time_zone: Option<String>,
}

impl FactsArgs {
    /// The facts as the case takes them.
    pub(crate) fn facts(&self) -> ReleaseFacts {
        ReleaseFacts {
            agency: self.agency.clone(),
            request: self.request.clone(),
            date_received: self.date_received.clone(),
            promised: self.promised,
            time_zone: self.time_zone.clone(),
        }
    }
}

/// Takes a release in.
pub(crate) fn run(args: &IngestArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let request = IngestRequest {
        paths: args.paths.clone(),
        release: args.release.clone(),
        facts: args.facts.facts(),
        passwords: args.passwords.read()?,
    };
    refuse_missing(&request.paths)?;
    let case = Case::open_or_create(&context.case)?.with_ocr(args.ocr);
    let summary = context.watch_reading("ingesting", |counters, cancel| {
        case.ingest(&request, counters, cancel)
    })?;
    finish(&summary, context)
}

/// A path that names nothing is a slip of the hand; the run has not begun and nothing is made.
fn refuse_missing(paths: &[PathBuf]) -> Result<(), CommandError> {
    match paths.iter().find(|path| {
        path.symlink_metadata()
            .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    }) {
        Some(path) => Err(CommandError::usage(format!(
            "there is nothing at `{}`",
            format::path(path)
        ))),
        None => Ok(()),
    }
}

/// Says what was done and ends accordingly; also for `rebuild`.
pub(crate) fn finish(
    summary: &IngestSummary,
    context: &Context,
) -> Result<ExitStatus, CommandError> {
    let terminal = &context.terminal;
    let mut out = terminal.output();
    summary::write_ingest(&mut out, summary, &terminal.stdout)
        .and_then(|()| out.flush())
        .map_err(CommandError::output)?;
    if summary.links > 0 {
        terminal.note(&format!(
            "{} recorded and not followed; to read what one points to, name its target",
            format::counted(summary.links, "symbolic link")
        ));
    }
    if summary.files == 0 && !summary.interrupted {
        terminal.note("there is no file to read at the paths given; a case folder is never read");
        return Ok(ExitStatus::NothingFound);
    }
    if summary.interrupted {
        terminal.note(
            "interrupted; what is counted above is kept, and the same command reads the rest",
        );
        return Ok(ExitStatus::Interrupted);
    }
    if !summary.totals.balanced {
        return Err(CommandError::failed("the sums of the ledger do not balance")
            .with_hint("something was lost: please report this with the output of `muckrake ledger --json`"));
    }
    say_changes(summary, context);
    if summary.unsupported_new > 0 {
        terminal.note(&format!(
            "{} recognised and not yet readable; `muckrake ledger` says what to do meanwhile",
            format::counted(summary.unsupported_new, "item")
        ));
    }
    if summary.unread_new > 0 {
        terminal.note(&format!(
            "{} could not be read; `muckrake ledger --unread` lists them",
            format::counted(summary.unread_new, "item")
        ));
        return Ok(ExitStatus::Incomplete);
    }
    Ok(ExitStatus::Done)
}

fn say_changes(summary: &IngestSummary, context: &Context) {
    if summary.sources_changed > 0 {
        context.terminal.note(&format!(
            "{} changed since they were read; both states are in the case, and `muckrake verify` names them",
            format::counted(summary.sources_changed, "source")
        ));
    }
    for manifest in &summary.own_exports {
        context.terminal.note(&format!(
            "`{}` says that an export of muckrake lies beside it, and that was read as if it had been delivered. If it was not, move it elsewhere, \
             take the release out (`muckrake releases forget NAME`), and ingest it again",
            format::path(manifest)
        ));
    }
    if summary.messages_removed > 0 {
        context.terminal.note(&format!(
            "{} taken out: no copy is left",
            format::counted(summary.messages_removed, "message")
        ));
    }
}
