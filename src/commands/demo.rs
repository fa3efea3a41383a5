//! `muckrake demo`

use super::Context;
use crate::cli::Cli;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use clap::Args;
use clap::Parser;
use jiff::civil::date;
use muckrake_case::Case;
use muckrake_case::SearchOptions;
use muckrake_case::Sort;
use muckrake_sample::Sample;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  muckrake demo
  muckrake demo /tmp/demo
  muckrake --case muckrake-demo/case search cofferdam --threads";

/// Folder of the case in the folder of the demonstration.
const CASE: &str = "case";

/// Make a demonstration case with invented mail and answer questions on it
///
/// Writes the releases of two invented agencies into a folder of its own, indexes them, and answers
/// three questions, printing each command so that it can be copied. Can be repeated.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct DemoArgs {
    /// Folder to make
    #[arg(value_name = "DIR", default_value = "./muckrake-demo")]
    folder: PathBuf,
}

/// Plays the demonstration. The `--case` of the command line is left alone.
pub(crate) fn run(args: &DemoArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let sample = muckrake_sample::release();
    refuse_foreign(&args.folder, &sample)?;
    let folders = sample.write(&args.folder).map_err(|error| {
        CommandError::failed(format!(
            "cannot write the releases into `{}`",
            format::path(&args.folder)
        ))
        .because(error)
    })?;
    let demo = Demo {
        context,
        case: args.folder.join(CASE),
    };
    demo.say("Two invented agencies have released their mail about a contract for flood gates.")?;
    let truth = sample.truth();
    for (release, folder) in truth
        .releases
        .iter()
        .zip([&folders.procurement, &folders.mayor])
    {
        let folder = format::path(folder);
        let line = [
            "ingest",
            &folder,
            "--release",
            release.name,
            "--agency",
            release.agency,
        ];
        if demo.play(&line)? == ExitStatus::Interrupted {
            return Ok(ExitStatus::Interrupted);
        }
    }
    demo.play(&["releases", "list"])?;
    for (number, question) in truth.questions.iter().enumerate() {
        demo.say(&format!("\n{}. {}", number + 1, question.asked))?;
        demo.play(&["search", question.query, "--sort", "date"])?;
    }
    demo.cite(truth.questions.first().map(|question| question.query))?;
    Ok(ExitStatus::Done)
}

struct Demo<'a> {
    context: &'a Context,
    case: PathBuf,
}

impl Demo<'_> {
    /// Prints a command as it would be typed, and runs exactly that.
    fn play(&self, words: &[&str]) -> Result<ExitStatus, CommandError> {
        let case = format::path(&self.case);
        let line: Vec<&str> = ["muckrake", "--case", &case]
            .iter()
            .chain(words)
            .copied()
            .collect();
        let typed: Vec<String> = line.iter().map(|word| format::shell_word(word)).collect();
        let strong = self.context.terminal.stdout.palette.strong;
        self.say(&format!("\n{strong}$ {}{strong:#}", typed.join(" ")))?;
        let cli = Cli::try_parse_from(&line).map_err(|error| {
            CommandError::failed("the demonstration cannot run its own command").because(error)
        })?;
        let context = Context {
            terminal: self.context.terminal,
            case: cli.at.case,
        };
        super::run(&cli.command, &context)
    }

    /// Shows the first message that answers a query: how it is cited.
    fn cite(&self, query: Option<&str>) -> Result<(), CommandError> {
        let case = Case::open(&self.case)?;
        let options = SearchOptions {
            sort: Sort::DateAscending,
            limit: Some(1),
            ..SearchOptions::default()
        };
        // The queries of the demonstration have no relative dates; any day will do.
        let query = case.query(query.unwrap_or("*"), date(2024, 1, 1))?;
        if let Some(hit) = case.search(&query, &options)?.hits.first() {
            self.say("\nEvery message can be cited, down to the bytes of the released file:")?;
            let id = hit.id.to_string();
            self.play(&["show", crate::render::hit::short_id(&id)])?;
        }
        Ok(())
    }

    fn say(&self, text: &str) -> Result<(), CommandError> {
        self.context.print(|out| writeln!(out, "{text}"))
    }
}

/// A folder that holds anything but an earlier demonstration is not touched.
fn refuse_foreign(folder: &Path, sample: &Sample) -> Result<(), CommandError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(
                CommandError::failed(format!("cannot read `{}`", format::path(folder)))
                    .because(error),
            );
        }
    };
    let files = sample.files();
    let mut own: BTreeSet<&str> = files
        .iter()
        .filter_map(|(path, _)| path.split('/').next())
        .collect();
    own.insert(CASE);
    for entry in entries {
        let foreign = entry.is_ok_and(|entry| {
            !entry
                .file_name()
                .to_str()
                .is_some_and(|name| own.contains(name))
        });
        if foreign {
            return Err(CommandError::usage(format!(
                "`{}` holds other files; they are left alone",
                format::path(folder)
            ))
            .with_hint("name another folder: `muckrake demo DIR`"));
        }
    }
    Ok(())
}
