//! What machines send or change: lists, bounces, receipts, automatic answers; and drafts,
//! hidden recipients, encrypted mail, blacked-out text.

use super::letter;
use crate::desk::Desk;
use crate::desk::Does;
use crate::desk::Draft;
use crate::encode::Charset;
use crate::encode::base64_lines;
use crate::mail::Form;
use crate::mail::Held;
use crate::mail::Transfer;
use crate::moment::Moment;
use crate::people::person;
use crate::story::Mark;

pub(super) fn write(desk: &mut Desk) {
    list(desk);
    bounces(desk);
    automatic_answers(desk);
    hidden_recipients(desk);
    drafts(desk);
    on_behalf(desk);
    encrypted(desk);
    redacted(desk);
}

#[rustfmt::skip]
static LIST: &[(&str, &str, Option<usize>, &str, &str)] = &[
    ("2021-10-04 09:00:00", "salgueiro", None, "[Tidegate] Spring tides, fourth quarter",
     "The highest tides are expected on October 8, November 6 and December 5. All gates from Pier 7 to Pier 11 are to be ready the evening before."),
    ("2021-10-04 10:31:00", "strood", Some(0), "", "We have nobody on site on December 5, which is a Sunday. Could Harbor close gate 6 by hand?"),
    ("2021-10-04 11:02:00", "salgueiro", Some(1), "", "By hand means four people and a truck. Yes, if it is in writing."),
    ("2021-10-05 08:15:00", "velisarov", Some(2), "", "Gate 6 can be closed from the cabinet if somebody holds the door switch down. I would not put that in writing."),
    ("2022-01-18 14:00:00", "mcgillivray", None, "[Tidegate] Lessons of the January 17 storm",
     "Nine of fourteen gates closed on command, three by hand, two not at all. A meeting will be called. Please keep your logs."),
    ("2022-01-18 15:20:00", "halvorsen", Some(4), "", "Please send the logs to me as they are and not as a summary."),
    ("2022-01-19 09:05:00", "strood", Some(4), "", "The two gates at Pier 9 are not yet in our scope of operation, they are awaiting the cofferdam."),
    ("2022-06-10 16:40:00", "velisarov", None, "[Tidegate] Pier 9 status", "As of yesterday there is no dam, no crew and no power at Pier 9. I mention it because the schedule says otherwise."),
    ("2022-06-13 09:12:00", "strood", Some(7), "", "Pier 9 is on standby by agreement. Please direct questions to our office."),
];

fn list(desk: &mut Desk) {
    let first = desk.mails.len();
    for (at, from, answers, subject, text) in LIST {
        let does = answers.map_or(Does::Write, |earlier| Does::Answer(first + earlier));
        let place = desk.send(Draft {
            key: "",
            at: Moment::city(at),
            from: person(from),
            to: vec![person("list")],
            cc: Vec::new(),
            bcc: Vec::new(),
            does,
            subject: (*subject).to_owned(),
            text: (*text).to_owned(),
            files: Vec::new(),
            attached: Vec::new(),
            held: Held::Both,
        });
        let mail = &mut desk.mails[place];
        mail.marks.push(Mark::List);
        mail.extra.extend(
            [
                "Sender: tidegate-coordination-bounces@lists.rivermouth.example",
                "List-Id: Tidegate coordination <tidegate-coordination.lists.rivermouth.example>",
                "List-Post: <mailto:tidegate-coordination@lists.rivermouth.example>",
                "Precedence: list",
            ]
            .map(str::to_owned),
        );
        mail.closing.push_str(
            "\n_______________________________________________\nTidegate-coordination mailing list\n\
             https://lists.rivermouth.example/tidegate-coordination",
        );
    }
}

