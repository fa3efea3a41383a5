//! The splitter: a search for boundaries that keeps only offsets.

use memchr::memmem;

use super::Piece;
use super::Variant;
use super::from_line;
use super::from_line::Follower;
use super::from_line::Form;
use super::from_line::WINDOW;

/// Bytes kept before the place where the search goes on, so that a line's start can be seen.
const CONTEXT: usize = 8;
/// A `Content-Length` that never led to a boundary is not tried again after so many messages.
const MOST_WRONG_LENGTHS: u32 = 16;
/// Where in a message the folder data of an IMAP server would say so.
const FOLDER_DATA_WITHIN: usize = 2048;

pub(super) const NO_FROM_LINE: &str = "no `From ` line before it";
/// Why a message is [`Piece::Unread`] that is longer than the limit of its [`Splitter`].
pub const TOO_LONG: &str = "message over the limit `message_bytes`";

/// Cuts a stream into messages and what lies between them; see [the module](super).
#[derive(Clone, Debug)]
pub struct Splitter {
    limit: usize,
    /// Stream offset of the first byte of the next buffer.
    offset: u64,
    /// Stream offset of the first byte that no piece covers yet.
    uncovered: u64,
    /// Bytes of the next buffer that were searched already.
    searched: usize,
    state: State,
    style: Style,
    length: ContentLength,
    seen: Seen,
    from: memmem::Finder<'static>,
    control_a: memmem::Finder<'static>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first line.
    Start,
    /// In a message, which starts with the buffer.
    Message,
    /// In bytes that are no message, for the reason given.
    Unread(&'static str),
    Done,
}

/// How this mailbox separates messages, told by its first separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    From(Form),
    /// Lines of four Control-A (MMDF).
    ControlA,
}

/// What the `Content-Length` of the present message says.
#[derive(Clone, Copy, Debug)]
enum ContentLength {
    NotLookedFor,
    None,
    /// The message would end so many bytes after its start.
    End(usize),
}

/// What was met so far.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    messages: u64,
    with_length: u64,
    lengths_right: u32,
    lengths_wrong: u32,
    /// A line `>>From ` or more.
    guarded_twice: bool,
    /// A line `From ` within a message.
    unguarded: bool,
}

/// A boundary between messages.
struct Boundary {
    /// Length of the separator from the place where it was found.
    length: usize,
    style: Style,
}

enum Step {
    /// So many bytes are done with; there may be more to do.
    On(usize),
    /// So many bytes are done with; more bytes are needed.
    Wait(usize),
}

