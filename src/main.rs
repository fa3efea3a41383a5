//! `muckrake`: search, read and cite released email.
//!
//! This is the program for people and scripts; what it does is in the library
//! `muckrake-case`. Here are the command line, the text that people see, and
//! the exit code.

mod cli;
mod commands;
mod error;
mod escape;
mod exit;
mod format;
mod json;
mod platform;
mod progress;
mod render;
mod table;
mod terminal;

use clap::error::ContextKind;
use clap::error::ContextValue;
use clap::error::ErrorKind;
use cli::Cli;
use commands::Context;
use exit::ExitStatus;
use std::process::ExitCode;
use terminal::Terminal;

/// An ingest makes and drops millions of small texts, often on different threads, to which the
/// system's allocator lent a tenth of its time; `docs/performance.md` has what this one saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return refused(&error, &Terminal::detect()).into(),
    };
    let context = Context {
        terminal: Terminal::detect(),
        case: cli.at.case,
    };
    let result =
        platform::listen_for_interrupts().and_then(|()| commands::run(&cli.command, &context));
    match result {
        Ok(status) => status.into(),
        Err(error) if error.is_closed_pipe() => ExitStatus::Done.into(),
        Err(error) => {
            error.report(&context.terminal);
            error.status().into()
        }
    }
}

/// Help and version are answers, all else is a wrong command line.
fn refused(error: &clap::Error, terminal: &Terminal) -> ExitStatus {
    // Whoever closed the stream does not want to know.
    let _ = error.print();
    if is_word_left_out(error) {
        terminal.hint(
            "to leave a word out, put the whole query in quotes, or `--` before it: \
             `muckrake search 'pier -draft'`, `muckrake search -- -draft pier`",
        );
    }
    if error.use_stderr() {
        ExitStatus::Usage
    } else {
        ExitStatus::Done
    }
}

/// Whether a query such as `pier -draft` was taken for flags.
fn is_word_left_out(error: &clap::Error) -> bool {
    let is_query = std::env::args_os().any(|word| word == "search" || word == "export");
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => flag.as_str(),
        _ => "",
    };
    let is_short = flag.starts_with('-') && !flag.starts_with("--");
    is_query && is_short && error.kind() == ErrorKind::UnknownArgument
}
