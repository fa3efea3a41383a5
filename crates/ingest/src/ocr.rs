//! The text of pages that are images, as tesseract recognises it.
//!
//! A page at a time: `pdftoppm` of poppler draws it, `tesseract` reads it, both in processes of their own with bounds. What was
//! recognised of a page is kept in a folder of the case, by the SHA-256 of the PDF, so that neither an interrupted run nor a rebuild has to do
//! it again.

pub(crate) mod layout;

use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use muckrake_mail::Sha256;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bounded::{self, NOT_FOUND, Running};
use crate::boxes::WordBox;
use crate::covered::CoveredPage;

/// Dots an inch at which pages are drawn; tesseract is made for 300.
const RESOLUTION: u32 = 300;
/// Points of an inch.
const POINTS: f64 = 72.0;
/// Most bytes of a page that is drawn: A3 in shades of grey is 18 MB.
const LARGEST_PAGE: u64 = 256 << 20;
/// Most bytes that tesseract may say of a page.
const LONGEST_PAGE: u64 = 16 << 20;
/// Words of which tesseract is less sure than this, in percent, are doubtful.
const DOUBTFUL: u8 = 60;
/// Most doubtful words that are told of a page.
const MOST_DOUBTFUL: usize = 200;
/// How well what is kept is packed.
const LEVEL: i32 = 3;

/// How pages are recognised.
#[derive(Clone, Debug)]
pub struct Ocr {
    /// Whether pages are recognised that were not before.
    pub run: bool,
    /// Languages, as tesseract names them: `eng+spa`.
    pub languages: String,
    /// Seconds of processor time that one page may take.
    pub page_seconds: u64,
    /// Where what was recognised is kept.
    pub folder: PathBuf,
}

/// What is told of the pages of a PDF beside their text: how they were recognised, and what is covered on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recognised {
    /// SHA-256 of the PDF, under which its pages are kept.
    #[serde(default)]
    pub document: String,
    /// Its pages that were recognised, in order.
    pub pages: Vec<RecognisedPage>,
    /// Pages on which words lie under black boxes.
    #[serde(default)]
    pub covered: Vec<CoveredPage>,
}

/// What is told of the recognition of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecognisedPage {
    /// The page, from 1.
    pub page: u32,
    /// The program and the languages by which it was read.
    pub by: String,
    /// How sure tesseract is of its words, in percent, on average.
    pub confidence: u8,
    /// Words on it.
    pub words: u32,
    /// Words of which it is less than 60 % sure.
    pub doubtful_count: u32,
    /// The first of these.
    pub doubtful: Vec<DoubtfulWord>,
}

/// A word that may have been read wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DoubtfulWord {
    /// As it was read.
    pub text: String,
    /// How sure tesseract is, in percent.
    pub confidence: u8,
    /// Left, top, right and bottom in points from the top left of the page.
    pub r#box: [f64; 4],
}

/// A page that was recognised.
pub(crate) struct Page {
    pub(crate) text: String,
    pub(crate) told: RecognisedPage,
}

/// Why pages are not recognised.
#[derive(Debug)]
pub(crate) enum Failed {
    /// A program is not installed.
    Absent,
    /// The run is ending.
    Cancelled,
    /// For people.
    Because(String),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Because(error.to_string())
    }
}

