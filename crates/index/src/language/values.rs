//! From the text of a value to what it asks for, by the kind of its field.

use std::ops::Range;

use jiff::civil::Date;

use crate::terms;
use crate::terms::fold::is_term_char;

use super::ast::Field;
use super::ast::Value;
use super::dates::date_value;
use super::error::QueryError;
use super::error::quoted;
use super::fields::Kind;
use super::fields::Target;
use super::properties::property;
use super::sizes::size_range;

/// Most other terms that may stand between the words of a loose phrase.
const MAX_SLOP: u32 = 10_000;

/// The value of a word that stands at `span`, as it stands there.
pub(super) fn bare(
    target: &Target,
    word: &str,
    span: &Range<usize>,
    today: Date,
) -> Result<Value, QueryError> {
    match target.kind {
        Kind::Text => text_word(target, word, span),
        Kind::People => match person(target, word, span)? {
            Some(value) => Ok(value),
            None => text_word(target, word, span),
        },
        _ => whole(target, word, span, today),
    }
}

/// The value of a text in quotes, and of the `~5` that may follow them.
pub(super) fn in_quotes(
    target: &Target,
    text: &str,
    slop: Option<u32>,
    span: &Range<usize>,
    today: Date,
) -> Result<Value, QueryError> {
    if matches!(target.kind, Kind::Text | Kind::People) {
        if terms::terms(text).is_empty() {
            return Err(no_term(text, span));
        }
        return Ok(Value::Phrase {
            text: text.to_owned(),
            slop,
        });
    }
    if slop.is_some() {
        let message = format!("`{}:` takes no loose phrase", target.name);
        return Err(
            QueryError::new(message, span.clone()).with_hint("leave out what follows the quote")
        );
    }
    whole(target, text, span, today)
}

/// The number after the `~` of a loose phrase.
pub(super) fn slop(digits: &str, span: Range<usize>) -> Result<u32, QueryError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(QueryError::new("`~` after a phrase needs a number", span)
            .with_hint("`\"loose phrase\"~5` allows 5 other words in between"));
    }
    match digits.parse() {
        Ok(slop) if slop <= MAX_SLOP => Ok(slop),
        _ => Err(QueryError::new(
            format!("at most {MAX_SLOP} other words are allowed"),
            span,
        )),
    }
}

/// A value that is read as a whole: quotes only hold it together.
fn whole(
    target: &Target,
    text: &str,
    span: &Range<usize>,
    today: Date,
) -> Result<Value, QueryError> {
    if text.trim().is_empty() {
        return Err(QueryError::new(
            format!("`{}:` has an empty value", target.name),
            span.clone(),
        ));
    }
    let faulty = |(message, hint): (String, Option<String>)| QueryError {
        message,
        span: span.clone(),
        hint,
    };
    Ok(match target.kind {
        Kind::Date(side) => date_value(text, side, today).map_err(faulty)?,
        Kind::Size => Value::Sizes(size_range(text.trim()).map_err(faulty)?),
        Kind::Property(prefix) => {
            let found = property(prefix, text.trim()).map_err(|hint| {
                let written = format!("{}:{}", prefix.name(), text.trim());
                QueryError::new(format!("there is no {}", quoted(&written)), span.clone())
                    .with_hint(hint)
            });
            Value::Property(found?)
        }
        Kind::Id => Value::Text(id(text.trim(), span)?),
        Kind::Language => Value::Text(language(text.trim(), span)?),
        Kind::Redaction => {
            let code = muckrake_mail::redactions::code(text).unwrap_or_default();
            Value::Text(not_blank(target, &code, span)?)
        }
        Kind::MessageId => {
            let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
            Value::Text(not_blank(target, bare, span)?)
        }
        Kind::FileType => {
            let bare = text.trim_matches(|c: char| c.is_whitespace() || c == '.');
            Value::Text(not_blank(target, &bare.to_lowercase(), span)?)
        }
        _ if target.official => Value::Official(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    })
}

fn not_blank(target: &Target, text: &str, span: &Range<usize>) -> Result<String, QueryError> {
    if text.is_empty() {
        return Err(QueryError::new(
            format!("`{}:` has an empty value", target.name),
            span.clone(),
        ));
    }
    Ok(text.to_owned())
}

fn id(text: &str, span: &Range<usize>) -> Result<String, QueryError> {
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal && (6..=40).contains(&text.len()) {
        return Ok(text.to_ascii_lowercase());
    }
    let error = QueryError::new(format!("{} is not an id", quoted(text)), span.clone());
    Err(if text.contains('@') {
        error.with_hint(format!(
            "an RFC 5322 Message-ID is asked for with `message-id:{text}`"
        ))
    } else {
        error.with_hint("an id is 6 to 40 hexadecimal digits, as search prints it")
    })
}

fn language(text: &str, span: &Range<usize>) -> Result<String, QueryError> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_lowercase());
    }
    let message = format!("{} is not a language code", quoted(text));
    Err(QueryError::new(message, span.clone())
        .with_hint("use the two letters of ISO 639-1: `lang:en`, `lang:es`, `lang:de`"))
}

