//! Officials: resolved from mail, asked for in queries, confirmed, split, rejected and kept through a rebuild.

use crate::common::Sandbox;
use crate::common::mbox;
use crate::common::text;

/// A mail with these header lines.
fn letter(number: u32, headers: &str, body: &str) -> String {
    format!(
        "Message-ID: <{number}@city.example>\nDate: Tue, {number} Mar 2016 10:00:00 +0000\nSubject: Pier {number}\n{headers}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

/// Anne of the DEP under four addresses and names, Anne of the parks, and a redacted sender.
fn letters() -> Vec<String> {
    let quoted = "Seen.\n\n-----Original Message-----\nFrom: Example, Anne\nSent: Tuesday, March 1, 2016 9:00 AM\nTo: Sample, Bob\nSubject: Pier\n\nThe pilings are rotten.\n";
    vec![
        letter(
            1,
            "From: \"Example, Anne (DEP)\" <aexample@dep.example>\nTo: Bob Sample <bob@city.example>",
            "The pilings are rotten.",
        ),
        letter(
            2,
            "From: Bob Sample <bob@city.example>\nTo: Anne.Example@dep.example",
            "How rotten?",
        ),
        letter(
            3,
            "From: Bob Sample <bob@city.example>\nTo: \"Example, Anne (DEP)\" <aexample@dep.example>\nCc: carol@city.example",
            quoted,
        ),
        letter(
            4,
            "From: Anne Example <anne99@gmail.com>\nTo: Bob Sample <bob@city.example>",
            "From home.",
        ),
        letter(
            5,
            "From: \"Example, Anne (PARKS)\" <anne.example@parks.example>\nTo: Bob Sample <bob@city.example>",
            "The lawns are green.",
        ),
        letter(
            6,
            "From: \"(b)(6)\"\nTo: Bob Sample <bob@city.example>",
            "Who am I?",
        ),
    ]
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("city.mbox", mbox(&letters()));
    let _ = sandbox
        .run(["ingest", "city.mbox", "--release", "city"])
        .expect(0);
    sandbox
}

#[test]
fn an_official_is_found_under_every_address() {
    let sandbox = sandbox();
    assert_eq!(sandbox.count("official:aexample@dep.example"), 3);
    assert_eq!(sandbox.count("from:official:aexample@dep.example"), 1);
    assert_eq!(sandbox.count("to:official:Anne.Example@dep.example"), 2);
    assert_eq!(sandbox.count("official:\"Bob Sample\""), 6);
    assert_eq!(sandbox.count("cc:official:\"carol@city.example\""), 1);
    assert_eq!(sandbox.count("agency:DEP"), 3);
    assert_eq!(sandbox.count("agency:parks.example"), 1);
    assert_eq!(sandbox.count("official:\"Bob Sample\" -agency:DEP"), 3);
    let hit = sandbox.hit("from:official:aexample@dep.example");
    assert_eq!(text(&hit["from"][0]["name"]), "Example, Anne (DEP)");
    let official = text(&hit["from"][0]["official"]);
    assert_eq!(
        sandbox.count(&format!("official:\"{official}\"")),
        3,
        "{official}"
    );
    let redacted = sandbox.hit("subject:\"Pier 6\"");
    assert!(redacted["from"][0]["official"].is_null(), "{redacted}");
}

#[test]
fn ambiguous_and_unknown_names_are_errors() {
    let sandbox = sandbox();
    let ambiguous = sandbox
        .run(["search", "official:\"Anne Example\""])
        .expect(2);
    for part in [
        "may be any of 3 officials",
        "aexample@dep.example",
        "anne99@gmail.com",
        "anne.example@parks.example",
    ] {
        assert!(
            ambiguous.stderr.contains(part),
            "{part}: {}",
            ambiguous.stderr
        );
    }
    let unknown = sandbox.run(["search", "official:Nobody"]).expect(2);
    assert!(
        unknown
            .stderr
            .contains("no official of this case is known as `Nobody`"),
        "{}",
        unknown.stderr
    );
    let redacted = sandbox.run(["search", "official:\"(b)(6)\""]).expect(2);
    assert!(
        redacted.stderr.contains("no official"),
        "{}",
        redacted.stderr
    );
    let agency = sandbox.run(["search", "agency:Nowhere"]).expect(2);
    assert!(
        agency.stderr.contains("no agency of this case"),
        "{}",
        agency.stderr
    );
}

#[test]
fn a_surname_that_stands_alone_somewhere_hides_nobody_of_that_name() {
    let sandbox = Sandbox::new();
    let mut letters = letters();
    letters.push(letter(
        7,
        "From: Sample\nTo: \"Example, Anne (DEP)\" <aexample@dep.example>",
        "A damaged print.",
    ));
    sandbox.write("city.mbox", mbox(&letters));
    let _ = sandbox
        .run(["ingest", "city.mbox", "--release", "city"])
        .expect(0);
    // Bob wrote or got six of them.
    assert_eq!(sandbox.count("official:Sample"), 6);
    let ambiguous = sandbox.run(["search", "official:Example"]).expect(2);
    assert!(
        ambiguous.stderr.contains("may be any of"),
        "{}",
        ambiguous.stderr
    );
}

#[test]
fn whom_the_user_confirmed_under_a_name_is_meant_by_it() {
    let sandbox = sandbox();
    let merge = [
        "officials",
        "merge",
        "aexample@dep.example",
        "anne99@gmail.com",
        "--name",
        "Anne Example",
    ];
    let _ = sandbox.run(merge).expect(0);
    // Those of the DEP's address, and the one from home; not that of the parks.
    assert_eq!(sandbox.count("official:\"Anne Example\""), 4);
}

#[test]
fn decisions_are_kept_and_taken_back() {
    let sandbox = sandbox();
    let suggestions = sandbox
        .run(["officials", "suggest", "--json"])
        .expect(0)
        .json();
    assert!(
        suggestions
            .iter()
            .any(|one| one.to_string().contains("anne99@gmail.com")),
        "{suggestions:?}"
    );
    let merged = sandbox
        .run([
            "officials",
            "merge",
            "aexample@dep.example",
            "anne99@gmail.com",
            "--name",
            "Anne Example of the DEP",
            "--agency",
            "DEP",
        ])
        .expect(0);
    assert!(
        merged.stderr.contains("take it back with"),
        "{}",
        merged.stderr
    );
    assert_eq!(sandbox.count("official:\"Anne Example of the DEP\""), 4);
    let _ = sandbox.run(["rebuild"]).expect(0);
    assert_eq!(
        sandbox.count("official:\"Anne Example of the DEP\""),
        4,
        "through a rebuild"
    );
    let shown = sandbox
        .run(["officials", "show", "anne99@gmail.com", "--json"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(shown["confirmed"], true);
    assert_eq!(shown["messages"], 4);
    assert_eq!(text(&shown["agency"]), "DEP");

    let exported = sandbox.run(["officials", "export"]).expect(0);
    let other = self::sandbox();
    other.write("theirs.toml", exported.text());
    let _ = other.run(["officials", "import", "theirs.toml"]).expect(0);
    assert_eq!(
        other.count("official:\"Anne Example of the DEP\""),
        4,
        "in another case"
    );

    let _ = sandbox
        .run([
            "officials",
            "split",
            "Anne Example of the DEP",
            "anne99@gmail.com",
        ])
        .expect(0);
    assert_eq!(sandbox.count("official:aexample@dep.example"), 3);
    assert_eq!(sandbox.count("official:anne99@gmail.com"), 1);
    let suggestions = sandbox.run(["officials", "suggest", "--json"]).json();
    assert!(
        !suggestions
            .iter()
            .any(|one| one.to_string().contains("anne99@gmail.com")
                && one.to_string().contains("aexample@dep.example")),
        "{suggestions:?}"
    );
    let _ = sandbox
        .run([
            "officials",
            "merge",
            "aexample@dep.example",
            "anne99@gmail.com",
        ])
        .expect(0);
    assert_eq!(
        sandbox.count("official:anne99@gmail.com"),
        4,
        "a split is taken back"
    );

    let _ = sandbox
        .run([
            "officials",
            "reject",
            "anne.example@parks.example",
            "aexample@dep.example",
        ])
        .expect(0);
    let file = String::from_utf8(sandbox.read("muckrake-case/officials.toml")).expect("it is text");
    assert!(file.contains("[[rejected]]"), "{file}");
}

#[test]
fn files_edited_by_hand_count() {
    let sandbox = sandbox();
    sandbox.write("muckrake-case/agencies.toml", "[[agency]]\nname = \"City\"\ndomains = [\"city.example\"]\n\n[[agency]]\nname = \"Environment\"\nmarks = [\"DEP\"]\nparent = \"City\"\n");
    let stale = sandbox.run(["search", "agency:Environment"]).expect(2);
    assert!(
        stale.stderr.contains("muckrake officials list"),
        "{}",
        stale.stderr
    );
    let _ = sandbox.run(["officials", "list"]).expect(0);
    assert_eq!(sandbox.count("agency:Environment"), 3);
    assert_eq!(
        sandbox.count("agency:City"),
        6,
        "those of agencies that belong to it count too"
    );
    sandbox.write(
        "muckrake-case/officials.toml",
        "[[official]]\nnome = \"Anne\"\n",
    );
    let wrong = sandbox.run(["officials", "list"]).expect(2);
    assert!(wrong.stderr.contains("officials.toml"), "{}", wrong.stderr);
}

#[test]
fn a_release_that_goes_takes_its_people_with_it() {
    let sandbox = sandbox();
    sandbox.write(
        "more.mbox",
        mbox(&[letter(
            9,
            "From: Dora Pattern <dora@dep.example>\nTo: Bob Sample <bob@city.example>",
            "New.",
        )]),
    );
    let _ = sandbox
        .run(["ingest", "more.mbox", "--release", "more"])
        .expect(0);
    assert_eq!(sandbox.count("official:\"Dora Pattern\""), 1);
    assert_eq!(sandbox.count("official:\"Bob Sample\""), 7);
    let _ = sandbox.run(["releases", "forget", "more"]).expect(0);
    let _ = sandbox
        .run(["search", "official:\"Dora Pattern\""])
        .expect(2);
    assert_eq!(sandbox.count("official:\"Bob Sample\""), 6);
}

#[test]
fn lists_tell_who_sent_what() {
    let sandbox = sandbox();
    let officials = sandbox
        .run(["officials", "list", "--json"])
        .expect(0)
        .json();
    let bob = officials
        .iter()
        .find(|one| text(&one["name"]) == "Bob Sample")
        .expect("Bob is listed");
    assert_eq!(
        (&bob["sent"], &bob["received"], &bob["copied"]),
        (&2.into(), &4.into(), &0.into())
    );
    assert_eq!(text(&bob["first"]), "2016-03-01T10:00:00Z");
    assert_eq!(text(&bob["last"]), "2016-03-06T10:00:00Z");
    let within = sandbox
        .run(["officials", "list", "--json", "date:2016-03-05"])
        .expect(0)
        .json();
    assert_eq!(within.len(), 2, "{within:?}");
    let csv = sandbox.run(["officials", "list", "--csv"]).expect(0);
    assert!(
        csv.text().starts_with("id,name,kind,agency,"),
        "{}",
        csv.text()
    );
}

/// What hostile and broken people fields become: kept as written, counted, and nobody where they name nobody.
#[test]
fn bad_people_are_kept_as_written_and_are_nobody() {
    let sandbox = Sandbox::new();
    let many: Vec<String> = (0..20_000)
        .map(|at| format!("a{at}@many.example"))
        .collect();
    let long = "x".repeat(1 << 16);
    let mails = [
        format!("From: one@city.example\nTo: {}", many.join(", ")),
        format!("From: \"Long Name\" <{long}@city.example>\nTo: one@city.example"),
        "From: X\nTo: \"A B\" <ab@city.example>, aaaa aaaa".to_owned(),
        "From: one@city.example\nTo: undisclosed-recipients:;".to_owned(),
        "From: one@city.example\nTo: Board: anne@dep.example, Bob Sample <bob@dep.example>;"
            .to_owned(),
        "From: \"(b)(6)\"\nTo: \"(b) (7)(C)\", \"[REDACTED]\", XXXXX".to_owned(),
        "From:\nTo: <>, ;;, \"\", ,@, (), <@>".to_owned(),
        "From: \"=?utf-8?Q?=00=1B[2J?=\" <esc@city.example>\nTo: one@city.example".to_owned(),
    ];
    let mails: Vec<String> = (1..)
        .zip(&mails)
        .map(|(number, headers)| letter(number, headers, "Text."))
        .collect();
    sandbox.write("city.mbox", mbox(&mails));
    let _ = sandbox
        .run(["ingest", "city.mbox", "--release", "city"])
        .expect(0);

    let officials = sandbox
        .run(["officials", "list", "--all", "--json"])
        .expect(0)
        .json();
    let of_many = officials
        .iter()
        .filter(|one| text(&one["name"]).ends_with("@many.example"))
        .count();
    assert_eq!(of_many, 20_000);
    let kinds = |name: &str| -> Vec<String> {
        officials
            .iter()
            .filter(|one| text(&one["name"]) == name)
            .map(|one| text(&one["kind"]))
            .collect()
    };
    assert_eq!(kinds("Long Name"), ["person"]);
    assert_eq!(kinds("undisclosed-recipients"), ["mailbox"]);
    assert_eq!(kinds("(redacted)"), ["anonymous"]);
    assert_eq!(kinds("X"), ["unclear"]);
    let redacted = officials
        .iter()
        .find(|one| text(&one["kind"]) == "anonymous")
        .expect("there is one");
    let aliases = redacted["aliases"].as_array().expect("a list");
    let written: Vec<String> = aliases.iter().map(|alias| text(&alias["name"])).collect();
    for code in ["(b)(6)", "(b) (7)(C)", "[REDACTED]", "XXXXX"] {
        assert!(written.contains(&code.to_owned()), "{code}: {written:?}");
    }
    assert_eq!(sandbox.count("official:bob@dep.example"), 1);
    assert_eq!(
        sandbox.count("official:anne@dep.example"),
        1,
        "members of a group are people"
    );
    let _ = sandbox.run(["search", "official:\"(b)(6)\""]).expect(2);
    let long_one = sandbox.run(["officials", "show", "Long Name"]).expect(0);
    assert!(long_one.text().contains("Long Name"), "it is shown");
    let listed = sandbox.run(["officials", "list", "--all"]).expect(0);
    assert!(
        !listed.stdout.contains(&0x1b),
        "nothing of a name reaches the terminal as it is"
    );
}

#[test]
fn private_accounts_are_reported() {
    let sandbox = sandbox();
    let _ = sandbox
        .run([
            "officials",
            "merge",
            "aexample@dep.example",
            "anne99@gmail.com",
        ])
        .expect(0);
    let accounts = sandbox
        .run(["officials", "private", "--json"])
        .expect(0)
        .json();
    let own: Vec<_> = accounts.iter().filter(|one| one["own"] == true).collect();
    assert_eq!(own.len(), 1, "{accounts:?}");
    assert_eq!(text(&own[0]["address"]), "anne99@gmail.com");
    assert_eq!(text(&own[0]["direction"]), "from");
    assert_eq!(own[0]["messages"], 1);
    let shown = sandbox.run(["officials", "private"]).expect(0);
    assert!(shown.text().contains("wrote from"), "{}", shown.text());
    let all = sandbox
        .run(["officials", "private", "--all", "--json"])
        .expect(0)
        .json();
    assert!(all.len() > accounts.len(), "other agencies count too");
    let _ = sandbox
        .run(["officials", "private", "subject:nothing"])
        .expect(1);
}

#[test]
fn networks_are_listed_exported_and_drawn() {
    let sandbox = sandbox();
    let network = sandbox
        .run(["network", "*", "--json"])
        .expect(0)
        .json()
        .remove(0);
    let edges = network["edges"].as_array().expect("a list");
    let name = |id: &serde_json::Value| {
        let nodes = network["nodes"].as_array().expect("a list");
        nodes
            .iter()
            .find(|node| node["id"] == *id)
            .map(|node| text(&node["name"]))
            .unwrap_or_default()
    };
    let to_bob = edges
        .iter()
        .filter(|edge| name(&edge["to"]) == "Bob Sample")
        .count();
    assert_eq!(
        to_bob, 3,
        "Anne of the DEP, at home, and of the parks: {network}"
    );
    assert_eq!(network["redacted"], 1);
    assert_eq!(network["messages"], 5);
    let without = sandbox
        .run(["network", "*", "--json", "--drop-ego", "--no-cc"])
        .expect(1);
    assert!(
        without.stderr.contains("nobody wrote to anybody"),
        "all mail is Bob's: {}",
        without.stderr
    );
    let few = sandbox
        .run(["network", "*", "--json", "--max-recipients", "1"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(few["broadcasts"], 1);
    for (form, start) in [
        ("--graphml", "<?xml"),
        ("--svg", "<svg"),
        ("--csv", "from,from_id,to"),
    ] {
        let run = sandbox.run(["network", "*", form]).expect(0);
        assert!(run.text().starts_with(start), "{form}: {}", run.text());
    }
    let listed = sandbox.run(["network", "*"]).expect(0);
    assert!(listed.text().contains("Bob Sample"), "{}", listed.text());
}

/// A case of before has no tables of people; the next writer or the first question about people makes them.
#[test]
fn a_case_of_before_gets_its_people() {
    let sandbox = sandbox();
    let ledger = rusqlite::Connection::open(sandbox.path("muckrake-case/ledger.sqlite"))
        .expect("it is there");
    for table in [
        "people",
        "mentions",
        "sightings",
        "pairs",
        "ungathered",
        "identities",
        "identified",
        "known_as",
        "members",
        "joins",
        "suggestions",
    ] {
        ledger
            .execute(&format!("DROP TABLE {table}"), [])
            .expect("it is there");
    }
    ledger
        .execute("DELETE FROM meta WHERE name LIKE 'people%'", [])
        .expect("it can be written");
    drop(ledger);
    std::fs::remove_file(sandbox.path("muckrake-case/seal")).expect("it is there");
    let asked = sandbox.run(["search", "official:\"Bob Sample\""]).expect(2);
    assert!(
        asked.stderr.contains("were not gathered yet"),
        "{}",
        asked.stderr
    );
    assert_eq!(sandbox.count("pier"), 6, "all else is answered");
    let _ = sandbox.run(["officials", "list"]).expect(0);
    assert_eq!(sandbox.count("official:\"Bob Sample\""), 6);
}
