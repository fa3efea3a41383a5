//! A production for review platforms: a Concordance DAT and an Opticon OPT, with natives, texts and
//! an image for each document.
//!
//! Each message and each attachment is a document with a control number. A family (a message, what is attached to
//! it, and what is attached to that) is produced whole, in consecutive numbers, children after their parents.

mod dat;
mod documents;
mod slip;

pub use dat::LoadFileEncoding;

use super::manifest::Written;
use super::selection::Chosen;
use super::stage::StagedFile;
use super::work::Stop;
use super::work::Work;
use crate::CaseError;
use crate::read::sha256;
use documents::Document;
use documents::FIELDS;
use roaring::RoaringBitmap;
use std::borrow::Cow;
use std::collections::HashMap;

/// Name of the volume, of its folder and of both load files.
const VOLUME: &str = "VOL001";

/// Most files in one folder: more are refused by some who receive productions.
const FILES: usize = 500;

/// Digits of a control number.
const DIGITS: usize = 8;

/// Longest prefix of control numbers, in characters.
const PREFIX: usize = 30;

/// What the control numbers of a production begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlPrefix(String);

impl Default for ControlPrefix {
    fn default() -> Self {
        Self("MR".to_owned())
    }
}

impl ControlPrefix {
    /// Takes a prefix of 1 to 30 letters, digits, `-` and `_` of ASCII: control numbers are file names too.
    ///
    /// # Errors
    /// [`CaseError::BadValue`] for any other.
    pub fn new(text: &str) -> Result<Self, CaseError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match (1..=PREFIX).contains(&text.len()) && text.bytes().all(is_plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(CaseError::BadValue {
                what: "the prefix of control numbers (letters, digits, `-` and `_`, at most 30)",
                value: text.to_owned(),
            }),
        }
    }
}

/// Writes the production.
pub(super) fn write(work: &mut Work<'_>) -> Result<(), Stop> {
    let mut production = Production {
        dat: work.stage.open(&format!("{VOLUME}.dat"))?,
        opt: work.stage.open(&format!("{VOLUME}.opt"))?,
        last: 0,
        told: RoaringBitmap::new(),
    };
    production.begin(work)?;
    let hits = work.chosen.iter().filter(|one| one.hit);
    let hits: RoaringBitmap = hits.map(|one| one.ordinal).collect();
    let holders = holders(work)?;
    let mut produced = RoaringBitmap::new();
    for one in work.chosen {
        work.check()?;
        let root = root(&holders, one.ordinal);
        if produced.insert(root) {
            let root = Chosen {
                ordinal: root,
                date: date_of(work, root)?,
                ..*one
            };
            production.family(work, &root, &hits)?;
        }
        // What holds it cannot be read, or is not what it was: then it is produced by itself.
        if !production.told.contains(one.ordinal) {
            production.family(work, one, &hits)?;
        }
        work.summary.messages += 1;
        work.done();
    }
    work.stage.close(production.dat)?;
    work.stage.close(production.opt)?;
    Ok(())
}

/// The message that holds each message which lies in no source by itself.
fn holders(work: &Work<'_>) -> Result<HashMap<u32, u32>, CaseError> {
    let sql = "SELECT c.message, p.message FROM copies c JOIN copies p ON p.id = c.parent
               WHERE NOT EXISTS (SELECT 1 FROM copies t WHERE t.message = c.message AND t.parent IS NULL)
               ORDER BY c.id";
    let rows = work
        .view
        .ledger
        .rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut holders = HashMap::new();
    for (held, holder) in rows {
        holders.entry(held).or_insert(holder);
    }
    Ok(holders)
}

/// When a message was sent.
fn date_of(work: &Work<'_>, ordinal: u32) -> Result<Option<i64>, CaseError> {
    let sql = "SELECT date FROM messages WHERE ordinal = ?1";
    let dates = work.view.ledger.rows(sql, [ordinal], |row| row.get(0))?;
    Ok(dates.into_iter().next().flatten())
}

/// The top of a message's family.
fn root(holders: &HashMap<u32, u32>, ordinal: u32) -> u32 {
    let mut root = ordinal;
    // No deeper than there are messages, whatever a damaged ledger says.
    for _ in 0..=holders.len() {
        match holders.get(&root) {
            Some(holder) => root = *holder,
            None => break,
        }
    }
    root
}

