//! `muckrake completions`

use super::Context;
use crate::cli::Cli;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use clap::Args;
use clap::CommandFactory;
use clap_complete::Shell;

const AFTER_HELP: &str = "\
Examples:
  muckrake completions bash > ~/.local/share/bash-completion/completions/muckrake
  muckrake completions zsh > ~/.zfunc/_muckrake
  muckrake completions fish > ~/.config/fish/completions/muckrake.fish";

/// Print completions for a shell
///
/// Put the output where the shell looks for completions.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete in
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn run(args: &CompletionsArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    // Into memory first: the generator panics where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "muckrake", &mut script);
    context.print(|out| out.write_all(&script))?;
    Ok(ExitStatus::Done)
}
