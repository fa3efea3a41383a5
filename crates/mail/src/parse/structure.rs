//! The parts of a message: where each begins and ends, and how it is numbered.
//!
//! One pass over the bytes with a stack of open multiparts, no recursion. The
//! walk is our own and not mail-parser's: that one keeps only the innermost
//! boundary, takes quadratic time on multiparts whose boundary never comes
//! (1 MB: 6 s), and overflows the stack when it drops 200,000 nested messages (6 MB).

use std::ops::Range;

use memchr::memmem;

use super::params::Parameterised;
use crate::headers;
use crate::headers::Block;
use crate::model::DefectCode;

/// One part that is no multipart, or that could not be taken apart as one.
#[derive(Debug)]
pub(crate) struct Leaf {
    /// Number as in IMAP.
    pub(crate) number: String,
    /// Media type and parameters.
    pub(crate) content_type: Parameterised,
    /// Disposition and parameters.
    pub(crate) disposition: Parameterised,
    /// Value of `Content-Transfer-Encoding`.
    pub(crate) encoding: Option<Range<usize>>,
    /// Where its body is.
    pub(crate) body: Range<usize>,
    /// The multiparts that it is in, outermost first: index into [`Structure::multiparts`] and which child.
    pub(crate) path: Vec<(usize, usize)>,
}

/// One multipart.
#[derive(Debug)]
pub(crate) struct Multipart {
    /// Media type with parameters: `multipart/alternative`.
    pub(crate) content_type: Parameterised,
}

/// A message taken apart.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    /// The header of the message itself.
    pub(crate) header: Block,
    /// Media type of the message as a whole.
    pub(crate) root_type: String,
    /// Parts in order.
    pub(crate) leaves: Vec<Leaf>,
    /// Multiparts in order.
    pub(crate) multiparts: Vec<Multipart>,
    /// What is wrong, with offsets.
    pub(crate) faults: Vec<(DefectCode, usize, String)>,
}

impl Structure {
    /// Whether that multipart is of this type.
    pub(crate) fn is(&self, multipart: usize, media_type: &str) -> bool {
        self.multiparts
            .get(multipart)
            .is_some_and(|multipart| multipart.content_type.value == media_type)
    }

    /// Media type of the multipart that a part is directly in, empty where it is in none.
    pub(crate) fn parent_type(&self, leaf: &Leaf) -> &str {
        let parent = leaf
            .path
            .last()
            .and_then(|(parent, _)| self.multiparts.get(*parent));
        parent.map_or("", |parent| parent.content_type.value.as_str())
    }

    /// Media type of a part, with the default of a digest (RFC 2046 §5.1.5); empty where none is told.
    pub(crate) fn media_type(&self, leaf: &Leaf) -> String {
        let told = leaf.content_type.value.as_str();
        if told.is_empty() && self.parent_type(leaf) == "multipart/digest" {
            return "message/rfc822".to_owned();
        }
        // RFC 2045 §5.2: what cannot be read as a media type is plain text.
        if told.is_empty() || told.contains('/') {
            told.to_owned()
        } else {
            "text/plain".to_owned()
        }
    }
}

/// A multipart that is still open.
struct Open {
    multipart: usize,
    boundaries: Vec<Vec<u8>>,
    /// Its own number with the dot behind it; empty for the outermost.
    prefix: String,
    children: usize,
    closed: bool,
    /// Start of its body, for one whose boundary never comes.
    body: usize,
    /// The path of the parts in it.
    path: Vec<(usize, usize)>,
}

/// A delimiter line.
struct Delimiter {
    start: usize,
    next: usize,
    depth: usize,
    closing: bool,
}

struct Walker<'a> {
    raw: &'a [u8],
    depth: usize,
    header_bytes: usize,
    structure: Structure,
    stack: Vec<Open>,
    /// The leaf whose end is not known yet.
    open_leaf: bool,
}

