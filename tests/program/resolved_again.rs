//! People resolved release by release are those that are resolved from nothing, in whatever order the releases come.

use crate::common::Sandbox;
use crate::common::mbox;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fmt::Write as _;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }

    fn name(&mut self) -> (&'static str, &'static str) {
        (
            self.pick(&["Anne", "Ann", "Bob", "Robert", "Carol", "Dan"]),
            self.pick(&["Example", "Sample", "Exarnple", "Pattern"]),
        )
    }

    /// Somebody, in one of the shapes of mail.
    fn person(&mut self) -> String {
        let (given, family) = self.name();
        let place = self.pick(&[
            "dep.example",
            "mail.dep.example",
            "parks.example",
            "gmail.com",
        ]);
        let mark = self.pick(&["", " (DEP)", " (Dep)", " (PARKS)"]);
        let local = match self.roll(4) {
            0 => format!("{}{family}", &given[..1]),
            1 => format!("{given}.{family}"),
            2 => format!("{given}.{family}2"),
            _ => "records".to_owned(),
        }
        .to_lowercase();
        match self.roll(6) {
            0 => format!("{local}@{place}"),
            1 => format!("{given} {family} <{local}@{place}>"),
            2 => format!("\"{given} {family}\" </O=DEP/OU=EAST/CN=RECIPIENTS/CN={local}>"),
            3 => format!("\"{family}, {given}{mark}\""),
            _ => format!("\"{family}, {given}{mark}\" <{local}@{place}>"),
        }
    }

    fn letter(&mut self, number: usize) -> String {
        let mut headers = format!(
            "Message-ID: <{number}@city.example>\nDate: Tue, {} Mar 2016 10:00:00 +0000\nSubject: Pier {number}\nFrom: {}\nTo: {}",
            number % 28 + 1,
            self.person(),
            self.person()
        );
        for _ in 0..self.roll(3) {
            let _ = write!(headers, ", {}", self.person());
        }
        let (given, family) = self.name();
        let (other, surname) = self.name();
        format!(
            "{headers}\n\nSeen.\n\n-----Original Message-----\nFrom: {family}, {given}\nSent: Tuesday, March 1, 2016 9:00 AM\nTo: {other} {surname}\nSubject: Pier\n\nRotten.\n"
        )
    }
}

fn sandbox(order: &[usize], releases: &[Vec<String>]) -> Sandbox {
    let sandbox = Sandbox::new();
    for &release in order {
        let file = format!("release{release}.mbox");
        sandbox.write(&file, mbox(&releases[release]));
        let _ = sandbox
            .run(["ingest", &file, "--release", &format!("release{release}")])
            .expect(0);
    }
    sandbox
}

fn ledger(sandbox: &Sandbox) -> Connection {
    Connection::open(sandbox.path("muckrake-case/ledger.sqlite")).expect("it is there")
}

/// All that the ledger says of who is who, without the numbers that it goes by inside.
fn who_is_who(sandbox: &Sandbox) -> Vec<String> {
    let ledger = ledger(sandbox);
    let mut lines = Vec::new();
    for sql in [
        "SELECT 'identity', print, name, kind, agency, confirmed FROM identities",
        "SELECT 'string', i.print, p.name, p.address, '', '' FROM identified d JOIN identities i ON i.id = d.identity JOIN people p ON p.id = d.person",
        "SELECT 'key', i.print, k.key, '', '', '' FROM known_as k JOIN identities i ON i.id = k.identity",
        "SELECT 'member', m.agency, p.name, p.address, '', '' FROM members m JOIN people p ON p.id = m.person",
        "SELECT 'join', i.print, j.one, j.other, j.reason, j.confidence FROM joins j JOIN identities i ON i.id = j.identity",
        "SELECT 'suggestion', a.print || ' ' || b.print, one_key || ' ' || other_key, reason, s.confidence, messages
         FROM suggestions s JOIN identities a ON a.id = s.one JOIN identities b ON b.id = s.other",
    ] {
        let mut statement = ledger.prepare(sql).expect("it is a query");
        let rows = statement.query_map([], |row| {
            let cells: Vec<String> = (0..6)
                .map(|at| row.get::<_, Value>(at).map(|cell| format!("{cell:?}")))
                .collect::<Result<_, _>>()?;
            Ok(cells.join(" "))
        });
        lines.extend(rows.expect("it has rows").map(|row| row.expect("it can be read")));
    }
    lines.sort();
    let tables = [
        "identities",
        "identified",
        "known_as",
        "joins",
        "suggestions",
    ];
    let count = |table: &&str| -> usize {
        let sql = format!("SELECT count(*) FROM {table}");
        ledger
            .query_row(&sql, [], |row| row.get(0))
            .expect("it is counted")
    };
    let rows: usize = tables.iter().map(count).sum();
    let members = lines.iter().filter(|line| line.contains("member")).count();
    assert!(
        rows <= lines.len() && members > 0,
        "each row is of an identity that is there"
    );
    lines
}

