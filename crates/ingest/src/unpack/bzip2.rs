//! bzip2 streams, one behind another, up to the byte at which they are damaged.
//!
//! The reader of the crate `bzip2` gives an error instead of what it had decoded in the same
//! call: the end of the last sound block, up to the length of the buffer.

use std::io::{self, BufRead, Read};

use bzip2::{Decompress, Status};

/// Decodes streams until their input ends.
pub(crate) struct Decoder<R> {
    packed: R,
    /// The stream that is being decoded; `None` between two.
    stream: Option<Decompress>,
    /// Damage that is told once what came before it has been given.
    damage: Option<io::Error>,
}

impl<R: BufRead> Decoder<R> {
    pub(crate) fn new(packed: R) -> Self {
        Self {
            packed,
            stream: None,
            damage: None,
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(damage) = self.damage.take() {
            return Err(damage);
        }
        while !buffer.is_empty() {
            let input = self.packed.fill_buf()?;
            if input.is_empty() && self.stream.is_none() {
                return Ok(0);
            }
            let stream = self.stream.get_or_insert_with(|| Decompress::new(false));
            let (taken, given) = (stream.total_in(), stream.total_out());
            let status = stream.decompress(input, buffer);
            // Both are bounded by the lengths of the buffers.
            let taken = (stream.total_in() - taken) as usize;
            let given = (stream.total_out() - given) as usize;
            let at_end = input.is_empty();
            self.packed.consume(taken);
            match status {
                Ok(Status::StreamEnd) => self.stream = None,
                Ok(_) if at_end && given == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) => {
                    let damage = io::Error::new(io::ErrorKind::InvalidData, error);
                    if given == 0 {
                        return Err(damage);
                    }
                    self.damage = Some(damage);
                }
            }
            if given > 0 {
                return Ok(given);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(plain: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    /// Level 1 has blocks of 100 kB, in which a run of four bytes and more counts one more.
    const TWO_BLOCKS: usize = 199_000;

    /// Digits that do not repeat within a block of 100 kB.
    fn digits(length: usize) -> Vec<u8> {
        let mut text: Vec<u8> = (0..length / 4)
            .flat_map(|n| format!("{n} ").into_bytes())
            .collect();
        text.truncate(length);
        text
    }

    #[test]
    fn streams_behind_one_another_are_one() {
        let (one, two) = (digits(250_000), b"the second".to_vec());
        let mut plain = Vec::new();
        let both = [packed(&one), packed(&two)].concat();
        Decoder::new(&*both).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, [one, two].concat());
    }

    #[test]
    fn all_blocks_before_a_damaged_one_are_given() {
        let plain = digits(250_000);
        let mut bytes = packed(&plain);
        let end = bytes.len();
        bytes[end - 2_000..end - 1_000].fill(0xff);
        for length in [1 << 20, 1_000, 7] {
            let (mut given, mut buffer) = (Vec::new(), vec![0; length]);
            let mut decoder = Decoder::new(&*bytes);
            let error = loop {
                match decoder.read(&mut buffer) {
                    Ok(0) => panic!("the damage is not told"),
                    Ok(count) => given.extend_from_slice(&buffer[..count]),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert!(given.len() >= TWO_BLOCKS, "{length}: {}", given.len());
            assert_eq!(given[..TWO_BLOCKS], plain[..TWO_BLOCKS]);
        }
    }

    #[test]
    fn an_end_in_the_middle_is_told() {
        let bytes = packed(&digits(250_000));
        let mut given = Vec::new();
        let error = Decoder::new(&bytes[..bytes.len() - 20])
            .read_to_end(&mut given)
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(given.len() >= TWO_BLOCKS, "{}", given.len());
    }
}
