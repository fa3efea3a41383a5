#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;

use super::splitter::NO_FROM_LINE;
use super::*;

const ONE: &str = "From anne@agency.example Tue Mar  4 03:33:20 2003\n";
const TWO: &str = "From bob@agency.example Wed Mar  5 03:33:20 2003\n";
const HEADER: &str = "From: Anne Example <anne@agency.example>\nSubject: gravel\n";

/// Pieces as people would write them: kind and text.
fn shown(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let pieces = split(bytes);
    assert_cover(&pieces, bytes.len());
    pieces.iter().map(|piece| show(piece, bytes)).collect()
}

fn show(piece: &Piece, bytes: &[u8]) -> (&'static str, String) {
    let kind = match piece {
        Piece::Message { .. } => "message",
        Piece::Separator { .. } => "separator",
        Piece::FolderData { .. } => "folder data",
        Piece::Unread { reason, .. } => reason,
    };
    let range = piece.range();
    let text = &bytes[range.start as usize..range.end as usize];
    (kind, String::from_utf8_lossy(text).into_owned())
}

fn messages(bytes: &[u8]) -> Vec<String> {
    let shown = shown(bytes).into_iter();
    shown
        .filter(|(kind, _)| *kind == "message")
        .map(|(_, text)| text)
        .collect()
}

fn assert_cover(pieces: &[Piece], length: usize) {
    let mut at = 0;
    for piece in pieces {
        assert_eq!(piece.range().start, at, "{pieces:?}");
        assert!(piece.range().end >= at);
        at = piece.range().end;
    }
    assert_eq!(at, length as u64, "{pieces:?}");
}

/// Splits with buffers that grow by the given numbers of bytes and never beyond the room.
fn split_in_chunks(bytes: &[u8], limit: usize, chunks: &[usize]) -> Vec<Piece> {
    let mut splitter = Splitter::new(limit);
    let mut pieces = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut sizes = chunks.iter().copied().cycle();
    loop {
        assert!(end - start <= splitter.room(), "the room is always enough");
        let free = splitter.room().saturating_sub(end - start);
        end = bytes
            .len()
            .min(end + sizes.next().unwrap_or(1).max(1).min(free));
        assert_eq!(splitter.offset(), start as u64);
        let given = pieces.len();
        start += splitter.push(&bytes[start..end], end == bytes.len(), &mut pieces);
        for piece in &pieces[given..] {
            assert!(
                piece.range().end <= start as u64,
                "complete pieces are done with"
            );
        }
        if end == bytes.len() {
            assert_eq!(start, end);
            return pieces;
        }
    }
}

#[test]
fn a_message_is_what_lies_between_its_from_line_and_the_blank_line() {
    let mailbox = format!("{ONE}{HEADER}\nhello\n\n{TWO}{HEADER}\n>From me\n\n");
    let pieces = shown(mailbox.as_bytes());
    assert_eq!(
        pieces,
        [
            ("separator", ONE.to_owned()),
            ("message", format!("{HEADER}\nhello\n")),
            ("separator", format!("\n{TWO}")),
            ("message", format!("{HEADER}\n>From me\n")),
            ("separator", "\n".to_owned()),
        ]
    );
}

#[test]
fn carriage_returns_and_a_byte_order_mark_change_nothing() {
    let mailbox = format!("{ONE}{HEADER}\nhello\n\n{TWO}{HEADER}\nthere\n\n").replace('\n', "\r\n");
    let header = HEADER.replace('\n', "\r\n");
    let expected = [
        format!("{header}\r\nhello\r\n"),
        format!("{header}\r\nthere\r\n"),
    ];
    assert_eq!(messages(mailbox.as_bytes()), expected);
    let marked = format!("\u{feff}{mailbox}");
    assert_eq!(messages(marked.as_bytes()), expected);
    assert!(looks_like_mbox(marked.as_bytes()));
    let joined = format!("{mailbox}{marked}");
    assert_eq!(
        messages(joined.as_bytes()),
        [expected.clone(), expected].concat()
    );
}

