#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;

use super::*;
use crate::effort::assert_in_proportion;

/// Names and addresses, with an empty text for none.
fn read(text: &str) -> Vec<(String, String)> {
    let mentions = parse_list(text).into_iter();
    mentions
        .map(|mention| {
            (
                mention.name.unwrap_or_default(),
                mention.address.unwrap_or_default(),
            )
        })
        .collect()
}

const ANNE: &str = "anne@agency.example";

#[test]
fn one_person_in_every_shape() {
    #[rustfmt::skip]
    let shapes = [
        ("anne@agency.example", "", ANNE),
        ("<anne@agency.example>", "", ANNE),
        ("Anne Example <anne@agency.example>", "Anne Example", ANNE),
        ("\"Example, Anne\" <anne@agency.example>", "Example, Anne", ANNE),
        ("Example, Anne <anne@agency.example>", "Example, Anne", ANNE),
        ("'Example, Anne' <anne@agency.example>", "Example, Anne", ANNE),
        ("'Example, Anne (Council) (anne@agency.example)'", "Example, Anne (Council)", ANNE),
        ("'anne@agency.example'", "", ANNE),
        ("'anne@agency.example' <anne@agency.example>", "", ANNE),
        ("\"'Anne O'Example'\" <anne@agency.example>", "Anne O'Example", ANNE),
        ("Anne O'Example <anne@agency.example>", "Anne O'Example", ANNE),
        ("\"anne@agency.example\" <anne@agency.example>", "", ANNE),
        ("\"Anne \\\"Annie\\\" \\\\ Example\" <anne@agency.example>", "Anne \"Annie\" \\ Example", ANNE),
        ("anne@agency.example (Anne Example)", "Anne Example", ANNE),
        ("anne@agency.example (Anne (Annie) Example) ", "Anne (Annie) Example", ANNE),
        ("Example, Anne (DEP)", "Example, Anne (DEP)", ""),
        ("Example, Anne (DEP) <anne@agency.example>", "Example, Anne (DEP)", ANNE),
        ("Example, Anne", "Example, Anne", ""),
        ("Anne Example", "Anne Example", ""),
        ("Anne Example (via Example Docs) <anne@agency.example>", "Anne Example (via Example Docs)", ANNE),
        ("Anne Example [mailto:anne@agency.example]", "Anne Example", ANNE),
        ("Example, Anne [mailto:anne@agency.example]", "Example, Anne", ANNE),
        ("Anne Example <mailto:anne@agency.example>", "Anne Example", ANNE),
        ("Anne Example <anne@agency.example<mailto:anne@agency.example>>", "Anne Example", ANNE),
        ("anne@agency.example<mailto:anne@agency.example>", "", ANNE),
        ("<anne@agency.example<mailto:anne@agency.example>", "", ANNE),
        ("Anne Example <anne@agency.example", "Anne Example", ANNE),
        ("Anne Example anne@agency.example", "Anne Example", ANNE),
        ("anne@agency.example>", "", ANNE),
        ("Anne <@one.example,@two.example:anne@agency.example>", "Anne", ANNE),
        ("Anne < anne @ agency.example >", "Anne", ANNE),
        ("SMTP:anne@agency.example", "", ANNE),
        ("mailto:anne@agency.example", "", ANNE),
        ("\"anne example\"@agency.example", "", "\"anne example\"@agency.example"),
        ("Anne <\"anne example\"@agency.example>", "Anne", "\"anne example\"@agency.example"),
        ("anne@[192.0.2.1]", "", "anne@[192.0.2.1]"),
        ("<anne@agency.example> Anne", "Anne", ANNE),
        ("Anne Example <>", "Anne Example", ""),
        ("<Anne Example>", "Anne Example", ""),
        ("\"Example III\", Anne </O=AGENCY/OU=EAST/CN=RECIPIENTS/CN=Aexampl5>", "Example III, Anne", "/O=AGENCY/OU=EAST/CN=RECIPIENTS/CN=Aexampl5"),
        ("/o=Agency/ou=East/cn=Recipients/cn=aexample", "", "/o=Agency/ou=East/cn=Recipients/cn=aexample"),
        ("IMCEAEX-_O=AGENCY_OU=EAST+20SIDE_cn=Recipients_cn=aexample@agency.example", "", "IMCEAEX-_O=AGENCY_OU=EAST+20SIDE_cn=Recipients_cn=aexample@agency.example"),
        ("=?utf-8?Q?Example=2C_Anne?= <anne@agency.example>", "=?utf-8?Q?Example=2C_Anne?=", ANNE),
        ("\"=?utf-8?Q?Example=2C_Anne?=\" <anne@agency.example>", "=?utf-8?Q?Example=2C_Anne?=", ANNE),
        ("=?utf-8?Q?Example, \"Anne\" <a; b>?= <anne@agency.example>", "=?utf-8?Q?Example, \"Anne\" <a; b>?=", ANNE),
        ("\"=?utf-8?Q?Anne_\"Annie\"_Example?=\" <anne@agency.example>", "=?utf-8?Q?Anne_\"Annie\"_Example?=", ANNE),
        ("\"Anne Example <anne@agency.example>", "Anne Example", ANNE),
        ("Anne <anne@agency.example>@AGENCY", "Anne", ANNE),
        ("anne@agency.example <A>", "A", ANNE),
        ("\"anne\\@agency.example\" <anne@agency.example>", "", ANNE),
        ("Anne B Example@AGENCY", "", "Anne B Example@AGENCY"),
        ("Anne Example/East Side@East Side", "", "Anne Example/East Side@East Side"),
        ("Anne Example @ EAST SIDE", "", "Anne Example @ EAST SIDE"),
        ("Anne Example (Head of Piers)@AGENCY", "", "Anne Example (Head of Piers)@AGENCY"),
        ("Van Example Jr., Anne", "Van Example Jr., Anne", ""),
        ("Office of the Board, </O=AGENCY/CN=BOARD>", "Office of the Board", "/O=AGENCY/CN=BOARD"),
        ("Example, Anne (DEP) (anne@agency.example)\0", "Example, Anne (DEP)", ANNE),
        ("'anne@agency.example'\0", "", ANNE),
        ("Example, Anne (DEP)\0", "Example, Anne (DEP)", ""),
        ("Anne   \t Example\u{a0}Jr. <anne@agency.example>", "Anne Example Jr.", ANNE),
        ("undisclosed-recipients:;", "undisclosed-recipients", ""),
        ("Undisclosed recipients:", "Undisclosed recipients", ""),
        ("Änne Exämple <anne@agency.example>", "Änne Exämple", ANNE),
    ];
    for (text, name, address) in shapes {
        assert_eq!(
            read(text),
            [(name.to_owned(), address.to_owned())],
            "{text}"
        );
    }
}

