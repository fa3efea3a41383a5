//! The layouts of print-outs, their labels, and the marks that pages carry: data alone.
//!
//! A new layout is a row of [`LAYOUTS`], a new label one of its list, a new banner a row of [`MARKS`].

use super::model::BoilerplateKind;
use crate::zones::labels::ALL;
use crate::zones::labels::DE;
use crate::zones::labels::EN;
use crate::zones::labels::ES;
use crate::zones::labels::FR;
use crate::zones::labels::IT;
use crate::zones::labels::NL;
use crate::zones::labels::PT;

/// What a label of a printed header is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    From,
    Sent,
    To,
    Cc,
    Bcc,
    Subject,
    Attachments,
    /// A field that is kept and not read.
    Other,
    /// Stands before the words of the message.
    Words,
}

/// How labels and values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrangement {
    /// The value behind its label, or on the lines under it.
    Beside,
    /// All labels first, then all values in the same order: two columns that were read one after the other.
    Columns,
}

/// How a field names people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeopleForm {
    /// As lists of mail programs do.
    List,
    /// One a field, with a directory name in parentheses: `Name ( CN=Name/OU=Unit/O=Org [ Unit ] )`.
    Directory,
}

/// A label with the languages that have it, as bits.
pub(super) type LabelRow = (&'static str, Role, u32);

/// A layout of printed headers.
pub(super) struct Layout {
    /// Its word in machine output.
    pub(super) name: &'static str,
    pub(super) arrangement: Arrangement,
    /// Whether the labels of mail programs (`zones/labels.rs`) are its labels too.
    pub(super) mail_labels: bool,
    /// Its own labels.
    pub(super) labels: &'static [LabelRow],
    /// Fields whose values stand before the first label, a line each and without labels of their own.
    pub(super) unlabelled: &'static [Role],
    /// Fields with whose labels a header may start.
    pub(super) starts: &'static [Role],
    /// Fields that may come more than once.
    pub(super) repeats: &'static [Role],
    /// Whether only a label ends the header ([`Role::Words`]), and not a blank line.
    pub(super) labelled_end: bool,
    pub(super) people: PeopleForm,
    /// Whether its header begins a message wherever it stands: no message quotes one as it is.
    pub(super) begins_anywhere: bool,
}

/// All layouts, those that ask for more first.
pub(super) const LAYOUTS: &[Layout] = &[
    Layout {
        name: "archive",
        arrangement: Arrangement::Beside,
        mail_labels: false,
        labels: ARCHIVE_LABELS,
        unlabelled: &[],
        starts: &[Role::Other, Role::From],
        repeats: &[Role::To, Role::Cc, Role::Bcc, Role::Other],
        labelled_end: true,
        people: PeopleForm::Directory,
        begins_anywhere: true,
    },
    Layout {
        name: "columns",
        arrangement: Arrangement::Columns,
        mail_labels: true,
        labels: FURTHER_LABELS,
        unlabelled: &[],
        starts: &[Role::From],
        repeats: &[],
        labelled_end: false,
        people: PeopleForm::List,
        begins_anywhere: false,
    },
    Layout {
        name: "memo",
        arrangement: Arrangement::Beside,
        mail_labels: true,
        labels: FURTHER_LABELS,
        unlabelled: &[],
        starts: &[Role::From],
        repeats: &[],
        labelled_end: false,
        people: PeopleForm::List,
        begins_anywhere: false,
    },
    Layout {
        name: "web",
        arrangement: Arrangement::Beside,
        mail_labels: true,
        labels: FURTHER_LABELS,
        unlabelled: &[Role::Subject, Role::From, Role::Sent],
        starts: &[Role::To],
        repeats: &[],
        labelled_end: false,
        people: PeopleForm::List,
        begins_anywhere: false,
    },
];

/// The labels that mail programs print under those which quoted headers have too.
const FURTHER_LABELS: &[LabelRow] = &[
    ("Bcc", Role::Bcc, ALL),
    ("Attachments", Role::Attachments, EN),
    ("Attachment", Role::Attachments, EN),
    ("Anlagen", Role::Attachments, DE),
    ("Pièces jointes", Role::Attachments, FR),
    ("Datos adjuntos", Role::Attachments, ES),
    ("Allegati", Role::Attachments, IT),
    ("Anexos", Role::Attachments, PT),
    ("Bijlagen", Role::Attachments, NL),
    ("Importance", Role::Other, EN),
    ("Priority", Role::Other, EN),
    ("Sensitivity", Role::Other, EN),
    ("Categories", Role::Other, EN),
    ("Follow Up Flag", Role::Other, EN),
    ("Flag Status", Role::Other, EN),
    ("Due By", Role::Other, EN),
    ("Reply To", Role::Other, EN),
    ("Reply-To", Role::Other, EN),
    ("Wichtigkeit", Role::Other, DE),
    ("Importancia", Role::Other, ES),
];

/// The labels of the mail archive of a presidential library.
const ARCHIVE_LABELS: &[LabelRow] = &[
    ("RECORD TYPE", Role::Other, EN),
    ("CREATOR", Role::From, EN),
    ("CREATION DATE/TIME", Role::Sent, EN),
    ("SUBJECT", Role::Subject, EN),
    ("TO", Role::To, EN),
    ("CC", Role::Cc, EN),
    ("BCC", Role::Bcc, EN),
    ("READ", Role::Other, EN),
    ("TEXT", Role::Words, EN),
];

/// Lines of pages that are told by their words: all words of a row stand on the line, letters and digits alone
/// and in lower case.
pub(super) const MARKS: &[(BoilerplateKind, &[&str])] = &[
    (BoilerplateKind::Banner, &["unclassified", "caseno"]),
    (BoilerplateKind::Banner, &["unclassified", "docno"]),
    (BoilerplateKind::Banner, &["departmentofstate", "caseno"]),
    (BoilerplateKind::Banner, &["caseno", "docno"]),
    (BoilerplateKind::Banner, &["statedept", "produced"]),
    (BoilerplateKind::Banner, &["subjecttoagreementon"]),
    (BoilerplateKind::Banner, &["obtainedvia", "foia"]),
    (BoilerplateKind::Banner, &["obtainedby", "foia"]),
    (BoilerplateKind::Banner, &["searchableanalytics"]),
];

/// Words with which a line starts, alone or before exemption codes, by which the agency says what it did.
pub(super) const RELEASE_MARKS: &[&str] = &[
    "releaseinfull",
    "releaseinpart",
    "releasein",
    "partb",
    "deniedinfull",
    "withheldinfull",
    "nonresponsive",
    "nearduplicate",
    "duplicate",
];

/// Words that introduce what an agency notes beside the lines of a message.
pub(super) const MARGIN_NOTES: &[&str] = &[
    "Classified by ",
    "Reason: ",
    "Declassify on",
    "RELEASE IN PART",
    "RELEASE IN FULL",
];

/// Labels inside a banner, with the header names under which their values are kept.
pub(super) const BANNER_NUMBERS: &[(&str, &str)] = &[
    ("Case No", "Case-No"),
    ("Doc No", "Doc-No"),
    ("Date:", "Release-Date"),
];
