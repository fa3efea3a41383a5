//! Descriptions of messages: a table, or an object a line.

use super::edrm;
use super::manifest::Written;
use super::stage::StagedFile;
use super::work::Stop;
use super::work::Work;
use crate::CaseError;
use crate::Hit;
use crate::MessageView;
use crate::csv;
use serde::Serialize;

/// Writes a row for each message (RFC 4180).
pub(super) fn csv(work: &mut Work<'_>) -> Result<(), Stop> {
    let name = work.stage.main_name();
    let mut file = work.stage.open(&name)?;
    if work.request.byte_order_mark {
        file.write("\u{feff}".as_bytes())?;
    }
    file.write(format!("{},hit,edrm_message_id_hash\r\n", csv::header()).as_bytes())?;
    for one in work.chosen {
        work.check()?;
        let hit = work.hit(one)?;
        let line = format!(
            "{},{},{}\r\n",
            csv::row(&hit, work.request.cells),
            one.hit,
            edrm::message_id_hash(hit.message_id.as_deref()).unwrap_or_default()
        );
        put_line(work, &mut file, &hit, one.hit, &line)?;
    }
    Ok(work.stage.close(file)?)
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    message: &'a MessageView,
    /// Whether it was selected itself, and not only for its thread.
    hit: bool,
    edrm_message_id_hash: Option<String>,
}

/// Writes an object for each message on a line of its own, schema 1 with bodies.
pub(super) fn json(work: &mut Work<'_>) -> Result<(), Stop> {
    let name = work.stage.main_name();
    let mut file = work.stage.open(&name)?;
    for one in work.chosen {
        work.check()?;
        let message = work.message(one)?;
        let row = Row {
            message: &message,
            hit: one.hit,
            edrm_message_id_hash: edrm::message_id_hash(message.hit.message_id.as_deref()),
        };
        let mut line = serde_json::to_string(&row)
            .map_err(std::io::Error::other)
            .map_err(CaseError::file("write", name.as_ref()))?;
        line.push('\n');
        put_line(work, &mut file, &message.hit, one.hit, &line)?;
    }
    Ok(work.stage.close(file)?)
}

fn put_line(
    work: &mut Work<'_>,
    file: &mut StagedFile,
    hit: &Hit,
    is_hit: bool,
    line: &str,
) -> Result<(), CaseError> {
    let offset = file.length();
    file.write(line.as_bytes())?;
    let written = Written {
        file: file.name(),
        offset: Some(offset),
        bytes: Some(line.as_bytes()),
        original: None,
        control_number: None,
    };
    work.manifest.item(hit, is_hit, &written)?;
    work.summary.messages += 1;
    work.done();
    Ok(())
}
