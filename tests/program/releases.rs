//! Releases, verification, moved sources, and the index made again.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::mbox;
use std::fs;

fn two_releases() -> Sandbox {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("city.mbox", mbox(&harbour()[..2]));
    let _ = sandbox
        .run(["ingest", "city.mbox", "--release", "city"])
        .expect(0);
    sandbox
}

#[test]
fn the_list_shows_counts_and_overlaps() {
    let sandbox = two_releases();
    let run = sandbox.run(["releases", "list"]).expect(0);
    assert!(
        run.text()
            .starts_with("Release  Agency  Messages  only here"),
        "{}",
        run.text()
    );
    assert!(
        run.text().contains("harbour and city share 2 messages\n"),
        "{}",
        run.text()
    );
    let list = sandbox.run(["releases", "list", "--json"]).expect(0).json();
    assert_eq!(
        (&list[0]["messages"], &list[0]["only_here"]),
        (&4.into(), &2.into())
    );
    assert_eq!(
        (&list[1]["messages"], &list[1]["only_here"]),
        (&2.into(), &0.into())
    );
}

#[test]
fn set_rename_forget() {
    let sandbox = two_releases();
    let _ = sandbox
        .run([
            "releases",
            "set",
            "city",
            "--agency",
            "City Hall",
            "--promised",
            "9",
        ])
        .expect(0);
    let _ = sandbox
        .run(["releases", "rename", "city", "hall"])
        .expect(0);
    let list = sandbox.run(["releases", "list", "--json"]).expect(0).json();
    assert_eq!(
        (&list[1]["name"], &list[1]["agency"], &list[1]["promised"]),
        (&"hall".into(), &"City Hall".into(), &9.into())
    );
    assert_eq!(sandbox.count("release:hall"), 2);
    let _ = sandbox
        .run(["releases", "rename", "hall", "harbour"])
        .expect(2)
        .says(&["`harbour` already"]);
    let _ = sandbox
        .run(["releases", "forget", "city"])
        .expect(2)
        .says(&["no release is named `city`", "harbour, hall"]);

    let run = sandbox.run(["releases", "forget", "harbour"]).expect(0);
    assert_eq!(
        run.text(),
        "Release harbour is forgotten: 1 source, 4 copies and 2 messages taken out\n"
    );
    assert_eq!(sandbox.count("*"), 2);
    assert_eq!(sandbox.totals()["balanced"], true);
    let _ = sandbox
        .run(["ingest", "harbour.mbox", "--release", "harbour"])
        .expect(0);
    assert_eq!(sandbox.count("*"), 4);
}

#[test]
fn verify_names_what_has_changed() {
    let sandbox = two_releases();
    let run = sandbox.run(["verify"]).expect(0);
    assert_eq!(run.text(), "2 sources as recorded\n");
    let mut mailbox = sandbox.read("city.mbox");
    mailbox[40] ^= 1;
    sandbox.write("city.mbox", mailbox);
    fs::remove_file(sandbox.path("harbour.mbox")).expect("it can be removed");
    let run = sandbox.run(["verify"]).expect(3).says(&["relocate"]);
    assert!(run.text().contains("changed"), "{}", run.text());
    assert!(run.text().contains("missing"), "{}", run.text());
    assert!(
        run.text().ends_with("0 sources as recorded, 2 not\n"),
        "{}",
        run.text()
    );
    let id = &sandbox.ids("subject:keys")[0];
    let _ = sandbox
        .run(["show", "--raw", id])
        .expect(4)
        .says(&["cannot be read", "hint: "]);
    let _ = sandbox.run(["show", id]).expect(0);
}

#[test]
fn moved_sources_are_followed() {
    let sandbox = two_releases();
    fs::create_dir(sandbox.path("moved")).expect("a folder can be made");
    for name in ["harbour.mbox", "city.mbox"] {
        fs::rename(sandbox.path(name), sandbox.path("moved").join(name))
            .expect("a file can be moved");
    }
    let _ = sandbox.run(["verify"]).expect(3);
    let run = sandbox.run(["relocate", ".", "moved"]).expect(0);
    assert_eq!(run.text(), "2 sources found in the new place\n");
    let _ = sandbox.run(["verify"]).expect(0);
    let id = &sandbox.ids("subject:keys")[0];
    let _ = sandbox.run(["show", "--raw", id]).expect(0);
    let _ = sandbox
        .run(["relocate", "nowhere", "moved"])
        .expect(1)
        .says(&["no source of this case"]);
}

