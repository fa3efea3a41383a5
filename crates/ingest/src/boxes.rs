//! Where the words of a page stand: in the text layer of a PDF, or on the image that was recognised.

use std::fs;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Stdio;

use crate::bounded::{self, Running};
use crate::limits::Limits;

/// Most words of a page whose places are told.
const MOST_WORDS: usize = 100_000;

/// A word of a page with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct WordBox {
    /// The word.
    pub text: String,
    /// Left, top, right and bottom in points from the top left of the page.
    pub place: [f64; 4],
}

/// The words in the text layer of one page of a PDF, from 1, in the order of the layer; none where the program that reads PDFs
/// is not installed or fails. `folder` is for scratch files.
///
/// # Errors
/// The PDF cannot be handed on.
pub fn word_boxes(
    pdf: &[u8],
    page: u32,
    limits: &Limits,
    folder: &Path,
) -> io::Result<Vec<WordBox>> {
    fs::create_dir_all(folder)?;
    let mut input = tempfile::tempfile_in(folder)?;
    input.write_all(pdf)?;
    input.seek(SeekFrom::Start(0))?;
    let page = page.to_string();
    let mut command = bounded::command("pdftotext", limits.pdf_seconds);
    command
        .args(["-bbox", "-enc", "UTF-8", "-f", &page, "-l", &page, "-", "-"])
        .stdin(Stdio::from(input));
    let Some(running) = Running::start(&mut command, folder)? else {
        return Ok(Vec::new());
    };
    let (output, is_more, ended) = running.read(limits.message_bytes)?;
    if is_more || !ended.status.success() {
        return Ok(Vec::new());
    }
    Ok(words(&String::from_utf8_lossy(&output)))
}

/// The words of all pages of a PDF, page by page; none where the program that reads PDFs is not installed or fails.
pub(crate) fn all_pages(
    pdf: &Path,
    limits: &Limits,
    folder: &Path,
) -> io::Result<Vec<Vec<WordBox>>> {
    let mut command = bounded::command("pdftotext", limits.pdf_seconds);
    command
        .args(["-bbox", "-enc", "UTF-8"])
        .arg(pdf)
        .arg("-")
        .stdin(Stdio::null());
    let Some(running) = Running::start(&mut command, folder)? else {
        return Ok(Vec::new());
    };
    let (output, is_more, ended) = running.read(limits.message_bytes)?;
    if is_more || !ended.status.success() {
        return Ok(Vec::new());
    }
    let output = String::from_utf8_lossy(&output);
    Ok(output.split("<page ").skip(1).map(words).collect())
}

/// Reads lines such as `<word xMin="72.0" yMin="84.2" xMax="101.3" yMax="96.8">From:</word>`.
fn words(page: &str) -> Vec<WordBox> {
    let word = |line: &str| {
        let (attributes, text) = line.trim().strip_prefix("<word ")?.split_once('>')?;
        let text = text.strip_suffix("</word>")?;
        let number = |name: &str| -> Option<f64> {
            let (_, rest) = attributes.split_once(name)?;
            let number: f64 = rest.strip_prefix("=\"")?.split('"').next()?.parse().ok()?;
            number.is_finite().then_some(number)
        };
        Some(WordBox {
            text: plain(text),
            place: [
                number("xMin")?,
                number("yMin")?,
                number("xMax")?,
                number("yMax")?,
            ],
        })
    };
    page.lines().filter_map(word).take(MOST_WORDS).collect()
}

/// Text without the escapes of XML.
fn plain(text: &str) -> String {
    let escapes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    escapes
        .iter()
        .fold(text.to_owned(), |text, (escape, letter)| {
            text.replace(escape, letter)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_with_their_places() {
        let page = "<page width=\"612.0\" height=\"792.0\">\n\
            <word xMin=\"40.0\" yMin=\"25.1\" xMax=\"67.0\" yMax=\"34.1\">A&amp;B</word>\n\
            <word xMin=\"nan\" yMin=\"1\" xMax=\"2\" yMax=\"3\">x</word>\n<word>y</word>\n";
        assert_eq!(
            words(page),
            [WordBox {
                text: "A&B".to_owned(),
                place: [40.0, 25.1, 67.0, 34.1]
            }]
        );
        assert_eq!(plain("&amp;lt;"), "&lt;");
    }
}