#[test]
fn every_form_of_from_line_begins_a_message() {
    for line in [
        "From anne@agency.example Sat Jan  3 01:05:34 1996",
        "From anne@agency.example Sat Jan  3 01:05:34 1996 remote from example",
        "From anne@agency.example Sat Jan  3 01:05 1996",
        "From anne@agency.example Sat Jan 03 01:05:34 1996 +0100",
        "From anne@agency.example Sat Jan  3 01:05:34 +0100 1996",
        "From anne@agency.example Sat Jan  3 01:05:34 CET 1996",
        "From anne@agency.example Sat Jan  3 01:05:34 MET DST 1996",
        "From Anne Example Sat Jan  3 01:05:34 1996",
        "From 1234567890123456789@xxx Fri Mar 12 10:00:00 +0000 2021",
        "From - Tue Oct 10 11:12:13 2017",
        "From - ",
        "From -",
        "From ???@??? Sun Jul 16 12:13:14 2000",
        "From anne@agency.example Mon, 9 Jan 2017 10:11:12 +0900",
        "From anne@agency.example Mon 9 Jan 2017 10:11:12 +0900",
        "From anne@agency.example 2017-01-09 10:11:12 +0900",
        "From \"anne example\"@agency.example  Sat Jan  3 01:05:34 1996",
    ] {
        let mailbox = format!("{ONE}{HEADER}\nhello\n\n{line}\n{HEADER}\nthere\n");
        assert_eq!(messages(mailbox.as_bytes()).len(), 2, "{line}");
        let first = format!("{line}\n{HEADER}\nthere\n");
        assert!(looks_like_mbox(first.as_bytes()), "{line}");
        assert_eq!(
            messages(first.as_bytes()),
            [format!("{HEADER}\nthere\n")],
            "{line}"
        );
    }
}

#[test]
fn a_from_line_in_a_body_is_text() {
    for line in [
        "From time to time we meet.\nNote: not on Tuesdays",
        "From the desk of Anne, Tue Mar 4\nDear: all",
        "From anne@agency.example\nTo: the point",
        "From Bob Tue Mar  4 03:33:20 2003 I heard nothing\nuntil today",
        "From Bob Tue Mar  4 03:33:20 2003\n\nNote: this\nis not a header",
        "From Bob Tue Mar 44 03:33:20 2003\nSubject: impossible day",
        "From Bob Tue Mar 4 33:33:20 2003\nSubject: impossible time",
        "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Anne",
    ] {
        let mailbox = format!("{ONE}{HEADER}\nhello\n\n{line}\n\n{TWO}{HEADER}\nthere\n");
        assert_eq!(messages(mailbox.as_bytes()).len(), 2, "{line}");
    }
    assert!(!looks_like_mbox(b"From time to time\nwe meet: often\n"));
    assert!(!looks_like_mbox(HEADER.as_bytes()));
    let eml = format!("{HEADER}\nsee\n\n{ONE}{HEADER}\nhello\n");
    assert!(
        !looks_like_mbox(eml.as_bytes()),
        "one message that quotes a mailbox"
    );
}

#[test]
fn patches_from_git_are_messages_only_in_a_mailbox_of_git() {
    let line = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n";
    let mailbox = format!("{line}{HEADER}\n-- \n2.47\n\n{line}{HEADER}\n-- \n2.47\n\n");
    assert_eq!(messages(mailbox.as_bytes()).len(), 2);
}

#[test]
fn the_blank_line_before_may_be_missing() {
    let mailbox = format!("{ONE}{HEADER}\nhello\n{TWO}{HEADER}\nthere\n");
    assert_eq!(
        messages(mailbox.as_bytes()),
        [format!("{HEADER}\nhello\n"), format!("{HEADER}\nthere\n")]
    );
    let doubtful = format!("{ONE}{HEADER}\nhello\n{TWO}Note: this\nis a sentence\n");
    assert_eq!(messages(doubtful.as_bytes()).len(), 1);
}

#[test]
fn undated_lines_begin_messages_where_the_mailbox_writes_them_so() {
    let undated = format!("From 77@xxx\n{HEADER}\nhello\n\nFrom 78@xxx\n{HEADER}\nthere\n");
    assert_eq!(messages(undated.as_bytes()).len(), 2);
    assert!(looks_like_mbox(undated.as_bytes()));
    let dated = format!("{ONE}{HEADER}\nhello\n\nFrom 78@xxx\n{HEADER}\nthere\n");
    assert_eq!(messages(dated.as_bytes()).len(), 1);
}

#[test]
fn content_length_counts_only_where_it_leads_to_a_boundary() {
    let inner = format!("see below\n\n{TWO}{HEADER}\nforwarded\n");
    for (length, expected) in [
        (inner.len(), 2),
        (inner.len() - 3, 3),
        (usize::MAX, 3),
        (7, 3),
    ] {
        let first = format!("{HEADER}Content-Length: {length}\n\n{inner}");
        let mailbox = format!("{ONE}{first}\n{TWO}{HEADER}\nlast\n");
        assert_eq!(messages(mailbox.as_bytes()).len(), expected, "{length}");
    }
    let last = format!("{ONE}{HEADER}content-length:{}\n\n{inner}", inner.len());
    assert_eq!(
        messages(last.as_bytes()).len(),
        1,
        "leads to the end of the stream"
    );
}