/// A production under construction.
struct Production {
    dat: StagedFile,
    opt: StagedFile,
    /// Documents so far.
    last: usize,
    /// Messages that the manifest says the place of.
    told: RoaringBitmap,
}

impl Production {
    fn begin(&mut self, work: &Work<'_>) -> Result<(), CaseError> {
        let encoding = work.request.encoding;
        let names: Vec<_> = FIELDS.iter().map(|name| (*name, *name)).collect();
        self.dat.write(encoding.mark())?;
        self.dat.write(&encoding.record(&names)?)
    }

    /// Writes a message with all that is attached to it.
    fn family(
        &mut self,
        work: &mut Work<'_>,
        one: &Chosen,
        hits: &RoaringBitmap,
    ) -> Result<(), CaseError> {
        let prefix = work.request.prefix.0.clone();
        let number = |place: usize| format!("{prefix}{place:0DIGITS$}");
        let begin = self.last + 1;
        let mut documents = documents::family(work, one, hits, |work, document| {
            self.last += 1;
            self.document(work, &number(self.last), document)
        })?;
        let is_family = documents.len() > 1;
        for document in &mut documents {
            if is_family {
                document.set("BEGATTACH", number(begin));
                document.set("ENDATTACH", number(self.last));
            }
            if let Some(parent) = document.parent {
                document.set("PARENTID", number(begin + parent));
            }
            let record = work.request.encoding.record(&document.record())?;
            self.dat.write(&record)?;
        }
        Ok(())
    }

    /// Writes the files of a document, and says where they are.
    fn document(
        &mut self,
        work: &mut Work<'_>,
        number: &str,
        document: &mut Document,
    ) -> Result<(), CaseError> {
        document.set("BEGBATES", number.to_owned());
        document.set("ENDBATES", number.to_owned());
        self.told
            .extend(document.message.as_ref().map(|message| message.ordinal));
        let folder = self.last.saturating_sub(1) / FILES + 1;
        let place = |kind: &str, short: &str, ending: &str| {
            format!("{VOLUME}/{kind}/{short}{folder:04}/{number}.{ending}")
        };
        let native = place("NATIVES", "NAT", &document.ending);
        if let Some(bytes) = &document.native {
            work.stage.put(&native, bytes)?;
            document.set("NATIVELINK", windows(&native));
        }
        let text = place("TEXT", "TXT", "txt");
        if !document.text.is_empty() {
            work.stage.put(&text, document.text.as_bytes())?;
            document.set("TEXTLINK", windows(&text));
        }
        let image = place("IMAGES", "IMG", "tif");
        work.stage.put(&image, &slip::page(number))?;
        let pages = [(Cow::from(number), Cow::from(windows(&image)))];
        self.opt
            .write(dat::image_lines(VOLUME, &pages).as_bytes())?;
        tell(work, number, document, &native, &text)
    }
}

/// Says in the manifest where a document is.
fn tell(
    work: &mut Work<'_>,
    number: &str,
    document: &Document,
    native: &str,
    text: &str,
) -> Result<(), CaseError> {
    let bytes = document.native.as_deref();
    let file = if bytes.is_some() { native } else { text };
    if let Some(message) = &document.message {
        let written = Written {
            file,
            offset: bytes.map(|_| 0),
            bytes,
            original: bytes.map(sha256),
            control_number: Some(number),
        };
        work.manifest.item(&message.hit, message.is_hit, &written)?;
    } else if let (Some(bytes), Some((message, part))) = (bytes, &document.attachment) {
        work.manifest.attachment(
            *message,
            part,
            Some(number),
            file,
            (bytes.len() as u64, sha256(bytes)),
        )?;
    }
    Ok(())
}

/// A path as load files have it.
fn windows(path: &str) -> String {
    format!(".\\{}", path.replace('/', "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_begins_with_what_nothing_holds() {
        let holders = HashMap::from([(3, 2), (2, 1), (7, 7)]);
        assert_eq!(root(&holders, 3), 1);
        assert_eq!(root(&holders, 1), 1);
        assert_eq!(root(&holders, 7), 7);
    }

    #[test]
    fn prefixes_are_file_names() {
        assert!(ControlPrefix::new("PIER-2021_").is_ok());
        for bad in ["", "../x", "a b", "é", &"x".repeat(31)] {
            assert!(ControlPrefix::new(bad).is_err(), "{bad}");
        }
    }
}
