//! Messages of one base subject, compared by what they quote, and by who wrote to whom.

use super::Evidence;
use super::Guess;
use super::Letter;
use super::named::ZONES;
use crate::facts::Facts;
use crate::words::Told;
use crate::words::Words;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Letters compared with one another at once. Of a larger group each is compared with the last
/// half as many at least.
const AT_ONCE: usize = 2_000;
/// A run that more letters have than this tells nothing.
const COMMON: usize = 32;
/// Seconds between an answer and what it answers where nothing but the subject joins them, at most: 30 days.
const MOST_SECONDS: i64 = 30 * 86_400;
/// Letters before an answer that are looked at where nothing but the subject joins them.
const MOST_BEFORE: usize = 200;
/// Letters that a quotation may name and that are looked at.
const MOST_NAMED: usize = 8;

/// What guessing asks of a case.
pub trait Source {
    /// What goes wrong with it.
    type Error;

    /// What a letter says and quotes.
    ///
    /// # Errors
    /// If it cannot be read.
    fn words(&mut self, ordinal: u32) -> Result<Words, Self::Error>;

    /// The letters of the whole case that a quotation names.
    ///
    /// # Errors
    /// If they cannot be read.
    fn named(&mut self, told: &Told) -> Result<Vec<Letter>, Self::Error>;
}

/// Guesses for the letters of one base subject that are `wanted`. They are in order of time.
///
/// # Errors
/// The first error of `source`.
pub fn by_subject<S: Source>(
    letters: &[Letter],
    wanted: impl Fn(u32) -> bool,
    source: &mut S,
) -> Result<Vec<Guess>, S::Error> {
    let mut guesses = Vec::new();
    let mut start = 0;
    loop {
        let end = letters.len().min(start + AT_ONCE);
        let part = &letters[start..end];
        let quotes = |letter: &Letter| letter.facts.quotes && wanted(letter.ordinal);
        let read = if part.iter().any(quotes) {
            let read = part.iter().map(|letter| source.words(letter.ordinal));
            read.collect::<Result<Vec<_>, _>>()?
        } else {
            vec![Words::default(); part.len()]
        };
        let group = Group::of(part, read);
        let fresh = if start == 0 { 0 } else { AT_ONCE / 2 };
        for (place, letter) in part.iter().enumerate().skip(fresh) {
            if wanted(letter.ordinal) {
                guesses.extend(group.guess(place, source)?);
            }
        }
        if end == letters.len() {
            return Ok(guesses);
        }
        start += AT_ONCE / 2;
    }
}

/// Some letters with what they say.
struct Group<'a> {
    letters: &'a [Letter],
    words: Vec<Words>,
    /// Which letters have a run among their own words; none where too many have.
    said: HashMap<u64, Vec<u32>>,
}

/// How a letter seems to be what another answers.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Score {
    /// Whether a quotation names it by who and when.
    named: bool,
    /// Runs quoted, weighed.
    weight: f64,
    /// The later one is answered, where nothing else tells them apart.
    date: i64,
    place: usize,
}

impl<'a> Group<'a> {
    fn of(letters: &'a [Letter], words: Vec<Words>) -> Self {
        let mut said: HashMap<u64, Vec<u32>> = HashMap::new();
        for (place, words) in (0..).zip(&words) {
            for run in &words.own {
                let holders = said.entry(*run).or_default();
                if holders.len() <= COMMON {
                    holders.push(place);
                }
            }
        }
        Self {
            letters,
            words,
            said,
        }
    }

    fn guess<S: Source>(&self, place: usize, source: &mut S) -> Result<Option<Guess>, S::Error> {
        if !self.letters[place].facts.is_open() {
            return Ok(None);
        }
        let within = self.by_quotation(place);
        if let Some((_, guess)) =
            within.filter(|(_, guess)| guess.evidence == Evidence::QuotedHeader)
        {
            return Ok(Some(guess));
        }
        let beyond = self.beyond(place, source)?;
        let best = within.into_iter().chain(beyond);
        let best = best.max_by_key(|(found, _)| *found);
        Ok(best
            .map(|(_, guess)| guess)
            .or_else(|| self.by_people(place)))
    }

    /// A letter of any subject that a quotation names, and of whose words it has some; with how many runs.
    fn beyond<S: Source>(
        &self,
        place: usize,
        source: &mut S,
    ) -> Result<Option<(u32, Guess)>, S::Error> {
        let (letter, words) = (&self.letters[place], &self.words[place]);
        let mut best: Option<(u32, u32)> = None;
        for told in &words.told {
            for other in source.named(told)? {
                if other.ordinal == letter.ordinal || !may_answer(letter, &other) {
                    continue;
                }
                let said = source.words(other.ordinal)?.own;
                let found = common(&words.quoted, &said) as u32;
                if found > best.map_or(0, |(most, _)| most) {
                    best = Some((found, other.ordinal));
                }
            }
        }
        Ok(best.map(|(found, parent)| {
            let guess = Guess {
                message: letter.ordinal,
                parent,
                evidence: Evidence::QuotedHeader,
                confidence: if found >= 3 { 97 } else { 80 },
            };
            (found, guess)
        }))
    }

