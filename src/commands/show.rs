//! `muckrake show`

use super::Context;
use super::links::LinksArgs;
use super::passwords::PasswordArgs;
use crate::error::CommandError;
use crate::escape;
use crate::escape::Target;
use crate::exit::ExitStatus;
use crate::json;
use crate::render::message;
use crate::render::thread::ThreadWriter;
use crate::terminal::Layout;
use clap::Args;
use jiff::tz::TimeZone;
use muckrake_case::Case;
use muckrake_case::CaseError;
use std::io;
use std::io::Write;

const AFTER_HELP: &str = "\
Examples:
  muckrake show 3f2a9c1b
  muckrake show 3f2a9c1b --thread
  muckrake show 3f2a9c1b --raw > message.eml
  muckrake show 3f2a9c1b --raw --stored | sha256sum
  muckrake show 3f2a9c1b --part 2 > attachment.pdf";

/// Read messages
///
/// Shows messages with all that is known about them, and ends with where each copy is from: release,
/// source, bytes and SHA-256. An id may be shortened to 6 or more of its digits.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct ShowArgs {
    /// Ids of the messages, as `search` lists them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Show the whole thread
    #[arg(long, conflicts_with_all = ["raw", "headers", "part"])]
    thread: bool,

    /// Write the original bytes, exactly; a mailbox's escapes of `From ` lines are undone
    #[arg(long, conflicts_with_all = ["headers", "part", "json"])]
    raw: bool,

    /// With --raw: leave the bytes as they stand in the source, as the SHA-256 covers them
    #[arg(long, requires = "raw")]
    stored: bool,

    /// Show every header field, in the order of the message
    #[arg(long, conflicts_with_all = ["part", "json"])]
    headers: bool,

    /// Write the decoded bytes of one part, such as an attachment
    #[arg(long, value_name = "N", conflicts_with = "json")]
    part: Option<String>,

    /// Print JSON Lines: one object for each message, schema 1
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    links: LinksArgs,

    #[command(flatten)]
    passwords: PasswordArgs,
}

/// Shows messages. One that is not there does not keep the others from being shown.
pub(crate) fn run(args: &ShowArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (case, zone) = context.open()?;
    let case = case.with_passwords(args.passwords.read()?);
    let show = Show {
        args,
        context,
        case,
        zone,
    };
    let mut out = context.terminal.output();
    let mut status = ExitStatus::Done;
    for (position, id) in args.ids.iter().enumerate() {
        match show.one(&mut out, id, position) {
            Ok(()) => {}
            Err(error) if error.is_closed_pipe() => return Err(error),
            Err(error) => {
                out.flush().map_err(CommandError::output)?;
                error.report(&context.terminal);
                status = status.max(error.status());
            }
        }
    }
    out.flush().map_err(CommandError::output)?;
    Ok(status)
}

struct Show<'a> {
    args: &'a ShowArgs,
    context: &'a Context,
    case: Case,
    zone: TimeZone,
}

impl Show<'_> {
    fn layout(&self) -> &Layout {
        &self.context.terminal.stdout
    }

    fn one(&self, out: &mut dyn Write, id: &str, position: usize) -> Result<(), CommandError> {
        if self.args.raw {
            let bytes = self.case.raw(id, self.args.stored)?;
            return self.write_bytes(out, &bytes);
        }
        if let Some(part) = &self.args.part {
            let bytes = self.case.part(id, part)?;
            return self.write_bytes(out, &bytes);
        }
        if self.args.headers {
            let headers = self.case.headers(id)?;
            return headers
                .iter()
                .try_for_each(|header| {
                    let layout = self.layout();
                    let faint = layout.palette.faint;
                    let (name, value) =
                        (layout.one_line(header.name), layout.one_line(header.value));
                    writeln!(out, "{faint}{name}:{faint:#} {value}")
                })
                .map_err(CommandError::output);
        }
        if self.args.thread {
            if !self.args.json {
                self.write_rule(out, position)
                    .map_err(CommandError::output)?;
            }
            return self.write_thread(out, id);
        }
        let view = self.case.message(id)?;
        if self.args.json {
            json::write_line(out, &view).map_err(CommandError::output)?;
        } else {
            self.write_rule(out, position)
                .and_then(|()| message::write_message(out, &view, self.layout(), &self.zone))
                .map_err(CommandError::output)?;
        }
        // After the message, which may be long.
        out.flush().map_err(CommandError::output)?;
        for notice in self.case.source_notices(&view.hit.id.to_string())? {
            self.context.terminal.note(&notice);
        }
        Ok(())
    }

    /// Bytes as they are, but for a terminal, which would obey them.
    fn write_bytes(&self, out: &mut dyn Write, bytes: &[u8]) -> Result<(), CommandError> {
        if !self.context.terminal.is_interactive() {
            return out.write_all(bytes).map_err(CommandError::output);
        }
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let safe = escape::lines(&text, Target::Terminal);
        if safe.as_bytes() != bytes {
            self.context
                .terminal
                .note("shown for reading; redirect the output to a file to have the exact bytes");
        }
        out.write_all(safe.as_bytes()).map_err(CommandError::output)
    }

    /// Between one message and the next.
    fn write_rule(&self, out: &mut dyn Write, position: usize) -> io::Result<()> {
        if position == 0 {
            return Ok(());
        }
        let faint = self.layout().palette.faint;
        writeln!(
            out,
            "\n{faint}{}{faint:#}\n",
            "─".repeat(self.layout().width.min(72))
        )
    }

    fn write_thread(&self, out: &mut dyn Write, id: &str) -> Result<(), CommandError> {
        let thread = self.case.thread(id, self.args.links.links())?;
        if self.args.json {
            return thread
                .for_each(|node| json::write_line(out, &node).map_err(Ended::Output))
                .map_err(CommandError::from);
        }
        let mut writer = ThreadWriter::new(out, self.layout(), &self.zone);
        writer.head(&thread).map_err(CommandError::output)?;
        thread
            .for_each(|node| writer.node(&node).map_err(Ended::Output))
            .map_err(CommandError::from)?;
        writer.finish().map_err(CommandError::output)
    }
}

/// Why a thread ended before its end.
enum Ended {
    Case(CaseError),
    Output(io::Error),
}

impl From<CaseError> for Ended {
    fn from(error: CaseError) -> Self {
        Self::Case(error)
    }
}

impl From<Ended> for CommandError {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Case(error) => error.into(),
            Ended::Output(error) => Self::output(error),
        }
    }
}