impl Splitter {
    /// A splitter at the start of a stream. A message of more than `limit` bytes is
    /// given as [`Piece::Unread`], so that it need not fit in memory.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            offset: 0,
            uncovered: 0,
            searched: 0,
            state: State::Start,
            style: Style::From(Form::Dated),
            length: ContentLength::NotLookedFor,
            seen: Seen::default(),
            from: memmem::Finder::new(b"From "),
            control_a: memmem::Finder::new(b"\x01\x01\x01\x01"),
        }
    }

    /// Stream offset of the first byte of the buffer that the next [`Self::push`] takes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Length of a buffer with which [`Self::push`] always gets on.
    pub fn room(&self) -> usize {
        self.limit.saturating_add(2 * WINDOW)
    }

    /// Takes the bytes of the stream from [`Self::offset`] on, as many as there are;
    /// `at_end` says that the stream ends with them. Adds the pieces that are complete
    /// to `pieces` and gives the number of bytes that are not needed again.
    pub fn push(&mut self, buffer: &[u8], at_end: bool, pieces: &mut Vec<Piece>) -> usize {
        let mut done = 0;
        loop {
            let rest = &buffer[done..];
            let step = match self.state {
                State::Start => self.start(rest, at_end, pieces),
                State::Message => self.message(rest, at_end, pieces),
                State::Unread(reason) => self.unread(reason, rest, at_end, pieces),
                State::Done => Step::Wait(rest.len()),
            };
            match step {
                Step::On(bytes) => {
                    done += bytes;
                    self.offset += bytes as u64;
                }
                Step::Wait(bytes) => {
                    self.offset += bytes as u64;
                    return done + bytes;
                }
            }
        }
    }

    /// How lines that start with `From ` are guarded, judged by what was met so far. An
    /// mboxrd in which no line ever had to be guarded twice cannot be told from an mboxo.
    pub fn observed(&self) -> Variant {
        let seen = &self.seen;
        let lengths = seen.messages > 0 && seen.with_length * 2 >= seen.messages;
        match (seen.guarded_twice, lengths) {
            (true, _) => Variant::Rd,
            (_, true) if seen.unguarded => Variant::Cl2,
            (_, true) => Variant::Cl,
            _ => Variant::O,
        }
    }

    fn start(&mut self, rest: &[u8], at_end: bool, pieces: &mut Vec<Piece>) -> Step {
        if self.offset == 0 && rest.len() < 3 && !at_end {
            return Step::Wait(0);
        }
        let mark = if self.offset == 0 {
            byte_order_mark(rest)
        } else {
            0
        };
        let padding = mark
            + rest[mark..]
                .iter()
                .take_while(|byte| matches!(byte, 0 | b'\r' | b'\n'))
                .count();
        let first = &rest[padding..];
        if first.len() < WINDOW && !at_end {
            return Step::Wait(padding);
        }
        if first.is_empty() {
            self.cover_separator(rest.len(), pieces);
            self.state = State::Done;
            return Step::On(rest.len());
        }
        if let Some(boundary) = first_boundary(first) {
            self.style = boundary.style;
            self.cover_separator(padding + boundary.length, pieces);
            self.begin_message();
            return Step::On(padding + boundary.length);
        }
        self.cover_separator(padding, pieces);
        self.state = State::Unread(NO_FROM_LINE);
        Step::On(padding)
    }

    fn message(&mut self, rest: &[u8], at_end: bool, pieces: &mut Vec<Piece>) -> Step {
        match self.find_boundary(rest, at_end, true) {
            Found::Boundary(at, boundary) => {
                let end = at + boundary.length;
                self.cover_message(rest, at, end, pieces);
                self.begin_message();
                Step::On(end)
            }
            Found::Nothing if at_end => {
                self.cover_message(rest, rest.len(), rest.len(), pieces);
                self.state = State::Done;
                Step::On(rest.len())
            }
            Found::Nothing | Found::Undecided
                if rest.len() > self.limit.saturating_add(WINDOW) && self.searched > self.limit =>
            {
                self.state = State::Unread(TOO_LONG);
                Step::On(0)
            }
            Found::Nothing | Found::Undecided => Step::Wait(0),
        }
    }

    fn unread(
        &mut self,
        reason: &'static str,
        rest: &[u8],
        at_end: bool,
        pieces: &mut Vec<Piece>,
    ) -> Step {
        match self.find_boundary(rest, at_end, false) {
            Found::Boundary(at, boundary) => {
                if reason == NO_FROM_LINE {
                    self.style = boundary.style;
                }
                self.cover_unread(at, reason, pieces);
                self.cover_separator(at + boundary.length, pieces);
                self.begin_message();
                Step::On(at + boundary.length)
            }
            Found::Nothing if at_end => {
                self.cover_unread(rest.len(), reason, pieces);
                self.state = State::Done;
                Step::On(rest.len())
            }
            Found::Nothing | Found::Undecided => {
                let done = self.searched.saturating_sub(CONTEXT);
                self.searched -= done;
                Step::Wait(done)
            }
        }
    }

    fn begin_message(&mut self) {
        self.state = State::Message;
        self.searched = 0;
        self.length = ContentLength::NotLookedFor;
    }

    /// Searches from `self.searched` on, and leaves there what need not be searched again.
    fn find_boundary(&mut self, rest: &[u8], at_end: bool, in_message: bool) -> Found {
        loop {
            let Some(at) = self.next_candidate(rest) else {
                let needle = self.needle_length();
                self.searched = self.searched.max((rest.len() + 1).saturating_sub(needle));
                return Found::Nothing;
            };
            let line_start = match at {
                0 => in_message,
                _ => matches!(rest[at - 1], 0 | b'\n' | b'\r') || ends_with_mark(&rest[..at]),
            };
            if !line_start {
                self.observe_guard(&rest[..at]);
                self.searched = at + 1;
                continue;
            }
            self.searched = at;
            if rest.len() - at < WINDOW && !at_end {
                return Found::Undecided;
            }
            let boundary = self.judge(&rest[..at], &rest[at..]);
            let Some(boundary) = boundary else {
                self.seen.unguarded = true;
                self.searched = at + 1;
                continue;
            };
            if !in_message || at == 0 {
                return Found::Boundary(at, boundary);
            }
            match self.check_length(rest, at, at_end) {
                Checked::EndsHere => return Found::Boundary(at, boundary),
                Checked::NeedsMore => return Found::Undecided,
                Checked::EndsAt(end) => {
                    self.seen.unguarded = true;
                    self.searched = end;
                }
            }
        }
    }

    fn next_candidate(&self, rest: &[u8]) -> Option<usize> {
        let finder = match self.style {
            Style::From(_) => &self.from,
            Style::ControlA => &self.control_a,
        };
        let unsearched = rest.get(self.searched..)?;
        finder.find(unsearched).map(|at| self.searched + at)
    }

    fn needle_length(&self) -> usize {
        match self.style {
            Style::From(_) => self.from.needle().len(),
            Style::ControlA => self.control_a.needle().len(),
        }
    }

    /// Judges a line: whether a message ends before it.
    fn judge(&self, before: &[u8], window: &[u8]) -> Option<Boundary> {
        let window = window.get(..WINDOW).unwrap_or(window);
        match self.style {
            Style::ControlA => control_a_lines(window),
            Style::From(first) => {
                let blank_before = before.last() == Some(&0) || blank_line(before).is_some();
                from_boundary(window, blank_before || ends_with_mark(before), first)
            }
        }
    }

    /// Whether the `Content-Length` of the present message, which starts with `rest`, leads
    /// beyond the boundary at `at`, exactly to another one or to the end of the stream.
    fn check_length(&mut self, rest: &[u8], at: usize, at_end: bool) -> Checked {
        if matches!(self.length, ContentLength::NotLookedFor) {
            self.length = content_length_end(&rest[..at]);
            if matches!(self.length, ContentLength::End(_)) {
                self.seen.with_length += 1;
            }
        }
        let end = match self.length {
            ContentLength::End(end) if end > at && end <= self.limit => end,
            _ => return Checked::EndsHere,
        };
        if self.seen.lengths_wrong >= MOST_WRONG_LENGTHS && self.seen.lengths_right == 0 {
            return Checked::EndsHere;
        }
        if !at_end && rest.len() < end.saturating_add(WINDOW) {
            return Checked::NeedsMore;
        }
        if self.leads_to_boundary(rest, end) {
            self.seen.lengths_right += 1;
            return Checked::EndsAt(end);
        }
        self.seen.lengths_wrong += 1;
        self.length = ContentLength::None;
        Checked::EndsHere
    }

    fn leads_to_boundary(&self, rest: &[u8], end: usize) -> bool {
        let Some(after) = rest.get(end..) else {
            return false;
        };
        let line_start = matches!(rest[end - 1], b'\n' | b'\r');
        let breaks = after
            .iter()
            .take(4)
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let next = &after[breaks..];
        let window = next.get(..WINDOW).unwrap_or(next);
        let Style::From(first) = self.style else {
            return false;
        };
        next.is_empty()
            || ((line_start || breaks > 0) && from_boundary(window, true, first).is_some())
    }

    /// Notes how a `From ` that ends `before` is guarded, if it is one that starts a line.
    fn observe_guard(&mut self, before: &[u8]) {
        if before.last() != Some(&b'>') {
            return;
        }
        let marks = before
            .iter()
            .rev()
            .take(64)
            .take_while(|&&byte| byte == b'>')
            .count();
        if !matches!(before[..before.len() - marks].last(), None | Some(b'\n')) {
            return;
        }
        self.seen.guarded_twice |= marks > 1;
    }

    /// Gives the message at the start of `rest`, and as a separator what lies between
    /// its end and `separator_end`; the next separator line is at `at`.
    fn cover_message(
        &mut self,
        rest: &[u8],
        at: usize,
        separator_end: usize,
        pieces: &mut Vec<Piece>,
    ) {
        if at > self.limit {
            self.cover_unread(at, TOO_LONG, pieces);
            self.cover_separator(separator_end, pieces);
            return;
        }
        let end = message_end(&rest[..at]);
        let (start, stream_end) = (self.offset, self.offset + end as u64);
        if end > 0 || self.style != Style::ControlA {
            let head = rest.get(..end.min(FOLDER_DATA_WITHIN)).unwrap_or_default();
            let folder_data = self.seen.messages == 0 && is_folder_data(head);
            pieces.push(if folder_data {
                Piece::FolderData {
                    start,
                    end: stream_end,
                }
            } else {
                Piece::Message {
                    start,
                    end: stream_end,
                }
            });
            self.seen.messages += 1;
            self.uncovered = stream_end;
        }
        self.cover_separator(separator_end, pieces);
    }

    fn cover_separator(&mut self, until: usize, pieces: &mut Vec<Piece>) {
        let (start, end) = (self.uncovered, self.offset + until as u64);
        if end > start {
            pieces.push(Piece::Separator { start, end });
            self.uncovered = end;
        }
    }

    fn cover_unread(&mut self, until: usize, reason: &'static str, pieces: &mut Vec<Piece>) {
        let (start, end) = (self.uncovered, self.offset + until as u64);
        if end > start {
            pieces.push(Piece::Unread { start, end, reason });
            self.uncovered = end;
        }
    }
}

