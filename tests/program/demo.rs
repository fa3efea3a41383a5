//! The demonstration.

use crate::common::Sandbox;

#[test]
fn it_makes_a_case_and_answers_three_questions() {
    let sandbox = Sandbox::new();
    let first = sandbox.run(["demo"]).expect(0);
    let commands: Vec<&str> = first
        .text()
        .lines()
        .filter(|line| line.starts_with("$ muckrake "))
        .collect();
    assert!(commands.len() >= 5, "{}", first.text());
    assert!(sandbox.path("muckrake-demo/case/ledger.sqlite").is_file());
    // What it printed can be typed, and answers the same.
    for command in commands
        .iter()
        .filter(|command| command.contains(" search "))
    {
        let words = split(command.trim_start_matches("$ muckrake "));
        let typed = sandbox.run(&words).expect(0);
        assert!(
            first.text().contains(typed.text()),
            "{command} answers otherwise when typed"
        );
    }
}

#[test]
fn its_answers_are_what_was_planted() {
    let sandbox = Sandbox::new();
    let _ = sandbox.run(["demo"]).expect(0);
    let truth = muckrake_sample::truth();
    assert_eq!(truth.questions.len(), 3);
    for question in &truth.questions {
        let found = sandbox.run([
            "--case",
            "muckrake-demo/case",
            "search",
            "--json",
            question.query,
        ]);
        let mut found: Vec<Option<String>> = found
            .expect(0)
            .json()
            .iter()
            .map(|hit| hit["message_id"].as_str().map(str::to_owned))
            .collect();
        let answers = question
            .answers
            .iter()
            .map(|&place| truth.facts[place].message_id.clone());
        let mut answers: Vec<Option<String>> = answers.collect();
        found.sort();
        answers.sort();
        assert_eq!(found, answers, "{}", question.asked);
    }
}

#[test]
fn it_can_be_repeated() {
    let sandbox = Sandbox::new();
    let _ = sandbox.run(["demo", "here"]).expect(0);
    let again = sandbox.run(["demo", "here"]).expect(0);
    assert!(again.text().contains("nothing new"), "{}", again.text());
}

#[test]
fn it_leaves_other_folders_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("papers/letter.txt", "Dear Sir");
    let _ = sandbox
        .run(["demo", "papers"])
        .expect(2)
        .says(&["`papers`", "hint: "]);
    assert_eq!(sandbox.read("papers/letter.txt"), b"Dear Sir");
    assert_eq!(
        std::fs::read_dir(sandbox.path("papers"))
            .expect("it is a folder")
            .count(),
        1
    );
}

/// Splits a line as a shell would, as far as the demonstration quotes.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("there is always one").push(c),
        }
    }
    words
}
