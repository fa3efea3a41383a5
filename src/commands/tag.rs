//! `muckrake tag`

use super::Context;
use super::passwords::PasswordArgs;
use super::today;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::format;
use clap::Args;

const AFTER_HELP: &str = "\
Examples:
  muckrake tag +key id:3f2a9c1b
  muckrake tag +'to check' 'from:anne \"change order\"'
  muckrake tag -key 'tag:key before:2018'
  muckrake search tag:key";

/// Put a tag on messages, or take it off
///
/// +NAME puts the tag on every message that matches, -NAME takes it off. Tags are the user's own: they lie in tags.csv in
/// the case folder, and survive a rebuild.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct TagArgs {
    /// The tag, with + to put it on and - to take it off
    #[arg(value_name = "+NAME|-NAME", allow_hyphen_values = true)]
    change: String,

    /// Which messages, as in search
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,

    #[command(flatten)]
    passwords: PasswordArgs,
}

/// Tags messages.
pub(crate) fn run(args: &TagArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let (name, add) = match args.change.split_at_checked(1) {
        Some(("+", name)) => (name, true),
        Some(("-", name)) => (name, false),
        _ => {
            let message = format!("`{}` does not say what to do with the tag", args.change);
            let hint = format!(
                "write `+{0}` to put it on, `-{0}` to take it off",
                args.change
            );
            return Err(CommandError::usage(message).with_hint(hint));
        }
    };
    let (case, zone) = context.open()?;
    let case = case.with_passwords(args.passwords.read()?);
    let text = args.query.join(" ");
    let failed = |error| CommandError::in_query(error, &text);
    let query = case.query(&text, today(&zone)).map_err(failed)?;
    let change = case.tag(name, add, &query).map_err(failed)?;
    if change.matching == 0 {
        context.terminal.note("no message matches");
        return Ok(ExitStatus::NothingFound);
    }
    let done = if add { "tagged" } else { "untagged" };
    let mut text = format!(
        "{} {done} {name}",
        format::counted(change.changed, "message")
    );
    let as_before = change.matching - change.changed;
    if as_before > 0 {
        let had = if add {
            "had it already"
        } else {
            "did not have it"
        };
        text.push_str(&format!("; {} {had}", format::count(as_before)));
    }
    context.say(&text)?;
    Ok(ExitStatus::Done)
}
