//! What the header fields of a message say.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::Reader;
use super::words;
use crate::charset;
use crate::date;
use crate::header_list::Headers;
use crate::headers::message_ids;
use crate::headers::unfold;
use crate::model::DateSource;
use crate::model::DefectCode;
use crate::model::MailDate;
use crate::model::Mention;
use crate::people;

/// First second that is no date of mail any more: 2100-01-01.
const END_OF_TIME: i64 = 4_102_444_800;

/// Most ids of References that are used; no conversation is that deep.
const MOST_REFERENCES: usize = 1_000;

/// Characters that split address lists, hidden in encoded words by this much.
const HIDDEN: u32 = 0xF_0000;

/// Most room made for header fields before they are read, in bytes; a hostile header may have gigabytes.
const HEADERS_CAPACITY: usize = 16 << 10;

/// The fields of a message that have a meaning here.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) headers: Headers,
    pub(super) message_id: Option<String>,
    pub(super) in_reply_to: Vec<String>,
    pub(super) references: Vec<String>,
    pub(super) date: Option<MailDate>,
    pub(super) from: Vec<Mention>,
    pub(super) sender: Vec<Mention>,
    pub(super) reply_to: Vec<Mention>,
    pub(super) to: Vec<Mention>,
    pub(super) cc: Vec<Mention>,
    pub(super) bcc: Vec<Mention>,
    pub(super) subject: Option<String>,
}

impl Reader<'_> {
    pub(super) fn read_fields(&mut self) -> Fields {
        let block = std::mem::take(&mut self.structure.header);
        let mut fields = Fields {
            headers: Headers::with_capacity(block.fields.len(), block.body.min(HEADERS_CAPACITY)),
            ..Fields::default()
        };
        let mut ids = Vec::new();
        for field in &block.fields {
            let value = self.cut(field.value(self.raw), field.value.start);
            let value = unfold(value);
            let name = String::from_utf8_lossy(field.name(self.raw));
            let text = words::decode(&value, self.charset);
            match known_name(&name) {
                "message-id" => ids.extend(message_ids(&text).into_iter().next().or_else(|| {
                    // An id that is no id is still what the mail calls itself.
                    let id = text.trim();
                    (!id.is_empty()).then(|| id.to_owned())
                })),
                "in-reply-to" => fields.in_reply_to.extend(message_ids(&text)),
                "references" => fields.references.extend(message_ids(&text)),
                "from" => fields.from.extend(mentions(&value, self.charset)),
                "sender" => fields.sender.extend(mentions(&value, self.charset)),
                "reply-to" => fields.reply_to.extend(mentions(&value, self.charset)),
                "to" => fields.to.extend(mentions(&value, self.charset)),
                "cc" => fields.cc.extend(mentions(&value, self.charset)),
                "bcc" => fields.bcc.extend(mentions(&value, self.charset)),
                "subject" if fields.subject.is_none() => fields.subject = fold(&text),
                _ => {}
            }
            fields.headers.push(&name, &text);
        }
        self.structure.header = block;
        self.check_ids(&ids);
        self.cut_references(&mut fields.references);
        fields.message_id = ids.into_iter().next();
        fields.date = self.date(&fields.headers);
        fields
    }

    /// A value up to the limit, with the defect where it is longer.
    fn cut<'a>(&mut self, value: &'a [u8], offset: usize) -> &'a [u8] {
        let limit = self.limits.header_bytes;
        match value.get(..limit) {
            Some(kept) if value.len() > limit => {
                let detail = format!(
                    "a field of {} bytes, cut to {limit}, the limit `header_bytes`",
                    value.len()
                );
                self.defect(DefectCode::HeaderTooLong, offset, &detail);
                kept
            }
            _ => value,
        }
    }

    fn check_ids(&mut self, ids: &[String]) {
        match ids {
            [] => self.defect(DefectCode::NoMessageId, 0, ""),
            [_] => {}
            [_, second, ..] => {
                let second: String = second.chars().take(120).collect();
                self.defect(DefectCode::SeveralMessageIds, 0, &second);
            }
        }
    }

    /// Leaves out the middle of a list that is too long: its beginning names the conversation,
    /// its end what is answered.
    fn cut_references(&mut self, references: &mut Vec<String>) {
        if references.len() > MOST_REFERENCES {
            let detail = format!("{} ids, {MOST_REFERENCES} used", references.len());
            let offset = self
                .structure
                .header
                .first(self.raw, "references")
                .map_or(0, |value| self.offset_of(value));
            self.defect(DefectCode::TooManyReferences, offset, &detail);
            references.drain(1..=references.len() - MOST_REFERENCES);
        }
    }

    /// The Date field, else the topmost Received field that has a readable date.
    fn date(&mut self, headers: &Headers) -> Option<MailDate> {
        let told = headers.values("date").find(|value| !value.is_empty());
        if let Some(date) = headers.values("date").find_map(sane_date) {
            return Some(MailDate {
                source: DateSource::Header,
                ..date
            });
        }
        if let Some(told) = told {
            let offset = self
                .structure
                .header
                .first(self.raw, "date")
                .map_or(0, |value| self.offset_of(value));
            let detail: String = told.chars().take(80).collect();
            self.defect(DefectCode::BadDate, offset, &detail);
        }
        let received = headers
            .values("received")
            .filter_map(|value| value.rsplit_once(';'))
            .find_map(|(_, date)| sane_date(date.trim()));
        if received.is_none() && told.is_none() {
            self.defect(DefectCode::NoDate, 0, "");
        }
        received.map(|date| MailDate {
            source: DateSource::Received,
            ..date
        })
    }

    fn offset_of(&self, value: &[u8]) -> usize {
        (value.as_ptr() as usize).saturating_sub(self.raw.as_ptr() as usize)
    }
}

