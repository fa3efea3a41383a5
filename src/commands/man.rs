//! `muckrake man`

use super::Context;
use crate::cli::Cli;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use clap::Args;
use clap::CommandFactory;
use clap_mangen::Man;

const AFTER_HELP: &str = "\
Examples:
  muckrake man > muckrake.1
  muckrake man search > muckrake-search.1
  muckrake man releases set | man -l -";

/// Print a manual page
///
/// Prints the page of the program, or that of one command, in roff.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct ManArgs {
    /// The command to describe; the whole program without one
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Prints the page.
pub(crate) fn run(args: &ManArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let mut top = Cli::command().disable_help_subcommand(true);
    top.build();
    let mut command = &top;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            CommandError::usage(format!("no command is named `{name}`"))
                .with_hint("`muckrake help` lists the commands")
        })?;
    }
    context.print(|out| Man::new(command.clone()).manual("muckrake").render(out))?;
    Ok(ExitStatus::Done)
}