enum Found {
    Boundary(usize, Boundary),
    Nothing,
    /// A candidate too near to the end of the buffer.
    Undecided,
}

enum Checked {
    EndsHere,
    EndsAt(usize),
    NeedsMore,
}

/// The boundary with which a stream starts.
fn first_boundary(first: &[u8]) -> Option<Boundary> {
    let window = first.get(..WINDOW).unwrap_or(first);
    if let Some(boundary) = control_a_lines(window) {
        return Some(boundary);
    }
    let Some(from) = from_line::read(window) else {
        return damaged_first_line(window);
    };
    from_boundary(window, true, from.form)
}

/// A first line of which one letter of `From ` is damaged: the header under it is whole.
fn damaged_first_line(window: &[u8]) -> Option<Boundary> {
    let from = from_line::read_damaged(window)?;
    let follower = from_line::follower(&window[from.length.min(window.len())..]);
    let begins = matches!(follower, Follower::Header { known: true, .. });
    (begins && from.form == Form::Dated).then_some(Boundary {
        length: from.length,
        style: Style::From(Form::Dated),
    })
}

/// Whether a `From ` line begins a message, in a mailbox whose first one had the form `first`.
fn from_boundary(window: &[u8], blank_before: bool, first: Form) -> Option<Boundary> {
    let from = from_line::read(window)?;
    let follower = from_line::follower(&window[from.length.min(window.len())..]);
    let begins = match (from.form, follower) {
        (Form::Git, _) if first != Form::Git => false,
        (Form::Dated | Form::Git, Follower::Header { known, after_blank }) => {
            known || (blank_before && !after_blank)
        }
        (Form::Dated | Form::Git, Follower::FromLine | Follower::Nothing) => blank_before,
        (Form::Hyphen, Follower::Header { known, after_blank }) => {
            known && !after_blank && (blank_before || first == Form::Hyphen)
        }
        (Form::Undated, Follower::Header { known, after_blank }) => {
            first == Form::Undated && known && blank_before && !after_blank
        }
        _ => false,
    };
    begins.then_some(Boundary {
        length: from.length,
        style: Style::From(from.form),
    })
}

