//! Files embedded in a PDF: portfolios, and what is attached to pages (ISO 32000-1 §7.11.4).
//!
//! Taken out one by one by `pdfdetach` of poppler, which writes to a pipe; their names are data and never paths.

use std::io::{self, Read, SeekFrom};
use std::path::Path;

use super::names::Names;
use super::{Member, ReadSeek, Stop, Visitor};
use crate::bounded::{self, Running};
use crate::limits::Limits;
use crate::store::SeekableStore;

/// Most files of one PDF that are read.
const MOST_FILES: u64 = 10_000;
/// Longest list of names that is read, in bytes.
const LONGEST_LIST: u64 = 4 << 20;
/// Names that go to what is read of the pages themselves.
const TAKEN: [&str; 2] = ["text", "ocr"];
/// What shows that a PDF may hold files: a dictionary of theirs (ISO 32000-1 §7.11.3, §12.5.6.15), or objects that are packed, so that none
/// can be seen.
const SIGNS: [&[u8]; 4] = [b"/EmbeddedFile", b"/EF", b"/FileAttachment", b"/ObjStm"];

/// Whether a PDF may hold files.
pub(crate) fn may_be_in(pdf: &[u8]) -> bool {
    SIGNS
        .iter()
        .any(|sign| memchr::memmem::find(pdf, sign).is_some())
}

/// Walks the files of a PDF in the order of its list. One that no program can read here has none: what is said of its pages says
/// which program is missing.
pub(crate) fn walk(
    file: &mut dyn ReadSeek,
    limits: &Limits,
    store: &SeekableStore,
    visitor: &mut dyn Visitor,
) -> Result<(), Stop> {
    if limits.pdf_seconds == 0 {
        return Ok(());
    }
    let failed = |error: io::Error| format!("the files in it cannot be listed: {error}");
    let listed =
        copy(file, store).and_then(|pdf| Ok((list(pdf.path(), limits, store.folder())?, pdf)));
    let (names, pdf) = match listed {
        Ok((Some(names), pdf)) => (names, pdf),
        Ok((None, _)) => return Ok(()),
        Err(error) => return visitor.trouble(None, failed(error)),
    };
    let mut unique = Names::default();
    for name in TAKEN {
        let _ = unique.unique(name);
    }
    for (number, name) in (1u64..).zip(&names) {
        if number > MOST_FILES {
            let reason = format!("it holds more than {MOST_FILES} files; the rest is not read");
            return visitor.trouble(None, reason);
        }
        let name = unique.unique(name);
        if !visitor.wants(&name) {
            continue;
        }
        match save(pdf.path(), number, limits, store.folder()) {
            Ok(Some(mut bytes)) => visitor.member(
                Member {
                    name: &name,
                    packed: None,
                    decoded: true,
                    at: None,
                },
                &mut bytes,
            )?,
            Ok(None) => return Ok(()),
            Err(error) => {
                visitor.trouble(Some(&name), format!("it cannot be taken out: {error}"))?
            }
        }
    }
    Ok(())
}

/// The PDF as a file of its own, which goes when it is dropped.
fn copy(file: &mut dyn ReadSeek, store: &SeekableStore) -> io::Result<tempfile::NamedTempFile> {
    let mut pdf = store.temporary().map_err(io::Error::other)?;
    file.seek(SeekFrom::Start(0))?;
    io::copy(file, &mut pdf)?;
    Ok(pdf)
}

/// The names of the files, as `pdfdetach` lists them; `None` where it is not installed.
fn list(pdf: &Path, limits: &Limits, folder: &Path) -> io::Result<Option<Vec<String>>> {
    let mut command = bounded::command("pdfdetach", limits.pdf_seconds);
    command.args(["-enc", "UTF-8", "-list"]).arg(pdf);
    let Some(running) = Running::start(&mut command, folder)? else {
        return Ok(None);
    };
    let (output, is_more, ended) = running.read(LONGEST_LIST)?;
    if is_more {
        let reason = format!("their names are longer than {LONGEST_LIST} bytes");
        return Err(io::Error::other(reason));
    }
    match ended.status.code() {
        Some(0) => {}
        Some(bounded::NOT_FOUND) => return Ok(None),
        // What is wrong with the PDF is said of its pages.
        Some(_) => return Ok(Some(Vec::new())),
        None => {
            let reason = "that takes more than the limit `pdf_seconds`, or too much memory";
            return Err(io::Error::other(reason));
        }
    }
    let output = String::from_utf8_lossy(&output);
    let mut lines = output.lines();
    let count = lines
        .next()
        .and_then(|line| line.split(' ').next()?.parse().ok());
    let mut names: Vec<String> = Vec::new();
    // A name may hold line feeds: a line is the next one's only if it has its number.
    for line in lines {
        match line.strip_prefix(&format!("{}: ", names.len() + 1)) {
            Some(name) => names.push(name.to_owned()),
            None => {
                if let Some(last) = names.last_mut() {
                    last.push(' ');
                    last.push_str(line);
                }
            }
        }
    }
    names.resize(
        count.unwrap_or(0).min(MOST_FILES as usize + 1),
        "file".to_owned(),
    );
    Ok(Some(names))
}

/// The bytes of one file, as they come; `None` where the program is not installed.
fn save(pdf: &Path, number: u64, limits: &Limits, folder: &Path) -> io::Result<Option<impl Read>> {
    let mut command = bounded::command("pdfdetach", limits.pdf_seconds);
    let number = number.to_string();
    command
        .args(["-save", &number, "-o", "/dev/stdout"])
        .arg(pdf);
    Running::start(&mut command, folder)
}
