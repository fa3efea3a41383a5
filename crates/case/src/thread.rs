//! Reading a thread: its tree, with the messages that are not in the case in their places.

use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::MessageView;
use crate::SCHEMA;
use crate::threads;
use crate::view::View;
use muckrake_casework::Name;
use muckrake_casework::facts::reference;
use muckrake_casework::guesses::Evidence;
use muckrake_casework::guesses::Letter;
use muckrake_casework::tree::Node;
use muckrake_casework::tree::tree;
use muckrake_mail::MessageKey;
use serde::Serialize;
use std::collections::HashMap;

/// One place in a thread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThreadNode {
    /// Its number in reading order; the first is 0.
    pub node: usize,
    /// The number of the place it is under.
    pub parent_node: Option<usize>,
    /// Generations above it.
    pub depth: usize,
    /// Id of the message it answers, if that is in the case.
    pub parent: Option<MessageKey>,
    /// How it is known what it answers: [`Evidence::word`]; null where it is not.
    pub evidence: Option<&'static str>,
    /// How sure that is, to 1 for what headers prove; null where it is not known.
    pub confidence: Option<f64>,
    /// Whether the message is in no release.
    pub absent: bool,
    /// The message.
    #[serde(flatten)]
    pub member: ThreadMember,
}

/// What stands at a place of a thread.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ThreadMember {
    /// A message of the case.
    Message(Box<MessageView>),
    /// One that others refer to and no release holds.
    Absent(AbsentMessage),
}

/// A message that others refer to and no release holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AbsentMessage {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Always null.
    pub id: Option<MessageKey>,
    /// When it was written, RFC 3339, where a `Thread-Index` tells it.
    pub date: Option<String>,
    /// Its Message-ID, where one names it.
    pub message_id: Option<String>,
}

impl ThreadNode {
    /// The message, if it is in the case.
    pub fn message(&self) -> Option<&MessageView> {
        match &self.member {
            ThreadMember::Message(view) => Some(view),
            ThreadMember::Absent(_) => None,
        }
    }

    /// Whether what it answers is a guess.
    pub fn is_guess(&self) -> bool {
        self.confidence.is_some_and(|confidence| confidence < 1.0)
    }
}

/// The thread of a message, laid out; its messages are read as they are visited.
pub struct Thread<'a> {
    case: &'a Case,
    view: View<'a>,
    letters: Vec<Letter>,
    nodes: Vec<Node>,
}

impl Case {
    /// The thread of a message.
    ///
    /// # Errors
    /// As [`Case::message`].
    pub fn thread(&self, id: &str, links: Links) -> Result<Thread<'_>, CaseError> {
        let view = self.view()?;
        let ordinal = view.ledger.find(id)?;
        let (letters, nodes) = view.layout(ordinal, links)?;
        Ok(Thread {
            case: self,
            view,
            letters,
            nodes,
        })
    }
}

impl View<'_> {
    /// The thread of a message, laid out.
    pub(crate) fn layout(
        &self,
        ordinal: u32,
        links: Links,
    ) -> Result<(Vec<Letter>, Vec<Node>), CaseError> {
        let members = self.ledger.thread_members(ordinal, links)?;
        let sql = "SELECT ordinal, date, threading FROM messages WHERE ordinal = ?1";
        let mut letters = Vec::new();
        for member in members {
            letters.extend(self.ledger.rows(sql, [member], threads::letter)?);
        }
        muckrake_casework::guesses::sort(&mut letters);
        let guesses = match links {
            Links::All => self.ledger.guesses_within(&letters)?,
            Links::Proved => Vec::new(),
        };
        let nodes = tree(&letters, &guesses);
        Ok((letters, nodes))
    }
}