/// An address or a domain; `None` if the word is neither.
fn person(target: &Target, word: &str, span: &Range<usize>) -> Result<Option<Value>, QueryError> {
    let inner = word
        .trim_start_matches('<')
        .trim_end_matches(['>', ',', ';', '.']);
    let Some((local, domain)) = inner.split_once('@') else {
        return Ok(None);
    };
    if word.contains('*') && (local.is_empty() || local == "*") {
        let domain = domain.trim_start_matches(['*', '.']);
        let shown = if domain.is_empty() {
            "agency.example"
        } else {
            domain
        };
        return Err(
            QueryError::new("a `*` cannot stand in a domain", span.clone()).with_hint(format!(
                "`{}:@{shown}` matches the domain and its subdomains",
                target.name
            )),
        );
    }
    let in_domain = |c: char| is_term_char(c) || matches!(c, '-' | '.' | '_');
    if local.is_empty() {
        let bare = domain.trim_start_matches('.');
        if bare.chars().any(is_term_char) && bare.chars().all(in_domain) {
            return Ok(Some(Value::Domain(bare.to_owned())));
        }
        return Err(
            QueryError::new(format!("{} is not a domain", quoted(word)), span.clone())
                .with_hint(format!("`{}:@agency.example`", target.name)),
        );
    }
    let is_address = domain.chars().any(is_term_char)
        && !domain.contains('@')
        && !inner.contains(['<', '>', ',', ';', ':', '*', '~']);
    Ok(is_address.then(|| Value::Address(inner.to_owned())))
}

fn text_word(target: &Target, word: &str, span: &Range<usize>) -> Result<Value, QueryError> {
    check_start(target, word, span)?;
    if let Some(stem) = word.strip_suffix('*') {
        return prefix(target, word, stem, span);
    }
    if let Some((fuzzy, edits)) = word.rsplit_once('~')
        && edits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return fuzzy_word(fuzzy, edits, span);
    }
    let mut found = terms::terms(word);
    if found.is_empty() {
        return Err(no_term(word, span));
    }
    if word.contains('*') {
        return Err(inner_star(word, span));
    }
    Ok(match found.pop() {
        Some(only) if found.is_empty() => Value::Word(only),
        _ => Value::Phrase {
            text: word.to_owned(),
            slop: None,
        },
    })
}

/// Beginnings that mean something elsewhere and would be lost without a word here.
fn check_start(target: &Target, word: &str, span: &Range<usize>) -> Result<(), QueryError> {
    let mut rest = word.chars();
    let first = rest.next();
    let after = rest.as_str();
    let error = match first {
        Some('!' | '‐'..='―' | '−') if after.starts_with(is_term_char) => {
            let place = if target.name.is_empty() {
                String::new()
            } else {
                format!("{}:", target.name)
            };
            let message = format!(
                "{} does not exclude",
                quoted(&first.unwrap_or('!').to_string())
            );
            QueryError::new(message, span.clone()).with_hint(format!(
                "write `-{place}{after}`, or quote it: `\"{word}\"`"
            ))
        }
        Some(':') => QueryError::new("a `:` without a field before it", span.clone()).with_hint(
            "a field is written without space: `from:anne`; quote a text that begins with a colon",
        ),
        Some('~') if after.bytes().all(|byte| byte.is_ascii_digit()) => {
            QueryError::new("`~` must follow a word or a quote directly", span.clone())
                .with_hint("`word~1`, `\"loose phrase\"~5`")
        }
        _ => return Ok(()),
    };
    Err(error)
}

