//! Counts over time.

use crate::common::Sandbox;
use crate::common::mail;
use crate::common::mbox;
use serde_json::Value;
use serde_json::json;

fn timeline(sandbox: &Sandbox, line: &[&str]) -> Vec<Value> {
    let run = sandbox.run([&["timeline", "--json"][..], line].concat());
    run.expect(0).json()
}

/// Labels and counts of the periods.
fn periods(lines: &[Value]) -> Vec<(String, Value)> {
    let periods = lines.iter().filter(|line| line["kind"] == "period");
    periods
        .map(|line| (crate::common::text(&line["period"]), line["counts"].clone()))
        .collect()
}

fn expected(rows: &[(&str, Value)]) -> Vec<(String, Value)> {
    rows.iter()
        .map(|(label, counts)| ((*label).to_owned(), counts.clone()))
        .collect()
}

/// The mails of the harbour are of 1, 2 and 3 March 2021 in New York, the last at half past eleven at
/// night, and one is undated.
#[test]
fn messages_are_counted_in_the_days_of_the_zone_and_the_undated_beside_them() {
    let sandbox = Sandbox::with_harbour();
    let lines = timeline(&sandbox, &["*"]);
    assert_eq!(
        periods(&lines),
        expected(&[
            ("2021-03-01", json!([1])),
            ("2021-03-02", json!([1])),
            ("2021-03-03", json!([0])),
            ("2021-03-04", json!([1])),
        ])
    );
    let totals = lines.last().expect("there are totals");
    assert_eq!(totals["kind"], "totals");
    assert_eq!(
        totals["series"],
        json!([{"name": "*", "query": "*", "messages": 4, "undated": 1}])
    );
    sandbox.write(
        "muckrake-case/muckrake.toml",
        "time_zone = \"America/New_York\"\n",
    );
    let lines = timeline(&sandbox, &["*"]);
    let days = ["2021-03-01", "2021-03-02", "2021-03-03"];
    assert_eq!(
        periods(&lines),
        expected(&days.map(|day| (day, json!([1]))))
    );
    for (by, label) in [("week", "2021-W09"), ("month", "2021-03"), ("year", "2021")] {
        let lines = timeline(&sandbox, &["*", "--by", by]);
        assert_eq!(periods(&lines), expected(&[(label, json!([3]))]), "{by}");
    }
}

/// What a period counts is what `date:` finds in it.
#[test]
fn a_period_counts_what_a_search_for_it_finds() {
    let sandbox = Sandbox::new();
    let mails: Vec<String> = (1..=28)
        .flat_map(|day| {
            (0..day % 3).map(move |n| {
                mail(
                    day,
                    &format!("p{n}@harbour.example"),
                    "bob@city.example",
                    "Pier",
                    &format!("Pile {n}"),
                )
            })
        })
        .collect();
    sandbox.write("in.mbox", mbox(&mails));
    let _ = sandbox
        .run(["ingest", "in.mbox", "--release", "r"])
        .expect(0);
    sandbox.write(
        "muckrake-case/muckrake.toml",
        "time_zone = \"Asia/Kolkata\"\n",
    );
    for by in ["day", "week"] {
        let lines = timeline(&sandbox, &["pier", "--by", by]);
        let periods: Vec<&Value> = lines
            .iter()
            .filter(|line| line["kind"] == "period")
            .collect();
        assert!(periods.len() > 3);
        for period in periods {
            let (first, last) = (&period["first"], &period["last"]);
            let query = format!(
                "pier date:{}..{}",
                first.as_str().unwrap(),
                last.as_str().unwrap()
            );
            assert_eq!(json!([sandbox.count(&query)]), period["counts"], "{query}");
        }
    }
}

#[test]
fn several_queries_and_events_stand_in_one_table() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox.run(["queries", "save", "shed", "keys"]).expect(0);
    sandbox.write(
        "muckrake-case/events.csv",
        "date,label\n2021-03-02,\"Vote, public\"\n2020-01-01,Before\n",
    );
    let run = sandbox
        .run([
            "timeline",
            "pier",
            "--query",
            "query:shed",
            "--by",
            "month",
            "--csv",
        ])
        .expect(0);
    let rows: Vec<&str> = run.text().split_terminator("\r\n").collect();
    assert_eq!(
        rows,
        [
            "period,first,last,pier,shed,events",
            "2021-03,2021-03-01,2021-03-31,2,0,\"2021-03-02 Vote, public\"",
            "undated,,,0,1,",
        ]
    );
    let chart = sandbox
        .run(["timeline", "pier", "--query", "query:shed"])
        .expect(0);
    for part in [
        "Day         pier",
        "shed",
        "2021-03-01  █",
        "◆ 2021-03-02 Vote, public",
        "pier: 2 messages; shed: 1 message, 1 without a date and in no period; days in UTC",
        "1 event before the first or after the last message",
    ] {
        assert!(chart.text().contains(part), "{part}: {}", chart.text());
    }
    let lines = timeline(&sandbox, &["pier"]);
    let events = lines.iter().filter(|line| line["kind"] == "event").count();
    assert_eq!(events, 2);
}

