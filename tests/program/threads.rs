//! Conversations put back together, with headers and without.

use crate::common::Sandbox;
use crate::common::text;
use serde_json::Value;

/// A mail without a Message-ID.
fn bare(day: u32, from: &str, to: &str, subject: &str, body: &str) -> String {
    format!(
        "From: {from}\nTo: {to}\nDate: {day} Mar 2021 10:30:00 +0000\nSubject: {subject}\n\n{body}\n"
    )
}

const ANNE: &str = "Anne Example <anne@harbour.example>";
const BOB: &str = "Bob Sample <bob@city.example>";
const PILES: &str = "The north pier needs eleven new piles before the winter storms come in.";

/// A question, an answer that quotes it, and an answer to that which quotes nothing.
fn conversation() -> [String; 3] {
    [
        bare(1, ANNE, BOB, "North pier", PILES),
        bare(
            2,
            BOB,
            ANNE,
            "Re: North pier",
            &format!("Eleven seems too many to me.\n\n> {PILES}"),
        ),
        bare(3, ANNE, BOB, "RE: North pier", "Count them yourself."),
    ]
}

fn case_of(mails: &[String]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (number, mail) in mails.iter().enumerate() {
        sandbox.write(&format!("in/{number}.eml"), mail);
    }
    let _ = sandbox.run(["ingest", "in", "--release", "one"]).expect(0);
    sandbox
}

fn places(sandbox: &Sandbox, query: &str, more: &[&str]) -> Vec<Value> {
    let id = text(&sandbox.hit(query)["id"]);
    let line = [&["show", &id, "--thread", "--json"][..], more].concat();
    sandbox.run(line).expect(0).json()
}

fn evidence(places: &[Value]) -> Vec<&str> {
    places
        .iter()
        .map(|place| place["evidence"].as_str().unwrap_or(""))
        .collect()
}

#[test]
fn without_headers_quotations_and_people_join_and_are_said_to_be_guesses() {
    let sandbox = case_of(&conversation());
    let found = places(&sandbox, "yourself", &[]);
    assert_eq!(evidence(&found), ["", "quoted-text", "subject"]);
    for place in &found[1..] {
        let sure = place["confidence"].as_f64().expect("it is a number");
        assert!((0.3..1.0).contains(&sure), "{place}");
        let above = place["parent_node"].as_u64().expect("it is under another") as usize;
        assert_eq!(place["parent"], found[above]["id"]);
    }
    let id = text(&found[0]["id"]);
    let run = sandbox.run(["show", "--thread", &id]).expect(0);
    for part in [
        "3 messages; 2 places guessed (~)",
        "~ 2021-03-02 10:30",
        "guessed to answer the one above it: quotes its words",
        "[1 line quoted]",
        "Count them yourself.",
    ] {
        assert!(run.text().contains(part), "{part}: {}", run.text());
    }
    assert_eq!(sandbox.count(&format!("thread:{id}")), 3);
    assert_eq!(
        sandbox
            .run(["search", "--threads", "--count", "pier"])
            .expect(0)
            .text(),
        "1\n"
    );
}

#[test]
fn what_headers_prove_can_be_asked_for_alone() {
    let sandbox = case_of(&conversation());
    assert_eq!(
        places(&sandbox, "yourself", &["--links", "proved"]).len(),
        1
    );
    let count = |line: &[&str]| sandbox.run(line).expect(0).text().trim().to_owned();
    let proved = &[
        "search",
        "--threads",
        "--count",
        "pier",
        "--links",
        "proved",
    ];
    assert_eq!(count(proved), "3");
    let id = text(&sandbox.hit("yourself")["id"]);
    let within = format!("thread:{id}");
    assert_eq!(count(&["search", "--count", &within]), "3");
    assert_eq!(
        count(&["search", "--count", &within, "--links", "proved"]),
        "1"
    );
    let rows = sandbox
        .run(["search", "--json", "yourself", "--links", "proved"])
        .expect(0)
        .json();
    assert_eq!(text(&rows[0]["thread"]), id);
    for (links, messages) in [("all", "3 messages"), ("proved", "1 message")] {
        let to = format!("{links}.csv");
        let line = [
            "export",
            "yourself",
            "--threads",
            "--links",
            links,
            "--to",
            &to,
            "--format",
            "csv",
        ];
        let run = sandbox.run(line).expect(0);
        assert!(
            run.text().starts_with(&format!("{messages},")),
            "{}",
            run.text()
        );
    }
}

#[test]
fn a_later_release_fills_a_gap_and_former_ids_resolve_after_a_rebuild_too() {
    let [question, answer, last] = conversation();
    let sandbox = case_of(&[answer, last]);
    let former = text(&sandbox.hit("yourself")["thread"]);
    sandbox.write("two/question.eml", question);
    let _ = sandbox.run(["ingest", "two", "--release", "two"]).expect(0);
    let now = text(&sandbox.hit("yourself")["thread"]);
    assert_ne!(now, former);
    assert_eq!(
        evidence(&places(&sandbox, "yourself", &[])),
        ["", "quoted-text", "subject"]
    );
    for _ in 0..2 {
        assert_eq!(sandbox.count(&format!("thread:{former}")), 3);
        assert_eq!(text(&sandbox.hit("yourself")["thread"]), now);
        let _ = sandbox.run(["rebuild"]).expect(0);
    }
    let _ = sandbox.run(["releases", "forget", "two"]).expect(0);
    assert_eq!(text(&sandbox.hit("yourself")["thread"]), former);
    assert_eq!(sandbox.count(&format!("thread:{former}")), 2);
}

