//! How much of a message is read before the reader says stop.

/// Limits on one message. Each one that is hit is recorded as a [`crate::Defect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest header field kept, in bytes; the rest is cut.
    pub header_bytes: usize,
    /// Most bytes of the header of a message or part, all its fields together; the fields behind
    /// them are passed over.
    pub header_block_bytes: usize,
    /// Deepest nesting of parts and attached messages.
    pub nesting: usize,
    /// Most parts of one message, attached messages included.
    pub parts: usize,
    /// Most bytes of text taken from the body of one message, all its parts together; those of an
    /// attached message count for themselves.
    pub body_text_bytes: usize,
    /// Most bytes of text taken from one attachment.
    pub attachment_text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 1 << 20,
            header_block_bytes: 4 << 20,
            nesting: 50,
            parts: 10_000,
            body_text_bytes: 64 << 20,
            attachment_text_bytes: 8 << 20,
        }
    }
}
