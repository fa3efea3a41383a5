//! An Opticon OPT: a list of page images, seven fields a line, `Y` on the first page of a document.

use std::io::Read;
use std::path::Path;

use super::links::Links;
use super::plan::Plan;
use super::rows::Lines;
use crate::kind::Kind;
use crate::record::{Item, ItemState, Record};
use crate::scan::{At, Scan, rest_unread};
use crate::unpack::Stop;
use crate::work::Work;

/// Most fields of a line.
const FIELDS: usize = 7;

/// Whether a file begins with the first page of a document.
pub(super) fn looks_like(head: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'\n', head) else {
        return false;
    };
    let line = head.get(..end).unwrap_or_default();
    let Some(fields) = std::str::from_utf8(line).ok().and_then(fields) else {
        return false;
    };
    let path = fields[2];
    fields[3].eq_ignore_ascii_case("y")
        && path.contains(['\\', '/'])
        && Path::new(path).extension().is_some()
        && fields[6].trim().parse::<u32>().is_ok()
}

fn fields(line: &str) -> Option<[&str; FIELDS]> {
    let fields: Vec<&str> = line.trim_end().split(',').collect();
    fields.try_into().ok()
}

/// A run of lines whose images are not there.
struct Missing {
    offset: u64,
    length: u64,
    count: u64,
    first: String,
}

/// Reads the list: images that are not there are told, with the lines that name them.
pub(super) fn read(
    scan: &mut Scan<'_>,
    at: &At,
    path: &Path,
    plan: &Plan,
    data: &mut dyn Read,
) -> Result<(), Stop> {
    let mut lines = Lines::plain(data);
    let mut links = Links::new(path);
    let (mut pages, mut documents) = (0u64, 0u64);
    let mut missing: Option<Missing> = None;
    loop {
        scan.check()?;
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => return scan.unread(at, 0, 0, rest_unread(&error)),
        };
        let text = String::from_utf8_lossy(&line.bytes);
        if text.trim_matches(['\u{1a}', '\r', '\n', ' ']).is_empty() {
            continue;
        }
        let Some(fields) = fields(&text) else {
            let reason = "a line that names no image: it has not seven fields".to_owned();
            scan.unread(at, line.offset, line.length, reason)?;
            continue;
        };
        pages += 1;
        documents += u64::from(fields[3].eq_ignore_ascii_case("y"));
        let is_there = links
            .find(fields[2])
            .is_some_and(|image| plan.may_be_there(&image));
        match (&mut missing, is_there) {
            (Some(run), false) => {
                run.length = line.offset + line.length - run.offset;
                run.count += 1;
            }
            (None, false) => {
                missing = Some(Missing {
                    offset: line.offset,
                    length: line.length,
                    count: 1,
                    first: fields[2].to_owned(),
                });
            }
            (run, true) => tell(scan, at, run.take())?,
        }
    }
    tell(scan, at, missing)?;
    let by = format!("it lists {pages} pages of {documents} documents");
    scan.take(Work::Record(Record::Item(Item {
        path_inside: at.path_inside.clone(),
        kind: Kind::LoadFile,
        size: lines.offset,
        state: ItemState::Covered { by },
    })))
}

fn tell(scan: &mut Scan<'_>, at: &At, missing: Option<Missing>) -> Result<(), Stop> {
    let Some(run) = missing else { return Ok(()) };
    let reason = match run.count {
        1 => format!("the image `{}` is not among the files read", run.first),
        count => format!(
            "{count} images are not among the files read, the first is `{}`",
            run.first
        ),
    };
    scan.unread(at, run.offset, run.length, reason)
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn a_list_is_told_by_its_first_line() {
        // The published example.
        assert!(looks_like(
            b"SYM-00011001_REV,VOL01,.\\VOL01\\IMAGES\\IMG001\\SYM-00011001_REV.tif,Y,,,5\r\n"
        ));
        assert!(!looks_like(b"a,b,c,Y,,,5\r\n"));
        assert!(!looks_like(b"name,date,path/x.tif,N,,,\r\n"));
        assert!(!looks_like(b"a,b,.\\x.tif,Y,,\r\n"));
    }
}