/// Takes a message apart: `depth` more levels, `parts` more parts (counted down), of each header
/// the first `header_bytes` bytes.
pub(crate) fn walk(raw: &[u8], depth: usize, header_bytes: usize, parts: &mut usize) -> Structure {
    let mut walker = Walker {
        raw,
        depth,
        header_bytes,
        structure: Structure::default(),
        stack: Vec::new(),
        open_leaf: false,
    };
    let start = headers::skip_preface(raw);
    let block = headers::read_block(raw, start, header_bytes, |_| false);
    let mut at = walker.begin_part(&block, String::new(), Vec::new());
    walker.structure.header = block;
    while !walker.stack.is_empty() {
        let Some(delimiter) = walker.find_delimiter(at) else {
            break;
        };
        walker.end_part(delimiter.start, delimiter.depth + 1);
        at = delimiter.next;
        if delimiter.closing {
            walker.close(delimiter.depth);
            continue;
        }
        if *parts == 0 {
            let detail = "the rest is not taken apart".to_owned();
            walker
                .structure
                .faults
                .push((DefectCode::TooManyParts, delimiter.start, detail));
            walker.end_part(delimiter.start, 0);
            return walker.structure;
        }
        *parts -= 1;
        at = walker.begin_child(at);
    }
    walker.end_part(raw.len(), 0);
    walker.structure
}

impl Walker<'_> {
    /// Begins the next child of the innermost multipart; gives where its body begins.
    fn begin_child(&mut self, at: usize) -> usize {
        let stack = &self.stack;
        let block = headers::read_block(self.raw, at, self.header_bytes, |line| {
            match_line(stack, line).is_some()
        });
        let Some(open) = self.stack.last_mut() else {
            return at;
        };
        open.children += 1;
        let number = format!("{}{}", open.prefix, open.children);
        let mut path = open.path.clone();
        path.push((open.multipart, open.children));
        self.begin_part(&block, number, path)
    }

    fn begin_part(&mut self, block: &Block, number: String, path: Vec<(usize, usize)>) -> usize {
        let raw = self.raw;
        if let Some(from) = block.passed_over {
            let detail = format!(
                "the fields in its last {} bytes were passed over, the limit `header_block_bytes`",
                block.body - from
            );
            self.structure
                .faults
                .push((DefectCode::HeaderTooLong, from, detail));
        }
        let mut content_type = block
            .first(raw, "content-type")
            .map(Parameterised::read)
            .unwrap_or_default();
        if number.is_empty() {
            self.structure.root_type.clone_from(&content_type.value);
        }
        let body = block.body;
        if content_type.value.starts_with("multipart/") {
            match self.boundaries(&content_type, body) {
                Some(boundaries) => {
                    let prefix = if number.is_empty() {
                        number
                    } else {
                        number + "."
                    };
                    let multipart = self.structure.multiparts.len();
                    self.structure.multiparts.push(Multipart { content_type });
                    self.stack.push(Open {
                        multipart,
                        boundaries,
                        prefix,
                        children: 0,
                        closed: false,
                        body,
                        path,
                    });
                    self.open_leaf = false;
                    return body;
                }
                // Its text is kept and shown as it stands.
                None => content_type = Parameterised::default(),
            }
        }
        let disposition = block
            .first(raw, "content-disposition")
            .map(Parameterised::read)
            .unwrap_or_default();
        let encoding = block
            .fields
            .iter()
            .find(|field| field.is(raw, "content-transfer-encoding"))
            .map(|field| field.value.clone());
        let number = if number.is_empty() {
            "1".to_owned()
        } else {
            number
        };
        let leaf = Leaf {
            number,
            content_type,
            disposition,
            encoding,
            body: body..raw.len(),
            path,
        };
        self.structure.leaves.push(leaf);
        self.open_leaf = true;
        body
    }

    /// The boundaries of a multipart: the declared one, and the one that its first
    /// line has where that is another. `None` where it cannot be taken apart.
    fn boundaries(&mut self, content_type: &Parameterised, body: usize) -> Option<Vec<Vec<u8>>> {
        if self.stack.len() >= self.depth {
            let detail = "a multipart is kept as text".to_owned();
            self.structure
                .faults
                .push((DefectCode::TooDeep, body, detail));
            return None;
        }
        let declared = content_type
            .token("boundary")
            .filter(|boundary| !boundary.is_empty());
        let mut boundaries: Vec<Vec<u8>> = declared.map(<[u8]>::to_vec).into_iter().collect();
        if let Some(found) = self.first_line_boundary(body)
            && declared != Some(found)
        {
            boundaries.push(found.to_vec());
        }
        if declared.is_none() || boundaries.len() > 1 {
            let detail = if declared.is_none() {
                "no boundary"
            } else {
                "another boundary than declared"
            };
            self.structure
                .faults
                .push((DefectCode::BadMultipart, body, detail.to_owned()));
        }
        (!boundaries.is_empty()).then_some(boundaries)
    }

    /// The boundary that the first line of a body looks to be: `--x` with a
    /// `Content-` field under it, and none that is open.
    fn first_line_boundary(&self, body: usize) -> Option<&[u8]> {
        let mut at = body;
        let (mut line, mut next) = headers::line_at(self.raw, at);
        while line.trim_ascii().is_empty() {
            if next >= self.raw.len() || next - body > 64 {
                return None;
            }
            at = next;
            (line, next) = headers::line_at(self.raw, at);
        }
        let boundary = line.strip_prefix(b"--")?.trim_ascii_end();
        let under = headers::line_at(self.raw, next).0;
        let is_field = under
            .get(..8)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"content-"));
        let usable = !boundary.is_empty() && boundary.len() <= 200 && is_field;
        (usable && match_line(&self.stack, line).is_none()).then_some(boundary)
    }

    /// The next delimiter line of any open multipart, the innermost first.
    fn find_delimiter(&self, from: usize) -> Option<Delimiter> {
        let mut at = from;
        if !self.raw.get(at..)?.starts_with(b"--") {
            at += memmem::find(self.raw.get(at..)?, b"\n--")? + 1;
        }
        loop {
            let (line, next) = headers::line_at(self.raw, at);
            if let Some((depth, closing)) = match_line(&self.stack, line) {
                return Some(Delimiter {
                    start: at,
                    next,
                    depth,
                    closing,
                });
            }
            // The line break of this line may begin the next candidate.
            let from = at + line.len();
            at = from + memmem::find(self.raw.get(from..)?, b"\n--")? + 1;
        }
    }

    /// Ends the open leaf at a delimiter, and every multipart from `keep` on.
    fn end_part(&mut self, at: usize, keep: usize) {
        let end = if at < self.raw.len() {
            before_line_break(self.raw, at)
        } else {
            at
        };
        if self.open_leaf {
            if let Some(leaf) = self.structure.leaves.last_mut() {
                leaf.body.end = end.max(leaf.body.start);
            }
            self.open_leaf = false;
        }
        while self.stack.len() > keep {
            let Some(open) = self.stack.pop() else { break };
            if !open.closed {
                let detail = if open.children == 0 {
                    "its boundary never comes"
                } else {
                    "never closed"
                };
                self.structure.faults.push((
                    DefectCode::BadMultipart,
                    open.body,
                    detail.to_owned(),
                ));
            }
            if open.children == 0 {
                self.keep_as_leaf(&open, end);
            }
        }
    }

    /// A multipart without a single part is a text.
    fn keep_as_leaf(&mut self, open: &Open, end: usize) {
        let number = open.prefix.strip_suffix('.').unwrap_or("1").to_owned();
        self.structure.leaves.push(Leaf {
            number,
            content_type: Parameterised::default(),
            disposition: Parameterised::default(),
            encoding: None,
            body: open.body..end.max(open.body),
            path: open.path.clone(),
        });
    }

    fn close(&mut self, depth: usize) {
        if let Some(open) = self.stack.get_mut(depth) {
            open.closed = true;
        }
    }
}

