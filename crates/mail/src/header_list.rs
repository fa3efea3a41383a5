//! The header fields of a message in one piece of memory.
//!
//! A mail has some fifty fields; a text of its own for each name and value would be most
//! of what reading a mail allocates.

use std::fmt;
use std::iter::FusedIterator;

/// One header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// Name as written.
    pub name: &'a str,
    /// Value: unfolded, encoded words decoded.
    pub value: &'a str,
}

/// Header fields in the order of the mail.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Name, value, name, value, and so on.
    text: String,
    /// Where in it the name and the value of each field end.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// None yet, with room for so many fields and bytes.
    pub(crate) fn with_capacity(fields: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(fields),
        }
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The fields in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter {
            headers: self,
            next: 0,
        }
    }

    /// The values of the fields of a name, in any case, in order.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    }

    fn get(&self, at: usize) -> Option<Header<'_>> {
        let start = match at.checked_sub(1) {
            Some(before) => self.ends.get(before)?.1,
            None => 0,
        };
        let (name_end, end) = *self.ends.get(at)?;
        Some(Header {
            name: self.text.get(start..name_end)?,
            value: self.text.get(name_end..end)?,
        })
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = Header<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Goes through [`Headers`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    headers: &'a Headers,
    next: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        let found = self.headers.get(self.next)?;
        self.next += 1;
        Some(found)
    }
}

impl FusedIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_as_they_were_put_in() {
        let mut headers = Headers::default();
        headers.push("To", "anne@agency.example");
        headers.push("", "");
        headers.push("X-\u{e9}", "");
        headers.push("to", "b");
        let header = |name, value| Header { name, value };
        let all: Vec<_> = headers.iter().collect();
        assert_eq!(
            all,
            [
                header("To", "anne@agency.example"),
                header("", ""),
                header("X-\u{e9}", ""),
                header("to", "b")
            ]
        );
        let to: Vec<_> = headers.values("TO").collect();
        assert_eq!(to, ["anne@agency.example", "b"]);
        assert_eq!((headers.len(), headers.is_empty()), (4, false));
    }
}
