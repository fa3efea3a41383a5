//! The ledger for people: the sums, and what was not read.

use crate::format;
use crate::table::Align;
use crate::table::Table;
use crate::terminal::Layout;
use muckrake_case::Ledger;
use muckrake_case::LedgerSource;
use muckrake_case::Totals;
use std::collections::BTreeMap;
use std::io;
use std::io::Write;

/// Sources named in a summary; `--unread` names all.
const LISTED: usize = 20;

/// Writes the sums with words, so that a reader can add them up.
pub(crate) fn write_totals(
    out: &mut dyn Write,
    totals: &Totals,
    layout: &Layout,
) -> io::Result<()> {
    let mut table = Table::new(&[("", Align::Left), ("", Align::Right), ("", Align::Left)]);
    let mut row = |label: &str, number: u64, words: String| {
        table.row(vec![label.to_owned(), format::count(number), words]);
    };
    let links = match totals.links {
        0 => String::new(),
        links => format!(
            "; {} recorded, not followed",
            format::counted(links, "symbolic link")
        ),
    };
    row(
        "Sources",
        totals.sources,
        format!("files as delivered{links}"),
    );
    row(
        "Copies",
        totals.copies,
        format!(
            "of messages, {} of them attached to others",
            format::count(totals.attached)
        ),
    );
    row("Messages", totals.messages, "distinct".to_owned());
    row(
        "Duplicates",
        totals.duplicates,
        "copies beyond the first of a message".to_owned(),
    );
    let states = &totals.attachment_states;
    row(
        "Attachments",
        totals.attachments,
        format!(
            "{} searched, {} without text, {} not yet readable, {} unread",
            format::count(states.text),
            format::count(states.no_text),
            format::count(states.unsupported),
            format::count(states.unread)
        ),
    );
    let pages = &totals.pages;
    if pages.pages > 0 {
        row(
            "Pages",
            pages.pages,
            format!(
                "of print-outs: {} of messages, {} attached behind one, {} without a header, {} without text",
                format::count(pages.message),
                format::count(pages.attached),
                format::count(pages.without_header),
                format::count(pages.without_text)
            ),
        );
    }
    row("No text", totals.no_text, "images and the like".to_owned());
    if totals.covered > 0 {
        row(
            "Read elsewhere",
            totals.covered,
            "rows of load files, and files that they tell of".to_owned(),
        );
    }
    if totals.empty > 0 {
        row("Empty", totals.empty, "files of no bytes".to_owned());
    }
    row(
        "Unsupported",
        totals.unsupported,
        "recognised, not yet readable".to_owned(),
    );
    row(
        "Unread",
        totals.unread,
        "damaged, encrypted or over a limit".to_owned(),
    );
    for line in table.lines(layout.width) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", balance(totals, layout))
}

/// Says whether the sums balance.
pub(crate) fn balance(totals: &Totals, layout: &Layout) -> String {
    if totals.balanced {
        format!(
            "The sums balance: {} = {} + {}",
            format::counted(totals.copies, "copy"),
            format::counted(totals.messages, "message"),
            format::counted(totals.duplicates, "duplicate")
        )
    } else {
        let error = layout.palette.error;
        format!(
            "{error}The sums do not balance{error:#}: something was lost; do not rely on this case"
        )
    }
}

/// Writes the sources that were not wholly read, and how to read them.
pub(crate) fn write_gaps(out: &mut dyn Write, ledger: &Ledger, layout: &Layout) -> io::Result<()> {
    write_states(out, ledger, layout)?;
    write_unread_by_source(out, ledger, layout)?;
    write_unsupported_by_kind(out, ledger, layout)
}

/// Sources with a story of their own: links, interrupted, unreadable.
fn write_states(out: &mut dyn Write, ledger: &Ledger, layout: &Layout) -> io::Result<()> {
    let told: Vec<&LedgerSource> = ledger
        .sources
        .iter()
        .filter(|source| matches!(source.state.as_str(), "reading" | "unreadable"))
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    title(out, "Sources not read to their end", layout)?;
    let mut table = Table::new(&[
        ("Source", Align::Path),
        ("Release", Align::Left),
        ("State", Align::Left),
    ]);
    for source in told {
        let state = match source.state.as_str() {
            "reading" => "interrupted; ingest again to go on",
            _ => "could not be opened",
        };
        table.row(vec![
            layout.one_line(&source.source).into_owned(),
            layout.one_line(&source.release).into_owned(),
            state.to_owned(),
        ]);
    }
    write_table(out, &table, layout)
}

