use proptest::prelude::*;

use super::*;
use crate::effort::assert_in_proportion;
use ZoneKind::Author;
use ZoneKind::Disclaimer;
use ZoneKind::Forwarded;
use ZoneKind::Quoted;
use ZoneKind::Signature;

/// Zones as kind, depth and text without white space around.
fn zones(text: &str) -> Vec<(ZoneKind, u16, &str)> {
    let zones = cut(text, &[]);
    assert_cover(&zones, text);
    zones
        .iter()
        .map(|zone| {
            (
                zone.kind,
                zone.depth,
                text[zone.start as usize..zone.end as usize].trim(),
            )
        })
        .collect()
}

fn assert_cover(zones: &[Zone], text: &str) {
    let mut at = 0;
    for zone in zones {
        assert_eq!(zone.start, at);
        assert!(zone.end > zone.start);
        assert!(text.is_char_boundary(zone.end as usize));
        at = zone.end;
    }
    assert_eq!(at as usize, text.len());
}

#[test]
fn lines_between_quoted_ones_are_the_authors() {
    let text = "Hello,\n\nOn Mon, 4 Mar 2013 10:11:12 +0100, Anne Example\n<anne@agency.example> wrote:\n\
                > first\n> > deeper\n>> as deep\n>\n\nI agree.\n\n> second\nAnd so do I.\n";
    assert_eq!(
        zones(text),
        [
            (Author, 0, "Hello,"),
            (
                Quoted,
                1,
                "On Mon, 4 Mar 2013 10:11:12 +0100, Anne Example\n<anne@agency.example> wrote:\n> first"
            ),
            (Quoted, 2, "> > deeper\n>> as deep"),
            (Quoted, 1, ">"),
            (Author, 0, "I agree."),
            (Quoted, 1, "> second"),
            (Author, 0, "And so do I."),
        ]
    );
}

#[test]
fn introductions_in_other_languages_go_with_their_quotation() {
    for introduction in [
        "On 2021-03-04 10:11, Anne Example wrote:",
        "Am 04.03.2021 um 10:11 schrieb Anne Example:",
        "Le 04/03/2021 à 10:11, Anne Example a écrit :",
        "El jue, 4 mar 2021 a las 10:11, Anne Example (<anne@agency.example>) escribió:",
        "Il giorno gio 4 mar 2021 alle ore 10:11 Anne Example ha scritto:",
        "Op do 4 mrt. 2021 om 10:11 schreef Anne Example <anne@agency.example>:",
        "Em qui., 4 de mar. de 2021 às 10:11, Anne Example escreveu:",
        "Den tors 4 mars 2021 kl 10:11 skrev Anne Example <anne@agency.example>:",
        "Anne Example <anne@agency.example> writes:",
    ] {
        let text = format!("Yes.\n\n{introduction}\n\n> gravel\n");
        let quoted = format!("{introduction}\n\n> gravel");
        assert_eq!(
            zones(&text),
            [(Author, 0, "Yes."), (Quoted, 1, quoted.as_str())]
        );
    }
    let text = "We agreed on the following:\n> gravel\n";
    assert_eq!(
        zones(text),
        [
            (Author, 0, "We agreed on the following:"),
            (Quoted, 1, "> gravel")
        ]
    );
}

#[test]
fn an_introduction_without_marks_begins_another_message() {
    let text = "Thanks.\n\nOn Mar 4, 2021, at 5:03 PM, Anne Example <anne@agency.example> wrote:\n\n\nGravel.\n\n\
                On Thu, Mar 4, 2021 at 1:00 PM Bob Sample wrote:\nMore gravel.\n";
    let found: Vec<_> = zones(text).iter().map(|zone| (zone.0, zone.1)).collect();
    assert_eq!(found, [(Author, 0), (Quoted, 1), (Quoted, 2)]);
    let text = "On Monday, Anne wrote:\nthat is all I know.\n";
    assert_eq!(zones(text).len(), 1, "no date, no introduction");
}

