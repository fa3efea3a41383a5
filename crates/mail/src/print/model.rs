//! What a print-out tells beside what any mail tells.

use serde::Deserialize;
use serde::Serialize;

/// What is known of a message because it came as a print-out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// The word of the layout in which its header is printed (see [`crate::print`]).
    pub layout: String,
    /// How sure it is that this is a message and that its fields are read right, in percent.
    pub confidence: u8,
    /// The fields of the header as printed, in order.
    pub fields: Vec<PrintedField>,
    /// What the pages carry beside the message: banners, numbers, marks; in order.
    pub boilerplate: Vec<Boilerplate>,
    /// For each stretch of lines of the text that stand one under the other in the original too: the first in the text and the
    /// first in the original, from 1.
    #[serde(default)]
    pub lines: Vec<(u32, u32)>,
    /// First and last page of the document that it lies on, from 1; `None` where the document has no pages.
    #[serde(default)]
    pub pages: Option<(u32, u32)>,
}

impl Print {
    /// The line of the original, from 1, of a line of the text.
    pub fn original_line(&self, line: u32) -> Option<u32> {
        let after = self.lines.partition_point(|(first, _)| *first <= line);
        let (first, original) = self.lines.get(after.checked_sub(1)?)?;
        Some(original + (line - first))
    }
}

/// How many pages of a document are what. Each page is one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageCounts {
    /// Pages on which a message begins or goes on.
    pub message: u32,
    /// Pages behind a message that its own numbering (`Page 2 of 2`) leaves out: attachments printed after it.
    pub attached: u32,
    /// Pages with text before the first header of the document.
    pub without_header: u32,
    /// Pages without text: blank, or an image.
    pub without_text: u32,
}

impl PageCounts {
    /// All of them.
    pub fn all(self) -> u32 {
        self.message + self.attached + self.without_header + self.without_text
    }
}

/// One field of a printed header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedField {
    /// What it is for.
    pub field: FieldName,
    /// Its label as printed, errors of recognition and all.
    pub label: String,
    /// Its value as printed, lines joined with one space.
    pub text: String,
    /// Where label and value stand.
    pub place: PrintPlace,
    /// How sure it is that this is the field, in percent.
    pub confidence: u8,
}

/// What a field of a printed header is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldName {
    /// Who wrote.
    From,
    /// When it was sent.
    Sent,
    /// To whom.
    To,
    /// Who got a copy.
    Cc,
    /// Who got a copy without the others being told.
    Bcc,
    /// What about.
    Subject,
    /// Names of attachments.
    Attachments,
    /// The owner of the mailbox, on a line above the header.
    Owner,
    /// Any other, as importance and flags.
    Other,
}

impl FieldName {
    /// The name of the header field that says the same in mail; `None` for those that mail has not.
    pub(crate) fn header(self) -> Option<&'static str> {
        match self {
            Self::From => Some("From"),
            Self::Sent => Some("Date"),
            Self::To => Some("To"),
            Self::Cc => Some("Cc"),
            Self::Bcc => Some("Bcc"),
            Self::Subject => Some("Subject"),
            Self::Attachments => Some("Attachments"),
            Self::Owner => Some("Mailbox-Owner"),
            Self::Other => None,
        }
    }
}

/// A place in the text of a print-out: of the bytes that are the original of the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintPlace {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Its first line, from 1.
    pub first_line: u32,
    /// Its last line.
    pub last_line: u32,
    /// The page of the document, from 1.
    pub page: u32,
}

/// A line or a part of one that is of the page and not of the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boilerplate {
    /// What it is.
    pub kind: BoilerplateKind,
    /// As printed.
    pub text: String,
    /// Where.
    pub place: PrintPlace,
}

/// What a line of a page is that is not of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoilerplateKind {
    /// A banner of the agency, mostly with case and document number.
    Banner,
    /// What the agency says of the release: `RELEASE IN PART B6`.
    Release,
    /// A Bates number.
    Bates,
    /// The number of the page, alone or as `Page 1 of 2`.
    Page,
    /// The day on which it was printed.
    Printed,
    /// Exemption codes in the margin.
    Exemption,
    /// A line that most pages of the document repeat.
    Repeated,
    /// A line above the header that is none of these.
    Above,
}

impl BoilerplateKind {
    /// The name under which a search finds it among the header fields; `None` for what tells nothing of the message.
    pub(crate) fn header(self) -> Option<&'static str> {
        match self {
            Self::Banner => Some("Banner"),
            Self::Release => Some("Release-Mark"),
            Self::Bates => Some("Bates"),
            Self::Above => Some("Above"),
            Self::Page | Self::Printed | Self::Exemption | Self::Repeated => None,
        }
    }
}
