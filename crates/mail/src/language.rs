//! The language that a body is written in.

use whatlang::Lang;

/// Bytes of the author's own text looked at.
const SAMPLE_BYTES: usize = 1 << 10;

/// Bytes of them that the detector is asked about: it takes time for each, and is sure of most with fewer.
const DETECTOR_BYTES: usize = 1 << 9;

/// Shortest text whose language is told, in bytes.
const LEAST_BYTES: usize = 40;

/// Longest word in the lists, in bytes.
const LONGEST_WORD: usize = 6;

/// Different words that are English alone which tell it of a text that is mostly something else.
const ENOUGH_WORDS: usize = 4;

/// How much a word tells of the language.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Frequent in English, and in no other language written in Latin letters.
    English,
    /// Frequent in English and in others.
    Shared,
    Other,
}

/// What a word in lower case tells.
fn classify(word: &[u8]) -> Word {
    match word {
        b"and" | b"are" | b"been" | b"but" | b"can" | b"from" | b"have" | b"not" | b"please"
        | b"should" | b"that" | b"the" | b"their" | b"this" | b"which" | b"will" | b"with"
        | b"would" | b"you" | b"your" => Word::English,
        b"a" | b"as" | b"at" | b"be" | b"by" | b"for" | b"i" | b"if" | b"in" | b"is" | b"it"
        | b"of" | b"on" | b"or" | b"to" | b"we" => Word::Shared,
        _ => Word::Other,
    }
}

/// ISO 639-1 code of the language of a text, where it is told reliably.
pub(crate) fn detect(text: &str) -> Option<String> {
    let sample = beginning(text, SAMPLE_BYTES);
    if sample.trim().len() < LEAST_BYTES {
        return None;
    }
    // Nine of ten mails are told by their words; asking the detector takes half the time of reading a mail.
    if is_plainly_english(sample) {
        return Some("en".to_owned());
    }
    if !is_prose(sample) {
        return None;
    }
    let found = whatlang::detect(beginning(sample, DETECTOR_BYTES))?;
    found.is_reliable().then(|| code(found.lang()).to_owned())
}

/// At most so many bytes from the beginning of a text.
fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Whether one word in six is a frequent English one, with at least two that are English alone;
/// with four such it is enough that one word in twelve is, as where a text is half a program.
fn is_plainly_english(sample: &str) -> bool {
    let (mut words, mut english) = (0u32, 0u32);
    let mut different = [[0; LONGEST_WORD]; ENOUGH_WORDS];
    let mut found = 0;
    let separates = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && *byte != b'\'';
    for word in sample.as_bytes().split(separates) {
        if word.is_empty() {
            continue;
        }
        words += 1;
        let mut lower = [0; LONGEST_WORD];
        let Some(known) = lower.get_mut(..word.len()) else {
            continue;
        };
        known.copy_from_slice(word);
        known.make_ascii_lowercase();
        let class = classify(known);
        english += u32::from(class != Word::Other);
        if class == Word::English
            && !different[..found].contains(&lower)
            && let Some(place) = different.get_mut(found)
        {
            *place = lower;
            found += 1;
        }
    }
    let share = if found == ENOUGH_WORDS { 12 } else { 6 };
    found >= 2 && english * share >= words
}

/// Whether a sample is mostly letters: tables, programs and rows of numbers have no language.
fn is_prose(sample: &str) -> bool {
    let (mut letters, mut others) = (0usize, 0usize);
    for character in sample
        .chars()
        .filter(|character| !character.is_whitespace())
    {
        if character.is_alphabetic() {
            letters += 1
        } else {
            others += 1
        }
    }
    letters > others * 4
}

/// ISO 639-1 where there is such a code, else ISO 639-3.
fn code(language: Lang) -> &'static str {
    match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::detect;

    #[test]
    fn languages_are_told_or_left_open() {
        let english = "Please send me the signed contract before the meeting on Thursday, and tell the office about it.";
        let spanish = "Por favor, env\u{ed}eme el contrato firmado antes de la reuni\u{f3}n del jueves y avise a la oficina.";
        assert_eq!(detect(english).as_deref(), Some("en"));
        assert_eq!(detect(spanish).as_deref(), Some("es"));
        let dutch = "Wilt u mij het ondertekende contract sturen, en is het kantoor in of bij de haven op de hoogte?";
        assert_eq!(detect(dutch).as_deref(), Some("nl"));
        let half_a_program = "This removes the check that is not needed, since \
            kmalloc kfree vmalloc vfree memcpy memset strlcpy snprintf printk panic schedule wake_up \
            spin_lock spin_unlock mutex_lock mutex_unlock rcu_read_lock rcu_read_unlock barrier smp_mb";
        assert_eq!(detect(half_a_program).as_deref(), Some("en"));
        assert_eq!(detect("OK"), None);
        assert_eq!(
            detect("+#define X(a) ((a) << 3)\n-#define Y(b) ((b) >> 4)\n+#define Z(c) ((c) ^ 5)\n"),
            None
        );
    }
}
