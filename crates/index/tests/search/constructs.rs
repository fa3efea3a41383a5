//! Each construct of the query language with answers worked out by hand.

use muckrake_index::IndexError;
use muckrake_index::SearchRequest;
use muckrake_mail::Flag;
use muckrake_mail::Redaction;
use muckrake_mail::ZoneKind;

use crate::mail::Indexed;
use crate::mail::Mail;
use crate::mail::query_of;

fn check(indexed: &Indexed, cases: &[(&str, &[u32])]) {
    for (query, expected) in cases {
        assert_eq!(indexed.find(query), *expected, "{query}");
    }
}

#[test]
fn words_phrases_prefixes_and_edits() {
    let indexed = Indexed::new(&[
        Mail::new().body("The contract was awarded in May."),
        Mail::new().body("Contracts awarding; see CAFÉ invoice 2021-CV-00123"),
        Mail::new()
            .subject("Contractor’s o'hara budget")
            .body("payment_id=7"),
        Mail::new().body("contrcat of the award in the may"),
    ]);
    check(
        &indexed,
        &[
            ("*", &[0, 1, 2, 3]),
            ("contract", &[0, 1]),
            ("\"contract\"", &[0]),
            ("awards", &[0, 1, 3]),
            ("contract*", &[0, 1, 2]),
            ("contract~1", &[0, 1, 3]),
            ("contract~2", &[0, 1, 2, 3]),
            ("/contract(s|or)/", &[1, 2]),
            ("\"was awarded\"", &[0]),
            ("\"awarded was\"", &[]),
            ("\"awarded was\"~0", &[0]),
            ("\"may contract\"~3", &[0]),
            ("\"may contract\"~2", &[]),
            ("cafe", &[1]),
            ("2021-cv-00123", &[1]),
            ("2021-cv-00124", &[]),
            ("o’hara", &[2]),
            ("payment_id=7", &[2]),
            ("contract awarded", &[0, 1]),
            ("contract OR budget", &[0, 1, 2]),
            ("-contract", &[2, 3]),
            ("contract -invoice", &[0]),
            ("NOT (contract OR budget)", &[3]),
            ("-*", &[]),
            ("\"the the\"~2", &[3]),
            ("\"the the\"~1", &[]),
            ("\"in the may\"", &[3]),
        ],
    );
}

#[test]
fn a_phrase_does_not_cross_from_one_text_into_the_next() {
    let indexed = Indexed::new(&[
        Mail::new().body("ends with alpha").body("beta begins"),
        Mail::new()
            .attachment("one.txt", "text/plain", Some("alpha"))
            .attachment("two.txt", "text/plain", Some("beta")),
        Mail::new().from("Anne Alpha", "").from("Beta Bee", ""),
        Mail::new().body("alpha beta"),
    ]);
    check(
        &indexed,
        &[
            ("\"alpha beta\"", &[3]),
            ("\"alpha beta\"~500", &[3]),
            ("attached:\"alpha beta\"~1000", &[]),
            ("from:\"alpha beta\"~1000", &[]),
            ("from:\"anne alpha\"", &[2]),
            ("attached:(alpha beta)", &[1]),
            ("attachment:one.txt", &[1]),
            ("attachment:\"one two\"~500", &[]),
        ],
    );
}

#[test]
fn an_alternative_is_searched_where_it_says_something_else() {
    let indexed = Indexed::new(&[
        Mail::new()
            .body("see the table")
            .alternative("see the table"),
        Mail::new()
            .body("see the table")
            .alternative("see the table at cost"),
    ]);
    check(&indexed, &[("cost", &[1]), ("table", &[0, 1])]);
    let texts = indexed.reader.texts(0).unwrap().unwrap();
    assert_eq!(texts.len(), 1);
    assert_eq!(indexed.reader.texts(1).unwrap().unwrap().len(), 2);
}

