//! The EDRM Message Identification Hash, version 1.0 (2023-01-11), by which copies of one message
//! are told in the programs of all vendors.

use md5::Digest;
use md5::Md5;

/// MD5 of the Message-ID with its angle brackets, in lower-case hexadecimal; `None` where there is
/// no valid Message-ID.
///
/// `message_id` is without the brackets, as the case keeps it.
pub(super) fn message_id_hash(message_id: Option<&str>) -> Option<String> {
    let id = message_id?;
    let (left, right) = id.split_once('@')?;
    let valid = !left.is_empty()
        && !right.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    valid.then(|| hex_md5(format!("<{id}>").as_bytes()))
}

/// MD5 in lower-case hexadecimal.
pub(super) fn hex_md5(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::message_id_hash;

    // The example that is published with the specification.
    #[test]
    fn equals_the_published_vector() {
        assert_eq!(
            message_id_hash(Some("CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com")).as_deref(),
            Some("1de319c276884bd0c9e2f1621ada26cc")
        );
    }

    #[test]
    fn is_not_made_up() {
        for none in [
            None,
            Some(""),
            Some("no-at-sign"),
            Some("@x"),
            Some("x@"),
            Some("a b@c"),
            Some("é@x"),
        ] {
            assert_eq!(message_id_hash(none), None, "{none:?}");
        }
    }
}