/// Recognises some pages of a PDF, numbered from 1, side by side, and gives them with the first failure. Pages that were recognised before are
/// not again, unless the user has named other languages since; a page that fails is as it was before, and the others are none the worse.
pub(crate) fn pages(
    pdf: &[u8],
    sha256: &Sha256,
    wanted: &[u32],
    ocr: &Ocr,
    scratch: &Path,
    cancel: &AtomicBool,
) -> (Vec<Page>, Option<Failed>) {
    let folder = ocr.folder.join(sha256.to_string());
    let kept = |page: &u32| read_kept(&folder, *page);
    let mut known: Vec<(u32, Option<Kept>)> =
        wanted.par_iter().map(|page| (*page, kept(page))).collect();
    let languages = format!(", {}", ocr.languages);
    let is_open = |kept: &Option<Kept>| {
        ocr.run
            && kept
                .as_ref()
                .is_none_or(|kept| !kept.by.ends_with(&languages))
    };
    let mut open: Vec<&mut (u32, Option<Kept>)> =
        known.iter_mut().filter(|(_, kept)| is_open(kept)).collect();
    let failed = match open.is_empty() {
        true => None,
        false => recognise_all(pdf, &mut open, ocr, &folder, scratch, cancel).err(),
    };
    let pages = known
        .into_iter()
        .filter_map(|(page, kept)| Some(read(page, &kept?)));
    (pages.collect(), failed)
}

/// Recognises and keeps some pages. The failure is that of the first page that failed.
fn recognise_all(
    pdf: &[u8],
    open: &mut [&mut (u32, Option<Kept>)],
    ocr: &Ocr,
    folder: &Path,
    scratch: &Path,
    cancel: &AtomicBool,
) -> Result<(), Failed> {
    fs::create_dir_all(scratch)?;
    let mut file = tempfile::NamedTempFile::new_in(scratch)?;
    file.write_all(pdf)?;
    let path = file.path();
    let by = format!("{}, {}", version(scratch)?, ocr.languages);
    fs::create_dir_all(folder)?;
    let failures = open.par_iter_mut().filter_map(|open| {
        if cancel.load(Ordering::Relaxed) {
            return Some((open.0, Failed::Cancelled));
        }
        let new = recognise(path, open.0, ocr, scratch).and_then(|words| {
            let by = by.clone();
            let new = Kept { by, words };
            keep(folder, open.0, &new)?;
            Ok(new)
        });
        match new {
            Ok(new) => open.1 = Some(new),
            Err(failed) => return Some((open.0, failed)),
        }
        None
    });
    let first = failures.min_by_key(|(page, _)| *page);
    first.map_or(Ok(()), |(_, failed)| Err(failed))
}

/// The words of a page as they were recognised, with their places; `None` where it was not. `folder` is that in which what was recognised is kept.
pub fn recognised_words(folder: &Path, pdf: &Sha256, page: u32) -> Option<Vec<WordBox>> {
    let kept = read_kept(&folder.join(pdf.to_string()), page)?;
    let words = layout::words(&kept.words).into_iter().map(|word| WordBox {
        text: word.text.to_owned(),
        place: place(&word),
    });
    Some(words.collect())
}

/// The place of a word in points, to a tenth.
fn place(word: &layout::Word<'_>) -> [f64; 4] {
    let scale = POINTS / f64::from(RESOLUTION);
    let corners = [
        word.left,
        word.top,
        word.left + word.width,
        word.top + word.height,
    ];
    corners.map(|dots| (dots as f64 * scale * 10.0).round() / 10.0)
}

/// What is kept of a page: what tesseract said, and who it is.
struct Kept {
    by: String,
    words: String,
}

fn kept_path(folder: &Path, page: u32) -> PathBuf {
    folder.join(format!("{page:05}.tsv.zst"))
}

fn read_kept(folder: &Path, page: u32) -> Option<Kept> {
    let file = fs::File::open(kept_path(folder, page)).ok()?;
    let mut text = String::new();
    let decoder = zstd::Decoder::new(file).ok()?;
    decoder.take(LONGEST_PAGE).read_to_string(&mut text).ok()?;
    let (by, words) = text.split_once('\n')?;
    Some(Kept {
        by: by.to_owned(),
        words: words.to_owned(),
    })
}

/// Keeps a page in one step: it is there whole, or not at all.
fn keep(folder: &Path, page: u32, kept: &Kept) -> io::Result<()> {
    let text = format!("{}\n{}", kept.by, kept.words);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&zstd::bulk::compress(text.as_bytes(), LEVEL)?)?;
    file.as_file().sync_all()?;
    file.persist(kept_path(folder, page))
        .map_err(|error| error.error)?;
    Ok(())
}