#[test]
fn zones_tell_who_said_it() {
    let indexed = Indexed::new(&[
        Mail::new().zones(&[
            (ZoneKind::Author, "I agree with the plan\n"),
            (ZoneKind::Quoted, "> the secret budget\n"),
            (ZoneKind::Author, "really secret\n"),
            (ZoneKind::Signature, "-- \nAnne of parks\n"),
        ]),
        Mail::new()
            .zones(&[(ZoneKind::Forwarded, "the plan is forwarded")])
            .body("second part by anne"),
        Mail::new().body("plan"),
    ]);
    check(
        &indexed,
        &[
            ("body:plan", &[0, 1, 2]),
            ("said:plan", &[0, 2]),
            ("quoted:plan", &[1]),
            ("said:secret", &[0]),
            ("quoted:secret", &[0]),
            ("quoted:really", &[]),
            ("said:anne", &[1]),
            ("quoted:anne", &[]),
            ("body:anne", &[0, 1]),
            // A phrase over a border is in the body, and nobody said it.
            ("body:\"plan the secret\"", &[0]),
            ("said:\"plan the secret\"", &[]),
            ("quoted:\"secret budget\"", &[0]),
            ("said:\"plan really\"~5", &[0]),
            ("said:\"plan really\"~2", &[]),
            ("said:pl*", &[0, 2]),
            ("-said:plan", &[1]),
        ],
    );
}

#[test]
fn people_by_word_address_domain_and_role() {
    let indexed = Indexed::new(&[
        Mail::new()
            .from("Anne Example", "Anne.Example@Mail.Agency.example")
            .to("Bob Stone", "bob@other.example"),
        Mail::new()
            .from("Bob Stone", "bob@other.example")
            .cc("Anne Example", "anne.example@mail.agency.example"),
        Mail::new().to("", "/O=AGENCY/OU=NA/CN=ANNE").body("anne"),
        Mail::new().edit(|message| message.bcc = message.from.clone()),
    ]);
    check(
        &indexed,
        &[
            ("from:anne", &[0]),
            ("from:ann", &[]),
            ("to:anne", &[2]),
            ("cc:anne", &[1]),
            ("with:anne", &[0, 1, 2]),
            ("anne", &[0, 1, 2]),
            ("from:anne.example@mail.agency.example", &[0]),
            ("from:example@mail.agency.example", &[]),
            ("with:@agency.example", &[0, 1]),
            ("with:@mail.agency.example", &[0, 1]),
            ("with:@gency.example", &[]),
            ("with:@ency.example", &[]),
            ("from:\"anne example\"", &[0]),
            ("from:(anne OR bob)", &[0, 1]),
            ("from:ann*", &[0]),
            ("with:/stone?/", &[0, 1]),
            ("from:anne to:bob", &[0]),
            // Names do not inflect.
            ("from:examples", &[]),
            ("examples", &[0, 1]),
        ],
    );
}

#[test]
fn headers_in_the_index_and_out_of_it() {
    let indexed = Indexed::new(&[
        Mail::new()
            .header("List-Id", "<parks.lists.example>")
            .header("Received", "from mx1.example by mx2.example")
            .header("Received", "from relay.example by mx1.example")
            .body("one"),
        Mail::new()
            .header("X-Mailer", "Foo lists 3.1")
            .header("received", "from relay.example")
            .body("two"),
        Mail::new()
            .from("Anne Example", "anne@agency.example")
            .header("From", "Anne Example <anne@agency.example> (parks)")
            .header("X-Label", "alpha")
            .header("X-Label", "beta")
            .subject("first")
            .header("Subject", "first")
            .header("Subject", "second subject"),
    ]);
    check(
        &indexed,
        &[
            ("header.list-id:lists", &[0]),
            ("header.list-id:foo", &[]),
            ("header.x-mailer:list", &[1]),
            ("header.x-mailer:\"foo lists\"", &[1]),
            ("header.x-mailer:li*", &[1]),
            ("header.x-mailer:lisst~1", &[1]),
            ("header.x-mailer:/f.o/", &[1]),
            ("header.received:relay", &[0, 1]),
            ("header.received:mx1", &[0]),
            ("header.received:\"relay.example by\"", &[0]),
            ("-header.received:mx1", &[1, 2]),
            ("one OR header.received:relay", &[0, 1]),
            ("one header.received:rel*", &[0]),
            ("header.from:anne", &[2]),
            ("header.from:parks", &[2]),
            ("header.from:\"agency.example parks\"", &[2]),
            ("from:parks", &[]),
            ("header.subject:first", &[2]),
            ("header.subject:\"second subject\"", &[2]),
            ("header.x-label:\"alpha beta\"", &[]),
            ("header.x-label:(alpha beta)", &[2]),
            ("lists", &[]),
        ],
    );
}