    /// The letter whose own words are quoted most, before others one that is named by who and when; with
    /// how many runs.
    fn by_quotation(&self, place: usize) -> Option<(u32, Guess)> {
        let letter = &self.letters[place];
        let words = &self.words[place];
        let hits = self.hits(&words.quoted);
        let told = |other: usize| {
            words
                .told
                .iter()
                .any(|told| told.names(&self.letters[other]))
        };
        let mut candidates: Vec<usize> = hits.keys().map(|other| *other as usize).collect();
        if !words.told.is_empty() {
            let named = (0..self.letters.len()).filter(|other| told(*other));
            candidates.extend(named.take(MOST_NAMED));
        }
        let best = candidates
            .into_iter()
            .filter(|other| *other != place && may_answer(letter, &self.letters[*other]))
            .map(|other| {
                let found = hits.get(&(other as u32)).copied().unwrap_or_default();
                self.score(place, other, found, told(other))
            })
            .max_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal))?;
        let found = hits.get(&(best.place as u32)).copied().unwrap_or_default();
        let share = f64::from(found) / words.quoted.len().max(1) as f64;
        let evidence = if best.named {
            Evidence::QuotedHeader
        } else {
            Evidence::QuotedText
        };
        let guess = Guess {
            message: letter.ordinal,
            parent: self.letters[best.place].ordinal,
            evidence,
            confidence: confidence(best.named, found, share),
        };
        Some((found, guess))
    }

    /// How many of some runs are among the own words of each letter.
    fn hits(&self, runs: &[u64]) -> HashMap<u32, u32> {
        let mut hits: HashMap<u32, u32> = HashMap::new();
        for run in runs {
            let holders = self.said.get(run).filter(|holders| holders.len() <= COMMON);
            for holder in holders.into_iter().flatten() {
                *hits.entry(*holder).or_default() += 1;
            }
        }
        hits
    }

    fn score(&self, place: usize, other: usize, hits: u32, named: bool) -> Score {
        let (letter, parent) = (&self.letters[place], &self.letters[other]);
        let deeper = common(&self.words[place].deeper, &self.words[other].quoted);
        let mut weight = f64::from(hits) + 0.25 * deeper as f64;
        if letter.facts.subject.bracketed == parent.facts.subject.bracketed {
            weight *= 1.5;
        }
        if is_recipient(&parent.facts, letter) {
            weight *= 1.2;
        }
        let told = &self.words[place].told;
        if told.iter().any(|told| told.sender.is(parent.facts.sender)) {
            weight *= 2.0;
        }
        Score {
            named,
            weight,
            date: parent.date.unwrap_or(i64::MIN),
            place: other,
        }
    }

    /// The last letter before that one of those who are answered wrote.
    fn by_people(&self, place: usize) -> Option<Guess> {
        let letter = &self.letters[place];
        let subject = &letter.facts.subject;
        if subject.base == 0 || !(subject.reply || subject.forward) {
            return None;
        }
        let best = self.letters[..place]
            .iter()
            .enumerate()
            .rev()
            .take(MOST_BEFORE)
            .filter(|(_, other)| is_near(letter, other))
            .filter_map(|(place, other)| Some((relation(letter, other)?, place)))
            .max()?;
        Some(Guess {
            message: letter.ordinal,
            parent: self.letters[best.1].ordinal,
            evidence: Evidence::Subject,
            confidence: if best.0 >= 2 { 60 } else { 40 },
        })
    }
}

/// How a letter is related to one that it may answer; `None` for not at all.
fn relation(letter: &Letter, other: &Letter) -> Option<u8> {
    let to_writer = is_recipient(&other.facts, letter);
    let from_recipient = is_recipient(&letter.facts, other);
    let same = letter.facts.subject.bracketed == other.facts.subject.bracketed;
    match (to_writer, from_recipient) {
        (true, _) => Some(2 + u8::from(same)),
        (false, true) => Some(u8::from(same)),
        (false, false) => None,
    }
}

/// Whether a letter went to whoever wrote another.
fn is_recipient(writer: &Facts, letter: &Letter) -> bool {
    let writer = writer.sender.short();
    letter.facts.recipients.binary_search(&writer).is_ok()
}

/// Whether one letter may answer another by their dates.
fn may_answer(letter: &Letter, other: &Letter) -> bool {
    let slack = if letter.facts.zoned && other.facts.zoned {
        0
    } else {
        ZONES
    };
    match (letter.date, other.date) {
        (Some(date), Some(before)) => before <= date.saturating_add(slack),
        _ => true,
    }
}

fn is_near(letter: &Letter, other: &Letter) -> bool {
    match (letter.date, other.date) {
        (Some(date), Some(before)) => date - before <= MOST_SECONDS,
        _ => false,
    }
}

