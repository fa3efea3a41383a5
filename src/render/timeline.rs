//! Timelines: as bars on a terminal, as CSV, as JSON Lines.

use crate::format;
use crate::table::shorten;
use crate::terminal::Layout;
use muckrake_case::Event;
use muckrake_case::SCHEMA;
use muckrake_case::Series;
use muckrake_case::Step;
use muckrake_case::Timeline;
use muckrake_case::csv;
use muckrake_case::csv::Cells;
use serde::Serialize;
use std::io;
use std::io::Write;
use unicode_width::UnicodeWidthStr;

/// Queries that stand side by side; more make further blocks below.
const ABREAST: usize = 4;
/// Cells of a period and the gap behind it.
const PERIOD: usize = 12;
/// Longest bar.
const LONGEST: usize = 60;
/// Empty periods in a row from which on they are one line.
const GAP: usize = 4;

/// A line of `--json`.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum JsonLine<'a> {
    Period {
        schema: u32,
        kind: &'static str,
        period: String,
        first: String,
        last: String,
        counts: Vec<u64>,
    },
    Event {
        schema: u32,
        kind: &'static str,
        date: String,
        label: &'a str,
    },
    Totals {
        schema: u32,
        kind: &'static str,
        by: &'static str,
        time_zone: &'a str,
        series: Vec<JsonSeries<'a>>,
    },
}

/// What a query comes to.
#[derive(Serialize)]
pub(crate) struct JsonSeries<'a> {
    name: &'a str,
    query: &'a str,
    messages: u64,
    undated: u64,
}

/// Hands each line to `write`: periods, events, totals.
pub(crate) fn json_lines(
    timeline: &Timeline,
    texts: &[String],
    mut write: impl FnMut(JsonLine<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let schema = SCHEMA;
    for (place, start) in timeline.periods.iter().enumerate() {
        write(JsonLine::Period {
            schema,
            kind: "period",
            period: timeline.by.label(*start),
            first: start.to_string(),
            last: timeline.by.end(*start).to_string(),
            counts: counts(timeline, place),
        })?;
    }
    for event in &timeline.events {
        write(JsonLine::Event {
            schema,
            kind: "event",
            date: event.date.to_string(),
            label: &event.label,
        })?;
    }
    let series = timeline.series.iter().zip(texts);
    let series = series.map(|(series, query)| JsonSeries {
        name: &series.name,
        query,
        messages: series.messages,
        undated: series.undated,
    });
    write(JsonLine::Totals {
        schema,
        kind: "totals",
        by: timeline.by.word(),
        time_zone: &timeline.zone,
        series: series.collect(),
    })
}

/// What the queries count in one period.
fn counts(timeline: &Timeline, place: usize) -> Vec<u64> {
    let series = timeline.series.iter();
    let counts = series.map(|series| series.counts.get(place).copied().unwrap_or_default());
    counts.collect()
}

/// Writes a row for each period, then one for what has no date.
pub(crate) fn write_csv(
    out: &mut dyn Write,
    timeline: &Timeline,
    cells: Cells,
    layout: &Layout,
) -> io::Result<()> {
    let mut write_row = |row: Vec<String>| {
        let row: Vec<String> = row.iter().map(|text| csv::cell(text, cells)).collect();
        write!(out, "{}\r\n", layout.lines(&row.join(",")))
    };
    let mut header = vec!["period".to_owned(), "first".to_owned(), "last".to_owned()];
    header.extend(timeline.series.iter().map(|series| series.name.clone()));
    header.push("events".to_owned());
    write_row(header)?;
    for (place, start) in timeline.periods.iter().enumerate() {
        let end = timeline.by.end(*start);
        let mut row = vec![
            timeline.by.label(*start),
            start.to_string(),
            end.to_string(),
        ];
        row.extend(counts(timeline, place).iter().map(u64::to_string));
        let within = |event: &&Event| *start <= event.date && event.date <= end;
        let events = timeline.events.iter().filter(within);
        let events: Vec<String> = events
            .map(|event| format!("{} {}", event.date, event.label))
            .collect();
        row.push(events.join("; "));
        write_row(row)?;
    }
    let mut undated = vec!["undated".to_owned(), String::new(), String::new()];
    undated.extend(
        timeline
            .series
            .iter()
            .map(|series| series.undated.to_string()),
    );
    undated.push(String::new());
    write_row(undated)
}

/// Writes bars, a line for each period, side by side for several queries, all to one measure.
pub(crate) fn write_chart(
    out: &mut dyn Write,
    timeline: &Timeline,
    layout: &Layout,
) -> io::Result<()> {
    let all = timeline.series.iter().flat_map(|series| &series.counts);
    let most = all.copied().max().unwrap_or_default();
    if most > 0 {
        for (number, block) in timeline.series.chunks(ABREAST).enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            Block::new(timeline, block, most, layout).write(out)?;
        }
    }
    let faint = layout.palette.faint;
    writeln!(
        out,
        "{faint}{}{faint:#}",
        layout.one_line(&remarks(timeline))
    )
}