/// The name of a field that has a meaning here, in lower case; empty for others.
fn known_name(name: &str) -> &'static str {
    const KNOWN: [&str; 10] = [
        "message-id",
        "in-reply-to",
        "references",
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "bcc",
        "subject",
    ];
    let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.copied().unwrap_or_default()
}

/// A date between 1970 and 2100; the zero of Unix clocks is no date but the lack of one.
fn sane_date(text: &str) -> Option<MailDate> {
    let date = date::parse(text)?;
    let local = (0..END_OF_TIME).contains(&date.local) && date.local != 0;
    (local && date.utc() != Some(0)).then_some(date)
}

/// White space as single spaces; `None` for nothing.
fn fold(text: &str) -> Option<String> {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    (!folded.is_empty()).then_some(folded)
}

/// The persons of an unfolded field.
///
/// The list is split before encoded words mean anything (RFC 2047 §6.2): what they
/// decode to is hidden from the splitter, so that a comma in a name splits nothing.
fn mentions(value: &[u8], body: Option<&'static Encoding>) -> Vec<Mention> {
    if !words::may_have_words(value) {
        return people::parse_list(&words::decode(value, body));
    }
    let mut text = String::with_capacity(value.len());
    words::decode_into(value, body, &mut text, |bytes, label, text| {
        hide(&charset::decode_word(bytes, label), text);
    });
    let mut mentions = Vec::new();
    for mention in people::parse_list(&text) {
        let name = mention.name.map(|name| reveal(&name).into_owned());
        let address = mention.address.map(|address| reveal(&address).into_owned());
        // Some mailers encode name and address in one word.
        match name.as_deref() {
            Some(whole) if address.is_none() && whole.contains('<') && whole.contains('@') => {
                mentions.extend(people::parse_list(whole));
            }
            _ => mentions.push(Mention { name, address }),
        }
    }
    mentions
}

fn hide(decoded: &str, text: &mut String) {
    for character in decoded.chars() {
        let special = matches!(
            character,
            ',' | ';' | ':' | '<' | '>' | '(' | ')' | '"' | '\'' | '\\' | '[' | ']'
        );
        let hidden = special
            .then(|| char::from_u32(HIDDEN + u32::from(character)))
            .flatten();
        text.push(hidden.unwrap_or(character));
    }
}

fn reveal(text: &str) -> Cow<'_, str> {
    let hidden = |character: char| (HIDDEN..HIDDEN + 128).contains(&u32::from(character));
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let shown = |character: char| {
        if hidden(character) {
            char::from_u32(u32::from(character) - HIDDEN).unwrap_or(character)
        } else {
            character
        }
    };
    Cow::Owned(text.chars().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specials_in_encoded_words_are_hidden_and_shown_again() {
        let mut text = String::new();
        hide("Doe, Jane (\u{e9})", &mut text);
        assert!(!text.contains(','));
        assert_eq!(reveal(&text), "Doe, Jane (\u{e9})");
    }

    #[test]
    fn white_space_is_folded() {
        assert_eq!(fold(" a \t b\u{a0}c ").as_deref(), Some("a b c"));
        assert_eq!(fold(" "), None);
    }
}
