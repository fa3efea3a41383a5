//! The grammar: from tokens to a tree.

use std::ops::Range;

use jiff::civil::Date;

use super::ast::Leaf;
use super::ast::Query;
use super::ast::Value;
use super::error::QueryError;
use super::error::quoted;
use super::fields::Kind;
use super::fields::Target;
use super::fields::all_names;
use super::fields::meant;
use super::proximity;
use super::regex::fold_regex;
use super::scanner::Next;
use super::scanner::Scanner;
use super::scanner::is_quote;
use super::values;

/// How deep parentheses may nest.
pub const MAX_DEPTH: usize = 200;

/// Longest query in bytes.
pub const MAX_QUERY_BYTES: usize = 1 << 20;

/// What a query means beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// The day that `"last friday"` is counted from, in the time zone of the case.
    pub today: Date,
}

/// Reads a query.
///
/// # Errors
///
/// Whatever cannot be read is an error that points at the place in `text`.
/// Nothing is skipped or guessed.
pub fn parse(text: &str, options: &ParseOptions) -> Result<Query, QueryError> {
    if text.len() > MAX_QUERY_BYTES {
        let message = format!(
            "a query of {} bytes; the limit is {MAX_QUERY_BYTES}",
            text.len()
        );
        return Err(QueryError::new(message, 0..0));
    }
    let mut parser = Parser {
        scanner: Scanner::new(text),
        today: options.today,
        depth: 0,
    };
    parser.scanner.skip_space();
    if parser.scanner.next() == Next::End {
        return Err(QueryError::new("the query is empty", 0..text.len())
            .with_hint("`*` matches every message"));
    }
    // What closes nothing at the very start leaves no query to read.
    let query = match parser.scanner.next() {
        Next::Close => Query::All,
        _ => parser.any_of(&Target::any())?,
    };
    if parser.scanner.next() == Next::Close {
        let span = parser.scanner.take(1);
        return Err(QueryError::new("this parenthesis closes nothing", span));
    }
    Ok(query)
}

/// An operator that waits for its operand.
struct Waiting {
    name: &'static str,
    span: Range<usize>,
}

struct Parser<'q> {
    scanner: Scanner<'q>,
    today: Date,
    depth: usize,
}

