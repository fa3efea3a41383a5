//! The words by which zones are told: separators, labels, introductions, signatures, notices.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::model::ZoneKind;

/// How a separator stands on its line.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// Between rules (`-----Original Message-----`).
    Ruled,
    /// The same, with more words after it (`----- Forwarded by Anne Example -----`).
    RuledStart,
    /// Alone on its line.
    Bare,
}

/// A line that stands before another message.
pub(super) struct Separator {
    pub(super) words: &'static str,
    pub(super) form: Form,
    pub(super) kind: ZoneKind,
}

const fn answered(words: &'static str) -> Separator {
    Separator {
        words,
        form: Form::Ruled,
        kind: ZoneKind::Quoted,
    }
}

const fn forwarded(words: &'static str) -> Separator {
    Separator {
        words,
        form: Form::Ruled,
        kind: ZoneKind::Forwarded,
    }
}

const fn answered_start(words: &'static str) -> Separator {
    Separator {
        words,
        form: Form::RuledStart,
        kind: ZoneKind::Quoted,
    }
}

const fn answered_bare(words: &'static str) -> Separator {
    Separator {
        words,
        form: Form::Bare,
        kind: ZoneKind::Quoted,
    }
}

const fn forwarded_start(words: &'static str) -> Separator {
    Separator {
        words,
        form: Form::RuledStart,
        kind: ZoneKind::Forwarded,
    }
}

const fn forwarded_bare(words: &'static str) -> Separator {
    Separator {
        words,
        form: Form::Bare,
        kind: ZoneKind::Forwarded,
    }
}

/// Separators of Outlook, Gmail, Yahoo, Thunderbird, Apple Mail and Lotus Notes.
pub(super) const SEPARATORS: &[Separator] = &[
    answered("Original Message"),
    answered("Original Appointment"),
    answered("Reply message"),
    answered("Ursprüngliche Nachricht"),
    answered("Originalnachricht"),
    answered("Message d'origine"),
    answered("Message d’origine"),
    answered("Message original"),
    answered("Mensaje original"),
    answered("Messaggio originale"),
    answered("Mensagem original"),
    answered("Oorspronkelijk bericht"),
    answered("Ursprungligt meddelande"),
    answered("Oprindelig meddelelse"),
    answered("Opprinnelig melding"),
    answered("Alkuperäinen viesti"),
    answered("Wiadomość oryginalna"),
    answered("Исходное сообщение"),
    answered("Вихідне повідомлення"),
    answered("Původní zpráva"),
    answered("Pôvodná správa"),
    answered("Eredeti üzenet"),
    answered("Mesajul original"),
    answered("Orijinal İleti"),
    answered("Orijinal Mesaj"),
    answered("邮件原件"),
    answered("原始邮件"),
    answered_start("Original message follows"),
    answered_start("This is a copy of"),
    answered_start("Below this line is a copy of the message"),
    answered_start("En-têtes de message d'origine"),
    answered_bare("En-têtes de message d'origine :"),
    answered_bare("Original message headers:"),
    answered_bare("Original message follows."),
    forwarded("Forwarded message"),
    forwarded_start("Forwarded by"),
    forwarded_start("Forwarded message from"),
    forwarded("Weitergeleitete Nachricht"),
    forwarded("Message transféré"),
    forwarded("Mensaje reenviado"),
    forwarded("Messaggio inoltrato"),
    forwarded("Mensagem encaminhada"),
    forwarded("Doorgestuurd bericht"),
    forwarded("Vidarebefordrat meddelande"),
    forwarded("Пересылаемое сообщение"),
    forwarded("Пересланное сообщение"),
    forwarded("Переслане повідомлення"),
    forwarded("Message transmis"),
    forwarded("Wiadomość przekazana"),
    forwarded("Treść przekazanej wiadomości"),
    forwarded("Videresendt besked"),
    forwarded("Videresendt melding"),
    forwarded("Vidarebefordrat brev"),
    forwarded("Välitetty viesti"),
    forwarded("Edelleenlähetetty viesti"),
    forwarded("Přeposlaná zpráva"),
    forwarded("Preposlaná správa"),
    forwarded("Továbbított üzenet"),
    forwarded("Mesaj redirecționat"),
    forwarded("İletilen ileti"),
    forwarded("İletilmiş mesaj"),
    forwarded("转发的邮件"),
    forwarded("Weitergeleitete Mail"),
    forwarded_bare("Begin forwarded message:"),
    forwarded_bare("Anfang der weitergeleiteten Nachricht:"),
    forwarded_bare("Anfang der weitergeleiteten E-Mail:"),
    forwarded_bare("Début du message réexpédié :"),
    forwarded_bare("Début du message transféré :"),
    forwarded_bare("Inicio del mensaje reenviado:"),
    forwarded_bare("Inizio messaggio inoltrato:"),
    forwarded_bare("Início da mensagem reencaminhada:"),
    forwarded_bare("Begin doorgestuurd bericht:"),
    forwarded_bare("Vidarebefordrat brev:"),
    forwarded_bare("Start på videresendt besked:"),
    forwarded_bare("Videresendt melding:"),
    forwarded_bare("Välitetty viesti alkaa:"),
    forwarded_bare("Начало переадресованного сообщения:"),
    forwarded_bare("Początek przekazywanej wiadomości:"),
    forwarded_bare("Inoltrato messaggio:"),
];