fn bounces(desk: &mut Desk) {
    let failed = [
        (
            "2021-06-02 09:11:40",
            "halvorsen",
            "m.strood@brackwater.example",
            "Kickoff: Tidegate Monitoring and Control System (2021-CV-00417)",
        ),
        (
            "2022-05-24 16:04:02",
            "lindqvist",
            "orrin.vale@postbox.example",
            "CO 3A / 3B",
        ),
        (
            "2022-10-06 16:30:31",
            "castellan",
            "ordway@rivermouthcourier.example",
            "FOIL-2022-0193",
        ),
    ];
    for (at, to, lost, subject) in failed {
        let text = format!(
            "This is the mail system at host mx.rivermouth.example.\n\nYour message could not be delivered to one or more recipients.\n\n\
             <{lost}>: user unknown"
        );
        let title = "Undelivered Mail Returned to Sender";
        let place = letter(desk, Moment::city(at), ("daemon", &[to]), title, &text);
        let original = person(to);
        let report = format!(
            "From: \"Mail Delivery System\" <mailer-daemon@mx.rivermouth.example>\nTo: {to}\nSubject: {title}\nDate: {date}\n\
             Message-ID: <{id}>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n \
             boundary=\"B{place}.report/mx\"\n\n--B{place}.report/mx\nContent-Type: text/plain; charset=us-ascii\n\n{text}\n\n\
             --B{place}.report/mx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.rivermouth.example\n\n\
             Final-Recipient: rfc822; {lost}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n\
             --B{place}.report/mx\nContent-Type: text/rfc822-headers\n\nFrom: {to}\nTo: {lost}\nSubject: {subject}\n\n--B{place}.report/mx--\n",
            to = original.address,
            date = desk.mails[place].at.rfc5322(),
            id = desk.mails[place].message_id.as_deref().unwrap_or_default(),
        );
        let mail = &mut desk.mails[place];
        mail.marks.push(Mark::Bounce);
        mail.raw = Some(report.into_bytes());
        // A raw message writes its recipient without a name.
        mail.to[0].name.clear();
    }
}

fn automatic_answers(desk: &mut Desk) {
    #[rustfmt::skip]
    let absent = [
        ("2021-07-06 08:00:03", "parrish", "halvorsen", "Automatic reply: Tidegate weekly call", "I am out of the office until July 19 without access to e-mail. In urgent matters please write to Thea Lindqvist-Moreau."),
        ("2022-06-28 07:55:10", "wrenfield", "lindqvist", "Automatic reply: CO 3A / 3B", "I am on leave until July 5. Desmond Okafor-Lyle is acting for me in all matters of contract signature."),
        ("2022-12-23 12:00:00", "castellan", "ordway", "Automatic reply: FOIL-2022-0193", "The Office of the Mayor is closed until January 3. Statutory terms are not affected."),
    ];
    for (at, from, to, subject, text) in absent {
        let place = letter(desk, Moment::city(at), (from, &[to]), subject, text);
        let mail = &mut desk.mails[place];
        mail.marks.push(Mark::Automatic);
        mail.extra.extend([
            "Auto-Submitted: auto-replied".to_owned(),
            "X-Auto-Response-Suppress: All".to_owned(),
        ]);
    }
}

fn hidden_recipients(desk: &mut Desk) {
    let text = "Colleagues,\n\nThe City's gift policy is attached to the intranet page of this office. Boat trips, lunches and tickets offered by \
                firms that have contracts with the City are gifts.";
    let place = letter(
        desk,
        Moment::city("2022-08-22 09:30:00"),
        ("ashgrove", &[]),
        "Reminder: gifts",
        text,
    );
    let mail = &mut desk.mails[place];
    mail.held = Held::Both;
    mail.marks.push(Mark::HiddenRecipients);
}

fn drafts(desk: &mut Desk) {
    #[rustfmt::skip]
    let unsent = [
        ("2022-06-15 23:48:51", "tervane", "vale", "Change Order No. 3",
         "Orrin,\n\nI will not do this. If Change Order No. 3 is to be divided somebody other than me must say so in writing, and I would have to tell the \
          Comptroller that"),
        ("2022-09-29 17:15:00", "castellan", "ordway", "FOIL-2022-0193", "Dear Ms. Ordway,\n\nthis office has located approximately 600 messages which"),
    ];
    for (at, from, to, subject, text) in unsent {
        let place = letter(desk, Moment::city(at), (from, &[to]), subject, text);
        let mail = &mut desk.mails[place];
        mail.closing.clear();
        mail.traced = false;
        mail.marks.push(Mark::Draft);
        mail.extra.push("X-Unsent: 1".to_owned());
        mail.held = if from == "tervane" {
            Held::ProcurementOnly
        } else {
            Held::MayorOnly
        };
    }
}

