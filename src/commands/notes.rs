//! `muckrake notes`

use super::Context;
use super::tables;
use super::tables::ImportFile;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::json;
use crate::render::hit::short_id;
use clap::Args;
use clap::Subcommand;
use muckrake_case::Case;
use muckrake_case::Note;
use std::io;
use std::io::Write;

/// Note something on messages, list the notes, take them out as text, or put some in
///
/// Notes are the user's own: they lie in notes.csv in the case folder, and survive a rebuild.
#[derive(Debug, Args)]
pub(crate) struct NotesArgs {
    #[command(subcommand)]
    command: NotesCommand,
}

#[derive(Debug, Subcommand)]
enum NotesCommand {
    Set(SetArgs),
    Remove(RemoveArgs),
    List(ListArgs),
    Export(ExportArgs),
    Import(ImportArgs),
}

const SET_HELP: &str = "\
Examples:
  muckrake notes set 3f2a9c1b 'Says that the board knew; ask Anne'";

/// Note something on a message, in the place of an earlier note
#[derive(Debug, Args)]
#[command(after_long_help = SET_HELP)]
struct SetArgs {
    /// Id of the message, or its first 6 digits or more
    id: String,

    /// What to note; words are joined with a space
    #[arg(required = true)]
    text: Vec<String>,
}

const REMOVE_HELP: &str = "\
Examples:
  muckrake notes remove 3f2a9c1b";

/// Take the note off a message
#[derive(Debug, Args)]
#[command(after_long_help = REMOVE_HELP)]
struct RemoveArgs {
    /// Id of the message, or its first 6 digits or more
    id: String,
}

const LIST_HELP: &str = "\
Examples:
  muckrake notes list
  muckrake notes list --json | jq -r .note";

/// List the notes
#[derive(Debug, Args)]
#[command(after_long_help = LIST_HELP)]
struct ListArgs {
    /// Print JSON Lines: an object for each note
    #[arg(long)]
    json: bool,
}

const EXPORT_HELP: &str = "\
Examples:
  muckrake notes export > notes.csv";

/// Print all notes as CSV: id, note
#[derive(Debug, Args)]
#[command(after_long_help = EXPORT_HELP)]
struct ExportArgs {}

const IMPORT_HELP: &str = "\
Examples:
  muckrake notes import notes.csv
  muckrake notes import notes.csv --replace";

/// Add the notes of a CSV file: id, note
///
/// Ids are given in full. A message that has another note keeps it, unless --replace is given.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_HELP)]
struct ImportArgs {
    #[command(flatten)]
    file: ImportFile,

    /// Take the file's note where a message has another
    #[arg(long)]
    replace: bool,
}

/// Sets, lists, exports or imports notes.
pub(crate) fn run(args: &NotesArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = Case::open(&context.case)?;
    match &args.command {
        NotesCommand::Set(args) => set(&args.id, Some(&args.text.join(" ")), &case, context),
        NotesCommand::Remove(args) => set(&args.id, None, &case, context),
        NotesCommand::List(args) => list(args, &case, context),
        NotesCommand::Export(_) => tables::print(&case.export_notes()?, context),
        NotesCommand::Import(args) => {
            let bytes = args.file.read()?;
            let summary = case.import_notes(args.file.path(), &bytes, args.replace)?;
            tables::say_imported(&summary, "note", args.replace, context)
        }
    }
}

fn set(
    id: &str,
    note: Option<&str>,
    case: &Case,
    context: &Context,
) -> Result<ExitStatus, CommandError> {
    if note.is_some_and(|note| note.trim().is_empty()) {
        let error = CommandError::usage("there is nothing in the note");
        return Err(error.with_hint("`muckrake notes remove ID` takes a note off"));
    }
    let (key, before) = case.set_note(id, note)?;
    let id = key.to_string();
    let id = short_id(&id);
    let text = match (&before, note) {
        (_, Some(_)) => format!("noted on {id}"),
        (Some(_), None) => format!("the note on {id} is gone"),
        (None, None) => format!("there is no note on {id}"),
    };
    context.say(&text)?;
    if let Some(before) = before.as_deref().filter(|before| Some(*before) != note) {
        // Said, so that it can be written again.
        context.terminal.note(&format!("it was: {before}"));
    }
    Ok(match (before, note) {
        (None, None) => ExitStatus::NothingFound,
        _ => ExitStatus::Done,
    })
}

fn list(args: &ListArgs, case: &Case, context: &Context) -> Result<ExitStatus, CommandError> {
    let (notes, notices) = case.notes()?;
    for notice in notices {
        context.terminal.note(&notice);
    }
    if notes.is_empty() {
        context
            .terminal
            .note("no note is there yet; `muckrake notes set ID TEXT` makes one");
        return Ok(ExitStatus::NothingFound);
    }
    context.print(|out| {
        notes.iter().try_for_each(|note| {
            if args.json {
                json::write_versioned(out, note)
            } else {
                write_note(out, note, context)
            }
        })
    })?;
    Ok(ExitStatus::Done)
}

fn write_note(out: &mut dyn Write, note: &Note, context: &Context) -> io::Result<()> {
    let layout = &context.terminal.stdout;
    let faint = layout.palette.faint;
    let id = note.id.to_string();
    let absent = if note.present {
        ""
    } else {
        " (not in the case)"
    };
    let text = layout.lines(&note.note).into_owned();
    let text = text.replace('\n', "\n          ");
    writeln!(out, "{faint}{}{absent}{faint:#}  {text}", short_id(&id))
}
