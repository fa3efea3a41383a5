//! People as print-outs name them.

use std::borrow::Cow;

use super::boilerplate;
use super::tables::PeopleForm;
use crate::model::Mention;
use crate::people;
use crate::redactions;

/// Columns of white space in a list that stand for somebody who was taken out. After a comma they are the scanner's.
const GAP: &str = "    ";

/// Stands for a mark while a list is read; no print has it.
const TAKEN_OUT: char = '\u{fffc}';

/// Reads the people of one field, its lines joined by one space. Somebody whose name was taken out has neither
/// name nor address.
pub(super) fn read(text: &str, form: PeopleForm) -> Vec<Mention> {
    match form {
        PeopleForm::List => list(text),
        PeopleForm::Directory => directory(text).into_iter().collect(),
    }
}

fn list(text: &str) -> Vec<Mention> {
    let text = brackets(&quoted(&addresses(&redactions::replace(text, TAKEN_OUT))));
    let text = once(&text);
    let mut mentions = Vec::new();
    for stretch in stretches(&text) {
        let stretch = stretch.trim().trim_matches([';', ',', '|', '\\']).trim();
        if stretch.is_empty() {
            continue;
        }
        mentions.extend(people::parse_list(&broken_address(stretch)));
    }
    let mut mentions: Vec<Mention> = mentions.into_iter().map(without_marks).collect();
    join_halves(&mut mentions);
    mentions.retain(says_something);
    mentions
}

/// The stretches of a list between gaps.
fn stretches(text: &str) -> Vec<&str> {
    let mut stretches = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(gap) = text.get(from..).and_then(|rest| rest.find(GAP)) {
        let at = from + gap;
        let before = text.get(start..at).unwrap_or_default();
        from = at + GAP.len();
        let behind = text.get(from..).unwrap_or_default().trim_start();
        // An agency in parentheses belongs to the name before it.
        if !before.trim_end().ends_with(',') && !behind.starts_with(['(', ',']) {
            stretches.push(before);
            start = from;
        }
    }
    stretches.push(text.get(start..).unwrap_or_default());
    stretches
}

/// `gov. anne@a.example`: an address in which scanning has put a space, where nothing else is named that the first word
/// could belong to. Taken as it stands, it would be the address of somebody else.
fn broken_address(stretch: &str) -> Cow<'_, str> {
    let is_part = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || matches!(byte, b'_' | b'-' | b'.')
            })
    };
    let joined = stretch.split_once(". ").filter(|(first, rest)| {
        let local = rest.trim_start().split('@').next().unwrap_or_default();
        is_part(first) && is_part(local) && rest.contains('@')
    });
    match joined {
        Some((first, rest)) => Cow::Owned(format!("{first}.{}", rest.trim_start())),
        None => Cow::Borrowed(stretch),
    }
}

/// Takes redaction marks out of a mention: they are nobody's name.
fn without_marks(mut mention: Mention) -> Mention {
    mention.name = mention.name.and_then(|name| {
        let name = name.replace(TAKEN_OUT, " ");
        let name = name.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '\'' | '"' | '|' | '\u{2022}')
        });
        (!name.is_empty()).then(|| name.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    mention
}

/// Whether there is somebody, if only one who was taken out, and not what scanning made of dirt.
fn says_something(mention: &Mention) -> bool {
    match (&mention.name, &mention.address) {
        (None, None) => true,
        (Some(name), None) => name.chars().any(char::is_alphanumeric),
        _ => true,
    }
}

/// `Perry; Kristina Y (GOV)`: where the comma of a name has become a semicolon.
fn join_halves(mentions: &mut Vec<Mention>) {
    let rests = mentions.iter().filter(|mention| is_rest(mention)).count();
    let halves = mentions
        .iter()
        .filter(|mention| is_half(mention, 2))
        .count();
    // `Hardin Quay; Anne Pier (HARBOUR)`: of whole names some have an agency.
    let most_words = if halves > rests { 1 } else { 2 };
    let mut joined: Vec<Mention> = Vec::with_capacity(mentions.len());
    for mention in mentions.drain(..) {
        let half = joined
            .last_mut()
            .filter(|last| is_rest(&mention) && is_half(last, most_words));
        match half {
            Some(half) => {
                let surname = half.name.take().unwrap_or_default();
                let rest = mention.name.unwrap_or_default();
                half.name = Some(format!("{surname}, {rest}"));
                half.address = mention.address;
            }
            None => joined.push(mention),
        }
    }
    *mentions = joined;
}

