//! One entry of an address list: usually one person.

use super::tokens::Token;
use crate::model::Mention;

/// The people in the tokens between two separators: one as a rule, several where separators
/// are missing, none where nothing is said.
pub(super) fn read(tokens: &[Token<'_>]) -> Vec<Mention> {
    if !tokens.iter().any(|token| matches!(token, Token::Angle(_))) {
        return without_angle(tokens);
    }
    let mut mentions: Vec<Mention> = Vec::new();
    for tokens in tokens.split_inclusive(|token| matches!(token, Token::Angle(_))) {
        match tokens.split_last() {
            Some((Token::Angle(angle), before)) => {
                let last = mentions.last();
                let mention = match last.filter(|_| is_notes_domain(&name(before))) {
                    Some(last) => mention(last.name.clone().unwrap_or_default(), address(angle)),
                    None => with_angle(before, angle),
                };
                mentions.extend(mention);
            }
            _ => add_after_angle(&mut mentions, tokens),
        }
    }
    mentions
}

/// A name without an address, as that of a group.
pub(super) fn name_alone(tokens: &[Token<'_>]) -> Option<Mention> {
    mention(name(tokens), None)
}

/// How many addresses an entry seems to have.
pub(super) fn addresses(tokens: &[Token<'_>]) -> usize {
    tokens
        .iter()
        .map(|token| match token {
            Token::Angle(_) => 1,
            Token::Text(text) => text.bytes().filter(|&byte| byte == b'@').count(),
            _ => 0,
        })
        .sum()
}

/// Whether what stands before a colon can be the name of a group.
pub(super) fn may_be_group(tokens: &[Token<'_>]) -> bool {
    let phrase = tokens.iter().all(|token| match token {
        Token::Text(text) => !text.contains(['@', '/', '=']),
        Token::Quoted(_) | Token::Comment(_) => true,
        _ => false,
    });
    let name = name(tokens);
    let prefix = ["mailto", "smtp", "rfc822"]
        .iter()
        .any(|prefix| name.eq_ignore_ascii_case(prefix));
    phrase && !prefix && !name.is_empty()
}

fn with_angle(before: &[Token<'_>], angle: &str) -> Option<Mention> {
    let address = address(angle);
    let name = name(before);
    match (&address, name.is_empty()) {
        // words in the place of an address
        (Some(words), true) if words.contains(' ') && !words.contains(['@', '/']) => {
            mention(words.clone(), None)
        }
        // an address, and behind it something else in its brackets
        (Some(other), false)
            if !other.contains('@')
                && !is_directory_name(other)
                && name.contains('@')
                && !name.contains(' ') =>
        {
            mention(other.clone(), Some(name))
        }
        _ => mention(name, address),
    }
}

/// Whether text is the domain that Lotus Notes puts after other people's addresses
/// (`Anne <anne@agency.example>@AGENCY`).
fn is_notes_domain(text: &str) -> bool {
    text.starts_with('@') && !text.contains(char::is_whitespace)
}

/// Takes in what follows the last address of an entry: a comment, or a name behind it.
fn add_after_angle(mentions: &mut [Mention], tokens: &[Token<'_>]) {
    let after = name(tokens);
    let Some(last) = mentions.last_mut() else {
        return;
    };
    if after.is_empty() || is_notes_domain(&after) {
        return;
    }
    last.name = match last.name.take() {
        None => mention(after, last.address.clone()).and_then(|mention| mention.name),
        Some(name) if matches!(tokens, [.., Token::Comment(_)]) => {
            Some(format!("{name} ({after})"))
        }
        Some(name) => Some(format!("{name} {after}")),
    };
}

/// An entry without angle brackets: `address (Name)`, `Name address`, an address or a name.
fn without_angle(tokens: &[Token<'_>]) -> Vec<Mention> {
    let plain = plain(tokens);
    if !plain.contains('@') {
        let words = plain.trim();
        if is_directory_name(words) {
            return mention(String::new(), Some(words.to_owned()))
                .into_iter()
                .collect();
        }
        return name_with_comment(tokens).into_iter().collect();
    }
    let comment = match tokens {
        [.., Token::Comment(comment)] => *comment,
        [.., Token::Comment(comment), Token::Text(text)] if text.trim().is_empty() => comment,
        _ => "",
    };
    if comment.is_empty() && is_notes_address(&plain) {
        return mention(String::new(), Some(with_comments(tokens)))
            .into_iter()
            .collect();
    }
    let mut mentions = Vec::new();
    let mut words = Words(&plain);
    let mut name = String::new();
    while let Some(word) = words.next_word() {
        if is_notes_name(word) && mentions.is_empty() && words.0.trim().is_empty() {
            let whole = format!("{name}{word}");
            name.clear();
            mentions.extend(mention(String::new(), Some(whole)));
        } else if word.contains('@') && !is_notes_domain(word) {
            mentions.extend(mention(std::mem::take(&mut name), address(word)));
        } else {
            name.push_str(word);
            name.push(' ');
        }
    }
    match mentions.last_mut() {
        Some(last) if !name.is_empty() => add_name(last, &name),
        Some(last) if last.name.is_none() && !comment.is_empty() => add_name(last, comment),
        Some(_) => {}
        None => mentions.extend(mention(name, None)),
    }
    mentions
}

/// A name without an address, unless one stands alone in the comment at its end (`Anne
/// Example (DEP) (anne@agency.example)`).
fn name_with_comment(tokens: &[Token<'_>]) -> Option<Mention> {
    match tokens {
        [before @ .., Token::Comment(comment)]
            if comment.contains('@') && !comment.trim().contains(char::is_whitespace) =>
        {
            mention(name(before), address(comment))
        }
        _ => mention(name(tokens), None),
    }
}

/// Most words of the domain of Lotus Notes.
const MOST_DOMAIN_WORDS: usize = 4;

/// Whether a text is one address of Lotus Notes, which has spaces before and behind the sign at times (`Anne
/// Example/East Side@East Side`, `Anne Example @ AGENCY`).
fn is_notes_address(plain: &str) -> bool {
    let Some((local, domain)) = plain.trim().split_once('@') else {
        return false;
    };
    let (local, domain) = (local.trim_end(), domain.trim_start());
    let starts = |word: &str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '&');
    domain.chars().any(char::is_uppercase)
        && domain.chars().all(plain)
        && domain.split_whitespace().all(starts)
        && (1..=MOST_DOMAIN_WORDS).contains(&domain.split_whitespace().count())
        && !local.contains(['"', ':', '<', '='])
        && local.contains(['/', ' '])
}

/// Whether a word ends an address of Lotus Notes, which has spaces (`Anne Example@AGENCY`).
fn is_notes_name(word: &str) -> bool {
    let domain = word.rsplit_once('@').map_or("", |(_, domain)| domain);
    let capital = |byte: u8| byte.is_ascii_uppercase();
    domain.bytes().any(capital) && !domain.contains('.') && !word.starts_with('@')
}

fn add_name(last: &mut Mention, name: &str) {
    let name = match last.name.take() {
        Some(before) => format!("{before} {name}"),
        None => name.to_owned(),
    };
    last.name = mention(name, last.address.clone()).and_then(|mention| mention.name);
}

/// The words of a text; one in double quotes is not cut.
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next_word(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        if text.is_empty() {
            return None;
        }
        let mut quoted = false;
        let end = text.find(|character: char| {
            quoted ^= character == '"';
            !quoted && character.is_whitespace()
        });
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        self.0 = rest;
        Some(word)
    }
}

/// The text of an entry without comments. Quotes stay around the local part of an
/// address (`"anne example"@agency.example`).
fn plain(tokens: &[Token<'_>]) -> String {
    let mut plain = String::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Text(text) => plain.push_str(text),
            Token::Quoted(text) => match tokens.get(at + 1) {
                Some(Token::Text(next)) if next.starts_with('@') => {
                    plain.extend(["\"", text, "\""]);
                }
                _ => unescape(text, &mut plain),
            },
            Token::Comma => plain.push(','),
            Token::Colon => plain.push(':'),
            Token::Comment(_) | Token::Angle(_) | Token::Semicolon => plain.push(' '),
        }
    }
    plain
}

/// The text of an address of Lotus Notes, with what stands in parentheses before its domain.
fn with_comments(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Text(words) => text.push_str(words),
            Token::Quoted(words) => unescape(words, &mut text),
            Token::Comment(words) => text.extend(["(", words, ")"]),
            Token::Comma => text.push(','),
            Token::Colon => text.push(':'),
            Token::Angle(_) | Token::Semicolon => text.push(' '),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name that tokens without an address make: comments in their place, or alone if there
/// is nothing else.
fn name(tokens: &[Token<'_>]) -> String {
    let mut name = String::new();
    let mut comments = String::new();
    let mut words = false;
    for token in tokens {
        match token {
            Token::Text(text) => {
                words |= !text.trim().is_empty();
                name.push_str(text);
            }
            Token::Quoted(text) => {
                words |= !text.trim().is_empty();
                unescape(text, &mut name);
            }
            Token::Comment(text) => {
                let space = if comments.is_empty() { "" } else { " " };
                comments.extend([space, text]);
                name.extend([" (", text, ") "]);
            }
            Token::Comma => name.push(','),
            Token::Colon => name.push(':'),
            Token::Angle(_) | Token::Semicolon => {}
        }
    }
    tidy(if words { &name } else { &comments })
}

/// Adds what quotes hold, without the backslashes before quotes and backslashes.
fn unescape(text: &str, to: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, after) = rest.split_at(at);
        to.push_str(before);
        let kept = match after.as_bytes().get(1) {
            Some(b'"' | b'\\' | b'\'' | b'(' | b')' | b'@') => 1,
            _ => 0,
        };
        // What the backslash guards is taken as it is, even another backslash.
        let end = if kept == 1 { 2 } else { 1 };
        to.push_str(&after[kept..end]);
        rest = &after[end..];
    }
    to.push_str(rest);
}

/// White space as single spaces, and no quotes, stray brackets or colon around.
fn tidy(name: &str) -> String {
    let mut name = name.trim();
    loop {
        let inner = name
            .strip_prefix('\'')
            .and_then(|inner| inner.strip_suffix('\''))
            .or_else(|| {
                name.strip_prefix('"')
                    .and_then(|inner| inner.strip_suffix('"'))
            })
            .or_else(|| lone_quote(name))
            .unwrap_or(name)
            .trim_matches(|edge: char| {
                edge.is_whitespace() || edge.is_control() || matches!(edge, '>' | ',')
            })
            .trim_end_matches(':');
        if inner.len() == name.len() {
            break;
        }
        name = inner;
    }
    let mut tidy = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

/// A name without the quote at its start or end, if the other one is missing.
fn lone_quote(name: &str) -> Option<&str> {
    let inner = name.strip_prefix('"').or_else(|| name.strip_suffix('"'))?;
    (!inner.contains('"')).then_some(inner)
}

/// An address without what mail programs put around it.
fn address(written: &str) -> Option<String> {
    let mut address = written.trim();
    loop {
        let inner = address
            .trim_matches(|edge: char| {
                edge.is_whitespace() || matches!(edge, '<' | '>' | '\'' | ',' | ';' | '[')
            })
            .trim_end_matches(['.', ':']);
        let inner = strip_scheme(inner);
        // A comment inside quotes is none, and its parentheses are no part of an address.
        let inner = inner
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .unwrap_or(inner);
        if inner.len() == address.len() {
            break;
        }
        address = inner;
    }
    let unclosed = address.ends_with(']') && !address.contains('[');
    let address = if unclosed {
        address.trim_end_matches(']')
    } else {
        address
    };
    let address = quoted_whole(address).unwrap_or(address);
    // a route (RFC 5322 §4.4): `@one,@two:anne@agency.example`
    let address = match address
        .strip_prefix('@')
        .and_then(|route| route.split_once(':'))
    {
        Some((_, address)) => address,
        None => address,
    };
    let address = match address.split_once('@') {
        Some((local, domain)) if address.contains(char::is_whitespace) => {
            format!("{}@{}", local.trim_end(), domain.trim_start())
        }
        _ => address.to_owned(),
    };
    (!address.is_empty()).then_some(address)
}

fn strip_scheme(address: &str) -> &str {
    for scheme in ["mailto:", "smtp:"] {
        let head = address.as_bytes().get(..scheme.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes())) {
            return &address[scheme.len()..];
        }
    }
    address
}

/// What quotes around a whole address hold.
fn quoted_whole(address: &str) -> Option<&str> {
    let inner = address.strip_prefix('"')?.strip_suffix('"')?;
    (inner.contains('@') && !inner.contains('"')).then_some(inner)
}

/// Whether words are a directory name as Exchange writes it (`/O=ORG/OU=UNIT/CN=USER`).
pub(super) fn is_directory_name(words: &str) -> bool {
    let head = words.as_bytes();
    let starts = |start: &[u8]| {
        head.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    starts(b"/o=") || starts(b"/cn=") || starts(b"/ou=") || starts(b"/c=")
}

fn mention(name: String, address: Option<String>) -> Option<Mention> {
    let name = tidy(&name);
    let same = address
        .as_ref()
        .is_some_and(|address| address.eq_ignore_ascii_case(&name));
    let name = (!name.is_empty() && !same).then_some(name);
    (name.is_some() || address.is_some()).then_some(Mention { name, address })
}
