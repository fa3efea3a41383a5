//! The user's settings of a case: `muckrake.toml` in its folder.

use crate::CaseError;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

/// What a new case's settings file says.
pub(crate) const TEMPLATE: &str = "\
# Settings of this muckrake case. Lines that start with # say what is assumed.

# The zone in which days are counted (`date:2016-05-11`), and that of times
# whose own zone is not told. An IANA name such as \"America/New_York\".
# After a change, run `muckrake rebuild` if the case holds dates without a zone.
# time_zone = \"UTC\"

# Languages of pages that `--ocr` reads, as tesseract names them: \"eng+spa\" (packages tesseract-ocr-spa and the like).
# ocr_languages = \"eng\"

# Whether words of PDFs that lie under black boxes are searched and shown. Think of those whom it concerns.
# After a change, run `muckrake rebuild`.
# covered_text = false

# Limits against damaged and hostile files. What goes beyond one is not read,
# and listed by `muckrake ledger --unread`. To read it after all, raise the limit
# and run `muckrake rebuild`.
[limits]
# archive_depth = 16            # archives inside archives
# unpacked_bytes = 68719476736  # from one source, 64 GiB
# unpacked_ratio = 1000         # unpacked against packed size, beyond 64 MiB
# message_bytes = 268435456     # one message, 256 MiB
# pdf_seconds = 120             # processor time for the text of one PDF; 0: PDFs are not read
# ocr_page_seconds = 120        # processor time for reading one page that is an image, with --ocr
# header_bytes = 1048576        # one header field, 1 MiB
# header_block_bytes = 4194304  # all header fields of a message or part, 4 MiB
# nesting = 50                  # parts within parts
# parts = 10000                 # parts of one message
# body_text_bytes = 67108864    # text of the body of one message, 64 MiB
# attachment_text_bytes = 8388608  # text of one attachment
";

/// Settings as read; everything left out is the default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    time_zone: Option<String>,
    ocr_languages: Option<String>,
    covered_text: Option<bool>,
    limits: LimitSettings,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitSettings {
    archive_depth: Option<usize>,
    unpacked_bytes: Option<u64>,
    unpacked_ratio: Option<u64>,
    message_bytes: Option<u64>,
    pdf_seconds: Option<u64>,
    ocr_page_seconds: Option<u64>,
    header_bytes: Option<usize>,
    header_block_bytes: Option<usize>,
    nesting: Option<usize>,
    parts: Option<usize>,
    body_text_bytes: Option<usize>,
    attachment_text_bytes: Option<usize>,
}

impl Settings {
    /// Reads the settings file; one that is absent is all defaults.
    pub(crate) fn read(path: &Path) -> Result<Self, CaseError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(CaseError::file("read the settings", path)(error)),
        };
        let settings: Self = toml::from_str(&text).map_err(|source| CaseError::Settings {
            path: path.to_owned(),
            source,
        })?;
        settings.zone()?;
        Ok(settings)
    }

    /// Name of the case's time zone.
    pub fn zone_name(&self) -> &str {
        self.time_zone.as_deref().unwrap_or("UTC")
    }

    /// The zone in which the case counts its days.
    ///
    /// # Errors
    /// [`CaseError::UnknownTimeZone`] if the name is not in the IANA database.
    pub fn zone(&self) -> Result<TimeZone, CaseError> {
        zone(self.zone_name())
    }

    /// How pages that are images are read; what was read is kept in `folder`.
    pub(crate) fn ocr(&self, run: bool, folder: PathBuf) -> muckrake_ingest::Ocr {
        muckrake_ingest::Ocr {
            run,
            languages: self
                .ocr_languages
                .clone()
                .unwrap_or_else(|| "eng".to_owned()),
            page_seconds: self.limits.ocr_page_seconds.unwrap_or(120),
            folder,
        }
    }

    /// The limits for reading sources.
    pub fn limits(&self) -> muckrake_ingest::Limits {
        let mut limits = muckrake_ingest::Limits::default();
        let given = &self.limits;
        set(&mut limits.archive_depth, given.archive_depth);
        set(&mut limits.unpacked_bytes, given.unpacked_bytes);
        set(&mut limits.unpacked_ratio, given.unpacked_ratio);
        set(&mut limits.message_bytes, given.message_bytes);
        set(&mut limits.pdf_seconds, given.pdf_seconds);
        set(&mut limits.covered_text, self.covered_text);
        set(&mut limits.mail.header_bytes, given.header_bytes);
        set(
            &mut limits.mail.header_block_bytes,
            given.header_block_bytes,
        );
        set(&mut limits.mail.nesting, given.nesting);
        set(&mut limits.mail.parts, given.parts);
        set(&mut limits.mail.body_text_bytes, given.body_text_bytes);
        set(
            &mut limits.mail.attachment_text_bytes,
            given.attachment_text_bytes,
        );
        limits
    }
}

fn set<T>(limit: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *limit = given;
    }
}

/// Looks a time zone up by its IANA name.
pub(crate) fn zone(name: &str) -> Result<TimeZone, CaseError> {
    TimeZone::get(name).map_err(|_| CaseError::UnknownTimeZone {
        name: name.to_owned(),
    })
}
