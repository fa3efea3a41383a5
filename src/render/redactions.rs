//! What was taken out, as a table.

use super::officials::write_row;
use crate::format;
use crate::table::Align;
use crate::table::Table;
use crate::terminal::Layout;
use muckrake_case::RedactionRow;
use muckrake_case::Redactions;
use muckrake_case::csv::Cells;
use std::io;
use std::io::Write;

/// Of whom or what a row is, where not of all.
fn group(row: &RedactionRow) -> Option<&str> {
    row.official.as_deref().or(row.release.as_deref())
}

/// Writes the rows for people; `all` is how many there are in all.
pub(crate) fn write_table(
    out: &mut dyn Write,
    found: &Redactions,
    all: usize,
    layout: &Layout,
) -> io::Result<()> {
    let grouped = found.rows.iter().any(|row| group(row).is_some());
    let by_release = found.rows.iter().any(|row| row.release.is_some());
    let counts = [
        ("Code", Align::Left),
        ("Messages", Align::Right),
        ("Marks", Align::Right),
    ];
    let first = if by_release { "Release" } else { "Official" };
    let head = grouped.then_some((first, Align::Left));
    let columns: Vec<_> = head.into_iter().chain(counts).collect();
    let mut table = Table::new(&columns);
    for row in &found.rows {
        let name = grouped.then(|| layout.one_line(group(row).unwrap_or_default()).into_owned());
        let counts = [
            layout.one_line(&row.code).into_owned(),
            format::count(row.messages),
            format::count(row.marks),
        ];
        table.row(name.into_iter().chain(counts).collect());
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    let marks = format::counted(found.marks, "mark");
    let messages = format::counted(found.messages, "message");
    if found.rows.len() < all {
        let shown = format::count(found.rows.len() as u64);
        write!(out, "{shown} of {} rows, ", format::count(all as u64))?;
    }
    writeln!(out, "{marks} in {messages}")
}

/// Writes the rows as comma-separated values.
pub(crate) fn write_csv(out: &mut dyn Write, found: &Redactions, cells: Cells) -> io::Result<()> {
    writeln!(out, "official,official_id,release,code,messages,marks")?;
    for row in &found.rows {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells_of = [
            known(&row.official),
            known(&row.official_id),
            known(&row.release),
            row.code.clone(),
            row.messages.to_string(),
            row.marks.to_string(),
        ];
        write_row(out, &cells_of, cells)?;
    }
    Ok(())
}
