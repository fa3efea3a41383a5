//! Putting it together: the messages, their copies, the files, the truth.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::desk::Desk;
use crate::filler;
use crate::layout;
use crate::layout::Delivery;
use crate::mail::Mail;
use crate::mail::Party;
use crate::odd;
use crate::random::Random;
use crate::scenes;
use crate::story::Fact;
use crate::story::FileFact;
use crate::story::MAYOR;
use crate::story::Mailbox;
use crate::story::PROCUREMENT;
use crate::story::ReleaseTruth;
use crate::story::Truth;
use crate::story::questions;

/// Everyday messages around the planted ones.
const EVERYDAY: usize = 300;

/// Two invented releases.
#[derive(Clone, Debug)]
pub struct Sample {
    mails: Vec<Mail>,
    deliveries: Vec<Delivery>,
}

/// Where [`Sample::write`] put the releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Folder of the Bureau of Procurement's release: a letter, an mbox, a zip.
    pub procurement: PathBuf,
    /// Folder of the Mayor's Office's release: a letter, folders of EML, a Maildir, a compressed mbox.
    pub mayor: PathBuf,
}

/// One copy of a message at the top of a source.
#[derive(Clone, Copy, Debug)]
pub struct Copy<'a> {
    /// The release that it is in.
    pub release: &'static str,
    /// Its source under the folder given to [`Sample::write`], with `/` between names.
    pub source: &'a str,
    /// Its name inside the source, if that is an archive or compressed.
    pub path_inside: Option<&'a str>,
    /// Its place in [`Truth::facts`].
    pub fact: usize,
    /// Its bytes; in an mbox they lie with `>From ` escaped.
    pub bytes: &'a [u8],
}

/// The releases of the demonstration and the tests: always the same bytes.
pub fn release() -> Sample {
    Sample::new(417)
}

impl Sample {
    /// Other releases with the same story: everyday mail, ids and times of copies differ by `seed`.
    pub fn new(seed: u64) -> Self {
        let mut desk = Desk::new(Random::fork(seed, "scenes"));
        scenes::play(&mut desk);
        desk.random = Random::fork(seed, "odd");
        odd::strew(&mut desk);
        desk.random = Random::fork(seed, "filler");
        filler::fill(&mut desk, EVERYDAY);
        let deliveries = layout::deliver(&desk.mails, seed);
        Self {
            mails: desk.mails,
            deliveries,
        }
    }

