//! A second opinion: the meaning of a query on plain texts, by brute force and
//! with none of the crate's own code but the query tree.

use jiff::tz::TimeZone;
use muckrake_index::language::Field;
use muckrake_index::language::Leaf;
use muckrake_index::language::Property;
use muckrake_index::language::Query;
use muckrake_index::language::Value;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::ZoneKind;

use crate::mail::Mail;

/// A word and whose it is: `a` the author's, `q` quoted, `o` neither.
type Word = (String, char);

/// A text is a list of words; a field is a list of texts.
type Texts = Vec<Vec<Word>>;

/// Lower case without accents; enough for the words that the tests make.
fn fold(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|letter| match letter {
            'é' | 'è' => "e".to_owned(),
            'ü' => "u".to_owned(),
            'ß' => "ss".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn is_han(letter: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&letter)
}

/// Runs of letters and digits; Han runs as overlapping pairs.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last = ' ';
    for letter in fold(text).chars() {
        if letter.is_alphanumeric() {
            if !last.is_alphanumeric() || is_han(letter) != is_han(last) {
                runs.push(String::new());
            }
            runs.last_mut().unwrap().push(letter);
        }
        last = letter;
    }
    let mut cut = Vec::new();
    for run in runs {
        let letters: Vec<char> = run.chars().collect();
        if is_han(letters[0]) && letters.len() > 1 {
            cut.extend(
                letters
                    .windows(2)
                    .map(|pair| pair.iter().collect::<String>()),
            );
        } else {
            cut.push(run);
        }
    }
    cut
}

fn plain(text: &str) -> Vec<Word> {
    words(text).into_iter().map(|word| (word, 'a')).collect()
}

fn body(message: &Message) -> Texts {
    let mut kept: Texts = Vec::new();
    for part in &message.body {
        let mut text = Vec::new();
        for zone in &part.zones {
            let class = match zone.kind {
                ZoneKind::Author => 'a',
                ZoneKind::Quoted | ZoneKind::Forwarded => 'q',
                ZoneKind::Signature | ZoneKind::Disclaimer => 'o',
            };
            let stretch = &part.text[zone.start as usize..zone.end as usize];
            text.extend(words(stretch).into_iter().map(|word| (word, class)));
        }
        kept.push(text);
    }
    kept
}

fn people(mentions: &[Mention]) -> Texts {
    mentions
        .iter()
        .map(|mention| {
            let part = |text: &Option<String>| plain(text.as_deref().unwrap_or_default());
            [part(&mention.name), part(&mention.address)].concat()
        })
        .collect()
}

fn headers(message: &Message, name: &str) -> Texts {
    let named = message
        .headers
        .iter()
        .filter(|header| fold(header.name) == name);
    named.map(|header| plain(header.value)).collect()
}

/// Whether a message matches.
pub(crate) fn matches(query: &Query, mail: &Mail, zone: &TimeZone, tagged: bool) -> bool {
    match query {
        Query::All => true,
        Query::Not(inner) => !matches(inner, mail, zone, tagged),
        Query::And(parts) => parts.iter().all(|part| matches(part, mail, zone, tagged)),
        Query::Or(parts) => parts.iter().any(|part| matches(part, mail, zone, tagged)),
        Query::Leaf(leaf) => leaf_matches(leaf, mail, zone, tagged),
    }
}

fn leaf_matches(leaf: &Leaf, mail: &Mail, zone: &TimeZone, tagged: bool) -> bool {
    let message = &mail.message;
    let day = mail.utc.map(|utc| {
        jiff::Timestamp::from_second(utc)
            .unwrap()
            .to_zoned(zone.clone())
            .date()
    });
    match &leaf.value {
        Value::NoDate => day.is_none(),
        Value::Dates(range) => day.is_some_and(|day| {
            range.first.is_none_or(|first| first <= day)
                && range.last.is_none_or(|last| day <= last)
        }),
        Value::Sizes(range) => {
            range.min.is_none_or(|min| min <= message.size)
                && range.max.is_none_or(|max| message.size <= max)
        }
        Value::Property(Property::Flag(flag)) => message.flags.contains(flag),
        Value::Property(Property::MultiRelease) => false,
        Value::Text(text) => match leaf.field {
            Field::Tag => tagged,
            Field::Lang => message.language.as_deref() == Some(text),
            _ => panic!("{leaf:?}"),
        },
        Value::Address(address) => mentions(message, &leaf.field).iter().any(|mention| {
            mention.address.as_deref().map(str::to_lowercase) == Some(address.to_lowercase())
        }),
        Value::Domain(domain) => mentions(message, &leaf.field).iter().any(|mention| {
            let address = mention
                .address
                .as_deref()
                .unwrap_or_default()
                .to_lowercase();
            let of = address.split_once('@').map_or("", |(_, domain)| domain);
            of == domain || of.ends_with(&format!(".{domain}"))
        }),
        _ => texts(message, &leaf.field)
            .iter()
            .any(|text| text_matches(leaf, text)),
    }
}

