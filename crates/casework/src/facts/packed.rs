//! The packed form of facts: fields in a fixed order, numbers little-endian.

use super::Facts;
use super::Sender;
use super::Series;
use super::Subject;
use crate::names::number;
use muckrake_mail::ThreadIndex;

const OWN: u8 = 1;
const REPLY: u8 = 1 << 1;
const FORWARD: u8 = 1 << 2;
const QUOTES: u8 = 1 << 3;
const ALSO: u8 = 1 << 4;
const SERIES: u8 = 1 << 5;
const AUTOMATIC: u8 = 1 << 6;
const ZONED: u8 = 1 << 7;

impl Facts {
    /// Packs into bytes: about 40, 8 for each ancestor and 4 for each recipient.
    pub fn to_bytes(&self) -> Vec<u8> {
        let subject = &self.subject;
        let bits = [
            (OWN, self.own.is_some()),
            (REPLY, subject.reply),
            (FORWARD, subject.forward),
            (QUOTES, self.quotes),
            (ALSO, subject.also != 0),
            (SERIES, subject.series.is_some()),
            (AUTOMATIC, self.automatic),
            (ZONED, self.zoned),
        ];
        let flags = bits
            .iter()
            .filter(|(_, set)| *set)
            .fold(0, |flags, (bit, _)| flags | bit);
        let mut bytes = vec![flags];
        if let Some(own) = self.own {
            bytes.extend(own.to_le_bytes());
        }
        let count = u16::try_from(self.ancestors.len()).unwrap_or(u16::MAX);
        bytes.extend(count.to_le_bytes());
        for ancestor in self.ancestors.iter().take(usize::from(count)) {
            bytes.extend(ancestor.to_le_bytes());
        }
        bytes.extend(subject.base.to_le_bytes());
        bytes.extend(subject.bracketed.to_le_bytes());
        if subject.also != 0 {
            bytes.extend(subject.also.to_le_bytes());
        }
        if let Some(series) = subject.series {
            bytes.extend(series.name.to_le_bytes());
            bytes.extend(series.number.to_le_bytes());
            bytes.extend(series.count.to_le_bytes());
        }
        bytes.extend(self.sender.address.to_le_bytes());
        bytes.extend(self.sender.name.to_le_bytes());
        let count = u8::try_from(self.recipients.len()).unwrap_or(u8::MAX);
        bytes.push(count);
        for recipient in self.recipients.iter().take(usize::from(count)) {
            bytes.extend(recipient.to_le_bytes());
        }
        bytes.extend(self.index.iter().flat_map(ThreadIndex::as_bytes));
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; what is missing at the end reads as nothing.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut rest = Rest(bytes);
        let flags = rest.number(1) as u8;
        let has = |bit: u8| flags & bit != 0;
        let own = has(OWN).then(|| rest.number(8));
        let ancestors = (0..rest.number(2)).map_while(|_| rest.next(8)).collect();
        let mut subject = Subject {
            base: rest.number(8),
            bracketed: rest.number(8),
            reply: has(REPLY),
            forward: has(FORWARD),
            ..Subject::default()
        };
        if has(ALSO) {
            subject.also = rest.number(8);
        }
        if has(SERIES) {
            subject.series = Some(Series {
                name: rest.number(8),
                number: rest.number(2) as u16,
                count: rest.number(2) as u16,
            });
        }
        let sender = Sender {
            address: rest.number(8),
            name: rest.number(8),
        };
        let recipients = (0..rest.number(1)).map_while(|_| rest.next(4));
        Self {
            own,
            ancestors,
            subject,
            sender,
            recipients: recipients.map(|recipient| recipient as u32).collect(),
            quotes: has(QUOTES),
            automatic: has(AUTOMATIC),
            zoned: has(ZONED),
            index: ThreadIndex::from_bytes(rest.0),
        }
    }
}

/// Bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn next(&mut self, width: usize) -> Option<u64> {
        let (head, rest) = self.0.split_at_checked(width)?;
        self.0 = rest;
        Some(number(head))
    }

    fn number(&mut self, width: usize) -> u64 {
        self.next(width).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_unpacks() {
        let full = Facts {
            own: Some(7),
            ancestors: vec![1, 2, u64::MAX],
            subject: Subject {
                base: 3,
                bracketed: 4,
                also: 5,
                reply: true,
                forward: false,
                series: Some(Series {
                    name: 9,
                    number: 2,
                    count: 300,
                }),
            },
            sender: Sender {
                address: 11,
                name: 12,
            },
            recipients: vec![13, u32::MAX],
            quotes: true,
            automatic: false,
            zoned: true,
            index: ThreadIndex::from_bytes(&[5; 32]),
        };
        assert_eq!(Facts::from_bytes(&full.to_bytes()), full);
        let empty = Facts::default();
        assert_eq!(Facts::from_bytes(&empty.to_bytes()), empty);
    }

    #[test]
    fn what_is_cut_off_reads_as_nothing() {
        let bytes = Facts {
            own: Some(7),
            ancestors: vec![1, 2, 3],
            recipients: vec![4],
            ..Facts::default()
        }
        .to_bytes();
        for length in 0..bytes.len() {
            let found = Facts::from_bytes(&bytes[..length]);
            assert!(found.ancestors.len() <= 3 && found.recipients.len() <= 1);
        }
    }
}
