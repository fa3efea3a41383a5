//! Single facts about messages: flags, languages, fields that come several times, texts of files.

use muckrake_mail::AttachmentState;
use muckrake_mail::DefectCode;
use muckrake_mail::Flag;
use muckrake_mail::Limits;
use muckrake_mail::Message;
use muckrake_mail::TextKind;
use muckrake_mail::parse;

fn read(raw: &str) -> Message {
    parse(raw.as_bytes(), &Limits::default())
}

fn with_header(field: &str) -> Vec<Flag> {
    read(&format!(
        "From: a@a.example\nSubject: The quay\n{field}\n\nText.\n"
    ))
    .flags
}

#[test]
fn flags_from_fields() {
    let cases = [
        ("X-Unsent: 1", Flag::Draft),
        ("X-Mozilla-Draft-Info: internal/draft; vcard=0", Flag::Draft),
        ("X-Gmail-Labels: Important,Drafts", Flag::Draft),
        ("X-Mozilla-Status: 0009", Flag::Deleted),
        ("X-Mozilla-Status2: 00200000", Flag::Deleted),
        ("In-Reply-To: <x@a.example>", Flag::Reply),
        ("References: <x@a.example>", Flag::Reply),
        ("List-Id: <quays.a.example>", Flag::List),
        ("Precedence: bulk", Flag::List),
        ("Mailing-List: contact x@a.example", Flag::List),
        ("X-Failed-Recipients: b@b.example", Flag::Bounce),
        ("Content-Type: multipart/report; boundary=x", Flag::Bounce),
    ];
    for (field, flag) in cases {
        assert_eq!(with_header(field), [flag], "{field}");
    }
    for field in [
        "X-Unsent: 0",
        "X-Mozilla-Status: 0001",
        "X-Gmail-Labels: Draft plans",
        "Precedence: normal",
    ] {
        assert_eq!(with_header(field), [], "{field}");
    }
}

#[test]
fn flags_from_words() {
    assert!(read("Subject: Re: quay\n\nx").flags.contains(&Flag::Reply));
    assert!(
        read("Subject: WG: quay\n\nx")
            .flags
            .contains(&Flag::Forward)
    );
    assert!(
        read("Subject: x\n\nPaid to (b)(6) in May.\n")
            .flags
            .contains(&Flag::Redaction)
    );
    let sealed =
        read("Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nwcBMA0\n-----END PGP MESSAGE-----\n");
    assert!(sealed.flags.contains(&Flag::Encrypted));
    assert!(sealed.flags.contains(&Flag::Unreadable));
}

#[test]
fn fields_that_come_several_times() {
    let message = read(
        "From: a@a.example\nTo: b@b.example\nTo: c@c.example, \"D, E\" <d@d.example>\nBcc: f@f.example\n\
         Subject:\nSubject: The second\nReferences: <1@a.example>\n <2@a.example>\n\nx\n",
    );
    let to: Vec<_> = message
        .to
        .iter()
        .filter_map(|mention| mention.address.as_deref())
        .collect();
    assert_eq!(to, ["b@b.example", "c@c.example", "d@d.example"]);
    assert_eq!(message.bcc.len(), 1);
    assert_eq!(message.subject.as_deref(), Some("The second"));
    assert_eq!(message.references, ["1@a.example", "2@a.example"]);
    assert_eq!(message.headers.len(), 7);
}

#[test]
fn dates_that_are_none() {
    for date in [
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Mon, 01 Jan 1601 00:00:00 +0000",
        "Mon, 01 Jan 2300 00:00:00 +0000",
        "soon",
    ] {
        let message = read(&format!(
            "From: a@a.example\nDate: {date}\nSubject: x\n\nx\n"
        ));
        assert_eq!(message.date, None, "{date}");
        assert!(
            message
                .defects
                .iter()
                .any(|defect| defect.code == DefectCode::BadDate),
            "{date}"
        );
    }
    let none = read("From: a@a.example\nSubject: x\n\nx\n");
    assert!(
        none.defects
            .iter()
            .any(|defect| defect.code == DefectCode::NoDate)
    );
}

#[test]
fn texts_of_files() {
    let message = read(
        "From: a@a.example\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nSUMMARY:Bridge insp\n ection\nEND:VCALENDAR\n\
         --b\nContent-Type: text/html; name=page.html\nContent-Disposition: attachment\n\n<p>Page <b>text</b></p>\n\
         --b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\neJ8+Ig==\n\
         --b\nContent-Type: application/octet-stream; name=mail.eml\n\nFrom: c@c.example\nSubject: Inside\n\nWords.\n\
         --b--\n",
    );
    assert!(message.body.is_empty());
    let texts: Vec<_> = message
        .attachments
        .iter()
        .map(|file| file.text.as_deref())
        .collect();
    assert!(texts[0].unwrap().contains("SUMMARY:Bridge inspection\n"));
    assert_eq!(texts[1], Some("Page text\n"));
    assert_eq!(
        message.attachments[2].state,
        AttachmentState::Unsupported("tnef".to_owned())
    );
    assert_eq!(message.attachments[3].state, AttachmentState::Message);
    assert_eq!(
        message.attached[0].message.subject.as_deref(),
        Some("Inside")
    );
    assert_eq!(message.attached[0].part, "4");
}

#[test]
fn a_reader_of_languages() {
    let message = read(
        "Subject: x\n\nPor favor, env\u{ed}eme el contrato firmado antes de la reuni\u{f3}n del jueves y avise a la oficina.\n",
    );
    assert_eq!(message.language.as_deref(), Some("es"));
    assert_eq!(read("Subject: x\n\nok\n").language, None);
}

#[test]
fn an_html_mail_without_other_form() {
    let message = read(
        "Subject: x\nContent-Type: text/html; charset=utf-8\n\n<p>Seen</p><blockquote type=cite>Old</blockquote>\n",
    );
    assert_eq!(message.body.len(), 1);
    assert_eq!(message.body[0].kind, TextKind::Html);
    assert_eq!(message.body[0].text, "Seen\n\n> Old\n");
    assert!(!message.body[0].alternative);
    assert!(message.flags.contains(&Flag::Quote));
}
