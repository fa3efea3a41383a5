//! Reading one message: text, JSON, header, parts, original bytes.

use crate::common::Sandbox;
use crate::common::mail;
use crate::common::text;
use sha2::Digest;
use sha2::Sha256;

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn a_message_ends_with_where_it_is_from() {
    let sandbox = Sandbox::with_harbour();
    let hit = sandbox.hit("subject:estimate");
    let run = sandbox.run(["show", &text(&hit["id"])[..8]]).expect(0);
    let shown = run.text();
    assert!(
        shown.starts_with("From        Carol Demo <carol@city.example>\n"),
        "{shown}"
    );
    assert!(
        shown.contains(
            "Date        2021-03-04 04:30:00 +00:00 (written as 2021-03-03 23:30:00-05:00)\n"
        ),
        "{shown}"
    );
    assert!(shown.contains("\nSee the table.\n"), "{shown}");
    assert!(shown.contains("estimate.csv"), "{shown}");
    let copy = &hit["copies"][0];
    let place = format!(
        "Bytes       {} from byte {}\n",
        copy["length"], copy["offset"]
    );
    assert!(shown.contains(&place), "{shown}");
    assert!(
        shown.ends_with(&format!("SHA-256     {}\n", text(&copy["sha256"]))),
        "{shown}"
    );
}

#[test]
fn raw_bytes_are_those_of_the_source() {
    let sandbox = Sandbox::new();
    let mut original = mail(
        1,
        "anne@harbour.example",
        "bob@city.example",
        "Pier",
        "Hello",
    )
    .replace('\n', "\r\n")
    .into_bytes();
    original.extend(b"caf\xe9 \x00\x1b[2J\xff no end of line");
    sandbox.write("a.eml", &original);
    let _ = sandbox.run(["ingest", "a.eml", "--release", "r"]).expect(0);
    let hit = sandbox.hit("pier");
    let id = text(&hit["id"]);
    assert_eq!(
        sandbox.run(["show", "--raw", &id]).expect(0).stdout,
        original
    );
    assert_eq!(text(&hit["copies"][0]["sha256"]), hex(&original));
    assert_eq!(hit["copies"][0]["offset"], 0);
    assert_eq!(hit["copies"][0]["length"], original.len());
}

#[test]
fn a_mailbox_is_unescaped_unless_stored() {
    let sandbox = Sandbox::new();
    let body = "Hello\n\nFrom here on it is quoted\n>From there too";
    let original = mail(1, "anne@harbour.example", "bob@city.example", "Pier", body);
    sandbox.write(
        "a.mbox",
        crate::common::mbox(std::slice::from_ref(&original)),
    );
    let _ = sandbox
        .run(["ingest", "a.mbox", "--release", "r"])
        .expect(0);
    let hit = sandbox.hit("pier");
    let id = text(&hit["id"]);
    let raw = sandbox.run(["show", "--raw", &id]).expect(0).stdout;
    assert_eq!(
        String::from_utf8_lossy(&raw).trim_end(),
        original.trim_end()
    );
    let stored = sandbox
        .run(["show", "--raw", "--stored", &id])
        .expect(0)
        .stdout;
    assert!(
        String::from_utf8_lossy(&stored).contains("\n>From here"),
        "{}",
        String::from_utf8_lossy(&stored)
    );
    let copy = &hit["copies"][0];
    let range =
        |key: &str| usize::try_from(copy[key].as_u64().expect("a number")).expect("it fits");
    let source = sandbox.read("a.mbox");
    assert_eq!(
        stored,
        source[range("offset")..range("offset") + range("length")]
    );
    assert_eq!(text(&copy["sha256"]), hex(&stored));
}

#[test]
fn a_part_comes_decoded() {
    let sandbox = Sandbox::with_harbour();
    let hit = sandbox.hit("subject:estimate");
    let attachment = &hit["attachments"][0];
    let part = sandbox
        .run([
            "show",
            &text(&hit["id"]),
            "--part",
            &text(&attachment["part"]),
        ])
        .expect(0);
    assert_eq!(part.text().trim_end(), "item,price\npilings,30500000");
    assert_eq!(text(&attachment["sha256"]), hex(&part.stdout));
    let _ = sandbox
        .run(["show", &text(&hit["id"]), "--part", "9"])
        .expect(1)
        .says(&["no part `9`"]);
}