impl Thread<'_> {
    /// How many messages of it are in the case.
    pub fn messages(&self) -> usize {
        self.letters.len()
    }

    /// How many are known to have been written and are in no release.
    pub fn absent(&self) -> usize {
        self.nodes.len() - self.letters.len()
    }

    /// How many of its links are guesses.
    pub fn guesses(&self) -> usize {
        let guessed = |node: &&Node| node.evidence.is_some_and(|evidence| !evidence.is_proof());
        self.nodes.iter().filter(guessed).count()
    }

    /// All places at once, with their messages in memory. See [`Self::for_each`].
    ///
    /// # Errors
    /// If the case cannot be read.
    pub fn nodes(&self) -> Result<Vec<ThreadNode>, CaseError> {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        self.for_each(|node| {
            nodes.push(node);
            Ok::<(), CaseError>(())
        })?;
        Ok(nodes)
    }

    /// Calls `visit` with each place, in reading order: parents before children, siblings by date.
    /// One message is in memory at a time.
    ///
    /// # Errors
    /// The first error of `visit`, or one of reading.
    pub fn for_each<E: From<CaseError>>(
        &self,
        mut visit: impl FnMut(ThreadNode) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut ids: Vec<Option<MessageKey>> = Vec::with_capacity(self.nodes.len());
        let mut names = Names::default();
        for (place, node) in self.nodes.iter().enumerate() {
            let member = match node.member {
                Some(member) => {
                    let ordinal = self.letters[member].ordinal;
                    ThreadMember::Message(Box::new(self.view.message(ordinal)?))
                }
                None => ThreadMember::Absent(AbsentMessage {
                    schema: SCHEMA,
                    id: None,
                    date: node.date.and_then(moment_text),
                    message_id: self.name_of(place, &mut names)?,
                }),
            };
            let id = match &member {
                ThreadMember::Message(view) => Some(view.hit.id),
                ThreadMember::Absent(_) => None,
            };
            ids.push(id);
            visit(ThreadNode {
                node: place,
                parent_node: node.parent,
                depth: node.depth,
                parent: node.parent.and_then(|parent| ids[parent]),
                evidence: node.evidence.map(Evidence::word),
                confidence: node.evidence.map(|_| f64::from(node.confidence) / 100.0),
                absent: node.member.is_none(),
                member,
            })?;
        }
        Ok(())
    }

    /// The Message-ID by which an answer names an absent message. Without an original there is none.
    fn name_of(&self, place: usize, names: &mut Names) -> Result<Option<String>, CaseError> {
        let node = &self.nodes[place];
        let below = self.nodes[place + 1..]
            .iter()
            .take_while(|below| below.depth > node.depth)
            .find_map(|below| below.member);
        let (Some(member), Some(reference)) = (below, node.reference) else {
            return Ok(None);
        };
        let ordinal = self.letters[member].ordinal;
        if names.of != Some(ordinal) {
            let key = self.view.ledger.key(ordinal)?;
            names.of = Some(ordinal);
            names.given = key.map_or_else(HashMap::new, |key| self.case.names_given_by(key));
        }
        Ok(names.given.get(&reference).cloned())
    }
}

/// The Message-IDs that one message refers to.
#[derive(Default)]
struct Names {
    of: Option<u32>,
    given: HashMap<Name, String>,
}

impl Case {
    fn names_given_by(&self, message: MessageKey) -> HashMap<Name, String> {
        let Ok(raw) = self.raw(&message.to_string(), false) else {
            return HashMap::new();
        };
        let message = muckrake_mail::parse(&raw, &self.settings().limits().mail);
        let names = message.references.into_iter().chain(message.in_reply_to);
        names.map(|id| (reference(&id), id)).collect()
    }
}

/// A moment as schema 1 writes it.
fn moment_text(seconds: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_second(seconds).ok()?;
    Some(moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

impl crate::ledger::LedgerFile {
    /// The guesses that hold for some letters.
    fn guesses_within(
        &self,
        letters: &[Letter],
    ) -> Result<Vec<muckrake_casework::guesses::Guess>, CaseError> {
        let sql = "SELECT message, parent, evidence, confidence FROM guesses WHERE message = ?1 AND holds";
        let mut guesses = Vec::new();
        for letter in letters {
            guesses.extend(self.rows(sql, [letter.ordinal], threads::guess)?);
        }
        Ok(guesses)
    }
}
