//! Finding: rows for people, JSON, CSV, counts, paging, and a query that is wrong.

use crate::common::Sandbox;
use crate::common::mail;
use crate::common::many;
use crate::common::mbox;
use crate::common::text;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Product contract: search output, schema 1.
const KEYS: &[&str] = &[
    "schema",
    "id",
    "thread",
    "date",
    "date_precision",
    "zone_known",
    "date_source",
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "releases",
    "copies",
    "linked",
    "linked_count",
    "attached_to",
    "attachments",
    "size",
    "flags",
    "score",
    "snippet",
];

#[test]
fn json_has_every_key_of_schema_1() {
    let sandbox = Sandbox::with_harbour();
    let hits = sandbox.run(["search", "--json", "*"]).expect(0).json();
    assert_eq!(hits.len(), 4);
    for hit in &hits {
        for key in KEYS {
            assert!(hit.get(key).is_some(), "{key} is missing in {hit}");
        }
        assert_eq!(hit["schema"], 1);
        assert_eq!(text(&hit["id"]).len(), 40);
        let copy = &hit["copies"][0];
        for key in [
            "release",
            "source",
            "path_inside",
            "offset",
            "length",
            "sha256",
            "pages",
        ] {
            assert!(
                copy.get(key).is_some(),
                "copies: {key} is missing in {copy}"
            );
        }
        for key in ["name", "address", "official"] {
            assert!(
                hit["from"][0].get(key).is_some(),
                "from: {key} is missing in {hit}"
            );
        }
    }
    let estimate = sandbox.hit("estimate pilings");
    for key in ["name", "type", "size", "sha256"] {
        assert!(
            estimate["attachments"][0].get(key).is_some(),
            "attachments: {key} is missing in {estimate}"
        );
    }
}

#[test]
fn dates_are_as_known() {
    let sandbox = Sandbox::with_harbour();
    let keys = sandbox.hit("subject:keys");
    assert_eq!(keys["date"], Value::Null);
    assert_eq!(keys["date_source"], Value::Null);
    let estimate = sandbox.hit("subject:estimate");
    assert_eq!(estimate["date"], "2021-03-03T23:30:00-05:00");
    assert_eq!(estimate["date_precision"], "second");
    assert_eq!(estimate["zone_known"], true);
    // 23:30 at −5 is the next day in UTC, the zone of this case.
    assert_eq!(sandbox.count("date:2021-03-04"), 1);
    assert_eq!(sandbox.count("date:2021-03-03"), 0);
}

#[test]
fn people_read_rows_with_the_total() {
    let sandbox = Sandbox::with_harbour();
    let run = sandbox
        .run(["search", "contract", "--sort", "date"])
        .expect(0);
    let lines: Vec<&str> = run.text().lines().collect();
    assert!(
        lines[0].starts_with("2021-03-01 15:30   "),
        "{}",
        run.text()
    );
    assert!(
        lines[0].ends_with("anne → bob@city.example"),
        "{}",
        run.text()
    );
    assert_eq!(lines[1], "    North pier contract");
    assert_eq!(lines.last(), Some(&"2 messages, times in UTC"));
    assert!(!run.text().contains('\u{1b}'), "no colour in a pipe");
    assert!(lines.iter().all(|line| line.chars().count() <= 100));
}

#[test]
fn words_are_joined_and_flags_stand_anywhere() {
    let sandbox = Sandbox::with_harbour();
    let joined = sandbox
        .run(["search", "north", "pier", "--json"])
        .expect(0)
        .json();
    let quoted = sandbox
        .run(["search", "--json", "north pier"])
        .expect(0)
        .json();
    assert_eq!(joined, quoted);
    assert_eq!(joined.len(), 2);
    let negated = sandbox
        .run(["search", "--count", "--", "-contract"])
        .expect(0);
    assert_eq!(negated.text(), "2\n");
}

