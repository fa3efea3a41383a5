//! What the index keeps of a message, as it is read back.
//!
//! Texts are read in one piece each. tantivy's own document copies every value a second time into memory that grows as it
//! goes, which took longer than unpacking it.

use tantivy::schema::Field;
use tantivy::schema::document::DeserializeError;
use tantivy::schema::document::DocumentDeserialize;
use tantivy::schema::document::DocumentDeserializer;
use tantivy::schema::document::ValueDeserialize;
use tantivy::schema::document::ValueDeserializer;
use tantivy::schema::document::ValueVisitor;

/// The kept values of one message, by field.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    values: Vec<(Field, Kept)>,
}

/// One of them.
#[derive(Debug)]
enum Kept {
    Text(String),
    Bytes(Vec<u8>),
}

impl Stored {
    /// The text of a field; empty where there is none.
    pub(crate) fn text(&self, field: Field) -> &str {
        match self.value(field) {
            Some(Kept::Text(text)) => text,
            _ => "",
        }
    }

    /// The bytes of a field; empty where there are none.
    pub(crate) fn bytes(&self, field: Field) -> &[u8] {
        match self.value(field) {
            Some(Kept::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    /// As [`Self::bytes`], without what else was kept.
    pub(crate) fn into_bytes(self, field: Field) -> Vec<u8> {
        let found = self.values.into_iter().find(|(other, _)| *other == field);
        match found {
            Some((_, Kept::Bytes(bytes))) => bytes,
            _ => Vec::new(),
        }
    }

    fn value(&self, field: Field) -> Option<&Kept> {
        let found = self.values.iter().find(|(other, _)| *other == field);
        found.map(|(_, value)| value)
    }
}

impl DocumentDeserialize for Stored {
    fn deserialize<'de, D>(mut deserializer: D) -> Result<Self, DeserializeError>
    where
        D: DocumentDeserializer<'de>,
    {
        let mut values = Vec::with_capacity(deserializer.size_hint().min(MOST_FIELDS));
        while let Some(value) = deserializer.next_field()? {
            values.push(value);
        }
        Ok(Self { values })
    }
}

/// As many as the schema keeps, with room to spare.
const MOST_FIELDS: usize = 8;

impl ValueDeserialize for Kept {
    fn deserialize<'de, D>(deserializer: D) -> Result<Self, DeserializeError>
    where
        D: ValueDeserializer<'de>,
    {
        deserializer.deserialize_any(KeptVisitor)
    }
}

/// The schema keeps texts and bytes; the rest is refused as tantivy's trait has it.
struct KeptVisitor;

impl ValueVisitor for KeptVisitor {
    type Value = Kept;

    fn visit_string(&self, text: String) -> Result<Kept, DeserializeError> {
        Ok(Kept::Text(text))
    }

    fn visit_bytes(&self, bytes: Vec<u8>) -> Result<Kept, DeserializeError> {
        Ok(Kept::Bytes(bytes))
    }
}