fn mentions(message: &Message, field: &Field) -> Vec<Mention> {
    match field {
        Field::From => message.from.clone(),
        Field::To => message.to.clone(),
        Field::Cc => message.cc.clone(),
        Field::Bcc => message.bcc.clone(),
        _ => [&message.from[..], &message.to, &message.cc, &message.bcc].concat(),
    }
}

fn texts(message: &Message, field: &Field) -> Texts {
    let subject = plain(message.subject.as_deref().unwrap_or_default());
    let names = message
        .attachments
        .iter()
        .filter_map(|one| one.name.as_deref());
    let attached = message
        .attachments
        .iter()
        .filter_map(|one| one.text.as_deref());
    match field {
        Field::Any => {
            let mut all = vec![subject];
            all.extend(body(message));
            all.extend(people(&mentions(message, field)));
            all.extend(names.map(plain));
            all.extend(attached.map(plain));
            all
        }
        Field::Subject => vec![subject],
        Field::Body | Field::Said | Field::Quoted => body(message),
        Field::Attachment => names.map(plain).collect(),
        Field::Attached => attached.map(plain).collect(),
        Field::Header(name) => headers(message, name),
        people_field => people(&mentions(message, people_field)),
    }
}

fn text_matches(leaf: &Leaf, text: &[Word]) -> bool {
    let class = match leaf.field {
        Field::Said => Some('a'),
        Field::Quoted => Some('q'),
        _ => None,
    };
    // What is in the wrong zone stays in its place and matches nothing.
    let seen: Vec<&str> = text
        .iter()
        .map(|(word, its)| {
            if class.is_none_or(|class| class == *its) {
                word.as_str()
            } else {
                ""
            }
        })
        .collect();
    let people = [Field::From, Field::To, Field::Cc, Field::Bcc, Field::With];
    let any = |test: &dyn Fn(&str) -> bool| seen.iter().any(|word| !word.is_empty() && test(word));
    match &leaf.value {
        Value::Word(word) if people.contains(&leaf.field) => any(&|other| other == word),
        Value::Word(word) => any(&|other| stem(other) == stem(word)),
        Value::Phrase { text, slop: None } => in_order(&seen, &words(text), false),
        Value::Phrase {
            text,
            slop: Some(slop),
        } => together(&seen, &words(text), *slop as usize),
        Value::Prefix(text) => in_order(&seen, &words(text), true),
        Value::Fuzzy { word, edits } => any(&|other| distance(other, word) <= usize::from(*edits)),
        Value::Regex(expression) => {
            let expression: Vec<char> = expression.chars().collect();
            any(&|other| expression_matches(&expression, &other.chars().collect::<Vec<_>>()))
        }
        other => panic!("{other:?}"),
    }
}

fn stem(word: &str) -> String {
    if word.chars().all(|letter| letter.is_ascii_lowercase()) {
        let english = rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::English);
        english.stem(word).into_owned()
    } else {
        word.to_owned()
    }
}

fn in_order(text: &[&str], wanted: &[String], last_is_beginning: bool) -> bool {
    text.windows(wanted.len()).any(|window| {
        window
            .iter()
            .zip(wanted)
            .enumerate()
            .all(|(at, (word, wanted))| {
                if last_is_beginning && at + 1 == window.len() {
                    word.starts_with(wanted.as_str())
                } else {
                    word == wanted
                }
            })
    })
}

/// Tries every stretch of the text that is short enough.
fn together(text: &[&str], wanted: &[String], slop: usize) -> bool {
    let length = wanted.len() + slop;
    (0..text.len()).any(|start| {
        let mut rest: Vec<&str> = text[start..text.len().min(start + length)].to_vec();
        wanted.iter().all(|word| {
            let at = rest.iter().position(|other| other == word);
            at.map(|at| rest.remove(at)).is_some()
        })
    })
}

/// Insertions, deletions, changes, and swaps of neighbours, by the textbook.
fn distance(one: &str, other: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = change.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    table[a.len()][b.len()]
}

/// Letters, `.`, and either of them followed by `*` or `?`.
fn expression_matches(expression: &[char], text: &[char]) -> bool {
    let Some((first, rest)) = expression.split_first() else {
        return text.is_empty();
    };
    let one = |text: &[char]| {
        text.first()
            .is_some_and(|letter| *first == '.' || first == letter)
    };
    match rest.first() {
        Some('*') => {
            expression_matches(&rest[1..], text)
                || (one(text) && expression_matches(expression, &text[1..]))
        }
        Some('?') => {
            expression_matches(&rest[1..], text)
                || (one(text) && expression_matches(&rest[1..], &text[1..]))
        }
        _ => one(text) && expression_matches(rest, &text[1..]),
    }
}
