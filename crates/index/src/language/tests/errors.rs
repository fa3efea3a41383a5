//! Every error with its place: the second line stands under the query.

use super::*;

/// Query, carets, part of the message, part of the hint.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    // Grammar.
    ("", "^", "the query is empty", "`*` matches every message"),
    (
        "   ",
        "^^^",
        "the query is empty",
        "`*` matches every message",
    ),
    (
        "a AND",
        "  ^^^",
        "`AND` needs something after it",
        "in lower case or in quotes",
    ),
    ("a OR", "  ^^", "`OR` needs something after it", "\"OR\""),
    // Nearness as other programs write it.
    (
        "pier w/5 contract",
        "     ^^^",
        "`w/5` is no operator here",
        "`\"pier contract\"~5`",
    ),
    (
        "pier W/10 (a OR b)",
        "     ^^^^",
        "`W/10` is no operator here",
        "`\"a b\"~10`",
    ),
    (
        "pier /5 contract",
        "     ^^",
        "`/5` is no operator here",
        "`\"pier contract\"~5`",
    ),
    (
        "pier /5 a /3 b",
        "     ^^",
        "`/5` is no operator here",
        "~5`",
    ),
    (
        "pier /s contract",
        "     ^^",
        "`/s` is no operator here",
        "`\"pier contract\"~15`",
    ),
    (
        "pier NEAR contract",
        "     ^^^^",
        "`NEAR` is no operator here",
        "`\"pier contract\"~5`",
    ),
    (
        "NEAR(pier, contract)",
        "^^^^",
        "`NEAR` is no operator here",
        "quote it: `\"NEAR\"`",
    ),
    (
        "pier pre/3 contract",
        "     ^^^^^",
        "`pre/3` is no operator here",
        "in any order",
    ),
    (
        "subject:(pier w/5 a)",
        "              ^^^",
        "`w/5` is no operator here",
        "~5`",
    ),
    (
        "a AND NOT w/5 b",
        "          ^^^",
        "`w/5` is no operator here",
        "",
    ),
    ("a NOT", "  ^^^", "`NOT` needs something after it", ""),
    ("OR a", "^^", "`OR` needs something before it", ""),
    ("AND", "^^^", "`AND` needs something before it", ""),
    ("(AND a)", " ^^^", "`AND` needs something before it", ""),
    (
        "a OR OR b",
        "  ^^",
        "`OR` needs something after it, not `OR`",
        "",
    ),
    (
        "a AND OR b",
        "  ^^^",
        "`AND` needs something after it, not `OR`",
        "",
    ),
    ("(a OR) b", "   ^^", "`OR` needs something after it", ""),
    ("(a NOT) b", "   ^^^", "`NOT` needs something after it", ""),
    ("a - b", "  ^", "`-` excludes nothing here", "-draft"),
    ("a -", "  ^", "`-` excludes nothing here", ""),
    (
        "a -AND b",
        "  ^",
        "`-` needs something after it, not `AND`",
        "",
    ),
    ("a --", "  ^^", "`--` is no operator", "nothing to look for"),
    ("--foo", "^^", "`--` is no operator", "`-foo`"),
    ("a ()", "  ^^", "nothing stands between the parentheses", ""),
    (
        "a (  )",
        "  ^^^^",
        "nothing stands between the parentheses",
        "",
    ),
    (
        "subject:()",
        "        ^^",
        "nothing stands between the parentheses",
        "",
    ),
    (
        "a (b OR (c)",
        "  ^",
        "this parenthesis is never closed",
        "`)`",
    ),
    ("(", "^", "this parenthesis is never closed", ""),
    ("a) b", " ^", "this parenthesis closes nothing", ""),
    ("a ) b", "  ^", "this parenthesis closes nothing", ""),
    (")", "^", "this parenthesis closes nothing", ""),
    (
        "a \"b c",
        "  ^",
        "this quote is never closed",
        "another `\"`",
    ),
    ("a “b c", "  ^", "this quote is never closed", ""),
    ("a \"", "  ^", "this quote is never closed", ""),
    ("a \"\"", "  ^^", "nothing stands between the quotes", ""),
    ("a \"--\"", "  ^^^^", "holds no letter and no digit", ""),
    ("a(b)", " ^", "`(` right after a word", "space"),
    ("a\"b\"", " ^", "`\"` right after a word", "space"),
    ("\"a\"b", "   ^", "`b` right after a quote", "space"),
    ("(a)b", "   ^", "`b` right after a parenthesis", "space"),
    ("(a)~5", "   ^", "`~` right after a parenthesis", ""),
    ("*(a)", " ^", "`(` right after `*`", ""),
    // Words.
    (
        "a ***",
        "  ^^^",
        "holds no letter and no digit",
        "`*` alone",
    ),
    ("a && b", "  ^^", "holds no letter and no digit", "`AND`"),
    ("a || b", "  ^^", "holds no letter and no digit", "`OR`"),
    ("a ! b", "  ^", "holds no letter and no digit", "`NOT`"),
    ("a !b", "  ^^", "`!` does not exclude", "`-b`"),
    ("a –b", "  ^^", "`–` does not exclude", "`-b`"),
    ("a :b", "  ^^", "a `:` without a field", "from:anne"),
    (
        "\"a b\" ~5",
        "      ^^",
        "`~` must follow",
        "\"loose phrase\"~5",
    ),
    ("\"a b\"~", "     ^", "needs a number", "\"loose phrase\"~5"),
    ("\"a b\"~x", "     ^^", "needs a number", ""),
    ("\"a b\"~99999", "     ^^^^^^", "at most 10000", ""),
    (
        "\"a b\"*",
        "     ^",
        "a `*` cannot follow a quote",
        "`contr*`",
    ),
    ("word~3", "     ^", "takes 1 or 2", "`word~1`"),
    ("word~0", "     ^", "takes 1 or 2", ""),
    ("o'hara~1", "^^^^^^^^", "a single word", "\"o'hara~1\""),
    (
        "con*act",
        "^^^^^^^",
        "only stand at the end",
        "`/con.*act/`",
    ),
    ("*act", "^^^^", "only stand at the end", "`/.*act/`"),
    ("*act*", "^^^^^", "only stand at the end", "`/.*act.*/`"),
    ("a-*b", "^^^^", "only stand at the end", "\"a-*b\""),
    (
        "foo-*",
        "^^^^^",
        "must follow a letter or a digit",
        "`contr*`",
    ),
    ("subject:*", "        ^", "`subject:*` asks for nothing", ""),
    // Regular expressions.
    ("a /b", "  ^", "never closed", "quote a path: `\"/b\"`"),
    (
        "/usr/bin/x",
        "^^^^^^^^^^",
        "ends at its second `/`",
        "quote a path",
    ),
    ("//", "^^", "an empty regular expression", ""),
    ("a /(b/", "  ^^^^", "bad regular expression", ""),
    ("/a b/", "^^^^^", "no term holds ` `", "single terms"),
    ("/^a/", "^^^^", "matches whole terms", ""),
    // Fields.
    (
        "a form:anne",
        "  ^^^^^",
        "no field `form:`; did you mean `from:`?",
        "quote it: `\"form:anne\"`",
    ),
    (
        "sender:anne",
        "^^^^^^^",
        "no field `sender:`; did you mean `from:`?",
        "",
    ),
    (
        "zebra:x",
        "^^^^^^",
        "no field `zebra:`",
        "the fields are `from:`",
    ),
    ("Re: budget", "^^^", "no field `Re:`", "`\"Re:\"`"),
    (
        "header:x",
        "^^^^^^^",
        "no field `header:`",
        "header.list-id:foo",
    ),
    (
        "header.:x",
        "^^^^^^^^",
        "no field `header.:`",
        "header.list-id:foo",
    ),
    ("a from:", "  ^^^^^", "`from:` has no value", "`from:anne`"),
    (
        "from: anne",
        "^^^^^",
        "`from:` has no value",
        "right after the colon",
    ),
    ("(from:)", " ^^^^^", "`from:` has no value", ""),
    ("tag:\"\"", "    ^^", "`tag:` has an empty value", ""),
    ("tag:\" \"", "    ^^^", "`tag:` has an empty value", ""),
    (
        "filetype:.",
        "         ^",
        "`filetype:` has an empty value",
        "",
    ),
    (
        "message-id:<>",
        "           ^^",
        "`message-id:` has an empty value",
        "",
    ),
    (
        "from:-anne",
        "     ^",
        "a `-` right after `from:`",
        "`-from:anne`",
    ),
    (
        "from:(a to:b)",
        "        ^^^",
        "`to:` cannot stand inside `from:`",
        "",
    ),
    (
        "from:to:b",
        "     ^^^",
        "`to:` cannot stand inside `from:`",
        "",
    ),
    (
        "subject:(official:b)",
        "         ^^^^^^^^^",
        "`official:` cannot stand inside `subject:`",
        "",
    ),
    (
        "from:*@x.example",
        "     ^^^^^^^^^^^",
        "a `*` cannot stand in a domain",
        "`from:@x.example`",
    ),
    (
        "from:@*.example",
        "     ^^^^^^^^^^",
        "a `*` cannot stand in a domain",
        "`from:@example`",
    ),
    ("from:@", "     ^", "`@` is not a domain", ""),
    ("tag:\"a b\"~5", "    ^^^^^^^", "takes no loose phrase", ""),
    ("id:xyz", "   ^^^", "`xyz` is not an id", "6 to 40"),
    ("id:1f0c3", "   ^^^^^", "`1f0c3` is not an id", "6 to 40"),
    (
        "thread:a@x.example",
        "       ^^^^^^^^^^^",
        "is not an id",
        "`message-id:a@x.example`",
    ),
    (
        "lang:spanish",
        "     ^^^^^^^",
        "`spanish` is not a language code",
        "`lang:es`",
    ),
    (
        "is:attachment",
        "   ^^^^^^^^^^",
        "there is no `is:attachment`",
        "`has:attachment`",
    ),
    (
        "is:repyl",
        "   ^^^^^",
        "there is no `is:repyl`",
        "`is:reply`",
    ),
    (
        "has:purple",
        "    ^^^^^^",
        "there is no `has:purple`",
        "there are `has:attachment`",
    ),
    ("size:big", "     ^^^", "`big` is not a size", "K is 1,000"),
    (
        "size:2M..1M",
        "     ^^^^^^",
        "ends before it begins",
        "`1M..2M`",
    ),
    (
        "date:2016-02-30",
        "     ^^^^^^^^^^",
        "2016-02 has 29 days, not 30",
        "",
    ),
    (
        "date:05/11/2016",
        "     ^^^^^^^^^^",
        "is not a date",
        "`2016-05-11` or `2016-11-05`",
    ),
    (
        "date:2018..2016",
        "     ^^^^^^^^^^",
        "ends before it begins",
        "`2016..2018`",
    ),
    (
        "date:last friday",
        "     ^^^^",
        "`last` is not a date",
        "in quotes",
    ),
    (
        "before:2016..2017",
        "       ^^^^^^^^^^",
        "take one day or period",
        "`date:2016..2017`",
    ),
    (
        "date:(2016 banana)",
        "           ^^^^^^",
        "`banana` is not a date",
        "",
    ),
];

