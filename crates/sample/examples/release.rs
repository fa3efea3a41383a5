//! Writes the two invented releases to a folder and says what is in them.
//!
//! `cargo run -p muckrake-sample --example release -- FOLDER`
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| "sample-release".into());
    let sample = muckrake_sample::release();
    let layout = sample.write(Path::new(&folder))?;
    let truth = sample.truth();
    println!(
        "{}\n{}",
        layout.procurement.display(),
        layout.mayor.display()
    );
    for release in &truth.releases {
        println!("{release:?}");
    }
    println!(
        "{} distinct messages, {} in both releases, {} referred to and absent",
        truth.facts.len(),
        truth.shared,
        truth.ghosts.len()
    );
    for question in &truth.questions {
        println!("\n{}\n  {}", question.asked, question.query);
        for fact in question.answers.iter().map(|place| &truth.facts[*place]) {
            let date = fact.date.as_deref().unwrap_or("no date");
            println!(
                "  {date}  {}  {}  {:?}",
                fact.from.name, fact.subject, fact.releases
            );
        }
    }
    Ok(())
}
