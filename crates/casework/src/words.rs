//! Runs of words: what a message says, and what it quotes, as numbers that can be compared.

use crate::facts::Sender;
use muckrake_mail::MailDate;
use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;
use muckrake_mail::zones::QuotedMessage;
use muckrake_mail::zones::Stretch;
use muckrake_mail::zones::quoted_messages;

/// Words of a run.
const RUN: usize = 6;
/// Most quoted messages of which is kept what is told of them.
const MOST_TOLD: usize = 8;
/// Most runs kept of what a message says, and of what it quotes.
const MOST_RUNS: usize = 8_000;

/// What one message says and quotes, as it can be compared with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Runs of six words of the author's own, sorted, each once.
    pub own: Vec<u64>,
    /// Of what is quoted or passed on directly.
    pub quoted: Vec<u64>,
    /// Of what is quoted within that.
    pub deeper: Vec<u64>,
    /// What is told of the messages that are quoted or passed on directly.
    pub told: Vec<Told>,
}

/// What a quotation tells of the message that it is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Who wrote it.
    pub sender: Sender,
    /// When.
    pub date: Option<MailDate>,
}

impl Words {
    /// Reads the texts of a body with their zones.
    pub fn of<'a>(texts: impl IntoIterator<Item = (&'a str, &'a [Zone])>) -> Self {
        let mut words = Self::default();
        for (text, zones) in texts {
            for zone in zones.iter().filter(|zone| zone.kind == ZoneKind::Author) {
                let stretch = text.get(zone.start as usize..zone.end as usize);
                push_runs(stretch.into_iter(), &mut words.own);
            }
            for message in quoted_messages(text, zones) {
                words.quote(text, &message);
            }
        }
        for runs in [&mut words.own, &mut words.quoted, &mut words.deeper] {
            runs.sort_unstable();
            runs.dedup();
        }
        words
    }

    fn quote(&mut self, text: &str, message: &QuotedMessage) {
        let cut = |stretch: &Stretch| text.get(stretch.start as usize..stretch.end as usize);
        // Whoever introduces a quotation does it in words of his own, which others quote.
        let around = match message.depth {
            1 => Some(&mut self.own),
            2 => Some(&mut self.quoted),
            3 => Some(&mut self.deeper),
            _ => None,
        };
        if let Some(around) = around {
            push_runs(message.introduction.iter().filter_map(cut), around);
        }
        let runs = match message.depth {
            1 => &mut self.quoted,
            2 => &mut self.deeper,
            _ => return,
        };
        push_runs(message.words.iter().filter_map(cut), runs);
        if message.depth == 1 && self.told.len() < MOST_TOLD {
            let told = Told {
                sender: message
                    .from
                    .as_ref()
                    .map(|from| Sender::of(&from.value))
                    .unwrap_or_default(),
                date: message.date.as_ref().map(|date| date.value),
            };
            if told != Told::default() {
                self.told.push(told);
            }
        }
    }
}

/// The runs of six words of some stretches of a text that follow one another, sorted, each once.
pub fn runs(text: &str, stretches: &[Stretch]) -> Vec<u64> {
    let cut = |stretch: &Stretch| text.get(stretch.start as usize..stretch.end as usize);
    let mut runs = Vec::new();
    push_runs(stretches.iter().filter_map(cut), &mut runs);
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// Adds the runs of stretches of text that follow one another.
fn push_runs<'a>(stretches: impl Iterator<Item = &'a str>, runs: &mut Vec<u64>) {
    let mut last = [0u64; RUN];
    let mut count = 0;
    for stretch in stretches {
        for_each_word(stretch, |word| {
            last.rotate_left(1);
            last[RUN - 1] = word;
            count += 1;
            if count >= RUN {
                runs.push(last.iter().fold(SEED, |run, word| mix(run ^ word)));
            }
            runs.len() < MOST_RUNS
        });
    }
}

/// Calls `take` with a number for each word, the same for the same word in any case, until it says stop.
fn for_each_word(text: &str, mut take: impl FnMut(u64) -> bool) {
    let mut word = SEED;
    let mut open = false;
    for character in text.chars() {
        if character.is_alphanumeric() {
            for lower in character.to_lowercase() {
                word = (word ^ u64::from(lower)).wrapping_mul(FACTOR);
            }
            open = true;
        } else if open {
            if !take(word) {
                return;
            }
            (word, open) = (SEED, false);
        }
    }
    if open {
        take(word);
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u64 = 0x0000_0100_0000_01b3;

/// Spreads the bits of a number over all of it.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    number ^ (number >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words::of([(text, muckrake_mail::zones::cut(text, &[]).as_slice())])
    }

    #[test]
    fn a_quotation_has_the_runs_of_what_it_quotes() {
        let said = words("The north pier needs new piles,\nsays the harbour master.\n");
        let quoted =
            words("Yes.\n\n> The North Pier needs new\n> piles, says the\n> harbour master.\n");
        assert_eq!(said.own.len(), 5);
        assert_eq!(quoted.quoted, said.own);
        assert!(quoted.own.is_empty());
    }

    #[test]
    fn what_introduces_a_quotation_is_told_and_is_of_whoever_quotes() {
        let text = "Yes.\n\nOn Mon, 1 Mar 2021 at 10:30, Anne Example <anne@harbour.example> wrote:\n\
                    > The north pier needs new piles.\n";
        let found = words(text);
        assert_eq!((found.quoted.len(), found.told.len()), (1, 1));
        assert!(!found.own.is_empty());
        let sender = found.told[0].sender;
        assert!(sender.is(Sender::of(&muckrake_mail::Mention {
            name: Some("Example, Anne".to_owned()),
            address: None,
        })));
        // 2021-03-01T10:30:00 on the writer's clock.
        assert_eq!(
            found.told[0].date.map(|date| date.local),
            Some(1_614_594_600)
        );
    }

    #[test]
    fn a_body_without_end_is_read_to_the_limit() {
        let text = (0..200_000).map(|n| format!("w{n} ")).collect::<String>();
        assert_eq!(words(&text).own.len(), MOST_RUNS);
    }
}
