//! From a message to what is indexed of it.

use std::collections::HashSet;

use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::TextPart;
use muckrake_mail::Zone;
use tantivy::TantivyDocument;

use super::headers;
use super::headers::HeaderPlace;
use super::kinds;
use super::marks::Mark;
use super::marks::ZoneClass;
use super::marks::clean;
use super::request::Document;
use super::request::SnippetOrigin;
use super::schema::ExactKey;
use super::schema::Fields;
use super::stored;
use crate::terms::fold::is_term_char;
use crate::terms::for_each_term;

/// The document for tantivy, and about how many bytes it holds.
pub(crate) fn build(fields: &Fields, source: &Document<'_>) -> (TantivyDocument, usize) {
    let message = source.message;
    let mut document = TantivyDocument::default();
    let mut texts = Vec::new();
    document.add_u64(fields.ordinal, u64::from(source.ordinal));
    document.add_u64(fields.size, message.size);
    if let Some(utc) = source.utc {
        document.add_i64(fields.date, utc);
    }
    let subject = clean(message.subject.as_deref().unwrap_or_default());
    let mut bytes = subject.len() + source.record.len();
    bytes += add_body(&mut document, fields, message, &mut texts);
    bytes += add_attachments(&mut document, fields, message, &mut texts);
    let people = [&message.from, &message.to, &message.cc, &message.bcc];
    let people_texts = people.map(|mentions| people_text(mentions));
    bytes += add_headers(&mut document, fields, message, &subject, &people_texts);
    for (role, text) in people_texts.iter().enumerate() {
        add_text(&mut document, fields.people[role], text);
        bytes += text.len();
    }
    add_text(&mut document, fields.subject, &subject);
    for term in exact_terms(message, &people) {
        document.add_text(fields.exact, &term);
        bytes += term.len();
    }
    document.add_bytes(fields.record, source.record);
    document.add_bytes(fields.text, &texts);
    (document, bytes + texts.len())
}

fn add_text(document: &mut TantivyDocument, field: tantivy::schema::Field, text: &str) {
    if !text.is_empty() {
        document.add_text(field, text);
    }
}

/// Adds the texts of the body; gives their size.
fn add_body(
    document: &mut TantivyDocument,
    fields: &Fields,
    message: &Message,
    texts: &mut Vec<u8>,
) -> usize {
    let mut body = String::with_capacity(message.body.iter().map(|part| part.text.len() + 8).sum());
    let mut kept: Vec<&TextPart> = Vec::new();
    for part in &message.body {
        // Said once already: an alternative that differs in markup only.
        if part.alternative && kept.iter().any(|other| same_terms(&other.text, &part.text)) {
            continue;
        }
        kept.push(part);
        if !body.is_empty() {
            Mark::Gap.push(&mut body);
        }
        let start = body.len();
        push_zoned(&mut body, &part.text, &part.zones);
        let marked = body.get(start..).unwrap_or_default();
        stored::push(texts, SnippetOrigin::Body, marked);
    }
    add_text(document, fields.body, &body);
    body.len()
}

/// Adds names and texts of the attachments; gives their size.
fn add_attachments(
    document: &mut TantivyDocument,
    fields: &Fields,
    message: &Message,
    texts: &mut Vec<u8>,
) -> usize {
    let mut names = String::new();
    let mut attached = String::new();
    for attachment in &message.attachments {
        if let Some(name) = &attachment.name {
            let name = clean(name);
            push_part(&mut names, &name);
            stored::push(texts, SnippetOrigin::AttachmentName, &name);
        }
        if let Some(text) = &attachment.text {
            let text = clean(text);
            push_part(&mut attached, &text);
            stored::push(texts, SnippetOrigin::Attached, &text);
        }
    }
    add_text(document, fields.attachment, &names);
    add_text(document, fields.attached, &attached);
    names.len() + attached.len()
}

/// Adds the headers that no other field holds; gives their size.
fn add_headers(
    document: &mut TantivyDocument,
    fields: &Fields,
    message: &Message,
    subject: &str,
    people: &[String; 4],
) -> usize {
    let mut text = String::new();
    for header in &message.headers {
        let name = header.name.trim().to_lowercase();
        let held = match headers::place(&name) {
            HeaderPlace::Original => true,
            HeaderPlace::Header => false,
            HeaderPlace::Subject => same_terms(subject, &header.value),
            HeaderPlace::People(role) => has_all_terms(&people[role], &header.value),
        };
        if held || name.contains(['\n', '\0']) {
            continue;
        }
        if !text.is_empty() {
            Mark::Gap.push(&mut text);
        }
        Mark::Header.push(&mut text);
        text.push_str(&clean(&name));
        text.push('\n');
        text.push_str(&clean(&header.value));
    }
    add_text(document, fields.header, &text);
    text.len()
}

/// Adds a text with a gap before it.
fn push_part(texts: &mut String, text: &str) {
    if !texts.is_empty() {
        Mark::Gap.push(texts);
    }
    texts.push_str(text);
}

/// Names and addresses as words, with a gap between persons.
fn people_text(mentions: &[Mention]) -> String {
    let mut text = String::new();
    for mention in mentions {
        if !text.is_empty() {
            Mark::Gap.push(&mut text);
        }
        text.push_str(&clean(mention.name.as_deref().unwrap_or_default()));
        text.push(' ');
        text.push_str(&clean(mention.address.as_deref().unwrap_or_default()));
    }
    text
}

/// Adds a text with a mark at each border between zones.
fn push_zoned(body: &mut String, text: &str, zones: &[Zone]) {
    let text = clean(text);
    let mut at = 0;
    for zone in zones {
        let start = word_border(&text, zone.start as usize);
        let end = word_border(&text, zone.end as usize);
        if end <= at {
            continue;
        }
        if start > at {
            push_zone(body, ZoneClass::Author, text.get(at..start));
            at = start;
        }
        push_zone(body, ZoneClass::of(zone), text.get(at..end));
        at = end;
    }
    push_zone(body, ZoneClass::Author, text.get(at..));
}