/// Whether a mention may be a surname of at most so many words.
fn is_half(mention: &Mention, most_words: usize) -> bool {
    mention.address.is_none()
        && mention.name.as_deref().is_some_and(|name| {
            !name.contains([',', '(', '@'])
                && name.split_whitespace().count() <= most_words
                && name.len() > 1
        })
}

/// Whether a mention may be given names with an agency behind them.
fn is_rest(mention: &Mention) -> bool {
    let given = mention
        .name
        .as_deref()
        .filter(|name| !name.contains(',') && name.ends_with(')'))
        .and_then(|name| name.split_once('('));
    given.is_some_and(|(given, _)| (1..=3).contains(&given.split_whitespace().count()))
}

/// `<a> <a>`: an address that is printed twice, once.
fn once(text: &str) -> Cow<'_, str> {
    let Some((before, behind)) = text.split_once("> <") else {
        return Cow::Borrowed(text);
    };
    let first = before.rsplit('<').next().unwrap_or_default();
    match behind.strip_prefix(first) {
        Some(rest) if rest.starts_with('>') => Cow::Owned(format!("{before}{rest}")),
        _ => Cow::Borrowed(text),
    }
}

/// Square brackets and parentheses around an address as angle brackets, white space in it gone.
fn brackets(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['[', '<', '(']) {
        let (before, after) = rest.split_at(open);
        read.push_str(before);
        let inside = after.get(1..).unwrap_or_default();
        if after.starts_with('(') && !inside.starts_with("mailto") {
            read.push('(');
            rest = inside;
            continue;
        }
        let closes = if after.starts_with('(') {
            [']', ')']
        } else {
            [']', '>']
        };
        let closes = |c: char| c == ';' || closes.contains(&c);
        let end = inside.find(closes).unwrap_or(inside.len());
        let address = inside.get(..end).unwrap_or_default();
        let closed = !matches!(inside.as_bytes().get(end), Some(b';') | None);
        rest = inside.get(end + usize::from(closed)..).unwrap_or_default();
        let trimmed = address.trim();
        let directory =
            trimmed.starts_with('/') || trimmed.contains("/CN=") || trimmed.contains("/OU=");
        if trimmed.contains('@') || directory || trimmed.starts_with("mailto") {
            let bare: String = if directory {
                trimmed.split_whitespace().collect::<Vec<_>>().join(" ")
            } else {
                trimmed.chars().filter(|c| !c.is_whitespace()).collect()
            };
            read.push('<');
            let address = bare.strip_prefix("mailto").unwrap_or(&bare);
            read.push_str(address.trim_start_matches([':', ';', '.']));
            read.push('>');
        } else {
            read.push_str(
                after
                    .get(..1 + end + usize::from(closed))
                    .unwrap_or_default(),
            );
        }
    }
    read.push_str(rest);
    read
}

/// The sign of addresses where scanning has made another of it, and no white space around it.
fn addresses(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let characters: Vec<char> = text.chars().collect();
    let mut index = 0;
    while let Some(&character) = characters.get(index) {
        let next = characters.get(index + 1).copied().unwrap_or(' ');
        let after_word = read.ends_with(|c: char| c.is_alphanumeric());
        match character {
            '\u{a9}' | '\u{ae}' if after_word && next.is_ascii_alphabetic() => read.push('@'),
            '\u{c2}' if matches!(next, '\u{a9}' | '\u{ae}') => {}
            '@' => {
                read.truncate(read.trim_end().len());
                read.push('@');
                while characters.get(index + 1) == Some(&' ') {
                    index += 1;
                }
            }
            // `@yahoo . com`, `@commerce. state.ak.us`
            ' ' if is_in_domain(&read, characters.get(index + 1..).unwrap_or_default()) => {}
            other => read.push(other),
        }
        index += 1;
    }
    read
}