    /// Every copy with its bytes, source by source.
    pub fn messages(&self) -> impl Iterator<Item = Copy<'_>> {
        let places = self.fact_places();
        self.deliveries.iter().map(move |delivery| Copy {
            release: delivery.release,
            source: &delivery.path,
            path_inside: delivery.inside.as_deref(),
            fact: places[&delivery.place],
            bytes: &delivery.bytes,
        })
    }

    /// The files of both releases, path and bytes, sorted by path.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        layout::files(&self.mails, &self.deliveries)
    }

    /// Writes both releases under `folder`, which is made if need be.
    ///
    /// # Errors
    ///
    /// Where a folder cannot be made or a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<Layout> {
        for (path, bytes) in self.files() {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, bytes)?;
        }
        for empty in layout::EMPTY_FOLDERS {
            fs::create_dir_all(folder.join(empty))?;
        }
        Ok(Layout {
            procurement: folder.join(PROCUREMENT),
            mayor: folder.join(MAYOR),
        })
    }

    /// What is in the releases, by construction.
    pub fn truth(&self) -> Truth {
        let places = self.fact_places();
        let mut facts: Vec<Fact> = self
            .delivered()
            .into_iter()
            .map(|place| fact(&self.mails[place], &places))
            .collect();
        for delivery in &self.deliveries {
            let known = &mut facts[places[&delivery.place]];
            known.copies += 1;
            if delivery.bcc && known.bcc.is_empty() {
                known.bcc = mailboxes(&self.mails[delivery.place].bcc);
            }
            for inner in self.family(delivery.place) {
                let known = &mut facts[places[&inner]];
                known.attached_copies += usize::from(inner != delivery.place);
                known.releases.push(delivery.release);
            }
        }
        for known in &mut facts {
            known.releases.sort_unstable();
            known.releases.dedup();
        }
        let releases = vec![
            self.count(PROCUREMENT, "Rivermouth Bureau of Procurement", &facts),
            self.count(MAYOR, "Rivermouth Office of the Mayor", &facts),
        ];
        let shared = facts.iter().filter(|fact| fact.releases.len() == 2).count();
        Truth {
            questions: questions(&facts),
            ghosts: ghosts(&facts),
            shared,
            releases,
            facts,
        }
    }

    fn count(&self, name: &'static str, agency: &'static str, facts: &[Fact]) -> ReleaseTruth {
        let copies: Vec<&Delivery> = self
            .deliveries
            .iter()
            .filter(|delivery| delivery.release == name)
            .collect();
        let families: Vec<Vec<usize>> = copies.iter().map(|copy| self.family(copy.place)).collect();
        let all: usize = families.iter().map(Vec::len).sum();
        let sources: BTreeSet<&str> = copies.iter().map(|copy| copy.path.as_str()).collect();
        ReleaseTruth {
            name,
            agency,
            sources: sources.len() + layout::SOURCES_WITHOUT_MAIL,
            sources_without_mail: layout::SOURCES_WITHOUT_MAIL,
            copies: copies.len(),
            attached: all - copies.len(),
            messages: facts
                .iter()
                .filter(|fact| fact.releases.contains(&name))
                .count(),
            files: families
                .iter()
                .flatten()
                .map(|place| self.mails[*place].files.len())
                .sum(),
        }
    }

    /// A message and all that are attached to it, at any depth; a message attached twice counts twice.
    fn family(&self, place: usize) -> Vec<usize> {
        let mut family = vec![place];
        let mut next = 0;
        while let Some(member) = family.get(next).copied() {
            family.extend(&self.mails[member].attached);
            next += 1;
        }
        family
    }

    /// Places of all messages that lie in some release, in order.
    fn delivered(&self) -> BTreeSet<usize> {
        self.deliveries
            .iter()
            .flat_map(|delivery| self.family(delivery.place))
            .collect()
    }

    fn fact_places(&self) -> HashMap<usize, usize> {
        self.delivered()
            .into_iter()
            .enumerate()
            .map(|(fact, place)| (place, fact))
            .collect()
    }
}

fn fact(mail: &Mail, places: &HashMap<usize, usize>) -> Fact {
    let files = mail.files.iter().map(|file| FileFact {
        name: file.name.clone(),
        content_type: file.content_type,
        size: file.bytes.len(),
        text: file.text.clone(),
    });
    let mut marks = mail.marks.clone();
    marks.sort_unstable();
    Fact {
        key: mail.key,
        message_id: mail.message_id.clone(),
        in_reply_to: mail.in_reply_to.clone(),
        references: mail.references.clone(),
        date: mail.dated.then(|| mail.at.rfc3339()),
        unix: mail.dated.then(|| mail.at.unix()),
        from: mailbox(&mail.from),
        to: mailboxes(&mail.to),
        cc: mailboxes(&mail.cc),
        bcc: Vec::new(),
        subject: mail.subject.clone(),
        own: mail.own.clone(),
        text: mail.text(),
        files: files.collect(),
        attached: mail.attached.iter().map(|inner| places[inner]).collect(),
        marks,
        releases: Vec::new(),
        copies: 0,
        attached_copies: 0,
    }
}

fn mailbox(party: &Party) -> Mailbox {
    Mailbox {
        name: party.name.clone(),
        address: party.address.clone(),
    }
}

fn mailboxes(parties: &[Party]) -> Vec<Mailbox> {
    parties.iter().map(mailbox).collect()
}

fn ghosts(facts: &[Fact]) -> Vec<String> {
    let present: BTreeSet<&str> = facts
        .iter()
        .filter_map(|fact| fact.message_id.as_deref())
        .collect();
    let named = facts
        .iter()
        .flat_map(|fact| fact.references.iter().chain(&fact.in_reply_to));
    let absent: BTreeSet<&str> = named
        .map(String::as_str)
        .filter(|id| !present.contains(id))
        .collect();
    absent.into_iter().map(str::to_owned).collect()
}
