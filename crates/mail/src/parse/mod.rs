//! From the bytes of one message to a [`Message`].

mod body;
mod files;
mod flowed;
mod header_fields;
mod params;
mod structure;
mod transfer;
mod uuencode;
pub(crate) mod words;

pub use files::Parts;

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use encoding_rs::Encoding;

use crate::charset;
use crate::charset::Charset;
use crate::flags;
use crate::flags::Seen;
use crate::header_list::Headers;
use crate::headers;
use crate::identity;
use crate::identity::KeyBuilder;
use crate::language;
use crate::limits::Limits;
use crate::model::AttachedMessage;
use crate::model::Attachment;
use crate::model::Defect;
use crate::model::DefectCode;
use crate::model::Flag;
use crate::model::KeyBasis;
use crate::model::Message;
use crate::model::MessageKey;
use crate::model::TextPart;
use crate::model::ZoneKind;
use crate::redactions;
use crate::zones;

use self::structure::Leaf;
use self::structure::Structure;

/// Most defects of one kind that are told; a hostile mail has a million.
const DEFECTS_OF_A_KIND: usize = 20;

/// Reads one message.
///
/// Takes the bytes of the message alone: no mailbox separator is needed, one on top
/// is passed over. Never fails and never panics: what is damaged is in
/// [`Message::defects`], with its offset, and what hides behind a limit too. Time and memory
/// are linear in the length of `raw` for given limits.
pub fn parse(raw: &[u8], limits: &Limits) -> Message {
    let mut parts = limits.parts;
    // Decoders and tokenizers of other hands meet hostile bytes here; a panic of
    // theirs costs the one message and not the run.
    catch_unwind(AssertUnwindSafe(|| {
        read(raw, limits, limits.nesting, &mut parts)
    }))
    .unwrap_or_else(|_| unparsable(raw))
}

/// Decoded bytes of one part, by its number as in [`TextPart::part`],
/// [`Attachment::part`] and [`AttachedMessage::part`]; numbers go on into attached
/// messages as in IMAP (RFC 3501 §6.4.5). `None` where there is no such part. With the limits of
/// the parse, the numbers mean the same parts.
pub fn part_bytes(raw: &[u8], part: &str, limits: &Limits) -> Option<Vec<u8>> {
    catch_unwind(AssertUnwindSafe(|| files::part_bytes(raw, part, limits)))
        .ok()
        .flatten()
}

/// One message being read.
struct Reader<'a> {
    raw: &'a [u8],
    /// The bytes as they came; `raw` differs where line ends were mended.
    sent: &'a [u8],
    limits: &'a Limits,
    /// How many levels of parts may still open.
    depth: usize,
    structure: Structure,
    /// Character set of the first text that tells one, for raw 8-bit in the header.
    charset: Option<&'static Encoding>,
    defects: Vec<Defect>,
    body: Vec<TextPart>,
    /// Bytes of text that the body may still take.
    body_room: usize,
    /// For each text of the body, which leaf it is.
    body_leaves: Vec<usize>,
    attachments: Vec<Attachment>,
    attached: Vec<AttachedMessage>,
    seen: Seen,
    /// Whether everything was reached: no limit hid a part.
    complete: bool,
}

fn read(raw: &[u8], limits: &Limits, depth: usize, parts: &mut usize) -> Message {
    let mended = headers::mend_line_ends(raw);
    let bytes = mended.as_deref().unwrap_or(raw);
    let structure = structure::walk(bytes, depth, limits.header_block_bytes, parts);
    let mut reader = Reader {
        raw: bytes,
        sent: raw,
        limits,
        depth,
        charset: body_charset(&structure),
        structure,
        defects: Vec::new(),
        body: Vec::new(),
        body_room: limits.body_text_bytes,
        body_leaves: Vec::new(),
        attachments: Vec::new(),
        attached: Vec::new(),
        seen: Seen::default(),
        complete: true,
    };
    reader.take_faults();
    let mut key = KeyBuilder::new(bytes, &reader.structure.header);
    let leaves = std::mem::take(&mut reader.structure.leaves);
    for (index, leaf) in leaves.iter().enumerate() {
        reader.take_leaf(index, leaf, &mut key, parts);
    }
    reader.mark_alternatives(&leaves);
    reader.finish(raw, key)
}

