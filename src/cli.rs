//! The command line: what can be typed. Looks at nothing but the arguments.

use crate::commands::completions::CompletionsArgs;
use crate::commands::demo::DemoArgs;
use crate::commands::export::ExportArgs;
use crate::commands::footers::FootersArgs;
use crate::commands::ghosts::GhostsArgs;
use crate::commands::ingest::IngestArgs;
use crate::commands::ledger::LedgerArgs;
use crate::commands::linked::LinkedArgs;
use crate::commands::man::ManArgs;
use crate::commands::network::NetworkArgs;
use crate::commands::notes::NotesArgs;
use crate::commands::officials::OfficialsArgs;
use crate::commands::queries::QueriesArgs;
use crate::commands::rebuild::RebuildArgs;
use crate::commands::redactions::RedactionsArgs;
use crate::commands::releases::ReleasesArgs;
use crate::commands::relocate::RelocateArgs;
use crate::commands::search::SearchArgs;
use crate::commands::show::ShowArgs;
use crate::commands::tag::TagArgs;
use crate::commands::tags::TagsArgs;
use crate::commands::terms::TermsArgs;
use crate::commands::timeline::TimelineArgs;
use crate::commands::verify::VerifyArgs;
use clap::Args;
use clap::Parser;
use clap::Subcommand;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Exit codes:
  0    done, also where there was nothing new
  1    nothing found
  2    the command line or the query is wrong
  3    done, but something is unread or changed, or was a bad line
  4    failed
  130  interrupted; what was finished is kept

Examples:
  muckrake ingest ~/releases/harbour.mbox --release harbour
  muckrake search '\"north pier\" contract before:2018'
  muckrake show 3f2a9c1b
  muckrake export 'from:@harbour.example pier' --to pier.mbox --format mbox

`muckrake demo` makes a demonstration case with invented mail.";

/// Search, read and cite released email
///
/// Makes a records dump searchable and keeps, for every message, which bytes of which released file
/// it rests on. Nothing leaves this machine, and the released files are never written to.
#[derive(Debug, Parser)]
#[command(name = "muckrake", version, after_long_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) at: CaseArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which case is meant.
#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    /// Use the case in this folder
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "MUCKRAKE_CASE",
        hide_env_values = true,
        default_value = "./muckrake-case"
    )]
    pub(crate) case: PathBuf,
}

/// The commands that are over in a few milliseconds. Describing all the others to the parser takes a part of that.
#[derive(Debug, Parser)]
#[command(name = "muckrake")]
struct Short {
    #[command(flatten)]
    at: CaseArgs,

    #[command(subcommand)]
    command: ShortCommand,
}

#[derive(Debug, Subcommand)]
enum ShortCommand {
    Search(SearchArgs),
    Show(ShowArgs),
}

impl Cli {
    /// Reads the command line. What is wrong with one, and help, is told by the whole description.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let Ok(Short { at, command }) = Short::try_parse() else {
            return Self::try_parse();
        };
        let command = match command {
            ShortCommand::Search(args) => Command::Search(args),
            ShortCommand::Show(args) => Command::Show(args),
        };
        Ok(Self { at, command })
    }
}

