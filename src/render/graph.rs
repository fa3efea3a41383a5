//! Graphs of officials: GraphML for other programs, and a drawing.
//!
//! The drawing is made without chance: officials start on a circle in order of their mail and are moved by springs along their mail
//! and by pushing one another away, always the same number of times.

use muckrake_case::Network;
use muckrake_case::NetworkNode;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io;
use std::io::Write;

/// Officials drawn, unless the user says otherwise; more are a thicket.
const DRAWN: usize = 60;
/// Officials drawn at most: each pushes each other.
const MOST_DRAWN: usize = 1_000;
/// How often all are moved.
const MOVES: usize = 300;
/// Size of the drawing, in units of SVG.
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 900.0;
/// Free space around the officials.
const MARGIN: f64 = 90.0;
/// Colours that most people can tell apart (Okabe and Ito), for the agencies with most officials; grey for all others.
const COLOURS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d1f",
];
const GREY: &str = "#888888";

/// Writes a graph as GraphML (<http://graphml.graphdrawing.org/>).
pub(crate) fn write_graphml(out: &mut dyn Write, network: &Network) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">"
    )?;
    for (id, of, kind) in [
        ("name", "node", "string"),
        ("agency", "node", "string"),
        ("kind", "node", "string"),
        ("sent", "node", "long"),
        ("received", "node", "long"),
        ("messages", "edge", "long"),
        ("weight", "edge", "double"),
        ("first", "edge", "string"),
        ("last", "edge", "string"),
    ] {
        writeln!(
            out,
            "  <key id=\"{id}\" for=\"{of}\" attr.name=\"{id}\" attr.type=\"{kind}\"/>"
        )?;
    }
    writeln!(out, "  <graph id=\"officials\" edgedefault=\"directed\">")?;
    for node in &network.nodes {
        write!(out, "    <node id=\"{}\">", node.id)?;
        write_data(out, "name", &node.name)?;
        write_data(out, "agency", node.agency.as_deref().unwrap_or_default())?;
        write_data(out, "kind", &node.kind)?;
        write_data(out, "sent", &node.sent.to_string())?;
        write_data(out, "received", &node.received.to_string())?;
        writeln!(out, "</node>")?;
    }
    for edge in &network.edges {
        write!(
            out,
            "    <edge source=\"{}\" target=\"{}\">",
            edge.from, edge.to
        )?;
        write_data(out, "messages", &edge.messages.to_string())?;
        write_data(out, "weight", &edge.messages.to_string())?;
        write_data(out, "first", edge.first.as_deref().unwrap_or_default())?;
        write_data(out, "last", edge.last.as_deref().unwrap_or_default())?;
        writeln!(out, "</edge>")?;
    }
    writeln!(out, "  </graph>\n</graphml>")
}

fn write_data(out: &mut dyn Write, key: &str, value: &str) -> io::Result<()> {
    if value.is_empty() {
        return Ok(());
    }
    write!(out, "<data key=\"{key}\">{}</data>", escaped(value))
}

/// Text as XML 1.0 takes it: what it forbids, and what hides or turns text, is left out.
fn escaped(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c >= ' ' && !"&<>\"'".contains(c) && !is_unseen(c);
    if text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars().filter(|c| *c >= ' ' && !is_unseen(*c)) {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// One pair of officials in a drawing, whoever wrote.
struct Line {
    one: usize,
    other: usize,
    messages: u64,
}

/// Draws the officials with most mail.
pub(crate) fn write_svg(
    out: &mut dyn Write,
    network: &Network,
    query: &str,
    limit: Option<usize>,
) -> io::Result<()> {
    let count = limit.unwrap_or(DRAWN).min(MOST_DRAWN);
    let nodes = &network.nodes[..network.nodes.len().min(count)];
    let lines = lines(network, nodes);
    let places = places(nodes.len(), &lines);
    let colours = colours(nodes);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">"
    )?;
    writeln!(
        out,
        "<title>{}</title>",
        escaped(&format!("Who wrote to whom: {query}"))
    )?;
    writeln!(
        out,
        "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>"
    )?;
    let most = lines.iter().map(|line| line.messages).max().unwrap_or(1);
    for line in &lines {
        let ((x1, y1), (x2, y2)) = (places[line.one], places[line.other]);
        let width = 0.6 + 5.0 * share(line.messages, most);
        let names = format!(
            "{} and {}: {}",
            nodes[line.one].name, nodes[line.other].name, line.messages
        );
        writeln!(
            out,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#b0b0b0\" stroke-opacity=\"0.7\" stroke-width=\"{width:.1}\"><title>{}</title></line>",
            escaped(&names)
        )?;
    }
    let most = nodes.iter().map(weight).max().unwrap_or(1);
    for (node, (x, y)) in nodes.iter().zip(&places) {
        let radius = 4.0 + 12.0 * share(weight(node), most);
        let colour = node
            .agency
            .as_deref()
            .and_then(|agency| colours.get(agency))
            .copied()
            .unwrap_or(GREY);
        let about = format!(
            "{} ({}): {} sent, {} received",
            node.name,
            node.agency.as_deref().unwrap_or("no agency known"),
            node.sent,
            node.received
        );
        writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" stroke=\"#ffffff\"><title>{}</title></circle>",
            escaped(&about)
        )?;
        writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" paint-order=\"stroke\" stroke=\"#ffffff\" stroke-width=\"3\" fill=\"#222222\">{}</text>",
            x,
            y - radius - 3.0,
            escaped(&short(&node.name))
        )?;
    }
    write_legend(out, network, nodes, &colours, query)?;
    writeln!(out, "</svg>")
}