/// Longest address in quotes that is put together, in bytes.
const LONGEST_ADDRESS: usize = 64;

/// Addresses in single quotes without the spaces that scanning has put into them: `'gov. anne@a.example'`.
fn quoted(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut read = String::with_capacity(text.len());
    for (index, stretch) in text.split('\'').enumerate() {
        if index > 0 {
            read.push('\'');
        }
        if index > 0 && is_broken(stretch) {
            read.extend(stretch.chars().filter(|c| *c != ' '));
        } else {
            read.push_str(stretch);
        }
    }
    Cow::Owned(read)
}

/// Whether a text between quotes is an address with spaces that scanning has put there: next to a full stop or to a
/// letter or two. Between two words a mark may have been lost, and who knows which.
fn is_broken(stretch: &str) -> bool {
    let odd = |c: char| c.is_uppercase() || matches!(c, ';' | ',' | '<' | '[');
    if stretch.len() > LONGEST_ADDRESS || stretch.contains(odd) || stretch.contains(GAP) {
        return false;
    }
    let Some((local, _)) = stretch.split_once('@') else {
        return false;
    };
    let words: Vec<&str> = local.split_whitespace().collect();
    words.windows(2).all(|pair| {
        pair.iter().any(|word| word.len() <= 2)
            || pair[0].ends_with(['.', '_', '-'])
            || pair[1].starts_with(['.', '_', '-'])
    })
}

/// Whether a space stands inside the domain of an address: next to a full stop that a domain's part in small letters follows.
fn is_in_domain(read: &str, behind: &[char]) -> bool {
    let behind = behind.get(..LONGEST_ADDRESS).unwrap_or(behind);
    let tail = read.get(read.floor_char_boundary(read.len().saturating_sub(LONGEST_ADDRESS))..);
    let mut words = tail.unwrap_or_default().rsplit([' ', ',', ';', '<', '[']);
    let word = words.next().unwrap_or_default();
    if !word.contains('@') {
        return false;
    }
    let mut rest = behind.iter().filter(|c| **c != ' ').copied();
    let mut is_part = || rest.next().is_some_and(|c| c.is_ascii_lowercase());
    if behind.iter().find(|c| **c != ' ') == Some(&'.') {
        return is_part() || is_part();
    }
    let next = behind.iter().skip_while(|c| **c == ' ');
    let mut next = next.take_while(|c| !matches!(c, ' ' | ',' | ';'));
    word.ends_with('.') && is_part() && !next.any(|c| *c == '@')
}

/// `Anne Example ( CN=Anne Example/OU=Unit/O=Org @ Org [ Unit ] )`, `EXAMPLE_A ( EXAMPLE A @ A1 @ CD ) (UNIT)`: a name, and
/// the account it has, brackets and signs being lost or others at times.
fn directory(text: &str) -> Option<Mention> {
    let text = without_unit(text.trim());
    if text.is_empty() {
        return None;
    }
    let (name, account) = name_and_account(text);
    // The account of somebody outside is the name with its address.
    if name.contains('<') && name.contains('@') {
        return list(name).into_iter().next();
    }
    let name = name.trim_end_matches(['(', '{', ' ', '\u{2022}']);
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = redactions::replace(&name, ' ').trim().to_owned();
    let redacted = boilerplate::is_codes(&name);
    let name = (!name.is_empty() && !redacted).then_some(name);
    let address = account
        .map(address_of_account)
        .filter(|address| !address.is_empty());
    match (name, address) {
        // Both say the same: an address, if it has the sign of one.
        (Some(name), Some(address)) if name.eq_ignore_ascii_case(&address) => {
            let is_address = address.contains('@');
            Some(Mention {
                name: (!is_address).then_some(name),
                address: is_address.then_some(address),
            })
        }
        (name, address) => Some(Mention { name, address }),
    }
}

/// Longest name that is repeated as an account, in bytes.
const LONGEST_NAME: usize = 100;
/// Longest mark of a unit, in bytes.
const LONGEST_UNIT: usize = 8;

