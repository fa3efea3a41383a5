//! From what a query means to what tantivy runs.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tantivy::Searcher;
use tantivy::Term;
use tantivy::query::AllQuery;
use tantivy::query::BooleanQuery;
use tantivy::query::ConstScoreQuery;
use tantivy::query::DisjunctionMaxQuery;
use tantivy::query::EmptyQuery;
use tantivy::query::Occur;
use tantivy::query::Query as Lowered;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::columns::ColumnQuery;
use super::condition::Condition;
use super::document::flag_name;
use super::document::normal_address;
use super::error::IndexError;
use super::headers;
use super::headers::HeaderPlace;
use super::marks::ZoneClass;
use super::ordinals::OrdinalQuery;
use super::originals::Known;
use super::request::Lookup;
use super::request::Resolver;
use super::request::Roles;
use super::request::WordScope;
use super::schema::ExactKey;
use super::schema::Fields;
use super::segments::Absent;
use super::words::WordQuery;
use crate::language::DateRange;
use crate::language::Field;
use crate::language::Leaf;
use crate::language::Property;
use crate::language::Query;
use crate::language::QueryError;
use crate::language::SizeRange;
use crate::language::Value;

type Boxed = Box<dyn Lowered>;

/// Fields of the index with their weights, a header, and the zone of bodies that words are looked for in.
type Places<'a> = (
    Vec<(tantivy::schema::Field, f32)>,
    Option<&'a str>,
    Option<ZoneClass>,
);

/// How much a hit in a subject counts against one in a body. Term frequency
/// and length move a body's hit between 0 and 2.2 times the rarity of the word,
/// and a subject's is 1 to 2.2 times; so a subject is always ahead.
const SUBJECT_BOOST: f32 = 3.0;

/// How much a hit in a name, an address or the name of an attachment counts.
const NAME_BOOST: f32 = 1.2;

/// How much a hit in the text of an attachment counts.
const ATTACHED_BOOST: f32 = 0.8;

/// How much of a word's lesser hits in other fields is added to its best.
const TIE_BREAKER: f32 = 0.1;

/// What is done with conditions that only the original mail can answer.
pub(crate) enum Originals<'a> {
    /// They are taken as fulfilled, or as not fulfilled under a `NOT`: the
    /// result holds every message that may match.
    Widen,
    /// It is known which messages fulfil each of them.
    Known(&'a Known<'a>),
}

/// Lowers queries on one view of the index.
pub(crate) struct Lowering<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) absent: &'a Absent,
    pub(crate) fields: &'a Fields,
    pub(crate) zone: &'a TimeZone,
    pub(crate) resolver: &'a dyn Resolver,
    pub(crate) originals: Originals<'a>,
    /// Whether matches are scored.
    pub(crate) scored: bool,
    /// Where words are looked for that are not excluded.
    pub(crate) scope: WordScope,
}