fn write_unread_by_source(out: &mut dyn Write, ledger: &Ledger, layout: &Layout) -> io::Result<()> {
    let with_unread: Vec<&LedgerSource> = ledger
        .sources
        .iter()
        .filter(|source| !source.unread.is_empty())
        .collect();
    if with_unread.is_empty() {
        return Ok(());
    }
    title(out, "Unread", layout)?;
    let mut table = Table::new(&[
        ("Items", Align::Right),
        ("Source", Align::Path),
        ("First reason", Align::Left),
    ]);
    for source in with_unread.iter().take(LISTED) {
        let reason = source
            .unread
            .first()
            .map(|item| item.reason.as_str())
            .unwrap_or_default();
        table.row(vec![
            format::count(source.unread.len() as u64),
            layout.one_line(&source.source).into_owned(),
            layout.one_line(reason).into_owned(),
        ]);
    }
    write_table(out, &table, layout)?;
    if with_unread.len() > LISTED {
        let more = (with_unread.len() - LISTED) as u64;
        writeln!(out, "  … and {} more", format::counted(more, "source"))?;
    }
    writeln!(
        out,
        "  each item with its place: `muckrake ledger --unread`"
    )
}

fn write_unsupported_by_kind(
    out: &mut dyn Write,
    ledger: &Ledger,
    layout: &Layout,
) -> io::Result<()> {
    let mut kinds: BTreeMap<&str, (u64, Option<&str>)> = BTreeMap::new();
    for item in ledger.sources.iter().flat_map(|source| &source.unsupported) {
        let (number, advice) = kinds.entry(&item.detected).or_default();
        *number += 1;
        let part = item
            .path_inside
            .as_deref()
            .is_some_and(|inside| inside.contains("!/part "));
        *advice = match (part, &item.advice) {
            // Each has a command of its own.
            (true, _) => advice.or(Some(TAKE_OUT)),
            (false, Some(told)) => Some(told),
            (false, None) => *advice,
        };
    }
    if kinds.is_empty() {
        return Ok(());
    }
    title(out, "Recognised, not yet readable", layout)?;
    let mut table = Table::new(&[
        ("Items", Align::Right),
        ("Kind", Align::Left),
        ("Meanwhile", Align::Left),
    ]);
    for (kind, (number, advice)) in kinds {
        table.row(vec![
            format::count(number),
            layout.one_line(kind).into_owned(),
            layout.one_line(advice.unwrap_or_default()).into_owned(),
        ]);
    }
    // Advice is short and must not be cut.
    for line in table.lines(usize::MAX) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// What to do with an attachment that cannot be read yet.
const TAKE_OUT: &str = "take it out with `muckrake show ID --part N`; `muckrake ledger --unread` has the command for each";

/// Writes each item that was not read: where it is and why. Returns how many there are.
pub(crate) fn write_unread(
    out: &mut dyn Write,
    ledger: &Ledger,
    layout: &Layout,
) -> io::Result<u64> {
    let faint = layout.palette.faint;
    let mut number = 0;
    for source in &ledger.sources {
        let place = |inside: &Option<String>| match inside {
            Some(inside) => format!("{}!/{inside}", source.source),
            None => source.source.clone(),
        };
        for item in &source.unread {
            number += 1;
            writeln!(out, "{}", layout.one_line(&place(&item.path_inside)))?;
            writeln!(
                out,
                "    {} {faint}({}from byte {}; release {}){faint:#}",
                layout.one_line(&item.reason),
                known_length(item.length),
                item.offset,
                layout.one_line(&source.release)
            )?;
        }
        for item in &source.unsupported {
            number += 1;
            let advice = match &item.advice {
                Some(advice) => format!("; {advice}"),
                None => String::new(),
            };
            writeln!(out, "{}", layout.one_line(&place(&item.path_inside)))?;
            writeln!(
                out,
                "    not yet readable: {}{} {faint}(release {}){faint:#}",
                layout.one_line(&item.detected),
                layout.one_line(&advice),
                layout.one_line(&source.release)
            )?;
        }
    }
    Ok(number)
}

/// How many bytes are missing, where that is known.
fn known_length(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        _ => format!("{} ", format::counted(bytes, "byte")),
    }
}

