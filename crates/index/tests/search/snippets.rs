//! Snippets with marked hits.

use muckrake_index::SearchRequest;
use muckrake_index::Snippet;
use muckrake_index::SnippetOrigin;
use muckrake_mail::ZoneKind;

use crate::mail::Indexed;
use crate::mail::Mail;
use crate::mail::query_of;

fn snippet(mail: Mail, query: &str) -> Option<Snippet> {
    let indexed = Indexed::new(&[mail]);
    let query = query_of(query);
    let request = SearchRequest {
        snippets: true,
        ..SearchRequest::new(&query)
    };
    let results = indexed.reader.search(&request, &indexed.known).unwrap();
    results.hits.into_iter().next().unwrap().snippet
}

fn marked(snippet: &Snippet) -> Vec<&str> {
    snippet
        .marks
        .iter()
        .map(|mark| &snippet.text[mark.clone()])
        .collect()
}

#[test]
fn a_short_text_is_shown_whole_with_white_space_folded() {
    let found = snippet(
        Mail::new().body("The  Contracts\n\twere awarded."),
        "contract",
    )
    .unwrap();
    assert_eq!(found.text, "The Contracts were awarded.");
    assert_eq!(marked(&found), ["Contracts"]);
    assert_eq!(found.origin, SnippetOrigin::Body);
}

#[test]
fn the_stretch_with_most_of_the_query_is_shown() {
    let far = "nothing to see here ".repeat(50);
    let text = format!("budget first. {far} the budget of the contract {far}");
    let found = snippet(Mail::new().body(&text), "budget contract").unwrap();
    assert_eq!(marked(&found), ["budget", "contract"]);
    assert!(
        found.text.starts_with('…') && found.text.ends_with('…'),
        "{}",
        found.text
    );
    let length = found.text.chars().count();
    assert!((120..=170).contains(&length), "{length}");
}

#[test]
fn only_words_of_a_phrase_that_stand_together_are_marked() {
    let text = "award here. The contract award is a contract.";
    let found = snippet(Mail::new().body(text), "\"contract award\"").unwrap();
    assert_eq!(marked(&found), ["contract", "award"]);
    assert_eq!(found.marks[0].start, text.find("contract").unwrap());
}

#[test]
fn quoted_words_are_not_marked_as_said() {
    let mail = Mail::new().zones(&[
        (ZoneKind::Quoted, "> a secret\n"),
        (ZoneKind::Author, "my secret"),
    ]);
    let found = snippet(mail, "said:secret").unwrap();
    assert_eq!(found.text, "> a secret my secret");
    assert_eq!(found.marks.len(), 1);
    assert_eq!(found.marks[0], 14..20);
}

#[test]
fn attachments_are_shown_where_the_hit_is_there() {
    let mail = Mail::new().body("see attached").attachment(
        "minutes.txt",
        "text/plain",
        Some("the secret minutes"),
    );
    let found = snippet(mail.clone(), "secret").unwrap();
    assert_eq!(found.origin, SnippetOrigin::Attached);
    assert_eq!(marked(&found), ["secret"]);
    let found = snippet(mail, "attachment:minutes").unwrap();
    assert_eq!(found.origin, SnippetOrigin::AttachmentName);
    assert_eq!(found.text, "minutes.txt");
}

#[test]
fn without_a_hit_in_a_text_the_beginning_is_shown() {
    let mail = Mail::new().subject("contract").body("  Dear all,\nhello");
    let found = snippet(mail, "subject:contract").unwrap();
    assert_eq!(
        (found.text.as_str(), found.marks.len()),
        ("Dear all, hello", 0)
    );
    assert_eq!(snippet(Mail::new().subject("contract"), "contract"), None);
}

#[test]
fn pairs_are_marked_as_one_stretch() {
    let found = snippet(Mail::new().body("新しい契約書です"), "契約書").unwrap();
    assert_eq!(marked(&found), ["契約書"]);
}
