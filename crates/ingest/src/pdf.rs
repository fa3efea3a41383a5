//! The text of PDFs, as another program reads it.
//!
//! PDFs are read by `pdftotext` of poppler, in a process of its own with bounds on time and memory: what is damaged or made
//! to do harm costs that process and nothing else. Nothing is downloaded or built in; where the program is absent the ledger says so.

use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Stdio;

use crate::bounded::{self, Ended, NOT_FOUND, Running};
use crate::limits::Limits;

/// What became of a PDF.
#[derive(Debug)]
pub(crate) enum PdfText {
    /// Its text in UTF-8, a form feed behind each page.
    Text(Vec<u8>),
    /// The program is not there.
    Absent,
    /// It cannot be read; the string says why, for people.
    Failed(String),
}

/// What is told of a PDF where nothing can read it.
pub(crate) const ABSENT: &str =
    "install pdftotext (package poppler-utils), then run `muckrake rebuild`";
/// What is told of pages that have no text.
pub(crate) const SCANNED: &str = "they are images (or blank); `muckrake rebuild --ocr` reads them where tesseract (package tesseract-ocr) is installed";
/// What is told of pages whose text cannot be read.
pub(crate) const GARBLED: &str = "their fonts do not tell which letters they show; `muckrake rebuild --ocr` reads them as images where tesseract (package tesseract-ocr) is installed";
/// What is told of such pages where they were to be recognised and the programs are missing.
pub(crate) const OCR_ABSENT: &str = "they are images; install tesseract (package tesseract-ocr) and pdftoppm (package poppler-utils), then run `muckrake rebuild --ocr`";
/// What is told of words that lie under black boxes.
pub(crate) const COVERED: &str = "they are not searched: somebody seems to have meant to take them out; `covered_text = true` in muckrake.toml and `muckrake rebuild` take them in";
/// What is told of pages that could not be looked at for black boxes.
pub(crate) const NOT_LOOKED_AT: &str = "whether black boxes cover words on them could not be told, so their words are searched; pdftoppm (package poppler-utils) draws pages, for at most `pdf_seconds`";
/// What is told of a PDF that holds no printed mail.
pub(crate) const NO_MAIL: &str =
    "no printed mail is found in it; read it in a PDF viewer, or as text with pdftotext";
/// What is told where the user has set the limit to nothing.
pub(crate) const SWITCHED_OFF: &str =
    "PDFs are not read, since the limit `pdf_seconds` is 0; raise it and run `muckrake rebuild`";

/// Reads the text of a PDF. `folder` is where it is put meanwhile, without a name.
///
/// # Errors
/// The PDF cannot be handed on, or the program cannot be started.
pub(crate) fn text(pdf: &[u8], limits: &Limits, folder: &Path) -> io::Result<PdfText> {
    std::fs::create_dir_all(folder)?;
    let mut input = tempfile::tempfile_in(folder)?;
    input.write_all(pdf)?;
    input.seek(SeekFrom::Start(0))?;
    let mut command = bounded::command("pdftotext", limits.pdf_seconds);
    command
        .args(["-layout", "-enc", "UTF-8", "-eol", "unix", "-", "-"])
        .stdin(Stdio::from(input));
    let Some(running) = Running::start(&mut command, folder)? else {
        return Ok(PdfText::Absent);
    };
    let most = limits.message_bytes;
    let (text, is_too_long, ended) = running.read(most)?;
    if is_too_long {
        let reason = format!("its text is longer than {most} bytes, the limit `message_bytes`");
        return Ok(PdfText::Failed(reason));
    }
    if ended.status.success() {
        return Ok(PdfText::Text(text));
    }
    if ended.status.code() == Some(NOT_FOUND) {
        return Ok(PdfText::Absent);
    }
    Ok(PdfText::Failed(reason(&ended, limits)))
}

/// Why there is no text, for people.
fn reason(ended: &Ended, limits: &Limits) -> String {
    let said = &ended.said;
    if said.contains("Incorrect password") {
        return "encrypted; take the password off with a PDF program and ingest the result"
            .to_owned();
    }
    if said.contains("Out of memory") || said.contains("bad_alloc") {
        return "pdftotext needs more than 2 GiB of memory for it".to_owned();
    }
    match (
        ended.status.code(),
        said.lines().find(|line| !line.trim().is_empty()),
    ) {
        (None, _) => format!(
            "pdftotext was stopped: it takes more than {} s, the limit `pdf_seconds`, or fails on it",
            limits.pdf_seconds
        ),
        (Some(_), Some(line)) => format!("pdftotext cannot read it: {}", line.trim()),
        (Some(code), None) => format!("pdftotext cannot read it and says no more (status {code})"),
    }
}
