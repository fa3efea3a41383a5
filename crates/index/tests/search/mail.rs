//! Messages made by hand, and an index of them in a temporary folder.

use std::collections::HashMap;

use jiff::civil::date;
use muckrake_index::Document;
use muckrake_index::HeaderFields;
use muckrake_index::Index;
use muckrake_index::Lookup;
use muckrake_index::Reader;
use muckrake_index::ResolveError;
use muckrake_index::Resolver;
use muckrake_index::SearchRequest;
use muckrake_index::language::ParseOptions;
use muckrake_index::language::Query;
use muckrake_index::language::parse;
use muckrake_mail::Attachment;
use muckrake_mail::AttachmentState;
use muckrake_mail::Headers;
use muckrake_mail::KeyBasis;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::MessageKey;
use muckrake_mail::Sha256;
use muckrake_mail::TextKind;
use muckrake_mail::TextPart;
use muckrake_mail::Zone;
use muckrake_mail::ZoneKind;
use roaring::RoaringBitmap;
use tempfile::TempDir;

/// A message and its date in UTC.
#[derive(Clone)]
pub(crate) struct Mail {
    pub(crate) message: Message,
    pub(crate) utc: Option<i64>,
}

impl Mail {
    pub(crate) fn new() -> Self {
        let message = Message {
            key: MessageKey([0; 20]),
            key_basis: KeyBasis::Content,
            content_key: None,
            message_id: None,
            in_reply_to: Vec::new(),
            references: Vec::new(),
            date: None,
            from: Vec::new(),
            sender: Vec::new(),
            reply_to: Vec::new(),
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: None,
            body: Vec::new(),
            attachments: Vec::new(),
            attached: Vec::new(),
            headers: Headers::default(),
            flags: Vec::new(),
            language: None,
            defects: Vec::new(),
            size: 0,
            redactions: Vec::new(),
            print: None,
        };
        Self { message, utc: None }
    }

    pub(crate) fn subject(mut self, text: &str) -> Self {
        self.message.subject = Some(text.to_owned());
        self
    }

    /// A body of the author's own words.
    pub(crate) fn body(self, text: &str) -> Self {
        self.zones(&[(ZoneKind::Author, text)])
    }

    /// A body of zones.
    pub(crate) fn zones(self, zones: &[(ZoneKind, &str)]) -> Self {
        self.text(zones, TextKind::Plain, false)
    }

    /// The same as another part in another form.
    pub(crate) fn alternative(self, text: &str) -> Self {
        self.text(&[(ZoneKind::Author, text)], TextKind::Html, true)
    }

    fn text(mut self, zones: &[(ZoneKind, &str)], kind: TextKind, alternative: bool) -> Self {
        let mut text = String::new();
        let mut cut = Vec::new();
        for (kind, stretch) in zones {
            let start = text.len() as u32;
            text.push_str(stretch);
            let end = text.len() as u32;
            let depth = u16::from(matches!(kind, ZoneKind::Quoted));
            cut.push(Zone {
                start,
                end,
                kind: *kind,
                depth,
            });
        }
        let part = (self.message.body.len() + 1).to_string();
        self.message.body.push(TextPart {
            part,
            kind,
            text,
            zones: cut,
            alternative,
        });
        self
    }

    pub(crate) fn from(mut self, name: &str, address: &str) -> Self {
        self.message.from.push(mention(name, address));
        self
    }

    pub(crate) fn to(mut self, name: &str, address: &str) -> Self {
        self.message.to.push(mention(name, address));
        self
    }

    pub(crate) fn cc(mut self, name: &str, address: &str) -> Self {
        self.message.cc.push(mention(name, address));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.message.headers.push(name, value);
        self
    }

    pub(crate) fn attachment(mut self, name: &str, content_type: &str, text: Option<&str>) -> Self {
        self.message.attachments.push(Attachment {
            part: "2".to_owned(),
            name: Some(name.to_owned()),
            content_type: content_type.to_owned(),
            size: 10,
            sha256: Sha256([0; 32]),
            text: text.map(str::to_owned),
            state: if text.is_some() {
                AttachmentState::Text
            } else {
                AttachmentState::NoText
            },
        });
        self
    }

    /// The time in UTC, as RFC 3339 without the zone.
    pub(crate) fn at(mut self, time: &str) -> Self {
        let time: jiff::civil::DateTime = time.parse().unwrap();
        self.utc = Some(
            time.to_zoned(jiff::tz::TimeZone::UTC)
                .unwrap()
                .timestamp()
                .as_second(),
        );
        self
    }

