//! People strings: names and addresses as header fields have them.
//!
//! The grammar is that of address lists (RFC 5322 §3.4, with the obsolete forms of §4.4),
//! and what mail programs make of it: names with commas and without quotes (`Last,
//! First <address>`), single quotes, `;` between people, `[mailto:…]`, missing brackets,
//! directory names (`/O=…/CN=…`) in place of addresses. Nothing is thrown away but the
//! punctuation: a string in which no address can be made out is a name.
//!
//! Encoded words (RFC 2047) are left as they are, since they may be decoded only
//! after the list has been cut; none is ever cut, whatever it holds.

mod entry;
mod tokens;

use crate::model::Mention;
use tokens::Token;
use tokens::tokens;

/// Most words of a name without an address that is taken for the first half of `Last, First <address>`.
const MOST_WORDS: usize = 3;

/// Reads an unfolded address list, encoded words and all. Takes time in proportion to its length.
///
/// - `Last, First <address>` and `Last, First (AGENCY)` are one person, quoted or not.
/// - Where `;` stands between people, a comma does not separate two of them,
///   unless both have addresses.
/// - The name of a group (`Board: anne@…, bob@…;`) is a mention without an address before its
///   members; so `undisclosed-recipients:;` is a name.
/// - Of `Name <address>` where both are the same, only the address is kept.
pub fn parse_list(text: &str) -> Vec<Mention> {
    let edge = |character: char| character.is_control() || character.is_whitespace();
    let tokens = tokens(text.trim_matches(edge));
    let segments = segments(&tokens);
    let semicolons = segments.iter().any(|segment| segment.ended);
    let mut mentions = Vec::new();
    for segment in segments {
        if let Some(group) = segment.group {
            mentions.extend(entry::name_alone(group));
            comma_list(segment.tokens, &mut mentions);
        } else if semicolons && entry::addresses(segment.tokens) <= 1 {
            mentions.extend(entry::read(segment.tokens));
        } else {
            comma_list(segment.tokens, &mut mentions);
        }
    }
    mentions
}

/// A stretch of a list up to a `;` or the end.
struct Segment<'t, 'a> {
    /// The name before the colon, if it is a group.
    group: Option<&'t [Token<'a>]>,
    tokens: &'t [Token<'a>],
    /// Whether a `;` ends it that does not end a group.
    ended: bool,
}

fn segments<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<Segment<'t, 'a>> {
    let last_end = tokens.iter().rposition(|token| *token == Token::Semicolon);
    let mut segments = Vec::new();
    let mut start = 0;
    // Where the present entry starts, and the colon of the present group.
    let (mut entry, mut colon) = (0, None);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Comma => entry = at + 1,
            Token::Colon if colon.is_none() && last_end > Some(at) => {
                if !entry::may_be_group(&tokens[entry..at]) {
                    continue;
                }
                if entry > start {
                    segments.push(Segment {
                        group: None,
                        tokens: &tokens[start..entry],
                        ended: false,
                    });
                }
                start = entry;
                colon = Some(at);
            }
            Token::Semicolon => {
                segments.push(segment(tokens, start, colon, at, true));
                (start, entry, colon) = (at + 1, at + 1, None);
            }
            _ => {}
        }
    }
    segments.push(segment(tokens, start, colon, tokens.len(), false));
    segments
}

fn segment<'t, 'a>(
    tokens: &'t [Token<'a>],
    start: usize,
    colon: Option<usize>,
    end: usize,
    ended: bool,
) -> Segment<'t, 'a> {
    Segment {
        group: colon.map(|colon| &tokens[start..colon]),
        tokens: &tokens[colon.map_or(start, |colon| colon + 1)..end],
        ended: ended && colon.is_none(),
    }
}

/// Reads entries with commas between them, joining the halves of names that a comma parts.
fn comma_list(tokens: &[Token<'_>], mentions: &mut Vec<Mention>) {
    let first = mentions.len();
    // Whether the last mention is a name alone that the next entry may complete.
    let mut open = false;
    for tokens in tokens.split(|token| *token == Token::Comma) {
        let mut read = entry::read(tokens).into_iter();
        let Some(mut mention) = read.next() else {
            open = false;
            continue;
        };
        let whole = mention.address.is_some() || ends_with_comment(&mention);
        let short = open && mentions.last().is_some_and(is_short_name);
        if short && whole && is_short_name(&mention) {
            join_last(mentions, &mut mention);
        } else if open && is_nameless_directory_name(&mention) {
            mention.name = mentions.pop().and_then(|last| last.name);
        }
        open = mention.address.is_none() && !ends_with_comment(&mention);
        mentions.push(mention);
        let before = mentions.len();
        mentions.extend(read);
        open &= mentions.len() == before;
    }
    if let [last, rest] = &mentions[first..]
        && last.address.is_none()
        && rest.address.is_none()
        && is_surname(last)
        && is_short_name(rest)
        && !is_list_word(last)
    {
        let mut whole = rest.clone();
        mentions.pop();
        join_last(mentions, &mut whole);
        mentions.push(whole);
    }
}

/// Puts the last mention's name before that of `mention`, and takes it off the list.
fn join_last(mentions: &mut Vec<Mention>, mention: &mut Mention) {
    if let (Some(last), Some(first)) = (mentions.pop().and_then(|last| last.name), &mention.name) {
        mention.name = Some(format!("{last}, {first}"));
    }
}

fn words(mention: &Mention) -> usize {
    mention
        .name
        .as_ref()
        .map_or(0, |name| name.split_whitespace().count())
}

fn is_short_name(mention: &Mention) -> bool {
    let name = mention.name.as_deref().unwrap_or_default();
    // A path of Lotus Notes is a whole name.
    let is_path = name
        .split('(')
        .next()
        .is_some_and(|name| name.contains('/'));
    !is_path && (1..=MOST_WORDS + usize::from(ends_with_comment(mention))).contains(&words(mention))
}

fn ends_with_comment(mention: &Mention) -> bool {
    mention
        .name
        .as_ref()
        .is_some_and(|name| name.ends_with(')'))
}

/// `Office of the Board, </O=…>`: the comma stands where the first name would.
fn is_nameless_directory_name(mention: &Mention) -> bool {
    let address = mention.address.as_deref().unwrap_or_default();
    mention.name.is_none() && entry::is_directory_name(address)
}

/// Words with which a surname of several words starts.
const PARTICLES: [&str; 20] = [
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le",
    "mac", "st.", "ten", "van", "vander", "von",
];
/// Words that follow a surname.
const SUFFIXES: [&str; 9] = ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "esq", "esq."];

/// Whether a name without a first name can be a surname: one word, or several with a particle or suffix.
fn is_surname(mention: &Mention) -> bool {
    let name = mention.name.as_deref().unwrap_or_default();
    let is_one_of = |word: Option<&str>, list: &[&str]| {
        word.is_some_and(|word| list.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    let mut words = name.split_whitespace();
    match (words.next(), words.next_back()) {
        (Some(_), None) => true,
        (first, last) => is_one_of(first, &PARTICLES) || is_one_of(last, &SUFFIXES),
    }
}

/// Whether a name is no surname but one of those that stand for many people.
fn is_list_word(mention: &Mention) -> bool {
    let name = mention.name.as_deref().unwrap_or_default();
    ["all", "undisclosed-recipients", "undisclosed"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests;
