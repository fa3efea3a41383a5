//! From a message to what is indexed of it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::collections::HashSet;

use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::TextPart;
use muckrake_mail::Zone;

use super::headers;
use super::headers::HeaderPlace;
use super::kinds;
use super::marks::Mark;
use super::marks::ZoneClass;
use super::marks::clean;
use super::request::Document;
use super::schema::EXACT_SEPARATOR;
use super::schema::ExactKey;
use super::schema::Fields;
use super::values::Held;
use super::values::Values;
use crate::terms::fold::is_term_char;
use crate::terms::for_each_term;

/// The document for tantivy.
pub(crate) fn build(fields: &Fields, source: &Document<'_>) -> Values {
    let message = source.message;
    let mut values = Values::default();
    values.push(fields.ordinal, Held::Unsigned(u64::from(source.ordinal)));
    values.push(fields.size, Held::Unsigned(message.size));
    if let Some(utc) = source.utc {
        values.push(fields.date, Held::Signed(utc));
    }
    let people = [&message.from, &message.to, &message.cc, &message.bcc];
    let people_texts = people.map(|mentions| people_text(mentions));
    let subject = clean(message.subject.as_deref().unwrap_or_default());
    values.text(
        fields.header,
        headers_text(message, &subject, &people_texts),
    );
    values.text(fields.exact, exact_text(message, &people));
    values.text(fields.subject, subject.into_owned());
    values.text(fields.body, body_text(message));
    for (field, text) in fields.people.into_iter().zip(people_texts) {
        values.text(field, text);
    }
    let names = message.attachments.iter().map(|one| one.name.as_deref());
    values.text(fields.attachment, joined(names));
    let texts = message.attachments.iter().map(|one| one.text.as_deref());
    values.text(fields.attached, joined(texts));
    values.push(fields.record, Held::Bytes(source.record.to_vec()));
    values
}

/// Most parts with which an alternative is compared: those before it, since what it says otherwise is among them.
const MOST_COMPARED: usize = 16;

/// The texts of the body that are indexed, in order: each that says something of its own.
pub fn indexed_texts(message: &Message) -> Vec<&TextPart> {
    let mut kept: Vec<&TextPart> = Vec::new();
    for part in &message.body {
        // Said once already: an alternative that differs in markup only.
        let mut before = kept.iter().rev().take(MOST_COMPARED);
        if !part.alternative || !before.any(|other| same_terms(&other.text, &part.text)) {
            kept.push(part);
        }
    }
    kept
}

/// The texts of the body with their zones, each once.
fn body_text(message: &Message) -> String {
    let length = message.body.iter().map(|part| part.text.len() + 8).sum();
    let mut body = String::with_capacity(length);
    for part in indexed_texts(message) {
        if !body.is_empty() {
            Mark::Gap.push(&mut body);
        }
        push_zoned(&mut body, &part.text, &part.zones);
    }
    body
}

/// Texts with gaps between them.
fn joined<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut all = String::new();
    for text in texts.flatten() {
        push_part(&mut all, &clean(text));
    }
    all
}

/// Room for the indexed headers of a usual message, in bytes.
const HEADERS_CAPACITY: usize = 1 << 10;

/// Writes the name of a header in lower case and without white space around it.
fn lower_case(name: &str, lower: &mut String) {
    let name = name.trim();
    lower.clear();
    if name.is_ascii() {
        lower.push_str(name);
        lower.make_ascii_lowercase();
    } else {
        lower.extend(name.chars().flat_map(char::to_lowercase));
    }
}

/// The headers that no other field holds.
fn headers_text(message: &Message, subject: &str, people: &[String; 4]) -> String {
    let mut text = String::with_capacity(HEADERS_CAPACITY);
    let mut name = String::new();
    let (subject, people) = (
        Said::new(subject),
        people.each_ref().map(|text| Said::new(text)),
    );
    for header in &message.headers {
        lower_case(header.name, &mut name);
        let held = match headers::place(&name) {
            HeaderPlace::Original => true,
            HeaderPlace::Header => false,
            HeaderPlace::Subject => subject.is(header.value),
            HeaderPlace::People(role) => people[role].holds(header.value),
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
        text.push_str(&clean(header.value));
    }
    text
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
    if one.is_ascii() && other.is_ascii() {
        return ascii_words(one).eq(ascii_words(other));
    }
    joined_terms(one) == joined_terms(other)
}

/// The words that terms of an ASCII text are made of, as [`for_each_term`] cuts them.
fn ascii_words(text: &str) -> impl Iterator<Item = AsciiWord<'_>> {
    text.as_bytes()
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(AsciiWord)
}

