//! The page of one thread: its messages in reading order.

use super::Group;
use super::attachments;
use super::index::Row;
use super::message;
use super::message::Place;
use super::page::Frame;
use super::page::escape;
use super::words;
use crate::CaseError;
use crate::MessageView;
use crate::export::Extent;
use crate::export::manifest::Written;
use crate::export::selection::Chosen;
use crate::export::stage::StagedFile;
use crate::export::work::Stop;
use crate::export::work::Work;
use crate::read::sha256;
use muckrake_casework::tree::Node;
use muckrake_mail::MessageKey;
use muckrake_mail::Parts;
use std::collections::HashMap;

/// Writes the page of a thread, and gives what the list says of it.
pub(super) fn write(
    work: &mut Work<'_>,
    frame: &Frame,
    group: &Group<'_>,
    before: Option<&Group<'_>>,
    after: Option<&Group<'_>>,
) -> Result<Row, Stop> {
    let mut page = Page {
        name: group.file(),
        file: work.stage.open(&group.file())?,
        chosen: group.chosen.iter().map(|one| (one.ordinal, one)).collect(),
        shown: HashMap::new(),
        skipped: 0,
        row: Row {
            file: group.file(),
            subject: None,
            first: None,
            last: None,
            messages: group.chosen.len(),
            hits: group.chosen.iter().filter(|one| one.hit).count(),
            attachments: 0,
            writers: Vec::new(),
        },
    };
    page.begin(work, frame, group, &links(before, after))?;
    let head = group.chosen.first().map_or(0, |one| one.head);
    let (letters, nodes) = work.view.layout(head, work.request.links)?;
    for (place, node) in nodes.iter().enumerate() {
        work.check()?;
        let ordinal = node.member.and_then(|member| letters.get(member));
        match ordinal.and_then(|letter| page.chosen.get(&letter.ordinal).copied()) {
            Some(one) => page.message(work, one, place, node)?,
            None if node.member.is_some() => page.skipped += 1,
            None => page.absent(work.request.extent)?,
        }
    }
    page.say_skipped()?;
    page.file.write(frame.end().as_bytes())?;
    work.stage.close(page.file)?;
    Ok(page.row)
}

fn links(before: Option<&Group<'_>>, after: Option<&Group<'_>>) -> String {
    let mut links = String::from("<a href=\"../index.html\">All threads</a>");
    for (group, label) in [(before, "Previous"), (after, "Next")] {
        if let Some(group) = group {
            links.push_str(&format!(" <a href=\"{}.html\">{label}</a>", group.key));
        }
    }
    links
}

/// A page under construction.
struct Page<'a> {
    name: String,
    file: StagedFile,
    chosen: HashMap<u32, &'a Chosen>,
    /// The messages that are on it, by their place in the thread: their ids and who wrote them.
    shown: HashMap<usize, (MessageKey, String)>,
    /// Messages passed over since the last one that is on the page.
    skipped: usize,
    row: Row,
}

