//! The ledger as users see it: each source with its sums, and whether they balance.

use super::LedgerFile;
use crate::CaseError;
use crate::SCHEMA;
use muckrake_mail::Sha256;
use serde::Serialize;
use std::collections::HashMap;

/// Something that was delivered and not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnreadItem {
    /// Path inside the source; null for the source itself.
    pub path_inside: Option<String>,
    /// First byte in the item.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
    /// Why, for people.
    pub reason: String,
}

/// Something that was delivered, is recognised, and cannot be read by this version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnsupportedItem {
    /// Path inside the source; null for the source itself.
    pub path_inside: Option<String>,
    /// What it was recognised as.
    pub detected: String,
    /// What the user can do meanwhile.
    pub advice: Option<String>,
}

/// One source and what was found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerSource {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Always `source`.
    pub kind: &'static str,
    /// Name of the release.
    pub release: String,
    /// Path as last seen.
    pub source: String,
    /// SHA-256 of the file; null if it was not read to its end.
    pub sha256: Option<Sha256>,
    /// Bytes.
    pub size: u64,
    /// What it was recognised as.
    pub detected: String,
    /// `done`, `reading` (an ingest was interrupted), `replaced`, `link`, `unreadable`.
    pub state: String,
    /// Messages found in it, attached ones included.
    pub copies: u64,
    /// Attachments found in it, attached messages not included.
    pub attachments: u64,
    /// What could not be read.
    pub unread: Vec<UnreadItem>,
    /// What is recognised and not yet readable.
    pub unsupported: Vec<UnsupportedItem>,
    /// What its pages are; null where no print-out with pages is in it.
    pub pages: Option<PrintedPages>,
}

/// What became of the attachments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AttachmentStates {
    /// Their text is searched.
    pub text: u64,
    /// No text by nature.
    pub no_text: u64,
    /// Recognised and not yet readable.
    pub unsupported: u64,
    /// Damaged, encrypted or over a limit.
    pub unread: u64,
}

/// What the pages of print-outs are; each page is one of the four things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PrintedPages {
    /// PrintedPages of all documents of print-outs that have pages.
    pub pages: u64,
    /// PrintedPages on which a message begins or goes on.
    pub message: u64,
    /// PrintedPages behind a message that its own numbering (`Page 2 of 2`) leaves out: attachments printed after it.
    pub attached: u64,
    /// PrintedPages with text before the first printed header.
    pub without_header: u64,
    /// PrintedPages without text: blank, or an image.
    pub without_text: u64,
}

/// The sums of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Always [`SCHEMA`].
    pub schema: u32,
    /// Always `totals`.
    pub kind: &'static str,
    /// Files delivered.
    pub sources: u64,
    /// Occurrences of messages, attached ones included.
    pub copies: u64,
    /// Occurrences inside other messages.
    pub attached: u64,
    /// Distinct messages.
    pub messages: u64,
    /// Copies beyond the first of each message.
    pub duplicates: u64,
    /// Attachments of all copies, attached messages not included.
    pub attachments: u64,
    /// Files, archive members and attachments without text by nature.
    pub no_text: u64,
    /// Files, archive members and attachments recognised and not yet readable.
    pub unsupported: u64,
    /// Files, archive members, byte ranges and attachments that are damaged, encrypted or over a limit.
    pub unread: u64,
    /// Empty files and archive members.
    pub empty: u64,
    /// Files and rows of load files that say again what is read elsewhere.
    pub covered: u64,
    /// Symbolic links, recorded and not followed.
    pub links: u64,
    /// What became of the attachments.
    pub attachment_states: AttachmentStates,
    /// What the pages of print-outs are.
    pub pages: PrintedPages,
    /// Whether the sums balance: copies = messages + duplicates, every attachment is
    /// in one state, every byte of every mailbox is accounted for once, each mailbox
    /// has as many messages as copies lie in it, and as many bytes as its file, and every page of every
    /// print-out is one thing.
    pub balanced: bool,
}

/// The ledger of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Every source.
    pub sources: Vec<LedgerSource>,
    /// The sums.
    pub totals: Totals,
}

