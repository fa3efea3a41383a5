//! Who wrote to whom, as a list of pairs.

use super::officials::write_row;
use crate::format;
use crate::table::Align;
use crate::table::Table;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::Network;
use muckrake_case::NetworkEdge;
use muckrake_case::csv::Cells;
use std::collections::HashMap;
use std::io;
use std::io::Write;

/// The names of the officials of a graph, by id.
fn names(network: &Network) -> HashMap<&str, &str> {
    network
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node.name.as_str()))
        .collect()
}

/// Writes the pairs as a table, those with most messages first.
pub(crate) fn write_pairs(
    out: &mut dyn Write,
    network: &Network,
    limit: usize,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let names = names(network);
    let mut table = Table::new(&[
        ("From", Align::Left),
        ("To", Align::Left),
        ("Messages", Align::Right),
        ("First", Align::Left),
        ("Last", Align::Left),
    ]);
    let day = |date: &Option<String>| {
        date.as_deref()
            .map(|date| format::list_day(Some(date), zone))
            .unwrap_or_default()
    };
    for edge in network.edges.iter().take(limit) {
        table.row(vec![
            layout
                .one_line(names.get(edge.from.as_str()).copied().unwrap_or_default())
                .into_owned(),
            layout
                .one_line(names.get(edge.to.as_str()).copied().unwrap_or_default())
                .into_owned(),
            format::count(edge.messages),
            day(&edge.first),
            day(&edge.last),
        ]);
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    let pairs = format::counted(network.edges.len() as u64, "pair");
    let people = format::counted(network.nodes.len() as u64, "official");
    let messages = format::counted(network.messages, "message");
    if network.edges.len() > limit {
        writeln!(
            out,
            "{} of {pairs}, {people}, {messages}",
            format::count(limit as u64)
        )
    } else {
        writeln!(out, "{pairs}, {people}, {messages}")
    }
}

/// Writes the pairs as comma-separated values.
pub(crate) fn write_csv(out: &mut dyn Write, network: &Network, cells: Cells) -> io::Result<()> {
    let names = names(network);
    let name = |id: &str| names.get(id).copied().unwrap_or_default().to_owned();
    writeln!(out, "from,from_id,to,to_id,messages,first,last")?;
    for NetworkEdge {
        from,
        to,
        messages,
        first,
        last,
    } in &network.edges
    {
        let row = [
            name(from),
            from.clone(),
            name(to),
            to.clone(),
            messages.to_string(),
            first.clone().unwrap_or_default(),
            last.clone().unwrap_or_default(),
        ];
        write_row(out, &row, cells)?;
    }
    Ok(())
}
