//! A timeline as SVG, fit for print: bars for one query, lines for several, the user's events as numbered marks.
//!
//! Colours are written at each element, so that every program shows them; a style sheet changes them where a screen
//! is dark. There is no script, and nothing is fetched.

mod axes;
mod text;

use super::Event;
use super::Series;
use super::Timeline;
use super::buckets::days_between;
use axes::Ticks;
use axes::day_ticks;
use axes::nice_step;
use jiff::civil::Date;
use std::fmt::Write;
use text::escaped;
use text::grouped;
use text::wrapped;

/// On which ground it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light on paper and light screens, dark on dark ones.
    #[default]
    Auto,
    /// Light everywhere.
    Light,
    /// Dark everywhere.
    Dark,
}

const WIDTH: f64 = 960.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 30.0;
const PLOT_HEIGHT: f64 = 300.0;
/// Below the plot, down to the second line of dates.
const DATES: f64 = 44.0;
const LINE: f64 = 18.0;
/// Between the centres of two marks of events that are not above one another.
const MARK: f64 = 19.0;
/// Letters of a line of the list of events.
const LETTERS: usize = 115;
/// Letters of a name in the legend.
const NAME_LETTERS: usize = 60;
/// Points are marked on lines with up to so many.
const MARKED_POINTS: usize = 80;

/// Ink for ground, text, faint text, grid; then for the series in their order. Told apart by those who see red and
/// green alike (after Okabe and Ito), and by their dashes in grey.
struct Inks {
    ground: &'static str,
    text: &'static str,
    faint: &'static str,
    grid: &'static str,
    series: [&'static str; 7],
}

const LIGHT: Inks = Inks {
    ground: "#ffffff",
    text: "#1a1a1a",
    faint: "#595959",
    grid: "#dddddd",
    series: [
        "#0072b2", "#d55e00", "#007a5a", "#b4467f", "#8a6d00", "#4b4fb0", "#555555",
    ],
};

const DARK: Inks = Inks {
    ground: "#16181d",
    text: "#f0f0f0",
    faint: "#b0b4bb",
    grid: "#3a3e46",
    series: [
        "#56b4e9", "#ff9c54", "#3ddbaa", "#f0a3cc", "#f0d04c", "#a9acff", "#c8c8c8",
    ],
};

const DASHES: [&str; 4] = ["", "7 4", "2 3", "10 4 2 4"];

/// Draws a timeline. A title stands above it, if one is given.
pub fn draw(timeline: &Timeline, title: Option<&str>, theme: Theme) -> String {
    Drawing::new(timeline, theme).draw(title)
}

struct Drawing<'a> {
    timeline: &'a Timeline,
    theme: Theme,
    inks: &'static Inks,
    svg: String,
    /// First day, and the day after the last.
    span: Option<(Date, Date)>,
    /// Where the plot begins.
    top: f64,
}

impl<'a> Drawing<'a> {
    fn new(timeline: &'a Timeline, theme: Theme) -> Self {
        let end = |start: &Date| timeline.by.next(*start).unwrap_or(Date::MAX);
        let last = timeline.periods.last().map(end);
        Self {
            timeline,
            theme,
            inks: if theme == Theme::Dark { &DARK } else { &LIGHT },
            svg: String::new(),
            span: timeline.periods.first().copied().zip(last),
            top: TOP,
        }
    }

    fn draw(mut self, title: Option<&str>) -> String {
        if let Some(title) = title {
            for line in wrapped(title, LETTERS * 3 / 4) {
                self.text(LEFT, self.top, "start", "t", 17, &line);
                self.top += 24.0;
            }
        }
        self.legend();
        let events = self.events_in_span();
        let lanes = self.lanes(&events);
        let rows = lanes.iter().max().map_or(0, |most| most + 1);
        self.top += 8.0 + rows as f64 * MARK;
        self.value_axis();
        self.date_axis();
        match self.timeline.series.as_slice() {
            [one] => self.bars(one),
            several => {
                for (number, series) in several.iter().enumerate() {
                    self.line(number, series);
                }
            }
        }
        self.marks(&events, &lanes);
        let mut y = self.top + PLOT_HEIGHT + DATES + LINE;
        y = self.list(&events, y);
        for line in wrapped(&self.remarks(), LETTERS) {
            self.text(LEFT, y, "start", "f", 12, &line);
            y += LINE;
        }
        self.document(title, y)
    }

