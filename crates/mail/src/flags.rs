//! Yes-or-no properties of a message.

use crate::model::Attachment;
use crate::model::AttachmentState;
use crate::model::DefectCode;
use crate::model::Flag;
use crate::model::Message;
use crate::model::ZoneKind;
use crate::redactions;
use crate::subject;

/// What only the structure of a message shows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// A part is encrypted.
    pub(crate) encrypted: bool,
    /// The message, or a part of it, is a report (RFC 3462).
    pub(crate) report: bool,
}

/// The flags of a message that is otherwise complete, sorted.
pub(crate) fn flags(message: &Message, seen: Seen) -> Vec<Flag> {
    let subject = message.subject.as_deref().unwrap_or_default();
    let zone = |kind: ZoneKind| {
        message
            .body
            .iter()
            .any(|part| part.zones.iter().any(|zone| zone.kind == kind))
    };
    let subject = subject::base(subject);
    let encrypted = seen.encrypted || has_inline_pgp(message);
    let mut flags = Vec::new();
    let mut set = |flag: Flag, holds: bool| {
        if holds {
            flags.push(flag);
        }
    };
    set(
        Flag::Attachment,
        message
            .attachments
            .iter()
            .any(|attachment| !is_signature(attachment)),
    );
    set(
        Flag::Quote,
        zone(ZoneKind::Quoted) || zone(ZoneKind::Forwarded),
    );
    set(Flag::Redaction, has_redaction(message));
    set(
        Flag::Reply,
        !message.in_reply_to.is_empty() || !message.references.is_empty() || subject.reply,
    );
    set(Flag::Forward, subject.forward || zone(ZoneKind::Forwarded));
    set(Flag::Draft, is_draft(message));
    set(Flag::Bounce, seen.report || is_bounce(message));
    set(Flag::List, is_list(message));
    set(Flag::Encrypted, encrypted);
    set(Flag::Unreadable, is_unreadable(message) || encrypted);
    set(Flag::Deleted, is_deleted(message));
    flags.sort_unstable();
    flags
}

fn is_draft(message: &Message) -> bool {
    let label = |value: &str| {
        value.split(',').any(|label| {
            matches!(
                label.trim().trim_matches('"').to_ascii_lowercase().as_str(),
                "draft" | "drafts"
            )
        })
    };
    message
        .headers
        .values("X-Unsent")
        .any(|value| value.trim() == "1")
        || message
            .headers
            .values("X-Mozilla-Draft-Info")
            .next()
            .is_some()
        || message.headers.values("X-Gmail-Labels").any(label)
}

fn is_deleted(message: &Message) -> bool {
    let bits = |value: &str| u32::from_str_radix(value.trim(), 16).unwrap_or(0);
    message
        .headers
        .values("X-Mozilla-Status")
        .any(|value| bits(value) & 0x0008 != 0)
        || message
            .headers
            .values("X-Mozilla-Status2")
            .any(|value| bits(value) & 0x0020_0000 != 0)
}

fn is_bounce(message: &Message) -> bool {
    let daemon = |address: &str| {
        let local = address.split('@').next().unwrap_or_default();
        local.eq_ignore_ascii_case("mailer-daemon")
    };
    message
        .headers
        .values("X-Failed-Recipients")
        .next()
        .is_some()
        || message
            .from
            .iter()
            .filter_map(|mention| mention.address.as_deref())
            .any(daemon)
}

fn is_list(message: &Message) -> bool {
    let bulk = |value: &str| matches!(value.trim().to_ascii_lowercase().as_str(), "list" | "bulk");
    ["List-Id", "List-Post", "Mailing-List"]
        .iter()
        .any(|name| message.headers.values(name).next().is_some())
        || message.headers.values("Precedence").any(bulk)
}

/// Whether an attachment only signs the message: nobody attached it, and whoever looks for
/// messages with attachments does not mean it.
fn is_signature(attachment: &Attachment) -> bool {
    let named_so = attachment.name.as_deref().is_none_or(|name| {
        let name = name.to_ascii_lowercase();
        let endings = [".asc", ".sig", ".pgp", ".p7s", ".p7m"];
        !name.contains('.') || endings.iter().any(|ending| name.ends_with(ending))
    });
    let called_so = matches!(
        attachment.content_type.as_str(),
        "application/pgp-signature"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
    );
    named_so && called_so
}

fn is_unreadable(message: &Message) -> bool {
    let hides = |code: DefectCode| {
        matches!(
            code,
            DefectCode::HeaderTooLong
                | DefectCode::TooDeep
                | DefectCode::TooManyParts
                | DefectCode::TextTooLong
                | DefectCode::BodyTooLong
                | DefectCode::Unparsable
        )
    };
    message.defects.iter().any(|defect| hides(defect.code))
        || message
            .attachments
            .iter()
            .any(|attachment| matches!(attachment.state, AttachmentState::Unread(_)))
}

fn has_inline_pgp(message: &Message) -> bool {
    message.body.iter().any(|part| {
        memchr::memmem::find(part.text.as_bytes(), b"-----BEGIN PGP MESSAGE-----").is_some()
    })
}

fn has_redaction(message: &Message) -> bool {
    let mentions = message.from.iter().chain(&message.to).chain(&message.cc);
    message
        .subject
        .as_deref()
        .is_some_and(redactions::is_redacted)
        || message
            .body
            .iter()
            .any(|part| redactions::is_redacted(&part.text))
        || mentions
            .filter_map(|mention| mention.name.as_deref())
            .any(redactions::is_redacted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(text: &str) -> (bool, bool) {
        let subject = subject::base(text);
        (subject.reply, subject.forward)
    }

    #[test]
    fn subject_prefixes() {
        assert_eq!(prefixes("Re: x"), (true, false));
        assert_eq!(prefixes("RE[2]: x"), (true, false));
        assert_eq!(prefixes("[list] AW: WG: x"), (true, true));
        assert_eq!(prefixes("FW: re : x"), (true, true));
        assert_eq!(prefixes("[Fwd: x]"), (false, true));
        assert_eq!(prefixes("x (fwd)"), (false, true));
        assert_eq!(prefixes("Report: re: x"), (false, false));
        assert_eq!(prefixes(""), (false, false));
    }

    #[test]
    fn a_signature_is_no_attachment_that_anybody_looks_for() {
        let mail = |content_type: &str| {
            let raw = format!(
                "Content-Type: multipart/mixed; boundary=q\n\n--q\n\nText\n--q\n\
                 Content-Type: {content_type}\n\n-----BEGIN PGP SIGNATURE-----\n--q--\n"
            );
            crate::parse(raw.as_bytes(), &crate::Limits::default())
        };
        let signed = mail("application/pgp-signature; name=signature.asc");
        assert_eq!(signed.attachments.len(), 1);
        assert!(!signed.flags.contains(&Flag::Attachment));
        for other in [
            "application/pgp-keys; name=key.asc",
            "application/pkcs7-signature; name=budget.xlsx",
        ] {
            assert!(mail(other).flags.contains(&Flag::Attachment), "{other}");
        }
    }
}