/// What to do; each command describes itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ingest(IngestArgs),
    Search(SearchArgs),
    Show(ShowArgs),
    Export(ExportArgs),
    Tag(TagArgs),
    Tags(TagsArgs),
    Notes(NotesArgs),
    Queries(QueriesArgs),
    Terms(TermsArgs),
    Officials(OfficialsArgs),
    Timeline(TimelineArgs),
    Network(NetworkArgs),
    Redactions(RedactionsArgs),
    Releases(ReleasesArgs),
    Links(LinkedArgs),
    Ghosts(GhostsArgs),
    Footers(FootersArgs),
    Ledger(LedgerArgs),
    Verify(VerifyArgs),
    Relocate(RelocateArgs),
    Rebuild(RebuildArgs),
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Command as Clap;
    use clap::CommandFactory;
    use std::collections::HashSet;
    use std::fmt::Write;

    /// Every command with its full name, from the top.
    fn commands() -> Vec<(String, Clap)> {
        fn collect(name: &str, command: &Clap, into: &mut Vec<(String, Clap)>) {
            into.push((name.to_owned(), command.clone()));
            for sub in command
                .get_subcommands()
                .filter(|sub| sub.get_name() != "help")
            {
                collect(&format!("{name} {}", sub.get_name()), sub, into);
            }
        }
        let mut top = Cli::command().term_width(100);
        top.build();
        let mut all = Vec::new();
        collect("muckrake", &top, &mut all);
        all
    }

    #[test]
    fn clap_finds_no_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_has_help_and_no_short_is_taken_twice() {
        for (name, command) in commands() {
            let mut shorts = HashSet::new();
            let mut longs = HashSet::new();
            for argument in command.get_arguments() {
                let id = argument.get_id();
                let help = argument
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(!help.is_empty(), "{name}: `{id}` has no help");
                assert!(
                    !help.ends_with('.'),
                    "{name}: the help of `{id}` ends with a full stop"
                );
                assert!(
                    help.starts_with(char::is_uppercase),
                    "{name}: the help of `{id}` starts small"
                );
                if let Some(short) = argument.get_short() {
                    assert!(shorts.insert(short), "{name}: -{short} is taken twice");
                }
                if let Some(long) = argument.get_long() {
                    assert!(
                        longs.insert(long.to_owned()),
                        "{name}: --{long} is taken twice"
                    );
                    let plain = long.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                    assert!(plain, "{name}: --{long} is not plain");
                }
            }
        }
    }

    #[test]
    fn every_command_tells_what_it_does_and_shows_examples() {
        for (name, command) in commands() {
            let about = command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(!about.is_empty(), "{name} does not tell what it does");
            assert!(
                !about.ends_with('.'),
                "{name}: first line ends with a full stop"
            );
            let is_group = command.get_subcommands().next().is_some() && name != "muckrake";
            let after = command
                .get_after_long_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                is_group || after.contains("Example"),
                "{name} shows no example"
            );
        }
    }

    /// `docs/cli.md` is what `--help` says, so that a changed flag shows in review.
    /// `MUCKRAKE_UPDATE_DOCS=1 cargo test` writes it anew.
    #[test]
    fn the_reference_is_what_help_says() {
        let mut reference = String::from(
            "# Command line reference\n\nWhat `--help` says, for every command. Made by a test: \
             `MUCKRAKE_UPDATE_DOCS=1 cargo test` writes it anew.\n",
        );
        for (name, command) in commands() {
            let help = command.term_width(100).render_long_help().to_string();
            let help: Vec<&str> = help.lines().map(str::trim_end).collect();
            write!(
                reference,
                "\n## {name}\n\n```text\n{}\n```\n",
                help.join("\n").trim_end()
            )
            .expect("a string takes every byte");
        }
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
        if std::env::var_os("MUCKRAKE_UPDATE_DOCS").is_some() {
            std::fs::write(&path, &reference).expect("docs/cli.md can be written");
        }
        let written = std::fs::read_to_string(&path)
            .unwrap_or_default()
            .replace("\r\n", "\n");
        assert!(
            written == reference,
            "docs/cli.md differs from --help: run MUCKRAKE_UPDATE_DOCS=1 cargo test"
        );
    }

    #[test]
    fn flags_stand_before_or_after_the_query() {
        for line in [
            ["muckrake", "search", "budget", "pier", "--json"],
            ["muckrake", "search", "--json", "budget", "pier"],
            ["muckrake", "search", "budget", "--json", "pier"],
        ] {
            let cli = Cli::try_parse_from(line).expect("it is a good line");
            let Command::Search(search) = cli.command else {
                panic!("it is a search");
            };
            assert!(search.json);
            assert_eq!(search.query, ["budget", "pier"]);
        }
    }

    #[test]
    fn a_query_that_starts_with_a_minus_follows_two() {
        let cli = Cli::try_parse_from(["muckrake", "search", "--", "-draft", "pier"])
            .expect("it is a good line");
        let Command::Search(search) = cli.command else {
            panic!("it is a search");
        };
        assert_eq!(search.query, ["-draft", "pier"]);
        assert!(Cli::try_parse_from(["muckrake", "search", "-draft"]).is_err());
    }
}
