//! Addresses as mail writes them: SMTP, directory names (X.500), Lotus Notes, and what Exchange wraps.

use super::fold::fold;
use super::names::PersonName;
use super::names::is_role_word;
use super::names::squeezed;
use super::tables;

/// An address, taken apart. Two with one key are one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What it is told from others by: `anne@agency.example`, `/o=agency/cn=aexample`.
    pub key: String,
    /// Before the `@`, or the last common name: lower case.
    pub local: String,
    /// Domain in lower case; empty for a directory name.
    pub domain: String,
    /// Whose it is: the domain that was registered, or the organisation of a directory name.
    pub organisation: String,
    /// How it is written.
    pub kind: AddressKind,
}

/// How an address is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// `anne@agency.example`
    Smtp,
    /// `/O=AGENCY/OU=EAST/CN=RECIPIENTS/CN=AEXAMPLE`, bare or wrapped by Exchange.
    Directory,
    /// `CN=Anne Example/OU=EAST/O=AGENCY`, `Anne Example/EAST/AGENCY@AGENCY`: the name is the address.
    Notes,
}

/// How a local part is made of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Not at all, as far as can be seen.
    None,
    /// Of the given name or the surname alone.
    Half,
    /// Of an initial and the surname, or the other way round.
    Initial,
    /// Of given name and surname.
    Whole,
}

impl Address {
    /// Takes an address apart; `None` for what is none. Takes time in proportion to its length.
    pub fn read(written: &str) -> Option<Self> {
        let written = written.trim().trim_matches(['<', '>', '\'']);
        let written = written.trim_start_matches([',', ';', '.', '(']);
        let written = written.split('<').next().unwrap_or_default().trim_end();
        let written = written.strip_prefix("mailto:").unwrap_or(written);
        if written.is_empty() {
            return None;
        }
        let lower = written.to_lowercase();
        if let Some(encapsulated) = lower.strip_prefix("imceaex-") {
            return directory(&unwrapped(encapsulated));
        }
        if let Some(encapsulated) = lower.strip_prefix("imceanotes-") {
            return encapsulated_notes(&unwrapped(encapsulated));
        }
        if lower.starts_with("/o=") || lower.starts_with("/cn=") || lower.starts_with("o=") {
            return directory(&lower);
        }
        if common_name(&lower).is_some() {
            return notes(&lower);
        }
        match lower.rsplit_once('@') {
            // Gateways put domains of their own behind a foreign address.
            Some((foreign, domain)) if foreign.contains('@') && !domain.contains('.') => {
                match before_gateways(foreign) {
                    Some(inner) => Self::read(inner),
                    None => {
                        let first = foreign.split('@').next().unwrap_or_default();
                        if PersonName::read(first).is_full() {
                            notes(&lower)
                        } else {
                            Self::handle(first)
                        }
                    }
                }
            }
            Some((local, _)) if local.contains('/') && !local.contains('@') => notes(&lower),
            Some((local, domain)) if local.contains(' ') && !domain.contains('.') => notes(&lower),
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {
                Some(smtp(local, domain))
            }
            None if !lower.starts_with('/') && lower.matches('/').count() >= 2 => notes(&lower),
            _ => None,
        }
    }

