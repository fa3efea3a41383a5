use super::*;
use crate::effort::assert_in_proportion;
use crate::model::DatePrecision;
use crate::zones::cut;
use ZoneKind::Forwarded;
use ZoneKind::Quoted;

fn list(text: &str) -> Vec<QuotedMessage> {
    quoted_messages(text, &cut(text, &[]))
}

fn at(text: &str, place: Stretch) -> &str {
    &text[place.start as usize..place.end as usize]
}

/// Who, as name and address.
fn from(message: &QuotedMessage) -> (&str, &str) {
    let from = &message.from.as_ref().expect("the text tells who").value;
    (
        from.name.as_deref().unwrap_or_default(),
        from.address.as_deref().unwrap_or_default(),
    )
}

/// The date by its own clock, as civil date and time, to the minute.
fn date(message: &QuotedMessage) -> (String, DatePrecision, Option<i32>) {
    let date = message.date.as_ref().expect("the text tells when").value;
    assert_eq!(date.source, crate::DateSource::Printed);
    let civil = jiff::Timestamp::from_second(date.local)
        .expect("within the calendar")
        .strftime("%Y-%m-%d %H:%M")
        .to_string();
    (civil, date.precision, date.offset)
}

#[test]
fn a_header_block_tells_who_when_to_whom_and_what() {
    let text = "FYI\n\n-----Original Message-----\nFrom: Example, Anne (DOS)\nSent: Thursday, March 4, 2021 5:03 PM\n\
                To: Bob Sample; Carol Other\n  <carol@other.example>\nCc: dan@agency.example\nSubject: RE: gravel\n  and sand\n\nDone.\n";
    let found = list(text);
    let [message] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((message.kind, message.depth), (Quoted, 1));
    assert_eq!(from(message).0, "Example, Anne (DOS)");
    assert_eq!(
        date(message),
        ("2021-03-04 17:03".to_owned(), DatePrecision::Minute, None)
    );
    let to = message.to.as_ref().expect("recipients");
    assert_eq!(to.value.len(), 2);
    assert_eq!(
        at(text, to.place),
        "Bob Sample; Carol Other\n  <carol@other.example>"
    );
    let cc = message.cc.as_ref().expect("copies");
    assert_eq!(cc.value[0].address.as_deref(), Some("dan@agency.example"));
    let subject = message.subject.as_ref().expect("subject");
    assert_eq!(subject.value, "RE: gravel and sand");
    assert!(at(text, message.introduction.expect("introduced")).starts_with("-----Original"));
    let words: Vec<_> = message
        .words
        .iter()
        .map(|words| at(text, *words).trim())
        .collect();
    assert_eq!(words, ["Done."]);
    assert!(
        at(text, message.place).starts_with("-----")
            && at(text, message.place).ends_with("Done.\n")
    );
}

#[test]
fn introductions_in_words_tell_who_and_when() {
    for (introduction, name, address, when) in [
        (
            "On Mon, 4 Mar 2013 10:11:12 +0100, Anne Example\n<anne@agency.example> wrote:",
            "Anne Example",
            "anne@agency.example",
            "2013-03-04 10:11",
        ),
        (
            "On Thu, Mar 4, 2021 at 1:00 PM Anne Example <anne@agency.example> wrote:",
            "Anne Example",
            "anne@agency.example",
            "2021-03-04 13:00",
        ),
        (
            "On Mar 4, 2021, at 5:03 PM, Example, Anne (DOS) <anne@agency.example> wrote:",
            "Example, Anne (DOS)",
            "anne@agency.example",
            "2021-03-04 17:03",
        ),
        (
            "On 3/4/21 1:34 PM, Anne Example (pages) wrote:",
            "Anne Example (pages)",
            "",
            "2021-03-04 13:34",
        ),
        (
            "On Thursday, 4 March 2021 15:15:18 GMT A. Example wrote:",
            "A. Example",
            "",
            "2021-03-04 15:15",
        ),
        (
            "Am 04.03.2021 um 10:11 schrieb Anne Example:",
            "Anne Example",
            "",
            "2021-03-04 10:11",
        ),
        (
            "Le 04/03/2021 à 10:11, Anne Example a écrit :",
            "Anne Example",
            "",
            "2021-03-04 10:11",
        ),
        (
            "El jue, 4 mar 2021 a las 10:11, Anne Example (<anne@agency.example>) escribió:",
            "Anne Example",
            "anne@agency.example",
            "2021-03-04 10:11",
        ),
        (
            "Den tors 4 mars 2021 kl 10:11 skrev Anne Example <anne@agency.example>:",
            "Anne Example",
            "anne@agency.example",
            "2021-03-04 10:11",
        ),
        (
            "Op do 4 mrt. 2021 om 10:11 schreef Anne Example <anne@agency.example>:",
            "Anne Example",
            "anne@agency.example",
            "2021-03-04 10:11",
        ),
        (
            "On Wed, 31 Oct 2001 13:50:29 EST anne@agency.example  writes:",
            "",
            "anne@agency.example",
            "2001-10-31 13:50",
        ),
    ] {
        let text = format!("Yes.\n\n{introduction}\n\n> gravel\n");
        let found = list(&text);
        assert_eq!(found.len(), 1, "{introduction}: {found:?}");
        assert_eq!(from(&found[0]), (name, address), "{introduction}");
        assert_eq!(date(&found[0]).0, when, "{introduction}");
        assert_eq!(
            at(&text, found[0].introduction.expect("introduced")).trim(),
            introduction
        );
    }
    let text = "Anne Example <anne@agency.example> writes:\n> gravel\n";
    let found = list(text);
    assert_eq!(from(&found[0]), ("Anne Example", "anne@agency.example"));
    assert_eq!(found[0].date, None);
}

