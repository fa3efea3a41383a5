//! Whether two messages are one mail in two forms.

use super::own;
use super::own::Own;
use super::text::Differing;
use super::text::Shared;
use super::text::Words;
use muckrake_mail::DatePrecision;
use muckrake_mail::MailDate;
use muckrake_mail::Mention;
use muckrake_mail::subject;

/// Seconds of a minute, of a quarter of an hour, and how far a clock without a zone may be off.
const MINUTE: i64 = 60;
const QUARTER: i64 = 900;
const ZONES: i64 = 14 * 3_600;
/// Fewer words than this say little by themselves.
const FEW_WORDS: usize = 8;
/// Most people of a list that are compared.
const MOST_PEOPLE: usize = 40;
/// Most people of a list of whom slips of recognition are looked for.
const MOST_NEAR: usize = 8;
/// Most letters of a name or subject of which slips of recognition are counted.
const MOST_LETTERS: usize = 200;

/// What a message tells beside its text, as it is compared.
pub struct Header {
    date: Option<MailDate>,
    from: Vec<Person>,
    recipients: Vec<Person>,
    subject: Option<Subject>,
}

/// A text as it is compared.
pub struct Text {
    whole: Words,
    own: Own,
}

/// What two forms agree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The minute, on the clock of the sender or in UTC.
    Minute,
    /// The minute on clocks that are some quarters of an hour apart.
    Clock,
    /// Who wrote it.
    Sender,
    /// Who got it.
    Recipients,
    /// The subject.
    Subject,
    /// Runs of words.
    Text,
}

impl Evidence {
    /// All of them, as they are listed.
    pub const ALL: [Self; 6] = [
        Self::Minute,
        Self::Clock,
        Self::Sender,
        Self::Recipients,
        Self::Subject,
        Self::Text,
    ];

    /// Its word in machine output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Clock => "clock",
            Self::Sender => "sender",
            Self::Recipients => "recipients",
            Self::Subject => "subject",
            Self::Text => "text",
        }
    }
}

/// How two forms of one mail are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// What they agree in.
    pub evidence: Vec<Evidence>,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// How much of the runs of words of the shorter text, and of the longer, is shared, in thousandths.
    pub shared: (u16, u16),
    /// Where the texts differ, the first of these stretches.
    pub differing: Vec<Differing>,
    /// How many stretches differ.
    pub differing_count: u32,
}

/// How two tellings of one thing go together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    Differs,
    /// One does not say, or says it in a way that cannot be compared.
    Unknown,
    /// But for slips of recognition.
    Near,
    Same,
}

impl Text {
    /// Takes the text of a body that is shown, and who wrote it.
    pub fn new(text: &str, authors: &[Mention]) -> Self {
        Self {
            whole: Words::of(text),
            own: Own::of(text, authors),
        }
    }
}

impl Header {
    /// Takes what is compared of a message beside its text.
    pub fn new(
        date: Option<MailDate>,
        from: &[Mention],
        recipients: &[&[Mention]],
        subject: Option<&str>,
    ) -> Self {
        let everyone = recipients.iter().flat_map(|list| list.iter());
        Self {
            date,
            from: from.iter().take(MOST_PEOPLE).map(Person::of).collect(),
            recipients: everyone.take(MOST_PEOPLE).map(Person::of).collect(),
            subject: subject.and_then(Subject::of),
        }
    }
}

/// What two messages agree in beside their texts.
#[derive(Clone, Copy)]
pub struct Agreed {
    /// The minute; `None` where a date cannot be read, which speaks neither for it nor against it.
    clock: Option<Evidence>,
    /// In author, recipients and subject.
    fields: [Agreement; 3],
}

/// Whether two messages may be one mail by what they tell beside their texts.
pub fn agree(one: &Header, other: &Header) -> Option<Agreed> {
    let clock = match (&one.date, &other.date) {
        (Some(one), Some(other)) => Some(clock(one, other)?),
        _ => None,
    };
    let subject = subjects(one.subject.as_ref(), other.subject.as_ref());
    if subject == Agreement::Differs {
        return None;
    }
    let sender = people(&one.from, &other.from);
    if sender == Agreement::Differs || sender.max(subject) < Agreement::Near {
        return None;
    }
    let recipients = people(&one.recipients, &other.recipients);
    (recipients != Agreement::Differs).then_some(Agreed {
        clock,
        fields: [sender, recipients, subject],
    })
}