/// Reads the sums of a case.
pub(crate) fn read(ledger: &LedgerFile) -> Result<Totals, CaseError> {
    let count = |sql: &str| ledger.number::<u64>(sql);
    let (attachments, states) = attachment_states(ledger)?;
    let items = item_counts(ledger)?;
    let item = |state: &str| items.get(state).copied().unwrap_or(0);
    let unread_sources = count(
        "SELECT count(*) FROM sources WHERE state IN ('unreadable', 'reading') OR reason IS NOT NULL AND state = 'done'",
    )?;
    let mut totals = Totals {
        schema: SCHEMA,
        kind: "totals",
        sources: count("SELECT count(*) FROM sources WHERE state <> 'link'")?,
        copies: count("SELECT count(*) FROM copies")?,
        attached: count("SELECT count(*) FROM copies WHERE parent IS NOT NULL")?,
        messages: count("SELECT count(*) FROM messages")?,
        duplicates: count(
            "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM copies GROUP BY message)",
        )?,
        attachments,
        no_text: states.no_text + item("no_text"),
        unsupported: states.unsupported + item("unsupported"),
        unread: states.unread
            + item("unread")
            + count("SELECT count(*) FROM unread")?
            + unread_sources,
        empty: item("empty"),
        covered: item("covered"),
        links: count("SELECT count(*) FROM sources WHERE state = 'link'")?,
        attachment_states: states,
        pages: pages(ledger)?
            .into_values()
            .fold(PrintedPages::default(), PrintedPages::and),
        balanced: false,
    };
    totals.balanced = balances(ledger, &totals)?;
    Ok(totals)
}

/// Whether the sums are what [`Totals::balanced`] says.
fn balances(ledger: &LedgerFile, totals: &Totals) -> Result<bool, CaseError> {
    let states = &totals.attachment_states;
    let in_one_state = states.text + states.no_text + states.unsupported + states.unread;
    let orphans: u64 = ledger.number(
        "SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM copies WHERE message = m.ordinal)",
    )?;
    let uneven: u64 = ledger.number(
        "SELECT count(*) FROM mailboxes WHERE bytes <> message_bytes + separator_bytes + unread_bytes",
    )?;
    Ok(totals.copies == totals.messages + totals.duplicates
        && orphans == 0
        && in_one_state == totals.attachments
        && uneven == 0
        && pages_hold(ledger, &totals.pages)?
        && mailboxes_hold(ledger)?)
}

/// What the pages of each source are.
fn pages(ledger: &LedgerFile) -> Result<HashMap<i64, PrintedPages>, CaseError> {
    if !has_pages(ledger)? {
        return Ok(HashMap::new());
    }
    let sql = "SELECT source, sum(pages), sum(message_pages), sum(attached), sum(without_header), sum(without_text)
               FROM pages GROUP BY source";
    let rows = ledger.rows(sql, [], |row| {
        let pages = PrintedPages {
            pages: row.get(1)?,
            message: row.get(2)?,
            attached: row.get(3)?,
            without_header: row.get(4)?,
            without_text: row.get(5)?,
        };
        Ok((row.get(0)?, pages))
    })?;
    Ok(rows.into_iter().collect())
}

/// Whether the ledger has the table: one that was made before there was it, and only read since, has not.
fn has_pages(ledger: &LedgerFile) -> Result<bool, CaseError> {
    ledger.number("SELECT count(*) FROM sqlite_master WHERE name = 'pages'")
}

/// Whether every page is one thing, and each document has as many messages as copies lie in it. A source that is being
/// read again after an interruption may have more.
fn pages_hold(ledger: &LedgerFile, pages: &PrintedPages) -> Result<bool, CaseError> {
    let told = pages.message + pages.attached + pages.without_header + pages.without_text;
    if told == 0 && pages.pages == 0 {
        return Ok(true);
    }
    let miscounted: u64 = ledger.number(
        "SELECT count(*) FROM (
             SELECT 1 FROM (
                 SELECT source, path_inside, messages AS number, 1 AS document FROM pages
                 UNION ALL
                 SELECT source, path_inside, -1, 0 FROM copies
                 WHERE parent IS NULL AND source IN (SELECT source FROM pages))
             GROUP BY source, path_inside
             HAVING sum(document) > 0 AND (sum(number) > 0 OR sum(number) < 0
                 AND source NOT IN (SELECT id FROM sources WHERE state = 'reading')))",
    )?;
    Ok(told == pages.pages && miscounted == 0)
}

