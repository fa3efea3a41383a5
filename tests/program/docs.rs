//! The written schema and the output are the same.

use crate::common::Sandbox;
use crate::common::text;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Keys of the table under a heading of `docs/json.md`.
fn documented(heading: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let text = std::fs::read_to_string(path).expect("docs/json.md is there");
    text.lines()
        .skip_while(|line| {
            !(line.starts_with('#') && line.trim_start_matches('#').trim().starts_with(heading))
        })
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter_map(|line| {
            line.strip_prefix("| `")?
                .split('`')
                .next()
                .map(str::to_owned)
        })
        .collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is no object"))
        .keys()
        .cloned()
        .collect()
}

#[test]
fn every_key_is_documented_and_every_documented_key_is_there() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "bad.eml",
        "Subject: pier\nDate: yesterday\nContent-Type: text/plain; charset=x-none\n\ncaf\u{e9}\n",
    );
    let _ = sandbox
        .run(["ingest", "bad.eml", "--release", "harbour"])
        .expect(0);
    let hit = sandbox.hit("subject:estimate pilings");
    assert_eq!(keys(&hit), documented("A message: "));
    assert_eq!(keys(&hit["from"][0]), documented("People"));
    assert_eq!(keys(&hit["copies"][0]), documented("Copies"));
    assert_eq!(keys(&hit["attachments"][0]), documented("Attachments"));
    assert_eq!(keys(&hit["snippet"]), documented("Snippets"));

    let thread = sandbox
        .run(["search", "--threads", "--json", "estimate"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(keys(&thread), documented("A thread: "));
    let count = sandbox
        .run(["search", "--count", "--json", "estimate"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(keys(&count), documented("A count: "));

    let view = sandbox
        .run(["show", "--json", &text(&hit["id"])])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(
        keys(&view),
        documented("A message: ")
            .union(&documented("A message to be read"))
            .cloned()
            .collect()
    );
    assert_eq!(keys(&view["body"][0]), documented("Texts"));
    let place = sandbox
        .run(["show", "--thread", "--json", &text(&hit["id"])])
        .expect(0)
        .json()
        .remove(0);
    let of_places: BTreeSet<String> = keys(&place).difference(&keys(&view)).cloned().collect();
    let documented_places = documented("A place in a thread");
    assert!(of_places.is_subset(&documented_places));
    assert_eq!(of_places.len(), 7, "{of_places:?}");

    let quoting = sandbox
        .run(["search", "has:quote", "--json", "--limit", "1"])
        .expect(0)
        .json()
        .remove(0);
    let view = sandbox
        .run(["show", "--json", &text(&quoting["id"])])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(keys(&view["body"][0]["zones"][0]), documented("Zones"));
    assert_eq!(
        keys(&view["body"][0]["quoted"][0]),
        documented("Quoted messages")
    );

    let print = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/prints/memo.txt");
    sandbox.write("memo.txt", std::fs::read(print).expect("a fixture"));
    let _ = sandbox
        .run(["ingest", "memo.txt", "--release", "prints"])
        .expect(0);
    let printed = text(&sandbox.hit("release:prints")["id"]);
    let view = sandbox
        .run(["show", "--json", &printed])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(keys(&view["print"]), documented("Print-outs"));

    let undated = text(&sandbox.hit("date:none -subject:keys")["id"]);
    let view = sandbox
        .run(["show", "--json", &undated])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(keys(&view["defects"][0]), documented("Defects"));

    let ledger = sandbox.run(["ledger", "--json"]).expect(0).json();
    assert_eq!(keys(&ledger[0]), documented("The ledger: "));
    assert_eq!(
        keys(ledger.last().expect("totals")),
        documented("The totals")
    );
    for line in [
        &["tag", "+key", "estimate"][..],
        &["notes", "set", &text(&hit["id"]), "ask"],
        &["queries", "save", "pier", "north pier"],
    ] {
        let _ = sandbox.run(line).expect(0);
    }
    for (command, heading) in [
        ("tags", "A tag: "),
        ("notes", "A note: "),
        ("queries", "A saved query: "),
    ] {
        let rows = sandbox.run([command, "list", "--json"]).expect(0).json();
        assert_eq!(keys(&rows[0]), documented(heading));
    }
    sandbox.write("events.csv", "date,label\n2021-03-02,Vote\n");
    let line = ["timeline", "estimate", "--json", "--events", "events.csv"];
    let drawn = sandbox.run(line).expect(0).json();
    for (kind, heading) in [
        ("period", "A timeline: "),
        ("event", "An event"),
        ("totals", "The totals of a timeline"),
    ] {
        let line = drawn.iter().find(|line| line["kind"] == kind);
        assert_eq!(keys(line.expect(kind)), documented(heading));
    }
    sandbox.write("terms.txt", "estimate\nform:anne\n");
    let report = sandbox
        .run(["terms", "terms.txt", "--json"])
        .expect(3)
        .json();
    assert_eq!(keys(&report[0]), documented("A term: "));
    assert_eq!(keys(&report[1]), documented("A line that was not run"));
    assert_eq!(keys(&report[2]), documented("All terms"));
    assert_eq!(keys(&report[0]["senders"][0]), documented("Correspondents"));
    let release = sandbox
        .run(["releases", "list", "--json"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(keys(&release), documented("A release: "));
}
