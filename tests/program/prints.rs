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