#[test]
fn separators_begin_another_message() {
    for (separator, kind) in [
        ("-----Original Message-----", Quoted),
        ("  -----Original Message-----", Quoted),
        ("----- Original Message -----", Quoted),
        ("-----Original Appointment-----", Quoted),
        ("-----Ursprüngliche Nachricht-----", Quoted),
        ("---------- Forwarded message ---------", Forwarded),
        ("-------- Forwarded Message --------", Forwarded),
        ("Begin forwarded message:", Forwarded),
        (
            "---------------------- Forwarded by Anne Example/HOU/AGENCY on 04/30/2001 \n05:05 PM ---------------------------",
            Forwarded,
        ),
    ] {
        let text = format!(
            "See below.\n\n{separator}\n\nSubject: x\nDate: 4 Mar 2021\nFrom: Anne\nTo: Bob\n\nGravel.\n"
        );
        let found: Vec<_> = zones(&text).iter().map(|zone| (zone.0, zone.1)).collect();
        assert_eq!(found, [(Author, 0), (kind, 1)], "{separator}");
    }
    assert_eq!(
        zones("The original message\nis lost. Forwarded message\n").len(),
        1
    );
}

#[test]
fn header_blocks_begin_messages_one_deeper_each_time() {
    let text = "FYI\n\n________________________________\nFrom: Anne Example\nSent: Thursday, March 4, 2021 5:03 PM\n\
                To: Bob Sample; Carol Other;\n  Dan Else\nSubject: RE: gravel\n\nDone.\n\n\
                *From:* Bob Sample <bob@agency.example>\n*Date:* Thursday, March 4, 2021 at 2:19 PM\n*To:* Anne\n\nPlease do.\n";
    let found = zones(text);
    let kinds: Vec<_> = found.iter().map(|zone| (zone.0, zone.1)).collect();
    assert_eq!(kinds, [(Author, 0), (Quoted, 1), (Quoted, 2)]);
    assert!(found[1].2.starts_with("____") && found[1].2.ends_with("Done."));
}

#[test]
fn header_blocks_in_other_languages() {
    for block in [
        "Von: Anne\nGesendet: Donnerstag, 4. März 2021 17:03\nAn: Bob\nBetreff: Kies",
        "De : Anne\nEnvoyé : jeudi 4 mars 2021 17:03\nÀ : Bob\nObjet : gravier",
        "De\u{a0}: Anne\nDate\u{a0}: jeudi 4 mars 2021\nÀ\u{a0}: Bob\nObjet\u{a0}: gravier",
        "De: Anne\nEnviado el: jueves, 4 de marzo de 2021 17:03\nPara: Bob\nCC: Carol\nAsunto: grava",
        "Da: Anne\nInviato: giovedì 4 marzo 2021 17:03\nA: Bob\nOggetto: ghiaia",
        "Van: Anne\nVerzonden: donderdag 4 maart 2021 17:03\nAan: Bob\nOnderwerp: grind",
        "Från: Anne\nSkickat: den 4 mars 2021 17:03\nTill: Bob\nÄmne: grus",
        "От: Anne\nОтправлено: 4 марта 2021 г. 17:03\nКому: Bob\nТема: гравий",
        "From:\nAnne Example\nSent:\nThursday\nTo:\nBob\nSubject:\ngravel",
        "From: Anne\n\nSent: Thursday\n\nTo: Bob\n\nSubject: gravel",
    ] {
        let text = format!("Hello\n\n{block}\n\nText.\n");
        let found: Vec<_> = zones(&text).iter().map(|zone| (zone.0, zone.1)).collect();
        assert_eq!(found, [(Author, 0), (Quoted, 1)], "{block}");
    }
    for text in [
        "From: here\nTo: there\nwe drove.\n",
        "TO: All\nFROM: Anne\nDATE: March 4\nSUBJECT: a memorandum that the author wrote\n",
        "Von: Anne\nSent: today\nPara: Bob\nlanguages are not mixed\n",
    ] {
        assert_eq!(zones(text).len(), 1, "{text}");
    }
}

#[test]
fn blocks_of_lotus_notes_begin_messages() {
    let text = "Thank you,\nAnne\n\n\nBob Sample <bob@agency.example> on 11/17/2000 04:20:40 PM\nTo: Anne\ncc:  \n\nSubject: Gravel\n\nPlease.\n\n\
                Carol Other\n04/27/2001 04:17 PM\nTo:\tBob\ncc:\tDan\nSubject:\tGravel\n\nMore.\n";
    let found = zones(text);
    let kinds: Vec<_> = found.iter().map(|zone| (zone.0, zone.1)).collect();
    assert_eq!(kinds, [(Author, 0), (Quoted, 1), (Quoted, 2)]);
    assert!(found[1].2.starts_with("Bob Sample <bob@") && found[2].2.starts_with("Carol Other"));
}

