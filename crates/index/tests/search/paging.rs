//! Order, pages and the last result.

use muckrake_index::SearchRequest;
use muckrake_index::Sort;

use crate::mail::Indexed;
use crate::mail::Mail;
use crate::mail::query_of;

/// Bodies of many lengths, dates that repeat, some without.
fn mails() -> Vec<Mail> {
    (0..57u32)
        .map(|number| {
            let mail = Mail::new().body(&"budget plan ".repeat(number as usize % 5 + 1));
            match number % 4 {
                0 => mail,
                day => mail.at(&format!("2016-05-{:02}T12:00:00", day + number % 3)),
            }
        })
        .collect()
}

#[test]
fn pages_join_to_the_whole_in_every_order() {
    let indexed = Indexed::in_batches(&mails(), 10);
    let query = query_of("budget");
    for sort in [Sort::Relevance, Sort::DateAscending, Sort::DateDescending] {
        let request = SearchRequest {
            sort,
            limit: None,
            ..SearchRequest::new(&query)
        };
        let whole = indexed.reader.search(&request, &indexed.known).unwrap();
        assert_eq!(whole.count, 57);
        let mut joined = Vec::new();
        for offset in (0..70).step_by(7) {
            let request = SearchRequest {
                offset,
                limit: Some(7),
                ..request.clone()
            };
            let page = indexed.reader.search(&request, &indexed.known).unwrap();
            assert_eq!(page.count, 57);
            joined.extend(page.hits);
        }
        assert_eq!(joined, whole.hits);
    }
}

#[test]
fn undated_messages_come_last_both_ways() {
    let mails = mails();
    let indexed = Indexed::in_batches(&mails, 10);
    let query = query_of("*");
    for (sort, sign) in [(Sort::DateAscending, 1), (Sort::DateDescending, -1)] {
        let request = SearchRequest {
            sort,
            limit: None,
            ..SearchRequest::new(&query)
        };
        let results = indexed.reader.search(&request, &indexed.known).unwrap();
        let found: Vec<u32> = results.hits.iter().map(|hit| hit.ordinal).collect();
        let mut expected: Vec<u32> = (0..57).collect();
        expected.sort_by_key(|ordinal| {
            let utc = mails[*ordinal as usize].utc;
            (utc.is_none(), utc.map(|utc| utc * sign), *ordinal)
        });
        assert_eq!(found, expected);
    }
}

#[test]
fn a_limit_of_nothing_counts() {
    let indexed = Indexed::new(&mails());
    let query = query_of("budget");
    let request = SearchRequest {
        limit: Some(0),
        ..SearchRequest::new(&query)
    };
    let results = indexed.reader.search(&request, &indexed.known).unwrap();
    assert_eq!((results.count, results.hits.len()), (57, 0));
}

#[test]
fn records_come_back_by_ordinal() {
    let indexed = Indexed::in_batches(&mails(), 10);
    let reader = &indexed.reader;
    assert_eq!(reader.record(41).unwrap().unwrap(), b"record 41");
    assert_eq!(reader.record(57).unwrap(), None);
    let set = [3, 50, 12, 999].into_iter().collect();
    let mut seen = Vec::new();
    let visit = |ordinal, record: &[u8]| {
        seen.push((ordinal, String::from_utf8_lossy(record).into_owned()));
        Ok::<(), muckrake_index::IndexError>(())
    };
    reader.for_each_record(&set, visit).unwrap();
    let expected = [3, 12, 50].map(|ordinal| (ordinal, format!("record {ordinal}")));
    assert_eq!(seen, expected);
    assert_eq!(
        reader.records(&[5, 99]).unwrap(),
        [Some(b"record 5".to_vec()), None]
    );
}