#[test]
fn no_guess_joins_two_threads_that_headers_prove() {
    let with = |mail: &str, fields: &str| format!("{fields}\n{mail}");
    let other = "The lighthouse keeper asks for a new lamp and for oil until the spring.";
    let quoting_both = format!("See both.\n\n> {PILES}\n\n> {other}");
    let sandbox = case_of(&[
        with(
            &bare(1, ANNE, BOB, "North pier", PILES),
            "Message-ID: <1@harbour.example>",
        ),
        with(
            &bare(2, BOB, ANNE, "Re: North pier", "Yes."),
            "Message-ID: <2@city.example>\nIn-Reply-To: <1@harbour.example>",
        ),
        with(
            &bare(3, ANNE, BOB, "North pier", other),
            "Message-ID: <3@harbour.example>",
        ),
        with(
            &bare(4, BOB, ANNE, "Re: North pier", &quoting_both),
            "Message-ID: <4@city.example>\nReferences: <3@harbour.example>",
        ),
        bare(5, ANNE, BOB, "Re: North pier", "Thanks to you both."),
    ]);
    let proved = ["search", "*", "--threads", "--count"];
    assert_eq!(sandbox.run(proved).expect(0).text(), "2\n");
}

#[test]
fn a_message_that_is_not_there_keeps_its_place() {
    let mail = format!(
        "References: <1@harbour.example> <2@city.example> <3@harbour.example>\n{}",
        bare(4, BOB, ANNE, "Re: North pier", "Agreed.")
    );
    let sandbox = case_of(&[mail]);
    let found = places(&sandbox, "agreed", &[]);
    let absent: Vec<_> = found
        .iter()
        .map(|place| place["absent"].as_bool())
        .collect();
    assert_eq!(absent, [Some(true), Some(true), Some(true), Some(false)]);
    assert_eq!(text(&found[2]["message_id"]), "3@harbour.example");
    assert_eq!(
        (&found[3]["parent"], &found[3]["parent_node"]),
        (&Value::Null, &Value::from(2))
    );
    let run = sandbox
        .run(["show", "--thread", &text(&found[3]["id"])])
        .expect(0);
    assert!(
        run.text()
            .contains("3 messages one after the other, not in this case"),
        "{}",
        run.text()
    );
}

// The published vector of Metaspike: a conversation begun 2018-07-16 07:40:00 UTC.
#[test]
fn a_conversation_index_tells_when_an_absent_message_was_written() {
    let mail = bare(4, BOB, ANNE, "Re: North pier", "Agreed.").replace("Mar 2021", "Aug 2018");
    let sandbox = case_of(&[format!(
        "Thread-Index: AdQc2DN7rLoS3hgnE/O76rpFzxN/EwAddF4A\n{mail}"
    )]);
    let found = places(&sandbox, "agreed", &["--links", "proved"]);
    assert_eq!(evidence(&found), ["", "thread-index"]);
    assert_eq!(text(&found[0]["date"]), "2018-07-16T07:40:00Z");
    let run = sandbox
        .run(["show", "--thread", &text(&found[1]["id"])])
        .expect(0);
    let line = "2018-07-16 07:40            someone, not in this case";
    assert!(run.text().contains(line), "{}", run.text());
}

#[test]
fn one_subject_for_everything_is_not_one_thread() {
    let mails: Vec<String> = (0..40)
        .map(|number| {
            let from = format!("writer{number}@city.example");
            let to = format!("reader{number}@harbour.example");
            bare(
                number % 28 + 1,
                &from,
                &to,
                "Meeting",
                &format!("At {number} o'clock."),
            )
        })
        .chain((0..10).map(|number| {
            let from = format!("other{number}@city.example");
            bare(20, &from, "third@harbour.example", "Re: Meeting", "Yes.")
        }))
        .collect();
    let sandbox = case_of(&mails);
    let count = ["search", "*", "--threads", "--count"];
    assert_eq!(sandbox.run(count).expect(0).text(), "50\n");
}

#[test]
fn no_dates_loops_and_self_quotations_do_no_harm() {
    let undated = |mail: String| mail.replacen("Date: ", "X-Was: ", 1);
    let own = format!("{PILES}\n\n> {PILES}");
    let mut mails: Vec<String> = conversation().into_iter().map(undated).collect();
    mails.push(undated(bare(1, ANNE, ANNE, "Re: North pier", &own)));
    mails.push(bare(
        9,
        BOB,
        BOB,
        "Re: itself",
        &format!("> {PILES}\n\n{PILES}"),
    ));
    mails.push(
        "Message-ID: <a@x.example>\nReferences: <b@x.example> <a@x.example>\n\nround\n".to_owned(),
    );
    mails.push("Message-ID: <b@x.example>\nReferences: <a@x.example>\n\nand round\n".to_owned());
    let sandbox = case_of(&mails);
    let mut seen = 0;
    for thread in sandbox
        .run(["search", "*", "--threads", "--json"])
        .expect(0)
        .json()
    {
        let line = ["show", "--thread", "--json", &text(&thread["thread"])];
        let places = sandbox.run(line).expect(0).json();
        seen += places
            .iter()
            .filter(|place| place["absent"] == false)
            .count();
    }
    assert_eq!(seen, mails.len());
}