impl PrintedPages {
    fn and(self, other: Self) -> Self {
        Self {
            pages: self.pages + other.pages,
            message: self.message + other.message,
            attached: self.attached + other.attached,
            without_header: self.without_header + other.without_header,
            without_text: self.without_text + other.without_text,
        }
    }
}

/// Whether what mailboxes tell of themselves is what the rest of the ledger knows of them:
/// as many messages as copies lie in each, and as many bytes as the file has. Grouped, since a
/// lookup for each mailbox would be quadratic in an archive of many. A source that is being
/// read again after an interruption may have more copies: those that were not met again stay
/// until its end.
fn mailboxes_hold(ledger: &LedgerFile) -> Result<bool, CaseError> {
    let miscounted: u64 = ledger.number(
        "SELECT count(*) FROM (
             SELECT 1 FROM (
                 SELECT source, path_inside, messages AS number, 1 AS mailbox FROM mailboxes
                 UNION ALL
                 SELECT source, path_inside, -1, 0 FROM copies
                 WHERE parent IS NULL AND source IN (SELECT source FROM mailboxes))
             GROUP BY source, path_inside
             HAVING sum(mailbox) > 0 AND (sum(number) > 0 OR sum(number) < 0
                 AND source NOT IN (SELECT id FROM sources WHERE state = 'reading')))",
    )?;
    // A source with a reason changed while it was read, so its size was another. One that is read elsewhere
    // was not taken apart.
    let short: u64 = ledger.number(
        "SELECT count(*) FROM sources s
         LEFT JOIN mailboxes m ON m.source = s.id AND m.path_inside IS NULL
         WHERE s.kind IN ('mbox', 'mmdf') AND s.state IN ('done', 'replaced')
             AND s.reason IS NULL AND m.bytes IS NOT s.size
             AND NOT EXISTS (SELECT 1 FROM items i
                 WHERE i.source = s.id AND i.path_inside IS NULL AND i.state = 'covered')",
    )?;
    Ok(miscounted == 0 && short == 0)
}

/// What cannot be searched: how many things are unread, and how many are not yet
/// readable. The same figures as in [`Totals`], without counting everything else.
pub(crate) fn not_searched(ledger: &LedgerFile) -> Result<(u64, u64), CaseError> {
    // The list of states is the one of the partial index, which is not used otherwise.
    let sql =
        "SELECT state, count(*) FROM items WHERE state IN ('unread', 'unsupported') GROUP BY state
               UNION ALL
               SELECT a.state, count(*) FROM attachments a JOIN copies c ON c.message = a.message
               WHERE a.state IN ('unread', 'unsupported') GROUP BY a.state";
    let counts: Vec<(String, u64)> = ledger.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let count = |state: &str| -> u64 {
        let same = counts.iter().filter(|(other, _)| other == state);
        same.map(|(_, count)| count).sum()
    };
    let ranges: u64 = ledger.number(
        "SELECT (SELECT count(*) FROM unread)
              + (SELECT count(*) FROM sources WHERE state IN ('unreadable', 'reading'))
              + (SELECT count(*) FROM sources WHERE state = 'done' AND reason IS NOT NULL)",
    )?;
    Ok((count("unread") + ranges, count("unsupported")))
}

/// Attachments of all copies, in all and by state; attached messages are counted as messages.
fn attachment_states(ledger: &LedgerFile) -> Result<(u64, AttachmentStates), CaseError> {
    let sql = "SELECT a.state, count(*) FROM attachments a JOIN copies c ON c.message = a.message
               WHERE a.state <> 'message' GROUP BY a.state";
    let rows = ledger.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let counts: HashMap<String, u64> = rows.into_iter().collect();
    let of = |state: &str| counts.get(state).copied().unwrap_or(0);
    let states = AttachmentStates {
        text: of("text"),
        no_text: of("no_text"),
        unsupported: of("unsupported"),
        unread: of("unread"),
    };
    Ok((counts.values().sum(), states))
}

