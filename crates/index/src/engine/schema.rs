//! The fields of the index.

use tantivy::schema::BytesOptions;
use tantivy::schema::FAST;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;
use tantivy::schema::NumericOptions;
use tantivy::schema::STORED;
use tantivy::schema::Schema;
use tantivy::schema::TextFieldIndexing;
use tantivy::schema::TextOptions;

/// Raised by one with every change to what is indexed or stored and how text is cut into terms.
pub(crate) const FORMAT_VERSION: u32 = 3;

/// Name of the tokenizer of every text field.
pub(crate) const ANALYZER: &str = "muckrake";

/// Name of the tokenizer of the field with whole values.
pub(crate) const SPLITTER: &str = "muckrake-whole";

/// Name of the fast field with the ordinal.
pub(crate) const ORDINAL: &str = "ordinal";
/// Name of the fast field with the date.
pub(crate) const DATE: &str = "date";
/// Name of the fast field with the size.
pub(crate) const SIZE: &str = "size";

/// The fields of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// The ordinal: fast.
    pub(crate) ordinal: Field,
    /// Seconds since the epoch: fast, missing where there is no date.
    pub(crate) date: Field,
    /// Bytes of the message: fast.
    pub(crate) size: Field,
    /// Whole values under a key (see [`ExactKey`]): addresses, kinds, flags, ids.
    pub(crate) exact: Field,
    /// Words of the subject.
    pub(crate) subject: Field,
    /// Words of all body texts, with zone marks: stored.
    pub(crate) body: Field,
    /// Words of names and addresses, a field a role.
    pub(crate) people: [Field; 4],
    /// Words of attachment names: stored.
    pub(crate) attachment: Field,
    /// Words of attachment texts: stored.
    pub(crate) attached: Field,
    /// Words of other headers, each term with the header's name before it.
    pub(crate) header: Field,
    /// The caller's record: stored.
    pub(crate) record: Field,
}

impl Fields {
    /// Those that hold words.
    pub(crate) fn words(&self) -> Vec<Field> {
        let [from, to, cc, bcc] = self.people;
        vec![
            self.subject,
            self.body,
            from,
            to,
            cc,
            bcc,
            self.attachment,
            self.attached,
            self.header,
        ]
    }
}

/// What a whole value in the field `exact` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExactKey {
    /// Address or `@domain` of a person in a role, by the index in [`Fields::people`].
    Person(usize),
    /// Kind of an attachment.
    FileType,
    /// A flag.
    Flag,
    /// Language code.
    Language,
    /// Message-ID.
    MessageId,
    /// Code of a redaction.
    Redaction,
}

impl ExactKey {
    /// The term for a value.
    pub(crate) fn term(self, value: &str) -> String {
        let key = match self {
            Self::Person(0) => 'f',
            Self::Person(1) => 't',
            Self::Person(2) => 'c',
            Self::Person(_) => 'b',
            Self::FileType => 'k',
            Self::Flag => 'i',
            Self::Language => 'l',
            Self::MessageId => 'm',
            Self::Redaction => 'r',
        };
        // A term may not be longer than tantivy takes; only hostile values are.
        let end = value.floor_char_boundary(EXACT_LIMIT);
        let value = value.get(..end).unwrap_or(value);
        let mut term = String::with_capacity(end + 1);
        term.push(key);
        for piece in value.split(EXACT_SEPARATOR) {
            term.push_str(piece);
        }
        term
    }
}

/// Between whole values in the text that the tokenizer is handed; no value has it.
pub(crate) const EXACT_SEPARATOR: char = '\0';

/// Longest whole value kept, in bytes; longer ones are compared by their beginning.
const EXACT_LIMIT: usize = 4096;

fn words(norms: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(norms),
    )
}

fn whole() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(SPLITTER)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    )
}

/// The schema and its fields.
pub(crate) fn build() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let number = NumericOptions::default() | FAST;
    let stored = BytesOptions::default() | STORED;
    let fields = Fields {
        ordinal: builder.add_u64_field(ORDINAL, number.clone()),
        date: builder.add_i64_field(DATE, number.clone()),
        size: builder.add_u64_field(SIZE, number),
        exact: builder.add_text_field("exact", whole()),
        subject: builder.add_text_field("subject", words(false)),
        body: builder.add_text_field("body", words(true) | STORED),
        people: ["from", "to", "cc", "bcc"].map(|role| builder.add_text_field(role, words(false))),
        attachment: builder.add_text_field("attachment", words(false) | STORED),
        attached: builder.add_text_field("attached", words(true) | STORED),
        header: builder.add_text_field("header", words(false)),
        record: builder.add_bytes_field("record", stored),
    };
    (builder.build(), fields)
}
