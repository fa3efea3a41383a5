//! Search-term reports.

use crate::common::Run;
use crate::common::Sandbox;
use crate::common::mail;
use crate::common::mbox;
use crate::common::text;
use serde_json::Value;
use serde_json::json;

/// The rows of a report, the totals last.
fn report(sandbox: &Sandbox, list: &str, status: i32) -> Vec<Value> {
    sandbox.write("terms.txt", list);
    let run = sandbox.run(["terms", "terms.txt", "--json"]);
    run.expect(status).json()
}

fn picked(row: &Value, keys: &[&str]) -> Vec<Value> {
    keys.iter().map(|key| row[*key].clone()).collect()
}

const COUNTS: [&str; 7] = [
    "messages",
    "with_families",
    "threads",
    "unique",
    "own_words",
    "elsewhere",
    "only_quoted",
];

/// The four mails of the harbour: 1 asks about the north pier, 2 answers and quotes it, 3 has a table
/// attached, 4 is undated.
#[test]
fn each_term_is_counted_in_the_order_of_the_file() {
    let sandbox = Sandbox::with_harbour();
    let rows = report(
        &sandbox,
        "# what counsel asks\nready\npier\n\npilings\nzeppelin\nfrom:anne\nquoted:ready\n",
        0,
    );
    let counts: Vec<Vec<Value>> = rows.iter().map(|row| picked(row, &COUNTS)).collect();
    let expected = [
        // `ready` is in the words of 1 and in what 2 quotes.
        json!([2, 2, 1, 0, 1, 0, 1]),
        // `pier` is in both subjects too.
        json!([2, 2, 1, 0, 1, 1, 0]),
        json!([1, 1, 1, 1, 0, 1, 0]),
        json!([0, 0, 0, 0, 0, 0, 0]),
        json!([1, 1, 1, 0, null, null, null]),
        json!([1, 1, 1, 0, 0, 0, 1]),
        json!([3, 3, 2, 1, 1, 2, 0]),
    ];
    assert_eq!(json!(counts), json!(expected));
    let names: Vec<&Value> = rows.iter().map(|row| &row["name"]).collect();
    assert_eq!(names[..2], [&json!("ready"), &json!("pier")]);
    assert_eq!(rows[0]["line"], 2);
    assert_eq!(rows[2]["line"], 5);
    assert_eq!(rows[0]["first"], "2021-03-01T10:30:00-05:00");
    assert_eq!(rows[0]["last"], "2021-03-02T10:30:00-05:00");
    // As search results have them.
    let sender = |query: &str| {
        let mut person = sandbox.hit(query)["from"][0].clone();
        person["messages"] = json!(1);
        person
    };
    let senders = json!([
        sender("from:anne@harbour.example"),
        sender("from:bob@city.example")
    ]);
    assert_eq!(rows[1]["senders"], senders);
    assert_eq!(senders[0]["address"], "anne@harbour.example");
    assert_eq!(rows[3]["first"], Value::Null);
    assert_eq!(rows[6]["kind"], "totals");
    assert_eq!(
        picked(&rows[6], &["terms", "bad_lines"]),
        [json!(6), json!(0)]
    );
}

