//! What an item is, told by its bytes and never by its name.

use std::fmt;
use std::str::FromStr;

use crate::record::ItemState;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $word:literal,)*) => {
        /// What an item was recognised as.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// A short word that never changes; [`Kind::from_str`] reads it back.
            pub fn word(self) -> &'static str {
                match self {
                    $(Kind::$name => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// One message (RFC 5322).
    Eml => "eml",
    /// Messages under `From ` lines.
    Mbox => "mbox",
    /// Messages between lines of four control-A bytes.
    Mmdf => "mmdf",
    /// One message of Apple Mail: a byte count, the message, a property list.
    Emlx => "emlx",
    /// Text of mail that was printed.
    Print => "print",
    /// Zip archive.
    Zip => "zip",
    /// Tar archive.
    Tar => "tar",
    /// 7z archive.
    SevenZip => "7z",
    /// gzip stream.
    Gzip => "gzip",
    /// bzip2 stream.
    Bzip2 => "bzip2",
    /// xz stream.
    Xz => "xz",
    /// Zstandard stream.
    Zstd => "zstd",
    /// RAR archive.
    Rar => "rar",
    /// Another archive or compressed form: cab, lzip, compress, ar, cpio.
    OtherArchive => "archive",
    /// Outlook store, PST or OST.
    Pst => "pst",
    /// Outlook message file.
    Msg => "msg",
    /// Outlook's `winmail.dat`.
    Tnef => "tnef",
    /// Older Exchange or Outlook Express store.
    OtherStore => "mail store",
    /// Index or table of contents that a mail program keeps beside a mailbox.
    MailIndex => "mail index",
    /// What an operating system leaves in folders: `.DS_Store`, AppleDouble, thumbnails.
    System => "system file",
    /// PDF.
    Pdf => "pdf",
    /// Word processing: Word, Writer, rich text.
    Document => "document",
    /// Excel, Calc.
    Spreadsheet => "spreadsheet",
    /// PowerPoint, Impress.
    Presentation => "presentation",
    /// Microsoft compound file of an unknown program.
    Compound => "compound file",
    /// Image.
    Image => "image",
    /// Sound.
    Audio => "audio",
    /// Video.
    Video => "video",
    /// Font.
    Font => "font",
    /// Database file.
    Database => "database",
    /// Program.
    Program => "program",
    /// HTML.
    Html => "html",
    /// XML.
    Xml => "xml",
    /// JSON.
    Json => "json",
    /// Separated values.
    Csv => "csv",
    /// Load file of a production: a table of its documents, or a list of their images.
    LoadFile => "load file",
    /// A row of a load file.
    LoadFileRow => "load file row",
    /// iCalendar.
    Calendar => "calendar",
    /// vCard.
    Contacts => "contacts",
    /// Key, certificate, signature.
    Key => "key",
    /// Other text.
    Text => "text",
    /// Symbolic or hard link inside an archive.
    Link => "link",
    /// No bytes.
    Empty => "empty",
    /// None of these.
    Unknown => "unknown",
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.word())
    }
}

/// A word that names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of item is called {0:?}")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

impl Kind {
    /// What becomes of an item of this kind, as long as this version cannot read it.
    pub(crate) fn state(self) -> ItemState {
        match self {
            Kind::Empty => ItemState::Empty,
            Kind::Image
            | Kind::Audio
            | Kind::Video
            | Kind::Font
            | Kind::Key
            | Kind::Program
            | Kind::MailIndex
            | Kind::System
            | Kind::Link => ItemState::NoText,
            _ => ItemState::Unsupported {
                advice: self.advice().unwrap_or_default().to_owned(),
            },
        }
    }

    /// What the user can do with an item that this version cannot read.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Kind::Pst => Some(
                "convert it with readpst (package pst-utils) and ingest the result: readpst -e -o FOLDER FILE",
            ),
            Kind::OtherStore => {
                Some("export the mail from the program that wrote it as mbox or EML")
            }
            Kind::Msg => Some(
                "convert it to EML (msgconvert of package libemail-outlook-message-perl) and ingest the result",
            ),
            Kind::Tnef => Some("unpack it (package tnef or ytnef) and ingest the result"),
            Kind::Pdf => {
                Some("read it in a PDF viewer, or as text with pdftotext (package poppler-utils)")
            }
            Kind::Text | Kind::Html | Kind::Csv | Kind::Json | Kind::Xml => {
                Some("it is no email; read it in an editor or browser")
            }
            Kind::LoadFile => Some(
                "unpack the archive that it is in, with its natives and texts, and ingest the folder",
            ),
            Kind::Rar | Kind::OtherArchive => Some("unpack it and ingest the result"),
            _ => None,
        }
    }
}
