//! The footers of a case: paragraphs that were learned from its own messages to be nobody's words in particular.
//!
//! `footers.toml` in the case folder holds what was learned and what the user says of it; it is the user's, and no rebuild
//! touches it. What is in it counts when a message is indexed. When it changes, the messages that
//! have the paragraphs in question are noted and indexed again, as those are of which a later copy says more.

use crate::Case;
use crate::CaseError;
use crate::durable;
use crate::folder::Folder;
use crate::ingest::Writing;
use crate::ingest::later_copy;
use crate::view::View;
use muckrake_casework::footers::Edge;
use muckrake_casework::footers::Learned;
use muckrake_casework::footers::Learning;
use muckrake_casework::footers::Source;
use muckrake_index::SnippetOrigin;
use muckrake_mail::Message;
use muckrake_mail::zones::EdgeParagraph;
use muckrake_mail::zones::Footers;
use muckrake_mail::zones::edge_paragraphs;
use serde::Deserialize;
use serde::Serialize;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fs;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::io::ErrorKind;
use std::sync::atomic::AtomicBool;

/// What the user says of a footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FooterState {
    /// Learned, and taken for one.
    Learned,
    /// The user says that it is one.
    Accepted,
    /// The user says that it is none.
    Rejected,
}

/// A paragraph that was learned to be a footer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// Its fingerprint, in 16 hexadecimal digits.
    pub print: String,
    /// What the user says of it.
    pub state: FooterState,
    /// In how many messages it stood when it was learned.
    pub messages: u32,
    /// Of how many senders, counted to 8.
    pub senders: usize,
    /// Its text in one of them, shortened.
    pub text: String,
}

/// What changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FooterChange {
    /// Footers that are taken for such now and were not before.
    pub new: usize,
    /// Messages that have a paragraph in question, and were indexed again.
    pub messages: u64,
    /// Of these, messages whose original cannot be read now.
    pub unreadable: u64,
}

/// Longest text of a footer that is kept, in characters.
const LONGEST_TEXT: usize = 300;

const TITLE: &str = "# Footers of this case: paragraphs that are nobody's words in particular. `muckrake footers` lists and changes them.\n\n";

/// The file as a whole.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FooterFile {
    #[serde(default)]
    footer: Vec<Footer>,
}

impl FooterFile {
    fn read(folder: &Folder) -> Result<Self, CaseError> {
        let path = folder.footers();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(CaseError::file("read the footers", &path)(error)),
        };
        toml::from_str(&text).map_err(|source| CaseError::Settings { path, source })
    }

    fn write(&self, folder: &Folder) -> Result<(), CaseError> {
        let path = folder.footers();
        let text = toml::to_string(self).map_err(std::io::Error::other);
        let text = text.map_err(CaseError::file("write the footers", &path))?;
        // What the user says of them is nowhere else.
        durable::write(&path, format!("{TITLE}{text}").as_bytes())
            .map_err(CaseError::file("write the footers", &path))
    }

    /// The fingerprints of what is taken for a footer.
    fn active(&self) -> HashSet<u64> {
        let active = self
            .footer
            .iter()
            .filter(|footer| footer.state != FooterState::Rejected);
        active
            .filter_map(|footer| u64::from_str_radix(&footer.print, 16).ok())
            .collect()
    }
}

/// The footers that count in a case.
pub(crate) fn active(folder: &Folder) -> Result<Footers, CaseError> {
    Ok(FooterFile::read(folder)?.active().into_iter().collect())
}

/// Marks the footers of a message and of those attached to it.
pub(crate) fn mark(footers: &Footers, message: &mut Message) {
    if footers.is_empty() {
        return;
    }
    let mut open = vec![message];
    while let Some(message) = open.pop() {
        for part in &mut message.body {
            footers.mark(&part.text, &mut part.zones);
        }
        let attached = message.attached.iter_mut();
        open.extend(attached.map(|attached| &mut attached.message));
    }
}

