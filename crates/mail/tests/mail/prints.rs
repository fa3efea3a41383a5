//! Print-outs under `fixtures/prints`: each layout, read whole.

use std::path::Path;

use muckrake_mail::DatePrecision;
use muckrake_mail::DateSource;
use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::Sha256;
use muckrake_mail::print;
use muckrake_mail::print::FieldName;
use muckrake_mail::print::Found;

fn document(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/prints");
    std::fs::read(folder.join(name)).unwrap()
}

fn found(bytes: &[u8]) -> Vec<Found> {
    print::read(bytes, &Sha256([7; 32]))
}

/// The one message of a document.
fn only(name: &str) -> Message {
    let bytes = document(name);
    assert!(print::looks_like_print(&bytes), "{name}");
    let mut found = found(&bytes);
    assert_eq!(found.len(), 1, "{name}");
    let message = found.pop().unwrap();
    assert_eq!(message.range, 0..bytes.len());
    message.message
}

fn named(names: &[(&str, &str)]) -> Vec<Mention> {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    names
        .iter()
        .map(|(name, address)| Mention {
            name: known(name),
            address: known(address),
        })
        .collect()
}

/// Local seconds, computed with `date -u -d … +%s`.
fn local(message: &Message) -> (i64, Option<i32>, DatePrecision) {
    let date = message.date.unwrap();
    assert_eq!(date.source, DateSource::Printed);
    (date.local, date.offset, date.precision)
}

