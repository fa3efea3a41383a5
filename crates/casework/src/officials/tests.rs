//! What is joined and what is not, on invented people.

use super::*;
use std::collections::HashMap;
use std::convert::Infallible;

/// Strings that meet as often as is said.
#[derive(Default)]
struct Said {
    beside: HashMap<(u32, u32), u32>,
    both: HashMap<(u32, u32), u32>,
}

impl Said {
    fn sum(known: &HashMap<(u32, u32), u32>, one: &[u32], other: &[u32]) -> u32 {
        let pairs = one.iter().flat_map(|one| {
            other
                .iter()
                .map(move |other| (*one.min(other), *one.max(other)))
        });
        pairs.filter_map(|pair| known.get(&pair)).sum()
    }
}

impl Meetings for Said {
    type Error = Infallible;

    fn beside(&mut self, bare: &[u32], people: &[u32]) -> Result<u32, Infallible> {
        Ok(Self::sum(&self.beside, bare, people))
    }

    fn both_written_to(&mut self, one: &[u32], other: &[u32]) -> Result<u32, Infallible> {
        Ok(Self::sum(&self.both, one, other))
    }
}

/// Resolves strings, each a name and an address, with nothing where it has none.
fn resolved(strings: &[(&str, &str)], statements: &Statements, mut said: Said) -> Resolution {
    let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let strings: Vec<(String, String)> = strings
        .iter()
        .map(|(name, address)| ((*name).to_owned(), (*address).to_owned()))
        .collect();
    let strings: &'static [(String, String)] = strings.leak();
    let spellings = (0u32..).zip(strings).map(|(id, (name, address))| Spelling {
        id,
        name: some(name),
        address: some(address),
        seen: 10,
    });
    match resolve(spellings, &[], statements, &mut said) {
        Ok(resolution) => resolution,
        Err(never) => match never {},
    }
}

fn is_one(resolution: &Resolution, one: u32, other: u32) -> bool {
    resolution.of_spelling[&one] == resolution.of_spelling[&other]
}

fn is_suggested(resolution: &Resolution, one: u32, other: u32) -> bool {
    let (one, other) = (resolution.of_spelling[&one], resolution.of_spelling[&other]);
    resolution.suggestions.iter().any(|suggestion| {
        let of = |node: u32| resolution.of_node[node as usize];
        [(one, other), (other, one)].contains(&(
            of(suggestion.one).unwrap_or(u32::MAX),
            of(suggestion.other).unwrap_or(u32::MAX),
        ))
    })
}

#[test]
fn the_shapes_of_one_person_are_one() {
    let strings = [
        ("Example, Anne (DEP)", "aexample@dep.example"),
        ("", "Anne.Example@dep.example"),
        ("Anne Example", "aexample@mail.dep.example"),
        ("Example, Anne", "/O=DEP/OU=EAST/CN=RECIPIENTS/CN=AEXAMPLE"),
        ("Example, Anne (DEP)", ""),
        ("'anne example'", ""),
        ("Anne Example", "anne99@mail.example"),
        ("Anne Exarnple", ""),
    ];
    let said = Said {
        beside: HashMap::from([((0, 5), 2)]),
        ..Said::default()
    };
    let resolution = resolved(&strings, &Statements::default(), said);
    for other in 1..=5 {
        assert!(
            is_one(&resolution, 0, other),
            "{:?}",
            strings[other as usize]
        );
    }
    assert!(
        !is_one(&resolution, 0, 6),
        "a private account is only suggested"
    );
    assert!(is_suggested(&resolution, 0, 6));
    assert!(!is_one(&resolution, 0, 7));
    let identity = &resolution.identities[resolution.of_spelling[&0] as usize];
    assert_eq!(
        (identity.name.as_str(), identity.kind),
        ("Anne Example", Kind::Person)
    );
}

#[test]
fn people_who_look_alike_stay_apart() {
    for pair in [
        // two agencies
        [
            ("Anne Example (DEP)", "anne.example@dep.example"),
            ("Anne Example (PARKS)", "anne.example@parks.example"),
        ],
        [
            ("Example, Anne (DEP)", "anne.example@city.example"),
            ("Example, Anne (PARKS)", "anne.example2@city.example"),
        ],
        // father and son
        [
            ("Bob Example", "bob.example@dep.example"),
            ("Bob Example Jr.", "bexample@dep.example"),
        ],
        [
            ("Bob Example Sr.", ""),
            ("Bob Example Jr.", "bexample@dep.example"),
        ],
        // the number tells two of one name apart
        [
            ("Bob Example", "bob.example@dep.example"),
            ("Bob Example", "bob.example2@dep.example"),
        ],
        [
            ("Bob A. Example", "bob.example@dep.example"),
            ("Bob B. Example", "bexample@dep.example"),
        ],
        // one name, two scripts
        [
            ("Юрий Примеров", "yuri@dep.example"),
            ("Yuri Primerov", "primerov@dep.example"),
        ],
        // only a name
        [
            ("Anne Example", ""),
            ("Anne Example", "anne.example@dep.example"),
        ],
        [("Anne", ""), ("Anne Example", "anne.example@dep.example")],
        // an office
        [
            ("Anne Example", "records@dep.example"),
            ("Anne Example", "anne.example@dep.example"),
        ],
    ] {
        let resolution = resolved(&pair, &Statements::default(), Said::default());
        assert!(!is_one(&resolution, 0, 1), "{pair:?}");
    }
}