#[test]
fn the_variant_is_told_by_what_was_seen() {
    let observed = |mailbox: &str| {
        let mut splitter = Splitter::new(usize::MAX);
        splitter.push(mailbox.as_bytes(), true, &mut Vec::new());
        splitter.observed()
    };
    let o = format!("{ONE}{HEADER}\n>From me\n\n{TWO}{HEADER}\nthere\n");
    assert_eq!(observed(&o), Variant::O);
    assert_eq!(observed(&o.replace(">From", ">>From")), Variant::Rd);
    let cl = o.replace("Subject", "Content-Length: 9\nSubject");
    assert_eq!(observed(&cl), Variant::Cl);
    assert_eq!(observed(&cl.replace(">From", "From")), Variant::Cl2);
}

#[test]
fn padding_junk_and_empty_messages_are_accounted_for() {
    let padded = format!("\0\0\n{ONE}{HEADER}\nhello\n\n\0\0\0{TWO}{HEADER}\nthere\n\0\0");
    assert_eq!(
        messages(padded.as_bytes()),
        [format!("{HEADER}\nhello\n"), format!("{HEADER}\nthere\n")]
    );
    let junk = format!("<junk>\n\n{ONE}{HEADER}\nhello\n");
    assert_eq!(
        shown(junk.as_bytes())[0],
        (NO_FROM_LINE, "<junk>\n\n".to_owned())
    );
    assert!(looks_like_mbox(junk.as_bytes()));
    let empty = format!("{ONE}\n{TWO}{HEADER}\nhello\n");
    assert_eq!(
        messages(empty.as_bytes()),
        [String::new(), format!("{HEADER}\nhello\n")]
    );
    let cut_off = format!("{ONE}{HEADER}\nhello\n\n{TWO}");
    assert_eq!(
        messages(cut_off.as_bytes()),
        [format!("{HEADER}\nhello\n"), String::new()]
    );
    assert_eq!(shown(b""), []);
    assert_eq!(shown(b"\n\0\n"), [("separator", "\n\0\n".to_owned())]);
    assert!(!looks_like_mbox(b"\n\0\n"));
}

#[test]
fn folder_data_is_neither_message_nor_unread() {
    let text = "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nThis text is part\n";
    let mailbox =
        format!("From MAILER-DAEMON Tue Mar  4 03:33:20 2003\n{text}\n{ONE}{HEADER}\nhello\n");
    assert_eq!(
        shown(mailbox.as_bytes())[1],
        ("folder data", text.to_owned())
    );
    assert_eq!(messages(mailbox.as_bytes()).len(), 1);
}

#[test]
fn lines_of_control_a_separate_messages() {
    let marks = "\x01\x01\x01\x01\n";
    let first = format!("{HEADER}\nFrom me to you\n\n{ONE}{HEADER}\n");
    let mailbox = format!("{marks}{first}{marks}{marks}{TWO}{HEADER}\nthere\n{marks}");
    assert!(looks_like_mbox(mailbox.as_bytes()));
    // one blank line before the marks is theirs, as in the other kinds of mailbox
    let kept = first.strip_suffix('\n').unwrap();
    assert_eq!(
        messages(mailbox.as_bytes()),
        [kept.to_owned(), format!("{HEADER}\nthere\n")]
    );
}

#[test]
fn a_message_over_the_limit_is_unread_and_the_next_is_found() {
    let long = "x".repeat(50_000);
    let mailbox = format!("{ONE}{HEADER}\n{long}\n\n{TWO}{HEADER}\nthere\n");
    for chunks in [&[1_000_000][..], &[1000], &[77, 4096]] {
        let pieces = split_in_chunks(mailbox.as_bytes(), 20_000, chunks);
        assert_cover(&pieces, mailbox.len());
        let shown: Vec<_> = pieces
            .iter()
            .map(|piece| show(piece, mailbox.as_bytes()))
            .collect();
        assert_eq!(shown[1].0, "message over the limit `message_bytes`");
        assert_eq!(shown[2].1, TWO);
        assert_eq!(shown[3], ("message", format!("{HEADER}\nthere\n")));
    }
}

#[test]
fn marks_before_from_lines_come_and_go() {
    let plain = b"From me\n>From you\n>>From us\n From them\nFromage\nto From\n";
    let guarded = b">From me\n>>From you\n>>>From us\n From them\nFromage\nto From\n";
    assert_eq!(escape_rd(plain).as_ref(), guarded);
    assert_eq!(unescape_rd(guarded).as_ref(), plain);
    assert_eq!(
        unescape_o(guarded).as_ref(),
        b"From me\n>>From you\n>>>From us\n From them\nFromage\nto From\n"
    );
    assert!(matches!(
        unescape_rd(b"to From\n"),
        std::borrow::Cow::Borrowed(_)
    ));
}

