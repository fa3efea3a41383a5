//! What a rebuild may not lose.

use crate::CaseError;
use crate::deliveries::Deliveries;
use crate::ledger::LedgerFile;
use crate::ledger::digest;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// Refuses a rebuild in which a source does not come again with the bytes that it had, or
/// that gives fewer messages.
pub(super) fn expect_what_is_told(told: &Deliveries, new: &LedgerFile) -> Result<(), CaseError> {
    let now = new.deliveries()?;
    let found: HashSet<&str> = now.sources.iter().map(|(_, sha256)| &**sha256).collect();
    let lost = told.sources.iter();
    let lost: Vec<&str> = lost
        .filter(|(_, sha256)| !found.contains(&**sha256))
        .map(|(name, _)| &**name)
        .collect();
    let messages = told.messages.saturating_sub(now.messages) as usize;
    if lost.is_empty() && messages == 0 {
        return Ok(());
    }
    Err(CaseError::RebuildLoses {
        messages,
        sources: lost.len(),
        named: lost
            .into_iter()
            .take(LOST_NAMED)
            .map(str::to_owned)
            .collect(),
        limits: limits_that_keep_out_more(None, new)?,
    })
}

/// Most sources named that did not come again.
const LOST_NAMED: usize = 10;

/// Refuses a rebuild after which a message could no longer be found or proved: the
/// sources have changed, or an archive needs a password. A message whose bytes are there
/// under another id is not lost: a newer version may read a damaged header better.
pub(super) fn expect_nothing_lost(old: &LedgerFile, new: &LedgerFile) -> Result<(), CaseError> {
    let keys = |ledger: &LedgerFile| -> Result<HashSet<[u8; 20]>, CaseError> {
        let keys = ledger.rows("SELECT key FROM messages", [], |row| digest(row, 0))?;
        Ok(keys.into_iter().collect())
    };
    let hashes = |ledger: &LedgerFile, sql: &str| -> Result<HashSet<[u8; 32]>, CaseError> {
        Ok(ledger
            .rows(sql, [], |row| digest(row, 0))?
            .into_iter()
            .collect())
    };
    let known = keys(new)?;
    let mut missing = keys(old)?;
    missing.retain(|key| !known.contains(key));
    if !missing.is_empty() {
        let bytes = hashes(new, "SELECT sha256 FROM copies")?;
        for key in std::mem::take(&mut missing) {
            let copies: Vec<[u8; 32]> = old.rows(
                "SELECT c.sha256 FROM copies c JOIN messages m ON m.ordinal = c.message WHERE m.key = ?1",
                [key],
                |row| digest(row, 0),
            )?;
            if !copies.iter().any(|sha256| bytes.contains(sha256)) {
                missing.insert(key);
            }
        }
    }
    let sources_sql = "SELECT sha256 FROM sources WHERE sha256 IS NOT NULL";
    let sources = hashes(old, sources_sql)?
        .difference(&hashes(new, sources_sql)?)
        .count();
    match (missing.len(), sources) {
        (0, 0) => Ok(()),
        (messages, sources) => Err(CaseError::RebuildLoses {
            messages,
            sources,
            named: Vec::new(),
            limits: limits_that_keep_out_more(Some(old), new)?,
        }),
    }
}

/// Names of the limits that keep more out of the new ledger than they did of the old one.
fn limits_that_keep_out_more(
    old: Option<&LedgerFile>,
    new: &LedgerFile,
) -> Result<Vec<String>, CaseError> {
    let before = old.map(hits_of_limits).transpose()?.unwrap_or_default();
    let more = hits_of_limits(new)?
        .into_iter()
        .filter(|(limit, hits)| before.get(limit).copied().unwrap_or(0) < *hits);
    Ok(more.map(|(limit, _)| limit).collect())
}

/// How often each limit was hit.
fn hits_of_limits(ledger: &LedgerFile) -> Result<BTreeMap<String, u64>, CaseError> {
    // As every reason that is for a limit ends, or goes on after a `;` or `:`.
    const NAMED: &str = "the limit `";
    let sql = "SELECT reason FROM unread
               UNION ALL SELECT why FROM items WHERE state = 'unread' AND why IS NOT NULL
               UNION ALL SELECT why FROM attachments WHERE state = 'unread' AND why IS NOT NULL";
    let mut hits = BTreeMap::new();
    for reason in ledger.rows(sql, [], |row| row.get::<_, String>(0))? {
        let limit = reason
            .split_once(NAMED)
            .and_then(|(_, rest)| rest.split_once('`'));
        if let Some((limit, _)) = limit {
            *hits.entry(limit.to_owned()).or_default() += 1;
        }
    }
    Ok(hits)
}
