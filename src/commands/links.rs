//! Which links make a thread, as the commands take it.

use clap::Args;
use clap::ValueEnum;
use muckrake_case::Links;

/// The choice of links.
#[derive(Debug, Args)]
pub(crate) struct LinksArgs {
    /// Which links make a thread: all of them, or only those that headers prove
    #[arg(long, value_name = "LINKS", value_enum, default_value = "all")]
    links: Choice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// What headers prove, and what is guessed where they say nothing
    All,
    /// What headers prove
    Proved,
}

impl LinksArgs {
    /// As a case takes it.
    pub(crate) fn links(&self) -> Links {
        match self.links {
            Choice::All => Links::All,
            Choice::Proved => Links::Proved,
        }
    }
}