#[test]
fn errors_point_at_the_place_and_say_what_would_be_right() {
    for (query, carets, message, hint) in ERRORS {
        let error = parse(query, &OPTIONS)
            .map(|read| read.to_string())
            .unwrap_err();
        let drawn = error.render(query);
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(
            lines.get(1),
            Some(&format!("  {query}").as_str()),
            "{query}"
        );
        assert_eq!(
            lines.get(2),
            Some(&format!("  {carets}").as_str()),
            "{drawn}"
        );
        assert!(error.message.contains(message), "{drawn}");
        assert!(
            error.hint.as_deref().unwrap_or_default().contains(hint),
            "{drawn}"
        );
        assert!(!error.message.ends_with('.'), "{drawn}");
    }
}

fn drawing(query: &str) -> String {
    parse(query, &OPTIONS).unwrap_err().render(query)
}

#[test]
fn carets_stand_under_wide_text_and_escapes() {
    assert_eq!(
        drawing("契約 AND"),
        "`AND` needs something after it\n  契約 AND\n       ^^^\n\
         hint: to find the word itself, write it in lower case or in quotes: `\"AND\"`\n"
    );
    let lines = drawing("nai\u{308}ve AND");
    assert!(
        lines.contains("\n  nai\u{308}ve AND\n        ^^^\n"),
        "{lines}"
    );
    let lines = drawing("a\u{1b}[31m\nb\u{202e} AND");
    assert!(
        lines.contains("\n  a\\u{1b}[31m\\nb\\u{202e} AND\n"),
        "{lines}"
    );
    assert!(
        lines.contains(&format!("\n  {}^^^\n", " ".repeat(23))),
        "{lines}"
    );
    let lines = drawing("lang:契約");
    assert!(lines.contains("\n  lang:契約\n       ^^^^\n"), "{lines}");
}