#[test]
fn signatures_are_told_from_text() {
    let text = "Hello\n\n-- \nAnne Example\nClerk\n\n> gravel\n";
    assert_eq!(
        zones(text),
        [
            (Author, 0, "Hello"),
            (Signature, 0, "-- \nAnne Example\nClerk"),
            (Quoted, 1, "> gravel")
        ]
    );
    let text = "Yes.\n\nSent from my iPhone\n\n-----Original Message-----\nGravel\n";
    assert_eq!(
        zones(text),
        [
            (Author, 0, "Yes."),
            (Signature, 0, "Sent from my iPhone"),
            (Quoted, 1, "-----Original Message-----\nGravel")
        ]
    );
    let patch = "Hello\n\n--\nAnne Example\n\n---\nFrom fd911029cccc7f6545a24f1fa1791adb0740c85f Mon Sep 17 00:00:00 2001\n\ngravel\n";
    let found: Vec<_> = zones(patch).iter().map(|zone| zone.0).collect();
    assert_eq!(found, [Author, Signature, Author]);
    for text in [
        "See:\n--\ngravel: 1\n--\ngravel: 2\n".to_owned(),
        format!("-- \n{}", "I have gravel to sell.\n".repeat(5)),
        format!(
            "See:\n--\n{}",
            "        a line that a program has written\n".repeat(3)
        ),
        format!(
            "See:\n-- \n{}",
            "A line of more than eight words that nobody signs with.\n".repeat(7)
        ),
        "Yes.\n\nAnne\n\n[1] https://pier.example\n[2] https://gravel.example\n".to_owned(),
    ] {
        let found = cut(&text, &[anne()]);
        assert_eq!(found.len(), 1, "{text}");
    }
    let long = format!("Hello\n-- \n{}", "a line of text\n".repeat(60));
    assert_eq!(zones(&long).len(), 1, "too long for a signature");
}

#[test]
fn blocks_of_lotus_notes_with_a_tab_and_long_lists() {
    let people = "Anne Example/PIER/HARBOUR@HARBOUR, Bob\nSample/PIER/HARBOUR@HARBOUR, ".repeat(20);
    for (block, first) in [
        (
            "\tHarbour Office Corp.\n\t\n\tFrom:  Bob Sample @ PIER      03/29/2000 12:49 PM\n\t\n\nSent by: Carol Other@PIER\n             To: Anne/PIER@PIER\ncc:  \n\nSubject: Re: Gravel"
                .to_owned(),
            "Harbour Office Corp.",
        ),
        (
            "\"Bob Sample\" <bob@agency.example> on 10/31/2001 08:51:37 AM\n\nPlease respond to all@lists.example\n\n\n             To:   <all@lists.example>\ncc:\nSubject:  Gravel"
                .to_owned(),
            "\"Bob Sample\"",
        ),
        (
            format!("Bob Sample@PIER\n02/08/2000 08:52 AM\nTo: {people}Dan\ncc: Eve@PIER\n\nSubject: Gravel"),
            "Bob Sample@PIER",
        ),
        (
            "\nTo: Anne Example/PIER@HARBOUR\ncc: Bob Sample/PIER@HARBOUR\n\nSubject: Gravel".to_owned(),
            "To: Anne",
        ),
    ] {
        let text = format!("Is that so?\nAnne\n\n\n{block}\n\nPlease do.\n");
        let found = zones(&text);
        let kinds: Vec<_> = found.iter().map(|zone| (zone.0, zone.1)).collect();
        assert_eq!(kinds, [(Author, 0), (Quoted, 1)], "{block}");
        assert!(found[1].2.starts_with(first), "{:?}", found[1].2);
    }
    let memorandum = "To: All\ncc: Bob@agency.example\nSubject: gravel\n\nThere is none.\n";
    assert_eq!(zones(memorandum).len(), 1, "the author's own");
}