/// One or more lines of four Control-A, with blank lines and a `From ` line after them.
fn control_a_lines(window: &[u8]) -> Option<Boundary> {
    let mut length = 0;
    while let Some(after) = window[length..].strip_prefix(b"\x01\x01\x01\x01") {
        let breaks = after
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        if breaks == 0 && !after.is_empty() {
            break;
        }
        length += 4 + breaks;
    }
    if length == 0 {
        return None;
    }
    let from = from_line::read(&window[length..]);
    let from_length = match from {
        Some(from) if from.form != Form::Undated => from.length,
        _ => 0,
    };
    Some(Boundary {
        length: length + from_length,
        style: Style::ControlA,
    })
}

/// Where a message ends that is followed by a separator line: without NUL padding
/// and without one blank line.
fn message_end(message: &[u8]) -> usize {
    let mut text = message;
    if ends_with_mark(text) {
        text = &text[..text.len() - 3];
    }
    while let [head @ .., 0] = text {
        text = head;
    }
    blank_line(text).unwrap_or(text.len())
}

/// Where the last line of a text starts, if it is blank.
fn blank_line(text: &[u8]) -> Option<usize> {
    let (head, end) = match text {
        [head @ .., b'\r', b'\n'] => (head, b'\n'),
        [head @ .., b'\n'] => (head, b'\n'),
        [head @ .., b'\r'] => (head, b'\r'),
        _ => return None,
    };
    let blank = head.last().is_none_or(|last| *last == end);
    blank.then_some(head.len())
}

