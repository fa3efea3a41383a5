//! What a run did, for people: ingest, releases, export.

use crate::format;
use crate::render::ledger;
use crate::table::Align;
use crate::table::Table;
use crate::terminal::Layout;
use jiff::tz::TimeZone;
use muckrake_case::IngestSummary;
use muckrake_case::ReleaseSummary;
use std::io;
use std::io::Write;

/// Writes what an ingest added, beside the sums of the case.
pub(crate) fn write_ingest(
    out: &mut dyn Write,
    summary: &IngestSummary,
    layout: &Layout,
) -> io::Result<()> {
    let strong = layout.palette.strong;
    let release = layout.one_line(&summary.release);
    writeln!(
        out,
        "Release {strong}{release}{strong:#}: {}",
        headline(summary)
    )?;
    let totals = &summary.totals;
    let mut table = Table::new(&[
        ("", Align::Left),
        ("this run", Align::Right),
        ("whole case", Align::Right),
    ]);
    let mut row = |label: &str, new: u64, all: u64| {
        table.row(vec![
            label.to_owned(),
            format::count(new),
            format::count(all),
        ]);
    };
    row("Sources", summary.sources_new, totals.sources);
    row("Copies of messages", summary.copies_new, totals.copies);
    row("Messages", summary.messages_new, totals.messages);
    row("Duplicates", summary.duplicates_new, totals.duplicates);
    row("Attachments", summary.attachments_new, totals.attachments);
    row(
        "Not yet readable",
        summary.unsupported_new,
        totals.unsupported,
    );
    row("Unread", summary.unread_new, totals.unread);
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", ledger::balance(totals, layout))
}

fn headline(summary: &IngestSummary) -> String {
    let mut parts = Vec::new();
    let mut part = |number: u64, words: &str| {
        if number > 0 {
            parts.push(format!("{} {words}", format::counted(number, "source")));
        }
    };
    let versions = summary.sources_grown + summary.sources_changed;
    part(summary.sources_new.saturating_sub(versions), "read");
    part(summary.sources_grown, "grown");
    part(summary.sources_changed, "changed");
    part(summary.sources_same, "known already");
    if summary.copies_kept > 0 {
        let kept = format::counted(summary.copies_kept, "message");
        parts.push(format!("{kept} kept from a run that was interrupted"));
    }
    if is_nothing_new(summary) {
        return match summary.sources_same {
            0 if summary.copies_new > 0 => "a part of a source read".to_owned(),
            0 => "nothing to read there".to_owned(),
            same => format!(
                "nothing new; {} known already",
                format::counted(same, "source")
            ),
        };
    }
    parts.join(", ")
}

/// Whether the run changed nothing.
pub(crate) fn is_nothing_new(summary: &IngestSummary) -> bool {
    summary.sources_new + summary.sources_grown + summary.sources_changed == 0
}

/// Writes the releases as a table, their facts and what they share.
pub(crate) fn write_releases(
    out: &mut dyn Write,
    releases: &[ReleaseSummary],
    layout: &Layout,
    zone: &TimeZone,
) -> io::Result<()> {
    let mut table = Table::new(&[
        ("Release", Align::Left),
        ("Agency", Align::Left),
        ("Messages", Align::Right),
        ("only here", Align::Right),
        ("Copies", Align::Right),
        ("Sources", Align::Right),
        ("From", Align::Left),
        ("To", Align::Left),
    ]);
    for release in releases {
        let day = |date: &Option<String>| {
            date.as_deref()
                .map(|date| format::list_day(Some(date), zone))
        };
        table.row(vec![
            layout.one_line(&release.name).into_owned(),
            layout
                .one_line(release.agency.as_deref().unwrap_or_default())
                .into_owned(),
            format::count(release.messages),
            format::count(release.only_here),
            format::count(release.copies),
            format::count(release.sources),
            day(&release.first).unwrap_or_default(),
            day(&release.last).unwrap_or_default(),
        ]);
    }
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    for release in releases {
        write_facts(out, release, layout)?;
    }
    write_overlaps(out, releases, layout)
}

fn write_facts(out: &mut dyn Write, release: &ReleaseSummary, layout: &Layout) -> io::Result<()> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, value: Option<&str>| {
        if let Some(value) = value {
            facts.push(format!("{label} {}", layout.one_line(value)));
        }
    };
    fact("request", release.request.as_deref());
    fact("received", release.date_received.as_deref());
    fact("time zone", release.time_zone.as_deref());
    if let Some(promised) = release.promised {
        facts.push(format!(
            "{} promised, {} delivered ({} distinct)",
            format::counted(promised, "message"),
            format::count(release.copies),
            format::count(release.messages)
        ));
    }
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "{}: {}",
        layout.one_line(&release.name),
        facts.join("; ")
    )
}

fn write_overlaps(
    out: &mut dyn Write,
    releases: &[ReleaseSummary],
    layout: &Layout,
) -> io::Result<()> {
    for (position, release) in releases.iter().enumerate() {
        let later = &releases[position + 1..];
        for overlap in &release.overlaps {
            // Each pair is told once.
            if overlap.messages > 0 && later.iter().any(|other| other.name == overlap.release) {
                writeln!(
                    out,
                    "{} and {} share {}",
                    layout.one_line(&release.name),
                    layout.one_line(&overlap.release),
                    format::counted(overlap.messages, "message")
                )?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_case::Overlap;
    use muckrake_case::SCHEMA;
    use muckrake_case::Totals;

    fn release(name: &str, other: &str) -> ReleaseSummary {
        ReleaseSummary {
            schema: SCHEMA,
            name: name.to_owned(),
            agency: Some("Harbour Authority".to_owned()),
            request: Some("2021-17".to_owned()),
            date_received: None,
            promised: Some(4_294),
            time_zone: None,
            sources: 2,
            copies: 1_300,
            messages: 1_200,
            only_here: 1_000,
            first: Some("2016-05-11T14:03:22Z".to_owned()),
            last: None,
            overlaps: vec![Overlap {
                release: other.to_owned(),
                messages: 200,
            }],
        }
    }

    #[test]
    fn releases_are_a_table_with_facts_and_overlaps() {
        let releases = [release("harbour", "city"), release("city", "harbour")];
        let mut out = Vec::new();
        write_releases(&mut out, &releases, &Layout::plain(100), &TimeZone::UTC)
            .expect("a vector takes every byte");
        assert_eq!(
            String::from_utf8(out).expect("only UTF-8 was written"),
            "Release  Agency             Messages  only here  Copies  Sources  From        To\n\
             harbour  Harbour Authority     1,200      1,000   1,300        2  2016-05-11\n\
             city     Harbour Authority     1,200      1,000   1,300        2  2016-05-11\n\
             harbour: request 2021-17; 4,294 messages promised, 1,300 delivered (1,200 distinct)\n\
             city: request 2021-17; 4,294 messages promised, 1,300 delivered (1,200 distinct)\n\
             harbour and city share 200 messages\n"
        );
    }

    #[test]
    fn a_run_without_news_says_so() {
        let summary = IngestSummary {
            release: "harbour".to_owned(),
            sources_same: 2,
            totals: Totals {
                pages: muckrake_case::PrintedPages::default(),
                balanced: true,
                ..Totals::default()
            },
            ..IngestSummary::default()
        };
        let mut out = Vec::new();
        write_ingest(&mut out, &summary, &Layout::plain(100)).expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("only UTF-8 was written");
        assert!(
            text.starts_with("Release harbour: nothing new; 2 sources known already\n"),
            "{text}"
        );
    }
}