impl Case {
    /// What was learned so far, the most frequent first.
    ///
    /// # Errors
    /// A file that cannot be read or understood.
    pub fn footers(&self) -> Result<Vec<Footer>, CaseError> {
        Ok(FooterFile::read(self.parts())?.footer)
    }

    /// Learns footers from the messages of the case, and indexes those messages again that have new ones. What the user
    /// has said of a footer stays.
    ///
    /// # Errors
    /// [`CaseError::Locked`] while another process writes; a disk that cannot be read or written.
    pub fn learn_footers(&self, cancel: &AtomicBool) -> Result<FooterChange, CaseError> {
        let _lock = self.parts().write_lock("footers learn")?;
        let view = self.view()?;
        let mut file = FooterFile::read(self.parts())?;
        let before = file.active();
        let learned = learn(&view)?;
        let mut known: HashMap<String, usize> = file
            .footer
            .iter()
            .enumerate()
            .map(|(at, footer)| (footer.print.clone(), at))
            .collect();
        for one in learned {
            let print = format!("{:016x}", one.print);
            match known.get(&print) {
                Some(&at) => {
                    file.footer[at].messages = one.messages;
                    file.footer[at].senders = one.senders;
                }
                None => {
                    known.insert(print.clone(), file.footer.len());
                    file.footer.push(Footer {
                        print,
                        state: FooterState::Learned,
                        messages: one.messages,
                        senders: one.senders,
                        text: text_of(&view, &one)?,
                    });
                }
            }
        }
        file.footer.sort_by(|one, other| {
            other
                .messages
                .cmp(&one.messages)
                .then(one.print.cmp(&other.print))
        });
        self.apply(view, &file, &before, cancel)
    }

    /// Says whether a paragraph is a footer; `print` is its fingerprint, or the beginning of one.
    ///
    /// # Errors
    /// [`CaseError::UnknownFooter`] if none or several begin with it; else as [`Case::learn_footers`].
    pub fn judge_footer(
        &self,
        print: &str,
        is_footer: bool,
        cancel: &AtomicBool,
    ) -> Result<FooterChange, CaseError> {
        let _lock = self.parts().write_lock("footers")?;
        let view = self.view()?;
        let mut file = FooterFile::read(self.parts())?;
        let before = file.active();
        let mut meant = file
            .footer
            .iter_mut()
            .filter(|footer| !print.is_empty() && footer.print.starts_with(print));
        let (Some(footer), None) = (meant.next(), meant.next()) else {
            return Err(CaseError::UnknownFooter {
                print: print.to_owned(),
            });
        };
        footer.state = if is_footer {
            FooterState::Accepted
        } else {
            FooterState::Rejected
        };
        self.apply(view, &file, &before, cancel)
    }

    /// Writes the file, notes the messages that have a paragraph of which it says something else than before, and indexes
    /// these again.
    fn apply(
        &self,
        view: View<'_>,
        file: &FooterFile,
        before: &HashSet<u64>,
        cancel: &AtomicBool,
    ) -> Result<FooterChange, CaseError> {
        let after = file.active();
        let changed: HashSet<u64> = before.symmetric_difference(&after).copied().collect();
        let mut noted = Vec::new();
        if !changed.is_empty() {
            for_each_message(&view, |message| {
                if message
                    .edges
                    .iter()
                    .any(|edge| changed.contains(&edge.print))
                {
                    noted.push(message.source.number);
                }
                Ok(())
            })?;
        }
        drop(view);
        file.write(self.parts())?;
        let mut change = FooterChange {
            new: after.difference(before).count(),
            messages: noted.len() as u64,
            unreadable: 0,
        };
        if noted.is_empty() {
            return Ok(change);
        }
        let mut writing = Writing::open(self)?;
        writing.ledger.begin()?;
        for ordinal in &noted {
            let sql = "INSERT OR IGNORE INTO restate (message) VALUES (?1)";
            writing.ledger.change(sql, [*ordinal])?;
        }
        writing.ledger.commit()?;
        later_copy::restate(self, &mut writing, cancel)?;
        let left = writing
            .ledger
            .ordinals("SELECT message FROM restate WHERE unreadable = 1", [])?;
        change.unreadable = noted
            .iter()
            .filter(|ordinal| left.contains(**ordinal))
            .count() as u64;
        Ok(change)
    }
}

