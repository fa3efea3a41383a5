//! What the index stores with each message, so that a hit can be shown without
//! reading the source: everything that is the same for every copy.

use crate::AttachmentSummary;
use crate::CaseError;
use muckrake_mail::AttachmentState;
use muckrake_mail::DatePrecision;
use muckrake_mail::DateSource;
use muckrake_mail::Defect;
use muckrake_mail::Flag;
use muckrake_mail::MailDate;
use muckrake_mail::Mention;
use muckrake_mail::Message;
use muckrake_mail::MessageKey;
use muckrake_mail::Print;
use muckrake_mail::Redaction;
use muckrake_mail::TextKind;
use muckrake_mail::print;
use serde::Deserialize;
use serde::Serialize;

/// The stored form of a message; JSON in the index's store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: MessageKey,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) date: Option<MailDate>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) from: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) to: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) cc: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) bcc: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) sender: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) reply_to: Vec<Mention>,
    /// Names that headers of Exchange put beside the addresses.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) directory: Option<Box<Directory>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) subject: Option<String>,
    pub(crate) size: u64,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) flags: Vec<Flag>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) attachments: Vec<AttachmentSummary>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) attachment_states: Vec<AttachmentState>,
    /// Which part each body text in the index is, in the same order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) body: Vec<BodyPart>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) defects: Vec<Defect>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) redactions: Vec<Redaction>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) print: Option<Box<Print>>,
}

/// What the headers `X-From`, `X-To`, `X-cc` and `X-bcc` say, with which some exports of Exchange keep the names that
/// `From` and `To` have lost.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Directory {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    from: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    to: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    cc: Vec<Mention>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    bcc: Vec<Mention>,
}

/// Most people of one such header that are kept.
const MOST_OF_DIRECTORY: usize = 2_000;

impl Directory {
    fn of(message: &Message) -> Option<Box<Self>> {
        let mut directory = Self::default();
        for header in message
            .headers
            .iter()
            .filter(|header| header.name.starts_with("X-"))
        {
            let list = match header.name {
                "X-From" => &mut directory.from,
                "X-To" => &mut directory.to,
                "X-cc" => &mut directory.cc,
                "X-bcc" => &mut directory.bcc,
                _ => continue,
            };
            list.extend(muckrake_mail::people::parse_list(header.value));
            list.truncate(MOST_OF_DIRECTORY);
        }
        let lists = [
            &directory.from,
            &directory.to,
            &directory.cc,
            &directory.bcc,
        ];
        let any = lists.iter().any(|list| !list.is_empty());
        any.then(|| Box::new(directory))
    }

    /// All people that these headers name.
    pub(crate) fn people(&self) -> Vec<Mention> {
        let lists = [&self.from, &self.to, &self.cc, &self.bcc];
        lists.into_iter().flatten().cloned().collect()
    }

    /// The people of whom both headers tell, one string after the other; none of a list that is not as long as the other.
    pub(crate) fn pairs(&self, record: &Record) -> Vec<Mention> {
        let lists = [
            (&record.from, &self.from),
            (&record.to, &self.to),
            (&record.cc, &self.cc),
            (&record.bcc, &self.bcc),
        ];
        let aligned = lists
            .into_iter()
            .filter(|(plain, named)| plain.len() == named.len());
        let pairs = aligned.flat_map(|(plain, named)| plain.iter().zip(named));
        pairs
            .filter(|(one, other)| one != other)
            .flat_map(|(one, other)| [one.clone(), other.clone()])
            .collect()
    }
}

/// One text of a body, without the text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BodyPart {
    pub(crate) part: String,
    pub(crate) kind: TextKind,
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) alternative: bool,
}

