//! `has:` and `is:`.

use muckrake_mail::Flag;

use super::ast::Property;
use super::fields::Prefix;
use super::suggest::nearest;

const PROPERTIES: &[(Prefix, &str, Property)] = &[
    (Prefix::Has, "attachment", Property::Flag(Flag::Attachment)),
    (Prefix::Has, "redaction", Property::Flag(Flag::Redaction)),
    (Prefix::Has, "quote", Property::Flag(Flag::Quote)),
    (Prefix::Is, "reply", Property::Flag(Flag::Reply)),
    (Prefix::Is, "forward", Property::Flag(Flag::Forward)),
    (Prefix::Is, "draft", Property::Flag(Flag::Draft)),
    (Prefix::Is, "bounce", Property::Flag(Flag::Bounce)),
    (Prefix::Is, "list", Property::Flag(Flag::List)),
    (Prefix::Is, "encrypted", Property::Flag(Flag::Encrypted)),
    (Prefix::Is, "unreadable", Property::Flag(Flag::Unreadable)),
    (Prefix::Is, "deleted", Property::Flag(Flag::Deleted)),
    (Prefix::Is, "multi-release", Property::MultiRelease),
];

/// What else the properties are called.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("attached", "attachment"),
    ("file", "attachment"),
    ("files", "attachment"),
    ("redacted", "redaction"),
    ("quoted", "quote"),
    ("answer", "reply"),
    ("replied", "reply"),
    ("forwarded", "forward"),
    ("mailing-list", "list"),
    ("corrupt", "unreadable"),
    ("damaged", "unreadable"),
    ("duplicate", "multi-release"),
];

impl Prefix {
    pub(super) fn name(self) -> &'static str {
        match self {
            Prefix::Has => "has",
            Prefix::Is => "is",
        }
    }
}

impl Property {
    /// The query that asks for it, such as `has:attachment`.
    pub fn query(self) -> String {
        // Every flag is in the table, which a test makes sure of.
        let known = PROPERTIES.iter().find(|(_, _, property)| *property == self);
        known.map_or_else(String::new, |(prefix, name, _)| {
            format!("{}:{name}", prefix.name())
        })
    }
}

/// The property of a name, or a hint at what was probably meant.
pub(super) fn property(prefix: Prefix, written: &str) -> Result<Property, String> {
    let name = written.to_ascii_lowercase();
    let exact = |wanted: &str| PROPERTIES.iter().find(|(_, known, _)| *known == wanted);
    if let Some((its, _, property)) = exact(&name)
        && *its == prefix
    {
        return Ok(*property);
    }
    let other = OTHER_NAMES
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, here)| *here);
    let near = || nearest(&name, PROPERTIES.iter().map(|(_, known, _)| *known));
    let meant = exact(&name).or_else(|| exact(other.or_else(near)?));
    Err(match meant {
        Some((its, known, _)) => format!("did you mean `{}:{known}`?", its.name()),
        None => {
            let all: Vec<String> = PROPERTIES
                .iter()
                .map(|(prefix, name, _)| format!("`{}:{name}`", prefix.name()))
                .collect();
            format!("there are {}", all.join(" "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_their_property_in_their_field_only() {
        for (prefix, name, expected) in PROPERTIES {
            assert_eq!(property(*prefix, &name.to_uppercase()), Ok(*expected));
            assert_eq!(expected.query(), format!("{}:{name}", prefix.name()));
        }
        assert_eq!(
            property(Prefix::Is, "attachment"),
            Err("did you mean `has:attachment`?".to_owned())
        );
        assert_eq!(
            property(Prefix::Has, "reply"),
            Err("did you mean `is:reply`?".to_owned())
        );
        assert_eq!(
            property(Prefix::Has, "attachments"),
            Err("did you mean `has:attachment`?".to_owned())
        );
        assert_eq!(
            property(Prefix::Is, "redacted"),
            Err("did you mean `has:redaction`?".to_owned())
        );
        assert!(property(Prefix::Is, "purple").is_err_and(|hint| hint.contains("`is:reply`")));
    }

    #[test]
    fn every_flag_can_be_asked_for() {
        // A new flag fails to compile here until it is in the table.
        let query = |flag: Flag| match flag {
            Flag::Attachment
            | Flag::Quote
            | Flag::Redaction
            | Flag::Reply
            | Flag::Forward
            | Flag::Draft
            | Flag::Bounce
            | Flag::List
            | Flag::Encrypted
            | Flag::Unreadable
            | Flag::Deleted => Property::Flag(flag).query(),
        };
        for flag in [
            Flag::Attachment,
            Flag::Quote,
            Flag::Redaction,
            Flag::Reply,
            Flag::Forward,
        ] {
            assert!(!query(flag).is_empty());
        }
        for flag in [
            Flag::Draft,
            Flag::Bounce,
            Flag::List,
            Flag::Encrypted,
            Flag::Unreadable,
            Flag::Deleted,
        ] {
            assert!(!query(flag).is_empty());
        }
    }
}