/// Takes the mark of a unit off the end, which stands behind name and account.
fn without_unit(text: &str) -> &str {
    let marked = text.strip_suffix('.').unwrap_or(text).trim_end();
    let Some((before, unit)) = marked
        .strip_suffix(')')
        .and_then(|inside| inside.rsplit_once('('))
    else {
        return text;
    };
    let unit = unit.trim();
    let is_mark = (1..=LONGEST_UNIT).contains(&unit.len())
        && unit
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_mark { before.trim_end() } else { text }
}

/// Cuts an entry before the account: at the parenthesis, or where that is lost, at the label of a directory name, at
/// a wide gap, or where the name is repeated.
fn name_and_account(text: &str) -> (&str, Option<&str>) {
    if let Some((name, account)) = text.split_once('(') {
        return (name, Some(account));
    }
    let labelled = text.match_indices("CN").map(|(at, _)| at).find(|&at| {
        let rest = text.get(at + 2..).unwrap_or_default();
        rest.trim_start().starts_with(['=', ';', ':', '~'])
    });
    if let Some(at) = labelled {
        let (name, account) = text.split_at(at);
        return (name, Some(account));
    }
    if let Some((name, account)) = text.split_once("  ") {
        return (name, Some(account));
    }
    let mut words = text
        .match_indices(' ')
        .take_while(|(at, _)| *at <= LONGEST_NAME);
    let repeated = words.find_map(|(at, _)| {
        let (name, rest) = text.split_at(at);
        (name.len() > 2 && rest.trim_start().starts_with(name)).then_some((name, Some(rest)))
    });
    repeated.unwrap_or((text, None))
}