fn title(out: &mut dyn Write, title: &str, layout: &Layout) -> io::Result<()> {
    let strong = layout.palette.strong;
    writeln!(out, "\n{strong}{title}{strong:#}")
}

fn write_table(out: &mut dyn Write, table: &Table, layout: &Layout) -> io::Result<()> {
    for line in table.lines(layout.width.saturating_sub(2)) {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use muckrake_case::AttachmentStates;
    use muckrake_case::PrintedPages;
    use muckrake_case::SCHEMA;
    use muckrake_case::UnreadItem;
    use muckrake_case::UnsupportedItem;

    fn ledger() -> Ledger {
        Ledger {
            sources: vec![LedgerSource {
                schema: SCHEMA,
                kind: "source",
                release: "harbour".to_owned(),
                source: "/releases/all.zip".to_owned(),
                sha256: None,
                size: 10_000,
                detected: "zip".to_owned(),
                state: "done".to_owned(),
                copies: 3,
                attachments: 1,
                unread: vec![UnreadItem {
                    path_inside: Some("a.mbox".to_owned()),
                    offset: 0,
                    length: 12,
                    reason: "no mail before the first `From ` line\u{1b}[2J".to_owned(),
                }],
                unsupported: vec![UnsupportedItem {
                    path_inside: Some("old.pst".to_owned()),
                    detected: "pst".to_owned(),
                    advice: Some("convert it with `readpst -e`".to_owned()),
                }],
                pages: None,
            }],
            totals: Totals {
                schema: SCHEMA,
                kind: "totals",
                sources: 1,
                copies: 3,
                attached: 1,
                messages: 2,
                duplicates: 1,
                attachments: 1,
                no_text: 0,
                unsupported: 1,
                unread: 1,
                empty: 0,
                covered: 0,
                links: 0,
                attachment_states: AttachmentStates {
                    text: 1,
                    ..AttachmentStates::default()
                },
                pages: PrintedPages::default(),
                balanced: true,
            },
        }
    }

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).expect("a vector takes every byte");
        String::from_utf8(out).expect("only UTF-8 was written")
    }

    #[test]
    fn totals_can_be_added_up() {
        let text = text(|out| write_totals(out, &ledger().totals, &Layout::plain(100)));
        assert_eq!(
            text,
            "Sources      1  files as delivered\n\
             Copies       3  of messages, 1 of them attached to others\n\
             Messages     2  distinct\n\
             Duplicates   1  copies beyond the first of a message\n\
             Attachments  1  1 searched, 0 without text, 0 not yet readable, 0 unread\n\
             No text      0  images and the like\n\
             Unsupported  1  recognised, not yet readable\n\
             Unread       1  damaged, encrypted or over a limit\n\
             The sums balance: 3 copies = 2 messages + 1 duplicate\n"
        );
    }

    #[test]
    fn gaps_come_with_advice() {
        let text = text(|out| write_gaps(out, &ledger(), &Layout::plain(100)));
        assert!(
            text.contains("1  pst   convert it with `readpst -e`"),
            "{text}"
        );
        assert!(
            text.contains("1  /releases/all.zip  no mail before"),
            "{text}"
        );
    }

    #[test]
    fn unread_items_have_a_place() {
        let text = text(|out| write_unread(out, &ledger(), &Layout::plain(100)).map(drop));
        assert_eq!(
            text,
            "/releases/all.zip!/a.mbox\n    no mail before the first `From ` line\\x1b[2J \
             (12 bytes from byte 0; release harbour)\n\
             /releases/all.zip!/old.pst\n    not yet readable: pst; convert it with `readpst -e` \
             (release harbour)\n"
        );
    }
}