    pub(crate) fn edit(mut self, change: impl FnOnce(&mut Message)) -> Self {
        change(&mut self.message);
        self
    }
}

fn mention(name: &str, address: &str) -> Mention {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Mention {
        name: some(name),
        address: some(address),
    }
}

/// Knows tags, and the headers of the messages.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) tags: HashMap<String, Vec<u32>>,
    pub(crate) headers: Vec<Vec<(String, String)>>,
}

impl Resolver for Known {
    fn resolve(&self, lookup: &Lookup<'_>) -> Result<RoaringBitmap, ResolveError> {
        let name = match lookup {
            Lookup::Tag(name) => *name,
            Lookup::Official { name, .. } => name,
            Lookup::MultiRelease => "multi-release",
            other => {
                return Err(ResolveError {
                    message: format!("no {other:?}"),
                    hint: Some("try a tag".to_owned()),
                });
            }
        };
        let missing = || ResolveError {
            message: format!("no tag {name}"),
            hint: None,
        };
        self.tags
            .get(name)
            .map(|list| list.iter().copied().collect())
            .ok_or_else(missing)
    }

    fn headers(
        &self,
        ordinal: u32,
    ) -> Result<Option<HeaderFields>, Box<dyn std::error::Error + Send + Sync>> {
        let headers = self.headers.get(ordinal as usize).cloned();
        Ok(headers)
    }
}

/// An index of some messages; the ordinal is the place in the list.
pub(crate) struct Indexed {
    /// Kept for the life of the index.
    _folder: TempDir,
    pub(crate) index: Index,
    pub(crate) reader: Reader,
    pub(crate) known: Known,
}

impl Indexed {
    pub(crate) fn new(mails: &[Mail]) -> Self {
        Self::in_batches(mails, mails.len().max(1))
    }

    /// With a commit after every so many messages, which makes several segments.
    pub(crate) fn in_batches(mails: &[Mail], batch: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::create(&folder.path().join("index")).unwrap();
        let mut writer = index.writer(0, 1).unwrap();
        let mut ordinals = 0u32..;
        for (number, batch) in mails.chunks(batch).enumerate() {
            for (mail, ordinal) in batch.iter().zip(ordinals.by_ref()) {
                let record = format!("record {ordinal}");
                writer
                    .add(Document {
                        ordinal,
                        message: &mail.message,
                        utc: mail.utc,
                        record: record.as_bytes(),
                    })
                    .unwrap();
            }
            writer.commit(&format!("batch {number}")).unwrap();
        }
        writer.wait_merges().unwrap();
        let reader = index.reader().unwrap();
        let headers = mails
            .iter()
            .map(|mail| {
                let headers = mail.message.headers.iter();
                headers
                    .map(|header| (header.name.to_owned(), header.value.to_owned()))
                    .collect()
            })
            .collect();
        let known = Known {
            headers,
            ..Known::default()
        };
        Self {
            _folder: folder,
            index,
            reader,
            known,
        }
    }

    /// The ordinals of all messages that match, in order.
    pub(crate) fn find(&self, query: &str) -> Vec<u32> {
        let query = query_of(query);
        let request = SearchRequest {
            limit: None,
            ..SearchRequest::new(&query)
        };
        self.find_all(&request)
    }

    /// The same for a whole request; all ways of asking have to agree.
    pub(crate) fn find_all(&self, request: &SearchRequest<'_>) -> Vec<u32> {
        let results = self.reader.search(request, &self.known).unwrap();
        let mut found: Vec<u32> = results.hits.iter().map(|hit| hit.ordinal).collect();
        found.sort_unstable();
        assert_eq!(
            results.count,
            found.len() as u64,
            "count of {}",
            request.query
        );
        assert_eq!(
            self.reader.count(request, &self.known).unwrap(),
            results.count
        );
        let set = self.reader.ordinals(request, &self.known).unwrap();
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            found,
            "set of {}",
            request.query
        );
        found
    }
}

pub(crate) fn query_of(text: &str) -> Query {
    let options = ParseOptions {
        today: date(2016, 5, 11),
    };
    match parse(text, &options) {
        Ok(query) => query,
        Err(error) => panic!("{}", error.render(text)),
    }
}