/// Forgets who is who, and resolves it from nothing.
fn from_nothing(sandbox: &Sandbox) -> Vec<String> {
    let ledger = ledger(sandbox);
    for table in [
        "identities",
        "identified",
        "known_as",
        "members",
        "joins",
        "suggestions",
        "settled",
        "meetings",
    ] {
        let _ = ledger
            .execute(&format!("DELETE FROM {table}"), [])
            .expect("it is there");
    }
    let _ = ledger
        .execute(
            "UPDATE meta SET value = '1' WHERE name = 'people_changed'",
            [],
        )
        .expect("it can be written");
    drop(ledger);
    let _ = std::fs::remove_file(sandbox.path("muckrake-case/seal"));
    let _ = sandbox
        .run(["officials", "list", "--all", "--json"])
        .expect(0);
    who_is_who(sandbox)
}

#[test]
fn release_by_release_is_as_from_nothing() {
    let mut dice = Dice(7);
    let sizes = [70, 25, 3];
    let mut number = 0;
    let releases: Vec<Vec<String>> = sizes
        .iter()
        .map(|size| {
            let letters = (0..*size).map(|_| {
                number += 1;
                dice.letter(number)
            });
            letters.collect()
        })
        .collect();
    let mut known: Option<Vec<String>> = None;
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let sandbox = sandbox(&order, &releases);
        let now = who_is_who(&sandbox);
        assert_eq!(now, from_nothing(&sandbox), "order {order:?}");
        let known = known.get_or_insert_with(|| now.clone());
        assert_eq!(*known, now, "order {order:?} against the first");
    }
}

#[test]
fn what_goes_and_what_the_user_says_is_as_from_nothing() {
    let mut dice = Dice(11);
    let letters: Vec<String> = (1..=60).map(|number| dice.letter(number)).collect();
    let releases = [
        letters[..52].to_vec(),
        letters[52..56].to_vec(),
        letters[56..].to_vec(),
    ];
    let sandbox = sandbox(&[0, 1, 2], &releases);
    let _ = sandbox.run(["releases", "forget", "release1"]).expect(0);
    assert_eq!(
        who_is_who(&sandbox),
        from_nothing(&sandbox),
        "a release is gone"
    );
    let suggested = sandbox
        .run(["officials", "suggest", "--json"])
        .expect(0)
        .json();
    let ids = |at: usize| {
        let id = |name: &str| suggested[at][name].as_str().unwrap_or_default().to_owned();
        (id("one_id"), id("other_id"))
    };
    let ((one, other), (third, fourth)) = (ids(0), ids(suggested.len() - 1));
    let _ = sandbox.run(["officials", "merge", &one, &other]).expect(0);
    assert_eq!(who_is_who(&sandbox), from_nothing(&sandbox), "two are one");
    let _ = sandbox.run(["officials", "reject", &third, &fourth]);
    assert_eq!(who_is_who(&sandbox), from_nothing(&sandbox), "two are two");
}