impl Record {
    pub(crate) fn of(message: &Message) -> Self {
        Self {
            id: message.key,
            message_id: message.message_id.clone(),
            date: message.date,
            from: message.from.clone(),
            to: message.to.clone(),
            cc: message.cc.clone(),
            bcc: message.bcc.clone(),
            sender: message.sender.clone(),
            reply_to: message.reply_to.clone(),
            directory: Directory::of(message),
            subject: message.subject.clone(),
            size: message.size,
            flags: message.flags.clone(),
            language: message.language.clone(),
            attachments: message
                .attachments
                .iter()
                .map(AttachmentSummary::from)
                .collect(),
            attachment_states: message
                .attachments
                .iter()
                .map(|attachment| attachment.state.clone())
                .collect(),
            body: message
                .body
                .iter()
                .map(|text| BodyPart {
                    part: text.part.clone(),
                    kind: text.kind,
                    alternative: text.alternative,
                })
                .collect(),
            defects: message.defects.clone(),
            redactions: message.redactions.clone(),
            print: message.print.clone(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Plain data with string keys always serialises; were it not so, the record
        // would be empty and reading it back would say which message it is.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn from_bytes(ordinal: u32, bytes: &[u8]) -> Result<Self, CaseError> {
        serde_json::from_slice(bytes).map_err(|source| CaseError::Record { ordinal, source })
    }
}

/// Whose words the texts of a message are, from its stored form; the rest of that is passed over.
#[derive(Deserialize)]
pub(crate) struct Authors {
    #[serde(default)]
    pub(crate) from: Vec<Mention>,
    #[serde(default)]
    body: Vec<BodyPart>,
    #[serde(default)]
    print: Option<serde::de::IgnoredAny>,
}

impl Authors {
    pub(crate) fn from_bytes(ordinal: u32, bytes: &[u8]) -> Result<Self, CaseError> {
        serde_json::from_slice(bytes).map_err(|source| CaseError::Record { ordinal, source })
    }

    /// Whether a text of the body is somebody's words, and not what stands beside a printed message.
    pub(crate) fn wrote(&self, text: usize) -> bool {
        let part = self.body.get(text);
        self.print.is_none() || part.is_none_or(|part| part.part != print::BESIDE)
    }
}

/// A date as schema 1 writes it: RFC 3339, without offset where the zone is not told.
pub(crate) fn date_text(date: &MailDate) -> String {
    let clock = jiff::Timestamp::from_second(date.local)
        .map(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC).datetime())
        .map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S").to_string())
        .unwrap_or_default();
    match date.offset {
        None => clock,
        Some(0) => clock + "Z",
        Some(offset) => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.unsigned_abs() / 60;
            format!("{clock}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// Pages as schema 1 writes them: `3`, or the first and the last, `3-5`.
pub(crate) fn pages_text((first, last): (u32, u32)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

/// The word of schema 1 for a precision.
pub(crate) fn precision_word(precision: DatePrecision) -> &'static str {
    match precision {
        DatePrecision::Second => "second",
        DatePrecision::Minute => "minute",
        DatePrecision::Day => "day",
    }
}

/// The word of schema 1 for where a date was read.
pub(crate) fn source_word(source: DateSource) -> &'static str {
    match source {
        DateSource::Header => "header",
        DateSource::Received => "received",
        DateSource::Printed => "printed",
    }
}

/// The moment of a date in UTC; a date that tells no zone is taken in `zone`.
pub(crate) fn moment(date: &MailDate, zone: &jiff::tz::TimeZone) -> Option<i64> {
    date.utc().or_else(|| {
        let clock = jiff::Timestamp::from_second(date.local)
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .datetime();
        Some(zone.to_timestamp(clock).ok()?.as_second())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(local: i64, offset: Option<i32>) -> MailDate {
        MailDate {
            local,
            offset,
            precision: DatePrecision::Second,
            source: DateSource::Header,
        }
    }

    // 1000000000 is 2001-09-09T01:46:40Z.
    #[test]
    fn writes_dates_as_rfc_3339() {
        assert_eq!(date_text(&date(1_000_000_000, None)), "2001-09-09T01:46:40");
        assert_eq!(
            date_text(&date(1_000_000_000, Some(0))),
            "2001-09-09T01:46:40Z"
        );
        assert_eq!(
            date_text(&date(1_000_000_000, Some(-12_600))),
            "2001-09-09T01:46:40-03:30"
        );
    }

    #[test]
    fn takes_a_zoneless_date_in_the_given_zone() {
        let zone = jiff::tz::TimeZone::get("America/New_York").expect("is in the database");
        assert_eq!(
            moment(&date(1_000_000_000, None), &zone),
            Some(1_000_000_000 + 4 * 3600)
        );
        assert_eq!(
            moment(&date(1_000_000_000, Some(3600)), &zone),
            Some(1_000_000_000 - 3600)
        );
    }
}
