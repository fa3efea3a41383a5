//! The one error of the program: what failed, why, whose fault, what to try.

use crate::exit::ExitStatus;
use crate::terminal::Terminal;
use muckrake_case::CaseError;
use muckrake_case::ErrorKind;
use std::error::Error;
use std::io;

/// An error on its way to the user.
#[derive(Debug)]
pub(crate) struct CommandError {
    message: String,
    hints: Vec<String>,
    status: ExitStatus,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CommandError {
    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, message.into())
    }

    /// It could not be done.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Failed, message.into())
    }

    /// Writing the answer failed. A closed pipe among these is a normal end.
    pub(crate) fn output(error: io::Error) -> Self {
        Self::failed("cannot write the output").because(error)
    }

    /// With something to try.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// With its cause.
    pub(crate) fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    fn new(status: ExitStatus, message: String) -> Self {
        Self {
            message,
            hints: Vec::new(),
            status,
            source: None,
        }
    }

    /// How the program ends on it.
    pub(crate) fn status(&self) -> ExitStatus {
        self.status
    }

    /// Whether the reader of the output went away, which is his right.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let mut cause = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(error) = cause {
            let io_error = error.downcast_ref::<io::Error>();
            if io_error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// The message, its causes each once, without the label.
    fn text(&self) -> String {
        let mut text = self.message.clone();
        let mut cause = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(error) = cause {
            let reason = error.to_string();
            if !text.contains(&reason) {
                text.push_str(": ");
                text.push_str(&reason);
            }
            cause = error.source();
        }
        text
    }

    /// Tells the user.
    pub(crate) fn report(&self, terminal: &Terminal) {
        terminal.error(&self.text());
        for hint in &self.hints {
            terminal.hint(hint);
        }
    }
}

impl CommandError {
    /// An error about a query shows the place in it.
    pub(crate) fn in_query(error: CaseError, query: &str) -> Self {
        match error {
            CaseError::Query(wrong) => Self::usage(wrong.render(query).trim_end()),
            other => other.into(),
        }
    }
}

/// Each failure of the library is classified here and nowhere else.
impl From<CaseError> for CommandError {
    fn from(error: CaseError) -> Self {
        let status = match error.kind() {
            ErrorKind::Usage => ExitStatus::Usage,
            ErrorKind::NotFound => ExitStatus::NothingFound,
            ErrorKind::Failed => ExitStatus::Failed,
        };
        let hints = error.hint().into_iter().collect();
        Self {
            message: error.to_string(),
            hints,
            status,
            // Its own message is that of this error, and is not told twice.
            source: Some(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_closed_pipe_is_a_normal_end() {
        let closed = CommandError::output(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(closed.is_closed_pipe());
        let full = CommandError::output(io::Error::from(io::ErrorKind::StorageFull));
        assert!(!full.is_closed_pipe());
        assert_eq!(full.status(), ExitStatus::Failed);
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = CommandError::failed("cannot write the output")
            .because(io::Error::other("disk on fire"));
        assert_eq!(error.text(), "cannot write the output: disk on fire");
    }
}