/// One message with the paragraphs at the edges of its texts.
struct Seen {
    source: Source,
    edges: Vec<EdgeParagraph>,
}

fn learn(view: &View<'_>) -> Result<Vec<Learned>, CaseError> {
    let mut learning = Learning::default();
    for_each_message(view, |message| {
        let edges: Vec<Edge> = message
            .edges
            .iter()
            .map(|edge| Edge {
                print: edge.print,
                has_cue: edge.has_cue,
                at_end: edge.at_end,
                above: edge.above,
            })
            .collect();
        learning.take(&message.source, &edges);
        Ok(())
    })?;
    Ok(learning.finish())
}

/// Calls `visit` for each message of a case, in order.
fn for_each_message(
    view: &View<'_>,
    mut visit: impl FnMut(&Seen) -> Result<(), CaseError>,
) -> Result<(), CaseError> {
    let messages = view.ledger.rows(
        "SELECT ordinal, coalesce(thread, ordinal), coalesce((SELECT min(release) FROM copies
             JOIN sources ON sources.id = source WHERE message = ordinal), 0)
         FROM messages ORDER BY ordinal",
        [],
        |row| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get(2)?)),
    )?;
    for (ordinal, thread, release) in messages {
        let texts = body_texts(view, ordinal)?;
        let edges: Vec<EdgeParagraph> = texts
            .iter()
            .flat_map(|text| edge_paragraphs(text))
            .collect();
        // One without any is counted all the same: a footer is in a share of all messages.
        let sender = match edges.is_empty() {
            true => 0,
            false => sender(view, ordinal)?,
        };
        visit(&Seen {
            source: Source {
                number: ordinal,
                release,
                sender,
                thread: u64::from(thread),
            },
            edges,
        })?;
    }
    Ok(())
}

/// A number for the person who sent a message: by a name of two words or more, since one person may have many addresses,
/// else by the address.
fn sender(view: &View<'_>, ordinal: u32) -> Result<u64, CaseError> {
    let record = view.record(ordinal)?;
    let told = record.from.first().and_then(|from| {
        let name = from.name.as_deref();
        let whole = name.filter(|name| name.split_whitespace().count() > 1);
        whole.or(from.address.as_deref()).or(name)
    });
    let mut hasher = DefaultHasher::new();
    told.unwrap_or_default().to_lowercase().hash(&mut hasher);
    Ok(hasher.finish())
}

fn body_texts(view: &View<'_>, ordinal: u32) -> Result<Vec<String>, CaseError> {
    let texts = view
        .reader
        .texts(ordinal)
        .map_err(CaseError::index("read"))?;
    let texts = texts.unwrap_or_default().into_iter();
    Ok(texts
        .filter(|text| text.origin == SnippetOrigin::Body)
        .map(|text| text.text)
        .collect())
}

/// The text of a footer in its example.
fn text_of(view: &View<'_>, learned: &Learned) -> Result<String, CaseError> {
    for text in body_texts(view, learned.example)? {
        let edges = edge_paragraphs(&text);
        if let Some(edge) = edges.iter().find(|edge| edge.print == learned.print) {
            let words = text
                .get(edge.place.start as usize..edge.place.end as usize)
                .unwrap_or_default();
            let words: Vec<&str> = words.split_whitespace().collect();
            return Ok(words.join(" ").chars().take(LONGEST_TEXT).collect());
        }
    }
    Ok(String::new())
}
