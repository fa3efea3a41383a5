//! Text that lies under black boxes: words of the text layer of a PDF that nobody sees on its pages.
//!
//! A page is drawn as a reader would see it, and where all of a word is dark, something covers it, whatever that is: a rectangle, an image, an
//! annotation. Drawing takes time, so pages are drawn only where something in the file fills an area with a dark colour.

mod fills;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;

use serde::{Deserialize, Serialize};

use crate::bounded::{self, Running};
use crate::boxes::{self, WordBox};
use crate::limits::Limits;
use crate::ocr::layout;

pub(crate) use fills::may_cover;

/// Dots an inch at which pages are drawn: letters of 8 points are 11 dots high.
const RESOLUTION: u32 = 100;
/// Points of an inch.
const POINTS: f64 = 72.0;
/// Most dots of a page that is looked at.
const LARGEST_PAGE: usize = 64 << 20;
/// A dot is dark up to this shade, of 255.
const DARK: u8 = 70;
/// Share of the dots of a word that are dark where it is covered, in percent. Black letters on white have some 30, white ones on
/// black some 70.
const COVERED: usize = 95;
/// Fewest dots that tell anything.
const FEWEST_DOTS: usize = 12;
/// Most words of a page that are laid out again.
const MOST_WORDS: usize = 20_000;

/// Words of a page that lie under black boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredPage {
    /// The page, from 1.
    pub page: u32,
    /// How many words.
    pub words: u32,
}

/// A page with covered words.
pub(crate) struct Covered {
    pub(crate) told: CoveredPage,
    /// Its text, with blocks in the place of these words.
    pub(crate) text: String,
}

/// The pages of a PDF that have covered words, and those that could not be looked at, both in order.
pub(crate) fn find(pdf: &[u8], limits: &Limits, folder: &Path) -> (Vec<Covered>, Vec<u32>) {
    let mut found = Vec::new();
    let mut not_looked_at = Vec::new();
    // What cannot be drawn is read as before, and told.
    let looked = look(pdf, limits, folder, &mut found, &mut not_looked_at);
    if looked.is_err() {
        not_looked_at.push(1);
    }
    (found, not_looked_at)
}

fn look(
    pdf: &[u8],
    limits: &Limits,
    folder: &Path,
    found: &mut Vec<Covered>,
    not_looked_at: &mut Vec<u32>,
) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(pdf)?;
    let pages = boxes::all_pages(file.path(), limits, folder)?;
    let mut draw = bounded::command("pdftoppm", limits.pdf_seconds);
    draw.args(["-gray", "-r", &RESOLUTION.to_string()])
        .arg(file.path())
        .stdin(Stdio::null());
    let mut drawn = Running::start(&mut draw, folder)?.map(BufReader::new);
    for (page, words) in (1..).zip(pages) {
        let image = drawn.as_mut().and_then(|from| Image::read(from).ok()?);
        let Some(image) = image.filter(|_| words.len() <= MOST_WORDS) else {
            // Of an image that is too large the rest is in the way of the next.
            drawn = drawn.filter(|_| words.len() > MOST_WORDS);
            if !words.is_empty() {
                not_looked_at.push(page);
            }
            continue;
        };
        let is_covered: Vec<bool> = words.iter().map(|word| image.covers(word)).collect();
        let count = is_covered.iter().filter(|covered| **covered).count();
        if count > 0 {
            found.push(Covered {
                told: CoveredPage {
                    page,
                    words: count as u32,
                },
                text: text_without(&words, &is_covered),
            });
        }
    }
    Ok(())
}

/// A page as it was drawn, in shades of grey.
struct Image {
    width: usize,
    dots: Vec<u8>,
}

