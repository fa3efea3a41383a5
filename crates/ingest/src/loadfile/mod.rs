//! Productions: natives and texts in folders, and a load file that says what each document is.
//!
//! A load file is a table: a Concordance DAT, or separated values with the same columns. What a row says is
//! read where nothing better is there. A row whose native is a mail that was delivered with it is only
//! noted: that native is a source of its own. A row of an email without such a native becomes a letter, made
//! of the row's fields and the text that it links to, as if the table were an archive of letters. Rows,
//! natives and texts that say again what is read elsewhere are noted with where that is.

mod back;
mod columns;
mod dialect;
mod judge;
mod letter;
mod links;
mod pages;
mod plan;
mod reading;
mod rows;

pub(crate) use back::RowsBack;
pub(crate) use plan::Plan;
pub(crate) use reading::read;

/// What stands before the number of a row in the path of its letter.
const ROW: &str = "row ";

/// Whether a file begins as a load file does.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    dialect::sniff(head).is_some() || pages::looks_like(head)
}
