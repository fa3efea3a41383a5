//! What the user's own tables have in common: they are taken out as text and put in again.

use super::Context;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use clap::Args;
use muckrake_case::ImportSummary;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

/// The file of an import.
#[derive(Debug, Args)]
pub(crate) struct ImportFile {
    /// CSV as `export` prints it; - reads it from standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

impl ImportFile {
    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    pub(crate) fn read(&self) -> Result<Vec<u8>, CommandError> {
        let mut bytes = Vec::new();
        let read = match self.file.as_os_str() == "-" {
            true => io::stdin().lock().read_to_end(&mut bytes).map(drop),
            false => std::fs::read(&self.file).map(|read| bytes = read),
        };
        read.map_err(|error| {
            let name = format::path(&self.file);
            CommandError::usage(format!("cannot read `{name}`")).because(error)
        })?;
        Ok(bytes)
    }
}

/// Prints a table as it is kept.
pub(crate) fn print(text: &str, context: &Context) -> Result<ExitStatus, CommandError> {
    // Quoted cells may hold what a terminal would obey; a file gets them as they are.
    let text = match context.terminal.is_interactive() {
        true => context.terminal.stdout.lines(text),
        false => text.into(),
    };
    context.print(|out| out.write_all(text.as_bytes()))?;
    Ok(ExitStatus::Done)
}

/// Says what an import changed.
pub(crate) fn say_imported(
    summary: &ImportSummary,
    noun: &str,
    replaced: bool,
    context: &Context,
) -> Result<ExitStatus, CommandError> {
    let mut text = format!("{} added", format::counted(summary.added, noun));
    if summary.same > 0 {
        text.push_str(&format!("; {} there already", format::count(summary.same)));
    }
    if summary.differing > 0 {
        let what = if replaced {
            "replaced"
        } else {
            "left as they were"
        };
        text.push_str(&format!(
            "; {} differing, {what}",
            format::count(summary.differing)
        ));
    }
    context.say(&text)?;
    let left = summary.differing > 0 && !replaced;
    if left {
        context
            .terminal
            .hint("`--replace` takes what the file says");
    }
    Ok(if left {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Done
    })
}