#[test]
fn empty_stretches_are_one_line_and_too_many_periods_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.eml",
        mail(1, "anne@harbour.example", "bob@city.example", "Pier", "One"),
    );
    let early = mail(2, "anne@harbour.example", "bob@city.example", "Pier", "Two");
    sandbox.write("b.eml", early.replace("Mar 2021", "Mar 1850"));
    let late = mail(
        3,
        "anne@harbour.example",
        "bob@city.example",
        "Pier",
        "Three",
    );
    sandbox.write("c.eml", late.replace("Mar 2021", "Jun 2020"));
    let _ = sandbox
        .run(["ingest", "a.eml", "b.eml", "c.eml", "--release", "r"])
        .expect(0);
    let run = sandbox
        .run(["timeline", "pier after:2000", "--by", "month"])
        .expect(0);
    assert!(
        run.text().contains("⋮ 8 months without a message"),
        "{}",
        run.text()
    );
    assert_eq!(run.text().lines().count(), 5, "{}", run.text());
    let dated = sandbox.count("date:1850");
    if dated == 1 {
        let _ = sandbox
            .run(["timeline", "pier", "--by", "day"])
            .expect(2)
            .says(&["more periods by day", "date:"]);
    }
}

#[test]
fn what_is_asked_wrongly_is_told() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox.run(["timeline"]).expect(2);
    let _ = sandbox
        .run(["timeline", "pier", "--query", "form:x"])
        .expect(2)
        .says(&["  form:x\n  ^^^^^"]);
    let _ = sandbox
        .run(["timeline", "pier", "--query", "keys release:nowhere"])
        .expect(2)
        .says(&["  keys release:nowhere\n               ^^^^^^^"]);
    let _ = sandbox
        .run(["timeline", "zeppelin"])
        .expect(1)
        .says(&["no message matches"]);
    let _ = sandbox
        .run(["timeline", "pier", "--theme", "dark"])
        .expect(2);
    sandbox.write(
        "events.csv",
        "date,label\n2021-03-02,Vote\n5/11/2016,Pier\n",
    );
    let _ = sandbox
        .run(["timeline", "pier", "--events", "events.csv"])
        .expect(2)
        .says(&[
            "line 3 of `events.csv`",
            "`5/11/2016` is no date such as 2016-05-11",
        ]);
    sandbox.write("events.csv", "date,label\n2021-03-02,\n");
    let _ = sandbox
        .run(["timeline", "pier", "--events", "events.csv"])
        .expect(2)
        .says(&["no label"]);
}

/// The names of the elements of an XML text; fails unless every one that is opened is closed.
pub(crate) fn elements(xml: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let text = &rest[..start];
        assert!(!text.contains('>'), "a `>` in text: {text}");
        for entity in text.split('&').skip(1) {
            let name = entity.split(';').next().unwrap();
            assert!(
                ["amp", "lt", "gt", "quot", "#39"].contains(&name),
                "&{name};"
            );
        }
        let end = start + rest[start..].find('>').expect("each tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap()
            .to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            all.push(name.clone());
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

#[test]
fn the_drawing_is_sound_and_holds_nothing_but_shapes_and_text() {
    let sandbox = Sandbox::with_harbour();
    let hostile = "<script>alert(1)</script>&\u{1b}[2J";
    sandbox.write(
        "events.csv",
        format!("date,label\n2021-03-02,\"{hostile}\"\n"),
    );
    let known = [
        "svg", "title", "desc", "style", "rect", "line", "text", "polyline", "circle",
    ];
    for more in [
        &["--title", hostile][..],
        &["--query", "\"</text>&\" OR keys", "--theme", "light"],
        &["--query", "keys", "--theme", "dark", "--by", "year"],
    ] {
        let line = [
            &["timeline", "pier", "--svg", "--events", "events.csv"][..],
            more,
        ]
        .concat();
        let run = sandbox.run(line).expect(0);
        let found = elements(run.text());
        assert!(
            found.iter().all(|name| known.contains(&name.as_str())),
            "{found:?}"
        );
        assert!(!run.text().contains('\u{1b}'));
        assert!(!run.text().contains("href"));
        assert!(run.text().contains("Days in UTC."));
    }
    let bars = sandbox.run(["timeline", "pier", "--svg"]).expect(0);
    assert!(
        bars.text().contains("<title>2021-03-01: 1</title>"),
        "{}",
        bars.text()
    );
    let same = sandbox.run(["timeline", "pier", "--svg"]).expect(0);
    assert_eq!(bars.text(), same.text());
    // Without a dated message there is an empty plot, and no panic.
    let _ = sandbox.run(["timeline", "keys", "--svg"]).expect(0);
    let _ = sandbox
        .run(["timeline", "zeppelin", "--svg", "--query", "quay"])
        .expect(1);
}