    /// Takes the name of an account on a machine of old (`EXAMPLE_A`), which stands where an address would.
    pub fn handle(written: &str) -> Option<Self> {
        let lower = written.trim().to_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '.' | '-');
        if !(3..=40).contains(&lower.len())
            || !lower.chars().all(plain)
            || lower.split(' ').count() > 2
        {
            return None;
        }
        let same: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
        Some(Self {
            key: format!("cn={same}"),
            local: lower,
            domain: String::new(),
            organisation: String::new(),
            kind: AddressKind::Directory,
        })
    }

    /// The address of a person string: the one that it has, an account of old beside a full name, or the name where that
    /// is an address or a path of Lotus Notes (`Anne Example/EAST/AGENCY`, `Anne Example@AGENCY`).
    pub fn of_string(name: Option<&str>, address: Option<&str>) -> Option<Self> {
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        match (address.and_then(Self::read), name, address) {
            (Some(address), ..) => Some(address),
            (None, Some(name), Some(account)) if PersonName::read(name).is_full() => {
                run_together(name, account).or_else(|| Self::handle(account))
            }
            (None, Some(name), None) if !name.contains(char::is_whitespace) => Self::read(name),
            (None, Some(name), None) => Self::of_path(name),
            _ => None,
        }
    }

    fn of_path(name: &str) -> Option<Self> {
        let path = name.matches('/').count() >= 2 || name.contains('@');
        let first = name.split(['/', '@']).next().unwrap_or_default();
        let full = path && PersonName::read(first).is_full();
        full.then(|| notes(&name.to_lowercase())).flatten()
    }

    /// Whether it is a mailbox of nobody in particular, as far as the local part tells.
    pub fn is_role(&self) -> bool {
        if tables::ROLE_MAILBOXES.contains(&self.local.as_str()) {
            return true;
        }
        let mut words = self
            .local
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty());
        words.any(|word| is_role_word(word.trim_end_matches(|c: char| c.is_ascii_digit())))
    }

    /// Whether anybody can have an address there.
    pub fn is_public(&self) -> bool {
        is_public_domain(&self.domain)
    }

    /// The name that the address itself tells: `anne.b.example@…`, or the common name of Lotus Notes.
    pub fn told_name(&self) -> Option<PersonName> {
        if self.kind == AddressKind::Notes {
            return Some(PersonName::read(&self.local)).filter(PersonName::is_full);
        }
        let stem = without_number(&self.local);
        let words: Vec<&str> = stem
            .split(['.', '_'])
            .map(|word| word.trim_matches('\''))
            .collect();
        let lettered = |word: &&str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_alphabetic() || c == '-' || c == '\'')
        };
        if !(2..=3).contains(&words.len()) || !words.iter().all(lettered) || self.is_role() {
            return None;
        }
        Some(PersonName::read(&words.join(" "))).filter(PersonName::is_full)
    }

    /// How the local part is made of a name.
    pub fn fit(&self, name: &PersonName) -> Fit {
        fit(&self.local, name)
    }
}

/// Whether anybody can have an address in a domain.
pub fn is_public_domain(domain: &str) -> bool {
    tables::PROVIDERS.iter().any(|known| {
        domain == *known
            || domain
                .strip_suffix(known)
                .is_some_and(|before| before.ends_with('.'))
    })
}

/// The domain that was registered: the last two labels, or three below `gov.uk` and the like.
pub fn registered(domain: &str) -> &str {
    let mut dots = domain.rmatch_indices('.').map(|(at, _)| at);
    let (first, second, third) = (dots.next(), dots.next(), dots.next());
    let (Some(first), Some(second)) = (first, second) else {
        return domain;
    };
    let country = domain.len() - first == 3;
    if country && tables::SECOND_LEVELS.contains(&&domain[second + 1..first]) {
        return third.map_or(domain, |third| &domain[third + 1..]);
    }
    &domain[second + 1..]
}

/// A local part without the number that tells two of one name apart.
pub fn without_number(local: &str) -> &str {
    let stem = local.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() < 2 {
        local
    } else {
        stem.trim_end_matches(['.', '_', '-'])
    }
}

/// The address up to the last of its domains that has a dot; `None` where none has.
fn before_gateways(foreign: &str) -> Option<&str> {
    let mut inner = foreign;
    while let Some((before, domain)) = inner.rsplit_once('@') {
        if domain.contains('.') {
            return Some(inner);
        }
        inner = before;
    }
    None
}

fn smtp(local: &str, domain: &str) -> Address {
    let local = local.trim_matches('"').trim();
    let domain = domain.trim().trim_end_matches('.');
    Address {
        key: format!("{local}@{domain}"),
        local: local.to_owned(),
        organisation: registered(domain).to_owned(),
        domain: domain.to_owned(),
        kind: AddressKind::Smtp,
    }
}

