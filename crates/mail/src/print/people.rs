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
    let text = brackets(&addresses(&redactions::replace(text, TAKEN_OUT)));
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
        if !before.ends_with(',') {
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
    let mut joined: Vec<Mention> = Vec::with_capacity(mentions.len());
    for mention in mentions.drain(..) {
        let is_half = |mention: &Mention| {
            mention.address.is_none()
                && mention.name.as_deref().is_some_and(|name| {
                    !name.contains([',', '(', '@'])
                        && name.split_whitespace().count() <= 2
                        && name.len() > 1
                })
        };
        let is_rest = mention.name.as_deref().is_some_and(|name| {
            !name.contains(',')
                && name.ends_with(')')
                && name.find('(').is_some_and(|open| {
                    (1..=3).contains(
                        &name
                            .get(..open)
                            .unwrap_or_default()
                            .split_whitespace()
                            .count(),
                    )
                })
        });
        match joined.last_mut().filter(|last| is_rest && is_half(last)) {
            Some(last) => {
                let surname = last.name.take().unwrap_or_default();
                let rest = mention.name.unwrap_or_default();
                last.name = Some(format!("{surname}, {rest}"));
                last.address = mention.address;
            }
            None => joined.push(mention),
        }
    }
    *mentions = joined;
}

/// Square brackets and parentheses around an address as angle brackets, white space in it gone.
fn brackets(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['[', '<']) {
        let (before, after) = rest.split_at(open);
        read.push_str(before);
        let inside = after.get(1..).unwrap_or_default();
        let end = inside.find([']', '>', ';']).unwrap_or(inside.len());
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
            read.push_str(bare.strip_prefix("mailto:").unwrap_or(&bare));
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
            other => read.push(other),
        }
        index += 1;
    }
    read
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
        let cases: [(&str, &[Told]); 10] = [
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
