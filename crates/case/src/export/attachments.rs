//! Attachments: each content once, in a folder for its type, with a list of every place that it is in.

use super::names;
use super::selection::Chosen;
use super::stage::StagedFile;
use super::work::Stop;
use super::work::Work;
use crate::AttachmentSummary;
use crate::CaseError;
use crate::Hit;
use crate::csv;
use crate::read::sha256;
use muckrake_mail::Parts;
use muckrake_mail::Sha256;
use std::collections::HashMap;
use std::collections::HashSet;

/// The list of places.
const LIST: &str = "attachments.csv";

const COLUMNS: &str = "sha256,file,type,size,name,message,part,date,from,subject,release,source,path_inside,offset,length,hit";

/// Digits of the hash in a file's name.
const DIGITS: usize = 12;

/// Longest name of a folder.
const TYPE: usize = 60;

/// Writes the files and the list.
pub(super) fn write(work: &mut Work<'_>) -> Result<(), Stop> {
    let mut list = work.stage.open(LIST)?;
    if work.request.byte_order_mark {
        list.write("\u{feff}".as_bytes())?;
    }
    list.write(format!("{COLUMNS}\r\n").as_bytes())?;
    let mut files = Files::default();
    for one in work.chosen {
        work.check()?;
        let hit = work.hit(one)?;
        if !hit.attachments.is_empty() {
            files.of_message(work, one, &hit, &mut list)?;
        }
        work.done();
    }
    Ok(work.stage.close(list)?)
}

/// The files that are written.
#[derive(Default)]
struct Files {
    by_hash: HashMap<Sha256, String>,
    given: HashSet<String>,
}

impl Files {
    fn of_message(
        &mut self,
        work: &mut Work<'_>,
        one: &Chosen,
        hit: &Hit,
        list: &mut StagedFile,
    ) -> Result<(), CaseError> {
        let is_known =
            |attachment: &AttachmentSummary| self.by_hash.contains_key(&attachment.sha256);
        if !hit.attachments.iter().all(is_known) {
            let Some(original) = work.original_as_parsed(one, hit)? else {
                return Ok(());
            };
            let limits = work.view.case.settings().limits().mail;
            let mut parts = Parts::of(&original, &limits);
            for attachment in &hit.attachments {
                if self.by_hash.contains_key(&attachment.sha256) {
                    continue;
                }
                match parts.bytes(&attachment.part) {
                    Some(bytes) if sha256(&bytes) == attachment.sha256 => {
                        let file = self.name(attachment);
                        work.stage.put(&file, &bytes)?;
                        self.by_hash.insert(attachment.sha256, file);
                    }
                    _ => {
                        let reason = format!(
                            "part {} of {} is no longer the one that was indexed",
                            attachment.part, hit.id
                        );
                        work.manifest.missing(hit, &reason)?;
                        work.summary.missing.push(reason);
                    }
                }
            }
        }
        for attachment in &hit.attachments {
            if let Some(file) = self.by_hash.get(&attachment.sha256) {
                put_places(work, list, one, hit, attachment, file)?;
            }
        }
        work.summary.messages += 1;
        Ok(())
    }

    /// A name such as `application-pdf/0a1b2c3d4e5f-plan.pdf`. No name is given twice.
    fn name(&mut self, attachment: &AttachmentSummary) -> String {
        let folder = folder(&attachment.content_type);
        let hash = attachment.sha256.to_string();
        let named = attachment.name.as_deref().and_then(names::attachment);
        let (stem, ending) = named.unwrap_or_else(|| ("attachment".to_owned(), None));
        let ending = ending
            .map(|ending| format!(".{ending}"))
            .unwrap_or_default();
        let name = |digits: &str| format!("{folder}/{digits}-{stem}{ending}");
        let mut chosen = name(hash.get(..DIGITS).unwrap_or(&hash));
        if !self.given.insert(chosen.clone()) {
            chosen = name(&hash);
            self.given.insert(chosen.clone());
        }
        chosen
    }
}

/// A media type as the name of a folder.
fn folder(content_type: &str) -> String {
    let plain = |letter: char| match letter {
        'a'..='z' | '0'..='9' => letter,
        _ => '-',
    };
    let name: String = content_type.chars().take(TYPE).map(plain).collect();
    match name.trim_matches('-') {
        "" => "other".to_owned(),
        name => name.to_owned(),
    }
}

/// A row for each copy of the message, and an object in the manifest.
fn put_places(
    work: &mut Work<'_>,
    list: &mut StagedFile,
    one: &Chosen,
    hit: &Hit,
    attachment: &AttachmentSummary,
    file: &str,
) -> Result<(), CaseError> {
    for copy in &hit.copies {
        let cells = [
            attachment.sha256.to_string(),
            file.to_owned(),
            attachment.content_type.clone(),
            attachment.size.to_string(),
            attachment.name.clone().unwrap_or_default(),
            hit.id.to_string(),
            attachment.part.clone(),
            hit.date.clone().unwrap_or_default(),
            csv::people(&hit.from),
            hit.subject.clone().unwrap_or_default(),
            copy.release.clone(),
            copy.source.clone(),
            copy.path_inside.clone().unwrap_or_default(),
            copy.offset.to_string(),
            copy.length.to_string(),
            one.hit.to_string(),
        ];
        let cells: Vec<String> = cells
            .iter()
            .map(|text| csv::cell(text, work.request.cells))
            .collect();
        list.write(format!("{}\r\n", cells.join(",")).as_bytes())?;
    }
    work.manifest.attachment(
        hit.id,
        &attachment.part,
        None,
        file,
        (attachment.size, attachment.sha256),
    )
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn types_are_folders() {
        assert_eq!(folder("application/pdf"), "application-pdf");
        assert_eq!(folder("../../etc"), "etc");
        assert_eq!(folder("契約"), "other");
        assert!(folder(&format!("x/{}", "y".repeat(500))).len() <= 60);
    }
}
