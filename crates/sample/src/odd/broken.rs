//! Mail that breaks the rules, as old gateways and exports write it. Each is raw bytes, with
//! what a careful reader should make of it beside.

use super::letter;
use crate::desk::Desk;
use crate::mail::Mail;
use crate::moment::Moment;
use crate::people::person;
use crate::story::Mark;

/// One broken message. In `raw`, `{from}`, `{to}`, `{date}` and `{id}` stand for what they say.
struct Broken {
    at: &'static str,
    from: &'static str,
    to: &'static str,
    subject: &'static str,
    text: &'static str,
    raw: &'static [u8],
    mark: Mark,
}

#[rustfmt::skip]
static BROKEN: &[Broken] = &[
    Broken {
        at: "2021-07-19 06:44:00", from: "oyelaran", to: "halvorsen", mark: Mark::NoMessageId,
        subject: "Pier 7, morning", text: "From the tablet: frame of gate 3 is out of plumb by a thumb.",
        raw: b"From: {from}\nTo: {to}\nSubject: Pier 7, morning\nDate: {date}\n\nFrom the tablet: frame of gate 3 is out of plumb by a thumb.\n",
    },
    Broken {
        at: "2021-07-26 06:51:00", from: "oyelaran", to: "halvorsen", mark: Mark::NoMessageId,
        subject: "Pier 8, morning", text: "Gate 4 is plumb. The welder was asleep in the van.",
        raw: b"From: {from}\nTo: {to}\nSubject: Pier 8, morning\nDate: {date}\n\nGate 4 is plumb. The welder was asleep in the van.\n",
    },
    Broken {
        at: "2021-08-16 10:10:10", from: "prue", to: "abernethy", mark: Mark::NoDate,
        subject: "van", text: "The van is back, the mirror is not.",
        raw: b"Received: from handheld by mx.rivermouth.example with ESMTP id 7F21; Mon, 16 Aug 2021 10:10:10 -0400\nFrom: {from}\nTo: {to}\n\
               Subject: van\nMessage-ID: <{id}>\n\nThe van is back, the mirror is not.\n",
    },
    Broken {
        at: "2021-08-17 10:10:10", from: "prue", to: "abernethy", mark: Mark::NoDate,
        subject: "mirror", text: "Found the mirror.",
        raw: b"From: {from}\nTo: {to}\nSubject: mirror\nMessage-ID: <{id}>\n\nFound the mirror.\n",
    },
    Broken {
        at: "2021-09-01 12:00:00", from: "salgueiro", to: "halvorsen", mark: Mark::BadDate,
        subject: "Clock of the tide server", text: "The server believes in the year 101. All its mail is dated so.",
        raw: b"From: {from}\nTo: {to}\nSubject: Clock of the tide server\nDate: Sat, 01 Jan 0101 00:00:00 +0000\nMessage-ID: <{id}>\n\n\
               The server believes in the year 101. All its mail is dated so.\n",
    },
    Broken {
        at: "2021-09-02 12:00:00", from: "salgueiro", to: "halvorsen", mark: Mark::BadDate,
        subject: "Clock of the tide server, again", text: "Now it has stopped at noon of a day that does not exist.",
        raw: b"From: {from}\nTo: {to}\nSubject: Clock of the tide server, again\nDate: Thu, 31 Feb 2021 12:00:00 -0500\nMessage-ID: <{id}>\n\n\
               Now it has stopped at noon of a day that does not exist.\n",
    },
    Broken {
        at: "2021-10-01 08:00:00", from: "strood", to: "motley", mark: Mark::SharedMessageId,
        subject: "Automated report", text: "Report for September: cabling 48 percent, two accidents, none serious.",
        raw: b"From: {from}\nTo: {to}\nSubject: Automated report\nDate: {date}\nMessage-ID: <report@reports.brackwater.example>\n\n\
               Report for September: cabling 48 percent, two accidents, none serious.\n",
    },
    Broken {
        at: "2021-11-01 08:00:00", from: "strood", to: "motley", mark: Mark::SharedMessageId,
        subject: "Automated report", text: "Report for October: cabling 46 percent, no accidents.",
        raw: b"From: {from}\nTo: {to}\nSubject: Automated report\nDate: {date}\nMessage-ID: <report@reports.brackwater.example>\n\n\
               Report for October: cabling 46 percent, no accidents.\n",
    },
    Broken {
        at: "2021-12-13 16:20:00", from: "pasternek", to: "motley", mark: Mark::BrokenMultipart,
        subject: "Statement of account", text: "The statement shows three open invoices.",
        raw: b"From: {from}\nTo: {to}\nSubject: Statement of account\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: multipart/mixed\n\n------=_lost\nContent-Type: text/plain; charset=us-ascii\n\nThe statement shows three open invoices.\n\n------=_lost--\n",
    },
    Broken {
        at: "2021-12-14 16:20:00", from: "pasternek", to: "motley", mark: Mark::BrokenMultipart,
        subject: "Statement of account, corrected", text: "Two open invoices, with apologies for the third.",
        raw: b"From: {from}\nTo: {to}\nSubject: Statement of account, corrected\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: multipart/mixed; boundary=\"open\"\n\n--open\nContent-Type: text/plain; charset=us-ascii\n\n\
               Two open invoices, with apologies for the third.\n",
    },
    Broken {
        at: "2022-01-05 09:45:00", from: "penhallow", to: "thorold", mark: Mark::WrongCharset,
        subject: "The pump", text: "It\u{2019}s still humming \u{2014} \u{201c}within the permitted level\u{201d}, says your man.",
        raw: b"From: {from}\nTo: {to}\nSubject: The pump\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n\
               It\x92s still humming \x97 \x93within the permitted level\x94, says your man.\n",
    },
    Broken {
        at: "2022-01-06 09:45:00", from: "penhallow", to: "thorold", mark: Mark::WrongCharset,
        subject: "The pump, again", text: "My husband\u{2019}s caf\u{e9} is losing its guests.",
        raw: b"From: {from}\nTo: {to}\nSubject: The pump, again\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nMy husband\x92s caf\xe9 is losing its guests.\n",
    },
    Broken {
        at: "2022-01-07 09:45:00", from: "penhallow", to: "quintanar", mark: Mark::WrongCharset,
        subject: "The pump, third letter", text: "We have engaged a lawyer.",
        raw: b"From: {from}\nTo: {to}\nSubject: The pump, third letter\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: text/plain; charset=x-unknown-8bit\nContent-Transfer-Encoding: 8bit;\n\nWe have engaged a lawyer.\n",
    },
    Broken {
        at: "2022-02-14 11:00:00", from: "lagarreta", to: "entrerrios", mark: Mark::RawHeader,
        subject: "Se\u{f1}al para la ataguía", text: "Sin noticias.",
        raw: b"From: {from}\nTo: {to}\nSubject: Se\xc3\xb1al para la atagu\xc3\xada\nDate: {date}\nMessage-ID: <{id}>\n\nSin noticias.\n",
    },
    Broken {
        at: "2022-02-15 11:00:00", from: "grossmann", to: "motley", mark: Mark::RawHeader,
        subject: "Mahnung: fünf Monate", text: "Die Rechnung ist offen.",
        raw: b"From: {from}\nTo: {to}\nSubject: Mahnung: f\xfcnf Monate\nDate: {date}\nMessage-ID: <{id}>\n\nDie Rechnung ist offen.\n",
    },
    Broken {
        at: "2022-03-01 07:30:00", from: "stallybrass", to: "abernethy", mark: Mark::BadTransfer,
        subject: "Archive test", text: "This is a test of the archive gateway.",
        // Without its padding.
        raw: b"From: {from}\nTo: {to}\nSubject: Archive test\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: base64\n\nVGhpcyBpcyBhIHRlc3Qgb2YgdGhlIGFyY2hpdmUg\nZ2F0ZXdheS4\n",
    },
    Broken {
        at: "2022-03-02 07:30:00", from: "stallybrass", to: "abernethy", mark: Mark::Empty,
        subject: "Archive test 2 (headers only)", text: "",
        raw: b"From: {from}\nTo: {to}\nSubject: Archive test 2 (headers only)\nDate: {date}\nMessage-ID: <{id}>\n\n",
    },
    Broken {
        at: "2022-04-11 19:02:00", from: "parrish", to: "lindqvist", mark: Mark::Deleted,
        subject: "Ribbon cutting: what he said", text: "He did say accelerate, on the dais, to Dale, with the microphone on. I suggest that we both forget it.",
        raw: b"X-Mozilla-Status: 0009\nX-Mozilla-Status2: 00000000\nFrom: {from}\nTo: {to}\nSubject: Ribbon cutting: what he said\nDate: {date}\n\
               Message-ID:\n <{id}>\n\nHe did say accelerate, on the dais, to Dale, with the microphone on. I suggest that we both forget it.\n",
    },
    Broken {
        at: "2022-05-02 08:00:00", from: "velisarov", to: "halvorsen", mark: Mark::Flowed,
        subject: "Logbook, April", text: "The logbook of gate 6 has gained three entries since I copied it.",
        raw: b"From: {from}\nTo: {to}\nSubject: Logbook, April\nDate: {date}\nMessage-ID: <{id}>\nMIME-Version: 1.0\n\
               Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\n\nThe logbook of gate 6 has gain \ned three entries  \nsince I copied it.\n",
    },
];

