//! Print-outs: from the text of pages to messages that are found and cited.

use crate::common::Sandbox;
use crate::common::text;

fn with_print(name: &str) -> Sandbox {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/prints");
    let sandbox = Sandbox::new();
    let document = std::fs::read(folder.join(name)).expect("a fixture");
    sandbox.write("release/print.txt", &document);
    let _ = sandbox
        .run(["ingest", "release", "--release", "r"])
        .expect(0);
    sandbox
}

#[test]
fn a_print_is_found_shown_and_cited() {
    let sandbox = with_print("memo.txt");
    let hit = sandbox.hit("from:pier to:carol@city.example subject:dredging date:2021-03-03");
    assert_eq!(text(&hit["date"]), "2021-03-03T15:23:00");
    assert_eq!(text(&hit["date_precision"]), "minute");
    assert_eq!(text(&hit["date_source"]), "printed");
    assert_eq!(hit["zone_known"], false);
    // Nobody is called by an exemption code.
    assert!(hit["to"][1]["name"].is_null() && hit["to"][1]["address"].is_null());
    assert_eq!(text(&hit["copies"][0]["pages"]), "1-2");
    let id = text(&hit["id"]);
    let shown = sandbox.run(["show", &id]).expect(0);
    let parts = [
        "Pages       1-2\n",
        "the estimate is attached",
        "(no name)",
        "Redactions  b6 (3)\n",
    ];
    for part in parts {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
    let raw = sandbox.run(["show", &id, "--raw"]).expect(0);
    assert_eq!(raw.stdout, sandbox.read("release/print.txt"));
    for query in [
        "has:redaction",
        "header.bates:HARB_0000124",
        "header.doc-no:C00012345",
        "said:carol",
        "quoted:monday",
    ] {
        assert_eq!(sandbox.count(query), 1, "{query}");
    }
    assert_eq!(sandbox.count("said:unclassified OR quoted:unclassified"), 0);
}

#[test]
fn a_document_without_a_message_is_in_the_ledger() {
    let sandbox = with_print("memorandum.txt");
    let totals = sandbox.totals();
    assert_eq!(
        (&totals["copies"], &totals["unsupported"]),
        (&0.into(), &1.into())
    );
    assert_eq!(totals["balanced"], true);
}

#[test]
fn a_print_has_its_id_again_after_a_rebuild() {
    let sandbox = with_print("several.txt");
    let before = sandbox.ids("*");
    assert_eq!(before.len(), 2);
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.ids("*"), before);
}

/// A message whose pages are numbered, as `Page 1 of 2`.
fn numbered(subject: &str, pages: u32) -> String {
    let header = format!(
        "From: Anne Pier\nSent: May 15, 2001 4:17 PM\nTo: Bob Quay\nSubject: {subject}\n\nThe words.\n"
    );
    (1..=pages)
        .map(|page| {
            let words = if page == 1 {
                header.as_str()
            } else {
                "More words.\n"
            };
            format!("{:60}Page {page} of {pages}\n\n{words}\x0c", "")
        })
        .collect()
}

#[test]
fn every_page_of_a_print_is_one_thing() {
    let sandbox = Sandbox::new();
    let cover = "Cover sheet of the harbour office\n\x0c";
    let first = numbered("Piers", 2);
    let attached = "Table of piers\n\x0cIts second page\n\x0c";
    let blank = "\n \n\x0c";
    let last = numbered("Boats", 1);
    let document = format!("{cover}{first}{attached}{blank}{last}");
    sandbox.write("release/pages.txt", document.as_bytes());
    sandbox.write(
        "release/no-pages.txt",
        numbered("Nets", 1).replace('\x0c', "").as_bytes(),
    );
    let _ = sandbox
        .run(["ingest", "release", "--release", "r"])
        .expect(0);
    assert_eq!(sandbox.count("*"), 3);
    let totals = sandbox.totals();
    let expected = serde_json::json!({
        "pages": 7, "message": 3, "attached": 2, "without_header": 1, "without_text": 1
    });
    assert_eq!(
        (&totals["pages"], &totals["balanced"]),
        (&expected, &true.into())
    );
    let shown = sandbox.run(["ledger"]).expect(0);
    assert!(
        shown
            .text()
            .contains("3 of messages, 2 attached behind one, 1 without a header"),
        "{}",
        shown.text()
    );
    // Read again, every page is counted once.
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.totals()["pages"], expected);
}

