//! Dates of mail, in every shape that real mail has them.
pub(crate) mod civil;

use crate::model::MailDate;

/// Reads a date as it stands in a `Date` field.
pub fn parse(_text: &str) -> Option<MailDate> {
    None
}
