//! Officials as text for people, and as tables for spreadsheets.

use crate::format;
use crate::table;
use crate::table::Align;
use crate::table::Table;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::Alias;
use muckrake_case::Official;
use muckrake_case::OfficialDetail;
use muckrake_case::PrivateAccount;
use muckrake_case::SuggestedMerge;
use muckrake_case::csv;
use muckrake_case::csv::Cells;
use std::io;
use std::io::Write;

/// Correspondents and suggestions shown of one official.
const SHOWN: usize = 10;
/// Cells of a terminal on which there is room for the one with whom somebody has most mail.
const WIDE: usize = 110;
/// Cells of a column that must not push the others out.
const NARROW: usize = 20;
/// Aliases shown of one official.
const ALIASES: usize = 40;

/// Writes officials as a table.
pub(crate) fn write_list(
    out: &mut dyn Write,
    officials: &[Official],
    total: u64,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    // On a narrow terminal the names of those who are listed come first.
    let is_wide = layout.width >= WIDE;
    let mut headings = vec![
        ("Official", Align::Left),
        ("Agency", Align::Left),
        ("Sent", Align::Right),
        ("To", Align::Right),
        ("Copied", Align::Right),
        ("First", Align::Left),
        ("Last", Align::Left),
    ];
    headings.extend(is_wide.then_some(("Most with", Align::Left)));
    let mut table = Table::new(&headings);
    for official in officials {
        let name = if official.confirmed {
            format!("{} *", official.name)
        } else {
            official.name.clone()
        };
        let with = official.correspondents.first().map(|one| one.name.as_str());
        let mut row = vec![
            layout.one_line(&name).into_owned(),
            table::shorten(
                &layout.one_line(official.agency.as_deref().unwrap_or_default()),
                NARROW,
            ),
            format::count(official.sent),
            format::count(official.received),
            format::count(official.copied),
            day(official.first.as_deref(), zone),
            day(official.last.as_deref(), zone),
        ];
        row.extend(
            is_wide.then(|| table::shorten(&layout.one_line(with.unwrap_or_default()), NARROW)),
        );
        table.row(row);
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    let note = if officials.iter().any(|official| official.confirmed) {
        "; * confirmed"
    } else {
        ""
    };
    if (officials.len() as u64) < total {
        writeln!(
            out,
            "{} of {}{note}",
            format::count(officials.len() as u64),
            format::counted(total, "official")
        )
    } else {
        writeln!(out, "{}{note}", format::counted(total, "official"))
    }
}

fn day(date: Option<&str>, zone: &TimeZone) -> String {
    date.map(|date| format::list_day(Some(date), zone))
        .unwrap_or_default()
}

/// Writes everything known of one official.
pub(crate) fn write_detail(
    out: &mut dyn Write,
    detail: &OfficialDetail,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let official = &detail.official;
    let (strong, faint) = (layout.palette.strong, layout.palette.faint);
    writeln!(
        out,
        "{strong}{}{strong:#}  {faint}{}{faint:#}",
        layout.one_line(&official.name),
        official.id
    )?;
    let state = if official.confirmed {
        "confirmed"
    } else {
        "as resolved"
    };
    writeln!(
        out,
        "{}, {state}; agency: {}",
        official.kind,
        layout.one_line(official.agency.as_deref().unwrap_or("not known"))
    )?;
    for title in &detail.titles {
        let span = [title.from.as_deref(), title.until.as_deref()]
            .map(|day| day.unwrap_or("…"))
            .join(" to ");
        writeln!(out, "{}, {span}", layout.one_line(&title.title))?;
    }
    write!(
        out,
        "{}: {} sent, {} to, {} copied",
        format::counted(official.messages, "message"),
        format::count(official.sent),
        format::count(official.received),
        format::count(official.copied),
    )?;
    match (official.first.as_deref(), official.last.as_deref()) {
        (None, None) => writeln!(out)?,
        (first, last) => writeln!(out, "; {} to {}", day(first, zone), day(last, zone))?,
    }
    writeln!(out, "\nAddresses and names")?;
    for alias in official.aliases.iter().take(ALIASES) {
        writeln!(
            out,
            "  {}  {faint}{}{faint:#}",
            layout.one_line(&written(alias)),
            alias_counts(alias)
        )?;
    }
    if official.aliases.len() > ALIASES {
        writeln!(
            out,
            "  and {} more; `--json` gives all",
            format::count((official.aliases.len() - ALIASES) as u64)
        )?;
    }
    if !detail.joins.is_empty() {
        writeln!(out, "\nWhy they are one")?;
        for join in detail.joins.iter().take(ALIASES) {
            writeln!(
                out,
                "  {} = {}: {} {faint}({} %){faint:#}",
                layout.one_line(&join.one),
                layout.one_line(&join.other),
                join.why,
                join.confidence
            )?;
        }
    }
    if !official.correspondents.is_empty() {
        writeln!(out, "\nMost mail with")?;
        for one in official.correspondents.iter().take(SHOWN) {
            writeln!(
                out,
                "  {}  {faint}{}{faint:#}",
                layout.one_line(&one.name),
                format::counted(one.messages, "message")
            )?;
        }
    }
    if !detail.suggestions.is_empty() {
        writeln!(out, "\nMay be the same")?;
        for one in detail.suggestions.iter().take(SHOWN) {
            write_suggestion(out, one, layout)?;
        }
    }
    Ok(())
}

fn written(alias: &Alias) -> String {
    match (&alias.name, &alias.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    }
}

fn alias_counts(alias: &Alias) -> String {
    match (alias.messages, alias.quoted) {
        (0, quoted) => format!("quoted in {}", format::counted(quoted, "message")),
        (messages, 0) => format::counted(messages, "message"),
        (messages, quoted) => format!(
            "{}, quoted in {}",
            format::counted(messages, "message"),
            format::count(quoted)
        ),
    }
}

/// Writes suggestions with the commands that answer them.
pub(crate) fn write_suggestions(
    out: &mut dyn Write,
    suggestions: &[SuggestedMerge],
    total: usize,
    layout: &Layout,
) -> io::Result<()> {
    for one in suggestions {
        write_suggestion(out, one, layout)?;
    }
    writeln!(
        out,
        "{} of {}; confirm one with `muckrake officials merge ID ID`, turn it down with `muckrake officials reject ID ID`",
        format::count(suggestions.len() as u64),
        format::counted(total as u64, "suggestion")
    )
}

fn write_suggestion(out: &mut dyn Write, one: &SuggestedMerge, layout: &Layout) -> io::Result<()> {
    let faint = layout.palette.faint;
    writeln!(
        out,
        "{} {faint}{}{faint:#} = {} {faint}{}{faint:#}?\n    {}; {} % likely, {}",
        layout.one_line(&one.one),
        one.one_id,
        layout.one_line(&one.other),
        one.other_id,
        one.why,
        one.confidence,
        format::counted(one.messages, "mention")
    )
}

/// Writes officials as comma-separated values.
pub(crate) fn write_csv(
    out: &mut dyn Write,
    officials: &[Official],
    cells: Cells,
) -> io::Result<()> {
    writeln!(
        out,
        "id,name,kind,agency,confirmed,messages,sent,received,copied,first,last,correspondents,aliases"
    )?;
    for official in officials {
        let with: Vec<String> = official
            .correspondents
            .iter()
            .map(|one| format!("{} ({})", one.name, one.messages))
            .collect();
        let aliases: Vec<String> = official.aliases.iter().map(written).collect();
        let row = [
            official.id.clone(),
            official.name.clone(),
            official.kind.clone(),
            official.agency.clone().unwrap_or_default(),
            official.confirmed.to_string(),
            official.messages.to_string(),
            official.sent.to_string(),
            official.received.to_string(),
            official.copied.to_string(),
            official.first.clone().unwrap_or_default(),
            official.last.clone().unwrap_or_default(),
            with.join("; "),
            aliases.join("; "),
        ];
        write_row(out, &row, cells)?;
    }
    Ok(())
}

/// Writes suggestions as comma-separated values.
pub(crate) fn write_suggestions_csv(
    out: &mut dyn Write,
    suggestions: &[SuggestedMerge],
    cells: Cells,
) -> io::Result<()> {
    writeln!(
        out,
        "one,one_id,one_alias,other,other_id,other_alias,reason,confidence,messages"
    )?;
    for one in suggestions {
        let row = [
            one.one.clone(),
            one.one_id.clone(),
            one.one_alias.clone(),
            one.other.clone(),
            one.other_id.clone(),
            one.other_alias.clone(),
            one.reason.clone(),
            one.confidence.to_string(),
            one.messages.to_string(),
        ];
        write_row(out, &row, cells)?;
    }
    Ok(())
}

/// Writes one line of cells.
pub(crate) fn write_row(out: &mut dyn Write, row: &[String], cells: Cells) -> io::Result<()> {
    let row: Vec<String> = row.iter().map(|text| csv::cell(text, cells)).collect();
    writeln!(out, "{}", row.join(","))
}

/// Writes private accounts as a table.
pub(crate) fn write_private(
    out: &mut dyn Write,
    accounts: &[PrivateAccount],
    total: usize,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let mut table = Table::new(&[
        ("Official", Align::Left),
        ("", Align::Left),
        ("Address", Align::Left),
        ("Messages", Align::Right),
        ("First", Align::Left),
        ("Last", Align::Left),
        ("Example", Align::Left),
    ]);
    for one in accounts {
        let did = match (one.direction.as_str(), one.own) {
            ("from", _) => "wrote from",
            ("at", _) => "got mail at",
            _ => "wrote to",
        };
        let id = one.example.map(|id| id.to_string()).unwrap_or_default();
        table.row(vec![
            layout.one_line(&one.official).into_owned(),
            did.to_owned(),
            layout.one_line(&one.address).into_owned(),
            format::count(one.messages),
            day(one.first.as_deref(), zone),
            day(one.last.as_deref(), zone),
            id.chars().take(8).collect(),
        ]);
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    let rows = match total {
        1 => "1 official and address".to_owned(),
        _ => format!("{} officials and addresses", format::count(total as u64)),
    };
    if accounts.len() < total {
        writeln!(out, "{} of {rows}", format::count(accounts.len() as u64))
    } else {
        writeln!(out, "{rows}")
    }
}

/// Writes private accounts as comma-separated values.
pub(crate) fn write_private_csv(
    out: &mut dyn Write,
    accounts: &[PrivateAccount],
    cells: Cells,
) -> io::Result<()> {
    writeln!(
        out,
        "official,official_id,agency,direction,address,own,owner,messages,first,last,example"
    )?;
    for one in accounts {
        let row = [
            one.official.clone(),
            one.official_id.clone(),
            one.agency.clone().unwrap_or_default(),
            one.direction.clone(),
            one.address.clone(),
            one.own.to_string(),
            one.owner.clone().unwrap_or_default(),
            one.messages.to_string(),
            one.first.clone().unwrap_or_default(),
            one.last.clone().unwrap_or_default(),
            one.example.map(|id| id.to_string()).unwrap_or_default(),
        ];
        write_row(out, &row, cells)?;
    }
    Ok(())
}
