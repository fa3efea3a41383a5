//! What becomes of each row of a load file.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use muckrake_mail::{Message, Sha256};

use super::columns::{Columns, Role};
use super::letter;
use super::links::Links;
use crate::detect;
use crate::discover;
use crate::kind::Kind;
use crate::limits::Limits;
use crate::source;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its native is mail, delivered with it.
    Mail,
    /// Its native is a part of the mail at the top of its family.
    Held,
    /// It tells of an email whose native is not there, or is no mail that can be read.
    Letter,
    /// Something else.
    Document,
}

/// The mail that the rows after it may be attached to.
struct Family {
    ids: HashSet<String>,
    native: PathBuf,
    /// Hashes of all that is attached, once asked for.
    parts: Option<HashSet<Sha256>>,
}

/// Judges the rows of one load file in order.
pub(super) struct Judge<'a> {
    pub(super) columns: &'a Columns,
    pub(super) links: Links,
    limits: &'a Limits,
    family: Option<Family>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(load_file: &Path, columns: &'a Columns, limits: &'a Limits) -> Self {
        Self {
            columns,
            links: Links::new(load_file),
            limits,
            family: None,
        }
    }

    /// What a row is. `is_walked` says of a file whether it is read in this run.
    pub(super) fn verdict(&mut self, row: &[String], is_walked: impl Fn(&Path) -> bool) -> Verdict {
        let native = self.links.find(self.columns.get(row, Role::Native));
        let native = native.filter(|path| is_walked(path));
        let id = self.columns.get(row, Role::Id).to_owned();
        if let Some(native) = &native {
            if self.is_in_family(row, &id) && self.is_part(native) {
                if let Some(family) = &mut self.family {
                    family.ids.insert(id);
                }
                return Verdict::Held;
            }
            if is_mail(native) {
                self.family = Some(Family {
                    ids: HashSet::from([id]),
                    native: native.clone(),
                    parts: None,
                });
                return Verdict::Mail;
            }
        }
        match letter::is_email(self.columns, row) {
            true => Verdict::Letter,
            false => Verdict::Document,
        }
    }

    /// Whether a row says that it belongs to the family above it.
    fn is_in_family(&self, row: &[String], id: &str) -> bool {
        let parent = self.columns.get(row, Role::Parent);
        let head = self.columns.get(row, Role::Family);
        let above = if parent.is_empty() { head } else { parent };
        let family = self.family.as_ref();
        above != id && family.is_some_and(|family| family.ids.contains(above))
    }

    /// Whether the bytes of a file are attached to the mail at the top of the family. What a load file says of that is
    /// not enough: a file that is passed over is one that nobody searches.
    fn is_part(&mut self, file: &Path) -> bool {
        let Some(family) = &mut self.family else {
            return false;
        };
        let limits = self.limits;
        let native = &family.native;
        let parts = family.parts.get_or_insert_with(|| parts(native, limits));
        !parts.is_empty() && hash(file).is_some_and(|sha256| parts.contains(&sha256))
    }
}

/// Whether a file begins as a mail that this version reads, as bytes or as printed.
fn is_mail(path: &Path) -> bool {
    matches!(kind(path), Some(Kind::Eml | Kind::Emlx | Kind::Print))
}

/// Whether a file may be the text of a document, by its name or by how it begins. The text of a mail mostly begins as a
/// mail does, so that only its name tells it from one.
pub(super) fn is_text(path: &Path) -> bool {
    let is_named = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("txt"));
    is_named || matches!(kind(path), Some(Kind::Text | Kind::Print))
}

fn kind(path: &Path) -> Option<Kind> {
    let mut head = Vec::new();
    let file = discover::open(path).ok()?;
    file.take(detect::HEAD as u64).read_to_end(&mut head).ok()?;
    Some(detect::detect(&head))
}

fn hash(path: &Path) -> Option<Sha256> {
    let mut file = discover::open(path).ok()?;
    source::hash_rest(&mut file, || Ok::<(), std::convert::Infallible>(()))
        .ok()?
        .ok()
}

/// Hashes of all that is attached to a mail, at any depth.
fn parts(path: &Path, limits: &Limits) -> HashSet<Sha256> {
    let mut raw = Vec::new();
    let read =
        discover::open(path).and_then(|file| file.take(limits.message_bytes).read_to_end(&mut raw));
    if read.is_err() {
        return HashSet::new();
    }
    let message = muckrake_mail::parse(&raw, &limits.mail);
    let mut parts = HashSet::new();
    let mut pending: Vec<&Message> = vec![&message];
    while let Some(message) = pending.pop() {
        parts.extend(
            message
                .attachments
                .iter()
                .map(|attachment| attachment.sha256),
        );
        pending.extend(message.attached.iter().map(|attached| &attached.message));
    }
    parts
}