/// What a label of a header block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    From,
    Sent,
    Date,
    To,
    Copy,
    Subject,
}

/// A label: what it is for, and in which languages, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) role: Role,
    pub(super) languages: u32,
}

pub(super) const EN: u32 = 1;
const DE: u32 = 1 << 1;
const FR: u32 = 1 << 2;
const ES: u32 = 1 << 3;
const IT: u32 = 1 << 4;
const PT: u32 = 1 << 5;
const NL: u32 = 1 << 6;
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

/// The labels of Outlook, Apple Mail, Gmail, Yahoo and Thunderbird.
#[rustfmt::skip]
const LABELS: [(&str, Role, u32); 104] = [
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
    ("Sent on", Role::Sent, EN),
];

/// Longest label with what may stand around it, in bytes.
const LONGEST_LABEL: usize = 40;

/// The label with which a line starts, bold marks and spaces around it or not.
pub(super) fn label(line: &str) -> Option<Label> {
    let head = line
        .as_bytes()
        .get(..LONGEST_LABEL)
        .unwrap_or(line.as_bytes());
    let colon = memchr::memchr(b':', head)?;
    let around = |edge: char| edge.is_whitespace() || edge == '*';
    let name = line.get(..colon)?.trim_matches(around);
    if name.is_empty() {
        return None;
    }
    LABELS
        .iter()
        .find(|(label, _, _)| name.eq_ignore_ascii_case(label))
        .map(|&(_, role, languages)| Label { role, languages })
}

/// Words with which `On … wrote:` starts in the languages of mail programs.
const INTRODUCTION_STARTS: &[&str] = &[
    "On ",
    "At ",
    "Am ",
    "Le ",
    "El ",
    "Il giorno ",
    "Il ",
    "Op ",
    "Em ",
    "Den ",
    "Dne ",
    "Dňa ",
    "W dniu ",
    "Quoting ",
    "In a message dated ",
    "Pada ",
    "Pe ",
    "În ",
    "La data de ",
];

/// Words for writing, with which an introduction ends.
pub(super) const VERBS: &[&str] = &[
    "wrote",
    "writes",
    "said",
    "schrieb",
    "a écrit",
    "escribió",
    "ha scritto",
    "geschreven",
    "schreef",
    "escreveu",
    "skrev",
    "napsal",
    "napsal(a)",
    "napísal",
    "napísal(a)",
    "napisał(a)",
    "napisał",
    "napisała",
    "pisze",
    "kirjoitti",
    "írta",
    "a scris",
    "yazdı",
    "написал",
    "написал(а)",
    "написала",
    "написав",
    "пишет",
    "пише",
    "写道",
    "寫道",
];

/// Whether text starts as an introduction does.
pub(super) fn starts_introduction(text: &str) -> bool {
    let text = text.trim_start();
    matches!(
        text.as_bytes().first(),
        Some(b'O' | b'A' | b'L' | b'E' | b'I' | b'D' | b'W' | b'Q' | b'P' | 0xC3)
    ) && INTRODUCTION_STARTS
        .iter()
        .any(|start| text.starts_with(start))
}

/// Whether a line may begin an introduction without any of these words: with a person, who has an
/// address, or with the date.
pub(super) fn may_start_with_person(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.len() <= 200
        && memchr::memchr2(b':', b'<', bytes).is_some()
        && (memchr::memchr(b'@', bytes).is_some() || starts_with_date(line))
}

/// Whether text starts with a year or the day of a month, or with a weekday and then one.
pub(super) fn starts_with_date(text: &str) -> bool {
    let is_day = |word: &str| {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        digits == 4 || (1..=2).contains(&digits)
    };
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_weekday = first.ends_with([',', '.']) && first.chars().count() <= 12;
    is_day(first) || (is_weekday && words.next().is_some_and(is_day))
}