#[test]
fn days_are_counted_in_the_zone_of_the_request() {
    let indexed = Indexed::new(&[
        Mail::new().at("2016-05-11T03:59:59"),
        Mail::new().at("2016-05-11T04:00:00"),
        Mail::new().at("2016-05-12T03:59:59"),
        Mail::new().at("2016-05-12T04:00:00"),
        Mail::new(),
        Mail::new().at("1969-12-31T23:59:59"),
    ]);
    let find = |query: &str, zone: &str| {
        let query = query_of(query);
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        indexed.find_all(&SearchRequest {
            zone,
            limit: None,
            ..SearchRequest::new(&query)
        })
    };
    assert_eq!(find("date:2016-05-11", "UTC"), [0, 1]);
    assert_eq!(find("date:2016-05-11", "America/New_York"), [1, 2]);
    assert_eq!(find("before:2016-05-11", "America/New_York"), [0, 5]);
    assert_eq!(find("after:2016-05-12", "America/New_York"), [3]);
    assert_eq!(find("date:2016-05-11..2016-05-12", "UTC"), [0, 1, 2, 3]);
    assert_eq!(find("date:2016", "UTC"), [0, 1, 2, 3]);
    assert_eq!(find("date:none", "UTC"), [4]);
    assert_eq!(find("-date:none", "UTC"), [0, 1, 2, 3, 5]);
    assert_eq!(find("date:1969", "UTC"), [5]);
}

#[test]
fn a_day_begins_where_the_clock_leaps_over_midnight() {
    // In 2018 São Paulo had no midnight on 4 November: 23:59:59 -03 was followed by 01:00 -02,
    // which is 03:00 UTC.
    let indexed = Indexed::new(&[
        Mail::new().at("2018-11-04T02:59:59"),
        Mail::new().at("2018-11-04T03:00:00"),
    ]);
    let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
    let query = query_of("date:2018-11-04");
    let request = SearchRequest {
        zone,
        ..SearchRequest::new(&query)
    };
    assert_eq!(indexed.find_all(&request), [1]);
}

#[test]
fn attachments_flags_sizes_languages_ids() {
    let indexed = Indexed::new(&[
        Mail::new()
            .attachment("Budget 2016.xlsx", "application/octet-stream", None)
            .edit(|message| {
                message.flags = vec![Flag::Attachment, Flag::Reply];
                message.size = 1_000_000;
                message.language = Some("es".to_owned());
                message.redactions = ["b7c", "872b"]
                    .map(|code| Redaction {
                        code: code.to_owned(),
                        count: 1,
                    })
                    .to_vec();
                message.message_id = Some("Abc.1@mail.example".to_owned());
            }),
        Mail::new()
            .attachment("scan.PDF", "application/pdf", None)
            .attachment("notes.txt", "text/plain", Some("The secret notes"))
            .edit(|message| {
                message.flags = vec![Flag::Attachment];
                message.size = 999;
            }),
        Mail::new().body("secret"),
    ]);
    check(
        &indexed,
        &[
            ("attachment:budget", &[0]),
            ("attachment:\"budget 2016\"", &[0]),
            ("budget", &[0]),
            ("filetype:xlsx", &[0]),
            ("filetype:spreadsheet", &[0]),
            ("filetype:pdf", &[1]),
            ("filetype:text", &[1]),
            ("attached:secret", &[1]),
            ("attached:\"secret notes\"", &[1]),
            ("secret", &[1, 2]),
            ("has:attachment", &[0, 1]),
            ("is:reply", &[0]),
            ("-has:attachment", &[2]),
            ("size:>999999", &[0]),
            ("size:>=1M", &[0]),
            ("size:<1K", &[1, 2]),
            ("lang:es", &[0]),
            ("redaction:b7", &[0]),
            ("redaction:\"(b)(7)(C)\"", &[0]),
            ("redaction:\"87(2)(b)\"", &[0]),
            ("redaction:b6", &[]),
            ("message-id:Abc.1@mail.example", &[0]),
            ("message-id:abc.1@mail.example", &[]),
        ],
    );
}

