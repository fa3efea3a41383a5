//! Names of people as mail writes them, taken apart so that two can be compared.

use super::fold::fold;
use super::redacted::is_redacted;
use super::tables;

/// A display name, taken apart. Words are folded: lower case, without diacritics and dots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    /// First given name; an initial has one letter. Empty where only a surname is told.
    pub given: String,
    /// Further given names and initials.
    pub middle: Vec<String>,
    /// Surname; several words with blanks between. Empty where there is one word in all.
    pub family: String,
    /// `jr`, `sr`, `ii` …
    pub suffix: Option<&'static str>,
    /// What stood in parentheses or brackets, as written: usually an agency.
    pub mark: Option<String>,
    /// What it is the name of.
    pub kind: NameKind,
}

/// What a name is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// Somebody, by given name and surname.
    Full,
    /// Perhaps somebody, by one word or by words that are no usual name.
    #[default]
    Partial,
    /// An office, a list, a machine.
    Role,
    /// A redaction code or mark in the place of a name.
    Redacted,
}

/// How two names stand to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// They cannot be of one person, short of a change of name.
    Apart,
    /// One may be of the other: an initial, or a name that people of that name are called by.
    Near,
    /// The same given name and surname, and nothing against it.
    Same,
}

/// Longest name that is taken apart, in bytes; one that is longer is kept as it is and compared with none.
const LONGEST: usize = 300;
/// Most words of a name of a person.
const MOST_WORDS: usize = 7;
/// Longest mark, in characters.
const LONGEST_MARK: usize = 24;

impl PersonName {
    /// Takes a display name apart. Takes time in proportion to its length.
    pub fn read(written: &str) -> Self {
        let written = written.trim();
        if is_redacted(written) {
            return Self {
                kind: NameKind::Redacted,
                ..Self::default()
            };
        }
        if written.len() > LONGEST {
            return Self::default();
        }
        let written = before_behalf(after_label(written));
        let quotes = |c: char| c.is_whitespace() || "\"'`".contains(c);
        let (plain, mark) = split_mark(written.trim_matches(quotes));
        let plain = plain.trim_matches(quotes);
        if plain.contains('@') {
            return Self {
                mark,
                ..Self::default()
            };
        }
        // Lotus Notes: `Anne Example/DEP/CITY`.
        let plain = plain.split('/').next().unwrap_or_default();
        let mut name = match plain.split_once(',') {
            Some((before, after)) => with_comma(before, after),
            None => in_order(words(plain)),
        };
        name.mark = mark;
        if plain.contains('&') || words(plain).iter().any(|word| is_role_word(word)) {
            name.kind = NameKind::Role;
        }
        name
    }

    /// Whether given name and surname are both told, and more than initials.
    pub fn is_full(&self) -> bool {
        self.kind == NameKind::Full
    }

    /// What two full names have in common that may be of one person in any shape: surname and given name.
    pub fn key(&self) -> Option<String> {
        self.is_full()
            .then(|| format!("{}|{}", self.family, self.given))
    }

    /// Compares two full names; anything else is apart.
    pub fn likeness(&self, other: &Self) -> Likeness {
        if !self.is_full() || !other.is_full() || !self.same_family(other) {
            return Likeness::Apart;
        }
        if let (Some(one), Some(two)) = (self.suffix, other.suffix)
            && one != two
        {
            return Likeness::Apart;
        }
        if self.given == other.given {
            return if self.middles_agree(other) {
                Likeness::Same
            } else {
                Likeness::Apart
            };
        }
        // An initial in the middle may be of anything.
        let middle = |name: &Self| {
            let first = name.middle.first().cloned().unwrap_or_default();
            Some(first).filter(|middle| middle.len() > 1)
        };
        let near = may_be_called(&self.given, &other.given)
            || middle(self).is_some_and(|middle| may_be_called(&middle, &other.given))
            || middle(other).is_some_and(|middle| may_be_called(&middle, &self.given));
        if near && self.middles_agree(other) {
            Likeness::Near
        } else {
            Likeness::Apart
        }
    }

