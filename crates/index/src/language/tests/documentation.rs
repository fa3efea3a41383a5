//! The document that users read says what the parser does.

use super::*;

const DOCUMENT: &str = include_str!("../../../../../docs/query-language.md");

#[test]
fn every_query_in_a_box_is_read() {
    let boxes = DOCUMENT.split("```query\n").skip(1);
    let queries: Vec<&str> = boxes
        .flat_map(|rest| rest.split("```").next().unwrap_or_default().lines())
        .collect();
    assert!(queries.len() > 30, "{}", queries.len());
    for query in queries {
        read(query);
    }
}

#[test]
fn every_example_in_the_table_of_fields_is_read_and_every_field_is_there() {
    let table = DOCUMENT
        .split("| field | matches | examples |")
        .nth(1)
        .unwrap();
    let table = table.split("\n\n").next().unwrap();
    let mut count = 0;
    for row in table.lines() {
        let examples = row.trim_matches('|').rsplit(" | ").next().unwrap();
        for example in examples.split('`').skip(1).step_by(2) {
            read(example);
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
    for name in fields::names() {
        assert!(table.contains(&format!("`{name}:`")), "{name}");
    }
}
