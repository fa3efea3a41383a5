//! gzip streams (RFC 1952), one behind another, up to the byte at which they are damaged.
//!
//! The reader of the crate `flate2` gives an error instead of what it had decoded in the same call, up to the
//! length of the buffer.

use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};

/// Base-two logarithm of the widest window that deflate has (RFC 1951 §2).
const WINDOW: u8 = 15;

/// Decodes streams until their input ends.
pub(crate) struct Decoder<R> {
    packed: R,
    stream: Decompress,
    /// Whether a stream has begun and not ended.
    inside: bool,
    /// Damage that is told once what came before it has been given.
    damage: Option<io::Error>,
}

impl<R: BufRead> Decoder<R> {
    pub(crate) fn new(packed: R) -> Self {
        Self {
            packed,
            stream: Decompress::new_gzip(WINDOW),
            inside: false,
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
            if input.is_empty() && !self.inside {
                return Ok(0);
            }
            self.inside = true;
            let (taken, given) = (self.stream.total_in(), self.stream.total_out());
            let status = self.stream.decompress(input, buffer, FlushDecompress::None);
            // Both are bounded by the lengths of the buffers.
            let taken = (self.stream.total_in() - taken) as usize;
            let given = (self.stream.total_out() - given) as usize;
            let at_end = input.is_empty();
            self.packed.consume(taken);
            match status {
                Ok(Status::StreamEnd) => {
                    self.stream.reset(true);
                    self.inside = false;
                }
                Ok(_) if at_end && given == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(_) => {
                    let damage = io::Error::new(io::ErrorKind::InvalidData, DAMAGED);
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

const DAMAGED: &str = "corrupt gzip stream";

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Numbers that do not repeat, so that each stands where it does in the packed stream too.
    fn text(lines: u32) -> Vec<u8> {
        let line = |number: u32| format!("{}\n", number.wrapping_mul(2_654_435_761));
        (0..lines).map(line).collect::<String>().into_bytes()
    }

    /// What is decoded before an error, asked for so many bytes at a time.
    fn decoded(bytes: &[u8], step: usize) -> (Vec<u8>, Option<io::ErrorKind>) {
        let mut decoder = Decoder::new(bytes);
        let (mut all, mut buffer) = (Vec::new(), vec![0; step]);
        loop {
            match decoder.read(&mut buffer) {
                Ok(0) => return (all, None),
                Ok(count) => all.extend(&buffer[..count]),
                Err(error) => return (all, Some(error.kind())),
            }
        }
    }

    #[test]
    fn streams_behind_one_another_are_one() {
        let (one, other) = (text(5_000), text(70));
        let both = [packed(&one), packed(b""), packed(&other)].concat();
        for step in [1, 700, 1 << 20] {
            assert_eq!(
                decoded(&both, step),
                ([one.clone(), other.clone()].concat(), None)
            );
        }
        assert_eq!(decoded(&[], 10), (Vec::new(), None));
    }

    #[test]
    fn all_that_comes_before_damage_is_given_however_it_is_asked_for() {
        let text = text(20_000);
        let mut bytes = packed(&text);
        let middle = bytes.len() / 2;
        bytes[middle..middle + 400].fill(0xff);
        let (first, error) = decoded(&bytes, 1);
        assert_eq!(error, Some(io::ErrorKind::InvalidData));
        // A byte of this text needs less than one of the packed stream, so that much must come before its middle.
        assert!(first.len() > middle, "{} of {middle}", first.len());
        for step in [2, 4096, 65_536, 1 << 20] {
            assert_eq!(decoded(&bytes, step), (first.clone(), error), "{step}");
        }
    }

    #[test]
    fn a_cut_stream_and_a_wrong_checksum_are_told() {
        let text = text(1_000);
        let bytes = packed(&text);
        let (all, error) = decoded(&bytes[..bytes.len() - 3], 4096);
        assert_eq!(
            (all.len(), error),
            (text.len(), Some(io::ErrorKind::UnexpectedEof))
        );
        let mut wrong = bytes;
        let at = wrong.len() - 7;
        wrong[at] ^= 1;
        let (all, error) = decoded(&wrong, 4096);
        assert_eq!(
            (all.len(), error),
            (text.len(), Some(io::ErrorKind::InvalidData))
        );
        assert_eq!(
            decoded(b"no gzip at all", 10).1,
            Some(io::ErrorKind::InvalidData)
        );
    }
}