fn write_legend(
    out: &mut dyn Write,
    network: &Network,
    nodes: &[NetworkNode],
    colours: &BTreeMap<&str, &str>,
    query: &str,
) -> io::Result<()> {
    let mut y = 22.0;
    let told = format!(
        "{}: {} of {} officials, {} messages",
        short(query),
        nodes.len(),
        network.nodes.len(),
        network.messages
    );
    writeln!(
        out,
        "<text x=\"14\" y=\"{y}\" fill=\"#222222\" font-size=\"14\">{}</text>",
        escaped(&told)
    )?;
    for (agency, colour) in colours {
        y += 18.0;
        writeln!(
            out,
            "<circle cx=\"20\" cy=\"{}\" r=\"5\" fill=\"{colour}\"/><text x=\"30\" y=\"{y}\" fill=\"#222222\">{}</text>",
            y - 4.0,
            escaped(&short(agency))
        )?;
    }
    Ok(())
}

/// A text that fits into a drawing.
fn short(text: &str) -> String {
    crate::table::shorten(text, 40)
}

fn weight(node: &NetworkNode) -> u64 {
    node.sent + node.received
}

/// Where a number stands between 0 and the greatest; few and many are told apart by their logarithm.
fn share(number: u64, most: u64) -> f64 {
    ((number as f64).ln_1p() / (most.max(1) as f64).ln_1p()).clamp(0.0, 1.0)
}

/// Pairs of those drawn, both directions together.
fn lines(network: &Network, nodes: &[NetworkNode]) -> Vec<Line> {
    let at: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (node.id.as_str(), at))
        .collect();
    let mut counts: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for edge in &network.edges {
        if let (Some(&from), Some(&to)) = (at.get(edge.from.as_str()), at.get(edge.to.as_str())) {
            *counts.entry((from.min(to), from.max(to))).or_default() += edge.messages;
        }
    }
    counts
        .into_iter()
        .map(|((one, other), messages)| Line {
            one,
            other,
            messages,
        })
        .collect()
}

/// A colour for each of the agencies with most officials.
fn colours(nodes: &[NetworkNode]) -> BTreeMap<&str, &'static str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for agency in nodes.iter().filter_map(|node| node.agency.as_deref()) {
        *counts.entry(agency).or_default() += 1;
    }
    let mut agencies: Vec<(&str, usize)> = counts.into_iter().collect();
    agencies.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    agencies
        .into_iter()
        .zip(COLOURS)
        .map(|((agency, _), colour)| (agency, colour))
        .collect()
}

/// Where each official is drawn (Fruchterman and Reingold 1991, with a pull to the middle).
fn places(count: usize, lines: &[Line]) -> Vec<(f64, f64)> {
    let wide = (WIDTH - 2.0 * MARGIN, HEIGHT - 2.0 * MARGIN);
    let distance = (wide.0 * wide.1 / count.max(1) as f64).sqrt() * 0.8;
    let most = lines.iter().map(|line| line.messages).max().unwrap_or(1);
    // The golden angle spreads those that start side by side.
    let mut places: Vec<(f64, f64)> = (0..count)
        .map(|at| {
            let (turn, out) = (
                at as f64 * 2.399_963,
                30.0 + 300.0 * (at as f64 / count.max(1) as f64).sqrt(),
            );
            (turn.cos() * out, turn.sin() * out)
        })
        .collect();
    for round in 0..MOVES {
        let heat = distance * (1.0 - round as f64 / MOVES as f64).max(0.02);
        let mut pushed = vec![(0.0f64, 0.0f64); count];
        for one in 0..count {
            for other in one + 1..count {
                let (dx, dy, far) = apart(places[one], places[other]);
                let force = distance * distance / far;
                push(&mut pushed, one, other, dx / far * force, dy / far * force);
            }
        }
        for line in lines {
            let (dx, dy, far) = apart(places[line.one], places[line.other]);
            let force = far * far / distance * (0.2 + 0.8 * share(line.messages, most));
            push(
                &mut pushed,
                line.one,
                line.other,
                -dx / far * force,
                -dy / far * force,
            );
        }
        for (place, (dx, dy)) in places.iter_mut().zip(&pushed) {
            let (dx, dy) = (dx - place.0 * 0.3, dy - place.1 * 0.3);
            let far = (dx * dx + dy * dy).sqrt().max(1e-9);
            let step = far.min(heat);
            *place = (place.0 + dx / far * step, place.1 + dy / far * step);
        }
    }
    fitted(places, wide)
}

