//! The labels of header blocks in the languages of mail programs.

use super::lines::first_byte;

/// What a label of a header block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    From,
    Sent,
    Date,
    To,
    Copy,
    Subject,
    /// A field that is passed over.
    Other,
}

/// A label: what it is for, and in which languages, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) role: Role,
    pub(crate) languages: u32,
}

pub(crate) const EN: u32 = 1;
pub(crate) const DE: u32 = 1 << 1;
pub(crate) const FR: u32 = 1 << 2;
pub(crate) const ES: u32 = 1 << 3;
pub(crate) const IT: u32 = 1 << 4;
pub(crate) const PT: u32 = 1 << 5;
pub(crate) const NL: u32 = 1 << 6;
const PL: u32 = 1 << 7;
const SV: u32 = 1 << 8;
const DA: u32 = 1 << 9;
const FI: u32 = 1 << 10;
const CS: u32 = 1 << 11;
const SK: u32 = 1 << 12;
const HU: u32 = 1 << 13;
const RO: u32 = 1 << 14;
const RU: u32 = 1 << 15;
const UK: u32 = 1 << 16;
const TR: u32 = 1 << 17;
/// Every language.
pub(crate) const ALL: u32 = (1 << 18) - 1;

/// The labels of Outlook, Apple Mail, Gmail, Yahoo and Thunderbird.
#[rustfmt::skip]
pub(crate) const LABELS: [(&str, Role, u32); 109] = [
    ("From", Role::From, EN), ("Von", Role::From, DE), ("De", Role::From, FR | ES | PT),
    ("Da", Role::From, IT), ("Mittente", Role::From, IT), ("Van", Role::From, NL),
    ("Od", Role::From, PL | CS | SK), ("Nadawca", Role::From, PL), ("Från", Role::From, SV),
    ("Fra", Role::From, DA), ("Lähettäjä", Role::From, FI), ("Feladó", Role::From, HU),
    ("De la", Role::From, RO), ("Expeditorul", Role::From, RO), ("От", Role::From, RU),
    ("Отправитель", Role::From, RU), ("Від", Role::From, UK), ("Від кого", Role::From, UK),
    ("Kimden", Role::From, TR), ("Gönderen", Role::From, TR),
    ("Sent", Role::Sent, EN), ("Gesendet", Role::Sent, DE), ("Envoyé", Role::Sent, FR),
    ("Enviado", Role::Sent, ES | PT), ("Enviado el", Role::Sent, ES), ("Enviada em", Role::Sent, PT),
    ("Inviato", Role::Sent, IT), ("Verzonden", Role::Sent, NL), ("Wysłano", Role::Sent, PL),
    ("Skickat", Role::Sent, SV), ("Sendt", Role::Sent, DA), ("Lähetetty", Role::Sent, FI),
    ("Odoslané", Role::Sent, SK), ("Elküldve", Role::Sent, HU), ("Trimis", Role::Sent, RO),
    ("Отправлено", Role::Sent, RU), ("Відправлено", Role::Sent, UK), ("Gönderilen", Role::Sent, TR),
    ("Date", Role::Date, EN | FR), ("Datum", Role::Date, DE | NL | SV | CS), ("Fecha", Role::Date, ES),
    ("Data", Role::Date, IT | PT | PL), ("Dato", Role::Date, DA), ("Päivämäärä", Role::Date, FI),
    ("Päiväys", Role::Date, FI), ("Dátum", Role::Date, SK | HU), ("Dată", Role::Date, RO),
    ("Дата", Role::Date, RU | UK), ("Tarih", Role::Date, TR),
    ("To", Role::To, EN), ("An", Role::To, DE), ("À", Role::To, FR), ("Pour", Role::To, FR),
    ("Para", Role::To, ES | PT), ("A", Role::To, IT), ("Aan", Role::To, NL), ("Do", Role::To, PL),
    ("Adresat", Role::To, PL), ("Till", Role::To, SV), ("Til", Role::To, DA),
    ("Vastaanottaja", Role::To, FI), ("Komu", Role::To, CS | SK), ("Pre", Role::To, SK),
    ("Címzett", Role::To, HU), ("Către", Role::To, RO), ("Destinatarul", Role::To, RO),
    ("Кому", Role::To, RU | UK), ("Kime", Role::To, TR),
    ("Cc", Role::Copy, EN | DE | FR | ES | IT | PT | NL | DA | RO | TR), ("Kopie (CC)", Role::Copy, DE),
    ("Copie à", Role::Copy, FR), ("Kopie", Role::Copy, NL | CS), ("DW", Role::Copy, PL),
    ("Kopia", Role::Copy, PL | SV), ("Kopi", Role::Copy, DA), ("Kopio", Role::Copy, FI),
    ("Kópia", Role::Copy, SK), ("Másolat", Role::Copy, HU), ("Másolatot kap", Role::Copy, HU),
    ("Копия", Role::Copy, RU), ("Копія", Role::Copy, UK), ("Bilgi", Role::Copy, TR),
    ("Subject", Role::Subject, EN), ("Betreff", Role::Subject, DE), ("Objet", Role::Subject, FR),
    ("Sujet", Role::Subject, FR), ("Asunto", Role::Subject, ES), ("Oggetto", Role::Subject, IT),
    ("Assunto", Role::Subject, PT), ("Onderwerp", Role::Subject, NL), ("Temat", Role::Subject, PL),
    ("Ämne", Role::Subject, SV), ("Emne", Role::Subject, DA), ("Aihe", Role::Subject, FI),
    ("Předmět", Role::Subject, CS), ("Predmet", Role::Subject, SK), ("Tárgy", Role::Subject, HU),
    ("Subiect", Role::Subject, RO), ("Subiectul", Role::Subject, RO), ("Тема", Role::Subject, RU | UK),
    ("Konu", Role::Subject, TR), ("Date de envoi", Role::Sent, FR), ("Date d'envoi", Role::Sent, FR),
    ("Sent on", Role::Sent, EN), ("ReplyTo", Role::Other, EN), ("Reply-To", Role::Other, EN),
    ("Importance", Role::Other, EN), ("Attachments", Role::Other, EN), ("Bcc", Role::Other, ALL),
];

/// Longest label with what may stand around it, in bytes.
const LONGEST_LABEL: usize = 40;

/// Longest label, in bytes.
const LONGEST_NAME: usize = 22;

/// The label with which a line starts, bold marks and spaces around it or not.
pub(super) fn label(line: &str) -> Option<Label> {
    let first = first_byte(line)?;
    if !(first.is_ascii_alphabetic() || first == b'*') && first.is_ascii_graphic() {
        return None;
    }
    let head = line
        .as_bytes()
        .get(..LONGEST_LABEL)
        .unwrap_or(line.as_bytes());
    let colon = head.iter().position(|&byte| byte == b':')?;
    let around = |edge: char| edge.is_whitespace() || edge == '*';
    let name = line.get(..colon)?.trim_matches(around);
    if name.is_empty() || name.len() > LONGEST_NAME {
        return None;
    }
    LABELS
        .iter()
        .find(|(label, _, _)| name.eq_ignore_ascii_case(label))
        .map(|&(_, role, languages)| Label { role, languages })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_no_longer_than_is_said() {
        let longest = LABELS.iter().map(|(label, _, _)| label.len()).max();
        assert_eq!(longest, Some(LONGEST_NAME));
    }
}