/// Which open multipart this line delimits, and whether it closes it (RFC 2046 §5.1.1).
///
/// Nested multiparts with one and the same boundary exist: the innermost that is not closed has it.
fn match_line(stack: &[Open], line: &[u8]) -> Option<(usize, bool)> {
    let text = line.strip_prefix(b"--")?.trim_ascii_end();
    let mut after_close = None;
    for (depth, open) in stack.iter().enumerate().rev() {
        for boundary in &open.boundaries {
            let closing = match text.strip_prefix(boundary.as_slice()) {
                Some(b"") => false,
                Some(b"--") => true,
                _ => continue,
            };
            if !open.closed {
                return Some((depth, closing));
            }
            after_close = after_close.or(Some((depth, closing)));
        }
    }
    after_close
}

/// The line break before a delimiter belongs to it (RFC 2046 §5.1.1).
fn before_line_break(raw: &[u8], at: usize) -> usize {
    let before = raw.get(..at).unwrap_or_default();
    let Some(rest) = before.strip_suffix(b"\n") else {
        return at;
    };
    rest.strip_suffix(b"\r").unwrap_or(rest).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(raw: &str) -> Vec<(String, String)> {
        let structure = walk(raw.as_bytes(), 50, usize::MAX, &mut 1000);
        let leaf = |leaf: &Leaf| {
            (
                leaf.number.clone(),
                raw.get(leaf.body.clone()).unwrap_or_default().to_owned(),
            )
        };
        structure.leaves.iter().map(leaf).collect()
    }

    fn faults(raw: &str) -> Vec<DefectCode> {
        walk(raw.as_bytes(), 50, usize::MAX, &mut 1000)
            .faults
            .into_iter()
            .map(|fault| fault.0)
            .collect()
    }

    fn owned(parts: &[(&str, &str)]) -> Vec<(String, String)> {
        parts
            .iter()
            .map(|(number, text)| ((*number).to_owned(), (*text).to_owned()))
            .collect()
    }

    /// The numbering of RFC 3501 §6.4.5.
    #[test]
    fn nested_multiparts_are_numbered() {
        let raw = "Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n--a\r\n\
            Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b  \r\n\
            Content-Type: text/html\r\n\r\ntwo\r\n--b--\r\nepilogue\r\n--a\r\n\r\nthree\r\n--a--\r\n";
        assert_eq!(
            parts(raw),
            owned(&[("1.1", "one"), ("1.2", "two"), ("2", "three")])
        );
        assert!(faults(raw).is_empty());
    }

    #[test]
    fn an_inner_multipart_that_never_closes_ends_with_the_outer() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\
            Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n";
        assert_eq!(parts(raw), owned(&[("1.1", "one"), ("2", "two")]));
        assert_eq!(faults(raw), [DefectCode::BadMultipart]);
    }

    #[test]
    fn boundaries_missing_or_wrong() {
        let raw = "Content-Type: multipart/mixed\n\n--x\nContent-Type: text/plain\n\none\n--x--\n";
        assert_eq!(parts(raw), owned(&[("1", "one")]));
        let raw = "Content-Type: multipart/mixed; boundary=y\n\n--x\nContent-Type: text/plain\n\none\n--x--\n";
        assert_eq!(parts(raw), owned(&[("1", "one")]));
        let raw = "Content-Type: multipart/mixed; boundary=y\n\njust text\n";
        assert_eq!(parts(raw), owned(&[("1", "just text\n")]));
        assert_eq!(faults(raw), [DefectCode::BadMultipart]);
    }

    #[test]
    fn parts_after_the_closing_delimiter_are_kept() {
        let raw =
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a--\n--a\n\ntwo\n--a--\n";
        assert_eq!(parts(raw), owned(&[("1", "one"), ("2", "two")]));
    }

    #[test]
    fn nested_multiparts_of_one_boundary() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n\
            --a\n\none\n--a--\n--a\n\ntwo\n--a--\n";
        assert_eq!(parts(raw), owned(&[("1.1", "one"), ("2", "two")]));
    }

    #[test]
    fn an_empty_part_and_a_truncated_end() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\n--a\nContent-Type: text/plain\n--a\n\ncut";
        assert_eq!(parts(raw), owned(&[("1", ""), ("2", ""), ("3", "cut")]));
    }

    #[test]
    fn depth_and_number_of_parts_are_bounded() {
        let mut raw = String::new();
        for level in 0..20_000 {
            raw.push_str(&format!(
                "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
            ));
        }
        raw.push_str("\nhidden text\n");
        let structure = walk(raw.as_bytes(), 50, usize::MAX, &mut 10_000);
        assert!(
            structure
                .faults
                .iter()
                .any(|fault| fault.0 == DefectCode::TooDeep)
        );
        let last = structure
            .leaves
            .last()
            .map(|leaf| raw.get(leaf.body.clone()).unwrap_or_default());
        assert!(last.is_some_and(|text| text.contains("hidden text")));

        let raw = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n{}",
            "--b\n\nx\n".repeat(1_000_000)
        );
        let structure = walk(raw.as_bytes(), 50, usize::MAX, &mut 10_000);
        assert_eq!(structure.leaves.len(), 10_000);
        assert!(
            structure
                .faults
                .iter()
                .any(|fault| fault.0 == DefectCode::TooManyParts)
        );
    }
}