fn on_behalf(desk: &mut Desk) {
    let text = "The Deputy Mayor would like to see the schedule for Pier 9 before the storm briefing, on one page.";
    let place = letter(
        desk,
        Moment::city("2022-03-15 09:20:00"),
        ("vale", &["tervane", "mcgillivray"]),
        "Schedule for Pier 9",
        text,
    );
    desk.mails[place].extra.push(
        "Sender: \"Dunmore, Patrick (MAYOR)\" <pdunmore@mayor.rivermouth.example>".to_owned(),
    );
}

fn encrypted(desk: &mut Desk) {
    let at = Moment::city("2022-10-11 12:12:12");
    let place = letter(
        desk,
        at,
        ("ketteridge", &["ashgrove"]),
        "Privileged: FOIL-2022-0193",
        "",
    );
    // Not a real envelope: the head of a CMS structure and random bytes are all that a reader without the key sees.
    let mut envelope = vec![
        0x30, 0x82, 0x01, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03,
        0xa0, 0x82,
    ];
    envelope.extend((0..370).map(|_| desk.random.next() as u8));
    let mail = &desk.mails[place];
    let raw = format!(
        "From: Jonas Ketteridge <{}>\nTo: Felix Ashgrove <{}>\nSubject: {}\nDate: {}\nMessage-ID: <{}>\nMIME-Version: 1.0\n\
         Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\nContent-Transfer-Encoding: base64\n\
         Content-Disposition: attachment; filename=\"smime.p7m\"\n\n{}",
        mail.from.address,
        mail.to[0].address,
        mail.subject,
        mail.at.rfc5322(),
        mail.message_id.as_deref().unwrap_or_default(),
        base64_lines(&envelope),
    );
    let mail = &mut desk.mails[place];
    mail.from.name = "Jonas Ketteridge".to_owned();
    mail.to[0].name = "Felix Ashgrove".to_owned();
    mail.closing.clear();
    mail.marks.push(Mark::Encrypted);
    mail.raw = Some(raw.into_bytes());
}

/// The Mayor's Office released a planted message with its middle blacked out, under the same
/// Message-ID; and procurement a message with an exemption code.
fn redacted(desk: &mut Desk) {
    let place = desk.find("co3-pressure");
    let full = &mut desk.mails[place];
    full.held = Held::ProcurementOnly;
    let mut black = full.clone();
    full.marks.push(Mark::SharedMessageId);
    black.key = "co3-pressure-redacted";
    black.held = Held::MayorOnly;
    black.own = "Marisol,\n\nThe Mayor cuts the ribbon at Pier 9 on July 21 and the vendor will not return to the site without a signed order. \
                 [REDACTED - POL 87(2)(g)]"
        .to_owned();
    (black.form, black.charset, black.transfer) =
        (Form::Plain, Charset::Utf8, Transfer::QuotedPrintable);
    black.marks.extend([Mark::Redaction, Mark::SharedMessageId]);
    desk.mails.push(black);

    let text = "Nadia, please confirm that Ms. (b)(6)'s home address comes out under 87(2)(b). The names of the raters stay:\n\n\
                \u{2588}\u{2588}\u{2588}\u{2588}\u{2588}\u{2588}\u{2588}\u{2588} Lane, Rivermouth [REDACTED]";
    let place = letter(
        desk,
        Moment::city("2022-10-03 14:14:14"),
        ("achterberg", &["feyzi"]),
        "Redactions, first batch",
        text,
    );
    desk.mails[place].marks.push(Mark::Redaction);
}
