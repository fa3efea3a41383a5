//! What is planted, and where: the ground truth.
//!
//! # The story
//!
//! The (invented) city of Rivermouth buys a system that watches and moves its flood gates:
//! contract `2021-CV-00417`, $18,400,000, vendor Brackwater Controls LLC.
//!
//! | when | what | where it can be read |
//! |---|---|---|
//! | February to April 2021 | the rating of the proposals is changed after the Mayor's Office asks | procurement alone; a lunch in the Mayor's release alone |
//! | May 2021 | registration: a single change of $4,000,000 or more goes to the Council | both |
//! | May and June 2022 | Change Order No. 3 ($4,150,000) is split in two; the Deputy Mayor also writes from a private account | procurement alone, but for three messages of the Mayor's release alone |
//! | 9 June 2022 | a walkthrough finds no cofferdam at Pier 9 | a note attached to mail in procurement; attached again, two deep, in December |
//! | July 2022 | 41 days of "cofferdam standby" are billed; the body of the mail does not say so, the attached CSV does | procurement alone |
//! | September and October 2022 | a reporter asks; one agency pleads burden, the other has "no records" | both, and each alone |
//! | November and December 2022 | an audit | procurement alone |
//!
//! One message of 14 June 2022 is in both releases under one Message-ID with different text: the
//! Mayor's Office blacked out its middle. One message is in no release and proved by an answer
//! to it ([`Truth::ghosts`] lists all such).
//!
//! Around it lie everyday threads, mail in many languages and encodings, machine mail, and mail
//! that breaks the rules; [`Mark`] says what is unusual about a message.
//!
//! # Ground truth
//!
//! [`Truth`] is computed from what the generator put in, before anything is encoded: never by
//! reading the bytes back.

use crate::people::Agency;

/// Name of the Bureau of Procurement's release.
pub const PROCUREMENT: &str = "procurement";
/// Name of the Mayor's Office's release.
pub const MAYOR: &str = "mayor";
/// The contract that it is all about.
pub const CONTRACT: &str = "2021-CV-00417";

/// What is unusual about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Never sent (`X-Unsent`).
    Draft,
    /// A delivery report.
    Bounce,
    /// Came through a mailing list.
    List,
    /// An automatic answer.
    Automatic,
    /// Its recipients are `undisclosed-recipients:;`.
    HiddenRecipients,
    /// S/MIME; its text cannot be read.
    Encrypted,
    /// Carries redaction marks.
    Redaction,
    /// Has no Message-ID.
    NoMessageId,
    /// Shares its Message-ID with a message that says something else.
    SharedMessageId,
    /// Has no Date field.
    NoDate,
    /// Its Date field tells no possible date.
    BadDate,
    /// Declares a character set that does not fit its bytes, or that nobody knows.
    WrongCharset,
    /// A multipart without boundary or without end.
    BrokenMultipart,
    /// Has bytes above 127 in its header fields.
    RawHeader,
    /// Its transfer encoding is damaged.
    BadTransfer,
    /// Has header fields only.
    Empty,
    /// Marked as deleted by its owner (Thunderbird's expunged bit).
    Deleted,
    /// `format=flowed; delsp=yes`.
    Flowed,
    /// Its text has lines that begin with `From `.
    FromLines,
}

/// An attached file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFact {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Bytes after transfer decoding.
    pub size: usize,
    /// Its words, if it is plain text, CSV, HTML or a calendar.
    pub text: Option<String>,
}

/// A mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name; empty if there is none.
    pub name: String,
    /// Address.
    pub address: String,
}

/// What the generator knows about one message of the releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name in the story; empty for everyday mail.
    pub key: &'static str,
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To without angle brackets.
    pub in_reply_to: Option<String>,
    /// References without angle brackets, in order.
    pub references: Vec<String>,
    /// What the Date field tells, as RFC 3339; `None` where it is absent or impossible.
    pub date: Option<String>,
    /// The same in seconds since the Unix epoch.
    pub unix: Option<i64>,
    /// From.
    pub from: Mailbox,
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// Bcc, as far as any copy shows it.
    pub bcc: Vec<Mailbox>,
    /// Subject, decoded.
    pub subject: String,
    /// The author's own words, without signature.
    pub own: String,
    /// The whole text, with signature and quotations, decoded. Line breaks may differ from the mail's.
    pub text: String,
    /// Attached files, attached messages not among them.
    pub files: Vec<FileFact>,
    /// Attached messages: places in [`Truth::facts`].
    pub attached: Vec<usize>,
    /// What is unusual about it, sorted.
    pub marks: Vec<Mark>,
    /// Releases that have a copy, at the top of a source or attached to another message, sorted.
    pub releases: Vec<&'static str>,
    /// Copies at the top of a source.
    pub copies: usize,
    /// Copies inside other copies.
    pub attached_copies: usize,
}

