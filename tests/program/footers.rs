//! Footers: learned from the case, listed, taken back, and kept through a rebuild.

use crate::common::Sandbox;
use crate::common::mail;
use crate::common::mbox;
use crate::common::text;

const BANNER: &str = "Come and see the harbour on Sunday: the regatta starts at noon, and the whole town is invited!";

/// Eight mails of four senders; all but one end with the banner, wrapped or not.
fn with_banners() -> Sandbox {
    let sandbox = Sandbox::new();
    let senders = ["anne", "bob", "carol", "dan"];
    let mails: Vec<String> = (1..=8)
        .map(|day| {
            let from = format!("{}@harbour.example", senders[day as usize % 4]);
            let banner = match day {
                8 => "",
                day if day % 2 == 0 => BANNER,
                _ => &BANNER.replace("Sunday: ", "Sunday:\n"),
            };
            let body = format!("The pilings of pier {day} stand.\n\n{banner}");
            mail(
                day,
                &from,
                "town@city.example",
                &format!("Pier {day}"),
                &body,
            )
        })
        .collect();
    sandbox.write("harbour.mbox", mbox(&mails));
    let _ = sandbox
        .run(["ingest", "harbour.mbox", "--release", "harbour"])
        .expect(0);
    sandbox
}

#[test]
fn footers_are_learned_and_taken_back() {
    let sandbox = with_banners();
    let _ = sandbox.run(["footers", "list"]).expect(1);
    assert_eq!(sandbox.count("said:regatta"), 7);
    let learned = sandbox.run(["footers", "learn"]).expect(0);
    assert_eq!(learned.text(), "1 new footer; 7 messages indexed again\n");
    assert_eq!(sandbox.count("said:regatta"), 0);
    assert_eq!(sandbox.count("said:pilings"), 8);
    assert_eq!(
        sandbox.count("body:regatta"),
        7,
        "nothing is dropped from the body"
    );
    let again = sandbox.run(["footers", "learn"]).expect(0);
    assert_eq!(again.text(), "0 new footers; 0 messages indexed again\n");

    let footers = sandbox.run(["footers", "list", "--json"]).expect(0).json();
    assert_eq!(footers.len(), 1);
    assert_eq!(footers[0]["state"], "learned");
    assert_eq!(footers[0]["messages"], 7);
    assert_eq!(text(&footers[0]["text"]), BANNER);
    let print = text(&footers[0]["print"]);
    let listed = sandbox.run(["footers", "list"]).expect(0);
    for part in [print.as_str(), "7 messages, 4 senders"] {
        assert!(listed.text().contains(part), "{part}: {}", listed.text());
    }

    let _ = sandbox.run(["footers", "reject", &print[..8]]).expect(0);
    assert_eq!(sandbox.count("said:regatta"), 7);
    let _ = sandbox.run(["footers", "learn"]).expect(0);
    assert_eq!(sandbox.count("said:regatta"), 7, "what the user says stays");
    let _ = sandbox.run(["footers", "accept", &print]).expect(0);
    assert_eq!(sandbox.count("said:regatta"), 0);
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.count("said:regatta"), 0, "and through a rebuild");
    let _ = sandbox
        .run(["footers", "reject", "ffffffffffffffff"])
        .expect(1);
}

#[test]
fn a_footer_that_is_known_counts_in_what_comes_later() {
    let sandbox = with_banners();
    let _ = sandbox.run(["footers", "learn"]).expect(0);
    let later = mail(
        20,
        "erin@harbour.example",
        "town@city.example",
        "Crane",
        &format!("The crane is there.\n\n{BANNER}"),
    );
    sandbox.write("later.eml", later);
    let _ = sandbox
        .run(["ingest", "later.eml", "--release", "later"])
        .expect(0);
    assert_eq!(sandbox.count("said:regatta"), 0);
    assert_eq!(sandbox.count("body:regatta"), 8);
    let id = text(&sandbox.hit("crane")["id"]);
    let shown = sandbox
        .run(["show", "--json", &id])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(shown["body"][0]["zones"][1]["kind"], "disclaimer");
}