/// A word that is equal to another whatever the case of its letters.
struct AsciiWord<'a>(&'a [u8]);

impl PartialEq for AsciiWord<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

fn joined_terms(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for_each_term(text, |term| {
        joined.push_str(term.text);
        joined.push(' ');
    });
    joined
}

/// A text that many header fields are compared with: what that needs is made once.
struct Said<'a> {
    text: &'a str,
    is_ascii: bool,
    joined: OnceCell<String>,
    terms: OnceCell<HashSet<String>>,
}

impl<'a> Said<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            is_ascii: text.is_ascii(),
            joined: OnceCell::new(),
            terms: OnceCell::new(),
        }
    }

    /// Whether another text has the same terms in the same order.
    fn is(&self, other: &str) -> bool {
        if self.is_ascii && other.is_ascii() {
            return ascii_words(self.text).eq(ascii_words(other));
        }
        *self.joined.get_or_init(|| joined_terms(self.text)) == joined_terms(other)
    }

    /// Whether every term of another text is one of this.
    fn holds(&self, part: &str) -> bool {
        // Nearly always the header is what the names and addresses were read from.
        if self.is(part) {
            return true;
        }
        let known = self.terms.get_or_init(|| {
            let mut known = HashSet::new();
            for_each_term(self.text, |term| {
                if !known.contains(term.text) {
                    known.insert(term.text.to_owned());
                }
            });
            known
        });
        let mut all = true;
        for_each_term(part, |term| all &= known.contains(term.text));
        all
    }
}

/// Whole values: addresses and domains, kinds, flags, language, Message-ID.
fn exact_text(message: &Message, people: &[&Vec<Mention>; 4]) -> String {
    let mut terms = BTreeSet::new();
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
    for redaction in &message.redactions {
        terms.insert(ExactKey::Redaction.term(&redaction.code));
        // `(b)(7)(C)` is of `(b)(7)` too.
        if let ("b", Some(whole)) = (
            redaction.code.get(..1).unwrap_or_default(),
            redaction.code.get(..2),
        ) {
            terms.insert(ExactKey::Redaction.term(whole));
        }
    }
    if let Some(id) = &message.message_id {
        terms.insert(ExactKey::MessageId.term(id.trim()));
    }
    let mut text = String::with_capacity(terms.iter().map(|term| term.len() + 1).sum());
    for term in &terms {
        text.push_str(term);
        text.push(EXACT_SEPARATOR);
    }
    text
}

/// The address, its domain, and every domain above that.
fn add_address(terms: &mut BTreeSet<String>, key: ExactKey, address: &str) {
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
        let mut terms = BTreeSet::new();
        add_address(&mut terms, ExactKey::Person(0), "Anne@Mail.Agency.Example");
        let found: Vec<_> = terms.into_iter().collect();
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

    /// Each field was compared with all that the others say, at the price of reading that again.
    #[test]
    fn fields_that_repeat_take_no_quadratic_time() {
        let field = "To: \u{e9}a@x.example, b\u{e9}@y.example, c@z.example\nSubject: caf\u{e9} on the pier\n";
        let head = field.repeat(10_000) + "From: a@a.example\n\nText.\n";
        let message = muckrake_mail::parse(head.as_bytes(), &muckrake_mail::Limits::default());
        let subject = message.subject.clone().unwrap_or_default();
        let to = people_text(&message.to);
        let people = std::array::from_fn(|_| to.clone());
        let start = std::time::Instant::now();
        assert_eq!(
            headers_text(&message, &subject.repeat(5_000), &people)
                .matches("subject")
                .count(),
            10_000
        );
        assert!(start.elapsed() < std::time::Duration::from_secs(30));
    }

    #[test]
    fn markup_alone_makes_no_difference() {
        assert!(same_terms("One, two!", "one\n two"));
        assert!(!same_terms("one two", "two one"));
        assert!(Said::new("Anne Example anne").holds("\"Example, Anne\""));
        assert!(!Said::new("Anne").holds("Anne Bee"));
    }
}