impl Lowering<'_> {
    /// The query for tantivy.
    pub(crate) fn query(&self, query: &Query) -> Result<Boxed, IndexError> {
        self.part(query, true)
    }

    /// `positive` is false inside an odd number of `NOT`s.
    fn part(&self, query: &Query, positive: bool) -> Result<Boxed, IndexError> {
        match query {
            Query::All => Ok(everything()),
            Query::Leaf(leaf) => self.leaf(leaf, positive),
            Query::Not(inner) => {
                let inner = self.part(inner, !positive)?;
                Ok(all_of(vec![(Occur::MustNot, inner)]))
            }
            Query::And(parts) => {
                let lowered: Result<Vec<_>, IndexError> = parts
                    .iter()
                    .map(|part| match part {
                        Query::Not(inner) => Ok((Occur::MustNot, self.part(inner, !positive)?)),
                        other => Ok((Occur::Must, self.part(other, positive)?)),
                    })
                    .collect();
                Ok(all_of(lowered?))
            }
            Query::Or(parts) => {
                let lowered: Result<Vec<_>, _> =
                    parts.iter().map(|part| self.part(part, positive)).collect();
                Ok(any_of(lowered?))
            }
        }
    }

    fn leaf(&self, leaf: &Leaf, positive: bool) -> Result<Boxed, IndexError> {
        if read_from_original(leaf) {
            match &self.originals {
                Originals::Known(known) => {
                    // What cannot be judged matches neither this nor its opposite.
                    let set = known.messages(leaf, positive);
                    return Ok(Box::new(OrdinalQuery::new(set)));
                }
                Originals::Widen if positive => return Ok(everything()),
                Originals::Widen => return Ok(Box::new(EmptyQuery)),
            }
        }
        match &leaf.value {
            Value::Word(_)
            | Value::Phrase { .. }
            | Value::Prefix(_)
            | Value::Fuzzy { .. }
            | Value::Regex(_) => {
                let narrowed = if positive {
                    self.scope
                } else {
                    WordScope::Everywhere
                };
                self.words(leaf, narrowed)
            }
            Value::Address(address) => self.people(leaf, &normal_address(address)),
            Value::Domain(domain) => self.people(leaf, &format!("@{}", normal_address(domain))),
            Value::Official(name) => {
                let roles = roles(&leaf.field).ok_or_else(|| misplaced(leaf))?;
                self.resolve(leaf, &Lookup::Official { name, roles })
            }
            Value::Text(text) => self.text(leaf, text),
            Value::Dates(range) => Ok(self.dates(range)),
            Value::NoDate => Ok(Box::new(ColumnQuery::Undated)),
            Value::Sizes(range) => Ok(sizes(range)),
            Value::Property(Property::Flag(flag)) => {
                Ok(self.exact(ExactKey::Flag, flag_name(*flag)))
            }
            Value::Property(Property::MultiRelease) => self.resolve(leaf, &Lookup::MultiRelease),
        }
    }

    fn words(&self, leaf: &Leaf, scope: WordScope) -> Result<Boxed, IndexError> {
        let fields = self.fields;
        let condition = condition(leaf)?;
        let Some((places, header, zone)) = self.places(&leaf.field, scope) else {
            return Err(misplaced(leaf));
        };
        let mut queries = Vec::new();
        for (field, boost) in places {
            let zone = zone.filter(|_| field == fields.body);
            let query = WordQuery::new(self.searcher, self.absent, field, None, &condition, zone)?;
            queries.push((query, boost, field == fields.body));
        }
        if header.is_some() {
            let query = WordQuery::new(
                self.searcher,
                self.absent,
                fields.header,
                header,
                &condition,
                None,
            )?;
            queries.push((query, 1.0, false));
        }
        self.best_of(queries)
    }

    /// The fields of the index that a field of the language is looked for in, each with its weight; the header, and
    /// the zone of bodies. `None` if it holds no words.
    fn places<'f>(&self, field: &'f Field, scope: WordScope) -> Option<Places<'f>> {
        let fields = self.fields;
        let names: Vec<_> = fields.people.map(|field| (field, NAME_BOOST)).to_vec();
        let one = |field| vec![(field, 1.0)];
        let own = (scope != WordScope::Everywhere).then_some(ZoneClass::Author);
        Some(match field {
            Field::Any if scope == WordScope::OwnWords => (one(fields.body), None, own),
            Field::Any => {
                let mut places = vec![
                    (fields.subject, SUBJECT_BOOST),
                    (fields.body, 1.0),
                    (fields.attachment, NAME_BOOST),
                    (fields.attached, ATTACHED_BOOST),
                ];
                places.extend(names);
                (places, None, own)
            }
            Field::With => (names, None, None),
            Field::From => (one(fields.people[0]), None, None),
            Field::To => (one(fields.people[1]), None, None),
            Field::Cc => (one(fields.people[2]), None, None),
            Field::Bcc => (one(fields.people[3]), None, None),
            Field::Subject => (one(fields.subject), None, None),
            Field::Body => (one(fields.body), None, own),
            Field::Said => (one(fields.body), None, Some(ZoneClass::Author)),
            Field::Quoted if own.is_some() => (Vec::new(), None, None),
            Field::Quoted => (one(fields.body), None, Some(ZoneClass::Quoted)),
            Field::Attachment => (one(fields.attachment), None, None),
            Field::Attached => (one(fields.attached), None, None),
            Field::Header(name) => {
                let place = match headers::place(name) {
                    HeaderPlace::People(role) => one(fields.people[role]),
                    HeaderPlace::Subject => one(fields.subject),
                    HeaderPlace::Header | HeaderPlace::Original => Vec::new(),
                };
                (place, Some(name.as_str()), None)
            }
            _ => return None,
        })
    }

    /// The same words in several fields, each with its weight and whether it has zones: scored by the best of
    /// them, each word as rare as it is where it is most frequent.
    fn best_of(&self, queries: Vec<(WordQuery, f32, bool)>) -> Result<Boxed, IndexError> {
        let mut frequencies: Vec<u64> = Vec::new();
        for (query, _, _) in &queries {
            frequencies.resize(query.frequencies().len(), 0);
            for (most, here) in frequencies.iter_mut().zip(query.frequencies()) {
                *most = (*most).max(*here);
            }
        }
        let mut boxed: Vec<Boxed> = Vec::new();
        for (query, boost, zoned) in queries {
            if query.frequencies().contains(&0) {
                continue;
            }
            let query = if self.scored {
                query.scored(self.searcher, &frequencies, boost, zoned)?
            } else {
                query
            };
            boxed.push(Box::new(query));
        }
        Ok(match boxed.len() {
            0 => Box::new(EmptyQuery),
            1 => boxed.remove(0),
            _ => Box::new(DisjunctionMaxQuery::with_tie_breaker(boxed, TIE_BREAKER)),
        })
    }

    fn people(&self, leaf: &Leaf, value: &str) -> Result<Boxed, IndexError> {
        let roles = match roles(&leaf.field).ok_or_else(|| misplaced(leaf))? {
            Roles::From => 0..1,
            Roles::To => 1..2,
            Roles::Cc => 2..3,
            Roles::Bcc => 3..4,
            Roles::Any => 0..4,
        };
        Ok(any_of(
            roles
                .map(|role| self.exact(ExactKey::Person(role), value))
                .collect(),
        ))
    }

    fn text(&self, leaf: &Leaf, text: &str) -> Result<Boxed, IndexError> {
        let lookup = match &leaf.field {
            Field::FileType => return Ok(self.exact(ExactKey::FileType, &text.to_lowercase())),
            Field::MessageId => return Ok(self.exact(ExactKey::MessageId, text)),
            Field::Redaction => return Ok(self.exact(ExactKey::Redaction, text)),
            Field::Lang => return Ok(self.exact(ExactKey::Language, &text.to_lowercase())),
            Field::Official => Lookup::Official {
                name: text,
                roles: Roles::Any,
            },
            Field::Agency => Lookup::Agency(text),
            Field::Release => Lookup::Release(text),
            Field::Source => Lookup::Source(text),
            Field::Folder => Lookup::Folder(text),
            Field::Id => Lookup::Id(text),
            Field::Thread => Lookup::Thread(text),
            Field::Tag => Lookup::Tag(text),
            _ => return Err(misplaced(leaf)),
        };
        self.resolve(leaf, &lookup)
    }

    fn resolve(&self, leaf: &Leaf, lookup: &Lookup<'_>) -> Result<Boxed, IndexError> {
        let set = self.resolver.resolve(lookup).map_err(|error| QueryError {
            message: error.message,
            span: leaf.span.clone(),
            hint: error.hint,
        })?;
        Ok(Box::new(OrdinalQuery::new(set)))
    }

    fn exact(&self, key: ExactKey, value: &str) -> Boxed {
        let term = Term::from_field_text(self.fields.exact, &key.term(value));
        unscored(Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
    }

    fn dates(&self, range: &DateRange) -> Boxed {
        let from = range.first.and_then(|day| start_of_day(day, self.zone));
        let before = range
            .last
            .and_then(|day| day.tomorrow().ok())
            .and_then(|day| start_of_day(day, self.zone));
        let last = before.map_or(i64::MAX, |second| second.saturating_sub(1));
        Box::new(ColumnQuery::Dates(from.unwrap_or(i64::MIN)..=last))
    }
}