/// An address of Lotus Notes that Exchange has wrapped: somebody outside is the name with the address in brackets.
fn encapsulated_notes(inner: &str) -> Option<Address> {
    let foreign = inner
        .split_once('<')
        .and_then(|(_, address)| address.split('>').next())
        .and_then(|address| address.split_once('@'));
    match foreign {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') => {
            Some(smtp(local, domain))
        }
        _ => notes(inner),
    }
}

/// Undoes what Exchange does to a foreign address: `_` for `/`, `+2E` for `.`. Drops its own domain.
fn unwrapped(encapsulated: &str) -> String {
    let inner = encapsulated
        .rsplit_once('@')
        .map_or(encapsulated, |(inner, _)| inner);
    let mut plain = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        let code = rest
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (letter, code) {
            ('+', Some(code)) => {
                plain.push(char::from(code));
                rest = &rest[2..];
            }
            ('_', _) => plain.push('/'),
            _ => plain.push(letter),
        }
    }
    plain.to_lowercase()
}

/// `/o=agency/ou=east/cn=recipients/cn=aexample`: the last common name is the identity.
fn directory(lower: &str) -> Option<Address> {
    let mut organisation = String::new();
    let mut common = String::new();
    for part in lower.split('/') {
        match part.trim().split_once('=') {
            Some(("o", value)) => organisation = value.trim().to_owned(),
            Some(("cn", value)) => common = value.trim().to_owned(),
            _ => {}
        }
    }
    if common.is_empty() || common == "recipients" {
        return None;
    }
    Some(Address {
        key: format!("/o={organisation}/cn={common}"),
        local: alias_of(&common).to_owned(),
        domain: String::new(),
        organisation,
        kind: AddressKind::Directory,
    })
}

/// Exchange Online puts 32 digits before the alias.
fn alias_of(common: &str) -> &str {
    match common.split_at_checked(32) {
        Some((digits, rest))
            if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && rest.starts_with('-') =>
        {
            rest[1..].trim_start_matches('-')
        }
        _ => common,
    }
}

/// `cn=anne example/ou=east/o=agency@agency`, `anne example/east/agency@agency`, `anne example@agency`.
fn notes(lower: &str) -> Option<Address> {
    let (name, organisation) = notes_parts(lower)?;
    // A single word, as where a print-out breaks off, is of many people.
    name.contains([' ', '.'])
        .then(|| notes_entry(name, organisation))
}

/// A path of Lotus Notes whose blanks were lost (`cn=anneexample/o=agency`), beside the name that tells where they were.
fn run_together(name: &str, account: &str) -> Option<Address> {
    let lower = account.to_lowercase();
    common_name(&lower)?;
    let (common, organisation) = notes_parts(&lower)?;
    let name = words(&fold(name));
    let same = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    (same(&name) == same(&common)).then(|| notes_entry(name, organisation))
}

