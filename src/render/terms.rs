//! Search-term reports: as a table for people, as CSV, as JSON Lines.

use crate::format;
use crate::render::hit;
use crate::table::Align;
use crate::table::Table;
use crate::table::shorten;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::BadTerm;
use muckrake_case::Correspondent;
use muckrake_case::SCHEMA;
use muckrake_case::TermCounts;
use muckrake_case::TermHit;
use muckrake_case::TermLine;
use muckrake_case::TermReport;
use muckrake_case::Whose;
use muckrake_case::csv;
use muckrake_case::csv::Cells;
use serde::Serialize;
use std::io;
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// How far the lines under a term are set in.
const INDENT: usize = 4;
/// Cells of the column of terms.
const TERM_WIDTH: usize = 25;
/// Cells that the table needs.
const WIDTH: usize = 100;

/// A term as `--json` prints it.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum JsonLine<'a> {
    Term {
        schema: u32,
        kind: &'static str,
        line: u64,
        name: &'a str,
        query: &'a str,
        notes: Option<&'a str>,
        #[serde(flatten)]
        counts: &'a TermCounts,
    },
    Bad {
        schema: u32,
        kind: &'static str,
        line: u64,
        name: Option<&'a str>,
        query: &'a str,
        error: &'a str,
        column: usize,
        hint: Option<&'a str>,
    },
    Totals {
        schema: u32,
        kind: &'static str,
        terms: usize,
        bad_lines: usize,
        #[serde(flatten)]
        counts: &'a TermCounts,
    },
}

