//! The words by which zones are told: separators, introductions, signatures. Those of notices are in `cues.rs`, labels in
//! `labels.rs`.

use super::lines::first_byte;
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

/// How long separators that stand alone are, as bits: by that most lines can be told from them.
pub(super) const BARE_LENGTHS: u128 = {
    let mut lengths = 0;
    let mut at = 0;
    while at < SEPARATORS.len() {
        if matches!(SEPARATORS[at].form, Form::Bare) {
            lengths |= 1 << SEPARATORS[at].words.len();
        }
        at += 1;
    }
    lengths
};

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
    let may_start = |byte: u8| {
        let letters = matches!(
            byte,
            b'O' | b'A' | b'L' | b'E' | b'I' | b'D' | b'W' | b'Q' | b'P'
        );
        letters || !byte.is_ascii_graphic()
    };
    first_byte(text).is_some_and(may_start) && {
        let text = text.trim_start();
        INTRODUCTION_STARTS
            .iter()
            .any(|start| text.starts_with(start))
    }
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

/// For each byte whether one of them has it as its first, and whether as its second, in either case.
static TELEPHONE_STARTS: [[bool; 256]; 2] = {
    let mut starts = [[false; 256]; 2];
    let mut at = 0;
    while at < TELEPHONE_SIGNATURES.len() {
        let signature = TELEPHONE_SIGNATURES[at].as_bytes();
        starts[0][signature[0].to_ascii_lowercase() as usize] = true;
        starts[0][signature[0].to_ascii_uppercase() as usize] = true;
        starts[1][signature[1].to_ascii_lowercase() as usize] = true;
        starts[1][signature[1].to_ascii_uppercase() as usize] = true;
        at += 1;
    }
    starts
};

/// Whether a line is one that telephones add.
pub(super) fn is_telephone_signature(line: &str) -> bool {
    let [firsts, seconds] = &TELEPHONE_STARTS;
    let first = first_byte(line).unwrap_or(b' ');
    if first.is_ascii_graphic() && !firsts[usize::from(first)] {
        return false;
    }
    let line = line.trim();
    let [first, second, ..] = line.as_bytes() else {
        return false;
    };
    firsts[usize::from(*first)]
        && seconds[usize::from(*second)]
        && line.len() <= 120
        && TELEPHONE_SIGNATURES
            .iter()
            .any(|signature| starts(line, signature))
}

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
