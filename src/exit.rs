//! How the program ends; part of the contract with scripts.

use std::process::ExitCode;

/// What the process says to the one that started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExitStatus {
    /// Done; also a repeated ingest that found nothing new, and a reader that closed the pipe.
    Done,
    /// Nothing found: no hit, no such id, no such release.
    NothingFound,
    /// The command line or the query is wrong.
    Usage,
    /// Done, but something is unread or changed, or was a bad line.
    Incomplete,
    /// Failed.
    Failed,
    /// Stopped by Ctrl-C or a termination signal; the case is sound.
    Interrupted,
}

impl ExitStatus {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NothingFound => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Failed => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_contract() {
        let codes = [
            ExitStatus::Done,
            ExitStatus::NothingFound,
            ExitStatus::Usage,
            ExitStatus::Incomplete,
            ExitStatus::Failed,
            ExitStatus::Interrupted,
        ]
        .map(ExitStatus::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 130]);
    }
}
