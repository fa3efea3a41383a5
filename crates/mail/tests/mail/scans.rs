//! Print-outs that scanning has damaged, and what stands in them where it should not.

use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::Sha256;
use muckrake_mail::print;

fn read(text: &str) -> Vec<Message> {
    let found = print::read(text.as_bytes(), &Sha256([7; 32]));
    found.into_iter().map(|found| found.message).collect()
}

fn only(text: &str) -> Message {
    let mut found = read(text);
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

/// Names, or addresses where there is no name.
fn told(mentions: &[Mention]) -> Vec<&str> {
    mentions
        .iter()
        .filter_map(|mention| mention.name.as_deref().or(mention.address.as_deref()))
        .collect()
}

/// Local seconds.
fn sent(message: &Message) -> Option<i64> {
    message.date.map(|date| date.local)
}

/// Computed with `date -u -d '2001-05-15 16:17' +%s`.
const MAY: i64 = 989_943_420;

#[test]
fn columns_whose_date_and_label_are_damaged() {
    let text = "From:\nSent:\nXq:\nCc:\nSubject:\n\nPier, Anne\nTuesday, Mao 15, 2001 04:17 PM\n\
                Quay, Bob;\nDemo, Carol\nTide, Eve\nDredging contract\n\nThe estimate is attached.\n";
    let message = only(text);
    assert_eq!(told(&message.from), ["Pier, Anne"]);
    assert_eq!(sent(&message), Some(MAY));
    assert_eq!(told(&message.to), ["Quay, Bob", "Demo, Carol"]);
    assert_eq!(told(&message.cc), ["Tide, Eve"]);
    assert_eq!(message.subject.as_deref(), Some("Dredging contract"));
    assert_eq!(message.body[0].text, "The estimate is attached.\n");
}

#[test]
fn columns_in_which_a_value_is_missing() {
    let without_copies = "From:\nSent:\nTo:\nCc:\nSubject:\n\nanne@pier.example\n5/15/2001 4:17 PM\n\
                          bob@dep.example\nDredging contract\n\nDone.\n";
    let message = only(without_copies);
    assert_eq!(told(&message.to), ["bob@dep.example"]);
    assert_eq!(told(&message.cc), [""; 0]);
    assert_eq!(message.subject.as_deref(), Some("Dredging contract"));
    let without_sender =
        "From:\nSent:\nTo:\nSubject:\n\n5/15/2001 4:17 PM\nbob@dep.example\nPiers\n\nDone.\n";
    let message = only(without_sender);
    assert_eq!(told(&message.from), [""; 0]);
    assert_eq!(sent(&message), Some(MAY));
    assert_eq!(message.subject.as_deref(), Some("Piers"));
}

#[test]
fn a_date_is_mended_only_to_what_it_can_be_alone() {
    let date = |words: &str| {
        sent(&only(&format!(
            "From: Anne Pier\nSent: {words}\nTo: Bob Quay\nSubject: Piers\n\nDone.\n"
        )))
    };
    // Computed with `date -u -d … +%s`.
    for (words, expected) in [
        ("Tuesday, Mao 15, 2001 04:17 PM", Some(MAY)),
        ("Mao 15, 2001 04:17 PM", None),
        ("Wednesday, Octobcr 24, 2001 06:55 AM", Some(1_003_906_500)),
        ("Monday, Septernber 24, 2001 02:42 PM", Some(1_001_342_520)),
    ] {
        assert_eq!(date(words), expected, "{words}");
    }
}

#[test]
fn names_whose_address_is_on_the_next_line() {
    let text = "From: Anne Pier <anne@pier.example>\nSent: Tuesday, May 15, 2001 4:17 PM\nTo: Bob Quay <bob@dep.example>; Carol Demo\n\
                <carol@dep.example>; Eve Tide\n<eve@dep.example>\nSubject: Piers\n\nDone.\n";
    let message = only(text);
    let addresses: Vec<_> = message
        .to
        .iter()
        .map(|one| one.address.as_deref())
        .collect();
    let expected = ["bob@dep.example", "carol@dep.example", "eve@dep.example"];
    assert_eq!(addresses, expected.map(Some));
    assert_eq!(message.subject.as_deref(), Some("Piers"));
}

#[test]
fn a_later_message_of_the_same_subject_is_not_quoted() {
    let print = |day: u32| {
        format!(
            "From: Anne Pier\nSent: May {day}, 2001 4:17 PM\nTo: Bob Quay\nSubject: Piers\n\n{}\n",
            "words\n".repeat(30)
        )
    };
    let first = print(15);
    assert_eq!(read(&format!("{first}\x0c{}", print(18))).len(), 2);
    // What is quoted was written before.
    assert_eq!(read(&format!("{first}\x0c{}", print(11))).len(), 1);
}

#[test]
fn whoever_writes_on_every_page_is_no_boilerplate() {
    let page = |subject: &str| {
        format!(
            "From:\nanne.pier.of.the.harbour@pier.example\nSent:\nMay 15, 2001 4:17 PM\nTo:\nBob Quay\nSubject:\n{subject}\n\nDone.\n\x0c"
        )
    };
    let found = read(&format!(
        "{}{}{}",
        page("Piers"),
        page("Dredging"),
        page("Boats")
    ));
    assert_eq!(found.len(), 3);
    for message in &found {
        assert_eq!(
            told(&message.from),
            ["anne.pier.of.the.harbour@pier.example"]
        );
    }
}

#[test]
fn a_file_that_starts_with_a_damaged_header_is_a_print() {
    let printed = "From: Anne Pier\nScnt: Tuesday, May 15, 2001 4:17 PM\nTo: Bob Quay\nSubject: Piers\n\nDone.\n";
    assert!(print::is_printed_header(printed.as_bytes()));
    let mail =
        "From: anne@pier.example\nTo: bob@dep.example\nSubject: Piers\n\nSent: 5/15/2001 4:17 PM\n";
    assert!(!print::is_printed_header(mail.as_bytes()));
}

#[test]
fn labels_with_specks_and_a_wrong_letter() {
    let memo = "From:     Anne Pier\nSent:     Tuesday, May 15, 2001 4:17 PM\n.To:      Bob Quay\nCe:       Eve Tide\nSubject:  Piers\n\nDone.\n";
    let message = only(memo);
    assert_eq!(
        (told(&message.to), told(&message.cc)),
        (vec!["Bob Quay"], vec!["Eve Tide"])
    );
    assert_eq!(message.subject.as_deref(), Some("Piers"));
    let archive = "RECORD TYPE: HARBOUR  (NOTES MAIL)\n\nCREATOR: Anne Pier ( CN=Anne Pier/OU=HARB/O=CITY )\n\n\
                   CREATION DATE/TIME:15-MAY-2001 16:17:00.00\n\n-SUBJECT:  Piers\n\nT0: Bob Quay ( CN=Bob Quay/OU=DEP/O=CITY )\nREAD:UNKNOWN\n\n\
                   Te: Eve Tide ( CN=Eve Tide/OU=DEP/O=CITY )\nREAD:UNKNOWN\n\nTEXT:\nDone.\n";
    let message = only(archive);
    assert_eq!(told(&message.to), ["Bob Quay", "Eve Tide"]);
    assert_eq!(message.subject.as_deref(), Some("Piers"));
}

#[test]
fn a_date_that_slipped_under_the_sender() {
    let text = "From:        Anne Pier <anne@pier.example>\n             Tuesday, May 15, 2001 4:17 PM\nSent:\nTo:\n\
                Subject:     Piers\n\nDone.\n";
    let message = only(text);
    assert_eq!(
        (told(&message.from), sent(&message)),
        (vec!["Anne Pier"], Some(MAY))
    );
}

#[test]
fn recipients_that_are_listed_at_the_bottom() {
    let text = "RECORD TYPE: HARBOUR  (NOTES MAIL)\n\nCREATOR: Anne Pier ( CN=Anne Pier/OU=HARB/O=CITY )\n\n\
                CREATION DATE/TIME:15-MAY-2001 16:17:00.00\n\nSUBJECT:  Fw: Piers\n\nTO: Bob Quay ( CN=Bob Quay/OU=DEP/O=CITY )\n\n\
                TEXT:\n---------------------- Forwarded by Anne Pier/HARB/CITY on 05/15/2001 04:16 PM ----\n\nTom Mole\n05/14/2001 12:12:44 PM\n\
                Record Type:    Record\n\nTo:      See the distribution list at the bottom of this message\n\
                cc:      See the distribution list at the bottom of this message\nSubject:         Piers\n\nPlease read.\n\n\n\
                Message Sent\nTo: ____________________\nAnne Pier/HARB/CITY\nEve Tide/DEP/CITY\n\nMessage Copied\nTo:~~------\n\
                Dan Buoy/DEP/CITY\n\n\nCarol Demo/DEP/CITY\n\nend of the list\n";
    let message = only(text);
    assert_eq!(told(&message.to), ["Bob Quay"]);
    let body = &message.body[0];
    let quoted = print::quoted_messages(&body.text, &body.zones);
    let [one] = quoted.as_slice() else {
        panic!("{quoted:?}");
    };
    let (to, cc) = (one.to.as_ref().unwrap(), one.cc.as_ref().unwrap());
    assert_eq!(
        told(&to.value),
        ["Anne Pier/HARB/CITY", "Eve Tide/DEP/CITY"]
    );
    assert_eq!(
        told(&cc.value),
        ["Dan Buoy/DEP/CITY", "Carol Demo/DEP/CITY"]
    );
    let place = to.place.start as usize..to.place.end as usize;
    assert!(body.text[place].ends_with("Eve Tide/DEP/CITY"));
}

/// A message that quotes a header.
fn quoting(header: &str) -> Message {
    only(&format!(
        "From: Anne Pier\nSent: Tuesday, May 15, 2001 4:17 PM\nTo: Bob Quay\nSubject: RE: Piers\n\nSee below.\n\n\
         -----Original Message-----\n{header}\n\nThe words.\n"
    ))
}

/// The recipients and the subject of the one message that is quoted.
fn quoted(message: &Message) -> (Vec<String>, String) {
    let body = &message.body[0];
    let quoted = print::quoted_messages(&body.text, &body.zones);
    assert_eq!(quoted.len(), 1, "{}", body.text);
    let to = quoted[0].to.as_ref().unwrap();
    let names = told(&to.value).into_iter().map(str::to_owned).collect();
    (names, quoted[0].subject.as_ref().unwrap().value.clone())
}

#[test]
fn quoted_headers_over_pages_and_with_wide_spacing() {
    let over_pages = "From: Tom Mole\nSent: Monday, May 14, 2001 9:00 AM\nTo: Bob Quay (DEP); Eve Tide (DEP); Dan Buoy (DEP); Carol Demo (DEP); Anne\n\n\n\x0c\n\n\
                      Pier (HARBOUR)\nSubject: Piers";
    let (to, subject) = quoted(&quoting(over_pages));
    assert_eq!(to.last().map(String::as_str), Some("Anne Pier (HARBOUR)"));
    assert_eq!((to.len(), subject.as_str()), (5, "Piers"));
    let wide = "From: Tom Mole\n\nSent: Monday, May 14, 2001 9:00 AM\n\nTo: Bob Quay; Eve Tide;\n\nDan Buoy\n\nSubject: Piers";
    assert_eq!(
        quoted(&quoting(wide)).0,
        ["Bob Quay", "Eve Tide", "Dan Buoy"]
    );
}

#[test]
fn a_quoted_header_with_a_line_for_each_person() {
    let header = "From: Tom Mole\nTo: Bob Quay\nTo: eve@tide.example\nTo: Dan Buoy\nSent: May 14, 2001 9:00 AM\nSubject: Fw: Piers";
    let (to, subject) = quoted(&quoting(header));
    assert_eq!(to, ["Bob Quay", "eve@tide.example", "Dan Buoy"]);
    assert_eq!(subject, "Fw: Piers");
}

#[test]
fn words_right_under_a_quoted_header_are_not_of_its_subject() {
    let header = "From: Tom Mole\nSent: Monday, May 14, 2001 9:00 AM\nTo: Bob Quay\nSubject: Piers\nThe words begin at once.";
    assert_eq!(quoted(&quoting(header)).1, "Piers");
}

#[test]
fn the_web_view_of_a_mail_program_has_no_labels_for_its_first_lines() {
    let text = "Re: Piers\n\n  Pier, Anne (HARBOUR)\n  Tue 5/15/2001 4:17 PM\n\n\n  To:Quay, Bob (DEP) <bob@dep.example>;\n\n  \
                Cc:Tide, Eve (DEP) <eve@dep.example>;\n\n\n\n\nThe estimate is attached.\n\nFrom: Quay, Bob (DEP)\nSent: May 14, 2001 9:00 AM\n\
                To: Pier, Anne (HARBOUR)\nSubject: Piers\n\nWhere is it?\n";
    let message = only(text);
    assert_eq!(message.print.as_ref().unwrap().layout, "web");
    assert_eq!(
        (told(&message.from), sent(&message)),
        (vec!["Pier, Anne (HARBOUR)"], Some(MAY))
    );
    assert_eq!(
        (told(&message.to), told(&message.cc)),
        (vec!["Quay, Bob (DEP)"], vec!["Tide, Eve (DEP)"])
    );
    assert_eq!(message.subject.as_deref(), Some("Re: Piers"));
    let body = &message.body[0];
    assert!(
        body.text.starts_with("The estimate is attached."),
        "{}",
        body.text
    );
    assert_eq!(print::quoted_messages(&body.text, &body.zones).len(), 1);
    // A block of Lotus Notes has a subject of its own, and a memorandum has labels.
    for other in [
        "Weekly report\n\nAnne Pier\n05/15/2001 04:17 PM\nTo: Bob Quay\nSubject: Piers\n\nDone.\n",
        "Memorandum\n\nFrom Anne Pier\nTue 5/15/2001\nDear Bob\n\nTo: all\n",
    ] {
        let found = read(other);
        assert!(
            found
                .iter()
                .all(|message| message.print.as_ref().unwrap().layout != "web"),
            "{other}"
        );
    }
}

#[test]
fn a_print_of_a_print_is_two_messages() {
    let text = "Printed by Carol\n\nFrom: Carol Demo\nSent: June 1, 2001 9:00 AM\nTo: Eve Tide\nSubject: As printed\n\nSee the page.\n\
                \x0cUNCLASSIFIED Department of Piers Case No. 7 Doc No. 8\nFrom: Anne Pier\nSent: May 15, 2001 4:17 PM\nTo: Bob Quay\nSubject: Piers\n\nThe words.\n";
    let found = print::read(text.as_bytes(), &Sha256([7; 32]));
    let subjects: Vec<_> = found
        .iter()
        .map(|found| found.message.subject.as_deref())
        .collect();
    assert_eq!(subjects, [Some("As printed"), Some("Piers")]);
    assert_eq!((found[0].range.start, found[1].range.end), (0, text.len()));
}

#[test]
fn a_list_at_the_bottom_is_of_few_messages() {
    let header = "From: Tom Mole\nSent: May 14, 2001 9:00 AM\nTo: See the distribution list at the bottom of this message\nSubject: x\n\nhi\n\n-----Original Message-----\n";
    let text = format!(
        "From: Anne Pier\nSent: May 15, 2001 4:17 PM\nTo: Bob Quay\nSubject: RE: x\n\n-----Original Message-----\n{}Message Sent\nTo: ___\n{}",
        header.repeat(500),
        "Anne Pier/HARB/CITY\n".repeat(500)
    );
    let message = only(&text);
    let body = &message.body[0];
    let quoted = print::quoted_messages(&body.text, &body.zones);
    let people = quoted.iter().filter_map(|one| one.to.as_ref());
    let counts: Vec<usize> = people.map(|to| to.value.len()).collect();
    // Otherwise a text of a megabyte would name thousands of people thousands of times.
    assert_eq!(counts, [500; 4]);
}
