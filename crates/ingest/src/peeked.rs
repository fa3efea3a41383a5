//! A stream of which the beginning is known before it is read.

use std::io::{self, Read};

use crate::detect::{self, HEAD, LONG_HEAD};

/// A stream whose first bytes have been looked at.
pub(crate) struct Peeked<'r> {
    head: Vec<u8>,
    given: usize,
    data: &'r mut dyn Read,
    /// What ended the looking, told when reading comes to its place.
    failed: Option<io::Error>,
}

impl<'r> Peeked<'r> {
    pub(crate) fn new(data: &'r mut dyn Read) -> Self {
        let mut peeked = Self {
            head: Vec::new(),
            given: 0,
            data,
            failed: None,
        };
        peeked.fill(HEAD);
        if detect::wants_more(&peeked.head) {
            peeked.fill(LONG_HEAD);
        }
        peeked
    }

    fn fill(&mut self, length: usize) {
        let more = length.saturating_sub(self.head.len()) as u64;
        if let Err(error) = (&mut *self.data).take(more).read_to_end(&mut self.head) {
            self.failed = Some(error);
        }
    }

    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }
}

impl Read for Peeked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.head.get(self.given..).unwrap_or_default();
        if rest.is_empty() {
            return match self.failed.take() {
                Some(error) => Err(error),
                None => self.data.read(buffer),
            };
        }
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        if self.given == self.head.len() {
            self.head = Vec::new();
            self.given = 0;
        }
        Ok(count)
    }
}
