//! What threading needs to know of one message, packed small: the ledger keeps it beside each.

mod packed;

use crate::names::Name;
use crate::names::name;
use muckrake_mail::Flag;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::ThreadIndex;
use muckrake_mail::subject;

/// Most recipients kept; a message to more is to everybody.
const MOST_RECIPIENTS: usize = 24;
/// A conversation that is said to have begun later than this after its message, in seconds, is made up.
const MOST_SKEW: i64 = 86_400;
/// No `Thread-Index` is older: 1990-01-01, in seconds since 1970.
const OLDEST_INDEX: i64 = 631_152_000;

/// The facts of one message. Ids, subjects and people are kept as [`Name`]s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its own Message-ID; `None` if it has none.
    pub own: Option<Name>,
    /// The messages it answers, oldest first: References, or else the first In-Reply-To.
    pub ancestors: Vec<Name>,
    /// Its subject.
    pub subject: Subject,
    /// Who wrote it.
    pub sender: Sender,
    /// Who got it: addresses, or names where there are none.
    pub recipients: Vec<u32>,
    /// Whether it quotes or passes on another message.
    pub quotes: bool,
    /// Whether its date tells its zone.
    pub zoned: bool,
    /// Whether it has no author who would answer: a delivery report.
    pub automatic: bool,
    /// Its `Thread-Index`.
    pub index: Option<ThreadIndex>,
}

/// A subject as threading compares it. A name of 0 stands for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The base subject (RFC 5256 §2.1), without the former one that it may name.
    pub base: Name,
    /// The base subject with what stands in brackets before it.
    pub bracketed: Name,
    /// What else it goes by: the base subject that it replaced (`… (was: …)`), or the number of a case in
    /// brackets (`[Bug 1234]`).
    pub also: Name,
    /// Whether it says that it answers.
    pub reply: bool,
    /// Whether it says that it passes something on.
    pub forward: bool,
    /// Which message of a numbered series it is.
    pub series: Option<Series>,
}

/// One message of a numbered series, such as `[PATCH v2 3/7]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// What is the same in all of them: the words in brackets, the count and the sender.
    pub name: Name,
    /// Its number; 0 is the letter that comes with the series.
    pub number: u16,
    /// How many there are.
    pub count: u16,
}

/// Who wrote a message: a quotation may name either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// The address; 0 if there is none.
    pub address: Name,
    /// The words of the name in any order; 0 if there are none.
    pub name: Name,
}

impl Sender {
    /// Takes a person.
    pub fn of(mention: &Mention) -> Self {
        Self {
            address: mention.address.as_deref().map_or(0, address_name),
            name: mention.name.as_deref().map_or(0, person_name),
        }
    }

    /// Whether both are known to be one person.
    pub fn is(self, other: Self) -> bool {
        (self.address != 0 && self.address == other.address)
            || (self.name != 0 && self.name == other.name)
    }

    /// As recipients are kept.
    pub fn short(self) -> u32 {
        let name = if self.address == 0 {
            self.name
        } else {
            self.address
        };
        name as u32
    }
}

impl Facts {
    /// Takes the facts out of a message.
    pub fn of(message: &Message) -> Self {
        let ancestors = if message.references.is_empty() {
            &message.in_reply_to[..message.in_reply_to.len().min(1)]
        } else {
            &message.references[..]
        };
        let sender = message.from.first().map(Sender::of).unwrap_or_default();
        let recipients = message.to.iter().chain(&message.cc);
        let mut recipients: Vec<u32> = recipients
            .take(MOST_RECIPIENTS)
            .map(|mention| Sender::of(mention).short())
            .collect();
        recipients.sort_unstable();
        recipients.dedup();
        Self {
            own: message.message_id.as_deref().map(reference),
            ancestors: ancestors.iter().map(|id| reference(id)).collect(),
            subject: Subject::of(message.subject.as_deref().unwrap_or_default(), sender),
            sender,
            recipients,
            quotes: message.flags.contains(&Flag::Quote),
            zoned: message.date.is_some_and(|date| date.offset.is_some()),
            automatic: message.flags.contains(&Flag::Bounce),
            index: index(message),
        }
    }

    /// Whether headers tell what it answers, or that it begins a conversation of its own.
    pub fn is_placed(&self) -> bool {
        !self.ancestors.is_empty() || self.index.as_ref().is_some_and(|index| index.depth() > 0)
    }

    /// Whether it looks like an answer although no header says what to.
    pub fn is_open(&self) -> bool {
        let subject = &self.subject;
        let follows = subject.series.is_some_and(|series| series.number > 0);
        !self.is_placed() && (self.quotes || subject.reply || subject.forward || follows)
    }

    /// The names of the conversation index of each ancestor, oldest first, and of its own.
    pub fn index_names(&self) -> Vec<Name> {
        let path = self.index.iter().flat_map(ThreadIndex::path);
        path.map(|bytes| name("index", bytes)).collect()
    }
}

/// A `Thread-Index` that can be true of the message.
fn index(message: &Message) -> Option<ThreadIndex> {
    let value = message.headers.values("Thread-Index").next()?;
    let index = ThreadIndex::parse(value)?;
    let begun = index.times().first().copied()?;
    let sent = message.date.map_or(i64::MAX, |date| date.local);
    (OLDEST_INDEX..sent.saturating_add(MOST_SKEW))
        .contains(&begun)
        .then_some(index)
}

