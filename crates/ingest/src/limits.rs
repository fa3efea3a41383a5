//! How far and how much is read before a source is given up.

/// Limits on one source. Each one that is hit is an [`crate::Record::Unread`] or an
/// item in [`crate::ItemState::Unread`], never silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of archives and compressed streams inside one source.
    pub archive_depth: usize,
    /// Most bytes that one source may unpack to, all levels together.
    pub unpacked_bytes: u64,
    /// Most bytes unpacked for each packed byte. Looked at beyond [`Limits::RATIO_FROM`]
    /// bytes, for each stream and for the source as a whole.
    pub unpacked_ratio: u64,
    /// Longest single message, in bytes.
    pub message_bytes: u64,
    /// Seconds of processor time that reading the text of one PDF may take; 0 leaves PDFs alone.
    pub pdf_seconds: u64,
    /// Whether words of PDFs that lie under black boxes are taken as text.
    pub covered_text: bool,
    /// Limits inside one message.
    pub mail: muckrake_mail::Limits,
}

impl Limits {
    /// Bytes unpacked before the ratio is looked at: small files of one repeated byte are no bombs.
    pub const RATIO_FROM: u64 = 64 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive_depth: 16,
            unpacked_bytes: 64 << 30,
            unpacked_ratio: 1000,
            message_bytes: 256 << 20,
            pdf_seconds: 120,
            covered_text: false,
            mail: muckrake_mail::Limits::default(),
        }
    }
}
