//! Threads: ids that stay, order, and messages that are missing.

use muckrake_case::SearchOptions;
use muckrake_case::ThreadMember;

use crate::desk::Desk;
use crate::desk::mail;

#[test]
fn threads_keep_their_former_ids() {
    let desk = Desk::new();
    let answer = |number: u32, to: u32| {
        mail(number, "answer").replace(
            "\r\nSubject",
            &format!("\r\nIn-Reply-To: <m{to}@rivermouth.example>\r\nSubject"),
        )
    };
    desk.put("one/2.eml", answer(2, 1));
    desk.put("one/3.eml", answer(3, 2));
    desk.ingest(&desk.path("one"), "one");
    let former = desk
        .case
        .search(&desk.query("*"), &SearchOptions::default())
        .unwrap()
        .hits[0]
        .thread
        .to_string();
    assert_eq!(desk.count(&format!("thread:{former}")), 2);
    desk.put("two/1.eml", mail(1, "question"));
    desk.ingest(&desk.path("two"), "two");
    assert_eq!(desk.count(&format!("thread:{former}")), 3);
    let nodes = desk.nodes(&former);
    assert_eq!(
        nodes.iter().map(|node| node.depth).collect::<Vec<_>>(),
        [0, 1, 2]
    );
}

#[test]
fn undated_messages_of_a_thread_come_after_the_dated() {
    let desk = Desk::new();
    let answer = |number: u32, body: &str| {
        let head = "In-Reply-To: <m1@rivermouth.example>\r\nSubject:";
        mail(number, body).replace("Subject:", head)
    };
    let undated = |mail: String| {
        let lines = mail
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("Date:"));
        lines.collect::<String>()
    };
    // The undated ones are met first, and one of them has the Message-ID of the first.
    desk.put("in/a.eml", undated(mail(1, "undated twin")));
    desk.put("in/b.eml", undated(answer(2, "undated answer")));
    desk.put("in/c.eml", answer(4, "late answer"));
    desk.put("in/d.eml", answer(3, "early answer"));
    desk.put("in/e.eml", mail(1, "first"));
    desk.ingest(&desk.path("in"), "one");
    let id = desk.ids("first").remove(0);
    let order: Vec<(usize, String)> = desk
        .nodes(&id)
        .iter()
        .map(|node| {
            let message = node.message().expect("all are there");
            (node.depth, message.body[0].text.trim().to_owned())
        })
        .collect();
    let expected = [
        (0, "first"),
        (1, "early answer"),
        (1, "late answer"),
        (1, "undated answer"),
        (0, "undated twin"),
    ];
    let expected = expected.map(|(depth, text)| (depth, text.to_owned()));
    assert_eq!(order, expected);
    let query = desk.query("answer");
    let found = desk
        .case
        .search_threads(&query, &SearchOptions::default())
        .unwrap();
    let ids: Vec<String> = found.threads[0]
        .ids
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(ids.last(), desk.ids("\"undated answer\"").first());
}

#[test]
fn a_thread_names_the_messages_it_lacks() {
    let desk = Desk::new();
    desk.put(
        "2.eml",
        mail(2, "answer").replace(
            "\r\nSubject",
            "\r\nIn-Reply-To: <gone@rivermouth.example>\r\nSubject",
        ),
    );
    desk.ingest(&desk.path("2.eml"), "one");
    let nodes = desk.nodes(&desk.ids("*")[0]);
    let ThreadMember::Absent(absent) = &nodes[0].member else {
        panic!("{:?}", nodes[0]);
    };
    assert_eq!(
        absent.message_id.as_deref(),
        Some("gone@rivermouth.example")
    );
}
