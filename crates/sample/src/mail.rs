//! One distinct message, as the generator knows it, before it is written down.

use crate::attachment::File;
use crate::encode::Charset;
use crate::moment::Moment;
use crate::people::Client;
use crate::people::Person;
use crate::story::Mark;

/// A mailbox as written in a header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    pub name: String,
    pub address: String,
}

impl Party {
    /// `person` as `writer` writes them.
    pub(crate) fn by(person: &Person, writer: &Person) -> Self {
        Self {
            name: person.name_by(writer),
            address: person.address.to_owned(),
        }
    }

    /// `Name <address>` in running text.
    pub(crate) fn in_text(&self) -> String {
        format!("{} <{}>", self.name, self.address)
    }
}

/// How the text is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `text/plain`.
    Plain,
    /// `text/plain; format=flowed` (RFC 3676).
    Flowed,
    /// Plain and HTML, saying the same.
    Alternative,
    /// HTML alone.
    Html,
}

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transfer {
    SevenBit,
    EightBit,
    QuotedPrintable,
    Base64,
}

/// Which agency's release has a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Each agency that took part in it.
    Natural,
    /// Procurement alone, whoever took part.
    ProcurementOnly,
    /// The Mayor's Office alone, whoever took part.
    MayorOnly,
    /// Both, whoever took part: it came through a list or to hidden recipients.
    Both,
    /// Neither: others prove that it exists.
    Nowhere,
}

/// One distinct message.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    /// The name by which planted messages refer to one another.
    pub key: &'static str,
    pub message_id: Option<String>,
    pub in_reply_to: Option<String>,
    pub references: Vec<String>,
    /// When it was sent.
    pub at: Moment,
    /// True where the Date field tells `at`.
    pub dated: bool,
    pub client: Client,
    pub from: Party,
    pub to: Vec<Party>,
    pub cc: Vec<Party>,
    pub bcc: Vec<Party>,
    pub subject: String,
    /// The author's words.
    pub own: String,
    /// Signature, and whatever a mail system adds.
    pub closing: String,
    /// Other people's words, with the lines that introduce them.
    pub quoted: String,
    pub form: Form,
    pub charset: Charset,
    pub transfer: Transfer,
    pub files: Vec<File>,
    /// Attached messages, by their place among all messages.
    pub attached: Vec<usize>,
    pub thread_index: Option<Vec<u8>>,
    pub thread_topic: String,
    /// Further header fields, whole lines without the line break.
    pub extra: Vec<String>,
    pub held: Held,
    /// Bytes to be used as they stand, for mail that no composer would write.
    pub raw: Option<Vec<u8>>,
    /// True where copies get `Received` fields.
    pub traced: bool,
    /// What is unusual about it.
    pub marks: Vec<Mark>,
}

impl Mail {
    /// The whole text: a Thunderbird user answers below the quotation, all others above it.
    pub(crate) fn text(&self) -> String {
        let parts = match self.client {
            Client::Thunderbird if !self.quoted.starts_with("---") => {
                [&self.quoted, &self.own, &self.closing]
            }
            _ => [&self.own, &self.closing, &self.quoted],
        };
        let present: Vec<&str> = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.as_str())
            .collect();
        present.join("\n\n")
    }

    /// Everyone who took part, the author first.
    pub(crate) fn parties(&self) -> impl Iterator<Item = &Party> {
        std::iter::once(&self.from)
            .chain(&self.to)
            .chain(&self.cc)
            .chain(&self.bcc)
    }

    /// True where somebody at `domain` took part.
    pub(crate) fn touches(&self, domain: &str) -> bool {
        self.parties()
            .any(|party| party.address.rsplit('@').next() == Some(domain))
    }

    /// True where that person of the cast took part.
    pub(crate) fn touches_person(&self, key: &str) -> bool {
        let address = crate::people::person(key).address;
        self.parties().any(|party| party.address == address)
    }
}
