//! A small seeded generator of numbers, so that a seed means the same bytes
//! on every machine and with every version of every library.

/// `SplitMix64` (Steele, Lea, Flood 2014): one 64-bit state, passes `BigCrush`, and
/// short enough to be frozen here.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    #[cfg(test)]
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for one purpose: what is drawn for one part of the
    /// sample never moves what is drawn for another.
    pub(crate) fn fork(seed: u64, purpose: &str) -> Self {
        // FNV-1a, 64 bit.
        let hash = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        Self(seed ^ hash)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0. The slight bias of the multiply
    /// does not matter for invented mail.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low) as usize + 1;
        low + self.below(span) as i64
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// `count` of `choices` (all of them if there are fewer), each once, in their order.
    pub(crate) fn sample<T: Copy>(&mut self, choices: &[T], count: usize) -> Vec<T> {
        let mut left = count.min(choices.len());
        let mut taken = Vec::with_capacity(left);
        for (index, choice) in choices.iter().enumerate() {
            if self.below(choices.len() - index) < left {
                taken.push(*choice);
                left -= 1;
            }
        }
        taken
    }

    /// `digits` random hexadecimal digits, upper case.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789ABCDEF"[self.below(16)]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn first_numbers_are_those_of_the_reference() {
        // Reference implementation (Vigna, splitmix64.c) with state 1234567.
        let mut random = Random::new(1_234_567);
        let drawn: Vec<u64> = (0..5).map(|_| random.next()).collect();
        let expected: [u64; 5] = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn sample_keeps_order_and_count() {
        let mut random = Random::new(7);
        for count in 0..6 {
            let taken = random.sample(&[1, 2, 3, 4, 5], count);
            assert_eq!(taken.len(), count.min(5));
            assert!(taken.is_sorted());
        }
    }
}
