//! The image of a document that is produced as a native: one page with its control number.
//!
//! Programs for review page through images, so a document without one could not be cited by its page.
//! The page is a TIFF 6.0 of one bit a pixel, packed with PackBits (section 9 of that standard).

/// Pixels of the page, a letter page at [`RESOLUTION`].
const WIDTH: usize = 850;
const HEIGHT: usize = 1100;
/// Pixels an inch.
const RESOLUTION: u32 = 100;
const ROW_BYTES: usize = WIDTH.div_ceil(8);

/// Pixels of a letter before it is made larger, with the gap to the next.
const LETTER: usize = 6;

/// What stands under the control number.
const WORDS: &str = "PRODUCED IN NATIVE FORMAT";

/// The letters: seven rows of five pixels, the highest bit on the left.
#[rustfmt::skip]
const LETTERS: &[(char, [u8; 7])] = &[
    ('A', [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('B', [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110]),
    ('C', [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111]),
    ('D', [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110]),
    ('E', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111]),
    ('F', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000]),
    ('G', [0b01111, 0b10000, 0b10000, 0b10011, 0b10001, 0b10001, 0b01111]),
    ('H', [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('I', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b11111]),
    ('J', [0b00011, 0b00001, 0b00001, 0b00001, 0b00001, 0b10001, 0b01110]),
    ('K', [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001]),
    ('L', [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111]),
    ('M', [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001]),
    ('N', [0b10001, 0b11001, 0b11001, 0b10101, 0b10011, 0b10011, 0b10001]),
    ('O', [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('P', [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000]),
    ('Q', [0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101]),
    ('R', [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001]),
    ('S', [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110]),
    ('T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('U', [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('V', [0b10001, 0b10001, 0b10001, 0b10001, 0b01010, 0b01010, 0b00100]),
    ('W', [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001]),
    ('X', [0b10001, 0b01010, 0b01010, 0b00100, 0b01010, 0b01010, 0b10001]),
    ('Y', [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('Z', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111]),
    ('0', [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110]),
    ('1', [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('2', [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111]),
    ('3', [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110]),
    ('4', [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    ('5', [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110]),
    ('6', [0b01110, 0b10000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    ('7', [0b11111, 0b00001, 0b00010, 0b00010, 0b00100, 0b00100, 0b00100]),
    ('8', [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110]),
    ('9', [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00001, 0b01110]),
    ('-', [0b00000, 0b00000, 0b00000, 0b11111, 0b00000, 0b00000, 0b00000]),
    ('_', [0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b11111]),
];

/// The page of a document.
pub(super) fn page(control_number: &str) -> Vec<u8> {
    let mut pixels = vec![0u8; ROW_BYTES * HEIGHT];
    write(&mut pixels, control_number, 480, 5);
    write(&mut pixels, WORDS, 560, 3);
    tiff(&pack_rows(&pixels))
}

/// Writes a line in the middle of the page; one that is too long is made smaller.
fn write(pixels: &mut [u8], text: &str, top: usize, scale: usize) {
    let letters = text.chars().count().max(1);
    let scale = scale.min(WIDTH / (letters * LETTER)).max(1);
    let mut left = WIDTH.saturating_sub(letters * LETTER * scale) / 2;
    for letter in text.chars() {
        let letter = letter.to_ascii_uppercase();
        let shape = LETTERS.iter().find(|(known, _)| *known == letter);
        for (row, bits) in shape.map_or([0; 7], |(_, rows)| *rows).iter().enumerate() {
            for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                square(pixels, left + column * scale, top + row * scale, scale);
            }
        }
        left += LETTER * scale;
    }
}

fn square(pixels: &mut [u8], left: usize, top: usize, size: usize) {
    for y in top..top + size {
        for x in (left..left + size).filter(|x| *x < WIDTH) {
            if let Some(byte) = pixels.get_mut(y * ROW_BYTES + x / 8) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }
}

/// PackBits: each row by itself.
fn pack_rows(pixels: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for row in pixels.chunks(ROW_BYTES) {
        for run in row.chunk_by(|one, next| one == next) {
            for part in run.chunks(128) {
                // A run of n bytes is told as 1 - n, in two's complement.
                packed.push((1 - part.len() as i16) as u8);
                packed.extend(part.first());
            }
        }
    }
    packed
}

/// A TIFF of one strip.
fn tiff(strip: &[u8]) -> Vec<u8> {
    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    const RATIONAL: u16 = 5;
    let entries: [(u16, u16, u32); 13] = [
        (254, LONG, 0),                  // NewSubfileType
        (256, LONG, WIDTH as u32),       // ImageWidth
        (257, LONG, HEIGHT as u32),      // ImageLength
        (258, SHORT, 1),                 // BitsPerSample
        (259, SHORT, 32_773),            // Compression: PackBits
        (262, SHORT, 0),                 // PhotometricInterpretation: WhiteIsZero
        (273, LONG, 0),                  // StripOffsets, below
        (277, SHORT, 1),                 // SamplesPerPixel
        (278, LONG, HEIGHT as u32),      // RowsPerStrip
        (279, LONG, strip.len() as u32), // StripByteCounts
        (282, RATIONAL, 0),              // XResolution, below
        (283, RATIONAL, 0),              // YResolution, below
        (296, SHORT, 2),                 // ResolutionUnit: inch
    ];
    let directory = 8u32;
    let resolution = directory + 2 + 12 * entries.len() as u32 + 4;
    let start = resolution + 8;
    let mut file = b"II*\0".to_vec();
    file.extend(directory.to_le_bytes());
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        let value = match tag {
            273 => start,
            282 | 283 => resolution,
            _ => value,
        };
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    file.extend(RESOLUTION.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    file.extend(strip);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    // TIFF 6.0, section 9: n + 1 bytes as they are for 0 to 127, one byte 1 - n times for -127 to -1.
    fn unpack(mut packed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let [count, rest @ ..] = packed {
            let count = *count as i8;
            let (taken, rest) = rest.split_at(if count >= 0 { count as usize + 1 } else { 1 });
            if count >= 0 {
                bytes.extend(taken);
            } else {
                bytes.extend(std::iter::repeat_n(
                    taken[0],
                    (1 - isize::from(count)) as usize,
                ));
            }
            packed = rest;
        }
        bytes
    }

    #[test]
    fn rows_are_packed_as_the_standard_says() {
        let mut pixels = vec![0u8; ROW_BYTES * HEIGHT];
        write(&mut pixels, "A_0", 10, 2);
        assert!(pixels.iter().any(|byte| *byte != 0));
        assert_eq!(unpack(&pack_rows(&pixels)), pixels);
    }
}