#[test]
fn a_father_who_is_called_senior_at_times_is_not_his_son() {
    let strings = [
        ("Bob Example", "bob.example@dep.example"),
        ("Example, Bob Sr.", "bob.example@dep.example"),
        ("Bob Example Jr.", "bexample@dep.example"),
    ];
    let resolution = resolved(&strings, &Statements::default(), Said::default());
    assert!(is_one(&resolution, 0, 1));
    assert!(!is_one(&resolution, 0, 2));
}

#[test]
fn addresses_that_mail_goes_to_together_are_two_peoples() {
    let strings = [
        ("Bob Example", "bob.example@dep.example"),
        ("Bob Example", "bexample@dep.example"),
    ];
    assert!(is_one(
        &resolved(&strings, &Statements::default(), Said::default()),
        0,
        1
    ));
    let said = Said {
        both: HashMap::from([((0, 1), 5)]),
        ..Said::default()
    };
    let resolution = resolved(&strings, &Statements::default(), said);
    assert!(!is_one(&resolution, 0, 1));
    assert!(is_suggested(&resolution, 0, 1));
}

#[test]
fn a_bare_name_of_two_people_is_neither() {
    let strings = [
        ("Anne Example", "anne.example@dep.example"),
        ("Anne Example", "anne@parks.example"),
        ("Example, Anne", ""),
    ];
    let said = Said {
        beside: HashMap::from([((0, 2), 3), ((1, 2), 1)]),
        ..Said::default()
    };
    let resolution = resolved(&strings, &Statements::default(), said);
    assert!(!is_one(&resolution, 0, 2) && !is_one(&resolution, 1, 2));
    assert!(is_suggested(&resolution, 0, 2) && is_suggested(&resolution, 1, 2));
}

#[test]
fn what_the_user_says_comes_first() {
    let strings = [
        ("Anne Example", "anne.example@dep.example"),
        ("Anne Example", "anne99@mail.example"),
        ("Anne Example", "aexample@dep.example"),
    ];
    let statements = Statements {
        officials: vec![vec![
            "anne.example@dep.example".into(),
            "anne99@mail.example".into(),
        ]],
        apart: vec![(
            "anne.example@dep.example".into(),
            "aexample@dep.example".into(),
        )],
        ..Statements::default()
    };
    let resolution = resolved(&strings, &statements, Said::default());
    assert!(is_one(&resolution, 0, 1));
    assert!(!is_one(&resolution, 0, 2) && !is_suggested(&resolution, 0, 2));
    let identity = &resolution.identities[resolution.of_spelling[&0] as usize];
    assert_eq!(identity.confirmed, Some(0));
}

#[test]
fn redactions_are_nobody() {
    let strings = [
        ("(b)(6)", ""),
        ("[REDACTED]", ""),
        ("(b)(6)", "anne.example@dep.example"),
    ];
    let resolution = resolved(&strings, &Statements::default(), Said::default());
    let kind = |string: u32| resolution.identities[resolution.of_spelling[&string] as usize].kind;
    assert_eq!(
        (kind(0), kind(1), kind(2)),
        (Kind::Anonymous, Kind::Anonymous, Kind::Person)
    );
    assert_eq!(
        resolution.identities[resolution.of_spelling[&2] as usize].name,
        "anne.example@dep.example"
    );
}

#[test]
fn hostile_strings_take_time_in_proportion() {
    let started = std::time::Instant::now();
    let long = "a".repeat(1 << 16);
    let address = format!("{long}@dep.example");
    let mut strings: Vec<(String, String)> = (0..20_000)
        .map(|at| {
            (
                format!("Anne Example{}", "x".repeat(at % 3)),
                format!("a{at}@dep.example"),
            )
        })
        .collect();
    strings.push((long.clone(), address));
    strings.push(("x".repeat(40), String::new()));
    let strings: Vec<(&str, &str)> = strings
        .iter()
        .map(|(name, address)| (name.as_str(), address.as_str()))
        .collect();
    let resolution = resolved(&strings, &Statements::default(), Said::default());
    assert_eq!(resolution.of_spelling.len(), strings.len());
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