/// Name and organisation of a path of Lotus Notes, folded.
fn notes_parts(lower: &str) -> Option<(String, String)> {
    let (path, place) = lower.split_once('@').unwrap_or((lower, ""));
    let place = place
        .split(['@', ' ', '[', '/'])
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let (name, organisation) = match common_name(path) {
        Some(labelled) => labelled,
        None => {
            let mut parts = path.split('/').map(str::trim);
            let name = parts.next()?;
            (name, parts.next_back().unwrap_or_default())
        }
    };
    // What somebody is, behind the name.
    let name = name.split('(').next().unwrap_or_default();
    let organisation = if organisation.is_empty() {
        place
    } else {
        organisation
    };
    let organisation = organisation
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    // What scanning makes of a blank is none of the signs that names have.
    let sign = |c: char| c.is_alphanumeric() || "._-'&(),/".contains(c);
    let name: String = fold(name)
        .chars()
        .map(|c| if sign(c) { c } else { ' ' })
        .collect();
    let name = words(&name);
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    Some((name.to_owned(), organisation))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn notes_entry(name: String, organisation: String) -> Address {
    // Dots and blanks come and go, most of all where print-outs are read by machine.
    let same: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    Address {
        key: format!("cn={same}/o={organisation}"),
        local: name,
        domain: String::new(),
        organisation,
        kind: AddressKind::Notes,
    }
}

/// The common name and the organisation of a path with labels. Print-outs read by machine have other signs for `/` and `=`.
fn common_name(path: &str) -> Option<(&str, &str)> {
    let signs = ['=', ';', ':', '~', '-'];
    let after = |label: &str, text: &str| -> Option<usize> {
        let mut from = 0;
        while let Some(at) = text[from..].find(label) {
            let end = from + at + label.len();
            let rest = text[end..].trim_start();
            if rest.starts_with(signs) {
                return Some(from + at);
            }
            from = end;
        }
        None
    };
    let rest = path
        .strip_prefix('c')?
        .trim_start_matches(|c: char| c == 'n' || c == ' ' || !c.is_ascii());
    let rest = rest.strip_prefix(signs)?.trim_start();
    let unit = after("ou", rest)
        .or_else(|| after("qu", rest))
        .or_else(|| after("o", rest))
        .unwrap_or(rest.len());
    // One sign before the label stands for the slash.
    let name = rest[..unit].trim_end();
    let name = name
        .strip_suffix(['/', '!', '|', '\\', 'j', 'l', '1', 'i', 'f', '(', ')'])
        .unwrap_or(name);
    let tail = &rest[unit..];
    let inner = tail
        .strip_prefix("ou")
        .or_else(|| tail.strip_prefix("qu"))
        .unwrap_or(tail);
    // What scanning makes of the unit's label may look like the organisation's, which is the last.
    let mut organisation = "";
    let mut rest = inner;
    while let Some(at) = after("o", rest) {
        rest = &rest[at + 1..];
        organisation = rest.trim_start().trim_start_matches(signs).trim();
    }
    let organisation = organisation
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    Some((name, organisation))
}

/// Local parts that are made of a name: of given name and surname, then of an initial and the surname.
pub(super) fn made_of(name: &PersonName) -> Vec<String> {
    let (given, family) = (squeezed(&name.given), squeezed(&name.family));
    let initial: String = given.chars().take(1).collect();
    let middle: String = name
        .middle
        .iter()
        .filter_map(|middle| middle.chars().next())
        .collect();
    let mut made = vec![
        format!("{given}{family}"),
        format!("{family}{given}"),
        format!("{initial}{family}"),
        format!("{family}{initial}"),
    ];
    if !middle.is_empty() {
        made.extend([
            format!("{given}{middle}{family}"),
            format!("{initial}{middle}{family}"),
            format!("{family}{initial}{middle}"),
        ]);
    }
    made
}

/// Fewest letters of a surname that was cut.
const SHORTEST_CUT: usize = 7;

/// How a local part or common name is made of a name.
pub fn fit(local: &str, name: &PersonName) -> Fit {
    if !name.is_full() {
        return Fit::None;
    }
    let local = squeezed(without_number(local));
    let family = squeezed(&name.family);
    let given = squeezed(&name.given);
    let middles: String = name
        .middle
        .iter()
        .filter_map(|middle| middle.chars().next())
        .collect();
    let initial: String = given.chars().take(1).collect();
    let wholes = [
        format!("{given}{family}"),
        format!("{family}{given}"),
        format!("{given}{middles}{family}"),
    ];
    if wholes.contains(&local) {
        return Fit::Whole;
    }
    let initials = [
        format!("{initial}{family}"),
        format!("{initial}{middles}{family}"),
        format!("{family}{initial}"),
        format!("{family}{initial}{middles}"),
        format!("{given}{}", family.chars().take(1).collect::<String>()),
    ];
    // Old systems cut names at seven or eight letters.
    let cut = |whole: &String| {
        local.len() >= 5 && whole.starts_with(&local) && local.len() + 1 >= whole.len().min(8)
    };
    let middle = name
        .middle
        .iter()
        .filter_map(|middle| middle.chars().next());
    if middle
        .map(|middle| format!("{middle}{family}"))
        .any(|whole| whole == local)
    {
        return Fit::Initial;
    }
    // Others cut the surname and put the initial behind it.
    let cut_family = local
        .strip_suffix(&initial)
        .is_some_and(|stem| stem.len() >= SHORTEST_CUT && family.starts_with(stem));
    if initials.contains(&local) || initials[..2].iter().any(cut) || cut_family {
        return Fit::Initial;
    }
    if local == family || local == given {
        Fit::Half
    } else {
        Fit::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(written: &str) -> String {
        Address::read(written)
            .map(|address| address.key)
            .unwrap_or_default()
    }

    #[test]
    fn one_mailbox_in_every_shape() {
        assert_eq!(
            key(
                "IMCEANOTES-+22Anne+20Example+22+20+3CAnne+40agency+2Eexample+3E+40CITY@CITY.example"
            ),
            "anne@agency.example"
        );
        assert_eq!(key("anne@agency.example@INET@GATE"), "anne@agency.example");
        assert_eq!(
            key("Anne Example (Head of Piers)@AGENCY"),
            key("Anne Example@AGENCY")
        );
        assert_eq!(
            key("CN=Anne Example/O~=EAST/O=AGENCY"),
            "cn=anneexample/o=agency"
        );
        assert_eq!(key("Anne@Agency.Example"), "anne@agency.example");
        assert_eq!(
            key("<anne@agency.example<mailto:anne@agency.example>"),
            "anne@agency.example"
        );
        assert_eq!(key("anne@agency.example@AGENCY"), "anne@agency.example");
        let directory = "/o=agency/cn=aexample";
        assert_eq!(
            key("/O=AGENCY/OU=EAST/CN=RECIPIENTS/CN=AEXAMPLE"),
            directory
        );
        assert_eq!(
            key("IMCEAEX-_O=AGENCY_OU=EAST+20SIDE_cn=Recipients_cn=aexample@agency.example"),
            directory
        );
        assert_eq!(
            key("CN=Anne Example/OU=EAST/O=AGENCY@AGENCY"),
            "cn=anneexample/o=agency"
        );
        assert_eq!(
            key("Anne  Example/EAST/AGENCY@AGENCY"),
            "cn=anneexample/o=agency"
        );
        for none in [
            "",
            "Anne",
            "CN=Anne",
            "CN=Anne/O=AGENCY",
            "@",
            "anne@",
            "/O=AGENCY/CN=RECIPIENTS",
        ] {
            assert_eq!(Address::read(none), None, "{none}");
        }
    }

    #[test]
    fn the_registered_domain_is_the_organisation() {
        for (domain, registered_domain) in [
            ("agency.example", "agency.example"),
            ("mail.agency.example", "agency.example"),
            ("a.b.council.gov.uk", "council.gov.uk"),
            ("gov.uk", "gov.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registered(domain), registered_domain);
        }
        assert!(is_public_domain("gmail.com") && is_public_domain("email.msn.com"));
        assert!(!is_public_domain("notgmail.com"));
    }

    #[test]
    fn local_parts_are_made_of_names() {
        let name = PersonName::read("Anne B. Example");
        for (local, expected) in [
            ("anne.example", Fit::Whole),
            ("example_anne", Fit::Whole),
            ("anneb.example", Fit::Whole),
            ("aexample", Fit::Initial),
            ("aexample2", Fit::Initial),
            ("abexample", Fit::Initial),
            ("examplea", Fit::Initial),
            ("aexampl", Fit::Initial),
            ("exampl_a", Fit::None),
            ("b..example", Fit::Initial),
            ("anne", Fit::Half),
            ("bsample", Fit::None),
            ("records", Fit::None),
        ] {
            assert_eq!(fit(local, &name), expected, "{local}");
        }
        let told = |address: &str| Address::read(address).and_then(|address| address.told_name());
        assert_eq!(
            told("anne.example@agency.example").and_then(|name| name.key()),
            Some("example|anne".into())
        );
        assert_eq!(told("records.office@agency.example"), None);
        assert_eq!(told("aexample@agency.example"), None);
    }
}
