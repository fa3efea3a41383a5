#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use unicode_normalization::UnicodeNormalization;

use super::*;

fn ranges(text: &str) -> Vec<(String, Range<usize>, u32)> {
    let mut found = Vec::new();
    for_each_term(text, |term| {
        found.push((term.text.to_owned(), term.range, term.position))
    });
    found
}

#[test]
fn words_are_cut_at_everything_but_letters_digits_and_marks() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("-- *** ::", &[]),
        ("Budget for 2016", &["budget", "for", "2016"]),
        ("2021-CV-00123", &["2021", "cv", "00123"]),
        (
            "o'hara O’Hara oʼhara o`hara",
            &["o", "hara", "o", "hara", "o", "hara", "o", "hara"],
        ),
        ("payment_id=7", &["payment", "id", "7"]),
        ("a.b@c.example", &["a", "b", "c", "example"]),
        ("don\u{2019}t", &["don", "t"]),
        ("“quoted”", &["quoted"]),
        ("Acme™ Ltd®", &["acme", "ltd"]),
        ("x\u{200B}y", &["x", "y"]),
    ];
    for (text, expected) in table {
        assert_eq!(terms(text), *expected, "{text:?}");
    }
}

#[test]
fn case_compatibility_forms_and_diacritics_fold() {
    let table = [
        ("NAÏVE", "naive"),
        ("nai\u{308}ve", "naive"),
        ("Ångström", "angstrom"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("Æther", "aether"),
        ("œuvre", "oeuvre"),
        ("Øresund", "oresund"),
        ("Łódź", "lodz"),
        ("Đorđe", "dorde"),
        ("Þór", "thor"),
        ("İstanbul", "istanbul"),
        ("ısı", "isi"),
        ("ﬁnance", "finance"),
        ("ＦＵＬＬ", "full"),
        ("Ελλάς", "ελλασ"),
        ("ΕΛΛΑΣ", "ελλασ"),
        ("Ёлка", "елка"),
        ("й", "и"),
        ("Nguyễn", "nguyen"),
        ("infor\u{AD}mation", "information"),
        ("con\u{202E}tract", "contract"),
        ("m²", "m2"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
    ];
    for (text, expected) in table {
        assert_eq!(terms(text), [expected], "{text:?}");
    }
}

#[test]
fn an_expansion_with_a_separator_cuts() {
    assert_eq!(terms("3½"), ["31", "2"]);
    assert_eq!(
        ranges("3½"),
        [("31".to_owned(), 0..3, 0), ("2".to_owned(), 1..3, 1)]
    );
    assert_eq!(terms("⑴"), ["1"]);
}

#[test]
fn scripts_without_spaces_become_overlapping_pairs() {
    assert_eq!(terms("契約書"), ["契約", "約書"]);
    assert_eq!(terms("水"), ["水"]);
    assert_eq!(terms("2016年5月"), ["2016", "年", "5", "月"]);
    assert_eq!(terms("データ、表"), ["デー", "ータ", "表"]);
    assert_eq!(terms("ﾃﾞｰﾀ"), ["デー", "ータ"]);
    assert_eq!(terms("か\u{3099}く"), ["がく"]);
    assert_eq!(terms("계약서"), ["계약", "약서"]);
    assert_eq!(terms("\u{1100}\u{1161}\u{1102}\u{1161}"), ["가나"]);
    assert_eq!(terms("e契約f"), ["e", "契約", "f"]);
    assert_eq!(
        ranges("契約書"),
        [("契約".to_owned(), 0..6, 0), ("約書".to_owned(), 3..9, 1)]
    );
}

#[test]
fn vowel_signs_stay_and_compose() {
    assert_eq!(terms("हिन्दी"), ["हिन्दी"]);
    assert_eq!(terms("\u{9C7}\u{9BE}"), terms("\u{9CB}"));
    assert_eq!(terms("\u{915}\u{9C7}"), ["\u{915}\u{9C7}"]);
}

#[test]
fn ranges_and_positions_point_into_the_source() {
    assert_eq!(
        ranges("  Café, nai\u{308}ve!"),
        [("cafe".to_owned(), 2..7, 0), ("naive".to_owned(), 9..16, 1)]
    );
}

#[test]
fn emoji_and_lone_marks_are_no_terms() {
    assert_eq!(terms("❤\u{FE0F} 👍🏽 \u{301}"), Vec::<String>::new());
    assert_eq!(terms("1\u{FE0F}\u{20E3}"), ["1"]);
}

#[test]
fn a_long_run_is_cut_into_pieces_of_the_limit() {
    let run = "Ab".repeat(300);
    let pieces = terms(&run);
    assert_eq!(
        pieces.iter().map(String::len).collect::<Vec<_>>(),
        [255, 255, 90]
    );
    assert_eq!(pieces.concat(), run.to_lowercase());
    let accented = "é".repeat(300);
    assert_eq!(terms(&accented).concat(), "e".repeat(300));
    let greek = "λ".repeat(200);
    assert_eq!(
        terms(&greek).iter().map(String::len).collect::<Vec<_>>(),
        [254, 146]
    );
}

#[test]
fn folding_every_character_is_stable() {
    for character in '\0'..=char::MAX {
        let text = character.to_string();
        let once = terms(&text);
        for term in &once {
            assert_eq!(
                terms(term),
                std::slice::from_ref(term),
                "{character:?} U+{:04X}",
                u32::from(character)
            );
        }
        let composed: String = text.nfkc().collect();
        if is_term_char(character) {
            assert_eq!(
                terms(&composed),
                once,
                "{character:?} U+{:04X}",
                u32::from(character)
            );
        }
    }
}

#[test]
fn stems_are_snowball_english_and_only_of_ascii_words() {
    // Pairs from the vocabulary that Snowball publishes for its English stemmer.
    for (word, expected) in [
        ("consistency", "consist"),
        ("contracts", "contract"),
        ("knightly", "knight"),
        ("generate", "generat"),
    ] {
        assert_eq!(stem(word), expected);
    }
    for word in ["2016", "cv2s", "ελλασ", "契約", ""] {
        assert_eq!(stem(word), word);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_gives_ordered_terms_within_bounds(text in "\\PC{0,60}") {
        let mut next = 0;
        let mut last_start = 0;
        for_each_term(&text, |term| {
            assert!(!term.text.is_empty() && term.text.len() <= MAX_TERM_BYTES);
            assert_eq!(term.position, next);
            next += 1;
            assert!(text.get(term.range.clone()).is_some());
            assert!(term.range.start >= last_start);
            last_start = term.range.start;
        });
    }

    #[test]
    fn terms_of_terms_are_the_same(text in "[a-zA-Zéß契約デ가 0-9'ﬁ½\u{301}\u{AD}-]{0,40}") {
        let once = terms(&text);
        let single: Vec<_> = once.iter().flat_map(|term| terms(term)).collect();
        proptest::prop_assert_eq!(single, once);
    }
}