impl Image {
    /// Reads the next of some images in Netpbm's binary grey format: `P5`, width, height, 255, and a byte for each dot. `None` at their end, and
    /// before one that is too large.
    fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut numbers = [0usize; 3];
        let mut word = Vec::new();
        let mut next = |from: &mut dyn BufRead| -> io::Result<String> {
            word.clear();
            for byte in from.bytes() {
                match byte? {
                    white if white.is_ascii_whitespace() => {
                        if !word.is_empty() {
                            break;
                        }
                    }
                    byte if word.len() < 16 => word.push(byte),
                    _ => break,
                }
            }
            Ok(String::from_utf8_lossy(&word).into_owned())
        };
        if next(from)? != "P5" {
            return Ok(None);
        }
        for number in &mut numbers {
            *number = next(from)?.parse().unwrap_or(0);
        }
        let [width, height, shades] = numbers;
        let size = width.saturating_mul(height);
        if shades != 255 || size == 0 || size > LARGEST_PAGE {
            return Ok(None);
        }
        let mut dots = vec![0; size];
        from.read_exact(&mut dots)?;
        Ok(Some(Self { width, dots }))
    }

    /// Whether all of a word is dark. Its upper and lower edges are left out: the box of a word is higher than its letters.
    fn covers(&self, word: &WordBox) -> bool {
        let scale = f64::from(RESOLUTION) / POINTS;
        let [left, top, right, bottom] = word.place.map(|points| points * scale);
        let inset = (bottom - top) * 0.2;
        let start = |number: f64| number.ceil().max(0.0) as usize;
        let end = |number: f64| number.floor().max(0.0) as usize;
        let (left, right) = (start(left), end(right).min(self.width));
        let rows = start(top + inset)..end(bottom - inset);
        let (mut count, mut dark) = (0, 0);
        for row in rows {
            let at = row.saturating_mul(self.width);
            let line = self
                .dots
                .get(at.saturating_add(left)..at.saturating_add(right));
            let Some(line) = line else { break };
            count += line.len();
            dark += line.iter().filter(|dot| **dot <= DARK).count();
        }
        count >= FEWEST_DOTS && 100 * dark >= COVERED * count
    }
}

/// The text of a page with blocks in the place of covered words, as many as they have letters.
fn text_without(words: &[WordBox], is_covered: &[bool]) -> String {
    let shown: Vec<String> = words
        .iter()
        .zip(is_covered)
        .map(|(word, covered)| match covered {
            true => "\u{2588}".repeat(word.text.chars().count().clamp(1, 40)),
            false => word.text.clone(),
        })
        .collect();
    let places = words.iter().map(|word| word.place);
    layout::text_of_places(shown.iter().map(String::as_str).zip(places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_covered_where_all_of_it_is_dark() {
        // Two words of 10 by 10 points; the second lies in a black box.
        let (width, height) = (60, 20);
        let mut dots = vec![255u8; width * height];
        for row in 0..height {
            // A third of the first word is dark, as letters are.
            for column in (2..14).step_by(3) {
                dots[row * width + column] = 0;
            }
            dots[row * width + 25..row * width + 50].fill(0);
        }
        let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
        bytes.extend(&dots);
        bytes.extend(b"P5\n1 1\n255\nx");
        let mut bytes = bytes.as_slice();
        let image = Image::read(&mut bytes)
            .expect("it can be read")
            .expect("one");
        let word = |left: f64| WordBox {
            text: "words".to_owned(),
            place: [left, 1.0, left + 10.0, 11.0],
        };
        assert!(!image.covers(&word(1.0)));
        assert!(image.covers(&word(20.0)));
        assert!(!image.covers(&word(400.0)));
        assert!(Image::read(&mut bytes).expect("it can be read").is_some());
        assert!(Image::read(&mut bytes).expect("it can be read").is_none());
    }

    #[test]
    fn covered_words_are_blocks() {
        let word = |text: &str, left: f64, top: f64| WordBox {
            text: text.to_owned(),
            place: [left, top, left + 6.0 * text.len() as f64, top + 10.0],
        };
        let words = [
            word("To:", 10.0, 10.0),
            word("Anne", 60.0, 10.0),
            word("Yes", 10.0, 22.0),
        ];
        assert_eq!(
            text_without(&words, &[false, true, false]),
            "To:     ████\nYes\n"
        );
    }
}
