//! Who wrote to whom in the messages that match: a graph of officials.

use super::report::IdentityRow;
use super::report::moment_text;
use crate::Case;
use crate::CaseError;
use crate::Links;
use crate::SCHEMA;
use muckrake_index::language::Query;
use roaring::RoaringBitmap;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// Which messages and people are in the graph.
#[derive(Clone, Debug, Default)]
pub struct NetworkRequest<'a> {
    /// Messages that match.
    pub query: Option<&'a Query>,
    /// Messages to more people than this are left out: they are broadcasts.
    pub most_recipients: Option<usize>,
    /// Those who got only a copy are left out.
    pub without_copies: bool,
    /// Who is left out.
    pub without: Ego,
}

/// Somebody who is on everything and is left out of a graph, so that the others show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ego {
    /// Nobody.
    #[default]
    Nobody,
    /// Whoever is on most of the messages: the custodian of a mailbox, as a rule.
    Busiest,
    /// One official, by name, address or id.
    Named(String),
}

/// A graph of officials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Messages that it shows.
    pub messages: u64,
    /// Messages that match and went to too many.
    pub broadcasts: u64,
    /// Mentions in these messages of people whose name was taken out; they are no nodes.
    pub redacted: u64,
    /// Who was left out.
    pub left_out: Option<String>,
    /// The officials, those with most messages first.
    pub nodes: Vec<NetworkNode>,
    /// Who wrote to whom, the most messages first.
    pub edges: Vec<NetworkEdge>,
}

/// One official of a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkNode {
    /// Id of the official.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `person`, `mailbox` or `unclear`.
    pub kind: String,
    /// Its agency.
    pub agency: Option<String>,
    /// Messages sent in the graph.
    pub sent: u64,
    /// Messages received in the graph.
    pub received: u64,
}

/// Messages from one official to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkEdge {
    /// Id of the one who wrote.
    pub from: String,
    /// Id of the one who got them.
    pub to: String,
    /// How many.
    pub messages: u64,
    /// Date of the earliest.
    pub first: Option<String>,
    /// Date of the latest.
    pub last: Option<String>,
}

/// Recipients of one message that get an edge.
const MOST_RECIPIENTS: usize = 10_000;

#[derive(Default)]
struct Counts {
    messages: u64,
    first: Option<i64>,
    last: Option<i64>,
}

impl Counts {
    fn add(&mut self, date: Option<i64>) {
        self.messages += 1;
        self.first = self.first.into_iter().chain(date).min();
        self.last = self.last.into_iter().chain(date).max();
    }
}

impl Case {
    /// Who wrote to whom in the messages that match.
    ///
    /// # Errors
    /// A query or a name that cannot be answered; a ledger that cannot be read.
    pub fn network(&self, request: &NetworkRequest<'_>) -> Result<Network, CaseError> {
        let view = self.view()?;
        view.expect_officials()?;
        let within = request
            .query
            .map(|query| view.ordinals(query, Links::All))
            .transpose()?;
        let rows = view.identities()?;
        let named = rows.iter().filter(|row| row.kind != "anonymous");
        let named: RoaringBitmap = named.map(|row| row.number).collect();
        let dates = view.dates()?;
        let mut exchanges = Vec::new();
        let (mut broadcasts, mut redacted) = (0, 0);
        view.for_each_exchange(within.as_ref(), |exchange| {
            let recipients = exchange.to.len() + exchange.copied.len();
            if request
                .most_recipients
                .is_some_and(|most| recipients > most)
            {
                broadcasts += 1;
                return;
            }
            let mut to = exchange.to.clone();
            if !request.without_copies {
                to.extend(&exchange.copied);
            }
            to.truncate(MOST_RECIPIENTS);
            let known = |one: &u32| named.contains(*one);
            redacted += exchange
                .from
                .iter()
                .chain(&to)
                .filter(|one| !known(one))
                .count() as u64;
            let from: Vec<u32> = exchange.from.iter().copied().filter(known).collect();
            to.retain(known);
            if !from.is_empty() && !to.is_empty() {
                exchanges.push((exchange.message, from, to));
            }
        })?;
        let without = match &request.without {
            Ego::Nobody => None,
            Ego::Named(name) => Some(view.ledger.official(name)?.identity),
            Ego::Busiest => busiest(&exchanges, &rows),
        };
        let mut edges: BTreeMap<(u32, u32), Counts> = BTreeMap::new();
        let mut messages = 0;
        for (message, from, to) in &exchanges {
            let date = dates.get(*message as usize).copied().flatten();
            let mut any = false;
            for from in from.iter().filter(|one| Some(**one) != without) {
                for to in to
                    .iter()
                    .filter(|one| Some(**one) != without && *one != from)
                {
                    edges.entry((*from, *to)).or_default().add(date);
                    any = true;
                }
            }
            messages += u64::from(any);
        }
        Ok(Network {
            schema: SCHEMA,
            messages,
            broadcasts,
            redacted,
            left_out: without
                .and_then(|one| rows.iter().find(|row| row.number == one))
                .map(|row| row.name.clone()),
            nodes: nodes(&rows, &edges),
            edges: named_edges(&rows, edges),
        })
    }
}

/// Whoever is on most messages.
fn busiest(exchanges: &[(u32, Vec<u32>, Vec<u32>)], rows: &[IdentityRow]) -> Option<u32> {
    let mut counts: HashMap<u32, u64> = HashMap::new();
    for (_, from, to) in exchanges {
        for one in from.iter().chain(to) {
            *counts.entry(*one).or_default() += 1;
        }
    }
    let counted = rows
        .iter()
        .filter_map(|row| Some((*counts.get(&row.number)?, row)));
    counted
        .max_by_key(|(count, row)| (*count, std::cmp::Reverse(&row.print)))
        .map(|(_, row)| row.number)
}

fn nodes(rows: &[IdentityRow], edges: &BTreeMap<(u32, u32), Counts>) -> Vec<NetworkNode> {
    let mut counts: HashMap<u32, (u64, u64)> = HashMap::new();
    for ((from, to), count) in edges {
        counts.entry(*from).or_default().0 += count.messages;
        counts.entry(*to).or_default().1 += count.messages;
    }
    let mut nodes: Vec<NetworkNode> = rows
        .iter()
        .filter_map(|row| {
            let (sent, received) = *counts.get(&row.number)?;
            Some(NetworkNode {
                id: row.print.clone(),
                name: row.name.clone(),
                kind: row.kind.clone(),
                agency: row.agency.clone(),
                sent,
                received,
            })
        })
        .collect();
    nodes.sort_by(|one, other| {
        (other.sent + other.received)
            .cmp(&(one.sent + one.received))
            .then_with(|| one.name.cmp(&other.name))
    });
    nodes
}

fn named_edges(rows: &[IdentityRow], edges: BTreeMap<(u32, u32), Counts>) -> Vec<NetworkEdge> {
    let ids: HashMap<u32, &String> = rows.iter().map(|row| (row.number, &row.print)).collect();
    let mut edges: Vec<NetworkEdge> = edges
        .into_iter()
        .filter_map(|((from, to), count)| {
            Some(NetworkEdge {
                from: (*ids.get(&from)?).clone(),
                to: (*ids.get(&to)?).clone(),
                messages: count.messages,
                first: count.first.map(moment_text),
                last: count.last.map(moment_text),
            })
        })
        .collect();
    edges.sort_by(|one, other| {
        other
            .messages
            .cmp(&one.messages)
            .then_with(|| (&one.from, &one.to).cmp(&(&other.from, &other.to)))
    });
    edges
}