/// How two messages that agree otherwise are alike, if their texts say that they are one mail; `printed` says that both are print-outs.
pub fn compare(agreed: &Agreed, one: &Text, other: &Text, printed: bool) -> Option<Likeness> {
    let Agreed { clock, fields } = *agreed;
    if !own::agree(&one.own, &other.own, clock == Some(Evidence::Minute)) {
        return None;
    }
    let (one, other) = (&one.whole, &other.whole);
    let shared = one.shared(other);
    let counts = (one.count(), other.count());
    if !texts_agree(clock, fields, shared, counts, printed) {
        return None;
    }
    let mut evidence: Vec<Evidence> = clock.into_iter().collect();
    let named = [Evidence::Sender, Evidence::Recipients, Evidence::Subject];
    let told = named.into_iter().zip(fields);
    evidence.extend(
        told.filter(|(_, agreement)| *agreement >= Agreement::Near)
            .map(|(name, _)| name),
    );
    if shared.of_shorter >= 500 && counts.0.min(counts.1) >= FEW_WORDS {
        evidence.push(Evidence::Text);
    }
    let (differing, differing_count) = one.differing(other);
    Some(Likeness {
        confidence: confidence(clock, fields, shared),
        evidence,
        shared: (shared.of_shorter, shared.of_longer),
        differing,
        differing_count,
    })
}

/// Whether the texts are alike enough for what else is known. Of the shorter is asked, since pages are lost and words taken
/// out; where no minute agrees, of both, since an answer quotes what it answers.
fn texts_agree(
    clock: Option<Evidence>,
    fields: [Agreement; 3],
    shared: Shared,
    counts: (usize, usize),
    printed: bool,
) -> bool {
    let [sender, recipients, subject] = fields;
    let both = sender >= Agreement::Near && subject >= Agreement::Near;
    let (few, many) = (counts.0.min(counts.1), counts.0.max(counts.1));
    // Scanning and redaction break runs of words, and leave most words and about as many.
    let is_worn = shared.of_shorter >= 400 && shared.words >= 700;
    match clock {
        Some(Evidence::Minute) if few < FEW_WORDS => {
            let is_empty = few == 0 && many < FEW_WORDS;
            both && (is_empty || shared.words >= 600)
        }
        Some(Evidence::Minute) if both => {
            let runs = if printed { 600 } else { 400 };
            shared.of_shorter >= runs || shared.words >= 850 || is_worn
        }
        Some(Evidence::Minute) => shared.of_shorter >= 600,
        _ if few < FEW_WORDS || !both => false,
        Some(_) if recipients >= Agreement::Near => {
            (shared.of_shorter >= 600 || is_worn) && few * 4 >= many * 3
        }
        _ => shared.of_shorter >= 800 && shared.of_longer >= 500 && few * 4 >= many * 3,
    }
}

/// 70 % for the minute, 60 % for a minute on another clock, 50 % without a date, and more for each field that agrees and for the text.
fn confidence(clock: Option<Evidence>, fields: [Agreement; 3], shared: Shared) -> u8 {
    let base = match clock {
        Some(Evidence::Minute) => 70,
        Some(_) => 60,
        None => 50,
    };
    let points = fields.map(|field| match field {
        Agreement::Same => 6,
        Agreement::Near => 3,
        _ => 0,
    });
    let text = u32::from(shared.of_shorter) * 11 / 1_000;
    u8::try_from(base + points.iter().sum::<u32>() + text).map_or(99, |sum| sum.min(99))
}

/// How two dates go together: to the minute on either clock, or some quarters of an hour apart where one does not tell its zone.
fn clock(one: &MailDate, other: &MailDate) -> Option<Evidence> {
    if one.precision == DatePrecision::Day || other.precision == DatePrecision::Day {
        return None;
    }
    let minute = |seconds: i64| seconds.div_euclid(MINUTE);
    if let (Some(one), Some(other)) = (one.utc(), other.utc()) {
        return ((minute(one) - minute(other)).abs() <= 1).then_some(Evidence::Minute);
    }
    let off = minute(one.local) - minute(other.local);
    if off.abs() <= 1 {
        return Some(Evidence::Minute);
    }
    let near = (off + 1).rem_euclid(QUARTER / MINUTE) <= 2;
    (near && off.abs() <= ZONES / MINUTE + 1).then_some(Evidence::Clock)
}

