//! The same query with less of each message looked at, and who is on many messages.

use crate::mail::Indexed;
use crate::mail::Mail;
use crate::mail::query_of;
use muckrake_index::Roles;
use muckrake_index::SearchRequest;
use muckrake_index::WordScope;
use muckrake_mail::ZoneKind;

/// 0 says it, 1 has it in the subject, 2 quotes it, 3 has it in a footer, 4 says one half and quotes the other.
fn mails() -> Indexed {
    Indexed::new(&[
        Mail::new().body("the north pier"),
        Mail::new().subject("North pier").body("see above"),
        Mail::new().zones(&[
            (ZoneKind::Author, "no "),
            (ZoneKind::Quoted, "the north pier"),
        ]),
        Mail::new().zones(&[
            (ZoneKind::Author, "no "),
            (ZoneKind::Disclaimer, "north pier office"),
        ]),
        Mail::new().zones(&[(ZoneKind::Author, "north "), (ZoneKind::Quoted, "pier")]),
    ])
}

fn found(indexed: &Indexed, query: &str) -> [Vec<u32>; 3] {
    let query = query_of(query);
    let scopes = [
        WordScope::Everywhere,
        WordScope::NotQuoted,
        WordScope::OwnWords,
    ];
    scopes.map(|scope| {
        indexed.find_all(&SearchRequest {
            limit: None,
            scope,
            ..SearchRequest::new(&query)
        })
    })
}

#[test]
fn a_narrower_scope_looks_at_less() {
    let indexed = mails();
    let expected: &[(&str, [&[u32]; 3])] = &[
        ("pier", [&[0, 1, 2, 3, 4], &[0, 1], &[0]]),
        ("north pier", [&[0, 1, 2, 3, 4], &[0, 1], &[0]]),
        ("\"north pier\"", [&[0, 1, 2, 3, 4], &[0, 1], &[0]]),
        ("body:north", [&[0, 2, 3, 4], &[0, 4], &[0, 4]]),
        ("said:north", [&[0, 4], &[0, 4], &[0, 4]]),
        ("quoted:pier", [&[2, 4], &[], &[]]),
        ("subject:pier", [&[1], &[1], &[1]]),
        // What is excluded is excluded wherever it stands.
        ("no -pier", [&[], &[], &[]]),
        ("north -quoted:pier", [&[0, 1, 3], &[0, 1], &[0]]),
        ("-(-pier)", [&[0, 1, 2, 3, 4], &[0, 1], &[0]]),
        ("*", [&[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4]]),
    ];
    for (query, sets) in expected {
        assert_eq!(found(&indexed, query), sets.map(<[u32]>::to_vec), "{query}");
    }
}

#[test]
fn addresses_are_told_by_role_for_the_messages_asked_for() {
    let indexed = Indexed::in_batches(
        &[
            Mail::new()
                .from("Anne", "Anne@Parks.example")
                .to("Bob", "bob@city.example"),
            Mail::new()
                .from("Bob", "bob@city.example")
                .cc("Anne", "anne@parks.example"),
            Mail::new().from("Anne", "anne@parks.example"),
        ],
        1,
    );
    let mut met = Vec::new();
    let wanted = [0, 1].into_iter().collect();
    indexed
        .reader
        .for_each_address(&wanted, |role, address, ordinals| {
            let role = match role {
                Roles::From => "from",
                Roles::To => "to",
                Roles::Cc => "cc",
                Roles::Bcc | Roles::Any => "other",
            };
            met.extend(ordinals.iter().map(|at| format!("{at} {role} {address}")));
        })
        .unwrap();
    met.sort();
    assert_eq!(
        met,
        [
            "0 from anne@parks.example",
            "0 to bob@city.example",
            "1 cc anne@parks.example",
            "1 from bob@city.example",
        ]
    );
}