#[test]
fn a_written_from_line_has_the_asctime_date() {
    // `date -u -d @820631134 +'%a %b %e %T %Y'`
    assert_eq!(
        from_line("anne@agency.example", 820_631_134),
        "From anne@agency.example Wed Jan  3 01:05:34 1996\n"
    );
    assert_eq!(
        from_line("", 0),
        "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n"
    );
    assert_eq!(
        from_line(" Anne\nExample ", i64::MAX),
        "From Anne-Example Fri Dec 31 23:59:59 9999\n"
    );
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test has to say so")]
fn real_mailboxes_have_the_messages_that_others_count() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpora");
    let corpora = std::env::var("MUCKRAKE_CORPORA").unwrap_or_else(|_| default.to_owned());
    // Counted with Python's `mailbox`; it takes 3 from `unmunged`, where the body of the first
    // message has the line `From Russia with love`.
    for (name, count) in [
        ("mime4j/mbox/mbox.rlug", 5),
        ("mimekit/mbox/content-length.mbox.txt", 29),
        ("mimekit/mbox/issue1189.mbox.txt", 4),
        ("mimekit/mbox/simple.mbox.txt", 3),
        ("mimekit/mbox/unmunged.mbox.txt", 2),
        ("sisimai/mailbox/mbox-0", 37),
        ("sisimai/mailbox/mbox-1", 1),
    ] {
        let Ok(bytes) = std::fs::read(format!("{corpora}/zoo/{name}")) else {
            eprintln!("skipped: no `{name}` in `{corpora}/zoo`");
            continue;
        };
        assert!(
            looks_like_mbox(&bytes[..bytes.len().min(1 << 16)]),
            "{name}"
        );
        let pieces = split(&bytes);
        assert_cover(&pieces, bytes.len());
        let messages = pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Message { .. }));
        assert_eq!(messages.count(), count, "{name}");
        assert_eq!(
            split_in_chunks(&bytes, 1 << 24, &[5000, 70_000]),
            pieces,
            "{name}"
        );
    }
}

/// Stretches of which mailboxes and things like them are made.
fn mail_like() -> impl Strategy<Value = Vec<u8>> {
    let stretch = prop_oneof![
        Just(ONE.as_bytes().to_vec()),
        Just(TWO.as_bytes().to_vec()),
        Just(HEADER.as_bytes().to_vec()),
        Just(b"Content-Length: 70\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\0\0".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(b">From me\n".to_vec()),
        Just(b"From - \n".to_vec()),
        Just(b"\x01\x01\x01\x01\n".to_vec()),
        Just(b"word ".to_vec()),
        Just(vec![b'a'; 9000]),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(stretch, 0..25).prop_map(|stretches| stretches.concat())
}

proptest! {
    #[test]
    fn pieces_cover_every_byte_once(bytes in mail_like()) {
        assert_cover(&split(&bytes), bytes.len());
    }

    #[test]
    fn buffers_make_no_difference(
        bytes in mail_like(),
        chunks in prop::collection::vec(1usize..20_000, 1..8),
        limit in prop_oneof![Just(usize::MAX), 0usize..30_000],
    ) {
        let mut whole = Vec::new();
        let done = Splitter::new(limit).push(&bytes, true, &mut whole);
        prop_assert_eq!(done, bytes.len());
        prop_assert_eq!(split_in_chunks(&bytes, limit, &chunks), whole);
    }

    #[test]
    fn what_is_written_is_read_back(bodies in prop::collection::vec("(>{0,2}From [a-z]{0,5}\n|[ -~]{0,30}\n){0,8}", 1..6)) {
        let messages: Vec<String> = bodies.iter().map(|body| format!("{HEADER}\n{body}")).collect();
        let mut mailbox = Vec::new();
        for message in &messages {
            mailbox.extend_from_slice(from_line("anne@agency.example", 1_046_748_800).as_bytes());
            mailbox.extend_from_slice(&escape_rd(message.as_bytes()));
            mailbox.push(b'\n');
        }
        let read: Vec<String> = split(&mailbox)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Message { start, end } => Some(&mailbox[start as usize..end as usize]),
                _ => None,
            })
            .map(|message| String::from_utf8_lossy(&unescape_rd(message)).into_owned())
            .collect();
        prop_assert_eq!(read, messages);
    }
}