impl Page<'_> {
    fn begin(
        &mut self,
        work: &Work<'_>,
        frame: &Frame,
        group: &Group<'_>,
        links: &str,
    ) -> Result<(), CaseError> {
        let first = group.chosen.first().map_or(0, |one| one.ordinal);
        self.row.subject = work.view.record(first)?.subject;
        let subject = self.row.subject.as_deref().unwrap_or("(no subject)");
        let mut sums = words::counted(self.row.messages, "message");
        if self.row.hits < self.row.messages {
            sums.push_str(&format!(", {} marked", self.row.hits));
        }
        self.file.write(frame.head(subject, links).as_bytes())?;
        self.file.write(
            format!(
                "<h1 dir=\"auto\">{}</h1>\n<p class=\"about\">{sums}</p>\n",
                escape(subject)
            )
            .as_bytes(),
        )
    }

    fn message(
        &mut self,
        work: &mut Work<'_>,
        one: &Chosen,
        place: usize,
        node: &Node,
    ) -> Result<(), CaseError> {
        self.say_skipped()?;
        let view = work.view.message(one.ordinal)?;
        let files = self.attachments(work, one, &view)?;
        let answered = node.parent.and_then(|parent| self.shown.get(&parent));
        let text = message::html(
            &view,
            &Place {
                title: self.row.subject.as_deref(),
                hit: one.hit && self.row.hits < self.row.messages,
                answered: answered.map(|(id, writer)| (*id, writer.as_str())),
                guessed: node.evidence.is_some_and(|evidence| !evidence.is_proof()),
                files: &files,
            },
        );
        let offset = self.file.length();
        self.file.write(text.as_bytes())?;
        let written = Written {
            file: &self.name,
            offset: Some(offset),
            bytes: Some(text.as_bytes()),
            original: None,
            control_number: None,
        };
        work.manifest.item(&view.hit, one.hit, &written)?;
        work.summary.messages += 1;
        work.done();
        self.note(place, &view);
        Ok(())
    }

    /// Keeps what the list says of the thread, and what answers refer to.
    fn note(&mut self, place: usize, view: &MessageView) {
        let hit = &view.hit;
        let writer = hit.from.first().map_or("unknown", words::short).to_owned();
        self.shown.insert(place, (hit.id, writer));
        for person in &hit.from {
            let name = words::short(person);
            if !self.row.writers.iter().any(|known| known == name) {
                self.row.writers.push(name.to_owned());
            }
        }
        self.row.attachments += hit.attachments.len();
        if let Some(date) = &hit.date {
            // Compared as days: the offsets of two senders differ by hours.
            let earlier = self
                .row
                .first
                .as_ref()
                .is_none_or(|first| date[..10] < first[..10]);
            let later = self
                .row
                .last
                .as_ref()
                .is_none_or(|last| date[..10] > last[..10]);
            if earlier {
                self.row.first = Some(date.clone());
            }
            if later {
                self.row.last = Some(date.clone());
            }
        }
    }

    /// Writes the attachments of a message as files; gives their names, in order, where there are any.
    fn attachments(
        &mut self,
        work: &mut Work<'_>,
        one: &Chosen,
        view: &MessageView,
    ) -> Result<Vec<Option<String>>, CaseError> {
        let hit = &view.hit;
        if hit.attachments.is_empty() {
            return Ok(Vec::new());
        }
        let Some(original) = work.original_as_parsed(one, hit)? else {
            return Ok(vec![None; hit.attachments.len()]);
        };
        let limits = work.view.case.settings().limits().mail;
        let mut parts = Parts::of(&original, &limits);
        let id = hit.id.to_string();
        let mut files = Vec::new();
        for (place, attachment) in hit.attachments.iter().enumerate() {
            let Some(bytes) = parts.bytes(&attachment.part) else {
                files.push(None);
                continue;
            };
            let file = attachments::file(&id, place + 1, attachment);
            work.stage.put(&file, &bytes)?;
            work.manifest.attachment(
                hit.id,
                &attachment.part,
                None,
                &file,
                (bytes.len() as u64, sha256(&bytes)),
            )?;
            files.push(Some(file));
        }
        Ok(files)
    }

    /// Says how many messages of the thread are left out here.
    fn say_skipped(&mut self) -> Result<(), CaseError> {
        match std::mem::take(&mut self.skipped) {
            0 => Ok(()),
            count => self.gap(&format!(
                "{} of this thread not in this export",
                words::counted(count, "message")
            )),
        }
    }

    fn absent(&mut self, extent: Extent) -> Result<(), CaseError> {
        if extent != Extent::Threads {
            return Ok(());
        }
        self.gap("A message that others answer, and that is in no release")
    }

    fn gap(&mut self, text: &str) -> Result<(), CaseError> {
        self.file
            .write(format!("<p class=\"gap\">{text}</p>\n").as_bytes())
    }
}