impl Parser<'_> {
    /// Operands of `OR`.
    fn any_of(&mut self, target: &Target) -> Result<Query, QueryError> {
        let mut operands = vec![self.all_of(target, None)?];
        while let Some(waiting) = self.operator("OR") {
            operands.push(self.all_of(target, Some(waiting))?);
        }
        Ok(Query::or(operands))
    }

    /// Operands of `AND`, written or not.
    fn all_of(&mut self, target: &Target, before: Option<Waiting>) -> Result<Query, QueryError> {
        let mut operands = vec![self.maybe_not(target, before)?];
        loop {
            let waiting = self.operator("AND");
            if waiting.is_none()
                && matches!(
                    self.scanner.next(),
                    Next::End | Next::Close | Next::Operator("OR")
                )
            {
                return Ok(Query::and(operands));
            }
            operands.push(self.maybe_not(target, waiting)?);
        }
    }

    /// Takes an operator of this name, if it is next.
    fn operator(&mut self, name: &'static str) -> Option<Waiting> {
        self.scanner.skip_space();
        if self.scanner.next() != Next::Operator(name) {
            return None;
        }
        let span = self.scanner.take(name.len());
        self.scanner.skip_space();
        Some(Waiting { name, span })
    }

    /// An operand with any `NOT` or `-` before it.
    fn maybe_not(
        &mut self,
        target: &Target,
        mut waiting: Option<Waiting>,
    ) -> Result<Query, QueryError> {
        let mut negated = false;
        loop {
            self.scanner.skip_space();
            if let Some(not) = self.operator("NOT") {
                waiting = Some(not);
            } else if self.scanner.next() == Next::Word('-') {
                waiting = Some(self.minus()?);
            } else {
                break;
            }
            negated = !negated;
        }
        let operand = self.operand(target, waiting)?;
        Ok(if negated {
            Query::except(operand)
        } else {
            operand
        })
    }

    /// Takes a `-` that stands right before what it excludes.
    fn minus(&mut self) -> Result<Waiting, QueryError> {
        let word = self.scanner.word();
        if word.starts_with("--") {
            let span = self.scanner.take(word.len());
            let error = QueryError::new(
                format!("{} is no operator", quoted("--")),
                span.start..span.start + 2,
            );
            let bare = word.trim_start_matches('-');
            return Err(if bare.is_empty() {
                error.with_hint("it holds no letter and no digit, so there is nothing to look for")
            } else {
                error.with_hint(format!(
                    "write `-{bare}` to exclude it, `\"{word}\"` to find it"
                ))
            });
        }
        let span = self.scanner.take(1);
        match self.scanner.first() {
            Some(next) if next != ')' && !next.is_whitespace() => Ok(Waiting { name: "-", span }),
            _ => Err(QueryError::new("`-` excludes nothing here", span)
                .with_hint("put it right before what it excludes: `-draft`")),
        }
    }

    fn operand(&mut self, target: &Target, waiting: Option<Waiting>) -> Result<Query, QueryError> {
        self.expect_no_nearness(target)?;
        match (self.scanner.next(), waiting) {
            (Next::End | Next::Space | Next::Close, Some(Waiting { name, span })) => Err(dangling(
                &format!("`{name}` needs something after it"),
                name,
                span,
            )),
            (Next::Operator(next), Some(Waiting { name, span })) => Err(dangling(
                &format!("`{name}` needs something after it, not `{next}`"),
                name,
                span,
            )),
            (Next::Operator(next), None) => {
                let span = self.scanner.take(next.len());
                Err(dangling(
                    &format!("`{next}` needs something before it"),
                    next,
                    span,
                ))
            }
            // Without an operator before it, the end is met by the callers.
            (Next::End | Next::Space | Next::Close, None) => {
                let at = self.scanner.at();
                Err(QueryError::new("something is missing here", at..at))
            }
            (Next::Open, _) => self.group(target),
            (Next::Quote, _) => self.phrase(target),
            (Next::Word('/'), _) if target.takes_regex() => self.regex(target),
            (Next::Word(_), _) => self.word(target),
        }
    }

    /// Refuses what other programs write for nearness.
    fn expect_no_nearness(&self, target: &Target) -> Result<(), QueryError> {
        let is_word = matches!(self.scanner.next(), Next::Word(_));
        let word = self.scanner.word();
        match proximity::allowed(word) {
            Some(allowed) if is_word && target.takes_regex() => {
                let (text, at) = (self.scanner.text(), self.scanner.at());
                Err(proximity::error(text, word, at, allowed))
            }
            _ => Ok(()),
        }
    }

    fn group(&mut self, target: &Target) -> Result<Query, QueryError> {
        let open = self.scanner.take(1);
        if self.depth == MAX_DEPTH {
            let message = format!("parentheses nest deeper than {MAX_DEPTH}");
            return Err(QueryError::new(message, open));
        }
        self.scanner.skip_space();
        if self.scanner.next() == Next::Close {
            let close = self.scanner.take(1);
            return Err(QueryError::new(
                "nothing stands between the parentheses",
                open.start..close.end,
            )
            .with_hint("a parenthesis that is searched for goes into quotes"));
        }
        if self.scanner.next() == Next::End {
            return Err(unclosed(open));
        }
        self.depth += 1;
        let query = self.any_of(target)?;
        self.depth -= 1;
        if self.scanner.next() != Next::Close {
            return Err(unclosed(open));
        }
        self.scanner.take(1);
        match self.scanner.next() {
            Next::Open => {}
            _ => self.boundary("a parenthesis")?,
        }
        Ok(query)
    }

    fn phrase(&mut self, target: &Target) -> Result<Query, QueryError> {
        let (text, mut span) = self.scanner.quoted()?;
        let after = self.scanner.word();
        let slop = match after.strip_prefix('~') {
            Some(digits) => {
                let tilde = self.scanner.take(after.len());
                span.end = tilde.end;
                Some(values::slop(digits, tilde)?)
            }
            None => None,
        };
        if after.starts_with('*') {
            let star = self.scanner.take(1);
            return Err(QueryError::new("a `*` cannot follow a quote", star)
                .with_hint("a quoted phrase is found as written; a beginning is written without quotes: `contr*`"));
        }
        self.boundary("a quote")?;
        let value = values::in_quotes(target, &text, slop, &span, self.today)?;
        Ok(leaf(target, value, span))
    }

    fn regex(&mut self, target: &Target) -> Result<Query, QueryError> {
        let (pattern, span) = self.scanner.regex()?;
        let after = self.scanner.word();
        if !after.is_empty() || self.scanner.next() == Next::Open {
            let end = span.end + after.len();
            return Err(QueryError::new(
                "a regular expression ends at its second `/`",
                span.start..end,
            )
            .with_hint("write `\\/` for a slash inside it; quote a path: `\"/a/b\"`"));
        }
        self.boundary("a regular expression")?;
        let folded = fold_regex(&pattern).map_err(|(message, hint)| QueryError {
            message,
            span: span.clone(),
            hint,
        })?;
        Ok(leaf(target, Value::Regex(folded), span))
    }

    /// A bare word, or a field and its value.
    fn word(&mut self, target: &Target) -> Result<Query, QueryError> {
        let word = self.scanner.word();
        if word == "*" && target.is_any() {
            self.scanner.take(1);
            self.boundary("`*`")?;
            return Ok(Query::All);
        }
        if let Some((name, after)) = word.split_once(':')
            && let Some(inner) = self.field(target, name, after)?
        {
            let colon = self.scanner.take(name.len() + 1);
            return self.field_value(&inner, colon);
        }
        let span = self.scanner.take(word.len());
        self.boundary("a word")?;
        let value = values::bare(target, word, &span, self.today)?;
        Ok(leaf(target, value, span))
    }

    /// The field that `name` before a colon means; `None` if it is part of a word.
    fn field(
        &self,
        target: &Target,
        name: &str,
        after: &str,
    ) -> Result<Option<Target>, QueryError> {
        let start = self.scanner.at();
        let span = start..start + name.len() + 1;
        match Target::named(name) {
            Some(found) if target.is_any() => Ok(Some(found)),
            Some(found) if found.name == "official" && target.takes_official() => {
                Ok(Some(target.officials()))
            }
            Some(_) if takes_colons(target) && !after.is_empty() => Ok(None),
            Some(found) => {
                let message = format!("`{}:` cannot stand inside `{}:`", found.name, target.name);
                Err(QueryError::new(message, span)
                    .with_hint("close the group before the next field, or quote the text"))
            }
            None if target.is_any() && looks_like_a_field(name, after) => {
                Err(unknown_field(name, self.scanner.word(), span))
            }
            None => Ok(None),
        }
    }

    /// What stands after the colon of a field.
    fn field_value(&mut self, target: &Target, colon: Range<usize>) -> Result<Query, QueryError> {
        let name = &target.name;
        match self.scanner.next() {
            Next::Open => self.group(target),
            Next::Quote => self.phrase(target),
            Next::Word('/') if target.takes_regex() => self.regex(target),
            Next::Word('-') => {
                let minus = self.scanner.take(1);
                let rest = self.scanner.word();
                Err(QueryError::new(format!("a `-` right after `{name}:`"), minus).with_hint(format!(
                    "to exclude, write `-{name}:{rest}`; to find the text, quote it: `{name}:\"-{rest}\"`"
                )))
            }
            Next::Word(_) | Next::Operator(_) => self.word(target),
            Next::End | Next::Space | Next::Close => {
                Err(
                    QueryError::new(format!("`{name}:` has no value"), colon).with_hint(format!(
                        "write it right after the colon: `{name}:{}`",
                        example(target)
                    )),
                )
            }
        }
    }

    /// Checks that a value ends here.
    fn boundary(&self, what: &str) -> Result<(), QueryError> {
        let at = self.scanner.at();
        match self.scanner.first() {
            None | Some(')') => Ok(()),
            Some(next) if next.is_whitespace() => Ok(()),
            Some(next) => {
                let error = QueryError::new(
                    format!("{} right after {what}", quoted(&next.to_string())),
                    at..at + next.len_utf8(),
                );
                Err(if is_quote(next) || next == '(' {
                    error.with_hint("put a space before it, or the whole text into quotes, with `\\\"` for a quote")
                } else {
                    error.with_hint("put a space before it")
                })
            }
        }
    }
}