#[test]
fn the_authors_lines_do_not_cut_a_quoted_message_in_two() {
    let text = "On Mon, 4 Mar 2013 10:11:12 +0100, Anne wrote:\n> first\n>> older\n\nI agree.\n\n> second\n>> older still\n";
    let found = list(text);
    let pieces: Vec<Vec<&str>> = found
        .iter()
        .map(|message| {
            message
                .words
                .iter()
                .map(|words| at(text, *words).trim())
                .collect()
        })
        .collect();
    assert_eq!(
        pieces,
        [
            vec!["> first", "> second"],
            vec![">> older", ">> older still"]
        ]
    );
    assert_eq!(found[0].depth, 1);
    assert_eq!(found[1].depth, 2);
}

#[test]
fn messages_inside_one_another_come_in_order() {
    let text = "FYI\n\nBegin forwarded message:\n\n> From: Anne Example <anne@agency.example>\n> Date: March 4, 2021 at 2:19:00 PM GMT\n\
                > Subject: gravel\n> To: Bob\n>\n> Please see.\n>\n> On Mar 3, 2021, at 9:00 AM, Carol Other wrote:\n>\n>> How much?\n";
    let found = list(text);
    let known: Vec<_> = found
        .iter()
        .map(|message| {
            (
                message.kind,
                message.depth,
                from(message).0,
                date(message).0,
            )
        })
        .collect();
    assert_eq!(
        known,
        [
            (Forwarded, 1, "Anne Example", "2021-03-04 14:19".to_owned()),
            (Quoted, 2, "Carol Other", "2021-03-03 09:00".to_owned()),
        ]
    );
    let text = "Hi\n\nFrom: Anne\nSent: 4 March 2021 17:03\nTo: Bob\nSubject: a\n\nOne.\n\nFrom: Bob\nSent: 3 March 2021 17:03\nTo: Anne\nSubject: b\n\nTwo.\n";
    let known: Vec<_> = list(text)
        .iter()
        .map(|message| (message.depth, message.subject.clone().expect("told").value))
        .collect();
    assert_eq!(known, [(1, "a".to_owned()), (2, "b".to_owned())]);
}

