//! `Thread-Index`: Outlook's record of what a message answers (PidTagConversationIndex, MS-OXOMSG §2.2.1.3).
//!
//! 22 bytes name the conversation and tell when it began; each answer keeps its parent's
//! bytes and adds five, which tell when it was written. So every beginning of 22 + 5·k bytes names an
//! ancestor, whether or not that message is known.
//!
//! The header comes in two forms. The *classic* one begins with the upper six bytes of a FILETIME; the
//! *modern* one with a byte 1 and the upper five of a FILETIME without its first. Servers that
//! write the modern form count the first answer from the header read as if it were classic, modulo
//! 2^31 units; later answers count from the one before.

use mail_parser::decoders::base64::base64_decode;

/// Bytes that name a conversation.
const HEADER: usize = 22;
/// Bytes that each answer adds.
const BLOCK: usize = 5;
/// Most answers read; what is longer is cut.
const MOST_ANSWERS: usize = 500;
/// Seconds from 1601-01-01, where FILETIME begins, to 1970-01-01.
const UNIX_EPOCH: i64 = 11_644_473_600;
/// FILETIME counts 100 ns.
const UNITS: u64 = 10_000_000;

/// A conversation index that holds at least a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadIndex {
    bytes: Vec<u8>,
}

impl ThreadIndex {
    /// Reads the value of a `Thread-Index` header field, folds included; `None` if it is too short to
    /// name a conversation. Bytes after the last whole answer are dropped.
    pub fn parse(value: &str) -> Option<Self> {
        let digits: Vec<u8> = value
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        Self::from_bytes(&base64_decode(&digits)?)
    }

    /// Takes a decoded index, as Outlook's stores hold it.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let answers = (bytes.len().checked_sub(HEADER)? / BLOCK).min(MOST_ANSWERS);
        let bytes = bytes.get(..HEADER + answers * BLOCK)?.to_vec();
        Some(Self { bytes })
    }

    /// Its bytes: 22, and 5 for each answer.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many messages there are above this one.
    pub fn depth(&self) -> usize {
        (self.bytes.len() - HEADER) / BLOCK
    }

    /// The indexes of the first message, of each one after it, and last of this one.
    pub fn path(&self) -> impl Iterator<Item = &[u8]> {
        (0..=self.depth()).filter_map(|answers| self.bytes.get(..HEADER + answers * BLOCK))
    }

    /// When each message of [`Self::path`] was written, as FILETIME: units of 100 ns since 1601.
    /// Exact to 26 ms, or to 1.7 s in the modern form.
    pub fn filetimes(&self) -> Vec<u64> {
        let classic = number(&self.bytes[..6]) << 16;
        let is_modern = self.bytes.starts_with(&[1, 1]);
        let begun = if is_modern {
            number(&self.bytes[1..6]) << 24
        } else {
            classic
        };
        let mut times = vec![begun];
        let mut time = begun;
        for (at, block) in self.bytes[HEADER..].chunks_exact(BLOCK).enumerate() {
            let coded = number(&block[..4]);
            let unit = if coded >> 31 == 0 { 18 } else { 23 };
            let delta = (coded & 0x7fff_ffff) << unit;
            time = if is_modern && at == 0 {
                let wrap = 1u64 << (31 + unit);
                let misread = classic.wrapping_add(delta);
                let short = begun.saturating_sub(misread);
                misread.wrapping_add(short.div_ceil(wrap).wrapping_mul(wrap))
            } else {
                time.saturating_add(delta)
            };
            times.push(time);
        }
        times
    }

    /// When each message of [`Self::path`] was written, in seconds since 1970.
    pub fn times(&self) -> Vec<i64> {
        let seconds = |time: u64| i64::try_from(time / UNITS).unwrap_or(i64::MAX) - UNIX_EPOCH;
        self.filetimes().into_iter().map(seconds).collect()
    }
}

