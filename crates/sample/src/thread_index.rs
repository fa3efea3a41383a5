//! Outlook's `Thread-Index` (MS-OXOMSG §2.2.1.3), in the form of desktop Outlook.

use crate::moment::Moment;
use crate::random::Random;

/// The 22 bytes of a first message: the upper 48 bits of its FILETIME, then a GUID.
pub(crate) fn root(moment: Moment, random: &mut Random) -> Vec<u8> {
    let mut index = (moment.filetime() >> 16).to_be_bytes()[2..].to_vec();
    index.extend(random.next().to_be_bytes());
    index.extend(random.next().to_be_bytes());
    index
}

/// The index of an answer: its parent's, and five bytes for the time between.
pub(crate) fn child(parent: &[u8], moment: Moment, random: &mut Random) -> Vec<u8> {
    let since = moment.filetime().saturating_sub(latest(parent));
    // Bit 31 (delta code) stays 0: units of 2^18 × 100 ns reach 1.78 years.
    let delta = u32::try_from(since >> 18).unwrap_or(0x7fff_ffff) & 0x7fff_ffff;
    let mut index = parent.to_vec();
    index.extend(delta.to_be_bytes());
    index.push(random.next() as u8 & 0xf0);
    index
}

/// The time that an index tells for its last message, as FILETIME.
fn latest(index: &[u8]) -> u64 {
    let header = index
        .iter()
        .take(6)
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
        << 16;
    index
        .get(22..)
        .unwrap_or_default()
        .chunks_exact(5)
        .fold(header, |time, block| {
            let delta = block[..4]
                .iter()
                .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            time + (delta << 18)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::base64;

    /// A published vector: `AdQc2DN7rLoS3hgnE/O76rpFzxN/EwAddF4A` has its header at
    /// 2018-07-16 07:40:00.28 UTC and its one child 50,602.55 seconds later.
    #[test]
    fn header_and_child_agree_with_a_published_vector() {
        let parent = Moment::abroad("2018-07-16 07:40:00", 0);
        let mut random = Random::new(1);
        let index = root(parent, &mut random);
        assert_eq!(index.len(), 22);
        // Seconds are all that a moment has, so the last 0.28 s are missing: 42.7 units of 6.55 ms.
        assert_eq!(&base64(&index)[..6], "AdQc2D");
        let published = [0x01, 0xd4, 0x1c, 0xd8, 0x33, 0x7b];
        let units = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte))
        };
        assert!((42..=43).contains(&(units(&published) - units(&index[..6]))));
    }

    #[test]
    fn children_add_up() {
        let mut random = Random::new(2);
        let start = Moment::city("2022-06-14 16:52:10");
        let mut index = root(start, &mut random);
        for hours in [1, 30, 31, 500] {
            index = child(&index, start.plus(hours * 3600), &mut random);
        }
        assert_eq!(index.len(), 22 + 4 * 5);
        let told = latest(&index) / 10_000_000;
        let sent = start.plus(500 * 3600).filetime() / 10_000_000;
        assert!(told.abs_diff(sent) <= 1, "{told} {sent}");
    }
}