impl Reader<'_> {
    fn take_faults(&mut self) {
        for (code, offset, detail) in std::mem::take(&mut self.structure.faults) {
            self.complete &= !matches!(
                code,
                DefectCode::TooDeep | DefectCode::TooManyParts | DefectCode::HeaderTooLong
            );
            self.defect(code, offset, &detail);
        }
        for offset in std::mem::take(&mut self.structure.header.bad_lines) {
            let line = headers::line_at(self.raw, offset).0;
            let line: String = String::from_utf8_lossy(line.get(..80).unwrap_or(line)).into_owned();
            self.defect(DefectCode::BadHeaderLine, offset, &line);
        }
        if self.structure.header.fields.is_empty() {
            self.defect(DefectCode::NoHeader, 0, "");
        }
    }

    fn defect(&mut self, code: DefectCode, offset: usize, detail: &str) {
        if self
            .defects
            .iter()
            .filter(|defect| defect.code == code)
            .count()
            < DEFECTS_OF_A_KIND
        {
            self.defects.push(Defect {
                code,
                offset: offset as u64,
                detail: detail.to_owned(),
            });
        }
    }

    fn finish(mut self, raw: &[u8], key: KeyBuilder) -> Message {
        let complete = self.complete;
        let (key, key_basis) = key.finish(raw, complete);
        let fields = self.read_fields();
        for part in &mut self.body {
            part.zones = zones::cut(&part.text, &fields.from);
        }
        let mut message = Message {
            key,
            key_basis,
            content_key: None,
            message_id: fields.message_id,
            in_reply_to: fields.in_reply_to,
            references: fields.references,
            date: fields.date,
            from: fields.from,
            sender: fields.sender,
            reply_to: fields.reply_to,
            to: fields.to,
            cc: fields.cc,
            bcc: fields.bcc,
            subject: fields.subject,
            body: self.body,
            attachments: self.attachments,
            attached: self.attached,
            headers: fields.headers,
            flags: Vec::new(),
            language: None,
            defects: self.defects,
            size: raw.len() as u64,
            redactions: Vec::new(),
            print: None,
        };
        message.language = language::detect(&author_sample(&message));
        let is_cut = |defect: &Defect| defect.code == DefectCode::BodyTooLong;
        let whole = complete && !message.defects.iter().any(is_cut);
        message.content_key = if whole {
            identity::content_key(&message)
        } else {
            None
        };
        message.flags = flags::flags(&message, self.seen);
        // Few mails have a mark, and a flag tells which.
        if message.flags.contains(&Flag::Redaction) {
            message.redactions = redactions::of(&message);
        }
        message
    }
}

/// The first words of the author's own, for telling the language.
pub(crate) fn author_sample(message: &Message) -> String {
    let mut sample = String::new();
    for part in message.body.iter().filter(|part| !part.alternative) {
        if part.zones.is_empty() {
            sample.push_str(
                part.text
                    .get(..part.text.floor_char_boundary(2048))
                    .unwrap_or_default(),
            );
        }
        for zone in part
            .zones
            .iter()
            .filter(|zone| zone.kind == ZoneKind::Author)
        {
            sample.push_str(
                part.text
                    .get(zone.start as usize..zone.end as usize)
                    .unwrap_or_default(),
            );
            if sample.len() >= 2048 {
                return sample;
            }
        }
    }
    sample
}

fn body_charset(structure: &Structure) -> Option<&'static Encoding> {
    structure.leaves.iter().find_map(|leaf: &Leaf| {
        match charset::lookup(&leaf.content_type.word("charset")?)? {
            Charset::Web(encoding) => Some(encoding),
            _ => None,
        }
    })
}

fn unparsable(raw: &[u8]) -> Message {
    let (key, key_basis) = identity::bytes_key(raw);
    let defect = Defect {
        code: DefectCode::Unparsable,
        offset: 0,
        detail: String::new(),
    };
    let mut message = empty(key, key_basis, raw.len() as u64);
    message.defects.push(defect);
    message.flags = flags::flags(&message, Seen::default());
    message
}

/// A message of which nothing is known yet.
pub(crate) fn empty(key: MessageKey, key_basis: KeyBasis, size: u64) -> Message {
    Message {
        key,
        key_basis,
        content_key: None,
        message_id: None,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        date: None,
        from: Vec::new(),
        sender: Vec::new(),
        reply_to: Vec::new(),
        to: Vec::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: None,
        body: Vec::new(),
        attachments: Vec::new(),
        attached: Vec::new(),
        headers: Headers::default(),
        flags: Vec::new(),
        language: None,
        defects: Vec::new(),
        size,
        redactions: Vec::new(),
        print: None,
    }
}
