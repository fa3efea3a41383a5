//! Trees survive being printed and read; no text makes the parser panic.

use jiff::civil::date;
use muckrake_mail::Flag;
use proptest::prelude::*;

use super::*;

fn text_values() -> impl Strategy<Value = super::Value> {
    let word = "[a-z0-9]{1,8}|水|ελλασ|हिन्दी";
    prop_oneof![
        word.prop_map(super::Value::Word),
        (
            "[ a-zA-Z\"\\\\“”()é契*~/:-]{0,12}[a-z]",
            proptest::option::of(0u32..50)
        )
            .prop_map(|(text, slop)| super::Value::Phrase { text, slop }),
        "[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}".prop_map(super::Value::Prefix),
        ("[a-z0-9]{1,8}", 1u8..=2).prop_map(|(word, edits)| super::Value::Fuzzy { word, edits }),
        "[a-z]{1,4}(\\.\\*|\\[a-c\\]|x\\?|\\\\d\\+|\\|[a-z]|\\[/a\\]\\+)?"
            .prop_map(super::Value::Regex),
    ]
}

fn people_values() -> impl Strategy<Value = super::Value> {
    prop_oneof![
        text_values(),
        "[a-zA-Z0-9._+]{1,8}@[a-zé]{1,6}\\.example".prop_map(super::Value::Address),
        "[a-zA-Z]{1,6}(\\.example|-[a-z])".prop_map(super::Value::Domain),
        "[A-Za-z .'\"-]{0,9}[a-z]".prop_map(super::Value::Official),
    ]
}

fn dates() -> impl Strategy<Value = super::Value> {
    let day = || (1i16..=9999, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| date(y, m, d));
    prop_oneof![
        Just(super::Value::NoDate),
        (day(), day(), 0..3).prop_map(|(one, two, open)| super::Value::Dates(DateRange {
            first: (open != 1).then_some(one.min(two)),
            last: (open != 2).then_some(one.max(two)),
        })),
    ]
}

fn sizes() -> impl Strategy<Value = super::Value> {
    (any::<u64>(), any::<u64>(), 0..3).prop_map(|(one, two, open)| {
        super::Value::Sizes(SizeRange {
            min: (open != 1).then_some(one.min(two)),
            max: (open != 2).then_some(one.max(two)),
        })
    })
}

fn properties() -> impl Strategy<Value = super::Value> {
    proptest::sample::select(vec![
        Property::Flag(Flag::Attachment),
        Property::Flag(Flag::Quote),
        Property::Flag(Flag::Draft),
        Property::MultiRelease,
    ])
    .prop_map(super::Value::Property)
}

fn leaves() -> impl Strategy<Value = Query> {
    let text_fields = vec![
        Field::Any,
        Field::Subject,
        Field::Body,
        Field::Said,
        Field::Quoted,
        Field::Attachment,
        Field::Attached,
        Field::Header("x-spam".to_owned()),
    ];
    let people_fields = vec![Field::From, Field::To, Field::Cc, Field::Bcc, Field::With];
    let names = vec![
        Field::Release,
        Field::Source,
        Field::Folder,
        Field::Tag,
        Field::Saved,
        Field::Official,
        Field::Agency,
    ];
    let text = |pattern: &'static str| pattern.prop_map(super::Value::Text);
    prop_oneof![
        4 => (proptest::sample::select(text_fields), text_values()),
        3 => (proptest::sample::select(people_fields), people_values()),
        1 => (proptest::sample::select(names), text("[ -~é契\n]{0,10}[!-~]")),
        1 => (Just(Field::Id), text("[0-9a-f]{6,40}")),
        1 => (Just(Field::Thread), text("[0-9a-f]{6,40}")),
        1 => (Just(Field::MessageId), text("[!-;=?-~]{1,20}")),
        1 => (Just(Field::FileType), text("[a-z/*]{1,9}")),
        1 => (Just(Field::Lang), text("[a-z]{2}")),
        1 => (Just(Field::Date), dates()),
        1 => (Just(Field::Size), sizes()),
        1 => (Just(Field::Property), properties()),
    ]
    .prop_map(|(field, value)| {
        Query::Leaf(Leaf {
            field,
            value,
            span: 0..0,
        })
    })
}

fn queries() -> impl Strategy<Value = Query> {
    let one = prop_oneof![9 => leaves(), 1 => Just(Query::All)];
    one.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            inner.clone().prop_map(Query::except),
            proptest::collection::vec(inner.clone(), 2..5).prop_map(Query::and),
            proptest::collection::vec(inner, 2..5).prop_map(Query::or),
        ]
    })
}

/// Texts made of what the grammar is made of.
fn query_like() -> impl Strategy<Value = String> {
    let pieces = proptest::sample::select(vec![
        "a",
        "Bc",
        "é",
        "契約",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "\"",
        "“",
        "”",
        "-",
        "--",
        "*",
        "~",
        "~1",
        "~9",
        "/",
        "\\",
        ":",
        "from:",
        "subject:",
        "official:",
        "date:",
        "before:",
        "size:",
        "id:",
        "is:",
        "has:",
        "tag:",
        "folder:",
        "lang:",
        "message-id:",
        "header.x:",
        "zz:",
        "@",
        ".example",
        "2016",
        "-05",
        "..",
        "none",
        "last week",
        "1M",
        ">",
        "reply",
        " ",
        " ",
        " ",
        "\n",
        "!",
        "[",
        "]",
        "{",
        "}",
        "+",
        "?",
        "|",
        "^",
        "$",
        "\u{301}",
        "\u{202e}",
        "0abcdef",
    ]);
    proptest::collection::vec(pieces, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_printed_tree_is_read_as_the_same_tree(query in queries()) {
        let printed = query.to_string();
        let read = parse(&printed, &OPTIONS);
        prop_assert!(read.is_ok(), "{}", read.unwrap_err().render(&printed));
        prop_assert_eq!(without_spans(&read.unwrap()), query, "{}", printed);
    }

    #[test]
    fn any_text_is_read_or_refused_in_place(text in query_like()) {
        check_any(&text)?;
    }

    #[test]
    fn any_characters_are_read_or_refused_in_place(text in "\\PC{0,40}") {
        check_any(&text)?;
    }
}

fn check_any(text: &str) -> Result<(), TestCaseError> {
    match parse(text, &OPTIONS) {
        Ok(query) => {
            let printed = query.to_string();
            let again = parse(&printed, &OPTIONS);
            prop_assert!(
                again.is_ok(),
                "{text:?} {}",
                again.unwrap_err().render(&printed)
            );
            prop_assert_eq!(
                without_spans(&again.unwrap()),
                without_spans(&query),
                "{}",
                text
            );
            prop_assert!(!query.explain().is_empty());
        }
        Err(error) => {
            prop_assert!(text.get(error.span.clone()).is_some(), "{text:?} {error:?}");
            let drawn = error.render(text);
            prop_assert!(
                drawn.lines().nth(2).is_some_and(|line| line.contains('^')),
                "{drawn}"
            );
        }
    }
    Ok(())
}
