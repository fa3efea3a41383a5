//! `muckrake network`

use super::Context;
use super::cells;
use super::officials;
use crate::error::CommandError;
use crate::exit::ExitStatus;
use crate::json;
use crate::render::graph;
use crate::render::network as render;
use clap::Args;
use muckrake_case::Ego;
use muckrake_case::NetworkRequest;

/// Rows on a terminal, unless `--limit` says otherwise.
const SCREEN: usize = 20;

const AFTER_HELP: &str = "\
Examples:
  muckrake network 'pier contract' --max-recipients 5 --no-cc
  muckrake network '*' --max-recipients 5 --drop-ego --svg > network.svg
  muckrake network 'agency:DEP date:2016' --graphml > dep.graphml";

/// Show who wrote to whom in the messages that match
///
/// A list of pairs with their messages; or a graph of officials as GraphML (for Gephi, Cytoscape, yEd), as JSON, or drawn as
/// SVG. Three switches keep it readable: without broadcasts, without copies, without the custodian who is on everything.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct NetworkArgs {
    /// Messages to look at; `*` for all
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,

    /// Leave out messages to more people than this
    #[arg(long, value_name = "N")]
    max_recipients: Option<usize>,

    /// Leave out those who got only a copy
    #[arg(long)]
    no_cc: bool,

    /// Leave out one official: whoever is on most of the messages, or the one named
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    drop_ego: Option<String>,

    /// Show at most this many pairs; in a drawing, this many officials
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// Print GraphML
    #[arg(long, group = "form")]
    graphml: bool,

    /// Print a drawing as SVG
    #[arg(long, group = "form")]
    svg: bool,

    /// Print one JSON object
    #[arg(long, group = "form")]
    json: bool,

    /// Print the pairs as a table for a spreadsheet
    #[arg(long, group = "form")]
    csv: bool,

    /// With --csv: leave cells as they are that a spreadsheet takes for formulas
    #[arg(long, requires = "csv")]
    exact: bool,
}

/// Shows who wrote to whom.
pub(crate) fn run(args: &NetworkArgs, context: &Context) -> Result<ExitStatus, CommandError> {
    let case = officials::refreshed(context)?;
    let zone = case.settings().zone()?;
    let text = args.query.join(" ");
    let query = officials::query(&case, &text, &zone)?;
    let request = NetworkRequest {
        query: query.as_ref(),
        most_recipients: args.max_recipients,
        without_copies: args.no_cc,
        without: match args.drop_ego.as_deref() {
            None => Ego::Nobody,
            Some("") => Ego::Busiest,
            Some(name) => Ego::Named(name.to_owned()),
        },
    };
    let network = case
        .network(&request)
        .map_err(|error| CommandError::in_query(error, &text))?;
    if network.edges.is_empty() {
        context
            .terminal
            .note("nobody wrote to anybody in these messages");
        return Ok(ExitStatus::NothingFound);
    }
    context.print(|out| {
        if args.json {
            json::write_line(out, &network)
        } else if args.graphml {
            graph::write_graphml(out, &network)
        } else if args.svg {
            graph::write_svg(out, &network, &text, args.limit)
        } else if args.csv {
            render::write_csv(out, &network, cells(args.exact))
        } else {
            let screen = context.terminal.is_interactive().then_some(SCREEN);
            let limit = args.limit.or(screen).unwrap_or(usize::MAX);
            render::write_pairs(out, &network, limit, &context.terminal.stdout, &zone)
        }
    })?;
    if let Some(one) = &network.left_out {
        context.terminal.note(&format!("without {one}"));
    }
    if network.broadcasts > 0 || network.redacted > 0 {
        context.terminal.note(&format!(
            "left out: {} messages to more people than --max-recipients allows, {} mentions of people whose name was taken out",
            network.broadcasts, network.redacted
        ));
    }
    Ok(ExitStatus::Done)
}
