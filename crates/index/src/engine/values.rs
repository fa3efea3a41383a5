//! A document as tantivy takes it: fields and values that own their text, so
//! that it is not copied once more on its way to the indexing threads.

use std::iter;
use std::slice;

use tantivy::Document;
use tantivy::schema::Field;
use tantivy::schema::document::ReferenceValue;
use tantivy::schema::document::ReferenceValueLeaf;
use tantivy::schema::document::Value;

/// One value.
#[derive(Debug)]
pub(crate) enum Held {
    Text(String),
    Bytes(Vec<u8>),
    Unsigned(u64),
    Signed(i64),
}

impl<'a> Value<'a> for &'a Held {
    type ArrayIter = iter::Empty<Self>;
    type ObjectIter = iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match self {
            Held::Text(text) => ReferenceValueLeaf::Str(text),
            Held::Bytes(bytes) => ReferenceValueLeaf::Bytes(bytes),
            Held::Unsigned(number) => ReferenceValueLeaf::U64(*number),
            Held::Signed(number) => ReferenceValueLeaf::I64(*number),
        })
    }
}

/// The fields of one document and their values.
#[derive(Debug, Default)]
pub(crate) struct Values {
    list: Vec<(Field, Held)>,
}

impl Values {
    pub(crate) fn push(&mut self, field: Field, value: Held) {
        self.list.push((field, value));
    }

    /// Adds a text unless it is empty.
    pub(crate) fn text(&mut self, field: Field, text: String) {
        if !text.is_empty() {
            self.push(field, Held::Text(text));
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn size(&self) -> usize {
        let sizes = self.list.iter().map(|(_, value)| match value {
            Held::Text(text) => text.len(),
            Held::Bytes(bytes) => bytes.len(),
            Held::Unsigned(_) | Held::Signed(_) => 0,
        });
        sizes.map(|size| size + size_of::<(Field, Held)>()).sum()
    }
}

impl Document for Values {
    type Value<'a> = &'a Held;
    type FieldsValuesIter<'a> =
        iter::Map<slice::Iter<'a, (Field, Held)>, fn(&'a (Field, Held)) -> (Field, &'a Held)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.list.iter().map(|(field, value)| (*field, value))
    }
}