#[test]
fn counts_are_numbers() {
    let sandbox = Sandbox::with_harbour();
    assert_eq!(
        sandbox.run(["search", "--count", "*"]).expect(0).text(),
        "4\n"
    );
    assert_eq!(
        sandbox
            .run(["search", "--count", "--json", "*"])
            .expect(0)
            .text(),
        "{\"schema\":1,\"count\":4}\n"
    );
    assert_eq!(
        sandbox
            .run(["search", "--count", "--threads", "*"])
            .expect(0)
            .text(),
        "3\n"
    );
    assert_eq!(
        sandbox
            .run(["search", "--count", "zeppelin"])
            .expect(1)
            .text(),
        "0\n"
    );
}

#[test]
fn nothing_found_is_1_and_said() {
    let sandbox = Sandbox::with_harbour();
    for line in [
        &["search", "zeppelin"][..],
        &["search", "--json", "zeppelin"],
        &["search", "--threads", "zeppelin"],
    ] {
        let run = sandbox.run(line).expect(1).says(&["no message matches"]);
        assert!(run.stdout.is_empty(), "{}", run.text());
    }
    let _ = sandbox
        .run(["search", "contrakt"])
        .expect(1)
        .says(&["did you mean", "contract"]);
}

#[test]
fn pages_join_to_the_whole() {
    let sandbox = Sandbox::new();
    sandbox.write("many.mbox", mbox(&many(57)));
    let _ = sandbox
        .run(["ingest", "many.mbox", "--release", "many"])
        .expect(0);
    for sort in ["relevance", "date", "-date"] {
        let all = sandbox
            .run(["search", "--json", "--sort", sort, "pier"])
            .expect(0)
            .json();
        assert_eq!(all.len(), 57);
        let mut paged = Vec::new();
        for offset in (0..57).step_by(20) {
            let offset = offset.to_string();
            let page = sandbox.run([
                "search", "--json", "--sort", sort, "--limit", "20", "--offset", &offset, "pier",
            ]);
            paged.extend(page.expect(0).json());
        }
        assert_eq!(paged, all, "{sort}");
    }
    let page = sandbox
        .run(["search", "pier", "--limit", "20", "--offset", "20"])
        .expect(0);
    assert!(
        page.text()
            .ends_with("21–40 of 57 messages, times in UTC; more with --offset 40\n"),
        "{}",
        page.text()
    );
}

#[test]
fn csv_is_one_row_a_message() {
    let sandbox = Sandbox::new();
    let formula = crate::common::mail(
        1,
        "anne@harbour.example",
        "bob@city.example",
        "=HYPERLINK(\"x\")",
        "Pier, \"quoted\"",
    );
    sandbox.write("a.eml", formula);
    let _ = sandbox.run(["ingest", "a.eml", "--release", "r"]).expect(0);
    let run = sandbox.run(["search", "--csv", "pier"]).expect(0);
    assert!(run.text().starts_with("id,thread,date,"), "{}", run.text());
    assert_eq!(run.text().matches("\r\n").count(), 2);
    assert!(
        run.text().contains(",\"'=HYPERLINK(\"\"x\"\")\","),
        "{}",
        run.text()
    );
}

#[test]
fn threads_are_rows_too() {
    let sandbox = Sandbox::with_harbour();
    let threads = sandbox
        .run(["search", "--threads", "--json", "contract"])
        .expect(0)
        .json();
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0]["messages"], 2);
    assert_eq!(threads[0]["hits"], 2);
    let run = sandbox.run(["search", "--threads", "contract"]).expect(0);
    assert!(
        run.text().starts_with("2021-03-01 – 2021-03-02"),
        "{}",
        run.text()
    );
    assert!(
        run.text()
            .contains("2 of 2 messages\n    North pier contract\n    anne; bob\n"),
        "{}",
        run.text()
    );
    let csv = sandbox.run(["search", "--threads", "--csv", "*"]).expect(0);
    assert_eq!(csv.text().lines().count(), 4);
}