#[test]
fn redactions_are_counted_by_code_release_and_official() {
    let sandbox = with_print("memo.txt");
    let _ = sandbox
        .run(["ingest", "release", "--release", "s"])
        .expect(0);
    let rows = |by: &str| {
        let rows = sandbox
            .run(["redactions", "--by", by, "--json"])
            .expect(0)
            .json();
        let told = |row: &serde_json::Value| {
            let name = [&row["release"], &row["official"]]
                .into_iter()
                .find_map(|name| name.as_str().map(str::to_owned));
            (
                name,
                text(&row["code"]),
                row["messages"].as_u64(),
                row["marks"].as_u64(),
            )
        };
        rows.iter().map(told).collect::<Vec<_>>()
    };
    // The document has three marks, as its own test counts them, and lies in both releases.
    let row = |name: Option<&str>| (name.map(str::to_owned), "b6".to_owned(), Some(1), Some(3));
    assert_eq!(rows("code"), [row(None)]);
    assert_eq!(rows("release"), [row(Some("r")), row(Some("s"))]);
    let officials = rows("official");
    let is_named = |name: &str| {
        let mut names = officials
            .iter()
            .filter_map(|(official, ..)| official.as_deref());
        names.any(|official| official.contains(name))
    };
    assert!(is_named("Pier") && is_named("Tide"), "{officials:?}");
    assert!(
        officials
            .iter()
            .all(|(name, code, ..)| name.is_some() && code == "b6")
    );
    let shown = sandbox.run(["redactions", "from:pier"]).expect(0);
    assert!(
        shown.text().ends_with("3 marks in 1 message\n"),
        "{}",
        shown.text()
    );
    let table = sandbox.run(["redactions", "--csv"]).expect(0);
    assert_eq!(
        table.text(),
        "official,official_id,release,code,messages,marks\n,,,b6,1,3\n"
    );
    let _ = sandbox.run(["redactions", "from:nobody"]).expect(1);
    let _ = sandbox.run(["redactions", "nosuchfield:x"]).expect(2);
}

#[test]
fn what_stands_beside_a_print_is_a_part_of_its_own() {
    let sandbox = Sandbox::new();
    let page = |number: u32| {
        format!(
            "Seen by the harbour office of the city, file {number}\n\nFrom: Anne Pier\nSent: May {number}, 2001 4:17 PM\nTo: Bob Quay\nSubject: Piers {number}\nAttachments: plan.pdf\n\nThe words.\n\x0c"
        )
    };
    sandbox.write(
        "release/print.txt",
        [page(11), page(12), page(13)].concat().as_bytes(),
    );
    let _ = sandbox
        .run(["ingest", "release", "--release", "r"])
        .expect(0);
    for subject in ["11", "12"] {
        let hit = sandbox.hit(&format!("subject:{subject}"));
        let id = text(&hit["id"]);
        let part = sandbox.run(["show", &id, "--part", "2"]).expect(0);
        assert!(
            part.text().contains("Seen by the harbour office"),
            "{}",
            part.text()
        );
        assert!(part.text().contains("plan.pdf"), "{}", part.text());
        let shown = sandbox
            .run(["show", &id, "--json"])
            .expect(0)
            .json()
            .remove(0);
        assert_eq!(text(&shown["body"][1]["part"]), "2");
        assert_eq!(text(&shown["body"][1]["zones"][0]["kind"]), "disclaimer");
        let _ = sandbox.run(["show", &id, "--part", "3"]).expect(1);
    }
    assert_eq!(
        (sandbox.count("body:seen"), sandbox.count("said:seen")),
        (3, 0)
    );
}