#[test]
fn a_header_may_be_run_on_to_the_last_line_of_the_author() {
    let header = "From: Bob Sample (PIER)\nSent: Tuesday, March 2, 2021 4:02 PM\nTo: Anne\nSubject: Gravel\n\nPlease do.";
    let text = format!("Shall we?\n\nThanks, Anne {header}\n");
    assert_eq!(
        zones(&text),
        [
            (Author, 0, "Shall we?\n\nThanks, Anne"),
            (Quoted, 1, header)
        ]
    );
    let text = "A note\u{a0}From: Bob\nDate: tomorrow\nand nothing else\n";
    assert_eq!(zones(text).len(), 1, "no header");
}

#[test]
fn a_sender_and_a_date_introduce_marked_lines() {
    let text = "From: Bob Sample <bob@agency.example>\nDate: Sun, 14 Nov 2010 19:04:58 -0800\n\n> gravel\n\nApplied.\n";
    let found: Vec<_> = zones(text).iter().map(|zone| (zone.0, zone.1)).collect();
    assert_eq!(found, [(Quoted, 1), (Author, 0)]);
    let unmarked = "From: Bob Sample <bob@agency.example>\nDate: Sunday\n\ngravel\n";
    assert_eq!(zones(unmarked).len(), 1);
    let ruled = " ---- On Tue, 12 Aug 2025 18:36:53 +0400  Bob Sample <bob@agency.example> wrote --- \n > gravel\n\nYes.\n";
    let found: Vec<_> = zones(ruled).iter().map(|zone| (zone.0, zone.1)).collect();
    assert_eq!(found, [(Quoted, 1), (Author, 0)]);
}

#[test]
fn a_header_as_it_went_over_the_wire_begins_what_a_bounce_returns() {
    let text = "It could not be delivered.\n\nReceived: from pier.example\n\tby mx.example; 4 Mar 2021\nSubject: Gravel\n                From: Bob <bob@agency.example>\n\nPlease do.\n";
    let found: Vec<_> = zones(text).iter().map(|zone| (zone.0, zone.1)).collect();
    assert_eq!(found, [(Author, 0), (Quoted, 1)]);
    assert_eq!(zones("Received: a parcel\nof gravel\n").len(), 1);
}

#[test]
fn what_a_server_said_to_another_is_not_quoted() {
    let text = "... while talking to mx.example.:\n>>> DATA\n<<< 550 no such user\n>>> RCPT To:<a@b.example>\n<<< 550 no\n";
    assert_eq!(zones(text).len(), 1);
    assert_eq!(zones(">>> DATA\nis deeper\n")[0].0, Quoted);
    let forwarded = "> ... while talking to mx.example.:\n>>>> DATA\n> <<< 550 no such user\n";
    assert_eq!(zones(forwarded), [(Quoted, 1, forwarded.trim())]);
}

#[test]
fn what_stands_twice_at_the_end_was_put_there_by_gateways() {
    let slogan = "The harbour is open again: come and see what we have built for you this year.";
    let text = format!(
        "Yes.\n\nFrom: Bob\nSent: today\nTo: Anne\nSubject: x\n\nGravel.\n\n{slogan}\n\n{slogan}\n"
    );
    let found = zones(&text);
    let kinds: Vec<_> = found.iter().map(|zone| zone.0).collect();
    assert_eq!(kinds, [Author, Quoted, Disclaimer]);
    assert!(found[2].2.starts_with(slogan));
    let once = format!("Yes.\n\n{slogan}\n");
    assert_eq!(zones(&once).len(), 1);
}

#[test]
fn links_and_pictures_below_a_notice_are_not_the_authors() {
    let text = format!(
        "Yes.\n\n{NOTICE}\n\ncid:image001.png@01D1\n\nSee the pier at <https://pier.example>.\n"
    );
    let found: Vec<_> = zones(&text).iter().map(|zone| zone.0).collect();
    assert_eq!(found, [Author, Disclaimer]);
    let answered = format!("Yes.\n\n{NOTICE}\n\nThat is what their lawyer wrote.\n");
    assert_eq!(zones(&answered).len(), 1);
    let rule = "_".repeat(60);
    let advertised = format!("Yes.\n\n{rule}\nGet your mail for nothing at\nhttp://mail.example\n");
    let found: Vec<_> = zones(&advertised).iter().map(|zone| zone.0).collect();
    assert_eq!(found, [Author, Disclaimer]);
}

fn anne() -> Mention {
    Mention {
        name: Some("Anne Example".to_owned()),
        address: Some("anne@agency.example".to_owned()),
    }
}