fn push_zone(body: &mut String, class: ZoneClass, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        Mark::Zone(class).push(body);
        body.push_str(text);
    }
}

/// The first place from `at` on that is not inside a word, so that no zone
/// border hides a word from the search.
fn word_border(text: &str, at: usize) -> usize {
    let at = text.ceil_char_boundary(at.min(text.len()));
    let (before, after) = text.split_at(at);
    if !before.chars().next_back().is_some_and(is_term_char) {
        return at;
    }
    let length = after
        .find(|character| !is_term_char(character))
        .unwrap_or(after.len());
    at + length
}

/// Whether two texts have the same terms in the same order.
fn same_terms(one: &str, other: &str) -> bool {
    joined_terms(one) == joined_terms(other)
}

fn joined_terms(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for_each_term(text, |term| {
        joined.push_str(term.text);
        joined.push(' ');
    });
    joined
}

/// Whether every term of `part` is one of `whole`.
fn has_all_terms(whole: &str, part: &str) -> bool {
    let mut known = HashSet::new();
    for_each_term(whole, |term| {
        known.insert(term.text.to_owned());
    });
    let mut all = true;
    for_each_term(part, |term| all &= known.contains(term.text));
    all
}

/// Whole values: addresses and domains, kinds, flags, language, Message-ID.
fn exact_terms(message: &Message, people: &[&Vec<Mention>; 4]) -> HashSet<String> {
    let mut terms = HashSet::new();
    for (role, mentions) in people.iter().enumerate() {
        let addresses = mentions
            .iter()
            .filter_map(|mention| mention.address.as_deref());
        for address in addresses {
            add_address(&mut terms, ExactKey::Person(role), address);
        }
    }
    for attachment in &message.attachments {
        let kinds = kinds::of(attachment);
        terms.extend(kinds.iter().map(|kind| ExactKey::FileType.term(kind)));
    }
    for flag in &message.flags {
        terms.insert(ExactKey::Flag.term(flag_name(*flag)));
    }
    if let Some(language) = &message.language {
        terms.insert(ExactKey::Language.term(&language.to_lowercase()));
    }
    if let Some(id) = &message.message_id {
        terms.insert(ExactKey::MessageId.term(id.trim()));
    }
    terms
}

/// The address, its domain, and every domain above that.
fn add_address(terms: &mut HashSet<String>, key: ExactKey, address: &str) {
    let address = normal_address(address);
    terms.insert(key.term(&address));
    let Some((_, domain)) = address.rsplit_once('@') else {
        return;
    };
    // Real domains have a handful of labels; the bound keeps hostile ones linear.
    let mut rest = Some(domain);
    for _ in 0..32 {
        let Some(domain) = rest.filter(|domain| !domain.is_empty()) else {
            break;
        };
        terms.insert(key.term(&format!("@{domain}")));
        rest = domain.split_once('.').map(|(_, above)| above);
    }
}

/// An address as it is compared: in lower case, without white space around it.
pub(crate) fn normal_address(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The name of a flag in the index.
pub(crate) fn flag_name(flag: Flag) -> &'static str {
    match flag {
        Flag::Attachment => "attachment",
        Flag::Quote => "quote",
        Flag::Redaction => "redaction",
        Flag::Reply => "reply",
        Flag::Forward => "forward",
        Flag::Draft => "draft",
        Flag::Bounce => "bounce",
        Flag::List => "list",
        Flag::Encrypted => "encrypted",
        Flag::Unreadable => "unreadable",
        Flag::Deleted => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use muckrake_mail::ZoneKind;

    use super::*;

    fn zone(start: u32, end: u32, kind: ZoneKind) -> Zone {
        Zone {
            start,
            end,
            kind,
            depth: 0,
        }
    }

    #[test]
    fn a_zone_border_inside_a_word_moves_behind_it() {
        let mut body = String::new();
        let zones = [zone(0, 6, ZoneKind::Author), zone(6, 11, ZoneKind::Quoted)];
        push_zoned(&mut body, "one twofold x", &zones);
        assert_eq!(body, "\u{FDD0}one twofold\u{FDD0} x");
    }

    #[test]
    fn zones_that_fit_no_text_lose_none_of_it() {
        let mut body = String::new();
        let zones = [
            zone(3, 5, ZoneKind::Quoted),
            zone(1, 4, ZoneKind::Author),
            zone(5, 900, ZoneKind::Signature),
        ];
        push_zoned(&mut body, "ab é cd", &zones);
        let plain: String = body
            .chars()
            .filter(|c| !('\u{FDD0}'..='\u{FDD4}').contains(c))
            .collect();
        assert_eq!(plain, "ab é cd");
    }

    #[test]
    fn an_address_is_found_by_every_domain_above_it() {
        let mut terms = HashSet::new();
        add_address(&mut terms, ExactKey::Person(0), "Anne@Mail.Agency.Example");
        let mut found: Vec<_> = terms.into_iter().collect();
        found.sort();
        assert_eq!(
            found,
            [
                "f@agency.example",
                "f@example",
                "f@mail.agency.example",
                "fanne@mail.agency.example"
            ]
        );
    }

    #[test]
    fn markup_alone_makes_no_difference() {
        assert!(same_terms("One, two!", "one\n two"));
        assert!(!same_terms("one two", "two one"));
        assert!(has_all_terms("Anne Example anne", "\"Example, Anne\""));
        assert!(!has_all_terms("Anne", "Anne Bee"));
    }
}