pub(super) fn write(desk: &mut Desk) {
    for broken in BROKEN {
        let place = letter(
            desk,
            Moment::city(broken.at),
            (broken.from, &[broken.to]),
            broken.subject,
            broken.text,
        );
        let mail = &mut desk.mails[place];
        prepare(mail, broken);
        mail.raw = Some(fill_in(mail, broken.raw));
    }
    quoted_boundary(desk);
}

fn prepare(mail: &mut Mail, broken: &Broken) {
    mail.own = broken.text.to_owned();
    mail.closing.clear();
    mail.traced = false;
    mail.marks.push(broken.mark);
    mail.from.name = plain_name(broken.from);
    mail.to[0].name = plain_name(broken.to);
    match broken.mark {
        Mark::NoMessageId => mail.message_id = None,
        Mark::SharedMessageId => {
            mail.message_id = Some("report@reports.brackwater.example".to_owned())
        }
        Mark::NoDate | Mark::BadDate => mail.dated = false,
        _ => {}
    }
}

/// The name without accents, for header fields that are written raw.
fn plain_name(key: &str) -> String {
    person(key)
        .name()
        .replace('í', "i")
        .replace('Í', "I")
        .replace('ñ', "n")
        .replace('ü', "u")
        .replace('ß', "ss")
}

fn fill_in(mail: &Mail, raw: &[u8]) -> Vec<u8> {
    let values = [
        ("{from}", mail.from.in_text()),
        ("{to}", mail.to[0].in_text()),
        ("{date}", mail.at.rfc5322()),
        ("{id}", mail.message_id.clone().unwrap_or_default()),
    ];
    let mut out = raw.to_vec();
    for (slot, value) in values {
        if let Some(start) = memchr::memmem::find(&out, slot.as_bytes()) {
            out.splice(start..start + slot.len(), value.bytes());
        }
    }
    out
}

/// A text that contains lines which look like separators of an mbox.
fn quoted_boundary(desk: &mut Desk) {
    let text = "Owen's export of my mailbox breaks here, I think because of these lines:\n\n\
                From mstrood@brackwater.example Mon Jun 13 13:12:00 2022\nSubject: not a message\n\n>From the quay one sees nothing.\n\
                From Pier 9 to Pier 11 it is four hundred metres.";
    let place = letter(
        desk,
        Moment::city("2022-09-15 10:00:00"),
        ("sundaresh", &["stallybrass"]),
        "Export breaks",
        text,
    );
    desk.mails[place].marks.push(Mark::FromLines);
}