/// A number in network byte order.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment as FILETIME.
    fn filetime(text: &str) -> u64 {
        let moment: jiff::Timestamp = text.parse().expect("a moment is written so");
        let seconds = u64::try_from(moment.as_second() + UNIX_EPOCH).expect("after 1601");
        seconds * UNITS + u64::try_from(moment.subsec_nanosecond() / 100).expect("after 1970")
    }

    fn parse(value: &str) -> ThreadIndex {
        ThreadIndex::parse(value).expect("it names a conversation")
    }

    // Published by Metaspike, with the GUID and both times.
    #[test]
    fn the_classic_form() {
        let index = parse("AdQc2DN7rLoS3hgnE/O76rpFzxN/EwAddF4A");
        let guid = "acba12de182713f3bbeaba45cf137f13";
        let hex: String = index.as_bytes()[6..HEADER]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, guid);
        assert_eq!(
            index.filetimes(),
            [
                filetime("2018-07-16T07:40:00.2799616Z"),
                filetime("2018-07-16T21:43:22.8275712Z")
            ]
        );
        assert_eq!(index.path().map(<[u8]>::len).collect::<Vec<_>>(), [22, 27]);
    }

    // From the documentation of a package of hex.pm, which gives microseconds.
    #[test]
    fn the_modern_form() {
        let index = parse("AQHWLRNo4NaOjvXU8EODe0ZotrA8B6itzaxf");
        let told = [
            filetime("2020-05-18T12:54:02.646732Z"),
            filetime("2020-05-18T12:57:39.754393Z"),
        ];
        let found = index.filetimes();
        assert_eq!(found.len(), told.len());
        for (found, told) in found.into_iter().zip(told) {
            assert!(found.abs_diff(told) <= 10, "{found} {told}");
        }
    }

    // Times computed by hand from the bytes.
    #[test]
    fn seven_answers_are_counted_each_from_the_one_before() {
        let hex = "0101DA71727C814696A637E92446A36574D21F90B594B12E05C500800003D08080000079008000019680800001D50080043BDF008000043980";
        let bytes: Vec<u8> = hex
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("digits")
            })
            .collect();
        let index = ThreadIndex::from_bytes(&bytes).expect("it names a conversation");
        let told = [
            "2024-03-08T16:05:48Z",
            "2024-03-08T16:19:01Z",
            "2024-03-08T16:32:40Z",
            "2024-03-08T16:34:21Z",
            "2024-03-08T16:40:02Z",
            "2024-03-08T16:46:35Z",
            "2024-03-11T09:25:55Z",
            "2024-03-11T09:41:02Z",
        ];
        let told: Vec<i64> = told
            .iter()
            .map(|text| {
                let moment: jiff::Timestamp = text.parse().expect("a moment is written so");
                moment.as_second()
            })
            .collect();
        let found = index.times();
        assert_eq!(found.len(), told.len());
        for (found, told) in found.iter().zip(&told) {
            assert!(found.abs_diff(*told) <= 1, "{found} {told}");
        }
    }

    #[test]
    fn what_is_damaged_is_cut_and_never_wraps() {
        assert_eq!(ThreadIndex::parse(""), None);
        assert_eq!(ThreadIndex::parse("Thread-Index"), None);
        let folded = parse("AdQc2DN7rLoS3hgnE/O7\r\n\t6rpFzxN/EwAddF4A");
        assert_eq!(folded, parse("AdQc2DN7rLoS3hgnE/O76rpFzxN/EwAddF4A"));
        let odd = ThreadIndex::from_bytes(&[0xff; 30]).expect("it names a conversation");
        assert_eq!((odd.depth(), odd.filetimes().len()), (1, 2));
        for first in [0, 1, 0xff] {
            let mut bytes = vec![0xff; HEADER + 40_000];
            bytes[..2].copy_from_slice(&[first, 1]);
            let long = ThreadIndex::from_bytes(&bytes).expect("it names a conversation");
            assert_eq!(long.times().len(), MOST_ANSWERS + 1);
        }
    }
}