/// How sure a quotation makes it, in percent: whether it names the other, the runs found and their share of
/// what is quoted.
fn confidence(named: bool, found: u32, share: f64) -> u8 {
    match (named, found, share) {
        (true, 1.., _) => 98,
        (true, ..) => 90,
        (false, 10.., 0.5..) => 95,
        (false, 3.., 0.5..) => 90,
        (false, 10.., _) => 85,
        (false, 3.., _) => 75,
        _ => 60,
    }
}

/// How many numbers two sorted lists have in common.
fn common(one: &[u64], other: &[u64]) -> usize {
    let (mut left, mut right, mut count) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(left), other.get(right)) {
        count += usize::from(a == b);
        left += usize::from(a <= b);
        right += usize::from(a >= b);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Sender;
    use crate::facts::Subject;
    use muckrake_mail::zones;
    use std::convert::Infallible;

    /// Letters of which each has a text, and its place for an ordinal.
    struct Desk(Vec<String>);

    impl Source for Desk {
        type Error = Infallible;

        fn words(&mut self, ordinal: u32) -> Result<Words, Infallible> {
            let text = &self.0[ordinal as usize];
            let zones = zones::cut(text, &[]);
            Ok(Words::of([(text.as_str(), zones.as_slice())]))
        }

        fn named(&mut self, _: &Told) -> Result<Vec<Letter>, Infallible> {
            Ok(Vec::new())
        }
    }

    fn letter(ordinal: u32, date: Option<i64>, from: u64, to: u64, subject: &str) -> Letter {
        let sender = Sender {
            address: from,
            name: 0,
        };
        Letter {
            ordinal,
            date,
            facts: Facts {
                subject: Subject::of(subject, sender),
                sender,
                recipients: vec![to as u32],
                quotes: true,
                zoned: true,
                ..Facts::default()
            },
        }
    }

    fn guess(letters: &[Letter], texts: &[&str]) -> Vec<(u32, u32, Evidence)> {
        let mut desk = Desk(texts.iter().map(|text| (*text).to_owned()).collect());
        let Ok(guesses) = by_subject(letters, |_| true, &mut desk);
        guesses
            .iter()
            .map(|guess| (guess.message, guess.parent, guess.evidence))
            .collect()
    }

    const PILES: &str = "The north pier needs eleven new piles before winter.";

    #[test]
    fn the_version_that_is_answered_is_told_by_what_stands_in_brackets() {
        let letters = [
            letter(0, Some(1), 1, 2, "[PATCH] pier: mend"),
            letter(1, Some(2), 1, 2, "[PATCH v2] pier: mend"),
            letter(2, Some(3), 1, 2, "[PATCH v3] pier: mend"),
            letter(3, Some(4), 2, 1, "Re: [PATCH v2] pier: mend"),
        ];
        let answer = format!("> {PILES}\n\nGood.\n");
        let found = guess(&letters, &[PILES, PILES, PILES, &answer]);
        assert_eq!(found, [(3, 1, Evidence::QuotedText)]);
    }

    #[test]
    fn a_letter_that_quotes_itself_answers_nobody() {
        let own = format!("{PILES}\n\n> {PILES}\n");
        assert_eq!(guess(&[letter(0, None, 1, 1, "Re: pier")], &[&own]), []);
    }

    #[test]
    fn words_that_everybody_repeats_join_nobody() {
        let letters: Vec<Letter> = (0..60)
            .map(|number| letter(number, Some(i64::from(number)), 1, 2, "Update"))
            .collect();
        let footer = format!("{PILES}\n\n> {PILES}\n");
        assert_eq!(guess(&letters, &vec![footer.as_str(); 60]), []);
    }

    #[test]
    fn a_subject_joins_nobody_who_did_not_write_to_the_other_or_long_ago() {
        let day = 86_400;
        let letters = [
            letter(0, Some(0), 1, 2, "Meeting"),
            letter(1, Some(day), 3, 4, "Re: Meeting"),
            letter(2, Some(2 * day), 2, 1, "Re: Meeting"),
            letter(3, Some(60 * day), 2, 1, "Re: Meeting"),
        ];
        assert_eq!(
            guess(&letters, &["", "", "", ""]),
            [(2, 0, Evidence::Subject)]
        );
    }

    #[test]
    fn thousands_of_one_subject_are_compared_in_parts() {
        let started = std::time::Instant::now();
        let letters: Vec<Letter> = (0..6_000)
            .map(|number| letter(number, Some(i64::from(number)), 1, 1, "Re: Meeting"))
            .collect();
        let texts: Vec<String> = (0..6_000)
            .map(|number| {
                format!(
                    "> word {number} and five more words\n\nword {} and five more words",
                    number + 1
                )
            })
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = guess(&letters, &texts);
        // Each quotes the one before it, across the borders of what is compared at once too.
        assert_eq!(found.len(), 5_999);
        assert!(
            found
                .iter()
                .all(|(message, parent, _)| *parent + 1 == *message)
        );
        assert!(started.elapsed() < std::time::Duration::from_secs(60));
    }
}