/// What telephones and mail programs add under a message.
const TELEPHONE_SIGNATURES: &[&str] = &[
    "sent from my ",
    "sent from an iphone",
    "sent from an ipad",
    "sent from an android",
    "sent by blackberry",
    "sent with blackberry",
    "sent from mail for ",
    "sent from outlook for ",
    "sent from yahoo mail",
    "sent from samsung ",
    "sent via blackberry",
    "sent via the samsung ",
    "sent using blackberry",
    "sent wirelessly",
    "get outlook for ",
    "envoyé de mon ",
    "enviado desde mi ",
    "enviado do meu ",
    "von meinem ",
    "inviato da ",
    "skickat från min ",
    "sendt fra min ",
    "lähetetty iphonesta",
    "lähetetty ipadista",
    "lähetetty puhelimesta",
    "wysłano z ",
    "odesláno z ",
    "odoslané z ",
    "Отправлено с ",
    "Надіслано з ",
    "obtenez outlook pour ",
    "obtener outlook para ",
    "outlook für ios",
    "sent via wireless",
    "verzonden vanaf ",
];

/// Whether a line is one that telephones add.
pub(super) fn is_telephone_signature(line: &str) -> bool {
    let line = line.trim();
    line.len() <= 120
        && TELEPHONE_SIGNATURES
            .iter()
            .any(|signature| starts(line, signature))
}

/// Cue words of confidentiality notices; several of them make one.
const NOTICE_CUES: &[&str] = &[
    "confidential",
    "privileged",
    "intended recipient",
    "intended only",
    "intended solely",
    "only for the use",
    "solely for the",
    "in error",
    "notify the sender",
    "notify us",
    "delete ",
    "destroy",
    "prohibited",
    "unauthorized",
    "disclosure",
    "dissemination",
    "copying",
    "vertraulich",
    "empfänger",
    "irrtümlich",
    "vernichten",
    "unbefugt",
    "confidentiel",
    "destinataire",
    "par erreur",
    "confidencial",
    "destinatario",
    "destinatário",
    "por error",
    "por engano",
    "riservat",
    "per errore",
    "vertrouwelijk",
    "geadresseerde",
    "保密",
    "收件人",
    "禁止",
    "错收",
];

/// Words with which notices and their headings start.
pub(super) const NOTICE_STARTS: &[&str] = &[
    "confidential",
    "privileged",
    "notice",
    "disclaimer",
    "important notice",
    "legal notice",
    "this e-mail",
    "this email",
    "this electronic",
    "this message",
    "this communication",
    "this transmission",
    "this document",
    "the information contained",
    "the information in this",
    "the information transmitted",
    "the contents of this",
    "if you are not the",
];

/// Cue words of what mailing lists and portals put under messages; all of one row, in lower case.
const FOOTERS: &[&[&str]] = &[
    &["to unsubscribe", "send"],
    &["to unsubscribe", "visit"],
    &["to unsubscribe", "http"],
    &["unsubscribe", "listinfo"],
    &["unsubscribe", "list archive"],
    &["unsubscribe", "majordomo"],
    &["subscription", "unsubscribe", "http"],
    &["mailing list", "listinfo"],
    &["mailing list", "/mailman"],
    &["mailing list", "mlist"],
    &["you are receiving this", "because"],
    &["you received this message because you are subscribed"],
    &["you have received this message because you subscribe"],
    &["to stop receiving", "unsubscribe"],
    &["to change your", "address", "send"],
    &["wish to stop receiving", "http"],
    &["yahoo! groups sponsor"],
    &["your use of yahoo! groups is subject to"],
    &["do you yahoo!?"],
    &["get your free", "http"],
    &["get your private, free", "http"],
    &["by signing up for a free", "http"],
    &["pentru dezabonare"],
    &["zum abbestellen", "http"],
    &["se désabonner", "http"],
    &["para cancelar la suscripción"],
];

/// Words of which a footer has one that a case may learn from few senders.
pub(super) const FOOTER_CUES: &[&str] = &[
    "confidential",
    "intended recipient",
    "intended only",
    "privileged",
    "disclaimer",
    "originated outside",
    "outside of the organization",
    "external email",
    "do not click",
    "unsubscribe",
    "mailing list",
    "vertraulich",
    "confidentiel",
    "confidencial",
    "riservat",
];

/// Cue words of warnings that mail comes from outside; all of one row.
const BANNERS: &[&[&str]] = &[
    &["originated", "outside"],
    &["originated", "external"],
    &["external email", "caution"],
    &["external sender", "caution"],
    &["outside of the organization", "links"],
    &["external email", "links"],
];

