//! Which messages are one, which are two, and which are linked.

use muckrake_case::SearchOptions;

use crate::desk::Desk;
use crate::desk::mail;
use crate::desk::mbox;

#[test]
fn one_message_id_with_two_contents_is_two_messages() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "the real one"));
    desk.put("in/b.eml", mail(1, "the forged one"));
    desk.ingest(&desk.path("in"), "one");
    assert_eq!(desk.count("message-id:m1@rivermouth.example"), 2);
    assert_eq!((desk.count("forged"), desk.count("real")), (1, 1));
}

#[test]
fn one_text_under_two_ids_is_linked_and_folded_for_people_only() {
    let desk = Desk::new();
    desk.put("in/a.eml", mail(1, "the same text"));
    desk.put(
        "in/b.eml",
        mail(1, "the same text").replace("<m1@", "<other@"),
    );
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("same");
    let all = desk.case.search(&query, &SearchOptions::default()).unwrap();
    assert_eq!((all.count, all.hits.len()), (2, 2));
    assert_eq!(all.hits[0].linked, [all.hits[1].id]);
    let options = SearchOptions {
        fold: true,
        snippets: true,
        ..SearchOptions::default()
    };
    let folded = desk.case.search(&query, &options).unwrap();
    assert_eq!((folded.count, folded.hits.len()), (2, 1));
    assert!(folded.hits[0].snippet.is_some());
}

#[test]
fn a_mail_merge_names_some_of_the_linked_and_counts_all() {
    let desk = Desk::new();
    let mails: Vec<String> = (0..250)
        .map(|number| mail(1, "the same text").replace("<m1@", &format!("<merged{number}@")))
        .collect();
    let path = desk.put("merge.mbox", mbox(&mails));
    desk.put("in/other.eml", mail(2, "another text"));
    desk.ingest(&path, "one");
    desk.ingest(&desk.path("in"), "one");
    let query = desk.query("text");
    let found = desk.case.search(&query, &SearchOptions::default()).unwrap();
    assert_eq!(found.hits.len(), 251);
    let mut ids = desk.ids("same");
    ids.sort();
    for hit in found.hits {
        let own = hit.id.to_string();
        if !ids.contains(&own) {
            assert_eq!((hit.linked.len(), hit.linked_count), (0, 0));
            continue;
        }
        let others = ids.iter().filter(|id| **id != own).take(100);
        let named: Vec<String> = hit.linked.iter().map(ToString::to_string).collect();
        assert!(others.eq(&named));
        assert_eq!(hit.linked_count, 249);
    }
    let options = SearchOptions {
        fold: true,
        limit: Some(20),
        ..SearchOptions::default()
    };
    let folded = desk.case.search(&query, &options).unwrap();
    assert_eq!((folded.count, folded.hits.len()), (251, 2));
}

#[test]
fn an_id_does_not_depend_on_how_a_mailbox_escapes() {
    let patch = |escaped: &str| {
        format!(
            "Message-ID: <p@y.example>\nFrom: c@y.example\nSubject: patch\nDate: Wed, 2 Mar 2016 10:00:00 +0000\n\
             Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\nContent-Type: application/x-patch\n\n\
             {escaped} 1234567890 Mon Sep 17 00:00:00 2001\n--b--\n"
        )
    };
    let desk = Desk::new();
    let line = "From x@y.example Tue Mar  1 10:00:00 2016\n";
    desk.put("in/o.mbox", format!("{line}{}\n", patch(">From")));
    desk.put(
        "in/rd.mbox",
        format!(
            "{line}{}\n{line}{}\n",
            mail(1, ">>From").replace("\r\n", "\n"),
            patch(">From")
        ),
    );
    desk.put("in/alone.eml", patch("From").replace('\n', "\r\n"));
    desk.ingest(&desk.path("in"), "one");
    assert_eq!(desk.count("subject:patch"), 1);
}
