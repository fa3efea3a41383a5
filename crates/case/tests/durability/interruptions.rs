//! What is left of an ingest that did not come to its end, and what the next one makes of it.

use crate::desk::Desk;
use crate::desk::mails;
use crate::desk::mbox;
use crate::desk::tar;
use std::fs;

/// Below this a header is not read, and every seventh mail says so in the ledger.
const SHORT_HEADERS: &str = "[limits]\nheader_bytes = 256\n";

#[test]
fn what_an_interrupted_ingest_has_read_is_not_read_into_the_case_again() {
    let mails = mails(4_000);
    let desk = Desk::new(SHORT_HEADERS, &mails);
    let (mut kept, mut copies) = (0, 0);
    for after in [700, 200, 900] {
        let summary = desk.ingest_interrupted(kept + after);
        assert_eq!(summary.copies_kept.min(kept), kept, "{summary:?}");
        assert_eq!((summary.duplicates_new, summary.messages_removed), (0, 0));
        let totals = desk.state().1;
        copies = totals.copies;
        kept = copies - totals.attached;
    }
    let last = desk.ingest_whole();
    assert_eq!(last.copies_kept, kept);
    assert_eq!((last.duplicates_new, last.messages_removed), (0, 0));
    assert_eq!(last.copies_new, 4_800 - copies);

    let straight = Desk::new(SHORT_HEADERS, &mails);
    let at_once = straight.ingest_whole();
    assert_eq!(desk.state(), straight.state());
    assert_eq!(straight.state().1.unread, 4_000_u64.div_ceil(7));
    assert_eq!(last.unread_new, at_once.unread_new);
}

/// Whether a run ends with exit code 3 hangs on what it could not read.
#[test]
fn what_an_interrupted_run_could_not_read_is_told_by_the_one_that_ends() {
    let head = "From: Ada Quill <aquill@rivermouth.example>\nSubject: Dredging\n";
    let with_part = |id: u32, part: &str| {
        format!(
            "Message-ID: <p{id}@rivermouth.example>\n{head}MIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=cut\n\n--cut\n\nSee below.\n--cut\n{part}\n--cut--\n"
        )
    };
    let pdf = "Content-Type: application/pdf\n\n%PDF-1.4 invented";
    let locked = "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\ninvented";
    let attached = format!(
        "Content-Type: message/rfc822\n\nSubject: Inner\nX-Note: {}\n\nInside.",
        "long ".repeat(60)
    );
    let open = [
        with_part(0, pdf),
        with_part(1, locked),
        with_part(2, &attached),
    ];
    let sound = |number| {
        mails(number)
            .into_iter()
            .filter(|mail| !mail.contains("long "))
    };
    let later: Vec<String> = open.iter().cloned().chain(sound(3_000)).collect();
    let make = || {
        let mut desk = Desk::new(SHORT_HEADERS, &later);
        desk.deliver_first(&open);
        desk
    };
    let (desk, straight) = (make(), make());
    let interrupted = desk.ingest_interrupted(600);
    assert_eq!((interrupted.sources_new, interrupted.unread_new), (1, 4));
    let (last, at_once) = (desk.ingest_whole(), straight.ingest_whole());
    assert_eq!(desk.state(), straight.state());
    for summary in [last, at_once] {
        // In each mailbox one attachment is encrypted and one header too long.
        assert_eq!((summary.unread_new, summary.unsupported_new), (4, 2));
    }
    let again = desk.ingest_whole();
    assert_eq!((again.unread_new, again.unsupported_new), (0, 0));
}

/// Members of one name in an archive are told apart by nothing but their place in it.
#[test]
fn an_interruption_loses_nothing_of_a_member_that_has_a_namesake() {
    let (first, second) = (mbox(&mails(800)), mbox(&mails(3_000)[800..]));
    // The third is the first once more.
    let archive = tar(&[
        ("in.mbox", &first),
        ("in.mbox", &second),
        ("in.mbox", &first),
    ]);
    let make = || {
        let desk = Desk::new("", &[]);
        fs::write(desk.mailbox(), &archive).unwrap();
        desk
    };
    let (desk, straight) = (make(), make());
    // In the middle of each of the three.
    for after in [400, 1_500, 3_100] {
        let _ = desk.ingest_interrupted(after);
        let _ = desk.state();
    }
    let last = desk.ingest_whole();
    assert!(last.copies_kept >= 3_100, "{last:?}");
    let _ = straight.ingest_whole();
    let (found, expected) = (desk.state(), straight.state());
    assert_eq!(found.1, expected.1);
    assert_eq!(found.1.copies, 3_800 + 3_800 / 5);
    assert_eq!(found.0, expected.0);
}

#[test]
fn what_is_no_longer_there_after_an_interruption_goes() {
    let mut mails = mails(4_000);
    let desk = Desk::new("", &mails);
    let _ = desk.ingest_interrupted(700);
    mails[3] = mails[3].replace("The pier", "The quay");
    let _ = mails.remove(20);
    desk.deliver(&mails);
    let _ = desk.ingest_whole();
    let straight = Desk::new("", &mails);
    let _ = straight.ingest_whole();
    assert_eq!(desk.state(), straight.state());
}