/// The first line of what tesseract says of itself: `tesseract 5.3.0`.
fn version(scratch: &Path) -> Result<String, Failed> {
    let mut command = bounded::command("tesseract", 10);
    command.arg("--version").stdin(Stdio::null());
    let running = Running::start(&mut command, scratch)?.ok_or(Failed::Absent)?;
    let (said, _, ended) = running.read(4 << 10)?;
    if ended.status.code() == Some(NOT_FOUND) {
        return Err(Failed::Absent);
    }
    let said = String::from_utf8_lossy(&said).into_owned();
    let first = said.lines().chain(ended.said.lines()).next();
    Ok(first.unwrap_or("tesseract").trim().to_owned())
}

/// What tesseract says of a page, as a table of its words.
fn recognise(pdf: &Path, page: u32, ocr: &Ocr, scratch: &Path) -> Result<String, Failed> {
    let number = page.to_string();
    let mut draw = bounded::command("pdftoppm", ocr.page_seconds);
    draw.args([
        "-gray",
        "-r",
        &RESOLUTION.to_string(),
        "-f",
        &number,
        "-l",
        &number,
    ])
    .arg(pdf)
    .stdin(Stdio::null());
    let drawn = run(
        &mut draw,
        LARGEST_PAGE,
        scratch,
        "pdftoppm cannot draw",
        page,
    )?;
    let mut image = tempfile::tempfile_in(scratch)?;
    image.write_all(&drawn)?;
    image.seek(SeekFrom::Start(0))?;
    drop(drawn);
    let mut read = bounded::command("tesseract", ocr.page_seconds);
    read.args([
        "stdin",
        "stdout",
        "-l",
        &ocr.languages,
        "--dpi",
        &RESOLUTION.to_string(),
        "tsv",
    ])
    .env("OMP_THREAD_LIMIT", "1")
    .stdin(Stdio::from(image));
    let said = run(
        &mut read,
        LONGEST_PAGE,
        scratch,
        "tesseract cannot read",
        page,
    )?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

fn run(
    command: &mut std::process::Command,
    most: u64,
    scratch: &Path,
    what: &str,
    page: u32,
) -> Result<Vec<u8>, Failed> {
    let running = Running::start(command, scratch)?.ok_or(Failed::Absent)?;
    let (output, is_more, ended) = running.read(most)?;
    if ended.status.code() == Some(NOT_FOUND) {
        return Err(Failed::Absent);
    }
    if is_more || !ended.status.success() {
        let why = match (is_more, ended.status.code()) {
            (true, _) => "it is too large",
            (_, None) => "it takes more than the limit `ocr_page_seconds`, or fails on it",
            _ => ended
                .said
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("it does not say why"),
        };
        return Err(Failed::Because(format!(
            "{what} page {page}: {}",
            why.trim()
        )));
    }
    Ok(output)
}

/// A page from what tesseract said of it.
fn read(page: u32, kept: &Kept) -> Page {
    let words = layout::words(&kept.words);
    let letters: usize = words.iter().map(|word| word.text.chars().count()).sum();
    let sure: usize = words
        .iter()
        .map(|word| usize::from(word.confidence) * word.text.chars().count())
        .sum();
    let doubtful = words.iter().filter(|word| word.confidence < DOUBTFUL);
    let told = RecognisedPage {
        page,
        by: kept.by.clone(),
        confidence: (sure / letters.max(1)) as u8,
        words: words.len() as u32,
        doubtful_count: doubtful.clone().count() as u32,
        doubtful: doubtful
            .take(MOST_DOUBTFUL)
            .map(|word| DoubtfulWord {
                text: word.text.to_owned(),
                confidence: word.confidence,
                r#box: place(word),
            })
            .collect(),
    };
    Page {
        text: layout::text(&words),
        told,
    }
}