#[test]
fn families_are_what_was_delivered_as_one() {
    let inner = mail(
        5,
        "carol@city.example",
        "anne@harbour.example",
        "Inner",
        "The cranes rust.",
    );
    let outer = format!(
        "From: Anne <anne@harbour.example>\nTo: bob@city.example\nSubject: See below\nDate: 6 Mar 2021 10:30:00 -0500\n\
         Message-ID: <6.anne@harbour.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=cut\n\n\
         --cut\nContent-Type: text/plain\n\nAs attached.\n--cut\nContent-Type: message/rfc822\n\n{inner}\n--cut--\n"
    );
    let sandbox = Sandbox::new();
    sandbox.write("one.eml", outer);
    sandbox.write(
        "two.mbox",
        mbox(&[mail(
            7,
            "bob@city.example",
            "anne@harbour.example",
            "Cranes",
            "Paint the cranes.",
        )]),
    );
    let _ = sandbox
        .run(["ingest", "one.eml", "--release", "one"])
        .expect(0);
    let _ = sandbox
        .run(["ingest", "two.mbox", "--release", "two"])
        .expect(0);
    let rows = report(&sandbox, "cranes\nattached\n", 0);
    // The inner message and the one of `two` have the word; the outer is of the family of the inner.
    assert_eq!(
        picked(&rows[0], &["messages", "with_families"]),
        [json!(2), json!(3)]
    );
    assert_eq!(
        picked(&rows[1], &["messages", "with_families"]),
        [json!(1), json!(2)]
    );
    assert_eq!(
        rows[0]["releases"],
        json!([{"release": "one", "messages": 1}, {"release": "two", "messages": 1}])
    );
    assert_eq!(rows[2]["with_families"], 3);
}

#[test]
fn a_bad_line_is_told_with_its_place_and_the_others_run() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "terms.txt",
        "pier\nform:anne\nrelease:nowhere pier\nready\n",
    );
    let run = sandbox.run(["terms", "terms.txt", "--json"]).expect(3);
    let rows = run.json();
    let kinds: Vec<&Value> = rows.iter().map(|row| &row["kind"]).collect();
    assert_eq!(kinds, ["term", "bad_line", "bad_line", "term", "totals"]);
    assert_eq!(rows[1]["column"], 1);
    assert_eq!(rows[2]["column"], 9);
    assert_eq!(rows[3]["messages"], 2);
    let _ = run.says(&[
        "error: line 2 of terms.txt: no field `form:`; did you mean `from:`?\n  form:anne\n  ^^^^^",
        "error: line 3 of terms.txt: no release is named `nowhere`\n  release:nowhere pier\n          ^^^^^^^",
    ]);
    let table = sandbox.run(["terms", "terms.txt"]).expect(3);
    assert!(table.text().contains("form:anne"), "{}", table.text());
    assert!(table.text().contains("not run"), "{}", table.text());
}

#[test]
fn a_file_that_holds_no_list_is_refused() {
    let sandbox = Sandbox::with_harbour();
    let refused = |bytes: &[u8], name: &str| -> Run {
        sandbox.write(name, bytes);
        sandbox.run(["terms", name]).expect(2)
    };
    let _ = refused(b"", "terms.txt").says(&["`terms.txt`: there is no term in the file"]);
    let _ = refused(b"# pier\n\n", "terms.txt").says(&["there is no term"]);
    let _ =
        refused(b"name,notes\na,b\n", "terms.csv").says(&["no column `query`", "name,query,notes"]);
    let _ = refused(b"pier\ncaf\xe9\n", "terms.txt").says(&["byte 8, on line 2", "UTF-8"]);
    let _ = sandbox
        .run(["terms", "absent.txt"])
        .expect(2)
        .says(&["cannot read the terms"]);
    let _ = sandbox
        .run(["terms", "."])
        .expect(2)
        .says(&["cannot read the terms"]);
}

#[test]
fn a_list_that_hits_nothing_still_has_its_rows() {
    let sandbox = Sandbox::with_harbour();
    let rows = report(&sandbox, "zeppelin\n", 1);
    assert_eq!(
        picked(&rows[0], &["messages", "only_quoted"]),
        [json!(0), json!(0)]
    );
    assert_eq!(rows[1]["messages"], 0);
}

#[test]
fn lines_that_ask_the_same_or_share_a_name_are_told() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "terms.csv",
        "name,query,notes\nPier,pier,\nOrders,READY,see \"2\"\npier,keys,\nAgain,ready,\n",
    );
    let run = sandbox.run(["terms", "terms.csv", "--json"]).expect(0);
    let rows = run.json();
    assert_eq!(
        picked(&rows[1], &["name", "query", "notes"]),
        [json!("Orders"), json!("READY"), json!("see \"2\"")]
    );
    assert_eq!(rows[1]["messages"], rows[3]["messages"]);
    assert_eq!(picked(&rows[3], &["unique"]), [json!(0)]);
    let _ = run.says(&[
        "lines 2 and 4 have one name and ask for different things",
        "lines 3 and 5 ask the same",
    ]);
}

