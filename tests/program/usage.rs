//! The command line itself: help, completions, manual, and what is refused.

use crate::common::Sandbox;

#[test]
fn help_and_version_are_answers() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(["--help"]).expect(0);
    assert!(help.text().contains("Exit codes:"), "{}", help.text());
    let version = sandbox.run(["--version"]).expect(0);
    assert_eq!(
        version.text(),
        format!("muckrake {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert!(
        sandbox
            .run(["search", "--help"])
            .expect(0)
            .text()
            .contains("--explain")
    );
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let sandbox = Sandbox::new();
    for line in [
        &[][..],
        &["frobnicate"],
        &["search"],
        &["search", "pier", "--frobnicate"],
        &["search", "pier", "--json", "--csv"],
        &["search", "pier", "--limit", "0"],
        &["search", "-draft"],
        &["ingest", "x.mbox"],
        &["show"],
        &["export", "pier", "--to", "x"],
        &["export", "pier", "--to", "x", "--format", "docx"],
        &["export", "--to", "x", "--format", "csv"],
        &["releases", "set", "harbour"],
        &["completions", "csh"],
        &["man", "frobnicate"],
    ] {
        let run = sandbox.run(line).expect(2);
        assert!(run.stdout.is_empty(), "{line:?} printed {}", run.text());
        assert!(!run.stderr.is_empty(), "{line:?} says nothing");
    }
}

#[test]
fn every_shell_gets_completions() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = sandbox.run(["completions", shell]).expect(0);
        assert!(run.text().contains("ingest"), "{shell}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let sandbox = Sandbox::new();
    let top = sandbox.run(["man"]).expect(0);
    assert!(top.text().contains(".TH muckrake 1"), "{}", top.text());
    for command in [
        &["ingest"][..],
        &["search"],
        &["show"],
        &["export"],
        &["releases"],
        &["releases", "forget"],
        &["ledger"],
        &["verify"],
        &["relocate"],
        &["rebuild"],
        &["demo"],
        &["completions"],
        &["man"],
    ] {
        let page = sandbox.run([&["man"], command].concat()).expect(0);
        let title = format!(".TH muckrake-{} 1", command.join("-"));
        assert!(
            page.text().contains(&title),
            "{title} is not in {}",
            page.text()
        );
    }
}

#[test]
fn without_a_case_it_says_how_to_make_one() {
    let sandbox = Sandbox::new();
    for line in [
        &["search", "pier"][..],
        &["show", "abcdef"],
        &["ledger"],
        &["releases", "list"],
        &["verify"],
        &["rebuild"],
    ] {
        let run = sandbox.run(line).expect(2).says(&[
            "there is no case at `./muckrake-case`",
            "hint: ",
            "--case",
        ]);
        assert!(run.stdout.is_empty());
    }
    assert!(
        !sandbox.path("muckrake-case").exists(),
        "asking made a case"
    );
}

#[test]
fn the_case_is_named_by_flag_or_variable() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.eml",
        crate::common::mail(
            1,
            "anne@harbour.example",
            "bob@city.example",
            "Pier",
            "Hello",
        ),
    );
    let _ = sandbox
        .run(["--case", "one", "ingest", "a.eml", "--release", "r"])
        .expect(0);
    let _ = sandbox.run(["search", "pier", "--case", "one"]).expect(0);
    let output = sandbox
        .command(["search", "pier"])
        .env("MUCKRAKE_CASE", "one")
        .output();
    assert_eq!(
        output.expect("the program can be started").status.code(),
        Some(0)
    );
    let _ = sandbox.run(["search", "pier"]).expect(2);
}

#[test]
fn a_word_left_out_without_quotes_is_told_how() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox.run(["search", "pier", "-draft"]).expect(2).says(&[
        "hint: ",
        "'pier -draft'",
        "search -- -draft pier",
    ]);
    let _ = sandbox.run(["search", "pier -draft"]).expect(0);
    let _ = sandbox.run(["search", "--", "-draft", "pier"]).expect(0);
    let other = sandbox.run(["search", "--nonsense"]).expect(2);
    assert!(
        !other.stderr.contains("leave a word out"),
        "{}",
        other.stderr
    );
}