#[test]
fn pictures_offices_and_footers_around_signatures() {
    let anne = [anne()];
    let block = "cid:image005.png@01D1 <https://pier.example>\n\nAnne Example  |  Board of the Harbour, Piers and Quays of Rivermouth\n\n(: 555 010 0123   |   F: 555 010 0124 at all times of the day\n\nanne@agency.example";
    let footer = "The harbour is open again and every day is a chance to see it: go to the pier at <https://pier.example> to learn more.";
    let text = format!("Yes.\n\n{block}\n\n{footer}\n");
    let found: Vec<_> = cut(&text, &anne)
        .iter()
        .map(|zone| {
            (
                zone.kind,
                text[zone.start as usize..zone.end as usize]
                    .trim()
                    .to_owned(),
            )
        })
        .collect();
    let expected = [(Author, "Yes."), (Signature, block), (Disclaimer, footer)];
    assert_eq!(
        found,
        expected.map(|(kind, words)| (kind, words.to_owned()))
    );
    let office = "Rivermouth Harbour Board, Inc.\n(a public body)\nTel: 555-010-0123\nFax: 555-010-0124\nwww.pier.example";
    let text = format!("Yes, we are open.\n\n\n\n{office}\n");
    assert_eq!(zones(&text)[1], (Signature, 0, office));
    let told = format!("Write to:\n\n\n\n{office}\n");
    assert_eq!(zones(&told).len(), 1, "an address to write to");
}

const NOTICE: &str = "This e-mail is confidential and intended only for the use of the\n\
    addressee. If you received it in error, please delete it and notify the sender.";

#[test]
fn notices_at_the_end_are_not_the_authors() {
    let notice = format!("Confidentiality Notice\n\n{NOTICE}");
    let text = format!("Please keep this confidential.\n\nAnne\n\n{notice}\n");
    assert_eq!(
        zones(&text),
        [
            (Author, 0, "Please keep this confidential.\n\nAnne"),
            (Disclaimer, 0, notice.as_str())
        ]
    );
    let text = format!("Hello\nAnne\n{NOTICE}\n\nFrom: Bob\nSent: today\nTo: Anne\n\nGravel\n");
    let found: Vec<_> = zones(&text).iter().map(|zone| zone.0).collect();
    assert_eq!(found, [Author, Disclaimer, Quoted]);
    let text = format!("{NOTICE}\n\nThat is what their lawyer wrote.\n");
    assert_eq!(zones(&text).len(), 1, "not at the end");
}

#[test]
fn a_warning_of_outside_mail_at_the_start_is_not_the_authors() {
    let warning =
        "CAUTION: This email originated from outside of the organization. Do not click links.";
    let text = format!("{warning}\n\nHello\n");
    assert_eq!(
        zones(&text),
        [(Disclaimer, 0, warning), (Author, 0, "Hello")]
    );
}

#[test]
fn hostile_text_takes_time_in_proportion() {
    assert_eq!(cut("", &[]), []);
    for line in [
        ">",
        "> ",
        ">\n",
        "\n",
        "From:\n",
        "To:\n",
        "-- \n",
        "--\n\n",
        "On 2021-03-04\n",
        "On 10:00 wrote:\n",
        "On 10:00 wrote:\n>\n",
        "confidential\n\n",
        "***\n\n",
        "Notice\n\n",
        "1/1/01 10:00 PM\nTo:\nSubject:\n",
        "From:\nDate:\nTo:\n",
        "-----Original Message-----\n",
        "Sent from my x\n",
        "a:\n>\n",
        "____________\n\n",
        "x From: y\nSent: z\nTo: a,\n",
        "\n\nTo: a@b\n",
        "a@b,\nTo: c@d,\n",
        "Received: x\n\n",
        "Received: x\n",
        ">>> DATA\n<<<\n",
        "a line that stands here again and again and again\n\n",
        "Anne Example\nTel: 555 010 0123\nhttps://pier.example and some more words to read\n\n",
    ] {
        assert_in_proportion(line, |text| assert_cover(&cut(text, &[]), text));
    }
}

proptest! {
    #[test]
    fn zones_cover_any_text(text in "(\\PC{0,30}\r?\n|> ?|From: x\n|Sent: x\n|To: x\n|On 1/1/2001 wrote:\n|-- \n|-----Original Message-----\n|\n){0,30}") {
        assert_cover(&cut(&text, &[]), &text);
    }
}