fn byte_order_mark(text: &[u8]) -> usize {
    if text.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    }
}

/// Whether a text ends with a line that so far is a byte order mark alone, as where mailboxes were joined.
fn ends_with_mark(text: &[u8]) -> bool {
    text.strip_suffix(b"\xEF\xBB\xBF")
        .is_some_and(|before| matches!(before.last(), Some(b'\n' | b'\r')))
}

fn is_folder_data(head: &[u8]) -> bool {
    memmem::find(head, b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA").is_some()
}

/// Where a message would end by the `Content-Length` in its header.
fn content_length_end(message: &[u8]) -> ContentLength {
    let lf = memmem::find(message, b"\n\n").map(|at| at + 2);
    let within = &message[..lf.unwrap_or(message.len())];
    let crlf = memmem::find(within, b"\n\r\n").map(|at| at + 3);
    let Some(body) = crlf.or(lf) else {
        return ContentLength::None;
    };
    let header = &message[..body];
    let value = memmem::find_iter(header, b"ength:").find_map(|at| {
        let start = at.checked_sub(b"Content-L".len())?;
        let line_start = start == 0 || header.get(start - 1) == Some(&b'\n');
        let name = header.get(start..at)?;
        (line_start && name.eq_ignore_ascii_case(b"Content-L"))
            .then(|| header.get(at + b"ength:".len()..))?
    });
    let digits = value
        .unwrap_or_default()
        .trim_ascii_start()
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let length = digits.take(18).fold(None, |sum: Option<usize>, byte| {
        Some(sum.unwrap_or(0) * 10 + usize::from(byte - b'0'))
    });
    match length.and_then(|length| body.checked_add(length)) {
        Some(end) => ContentLength::End(end),
        None => ContentLength::None,
    }
}