#[test]
fn a_rebuild_gives_the_same_ids() {
    let sandbox = two_releases();
    let before = (
        sandbox.ids("*"),
        sandbox.totals(),
        sandbox.run(["releases", "list", "--json"]).expect(0).json(),
    );
    let _ = sandbox.run(["rebuild"]).expect(0);
    let after = (
        sandbox.ids("*"),
        sandbox.totals(),
        sandbox.run(["releases", "list", "--json"]).expect(0).json(),
    );
    assert_eq!(before, after);
    fs::remove_file(sandbox.path("city.mbox")).expect("it can be removed");
    let _ = sandbox
        .run(["rebuild"])
        .expect(4)
        .says(&["city.mbox", "relocate"]);
    assert_eq!(sandbox.count("*"), 4, "the old index still answers");
}

#[test]
fn a_damaged_index_can_be_made_again() {
    let sandbox = two_releases();
    let before = sandbox.ids("*");
    fs::remove_dir_all(sandbox.path("muckrake-case/index")).expect("the index is a folder");
    let _ = sandbox.run(["search", "pier"]).expect(4);
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.ids("*"), before);
}

/// A case of an earlier format, opened from a copy, with its sources moved elsewhere.
#[cfg(unix)] // The fixtures' sources lay at a path of Unix.
fn old_case(name: &str, sources: &[&str]) -> (Sandbox, Vec<String>) {
    let sandbox = Sandbox::new();
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/cases")
        .join(name);
    copy_folder(&fixture.join("case"), &sandbox.path("muckrake-case"));
    for source in sources {
        let mailbox = fs::read(fixture.join(source)).expect("is there");
        sandbox.write(&format!("moved/{source}"), mailbox);
    }
    let recorded = fs::read_to_string(fixture.join("ids.txt")).expect("is there");
    (sandbox, recorded.lines().map(str::to_owned).collect())
}

/// The case says what has to be done, and doing it makes it one of today.
#[cfg(unix)]
fn make_again(sandbox: &Sandbox, format: u32) {
    if format < muckrake_case::FORMAT {
        let found = format!("has format {format}");
        for command in [
            &["search", "pier"][..],
            &["ingest", "moved", "--release", "harbour"],
        ] {
            let _ = sandbox
                .run(command)
                .expect(4)
                .says(&[&found, "muckrake rebuild"]);
        }
    }
    let _ = sandbox.run(["relocate", "/releases", "moved"]).expect(0);
    let _ = sandbox.run(["rebuild"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_case_of_the_first_format_is_made_again_with_the_same_ids() {
    let (sandbox, ids) = old_case("format-1", &["harbour.mbox"]);
    make_again(&sandbox, 1);
    assert_eq!(sandbox.ids("*"), ids);
    assert_eq!(sandbox.count("bollard3"), 1);
}

#[cfg(unix)]
#[test]
fn a_case_of_the_second_format_is_made_again_with_all_that_the_user_told() {
    let (sandbox, ids) = old_case("format-2", &["city.mbox", "harbour.mbox"]);
    let settings = sandbox.read("muckrake-case/muckrake.toml");
    make_again(&sandbox, 2);
    assert_eq!(sandbox.ids("*"), ids);
    assert_eq!(sandbox.count("bollard3"), 1);
    // Only the copy of the second release names her.
    assert_eq!(sandbox.count("bcc:eve release:harbour"), 1);
    assert_eq!(sandbox.read("muckrake-case/muckrake.toml"), settings);
    let releases = sandbox.run(["releases", "list", "--json"]).expect(0).json();
    let facts = |index: usize| {
        let release = &releases[index];
        (
            release["name"].as_str(),
            release["agency"].as_str(),
            release["promised"].as_u64(),
        )
    };
    assert_eq!(
        facts(0),
        (Some("harbour"), Some("Harbour Authority"), Some(7))
    );
    assert_eq!(facts(1), (Some("city"), None, None));
    assert_eq!(sandbox.totals()["balanced"], true);
}

#[cfg(unix)]
#[test]
fn a_case_of_the_second_index_format_is_made_again_with_the_codes_of_redactions() {
    let (sandbox, ids) = old_case("index-2", &["piers.mbox"]);
    let _ = sandbox
        .run(["search", "redaction:b6"])
        .expect(4)
        .says(&["muckrake rebuild"]);
    let _ = sandbox.run(["relocate", "/releases", "moved"]).expect(0);
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(sandbox.ids("redaction:b6"), ids);
}

#[cfg(unix)]
fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("is there") {
        let entry = entry.expect("can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            let _ = fs::copy(entry.path(), target).expect("can be copied");
        }
    }
}