    /// Whether one tells a suffix and the other none: father and son may share the rest.
    pub fn suffix_is_open(&self, other: &Self) -> bool {
        self.suffix.is_some() != other.suffix.is_some()
    }

    fn same_family(&self, other: &Self) -> bool {
        self.family == other.family || squeezed(&self.family) == squeezed(&other.family)
    }

    /// Middle names that both tell begin alike.
    fn middles_agree(&self, other: &Self) -> bool {
        self.middle
            .iter()
            .zip(&other.middle)
            .all(|(one, two)| one.starts_with(two.as_str()) || two.starts_with(one.as_str()))
    }

    /// As people write it: `Anne B. Example Jr.`; from the folded words, with capitals.
    pub fn written(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for word in std::iter::once(&self.given).chain(&self.middle) {
            if word.chars().count() == 1 {
                words.push(format!("{}.", capital(word)));
            } else if !word.is_empty() {
                words.push(capital(word));
            }
        }
        words.extend(
            self.family
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(capital),
        );
        words.extend(self.suffix.map(|suffix| match suffix {
            "jr" | "sr" => format!("{}.", capital(suffix)),
            other => other.to_uppercase(),
        }));
        words.join(" ")
    }
}

fn capital(word: impl AsRef<str>) -> String {
    let mut capital = String::new();
    let mut first = true;
    for letter in word.as_ref().chars() {
        if first {
            capital.extend(letter.to_uppercase());
        } else {
            capital.push(letter);
        }
        first = matches!(letter, '-' | '\'');
    }
    capital
}

/// Whether people with one given name may go by the other: an initial, a usual short form.
fn may_be_called(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    if short.chars().count() == 1 || (short.len() >= 3 && long.starts_with(short)) {
        return long.starts_with(short);
    }
    tables::CALLED
        .iter()
        .any(|names| names.contains(&one) && names.contains(&other))
}

/// Without what separates the parts of a double name.
pub(super) fn squeezed(word: &str) -> String {
    word.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// A label that a list has taken along (`bcc: Anne Example`), and signs before the name.
fn after_label(name: &str) -> &str {
    let plain = name.trim_start_matches(|c: char| !c.is_alphanumeric() && !"([\"'".contains(c));
    match plain.split_once(':') {
        Some((label, rest))
            if ["to", "cc", "bcc"]
                .iter()
                .any(|known| label.trim().eq_ignore_ascii_case(known)) =>
        {
            rest.trim_start()
        }
        _ => plain,
    }
}

/// `Anne Example on behalf of Bob Sample` was written by Anne Example.
fn before_behalf(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    [" on behalf of ", " (on behalf of "]
        .iter()
        .find_map(|words| lower.find(words))
        .map_or(name, |at| &name[..at])
}

/// Cuts off what stands in parentheses or brackets at the end; gives the first that can be an agency's mark.
fn split_mark(name: &str) -> (&str, Option<String>) {
    let mut plain = name;
    let mut mark = None;
    for _ in 0..4 {
        let trimmed = plain.trim_end();
        let open = match trimmed.chars().next_back() {
            Some(')') => trimmed.rfind('('),
            Some(']') => trimmed.rfind('['),
            _ => None,
        };
        let Some(open) = open else { break };
        let inside = trimmed[open + 1..trimmed.len() - 1].trim();
        if may_be_mark(inside) {
            mark = Some(inside.to_owned());
        }
        plain = &trimmed[..open];
    }
    (plain, mark)
}

fn may_be_mark(inside: &str) -> bool {
    if tables::NO_MARKS
        .contains(&fold(inside).trim_end_matches(|c: char| c.is_ascii_digit() || c == ' '))
    {
        return false;
    }
    let fits = (2..=LONGEST_MARK).contains(&inside.chars().count());
    let plain = |c: char| c.is_alphanumeric() || " &.-".contains(c);
    fits && inside.starts_with(char::is_uppercase) && inside.chars().all(plain)
}

/// Folded words: letters and digits, with `-` and `'` inside.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '_' | '"' | '(' | ')' | '[' | ']')
    })
    .flat_map(|word| split_initials(&fold(word)))
    .filter(|word| !word.is_empty())
    .collect()
}

