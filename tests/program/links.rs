//! One mail in several forms: a print-out and the mail that it was printed from, two agencies' prints of it.

use crate::common::Sandbox;
use crate::common::text;
use serde_json::Value;

const WORDS: &str =
    "The estimate for the north pier is attached; the harbour master asks for an answer by Friday.";

fn mail() -> String {
    format!(
        "From: Anne Pier <anne@harbour.example>\nTo: Bob Quay <bob@dep.example>\nSubject: RE: Dredging contract\n\
         Date: Wed, 3 Mar 2021 15:23:41 -0500\nMessage-ID: <1@harbour.example>\n\n{WORDS}\n"
    )
}

fn print(time: &str, subject: &str, words: &str) -> String {
    format!(
        "From:      Pier, Anne (HARBOUR)\nSent:      Wednesday, March 03, 2021 {time}\nTo:        Quay, Bob (DEP)\n\
         Subject:   {subject}\n\n{words}\n"
    )
}

/// The mail, and prints of two agencies: one took a name out, the other's clock is that of another zone; beside them a print
/// of the answer that quotes it all.
fn with_forms() -> Sandbox {
    let sandbox = Sandbox::new();
    let redacted = WORDS.replace("the harbour master", "(b)(6)");
    let answer = format!(
        "Nobody told me about any of that before today, and I ask you to take it back.\n\n{WORDS}"
    );
    sandbox.write("mail/1.eml", mail());
    sandbox.write(
        "harbour/1.txt",
        print("3:23 PM", "RE: Dredging contract", &redacted),
    );
    sandbox.write(
        "harbour/2.txt",
        print("3:38 PM", "RE: Dredging contract", &answer),
    );
    sandbox.write(
        "dep/1.txt",
        print("8:23 PM", "RE: Dredging contract", WORDS),
    );
    for release in ["harbour", "dep", "mail"] {
        let _ = sandbox
            .run(["ingest", release, "--release", release])
            .expect(0);
    }
    sandbox
}

fn linked(hit: &Value) -> Vec<String> {
    let linked = hit["linked"].as_array().expect("a list");
    linked.iter().map(text).collect()
}

#[test]
fn prints_are_linked_with_their_mail_whatever_came_first() {
    let sandbox = with_forms();
    let ids = |query: &str| sandbox.ids(query);
    let mail = sandbox.hit("release:mail");
    let mut others = [ids("release:harbour -nobody"), ids("release:dep")].concat();
    others.sort();
    assert_eq!(linked(&mail), others);
    assert_eq!(sandbox.count("*"), 4);
    assert_eq!(linked(&sandbox.hit("nobody")).len(), 0);
    let view = sandbox
        .run(["show", &text(&mail["id"]), "--json"])
        .expect(0)
        .json()
        .remove(0);
    let print = ids("release:harbour -nobody").remove(0);
    let links = view["links"].as_array().expect("a list");
    let link = links
        .iter()
        .find(|link| link["id"] == print.as_str())
        .expect("a link");
    assert_eq!(
        link["evidence"],
        serde_json::json!(["minute", "sender", "recipients", "subject", "text"])
    );
    assert_eq!(link["differing"], 1);
    let shown = sandbox
        .run(["links", "show", &text(&mail["id"]), &print])
        .expect(0);
    for part in ["- the harbour master\n", "+ b)(6\n"] {
        assert!(shown.text().contains(part), "{}", shown.text());
    }
    // People see one row, and how many say the same; scripts see each id.
    let listed = sandbox
        .run(["search", "--limit", "9", "release:mail OR release:dep"])
        .expect(0);
    assert_eq!(
        listed.text().matches("RE: Dredging contract").count(),
        1,
        "{}",
        listed.text()
    );
    assert_eq!(
        sandbox
            .run(["links", "list", "--json"])
            .expect(0)
            .json()
            .len(),
        3
    );
}

#[test]
fn a_rejected_link_is_none_until_it_is_restored() {
    let sandbox = with_forms();
    let (mail, print) = (
        sandbox.ids("release:mail").remove(0),
        sandbox.ids("release:dep").remove(0),
    );
    let others = || linked(&sandbox.hit("release:mail"));
    assert_eq!(others().len(), 2);
    let _ = sandbox
        .run(["links", "reject", &mail[..8], &print])
        .expect(0);
    // The other print goes with the one that it is surest of.
    assert!(!others().contains(&print));
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert!(!others().contains(&print));
    let file =
        String::from_utf8(sandbox.read("muckrake-case/rejected-links.csv")).expect("is UTF-8");
    assert_eq!(
        file,
        format!(
            "one,other\n{},{}\n",
            mail.clone().min(print.clone()),
            mail.clone().max(print.clone())
        )
    );
    let _ = sandbox.run(["links", "restore", &mail, &print]).expect(0);
    assert_eq!(others().len(), 2);
    let _ = sandbox.run(["links", "restore", &mail, &print]).expect(1);
    let answer = sandbox.ids("nobody").remove(0);
    let _ = sandbox
        .run(["links", "reject", &mail, &answer])
        .expect(1)
        .says(&["are not linked"]);
}

#[test]
fn a_release_that_is_forgotten_takes_its_links_along() {
    let sandbox = with_forms();
    let _ = sandbox.run(["releases", "forget", "mail"]).expect(0);
    assert_eq!(
        linked(&sandbox.hit("release:dep")),
        sandbox.ids("release:harbour -nobody")
    );
    let _ = sandbox
        .run(["ingest", "mail", "--release", "mail"])
        .expect(0);
    assert_eq!(linked(&sandbox.hit("release:mail")).len(), 2);
}