#[test]
fn several_blank_lines_are_one_for_people_only() {
    let sandbox = Sandbox::new();
    let body = "First.\n\n\n\n\nLast.\n";
    let one = mail(1, "anne@harbour.example", "bob@city.example", "Gaps", body);
    sandbox.write("gaps.eml", &one);
    let _ = sandbox
        .run(["ingest", "gaps.eml", "--release", "r"])
        .expect(0);
    let id = text(&sandbox.hit("subject:gaps")["id"]);
    let shown = sandbox.run(["show", &id]).expect(0);
    assert!(
        shown.text().contains("First.\n\nLast.\n"),
        "{}",
        shown.text()
    );
    assert_eq!(
        sandbox.run(["show", "--raw", &id]).expect(0).stdout,
        one.as_bytes()
    );
    let json = sandbox.run(["show", "--json", &id]).expect(0).json();
    let whole = text(&json[0]["body"][0]["text"]);
    assert!(whole.contains("First.\n\n\n\n\nLast."), "{whole}");
}

#[test]
fn headers_come_in_order() {
    let sandbox = Sandbox::with_harbour();
    let hit = sandbox.hit("subject:keys");
    let run = sandbox
        .run(["show", "--headers", &text(&hit["id"])])
        .expect(0);
    assert_eq!(
        run.text(),
        "From: Dan Trial <dan@city.example>\nTo: anne@harbour.example\nSubject: Keys\nMessage-ID: <4.dan@city.example>\n"
    );
}

#[test]
fn json_has_body_and_states() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("subject:estimate")["id"]);
    let views = sandbox.run(["show", "--json", &id]).expect(0).json();
    assert_eq!(views.len(), 1);
    assert_eq!(
        text(&views[0]["body"][0]["text"]).trim_end(),
        "See the table."
    );
    assert_eq!(views[0]["attachment_states"][0]["state"], "text");
}

#[test]
fn a_thread_is_a_tree_of_its_messages() {
    let sandbox = Sandbox::with_harbour();
    let answer = text(&sandbox.hit("subject:re pier")["id"]);
    let run = sandbox.run(["show", "--thread", &answer]).expect(0);
    let text = run.text();
    assert!(text.starts_with("2 messages\n\n2021-03-01 15:30"), "{text}");
    assert!(
        text.contains("  anne → bob@city.example\n    Subject: North pier contract\n"),
        "{text}"
    );
    assert!(text.contains("\n  2021-03-0"), "{text}");
    assert_eq!(text.matches("SHA-256").count(), 2);
    assert_eq!(
        sandbox
            .run(["show", "--thread", "--json", &answer])
            .expect(0)
            .json()
            .len(),
        2
    );
}

#[test]
fn one_bad_id_does_not_hide_the_others() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("subject:keys")["id"]);
    let run = sandbox
        .run(["show", "0123456789", &id])
        .expect(1)
        .says(&["no message has the id `0123456789`"]);
    assert!(run.text().contains("The keys to the shed."));
    let _ = sandbox.run(["show", "abc"]).expect(2).says(&["too short"]);
}

#[test]
fn a_source_that_has_changed_since_it_was_read_is_told() {
    let sandbox = Sandbox::with_harbour();
    let id = text(&sandbox.hit("subject:keys")["id"]);
    let show = |said: &[&str]| {
        let run = sandbox.run(["show", &id]).expect(0).says(said);
        assert!(run.text().contains("The keys to the shed."));
        run.stderr
    };
    assert_eq!(show(&[]), "");
    let mut mailbox = sandbox.read("harbour.mbox");
    mailbox.extend(b"more\n");
    sandbox.write("harbour.mbox", &mailbox);
    let _ = show(&[
        "harbour.mbox` has changed since it was read: its size is another",
        "this message can still be given byte for byte",
    ]);
    sandbox.write("harbour.mbox", "nothing of it is left");
    let _ = show(&["its size is another", "the original of"]);
    std::fs::remove_file(sandbox.path("harbour.mbox")).expect("it can be removed");
    let told = show(&["harbour.mbox` is not there any more"]);
    assert!(!told.contains("byte for byte"), "{told}");
}