/// `J.R.` is two initials; a dot at the end goes.
fn split_initials(word: &str) -> Vec<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    if word.contains('.') {
        word.split('.')
            .map(|part| part.trim_matches('\'').to_owned())
            .collect()
    } else {
        vec![word.to_owned()]
    }
}

fn with_comma(before: &str, after: &str) -> PersonName {
    let (family, first_suffix) = without_endings(words(before));
    let (mut given, second_suffix) = without_endings(words(after));
    let suffix = first_suffix.or(second_suffix);
    given.retain(|word| {
        let word = word.as_str();
        !tables::HONORIFICS.contains(&word) && !tables::DEGREES.contains(&word)
    });
    if given.is_empty() {
        // `Anne Example, Esq.`
        return in_order_with(family, suffix);
    }
    if family.is_empty() {
        return in_order_with(given, suffix);
    }
    finished(given, family, suffix)
}

/// As [`in_order`], with a suffix that stood elsewhere.
fn in_order_with(words: Vec<String>, suffix: Option<&'static str>) -> PersonName {
    let name = in_order(words);
    PersonName {
        suffix: name.suffix.or(suffix),
        ..name
    }
}

/// `Given Middle Family Jr`.
fn in_order(words: Vec<String>) -> PersonName {
    let (mut words, suffix) = without_endings(words);
    while words.len() > 1 && tables::HONORIFICS.contains(&words[0].as_str()) {
        words.remove(0);
    }
    if words.len() < 2 {
        let given = words.pop().unwrap_or_default();
        return PersonName {
            given,
            suffix,
            ..PersonName::default()
        };
    }
    let particle = words[1..words.len() - 1]
        .iter()
        .position(|word| tables::PARTICLES.contains(&word.as_str()));
    let family = words.split_off(particle.map_or(words.len() - 1, |at| at + 1));
    finished(words, family, suffix)
}

fn finished(
    mut given: Vec<String>,
    family: Vec<String>,
    suffix: Option<&'static str>,
) -> PersonName {
    let count = given.len() + family.len();
    let middle = given.split_off(1);
    let given = given.pop().unwrap_or_default();
    let family = family.join(" ");
    let is_word = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    let lettered = |word: &str| word.chars().all(|c| c.is_alphabetic() || "-' ".contains(c));
    let full = is_word(&family)
        && is_word(&given)
        && lettered(&family)
        && lettered(&given)
        && count <= MOST_WORDS
        && !all_one_letter(&given)
        && !all_one_letter(&family);
    let kind = if full {
        NameKind::Full
    } else {
        NameKind::Partial
    };
    PersonName {
        given,
        middle,
        family,
        suffix,
        mark: None,
        kind,
    }
}

/// `XXXX`: a name that is one letter throughout is crossed out, and nobody's.
fn all_one_letter(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphanumeric());
    let first = letters.next();
    letters.all(|letter| Some(letter) == first)
}

/// Takes degrees and suffixes off the end.
fn without_endings(mut words: Vec<String>) -> (Vec<String>, Option<&'static str>) {
    let mut suffix = None;
    while words.len() > 1 || suffix.is_none() {
        let Some(last) = words.last() else { break };
        if let Some((_, known)) = tables::SUFFIXES.iter().find(|(word, _)| word == last) {
            suffix = Some(*known);
        } else if !(words.len() > 1 && tables::DEGREES.contains(&last.as_str())) {
            break;
        }
        words.pop();
    }
    (words, suffix)
}