fn leaf(target: &Target, value: Value, span: Range<usize>) -> Query {
    Query::Leaf(Leaf {
        field: target.field.clone(),
        value,
        span,
    })
}

fn dangling(message: &str, name: &str, span: Range<usize>) -> QueryError {
    let error = QueryError::new(message, span);
    if name == "-" {
        return error;
    }
    error.with_hint(format!(
        "to find the word itself, write it in lower case or in quotes: `\"{name}\"`"
    ))
}

fn unclosed(open: Range<usize>) -> QueryError {
    QueryError::new("this parenthesis is never closed", open)
        .with_hint("close it with `)`; a parenthesis that is searched for goes into quotes")
}

/// Values in which a colon is as good as any other character.
fn takes_colons(target: &Target) -> bool {
    matches!(target.kind, Kind::Pattern | Kind::MessageId | Kind::Exact)
}

/// A word such as `form:anne` or `Re:`, but not `12:30`, `a@b:c` or `http://x`.
fn looks_like_a_field(name: &str, after: &str) -> bool {
    name.starts_with(char::is_alphabetic)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !after.starts_with("//")
}

fn unknown_field(name: &str, word: &str, span: Range<usize>) -> QueryError {
    let field = quoted(&format!("{name}:"));
    if name.eq_ignore_ascii_case("header") || name.to_ascii_lowercase().starts_with("header.") {
        return QueryError::new(format!("no field {field}"), span)
            .with_hint("a header is named after a dot: `header.list-id:foo`");
    }
    match meant(name) {
        Some(known) => QueryError::new(format!("no field {field}; did you mean `{known}:`?"), span)
            .with_hint(format!(
                "to find the text, quote it: {}",
                quoted(&format!("\"{word}\""))
            )),
        None => QueryError::new(format!("no field {field}"), span).with_hint(format!(
            "to find the text, quote it: {}; {}",
            quoted(&format!("\"{word}\"")),
            all_names()
        )),
    }
}

/// A value that a field takes.
fn example(target: &Target) -> &'static str {
    match target.kind {
        Kind::Text => "budget",
        Kind::People => "anne",
        Kind::Exact if target.name == "tag" => "key",
        Kind::Exact if target.name == "query" => "NAME",
        Kind::Exact => "\"Anne Example\"",
        Kind::Pattern => "name*",
        Kind::FileType => "pdf",
        Kind::Id => "1f0c3a",
        Kind::MessageId => "a1@mail.example",
        Kind::Language => "es",
        Kind::Redaction => "b6",
        Kind::Date(_) => "2016-05-11",
        Kind::Size => ">1M",
        Kind::Property(super::fields::Prefix::Has) => "attachment",
        Kind::Property(super::fields::Prefix::Is) => "reply",
    }
}