fn item_counts(ledger: &LedgerFile) -> Result<HashMap<String, u64>, CaseError> {
    let rows = ledger.rows(
        "SELECT state, count(*) FROM items GROUP BY state",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(rows.into_iter().collect())
}

impl LedgerFile {
    /// Reads the whole ledger.
    pub(crate) fn view(&self) -> Result<Ledger, CaseError> {
        let per_source = |sql: &str| -> Result<HashMap<i64, u64>, CaseError> {
            Ok(self
                .rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?
                .into_iter()
                .collect())
        };
        let copies = per_source("SELECT source, count(*) FROM copies GROUP BY source")?;
        let attachments = per_source(
            "SELECT c.source, count(*) FROM copies c JOIN attachments a ON a.message = c.message
             WHERE a.state <> 'message' GROUP BY c.source",
        )?;
        let pages = pages(self)?;
        let mut unread = self.unread_by_source()?;
        let mut unsupported = self.unsupported_by_source()?;
        let sources = self
            .sources()?
            .into_iter()
            .map(|row| LedgerSource {
                schema: SCHEMA,
                kind: "source",
                copies: copies.get(&row.id).copied().unwrap_or(0),
                attachments: attachments.get(&row.id).copied().unwrap_or(0),
                unread: whole_source_unread(&row)
                    .into_iter()
                    .chain(unread.remove(&row.id).unwrap_or_default())
                    .collect(),
                unsupported: unsupported.remove(&row.id).unwrap_or_default(),
                pages: pages.get(&row.id).copied(),
                release: row.release,
                source: row.path.to_string_lossy().into_owned(),
                sha256: row.sha256,
                size: row.size,
                detected: row.kind,
                state: row.state,
            })
            .collect();
        Ok(Ledger {
            sources,
            totals: read(self)?,
        })
    }

    fn unread_by_source(&self) -> Result<HashMap<i64, Vec<UnreadItem>>, CaseError> {
        let sql = "SELECT source, path_inside, offset, length, reason FROM unread
                   UNION ALL
                   SELECT source, path_inside, 0, size, coalesce(why, '') FROM items WHERE state = 'unread'
                   UNION ALL
                   SELECT c.source,
                          CASE WHEN c.path_inside IS NULL THEN '' ELSE c.path_inside || '!/' END
                              || 'message@' || c.offset || '!/part ' || a.part,
                          0, a.size, coalesce(a.why, '')
                   FROM attachments a JOIN copies c ON c.message = a.message
                   WHERE a.state IN ('unread', 'unsupported') AND a.state = 'unread'";
        let rows = self.rows(sql, [], |row| {
            let item = UnreadItem {
                path_inside: row.get(1)?,
                offset: row.get(2)?,
                length: row.get(3)?,
                reason: row.get(4)?,
            };
            Ok((row.get(0)?, item))
        })?;
        Ok(grouped(rows))
    }

    fn unsupported_by_source(&self) -> Result<HashMap<i64, Vec<UnsupportedItem>>, CaseError> {
        // As in `not_searched`: the list of states is what the partial index is of.
        let sql = "SELECT source, path_inside, kind, why FROM items WHERE state = 'unsupported'
                   UNION ALL
                   SELECT c.source,
                          CASE WHEN c.path_inside IS NULL THEN '' ELSE c.path_inside || '!/' END
                              || 'message@' || c.offset || '!/part ' || a.part,
                          coalesce(a.why, ''),
                          'take it out with `muckrake show ' || substr(lower(hex(m.key)), 1, 12) || ' --part ' || a.part || '`'
                   FROM attachments a JOIN copies c ON c.message = a.message
                   JOIN messages m ON m.ordinal = a.message
                   WHERE a.state IN ('unread', 'unsupported') AND a.state = 'unsupported'";
        let rows = self.rows(sql, [], |row| {
            Ok((
                row.get(0)?,
                UnsupportedItem {
                    path_inside: row.get(1)?,
                    detected: row.get(2)?,
                    advice: row.get(3)?,
                },
            ))
        })?;
        Ok(grouped(rows))
    }
}

/// A source that could not be opened or read is itself the unread item.
fn whole_source_unread(row: &super::SourceRow) -> Option<UnreadItem> {
    let reason = match row.state.as_str() {
        "unreadable" => row.reason.clone().unwrap_or_default(),
        "reading" => "the ingest was interrupted; run it again".to_owned(),
        "done" => row.reason.clone()?,
        _ => return None,
    };
    Some(UnreadItem {
        path_inside: None,
        offset: 0,
        length: row.size,
        reason,
    })
}

fn grouped<T>(rows: Vec<(i64, T)>) -> HashMap<i64, Vec<T>> {
    let mut groups: HashMap<i64, Vec<T>> = HashMap::new();
    for (source, item) in rows {
        groups.entry(source).or_default().push(item);
    }
    groups
}