fn sizes(range: &SizeRange) -> Boxed {
    let (min, max) = (range.min.unwrap_or(0), range.max.unwrap_or(u64::MAX));
    Box::new(ColumnQuery::Sizes(min..=max))
}

/// The condition of a leaf about words.
pub(crate) fn condition(leaf: &Leaf) -> Result<Condition, IndexError> {
    let inflect = roles(&leaf.field).is_none();
    match Condition::of(&leaf.value, inflect) {
        Ok(Some(condition)) => Ok(condition),
        Ok(None) => Err(misplaced(leaf)),
        Err(message) => Err(QueryError::new(message, leaf.span.clone()).into()),
    }
}

/// Whether only the original mail can answer a condition: it is on a header
/// that is not indexed, or on how words follow one another across persons.
pub(crate) fn read_from_original(leaf: &Leaf) -> bool {
    let Field::Header(name) = &leaf.field else {
        return false;
    };
    match headers::place(name) {
        HeaderPlace::Original => true,
        HeaderPlace::People(_) => match &leaf.value {
            Value::Phrase { text, .. } | Value::Prefix(text) => crate::terms::terms(text).len() > 1,
            _ => false,
        },
        HeaderPlace::Subject | HeaderPlace::Header => false,
    }
}

/// The roles that a people field means.
fn roles(field: &Field) -> Option<Roles> {
    Some(match field {
        Field::From => Roles::From,
        Field::To => Roles::To,
        Field::Cc => Roles::Cc,
        Field::Bcc => Roles::Bcc,
        Field::With => Roles::Any,
        _ => return None,
    })
}

/// A value that its field cannot have; the parser makes none.
fn misplaced(leaf: &Leaf) -> IndexError {
    QueryError::new("this field cannot have such a value", leaf.span.clone()).into()
}

/// The first second of a day in a zone; `None` at the ends of the calendar.
fn start_of_day(day: Date, zone: &TimeZone) -> Option<i64> {
    let noon = day.at(12, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(noon.start_of_day().ok()?.timestamp().as_second())
}

fn everything() -> Boxed {
    unscored(Box::new(AllQuery))
}

fn unscored(query: Boxed) -> Boxed {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

/// All of the `Must`, none of the `MustNot`.
fn all_of(mut parts: Vec<(Occur, Boxed)>) -> Boxed {
    if parts.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        parts.push((Occur::Must, everything()));
    }
    Box::new(BooleanQuery::new(parts))
}

fn any_of(mut parts: Vec<Boxed>) -> Boxed {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let parts = parts.into_iter().map(|part| (Occur::Should, part));
    Box::new(BooleanQuery::new(parts.collect()))
}