impl Fact {
    /// True where subject, text, or the name or text of an attached file has these words in a row,
    /// whatever their case and whatever separates them.
    pub fn says(&self, phrase: &str) -> bool {
        has_phrase(&self.subject, phrase)
            || has_phrase(&self.text, phrase)
            || self.files.iter().any(|file| has_phrase(&file.name, phrase))
            || self.encloses(phrase)
    }

    /// True where the text of an attached file has these words in a row.
    pub fn encloses(&self, phrase: &str) -> bool {
        self.files
            .iter()
            .filter_map(|file| file.text.as_deref())
            .any(|text| has_phrase(text, phrase))
    }

    /// True where somebody with an address at `domain` is named in From, To, Cc or a visible Bcc.
    pub fn is_with(&self, domain: &str) -> bool {
        let people = std::iter::once(&self.from)
            .chain(&self.to)
            .chain(&self.cc)
            .chain(&self.bcc);
        people
            .into_iter()
            .any(|mailbox| mailbox.address.rsplit('@').next() == Some(domain))
    }
}

/// One release, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTruth {
    /// Its name: [`PROCUREMENT`] or [`MAYOR`].
    pub name: &'static str,
    /// The agency's name.
    pub agency: &'static str,
    /// Files delivered.
    pub sources: usize,
    /// Of these, files that hold no mail.
    pub sources_without_mail: usize,
    /// Messages at the top of a source.
    pub copies: usize,
    /// Messages inside messages, at any depth.
    pub attached: usize,
    /// Distinct messages, attached ones among them.
    pub messages: usize,
    /// Files attached to all of these copies; parts of delivery reports and encrypted content do not count.
    pub files: usize,
}

/// A question and the messages that answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question, for people.
    pub asked: &'static str,
    /// The query that answers it.
    pub query: &'static str,
    /// Places in [`Truth::facts`], in the order of their dates, those without one last.
    pub answers: Vec<usize>,
}

/// Everything that is known by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// All distinct messages of the two releases, attached ones among them.
    pub facts: Vec<Fact>,
    /// The two releases.
    pub releases: Vec<ReleaseTruth>,
    /// Distinct messages that both releases have.
    pub shared: usize,
    /// The questions of the demonstration.
    pub questions: Vec<Question>,
    /// Message-IDs that are referred to by messages of the releases and are in neither.
    pub ghosts: Vec<String>,
}

impl Truth {
    /// The planted message of that name.
    pub fn planted(&self, key: &str) -> Option<&Fact> {
        self.facts
            .iter()
            .find(|fact| !key.is_empty() && fact.key == key)
    }

    /// Messages at the top of a source, over both releases.
    pub fn copies(&self) -> usize {
        self.releases.iter().map(|release| release.copies).sum()
    }

    /// Messages inside messages, over both releases.
    pub fn attached(&self) -> usize {
        self.releases.iter().map(|release| release.attached).sum()
    }
}

/// The truth about [`crate::release`].
pub fn truth() -> Truth {
    crate::release().truth()
}

/// The questions, not yet answered.
pub(crate) fn questions(facts: &[Fact]) -> Vec<Question> {
    const PHRASE: &str = "change order no. 3";
    let mayor = crate::layout::domain(Agency::Mayor);
    let answered = |asked, query, answers: &dyn Fn(&Fact) -> bool| {
        let mut places: Vec<usize> = (0..facts.len())
            .filter(|place| answers(&facts[*place]))
            .collect();
        places.sort_by_key(|place| (facts[*place].unix.unwrap_or(i64::MAX), *place));
        Question {
            asked,
            query,
            answers: places,
        }
    };
    vec![
        answered(
            "Who wrote about Change Order No. 3, and when?",
            "\"change order no. 3\"",
            &|fact| fact.says(PHRASE),
        ),
        answered(
            "Which mail about it, with the Mayor's Office on it, did procurement release and the Mayor's Office not?",
            "\"change order no. 3\" with:@mayor.rivermouth.example release:procurement NOT release:mayor",
            &|fact| fact.says(PHRASE) && fact.is_with(mayor) && fact.releases == [PROCUREMENT],
        ),
        answered(
            "Which attachments bill or mention cofferdam standby?",
            "attached:\"cofferdam standby\"",
            &|fact| fact.encloses("cofferdam standby"),
        ),
    ]
}

/// Runs of letters and digits, in lower case.
fn tokens(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|token| !token.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn has_phrase(text: &str, phrase: &str) -> bool {
    let (text, phrase) = (tokens(text), tokens(phrase));
    !phrase.is_empty() && text.windows(phrase.len()).any(|window| window == phrase)
}

#[cfg(test)]
mod tests {
    use super::has_phrase;

    #[test]
    fn phrases_are_found_across_lines_and_marks() {
        assert!(has_phrase(
            "the change\n> ORDER no. 3.",
            "Change Order No. 3"
        ));
        assert!(has_phrase(
            "Change_Order_No_3_proposal.pdf",
            "change order no. 3"
        ));
        assert!(!has_phrase("change order no. 31", "change order no. 3"));
        assert!(!has_phrase("anything", ""));
    }
}