#[test]
fn a_memo_with_banners_margins_and_what_it_quotes() {
    let message = only("memo.txt");
    assert_eq!(
        message.from,
        named(&[("Pier, Anne (HARBOUR)", "anne.pier@harbour.example")])
    );
    assert_eq!(
        message.to,
        named(&[
            ("Quay, Bob (DEP)", ""),
            ("", ""),
            ("", "carol@city.example"),
            ("Mole, Tom (DEP)", ""),
            ("Buoy, Dan (DEP)", ""),
        ])
    );
    assert_eq!(message.cc, named(&[("Tide, Eve (DEP)", "")]));
    assert_eq!(message.subject.as_deref(), Some("Dredging contract"));
    assert_eq!(
        local(&message),
        (1_614_784_980, None, DatePrecision::Minute)
    );
    let text = &message.body[0].text;
    assert!(
        text.starts_with("Bob,\n\nthe estimate is attached."),
        "{text}"
    );
    assert!(
        text.ends_with("Where is the estimate?\n\nIt was due on Monday.\n"),
        "{text}"
    );
    let codes: Vec<_> = message
        .redactions
        .iter()
        .map(|one| (one.code.as_str(), one.count))
        .collect();
    assert_eq!(codes, [("b6", 3)]);
    assert!(message.flags.contains(&Flag::Redaction) && message.flags.contains(&Flag::Quote));
    let header = |name: &str| {
        message
            .headers
            .values(name)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(header("bates"), ["HARB_0000123", "HARB_0000124"]);
    assert_eq!(header("doc-no"), ["C00012345", "C00012345"]);
    assert_eq!(header("attachments"), ["estimate.xlsx; plan.pdf"]);
    assert_eq!(header("mailbox-owner"), ["Pier, Anne (HARBOUR)"]);
    assert_eq!(message.print.unwrap().pages, Some((1, 2)));
}

#[test]
fn fields_are_where_they_say() {
    let bytes = document("memo.txt");
    let print = only("memo.txt").print.unwrap();
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let shown = |name: FieldName| {
        let field = print
            .fields
            .iter()
            .find(|field| field.field == name)
            .unwrap();
        let place = field.place;
        let text = &bytes[place.start as usize..place.end as usize];
        // The same bytes, found by their line.
        assert!(
            lines[place.first_line as usize - 1]
                .ends_with(text.split(|byte| *byte == b'\n').next().unwrap())
        );
        (
            String::from_utf8_lossy(text).into_owned(),
            place.last_line - place.first_line,
        )
    };
    assert!(shown(FieldName::Subject).0.ends_with("Dredging contract"));
    assert_eq!(shown(FieldName::To).1, 1);
    assert!(shown(FieldName::To).0.ends_with("Buoy; Dan (DEP)"));
}

/// In this layout a message may begin anywhere on a page; with one id for a page the second would be taken for a copy of the first.
#[test]
fn messages_on_one_page_of_a_pdf_have_ids_of_their_own() {
    let one = document("archive.txt");
    let keys = |text: &[u8]| -> Vec<_> {
        let found = print::read_pages(text, &Sha256([7; 32]));
        found.iter().map(|found| found.message.key).collect()
    };
    let three = keys(&[&one[..], b"\n", &one, b"\n\x0c", &one].concat());
    assert_eq!(three.len(), 3);
    assert!(three[0] != three[1] && three[1] != three[2] && three[0] != three[2]);
    // The first of each page has the id that it would have alone there.
    assert_eq!(keys(&one), three[..1]);
    assert_eq!(
        keys(&[&one[..], b"\n\x0c", &one].concat()),
        [three[0], three[2]]
    );
}

#[test]
fn an_archive_with_a_field_for_each_person() {
    let message = only("archive.txt");
    assert_eq!(
        message.from,
        named(&[("Anne M. Pier", "CN=Anne M. Pier/OU=HARB/O=CITY")])
    );
    assert_eq!(
        message.to,
        named(&[
            ("Bob Quay", "CN=Bob Quay/OU=DEP/O=CITY"),
            ("Carol Demo", "CN=Carol Demo/OU=DEP/O=CITY")
        ])
    );
    assert_eq!(message.cc, named(&[("DEMO_T", "DEMO T @ A1 @ CD")]));
    assert_eq!(local(&message), (889_655_678, None, DatePrecision::Second));
    assert_eq!(message.body[0].text, "The estimate is attached.\n");
}

#[test]
fn values_under_their_labels_and_in_columns() {
    let stacked = only("stacked.txt");
    assert_eq!(
        stacked.from,
        named(&[("Anne Pier", "anne.pier@harbour.example")])
    );
    assert_eq!(stacked.to.len(), 3);
    assert_eq!(
        local(&stacked),
        (991_276_620, Some(-25_200), DatePrecision::Second)
    );
    assert_eq!(stacked.subject.as_deref(), Some("Dredging contract"));
    assert_eq!(stacked.body[0].text, "The estimate is attached.\n");

    let columns = only("columns.txt");
    assert_eq!(columns.from, named(&[("Pier, Anne", "")]));
    assert_eq!(columns.to, named(&[("Quay, Bob", ""), ("Demo, Carol", "")]));
    assert_eq!(local(&columns), (990_460_080, None, DatePrecision::Minute));
    assert_eq!(columns.subject.as_deref(), Some("Dredging contract"));
    assert_eq!(columns.print.unwrap().layout, "columns");
}

#[test]
fn what_scanning_made_of_labels() {
    let message = only("scanned.txt");
    assert_eq!(message.from, named(&[("Pier, Anne (HARBOUR)", "")]));
    assert_eq!(message.to, named(&[("Quay, Bob (DEP)", "")]));
    assert_eq!(message.subject.as_deref(), Some("Dredging contract"));
    assert_eq!(
        local(&message),
        (1_296_297_360, None, DatePrecision::Minute)
    );
    let confidence = |name: FieldName| {
        let print = message.print.as_ref().unwrap();
        print
            .fields
            .iter()
            .find(|field| field.field == name)
            .unwrap()
            .confidence
    };
    assert!(confidence(FieldName::From) < confidence(FieldName::Sent));
}

#[test]
fn labels_of_other_languages() {
    let message = only("german.txt");
    assert_eq!(message.to, named(&[("Quay, Bob", "")]));
    assert_eq!(message.cc, named(&[("Demo, Carol", "")]));
    assert_eq!(
        local(&message),
        (1_614_784_980, None, DatePrecision::Minute)
    );
    assert_eq!(
        message.headers.values("attachments").next(),
        Some("plan.pdf")
    );
}

#[test]
fn a_label_that_languages_share_is_of_the_header_s_language() {
    let date = |text: &str| local(&found(text.as_bytes())[0].message).0;
    // 5 June in French, 6 May in English; computed with `date -u -d … +%s`.
    let french = "De : Anne Quai\nDate : 05/06/2001 10:00\n\u{c0} : Bob M\u{f4}le\nObjet : Quai nord\n\nFini.\n";
    let english =
        "From: Anne Quay\nDate: 05/06/2001 10:00\nTo: Bob Mole\nSubject: North quay\n\nDone.\n";
    assert_eq!((date(french), date(english)), (991_735_200, 989_143_200));
}

#[test]
fn a_print_that_starts_with_its_header_is_no_mail() {
    for name in ["stacked.txt", "columns.txt"] {
        assert!(print::is_printed_header(&document(name)), "{name}");
    }
    for mail in [
        "From: a@b.example\nSent: x\nTo: c\nDate: Wed, 3 Mar 2021 15:23:00 +0000\nSubject: d\n\ntext\n",
        "From: a@b.example\nTo: c\nSubject: d\n\nFrom: e\nSent: 3/3/2021 9:00 AM\nTo: f\nSubject: g\n",
    ] {
        assert!(!print::is_printed_header(mail.as_bytes()), "{mail}");
    }
}

#[test]
fn several_messages_in_one_document() {
    let bytes = document("several.txt");
    let found = found(&bytes);
    let subjects: Vec<_> = found
        .iter()
        .map(|found| found.message.subject.clone().unwrap())
        .collect();
    assert_eq!(subjects, ["Dredging contract", "Piers"]);
    assert_eq!(found[0].range.start, 0);
    assert_eq!(found[0].range.end, found[1].range.start);
    assert_eq!(found[1].range.end, bytes.len());
    let pages: Vec<_> = found
        .iter()
        .map(|found| found.message.print.as_ref().unwrap().pages)
        .collect();
    assert_eq!(pages, [Some((1, 2)), Some((3, 3))]);
    assert_ne!(found[0].message.key, found[1].message.key);
    // Read again from its own bytes, each is what it was, but for the pages before it.
    for one in &found {
        let again = print::reread(&bytes[one.range.clone()], one.message.key).unwrap();
        assert_eq!(
            (again.key, again.from, again.subject),
            (
                one.message.key,
                one.message.from.clone(),
                one.message.subject.clone()
            )
        );
    }
}

#[test]
fn an_id_is_of_the_document_and_the_place_in_it() {
    use sha2::Digest;
    let bytes = document("several.txt");
    let messages = found(&bytes);
    for one in &messages {
        // The recipe of `identity.rs`, by hand.
        let mut hasher = sha2::Sha256::new();
        let place = one.range.start.to_string();
        for (label, value) in [
            ("recipe", &b"print-1"[..]),
            ("document", &[7; 32]),
            ("place", place.as_bytes()),
        ] {
            hasher.update(label);
            hasher.update([0]);
            hasher.update((value.len() as u64).to_le_bytes());
            hasher.update(value);
        }
        assert_eq!(one.message.key.0[..], hasher.finalize()[..20]);
    }
}

#[test]
fn what_is_no_print_of_a_mail() {
    for text in [
        &document("memorandum.txt")[..],
        b"",
        b"\x0c\x0c",
        b"From: x\n",
        b"Dear Anne,\n\nFrom: Monday on the pier is closed.\nSent: nothing\n",
        b"Notes\n-----Original Message-----\nFrom: a\nSent: 3/3/2021 9:00 AM\nTo: b\nSubject: c\n",
    ] {
        assert!(
            !print::looks_like_print(text) && found(text).is_empty(),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
}

#[test]
fn hostile_documents_end_soon() {
    let head = "From: a\nSent: 3/3/2021 9:00 AM\nTo: ";
    let documents = [
        "From:\n".repeat(1 << 16),
        "\u{c}".repeat(1 << 16),
        format!("{head}{}", "x; ".repeat(1 << 15)),
        format!("{head}{}", "x;\n".repeat(1 << 15)),
        format!("{}{}", " ".repeat(1 << 16), head),
        format!("{head}b\nSubject: c\n\n{}", "(b)(6) ".repeat(1 << 15)),
        format!("{head}b\nSubject: c\n\n{}", "a b\u{c}".repeat(1 << 14)),
        format!(
            "{head}b\nSubject: c\n\n{}",
            format!("{head}b\nSubject: d\n\u{c}").repeat(1 << 10)
        ),
        "RECORD TYPE: x\nCREATOR: y\nTO: z\n".repeat(1 << 14),
        format!(
            "RECORD TYPE: x\nCREATOR: y\nCREATION DATE/TIME: 6-MAR-1998 12:59:45.00\nTO: z\nTEXT:\n\u{c}{}",
            "READ: x\u{c}".repeat(1 << 14)
        ),
        "\u{e9}:\u{a0}\n".repeat(1 << 16),
    ];
    for text in &documents {
        let begun = std::time::Instant::now();
        let messages = found(text.as_bytes());
        let covered: usize = messages.iter().map(|one| one.range.len()).sum();
        assert!(covered == 0 || covered == text.len());
        assert!(begun.elapsed().as_secs() < 60, "{:?}", text.get(..40));
    }
}

/// What is above a header may be a message that was not recognised, and two pages may end with one line of a letter.
#[test]
fn nothing_beside_a_message_is_lost() {
    let page = |above: &str, day: u32| {
        format!(
            "{above}\n\nFrom: Anne Pier\nSent: Monday, March {day}, 2021 3:23 PM\nTo: Bob Quay\nSubject: Pier {day}\n\n\
             The pier stands.\nThank you for sharing such precious time with us.\n"
        )
    };
    let text = format!(
        "{}\u{c}{}",
        page("Tell the governor that zanzibar burns.", 1),
        page("Second sheet.", 2)
    );
    let found = found(text.as_bytes());
    let said: String = found
        .iter()
        .flat_map(|one| &one.message.body)
        .map(|part| part.text.as_str())
        .collect();
    for words in ["zanzibar burns", "Second sheet.", "The pier stands."] {
        assert!(said.contains(words), "{words} is in {said}");
    }
    assert_eq!(said.matches("precious time").count(), 2);
    let zones = |part: &muckrake_mail::TextPart| {
        let end = part.zones.last().map_or(0, |zone| zone.end as usize);
        assert_eq!(end, part.text.len());
    };
    found
        .iter()
        .flat_map(|one| &one.message.body)
        .for_each(zones);
}

/// The print names an attachment that is not in the document: it is found by that name.
#[test]
fn an_attachment_that_is_only_named() {
    let text = "From: Anne Pier\nSent: Monday, March 1, 2021 3:23 PM\nTo: Bob Quay\nSubject: Pier\n\
                Attachments: Reporting 1300.docx; plan.pdf\n\nThe pier stands.\n";
    let found = found(text.as_bytes());
    let message = &found[0].message;
    assert!(message.flags.contains(&Flag::Attachment));
    assert!(
        message
            .body
            .iter()
            .any(|part| part.text.contains("Reporting 1300.docx"))
    );
    assert!(!message.body[0].text.contains("Reporting"));
}
