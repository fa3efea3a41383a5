//! Reading a thread: its tree, with the messages that are not in the case in their places.

use crate::Case;
use crate::CaseError;
use crate::Ghost;
use crate::Links;
use crate::MessageView;
use crate::Person;
use crate::SCHEMA;
use crate::ghosts::Fate;
use crate::ghosts::Found;
use crate::threads;
use crate::view::View;
use muckrake_casework::Name;
use muckrake_casework::facts::reference;
use muckrake_casework::guesses::Evidence;
use muckrake_casework::guesses::Letter;
use muckrake_casework::tree::End;
use muckrake_casework::tree::Node;
use muckrake_casework::tree::Quotes;
use muckrake_casework::tree::tree;
use muckrake_casework::tree::with_ghosts;
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
    Absent(Box<AbsentMessage>),
}

/// A message that others refer to and no release holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AbsentMessage {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Always null.
    pub id: Option<MessageKey>,
    /// When it was written, RFC 3339, where a `Thread-Index` or a quotation tells it.
    pub date: Option<String>,
    /// Its Message-ID, where one names it.
    pub message_id: Option<String>,
    /// Who wrote it, where a quotation tells; so with the rest.
    pub from: Option<Person>,
    /// To whom it went.
    pub to: Vec<Person>,
    /// Who got a copy.
    pub cc: Vec<Person>,
    /// What it is about.
    pub subject: Option<String>,
    /// Its words as the fullest quotation has them; null where nobody quotes it.
    pub text: Option<String>,
    /// Ids of the messages that quote it.
    pub quoted_in: Vec<MessageKey>,
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
    ghosts: Vec<Ghost>,
    quotations: Vec<(Found, Fate)>,
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
        let quotations = view.fates_in(&letters)?;
        let mut thread = Thread {
            case: self,
            view,
            letters,
            nodes,
            ghosts: Vec::new(),
            quotations,
        };
        if links == Links::All {
            thread.place_ghosts()?;
        }
        Ok(thread)
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

impl View<'_> {
    /// What the messages of a thread quote, and what became of that.
    fn fates_in(&self, letters: &[Letter]) -> Result<Vec<(Found, Fate)>, CaseError> {
        let quoting = letters.iter().filter(|letter| letter.facts.quotes);
        let quoting: Vec<u32> = quoting.map(|letter| letter.ordinal).collect();
        if quoting.is_empty() {
            return Ok(Vec::new());
        }
        let mut search = self.ghost_search(None)?;
        let found = self.quotations(&quoting)?.into_iter();
        found
            .map(|found| search.fate(&found).map(|fate| (found, fate)))
            .collect()
    }
}

impl Thread<'_> {
    /// Puts the messages that are quoted and in no release in their places.
    fn place_ghosts(&mut self) -> Result<(), CaseError> {
        let unreleased = self
            .quotations
            .iter()
            .filter(|(_, fate)| *fate == Fate::Ghost);
        let unreleased: Vec<&Found> = unreleased.map(|(found, _)| found).collect();
        let (ghosts, groups) = self.view.ghosts_of(&unreleased)?;
        let members: HashMap<u32, usize> = (0..)
            .zip(&self.letters)
            .map(|(place, letter)| (letter.ordinal, place))
            .collect();
        let member = |ordinal: &u32| members.get(ordinal).copied().map(End::Member);
        let mut groups = groups.into_iter();
        let mut dates = vec![None; ghosts.len()];
        let mut quotes = Vec::new();
        // The last quotation of each depth, in the text that is looked at.
        let mut above: Vec<Option<End>> = Vec::new();
        let mut text = None;
        for (found, fate) in &self.quotations {
            if text != Some((found.ordinal, found.part)) {
                text = Some((found.ordinal, found.part));
                above = vec![member(&found.ordinal)];
            }
            let end = match fate {
                Fate::Unclear => None,
                Fate::Released(original) => member(original),
                Fate::Ghost => groups.next().map(End::Ghost),
            };
            if let (Some(End::Ghost(ghost)), Some(date)) = (end, &found.message.date) {
                dates[ghost] = Some(date.value.utc().unwrap_or(date.value.local));
            }
            let depth = usize::from(found.message.depth).max(1);
            above.resize(depth, None);
            if let (Some(child), Some(parent)) = (above[depth - 1], end) {
                quotes.push(Quotes { child, parent });
            }
            above.push(end);
        }
        self.nodes = with_ghosts(&self.nodes, &quotes, &dates);
        self.ghosts = ghosts;
        Ok(())
    }

    /// An absent message as it is told: by headers, and by those that quote it.
    fn absent_at(&self, place: usize, names: &mut Names) -> Result<AbsentMessage, CaseError> {
        let node = &self.nodes[place];
        let ghost = node.ghost.and_then(|ghost| self.ghosts.get(ghost));
        let message_id = self.name_of(place, names)?;
        let Some(ghost) = ghost.cloned() else {
            return Ok(AbsentMessage {
                schema: SCHEMA,
                date: node.date.and_then(moment_text),
                message_id,
                ..AbsentMessage::default()
            });
        };
        Ok(AbsentMessage {
            schema: SCHEMA,
            id: None,
            date: ghost.date.or(node.date.and_then(moment_text)),
            message_id,
            from: ghost.from,
            to: ghost.to,
            cc: ghost.cc,
            subject: ghost.subject,
            text: Some(ghost.text),
            quoted_in: ghost.quoted_in.into_iter().map(|place| place.id).collect(),
        })
    }

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
        let mut quoted: HashMap<u32, Vec<&(Found, Fate)>> = HashMap::new();
        for one in &self.quotations {
            quoted.entry(one.0.ordinal).or_default().push(one);
        }
        for (place, node) in self.nodes.iter().enumerate() {
            let member = match node.member {
                Some(member) => {
                    let ordinal = self.letters[member].ordinal;
                    let mut message = self.view.message(ordinal)?;
                    for (found, fate) in quoted.get(&ordinal).into_iter().flatten() {
                        self.view.note_fate(found, *fate, &mut message)?;
                    }
                    ThreadMember::Message(Box::new(message))
                }
                None => ThreadMember::Absent(Box::new(self.absent_at(place, &mut names)?)),
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
