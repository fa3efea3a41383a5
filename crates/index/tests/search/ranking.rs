//! Which of two matching messages comes first.

use muckrake_index::SearchRequest;

use crate::mail::Indexed;
use crate::mail::Mail;
use crate::mail::query_of;

fn order(indexed: &Indexed, query: &str) -> Vec<u32> {
    let query = query_of(query);
    let request = SearchRequest {
        limit: None,
        ..SearchRequest::new(&query)
    };
    let results = indexed.reader.search(&request, &indexed.known).unwrap();
    results.hits.iter().map(|hit| hit.ordinal).collect()
}

#[test]
fn a_subject_is_ahead_of_a_footer() {
    let footer = format!(
        "{} contract contract contract contract contract",
        "filler ".repeat(200)
    );
    let short = "contract contract contract contract contract";
    let subject = "Regarding the second of three long letters about the contract and other things";
    let mut mails = vec![
        Mail::new().body(&footer),
        Mail::new().body(short),
        Mail::new().subject(subject).body("see below"),
    ];
    assert_eq!(order(&Indexed::new(&mails), "contract").first(), Some(&2));
    // The word is rare in bodies and common in subjects, and still.
    for _ in 0..50 {
        mails.push(Mail::new().subject("contract").body("nothing"));
    }
    let ranked = order(&Indexed::new(&mails), "contract");
    let last: Vec<u32> = ranked[ranked.len() - 2..].to_vec();
    assert_eq!(last, [1, 0]);
}

#[test]
fn a_rare_word_counts_more_than_a_common_one() {
    let mut mails: Vec<Mail> = (0..20)
        .map(|_| Mail::new().body("budget meeting"))
        .collect();
    mails.push(Mail::new().body("procurement meeting"));
    let indexed = Indexed::new(&mails);
    assert_eq!(order(&indexed, "budget OR procurement").first(), Some(&20));
}

#[test]
fn equal_messages_come_by_ordinal_whatever_segment_they_are_in() {
    let mails: Vec<Mail> = (0..30).map(|_| Mail::new().body("budget")).collect();
    let indexed = Indexed::in_batches(&mails, 4);
    assert_eq!(order(&indexed, "budget"), (0..30).collect::<Vec<u32>>());
    assert_eq!(order(&indexed, "*"), (0..30).collect::<Vec<u32>>());
}

#[test]
fn the_authors_words_are_ahead_of_quotes_and_these_of_footers() {
    use muckrake_mail::ZoneKind::Author;
    use muckrake_mail::ZoneKind::Disclaimer;
    use muckrake_mail::ZoneKind::Forwarded;
    use muckrake_mail::ZoneKind::Quoted;
    let filler = "many other words ".repeat(300);
    let quoted = "change order change order change order";
    let mails = [
        Mail::new().zones(&[(Author, "see "), (Disclaimer, "change order")]),
        Mail::new().zones(&[(Author, "see "), (Quoted, quoted)]),
        // Once, in a long text that also quotes.
        Mail::new().zones(&[
            (Quoted, "nothing of it "),
            (Author, &filler),
            (Author, "change order "),
            (Disclaimer, "privileged"),
        ]),
        Mail::new().zones(&[(Author, "see "), (Forwarded, "change order")]),
    ];
    let indexed = Indexed::new(&mails);
    for query in [
        "order",
        "body:order",
        "\"change order\"",
        "\"order change\"~1",
        "change order",
        "ord*",
    ] {
        let ranked = order(&indexed, query);
        assert_eq!(ranked.len(), 4, "nothing is dropped: {query}");
        assert_eq!(ranked[0], 2, "{query}");
        assert_eq!(ranked[3], 0, "{query}");
    }
    assert_eq!(order(&indexed, "quoted:order").len(), 2);
}
