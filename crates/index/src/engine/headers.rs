//! Which header fields are in the index, and where.

/// Where the words of a header field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderPlace {
    /// In the field for people of that role, by its index in `Fields::people`.
    People(usize),
    /// In the field for subjects.
    Subject,
    /// In the field for headers.
    Header,
    /// Nowhere: it is read from the original where a query asks for it.
    Original,
}

/// Longest header name that is indexed. Real ones have a few dozen bytes; the
/// words of a longer one are read from the original.
const LONGEST_NAME: usize = 200;

/// Trace and signature fields, and others whose words are nearly all unique:
/// they would make the dictionary larger than all that people write.
const UNINDEXED: &[&str] = &[
    "content-type",
    "date",
    "feedback-id",
    "in-reply-to",
    "message-id",
    "original-message-id",
    "references",
    "resent-message-id",
    "return-path",
    "thread-index",
];

/// Beginnings of the names of such fields; none is the beginning of another.
const UNINDEXED_BEGINNINGS: &[&str] = &[
    "arc-",
    "authentication-results",
    "delivered-to",
    "dkim-",
    "domainkey-",
    "received",
    "x-authentication-",
    "x-barracuda-",
    "x-dkim-",
    "x-exchange-",
    "x-forefront-",
    "x-gm-",
    "x-google-",
    "x-ironport-",
    "x-me-",
    "x-microsoft-",
    "x-mimecast-",
    "x-ms-",
    "x-original-authentication-",
    "x-ovh-",
    "x-pm-",
    "x-proofpoint-",
    "x-provags-",
    "x-received",
    "x-ses-",
    "x-sg-",
    "x-spam-",
    "x-ui-",
    "x-virus-",
    "x-yahoo-",
    "x-ymail-",
];

/// Where the words of the field with this name, in lower case, are.
pub(crate) fn place(name: &str) -> HeaderPlace {
    match name {
        "from" => HeaderPlace::People(0),
        "to" => HeaderPlace::People(1),
        "cc" => HeaderPlace::People(2),
        "bcc" => HeaderPlace::People(3),
        "subject" => HeaderPlace::Subject,
        _ if name.len() > LONGEST_NAME
            || UNINDEXED.binary_search(&name).is_ok()
            || begins_so(name) =>
        {
            HeaderPlace::Original
        }
        _ => HeaderPlace::Header,
    }
}

/// Whether a name begins as one of [`UNINDEXED_BEGINNINGS`].
fn begins_so(name: &str) -> bool {
    let after = UNINDEXED_BEGINNINGS.partition_point(|start| *start <= name);
    // The only one that can be its beginning is the last that is not above it.
    let last = after
        .checked_sub(1)
        .and_then(|at| UNINDEXED_BEGINNINGS.get(at));
    last.is_some_and(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched_in_halves() {
        assert!(UNINDEXED.is_sorted());
        assert!(UNINDEXED_BEGINNINGS.is_sorted());
        for pair in UNINDEXED_BEGINNINGS.windows(2) {
            assert!(!pair[1].starts_with(pair[0]), "{pair:?}");
        }
    }

    #[test]
    fn trace_and_signature_fields_stay_out_of_the_index() {
        for name in [
            "received",
            "received-spf",
            "dkim-signature",
            "arc-seal",
            "x-ms-exchange-organization-scl",
            "authentication-results",
        ] {
            assert_eq!(place(name), HeaderPlace::Original, "{name}");
        }
        for name in ["list-id", "x-mailer", "sender", "reply-to", "organization"] {
            assert_eq!(place(name), HeaderPlace::Header, "{name}");
        }
        assert_eq!(place("cc"), HeaderPlace::People(2));
        assert_eq!(place("subject"), HeaderPlace::Subject);
    }
}
