//! A load file as a source: each row becomes a letter, or is noted with where it is read.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::ROW;
use super::columns::Role;
use super::dialect::{self, Dialect};
use super::judge::Verdict;
use super::letter;
use super::links::Links;
use super::pages;
use super::plan::Plan;
use super::rows::{Row, Rows};
use crate::discover;
use crate::kind::Kind;
use crate::record::{Item, ItemState, Quoting, Record, Unread};
use crate::scan::{At, Scan, rest_unread};
use crate::unpack::Stop;
use crate::work::{Block, Place, Work};

/// Longest value of a text column that is a path; longer ones are the text itself.
const LONGEST_PATH: usize = 1000;

/// Reads a load file whose first bytes are `head`.
pub(crate) fn read(
    scan: &mut Scan<'_>,
    at: &At,
    path: &Path,
    plan: &Plan,
    head: &[u8],
    data: &mut dyn Read,
) -> Result<(), Stop> {
    let Some(dialect) = dialect::sniff(head) else {
        return pages::read(scan, at, path, plan, data);
    };
    let mut rows = match Rows::new(&dialect, data) {
        Ok(rows) => rows,
        Err(error) => return scan.unread(at, 0, 0, rest_unread(&error)),
    };
    let mut reader = Reader {
        dialect: &dialect,
        links: Links::new(path),
        plan,
        path,
    };
    loop {
        scan.check()?;
        match rows.next() {
            Ok(Some(row)) => reader.row(scan, &row)?,
            Ok(None) => return Ok(()),
            Err(error) => return scan.unread(at, 0, 0, rest_unread(&error)),
        }
    }
}

struct Reader<'a> {
    dialect: &'a Dialect,
    links: Links,
    plan: &'a Plan,
    path: &'a Path,
}

impl Reader<'_> {
    fn row(&mut self, scan: &mut Scan<'_>, row: &Row) -> Result<(), Stop> {
        let fields = match &row.fields {
            Ok(fields) => fields,
            Err(reason) => return unread(scan, row, reason.clone()),
        };
        let columns = &self.dialect.columns;
        let link = columns.get(fields, Role::Native);
        let native = self.links.find(link);
        let native = native.filter(|path| self.plan.is_walked(path));
        let is_missing = !link.is_empty() && native.is_none();
        let state = match self.plan.verdict(self.path, row.number) {
            Verdict::Letter => {
                if is_missing {
                    let reason = format!(
                        "its native `{link}` is not among the files read; what the row says of it is read instead"
                    );
                    unread(scan, row, reason)?;
                }
                return self.letter(scan, row, fields);
            }
            Verdict::Mail => covered(format!("its native `{link}` is read")),
            Verdict::Held => covered(format!(
                "its native `{link}` is attached to a mail that is read"
            )),
            Verdict::Document if native.is_some() => {
                covered(format!("its native `{link}` is a source of its own"))
            }
            Verdict::Document if is_missing => ItemState::Unread {
                reason: format!("its native `{link}` is not among the files read"),
            },
            Verdict::Document => ItemState::Unsupported {
                advice:
                    "it has no native and tells no sender or recipient; look at its images or text"
                        .to_owned(),
            },
        };
        let id = plain(columns.get(fields, Role::Id));
        scan.take(Work::Record(Record::Item(Item {
            path_inside: Some(format!("{ROW}{} {id}", row.number)),
            kind: Kind::LoadFileRow,
            size: row.length,
            state,
        })))
    }

    fn letter(&mut self, scan: &mut Scan<'_>, row: &Row, fields: &[String]) -> Result<(), Stop> {
        let columns = &self.dialect.columns;
        let limit = scan.limits().message_bytes;
        let file = self.links.find(columns.get(fields, Role::Text));
        let file = file.filter(|path| self.plan.is_walked(path));
        let bytes = letter_of(self.dialect, fields, file.as_deref(), limit);
        let folder = columns.get(fields, Role::Folder);
        let place = Place {
            path_inside: Some(letter_path(row.number, columns.get(fields, Role::Id))),
            folder: (!folder.is_empty()).then(|| folder.replace('\\', "/")),
            quoting: Quoting::None,
            kind: Kind::Eml,
            flags: Vec::new(),
        };
        let range = 0..bytes.len();
        scan.messages(Block {
            place: Arc::new(place),
            bytes,
            base: 0,
            messages: vec![range],
            sha256: None,
            kept: None,
        })
    }
}

/// The letter of a row, with the text of a file, or of the row itself where that holds it.
pub(super) fn letter_of(
    dialect: &Dialect,
    fields: &[String],
    text: Option<&Path>,
    limit: u64,
) -> Vec<u8> {
    let inline = dialect.columns.get(fields, Role::Text);
    let text = match text {
        Some(path) => {
            let mut bytes = Vec::new();
            // What cannot be read of it is told where the file itself is a source.
            let _ = discover::open(path).and_then(|file| {
                let most = limit.saturating_sub(1 << 16);
                file.take(most).read_to_end(&mut bytes)
            });
            dialect::decode_text(&bytes)
        }
        None if inline.contains('\n') || inline.len() > LONGEST_PATH => inline.to_owned(),
        None => String::new(),
    };
    letter::compose(&dialect.columns, fields, &text)
}

/// The path of a row's letter inside the load file.
fn letter_path(number: u64, id: &str) -> String {
    format!("{ROW}{number} {}.eml", plain(id))
}

/// The name of a document as a part of a path.
fn plain(id: &str) -> String {
    id.chars()
        .map(|letter| match letter {
            '/' | '\\' | '!' => '_',
            letter if letter.is_control() => '_',
            letter => letter,
        })
        .take(100)
        .collect()
}

fn covered(by: String) -> ItemState {
    ItemState::Covered { by }
}

fn unread(scan: &mut Scan<'_>, row: &Row, reason: String) -> Result<(), Stop> {
    scan.take(Work::Record(Record::Unread(Unread {
        path_inside: None,
        offset: row.offset,
        length: row.length,
        reason: format!("row {}: {reason}", row.number),
    })))
}
