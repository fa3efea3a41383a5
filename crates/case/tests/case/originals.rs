//! The bytes as delivered.

use crate::desk::Desk;
use crate::desk::mail;

#[test]
fn originals_come_back_byte_for_byte() {
    let desk = Desk::new();
    let plain = mail(1, "plain\r\nFrom here on\r\n");
    desk.put("in/1.eml", &plain);
    let escaped = "From a@b.example Tue Mar  1 10:00:00 2016\nMessage-ID: <q@rivermouth.example>\nFrom: a@b.example\n\
                   Date: Tue, 1 Mar 2016 10:00:00 +0000\nSubject: quoting\n\n>From the mayor\n>>From the clerk\n\n";
    desk.put("in/2.mbox", escaped);
    desk.ingest(&desk.path("in"), "one");
    let id = &desk.ids("subject:dredging")[0];
    assert_eq!(desk.case.raw(id, false).unwrap(), plain.as_bytes());
    let id = &desk.ids("subject:quoting")[0];
    let stored = desk.case.raw(id, true).unwrap();
    assert!(escaped.ends_with(&format!("{}\n", std::str::from_utf8(&stored).unwrap())));
    let read = String::from_utf8(desk.case.raw(id, false).unwrap()).unwrap();
    assert!(
        read.ends_with("\nFrom the mayor\n>From the clerk\n"),
        "{read}"
    );
}

#[test]
fn attached_messages_are_messages_of_their_own() {
    let desk = Desk::new();
    let inner = mail(7, "the inner harbour");
    let outer = format!(
        "Message-ID: <outer@rivermouth.example>\r\nFrom: c@rivermouth.example\r\nSubject: forwarded as attachment\r\n\
         Date: Wed, 2 Mar 2016 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    );
    desk.put("in/outer.eml", outer);
    let totals = desk.ingest(&desk.path("in"), "one").totals;
    assert_eq!(
        (
            totals.copies,
            totals.attached,
            totals.messages,
            totals.attachments
        ),
        (2, 1, 2, 0)
    );
    let inside = desk.case.message(&desk.ids("inner")[0]).unwrap();
    let outside = desk
        .case
        .message(&desk.ids("subject:forwarded")[0])
        .unwrap();
    assert_eq!(inside.hit.attached_to, Some(outside.hit.id));
    assert_eq!(outside.attached, [inside.hit.id]);
    let raw = desk.case.raw(&inside.hit.id.to_string(), false).unwrap();
    assert_eq!(String::from_utf8(raw).unwrap().trim_end(), inner.trim_end());
}

#[test]
fn a_message_attached_inside_an_mboxo_is_read_back() {
    let desk = Desk::new();
    let inner = mail(7, ">From the desk").replace("\r\n", "\n");
    let outer = format!(
        "From x@y.example Tue Mar  1 10:00:00 2016\nMessage-ID: <outer@y.example>\nFrom: c@y.example\nSubject: outer\n\
         Date: Wed, 2 Mar 2016 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\n\nsee\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n\n"
    );
    let path = desk.put("all.mbox", outer);
    desk.ingest(&path, "one");
    let id = &desk.ids("subject:dredging")[0];
    assert!(desk.case.raw(id, false).is_ok());
}