/// Hands each line of a report to `write`, the totals last.
pub(crate) fn json_lines(
    report: &TermReport,
    mut write: impl FnMut(JsonLine<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let schema = SCHEMA;
    let mut bad_lines = 0;
    for line in &report.lines {
        write(match line {
            TermLine::Counted(term, counts) => JsonLine::Term {
                schema,
                kind: "term",
                line: term.line,
                name: &term.name,
                query: &term.query,
                notes: term.notes.as_deref(),
                counts,
            },
            TermLine::Bad(bad) => {
                bad_lines += 1;
                JsonLine::Bad {
                    schema,
                    kind: "bad_line",
                    line: bad.line,
                    name: bad.name.as_deref(),
                    query: &bad.text,
                    error: &bad.error.message,
                    column: column(bad),
                    hint: bad.error.hint.as_deref(),
                }
            }
        })?;
    }
    write(JsonLine::Totals {
        schema,
        kind: "totals",
        terms: report.lines.len() - bad_lines,
        bad_lines,
        counts: &report.totals,
    })
}

/// The character of the text that an error is about, from 1.
fn column(bad: &BadTerm) -> usize {
    let before = bad.text.get(..bad.error.span.start);
    1 + before.map_or(0, |before| before.chars().count())
}

const COLUMNS: [&str; 19] = [
    "line",
    "name",
    "query",
    "notes",
    "messages",
    "with_families",
    "threads",
    "unique",
    "own_words",
    "elsewhere",
    "only_quoted",
    "undated",
    "first",
    "last",
    "senders",
    "recipients",
    "kind",
    "error",
    "column",
];

/// Writes a report as a table for a spreadsheet: after the fixed columns one for each release.
pub(crate) fn write_csv(
    out: &mut dyn Write,
    report: &TermReport,
    cells: Cells,
    layout: &Layout,
) -> io::Result<()> {
    let releases = report.totals.releases.iter();
    let releases = releases.map(|release| format!("release {}", release.release));
    let names = COLUMNS.iter().map(|name| (*name).to_owned());
    let header: Vec<String> = names.chain(releases).collect();
    let mut write_row = |row: &[String]| {
        let row: Vec<String> = row.iter().map(|text| csv::cell(text, cells)).collect();
        write!(out, "{}\r\n", layout.lines(&row.join(",")))
    };
    write_row(&header)?;
    for line in &report.lines {
        let row = match line {
            TermLine::Counted(term, counts) => {
                let notes = term.notes.clone().unwrap_or_default();
                let head = [
                    term.line.to_string(),
                    term.name.clone(),
                    term.query.clone(),
                    notes,
                ];
                counts_row(head, counts, "term")
            }
            TermLine::Bad(bad) => bad_row(bad),
        };
        write_row(&row)?;
    }
    let head = [
        String::new(),
        "total".to_owned(),
        String::new(),
        String::new(),
    ];
    write_row(&counts_row(head, &report.totals, "totals"))
}

fn counts_row(head: [String; 4], counts: &TermCounts, kind: &str) -> Vec<String> {
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut row = head.to_vec();
    row.extend([
        counts.messages.to_string(),
        counts.with_families.to_string(),
        counts.threads.to_string(),
        counts.unique.to_string(),
        number(counts.own_words),
        number(counts.elsewhere),
        number(counts.only_quoted),
        counts.undated.to_string(),
        counts.first.clone().unwrap_or_default(),
        counts.last.clone().unwrap_or_default(),
        addresses(&counts.senders),
        addresses(&counts.recipients),
        kind.to_owned(),
        String::new(),
        String::new(),
    ]);
    let releases = counts.releases.iter();
    row.extend(releases.map(|release| release.messages.to_string()));
    row
}

fn bad_row(bad: &BadTerm) -> Vec<String> {
    let mut row = vec![String::new(); COLUMNS.len()];
    let cells = [
        (0, bad.line.to_string()),
        (1, bad.name.clone().unwrap_or_default()),
        (2, bad.text.clone()),
        (16, "bad_line".to_owned()),
        (17, bad.error.message.clone()),
        (18, column(bad).to_string()),
    ];
    for (place, text) in cells {
        row[place] = text;
    }
    row
}

fn addresses(people: &[Correspondent]) -> String {
    let people: Vec<String> = people
        .iter()
        .map(|one| {
            let address = one.person.address.as_deref().unwrap_or_default();
            format!("{address} {}", one.messages)
        })
        .collect();
    people.join("; ")
}

/// What stands under the table.
const LEGEND: &str = "\
+family: with what they are attached to and what is attached to them; unique: no other term hits them;
own: by the author's own words alone; quoted: only with quotes, signatures and footers";

/// Writes a report as a table, a line for each term, with where it was delivered and who wrote most of it beneath. A term
/// that is wider than its column has a line of its own: two that differ at their end stay two.
pub(crate) fn write_table(
    out: &mut dyn Write,
    report: &TermReport,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let mut table = Table::new(&[
        ("Term", Align::Left),
        ("Messages", Align::Right),
        ("+family", Align::Right),
        ("Threads", Align::Right),
        ("Unique", Align::Right),
        ("Own", Align::Right),
        ("Quoted", Align::Right),
        ("First", Align::Left),
        ("Last", Align::Left),
    ]);
    let mut names = Vec::new();
    for line in &report.lines {
        let (name, cells) = match line {
            TermLine::Counted(term, counts) => (term.name.as_str(), counts_cells(counts, zone)),
            TermLine::Bad(bad) => {
                let name = bad.name.as_deref().unwrap_or(&bad.text);
                (name, vec!["not run".to_owned()])
            }
        };
        let name = layout.one_line(name).into_owned();
        let has_room = name.width() <= TERM_WIDTH;
        let cell = if has_room {
            name.clone()
        } else {
            String::new()
        };
        table.row([vec![cell], cells].concat());
        names.push((!has_room).then_some(name));
    }
    table.row(
        [
            vec!["All terms".to_owned()],
            counts_cells(&report.totals, zone),
        ]
        .concat(),
    );
    let mut lines = table.lines(layout.width.max(WIDTH)).into_iter();
    let (faint, strong) = (layout.palette.faint, layout.palette.strong);
    if let Some(heading) = lines.next() {
        writeln!(out, "{faint}{heading}{faint:#}")?;
    }
    for ((row, name), line) in report.lines.iter().zip(names).zip(lines.by_ref()) {
        if let Some(name) = name {
            writeln!(out, "{name}")?;
        }
        writeln!(out, "{line}")?;
        if let TermLine::Counted(_, counts) = row {
            write_details(out, counts, layout)?;
        }
    }
    for line in lines {
        writeln!(out, "{strong}{line}{strong:#}")?;
    }
    write_details(out, &report.totals, layout)?;
    writeln!(out, "{faint}{LEGEND}{faint:#}")
}

fn counts_cells(counts: &TermCounts, zone: &TimeZone) -> Vec<String> {
    let told = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), format::count);
    let day = |date: &Option<String>| {
        let date = date.as_deref();
        date.map(|date| format::list_day(Some(date), zone))
            .unwrap_or_default()
    };
    vec![
        format::count(counts.messages),
        format::count(counts.with_families),
        format::count(counts.threads),
        format::count(counts.unique),
        told(counts.own_words),
        told(counts.only_quoted),
        day(&counts.first),
        day(&counts.last),
    ]
}

