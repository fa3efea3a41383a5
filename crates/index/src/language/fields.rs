//! The fields: their names, and what kind of value each takes.

use std::borrow::Cow;

use super::ast::Field;
use super::suggest::nearest;

/// How the value of a field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    People,
    /// A name that is compared as a whole.
    Exact,
    Pattern,
    FileType,
    /// The start of an id.
    Id,
    MessageId,
    Language,
    /// An exemption code, in any way of writing it.
    Redaction,
    Date(Side),
    Size,
    Property(Prefix),
}

/// Which days around the one that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    On,
    Before,
    After,
}

/// Which of the two fields a property is asked for with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Has,
    Is,
}

/// The field that values are read for.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) field: Field,
    pub(super) kind: Kind,
    /// Name in lower case as it was written, empty without a field.
    pub(super) name: String,
    /// `official:` inside a people field: the values name officials.
    pub(super) official: bool,
}

const FIELDS: &[(&str, Field, Kind)] = &[
    ("from", Field::From, Kind::People),
    ("to", Field::To, Kind::People),
    ("cc", Field::Cc, Kind::People),
    ("bcc", Field::Bcc, Kind::People),
    ("with", Field::With, Kind::People),
    ("official", Field::Official, Kind::Exact),
    ("agency", Field::Agency, Kind::Exact),
    ("subject", Field::Subject, Kind::Text),
    ("body", Field::Body, Kind::Text),
    ("said", Field::Said, Kind::Text),
    ("quoted", Field::Quoted, Kind::Text),
    ("attachment", Field::Attachment, Kind::Text),
    ("filetype", Field::FileType, Kind::FileType),
    ("attached", Field::Attached, Kind::Text),
    ("date", Field::Date, Kind::Date(Side::On)),
    ("before", Field::Date, Kind::Date(Side::Before)),
    ("after", Field::Date, Kind::Date(Side::After)),
    ("release", Field::Release, Kind::Pattern),
    ("source", Field::Source, Kind::Pattern),
    ("folder", Field::Folder, Kind::Pattern),
    ("id", Field::Id, Kind::Id),
    ("thread", Field::Thread, Kind::Id),
    ("message-id", Field::MessageId, Kind::MessageId),
    ("has", Field::Property, Kind::Property(Prefix::Has)),
    ("is", Field::Property, Kind::Property(Prefix::Is)),
    ("size", Field::Size, Kind::Size),
    ("lang", Field::Lang, Kind::Language),
    ("redaction", Field::Redaction, Kind::Redaction),
    ("tag", Field::Tag, Kind::Exact),
    ("query", Field::Saved, Kind::Exact),
];

/// What other mail programs call a field, and what it is called here.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("sender", "from"),
    ("author", "from"),
    ("recipient", "to"),
    ("recipients", "to"),
    ("participant", "with"),
    ("participants", "with"),
    ("people", "with"),
    ("person", "with"),
    ("title", "subject"),
    ("text", "body"),
    ("content", "body"),
    ("message", "body"),
    ("file", "attachment"),
    ("filename", "attachment"),
    ("attach", "attachment"),
    ("ext", "filetype"),
    ("extension", "filetype"),
    ("type", "filetype"),
    ("mimetype", "filetype"),
    ("sent", "date"),
    ("on", "date"),
    ("year", "date"),
    ("since", "after"),
    ("newer", "after"),
    ("until", "before"),
    ("older", "before"),
    ("in", "folder"),
    ("label", "folder"),
    ("mailbox", "folder"),
    ("path", "source"),
    ("mid", "message-id"),
    ("msgid", "message-id"),
    ("messageid", "message-id"),
    ("rfc822msgid", "message-id"),
    ("larger", "size"),
    ("smaller", "size"),
    ("language", "lang"),
    ("saved", "query"),
    ("search", "query"),
    ("tagged", "tag"),
    ("exemption", "redaction"),
    ("redacted", "redaction"),
    ("header", "header.NAME"),
    ("list", "header.list-id"),
];

impl Target {
    /// No field.
    pub(super) fn any() -> Self {
        Self {
            field: Field::Any,
            kind: Kind::Text,
            name: String::new(),
            official: false,
        }
    }

    /// The field of a name, in any case.
    pub(super) fn named(written: &str) -> Option<Self> {
        let name = written.to_ascii_lowercase();
        if let Some(header) = name.strip_prefix("header.") {
            let field = Field::Header(header.to_owned());
            return is_header_name(header).then_some(Self {
                field,
                kind: Kind::Text,
                name,
                official: false,
            });
        }
        let (_, field, kind) = FIELDS.iter().find(|(known, ..)| *known == name)?;
        Some(Self {
            field: field.clone(),
            kind: *kind,
            name,
            official: false,
        })
    }

    /// Officials in the role of this people field.
    pub(super) fn officials(&self) -> Self {
        let name = format!("{}:official", self.name);
        Self {
            field: self.field.clone(),
            kind: Kind::Exact,
            name,
            official: true,
        }
    }

    pub(super) fn is_any(&self) -> bool {
        self.field == Field::Any
    }
}

/// RFC 5322 §3.6.8: printable ASCII but for the colon; less what the query
/// language itself uses.
fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b":()\"*~/".contains(&byte))
}

/// The field that was probably meant.
pub(super) fn meant(written: &str) -> Option<&'static str> {
    let name = written.to_ascii_lowercase();
    OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, here)| *here)
        .or_else(|| nearest(&name, names()))
}

/// The names of all fields but `header.NAME`.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, ..)| *name)
}

/// All field names, for the hint where none is near.
pub(super) fn all_names() -> String {
    let names: Vec<String> = names().map(|name| format!("`{name}:`")).collect();
    format!("the fields are {} and `header.NAME:`", names.join(" "))
}

impl Field {
    /// The name as it is written before the colon; empty for [`Field::Any`].
    /// `date` stands for `before` and `after` too, `is` for `has`.
    pub fn name(&self) -> Cow<'static, str> {
        if let Field::Header(name) = self {
            return Cow::Owned(format!("header.{name}"));
        }
        if *self == Field::Property {
            return Cow::Borrowed("is");
        }
        let known = FIELDS.iter().find(|(_, field, _)| field == self);
        Cow::Borrowed(known.map_or("", |(name, ..)| name))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn every_other_name_leads_to_a_field() {
        for (other, here) in OTHER_NAMES {
            assert!(Target::named(other).is_none(), "{other} is a field itself");
            assert!(Target::named(here).is_some(), "{here}");
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(Target::named("FROM").unwrap().field, Field::From);
        assert_eq!(Target::named("Message-ID").unwrap().field, Field::MessageId);
        assert_eq!(
            Target::named("Header.List-Id").unwrap().field,
            Field::Header("list-id".to_owned())
        );
        for wrong in ["", "header.", "header", "form", "header.a*b"] {
            assert!(Target::named(wrong).is_none(), "{wrong}");
        }
    }
}
