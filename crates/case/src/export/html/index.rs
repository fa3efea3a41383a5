//! The list of threads, over as many pages as it needs.

use super::page::Frame;
use super::page::escape;
use super::words;
use crate::CaseError;
use crate::export::stage::StagedFile;
use crate::export::work::Work;

/// Most threads on one page of the list.
const ROWS: usize = 2000;

/// Most names of writers in a row.
const NAMES: usize = 4;

/// What the list says of a thread.
pub(super) struct Row {
    pub(super) file: String,
    pub(super) subject: Option<String>,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) messages: usize,
    pub(super) hits: usize,
    pub(super) attachments: usize,
    /// Those who wrote in it, each once.
    pub(super) writers: Vec<String>,
}

/// The list under construction: written as the threads come.
pub(super) struct Index<'a> {
    frame: &'a Frame,
    about: String,
    threads: usize,
    rows: usize,
    file: Option<StagedFile>,
}

impl<'a> Index<'a> {
    pub(super) fn new(frame: &'a Frame, work: &Work<'_>, threads: usize) -> Self {
        let hits = work.chosen.iter().filter(|one| one.hit).count();
        let messages = work.chosen.len();
        let mut about = format!(
            "<h1>{} in {}</h1>\n",
            words::counted(messages, "message"),
            words::counted(threads, "thread")
        );
        if let Some(text) = work.query {
            about.push_str(&format!(
                "<p class=\"about\">Found with <code dir=\"auto\">{}</code>",
                escape(text)
            ));
            if hits < messages {
                about.push_str(&format!(
                    "; {hits} of the messages match and are marked, the others are of the same threads"
                ));
            }
            about.push_str("</p>\n");
        }
        Self {
            frame,
            about,
            threads,
            rows: 0,
            file: None,
        }
    }

    /// Adds a thread.
    pub(super) fn row(&mut self, work: &mut Work<'_>, row: &Row) -> Result<(), CaseError> {
        if self.rows.is_multiple_of(ROWS) {
            self.close(work)?;
            self.open(work)?;
        }
        self.rows += 1;
        let mut text = format!(
            "<li><a href=\"{}\"><bdi class=\"subject\">{}</bdi></a>\n<span class=\"writers\" dir=\"auto\">{}</span>\n<span class=\"sums\">{}",
            row.file,
            escape(row.subject.as_deref().unwrap_or("(no subject)")),
            escape(&writers(&row.writers)),
            words::counted(row.messages, "message"),
        );
        if row.hits < row.messages {
            text.push_str(&format!(", <b>{} marked</b>", row.hits));
        }
        if row.attachments > 0 {
            text.push_str(&format!(
                ", {}",
                words::counted(row.attachments, "attachment")
            ));
        }
        text.push_str(&format!(
            "</span>\n<span class=\"days\">{}</span></li>\n",
            words::days(row.first.as_deref(), row.last.as_deref())
        ));
        match &mut self.file {
            Some(file) => file.write(text.as_bytes()),
            None => Ok(()),
        }
    }

    /// Ends the last page.
    pub(super) fn finish(mut self, work: &mut Work<'_>) -> Result<(), CaseError> {
        self.close(work)
    }

    fn open(&mut self, work: &Work<'_>) -> Result<(), CaseError> {
        let page = self.rows / ROWS;
        let mut links = String::from("<span>All threads</span>");
        let pages = self.threads.div_ceil(ROWS);
        if pages > 1 {
            links.push_str(&format!(" <span>page {} of {pages}</span>", page + 1));
        }
        if let Some(before) = page.checked_sub(1) {
            links.push_str(&format!(" <a href=\"{}\">Previous</a>", name(before)));
        }
        if page + 1 < pages {
            links.push_str(&format!(" <a href=\"{}\">Next</a>", name(page + 1)));
        }
        let mut file = work.stage.open(&name(page))?;
        file.write(self.frame.head("Messages", &links).as_bytes())?;
        file.write(self.about.as_bytes())?;
        file.write(b"<ul class=\"threads\" id=\"rows\">\n")?;
        self.file = Some(file);
        Ok(())
    }

    fn close(&mut self, work: &mut Work<'_>) -> Result<(), CaseError> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        file.write(b"</ul>\n")?;
        file.write(
            format!(
                "<footer>Made by muckrake {}. <a href=\"manifest.jsonl\">manifest.jsonl</a> has the SHA-256 and the place of each message in the released files.</footer>\n",
                env!("CARGO_PKG_VERSION")
            )
            .as_bytes(),
        )?;
        file.write(self.frame.end().as_bytes())?;
        work.stage.close(file)
    }
}

fn name(page: usize) -> String {
    match page {
        0 => "index.html".to_owned(),
        _ => format!("index-{}.html", page + 1),
    }
}

fn writers(names: &[String]) -> String {
    let shown = names.get(..NAMES.min(names.len())).unwrap_or(names);
    let text = shown.join("; ");
    match names.len() - shown.len() {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