#[test]
fn a_long_query_is_cut_around_the_place() {
    let query = format!("{} form:x {}", "word ".repeat(50), "more ".repeat(50));
    let drawn = drawing(&query);
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!(lines[1].chars().count(), 2 + 1 + 100 + 1);
    assert!(lines[1].starts_with("  …") && lines[1].ends_with('…'));
    let at = lines[2].find('^').unwrap();
    let under: String = lines[1].chars().skip(at).take(5).collect();
    assert_eq!((under.as_str(), lines[2].trim()), ("form:", "^^^^^"));

    let wide = format!("{}x form:x", "契".repeat(100));
    let drawn = drawing(&wide);
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!(lines[2].find('^'), Some(2 + 1 + 40), "{drawn}");

    let open = format!("\"{}", "a".repeat(300));
    let drawn = drawing(&open);
    assert!(
        drawn.lines().nth(1).is_some_and(|line| line.ends_with('…')),
        "{drawn}"
    );
}

#[test]
fn a_span_outside_of_the_text_is_drawn_all_the_same() {
    for span in [0..0, 3..3, 2..100, 50..60, 1..2] {
        let drawn = QueryError::new("message", span).render("é契");
        assert_eq!(drawn.lines().count(), 3, "{drawn}");
    }
}

#[test]
fn a_query_over_the_limit_is_refused() {
    let error = parse(&"a ".repeat(MAX_QUERY_BYTES), &OPTIONS).unwrap_err();
    assert!(error.message.contains("the limit is 1048576"), "{error}");
}