fn prefix(
    target: &Target,
    word: &str,
    stem: &str,
    span: &Range<usize>,
) -> Result<Value, QueryError> {
    if stem.is_empty() {
        return Err(QueryError::new(format!("`{}:*` asks for nothing", target.name), span.clone())
            .with_hint("a `*` must follow the beginning of a word; alone, without a field, it matches every message"));
    }
    if let Some(inner) = stem.strip_prefix('*')
        && !inner.is_empty()
        && inner.chars().all(is_term_char)
    {
        return Err(leading_star(inner, ".*", span));
    }
    let found = terms::terms(stem);
    if found.is_empty() {
        return Err(no_term(word, span));
    }
    if stem.contains('*') {
        return Err(inner_star(word, span));
    }
    if !stem.ends_with(is_term_char) {
        return Err(
            QueryError::new("a `*` must follow a letter or a digit", span.clone())
                .with_hint("`contr*` finds the words that begin with `contr`"),
        );
    }
    Ok(Value::Prefix(found.join("-")))
}

fn leading_star(inner: &str, end: &str, span: &Range<usize>) -> QueryError {
    QueryError::new("a `*` may only stand at the end of a word", span.clone())
        .with_hint(format!("as a regular expression: `/.*{inner}{end}/`"))
}

fn inner_star(word: &str, span: &Range<usize>) -> QueryError {
    if let Some(inner) = word.strip_prefix('*')
        && inner.chars().all(is_term_char)
    {
        return leading_star(inner, "", span);
    }
    let error = QueryError::new("a `*` may only stand at the end of a word", span.clone());
    if word.chars().all(|c| c == '*' || is_term_char(c)) {
        error.with_hint(format!(
            "as a regular expression: `/{}/`",
            word.replace('*', ".*")
        ))
    } else {
        error.with_hint(format!("to find it as written, quote it: `\"{word}\"`"))
    }
}

fn fuzzy_word(word: &str, edits: &str, span: &Range<usize>) -> Result<Value, QueryError> {
    let mut found = terms::terms(word);
    let (Some(term), true) = (found.pop(), found.is_empty()) else {
        return Err(
            QueryError::new("`~` takes a single word before it", span.clone()).with_hint(format!(
                "to find it as written, quote it: `\"{word}~{edits}\"`"
            )),
        );
    };
    let edits = match edits {
        "" | "1" => 1,
        "2" => 2,
        _ => {
            let start = span.end - edits.len();
            return Err(
                QueryError::new("`~` after a word takes 1 or 2", start..span.end).with_hint(
                    format!("`{word}~1` allows one letter to differ, `{word}~2` two"),
                ),
            );
        }
    };
    Ok(Value::Fuzzy { word: term, edits })
}

fn no_term(text: &str, span: &Range<usize>) -> QueryError {
    if text.is_empty() {
        return QueryError::new("nothing stands between the quotes", span.clone());
    }
    let message = format!(
        "{} holds no letter and no digit, so there is nothing to look for",
        quoted(text)
    );
    let error = QueryError::new(message, span.clone());
    match text {
        "&&" | "&" => error.with_hint("write `AND`, or nothing: words are ANDed"),
        "||" | "|" => error.with_hint("write `OR`"),
        "!" => error.with_hint("write `NOT`, or a `-` right before the word"),
        _ if text.chars().all(|c| c == '*') => error.with_hint("`*` alone matches every message"),
        _ => error,
    }
}

impl Target {
    /// Whether regular expressions are read in this field.
    pub(super) fn takes_regex(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::People)
    }

    /// Whether `official:` may stand inside.
    pub(super) fn takes_official(&self) -> bool {
        self.kind == Kind::People
            && matches!(
                self.field,
                Field::From | Field::To | Field::Cc | Field::Bcc | Field::With
            )
    }
}
