//! Joins three invented messages into a thread, one of them only referred to.
//!
//! ```text
//! cargo run -p muckrake-casework --example threads
//! ```
#![allow(clippy::print_stdout, reason = "an example shows its result")]

use muckrake_casework::threads::Member;
use muckrake_casework::threads::References;
use muckrake_casework::threads::reference;
use muckrake_casework::threads::tree;

fn main() {
    let member = |ordinal: u32, own: &str, ancestors: &[&str]| Member {
        ordinal,
        date: Some(i64::from(ordinal)),
        key: [0; 20],
        references: References {
            own: Some(reference(own)),
            ancestors: ancestors.iter().map(|id| reference(id)).collect(),
        },
    };
    let members = [
        member(0, "question@works.example", &[]),
        member(
            1,
            "answer@works.example",
            &["question@works.example", "lost@works.example"],
        ),
    ];
    for node in tree(&members) {
        let what = node.member.map_or("not in this case".to_owned(), |member| {
            format!("message {member}")
        });
        println!("{}{what}", "  ".repeat(node.depth));
    }
}