impl Subject {
    /// Takes a decoded subject in which white space is single spaces.
    pub fn of(text: &str, sender: Sender) -> Self {
        let cut = subject::base(text);
        let named = |text: &str| match text {
            "" => 0,
            text => name("subject", text.to_lowercase().as_bytes()),
        };
        let series = (!cut.reply && !cut.forward)
            .then(|| series(cut.bracketed, sender))
            .flatten();
        let (base, former) = former(cut.base);
        let also = former.map(|former| subject::base(former).base);
        // One that has been replaced may have replaced another.
        let also = also.map_or_else(
            || ticket(cut.bracketed).map_or(0, |ticket| name("ticket", ticket.as_bytes())),
            |also| named(self::former(also).0),
        );
        Self {
            base: named(base),
            bracketed: named(self::former(cut.bracketed).0),
            also,
            reply: cut.reply,
            forward: cut.forward,
            series,
        }
    }
}

/// A subject and the one that it has replaced: `New (was: Old)`, `New [was: Old]`.
fn former(base: &str) -> (&str, Option<&str>) {
    let cut = || {
        let inside = base.strip_suffix([')', ']'])?;
        let lower = inside.to_ascii_lowercase();
        let open = lower.find("(was").or_else(|| lower.find("[was"))?;
        let rest = inside.get(open + 4..)?.trim_start_matches(':').trim();
        let new = inside.get(..open)?.trim();
        (!rest.is_empty() && !new.is_empty()).then_some((new, Some(rest)))
    };
    cut().unwrap_or((base, None))
}

/// What stands in the first brackets, if it has a number as cases have: three digits or more.
fn ticket(bracketed: &str) -> Option<String> {
    let (tag, _) = bracketed.strip_prefix('[')?.split_once(']')?;
    let digits = |run: &str| run.len() >= 3 && run.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = tag
        .split(|character: char| !character.is_ascii_alphanumeric())
        .any(digits);
    numbered.then(|| tag.to_lowercase())
}

/// The number in brackets with which a subject of a series begins.
fn series(bracketed: &str, sender: Sender) -> Option<Series> {
    let mut rest = bracketed;
    while let Some(inside) = rest.strip_prefix('[') {
        let (tag, after) = inside.split_once(']')?;
        for word in tag.split([' ', ',']) {
            let Some((number, count)) = word.split_once('/') else {
                continue;
            };
            let (Ok(number), Ok(count)) = (number.parse(), count.parse()) else {
                continue;
            };
            let words: Vec<String> = tag
                .split_whitespace()
                .filter(|other| *other != word)
                .map(str::to_lowercase)
                .collect();
            let whole = format!("{}\0{count}\0{}", words.join(" "), sender.short());
            let name = name("series", whole.as_bytes());
            return (number <= count).then_some(Series {
                name,
                number,
                count,
            });
        }
        rest = after.trim_start();
    }
    None
}

/// Names a Message-ID; `<"a"@x>` and `<a@x>` are the same (RFC 5256 §2.2).
pub fn reference(message_id: &str) -> Name {
    let id = message_id
        .trim()
        .trim_start_matches('<')
        .trim_end_matches('>');
    match id.rsplit_once('@') {
        Some((local, domain))
            if local.len() >= 2 && local.starts_with('"') && local.ends_with('"') =>
        {
            let plain = format!("{}@{domain}", &local[1..local.len() - 1]);
            name("id", plain.as_bytes())
        }
        _ => name("id", id.as_bytes()),
    }
}

fn address_name(address: &str) -> Name {
    match address.trim() {
        "" => 0,
        address => name("address", address.to_lowercase().as_bytes()),
    }
}

/// Names a person by the words of the name: `Example, Anne (HARBOUR)` is `Anne B. Example`.
pub fn person_name(person: &str) -> Name {
    let before = person.split(['(', '<', '[']).next().unwrap_or_default();
    let mut words: Vec<String> = before
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_lowercase)
        .collect();
    words.sort_unstable();
    match words.as_slice() {
        [] => 0,
        words => name("person", words.join(" ").as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> Subject {
        Subject::of(text, Sender::default())
    }

    #[test]
    fn subjects_are_compared_without_case_and_prefixes() {
        assert_eq!(subject("Re: North pier").base, subject("NORTH PIER").base);
        assert_ne!(subject("North pier").base, subject("South pier").base);
        assert_eq!(subject("Re:").base, 0);
        let renamed = subject("Quay (was: Re: North pier)");
        assert_eq!(renamed.also, subject("north pier").base);
        assert_eq!(renamed.base, subject("Re: quay").base);
        let ticket = subject("[Case 21077] New: pier").also;
        assert!(ticket != 0 && ticket == subject("Re: [Case 21077] pier").also);
        assert_eq!(subject("[list] pier").also, 0);
    }

    #[test]
    fn a_series_is_what_its_brackets_share() {
        let (letter, third) = (
            subject("[PATCH v2 0/7] Piers"),
            subject("[PATCH v2 3/7] mend"),
        );
        let (letter, third) = (letter.series.expect("one"), third.series.expect("one"));
        assert_eq!(
            (letter.name, letter.number, third.number),
            (third.name, 0, 3)
        );
        let other = subject("[PATCH v3 3/7] mend").series.expect("one");
        assert_ne!(other.name, letter.name);
        for none in [
            "Re: [PATCH 1/2] a",
            "[PATCH] a",
            "[9/3] a",
            "24/7 a",
            "[a/b] c",
        ] {
            assert_eq!(subject(none).series, None, "{none}");
        }
    }

    #[test]
    fn people_are_one_in_any_order_of_their_names() {
        let name = person_name("Anne B. Example");
        assert_eq!(person_name("Example, Anne (HARBOUR)"), name);
        assert_ne!(person_name("Bob Example"), name);
        assert_eq!(person_name(" (x)"), 0);
    }

    #[test]
    fn quoted_local_parts_are_the_same_id() {
        assert_eq!(reference("<\"a\"@x>"), reference("a@x"));
    }
}
