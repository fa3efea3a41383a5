//! Timelines: how many messages match, by day, week, month or year, with the user's own events beside them.

mod buckets;
mod events;
mod svg;

pub use buckets::Step;
pub use events::Event;
pub use svg::Theme;
pub use svg::draw as draw_timeline;

use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::Query;
use buckets::by_day;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A query to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRequest {
    /// What it is called.
    pub name: String,
    /// What is counted.
    pub query: Query,
}

/// Counts of several queries over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The length of a period.
    pub by: Step,
    /// The time zone in which days are counted.
    pub zone: String,
    /// First days of the periods, without a gap from the first to the last in which any query matches.
    pub periods: Vec<Date>,
    /// The queries, in the order asked for.
    pub series: Vec<Series>,
    /// The user's events, by date.
    pub events: Vec<Event>,
    /// What the user should know beside it.
    pub notices: Vec<String>,
}

/// The counts of one query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// All messages that match.
    pub messages: u64,
    /// Those of them without a date, which are in no period.
    pub undated: u64,
    /// Messages in each period.
    pub counts: Vec<u64>,
}

/// More periods are not listed: nobody reads them, and one message with a wrong year would make millions of days.
const MOST_PERIODS: usize = 40_000;

/// Periods that fit one screen.
const SCREEN: usize = 100;

impl Case {
    /// Counts what each query matches over time, in the days of the case's zone; a date that tells no zone is taken as
    /// in `date:`. Without `by`, the shortest period is taken of which at most 100 lie between the first and the last message.
    ///
    /// # Errors
    /// As [`Case::search`]; events that cannot be read; [`CaseError::TooManyPeriods`].
    pub fn timeline(
        &self,
        wanted: &[SeriesRequest],
        by: Option<Step>,
        links: Links,
        mut events: Vec<Event>,
    ) -> Result<Timeline, CaseError> {
        let view = self.view()?;
        let zone = self.settings().zone()?;
        let columns = view.columns(links)?;
        let mut counted = Vec::with_capacity(wanted.len());
        for request in wanted {
            let matching = view.ordinals(&request.query, links)?;
            let dates = matching.iter().map(|ordinal| columns.date(ordinal));
            counted.push((matching.len(), by_day(dates, &zone)));
        }
        let days = || counted.iter().flat_map(|(_, days)| days.keys().copied());
        let span = days().min().zip(days().max());
        let by = by.unwrap_or_else(|| shortest(span));
        let periods = match span {
            None => Vec::new(),
            Some((first, last)) if by.between(first, last) > MOST_PERIODS => {
                return Err(CaseError::TooManyPeriods {
                    by: by.word(),
                    first: first.to_string(),
                    last: last.to_string(),
                });
            }
            Some((first, last)) => by.periods(first, last),
        };
        let series = wanted
            .iter()
            .zip(counted)
            .map(|(request, (messages, days))| series(request, messages, &days, by, &periods));
        events.sort_by_key(|event| event.date);
        Ok(Timeline {
            by,
            zone: self.settings().zone_name().to_owned(),
            series: series.collect(),
            periods,
            events,
            notices: view.notices()?,
        })
    }
}

/// The shortest step by which a span is shown on a screen; years where none is.
fn shortest(span: Option<(Date, Date)>) -> Step {
    let fits = |step: &Step| span.is_none_or(|(first, last)| step.between(first, last) <= SCREEN);
    Step::ALL.into_iter().find(fits).unwrap_or(Step::Year)
}

fn series(
    request: &SeriesRequest,
    messages: u64,
    days: &BTreeMap<Date, u64>,
    by: Step,
    periods: &[Date],
) -> Series {
    let mut counts = vec![0; periods.len()];
    for (day, count) in days {
        if let Ok(place) = periods.binary_search(&by.start(*day))
            && let Some(slot) = counts.get_mut(place)
        {
            *slot += count;
        }
    }
    Series {
        name: request.name.clone(),
        messages,
        undated: messages - days.values().sum::<u64>(),
        counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_step_is_the_shortest_that_fits_a_screen() {
        let step = |first, last| shortest(Some((first, last)));
        assert_eq!(shortest(None), Step::Day);
        assert_eq!(step(date(2016, 5, 1), date(2016, 5, 31)), Step::Day);
        assert_eq!(step(date(2016, 1, 1), date(2016, 12, 31)), Step::Week);
        assert_eq!(step(date(2012, 1, 1), date(2018, 12, 31)), Step::Month);
        assert_eq!(step(date(1990, 1, 1), date(2018, 12, 31)), Step::Year);
        assert_eq!(step(date(1, 1, 1), date(9999, 12, 31)), Step::Year);
    }

    #[test]
    fn each_day_counts_in_its_period() {
        let days = BTreeMap::from([
            (date(2016, 1, 31), 2),
            (date(2016, 2, 1), 3),
            (date(2016, 4, 9), 1),
        ]);
        let periods = Step::Month.periods(date(2016, 1, 31), date(2016, 4, 9));
        let request = SeriesRequest {
            name: "pier".into(),
            query: Query::All,
        };
        let series = series(&request, 8, &days, Step::Month, &periods);
        assert_eq!(series.counts, [2, 3, 0, 1]);
        assert_eq!((series.messages, series.undated), (8, 2));
    }
}
