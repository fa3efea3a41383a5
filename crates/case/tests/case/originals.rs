//! The bytes as delivered.

use crate::desk::Desk;
use crate::desk::mail;
use crate::desk::mbox;
use std::fs;
use std::sync::atomic::AtomicBool;

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

/// A gzip file (RFC 1952) of stored blocks.
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = content.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        packed.push(u8::from(blocks.peek().is_none()));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    packed.extend(crc32fast::hash(content).to_le_bytes());
    packed.extend((content.len() as u32).to_le_bytes());
    packed
}

/// Seekable copies carry no proof of what they hold; damage may leave one that can be decoded.
#[test]
fn a_seekable_copy_that_holds_other_bytes_is_passed_over() {
    let desk = Desk::new();
    // Long enough for a copy: over 8 MiB when it is unpacked.
    let weight = "QUJDREVG".repeat(9) + "\r\n";
    let weight = weight.repeat((9 << 20) / weight.len());
    for (number, name) in [(1, "pier"), (2, "quay")] {
        let plan = mail(number, &weight).replacen(
            "Subject:",
            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nSubject:",
            1,
        );
        let path = desk.put(&format!("{name}.mbox.gz"), gzip(mbox(&[plan]).as_bytes()));
        desk.ingest(&path, name);
    }
    let originals = |desk: &Desk| {
        let ids = desk.ids("*");
        let raw = ids.iter().map(|id| desk.case.raw(id, false).unwrap());
        raw.collect::<Vec<_>>()
    };
    let before = originals(&desk);
    let copies: Vec<_> = fs::read_dir(desk.path("case/streams"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(copies.len(), 2);
    fs::copy(&copies[0], &copies[1]).unwrap();
    assert!(originals(&desk) == before);
    let damaged = desk.case.verify_parts(&AtomicBool::new(false)).unwrap();
    assert_eq!(damaged.len(), 1);
    assert_eq!(damaged[0].path.file_name(), copies[1].file_name());
}