/// Whether two texts are the same but for the case of ASCII letters.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether a text starts with another but for the case of ASCII letters.
pub(super) fn starts(text: &str, start: &str) -> bool {
    text.as_bytes()
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// Words of signatures, each whole, that tell how or where to reach somebody or what office they hold; in the order
/// of their bytes.
const CONTACT_WORDS: &[&str] = &[
    "administrator",
    "adviser",
    "advisor",
    "agency",
    "analyst",
    "assistant",
    "associate",
    "attorney",
    "ave",
    "avenue",
    "board",
    "bureau",
    "cell",
    "chair",
    "chairman",
    "chairperson",
    "chief",
    "comaintainer",
    "commission",
    "commissioner",
    "committee",
    "company",
    "coordinator",
    "corp",
    "corporation",
    "council",
    "counsel",
    "department",
    "director",
    "division",
    "engineer",
    "esq",
    "fax",
    "floor",
    "gmbh",
    "inc",
    "institute",
    "liaison",
    "llc",
    "llp",
    "ltd",
    "maintainer",
    "manager",
    "mobile",
    "office",
    "officer",
    "paralegal",
    "partner",
    "phone",
    "president",
    "professor",
    "secretary",
    "specialist",
    "street",
    "suite",
    "tel",
    "telefon",
    "telephone",
    "tél",
    "university",
];

/// Longest of them, in bytes.
const LONGEST_CONTACT_WORD: usize = 13;

/// Whether a line has an address, a link, or a word that tells how to reach somebody.
pub(super) fn has_contact_word(line: &str) -> bool {
    let bytes = line.as_bytes();
    memchr::memchr(b'@', bytes).is_some()
        || memchr::memchr_iter(b':', bytes).any(|at| bytes[at..].starts_with(b"://"))
        || memchr::memchr_iter(b'w', bytes).any(|at| bytes[at..].starts_with(b"www."))
        || line
            .split(|character: char| !character.is_alphanumeric())
            .any(is_contact_word)
}

fn is_contact_word(word: &str) -> bool {
    let mut lower = [0; LONGEST_CONTACT_WORD];
    let Some(lower) = lower.get_mut(..word.len()).filter(|lower| lower.len() > 2) else {
        return false;
    };
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    CONTACT_WORDS
        .binary_search_by(|contact| contact.as_bytes().cmp(lower))
        .is_ok()
}

/// Cues made ready to be looked for; every paragraph is searched for all of them.
type Cues = Vec<Finder<'static>>;

static READY_NOTICE_CUES: LazyLock<Cues> = LazyLock::new(|| ready(NOTICE_CUES));
static READY_FOOTERS: LazyLock<Vec<Cues>> = LazyLock::new(|| rows(FOOTERS));
static READY_BANNERS: LazyLock<Vec<Cues>> = LazyLock::new(|| rows(BANNERS));

fn ready(cues: &[&'static str]) -> Cues {
    cues.iter().map(|cue| Finder::new(*cue)).collect()
}

fn rows(rows: &[&[&'static str]]) -> Vec<Cues> {
    rows.iter().map(|row| ready(row)).collect()
}

fn holds(passage: &str, cue: &Finder<'_>) -> bool {
    cue.find(passage.as_bytes()).is_some()
}

/// How many of the cues of confidentiality notices a passage in lower case holds.
pub(super) fn notice_cues(passage: &str) -> usize {
    let cues = READY_NOTICE_CUES.iter();
    cues.filter(|cue| holds(passage, cue)).count()
}

/// The first cue of each row of [`FOOTERS`] whose cues a passage in lower case all holds.
pub(super) fn footer_cues(passage: &str) -> impl Iterator<Item = &'static Finder<'static>> {
    let rows = READY_FOOTERS.iter();
    rows.filter(move |row| row.iter().all(|cue| holds(passage, cue)))
        .filter_map(|row| row.first())
}

/// Whether a passage in lower case is a warning that mail comes from outside.
pub(super) fn is_banner(passage: &str) -> bool {
    let mut rows = READY_BANNERS.iter();
    rows.any(|row| row.iter().all(|cue| holds(passage, cue)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contact_words_are_in_order_and_found() {
        assert!(CONTACT_WORDS.is_sorted());
        assert_eq!(
            CONTACT_WORDS.iter().map(|word| word.len()).max(),
            Some(LONGEST_CONTACT_WORD)
        );
        for line in [
            "Harbour OFFICE",
            "(Tel)",
            "t\u{e9}l 1",
            "see www.pier.example",
            "a@b",
            "x://y",
        ] {
            assert!(has_contact_word(line), "{line}");
        }
        for line in ["", "official", "telex", "ww.", "a: b", "administratorship"] {
            assert!(!has_contact_word(line), "{line}");
        }
    }
}