#[test]
fn several_people_in_every_shape() {
    let anne = ("Example, Anne", ANNE);
    let bob = ("Sample, Bob", "bob@agency.example");
    let plain = ("", ANNE);
    #[rustfmt::skip]
    let lists: &[(&str, &[(&str, &str)])] = &[
        ("", &[]),
        (" , ;, <>", &[]),
        ("anne@agency.example, , bob@agency.example,", &[plain, ("", "bob@agency.example")]),
        ("Example, Anne <anne@agency.example>, Sample, Bob <bob@agency.example>", &[anne, bob]),
        ("Example, Anne <anne@agency.example>; Sample, Bob <bob@agency.example>;", &[anne, bob]),
        ("\"Example, Anne\" <anne@agency.example>, 'Sample, Bob' <bob@agency.example>", &[anne, bob]),
        ("Example, Anne; Sample, Bob (DEP)", &[("Example, Anne", ""), ("Sample, Bob (DEP)", "")]),
        ("Anne Example; anne@agency.example, bob@agency.example", &[("Anne Example", ""), plain, ("", "bob@agency.example")]),
        ("Anne Example/CORP/AGENCY, Bob Sample/East Side@East Side, Carol Other@EAST SIDE", &[("Anne Example/CORP/AGENCY", ""), ("", "Bob Sample/East Side@East Side"), ("", "Carol Other@EAST SIDE")]),
        ("Anne Example, Bob Sample, Carol", &[("Anne Example", ""), ("Bob Sample", ""), ("Carol", "")]),
        ("anne@agency.example bob@agency.example", &[plain, ("", "bob@agency.example")]),
        ("Anne <anne@agency.example> Bob <bob@agency.example>", &[("Anne", ANNE), ("Bob", "bob@agency.example")]),
        ("Anne <anne@agency.example, Bob <bob@agency.example>", &[("Anne", ANNE), ("Bob", "bob@agency.example")]),
        ("Board: anne@agency.example, Bob <bob@agency.example>;", &[("Board", ""), plain, ("Bob", "bob@agency.example")]),
        ("carol@agency.example, Board: anne@agency.example; bob@agency.example", &[("", "carol@agency.example"), ("Board", ""), plain, ("", "bob@agency.example")]),
        ("\"Example, Anne\" <anne@agency.example>@AGENCY <IMCEANOTES-anne@agency.example>", &[anne, ("Example, Anne", "IMCEANOTES-anne@agency.example")]),
        ("anne@agency.example, Anne Example", &[plain, ("Anne Example", "")]),
        ("a@b.example (Anne, of the board), c@d.example", &[("Anne, of the board", "a@b.example"), ("", "c@d.example")]),
    ];
    for (text, expected) in lists {
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(name, address)| ((*name).to_owned(), (*address).to_owned()))
            .collect();
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn long_lists_take_time_in_proportion() {
    assert_eq!(
        parse_list(&"anne@agency.example, ".repeat(500_000)).len(),
        500_000
    );
    let long = format!("{}@agency.example", "a".repeat(1 << 16));
    assert_eq!(read(&long), [(String::new(), long.clone())]);
    for stretch in [
        "(",
        "\"",
        "<",
        "=?utf-8?q?",
        "'",
        "[",
        "a:",
        "\\\"",
        "( ) \"",
        "<a@b<mailto:",
        "' ",
        ", '",
        ";:",
        "[a@",
    ] {
        assert_in_proportion(stretch, |text| drop(parse_list(text)));
    }
}

proptest! {
    #[test]
    fn any_text_is_taken(text in "\\PC{0,80}", parts in prop::collection::vec("[\"'<>(),;:\\[\\]@ =?\\\\]|=[?]utf-8[?]q[?]|mailto:|anne|é|@b", 0..30)) {
        parse_list(&text);
        parse_list(&parts.concat());
    }

    #[test]
    fn lists_by_the_standard_are_read_back(people in prop::collection::vec(("[A-Za-z ,.;:<>()@\"\\\\]{1,20}", "[a-z]{1,8}@[a-z]{1,8}[.]example"), 1..8)) {
        let list: Vec<String> = people
            .iter()
            .map(|(name, address)| format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\"")))
            .collect();
        let read = parse_list(&list.join(", "));
        let addresses: Vec<Option<String>> = people.iter().map(|(_, address)| Some(address.clone())).collect();
        prop_assert_eq!(read.iter().map(|mention| mention.address.clone()).collect::<Vec<_>>(), addresses);
    }
}