#[test]
fn blocks_of_lotus_notes_tell_who_and_when() {
    let text = "Thanks\n\n\nBob Sample <bob@agency.example> on 11/17/2000 04:20:40 PM\nTo: Anne\ncc:  \n\nSubject: Gravel\n\nPlease.\n\n\
                Carol Other\n04/27/2001 04:17 PM\nTo:\tBob\ncc:\tDan\nSubject:\tGravel\n\nMore.\n";
    let found = list(text);
    let known: Vec<_> = found
        .iter()
        .map(|message| (from(message).0, date(message).0, message.subject.is_some()))
        .collect();
    assert_eq!(
        known,
        [
            ("Bob Sample", "2000-11-17 16:20".to_owned(), true),
            ("Carol Other", "2001-04-27 16:17".to_owned(), true),
        ]
    );
    assert_eq!(from(&found[0]).1, "bob@agency.example");
    assert_eq!(found[0].cc, None);
    let text = "See below.\n---------------------- Forwarded by Anne Example/AGENCY on 06/13/2001 01:49 PM ---------------------------\n\
                From:\tBob Sample on 06/12/2001 01:49 PM\nTo:\tAnne Example/AGENCY\ncc:\t \n\nSubject:\tGravel\n\nHere.\n";
    let found = list(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(from(&found[0]).0, "Bob Sample");
    assert_eq!(date(&found[0]).0, "2001-06-12 13:49");
    assert_eq!(found[0].kind, Forwarded);
}

#[test]
fn blocks_of_lotus_notes_may_repeat_themselves() {
    let text = "Fine.\n\n\n03/04/2021 12:51 PM\nAnne Example@AGENCY\nAnne Example@AGENCY\n03/04/2021 12:51 PM\n03/04/2021 12:51 PM\n\
                To: Bob Sample@AGENCY\ncc:  \n\nSubject: Gravel\n\nMore.\n\n\n\
                \tFrom:  Carol Other @ EAST SIDE                 \n03/03/2021 11:59 PM\n\t\n\nTo: Bob Sample/CORP/AGENCY@AGENCY\ncc:  \n\nSubject: Gravel\n\nStill more.\n";
    let found = list(text);
    let known: Vec<_> = found
        .iter()
        .map(|message| (from(message), date(message).0))
        .collect();
    assert_eq!(
        known,
        [
            (("", "Anne Example@AGENCY"), "2021-03-04 12:51".to_owned()),
            (
                ("", "Carol Other @ EAST SIDE"),
                "2021-03-03 23:59".to_owned()
            ),
        ]
    );
}

#[test]
fn long_lists_of_names_are_read_to_their_end() {
    let names: Vec<String> = (0..120).map(|at| format!("Anne Example{at}")).collect();
    // Lines end within names as often as between them.
    let mut lines = String::new();
    for (at, word) in names.join("; ").split(' ').enumerate() {
        lines.push_str(word);
        lines.push(if at % 7 == 6 { '\n' } else { ' ' });
    }
    let text = format!(
        "FYI\n\n-----Original Message-----\nFrom: Bob Sample\nSent: Thursday, March 4, 2021 5:03 PM\nTo: {lines}\nSubject: gravel\n\nDone.\n"
    );
    let found = list(&text);
    let to = found[0].to.as_ref().expect("recipients");
    let read: Vec<_> = to
        .value
        .iter()
        .map(|mention| mention.name.clone().unwrap_or_default())
        .collect();
    assert_eq!(read, names);
    assert_eq!(
        found[0].subject.as_ref().expect("subject").value,
        "gravel",
        "the block goes on after the list"
    );
}

#[test]
fn days_come_first_where_the_language_says_so() {
    let text =
        "Ja\n\nVan: Anne\nVerzonden: 04/03/2021 17:03\nAan: Bob\nOnderwerp: grind\n\nGoed.\n";
    assert_eq!(date(&list(text)[0]).0, "2021-03-04 17:03");
    let text = "Yes\n\nFrom: Anne\nSent: 04/03/2021 17:03\nTo: Bob\nSubject: gravel\n\nGood.\n";
    assert_eq!(date(&list(text)[0]).0, "2021-04-03 17:03");
}

#[test]
fn what_is_not_told_is_not_guessed() {
    let found = list("Yes.\n> gravel\n");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].from, &found[0].date, &found[0].introduction),
        (&None, &None, &None)
    );
    assert_eq!(list("No quotation at all.\n"), []);
    assert_eq!(quoted_messages("text", &[]), [], "zones that do not fit");
    let found = list("From: \nSent: \nTo: Bob\nSubject: gravel\n\nGood.\n");
    assert_eq!((&found[0].from, &found[0].date), (&None, &None));
}

#[test]
fn hostile_text_takes_time_in_proportion() {
    for line in [
        ">",
        "> ",
        ">\n",
        "On 1/1/2001 10:00 a@b.example wrote:\n",
        "From:\nDate:\nTo:\n",
        "-----Original Message-----\n",
        "1/1/01 10:00 PM\nTo:\nSubject:\n",
        "> a\nb\n",
        ">> a\n> b\n",
        "a:\n>\n",
        "| a\n",
        "x wrote:\n| a\n",
    ] {
        assert_in_proportion(line, |text| assert!(list(text).len() <= text.len()));
    }
    let deeper: String = (0..700).map(|depth| ">".repeat(depth) + "x\n").collect();
    assert_eq!(list(&deeper).len(), 699);
}