/// A person as it is compared.
struct Person {
    address: Option<String>,
    /// The words of the name, in order of the alphabet.
    name: Option<String>,
}

impl Person {
    fn of(mention: &Mention) -> Self {
        let name = mention.name.as_deref().map(name_words);
        Self {
            address: mention
                .address
                .as_deref()
                .map(|address| address.trim().to_lowercase())
                .filter(|address| address.contains('@')),
            name: name.filter(|name| !name.is_empty()),
        }
    }

    /// The words of what stands before the `@`.
    fn local(&self) -> Option<String> {
        let (local, _) = self.address.as_deref()?.split_once('@')?;
        Some(name_words(local)).filter(|words| !words.is_empty())
    }

    /// Whether both have one address or one name, to the letter.
    fn is(&self, other: &Self) -> bool {
        (self.address.is_some() && self.address == other.address)
            || (self.name.is_some() && self.name == other.name)
    }

    fn agreement(&self, other: &Self) -> Agreement {
        let pairs = [(&self.address, &other.address), (&self.name, &other.name)];
        let told = pairs.into_iter().filter_map(|pair| match pair {
            (Some(one), Some(other)) => Some(alike(one, other)),
            _ => None,
        });
        match told.max() {
            Some(agreement) => agreement,
            None => {
                let crossed = [(self.local(), &other.name), (other.local(), &self.name)];
                let same = |(local, name): &(Option<String>, &Option<String>)| {
                    local.is_some() && local.as_ref() == name.as_ref()
                };
                if crossed.iter().any(same) {
                    Agreement::Same
                } else {
                    Agreement::Unknown
                }
            }
        }
    }
}

/// The words of a name in order of the alphabet, without what stands in brackets behind it and single letters.
fn name_words(name: &str) -> String {
    let before = name.split(['(', '<', '[']).next().unwrap_or_default();
    let words = before.split(|character: char| !character.is_alphanumeric());
    let mut words: Vec<String> = words
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    words.join(" ")
}

/// How two lists go together: the same where one person is in both, different where nobody is who can be compared.
fn people(one: &[Person], other: &[Person]) -> Agreement {
    let is_in_both = |person: &Person| other.iter().any(|another| person.is(another));
    if one.iter().any(is_in_both) {
        return Agreement::Same;
    }
    let pairs = one.iter().take(MOST_NEAR).flat_map(|person| {
        other
            .iter()
            .take(MOST_NEAR)
            .map(|another| person.agreement(another))
    });
    pairs.max().unwrap_or(Agreement::Unknown)
}

/// A subject as it is compared.
struct Subject {
    base: String,
    whole: String,
    /// Whether it says that it answers, and that it passes on.
    prefixes: (bool, bool),
}

impl Subject {
    /// A subject with letters in it.
    fn of(text: &str) -> Option<Self> {
        let cut = subject::base(text);
        let whole = letters(text);
        (!whole.is_empty()).then(|| Self {
            base: letters(cut.bracketed),
            prefixes: (cut.reply, cut.forward),
            whole,
        })
    }
}