/// Which releases hold it, where there are several, and who wrote most.
fn write_details(out: &mut dyn Write, counts: &TermCounts, layout: &Layout) -> io::Result<()> {
    let mut parts = Vec::new();
    if counts.releases.len() > 1 {
        let releases = counts.releases.iter().filter(|one| one.messages > 0);
        let releases: Vec<String> = releases
            .map(|one| {
                let name = layout.one_line(&one.release);
                format!("{name} {}", format::count(one.messages))
            })
            .collect();
        parts.push(releases.join(", "));
    }
    if counts.undated > 0 {
        parts.push(format!("{} undated", format::count(counts.undated)));
    }
    if !counts.senders.is_empty() {
        parts.push(format!("wrote most: {}", named(&counts.senders, layout)));
    }
    if counts.messages == 0 || parts.is_empty() {
        return Ok(());
    }
    let text = shorten(
        &parts.join(" · "),
        layout.width.max(WIDTH).saturating_sub(INDENT),
    );
    let faint = layout.palette.faint;
    writeln!(out, "{:INDENT$}{faint}{text}{faint:#}", "")
}

/// Persons with their numbers, by name; by address where two have one name.
fn named(people: &[Correspondent], layout: &Layout) -> String {
    let names: Vec<String> = people
        .iter()
        .map(|one| format::short_person(&one.person, layout))
        .collect();
    let shown = people.iter().zip(&names).map(|(one, name)| {
        let namesakes = names.iter().filter(|other| *other == name).count();
        let address = one.person.address.as_deref();
        let shown = match address {
            Some(address) if namesakes > 1 => layout.one_line(address).into_owned(),
            _ => name.clone(),
        };
        format!("{shown} {}", format::count(one.messages))
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Writes the names of the columns of [`write_hit_row`].
pub(crate) fn write_hits_header(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{},terms,terms_only_quoted\r\n", csv::header())
}

/// Writes a message as a row: as `search --csv`, and the terms that hit it.
pub(crate) fn write_hit_row(
    out: &mut dyn Write,
    found: &TermHit,
    cells: Cells,
    layout: &Layout,
) -> io::Result<()> {
    let names = |only: Option<Whose>| {
        let terms = found.terms.iter();
        let terms = terms.filter(|term| only.is_none() || term.words == only);
        let names: Vec<&str> = terms.map(|term| term.name.as_str()).collect();
        csv::cell(&names.join("; "), cells)
    };
    let row = csv::row(&found.hit, cells);
    let row = format!("{row},{},{}", names(None), names(Some(Whose::OnlyQuoted)));
    write!(out, "{}\r\n", layout.lines(&row))
}

/// Writes a message for people: as in search results, and the terms that hit it.
pub(crate) fn write_hit(
    out: &mut dyn Write,
    found: &TermHit,
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    hit::write_hit(out, &found.hit, layout, zone)?;
    let terms = found.terms.iter().map(|term| {
        let name = layout.one_line(&term.name);
        match term.words {
            Some(Whose::OnlyQuoted) => format!("{name} (quoted)"),
            _ => name.into_owned(),
        }
    });
    let terms: Vec<String> = terms.collect();
    writeln!(out, "{:INDENT$}{}", "", terms.join(" · "))
}