#[test]
fn explain_tells_how_the_query_was_read() {
    let sandbox = Sandbox::with_harbour();
    let run = sandbox
        .run(["search", "--explain", "north OR subject:keys"])
        .expect(0);
    assert!(run.text().starts_with("any of\n"), "{}", run.text());
    let run = sandbox
        .run(["search", "--explain", "--json", "north OR subject:keys"])
        .expect(0)
        .says(&["any of"]);
    assert_eq!(run.json().len(), 3, "JSON stays JSON");
}

#[test]
fn a_wrong_query_is_2_and_shows_the_place() {
    let sandbox = Sandbox::with_harbour();
    for (query, message, caret) in [
        (
            "form:anne pier",
            "no field `form:`; did you mean `from:`?",
            "  form:anne pier\n  ^^^^",
        ),
        (
            "pier date:2016-13",
            "",
            "  pier date:2016-13\n            ^^^^^^^",
        ),
        ("pier \"north", "", "  pier \"north\n       ^"),
        ("pier AND", "", "  pier AND\n"),
        ("(pier", "", "  (pier\n  ^"),
        (
            "release:nowhere",
            "",
            "  release:nowhere\n          ^^^^^^^",
        ),
    ] {
        let run = sandbox
            .run(["search", query])
            .expect(2)
            .says(&["error: ", message, caret]);
        assert!(run.stdout.is_empty(), "{query}");
    }
}

#[test]
fn ids_are_distinct_and_resolve() {
    let sandbox = Sandbox::with_harbour();
    let ids: BTreeSet<String> = sandbox.ids("*").into_iter().collect();
    assert_eq!(ids.len(), 4);
    for id in ids {
        assert_eq!(sandbox.count(&format!("id:{}", &id[..8])), 1);
    }
}

#[test]
fn headers_that_cannot_be_read_leave_the_rest_and_are_told() {
    let sandbox = Sandbox::new();
    let traced = |number: u32| {
        let mail = mail(
            number,
            "anne@harbour.example",
            "bob@city.example",
            "Log",
            "Pilings.",
        );
        format!("Received: from gate.example by desk.example; 1 Mar 2021 10:30:00 -0500\n{mail}")
    };
    for number in 1..=4 {
        sandbox.write(&format!("in/{number}.eml"), traced(number));
    }
    let _ = sandbox
        .run(["ingest", "in", "--release", "harbour"])
        .expect(0);
    assert_eq!(sandbox.count("header.received:gate"), 4);
    fs::remove_file(sandbox.path("in/2.eml")).expect("it is there");
    sandbox.write("in/3.eml", "Subject: something else\n\n");

    let told = ["2 messages", "cannot be read", "in/2.eml"];
    for arguments in [&["search", "--json"][..], &["search"], &["search", "--csv"]] {
        for (query, rows) in [
            ("header.received:gate", 2),
            // What cannot be judged fulfils neither a condition nor its opposite,
            ("NOT header.received:gate", 0),
            // and does not keep what another condition finds from being found.
            ("pilings OR header.received:elsewhere", 4),
        ] {
            let run = sandbox
                .run([arguments, &["--", query]].concat())
                .says(&told);
            assert_eq!(run.status, i32::from(rows == 0), "{query}");
            let run = sandbox.run(["search", "--count", "--", query]).says(&told);
            assert_eq!(run.text().trim(), rows.to_string(), "{query}");
        }
    }
    let _ = sandbox
        .run(["search", "--threads", "header.received:gate"])
        .expect(0)
        .says(&told);
    let _ = sandbox
        .run([
            "export",
            "header.received:gate",
            "--format",
            "csv",
            "--to",
            "log.csv",
        ])
        .expect(3)
        .says(&told);
    assert_eq!(
        String::from_utf8_lossy(&sandbox.read("log.csv"))
            .lines()
            .count(),
        3
    );
}