    /// The whole file around what was drawn.
    fn document(&self, title: Option<&str>, height: f64) -> String {
        let names: Vec<&str> = self
            .timeline
            .series
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let names = names.join(", ");
        let what = format!("Messages by {}: {names}", self.timeline.by.word());
        let title = title.unwrap_or(&what);
        let style = match self.theme {
            Theme::Auto => dark_style(),
            Theme::Light | Theme::Dark => String::new(),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
             role=\"img\" font-family=\"'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n{style}\
             <rect class=\"g\" width=\"{WIDTH}\" height=\"{height}\" fill=\"{}\"/>\n{}</svg>\n",
            escaped(title),
            escaped(&what),
            self.inks.ground,
            self.svg
        )
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.svg.write_fmt(element);
        self.svg.push('\n');
    }

    /// A line of text; `class` is `t` for text, `f` for faint text.
    fn text(&mut self, x: f64, y: f64, anchor: &str, class: &str, size: u32, text: &str) {
        let ink = if class == "t" {
            self.inks.text
        } else {
            self.inks.faint
        };
        let text = escaped(text);
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{ink}\">{text}</text>"
        ));
    }

    /// Ink and dashes of a series.
    fn pen(&self, number: usize) -> (usize, &'static str, &'static str) {
        let inks = &self.inks.series;
        let ink = number % inks.len();
        (ink, inks[ink], DASHES[number % DASHES.len()])
    }

    /// What is counted, and what each query looks like.
    fn legend(&mut self) {
        let counted = format!("Messages by {}", self.timeline.by.word());
        self.text(LEFT, self.top, "start", "f", 13, &counted);
        self.top += LINE;
        let mut x = LEFT;
        for (number, series) in self.timeline.series.iter().enumerate() {
            let name: String = match series.name.chars().count() > NAME_LETTERS {
                true => series
                    .name
                    .chars()
                    .take(NAME_LETTERS - 1)
                    .chain(['…'])
                    .collect(),
                false => series.name.clone(),
            };
            let label = format!("{name} ({})", grouped(series.messages));
            // Widths of letters are not known here: a little more than the mean of the fonts named.
            let width = 42.0 + 7.2 * label.chars().count() as f64;
            if x > LEFT && x + width > WIDTH - RIGHT {
                x = LEFT;
                self.top += LINE;
            }
            let (ink, colour, dashes) = self.pen(number);
            let y = self.top - 4.0;
            if self.timeline.series.len() == 1 {
                self.push(format_args!(
                    "<rect class=\"b{ink}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"22\" height=\"10\" fill=\"{colour}\"/>",
                    y - 5.0
                ));
            } else {
                self.push(format_args!(
                    "<line class=\"l{ink}\" x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\"/>",
                    x + 26.0
                ));
            }
            self.text(x + 32.0, self.top, "start", "t", 13, &label);
            x += width;
        }
    }

    /// Where a day begins.
    fn x(&self, day: Date) -> f64 {
        let Some((first, end)) = self.span else {
            return LEFT;
        };
        let whole = days_between(first, end).max(1) as f64;
        LEFT + days_between(first, day) as f64 / whole * (WIDTH - LEFT - RIGHT)
    }

    /// The greatest value of the axis, and the step between two of its lines.
    fn scale(&self) -> (u64, u64) {
        let counts = self
            .timeline
            .series
            .iter()
            .flat_map(|series| &series.counts);
        let most = counts.copied().max().unwrap_or(0).max(1);
        let step = nice_step(most);
        (most.div_ceil(step) * step, step)
    }

    fn y(&self, count: u64) -> f64 {
        let (most, _) = self.scale();
        self.top + PLOT_HEIGHT * (1.0 - count as f64 / most as f64)
    }

    fn value_axis(&mut self) {
        let (most, step) = self.scale();
        let mut value = 0;
        while value <= most {
            let y = self.y(value);
            let ink = if value == 0 {
                self.inks.faint
            } else {
                self.inks.grid
            };
            let class = if value == 0 { "a" } else { "r" };
            self.push(format_args!(
                "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{ink}\"/>",
                WIDTH - RIGHT
            ));
            self.text(LEFT - 8.0, y + 4.0, "end", "f", 12, &grouped(value));
            value += step;
        }
    }

    fn date_axis(&mut self) {
        let Some((first, end)) = self.span else {
            return;
        };
        let foot = self.top + PLOT_HEIGHT;
        let Ticks { days, unit, single } = day_ticks(first, end, WIDTH - LEFT - RIGHT);
        let mut before = None;
        for day in days {
            let x = self.x(day);
            self.push(format_args!(
                "<line class=\"a\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{foot:.1}\" y2=\"{:.1}\" stroke=\"{}\"/>",
                foot + 5.0,
                self.inks.faint
            ));
            let (near, far) = unit.label(day, before);
            // A label for each period stands below its middle.
            let x = match self.timeline.by.next(day) {
                Some(next) if single == Some(self.timeline.by) => (x + self.x(next)) / 2.0,
                _ => x,
            };
            self.text(x, foot + 20.0, "middle", "f", 12, &near);
            if let Some(far) = far {
                self.text(x, foot + 36.0, "middle", "f", 12, &far);
            }
            before = Some(day);
        }
    }

    fn bars(&mut self, series: &Series) {
        let (ink, colour, _) = self.pen(0);
        let foot = self.top + PLOT_HEIGHT;
        for (start, count) in self.timeline.periods.iter().zip(&series.counts) {
            if *count == 0 {
                continue;
            }
            let end = self.timeline.by.next(*start).unwrap_or(Date::MAX);
            let (x, right) = (self.x(*start), self.x(end));
            let gap = if right - x > 4.0 { 1.0 } else { 0.0 };
            // However many there are, each is seen.
            let width = (right - x - gap).max(0.8);
            let y = self.y(*count).min(foot - 1.0);
            let what = format!("{}: {}", self.timeline.by.label(*start), grouped(*count));
            self.push(format_args!(
                "<rect class=\"b{ink}\" x=\"{x:.2}\" y=\"{y:.1}\" width=\"{width:.2}\" height=\"{:.1}\" fill=\"{colour}\"><title>{what}</title></rect>",
                foot - y
            ));
        }
    }

    fn line(&mut self, number: usize, series: &Series) {
        let (ink, colour, dashes) = self.pen(number);
        let points: Vec<(f64, f64)> = self
            .timeline
            .periods
            .iter()
            .zip(&series.counts)
            .map(|(start, count)| {
                let end = self.timeline.by.next(*start).unwrap_or(Date::MAX);
                ((self.x(*start) + self.x(end)) / 2.0, self.y(*count))
            })
            .collect();
        let path: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        self.push(format_args!(
            "<polyline class=\"l{ink}\" points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\" stroke-linejoin=\"round\"/>",
            path.join(" ")
        ));
        if points.len() > MARKED_POINTS {
            return;
        }
        let labels: Vec<String> = self
            .timeline
            .periods
            .iter()
            .zip(&series.counts)
            .map(|(start, count)| {
                format!("{}: {}", self.timeline.by.label(*start), grouped(*count))
            })
            .collect();
        for ((x, y), what) in points.into_iter().zip(labels) {
            self.push(format_args!(
                "<circle class=\"b{ink}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{colour}\"><title>{what}</title></circle>"
            ));
        }
    }

    /// The events between the first and the last period; the others are counted in the remarks.
    fn events_in_span(&self) -> Vec<&'a Event> {
        let Some((first, end)) = self.span else {
            return Vec::new();
        };
        let events = self.timeline.events.iter();
        events
            .filter(|event| first <= event.date && event.date < end)
            .collect()
    }

    /// In which row above the plot each mark stands, so that none covers another.
    fn lanes(&self, events: &[&Event]) -> Vec<usize> {
        let mut ends: Vec<f64> = Vec::new();
        events
            .iter()
            .map(|event| {
                let x = self.x(event.date);
                let free = ends.iter().position(|end| *end + MARK <= x);
                let lane = free.unwrap_or(ends.len());
                match ends.get_mut(lane) {
                    Some(end) => *end = x,
                    None => ends.push(x),
                }
                lane
            })
            .collect()
    }

    fn marks(&mut self, events: &[&Event], lanes: &[usize]) {
        let foot = self.top + PLOT_HEIGHT;
        let (ground, ink) = (self.inks.ground, self.inks.text);
        let top = self.top - 10.0;
        let height = |lane: &usize| top - *lane as f64 * MARK;
        // All lines first: a mark covers the lines that pass it.
        for (event, lane) in events.iter().zip(lanes) {
            let (x, y) = (self.x(event.date), height(lane));
            self.push(format_args!(
                "<line class=\"e\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{foot:.1}\" stroke=\"{ink}\" stroke-width=\"1\" stroke-dasharray=\"4 3\"/>"
            ));
        }
        for (number, (event, lane)) in events.iter().zip(lanes).enumerate() {
            let (x, y) = (self.x(event.date), height(lane));
            self.push(format_args!(
                "<circle class=\"m\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"8.5\" fill=\"{ground}\" stroke=\"{ink}\"/>"
            ));
            self.text(x, y + 4.0, "middle", "t", 11, &(number + 1).to_string());
        }
    }

    /// What the marks stand for.
    fn list(&mut self, events: &[&Event], mut y: f64) -> f64 {
        for (number, event) in events.iter().enumerate() {
            self.text(LEFT + 16.0, y, "end", "f", 12, &(number + 1).to_string());
            self.text(LEFT + 26.0, y, "start", "f", 12, &event.date.to_string());
            for line in wrapped(&event.label, LETTERS - 18) {
                self.text(LEFT + 106.0, y, "start", "t", 12, &line);
                y += LINE;
            }
        }
        if events.is_empty() { y } else { y + 6.0 }
    }

    /// What a reader has to know to trust it.
    fn remarks(&self) -> String {
        let mut remarks = format!("Days in {}.", self.timeline.zone);
        let undated: Vec<String> = self
            .timeline
            .series
            .iter()
            .filter(|series| series.undated > 0)
            .map(|series| format!("{} of {}", grouped(series.undated), series.name))
            .collect();
        if !undated.is_empty() {
            let _ = write!(
                remarks,
                " Without a date, and so not shown: {}.",
                undated.join(", ")
            );
        }
        let outside = self.timeline.events.len() - self.events_in_span().len();
        if outside > 0 {
            let _ = write!(
                remarks,
                " Events before the first or after the last message: {outside}."
            );
        }
        remarks
    }
}

/// Other inks on dark screens. Paper is light.
fn dark_style() -> String {
    let mut style = String::from("<style>@media screen and (prefers-color-scheme: dark) {");
    let rules = [
        (".g, .m", "fill", DARK.ground),
        (".t", "fill", DARK.text),
        (".f", "fill", DARK.faint),
        (".r", "stroke", DARK.grid),
        (".a", "stroke", DARK.faint),
        (".e, .m", "stroke", DARK.text),
    ];
    for (class, what, ink) in rules {
        let _ = write!(style, " {class} {{ {what}: {ink} }}");
    }
    for (number, ink) in DARK.series.iter().enumerate() {
        let _ = write!(
            style,
            " .b{number} {{ fill: {ink} }} .l{number} {{ stroke: {ink} }}"
        );
    }
    style.push_str(" }</style>\n");
    style
}