#[test]
fn text_in_pairs() {
    let indexed = Indexed::new(&[
        Mail::new().body("契約書を送ります 2016年"),
        Mail::new().body("契約は書きました"),
    ]);
    check(
        &indexed,
        &[
            ("契約書", &[0]),
            ("契約", &[0, 1]),
            ("2016年", &[0]),
            ("\"契約\"", &[0, 1]),
            ("書契", &[]),
        ],
    );
}

#[test]
fn what_is_not_in_the_index_is_asked_of_the_resolver() {
    let mails = vec![
        Mail::new().body("one"),
        Mail::new().body("two"),
        Mail::new().body("three"),
    ];
    let mut indexed = Indexed::in_batches(&mails, 2);
    indexed.known.tags.insert("key".to_owned(), vec![0, 2, 77]);
    indexed
        .known
        .tags
        .insert("multi-release".to_owned(), vec![1]);
    check(
        &indexed,
        &[
            ("tag:key", &[0, 2]),
            ("-tag:key", &[1]),
            ("tag:key three", &[2]),
            ("tag:key OR two", &[0, 1, 2]),
            ("is:multi-release", &[1]),
        ],
    );
    let query = query_of("one thread:abcdef");
    let error = indexed
        .reader
        .search(&SearchRequest::new(&query), &indexed.known)
        .unwrap_err();
    let IndexError::Query(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.span, 11..17);
    assert_eq!(error.hint.as_deref(), Some("try a tag"));
}

#[test]
fn ranges_beyond_all_values_find_nothing() {
    let mails: Vec<Mail> = (0..3)
        .map(|_| Mail {
            utc: Some(1_463_000_000),
            ..Mail::new().body("word")
        })
        .collect();
    let indexed = Indexed::in_batches(&mails, 2);
    for nothing in [
        "date:2001",
        "before:2016",
        "after:2017",
        "date:1801",
        "size:>1G",
    ] {
        let query = query_of(nothing);
        let request = SearchRequest::new(&query);
        assert!(indexed.find_all(&request).is_empty(), "{nothing}");
    }
    let query = query_of("date:2016-05");
    assert_eq!(indexed.find_all(&SearchRequest::new(&query)), [0, 1, 2]);
}

#[test]
fn ordinals_from_the_bound_on_are_not_seen() {
    let mails: Vec<Mail> = (0..5).map(|_| Mail::new().body("word")).collect();
    let indexed = Indexed::in_batches(&mails, 2);
    let query = query_of("word");
    let request = SearchRequest {
        below: 3,
        ..SearchRequest::new(&query)
    };
    assert_eq!(indexed.find_all(&request), [0, 1, 2]);
    let query = query_of("-other");
    let request = SearchRequest {
        below: 0,
        ..SearchRequest::new(&query)
    };
    assert!(indexed.find_all(&request).is_empty());
    let request = SearchRequest {
        hidden: [1, 4].into_iter().collect(),
        ..SearchRequest::new(&query)
    };
    assert_eq!(indexed.find_all(&request), [0, 2, 3]);
}

#[test]
fn close_words_are_suggested_for_those_that_find_nothing() {
    let indexed = Indexed::new(&[
        Mail::new().body("procurement procurement"),
        Mail::new().subject("Procurement"),
        Mail::new().body("procuremend"),
    ]);
    let suggested = |word| indexed.reader.suggestions(word).unwrap();
    assert_eq!(suggested("procuremnet"), ["procurement"]);
    assert_eq!(suggested("procuremenz"), ["procurement", "procuremend"]);
    assert!(suggested("procurement").is_empty());
    assert!(suggested("xyz").is_empty());
}
