//! The text of PDFs, as another program reads it.
//!
//! PDFs are read by `pdftotext` of poppler, in a process of its own with bounds on time and memory: what is damaged or made
//! to do harm costs that process and nothing else. Nothing is downloaded or built in; where the program is absent the ledger says so.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

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
/// What is told of a PDF whose pages have no text.
pub(crate) const SCANNED: &str = "its pages are images; make a text of them with an OCR program (ocrmypdf, tesseract), and ingest that";
/// What is told of a PDF that holds no printed mail.
pub(crate) const NO_MAIL: &str =
    "no printed mail is found in it; read it in a PDF viewer, or as text with pdftotext";
/// What is told where the user has set the limit to nothing.
pub(crate) const SWITCHED_OFF: &str =
    "PDFs are not read, since the limit `pdf_seconds` is 0; raise it and run `muckrake rebuild`";

/// Virtual memory that the program may take, in KiB: 2 GiB.
#[cfg(unix)]
const MEMORY_KIB: u64 = 2 << 20;
/// Bytes of its complaints that are looked at.
const COMPLAINTS: u64 = 4 << 10;
/// What a shell says where there is no such program (POSIX, `sh`, exit status).
const NOT_FOUND: i32 = 127;

/// Reads the text of a PDF. `folder` is where it is put meanwhile, without a name.
///
/// # Errors
/// The PDF cannot be handed on, or the program cannot be started.
pub(crate) fn text(pdf: &[u8], limits: &Limits, folder: &Path) -> io::Result<PdfText> {
    std::fs::create_dir_all(folder)?;
    let mut input = tempfile::tempfile_in(folder)?;
    input.write_all(pdf)?;
    input.seek(SeekFrom::Start(0))?;
    let mut complaints = tempfile::tempfile_in(folder)?;
    let started = command(limits)
        .args(["-layout", "-enc", "UTF-8", "-eol", "unix", "-", "-"])
        .env("LC_ALL", "C")
        .stdin(Stdio::from(input))
        .stdout(Stdio::piped())
        .stderr(Stdio::from(complaints.try_clone()?))
        .spawn();
    let mut child = match started {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(PdfText::Absent),
        started => started?,
    };
    let mut text = Vec::new();
    let most = limits.message_bytes;
    let read = match child.stdout.take() {
        Some(output) => output.take(most.saturating_add(1)).read_to_end(&mut text),
        None => Ok(0),
    };
    let is_too_long = text.len() as u64 > most;
    if is_too_long || read.is_err() {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
    }
    let status = child.wait()?;
    read?;
    if is_too_long {
        let reason = format!("its text is longer than {most} bytes, the limit `message_bytes`");
        return Ok(PdfText::Failed(reason));
    }
    if status.success() {
        return Ok(PdfText::Text(text));
    }
    if status.code() == Some(NOT_FOUND) {
        return Ok(PdfText::Absent);
    }
    complaints.seek(SeekFrom::Start(0))?;
    let mut said = Vec::new();
    complaints.take(COMPLAINTS).read_to_end(&mut said)?;
    let said = String::from_utf8_lossy(&said);
    Ok(PdfText::Failed(reason(status, &said, limits)))
}

/// The program with bounds, where the system has them.
#[cfg(unix)]
fn command(limits: &Limits) -> Command {
    const BOUNDED: &str =
        "ulimit -c 0; ulimit -v \"$1\"; ulimit -t \"$2\"; shift 2; exec pdftotext \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", BOUNDED, "sh"])
        .arg(MEMORY_KIB.to_string())
        .arg(limits.pdf_seconds.to_string());
    command
}

/// The program.
#[cfg(not(unix))]
fn command(_: &Limits) -> Command {
    Command::new("pdftotext")
}

/// Why there is no text, for people.
fn reason(status: ExitStatus, said: &str, limits: &Limits) -> String {
    if said.contains("Incorrect password") {
        return "encrypted; take the password off with a PDF program and ingest the result"
            .to_owned();
    }
    if said.contains("Out of memory") || said.contains("bad_alloc") {
        return "pdftotext needs more than 2 GiB of memory for it".to_owned();
    }
    match (
        status.code(),
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