/// Whether a folded word is of an office, a list or a machine.
pub(super) fn is_role_word(word: &str) -> bool {
    matches!(word, "and" | "of" | "for")
        || tables::ROLES.binary_search(&word).is_ok()
        || (word.contains("office") && word != "office")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> (String, String, String, Option<String>) {
        let name = PersonName::read(written);
        (name.given, name.middle.join(" "), name.family, name.mark)
    }

    #[test]
    fn one_name_in_every_shape() {
        #[rustfmt::skip]
        let shapes = [
            ("Anne Example", "anne", "", "example", None),
            ("Example, Anne", "anne", "", "example", None),
            ("EXAMPLE, ANNE B. (DEP)", "anne", "b", "example", Some("DEP")),
            ("'Example, Anne (Council) (anne@agency.example)'", "anne", "", "example", Some("Council")),
            ("Anne B. Example/EAST/AGENCY", "anne", "b", "example", None),
            ("Anne Example (via Example Docs)", "anne", "", "example", None),
            ("Anne Example (E-mail 2)", "anne", "", "example", None),
            ("Dr. Anne Example, PhD", "anne", "", "example", None),
            ("Anne Example on behalf of Bob Sample", "anne", "", "example", None),
            ("van der Berg, Anne", "anne", "", "van der berg", None),
            ("Anne van der Berg", "anne", "", "van der berg", None),
            ("Anne Exámple-O\u{2019}Hara", "anne", "", "example-o'hara", None),
            ("bcc: Anne Example", "anne", "", "example", None),
        ];
        for (written, given, middle, family, mark) in shapes {
            let expected = (
                given.into(),
                middle.into(),
                family.into(),
                mark.map(str::to_owned),
            );
            assert_eq!(read(written), expected, "{written}");
            assert!(PersonName::read(written).is_full(), "{written}");
        }
    }

    #[test]
    fn what_is_nobody_is_no_name() {
        for (written, kind) in [
            ("Anne", NameKind::Partial),
            ("A B", NameKind::Partial),
            ("XXXX XXXX", NameKind::Redacted),
            ("aaaa aaaa", NameKind::Partial),
            ("Records Office", NameKind::Role),
            ("GOVOFFICE, OPEN (DEP)", NameKind::Role),
            ("Anne Example and Bob Sample", NameKind::Role),
            ("undisclosed-recipients", NameKind::Role),
            ("(b)(6)", NameKind::Redacted),
            ("[REDACTED]", NameKind::Redacted),
            ("anne@agency.example", NameKind::Partial),
            ("", NameKind::Partial),
        ] {
            assert_eq!(PersonName::read(written).kind, kind, "{written}");
        }
        assert!(!PersonName::read(&"Anne ".repeat(10_000)).is_full());
    }

    #[test]
    fn names_are_the_same_near_or_apart() {
        for (one, other, likeness) in [
            ("Anne Example", "Example, Anne B.", Likeness::Same),
            ("Anne C. Example", "Anne B. Example", Likeness::Apart),
            ("Bob Example", "Robert Example", Likeness::Near),
            ("Jeff Example", "Jeffrey Example", Likeness::Near),
            ("Anne Example", "Bob Example", Likeness::Apart),
            ("Anne Example", "Anne Sample", Likeness::Apart),
            ("Bob Example Jr.", "Bob Example III", Likeness::Apart),
            ("Bob Example Jr.", "Bob Example", Likeness::Same),
            ("Anne", "Anne Example", Likeness::Apart),
        ] {
            let (one, other) = (PersonName::read(one), PersonName::read(other));
            assert_eq!(one.likeness(&other), likeness, "{one:?} {other:?}");
            assert_eq!(other.likeness(&one), likeness);
        }
        assert!(
            PersonName::read("Bob Example Jr.").suffix_is_open(&PersonName::read("Bob Example"))
        );
    }

    #[test]
    fn tables_can_be_searched_in_halves() {
        assert!(tables::ROLES.is_sorted());
    }
}