fn subjects(one: Option<&Subject>, other: Option<&Subject>) -> Agreement {
    let (Some(one), Some(other)) = (one, other) else {
        return Agreement::Unknown;
    };
    if one.base == other.base && one.prefixes == other.prefixes {
        return Agreement::Same;
    }
    // A prefix more or less is no slip: an answer has the words of what it answers.
    let lengths = one
        .whole
        .chars()
        .count()
        .abs_diff(other.whole.chars().count());
    if one.base == other.base || (one.prefixes != other.prefixes && lengths > 1) {
        return Agreement::Differs;
    }
    alike(&one.whole, &other.whole)
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether two texts are one but for slips of recognition: one letter in eight, and two more.
fn alike(one: &str, other: &str) -> Agreement {
    if one == other {
        return Agreement::Same;
    }
    let take = |text: &str| text.chars().take(MOST_LETTERS).collect::<Vec<char>>();
    let (one, other) = (take(one), take(other));
    let most = one.len().max(other.len()) / 8 + 1;
    let digits = |text: &[char]| {
        let digits = text.iter().filter(|letter| letter.is_ascii_digit());
        digits.copied().collect::<Vec<char>>()
    };
    // Numbers tell apart what is otherwise alike: invoices, tickets, parts of a series. Scanning takes a digit for
    // a letter; then there is one less.
    let (mine, theirs) = (digits(&one), digits(&other));
    let numbered = mine.len() == theirs.len() && mine != theirs;
    if numbered || distance(&one, &other, most).is_none() {
        return Agreement::Differs;
    }
    Agreement::Near
}

/// Changes of one letter between two texts (Levenshtein), if they are no more than `most`.
fn distance(one: &[char], other: &[char], most: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut corner = at;
        let mut least = at + 1;
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
        for (place, another) in other.iter().enumerate() {
            let above = row[place + 1];
            let change = corner + usize::from(letter != another);
            row[place + 1] = change.min(above + 1).min(row[place] + 1);
            corner = above;
            least = least.min(row[place + 1]);
        }
        if least > most {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_mail::DateSource;

    // 2021-03-03T15:23:00 on some clock.
    const SENT: i64 = 1_614_784_980;
    const TEXT: &str = "The estimate for the north pier is attached; the harbour master asks for an answer by Friday.";

    /// A message whole.
    struct Form {
        header: Header,
        text: Text,
    }

    fn compare(one: &Form, other: &Form, printed: bool) -> Option<Likeness> {
        let agreed = agree(&one.header, &other.header)?;
        super::compare(&agreed, &one.text, &other.text, printed)
    }

    fn form(
        local: i64,
        offset: Option<i32>,
        from: (&str, &str),
        subject: &str,
        text: &str,
    ) -> Form {
        let date = MailDate {
            local,
            offset,
            precision: DatePrecision::Minute,
            source: DateSource::Printed,
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let authors = [Mention {
            name: some(from.0),
            address: some(from.1),
        }];
        Form {
            header: Header::new(Some(date), &authors, &[], Some(subject)),
            text: Text::new(text, &authors),
        }
    }

    fn mail() -> Form {
        form(
            SENT + 41,
            Some(-18_000),
            ("Anne Pier", "anne@harbour.example"),
            "RE: Dredging contract",
            TEXT,
        )
    }

    fn print(from: &str, subject: &str, text: &str) -> Form {
        form(SENT, None, (from, ""), subject, text)
    }

    #[test]
    fn a_print_of_a_mail_is_known_by_what_both_tell() {
        let same = compare(
            &mail(),
            &print("Pier, Anne (HARBOUR)", "Re: Dredging contract", TEXT),
            false,
        );
        let same = same.expect("they are one mail");
        assert_eq!(
            same.evidence,
            [
                Evidence::Minute,
                Evidence::Sender,
                Evidence::Subject,
                Evidence::Text
            ]
        );
        assert_eq!((same.confidence, same.differing_count), (93, 0));
        // The printer's clock is three hours behind; scanning has hurt name and subject; words are taken out.
        let elsewhere = form(
            SENT - 3 * 3_600,
            None,
            ("Pier, Anne", ""),
            "RE: Dredging contract",
            TEXT,
        );
        let elsewhere = compare(&mail(), &elsewhere, false).expect("they are one mail");
        assert!(
            elsewhere.evidence.contains(&Evidence::Clock) && elsewhere.confidence < same.confidence
        );
        assert!(
            compare(
                &mail(),
                &print("Pier, Anmc", "RE: Dredgin9 contract", TEXT),
                false
            )
            .is_some()
        );
        let redacted = TEXT.replace("the harbour master", "(b)(6)");
        let redacted = compare(
            &mail(),
            &print("Pier, Anne", "RE: Dredging contract", &redacted),
            false,
        );
        assert_eq!(redacted.expect("they are one mail").differing_count, 1);
    }

    #[test]
    fn a_date_that_cannot_be_read_is_made_up_for_by_the_rest() {
        let undated = |subject, text: &str| {
            let mut form = print("Pier, Anne", subject, text);
            form.header.date = None;
            form
        };
        let same = compare(&mail(), &undated("RE: Dredging contract", TEXT), false);
        assert_eq!(same.expect("they are one mail").confidence, 73);
        let half = &TEXT[..TEXT.len() / 2];
        for (subject, text) in [("RE: Lunch", TEXT), ("RE: Dredging contract", half)] {
            assert_eq!(compare(&mail(), &undated(subject, text), false), None);
        }
    }

    #[test]
    fn what_speaks_against_it_is_heeded() {
        let others = [
            print("Quay, Bob", "RE: Dredging contract", TEXT),
            print("Pier, Anne", "Dredging contract", TEXT),
            print("Pier, Anne", "RE: Lunch", TEXT),
            print(
                "Pier, Anne",
                "RE: Dredging contract",
                "Whoever asks for the minutes of the board gets them from the clerk on Monday.",
            ),
            form(
                SENT + 300,
                None,
                ("Pier, Anne", ""),
                "RE: Dredging contract",
                TEXT,
            ),
            form(
                SENT + 86_400,
                None,
                ("Pier, Anne", ""),
                "RE: Dredging contract",
                TEXT,
            ),
            // Twelve minutes by zones that both tell.
            form(
                SENT,
                Some(-18_720),
                ("Pier, Anne", ""),
                "RE: Dredging contract",
                TEXT,
            ),
            // An answer a quarter of an hour later that quotes it whole.
            form(
                SENT + 900,
                None,
                ("Pier, Anne", ""),
                "RE: Dredging contract",
                &format!(
                    "I was wrong about that, and so was everybody else who was at the table that day; see what I wrote, and forget it.\n> {TEXT}"
                ),
            ),
        ];
        for (at, other) in others.iter().enumerate() {
            assert_eq!(compare(&mail(), other, false), None, "{at}");
        }
        let bulk = |to: &str| {
            let mut form = mail();
            form.header.recipients = vec![Person::of(&Mention {
                name: None,
                address: Some(to.to_owned()),
            })];
            form
        };
        assert_eq!(
            compare(&bulk("bob@dep.example"), &bulk("carol@city.example"), false),
            None
        );
    }

    /// What is said above a message that is quoted whole.
    fn above(own: &str) -> String {
        format!(
            "{own}\n\n-----Original Message-----\nFrom: Quay, Bob\nSent: Tuesday, March 02, 2021 9:12 AM\nTo: Pier, Anne\nSubject: Dredging contract\n\n{TEXT}\nThe board meets on Thursday and wants the figures of both bidders before it votes.\n"
        )
    }

    fn later(minutes: i64, text: &str) -> Form {
        let from = ("Pier, Anne", "");
        let subject = "RE: Dredging contract";
        form(SENT + minutes * MINUTE, None, from, subject, text)
    }

    #[test]
    fn a_quotation_alone_makes_no_two_mails_one() {
        let is_linked = |minutes, one: &str, other: &str| {
            compare(&later(0, one), &later(minutes, other), true).is_some()
        };
        let asks = above("Can we meet the bidders tomorrow?");
        let thanks = above("Thanks, will call Carol about it.");
        // Two answers to one message, of one minute and of two.
        assert!(!is_linked(0, &asks, &thanks));
        assert!(!is_linked(60, &asks, &thanks));
        // An answer and what it answers; what is quoted only, and two answers of a word, at two times.
        assert!(!is_linked(60, &asks, TEXT));
        assert!(!is_linked(60, &above("Yes."), &above("Thanks.")));
        assert!(!is_linked(60, &above(""), &above("")));
        // One mail on one clock, on two, and with nothing of its own.
        assert!(is_linked(0, &asks, &asks) && is_linked(60, &asks, &asks));
        assert!(is_linked(0, &above(""), &above("")));
    }

    #[test]
    fn what_is_taken_out_of_its_own_words_leaves_it_the_same_mail() {
        let whole = above("Can we meet the bidders tomorrow at the office of Carol Mole?");
        for redacted in [
            "(b)(5)",
            "(b)(5) (b)(6) (b)(7)(C) RELEASE IN PART B6",
            "████████ ████ ██████████ ████",
            "Can we meet ██████████ at the office of (b)(6)?",
        ] {
            let print = later(0, &above(redacted));
            let likeness = compare(&later(0, &whole), &print, true);
            assert!(likeness.is_some(), "{redacted}");
        }
    }

    #[test]
    fn numbers_tell_subjects_apart() {
        assert!(alike("ticket12closed", "ticket13closed") == Agreement::Differs);
        assert!(alike("invoice1204paid", "invoice1319paid") == Agreement::Differs);
        assert!(alike("dredgingcontract", "dredg1ngcontract") == Agreement::Near);
    }
}