fn apart(one: (f64, f64), other: (f64, f64)) -> (f64, f64, f64) {
    let (dx, dy) = (one.0 - other.0, one.1 - other.1);
    (dx, dy, (dx * dx + dy * dy).sqrt().max(0.01))
}

fn push(pushed: &mut [(f64, f64)], one: usize, other: usize, dx: f64, dy: f64) {
    pushed[one] = (pushed[one].0 + dx, pushed[one].1 + dy);
    pushed[other] = (pushed[other].0 - dx, pushed[other].1 - dy);
}

/// Stretches the places over the drawing.
fn fitted(places: Vec<(f64, f64)>, wide: (f64, f64)) -> Vec<(f64, f64)> {
    let span = |values: Vec<f64>| {
        let (low, high) = values
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), value| {
                (low.min(*value), high.max(*value))
            });
        (low, (high - low).max(1.0))
    };
    let (left, width) = span(places.iter().map(|place| place.0).collect());
    let (top, height) = span(places.iter().map(|place| place.1).collect());
    places
        .into_iter()
        .map(|(x, y)| {
            (
                MARGIN + (x - left) / width * wide.0,
                MARGIN + (y - top) / height * wide.1,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_case::NetworkEdge;

    fn network(names: &[&str], edges: &[(usize, usize, u64)]) -> Network {
        let id = |at: usize| format!("{at:012x}");
        let nodes = names.iter().enumerate().map(|(at, name)| NetworkNode {
            id: id(at),
            name: (*name).to_owned(),
            kind: "person".to_owned(),
            agency: Some("DEP".to_owned()),
            sent: 1,
            received: 2,
        });
        let edges = edges.iter().map(|(from, to, messages)| NetworkEdge {
            from: id(*from),
            to: id(*to),
            messages: *messages,
            first: None,
            last: None,
        });
        Network {
            schema: 1,
            messages: 3,
            broadcasts: 0,
            redacted: 0,
            left_out: None,
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let network = network(&["<script>&\"'\u{0}\u{202e}x", "Bob"], &[(0, 1, 2)]);
        for form in [0, 1] {
            let mut out = Vec::new();
            match form {
                0 => write_graphml(&mut out, &network),
                _ => write_svg(&mut out, &network, "</title><script>", None),
            }
            .expect("a vector takes every byte");
            let text = String::from_utf8(out).expect("it is text");
            assert!(text.contains("&lt;script&gt;&amp;&quot;&#39;x"), "{text}");
            assert!(
                !text.contains("<script") && !text.contains('\u{202e}') && !text.contains('\u{0}'),
                "{text}"
            );
        }
    }

    #[test]
    fn officials_are_drawn_inside_and_apart() {
        let lines: Vec<Line> = (1..40)
            .map(|other| Line {
                one: 0,
                other,
                messages: other as u64,
            })
            .collect();
        let places = super::places(40, &lines);
        for (at, (x, y)) in places.iter().enumerate() {
            assert!(
                (0.0..=WIDTH).contains(x) && (0.0..=HEIGHT).contains(y),
                "{at}: {x} {y}"
            );
            for (other_x, other_y) in &places[at + 1..] {
                assert!((x - other_x).hypot(y - other_y) > 5.0, "{at}");
            }
        }
        assert_eq!(places, super::places(40, &lines), "the same each time");
        assert!(super::places(0, &[]).is_empty());
        assert!(
            super::places(1, &[])
                .iter()
                .all(|(x, y)| x.is_finite() && y.is_finite())
        );
    }

    #[test]
    fn graphml_holds_all_nodes_and_edges() {
        let mut out = Vec::new();
        write_graphml(
            &mut out,
            &network(&["Anne", "Bob", "Carol"], &[(0, 1, 5), (2, 0, 1)]),
        )
        .expect("a vector takes every byte");
        let text = String::from_utf8(out).expect("it is text");
        assert_eq!(
            (
                text.matches("<node ").count(),
                text.matches("<edge ").count()
            ),
            (3, 2)
        );
        assert!(text.contains("<edge source=\"000000000000\" target=\"000000000001\"><data key=\"messages\">5</data>"), "{text}");
    }
}