/// What a reader has to know to trust it.
fn remarks(timeline: &Timeline) -> String {
    let totals = timeline.series.iter().map(|series| {
        let total = format::counted(series.messages, "message");
        let undated = match series.undated {
            0 => String::new(),
            undated => format!(
                ", {} without a date and in no period",
                format::count(undated)
            ),
        };
        match timeline.series.len() {
            1 => format!("{total}{undated}"),
            _ => format!("{}: {total}{undated}", series.name),
        }
    });
    let mut remarks: Vec<String> = totals.collect();
    remarks.push(format!("days in {}", timeline.zone));
    let outside = timeline
        .events
        .iter()
        .filter(|event| !is_within(timeline, event))
        .count();
    if outside > 0 {
        remarks.push(format!(
            "{} before the first or after the last message",
            format::counted(outside as u64, "event")
        ));
    }
    remarks.join("; ")
}

fn is_within(timeline: &Timeline, event: &Event) -> bool {
    let first = timeline.periods.first();
    let last = timeline.periods.last().map(|start| timeline.by.end(*start));
    first.is_some_and(|first| *first <= event.date) && last.is_some_and(|last| event.date <= last)
}

/// Some queries side by side.
struct Block<'a> {
    timeline: &'a Timeline,
    series: &'a [Series],
    most: u64,
    layout: &'a Layout,
    /// Cells of a bar, and of a column.
    bar: usize,
    column: usize,
}

impl<'a> Block<'a> {
    fn new(timeline: &'a Timeline, series: &'a [Series], most: u64, layout: &'a Layout) -> Self {
        let number = format::count(most).width();
        let room = layout.width.saturating_sub(PERIOD) / series.len().max(1);
        let bar = room.saturating_sub(number + 3).clamp(4, LONGEST);
        Self {
            timeline,
            series,
            most,
            layout,
            bar,
            column: bar + number + 3,
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let faint = self.layout.palette.faint;
        let heading = match self.timeline.by {
            Step::Day => "Day",
            Step::Week => "Week",
            Step::Month => "Month",
            Step::Year => "Year",
        };
        let mut head = format!("{heading:<PERIOD$}");
        for series in self.series {
            let name = self.layout.one_line(&series.name);
            let name = shorten(&name, self.column - 2);
            head.push_str(&name);
            head.push_str(&" ".repeat(self.column - name.width()));
        }
        writeln!(out, "{faint}{}{faint:#}", head.trim_end())?;
        let mut place = 0;
        while place < self.timeline.periods.len() {
            let empty = self.empty_from(place);
            if empty >= GAP {
                let what = format::counted(empty as u64, self.timeline.by.word());
                writeln!(out, "{faint}  ⋮ {what} without a message{faint:#}")?;
                place += empty;
                continue;
            }
            self.write_period(out, place)?;
            place += 1;
        }
        Ok(())
    }

    /// How many periods from here on are empty and hold no event.
    fn empty_from(&self, place: usize) -> usize {
        let places = place..self.timeline.periods.len();
        let is_empty = |place: &usize| {
            let counts = self
                .series
                .iter()
                .filter_map(|series| series.counts.get(*place));
            counts.sum::<u64>() == 0 && self.events(*place).next().is_none()
        };
        places.take_while(is_empty).count()
    }

    fn events(&self, place: usize) -> impl Iterator<Item = &Event> {
        let start = self.timeline.periods.get(place).copied();
        let span = start.map(|start| start..=self.timeline.by.end(start));
        let events = self.timeline.events.iter();
        events.filter(move |event| span.as_ref().is_some_and(|span| span.contains(&event.date)))
    }

    fn write_period(&self, out: &mut dyn Write, place: usize) -> io::Result<()> {
        let start = self.timeline.periods.get(place);
        let label = start
            .map(|start| self.timeline.by.label(*start))
            .unwrap_or_default();
        let mut line = format!("{label:<PERIOD$}");
        for series in self.series {
            let count = series.counts.get(place).copied().unwrap_or_default();
            let bar = bar(count, self.most, self.bar);
            let number = match count {
                0 => "·".to_owned(),
                count => format::count(count),
            };
            let cell = if count == 0 {
                number
            } else {
                format!("{bar} {number}")
            };
            let blanks = self.column.saturating_sub(cell.width());
            line.push_str(&cell);
            line.push_str(&" ".repeat(blanks));
        }
        writeln!(out, "{}", line.trim_end())?;
        for event in self.events(place) {
            let strong = self.layout.palette.strong;
            let text = format!("◆ {} {}", event.date, self.layout.one_line(&event.label));
            let text = shorten(&text, self.layout.width.saturating_sub(PERIOD));
            writeln!(out, "{:PERIOD$}{strong}{text}{strong:#}", "")?;
        }
        Ok(())
    }
}

/// A bar in eighths of a cell; whatever is counted has one of an eighth at least.
fn bar(count: u64, most: u64, cells: usize) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = u128::from(count) * cells as u128 * 8 / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or(cells * 8);
    let eighths = if count > 0 { eighths.max(1) } else { 0 };
    let part = PARTS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn bars_are_in_proportion_and_never_none() {
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 4), "██");
        assert_eq!(bar(1, 16, 4), "▎");
        assert_eq!(bar(1, 1_000_000, 4), "▏");
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(u64::MAX, u64::MAX, 4), "████");
    }
}