/// An account without brackets around it and what stands in brackets behind it; of a directory name without the domain.
fn address_of_account(account: &str) -> String {
    let end = account
        .find(['[', ']', '{', '}', ')'])
        .unwrap_or(account.len());
    let account = account.get(..end).unwrap_or_default();
    let account = account.split("Autoforward to:").next().unwrap_or_default();
    let account = account.trim();
    let labelled = account
        .strip_prefix("CN")
        .is_some_and(|rest| rest.trim_start().starts_with(['=', ';', ':', '~']));
    let account = match account.find('@') {
        Some(at) if labelled => account.get(..at).unwrap_or_default(),
        _ => account,
    };
    account.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name and address.
    type Told<'a> = (Option<&'a str>, Option<&'a str>);

    fn told(mentions: &[Mention]) -> Vec<Told<'_>> {
        mentions
            .iter()
            .map(|mention| (mention.name.as_deref(), mention.address.as_deref()))
            .collect()
    }

    #[test]
    fn lists() {
        let cases: [(&str, &[Told]); 17] = [
            (
                "<anne@a.example> [anne@a.example]",
                &[(None, Some("anne@a.example"))],
            ),
            (
                "'gov. anne@a . example'; Quay; Bob (DEP)",
                &[
                    (None, Some("gov.anne@a.example")),
                    (Some("Quay, Bob (DEP)"), None),
                ],
            ),
            // A mark may have been lost between two words.
            (
                "'anne pier@a.example'",
                &[(Some("anne"), Some("pier@a.example"))],
            ),
            (
                "Anne <anne@a. b.example>; bob@a.example.",
                &[
                    (Some("Anne"), Some("anne@a.b.example")),
                    (None, Some("bob@a.example")),
                ],
            ),
            (
                "Anne Pier (mailto : anne@a.example]",
                &[(Some("Anne Pier"), Some("anne@a.example"))],
            ),
            (
                "Pier ,      Anne       ( HARBOUR ); Quay, Bob (DEP)",
                &[
                    (Some("Pier , Anne ( HARBOUR )"), None),
                    (Some("Quay, Bob (DEP)"), None),
                ],
            ),
            (
                "Tom Mole; QUAY Bob (DEP); Eve Tide",
                &[
                    (Some("Tom Mole"), None),
                    (Some("QUAY Bob (DEP)"), None),
                    (Some("Eve Tide"), None),
                ],
            ),
            ("gov. anne@a.example", &[(None, Some("gov.anne@a.example"))]),
            (
                "Anne M. pier@a.example",
                &[(Some("Anne M."), Some("pier@a.example"))],
            ),
            (
                "Pier; Kristina Y (HARBOUR)",
                &[(Some("Pier, Kristina Y (HARBOUR)"), None)],
            ),
            (
                "'anne@a.example'; Quay; Bob (DEP); Mole, Tom (DEP)",
                &[
                    (None, Some("anne@a.example")),
                    (Some("Quay, Bob (DEP)"), None),
                    (Some("Mole, Tom (DEP)"), None),
                ],
            ),
            (
                "Anne Pier (HARBOUR) [ anne. pier@a.example]",
                &[(Some("Anne Pier (HARBOUR)"), Some("anne.pier@a.example"))],
            ),
            (
                "Quay, Bob [/O=SOA/OU=FIRST GROUP/CN=RECIPIENTS/CN=BQ]",
                &[(
                    Some("Quay, Bob"),
                    Some("/O=SOA/OU=FIRST GROUP/CN=RECIPIENTS/CN=BQ"),
                )],
            ),
            (
                "Anne <anne\u{a9}a.example>",
                &[(Some("Anne"), Some("anne@a.example"))],
            ),
            ("(b)(6)", &[(None, None)]),
            (
                "Anne; (b)(6); Bob",
                &[(Some("Anne"), None), (None, None), (Some("Bob"), None)],
            ),
            (
                "Pier, Anne      Quay, Bob;",
                &[(Some("Pier, Anne"), None), (Some("Quay, Bob"), None)],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(told(&read(text, PeopleForm::List)), expected, "{text}");
        }
    }

    #[test]
    fn directory_names() {
        for (text, name, address) in [
            (
                "Anne M. Pier ( CN=Anne M. Pier/OU=HARB/O=CITY @ CITY [ HARB ] )",
                "Anne M. Pier",
                Some("CN=Anne M. Pier/OU=HARB/O=CITY"),
            ),
            (
                "Anne Pier    CN=Anne Pier/OU=HARB/O=CITY [ HARB 1",
                "Anne Pier",
                Some("CN=Anne Pier/OU=HARB/O=CITY"),
            ),
            (
                "PIER_A ( PIER A @ A1 @ CD [ UNKNOWN 1 ) (HARB)",
                "PIER_A",
                Some("PIER A @ A1 @ CD"),
            ),
            (
                "Anne Pier ( Anne Pier@CITY@GATE [ HARB 1 )",
                "Anne Pier",
                Some("Anne Pier@CITY@GATE"),
            ),
            (
                "Anne M. Pier ( CN;Anne M. Pier/OU;HARB/O;CITY @ CITY [ HARB ] )",
                "Anne M. Pier",
                Some("CN;Anne M. Pier/OU;HARB/O;CITY"),
            ),
            (
                "Anne M. Pier ( CN=Anne M. Pier!OU=HARB!O=CITY @ CITY",
                "Anne M. Pier",
                Some("CN=Anne M. Pier!OU=HARB!O=CITY"),
            ),
            ("PIER_A  PIER_A @ A1 (HARB)", "PIER_A", Some("PIER_A @ A1")),
            ("Anne Pier ( Anne Pier )", "Anne Pier", None),
            ("Anne Pier", "Anne Pier", None),
            (
                "Anne Pier   PIER_A   Autoforward to: Remote Address",
                "Anne Pier",
                Some("PIER_A"),
            ),
            (
                "\"Anne Pier, Jr.\" <anne@a. example> ( \"Anne Pier, Jr.\" <anne [ UNKNOWN ] )",
                "Anne Pier, Jr.",
                Some("anne@a.example"),
            ),
            (
                "anne@a.example ( anne@a.example [ UNKNOWN ] )",
                "",
                Some("anne@a.example"),
            ),
        ] {
            let mention = directory(text).expect("names somebody");
            assert_eq!(
                (
                    mention.name.as_deref().unwrap_or_default(),
                    mention.address.as_deref()
                ),
                (name, address)
            );
        }
    }
}
