//! Passwords of encrypted archives, for every command that reads sources.

use crate::error::CommandError;
use crate::format;
use clap::Args;
use std::path::PathBuf;

/// Where passwords are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PasswordArgs {
    /// Try the passwords in this file, one a line, on encrypted archives
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// Reads the passwords; they are kept in memory only.
    pub(crate) fn read(&self) -> Result<Vec<String>, CommandError> {
        let Some(file) = &self.password_file else {
            return Ok(Vec::new());
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            CommandError::usage(format!(
                "cannot read the passwords in `{}`",
                format::path(file)
            ))
            .because(error)
        })?;
        Ok(text
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect())
    }
}