#[test]
fn the_table_for_spreadsheets_has_a_column_for_each_release_and_no_formulas() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "list.csv",
        "\u{feff}query;name\r\npier;=SUM(A1)\r\n\"a \"b\"\";x\r\n",
    );
    let run = sandbox.run(["terms", "list.csv", "--csv"]).expect(3);
    let rows: Vec<&str> = run.text().split_terminator("\r\n").collect();
    assert_eq!(
        rows[0],
        "line,name,query,notes,messages,with_families,threads,unique,own_words,elsewhere,only_quoted,undated,\
         first,last,senders,recipients,kind,error,column,release harbour"
    );
    assert_eq!(
        rows[1],
        "2,'=SUM(A1),pier,,2,2,1,2,1,1,0,0,2021-03-01T10:30:00-05:00,2021-03-02T10:30:00-05:00,\
         \"anne@harbour.example 1; bob@city.example 1\",\"anne@harbour.example 1; bob@city.example 1\",term,,,2"
    );
    assert!(rows[2].starts_with("3,,"), "{}", rows[2]);
    assert!(
        rows[2].contains("bad_line,text after a closing quote"),
        "{}",
        rows[2]
    );
    assert_eq!(rows.len(), 4);
    let exact = sandbox
        .run(["terms", "list.csv", "--csv", "--exact"])
        .expect(3);
    assert!(exact.text().contains("2,=SUM(A1),pier"), "{}", exact.text());
}

#[test]
fn messages_are_listed_once_with_the_terms_that_hit_them() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("terms.txt", "ready\npier\nkeys\n");
    let hits = sandbox
        .run(["terms", "terms.txt", "--messages", "--json"])
        .expect(0)
        .json();
    let subjects: Vec<String> = hits.iter().map(|hit| text(&hit["subject"])).collect();
    // By date, the undated last.
    assert_eq!(
        subjects,
        ["North pier contract", "Re: North pier contract", "Keys"]
    );
    assert_eq!(
        hits[1]["terms"],
        json!([
            {"line": 1, "name": "ready", "words": "only_quoted"},
            {"line": 2, "name": "pier", "words": "elsewhere"}
        ])
    );
    let table = sandbox
        .run(["terms", "terms.txt", "--messages", "--csv"])
        .expect(0);
    let rows: Vec<&str> = table.text().split_terminator("\r\n").collect();
    assert!(rows[0].ends_with(",terms,terms_only_quoted"), "{}", rows[0]);
    assert!(rows[2].ends_with(",\"ready; pier\",ready"), "{}", rows[2]);
    let list = sandbox.run(["terms", "terms.txt", "--messages"]).expect(0);
    assert!(list.text().ends_with("3 messages, times in UTC\n"));
    let first = sandbox
        .run(["terms", "terms.txt", "--messages", "--limit", "1"])
        .expect(0);
    assert!(
        first
            .text()
            .ends_with("1 of 3 messages; more with --limit, times in UTC\n")
    );
    assert!(
        list.text().contains("ready (quoted) · pier"),
        "{}",
        list.text()
    );
}

#[test]
fn a_list_comes_from_standard_input_too() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("terms.txt", "pier\n");
    let file = std::fs::File::open(sandbox.path("terms.txt")).expect("it is there");
    let run = sandbox
        .command(["terms", "-", "--json"])
        .stdin(file)
        .output();
    let run = Run::of(run.expect("the program can be started")).expect(0);
    assert_eq!(run.json()[0]["messages"], 2);
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write(
        "terms.csv",
        "name,query\n\u{1b}[2Jx,pier\n\u{1b}]0;x,form:\u{1b}[2J\n",
    );
    let run = sandbox.run(["terms", "terms.csv"]).expect(3);
    assert!(!run.text().contains('\u{1b}'), "{}", run.text());
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
}
