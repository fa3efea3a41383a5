//! What queries mean, by hand from the description of the language.

use jiff::civil::date;
use muckrake_mail::Flag;

use super::*;

fn leaf(field: Field, value: Value) -> Query {
    Query::Leaf(Leaf {
        field,
        value,
        span: 0..0,
    })
}

fn word(text: &str) -> Query {
    leaf(Field::Any, Value::Word(text.to_owned()))
}

fn phrase_value(text: &str) -> Value {
    Value::Phrase {
        text: text.to_owned(),
        slop: None,
    }
}

fn phrase(text: &str) -> Query {
    leaf(Field::Any, phrase_value(text))
}

fn text(field: Field, text: &str) -> Query {
    leaf(field, Value::Text(text.to_owned()))
}

fn not(operand: Query) -> Query {
    Query::Not(Box::new(operand))
}

fn check(table: impl IntoIterator<Item = (&'static str, Query)>) {
    for (written, expected) in table {
        assert_eq!(without_spans(&read(written)), expected, "{written}");
    }
}

#[test]
fn operators_bind_as_described() {
    let (a, b, c) = (|| word("a"), || word("b"), || word("c"));
    check([
        ("*", Query::All),
        ("a", a()),
        ("a b", Query::And(vec![a(), b()])),
        ("a AND b", Query::And(vec![a(), b()])),
        ("a OR b c", Query::Or(vec![a(), Query::And(vec![b(), c()])])),
        ("a b OR c", Query::Or(vec![Query::And(vec![a(), b()]), c()])),
        (
            "(a OR b) c",
            Query::And(vec![Query::Or(vec![a(), b()]), c()]),
        ),
        ("NOT a b", Query::And(vec![not(a()), b()])),
        ("-a", not(a())),
        ("a NOT b", Query::And(vec![a(), not(b())])),
        (
            "a AND NOT b OR c",
            Query::Or(vec![Query::And(vec![a(), not(b())]), c()]),
        ),
        ("a OR -b", Query::Or(vec![a(), not(b())])),
        ("-(a b)", not(Query::And(vec![a(), b()]))),
        ("NOT(a)", not(a())),
        ("NOT NOT a", a()),
        ("-NOT a", a()),
        ("-(-a)", a()),
        ("((a)) ((b c))", Query::And(vec![a(), b(), c()])),
        ("a OR (b OR c)", Query::Or(vec![a(), b(), c()])),
        ("(a)(b)", Query::And(vec![a(), b()])),
        ("* -a", Query::And(vec![Query::All, not(a())])),
        (
            "a and b or not",
            Query::And(vec![a(), word("and"), b(), word("or"), word("not")]),
        ),
        ("  a\u{3000}b\n", Query::And(vec![a(), b()])),
    ]);
}

#[test]
fn words_phrases_and_their_suffixes() {
    let loose = |text: &str, slop| {
        leaf(
            Field::Any,
            Value::Phrase {
                text: text.to_owned(),
                slop: Some(slop),
            },
        )
    };
    let fuzzy = |word: &str, edits| {
        leaf(
            Field::Any,
            Value::Fuzzy {
                word: word.to_owned(),
                edits,
            },
        )
    };
    let prefix = |text: &str| leaf(Field::Any, Value::Prefix(text.to_owned()));
    let regex = |text: &str| leaf(Field::Any, Value::Regex(text.to_owned()));
    check([
        ("Budget,", word("budget")),
        ("Naïve", word("naive")),
        ("AND,", word("and")),
        ("水", word("水")),
        ("\"exact phrase\"", phrase("exact phrase")),
        ("\"Budget\"", phrase("Budget")),
        ("“exact phrase”", phrase("exact phrase")),
        ("„exact phrase“", phrase("exact phrase")),
        ("“exact phrase\"", phrase("exact phrase")),
        ("\"he said “yes” twice\"", phrase("he said “yes” twice")),
        (r#""a \"b\" c:\d \\""#, phrase(r#"a "b" c:\d \"#)),
        ("\"AND (\"", phrase("AND (")),
        ("\"loose phrase\"~5", loose("loose phrase", 5)),
        ("\"loose phrase\"~0", loose("loose phrase", 0)),
        ("“loose phrase”~5", loose("loose phrase", 5)),
        ("contr*", prefix("contr")),
        ("Contr*", prefix("contr")),
        ("2021-CV*", prefix("2021-cv")),
        ("word~", fuzzy("word", 1)),
        ("Word~1", fuzzy("word", 1)),
        ("word~2", fuzzy("word", 2)),
        ("/colou?r/", regex("colou?r")),
        ("/Colou?r|É[A-Z]/", regex("colou?r|e[a-z]")),
        ("-/(b|c)+/", not(regex("(b|c)+"))),
    ]);
}

#[test]
fn a_word_with_separators_is_the_phrase_of_its_parts() {
    for written in [
        "2021-CV-00123",
        "o'hara",
        "o’hara",
        "payment_id=7",
        "a.b@c.example",
        "@c.example",
        "and/or",
        "12:30",
        "http://x.example/a?b=c",
        "a@b:c",
        "what?ever",
        "a~b",
        "契約書",
        "3½",
    ] {
        assert_eq!(without_spans(&read(written)), phrase(written), "{written}");
    }
    let long = "x".repeat(256);
    assert_eq!(without_spans(&read(&long)), phrase(&long));
}

#[test]
fn fields_take_words_phrases_and_groups() {
    let subject = |value| leaf(Field::Subject, value);
    let is = |text: &str| Value::Word(text.to_owned());
    check([
        ("subject:budget", subject(is("budget"))),
        ("SUBJECT:Budget", subject(is("budget"))),
        (
            "subject:\"the budget\"",
            subject(phrase_value("the budget")),
        ),
        ("subject:re:budget", subject(phrase_value("re:budget"))),
        ("subject:AND", subject(is("and"))),
        ("subject:/bud.*/", subject(Value::Regex("bud.*".to_owned()))),
        ("-subject:budget", not(subject(is("budget")))),
        (
            "subject:(a OR \"b c\" -d)",
            Query::Or(vec![
                subject(is("a")),
                Query::And(vec![subject(phrase_value("b c")), not(subject(is("d")))]),
            ]),
        ),
        ("body:a", leaf(Field::Body, is("a"))),
        ("said:a", leaf(Field::Said, is("a"))),
        ("quoted:a", leaf(Field::Quoted, is("a"))),
        (
            "attachment:a.pdf",
            leaf(Field::Attachment, phrase_value("a.pdf")),
        ),
        (
            "attached:a*",
            leaf(Field::Attached, Value::Prefix("a".to_owned())),
        ),
        (
            "header.List-ID:foo~2",
            leaf(
                Field::Header("list-id".to_owned()),
                Value::Fuzzy {
                    word: "foo".to_owned(),
                    edits: 2,
                },
            ),
        ),
    ]);
}

#[test]
fn people_are_words_addresses_domains_and_officials() {
    let from = |value| leaf(Field::From, value);
    let address = |text: &str| Value::Address(text.to_owned());
    check([
        ("from:Anne", from(Value::Word("anne".to_owned()))),
        ("from:\"Anne Example\"", from(phrase_value("Anne Example"))),
        ("from:o'hara", from(phrase_value("o'hara"))),
        ("from:anne@x.example", from(address("anne@x.example"))),
        ("from:<Anne@x.example>,", from(address("Anne@x.example"))),
        (
            "from:@x.example",
            from(Value::Domain("x.example".to_owned())),
        ),
        (
            "from:@.x.example",
            from(Value::Domain("x.example".to_owned())),
        ),
        (
            "from:\"anne@x.example\"",
            from(phrase_value("anne@x.example")),
        ),
        ("from:ann*", from(Value::Prefix("ann".to_owned()))),
        ("from:anne@", from(Value::Word("anne".to_owned()))),
        (
            "from:official:anne",
            from(Value::Official("anne".to_owned())),
        ),
        (
            "from:(official:\"Anne Example\" OR bob)",
            Query::Or(vec![
                from(Value::Official("Anne Example".to_owned())),
                from(Value::Word("bob".to_owned())),
            ]),
        ),
        ("to:a@x.example", leaf(Field::To, address("a@x.example"))),
        ("cc:a@x.example", leaf(Field::Cc, address("a@x.example"))),
        ("bcc:a@x.example", leaf(Field::Bcc, address("a@x.example"))),
        (
            "with:(a@x.example b@x.example)",
            Query::And(vec![
                leaf(Field::With, address("a@x.example")),
                leaf(Field::With, address("b@x.example")),
            ]),
        ),
        (
            "official:\"Anne Example\"",
            text(Field::Official, "Anne Example"),
        ),
        ("agency:Parks", text(Field::Agency, "Parks")),
    ]);
}

#[test]
fn names_and_ids_are_read_as_a_whole() {
    check([
        ("release:2016-*", text(Field::Release, "2016-*")),
        ("source:/mail/a.mbox", text(Field::Source, "/mail/a.mbox")),
        (
            r"source:C:\mail\a.mbox",
            text(Field::Source, r"C:\mail\a.mbox"),
        ),
        (
            "folder:\"[Gmail]/Sent Mail\"",
            text(Field::Folder, "[Gmail]/Sent Mail"),
        ),
        ("folder:*", text(Field::Folder, "*")),
        ("id:1F0C3A", text(Field::Id, "1f0c3a")),
        ("thread:1f0c3a", text(Field::Thread, "1f0c3a")),
        (
            "message-id:<a1@x.example>",
            text(Field::MessageId, "a1@x.example"),
        ),
        (
            "message-id:from:1@x.example",
            text(Field::MessageId, "from:1@x.example"),
        ),
        ("filetype:.PDF", text(Field::FileType, "pdf")),
        ("filetype:image/png", text(Field::FileType, "image/png")),
        ("lang:ES", text(Field::Lang, "es")),
        ("redaction:B6", text(Field::Redaction, "b6")),
        ("redaction:\"87(2)(b)\"", text(Field::Redaction, "872b")),
        ("tag:key", text(Field::Tag, "key")),
        (
            "tag:(key OR \"to do\")",
            Query::Or(vec![text(Field::Tag, "key"), text(Field::Tag, "to do")]),
        ),
    ]);
}

#[test]
fn properties_dates_and_sizes() {
    let is = |property| leaf(Field::Property, Value::Property(property));
    let days = |first: Option<(i16, i8, i8)>, last: Option<(i16, i8, i8)>| {
        let day = |(y, m, d)| date(y, m, d);
        let range = DateRange {
            first: first.map(day),
            last: last.map(day),
        };
        leaf(Field::Date, Value::Dates(range))
    };
    let bytes = |min, max| leaf(Field::Size, Value::Sizes(SizeRange { min, max }));
    check([
        ("has:attachment", is(Property::Flag(Flag::Attachment))),
        ("has:redaction", is(Property::Flag(Flag::Redaction))),
        ("has:quote", is(Property::Flag(Flag::Quote))),
        ("is:reply", is(Property::Flag(Flag::Reply))),
        ("is:forward", is(Property::Flag(Flag::Forward))),
        ("is:draft", is(Property::Flag(Flag::Draft))),
        ("is:bounce", is(Property::Flag(Flag::Bounce))),
        ("is:list", is(Property::Flag(Flag::List))),
        ("is:encrypted", is(Property::Flag(Flag::Encrypted))),
        ("is:unreadable", is(Property::Flag(Flag::Unreadable))),
        ("IS:Multi-Release", is(Property::MultiRelease)),
        (
            "is:(reply OR forward)",
            Query::Or(vec![
                is(Property::Flag(Flag::Reply)),
                is(Property::Flag(Flag::Forward)),
            ]),
        ),
        (
            "date:2016-05-11",
            days(Some((2016, 5, 11)), Some((2016, 5, 11))),
        ),
        (
            "date:2016-05",
            days(Some((2016, 5, 1)), Some((2016, 5, 31))),
        ),
        (
            "date:2016..2018",
            days(Some((2016, 1, 1)), Some((2018, 12, 31))),
        ),
        ("date:2016-05-11..", days(Some((2016, 5, 11)), None)),
        (
            "date:\"last friday\"",
            days(Some((2016, 5, 6)), Some((2016, 5, 6))),
        ),
        ("date:today", days(Some((2016, 5, 11)), Some((2016, 5, 11)))),
        ("date:none", leaf(Field::Date, Value::NoDate)),
        ("before:2016-05-11", days(None, Some((2016, 5, 10)))),
        ("after:2016-05-11", days(Some((2016, 5, 11)), None)),
        ("after:\"3 weeks ago\"", days(Some((2016, 4, 20)), None)),
        (
            "date:(2014 OR 2016)",
            Query::Or(vec![
                days(Some((2014, 1, 1)), Some((2014, 12, 31))),
                days(Some((2016, 1, 1)), Some((2016, 12, 31))),
            ]),
        ),
        ("size:>1M", bytes(Some(1_000_001), None)),
        ("size:\"<=100k\"", bytes(None, Some(100_000))),
        ("size:100k..2M", bytes(Some(100_000), Some(2_000_000))),
        ("size:1234", bytes(Some(1234), Some(1234))),
    ]);
}

#[test]
fn spans_cover_the_value_as_it_is_written() {
    let spans = |text: &str| {
        let mut found = Vec::new();
        let mut waiting = vec![read(text)];
        while let Some(query) = waiting.pop() {
            match query {
                Query::Leaf(leaf) => found.push(text[leaf.span].to_owned()),
                Query::And(operands) | Query::Or(operands) => waiting.extend(operands),
                Query::Not(operand) => waiting.push(*operand),
                Query::All => {}
            }
        }
        found.sort();
        found
    };
    assert_eq!(
        spans("from:(Ünal OR @x.example) \"a b\"~2 -date:2016 /c/ d*"),
        ["\"a b\"~2", "/c/", "2016", "@x.example", "d*", "Ünal"]
    );
}

#[test]
fn long_lists_and_deep_groups_are_read() {
    let list: Vec<String> = (0..20_000).map(|number| format!("w{number}")).collect();
    let Query::Or(operands) = read(&list.join(" OR ")) else {
        panic!("not a list")
    };
    assert_eq!(operands.len(), 20_000);
    let Query::And(operands) = read(&list.join(" ")) else {
        panic!("not a list")
    };
    assert_eq!(operands.len(), 20_000);
    let nots = format!("{}a", "NOT ".repeat(20_001));
    assert_eq!(without_spans(&read(&nots)), not(word("a")));

    let mut deep = "a".to_owned();
    for level in 0..MAX_DEPTH {
        deep = if level % 2 == 0 {
            format!("(b {deep})")
        } else {
            format!("-(c OR {deep})")
        };
    }
    let query = read(&deep);
    assert_eq!(
        without_spans(&read(&query.to_string())),
        without_spans(&query)
    );
    assert!(parse(&format!("({deep})"), &OPTIONS).is_err());
    assert!(parse(&"(".repeat(100_000), &OPTIONS).is_err());
}

#[test]
fn explanations_are_trees_in_words() {
    let explained = read(
        "budget from:(anne OR @x.example) -\"a b\"~5 date:2016-05 size:>1M is:reply \
         subject:\"x\" /c.*/ wor~ co* folder:In* to:official:Bob",
    )
    .explain();
    let expected = "\
all of
  anywhere: the word budget in any inflection
  any of
    from: the word anne
    from: addresses at x.example and its subdomains
  not
    anywhere: \"a b\" in any order with at most 5 other words between
  date: 2016-05-01 to 2016-05-31
  size: 1000001 bytes or more
  is:reply
  subject: exactly the word x
  anywhere: words that match /c.*/
  anywhere: words within 1 edit of wor
  anywhere: words that begin with co
  folder: In*
  to: the official Bob
";
    assert_eq!(explained, expected);
}
